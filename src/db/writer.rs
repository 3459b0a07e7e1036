//! The one thread that writes to SQLite.
//!
//! It takes all waiting work into one `BEGIN IMMEDIATE … COMMIT`, a savepoint each, so that one
//! fsync serves many. Each piece is answered after the commit; when the commit fails, every piece of
//! the batch is answered with the failure, nothing of them stays, and the writer connects again. A panic
//! undoes its own piece alone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::Connection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use tokio::sync::{mpsc, oneshot};

use super::{Conn, Manager, Tx, Url, connect, now};
use crate::error::{Error, Result};

/// Pieces of work taken into one commit at most; more only lengthens everybody's wait.
const BATCH: usize = 256;
/// Pieces of work that may wait before further senders wait too.
const WAITING: usize = 1024;

/// Answers whoever sent the work: with its own result after the commit, or with the failed commit.
type Reply = Box<dyn FnOnce(bool) + Send>;
type Job = Box<dyn FnOnce(&mut Conn) -> (Reply, Went) + Send>;

/// How a piece went.
#[derive(Clone, Copy, PartialEq)]
enum Went {
    /// It was done, or refused by a rule.
    Well,
    /// A fault of ours, or of the machine.
    Wrong,
}

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
        let went = if matches!(done, Err(Error::Internal(_))) { Went::Wrong } else { Went::Well };
        let reply: Reply = Box::new(move |committed| {
            let lost = || Err(Error::Internal(anyhow::anyhow!("the commit failed")));
            // Nobody may be waiting any more: the browser has gone, the change stays.
            let _ = sender.send(if committed { done } else { done.and_then(|_| lost()) });
        });
        (reply, went)
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
    let (mut replies, mut next, mut whole) = (Vec::new(), Some(first), true);
    while let Some(job) = next {
        let (reply, went) = job(conn);
        replies.push(reply);
        // A full disk ends the transaction: whatever came after would be a commit of its own, told as a failure.
        whole = went == Went::Well || in_transaction(conn);
        next = if whole && replies.len() < BATCH { jobs.try_recv().ok() } else { None };
    }
    let committed = whole && commit(conn);
    if !committed {
        tracing::error!(jobs = replies.len(), "nothing was written; connecting again");
        match connect::connect_writer(url) {
            Ok(fresh) => *conn = fresh,
            // The next piece of work tries again.
            Err(err) => tracing::error!(%err, "cannot connect"),
        }
    }
    for reply in replies {
        reply(committed);
    }
}

fn commit(conn: &mut Conn) -> bool {
    let committed = <Manager as TransactionManager<Conn>>::commit_transaction(conn);
    if let Err(err) = &committed {
        tracing::error!(%err, "a commit failed");
        let _ = <Manager as TransactionManager<Conn>>::rollback_transaction(conn);
    }
    committed.is_ok()
}

/// Whether the transaction that was begun is still there: SQLite refuses to begin another inside it.
fn in_transaction(conn: &mut Conn) -> bool {
    let there = conn.batch_execute("BEGIN").is_err();
    if !there {
        let _ = conn.batch_execute("ROLLBACK");
    }
    there
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

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use diesel::sql_types::BigInt;
    use tempfile::TempDir;

    use super::*;

    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }

    /// A writer to a file with two tables, the second of which must name rows of the first when it is committed.
    fn writer() -> (Writer, TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let url = Url::Sqlite(dir.path().join("test.db"));
        drop(connect::pool(&url, connect::Durability::Required).unwrap());
        let writer = Writer::start(url).unwrap();
        for table in [
            "create table first (id integer primary key, filling blob)",
            "create table second (first integer references first (id) deferrable initially deferred)",
        ] {
            writer.run_blocking(move |tx| sql(tx, table)).unwrap();
        }
        (writer, dir)
    }

    fn sql(tx: &mut Tx, sql: &str) -> Result<()> {
        diesel::sql_query(sql).execute(tx.conn)?;
        Ok(())
    }

    fn rows(writer: &Writer, table: &str) -> i64 {
        let query = format!("select count(*) as rows from {table}");
        writer
            .run_blocking(move |tx| Ok(diesel::sql_query(query).get_result::<Count>(tx.conn)?.rows))
            .unwrap()
    }

    /// Sends all of this so that it comes into one commit, and tells how each was answered.
    fn together(writer: &Writer, pieces: &[&'static str]) -> Vec<std::result::Result<(), String>> {
        let (go, begin) = std::sync::mpsc::channel::<()>();
        let (first, begun) = job(move |_| begin.recv().map_err(Error::internal));
        writer.0.blocking_send(first).ok().unwrap();
        let mut answers = vec![begun];
        for &piece in pieces {
            let (job, answer) = job(move |tx| sql(tx, piece));
            writer.0.blocking_send(job).ok().unwrap();
            answers.push(answer);
        }
        go.send(()).unwrap();
        let said = |answer: oneshot::Receiver<Result<()>>| match answer.blocking_recv() {
            Ok(done) => done.map_err(|err| format!("{err:?}")),
            Err(_) => Err("nobody answered".to_owned()),
        };
        answers.into_iter().skip(1).map(said).collect()
    }

    const GOOD: &str = "insert into first default values";

    #[test]
    fn pieces_of_one_commit_are_answered_each_with_its_own_result() {
        let (writer, _dir) = writer();
        let said = together(&writer, &[GOOD, "insert into nowhere default values", GOOD]);
        assert!(said[0].is_ok() && said[2].is_ok(), "{said:?}");
        assert!(said[1].as_ref().is_err_and(|err| err.contains("nowhere")), "{said:?}");
        assert_eq!(rows(&writer, "first"), 2);
    }

    #[test]
    fn when_the_commit_fails_every_piece_in_it_is_told_and_nothing_of_them_stays() {
        let (writer, _dir) = writer();
        let said = together(
            &writer,
            &[GOOD, "insert into second values (77)", "insert into nowhere values (1)", GOOD],
        );
        assert!(said.iter().all(std::result::Result::is_err), "{said:?}");
        for place in [0, 1, 3] {
            assert!(said[place].as_ref().is_err_and(|err| err.contains("the commit failed")), "{said:?}");
        }
        assert!(
            said[2].as_ref().is_err_and(|err| err.contains("nowhere")),
            "its own fault comes first: {said:?}"
        );
        assert_eq!((rows(&writer, "first"), rows(&writer, "second")), (0, 0));
        assert_eq!(together(&writer, &[GOOD, GOOD]), [Ok(()), Ok(())], "the next ones are served");
        assert_eq!(rows(&writer, "first"), 2);
    }

    #[test]
    fn on_a_full_disk_what_was_not_committed_is_told_so_and_with_room_the_writer_goes_on() {
        let (writer, _dir) = writer();
        // SQLite ends the whole transaction by itself here.
        let fill = "insert into first (filling) values (zeroblob(4000000))";
        writer.run_blocking(|tx| sql(tx, "pragma max_page_count = 20")).unwrap();
        let said = together(&writer, &[GOOD, GOOD, fill, GOOD]);
        for place in [0, 1] {
            assert!(said[place].as_ref().is_err_and(|err| err.contains("the commit failed")), "{said:?}");
        }
        assert!(said[2].is_err(), "{said:?}");
        // What waited behind it belongs to the next commit, by a fresh connection that has its room.
        assert_eq!(said[3], Ok(()));
        assert_eq!(rows(&writer, "first"), 1, "nothing of what was answered with a failure is there");
        assert_eq!(together(&writer, &[GOOD, fill, GOOD]), [Ok(()), Ok(()), Ok(())]);
        assert_eq!(rows(&writer, "first"), 4);
    }
}
