//! `expand` (core-payments 1.10, platform 5.3).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{
    Params, add_source, attached, card_source, charge, charged, customer, id, ids, invalid, pay, refund, rows, text,
    the_charge, the_customer, with,
};

/// A charge of a customer's default card.
fn customers_charge(api: &Client) -> (String, Value) {
    let owner = customer(api, &[("source", "tok_visa")]);
    let paid = charge(api, &[("customer", &owner)]).ok();
    (owner, paid)
}

fn get(api: &Client, path: &str, expand: &[&str]) -> Value {
    let params: Vec<(&str, &str)> = expand.iter().map(|path| ("expand[]", *path)).collect();
    api.get(path, &params).ok()
}

#[track_caller]
fn refused(api: &Client, path: &str, expand: &str, message: &str) {
    let error = invalid(api.get(path, &[("expand[]", expand)]), 400, None, None);
    assert_eq!(error["message"], message);
}

#[test]
fn a_list_that_a_version_took_away_cannot_be_expanded_from_then_on() {
    let api = sandbox("expand-charges");
    let paid = id(&pay(&api, "pm_card_visa", &[]).ok());
    let path = format!("/v1/payment_intents/{paid}");
    for (version, path, expand) in [
        ("2022-11-15", path.as_str(), "charges"),
        ("2026-10-28.endive", path.as_str(), "charges.data.balance_transaction"),
        ("2026-10-28.endive", "/v1/payment_intents", "data.charges"),
    ] {
        let error = invalid(api.version(version).get(path, &[("expand[]", expand)]), 400, None, None);
        assert!(text(&error, "message").starts_with("This property cannot be expanded ("), "{error}");
    }
    let old = api.version("2022-08-01").get(&path, &[("expand[]", "charges.data.balance_transaction")]).ok();
    assert_eq!(old["charges"]["data"][0]["balance_transaction"]["object"], "balance_transaction");
    // Other lists are only shown less, and can still be expanded.
    let charge = text(&old["charges"]["data"][0], "id").to_owned();
    let charge = api.get(&format!("/v1/charges/{charge}"), &[("expand[]", "refunds")]).ok();
    assert_eq!(charge["refunds"]["object"], "list");
}

#[test]
fn a_reference_becomes_the_object() {
    let api = sandbox("expand-reference");
    let (owner, paid) = customers_charge(&api);
    let path = format!("/v1/charges/{}", id(&paid));
    let whole = get(&api, &path, &["customer", "balance_transaction"]);
    assert_eq!(whole["customer"], the_customer(&api, &owner));
    assert_eq!(text(&whole["balance_transaction"], "object"), "balance_transaction");
    assert_eq!(whole["balance_transaction"]["id"], paid["balance_transaction"]);
    let row = get(&api, &format!("/v1/balance_transactions/{}", text(&paid, "balance_transaction")), &["source"]);
    assert_eq!(row["source"], the_charge(&api, &id(&paid)));
    let back = refund(&api, &id(&paid), &[("expand[]", "charge"), ("expand[]", "balance_transaction")]).ok();
    assert_eq!((text(&back["charge"], "id"), &back["charge"]["amount_refunded"]), (&*id(&paid), &json!(2000)));
    assert_eq!(back["balance_transaction"]["type"], "refund");
    let method = attached(&api, "pm_card_visa", &owner);
    assert_eq!(get(&api, &format!("/v1/payment_methods/{method}"), &["customer"])["customer"]["id"], owner);
}

#[test]
fn an_intent_expands_its_charge_method_and_customer() {
    let api = sandbox("expand-intent");
    let owner = customer(&api, &[]);
    let method = attached(&api, "pm_card_visa", &owner);
    let paid = pay(&api, &method, &[("customer", &owner)]).ok();
    let whole = get(
        &api,
        &format!("/v1/payment_intents/{}", id(&paid)),
        &["latest_charge.balance_transaction", "payment_method", "customer"],
    );
    assert_eq!(text(&whole["latest_charge"]["balance_transaction"], "object"), "balance_transaction");
    assert_eq!((text(&whole["payment_method"], "id"), text(&whole["customer"], "id")), (&*method, &*owner));
}

#[test]
fn it_works_on_creating_and_updating() {
    let api = sandbox("expand-post");
    let made = api.post("/v1/customers", &[("source", "tok_visa"), ("expand[]", "default_source")]).ok();
    assert_eq!(text(&made["default_source"], "object"), "card");
    let path = format!("/v1/customers/{}", id(&made));
    let changed = api.post(&path, &[("name", "J"), ("expand[0]", "default_source"), ("expand[1]", "sources")]).ok();
    assert_eq!(changed["default_source"], rows(&changed["sources"])[0]);
}

