//! Quotes (billing 5.2, billing-2 11.3, 13.6).

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, attached, customer, id, ids, int, invalid, missing, rows, says, text, with};

const QUOTES: &str = "/v1/quotes";
const LINE: &str = "line_items[0][price]";

fn price(api: &Client, amount: &str, more: Params<'_>) -> Value {
    let params = [("currency", "usd"), ("unit_amount", amount), ("product_data[name]", "Plan")];
    api.post("/v1/prices", &with(&params, more)).ok()
}

fn monthly(api: &Client, amount: &str) -> String {
    id(&price(api, amount, &[("recurring[interval]", "month")]))
}

fn once(api: &Client, amount: &str) -> String {
    id(&price(api, amount, &[]))
}

/// A customer who can pay.
fn payer(api: &Client) -> String {
    let ada = customer(api, &[("email", "ada@shop.example")]);
    let card = attached(api, "pm_card_visa", &ada);
    api.post(&format!("/v1/customers/{ada}"), &[("invoice_settings[default_payment_method]", &card)]).ok();
    ada
}

fn quote(api: &Client, params: Params<'_>) -> Answer {
    api.post(QUOTES, params)
}

fn act(api: &Client, quote: &Value, verb: &str, params: Params<'_>) -> Answer {
    api.post(&format!("{QUOTES}/{}/{verb}", id(quote)), params)
}

/// An open quote.
fn opened(api: &Client, params: Params<'_>) -> Value {
    let made = quote(api, params).ok();
    act(api, &made, "finalize", &[]).ok()
}

#[track_caller]
fn read(api: &Client, quote: &Value) -> Value {
    api.get(&format!("{QUOTES}/{}", id(quote)), &[]).ok()
}

/// The types of the events from a type on, oldest first.
fn events_from(api: &Client, first: &str) -> Vec<String> {
    let events = api.get("/v1/events", &[("limit", "100")]).ok();
    let types: Vec<String> = rows(&events).iter().rev().map(|event| text(event, "type").to_owned()).collect();
    types.into_iter().skip_while(|name| name != first).collect()
}

/// Subtotal, discount, tax and total.
fn amounts(shown: &Value) -> [i64; 4] {
    let details = &shown["total_details"];
    [
        int(shown, "amount_subtotal"),
        int(details, "amount_discount"),
        int(details, "amount_tax"),
        int(shown, "amount_total"),
    ]
}

