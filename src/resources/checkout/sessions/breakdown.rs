//! The discounts and taxes of a session and its lines one by one; shown when they are expanded (intents-and-checkout 3.1).
//!
//! May use: pricing, tax, the lines. Invariant: the breakdown of a whole adds up to its amounts.

use super::Session;
use crate::contract::Join;
use crate::generic::lines;
use crate::pricing::{LineTotals, Name, Taxed};
use crate::resources::tax::assess::Assessed;
use crate::state::document::{Doc, Map};

/// What was computed, with the reasons for it.
pub(super) struct Computed<'c> {
    /// The ids of the lines.
    pub(super) ids: Vec<String>,
    /// The lines.
    pub(super) lines: &'c [LineTotals],
    /// The shipping.
    pub(super) shipping: &'c LineTotals,
    /// The taxes that were computed: of each line, and of the shipping.
    pub(super) assessed: Option<&'c [Assessed]>,
    /// Why rates that a person chose are not applied, if they are not.
    pub(super) exemption: Option<&'static str>,
}

impl Computed<'_> {
    /// What the joins show.
    pub(super) fn breakdown(&self) -> Map {
        let mut total = (Vec::new(), Vec::new());
        let mut by_line = Map::new();
        for (place, (id, line)) in self.ids.iter().zip(self.lines).enumerate() {
            let taxes = self.taxes(line, place);
            let discounts: Vec<Map> = line.discount_amounts.iter().map(discounted).collect();
            add(&mut total.0, &discounts, |known, new| known.get("discount") == new.get("discount"));
            add(&mut total.1, &taxes, is_same_tax);
            by_line.set(id.clone(), Map::from([("discounts", list(discounts)), ("taxes", list(taxes))]));
        }
        let of_shipping = self.taxes(self.shipping, self.lines.len());
        add(&mut total.1, &of_shipping, is_same_tax);
        let total = Map::from([("discounts", list(total.0)), ("taxes", list(total.1))]);
        Map::from([(lines::OF_LINES, Doc::from(by_line)), ("shipping", list(of_shipping)), ("total", total.into())])
    }

    /// The taxes of the line at a place.
    fn taxes(&self, line: &LineTotals, place: usize) -> Vec<Map> {
        let assessed = self.assessed.and_then(|all| all.get(place));
        let is_computed =
            |tax: &Taxed| assessed.filter(|all| all.rates.iter().any(|rate| rate.tax_rate == tax.tax_rate));
        let shown = |tax: &Taxed| {
            let (reason, taxable) = match is_computed(tax) {
                Some(all) => (Some(all.reason.as_str()), all.reason.taxable(tax.taxable_amount)),
                None => (self.exemption, tax.taxable_amount),
            };
            Map::from([
                ("amount", Doc::from(tax.amount)),
                ("rate", tax.tax_rate.to_string().into()),
                ("taxability_reason", reason.into()),
                ("taxable_amount", taxable.into()),
            ])
        };
        line.taxes.iter().map(shown).collect()
    }
}

fn discounted((discount, amount): &(Name, i64)) -> Map {
    Map::from([("amount", Doc::from(*amount)), ("discount", discount.to_string().into())])
}

fn is_same_tax(known: &Map, new: &Map) -> bool {
    known.get("rate") == new.get("rate") && known.get("taxability_reason") == new.get("taxability_reason")
}

/// Adds the amounts of a line to those of the whole.
fn add(whole: &mut Vec<Map>, part: &[Map], is_same: fn(&Map, &Map) -> bool) {
    for new in part {
        match whole.iter_mut().find(|known| is_same(known, new)) {
            Some(known) => {
                for key in ["amount", "taxable_amount"] {
                    if let (Some(all), Some(more)) = (known.int(key), new.int(key)) {
                        known.set(key, all.saturating_add(more));
                    }
                }
            }
            None => whole.push(new.clone()),
        }
    }
}

fn list(maps: Vec<Map>) -> Doc {
    Doc::List(maps.into_iter().map(Doc::from).collect())
}

/// The fields of a session that are shown when they are expanded.
pub(super) const JOINS: &[Join] = &[
    Join {
        field: "total_details.breakdown",
        doc: |tx, id| {
            let session = tx.get::<Session>(id)?;
            let total = session.breakdown.map("total")?;
            let part = |key: &str| lines::in_full(tx, total.get(key), Some(&session.discount));
            Some(Map::from([("discounts", part("discounts")), ("taxes", part("taxes"))]).into())
        },
    },
    Join {
        field: "shipping_cost.taxes",
        doc: |tx, id| Some(lines::in_full(tx, tx.get::<Session>(id)?.breakdown.get("shipping"), None)),
    },
];
