//! Credit balance transactions (billing-2 11.2): the ledger of the grants.
//!
//! May use: the grants. Invariant: no transaction is ever changed, and each changes what is left of its grant by its amount.

use std::sync::Arc;

use super::grants::{self, CreditGrant};
use crate::api::list;
use crate::contract::{Behaviour, Call, Clocked, Ctx, Entry, Events, Marked, Outcome};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource, downcast};
use crate::state::{Id, Kind, Tx};

crate::values! {
    /// Whether a grant has more afterwards, or less.
    pub enum Direction {
        Credit = "credit",
        Debit = "debit",
    }
}

crate::values! {
    /// What a transaction is for.
    pub enum Purpose {
        /// A grant pays for a line of an invoice.
        Applied = "credits_applied",
        /// The invoice was voided, so that the grant has it back.
        InvoiceVoided = "credits_application_invoice_voided",
        Expired = "credits_expired",
        Granted = "credits_granted",
        Voided = "credits_voided",
    }
}

crate::resource! {
    /// One change of what is left of a grant.
    CreditTransaction = "billing.credit_balance_transaction" {
        /// Unix seconds of the customer's clock.
        created: i64,
        /// The amount and its purpose, if the grant has more afterwards.
        credit: Option<Map>,
        /// The grant.
        credit_grant: Id,
        /// The amount and its purpose, if the grant has less afterwards.
        debit: Option<Map>,
        /// `credit` or `debit`.
        direction as "type": Option<Direction>,
    }
    hidden {
        /// The grant's customer.
        customer: Absent<Id>,
        /// The invoice that it is about.
        invoice: Absent<Id>,
    }
}

/// A change of what is left of a grant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement<'a> {
    /// What for.
    pub(super) purpose: Purpose,
    /// The change in the currency's smallest unit; below zero: the grant has less.
    pub(super) amount: i64,
    /// The invoice and the id of its line, if it is about one.
    pub(super) about: Option<(&'a str, &'a str)>,
}

impl CreditTransaction {
    /// The invoice, the line and the amount of a use.
    pub(super) fn applied(&self) -> Option<(&str, &str, i64)> {
        let debit = self.debit.as_ref()?;
        let applied = debit.map("credits_applied")?;
        let amount = debit.map("amount")?.map("monetary")?.int("value")?;
        Some((applied.str("invoice")?, applied.str("invoice_line_item")?, amount))
    }

    /// The change of what is left of the grant, in the currency's smallest unit.
    pub(super) fn signed(&self) -> i64 {
        let amount = |half: &Option<Map>| half.as_ref()?.map("amount")?.map("monetary")?.int("value");
        amount(&self.credit).unwrap_or_default() - amount(&self.debit).unwrap_or_default()
    }

    /// The invoice and the line of a use that was given back.
    pub(super) fn returned(&self) -> Option<(&str, &str)> {
        let voided = self.credit.as_ref()?.map("credits_application_invoice_voided")?;
        Some((voided.str("invoice")?, voided.str("invoice_line_item")?))
    }
}

/// The transactions of a grant, newest first.
pub(super) fn of_grant(tx: &Tx, grant: &str) -> Vec<Arc<CreditTransaction>> {
    tx.having("credit_grant", grant)
}

/// The transactions about an invoice, newest first.
pub(super) fn of_invoice(tx: &Tx, invoice: &str) -> Vec<Arc<CreditTransaction>> {
    tx.having("invoice", invoice)
}

/// Books a change of what is left of a grant. Returns the transaction; `None` if there is no such grant.
pub(super) fn book(tx: &mut Tx, ctx: &Ctx<'_>, grant: &str, movement: Movement<'_>) -> Option<Id> {
    let grant = tx.get::<CreditGrant>(grant)?;
    let Movement { purpose, amount, about } = movement;
    let now = ctx.now_of(tx, grant.test_clock());
    let monetary =
        Map::from([("currency", Doc::from(grant.amount().0.to_owned())), ("value", amount.saturating_abs().into())]);
    let mut half = Map::from([
        ("amount", Doc::from(Map::from([("monetary", Doc::from(monetary)), ("type", "monetary".into())]))),
        ("type", purpose.into()),
    ]);
    let invoice = about
        .map(|(invoice, line)| Map::from([("invoice", invoice.to_owned()), ("invoice_line_item", line.to_owned())]));
    let (direction, detail) = match purpose {
        Purpose::Granted | Purpose::InvoiceVoided => (Direction::Credit, Purpose::InvoiceVoided),
        Purpose::Applied | Purpose::Expired | Purpose::Voided => (Direction::Debit, Purpose::Applied),
    };
    half.set(detail.as_str(), invoice);
    let (credit, debit) = match direction {
        Direction::Credit => (Some(half), None),
        Direction::Debit => (None, Some(half)),
    };
    let mut rest = template::template(CreditTransaction::KIND);
    rest.set("effective_at", now);
    rest.set("livemode", false);
    rest.set("test_clock", grant.test_clock().map(str::to_owned));
    let made = tx.insert(CreditTransaction {
        id: ENTRY.id.draw(&ctx.ids).into(),
        created: now,
        credit,
        credit_grant: Id::clone(&grant.id),
        debit,
        direction: Some(direction),
        customer: Absent(Some(Id::clone(&grant.customer))),
        invoice: Absent(about.map(|(invoice, _)| invoice.into())),
        rest,
    });
    tx.quietly(|tx| tx.update::<CreditGrant>(&grant.id, |grant| grant.left = grant.left.saturating_add(amount)));
    Some(made.id)
}

/// `GET /v1/billing/credit_balance_transactions`: those of one customer.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    if call.params.present("customer").is_none() {
        return Err(ApiError::param_missing("customer"));
    }
    list::page(tx, &ENTRY, call, None).map(Outcome::List)
}

/// The kind, for references.
pub const KIND: Kind = CreditTransaction::KIND;

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: CreditTransaction::FIELDS,
    noun: "credit balance transaction",
    id: IdForm::v2("cbtxn_test_"),
    marks: &[Marked::refused(&["customer_account"])],
    operations: &[
        ("billing.credit_balance_transactions.retrieve", Behaviour::Retrieve),
        ("billing.credit_balance_transactions.list", Behaviour::Read(list)),
    ],
    filters: &[
        crate::filter!("credit_grant", CreditTransaction, |booked| Some(&booked.credit_grant), Some(grants::KIND)),
        crate::filter!("customer", CreditTransaction, |booked| booked.customer.0.as_deref(), Some(customer::KIND)),
        crate::filter!("invoice", CreditTransaction, |booked| booked.invoice.0.as_deref()),
    ],
    import: crate::contract::import::<CreditTransaction>,
    imported: Some(|tx, _, about| {
        let grant =
            tx.get::<CreditTransaction>(&about.id).and_then(|booked| tx.get::<CreditGrant>(&booked.credit_grant));
        if let Some(grant) = grant {
            tx.update::<CreditTransaction>(&about.id, |booked| booked.customer = Absent(Some(grant.customer.clone())));
        }
        Ok(())
    }),
    events: Events { created: Some("billing.credit_balance_transaction.created"), ..Events::NONE },
    clocked: Some(Clocked {
        clock: |object| downcast::<CreditTransaction>(object)?.rest.str("test_clock"),
        limit: None,
    }),
    ..Entry::PLAIN
};
