//! A walk over the whole catalogue: every operation without rules is called with what its parameter tree allows.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pinstripe::catalogue::{self, Field, Find, Method, Operation, Returns, Type};
use pinstripe::generic::coverage::{self, Coverage};
use serde_json::Value;

use crate::support::client::{Client, sandbox};
use crate::tidy::docs::is_written;

/// The kinds that parameters of these names mean.
const NAMES: &[(&str, &str)] = &[
    ("account_tax_ids", "tax_id"),
    ("card", "issuing.card"),
    ("cardholder", "issuing.cardholder"),
    ("charge", "charge"),
    ("configuration", "billing_portal.configuration"),
    ("coupon", "coupon"),
    ("credit_note", "credit_note"),
    ("customer", "customer"),
    ("default_payment_method", "payment_method"),
    ("default_price", "price"),
    ("default_tax_rates", "tax_rate"),
    ("destination", "account"),
    ("entitlement_feature", "entitlements.feature"),
    ("from_invoice", "invoice"),
    ("invoice", "invoice"),
    ("transaction", "issuing.transaction"),
    ("feature", "entitlements.feature"),
    ("file", "file"),
    ("feedback_option", "billing.feedback_option"),
    ("feedback_options", "billing.feedback_option"),
    ("financial_account", "treasury.financial_account"),
    ("from_financial_account", "treasury.financial_account"),
    ("from_subscription", "subscription"),
    ("issuing_card", "issuing.card"),
    ("location", "terminal.location"),
    ("meter", "billing.meter"),
    ("payment_method", "payment_method"),
    ("payment_method_configuration", "payment_method_configuration"),
    ("plan", "plan"),
    ("price", "price"),
    ("product", "product"),
    ("promotion_code", "promotion_code"),
    ("received_credit", "treasury.received_credit"),
    ("received_debit", "treasury.received_debit"),
    ("shipping_rate", "shipping_rate"),
    ("subscription", "subscription"),
    ("subscription_item", "subscription_item"),
    ("tax_rates", "tax_rate"),
    ("test_clock", "test_helpers.test_clock"),
    ("value_list", "radar.value_list"),
    ("account", "account"),
    ("on_behalf_of", "account"),
];

/// Kinds that only operations without a table row make, or that come in with an upload.
const OUT_OF_REACH: &[&str] = &["application_fees.refunds.create", "file_links.create", "issuing.disputes.create"];

/// What a full request leaves out: the operation, the parameter, why in a word.
const LEFT_OUT: &[(&str, &str)] = &[];

/// A client with one object of each kind that has rules and that others name.
struct World {
    client: Client,
    ids: BTreeMap<String, String>,
    /// How many values that no two objects may share were made.
    unique: Cell<usize>,
}

