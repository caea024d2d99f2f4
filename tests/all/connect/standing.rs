//! What an account that has not told everything, or was rejected, may not do (connect-accounts 7.1, billing 6.3).

use serde_json::{Value, json};

use super::{account, again, agreed, onboard};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{charge, charged, id, ids, invalid, rows, says, text};

/// What an express account tells.
const TOLD: &[(&str, &str)] = &[
    ("type", "express"),
    ("business_profile[product_description]", "Tea"),
    ("business_profile[support_phone]", "0000000000"),
    ("business_profile[url]", "https://tea.example/"),
    ("external_account", "btok_us_verified"),
];
const BOTH: &[(&str, &str)] =
    &[("capabilities[card_payments][requested]", "true"), ("capabilities[transfers][requested]", "true")];

pub(super) const DESTINATION: &str = "Your destination account needs to have at least one of the following capabilities enabled: transfers, \
                           crypto_transfers, legacy_payments";
pub(super) const DISABLED: &str = "This Connect account cannot currently make live charges. The `requirements.disabled_reason` property on the \
                        account will provide information about why this account is currently disabled. If you are a customer trying \
                        to make a purchase, please contact the owner of this site. Your transaction has not been processed.";

/// A platform with money, and an account that may do everything.
pub(super) fn open(name: &str) -> (Client, Value) {
    let api = sandbox(name);
    charge(&api, &[("amount", "90000"), ("currency", "usd"), ("source", "tok_bypassPending")]).ok();
    let made = agreed(&api, &[TOLD, BOTH]);
    assert_eq!((&made["charges_enabled"], &made["payouts_enabled"]), (&json!(true), &json!(true)), "{made}");
    (api, made)
}

fn pays(api: &Client, more: &[(&str, &str)]) -> Answer {
    let base =
        [("amount", "5000"), ("currency", "usd"), ("confirm", "true"), ("payment_method", "pm_card_bypassPending")];
    api.post("/v1/payment_intents", &[&base[..], &[("payment_method_types[]", "card")], more].concat())
}

fn sends(api: &Client, to: &str) -> Answer {
    api.post("/v1/transfers", &[("amount", "1000"), ("currency", "usd"), ("destination", to)])
}

/// How many objects there are that money would leave behind.
pub(super) fn traces(api: &Client) -> usize {
    let paths = ["/v1/charges", "/v1/payment_intents", "/v1/transfers", "/v1/payouts", "/v1/balance_transactions"];
    paths.iter().map(|path| rows(&api.get(path, &[("limit", "100")]).ok()).len()).sum()
}

pub(super) fn reject(api: &Client, account: &str) {
    api.post(&format!("/v1/accounts/{account}/reject"), &[("reason", "fraud")]).ok();
}

#[test]
fn money_goes_to_accounts_with_an_active_capability_for_it() {
    let (api, open) = open("st-destination");
    let cards = agreed(&api, &[TOLD, &BOTH[..1]]);
    let (bare, fresh) = (agreed(&api, &[TOLD]), account(&api, &[&TOLD[..1], BOTH]));
    let before = traces(&api);
    for refused in [&cards, &bare, &fresh, &account(&api, &[&[("type", "custom")]])] {
        let to = id(refused);
        let error = invalid(sends(&api, &to), 400, Some("insufficient_capabilities_for_transfer"), None);
        assert_eq!(error["message"], DESTINATION);
        says(pays(&api, &[("transfer_data[destination]", &to)]), 400, DESTINATION);
        let old =
            charge(&api, &[("amount", "5000"), ("currency", "usd"), ("source", "tok_visa"), ("destination", &to)]);
        says(old, 400, DESTINATION);
    }
    assert_eq!(traces(&api), before);
    sends(&api, &id(&open)).ok();
    pays(&api, &[("transfer_data[destination]", &id(&open))]).ok();
    // What is requested and told is active at once, and can be withdrawn.
    let path = format!("/v1/accounts/{}/capabilities/transfers", id(&bare));
    api.post(&path, &[("requested", "true")]).ok();
    sends(&api, &id(&bare)).ok();
    api.post(&path, &[("requested", "false")]).ok();
    says(sends(&api, &id(&bare)), 400, DESTINATION);
    // A standard account is not held back.
    sends(&api, &id(&account(&api, &[&[("type", "standard")]]))).ok();
}

#[test]
fn payments_on_behalf_of_an_account_need_its_card_payments() {
    let (api, open) = open("st-behalf");
    let (transfers, bare) = (id(&agreed(&api, &[TOLD, &BOTH[1..]])), id(&agreed(&api, &[TOLD])));
    let before = traces(&api);
    for (refused, with) in [(&transfers, "with `transfers` but without"), (&bare, "without")] {
        let sentence = format!(
            "You cannot create a charge with the `on_behalf_of` parameter set to a connected account {with} the \
             `card_payments` capability enabled."
        );
        let error = invalid(pays(&api, &[("on_behalf_of", refused)]), 400, None, Some("on_behalf_of"));
        assert_eq!(error["message"], sentence);
    }
    assert_eq!(traces(&api), before);
    pays(&api, &[("on_behalf_of", &id(&open))]).ok();
    pays(&api, &[("on_behalf_of", &id(&account(&api, &[&[("type", "standard")]])))]).ok();
}

