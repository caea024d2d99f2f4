//! Credit grants, their ledger and what is left (billing-2 11.2). What a grant pays for is tested beside the rules.

use super::*;

const GRANTS: &str = "/v1/billing/credit_grants";

/// A grant of ten dollars for everything metered.
fn grant(api: &Client, customer: &str, more: &[(&str, &str)]) -> Answer {
    let params = [
        ("customer", customer),
        ("amount[type]", "monetary"),
        ("amount[monetary][currency]", "usd"),
        ("amount[monetary][value]", "1000"),
        ("applicability_config[scope][price_type]", "metered"),
    ];
    api.post(GRANTS, &with(&params, more))
}

/// The same without one parameter.
fn grant_without(api: &Client, customer: &str, without: &str, more: &[(&str, &str)]) -> Answer {
    let params = [
        ("customer", customer),
        ("amount[type]", "monetary"),
        ("amount[monetary][currency]", "usd"),
        ("amount[monetary][value]", "1000"),
        ("applicability_config[scope][price_type]", "metered"),
    ];
    let kept: Vec<(&str, &str)> = params.into_iter().filter(|(name, _)| !name.starts_with(without)).collect();
    api.post(GRANTS, &with(&kept, more))
}

/// What a customer has by a filter: currency, available, ledger.
fn summary(api: &Client, customer: &str, filter: &[(&str, &str)]) -> Vec<(String, i64, i64)> {
    let found = api.get("/v1/billing/credit_balance_summary", &with(&[("customer", customer)], filter)).ok();
    assert_eq!((text(&found, "customer"), text(&found, "object")), (customer, "billing.credit_balance_summary"));
    let row = |row: &Value| {
        let (available, ledger) = (&row["available_balance"]["monetary"], &row["ledger_balance"]["monetary"]);
        (text(available, "currency").to_owned(), int(available, "value"), int(ledger, "value"))
    };
    found["balances"].as_array().unwrap().iter().map(row).collect()
}

const ALL: [(&str, &str); 2] =
    [("filter[type]", "applicability_scope"), ("filter[applicability_scope][price_type]", "metered")];

/// The ledger of a customer, oldest first: the purpose and the amount.
fn ledger(api: &Client, customer: &str) -> Vec<(String, i64)> {
    let listed = api.get("/v1/billing/credit_balance_transactions", &[("customer", customer)]).ok();
    let row = |row: &Value| {
        let half = &row[text(row, "type")];
        (text(half, "type").to_owned(), int(&half["amount"]["monetary"], "value"))
    };
    rows(&listed).iter().rev().map(row).collect()
}

fn booked(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    rows.iter().map(|(purpose, amount)| ((*purpose).to_owned(), *amount)).collect()
}

#[test]
fn a_fresh_grant_shows_its_defaults_and_is_booked() {
    let api = still("grant-fresh");
    let who = customer(&api, &[]);
    let made =
        grant(&api, &who, &[("name", "Welcome"), ("metadata[a]", "1"), ("amount[monetary][currency]", "USD")]).ok();
    assert!(id(&made).starts_with("credgr_test_61"), "{made}");
    let wanted = json!({"monetary": {"currency": "usd", "value": 1000}, "type": "monetary"});
    assert_eq!((&made["amount"], text(&made, "category"), int(&made, "priority")), (&wanted, "paid", 50));
    assert_eq!(
        (int(&made, "effective_at"), &made["expires_at"], &made["voided_at"]),
        (NOW, &Value::Null, &Value::Null)
    );
    assert_eq!(made["applicability_config"], json!({"scope": {"price_type": "metered"}}));
    let listed = api.get("/v1/billing/credit_balance_transactions", &[("customer", &who)]).ok();
    let [row] = rows(&listed) else { panic!("{listed}") };
    let credit = json!({"amount": wanted, "credits_application_invoice_voided": null, "type": "credits_granted"});
    assert_eq!((&row["credit"], &row["debit"], text(row, "credit_grant")), (&credit, &Value::Null, &*id(&made)));
    let own = format!("/v1/billing/credit_balance_transactions/{}", id(row));
    assert_eq!(api.get(&own, &[]).ok(), *row);
    let wanted = ["billing.credit_balance_transaction.created", "billing.credit_grant.created"];
    let mut names = told(&api, "billing.credit_*");
    names.sort();
    assert_eq!(names, wanted);
}

