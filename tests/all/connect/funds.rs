//! Money between a platform and its connected accounts (billing 6.4 to 6.6).

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{
    Params, charge, id, int, intent, invalid, missing, pay, refund, rows, says, text, the_charge, with,
};

/// A platform and an account of one of its sellers.
pub(super) fn platform(name: &str) -> (Client, Client, String) {
    let api = sandbox(name);
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    (api, theirs, seller)
}

/// Pays 100 dollars with a card whose money is available at once.
fn pays(api: &Client, params: Params<'_>) -> Answer {
    let base = [
        ("amount", "10000"),
        ("currency", "usd"),
        ("confirm", "true"),
        ("payment_method", "pm_card_bypassPending"),
        ("payment_method_types[]", "card"),
        ("capture_method", "automatic"),
    ];
    api.post("/v1/payment_intents", &with(&base, params))
}

fn charge_of(api: &Client, intent: &Value) -> Value {
    the_charge(api, text(intent, "latest_charge"))
}

/// Types, amounts and fees of an account's ledger, oldest first.
pub(super) fn ledger(api: &Client) -> Vec<(String, i64, i64)> {
    let list = api.get("/v1/balance_transactions", &[("limit", "100")]).ok();
    let rows = rows(&list).iter().rev();
    rows.map(|row| (text(row, "type").to_owned(), int(row, "amount"), int(row, "fee"))).collect()
}

pub(super) fn row(kind: &str, amount: i64, fee: i64) -> (String, i64, i64) {
    (kind.to_owned(), amount, fee)
}

/// What an account has in dollars.
pub(super) fn has(api: &Client) -> i64 {
    let balance = api.get("/v1/balance", &[]).ok();
    ["available", "pending"].iter().map(|side| int(&balance[side][0], "amount")).sum()
}

fn types(api: &Client) -> Vec<String> {
    let list = api.get("/v1/events", &[("limit", "100")]).ok();
    rows(&list).iter().rev().map(|event| text(event, "type").to_owned()).collect()
}

#[test]
fn a_destination_charge_sends_its_money_on_and_keeps_the_fee() {
    let (api, theirs, seller) = platform("co-destination");
    let to = [("transfer_data[destination]", seller.as_str()), ("application_fee_amount", "1230")];
    let paid = pays(&api, &to).ok();
    let charge = charge_of(&api, &paid);
    assert_eq!(ledger(&api), [row("charge", 10000, 320), row("transfer", -10000, 0), row("application_fee", 1230, 0)]);
    assert_eq!(ledger(&theirs), [row("payment", 10000, 1230)]);
    assert_eq!((has(&api), has(&theirs)), (910, 8770));

    let transfer = api.get(&format!("/v1/transfers/{}", text(&charge, "transfer")), &[]).ok();
    assert_eq!((int(&transfer, "amount"), &transfer["destination"]), (10000, &json!(seller)));
    assert_eq!((&transfer["source_transaction"], &transfer["reversed"]), (&charge["id"], &json!(false)));
    let group = format!("group_{}", id(&paid));
    for object in [&charge, &transfer, &paid] {
        assert_eq!(object["transfer_group"], group, "{object}");
    }
    assert_eq!(charge["destination"], seller);
    let there = the_charge(&theirs, text(&transfer, "destination_payment"));
    assert_eq!((&there["source_transfer"], &there["application_fee"]), (&transfer["id"], &charge["application_fee"]));
    assert_eq!(there["payment_method_details"], json!({"stripe_account": {}, "type": "stripe_account"}));

    let fee = api.get(&format!("/v1/application_fees/{}", text(&charge, "application_fee")), &[]).ok();
    assert_eq!((int(&fee, "amount"), &fee["account"], &fee["charge"]), (1230, &json!(seller), &there["id"]));
    assert_eq!(fee["originating_transaction"], charge["id"]);
    let row = theirs.get(&format!("/v1/balance_transactions/{}", text(&there, "balance_transaction")), &[]).ok();
    let detail = &row["fee_details"][0];
    assert_eq!((text(detail, "type"), int(detail, "amount")), ("application_fee", 1230));
    assert_eq!(detail["application"], fee["application"]);
}

