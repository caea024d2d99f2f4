//! Who takes part in a payment, and with which share, is checked where it is told, in the words of payments (billing 6.3, 6.4).

use serde_json::Value;

use super::account;
use super::standing::{DESTINATION, DISABLED, open, reject};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{customer, id, int, invalid, rows, text, with};

const NOBODY: &str = "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an OAuth \
                      key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).";
const PERCENT_NOBODY: &str = "Can only apply an application_fee_percent when the request is made on behalf of another account (using \
                              an OAuth key, the Stripe-Account header, or as part of a destination charge).";

/// A call that names accounts and shares.
struct Place {
    path: String,
    base: Vec<(String, String)>,
    /// What the parameters stand in; nothing at the top.
    inside: &'static str,
    has_amount: bool,
    has_percent: bool,
    has_destination: bool,
    has_behalf: bool,
    issuer: &'static [&'static str],
}

impl Place {
    /// `shares` contains `a` for a fee as an amount, `p` for one in percent, `t` for a destination, `b` for an account on whose
    /// behalf it is, and `o` for both of these.
    fn new(
        path: &str,
        base: &[(&str, &str)],
        inside: &'static str,
        shares: &str,
        issuer: &'static [&'static str],
    ) -> Self {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Place {
            path: path.to_owned(),
            base: base.iter().map(owned).collect(),
            inside,
            has_amount: shares.contains('a'),
            has_percent: shares.contains('p'),
            has_destination: shares.contains(['o', 't']),
            has_behalf: shares.contains(['o', 'b']),
            issuer,
        }
    }

    /// The whole name of a parameter: `a[b][c]` for `b[c]` inside `a`.
    fn name(&self, name: &str) -> String {
        let (first, rest) = name.find('[').map_or((name, ""), |at| name.split_at(at));
        if self.inside.is_empty() { name.to_owned() } else { format!("{}[{first}]{rest}", self.inside) }
    }

    fn sends(&self, api: &Client, more: &[(&str, &str)]) -> Answer {
        let base = self.base.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>();
        let named: Vec<(String, &str)> = more.iter().map(|(key, value)| (self.name(key), *value)).collect();
        let named: Vec<(&str, &str)> = named.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        api.post(&self.path, &with(&base, &named))
    }

    /// Checks that a parameter is refused, and returns the sentence.
    #[track_caller]
    fn refuses(&self, api: &Client, sent: &[(&str, &str)], code: Option<&str>, param: Option<&str>) -> String {
        let before = traces(api);
        let param = param.map(|param| self.name(param));
        let error = invalid(self.sends(api, sent), 400, code, param.as_deref());
        assert_eq!(traces(api), before, "{} {sent:?}", self.path);
        text(&error, "message").to_owned()
    }
}

/// How much of it there is, and what was updated.
fn traces(api: &Client) -> Vec<usize> {
    let paths = [
        "checkout/sessions",
        "payment_links",
        "quotes",
        "invoices",
        "subscriptions",
        "subscription_schedules",
        "setup_intents",
        "events",
    ];
    paths.iter().map(|path| rows(&api.get(&format!("/v1/{path}"), &[("limit", "100")]).ok()).len()).collect()
}

const LINE: [(&str, &str); 4] = [
    ("line_items[0][price_data][currency]", "usd"),
    ("line_items[0][price_data][unit_amount]", "2000"),
    ("line_items[0][price_data][product_data][name]", "Tea"),
    ("line_items[0][quantity]", "1"),
];

