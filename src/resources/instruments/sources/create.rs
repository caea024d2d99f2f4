//! `POST /v1/sources`.
//!
//! May use: the types of source, tokens, cards. Invariant: a new source belongs to no customer.

use super::hash::{self, SourceDetails};
use super::rules;
use super::schemes::{self, Flow, SourceScheme};
use super::{Source, SourceStatus, SourceUsage};
use crate::contract::{Call, Ctx, Outcome};
use crate::error::{ApiError, Result};
use crate::money;
use crate::object::{metadata, template};
use crate::resources::decision;
use crate::resources::instruments::card_details::LEGACY_ADDRESS;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Tx};

/// Creates a source (core-payments 5.4).
///
/// # Errors
/// A parameter that the type needs is missing, or invalid.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let name = params.str("type").ok_or_else(|| ApiError::param_missing("type"))?;
    let scheme = schemes::scheme(name).ok_or_else(|| ApiError::param_not_in_enum("type", &schemes::names()))?;
    let terms = SourceTerms::of(scheme, params)?;
    let id = Id::from(super::ENTRY.id.draw(&ctx.ids));
    let client_secret = ctx.ids.id("src_client_secret_", 24);
    let page = decision::link(ctx, &id, &client_secret);
    let details = hash::details(tx, ctx, scheme, params, &page)?;
    let chargeable = details.passes || scheme.chargeable && !details.unverified;
    let mut source = Source {
        id,
        created: ctx.now,
        kind: scheme.name.to_owned(),
        status: if chargeable { SourceStatus::Chargeable } else { SourceStatus::Pending },
        usage: Some(terms.usage),
        customer: Absent(None),
        amount: terms.amount,
        currency: terms.currency,
        client_secret,
        metadata: metadata::merge(&Map::new(), params.get("metadata"))?,
        card_details: None,
        account_number: None,
        receive_at: Absent(None),
        unused_until: Absent(None),
        rest: rest(scheme, params, &details, &page),
    };
    if let Some(order) = params.map("source_order") {
        source.rest.set("source_order", source_order(order, source.amount, source.currency.as_deref()));
    }
    source.card_details = details.card;
    source.account_number = details.account_number;
    rules::plan(ctx, scheme, &mut source);
    Ok(Outcome::Done(tx.insert(source)))
}

/// The parameters of every type of source.
struct SourceTerms {
    usage: SourceUsage,
    amount: Option<i64>,
    currency: Option<String>,
}

impl SourceTerms {
    /// Checks them in the order type, flow, usage, amount, currency, return address.
    fn of(scheme: &SourceScheme, params: &Map) -> Result<Self> {
        if params.str("flow").is_some_and(|flow| flow != scheme.flow.as_str()) {
            return Err(ApiError::source_flow(scheme.name, scheme.flow.as_str()));
        }
        let usage = match params.str("usage") {
            None => scheme.usage,
            Some(usage) if usage == scheme.usage.as_str() => scheme.usage,
            Some(_) if !scheme.other_usage => {
                return Err(ApiError::source_usage(scheme.name, scheme.usage.as_str()));
            }
            Some("reusable") => SourceUsage::Reusable,
            Some(_) => SourceUsage::SingleUse,
        };
        let terms = SourceTerms { usage, amount: amount(params)?, currency: currency(scheme, params)? };
        let single_use = usage == SourceUsage::SingleUse;
        if single_use && terms.amount.is_none() {
            return Err(ApiError::param_missing("amount"));
        }
        if (single_use || scheme.needs_currency) && terms.currency.is_none() {
            return Err(ApiError::param_missing("currency"));
        }
        if scheme.needs_return_url && params.map("redirect").is_none() {
            return Err(ApiError::param_missing("redirect"));
        }
        if scheme.name == "klarna" && params.map("source_order").is_none() {
            return Err(ApiError::param_missing("source_order"));
        }
        Ok(terms)
    }
}

