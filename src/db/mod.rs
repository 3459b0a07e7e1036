//! The one door to the database: SQLite or PostgreSQL, chosen by the URL's scheme at start-up.
//!
//! Queries are written once against [`Conn`] and run on both. [`Db::read`] sees one moment of the
//! database; [`Db::write`] is the only way to change it. What the backends say differently lives
//! here (`nodes.rs`, `types.rs`, `writer.rs`) and nowhere else.

mod conn;
mod connect;
mod nodes;
mod types;
mod writer;

use std::sync::Arc;

use diesel::connection::{AnsiTransactionManager, TransactionManager};

pub use self::conn::{Conn, MultiBackend};
use self::connect::Pool;
pub use self::connect::{Durability, Url};
pub use self::nodes::{Both, Rows, SkipLocked, Together};
pub use self::types::{Id, Time, Ts, Uid, now};
use self::writer::Writer;
use crate::error::{Error, Result};

/// One unit of work: a connection inside a transaction, and the one moment at which all of it happens.
pub struct Tx<'a> {
    /// Where queries run.
    pub conn: &'a mut Conn,
    /// The time to write into every row of this unit of work.
    pub now: Time,
}

type Manager = <Conn as diesel::Connection>::TransactionManager;

/// The database, shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct Db {
    url: Url,
    pool: Pool,
    writer: Option<Arc<Writer>>,
}

impl Db {
    /// Opens the database at `url`. The schema is not touched: see [`Db::migrate`].
    ///
    /// Fails when the server cannot be reached, or keeps no promise of durability and `durability`
    /// asks for one.
    pub fn open(url: &str, durability: Durability) -> anyhow::Result<Db> {
        let url = Url::parse(url)?;
        let pool = connect::pool(&url, durability)?;
        let writer = match &url {
            Url::Sqlite(_) => Some(Arc::new(Writer::start(url.clone())?)),
            Url::Postgres(_) => None,
        };
        Ok(Db { url, pool, writer })
    }

    /// Brings the schema up to date and returns how many migrations ran.
    pub fn migrate(&self) -> anyhow::Result<usize> {
        self.migrate_telling(&mut |_, _, _| {})
    }

    /// As [`Db::migrate`]; `tell` hears of each migration before it begins: which one of how many, and its name. Each is a
    /// transaction of its own: where one fails, those before it are done and stay.
    pub fn migrate_telling(&self, tell: &mut dyn FnMut(usize, usize, &str)) -> anyhow::Result<usize> {
        connect::migrate(&mut *self.pool.get()?, tell)
    }

    /// The migrations that have not run yet.
    pub fn pending_migrations(&self) -> anyhow::Result<usize> {
        connect::pending(&mut *self.pool.get()?)
    }

    /// Copies an SQLite database, as it is at one moment, to the new file `to`; the service goes on.
    pub fn copy_sqlite(&self, to: &std::path::Path) -> anyhow::Result<()> {
        use diesel::prelude::*;
        let conn = &mut *self.pool.get()?;
        diesel::sql_query("VACUUM INTO $1")
            .bind::<diesel::sql_types::Text, _>(to.to_string_lossy().into_owned())
            .execute(conn)?;
        Ok(())
    }

    /// What is wrong with the database itself, each with a sentence: on SQLite damaged pages and references to nothing, which
    /// PostgreSQL watches over by itself.
    pub fn faults(&self) -> anyhow::Result<Vec<String>> {
        use diesel::prelude::*;
        #[derive(QueryableByName)]
        struct Said {
            #[diesel(sql_type = diesel::sql_types::Text)]
            text: String,
        }
        let Conn::Sqlite(conn) = &mut *self.pool.get()? else { return Ok(Vec::new()) };
        let pages =
            "SELECT integrity_check AS text FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
        let orphans = "SELECT \"table\" || ' → ' || parent AS text FROM pragma_foreign_key_check";
        let mut said = diesel::sql_query(pages).load::<Said>(conn)?;
        said.extend(diesel::sql_query(orphans).load::<Said>(conn)?);
        Ok(said.into_iter().map(|said| said.text).collect())
    }

    /// Where the database is.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Runs `work` in one read-only transaction on a blocking thread.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.clone();
        block(move || db.read_now(work)).await
    }

    /// As [`Db::read`], on this thread: for the command line and for threads of our own.
    pub fn read_now<T>(&self, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let conn = &mut *self.pool.get().map_err(busy)?;
        match conn {
            Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN")?,
            Conn::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
                conn,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            )?,
        }
        finish(conn, work)
    }

    /// Runs `work` in one transaction: all of it happens, or none of it. Nobody is answered before
    /// the commit.
    ///
    /// On SQLite the one writer thread takes waiting work together into one commit; on PostgreSQL
    /// each piece of work has a connection of its own.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.writer {
            Some(writer) => writer.run(work).await,
            None => {
                let db = self.clone();
                block(move || db.write_postgres(work)).await
            }
        }
    }

    /// As [`Db::write`], waiting on this thread: for the command line.
    pub fn write_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.writer {
            Some(writer) => writer.run_blocking(work),
            None => self.write_postgres(work),
        }
    }

    fn write_postgres<T>(&self, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let conn = &mut *self.pool.get().map_err(busy)?;
        <Manager as TransactionManager<Conn>>::begin_transaction(conn)?;
        finish(conn, work)
    }
}

/// How [`hold`] holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Together with everybody else who shares it.
    Shared,
    /// While nobody else holds it.
    Alone,
}

/// Holds a key until the end of the transaction, waiting for whoever holds it otherwise: on PostgreSQL an advisory lock.
/// SQLite has one writer, so there the transaction alone does the same.
pub fn hold(tx: &mut Tx, key: Id, how: Hold) -> Result<()> {
    use diesel::RunQueryDsl;
    let Conn::Postgres(conn) = &mut *tx.conn else { return Ok(()) };
    let call = match how {
        Hold::Shared => "SELECT pg_advisory_xact_lock_shared($1)",
        Hold::Alone => "SELECT pg_advisory_xact_lock($1)",
    };
    // The second half of a UUID of version 7 is drawn at random.
    let number = key.0.as_u64_pair().1.cast_signed();
    diesel::sql_query(call).bind::<diesel::sql_types::BigInt, _>(number).execute(conn)?;
    Ok(())
}

/// A write that changes nothing, to learn whether writes go through.
pub fn probe(tx: &mut Tx) -> Result<()> {
    use diesel::prelude::*;
    let nobody =
        crate::schema::sign_ins::table.filter(crate::schema::sign_ins::expires_at.lt(Time::from_micros(0)));
    diesel::delete(nobody).execute(tx.conn)?;
    Ok(())
}

/// Runs `work` inside the transaction that has begun on `conn`, and ends it.
fn finish<T>(conn: &mut Conn, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    match work(&mut Tx { conn, now: now() }) {
        Ok(value) => {
            <Manager as TransactionManager<Conn>>::commit_transaction(conn)?;
            Ok(value)
        }
        Err(err) => {
            <Manager as TransactionManager<Conn>>::rollback_transaction(conn)?;
            Err(err)
        }
    }
}

async fn block<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    actix_web::web::block(work).await.map_err(Error::internal)?
}

fn busy(err: r2d2::Error) -> Error {
    tracing::error!(%err, "no database connection");
    Error::Unavailable("系统正忙，请稍后再试；您填写的内容还在".into())
}
