//! What the check takes and which refusal it gives (core-payments 1.6, 1.8; intents-and-checkout 0), on a small
//! operation. The sentences are tested where they are written.

use super::*;
use crate::catalogue::{Field, Method, Returns, Type};
use crate::contract::Undocumented;
use crate::form;
use crate::limits::{EXPAND_PATHS_MAX, METADATA_KEYS_MAX};

const fn optional(name: &'static str, kind: &'static Type) -> Field {
    Field { name, kind, required: false, emptyable: false, nullable: false, optional: false, legacy: false }
}

const fn required(name: &'static str, kind: &'static Type) -> Field {
    Field { name, kind, required: true, emptyable: false, nullable: false, optional: false, legacy: false }
}

const fn emptyable(name: &'static str, kind: &'static Type) -> Field {
    Field { name, kind, required: false, emptyable: true, nullable: false, optional: false, legacy: false }
}

const TEXT: Type = Type::String { max_length: 10 };
const ITEM: Type = Type::Object(&[required("price", &TEXT), optional("quantity", &Type::Integer)]);
const CARD: Type = Type::Object(&[
    required("number", &TEXT),
    required("object", &Type::Enum(&["card"])),
    optional("tags", &Type::Array(&TEXT)),
]);
const BANK: Type =
    Type::Object(&[required("account_number", &TEXT), required("object", &Type::Enum(&["bank_account"]))]);

static POST: Operation = Operation {
    index: 0,
    name: "customers.create",
    method: Method::Post,
    path: "/v1/test",
    path_params: &[],
    // Sorted by name, as the catalogue is.
    params: &[
        required("amount", &Type::Integer),
        optional("at", &Type::Timestamp),
        optional("card", &CARD),
        optional("created", &Type::Range),
        optional("currency_options", &Type::Map(&ITEM)),
        optional("decimal", &Type::Decimal),
        emptyable("description", &TEXT),
        optional("email", &Type::String { max_length: 0 }),
        optional("end", &Type::AnyOf(&[&Type::Enum(&["now"]), &Type::Timestamp])),
        optional("expand", &Type::Expand),
        optional("external", &Type::AnyOf(&[&TEXT, &BANK, &CARD])),
        optional("free", &Type::FreeObject),
        optional("items", &Type::Array(&ITEM)),
        optional("live", &Type::Boolean),
        emptyable("metadata", &Type::Metadata),
        optional("name", &TEXT),
        optional("number", &Type::Number),
        optional("options", &Type::Map(&Type::Integer)),
        optional("reason", &Type::Enum(&["none", "reverse", "exempt"])),
        emptyable("types", &Type::Array(&Type::Enum(&["card", "link"]))),
    ],
    returns: Returns::Other,
    multipart: false,
    legacy: false,
};

static ENTRY: Entry =
    Entry { undocumented: &[Undocumented { operation: "customers.create", name: "id" }], ..Entry::PLAIN };

fn try_params(input: &str) -> Result<Params> {
    check(&POST, Some(&ENTRY), form::decode(input.as_bytes())?, Version::newest(), false)
}

fn params(input: &str) -> Params {
    try_params(&format!("amount=1&{input}")).unwrap()
}

#[track_caller]
fn assert_refused(input: &str, expected: &ApiError) {
    let error = try_params(input).unwrap_err();
    assert_eq!((error.status(), error.fields()), (expected.status(), expected.fields()), "{input}");
}

/// The same with all that is required.
#[track_caller]
fn assert_refuses(input: &str, expected: &ApiError) {
    assert_refused(&format!("amount=1&{input}"), expected);
}

