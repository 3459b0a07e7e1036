//! The shape of the tables, on both databases.

use std::collections::{BTreeMap, BTreeSet};

/// The same on every node of a distributed installation; all other tables belong to one community.
const REFERENCE: &[&str] =
    &["communities", "categories", "staff", "sign_ins", "codes", "lessons", "staff_contacts", "robots"];

/// Every migration of a database, one after the other.
fn migrations(backend: &str) -> String {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(backend);
    let mut folders: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.iter().map(|folder| std::fs::read_to_string(folder.join("up.sql")).unwrap()).collect()
}

fn tables(backend: &str) -> BTreeMap<String, String> {
    let sql = migrations(backend);
    let mut found = BTreeMap::new();
    for part in sql.split("create table ").skip(1) {
        let (name, rest) = part.split_once(" (").unwrap();
        let body = rest.split_once("\n);").unwrap().0;
        found.insert(name.to_owned(), body.to_owned());
    }
    for line in sql.lines().filter_map(|line| line.strip_prefix("alter table ")) {
        let Some((name, column)) = line.trim_end_matches(';').split_once(" add column ") else {
            continue;
        };
        let body: &mut String = found.get_mut(name).unwrap();
        body.push_str(&format!(",\n    {column}"));
    }
    found
}

/// The lines of a table that name rows of a community without it.
fn astray(name: &str, body: &str) -> Vec<String> {
    if REFERENCE.contains(&name) {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    if !body.contains("community_id ") {
        wrong.push(format!("{name} belongs to nobody"));
    }
    for line in body.lines().map(str::trim) {
        let key =
            ["primary key (", "unique (", "foreign key ("].iter().find_map(|kind| line.strip_prefix(kind));
        let elsewhere = key.is_some_and(|columns| !columns.starts_with("community_id"));
        let inline = line.contains(" unique") || line.contains(" primary key");
        let alone = inline && !line.starts_with("unique") && !line.starts_with("primary");
        let away = line.split_once(" references ").is_some_and(|(_, target)| {
            let target = target.split([' ', '(']).next().unwrap();
            !line.starts_with("foreign key (community_id") && !REFERENCE.contains(&target)
        });
        if elsewhere || alone || away {
            wrong.push(format!("{name}: {line}"));
        }
    }
    wrong
}

/// The unique indexes that hold across communities: PostgreSQL could not spread such a table, and a number of one
/// community would be taken in all.
fn indexes_astray(sql: &str) -> Vec<String> {
    let statements = sql.split(';').map(|each| each.split_whitespace().collect::<Vec<_>>().join(" "));
    let unique = statements.filter_map(|each| {
        let at = each.to_lowercase().find("create unique index ")?;
        Some(each[at..].to_owned())
    });
    unique
        .filter(|each| {
            let (_, on) = each.split_once(" on ").unwrap();
            let (table, columns) = on.split_once('(').unwrap();
            !REFERENCE.contains(&table.trim()) && !columns.trim_start().starts_with("community_id")
        })
        .collect()
}

#[test]
fn every_key_of_a_communitys_table_begins_with_the_community() {
    for backend in ["sqlite", "postgres"] {
        let mut wrong: Vec<String> =
            tables(backend).iter().flat_map(|(name, body)| astray(name, body)).collect();
        let migrations = migrations(backend);
        assert!(migrations.contains("create unique index "), "{backend}: nothing to look at");
        wrong.extend(indexes_astray(&migrations));
        assert!(wrong.is_empty(), "{backend}: {wrong:?}");
    }
}

#[test]
fn a_key_that_forgets_the_community_is_seen() {
    let good = "community_id blob not null references communities (id),\n id blob not null,\n \
        primary key (community_id, id),\n foreign key (community_id, id) references tickets (community_id, id)";
    assert_eq!(astray("rounds", good), [] as [String; 0]);
    for bad in [
        "unique (number, community_id)",
        "number text not null unique",
        "ticket_id blob references tickets (id)",
        "foreign key (id) references tickets (id)",
    ] {
        assert_eq!(astray("rounds", &format!("{good},\n{bad}")).len(), 1, "{bad}");
    }
    let good =
        "create unique index a on rounds (community_id, number);\ncreate unique index b on codes (code);";
    assert_eq!(indexes_astray(good), [] as [String; 0]);
    for bad in
        ["on rounds (number)", "on rounds\n    (number, community_id)", "on rounds (number) where a is null"]
    {
        let sql = format!("create table x (y text);\n-- Why.\ncreate unique index c {bad};\n{good}");
        assert_eq!(indexes_astray(&sql).len(), 1, "{bad}");
    }
}

#[test]
fn both_databases_have_the_same_columns() {
    let columns = |backend: &str| -> BTreeMap<String, BTreeSet<String>> {
        let names = |body: &str| {
            let lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
            let own = lines.filter(|line| {
                !["primary key", "unique", "foreign key", "check"].iter().any(|word| line.starts_with(word))
            });
            own.map(|line| {
                let mut words = line.split_whitespace();
                let (name, _) = (words.next().unwrap(), words.next());
                format!(
                    "{name}{}",
                    if line.contains("not null") || line.contains("primary key") { "" } else { "?" }
                )
            })
            .collect()
        };
        tables(backend).iter().map(|(name, body)| (name.clone(), names(body))).collect()
    };
    assert_eq!(columns("sqlite"), columns("postgres"));
}

#[test]
fn a_database_is_brought_up_to_date_once() {
    let dir = tempfile::tempdir().unwrap();
    let db =
        louma::db::Db::open(&crate::harness::database_url(dir.path()), louma::db::Durability::AsConfigured)
            .unwrap();
    assert!(db.pending_migrations().unwrap() > 0);
    assert!(db.migrate().unwrap() > 0);
    assert_eq!((db.pending_migrations().unwrap(), db.migrate().unwrap()), (0, 0));
}
