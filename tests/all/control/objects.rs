//! What a sandbox holds: the kinds with their numbers, the objects of a kind, one object with what surrounds it, and what waits.

use pinstripe::Config;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, sandbox, start};
use crate::support::flows::{charged, customer, id, intent, text};

const NO_OBJECT: &str = "There is no object with that id.";

fn control(user: &Client, path: &str) -> Answer {
    let joint = if path.contains('?') { '&' } else { '?' };
    user.send("GET", &format!("/_pinstripe/{path}{joint}sandbox={}", user.sandbox()), None)
}

fn list<'v>(found: &'v Value, key: &str) -> &'v [Value] {
    found[key].as_array().unwrap_or_else(|| panic!("no `{key}` in {found}"))
}

/// The ids of rows, in order.
fn ids_of(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| text(row, "id")).collect()
}

fn refused(answer: Answer, status: u16, sentence: &str) {
    assert_eq!(answer.refused(status)["message"], sentence);
}

/// An account of a seller.
fn seller(user: &Client) -> String {
    id(&user.send("POST", &format!("/_pinstripe/account?state=onboarded&sandbox={}", user.sandbox()), None).ok())
}

#[test]
fn kinds_are_counted_without_what_was_deleted() {
    let user = sandbox("objects-kinds");
    assert_eq!(list(&control(&user, "objects").ok(), "kinds"), &[] as &[Value]);
    // More than the writes that a table keeps apart.
    let all: Vec<String> = (0..60).map(|_| customer(&user, &[])).collect();
    for gone in [&all[0], &all[59]] {
        user.delete(&format!("/v1/customers/{gone}")).ok();
    }
    user.post(&format!("/v1/customers/{}", all[1]), &[("name", "Ada")]).ok();
    user.post("/v1/products", &[("name", "Mug")]).ok();
    let kinds = control(&user, "objects").ok();
    assert_eq!(text(&kinds, "sandbox"), "objects-kinds");
    let row = |kind: &str| list(&kinds, "kinds").iter().find(|row| row["object"] == kind).cloned();
    let customers = json!({"object": "customer", "count": 58, "list": "/v1/customers", "search": true});
    assert_eq!(row("customer"), Some(customers));
    assert_eq!(row("product").unwrap()["count"], 1);
    assert_eq!(row("charge"), None);
    charged(&user, &[("amount", "100"), ("currency", "usd"), ("source", "tok_visa")]);
    let kinds = control(&user, "objects").ok();
    let moved = list(&kinds, "kinds").iter().find(|row| row["object"] == "balance_transaction").unwrap();
    assert_eq!((text(moved, "list"), &moved["search"]), ("/v1/balance_transactions", &json!(false)));
    assert!(list(&kinds, "kinds").iter().all(|row| row["object"] != "invoice_prefix" && row["object"] != "event"));
}

