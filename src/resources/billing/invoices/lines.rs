//! The lines of invoices (billing 3.5, billing-2 5.4, 13.3).
//!
//! May use: invoice items, prices. Invariant: a line of an item says what the item says; the invoice computes the rest.

use std::sync::Arc;

use super::older;
use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, Expand, Item, Outcome, require};
use crate::contract::{In, Marked};
use crate::error::Result;
use crate::object::{body, template};
use crate::resources::billing::invoice_items::InvoiceItem;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource};
use crate::state::{Edit, Id, Record, Ref, Tx};

crate::resource! {
    /// A line of an invoice.
    InvoiceLine = "line_item" {
        /// Before discounts and taxes, in the currency's smallest unit.
        amount: i64,
        /// Three letters, lower case.
        currency: String,
        /// Whether the invoice's discounts apply to it.
        discountable: bool,
        /// Its own discounts.
        discounts: Vec<Id>,
        /// The invoice.
        invoice: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// What it bills: an item of its own, or one of a subscription.
        parent: Doc,
        /// The same as the amount, for clients that read it.
        subtotal: i64,
    }
    hidden {
        /// Unix seconds.
        created: i64,
        /// Its place among the lines, from the lowest.
        position: i64,
        /// Its own tax rates, as they are shown.
        tax_rates: Vec<Doc>,
        /// The amounts of its taxes, which replace all rates.
        tax_amounts: Absent<Vec<Map>>,
        /// What the customer's credits paid of it, as it is shown.
        credits: Absent<Vec<Map>>,
    }
}

impl InvoiceLine {
    /// The item that it bills.
    pub fn item(&self) -> Option<&str> {
        self.parent.as_map()?.map("invoice_item_details")?.str("invoice_item")
    }

    /// The item of a subscription that it bills, without an invoice item.
    pub fn subscription_item(&self) -> Option<&str> {
        self.parent.as_map()?.map("subscription_item_details")?.str("subscription_item")
    }

    /// What the customer's credits paid of it, as it is shown.
    pub fn credits(&self) -> &[Map] {
        self.credits.0.as_deref().unwrap_or_default()
    }

    /// The price that it bills.
    pub fn price(&self) -> Option<&str> {
        self.rest.map("pricing")?.map("price_details")?.str("price")
    }

    /// The product that it bills.
    pub fn product(&self) -> Option<&str> {
        self.rest.map("pricing")?.map("price_details")?.str("product")
    }
}

/// The lines of an invoice, in order.
pub fn of(tx: &Tx, invoice: &str) -> Vec<Arc<InvoiceLine>> {
    rows(tx, invoice).iter().filter_map(|record| record.get()).collect()
}

/// The same as records.
pub(super) fn rows(tx: &Tx, invoice: &str) -> Vec<Arc<Record>> {
    let mut rows = tx.records_having(InvoiceLine::KIND, "invoice", invoice);
    rows.sort_by_key(|row| row.get::<InvoiceLine>().map_or(0, |line| line.position));
    rows
}

/// Where a new line comes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Front,
    End,
}

/// What a subscription bills by a line of its own, without an invoice item.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// In the currency's smallest unit.
    pub amount: i64,
    /// Three letters, lower case.
    pub currency: String,
    /// What the customer reads.
    pub description: String,
    /// Whether the invoice's discounts apply to it.
    pub discountable: bool,
    /// The item's own discounts.
    pub discounts: Vec<Id>,
    /// The subscription's metadata.
    pub metadata: Map,
    /// What it is for: a start and an end, in Unix seconds.
    pub period: Map,
    /// The price.
    pub price: Id,
    /// The product.
    pub product: Id,
    /// The amount of a unit, as the line shows it.
    pub unit_amount_decimal: Doc,
    /// How many units.
    pub quantity: i64,
    /// The subscription.
    pub subscription: Id,
    /// Its item.
    pub subscription_item: Id,
    /// Whether it is for a part of a period.
    pub proration: bool,
    /// The lines that it credits, as it shows them; null for a debit.
    pub credited_items: Doc,
    /// The item's own tax rates, as they are shown; they replace those of the invoice.
    pub tax_rates: Vec<Doc>,
}

/// Adds a line of a subscription at the end.
pub fn add_of_subscription(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Id, new: &NewLine) -> Id {
    let mut line = blank(tx, ctx, invoice, Side::End);
    say(&mut line, new);
    let id = Id::clone(&line.id);
    tx.insert(line);
    id
}

