//! The query language: what is a query, and that nothing else is a panic.

use proptest::prelude::*;

use super::condition::Condition;
use super::query::{Clause, ClauseField, ClauseValue, Fault, Joined, Operator, Query, parse};
use crate::catalogue::{self, Field, Returns, Type};
use crate::contract::{self, Behaviour, Searched};
use crate::limits::SEARCH_CLAUSES_MAX;
use crate::state::Kind;
use crate::state::document::{Doc, Map};

fn clause(negated: bool, field: &str, operator: Operator, value: &str) -> Clause {
    Clause { negated, field: ClauseField::Path(field.to_owned()), operator, value: ClauseValue::Text(value.to_owned()) }
}

#[test]
fn clauses_are_joined_by_and_or_or_or_a_space() {
    let [a, b] = ["a", "b"].map(|field| clause(false, field, Operator::Is, "x"));
    for (text, joined) in [
        (r#"a:"x" AND b:"x""#, Joined::And),
        (r#"  a:"x" and b:"x" "#, Joined::And),
        ("a:'x'\tb:'x'", Joined::And),
        ("a:'x' OR b:'x'", Joined::Or),
        ("a : 'x'  or  b: 'x'", Joined::Or),
    ] {
        assert_eq!(parse(text), Ok(Query { joined, clauses: vec![a.clone(), b.clone()] }), "{text}");
    }
}

#[test]
fn and_and_or_exclude_each_other() {
    for text in ["a:'1' AND b:'2' OR c:'3'", "a:'1' OR b:'2' AND c:'3'", "a:'1' OR b:'2' c:'3'", "a:1 b:2 OR c:3"] {
        assert_eq!(parse(text), Err(Fault::Mixed), "{text}");
    }
}

#[test]
fn a_query_has_ten_clauses_at_most() {
    let query = |count| vec!["a:1"; count].join(" ");
    assert_eq!(parse(&query(SEARCH_CLAUSES_MAX)).unwrap().clauses.len(), 10);
    assert_eq!(parse(&query(SEARCH_CLAUSES_MAX + 1)), Err(Fault::TooManyClauses));
}

#[test]
fn every_operator_and_negation() {
    for (text, expected) in [
        ("a>5", clause(false, "a", Operator::Above, "5")),
        ("a>=5", clause(false, "a", Operator::AtLeast, "5")),
        ("-a<5", clause(true, "a", Operator::Below, "5")),
        ("a<=-1.5", clause(false, "a", Operator::AtMost, "-1.5")),
        ("-a.b_2.c~\"def\"", clause(true, "a.b_2.c", Operator::Contains, "def")),
        ("a:true", clause(false, "a", Operator::Is, "true")),
    ] {
        assert_eq!(parse(text).unwrap().clauses, [expected], "{text}");
    }
}

#[test]
fn quotation_marks_of_both_kinds_escapes_and_metadata() {
    let metadata = |key: &str, value: ClauseValue| Clause {
        negated: false,
        field: ClauseField::Metadata(key.to_owned()),
        operator: Operator::Is,
        value,
    };
    let text = |text: &str| ClauseValue::Text(text.to_owned());
    for (query, expected) in [
        (r#"metadata["a b"]:"c \"d\" \\ 'e'""#, metadata("a b", text(r#"c "d" \ 'e'"#))),
        (r#"metadata['it\'s']:'f "g"'"#, metadata("it's", text(r#"f "g""#))),
        (r#"metadata["k"]:null"#, metadata("k", ClauseValue::Null)),
        (r#"metadata["k"]:"null""#, metadata("k", text("null"))),
        (r#"metadata["k"]:"""#, metadata("k", text(""))),
    ] {
        assert_eq!(parse(query).unwrap().clauses, [expected], "{query}");
    }
}

#[test]
fn everything_else_is_no_query() {
    for text in [
        "",
        " ",
        "asdf",
        "a",
        "a:",
        ":'x'",
        "-",
        "--a:1",
        "- a:1",
        "a='x'",
        "a:x",
        "a:'x",
        r#"a:"x'"#,
        r#"a:"x\"#,
        "a:'x'b:'y'",
        "a:'x' AND",
        "AND a:'x'",
        "a:'x' AND AND b:'y'",
        "a:'x', b:'y'",
        "(a:'x')",
        "a..b:1",
        ".a:1",
        "a.:1",
        "metadata:'x'",
        "metadata[k]:'x'",
        "metadata['k':'x'",
        "email['k']:'x'",
        "a:1.",
        "a:.5",
        "a:1e3",
        "a::1",
        "é:1",
    ] {
        assert_eq!(parse(text), Err(Fault::Syntax), "{text}");
    }
}

/// What can be searched of every kind.
fn searchable() -> impl Iterator<Item = (Kind, &'static Searched)> {
    crate::resources::install();
    let entries = catalogue::objects().iter().filter_map(|object| contract::entry(object.kind));
    entries.filter_map(|entry| Some((entry.kind, entry.search?)))
}

/// The declarations name what the objects have: each field is in the catalogue's tree, with its type.
#[test]
fn every_searchable_field_is_in_the_catalogue() {
    for (kind, resource) in searchable() {
        let object = catalogue::object(kind.name()).unwrap();
        assert!(catalogue::field(object.fields, "metadata").is_some(), "{}", resource.plural);
        for field in resource.fields {
            let Some(path) = field.path() else { continue };
            assert!(leads(object.fields, path), "{}: {path}", resource.plural);
        }
    }
}

fn leads(fields: &'static [Field], place: &str) -> bool {
    let (first, rest) = place.split_once('.').map_or((place, None), |(first, rest)| (first, Some(rest)));
    let Some(field) = catalogue::field(fields, first) else { return false };
    match (rest, field.kind) {
        (None, _) => true,
        (Some(rest), Type::Object(fields)) => leads(fields, rest),
        (Some(rest), Type::Ref(names)) => {
            names.iter().any(|name| catalogue::object(name).is_some_and(|object| leads(object.fields, rest)))
        }
        _ => false,
    }
}

#[test]
fn every_search_operation_of_the_catalogue_has_its_fields() {
    crate::resources::install();
    for operation in catalogue::operations() {
        if let Returns::SearchResult(kinds) = operation.returns {
            assert!(searchable().any(|(kind, _)| Some(kind) == Kind::named(kinds[0])), "{}", operation.name);
            assert!(super::is_asked(operation.path), "{}", operation.name);
            // Bound as soon as there is such a resource.
            let bound = contract::behaviour(operation).map(|(_, behaviour)| behaviour);
            let stored = Kind::named(kinds[0]).and_then(contract::entry).is_some();
            assert_eq!(matches!(bound, Some(Behaviour::Search)), stored, "{}", operation.name);
        }
    }
    assert!(!super::is_asked("/v1/customers/search/x") && !super::is_asked("/v1/customers/cus_1"));
    assert!(!super::is_asked("/v1/refunds/search"));
}

fn any_operator() -> impl Strategy<Value = Operator> {
    use Operator::{Above, AtLeast, AtMost, Below, Contains, Is};
    prop::sample::select(vec![Above, AtLeast, AtMost, Below, Contains, Is])
}

fn any_clause() -> impl Strategy<Value = Clause> {
    let name = prop_oneof![
        "[a-z_]{1,8}(\\.[a-z0-9_]{1,8}){0,3}"
            .prop_filter("has keys", |name| name != "metadata")
            .prop_map(ClauseField::Path),
        any::<String>().prop_map(ClauseField::Metadata),
    ];
    let value = prop_oneof![Just(ClauseValue::Null), any::<String>().prop_map(ClauseValue::Text)];
    (any::<bool>(), name, any_operator(), value).prop_map(|(negated, field, operator, value)| Clause {
        negated,
        field,
        operator,
        value,
    })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn written(clause: &Clause) -> String {
    let minus = if clause.negated { "-" } else { "" };
    let field = match &clause.field {
        ClauseField::Path(path) => path.clone(),
        ClauseField::Metadata(key) => format!("metadata[{}]", quoted(key)),
    };
    let value = match &clause.value {
        ClauseValue::Null => "null".to_owned(),
        ClauseValue::Text(text) => quoted(text),
    };
    format!("{minus}{field}{}{value}", clause.operator.as_str())
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_text_of_the_languages_own_characters_makes_it_panic(text in "[-a-z:~<>=\"'\\\\\\[\\]. 0-9é\n]{0,40}") {
        for (_, resource) in searchable() {
            if let Ok(condition) = Condition::read(&text, resource) {
                condition.holds(&Map::from([("email", Doc::from("x"))]));
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again(clauses in prop::collection::vec(any_clause(), 1..=10), or in any::<bool>()) {
        let (joint, joined) = if or { (" OR ", Joined::Or) } else { (" AND ", Joined::And) };
        let text = clauses.iter().map(written).collect::<Vec<_>>().join(joint);
        let joined = if clauses.len() == 1 { Joined::And } else { joined };
        prop_assert_eq!(parse(&text), Ok(Query { joined, clauses }));
    }

    #[test]
    fn a_negated_clause_holds_where_the_clause_does_not(clause in "(email|name)(:|~)\"[a-c]{3}\"", email in "[a-cA-C]{3,4}") {
        let customers = searchable().find(|(kind, _)| kind.name() == "customer").unwrap().1;
        let object = Map::from([("email", Doc::from(email)), ("name", Doc::Null)]);
        let holds = |query: &str| Condition::read(query, customers).unwrap().holds(&object);
        prop_assert_ne!(holds(&clause), holds(&format!("-{clause}")));
    }
}
