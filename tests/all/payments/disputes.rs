//! Disputes and early fraud warnings (core-payments 7.4, 9.1, 9.2).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{
    Params, charge, charged, id, ids, int, invalid, keys, missing, pay, refund, rows, text, the_charge,
};

/// An intent that is paid with a test card, and its dispute.
#[track_caller]
fn disputed(api: &Client, card: &str) -> (Value, Value) {
    let paid = pay(api, card, &[]).ok();
    let list = api.get("/v1/disputes", &[("payment_intent", &id(&paid))]).ok();
    (paid.clone(), rows(&list)[0].clone())
}

fn the_dispute(api: &Client, dispute: &str) -> Value {
    api.get(&format!("/v1/disputes/{dispute}"), &[]).ok()
}

#[track_caller]
fn answer(api: &Client, dispute: &str, params: Params<'_>) -> Value {
    api.post(&format!("/v1/disputes/{dispute}"), params).ok()
}

/// Types, amounts and fees of the ledger, newest first.
fn ledger(api: &Client) -> Vec<(String, i64, i64)> {
    let list = api.get("/v1/balance_transactions", &[("limit", "100")]).ok();
    rows(&list).iter().map(|row| (text(row, "type").to_owned(), int(row, "amount"), int(row, "fee"))).collect()
}

#[test]
fn a_disputing_card_is_charged_and_then_disputed() {
    let api = sandbox("du-open");
    let (paid, dispute) = disputed(&api, "pm_card_createDispute");
    assert_eq!(text(&paid, "status"), "succeeded");
    let charge = the_charge(&api, text(&paid, "latest_charge"));
    assert_eq!(
        (&charge["disputed"], &charge["dispute"], &charge["paid"]),
        (&json!(true), &dispute["id"], &json!(true))
    );
    assert!(id(&dispute).starts_with("du_1") && id(&dispute).len() == 27, "{dispute}");
    assert_eq!((text(&dispute, "status"), text(&dispute, "reason")), ("needs_response", "fraudulent"));
    assert_eq!((&dispute["is_charge_refundable"], int(&dispute, "amount")), (&json!(false), 2000));
    assert_eq!((&dispute["charge"], &dispute["payment_intent"]), (&paid["latest_charge"], &paid["id"]));
    let card = json!({"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"});
    assert_eq!(dispute["payment_method_details"], json!({"card": card, "type": "card"}));
    assert!(keys(&dispute["evidence"]).len() == 28 && dispute["evidence"]["enhanced_evidence"] == json!({}));
    let details = &dispute["evidence_details"];
    assert_eq!((int(details, "submission_count"), &details["has_evidence"]), (0, &json!(false)));
    let midnight = int(&dispute, "created") / 86_400 * 86_400;
    assert_eq!(int(details, "due_by"), midnight + 9 * 86_400 - 1);
}

#[test]
fn a_chargeback_withdraws_the_money_and_a_fee() {
    let api = sandbox("du-row");
    let (paid, dispute) = disputed(&api, "pm_card_createDispute");
    let row = &dispute["balance_transactions"][0];
    assert_eq!(dispute["balance_transactions"].as_array().unwrap().len(), 1);
    assert_eq!((&row["id"], &row["source"]), (&dispute["balance_transaction"], &dispute["id"]));
    assert_eq!((int(row, "amount"), int(row, "fee"), int(row, "net")), (-2000, 1500, -3500));
    assert_eq!((text(row, "type"), text(row, "reporting_category")), ("adjustment", "dispute"));
    assert_eq!((text(row, "status"), int(row, "available_on")), ("available", int(row, "created")));
    assert_eq!(text(&row["fee_details"][0], "description"), "Dispute fee");
    assert_eq!(text(row, "description"), format!("Chargeback withdrawal for {}", text(&paid, "latest_charge")));
    let shown = api.get(&format!("/v1/balance_transactions/{}", id(row)), &[("expand[]", "source")]).ok();
    assert_eq!(id(&shown["source"]), id(&dispute));
    // The filter knows everything that moves money but disputes.
    let found = api.get("/v1/balance_transactions", &[("source", &id(&dispute))]).ok();
    assert_eq!(rows(&found), [Value::Null; 0]);
}

