//! The payment method of a subscription: whether it has one, and the intent that saves one (billing 2.7, billing-2 4.1, 4.3).
//!
//! May use: customers, setup intents. Invariant: a pending intent is forgotten once it has succeeded or was canceled.

use super::Subscription;
use crate::contract::{Ctx, On, Reaction, Who};
use crate::error::Result;
use crate::resources::customers::customer::Customer;
use crate::resources::payments::setup_intents::{self, SetupIntent, SetupStatus};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};

/// Whether something can be charged: a default of the subscription, or of its customer; what is only attached does not count.
pub fn has_method(tx: &Tx, subscription: &Subscription) -> bool {
    let either = ["default_payment_method", "default_source"];
    let customer = tx.get::<Customer>(&subscription.customer);
    let of_customer = customer.is_some_and(|customer| {
        let settings = customer.rest.map("invoice_settings");
        customer.default_source.is_some()
            || settings.is_some_and(|settings| settings.present("default_payment_method").is_some())
    });
    of_customer || either.iter().any(|key| subscription.rest.present(key).is_some())
}

/// Whether a payment method that paid becomes the subscription's own.
pub(super) fn saves_method(subscription: &Subscription) -> bool {
    let settings = subscription.rest.map("payment_settings");
    settings.and_then(|settings| settings.str("save_default_payment_method")) == Some("on_subscription")
}

/// Opens the intent that saves a payment method.
///
/// # Errors
/// An intent cannot have these types.
pub(super) fn open(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let subscription = super::find(tx, id)?;
    let settings = subscription.rest.map("payment_settings");
    let types = settings.and_then(|settings| settings.list("payment_method_types")).filter(|types| !types.is_empty());
    let types = types.map_or_else(|| vec!["card".into()], <[Doc]>::to_vec);
    let params = Map::from([
        ("customer", Doc::from(subscription.customer.to_string())),
        ("payment_method_types", Doc::List(types)),
        ("usage", "off_session".into()),
    ]);
    let intent = setup_intents::open(tx, ctx, &params)?;
    tx.update::<Subscription>(id, |subscription| subscription.pending_setup_intent = Some(intent));
    Ok(())
}

/// What a subscription follows of its pending intent.
pub(super) const FOLLOWED: Reaction = Reaction {
    to: SetupIntent::KIND,
    on: On::Change(|_, _| true),
    who: Who::Having("pending_setup_intent"),
    run: |tx, _, id| {
        follow(tx, id);
        Ok(())
    },
};

fn follow(tx: &mut Tx, id: &Id) {
    let Some(subscription) = tx.get::<Subscription>(id) else { return };
    let intent = subscription.pending_setup_intent.as_ref().and_then(|intent| tx.get::<SetupIntent>(intent));
    let Some(intent) = intent else { return };
    let method = match intent.status {
        SetupStatus::Succeeded => intent.payment_method.clone().filter(|_| saves_method(&subscription)),
        SetupStatus::Canceled => None,
        SetupStatus::Processing
        | SetupStatus::RequiresAction
        | SetupStatus::RequiresConfirmation
        | SetupStatus::RequiresPaymentMethod => return,
    };
    tx.update::<Subscription>(id, |subscription| {
        subscription.pending_setup_intent = None;
        if let Some(method) = method {
            subscription.rest.set("default_payment_method", method.to_string());
        }
    });
}
