//! Lists: limits, cursors, filters, order (core-payments 1.9).

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{
    Params, attached, charge, charged, customer, id, ids, intent, invalid, keys, missing, pay, refund, rows, text, with,
};

/// Customers in the order of their creation.
fn customers(api: &Client, count: usize) -> Vec<String> {
    (0..count).map(|_| customer(api, &[])).collect()
}

fn page(api: &Client, path: &str, params: Params<'_>) -> (Vec<String>, bool) {
    let list = api.get(path, params).ok();
    (ids(&list), list["has_more"] == true)
}

fn reversed(ids: &[String]) -> Vec<String> {
    ids.iter().rev().cloned().collect()
}

/// Loads objects with their own ids and times, as an export has them.
fn load(api: &Client, name: &str, objects: &Value) {
    let target = format!("/_pinstripe/fixtures?sandbox={name}");
    let body = objects.to_string();
    let answer = client::raw(api.url(), "POST", &target, &[], Some(("application/json", body.as_bytes())));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn a_list_has_ten_rows_newest_first() {
    let api = sandbox("lists-default");
    let made = customers(&api, 11);
    let list = api.get("/v1/customers", &[]).ok();
    assert_eq!(ids(&list), reversed(&made[1..]));
    assert_eq!(
        (&list["object"], &list["has_more"], &list["url"]),
        (&json!("list"), &json!(true), &json!("/v1/customers"))
    );
    assert_eq!(keys(&list), ["data", "has_more", "object", "url"]);
}

#[test]
fn an_empty_list_is_complete() {
    let api = sandbox("lists-empty");
    for path in
        ["/v1/customers", "/v1/charges", "/v1/payment_intents", "/v1/payment_methods", "/v1/balance_transactions"]
    {
        let list = api.get(path, &[]).ok();
        assert_eq!(list, json!({"object": "list", "data": [], "has_more": false, "url": path}));
    }
    let list = api.get("/v1/refunds", &[]).ok();
    assert_eq!(list, json!({"object": "list", "count": 0, "data": [], "has_more": false, "url": "/v1/refunds"}));
}

#[test]
fn a_limit_is_clamped_from_1_to_100() {
    let api = sandbox("lists-limit");
    let made = customers(&api, 101);
    for (limit, rows) in [("0", 1), ("-7", 1), ("1", 1), ("100", 100), ("101", 100), ("100000", 100)] {
        let (found, more) = page(&api, "/v1/customers", &[("limit", limit)]);
        assert_eq!((found, more), (reversed(&made[101 - rows..]), true), "limit={limit}");
    }
    for limit in ["ten", "1.5", "1e2"] {
        let answer = api.get("/v1/customers", &[("limit", limit)]);
        let error = invalid(answer, 400, Some("parameter_invalid_integer"), Some("limit"));
        assert_eq!(error["message"], format!("Invalid integer: {limit}"));
    }
}

#[test]
fn cursors_travel_in_both_directions_and_has_more_looks_ahead() {
    let api = sandbox("lists-cursors");
    let made = customers(&api, 5);
    let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|i| made[i].clone());
    let page = |params: Params<'_>| page(&api, "/v1/customers", params);
    assert_eq!(page(&[("limit", "5")]), (vec![e.clone(), d.clone(), c.clone(), b.clone(), a.clone()], false));
    assert_eq!(page(&[("limit", "2"), ("starting_after", &e)]), (vec![d.clone(), c.clone()], true));
    assert_eq!(page(&[("limit", "2"), ("starting_after", &c)]), (vec![b.clone(), a.clone()], false));
    assert_eq!(page(&[("starting_after", &a)]), (vec![], false));
    assert_eq!(page(&[("limit", "2"), ("ending_before", &a)]), (vec![c.clone(), b.clone()], true));
    assert_eq!(page(&[("limit", "2"), ("ending_before", &c)]), (vec![e.clone(), d.clone()], false));
    assert_eq!(page(&[("ending_before", &b)]), (vec![e.clone(), d, c], false));
    assert_eq!(page(&[("ending_before", &e)]), (vec![], false));
}

#[test]
fn a_cursor_is_looked_up_before_two_are_refused() {
    let api = sandbox("lists-both");
    let made = customers(&api, 2);
    let both = api.get("/v1/customers", &[("starting_after", &made[0]), ("ending_before", &made[1])]);
    let error = invalid(both, 400, None, None);
    assert_eq!(error["message"], "Received both starting_after and ending_before parameters. Please pass in only one.");
    for (after, before, param) in [
        ("cus_none", &*made[0], "starting_after"),
        (&made[0], "cus_none", "ending_before"),
        ("cus_none", "cus_no", "starting_after"),
    ] {
        let answer = api.get("/v1/customers", &[("starting_after", after), ("ending_before", before)]);
        missing(answer, 400, "customer", "cus_none", param);
    }
    missing(api.get("/v1/customers", &[("starting_after", "ch_x")]), 400, "customer", "ch_x", "starting_after");
    missing(api.get("/v1/charges", &[("ending_before", &made[0])]), 400, "charge", &made[0], "ending_before");
}

