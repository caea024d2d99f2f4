//! Tests of the tables' completeness and of the lookups.

use super::*;

/// The result of `find` as text: the operation and its arguments, or why there is none.
fn found(method: Method, path: &str) -> String {
    match find(method, path) {
        Find::Operation(m) => {
            let mut text = m.operation.name.to_owned();
            for arg in &m.args[..m.arg_count] {
                text.push(' ');
                text.push_str(arg);
            }
            text
        }
        Find::NoMethod => "no method".to_owned(),
        Find::NoPath => "no path".to_owned(),
    }
}

fn parameter(operation_name: &str, name: &str) -> &'static Field {
    let operation = operation(operation_name).unwrap_or_else(|| panic!("no operation {operation_name}"));
    field(operation.params, name).unwrap_or_else(|| panic!("{operation_name} has no {name}"))
}

#[test]
fn every_current_operation_and_event_type_is_there() {
    let current = operations().iter().filter(|o| o.path.starts_with("/v1/") && !o.legacy).count();
    assert_eq!(current, 557);
    assert_eq!(event_types().len(), 275);
    assert!(objects().len() >= 180);
    assert_eq!(API_VERSION, "2026-10-28.endive");
    assert_eq!(RELEASED_VERSIONS.last(), Some(&API_VERSION));
}

#[test]
fn paths_lead_to_operations() {
    use Method::{Delete, Get, Post};
    let cases = [
        (Post, "/v1/customers", "customers.create"),
        (Get, "/v1/customers", "customers.list"),
        (Get, "/v1/customers/cus_1", "customers.retrieve cus_1"),
        (Get, "/v1/customers/search", "customers.search"),
        (Delete, "/v1/customers/search", "customers.delete search"),
        (Post, "/v1/customers/search/sources", "customers.sources.create search"),
        (Delete, "/v1/customers/cus_1/sources/card_1", "customers.sources.delete cus_1 card_1"),
        (Post, "/v1/payment_methods/pm_1/attach", "payment_methods.attach pm_1"),
        (Post, "/v1/payment_intents/pi%2F1/confirm", "payment_intents.confirm pi%2F1"),
        (Get, "/v1/account", "account.retrieve"),
        (Get, "/v1/accounts/acct_1", "accounts.retrieve acct_1"),
        (Delete, "/v1/subscriptions/sub_1", "subscriptions.cancel sub_1"),
        (Post, "/v1/invoices/create_preview", "invoices.create_preview"),
        (Get, "/v1/invoices/upcoming", "invoices.upcoming.retrieve"),
        (Post, "/v1/charges/ch_1/refund", "charges.refund ch_1"),
        (Get, "/v1/checkout/sessions/cs_1/line_items", "checkout.sessions.line_items.list cs_1"),
        (Get, "/v1/balance/history", "balance.history.list"),
        (Get, "/v2/core/accounts", "v2.core.accounts.list"),
        (Delete, "/v1/customers", "no method"),
        (Delete, "/v1/charges/ch_1", "no method"),
        (Get, "/v1/customers/", "no path"),
        (Get, "/v1/customers//sources", "no path"),
        (Get, "/v1/customers/cus_1/", "no path"),
        (Get, "/v1//customers", "no path"),
        (Get, "/v1/nothing", "no path"),
        (Get, "/v1", "no path"),
        (Get, "/", "no path"),
        (Get, "", "no path"),
        (Get, "v1/customers", "no path"),
    ];
    for (method, path, expected) in cases {
        assert_eq!(found(method, path), expected, "{} {path}", method.as_str());
    }
}

#[test]
fn every_operation_is_found_by_its_name_and_its_path() {
    for (index, o) in operations().iter().enumerate() {
        assert_eq!(usize::from(o.index), index);
        assert!(std::ptr::eq(operation(o.name).expect("by name"), o));
        assert_eq!(found(o.method, o.path).split(' ').next(), Some(o.name));
        assert_eq!(o.path.matches('{').count(), o.path_params.len());
    }
}

/// Calls `check` for a list of fields and for those within.
fn each_list(fields: &'static [Field], check: &mut dyn FnMut(&'static [Field])) {
    fn each_kind(kind: &'static Type, check: &mut dyn FnMut(&'static [Field])) {
        match kind {
            Type::Object(fields) => each_list(fields, check),
            Type::Array(of) | Type::Map(of) | Type::List(of) => each_kind(of, check),
            Type::AnyOf(of) => of.iter().for_each(|k| each_kind(k, check)),
            _ => {}
        }
    }
    check(fields);
    fields.iter().for_each(|f| each_kind(f.kind, check));
}

#[test]
fn tables_are_sorted() {
    assert!(operations().is_sorted_by_key(|o| (o.path, o.method.as_str())));
    assert!(objects().is_sorted_by_key(|o| o.name));
    assert!(event_types().is_sorted_by_key(|e| e.name));
    assert!(RELEASED_VERSIONS.is_sorted());
    let mut check = |fields: &'static [Field]| assert!(fields.windows(2).all(|w| w[0].name < w[1].name));
    operations().iter().for_each(|o| each_list(o.params, &mut check));
    for o in objects() {
        each_list(o.fields, &mut check);
        each_list(o.deleted, &mut check);
    }
}

#[test]
fn every_object_named_by_a_table_is_known() {
    let known = |name: &str| object(name.strip_prefix("deleted:").unwrap_or(name)).is_some();
    for o in operations() {
        match o.returns {
            Returns::Object(of) | Returns::List(of) | Returns::SearchResult(of) => {
                assert!(of.iter().all(|n| known(n)), "{}: {of:?}", o.name);
            }
            Returns::Deleted(name) => assert!(object(name).is_some_and(|o| !o.deleted.is_empty()), "{}", o.name),
            Returns::Stream | Returns::Other => {}
        }
    }
    for o in objects() {
        each_list(o.fields, &mut |fields| {
            for f in fields {
                if let Type::Ref(of) | Type::Expandable(of) = f.kind {
                    assert!(of.iter().all(|n| known(n)), "{}.{}: {of:?}", o.name, f.name);
                }
            }
        });
    }
    assert!(event_types().iter().all(|e| e.objects.iter().all(|n| known(n))));
}

#[test]
fn facts_of_several_sources_meet() {
    // From the types, from the OpenAPI file, from older SDKs.
    assert!(parameter("payment_intents.create", "amount").required);
    assert!(matches!(parameter("customers.create", "name").kind, Type::String { max_length: 256 }));
    assert!(parameter("payment_intents.create", "payment_method_types").legacy);
    assert!(parameter("customers.create", "coupon").legacy);
    assert!(parameter("customers.update", "default_card").legacy);
    assert_eq!(operation("payment_intents.confirm").expect("known").path_params, ["intent"]);
    assert!(operation("files.create").expect("known").multipart);
    assert!(matches!(parameter("customers.create", "tax_exempt").kind, &Type::Enum(&["none", "reverse", "exempt"])));
    assert!(matches!(parameter("customers.create", "source").kind, Type::AnyOf(_)));
    assert!(matches!(parameter("customers.list", "created").kind, Type::Range));
    let charge = object("charge").expect("known");
    assert_eq!(charge.id_prefix, Some("ch_"));
    let customer = field(charge.fields, "customer").expect("known");
    assert!(matches!(customer.kind, &Type::Expandable(&["customer", "deleted:customer"])) && customer.nullable);
}
