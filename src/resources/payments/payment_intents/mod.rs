//! Payment intents (intents-and-checkout 1).
//!
//! May use: payment methods, instruments, charging as a value. Invariant: `amount_received` is the sum of its captures,
//! and a final status never changes.

mod action;
mod cancel;
mod capture;
mod confirm;
mod create;
mod fields;
pub mod line_items;
mod link_accounts;
mod options;
mod outcome;
mod rails;
mod triggers;
mod update;
mod verify;

pub(in crate::resources) use self::cancel::{abandon, abandon_as};
pub(in crate::resources) use self::confirm::{collect, confirm_with};
pub(in crate::resources::payments) use self::create::asks;
pub(in crate::resources) use self::create::open;
pub(in crate::resources) use self::fields::{check_fit, fits, set_methods};

use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Change, Entry, Events, Expand, Fill, Include, Marked, Public, Rewrite, STATEMENTS, SearchField,
    Searched, Shown, Spelling, Turn, Visible,
};
use crate::resources::instruments::payment_methods::FutureUsage;
use crate::resources::payments::charges;
use crate::resources::payments::client_context::{self, ElementsTerms};
use crate::resources::payments::options as payment_options;
use crate::state::Id;
use crate::state::document::{Doc, Map, Text};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Flag, Resource};

crate::values! {
    /// How far an intent is on its way to being paid (intents-and-checkout 1.2).
    pub enum IntentStatus {
        /// Nothing is to pay it yet, or what was to pay it was declined.
        RequiresPaymentMethod = "requires_payment_method",
        /// The payment method is known, and the intent is not confirmed.
        RequiresConfirmation = "requires_confirmation",
        /// The customer has to do something, such as 3D Secure.
        RequiresAction = "requires_action",
        /// The bank answers later.
        Processing = "processing",
        /// The money is held.
        RequiresCapture = "requires_capture",
        /// It is paid.
        Succeeded = "succeeded",
        /// Nobody will pay it any more.
        Canceled = "canceled",
    }
}

crate::values! {
    /// When what an intent was authorized for is captured (intents-and-checkout 1.10).
    pub enum CaptureMethod {
        /// At once, and the ledger shows it at once.
        Automatic = "automatic",
        /// At once; the ledger shows it a moment later.
        AutomaticAsync = "automatic_async",
        /// By a call of its own.
        Manual = "manual",
    }
}

crate::values! {
    /// Why an intent was canceled (intents-and-checkout 1.3).
    pub enum CancellationReason {
        Abandoned = "abandoned",
        /// Its hold ended.
        Automatic = "automatic",
        Duplicate = "duplicate",
        Expired = "expired",
        FailedInvoice = "failed_invoice",
        Fraudulent = "fraudulent",
        RequestedByCustomer = "requested_by_customer",
        VoidInvoice = "void_invoice",
    }
}

crate::resource! {
    /// A payment intent.
    PaymentIntent = "payment_intent" {
        /// Unix seconds; null if it is not canceled.
        created: i64,
        /// In the currency's smallest unit.
        amount: i64,
        /// The amount that can be captured.
        amount_capturable: i64,
        /// The captured amount.
        amount_received: i64,
        /// Unix seconds.
        canceled_at: Option<i64>,
        /// Why it was canceled; null if it is not.
        cancellation_reason: Option<CancellationReason>,
        /// When what was authorized is captured.
        capture_method: CaptureMethod,
        /// Gives a publishable key access to it.
        client_secret: Option<Text>,
        /// Three letters, lower case.
        currency: Text,
        /// The customer; null for none.
        customer: Option<Id>,
        /// The error of the last attempt; null for none.
        last_payment_error: Doc,
        /// The last charge; null for none.
        latest_charge: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// The payment method; null for none.
        payment_method: Option<Id>,
        /// Whether the payment method is to be attached, and what for.
        setup_future_usage: Option<FutureUsage>,
        /// How far it is on its way to being paid.
        status: IntentStatus,
    }
    hidden {
        /// The payment method of its last attempt: the same intent may try it again, although the attempt consumed it
        /// for others (intents-and-checkout 1.5).
        tried: Option<Id>,
        /// Whether the customer has acted, and the server must confirm again (`confirmation_method: manual`,
        /// intents-and-checkout 1.2).
        authenticated: bool,
        /// How often its authorization was incremented.
        increments: Absent<i64>,
        /// When the customer of a test account acts without a tester, in Unix seconds.
        acts_at: Absent<i64>,
        /// Whether they then agree.
        agrees: Absent<bool>,
        /// When its hold ends, in Unix seconds.
        held_until: Absent<i64>,
        /// How many wrong verifications of its microdeposits there were.
        wrong_verifications: Absent<i64>,
        /// Whether the payment method becomes its customer's default when it has paid and is kept.
        makes_default: Flag,
    }
}