fn unknown(names: &[&str]) -> ApiError {
    ApiError::params_unknown(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
}

#[test]
fn values_get_their_types() {
    let sent = params(
        "at=-5&live=true&number=1.50&decimal=1.50&reason=exempt&name=n&created=3&free[a][]=x&options[usd]=4\
         &card[number]=4&card[object]=card",
    );
    let list = |items: &[&str]| Doc::List(items.iter().map(|item| Doc::from((*item).to_owned())).collect());
    let card = Map::from([("number", Doc::from("4")), ("object", Doc::from("card"))]);
    let expected = Map::from([
        ("amount", Doc::Int(1)),
        ("at", Doc::Int(-5)),
        ("card", Doc::from(card)),
        ("created", Doc::Int(3)),
        ("decimal", Doc::from("1.50")),
        ("free", Doc::from(Map::from([("a", list(&["x"]))]))),
        ("live", Doc::Bool(true)),
        ("name", Doc::from("n")),
        ("number", Doc::Float(1.5)),
        ("options", Doc::from(Map::from([("usd", 4)]))),
        ("reason", Doc::from("exempt")),
    ]);
    assert_eq!(*sent, expected);
}

#[test]
fn an_empty_string_unsets_what_can_be_unset() {
    let sent = params("description=&metadata=&types=&options[usd]=");
    for name in ["description", "metadata", "types"] {
        assert_eq!(sent.get(name), Some(&Doc::Null), "{name}");
    }
    assert_eq!(sent.map("options").and_then(|options| options.get("usd")), Some(&Doc::Null));
    for name in ["name", "at", "live", "reason", "card", "items", "expand", "created", "id", "external"] {
        assert_refuses(&format!("{name}="), &ApiError::param_empty(name));
    }
}

#[test]
fn a_missing_parameter() {
    assert_refused("", &ApiError::param_missing("amount"));
    assert_refuses("card[number]=4", &ApiError::param_missing("card[object]"));
    assert_refuses("items[0][price]=p&items[1][quantity]=1", &ApiError::param_missing("items[1][price]"));
    assert_refuses("items[][quantity]=1", &ApiError::param_missing("items[0][price]"));
}

#[test]
fn unknown_parameters_come_first_and_all_at_once() {
    assert_refused("bogus=1", &unknown(&["bogus"]));
    assert_refuses(
        "b[x]=1&at=x&card[cvv]=1&items[0][z]=1&created[eq]=1&currency_options[eur][w]=1&a[=1",
        &unknown(&["b", "card[cvv]", "items[0][z]", "created[eq]", "currency_options[eur][w]", "a["]),
    );
}

#[test]
fn what_is_ill_typed_comes_before_what_is_missing_in_the_catalogues_order() {
    let live = ApiError::param_not_boolean("live", "x");
    assert_refused("name[a]=1&live=x", &live);
    assert_refuses("name[a]=1&live=x", &live);
    assert_refuses("items[0][quantity]=x", &ApiError::param_not_integer("items[0][quantity]", "x"));
}

#[test]
fn numbers() {
    for value in ["abc", "1.5", "20.0", "+5", " 5", "5 ", "-", "1e3", "9223372036854775808"] {
        let sent = value.replace('+', "%2B").replace(' ', "+");
        assert_refused(&format!("amount={sent}"), &ApiError::param_not_integer("amount", value));
    }
    assert_eq!(try_params("amount=-9223372036854775808").unwrap().int("amount"), Some(i64::MIN));
    assert_refuses("at=soon", &ApiError::param_not_timestamp("at"));
    assert_refuses("live=1", &ApiError::param_not_boolean("live", "1"));
    for value in ["x", "1e5", "inf", "NaN", ".", "1.2.3", "-"] {
        assert_refuses(&format!("number={value}"), &ApiError::param_not_decimal("number", value));
        assert_refuses(&format!("decimal={value}"), &ApiError::param_not_decimal("decimal", value));
    }
}

#[test]
fn choices_are_listed_in_the_catalogues_order() {
    assert_refuses("reason=x", &ApiError::param_not_in_enum("reason", &["none", "reverse", "exempt"]));
    assert_refuses("types[]=card&types[]=x", &ApiError::param_not_in_enum("types[1]", &["card", "link"]));
}

#[test]
fn shapes() {
    for input in ["card=x", "card[]=x", "metadata=x", "options=x", "free=x"] {
        let name = input.split(['=', '[']).next().unwrap_or_default();
        assert_refuses(input, &ApiError::param_not_object(name));
    }
    assert_refuses("items[]=x", &ApiError::param_not_object("items[0]"));
    for input in ["items=x", "items[a]=x", "expand=x"] {
        let name = input.split(['=', '[']).next().unwrap_or_default();
        assert_refuses(input, &ApiError::param_not_array(name));
    }
    assert_refuses("card[tags]=x&card[number]=1&card[object]=card", &ApiError::param_not_array("card[tags]"));
    assert_refuses("name[a]=b", &ApiError::param_not_string("name", r#"{"a"=>"b"}"#));
    let printed = r#"{"a"=>{"b"=>"c"}, "d"=>["e"]}"#;
    assert_refuses("name[a][b]=c&name[d][]=e", &ApiError::param_not_string("name", printed));
    assert_refuses("metadata[a][b]=c", &ApiError::param_not_string("metadata[a]", r#"{"b"=>"c"}"#));
}

#[test]
fn lengths_are_in_characters() {
    assert_eq!(
        params("name=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9").str("name").map(str::len),
        Some(20)
    );
    assert_refuses("name=abcdefghijk", &ApiError::param_too_long("name", "abcdefghijk", 10));
}

#[test]
fn lists_are_appended_to_or_numbered() {
    let prices = |sent: &Params| -> Vec<String> {
        let items = sent.list("items").unwrap().iter();
        items.map(|item| item.as_map().unwrap().str("price").unwrap().to_owned()).collect()
    };
    let numbered = "items[10][price]=c&items[2][price]=b&items[0][price]=a&items[99999999999999999999][price]=d";
    assert_eq!(prices(&params(numbered)), ["a", "b", "c", "d"]);
    assert_eq!(prices(&params("items[][price]=a&items[][price]=b")), ["a", "b"]);
    assert_eq!(params("expand[1]=b&expand[0]=a").expand, ["a", "b"]);
    assert_eq!(params("expand[]=b&expand[]=a.c").expand, ["b", "a.c"]);
    assert!(!params("expand[]=b").has("expand"));
}

#[test]
fn alternatives() {
    assert_eq!(params("end=now").str("end"), Some("now"));
    assert_eq!(params("end=5").int("end"), Some(5));
    assert_refuses("end=x", &ApiError::param_not_timestamp("end"));
    assert_eq!(params("external=tok_1").str("external"), Some("tok_1"));
    let card = params("external[object]=card&external[number]=4");
    assert_eq!(card.map("external").and_then(|card| card.str("number")), Some("4"));
    assert_refuses("external[object]=card&external[number]=4&external[foo]=1", &unknown(&["external[foo]"]));
    assert_refuses("external[object]=bank_account", &ApiError::param_missing("external[account_number]"));
}

#[test]
fn ranges() {
    let sent = params("created[gte]=1&created[lt]=2");
    assert_eq!(sent.map("created"), Some(&Map::from([("gte", 1), ("lt", 2)])));
    assert_refuses("created[gte]=x", &ApiError::param_not_timestamp("created[gte]"));
    assert_refuses("created=x", &ApiError::param_not_timestamp("created"));
}

#[test]
fn maps_by_currency_have_lower_case_keys() {
    let refusal = ApiError::currency_key_upper_case("currency_options[EUR]", "EUR");
    assert_refuses("currency_options[EUR][price]=1", &refusal);
    assert!(params("currency_options[eur][price]=1&options[EUR]=1").has("options"));
}

#[test]
fn addresses() {
    assert_eq!(params("email=a@b.co").str("email"), Some("a@b.co"));
    for value in ["a", "@b.co", "a@", "a@b@c.co", "a%20b@c.co", "a@b", "a@b.", "a@.co"] {
        let refusal = ApiError::email_invalid("email", &value.replace("%20", " "));
        assert_refuses(&format!("email={value}"), &refusal);
    }
}

#[test]
fn metadata() {
    let sent = params("metadata[a]=420&metadata[b]=");
    assert_eq!(sent.map("metadata"), Some(&Map::from([("a", Doc::from("420")), ("b", Doc::Null)])));
    let long = "v".repeat(501);
    assert_refuses(&format!("metadata[a]={long}"), &ApiError::metadata_value_too_long(&long, 500));
    let key = "k".repeat(41);
    assert_refuses(&format!("metadata[{key}]=1"), &ApiError::metadata_key_too_long(&key, 40));
    let many = |n: usize| (0..n).map(|i| format!("&metadata[k{i}]=1")).collect::<String>();
    assert!(params(&format!("metadata[x]={}", many(METADATA_KEYS_MAX))).has("metadata"));
    assert_refuses(&many(METADATA_KEYS_MAX + 1), &ApiError::metadata_too_many_keys(METADATA_KEYS_MAX));
}

#[test]
fn expand_has_a_limit() {
    let many = |n: usize| "expand[]=a&".repeat(n);
    assert_eq!(params(&many(EXPAND_PATHS_MAX)).expand.len(), EXPAND_PATHS_MAX);
    assert_refuses(&many(EXPAND_PATHS_MAX + 1), &ApiError::array_too_long("expand", EXPAND_PATHS_MAX));
}

#[test]
fn undocumented_parameters_are_strings() {
    assert_eq!(params("id=cus_mine").str("id"), Some("cus_mine"));
    assert_refuses("id[a]=1", &unknown(&["id"]));
}

#[test]
fn what_browsers_and_libraries_add_is_dropped() {
    let extras = "amount=1&key=pk_test_1&guid=1&radar_options[hcaptcha_token]=t\
                  &client_attribution_metadata[a]=b&card[number]=4&card[object]=card&card[muid]=1";
    let sent = try_params(extras).unwrap();
    assert_eq!(sent.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["amount", "card"]);
    assert_eq!(sent.map("card").map(Map::len), Some(2));
    assert!(try_params("amount=1&bogus=1").is_err());
}

#[test]
fn a_whole_number_may_have_an_exponent_as_ruby_writes_it() {
    let amount = |text: &str| try_params(&format!("amount={text}")).ok().and_then(|sent| sent.int("amount"));
    assert_eq!([amount("0.1e2"), amount("0.123455e6"), amount("-0.5e1")], [Some(10), Some(123_455), Some(-5)]);
    for text in ["0.15e1", "0.1e99", "1e2", "0.e1", ".1e1x", "10.0", "0x1e2", "0.-1e3", "0.1e-2"] {
        assert_eq!(amount(text), None, "{text}");
    }
}
