//! Reconciliation: a received transfer is applied to the customer's open payments.
//!
//! May use: the intents that wait for a transfer. Invariant: a transfer whose reference belongs to an intent is applied
//! to that one alone; otherwise to intents that it pays exactly, and then to the oldest.

use super::transfer::{self, WaitingIntent};
use crate::contract::{Call, Ctx, Outcome};
use crate::error::{ApiError, Result};
use crate::money;
use crate::resources::customers::cash_balances::{
    CashBalance, CashTransaction, available, receive, reconciles_automatically,
};
use crate::resources::customers::customer;
use crate::resources::payments::rails;
use crate::state::object::Resource;
use crate::state::{Id, Ref, Tx};

/// The largest number of intents that one transfer can pay exactly.
const GROUP_MAX: usize = 5;

/// The largest number of waiting intents among which an exact group is searched; it bounds the time.
const GROUP_OF_MAX: usize = 20;

/// `POST /v1/test_helpers/customers/:customer/fund_cash_balance`.
pub(in crate::resources::payments::payment_intents) fn fund(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    call: &Call<'_>,
) -> Result<Outcome> {
    let params = &call.params;
    let customer = Id::clone(&customer::in_path(tx, call.arg(0))?.id);
    let amount = params.int("amount").unwrap_or_default();
    let sent = params.str("currency").unwrap_or_default();
    let currency = check(amount, sent)?;
    let reference = params.str("reference").map(str::to_owned);
    let row = receive(tx, ctx, &customer, &currency, amount, reference.clone());
    if reconciles_automatically(tx, &customer) {
        reconcile(tx, ctx, &customer, &currency, amount, reference.as_deref())?;
    }
    if available(tx, &customer, &currency) > 0 {
        tx.announce("cash_balance.funds_available", &Ref { kind: CashBalance::KIND, id: customer });
    }
    Ok(Outcome::Done(Ref { kind: CashTransaction::KIND, id: row }))
}

fn check(amount: i64, sent: &str) -> Result<String> {
    let currency = sent.to_lowercase();
    if amount < 1 {
        return Err(ApiError::param_below("amount", 1));
    }
    if !money::is_currency(&currency) {
        return Err(ApiError::currency_invalid("currency", sent, money::CURRENCIES));
    }
    let supported = rails::of("customer_balance").map_or(&[][..], |rail| rail.currencies);
    if !supported.contains(&currency.as_str()) {
        return Err(ApiError::transfer_currency_unsupported(&currency, supported));
    }
    Ok(currency)
}

/// Applies a transfer to the waiting intents.
fn reconcile(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    customer: &Id,
    currency: &str,
    amount: i64,
    reference: Option<&str>,
) -> Result<()> {
    let waiting = transfer::waiting(tx, customer, currency);
    let named = reference.and_then(|text| waiting.iter().find(|waiting| text.contains(&waiting.reference)));
    if let Some(named) = named {
        let share = named.lacking.min(available(tx, customer, currency));
        return transfer::fund(tx, ctx, &named.intent, share);
    }
    let chosen: Vec<&WaitingIntent> = exact_group(&waiting, amount).unwrap_or_else(|| waiting.iter().collect());
    for waiting in chosen {
        let share = waiting.lacking.min(available(tx, customer, currency));
        if share > 0 {
            transfer::fund(tx, ctx, &waiting.intent, share)?;
        }
    }
    Ok(())
}

/// The smallest group of intents whose rests add up to this amount, the oldest of equal groups.
fn exact_group(waiting: &[WaitingIntent], amount: i64) -> Option<Vec<&WaitingIntent>> {
    let candidates = &waiting[..waiting.len().min(GROUP_OF_MAX)];
    (1..=GROUP_MAX).find_map(|size| group(candidates, size, amount))
}

fn group(waiting: &[WaitingIntent], size: usize, amount: i64) -> Option<Vec<&WaitingIntent>> {
    if size == 0 {
        return (amount == 0).then(Vec::new);
    }
    waiting.iter().enumerate().filter(|(_, first)| first.lacking <= amount).find_map(|(at, first)| {
        let mut rest = group(&waiting[at + 1..], size - 1, amount - first.lacking)?;
        rest.insert(0, first);
        Some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(lacking: &[i64], amount: i64) -> Option<Vec<i64>> {
        let waiting: Vec<WaitingIntent> = lacking
            .iter()
            .map(|lacking| WaitingIntent { intent: "pi".into(), lacking: *lacking, reference: String::new() })
            .collect();
        exact_group(&waiting, amount).map(|group| group.iter().map(|waiting| waiting.lacking).collect())
    }

    #[test]
    fn the_smallest_group_that_fits_exactly_is_chosen() {
        assert_eq!(chosen(&[300, 500, 200], 500), Some(vec![500]));
        assert_eq!(chosen(&[300, 400, 200, 100], 500), Some(vec![300, 200]));
        assert_eq!(chosen(&[100, 100, 100, 100, 100, 100], 500), Some(vec![100; 5]));
        assert_eq!(chosen(&[100, 100, 100, 100, 100, 100], 600), None);
        assert_eq!(chosen(&[300], 200), None);
        assert_eq!(chosen(&[], 200), None);
    }
}
