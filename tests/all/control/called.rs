//! What was called since the start, and the test cards for the page.

use pinstripe::Config;
use serde_json::{Value, json};

use crate::support::client::{Client, raw, sandbox, start};
use crate::support::flows::text;

fn rows<'v>(found: &'v Value, key: &str) -> &'v [Value] {
    found[key].as_array().unwrap()
}

fn called(user: &Client) -> Value {
    user.send("GET", "/_pinstripe/coverage?called=true", None).ok()
}

#[test]
fn operations_are_counted_with_their_coverage_and_their_failures() {
    let user = Client::new(&start(Config::default()), "sk_test_123");
    assert_eq!(called(&user), json!({"operations": [], "unknown": []}));
    user.post("/v1/customers", &[]).ok();
    user.post("/v1/customers", &[("nonsense", "1")]).refused(400);
    user.get("/v1/customers/cus_nothing", &[]).refused(404);
    // Refused before anything is looked at.
    user.with("Authorization", "Bearer nothing").post("/v1/customers", &[]).refused(401);
    // What the web page reads for itself is nobody's code.
    user.with("Pinstripe-Ui", "read").get("/v1/customers", &[]).ok();
    for _ in 0..2 {
        user.get("/v1/custmers", &[]).refused(404);
    }
    user.send("PUT", "/v1/customers", None);
    user.send("GET", "/customers?limit=1", None);
    let found = called(&user);
    let row = |name: &str| rows(&found, "operations").iter().find(|row| row["operation"] == name).cloned();
    let create = json!({
        "operation": "customers.create", "method": "POST", "path": "/v1/customers", "coverage": "rules", "calls": 3, "failed": 2,
    });
    assert_eq!(row("customers.create"), Some(create));
    let retrieve = row("customers.retrieve").unwrap();
    assert_eq!((&retrieve["calls"], &retrieve["failed"]), (&json!(1), &json!(1)));
    assert_eq!(rows(&found, "operations").len(), 2, "{found}");
    let unknown: Vec<(&str, &str, i64)> = rows(&found, "unknown")
        .iter()
        .map(|row| (text(row, "method"), text(row, "path"), row["calls"].as_i64().unwrap()))
        .collect();
    assert_eq!(unknown, [("GET", "/customers", 1), ("GET", "/v1/custmers", 2), ("PUT", "/v1/customers", 1)]);
    let all = user.send("GET", "/_pinstripe/coverage", None).ok();
    assert!(rows(&all, "operations").len() > 500 && all.get("unknown").is_none());
}

#[test]
fn paths_that_are_none_are_counted_up_to_a_limit() {
    let url = start(Config::default());
    let long = "x".repeat(500);
    for n in 0..205 {
        raw(&url, "GET", &format!("/v1/{n}/{long}"), &[], None);
    }
    let found = called(&Client::new(&url, "sk_test_123"));
    assert_eq!(rows(&found, "unknown").len(), 200);
    assert!(rows(&found, "unknown").iter().all(|row| text(row, "path").len() == 200));
    raw(&url, "GET", &format!("/v1/0/{long}"), &[], None);
    let found = called(&Client::new(&url, "sk_test_123"));
    assert!(rows(&found, "unknown").iter().any(|row| row["calls"] == 2));
}

#[test]
fn whether_something_was_called_is_true_or_not_asked() {
    let user = sandbox("called-wrong");
    for value in ["false", "", "yes"] {
        let error = user.send("GET", &format!("/_pinstripe/coverage?called={value}"), None).refused(400);
        assert_eq!(error["message"], "`called` must be `true`.");
    }
}

#[test]
fn the_test_cards_are_listed_with_what_differs() {
    let user = sandbox("called-cards");
    let found = user.send("GET", "/_pinstripe/cards", None).ok();
    let cards: Vec<&Value> = rows(&found, "groups").iter().flat_map(|group| rows(group, "cards")).collect();
    let card = |number: &str| *cards.iter().find(|card| card["number"] == number).unwrap();
    let visa = card("4242424242424242");
    assert_eq!((text(visa, "brand"), text(visa, "funding"), text(visa, "country")), ("visa", "credit", "US"));
    assert_eq!(
        (rows(visa, "outcomes"), &visa["payment_methods"][0], &visa["tokens"][0]),
        (&[][..], &json!("pm_card_visa"), &json!("tok_visa"))
    );
    let declined = rows(card("4000000000000002"), "outcomes");
    assert!(declined.contains(&json!({"when": "charge", "what": "generic_decline"})), "{declined:?}");
    assert!(!found.to_string().contains('`'));
    let banks = rows(&found, "banks");
    assert!(
        banks.iter().any(|bank| bank["payment_methods"][0] == "pm_usBankAccount_success" && bank["what"] == "succeeds")
    );
    // Each name works.
    for method in ["pm_card_visa", "pm_usBankAccount_success"] {
        let buyer = text(&user.post("/v1/customers", &[]).ok(), "id").to_owned();
        user.post(&format!("/v1/payment_methods/{method}/attach"), &[("customer", &buyer)]).ok();
    }
}
