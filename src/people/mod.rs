//! People who sign in: their accounts, roles and sessions, and what each may reach.
//!
//! An account has one role and one place to work in; who wears two hats has two accounts, so that the
//! history says in which capacity something was done. What a role may *do* with a ticket stands in
//! `tickets::status`; which route it may call stands in `app`. Residents have no account.

pub mod absences;
pub mod api;
pub mod gate;
pub mod pages;
pub mod session;
mod store;
pub mod throttle;

pub use self::session::{Carrier, Session, SignIn};
pub use self::throttle::Throttle;

use crate::codes::code::random_signs;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys;

text_enum! {
    /// What a person is to the product. `Resident`, `Outsider`, `Supporter` and `Timer` have no accounts: nobody signs in
    /// as one.
    pub enum Role {
        /// Whoever holds the secret of a ticket's page.
        Resident = "resident", "居民";
        /// Whoever took a link to one ticket: a utility, a department.
        Outsider = "outsider", "外部办理人";
        /// A handler whose party supports a ticket that another party leads.
        Supporter = "supporter", "协办单位经办人";
        /// Works for a party and sees the tickets given to it.
        Handler = "handler", "承办单位经办人";
        /// Answers first in the own grids.
        GridWorker = "grid_worker", "网格员";
        /// Triages all day.
        CommunityWorker = "community_worker", "社区工作者";
        /// Decides for the community.
        CommunityLead = "community_lead", "社区负责人";
        /// Sees every community of a street.
        StreetManager = "street_manager", "街道管理员";
        /// Sees what was shown to whom.
        Auditor = "auditor", "审计员";
        /// Sets the installation up.
        Admin = "admin", "系统管理员";
        /// The program itself, when a time limit passes.
        Timer = "timer", "系统定时";
    }
}

impl Role {
    /// The roles that have accounts.
    pub const STAFF: &[Role] = &[
        Role::Handler,
        Role::GridWorker,
        Role::CommunityWorker,
        Role::CommunityLead,
        Role::StreetManager,
        Role::Auditor,
        Role::Admin,
    ];

    /// How far the role sees. Everything else that bounds an account follows from this: which communities it reaches
    /// ([`session::reachable`]), which of their tickets ([`Actor::scope`]), and what the account itself must name.
    pub fn extent(self) -> Extent {
        match self {
            Role::Resident | Role::Outsider => Extent::Own,
            Role::Handler | Role::Supporter => Extent::Party,
            Role::GridWorker => Extent::Grids,
            Role::CommunityWorker | Role::CommunityLead => Extent::Community,
            Role::StreetManager | Role::Auditor => Extent::Street,
            Role::Admin | Role::Timer => Extent::Everywhere,
        }
    }

    /// Whether it works in more than one community, in one at a time, and belongs to none.
    pub fn travels(self) -> bool {
        matches!(self.extent(), Extent::Street | Extent::Everywhere)
    }
}

text_enum! {
    /// How far a role sees; what lies outside does not exist for it.
    pub enum Extent {
        /// The one ticket whose secret they hold.
        Own = "own", "自己的一件";
        /// The tickets of the community that were given to the party, or that it supports.
        Party = "party", "本单位";
        /// The tickets of the community in the own grids, and in those of whom one covers.
        Grids = "grids", "本网格";
        /// The community of the account.
        Community = "community", "本社区";
        /// The communities of the street of the account.
        Street = "street", "本街道";
        /// Every community.
        Everywhere = "everywhere", "全部";
    }
}

/// Whoever acts, in the role and at the place they act in.
#[derive(Debug, Clone)]
pub struct Actor {
    /// For the rules.
    pub role: Role,
    /// The account; none for residents and the timer.
    pub staff_id: Option<Id>,
    /// For the history.
    pub name: String,
    /// The community they act in now.
    pub community_id: Id,
    /// The party of a handler.
    pub party_id: Option<Id>,
    /// The grids of a grid worker, and those of colleagues they cover just now.
    pub grids: Vec<Id>,
}

/// Which tickets of the community an actor may know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    Community,
    /// Those given to the party.
    Party(Id),
    /// Those of the grids.
    Grids(Vec<Id>),
}

impl Actor {
    /// The resident whose page it is.
    pub fn resident(community_id: Id) -> Actor {
        Actor {
            role: Role::Resident,
            staff_id: None,
            name: "居民".to_owned(),
            community_id,
            party_id: None,
            grids: Vec::new(),
        }
    }

