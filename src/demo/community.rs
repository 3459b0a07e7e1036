//! The demonstration's places, parties, people and figures.

use chrono::NaiveDate;

use super::{Account, back_then};
use crate::clock::midnight;
use crate::codes::code::random_signs;
use crate::codes::registry::{self, IssuedCode};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::people::{self, Actor, Login, NewStaff, PasswordHash, Role};
use crate::places::{self, Community, NewCommunity, NewPlace, Place, PlaceKind, Population};
use crate::routing::{self, NewParty, Party, PartyKind};
use crate::settings;
use crate::stats;

/// Everything that tickets are made from.
#[derive(Clone)]
pub(super) struct World {
    pub(super) community: Community,
    /// Units and spots with their codes.
    pub(super) doors: Vec<(Place, IssuedCode)>,
    pub(super) worker: Actor,
    pub(super) lead: Actor,
    pub(super) street: Actor,
    /// Of the property company.
    pub(super) handler: Actor,
    /// Of an office of the street.
    pub(super) officer: Actor,
    /// The property company.
    pub(super) property: Option<Id>,
    pub(super) began: Time,
}

/// Since when the codes hang: from the first day of the year whose hotline figure was reported beside the one before.
const FIRST_DAY: (i32, u32, u32) = (2024, 1, 1);
/// Who has an account: id, role, name, party.
type Person = (Id, Role, String, Option<Id>);

/// Who is to have an account: role, sign-in name, name, and the hash of the password.
pub(super) type Wanted = (Role, String, String, PasswordHash);

/// The sign-in name of whoever works for the office of the street.
const OFFICER: &str = "office01";
const OFFICE: &str = "街道城管办";
const GRIDS: usize = 8;
const BUILDINGS: usize = 24;

/// Makes a password for one account of each role. The other grid workers share one that nobody knows.
pub(super) fn make_accounts() -> Result<(Vec<Wanted>, Vec<Account>)> {
    let shown = [
        (Role::Admin, "admin", "系统管理员"),
        (Role::StreetManager, "street", "街道管理员 01"),
        (Role::Auditor, "auditor", "审计员 01"),
        (Role::CommunityLead, "lead", "社区负责人 01"),
        (Role::CommunityWorker, "worker", "社区工作者 01"),
        (Role::GridWorker, "grid01", "网格员 01"),
        (Role::Handler, "handler", "物业经办人 01"),
    ];
    let (mut staff, mut accounts) = (Vec::new(), Vec::new());
    for (role, login, name) in shown {
        let password = random_signs(12);
        staff.push((role, login.to_owned(), name.to_owned(), PasswordHash::make(&password)?));
        accounts.push(Account { role: role.label(), login: login.to_owned(), password });
    }
    let unknown = PasswordHash::make(&random_signs(40))?;
    for (role, login, name) in [
        (Role::CommunityLead, "lead02", "社区负责人 02"),
        (Role::CommunityWorker, "worker02", "社区工作者 02"),
        (Role::Handler, OFFICER, "城管办经办人 01"),
    ] {
        staff.push((role, login.to_owned(), name.to_owned(), unknown.clone()));
    }
    for number in 2..=GRIDS {
        let name = format!("网格员 {number:02}");
        staff.push((Role::GridWorker, format!("grid{number:02}"), name, unknown.clone()));
    }
    Ok((staff, accounts))
}

