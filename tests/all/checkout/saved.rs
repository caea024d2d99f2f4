//! Payment methods that are saved, shown again and removed (`saved_payment_method_options`, intents-and-checkout 3.1), and cards that
//! a session does not take.

use serde_json::{Value, json};

use super::{browse, buy, create, intent_of, open, price, read};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, attached, customer, invalid, says, text, with};

const REDISPLAYS: [&str; 3] = ["always", "limited", "unspecified"];

/// A customer with a payment method of each kind of `allow_redisplay`.
fn known(api: &Client) -> (String, Vec<String>) {
    let buyer = customer(api, &[("email", "jo@example.com")]);
    let method = |redisplay: &&str| {
        let method = attached(api, "pm_card_mastercard", &buyer);
        api.post(&format!("/v1/payment_methods/{method}"), &[("allow_redisplay", redisplay)]).ok();
        method
    };
    let methods = REDISPLAYS.iter().map(method).collect();
    (buyer, methods)
}

/// Which payment methods the page of a session shows.
fn shown(api: &Client, made: &Value, methods: &[String]) -> Vec<bool> {
    let page = browse(api, "GET", text(made, "url"), None);
    methods.iter().map(|method| page.text.contains(&format!("value=\"{method}\""))).collect()
}

#[test]
fn the_page_shows_again_what_the_customer_agreed_to_or_the_session_names() {
    let api = sandbox("cs-redisplay");
    let (buyer, methods) = known(&api);
    let made = open(&api, &[("customer", &buyer)]);
    assert_eq!(shown(&api, &made, &methods), [true, false, false]);
    let filters = [
        ("customer", buyer.as_str()),
        ("saved_payment_method_options[allow_redisplay_filters][0]", "limited"),
        ("saved_payment_method_options[allow_redisplay_filters][1]", "unspecified"),
    ];
    assert_eq!(shown(&api, &open(&api, &filters), &methods), [false, true, true]);
}

#[track_caller]
fn redisplay_of(api: &Client, method: &str) -> Value {
    api.get(&format!("/v1/payment_methods/{method}"), &[]).ok()["allow_redisplay"].clone()
}

#[test]
fn what_is_saved_is_shown_again_as_the_session_or_the_customer_says() {
    let api = sandbox("cs-save");
    let paid = |more: Params<'_>, typed: Params<'_>| {
        let made = open(&api, more);
        buy(&api, &made, &with(&[("email", "jo@example.com")], typed)).ok();
        let intent = intent_of(&api, &read(&api, &made));
        let method = text(&intent, "payment_method").to_owned();
        let is_kept = !api.get(&format!("/v1/payment_methods/{method}"), &[]).ok()["customer"].is_null();
        (is_kept, redisplay_of(&api, &method), intent["setup_future_usage"].clone())
    };
    let asks = [("saved_payment_method_options[payment_method_save]", "enabled")];
    let saves = [("save_payment_method", "true")];
    assert_eq!(paid(&asks, &[]), (false, json!("unspecified"), json!(null)));
    assert_eq!(paid(&asks, &saves), (true, json!("always"), json!("on_session")));
    let future = [("payment_intent_data[setup_future_usage]", "off_session")];
    assert_eq!(paid(&future, &[]), (true, json!("limited"), json!("off_session")));
    let of_cards = [("payment_method_options[card][setup_future_usage]", "off_session")];
    assert!(paid(&of_cards, &[]).0);
    assert_eq!(paid(&with(&asks, &future), &saves).1, json!("always"));
    let said = [("payment_method_data[allow_redisplay]", "unspecified")];
    assert_eq!(paid(&with(&future, &said), &[]).1, json!("unspecified"));
    says(buy(&api, &open(&api, &[]), &saves), 400, "This Checkout Session does not ask for `save_payment_method`.");
}

