//! Checkout in the shop's own page, with a publishable key (stripe-js 8.3).

use serde_json::{Value, json};

use super::{MUGS, create, price, read};
use crate::support::client::{self, Answer, Client, sandbox};
use crate::support::decisions::{browse, onward, press};
use crate::support::flows::{
    Params, attached, customer, id, int, invalid, missing, rows, says, seller_in_germany, text, the_customer, with,
};

const BACK: &str = "https://shop.example/back?session={CHECKOUT_SESSION_ID}";

/// A session of a payment in the shop's page.
const IN_PAGE: Params<'_> = &[("mode", "payment"), ("ui_mode", "elements"), ("return_url", BACK)];

const CARD: Params<'_> = &[
    ("payment_method_data[type]", "card"),
    ("payment_method_data[card][number]", "4242424242424242"),
    ("payment_method_data[card][exp_month]", "12"),
    ("payment_method_data[card][exp_year]", "40"),
    ("payment_method_data[card][cvc]", "123"),
    ("payment_method_data[billing_details][email]", "jo@example.com"),
    ("payment_method_data[billing_details][name]", "Jo"),
    ("payment_method_data[billing_details][address][country]", "US"),
    ("payment_method_data[billing_details][address][postal_code]", "94107"),
];

/// A session for two mugs.
#[track_caller]
fn open(api: &Client, more: Params<'_>) -> Value {
    create(api, &with(&with(IN_PAGE, MUGS), more)).ok()
}

fn path(session: &Value) -> String {
    format!("/v1/payment_pages/{}", id(session))
}

fn page(api: &Client, session: &Value) -> Value {
    api.publishable().get(&path(session), &[]).ok()
}

fn enter(api: &Client, session: &Value, params: Params<'_>) -> Answer {
    api.publishable().post(&path(session), params)
}

/// The intent in the error of a decline is less than the type that the catalogue describes, so answers are not checked against it.
fn confirm(api: &Client, session: &Value, params: Params<'_>) -> Answer {
    let key = format!("Bearer pk_test_sandbox_{}", api.sandbox());
    let body = client::encode(params);
    let form = ("application/x-www-form-urlencoded", body.as_bytes());
    let target = format!("{}/confirm", path(session));
    client::raw(api.url(), "POST", &target, &[("Authorization".to_owned(), key)], Some(form))
}

/// What the order comes to.
fn due(page: &Value) -> i64 {
    int(&page["total_summary"], "due")
}

