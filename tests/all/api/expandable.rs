//! Every reference that can be expanded is, in objects of every kind (platform 5.3): a walk over the lists of a sandbox.

use std::collections::{BTreeMap, BTreeSet};

use pinstripe::catalogue::{self, Field, Method, Operation, Returns, Type};
use pinstripe::contract;
use pinstripe::limits::EXPAND_LEVELS_MAX;
use serde_json::Value;

use crate::generic::walk;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{attached, charge, customer, id, intent, pay, refund, rows, text, with};

/// What names one of a fixed set that Stripe keeps and nobody can look up here: expanding it answers 501.
const UNKNOWN: &[(&str, &str)] = &[("climate.order", "product"), ("issuing.personalization_design", "physical_bundle")];

/// Paths to expand.
type Paths = BTreeSet<String>;

/// The references of an object that hold an id.
fn references(object: &Value, name: &str, at: &str, found: &mut Paths) {
    let Some(known) = catalogue::object(name) else { return };
    fields(object, known.fields, at, found);
    for declared in contract::entry(known.kind).map_or(&[][..], |entry| entry.expands) {
        if !declared.targets.is_empty() && object[declared.path].is_string() {
            found.insert(below(at, declared.path));
        }
    }
}

fn fields(object: &Value, known: &'static [Field], at: &str, found: &mut Paths) {
    for field in known {
        value(&object[field.name], field.kind, &below(at, field.name), found);
    }
}

fn value(shown: &Value, kind: &'static Type, at: &str, found: &mut Paths) {
    match (kind, shown) {
        (Type::Expandable(_), Value::String(_)) => {
            found.insert(at.to_owned());
        }
        (Type::Object(known), Value::Object(_)) => fields(shown, known, at, found),
        (Type::Array(of), Value::Array(items)) => items.iter().for_each(|item| value(item, of, at, found)),
        (Type::List(of), Value::Object(_)) => {
            let rows = shown["data"].as_array().into_iter().flatten();
            rows.for_each(|row| value(row, of, &format!("{at}.data"), found));
        }
        (Type::AnyOf(kinds), _) => kinds.iter().for_each(|kind| value(shown, kind, at, found)),
        (Type::Ref(_), Value::Object(_)) => {
            references(shown, shown["object"].as_str().unwrap_or_default(), at, found);
        }
        _ => {}
    }
}

fn below(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// What is at a path of an answer; of a list inside it, what is in every row.
fn at<'v>(shown: &'v Value, path: &[&str], out: &mut Vec<&'v Value>) {
    match (shown, path) {
        (Value::Array(items), _) => items.iter().for_each(|item| at(item, path, out)),
        (_, []) => out.push(shown),
        (_, [first, rest @ ..]) => at(&shown[first], rest, out),
    }
}

