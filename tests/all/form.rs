//! Properties of the form grammar and of the parameter check.

use pinstripe::api::{expand, params};
use pinstripe::catalogue;
use pinstripe::http::form::{self, Form, decode};
use proptest::prelude::*;

/// A tree as a client would write it: no empty maps or lists, which no form can say.
fn tree() -> impl Strategy<Value = Form> {
    let key = "[a-z][a-z0-9_ é&=+%]{0,6}";
    let leaf = ".{0,12}".prop_map(Form::Value);
    let inner = leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec((key, inner.clone()), 1..5).prop_map(|entries| Form::Map(unique(entries))),
            prop::collection::vec(".{0,8}".prop_map(Form::Value), 1..5).prop_map(Form::List),
        ]
    });
    prop::collection::vec((key, inner), 0..6).prop_map(|entries| Form::Map(unique(entries)))
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
            Form::Value(value) => out.push((name.to_owned(), value.clone())),
            Form::List(items) => items.iter().for_each(|item| walk(item, &format!("{name}[]"), out)),
            Form::Map(entries) => entries.iter().for_each(|(key, form)| {
                let name = if name.is_empty() { key.clone() } else { format!("{name}[{key}]") };
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
        shapes in prop::collection::vec((any::<prop::sample::Index>(), 0..6_u8, ".{0,10}"), 0..6),
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
        let typed = decode(encoded.as_bytes()).and_then(|form| params::check(operation, form, false));
        if let Err(error) = typed {
            prop_assert_eq!(error.status(), 400);
        }
    }

    #[test]
    fn any_expand_path_is_accepted_or_refused(index in 0..catalogue::operations().len(), path in "[a-z_.]{0,30}") {
        let operation = &catalogue::operations()[index];
        if let Err(error) = expand::check_paths(&operation.returns, &[path]) {
            prop_assert_eq!(error.status(), 400);
        }
    }
}

#[test]
fn elements_may_be_appended_numbered_or_grouped() {
    let numbered = decode(b"items[1][price]=b&items[0][price]=a").unwrap();
    let params = params::check(catalogue::operation("subscriptions.create").unwrap(), merge(numbered), false).unwrap();
    let prices: Vec<_> =
        params.list("items").unwrap().iter().map(|item| item.as_map().unwrap().str("price").unwrap()).collect();
    assert_eq!(prices, ["a", "b"]);
    let grouped = decode(b"items[][price]=a&items[][quantity]=1&items[][price]=b&items[][quantity]=2").unwrap();
    let params = params::check(catalogue::operation("subscriptions.create").unwrap(), merge(grouped), false).unwrap();
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
    let begun = std::time::Instant::now();
    assert!(decode(keys.join("&").as_bytes()).is_ok());
    assert!(begun.elapsed().as_millis() < 1_000, "decoding many keys takes {:?}", begun.elapsed());
}

#[test]
fn what_is_no_well_formed_name_is_a_name_of_its_own() {
    for name in ["a[", "a]b", "a[b", "[a]", "a[b]c", "a[[b]]"] {
        let form = decode(format!("{name}=1").as_bytes()).unwrap();
        assert_eq!(form, Form::Map(vec![(name.to_owned(), Form::Value("1".to_owned()))]), "{name}");
    }
}
