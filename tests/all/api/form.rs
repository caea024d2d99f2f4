//! Properties of the form grammar and of the parameter check.

use std::time::{Duration, Instant};

use pinstripe::api::{expand, params};
use pinstripe::catalogue::{self, Field, Operation, Type};
use pinstripe::contract::version::Version;
use pinstripe::contract::{self, Params, Treatment};
use pinstripe::error::ApiError;
use pinstripe::form::{self, Form, decode};
use pinstripe::resources;
use pinstripe::state::document::{Doc, Text};
use proptest::prelude::*;
use proptest::sample::Index;

/// The check of an operation's parameters in the newest version.
fn checked(operation: &'static Operation, form: Form) -> Result<Params, ApiError> {
    resources::install();
    let entry = contract::behaviour(operation).map(|(entry, _)| entry);
    params::check(operation, entry, form, Version::newest(), false)
}

fn value(text: &str) -> Form {
    Form::Value(Text::copy_of(text))
}

fn map(entries: Vec<(String, Form)>) -> Form {
    Form::Map(entries.into_iter().map(|(key, form)| (Text::copy_of(&key), form)).collect())
}

/// A tree as a client would write it: no empty maps or lists, which no form can say.
fn tree() -> impl Strategy<Value = Form> {
    let key = "[a-z][a-z0-9_ é&=+%]{0,6}";
    let leaf = ".{0,12}".prop_map(|text| value(&text));
    let inner = leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec((key, inner.clone()), 1..5).prop_map(|entries| map(unique(entries))),
            prop::collection::vec(".{0,8}".prop_map(|text| value(&text)), 1..5).prop_map(Form::List),
        ]
    });
    prop::collection::vec((key, inner), 0..6).prop_map(|entries| map(unique(entries)))
}

fn unique(entries: Vec<(String, Form)>) -> Vec<(String, Form)> {
    let mut out: Vec<(String, Form)> = Vec::new();
    for (key, form) in entries {
        if !out.iter().any(|(known, _)| *known == key) {
            out.push((key, form));
        }
    }
    out
}

fn encode(form: &Form) -> String {
    fn walk(form: &Form, name: &str, out: &mut Vec<(String, String)>) {
        match form {
            Form::Value(value) => out.push((name.to_owned(), value.to_string())),
            Form::List(items) => items.iter().for_each(|item| walk(item, &format!("{name}[]"), out)),
            Form::Map(entries) => entries.iter().for_each(|(key, form)| {
                let name = if name.is_empty() { key.to_string() } else { format!("{name}[{key}]") };
                walk(form, &name, out);
            }),
        }
    }
    let mut pairs = Vec::new();
    walk(form, "", &mut pairs);
    serde_urlencoded::to_string(&pairs).unwrap()
}

proptest! {
    #[test]
    fn what_a_client_encodes_is_what_is_decoded(form in tree()) {
        prop_assert_eq!(decode(encode(&form).as_bytes()).unwrap(), form);
    }

    #[test]
    fn brackets_may_be_percent_encoded(form in tree()) {
        let raw = encode(&form).replace("%5B", "[").replace("%5D", "]");
        prop_assert_eq!(decode(raw.as_bytes()).unwrap(), form);
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = decode(&bytes) {
            prop_assert_eq!(error.status(), 400);
        }
    }

    #[test]
    fn any_names_are_decoded_or_refused(names in prop::collection::vec("[a\\[\\]0b]{0,10}=x", 0..12)) {
        if let Err(error) = decode(names.join("&").as_bytes()) {
            prop_assert_eq!(error.status(), 400);
        }
    }

    #[test]
    fn any_form_is_typed_or_refused_by_any_operation(
        index in 0..catalogue::operations().len(),
        shapes in prop::collection::vec((any::<Index>(), 0..6_u8, ".{0,10}"), 0..6),
    ) {
        let operation = &catalogue::operations()[index];
        let mut pairs = Vec::new();
        for (which, shape, value) in shapes {
            if operation.params.is_empty() {
                continue;
            }
            let name = operation.params[which.index(operation.params.len())].name;
            let name = match shape {
                0 => name.to_owned(),
                1 => format!("{name}[]"),
                2 => format!("{name}[0]"),
                3 => format!("{name}[0][type]"),
                4 => format!("{name}[type]"),
                _ => format!("{name}[{value}]"),
            };
            pairs.push((name, value));
        }
        let encoded = serde_urlencoded::to_string(&pairs).unwrap();
        let typed = decode(encoded.as_bytes()).and_then(|form| checked(operation, form));
        if let Err(error) = typed {
            assert_plain(operation, &error)?;
        }
    }

    #[test]
    fn any_expand_path_is_accepted_or_refused(index in 0..catalogue::operations().len(), path in "[a-z_.]{0,30}") {
        let operation = &catalogue::operations()[index];
        if let Err(error) = expand::check_paths(&operation.returns, &[path], Version::newest()) {
            prop_assert_eq!(error.status(), 400);
        }
    }
}

