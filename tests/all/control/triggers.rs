//! `POST /_pinstripe/trigger`: an event happens to an object of the user's own, by the API's own rules.

use pinstripe::catalogue::{self, Find};
use pinstripe::contract::Act;
use pinstripe::triggers;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox};
use crate::support::flows::{
    Params, add_source, card_source, charge, charged, customer, id, ids, int, rows, text, the_charge, with,
};

/// Asks for an event in the sandbox `name`.
fn trigger(name: &str, event: &str, id: &str) -> Answer {
    let target = format!("/_pinstripe/trigger?sandbox={name}&event={event}&id={id}");
    raw(sandbox(name).url(), "POST", &target, &[], None)
}

/// The types of the events that came of it, in order.
#[track_caller]
fn triggered(name: &str, event: &str, id: &str) -> Vec<String> {
    let answer = trigger(name, event, id).ok();
    answer["events"].as_array().unwrap().iter().map(|event| text(event, "type").to_owned()).collect()
}

/// Why an event can't happen.
#[track_caller]
fn refused(name: &str, event: &str, id: &str, status: u16) -> String {
    let events = |api: &Client| ids(&api.get("/v1/events", &[("limit", "100")]).ok());
    let api = sandbox(name);
    let before = events(&api);
    let error = trigger(name, event, id).refused(status);
    assert_eq!(events(&api), before, "nothing was done");
    text(&error, "message").to_owned()
}

fn intent(api: &Client, params: Params<'_>) -> String {
    let base = [("amount", "2000"), ("currency", "usd"), ("return_url", "https://example.com"), ("confirm", "true")];
    let unconfirmed = params.iter().all(|(name, _)| *name != "payment_method");
    let base = if unconfirmed { &base[..2] } else { &base[..] };
    id(&api.post("/v1/payment_intents", &with(base, params)).ok())
}

fn setup(api: &Client) -> String {
    id(&api.post("/v1/setup_intents", &[]).ok())
}

fn held(api: &Client) -> String {
    id(&charge(api, &[("source", "tok_visa"), ("capture", "false")]).ok())
}

fn card(api: &Client) -> String {
    id(&add_source(api, &customer(api, &[]), "tok_visa").ok())
}

fn attached(api: &Client) -> String {
    let customer = customer(api, &[]);
    id(&api.post("/v1/payment_methods/pm_card_visa/attach", &[("customer", &customer)]).ok())
}

fn refund(api: &Client) -> String {
    id(&api.post("/v1/refunds", &[("charge", &id(&charged(api, &[])))]).ok())
}

fn dispute(api: &Client) -> String {
    let paid = intent(api, &[("payment_method", "pm_card_createDispute")]);
    id(&rows(&api.get("/v1/disputes", &[("payment_intent", &paid)]).ok())[0])
}

fn payout(api: &Client) -> String {
    charge(api, &[("source", "tok_bypassPending")]).ok();
    id(&api.post("/v1/payouts", &[("amount", "1000"), ("currency", "usd")]).ok())
}

fn topup(api: &Client) -> String {
    id(&api.post("/v1/topups", &[("amount", "1000"), ("currency", "usd"), ("source", "btok_us_verified")]).ok())
}

/// An intent that waits for a bank transfer.
fn transfer(api: &Client) -> String {
    let customer = customer(api, &[]);
    let options = "payment_method_options[customer_balance]";
    let (funding, kind) = (format!("{options}[funding_type]"), format!("{options}[bank_transfer][type]"));
    let params = [
        ("amount", "2000"),
        ("currency", "usd"),
        ("customer", customer.as_str()),
        ("confirm", "true"),
        ("payment_method_types[]", "customer_balance"),
        ("payment_method_data[type]", "customer_balance"),
        (&funding, "bank_transfer"),
        (&kind, "us_bank_transfer"),
    ];
    id(&api.post("/v1/payment_intents", &params).ok())
}

