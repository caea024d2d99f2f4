//! Shipping rates (billing 1.9).
//!
//! May use: the catalogue's fields. Invariant: an amount that a rate was offered with is never removed; a rate that is
//! no longer used is archived.

use std::sync::Arc;

use crate::contract::{Behaviour, Call, Ctx, Entry, Expand, Fill, In, Join, Marked, Outcome, require};
use crate::error::{ApiError, Result};
use crate::money;
use crate::object::body;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, FieldError, Object, Resource, downcast};
use crate::state::{Id, Kind, Ref, Tx};

crate::resource! {
    /// A shipping rate.
    ShippingRate = "shipping_rate" {
        /// Unix seconds.
        created: i64,
        /// Whether it can be used for new purchases.
        active: bool,
        /// The amount and its currency, in the currency's smallest unit.
        fixed_amount: Map,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
        /// The amounts in other currencies; shown with `expand[]=fixed_amount.currency_options`.
        currency_options: Absent<Map>,
    }
}

/// The kind, for references.
pub const KIND: Kind = ShippingRate::KIND;

const OPTIONS: &str = "currency_options";

impl ShippingRate {
    /// Reads a rate with everything expanded.
    fn read(mut shown: Map, mut hidden: Map, created: i64) -> Result<Self, FieldError> {
        if let Some(Doc::Map(fixed)) = shown.get_mut("fixed_amount")
            && let Some(options) = fixed.remove(OPTIONS)
        {
            hidden.set(OPTIONS, options);
        }
        Self::from_docs(shown, hidden, created)
    }

    /// The amount in a currency (lower case), in its smallest unit; `None` if the rate has none in that currency.
    pub fn amount_in(&self, currency: &str) -> Option<i64> {
        if self.currency() == currency {
            return self.fixed_amount.int("amount");
        }
        self.currency_options.0.as_ref()?.map(currency)?.int("amount")
    }

    fn currency(&self) -> &str {
        self.fixed_amount.str("currency").unwrap_or_default()
    }

    /// The amounts in all currencies, including its own.
    fn options(&self) -> Map {
        let own = Map::from([
            ("amount", self.fixed_amount.get("amount").cloned().unwrap_or_default()),
            ("tax_behavior", self.rest.get("tax_behavior").cloned().unwrap_or_default()),
        ]);
        self.currency_options.0.clone().unwrap_or_default().with(self.currency().to_owned(), own)
    }
}

/// `POST /v1/shipping_rates`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    body::check_references(tx, call, KIND)?;
    let id = insert(tx, ctx, &call.params)?;
    Ok(Outcome::Done(Ref { kind: KIND, id }))
}