#[test]
fn elements_may_be_appended_numbered_or_grouped() {
    let numbered = decode(b"items[1][price]=b&items[0][price]=a").unwrap();
    let params = checked(catalogue::operation("subscriptions.create").unwrap(), merge(numbered)).unwrap();
    let prices: Vec<_> =
        params.list("items").unwrap().iter().map(|item| item.as_map().unwrap().str("price").unwrap()).collect();
    assert_eq!(prices, ["a", "b"]);
    let grouped = decode(b"items[][price]=a&items[][quantity]=1&items[][price]=b&items[][quantity]=2").unwrap();
    let params = checked(catalogue::operation("subscriptions.create").unwrap(), merge(grouped)).unwrap();
    let quantities: Vec<_> =
        params.list("items").unwrap().iter().map(|item| item.as_map().unwrap().int("quantity").unwrap()).collect();
    assert_eq!(quantities, [1, 2]);
}

fn merge(form: Form) -> Form {
    form::merge(decode(b"customer=cus_x").unwrap(), form)
}

#[test]
fn of_a_repeated_name_the_last_value_counts() {
    assert_eq!(decode(b"name=a&name=b").unwrap().value("name"), Some("b"));
}

#[test]
fn one_name_with_two_shapes_is_refused() {
    assert_eq!(decode(b"a=1&a[b]=2").unwrap_err().status(), 400);
    assert_eq!(decode(b"a[]=1&a[b]=2").unwrap_err().status(), 400);
}

#[test]
fn nesting_and_number_of_values_are_bounded() {
    let deep = format!("a{}=1", "[b]".repeat(pinstripe::limits::FORM_LEVELS_MAX));
    assert_eq!(decode(deep.as_bytes()).unwrap_err().status(), 400);
    let many = vec!["a[]=1"; pinstripe::limits::FORM_VALUES_MAX + 1].join("&");
    assert_eq!(decode(many.as_bytes()).unwrap_err().status(), 400);
    let keys: Vec<String> = (0..pinstripe::limits::FORM_VALUES_MAX).map(|i| format!("a[k{i}]=1")).collect();
    let begun = Instant::now();
    assert!(decode(keys.join("&").as_bytes()).is_ok());
    assert!(begun.elapsed().as_millis() < 1_000, "decoding many keys takes {:?}", begun.elapsed());
}

#[test]
fn what_is_no_well_formed_name_is_a_name_of_its_own() {
    for name in ["a[", "a]b", "a[b", "[a]", "a[b]c", "a[[b]]"] {
        let form = decode(format!("{name}=1").as_bytes()).unwrap();
        assert_eq!(form, map(vec![(name.to_owned(), value("1"))]), "{name}");
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), Just(String::new()), "[a-z0-9 +%&=\\[\\]]{0,12}"]
}

/// Picks at random what to send; used up, it sends the plainest.
struct Dice<'a> {
    rolls: std::slice::Iter<'a, Index>,
    texts: &'a [String],
}

