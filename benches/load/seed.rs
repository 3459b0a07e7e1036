//! Communities with a door each, made by the product's own verbs, and many tickets, made by one statement.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use louma::codes::registry;
use louma::db::{Db, Durability, Id, Tx, now};
use louma::error::Result;
use louma::keys::{Keys, hex};
use louma::people::{self, Actor, Login, NewStaff, PasswordHash, Role, session};
use louma::places::{self, Community, NewCommunity, NewPlace, Place, PlaceKind};
use louma::routing::{self, NewParty, PartyKind};
use louma::settings::{self, Flood};

/// A door with a code, and who answers for it.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) community: Community,
    pub(crate) place: Place,
    pub(crate) lead: Id,
    pub(crate) path: String,
}

/// Opens the database and makes its schema.
pub(crate) fn open(url: &str) -> Db {
    let db = Db::open(url, Durability::Required).expect("a database");
    db.migrate().expect("a schema");
    db
}

/// Makes so many communities.
pub(crate) fn doors(db: &Db, communities: u32) -> Vec<Door> {
    db.write_now(move |tx| {
        routing::plant_categories(tx)?;
        (0..communities).map(|number| door(tx, number)).collect()
    })
    .expect("communities")
}

fn door(tx: &mut Tx, number: u32) -> Result<Door> {
    let letter = |place: u32| char::from(b'A' + (number / place % 26) as u8);
    let community = places::found(
        tx,
        NewCommunity {
            district: "测试区".into(),
            street: "测试街道".into(),
            name: format!("第{number}社区"),
            prefix: [letter(676), letter(26), letter(1)].iter().collect(),
            phone: "010-00000001".into(),
            property_phone: "010-00000002".into(),
            ..NewCommunity::default()
        },
    )?;
    settings::plant(tx, community.id)?;
    // What is measured comes from one address, more in a second than a street in a year.
    let most = 10_000_000;
    let flood = Flood { door: most, network: most, community: most, device: most, ..Flood::default() };
    settings::set(tx, &Actor::resident(community.id), &flood, tx.now)?;
    let party = |tx: &mut Tx, name: &str, kind| {
        let new = NewParty { name: name.into(), aliases: String::new(), kind, phone: String::new() };
        routing::add_party(tx, community.id, new)
    };
    let lead = party(tx, "社区居委会", PartyKind::Committee)?.id;
    party(tx, "物业中心", PartyKind::Property)?;
    let mut parent = None;
    for (kind, name) in [
        (PlaceKind::Compound, community.name.as_str()),
        (PlaceKind::Building, "3号楼"),
        (PlaceKind::Unit, "2单元"),
    ] {
        let parent_id = parent.as_ref().map(|place: &Place| place.id);
        let new =
            NewPlace { kind, name: name.into(), parent_id, grid_id: None, households: Some(30), sort: 0 };
        parent = Some(places::add(tx, community.id, new)?);
    }
    let place = parent.expect("a unit");
    let path = format!("/q/{}", registry::issue(tx, &place)?.code);
    Ok(Door { community, place, lead, path })
}

/// The cookie of a community worker who is signed in.
pub(crate) fn cookie(db: &Db, keys: &Keys, community: Id) -> String {
    const PASSWORD: &str = "一句只用于测量的话 12345";
    let (keys, password) = (keys.clone(), PasswordHash::make(PASSWORD).expect("a hash"));
    let token = db.write_now(move |tx| {
        let login = Login::parse("bench-worker")?;
        let new = NewStaff {
            login: login.clone(),
            name: "社区工作者 01".into(),
            password,
            role: Role::CommunityWorker,
            street: None,
            community_id: Some(community),
            party_id: None,
        };
        people::add_unchecked(tx, new)?;
        let signed = session::check(session::candidate(tx, &login)?, PASSWORD)?;
        session::start(tx, &keys, signed, "bench")
    });
    format!("louma_session={}", token.expect("a session"))
}

