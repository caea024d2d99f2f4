//! Money on its way to or for an account that is rejected, closed or disconnected before it arrives (connect-accounts 7.1,
//! billing 6.3).

use serde_json::{Value, json};

use super::standing::{DESTINATION, DISABLED, open, reject, traces};
use crate::support::client::{Answer, Client};
use crate::support::decisions::decide;
use crate::support::flows::{
    charge, customer, id, int, intent, invalid, pay, rows, says, text, the_charge, the_intent, with,
};

/// How an account ends, or stops taking money.
const ENDS: [&str; 4] = ["reject", "withdraw", "delete", "disconnect"];

/// A platform, and an account that can end in this way.
fn opened(name: &str, end: &str) -> (Client, String) {
    let (api, express) = open(&format!("{name}-{end}"));
    match end {
        "disconnect" => {
            let client = format!("ca_sandbox_{}", api.sandbox());
            let url = format!("https://connect.stripe.com/oauth/authorize?response_type=code&client_id={client}");
            let agreed = api.post("/_pinstripe/oauth", &[("url", &*url), ("result", "authorized")]).ok();
            let code = text(&agreed, "code");
            let tokens = api.post("/oauth/token", &[("grant_type", "authorization_code"), ("code", code)]).ok();
            let seller = text(&tokens, "stripe_user_id").to_owned();
            (api, seller)
        }
        _ => (api, id(&express)),
    }
}

fn end(api: &Client, account: &str, how: &str) {
    match how {
        "reject" => reject(api, account),
        "withdraw" => {
            let path = format!("/v1/accounts/{account}/capabilities/transfers");
            api.post(&path, &[("requested", "false")]).ok();
        }
        "delete" => {
            api.delete(&format!("/v1/accounts/{account}")).ok();
        }
        _ => {
            let client = format!("ca_sandbox_{}", api.sandbox());
            let asked = [("client_id", &*client), ("stripe_user_id", account)];
            api.post("/oauth/deauthorize", &asked).ok();
        }
    }
}

/// Checks the refusal of money for an account that has ended in this way.
#[track_caller]
fn refuses(answer: Answer, how: &str, account: &str) -> Value {
    match how {
        "reject" | "withdraw" => says(answer, 400, DESTINATION),
        _ => says(answer, 400, &format!("No such destination: '{account}'")),
    }
}

#[test]
fn a_capture_for_an_account_that_takes_no_money_any_more_is_refused() {
    for how in ENDS {
        let (api, seller) = opened("fl-capture", how);
        let to = [("transfer_data[destination]", &*seller), ("application_fee_amount", "100")];
        let held = pay(&api, "pm_card_visa", &with(&to, &[("capture_method", "manual")])).ok();
        let old = charge(&api, &with(&to, &[("source", "tok_visa"), ("capture", "false")])).ok();
        let (held, old) = (the_intent(&api, &id(&held)), the_charge(&api, &id(&old)));
        end(&api, &seller, how);
        let before = traces(&api);
        let (of_intent, of_charge) =
            (format!("/v1/payment_intents/{}", id(&held)), format!("/v1/charges/{}", id(&old)));
        for params in [&[][..], &[("amount_to_capture", "500"), ("application_fee_amount", "50")]] {
            let error = refuses(api.post(&format!("{of_intent}/capture"), params), how, &seller);
            assert_eq!(error["payment_intent"]["id"], held["id"]);
        }
        refuses(api.post(&format!("{of_charge}/capture"), &[]), how, &seller);
        assert_eq!((the_intent(&api, &id(&held)), the_charge(&api, &id(&old))), (held, old));
        assert_eq!(traces(&api), before);
        // What is held can be given back.
        assert_eq!(text(&api.post(&format!("{of_intent}/cancel"), &[]).ok(), "status"), "canceled");
        api.post("/v1/refunds", &[("charge", of_charge.trim_start_matches("/v1/charges/"))]).ok();
        assert!(rows(&api.get("/v1/transfers", &[]).ok()).is_empty());
    }
}

#[test]
fn an_account_that_is_taken_back_gets_what_was_held_for_it() {
    let (api, seller) = opened("fl-back", "reject");
    let held = pay(&api, "pm_card_visa", &[("capture_method", "manual"), ("transfer_data[destination]", &seller)]).ok();
    reject(&api, &seller);
    let path = format!("/v1/payment_intents/{}/capture", id(&held));
    says(api.post(&path, &[]), 400, DESTINATION);
    api.post(&format!("/v1/accounts/{seller}/unreject"), &[]).ok();
    api.post(&path, &[]).ok();
    assert_eq!(rows(&api.get("/v1/transfers", &[]).ok()).len(), 1);
}