#[test]
fn a_destination_charge_announces_its_transfer_and_its_fee() {
    let (api, theirs, seller) = platform("co-events");
    pays(&api, &[("transfer_data[destination]", &seller), ("application_fee_amount", "5")]).ok();
    let expected = [
        "payment_intent.created",
        "transfer.created",
        "application_fee.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "balance.available",
    ];
    assert_eq!(types(&api)[types(&api).len() - 6..], expected);
    assert_eq!(types(&theirs), ["charge.succeeded", "balance.available"]);
}

#[test]
fn a_part_of_a_payment_may_be_sent_on() {
    let (api, theirs, seller) = platform("co-part");
    let to = [("transfer_data[destination]", seller.as_str()), ("transfer_data[amount]", "8770")];
    pays(&api, &to).ok();
    assert_eq!(ledger(&api), [row("charge", 10000, 320), row("transfer", -8770, 0)]);
    assert_eq!((has(&api), has(&theirs)), (910, 8770));
    let amount = Some("transfer_data[amount]");
    invalid(pays(&api, &[to[0], ("transfer_data[amount]", "10001")]), 400, None, amount);
    invalid(pays(&api, &[to[0], ("transfer_data[amount]", "0")]), 400, Some("parameter_invalid_integer"), amount);
    let fee = ("application_fee_amount", "5");
    invalid(pays(&api, &[to[0], to[1], fee]), 400, None, Some("application_fee_amount"));
}

