//! Tax rates (billing 1.7).
//!
//! May use: the catalogue's fields, money, pricing. Invariant: the percentage of a rate never changes; a rate that is no
//! longer used is archived.

use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Fill, In, Outcome, Trigger, require};
use crate::error::{ApiError, Result};
use crate::money::Decimal;
use crate::object::body;
use crate::pricing::TaxPercentage;
use crate::resources::catalog::coupons;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Object, Resource};
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
        /// What automatic tax made it for; absent for a rate of the user's own.
        automatic: Absent<String>,
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

/// The largest number of rates of a line or of a whole bill (billing-2 9.1).
const RATES_MAX: usize = 5;

/// The rates that a parameter names, as they are now.
///
/// # Errors
/// One does not exist or is archived, or there are too many.
pub fn shown(tx: &Tx, ids: &[Doc], param: &'static str) -> Result<Vec<Doc>> {
    if ids.len() > RATES_MAX {
        return Err(ApiError::array_too_long(param, RATES_MAX));
    }
    let named = ids.iter().filter_map(Doc::as_str).enumerate();
    named
        .map(|(index, id)| {
            let rate = require::<TaxRate>(tx, id, In::Param(&format!("{param}[{index}]")))?;
            Ok(Doc::Map(rate.to_doc()))
        })
        .collect()
}

/// An archived rate for one tax, without events; `data` are parameters of a new rate.
///
/// # Errors
/// None that a caller could correct.
pub fn mint(tx: &mut Tx, ctx: &Ctx<'_>, data: &Map) -> Result<Id> {
    let id = ENTRY.id.draw(&ctx.ids);
    let shown = body::new(tx, ctx, KIND, &id, &data.clone().with("active", false))?;
    let rate = TaxRate::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(tx.quietly(|tx| tx.insert(rate)).id)
}

/// A rate that an object shows, for pricing.
pub fn percentage_of(shown: &Doc) -> Option<TaxPercentage> {
    let shown = shown.as_map()?;
    Some(TaxPercentage {
        tax_rate: shown.str("id")?.into(),
        percentage: shown.get("percentage").and_then(coupons::percentage).unwrap_or_default(),
        inclusive: shown.bool("inclusive") == Some(true),
    })
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
    let changed = TaxRate::from_docs(shown, rate.hidden_doc(), rate.created).map_err(|_| ApiError::internal())?;
    tx.save(&rate, changed);
    Ok(Outcome::Done(Ref::to(&*rate)))
}

/// A rate that automatic tax needs (billing-2 9.4).
#[derive(Debug)]
pub struct AutomaticRate<'a> {
    /// A text for the place alone.
    pub place: &'a str,
    /// The name of the tax.
    pub name: &'static str,
    /// Two letters.
    pub country: &'a str,
    /// The state or province, where the rate depends on it.
    pub state: Option<&'static str>,
    /// The name of the country, state or province.
    pub region: &'a str,
    /// Such as `vat`; `None` where the tax is not known.
    pub tax_type: Option<&'static str>,
    /// At least zero.
    pub percentage: Decimal,
    /// Whether the tax is included in the price.
    pub inclusive: bool,
}

/// The rate that automatic tax has for a place; it is made once, archived, and without an event.
///
/// # Errors
/// It cannot be made.
pub fn automatic(tx: &mut Tx, ctx: &Ctx<'_>, wanted: &AutomaticRate<'_>) -> Result<TaxPercentage> {
    let (percentage, tax_type) = (wanted.percentage.text(), wanted.tax_type);
    let key = format!("{} {} {percentage} {}", wanted.place, tax_type.unwrap_or_default(), flag(wanted.inclusive));
    if let Some(known) = tx.having::<TaxRate>("automatic", &key).first() {
        return Ok(known.percentage());
    }
    let id = ENTRY.id.draw(&ctx.ids);
    let level = if wanted.state.is_some() { "state" } else { "country" };
    let sent = Map::from([
        ("active", Doc::from(false)),
        ("country", wanted.country.to_owned().into()),
        ("description", format!("{} {}", wanted.name, wanted.region).into()),
        ("display_name", wanted.name.into()),
        ("inclusive", wanted.inclusive.into()),
        ("jurisdiction", wanted.state.unwrap_or(wanted.country).to_owned().into()),
        ("jurisdiction_level", level.into()),
        ("percentage", Doc::Float(percentage.parse().unwrap_or_default())),
        ("state", wanted.state.into()),
        ("tax_type", tax_type.into()),
    ]);
    let shown = body::new(tx, ctx, KIND, &id, &sent)?;
    let hidden = Map::from([("automatic", key)]);
    let rate = TaxRate::from_docs(shown, hidden, ctx.now).map_err(|_| ApiError::internal())?;
    let percentage = rate.percentage();
    tx.quietly(|tx| tx.insert(rate));
    Ok(percentage)
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
        // Not a parameter of the list: it finds the rate of automatic tax.
        crate::filter!("automatic", TaxRate, |rate| rate.automatic.0.as_deref()),
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