/// The amount, if one was sent.
pub(super) fn amount(params: &Map) -> Result<Option<i64>> {
    let amount = params.int("amount");
    if amount.is_some_and(|amount| amount < 1) {
        return Err(ApiError::param_below("amount", 1));
    }
    Ok(amount)
}

fn currency(scheme: &SourceScheme, params: &Map) -> Result<Option<String>> {
    let Some(currency) = params.str("currency").map(str::to_lowercase) else { return Ok(None) };
    if !money::is_currency(&currency) {
        return Err(ApiError::currency_invalid("currency", &currency, money::CURRENCIES));
    }
    if !scheme.currencies.is_empty() && !scheme.currencies.contains(&currency.as_str()) {
        return Err(ApiError::source_currency_unsupported(scheme.name, &currency, scheme.currencies));
    }
    Ok(Some(currency))
}

fn rest(scheme: &SourceScheme, params: &Map, details: &SourceDetails, page: &str) -> Map {
    let statement_descriptor = params.present("statement_descriptor").cloned();
    let mut rest = Map::from([
        ("allow_redisplay", Doc::Null),
        ("flow", scheme.flow.as_str().into()),
        ("livemode", false.into()),
        ("owner", owner(params.map("owner"), &details.holder)),
        ("statement_descriptor", statement_descriptor.into()),
    ]);
    rest.set(scheme.name, details.hash.clone());
    if let Some(return_url) = params.map("redirect").and_then(|redirect| redirect.str("return_url")) {
        // No redirect is needed if the card's issuer asks for nothing (platform 6).
        let status = if details.passes { "not_required" } else { "pending" };
        let redirect = Map::from([
            ("failure_reason", Doc::Null),
            ("return_url", return_url.to_owned().into()),
            ("status", status.into()),
            ("url", page.to_owned().into()),
        ]);
        if scheme.flow != Flow::None {
            rest.set("redirect", redirect);
        }
    }
    if scheme.flow == Flow::Receiver {
        let method = params.map("receiver").and_then(|receiver| receiver.str("refund_attributes_method"));
        let receiver = Map::from([
            ("address", Doc::from(details.receiver_address.clone())),
            ("amount_charged", 0.into()),
            ("amount_received", 0.into()),
            ("amount_returned", 0.into()),
            ("refund_attributes_method", method.unwrap_or("email").to_owned().into()),
            ("refund_attributes_status", "missing".into()),
        ]);
        rest.set("receiver", receiver);
    }
    rest
}

/// The owner with all eight fields: from the request, or from the holder of the card or account.
fn owner(sent: Option<&Map>, holder: &Map) -> Doc {
    let mut owner = Map::new();
    if let Some(name) = holder.present("name") {
        owner.set("name", name.clone());
    }
    let address: Vec<_> = LEGACY_ADDRESS
        .into_iter()
        .filter_map(|(key, legacy)| Some((key.into(), holder.present(legacy)?.clone())))
        .collect();
    if !address.is_empty() {
        owner.set("address", Map::from_entries(address));
    }
    if let Some(sent) = sent {
        owner.merge(sent);
    }
    let mut owner = Doc::Map(owner);
    template::complete_key(Source::KIND, "owner", &mut owner);
    owner
}

/// The order as the source shows it, with the source's own amount.
pub(super) fn source_order(sent: &Map, amount: Option<i64>, currency: Option<&str>) -> Map {
    let mut order = sent.clone();
    order.set("amount", amount.unwrap_or_default());
    order.set("currency", currency.unwrap_or_default().to_owned());
    if !order.has("items") {
        order.set("items", Doc::Null);
    }
    if let Some(Doc::List(items)) = order.get_mut("items") {
        for item in items {
            if let Doc::Map(item) = item {
                for key in ["amount", "currency", "description", "parent", "type"] {
                    if !item.has(key) {
                        item.set(key, Doc::Null);
                    }
                }
            }
        }
    }
    let mut order = Doc::Map(order);
    template::complete_key(Source::KIND, "source_order", &mut order);
    match order {
        Doc::Map(order) => order,
        _ => Map::new(),
    }
}
