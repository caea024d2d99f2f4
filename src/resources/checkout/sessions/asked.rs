//! What a session asks its customer for, and what of it is missing (intents-and-checkout 3.1, stripe-js 1.1).
//!
//! May use: the session. Invariant: the page, the call without a browser and the rules ask for the same.

use super::{Session, places};
use crate::state::document::{Doc, Map};

crate::values! {
    /// What may be entered in a field of the merchant's own.
    pub enum CustomFieldKind {
        Dropdown = "dropdown",
        Numeric = "numeric",
        Text = "text",
    }
}

/// What a session asks its customer for. Payment methods, and what they need, come besides.
#[derive(Debug)]
pub struct CheckoutForm<'s> {
    /// The e-mail address: nobody knows it yet.
    pub email: bool,
    /// The phone number.
    pub phone: bool,
    /// Every line of the billing address; otherwise its country, and what a card needs.
    pub whole_address: bool,
    /// The countries to which goods are sent, if there is something to send.
    pub ships_to: Option<Vec<&'s str>>,
    /// Whether it is the shop that says where goods go, not the customer.
    pub shop_ships: bool,
    /// The countries of which the customer may ask the shop, through its page around this one, while it has not said where goods go.
    pub asks_shop: Option<Vec<&'s str>>,
    /// The ways of sending it, by the ids of the shipping rates.
    pub shipping_rates: Vec<&'s str>,
    /// The name of the business: whether it may be left out, if it is asked for.
    pub business_name: Option<bool>,
    /// The name of the person: whether it may be left out, if it is asked for.
    pub individual_name: Option<bool>,
    /// The tax id: whether it may be left out, if it is asked for.
    pub tax_id: Option<bool>,
    /// Fields of the merchant's own.
    pub custom_fields: Vec<CustomField<'s>>,
    /// To accept the terms of service.
    pub terms_of_service: bool,
    /// Whether news may be sent; nobody has to agree.
    pub promotions: bool,
}

/// A field of the merchant's own.
#[derive(Debug)]
pub struct CustomField<'s> {
    /// Its key, by which it is found in the session.
    pub key: &'s str,
    /// Its label on the page.
    pub label: &'s str,
    /// What may be entered.
    pub kind: CustomFieldKind,
    /// Whether it may be left out.
    pub is_optional: bool,
    /// What may be chosen: value and label.
    pub options: Vec<(&'s str, &'s str)>,
    /// The least number of characters.
    pub least: Option<i64>,
    /// The largest number of characters.
    pub most: Option<i64>,
    /// What was entered, or is preset; empty for nothing.
    pub value: &'s str,
    /// Whether the customer has entered something.
    is_answered: bool,
}