#[test]
fn objects_are_listed_newest_first_in_pages_that_fit_together() {
    let user = sandbox("objects-pages");
    let mut all: Vec<String> = (0..25).map(|_| customer(&user, &[])).collect();
    all.reverse();
    let mut found = Vec::new();
    let mut page = control(&user, "objects?kind=customer").ok();
    assert_eq!((text(&page, "kind"), list(&page, "objects").len(), &page["has_more"]), ("customer", 10, &json!(true)));
    loop {
        found.extend(list(&page, "objects").iter().map(|row| text(row, "id").to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        // What is new meanwhile moves nothing.
        customer(&user, &[]);
        page = control(&user, &format!("objects?kind=customer&after={next}")).ok();
    }
    assert_eq!((found, &page["has_more"], list(&page, "objects").len()), (all, &json!(false), 5));
    let most = control(&user, "objects?kind=customer&limit=100").ok();
    assert_eq!((list(&most, "objects").len(), &most["next"]), (27, &Value::Null));
    let row = &list(&most, "objects")[0];
    let told = user.get(&format!("/v1/customers/{}", text(row, "id")), &[]).ok();
    assert_eq!(row["object"], told, "as the API shows it");
    assert_eq!(list(&control(&user, "objects?kind=charge").ok(), "objects"), &[] as &[Value]);
}

#[test]
fn objects_of_all_accounts_are_in_one_list() {
    let user = sandbox("objects-accounts");
    let seller = seller(&user);
    let inside = user.with("Stripe-Account", &seller);
    let mixed = [customer(&user, &[]), customer(&inside, &[]), customer(&user, &[]), customer(&inside, &[])];
    let all = control(&user, "objects?kind=customer").ok();
    let newest: Vec<&str> = mixed.iter().rev().map(String::as_str).collect();
    assert_eq!(ids_of(list(&all, "objects")), newest);
    let accounts: Vec<&Value> = list(&all, "objects").iter().map(|row| &row["account"]).collect();
    assert_eq!(accounts, [&json!(seller), &Value::Null, &json!(seller), &Value::Null]);
    let own = control(&user, &format!("objects?kind=customer&account={seller}&limit=1")).ok();
    assert_eq!((ids_of(list(&own, "objects")), &own["has_more"]), (vec![mixed[3].as_str()], &json!(true)));
    let counted = control(&user, &format!("objects?account={seller}")).ok();
    let row = list(&counted, "kinds").iter().find(|row| row["object"] == "customer").unwrap();
    assert_eq!(row["count"], 2);
    let seen = control(&user, &format!("objects/{}", mixed[1])).ok();
    assert_eq!((text(&seen, "account"), text(&seen, "kind")), (seller.as_str(), "customer"));
}

#[test]
fn a_list_of_objects_that_can_be_none_is_refused() {
    let user = sandbox("objects-wrong");
    let no_kind = "There is no kind of object `cat`. GET /_pinstripe/objects lists those of a sandbox.";
    refused(control(&user, "objects?kind=cat"), 400, no_kind);
    refused(control(&user, "objects?kind=customer&account=acct_1"), 404, "The sandbox has no account 'acct_1'.");
    for limit in ["0", "101", "many", "-1"] {
        refused(
            control(&user, &format!("objects?kind=customer&limit={limit}")),
            400,
            "`limit` is a whole number from 1 to 100.",
        );
    }
    for after in ["cus_1", "1.", ".1", "1.0", "1.2.3"] {
        let path = format!("objects?kind=customer&after={after}");
        refused(control(&user, &path), 400, "`after` is the `next` of the answer before.");
    }
}

#[test]
fn an_object_is_shown_with_those_that_name_it_and_those_that_it_names() {
    let user = sandbox("objects-links");
    let buyer = customer(&user, &[("source", "tok_visa"), ("metadata[of]", "cus_nobody")]);
    let paid = [("amount", "100"), ("currency", "usd"), ("customer", buyer.as_str())];
    let charge = id(&user.post("/v1/charges", &paid).ok());
    let refund = id(&user.post("/v1/refunds", &[("charge", &charge)]).ok());
    // A link that no index has.
    let product = id(&user.post("/v1/products", &[("name", "Mug"), ("metadata[buyer]", &buyer)]).ok());
    let seen = control(&user, &format!("objects/{buyer}")).ok();
    assert_eq!((text(&seen, "id"), text(&seen, "kind"), &seen["account"]), (buyer.as_str(), "customer", &Value::Null));
    assert_eq!(text(&seen, "sandbox"), "objects-links");
    assert_eq!(seen["object"], user.get(&format!("/v1/customers/{buyer}"), &[]).ok());
    let back = list(&seen, "linked_from");
    let row = |id: &str| back.iter().find(|row| row["id"] == id).cloned();
    assert_eq!(row(&charge), Some(json!({"object": "charge", "id": charge, "account": null, "path": "customer"})));
    assert_eq!(
        row(&product),
        Some(json!({"object": "product", "id": product, "account": null, "path": "metadata[buyer]"}))
    );
    assert_eq!(row(&refund), Some(json!({"object": "refund", "id": refund, "account": null, "path": "customer"})));
    assert_eq!(row(&buyer), None);
    assert_eq!(seen["linked_from_all"], true);
    let card = text(&seen["object"], "default_source");
    assert_eq!(list(&seen, "links"), [json!(card)]);
    let seen = control(&user, &format!("objects/{charge}")).ok();
    let links: Vec<&str> = list(&seen, "links").iter().map(|link| link.as_str().unwrap()).collect();
    assert!(links.contains(&buyer.as_str()) && links.contains(&card), "{links:?}");
    assert!(ids_of(list(&seen, "linked_from")).contains(&refund.as_str()));
    assert!(text(&seen, "page").ends_with("?sandbox=objects-links"), "{}", seen["page"]);
    assert_eq!(seen["page"], seen["object"]["receipt_url"]);
}

#[test]
fn what_names_an_object_is_told_up_to_a_limit() {
    let user = sandbox("objects-many");
    let buyer = customer(&user, &[]);
    for _ in 0..52 {
        let line = [("customer", buyer.as_str()), ("amount", "5"), ("currency", "usd")];
        user.post("/v1/invoiceitems", &line).ok();
    }
    let seen = control(&user, &format!("objects/{buyer}")).ok();
    assert_eq!((list(&seen, "linked_from").len(), &seen["linked_from_all"]), (50, &json!(false)));
}

#[test]
fn an_object_tells_what_is_due_and_what_can_be_triggered_now() {
    let user = sandbox("objects-due");
    let price = [("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", "500")];
    let product = [("line_items[0][price_data][product_data][name]", "Mug"), ("line_items[0][quantity]", "1")];
    let shop = [("mode", "payment"), ("success_url", "https://shop.example/done")];
    let session = user.post("/v1/checkout/sessions", &[&price[..], &product, &shop].concat()).ok();
    let session_id = id(&session);
    let seen = control(&user, &format!("objects/{session_id}")).ok();
    let due = list(&seen, "due");
    assert_eq!(
        (text(&due[0], "what"), text(&due[0], "id"), &due[0]["at"]),
        ("expire", session_id.as_str(), &session["expires_at"])
    );
    assert_eq!(seen["page"], session["url"]);
    let events = |seen: &Value| -> Vec<String> {
        list(seen, "triggers").iter().map(|row| text(row, "event").to_owned()).collect()
    };
    let possible = events(&seen);
    assert!(possible.iter().any(|event| event == "checkout.session.expired"), "{possible:?}");
    let expired = user.send("POST", &format!("/_pinstripe/due/{session_id}?sandbox=objects-due"), None).ok();
    assert_eq!(expired["done"], 1);
    let seen = control(&user, &format!("objects/{session_id}")).ok();
    assert_eq!((text(&seen["object"], "status"), list(&seen, "due")), ("expired", &[] as &[Value]));
    assert!(!events(&seen).iter().any(|event| event == "checkout.session.expired"));
    // A look tries what it lists, and changes nothing.
    let charge = id(&charged(&user, &[("amount", "100"), ("currency", "usd"), ("source", "tok_visa")]));
    let before = user.get("/v1/events", &[]).ok();
    let possible = events(&control(&user, &format!("objects/{charge}")).ok());
    for event in ["charge.refunded", "charge.dispute.created"] {
        assert!(possible.iter().any(|known| known == event), "{possible:?}");
    }
    assert_eq!(user.get("/v1/events", &[]).ok(), before);
    assert_eq!(user.get(&format!("/v1/charges/{charge}"), &[]).ok()["refunded"], false);
}

#[test]
fn how_an_object_changed_is_told_newest_first() {
    // What is kept of requests is bounded for a whole server, and other tests send many.
    let user = Client::new(&start(Config::default()), "sk_test_sandbox_objects-history");
    let made = user.post("/v1/customers", &[("name", "Ada")]);
    let by = made.header("request-id").unwrap().to_owned();
    let buyer = id(&made.ok());
    let changed = user.post(&format!("/v1/customers/{buyer}"), &[("name", "Grace")]);
    let then_by = changed.header("request-id").unwrap().to_owned();
    changed.ok();
    let seen = control(&user, &format!("objects/{buyer}")).ok();
    let history = list(&seen, "history");
    let told: Vec<(&str, &str, &str)> =
        history.iter().map(|row| (text(row, "what"), text(row, "type"), text(row, "request"))).collect();
    assert_eq!(told, [("changed", "request", then_by.as_str()), ("created", "request", by.as_str())]);
    assert_eq!(history[0]["fields"], json!([{"path": "name", "before": "Ada", "after": "Grace"}]));
    assert!(history[0]["seq"].as_i64() > history[1]["seq"].as_i64() && history[0]["at"].is_i64());
    // What is only tried on a copy has not happened.
    assert!(!list(&seen, "triggers").is_empty());
    assert_eq!(list(&control(&user, &format!("objects/{buyer}")).ok(), "history"), history);
    user.delete(&format!("/v1/customers/{buyer}")).ok();
    let seen = control(&user, &format!("objects/{buyer}")).ok();
    assert_eq!(text(&list(&seen, "history")[0], "what"), "deleted");
}

#[test]
fn a_history_begins_again_where_another_state_was_put_in_place() {
    let url = start(Config::default());
    let (default, user) = (Client::new(&url, "sk_test_1"), Client::new(&url, "sk_test_sandbox_again"));
    let fixtures = r#"[{"object": "customer", "id": "cus_kept", "name": "Ada"}]"#;
    default.send("POST", "/_pinstripe/fixtures", Some(("application/json", fixtures.as_bytes()))).ok();
    let history = || list(&control(&user, "objects/cus_kept").ok(), "history").len();
    user.send("POST", "/_pinstripe/snapshots/first?sandbox=again", None).ok();
    let state = user.send("GET", "/_pinstripe/state?sandbox=again", None).text;
    let state = Some(("application/json", state.as_bytes()));
    for (method, path, body) in [
        ("POST", "reset?sandbox=again", None),
        ("POST", "snapshots/first/restore?sandbox=again", None),
        ("PUT", "state?sandbox=again", state),
        ("DELETE", "sandboxes/again", None),
        ("POST", "fork?into=again", None),
    ] {
        user.post("/v1/customers/cus_kept", &[("name", "Grace")]).ok();
        assert_eq!(history(), 1, "before {path}");
        user.send(method, &format!("/_pinstripe/{path}"), body).ok();
        assert_eq!(user.get("/v1/customers/cus_kept", &[]).ok()["name"], "Ada");
        assert_eq!(history(), 0, "after {path}");
    }
}

#[test]
fn an_object_is_found_in_any_sandbox_and_a_deleted_one_is_a_stub() {
    let user = sandbox("objects-anywhere");
    let gone = customer(&user, &[]);
    let stub = user.delete(&format!("/v1/customers/{gone}")).ok();
    let everywhere = user.send("GET", &format!("/_pinstripe/objects/{gone}"), None).ok();
    assert_eq!((text(&everywhere, "sandbox"), &everywhere["object"]), ("objects-anywhere", &stub));
    assert_eq!((list(&everywhere, "triggers"), list(&everywhere, "due")), (&[] as &[Value], &[] as &[Value]));
    refused(user.send("GET", &format!("/_pinstripe/objects/{gone}?sandbox=objects-nothing"), None), 404, NO_OBJECT);
    refused(control(&user, "objects/cus_nothing"), 404, NO_OBJECT);
    refused(user.send("GET", "/_pinstripe/objects/cus_nothing", None), 404, NO_OBJECT);
    refused(control(&user, &format!("objects/{gone}?kind=charge")), 404, NO_OBJECT);
    refused(control(&user, &format!("objects/{gone}?kind=cat")), 404, NO_OBJECT);
    refused(control(&user, &format!("objects/{gone}?account=acct_1")), 404, "The sandbox has no account 'acct_1'.");
    // A look makes no sandbox.
    let sandboxes = user.send("GET", "/_pinstripe/sandboxes", None).ok();
    assert!(list(&sandboxes, "sandboxes").iter().all(|one| one["sandbox"] != "objects-nothing"));
}

#[test]
fn ids_that_were_chosen_are_links_where_they_name_an_object() {
    let user = sandbox("objects-chosen");
    user.post("/v1/products", &[("id", "gold"), ("name", "gold"), ("description", "gold")]).ok();
    user.post("/v1/coupons", &[("id", "gold"), ("percent_off", "10"), ("duration", "once")]).ok();
    let price = [("currency", "usd"), ("unit_amount", "5"), ("product", "gold"), ("nickname", "gold")];
    let price = id(&user.post("/v1/prices", &price).ok());
    assert_eq!(list(&control(&user, &format!("objects/{price}")).ok(), "links"), [json!("gold")]);
    for kind in ["product", "coupon"] {
        let seen = control(&user, &format!("objects/gold?kind={kind}")).ok();
        assert_eq!((text(&seen, "kind"), list(&seen, "links")), (kind, &[] as &[Value]));
    }
}

#[test]
fn hostile_texts_stay_texts_in_json() {
    let user = sandbox("objects-hostile");
    let name = "</script><script>alert(1)</script>\"'\\\u{2028}\u{0}";
    let name = name.replace('\u{0}', "");
    let hostile = customer(&user, &[("name", &name), ("metadata[<img src=x>]", &name)]);
    for path in ["objects?kind=customer".to_owned(), format!("objects/{hostile}")] {
        let answer = control(&user, &path);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let body = answer.ok();
        let object = body.get("object").or_else(|| body["objects"][0].get("object")).unwrap();
        assert_eq!((text(object, "name"), text(&object["metadata"], "<img src=x>")), (name.as_str(), name.as_str()));
    }
}

/// What waits, by what it waits for.
fn waiting(user: &Client) -> Vec<(String, Value)> {
    let found = control(user, "waiting").ok();
    assert_eq!((text(&found, "sandbox"), &found["has_more"]), (user.sandbox(), &json!(false)));
    list(&found, "waiting").iter().map(|row| (text(row, "what").to_owned(), row.clone())).collect()
}

/// Does what a row says, and returns the answer.
fn act(user: &Client, row: &Value, what: &str) -> Answer {
    let act = list(row, "do").iter().find(|act| act["what"] == what).unwrap_or_else(|| panic!("no {what} in {row}"));
    let mut sent = vec![("sandbox", user.sandbox())];
    sent.extend(
        act["parameters"].as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())),
    );
    let query = serde_urlencoded::to_string(sent).unwrap();
    user.send(text(act, "method"), &format!("{}?{query}", text(act, "path")), None)
}