#[test]
fn a_direct_charge_shows_its_dispute_after_its_answer() {
    let api = sandbox("du-direct");
    let paid = charge(&api, &[("source", "tok_createDispute")]).ok();
    assert_eq!((&paid["dispute"], &paid["disputed"]), (&Value::Null, &json!(false)));
    let after = the_charge(&api, &id(&paid));
    assert_eq!((&after["disputed"], after["dispute"].is_string()), (&json!(true), true));
    let path = format!("/v1/charges/{}/dispute", id(&paid));
    assert_eq!(api.get(&path, &[]).ok()["id"], after["dispute"]);
    assert_eq!(api.post(&path, &[("metadata[a]", "1")]).ok()["metadata"], json!({"a": "1"}));
    assert_eq!(text(&api.post(&format!("{path}/close"), &[]).ok(), "status"), "lost");
}

#[test]
fn a_hold_is_disputed_when_it_is_captured() {
    let api = sandbox("du-hold");
    let held = pay(&api, "pm_card_createDispute", &[("capture_method", "manual")]).ok();
    assert_eq!(rows(&api.get("/v1/disputes", &[]).ok()), [Value::Null; 0]);
    let path = format!("/v1/payment_intents/{}/capture", id(&held));
    api.post(&path, &[("amount_to_capture", "1500")]).ok();
    let dispute = rows(&api.get("/v1/disputes", &[]).ok())[0].clone();
    let row = &dispute["balance_transactions"][0];
    assert_eq!((int(&dispute, "amount"), int(row, "amount"), text(row, "status")), (1500, -1500, "pending"));
    let direct = charge(&api, &[("source", "tok_createDispute"), ("capture", "false")]).ok();
    assert_eq!(the_charge(&api, &id(&direct))["disputed"], false);
    api.post(&format!("/v1/charges/{}/capture", id(&direct)), &[]).ok();
    assert_eq!(the_charge(&api, &id(&direct))["disputed"], true);
}

#[test]
fn each_disputing_card_has_its_reason() {
    let api = sandbox("du-cards");
    for (card, reason, case_type, status) in [
        ("pm_card_createDisputeProductNotReceived", "product_not_received", "chargeback", "needs_response"),
        ("pm_card_createDisputeInquiry", "fraudulent", "inquiry", "warning_needs_response"),
        ("pm_card_createCe3EligibleDispute", "fraudulent", "chargeback", "needs_response"),
        ("pm_card_createComplianceDispute", "noncompliant", "compliance", "needs_response"),
        ("pm_card_createMastercardComplianceDispute", "noncompliant", "compliance", "needs_response"),
    ] {
        let (_, dispute) = disputed(&api, card);
        let case = &dispute["payment_method_details"]["card"]["case_type"];
        assert_eq!((text(&dispute, "reason"), case, text(&dispute, "status")), (reason, &json!(case_type), status));
    }
    let (paid, _) = disputed(&api, "pm_card_createMultipleDisputes");
    let both = api.get("/v1/disputes", &[("charge", text(&paid, "latest_charge"))]).ok();
    assert_eq!(rows(&both).iter().map(|dispute| int(dispute, "amount")).sum::<i64>(), 2000);
    assert_eq!(rows(&both).len(), 2);
}

#[test]
fn an_inquiry_moves_no_money_and_the_charge_is_refundable() {
    let api = sandbox("du-inquiry");
    let (paid, dispute) = disputed(&api, "pm_card_createDisputeInquiry");
    assert_eq!((&dispute["is_charge_refundable"], &dispute["balance_transactions"]), (&json!(true), &json!([])));
    assert_eq!(dispute["balance_transaction"], Value::Null);
    api.post("/v1/refunds", &[("payment_intent", &id(&paid)), ("amount", "500")]).ok();
    // What was refunded is not withdrawn too.
    answer(&api, &id(&dispute), &[("evidence[uncategorized_text]", "escalate_inquiry_evidence")]);
    let after = the_dispute(&api, &id(&dispute));
    assert_eq!((text(&after, "status"), &after["is_charge_refundable"]), ("needs_response", &json!(false)));
    assert_eq!(int(&after["balance_transactions"][0], "amount"), -1500);
    assert_eq!(after["payment_method_details"]["card"]["case_type"], "chargeback");
    refused_as_disputed(&api, text(&paid, "latest_charge"));
}

