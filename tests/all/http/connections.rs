//! Connections: how long the server waits for its clients, and how many of them (`docs/limits.md`).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use pinstripe::Config;
use pinstripe::config::Patience;
use serde_json::Value;

use crate::http::visitors::wire;
use crate::support::client::{Client, raw, sandbox, start};
use crate::support::flows::{rows, text};

/// How long the server of these tests waits.
const PATIENCE: Duration = Duration::from_millis(400);

fn impatient(half_open: usize) -> String {
    let patience = Patience { header: PATIENCE, body: PATIENCE, answer: PATIENCE, half_open };
    start(Config { patience, ..Config::default() })
}

fn connect(url: &str) -> TcpStream {
    let stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Whether the server closes a connection, and after how long; what it sends before is read.
fn end(stream: &mut TcpStream) -> (String, Duration) {
    let begun = Instant::now();
    let mut sent = Vec::new();
    // One that is closed with bytes unread is reset.
    let _ = stream.read_to_end(&mut sent).inspect_err(|error| {
        assert!(!matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut), "{error}");
    });
    (String::from_utf8(sent).unwrap(), begun.elapsed())
}

/// The sentence of an error.
fn message(answer: &str) -> String {
    let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    text(&body["error"], "message").to_owned()
}

/// Sends a request on an open connection, and reads the head of its answer.
fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut bytes = [0; 1024];
    let read = stream.read(&mut bytes).unwrap();
    String::from_utf8(bytes[..read].to_vec()).unwrap()
}

#[test]
fn half_a_header_is_waited_for_only_so_long() {
    let url = impatient(512);
    for sent in
        [&b""[..], b"G", b"GET / HTTP/1.1\r\nHost: local", b"POST /v1/customers HTTP/1.1\r\nHost: localhost\r\n"]
    {
        let mut stream = connect(&url);
        stream.write_all(sent).unwrap();
        let (answer, after) = end(&mut stream);
        assert_eq!(answer, "");
        assert!(after > PATIENCE / 2 && after < PATIENCE * 10, "{after:?}");
    }
    // A client that sends a byte now and then has no more time.
    let mut slow = connect(&url);
    let begun = Instant::now();
    while slow.write_all(b"G").is_ok() && begun.elapsed() < PATIENCE * 10 {
        thread::sleep(PATIENCE / 8);
    }
    assert!(begun.elapsed() < PATIENCE * 10);
}

#[test]
fn a_connection_may_wait_for_its_next_request() {
    let url = impatient(512);
    let mut stream = connect(&url);
    for _ in 0..3 {
        assert!(ask(&mut stream).starts_with("HTTP/1.1 200 "));
        thread::sleep(PATIENCE * 3);
    }
    // But not in the middle of it.
    stream.write_all(b"GET /heal").unwrap();
    let (answer, after) = end(&mut stream);
    assert_eq!(answer, "");
    assert!(after < PATIENCE * 10, "{after:?}");
}

#[test]
fn half_a_body_is_waited_for_only_so_long() {
    let url = impatient(512);
    let head = "HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk_test_1\r\nContent-Type: \
                application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nname=";
    for path in ["/v1/customers", "/_pinstripe/fixtures"] {
        let mut stream = connect(&url);
        stream.write_all(format!("POST {path} {head}").as_bytes()).unwrap();
        let (answer, after) = end(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert_eq!(message(&answer), "The request body could not be read.");
        assert!(after > PATIENCE / 2 && after < PATIENCE * 10, "{after:?}");
    }
    // One that goes on has all the time that it needs.
    let mut slow = connect(&url);
    slow.write_all(format!("POST /v1/customers {}", head.replace("100", "20")).as_bytes()).unwrap();
    for _ in 0..15 {
        thread::sleep(PATIENCE / 8);
        slow.write_all(b"a").unwrap();
    }
    let mut bytes = [0; 15];
    slow.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"HTTP/1.1 200 OK");
}

/// Asks for `times` answers on one connection, of which none is read yet; returns the bytes of all.
fn ask_for_much(url: &str, times: usize) -> (TcpStream, usize) {
    let api = Client::new(url, "sk_test_1");
    let long: Vec<(String, String)> = (0..50).map(|n| (format!("metadata[k{n}]"), "v".repeat(500))).collect();
    let long: Vec<(&str, &str)> = long.iter().map(|(name, value)| (&**name, &**value)).collect();
    for _ in 0..30 {
        api.post("/v1/customers", &long).ok();
    }
    let key = "Authorization: Bearer sk_test_1";
    let request = format!("GET /v1/customers?limit=30 HTTP/1.1\r\nHost: localhost\r\n{key}\r\n");
    let mut stream = connect(url);
    stream.write_all(format!("{request}Connection: close\r\n\r\n").as_bytes()).unwrap();
    let one = end(&mut stream).0.len();
    assert!(one > 700_000);
    let mut stream = connect(url);
    stream.write_all(format!("{request}\r\n").repeat(times).as_bytes()).unwrap();
    (stream, one * times)
}

