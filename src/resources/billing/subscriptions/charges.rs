//! What items cost for a period: the lines of invoices (billing 2.3, 3.5, billing-2 3.6, 4.3, 5.5).
//!
//! May use: prices, products, pricing. Invariant: a line that is whole costs what the price says; only a part is rounded to the
//! lower number on an exact half.

use std::sync::Arc;

use super::{Period, Recurrence, Subscription};
use crate::money::{self, Decimal, Rounding};
use crate::pricing::{Scheme, Slice, Tariff};
use crate::resources::billing::invoices::NewLine;
use crate::resources::billing::subscription_items::SubscriptionItem;
use crate::resources::catalog::prices::{self, Price};
use crate::resources::catalog::products::{self, Product};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};
use crate::time::calendar;

/// An item with its price in the subscription's currency, and its product.
#[derive(Clone, Debug)]
pub struct Billable {
    item: Arc<SubscriptionItem>,
    price: Arc<Price>,
    tariff: Tariff,
    product: String,
    unit_label: Option<String>,
    subscription: Id,
    currency: String,
    metadata: Map,
    is_flexible: bool,
}

impl Billable {
    /// An item of a subscription as it is stored; `None` if its price was lost.
    pub fn of(tx: &Tx, subscription: &Subscription, item: &Arc<SubscriptionItem>) -> Option<Self> {
        // A price and a product may be deleted while they are billed.
        let price = tx.record(prices::KIND, item.price_id())?.get::<Price>()?;
        let there =
            if price.currency == subscription.currency { None } else { price.in_currency(&subscription.currency) };
        let price = there.map_or(price, Arc::new);
        let product = tx.record(products::KIND, &price.product).and_then(|record| record.get::<Product>());
        Some(Billable {
            tariff: price.tariff(),
            product: product.as_ref().map(|product| product.name.clone()).unwrap_or_default(),
            unit_label: product.and_then(|product| product.rest.str("unit_label").map(str::to_owned)),
            subscription: Id::clone(&subscription.id),
            currency: subscription.currency.clone(),
            metadata: subscription.metadata.clone(),
            is_flexible: subscription.is_flexible(),
            item: Arc::clone(item),
            price,
        })
    }

    /// The item.
    pub fn item(&self) -> &Arc<SubscriptionItem> {
        &self.item
    }

    /// How often it is billed.
    pub fn recurrence(&self) -> Recurrence {
        self.item.recurrence()
    }

    /// What its quantity costs for a whole period, before it is rounded; of a metered item, nothing.
    pub fn whole(&self) -> Decimal {
        self.item.quantity.0.map_or(Decimal::ZERO, |quantity| self.tariff.exact(quantity))
    }

    /// The lines of a whole period for its quantity: one, or one for each tier and each flat fee.
    pub fn lines(&self, period: Period) -> Vec<NewLine> {
        self.lines_of(self.item.quantity.0.unwrap_or_default(), period)
    }

    /// The lines of a period for a quantity, such as what was used.
    pub fn lines_of(&self, quantity: i64, period: Period) -> Vec<NewLine> {
        if matches!(self.tariff.scheme, Scheme::PerUnit(_)) {
            let text = format!("{} (at {})", self.counted(quantity), self.rate(self.unit_amount()));
            let amount = self.tariff.amount(quantity);
            return vec![NewLine { amount, quantity, description: text, ..self.line(period) }];
        }
        let slices = self.tariff.slices(quantity);
        let first = self.first_tier(quantity);
        slices.iter().enumerate().flat_map(|(place, slice)| self.of_tier(first + place, slice, period)).collect()
    }

    /// The lines of a quantity of which a part is billed already: those of the rest (billing-2 11.2).
    pub fn lines_beyond(&self, billed: i64, quantity: i64, period: Period) -> Vec<NewLine> {
        if billed == 0 {
            return self.lines_of(quantity, period);
        }
        let more = quantity.saturating_sub(billed).max(0);
        if matches!(self.tariff.scheme, Scheme::PerUnit(_)) {
            let amount = self.tariff.amount(billed.saturating_add(more)).saturating_sub(self.tariff.amount(billed));
            return self.lines_of(more, period).into_iter().map(|line| NewLine { amount, ..line }).collect();
        }
        let slices = self.tariff.slices_beyond(billed, quantity);
        let first = self.first_tier(quantity);
        let open = slices.iter().enumerate().filter(|(_, slice)| slice.quantity > 0 || slice.flat_amount.is_some());
        let lines: Vec<NewLine> = open.flat_map(|(place, slice)| self.of_tier(first + place, slice, period)).collect();
        if lines.is_empty() { self.lines_of(0, period).into_iter().take(1).map(free).collect() } else { lines }
    }

    /// The lines of one tier: its units and its flat fee.
    fn of_tier(&self, number: usize, slice: &Slice, period: Period) -> Vec<NewLine> {
        let tier = |unit: Decimal| format!("Tier {number} at {}", self.rate(unit));
        let units = NewLine {
            amount: slice.unit_amount.times(slice.quantity).rounded(Rounding::HalfAwayFromZero),
            quantity: slice.quantity,
            description: format!("{} ({})", self.counted(slice.quantity), tier(slice.unit_amount)),
            unit_amount_decimal: slice.unit_amount.text().into(),
            ..self.line(period)
        };
        let flat = slice.flat_amount.filter(|flat| *flat != Decimal::ZERO).map(|flat| NewLine {
            amount: flat.rounded(Rounding::HalfAwayFromZero),
            quantity: 0,
            description: format!("{} ({})", self.product, tier(flat)),
            unit_amount_decimal: Doc::Null,
            ..self.line(period)
        });
        [units].into_iter().chain(flat).collect()
    }