#[test]
fn a_browser_reads_what_a_session_sells() {
    let api = sandbox("in-page-read");
    let mug = [
        ("name", "Mug"),
        ("description", "For tea"),
        ("images[]", "https://shop.example/mug.png"),
        ("unit_label", "mug"),
        ("metadata[supplier]", "secret"),
    ];
    let product = id(&api.post("/v1/products", &mug).ok());
    let price = [("currency", "usd"), ("unit_amount", "1000"), ("product", product.as_str())];
    let price = id(&api.post("/v1/prices", &price).ok());
    let line = [
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "2"),
        ("line_items[0][adjustable_quantity][enabled]", "true"),
        ("line_items[0][adjustable_quantity][maximum]", "5"),
        ("customer_email", "jo@example.com"),
        ("payment_method_types[]", "card"),
    ];
    let made = create(&api, &with(IN_PAGE, &line)).ok();
    let init = [
        ("eid", "NA"),
        ("browser_locale", "en-US"),
        ("redirect_type", "embedded"),
        ("adaptive_pricing[allowed]", "true"),
    ];
    let shown = api.publishable().post(&format!("{}/init", path(&made)), &init).ok();
    assert!(id(&shown).starts_with("ppage_1"), "{shown}");
    assert_eq!((text(&shown, "object"), text(&shown, "session_id")), ("checkout.session", text(&made, "id")));
    for (key, value) in [("mode", "payment"), ("status", "open"), ("payment_status", "unpaid"), ("currency", "usd")] {
        assert_eq!(text(&shown, key), value);
    }
    assert_eq!(text(&shown, "return_url"), format!("https://shop.example/back?session={}", id(&made)));
    assert_eq!((text(&shown, "customer_email"), text(&shown, "ui_mode")), ("jo@example.com", "elements"));
    assert_eq!((&shown["payment_method_types"], &shown["payment_intent"]), (&json!(["card"]), &Value::Null));
    assert_eq!(shown["total_summary"], json!({"applied_balance": 0, "due": 2000, "subtotal": 2000, "total": 2000}));
    let line = &shown["line_item_group"]["line_items"][0];
    assert_eq!((text(line, "name"), text(line, "description"), int(line, "total")), ("Mug", "For tea", 2000));
    assert_eq!(
        (&line["images"][0], &line["adjustable_quantity"]),
        (&mug[2].1.into(), &json!({"maximum": 5, "minimum": 1}))
    );
    assert_eq!((text(&line["price"], "id"), text(&line["price"]["product"], "unit_label")), (&*price, "mug"));
    assert!(!shown.to_string().contains("supplier"), "{shown}");
    let deferred = &shown["server_built_elements_session_params"]["deferred_intent"];
    assert_eq!((int(deferred, "amount"), text(deferred, "currency"), text(deferred, "mode")), (2000, "usd", "payment"));
    let preference = &shown["elements_session"]["payment_method_preference"];
    assert_eq!(preference["ordered_payment_method_types"], json!(["card"]));
    assert_eq!(page(&api, &made), shown);
    let unknown = api.publishable().get("/v1/payment_pages/cs_test_none", &[]).refused(404);
    assert_eq!(text(&unknown, "message"), "No such checkout.session: cs_test_none");
    assert_eq!(api.publishable().get(&format!("/v1/checkout/sessions/{}", id(&made)), &[]).status, 401);
}

#[test]
fn a_promotion_code_is_entered_and_taken_back() {
    let api = sandbox("in-page-code");
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "once"), ("name", "Tenth")]).ok());
    let code = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str()), ("code", "TEN")];
    api.post("/v1/promotion_codes", &code).ok();
    let made = open(&api, &[("allow_promotion_codes", "true")]);
    let shown =
        enter(&api, &made, &[("promotion_code", "TEN"), ("elements_session_client[is_aggregation_expected]", "true")])
            .ok();
    let discount = &shown["line_item_group"]["discount_amounts"][0];
    assert_eq!((due(&shown), int(discount, "amount"), text(&discount["coupon"], "name")), (1800, 200, "Tenth"));
    assert_eq!(text(&discount["promotion_code"], "code"), "TEN");
    let unknown = enter(&api, &made, &[("promotion_code", "ELEVEN")]);
    invalid(unknown, 400, None, Some("promotion_code"));
    assert_eq!(due(&page(&api, &made)), 1800);
    let back = enter(&api, &made, &[("promotion_code", "")]).ok();
    assert_eq!((due(&back), &back["line_item_group"]["discount_amounts"]), (2000, &json!([])));
}

