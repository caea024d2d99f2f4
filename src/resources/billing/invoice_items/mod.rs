//! Invoice items: what the next invoice of a customer, or a draft, bills (billing 3.5, billing-2 5.4, 13.4).
//!
//! May use: customers, prices, discounts, tax rates. Invariant: an item is pending, or on one invoice for good; what is on an
//! invoice that is no draft does not change.

mod create;
mod older;
mod price;
mod prorations;

pub use self::create::{NewItem, assign, change, create_from, create_sold, is_editable, note_currency, remove};
pub use self::prorations::{NewProration, prorate};

use std::sync::Arc;

use crate::api::list;
use crate::contract::{
    Behaviour, Call, Clocked, Ctx, Entry, Events, Expand, Fill, In, Marked, Newer, Older, Outcome, Trigger, require,
};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource, downcast};
use crate::state::{Id, Kind, Record, Ref, Tx};

crate::resource! {
    /// An invoice item.
    InvoiceItem = "invoiceitem" {
        /// In the currency's smallest unit; below zero: a credit.
        amount: i64,
        /// Three letters, lower case.
        currency: String,
        /// The customer.
        customer: Id,
        /// When it was created, in Unix seconds.
        date: i64,
        /// Whether an invoice's discounts apply to it.
        discountable: bool,
        /// Its own discounts.
        discounts: Vec<Id>,
        /// The invoice that it is on; null while it is pending.
        invoice: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// What it is for: a start and an end, in Unix seconds.
        period: Map,
        /// Whether it follows from a change of a subscription.
        proration: bool,
        /// How many units.
        quantity: i64,
        /// Its own tax rates, as they were when it got them; they replace those of the invoice.
        tax_rates: Vec<Doc>,
    }
    hidden {
        /// Unix seconds.
        created: i64,
        /// The amounts of taxes, which replace all rates.
        tax_amounts: Absent<Vec<Map>>,
    }
}

/// The kind, for references.
pub const KIND: Kind = InvoiceItem::KIND;

impl InvoiceItem {
    /// The price that it was made from.
    pub fn price(&self) -> Option<&str> {
        self.price_details()?.str("price")
    }

    /// The product that it bills.
    pub fn product(&self) -> Option<&str> {
        self.price_details()?.str("product")
    }

    /// The subscription that it belongs to.
    pub fn subscription(&self) -> Option<&str> {
        self.rest.map("parent")?.map("subscription_details")?.str("subscription")
    }

    /// The item of a subscription that it prorates.
    pub fn subscription_item(&self) -> Option<&str> {
        self.rest.map("parent")?.map("subscription_details")?.str("subscription_item")
    }

    /// What a credit gives back: lines of an invoice, or a pending item, as it shows them.
    pub fn credited(&self) -> Option<&Map> {
        self.rest.map("proration_details")?.map("credited_items")
    }

    fn price_details(&self) -> Option<&Map> {
        self.rest.map("pricing")?.map("price_details")
    }
}

/// The parameters that say what an item costs, but for the quantity.
const PRICED: [&str; 6] = ["amount", "price", "price_data", "pricing", "unit_amount", "unit_amount_decimal"];

/// The items of a customer that wait for an invoice, newest first.
pub fn pending(tx: &Tx, customer: &str) -> Vec<Arc<InvoiceItem>> {
    tx.having::<InvoiceItem>("pending_of", customer)
}

/// `POST /v1/invoiceitems`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    body::check_references(tx, call, KIND)?;
    let id = create_from(tx, ctx, &call.params, &NewItem::default())?;
    Ok(Outcome::Done(Ref { kind: KIND, id }))
}

/// `POST /v1/invoiceitems/:invoiceitem`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    body::check_references(tx, call, KIND)?;
    let item = found(tx, call.arg(0), ApiError::invoice_item_is_deleted)?;
    if !is_editable(tx, &item) {
        return Err(ApiError::invoice_not_editable());
    }
    change(tx, ctx, &item.id, &call.params)?;
    Ok(Outcome::Done(Ref::to(&*item)))
}

/// `DELETE /v1/invoiceitems/:invoiceitem`.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let item = found(tx, call.arg(0), ApiError::invoice_item_is_billed)?;
    if !is_editable(tx, &item) {
        return Err(ApiError::invoice_item_is_billed());
    }
    remove(tx, &item.id);
    Ok(Outcome::Deleted(Ref::to(&*item)))
}

/// An item; one that went with its draft has its own error (billing 3.5).
fn found(tx: &Tx, id: &str, gone: fn() -> ApiError) -> Result<Arc<InvoiceItem>> {
    let record = tx.record(KIND, id).filter(|record| record.deleted);
    let went = record.and_then(|record| record.get::<InvoiceItem>()).is_some_and(|item| item.invoice.is_some());
    if went { Err(gone()) } else { require::<InvoiceItem>(tx, id, In::Path) }
}