    /// Whoever holds a link that was made for `name`.
    pub fn outsider(community_id: Id, name: &str) -> Actor {
        Actor { role: Role::Outsider, name: name.to_owned(), ..Actor::resident(community_id) }
    }

    /// The program itself.
    pub fn timer(community_id: Id) -> Actor {
        Actor { role: Role::Timer, name: "系统".to_owned(), ..Actor::resident(community_id) }
    }

    /// Which tickets of the community the actor may know of. Whoever holds a secret is never asked: they are handed the
    /// one ticket that it opens.
    pub fn scope(&self) -> Scope {
        match (self.role.extent(), self.party_id) {
            (Extent::Party, Some(party)) => Scope::Party(party),
            (Extent::Party, None) | (Extent::Grids, _) => Scope::Grids(self.grids.clone()),
            (Extent::Own | Extent::Community | Extent::Street | Extent::Everywhere, _) => Scope::Community,
        }
    }

    /// Whether they go from door to door and look after the codes.
    pub fn walks(&self) -> bool {
        matches!(self.role, Role::GridWorker | Role::CommunityWorker | Role::CommunityLead)
    }

    /// The account, for rows that must name one.
    pub fn staff(&self) -> Result<Id> {
        self.staff_id.ok_or(Error::Forbidden)
    }
}

/// An account, without its password.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = crate::schema::staff)]
#[allow(missing_docs)]
pub struct Staff {
    pub id: Id,
    pub login: String,
    pub name: String,
    pub role: Role,
    /// The street of a street manager or auditor.
    pub street: Option<String>,
    pub community_id: Option<Id>,
    pub party_id: Option<Id>,
    /// Up to when the bell holds nothing new where the person never looked at it (`bell_marks`).
    pub bell_seen_at: Time,
    pub disabled_at: Option<Time>,
    pub created_at: Time,
}

/// A sign-in name: 2–40 letters, digits, `.`, `_`, `-` or Chinese characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login(String);

impl Login {
    /// Reads a sign-in name; lower-cased, so that two never differ by case alone.
    pub fn parse(text: &str) -> Result<Login> {
        let login = text.trim().to_lowercase();
        let fits = |sign: char| sign.is_alphanumeric() || matches!(sign, '.' | '_' | '-');
        if (2..=40).contains(&login.chars().count()) && login.chars().all(fits) {
            return Ok(Login(login));
        }
        Err(Error::invalid("login", "登录名用 2 到 40 个字母、数字或汉字，中间可用 . _ -"))
    }

    /// The name as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The hash of a password that is good enough; making it takes tens of milliseconds, so it is made
/// before the transaction.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes a password of 10 to 200 characters.
    pub fn make(password: &str) -> Result<PasswordHash> {
        match password.chars().count() {
            10..=200 => Ok(PasswordHash(keys::hash_password(password)?)),
            ..10 => Err(Error::invalid("password", "密码至少 10 位，可以用一句好记的话")),
            _ => Err(Error::invalid("password", "密码最多 200 位")),
        }
    }
}

/// What an account is made from.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct NewStaff {
    pub login: Login,
    pub name: String,
    pub password: PasswordHash,
    pub role: Role,
    pub street: Option<String>,
    pub community_id: Option<Id>,
    pub party_id: Option<Id>,
}

/// Makes an account. Admins make any; a community lead makes those of the own community below lead.
/// Fails on a taken sign-in name, and where the role lacks its community, party or street.
pub fn add(tx: &mut Tx, actor: &Actor, new: NewStaff) -> Result<Staff> {
    may_manage(actor, new.role, new.community_id)?;
    add_unchecked(tx, new)
}

/// As [`add`], by whoever sits at the machine itself: the command line and the demonstration data.
pub fn add_unchecked(tx: &mut Tx, new: NewStaff) -> Result<Staff> {
    if !Role::STAFF.contains(&new.role) {
        return Err(Error::invalid("role", "这个岗位不能登录"));
    }
    if new.name.trim().is_empty() || new.name.chars().count() > 40 {
        return Err(Error::invalid("name", "请填写称呼，最多 40 个字，例如：网格员 03"));
    }
    let extent = new.role.extent();
    if extent == Extent::Street && new.street.is_none() {
        return Err(Error::invalid("street", "街道管理员和审计员要填所在街道"));
    }
    if !new.role.travels() && new.community_id.is_none() {
        return Err(Error::invalid("community", "请选择所在社区"));
    }
    if extent == Extent::Party && new.party_id.is_none() {
        return Err(Error::invalid("party_id", "请选择经办人所在的单位"));
    }
    if let (Some(party), Some(community)) = (new.party_id, new.community_id)
        && !store::has_party(tx, community, party)?
    {
        return Err(Error::invalid("party_id", "这个社区没有登记这个单位"));
    }
    if store::by_login(tx, &new.login)?.is_some() {
        return Err(Error::invalid("login", "这个登录名已有人用，请换一个"));
    }
    store::insert(tx, new)
}

