//! Refunds (core-payments 8).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{
    Params, attached, charge, charged, customer, id, ids, int, intent, invalid, keys, missing, pay, refund, says, text,
    the_charge, the_intent, with,
};

/// An authorised, uncaptured intent.
fn held_intent(api: &Client) -> Value {
    pay(api, "pm_card_visa", &[("capture_method", "manual")]).ok()
}

fn row(api: &Client, object: &Value) -> Value {
    api.get(&format!("/v1/balance_transactions/{}", text(object, "balance_transaction")), &[]).ok()
}

fn the_refund(api: &Client, refund: &str) -> Value {
    api.get(&format!("/v1/refunds/{refund}"), &[]).ok()
}

#[test]
fn a_refund_is_complete() {
    let api = sandbox("re-shape");
    let paid = charged(&api, &[]);
    let made = refund(&api, &id(&paid), &[]).ok();
    assert!(id(&made).starts_with("re_1") && id(&made).len() == 27, "{made}");
    let expected = "amount balance_transaction charge created currency customer customer_account destination_details id \
        metadata object payment_intent payment_method reason receipt_number source_transfer_reversal status \
        transfer_reversal";
    assert_eq!(keys(&made), expected.split_whitespace().collect::<Vec<_>>());
    assert_eq!((int(&made, "amount"), text(&made, "currency"), text(&made, "status")), (2000, "usd", "succeeded"));
    assert_eq!((text(&made, "charge"), &made["payment_method"]), (&*id(&paid), &paid["payment_method"]));
    for null in
        ["customer", "customer_account", "payment_intent", "reason", "receipt_number", "source_transfer_reversal"]
    {
        assert!(made[null].is_null(), "{null}: {}", made[null]);
    }
    let card = json!({"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"});
    assert_eq!(made["destination_details"], json!({"card": card, "type": "card"}));
    assert_eq!(the_refund(&api, &id(&made)), made);
}

#[test]
fn without_an_amount_all_that_is_left_is_refunded() {
    let api = sandbox("re-full");
    let paid = id(&charged(&api, &[]));
    assert_eq!(int(&refund(&api, &paid, &[("amount", "500")]).ok(), "amount"), 500);
    let after = the_charge(&api, &paid);
    assert_eq!((int(&after, "amount_refunded"), &after["refunded"]), (500, &json!(false)));
    assert_eq!(int(&refund(&api, &paid, &[]).ok(), "amount"), 1500);
    let after = the_charge(&api, &paid);
    assert_eq!((int(&after, "amount_refunded"), &after["refunded"]), (2000, &json!(true)));
    assert_eq!((text(&after, "status"), &after["paid"], &after["captured"]), ("succeeded", &json!(true), &json!(true)));
}

#[test]
fn several_partial_refunds_add_up() {
    let api = sandbox("re-partial");
    let paid = id(&charged(&api, &[]));
    let mut refunds = Vec::new();
    for (amount, sum, all) in [("700", 700, false), ("800", 1500, false), ("500", 2000, true)] {
        refunds.insert(0, id(&refund(&api, &paid, &[("amount", amount)]).ok()));
        let after = the_charge(&api, &paid);
        assert_eq!((int(&after, "amount_refunded"), after["refunded"] == true), (sum, all));
    }
    assert_eq!(ids(&api.get("/v1/refunds", &[("charge", &paid)]).ok()), refunds);
}

#[test]
fn more_than_is_left_is_refused() {
    let api = sandbox("re-over");
    let paid = id(&charged(&api, &[]));
    let error = invalid(refund(&api, &paid, &[("amount", "2001")]), 400, None, Some("amount"));
    assert_eq!(error["message"], "Refund amount ($20.01) is greater than charge amount ($20.00)");
    refund(&api, &paid, &[("amount", "500")]).ok();
    let error = invalid(refund(&api, &paid, &[("amount", "1501")]), 400, None, Some("amount"));
    assert_eq!(error["message"], "Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)");
    let params = [("amount", "4300"), ("currency", "eur"), ("source", "tok_visa")];
    let eur = id(&api.post("/v1/charges", &params).ok());
    let error = refund(&api, &eur, &[("amount", "4500")]).refused(400);
    assert_eq!(error["message"], "Refund amount (€45.00) is greater than charge amount (€43.00)");
    assert_eq!(int(&the_charge(&api, &paid), "amount_refunded"), 500);
}