#[test]
fn a_part_is_sent_on_to_somebody() {
    let (api, _, _) = platform("co-part-to-nobody");
    let part = [("transfer_data[amount]", "2")];
    let lacks_destination =
        |answer| invalid(answer, 400, Some("parameter_missing"), Some("transfer_data[destination]"));
    let held = api
        .post("/v1/charges", &[("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("capture", "false")]);
    let held = id(&held.ok());
    lacks_destination(api.post(&format!("/v1/charges/{held}/capture"), &part));
    let captured = api.get(&format!("/v1/charges/{held}"), &[]).ok();
    assert_eq!((&captured["captured"], &captured["transfer_data"]), (&json!(false), &Value::Null));
    let intent = id(&api.post("/v1/payment_intents", &[("amount", "2000"), ("currency", "usd")]).ok());
    lacks_destination(api.post(&format!("/v1/payment_intents/{intent}"), &part));
    assert_eq!(api.get(&format!("/v1/payment_intents/{intent}"), &[]).ok()["transfer_data"], Value::Null);
}

#[test]
fn a_direct_charge_pays_the_platform_its_fee() {
    let (api, theirs, seller) = platform("co-direct");
    let paid = pays(&theirs, &[("application_fee_amount", "1230")]).ok();
    assert_eq!(ledger(&theirs), [row("charge", 10000, 1550)]);
    assert_eq!(ledger(&api), [row("application_fee", 1230, 0)]);
    let charge = charge_of(&theirs, &paid);
    let fee = api.get(&format!("/v1/application_fees/{}", text(&charge, "application_fee")), &[]).ok();
    assert_eq!((&fee["charge"], &fee["account"]), (&charge["id"], &json!(seller)));
    assert_eq!((&fee["originating_transaction"], &charge["application"]), (&Value::Null, &fee["application"]));
    let list = api.get("/v1/application_fees", &[("charge", &id(&charge))]).ok();
    assert_eq!(rows(&list)[0]["id"], fee["id"]);
    missing(theirs.get(&format!("/v1/application_fees/{}", id(&fee)), &[]), 404, "application fee", &id(&fee), "id");
}

#[test]
fn a_payment_that_settles_later_is_shared_when_its_money_is_there() {
    let (api, theirs, seller) = platform("co-later");
    let params: Params<'_> = &[
        ("payment_method_types[]", "us_bank_account"),
        ("payment_method", "pm_usBankAccount_success"),
        ("mandate_data[customer_acceptance][type]", "offline"),
        ("confirm", "true"),
        ("transfer_data[destination]", &seller),
    ];
    let paid = intent(&api, params).ok();
    assert_eq!(text(&paid, "status"), "processing");
    assert_eq!((charge_of(&api, &paid)["paid"].clone(), has(&theirs)), (json!(true), 2000));
    let failing =
        [params[0], ("payment_method", "pm_usBankAccount_insufficientFunds"), params[2], params[3], params[4]];
    intent(&api, &failing).ok();
    assert_eq!(has(&theirs), 2000);
    assert_eq!(rows(&api.get("/v1/transfers", &[]).ok()).len(), 1);
}

#[test]
fn a_capture_may_lower_what_goes_to_others() {
    let (api, theirs, seller) = platform("co-capture");
    let held = pay(
        &api,
        "pm_card_visa",
        &[("capture_method", "manual"), ("transfer_data[destination]", &seller), ("application_fee_amount", "300")],
    )
    .ok();
    assert!(rows(&api.get("/v1/transfers", &[]).ok()).is_empty());
    let path = format!("/v1/payment_intents/{}/capture", id(&held));
    invalid(api.post(&path, &[("application_fee_amount", "2001")]), 400, None, Some("application_fee_amount"));
    let done = api.post(&path, &[("amount_to_capture", "1000"), ("application_fee_amount", "100")]).ok();
    assert_eq!(int(&done, "application_fee_amount"), 100);
    assert_eq!((int(&charge_of(&api, &done), "application_fee_amount"), has(&theirs)), (100, 900));
    let held =
        charge(&api, &[("source", "tok_visa"), ("capture", "false"), ("transfer_data[destination]", &seller)]).ok();
    let path = format!("/v1/charges/{}/capture", id(&held));
    let done = api.post(&path, &[("transfer_data[amount]", "700")]).ok();
    assert_eq!((int(&done["transfer_data"], "amount"), has(&theirs)), (700, 1600));
}

#[test]
fn a_capture_that_says_only_the_fee_keeps_the_destination() {
    let (api, theirs, seller) = platform("co-capture-fee");
    let held = |params: Params<'_>| {
        let base = [("source", "tok_visa"), ("capture", "false"), ("transfer_data[destination]", seller.as_str())];
        format!("/v1/charges/{}/capture", id(&charge(&api, &with(&base, params)).ok()))
    };
    let done = api.post(&held(&[]), &[("application_fee_amount", "150")]).ok();
    assert_eq!((&done["destination"], int(&done, "application_fee_amount")), (&json!(seller), 150));
    assert_eq!(has(&theirs), 1850);
    let done = api.post(&held(&[]), &[("application_fee", "50")]).ok();
    assert_eq!((int(&done, "application_fee_amount"), has(&theirs)), (50, 1850 + 1950));
    let done = api.post(&held(&[("application_fee_amount", "200")]), &[("amount", "1000")]).ok();
    assert_eq!((int(&done, "application_fee_amount"), has(&theirs)), (200, 1850 + 1950 + 800));
}

#[test]
fn a_capture_that_says_only_the_part_keeps_the_destination() {
    let (api, theirs, seller) = platform("co-capture-part");
    let base = [("source", "tok_visa"), ("capture", "false"), ("transfer_data[destination]", seller.as_str())];
    let held = id(&charge(&api, &base).ok());
    let done = api.post(&format!("/v1/charges/{held}/capture"), &[("transfer_data[amount]", "600")]).ok();
    assert_eq!(done["transfer_data"], json!({"amount": 600, "destination": seller}));
    assert_eq!((&done["application_fee_amount"], has(&theirs)), (&Value::Null, 600));
}

#[test]
fn the_captures_of_a_direct_charge_pay_the_fee_that_the_platform_gets() {
    let (api, theirs, _) = platform("co-captures");
    let held = |fee: &str| {
        let params = [
            ("capture_method", "manual"),
            ("payment_method_options[card][request_multicapture]", "if_available"),
            ("application_fee_amount", fee),
        ];
        let held = pay(&theirs, "pm_card_visa", &params).ok();
        (format!("/v1/payment_intents/{}/capture", id(&held)), text(&held, "latest_charge").to_owned())
    };
    let fees = |charge: &str| -> Vec<i64> {
        let list = theirs.get("/v1/balance_transactions", &[("source", charge)]).ok();
        let details = rows(&list).iter().rev().flat_map(|row| row["fee_details"].as_array().unwrap().clone());
        details.filter(|detail| detail["type"] == "application_fee").map(|detail| int(&detail, "amount")).collect()
    };
    let (path, charge) = held("500");
    for amount in ["300", "400"] {
        theirs.post(&path, &[("amount_to_capture", amount), ("final_capture", "false")]).ok();
    }
    assert!(ledger(&api).is_empty());
    theirs.post(&path, &[("amount_to_capture", "600")]).ok();
    assert_eq!((fees(&charge), ledger(&api)), (vec![300, 200], vec![row("application_fee", 500, 0)]));
    assert_eq!(int(&the_charge(&theirs, &charge), "application_fee_amount"), 500);

    let (path, charge) = held("500");
    theirs.post(&path, &[("amount_to_capture", "300"), ("final_capture", "false")]).ok();
    theirs.post(&path, &[("amount_to_capture", "0")]).ok();
    assert_eq!((fees(&charge), has(&api)), (vec![300], 500 + 300));
    assert_eq!(int(&the_charge(&theirs, &charge), "application_fee_amount"), 300);
}

#[test]
fn no_money_goes_to_a_deleted_account() {
    let (api, _, seller) = platform("co-deleted");
    let to = ("transfer_data[destination]", seller.as_str());
    let paid = pays(&api, &[]).ok();
    let held = id(&charge(&api, &[("source", "tok_visa"), ("capture", "false"), to]).ok());
    api.delete(&format!("/v1/accounts/{seller}")).ok();
    let gone = Some("resource_missing");
    invalid(pays(&api, &[to]), 400, gone, Some(to.0));
    invalid(charge(&api, &[("source", "tok_visa"), to]), 400, gone, Some(to.0));
    invalid(charge(&api, &[("source", "tok_visa"), ("on_behalf_of", &seller)]), 400, gone, Some("on_behalf_of"));
    let send = [("amount", "100"), ("currency", "usd"), ("destination", &*seller)];
    invalid(api.post("/v1/transfers", &send), 400, gone, Some("destination"));
    let from = ("source_transaction", text(&paid, "latest_charge"));
    invalid(api.post("/v1/transfers", &with(&send, &[from])), 400, gone, Some("destination"));
    invalid(api.post(&format!("/v1/charges/{held}/capture"), &[]), 400, gone, Some(to.0));
    assert!(rows(&api.get("/v1/transfers", &[]).ok()).is_empty());
}

#[test]
fn fees_and_destinations_are_checked_on_charges_too() {
    let (api, _, seller) = platform("co-check");
    let taken = |params: Params<'_>| charge(&api, &with(&[("source", "tok_visa")], params));
    let to = ("transfer_data[destination]", seller.as_str());
    invalid(taken(&[("application_fee_amount", "5")]), 400, Some("parameter_missing"), None);
    invalid(taken(&[to, ("application_fee_amount", "2001")]), 400, None, Some("application_fee_amount"));
    invalid(taken(&[to, ("application_fee_amount", "-1")]), 400, None, Some("application_fee_amount"));
    let gone = Some("resource_missing");
    invalid(taken(&[("transfer_data[destination]", "acct_no")]), 400, gone, Some("transfer_data[destination]"));
    invalid(taken(&[("on_behalf_of", "acct_no")]), 400, gone, Some("on_behalf_of"));
    let own = id(&api.get("/v1/account", &[]).ok());
    invalid(taken(&[("transfer_data[destination]", &own)]), 400, None, Some("transfer_data[destination]"));
    assert!(rows(&api.get("/v1/charges", &[]).ok()).is_empty());
    let made = taken(&[("on_behalf_of", &seller)]).ok();
    assert_eq!((&made["on_behalf_of"], &made["transfer_data"]), (&json!(seller), &Value::Null));
}

#[test]
fn the_older_words_for_a_destination_charge_still_work() {
    let (api, theirs, seller) = platform("co-older");
    let taken = |params: Params<'_>| charge(&api, &with(&[("source", "tok_visa")], params)).ok();
    let made = taken(&[("destination", &seller), ("application_fee", "100")]);
    assert_eq!((&made["destination"], int(&made, "application_fee_amount")), (&json!(seller), 100));
    assert_eq!(made["transfer_data"], json!({"amount": null, "destination": seller}));
    assert_eq!(has(&theirs), 1900);
    taken(&[("destination[account]", &seller), ("destination[amount]", "500")]);
    assert_eq!(has(&theirs), 2400);
}

#[test]
fn money_is_sent_by_hand_as_far_as_there_is_any() {
    let (api, theirs, seller) = platform("co-transfer");
    let send =
        |params: Params<'_>| api.post("/v1/transfers", &with(&[("currency", "usd"), ("destination", &seller)], params));
    let error = invalid(send(&[("amount", "7000")]), 400, Some("balance_insufficient"), None);
    assert!(text(&error, "message").contains("4000000000000077"));
    pays(&api, &[("transfer_group", "ORDER")]).ok();
    let sent = send(&[("amount", "7000"), ("transfer_group", "ORDER"), ("metadata[a]", "1")]).ok();
    assert_eq!((&sent["source_type"], int(&sent, "amount_reversed")), (&json!("card"), 0));
    assert_eq!(sent["reversals"]["url"], format!("/v1/transfers/{}/reversals", id(&sent)));
    assert_eq!((has(&api), has(&theirs)), (2680, 7000));
    for (filter, value) in [("destination", seller.as_str()), ("transfer_group", "ORDER")] {
        assert_eq!(rows(&api.get("/v1/transfers", &[(filter, value)]).ok()).len(), 1);
        assert!(rows(&api.get("/v1/transfers", &[(filter, "other")]).ok()).is_empty());
    }
    invalid(send(&[]), 400, Some("parameter_missing"), Some("amount"));
    invalid(send(&[("amount", "0")]), 400, Some("parameter_invalid_integer"), Some("amount"));
    let nobody = [("amount", "5"), ("currency", "usd"), ("destination", "acct_no")];
    invalid(api.post("/v1/transfers", &nobody), 400, Some("resource_missing"), Some("destination"));
    let changed = api.post(&format!("/v1/transfers/{}", id(&sent)), &[("description", "Rent")]).ok();
    assert_eq!((&changed["description"], &changed["metadata"]), (&json!("Rent"), &json!({"a": "1"})));
    missing(api.get("/v1/transfers/tr_no", &[]), 404, "transfer", "tr_no", "transfer");
}

#[test]
fn all_money_comes_from_cards() {
    let (api, _, seller) = platform("co-source-type");
    pays(&api, &[]).ok();
    for (path, to) in [("/v1/transfers", &[("destination", seller.as_str())][..]), ("/v1/payouts", &[])] {
        let send = |of: &str| api.post(path, &with(&[("amount", "500"), ("currency", "usd"), ("source_type", of)], to));
        invalid(send("bank_account"), 400, Some("balance_insufficient"), None);
        assert_eq!(send("card").ok()["source_type"], "card");
    }
}

#[test]
fn the_money_of_a_charge_is_sent_on_before_it_is_there() {
    let (api, theirs, seller) = platform("co-source");
    let paid = pay(&api, "pm_card_visa", &[]).ok();
    let of = text(&paid, "latest_charge").to_owned();
    let send = |params: Params<'_>| {
        let base = [("currency", "usd"), ("destination", seller.as_str()), ("source_transaction", of.as_str())];
        api.post("/v1/transfers", &with(&base, params))
    };
    let sent = send(&[("amount", "1500")]).ok();
    let group = format!("group_{}", id(&paid));
    assert_eq!((&sent["transfer_group"], &the_charge(&api, &of)["transfer_group"]), (&json!(group), &json!(group)));
    assert_eq!(theirs.get("/v1/balance", &[]).ok()["pending"][0]["amount"], 1500);
    invalid(send(&[("amount", "501")]), 400, None, Some("amount"));
    invalid(send(&[("amount", "5"), ("currency", "eur")]), 400, None, Some("currency"));
    api.advance(3 * 86_400);
    assert_eq!(theirs.get("/v1/balance", &[]).ok()["available"][0]["amount"], 1500);
    let held = id(&charge(&api, &[("source", "tok_visa"), ("capture", "false")]).ok());
    let of_hold = [("currency", "usd"), ("destination", &*seller), ("source_transaction", &*held), ("amount", "5")];
    let sentence = format!("Charge {held} has taken no money that could be transferred.");
    says(api.post("/v1/transfers", &of_hold), 400, &sentence);
    let other = [("currency", "usd"), ("destination", &*seller), ("source_transaction", "ch_no")];
    invalid(api.post("/v1/transfers", &other), 400, Some("resource_missing"), Some("source_transaction"));
}

