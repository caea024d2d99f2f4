//! Which grants pay for the metered lines of an invoice (billing-2 11.2), before its taxes.
//!
//! May use: the grants, the ledger. Invariant: no line gets more than its amount, and no grant gives more than it has; a plan
//! and what is carried out are the same.

use super::grants::{self, CreditGrant};
use super::transactions::{self, Movement, Purpose};
use crate::contract::Ctx;
use crate::state::{Id, Tx};

/// A metered line of an invoice.
#[derive(Clone, Copy, Debug)]
pub struct MeteredLine<'a> {
    /// The id of the line.
    pub id: &'a str,
    /// The id of its price, which has a meter.
    pub price: &'a str,
    /// What it costs after discounts and before taxes, in the currency's smallest unit; nothing is paid of what is not above
    /// zero.
    pub amount: i64,
}

/// A part of a line that a grant pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The position of the line.
    pub line: usize,
    /// The grant.
    pub grant: Id,
    /// What it pays, in the currency's smallest unit; above zero.
    pub amount: i64,
}

/// A part of a line that a grant paid, for the line's `pretax_credit_amounts` and the invoice's
/// `total_pretax_credit_amounts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The part.
    pub share: Share,
    /// The `billing.credit_balance_transaction`.
    pub transaction: Id,
}

/// What a customer's grants pay of the lines of an invoice in a currency (lower case): the grants in the order of their use,
/// each for the lines in their order. Nothing is written, so that a preview shows it too.
pub fn plan(tx: &Tx, customer: &str, currency: &str, lines: &[MeteredLine<'_>]) -> Vec<Share> {
    let mut owed: Vec<i64> = lines.iter().map(|line| line.amount).collect();
    let mut shares = Vec::new();
    let usable = |grant: &CreditGrant| grant.is_usable() && grant.amount().0 == currency;
    for grant in grants::of_customer(tx, customer).iter().filter(|grant| usable(grant)) {
        let mut left = grant.left;
        for (line, (metered, owed)) in lines.iter().zip(&mut owed).enumerate() {
            let amount = left.min(*owed);
            if amount > 0 && grant.pays_for(metered.price) {
                left -= amount;
                *owed -= amount;
                shares.push(Share { line, grant: Id::clone(&grant.id), amount });
            }
        }
    }
    shares
}

/// Lets a customer's grants pay for the lines of an invoice, by [`plan`]: each part becomes a transaction.
pub fn burn(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    customer: &str,
    invoice: &str,
    currency: &str,
    lines: &[MeteredLine<'_>],
) -> Vec<Applied> {
    let mut applied = Vec::new();
    for share in plan(tx, customer, currency, lines) {
        let about = lines.get(share.line).map(|line| (invoice, line.id));
        let movement = Movement { purpose: Purpose::Applied, amount: -share.amount, about };
        if let Some(transaction) = transactions::book(tx, ctx, &share.grant, movement) {
            applied.push(Applied { share, transaction });
        }
    }
    applied
}

/// Gives back to the grants what they paid of an invoice that was voided; not to one that is over. Done twice, it changes
/// nothing.
pub fn restore(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &str) {
    let booked = transactions::of_invoice(tx, invoice);
    for used in booked.iter().rev() {
        let Some((_, line, amount)) = used.applied() else { continue };
        let is_back = booked.iter().any(|other| {
            other.credit_grant == used.credit_grant && other.returned().is_some_and(|(_, back)| back == line)
        });
        let grant = tx.get::<CreditGrant>(&used.credit_grant);
        if !is_back && grant.is_some_and(|grant| !grant.expired && grant.voided_at.is_none()) {
            let about = Some((invoice, line));
            let movement = Movement { purpose: Purpose::InvoiceVoided, amount, about };
            transactions::book(tx, ctx, &used.credit_grant, movement);
        }
    }
}
