//! Confirmation tokens: what a customer entered in a browser, for a server to confirm with (intents-and-checkout 3.6).
//!
//! May use: payment methods, the parameters of confirmations. Invariant: a token confirms one intent once, and no
//! payment method exists before that.

mod create;
mod redeem;

pub use self::redeem::{apply, redeemed};

use crate::contract::{Behaviour, Entry, Marked, Public, Visible};
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Kind};

crate::resource! {
    /// A confirmation token.
    ConfirmationToken = "confirmation_token" {
        /// Unix seconds.
        created: i64,
        /// Unix seconds; the token is invalid from then on.
        expires_at: Option<i64>,
        /// The payment intent that was confirmed with it.
        payment_intent: Option<Id>,
        /// The setup intent that was confirmed with it.
        setup_intent: Option<Id>,
    }
    hidden {
        /// The parameters of a confirmation with it.
        says: Map,
    }
}

/// The kind, for references.
pub const KIND: Kind = ConfirmationToken::KIND;

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: ConfirmationToken::KIND,
    marks: &[
        Marked::describes(&["payment_method_data"], "payment_methods.create"),
        Marked::acts(&["mandate_data"], "instruments::confirmation_tokens::a_debit_has_the_customers_consent_with_it"),
        Marked::acts(&["client_context"], "payments::client_context::a_token_is_for_what_elements_was_made_for"),
        Marked::acts(
            &["set_as_default_payment_method"],
            "payments::client_context::a_token_says_what_becomes_the_default",
        ),
    ],
    fields: ConfirmationToken::FIELDS,
    noun: "confirmation_token",
    id: IdForm::of("ctoken_"),
    path_param: "confirmation_token",
    operations: &[
        ("confirmation_tokens.create", Behaviour::Write(create::create)),
        ("confirmation_tokens.retrieve", Behaviour::Retrieve),
        ("test_helpers.confirmation_tokens.create", Behaviour::Write(create::create)),
    ],
    public: &[Public {
        operation: "confirmation_tokens.create",
        needs_secret: false,
        params: &[],
        visible: Visible::All,
    }],
    import: crate::contract::import::<ConfirmationToken>,
    ..Entry::PLAIN
};