#[test]
fn a_transfer_is_reversed_in_parts() {
    let (api, theirs, seller) = platform("co-reverse");
    let paid = pays(&api, &[("transfer_data[destination]", &seller), ("application_fee_amount", "1000")]).ok();
    let transfer = text(&charge_of(&api, &paid), "transfer").to_owned();
    let path = format!("/v1/transfers/{transfer}/reversals");
    let part = api.post(&path, &[("amount", "2500"), ("refund_application_fee", "true")]).ok();
    assert_eq!((&part["transfer"], &part["source_refund"]), (&json!(transfer), &Value::Null));
    let back = theirs.get(&format!("/v1/refunds/{}", text(&part, "destination_payment_refund")), &[]).ok();
    assert_eq!((int(&back, "amount"), &back["source_transfer_reversal"]), (2500, &part["id"]));
    assert_eq!((has(&api), has(&theirs)), (680 + 2500 - 250, 9000 - 2500 + 250));
    let error = invalid(api.post(&path, &[("amount", "7501")]), 400, None, Some("amount"));
    assert!(text(&error, "message").contains("($75.00)"), "{error}");
    api.post(&path, &[]).ok();
    let whole = api.get(&format!("/v1/transfers/{transfer}"), &[]).ok();
    assert_eq!((&whole["reversed"], int(&whole, "amount_reversed")), (&json!(true), 10000));
    assert_eq!(rows(&whole["reversals"]).len(), 2);
    invalid(api.post(&path, &[]), 400, None, None);
    let told = types(&api);
    assert_eq!(told.iter().filter(|name| *name == "transfer.reversed").count(), 2);
    let one = format!("{path}/{}", id(&part));
    assert_eq!(api.post(&one, &[("metadata[a]", "1")]).ok()["metadata"], json!({"a": "1"}));
    assert_eq!(api.get(&one, &[]).ok()["id"], part["id"]);
    missing(api.get(&format!("{path}/trr_no"), &[]), 404, "transfer reversal", "trr_no", "id");
}

