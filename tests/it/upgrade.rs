//! A database made by the first version is brought up to date without losing anything, on either database.
//!
//! `upgrade/house.json` holds a part of a demonstration database as it was before any later migration: tickets of every
//! status with all that belongs to them.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use louma::db::{Db, Durability};
use louma::people::Actor;
use serde_json::Value;

const HOUSE: &str = include_str!("upgrade/house.json");
const SQLITE: &str = include_str!("../../migrations/sqlite/2026-11-22-000000_house/up.sql");
const POSTGRES: &str = include_str!("../../migrations/postgres/2026-11-22-000000_house/up.sql");
/// Parents before children.
const ORDER: &[&str] = &[
    "communities",
    "categories",
    "staff",
    "codes",
    "settings",
    "populations",
    "hotline_totals",
    "parties",
    "grids",
    "places",
    "tickets",
    "ticket_events",
    "ticket_photos",
    "exclusions",
    "ticket_numbers",
    "scans",
];

/// One database, spoken to as the first version left it.
enum Old {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Old {
    fn open(url: &str) -> Old {
        match url.strip_prefix("sqlite:") {
            Some(path) => Old::Sqlite(SqliteConnection::establish(path).unwrap()),
            None => Old::Postgres(PgConnection::establish(url).unwrap()),
        }
    }

    fn run(&mut self, sql: &str) {
        match self {
            Old::Sqlite(conn) => conn.batch_execute(sql).unwrap(),
            Old::Postgres(conn) => conn.batch_execute(sql).unwrap(),
        }
    }

    fn lines(&mut self, sql: &str) -> Vec<String> {
        let query = diesel::sql_query(sql);
        let mut lines: Vec<String> = match self {
            Old::Sqlite(conn) => query.load::<Line>(conn),
            Old::Postgres(conn) => query.load::<Line>(conn),
        }
        .unwrap()
        .into_iter()
        .map(|line| line.line)
        .collect();
        lines.sort();
        lines
    }

    fn literal(&self, kind: &str, value: &Value) -> String {
        if value.is_null() {
            return "null".to_owned();
        }
        let hex = value.get("hex").and_then(Value::as_str);
        let postgres = matches!(self, Old::Postgres(_));
        match (hex, kind) {
            (Some(hex), "uuid") if postgres => format!("'{hex}'"),
            (Some(hex), _) if postgres => format!("'\\x{hex}'"),
            (Some(hex), _) => format!("x'{hex}'"),
            (None, "timestamptz") if postgres => {
                format!("timestamptz 'epoch' + interval '{value} microseconds'")
            }
            (None, "boolean") if postgres => (value == 1).to_string(),
            (None, _) => match value.as_str() {
                Some(text) => format!("'{}'", text.replace('\'', "''")),
                None => value.to_string(),
            },
        }
    }

    /// The rows of a table in the columns that it had, as text.
    fn rows(&mut self, table: &str, columns: &[String]) -> Vec<String> {
        let sql = match self {
            Old::Sqlite(_) => {
                let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
                format!("select {} as line from {table}", quoted.join(" || '|' || "))
            }
            Old::Postgres(_) => format!("select row({})::text as line from {table}", columns.join(", ")),
        };
        self.lines(&sql)
    }
}

/// The type of each column, as PostgreSQL says it.
fn kinds() -> BTreeMap<(String, String), String> {
    let mut kinds = BTreeMap::new();
    for part in POSTGRES.split("create table ").skip(1) {
        let (table, rest) = part.split_once(" (").unwrap();
        for line in rest.split_once("\n);").unwrap().0.lines() {
            let mut words = line.split_whitespace();
            if let (Some(column), Some(kind)) = (words.next(), words.next()) {
                kinds.insert((table.to_owned(), column.to_owned()), kind.trim_end_matches(',').to_owned());
            }
        }
    }
    kinds
}

/// The columns of each table that the first version wrote.
fn plant(old: &mut Old) -> BTreeMap<&'static str, Vec<String>> {
    let house: Value = serde_json::from_str(HOUSE).unwrap();
    let kinds = kinds();
    old.run(if matches!(old, Old::Sqlite(_)) { SQLITE } else { POSTGRES });
    old.run(
        "create table __diesel_schema_migrations (version varchar(50) primary key not null,
         run_on timestamp not null default current_timestamp);
         insert into __diesel_schema_migrations (version) values ('20261122000000');",
    );
    let mut planted = BTreeMap::new();
    for table in ORDER {
        let columns: Vec<String> = serde_json::from_value(house[table]["columns"].clone()).unwrap();
        for row in house[table]["rows"].as_array().unwrap() {
            let values = columns
                .iter()
                .zip(row.as_array().unwrap())
                .map(|(column, value)| old.literal(&kinds[&((*table).to_owned(), column.clone())], value));
            let values = values.collect::<Vec<_>>().join(", ");
            old.run(&format!("insert into {table} ({}) values ({values})", columns.join(", ")));
        }
        planted.insert(*table, columns);
    }
    planted
}

#[test]
fn a_database_of_the_first_version_is_brought_up_to_date_without_loss() {
    let dir = tempfile::tempdir().unwrap();
    let url = crate::harness::database_url(dir.path());
    let mut old = Old::open(&url);
    let planted = plant(&mut old);
    let then: Vec<Vec<String>> = planted.iter().map(|(table, columns)| old.rows(table, columns)).collect();
    assert!(then.iter().all(|rows| !rows.is_empty()), "the fixture holds something of everything");

    let db = Db::open(&url, Durability::AsConfigured).unwrap();
    assert!(db.migrate().unwrap() >= 1);
    for ((table, columns), then) in planted.iter().zip(&then) {
        assert_eq!(&old.rows(table, columns), then, "{table}");
    }

    // What is open is looked at again by the clocks, and every ticket can be read and shown.
    let open = "select count(*) || '' as line from tickets where status in ('new', 'accepted', 'in_progress', 'follow_up')";
    assert_eq!(old.lines("select count(*) || '' as line from timers"), old.lines(open));
    let keys = louma::keys::Keys::new(&[42; 32]);
    let shown = db.read_now(|tx| {
        use louma::schema::tickets::dsl;
        let all: Vec<(louma::db::Id, louma::db::Id)> = dsl::tickets
            .filter(dsl::name_sealed.is_null())
            .select((dsl::community_id, dsl::id))
            .load(tx.conn)?;
        for (community, id) in &all {
            let lead = Actor { role: louma::people::Role::CommunityLead, ..Actor::timer(*community) };
            let sheet = louma::tickets::sheet::sheet(tx, &keys, &lead, *id)?;
            assert!(!sheet.events.is_empty() && !sheet.number.is_empty());
        }
        Ok(all.len())
    });
    assert!(shown.unwrap() > 30);
}