impl Dice<'_> {
    fn of(&mut self, sides: usize) -> usize {
        self.rolls.next().map_or(0, |roll| roll.index(sides.max(1)))
    }

    fn text(&mut self) -> String {
        let i = self.of(self.texts.len());
        self.texts[i].clone()
    }

    /// Something for a field of a kind: mostly what it takes, sometimes of another shape.
    fn value(&mut self, kind: &'static Type, levels: usize) -> Form {
        if self.of(8) == 1 || levels == 0 {
            let other = [value(&self.text()), Form::List(vec![value(&self.text())]), Form::default()];
            return other[self.of(3)].clone();
        }
        match kind {
            Type::Integer | Type::Timestamp | Type::Number | Type::Decimal | Type::Int64String => value("12"),
            Type::Boolean => value("true"),
            Type::Enum(values) => value(values.get(self.of(values.len())).copied().unwrap_or_default()),
            Type::Object(fields) => self.fields(fields, levels),
            Type::Array(of) => match self.of(2) {
                0 => Form::List(vec![self.value(of, levels - 1), self.value(of, levels - 1)]),
                _ => map(vec![("7".to_owned(), self.value(of, levels - 1))]),
            },
            Type::Map(of) => map(vec![(self.text(), self.value(of, levels - 1))]),
            Type::Range => map(vec![("gte".to_owned(), value("1"))]),
            Type::Metadata | Type::FreeObject => map(vec![(self.text(), value(&self.text()))]),
            Type::Expand => Form::List(vec![value(&self.text())]),
            Type::AnyOf(kinds) => {
                let kind = kinds[self.of(kinds.len())];
                self.value(kind, levels - 1)
            }
            _ => value(&self.text()),
        }
    }

    fn fields(&mut self, fields: &'static [Field], levels: usize) -> Form {
        let mut entries = Vec::new();
        for field in fields {
            if field.required || self.of(4) == 1 {
                entries.push((field.name.to_owned(), self.value(field.kind, levels - 1)));
            }
        }
        if self.of(20) == 1 {
            entries.push((self.text(), value(&self.text())));
        }
        map(entries)
    }
}

/// Whether a checked value is of its kind. An update may send a part of an object (core-payments 1.2.8).
fn has_kind(kind: &'static Type, doc: &Doc, update: bool) -> bool {
    match (kind, doc) {
        (_, Doc::Null) => true,
        (Type::Integer | Type::Timestamp, Doc::Int(_)) | (Type::Number, Doc::Float(_)) => true,
        (Type::Boolean, Doc::Bool(_)) => true,
        (Type::File, _) => true,
        (Type::String { .. } | Type::Decimal | Type::Int64String, Doc::Text(_)) => true,
        (Type::Enum(values), Doc::Text(text)) => values.contains(&text.as_ref()),
        (Type::Object(fields), Doc::Map(map)) => {
            let known = |key: &str, doc: &Doc| {
                catalogue::field(fields, key).is_some_and(|field| has_kind(field.kind, doc, update))
            };
            map.iter().all(|(key, doc)| known(key, doc))
                && (update || fields.iter().all(|field| !field.required || map.has(field.name)))
        }
        (Type::Array(of), Doc::List(list)) => list.iter().all(|doc| has_kind(of, doc, update)),
        (Type::Map(of), Doc::Map(map)) => map.iter().all(|(_, doc)| has_kind(of, doc, update)),
        (Type::Metadata, Doc::Map(map)) => map.iter().all(|(_, doc)| matches!(doc, Doc::Null | Doc::Text(_))),
        (Type::Range, Doc::Int(_)) => true,
        (Type::Range, Doc::Map(map)) => {
            map.iter().all(|(key, doc)| ["gt", "gte", "lt", "lte"].contains(&key) && matches!(doc, Doc::Int(_)))
        }
        (Type::AnyOf(kinds), doc) => kinds.iter().any(|kind| has_kind(kind, doc, update)),
        (Type::FreeObject, Doc::Map(_) | Doc::List(_)) | (Type::Any | Type::List(_) | Type::Ref(_), _) => true,
        _ => false,
    }
}

