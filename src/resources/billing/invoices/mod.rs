//! Invoices (billing 3, billing-2 5).
//!
//! May use: invoice items and payments, payment intents, customers and their balances, discounts, pricing. Invariant: the total is
//! the sum of the lines' totals and of the shipping; once an invoice is no draft, only what was paid, credited and tried
//! changes; all money moves through payment intents.

mod amounts;
mod billed;
mod billing_credits;
mod close;
mod collect;
mod create;
mod credit;
mod draft;
mod due;
mod edit;
mod finalize;
mod follow;
mod lines;
mod marks;
mod method;
mod of_subscription;
mod older;
mod page;
mod payments;
pub mod preview;
mod quoted;
mod taxes;
mod terms;
pub mod triggers;

pub use self::amounts::show_chosen as shown_taxes;
pub use self::billed::{PaidSale, bill};
pub use self::close::{stop, void_open, write_off};
pub use self::create::Purpose;
pub use self::credit::{charge_of, give_back, take_off};
pub use self::lines::{InvoiceLine, LINES, NewLine, add_of_subscription, of as lines_of, replace_of_subscription};
pub use self::method::of as method_of;
pub use self::of_subscription::{
    BillPayment, Charging, NewBill, draft_of, finalize_at_once, leave_as_draft, leave_for_an_hour,
    leave_for_an_hour_at, void_draft, write_off_draft,
};
pub use self::older::amounts_of as tax_amounts_of;
pub use self::page::{intent, offers, pay};
pub use self::quoted::{QuotedSale, draft_of_quote};

use crate::api::list;
use crate::contract::{
    Behaviour, Call, Clocked, Ctx, Defaults, Entry, Events, Expand, Fill, Include, Outcome, STATEMENTS, SearchField,
    Searched, Shown,
};
use crate::error::Result;
use crate::object::body;
use crate::resources::billing::rendering_templates;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Flag, Resource, downcast};
use crate::state::{Id, Kind, Record, Ref, Tx};

crate::values! {
    /// How far an invoice is (billing 3.2).
    pub enum InvoiceStatus {
        /// It may change.
        Draft = "draft",
        /// It is to be paid.
        Open = "open",
        Paid = "paid",
        /// Nobody expects that it is paid; it still may be.
        Uncollectible = "uncollectible",
        /// It is as if it had never been.
        Void = "void",
    }
}

crate::values! {
    /// Why an invoice was made (billing-2 5.1).
    pub enum BillingReason {
        AutomaticPendingInvoiceItemInvoice = "automatic_pending_invoice_item_invoice",
        Manual = "manual",
        QuoteAccept = "quote_accept",
        Subscription = "subscription",
        SubscriptionCreate = "subscription_create",
        SubscriptionCycle = "subscription_cycle",
        SubscriptionThreshold = "subscription_threshold",
        SubscriptionUpdate = "subscription_update",
        Upcoming = "upcoming",
    }
}

crate::values! {
    /// How an invoice is paid.
    pub enum CollectionMethod {
        /// By the customer's payment method, without the customer.
        ChargeAutomatically = "charge_automatically",
        /// By the customer, who gets it.
        SendInvoice = "send_invoice",
    }
}

crate::values! {
    /// What has happened to an invoice whose events are still to be named.
    pub enum Unannounced {
        /// It was made, and finalized at once.
        Creation = "creation",
        Finalization = "finalization",
        /// Nothing more: that it was made and finalized at once comes before the payment.
        Payment = "payment",
    }
}

impl Unannounced {
    /// The events that come with those of the payment.
    fn events(self) -> &'static [&'static str] {
        match self {
            Unannounced::Creation => &["invoice.created", "invoice.finalized"],
            Unannounced::Finalization => &["invoice.updated", "invoice.finalized"],
            Unannounced::Payment => &[],
        }
    }
}

