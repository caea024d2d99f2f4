//! Options of payment methods that no intent shows, and what becomes of them (intents-and-checkout 1.1).
//!
//! May use: the declarations of a kind. Invariant: both kinds of intents, and sessions, treat an option alike.

use crate::contract::Marked;

/// Details of a purchase for Klarna.
pub(in crate::resources) const KLARNA_HINTS: Marked = Marked::neutral(
    &["payment_method_options.klarna.subscriptions"],
    "Klarna alone reads it, to decide about the customer",
);

/// The result of an authentication that another provider has carried out: it would let a card pass without asking.
pub(super) const AUTHENTICATED_ELSEWHERE: Marked = Marked::refused(&["payment_method_options.card.three_d_secure"]);