/// Lines of a subscription in a draft say something else: in their order they become the new ones, what is left of the old ones is
/// gone, and what is left of the new ones comes at the end.
///
/// # Errors
/// The draft's taxes cannot be computed.
pub fn replace_of_subscription(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    invoice: &Id,
    old: &[Arc<InvoiceLine>],
    new: &[NewLine],
) -> Result<()> {
    let mut is_other = old.len() != new.len();
    for (line, new) in old.iter().zip(new) {
        let mut changed = Edit::of(Arc::clone(line));
        say(&mut changed, new);
        if changed.rest != line.rest || is_changed(&changed, line) {
            is_other = true;
            changed.save(tx);
        }
    }
    old.iter().skip(new.len()).for_each(|line| tx.delete::<InvoiceLine>(&line.id));
    for new in new.iter().skip(old.len()) {
        add_of_subscription(tx, ctx, invoice, new);
    }
    if is_other { super::draft::sync(tx, ctx, invoice) } else { Ok(()) }
}

/// Makes a line say what a subscription bills.
fn say(line: &mut InvoiceLine, new: &NewLine) {
    line.amount = new.amount;
    line.subtotal = new.amount;
    line.currency.clone_from(&new.currency);
    line.discountable = new.discountable;
    line.discounts.clone_from(&new.discounts);
    line.metadata.clone_from(&new.metadata);
    line.tax_rates.clone_from(&new.tax_rates);
    let details = Map::from([
        ("invoice_item", Doc::Null),
        ("proration", new.proration.into()),
        ("proration_details", Map::from([("credited_items", new.credited_items.clone())]).into()),
        ("subscription", new.subscription.to_string().into()),
        ("subscription_item", new.subscription_item.to_string().into()),
    ]);
    line.parent = Map::from([
        ("invoice_item_details", Doc::Null),
        ("subscription_item_details", details.into()),
        ("type", "subscription_item_details".into()),
    ])
    .into();
    let price = Map::from([("price", new.price.to_string()), ("product", new.product.to_string())]);
    let pricing = Map::from([
        ("price_details", Doc::from(price)),
        ("type", "price_details".into()),
        ("unit_amount_decimal", new.unit_amount_decimal.clone()),
    ]);
    line.rest.set("pricing", pricing);
    line.rest.set("description", new.description.clone());
    line.rest.set("period", new.period.clone());
    line.rest.set("quantity", new.quantity);
    line.rest.set("quantity_decimal", new.quantity.to_string());
    line.rest.set("subscription", new.subscription.to_string());
}

/// Adds the line of an item.
pub(super) fn add(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &Id, item: &InvoiceItem, side: Side) -> Id {
    let mut line = blank(tx, ctx, invoice, side);
    line.created = item.created;
    follow(&mut line, item);
    let id = Id::clone(&line.id);
    tx.insert(line);
    id
}

/// A line of nothing yet.
fn blank(tx: &Tx, ctx: &Ctx<'_>, invoice: &Id, side: Side) -> InvoiceLine {
    let lines = of(tx, invoice);
    let position = match side {
        Side::Front => lines.first().map_or(0, |line| line.position - 1),
        Side::End => lines.last().map_or(0, |line| line.position + 1),
    };
    let mut line = InvoiceLine {
        id: super::preview::line_id(ctx, invoice),
        created: ctx.now,
        amount: 0,
        currency: String::new(),
        discountable: true,
        discounts: Vec::new(),
        invoice: Some(Id::clone(invoice)),
        metadata: Map::new(),
        parent: Doc::Null,
        subtotal: 0,
        position,
        tax_rates: Vec::new(),
        tax_amounts: Absent(None),
        credits: Absent(None),
        rest: template::template(InvoiceLine::KIND),
    };
    ["discount_amounts", "pretax_credit_amounts", "taxes"]
        .into_iter()
        .for_each(|key| line.rest.set(key, Doc::List(Vec::new())));
    line.rest.set("livemode", false);
    line
}

/// Brings a line into line with its item.
pub(super) fn update(tx: &mut Tx, line: &Arc<InvoiceLine>, item: &InvoiceItem) {
    let mut changed = Edit::of(Arc::clone(line));
    follow(&mut changed, item);
    if changed.rest != line.rest || is_changed(&changed, line) {
        changed.save(tx);
    }
}