#[test]
fn a_new_quote_has_its_defaults() {
    let api = sandbox("quote-defaults");
    let made = quote(&api, &[]).ok();
    let mut shown = json!({
        "object": "quote", "amount_subtotal": 0, "amount_total": 0, "application": null, "application_fee_amount": null,
        "application_fee_percent": null,
        "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
        "collection_method": "charge_automatically",
        "currency": null, "customer": null, "customer_account": null, "default_tax_rates": [], "description": null,
        "discounts": [], "footer": null, "from_quote": null, "header": null, "invoice": null,
        "invoice_settings": {
            "custom_fields": null, "days_until_due": null, "description": null, "footer": null, "issuer": {"type": "self"},
        },
        "livemode": false, "metadata": {}, "number": null, "on_behalf_of": null, "status": "draft",
        "status_transitions": {"accepted_at": null, "canceled_at": null, "finalized_at": null}, "subscription": null,
        "subscription_data": {
            "billing_mode": {"type": "flexible"}, "description": null, "effective_date": null, "metadata": {},
            "trial_period_days": null,
        },
        "subscription_schedule": null, "test_clock": null,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}, "transfer_data": null,
    });
    let details = json!({"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0});
    shown["computed"] = json!({
        "recurring": null, "upfront": {"amount_subtotal": 0, "amount_total": 0, "total_details": details},
    });
    shown["id"] = made["id"].clone();
    shown["created"] = made["created"].clone();
    shown["expires_at"] = json!(int(&made, "created") + 2_592_000);
    assert_eq!(made, shown);
    missing(api.get(&format!("{QUOTES}/qt_none"), &[]), 404, "quote", "qt_none", "quote");
}

#[test]
fn a_quote_computes_what_is_paid_at_first_and_what_again_and_again() {
    let api = sandbox("quote-computed");
    let (plan, setup) = (monthly(&api, "2000"), once(&api, "500"));
    let params = [(LINE, plan.as_str()), ("line_items[0][quantity]", "2"), ("line_items[1][price]", setup.as_str())];
    let made = quote(&api, &params).ok();
    assert_eq!((text(&made, "currency"), amounts(&made)), ("usd", [4500, 0, 0, 4500]));
    let (recurring, upfront) = (&made["computed"]["recurring"], &made["computed"]["upfront"]);
    assert_eq!(
        (amounts(recurring), text(recurring, "interval"), int(recurring, "interval_count")),
        ([4000, 0, 0, 4000], "month", 1)
    );
    assert_eq!(amounts(upfront), [4500, 0, 0, 4500]);
    // During a trial only what does not recur is paid.
    let later = quote(&api, &with(&params, &[("subscription_data[trial_period_days]", "7")])).ok();
    assert_eq!(
        (amounts(&later["computed"]["upfront"]), amounts(&later["computed"]["recurring"])),
        ([500, 0, 0, 500], [4000, 0, 0, 4000])
    );
    let path = format!("{QUOTES}/{}", id(&later));
    let upfront = api.get(&format!("{path}/computed_upfront_line_items"), &[]).ok();
    assert_eq!((rows(&upfront).len(), text(&upfront["data"][0]["price"], "id")), (1, setup.as_str()));
    let expand = [("expand[]", "computed.upfront.line_items"), ("expand[]", "line_items")];
    let expanded = api.get(&path, &expand).ok();
    assert_eq!(expanded["computed"]["upfront"]["line_items"]["data"], upfront["data"]);
    let all = api.get(&format!("{path}/line_items"), &[]).ok();
    assert_eq!((&expanded["line_items"]["data"], rows(&all).len()), (&all["data"], 2));
    assert_eq!((int(&all["data"][0], "amount_total"), int(&all["data"][1], "amount_total")), (4000, 500));
    assert_eq!(read(&api, &later).get("line_items"), None);
}

#[test]
fn only_discounts_for_ever_count_for_what_is_paid_again_and_again() {
    let api = sandbox("quote-discounts");
    let plan = monthly(&api, "2000");
    let coupon = |duration: &str, percent: &str| {
        id(&api.post("/v1/coupons", &[("percent_off", percent), ("duration", duration)]).ok())
    };
    let (first, always) = (coupon("once", "50"), coupon("forever", "10"));
    let params = [(LINE, plan.as_str()), ("discounts[0][coupon]", &first), ("discounts[1][coupon]", &always)];
    let made = quote(&api, &params).ok();
    assert_eq!(amounts(&made), [2000, 1100, 0, 900]);
    assert_eq!(amounts(&made["computed"]["upfront"]), [2000, 1100, 0, 900]);
    assert_eq!(amounts(&made["computed"]["recurring"]), [2000, 200, 0, 1800]);
    let expanded = api.get(&format!("{QUOTES}/{}", id(&made)), &[("expand[]", "discounts")]).ok();
    assert_eq!(expanded["discounts"][0]["source"]["coupon"], json!(first));
    // An offer redeems nothing.
    assert_eq!(api.get(&format!("/v1/coupons/{first}"), &[]).ok()["times_redeemed"], 0);
    missing(
        quote(&api, &[(LINE, &plan), ("discounts[0][coupon]", "none")]),
        400,
        "coupon",
        "none",
        "discounts[0][coupon]",
    );
    invalid(
        quote(&api, &[(LINE, &plan), ("discounts[0][coupon]", "")]),
        400,
        Some("parameter_invalid_empty"),
        Some("discounts[0][coupon]"),
    );
}

#[test]
fn a_line_has_discounts_and_tax_rates_of_its_own() {
    let api = sandbox("quote-lines");
    let (plan, setup) = (monthly(&api, "2000"), once(&api, "1000"));
    let ten = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).ok());
    let rate = |percentage: &str| {
        let params = [("display_name", "VAT"), ("inclusive", "false"), ("percentage", percentage)];
        id(&api.post("/v1/tax_rates", &params).ok())
    };
    let (five, twenty) = (rate("5"), rate("20"));
    let params = [
        (LINE, plan.as_str()),
        ("line_items[0][discounts][0][coupon]", ten.as_str()),
        ("line_items[0][tax_rates][0]", five.as_str()),
        ("line_items[1][price]", setup.as_str()),
        ("default_tax_rates[0]", twenty.as_str()),
    ];
    let made = quote(&api, &params).ok();
    // 2000 - 200 with 5 percent, 1000 with 20 percent.
    assert_eq!(int(&made, "amount_total"), 1890 + 1200);
    let expand = [("expand[]", "data.discounts"), ("expand[]", "data.taxes")];
    let lines = api.get(&format!("{QUOTES}/{}/line_items", id(&made)), &expand).ok();
    let first = &lines["data"][0];
    let shown = ["amount_subtotal", "amount_discount", "amount_tax", "amount_total"].map(|key| int(first, key));
    assert_eq!(shown, [2000, 200, 90, 1890]);
    assert_eq!(
        (int(&first["discounts"][0], "amount"), &first["discounts"][0]["discount"]["source"]["coupon"]),
        (200, &json!(ten))
    );
    assert_eq!((int(&first["taxes"][0], "amount"), &first["taxes"][0]["rate"]["id"]), (90, &json!(five)));
    assert_eq!(lines["data"][1]["taxes"][0]["rate"]["id"], json!(twenty));
}