#[test]
fn an_account_charges_with_its_card_payments() {
    let (api, open) = open("st-direct");
    let (bare, standard) = (agreed(&api, &[TOLD]), account(&api, &[&[("type", "standard")]]));
    let there = |account: &Value| api.with("Stripe-Account", &id(account));
    let sentence = "You cannot create a charge on a connected account without the `card_payments` capability enabled.";
    let theirs = there(&bare);
    says(pays(&theirs, &[]), 400, sentence);
    says(charge(&theirs, &[("amount", "500"), ("currency", "usd"), ("source", "tok_visa")]), 400, sentence);
    assert_eq!(traces(&theirs), 0);
    // An intent may be made before; its confirmation is refused, and leaves it as it was.
    let begun = theirs.post("/v1/payment_intents", &[("amount", "500"), ("currency", "usd")]).ok();
    let path = format!("/v1/payment_intents/{}", id(&begun));
    let method = [("payment_method", "pm_card_visa"), ("return_url", "https://shop.example/")];
    says(theirs.post(&format!("{path}/confirm"), &method), 400, sentence);
    assert_eq!(theirs.get(&path, &[]).ok(), begun);
    for allowed in [&open, &standard] {
        charged(&there(allowed), &[]);
        assert_eq!(text(&pays(&there(allowed), &[]).ok(), "status"), "succeeded");
    }
    let path = format!("/v1/accounts/{}/capabilities/card_payments", id(&bare));
    api.post(&path, &[("requested", "true")]).ok();
    charged(&theirs, &[]);
}

#[test]
fn an_account_is_paid_out_once_payouts_are_enabled() {
    let (api, open) = open("st-payouts");
    let waiting = agreed(&api, &[&TOLD[..TOLD.len() - 1], BOTH]);
    let payout = |account: &Value| {
        let there = api.with("Stripe-Account", &id(account));
        there.post("/v1/payouts", &[("amount", "500"), ("currency", "usd")])
    };
    let error = invalid(payout(&waiting), 400, Some("payouts_not_allowed"), None);
    assert_eq!(error["message"], "Cannot create payouts: this account has requirements that need to be collected.");
    sends(&api, &id(&open)).ok();
    payout(&open).ok();
    reject(&api, &id(&open));
    let error = invalid(payout(&open), 400, Some("payouts_not_allowed"), None);
    assert_eq!(error["message"], "Cannot create payouts: this account was rejected, and its payouts are disabled.");
    let there = api.with("Stripe-Account", &id(&open));
    assert_eq!(ids(&there.get("/v1/payouts", &[]).ok()).len(), 1);
}

#[test]
fn a_rejected_account_does_nothing_with_money_until_it_is_taken_back() {
    let (api, open) = open("st-rejected");
    let standard = account(&api, &[&[("type", "standard")]]);
    for rejected in [&open, &standard] {
        let to = id(rejected);
        let there = api.with("Stripe-Account", &to);
        // Of a standard account, only the service says so.
        let target = format!("/_pinstripe/account/{to}?sandbox={}&state=rejected", api.sandbox());
        assert_eq!(api.send("POST", &target, None).status, 200);
        let shown = again(&api, rejected);
        assert_eq!((&shown["charges_enabled"], &shown["payouts_enabled"]), (&json!(false), &json!(false)));
        assert_eq!(text(&shown["requirements"], "disabled_reason"), "rejected.fraud");
        let before = (traces(&api), traces(&there));
        says(pays(&there, &[]), 400, DISABLED);
        says(charge(&there, &[("amount", "500"), ("currency", "usd"), ("source", "tok_visa")]), 400, DISABLED);
        says(pays(&api, &[("on_behalf_of", &to)]), 400, DISABLED);
        says(pays(&api, &[("transfer_data[destination]", &to)]), 400, DESTINATION);
        says(sends(&api, &to), 400, DESTINATION);
        assert_eq!((traces(&api), traces(&there)), before);
        // What is there can still be read and told.
        there.get("/v1/customers", &[]).ok();
        api.post(&format!("/v1/accounts/{to}"), &[("metadata[a]", "b")]).ok();
    }
}

#[test]
fn no_schedule_pays_out_to_a_rejected_account() {
    let (api, open) = open("st-schedule");
    let there = api.with("Stripe-Account", &id(&open));
    there.post("/v1/balance_settings", &[("payments[payouts][schedule][interval]", "daily")]).ok();
    sends(&api, &id(&open)).ok();
    reject(&api, &id(&open));
    api.advance(3 * 86_400);
    assert_eq!(there.get("/v1/payouts", &[]).ok()["data"], json!([]));
    api.post(&format!("/v1/accounts/{}/unreject", id(&open)), &[]).ok();
    api.advance(2 * 86_400);
    assert_eq!(rows(&there.get("/v1/payouts", &[]).ok()).len(), 1);
}

