//! `payment_method_details` of a charge without a card (core-payments 6.3, 10.3.7).
//!
//! May use: the catalogue, instruments. Invariant: the details have every field that the catalogue requires of the
//! type; fields that the payment method has too are copied from it.

use super::Charge;
use super::flow::ChargeAttempt;
use crate::contract::Ctx;
use crate::issuers;
use crate::object::template;
use crate::resources::instruments::payment_methods::Instrument;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};

/// The number of the Portuguese network of cash machines, in every test reference.
pub const MULTIBANCO_ENTITY: &str = "11249";

/// Digits of a voucher's number.
pub const OXXO_DIGITS: usize = 14;
/// Digits of a reference at a cash machine.
pub const MULTIBANCO_DIGITS: usize = 9;

/// Values that the payment method does not have: a field, and its value for a type (the empty string means all types
/// with this field).
type DetailRow = (&'static str, &'static str, fn(&Ctx<'_>, &ChargeAttempt) -> Doc);

static DERIVED: &[DetailRow] = &[
    ("", "mandate", |_, plan| plan.details.get("mandate").cloned().unwrap_or_default()),
    ("", "transaction_id", |ctx, _| ctx.ids.id("", 16).to_uppercase().into()),
    ("", "verified_name", |_, plan| plan.instrument.billing_details().get("name").cloned().unwrap_or_default()),
    ("afterpay_clearpay", "order_id", |ctx, _| ctx.ids.id("", 16).to_uppercase().into()),
    ("afterpay_clearpay", "reference", |_, plan| plan.options.get("reference").cloned().unwrap_or_default()),
    ("bancontact", "preferred_language", |_, plan| preferred(plan, "preferred_language", "en")),
    ("klarna", "payment_method_category", |_, _| "pay_later".into()),
    ("klarna", "preferred_locale", |_, plan| preferred(plan, "preferred_locale", "en-US")),
    ("konbini", "store", |_, _| Map::from([("chain", "familymart")]).into()),
    ("multibanco", "entity", |_, _| MULTIBANCO_ENTITY.into()),
    ("multibanco", "reference", |_, plan| voucher(plan, MULTIBANCO_DIGITS)),
    ("oxxo", "number", |_, plan| voucher(plan, OXXO_DIGITS)),
    ("p24", "reference", |ctx, _| format!("P24-{}", ctx.ids.id("", 9).to_uppercase()).into()),
    ("paypal", "payer_email", |_, plan| plan.instrument.billing_details().get("email").cloned().unwrap_or_default()),
    ("paypal", "payer_name", |_, plan| plan.instrument.billing_details().get("name").cloned().unwrap_or_default()),
    ("sofort", "preferred_language", |_, plan| preferred(plan, "preferred_language", "en")),
    ("swish", "payment_reference", |ctx, _| ctx.ids.id("", 16).to_uppercase().into()),
];

fn preferred(plan: &ChargeAttempt, option: &str, default: &'static str) -> Doc {
    plan.options.present(option).cloned().unwrap_or_else(|| default.into())
}

/// The number of the intent's voucher.
fn voucher(plan: &ChargeAttempt, digits: usize) -> Doc {
    plan.payment_intent.as_ref().map(|intent| issuers::voucher_number(intent, digits)).into()
}

/// The details of a type.
pub(super) fn hash(ctx: &Ctx<'_>, plan: &ChargeAttempt, kind: &str) -> Map {
    let fields = template::fields_at(Charge::KIND, &["payment_method_details", kind]);
    let object: &dyn Object = match &plan.instrument {
        Instrument::PaymentMethod(object) => &**object,
        Instrument::Card(object) => &**object,
        Instrument::BankAccount(object) => &**object,
        Instrument::Source(object) => &**object,
    };
    let shown = object.to_doc();
    let own = shown.map(kind).unwrap_or(&shown);
    let mut details = template::of_fields(fields);
    for field in fields {
        if let Some(value) = own.get(field.name) {
            details.set(field.name, value.clone());
        }
        let derived = DERIVED.iter().find(|(of, name, _)| (of.is_empty() || *of == kind) && *name == field.name);
        if let Some((_, _, derive)) = derived.filter(|_| details.present(field.name).is_none()) {
            let value = derive(ctx, plan);
            if field.nullable || !value.is_null() {
                details.set(field.name, value);
            }
        }
    }
    details
}