#[test]
fn the_lines_of_a_quote_have_one_currency_and_one_interval() {
    let api = sandbox("quote-one");
    let (plan, year) = (monthly(&api, "2000"), id(&price(&api, "9000", &[("recurring[interval]", "year")])));
    let both = [(LINE, plan.as_str()), ("line_items[1][price]", year.as_str())];
    says(quote(&api, &both), 400, "All recurring line items of a quote must have the same billing interval.");
    let euro = [("currency", "eur"), ("unit_amount", "5"), ("product_data[name]", "Tea")];
    let euro = id(&api.post("/v1/prices", &euro).ok());
    let both = [(LINE, plan.as_str()), ("line_items[1][price]", euro.as_str())];
    says(quote(&api, &both), 400, "All line items must have the same currency.");
    api.post(&format!("/v1/prices/{plan}"), &[("active", "false")]).ok();
    invalid(quote(&api, &[(LINE, &plan)]), 400, None, Some(LINE));
    missing(quote(&api, &[(LINE, "price_none")]), 400, "price", "price_none", LINE);
    let none = [(LINE, euro.as_str()), ("line_items[0][quantity]", "-1")];
    invalid(quote(&api, &none), 400, None, Some("line_items[0][quantity]"));
    assert_eq!(api.get(QUOTES, &[]).ok()["data"], json!([]));
}

#[test]
fn what_a_quote_cannot_have_is_refused() {
    let api = sandbox("quote-checks");
    invalid(quote(&api, &[("expires_at", "1000000000")]), 400, None, Some("expires_at"));
    let both = [("application_fee_amount", "5"), ("application_fee_percent", "5")];
    invalid(quote(&api, &both), 400, None, Some("application_fee_amount"));
    let trial = "subscription_data[trial_period_days]";
    invalid(quote(&api, &[(trial, "0")]), 400, Some("parameter_invalid_integer"), Some(trial));
    let date = [("subscription_data[effective_date]", "current_period_end")];
    assert_eq!(quote(&api, &date).status, 501);
    missing(quote(&api, &[("customer", "cus_none")]), 400, "customer", "cus_none", "customer");
}

#[test]
fn a_draft_is_changed_and_its_customer_is_chosen_once() {
    let api = sandbox("quote-update");
    let (plan, other) = (monthly(&api, "2000"), monthly(&api, "3000"));
    let made = quote(&api, &[(LINE, &plan)]).ok();
    let path = format!("{QUOTES}/{}", id(&made));
    let (ada, bob) = (payer(&api), payer(&api));
    let changed = api.post(&path, &[("customer", &ada), ("header", "For you"), ("metadata[a]", "1")]).ok();
    assert_eq!((text(&changed, "customer"), text(&changed, "header")), (&*ada, "For you"));
    says(
        api.post(&path, &[("customer", &bob)]),
        400,
        &format!("The customer of the quote `{}` cannot be changed.", id(&made)),
    );
    let lines = api.get(&format!("{path}/line_items"), &[]).ok();
    let kept = text(&lines["data"][0], "id").to_owned();
    let params =
        [("line_items[0][id]", kept.as_str()), ("line_items[0][quantity]", "3"), ("line_items[1][price]", &other)];
    assert_eq!(int(&api.post(&path, &params).ok(), "amount_total"), 9000);
    let lines = api.get(&format!("{path}/line_items"), &[]).ok();
    assert!(rows(&lines).len() == 2 && ids(&lines).contains(&kept), "{lines}");
    assert_eq!(int(&api.post(&path, &[(LINE, &other)]).ok(), "amount_total"), 3000);
    missing(api.post(&path, &[("line_items[0][id]", "li_none")]), 400, "item", "li_none", "line_items[0][id]");
    act(&api, &made, "finalize", &[]).ok();
    let sentence = "This quote has `status` open, so that `update` is not possible; it needs draft.";
    says(api.post(&path, &[("header", "Late")]), 400, sentence);
}