fn is_changed(one: &InvoiceLine, other: &InvoiceLine) -> bool {
    (one.amount, &one.currency, one.discountable, &one.discounts, &one.tax_rates)
        != (other.amount, &other.currency, other.discountable, &other.discounts, &other.tax_rates)
        || one.metadata != other.metadata
        || one.parent != other.parent
        || one.tax_amounts != other.tax_amounts
}

fn follow(line: &mut InvoiceLine, item: &InvoiceItem) {
    line.amount = item.amount;
    line.subtotal = item.amount;
    line.currency.clone_from(&item.currency);
    line.discountable = item.discountable;
    line.discounts.clone_from(&item.discounts);
    line.metadata.clone_from(&item.metadata);
    line.tax_rates.clone_from(&item.tax_rates);
    line.tax_amounts.clone_from(&item.tax_amounts);
    line.parent = parent(item);
    line.rest.set("period", item.period.clone());
    line.rest.set("quantity", item.quantity);
    line.rest.set("subscription", item.subscription().map(str::to_owned));
    for key in ["description", "pricing", "quantity_decimal"] {
        line.rest.set(key, item.rest.get(key).cloned().unwrap_or_default());
    }
}

fn parent(item: &InvoiceItem) -> Doc {
    let mut details =
        Map::from([("invoice_item", Doc::from(item.id.to_string())), ("proration", item.proration.into())]);
    let lines = item.credited().and_then(|credited| credited.map("invoice_line_item_details")).cloned();
    details.set("proration_details", Map::from([("credited_items", Doc::from(lines))]));
    details.set("subscription", item.subscription().map(str::to_owned));
    Map::from([
        ("invoice_item_details", Doc::from(details)),
        ("subscription_item_details", Doc::Null),
        ("type", "invoice_item_details".into()),
    ])
    .into()
}

/// The lines of a dump come in their order.
fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    let Some(line) = tx.get::<InvoiceLine>(&about.id) else { return Ok(()) };
    let others = line.invoice.as_ref().map(|invoice| of(tx, invoice)).unwrap_or_default();
    let last = others.iter().map(|other| other.position).max().unwrap_or_default();
    tx.update::<InvoiceLine>(&about.id, |line| line.position = last + 1);
    Ok(())
}

/// `GET /v1/invoices/:invoice/lines`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let invoice = require::<super::Invoice>(tx, call.arg(0), In::PathAs("invoice"))?;
    let row = |record| Item { shown: InvoiceLine::KIND, record };
    let rows: Vec<Item> = rows(tx, &invoice.id).into_iter().map(row).collect();
    list::page_of(&rows, call, LINES.noun).map(Outcome::List)
}

/// The registry's entry of the lines.
pub static LINES: Entry = Entry {
    kind: InvoiceLine::KIND,
    marks: &[
        Marked::describes(&["price_data"], "prices.create"),
        Marked::describes(&["price_data.product_data"], "products.create"),
        Marked::acts(&["tax_amounts"], "billing::invoices::lines::the_amounts_of_taxes_may_be_given"),
    ],
    fields: InvoiceLine::FIELDS,
    noun: "line item",
    id: IdForm::of("il_").led_by("1"),
    path_param: "line_item_id",
    operations: &[
        ("invoices.lines.list", Behaviour::Read(list)),
        ("invoices.lines.update", Behaviour::Write(super::edit::update_line)),
    ],
    in_order: true,
    filters: &[
        crate::filter!("invoice", InvoiceLine, |line| line.invoice.as_deref()),
        // Not a parameter of the list: it finds what an item of a subscription was billed.
        crate::filter!("subscription_item", InvoiceLine, InvoiceLine::subscription_item),
    ],
    expands: &[
        Expand::reference("plan", &["plan"]),
        Expand::reference("price", &["price"]),
        Expand::reference("tax_amounts.tax_rate", &["tax_rate"]),
    ],
    changes: older::OF_LINES,
    blank: Some(|_| body::blank_of(InvoiceLine::KIND)),
    import: |visible, mut hidden, created| {
        // A dump says nothing of it.
        if !hidden.has("position") {
            hidden.set("position", 0);
        }
        crate::contract::import::<InvoiceLine>(visible, hidden, created)
    },
    imported: Some(imported),
    ..Entry::PLAIN
};