#[test]
fn a_capture_on_behalf_of_or_in_an_account_that_was_rejected_is_refused() {
    let (api, seller) = opened("fl-behalf", "reject");
    let there = api.with("Stripe-Account", &seller);
    let manual = ("capture_method", "manual");
    let behalf = pay(&api, "pm_card_visa", &[manual, ("on_behalf_of", &seller)]).ok();
    let direct = pay(&there, "pm_card_visa", &[manual]).ok();
    let old = charge(&there, &[("source", "tok_visa"), ("capture", "false")]).ok();
    reject(&api, &seller);
    for (api, held) in [(&api, &behalf), (&there, &direct)] {
        let refused = api.post(&format!("/v1/payment_intents/{}/capture", id(held)), &[]);
        assert_eq!(says(refused, 400, DISABLED)["payment_intent"]["status"], "requires_capture");
    }
    says(there.post(&format!("/v1/charges/{}/capture", id(&old)), &[]), 400, DISABLED);
}

#[test]
fn the_captured_part_of_a_payment_whose_destination_ended_stays_with_the_platform() {
    let (api, seller) = opened("fl-part", "reject");
    let params = [
        ("capture_method", "manual"),
        ("payment_method_options[card][request_multicapture]", "if_available"),
        ("transfer_data[destination]", &*seller),
    ];
    let held = pay(&api, "pm_card_visa", &params).ok();
    let path = format!("/v1/payment_intents/{}", id(&held));
    api.post(&format!("{path}/capture"), &[("amount_to_capture", "300"), ("final_capture", "false")]).ok();
    reject(&api, &seller);
    says(api.post(&format!("{path}/capture"), &[("amount_to_capture", "0")]), 400, DESTINATION);
    api.post(&format!("{path}/cancel"), &[]).ok();
    let taken = the_charge(&api, text(&held, "latest_charge"));
    assert_eq!((int(&taken, "amount_captured"), &taken["transfer"]), (300, &Value::Null));
    assert!(rows(&api.get("/v1/transfers", &[]).ok()).is_empty());
}

#[test]
fn a_confirmation_for_an_account_that_takes_no_money_any_more_is_refused() {
    for how in ENDS {
        let (api, seller) = opened("fl-confirm", how);
        let begun = intent(&api, &[("transfer_data[destination]", &seller)]).ok();
        end(&api, &seller, how);
        let path = format!("/v1/payment_intents/{}/confirm", id(&begun));
        let method = [("payment_method", "pm_card_visa"), ("return_url", "https://shop.example/")];
        let error = refuses(api.post(&path, &method), how, &seller);
        assert_eq!(error["payment_intent"]["id"], begun["id"]);
        assert_eq!(the_intent(&api, &id(&begun)), begun);
    }
}

#[test]
fn an_authenticated_payment_fails_if_its_destination_ended_meanwhile() {
    let (api, seller) = opened("fl-3ds", "reject");
    let theirs = api.with("Stripe-Account", &seller);
    let back = ("return_url", "https://shop.example/");
    let card = "pm_card_threeDSecureRequired";
    let waiting = pay(&api, card, &[back, ("transfer_data[destination]", &seller)]).ok();
    let direct = pay(&theirs, card, &[back]).ok();
    reject(&api, &seller);
    for (api, waiting, sentence) in [(&api, &waiting, DESTINATION), (&theirs, &direct, DISABLED)] {
        let before = traces(api);
        decide(api, text(&waiting["next_action"]["redirect_to_url"], "url"), "succeeded").ok();
        let failed = the_intent(api, &id(waiting));
        assert_eq!(text(&failed, "status"), "requires_payment_method");
        assert_eq!(text(&failed["last_payment_error"], "message"), sentence);
        assert_eq!(traces(api), before);
    }
}

/// A debit that the bank answers after three minutes.
fn debits(api: &Client, more: &[(&str, &str)]) -> Value {
    let base = [
        ("currency", "gbp"),
        ("payment_method_types[]", "bacs_debit"),
        ("payment_method", "pm_bacsDebit_successDelayed"),
        ("mandate_data[customer_acceptance][type]", "offline"),
        ("confirm", "true"),
    ];
    let made = intent(api, &with(&base, more)).ok();
    assert_eq!(text(&made, "status"), "processing");
    made
}

