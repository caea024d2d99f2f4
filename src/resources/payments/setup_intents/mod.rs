//! Setup intents (intents-and-checkout 2).
//!
//! May use: payment methods, instruments, setup attempts, mandates, the common parts of both kinds of intents.
//! Invariant: an open attempt is the latest one of an intent with the status `requires_action`, and a final status
//! never changes.

mod action;
mod confirm;
mod create;
mod link_accounts;
mod microdeposits;
mod options;
mod outcome;
mod rails;
mod triggers;
mod update;

pub(in crate::resources) use self::confirm::confirm_with;
pub(in crate::resources) use self::create::open;
pub(in crate::resources) use self::rails::can_be_set_up;
pub(in crate::resources) use self::update::abandon;

use crate::contract::{Behaviour, Entry, Events, Marked, Public, Turn, Visible};
use crate::resources::instruments::payment_methods::FutureUsage;
use crate::resources::payments::client_context;
use crate::resources::payments::options as payment_options;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{Id, Kind};

crate::values! {
    /// How far an intent is with setting a payment method up (intents-and-checkout 2.2).
    pub enum SetupStatus {
        /// Nothing is to be set up yet, or what was to be failed.
        RequiresPaymentMethod = "requires_payment_method",
        /// The payment method is known, and the intent is not confirmed.
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
        /// Why it was canceled; null if it is not.
        cancellation_reason: Option<SetupCancellationReason>,
        /// Gives a publishable key access to it.
        client_secret: Option<String>,
        /// The customer; null for none.
        customer: Option<Id>,
        /// The error of the last attempt; null for none.
        last_setup_error: Doc,
        /// The attempt of the last confirmation; null for none.
        latest_attempt: Option<Id>,
        /// The mandate for any number of payments; null for none.
        mandate: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// The customer's next action; null for none.
        next_action: Doc,
        /// The payment method; null for none.
        payment_method: Option<Id>,
        /// The mandate for one payment; null for none.
        single_use_mandate: Option<Id>,
        /// How far it is.
        status: SetupStatus,
        /// What the payment method is to be saved for.
        usage: FutureUsage,
    }
    hidden {
        /// The customer's acceptance of the mandate that success creates; null for no mandate.
        acceptance: Doc,
        /// Amount and currency of a mandate for one payment; null for other mandates.
        single_use: Doc,
        /// Whether the customer ordered by mail or telephone and cannot authenticate.
        moto: bool,
        /// How many wrong verifications of the current bank account there were.
        wrong_verifications: Option<i64>,
        /// When the deposits by which it is verified come back, in Unix seconds.
        deposits_lost_at: Absent<i64>,
        /// Until when it can be verified by deposits, in Unix seconds.
        verify_until: Absent<i64>,
        /// Whether the payment method becomes its customer's default when it is set up.
        makes_default: Flag,
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

    /// The texts of a list that no rule reads by type.
    fn texts(&self, key: &str) -> Vec<&str> {
        self.rest.list(key).unwrap_or_default().iter().filter_map(Doc::as_str).collect()
    }
}

/// The fields that a publishable key may see (intents-and-checkout 1.12).
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

/// The events of an intent (intents-and-checkout 2.3).
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

const fn public(operation: &'static str, params: &'static [&'static str]) -> Public {
    Public { operation, needs_secret: true, params, visible: Visible::Only(PUBLIC_FIELDS) }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: SetupIntent::KIND,
    marks: &[
        Marked::acts(
            &["descriptor_code"],
            "payments::setup_intents::debits::an_american_account_is_verified_by_microdeposits",
        ),
        Marked::refused(&["customer_account"]),
        client_context::OF_SETUPS,
        Marked::acts(
            &["set_as_default_payment_method"],
            "payments::client_context::a_payment_method_that_is_set_up_becomes_the_default",
        ),
        Marked::acts(&["client_secret"], "payments::browsers::a_browser_needs_the_secret_of_the_intent"),
        Marked::acts(&["mandate_data"], "payments::setup_intents::debits::a_sepa_debit_is_set_up_with_a_mandate"),
        Marked::acts(&["single_use"], "payments::setup_intents::debits::a_mandate_may_be_for_one_payment"),
        Marked::acts(&["usage"], "payments::setup_intents::usage_is_off_session_today_and_was_the_callers_before"),
        Marked::acts(
            &["payment_method_options.card.moto"],
            "payments::setup_intents::authentication::a_card_that_authenticates_waits_for_its_customer",
        ),
        Marked::describes(&["payment_method_data"], "payment_methods.create"),
        Marked::neutral(&["hosted_surface", "link_mode"], "which library shows a session changes nothing in it"),
        payment_options::KLARNA_HINTS,
        payment_options::AUTHENTICATED_ELSEWHERE,
    ],
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
        ("setup_intents.link_account_sessions.create", Behaviour::Write(link_accounts::create)),
        ("setup_intents.link_account_sessions.attach", Behaviour::Write(link_accounts::attach)),
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
        public("setup_intents.retrieve", &[]),
        public("setup_intents.confirm", client_context::PARAMS),
        public("setup_intents.verify_microdeposits", &[]),
        Public {
            operation: "setup_intents.link_account_sessions.create",
            needs_secret: true,
            params: &[],
            visible: Visible::All,
        },
        public("setup_intents.link_account_sessions.attach", &[]),
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