impl World {
    fn new(name: &str) -> Self {
        let mut world = World { client: sandbox(name), ids: BTreeMap::new(), unique: Cell::new(0) };
        for (kind, path, params) in [
            ("customer", "/v1/customers", &[("email", "jenny@example.com")][..]),
            ("account", "/v1/accounts", &[("type", "standard")]),
            ("charge", "/v1/charges", &[("amount", "1000"), ("currency", "usd"), ("source", "tok_visa")]),
            ("payment_method", "/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]),
            ("payment_intent", "/v1/payment_intents", &[("amount", "1000"), ("currency", "usd")]),
        ] {
            let made = world.client.post(path, params).ok();
            world.keep(kind, &made);
        }
        let product = world.client.post("/v1/products", &[("name", "Mug")]).ok();
        world.keep("product", &product);
        let monthly = [
            ("currency", "usd"),
            ("product", world.ids["product"].as_str()),
            ("recurring[interval]", "month"),
            ("unit_amount", "1000"),
        ];
        let price = world.client.post("/v1/prices", &monthly).ok();
        let coupon = world.client.post("/v1/coupons", &[("percent_off", "10")]).ok();
        world.keep("coupon", &coupon);
        let promotion = [("promotion[type]", "coupon"), ("promotion[coupon]", world.ids["coupon"].as_str())];
        let code = world.client.post("/v1/promotion_codes", &promotion).ok();
        world.keep("promotion_code", &code);
        let rate = [("display_name", "VAT"), ("inclusive", "false"), ("percentage", "20")];
        let rate = world.client.post("/v1/tax_rates", &rate).ok();
        world.keep("tax_rate", &rate);
        let invoice = world.client.post("/v1/invoices", &[("customer", &world.ids["customer"])]).ok();
        world.keep("invoice", &invoice);
        let trial = [
            ("customer", world.ids["customer"].as_str()),
            ("items[0][price]", price["id"].as_str().unwrap()),
            ("trial_period_days", "9"),
        ];
        let subscription = world.client.post("/v1/subscriptions", &trial).ok();
        world.keep("subscription", &subscription);
        world.keep("subscription_item", &subscription["items"]["data"][0]);
        // A recurring price is a plan, too.
        ["price", "plan"].into_iter().for_each(|kind| world.keep(kind, &price));
        world
    }

    fn keep(&mut self, kind: &str, object: &Value) {
        if let Some(id) = object["id"].as_str() {
            self.ids.insert(kind.to_owned(), id.to_owned());
        }
    }

    /// The path with ids in place of its parameters; `own` is the last one of a path that ends with its own id.
    fn path(&self, operation: &Operation, own: Option<&str>) -> Option<String> {
        let mut out = String::new();
        for segment in operation.path.split('/').skip(1) {
            out.push('/');
            match segment.strip_prefix('{') {
                None => out.push_str(segment),
                Some(_) => {
                    let id = parent_kind(&out).and_then(|kind| self.ids.get(kind));
                    let is_last = operation.path.ends_with(segment);
                    match own.filter(|_| is_last).or(id.map(String::as_str)) {
                        Some(id) => out.push_str(id),
                        None => return None,
                    }
                }
            }
        }
        Some(out)
    }

    /// The parameters of a call; `full` sends all, otherwise what is required.
    fn params(&self, operation: &Operation, full: bool) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let mut chosen: Vec<&Field> = operation.params.iter().filter(|field| field.required || full).collect();
        chosen.retain(|field| !field.legacy && !matches!(field.kind, Type::Expand | Type::File));
        chosen.retain(|field| !LEFT_OUT.contains(&(operation.name, field.name)) && field.name != "include");
        for field in chosen {
            self.value(field.kind, field.name, field.name, full, &mut out);
        }
        if catalogue::field(operation.params, "include").is_some() {
            let own = if operation.path.ends_with('}') {
                on(&operation.path.replace(['{', '}'], ""), Method::Get)
            } else {
                behind(operation, Method::Get)
            };
            out.extend(own.map_or(Vec::new(), includes));
        }
        out
    }

    fn value(&self, kind: &Type, name: &str, at: &str, full: bool, out: &mut Vec<(String, String)>) {
        // Each excludes another one beside it.
        if at.contains('[')
            && matches!(name, "flat_amount_decimal" | "unit_amount_decimal" | "price_data" | "product_data")
        {
            return;
        }
        let text = match kind {
            Type::String { max_length } => match self.text(name) {
                Some(text) => match max_length {
                    0 => text,
                    max => text.chars().take(*max as usize).collect(),
                },
                None => return,
            },
            // The price of the world is one to subscribe to.
            Type::Enum(values) if at == "mode" && values.contains(&"subscription") => "subscription".to_owned(),
            Type::Enum(values) => match values.first() {
                Some(value) => (*value).to_owned(),
                None => return,
            },
            Type::Boolean => "true".to_owned(),
            Type::Integer if name == "exp_year" => "2031".to_owned(),
            Type::Integer => "10".to_owned(),
            Type::Timestamp => "1900000000".to_owned(),
            Type::Number | Type::Decimal => "1.5".to_owned(),
            Type::Int64String => "7".to_owned(),
            Type::Metadata => return out.push((format!("{at}[order]"), "6735".to_owned())),
            Type::Object(fields) => {
                let full = full || !fields.iter().any(|field| field.required);
                let chosen = fields.iter().filter(|field| (field.required || full) && !field.legacy);
                for field in chosen {
                    self.value(field.kind, field.name, &format!("{at}[{}]", field.name), full, out);
                }
                return;
            }
            Type::Array(of) => return self.value(of, name, &format!("{at}[0]"), full, out),
            Type::Map(of) => return self.value(of, name, &format!("{at}[usd]"), full, out),
            Type::AnyOf(kinds) => return self.value(kinds[0], name, at, full, out),
            Type::FreeObject | Type::Any => return out.push((format!("{at}[key]"), "value".to_owned())),
            Type::Range | Type::Expand | Type::File | Type::Ref(_) | Type::Expandable(_) | Type::List(_) => return,
        };
        out.push((at.to_owned(), text));
    }