crate::resource! {
    /// An invoice.
    Invoice = "invoice" {
        /// Unix seconds.
        created: i64,
        /// What is to be paid in all, in the currency's smallest unit.
        amount_due: i64,
        /// What was paid beyond that.
        amount_overpaid: i64,
        /// What was paid.
        amount_paid: i64,
        /// What is left to pay.
        amount_remaining: i64,
        /// What the shipping costs.
        amount_shipping: i64,
        /// How often it was tried to be paid by itself, or by the first call.
        attempt_count: i64,
        /// Whether it was tried.
        attempted: bool,
        /// Whether it goes on by itself: from a draft to payment.
        auto_advance: bool,
        /// When the draft is finalized, in Unix seconds.
        automatically_finalizes_at: Option<i64>,
        /// Why it was made.
        billing_reason: Option<BillingReason>,
        /// How it is paid.
        collection_method: CollectionMethod,
        /// Three letters, lower case.
        currency: String,
        /// Who is billed.
        customer: Option<Id>,
        /// The tax rates of lines without rates of their own, as they were when it got them.
        default_tax_rates: Vec<Doc>,
        /// The discounts on all lines, in order.
        discounts: Vec<Id>,
        /// Until when it is to be paid, in Unix seconds.
        due_date: Option<i64>,
        /// The date on it, in Unix seconds.
        effective_at: Option<i64>,
        /// The customer's balance when it had taken from it; null on a draft.
        ending_balance: Option<i64>,
        /// The user's own keys and values.
        metadata: Map,
        /// When it is tried again, in Unix seconds.
        next_payment_attempt: Option<i64>,
        /// Its number, which the customer sees; null on a draft without one.
        number: Option<String>,
        /// What credit notes took off after it was paid.
        post_payment_credit_notes_amount: i64,
        /// What credit notes took off before it was paid.
        pre_payment_credit_notes_amount: i64,
        /// The customer's balance before it took from it.
        starting_balance: i64,
        /// How far it is.
        status: Option<InvoiceStatus>,
        /// When it was finalized, paid, voided, written off, in Unix seconds.
        status_transitions: Map,
        /// After the lines' own discounts.
        subtotal: i64,
        /// After all discounts, with taxes and shipping.
        total: i64,
    }
    hidden {
        /// The intents that pay it, the one that it opened first.
        payment_intents: Vec<Id>,
        /// Where its money goes to, for its intent.
        transfer_data: Absent<Map>,
        /// The platform's share, for its intent.
        application_fee_amount: Absent<i64>,
        /// Whether it was paid in another way than by an intent.
        paid_out_of_band: Flag,
        /// The failed charge, or the action of the customer, that it has heard of.
        heard_of: Absent<String>,
        /// The payment method that a bank refused for good: it is not charged again.
        refused_method: Absent<Id>,
        /// Whether there was nothing to charge when it was last tried by itself: it is not tried again, and that ends nothing.
        lacks_method: Flag,
        /// When the customer is reminded that it is due soon, in Unix seconds; never unless a setting says so.
        will_be_due_at: Absent<i64>,
        /// When it is overdue, in Unix seconds; never unless a setting says so.
        overdue_at: Absent<i64>,
        /// The platform's share of it in percent, of a subscription's.
        fee_percent: Absent<Doc>,
        /// The share in percent that goes where its money goes to; all of it without one.
        transfer_percent: Absent<Doc>,
        /// Whether the last attempt to charge it failed, or waits for the customer.
        failing: Flag,
        /// Whether its due date has passed.
        lapsed: Flag,
        /// What has happened to it whose events are still to be named, with those of its payment.
        unannounced: Absent<Unannounced>,
    }
}

/// The kind, for references.
pub const KIND: Kind = Invoice::KIND;

impl Invoice {
    /// Whether it may change.
    pub fn is_draft(&self) -> bool {
        self.status == Some(InvoiceStatus::Draft)
    }

    /// Whether it waits to be paid.
    pub fn is_open(&self) -> bool {
        self.status == Some(InvoiceStatus::Open)
    }

    /// Whether it waits to be paid, or nobody expects it and it still may be.
    pub fn can_be_paid(&self) -> bool {
        matches!(self.status, Some(InvoiceStatus::Open | InvoiceStatus::Uncollectible))
    }

    /// Whether it was tried, has to wait for the customer, or is overdue, and is not paid.
    pub fn has_failed(&self) -> bool {
        self.can_be_paid() && if self.is_charged() { self.failing.0 } else { self.lapsed.0 }
    }

    /// Whether it has failed and is not tried again by itself.
    pub fn is_given_up(&self) -> bool {
        let reason = self.rest.map("status_details").and_then(|details| details.map("uncollectible")?.str("reason"));
        match self.status {
            Some(InvoiceStatus::Open) => {
                // One that waits for the customer was not tried for the last time.
                let is_tried = self.has_failed() && self.attempt_count > 0;
                let goes_on = self.next_payment_attempt.is_some() || self.lacks_method.0;
                is_tried && self.is_charged() && self.auto_advance && !goes_on
            }
            Some(InvoiceStatus::Uncollectible) => reason == Some(close::MAX_ATTEMPTS),
            Some(InvoiceStatus::Draft | InvoiceStatus::Paid | InvoiceStatus::Void) | None => false,
        }
    }

