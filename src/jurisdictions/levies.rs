//! The taxes of a place on a product, and the reason for them.
//!
//! May use: the rates, money. Invariant: a reason that collects nothing has rates of zero.

use super::codes::ProductClass;
use super::place::TaxPlace;
use super::table;
use crate::money::Decimal;

crate::values! {
    /// Why a tax is what it is.
    pub enum TaxabilityReason {
        CustomerExempt = "customer_exempt",
        NotCollecting = "not_collecting",
        NotSubjectToTax = "not_subject_to_tax",
        NotSupported = "not_supported",
        ProductExempt = "product_exempt",
        ReducedRated = "reduced_rated",
        ReverseCharge = "reverse_charge",
        StandardRated = "standard_rated",
        ZeroRated = "zero_rated",
    }
}

impl TaxabilityReason {
    /// The taxable amount of a base: all of it if the sale has a rate, even a rate of zero; otherwise nothing.
    pub fn taxable(self, base: i64) -> i64 {
        match self {
            TaxabilityReason::ReducedRated | TaxabilityReason::StandardRated | TaxabilityReason::ZeroRated => base,
            TaxabilityReason::CustomerExempt
            | TaxabilityReason::NotCollecting
            | TaxabilityReason::NotSubjectToTax
            | TaxabilityReason::NotSupported
            | TaxabilityReason::ProductExempt
            | TaxabilityReason::ReverseCharge => 0,
        }
    }
}

/// A tax of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levy {
    /// Its type, such as `vat`; `None` where nothing is known of the place.
    pub tax_type: Option<&'static str>,
    /// Its standard rate in percent.
    pub percentage: Decimal,
}

/// How a place taxes a class of products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductTreatment {
    /// At the standard rates.
    Standard,
    /// At this rate, in percent, above zero.
    Reduced(Decimal),
    /// At a rate of zero.
    Zero,
    /// Not at all, because the product is exempt.
    Exempt,
    /// Not at all, because there is no tax on such a sale.
    None,
}

/// The taxes on a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taxation {
    /// Why.
    pub reason: TaxabilityReason,
    /// Each tax with its rate on this sale; never empty.
    pub rates: Vec<Levy>,
}

fn percent(text: &str) -> Decimal {
    Decimal::parse(text).unwrap_or_default()
}

/// A percentage as the API writes it in text: with at least one digit behind the point (billing-2 9.4).
pub fn percentage_text(percentage: Decimal) -> String {
    let text = percentage.text();
    if text.contains('.') { text } else { format!("{text}.0") }
}

impl Levy {
    /// The same tax at another rate.
    fn at(&self, percentage: Decimal) -> Self {
        Levy { tax_type: self.tax_type, percentage }
    }

    /// The name of the tax on invoices.
    pub fn name(&self) -> &'static str {
        match self.tax_type {
            Some("gst") => "GST",
            Some("hst") => "HST",
            Some("igst") => "IGST",
            Some("jct") => "JCT",
            Some("pst") => "PST",
            Some("qst") => "QST",
            Some("rst") => "RST",
            Some("sales_tax") => "Sales Tax",
            Some("service_tax") => "Service Tax",
            Some("vat") => "VAT",
            _ => "Tax",
        }
    }
}

impl Taxation {
    /// Nothing is collected; the place's first tax stands for it.
    pub fn nothing(reason: TaxabilityReason, levies: &[Levy]) -> Self {
        let none = Levy { tax_type: None, percentage: Decimal::ZERO };
        Taxation { reason, rates: vec![levies.first().unwrap_or(&none).at(Decimal::ZERO)] }
    }

    /// These taxes of a place on a product.
    pub fn of(place: &TaxPlace, class: ProductClass, levies: &[Levy]) -> Self {
        match place.treatment(class) {
            ProductTreatment::Standard => Taxation { reason: TaxabilityReason::StandardRated, rates: levies.to_vec() },
            ProductTreatment::Reduced(rate) => {
                let rates = levies.iter().map(|levy| levy.at(rate)).collect();
                Taxation { reason: TaxabilityReason::ReducedRated, rates }
            }
            ProductTreatment::Zero => Taxation::nothing(TaxabilityReason::ZeroRated, levies),
            ProductTreatment::Exempt => Taxation::nothing(TaxabilityReason::ProductExempt, levies),
            ProductTreatment::None => Taxation::nothing(TaxabilityReason::NotSubjectToTax, levies),
        }
    }
}

impl TaxPlace {
    /// Its taxes, empty where there is none; `None` for a country that is not in the table.
    pub fn levies(&self) -> Option<Vec<Levy>> {
        let levy = |(tax_type, rate): (&'static str, &'static str)| Levy {
            tax_type: Some(tax_type),
            percentage: percent(rate),
        };
        let one = |tax_type, rate: &'static str| match rate {
            "" => Vec::new(),
            rate => vec![levy((tax_type, rate))],
        };
        Some(match (self.country(), self.state()) {
            ("US", Some(state)) => {
                let rate = table::state(state)?.rate;
                one("sales_tax", self.locality().map_or(rate, |locality| locality.rate))
            }
            ("CA", Some(province)) => table::province(province)?.taxes.iter().copied().map(levy).collect(),
            (country, _) => {
                let row = table::country(country)?;
                one(row.tax, row.standard)
            }
        })
    }

    /// How it taxes a class of products (`docs/tax.md`).
    pub fn treatment(&self, class: ProductClass) -> ProductTreatment {
        let row = table::country(self.country());
        match (class, self.country()) {
            (ProductClass::Nontaxable, _) | (ProductClass::Services, "US") => ProductTreatment::None,
            (ProductClass::Food | ProductClass::Shipping, "US") => ProductTreatment::Exempt,
            (ProductClass::Food, "CA") => ProductTreatment::Zero,
            (ProductClass::Food, _) => row.map_or(ProductTreatment::Standard, |row| treatment(row.food)),
            (ProductClass::Books, _) => row.map_or(ProductTreatment::Standard, |row| treatment(row.books)),
            (ProductClass::Goods | ProductClass::Digital | ProductClass::Services | ProductClass::Shipping, _) => {
                ProductTreatment::Standard
            }
        }
    }
}

/// What a cell of the table says.
fn treatment(cell: &str) -> ProductTreatment {
    match cell {
        "-" => ProductTreatment::Standard,
        "exempt" => ProductTreatment::Exempt,
        "0" => ProductTreatment::Zero,
        rate => ProductTreatment::Reduced(percent(rate)),
    }
}