/// An invoice with one line, on which this was done.
fn invoice(api: &Client, done: &[&str]) -> String {
    let customer = customer(api, &[("email", "ada@example.com")]);
    let item = [("customer", customer.as_str()), ("amount", "2000"), ("currency", "usd")];
    api.post("/v1/invoiceitems", &item).ok();
    let sweeps = [("customer", customer.as_str()), ("pending_invoice_items_behavior", "include")];
    let invoice = id(&api.post("/v1/invoices", &sweeps).ok());
    done.iter().for_each(|verb| drop(api.post(&format!("/v1/invoices/{invoice}/{verb}"), &[]).ok()));
    invoice
}

/// An invoice that was sent.
fn sent(api: &Client) -> String {
    let customer = customer(api, &[("email", "ada@example.com")]);
    let sent = [("customer", &*customer), ("collection_method", "send_invoice"), ("days_until_due", "7")];
    let invoice = id(&api.post("/v1/invoices", &sent).ok());
    let item = [("customer", &*customer), ("invoice", &invoice), ("amount", "2000"), ("currency", "usd")];
    api.post("/v1/invoiceitems", &item).ok();
    api.post(&format!("/v1/invoices/{invoice}/finalize"), &[]).ok();
    invoice
}

/// A monthly price.
fn price(api: &Client) -> String {
    let price =
        [("currency", "usd"), ("unit_amount", "1000"), ("recurring[interval]", "month"), ("product_data[name]", "Tea")];
    id(&api.post("/v1/prices", &price).ok())
}

/// A customer whose card pays.
fn attached_to(api: &Client) -> String {
    id(&customer_with(api, "tok_visa"))
}

fn customer_with(api: &Client, token: &str) -> Value {
    api.post("/v1/customers", &[("source", token)]).ok()
}

fn subscription(api: &Client, params: Params<'_>) -> String {
    let (customer, price) = (attached_to(api), price(api));
    let base = [("customer", &*customer), ("items[0][price]", &price), ("billing_mode[type]", "flexible")];
    id(&api.post("/v1/subscriptions", &with(&base, params)).ok())
}

/// A subscription whose first invoice is open.
fn incomplete(api: &Client) -> String {
    subscription(api, &[("payment_behavior", "default_incomplete")])
}

/// A subscription whose trial ended without a payment method.
fn paused(api: &Client) -> String {
    let subscription = subscription(api, &[]);
    api.post(&format!("/v1/subscriptions/{subscription}/pause"), &[]).ok();
    subscription
}

/// A subscription whose update waits for the customer.
fn pending(api: &Client) -> String {
    let subscription = subscription(api, &[]);
    let path = format!("/v1/subscriptions/{subscription}");
    let stored = api.get(&path, &[]).ok();
    let customer = text(&stored, "customer");
    let card = [("customer", customer)];
    let card = id(&api.post("/v1/payment_methods/pm_card_authenticationRequired/attach", &card).ok());
    api.post(&path, &[("default_payment_method", &card)]).ok();
    let item = text(&stored["items"]["data"][0], "id");
    let change = [
        ("items[0][id]", item),
        ("items[0][quantity]", "5"),
        ("payment_behavior", "pending_if_incomplete"),
        ("proration_behavior", "always_invoice"),
    ];
    let changed = api.post(&path, &change).ok();
    assert!(!changed["pending_update"].is_null(), "{changed}");
    subscription
}

/// An active schedule.
fn schedule(api: &Client) -> String {
    let subscription = subscription(api, &[]);
    id(&api.post("/v1/subscription_schedules", &[("from_subscription", &subscription)]).ok())
}

fn credit_note(api: &Client) -> String {
    let invoice = invoice(api, &["finalize"]);
    id(&api.post("/v1/credit_notes", &[("invoice", &invoice), ("amount", "500")]).ok())
}

/// A customer with a discount.
fn discounted(api: &Client) -> String {
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "10")]).ok());
    id(&api.version("2022-11-15").post("/v1/customers", &[("coupon", &coupon)]).ok())
}

