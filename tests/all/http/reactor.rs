//! Nothing that waits or computes holds up those who have nothing to do with it.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pinstripe::Config;
use pinstripe::app::App;
use pinstripe::config::Patience;
use pinstripe::http;
use pinstripe::http::bind::Addresses;
use pinstripe::http::serve;
use pinstripe::http::wire::Listening;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::support::client::{Answer, raw};

/// A server on two threads whose sandboxes a test can hold.
struct Held {
    app: Arc<App>,
    url: String,
    /// Both end the server when they are dropped.
    _stop: watch::Sender<bool>,
    _runtime: Runtime,
}

fn server() -> Held {
    let runtime = Builder::new_multi_thread().worker_threads(2).max_blocking_threads(300).enable_all().build().unwrap();
    let app = Arc::new(App::new(&Config::default()));
    let addresses = Addresses::bind(None, 0).unwrap();
    let url = addresses.urls("http")[0].clone();
    let sockets = runtime.block_on(async { addresses.listen() }).unwrap();
    let listeners = sockets.into_iter().map(|socket| Listening::at_port(socket, None)).collect();
    let (stop, stopping) = watch::channel(false);
    runtime.spawn(serve::serve(listeners, http::service(Arc::clone(&app)), Patience::default(), stopping));
    Held { app, url, _stop: stop, _runtime: runtime }
}

fn post(url: &str, target: &str, form: &str) -> Answer {
    let headers = [("Authorization".to_owned(), "Bearer sk_test_1".to_owned())];
    raw(url, "POST", target, &headers, Some(("application/x-www-form-urlencoded", form.as_bytes())))
}

#[test]
fn who_waits_for_a_sandbox_holds_up_nobody_else() {
    let server = server();
    let (url, released) = (server.url.as_str(), AtomicBool::new(false));
    thread::scope(|scope| {
        let turn = server.app.default_sandbox().turn();
        let writers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| post(url, "/v1/customers", "email=a@example.com")))
            .chain((0..4).map(|_| scope.spawn(|| post(url, "/_pinstripe/snapshots/now", ""))))
            .chain((0..4).map(|_| scope.spawn(|| raw(url, "GET", "/v1/payment_methods/pm_card_visa", &[key()], None))))
            .collect();
        let prober = scope.spawn(|| {
            thread::sleep(Duration::from_millis(300));
            for _ in 0..5 {
                assert_eq!(raw(url, "GET", "/healthz", &[], None).status, 200);
                assert_eq!(raw(url, "GET", "/v1/customers", &[key()], None).status, 200, "a read waits for no writer");
            }
            released.load(Ordering::Relaxed)
        });
        for _ in 0..100 {
            if prober.is_finished() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        released.store(true, Ordering::Relaxed);
        drop(turn);
        assert!(!prober.join().unwrap(), "the probes waited until the sandbox was free");
        for writer in writers {
            assert_eq!(writer.join().unwrap().status, 200);
        }
    });
}

#[test]
fn more_calls_wait_for_a_sandbox_than_there_are_threads() {
    let server = server();
    let (url, address) = (server.url.as_str(), server.url.trim_start_matches("http://"));
    let turn = server.app.default_sandbox().turn();
    let calls: Vec<TcpStream> = (0..350)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            let call = "POST /_pinstripe/snapshots/now HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(call.as_bytes()).unwrap();
            stream
        })
        .collect();
    thread::sleep(Duration::from_millis(300));
    let (sender, answered) = std::sync::mpsc::channel();
    let probed = url.to_owned();
    thread::spawn(move || sender.send(raw(&probed, "GET", "/healthz", &[], None).status));
    assert_eq!(answered.recv_timeout(Duration::from_secs(5)), Ok(200));
    drop((turn, calls));
}

fn key() -> (String, String) {
    ("Authorization".to_owned(), "Bearer sk_test_1".to_owned())
}

#[test]
fn while_fixtures_load_others_write() {
    let server = server();
    let url = server.url.as_str();
    let step =
        |n| format!(r#"{{"name": "c{n}", "path": "/v1/customers", "method": "post", "params": {{"name": "n{n}"}}}}"#);
    let steps: Vec<String> = (0..1_500).map(step).collect();
    let script = format!(r#"{{"fixtures": [{}]}}"#, steps.join(","));
    thread::scope(|scope| {
        let loading = scope.spawn(|| {
            let loaded =
                raw(url, "POST", "/_pinstripe/fixtures", &[], Some(("application/json", script.as_bytes()))).ok();
            (loaded, Instant::now())
        });
        thread::sleep(Duration::from_millis(100));
        post(url, "/v1/customers", "email=a@example.com").ok();
        let written = Instant::now();
        let (loaded, end) = loading.join().unwrap();
        assert!(written < end, "the write waited for the fixtures");
        assert_eq!(loaded["added"], 1_500);
        let state = server.app.default_sandbox().state();
        assert_eq!(state.len(), 1_501, "neither lost what the other wrote");
        post(url, "/_pinstripe/reset", "").ok();
        assert_eq!(server.app.default_sandbox().state().len(), 1_500);
    });
}

#[test]
fn a_large_answer_says_its_length_and_is_whole() {
    let server = server();
    let url = server.url.as_str();
    let long: String = (0..50).map(|n| format!("&metadata[k{n}]={}", "v".repeat(500))).collect();
    for _ in 0..30 {
        post(url, "/v1/customers", &format!("name=n{long}")).ok();
    }
    let answer = raw(url, "GET", "/v1/customers?limit=30", &[key()], None);
    assert!(answer.text.len() > 600_000);
    assert_eq!(answer.header("content-length"), Some(answer.text.len().to_string().as_str()));
    assert_eq!(answer.ok()["data"].as_array().unwrap().len(), 30);
}