    /// Whether nothing is left to pay.
    pub fn is_paid(&self) -> bool {
        self.status == Some(InvoiceStatus::Paid)
    }

    /// Whether it is paid by the customer's payment method.
    pub fn is_charged(&self) -> bool {
        self.collection_method == CollectionMethod::ChargeAutomatically
    }

    /// The test clock that it lives on.
    pub fn clock(&self) -> Option<&str> {
        self.rest.str("test_clock")
    }

    /// The subscription that it bills.
    pub fn subscription(&self) -> Option<&str> {
        self.rest.map("parent")?.map("subscription_details")?.str("subscription")
    }

    /// Whether it is the first of a subscription.
    pub fn is_first(&self) -> bool {
        let begins =
            matches!(self.billing_reason, Some(BillingReason::SubscriptionCreate | BillingReason::QuoteAccept));
        begins && self.subscription().is_some()
    }

    /// Whether its customer pays no tax.
    pub fn is_tax_exempt(&self) -> bool {
        amounts::is_tax_exempt(self)
    }

    /// The intent that it opened.
    pub fn payment_intent(&self) -> Option<&Id> {
        self.payment_intents.first()
    }
}

/// `GET /v1/invoices`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let due = call.params.get("due_date");
    let keep = |record: &Record| {
        due.is_none()
            || downcast::<Invoice>(&*record.object)
                .and_then(|invoice| invoice.due_date)
                .is_some_and(|date| list::within(due, date))
    };
    list::page_where(tx, &ENTRY, call, None, &keep).map(Outcome::List)
}

/// A reference to an invoice.
fn reference(id: &Id) -> Ref {
    Ref { kind: KIND, id: Id::clone(id) }
}

/// The defaults of a new invoice.
const DEFAULTS: Defaults = &[
    ("amount_due", Fill::Int(0)),
    ("amount_overpaid", Fill::Int(0)),
    ("amount_paid", Fill::Int(0)),
    ("amount_remaining", Fill::Int(0)),
    ("amount_shipping", Fill::Int(0)),
    ("attempt_count", Fill::Int(0)),
    ("attempted", Fill::Flag(false)),
    ("auto_advance", Fill::Flag(false)),
    ("automatic_tax.enabled", Fill::Flag(false)),
    ("billing_reason", Fill::Text("manual")),
    ("collection_method", Fill::Text("charge_automatically")),
    // shapes 1.6
    ("confirmation_secret", Fill::Absent),
    ("currency", Fill::Text("usd")),
    ("customer_tax_exempt", Fill::Text("none")),
    ("customer_tax_ids", Fill::EmptyList),
    ("default_tax_rates", Fill::EmptyList),
    ("discounts", Fill::EmptyList),
    ("hosted_invoice_url", Fill::Null),
    ("invoice_pdf", Fill::Null),
    ("issuer.type", Fill::Text("self")),
    ("parent.type", Fill::Text("subscription_details")),
    ("payment_settings.payment_method_options.bancontact.preferred_language", Fill::Text("en")),
    ("period_end", Fill::Now),
    ("period_start", Fill::Now),
    ("post_payment_credit_notes_amount", Fill::Int(0)),
    ("pre_payment_credit_notes_amount", Fill::Int(0)),
    ("rendering.pdf.page_size", Fill::Text("auto")),
    ("starting_balance", Fill::Int(0)),
    ("status", Fill::Text("draft")),
    ("subtotal", Fill::Int(0)),
    ("subtotal_excluding_tax", Fill::Int(0)),
    ("total", Fill::Int(0)),
    ("total_discount_amounts", Fill::EmptyList),
    ("total_excluding_tax", Fill::Int(0)),
    ("total_pretax_credit_amounts", Fill::EmptyList),
    ("total_taxes", Fill::EmptyList),
    ("webhooks_delivered_at", Fill::Now),
];