#[test]
fn lists_that_are_left_out_come_when_expanded() {
    let api = sandbox("expand-includes");
    let made =
        api.post("/v1/customers", &[("expand[]", "sources"), ("expand[]", "subscriptions"), ("expand[]", "tax_ids")]);
    let made = made.ok();
    for field in ["sources", "subscriptions", "tax_ids"] {
        let url = format!("/v1/customers/{}/{field}", id(&made));
        assert_eq!(made[field], json!({"object": "list", "data": [], "has_more": false, "total_count": 0, "url": url}));
    }
    let owner = id(&made);
    assert!(the_customer(&api, &owner).get("sources").is_none());
    let source = card_source(&api);
    add_source(&api, &owner, &source).ok();
    add_source(&api, &owner, "tok_visa").ok();
    let sources = get(&api, &format!("/v1/customers/{owner}"), &["sources"])["sources"].clone();
    assert_eq!((&sources["total_count"], ids(&sources)[0].as_str()), (&json!(2), &*source));
}

#[test]
fn the_refunds_of_a_charge_come_when_expanded() {
    let api = sandbox("expand-refunds");
    let paid = id(&charged(&api, &[]));
    assert!(the_charge(&api, &paid).get("refunds").is_none());
    let [a, b] = ["100", "200"].map(|amount| id(&refund(&api, &paid, &[("amount", amount)]).ok()));
    let refunds = get(&api, &format!("/v1/charges/{paid}"), &["refunds"])["refunds"].clone();
    assert_eq!(ids(&refunds), [b, a]);
    assert_eq!((&refunds["has_more"], &refunds["total_count"]), (&json!(false), &json!(2)));
    assert_eq!(refunds["url"], format!("/v1/charges/{paid}/refunds"));
    let deeper = get(&api, &format!("/v1/charges/{paid}"), &["refunds.data.balance_transaction"]);
    assert_eq!(deeper["refunds"]["data"][0]["balance_transaction"]["type"], "refund");
}

#[test]
fn on_a_list_every_path_begins_with_data() {
    let api = sandbox("expand-lists");
    let (owner, paid) = customers_charge(&api);
    let list = get(&api, "/v1/charges", &["data.customer", "data.balance_transaction"]);
    assert_eq!((text(&rows(&list)[0]["customer"], "id"), id(&rows(&list)[0])), (&*owner, id(&paid)));
    assert_eq!(get(&api, "/v1/charges", &["data"]), api.get("/v1/charges", &[]).ok());
    let list = get(&api, "/v1/customers", &["data.sources"]);
    assert_eq!(rows(&list)[0]["sources"]["total_count"], 1);
    for segment in ["customer", "bogus"] {
        let message = format!(
            "This property cannot be expanded ({segment}). You may want to try expanding 'data.{segment}' instead."
        );
        refused(&api, "/v1/charges", segment, &message);
    }
    refused(&api, "/v1/charges", "data.bogus", "This property cannot be expanded (data.bogus).");
}

#[test]
fn a_bad_path_is_refused() {
    let api = sandbox("expand-bad");
    let owner = customer(&api, &[]);
    let path = format!("/v1/customers/{owner}");
    for bad in ["bogus", "email", "invoice_settings.bogus", "metadata"] {
        refused(&api, &path, bad, &format!("This property cannot be expanded ({bad})."));
    }
    let answer = api.get(&path, &[("expand", "sources")]);
    assert_eq!(answer.refused(400)["message"], "Invalid array");
}

#[test]
fn a_bad_path_outranks_a_missing_object() {
    let api = sandbox("expand-order");
    refused(&api, "/v1/customers/cus_none", "bogus", "This property cannot be expanded (bogus).");
}

#[test]
fn a_bad_path_leaves_nothing_behind() {
    let api = sandbox("expand-nothing");
    assert_eq!(api.post("/v1/customers", &[("expand[]", "bogus")]).status, 400);
    assert_eq!(charge(&api, &[("source", "tok_visa"), ("expand[]", "bogus")]).status, 400);
    for path in ["/v1/customers", "/v1/charges"] {
        assert_eq!(api.get(path, &[]).ok()["data"], json!([]));
    }
}

#[test]
fn what_is_embedded_or_null_stays() {
    let api = sandbox("expand-noop");
    let paid = id(&charged(&api, &[]));
    let path = format!("/v1/charges/{paid}");
    let plain = the_charge(&api, &paid);
    assert_eq!(get(&api, &path, &["customer", "payment_intent", "source", "dispute", "review"]), plain);
    let owner = customer(&api, &[]);
    let path = format!("/v1/customers/{owner}");
    let expand =
        ["default_source", "discount", "invoice_settings", "invoice_settings.default_payment_method", "test_clock"];
    assert_eq!(get(&api, &path, &expand), the_customer(&api, &owner));
}