/// Every call besides payments whose parameters name accounts and shares.
fn places(api: &Client) -> Vec<Place> {
    let customer = customer(api, &[("source", "tok_visa"), ("email", "jenny@example.com")]);
    let price = [("currency", "usd"), ("unit_amount", "2000"), ("product_data[name]", "Tea")];
    let once = id(&api.post("/v1/prices", &price).ok());
    let monthly = id(&api.post("/v1/prices", &with(&price, &[("recurring[interval]", "month")])).ok());
    let done = ("success_url", "https://shop.example/");
    let once_line = [("line_items[0][price]", &*once), ("line_items[0][quantity]", "1")];
    let monthly_line = [("line_items[0][price]", &*monthly), ("line_items[0][quantity]", "1")];
    let customer_of = ("customer", &*customer);
    let subscribed = [customer_of, ("items[0][price]", &*monthly)];
    let phase = [customer_of, ("start_date", "now"), ("phases[0][items][0][price]", &*monthly)];
    let payment = [&LINE[..], &[("mode", "payment"), done]].concat();
    let recurring = [&monthly_line[..], &[("mode", "subscription"), done]].concat();
    let setting_up = [("mode", "setup"), ("currency", "usd"), done];
    let link = id(&api.post("/v1/payment_links", &once_line).ok());
    let quote = id(&api.post("/v1/quotes", &with(&once_line, &[customer_of])).ok());
    let invoice = id(&api.post("/v1/invoices", &[customer_of]).ok());
    let subscription = id(&api.post("/v1/subscriptions", &subscribed).ok());
    let schedule = id(&api.post("/v1/subscription_schedules", &phase).ok());
    let sessions = "/v1/checkout/sessions";
    let preview = [customer_of, ("schedule_details[phases][0][items][0][price]", &*monthly)];
    let updated = [("phases[0][items][0][price]", &*monthly), ("phases[0][start_date]", "now")];
    let none: &[(&str, &str)] = &[];
    vec![
        Place::new(sessions, &payment, "payment_intent_data", "ao", &[]),
        Place::new(sessions, &payment, "", "", &["automatic_tax[liability]", "invoice_creation[invoice_data][issuer]"]),
        Place::new(sessions, &recurring, "subscription_data", "po", &["invoice_settings[issuer]"]),
        Place::new(sessions, &setting_up, "setup_intent_data", "b", &[]),
        Place::new("/v1/payment_links", &once_line, "", "ao", &["automatic_tax[liability]"]),
        Place::new("/v1/payment_links", &monthly_line, "", "po", &["subscription_data[invoice_settings][issuer]"]),
        Place::new(&format!("/v1/payment_links/{link}"), none, "", "a", &["invoice_creation[invoice_data][issuer]"]),
        Place::new("/v1/quotes", &with(&once_line, &[customer_of]), "", "ao", &["invoice_settings[issuer]"]),
        Place::new("/v1/quotes", &with(&monthly_line, &[customer_of]), "", "po", &["automatic_tax[liability]"]),
        Place::new(&format!("/v1/quotes/{quote}"), none, "", "ao", &["invoice_settings[issuer]"]),
        Place::new("/v1/invoices", &[customer_of], "", "ao", &["issuer", "automatic_tax[liability]"]),
        Place::new(&format!("/v1/invoices/{invoice}"), none, "", "ao", &["issuer"]),
        Place::new(
            "/v1/subscriptions",
            &subscribed,
            "",
            "po",
            &["invoice_settings[issuer]", "automatic_tax[liability]"],
        ),
        Place::new(&format!("/v1/subscriptions/{subscription}"), none, "", "po", &["invoice_settings[issuer]"]),
        Place::new(&format!("/v1/customers/{customer}/subscriptions"), &subscribed[1..], "", "pt", &[]),
        Place::new("/v1/subscription_schedules", &phase, "phases[0]", "po", &["invoice_settings[issuer]"]),
        Place::new("/v1/subscription_schedules", &phase, "default_settings", "po", &["invoice_settings[issuer]"]),
        Place::new(&format!("/v1/subscription_schedules/{schedule}"), none, "default_settings", "po", &[]),
        Place::new(&format!("/v1/subscription_schedules/{schedule}"), &updated, "phases[0]", "po", &[]),
        Place::new(
            "/v1/invoices/create_preview",
            &preview,
            "schedule_details[phases][0]",
            "o",
            &["automatic_tax[liability]"],
        ),
        Place::new("/v1/setup_intents", none, "", "b", &[]),
    ]
}

const TO: &str = "transfer_data[destination]";

#[test]
fn an_unknown_account_is_refused_wherever_it_is_named() {
    let api = sandbox("pa-unknown");
    let own = id(&api.get("/v1/account", &[]).ok());
    for place in places(&api) {
        let gone = Some("resource_missing");
        if place.has_destination {
            let said = place.refuses(&api, &[(TO, "acct_no")], gone, Some(TO));
            assert_eq!(said, "No such destination: 'acct_no'");
            let said = place.refuses(&api, &[(TO, &own)], None, Some(TO));
            assert_eq!(said, format!("The '{}' param cannot be set to your own account.", place.name(TO)));
        }
        if place.has_behalf {
            let said = place.refuses(&api, &[("on_behalf_of", "acct_no")], gone, Some("on_behalf_of"));
            assert_eq!(said, "No such on_behalf_of: 'acct_no'");
        }
        for issuer in place.issuer {
            let (kind, account) = (format!("{issuer}[type]"), format!("{issuer}[account]"));
            let base: &[(&str, &str)] = match issuer.split('[').next() {
                Some("automatic_tax") => &[("automatic_tax[enabled]", "false")],
                Some("invoice_creation") => &[("invoice_creation[enabled]", "true")],
                _ => &[],
            };
            let named = [base, &[(&*kind, "account")]].concat();
            let said = place.refuses(&api, &with(&named, &[(&account, "acct_no")]), gone, Some(&account));
            assert_eq!(said, "No such account: 'acct_no'");
            place.refuses(&api, &named, Some("parameter_missing"), Some(&account));
        }
    }
}

