//! Opening a dispute: the claim of each test card's holder, and the withdrawn money (core-payments 7.4, 9.1, 9.2).
//!
//! May use: charges, the balance, the test cards. Invariant: several disputes of a charge claim at most its amount.

use super::outcome;
use super::{Dispute, DisputeStatus};
use crate::catalogue::{self, Type};
use crate::contract::{Ctx, On, Reaction, Who};
use crate::error::{ApiError, Result};
use crate::issuers::{self, DisputeKind};
use crate::money::RateSide;
use crate::object::template;
use crate::resources::ledger::balance::{self, BalanceTransaction, Posting, RowKind, SettlementCurrency};
use crate::resources::payments::charges::Charge;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Ref, Tx};
use crate::time::calendar;

/// Stripe's fee for a chargeback, in minor units, also if it is won (core-payments 9.2).
const FEE: i64 = 1_500;

/// Days to respond, until the last second of the day (core-payments 9.1, `due_by`).
const DAYS_TO_ANSWER: i64 = 8;

/// One claim of a cardholder.
struct Claim {
    amount: i64,
    reason: &'static str,
    /// The card network's type of the case.
    case_type: &'static str,
    /// The name and state of a response that only this case allows.
    special: Option<(&'static str, Map)>,
}

fn claim_of(charge: &Charge) -> Option<DisputeKind> {
    issuers::for_number(charge.card_number.as_deref()?).card.dispute
}

/// What disputes follow: a charge that its holder contests.
pub(super) const REACTIONS: &[Reaction] = &[Reaction {
    to: Charge::KIND,
    on: On::Change(
        crate::when!(Charge, |before, after| after.contested.0 && !before.is_some_and(|before| before.contested.0))
    ),
    who: Who::New,
    run: raise,
}];

/// Opens the disputes that the test number of a contested charge stands for, unless there are disputes of it.
fn raise(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id) -> Result<()> {
    let Some(charge) = tx.get::<Charge>(charge).filter(|charge| charge.contested.0) else { return Ok(()) };
    if !tx.having::<Dispute>("charge", &charge.id).is_empty() {
        return Ok(());
    }
    match claim_of(&charge) {
        Some(kind) => claims(kind, &charge).into_iter().for_each(|claim| open(tx, ctx, &charge.id, claim)),
        None => raise_by_bank(tx, ctx, &charge.id),
    }
    Ok(())
}

/// Disputes the whole charge, for a trigger (core-payments 9.2).
///
/// # Errors
/// There is nothing that can be disputed.
pub fn dispute(tx: &mut Tx, ctx: &Ctx<'_>, charge: &str) -> Result<()> {
    let found = tx.get::<Charge>(charge).filter(|charge| charge.paid && !charge.disputed && charge.refundable() > 0);
    let charge = found.filter(|charge| charge.captured).ok_or_else(|| ApiError::charge_not_disputable(charge))?;
    if !charge.is_card() {
        raise_by_bank(tx, ctx, &charge.id);
        return Ok(());
    }
    let amount = charge.amount_captured;
    open(tx, ctx, &charge.id, Claim { amount, reason: "fraudulent", case_type: "chargeback", special: None });
    Ok(())
}

/// Disputes a debit, as the test bank accounts of direct debits do (core-payments 7.6).
fn raise_by_bank(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id) {
    let Some(amount) = tx.get::<Charge>(charge).map(|charge| charge.amount_captured) else { return };
    open(tx, ctx, charge, Claim { amount, reason: "debit_not_authorized", case_type: "chargeback", special: None });
}

fn claims(kind: DisputeKind, charge: &Charge) -> Vec<Claim> {
    let Some(reason) = kind.reason() else { return Vec::new() };
    let claim = |amount| Claim { amount, reason, case_type: "chargeback", special: None };
    let whole = claim(charge.amount_captured);
    match kind {
        DisputeKind::Inquiry => vec![Claim { case_type: "inquiry", ..whole }],
        // Together they claim the whole amount.
        DisputeKind::Multiple => vec![claim(whole.amount - whole.amount / 2), claim(whole.amount / 2)],
        DisputeKind::CompellingEvidence => {
            let actions = ["missing_customer_identifiers", "missing_prior_undisputed_transactions"];
            let state =
                Map::from([("required_actions", Doc::from(actions.to_vec())), ("status", "requires_action".into())]);
            vec![Claim { special: Some(("visa_compelling_evidence_3", state)), ..whole }]
        }
        DisputeKind::Compliance => {
            let name = if brand(charge) == "mastercard" { "mastercard_compliance" } else { "visa_compliance" };
            let state = Map::from([("status", "requires_fee_acknowledgement")]);
            vec![Claim { case_type: "compliance", special: Some((name, state)), ..whole }]
        }
        _ => vec![whole],
    }
}

/// Opens a dispute: a chargeback withdraws the money at once, an inquiry does not (core-payments 9.2.3, 9.2.4).
fn open(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id, claim: Claim) {
    let Some(charge) = tx.get::<Charge>(charge) else { return };
    let inquiry = claim.case_type == "inquiry";
    let mut dispute = begin(ctx, &charge, claim);
    if !inquiry {
        // The money of a captured hold is itself still pending (core-payments 9.2, ledger rows).
        let available_on = if was_held(&charge) { balance::available_on(tx, ctx.now) } else { ctx.now };
        withdraw(tx, ctx, &mut dispute, available_on);
    }
    let id = Id::clone(&dispute.id);
    tx.insert(dispute);
    // The event of the dispute shows it (core-payments 10.3.10).
    tx.quietly(|tx| {
        tx.update::<Charge>(&charge.id, |charge| {
            charge.disputed = true;
            charge.rest.set("dispute", id.to_string());
        });
    });
}

fn was_held(charge: &Charge) -> bool {
    charge.rest.map("payment_method_details").and_then(|details| details.map("card")?.int("capture_before")).is_some()
}

/// Withdraws the disputed money that was not refunded, and the fee.
pub(super) fn withdraw(tx: &mut Tx, ctx: &Ctx<'_>, dispute: &mut Dispute, available_on: i64) {
    let charge = tx.get::<Charge>(&dispute.charge);
    let left = charge.as_ref().map_or(0, |charge| charge.refundable());
    let amount = dispute.amount.min(left);
    if amount <= 0 {
        return;
    }
    let row = charge.and_then(|charge| tx.get::<BalanceTransaction>(charge.balance_transaction.as_ref()?));
    let settlement = match &row {
        Some(row) => SettlementCurrency::like(row, &dispute.currency, RateSide::Selling),
        None => SettlementCurrency::of(tx, &dispute.currency, RateSide::Selling),
    };
    let posting = Posting {
        fee: FEE,
        description: Some(format!("Chargeback withdrawal for {}", dispute.charge)),
        ..Posting::settled(RowKind::Adjustment, -amount, &settlement, &dispute.id, available_on)
    };
    let row = balance::post(tx, ctx, &posting);
    dispute.add_row(tx, &row);
}

fn begin(ctx: &Ctx<'_>, charge: &Charge, claim: Claim) -> Dispute {
    let inquiry = claim.case_type == "inquiry";
    let mut rest = template::template(Dispute::KIND);
    let special: Vec<&'static str> = claim.special.iter().map(|(name, _)| *name).collect();
    rest.set("enhanced_eligibility_types", special);
    rest.set("livemode", false);
    if charge.is_card() {
        rest.set("payment_method_details", card_details(charge, claim.reason, claim.case_type));
    }
    let eligibility = claim.special.map(|(name, state)| Map::from([(name, state)])).unwrap_or_default();
    Dispute {
        id: super::ENTRY.id.draw(&ctx.ids).into(),
        created: ctx.now,
        amount: claim.amount,
        balance_transaction: None,
        balance_transactions: Vec::new(),
        charge: Id::clone(&charge.id),
        currency: charge.currency.to_string(),
        evidence: no_evidence(),
        evidence_details: Map::from([
            ("due_by", Doc::from(due_by(ctx.now))),
            ("enhanced_eligibility", eligibility.into()),
            ("has_evidence", false.into()),
            ("past_due", false.into()),
            ("submission_count", 0.into()),
            ("submission_method", "not_submitted".into()),
        ]),
        is_charge_refundable: inquiry,
        metadata: Map::new(),
        payment_intent: charge.payment_intent.clone(),
        reason: claim.reason.to_owned(),
        status: if inquiry { DisputeStatus::WarningNeedsResponse } else { DisputeStatus::NeedsResponse },
        fill_at: Absent(Some(ctx.now + outcome::FILL_AFTER_SECONDS)),
        decide_at: Absent(None),
        rest,
    }
}

/// The last second of the day until which a dispute opened at `now` can be answered.
pub(super) fn due_by(now: i64) -> i64 {
    calendar::end_of_day(now, DAYS_TO_ANSWER)
}

fn no_evidence() -> Map {
    let known = catalogue::object(Dispute::KIND.name()).map_or(&[][..], |object| object.fields);
    let empty = match catalogue::field(known, "evidence").map(|field| field.kind) {
        Some(Type::Object(fields)) => template::of_fields(fields),
        _ => Map::new(),
    };
    empty.with("enhanced_evidence", Map::new())
}

fn brand(charge: &Charge) -> &str {
    let card = charge.rest.map("payment_method_details").and_then(|details| details.map("card"));
    card.and_then(|card| card.str("brand")).unwrap_or("unknown")
}

/// The card network's data of the case.
pub(super) fn card_details(charge: &Charge, reason: &str, case_type: &'static str) -> Map {
    let card = charge.rest.map("payment_method_details").and_then(|details| details.map("card"));
    let brand = brand(charge).to_owned();
    let network = card.and_then(|card| card.str("network")).unwrap_or(&brand).to_owned();
    let code = network_code(&network, reason, case_type);
    let card = Map::from([
        ("brand", Doc::from(brand)),
        ("case_type", case_type.into()),
        ("network", network.into()),
        ("network_reason_code", code.into()),
    ]);
    Map::from([("card", Doc::from(card)), ("type", "card".into())])
}

/// The network's own code of a reason, if it is known (core-payments 9.1).
fn network_code(network: &str, reason: &str, case_type: &str) -> Option<&'static str> {
    match (network, reason, case_type) {
        ("visa", _, "inquiry") => Some("10"),
        ("visa", "fraudulent", _) => Some("10.4"),
        ("visa", "product_not_received", _) => Some("13.1"),
        ("mastercard", "fraudulent", "chargeback") => Some("4837"),
        _ => None,
    }
}

/// Completes a dispute of a dump.
pub(super) fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    tx.update::<Dispute>(&about.id, |dispute| {
        let mut rest = template::template(Dispute::KIND);
        rest.merge(&dispute.rest);
        dispute.rest = rest;
        let mut evidence = no_evidence();
        evidence.merge(&dispute.evidence);
        dispute.evidence = evidence;
    });
    Ok(())
}