/// Writes `count` tickets of the last two years: each `first` one to the first community, most of them archived. On
/// PostgreSQL without looking at references, and the indexes are made again afterwards: it is not the seed that is measured.
#[expect(clippy::too_many_lines, reason = "two statements, a line for each column")]
pub(crate) fn tickets(url: &str, doors: &[Door], count: u64, first: u64) {
    let end = now().0.timestamp_micros();
    let step = 2 * 365 * 86_400_000_000 / count as i64;
    let at = |micros: &str| match url.starts_with("sqlite:") {
        true => micros.to_owned(),
        false => format!("to_timestamp(({micros}) / 1000000.0)"),
    };
    let submitted = format!("{end} - ({count} - i.n) * {step}");
    let insert = format!(
        "insert into tickets (community_id, id, number, key_version, secret_hash, query_hash, channel, place_id, \
         spot_note, kind, level1, text, hazard, publish, share_phone, notice_version, submitted_at, status, version, \
         urgency, first_contact_due, due_at, open_due_at, rules_version, lead_id, routed, closed_at, result_text, \
         answer_comment, events, rounds, returns) \
         select d.c, ID, 'T' || i.n, 1, HASH, HASH, 'scan', d.p, '', 'complaint', '01', \
         '三号楼二单元门口的灯不亮了，晚上老人下楼看不清台阶', FALSE, FALSE, FALSE, '1', {at}, \
         case i.n % 20 when 0 then 'new' when 1 then 'accepted' when 2 then 'in_progress' when 3 then 'follow_up' \
         else 'archived' end, 1, 'normal', {at}, {due}, case when i.n % 20 < 3 then {due} end, '1', d.l, '', \
         case when i.n % 20 = 3 then {end} when i.n % 20 > 3 then {due} end, '', '', 1, 0, 0 \
         from SERIES join doors d on d.n = case when i.n % {first} = 0 then 0 else i.n % {doors} end",
        at = at(&submitted),
        due = at(&format!("{submitted} + 432000000000")),
        end = at(&end.to_string()),
        doors = doors.len(),
    );
    let rows = |quote: &str| {
        let literal = |id: Id| format!("{quote}{}'", hex(id.bytes()));
        let row = |(n, door): (usize, &Door)| {
            format!(
                "({n}, {}, {}, {})",
                literal(door.community.id),
                literal(door.place.id),
                literal(door.lead)
            )
        };
        doors.iter().enumerate().map(row).collect::<Vec<_>>().join(", ")
    };
    if let Some(path) = url.strip_prefix("sqlite:") {
        let series = format!(
            "(with recursive s(n) as (select 0 union all select n + 1 from s where n + 1 < {count}) \
             select n from s) i"
        );
        let insert = insert.replace("SERIES", &series).replace("HASH", "randomblob(32)");
        let insert = insert.replace("ID", "unhex(printf('0198%028x', i.n))");
        SqliteConnection::establish(path)
            .expect("the file")
            .batch_execute(&format!(
                "pragma busy_timeout = 20000; pragma synchronous = off; pragma cache_size = -800000; pragma temp_store = memory; \
                 create temp table doors (n integer primary key, c blob, p blob, l blob); \
                 insert into doors values {}; {insert}; pragma wal_checkpoint(truncate);",
                rows("x'")
            ))
            .expect("tickets");
    } else {
        let insert = insert.replace("SERIES", &format!("generate_series(0::bigint, {count} - 1) i(n)"));
        let hash = "sha256((i.n || random()::text)::bytea)";
        let insert = insert.replace("HASH", hash).replace("ID", "lpad(to_hex(i.n), 32, '0')::uuid");
        PgConnection::establish(url)
            .expect("the database")
            .batch_execute(&format!(
                "set session_replication_role = replica; set maintenance_work_mem = '1GB'; \
                 create temp table doors (n int primary key, c uuid, p uuid, l uuid); \
                 create temp table later as select i.indexdef, i.indexname from pg_indexes i \
                 join pg_class c on c.relname = i.indexname \
                 where i.tablename = 'tickets' and not exists \
                 (select 1 from pg_constraint k where k.conindid = c.oid); \
                 do $$ declare each record; begin for each in select * from later loop \
                 execute 'drop index ' || each.indexname; end loop; end $$; \
                 insert into doors values {}; {insert}; \
                 do $$ declare each record; begin for each in select * from later loop \
                 execute each.indexdef; end loop; end $$; analyze tickets;",
                rows("'")
            ))
            .expect("tickets");
    }
}