impl Session {
    /// What the page asks the customer for.
    pub fn asked(&self) -> CheckoutForm<'_> {
        let rest = &self.rest;
        let text_of = |part: &str, key: &str| rest.map(part).and_then(|part| part.str(key));
        let is_enabled = |part: &str| rest.map(part).and_then(|part| part.bool("enabled")) == Some(true);
        let name = |of: &str| {
            let asked = rest.map("name_collection").and_then(|names| names.map(of));
            asked.filter(|name| name.bool("enabled") == Some(true)).map(|name| name.bool("optional") == Some(true))
        };
        let places = rest.map("shipping_address_collection").and_then(|asked| asked.list("allowed_countries"));
        let is_shipped = rest.map("collected_information").is_some_and(|all| all.present("shipping_details").is_some());
        let countries = || places.map(|places| places.iter().filter_map(Doc::as_str).collect());
        let rates = rest.list("shipping_options").unwrap_or_default().iter().filter_map(Doc::as_map);
        let fields = rest.list("custom_fields").unwrap_or_default().iter().filter_map(Doc::as_map);
        let shop_ships = text_of("permissions", "update_shipping_details") == Some("server_only");
        let tax_id = is_enabled("tax_id_collection");
        CheckoutForm {
            email: self.email().is_none(),
            phone: is_enabled("phone_number_collection"),
            whole_address: rest.str("billing_address_collection") == Some("required") || self.lacks_place(),
            ships_to: countries().filter(|_| !shop_ships),
            asks_shop: countries().filter(|_| shop_ships && !self.is_hosted() && !is_shipped),
            shop_ships: places.is_some() && shop_ships,
            shipping_rates: rates.filter_map(|option| option.str("shipping_rate")).collect(),
            business_name: name("business"),
            individual_name: name("individual"),
            tax_id: tax_id.then(|| text_of("tax_id_collection", "required") != Some("if_supported")),
            custom_fields: fields.filter_map(CustomField::of).collect(),
            terms_of_service: text_of("consent_collection", "terms_of_service") == Some("required"),
            promotions: text_of("consent_collection", "promotions") == Some("auto"),
        }
    }

    /// Whether the page offers Link.
    pub fn shows_link(&self) -> bool {
        let link = self.rest.map("wallet_options").and_then(|wallets| wallets.map("link"));
        link.and_then(|link| link.str("display")) != Some("never")
    }

    /// Whether the page says that the payment method is kept: it is, and the shop does not say it itself.
    pub fn shows_reuse_agreement(&self) -> bool {
        let agreement =
            self.rest.map("consent_collection").and_then(|asked| asked.map("payment_method_reuse_agreement"));
        agreement.and_then(|agreement| agreement.str("position")) != Some("hidden")
            && self.types().any(|kind| self.keeps(kind))
            && !self.asks_no_method()
    }

    /// What is asked for and missing, by the names of the entries, in the order of the page. Whoever pays by a call of the API may do so
    /// without an e-mail address; only the page insists.
    pub fn missing(&self) -> Vec<String> {
        let asked = self.asked();
        let none = Map::new();
        let details = self.customer_details.as_map().unwrap_or(&none);
        let collected = self.rest.map("collected_information").unwrap_or(&none);
        let consent = self.rest.map("consent").unwrap_or(&none);
        let lacks = |of: &Map, key: &str| of.present(key).is_none();
        let address = details.map("address").unwrap_or(&none);
        let lacking = places::lacking(address).map(|part| match part {
            "country" | "line1" => "address".to_owned(),
            part => format!("address[{part}]"),
        });
        let fields = asked.custom_fields.iter().filter(|field| !field.is_optional && !field.is_answered);
        [
            ("phone", asked.phone && lacks(details, "phone")),
            ("shipping", (asked.ships_to.is_some() || asked.shop_ships) && lacks(collected, "shipping_details")),
            ("business_name", asked.business_name == Some(false) && lacks(collected, "business_name")),
            ("individual_name", asked.individual_name == Some(false) && lacks(collected, "individual_name")),
        ]
        .into_iter()
        .filter(|(_, is_missing)| *is_missing)
        .map(|(name, _)| name.to_owned())
        .chain(lacking.filter(|_| asked.whole_address))
        .chain(
            (asked.tax_id == Some(false) && details.list("tax_ids").is_none_or(<[Doc]>::is_empty))
                .then(|| "tax_id".to_owned()),
        )
        .chain(fields.map(|field| format!("custom_fields[{}]", field.key)))
        .chain(
            (asked.terms_of_service && consent.str("terms_of_service") != Some("accepted"))
                .then(|| "consent[terms_of_service]".to_owned()),
        )
        .collect()
    }
}

impl<'s> CustomField<'s> {
    pub(super) fn of(field: &'s Map) -> Option<Self> {
        let kind = CustomFieldKind::parse(field.str("type")?)?;
        let rules = field.map(kind.as_str());
        let option = |option: &'s Doc| {
            let option = option.as_map()?;
            Some((option.str("value")?, option.str("label")?))
        };
        let options = rules.and_then(|rules| rules.list("options")).unwrap_or_default();
        let entered = rules.and_then(|rules| rules.str("value"));
        Some(CustomField {
            key: field.str("key")?,
            label: field.map("label").and_then(|label| label.str("custom")).unwrap_or_default(),
            kind,
            is_optional: field.bool("optional") == Some(true),
            options: options.iter().filter_map(option).collect(),
            least: rules.and_then(|rules| rules.int("minimum_length")),
            most: rules.and_then(|rules| rules.int("maximum_length")),
            value: entered.or_else(|| rules?.str("default_value")).unwrap_or_default(),
            is_answered: entered.is_some(),
        })
    }

    /// Whether this may be entered.
    pub fn takes(&self, value: &str) -> bool {
        let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
        let fits = self.least.is_none_or(|least| length >= least) && self.most.is_none_or(|most| length <= most);
        fits && match self.kind {
            CustomFieldKind::Dropdown => self.options.iter().any(|(known, _)| *known == value),
            CustomFieldKind::Numeric => value.bytes().all(|byte| byte.is_ascii_digit()),
            CustomFieldKind::Text => true,
        }
    }
}
