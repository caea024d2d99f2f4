//! The accounts that take part in a payment, and their shares of it, wherever parameters name them (billing 2.4, 6.3, 6.4).
//!
//! May use: accounts and what they may do, percentages. Invariant: an account or a share is checked in the same way, and refused
//! in the same words, in every parameter that names one.

use super::directory;
use super::standing;
use crate::contract::{In, ParamRule, SentParam, missing, missing_as};
use crate::error::{ApiError, Result};
use crate::money::Decimal;
use crate::resources::catalog::coupons;
use crate::state::document::Map;
use crate::state::{AccountKey, Kind, Tx};

/// The platform's share of a payment, and of each payment of a subscription.
const FEE_AMOUNT: &str = "application_fee_amount";
const FEE_PERCENT: &str = "application_fee_percent";

/// What is made on behalf of an account without a payment.
const CHARGING_NOBODY: [Kind; 2] = [crate::kind!("billing_portal.session"), crate::kind!("terminal.onboarding_link")];

/// The parameters that name whom a payment is for besides the platform.
const OTHERS: [&str; 2] = ["on_behalf_of", "transfer_data"];

/// What parameters with these names must be. Payments check their own, together with the amount.
pub(super) const RULES: &[ParamRule] = &[
    ParamRule { ends: "transfer_data.destination", check: |sent| each(sent, destination) },
    ParamRule {
        ends: "on_behalf_of",
        check: |sent| each(sent, if CHARGING_NOBODY.contains(&sent.about) { acting_for } else { on_behalf_of }),
    },
    ParamRule { ends: "issuer", check: check_named },
    ParamRule { ends: "liability", check: check_named },
    ParamRule { ends: "transfer_data.amount", check: check_part },
    ParamRule { ends: "transfer_data.amount_percent", check: check_percent },
    ParamRule { ends: "application_fee_amount", check: check_amount },
    ParamRule { ends: "application_fee_percent", check: |sent| check_percent(sent).and_then(|()| check_payer(sent)) },
];

/// The account that gets the money of a payment: a connected one, and none in a connected account.
///
/// # Errors
/// There is none with this id, it is the platform, or it may not receive money.
pub fn destination(tx: &Tx, id: &str, param: &str) -> Result<AccountKey> {
    match tx.account() {
        AccountKey::PLATFORM => receiver(tx, id, param),
        _ => Err(missing_as("destination", id, In::Param(param))),
    }
}

/// The account that a transfer goes to: a connected account, or the platform of the one that sends it (connect-accounts 7.1).
///
/// # Errors
/// There is none with this id, it is the current account itself, both are connected accounts, or it may not receive money.
pub fn receiver(tx: &Tx, id: &str, param: &str) -> Result<AccountKey> {
    match directory::find(tx, id) {
        Some(there) if there == tx.account() => Err(ApiError::destination_is_own(param)),
        Some(there) if [there, tx.account()].contains(&AccountKey::PLATFORM) => {
            standing::check_destination(tx, there).map(|()| there)
        }
        _ => Err(missing_as("destination", id, In::Param(param))),
    }
}

/// The account on whose behalf a payment is taken.
///
/// # Errors
/// There is none with this id, or it may not take payments.
pub fn on_behalf_of(tx: &Tx, id: &str, param: &str) -> Result<AccountKey> {
    let account = acting_for(tx, id, param)?;
    standing::check_on_behalf_of(tx, account, param).map(|()| account)
}

/// The account on whose behalf something is made that is no payment.
fn acting_for(tx: &Tx, id: &str, param: &str) -> Result<AccountKey> {
    directory::find(tx, id).ok_or_else(|| missing_as("on_behalf_of", id, In::Param(param)))
}

/// Checks that a fee is taken of somebody; `kept` contains the stored parameters with the new ones.
///
/// # Errors
/// There is a fee, and nobody but the platform gets the money.
pub fn check_fee(tx: &Tx, kept: &Map) -> Result<()> {
    if tx.account() != AccountKey::PLATFORM || OTHERS.iter().any(|key| kept.present(key).is_some()) {
        return Ok(());
    }
    if kept.present(FEE_AMOUNT).is_some() {
        return Err(ApiError::intent_fee_for_nobody());
    }
    if kept.present(FEE_PERCENT).is_some() { Err(ApiError::fee_needs_other_account()) } else { Ok(()) }
}

/// Checks the account that a parameter names.
fn each(sent: &SentParam<'_>, check: fn(&Tx, &str, &str) -> Result<AccountKey>) -> Result<()> {
    sent.value.as_str().map_or(Ok(()), |id| check(sent.tx, id, sent.param).map(drop))
}

/// A fee needs somebody else: beside it, in the settings of all phases, or already there. A preview asks for it when it runs.
fn check_payer(sent: &SentParam<'_>) -> Result<()> {
    if sent.call.has("schedule_details") {
        return Ok(());
    }
    let known = |key: &str| {
        let settings = |of: &Map| of.map("default_settings").and_then(|settings| settings.get(key)).cloned();
        let sent_now = sent.beside.get(key).cloned().or_else(|| settings(sent.call));
        sent_now.or_else(|| sent.changed?.present(key).cloned()).or_else(|| settings(sent.changed?))
    };
    let mut kept = Map::from(OTHERS.map(|key| (key, known(key).unwrap_or_default())));
    for key in [FEE_AMOUNT, FEE_PERCENT] {
        kept.set(key, sent.beside.get(key).cloned().unwrap_or_default());
    }
    check_fee(sent.tx, &kept).map_err(|error| error.about_other(|_| Some(sent.param.to_owned())))
}

/// Who issues an invoice or is liable for its taxes: the account itself, or another one, which is named.
fn check_named(sent: &SentParam<'_>) -> Result<()> {
    let Some(named) = sent.value.as_map() else { return Ok(()) };
    let param = format!("{}[account]", sent.param);
    match (named.str("type"), named.str("account")) {
        (Some("account"), None) => Err(ApiError::param_missing(&param)),
        (_, Some(id)) if !directory::is_known(sent.tx, id) => Err(missing(directory::KIND, id, In::Param(&param))),
        _ => Ok(()),
    }
}

/// The part that is sent on, in the smallest unit of a currency.
fn check_part(sent: &SentParam<'_>) -> Result<()> {
    match sent.value.as_int() {
        Some(..=0) => Err(ApiError::param_below(sent.param, 1)),
        _ => Ok(()),
    }
}

/// A fee in the smallest unit of a currency.
fn check_amount(sent: &SentParam<'_>) -> Result<()> {
    match sent.value.as_int() {
        Some(..0) => Err(ApiError::param_negative(sent.param)),
        _ => check_payer(sent),
    }
}

/// A share lies between 0 and 100 and has at most two decimals.
fn check_percent(sent: &SentParam<'_>) -> Result<()> {
    let SentParam { value, param, .. } = sent;
    if value.is_null() {
        return Ok(());
    }
    let in_range = coupons::percentage(value).filter(|percent| (Decimal::ZERO..=Decimal::HUNDRED).contains(percent));
    let percent = in_range.ok_or_else(|| ApiError::percent_out_of_range(param))?;
    let text = percent.text();
    let digits = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    if digits > 2 { Err(ApiError::param_too_fine(param, &text, 2)) } else { Ok(()) }
}
