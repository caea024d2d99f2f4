//! Invoice payments: what pays an invoice (billing 3.10).
//!
//! May use: payment intents by their ids. Invariant: the invoice writes them; `amount_paid` is what came with its intent.

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Marked, Outcome};
use crate::error::Result;
use crate::object::{body, template};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Resource, downcast};
use crate::state::{Id, Kind, Record, Tx};

crate::values! {
    /// How far an invoice payment is.
    pub enum InvoicePaymentStatus {
        Canceled = "canceled",
        Open = "open",
        Paid = "paid",
    }
}

crate::resource! {
    /// A payment of an invoice.
    InvoicePayment = "invoice_payment" {
        /// Unix seconds.
        created: i64,
        /// What was paid, in the currency's smallest unit; null until it is.
        amount_paid: Option<i64>,
        /// What is to be paid, in the currency's smallest unit.
        amount_requested: i64,
        /// Three letters, lower case.
        currency: String,
        /// The invoice.
        invoice: Id,
        /// Whether it follows what is left to pay of the invoice.
        is_default: bool,
        /// What pays: an intent.
        payment: Map,
        /// `open`, `paid` or `canceled`.
        status: InvoicePaymentStatus,
        /// When it was paid or canceled, in Unix seconds.
        status_transitions: Map,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: Kind = InvoicePayment::KIND;

impl InvoicePayment {
    /// The intent that pays.
    pub fn payment_intent(&self) -> Option<&str> {
        self.payment.str("payment_intent")
    }

    /// Notes that it is paid: with this amount, at this time.
    pub fn pay(&mut self, amount: i64, at: i64) {
        self.status = InvoicePaymentStatus::Paid;
        self.amount_paid = Some(amount);
        self.status_transitions.set("paid_at", at);
    }

    /// Notes that nobody will pay it.
    pub fn cancel(&mut self, at: i64) {
        self.status = InvoicePaymentStatus::Canceled;
        self.status_transitions.set("canceled_at", at);
    }
}

/// Adds the payment of an invoice by an intent.
pub fn add(tx: &mut Tx, ctx: &Ctx<'_>, about: &NewPayment<'_>) -> Id {
    let id: Id = ENTRY.id.draw(&ctx.ids).into();
    tx.insert(InvoicePayment {
        id: Id::clone(&id),
        created: about.now,
        amount_paid: None,
        amount_requested: about.amount,
        currency: about.currency.to_owned(),
        invoice: Id::clone(about.invoice),
        is_default: about.is_default,
        payment: Map::from([
            ("payment_intent", about.payment_intent.to_string()),
            ("type", "payment_intent".to_owned()),
        ]),
        status: InvoicePaymentStatus::Open,
        status_transitions: Map::from([("canceled_at", Doc::Null), ("paid_at", Doc::Null)]),
        rest: template::template(KIND).with("livemode", false),
    });
    id
}

/// A new payment.
#[derive(Debug)]
pub struct NewPayment<'a> {
    /// The invoice.
    pub invoice: &'a Id,
    /// The intent that pays.
    pub payment_intent: &'a Id,
    /// What it is to pay, in the currency's smallest unit.
    pub amount: i64,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// Whether it follows what is left to pay.
    pub is_default: bool,
    /// Unix seconds.
    pub now: i64,
}

/// `GET /v1/invoice_payments`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let wanted = call.params.map("payment");
    let keep = |record: &Record| {
        let own = downcast::<InvoicePayment>(&*record.object).map(|payment| &payment.payment);
        wanted.is_none_or(|wanted| own.is_some_and(|own| wanted.iter().all(|(key, value)| own.get(key) == Some(value))))
    };
    let intent = wanted.and_then(|payment| payment.str("payment_intent"));
    list::page_where(tx, &ENTRY, call, intent.map(|intent| ("payment_intent", intent)), &keep).map(Outcome::List)
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[Marked::refused(&["payment.payment_record"])],
    fields: InvoicePayment::FIELDS,
    noun: "invoice payment",
    id: IdForm::of("inpay_").led_by("1"),
    path_param: "invoice_payment",
    operations: &[("invoice_payments.list", Behaviour::Read(list)), ("invoice_payments.retrieve", Behaviour::Retrieve)],
    filters: &[
        // Not a parameter of the list by itself: it finds the payment of an intent.
        crate::filter!("payment_intent", InvoicePayment, InvoicePayment::payment_intent),
        crate::filter!("invoice", InvoicePayment, |payment| Some(&*payment.invoice), Some(crate::kind!("invoice"))),
        crate::filter!("status", InvoicePayment, |payment| Some(payment.status.as_str())),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<InvoicePayment>,
    events: Events::NONE,
    named_by: &["invoice_payment"],
    ..Entry::PLAIN
};
