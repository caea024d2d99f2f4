//! The parameters of a request in a form that may be shown.
//!
//! May use: the form grammar. Invariant: at most the last four digits of a card or bank account number are shown, and
//! nothing of a security code or a key.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::plain::without_numbers;
use crate::form::json;
use crate::form::{self, Form};
use crate::state::document::{Doc, Map as Document};

/// Members that are shown by their last characters.
const NUMBERS: &[&str] = &["number", "account_number", "iban", "id_number", "personal_id_number", "tax_id"];

/// Members that are not shown.
const SECRETS: &[&str] =
    &["cvc", "key", "client_secret", "password", "payload", "refresh_token", "secret", "ssn_last_4"];

/// Members of answers that are not shown. A `key` is that of a field there, a `number` that of an invoice.
const SECRET_MEMBERS: &[&str] = &["cvc", "password", "payload", "refresh_token", "ssn_last_4"];

/// Members of answers that are shown by their last characters.
const ACCOUNT_NUMBERS: &[&str] = &["account_number", "iban"];

/// How texts begin that are keys.
const KEYS: &[&str] = &["sk_", "rk_", "ek_", "rkcs_", "whsec_"];

/// How many characters of a number are shown.
const SHOWN: usize = 4;

/// Query and body as one JSON object; `null` if they are neither a form nor JSON.
pub(crate) fn parameters(query: &[u8], body: &[u8]) -> Value {
    let sent = if body.starts_with(b"{") { json::decode(body) } else { form::decode(body) };
    let both = form::decode(query).and_then(|query| Ok(form::merge(query, sent?)));
    both.map_or(Value::Null, |form| shown("", &form))
}

/// The JSON of an answer as it may be shown; `None` if it is no JSON.
pub(crate) fn answer(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok().map(without_secrets)
}

/// What the API shows, with the card numbers in its texts masked, and every key that opens anything. Client secrets stay: whoever
/// reads the log has the sandbox.
pub(crate) fn without_secrets(value: Value) -> Value {
    match value {
        Value::String(text) if KEYS.iter().any(|beginning| text.starts_with(beginning)) => {
            Value::from(first_part(&text))
        }
        Value::String(text) => Value::from(without_numbers(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(without_secrets).collect(),
        Value::Object(members) => members.into_iter().map(member_without_secrets).collect(),
        other => other,
    }
}

fn member_without_secrets((key, value): (String, Value)) -> (String, Value) {
    let shown = match value {
        Value::String(text) if SECRET_MEMBERS.contains(&key.as_str()) => {
            "*".repeat(text.chars().count().min(SHOWN)).into()
        }
        Value::String(text) if ACCOUNT_NUMBERS.contains(&key.as_str()) => last_four(&text).into(),
        other => without_secrets(other),
    };
    (key, shown)
}

/// A key up to what makes it secret.
fn first_part(key: &str) -> String {
    let shown = key.rfind('_').map_or("", |last| &key[..=last]);
    format!("{shown}****")
}

/// A document, such as an error, with the card numbers in its texts masked.
pub(super) fn document(mut document: Document) -> Document {
    let keys: Vec<String> = document.iter().map(|(key, _)| key.to_owned()).collect();
    for key in keys {
        let masked = match document.get(&key) {
            Some(Doc::Text(text)) => match without_numbers(text) {
                Cow::Owned(masked) => Doc::from(masked),
                Cow::Borrowed(_) => continue,
            },
            Some(Doc::Map(inner)) => Doc::Map(self::document(inner.clone())),
            _ => continue,
        };
        document.set(key, masked);
    }
    document
}

fn shown(key: &str, form: &Form) -> Value {
    match form {
        Form::Value(value) => Value::from(masked(key, value)),
        Form::List(items) => items.iter().map(|item| shown(key, item)).collect(),
        Form::Map(entries) => {
            let entries = entries.iter().map(|(key, form)| (without_numbers(key).into_owned(), shown(key, form)));
            Value::Object(entries.collect::<Map<String, Value>>())
        }
    }
}

fn masked(key: &str, value: &str) -> String {
    if SECRETS.contains(&key) {
        return "*".repeat(value.chars().count().min(SHOWN));
    }
    if NUMBERS.contains(&key) { last_four(value) } else { without_numbers(value).into_owned() }
}

fn last_four(value: &str) -> String {
    let hidden = value.chars().count().saturating_sub(SHOWN);
    value.chars().enumerate().map(|(i, c)| if i < hidden { '*' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parameters;

    #[test]
    fn what_a_card_or_an_account_is_known_by_is_not_shown() {
        let body = b"source[number]=4242424242424242&source[cvc]=123&source[exp_month]=12&amount=2000&note=4242 4242 4242 4242\
            &bank[account_number]=000123456789&order=123456789012&key=sk_test_1&items[][number]=12\
            &payload=hush&events[][payload][value]=3";
        let shown = json!({
            "source": {"number": "************4242", "cvc": "***", "exp_month": "12"},
            "amount": "2000",
            "note": "***************4242",
            "bank": {"account_number": "********6789"},
            "order": "123456789012",
            "key": "****",
            "items": [{"number": "12"}],
            "payload": "****",
            "events": [{"payload": {"value": "3"}}],
        });
        assert_eq!(parameters(b"", body), shown);
        assert_eq!(parameters(b"limit=1", b""), json!({"limit": "1"}));
        assert_eq!(parameters(b"", br#"{"iban": "DE89370400440532013000"}"#)["iban"], "******************3000");
        assert_eq!(parameters(b"a=1&a[b]=2", b""), serde_json::Value::Null);
    }
}
