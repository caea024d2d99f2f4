//! Operations that count, look up or add (billing 4, 5, the documentation of Issuing and Terminal).

use serde_json::Value;

use super::id;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{int, invalid, rows, text};

fn types(api: &Client, kind: &str) -> Vec<String> {
    let events = api.get("/v1/events", &[("type", kind)]).ok();
    rows(&events).iter().rev().map(|event| text(event, "type").to_owned()).collect()
}

#[test]
fn a_secret_is_found_by_its_name_and_scope() {
    let api = sandbox("sp-secret");
    let scope = ("scope[type]", "account");
    let made = api.post("/v1/apps/secrets", &[("name", "key"), ("payload", "one"), scope]).ok();
    let other = [("name", "key"), ("payload", "hers"), ("scope[type]", "user"), ("scope[user]", "usr_1")];
    let other = api.post("/v1/apps/secrets", &other).ok();
    let again = api.post("/v1/apps/secrets", &[("name", "key"), ("payload", "two"), scope]).ok();
    assert_eq!((id(&again), text(&again, "payload")), (id(&made), "two"));
    assert_ne!(id(&other), id(&made));
    let found = api.get("/v1/apps/secrets/find", &[("name", "key"), scope, ("expand[]", "payload")]).ok();
    assert_eq!(found, again);
    assert_eq!(api.post("/v1/apps/secrets/delete", &[("name", "key"), scope]).ok()["deleted"], true);
    let gone = api.get("/v1/apps/secrets/find", &[("name", "key"), scope]);
    invalid(gone, 404, Some("resource_missing"), Some("name"));
}

fn reader(api: &Client) -> Value {
    api.post("/v1/terminal/readers", &[("registration_code", "simulated-wpe"), ("label", "Till")]).ok()
}

#[test]
fn a_reader_is_busy_with_what_it_was_told_last() {
    let api = sandbox("sp-reader");
    let own = format!("/v1/terminal/readers/{}", id(&reader(&api)));
    let intent = [("amount", "1000"), ("currency", "usd"), ("payment_method_types[]", "card_present")];
    let intent = api.post("/v1/payment_intents", &intent).ok();
    let process = format!("{own}/process_payment_intent");
    let busy = api.post(&process, &[("payment_intent", id(&intent)), ("process_config[skip_tipping]", "true")]).ok();
    let action = &busy["action"];
    assert_eq!((text(action, "type"), text(action, "status")), ("process_payment_intent", "in_progress"));
    assert_eq!(action["process_payment_intent"]["payment_intent"], intent["id"]);
    assert_eq!(action["process_payment_intent"]["process_config"]["skip_tipping"], true);
    let cart = [
        ("type", "cart"),
        ("cart[currency]", "usd"),
        ("cart[total]", "100"),
        ("cart[line_items][0][amount]", "100"),
        ("cart[line_items][0][description]", "Tea"),
        ("cart[line_items][0][quantity]", "1"),
    ];
    let shown = api.post(&format!("{own}/set_reader_display"), &cart).ok();
    assert_eq!(shown["action"]["set_reader_display"]["cart"]["total"], 100);
    assert_eq!(shown["action"]["process_payment_intent"], Value::Null);
    let missing = [("payment_intent", "pi_none")];
    invalid(api.post(&process, &missing), 400, Some("resource_missing"), Some("payment_intent"));
    assert_eq!(api.get(&own, &[]).ok(), shown);
    assert_eq!(api.post(&format!("{own}/cancel_action"), &[]).ok()["action"], Value::Null);
}

/// A card, and an authorization of ten dollars on it.
fn authorization(api: &Client) -> (Value, Value) {
    let holder = [
        ("name", "Jenny Rosen"),
        ("type", "individual"),
        ("billing[address][line1]", "1 Main St"),
        ("billing[address][city]", "San Francisco"),
        ("billing[address][postal_code]", "94103"),
        ("billing[address][country]", "US"),
    ];
    let holder = api.post("/v1/issuing/cardholders", &holder).ok();
    let card = [("cardholder", id(&holder)), ("currency", "usd"), ("type", "virtual"), ("status", "active")];
    let card = api.post("/v1/issuing/cards", &card).ok();
    let made = api.post("/v1/test_helpers/issuing/authorizations", &[("card", id(&card)), ("amount", "1000")]).ok();
    (card, made)
}

#[test]
fn a_captured_authorization_is_closed_with_its_transaction() {
    let api = sandbox("sp-capture");
    let (card, made) = authorization(&api);
    let helper = format!("/v1/test_helpers/issuing/authorizations/{}", id(&made));
    assert_eq!(int(&api.post(&format!("{helper}/increment"), &[("increment_amount", "500")]).ok(), "amount"), 1500);
    assert_eq!(int(&api.post(&format!("{helper}/reverse"), &[("reverse_amount", "300")]).ok(), "amount"), 1200);
    invalid(api.post(&format!("{helper}/reverse"), &[("reverse_amount", "5000")]), 400, None, Some("reverse_amount"));
    let captured = api.post(&format!("{helper}/capture"), &[]).ok();
    assert_eq!(text(&captured, "status"), "closed");
    let transactions = api.get("/v1/issuing/transactions", &[("card", id(&card))]).ok();
    let [row] = rows(&transactions) else { panic!("{transactions}") };
    assert_eq!((int(row, "amount"), text(row, "type"), &row["authorization"]), (-1200, "capture", &made["id"]));
    assert_eq!(captured["transactions"][0]["id"], row["id"]);
    assert_eq!(row["cardholder"], card["cardholder"]["id"]);
    invalid(api.post(&format!("{helper}/capture"), &[]), 400, None, None);
    assert_eq!(types(&api, "issuing_transaction.*"), ["issuing_transaction.created"]);
}