#[test]
fn the_quantity_of_a_line_is_the_customers_within_its_bounds() {
    let api = sandbox("in-page-quantity");
    let bounds =
        [("line_items[0][adjustable_quantity][enabled]", "true"), ("line_items[0][adjustable_quantity][maximum]", "5")];
    let made = open(&api, &bounds);
    let shown = page(&api, &made);
    let line = text(&shown["line_item_group"]["line_items"][0], "id").to_owned();
    let set = |session: &Value, line: &str, quantity| {
        let params = [
            ("updated_line_item_quantity[line_item_id]", line),
            ("updated_line_item_quantity[quantity]", quantity),
            ("updated_line_item_quantity[fail_update_on_discount_error]", "true"),
        ];
        enter(&api, session, &params)
    };
    assert_eq!(due(&set(&made, &line, "3").ok()), 3000);
    invalid(
        set(&made, &line, "6"),
        400,
        Some("parameter_invalid_integer"),
        Some("updated_line_item_quantity[quantity]"),
    );
    let name = "updated_line_item_quantity[line_item_id]";
    missing(set(&made, "li_none", "1"), 400, "item", "li_none", name);
    let fixed = open(&api, &[]);
    let of_fixed = text(&page(&api, &fixed)["line_item_group"]["line_items"][0], "id").to_owned();
    let error = says(
        set(&fixed, &of_fixed, "3"),
        400,
        "This Checkout Session does not ask for `updated_line_item_quantity[quantity]`.",
    );
    assert_eq!(text(&error, "param"), "updated_line_item_quantity[quantity]");
    assert_eq!(due(&page(&api, &made)), 3000);
}

#[test]
fn the_only_item_that_is_left_cannot_be_taken_off() {
    let api = sandbox("in-page-only");
    let second = price(&api, "700", &[]);
    let bounds = [
        ("line_items[0][adjustable_quantity][enabled]", "true"),
        ("line_items[1][adjustable_quantity][enabled]", "true"),
    ];
    let two = [("line_items[1][price]", second.as_str()), ("line_items[1][quantity]", "1")];
    let made = open(&api, &with(&bounds, &two));
    let items = page(&api, &made)["line_item_group"]["line_items"].clone();
    let least = |item: &Value| int(&item["adjustable_quantity"], "minimum");
    assert_eq!((least(&items[0]), least(&items[1])), (0, 0));
    let set = |item: &Value, quantity| {
        let params = [
            ("updated_line_item_quantity[line_item_id]", text(item, "id")),
            ("updated_line_item_quantity[quantity]", quantity),
        ];
        enter(&api, &made, &params)
    };
    let one = set(&items[1], "0").ok();
    assert_eq!(least(&one["line_item_group"]["line_items"][0]), 1);
    let name = Some("updated_line_item_quantity[quantity]");
    invalid(set(&items[0], "0"), 400, Some("parameter_invalid_integer"), name);
    assert_eq!(due(&page(&api, &made)), 2000);
}

#[test]
fn a_currency_in_which_nothing_can_pay_is_no_choice() {
    let api = sandbox("in-page-currency");
    let both = price(&api, "1000", &[("currency_options[eur][unit_amount]", "900")]);
    let line = [("line_items[0][price]", both.as_str()), ("line_items[0][quantity]", "1")];
    let american = create(&api, &with(&with(IN_PAGE, &line), &[("payment_method_types[]", "us_bank_account")])).ok();
    assert_eq!(page(&api, &american)["currency_options"], json!([]));
    invalid(enter(&api, &american, &[("updated_currency", "eur")]), 400, None, Some("updated_currency"));
    let carded = create(&api, &with(&with(IN_PAGE, &line), &[("payment_method_types[]", "card")])).ok();
    assert_eq!(rows(&json!({"data": page(&api, &carded)["currency_options"]})).len(), 2);
}

#[test]
fn a_session_that_is_over_shows_no_saved_payment_methods() {
    let api = sandbox("in-page-over");
    let somebody = customer(&api, &[("email", "jo@example.com")]);
    let method = attached(&api, "pm_card_visa", &somebody);
    api.post(&format!("/v1/payment_methods/{method}"), &[("allow_redisplay", "always")]).ok();
    let made = open(&api, &[("customer", &somebody)]);
    let saved = |shown: &Value| shown["customer"]["payment_methods"].as_array().map_or(0, Vec::len);
    assert_eq!(saved(&page(&api, &made)), 1);
    api.post(&format!("/v1/checkout/sessions/{}/expire", id(&made)), &[]).ok();
    assert_eq!(saved(&page(&api, &made)), 0);
}

