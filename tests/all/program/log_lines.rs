//! The lines of the request log: one for each request, whatever it holds.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// What the program logs about a request with this target.
fn logged(format: &str, target: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pinstripe"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PINSTRIPE_")) {
        command.env_remove(name);
    }
    let command = command.args(["--port", "0", "--log", "requests", "--log-format", format]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    let url = first.split_whitespace().find(|word| word.starts_with("http://127")).unwrap().to_owned();
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let head = "HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk_test_1\r\nConnection: close\r\n\r\n";
    stream.write_all(format!("GET {target} {head}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 404 "), "{}", String::from_utf8_lossy(&answer));
    // Lines are collected for a moment before they are written.
    thread::sleep(Duration::from_millis(500));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    log
}

#[test]
fn a_line_acts_on_no_terminal_and_shows_no_card_number() {
    let target = "/v1/sources/a\u{9b}2J\u{202e}b\u{2028}4242424242424242";
    for format in ["text", "json"] {
        let log = logged(format, target);
        assert!(log.contains("/v1/sources/a\\u009b2J\\u202eb\\u2028************4242"), "{log}");
        assert!(log.is_ascii() && log.lines().count() == 1, "{log}");
    }
}