/// A draft whose taxes cannot be computed.
fn unknown_place(api: &Client) -> String {
    let office = [
        ("head_office[address][country]", "DE"),
        ("head_office[address][line1]", "Weg 1"),
        ("head_office[address][city]", "Berlin"),
        ("head_office[address][postal_code]", "10115"),
        ("defaults[tax_code]", "txcd_99999999"),
    ];
    api.post("/v1/tax/settings", &office).ok();
    let customer = customer(api, &[("address[country]", "DE"), ("address[postal_code]", "10115")]);
    let taxed = [("customer", customer.as_str()), ("automatic_tax[enabled]", "true")];
    let invoice = id(&api.post("/v1/invoices", &taxed).ok());
    api.post(&format!("/v1/customers/{customer}"), &[("address", "")]).ok();
    invoice
}

fn external_account(api: &Client) -> String {
    let account = id(&api.get("/v1/account", &[]).ok());
    let path = format!("/v1/accounts/{account}/external_accounts");
    id(&api.post(&path, &[("external_account", "btok_us_verified")]).ok())
}

/// What the event is to happen to.
type Setup = fn(&Client) -> String;

/// Events with objects that they can happen to.
const CAN: &[(&str, Setup)] = &[
    ("customer.updated", |api| customer(api, &[])),
    ("customer.deleted", |api| customer(api, &[])),
    ("customer.source.created", |api| customer(api, &[])),
    ("customer.source.updated", card),
    ("customer.source.deleted", card),
    ("payment_method.attached", |api| customer(api, &[])),
    ("payment_method.updated", attached),
    ("payment_method.detached", attached),
    ("charge.updated", |api| id(&charged(api, &[]))),
    ("charge.captured", held),
    ("charge.captured", |api| intent(api, &[("payment_method", "pm_card_visa"), ("capture_method", "manual")])),
    ("charge.expired", held),
    ("charge.expired", |api| intent(api, &[("payment_method", "pm_card_visa"), ("capture_method", "manual")])),
    ("charge.refunded", |api| id(&charged(api, &[]))),
    ("charge.refunded", |api| intent(api, &[("payment_method", "pm_card_visa")])),
    ("refund.created", |api| id(&charged(api, &[]))),
    ("refund.created", |api| intent(api, &[("payment_method", "pm_card_visa")])),
    ("refund.updated", refund),
    ("charge.refund.updated", refund),
    ("refund.failed", refund),
    ("charge.dispute.created", |api| id(&charged(api, &[]))),
    ("charge.dispute.created", |api| intent(api, &[("payment_method", "pm_card_visa")])),
    ("charge.dispute.funds_withdrawn", |api| id(&charged(api, &[]))),
    ("charge.dispute.updated", dispute),
    ("charge.dispute.closed", dispute),
    ("charge.dispute.funds_reinstated", dispute),
    ("radar.early_fraud_warning.created", |api| id(&charged(api, &[]))),
    ("payment_intent.succeeded", |api| intent(api, &[])),
    ("payment_intent.succeeded", |api| {
        intent(api, &[("payment_method", "pm_card_visa"), ("capture_method", "manual")])
    }),
    ("payment_intent.succeeded", |api| intent(api, &[("payment_method", "pm_card_threeDSecure2Required")])),
    ("charge.succeeded", |api| intent(api, &[])),
    ("payment_intent.payment_failed", |api| intent(api, &[])),
    ("payment_intent.payment_failed", |api| intent(api, &[("payment_method", "pm_card_threeDSecure2Required")])),
    ("charge.failed", |api| intent(api, &[])),
    ("payment_intent.requires_action", |api| intent(api, &[])),
    ("payment_intent.amount_capturable_updated", |api| intent(api, &[("capture_method", "manual")])),
    ("payment_intent.canceled", |api| intent(api, &[])),
    ("payment_intent.processing", |api| intent(api, &[("payment_method_types[]", "us_bank_account")])),
    ("charge.pending", |api| intent(api, &[("payment_method_types[]", "us_bank_account")])),
    ("payment_intent.succeeded", transfer),
    ("payment_intent.partially_funded", transfer),
    ("customer_cash_balance_transaction.created", |api| customer(api, &[])),
    ("cash_balance.funds_available", |api| customer(api, &[])),
    ("account.external_account.updated", external_account),
    ("account.external_account.deleted", external_account),
    ("setup_intent.succeeded", setup),
    ("setup_intent.setup_failed", setup),
    ("setup_intent.requires_action", setup),
    ("setup_intent.canceled", setup),
    ("payout.updated", payout),
    ("payout.canceled", payout),
    ("payout.paid", payout),
    ("payout.failed", payout),
    ("topup.succeeded", topup),
    ("topup.canceled", topup),
    ("invoiceitem.created", |api| customer(api, &[])),
    ("invoiceitem.created", |api| invoice(api, &[])),
    ("invoiceitem.deleted", |api| {
        let of = customer(api, &[]);
        let item = [("customer", of.as_str()), ("amount", "700"), ("currency", "eur")];
        id(&api.post("/v1/invoiceitems", &item).ok())
    }),
    ("invoice.created", |api| customer(api, &[])),
    ("invoice.updated", |api| invoice(api, &[])),
    ("invoice.updated", |api| invoice(api, &["finalize"])),
    ("invoice.deleted", |api| invoice(api, &[])),
    ("invoice.finalized", |api| invoice(api, &[])),
    ("invoice.finalization_failed", unknown_place),
    ("invoice.paid", |api| invoice(api, &[])),
    ("invoice.paid", |api| invoice(api, &["finalize"])),
    ("invoice.payment_succeeded", |api| invoice(api, &["finalize"])),
    ("invoice_payment.paid", |api| invoice(api, &["finalize"])),
    ("invoice_payment.paid", |api| {
        let invoice = invoice(api, &["finalize"]);
        id(&rows(&api.get("/v1/invoice_payments", &[("invoice", &invoice)]).ok())[0])
    }),
    ("invoice.payment_failed", |api| invoice(api, &[])),
    ("invoice.payment_failed", |api| invoice(api, &["finalize"])),
    ("invoice.payment_action_required", |api| invoice(api, &["finalize"])),
    ("invoice.overpaid", |api| invoice(api, &["finalize"])),
    ("invoice.sent", |api| invoice(api, &[])),
    ("invoice.voided", |api| invoice(api, &["finalize"])),
    ("invoice.marked_uncollectible", |api| invoice(api, &["finalize"])),
    ("invoice.will_be_due", sent),
    ("invoice.overdue", sent),
    ("customer.subscription.created", |api| {
        price(api);
        attached_to(api)
    }),
    ("customer.subscription.created", |api| {
        price(api);
        customer(api, &[])
    }),
    ("customer.subscription.updated", |api| subscription(api, &[])),
    ("customer.subscription.deleted", |api| subscription(api, &[])),
    ("customer.subscription.paused", |api| subscription(api, &[])),
    ("customer.subscription.resumed", paused),
    ("customer.subscription.trial_will_end", |api| subscription(api, &[("trial_period_days", "30")])),
    ("customer.subscription.pending_update_applied", pending),
    ("customer.subscription.pending_update_expired", pending),
    ("subscription_schedule.created", |api| subscription(api, &[])),
    ("subscription_schedule.updated", schedule),
    ("subscription_schedule.canceled", schedule),
    ("subscription_schedule.released", schedule),
    ("subscription_schedule.expiring", schedule),
    ("subscription_schedule.completed", schedule),
    ("subscription_schedule.aborted", schedule),
    ("invoice.upcoming", |api| subscription(api, &[])),
    ("invoice.created", |api| subscription(api, &[])),
    ("invoice.finalized", |api| subscription(api, &[])),
    ("invoice.paid", |api| subscription(api, &[])),
    ("invoice.payment_succeeded", |api| subscription(api, &[])),
    ("invoice.payment_succeeded", incomplete),
    ("invoice.payment_failed", |api| subscription(api, &[])),
    ("invoice.payment_failed", incomplete),
    ("invoice.payment_action_required", |api| subscription(api, &[])),
    ("invoice.payment_action_required", incomplete),
    ("quote.created", |api| customer(api, &[])),
    ("billing.credit_grant.created", |api| customer(api, &[])),
    ("billing.credit_balance_transaction.created", |api| customer(api, &[])),
    ("customer.tax_id.created", |api| customer(api, &[])),
    ("credit_note.created", |api| invoice(api, &["finalize"])),
    ("credit_note.created", |api| invoice(api, &["finalize", "mark_uncollectible"])),
    ("credit_note.created", |api| {
        let invoice = invoice(api, &["finalize"]);
        api.post(&format!("/v1/invoices/{invoice}/pay"), &[("paid_out_of_band", "true")]).ok();
        invoice
    }),
    ("credit_note.updated", credit_note),
    ("credit_note.voided", credit_note),
    ("customer.discount.created", |api| customer(api, &[])),
    ("customer.discount.created", |api| invoice(api, &[])),
    ("customer.discount.updated", discounted),
    ("customer.discount.deleted", discounted),
    ("customer.discount.deleted", |api| {
        let coupon = id(&api.post("/v1/coupons", &[("percent_off", "10")]).ok());
        let invoice = invoice(api, &[]);
        api.post(&format!("/v1/invoices/{invoice}"), &[("discounts[0][coupon]", &coupon)]).ok();
        invoice
    }),
];

