//! The rates of what is sold together: lines and their shipping (billing-2 9.2).
//!
//! May use: prices, products, shipping rates. Invariant: invoices and Checkout Sessions ask here, so that the same sale has the
//! same tax on both.

use super::assess::{self, Assessed, Exemption, TaxQuestion};
use super::settings::{self, TaxBehavior};
use crate::contract::Ctx;
use crate::error::Result;
use crate::jurisdictions::TaxPlace;
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::products::Product;
use crate::resources::catalog::shipping_rates::ShippingRate;
use crate::state::Tx;

/// The code of shipping whose rate has none.
const SHIPPING: &str = "txcd_92010001";

/// To whom something is sold, and in which currency.
#[derive(Debug)]
pub struct TaxedSale<'s> {
    /// Where it is taxed.
    pub place: &'s TaxPlace,
    /// Whether the customer pays tax.
    pub exempt: Exemption,
    /// Three letters, lower case.
    pub currency: &'s str,
}

/// What is sold, as far as its tax depends on it.
#[derive(Clone, Debug, Default)]
pub struct Sold {
    tax_code: Option<String>,
    behavior: Option<TaxBehavior>,
}

impl Sold {
    /// A line of a product at a price, by their ids.
    pub fn of(tx: &Tx, product: Option<&str>, price: Option<&str>) -> Self {
        let product = product.and_then(|id| tx.get::<Product>(id));
        let price = price.and_then(|id| tx.get::<Price>(id));
        Sold {
            tax_code: product.and_then(|product| product.rest.str("tax_code").map(str::to_owned)),
            behavior: price.and_then(|price| TaxBehavior::parse(price.rest.str("tax_behavior")?)),
        }
    }

    /// Shipping at a rate, by its id.
    pub fn shipping(tx: &Tx, rate: Option<&str>) -> Self {
        let rate = rate.and_then(|id| tx.get::<ShippingRate>(id));
        let of = |key: &str| rate.as_ref().and_then(|rate| rate.rest.str(key));
        Sold {
            tax_code: Some(of("tax_code").unwrap_or(SHIPPING).to_owned()),
            behavior: of("tax_behavior").and_then(TaxBehavior::parse),
        }
    }
}

/// The rates of everything that is sold, in its order.
///
/// # Errors
/// A tax rate that cannot be made.
pub fn assess_all(tx: &mut Tx, ctx: &Ctx<'_>, sale: &TaxedSale<'_>, sold: &[Sold]) -> Result<Vec<Assessed>> {
    let usual = settings::default_behavior(tx, sale.currency);
    let assess = |sold: &Sold| {
        let inclusive = sold.behavior.or(usual) == Some(TaxBehavior::Inclusive);
        let (place, tax_code, exempt) = (sale.place, sold.tax_code.as_deref(), sale.exempt);
        assess::assess(tx, ctx, &TaxQuestion { place, tax_code, inclusive, exempt })
    };
    sold.iter().map(assess).collect()
}
