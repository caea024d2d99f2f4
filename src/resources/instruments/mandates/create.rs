//! Creating a mandate (intents-and-checkout 2.5).
//!
//! May use: the bank test data. Invariant: a mandate contains the acceptance that was sent.

use super::{Mandate, MandateKind, MandateStatus};
use crate::contract::Ctx;
use crate::object::template;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};

/// Characters of the reference on the customer's bank statement.
const REFERENCE_CHARACTERS: usize = 16;

/// The terms that a customer accepts.
#[derive(Clone, Copy, Debug)]
pub struct MandateTerms<'a> {
    /// The payment method to debit.
    pub payment_method: &'a Id,
    /// Its type.
    pub kind: &'a str,
    /// `mandate_data[customer_acceptance]` as it was sent.
    pub acceptance: &'a Map,
    /// `amount` and `currency` of a mandate for one payment.
    pub single_use: Option<&'a Map>,
    /// `payment_method_options[{kind}][mandate_options]`.
    pub options: Option<&'a Map>,
    /// The account of `on_behalf_of`, if any.
    pub on_behalf_of: Option<&'a str>,
}

/// Creates the mandate of a confirmed intent. The bank of a Bacs debit answers a moment later.
pub fn create(tx: &mut Tx, ctx: &Ctx<'_>, terms: &MandateTerms<'_>) -> Id {
    let id: Id = super::ENTRY.id.draw(&ctx.ids).into();
    let use_of = if terms.single_use.is_some() { MandateKind::SingleUse } else { MandateKind::MultiUse };
    let mut rest = template::template(Mandate::KIND);
    rest.set("customer_acceptance", acceptance(ctx, terms.acceptance));
    rest.set("livemode", false);
    rest.set(use_of.as_str(), terms.single_use.cloned().unwrap_or_default());
    rest.set("payment_method_details", details(ctx, &id, terms));
    if let Some(account) = terms.on_behalf_of {
        rest.set("on_behalf_of", account.to_owned());
    }
    let pending = terms.kind == "bacs_debit";
    tx.insert(Mandate {
        id: Id::clone(&id),
        created: ctx.now,
        payment_method: Id::clone(terms.payment_method),
        status: if pending { MandateStatus::Pending } else { MandateStatus::Active },
        kind: use_of,
        rest,
    });
    id
}

/// How and when the customer accepted; data that a browser would add is unknown.
fn acceptance(ctx: &Ctx<'_>, sent: &Map) -> Map {
    let kind = sent.str("type").unwrap_or("online").to_owned();
    let at = sent.int("accepted_at").or((kind == "online").then_some(ctx.now));
    let how = if kind == "online" {
        let part = |key: &str| sent.map("online").and_then(|online| online.str(key)).map(str::to_owned);
        Map::from([("ip_address", part("ip_address")), ("user_agent", part("user_agent"))])
    } else {
        Map::new()
    };
    Map::from([("accepted_at".to_owned(), Doc::from(at)), ("type".to_owned(), kind.clone().into()), (kind, how.into())])
}

fn details(ctx: &Ctx<'_>, id: &Id, terms: &MandateTerms<'_>) -> Map {
    let fields = template::fields_at(Mandate::KIND, &["payment_method_details", terms.kind]);
    let mut own = template::of_fields(fields);
    for field in fields {
        if let Some(value) = terms.options.and_then(|options| options.present(field.name)) {
            own.set(field.name, value.clone());
        }
        match field.name {
            "url" => own.set("url", ctx.link(&format!("/mandates/{id}"))),
            "reference" => {
                let prefix = terms.options.and_then(|options| options.str("reference_prefix")).unwrap_or_default();
                own.set("reference", ctx.ids.id(prefix, REFERENCE_CHARACTERS).to_uppercase());
            }
            "network_status" => own.set("network_status", "pending"),
            _ => {}
        }
    }
    Map::from([("type".to_owned(), Doc::from(terms.kind.to_owned())), (terms.kind.to_owned(), own.into())])
}