#[test]
fn a_quote_is_finalized_with_a_number_and_canceled() {
    let api = sandbox("quote-finalize");
    let plan = monthly(&api, "2000");
    let made = quote(&api, &[(LINE, &plan)]).ok();
    says(act(&api, &made, "finalize", &[]), 400, "A quote needs a customer before it is finalized.");
    let ada = payer(&api);
    let bare = quote(&api, &[("customer", &ada)]).ok();
    says(act(&api, &bare, "finalize", &[]), 400, "A quote needs at least one line item before it is finalized.");
    let params = [(LINE, plan.as_str()), ("customer", ada.as_str())];
    let prefix = text(&api.get(&format!("/v1/customers/{ada}"), &[]).ok(), "invoice_prefix").to_owned();
    let first = opened(&api, &params);
    assert_eq!((text(&first, "status"), text(&first, "number")), ("open", &*format!("QT-{prefix}-0001-1")));
    assert!(first["status_transitions"]["finalized_at"].is_i64(), "{first}");
    assert_eq!(text(&opened(&api, &params), "number"), format!("QT-{prefix}-0002-1"));
    let sentence = "This quote has `status` open, so that `finalize` is not possible; it needs draft.";
    says(act(&api, &first, "finalize", &[]), 400, sentence);
    let gone = act(&api, &first, "cancel", &[]).ok();
    assert_eq!(text(&gone, "status"), "canceled");
    assert!(gone["status_transitions"]["canceled_at"].is_i64(), "{gone}");
    let sentence = "This quote has `status` canceled, so that `cancel` is not possible; it needs draft or open.";
    says(act(&api, &first, "cancel", &[]), 400, sentence);
    let sentence = "This quote has `status` canceled, so that `accept` is not possible; it needs open.";
    says(act(&api, &first, "accept", &[]), 400, sentence);
    let draft = quote(&api, &params).ok();
    let late = act(&api, &draft, "finalize", &[("expires_at", "4000000000")]).ok();
    assert_eq!(int(&late, "expires_at"), 4_000_000_000);
    let again = quote(&api, &params).ok();
    let past = act(&api, &again, "finalize", &[("expires_at", "1000000000")]);
    invalid(past, 400, None, Some("expires_at"));
    let open = api.get(QUOTES, &[("status", "open"), ("customer", &ada)]).ok();
    assert_eq!(rows(&open).len(), 2);
}

#[test]
fn a_quote_that_nobody_accepts_expires() {
    let api = sandbox("quote-expiry");
    let (plan, ada) = (monthly(&api, "2000"), payer(&api));
    let open = opened(&api, &[(LINE, &plan), ("customer", &ada)]);
    let draft = quote(&api, &[]).ok();
    api.advance(29 * 86_400);
    assert_eq!((text(&read(&api, &open), "status"), text(&read(&api, &draft), "status")), ("open", "draft"));
    api.advance(86_400);
    let expired = read(&api, &open);
    assert_eq!((text(&expired, "status"), text(&read(&api, &draft), "status")), ("canceled", "canceled"));
    assert_eq!(expired["status_transitions"]["canceled_at"], expired["expires_at"]);
    assert_eq!(events_from(&api, "quote.canceled"), ["quote.canceled", "quote.canceled"]);
}

