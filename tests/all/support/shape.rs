//! Checks answers against the response trees of the catalogue: required fields, types, enums, nullability.

use pinstripe::catalogue::{self, Field, Kind, Operation, Returns};
use serde_json::Value;

/// Fields that the wire has and the types lack (core-payments 6.3, 4.1, 9.1; intents-and-checkout 1.1).
const ON_THE_WIRE: &[(&str, &str)] = &[
    ("card", "wallet"),
    ("charge", "destination"),
    ("charge", "dispute"),
    ("charge", "invoice"),
    ("charge", "order"),
    ("charge", "refunds"),
    ("charge", "source"),
    ("dispute", "balance_transaction"),
    ("ephemeral_key", "associated_objects"),
    ("list", "count"),
    ("list", "total_count"),
    ("payment_method", "redaction"),
    ("payment_method", "shared_payment_granted_token"),
];

/// Values that the wire has and the types lack: the end of the path, and the value.
const WIDER_ENUMS: &[(&str, &[&str])] = &[
    ("$.bank_transfer.type", &["gb_bank_transfer", "mx_bank_transfer", "us_bank_transfer"]),
    // An intent's error repeats what its charge failed with, whose `failure_code` is any text (core-payments 7.6).
    (
        ".last_payment_error.code",
        &[
            "charge_exceeds_transaction_limit",
            "invalid_currency",
            "refer_to_customer",
            "tokenized_account_number_deactivated",
        ],
    ),
];

/// What had another name before (platform 6.1): object, name, older name.
const OLDER_NAMES: &[(&str, &str, &str)] = &[
    ("customer", "balance", "account_balance"),
    ("payment_intent", "next_action", "next_source_action"),
    ("promotion_code", "promotion", "coupon"),
    ("payment_intent", "payment_method_types", "allowed_source_types"),
];

/// What was called so before 2019-02-11 (statuses of intents) and before 2026-03-25 (`ui_mode`).
const OLDER_VALUES: &[&str] = &["custom", "embedded", "hosted", "requires_source", "requires_source_action"];

/// What is wrong with the body of a success. In versions other than the newest, fields that the
/// catalogue does not know are not looked at.
pub(crate) fn check_answer(operation: &Operation, body: &Value, newest: bool) -> Vec<String> {
    let mut faults = Vec::new();
    match operation.returns {
        Returns::Object(names) => one_of(names, body, "$", newest, &mut faults),
        Returns::Deleted(name) => {
            let names: &[&str] = &[name];
            if body["deleted"] == true {
                deleted(name, body, &mut faults);
            } else {
                one_of(names, body, "$", newest, &mut faults);
            }
        }
        Returns::List(names) | Returns::SearchResult(names) => {
            for (i, row) in rows(body, &mut faults).iter().enumerate() {
                one_of(names, row, &format!("$.data[{i}]"), newest, &mut faults);
            }
        }
        Returns::Stream | Returns::Other => {}
    }
    faults
}

fn rows<'v>(body: &'v Value, faults: &mut Vec<String>) -> &'v [Value] {
    for (key, fits) in [
        ("object", body["object"] == "list" || body["object"] == "search_result"),
        ("has_more", body["has_more"].is_boolean()),
        ("url", body["url"].is_string()),
    ] {
        if !fits {
            faults.push(format!("the list's `{key}` is {}", body[key]));
        }
    }
    body["data"].as_array().map_or(&[], Vec::as_slice)
}

fn one_of(names: &[&str], value: &Value, at: &str, newest: bool, faults: &mut Vec<String>) {
    let name = value["object"].as_str().unwrap_or_default();
    if value["deleted"] == true {
        return deleted(name, value, faults);
    }
    if !names.contains(&name) {
        faults.push(format!("{at}: is a {name:?}, not one of {names:?}"));
        return;
    }
    let Some(object) = catalogue::object(name) else {
        faults.push(format!("{at}: {name} is not in the catalogue"));
        return;
    };
    fields(object.fields, value, at, Some(name), newest, faults);
}

fn deleted(name: &str, value: &Value, faults: &mut Vec<String>) {
    let keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    // A secret is shown whole once more.
    if sorted != ["deleted", "id", "object"] && !["account", "apps.secret"].contains(&name) {
        faults.push(format!("the stub of a {name} has {keys:?}"));
    }
}

fn fields(all: &'static [Field], value: &Value, at: &str, owner: Option<&str>, newest: bool, faults: &mut Vec<String>) {
    let Some(map) = value.as_object() else {
        faults.push(format!("{at}: expected an object, found {value}"));
        return;
    };
    for field in all {
        match map.get(field.name) {
            None if field.optional || field.legacy => {}
            None if !newest && has_older_name(owner, field.name, value) => {}
            Some(Value::String(value)) if !newest && OLDER_VALUES.contains(&value.as_str()) => {}
            None => faults.push(format!("{at}.{}: is missing", field.name)),
            Some(Value::Null) if field.nullable => {}
            Some(value) => kind(field.kind, value, &format!("{at}.{}", field.name), newest, faults),
        }
    }
    if newest {
        for key in map.keys().filter(|key| catalogue::field(all, key).is_none()) {
            let known = owner.is_some_and(|owner| ON_THE_WIRE.contains(&(owner, key)));
            if !known {
                faults.push(format!("{at}.{key}: is not in the catalogue"));
            }
        }
    }
}

fn is_wider(at: &str, value: &str) -> bool {
    WIDER_ENUMS.iter().any(|(end, values)| at.ends_with(end) && values.contains(&value))
}

fn has_older_name(owner: Option<&str>, name: &str, value: &Value) -> bool {
    let mut renamed = OLDER_NAMES.iter().filter(|(object, newer, _)| Some(*object) == owner && *newer == name);
    renamed.any(|(.., older)| value.get(older).is_some())
}

fn kind(expected: &'static Kind, value: &Value, at: &str, newest: bool, faults: &mut Vec<String>) {
    let fits = match expected {
        Kind::String { .. } | Kind::Decimal | Kind::Int64String => value.is_string(),
        Kind::Integer | Kind::Timestamp => value.is_i64(),
        Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Enum(values) => value.as_str().is_some_and(|text| values.contains(&text) || is_wider(at, text)),
        Kind::Metadata => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
        Kind::Object(all) => return fields(all, value, at, None, newest, faults),
        Kind::FreeObject => value.is_object(),
        Kind::Map(of) => {
            let Some(map) = value.as_object() else { return faults.push(format!("{at}: expected a map")) };
            return map.iter().for_each(|(key, value)| kind(of, value, &format!("{at}.{key}"), newest, faults));
        }
        Kind::Array(of) => {
            let Some(items) = value.as_array() else { return faults.push(format!("{at}: expected an array")) };
            let items = items.iter().enumerate();
            return items.for_each(|(i, item)| kind(of, item, &format!("{at}[{i}]"), newest, faults));
        }
        Kind::List(of) => {
            let items = rows(value, faults).iter().enumerate();
            return items.for_each(|(i, item)| kind(of, item, &format!("{at}.data[{i}]"), newest, faults));
        }
        Kind::Expandable(_) if value.is_string() => true,
        Kind::Expandable(names) | Kind::Ref(names) => return one_of(names, value, at, newest, faults),
        Kind::AnyOf(kinds) => kinds.iter().any(|one| {
            let mut tried = Vec::new();
            kind(one, value, at, newest, &mut tried);
            tried.is_empty()
        }),
        Kind::Expand | Kind::Range | Kind::File | Kind::Any => true,
    };
    if !fits {
        faults.push(format!("{at}: expected {expected:?}, found {value}").chars().take(300).collect());
    }
}
