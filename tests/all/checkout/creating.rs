//! What a session is made of, and what is refused (intents-and-checkout 3.1).

use serde_json::json;

use super::{MUGS, PAYMENT, SHOP, create, open, price, read, try_open};
use crate::events::resource::{events, types};
use crate::support::client::sandbox;
use crate::support::flows::{customer, id, ids, int, invalid, rows, says, text, with};

#[test]
fn a_new_session_is_open_and_unpaid_and_no_event() {
    let api = sandbox("cs-new");
    let made = open(&api, &[("client_reference_id", "order-7"), ("metadata[cart]", "7")]);
    assert!(id(&made).starts_with("cs_test_a1"), "{made}");
    assert_eq!((text(&made, "status"), text(&made, "payment_status")), ("open", "unpaid"));
    assert_eq!((int(&made, "amount_subtotal"), int(&made, "amount_total")), (2000, 2000));
    assert_eq!((text(&made, "currency"), text(&made, "mode")), ("usd", "payment"));
    assert_eq!((text(&made, "client_reference_id"), &made["metadata"]), ("order-7", &json!({"cart": "7"})));
    assert_eq!((text(&made, "customer_creation"), &made["customer"]), ("if_required", &json!(null)));
    assert_eq!((&made["payment_intent"], &made["customer_details"]), (&json!(null), &json!(null)));
    assert_eq!(int(&made, "expires_at") - int(&made, "created"), 24 * 60 * 60);
    assert_eq!(text(&made, "url"), format!("{}/c/pay/{}?sandbox={}", api.url(), id(&made), api.sandbox()));
    assert!(api.get("/v1/payment_intents", &[]).ok()["data"].as_array().unwrap().is_empty());
    assert_eq!(types(&events(&api, &[])), ["product.created", "price.created"]);
}

#[test]
fn a_session_without_a_mode_is_refused_since_2022_08_01() {
    let api = sandbox("cs-mode");
    let lines = with(MUGS, &[("success_url", SHOP)]);
    invalid(create(&api, &lines), 400, Some("parameter_missing"), Some("mode"));
    let older = create(&api.version("2020-08-27"), &lines).ok();
    assert_eq!((text(&older, "mode"), text(&older, "customer_creation")), ("payment", "always"));
}

#[test]
fn older_versions_make_the_intent_with_the_session() {
    let api = sandbox("cs-eager");
    let older = api.version("2020-08-27");
    let made = open(&older, &[("payment_intent_data[description]", "Mugs")]);
    let intent = api.get(&format!("/v1/payment_intents/{}", text(&made, "payment_intent")), &[]).ok();
    assert_eq!((int(&intent, "amount"), text(&intent, "description")), (2000, "Mugs"));
    assert_eq!(text(&intent, "status"), "requires_payment_method");
    api.post(&format!("/v1/checkout/sessions/{}/expire", id(&made)), &[]).ok();
    let canceled = api.get(&format!("/v1/payment_intents/{}", id(&intent)), &[]).ok();
    assert_eq!(text(&canceled, "status"), "canceled");
}

#[test]
fn what_a_mode_needs_or_does_not_take_is_said() {
    let api = sandbox("cs-modes");
    let missing = Some("parameter_missing");
    invalid(create(&api, PAYMENT), 400, missing, Some("line_items"));
    let setup = [("mode", "setup"), ("success_url", SHOP)];
    invalid(create(&api, &setup), 400, missing, Some("currency"));
    let setup = with(&setup, &[("currency", "usd")]);
    let refused = invalid(create(&api, &with(&setup, MUGS)), 400, None, Some("line_items"));
    assert_eq!(text(&refused, "message"), "You can not pass `line_items` in `setup` mode.");
    let data = with(&setup, &[("payment_intent_data[description]", "Mugs")]);
    invalid(create(&api, &data), 400, None, Some("payment_intent_data"));
    let subscribes = with(MUGS, &[("mode", "subscription"), ("success_url", SHOP)]);
    let refused = invalid(create(&api, &subscribes), 400, None, Some("line_items"));
    assert!(text(&refused, "message").starts_with("You must provide at least one recurring price"), "{refused}");
    let data = try_open(&api, &[("setup_intent_data[description]", "Mugs")]);
    invalid(data, 400, None, Some("setup_intent_data"));
}

