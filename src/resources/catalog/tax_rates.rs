//! Tax rates (billing 1.7).
//!
//! May use: the catalogue's fields, pricing. Invariant: the percentage of a rate never changes; a rate that is no
//! longer used is archived.

use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Fill, In, Outcome, Trigger, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::pricing::TaxPercentage;
use crate::resources::catalog::coupons;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{Id, Kind, Ref, Tx};

crate::resource! {
    /// A tax rate.
    TaxRate = "tax_rate" {
        /// Unix seconds.
        created: i64,
        /// Whether it can be chosen for new use.
        active: bool,
        /// Whether the tax is included in the price.
        inclusive: bool,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: Kind = TaxRate::KIND;

impl TaxRate {
    /// The rate for pricing.
    pub fn percentage(&self) -> TaxPercentage {
        let percentage = self.rest.get("percentage").and_then(coupons::percentage).unwrap_or_default();
        TaxPercentage { tax_rate: Id::clone(&self.id), percentage, inclusive: self.inclusive }
    }
}

/// The largest number of decimals of a percentage.
const DIGITS: usize = 4;

/// `POST /v1/tax_rates`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    if let Some(Doc::Float(percentage)) = call.params.get("percentage") {
        coupons::check_range("percentage", *percentage, 0.0)?;
        let digits = percentage.to_string();
        if digits.split_once('.').is_some_and(|(_, fraction)| fraction.len() > DIGITS) {
            return Err(ApiError::param_too_fine("percentage", &digits, DIGITS));
        }
    }
    let id = ENTRY.id.draw(&ctx.ids);
    let shown = body::new(tx, ctx, KIND, &id, &call.params)?;
    let rate = TaxRate::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(Outcome::Done(tx.insert(rate)))
}

/// `POST /v1/tax_rates/:tax_rate`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let rate = require::<TaxRate>(tx, call.arg(0), In::Path)?;
    let mut shown = rate.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    let changed = TaxRate::from_docs(shown, Map::new(), rate.created).map_err(|_| ApiError::internal())?;
    tx.save(&rate, changed);
    Ok(Outcome::Done(Ref::to(&*rate)))
}

fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: TaxRate::FIELDS,
    noun: "tax rate",
    id: IdForm::of("txr_"),
    path_param: "tax_rate",
    operations: &[
        ("tax_rates.create", Behaviour::Write(create)),
        ("tax_rates.retrieve", Behaviour::Retrieve),
        ("tax_rates.update", Behaviour::Write(update)),
        ("tax_rates.list", Behaviour::List),
    ],
    filters: &[
        crate::filter!("active", TaxRate, |rate| Some(flag(rate.active))),
        crate::filter!("inclusive", TaxRate, |rate| Some(flag(rate.inclusive))),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<TaxRate>,
    events: Events { created: Some("tax_rate.created"), updated: &["tax_rate.updated"], ..Events::NONE },
    named_by: &["default_tax_rates", "tax_rates"],
    defaults: &[
        ("active", Fill::Flag(true)),
        ("effective_percentage", Fill::Sent("percentage")),
        ("rate_type", Fill::Text("percentage")),
    ],
    triggers: &[Trigger::update("tax_rate.updated", "/v1/tax_rates/{id}")],
    ..Entry::PLAIN
};