#[test]
fn each_event_happens_to_the_objects_that_it_can_happen_to() {
    for (position, (event, setup)) in CAN.iter().enumerate() {
        let name = format!("trigger-can-{position}");
        let api = sandbox(&name);
        let object = setup(&api);
        let before = ids(&api.get("/v1/events", &[("limit", "100")]).ok());
        let answer = trigger(&name, event, &object);
        assert_eq!(answer.status, 200, "{event} on {object}: {}", answer.text);
        let events = answer.body["events"].as_array().unwrap();
        assert!(events.iter().any(|told| told["type"] == *event), "{event} on {object}: {}", answer.text);
        // They are the API's events, each once, and no other came of it.
        let listed = ids(&api.get("/v1/events", &[("limit", "100")]).ok());
        let mut new: Vec<_> = listed.into_iter().filter(|id| !before.contains(id)).collect();
        new.reverse();
        assert_eq!(new, events.iter().map(id).collect::<Vec<_>>(), "{event} on {object}");
    }
}

#[test]
fn every_row_names_what_the_api_has() {
    pinstripe::resources::install();
    for way in triggers::ways() {
        let event = way.trigger.event;
        assert!(catalogue::event_types().iter().any(|known| known.name == event), "there is no event {event}");
        assert!(catalogue::object(way.kind.name()).is_some(), "{event}: there is no object {}", way.kind.name());
        if let Act::Call(method, path, _) = way.trigger.act {
            assert!(matches!(catalogue::find(method, path), Find::Operation(_)), "{event}: no {path}");
        }
        assert!(!way.describe().is_empty());
    }
}

