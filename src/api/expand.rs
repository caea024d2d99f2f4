//! `expand`: which paths exist, checked before an operation runs (core-payments 1.10, platform 5.3).
//!
//! May use: the catalogue's response trees, the registry. Invariant: the renderer can follow a checked path, or the
//! path ends at an embedded object.

use crate::catalogue::{self, Field, Returns, Type};
use crate::contract::version::Version;
use crate::contract::{self, Include, Shown};
use crate::error::{ApiError, Result};
use crate::limits::EXPAND_LEVELS_MAX;

/// A step of the paths to expand, with the steps below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpandNode {
    /// The field.
    pub name: String,
    /// The fields to expand below it.
    pub children: Vec<ExpandNode>,
}

/// Merges paths into trees.
pub fn parse(paths: &[String]) -> Vec<ExpandNode> {
    let mut roots = Vec::new();
    for path in paths {
        let mut level = &mut roots;
        for name in path.split('.') {
            let at = level.iter().position(|node: &ExpandNode| node.name == name).unwrap_or_else(|| {
                level.push(ExpandNode { name: name.to_owned(), children: Vec::new() });
                level.len() - 1
            });
            level = &mut level[at].children;
        }
    }
    roots
}

/// Whether these segments follow a declared expansion of an object.
fn is_declared(object: &str, segments: &[&str], version: Version) -> bool {
    let entry = catalogue::object(object).and_then(|object| contract::entry(object.kind));
    entry.is_some_and(|entry| {
        entry.expands.iter().any(|expand| {
            let mut rest = segments.iter();
            let mut steps = expand.path.split('.');
            let leads = steps.all(|step| rest.next().is_some_and(|segment| step == "*" || step == *segment));
            let rest = rest.as_slice();
            leads && (rest.is_empty() || expand.targets.iter().any(|target| is_expandable_in(target, rest, version)))
        })
    })
}

/// Checks the paths of a call.
///
/// # Errors
/// The first path that cannot be expanded in the version.
pub fn check_paths(returns: &Returns, paths: &[String], version: Version) -> Result<()> {
    paths.iter().try_for_each(|path| check_path(returns, path, version))
}

fn check_path(returns: &Returns, path: &str, version: Version) -> Result<()> {
    let segments: Vec<&str> = path.split('.').collect();
    let refused = || ApiError::expand_invalid(path);
    let (objects, rest): (&'static [&'static str], &[&str]) = match returns {
        Returns::Object(objects) => (objects, &segments),
        Returns::List(objects) | Returns::SearchResult(objects) => match segments.as_slice() {
            ["data"] => return Ok(()),
            ["data", rest @ ..] => (objects, rest),
            ["total_count"] if matches!(returns, Returns::SearchResult(_)) => return Ok(()),
            [first, ..] => return Err(ApiError::expand_needs_data(first)),
            [] => return Err(refused()),
        },
        Returns::Deleted(_) | Returns::Stream | Returns::Other => return Err(refused()),
    };
    // The rows of a list inside are no level of their own (billing-2 14.4).
    if rest.iter().filter(|level| **level != "data").count() > EXPAND_LEVELS_MAX {
        return Err(ApiError::expand_too_deep(path));
    }
    if objects.iter().any(|object| is_expandable_in(object, rest, version)) { Ok(()) } else { Err(refused()) }
}

fn is_expandable_in(object: &str, segments: &[&str], version: Version) -> bool {
    let [first, rest @ ..] = segments else { return true };
    let name = object.strip_prefix("deleted:").unwrap_or(object);
    if is_declared(name, segments, version) {
        return true;
    }
    let field = catalogue::object(name).and_then(|object| catalogue::field(object.fields, first));
    let is_known = |include: &Include| !matches!(include.shown, Shown::Until(gate) if version.has(gate));
    let included = contract::entries()
        .iter()
        .filter(|entry| entry.kind.name() == name)
        .any(|entry| entry.includes.iter().any(|include| include.field == *first && is_known(include)));
    if included && field.is_none() {
        // A list that only older versions have: its content is checked where it is declared.
        return rest.first().is_none_or(|segment| *segment == "data");
    }
    field.is_some_and(|field| is_expandable(field.kind, rest, version))
}

fn is_expandable(kind: &'static Type, rest: &[&str], version: Version) -> bool {
    match kind {
        Type::Expandable(targets) | Type::Ref(targets) => {
            rest.is_empty() || targets.iter().any(|target| is_expandable_in(target, rest, version))
        }
        Type::Array(of) => is_expandable(of, rest, version),
        Type::List(of) => match rest {
            [] | ["data"] => true,
            ["data", rest @ ..] => is_expandable(of, rest, version),
            _ => false,
        },
        Type::Object(fields) => match rest {
            [] => fields.iter().any(has_expandable),
            [first, rest @ ..] => {
                catalogue::field(fields, first).is_some_and(|field| is_expandable(field.kind, rest, version))
            }
        },
        Type::AnyOf(kinds) => kinds.iter().any(|kind| is_expandable(kind, rest, version)),
        _ => false,
    }
}