/// The lists of a kind of client: those at the root, and those below the rows of another.
fn lists(api: &Client) -> BTreeMap<String, (&'static Operation, Vec<Value>)> {
    let mut known: BTreeMap<String, (&'static Operation, Vec<Value>)> = BTreeMap::new();
    let all: Vec<_> = catalogue::operations()
        .iter()
        .filter(|one| {
            one.method == Method::Get && one.path.starts_with("/v1") && matches!(one.returns, Returns::List(_))
        })
        .filter(|one| one.params.iter().all(|field| !field.required))
        .collect();
    let read = |path: &str| {
        let answer = api.get(path, &[("limit", "100")]);
        if answer.status == 200 { rows(&answer.body).to_vec() } else { Vec::new() }
    };
    for operation in all.iter().filter(|one| !one.path.contains('{')) {
        known.insert(operation.path.to_owned(), (operation, read(operation.path)));
    }
    for operation in all.iter().filter(|one| one.path.matches('{').count() == 1) {
        let Some((parent, rest)) = operation.path.split_once("/{") else { continue };
        let Some((_, rest)) = rest.split_once('}') else { continue };
        let owners: Vec<String> = known
            .get(parent)
            .into_iter()
            .flat_map(|(_, rows)| rows)
            .filter_map(|row| row["id"].as_str().map(str::to_owned))
            .collect();
        for owner in owners {
            let path = format!("{parent}/{owner}{rest}");
            let rows = read(&path);
            if !rows.is_empty() {
                known.insert(path, (operation, rows));
            }
        }
    }
    known
}

/// What stays an id although it was to be expanded: the kind with the path, and the id.
fn left(api: &Client, seen: &mut Paths) -> Vec<String> {
    let mut left = Vec::new();
    for (path, (_, rows)) in lists(api) {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for row in &rows {
            let name = row["object"].as_str().unwrap_or_default();
            let mut paths = Paths::new();
            references(row, name, "", &mut paths);
            found.extend(paths.into_iter().map(|path| (path, name.to_owned())));
        }
        for (reference, name) in found {
            let levels = reference.split('.').filter(|level| *level != "data").count();
            if levels > EXPAND_LEVELS_MAX || !seen.insert(format!("{name} {reference} {}", path.split('/').count())) {
                continue;
            }
            let answer = api.get(&path, &[("limit", "100"), ("expand[]", &format!("data.{reference}"))]);
            if answer.status == 501 && UNKNOWN.contains(&(name.as_str(), reference.as_str())) {
                continue;
            }
            if answer.status != 200 {
                left.push(format!("{path} {name}.{reference}: {} {}", answer.status, answer.body["error"]["message"]));
                continue;
            }
            let mut values = Vec::new();
            at(&answer.body["data"], &reference.split('.').collect::<Vec<_>>(), &mut values);
            let stays = values.iter().find(|value| value.is_string());
            left.extend(stays.map(|id| format!("{path} {name}.{reference} stays {id}")));
        }
    }
    left
}

/// Payments between a platform and an account of its, with all that follows from them.
fn trade(api: &Client) -> Client {
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    let owner = customer(api, &[("source", "tok_visa")]);
    let method = attached(api, "pm_card_bypassPending", &owner);
    let shared = [("transfer_data[destination]", &*seller), ("application_fee_amount", "100")];
    let paid = pay(api, &method, &with(&[("customer", &owner), ("on_behalf_of", &seller)], &shared)).ok();
    let both = [("reverse_transfer", "true"), ("refund_application_fee", "true"), ("amount", "500")];
    refund(api, text(&paid, "latest_charge"), &both).ok();
    let direct = pay(&theirs, "pm_card_bypassPending", &[("application_fee_amount", "100")]).ok();
    refund(&theirs, text(&direct, "latest_charge"), &[("amount", "500"), ("refund_application_fee", "true")]).ok();
    pay(api, "pm_card_createDispute", &[]).ok();
    pay(api, "pm_card_riskLevelElevated", &[]).ok();
    pay(api, "pm_card_createIssuerFraudRecord", &[]).ok();
    pay(api, "pm_card_refundFail", &[]).ok();
    charge(api, &[("customer", &owner)]).ok();
    intent(api, &[("payment_method", "pm_card_visa")]).ok();
    let setup = [("confirm", "true"), ("payment_method", "pm_card_visa"), ("payment_method_types[]", "card")];
    api.post("/v1/setup_intents", &setup).ok();
    subscribe(api, (&owner, &method), &seller);
    theirs
}

/// A subscription, a schedule and a quote of a customer, and a link that sells for an account.
fn subscribe(api: &Client, (customer, method): (&str, &str), seller: &str) {
    let price =
        [("currency", "usd"), ("unit_amount", "900"), ("recurring[interval]", "month"), ("product_data[name]", "Tea")];
    let price = id(&api.post("/v1/prices", &price).ok());
    let pays = [("customer", customer), ("default_payment_method", method)];
    api.post("/v1/subscriptions", &with(&pays, &[("items[0][price]", &price)])).ok();
    let later = [("customer", customer), ("start_date", "now"), ("phases[0][items][0][price]", &price)];
    api.post("/v1/subscription_schedules", &later).ok();
    api.post("/v1/quotes", &[("customer", customer), ("line_items[0][price]", &price)]).ok();
    let shared = [("transfer_data[destination]", seller), ("on_behalf_of", seller)];
    let sold = [("line_items[0][price]", &*price), ("line_items[0][quantity]", "1")];
    api.post("/v1/payment_links", &with(&sold, &shared)).ok();
    let session = [("mode", "subscription"), ("success_url", "https://shop.example"), ("customer", customer)];
    api.post("/v1/checkout/sessions", &with(&session, &sold)).ok();
    api.post(&format!("/v1/customers/{customer}/tax_ids"), &[("type", "eu_vat"), ("value", "DE123456789")]).ok();
}

#[test]
fn every_reference_is_expanded() {
    let api = walk::full("expand-every");
    let theirs = trade(&api);
    let mut seen = Paths::new();
    let mut left = left(&api, &mut seen);
    left.extend(self::left(&theirs, &mut Paths::new()));
    assert!(seen.len() > 100, "{}: {seen:?}", seen.len());
    assert!(left.is_empty(), "{} of {}:\n{}", left.len(), seen.len(), left.join("\n"));
}

#[test]
fn what_is_between_accounts_is_expanded_from_both_sides() {
    let api = sandbox("expand-accounts");
    let theirs = trade(&api);
    let transfer =
        rows(&api.get("/v1/transfers", &[("expand[]", "data.destination_payment.source_transfer")]).ok())[0].clone();
    let payment = &transfer["destination_payment"];
    assert_eq!((text(payment, "object"), &payment["source_transfer"]["id"]), ("charge", &transfer["id"]));
    let own = format!("/v1/charges/{}", text(payment, "id"));
    let there = theirs.get(&own, &[("expand[]", "source_transfer"), ("expand[]", "application_fee")]).ok();
    assert_eq!(
        (&there["source_transfer"]["id"], text(&there["application_fee"], "object")),
        (&transfer["id"], "application_fee")
    );
    let application = theirs.get(&own, &[("expand[]", "application")]).ok()["application"].clone();
    assert_eq!((text(&application, "object"), &application["name"]), ("application", &Value::Null));
    assert!(text(&application, "id").starts_with("ca_"), "{application}");
}

#[test]
fn a_dispute_is_expanded_in_its_charge() {
    let api = sandbox("expand-dispute");
    let paid = pay(&api, "pm_card_createDispute", &[("expand[]", "latest_charge")]).ok();
    let own = format!("/v1/charges/{}", text(&paid["latest_charge"], "id"));
    let shown = api.get(&own, &[("expand[]", "dispute.balance_transactions")]).ok();
    assert_eq!((text(&shown["dispute"], "object"), &shown["dispute"]["charge"]), ("dispute", &shown["id"]));
}

#[test]
fn what_cannot_be_expanded_is_refused_and_nothing_is_done() {
    let api = sandbox("expand-unknown");
    let product = [("name", "Tea"), ("tax_code", "txcd_99999998"), ("expand[]", "tax_code")];
    let error = api.post("/v1/products", &product).refused(501);
    assert_eq!(
        error["message"],
        "Pinstripe does not implement expanding `tax_code` (txcd_99999998) yet. Nothing was done."
    );
    assert!(rows(&api.get("/v1/products", &[]).ok()).is_empty());
    let made = api.post("/v1/products", &product[..2]).ok();
    assert_eq!(api.get(&format!("/v1/products/{}", id(&made)), &product[2..]).status, 501);
}