#[test]
fn a_dispute_takes_the_money_of_the_charge() {
    let name = "trigger-dispute";
    let api = sandbox(name);
    let charge = id(&charged(&api, &[]));
    assert_eq!(
        triggered(name, "charge.dispute.created", &charge)[..2],
        ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    );
    let disputed = the_charge(&api, &charge);
    assert_eq!(disputed["disputed"], true);
    let dispute = rows(&api.get("/v1/disputes", &[("charge", &charge)]).ok())[0].clone();
    assert_eq!((text(&dispute, "status"), int(&dispute, "amount")), ("needs_response", 2000));
    // Once disputed, it can't be disputed again.
    let why = refused(name, "charge.dispute.created", &charge, 409);
    assert!(why.contains("disputed already"), "{why}");
}

#[test]
fn a_capability_of_an_account_changes_and_a_standard_account_is_deleted() {
    let name = "trigger-account";
    let account = id(&sandbox(name).post("/v1/accounts", &[("type", "standard")]).ok());
    for _ in ["asked for", "given up"] {
        let mut events = triggered(name, "capability.updated", &account);
        events.retain(|event| !event.starts_with("v2."));
        assert_eq!(events, ["capability.updated", "account.updated"]);
    }
    let gone = "account.application.deauthorized";
    // It is closed for nobody but the platform.
    assert_eq!(triggered(name, gone, &account), [gone]);
    refused(name, gone, &account, 404);
}

