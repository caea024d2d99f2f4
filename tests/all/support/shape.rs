//! Checks what is emitted against the response trees of the catalogue: required fields, types, enums, nullability, and that
//! there is nothing else. What there is else is declared here, with the reason.

use pinstripe::catalogue::{self, Field, Operation, Returns, Type};
use pinstripe::contract::Version;
use serde_json::{Map, Value};

/// Members that the wire has and the types lack: the object, or the place in it; the member; why.
const EXTRAS: &[(&str, &str, &str)] = &[
    ("card", "email", "recorded (shapes 2.2)"),
    ("card", "phone", "recorded (shapes 2.2)"),
    ("card", "wallet", "recorded (core-payments 5.2)"),
    ("charge", "destination", "recorded (core-payments 6.3)"),
    ("charge", "dispute", "recorded (core-payments 6.3)"),
    ("charge", "order", "recorded (core-payments 6.3)"),
    ("dispute", "balance_transaction", "recorded (core-payments 9.1)"),
    ("ephemeral_key", "associated_objects", "recorded (intents-and-checkout 3.6)"),
    ("list", "count", "recorded (core-payments 1.9.6)"),
    ("list", "total_count", "recorded (core-payments 1.9.6)"),
    ("payment_intent", "shared_payment_granted_token", "recorded (shapes 1.4)"),
    ("payment_method", "shared_payment_granted_token", "recorded (core-payments 4.1)"),
    ("payment_method.boleto", "fingerprint", "recorded (shapes 2.2)"),
    ("product", "attributes", "recorded (shapes 2.6)"),
    ("product", "caption", "of goods (billing 1.1)"),
    ("product", "deactivate_on", "of goods (billing 1.1)"),
    ("subscription", "plan", "recorded (shapes 1.4)"),
    ("subscription", "quantity", "recorded (shapes 1.4)"),
];

