//! Quotes: what a customer is offered, until it is accepted (billing 5.2, billing-2 11.3).
//!
//! May use: the lines of objects, pricing, discounts, tax, invoices and subscriptions. Invariant: a quote that is not a draft offers
//! what it offered when it was finalized; only an open one is accepted, once.

mod accept;
mod amounts;
mod change;
mod create;
mod discount;
mod line_items;

use crate::contract::{
    Behaviour, ClockLimit, Clocked, Defaults, DueClock, DueOf, Entry, Events, Expand, Fill, Include, Marked, On,
    Reaction, Shown, Trigger, Turn, Who,
};
use crate::generic::lines;
use crate::object::body;
use crate::resources::billing::invoices::CollectionMethod;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Resource, downcast};
use crate::state::{Id, Kind, Ref};
use crate::time::calendar::DAY;

crate::values! {
    /// How far a quote is (billing-2 11.3).
    pub enum QuoteStatus {
        /// The customer took it.
        Accepted = "accepted",
        /// It was taken back, or expired.
        Canceled = "canceled",
        /// It can still be changed.
        Draft = "draft",
        /// The customer can accept it.
        Open = "open",
    }
}

crate::resource! {
    /// A quote.
    Quote = "quote" {
        /// Unix seconds.
        created: i64,
        /// Before discounts and taxes, in the currency's smallest unit.
        amount_subtotal: i64,
        /// After discounts and taxes, in the currency's smallest unit.
        amount_total: i64,
        /// How what it leads to is paid.
        collection_method: CollectionMethod,
        /// What is paid at first, and what again and again.
        computed: Map,
        /// Three letters, lower case; null without lines.
        currency: Option<String>,
        /// To whom it is made; null while that is not known.
        customer: Option<Id>,
        /// The tax rates of lines without rates of their own, by id.
        default_tax_rates: Vec<Id>,
        /// The discounts on all lines.
        discounts: Vec<Id>,
        /// When it is canceled if nobody accepts it, in Unix seconds.
        expires_at: i64,
        /// The quote that it is a copy or a revision of.
        from_quote: Option<Map>,
        /// The invoice that it led to.
        invoice: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// Its number; null for a draft.
        number: Option<String>,
        /// How far it is.
        status: QuoteStatus,
        /// When it came to each status, in Unix seconds.
        status_transitions: Map,
        /// The subscription that it led to.
        subscription: Option<Id>,
        /// What the subscription will be.
        subscription_data: Map,
        /// The discount, tax and shipping in the total.
        total_details: Map,
    }
    hidden {
        /// The tax rates of its lines, by the ids of the lines.
        tax_rates: Map,
        /// The discounts of its lines, by the ids of the lines.
        line_discounts: Map,
        /// The discounts and taxes of its lines one by one.
        breakdown: Map,
    }
}

/// The kind, for references.
pub const KIND: Kind = Quote::KIND;

/// The kind of its lines.
const LINE: Kind = crate::kind!("item");

impl Quote {
    /// The test clock that it lives on.
    pub fn clock(&self) -> Option<&str> {
        self.rest.str("test_clock")
    }

    /// Whether it waits for somebody: it can expire.
    fn is_pending(&self) -> bool {
        match self.status {
            QuoteStatus::Draft | QuoteStatus::Open => true,
            QuoteStatus::Accepted | QuoteStatus::Canceled => false,
        }
    }

    /// The quote that it replaces when it is accepted.
    fn revises(&self) -> Option<&str> {
        let from = self.from_quote.as_ref()?;
        from.str("quote").filter(|_| from.bool("is_revision") == Some(true))
    }
}

/// A reference to a quote.
fn reference(id: &Id) -> Ref {
    Ref { kind: KIND, id: Id::clone(id) }
}

/// Quotes without a customer on one test clock (billing-2 10.3).
const ON_CLOCK: ClockLimit = ClockLimit {
    most: 10,
    within: "test_clock",
    counts: &[(Quote::KIND, |object| downcast::<Quote>(object).is_some_and(|quote| quote.customer.is_none()))],
};

const TURNS: &[Turn] = &[
    crate::becomes!(Quote, ["quote.finalized"], |quote| quote.status == QuoteStatus::Open),
    crate::becomes!(Quote, ["quote.accepted"], |quote| quote.status == QuoteStatus::Accepted),
    crate::becomes!(Quote, ["quote.canceled"], |quote| quote.status == QuoteStatus::Canceled),
];

const DUES: &[DueOf] = &[DueOf {
    clock: DueClock::Own,
    ..crate::due!(Quote, "expire", |quote| quote.is_pending().then_some(quote.expires_at), change::expire)
}];

