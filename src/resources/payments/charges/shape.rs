//! The form of a charge after an attempt (core-payments 6.2, 6.3, 6.7).
//!
//! May use: the catalogue, instruments. Invariant: a charge has every field that its type requires.

use std::sync::LazyLock;

use super::flow::ChargeAttempt;
use super::{Charge, ChargeStatus, details, network};
use crate::contract::{Ctx, SearchField, Searched};
use crate::error::ApiError;
use crate::issuers::{ChargeOutcome, Decline};
use crate::links;
use crate::object::template;
use crate::resources::instruments::card_details::CardDetails;
use crate::resources::instruments::payment_methods::Instrument;
use crate::state::Id;
use crate::state::document::{Doc, Map, Text};
use crate::state::object::{Absent, Flag, Resource};
use crate::time::calendar::DAY;

/// How long a hold lasts, in seconds: seven days (core-payments 6.3).
pub const HOLD_SECONDS: i64 = 7 * DAY;

/// The length of an extended hold, in seconds: thirty days.
const EXTENDED_HOLD_SECONDS: i64 = 30 * DAY;

/// The seller's name on the customer's statement, if no descriptor was sent.
const SELLER: &str = "Stripe";

/// Characters of a statement descriptor (core-payments 6.2).
const DESCRIPTOR_CHARACTERS_MAX: usize = 22;

/// Why an attempt failed.
pub(super) struct ChargeFailure<'a> {
    /// The issuer's decline.
    pub(super) decline: &'static Decline,
    /// The decline as the user sees it.
    pub(super) error: &'a ApiError,
}

/// The charge of a plan; `ledger` is its balance transaction, if there is one.
pub(super) fn charge(
    ctx: &Ctx<'_>,
    plan: ChargeAttempt,
    id: Id,
    ledger: Option<Id>,
    failure: Option<&ChargeFailure<'_>>,
) -> Charge {
    let paid = failure.is_none();
    let captured = paid && plan.capture;
    let rest = rest(ctx, &plan, &id, failure);
    let number = plan.instrument.card().map(|card| card.number.clone()).filter(|number| !number.is_empty());
    let text = |key: &str| plan.details.str(key).map(str::to_owned);
    Charge {
        created: ctx.now,
        amount: plan.amount,
        amount_captured: if captured { plan.amount } else { 0 },
        amount_refunded: 0,
        balance_transaction: ledger,
        captured,
        customer: plan.customer,
        description: text("description"),
        disputed: false,
        metadata: plan.details.map("metadata").cloned().unwrap_or_default(),
        paid,
        payment_intent: plan.payment_intent,
        payment_method: Some(Id::clone(plan.instrument.id())),
        refunded: false,
        status: if paid { ChargeStatus::Succeeded } else { ChargeStatus::Failed },
        transfer_group: text("transfer_group"),
        card_number: number,
        account_number: None,
        contested: Flag(false),
        expired: Flag(false),
        released: Absent(None),
        settle_at: Absent(None),
        post_at: Absent(None),
        contest_at: Absent(None),
        currency: plan.currency,
        rest,
        id,
    }
}

fn rest(ctx: &Ctx<'_>, plan: &ChargeAttempt, id: &Id, failure: Option<&ChargeFailure<'_>>) -> Map {
    let mut rest = Vec::with_capacity(32);
    let mut set = |key: &'static str, value: Doc| rest.push((Text::fixed(key), value));
    if let Some(destination) = plan.details.map("transfer_data").and_then(|data| data.get("destination")) {
        set("destination", destination.clone());
    }
    for key in ["application_fee_amount", "on_behalf_of", "receipt_email"] {
        if let Some(value) = plan.details.present(key) {
            set(key, value.clone());
        }
    }
    // A charge of its own shows only what was sent (shapes 2.3).
    if plan.payment_intent.is_some() || plan.details.has("radar_options") {
        set("radar_options", plan.details.map("radar_options").cloned().unwrap_or_default().into());
    }
    set("shipping", plan.details.get("shipping").cloned().map_or(Doc::Null, shipping));
    set("transfer_data", plan.details.map("transfer_data").map(transfer_data).into());
    set("billing_details", plan.instrument.billing_details().into());
    set("failure_code", failure.and_then(|f| f.error.field("code")).map(str::to_owned).into());
    set("failure_message", failure.and_then(|f| f.error.field("message")).map(str::to_owned).into());
    set("outcome", outcome(plan.instrument.card(), failure).into());
    set("payment_method_details", payment_method_details(ctx, plan, id, failure).into());
    if failure.is_none() {
        set("receipt_url", receipt_url(ctx, id).into());
    }
    set("source", source(&plan.instrument));
    describe(&mut set, plan);
    template::template(Charge::KIND).overlaid(rest)
}