#[test]
fn what_waits_for_a_person_is_listed_and_can_be_done() {
    let user = sandbox("waiting-all");
    assert_eq!(waiting(&user), []);
    let base = [("amount", "500"), ("currency", "usd"), ("confirm", "true"), ("return_url", "https://shop.example")];
    let secure = [("payment_method", "pm_card_authenticationRequired"), ("payment_method_types[]", "card")];
    let secure = id(&intent(&user, &[&base[..], &secure].concat()).ok());
    let session = id(&user.post("/v1/identity/verification_sessions", &[("type", "document")]).ok());
    let buyer = customer(&user, &[("email", "ada@example.com")]);
    let later = [("customer", buyer.as_str()), ("collection_method", "send_invoice"), ("days_until_due", "30")];
    let invoice = id(&user.post("/v1/invoices", &later).ok());
    let line = [("customer", buyer.as_str()), ("invoice", &invoice), ("amount", "2000"), ("currency", "usd")];
    user.post("/v1/invoiceitems", &line).ok();
    let invoice = user.post(&format!("/v1/invoices/{invoice}/finalize"), &[]).ok();
    let restricted = user.send("POST", "/_pinstripe/account?state=restricted&sandbox=waiting-all", None).ok();
    let price = [("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", "500")];
    let product = [("line_items[0][price_data][product_data][name]", "Mug"), ("line_items[0][quantity]", "1")];
    let shop = [("mode", "payment"), ("success_url", "https://shop.example/done")];
    let checkout = user.post("/v1/checkout/sessions", &[&price[..], &product, &shop].concat()).ok();
    let rows = waiting(&user);
    let order: Vec<(&str, &str)> = rows.iter().map(|(what, row)| (what.as_str(), text(row, "id"))).collect();
    let expected = [
        ("open Checkout", text(&checkout, "id")),
        ("onboarding", text(&restricted, "id")),
        ("open invoice", text(&invoice, "id")),
        ("verification", &session),
        ("3D Secure", &secure),
    ];
    assert_eq!(order, expected);
    let row = |what: &str| &rows.iter().find(|(known, _)| known == what).unwrap().1;
    assert_eq!(
        (&row("open Checkout")["url"], &row("open Checkout")["expires_at"]),
        (&checkout["url"], &checkout["expires_at"])
    );
    assert_eq!(row("open invoice")["url"], invoice["hosted_invoice_url"]);
    assert_eq!(row("open invoice")["expires_at"], invoice["due_date"]);
    assert!(text(row("3D Secure"), "url").contains(&format!("/authorize/{secure}?nonce=")), "{}", row("3D Secure"));
    for row in rows.iter().map(|(_, row)| row).filter(|row| row["url"].is_string()) {
        let link = text(row, "url").strip_prefix(user.url()).unwrap().split('#').next().unwrap();
        assert!(link.contains("sandbox=waiting-all"), "{link}");
        assert_eq!(user.with("Accept", "text/html").send("GET", link, None).status, 200, "{link}");
    }
    assert_eq!(act(&user, row("3D Secure"), "Complete").ok()["succeeded"], true);
    assert_eq!(act(&user, row("open invoice"), "Pay").status, 200);
    assert_eq!(act(&user, row("verification"), "Verify").ok()["status"], "verified");
    act(&user, row("onboarding"), "Fill in").ok();
    act(&user, row("open Checkout"), "Pay with a card that is declined").refused(402);
    assert_eq!(act(&user, row("open Checkout"), "Pay").ok()["status"], "complete");
    assert_eq!(waiting(&user), []);
}

