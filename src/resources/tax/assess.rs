//! The rates of a sale, and the reason for them (billing-2 9.4).
//!
//! May use: registrations, settings, customers, tax rates. Invariant: the same question has the same answer, and the same
//! tax rates.

use super::{registrations, settings};
use crate::contract::Ctx;
use crate::error::Result;
use crate::jurisdictions::{self, Levy, ProductClass, TaxPlace, TaxabilityReason, Taxation};
use crate::pricing::TaxPercentage;
use crate::resources::catalog::tax_rates::{self, AutomaticRate};
use crate::resources::customers::customer::Customer;
use crate::resources::customers::tax_ids::TaxId;
use crate::state::Tx;
use crate::state::document::Map;

crate::values! {
    /// Whether a customer pays tax to the seller: its `tax_exempt`.
    pub enum Exemption {
        None = "none",
        Exempt = "exempt",
        /// It accounts for the tax itself.
        Reverse = "reverse",
    }
}

impl Exemption {
    /// The reason why a customer pays no tax at a rate that a person chose (billing-2 9.4).
    pub fn reason(self) -> Option<TaxabilityReason> {
        match self {
            Exemption::None => None,
            Exemption::Exempt => Some(TaxabilityReason::CustomerExempt),
            Exemption::Reverse => Some(TaxabilityReason::ReverseCharge),
        }
    }
}

/// A sale, as far as its tax depends on it.
#[derive(Clone, Debug)]
pub struct TaxQuestion<'q> {
    /// Where it is taxed.
    pub place: &'q TaxPlace,
    /// What is sold; `None` for the code of the settings.
    pub tax_code: Option<&'q str>,
    /// Whether the price contains the tax.
    pub inclusive: bool,
    /// Whether the customer pays tax.
    pub exempt: Exemption,
}

/// The rates of a sale.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// A rate for each tax; never empty. If nothing is collected, there is one of zero percent.
    pub rates: Vec<TaxPercentage>,
    /// The reason for the rates. [`TaxabilityReason::taxable`] is the taxable amount that it shows.
    pub reason: TaxabilityReason,
}

/// The rates of a sale now, by the sandbox's clock. They name tax rates that are made when they are first needed, without
/// an event, and are not active.
///
/// # Errors
/// A tax rate that cannot be made.
pub fn assess(tx: &mut Tx, ctx: &Ctx<'_>, question: &TaxQuestion<'_>) -> Result<Assessed> {
    let Taxation { reason, rates } = taxation(tx, ctx.now, question);
    let name = |levy: &Levy| rate_of(tx, ctx, question, levy);
    Ok(Assessed { rates: rates.iter().map(name).collect::<Result<_>>()?, reason })
}

/// The taxes of a sale at a time, in Unix seconds.
pub(super) fn taxation(tx: &Tx, at: i64, question: &TaxQuestion<'_>) -> Taxation {
    let code = question.tax_code.map_or_else(|| settings::default_code(tx), str::to_owned);
    let (place, class) = (question.place, ProductClass::of(&code));
    let Some(levies) = place.levies() else { return Taxation::nothing(TaxabilityReason::NotSupported, &[]) };
    if levies.is_empty() {
        return Taxation::nothing(TaxabilityReason::NotSubjectToTax, &levies);
    }
    let collected = registrations::collected(tx, at, place, &levies);
    let is_reversed = question.exempt == Exemption::Reverse && registrations::covers_reverse_charge(tx, at, place);
    match (class, question.exempt) {
        (ProductClass::Nontaxable, _) => Taxation::nothing(TaxabilityReason::NotCollecting, &levies),
        (_, Exemption::Reverse) if is_reversed => Taxation::nothing(TaxabilityReason::ReverseCharge, &levies),
        _ if collected.is_empty() => Taxation::nothing(TaxabilityReason::NotCollecting, &levies),
        (_, Exemption::Exempt) => Taxation::nothing(TaxabilityReason::CustomerExempt, &levies),
        (_, Exemption::None | Exemption::Reverse) => Taxation::of(place, class, &collected),
    }
}

/// The tax rate of a tax.
fn rate_of(tx: &mut Tx, ctx: &Ctx<'_>, question: &TaxQuestion<'_>, levy: &Levy) -> Result<TaxPercentage> {
    let place = question.place;
    let region = place.region(levy);
    let key = if region.state.is_some() { place.key() } else { place.country().to_owned() };
    tax_rates::automatic(
        tx,
        ctx,
        &AutomaticRate {
            place: &key,
            name: levy.name(),
            country: place.country(),
            state: region.state,
            region: region.name,
            tax_type: levy.tax_type,
            percentage: levy.percentage,
            inclusive: question.inclusive,
        },
    )
}

/// The address of a customer that its tax depends on, with its source: the shipping address comes before the billing
/// address.
pub(super) fn address_of(customer: &Customer) -> Option<(&Map, &'static str)> {
    let shipping = customer.rest.map("shipping").and_then(|shipping| shipping.map("address"));
    let billing = customer.rest.map("address");
    let places = [(shipping, "shipping"), (billing, "billing")];
    places
        .into_iter()
        .find_map(|(address, source)| Some((address?, source)).filter(|_| TaxPlace::of(address).is_some()))
}

/// The place of a customer; `None` if its addresses are not enough to tell the rate.
pub fn place_of_customer(tx: &Tx, customer: &str) -> Option<TaxPlace> {
    let customer = tx.get::<Customer>(customer)?;
    TaxPlace::of(Some(address_of(&customer)?.0))
}

/// Whether a customer pays tax on what it buys in a place: its `tax_exempt`, or the reverse charge that follows from its
/// tax ids.
pub fn exemption_of_customer(tx: &Tx, customer: &str, place: &TaxPlace) -> Exemption {
    let set = tx.get::<Customer>(customer).and_then(|customer| Exemption::parse(customer.rest.str("tax_exempt")?));
    match set.unwrap_or(Exemption::None) {
        Exemption::None => {
            let ids = tx.having::<TaxId>("customer", customer);
            exemption_of_ids(tx, ids.iter().map(|id| id.kind.as_str()), place)
        }
        set @ (Exemption::Exempt | Exemption::Reverse) => set,
    }
}

/// A business that buys abroad accounts for the tax itself, where its country has a tax id for that.
pub(super) fn exemption_of_ids<'i>(tx: &Tx, mut types: impl Iterator<Item = &'i str>, place: &TaxPlace) -> Exemption {
    let business_id = jurisdictions::country(place.country()).map_or("", |row| row.business_id);
    let is_abroad = settings::head_office_country(tx).is_some_and(|country| country != place.country());
    match is_abroad && types.any(|id| id == business_id) {
        true => Exemption::Reverse,
        false => Exemption::None,
    }
}
