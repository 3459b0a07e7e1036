//! What a database must promise before reports are taken into it: that what was acknowledged is on disk.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use louma::db::{Db, Durability};

/// Opens a database, as the program does at its start; fails with the sentence that is printed.
fn open(url: &str, durability: Durability) -> Result<(), String> {
    Db::open(url, durability).map(drop).map_err(|err| format!("{err:#}"))
}

#[test]
fn a_postgresql_that_answers_before_it_is_on_disk_is_refused() {
    let Ok(server) = std::env::var("LOUMA_TEST_DATABASE_URL") else { return };
    let (place, _) = server.rsplit_once('/').unwrap();
    let name = format!("louma_promised_{}", std::process::id());
    let url = format!("{place}/{name}");
    let mut conn = PgConnection::establish(&server).unwrap();
    let mut tell = |sql: &str| conn.batch_execute(&sql.replace("NAME", &name)).unwrap();
    tell("drop database if exists NAME");
    tell("create database NAME");
    // The server of the tests may itself be a fast one.
    tell("alter database NAME set synchronous_commit = off");
    let refused = open(&url, Durability::Required).unwrap_err();
    assert!(refused.contains("off") && refused.contains("LOUMA_ALLOW_UNSAFE_POSTGRES"), "{refused}");
    open(&url, Durability::AsConfigured).unwrap();
    tell("alter database NAME set synchronous_commit = on");
    // `fsync` is of the whole server: where it is off, that alone is what is said now.
    if let Err(refused) = open(&url, Durability::Required) {
        assert!(refused.contains("fsync") && !refused.contains("synchronous_commit"), "{refused}");
    }
    tell("drop database NAME with (force)");
}

#[test]
fn an_sqlite_file_is_opened_with_its_log_and_every_commit_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new/louma.db");
    open(&format!("sqlite:{}", path.display()), Durability::Required).unwrap();
    let header = std::fs::read(&path).unwrap();
    // Bytes 18 and 19 of the file: 2 is a write-ahead log.
    assert_eq!(header.get(18..20), Some(&[2, 2][..]));
}