#[test]
fn a_grant_is_checked_and_a_refused_one_leaves_nothing() {
    let api = still("grant-checks");
    let who = customer(&api, &[]);
    let missing_param = |answer, param: &str| invalid(answer, 400, Some("parameter_missing"), Some(param));
    missing_param(grant_without(&api, &who, "customer", &[]), "customer");
    missing_param(grant_without(&api, &who, "amount[monetary]", &[]), "amount[monetary]");
    let unscoped = [("applicability_config[scope][prices]", "")];
    grant_without(&api, &who, "applicability", &unscoped).refused(400);
    missing(grant(&api, "cus_none", &[]), 400, "customer", "cus_none", "customer");
    let wrong = |name: &str, value: &str, param: &str| {
        let error = grant(&api, &who, &[(name, value)]).refused(400);
        assert_eq!(text(&error, "param"), param, "{error}");
    };
    wrong("amount[monetary][value]", "0", "amount[monetary][value]");
    wrong("amount[monetary][value]", "1000000000000", "amount[monetary][value]");
    wrong("amount[monetary][currency]", "xxx", "amount[monetary][currency]");
    wrong("priority", "-1", "priority");
    wrong("priority", "101", "priority");
    wrong("effective_at", "1799999999", "effective_at");
    wrong("expires_at", "1800000000", "expires_at");
    wrong("applicability_config[scope][prices][0][id]", "price_none", "applicability_config[scope][price_type]");
    let order = [("effective_at", "1800000100"), ("expires_at", "1800000100")];
    says(grant(&api, &who, &order), 400, "The `expires_at` must be later than the `effective_at`.");
    assert!(rows(&api.get(GRANTS, &[("customer", &who)]).ok()).is_empty());
    assert_eq!(ledger(&api, &who), []);
}

#[test]
fn a_grant_for_prices_needs_prices_with_meters() {
    let api = still("grant-prices");
    let who = customer(&api, &[]);
    let meter = meter(&api, "sum");
    let base =
        [("currency", "usd"), ("unit_amount", "5"), ("product_data[name]", "Calls"), ("recurring[interval]", "month")];
    let usage = [("recurring[usage_type]", "metered"), ("recurring[meter]", meter.as_str())];
    let price = |more: &[(&str, &str)]| id(&api.post("/v1/prices", &with(&base, more)).ok());
    let (metered, flat) = (price(&usage), price(&[]));
    let param = "applicability_config[scope][prices][0][id]";
    let for_price = |price: &str| grant_without(&api, &who, "applicability", &[(param, price)]);
    let error = invalid(for_price(&flat), 400, None, Some(param));
    assert_eq!(
        text(&error, "message"),
        format!("The price {flat} has no meter; credits pay for metered prices alone.")
    );
    missing(for_price("price_none"), 400, "price", "price_none", param);
    let made = for_price(&metered).ok();
    assert_eq!(made["applicability_config"], json!({"scope": {"prices": [{"id": metered}]}}));
    assert_eq!(summary(&api, &who, &ALL), []);
    let by = |price: &str| {
        let filter = [("filter[type]", "applicability_scope"), ("filter[applicability_scope][prices][0][id]", price)];
        summary(&api, &who, &filter)
    };
    assert_eq!((by(&metered), by(&flat)), (vec![("usd".to_owned(), 1000, 1000)], vec![]));
    grant(&api, &who, &[]).ok();
    assert_eq!((by(&metered), by(&flat)), (vec![("usd".to_owned(), 2000, 2000)], vec![("usd".to_owned(), 1000, 1000)]));
    let one = [("filter[type]", "credit_grant"), ("filter[credit_grant]", &*id(&made))];
    assert_eq!(summary(&api, &who, &one), [("usd".to_owned(), 1000, 1000)]);
}