#[test]
fn a_refunded_charge_is_not_refunded_again() {
    let api = sandbox("re-again");
    let paid = id(&charged(&api, &[]));
    refund(&api, &paid, &[]).ok();
    for params in [&[][..], &[("amount", "100")], &[("amount", "100000")]] {
        let error = invalid(refund(&api, &paid, params), 400, Some("charge_already_refunded"), None);
        assert_eq!(error["message"], format!("Charge {paid} has already been refunded."));
    }
    assert_eq!(ids(&api.get("/v1/refunds", &[]).ok()).len(), 1);
}

#[test]
fn parameters_are_checked() {
    let api = sandbox("re-params");
    let paid = id(&charged(&api, &[]));
    let error = invalid(api.post("/v1/refunds", &[]), 400, None, None);
    assert_eq!(
        error["message"],
        "One of the following params should be provided for this request: payment_intent or charge."
    );
    // The one body parameter that is a 404 about `id`.
    missing(refund(&api, "ch_none", &[]), 404, "charge", "ch_none", "id");
    missing(api.post("/v1/refunds", &[("payment_intent", "pi_x")]), 400, "payment_intent", "pi_x", "payment_intent");
    let error = invalid(refund(&api, &paid, &[("reason", "bored")]), 400, None, Some("reason"));
    assert_eq!(error["message"], "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer");
    for amount in ["0", "-1"] {
        let answer = refund(&api, &paid, &[("amount", amount)]);
        let error = invalid(answer, 400, Some("parameter_invalid_integer"), Some("amount"));
        assert_eq!(error["message"], "This value must be greater than or equal to 1.");
    }
    invalid(refund(&api, &paid, &[("amount", "100000000")]), 400, Some("amount_too_large"), Some("amount"));
    invalid(refund(&api, &paid, &[("reverse_transfer", "true")]), 400, None, Some("reverse_transfer"));
    let sentence = format!("Attempting to refund_application_fee on {paid}, but it has no application fee");
    says(refund(&api, &paid, &[("refund_application_fee", "true")]), 400, &sentence);
    assert_eq!(api.get("/v1/refunds", &[]).ok()["data"], json!([]));
}

#[test]
fn a_reason_is_kept() {
    let api = sandbox("re-reason");
    for reason in ["duplicate", "requested_by_customer", "fraudulent"] {
        let paid = id(&charged(&api, &[]));
        assert_eq!(text(&refund(&api, &paid, &[("reason", reason)]).ok(), "reason"), reason);
        // What the user reports about a charge is not what a refund is for.
        assert_eq!(the_charge(&api, &paid)["fraud_details"], json!({}), "{reason}");
    }
}

#[test]
fn an_intent_is_refunded_through_its_latest_charge() {
    let api = sandbox("re-intent");
    let owner = customer(&api, &[]);
    let method = attached(&api, "pm_card_visa", &owner);
    let paid = pay(&api, &method, &[("customer", &owner)]).ok();
    let made = api.post("/v1/refunds", &[("payment_intent", &id(&paid))]).ok();
    assert_eq!((&made["charge"], &made["payment_intent"]), (&paid["latest_charge"], &paid["id"]));
    assert_eq!((text(&made, "customer"), text(&made, "payment_method")), (&*owner, &*method));
    assert!(id(&made).starts_with("re_3"), "{made}");
    let after = the_intent(&api, &id(&paid));
    assert_eq!((text(&after, "status"), int(&after, "amount_received")), ("succeeded", 2000));
    let other = pay(&api, &method, &[("customer", &owner)]).ok();
    let both = [("payment_intent", &*id(&paid)), ("charge", text(&other, "latest_charge"))];
    assert_eq!(api.post("/v1/refunds", &both).status, 400);
    let both = [("payment_intent", &*id(&other)), ("charge", text(&other, "latest_charge"))];
    api.post("/v1/refunds", &both).ok();
}

#[test]
fn what_took_no_money_has_nothing_to_refund() {
    let api = sandbox("re-failed");
    let error = pay(&api, "pm_card_chargeDeclined", &[]).refused(402);
    let declined = id(&error["payment_intent"]);
    let message = format!("This PaymentIntent ({declined}) does not have a successful charge to refund.");
    for params in [("payment_intent", &*declined), ("charge", text(&error, "charge"))] {
        let error = invalid(api.post("/v1/refunds", &[params]), 400, None, None);
        assert_eq!(error["message"], message);
    }
    let fresh = id(&intent(&api, &[]).ok());
    invalid(api.post("/v1/refunds", &[("payment_intent", &fresh)]), 400, None, None);
    let error = charge(&api, &[("source", "tok_chargeDeclined")]).refused(402);
    invalid(refund(&api, text(&error, "charge"), &[]), 400, None, None);
    assert_eq!(api.get("/v1/refunds", &[]).ok()["data"], json!([]));
}

