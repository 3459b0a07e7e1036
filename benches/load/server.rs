//! The product as it is shipped: the release program on a free port, with its default settings, and the databases
//! that it is given: a file in a temporary folder, or a fresh PostgreSQL database that is dropped at the end.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::http::{Line, get};

/// Ends a program when the measurement is over, however it ends.
pub(crate) struct Program(pub Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running `louma serve`.
pub(crate) struct Server {
    program: Program,
    pub(crate) address: SocketAddr,
    /// From starting the program to its first answer.
    pub(crate) started_in: Duration,
}

impl Server {
    /// Starts the program on a seeded database and waits for the answer to `path`; `more` is what is set beside.
    pub(crate) fn start(dir: &Path, database: &str, path: &str, more: &[(&str, &str)]) -> Server {
        let address = free_address();
        let log = std::fs::File::create(dir.join("louma.log")).expect("a place for the log");
        let begun = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_louma"));
        command.arg("serve").current_dir(dir).stdout(Stdio::null()).stderr(log);
        command.env("LOUMA_DATA_DIR", dir).env("LOUMA_DATABASE_URL", database);
        command.env("LOUMA_LISTEN", address.to_string()).env("LOUMA_BASE_URL", format!("http://{address}"));
        command.envs(more.iter().copied());
        let program = Program(command.spawn().expect("the program"));
        wait_for(address, path);
        Server { program, address, started_in: begun.elapsed() }
    }

    /// Resident memory in MB, now and at its highest.
    pub(crate) fn memory(&self) -> (f64, f64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.program.0.id()));
        let status = status.unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            let kilobytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok());
            kilobytes.unwrap_or(f64::NAN) / 1024.0
        };
        (field("VmRSS"), field("VmHWM"))
    }
}

/// Waits until a program answers 200 to `path`, 20 s at most.
pub(crate) fn wait_for(address: SocketAddr, path: &str) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        let answer = Line::open(address).and_then(|mut line| line.exchange(&get(path, "")));
        if matches!(answer, Ok(200)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("{address} did not answer to {path}");
}

/// A port that was free a moment ago.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

/// A database of this run.
pub(crate) struct Database {
    pub(crate) url: String,
    /// The URL of the server and the name of the database on it; nothing for SQLite.
    on_server: Option<(String, String)>,
}

impl Database {
    pub(crate) fn sqlite(dir: &Path) -> Database {
        Database { url: format!("sqlite:{}", dir.join("louma.db").display()), on_server: None }
    }

    /// A fresh database on the server at `server` (`postgres://user@host:port`).
    pub(crate) fn postgres(server: &str, word: &str) -> Database {
        let name = format!("louma_bench_{word}_{}", std::process::id());
        command(server, &format!("create database {name}"));
        Database { url: format!("{server}/{name}"), on_server: Some((server.to_owned(), name)) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.on_server {
            command(server, &format!("drop database if exists {name} with (force)"));
        }
    }
}

fn command(server: &str, sql: &str) {
    let mut conn = PgConnection::establish(&format!("{server}/postgres")).expect("the PostgreSQL server");
    conn.batch_execute(sql).expect("a database command");
}