#[test]
fn a_refund_between_accounts_is_not_sent_back_by_a_bank() {
    let name = "trigger-refund-between";
    let api = sandbox(name);
    let seller = id(&api.post("/v1/accounts", &[]).ok());
    let paid = charge(&api, &[("source", "tok_visa"), ("transfer_data[destination]", &seller)]).ok();
    let transfer = api.get(&format!("/v1/transfers/{}", text(&paid, "transfer")), &[]).ok();
    let payment = [("charge", text(&transfer, "destination_payment")), ("amount", "500")];
    let back = id(&api.with("Stripe-Account", &seller).post("/v1/refunds", &payment).ok());
    let why = refused(name, "refund.failed", &back, 409);
    assert!(why.ends_with(&format!("{back} is not a refund whose money is on its way or arrived")), "{why}");
    let paid = api.get(&format!("/v1/transfers/{}", id(&transfer)), &[]).ok();
    assert_eq!(int(&paid, "amount_reversed"), 500);
}

#[test]
fn a_failed_payment_leaves_the_intent_to_be_tried_again() {
    let name = "trigger-failure";
    let api = sandbox(name);
    let intent = intent(&api, &[]);
    let events = triggered(name, "payment_intent.payment_failed", &intent);
    assert!(events.contains(&"charge.failed".to_owned()), "{events:?}");
    let intent = api.get(&format!("/v1/payment_intents/{intent}"), &[]).ok();
    assert_eq!(text(&intent, "status"), "requires_payment_method");
    assert_eq!(text(&intent["last_payment_error"], "code"), "card_declined");
}

#[test]
fn what_is_due_later_happens_now() {
    let name = "trigger-expiry";
    let api = sandbox(name);
    let charge = held(&api);
    triggered(name, "charge.expired", &charge);
    let charge = the_charge(&api, &charge);
    assert_eq!((&charge["captured"], &charge["refunded"]), (&json!(false), &json!(true)));
    // What was brought forward is gone from the queue.
    let why = refused(name, "charge.expired", &id(&charge), 409);
    assert!(why.contains("nothing is to happen later"), "{why}");
}

#[test]
fn an_object_of_a_connected_account_is_found() {
    let name = "trigger-connected";
    let api = sandbox(name);
    let account = id(&api.post("/v1/accounts", &[("type", "custom")]).ok());
    let connected = api.with("Stripe-Account", &account);
    let customer = customer(&connected, &[]);
    assert_eq!(triggered(name, "customer.deleted", &customer), ["customer.deleted"]);
    assert_eq!(connected.get(&format!("/v1/customers/{customer}"), &[]).ok()["deleted"], true);
}

#[test]
fn what_cant_happen_is_said_and_nothing_is_done() {
    let name = "trigger-refused";
    let api = sandbox(name);
    let paid = intent(&api, &[("payment_method", "pm_card_visa")]);
    let why = refused(name, "payment_intent.succeeded", &paid, 409);
    assert!(why.contains("Nothing was done") && why.contains("succeeded"), "{why}");
    let why = refused(name, "payment_intent.requires_action", &paid, 409);
    assert!(why.contains("POST /v1/payment_intents/{id}/confirm"), "what was tried is named: {why}");
    let why = refused(name, "charge.dispute.created", "ch_unknown", 404);
    assert!(why.contains("charge, payment_intent") && why.contains("'ch_unknown'"), "{why}");
    let why = refused(name, "customer.deleted", &paid, 404);
    assert!(why.contains("happens to: customer"), "{why}");
    assert!(refused(name, "charge.exploded", &paid, 400).contains("no event charge.exploded"));
    let why = refused(name, "sigma.scheduled_query_run.created", &paid, 501);
    assert!(why.contains("GET /_pinstripe/trigger"), "{why}");
}

#[test]
fn a_renewal_that_fails_leaves_the_subscription_past_due_until_a_card_pays() {
    let name = "trigger-renewal";
    let api = sandbox(name);
    let subscription = subscription(&api, &[]);
    let status = || text(&api.get(&format!("/v1/subscriptions/{subscription}"), &[]).ok(), "status").to_owned();
    assert_eq!(status(), "active");
    let events = triggered(name, "invoice.payment_failed", &subscription);
    assert!(events.contains(&"customer.subscription.updated".to_owned()), "{events:?}");
    assert_eq!(status(), "past_due");
    triggered(name, "invoice.paid", &subscription);
    assert_eq!(status(), "active");
}