#[test]
fn the_cursor_of_each_list_names_its_own_noun() {
    let api = sandbox("lists-nouns");
    let owner = customer(&api, &[]);
    for (path, noun) in [
        ("/v1/customers".to_owned(), "customer"),
        ("/v1/charges".to_owned(), "charge"),
        ("/v1/refunds".to_owned(), "refund"),
        ("/v1/payment_intents".to_owned(), "payment_intent"),
        ("/v1/balance_transactions".to_owned(), "balance transaction"),
        (format!("/v1/customers/{owner}/payment_methods"), "PaymentMethod"),
    ] {
        for cursor in ["starting_after", "ending_before"] {
            missing(api.get(&path, &[(cursor, "x_none")]), 400, noun, "x_none", cursor);
        }
    }
}

#[test]
fn a_deleted_cursor_is_still_a_position() {
    let api = sandbox("lists-deleted");
    let made = customers(&api, 3);
    api.delete(&format!("/v1/customers/{}", made[1])).ok();
    assert_eq!(page(&api, "/v1/customers", &[]).0, [&*made[2], &made[0]]);
    assert_eq!(page(&api, "/v1/customers", &[("starting_after", &made[1])]).0, [&*made[0]]);
    assert_eq!(page(&api, "/v1/customers", &[("ending_before", &made[1])]).0, [&*made[2]]);
}

#[test]
fn a_cursor_need_not_satisfy_the_filter() {
    let api = sandbox("lists-cursor-filter");
    let first = customer(&api, &[("email", "a@example.com")]);
    let other = customer(&api, &[("email", "b@example.com")]);
    let last = customer(&api, &[("email", "a@example.com")]);
    let filter = ("email", "a@example.com");
    assert_eq!(page(&api, "/v1/customers", &[filter, ("starting_after", &other)]), (vec![first], false));
    assert_eq!(page(&api, "/v1/customers", &[filter, ("ending_before", &other)]), (vec![last], false));
}

#[test]
fn created_takes_a_second_or_a_range() {
    let api = sandbox("lists-created");
    let at = |id: &str, created: i64| json!({"object": "customer", "id": id, "created": created});
    load(&api, "lists-created", &json!([at("cus_a", 100), at("cus_b", 200), at("cus_c", 300)]));
    for (params, expected) in [
        (&[("created", "200")][..], &["cus_b"][..]),
        (&[("created", "201")], &[]),
        (&[("created[gt]", "100")], &["cus_c", "cus_b"]),
        (&[("created[gte]", "200")], &["cus_c", "cus_b"]),
        (&[("created[lt]", "300")], &["cus_b", "cus_a"]),
        (&[("created[lte]", "200")], &["cus_b", "cus_a"]),
        (&[("created[gt]", "100"), ("created[lt]", "300")], &["cus_b"]),
        (&[("created[gte]", "100"), ("created[lte]", "300"), ("limit", "2")], &["cus_c", "cus_b"]),
        (&[("created[gt]", "300")], &[]),
        (&[("created[gt]", "300"), ("created[lt]", "100")], &[]),
        (&[("created[gte]", "200"), ("starting_after", "cus_c")], &["cus_b"]),
        (&[("created[lte]", "200"), ("ending_before", "cus_a")], &["cus_b"]),
    ] {
        assert_eq!(page(&api, "/v1/customers", params).0, expected, "{params:?}");
    }
    let answer = api.get("/v1/customers", &[("created[gt]", "yesterday")]);
    assert_eq!(answer.refused(400)["param"], "created[gt]");
    let answer = api.get("/v1/customers", &[("created[after]", "1")]);
    invalid(answer, 400, Some("parameter_unknown"), Some("created[after]"));
}

