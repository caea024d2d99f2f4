//! Charging as a value: the common part of direct charges and payment intents.
//!
//! May use: instruments, balance transactions, the test cards. Invariant: a decline is an [`Attempt::Declined`], never
//! an `Err`; a failed charge is stored if the issuer was asked.

use std::sync::Arc;

use super::Charge;
pub use super::shape::HOLD_SECONDS;
use super::shape::{self, ChargeFailure};
use super::{ChargeStatus, connect, settle};
use crate::contract::{Attempt, Ctx, DueOf};
use crate::error::{ApiError, Result};
use crate::issuers::{self, Decline, Verdict};
use crate::money::{self, RateSide};
use crate::resources::instruments::cards::Card;
use crate::resources::instruments::payment_methods::{self, Instrument};
use crate::resources::instruments::sources;
use crate::resources::ledger::balance::{self, Posting, RowKind};
use crate::resources::payments::rails;
use crate::state::document::{Doc, Map, Text};
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{Id, Ref, Tx};

/// The country of the platform, on which the fee of a card depends (core-payments 6.10.1).
const ACCOUNT_COUNTRY: &str = "US";

/// What comes later for a charge. At one instant the bank answers first: what fails at once never had a ledger row.
pub(super) const DUES: &[DueOf] = &[
    crate::due!(
        Charge,
        "settle",
        |charge| charge.settle_at.0.filter(|_| charge.status == ChargeStatus::Pending),
        |tx, ctx, charge| {
            settle::settle(tx, ctx, charge);
            Ok(())
        }
    ),
    crate::due!(Charge, "ledger", post_at, post_later),
    crate::due!(Charge, "expire", held_until, |tx, ctx, charge| {
        expire(tx, ctx, charge);
        Ok(())
    }),
    // The dispute tells of it (core-payments 10.3.10).
    crate::due!(Charge, "dispute", |charge| charge.contest_at.0, |tx, _, charge| {
        tx.quietly(|tx| {
            tx.update::<Charge>(&charge.id, |charge| {
                charge.contest_at = Absent(None);
                charge.contested = Flag(true);
            });
        });
        Ok(())
    }),
];

/// When the ledger row of a charge is made that comes a moment after the answer (core-payments 6.10.5).
fn post_at(charge: &Charge) -> Option<i64> {
    let lacks_row = charge.captured && charge.balance_transaction.is_none() && charge.status != ChargeStatus::Failed;
    charge.post_at.0.filter(|_| lacks_row)
}

fn post_later(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Arc<Charge>) -> Result<()> {
    let mut posted = Charge { post_at: Absent(None), ..Charge::clone(charge) };
    posted.balance_transaction = Some(post(tx, ctx, charge, charge.amount_captured));
    connect::share(tx, ctx, &mut posted);
    tx.save(charge, posted);
    Ok(())
}

/// When the hold of a direct charge ends (core-payments 6.8.11); the hold of an intent ends with the intent.
fn held_until(charge: &Charge) -> Option<i64> {
    (charge.is_held() && charge.payment_intent.is_none()).then_some(charge.created + HOLD_SECONDS)
}

/// The parameters that go onto a charge as they were sent: to the charge itself, or to the intent that makes it.
pub const DETAILS: &[&str] = &[
    "application_fee_amount",
    "description",
    "on_behalf_of",
    "receipt_email",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];

/// A charge to make; its parameters are checked.
#[derive(Clone, Debug)]
pub struct ChargeAttempt {
    /// In the currency's smallest unit; at least the minimum.
    pub amount: i64,
    /// Three letters, lower case.
    pub currency: Text,
    /// Whether to capture the money at once, or to hold it.
    pub capture: bool,
    /// The instrument to charge.
    pub instrument: Instrument,
    /// The customer of the charge, if any.
    pub customer: Option<Id>,
    /// The intent of the charge; `None` for a direct charge.
    pub payment_intent: Option<Id>,
    /// The verdict of the card's issuer; anything but a card is approved.
    pub verdict: Verdict,
    /// Whether the cardholder passed 3D Secure for it.
    pub authenticated: bool,
    /// The intent's `payment_method_options` for this type of payment method.
    pub options: Map,
    /// The [`DETAILS`], the `metadata` and the `mandate`, as they go onto the charge.
    pub details: Map,
    /// Whether the balance transaction is created a moment after the answer, as for intents with `automatic_async`
    /// (core-payments 6.10.5).
    pub ledger_later: bool,
}

