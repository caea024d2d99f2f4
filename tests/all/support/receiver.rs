//! A receiver of webhooks: a small HTTP server on a free port that keeps what it gets and answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pinstripe::contract::Version;
use pinstripe::webhooks::signature;
use serde_json::Value;

use crate::support::shape;

/// One delivery as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Hit {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn id(&self) -> String {
        // It stands first; a test with thousands of events has no time to read them whole.
        self.body.strip_prefix("{\n  \"id\": \"").unwrap().split('"').next().unwrap().to_owned()
    }

    pub(crate) fn kind(&self) -> String {
        crate::support::flows::text(&self.event(), "type").to_owned()
    }

    /// Whether the signature is right for this secret, and fresh.
    #[track_caller]
    pub(crate) fn assert_signed(&self, secret: &str) {
        let header = self.header("stripe-signature");
        let at: i64 = header.strip_prefix("t=").unwrap().split(',').next().unwrap().parse().unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        assert!(now.abs_diff(u64::try_from(at).unwrap()) < 60, "signed at {at}, now is {now}");
        assert_eq!(header, signature::header(secret, at, self.body.as_bytes()));
    }
}

/// What the receiver does with a delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) enum React {
    /// Answers with this status.
    Status(u16),
    /// Reads it and never answers.
    Hang,
    /// Closes the connection without an answer.
    Reset,
}

/// How the n-th delivery (from 0) is met.
type Behave = dyn Fn(usize, &Hit) -> React + Send + Sync;

pub(crate) struct Receiver {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    hits: Mutex<Vec<Hit>>,
    came: Condvar,
    behave: Box<Behave>,
    stopped: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

/// How many bodies of a receiver are looked at: a test with thousands of events has no time to read all of them.
const CHECKED_BODIES: usize = 200;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

impl Receiver {
    /// One that takes everything.
    pub(crate) fn start() -> Self {
        Receiver::with(|_, _| React::Status(200))
    }

    pub(crate) fn with(behave: impl Fn(usize, &Hit) -> React + Send + Sync + 'static) -> Self {
        Receiver::listen(TcpListener::bind("127.0.0.1:0").unwrap(), behave)
    }

    /// One at the port of another that was stopped.
    pub(crate) fn at(port: u16) -> Self {
        Receiver::listen(TcpListener::bind(("127.0.0.1", port)).unwrap(), |_, _| React::Status(200))
    }

    fn listen(listener: TcpListener, behave: impl Fn(usize, &Hit) -> React + Send + Sync + 'static) -> Self {
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            hits: Mutex::default(),
            came: Condvar::new(),
            behave: Box::new(behave),
            stopped: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if all.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (stream, one) = (stream.unwrap(), Arc::clone(&all));
                all.open.lock().unwrap().push(stream.try_clone().unwrap());
                thread::spawn(move || one.serve(stream));
            }
        });
        Receiver { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub(crate) fn hits(&self) -> Vec<Hit> {
        self.shared.hits.lock().unwrap().clone()
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.hits().iter().map(Hit::kind).collect()
    }

    /// Waits until this many deliveries have come.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Hit> {
        let end = Instant::now() + PATIENCE;
        let mut hits = self.shared.hits.lock().unwrap();
        while hits.len() < count {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} of {count} deliveries came", hits.len());
            hits = self.shared.came.wait_timeout(hits, left).unwrap().0;
        }
        hits.clone()
    }

    /// As when its process is killed: the port is closed and every connection broken.
    pub(crate) fn kill(&self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener, which then closes.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        for stream in self.shared.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Every event that came is what the catalogue says of it.
impl Drop for Receiver {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        for hit in self.hits().iter().take(CHECKED_BODIES) {
            let event = hit.event();
            let newest = event["api_version"] == Version::newest().as_str();
            let faults = shape::check_object(&event, newest);
            assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), hit.body);
        }
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let mut answers = stream.try_clone().unwrap();
        let mut reader = BufReader::new(stream);
        while let Some(hit) = read(&mut reader) {
            let mut hits = self.hits.lock().unwrap();
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
            let reaction = (self.behave)(hits.len(), &hit);
            hits.push(hit);
            self.came.notify_all();
            drop(hits);
            match reaction {
                React::Status(status) => {
                    let head = format!("HTTP/1.1 {status} Status\r\nX-Receiver: test\r\nContent-Length: 4\r\n\r\nseen");
                    if answers.write_all(head.as_bytes()).is_err() {
                        return;
                    }
                }
                React::Hang => {}
                React::Reset => {
                    let _ = answers.shutdown(Shutdown::Both);
                    return;
                }
            }
        }
    }
}

/// Reads one request; `None` at the end of the connection.
pub(crate) fn read(reader: &mut impl BufRead) -> Option<Hit> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
    let mut words = line.split(' ');
    assert_eq!(words.next(), Some("POST"), "{line}");
    let target = words.next().unwrap().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut hit = Hit { target, headers, body: String::new() };
    let length: usize = hit.header("content-length").parse().unwrap();
    let mut body = vec![0; length];
    Read::read_exact(reader, &mut body).ok()?;
    hit.body = String::from_utf8(body).unwrap();
    Some(hit)
}
