//! The form of an Elements session.
//!
//! May use: the account, the rails. Invariant: what no test can do (wallets of a device, Link) is off.

use super::ElementsOffer;
use crate::issuers;
use crate::resources::connect::accounts;
use crate::resources::payments::rails;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// Characters of a session's id after its prefix.
const ID_CHARACTERS: usize = 11;

/// Who sells.
pub(in crate::resources) struct Merchant {
    id: String,
    account: Map,
}

impl Merchant {
    /// The account of a call.
    pub(in crate::resources) fn of(tx: &Tx) -> Self {
        Merchant { id: tx.account_id().to_string(), account: accounts::own_account(tx) }
    }

    fn text(&self, key: &str) -> Doc {
        self.account.str(key).map(str::to_owned).into()
    }

    fn name(&self) -> Doc {
        let of = |outer: &str, inner: &str| self.account.map(outer).and_then(|map| map.str(inner)).map(str::to_owned);
        let dashboard = || self.account.map("settings")?.map("dashboard")?.str("display_name").map(str::to_owned);
        of("business_profile", "name").or_else(dashboard).into()
    }

    /// What a page shows of it; a session may have a name of its own.
    pub(in crate::resources) fn settings(&self, brand: Option<&Map>) -> Map {
        let name = brand.and_then(|brand| brand.get("display_name")).cloned();
        Map::from([
            ("account_id", Doc::from(self.id.clone())),
            ("country", self.text("country")),
            ("display_name", name.unwrap_or_else(|| self.name())),
        ])
    }
}

/// The session for an offer; what it is about decides its id, as asking makes nothing.
pub(in crate::resources) fn shown(
    about: &str,
    merchant: &Merchant,
    offer: &ElementsOffer,
    locale: Option<&str>,
) -> Map {
    let none = || Doc::List(Vec::new());
    let country = merchant.text("country");
    let preference = Map::from([
        ("object", Doc::from("payment_method_preference")),
        ("country_code", country.clone()),
        ("ordered_payment_method_types", offer.types.clone().into()),
        ("type", "deferred_intent".into()),
    ]);
    let choice = Map::from([
        ("eligible", Doc::from(false)),
        ("preferred_networks", none()),
        ("supported_cobranded_networks", Map::new().into()),
    ]);
    let link = Map::from([("link_enabled", Doc::from(false)), ("link_funding_sources", none())]);
    Map::from([
        (
            "session_id",
            Doc::from(format!("elements_session_{}", &issuers::fingerprint(about, &merchant.id)[..ID_CHARACTERS])),
        ),
        ("account_id", merchant.id.clone().into()),
        ("merchant_id", merchant.id.clone().into()),
        ("business_name", merchant.name()),
        ("merchant_country", country),
        ("merchant_currency", merchant.text("default_currency")),
        ("locale", locale.map(str::to_owned).into()),
        ("payment_method_preference", preference.into()),
        ("ordered_payment_method_types_and_wallets", offer.types.clone().into()),
        ("payment_method_specs", specs(offer).into()),
        ("card_brand_choice", choice.into()),
        ("link_settings", link.into()),
        ("apple_pay_preference", "disabled".into()),
        ("google_pay_preference", "disabled".into()),
        ("unactivated_payment_method_types", none()),
        ("unverified_payment_methods_on_domain", none()),
        ("custom_payment_method_data", none()),
        ("external_payment_method_data", none()),
        ("experiments_data", Map::new().into()),
        ("flags", Map::new().into()),
        ("customer", Doc::Null),
    ])
}

/// What a client has to know of each type: whether its money comes later. What it asks for, it knows by itself.
fn specs(offer: &ElementsOffer) -> Vec<Map> {
    let spec = |kind: &String| {
        let is_late = rails::of(kind).is_some_and(|rail| rail.settles_later);
        Map::from([("async", Doc::from(is_late)), ("fields", Doc::List(Vec::new())), ("type", kind.clone().into())])
    };
    offer.types.iter().map(spec).collect()
}
