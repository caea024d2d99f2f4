//! What a subscription refuses (billing 2.4, billing-2 15).

use serde_json::json;

use super::{PATH, act, cancel, change, price, price_of, product, subscribe, the_subscription};
use crate::billing::invoices::{event_count, events_since, item, payer, payer_with};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, invalid, missing, says, text, the_customer};

/// A customer who can pay, and a monthly price.
fn parties(api: &Client) -> (String, String) {
    (payer(api), price(api, "1000", "month", &[]))
}

fn customer_without_method(api: &Client) -> String {
    id(&api.post("/v1/customers", &[]).ok())
}

/// Each refusal has its sentence and its parameter, and changes nothing.
#[track_caller]
fn refuses(api: &Client, customer: &str, price: &str, cases: &[(Params<'_>, &str, Option<&str>)]) {
    let since = event_count(api);
    for (params, sentence, param) in cases {
        let error = says(subscribe(api, customer, price, params), 400, sentence);
        assert_eq!(error["param"].as_str(), *param, "{error}");
    }
    assert_eq!(events_since(api, since), Vec::<String>::new());
    assert_eq!(api.get(PATH, &[("status", "all")]).ok()["data"], json!([]));
}

#[test]
fn a_subscription_needs_a_customer_and_a_recurring_price_for_sale() {
    let api = sandbox("sub-refuse-items");
    let (customer, monthly) = parties(&api);
    missing(subscribe(&api, "cus_x", &monthly, &[]), 404, "customer", "cus_x", "customer");
    missing(subscribe(&api, &customer, "price_x", &[]), 400, "price", "price_x", "items[0][price]");
    let plan = api.post(PATH, &[("customer", &customer), ("items[0][plan]", "plan_x")]);
    missing(plan, 400, "plan", "plan_x", "plan");
    let none = says(api.post(PATH, &[("customer", &customer)]), 400, "Missing required param: items.");
    assert_eq!(none["code"], "parameter_missing");
    let club = product(&api, "Club");
    let once =
        id(&api.post("/v1/prices", &[("product", club.as_str()), ("currency", "usd"), ("unit_amount", "5")]).ok());
    let sentence =
        "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.";
    assert_eq!(says(subscribe(&api, &customer, &once, &[]), 400, sentence)["param"], "items[0][price]");
    let retired = price_of(&api, &club, "5", "month", &[]);
    api.post(&format!("/v1/prices/{retired}"), &[("active", "false")]).ok();
    let sentence = "The price specified is inactive. This field only accepts active prices.";
    assert_eq!(says(subscribe(&api, &customer, &retired, &[]), 400, sentence)["param"], "items[0][price]");
    let twice = format!("Cannot create a Subscription with multiple Subscription Items with the same Price: {monthly}");
    refuses(&api, &customer, &monthly, &[(&[("items[1][price]", &monthly)], &twice, Some("plan"))]);
    let nobody = customer_without_method(&api);
    let sentence = "This customer has no attached payment source or default payment method. Please consider adding a default \
                    payment method. For more information, visit \
                    https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.";
    says(subscribe(&api, &nobody, &monthly, &[]), 400, sentence);
    let many: Vec<(String, &str)> = (1..21).map(|n| (format!("items[{n}][price]"), monthly.as_str())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    invalid(subscribe(&api, &customer, &monthly, &many), 400, None, Some("items"));
    invalid(
        subscribe(&api, &customer, &monthly, &[("items[0][quantity]", "-1")]),
        400,
        None,
        Some("items[0][quantity]"),
    );
}

#[test]
fn items_have_one_currency_and_intervals_that_fit() {
    let api = sandbox("sub-refuse-mixed");
    let (customer, monthly) = parties(&api);
    let gold = product(&api, "Gold");
    let yearly = price_of(&api, &gold, "9000", "year", &[]);
    let weekly = price_of(&api, &gold, "900", "week", &[]);
    let differ = |field: &str| {
        format!(
            "Currency and interval fields must match across all plans on this subscription. Found mismatch in {field} field."
        )
    };
    let euro =
        [("product", gold.as_str()), ("currency", "eur"), ("unit_amount", "5"), ("recurring[interval]", "month")];
    let euro = id(&api.post("/v1/prices", &euro).ok());
    let classic = ("billing_mode[type]", "classic");
    refuses(
        &api,
        &customer,
        &monthly,
        &[
            (&[("items[1][price]", yearly.as_str()), classic], &differ("interval"), Some("items")),
            (&[("items[1][price]", weekly.as_str())], &differ("interval"), Some("items")),
            (&[("items[1][price]", euro.as_str())], &differ("currency"), Some("items")),
        ],
    );
    item(&api, &customer, "100");
    let sentence = "You cannot combine currencies on a single customer. This customer has an active subscription, subscription \
                    schedule, discount, quote, or invoice item with currency usd.";
    says(subscribe(&api, &customer, &euro, &[]), 400, sentence);
}

#[test]
fn times_have_to_fit() {
    let api = sandbox("sub-refuse-times");
    let (customer, monthly) = parties(&api);
    let now = int(&the_customer(&api, &customer), "created");
    let late = (now + 400 * 86_400).to_string();
    let soon = (now + 86_400).to_string();
    let far = (now + 800 * 86_400).to_string();
    let ancient = (now - 400 * 86_400).to_string();
    let past = |param: &str| {
        format!(
            "The parameter `{param}` expects a unix timestamp representing a date and time in the future. You specified the \
             value `1000` which is in the past."
        )
    };
    let (trial, anchor, cancel_at) = (past("trial_end"), past("billing_cycle_anchor"), past("cancel_at"));
    let both = "You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`.";
    let long = "The maximum number of trial period days is 730.";
    refuses(
        &api,
        &customer,
        &monthly,
        &[
            (&[("trial_end", "1000")], &trial, Some("trial_end")),
            (&[("trial_end", &far)], long, Some("trial_end")),
            (&[("trial_period_days", "731")], long, Some("trial_period_days")),
            (&[("trial_from_plan", "true"), ("trial_period_days", "3")], both, None),
            (&[("billing_cycle_anchor", "1000")], &anchor, Some("billing_cycle_anchor")),
            (&[("cancel_at", "1000")], &cancel_at, Some("cancel_at")),
            (
                &[("backdate_start_date", &late)],
                "`backdate_start_date` must be in the past.",
                Some("backdate_start_date"),
            ),
            (
                &[("billing_cycle_anchor_config[day_of_month]", "32")],
                "`day_of_month` must be between 1 and 31.",
                Some("billing_cycle_anchor_config[day_of_month]"),
            ),
            (
                &[("billing_cycle_anchor_config[day_of_month]", "3"), ("billing_cycle_anchor_config[month]", "3")],
                "`month` can only be used with prices that recur in more than one month.",
                Some("billing_cycle_anchor_config[month]"),
            ),
        ],
    );
    for pair in [
        [("trial_end", soon.as_str()), ("trial_period_days", "3")],
        [("billing_cycle_anchor", soon.as_str()), ("billing_cycle_anchor_config[day_of_month]", "3")],
        [("backdate_start_date", ancient.as_str()), ("billing_cycle_anchor_config[day_of_month]", "3")],
        [("cancel_at", soon.as_str()), ("cancel_at_period_end", "true")],
    ] {
        subscribe(&api, &customer, &monthly, &pair).refused(400);
    }
    let daily = price(&api, "10", "day", &[]);
    let far_back = "A subscription can be backdated by at most 250 periods.";
    let config = "`billing_cycle_anchor_config` can only be used with prices that recur by months or years.";
    refuses(
        &api,
        &customer,
        &daily,
        &[
            (&[("backdate_start_date", &ancient)], far_back, Some("backdate_start_date")),
            (&[("billing_cycle_anchor_config[day_of_month]", "3")], config, Some("billing_cycle_anchor_config")),
        ],
    );
}

#[test]
fn times_and_choices_have_their_form() {
    let api = sandbox("sub-refuse-forms");
    let (customer, monthly) = parties(&api);
    let far = (int(&the_customer(&api, &customer), "created") + 6 * 366 * 86_400).to_string();
    let behaviors = "Invalid payment_behavior: must be one of allow_incomplete, error_if_incomplete, pending_if_incomplete, or \
                     default_incomplete";
    let too_far = "Invalid timestamp: can be no more than five years in the future.";
    refuses(
        &api,
        &customer,
        &monthly,
        &[
            (&[("trial_end", "soon")], "Invalid timestamp: must be an integer Unix timestamp.", Some("trial_end")),
            (&[("trial_end", &far)], too_far, Some("trial_end")),
            (&[("payment_behavior", "maybe")], behaviors, Some("payment_behavior")),
        ],
    );
}

#[test]
fn a_card_that_was_detached_pays_for_nothing() {
    let api = sandbox("sub-refuse-detached");
    let (customer, monthly) = parties(&api);
    let card = crate::support::flows::attached(&api, "pm_card_visa", &customer);
    api.post(&format!("/v1/payment_methods/{card}/detach"), &[]).ok();
    let sentence = "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with \
                    a connected account without Customer attachment, or was detached from a Customer. It may not be used again. \
                    To use a PaymentMethod multiple times, you must attach it to a Customer first.";
    refuses(&api, &customer, &monthly, &[(&[("default_payment_method", &card)], sentence, None)]);
    let made = subscribe(&api, &customer, &monthly, &[]).ok();
    says(change(&api, &made, &[("default_payment_method", &card)]), 400, sentence);
}

#[test]
fn a_customer_has_five_hundred_subscriptions_at_the_most() {
    let api = sandbox("sub-refuse-many");
    let customer = customer_without_method(&api);
    // A metered price bills nothing at first.
    let (_, metered) = super::metered::metered(&api, "sum");
    let made: Vec<_> = (0..500).map(|_| subscribe(&api, &customer, &metered, &[]).ok()).collect();
    let error = subscribe(&api, &customer, &metered, &[]).refused(400);
    assert_eq!(error["code"], "customer_max_subscriptions");
    assert_eq!(text(&error, "message"), "This customer already has the maximum 500 subscriptions.");
    cancel(&api, &made[0], &[]).ok();
    subscribe(&api, &customer, &metered, &[]).ok();
}

#[test]
fn an_anchor_may_be_as_late_as_the_next_billing_date() {
    let api = sandbox("sub-refuse-anchor");
    let (customer, monthly) = parties(&api);
    let late = (int(&the_customer(&api, &customer), "created") + 400 * 86_400).to_string();
    let error = subscribe(&api, &customer, &monthly, &[("billing_cycle_anchor", &late)]).refused(400);
    let sentence = text(&error, "message");
    let limit = sentence.strip_prefix("billing_cycle_anchor cannot be later than next natural billing date (");
    let limit: i64 = limit.and_then(|rest| rest.strip_suffix(") for plan")).unwrap().parse().unwrap();
    says(
        subscribe(&api, &customer, &monthly, &[("billing_cycle_anchor", &late)]),
        400,
        &format!("billing_cycle_anchor cannot be later than next natural billing date ({limit}) for plan"),
    );
    subscribe(&api, &customer, &monthly, &[("billing_cycle_anchor", &limit.to_string())]).ok();
}

#[test]
fn how_it_is_paid_has_to_fit() {
    let api = sandbox("sub-refuse-paid");
    let (customer, monthly) = parties(&api);
    let other = payer(&api);
    let method = text(&the_customer(&api, &other)["invoice_settings"], "default_payment_method").to_owned();
    let pending = "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.";
    let percent = "`application_fee_percent` must be between 0 and 100.";
    let alone = "Can only apply an application_fee_percent when the request is made on behalf of another account (using an OAuth \
                 key, the Stripe-Account header, or as part of a destination charge).";
    refuses(
        &api,
        &customer,
        &monthly,
        &[
            (&[("payment_behavior", "pending_if_incomplete")], pending, Some("payment_behavior")),
            (
                &[("days_until_due", "3")],
                "You can only specify 'days_until_due' if invoice collection method is 'send_invoice'.",
                None,
            ),
            (
                &[("collection_method", "send_invoice")],
                "If invoice collection method is 'send_invoice', you must specify 'days_until_due'.",
                None,
            ),
            (&[("application_fee_percent", "101")], percent, Some("application_fee_percent")),
            (&[("application_fee_percent", "10")], alone, Some("application_fee_percent")),
        ],
    );
    subscribe(&api, &customer, &monthly, &[("default_payment_method", &method)]).refused(400);
    missing(
        subscribe(&api, &customer, &monthly, &[("default_payment_method", "pm_x")]),
        400,
        "PaymentMethod",
        "pm_x",
        "default_payment_method",
    );
    missing(
        subscribe(&api, &customer, &monthly, &[("default_source", "src_x")]),
        400,
        "source",
        "src_x",
        "default_source",
    );
    let nobody = customer_without_method(&api);
    let sent = [("collection_method", "send_invoice"), ("days_until_due", "3")];
    let sentence = "Missing email. In order to create invoices that are sent to the customer, the customer must have a valid \
                    email.";
    says(subscribe(&api, &nobody, &monthly, &sent), 400, sentence);
    invalid(
        subscribe(&api, &customer, &monthly, &[("discounts[0][coupon]", "none")]),
        400,
        Some("resource_missing"),
        Some("discounts[0][coupon]"),
    );
}

#[test]
fn what_has_ended_or_is_not_paid_keeps_its_terms() {
    let api = sandbox("sub-refuse-update");
    let (customer, monthly) = parties(&api);
    let made = subscribe(&api, &customer, &monthly, &[]).ok();
    let sentence = "`cancellation_details` can only be set on subscriptions that are set to cancel.";
    says(change(&api, &made, &[("cancellation_details[comment]", "bye")]), 400, sentence);
    cancel(&api, &made, &[]).ok();
    let sentence = "A canceled subscription can only update its cancellation_details and metadata.";
    let error = says(change(&api, &made, &[("description", "x")]), 400, sentence);
    assert_eq!(error["code"], "invalid_canceled_subscription_fields");
    change(&api, &made, &[("metadata[a]", "b"), ("cancellation_details[comment]", "bye")]).ok();
    missing(cancel(&api, &made, &[]), 404, "subscription", &id(&made), "id");
    missing(act(&api, &made, "pause", &[]), 404, "subscription", &id(&made), "id");
    let poor = payer_with(&api, "pm_card_chargeCustomerFail");
    let open = subscribe(&api, &poor, &monthly, &[]).ok();
    let sentence = "You cannot update `default_tax_rates` of a subscription in `incomplete` status. Only default_source, \
                    description and metadata can be updated.";
    says(change(&api, &open, &[("default_tax_rates", "")]), 400, sentence);
    assert_eq!(change(&api, &open, &[("description", "Club")]).ok()["description"], "Club");
    let cleared = subscribe(&api, &customer, &monthly, &[]).ok();
    assert_eq!(change(&api, &cleared, &[("default_payment_method", "")]).ok()["default_payment_method"], json!(null));
    let past = [("pause_collection[behavior]", "void"), ("pause_collection[resumes_at]", "1000")];
    invalid(change(&api, &cleared, &past), 400, None, Some("pause_collection[resumes_at]"));
    assert_eq!(the_subscription(&api, &cleared)["pause_collection"], json!(null));
}

#[test]
fn a_metered_item_has_no_quantity_and_no_first_invoice() {
    let api = sandbox("sub-metered");
    let (customer, _) = parties(&api);
    let meter = [("display_name", "Calls"), ("event_name", "calls"), ("default_aggregation[formula]", "sum")];
    let meter = id(&api.post("/v1/billing/meters", &meter).ok());
    let metered = [("recurring[usage_type]", "metered"), ("recurring[meter]", meter.as_str())];
    let metered = price(&api, "3", "month", &metered);
    let sentence = "You cannot set the quantity for metered plans.";
    says(subscribe(&api, &customer, &metered, &[("items[0][quantity]", "3")]), 400, sentence);
    let made = subscribe(&api, &customer, &metered, &[]).ok();
    assert_eq!((text(&made, "status"), &made["latest_invoice"]), ("active", &json!(null)));
    assert_eq!(made["items"]["data"][0].get("quantity"), None);
    let classic = subscribe(&api, &customer, &metered, &[("billing_mode[type]", "classic")]).ok();
    assert_eq!(int(&super::latest(&api, &classic), "total"), 0);
}

#[test]
fn a_threshold_is_high_enough_and_of_usage() {
    let api = sandbox("sub-thresholds");
    let (customer, monthly) = parties(&api);
    let small = "This value must be greater than or equal to 50.";
    let none = "This value must be greater than or equal to 1.";
    let licensed = "`usage_gte` can only be set for items with a price of `usage_type=metered`.";
    let (amount, usage) = ("billing_thresholds[amount_gte]", "items[0][billing_thresholds][usage_gte]");
    refuses(
        &api,
        &customer,
        &monthly,
        &[
            (&[(amount, "49")], small, Some(amount)),
            (&[(usage, "0")], none, Some(usage)),
            (&[(usage, "10")], licensed, Some(usage)),
        ],
    );
    let made = subscribe(&api, &customer, &monthly, &[(amount, "5000")]).ok();
    says(change(&api, &made, &[(amount, "1")]), 400, small);
    says(change(&api, &made, &[("items[0][id]", &super::item(&made)), (usage, "3")]), 400, licensed);
    assert_eq!(the_subscription(&api, &made)["billing_thresholds"]["amount_gte"], 5000);
    assert_eq!(change(&api, &made, &[("billing_thresholds", "")]).ok()["billing_thresholds"], json!(null));
}

#[test]
fn the_only_price_may_stand_alone_before_clover() {
    let api = sandbox("sub-plan");
    let (customer, monthly) = parties(&api);
    let old = api.version("2024-06-20");
    let made = old.post(PATH, &[("customer", customer.as_str()), ("plan", &monthly), ("quantity", "3")]).ok();
    assert_eq!((&made["plan"]["id"], &made["quantity"]), (&json!(monthly), &json!(3)));
    let both = [("customer", customer.as_str()), ("items[0][price]", &monthly), ("quantity", "3")];
    says(old.post(PATH, &both), 400, "Received both items and quantity parameters. Please pass in only one.");
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).ok());
    let made = subscribe(&old, &customer, &monthly, &[("coupon", &coupon)]).ok();
    assert_eq!(made["discount"]["coupon"]["id"], json!(coupon));
    let error = subscribe(&old, &customer, &monthly, &[("coupon", "none")]).refused(400);
    assert_eq!(error["param"], "coupon");
    assert_eq!(customer, text(&made, "customer"));
}

#[test]
fn a_quantity_costs_no_more_than_a_client_can_read() {
    let api = sandbox("sub-refuse-quantity");
    let (customer, monthly) = parties(&api);
    let sentence = "This value must be less than or equal to 9999999999.";
    let (most, more) = ("9999999999", "10000000000");
    let item = |quantity: &'static str| [("items[0][quantity]", quantity)];
    refuses(&api, &customer, &monthly, &[(&item(more), sentence, Some("items[0][quantity]"))]);
    let made = subscribe(&api, &customer, &monthly, &[]).ok();
    let own = super::item(&made);
    let to = |quantity: &str| change(&api, &made, &[("items[0][id]", &own), ("items[0][quantity]", quantity)]);
    assert_eq!(says(to(more), 400, sentence)["param"], "items[0][quantity]");
    assert_eq!(to(most).ok()["quantity"], 9_999_999_999_i64);
    let quote =
        [("customer", customer.as_str()), ("line_items[0][price]", &monthly), ("line_items[0][quantity]", more)];
    assert_eq!(says(api.post("/v1/quotes", &quote), 400, sentence)["param"], "line_items[0][quantity]");
    let units =
        [("customer", customer.as_str()), ("currency", "usd"), ("unit_amount_decimal", "1000"), ("quantity", more)];
    assert_eq!(says(api.post("/v1/invoiceitems", &units), 400, sentence)["param"], "quantity");
    let back =
        [("customer", customer.as_str()), ("currency", "usd"), ("unit_amount_decimal", "-1000"), ("quantity", more)];
    assert_eq!(says(api.post("/v1/invoiceitems", &back), 400, sentence)["param"], "quantity");
    let dear = "This value must be less than or equal to 9999999999999.";
    let whole = [("customer", customer.as_str()), ("currency", "usd"), ("amount", "10000000000000")];
    assert_eq!(says(api.post("/v1/invoiceitems", &whole), 400, dear)["param"], "amount");
}