/// `GET /v1/invoiceitems`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let pending = call.params.bool("pending");
    let keep = |record: &Record| {
        let item = downcast::<InvoiceItem>(&*record.object);
        pending.is_none_or(|pending| item.is_some_and(|item| item.invoice.is_none() == pending))
    };
    list::page_where(tx, &ENTRY, call, None, &keep).map(Outcome::List)
}

/// The name of the price of an item before basil (shapes 3.6).
const fn price_alone(operation: &'static str) -> Older {
    let newer = Newer::Member { of: "pricing", beside: None };
    Older { operation, until: older::BASIL, name: "price", newer }
}

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::post(
        "invoiceitem.created",
        ITEMS,
        &[("customer", "{id}"), ("amount", "1000"), ("currency", "{currency}")],
    )
    .of(customer::KIND),
    Trigger::post("invoiceitem.created", ITEMS, &[("customer", "{id}"), ("amount", "1000"), ("currency", "usd")])
        .of(customer::KIND),
    Trigger::post("invoiceitem.created", ITEMS, &[("customer", "{customer}"), ("invoice", "{id}"), ("amount", "1000")])
        .of(crate::kind!("invoice")),
    Trigger::delete("invoiceitem.deleted", "/v1/invoiceitems/{id}"),
];

const ITEMS: &str = "/v1/invoiceitems";

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[
        Marked::refused(&["customer_account"]).on(&["invoiceitems.create"]),
        Marked::describes(&["price_data"], "prices.create"),
        Marked::acts(
            &["unit_amount", "unit_amount_decimal"],
            "billing::invoice_items::an_item_is_of_a_price_of_units_or_of_an_amount",
        ),
        Marked::acts(
            &["tax_behavior", "tax_code"],
            "billing::invoice_items::the_price_of_an_amount_has_the_tax_behavior_and_the_product_the_tax_code",
        ),
        Marked::neutral(&["invoicing_rules"], "only prorations have rules, and the parameter clears them"),
    ],
    fields: InvoiceItem::FIELDS,
    noun: "Invoice Item",
    id: IdForm::of("ii_").led_by("1"),
    path_param: "id",
    operations: &[
        ("invoiceitems.create", Behaviour::Write(create)),
        ("invoiceitems.retrieve", Behaviour::Retrieve),
        ("invoiceitems.update", Behaviour::Write(update)),
        ("invoiceitems.delete", Behaviour::Write(delete)),
        ("invoiceitems.list", Behaviour::Read(list)),
    ],
    filters: &[
        crate::filter!("invoice", InvoiceItem, |item| item.invoice.as_deref(), Some(crate::kind!("invoice"))),
        // Not a parameter of the list: it finds what the next invoice bills.
        crate::filter!("pending_of", InvoiceItem, |item| item.invoice.is_none().then_some(&*item.customer)),
        // Nor is this: it finds the prorations of an item of a subscription.
        crate::filter!("subscription_item", InvoiceItem, InvoiceItem::subscription_item),
        crate::filter!("customer", InvoiceItem, |item| Some(&*item.customer), Some(customer::KIND)),
        crate::filter!("customer_account", InvoiceItem, |item| item.rest.str("customer_account")),
    ],
    expands: &[Expand::reference("plan", &["plan"]), Expand::reference("price", &["price"])],
    changes: older::CHANGES,
    older: &[price_alone("invoiceitems.create"), price_alone("invoiceitems.update")],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<InvoiceItem>,
    events: Events { created: Some("invoiceitem.created"), deleted: Some("invoiceitem.deleted"), ..Events::NONE },
    clocked: Some(Clocked { clock: |object| downcast::<InvoiceItem>(object)?.rest.str("test_clock"), limit: None }),
    named_by: &["invoice_item"],
    references: &[("price_data.product", &[])],
    defaults: &[
        ("amount", Fill::Int(0)),
        ("currency", Fill::Text("usd")),
        ("customer", Fill::Of(crate::kind!("invoice"), "invoice", "customer")),
        ("date", Fill::Now),
        ("discountable", Fill::Flag(true)),
        ("discounts", Fill::EmptyList),
        ("frozen_fields", Fill::EmptyList),
        ("invoicing_rules", Fill::EmptyList),
        ("period.end", Fill::Now),
        ("period.start", Fill::Now),
        ("pricing.type", Fill::Text("price_details")),
        ("proration", Fill::Flag(false)),
        ("quantity", Fill::Int(1)),
        ("quantity_decimal", Fill::Text("1")),
        ("tax_rates", Fill::EmptyList),
    ],
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
