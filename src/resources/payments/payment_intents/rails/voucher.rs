//! Vouchers: the customer pays a number in a shop, at a bank or a cash machine, or lets it expire (intents-and-checkout
//! 1.7).
//!
//! May use: charges, the outcomes of vouchers. Invariant: the e-mail address or the confirmation number decides the
//! outcome.

use super::redirect::email;
use super::{PaymentRail, Progress, Trial, check, pay};
use crate::contract::{Asked, Ctx};
use crate::error::{ApiError, Result};
use crate::issuers::{self, VoucherFate};
use crate::resources::payments::charges::details::{MULTIBANCO_DIGITS, MULTIBANCO_ENTITY, OXXO_DIGITS};
use crate::resources::payments::payment_intents::action;
use crate::resources::payments::rails::Action;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::time::calendar::{self, HOUR};

/// The rail of vouchers.
pub(super) static RAIL: PaymentRail = PaymentRail { attempt, resume, asked: Asked::Authorization };

/// The default validity of a voucher in days, and the offset of its country's time from UTC in seconds: it expires at
/// the end of a day there.
const fn terms(action: Action) -> (i64, i64) {
    match action {
        Action::Boleto => (3, -3 * HOUR),
        Action::Oxxo => (3, -6 * HOUR),
        Action::Konbini => (3, 9 * HOUR),
        _ => (7, 0),
    }
}

fn attempt(_: &mut Tx, ctx: &Ctx<'_>, trial: &Trial) -> Result<Progress> {
    let action = check(trial)?.action;
    let options = trial.options();
    let number = options.and_then(|options| options.str("confirmation_number"));
    let known = number.and_then(issuers::fate_of_confirmation_number);
    let known = known.unwrap_or_else(|| issuers::fate_of_email(email(trial).as_deref()));
    let (agrees, at, expiry) = fate(ctx, known, expiry(ctx.now, action, options));
    Ok(Progress::ActsAlone { next_action: next_action(ctx, trial, action, number, expiry), agrees, at })
}

fn resume(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial, agreed: bool) -> Result<Progress> {
    if agreed {
        return Ok(pay(tx, ctx, trial));
    }
    Ok(Progress::Declined { charge: None, error: ApiError::payment_attempt_expired() })
}

/// The outcome: whether the customer pays, when the customer pays or the voucher expires, and its expiry, which is
/// `expiry` unless the outcome has another.
pub(super) fn fate(ctx: &Ctx<'_>, fate: VoucherFate, expiry: i64) -> (bool, i64, i64) {
    match fate {
        VoucherFate::Paid(delay) => (true, ctx.now + delay, expiry),
        VoucherFate::Expires(delay) => (false, ctx.now + delay, ctx.now + delay),
        VoucherFate::Unpaid => (false, expiry, expiry),
    }
}

/// The last second of the day in the voucher's country, or the requested time.
fn expiry(now: i64, action: Action, options: Option<&Map>) -> i64 {
    if let Some(at) = options.and_then(|options| options.int("expires_at")) {
        return at;
    }
    let (days, offset) = terms(action);
    let days = options.and_then(|options| options.int("expires_after_days")).unwrap_or(days);
    let local = now + offset;
    calendar::end_of_day(local, days) - offset
}

fn next_action(ctx: &Ctx<'_>, trial: &Trial, action: Action, number: Option<&str>, expiry: i64) -> Map {
    let digits = |count| issuers::voucher_number(&trial.intent.id, count);
    let page = action::page(ctx, &trial.intent);
    let pdf = action::voucher_pdf(ctx, &trial.intent);
    let expiry = Doc::from(expiry);
    let (kind, details) = match action {
        Action::Boleto => (
            "boleto_display_details",
            Map::from([
                ("expires_at", expiry),
                ("hosted_voucher_url", page.into()),
                ("number", digits(47).into()),
                ("pdf", pdf.into()),
            ]),
        ),
        Action::Oxxo => (
            "oxxo_display_details",
            Map::from([
                ("expires_after", expiry),
                ("hosted_voucher_url", page.into()),
                ("number", digits(OXXO_DIGITS).into()),
            ]),
        ),
        Action::Konbini => (
            "konbini_display_details",
            Map::from([
                ("expires_at", expiry),
                ("hosted_voucher_url", page.into()),
                ("stores", stores(number, &digits(11)).into()),
            ]),
        ),
        _ => (
            "multibanco_display_details",
            Map::from([
                ("entity", Doc::from(MULTIBANCO_ENTITY)),
                ("expires_at", expiry),
                ("hosted_voucher_url", page.into()),
                ("reference", digits(MULTIBANCO_DIGITS).into()),
            ]),
        ),
    };
    Map::from([("type", Doc::from(kind)), (kind, details.into())])
}

/// The stores in which a Konbini voucher can be paid.
fn stores(number: Option<&str>, payment_code: &str) -> Map {
    let confirmation = number.unwrap_or(payment_code);
    let codes = [("confirmation_number", confirmation), ("payment_code", payment_code)];
    let store = Map::from(codes.map(|(key, code)| (key, code.to_owned())));
    Map::from(["familymart", "lawson", "ministop", "seicomart"].map(|chain| (chain, store.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voucher_expires_at_the_end_of_a_day_of_its_country() {
        // 2026-01-01T12:00:00Z.
        const NOON: i64 = 1_767_268_800;
        assert_eq!(expiry(NOON, Action::Multibanco, None), 1_767_916_799); // 2026-01-08T23:59:59Z
        assert_eq!(expiry(NOON, Action::Boleto, None), 1_767_571_199 + 3 * HOUR); // 2026-01-04T23:59:59-03:00
        assert_eq!(expiry(NOON, Action::Konbini, None), 1_767_571_199 - 9 * HOUR);
        let one = Map::from([("expires_after_days", 1)]);
        assert_eq!(expiry(NOON, Action::Oxxo, Some(&one)), 1_767_398_399 + 6 * HOUR);
        let then = Map::from([("expires_at", 5)]);
        assert_eq!(expiry(NOON, Action::Konbini, Some(&then)), 5);
    }
}