#[test]
fn the_customer_says_where_it_is_and_the_tax_follows() {
    let api = sandbox("in-page-tax");
    seller_in_germany(&api);
    let made = open(&api, &[("automatic_tax[enabled]", "true")]);
    let shown = page(&api, &made);
    assert_eq!((text(&shown["tax_meta"], "status"), due(&shown)), ("requires_location_inputs", 2000));
    assert_eq!(text(&shown["tax_context"], "automatic_tax_address_source"), "session.billing");
    let region = [("tax_region[country]", "DE"), ("tax_region[postal_code]", "10115")];
    let taxed = enter(&api, &made, &region).ok();
    let tax = &taxed["line_item_group"]["tax_amounts"][0];
    assert_eq!((text(&taxed["tax_meta"], "status"), due(&taxed), int(tax, "amount")), ("complete", 2380, 380));
    assert_eq!((&tax["inclusive"], &tax["tax_rate"]["percentage"]), (&json!(false), &json!(19.0)));
    let line = &taxed["line_item_group"]["line_items"][0];
    assert_eq!((int(line, "tax_exclusive"), int(line, "tax_inclusive"), int(line, "total")), (380, 0, 2380));
    // A place that was only named is where the customer is, if its payment method names no other.
    let done = confirm(&api, &made, &[("payment_method", "pm_card_visa"), ("expected_amount", "2380")]).ok();
    assert_eq!(text(&done, "status"), "complete");
    let paid = read(&api, &made);
    assert_eq!((text(&paid["customer_details"]["address"], "country"), int(&paid, "amount_total")), ("DE", 2380));
    // The address of the payment method comes before it, and changes the tax.
    let made = open(&api, &[("automatic_tax[enabled]", "true")]);
    enter(&api, &made, &region).ok();
    let refused = confirm(&api, &made, &with(CARD, &[("expected_amount", "2380")]));
    invalid(refused, 400, Some("checkout_amount_mismatch"), Some("expected_amount"));
    confirm(&api, &made, &with(CARD, &[("expected_amount", "2000")])).ok();
    assert_eq!(text(&read(&api, &made)["customer_details"]["address"], "country"), "US");
}

#[test]
fn goods_are_sent_as_the_customer_chooses() {
    let api = sandbox("in-page-shipping");
    let rate = |name: &str, amount: &str| {
        let estimate = [
            ("delivery_estimate[minimum][unit]", "business_day"),
            ("delivery_estimate[minimum][value]", "1"),
            ("type", "fixed_amount"),
            ("fixed_amount[currency]", "usd"),
        ];
        let own = [("display_name", name), ("fixed_amount[amount]", amount)];
        id(&api.post("/v1/shipping_rates", &with(&own, &estimate)).ok())
    };
    let (ground, air) = (rate("Ground", "500"), rate("Air", "1500"));
    let made = open(
        &api,
        &[
            ("shipping_options[0][shipping_rate]", &ground),
            ("shipping_options[1][shipping_rate]", &air),
            ("shipping_address_collection[allowed_countries][]", "US"),
        ],
    );
    let shown = page(&api, &made);
    let options = shown["shipping_options"].as_array().unwrap();
    assert_eq!((options.len(), text(&options[1]["shipping_rate"], "display_name")), (2, "Air"));
    assert_eq!((due(&shown), text(&shown["shipping"]["shipping_option"], "id")), (2500, &*ground));
    let chosen = enter(&api, &made, &[("shipping_rate", &air)]).ok();
    assert_eq!((due(&chosen), int(&chosen["line_item_group"]["shipping_rate"], "amount")), (3500, 1500));
    assert_eq!(int(&chosen["shipping"]["shipping_option"]["delivery_estimate"]["minimum"], "value"), 1);
    invalid(enter(&api, &made, &[("shipping_rate", "shr_none")]), 400, None, Some("shipping_rate"));
    invalid(confirm(&api, &made, CARD), 400, Some("parameter_missing"), Some("shipping"));
    let place = [
        ("shipping[name]", "Jo"),
        ("shipping[address][country]", "US"),
        ("shipping[address][line1]", "1 Tea Street"),
        ("shipping[address][city]", "San Francisco"),
        ("shipping[address][state]", "CA"),
        ("shipping[address][postal_code]", "94107"),
    ];
    let done = confirm(&api, &made, &with(CARD, &place)).ok();
    assert_eq!((text(&done, "status"), text(&done["shipping_details"], "name")), ("complete", "Jo"));
    assert_eq!(
        text(&read(&api, &made)["collected_information"]["shipping_details"]["address"], "city"),
        "San Francisco"
    );
}

