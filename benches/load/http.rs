//! Clients that cost little: blocking sockets, one thread each, requests as ready bytes.
//!
//! A closed loop sends when the last answer has come; a fixed rate sends at its planned moments and counts
//! the wait from them, so that a server that stalls cannot hide it.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How hard, and for how long.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) clients: usize,
    pub(crate) time: Duration,
    /// Requests a second of all clients together; nothing for a closed loop.
    pub(crate) rate: Option<f64>,
}

/// What came of a load. Rounds of one kind can be added up.
#[derive(Default)]
pub(crate) struct Outcome {
    waits: Vec<Duration>,
    pub(crate) errors: usize,
    time: Duration,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: Outcome) {
        self.waits.extend(other.waits);
        self.waits.sort_unstable();
        self.errors += other.errors;
        self.time += other.time;
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.waits.len() as f64 / self.time.as_secs_f64()
    }

    /// The wait in milliseconds below which this share of the answers came.
    pub(crate) fn wait(&self, share: f64) -> f64 {
        let place = (self.waits.len() as f64 * share) as usize;
        self.waits.get(place).or(self.waits.last()).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1e3)
    }
}

/// Sends what `request` makes for each client and turn; 200 and 303 are answers, all else is an error.
pub(crate) fn drive(
    address: SocketAddr,
    load: Load,
    request: &(dyn Fn(usize, usize) -> Vec<u8> + Sync),
) -> Outcome {
    let begun = Instant::now();
    let mut all = Outcome::default();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..load.clients)
            .map(|client| scope.spawn(move || one_client(address, load, begun, client, request)))
            .collect();
        for client in clients {
            all.add(client.join().expect("a client panicked"));
        }
    });
    all.time = begun.elapsed();
    all
}

fn one_client(
    address: SocketAddr,
    load: Load,
    begun: Instant,
    client: usize,
    request: &(dyn Fn(usize, usize) -> Vec<u8> + Sync),
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut line = Line::open(address).ok();
    for turn in 0.. {
        let bytes = request(client, turn);
        let planned = load
            .rate
            .map(|rate| begun + Duration::from_secs_f64((turn * load.clients + client) as f64 / rate));
        let from = planned.unwrap_or_else(Instant::now);
        if from >= begun + load.time {
            break;
        }
        std::thread::sleep(from.saturating_duration_since(Instant::now()));
        let answer = line.as_mut().ok_or(Error::from(ErrorKind::NotConnected));
        match answer.and_then(|line| line.exchange(&bytes)) {
            Ok(200 | 303) => outcome.waits.push(from.elapsed()),
            Ok(_) => outcome.errors += 1,
            Err(_) => {
                outcome.errors += 1;
                std::thread::sleep(Duration::from_millis(10));
                line = Line::open(address).ok();
            }
        }
    }
    outcome
}

/// A connection that is kept.
pub(crate) struct Line {
    stream: TcpStream,
    answer: Vec<u8>,
    body: usize,
}

impl Line {
    pub(crate) fn open(address: SocketAddr) -> Result<Line> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Line { stream, answer: Vec::new(), body: 0 })
    }

    /// Sends a request and reads its whole answer; returns the status.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request)?;
        self.answer.clear();
        let mut chunk = [0; 32 << 10];
        let mut end = usize::MAX;
        while self.answer.len() < end {
            match self.stream.read(&mut chunk)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                more => self.answer.extend_from_slice(&chunk[..more]),
            }
            if end == usize::MAX
                && let Some(head) = self.answer.windows(4).position(|four| four == b"\r\n\r\n")
            {
                self.body = head + 4;
                end = self.body + length(&self.answer[..head])?;
            }
        }
        let status = self.answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        status.and_then(|digits| digits.parse().ok()).ok_or(ErrorKind::InvalidData.into())
    }

    /// Sends a request and is gone before the answer.
    pub(crate) fn send_and_hang_up(mut self, request: &[u8]) -> Result<()> {
        self.stream.write_all(request)?;
        self.stream.shutdown(std::net::Shutdown::Both)
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &[u8] {
        &self.answer[self.body..]
    }
}

fn length(head: &[u8]) -> Result<usize> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    value.and_then(|digits| digits.trim().parse().ok()).ok_or(ErrorKind::InvalidData.into())
}

/// The same request as a proxy passes it on for somebody.
pub(crate) fn from(address: IpAddr, request: Vec<u8>) -> Vec<u8> {
    let end = request.windows(2).position(|two| two == b"\r\n").map_or(0, |at| at + 2);
    let mut passed_on = request[..end].to_vec();
    passed_on.extend_from_slice(format!("x-forwarded-for: {address}\r\n").as_bytes());
    passed_on.extend_from_slice(&request[end..]);
    passed_on
}

/// A GET that takes compressed answers, with a cookie where one is given.
pub(crate) fn get(path: &str, cookie: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip\r\ncookie: {cookie}\r\n\r\n")
        .into()
}

/// A POST of a form with files, as a browser sends it.
pub(crate) fn post(path: &str, cookie: &str, fields: &[(&str, &str)], photo: Option<&[u8]>) -> Vec<u8> {
    const EDGE: &str = "----edge7MA4YWxkTrZu0gW";
    let mut body = Vec::with_capacity(1024 + photo.map_or(0, <[u8]>::len));
    for (name, value) in fields {
        let part = format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    if let Some(photo) = photo {
        let head =
            "content-disposition: form-data; name=\"photo\"; filename=\"1.jpg\"\r\ncontent-type: image/jpeg";
        body.extend_from_slice(format!("--{EDGE}\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(photo);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{EDGE}--\r\n").as_bytes());
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\n\
         content-type: multipart/form-data; boundary={EDGE}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.append(&mut body);
    request
}
