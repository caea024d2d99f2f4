//! The types of source with their parameters (core-payments 5.4).
//!
//! May use nothing. Invariant: it is a table.

use super::SourceUsage;

/// How a source becomes chargeable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Without an action of the customer, or by scanning a code.
    None,
    /// The customer authorizes on a page.
    Redirect,
    /// The customer sends money to an address.
    Receiver,
}

impl Flow {
    /// `source.flow`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Flow::None => "none",
            Flow::Redirect => "redirect",
            Flow::Receiver => "receiver",
        }
    }
}

/// A type of source.
#[derive(Clone, Copy, Debug)]
pub(super) struct SourceScheme {
    /// `source.type`, and the name of the hash with the type's own fields.
    pub(super) name: &'static str,
    /// How it becomes chargeable.
    pub(super) flow: Flow,
    /// The usage if the request does not choose one.
    pub(super) usage: SourceUsage,
    /// Whether the request may choose the other usage.
    pub(super) other_usage: bool,
    /// Whether it is chargeable at once.
    pub(super) chargeable: bool,
    /// The allowed currencies; all if empty.
    pub(super) currencies: &'static [&'static str],
    /// Whether a reusable one needs a currency; a single-use one always does.
    pub(super) needs_currency: bool,
    /// Whether the request must contain a return URL.
    pub(super) needs_return_url: bool,
}

impl SourceScheme {
    const fn of(name: &'static str, flow: Flow, usage: SourceUsage) -> Self {
        SourceScheme {
            name,
            flow,
            usage,
            other_usage: false,
            chargeable: false,
            currencies: &[],
            needs_currency: false,
            needs_return_url: matches!(flow, Flow::Redirect),
        }
    }

    const fn either_usage(mut self) -> Self {
        self.other_usage = true;
        self
    }

    const fn chargeable(mut self) -> Self {
        self.chargeable = true;
        self
    }

    const fn only(mut self, currencies: &'static [&'static str]) -> Self {
        self.currencies = currencies;
        self
    }

    const fn with_currency(mut self) -> Self {
        self.needs_currency = true;
        self
    }

    const fn return_url(mut self, needed: bool) -> Self {
        self.needs_return_url = needed;
        self
    }
}

const EUR: &[&str] = &["eur"];

#[rustfmt::skip]
static SCHEMES: &[SourceScheme] = &[
    SourceScheme::of("ach_credit_transfer", Flow::Receiver, SourceUsage::Reusable).only(&["usd"]).with_currency(),
    SourceScheme::of("ach_debit", Flow::None, SourceUsage::Reusable).only(&["usd"]).chargeable(),
    SourceScheme::of("acss_debit", Flow::None, SourceUsage::Reusable).only(&["cad", "usd"]).chargeable(),
    SourceScheme::of("alipay", Flow::Redirect, SourceUsage::SingleUse).either_usage().with_currency(),
    SourceScheme::of("au_becs_debit", Flow::None, SourceUsage::Reusable).only(&["aud"]).chargeable(),
    SourceScheme::of("bancontact", Flow::Redirect, SourceUsage::SingleUse).only(EUR),
    SourceScheme::of("card", Flow::None, SourceUsage::Reusable).either_usage().chargeable(),
    SourceScheme::of("eps", Flow::Redirect, SourceUsage::SingleUse).only(EUR),
    SourceScheme::of("giropay", Flow::Redirect, SourceUsage::SingleUse).only(EUR),
    SourceScheme::of("ideal", Flow::Redirect, SourceUsage::SingleUse).only(EUR),
    SourceScheme::of("klarna", Flow::Redirect, SourceUsage::SingleUse).return_url(false),
    SourceScheme::of("multibanco", Flow::Receiver, SourceUsage::SingleUse).only(EUR).return_url(true),
    SourceScheme::of("p24", Flow::Redirect, SourceUsage::SingleUse).only(&["eur", "pln"]),
    SourceScheme::of("sepa_credit_transfer", Flow::Receiver, SourceUsage::Reusable).only(EUR).with_currency(),
    SourceScheme::of("sepa_debit", Flow::None, SourceUsage::Reusable).only(EUR).with_currency().chargeable(),
    SourceScheme::of("sofort", Flow::Redirect, SourceUsage::SingleUse).only(EUR),
    SourceScheme::of("three_d_secure", Flow::Redirect, SourceUsage::SingleUse),
    SourceScheme::of("wechat", Flow::None, SourceUsage::SingleUse),
];

/// The type of this name.
pub(super) fn scheme(name: &str) -> Option<&'static SourceScheme> {
    SCHEMES.iter().find(|scheme| scheme.name == name)
}

/// The names of all types, in alphabetical order.
pub(super) fn names() -> Vec<&'static str> {
    SCHEMES.iter().map(|scheme| scheme.name).collect()
}
