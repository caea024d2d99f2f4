//! The invoice of a paid session (`invoice_creation`, intents-and-checkout 3.7).
//!
//! May use: invoices, the lines. Invariant: the invoice comes to what the session came to.

use super::Session;
use crate::contract::Ctx;
use crate::generic::lines;
use crate::resources::billing::invoices::{self, PaidSale};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Record, Tx};

/// Whether a session makes an invoice when it is paid.
pub(super) fn is_wanted(session: &Session) -> bool {
    session.rest.map("invoice_creation").is_some_and(|creation| creation.bool("enabled") == Some(true))
}

/// Makes the invoice of a session, if it wants one. `payment` is the intent that paid, and how much.
pub(super) fn make(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    session: &Session,
    customer: Option<&Id>,
    payment: Option<(&Id, i64)>,
) -> Option<Id> {
    let customer = customer.filter(|_| is_wanted(session))?;
    let records = lines::of(tx, &session.id);
    let sale = PaidSale {
        customer,
        currency: session.currency.as_deref()?,
        lines: records.iter().map(|record| line(session, record)).collect(),
        discounts: session
            .discount
            .as_map()
            .and_then(|discount| discount.str("id"))
            .map(Id::from)
            .into_iter()
            .collect(),
        payment,
        params: params(session),
    };
    match tx.attempt(|tx| invoices::bill(tx, ctx, &sale)) {
        Ok(invoice) => Some(invoice),
        Err(error) => {
            // The money has come: the session is paid all the same.
            let message = error.field("message").unwrap_or_default();
            tracing::warn!(session = &*session.id, message, "the invoice of a session could not be made");
            None
        }
    }
}

fn line(session: &Session, record: &Record) -> Map {
    let line = record.object.to_doc();
    let mut params = Map::new();
    params.set("price", line.map("price").and_then(|price| price.str("id")).map(str::to_owned));
    for key in ["description", "metadata", "quantity"] {
        if let Some(value) = line.present(key) {
            params.set(key, value.clone());
        }
    }
    if let Some(rates) = session.tax_rates.get(record.object.id()) {
        params.set("tax_rates", rates.clone());
    }
    params
}

/// `invoice_data`, and what the session has of it.
fn params(session: &Session) -> Map {
    let data = session.rest.map("invoice_creation").and_then(|creation| creation.map("invoice_data"));
    let sent = data.into_iter().flat_map(Map::iter).filter(|(_, value)| !value.is_null());
    let mut params = Map::from_entries(sent.map(|(key, value)| (key.to_owned().into(), value.clone())).collect());
    if let Some(Doc::Map(tax)) = session.rest.get("automatic_tax") {
        let known =
            ["enabled", "liability"].into_iter().filter_map(|key| Some((key.into(), tax.present(key)?.clone())));
        params.set("automatic_tax", Map::from_entries(known.collect()));
    }
    if let Some(rate) = session.rest.map("shipping_cost").and_then(|cost| cost.str("shipping_rate")) {
        params.set("shipping_cost", Map::from([("shipping_rate", rate.to_owned())]));
    }
    params
}
