//! Setup intents (intents-and-checkout 2).
//!
//! May use: payment methods, instruments, setup attempts, mandates, what the two kinds of intents share. Invariant:
//! an open attempt is the latest one of an intent in `requires_action`, and a terminal intent never changes its
//! status.

mod action;
mod confirm;
mod create;
mod microdeposits;
mod options;
mod outcome;
mod rails;
mod triggers;
mod update;

pub(in crate::resources) use self::confirm::confirm_with;
pub(in crate::resources) use self::create::open;
pub(in crate::resources) use self::update::abandon;

use crate::contract::{Behaviour, Entry, Events, Public, Turn};
use crate::resources::instruments::payment_methods::FutureUsage;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Kind};

crate::values! {
    /// How far an intent is with setting a payment method up (intents-and-checkout 2.2).
    pub enum SetupStatus {
        /// Nothing is to be set up yet, or what was to be failed.
        RequiresPaymentMethod = "requires_payment_method",
        /// It is known what is to be set up; nobody said yet that it shall.
        RequiresConfirmation = "requires_confirmation",
        /// The customer has to do something, such as 3D Secure.
        RequiresAction = "requires_action",
        /// The bank answers later.
        Processing = "processing",
        /// The payment method is set up.
        Succeeded = "succeeded",
        /// Nothing will be set up any more.
        Canceled = "canceled",
    }
}

crate::values! {
    /// Why a setup intent was canceled (intents-and-checkout 2.3).
    pub enum SetupCancellationReason {
        Abandoned = "abandoned",
        Duplicate = "duplicate",
        RequestedByCustomer = "requested_by_customer",
    }
}

crate::resource! {
    /// A setup intent.
    SetupIntent = "setup_intent" {
        /// Unix seconds.
        created: i64,
        /// Why it was canceled.
        cancellation_reason: Option<SetupCancellationReason>,
        /// Lets a publishable key confirm it.
        client_secret: Option<String>,
        /// Whom the payment method is set up for.
        customer: Option<Id>,
        /// What went wrong last.
        last_setup_error: Doc,
        /// The attempt of the last confirmation.
        latest_attempt: Option<Id>,
        /// The mandate for any number of payments.
        mandate: Option<Id>,
        /// What the user keeps with it.
        metadata: Map,
        /// What the customer has to do.
        next_action: Doc,
        /// What is set up.
        payment_method: Option<Id>,
        /// The mandate for one payment.
        single_use_mandate: Option<Id>,
        /// How far it is.
        status: SetupStatus,
        /// What the payment method is to be saved for.
        usage: FutureUsage,
    }
    hidden {
        /// How the customer consented to the mandate that success makes; null when none is to be made.
        acceptance: Doc,
        /// Amount and currency, when the mandate is for one payment.
        single_use: Doc,
        /// Whether the customer ordered by mail or telephone and cannot be asked to authenticate.
        moto: bool,
        /// How often the present bank account's verification was wrong.
        wrong_verifications: Option<i64>,
        /// When the deposits by which it is verified come back, in Unix seconds.
        deposits_lost_at: Absent<i64>,
        /// Until when it can be verified by deposits, in Unix seconds.
        verify_until: Absent<i64>,
    }
}

/// The kind, for references.
pub const KIND: Kind = SetupIntent::KIND;

impl SetupIntent {
    /// Whether what is set up, and for whom, may still change.
    fn is_open(&self) -> bool {
        match self.status {
            SetupStatus::RequiresPaymentMethod | SetupStatus::RequiresConfirmation | SetupStatus::RequiresAction => {
                true
            }
            SetupStatus::Processing | SetupStatus::Succeeded | SetupStatus::Canceled => false,
        }
    }

    /// The texts of a list that no rule touches by type.
    fn texts(&self, key: &str) -> Vec<&str> {
        self.rest.list(key).unwrap_or_default().iter().filter_map(Doc::as_str).collect()
    }
}

/// What a publishable key sees of an intent (intents-and-checkout 1.12).
const PUBLIC_FIELDS: &[&str] = &[
    "id",
    "object",
    "automatic_payment_methods",
    "cancellation_reason",
    "client_secret",
    "created",
    "description",
    "last_setup_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_configuration_details",
    "payment_method_types",
    "status",
    "usage",
];

/// What is told of an intent (intents-and-checkout 2.3).
const TURNS: &[Turn] = &[
    crate::becomes!(SetupIntent, ["setup_intent.succeeded"], |intent| intent.status == SetupStatus::Succeeded),
    crate::becomes!(SetupIntent, ["setup_intent.canceled"], |intent| intent.status == SetupStatus::Canceled),
    crate::becomes!(SetupIntent, ["setup_intent.requires_action"], |intent| intent.status
        == SetupStatus::RequiresAction),
    crate::turn!(SetupIntent, ["setup_intent.setup_failed"], |before, after| {
        let tried = |before: &SetupIntent| {
            before.status == SetupStatus::RequiresAction || before.latest_attempt != after.latest_attempt
        };
        after.status == SetupStatus::RequiresPaymentMethod && before.is_some_and(tried)
    }),
];

const fn public(operation: &'static str) -> Public {
    Public { operation, needs_secret: true, fields: Some(PUBLIC_FIELDS) }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: SetupIntent::KIND,
    fields: SetupIntent::FIELDS,
    noun: "setupintent",
    id: IdForm::of("seti_"),
    path_param: "intent",
    operations: &[
        ("setup_intents.create", Behaviour::Write(create::create)),
        ("setup_intents.retrieve", Behaviour::Retrieve),
        ("setup_intents.update", Behaviour::Write(update::update)),
        ("setup_intents.confirm", Behaviour::Write(confirm::confirm)),
        ("setup_intents.cancel", Behaviour::Write(update::cancel)),
        ("setup_intents.verify_microdeposits", Behaviour::Write(microdeposits::verify)),
        ("setup_intents.list", Behaviour::List),
    ],
    filters: &[
        crate::filter!(
            "payment_method",
            SetupIntent,
            |intent| intent.payment_method.as_deref(),
            Some(crate::kind!("payment_method"))
        ),
        crate::filter!(
            "customer",
            SetupIntent,
            |intent| intent.customer.as_deref(),
            Some(crate::resources::customers::customer::KIND)
        ),
        crate::filter!("attach_to_self", SetupIntent, |intent| {
            Some(if intent.rest.bool("attach_to_self") == Some(true) { "true" } else { "false" })
        }),
    ],
    public: &[
        public("setup_intents.retrieve"),
        public("setup_intents.confirm"),
        public("setup_intents.verify_microdeposits"),
    ],
    blank: Some(|_| create::blank()),
    import: crate::contract::import::<SetupIntent>,
    dues: microdeposits::DUES,
    decision: Some(action::DECISION),
    events: Events { created: Some("setup_intent.created"), turns: TURNS, ..Events::NONE },
    named_by: &["setup_intent"],
    triggers: triggers::TRIGGERS,
    ..Entry::PLAIN
};
