//! Tests of the declarations: nothing that a type requires is left without an explanation, and no row explains nothing.

use super::plan::OperationAction;
use std::collections::BTreeSet;

use super::kinds;
use crate::catalogue::{self, Field, Type};
use crate::contract::{self, Fill};
use crate::state::Kind;

/// The fields that a type requires, of the object and of what its parameters can put into it, and that neither
/// null, nor a rule, nor the type, nor a parameter of their name explains.
fn uncovered(
    object: &'static str,
    fields: &'static [Field],
    params: &'static [Field],
    below: &str,
    out: &mut Vec<String>,
) {
    for field in fields.iter().filter(|field| below.contains('.') || !matches!(field.name, "id" | "object")) {
        let path = if below.is_empty() { field.name.to_owned() } else { format!("{below}.{}", field.name) };
        let param = catalogue::field(params, field.name);
        let said = param.is_some_and(|param| param.required);
        let param = param.map(|param| param.kind);
        let rule = crate::object::blank::rule(Kind::named(object).expect("a kind"), &path);
        let required = !field.optional && !field.nullable;
        match (field.kind, param) {
            (Type::Object(_), None) if matches!(rule, Some(Fill::Object(_))) => {}
            (Type::Object(fields), param) => {
                if let Some(param) = param {
                    uncovered(object, fields, inner(param), &path, out);
                }
                // What is not sent is there as well.
                if required && !said {
                    uncovered(object, fields, &[], &path, out);
                }
            }
            (Type::Array(Type::Object(fields)) | Type::Map(Type::Object(fields)), Some(param)) => {
                uncovered(object, fields, inner(param), &path, out);
            }
            (Type::Array(_) | Type::Map(_) | Type::Metadata | Type::FreeObject | Type::List(_), _) => {}
            (_, _) if required && rule.is_none() && !said => out.push(format!("{object}: {path}")),
            _ => {}
        }
    }
}

/// The fields of the object that a parameter may be.
fn inner(param: &'static Type) -> &'static [Field] {
    match param {
        Type::Object(fields) => fields,
        Type::Array(of) | Type::Map(of) => inner(of),
        Type::AnyOf(kinds) => {
            kinds.iter().map(|kind| inner(kind)).find(|fields| !fields.is_empty()).unwrap_or_default()
        }
        _ => &[],
    }
}

#[test]
fn every_required_field_is_explained() {
    crate::resources::install();
    let mut out = Vec::new();
    for operation in catalogue::operations() {
        let Some(plan) = kinds::plan(operation) else { continue };
        if !matches!(
            plan.action,
            OperationAction::Create | OperationAction::RetrieveSingle | OperationAction::UpdateSingle
        ) {
            continue;
        }
        let object = catalogue::object(plan.kind.name()).expect("a known kind");
        let mut of_operation = Vec::new();
        uncovered(object.name, object.fields, operation.params, "", &mut of_operation);
        // What the path says and what is derived.
        let said = |path: &str| {
            plan.parents.iter().any(|parent| parent.link == super::plan::ParentLink::Field(path.to_owned().leak()))
        };
        of_operation.retain(|line| !line.split(": ").nth(1).is_some_and(said));
        out.extend(of_operation);
    }
    out.sort();
    out.dedup();
    out.retain(|line| !DERIVED.contains(&line.as_str()) && !ASKED.contains(&line.as_str()));
    assert!(out.is_empty(), "{} fields have no rule:\n{}", out.len(), out.join("\n"));
}

/// What `derive` sets.
const DERIVED: &[&str] = &[
    "checkout.session: shipping_options.shipping_rate",
    "payment_link: shipping_options.shipping_rate",
    "v2.core.vault.gb_bank_account: last4",
    "v2.core.vault.us_bank_account: last4",
];

/// Parameters that the catalogue calls optional, since something else may stand for them, and without which there is
/// nothing to show: a request without them is refused by their name.
const ASKED: &[&str] = &[
    "billing.credit_grant: customer",
    "error: name",
    "issuing.card: cardholder",
    "issuing.dispute: transaction",
    "terminal.configuration: reader_security.admin_menu_passcode",
    "three_d_secure.authentication: future_usage.installment.interval",
    "three_d_secure.authentication: future_usage.installment.interval_count",
    "three_d_secure.authentication: future_usage.recurring.interval",
    "three_d_secure.authentication: future_usage.recurring.interval_count",
    "three_d_secure.authentication: payment_method",
];

#[test]
fn every_rule_is_for_a_field() {
    fn has(fields: &'static [Field], path: &str) -> bool {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let mut named = fields.iter().filter(|field| first == "*" || field.name == first);
        named.any(|field| rest.is_empty() || within(field.kind, rest))
    }
    fn within(kind: &'static Type, path: &str) -> bool {
        match kind {
            Type::Object(fields) => has(fields, path),
            Type::Array(of) | Type::Map(of) => within(of, path),
            _ => false,
        }
    }
    crate::resources::install();
    for entry in contract::all_entries() {
        let object = catalogue::object(entry.kind.name()).unwrap_or_else(|| panic!("{:?} is no kind", entry.kind));
        for (path, _) in entry.defaults {
            assert!(has(object.fields, path), "{:?} has no {path}", entry.kind);
        }
    }
}

#[test]
fn what_is_unlisted_is_in_no_type_and_always_the_same() {
    crate::resources::install();
    for entry in contract::all_entries() {
        for (name, fill) in entry.unlisted {
            let known = entry.kind.object().and_then(|object| catalogue::field(object.fields, name));
            assert!(known.is_none() && fill.constant().is_some(), "{:?}: {name}", entry.kind);
        }
    }
}

#[test]
fn every_declaration_is_of_a_kind_without_rules() {
    crate::resources::install();
    let mut known = BTreeSet::new();
    for declared in kinds::declarations() {
        let kind = declared.entry.kind;
        assert!(catalogue::object(kind.name()).is_some() && !contract::has_rules(kind), "{kind:?}");
        assert!(known.insert(kind), "{kind:?} is declared twice");
        for operation in declared.answers.iter().chain(declared.absent) {
            assert!(catalogue::operation(operation).is_some(), "{kind:?}: {operation}");
        }
    }
}

#[test]
fn what_a_kind_does_by_itself_is_an_operation_and_no_verb() {
    for declared in kinds::declarations() {
        for (name, _) in declared.entry.operations {
            assert!(catalogue::operation(name).is_some(), "{name} is none");
            assert!(!declared.verbs.iter().any(|verb| verb.operation == *name), "{name} is a verb, too");
        }
    }
}

#[test]
fn every_verb_answers_with_its_kind_and_every_event_is_known() {
    for declared in kinds::declarations() {
        for verb in declared.verbs {
            let operation = catalogue::operation(verb.operation);
            let operation = operation.unwrap_or_else(|| panic!("{} is none", verb.operation));
            let event = verb.event.is_none_or(|name| catalogue::event_types().iter().any(|event| event.name == name));
            assert!(event, "{}: {:?}", verb.operation, verb.event);
            let catalogue::Returns::Object(names) = operation.returns else {
                panic!("{} answers with no object", verb.operation)
            };
            assert!(names.contains(&declared.entry.kind.name()), "{}", verb.operation);
        }
    }
}