#[test]
fn the_filter_of_a_summary_is_checked() {
    let api = still("grant-filter");
    let (ada, bob) = (customer(&api, &[]), customer(&api, &[]));
    let of_bob = id(&grant(&api, &bob, &[]).ok());
    let asked = |customer: &str, more: &[(&str, &str)]| {
        api.get("/v1/billing/credit_balance_summary", &with(&[("customer", customer)], more))
    };
    let scope = [("filter[type]", "applicability_scope")];
    let grant = [("filter[type]", "credit_grant")];
    let needs = |answer, param: &str| invalid(answer, 400, Some("parameter_missing"), Some(param));
    needs(asked(&ada, &scope), "filter[applicability_scope]");
    needs(asked(&ada, &grant), "filter[credit_grant]");
    needs(api.get("/v1/billing/credit_balance_summary", &ALL), "customer");
    needs(api.get("/v1/billing/credit_balance_transactions", &[]), "customer");
    let hers = [("filter[credit_grant]", of_bob.as_str())];
    missing(asked(&ada, &with(&grant, &hers)), 400, "credit grant", &of_bob, "filter[credit_grant]");
    missing(asked("cus_none", &ALL), 400, "customer", "cus_none", "customer");
    let both = with(&ALL, &[("filter[applicability_scope][prices][0][id]", "price_none")]);
    let error = asked(&ada, &both).refused(400);
    assert_eq!(text(&error, "param"), "filter[applicability_scope][price_type]");
}

#[test]
fn a_grant_takes_effect_and_expires_by_the_clock() {
    let api = still("grant-times");
    let who = customer(&api, &[]);
    let (from, to) = ((NOW + 100).to_string(), (NOW + 200).to_string());
    let made = id(&grant(&api, &who, &[("effective_at", &from), ("expires_at", &to)]).ok());
    assert_eq!((summary(&api, &who, &ALL), ledger(&api, &who)), (vec![("usd".to_owned(), 0, 0)], vec![]));
    api.advance(100);
    assert_eq!(summary(&api, &who, &ALL), [("usd".to_owned(), 1000, 1000)]);
    api.advance(100);
    assert_eq!(summary(&api, &who, &ALL), [("usd".to_owned(), 0, 0)]);
    assert_eq!(ledger(&api, &who), booked(&[("credits_granted", 1000), ("credits_expired", 1000)]));
    let over = format!("The credit grant {made} is expired already.");
    says(api.post(&format!("{GRANTS}/{made}/void"), &[]), 400, &over);
    says(api.post(&format!("{GRANTS}/{made}/expire"), &[]), 400, &over);
    says(api.post(&format!("{GRANTS}/{made}"), &[("expires_at", "")]), 400, &over);
    assert_eq!(api.post(&format!("{GRANTS}/{made}"), &[("metadata[a]", "1")]).ok()["metadata"]["a"], "1");
}

#[test]
fn a_grant_of_a_customer_on_a_test_clock_lives_by_the_clock() {
    let api = still("grant-clock");
    let clock = id(&api.post("/v1/test_helpers/test_clocks", &[("frozen_time", &NOW.to_string())]).ok());
    let who = customer(&api, &[("test_clock", &clock)]);
    let to = (NOW + 3600).to_string();
    let made = grant(&api, &who, &[("expires_at", &to)]).ok();
    assert_eq!(text(&made, "test_clock"), clock);
    api.advance(7200);
    assert_eq!(summary(&api, &who, &ALL), [("usd".to_owned(), 1000, 1000)]);
    let own = format!("/v1/test_helpers/test_clocks/{clock}");
    api.post(&format!("{own}/advance"), &[("frozen_time", &(NOW + 3600).to_string())]).ok();
    while api.get(&own, &[]).ok()["status"] != "ready" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(summary(&api, &who, &ALL), [("usd".to_owned(), 0, 0)]);
}

#[test]
fn a_grant_is_expired_or_voided_once() {
    let api = still("grant-ends");
    let who = customer(&api, &[]);
    let (one, two) = (id(&grant(&api, &who, &[]).ok()), id(&grant(&api, &who, &[]).ok()));
    let ended = api.post(&format!("{GRANTS}/{one}/expire"), &[]).ok();
    assert_eq!((int(&ended, "expires_at"), &ended["voided_at"]), (NOW, &Value::Null));
    let voided = api.post(&format!("{GRANTS}/{two}/void"), &[]).ok();
    assert_eq!((&voided["expires_at"], int(&voided, "voided_at")), (&Value::Null, NOW));
    let over = format!("The credit grant {two} is voided already.");
    says(api.post(&format!("{GRANTS}/{two}/expire"), &[]), 400, &over);
    let wanted =
        [("credits_granted", 1000), ("credits_granted", 1000), ("credits_expired", 1000), ("credits_voided", 1000)];
    assert_eq!(ledger(&api, &who), booked(&wanted));
    assert_eq!(told(&api, "billing.credit_grant.updated").len(), 2);
    missing(api.post(&format!("{GRANTS}/credgr_none/void"), &[]), 404, "credit grant", "credgr_none", "id");
}

