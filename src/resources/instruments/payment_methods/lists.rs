//! The lists of a customer's payment methods (core-payments 4.9).
//!
//! May use: the list pages, customers, legacy cards. Invariant: only attached payment methods are listed, newest first.

use super::PaymentMethod;
use crate::api::list;
use crate::contract::{Call, Ctx, In, Item, List, Outcome, missing, require_record, require_shown, show};
use crate::error::{ApiError, Result};
use crate::resources::instruments::cards::Card;
use crate::state::document::Map;
use crate::state::object::{Resource, downcast};
use crate::state::{Record, Ref, Tx};

/// `GET /v1/payment_methods`; in no version does it need a `type` (core-payments 4.9.6).
pub(super) fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let Some(customer) = call.params.str("customer") else {
        // Without a customer, the list contains Treasury's payment methods, of which there are none (core-payments
        // 4.9.4).
        return list::page_of(&[], call, super::ENTRY.noun).map(Outcome::List);
    };
    require_record(tx, crate::kind!("customer"), customer, In::Param("customer"))?;
    page(tx, call, customer).map(Outcome::List)
}

/// `GET /v1/customers/:customer/payment_methods`.
pub(super) fn list_of_customer(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    require_record(tx, crate::kind!("customer"), call.arg(0), In::Path)?;
    page(tx, call, call.arg(0)).map(Outcome::List)
}

/// `GET /v1/customers/:customer/payment_methods/:payment_method`.
pub(super) fn retrieve_of_customer(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (customer, id) = (call.arg(0), call.arg(1));
    require_record(tx, crate::kind!("customer"), customer, In::Path)?;
    let record = require_shown(tx, PaymentMethod::KIND, id, In::Path)?;
    let doc = show(record, PaymentMethod::KIND).ok_or_else(|| missing(PaymentMethod::KIND, id, In::Path))?;
    if doc.str("customer") != Some(customer) {
        return Err(ApiError::payment_method_of_other_customer());
    }
    Ok(Outcome::Done(Ref { kind: PaymentMethod::KIND, id: id.into() }))
}

/// The customer's payment methods, including its legacy cards (core-payments 4.9.8).
fn page(tx: &Tx, call: &Call<'_>, customer: &str) -> Result<List> {
    let mut records = tx.records_having(PaymentMethod::KIND, "customer", customer);
    records.extend(tx.records_having(Card::KIND, "customer", customer));
    records.retain(|record| is_wanted(record, &call.params));
    records.sort_by_key(|record| std::cmp::Reverse(record.place));
    let rows: Vec<Item> = records.into_iter().map(|record| Item { shown: PaymentMethod::KIND, record }).collect();
    list::page_of(&rows, call, super::ENTRY.noun)
}

fn is_wanted(record: &Record, params: &Map) -> bool {
    let method = downcast::<PaymentMethod>(&*record.object);
    let kind = method.map_or("card", |method| &method.kind);
    let redisplay = method.and_then(|method| method.rest.str("allow_redisplay")).unwrap_or("unspecified");
    let matches = |param: &str, value: &str| params.str(param).is_none_or(|wanted| wanted == value);
    matches("type", kind) && matches("allow_redisplay", redisplay)
}
