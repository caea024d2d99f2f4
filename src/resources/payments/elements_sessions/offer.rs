//! What Elements offer to pay or to save with.
//!
//! May use: both kinds of intents, configurations. Invariant: a type that is offered fits what is paid.

use crate::error::{ApiError, Result};
use crate::money;
use crate::resources::instruments::payment_methods;
use crate::resources::payments::payment_intents::{self, PaymentIntent};
use crate::resources::payments::payment_method_configurations::{self as configurations, Wanted};
use crate::resources::payments::setup_intents::{self, SetupIntent};
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// What is paid or saved, and the types that may do it, in the order in which they are shown.
pub(in crate::resources) struct ElementsOffer {
    /// `payment`, `setup` or `subscription`.
    pub(in crate::resources) mode: &'static str,
    /// In the currency's smallest unit.
    pub(in crate::resources) amount: Option<i64>,
    /// Three letters, lower case.
    pub(in crate::resources) currency: Option<String>,
    /// When the money is captured, if that is said.
    pub(in crate::resources) capture_method: Option<String>,
    /// What the payment method is saved for.
    pub(in crate::resources) usage: Option<String>,
    /// The types.
    pub(in crate::resources) types: Vec<String>,
}

/// The type that is shown first where a configuration chooses.
const FIRST: &str = "card";

impl ElementsOffer {
    /// What an intent takes.
    pub(super) fn of_payment(intent: &PaymentIntent) -> Self {
        ElementsOffer {
            mode: "payment",
            amount: Some(intent.amount),
            currency: Some(intent.currency.to_string()),
            capture_method: Some(intent.capture_method.as_str().to_owned()),
            usage: intent.setup_future_usage.map(|usage| usage.as_str().to_owned()),
            types: first_card(intent.types().map(str::to_owned).collect()),
        }
    }

    /// What an intent sets up.
    pub(super) fn of_setup(intent: &SetupIntent) -> Self {
        let types = intent.rest.list("payment_method_types").unwrap_or_default().iter().filter_map(Doc::as_str);
        ElementsOffer {
            mode: "setup",
            amount: None,
            currency: None,
            capture_method: None,
            usage: Some(intent.usage.as_str().to_owned()),
            types: first_card(types.map(str::to_owned).collect()),
        }
    }

    /// What is said of an intent that is made later.
    ///
    /// # Errors
    /// A payment without an amount or a currency, what is no amount, currency or type, no such configuration, or no type is left.
    pub(super) fn deferred(tx: &Tx, sent: &Map) -> Result<Self> {
        let mode = match sent.str("mode") {
            Some("payment") => "payment",
            Some("subscription") => "subscription",
            _ => "setup",
        };
        for key in ["amount", "currency"] {
            if mode != "setup" && sent.present(key).is_none() {
                return Err(ApiError::param_missing(key));
            }
        }
        check(sent, mode)?;
        let text = |key: &str| sent.str(key).map(str::to_owned);
        let currency = text("currency").map(|currency| currency.to_lowercase());
        let named = sent.list("payment_method_types").filter(|types| !types.is_empty());
        let types = match named {
            Some(types) => types.to_vec(),
            None => {
                let excluded = sent.list("excluded_payment_method_types").unwrap_or_default();
                let is_held = sent.str("capture_method") == Some("manual");
                let saves = mode == "setup" || sent.present("setup_future_usage").is_some();
                let fits = |kind: &str| {
                    (!saves || setup_intents::can_be_set_up(kind))
                        && currency.as_deref().is_none_or(|currency| payment_intents::fits(kind, currency, is_held))
                };
                let configuration = configurations::chosen(tx, sent)?;
                configurations::offered(
                    tx,
                    &configuration,
                    &Wanted { noun: "Elements session", excluded, fits: &fits },
                )?
            }
        };
        let names: Vec<String> = types.iter().filter_map(Doc::as_str).map(str::to_owned).collect();
        Ok(ElementsOffer {
            mode,
            amount: sent.int("amount"),
            currency,
            capture_method: text("capture_method"),
            usage: text("setup_future_usage"),
            types: if named.is_some() { names } else { first_card(names) },
        })
    }

    /// The parameters of an Elements session for it.
    pub(in crate::resources) fn params(&self, locale: Option<&str>) -> Map {
        let said = [
            ("amount", Doc::from(self.amount)),
            ("capture_method", self.capture_method.clone().into()),
            ("currency", self.currency.clone().into()),
            ("mode", self.mode.into()),
            ("payment_method_types", self.types.clone().into()),
            ("setup_future_usage", self.usage.clone().into()),
        ];
        let said = said.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.into(), value));
        Map::from([
            ("deferred_intent", Doc::from(Map::from_entries(said.collect()))),
            ("locale", locale.map(str::to_owned).into()),
            ("type", "deferred_intent".into()),
        ])
    }
}

/// What could be no intent is refused before a customer sees a form.
fn check(sent: &Map, mode: &str) -> Result<()> {
    let least = i64::from(mode == "payment");
    if sent.int("amount").is_some_and(|amount| amount < least) {
        return Err(ApiError::param_below("amount", least));
    }
    if let Some(currency) = sent.str("currency").filter(|currency| !money::is_currency(&currency.to_lowercase())) {
        return Err(ApiError::currency_invalid("currency", currency, money::CURRENCIES));
    }
    for key in ["payment_method_types", "excluded_payment_method_types"] {
        let mut types = sent.list(key).unwrap_or_default().iter().filter_map(Doc::as_str);
        if let Some(unknown) = types.find(|kind| !payment_methods::is_type(kind)) {
            return Err(ApiError::payment_method_type_invalid(key, unknown));
        }
    }
    Ok(())
}

/// Cards first, the others as they were.
fn first_card(mut types: Vec<String>) -> Vec<String> {
    types.sort_by_key(|kind| kind != FIRST);
    types
}