#[test]
fn parameters_that_exclude_each_other_are_refused() {
    let api = sandbox("cs-exclusive");
    let customer = customer(&api, &[]);
    let both = try_open(&api, &[("customer", &customer), ("customer_email", "jenny@example.com")]);
    let refused = invalid(both, 400, None, Some("customer"));
    assert_eq!(text(&refused, "message"), "You may only specify one of these parameters: customer, customer_email.");
    let both = try_open(&api, &[("allow_promotion_codes", "true"), ("discounts[0][coupon]", "FRIEND")]);
    invalid(both, 400, None, Some("allow_promotion_codes"));
    let update = try_open(&api, &[("customer_update[name]", "auto")]);
    invalid(update, 400, None, Some("customer_update"));
}

#[test]
fn a_line_has_a_price_that_exists_is_for_sale_and_is_paid_once() {
    let api = sandbox("cs-lines");
    let with_line = |line: &[(&str, &str)]| create(&api, &with(PAYMENT, line));
    let missing = with_line(&[("line_items[0][price]", "price_none"), ("line_items[0][quantity]", "1")]);
    let refused = invalid(missing, 400, Some("resource_missing"), Some("line_items[0][price]"));
    assert_eq!(text(&refused, "message"), "No such price: 'price_none'");
    let monthly = price(&api, "500", &[("recurring[interval]", "month")]);
    let recurring = with_line(&[("line_items[0][price]", &monthly), ("line_items[0][quantity]", "1")]);
    let refused = invalid(recurring, 400, None, Some("line_items"));
    assert!(text(&refused, "message").starts_with("You specified `payment` mode but passed a recurring price."));
    let gone = price(&api, "500", &[("active", "false")]);
    let inactive = with_line(&[("line_items[0][price]", &gone), ("line_items[0][quantity]", "1")]);
    invalid(inactive, 400, None, Some("line_items[0][price]"));
    let mug = price(&api, "500", &[]);
    let refused = invalid(with_line(&[("line_items[0][price]", &mug)]), 400, None, Some("line_items[0]"));
    assert_eq!(text(&refused, "message"), "Quantity is required. Add `quantity` to `line_items[0]`");
    let none = with_line(&[("line_items[0][price]", &mug), ("line_items[0][quantity]", "0")]);
    invalid(none, 400, Some("parameter_invalid_integer"), Some("line_items[0][quantity]"));
    let nothing = with_line(&[("line_items[0][quantity]", "1")]);
    invalid(nothing, 400, None, None);
}

#[test]
fn a_hosted_session_comes_back_by_success_url_an_embedded_one_by_return_url() {
    let api = sandbox("cs-urls");
    let lines = with(MUGS, &[("mode", "payment")]);
    let missing = Some("parameter_missing");
    invalid(create(&api, &lines), 400, missing, Some("success_url"));
    let embedded = with(&lines, &[("ui_mode", "embedded_page")]);
    invalid(create(&api, &embedded), 400, missing, Some("return_url"));
    let both = with(&embedded, &[("return_url", SHOP), ("success_url", SHOP)]);
    invalid(create(&api, &both), 400, None, Some("success_url"));
    let made = create(&api, &with(&embedded, &[("return_url", SHOP)])).ok();
    assert_eq!((&made["url"], text(&made, "redirect_on_completion")), (&json!(null), "always"));
    assert!(text(&made, "client_secret").starts_with(&format!("{}_secret_", id(&made))), "{made}");
    let stays = create(&api, &with(&embedded, &[("redirect_on_completion", "never")])).ok();
    assert_eq!(text(&stays, "ui_mode"), "embedded_page");
    for (address, message) in [
        ("shop.example/done", "Invalid URL: An explicit scheme (such as https) must be provided."),
        ("javascript://alert", "Not a valid URL"),
    ] {
        let refused = invalid(
            create(&api, &with(&lines, &[("success_url", address)])),
            400,
            Some("url_invalid"),
            Some("success_url"),
        );
        assert_eq!(text(&refused, "message"), message);
    }
}