#[track_caller]
fn refused_as_disputed(api: &Client, charge: &str) {
    let error = invalid(refund(api, charge, &[]), 400, Some("charge_disputed"), None);
    assert_eq!(error["message"], format!("Charge {charge} has been charged back; cannot issue a refund."));
}

#[test]
fn winning_evidence_brings_the_money_back_without_the_fee() {
    let api = sandbox("du-win");
    let (paid, dispute) = disputed(&api, "pm_card_createDispute");
    let charge = text(&paid, "latest_charge");
    refused_as_disputed(&api, charge);
    let sent = answer(&api, &id(&dispute), &[("evidence[uncategorized_text]", "winning_evidence")]);
    let details = &sent["evidence_details"];
    assert_eq!((text(&sent, "status"), int(details, "submission_count")), ("under_review", 1));
    assert_eq!((&details["has_evidence"], text(details, "submission_method")), (&json!(true), "manual"));
    let won = the_dispute(&api, &id(&dispute));
    assert_eq!((text(&won, "status"), &won["is_charge_refundable"]), ("won", &json!(true)));
    let back = &won["balance_transactions"][1];
    assert_eq!((int(back, "amount"), int(back, "fee"), text(back, "status")), (2000, 0, "pending"));
    assert_eq!((text(back, "type"), text(back, "reporting_category")), ("adjustment", "dispute_reversal"));
    assert_eq!(text(back, "description"), format!("Chargeback reversal for {charge}"));
    assert_eq!(the_charge(&api, charge)["disputed"], true);
    refund(&api, charge, &[]).ok();
}

#[test]
fn losing_evidence_loses() {
    let api = sandbox("du-lose");
    for (card, status) in [("pm_card_createDispute", "lost"), ("pm_card_createDisputeInquiry", "warning_closed")] {
        let (_, dispute) = disputed(&api, card);
        answer(&api, &id(&dispute), &[("evidence[uncategorized_text]", "losing_evidence")]);
        assert_eq!(text(&the_dispute(&api, &id(&dispute)), "status"), status);
    }
    let (_, inquiry) = disputed(&api, "pm_card_createDisputeInquiry");
    let sent = answer(&api, &id(&inquiry), &[("evidence[uncategorized_text]", "winning_evidence")]);
    assert_eq!(text(&sent, "status"), "warning_under_review");
    let after = the_dispute(&api, &id(&inquiry));
    assert_eq!((text(&after, "status"), &after["balance_transactions"]), ("warning_closed", &json!([])));
    assert_eq!(ledger(&api).iter().filter(|row| row.0 == "adjustment").count(), 1);
}

#[test]
fn evidence_can_be_kept_and_submitted_later() {
    let api = sandbox("du-stage");
    let (_, dispute) = disputed(&api, "pm_card_createDispute");
    let path = format!("/v1/disputes/{}", id(&dispute));
    let staged = api.post(&path, &[("evidence[customer_name]", "Jane"), ("submit", "false")]).ok();
    assert_eq!((text(&staged, "status"), text(&staged["evidence"], "customer_name")), ("needs_response", "Jane"));
    let details = &staged["evidence_details"];
    assert_eq!((&details["has_evidence"], int(details, "submission_count")), (&json!(true), 0));
    let kept = api.post(&path, &[("metadata[a]", "1")]).ok();
    assert_eq!((text(&kept, "status"), &kept["metadata"]), ("needs_response", &json!({"a": "1"})));
    let sent = api.post(&path, &[("submit", "true")]).ok();
    assert_eq!((text(&sent, "status"), int(&sent["evidence_details"], "submission_count")), ("under_review", 1));
    let gone = api.post(&path, &[("evidence[customer_name]", ""), ("submit", "false")]).ok();
    assert_eq!(
        (&gone["evidence"]["customer_name"], &gone["evidence_details"]["has_evidence"]),
        (&Value::Null, &json!(false))
    );
}

