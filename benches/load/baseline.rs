//! What the product is compared with, on the same machine in the same minutes: pgbench writing the same rows, nginx
//! sending the same bytes, one transaction for each report on SQLite, and the disk itself.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use louma::db::Id;

use crate::http::Line;
use crate::seed::Door;
use crate::server::{Program, free_address, wait_for};

/// Microseconds that the disk takes to keep 4 kB: the median of 200 writes with `fdatasync`.
pub(crate) fn disk(dir: &Path) -> f64 {
    let file = std::fs::File::create(dir.join("probe")).expect("a place to write");
    let mut waits: Vec<Duration> = (0..200)
        .map(|turn| {
            let begun = Instant::now();
            file.write_all_at(&[turn as u8; 4096], turn % 64 * 4096).expect("a write");
            file.sync_data().expect("a flush");
            begun.elapsed()
        })
        .collect();
    waits.sort_unstable();
    waits[100].as_secs_f64() * 1e6
}

/// How pgbench writes a report.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    /// One prepared statement, which is its own transaction.
    OneStatement,
    /// A prepared statement and a round trip for each of key, number, ticket and event, after one for `begin`; timer and
    /// outbox go with the event, and `commit` travels with it.
    FourStatements,
}

/// The columns of a ticket that a report fills, and their values; `D` is where the door's columns come from.
const TICKET: &str = "insert into tickets (community_id, id, number, key_version, secret_hash, query_hash, channel, \
    code, place_id, building_id, spot_note, kind, level1, text, hazard, publish, share_phone, phone_sealed, phone_hash, \
    phone_masked, device_hash, notice_version, submitted_at, status, version, urgency, first_contact_due, due_at, \
    open_due_at, rules_version, lead_id, routed, result_text, answer_comment, events, rounds, returns) \
    select d.c, d.id, 'P' || to_char(d.t, 'YYYYMMDD') || lpad(LAST::text, 6, '0') || d.n, 1, \
    sha256(d.id::text::bytea), sha256(d.id::text::bytea), 'scan', 'ABCD2345', d.p, d.b, '', 'complaint', '01', \
    '三号楼二单元门口的灯不亮了，晚上老人下楼看不清台阶', false, false, true, decode(repeat('5a', 51), 'hex'), \
    sha256('13800001234'), '138****1234', sha256('device'), 'notice-1', d.t, 'new', 1, 'normal', \
    d.t + interval '1 day', d.t + interval '5 days', d.t + interval '5 days', 'rules-1', d.l, '按一级分类', '', '', 1, 0, 0 from ";
const KEY: &str = "insert into report_keys select d.c, sha256(d.id::text::bytea), sha256('content'), d.id, d.t from d \
    on conflict do nothing";
const NUMBER: &str = "insert into ticket_numbers select d.c, (d.t at time zone 'Asia/Shanghai')::date, 1 from d \
    on conflict (community_id, day) do update set last = ticket_numbers.last + 1 returning last";
const EVENT: &str = "insert into ticket_events select d.c, d.id, 1, d.t, 'resident', null, '居民', 'submit', null, \
    'new', 'resident', '', '{\"channel\":\"scan\",\"due_at\":\"2026-01-01T00:00:00Z\",\"why\":\"按一级分类\"}' from d";

/// What goes with the event: when to look again, and that somebody is to be told.
const TIMER: &str = "insert into timers select d.c, d.id, d.t + interval '1 day' from d";
const OUTBOX: &str = "insert into outbox select d.c, d.id, 1, d.t from d";

impl Script {
    fn text(self, doors: &[Door]) -> String {
        let list = |pick: &dyn Fn(&Door) -> Id| {
            let ids: Vec<String> = doors.iter().map(|door| format!("\"{}\"", pick(door))).collect();
            format!("('{{{}}}'::uuid[])[:n]", ids.join(","))
        };
        // One id for all statements of a transaction: its time in milliseconds, then random bits.
        let d = format!(
            "d as (select {c} c, {p} p, {b} b, {l} l, now() t, :n n, (lpad(to_hex((extract(epoch from now()) * \
             1000)::bigint), 12, '0') || '7' || lpad(to_hex(:r::bigint), 19, '0'))::uuid id)",
            c = list(&|door| door.community.id),
            p = list(&|door| door.place.id),
            b = list(&|door| door.place.building_id.expect("a building")),
            l = list(&|door| door.lead),
        );
        let head = format!("\\set n random(1, {})\n\\set r random(0, 1152921504606846975)\n", doors.len());
        match self {
            Script::OneStatement => format!(
                "{head}with {d}, k as ({KEY} returning ticket_id), m as ({NUMBER}), t as ({} d, m, k returning id), \
                 e as ({EVENT}), w as ({TIMER}) {OUTBOX};\n",
                TICKET.replace("LAST", "m.last")
            ),
            Script::FourStatements => format!(
                "{head}begin;\nwith {d} {KEY};\nwith {d} {NUMBER} \\gset\nwith {d} {} d;\n\\startpipeline\n\
                 with {d}, e as ({EVENT}), w as ({TIMER}) {OUTBOX};\ncommit;\n\\endpipeline\n",
                TICKET.replace("LAST", ":last")
            ),
        }
    }
}

/// Reports a second that pgbench writes to these doors with 16 clients; nothing where it is not installed.
pub(crate) fn pgbench(url: &str, doors: &[Door], script: Script, time: Duration) -> Option<f64> {
    let mut file = tempfile::NamedTempFile::new().expect("a place to write");
    file.write_all(script.text(doors).as_bytes()).expect("a script");
    let mut command = Command::new("pgbench");
    command.args(["-n", "-M", "prepared", "-c", "16", "-j", "2", "-T"]).arg(time.as_secs().to_string());
    let output = command.arg("-f").arg(file.path()).arg(url).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let tps = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let clean = output.status.success() && text.contains("number of failed transactions: 0 ");
    assert!(clean, "pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
    tps?.split(' ').next()?.parse().ok()
}

/// An nginx of our own, which keeps its ready-compressed file beside the plain one.
pub(crate) struct Nginx {
    program: Program,
    pub(crate) address: SocketAddr,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Asked politely, it takes its workers along.
        let id = rustix::process::Pid::from_child(&self.program.0);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
        let _ = self.program.0.wait();
    }
}

impl Nginx {
    /// Serves the compressed bytes that the product answers to `request`; nothing where it is not installed.
    pub(crate) fn start(dir: &Path, product: SocketAddr, request: &[u8]) -> Option<Nginx> {
        let mut line = Line::open(product).expect("the product");
        assert_eq!(line.exchange(request).expect("the form"), 200);
        std::fs::write(dir.join("form.html.gz"), line.body()).expect("a place to write");
        std::fs::write(dir.join("form.html"), "unpacked form").expect("a place to write");
        let (address, root) = (free_address(), dir.display());
        let config = format!(
            "daemon off; master_process on; user root; worker_processes auto; pid {root}/nginx.pid; \
             error_log {root}/nginx-error.log; events {{ worker_connections 1024; }} \
             http {{ access_log {root}/nginx-access.log; default_type text/html; sendfile on; \
             keepalive_requests 100000000; gzip_static on; gzip_vary on; \
             server {{ listen {address}; root {root}; }} }}"
        );
        std::fs::write(dir.join("nginx.conf"), config).expect("a place to write");
        let mut command = Command::new("nginx");
        command.arg("-c").arg(dir.join("nginx.conf")).stdout(Stdio::null()).stderr(Stdio::null());
        let program = Program(command.spawn().ok()?);
        wait_for(address, "/form.html");
        Some(Nginx { program, address })
    }
}
