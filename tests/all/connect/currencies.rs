//! Money of a platform in the United States that is settled elsewhere (connect-accounts 7.4).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, missing, refund, rows, text, the_charge, with};

/// A platform, and an account of a seller in another country.
fn abroad(name: &str, country: &str) -> (Client, Client, String) {
    let api = sandbox(name);
    let seller = id(&api.post("/v1/accounts", &[("country", country), ("email", "a@example.com")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    (api, theirs, seller)
}

/// Charges an American card whose money is available at once.
fn charged(api: &Client, amount: &str, params: Params<'_>) -> Value {
    let base = [("amount", amount), ("currency", "usd"), ("source", "tok_bypassPending")];
    api.post("/v1/charges", &with(&base, params)).ok()
}

/// The row of an object's own balance transaction.
fn row_of(api: &Client, object: &Value) -> Value {
    api.get(&format!("/v1/balance_transactions/{}", text(object, "balance_transaction")), &[]).ok()
}

/// Amount, currency and rate of a row.
fn moved(row: &Value) -> (i64, &str, Option<f64>) {
    (int(row, "amount"), text(row, "currency"), row["exchange_rate"].as_f64())
}

fn fetch(api: &Client, path: &str, id: &Value) -> Value {
    api.get(&format!("/v1/{path}/{}", id.as_str().unwrap()), &[]).ok()
}

/// The newest row of a type.
fn newest(api: &Client, kind: &str) -> Value {
    rows(&api.get("/v1/balance_transactions", &[("type", kind)]).ok())[0].clone()
}

#[test]
fn a_transfer_is_kept_in_the_currency_of_its_account() {
    for (country, amount, kept) in [
        ("CA", "61", (83, "cad", Some(1.35576))),
        ("DE", "1000", (926, "eur", Some(0.92594))),
        ("SG", "1000", (1339, "sgd", Some(1.3389))),
        ("US", "1000", (1000, "usd", None)),
    ] {
        let (api, theirs, seller) = abroad(&format!("cu-transfer-{country}"), country);
        charged(&api, "5000", &[]);
        let params = [("amount", amount), ("currency", "usd"), ("destination", &*seller)];
        let transfer = api.post("/v1/transfers", &params).ok();
        assert_eq!((text(&transfer, "currency"), int(&transfer, "amount").to_string()), ("usd", amount.to_owned()));
        assert_eq!(moved(&row_of(&api, &transfer)), (-int(&transfer, "amount"), "usd", None));
        let payment = the_charge(&theirs, text(&transfer, "destination_payment"));
        assert_eq!((text(&payment, "currency"), int(&payment, "amount")), ("usd", int(&transfer, "amount")));
        assert_eq!(moved(&row_of(&theirs, &payment)), kept, "{country}");
        let balance = theirs.get("/v1/balance", &[]).ok();
        assert_eq!(
            (int(&balance["available"][0], "amount"), text(&balance["available"][0], "currency")),
            (kept.0, kept.1)
        );
    }
}

#[test]
fn a_reversal_is_converted_at_the_rate_of_a_refund() {
    let (api, theirs, seller) = abroad("cu-reversal", "CA");
    charged(&api, "5000", &[]);
    let params = [("amount", "1000"), ("currency", "usd"), ("destination", &*seller)];
    let transfer = api.post("/v1/transfers", &params).ok();
    let reversal = api.post(&format!("/v1/transfers/{}/reversals", id(&transfer)), &[("amount", "500")]).ok();
    assert_eq!((int(&reversal, "amount"), text(&reversal, "currency")), (500, "usd"));
    assert_eq!(moved(&row_of(&api, &reversal)), (500, "usd", None));
    let back = fetch(&theirs, "refunds", &reversal["destination_payment_refund"]);
    assert_eq!((int(&back, "amount"), text(&back, "currency")), (500, "usd"));
    assert_eq!(moved(&row_of(&theirs, &back)), (-692, "cad", Some(1.38343)));
}

#[test]
fn an_account_with_a_bank_account_in_dollars_keeps_dollars() {
    let (api, theirs, seller) = abroad("cu-usd-bank", "CA");
    let path = format!("/v1/accounts/{seller}/external_accounts");
    api.post(&path, &[("external_account", "btok_us_verified")]).ok();
    charged(&api, "5000", &[]);
    let params = [("amount", "1000"), ("currency", "usd"), ("destination", &*seller)];
    let transfer = api.post("/v1/transfers", &params).ok();
    let payment = the_charge(&theirs, text(&transfer, "destination_payment"));
    assert_eq!(moved(&row_of(&theirs, &payment)), (1000, "usd", None));
    // It makes no difference when the account is the one on whose behalf the charge is.
    let on_behalf = [("on_behalf_of", &*seller), ("transfer_data[destination]", &*seller)];
    let charge = charged(&api, "1000", &on_behalf);
    assert_eq!(moved(&row_of(&api, &charge)), (1356, "cad", Some(1.35576)));
}

#[test]
fn a_charge_on_behalf_of_an_account_is_settled_in_its_currency() {
    let (api, theirs, seller) = abroad("cu-on-behalf", "CA");
    let params =
        [("on_behalf_of", &*seller), ("transfer_data[destination]", &*seller), ("application_fee_amount", "100")];
    let charge = charged(&api, "1000", &params);
    assert_eq!((int(&charge, "amount"), text(&charge, "currency")), (1000, "usd"));
    let row = row_of(&api, &charge);
    assert_eq!(moved(&row), (1356, "cad", Some(1.35576)));
    assert_eq!(row["fee_details"][0]["currency"], "cad");
    // 2.9 % and 0.8 % for a foreign card, and 30 cents of Canada.
    assert_eq!(int(&row, "fee"), 80);
    let transfer = fetch(&api, "transfers", &charge["transfer"]);
    assert_eq!((int(&transfer, "amount"), text(&transfer, "currency")), (1356, "cad"));
    let payment = the_charge(&theirs, text(&transfer, "destination_payment"));
    assert_eq!((int(&payment, "amount"), text(&payment, "currency")), (1356, "cad"));
    assert_eq!(int(&payment, "application_fee_amount"), 136);
    let there = row_of(&theirs, &payment);
    assert_eq!((moved(&there), int(&there, "fee")), ((1356, "cad", None), 136));
    let fee = fetch(&api, "application_fees", &charge["application_fee"]);
    assert_eq!((int(&fee, "amount"), text(&fee, "currency")), (100, "usd"));
    assert_eq!(moved(&row_of(&api, &fee)), (100, "usd", Some(1.35576)));
    let described = text(&row_of(&api, &fee), "description").to_owned();
    assert_eq!(described, format!("Application fee from application Pinstripe for a@example.com ({seller})"));
}

#[test]
fn a_full_refund_of_it_takes_everything_back() {
    let (api, theirs, seller) = abroad("cu-refund", "CA");
    let params =
        [("on_behalf_of", &*seller), ("transfer_data[destination]", &*seller), ("application_fee_amount", "100")];
    let charge = charged(&api, "1000", &params);
    let both = [("reverse_transfer", "true"), ("refund_application_fee", "true")];
    let back = refund(&api, &id(&charge), &both).ok();
    assert_eq!((int(&back, "amount"), text(&back, "currency")), (1000, "usd"));
    assert_eq!(moved(&row_of(&api, &back)), (-1383, "cad", Some(1.38343)));
    let transfer = api.get(&format!("/v1/transfers/{}", text(&charge, "transfer")), &[]).ok();
    let reversal = &transfer["reversals"]["data"][0];
    assert_eq!(
        (int(reversal, "amount"), text(reversal, "currency"), &transfer["reversed"]),
        (1356, "cad", &json!(true))
    );
    let payment_refund = fetch(&theirs, "refunds", &reversal["destination_payment_refund"]);
    assert_eq!((int(&payment_refund, "amount"), text(&payment_refund, "currency")), (1356, "cad"));
    let fee = fetch(&api, "application_fees", &charge["application_fee"]);
    assert_eq!((int(&fee, "amount_refunded"), &fee["refunded"]), (100, &json!(true)));
    let given_back = &fee["refunds"]["data"][0];
    assert_eq!((int(given_back, "amount"), text(given_back, "currency")), (136, "cad"));
    assert_eq!(moved(&row_of(&api, given_back)), (-100, "usd", Some(1.38343)));
    // The account has nothing left of the payment.
    let balance = theirs.get("/v1/balance", &[]).ok();
    let left: i64 = ["available", "pending"].iter().map(|side| int(&balance[side][0], "amount")).sum();
    assert_eq!(left, 0);
}

#[test]
fn a_part_refund_of_it_takes_a_part_of_each() {
    let (api, _, seller) = abroad("cu-part", "CA");
    let params =
        [("on_behalf_of", &*seller), ("transfer_data[destination]", &*seller), ("application_fee_amount", "30")];
    let charge = charged(&api, "1000", &params);
    let both = [("amount", "500"), ("reverse_transfer", "true"), ("refund_application_fee", "true")];
    refund(&api, &id(&charge), &both).ok();
    let fee = fetch(&api, "application_fees", &charge["application_fee"]);
    assert_eq!(int(&fee, "amount_refunded"), 15);
    assert_eq!(int(&fee["refunds"]["data"][0], "amount"), 20);
    let transfer = fetch(&api, "transfers", &charge["transfer"]);
    assert_eq!(int(&transfer["reversals"]["data"][0], "amount"), 678);
}

#[test]
fn a_direct_charge_is_converted_where_it_is() {
    let (api, theirs, _) = abroad("cu-direct", "SG");
    let charge = charged(&theirs, "1000", &[("application_fee_amount", "500")]);
    let row = row_of(&theirs, &charge);
    assert_eq!(moved(&row), (1339, "sgd", Some(1.3389)));
    let fees = row["fee_details"].as_array().unwrap();
    let parts: Vec<_> = fees.iter().map(|fee| (text(fee, "type"), int(fee, "amount"), text(fee, "currency"))).collect();
    // 500 at the rate; 3.9 % and 50 cents of Singapore.
    assert_eq!(parts, [("application_fee", 669, "sgd"), ("stripe_fee", 102, "sgd")]);
    assert_eq!(text(&fees[0], "description"), "Pinstripe application fee");
    assert_eq!(int(&charge, "application_fee_amount"), 500);
    let fee = fetch(&api, "application_fees", &charge["application_fee"]);
    assert_eq!((int(&fee, "amount"), text(&fee, "currency")), (500, "usd"));
    assert_eq!(moved(&row_of(&api, &fee)), (500, "usd", Some(1.3389)));
    // A currency without a recorded fee, and without decimals.
    let (_, theirs, _) = abroad("cu-direct-brl", "BR");
    assert_eq!(moved(&row_of(&theirs, &charged(&theirs, "3000", &[]))), (16638, "brl", Some(5.546)));
    let (_, theirs, _) = abroad("cu-direct-jpy", "JP");
    let row = row_of(&theirs, &charged(&theirs, "1000", &[]));
    assert_eq!((int(&row, "amount"), text(&row, "currency")), (1463, "jpy"));
}

#[test]
fn a_refund_of_a_direct_charge_is_at_the_other_rate() {
    let (_, theirs, _) = abroad("cu-direct-refund", "CA");
    let charge = charged(&theirs, "1000", &[]);
    let back = refund(&theirs, &id(&charge), &[]).ok();
    assert_eq!(moved(&row_of(&theirs, &back)), (-1383, "cad", Some(1.38343)));
}

#[test]
fn the_failure_of_a_refund_brings_back_what_it_took() {
    let (_, theirs, _) = abroad("cu-refund-failure", "CA");
    let charge =
        theirs.post("/v1/charges", &[("amount", "1000"), ("currency", "usd"), ("source", "tok_refundFail")]).ok();
    refund(&theirs, &id(&charge), &[]).ok();
    assert_eq!(moved(&newest(&theirs, "refund")), (-1383, "cad", Some(1.38343)));
    assert_eq!(moved(&newest(&theirs, "refund_failure")), (1383, "cad", Some(1.38343)));
}

#[test]
fn a_dispute_takes_and_returns_the_same_in_the_settlement_currency() {
    let (api, _, seller) = abroad("cu-dispute", "CA");
    let params = [("amount", "1000"), ("currency", "usd"), ("source", "tok_createDispute"), ("on_behalf_of", &*seller)];
    api.post("/v1/charges", &params).ok();
    let dispute = rows(&api.get("/v1/disputes", &[]).ok())[0].clone();
    assert_eq!((int(&dispute, "amount"), text(&dispute, "currency")), (1000, "usd"));
    let row = &dispute["balance_transactions"][0];
    assert_eq!((moved(row), int(row, "fee")), ((-1383, "cad", Some(1.38343)), 1500));
    let path = format!("/v1/disputes/{}", id(&dispute));
    api.post(&path, &[("evidence[uncategorized_text]", "winning_evidence")]).ok();
    let won = api.get(&path, &[]).ok();
    assert_eq!(text(&won, "status"), "won");
    assert_eq!(moved(&won["balance_transactions"][1]), (1383, "cad", Some(1.38343)));
}

#[test]
fn a_transfer_from_a_converted_charge_is_in_the_currency_of_its_row() {
    let (api, _, seller) = abroad("cu-source", "CA");
    let charge = charged(&api, "1000", &[("on_behalf_of", &*seller)]);
    let to = [("destination", &*seller), ("source_transaction", &*id(&charge))];
    let answer = api.post("/v1/transfers", &with(&to, &[("amount", "100"), ("currency", "usd")]));
    let sentence = "The currency of source_transaction's balance transaction (cad) must be the same as the transfer currency (usd)";
    assert_eq!(answer.refused(400)["message"], sentence);
    let transfer = api.post("/v1/transfers", &with(&to, &[("currency", "cad")])).ok();
    assert_eq!(int(&transfer, "amount"), 1356);
}

#[test]
fn an_account_sends_money_to_its_platform() {
    let (api, theirs, seller) = abroad("cu-to-platform", "US");
    let platform = id(&api.get("/v1/account", &[]).ok());
    let params = [("amount", "700"), ("currency", "usd"), ("destination", &*platform)];
    // Also when it has nothing.
    let transfer = theirs.post("/v1/transfers", &params).ok();
    assert_eq!((text(&transfer, "destination"), int(&transfer, "amount")), (&*platform, 700));
    let payment = the_charge(&api, text(&transfer, "destination_payment"));
    assert_eq!((int(&payment, "amount"), text(&payment["source"], "id")), (700, &*seller));
    assert_eq!(payment["application"], Value::Null);
    let has = |api: &Client| int(&api.get("/v1/balance", &[]).ok()["available"][0], "amount");
    assert_eq!((has(&theirs), has(&api)), (-700, 700));
    // The platform gives it back, by either end.
    theirs.post(&format!("/v1/transfers/{}/reversals", id(&transfer)), &[("amount", "200")]).ok();
    assert_eq!((has(&theirs), has(&api)), (-500, 500));
    refund(&api, &id(&payment), &[]).ok();
    assert_eq!((has(&theirs), has(&api)), (0, 0));
    // It sends none to others, nor to itself.
    let other = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let to = |to: &str| theirs.post("/v1/transfers", &[("amount", "700"), ("currency", "usd"), ("destination", to)]);
    missing(to(&other), 400, "destination", &other, "destination");
    assert_eq!(to(&seller).refused(400)["message"], "The 'destination' param cannot be set to your own account.");
}

#[test]
fn payments_in_an_account_name_the_platforms_application() {
    let (api, theirs, seller) = abroad("cu-application", "US");
    let charge = charged(&theirs, "1000", &[]);
    let application = text(&charge, "application").to_owned();
    assert!(application.starts_with("ca_"), "{charge}");
    let intent = theirs.post("/v1/payment_intents", &[("amount", "1000"), ("currency", "usd")]).ok();
    assert_eq!(intent["application"], application);
    charged(&api, "5000", &[]);
    let params = [("amount", "100"), ("currency", "usd"), ("destination", &*seller)];
    let transfer = api.post("/v1/transfers", &params).ok();
    let payment = the_charge(&theirs, text(&transfer, "destination_payment"));
    assert_eq!(payment["application"], application);
    assert_eq!(charged(&api, "1000", &[])["application"], Value::Null);
}

#[test]
fn exchange_rates_are_those_of_payments_between_whole_units() {
    let api = sandbox("cu-rates");
    let dollars = api.get("/v1/exchange_rates/usd", &[]).ok();
    assert_eq!((text(&dollars, "id"), text(&dollars, "object")), ("usd", "exchange_rate"));
    assert_eq!((&dollars["rates"]["cad"], &dollars["rates"]["krw"]), (&json!(1.35576), &json!(1321.36)));
    let list = api.get("/v1/exchange_rates", &[("limit", "2")]).ok();
    assert_eq!((rows(&list).len(), &list["has_more"]), (2, &json!(true)));
    let next = api.get("/v1/exchange_rates", &[("starting_after", &id(&rows(&list)[1]))]).ok();
    assert_eq!(rows(&next).len(), 10);
    missing(api.get("/v1/exchange_rates/xyz", &[]), 404, "exchange rate", "xyz", "rate_id");
}