#[test]
fn the_default_payment_method_expands_inside_its_settings() {
    let api = sandbox("expand-settings");
    let owner = customer(&api, &[]);
    let method = attached(&api, "pm_card_visa", &owner);
    let path = format!("/v1/customers/{owner}");
    api.post(&path, &[("invoice_settings[default_payment_method]", &method)]).ok();
    let whole = get(&api, &path, &["invoice_settings.default_payment_method"]);
    assert_eq!(text(&whole["invoice_settings"]["default_payment_method"], "id"), method);
}

#[test]
fn four_levels_are_the_most() {
    let api = sandbox("expand-depth");
    let (_, paid) = customers_charge(&api);
    let path = format!("/v1/charges/{}", id(&paid));
    let four = "payment_intent.latest_charge.customer.default_source";
    get(&api, &path, &[four]);
    let five = format!("{four}.customer");
    let error = invalid(api.get(&path, &[("expand[]", &five)]), 400, Some("property_expansion_max_depth"), None);
    assert_eq!(error["message"], format!("You cannot expand more than 4 levels of a property. Property: {five}"));
    assert!(error.get("doc_url").is_none());
    // The `data.` of a list does not count.
    let params: Params<'_> = &[("expand[]", &format!("data.{four}"))];
    api.get("/v1/charges", params).ok();
}

#[test]
fn levels_are_followed_through_references() {
    let api = sandbox("expand-levels");
    let owner = customer(&api, &[("source", "tok_visa")]);
    let method = attached(&api, "pm_card_visa", &owner);
    let paid = pay(&api, &method, &[("customer", &owner)]).ok();
    let path = format!("/v1/charges/{}", text(&paid, "latest_charge"));
    let whole = get(&api, &path, &["payment_intent.latest_charge.customer.default_source"]);
    let card = &whole["payment_intent"]["latest_charge"]["customer"]["default_source"];
    assert_eq!(text(card, "object"), "card");
}

#[test]
fn a_deleted_customer_expands_to_its_stub() {
    let api = sandbox("expand-deleted");
    let (owner, paid) = customers_charge(&api);
    api.delete(&format!("/v1/customers/{owner}")).ok();
    let whole = get(&api, &format!("/v1/charges/{}", id(&paid)), &["customer"]);
    assert_eq!(whole["customer"], json!({"id": owner, "object": "customer", "deleted": true}));
}

#[test]
fn a_delete_expands_nothing() {
    let api = sandbox("expand-stub");
    let owner = customer(&api, &[]);
    let answer = api.delete(&format!("/v1/customers/{owner}?expand[]=default_source"));
    assert_eq!(answer.status, 400);
    assert_eq!(the_customer(&api, &owner)["id"], owner);
}

#[test]
fn every_recorded_first_segment_of_the_core_objects_is_accepted() {
    let api = sandbox("expand-recorded");
    let (owner, paid) = customers_charge(&api);
    let back = id(&refund(&api, &id(&paid), &[]).ok());
    let method = attached(&api, "pm_card_visa", &owner);
    let intent = id(&pay(&api, &method, &[("customer", &owner)]).ok());
    for (path, segments) in [
        (
            format!("/v1/customers/{owner}"),
            "default_source discount invoice_credit_balance invoice_settings sources subscriptions tax_ids test_clock",
        ),
        (
            format!("/v1/charges/{}", id(&paid)),
            "application application_fee balance_transaction customer dispute failure_balance_transaction invoice \
             on_behalf_of payment_intent refunds review source source_transfer transfer transfer_data",
        ),
        (
            format!("/v1/refunds/{back}"),
            "balance_transaction charge failure_balance_transaction payment_intent source_transfer_reversal \
             transfer_reversal",
        ),
        (format!("/v1/payment_methods/{method}"), "customer"),
        (
            format!("/v1/payment_intents/{intent}"),
            "application customer invoice last_payment_error latest_charge on_behalf_of payment_method processing \
             review source transfer_data",
        ),
        (format!("/v1/balance_transactions/{}", text(&paid, "balance_transaction")), "source"),
    ] {
        for segment in segments.split_whitespace() {
            let answer = api.get(&path, &with(&[], &[("expand[]", segment)]));
            assert_eq!(answer.status, 200, "{path} {segment}: {}", answer.text);
        }
    }
}