#[test]
fn the_customer_answers_what_the_session_asks() {
    let api = sandbox("in-page-answers");
    let sticker = price(&api, "300", &[]);
    let asks = [
        ("phone_number_collection[enabled]", "true"),
        ("name_collection[individual][enabled]", "true"),
        ("name_collection[business][enabled]", "true"),
        ("tax_id_collection[enabled]", "true"),
        ("consent_collection[terms_of_service]", "required"),
        ("consent_collection[promotions]", "auto"),
        ("payment_method_types[]", "card"),
    ];
    let made = open(&api, &asks);
    let answers = [
        ("email", "jo@example.com"),
        ("phone", "+15555550123"),
        ("individual_name", "Jo Rosen"),
        ("business_name", "Rosen Ltd"),
        ("tax_id_collection[tax_id][type]", "eu_vat"),
        ("tax_id_collection[tax_id][value]", "DE123456789"),
    ];
    let shown = enter(&api, &made, &answers).ok();
    let details = &shown["customer_details"];
    assert_eq!((text(&shown, "customer_email"), text(details, "phone")), ("jo@example.com", "+15555550123"));
    assert_eq!((text(details, "individual_name"), text(details, "business_name")), ("Jo Rosen", "Rosen Ltd"));
    assert_eq!(details["tax_ids"], json!([{"type": "eu_vat", "value": "DE123456789"}]));
    let unknown = [("tax_id_collection[tax_id][type]", "nothing"), ("tax_id_collection[tax_id][value]", "1")];
    invalid(enter(&api, &made, &unknown), 400, None, Some("tax_id_collection[tax_id][type]"));
    invalid(confirm(&api, &made, CARD), 400, Some("parameter_missing"), Some("consent[terms_of_service]"));
    let consent = [("consent[terms_of_service]", "accepted"), ("consent[promotions]", "opt_out")];
    confirm(&api, &made, &with(CARD, &consent)).ok();
    let paid = read(&api, &made);
    assert_eq!(paid["consent"], json!({"promotions": "opt_out", "terms_of_service": "accepted"}));
    // Optional items belong to pages that Checkout shows.
    let offered = [("optional_items[0][price]", sticker.as_str()), ("optional_items[0][quantity]", "2")];
    let embedded = [("mode", "payment"), ("ui_mode", "embedded_page"), ("return_url", BACK)];
    let made = create(&api, &with(&with(&embedded, MUGS), &offered)).ok();
    let item = page(&api, &made)["optional_items"][0].clone();
    assert_eq!(
        (int(&item, "quantity"), text(&item["price"], "id"), &item["line_item_id"]),
        (2, &*sticker, &Value::Null)
    );
    let name = format!("optional_items[{sticker}]");
    let added = enter(&api, &made, &[(&name, "2")]).ok();
    assert_eq!((due(&added), added["optional_items"][0]["line_item_id"].is_string()), (2600, true));
    let lines = added["line_item_group"]["line_items"].as_array().unwrap();
    assert_eq!(lines.iter().filter(|line| line["is_removable"] == true).count(), 1);
    assert_eq!(due(&enter(&api, &made, &[(&name, "0")]).ok()), 2000);
}

