//! The shape of the tables, on both databases.

use std::collections::{BTreeMap, BTreeSet};

/// The same on every node of a distributed installation; all other tables belong to one community.
const REFERENCE: &[&str] =
    &["communities", "categories", "staff", "sign_ins", "codes", "lessons", "staff_contacts", "robots"];

fn tables(backend: &str) -> BTreeMap<String, String> {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(backend);
    let mut found = BTreeMap::new();
    let mut folders: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let sql = std::fs::read_to_string(folder.join("up.sql")).unwrap();
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
    }
    found
}

#[test]
fn every_key_of_a_communitys_table_begins_with_the_community() {
    for backend in ["sqlite", "postgres"] {
        for (name, body) in tables(backend) {
            if REFERENCE.contains(&name.as_str()) {
                continue;
            }
            assert!(body.contains("community_id "), "{backend}: {name} belongs to nobody");
            for line in body.lines().map(str::trim) {
                for kind in ["primary key (", "unique (", "foreign key ("] {
                    if let Some(columns) = line.strip_prefix(kind) {
                        assert!(columns.starts_with("community_id"), "{backend}: {name}: {line}");
                    }
                }
                let inline = line.contains(" unique") || line.contains(" primary key");
                assert!(
                    !inline || line.starts_with("unique") || line.starts_with("primary"),
                    "{backend}: {name}: {line}"
                );
                if let Some((_, target)) = line.split_once(" references ") {
                    let target = target.split([' ', '(']).next().unwrap();
                    let local = line.starts_with("foreign key (community_id");
                    assert!(local || REFERENCE.contains(&target), "{backend}: {name}: {line}");
                }
            }
        }
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