/// Whether a field is, or contains, something that can be expanded.
fn has_expandable(field: &Field) -> bool {
    fn holds(kind: &Type) -> bool {
        match kind {
            Type::Expandable(_) | Type::Ref(_) | Type::List(_) => true,
            Type::Array(of) | Type::Map(of) => holds(of),
            Type::Object(fields) => fields.iter().any(has_expandable),
            Type::AnyOf(kinds) => kinds.iter().any(|kind| holds(kind)),
            _ => false,
        }
    }
    holds(field.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(returns: &Returns, path: &str) -> Result<()> {
        check_paths(returns, &[path.to_owned()], Version::newest())
    }

    #[track_caller]
    fn assert_refuses(returns: &Returns, path: &str, expected: &ApiError) {
        assert_eq!(check(returns, path).unwrap_err().fields(), expected.fields());
    }

    fn accepts(object: &'static str, path: &str) -> bool {
        let objects: &'static [&'static str] = Box::leak(Box::new([object]));
        check(&Returns::Object(objects), path).is_ok()
    }

    const CUSTOMER: Returns = Returns::Object(&["customer"]);
    const CUSTOMERS: Returns = Returns::List(&["customer"]);

    /// The first segments that were recorded from the real API (platform 5.3).
    #[test]
    fn the_recorded_first_segments_are_accepted() {
        crate::resources::install();
        let recorded = "\
            customer cash_balance default_source discount invoice_credit_balance invoice_settings sources \
            subscriptions tax tax_ids test_clock
            charge application application_fee balance_transaction customer dispute failure_balance_transaction \
            invoice on_behalf_of payment_intent refunds review source source_transfer transfer transfer_data
            refund balance_transaction charge failure_balance_transaction payment_intent \
            source_transfer_reversal transfer_reversal
            payment_method customer
            payment_intent application customer invoice last_payment_error latest_charge on_behalf_of \
            payment_method processing review source transfer_data
            setup_intent application customer last_setup_error latest_attempt mandate on_behalf_of payment_method \
            single_use_mandate
            invoice account_tax_ids application charge customer default_payment_method default_source \
            default_tax_rates discount discounts from_invoice last_finalization_error latest_revision lines \
            on_behalf_of parent payment_intent payments quote subscription test_clock total_discount_amounts
            subscription application customer default_payment_method default_source default_tax_rates discount \
            discounts items latest_invoice on_behalf_of pending_setup_intent pending_update schedule test_clock \
            transfer_data
            checkout.session customer discounts invoice line_items payment_intent payment_link setup_intent \
            subscription total_details
            price currency_options product tiers
            product default_price tax_code
            coupon applies_to currency_options
            dispute charge payment_intent
            balance_transaction source";
        for line in recorded.lines() {
            let mut words = line.split_whitespace();
            let object = words.next().unwrap();
            for segment in words {
                assert!(accepts(object.to_owned().leak(), segment), "{object}.{segment}");
            }
        }
    }

    #[test]
    fn a_bad_path_is_named_whole() {
        crate::resources::install();
        for path in ["bogus", "email", "invoice_settings.bogus", "address", "metadata", "", "customer.", "."] {
            assert_refuses(&CUSTOMER, path, &ApiError::expand_invalid(path));
        }
        assert_refuses(&CUSTOMERS, "data.bogus", &ApiError::expand_invalid("data.bogus"));
    }

    #[test]
    fn segments_behind_a_reference_are_checked_against_its_targets() {
        crate::resources::install();
        assert!(accepts("charge", "customer.default_source"));
        assert!(accepts("charge", "payment_intent.latest_charge"));
        assert!(accepts("invoice", "payment_intent.latest_charge"));
        assert!(accepts("charge", "transfer_data.destination"));
        assert!(accepts("price", "currency_options.usd.tiers"));
        assert!(!accepts("charge", "customer.foo"));
        assert!(!accepts("invoice", "payment_intent.foo"));
        assert!(!accepts("price", "currency_options.usd"));
        assert!(!accepts("charge", "amount.foo"));
    }

    #[test]
    fn a_list_inside_an_object_needs_data() {
        crate::resources::install();
        assert!(accepts("customer", "subscriptions.data.default_payment_method"));
        assert!(accepts("customer", "subscriptions.data"));
        assert!(accepts("subscription", "items.data.price.product"));
        assert!(!accepts("customer", "subscriptions.default_payment_method"));
    }

    #[test]
    fn a_list_needs_data_first() {
        crate::resources::install();
        assert!(check(&CUSTOMERS, "data").is_ok());
        assert!(check(&CUSTOMERS, "data.default_source").is_ok());
        for (path, segment) in [("default_source", "default_source"), ("bogus.x", "bogus")] {
            assert_refuses(&CUSTOMERS, path, &ApiError::expand_needs_data(segment));
            assert_refuses(&Returns::SearchResult(&["customer"]), path, &ApiError::expand_needs_data(segment));
        }
    }

    #[test]
    fn four_levels_and_the_data_of_a_list() {
        crate::resources::install();
        let four = "payment_intent.latest_charge.customer.default_source";
        assert!(check(&Returns::Object(&["charge"]), four).is_ok());
        assert!(check(&Returns::List(&["charge"]), &format!("data.{four}")).is_ok());
        let five = format!("{four}.customer");
        assert_refuses(&Returns::Object(&["charge"]), &five, &ApiError::expand_too_deep(&five));
    }

    #[test]
    fn stubs_and_streams_have_nothing_to_expand() {
        for returns in [Returns::Deleted("customer"), Returns::Stream, Returns::Other] {
            assert!(check(&returns, "customer").is_err());
            assert!(check_paths(&returns, &[], Version::newest()).is_ok());
        }
    }

    #[test]
    fn paths_merge_into_a_tree() {
        let paths = ["customer.default_source", "invoice", "customer.tax"].map(str::to_owned);
        let leaf = |name: &str| ExpandNode { name: name.to_owned(), children: Vec::new() };
        let customer = ExpandNode { name: "customer".to_owned(), children: vec![leaf("default_source"), leaf("tax")] };
        assert_eq!(parse(&paths), [customer, leaf("invoice")]);
    }
}