    /// A text for a parameter; `None` when it names something that is not there.
    fn text(&self, name: &str) -> Option<String> {
        if let Some((_, kind)) = NAMES.iter().find(|(known, _)| *known == name) {
            return self.ids.get(*kind).cloned();
        }
        if matches!(name, "alias" | "event_name" | "lookup_key") {
            self.unique.set(self.unique.get() + 1);
            return Some(format!("text_{}", self.unique.get()));
        }
        let fixed = match name {
            "country" => "US",
            "email" | "customer_email" | "receipt_email" => "jenny@example.com",
            "tax_code" => "txcd_99999999",
            name if name.ends_with("currency") => "usd",
            name if name.ends_with("url") => "https://example.com/",
            _ => "text",
        };
        Some(fixed.to_owned())
    }
}

/// All that an operation can be asked to show.
fn includes(operation: &Operation) -> Vec<(String, String)> {
    match catalogue::field(operation.params, "include").map(|field| field.kind) {
        Some(Type::Array(Type::Enum(values))) => {
            values.iter().enumerate().map(|(i, value)| (format!("include[{i}]"), (*value).to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

/// The kind that the operation with this path and an id behind it answers with.
fn parent_kind(path: &str) -> Option<&'static str> {
    let path = format!("{path}x");
    [Method::Get, Method::Post, Method::Delete].into_iter().find_map(|method| match catalogue::find(method, &path) {
        Find::Operation(found) => answered(found.operation),
        _ => None,
    })
}

fn answered(operation: &Operation) -> Option<&'static str> {
    match operation.returns {
        Returns::Object(names) | Returns::List(names) => {
            names.iter().copied().find(|name| !name.starts_with("deleted:"))
        }
        Returns::Deleted(name) => Some(name),
        _ => None,
    }
}

fn send(client: &Client, method: Method, path: &str, params: &[(String, String)]) -> crate::support::client::Answer {
    let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    match method {
        Method::Get => client.get(path, &params),
        Method::Post => client.post(path, &params),
        Method::Delete => client.delete(path),
    }
}

fn creates() -> Vec<&'static Operation> {
    let shapes = catalogue::operations().iter().filter(|operation| coverage::of(operation) == Coverage::Shape);
    let makes = |operation: &&'static Operation| operation.name.ends_with(".create") && !operation.multipart;
    let of_a_kind = |operation: &&'static Operation| answered(operation).is_some();
    shapes.filter(makes).filter(of_a_kind).filter(|operation| !OUT_OF_REACH.contains(&operation.name)).collect()
}

/// Makes one object of each kind with what is required alone; what names another waits for it.
fn populate(world: &mut World, faults: &mut Vec<String>) {
    let mut open = creates();
    loop {
        let before = open.len();
        let mut errors = Vec::new();
        open.retain(|operation| {
            let made = catch_unwind(AssertUnwindSafe(|| {
                let path = world.path(operation, None)?;
                Some(make(world, operation, &path))
            }));
            match made {
                Ok(Some((200, body))) => {
                    world.keep(answered(operation).unwrap(), &body);
                    false
                }
                Ok(Some((status, body))) => {
                    errors.push(format!("{}: {status} {}", operation.name, body["error"]["message"]));
                    true
                }
                Ok(None) => {
                    errors.push(format!("{}: no parent", operation.name));
                    true
                }
                Err(panic) => {
                    errors.push(format!("{}: {}", operation.name, said(&panic)));
                    true
                }
            }
        });
        if open.len() == before {
            faults.extend(errors);
            return;
        }
    }
}

/// Creates with what is required; what the answer says is missing is added, as a user would.
fn make(world: &World, operation: &Operation, path: &str) -> (u16, Value) {
    let mut params = world.params(operation, false);
    for _ in 0..4 {
        let answer = send(&world.client, operation.method, path, &params);
        let missing = (answer.body["error"]["code"] == "parameter_missing")
            .then(|| answer.body["error"]["param"].as_str().unwrap_or_default().to_owned());
        let field = missing.as_deref().and_then(|name| catalogue::field(operation.params, name));
        let sent = |name: &str| params.iter().any(|(param, _)| param.split('[').next() == Some(name));
        let also = field.filter(|field| !sent(field.name)).or_else(|| {
            let mut either = EITHER.iter().filter(|(name, param)| *name == operation.name && !sent(param));
            catalogue::field(operation.params, either.next()?.1)
        });
        let Some(field) = also.filter(|_| answer.status != 200) else { return (answer.status, answer.body) };
        let before = params.len();
        world.value(field.kind, field.name, field.name, false, &mut params);
        if params.len() == before {
            return (answer.status, answer.body);
        }
    }
    (0, Value::Null)
}

/// What changes by itself a moment after the answer: the operation, the member.
const FINISHED_LATER: &[(&str, &str)] = &[
    ("reporting.report_runs.create", "result"),
    ("reporting.report_runs.create", "status"),
    ("reporting.report_runs.create", "succeeded_at"),
];

/// Of several parameters these need one, and the error names none.
const EITHER: &[(&str, &str)] = &[("v2.core.event_destinations.create", "amazon_eventbridge")];

fn said(panic: &Box<dyn std::any::Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned().or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_default().lines().take(3).collect::<Vec<_>>().join(" | ")
}

/// A sandbox with objects of every kind without rules, made with all that can be sent.
pub(crate) fn full(name: &str) -> Client {
    let mut world = World::new(name);
    populate(&mut world, &mut Vec::new());
    for operation in creates() {
        if let Some(path) = world.path(operation, None) {
            // What cannot be made in full was made with what is required.
            let _ = everything(&world, operation, &path);
        }
    }
    world.client
}

#[test]
fn everything_can_be_made_with_what_is_required_alone() {
    let mut world = World::new("walk-minimal");
    let mut faults = Vec::new();
    populate(&mut world, &mut faults);
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), creates().len(), faults.join("\n"));
}