impl PaymentIntent {
    /// The tax calculation of its hooks (billing-2 9.6).
    pub fn tax_calculation(&self) -> Option<&str> {
        fields::calculation(&self.rest)
    }

    /// Whether what is to be paid, by whom and with what may still change.
    fn is_open(&self) -> bool {
        match self.status {
            IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation | IntentStatus::RequiresAction => {
                true
            }
            IntentStatus::RequiresCapture
            | IntentStatus::Processing
            | IntentStatus::Succeeded
            | IntentStatus::Canceled => false,
        }
    }

    /// Sets the payment method, also the same one again.
    fn choose(&mut self, method: &Id) {
        if self.payment_method.as_ref() != Some(method) {
            self.authenticated = false;
        }
        self.payment_method = Some(Id::clone(method));
    }

    /// The allowed types of payment method.
    pub(in crate::resources) fn types(&self) -> impl Iterator<Item = &str> {
        self.rest.list("payment_method_types").unwrap_or_default().iter().filter_map(Doc::as_str)
    }

    /// Its options for one type of payment method.
    fn options(&self, kind: &str) -> Option<&Map> {
        self.rest.map("payment_method_options")?.map(kind)
    }

    /// What a method of a type is saved for when it has paid; nothing when it is not saved (intents-and-checkout 1.6).
    fn saves(&self, kind: &str) -> Option<FutureUsage> {
        match self.options(kind).and_then(|options| options.str("setup_future_usage")) {
            // `none` is no usage.
            Some(usage) => FutureUsage::parse(usage),
            None => self.setup_future_usage,
        }
    }

    /// Whether a payment with a type is held until it is captured.
    pub(in crate::resources) fn holds(&self, kind: &str) -> bool {
        self.capture_method == CaptureMethod::Manual
            || self.options(kind).and_then(|options| options.str("capture_method")) == Some("manual")
    }

    /// What Elements have to be made for to confirm it.
    fn elements_terms(&self) -> ElementsTerms<'_> {
        ElementsTerms {
            currency: &self.currency,
            capture_method: self.capture_method.as_str(),
            usage: self.setup_future_usage.map(FutureUsage::as_str),
        }
    }

    fn is_confirmed_manually(&self) -> bool {
        self.rest.str("confirmation_method") == Some("manual")
    }
}

/// The fields that a publishable key may see (intents-and-checkout 1.12).
const PUBLIC_FIELDS: &[&str] = &[
    "id",
    "object",
    "amount",
    "amount_details",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "capture_method",
    "client_secret",
    "confirmation_method",
    "created",
    "currency",
    "description",
    "excluded_payment_method_types",
    "last_payment_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_configuration_details",
    "payment_method_types",
    "processing",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "source",
    "status",
];

/// The events of an intent; there is no `payment_intent.updated` (intents-and-checkout 1.13).
const TURNS: &[Turn] = &[
    crate::becomes!(PaymentIntent, ["payment_intent.succeeded"], |intent| intent.status == IntentStatus::Succeeded),
    crate::becomes!(PaymentIntent, ["payment_intent.canceled"], |intent| intent.status == IntentStatus::Canceled),
    crate::becomes!(PaymentIntent, ["payment_intent.processing"], |intent| intent.status == IntentStatus::Processing),
    crate::turn!(PaymentIntent, ["payment_intent.amount_capturable_updated"], |before, after| {
        let was = before.map_or(0, |before| before.amount_capturable);
        after.status == IntentStatus::RequiresCapture && after.amount_capturable != was
    }),
];

