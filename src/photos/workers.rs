//! Few, patient threads for work that burns processor time: they step back for threads that answer
//! requests, a bounded queue waits before them, and a panic in one piece of work ends only it.
//!
//! Never runs on the threads of the web server or of its blocking pool, where a hundred photos at
//! once would take a hundred times the memory of one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// How far the threads step back: the nice value, where 0 is usual and 19 the most patient.
const NICE: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// A fixed number of low-priority threads behind a bounded queue; they end when it is dropped.
#[derive(Debug, Clone)]
pub(super) struct Workers {
    queue: Sender<Job>,
}

impl Workers {
    /// Starts `threads` threads before a queue in which at most `waiting` pieces of work wait.
    pub(super) fn start(threads: usize, waiting: usize) -> Result<Workers> {
        let (queue, jobs) = bounded::<Job>(waiting);
        for number in 0..threads {
            let jobs = jobs.clone();
            let name = format!("photos-{number}");
            std::thread::Builder::new().name(name).spawn(move || work(&jobs))?;
        }
        Ok(Workers { queue })
    }

    /// Runs one piece of work when its turn comes. Unavailable when too many wait already; Internal
    /// when it panicked. Work whose caller has gone away while it waited is not begun.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move || {
            if reply.is_closed() {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
                Err(Error::internal(anyhow::anyhow!("a decoder panicked: {}", message(&*panic))))
            });
            // An error here only means that the caller has gone away.
            let _ = reply.send(result);
        });
        self.queue.try_send(job).map_err(|err| match err {
            TrySendError::Full(_) => Error::Unavailable("现在传照片的人较多，请过一分钟再传".into()),
            TrySendError::Disconnected(_) => Error::internal(anyhow::anyhow!("no photo thread is left")),
        })?;
        answer.await.map_err(|_| Error::internal(anyhow::anyhow!("a photo thread ended early")))?
    }
}

fn work(jobs: &Receiver<Job>) {
    step_back();
    for job in jobs {
        job();
    }
}

/// On Linux "process 0" is the calling thread alone; elsewhere it is the whole program, which must
/// not step back, so there the threads keep the usual priority.
#[cfg(target_os = "linux")]
fn step_back() {
    if let Err(err) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%err, "photo threads keep the usual priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back() {}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn no_more_run_at_once_than_there_are_threads() {
        let workers = Workers::start(2, 64).unwrap();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let jobs = (0..20).map(|number| {
            let (now, most) = (now.clone(), most.clone());
            workers.run(move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(10));
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(number)
            })
        });
        let done = futures_util::future::join_all(jobs).await;
        assert_eq!(done.into_iter().map(Result::unwrap).collect::<Vec<_>>(), (0..20).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_full_queue_says_come_back_later() {
        let workers = Workers::start(1, 1).unwrap();
        let (started, begun) = oneshot::channel();
        let (let_go, gate) = std::sync::mpsc::channel::<()>();
        let running = tokio::spawn({
            let workers = workers.clone();
            async move {
                workers
                    .run(move || {
                        let _ = started.send(());
                        gate.recv().map_err(Error::internal)
                    })
                    .await
            }
        });
        begun.await.unwrap();
        let mut waiting = Box::pin(workers.run(|| Ok(())));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        let refused = workers.run(|| Ok(())).await.unwrap_err();
        assert!(matches!(refused, Error::Unavailable(ref text) if text.contains("请过一分钟")));
        let_go.send(()).unwrap();
        running.await.unwrap().unwrap();
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_and_the_thread_lives_on() {
        let workers = Workers::start(1, 4).unwrap();
        let err = workers.run(|| -> Result<()> { panic!("bad table") }).await.unwrap_err();
        assert!(matches!(&err, Error::Internal(cause) if cause.to_string().contains("bad table")));
        assert_eq!(workers.run(|| Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn work_that_nobody_awaits_any_more_is_not_begun() {
        let workers = Workers::start(1, 4).unwrap();
        let (let_go, gate) = std::sync::mpsc::channel::<()>();
        let mut first = Box::pin(workers.run(move || gate.recv().map_err(Error::internal)));
        assert!(futures_util::poll!(&mut first).is_pending());
        let begun = Arc::new(AtomicUsize::new(0));
        let mut second = Box::pin(workers.run({
            let begun = begun.clone();
            move || {
                begun.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        }));
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(second);
        let_go.send(()).unwrap();
        first.await.unwrap();
        workers.run(|| Ok(())).await.unwrap();
        assert_eq!(begun.load(Ordering::SeqCst), 0);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_photo_threads_step_back() {
        let workers = Workers::start(1, 4).unwrap();
        let nice = || rustix::process::getpriority_process(None).map_err(Error::internal);
        let before = nice().unwrap();
        assert_eq!(workers.run(nice).await.unwrap(), NICE.max(before));
        assert_eq!(nice().unwrap(), before);
    }
}
