//! A pipe on stderr that nobody reads: requests go on, and so does the end.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::client::{Client, raw};
use crate::support::process::{Process, command, folder};

/// A server with these flags whose stderr nobody reads.
fn unread(flags: &[&str]) -> Process {
    let mut server = command(env!("CARGO_BIN_EXE_pinstripe"));
    server.args(["--port", "0"]).args(flags).stderr(Stdio::piped());
    Process::of(server)
}

/// Sends a fault, of which a line is logged.
fn fault(server: &Process) {
    let fault = br#"{"match": {"path": "/v1/nothing"}, "effect": {"error": "rate_limit"}}"#;
    raw(&server.url, "POST", "/_pinstripe/faults", &[], Some(("application/json", fault))).ok();
}

#[test]
fn a_server_whose_stderr_nobody_reads_answers_saves_and_ends() {
    let file = folder("stderr").join("state.json");
    let mut server = unread(&["--save", file.to_str().unwrap(), "--save-every", "3600"]);
    let api = Client::new(&server.url, "sk_test_123");
    api.post("/v1/customers", &[("email", "ada@example.com")]).ok();
    for _ in 0..3_000 {
        raw(&server.url, "GET", "/v1/customers/cus_that_is_nowhere_at_all", &[], None);
    }
    fault(&server);
    fault(&server);
    let begun = Instant::now();
    assert_eq!(raw(&server.url, "GET", "/healthz", &[], None).status, 200);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(server.end_with(Signal::TERM, Duration::from_secs(2)).success());
    assert!(std::fs::read_to_string(file).unwrap().contains("ada@example.com"));
}

#[test]
fn warnings_do_not_wait_for_the_reader_either() {
    let mut server = unread(&["--log", "off"]);
    for _ in 0..900 {
        fault(&server);
        raw(&server.url, "DELETE", "/_pinstripe/faults", &[], None).ok();
    }
    assert!(server.end_with(Signal::TERM, Duration::from_secs(2)).success());
}

#[test]
fn what_was_logged_last_is_written_at_the_end() {
    let log = folder("stderr-last").join("log");
    let mut server = command(env!("CARGO_BIN_EXE_pinstripe"));
    server.args(["--port", "0"]).stderr(std::fs::File::create(&log).unwrap());
    let mut server = Process::of(server);
    raw(&server.url, "GET", "/v1/last-of-all", &[], None);
    assert!(server.end_with(Signal::TERM, Duration::from_secs(2)).success());
    assert!(std::fs::read_to_string(log).unwrap().contains("/v1/last-of-all"));
}

#[test]
fn with_json_lines_warnings_are_json_too() {
    let log = folder("stderr-json").join("log");
    let mut server = command(env!("CARGO_BIN_EXE_pinstripe"));
    server.args(["--port", "0", "--log-format", "json"]).stderr(std::fs::File::create(&log).unwrap());
    let mut server = Process::of(server);
    fault(&server);
    raw(&server.url, "GET", "/v1/nothing", &[], None);
    assert!(server.end_with(Signal::TERM, Duration::from_secs(2)).success());
    let lines: Vec<serde_json::Value> =
        std::fs::read_to_string(log).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let warning = lines.iter().find(|line| line["level"] == "WARN").unwrap();
    assert_eq!((&warning["message"], &warning["faults"]), (&"faults on demand".into(), &1.into()));
    assert!(lines.iter().any(|line| line["path"] == "/v1/nothing"), "{lines:?}");
}