#[test]
fn closing_loses_at_once_and_for_good() {
    let api = sandbox("du-close");
    let (paid, dispute) = disputed(&api, "pm_card_createDispute");
    let path = format!("/v1/disputes/{}", id(&dispute));
    assert_eq!(text(&api.post(&format!("{path}/close"), &[]).ok(), "status"), "lost");
    for answer in [api.post(&format!("{path}/close"), &[]), api.post(&path, &[("metadata[a]", "1")])] {
        let error = invalid(answer, 400, None, None);
        assert_eq!(error["message"], "This dispute is already closed");
    }
    refused_as_disputed(&api, text(&paid, "latest_charge"));
    let (_, inquiry) = disputed(&api, "pm_card_createDisputeInquiry");
    let closed = api.post(&format!("/v1/disputes/{}/close", id(&inquiry)), &[]).ok();
    assert_eq!(text(&closed, "status"), "warning_closed");
}

#[test]
fn evidence_that_was_sent_before_stays() {
    let api = sandbox("du-evidence-parts");
    for submit in ["false", "true"] {
        let (_, dispute) = disputed(&api, "pm_card_createDispute");
        let path = format!("/v1/disputes/{}", id(&dispute));
        api.post(&path, &[("evidence[customer_name]", "Jane"), ("submit", submit)]).ok();
        api.post(&path, &[("evidence[product_description]", "Tea"), ("submit", submit)]).ok();
        let evidence = the_dispute(&api, &id(&dispute))["evidence"].clone();
        assert_eq!((&evidence["customer_name"], &evidence["product_description"]), (&json!("Jane"), &json!("Tea")));
    }
}

#[test]
fn evidence_that_is_a_document_is_an_uploaded_file() {
    let api = sandbox("du-file");
    let (_, dispute) = disputed(&api, "pm_card_createDispute");
    let path = format!("/v1/disputes/{}", id(&dispute));
    let answer = api.post(&path, &[("evidence[receipt]", "file_none")]);
    invalid(answer, 400, Some("resource_missing"), Some("evidence[receipt]"));
    assert_eq!(text(&the_dispute(&api, &id(&dispute)), "status"), "needs_response");
    let body = b"--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n--b\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"receipt.png\"\r\nContent-Type: image/png\r\n\r\n\
        \x89PNG\xff\r\n--b--\r\n";
    let file = api.send("POST", "/v1/files", Some(("multipart/form-data; boundary=b", body))).ok();
    let sent = api.post(&path, &[("evidence[receipt]", &*id(&file)), ("evidence[customer_name]", "Jane")]).ok();
    assert_eq!((text(&sent, "status"), &sent["evidence"]["receipt"]), ("under_review", &file["id"]));
}

#[test]
fn evidence_has_a_limit_altogether() {
    let api = sandbox("du-long");
    let (_, dispute) = disputed(&api, "pm_card_createDispute");
    let long = "a".repeat(19_000);
    let fields = [
        "access_activity_log",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "duplicate_charge_explanation",
        "product_description",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "uncategorized_text",
    ]
    .map(|field| format!("evidence[{field}]"));
    let params: Vec<(&str, &str)> = fields.iter().map(|field| (field.as_str(), long.as_str())).collect();
    let error = api.post(&format!("/v1/disputes/{}", id(&dispute)), &params).refused(400);
    assert_eq!(text(&error, "param"), "evidence");
    assert_eq!(text(&error, "message"), "The combined character count of all evidence fields is limited to 150000.");
}

