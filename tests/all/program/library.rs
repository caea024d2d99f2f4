//! The library as Rust tests use it: servers inside the process.

use pinstripe::time::clock::Clock;
use pinstripe::{Config, Server};
use serde_json::json;

use crate::support::client::{Answer, Client, raw};
use crate::support::flows::{id, ids, rows};

/// A call from a thread where waiting for the answer holds nobody up; connections end with it.
async fn ask<T: Send + 'static>(server: &Server, work: impl FnOnce(Client) -> T + Send + 'static) -> T {
    let user = Client::new(server.url(), "sk_test_1234").with("Connection", "close");
    tokio::task::spawn_blocking(move || work(user)).await.unwrap()
}

#[tokio::test]
async fn two_servers_in_one_process_share_nothing() {
    let frozen = Config { seed: Some(1), clock: Clock::Frozen(1_800_000_000), ..Config::default() };
    let (one, other) = (Server::start(frozen).await.unwrap(), Server::start(Config::default()).await.unwrap());
    assert_ne!(one.url(), other.url());
    let made = ask(&one, |user| {
        let close = [("Connection".to_owned(), "close".to_owned())];
        let control = |method: &str, call: &str, body: Option<(&str, &[u8])>| -> Answer {
            raw(user.url(), method, &format!("/_pinstripe/{call}"), &close, body)
        };
        let customer = user.with("Idempotency-Key", "same").post("/v1/customers", &[("source", "tok_visa")]).ok();
        user.post("/v1/webhook_endpoints", &[("url", "https://shop.example"), ("enabled_events[]", "*")]).ok();
        control("POST", "snapshots/same", None).ok();
        let fault = json!({"match": {"method": "DELETE"}, "effect": {"error": "rate_limit"}}).to_string();
        control("POST", "faults", Some(("application/json", fault.as_bytes()))).ok();
        customer
    })
    .await;
    assert_eq!(made["created"], 1_800_000_000);
    ask(&other, |user| {
        assert!(rows(&user.get("/v1/customers", &[]).ok()).is_empty());
        assert!(rows(&user.get("/v1/events", &[]).ok()).is_empty());
        assert!(rows(&user.get("/v1/webhook_endpoints", &[]).ok()).is_empty());
        let again = user.with("Idempotency-Key", "same").post("/v1/customers", &[("source", "tok_visa")]);
        assert_eq!(again.header("idempotent-replayed"), None);
        let customer = again.ok();
        assert_ne!(customer["created"], 1_800_000_000, "its clock is its own");
        user.delete(&format!("/v1/customers/{}", id(&customer))).ok();
        let close = [("Connection".to_owned(), "close".to_owned())];
        for (call, empty) in [("snapshots", "snapshots"), ("faults", "faults")] {
            let told = raw(user.url(), "GET", &format!("/_pinstripe/{call}"), &close, None).ok();
            assert_eq!(told[empty], json!([]));
        }
    })
    .await;
    other.stop().await.unwrap();
    let kept = ask(&one, |user| ids(&user.get("/v1/customers", &[]).ok())).await;
    assert_eq!(kept, [id(&made)], "the end of one is not that of the other");
    one.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_starts_with_fixtures_and_tells_their_variables() {
    let server = Server::start(Config { fixtures: vec!["@shop".into()], ..Config::default() }).await.unwrap();
    let shop = ask(&server, |user| user.get("/v1/customers/cus_ShopAda", &[]).ok()).await;
    assert_eq!(shop["id"], "cus_ShopAda");
    assert!(server.variables().is_empty());
}

#[tokio::test]
async fn a_server_that_is_dropped_is_gone() {
    let server = Server::start(Config::default()).await.unwrap();
    let address = server.url().trim_start_matches("http://").to_owned();
    drop(server);
    let mut open = true;
    for _ in 0..200 {
        open = tokio::net::TcpStream::connect(&address).await.is_ok();
        if !open {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(!open, "nobody listens any more");
}

#[tokio::test]
async fn a_server_that_is_dropped_saves_and_gives_its_file_up() {
    let file = crate::support::process::folder("save-dropped").join("state.json");
    let config = Config { save: Some(file), ..Config::default() };
    for n in 0..3 {
        let server = Server::start(config.clone()).await.unwrap();
        let there = ask(&server, |user| {
            let there = rows(&user.get("/v1/customers", &[]).ok()).len();
            user.post("/v1/customers", &[]).ok();
            there
        });
        assert_eq!(there.await, n);
        drop(server);
    }
}