#[test]
fn a_refund_of_what_a_transfer_brought_reverses_the_transfer() {
    let (api, theirs, _) = platform("co-refund-there");
    let paid = pays(&api, &[("transfer_data[destination]", &id(&theirs.get("/v1/account", &[]).ok()))]).ok();
    let transfer = format!("/v1/transfers/{}", text(&charge_of(&api, &paid), "transfer"));
    let payment = text(&api.get(&transfer, &[]).ok(), "destination_payment").to_owned();
    let back = refund(&theirs, &payment, &[("amount", "4000"), ("metadata[a]", "1")]).ok();
    let reversal = format!("{transfer}/reversals/{}", text(&back, "source_transfer_reversal"));
    let reversal = api.get(&reversal, &[]).ok();
    assert_eq!((int(&reversal, "amount"), &reversal["destination_payment_refund"]), (4000, &back["id"]));
    assert_eq!((&reversal["source_refund"], &back["metadata"]), (&Value::Null, &json!({"a": "1"})));
    assert_eq!((has(&api), has(&theirs)), (10000 - 320 - 10000 + 4000, 6000));
    assert!(types(&api).contains(&"transfer.reversed".to_owned()));

    let path = format!("{transfer}/reversals");
    invalid(api.post(&path, &[("amount", "6001")]), 400, None, Some("amount"));
    api.post(&path, &[]).ok();
    let whole = the_charge(&theirs, &payment);
    assert_eq!((int(&whole, "amount_refunded"), &whole["refunded"], has(&theirs)), (10000, &json!(true), 0));
    assert_eq!(api.get(&transfer, &[]).ok()["reversed"], true);
    invalid(refund(&theirs, &payment, &[]), 400, Some("charge_already_refunded"), None);
    invalid(api.post(&path, &[]), 400, None, None);
}