    /// The number of the first tier that a quantity is billed at.
    fn first_tier(&self, quantity: i64) -> usize {
        match &self.tariff.scheme {
            Scheme::Volume(tiers) => {
                let holds = |tier: &crate::pricing::Tier| tier.up_to.is_none_or(|last| quantity <= last);
                tiers.iter().position(holds).unwrap_or_default() + 1
            }
            Scheme::Graduated(_) | Scheme::PerUnit(_) => 1,
        }
    }

    /// The line of a span that may be a part of a period; `None` if nothing is due for it.
    pub fn part(&self, subscription: &Subscription, span: Period) -> Vec<NewLine> {
        let (recurrence, anchor) = (self.recurrence(), subscription.anchor());
        if recurrence.is_whole(anchor, span) {
            return self.lines(span);
        }
        let amount = recurrence.share(anchor, span, self.whole());
        let quantity = self.item.quantity.0.unwrap_or_default();
        let line = amount.map(|amount| NewLine {
            amount,
            quantity,
            description: self.prorated("Remaining", quantity, span.start),
            proration: true,
            unit_amount_decimal: Doc::Null,
            ..self.line(span)
        });
        line.into_iter().collect()
    }

    /// The line of a trial.
    pub fn trial(&self, period: Period) -> NewLine {
        let quantity = self.item.quantity.0.unwrap_or_default();
        let description = match (self.is_flexible, self.item.is_metered()) {
            (true, _) => format!("Free trial for {}", self.counted(quantity)),
            (false, true) => format!("{quantity} \u{d7} {} (Free trial)", self.product),
            (false, false) => format!("Trial period for {}", self.product),
        };
        NewLine { amount: 0, quantity, description, unit_amount_decimal: "0".into(), ..self.line(period) }
    }

    /// The text of a proration (billing 2.10): `what` is `Unused` or `Remaining`, `moment` is Unix seconds.
    pub fn prorated(&self, what: &str, quantity: i64, moment: i64) -> String {
        prorated(what, quantity, (&self.product, ""), moment)
    }

    /// The text of a proration with a note on its discount, such as ` (with 20.0% off)`.
    pub fn prorated_with(&self, what: &str, note: &str, moment: i64) -> String {
        prorated(what, self.quantity(), (&self.product, note), moment)
    }

    /// How many; none of a metered price.
    pub fn quantity(&self) -> i64 {
        self.item.quantity.0.unwrap_or_default()
    }

    /// Its price.
    pub fn price(&self) -> &Price {
        &self.price
    }

    /// A line of nothing yet, with what all lines of the item have.
    pub fn line(&self, period: Period) -> NewLine {
        NewLine {
            amount: 0,
            currency: self.currency.clone(),
            description: String::new(),
            discountable: true,
            discounts: self.item.discounts.clone(),
            metadata: self.metadata.clone(),
            period: period.shown(),
            price: Id::clone(&self.price.id),
            product: Id::clone(&self.price.product),
            unit_amount_decimal: self.price.rest.get("unit_amount_decimal").cloned().unwrap_or_default(),
            quantity: 0,
            subscription: Id::clone(&self.subscription),
            subscription_item: Id::clone(&self.item.id),
            proration: false,
            credited_items: Doc::Null,
            tax_rates: self.item.tax_rates.clone(),
        }
    }

    fn unit_amount(&self) -> Decimal {
        match self.tariff.scheme {
            Scheme::PerUnit(amount) => amount,
            Scheme::Graduated(_) | Scheme::Volume(_) => Decimal::ZERO,
        }
    }

    /// `3 × Gold`, or `3 seat × Gold` with a unit label.
    fn counted(&self, quantity: i64) -> String {
        match &self.unit_label {
            Some(label) => format!("{quantity} {label} \u{d7} {}", self.product),
            None => format!("{quantity} \u{d7} {}", self.product),
        }
    }

    /// `$10.00 / month`, or `$30.00 every 3 months`.
    fn rate(&self, unit: Decimal) -> String {
        let amount = money::display_decimal(&unit.text(), &self.currency);
        let recurring = self.price.rest.map("recurring");
        let interval = recurring.and_then(|recurring| recurring.str("interval")).unwrap_or("month");
        match recurring.and_then(|recurring| recurring.int("interval_count")).unwrap_or(1) {
            1 => format!("{amount} / {interval}"),
            count => format!("{amount} every {count} {interval}s"),
        }
    }
}

/// The line of nothing.
fn free(line: NewLine) -> NewLine {
    NewLine { amount: 0, quantity: 0, ..line }
}

/// The text of a proration of a product with a note (billing 2.10).
pub(super) fn prorated(what: &str, quantity: i64, (product, note): (&str, &str), moment: i64) -> String {
    let counted = if quantity > 1 { format!("{quantity} \u{d7} ") } else { String::new() };
    format!("{what} time on {counted}{product}{note} after {}", calendar::date_in_short(moment))
}