/// A customer with a card who subscribes to a monthly price.
fn subscribed(api: &Client, more: &[(&str, &str)]) -> Value {
    let customer = id(&api.post("/v1/customers", &[("source", "tok_visa")]).ok());
    let price =
        [("currency", "usd"), ("unit_amount", "2000"), ("recurring[interval]", "month"), ("product_data[name]", "Tea")];
    let price = id(&api.post("/v1/prices", &price).ok());
    let base = [("customer", customer.as_str()), ("items[0][price]", &price)];
    let made = api.post("/v1/subscriptions", &[&base[..], more].concat()).ok();
    assert_eq!(made["status"], "active");
    made
}

fn latest(api: &Client, subscription: &Value) -> Value {
    let path = format!("/v1/subscriptions/{}", text(subscription, "id"));
    api.get(&path, &[("expand[]", "latest_invoice")]).ok()["latest_invoice"].clone()
}

#[test]
fn a_renewal_is_not_paid_to_an_account_that_was_rejected_or_deleted() {
    let (api, open) = open("st-renewal");
    let there = api.with("Stripe-Account", &id(&open));
    let made = subscribed(&there, &[("application_fee_percent", "10")]);
    reject(&api, &id(&open));
    api.advance(40 * 86_400);
    let renewed = latest(&there, &made);
    assert_eq!((text(&renewed, "billing_reason"), text(&renewed, "status")), ("subscription_cycle", "open"));
    assert_eq!(rows(&there.get("/v1/charges", &[]).ok()).len(), 1);
    assert_eq!(rows(&api.get("/v1/application_fees", &[]).ok()).len(), 1);
    api.delete(&format!("/v1/accounts/{}", id(&open))).ok();
    api.advance(40 * 86_400);
    assert_eq!(rows(&api.get("/v1/application_fees", &[]).ok()).len(), 1);
}

#[test]
fn a_renewal_for_a_destination_that_takes_no_money_says_why_it_stays_a_draft() {
    let (api, open) = open("st-renewal-destination");
    let to = id(&open);
    let made = subscribed(&api, &[("transfer_data[destination]", &to)]);
    reject(&api, &to);
    api.advance(40 * 86_400);
    let renewed = latest(&api, &made);
    assert_eq!((text(&renewed, "status"), &renewed["auto_advance"]), ("draft", &json!(false)));
    assert_eq!(renewed["last_finalization_error"]["message"], DESTINATION);
    let failed = api.get("/v1/events", &[("type", "invoice.finalization_failed")]).ok();
    assert_eq!(text(&rows(&failed)[0]["data"]["object"], "id"), text(&renewed, "id"));
}

#[test]
fn who_gave_all_capabilities_up_charges_no_more() {
    let (api, open) = open("st-given-up");
    let path = format!("/v1/accounts/{}", id(&open));
    let none = [("capabilities[card_payments][requested]", "false"), ("capabilities[transfers][requested]", "false")];
    let shown = api.post(&path, &none).ok();
    assert_eq!((&shown["charges_enabled"], &shown["payouts_enabled"]), (&json!(false), &json!(false)), "{shown}");
}

#[test]
fn a_standard_account_is_rejected_by_nobody_but_the_service() {
    let (api, open) = open("st-reject-standard");
    let refused = "You cannot reject this account: only accounts for whose negative balances your platform is liable, such as \
                   Express and Custom accounts, can be rejected.";
    let standard = account(&api, &[&[("type", "standard")]]);
    let path = format!("/v1/accounts/{}/reject", id(&standard));
    says(api.post(&path, &[("reason", "fraud")]), 400, refused);
    assert_eq!(again(&api, &standard), standard);
    reject(&api, &id(&open));
}

#[test]
fn no_account_is_paid_out_before_its_payouts_are_enabled() {
    let (api, _) = open("st-payouts-standard");
    for kind in ["standard", "express", "custom"] {
        let bare = id(&account(&api, &[&[("type", kind)]]));
        let there = api.with("Stripe-Account", &bare);
        there.post("/v1/balance_settings", &[("payments[payouts][schedule][interval]", "daily")]).ok();
        api.post(
            "/v1/accounts/{bare}/capabilities/transfers".replace("{bare}", &bare).as_str(),
            &[("requested", "true")],
        )
        .ok();
        if kind == "standard" {
            sends(&api, &bare).ok();
        }
        let payout = [("amount", "500"), ("currency", "usd")];
        let error = invalid(there.post("/v1/payouts", &payout), 400, Some("payouts_not_allowed"), None);
        assert_eq!(error["message"], "Cannot create payouts: this account has requirements that need to be collected.");
        api.advance(2 * 86_400);
        assert_eq!(there.get("/v1/payouts", &[]).ok()["data"], json!([]), "{kind}");
        onboard(&api, &bare);
        if kind == "standard" {
            there.post("/v1/payouts", &payout).ok();
            api.advance(2 * 86_400);
            assert_eq!(rows(&there.get("/v1/payouts", &[]).ok()).len(), 2);
        }
    }
}