#[test]
fn the_table_of_coverage_is_committed() {
    pinstripe::resources::install();
    is_written("docs/coverage.md", &coverage::table());
}

/// The operation with this method on a path with an id behind another's.
fn behind(operation: &Operation, method: Method) -> Option<&'static Operation> {
    let path = format!("{}/x", operation.path.replace(['{', '}'], ""));
    match catalogue::find(method, &path) {
        Find::Operation(found) if coverage::of(found.operation) == Coverage::Shape => Some(found.operation),
        _ => None,
    }
}

fn on(path: &str, method: Method) -> Option<&'static Operation> {
    match catalogue::find(method, path) {
        Find::Operation(found) if coverage::of(found.operation) == Coverage::Shape => Some(found.operation),
        _ => None,
    }
}

/// Whether what was sent is what is shown, wherever the answer has a place for it.
fn differs(sent: &[(String, String)], shown: &Value, fields: &'static [Field]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, value) in sent {
        let keys: Vec<&str> = name.split(['[', ']']).filter(|key| !key.is_empty()).collect();
        if let Some(found) = place(shown, fields, &keys) {
            let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            let same = matches!(value.as_str(), "now" | "inf" | "current_period_end" | "max_billed_until")
                || text == *value
                || text.parse::<f64>().is_ok_and(|n| value.parse() == Ok(n));
            let expanded = found["id"] == value.as_str();
            if !same && !expanded {
                faults.push(format!("{name}={value} is shown as {text}"));
            }
        }
    }
    faults
}