/// The address of a charge's receipt.
pub(super) fn receipt_url(ctx: &Ctx<'_>, id: &str) -> Text {
    Text::formatted(format_args!("{}/receipts/{id}", links::base_of(ctx.base_url, "/receipts/")))
}

/// The texts on the customer's statement (core-payments 6.2).
fn describe(set: &mut impl FnMut(&'static str, Doc), plan: &ChargeAttempt) {
    let descriptor = plan.details.str("statement_descriptor");
    let suffix = plan.details.str("statement_descriptor_suffix");
    let is_card = plan.instrument.card().is_some();
    // A card's statement begins with the seller's name, so a descriptor can only follow it.
    let suffix = if is_card { suffix.or(descriptor) } else { suffix };
    let shown = suffix.map_or(Text::fixed(SELLER), |suffix| {
        Text::from(format!("{SELLER}* {suffix}").chars().take(DESCRIPTOR_CHARACTERS_MAX).collect::<String>())
    });
    set("calculated_statement_descriptor", is_card.then_some(shown).into());
    set("statement_descriptor", descriptor.map(str::to_owned).into());
    set("statement_descriptor_suffix", suffix.map(str::to_owned).into());
}

/// A shipping hash in which everything that was not sent is null (core-payments 6.4.12).
pub fn shipping(mut sent: Doc) -> Doc {
    if let Doc::Map(shipping) = &mut sent {
        fill(shipping, &["carrier", "phone", "tracking_number"]);
        if let Some(Doc::Map(address)) = shipping.get_mut("address") {
            fill(address, &["city", "country", "line1", "line2", "postal_code", "state"]);
        }
    }
    sent
}

fn fill(map: &mut Map, keys: &[&'static str]) {
    for key in keys.iter().filter(|key| !map.has(key)).copied().collect::<Vec<_>>() {
        map.set(key, Doc::Null);
    }
}

fn transfer_data(sent: &Map) -> Map {
    Map::from([
        ("amount", sent.get("amount").cloned().unwrap_or_default()),
        ("destination", sent.get("destination").cloned().unwrap_or_default()),
    ])
}

/// The charged legacy object, as it was (core-payments 5.6.18).
fn source(instrument: &Instrument) -> Doc {
    let mut snapshot = instrument.snapshot();
    if let (Instrument::Card(_), Doc::Map(card)) = (instrument, &mut snapshot) {
        fill(card, &["customer"]);
    }
    snapshot
}

fn outcome(card: Option<&CardDetails>, failure: Option<&ChargeFailure<'_>>) -> Map {
    /// Shared by nearly every charge.
    static APPROVED: LazyLock<Map> = LazyLock::new(|| rated(&crate::issuers::APPROVED).into_base());
    let outcome = match (failure, card) {
        (Some(failure), _) => failure.decline.outcome,
        (None, Some(card)) => card.test_card().approved,
        (None, None) => return unrated(),
    };
    if std::ptr::eq(outcome, &raw const crate::issuers::APPROVED) { APPROVED.clone() } else { rated(outcome) }
}

fn rated(outcome: &'static ChargeOutcome) -> Map {
    let mut shown = outcome_hash(outcome);
    shown.set("risk_level", outcome.risk_level);
    shown.set("risk_score", outcome.risk_score);
    if let Some(rule) = outcome.rule {
        shown.set("rule", rule);
    }
    shown
}

/// Only cards have a risk score.
fn unrated() -> Map {
    outcome_hash(&crate::issuers::APPROVED).with("risk_level", "not_assessed")
}

fn outcome_hash(outcome: &'static ChargeOutcome) -> Map {
    Map::from([
        ("advice_code", Doc::from(outcome.advice_code)),
        ("network_advice_code", outcome.network_advice_code.into()),
        ("network_decline_code", outcome.network_decline_code.into()),
        ("network_status", outcome.network_status.into()),
        ("reason", outcome.reason.into()),
        ("seller_message", outcome.seller_message.into()),
        ("type", outcome.kind.into()),
    ])
}

fn payment_method_details(ctx: &Ctx<'_>, plan: &ChargeAttempt, id: &str, failure: Option<&ChargeFailure<'_>>) -> Map {
    if let Some(card) = plan.instrument.card() {
        let mut hash = card_hash(ctx, plan, card, failure);
        if failure.is_none_or(|failure| failure.decline.outcome.network_status != "not_sent_to_network") {
            network::identify(ctx, card.brand, id, &mut hash);
        }
        return Map::from([("card", Doc::from(hash)), ("type", "card".into())]);
    }
    let kind = plan.instrument.kind().to_owned();
    let own = details::hash(ctx, plan, &kind);
    Map::from([("type".to_owned(), Doc::from(kind.clone())), (kind, own.into())])
}

fn card_hash(ctx: &Ctx<'_>, plan: &ChargeAttempt, card: &CardDetails, failure: Option<&ChargeFailure<'_>>) -> Map {
    /// The common part of all card charges, shared by them.
    static COMMON: LazyLock<Map> = LazyLock::new(|| {
        let status = |status: &'static str| Doc::from(Map::from([("status", status)]));
        Map::from([
            ("electronic_commerce_indicator", Doc::from("07")),
            ("extended_authorization", status("disabled")),
            ("incremental_authorization", status("unavailable")),
            ("installments", Doc::Null),
            ("mandate", Doc::Null),
            ("multicapture", status("unavailable")),
            ("network_token", Map::from([("used", false)]).into()),
            ("network_transaction_id", Doc::Null),
            ("three_d_secure", Doc::Null),
            ("transaction_link_id", Doc::Null),
        ])
        .into_base()
    });
    static OVERCAPTURE: LazyLock<Map> = LazyLock::new(|| {
        Map::from([("maximum_amount_capturable", Doc::from(0)), ("status", "unavailable".into())]).into_base()
    });
    let paid = failure.is_none();
    let overcapture = OVERCAPTURE.overlaid(vec![("maximum_amount_capturable".into(), plan.amount.into())]);
    let mut entries = card.charge_entries(failure.is_none_or(|failure| failure.decline.makes_checks));
    let code = || Text::formatted(format_args!("{:06}", ctx.ids.number(1_000_000)));
    entries.extend([
        ("amount_authorized".into(), Doc::from(paid.then_some(plan.amount))),
        ("authorization_code".into(), paid.then(code).into()),
        ("overcapture".into(), overcapture.into()),
    ]);
    if let Some(mandate) = plan.details.present("mandate") {
        entries.push(("mandate".into(), mandate.clone()));
    }
    for feature in ["incremental_authorization", "multicapture"] {
        if plan.asks_for(feature) {
            entries.push((feature.into(), Map::from([("status", "available")]).into()));
        }
    }
    if plan.asks_for("extended_authorization") {
        entries.push(("extended_authorization".into(), Map::from([("status", "enabled")]).into()));
    }
    if plan.authenticated {
        entries.push(("electronic_commerce_indicator".into(), "05".into()));
        entries.push(("three_d_secure".into(), passed_3d_secure(ctx).into()));
    }
    if paid && !plan.capture {
        let held = if plan.asks_for("extended_authorization") { EXTENDED_HOLD_SECONDS } else { HOLD_SECONDS };
        entries.push(("capture_before".into(), (ctx.now + held).into()));
    }
    COMMON.overlaid(entries)
}

/// A passed challenge (intents-and-checkout 1.8).
fn passed_3d_secure(ctx: &Ctx<'_>) -> Map {
    Map::from([
        ("authentication_flow", Doc::from("challenge")),
        ("electronic_commerce_indicator", "05".into()),
        ("exemption_indicator", Doc::Null),
        ("result", "authenticated".into()),
        ("result_reason", Doc::Null),
        ("transaction_id", ctx.ids.uuid().into()),
        ("version", "2.2.0".into()),
    ])
}

/// The search of charges (platform 5.2): of payment methods, only cards can be searched.
pub(super) const SEARCH: Searched = Searched {
    plural: "charges",
    fields: &[
        SearchField::number("amount"),
        SearchField::token("billing_details.address.postal_code"),
        SearchField::number("created"),
        SearchField::token("currency"),
        SearchField::token("customer"),
        SearchField::token("disputed"),
        SearchField::token("payment_method_details.card.brand"),
        SearchField::token("payment_method_details.card.exp_month"),
        SearchField::token("payment_method_details.card.exp_year"),
        SearchField::token("payment_method_details.card.fingerprint"),
        SearchField::token("payment_method_details.card.last4"),
        SearchField::token("payment_method_details.card_present.brand"),
        SearchField::token("payment_method_details.card_present.exp_month"),
        SearchField::token("payment_method_details.card_present.exp_year"),
        SearchField::token("payment_method_details.card_present.fingerprint"),
        SearchField::token("payment_method_details.card_present.last4"),
        SearchField::token("payment_method_details.interac_present.brand"),
        SearchField::token("payment_method_details.interac_present.exp_month"),
        SearchField::token("payment_method_details.interac_present.exp_year"),
        SearchField::token("payment_method_details.interac_present.fingerprint"),
        SearchField::token("payment_method_details.interac_present.last4"),
        SearchField::token("refunded").computed(refunded),
        SearchField::token("status"),
    ],
};

/// Whether a charge was refunded completely (`true`) or partly (`false`); null for not at all.
fn refunded(charge: &Map) -> Doc {
    match (charge.bool("refunded"), charge.int("amount_refunded")) {
        (Some(true), _) => Doc::Bool(true),
        (_, Some(1..)) => Doc::Bool(false),
        _ => Doc::Null,
    }
}