impl ChargeAttempt {
    /// Whether a feature of cards, such as `multicapture`, is requested if it is available.
    pub(super) fn asks_for(&self, feature: &str) -> bool {
        !self.capture && self.options.str(&format!("request_{feature}")) == Some("if_available")
    }
}

/// Makes the charge (core-payments 6.3, 6.7, 6.10). It consumes a source; the intent decides what happens to a payment
/// method.
pub fn attempt(tx: &mut Tx, ctx: &Ctx<'_>, plan: ChargeAttempt) -> Attempt {
    let verdict = match (plan.instrument.card(), ctx.decline) {
        (Some(_), Some(decline)) => Verdict::Decline(decline),
        (Some(_), None) => plan.verdict,
        (None, _) => Verdict::Approve,
    };
    if verdict == Verdict::Authenticate {
        return Attempt::NeedsAction;
    }
    let source = match &plan.instrument {
        Instrument::Source(source) => Some(Arc::clone(source)),
        _ => None,
    };
    if !matches!(verdict, Verdict::Decline(decline) if !decline.makes_checks) {
        payment_methods::checked(tx, plan.instrument.id());
    }
    let plan = ChargeAttempt { instrument: checked(plan.instrument), ..plan };
    let attempt = match verdict {
        Verdict::Decline(decline) => fail(tx, ctx, plan, decline),
        _ if rails::settles_later(plan.instrument.kind()) => Attempt::Approved(settle::begin(tx, ctx, plan)),
        _ => succeed(tx, ctx, plan),
    };
    if let Some(source) = source {
        sources::used(tx, &source);
    }
    attempt
}

/// A card for a single charge is checked by the charge (core-payments 4.1.1).
fn checked(instrument: Instrument) -> Instrument {
    match instrument {
        Instrument::Card(card) if card.customer.is_none() => {
            let mut card = Card::clone(&card);
            card.details.make_checks();
            Instrument::Card(Arc::new(card))
        }
        other => other,
    }
}

fn fail(tx: &mut Tx, ctx: &Ctx<'_>, plan: ChargeAttempt, decline: &'static Decline) -> Attempt {
    let error = match plan.payment_intent {
        Some(_) => ApiError::intent_declined(decline),
        None => ApiError::card_declined(decline, decline.param),
    };
    let id = new_id(ctx, &plan);
    let failure = ChargeFailure { decline, error: &error };
    let mut charge = shape::charge(ctx, plan, Id::clone(&id), None, Some(&failure));
    connect::name_application(tx, &mut charge.rest);
    tx.insert(charge);
    Attempt::Declined { charge: Some(id), error }
}

fn succeed(tx: &mut Tx, ctx: &Ctx<'_>, plan: ChargeAttempt) -> Attempt {
    let (capture, later) = (plan.capture, plan.ledger_later);
    let id = new_id(ctx, &plan);
    let mut charge = shape::charge(ctx, plan, Id::clone(&id), None, None);
    connect::name_application(tx, &mut charge.rest);
    if capture && !later {
        charge.balance_transaction = Some(post(tx, ctx, &charge, charge.amount_captured));
        connect::share(tx, ctx, &mut charge);
    }
    let (contested, direct) = (capture && is_contested(&charge), charge.payment_intent.is_none());
    charge.contested = Flag(contested && !direct);
    charge.contest_at = Absent((contested && direct).then_some(ctx.now));
    if capture && later {
        charge.post_at = Absent(Some(ctx.now));
    }
    tx.insert(charge);
    Attempt::Approved(id)
}