#[test]
fn what_is_not_there_is_said() {
    let api = sandbox("du-missing");
    for answer in [
        api.get("/v1/disputes/du_x", &[]),
        api.post("/v1/disputes/du_x", &[]),
        api.post("/v1/disputes/du_x/close", &[]),
    ] {
        missing(answer, 404, "dispute", "du_x", "dispute");
    }
    let paid = id(&charged(&api, &[]));
    let error = api.get(&format!("/v1/charges/{paid}/dispute"), &[]).refused(404);
    assert_eq!(error["message"], format!("No dispute for charge: {paid}"));
    missing(api.get("/v1/disputes", &[("charge", "ch_x")]), 400, "charge", "ch_x", "charge");
}

#[test]
fn the_list_counts_and_filters() {
    let api = sandbox("du-list");
    let (paid, first) = disputed(&api, "pm_card_createDispute");
    let (_, second) = disputed(&api, "pm_card_createDispute");
    let list = api.get("/v1/disputes", &[]).ok();
    assert_eq!((ids(&list), int(&list, "count")), (vec![id(&second), id(&first)], 2));
    assert_eq!(ids(&api.get("/v1/disputes", &[("charge", text(&paid, "latest_charge"))]).ok()), [id(&first)]);
    assert_eq!(ids(&api.get("/v1/disputes", &[("created[lt]", "1")]).ok()), Vec::<String>::new());
}

#[test]
fn an_early_fraud_warning_is_actionable_until_the_refund() {
    let api = sandbox("efw");
    let paid = pay(&api, "pm_card_createIssuerFraudRecord", &[]).ok();
    let list = api.get("/v1/radar/early_fraud_warnings", &[("payment_intent", &id(&paid))]).ok();
    let warning = rows(&list)[0].clone();
    assert_eq!((&warning["charge"], &warning["actionable"]), (&paid["latest_charge"], &json!(true)));
    assert!(id(&warning).starts_with("issfr_"), "{warning}");
    assert_eq!(the_charge(&api, text(&paid, "latest_charge"))["disputed"], false);
    let path = format!("/v1/radar/early_fraud_warnings/{}", id(&warning));
    for (amount, actionable) in [("500", true), ("1500", false)] {
        refund(&api, text(&paid, "latest_charge"), &[("amount", amount)]).ok();
        assert_eq!(api.get(&path, &[]).ok()["actionable"], actionable);
    }
    missing(
        api.get("/v1/radar/early_fraud_warnings/issfr_x", &[]),
        404,
        "early_fraud_warning",
        "issfr_x",
        "early_fraud_warning",
    );
    let direct = charge(&api, &[("source", "tok_createIssuerFraudRecord")]).ok();
    let of = api.get("/v1/radar/early_fraud_warnings", &[("charge", &id(&direct))]).ok();
    assert_eq!(rows(&of).len(), 1);
}

/// What was announced, oldest first.
fn announced(api: &Client) -> Vec<String> {
    let list = api.get("/v1/events", &[("limit", "100")]).ok();
    rows(&list).iter().rev().map(|event| text(event, "type").to_owned()).collect()
}

#[test]
fn events_of_a_dispute_come_in_order() {
    let api = sandbox("du-events");
    let (_, dispute) = disputed(&api, "pm_card_createDispute");
    assert_eq!(
        announced(&api)[..5],
        [
            "payment_intent.created",
            "charge.succeeded",
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "payment_intent.succeeded"
        ]
    );
    let before = announced(&api).len();
    answer(&api, &id(&dispute), &[("evidence[uncategorized_text]", "winning_evidence")]);
    assert_eq!(
        announced(&api)[before..],
        ["charge.dispute.updated", "charge.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"]
    );
    let (_, inquiry) = disputed(&api, "pm_card_createDisputeInquiry");
    let seen = announced(&api);
    let withdrawn = seen.iter().filter(|kind| *kind == "charge.dispute.funds_withdrawn").count();
    assert_eq!(withdrawn, 1, "an inquiry moves no money: {seen:?}");
    api.post(&format!("/v1/disputes/{}/close", id(&inquiry)), &[]).ok();
    let seen = announced(&api);
    assert_eq!(seen[seen.len() - 2..], ["charge.dispute.closed", "charge.updated"]);
}