#[test]
fn a_quote_without_recurring_lines_leads_to_a_draft_invoice() {
    let api = sandbox("quote-invoice");
    let (setup, ada) = (once(&api, "1000"), payer(&api));
    let ten = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "once")]).ok());
    // What is pending stays so.
    api.post("/v1/invoiceitems", &[("customer", &ada), ("amount", "77"), ("currency", "usd")]).ok();
    let params = [
        (LINE, setup.as_str()),
        ("line_items[0][quantity]", "3"),
        ("customer", ada.as_str()),
        ("discounts[0][coupon]", ten.as_str()),
        ("invoice_settings[description]", "Thanks"),
    ];
    let open = opened(&api, &params);
    let accepted = act(&api, &open, "accept", &[]).ok();
    assert_eq!((text(&accepted, "status"), &accepted["subscription"]), ("accepted", &Value::Null));
    assert!(accepted["status_transitions"]["accepted_at"].is_i64(), "{accepted}");
    let invoice = api.get(&format!("/v1/invoices/{}", text(&accepted, "invoice")), &[]).ok();
    assert_eq!((text(&invoice, "status"), text(&invoice, "billing_reason")), ("draft", "quote_accept"));
    assert_eq!((int(&invoice, "total"), text(&invoice, "description")), (int(&open, "amount_total"), "Thanks"));
    assert_eq!(
        (text(&invoice["parent"], "type"), &invoice["parent"]["quote_details"]["quote"]),
        ("quote_details", &open["id"])
    );
    assert_eq!(api.get(&format!("/v1/coupons/{ten}"), &[]).ok()["times_redeemed"], 1);
    let events = events_from(&api, "quote.accepted");
    assert_eq!(events[0], "quote.accepted");
    assert!(events.contains(&"invoice.created".to_owned()), "{events:?}");
    let sentence = "This quote has `status` accepted, so that `accept` is not possible; it needs open.";
    says(act(&api, &open, "accept", &[]), 400, sentence);
}

#[test]
fn a_quote_with_recurring_lines_leads_to_a_subscription() {
    let api = sandbox("quote-subscription");
    let (plan, setup, ada) = (monthly(&api, "2000"), once(&api, "500"), payer(&api));
    let params = [
        (LINE, plan.as_str()),
        ("line_items[0][quantity]", "2"),
        ("line_items[1][price]", setup.as_str()),
        ("customer", ada.as_str()),
        ("subscription_data[description]", "Two seats"),
        ("subscription_data[metadata][seat]", "a"),
    ];
    let open = opened(&api, &params);
    let accepted = act(&api, &open, "accept", &[]).ok();
    assert_eq!(accepted["invoice"], Value::Null);
    let subscription = api.get(&format!("/v1/subscriptions/{}", text(&accepted, "subscription")), &[]).ok();
    assert_eq!((text(&subscription, "status"), text(&subscription, "description")), ("active", "Two seats"));
    assert_eq!((int(&subscription["items"]["data"][0], "quantity"), text(&subscription["metadata"], "seat")), (2, "a"));
    let invoice = api.get(&format!("/v1/invoices/{}", text(&subscription, "latest_invoice")), &[]).ok();
    assert_eq!((text(&invoice, "status"), text(&invoice, "billing_reason")), ("paid", "quote_accept"));
    assert_eq!(int(&invoice, "total"), int(&open["computed"]["upfront"], "amount_total"));
    let events = events_from(&api, "quote.accepted");
    let created = events.iter().position(|event| event == "customer.subscription.created");
    assert!(events[0] == "quote.accepted" && created.is_some(), "{events:?}");
}

#[test]
fn a_price_that_was_described_in_a_quote_can_be_accepted() {
    let api = sandbox("quote-described");
    let ada = payer(&api);
    let product = text(&price(&api, "5", &[]), "product").to_owned();
    let params = [
        ("customer", ada.as_str()),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][product]", product.as_str()),
        ("line_items[0][price_data][unit_amount]", "700"),
        ("line_items[0][price_data][recurring][interval]", "month"),
    ];
    let accepted = act(&api, &opened(&api, &params), "accept", &[]).ok();
    assert!(accepted["subscription"].is_string(), "{accepted}");
}