/// Checks a form as a request does, and that the answer is one the API could give.
fn check(operation: &'static Operation, form: Form) -> Result<(), TestCaseError> {
    let result = checked(operation, form).and_then(|params| {
        expand::check_paths(&operation.returns, &params.expand, Version::newest())?;
        Ok(params)
    });
    match result {
        Err(error) => assert_plain(operation, &error),
        Ok(params) => {
            for (key, doc) in params.iter() {
                if let Some(field) = catalogue::field(operation.params, key) {
                    let update = operation.name.ends_with(".update");
                    prop_assert!(has_kind(field.kind, doc, update), "{}: {key} is {doc:?}", operation.name);
                }
            }
            let missing = operation.params.iter().find(|field| field.required && !params.has(field.name));
            prop_assert!(missing.is_none(), "{}: without {missing:?}", operation.name);
            let _ = expand::parse(&params.expand);
            Ok(())
        }
    }
}

/// A fault is the sender's, apart from a parameter that its kind declares as refused.
fn assert_plain(operation: &Operation, error: &ApiError) -> Result<(), TestCaseError> {
    let expected = if is_refused(operation, error) { (501, "api_error") } else { (400, "invalid_request_error") };
    prop_assert_eq!((error.status(), error.field("type").unwrap_or_default()), expected);
    prop_assert!(error.field("message").is_some_and(|message| !message.is_empty()));
    Ok(())
}

fn is_refused(operation: &Operation, error: &ApiError) -> bool {
    let param = error.field("param").filter(|_| error.status() == 501).unwrap_or_default().replace(']', "");
    let path = param.split('[').map(|part| if part.parse::<usize>().is_ok() { "*" } else { part }).collect::<Vec<_>>();
    let mark = resources::behaviour(operation).and_then(|(entry, _)| contract::mark(entry, operation, &path.join(".")));
    mark == Some(Treatment::Refused)
}

proptest! {
    // Each case goes through all operations.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 10, ..ProptestConfig::default() })]

    #[test]
    fn every_operation_checks_likely_and_unlikely_forms(
        rolls in prop::collection::vec(any::<Index>(), 400),
        texts in prop::collection::vec(text(), 8),
    ) {
        for operation in catalogue::operations() {
            let mut dice = Dice { rolls: rolls.iter(), texts: &texts };
            // Another start for each operation, so that their forms differ.
            dice.rolls.nth(usize::from(operation.index) % 100);
            check(operation, dice.fields(operation.params, 6))?;
        }
    }
}

#[test]
fn an_operation_takes_what_its_catalogue_entry_requires() {
    for operation in catalogue::operations() {
        let mut plain = Dice { rolls: [].iter(), texts: &["app:a@b.c".to_owned()] };
        let form = plain.fields(operation.params, 6);
        if let Err(error) = checked(operation, form) {
            panic!("{}: {error:?}", operation.name);
        }
    }
}

/// Ten times the input may take about ten times as long; squared it would take a hundred times.
#[test]
fn large_forms_take_time_in_proportion() {
    let inputs: [fn(usize) -> String; 6] = [
        |i| format!("metadata[{i}]=1"),
        |i| format!("name{i}=1"),
        |i| format!("expand[{i}]=data"),
        |_| "a[]=1".to_owned(),
        |i| format!("items[{}][price]=x&items[{}][quantity]=1", i / 2, i / 2),
        |_| "items[][price]=x".to_owned(),
    ];
    let operation = catalogue::operation("subscriptions.create").unwrap();
    for input in inputs {
        let time = |count: usize| -> Duration {
            let body = (0..count).map(input).collect::<Vec<_>>().join("&");
            let run = || {
                let begun = Instant::now();
                let form = decode(body.as_bytes()).unwrap();
                let form = form::merge(form.clone(), form);
                let _ = checked(operation, form);
                begun.elapsed()
            };
            (0..3).map(|_| run()).min().unwrap_or_default()
        };
        let (small, large) = (time(500), time(5_000));
        // Twice what is allowed, and a floor, because other tests run at the same time.
        let limit = (small * 40).max(Duration::from_millis(200));
        assert!(large < limit, "{}: {small:?}, then {large:?}", input(0));
    }
}
