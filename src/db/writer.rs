//! The one thread that writes to SQLite.
//!
//! It takes all waiting work into one `BEGIN IMMEDIATE … COMMIT`, a savepoint each, so that one
//! fsync serves many. Each piece is answered after the commit; when the commit fails, every piece of
//! the batch is answered with the failure. A panic undoes its own piece alone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::Connection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use tokio::sync::{mpsc, oneshot};

use super::{Conn, Manager, Tx, Url, connect, now};
use crate::error::{Error, Result};

/// Pieces of work taken into one commit at most; more only lengthens everybody's wait.
const BATCH: usize = 256;
/// Pieces of work that may wait before further senders wait too.
const WAITING: usize = 1024;

/// Answers whoever sent the work: with its own result after the commit, or with the failed commit.
type Reply = Box<dyn FnOnce(bool) + Send>;
type Job = Box<dyn FnOnce(&mut Conn) -> Reply + Send>;

/// The way to the writer thread, which ends when this is dropped.
pub(super) struct Writer(mpsc::Sender<Job>);

impl Writer {
    pub(super) fn start(url: Url) -> anyhow::Result<Writer> {
        let mut conn = connect::connect_writer(&url)?;
        let (sender, mut jobs) = mpsc::channel::<Job>(WAITING);
        std::thread::Builder::new().name("sqlite-writer".into()).spawn(move || {
            while let Some(first) = jobs.blocking_recv() {
                serve(&mut conn, &url, first, &mut jobs);
            }
        })?;
        Ok(Writer(sender))
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (job, answer) = job(work);
        self.0.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (job, answer) = job(work);
        self.0.blocking_send(job).map_err(|_| stopped())?;
        answer.blocking_recv().map_err(|_| stopped())?
    }
}

fn stopped() -> Error {
    Error::Internal(anyhow::anyhow!("the writer has stopped"))
}

fn job<T: Send + 'static>(
    work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T>>) {
    let (sender, answer) = oneshot::channel();
    let job: Job = Box::new(move |conn| {
        let done = in_savepoint(conn, work);
        Box::new(move |committed| {
            let lost = || Err(Error::Internal(anyhow::anyhow!("the commit failed")));
            // Nobody may be waiting any more: the browser has gone, the change stays.
            let _ = sender.send(if committed { done } else { done.and_then(|_| lost()) });
        })
    });
    (job, answer)
}

/// Begins, does the first piece and all that wait, commits, then answers each.
fn serve(conn: &mut Conn, url: &Url, first: Job, jobs: &mut mpsc::Receiver<Job>) {
    if let Err(err) = begin(conn) {
        // A full disk leaves the connection in doubt; a fresh one is not.
        tracing::error!(%err, "cannot begin a write; connecting again");
        match connect::connect_writer(url).map(|fresh| *conn = fresh).and_then(|()| Ok(begin(conn)?)) {
            Ok(()) => {}
            // The dropped sender answers `first` with a failure.
            Err(err) => return tracing::error!(%err, "cannot begin a write"),
        }
    }
    let mut replies = vec![first(conn)];
    while replies.len() < BATCH {
        let Ok(next) = jobs.try_recv() else { break };
        replies.push(next(conn));
    }
    let committed = <Manager as TransactionManager<Conn>>::commit_transaction(conn);
    if let Err(err) = &committed {
        tracing::error!(%err, jobs = replies.len(), "a commit failed");
        let _ = <Manager as TransactionManager<Conn>>::rollback_transaction(conn);
    }
    for reply in replies {
        reply(committed.is_ok());
    }
}

fn begin(conn: &mut Conn) -> diesel::QueryResult<()> {
    match conn {
        Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
        Conn::Postgres(conn) => AnsiTransactionManager::begin_transaction(conn),
    }
}

#[expect(clippy::disallowed_methods, reason = "the savepoint inside the writer's own transaction")]
fn in_savepoint<T>(conn: &mut Conn, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    // The closure sits inside the savepoint, so that a panic is turned into an error before diesel
    // sees it and the savepoint is rolled back like any other failure.
    conn.transaction(|conn| {
        catch_unwind(AssertUnwindSafe(|| work(&mut Tx { conn, now: now() }))).unwrap_or_else(|_| {
            Err(Error::Internal(anyhow::anyhow!("a write panicked; its message stands above in the log")))
        })
    })
}