/// Members that older versions have besides: the object, or the place in it; the member; what became of it (platform 6.1).
const OLDER_EXTRAS: &[(&str, &str, &str)] = &[
    ("charge", "invoice", "gone in 2025-03-31.basil"),
    ("checkout.session", "shipping", "`shipping_details` since 2022-08-01"),
    ("checkout.session", "shipping_rate", "inside `shipping_cost` since 2022-08-01"),
    ("checkout.session", "shipping_details", "inside `collected_information` since 2025-03-31.basil"),
    ("account", "managed", "gone in 2017-05-25"),
    ("charge.payment_method_details.card.three_d_secure", "authenticated", "`result` since 2020-08-27"),
    ("charge.payment_method_details.card.three_d_secure", "succeeded", "`result` since 2020-08-27"),
    ("customer", "account_balance", "`balance` since 2019-10-17"),
    ("customer", "business_vat_id", "gone in 2018-08-23"),
    ("customer", "default_currency", "gone in 2022-08-01"),
    ("customer", "tax_info", "gone in 2019-12-03"),
    ("customer", "tax_info_verification", "gone in 2019-12-03"),
    ("credit_note", "refund", "inside `refunds` since 2025-03-31.basil"),
    ("credit_note", "tax_amounts", "`total_taxes` since 2025-03-31.basil"),
    ("credit_note_line_item", "amount_excluding_tax", "gone in 2025-03-31.basil"),
    ("credit_note_line_item", "tax_amounts", "`taxes` since 2025-03-31.basil"),
    ("credit_note_line_item", "unit_amount_excluding_tax", "gone in 2025-03-31.basil"),
    ("discount", "coupon", "inside `source` since 2025-09-30.clover"),
    ("invoice", "application_fee_amount", "gone in 2025-03-31.basil"),
    ("invoice", "charge", "gone in 2025-03-31.basil"),
    ("invoice", "discount", "gone in 2025-03-31.basil"),
    ("invoice", "paid", "gone in 2025-03-31.basil"),
    ("invoice", "paid_out_of_band", "gone in 2025-03-31.basil"),
    ("invoice", "payment_intent", "gone in 2025-03-31.basil"),
    ("invoice", "quote", "gone in 2025-03-31.basil"),
    ("invoice", "subscription", "gone in 2025-03-31.basil"),
    ("invoice", "subscription_details", "gone in 2025-03-31.basil"),
    ("invoice", "tax", "gone in 2025-03-31.basil"),
    ("invoice", "total_tax_amounts", "gone in 2025-03-31.basil"),
    ("invoice", "transfer_data", "gone in 2025-03-31.basil"),
    ("invoice", "rendering_options", "`rendering` since 2024-04-10"),
    ("invoice", "billing", "`collection_method` since 2019-10-17"),
    ("invoice", "date", "`created` since 2019-03-14"),
    ("invoice", "finalized_at", "inside `status_transitions` since 2019-03-14"),
    ("invoice", "closed", "`status` since 2018-11-08"),
    ("invoice", "forgiven", "`status` since 2018-11-08"),
    ("invoiceitem", "plan", "inside `pricing` and `parent` since 2025-03-31.basil"),
    ("invoiceitem", "price", "inside `pricing` and `parent` since 2025-03-31.basil"),
    ("invoiceitem", "subscription", "inside `pricing` and `parent` since 2025-03-31.basil"),
    ("invoiceitem", "subscription_item", "inside `pricing` and `parent` since 2025-03-31.basil"),
    ("invoiceitem", "unit_amount", "inside `pricing` and `parent` since 2025-03-31.basil"),
    ("invoiceitem", "unit_amount_decimal", "inside `pricing` and `parent` since 2025-03-31.basil"),
    ("line_item", "amount_excluding_tax", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "invoice_item", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "plan", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "price", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "proration", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "proration_details", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "subscription_item", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "tax_amounts", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "tax_rates", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "type", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("line_item", "unit_amount_excluding_tax", "inside `pricing`, `parent` and `taxes` since 2025-03-31.basil"),
    ("subscription", "billing", "`collection_method` since 2019-10-17"),
    ("subscription", "current_period_end", "in the items since 2025-03-31.basil"),
    ("subscription", "current_period_start", "in the items since 2025-03-31.basil"),
    ("subscription", "discount", "`discounts` since 2025-03-31.basil"),
    ("subscription", "start", "`start_date` since 2019-10-17"),
    ("plan", "name", "of the product since 2018-02-05"),
    ("plan", "statement_descriptor", "of the product since 2018-02-05"),
    ("product", "skus", "gone in 2018-05-21"),
    ("payment_intent", "allowed_source_types", "`payment_method_types` since 2019-02-11"),
    ("payment_intent", "charges", "`latest_charge` since 2022-11-15"),
    ("payment_intent", "invoice", "gone in 2025-03-31.basil"),
    ("payment_intent", "next_source_action", "`next_action` since 2019-02-11"),
    ("plan", "aggregate_usage", "gone in 2025-03-31.basil"),
    ("product", "features", "`marketing_features` since 2024-04-10"),
    ("price.recurring", "aggregate_usage", "gone in 2025-03-31.basil"),
    ("promotion_code", "coupon", "inside `promotion` since 2025-09-30.clover"),
];

/// Places where an object is shown in a form of its own: the place, the kind, its members (shapes 2.3).
const OWN_FORMS: &[(&str, &str, &[&str])] = &[(
    "charge.source",
    "account",
    &["application_icon", "application_logo", "application_name", "application_url", "id", "object"],
)];

/// Members that may be null, and are left out all the same: the kind, the members (shapes 1.1).
const LEFT_OUT: &[(&str, &[&str])] = &[
    ("account", &["business_type", "groups"]),
    ("apps.secret", &["payload"]),
    (
        "bank_account",
        &[
            "account",
            "available_payout_methods",
            "customer",
            "default_for_currency",
            "future_requirements",
            "requirements",
        ],
    ),
    (
        "card",
        &[
            "account",
            "allow_redisplay",
            "available_payout_methods",
            "currency",
            "customer",
            "default_for_currency",
            "status",
        ],
    ),
    ("charge", &["refunds"]),
    ("checkout.session", &["optional_items"]),
    ("customer", &["cash_balance"]),
    ("identity.verification_session", &["verified_outputs"]),
    ("invoice", &["confirmation_secret"]),
    ("payment_link", &["optional_items"]),
    (
        "person",
        &[
            "address_kana",
            "address_kanji",
            "first_name_kana",
            "first_name_kanji",
            "future_requirements",
            "gender",
            "last_name_kana",
            "last_name_kanji",
            "maiden_name",
            "nationality",
            "phone",
            "requirements",
            "us_cfpb_data",
        ],
    ),
    ("tax.calculation", &["line_items"]),
    ("tax.transaction", &["line_items"]),
    ("treasury.transaction", &["entries"]),
];

/// Values that the wire has and the types lack: the end of the path, and the value.
const WIDER_ENUMS: &[(&str, &[&str])] =
    &[("$.bank_transfer.type", &["gb_bank_transfer", "mx_bank_transfer", "us_bank_transfer"])];

/// Codes that errors have on the wire and the types lack. An intent's error repeats what its charge failed with, whose
/// `failure_code` is any text (core-payments 7.6).
const WIDER_CODES: &[&str] = &[
    "charge_exceeds_transaction_limit",
    "checkout_amount_mismatch",
    "checkout_not_active_session",
    "insufficient_capabilities_for_transfer",
    "invalid_bank_account_iban",
    "invalid_currency",
    "payment_intent_invalid_currency",
    "payment_intent_redirect_confirmation_without_return_url",
    "payment_method_used_without_customer",
    "property_expansion_max_depth",
    "refer_to_customer",
    "subscription_payment_intent_requires_action",
    "tokenized_account_number_deactivated",
];

/// What had another name before (platform 6.1): object, name, older name.
const OLDER_NAMES: &[(&str, &str, &str)] = &[
    ("checkout.session", "shipping_cost", "shipping_rate"),
    ("customer", "balance", "account_balance"),
    ("payment_intent", "next_action", "next_source_action"),
    ("product", "marketing_features", "features"),
    ("discount", "source", "coupon"),
    ("promotion_code", "promotion", "coupon"),
    ("payment_intent", "payment_method_types", "allowed_source_types"),
];

/// What was called so before 2019-02-11 (statuses of intents) and before 2026-03-25 (`ui_mode`).
const OLDER_VALUES: &[&str] = &["custom", "embedded", "hosted", "requires_source", "requires_source_action"];

/// What is wrong with the body of a success in the newest version, or in an older one.
pub(crate) fn check_answer(operation: &Operation, body: &Value, newest: bool) -> Vec<String> {
    let mut check = Check { newest, faults: Vec::new() };
    match operation.returns {
        Returns::Object(names) => check.one_of(names, body, "$"),
        Returns::Deleted(name) => check.one_of(&[name], body, "$"),
        Returns::List(names) | Returns::SearchResult(names) => {
            for (i, row) in check.rows(body).iter().enumerate() {
                check.one_of(names, row, &format!("$.data[{i}]"));
            }
        }
        Returns::Stream | Returns::Other => {}
    }
    check.faults
}

/// What is wrong with an object, whatever kind it says that it is.
pub(crate) fn check_object(object: &Value, newest: bool) -> Vec<String> {
    let mut check = Check { newest, faults: Vec::new() };
    check.one_of(&[object["object"].as_str().unwrap_or_default()], object, "$");
    check.faults
}

/// What is wrong with an error, which has the members of an intent's last error and no others.
pub(crate) fn check_error(error: &Value, newest: bool) -> Vec<String> {
    let mut check = Check { newest, faults: Vec::new() };
    let intent = catalogue::object("payment_intent").unwrap();
    let last = catalogue::field(intent.fields, "last_payment_error").unwrap();
    check.kind(last.kind, error, "$", "error");
    check.faults
}

/// A check under way.
struct Check {
    newest: bool,
    faults: Vec<String>,
}

impl Check {
    fn fault(&mut self, at: &str, what: &str) {
        self.faults.push(format!("{at}: {what}").chars().take(300).collect());
    }

    fn rows<'v>(&mut self, body: &'v Value) -> &'v [Value] {
        for (key, fits) in [
            ("object", body["object"] == "list" || body["object"] == "search_result"),
            ("has_more", body["has_more"].is_boolean()),
            ("url", body["url"].is_string()),
        ] {
            if !fits {
                self.fault("$", &format!("the list's `{key}` is {}", body[key]));
            }
        }
        for key in body.as_object().into_iter().flat_map(Map::keys) {
            let is_own = ["data", "has_more", "next_page", "object", "url"].contains(&key.as_str());
            if !is_own && !EXTRAS.iter().any(|(place, member, _)| *place == "list" && member == key) {
                self.fault("$", &format!("a list has no `{key}`"));
            }
        }
        body["data"].as_array().map_or(&[], Vec::as_slice)
    }

    fn one_of(&mut self, names: &[&str], value: &Value, at: &str) {
        let name = match value["object"].as_str().unwrap_or_default() {
            // Before 2018-09-24 (shapes 6.11).
            "file_upload" if !self.newest => "file",
            name => name,
        };
        if value["deleted"] == true {
            return self.deleted(name, value);
        }
        if !names.contains(&name) {
            return self.fault(at, &format!("is a {name:?}, not one of {names:?}"));
        }
        let Some(object) = catalogue::object(name) else {
            return self.fault(at, &format!("{name} is not in the catalogue"));
        };
        self.fields(object.fields, value, at, name);
        if name == "event" {
            self.event(value, at);
        }
    }

    fn deleted(&mut self, name: &str, value: &Value) {
        let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        // A secret is shown whole once more.
        if keys != ["deleted", "id", "object"] && !["account", "apps.secret"].contains(&name) {
            self.fault("$", &format!("the stub of a {name} has {keys:?}"));
        }
    }

    /// An event holds an object that its type is about, as it is in the event's version.
    fn event(&mut self, event: &Value, at: &str) {
        let (object, name) = (&event["data"]["object"], event["type"].as_str().unwrap_or_default());
        let Some(known) = catalogue::event_types().iter().find(|known| known.name == name) else {
            return self.fault(at, &format!("there is no event {name}"));
        };
        let newest = event["api_version"] == Version::newest().as_str();
        let mut check = Check { newest, faults: Vec::new() };
        let at = format!("{at}.data.object");
        match object["object"].as_str() {
            Some(kind) if known.objects.contains(&kind) && object["deleted"] == true => {}
            _ => check.one_of(known.objects, object, &at),
        }
        let (kind, before) = (object["object"].as_str().unwrap_or_default(), &event["data"]["previous_attributes"]);
        let known = catalogue::object(kind).map_or(&[][..], |object| object.fields);
        for key in before.as_object().into_iter().flat_map(Map::keys) {
            if object.get(key).is_none() && catalogue::field(known, key).is_none() {
                check.fault(&at, &format!("a {kind} has no `{key}`, which previous_attributes names"));
            }
        }
        self.faults.extend(check.faults);
    }

    /// `place` is the kind of the object, with the names of the members that lead into it.
    fn fields(&mut self, all: &'static [Field], value: &Value, at: &str, place: &str) {
        let Some(map) = value.as_object() else {
            return self.fault(at, &format!("expected an object, found {value}"));
        };
        for field in all {
            let at = format!("{at}.{}", field.name);
            match map.get(field.name) {
                None if field.legacy || (field.optional && !(self.newest && is_null_when_unset(place, field))) => {}
                None if !self.newest && has_older_name(place, field.name, value) => {}
                Some(Value::String(value)) if !self.newest && OLDER_VALUES.contains(&value.as_str()) => {}
                // An upcoming invoice had no id (billing 3.8).
                None if !self.newest && value["billing_reason"] == "upcoming" && field.name == "id" => {}
                None => self.fault(&at, "is missing"),
                Some(Value::Null) if field.nullable || is_null_unless_asked(&format!("{place}.{}", field.name)) => {}
                Some(Value::Null) if !self.newest && field.name == "tiers" => {}
                Some(Value::String(value)) if !self.newest && value == "file_upload" => {}
                Some(value) => self.kind(field.kind, value, &at, &format!("{place}.{}", field.name)),
            }
        }
        for key in map.keys().filter(|key| catalogue::field(all, key).is_none()) {
            let declared = |extras: &[(&str, &str, &str)]| {
                extras.iter().any(|(owner, member, _)| *owner == place && member == key)
            };
            if !declared(EXTRAS) && (self.newest || !declared(OLDER_EXTRAS)) {
                self.fault(&format!("{at}.{key}"), &format!("is not in the catalogue's {place}"));
            }
        }
    }

    fn kind(&mut self, expected: &'static Type, value: &Value, at: &str, place: &str) {
        let fits = match expected {
            Type::String { .. } | Type::Decimal | Type::Int64String => value.is_string(),
            Type::Integer | Type::Timestamp => value.is_i64(),
            Type::Number => value.is_number(),
            Type::Boolean => value.is_boolean(),
            Type::Enum(values) => value.as_str().is_some_and(|text| values.contains(&text) || is_wider(at, text)),
            Type::Metadata => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
            Type::Object(all) => return self.fields(all, value, at, place),
            Type::FreeObject => value.is_object(),
            Type::Map(of) => {
                let Some(map) = value.as_object() else { return self.fault(at, "expected a map") };
                return map.iter().for_each(|(key, value)| self.kind(of, value, &format!("{at}.{key}"), place));
            }
            Type::Array(of) => {
                let Some(items) = value.as_array() else { return self.fault(at, "expected an array") };
                let items = items.iter().enumerate();
                return items.for_each(|(i, item)| self.kind(of, item, &format!("{at}[{i}]"), place));
            }
            Type::List(of) => {
                let items = self.rows(value).iter().enumerate();
                return items.for_each(|(i, item)| self.kind(of, item, &format!("{at}.data[{i}]"), place));
            }
            Type::Expandable(_) if value.is_string() => true,
            Type::Ref(_) if has_own_form(place, value) => true,
            Type::Expandable(names) | Type::Ref(names) => return self.one_of(names, value, at),
            Type::AnyOf(kinds) => kinds.iter().any(|one| {
                let mut tried = Check { newest: self.newest, faults: Vec::new() };
                tried.kind(one, value, at, place);
                tried.faults.is_empty()
            }),
            Type::Expand | Type::Range | Type::File | Type::Any => true,
        };
        if !fits {
            self.fault(at, &format!("expected {expected:?}, found {value}"));
        }
    }
}