/// The CLI calls a Japanese bank transfer an account (platform 3.7).
const fn bank_of(operation: &'static str) -> Spelling {
    let path = &["payment_method_options", "customer_balance", "bank_transfer", "type"];
    Spelling { operation, path, sent: "jp_bank_account", means: "jp_bank_transfer" }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: PaymentIntent::KIND,
    marks: &[
        Marked::refused(&["customer_account"]).on(&["payment_intents.create", "payment_intents.update"]),
        Marked::acts(&["transfer_data"], "connect::funds::a_destination_charge_sends_its_money_on_and_keeps_the_fee")
            .on(&["payment_intents.update"]),
        Marked::acts(
            &["payment_method_options.card.cvc_token"],
            "payments::payment_intents::looked_up::the_token_of_a_security_code_is_used_once",
        ),
        Marked::acts(&["descriptor_code"], "payments::rails::microdeposits::the_amounts_or_the_code_verify_it"),
        Marked::acts(&["client_secret"], "payments::browsers::a_browser_needs_the_secret_of_the_intent"),
        Marked::acts(
            &["amount_details.line_items"],
            "payments::payment_intents::create::the_line_items_of_an_amount_are_a_list_of_their_own",
        ),
        Marked::acts(
            &["error_on_requires_action"],
            "payments::payment_intents::authentication::what_would_need_the_customer_may_be_an_error",
        ),
        Marked::acts(
            &["return_url", "use_stripe_sdk"],
            "payments::payment_intents::authentication::without_a_return_url_or_when_asked_the_browser_library_acts",
        ),
        Marked::acts(&["mandate_data"], "payments::rails::debits::the_consent_makes_a_mandate_that_the_charge_shows"),
        Marked::acts(&["client_context"], "payments::client_context::an_intent_must_be_what_elements_was_made_for"),
        client_context::DECIDED_BY_THE_INTENT,
        Marked::acts(
            &["set_as_default_payment_method"],
            "payments::client_context::a_payment_method_that_is_kept_becomes_the_default_when_it_has_paid",
        ),
        Marked::neutral(&["radar_options"], "no risk is computed from a browser's session"),
        Marked::refused(&["amount_details.enforce_arithmetic_validation", "payment_method_options.card.moto"]),
        Marked::describes(&["payment_method_data"], "payment_methods.create"),
        Marked::neutral(&["hosted_surface", "link_mode"], "which library shows a session changes nothing in it"),
        payment_options::KLARNA_HINTS,
        payment_options::AUTHENTICATED_ELSEWHERE,
    ],
    fields: PaymentIntent::FIELDS,
    noun: "payment_intent",
    id: IdForm::of("pi_").led_by("3"),
    path_param: "intent",
    operations: &[
        ("payment_intents.create", Behaviour::Write(create::create)),
        ("payment_intents.retrieve", Behaviour::Retrieve),
        ("payment_intents.update", Behaviour::Write(update::update)),
        ("payment_intents.confirm", Behaviour::Write(confirm::confirm)),
        ("payment_intents.capture", Behaviour::Write(capture::capture)),
        ("payment_intents.increment_authorization", Behaviour::Write(capture::increment)),
        ("payment_intents.cancel", Behaviour::Write(cancel::cancel)),
        ("payment_intents.apply_customer_balance", Behaviour::Write(rails::transfer::apply_customer_balance)),
        ("payment_intents.verify_microdeposits", Behaviour::Write(verify::verify_microdeposits)),
        ("payment_intents.list", Behaviour::List),
        ("payment_intents.link_account_sessions.create", Behaviour::Write(link_accounts::create)),
        ("payment_intents.link_account_sessions.attach", Behaviour::Write(link_accounts::attach)),
        ("test_helpers.customers.fund_cash_balance", Behaviour::Write(rails::reconcile::fund)),
    ],
    filters: &[
        // Not a parameter of the list: it finds other intents that wait for a payment method (core-payments 4.7.4).
        crate::filter!("payment_method", PaymentIntent, |intent| intent.payment_method.as_deref()),
        crate::filter!(
            "customer",
            PaymentIntent,
            |intent| intent.customer.as_deref(),
            Some(crate::resources::customers::customer::KIND)
        ),
        crate::filter!("customer_account", PaymentIntent, |intent| intent.rest.str("customer_account")),
    ],
    includes: &[Include {
        field: "charges",
        shown: Shown::Until(Gate::since("2022-11-15")),
        total_count: true,
        // Only the latest (intents-and-checkout 1.14).
        rows: |tx, intent| {
            let mut charges = tx.records_having(crate::kind!("charge"), "payment_intent", intent);
            charges.truncate(1);
            charges
        },
        url: |intent| format!("/v1/charges?payment_intent={intent}"),
    }],
    statements: STATEMENTS,
    expands: &[
        Expand::reference("invoice", &["invoice"]),
        Expand::field("processing"),
        Expand::reference("source", &["card", "source"]),
    ],
    search: Some(&Searched {
        plural: "payment_intents",
        fields: &[
            SearchField::number("amount"),
            SearchField::number("created"),
            SearchField::token("currency"),
            SearchField::token("customer"),
            SearchField::token("status"),
        ],
    }),
    changes: &[
        Change {
            since: Gate::since("2025-03-31.basil"),
            older: Some(charges::SHOWED_ITS_INVOICE),
            what: "payment_intent.invoice",
        },
        Change {
            since: Gate::since("2019-02-11"),
            older: Some(Rewrite::Alone(asked_for_sources)),
            what: "payment_intent.status names, payment_intent.allowed_source_types",
        },
        Change {
            since: Gate::since("2019-02-11"),
            older: None,
            what: "payment_intent.save_payment_method was a parameter",
        },
    ],
    public: &[
        Public {
            operation: "payment_intents.retrieve",
            needs_secret: true,
            params: &[],
            visible: Visible::Only(PUBLIC_FIELDS),
        },
        Public {
            operation: "payment_intents.confirm",
            needs_secret: true,
            params: client_context::PARAMS,
            visible: Visible::Only(PUBLIC_FIELDS),
        },
        Public {
            operation: "payment_intents.verify_microdeposits",
            needs_secret: true,
            params: &[],
            visible: Visible::Only(PUBLIC_FIELDS),
        },
        Public {
            operation: "payment_intents.link_account_sessions.create",
            needs_secret: true,
            params: &[],
            visible: Visible::All,
        },
        Public {
            operation: "payment_intents.link_account_sessions.attach",
            needs_secret: true,
            params: &[],
            visible: Visible::Only(PUBLIC_FIELDS),
        },
    ],
    spellings: &[
        bank_of("payment_intents.create"),
        bank_of("payment_intents.confirm"),
        bank_of("payment_intents.update"),
    ],
    defaults: &[
        ("amount_details", Fill::Object(&[("tip", Fill::Object(&[]))])),
        ("managed_payments", Fill::Object(&[("enabled", Fill::Flag(false))])),
    ],
    unlisted: &[("shared_payment_granted_token", Fill::Null)],
    import: crate::contract::import::<PaymentIntent>,
    imported: Some(cancel::imported),
    reactions: outcome::REACTIONS,
    dues: outcome::DUES,
    decision: Some(action::DECISION),
    events: Events { created: Some("payment_intent.created"), turns: TURNS, ..Events::NONE },
    named_by: &["payment_intent"],
    triggers: triggers::TRIGGERS,
    ..Entry::PLAIN
};

fn asked_for_sources(intent: &mut Map) {
    let status = match intent.str("status") {
        Some("requires_payment_method") => Some("requires_source"),
        Some("requires_action") => Some("requires_source_action"),
        _ => None,
    };
    if let Some(status) = status {
        intent.set("status", status);
    }
    if let Some(Doc::Map(action)) = intent.get_mut("next_action")
        && let Some(redirect) = action.remove("redirect_to_url")
    {
        action.set("authorize_with_url", redirect);
        action.set("type", "authorize_with_url");
    }
    for (new, old) in [("next_action", "next_source_action"), ("payment_method_types", "allowed_source_types")] {
        if let Some(value) = intent.remove(new) {
            intent.set(old, value);
        }
    }
}