#[test]
fn a_reversed_authorization_holds_nothing() {
    let api = sandbox("sp-reverse");
    let (_, made) = authorization(&api);
    let helper = format!("/v1/test_helpers/issuing/authorizations/{}", id(&made));
    let reversed = api.post(&format!("{helper}/reverse"), &[]).ok();
    assert_eq!((text(&reversed, "status"), int(&reversed, "amount")), ("reversed", 0));
}

#[test]
fn a_card_can_be_charged_and_paid_back_without_an_authorization() {
    let api = sandbox("sp-force");
    let (card, _) = authorization(&api);
    let params = [("card", id(&card)), ("amount", "700")];
    let charged = api.post("/v1/test_helpers/issuing/transactions/create_force_capture", &params).ok();
    let back = api.post("/v1/test_helpers/issuing/transactions/create_unlinked_refund", &params).ok();
    assert_eq!((int(&charged, "amount"), text(&charged, "type")), (-700, "capture"));
    assert_eq!((int(&back, "amount"), text(&back, "type")), (700, "refund"));
    let none = [("card", "ic_none"), ("amount", "700")];
    let path = "/v1/test_helpers/issuing/transactions/create_force_capture";
    invalid(api.post(path, &none), 400, Some("resource_missing"), Some("card"));
}

#[test]
fn amounts_of_issuing_are_some_and_no_more_than_can_be_charged() {
    let api = sandbox("sp-amounts");
    let (card, made) = authorization(&api);
    let helper = format!("/v1/test_helpers/issuing/authorizations/{}", id(&made));
    let refused = |path: &str, name: &str, more: &[(&str, &str)]| {
        for amount in ["0", "-5", "100000000", "9223372036854775807", "-9223372036854775808"] {
            let params = [&[(name, amount)][..], more].concat();
            invalid(api.post(path, &params), 400, Some("parameter_invalid_integer"), Some(name));
        }
    };
    for (verb, name) in [
        ("capture", "capture_amount"),
        ("finalize_amount", "final_amount"),
        ("increment", "increment_amount"),
        ("reverse", "reverse_amount"),
    ] {
        refused(&format!("{helper}/{verb}"), name, &[]);
    }
    for kind in ["create_force_capture", "create_unlinked_refund"] {
        refused(&format!("/v1/test_helpers/issuing/transactions/{kind}"), "amount", &[("card", id(&card))]);
    }
    // What is held and what is added count together.
    let more = api.post(&format!("{helper}/increment"), &[("increment_amount", "99999000")]);
    invalid(more, 400, Some("parameter_invalid_integer"), Some("increment_amount"));
    let shown = api.get(&format!("/v1/issuing/authorizations/{}", id(&made)), &[]).ok();
    assert_eq!((int(&shown, "amount"), text(&shown, "status")), (1000, "pending"));
    assert!(rows(&api.get("/v1/issuing/transactions", &[]).ok()).is_empty());
}

#[test]
fn a_posted_payment_can_be_returned() {
    let api = sandbox("sp-return");
    let account = api.post("/v1/treasury/financial_accounts", &[("supported_currencies[]", "usd")]).ok();
    let payment = [
        ("amount", "100"),
        ("currency", "usd"),
        ("financial_account", id(&account)),
        ("destination_payment_method_data[type]", "us_bank_account"),
    ];
    let made = api.post("/v1/treasury/outbound_payments", &payment).ok();
    let helper = format!("/v1/test_helpers/treasury/outbound_payments/{}", id(&made));
    invalid(api.post(&format!("{helper}/return"), &[]), 400, None, None);
    let traced = [("tracking_details[type]", "ach"), ("tracking_details[ach][trace_id]", "123")];
    assert_eq!(text(&api.post(&helper, &traced).ok()["tracking_details"]["ach"], "trace_id"), "123");
    api.post(&format!("{helper}/post"), &[]).ok();
    let returned = api.post(&format!("{helper}/return"), &[("returned_details[code]", "no_account")]).ok();
    assert_eq!((text(&returned, "status"), text(&returned["returned_details"], "code")), ("returned", "no_account"));
    assert!(returned["status_transitions"]["returned_at"].is_i64(), "{returned}");
}

#[test]
fn an_order_of_carbon_removal_names_a_product_of_its_own_kind() {
    let api = sandbox("sp-climate");
    let product = "climsku_frontier_offtake_portfolio_2027";
    let order = api.post("/v1/climate/orders", &[("amount", "10000"), ("currency", "usd"), ("product", product)]).ok();
    assert_eq!((text(&order, "status"), text(&order, "product")), ("open", product));
}