#[test]
fn a_refund_takes_the_transfer_and_the_fee_along() {
    let (api, theirs, seller) = platform("co-refund");
    let paid = pays(&api, &[("transfer_data[destination]", &seller), ("application_fee_amount", "1230")]).ok();
    let of = text(&paid, "latest_charge").to_owned();
    let both = [("reverse_transfer", "true"), ("refund_application_fee", "true")];
    let part = refund(&api, &of, &with(&both, &[("amount", "3333")])).ok();
    let reversal = text(&part, "transfer_reversal").to_owned();
    let path = format!("/v1/transfers/{}/reversals/{reversal}", text(&the_charge(&api, &of), "transfer"));
    let reversal = api.get(&path, &[]).ok();
    assert_eq!((int(&reversal, "amount"), &reversal["source_refund"]), (3333, &part["id"]));
    let fee = format!("/v1/application_fees/{}", text(&the_charge(&api, &of), "application_fee"));
    assert_eq!(int(&api.get(&fee, &[]).ok(), "amount_refunded"), 410);
    refund(&api, &of, &both).ok();
    let fee = api.get(&fee, &[]).ok();
    assert_eq!((&fee["refunded"], rows(&fee["refunds"]).len()), (&json!(true), 2));
    assert_eq!((has(&api), has(&theirs)), (-320, 0));
}