/// Builds the community as it was when its codes were hung up.
pub(super) fn build(tx: &mut Tx, staff: Vec<Wanted>) -> Result<World> {
    let missing = || crate::error::Error::Internal(anyhow::anyhow!("the demonstration lacks a role"));
    let (year, month, day) = FIRST_DAY;
    let began = midnight(NaiveDate::from_ymd_opt(year, month, day).ok_or_else(missing)?);
    back_then(tx, began, |tx| {
        routing::plant_categories(tx)?;
        let community = places::found(tx, new_community())?;
        settings::plant(tx, community.id)?;
        let parties = parties(tx, &community)?;
        let property = parties.iter().find(|party| party.kind == PartyKind::Property).map(|party| party.id);
        let office = parties.iter().find(|party| party.name == OFFICE).map(|party| party.id);
        let people = accounts(tx, &community, (property, office), staff)?;
        let doors = doors(tx, &community, &people)?;
        figures(tx, &community)?;
        let actor = |role: Role, party_id: Option<Id>| {
            let (id, _, name, _) =
                people.iter().find(|(_, each, _, party)| *each == role && *party == party_id)?;
            Some(Actor {
                role,
                staff_id: Some(*id),
                name: name.clone(),
                party_id,
                ..Actor::resident(community.id)
            })
        };
        Ok(World {
            worker: actor(Role::CommunityWorker, None).ok_or_else(missing)?,
            lead: actor(Role::CommunityLead, None).ok_or_else(missing)?,
            street: actor(Role::StreetManager, None).ok_or_else(missing)?,
            handler: actor(Role::Handler, property).ok_or_else(missing)?,
            officer: actor(Role::Handler, office).ok_or_else(missing)?,
            community,
            doors,
            property,
            began,
        })
    })
}

fn new_community() -> NewCommunity {
    NewCommunity {
        district: "大兴区".to_owned(),
        street: "天宫院街道".to_owned(),
        name: "天宫院中里".to_owned(),
        prefix: super::PREFIX.to_owned(),
        phone: "100-0000 0001".to_owned(),
        property_phone: "100-0000 0002".to_owned(),
        gas_phone: "100-0000 0003".to_owned(),
        demo: true,
    }
}

/// 产权单位, 网格员 and 楼门长 are missing on purpose: their tickets show the fallback.
fn parties(tx: &mut Tx, community: &Community) -> Result<Vec<Party>> {
    use PartyKind::*;
    let all = [
        ("社区居委会", "", Committee),
        ("物业服务中心", "物业", Property),
        ("街道办事处", "", Department),
        ("街道城管办", "", Department),
        ("街道综合执法队", "综合执法队", Department),
        ("街道民生保障办", "", Department),
        ("房管所", "", Department),
        ("派出所", "", Department),
        ("消防救援站", "消防救援", Department),
        ("市场监管所", "", Department),
        ("生态环境部门", "", Department),
        ("园林部门", "", Department),
        ("社区卫生服务中心", "", Department),
        ("自来水公司", "供水单位", Utility),
        ("排水公司", "排水单位", Utility),
        ("供电公司", "供电单位", Utility),
        ("燃气公司", "", Utility),
        ("供热公司", "供热单位", Utility),
        ("电梯维保单位", "", Enterprise),
        ("环卫公司", "环卫单位", Enterprise),
        ("充电运营企业", "", Enterprise),
        ("通信运营商", "运营商", Enterprise),
        ("物业管理委员会", "业委会或物管会、业委会、物管会", Other),
        ("社区调解委员会", "", Committee),
        ("小扳手志愿队", "", Volunteers),
    ];
    for (place, (name, aliases, kind)) in all.into_iter().enumerate() {
        let phone = format!("100-0000 01{place:02}");
        let new = NewParty { name: name.to_owned(), aliases: aliases.to_owned(), kind, phone };
        routing::add_party(tx, community.id, new)?;
    }
    routing::parties(tx, community.id)
}

fn accounts(
    tx: &mut Tx,
    community: &Community,
    (property, office): (Option<Id>, Option<Id>),
    staff: Vec<Wanted>,
) -> Result<Vec<Person>> {
    let mut made = Vec::new();
    for (role, login, name, password) in staff {
        let local = !matches!(role, Role::Admin | Role::StreetManager | Role::Auditor);
        let street = matches!(role, Role::StreetManager | Role::Auditor).then(|| community.street.clone());
        let party_id = match role {
            Role::Handler if login == OFFICER => office,
            Role::Handler => property,
            _ => None,
        };
        let new = NewStaff {
            login: Login::parse(&login)?,
            name,
            password,
            role,
            street,
            community_id: local.then_some(community.id),
            party_id,
        };
        let staff = people::add_unchecked(tx, new)?;
        made.push((staff.id, role, staff.name, party_id));
    }
    Ok(made)
}