/// The value at a path of keys; `None` when the type has no such place.
fn place<'v>(shown: &'v Value, fields: &'static [Field], keys: &[&str]) -> Option<&'v Value> {
    let (first, rest) = keys.split_first()?;
    let field = catalogue::field(fields, first)?;
    let value = shown.get(first).unwrap_or(&Value::Null);
    within(value, field.kind, rest)
}

fn within<'v>(value: &'v Value, kind: &'static Type, keys: &[&str]) -> Option<&'v Value> {
    match (kind, keys) {
        (Type::Object(fields), [_, ..]) => place(value, fields, keys),
        (Type::Array(of), [index, rest @ ..]) => {
            within(value.get(index.parse::<usize>().ok()?).unwrap_or(&Value::Null), of, rest)
        }
        (Type::Map(of), [key, rest @ ..]) => within(value.get(key).unwrap_or(&Value::Null), of, rest),
        (Type::Metadata, [key]) => Some(value.get(key).unwrap_or(&Value::Null)),
        (Type::Enum(_) | Type::Any | Type::AnyOf(_) | Type::List(_) | Type::Object(_) | Type::Ref(_), _) => None,
        (_, []) => Some(value),
        _ => None,
    }
}

/// A call with everything that its parameter tree has. What names something that is not there, or excludes something
/// else, is left out when the answer names it; an answer that names nothing is a fault.
fn everything(world: &World, operation: &Operation, path: &str) -> Result<(Vec<(String, String)>, Value), String> {
    let mut sent = world.params(operation, true);
    for _ in 0..60 {
        let answer = send(&world.client, operation.method, path, &sent);
        if answer.status == 200 {
            return Ok((sent, answer.body));
        }
        let error = &answer.body["error"];
        let param = error["param"].as_str().unwrap_or_default().to_owned();
        let before = sent.len();
        let mut out = param.as_str();
        while sent.len() == before && !out.is_empty() {
            sent.retain(|(name, _)| name != out && !name.starts_with(&format!("{out}[")));
            out = out.rsplit_once('[').map_or("", |(outer, _)| outer);
        }
        if sent.len() == before {
            return Err(format!("{} {} {param}", answer.status, error["message"]));
        }
    }
    Err("no end".to_owned())
}