#[test]
fn a_refund_alone_leaves_the_money_where_it_is() {
    let (api, theirs, seller) = platform("co-refund-alone");
    let paid = pays(&api, &[("transfer_data[destination]", &seller)]).ok();
    let made = refund(&api, text(&paid, "latest_charge"), &[]).ok();
    assert_eq!((&made["transfer_reversal"], has(&api), has(&theirs)), (&Value::Null, -10320, 10000));
}

#[test]
fn a_direct_charges_refund_may_give_the_fee_back() {
    let (api, theirs, _) = platform("co-refund-direct");
    let paid = pays(&theirs, &[("application_fee_amount", "1000")]).ok();
    refund(&theirs, text(&paid, "latest_charge"), &[("amount", "5000"), ("refund_application_fee", "true")]).ok();
    assert_eq!((has(&api), has(&theirs)), (500, 10000 - 1320 - 5000 + 500));
}

#[test]
fn a_fee_is_given_back_in_parts() {
    let (api, theirs, _) = platform("co-fee");
    let paid = pays(&theirs, &[("application_fee_amount", "1000")]).ok();
    let fee = text(&charge_of(&theirs, &paid), "application_fee").to_owned();
    let path = format!("/v1/application_fees/{fee}/refunds");
    let error = invalid(api.post(&path, &[("amount", "1001")]), 400, None, Some("amount"));
    assert_eq!(error["message"], "Refund amount ($10.01) is greater than fee amount ($10.00)");
    let part = api.post(&path, &[("amount", "400"), ("metadata[a]", "1")]).ok();
    assert_eq!((&part["fee"], int(&part, "amount"), &part["metadata"]), (&json!(fee), 400, &json!({"a": "1"})));
    assert_eq!((has(&api), has(&theirs)), (600, 8680 + 400));
    let error = invalid(api.post(&path, &[("amount", "601")]), 400, None, Some("amount"));
    assert_eq!(error["message"], "Refund amount ($6.01) is greater than unrefunded amount on fee ($6.00)");
    let whole = api.post(&format!("/v1/application_fees/{fee}/refund"), &[]).ok();
    assert_eq!((&whole["refunded"], int(&whole, "amount_refunded")), (&json!(true), 1000));
    invalid(api.post(&path, &[]), 400, None, None);
    assert_eq!(rows(&api.get(&path, &[]).ok()).len(), 2);
    let told = types(&api);
    assert_eq!(told.iter().filter(|name| *name == "application_fee.refunded").count(), 2);
    missing(api.post("/v1/application_fees/fee_no/refunds", &[]), 404, "application fee", "fee_no", "id");
}