const NO_DETAILS: Fill =
    Fill::Object(&[("amount_discount", Fill::Int(0)), ("amount_shipping", Fill::Int(0)), ("amount_tax", Fill::Int(0))]);

const DEFAULTS: Defaults = &[
    ("amount_subtotal", Fill::Int(0)),
    ("amount_total", Fill::Int(0)),
    ("automatic_tax.enabled", Fill::Flag(false)),
    ("collection_method", Fill::Text("charge_automatically")),
    ("computed.upfront.amount_subtotal", Fill::Int(0)),
    ("computed.upfront.amount_total", Fill::Int(0)),
    ("computed.upfront.total_details", NO_DETAILS),
    ("default_tax_rates", Fill::EmptyList),
    ("expires_at", Fill::After(30 * DAY)),
    ("from_quote.is_revision", Fill::Flag(false)),
    ("invoice_settings.issuer.type", Fill::Text("self")),
    ("status", Fill::Text("draft")),
    ("subscription_data.billing_mode.type", Fill::Text("flexible")),
    ("subscription_data.metadata", Fill::Object(&[])),
    ("total_details", NO_DETAILS),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[
        Marked::describes(&["line_items.*.price_data"], "prices.create"),
        Marked::describes(&["line_items.*.price_data.product_data"], "products.create"),
        Marked::acts(&["line_items.*.discounts"], "billing::quotes::a_line_has_discounts_and_tax_rates_of_its_own"),
        Marked::refused(&["customer_account"]),
    ],
    fields: Quote::FIELDS,
    noun: "quote",
    id: IdForm::of("qt_"),
    path_param: "quote",
    operations: &[
        ("quotes.create", Behaviour::Write(create::create)),
        ("quotes.retrieve", Behaviour::Retrieve),
        ("quotes.update", Behaviour::Write(create::update)),
        ("quotes.list", Behaviour::List),
        ("quotes.finalize_quote", Behaviour::Write(change::finalize)),
        ("quotes.accept", Behaviour::Write(accept::accept)),
        ("quotes.cancel", Behaviour::Write(change::cancel)),
        ("quotes.pdf", Behaviour::Read(change::printable)),
        ("quotes.line_items.list", Behaviour::Read(line_items::list)),
        ("quotes.computed_upfront_line_items.list", Behaviour::Read(line_items::list_upfront)),
    ],
    filters: &[
        crate::filter!("customer", Quote, |quote| quote.customer.as_deref(), Some(customer::KIND)),
        crate::filter!("test_clock", Quote, Quote::clock),
        crate::filter!("status", Quote, |quote| Some(quote.status.as_str())),
        crate::filter!("customer_account", Quote, |quote| quote.rest.str("customer_account")),
    ],
    includes: &[Include {
        field: "line_items",
        shown: Shown::Expanded,
        total_count: false,
        rows: lines::of,
        url: |quote| format!("/v1/quotes/{quote}/line_items"),
    }],
    joins: line_items::JOINS,
    expands: &[Expand::field("computed.upfront.line_items")],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<Quote>,
    clocked: Some(Clocked { clock: |object| downcast::<Quote>(object)?.clock(), limit: Some(ON_CLOCK) }),
    dues: DUES,
    reactions: &[Reaction {
        to: crate::kind!("test_helpers.test_clock"),
        on: On::Deletion,
        who: Who::Having("test_clock"),
        run: |tx, _, id| {
            tx.delete::<Quote>(id);
            Ok(())
        },
    }],
    events: Events { created: Some("quote.created"), turns: TURNS, ..Events::NONE },
    named_by: &["quote"],
    defaults: DEFAULTS,
    triggers: &[
        Trigger::post("quote.created", "/v1/quotes", &[("customer", "{id}")]).of(customer::KIND),
        Trigger::post("quote.finalized", "/v1/quotes/{id}/finalize", &[]),
        Trigger::post("quote.accepted", "/v1/quotes/{id}/accept", &[]),
        Trigger::post("quote.canceled", "/v1/quotes/{id}/cancel", &[]),
    ],
    ..Entry::PLAIN
};

/// The ids that an object shows in a list.
fn ids(shown: Option<&Doc>) -> Vec<Id> {
    shown.and_then(Doc::as_list).unwrap_or_default().iter().filter_map(Doc::as_str).map(Id::from).collect()
}

/// Ids as an object shows them.
fn shown_ids(ids: &[Id]) -> Doc {
    Doc::List(ids.iter().map(|id| Doc::from(id.to_string())).collect())
}