/// Whether the test card stands for money that is contested once it is taken: within the call of an intent, after the
/// answer to a direct charge (core-payments 9.2.2, 9.2.5, 10.3.10).
fn is_contested(charge: &Charge) -> bool {
    charge.card_number.as_deref().is_some_and(|number| issuers::for_number(number).card.dispute.is_some())
}

/// The id begins with `ch_` for cards and with `py_` for other rails; an intent's family begins with 3 (core-payments
/// 2).
pub(super) fn new_id(ctx: &Ctx<'_>, plan: &ChargeAttempt) -> Id {
    let form = if plan.instrument.card().is_some() { super::ENTRY.id } else { super::OTHER_RAILS_ID };
    let family = if plan.payment_intent.is_some() { "3" } else { "1" };
    form.led_by(family).draw(&ctx.ids).into()
}

/// Stores the balance transaction of a captured amount (core-payments 6.10), which `amount_captured` contains.
pub(super) fn post(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, amount: i64) -> Id {
    let details = charge.rest.map("payment_method_details");
    let card = details.and_then(|details| details.map("card"));
    let (settlement, seller) = connect::settlement(tx, charge, RateSide::Buying);
    let seller = seller.as_deref().unwrap_or(ACCOUNT_COUNTRY);
    let country = card.and_then(|card| card.str("country")).unwrap_or(seller);
    let settled = settlement.amount(amount);
    let test_card = charge.card_number.as_deref().map(|number| issuers::for_number(number).card);
    let at_once = test_card.is_some_and(|card| card.available_at_once);
    let (rail, is_card) = (charge.rail(), charge.is_card());
    let fee = match is_card {
        true => money::fee(settled, &settlement.currency, country, seller),
        false => money::rail_fee(rail, settled, &settlement.currency),
    };
    // Test debits of American accounts are available as soon as they succeed (core-payments 7.6).
    let at_once = at_once || (rail == "us_bank_account" && charge.paid);
    let kind = if is_card { RowKind::Charge } else { RowKind::Payment };
    let available_on = if at_once { ctx.now } else { balance::available_on(tx, ctx.now) };
    let posting = Posting {
        fee,
        application_fee: settlement.amount(connect::fee_in_row(tx, charge, amount)),
        description: charge.description.clone(),
        ..Posting::settled(kind, amount, &settlement, &charge.id, available_on)
    };
    balance::post(tx, ctx, &posting)
}

/// Captures a held charge; `amount` is at most the rest of the hold, and all of it by default. The balance transaction
/// is stored, and the rest is released (core-payments 6.8).
pub fn capture(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id, amount: Option<i64>) {
    let Some(held) = tx.get::<Charge>(charge) else { return };
    let left = held.amount - held.amount_captured;
    let amount = amount.unwrap_or(left).min(left);
    let mut taken = Charge { captured: true, ..taken(tx, ctx, &held, amount) };
    connect::share(tx, ctx, &mut taken);
    let (contested, direct) = (is_contested(&taken), taken.payment_intent.is_none());
    taken.contested = Flag(contested && !direct);
    taken.contest_at = Absent((contested && direct).then_some(ctx.now));
    // The charge of an intent does not show the released rest (core-payments 6.8.4).
    let shows_rest = amount < left && direct;
    tx.save(&held, taken);
    if shows_rest {
        // The event of the capture shows it (core-payments 10.3.4).
        tx.quietly(|tx| tx.update::<Charge>(charge, |charge| charge.release(left - amount)));
    }
}

/// Captures a part of a held charge and keeps the rest on hold (intents-and-checkout 1.10).
pub fn capture_part(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id, amount: i64) {
    let Some(held) = tx.get::<Charge>(charge) else { return };
    let taken = taken(tx, ctx, &held, amount);
    tx.save(&held, taken);
}