#[test]
fn what_cannot_happen_to_a_subscription_is_said_in_words() {
    let name = "trigger-subscription-refused";
    let api = sandbox(name);
    let why = |event: &str, id: &str, text: &str| {
        let said = refused(name, event, id, 409);
        assert!(said.contains(text), "{event}: {said}");
    };
    let nobody = customer(&api, &[]);
    why(
        "customer.subscription.created",
        &nobody,
        &format!("there is no active recurring price in the currency of {nobody}"),
    );
    let running = subscription(&api, &[]);
    why("customer.subscription.trial_will_end", &running, &format!("{running} is not a subscription in its trial"));
    why(
        "customer.subscription.pending_update_expired",
        &running,
        &format!("{running} is not a subscription whose update waits to be paid"),
    );
    let open = invoice(&api, &["finalize"]);
    why("invoice.overdue", &open, &format!("{open} is not an open invoice that was sent and has a due date"));
    api.delete(&format!("/v1/subscriptions/{running}")).ok();
    why("invoice.upcoming", &running, &format!("{running} is not a subscription that renews"));
}

#[test]
fn an_unfinished_operation_is_refused_in_the_apis_words() {
    let name = "trigger-source";
    let api = sandbox(name);
    let source = card_source(&api);
    let why = refused(name, "customer.source.deleted", &source, 409);
    assert!(why.contains("it has no `customer`"), "{why}");
}

#[test]
fn event_and_id_are_needed_and_nothing_else_is_known() {
    let url = sandbox("trigger-params").url().to_owned();
    for query in ["", "?event=customer.deleted", "?id=cus_1", "?event=customer.deleted&id=cus_1&colour=red"] {
        let answer = raw(&url, "POST", &format!("/_pinstripe/trigger{query}"), &[], None);
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
}

#[test]
fn the_list_says_what_is_done() {
    let url = sandbox("trigger-list").url().to_owned();
    let list = |query: &str| {
        let answer = raw(&url, "GET", &format!("/_pinstripe/trigger{query}"), &[], None);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["triggers"].as_array().unwrap().clone()
    };
    assert_eq!(list("").len(), triggers::ways().count());
    assert!(list("?kind=charge").iter().all(|row| row["kind"] == "charge"));
    let disputes = list("?event=charge.dispute.created");
    let what: Vec<&Value> = disputes.iter().map(|row| &row["what"]).collect();
    assert_eq!(
        what,
        ["The cardholder disputes the whole charge", "The cardholder disputes the whole charge of its `latest_charge`"]
    );
    assert_eq!(list("?event=customer.deleted")[0]["what"], "DELETE /v1/customers/{id}");
}

#[test]
fn an_issuer_warns_of_charges_of_cards_alone() {
    let name = "trigger-warned";
    let api = sandbox(name);
    let owner = customer(&api, &[]);
    let bank = id(&add_source(&api, &owner, "btok_us_verified").ok());
    let debit = id(&charge(&api, &[("customer", &owner), ("source", &bank)]).ok());
    let why = refused(name, "radar.early_fraud_warning.created", &debit, 409);
    assert!(why.ends_with(&format!("{debit} is not a successful charge of a card")), "{why}");
}

#[test]
fn a_customer_says_where_a_refund_goes_only_when_asked() {
    let name = "trigger-instructed";
    let api = sandbox(name);
    // So full of metadata that the other way to the event, an update, is closed as well.
    let keys: Vec<String> = (0..50).map(|n| format!("metadata[k{n}]")).collect();
    let full: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "v")).collect();
    let refund = id(&api.post("/v1/refunds", &with(&[("charge", &id(&charged(&api, &[])))], &full)).ok());
    let why = refused(name, "refund.updated", &refund, 409);
    assert!(why.contains(&format!("{refund} is not a refund that waits for its customer")), "{why}");
}