#[test]
fn a_client_that_takes_no_answer_is_waited_for_only_so_long() {
    let url = impatient(512);
    // More than two sockets hold.
    let (mut stream, most) = ask_for_much(&url, 40);
    thread::sleep(PATIENCE * 5);
    let (taken, _) = end(&mut stream);
    assert!(taken.len() < most / 2, "{} of {most}", taken.len());
}

#[test]
fn a_slow_reader_has_all_the_time_that_it_needs() {
    let url = impatient(512);
    let (mut stream, most) = ask_for_much(&url, 20);
    let (mut bytes, mut taken) = (vec![0; most / 20], 0);
    // The connection is kept, so each answer is a little shorter.
    while taken < most - 20 * 100 {
        thread::sleep(PATIENCE / 4);
        let now = stream.read(&mut bytes).unwrap();
        assert!(now > 0, "{taken} of {most}");
        taken += now;
    }
    assert!(ask(&mut stream).contains("HTTP/1.1 200 "));
}

#[test]
fn of_too_many_half_open_connections_the_oldest_is_closed() {
    let patience = Patience { half_open: 4, ..Patience::default() };
    let url = start(Config { patience, ..Config::default() });
    let mut streams: Vec<TcpStream> = (0..4).map(|_| connect(&url)).collect();
    let mut idle = connect(&url);
    assert!(ask(&mut idle).starts_with("HTTP/1.1 200 "));
    for stream in &mut streams {
        stream.write_all(b"GET ").unwrap();
    }
    // It is one of those that wait for a header until its own has come.
    let mut next = connect(&url);
    assert!(ask(&mut next).starts_with("HTTP/1.1 200 "));
    assert_eq!(end(&mut streams[0]).0, "");
    for stream in &mut streams[2..] {
        stream.write_all(b"/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        assert!(end(stream).0.starts_with("HTTP/1.1 200 "));
    }
    assert!(ask(&mut idle).starts_with("HTTP/1.1 200 "));
}

/// The program with few file descriptors: the shell lowers the limit of its own process.
#[cfg(target_os = "linux")]
#[test]
fn without_a_file_descriptor_left_the_longest_idle_make_room_and_it_is_logged() {
    use std::io::{BufRead as _, BufReader};

    let program = format!("ulimit -n 48; exec {} --port 0", env!("CARGO_BIN_EXE_pinstripe"));
    let mut shell = Command::new("sh");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PINSTRIPE_")) {
        shell.env_remove(name);
    }
    let mut child = shell.args(["-c", &program]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    let url = first.split_whitespace().find(|word| word.starts_with("http://127")).unwrap().to_owned();
    let mut idle: Vec<TcpStream> = Vec::new();
    for _ in 0..100 {
        let mut stream = connect(&url);
        assert!(ask(&mut stream).starts_with("HTTP/1.1 "), "a new client hangs behind {} idle ones", idle.len());
        idle.push(stream);
    }
    // The first were closed, the last are open.
    assert_eq!(end(&mut idle[0]).0, "");
    assert!(ask(idle.last_mut().unwrap()).starts_with("HTTP/1.1 200 "));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("cannot accept a connection")).collect();
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(warnings[0].contains("WARN") && warnings[0].contains("Too many open files"), "{log}");
}

#[test]
fn a_request_in_http_1_1_names_one_host() {
    let user = sandbox("connections-host");
    let ask =
        |path: &str, head: &str| wire(user.url(), &format!("GET {path} {head}Authorization: Bearer sk_test_1"), "");
    for path in ["/v1/customers", "/_pinstripe/clock", "/healthz"] {
        for head in ["HTTP/1.1\r\n", "HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n"] {
            let answer = ask(path, head);
            assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
            assert_eq!(message(&answer), "The request must have one `Host` header.");
        }
    }
    assert!(ask("/v1/customers", "HTTP/1.0\r\n").starts_with("HTTP/1.0 200 "));
}

#[test]
fn a_body_is_taken_only_as_it_is() {
    let user = sandbox("connections-encoding");
    let gzip = [("Content-Encoding", "gzip")];
    let body = Some(("application/x-www-form-urlencoded", &b"\x1f\x8b\x08name=Eve"[..]));
    let answer = user.with(gzip[0].0, gzip[0].1).send("POST", "/v1/customers", body);
    let message = "The request body has the encoding `gzip`. Send it as it is, without Content-Encoding.";
    assert_eq!(answer.refused(415)["message"], message);
    assert!(rows(&user.get("/v1/customers", &[]).ok()).is_empty());
    user.with("Content-Encoding", "identity").post("/v1/customers", &[("name", "Ada")]).ok();
    let headers = [("Content-Encoding".to_owned(), "gzip".to_owned())];
    let control = raw(user.url(), "PUT", "/_pinstripe/state?sandbox=connections-encoding", &headers, body);
    assert_eq!(control.refused(415)["message"], message);
}
