//! Opening connections: which backend a URL means, what each promises, and its migrations.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;
use diesel::{PgConnection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Conn;

/// Where the database is. `Conn::establish` would try every backend in turn, so that a PostgreSQL
/// server that is down quietly creates an SQLite file named after its URL; the scheme decides here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Url {
    /// `sqlite:PATH`, a file on this machine.
    Sqlite(PathBuf),
    /// `postgres://…`, a server.
    Postgres(String),
}

impl Url {
    /// Reads a URL; the scheme must be `sqlite:` or `postgres:`.
    pub fn parse(url: &str) -> anyhow::Result<Url> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Url::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Url::Sqlite(path.trim_start_matches("//").into())),
            _ => anyhow::bail!(
                "数据库地址应以 sqlite: 或 postgres:// 开头，例如 sqlite:data/louma.db 或 postgres://用户@主机/库名"
            ),
        }
    }
}

/// Whether a server that may lose acknowledged reports is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Refuse a server with `fsync` or `synchronous_commit` off.
    Required,
    /// Take it as it is: for tests and for those who said so.
    AsConfigured,
}

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Connections for reading (SQLite) or for everything (PostgreSQL).
pub(super) type Pool = r2d2::Pool<Opener>;

/// Opens and checks the pool's connections.
#[derive(Debug)]
pub(super) struct Opener(Url);

impl r2d2::ManageConnection for Opener {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        establish(&self.0).map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

fn establish(url: &Url) -> ConnectionResult<Conn> {
    match url {
        Url::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
            conn.batch_execute(
                "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; PRAGMA secure_delete = ON;",
            )
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(Conn::Sqlite(conn))
        }
        Url::Postgres(url) => PgConnection::establish(url).map(Conn::Postgres),
    }
}

/// One connection outside the pool.
pub(super) fn connect(url: &Url) -> anyhow::Result<Conn> {
    establish(url).context("连不上数据库")
}

/// The connection of the one that writes to SQLite. Reports touch the same few pages again and again: what lies in the log
/// is copied into the database after 32 MB of it instead of 4, so that a page is copied once for many reports; and the
/// writer alone keeps more pages in memory.
pub(super) fn connect_writer(url: &Url) -> anyhow::Result<Conn> {
    let mut conn = connect(url)?;
    conn.batch_execute(
        "PRAGMA wal_autocheckpoint = 8192; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384;",
    )?;
    Ok(conn)
}

/// The pool. WAL is switched on once, before the first connection of the pool: switching takes a lock.
pub(super) fn pool(url: &Url, durability: Durability) -> anyhow::Result<Pool> {
    match url {
        Url::Sqlite(path) => {
            if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
                std::fs::create_dir_all(dir).with_context(|| format!("无法创建目录 {}", dir.display()))?;
            }
            let mut conn = connect(url).with_context(|| format!("打不开数据库文件 {}", path.display()))?;
            promise_sqlite(&mut conn)?;
        }
        Url::Postgres(_) => {
            let mut conn = connect(url)?;
            if durability == Durability::Required {
                promise_postgres(&mut conn)?;
            }
        }
    }
    let size = match url {
        Url::Sqlite(_) => 4,
        Url::Postgres(_) => 16,
    };
    Ok(r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(Duration::from_secs(5))
        // A dead connection is found by the query that fails on it; asking first costs a round trip.
        .test_on_check_out(false)
        .build(Opener(url.clone()))?)
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

fn setting(conn: &mut Conn, sql: &str) -> anyhow::Result<String> {
    Ok(diesel::sql_query(sql).get_result::<Setting>(conn)?.value)
}

/// Holds SQLite to what the writer relies on: write-ahead log, and `FULL` (2) on every connection.
fn promise_sqlite(conn: &mut Conn) -> anyhow::Result<()> {
    conn.batch_execute("PRAGMA journal_mode = WAL")?;
    let mode = setting(conn, "SELECT journal_mode AS value FROM pragma_journal_mode")?;
    let sync = setting(conn, "SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous")?;
    anyhow::ensure!(mode == "wal", "SQLite 不能使用 WAL 日志（现在是 {mode}），请把数据目录放在本机磁盘上");
    anyhow::ensure!(sync == "2", "SQLite 的 synchronous 应为 FULL（2），现在是 {sync}");
    Ok(())
}

fn promise_postgres(conn: &mut Conn) -> anyhow::Result<()> {
    for name in ["fsync", "synchronous_commit"] {
        let value = setting(conn, &format!("SELECT current_setting('{name}') AS value"))?;
        anyhow::ensure!(
            value != "off",
            "PostgreSQL 的 {name} 是 off，断电会丢失已答复居民的工单。请改为 on，或用 LOUMA_ALLOW_UNSAFE_POSTGRES=true 表示知情"
        );
    }
    Ok(())
}

/// Runs what has not run yet, in order; see [`super::Db::migrate_telling`].
pub(super) fn migrate(conn: &mut Conn, tell: &mut dyn FnMut(usize, usize, &str)) -> anyhow::Result<usize> {
    match conn {
        Conn::Sqlite(conn) => run_each(conn, SQLITE, tell),
        Conn::Postgres(conn) => run_each(conn, POSTGRES, tell),
    }
}

fn run_each<DB: Backend>(
    conn: &mut impl MigrationHarness<DB>,
    source: EmbeddedMigrations,
    tell: &mut dyn FnMut(usize, usize, &str),
) -> anyhow::Result<usize>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let pending = conn.pending_migrations(source).map_err(|err| anyhow::anyhow!(err))?;
    for (done, migration) in pending.iter().enumerate() {
        let (at, all, name) = (done + 1, pending.len(), migration.name().to_string());
        tell(at, all, &name);
        conn.run_migration(migration).map_err(|err| anyhow::anyhow!(err)).with_context(|| {
            let before = match done {
                0 => "数据库和升级前一样".to_owned(),
                done => format!("前面 {done} 步已经做完，不用退回"),
            };
            format!(
                "数据库升级停在第 {at}/{all} 步 {name}：这一步没有改动任何东西，{before}。按下面的原因处理后再运行一次，会从这一步接着做；要回到升级前，请恢复升级前的备份"
            )
        })?;
    }
    Ok(pending.len())
}

pub(super) fn pending(conn: &mut Conn) -> anyhow::Result<usize> {
    let pending = match conn {
        Conn::Sqlite(conn) => conn.pending_migrations(SQLITE).map(|list| list.len()),
        Conn::Postgres(conn) => conn.pending_migrations(POSTGRES).map(|list| list.len()),
    };
    pending.map_err(|err| anyhow::anyhow!(err))
}