#[test]
fn a_quote_that_begins_later_leads_to_a_schedule() {
    let api = sandbox("quote-later");
    let (plan, setup, ada) = (monthly(&api, "2000"), once(&api, "500"), payer(&api));
    let ten = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).ok());
    let start = int(&api.get(&format!("/v1/customers/{ada}"), &[]).ok(), "created") + 3 * 86_400;
    let date = start.to_string();
    let params = [
        (LINE, plan.as_str()),
        ("line_items[0][quantity]", "2"),
        ("line_items[1][price]", &setup),
        ("discounts[0][coupon]", &ten),
        ("customer", &ada),
        ("subscription_data[effective_date]", &date),
        ("subscription_data[description]", "Gold"),
        ("subscription_data[metadata][a]", "1"),
    ];
    let open = opened(&api, &params);
    assert_eq!(open["subscription_data"]["effective_date"], json!(start));
    let accepted = act(&api, &open, "accept", &[]).ok();
    assert_eq!((text(&accepted, "status"), &accepted["subscription"]), ("accepted", &Value::Null));
    let path = format!("/v1/subscription_schedules/{}", text(&accepted, "subscription_schedule"));
    let schedule = api.get(&path, &[]).ok();
    assert_eq!((text(&schedule, "status"), text(&schedule, "end_behavior")), ("not_started", "release"));
    let [phase] = schedule["phases"].as_array().unwrap().as_slice() else { panic!("{schedule}") };
    assert_eq!((int(phase, "start_date"), int(&phase["items"][0], "quantity")), (start, 2));
    assert_eq!((text(phase, "description"), &phase["metadata"]), ("Gold", &json!({"a": "1"})));
    assert_eq!(events_from(&api, "quote.accepted"), ["quote.accepted", "subscription_schedule.created"]);
    api.advance(3 * 86_400 + 2 * 3600);
    let schedule = api.get(&path, &[]).ok();
    let made = api.get(&format!("/v1/subscriptions/{}", text(&schedule, "subscription")), &[]).ok();
    let invoice = api.get(&format!("/v1/invoices/{}", text(&made, "latest_invoice")), &[]).ok();
    assert_eq!((text(&invoice, "status"), int(&invoice, "total")), ("paid", 4050));
    api.advance(32 * 86_400);
    let schedule = api.get(&path, &[]).ok();
    assert_eq!(text(&schedule, "status"), "completed");
    assert_eq!(text(&api.get(&format!("/v1/subscriptions/{}", id(&made)), &[]).ok(), "status"), "active");
}

#[test]
fn a_quote_that_begins_later_may_begin_with_a_trial_and_be_sent() {
    let api = sandbox("quote-later-trial");
    let (plan, ada) = (monthly(&api, "2000"), payer(&api));
    let start = int(&api.get(&format!("/v1/customers/{ada}"), &[]).ok(), "created") + 86_400;
    let params = [
        (LINE, plan.as_str()),
        ("customer", &ada),
        ("collection_method", "send_invoice"),
        ("invoice_settings[days_until_due]", "7"),
        ("subscription_data[effective_date]", &start.to_string()),
        ("subscription_data[trial_period_days]", "5"),
    ];
    let accepted = act(&api, &opened(&api, &params), "accept", &[]).ok();
    let path = format!("/v1/subscription_schedules/{}", text(&accepted, "subscription_schedule"));
    let phase = api.get(&path, &[]).ok()["phases"][0].clone();
    assert_eq!((int(&phase, "trial_end"), int(&phase, "end_date")), (start + 5 * 86_400, start + 5 * 86_400));
    assert_eq!(int(&phase["invoice_settings"], "days_until_due"), 7);
    api.advance(86_400 + 60);
    let made = text(&api.get(&path, &[]).ok(), "subscription").to_owned();
    let made = api.get(&format!("/v1/subscriptions/{made}"), &[]).ok();
    assert_eq!((text(&made, "status"), int(&made, "days_until_due")), ("trialing", 7));
}