/// One kind's life: made with everything, shown, changed, listed, expanded, deleted.
fn live(world: &World, operation: &'static Operation) -> Vec<String> {
    let client = &world.client;
    let mut faults = Vec::new();
    let fields = catalogue::object(answered(operation).unwrap()).unwrap().fields;
    let path = world.path(operation, None).unwrap();
    let made = match everything(world, operation, &path) {
        Ok((sent, made)) => {
            faults.extend(differs(&sent, &made, fields));
            made
        }
        Err(said) => {
            faults.push(format!("full: {said}"));
            let (status, body) = make(world, operation, &path);
            assert_eq!(status, 200, "{body}");
            body
        }
    };
    let Some(id) = made["id"].as_str() else { return faults };
    let own = format!("{path}/{id}");
    if let Some(retrieve) = behind(operation, Method::Get) {
        let mut shown = send(client, Method::Get, &own, &includes(retrieve)).ok();
        for (_, member) in FINISHED_LATER.iter().filter(|(name, _)| *name == operation.name) {
            assert_ne!(shown[member], made[member], "{member} is as it was");
            shown[member] = made[member].clone();
        }
        if shown != made {
            faults.push(format!("retrieve shows {shown}, create {made}"));
        }
        for field in fields.iter().filter(|field| matches!(field.kind, Type::Expandable(_))) {
            let Type::Expandable(targets) = field.kind else { continue };
            let mut of_kind = targets.iter().filter_map(|target| world.ids.get(*target));
            let known = made[field.name].as_str().is_some_and(|id| of_kind.any(|known| known == id));
            if known {
                let expanded = client.get(&own, &[("expand[]", field.name)]).ok();
                assert!(expanded[field.name].is_object(), "{} stays {}", field.name, expanded[field.name]);
            }
        }
    }
    if let Some(update) = behind(operation, Method::Post) {
        match everything(world, update, &own) {
            Ok((sent, changed)) => {
                faults.extend(differs(&sent, &changed, fields).into_iter().map(|text| format!("update: {text}")));
            }
            Err(said) => faults.push(format!("update: {said}")),
        }
        let metadata = catalogue::field(update.params, "metadata").is_some() && made["metadata"].is_object();
        if metadata {
            client.post(&own, &[("metadata[a]", "1")]).ok();
            let merged = client.post(&own, &[("metadata[b]", "2"), ("metadata[a]", "")]).ok();
            assert_eq!((&merged["metadata"]["a"], &merged["metadata"]["b"]), (&Value::Null, &Value::from("2")));
        }
    }
    if let Some(list) = on(&path, Method::Get) {
        let mut filters = Vec::new();
        for field in list.params.iter().filter(|field| field.required) {
            world.value(field.kind, field.name, field.name, false, &mut filters);
        }
        let rows = send(client, Method::Get, &path, &filters).ok();
        if rows["data"][0]["id"] != id {
            faults.push(format!("the list does not begin with {id}"));
        }
    }
    if behind(operation, Method::Delete).is_some_and(|delete| matches!(delete.returns, Returns::Deleted(_))) {
        let stub = client.delete(&own).ok();
        assert_eq!((&stub["deleted"], &stub["id"]), (&Value::from(true), &Value::from(id)));
        let gone = client.get(&own, &[]);
        assert!(gone.status == 404 || gone.body["deleted"] == true, "{}", gone.text);
    }
    faults
}

#[test]
fn what_is_sent_is_kept_shown_changed_listed_expanded_and_deleted() {
    let mut world = World::new("walk-full");
    populate(&mut world, &mut Vec::new());
    let mut faults = Vec::new();
    for operation in creates() {
        match catch_unwind(AssertUnwindSafe(|| live(&world, operation))) {
            Ok(found) => faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", operation.name))),
            Err(panic) => faults.push(format!("{}: {}", operation.name, said(&panic))),
        }
    }
    assert!(faults.is_empty(), "{}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_operation_refuses_what_it_does_not_know_or_cannot_read() {
    let client = sandbox("walk-errors");
    for operation in catalogue::operations().iter().filter(|operation| operation.path.starts_with("/v1/")) {
        if operation.method == Method::Delete || operation.multipart {
            continue;
        }
        let path = operation.path.replace(['{', '}'], "");
        let unknown = send(&client, operation.method, &path, &[("bogus".to_owned(), "1".to_owned())]).refused(400);
        assert_eq!((&unknown["code"], &unknown["param"]), (&"parameter_unknown".into(), &"bogus".into()), "{path}");
        if let Some(required) = operation.params.iter().find(|field| field.required) {
            let missing = send(&client, operation.method, &path, &[]).refused(400);
            assert_eq!(missing["code"], "parameter_missing", "{path} without {}: {missing}", required.name);
        }
        let number = operation.params.iter().find(|field| matches!(field.kind, Type::Integer));
        if let Some(number) = number {
            let malformed = [(number.name.to_owned(), "many".to_owned())];
            let refused = send(&client, operation.method, &path, &malformed).refused(400);
            assert_eq!(
                (&refused["code"], &refused["param"]),
                (&"parameter_invalid_integer".into(), &number.name.into())
            );
        }
    }
}