#[test]
fn how_the_page_is_shown_has_its_older_names_in_older_versions() {
    let api = sandbox("cs-ui-modes");
    let older = api.version("2025-03-31.basil");
    let params = with(MUGS, &[("mode", "payment"), ("ui_mode", "embedded"), ("return_url", SHOP)]);
    let made = create(&older, &params).ok();
    assert_eq!((text(&made, "ui_mode"), text(&read(&api, &made), "ui_mode")), ("embedded", "embedded_page"));
    assert_eq!(text(&open(&older, &[]), "ui_mode"), "hosted");
}

#[test]
fn a_session_ends_half_an_hour_to_a_day_from_now() {
    let api = sandbox("cs-expires-at");
    let now = int(&open(&api, &[]), "created");
    for (after, says) in [(29 * 60, "at least 30 minutes"), (25 * 3600, "less than 24 hours")] {
        let at = (now + after).to_string();
        let refused = try_open(&api, &[("expires_at", &at)]);
        assert!(text(&invalid(refused, 400, None, None), "message").contains(says));
    }
    let at = (now + 3600).to_string();
    assert_eq!(int(&open(&api, &[("expires_at", &at)]), "expires_at"), now + 3600);
}

#[test]
fn an_unknown_session_is_missing_in_words_of_its_own() {
    let api = sandbox("cs-missing");
    for answer in [
        api.get("/v1/checkout/sessions/cs_test_none", &[]),
        api.post("/v1/checkout/sessions/cs_test_none", &[]),
        api.post("/v1/checkout/sessions/cs_test_none/expire", &[]),
        api.get("/v1/checkout/sessions/cs_test_none/line_items", &[]),
    ] {
        let refused = invalid(answer, 404, Some("resource_missing"), None);
        assert_eq!(text(&refused, "message"), "No such checkout.session: cs_test_none");
    }
}

#[test]
fn lines_are_listed_in_the_order_in_which_they_were_sent() {
    let api = sandbox("cs-line-items");
    let (one, two) = (price(&api, "500", &[]), price(&api, "700", &[]));
    let lines = [
        ("line_items[0][price]", one.as_str()),
        ("line_items[0][quantity]", "1"),
        ("line_items[1][price]", &two),
        ("line_items[1][quantity]", "3"),
    ];
    let made = create(&api, &with(PAYMENT, &lines)).ok();
    assert_eq!(int(&made, "amount_total"), 2600);
    assert!(made["line_items"].is_null(), "{made}");
    let path = format!("/v1/checkout/sessions/{}", id(&made));
    let list = api.get(&format!("{path}/line_items"), &[]).ok();
    let shown: Vec<_> = rows(&list).iter().map(|row| (text(&row["price"], "id"), int(row, "amount_total"))).collect();
    assert_eq!(shown, [(one.as_str(), 500), (&two, 2100)]);
    let page = api.get(&format!("{path}/line_items"), &[("limit", "1"), ("starting_after", &ids(&list)[0])]).ok();
    assert_eq!((ids(&page), &page["has_more"]), (ids(&list)[1..].to_vec(), &json!(false)));
    let whole = api.get(&path, &[("expand[]", "line_items")]).ok();
    assert_eq!(ids(&whole["line_items"]), ids(&list));
}