/// The accounts an actor may manage, by name.
pub fn list(tx: &mut Tx, actor: &Actor) -> Result<Vec<Staff>> {
    store::of_community(tx, actor.community_id, actor.role == Role::Admin)
}

/// Gives an account a new password and ends all its sessions.
pub fn set_password(tx: &mut Tx, actor: &Actor, id: Id, password: PasswordHash) -> Result<()> {
    let staff = manageable(tx, actor, id)?;
    store::set_password(tx, staff.id, &password)?;
    session::end_all(tx, staff.id)
}

/// Closes an account, or opens it again. Closing ends all its sessions; nobody closes their own.
pub fn set_disabled(tx: &mut Tx, actor: &Actor, id: Id, disabled: Disabled) -> Result<()> {
    let staff = manageable(tx, actor, id)?;
    if actor.staff_id == Some(id) {
        return Err(Error::conflict("不能停用自己正在使用的账号"));
    }
    store::set_disabled(tx, staff.id, (disabled == Disabled::Yes).then_some(tx.now))?;
    session::end_all(tx, staff.id)
}

/// Whether an account is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disabled {
    /// Closed: nobody signs in with it.
    Yes,
    /// Open.
    No,
}

/// Changes one's own password; the old one was checked before. Ends every other session.
pub fn change_own_password(tx: &mut Tx, session: &Session, password: PasswordHash) -> Result<()> {
    let id = session.actor.staff()?;
    store::set_password(tx, id, &password)?;
    session::end_others(tx, id, &session.token_hash)
}

/// One's own account.
pub fn own(tx: &mut Tx, actor: &Actor) -> Result<Staff> {
    store::find(tx, actor.staff()?)
}

/// A password that nobody has thought of: three groups of four signs, about 59 random bits. It is shown once
/// to whoever makes an account, and changed by whoever gets it.
pub fn fresh_password() -> String {
    let signs = random_signs(12);
    [&signs[..4], &signs[4..8], &signs[8..]].join("-")
}

/// Whether the actor may change this account.
pub fn manages(actor: &Actor, staff: &Staff) -> bool {
    may_manage(actor, staff.role, staff.community_id).is_ok()
}

/// The roles of the accounts that an actor may make in the own community.
pub fn manageable_roles(actor: &Actor) -> Vec<Role> {
    let roles = Role::STAFF.iter().copied();
    roles.filter(|role| may_manage(actor, *role, Some(actor.community_id)).is_ok()).collect()
}

/// The stored hash of one's own password, to check the old one against.
pub fn own_password(tx: &mut Tx, actor: &Actor) -> Result<String> {
    store::password_of(tx, actor.staff()?)
}

/// Notes that the actor has seen what the bell of their present community told up to `until`. Whoever reaches several has
/// looked at this one alone.
pub fn see_bell(tx: &mut Tx, actor: &Actor, until: Time) -> Result<()> {
    store::set_bell(tx, actor.community_id, actor.staff()?, until)
}

/// Up to when the actor has seen what the bell of a community told.
pub fn bell_seen(tx: &mut Tx, actor: &Actor, community: Id) -> Result<Time> {
    store::bell_seen(tx, community, actor.staff()?)
}

fn manageable(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Staff> {
    let staff = store::find(tx, id)?;
    match may_manage(actor, staff.role, staff.community_id) {
        Ok(()) => Ok(staff),
        // Accounts elsewhere do not exist for a community lead.
        Err(_) if staff.community_id != Some(actor.community_id) => Err(Error::NotFound),
        Err(err) => Err(err),
    }
}

fn may_manage(actor: &Actor, role: Role, community: Option<Id>) -> Result<()> {
    let below = matches!(role, Role::Handler | Role::GridWorker | Role::CommunityWorker);
    match actor.role {
        Role::Admin => Ok(()),
        Role::CommunityLead if below && community == Some(actor.community_id) => Ok(()),
        _ => Err(Error::Forbidden),
    }
}