#[test]
fn order_is_by_creation_and_within_a_second_by_sequence() {
    let url = client::start(Config { clock: Clock::Frozen(1_000), seed: Some(1), ..Config::default() });
    let api = Client::new(&url, "sk_test_sandbox_order");
    let same_second = customers(&api, 3);
    // What came in later and is older stands where its time is.
    let at = |id: &str, created: i64| json!({"object": "customer", "id": id, "created": created});
    load(&api, "order", &json!([at("cus_young", 2_000), at("cus_old", 10), at("cus_same", 1_000)]));
    let mut expected = vec!["cus_young".to_owned(), "cus_same".to_owned()];
    expected.extend(reversed(&same_second));
    expected.push("cus_old".to_owned());
    assert_eq!(page(&api, "/v1/customers", &[]).0, expected);
    let mut walked = Vec::new();
    while let (next, more) = page(
        &api,
        "/v1/customers",
        &with(
            &[("limit", "1")],
            &walked.last().map(|last: &String| ("starting_after", &**last)).into_iter().collect::<Vec<_>>(),
        ),
    ) && !next.is_empty()
    {
        walked.extend(next);
        assert_eq!(more, walked.len() < expected.len());
    }
    assert_eq!(walked, expected);
}

#[test]
fn customers_are_filtered_by_email_exactly() {
    let api = sandbox("lists-email");
    let jenny = customer(&api, &[("email", "Jenny@example.com")]);
    customer(&api, &[("email", "jenny@example.com")]);
    let found = |email: &str| page(&api, "/v1/customers", &[("email", email)]).0;
    assert_eq!(found("Jenny@example.com"), [&*jenny]);
    assert_eq!(found("Jenny@example.co"), [""; 0]);
    api.post(&format!("/v1/customers/{jenny}"), &[("email", "new@example.com")]).ok();
    assert_eq!(found("Jenny@example.com"), [""; 0]);
    assert_eq!(found("new@example.com"), [jenny]);
}

#[test]
fn charges_are_filtered_by_customer_intent_and_group() {
    let api = sandbox("lists-charges");
    let owner = customer(&api, &[("source", "tok_visa")]);
    let of_customer = id(&charge(&api, &[("customer", &owner)]).ok());
    let grouped = id(&charged(&api, &[("transfer_group", "g")]));
    let paid = pay(&api, "pm_card_visa", &[("customer", &owner)]).ok();
    let of_intent = text(&paid, "latest_charge").to_owned();
    let failed = charge(&api, &[("source", "tok_chargeDeclined")]).refused(402);
    let failed = text(&failed, "charge").to_owned();
    let found = |params: Params<'_>| page(&api, "/v1/charges", params).0;
    assert_eq!(found(&[]), [&*failed, &of_intent, &grouped, &of_customer]);
    assert_eq!(found(&[("customer", &owner)]), [&*of_intent, &of_customer]);
    assert_eq!(found(&[("payment_intent", &id(&paid))]), [&*of_intent]);
    assert_eq!(found(&[("transfer_group", "g")]), [&*grouped]);
    assert_eq!(found(&[("transfer_group", "other")]), [""; 0]);
    assert_eq!(found(&[("customer", &owner), ("payment_intent", &id(&paid))]), [&*of_intent]);
    assert_eq!(found(&[("customer", &owner), ("transfer_group", "g")]), [""; 0]);
    missing(api.get("/v1/charges", &[("customer", "cus_x")]), 400, "customer", "cus_x", "customer");
    missing(api.get("/v1/charges", &[("payment_intent", "pi_x")]), 400, "payment_intent", "pi_x", "payment_intent");
}

#[test]
fn refunds_are_filtered_by_charge_and_intent_and_counted() {
    let api = sandbox("lists-refunds");
    let one = id(&charged(&api, &[]));
    let paid = pay(&api, "pm_card_visa", &[]).ok();
    let a = id(&refund(&api, &one, &[("amount", "100")]).ok());
    let b = id(&refund(&api, &one, &[("amount", "200")]).ok());
    let c = id(&api.post("/v1/refunds", &[("payment_intent", &id(&paid))]).ok());
    let found = |params: Params<'_>| page(&api, "/v1/refunds", params).0;
    assert_eq!(found(&[]), [&*c, &b, &a]);
    assert_eq!(found(&[("charge", &one)]), [&*b, &a]);
    assert_eq!(found(&[("payment_intent", &id(&paid))]), [&*c]);
    assert_eq!(found(&[("created[gt]", "9000000000")]), [""; 0]);
    missing(api.get("/v1/refunds", &[("charge", "ch_x")]), 400, "charge", "ch_x", "charge");
    missing(api.get("/v1/refunds", &[("payment_intent", "pi_x")]), 400, "payment_intent", "pi_x", "payment_intent");
    let list = api.get("/v1/refunds", &[("limit", "2")]).ok();
    assert_eq!((keys(&list), &list["count"]), (vec!["count", "data", "has_more", "object", "url"], &json!(2)));
}