#[test]
fn sessions_are_listed_by_who_what_and_how() {
    let api = sandbox("cs-list");
    let buyer = customer(&api, &[("email", "buyer@example.com")]);
    let (plain, named) = (open(&api, &[]), open(&api, &[("customer", &buyer)]));
    let mailed = open(&api, &[("customer_email", "Jenny@example.com")]);
    api.post(&format!("/v1/checkout/sessions/{}/expire", id(&plain)), &[]).ok();
    let list = |params: &[(&str, &str)]| ids(&api.get("/v1/checkout/sessions", params).ok());
    assert_eq!(list(&[]), [id(&mailed), id(&named), id(&plain)]);
    assert_eq!(list(&[("customer", &buyer)]), [id(&named)]);
    assert_eq!(list(&[("status", "expired")]), [id(&plain)]);
    assert_eq!(list(&[("customer_details[email]", "jenny@example.com")]), [id(&mailed)]);
    assert_eq!(list(&[("payment_intent", "pi_none")]), Vec::<String>::new());
    let unknown = api.get("/v1/checkout/sessions", &[("customer", "cus_none")]);
    invalid(unknown, 400, Some("resource_missing"), Some("customer"));
}

#[test]
fn who_is_known_to_buy_is_shown_before_they_do() {
    let api = sandbox("cs-known");
    let buyer = customer(&api, &[("email", "buyer@example.com")]);
    let named = open(&api, &[("customer", &buyer)]);
    assert_eq!((text(&named["customer_details"], "email"), text(&named, "customer")), ("buyer@example.com", &*buyer));
    assert_eq!(named["customer_creation"], json!(null));
    let mailed = open(&api, &[("customer_email", "jenny@example.com")]);
    assert_eq!(text(&mailed["customer_details"], "email"), "jenny@example.com");
    assert_eq!((text(&mailed, "customer_email"), &mailed["customer"]), ("jenny@example.com", &json!(null)));
}

#[test]
fn the_types_of_a_session_fit_its_payment_and_are_there_once() {
    let api = sandbox("cs-types");
    let card = ("payment_method_types[]", "card");
    let made = open(&api, &[card, ("payment_method_types[]", "link"), card]);
    assert_eq!(made["payment_method_types"], json!(["card", "link"]));
    let error = try_open(&api, &[card, ("payment_method_types[]", "ideal")]).refused(400);
    assert_eq!(
        error["message"],
        "The currency provided (usd) is invalid for one or more payment method types on this PaymentIntent. The payment \
         method type ideal only supports the following currencies: eur. Either correct the provided currency, or use a \
         different PaymentIntent to accept this payment method type."
    );
    let bank = [("payment_method_types[]", "us_bank_account"), ("payment_intent_data[capture_method]", "manual")];
    assert_eq!(try_open(&api, &bank).status, 400);
    assert_eq!(try_open(&api, &bank[..1]).status, 200);
}

#[test]
fn fields_of_the_merchants_own_are_three_at_most_and_what_is_preset_fits() {
    let api = sandbox("cs-fields-checked");
    let field = |n: usize, kind: &'static str| {
        [
            (format!("custom_fields[{n}][key]"), "abcd".get(n..=n).unwrap_or_default()),
            (format!("custom_fields[{n}][label][type]"), "custom"),
            (format!("custom_fields[{n}][label][custom]"), "Label"),
            (format!("custom_fields[{n}][type]"), kind),
        ]
    };
    let send = |fields: Vec<(String, &str)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        try_open(&api, &fields)
    };
    invalid(send((0..4).flat_map(|n| field(n, "text")).collect()), 400, None, Some("custom_fields"));
    says(send(field(0, "dropdown").into()), 400, "Missing required param: custom_fields[0][dropdown][options].");
    let mut letters = Vec::from(field(0, "numeric"));
    letters.push(("custom_fields[0][numeric][default_value]".to_owned(), "abc"));
    let error = invalid(send(letters), 400, None, Some("custom_fields[0][numeric][default_value]"));
    assert_eq!(error["message"], "This value is not valid.");
}

#[test]
fn managed_payments_are_not_built() {
    let api = sandbox("cs-managed");
    let managed = [("managed_payments[enabled]", "true")];
    says(try_open(&api, &managed), 501, "Pinstripe does not implement managed payments yet. Nothing was done.");
    let line = [("line_items[0][price]", &*price(&api, "1000", &[])), ("line_items[0][quantity]", "1")];
    assert_eq!(api.post("/v1/payment_links", &with(&line, &managed)).status, 501);
    assert_eq!(try_open(&api, &[("managed_payments[enabled]", "false")]).status, 200);
}