/// How it is searched.
const SEARCH: Searched = Searched {
    plural: "invoices",
    fields: &[
        SearchField::number("created"),
        SearchField::token("currency"),
        SearchField::token("customer"),
        SearchField::token("last_finalization_error_code").at("last_finalization_error.code"),
        SearchField::token("last_finalization_error_type").at("last_finalization_error.type"),
        SearchField::text("number"),
        SearchField::text("receipt_number"),
        SearchField::text("status"),
        SearchField::text("subscription").at("parent.subscription_details.subscription"),
        SearchField::number("total"),
    ],
};

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: marks::MARKS,
    fields: Invoice::FIELDS,
    noun: "invoice",
    id: IdForm::of("in_").led_by("1"),
    path_param: "invoice",
    operations: &[
        ("invoices.create", Behaviour::Write(create::create)),
        ("invoices.retrieve", Behaviour::Retrieve),
        ("invoices.update", Behaviour::Write(edit::update)),
        ("invoices.delete", Behaviour::Write(edit::delete)),
        ("invoices.list", Behaviour::Read(list)),
        ("invoices.add_lines", Behaviour::Write(edit::add_lines)),
        ("invoices.update_lines", Behaviour::Write(edit::update_lines)),
        ("invoices.remove_lines", Behaviour::Write(edit::remove_lines)),
        ("invoices.finalize_invoice", Behaviour::Write(finalize::finalize)),
        ("invoices.pay", Behaviour::Write(collect::pay)),
        ("invoices.attach_payment", Behaviour::Write(payments::attach)),
        ("invoices.send_invoice", Behaviour::Write(close::send)),
        ("invoices.void_invoice", Behaviour::Write(close::void)),
        ("invoices.mark_uncollectible", Behaviour::Write(close::mark_uncollectible)),
    ],
    filters: &[
        crate::filter!("subscription", Invoice, Invoice::subscription, Some(crate::kind!("subscription"))),
        // Not parameters of the list: they find the invoices of an intent, and the drafts that follow a customer.
        crate::state::Filter {
            param: "payment_intent",
            values: |object, _, out| {
                let intents = downcast::<Invoice>(object).map_or(&[][..], |invoice| &invoice.payment_intents);
                intents.iter().for_each(|intent| out(intent));
            },
            target: None,
        },
        crate::filter!("draft_of", Invoice, |invoice| invoice.customer.as_deref().filter(|_| invoice.is_draft())),
        crate::filter!("customer", Invoice, |invoice| invoice.customer.as_deref(), Some(customer::KIND)),
        crate::filter!("customer_account", Invoice, |invoice| invoice.rest.str("customer_account")),
        crate::filter!("status", Invoice, |invoice| invoice.status.map(InvoiceStatus::as_str)),
        crate::filter!("collection_method", Invoice, |invoice| Some(invoice.collection_method.as_str())),
    ],
    includes: &[
        Include {
            field: "lines",
            shown: Shown::Always,
            total_count: true,
            rows: lines::rows,
            url: |invoice| format!("/v1/invoices/{invoice}/lines"),
        },
        Include {
            field: "payments",
            shown: Shown::Expanded,
            total_count: false,
            rows: |tx, invoice| tx.records_having(crate::kind!("invoice_payment"), "invoice", invoice),
            url: |_| "/v1/invoices/payments".to_owned(),
        },
    ],
    joins: &[payments::CONFIRMATION_SECRET],
    expands: &[
        Expand::reference("charge", &["charge"]),
        Expand::reference("discount", &["discount"]),
        Expand::field("confirmation_secret"),
        Expand::reference("payment_intent", &["payment_intent"]),
        Expand::reference("quote", &["quote"]),
        Expand::reference("subscription", &["subscription"]),
        Expand::reference("total_tax_amounts.tax_rate", &["tax_rate"]),
    ],
    search: Some(&SEARCH),
    changes: older::CHANGES,
    statements: STATEMENTS,
    blank: Some(|ctx| body::blank_of(KIND).with("period_end", ctx.now).with("period_start", ctx.now)),
    import: crate::contract::import::<Invoice>,
    imported: Some(draft::imported),
    reactions: follow::REACTIONS,
    dues: due::DUES,
    clocked: Some(Clocked { clock: |object| downcast::<Invoice>(object)?.clock(), limit: None }),
    events: Events {
        created: Some("invoice.created"),
        updated: &["invoice.updated"],
        deleted: Some("invoice.deleted"),
        ..Events::NONE
    },
    named_by: &["invoice"],
    references: &[("rendering.template", &[rendering_templates::KIND])],
    defaults: DEFAULTS,
    renamed: &[("subscription", "parent.subscription_details.subscription")],
    triggers: triggers::TRIGGERS,
    ..Entry::PLAIN
};

/// The page of an invoice, the address in its `hosted_invoice_url`.
pub fn page(ctx: &Ctx<'_>, id: &str) -> String {
    ctx.link(&format!("/i/{id}"))
}