/// The charge with the balance transaction of a captured amount.
fn taken(tx: &mut Tx, ctx: &Ctx<'_>, held: &Charge, amount: i64) -> Charge {
    let mut taken = Charge::clone(held);
    taken.amount_captured += amount;
    if amount > 0 {
        taken.balance_transaction = Some(post(tx, ctx, &taken, amount));
    }
    taken
}

/// Increases a hold (intents-and-checkout 1.3): `amount` is the new total.
pub fn increment(tx: &mut Tx, charge: &Id, amount: i64) {
    tx.update::<Charge>(charge, |charge| {
        charge.amount = amount;
        let overcapture = Map::from([("maximum_amount_capturable", amount)]);
        let card = Map::from([("amount_authorized", Doc::from(amount)), ("overcapture", overcapture.into())]);
        charge.rest.merge(&Map::from([("payment_method_details", Map::from([("card", card)]))]));
    });
}

/// Releases a hold: the charge counts as refunded, without a balance transaction (core-payments 8.3.15). If a part was
/// captured, the rest is not shown.
pub fn release(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id) {
    let Some(held) = tx.get::<Charge>(charge) else { return };
    if held.amount_captured > 0 {
        capture(tx, ctx, charge, Some(0));
    } else {
        tx.update::<Charge>(charge, |charge| charge.release(held.amount - held.amount_refunded));
    }
}

/// As [`release`], because the hold has expired (core-payments 6.8.11).
pub fn expire(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge) {
    if charge.amount_captured > 0 {
        return release(tx, ctx, &charge.id);
    }
    tx.job(|tx| {
        tx.update::<Charge>(&charge.id, |charge| {
            charge.release(charge.amount);
            charge.expired = Flag(true);
        });
        ((), [("charge.expired", Ref::to(charge))])
    });
}

/// Completes a charge of a dump.
pub(super) fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    let Some(charge) = tx.get::<Charge>(&about.id) else { return Ok(()) };
    let mut rest = crate::object::template::template(Charge::KIND);
    rest.merge(&charge.rest);
    if rest.get("fraud_details").is_none_or(Doc::is_null) {
        rest.set("fraud_details", Map::new());
    }
    tx.update::<Charge>(&about.id, |charge| charge.rest = rest);
    Ok(())
}

/// Checks the amount and the currency of a payment (core-payments 6.4.6 to 6.4.8, 6.5, 6.6) and returns the
/// currency in lower case.
///
/// # Errors
/// Not a currency, too small, too large, not a multiple of ten in a three-decimal currency, or not whole in a currency
/// that has lost its decimals.
pub fn check_amount(amount: i64, currency: &str) -> Result<Text> {
    let is_lower = currency.bytes().all(|byte| byte.is_ascii_lowercase());
    let known = if is_lower { Text::copy_of(currency) } else { currency.to_lowercase().into() };
    if amount < 1 {
        return Err(ApiError::param_below("amount", 1));
    }
    if !money::is_currency(&known) {
        return Err(ApiError::currency_invalid("currency", currency, money::CURRENCIES));
    }
    check_minimum(amount, &known, Some("amount"))?;
    if amount > money::MAX_AMOUNT {
        return Err(ApiError::amount_too_large(&known));
    }
    if !money::is_three_decimal_multiple_ok(amount, &known) {
        return Err(ApiError::amount_not_multiple_of_ten(&known));
    }
    if !money::is_whole_where_needed(amount, &known) {
        return Err(ApiError::amount_not_whole(&known));
    }
    Ok(known)
}

/// Checks that an amount is at least the smallest charge (core-payments 6.5).
pub(super) fn check_minimum(amount: i64, currency: &str, param: Option<&'static str>) -> Result<()> {
    match money::minimum(currency) {
        Some(minimum) if amount < minimum => Err(ApiError::amount_too_small(minimum, currency, param)),
        _ => Ok(()),
    }
}