#[test]
fn vouchers_and_redirects_wait_by_their_names() {
    let user = sandbox("waiting-rails");
    let base = [("confirm", "true"), ("return_url", "https://shop.example/back")];
    let person = [
        ("payment_method_data[billing_details][email]", "ada@example.com"),
        ("payment_method_data[billing_details][name]", "Ada"),
    ];
    let oxxo = [
        ("amount", "5000"),
        ("currency", "mxn"),
        ("payment_method_types[]", "oxxo"),
        ("payment_method_data[type]", "oxxo"),
    ];
    let voucher = id(&intent(&user, &[&base[..], &person, &oxxo].concat()).ok());
    let ideal = [
        ("amount", "500"),
        ("currency", "eur"),
        ("payment_method_types[]", "ideal"),
        ("payment_method_data[type]", "ideal"),
    ];
    let redirect = id(&intent(&user, &[&base[..], &ideal].concat()).ok());
    let rows = waiting(&user);
    let told: Vec<(&str, &str)> = rows.iter().map(|(what, row)| (what.as_str(), text(row, "id"))).collect();
    assert_eq!(told, [("redirect (ideal)", redirect.as_str()), ("voucher (oxxo)", voucher.as_str())]);
    assert!(rows[1].1["expires_at"].is_i64());
    act(&user, &rows[0].1, "Fail").ok();
    act(&user, &rows[1].1, "Authorize").ok();
    assert_eq!(waiting(&user), []);
    let failed = user.get(&format!("/v1/payment_intents/{redirect}"), &[]).ok();
    assert_eq!(text(&failed, "status"), "requires_payment_method");
}

#[test]
fn what_waits_is_told_up_to_a_limit() {
    let user = sandbox("waiting-limit");
    for _ in 0..3 {
        user.post("/v1/identity/verification_sessions", &[("type", "document")]).ok();
    }
    let found = control(&user, "waiting?limit=2").ok();
    assert_eq!((list(&found, "waiting").len(), &found["has_more"]), (2, &json!(true)));
    for limit in ["0", "101", "x"] {
        refused(control(&user, &format!("waiting?limit={limit}")), 400, "`limit` is a whole number from 1 to 100.");
    }
}