/// A new rate from the parameters of a request, or from `shipping_rate_data`.
///
/// # Errors
/// No amount, an amount that is negative or too large, or no currency.
fn insert(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map) -> Result<Id> {
    let Some(fixed) = sent.map("fixed_amount") else { return Err(ApiError::param_missing("fixed_amount")) };
    check(fixed).map_err(|error| error.inside("fixed_amount"))?;
    check_estimate(sent)?;
    let id = ENTRY.id.draw(&ctx.ids);
    let shown = body::new(tx, ctx, KIND, &id, sent)?;
    let rate = ShippingRate::read(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(tx.insert(rate).id)
}

/// Checks the amounts in its own and in other currencies.
fn check(fixed: &Map) -> Result<()> {
    if let Some(currency) = fixed.str("currency") {
        let known = money::is_currency(&currency.to_lowercase());
        known.then_some(()).ok_or_else(|| ApiError::currency_invalid("currency", currency, money::CURRENCIES))?;
        check_amount(fixed, &currency.to_lowercase())?;
    }
    for (currency, option) in fixed.map(OPTIONS).into_iter().flat_map(Map::iter) {
        if !money::is_currency(currency) {
            return Err(ApiError::currency_invalid(OPTIONS, currency, money::CURRENCIES));
        }
        let Doc::Map(option) = option else { continue };
        check_amount(option, currency).map_err(|error| error.inside(&format!("{OPTIONS}[{currency}]")))?;
    }
    Ok(())
}

fn check_amount(of: &Map, currency: &str) -> Result<()> {
    match of.int("amount") {
        Some(amount) if amount < 0 => Err(ApiError::param_negative("amount")),
        Some(amount) if amount > money::MAX_AMOUNT => Err(ApiError::amount_too_large(currency)),
        _ => Ok(()),
    }
}

/// Both bounds of a delivery estimate are at least 1.
fn check_estimate(sent: &Map) -> Result<()> {
    for bound in ["minimum", "maximum"] {
        let value = sent.map("delivery_estimate").and_then(|estimate| estimate.map(bound)?.int("value"));
        if value.is_some_and(|value| value < 1) {
            return Err(ApiError::param_below(&format!("delivery_estimate[{bound}][value]"), 1));
        }
    }
    Ok(())
}

/// `POST /v1/shipping_rates/:shipping_rate_token`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let rate: Arc<ShippingRate> = require(tx, call.arg(0), In::Path)?;
    let mut shown = rate.to_doc();
    if let (Some(Doc::Map(fixed)), Some(options)) = (shown.get_mut("fixed_amount"), &rate.currency_options.0) {
        fixed.set(OPTIONS, options.clone());
    }
    if let Some(fixed) = call.params.map("fixed_amount") {
        check(fixed).map_err(|error| error.inside("fixed_amount"))?;
        check_new_options(&rate, fixed)?;
    }
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    let changed = ShippingRate::read(shown, Map::new(), rate.created).map_err(|_| ApiError::internal())?;
    tx.save(&rate, changed);
    Ok(Outcome::Done(Ref::to(&*rate)))
}

/// A currency that is new for the rate needs an amount.
fn check_new_options(rate: &ShippingRate, fixed: &Map) -> Result<()> {
    for (currency, option) in fixed.map(OPTIONS).into_iter().flat_map(Map::iter) {
        let amount = option.as_map().and_then(|option| option.present("amount"));
        if amount.is_none() && rate.amount_in(currency).is_none() {
            return Err(ApiError::param_missing("amount").inside(&format!("fixed_amount[{OPTIONS}][{currency}]")));
        }
    }
    Ok(())
}

fn check_use(object: &dyn Object, param: &str) -> Result<()> {
    let archived = downcast::<ShippingRate>(object).is_some_and(|rate| !rate.active);
    if archived { Err(ApiError::shipping_rate_inactive(param)) } else { Ok(()) }
}

fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

/// The registry's entry; the API has no events of shipping rates.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[Marked::neutral(&["type"], "it has one value")],
    fields: ShippingRate::FIELDS,
    noun: "shipping rate",
    id: IdForm::of("shr_"),
    path_param: "shipping_rate_token",
    operations: &[
        ("shipping_rates.create", Behaviour::Write(create)),
        ("shipping_rates.retrieve", Behaviour::Retrieve),
        ("shipping_rates.update", Behaviour::Write(update)),
        ("shipping_rates.list", Behaviour::List),
    ],
    filters: &[
        crate::filter!("currency", ShippingRate, |rate| Some(rate.currency())),
        crate::filter!("active", ShippingRate, |rate| Some(flag(rate.active))),
    ],
    joins: &[Join {
        field: "fixed_amount.currency_options",
        doc: |tx, id| Some(tx.get::<ShippingRate>(id)?.options().into()),
    }],
    expands: &[Expand::field("fixed_amount.currency_options")],
    named_by: &["shipping_rate"],
    defaults: &[
        ("active", Fill::Flag(true)),
        ("fixed_amount.currency_options.tax_behavior", Fill::Text("unspecified")),
        ("tax_behavior", Fill::Text("unspecified")),
        ("type", Fill::Text("fixed_amount")),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: |visible, hidden, created| Ok(Arc::new(ShippingRate::read(visible, hidden, created)?)),
    describe: Some(insert),
    check_use: Some(check_use),
    ..Entry::PLAIN
};