#[test]
fn refunding_a_held_direct_charge_voids_it() {
    let api = sandbox("re-void");
    let held = id(&charged(&api, &[("capture", "false")]));
    let error = refund(&api, &held, &[("amount", "500")]).refused(400);
    assert_eq!(text(&error, "param"), "amount");
    assert_eq!(the_charge(&api, &held)["amount_refunded"], 0);
    let made = refund(&api, &held, &[]).ok();
    assert_eq!((&made["balance_transaction"], int(&made, "amount")), (&Value::Null, 2000));
    let after = the_charge(&api, &held);
    assert_eq!(
        (&after["refunded"], &after["captured"], int(&after, "amount_refunded")),
        (&json!(true), &json!(false), 2000)
    );
    assert_eq!(refund(&api, &held, &[]).refused(400)["code"], "charge_already_refunded");
    assert_eq!(api.get("/v1/balance_transactions", &[]).ok()["data"], json!([]));
}

#[test]
fn the_hold_of_an_intent_is_released_through_the_intent() {
    let api = sandbox("re-held-intent");
    let held = held_intent(&api);
    for params in [("payment_intent", &*id(&held)), ("charge", text(&held, "latest_charge"))] {
        let error = invalid(api.post("/v1/refunds", &[params]), 400, None, None);
        assert_eq!(
            error["message"],
            format!(
                "This uncaptured Charge was created by a PaymentIntent ({}). You must cancel the PaymentIntent to \
                 reverse the authorization instead of refunding the Charge directly. For more information, see \
                 https://stripe.com/docs/payments/place-a-hold-on-a-payment-method",
                id(&held)
            )
        );
    }
}

#[test]
fn a_partly_captured_charge_gives_back_what_was_captured() {
    let api = sandbox("re-part-captured");
    let held = id(&charged(&api, &[("capture", "false")]));
    api.post(&format!("/v1/charges/{held}/capture"), &[("amount", "1500")]).ok();
    let error = refund(&api, &held, &[("amount", "1501")]).refused(400);
    assert_eq!(text(&error, "param"), "amount");
    assert_eq!(int(&refund(&api, &held, &[]).ok(), "amount"), 1500);
    assert_eq!(the_charge(&api, &held)["refunded"], true);
    let held = held_intent(&api);
    api.post(&format!("/v1/payment_intents/{}/capture", id(&held)), &[("amount_to_capture", "1500")]).ok();
    assert_eq!(int(&api.post("/v1/refunds", &[("payment_intent", &id(&held))]).ok(), "amount"), 1500);
    assert_eq!(the_charge(&api, text(&held, "latest_charge"))["refunded"], true);
}

#[test]
fn a_refund_writes_its_row_and_keeps_the_fee() {
    let api = sandbox("re-row");
    let paid = charged(&api, &[("description", "Tea")]);
    let made = refund(&api, &id(&paid), &[("amount", "500")]).ok();
    let back = row(&api, &made);
    assert_eq!((text(&back, "type"), text(&back, "reporting_category")), ("refund", "refund"));
    assert_eq!((int(&back, "amount"), int(&back, "fee"), int(&back, "net")), (-500, 0, -500));
    assert_eq!((&back["fee_details"], text(&back, "source")), (&json!([]), &*id(&made)));
    assert_eq!(text(&back, "description"), "REFUND FOR CHARGE (Tea)");
    let before = row(&api, &paid);
    refund(&api, &id(&paid), &[]).ok();
    assert_eq!(row(&api, &paid), before);
}

#[test]
fn metadata_is_the_refunds_own() {
    let api = sandbox("re-metadata");
    let paid = id(&charged(&api, &[("metadata[a]", "charge")]));
    let made = refund(&api, &paid, &[("amount", "500"), ("metadata[b]", "refund")]).ok();
    assert_eq!(made["metadata"], json!({"b": "refund"}));
    assert_eq!(the_charge(&api, &paid)["metadata"], json!({"a": "charge"}));
    let path = format!("/v1/refunds/{}", id(&made));
    assert_eq!(api.post(&path, &[("metadata[c]", "3")]).ok()["metadata"], json!({"b": "refund", "c": "3"}));
    assert_eq!(api.post(&path, &[("metadata[b]", "")]).ok()["metadata"], json!({"c": "3"}));
    invalid(api.post(&path, &[("amount", "1")]), 400, Some("parameter_unknown"), Some("amount"));
}

