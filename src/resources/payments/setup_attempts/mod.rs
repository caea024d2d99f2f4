//! Setup attempts: one for each confirmation of a setup intent (intents-and-checkout 2.4).
//!
//! May use: instruments. Invariant: an attempt that has ended (`succeeded`, `failed`,
//! `abandoned`) never changes again.

use crate::contract::{Behaviour, Ctx, Entry};
use crate::object::template;
use crate::resources::instruments::payment_methods::{FutureUsage, Instrument};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{Id, Tx};

crate::values! {
    /// How far an attempt got (intents-and-checkout 2.4).
    pub enum AttemptStatus {
        RequiresConfirmation = "requires_confirmation",
        /// The customer has to do something, such as 3D Secure.
        RequiresAction = "requires_action",
        /// The bank answers later.
        Processing = "processing",
        Succeeded = "succeeded",
        Failed = "failed",
        /// The intent was canceled, or confirmed with another payment method.
        Abandoned = "abandoned",
    }
}

crate::resource! {
    /// An attempt to set a payment method up.
    SetupAttempt = "setup_attempt" {
        /// Unix seconds.
        created: i64,
        /// The payment method to set up.
        payment_method: Id,
        /// The error; null for none.
        setup_error: Doc,
        /// The confirmed intent.
        setup_intent: Id,
        /// How far it got.
        status: AttemptStatus,
    }
    hidden {
    }
}

/// The result of a card's 3D Secure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// The customer passed.
    Passed,
    /// The customer failed.
    Failed,
}

impl Challenge {
    fn shown(self, ctx: &Ctx<'_>) -> Map {
        let (indicator, result, reason) = match self {
            Challenge::Passed => (Some("05"), "authenticated", None),
            Challenge::Failed => (None, "failed", Some("rejected")),
        };
        Map::from([
            ("authentication_flow", Doc::from("challenge")),
            ("electronic_commerce_indicator", indicator.into()),
            ("result", result.into()),
            ("result_reason", reason.into()),
            ("transaction_id", ctx.ids.id("", 24).into()),
            ("version", "2.2.0".into()),
        ])
    }
}

/// A setup intent that is confirmed, as its attempt notes it.
#[derive(Debug)]
pub struct Confirmed<'a> {
    /// Its id.
    pub id: &'a Id,
    /// The customer.
    pub customer: Option<&'a Id>,
    /// `off_session` or `on_session`.
    pub usage: FutureUsage,
    /// The rest of its fields.
    pub rest: &'a Map,
}

/// Stores an attempt for a confirmation, with the intent's fields; `error` is null unless it failed.
pub fn begin(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    intent: &Confirmed<'_>,
    instrument: &Instrument,
    status: AttemptStatus,
    error: Doc,
) -> Id {
    let id: Id = ENTRY.id.draw(&ctx.ids).into();
    let mut rest = template::template(SetupAttempt::KIND);
    for key in ["application", "attach_to_self", "customer_account", "flow_directions", "on_behalf_of"] {
        if let Some(value) = intent.rest.present(key) {
            rest.set(key, value.clone());
        }
    }
    rest.set("customer", intent.customer.map(ToString::to_string));
    rest.set("livemode", false);
    rest.set("payment_method_details", details(instrument));
    rest.set("usage", intent.usage);
    tx.insert(SetupAttempt {
        id: Id::clone(&id),
        created: ctx.now,
        payment_method: Id::clone(instrument.id()),
        setup_error: error,
        setup_intent: Id::clone(intent.id),
        status,
        rest,
    });
    id
}

/// Ends an attempt, unless it has ended; `add` completes the details of the payment method's type.
pub fn end(tx: &mut Tx, id: &str, status: AttemptStatus, error: Doc, add: Option<&Map>) {
    let Some(attempt) = tx.get::<SetupAttempt>(id) else { return };
    match attempt.status {
        AttemptStatus::RequiresConfirmation | AttemptStatus::RequiresAction | AttemptStatus::Processing => {}
        AttemptStatus::Succeeded | AttemptStatus::Failed | AttemptStatus::Abandoned => return,
    }
    tx.update::<SetupAttempt>(id, |attempt| {
        attempt.status = status;
        attempt.setup_error = error;
        if let (Some(add), Some(Doc::Map(details))) = (add, attempt.rest.get_mut("payment_method_details"))
            && let Some(kind) = details.str("type").map(str::to_owned)
            && let Some(Doc::Map(own)) = details.get_mut(&kind)
        {
            own.merge(add);
        }
    });
}

/// The fields of an attempt about a card's challenge.
pub fn challenge(ctx: &Ctx<'_>, challenge: Challenge) -> Map {
    Map::from([("three_d_secure", challenge.shown(ctx))])
}

/// The payment method's fields in an attempt: for a card those of a charge, as far as the type has them.
fn details(instrument: &Instrument) -> Map {
    let kind = instrument.kind().to_owned();
    let fields = template::fields_at(SetupAttempt::KIND, &["payment_method_details", &kind]);
    let mut own = template::of_fields(fields);
    let known = match instrument {
        Instrument::PaymentMethod(method) if method.card.0.is_none() => method.to_doc().map(&kind).cloned(),
        _ => instrument.card().map(|card| Map::from_entries(card.charge_entries(true))),
    };
    for field in fields {
        if let Some(value) = known.as_ref().and_then(|known| known.get(field.name)) {
            own.set(field.name, value.clone());
        }
    }
    Map::from([("type".to_owned(), Doc::from(kind.clone())), (kind, own.into())])
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: SetupAttempt::KIND,
    fields: SetupAttempt::FIELDS,
    noun: "setup_attempt",
    id: IdForm::of("setatt_"),
    operations: &[("setup_attempts.list", Behaviour::List)],
    filters: &[crate::filter!(
        "setup_intent",
        SetupAttempt,
        |attempt| Some(attempt.setup_intent.as_ref()),
        Some(crate::kind!("setup_intent"))
    )],
    blank: Some(|_| template::template(SetupAttempt::KIND)),
    import: crate::contract::import::<SetupAttempt>,
    ..Entry::PLAIN
};
