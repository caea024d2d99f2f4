//! What many tests begin with: objects made over HTTP, and what an error says.

use serde_json::Value;

use crate::support::client::{Answer, Client};

/// Parameters of a request.
pub(crate) type Params<'a> = &'a [(&'a str, &'a str)];

/// A version from before automatic payment methods, so that confirming needs no `return_url`.
pub(crate) const BEFORE_AUTOMATIC: &str = "2022-11-15";

/// Two lists of parameters as one.
pub(crate) fn with<'a>(base: Params<'a>, more: Params<'a>) -> Vec<(&'a str, &'a str)> {
    [base, more].concat()
}

#[track_caller]
pub(crate) fn text<'v>(object: &'v Value, key: &str) -> &'v str {
    object[key].as_str().unwrap_or_else(|| panic!("`{key}` is no text in {object}"))
}

#[track_caller]
pub(crate) fn id(object: &Value) -> String {
    text(object, "id").to_owned()
}

#[track_caller]
pub(crate) fn int(object: &Value, key: &str) -> i64 {
    object[key].as_i64().unwrap_or_else(|| panic!("`{key}` is no integer in {object}"))
}

/// The rows of a list.
#[track_caller]
pub(crate) fn rows(list: &Value) -> &[Value] {
    list["data"].as_array().unwrap_or_else(|| panic!("no list: {list}"))
}

/// The ids of a list, in order.
#[track_caller]
pub(crate) fn ids(list: &Value) -> Vec<String> {
    rows(list).iter().map(id).collect()
}

/// The keys of an object, in alphabetical order.
#[track_caller]
pub(crate) fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap_or_else(|| panic!("no object: {object}")).keys().map(String::as_str).collect()
}

/// The error of an invalid request, with exactly this code and this parameter.
#[track_caller]
pub(crate) fn invalid(answer: Answer, status: u16, code: Option<&str>, param: Option<&str>) -> Value {
    let error = answer.refused(status);
    assert_eq!(error["type"], "invalid_request_error", "{error}");
    assert_eq!((error["code"].as_str(), error["param"].as_str()), (code, param), "{error}");
    error
}

/// The error of a refusal in exactly these words.
#[track_caller]
pub(crate) fn says(answer: Answer, status: u16, sentence: &str) -> Value {
    let error = answer.refused(status);
    assert_eq!(error["message"], sentence, "{error}");
    error
}

/// The error of an unknown object, whole.
#[track_caller]
pub(crate) fn missing(answer: Answer, status: u16, noun: &str, id: &str, param: &str) {
    let error = invalid(answer, status, Some("resource_missing"), Some(param));
    assert_eq!(error["message"], format!("No such {noun}: '{id}'"));
    assert_eq!(error["doc_url"], "https://stripe.com/docs/error-codes/resource-missing");
}

/// The id of a new customer.
#[track_caller]
pub(crate) fn customer(api: &Client, params: Params<'_>) -> String {
    id(&api.post("/v1/customers", params).ok())
}

/// The customer as it is now.
#[track_caller]
pub(crate) fn the_customer(api: &Client, customer: &str) -> Value {
    api.get(&format!("/v1/customers/{customer}"), &[]).ok()
}

/// The ids of a customer's sources, in the order shown.
#[track_caller]
pub(crate) fn sources_of(api: &Client, customer: &str) -> Vec<String> {
    ids(&api.get(&format!("/v1/customers/{customer}/sources"), &[]).ok())
}

/// Adds a source (a token or a source's id) to a customer.
pub(crate) fn add_source(api: &Client, customer: &str, source: &str) -> Answer {
    api.post(&format!("/v1/customers/{customer}/sources"), &[("source", source)])
}

/// A new card Source, reusable and chargeable.
#[track_caller]
pub(crate) fn card_source(api: &Client) -> String {
    id(&api.post("/v1/sources", &[("type", "card"), ("token", "tok_visa")]).ok())
}

/// A new card Source for a single use.
#[track_caller]
pub(crate) fn single_use_source(api: &Client, amount: &str, currency: &str) -> String {
    let params = [("type", "card"), ("token", "tok_visa"), ("usage", "single_use"), ("amount", amount)];
    id(&api.post("/v1/sources", &with(&params, &[("currency", currency)])).ok())
}

#[track_caller]
pub(crate) fn the_source(api: &Client, source: &str) -> Value {
    api.get(&format!("/v1/sources/{source}"), &[]).ok()
}

/// A charge of 20 dollars, of whatever the parameters name.
pub(crate) fn charge(api: &Client, params: Params<'_>) -> Answer {
    api.post("/v1/charges", &with(&[("amount", "2000"), ("currency", "usd")], params))
}

/// A successful charge of a test token.
#[track_caller]
pub(crate) fn charged(api: &Client, params: Params<'_>) -> Value {
    charge(api, &with(&[("source", "tok_visa")], params)).ok()
}

#[track_caller]
pub(crate) fn the_charge(api: &Client, charge: &str) -> Value {
    api.get(&format!("/v1/charges/{charge}"), &[]).ok()
}

/// Refunds a charge.
pub(crate) fn refund(api: &Client, charge: &str, params: Params<'_>) -> Answer {
    api.post("/v1/refunds", &with(&[("charge", charge)], params))
}

/// The id of a payment method attached to a customer, from a test id.
#[track_caller]
pub(crate) fn attached(api: &Client, test_id: &str, customer: &str) -> String {
    id(&attach(api, test_id, customer).ok())
}

pub(crate) fn attach(api: &Client, method: &str, customer: &str) -> Answer {
    api.post(&format!("/v1/payment_methods/{method}/attach"), &[("customer", customer)])
}

/// A payment intent of 20 dollars.
pub(crate) fn intent(api: &Client, params: Params<'_>) -> Answer {
    api.post("/v1/payment_intents", &with(&[("amount", "2000"), ("currency", "usd")], params))
}

/// A payment intent of 20 dollars that is confirmed at once and takes cards only.
pub(crate) fn pay(api: &Client, method: &str, params: Params<'_>) -> Answer {
    let card = [("payment_method_types[]", "card"), ("confirm", "true"), ("payment_method", method)];
    intent(&api.version(BEFORE_AUTOMATIC), &with(&card, params))
}

#[track_caller]
pub(crate) fn the_intent(api: &Client, intent: &str) -> Value {
    api.get(&format!("/v1/payment_intents/{intent}"), &[]).ok()
}

/// A seller in Germany who collects tax there.
pub(crate) fn seller_in_germany(api: &Client) {
    let settings = [
        ("head_office[address][country]", "DE"),
        ("head_office[address][line1]", "Weg 1"),
        ("head_office[address][city]", "Berlin"),
        ("head_office[address][postal_code]", "10115"),
        ("defaults[tax_code]", "txcd_99999999"),
        ("defaults[tax_behavior]", "exclusive"),
    ];
    api.post("/v1/tax/settings", &settings).ok();
    let registration = [("country", "DE"), ("active_from", "now"), ("country_options[de][type]", "standard")];
    api.post("/v1/tax/registrations", &registration).ok();
}