#[test]
fn a_subscription_keeps_its_payment_method_and_a_setup_shows_it_again() {
    let api = sandbox("cs-save-modes");
    let monthly = price(&api, "1500", &[("recurring[interval]", "month")]);
    let setup = [("mode", "setup"), ("currency", "usd"), ("success_url", super::SHOP)];
    let subscribe = [
        ("mode", "subscription"),
        ("success_url", super::SHOP),
        ("line_items[0][price]", monthly.as_str()),
        ("line_items[0][quantity]", "1"),
    ];
    for (params, expected) in [(&setup[..], "always"), (&subscribe[..], "limited")] {
        let buyer = customer(&api, &[("email", "jo@example.com")]);
        let made = create(&api, &with(params, &[("customer", &buyer)])).ok();
        buy(&api, &made, &[]).ok();
        let list = api.get(&format!("/v1/customers/{buyer}/payment_methods"), &[]).ok();
        assert_eq!(text(&list["data"][0], "allow_redisplay"), expected);
        // Where it is kept, the page says so, unless the shop does.
        let hidden = [("consent_collection[payment_method_reuse_agreement][position]", "hidden")];
        for (more, says_so) in [(&[][..], true), (&hidden[..], false)] {
            let page = browse(&api, "GET", text(&create(&api, &with(params, more)).ok(), "url"), None);
            assert_eq!(
                page.text.contains("By confirming, you allow Pinstripe to charge you"),
                says_so,
                "{}",
                page.text
            );
        }
    }
    let refused = create(&api, &with(&setup, &[("saved_payment_method_options[payment_method_save]", "enabled")]));
    says(refused, 400, "You can not pass `saved_payment_method_options` in `setup` mode.");
}

#[test]
fn a_customer_removes_a_saved_payment_method_where_the_session_lets_them() {
    let api = sandbox("cs-remove");
    let (buyer, methods) = known(&api);
    let lets = [("customer", buyer.as_str()), ("saved_payment_method_options[payment_method_remove]", "enabled")];
    let made = open(&api, &lets);
    let refused = buy(&api, &open(&api, &[("customer", &buyer)]), &[("remove_payment_method", &methods[0])]);
    says(refused, 400, "This Checkout Session does not ask for `remove_payment_method`.");
    says(buy(&api, &made, &[("remove_payment_method", &methods[1])]), 400, "This value is not valid.");
    let page = browse(&api, "POST", text(&made, "url"), Some(&format!("removePaymentMethod={}", methods[0])));
    assert!(page.status == 200 && !page.text.contains(&methods[0]), "{}", page.text);
    let method = api.get(&format!("/v1/payment_methods/{}", methods[0]), &[]).ok();
    assert_eq!(method["customer"], json!(null));
    assert_eq!(text(&read(&api, &made), "status"), "open");
}

#[test]
fn cards_that_a_session_blocks_do_not_pay() {
    let api = sandbox("cs-blocked");
    let restrict = |key: &str, value: &str| {
        let name = format!("payment_method_options[card][restrictions][{key}][0]");
        open(&api, &[(name.as_str(), value)])
    };
    let no_visa = restrict("brands_blocked", "visa");
    let refused = buy(&api, &no_visa, &[("payment_method", "pm_card_visa")]);
    says(refused, 400, "Cards of this brand are not accepted here.");
    buy(&api, &no_visa, &[("payment_method", "pm_card_mastercard")]).ok();
    let no_prepaid = restrict("funding_types_blocked", "prepaid");
    let refused = buy(&api, &no_prepaid, &[("payment_method", "pm_card_mastercard_prepaid")]);
    says(refused, 400, "Cards with the funding type 'prepaid' are not accepted here.");
    let no_jcb = restrict("brands_blocked", "discover_global_network");
    invalid(buy(&api, &no_jcb, &[("payment_method", "pm_card_jcb")]), 400, None, Some("payment_method"));
}

#[test]
fn link_is_offered_unless_the_session_hides_it() {
    let api = sandbox("cs-link");
    for (display, is_shown) in [("auto", true), ("never", false)] {
        let made = open(&api, &[("wallet_options[link][display]", display)]);
        let page = browse(&api, "GET", text(&made, "url"), None);
        assert_eq!(page.text.contains("id=\"enableStripePass\""), is_shown, "{display}");
    }
}