#[test]
fn a_debit_that_arrives_after_its_destination_ended_stays_with_the_platform() {
    for how in ENDS {
        let (api, seller) = opened("fl-debit", how);
        let made = debits(&api, &[("transfer_data[destination]", &seller), ("application_fee_amount", "100")]);
        end(&api, &seller, how);
        api.advance(600);
        assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
        let taken = the_charge(&api, text(&made, "latest_charge"));
        let left = ["transfer", "application_fee"].map(|key| &taken[key]);
        assert_eq!((left, &taken["paid"]), ([&Value::Null; 2], &json!(true)));
        let row = api.get(&format!("/v1/balance_transactions/{}", text(&taken, "balance_transaction")), &[]).ok();
        assert_eq!((int(&row, "amount"), text(&row, "type")), (2000, "payment"));
        assert!(rows(&api.get("/v1/transfers", &[]).ok()).is_empty());
        assert!(rows(&api.get("/v1/application_fees", &[]).ok()).is_empty());
    }
}

#[test]
fn a_debit_of_an_account_that_was_rejected_fails() {
    let (api, seller) = opened("fl-debit-direct", "reject");
    let theirs = api.with("Stripe-Account", &seller);
    let made = debits(&theirs, &[("application_fee_amount", "100")]);
    reject(&api, &seller);
    api.advance(600);
    let failed = the_intent(&theirs, &id(&made));
    assert_eq!(text(&failed, "status"), "requires_payment_method");
    assert_eq!(text(&the_charge(&theirs, text(&made, "latest_charge")), "status"), "failed");
    let sum: i64 = rows(&theirs.get("/v1/balance_transactions", &[]).ok()).iter().map(|row| int(row, "net")).sum();
    assert_eq!(sum, 0);
    assert!(rows(&api.get("/v1/application_fees", &[]).ok()).is_empty());
}

#[test]
fn a_bank_transfer_for_an_account_that_ended_stays_in_the_cash_balance() {
    let (api, seller) = opened("fl-transfer", "reject");
    let payer = customer(&api, &[]);
    let params = [
        ("customer", &*payer),
        ("payment_method_types[]", "customer_balance"),
        ("payment_method_data[type]", "customer_balance"),
        ("payment_method_options[customer_balance][funding_type]", "bank_transfer"),
        ("payment_method_options[customer_balance][bank_transfer][type]", "us_bank_transfer"),
        ("confirm", "true"),
        ("transfer_data[destination]", &seller),
    ];
    let waiting = intent(&api, &params).ok();
    assert_eq!(text(&waiting, "status"), "requires_action");
    reject(&api, &seller);
    let path = format!("/v1/payment_intents/{}/apply_customer_balance", id(&waiting));
    says(api.post(&path, &[]), 400, DESTINATION);
    let fund = format!("/v1/test_helpers/customers/{payer}/fund_cash_balance");
    api.post(&fund, &[("amount", "2000"), ("currency", "usd")]).ok();
    let failed = the_intent(&api, &id(&waiting));
    assert_eq!(text(&failed["last_payment_error"], "message"), DESTINATION);
    let cash = api.get(&format!("/v1/customers/{payer}/cash_balance"), &[]).ok();
    assert_eq!(cash["available"], json!({"usd": 2000}));
}

#[test]
fn an_invoice_for_an_account_that_ended_is_not_paid() {
    let (api, seller) = opened("fl-invoice", "reject");
    let payer = customer(&api, &[("source", "tok_visa")]);
    let line = [("customer", &*payer), ("amount", "2000"), ("currency", "usd")];
    api.post("/v1/invoiceitems", &line).ok();
    let params = [
        ("customer", &*payer),
        ("pending_invoice_items_behavior", "include"),
        ("transfer_data[destination]", &seller),
        ("auto_advance", "true"),
    ];
    let made = id(&api.post("/v1/invoices", &params).ok());
    api.post(&format!("/v1/invoices/{made}/finalize"), &[("auto_advance", "false")]).ok();
    reject(&api, &seller);
    let before = traces(&api);
    invalid(
        api.post(&format!("/v1/invoices/{made}/pay"), &[]),
        400,
        Some("insufficient_capabilities_for_transfer"),
        None,
    );
    let open = api.get(&format!("/v1/invoices/{made}"), &[]).ok();
    assert_eq!((text(&open, "status"), traces(&api)), ("open", before));
}

#[test]
fn a_session_is_not_paid_for_an_account_that_ended() {
    let (api, seller) = opened("fl-session", "reject");
    let params = [
        ("mode", "payment"),
        ("success_url", "https://shop.example/"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "2000"),
        ("line_items[0][price_data][product_data][name]", "Tea"),
        ("line_items[0][quantity]", "1"),
        ("payment_intent_data[transfer_data][destination]", &seller),
    ];
    let made = id(&api.post("/v1/checkout/sessions", &params).ok());
    reject(&api, &seller);
    let paid = api.post(&format!("/v1/payment_pages/{made}/confirm"), &[("payment_method", "pm_card_visa")]);
    says(paid, 400, DESTINATION);
    assert_eq!(text(&api.get(&format!("/v1/checkout/sessions/{made}"), &[]).ok(), "status"), "open");
}