#[test]
fn the_refunds_of_a_charge_are_a_list_without_count() {
    let api = sandbox("lists-charge-refunds");
    let one = id(&charged(&api, &[]));
    let a = id(&refund(&api, &one, &[("amount", "100")]).ok());
    let b = id(&refund(&api, &one, &[("amount", "200")]).ok());
    let path = format!("/v1/charges/{one}/refunds");
    let list = api.get(&path, &[]).ok();
    assert_eq!((ids(&list), text(&list, "url")), (vec![b.clone(), a], &*path));
    assert_eq!(keys(&list), ["data", "has_more", "object", "url"]);
    assert_eq!(page(&api, &path, &[("limit", "1")]), (vec![b], true));
}

#[test]
fn payment_intents_are_filtered_by_customer() {
    let api = sandbox("lists-intents");
    let (owner, other) = (customer(&api, &[]), customer(&api, &[]));
    let [a, b] = [&owner, &other].map(|of| id(&intent(&api, &[("customer", of)]).ok()));
    let c = id(&intent(&api, &[]).ok());
    assert_eq!(page(&api, "/v1/payment_intents", &[]).0, [&*c, &b, &a]);
    assert_eq!(page(&api, "/v1/payment_intents", &[("customer", &owner)]).0, [&*a]);
    missing(api.get("/v1/payment_intents", &[("customer", "cus_x")]), 400, "customer", "cus_x", "customer");
    let later = [("customer", &*owner), ("created[gt]", "9000000000")];
    assert_eq!(page(&api, "/v1/payment_intents", &later).0, [""; 0]);
}

#[test]
fn payment_methods_are_filtered_by_customer_type_and_redisplay() {
    let api = sandbox("lists-methods");
    let owner = customer(&api, &[]);
    let card = attached(&api, "pm_card_visa", &owner);
    let bank = attached(&api, "pm_usBankAccount_success", &owner);
    api.post(&format!("/v1/payment_methods/{card}"), &[("allow_redisplay", "always")]).ok();
    let under = format!("/v1/customers/{owner}/payment_methods");
    for (path, base) in [("/v1/payment_methods", &[("customer", &*owner)][..]), (&*under, &[])] {
        let found = |params: Params<'_>| page(&api, path, &with(base, params)).0;
        assert_eq!(found(&[]), [&*bank, &card]);
        assert_eq!(found(&[("type", "card")]), [&*card]);
        assert_eq!(found(&[("type", "sepa_debit")]), [""; 0]);
        assert_eq!(found(&[("allow_redisplay", "always")]), [&*card]);
        assert_eq!(found(&[("type", "us_bank_account"), ("allow_redisplay", "always")]), [""; 0]);
    }
}

#[test]
fn balance_transactions_are_filtered_by_source_type_currency_and_payout() {
    let api = sandbox("lists-ledger");
    let usd = charged(&api, &[]);
    let params = [("amount", "5000"), ("currency", "eur"), ("source", "tok_visa")];
    let eur = api.post("/v1/charges", &params).ok();
    let back = refund(&api, &id(&usd), &[("amount", "500")]).ok();
    let row = |object: &Value| text(object, "balance_transaction").to_owned();
    let (usd_row, eur_row, back_row) = (row(&usd), row(&eur), row(&back));
    for path in ["/v1/balance_transactions", "/v1/balance/history"] {
        let found = |params: Params<'_>| page(&api, path, params).0;
        assert_eq!(found(&[]), [&*back_row, &eur_row, &usd_row]);
        assert_eq!(found(&[("source", &id(&usd))]), [&*usd_row]);
        assert_eq!(found(&[("source", &id(&back))]), [&*back_row]);
        assert_eq!(found(&[("type", "charge")]), [&*eur_row, &usd_row]);
        assert_eq!(found(&[("currency", "usd")]), [&*back_row, &usd_row]);
        assert_eq!(found(&[("currency", "usd"), ("type", "refund")]), [&*back_row]);
        // An unheard-of type is no error, an unknown object is.
        assert_eq!(found(&[("type", "bogus")]), [""; 0]);
        assert_eq!(found(&[("source", "du_x")]), [""; 0]);
        assert_eq!(found(&[("created[lt]", "1000")]), [""; 0]);
        missing(api.get(path, &[("payout", "po_x")]), 400, "payout", "po_x", "payout");
        let listed = api.get(path, &[("source", &id(&eur))]).ok();
        assert_eq!((text(&rows(&listed)[0], "id"), text(&listed, "url")), (&*eur_row, path));
    }
}

#[test]
fn an_unknown_filter_is_refused() {
    let api = sandbox("lists-unknown-filter");
    for path in ["/v1/customers", "/v1/charges", "/v1/refunds", "/v1/payment_intents"] {
        let answer = api.get(path, &[("colour", "red")]);
        let error = invalid(answer, 400, Some("parameter_unknown"), Some("colour"));
        assert_eq!(error["message"], "Received unknown parameter: colour");
    }
}