/// 24 buildings of 3 to 5 units in 8 grids, and three public spots; each with a posted code.
fn doors(tx: &mut Tx, community: &Community, people: &[Person]) -> Result<Vec<(Place, IssuedCode)>> {
    let workers = people.iter().filter(|(_, role, ..)| *role == Role::GridWorker);
    let mut grids = Vec::new();
    for (number, (worker, ..)) in (1..).zip(workers) {
        let grid = places::add_grid(tx, community.id, &format!("第{number}网格"))?;
        places::set_grid_worker(tx, community.id, grid.id, Some(*worker))?;
        grids.push(grid.id);
    }
    let place = |kind, name: String, parent_id: Option<Id>, grid_id, households, sort| NewPlace {
        kind,
        name,
        parent_id,
        grid_id,
        households,
        sort,
    };
    let compound = places::add(
        tx,
        community.id,
        place(PlaceKind::Compound, community.name.clone(), None, None, None, 0),
    )?;
    let mut doors = Vec::new();
    for building in 0..BUILDINGS {
        let grid = grids.get(building * GRIDS / BUILDINGS).copied();
        let sort = (building as i32 + 1) * 100;
        let name = format!("{}号楼", building + 1);
        let house = places::add(
            tx,
            community.id,
            place(PlaceKind::Building, name, Some(compound.id), grid, None, sort),
        )?;
        for unit in 1..=3 + (building as i32 * 7) % 3 {
            let name = format!("{unit}单元");
            let households = Some(28 + (unit * 5 + building as i32) % 12);
            let door = place(PlaceKind::Unit, name, Some(house.id), grid, households, sort + unit);
            doors.push(places::add(tx, community.id, door)?);
        }
    }
    for (number, name) in ["儿童游乐场", "东门", "凉亭"].into_iter().enumerate() {
        let sort = 9000 + number as i32;
        let spot =
            place(PlaceKind::Spot, name.to_owned(), Some(compound.id), grids.first().copied(), None, sort);
        doors.push(places::add(tx, community.id, spot)?);
    }
    let mut coded = Vec::new();
    for door in doors {
        let code = registry::issue(tx, &door)?;
        registry::mark_printed(tx, community.id, std::slice::from_ref(&code.code))?;
        registry::mark_posted(tx, community.id, &code.code)?;
        coded.push((door, code));
    }
    Ok(coded)
}

fn figures(tx: &mut Tx, community: &Community) -> Result<()> {
    let Some(first) = NaiveDate::from_ymd_opt(2023, 1, 1) else { return Ok(()) };
    let population = Population {
        community_id: community.id,
        effective_from: first,
        residents: 8000,
        households: 3100,
        units: None,
        source: "演示数据：约 8000 人".to_owned(),
        entered_by: "演示".to_owned(),
    };
    places::set_population(tx, population)?;
    stats::hotline::plant_hotline(tx, community)?;
    Ok(())
}

/// The address of the form of the first unit, where the demonstration is there.
pub(super) fn first_form(tx: &mut Tx, prefix: &str) -> Result<Option<String>> {
    let Some(community) = places::community_by_prefix(tx, prefix)? else { return Ok(None) };
    let unit = places::list(tx, community.id)?.into_iter().find(|place| place.kind == PlaceKind::Unit);
    let live = registry::live(tx, community.id)?;
    let code = unit.and_then(|unit| live.into_iter().find(|code| code.place_id == unit.id));
    Ok(code.map(|code| format!("/q/{}", code.code)))
}