#[test]
fn the_paths_below_a_charge_answer_refund_or_charge() {
    let api = sandbox("re-paths");
    let (one, other) = (id(&charged(&api, &[])), id(&charged(&api, &[])));
    let path = format!("/v1/charges/{one}/refunds");
    let made = api.post(&path, &[("amount", "500")]).ok();
    assert_eq!((text(&made, "object"), text(&made, "charge")), ("refund", &*one));
    let shown = api.post(&format!("/v1/charges/{one}/refund"), &[("amount", "500")]).ok();
    assert_eq!((text(&shown, "object"), int(&shown, "amount_refunded")), ("charge", 1000));
    let of = |charge: &str| format!("/v1/charges/{charge}/refunds/{}", id(&made));
    assert_eq!(api.get(&of(&one), &[]).ok(), made);
    assert_eq!(api.post(&of(&one), &[("metadata[a]", "1")]).ok()["metadata"], json!({"a": "1"}));
    missing(api.get(&of(&other), &[]), 404, "refund", &id(&made), "refund");
    missing(api.get(&format!("{path}/re_none"), &[]), 404, "refund", "re_none", "refund");
    assert_eq!(api.post("/v1/charges/ch_none/refunds", &[]).refused(404)["code"], "resource_missing");
    for answer in [
        api.get("/v1/refunds/re_none", &[]),
        api.post("/v1/refunds/re_none", &[]),
        api.post("/v1/refunds/re_none/cancel", &[]),
    ] {
        let error = answer.refused(404);
        assert_eq!((text(&error, "code"), text(&error, "message")), ("resource_missing", "No such refund: 're_none'"));
    }
}

#[test]
fn a_succeeded_refund_cannot_be_canceled() {
    let api = sandbox("re-cancel");
    let made = id(&refund(&api, &id(&charged(&api, &[])), &[]).ok());
    let error = invalid(api.post(&format!("/v1/refunds/{made}/cancel"), &[]), 400, None, None);
    assert_eq!(error["message"], "Canceling this refund is unsupported.");
}

/// A charge of a test card whose refunds do not simply succeed.
fn charge_with(api: &Client, token: &str) -> String {
    id(&charge(api, &[("source", token)]).ok())
}

#[test]
fn a_pending_refund_succeeds_later() {
    let api = sandbox("re-pending");
    let paid = charge_with(&api, "tok_pendingRefund");
    let made = refund(&api, &paid, &[]).ok();
    assert_eq!((text(&made, "status"), text(&made, "pending_reason")), ("pending", "processing"));
    api.advance(29 * 60);
    assert_eq!(text(&the_refund(&api, &id(&made)), "status"), "pending");
    api.advance(60);
    let after = the_refund(&api, &id(&made));
    assert_eq!((text(&after, "status"), after.get("pending_reason")), ("succeeded", None));
    assert_eq!(the_charge(&api, &paid)["refunded"], true);
}

#[test]
fn a_pending_refund_is_canceled_and_gives_the_money_back() {
    let api = sandbox("re-cancel-pending");
    let paid = charge_with(&api, "tok_pendingRefund");
    let made = id(&refund(&api, &paid, &[("amount", "500")]).ok());
    let canceled = api.post(&format!("/v1/refunds/{made}/cancel"), &[("expand[]", "failure_balance_transaction")]).ok();
    assert_eq!((text(&canceled, "status"), canceled.get("pending_reason")), ("canceled", None));
    assert_eq!(int(&canceled["failure_balance_transaction"], "amount"), 500);
    assert_eq!(int(&the_charge(&api, &paid), "amount_refunded"), 0);
    api.advance(30 * 60);
    assert_eq!(text(&the_refund(&api, &made), "status"), "canceled");
    api.post(&format!("/v1/refunds/{made}/cancel"), &[]).refused(400);
}

/// A refund of a payment that came in a shop: nothing can be sent back on that way.
fn refund_by_email(api: &Client) -> (String, Value) {
    let made = paid_by_voucher(api, "ada+succeed_immediately@example.com");
    let charge = text(&api.get(&format!("/v1/payment_intents/{made}"), &[]).ok(), "latest_charge").to_owned();
    let refund = api.post("/v1/refunds", &[("payment_intent", &made)]).ok();
    (charge, refund)
}