#[test]
fn the_end_of_a_grant_can_be_moved_and_taken_away() {
    let api = still("grant-moved");
    let who = customer(&api, &[]);
    let own = format!("{GRANTS}/{}", id(&grant(&api, &who, &[]).ok()));
    let to = |at: i64| api.post(&own, &[("expires_at", &at.to_string())]);
    invalid(to(NOW), 400, None, Some("expires_at"));
    assert_eq!(int(&to(NOW + 10).ok(), "expires_at"), NOW + 10);
    assert_eq!(int(&to(NOW + 20).ok(), "expires_at"), NOW + 20);
    assert_eq!(api.post(&own, &[("expires_at", "")]).ok()["expires_at"], Value::Null);
    api.advance(3600);
    assert_eq!(summary(&api, &who, &ALL), [("usd".to_owned(), 1000, 1000)]);
    assert_eq!(told(&api, "billing.credit_grant.updated").len(), 3);
}

/// A transaction of a dump.
fn transaction(id: &str, direction: &str, purpose: &str, value: i64) -> Value {
    let half = json!({
        "amount": {"monetary": {"currency": "usd", "value": value}, "type": "monetary"},
        "type": purpose,
    });
    let mut row = json!({
        "id": id, "object": "billing.credit_balance_transaction", "created": NOW, "credit": null,
        "credit_grant": "credgr_test_1", "debit": null, "effective_at": NOW, "livemode": false, "test_clock": null,
        "type": direction,
    });
    row[direction] = half;
    row
}

#[test]
fn a_grant_of_a_dump_has_left_what_its_transactions_leave_and_is_not_voided_once_used() {
    let api = still("grant-dump");
    let who = "cus_dump";
    let ada = json!({"id": who, "object": "customer", "created": NOW});
    let grant = json!({
        "id": "credgr_test_1", "object": "billing.credit_grant", "category": "paid", "created": NOW, "customer": who,
        "amount": {"monetary": {"currency": "usd", "value": 1000}, "type": "monetary"}, "effective_at": NOW,
        "applicability_config": {"scope": {"price_type": "metered"}}, "updated": NOW,
    });
    let granted = transaction("cbtxn_test_1", "credit", "credits_granted", 1000);
    let applied = transaction("cbtxn_test_2", "debit", "credits_applied", 300);
    let dump = json!({"objects": [ada, granted, applied, grant]}).to_string();
    let path = format!("/_pinstripe/fixtures?sandbox={}", api.sandbox());
    api.send("POST", &path, Some(("application/json", dump.as_bytes()))).ok();
    assert_eq!(summary(&api, who, &ALL), [("usd".to_owned(), 700, 700)]);
    assert_eq!(ledger(&api, who), booked(&[("credits_granted", 1000), ("credits_applied", 300)]));
    let sentence = "The credit grant credgr_test_1 was applied to an invoice, so that it cannot be voided.";
    says(api.post(&format!("{GRANTS}/credgr_test_1/void"), &[]), 400, sentence);
    api.post(&format!("{GRANTS}/credgr_test_1/expire"), &[]).ok();
    assert_eq!(summary(&api, who, &ALL), [("usd".to_owned(), 0, 0)]);
}

#[test]
fn a_customer_has_at_most_a_hundred_unused_grants() {
    let api = still("grant-many");
    let who = customer(&api, &[]);
    let made: Vec<String> = (0..100).map(|_| id(&grant(&api, &who, &[]).ok())).collect();
    says(grant(&api, &who, &[]), 400, "A customer can have at most 100 unused credit grants.");
    api.post(&format!("{GRANTS}/{}/void", made[0]), &[]).ok();
    grant(&api, &who, &[]).ok();
    let page = api.get(GRANTS, &[("customer", &who), ("limit", "1")]).ok();
    assert_eq!((rows(&page).len(), &page["has_more"]), (1, &json!(true)));
}