#[test]
fn an_account_that_takes_no_money_is_refused_wherever_it_is_named() {
    let (api, seller) = open("pa-ended");
    let to = id(&seller);
    let bare = id(&account(&api, &[&[("type", "express")]]));
    reject(&api, &to);
    for place in places(&api).iter().filter(|place| place.has_destination && place.has_behalf) {
        for ended in [&to, &bare] {
            let said = place.refuses(&api, &[(TO, ended)], Some("insufficient_capabilities_for_transfer"), None);
            assert_eq!(said, DESTINATION);
        }
        let refused = place.sends(&api, &[("on_behalf_of", &to)]);
        assert_eq!(invalid(refused, 400, None, None)["message"], DISABLED);
        let said = place.refuses(&api, &[("on_behalf_of", &bare)], None, Some("on_behalf_of"));
        assert!(said.starts_with("You cannot create a charge with the `on_behalf_of` parameter"), "{said}");
    }
}

#[test]
fn a_share_that_is_none_is_refused_wherever_it_is_told() {
    let (api, seller) = open("pa-shares");
    let to = id(&seller);
    for place in places(&api) {
        if place.has_amount {
            let fee = "application_fee_amount";
            let said = place.refuses(&api, &[(fee, "-1"), (TO, &to)], None, Some(fee));
            assert_eq!(said, "Invalid non-negative integer");
            if !place.path.contains("payment_links/") {
                let part = "transfer_data[amount]";
                let said =
                    place.refuses(&api, &[(part, "0"), (TO, &to)], Some("parameter_invalid_integer"), Some(part));
                assert_eq!(said, "This value must be greater than or equal to 1.");
            }
            assert_eq!(place.refuses(&api, &[(fee, "5")], Some("parameter_missing"), None), NOBODY);
        }
        if place.has_percent {
            let fee = "application_fee_percent";
            for (sent, sentence) in [
                ("101", format!("`{}` must be between 0 and 100.", place.name(fee))),
                ("1.234", "Invalid decimal: 1.234; must contain at maximum 2 decimal places.".to_owned()),
            ] {
                assert_eq!(place.refuses(&api, &[(fee, sent), (TO, &to)], None, Some(fee)), sentence);
            }
            assert_eq!(place.refuses(&api, &[(fee, "5")], None, Some(fee)), PERCENT_NOBODY);
        }
    }
}

#[test]
fn a_fee_may_come_after_the_account_that_it_is_taken_of() {
    let (api, seller) = open("pa-later");
    let to = id(&seller);
    let places = places(&api);
    let update = |path: &str| places.iter().find(|place| place.path.starts_with(path)).unwrap();
    for path in ["/v1/invoices/in_", "/v1/quotes/qt_"] {
        let place = update(path);
        place.sends(&api, &[(TO, &to)]).ok();
        place.sends(&api, &[("application_fee_amount", "5")]).ok();
    }
    let place = update("/v1/subscriptions/sub_");
    place.sends(&api, &[(TO, &to)]).ok();
    place.sends(&api, &[("application_fee_percent", "5")]).ok();
    // A phase takes what it does not say from the settings of all phases.
    let place = places.iter().find(|place| place.path == "/v1/subscription_schedules" && place.inside == "phases[0]");
    let place = place.unwrap();
    let base: Vec<(&str, &str)> = place.base.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let fee = [("phases[0][application_fee_percent]", "5"), ("default_settings[transfer_data][destination]", &to)];
    api.post(&place.path, &with(&base, &fee)).ok();
}

#[test]
fn the_shares_of_a_session_fit_its_total() {
    let (api, seller) = open("pa-total");
    let to = id(&seller);
    let place = &places(&api)[0];
    let (fee, part) = ("application_fee_amount", "transfer_data[amount]");
    let said = place.refuses(&api, &[(fee, "2001"), (TO, &to)], None, Some(fee));
    assert_eq!(said, "Your application fee cannot exceed the amount of the PaymentIntent it is taken from.");
    let said = place.refuses(&api, &[(part, "2001"), (TO, &to)], None, Some(part));
    assert_eq!(said, "The transfer amount cannot exceed the amount of the payment that it is taken from.");
    let made = place.sends(&api, &[(fee, "2000"), (TO, &to)]).ok();
    assert_eq!((int(&made, "amount_total"), &made["payment_intent"]), (2000, &Value::Null));
}