/// Whether a part of an account of `/v2` is null unless a call asks for it, or for another one beside it.
fn is_null_unless_asked(path: &str) -> bool {
    let Some(part) = path.strip_prefix("v2.core.account.") else { return false };
    let retrieve = catalogue::operation("v2.core.accounts.retrieve").unwrap();
    let asked = catalogue::field(retrieve.params, "include").map(|field| field.kind);
    let Some(Type::Array(Type::Enum(parts))) = asked else { return false };
    parts.iter().any(|known| *known == part || known.strip_prefix(part).is_some_and(|rest| rest.starts_with('.')))
}

/// Whether an object shows a member without a value as null, although its type calls it optional (shapes 1.1).
fn is_null_when_unset(kind: &str, field: &Field) -> bool {
    let is_left_out = || LEFT_OUT.iter().any(|(of, members)| *of == kind && members.contains(&field.name));
    field.nullable && !kind.contains('.') && !is_left_out()
}

/// Whether an object has exactly the members of the form that its kind has in a place.
fn has_own_form(place: &str, value: &Value) -> bool {
    let form = OWN_FORMS.iter().find(|(known, kind, _)| *known == place && value["object"] == *kind);
    form.is_some_and(|(.., members)| {
        let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        keys == *members
    })
}

fn is_wider(at: &str, value: &str) -> bool {
    let inside = ["finalization", "payment", "setup"].map(|what| format!(".last_{what}_error.code"));
    let is_code = at == "$.code" || inside.iter().any(|end| at.ends_with(end));
    is_code && WIDER_CODES.contains(&value)
        || WIDER_ENUMS.iter().any(|(end, values)| at.ends_with(end) && values.contains(&value))
}

fn has_older_name(place: &str, name: &str, value: &Value) -> bool {
    let mut renamed = OLDER_NAMES.iter().filter(|(object, newer, _)| *object == place && *newer == name);
    renamed.any(|(.., older)| value.get(older).is_some())
}

#[test]
fn nothing_is_an_extra_that_the_catalogue_has() {
    for (place, member, reason) in EXTRAS.iter().chain(OLDER_EXTRAS) {
        let known = catalogue::object(place).and_then(|object| catalogue::field(object.fields, member));
        assert!(known.is_none() && !reason.is_empty(), "{place}.{member}");
    }
}