#[test]
fn a_session_is_paid_in_a_currency_that_its_prices_have() {
    let api = sandbox("in-page-currency");
    let mug = price(&api, "1000", &[("currency_options[eur][unit_amount]", "900")]);
    let line =
        [("line_items[0][price]", mug.as_str()), ("line_items[0][quantity]", "2"), ("payment_method_types[]", "card")];
    let made = create(&api, &with(IN_PAGE, &line)).ok();
    let options = json!([{"amount": 1800, "currency": "eur"}, {"amount": 2000, "currency": "usd"}]);
    assert_eq!(page(&api, &made)["currency_options"], options);
    let declined = [("payment_method", "pm_card_chargeDeclined")];
    confirm(&api, &made, &declined).refused(402);
    let euros = enter(&api, &made, &[("updated_currency", "eur")]).ok();
    assert_eq!((text(&euros, "currency"), due(&euros)), ("eur", 1800));
    assert_eq!(int(&euros["line_item_group"]["line_items"][0]["price"], "unit_amount"), 900);
    let error = says(enter(&api, &made, &[("updated_currency", "jpy")]), 400, "This value is not valid.");
    assert_eq!(text(&error, "param"), "updated_currency");
    let done = confirm(&api, &made, CARD).ok();
    let intent = &done["payment_intent"];
    assert_eq!((text(intent, "currency"), int(intent, "amount"), text(intent, "status")), ("eur", 1800, "succeeded"));
    assert_eq!(page(&api, &open(&api, &[]))["currency_options"], json!([]));
}

#[test]
fn a_saved_payment_method_is_shown_used_and_removed() {
    let api = sandbox("in-page-saved");
    let buyer = customer(&api, &[("email", "jo@example.com")]);
    let methods = [0; 2].map(|_| attached(&api, "pm_card_visa", &buyer));
    for method in &methods {
        api.post(&format!("/v1/payment_methods/{method}"), &[("allow_redisplay", "always"), ("metadata[a]", "1")]).ok();
    }
    let options = [
        ("customer", buyer.as_str()),
        ("saved_payment_method_options[payment_method_remove]", "enabled"),
        ("saved_payment_method_options[payment_method_save]", "enabled"),
    ];
    let made = open(&api, &options);
    let shown = page(&api, &made);
    let saved = shown["customer"]["payment_methods"].as_array().unwrap();
    assert_eq!((text(&shown["customer"], "id"), saved.len()), (&*buyer, 2));
    assert_eq!((text(&saved[0]["card"], "last4"), saved[0].get("metadata")), ("4242", None));
    assert_eq!(shown["customer"]["can_detach_payment_method"], true);
    assert_eq!(
        shown["customer_managed_saved_payment_methods_offer_save"],
        json!({"enabled": true, "status": "not_accepted"})
    );
    let left = enter(&api, &made, &[("payment_method_to_detach", &methods[0])]).ok();
    assert_eq!(left["customer"]["payment_methods"].as_array().unwrap().len(), 1);
    let gone = enter(&api, &made, &[("payment_method_to_detach", &methods[0])]);
    invalid(gone, 400, None, Some("payment_method_to_detach"));
    let done = confirm(&api, &made, &[("payment_method", &methods[1])]).ok();
    assert_eq!(text(&done["payment_intent"], "payment_method"), methods[1]);
    let other = open(&api, &options);
    let paid = confirm(&api, &other, &with(CARD, &[("save_payment_method", "true")])).ok();
    let kept = text(&paid["payment_intent"], "payment_method").to_owned();
    assert_eq!(api.get(&format!("/v1/payment_methods/{kept}"), &[]).ok()["customer"], buyer.as_str());
}