fn paid_by_voucher(api: &Client, email: &str) -> String {
    let params: Params<'_> = &[
        ("amount", "2000"),
        ("currency", "jpy"),
        ("confirm", "true"),
        ("payment_method_types[]", "konbini"),
        ("payment_method_data[type]", "konbini"),
        ("payment_method_data[billing_details][name]", "Ada"),
        ("payment_method_data[billing_details][email]", email),
    ];
    id(&api.post("/v1/payment_intents", params).ok())
}

#[test]
fn a_refund_with_no_way_back_asks_the_customer_by_email() {
    let api = sandbox("re-asks");
    let (_, made) = refund_by_email(&api);
    assert_eq!(
        (text(&made, "status"), &made["destination_details"]["type"]),
        ("requires_action", &json!("jp_bank_transfer"))
    );
    let (sent, expiry) = (int(&made, "created"), int(&made, "created") + 45 * 86_400);
    let email = json!({"email_sent_at": sent, "email_sent_to": "ada+succeed_immediately@example.com"});
    assert_eq!(
        made["next_action"],
        json!({"display_details": {"email_sent": email, "expires_at": expiry}, "type": "display_details"})
    );
    let paid = paid_by_voucher(&api, "ada+succeed_immediately@example.com");
    let other = api.post("/v1/refunds", &[("payment_intent", &paid), ("instructions_email", "eve@example.com")]).ok();
    assert_eq!(other["next_action"]["display_details"]["email_sent"]["email_sent_to"], "eve@example.com");
}

#[test]
fn a_customer_who_answers_gets_the_refund() {
    let api = sandbox("re-answered");
    let (charge, made) = refund_by_email(&api);
    let trigger = format!("/_pinstripe/trigger?sandbox={}&event=refund.updated&id={}", api.sandbox(), id(&made));
    assert_eq!(api.send("POST", &trigger, None).status, 200);
    let after = the_refund(&api, &id(&made));
    assert_eq!((text(&after, "status"), after.get("next_action")), ("succeeded", None));
    assert_eq!(the_charge(&api, &charge)["refunded"], true);
    api.post(&format!("/v1/refunds/{}/cancel", id(&made)), &[]).refused(400);
}

#[test]
fn a_refund_that_waits_for_its_customer_can_be_canceled() {
    let api = sandbox("re-asks-cancel");
    let (charge, made) = refund_by_email(&api);
    let canceled = api.post(&format!("/v1/refunds/{}/cancel", id(&made)), &[]).ok();
    assert_eq!((text(&canceled, "status"), canceled.get("next_action")), ("canceled", None));
    assert_eq!(int(&the_charge(&api, &charge), "amount_refunded"), 0);
}

#[test]
fn a_refund_that_nobody_answers_expires() {
    let api = sandbox("re-expires");
    let (charge, made) = refund_by_email(&api);
    let path = format!("/v1/test_helpers/refunds/{}/expire", id(&made));
    let expired = api.post(&path, &[]).ok();
    assert_eq!((text(&expired, "status"), text(&expired, "failure_reason")), ("failed", "unknown"));
    assert_eq!(the_charge(&api, &charge)["refunded"], false);
    invalid(api.post(&path, &[]), 400, None, None);
    missing(api.post("/v1/test_helpers/refunds/re_none/expire", &[]), 404, "refund", "re_none", "refund");
    let (_, made) = refund_by_email(&api);
    api.advance(45 * 86_400);
    assert_eq!(text(&the_refund(&api, &id(&made)), "status"), "failed");
}

#[test]
fn a_failing_refund_gives_the_money_back() {
    let api = sandbox("re-fail");
    let paid = charge_with(&api, "tok_refundFail");
    let made = refund(&api, &paid, &[]).ok();
    assert_eq!(text(&made, "status"), "succeeded");
    let failed = the_refund(&api, &id(&made));
    assert_eq!((text(&failed, "status"), text(&failed, "failure_reason")), ("failed", "expired_or_canceled_card"));
    let after = the_charge(&api, &paid);
    assert_eq!((&after["refunded"], int(&after, "amount_refunded")), (&json!(false), 0));
    let params: Params<'_> = &[("expand[]", "failure_balance_transaction")];
    let row = api.get(&format!("/v1/refunds/{}", id(&made)), params).ok()["failure_balance_transaction"].clone();
    assert_eq!((text(&row, "type"), int(&row, "amount")), ("refund_failure", 2000));
    assert_eq!(refund(&api, &paid, &with(&[], &[("amount", "2000")])).ok()["status"], "succeeded");
}