#[test]
fn a_revision_replaces_its_original_when_it_is_accepted() {
    let api = sandbox("quote-revision");
    let (plan, ada) = (monthly(&api, "2000"), payer(&api));
    let ten = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).ok());
    let params = [
        (LINE, plan.as_str()),
        ("customer", ada.as_str()),
        ("header", "For you"),
        ("line_items[0][discounts][0][coupon]", ten.as_str()),
    ];
    let original = opened(&api, &params);
    let from = [("from_quote[quote]", text(&original, "id")), ("from_quote[is_revision]", "true")];
    let revision = quote(&api, &from).ok();
    let same = ["amount_total", "customer", "header", "collection_method"];
    assert_eq!(same.map(|key| &revision[key]), same.map(|key| &original[key]));
    assert_eq!(revision["from_quote"], json!({"is_revision": true, "quote": original["id"]}));
    assert_eq!((text(&revision, "status"), &revision["number"]), ("draft", &Value::Null));
    invalid(quote(&api, &with(&from, &[("header", "Other")])), 400, None, Some("from_quote"));
    let numbered = act(&api, &revision, "finalize", &[]).ok();
    let base = text(&original, "number").strip_suffix("-1").unwrap();
    assert_eq!(text(&numbered, "number"), format!("{base}-2"));
    assert_eq!(text(&read(&api, &original), "status"), "open");
    act(&api, &revision, "accept", &[]).ok();
    assert_eq!(text(&read(&api, &original), "status"), "canceled");
    let sentence = format!("The quote `{}` is not open: only an open quote can be revised.", id(&original));
    says(quote(&api, &from), 400, &sentence);
    // A plain copy may be made of any.
    let copy = quote(&api, &from[..1]).ok();
    assert_eq!((&copy["from_quote"]["is_revision"], &copy["amount_total"]), (&json!(false), &original["amount_total"]));
}

#[test]
fn a_quote_lives_on_the_clock_of_its_customer() {
    let api = sandbox("quote-clock");
    let clock = id(&api.post("/v1/test_helpers/test_clocks", &[("frozen_time", "1900000000")]).ok());
    let ada = customer(&api, &[("test_clock", &clock)]);
    let made = quote(&api, &[("customer", &ada)]).ok();
    assert_eq!((text(&made, "test_clock"), int(&made, "created")), (&*clock, 1_900_000_000));
    let own = quote(&api, &[("test_clock", &clock)]).ok();
    assert_eq!(int(&own, "expires_at"), 1_900_000_000 + 2_592_000);
    let other = id(&api.post("/v1/test_helpers/test_clocks", &[("frozen_time", "1900000000")]).ok());
    invalid(quote(&api, &[("customer", &ada), ("test_clock", &other)]), 400, None, Some("customer"));
    let listed = api.get(QUOTES, &[("test_clock", &clock)]).ok();
    assert_eq!(ids(&listed), [id(&own), id(&made)]);
}

#[test]
fn the_taxes_of_a_quote_are_computed_when_the_place_is_known() {
    let api = sandbox("quote-tax");
    crate::support::flows::seller_in_germany(&api);
    let plan = monthly(&api, "1000");
    let params = [(LINE, plan.as_str()), ("automatic_tax[enabled]", "true")];
    let nowhere = quote(&api, &params).ok();
    assert_eq!(text(&nowhere["automatic_tax"], "status"), "requires_location_inputs");
    let ada = customer(&api, &[("address[country]", "DE"), ("address[postal_code]", "10115")]);
    let placed = api.post(&format!("{QUOTES}/{}", id(&nowhere)), &[("customer", &ada)]).ok();
    assert_eq!(text(&placed["automatic_tax"], "status"), "complete");
    assert_eq!(amounts(&placed), [1000, 0, 190, 1190]);
    assert_eq!(amounts(&placed["computed"]["recurring"]), [1000, 0, 190, 1190]);
}

#[test]
fn a_quote_that_is_no_draft_has_a_pdf() {
    let api = sandbox("quote-pdf");
    let (plan, ada) = (monthly(&api, "2000"), payer(&api));
    let params = [(LINE, plan.as_str()), ("customer", &ada), ("line_items[0][quantity]", "2"), ("header", "For you")];
    let draft = quote(&api, &params).ok();
    let path = |quote: &Value| format!("{QUOTES}/{}/pdf", id(quote));
    let sentence =
        "This quote has `status` draft, so that `pdf` is not possible; it needs open or accepted or canceled.";
    says(api.get(&path(&draft), &[]), 400, sentence);
    let open = act(&api, &draft, "finalize", &[]).ok();
    let printed = api.get(&path(&open), &[]);
    assert_eq!(printed.status, 200);
    let shown = crate::support::pdf::pages(&printed.bytes).concat();
    for part in ["Quote", text(&open, "number"), "$40.00", "For you", "ada@shop.example", "Every month"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(api.get(&path(&open), &[]).bytes, printed.bytes);
    missing(api.get(&format!("{QUOTES}/qt_none/pdf"), &[]), 404, "quote", "qt_none", "quote");
}