#[test]
fn a_card_pays_and_its_holder_is_the_customer() {
    let api = sandbox("in-page-pay");
    let made = open(&api, &[]);
    let other = with(CARD, &[("expected_amount", "1")]);
    invalid(confirm(&api, &made, &other), 400, Some("checkout_amount_mismatch"), Some("expected_amount"));
    let declined = [("payment_method", "pm_card_chargeDeclined"), ("expected_amount", "2000")];
    let error = confirm(&api, &made, &declined).refused(402);
    assert_eq!((text(&error, "code"), text(&error["payment_intent"], "object")), ("card_declined", "payment_intent"));
    assert!(error["payment_intent"].get("metadata").is_none(), "{error}");
    let shown = page(&api, &made);
    assert_eq!(
        (text(&shown, "status"), text(&shown["last_payment_error"], "message")),
        ("open", "Your card was declined.")
    );
    let typed =
        [("expected_amount", "2000"), ("expected_payment_method_type", "card"), ("return_url", BACK), ("eid", "NA")];
    let done = confirm(&api, &made, &with(CARD, &typed)).ok();
    assert_eq!((text(&done, "status"), text(&done, "payment_status")), ("complete", "paid"));
    let intent = &done["payment_intent"];
    assert_eq!(
        (text(intent, "status"), intent["client_secret"].is_string(), intent.get("customer")),
        ("succeeded", true, None)
    );
    let paid = read(&api, &made);
    let details = &paid["customer_details"];
    assert_eq!((text(details, "email"), text(details, "name")), ("jo@example.com", "Jo"));
    assert_eq!(text(&details["address"], "postal_code"), "94107");
    let again = confirm(&api, &made, CARD).refused(400);
    assert_eq!(text(&again, "code"), "checkout_not_active_session");
    let late = enter(&api, &made, &[("email", "ada@example.com")]).refused(400);
    assert_eq!(text(&late, "message"), "This Checkout Session is no longer active.");
    assert_eq!(text(&page(&api, &made), "status"), "complete");
}

#[test]
fn a_card_is_authenticated_inside_the_page_of_the_shop() {
    let api = sandbox("in-page-3ds");
    for (result, status, left) in
        [("succeeded", "complete", "succeeded"), ("failed", "open", "requires_payment_method")]
    {
        let made = open(&api, &[]);
        let waits = confirm(&api, &made, &[("payment_method", "pm_card_authenticationRequired")]).ok();
        let intent = &waits["payment_intent"];
        assert_eq!((text(&waits, "status"), text(intent, "status")), ("open", "requires_action"));
        assert_eq!(text(&intent["next_action"], "type"), "use_stripe_sdk");
        let link = text(&intent["next_action"]["use_stripe_sdk"], "stripe_js").to_owned();
        press(&api, &link, result);
        let shown = page(&api, &made);
        assert_eq!((text(&shown, "status"), text(&shown["payment_intent"], "status")), (status, left));
        assert_eq!(shown["last_payment_error"].is_null(), result == "succeeded");
    }
}

#[test]
fn a_bank_leads_back_to_the_page_of_the_shop() {
    let api = sandbox("in-page-bank");
    let line = [
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Mug"),
        ("line_items[0][quantity]", "1"),
        ("payment_method_types[]", "ideal"),
    ];
    let ideal = [("payment_method_data[type]", "ideal")];
    let own = "https://shop.example/other?cs={CHECKOUT_SESSION_ID}";
    for (sent, begin) in [(None, "https://shop.example/back?session="), (Some(own), "https://shop.example/other?cs=")] {
        let made = create(&api, &with(IN_PAGE, &line)).ok();
        let sent: Vec<_> = sent.map(|url| ("return_url", url)).into_iter().collect();
        let waits = confirm(&api, &made, &with(&ideal, &sent)).ok();
        let redirect = &waits["payment_intent"]["next_action"]["redirect_to_url"];
        let link = text(redirect, "url").to_owned();
        browse(&api, "GET", &link, None);
        let back = onward(&link, &press(&api, &link, "succeeded"));
        assert!(back.starts_with(&format!("{begin}{}&", id(&made))), "{back}");
        assert!(back.contains("redirect_status=succeeded"), "{back}");
        assert_eq!(text(&page(&api, &made), "status"), "complete");
    }
}