#[test]
fn the_fee_of_a_destination_charge_without_one_is_given_back_as_nothing() {
    let (api, theirs, seller) = platform("co-no-fee");
    let both = [("reverse_transfer", "true"), ("refund_application_fee", "true")];
    let paid = pays(&api, &[("transfer_data[destination]", &seller)]).ok();
    let made = refund(&api, text(&paid, "latest_charge"), &both).ok();
    assert_eq!((int(&made, "amount"), made["transfer_reversal"].is_string()), (10000, true));
    assert_eq!((has(&api), has(&theirs)), (-320, 0));
    assert!(rows(&api.get("/v1/application_fees", &[]).ok()).is_empty());

    let paid = pays(&api, &[("transfer_data[destination]", &seller)]).ok();
    let reversals = format!("/v1/transfers/{}/reversals", text(&charge_of(&api, &paid), "transfer"));
    let back = api.post(&reversals, &[("amount", "4000"), ("refund_application_fee", "true")]).ok();
    assert_eq!((int(&back, "amount"), has(&theirs)), (4000, 6000));

    let direct = text(&pays(&theirs, &[]).ok(), "latest_charge").to_owned();
    let sentence = format!("Attempting to refund_application_fee on {direct}, but it has no application fee");
    says(refund(&theirs, &direct, &[("refund_application_fee", "true")]), 400, &sentence);
}

/// Sources and descriptions of the rows of a type in an account's ledger, oldest first.
fn sources(api: &Client, kind: &str) -> Vec<(String, String)> {
    let list = api.get("/v1/balance_transactions", &[("type", kind)]).ok();
    let rows = rows(&list).iter().rev();
    rows.map(|row| (text(row, "source").to_owned(), text(row, "description").to_owned())).collect()
}

#[test]
fn rows_of_what_comes_back_name_the_transfer_and_the_fee() {
    let (api, theirs, seller) = platform("co-rows-back");
    let paid = pays(&api, &[("transfer_data[destination]", &seller), ("application_fee_amount", "1000")]).ok();
    let charge = charge_of(&api, &paid);
    let (transfer, fee) = (text(&charge, "transfer").to_owned(), text(&charge, "application_fee").to_owned());
    let part = [("amount", "2500"), ("refund_application_fee", "true")];
    let reversal = api.post(&format!("/v1/transfers/{transfer}/reversals"), &part).ok();
    let back = theirs.get(&format!("/v1/refunds/{}", text(&reversal, "destination_payment_refund")), &[]).ok();
    assert_eq!((&back["transfer_reversal"], &back["source_transfer_reversal"]), (&reversal["id"], &reversal["id"]));
    let row = |source: &str, description: &str| vec![(source.to_owned(), description.to_owned())];
    assert_eq!(sources(&api, "transfer_refund"), row(&transfer, "REFUND FOR TRANSFER"));
    for account in [&api, &theirs] {
        assert_eq!(sources(account, "application_fee_refund"), row(&fee, "REFUND FOR APPLICATION FEE"));
    }
    assert_eq!(sources(&theirs, "payment_refund"), row(text(&back, "id"), "REFUND FOR PAYMENT"));
    let sent = api.get(&format!("/v1/transfers/{transfer}"), &[]).ok();
    let arrived = the_charge(&theirs, text(&sent, "destination_payment"));
    assert!(sent["transfer_group"].is_string() && arrived["transfer_group"].is_null(), "{arrived}");
    // A refund by the destination names the reversal in the same way.
    let own = refund(&theirs, &id(&arrived), &[("amount", "100")]).ok();
    assert_eq!(own["transfer_reversal"], own["source_transfer_reversal"]);
    assert!(own["transfer_reversal"].is_string(), "{own}");
}

#[test]
fn a_payment_method_of_the_platform_is_not_there_for_the_account() {
    let (api, theirs, _) = platform("co-platform-method");
    let method = id(&api.post("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]).ok());
    let sentence = format!(
        "No such PaymentMethod: '{method}'; OAuth key or Stripe-Account header was used but API request was provided with \
         a platform-owned payment method ID. Please ensure that the provided payment method matches the specified account."
    );
    let error = invalid(pay(&theirs, &method, &[]), 400, Some("resource_missing"), Some("payment_method"));
    assert_eq!(error["message"], sentence);
    says(theirs.get(&format!("/v1/payment_methods/{method}"), &[]), 404, &sentence);
    // What nobody has is only missing.
    missing(pay(&theirs, "pm_none", &[]), 400, "PaymentMethod", "pm_none", "payment_method");
    missing(pay(&api, "pm_none", &[]), 400, "PaymentMethod", "pm_none", "payment_method");
}