#[test]
fn a_page_says_what_a_subscription_costs_next() {
    let api = sandbox("in-page-next");
    let monthly = price(&api, "1500", &[("recurring[interval]", "month")]);
    let setup = price(&api, "500", &[]);
    let once = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "once")]).ok());
    let always = id(&api.post("/v1/coupons", &[("percent_off", "20"), ("duration", "forever")]).ok());
    let shown = |coupon: &str| {
        let params = [
            ("mode", "subscription"),
            ("ui_mode", "elements"),
            ("return_url", BACK),
            ("line_items[0][price]", &*monthly),
            ("line_items[0][quantity]", "2"),
            ("line_items[1][price]", &*setup),
            ("line_items[1][quantity]", "1"),
            ("discounts[0][coupon]", coupon),
        ];
        page(&api, &create(&api, &params).ok())
    };
    let first = shown(&once);
    assert_eq!((due(&first), &first["recurring"]["is_prorated"]), (3150, &json!(false)));
    assert_eq!(first["recurring"]["due_next"], json!({"discount": 0, "subtotal": 3000, "tax": 0, "total": 3000}));
    let all = shown(&always);
    assert_eq!((due(&all), int(&all["recurring"]["due_next"], "total")), (2800, 2400));
    assert_eq!(page(&api, &open(&api, &[]))["recurring"], Value::Null);
}

#[test]
fn a_setup_and_a_subscription_are_confirmed_too() {
    let api = sandbox("in-page-modes");
    let setup = [("mode", "setup"), ("currency", "usd"), ("ui_mode", "elements"), ("return_url", BACK)];
    let made = create(&api, &setup).ok();
    let done = confirm(&api, &made, CARD).ok();
    assert_eq!((text(&done, "status"), text(&done["setup_intent"], "status")), ("complete", "succeeded"));
    assert_eq!((&done["line_item_group"]["line_items"], &done["currency_options"]), (&json!([]), &json!([])));
    let monthly = price(&api, "1500", &[("recurring[interval]", "month")]);
    let made = create(
        &api,
        &[
            ("mode", "subscription"),
            ("ui_mode", "elements"),
            ("return_url", BACK),
            ("line_items[0][price]", &monthly),
            ("line_items[0][quantity]", "1"),
            ("subscription_data[trial_period_days]", "7"),
        ],
    )
    .ok();
    let shown = page(&api, &made);
    let recurring = &shown["recurring"];
    assert_eq!((text(recurring, "interval"), int(recurring, "trial_period_days"), due(&shown)), ("month", 7, 0));
    assert_eq!(recurring["due_next"], json!({"discount": 0, "subtotal": 1500, "tax": 0, "total": 1500}));
    let made = create(
        &api,
        &[
            ("mode", "subscription"),
            ("ui_mode", "elements"),
            ("return_url", BACK),
            ("line_items[0][price]", &monthly),
            ("line_items[0][quantity]", "1"),
        ],
    )
    .ok();
    let waits =
        confirm(&api, &made, &[("payment_method", "pm_card_authenticationRequired"), ("email", "jo@example.com")]).ok();
    let intent = &waits["payment_intent"];
    assert_eq!((text(&waits, "status"), text(&intent["next_action"], "type")), ("open", "use_stripe_sdk"));
    press(&api, text(&intent["next_action"]["use_stripe_sdk"], "stripe_js"), "succeeded");
    let done = page(&api, &made);
    assert_eq!((text(&done, "status"), text(&done["payment_intent"], "status")), ("complete", "succeeded"));
    let paid = read(&api, &made);
    assert_eq!(text(&the_customer(&api, text(&paid, "customer")), "email"), "jo@example.com");
    let subscriptions = api.get("/v1/subscriptions", &[("customer", text(&paid, "customer"))]).ok();
    assert_eq!(text(&rows(&subscriptions)[0], "status"), "active");
}
