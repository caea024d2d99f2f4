//! Decisions of a person about an object, on a page of this server instead of a bank's or a wallet's.
//!
//! May use: the state. Invariant: the page and the control call use only a resource's [`Decision`].

use super::Ctx;
use crate::error::Result;
use crate::state::Tx;

/// How a person decides about objects of a kind; declared in the kind's [`Entry`](super::Entry).
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// What the page shows of an object; `None` if it does not exist, or has nothing to decide.
    pub ask: fn(&Tx, &str) -> Option<Question>,
    /// Carries out a decision (`true`: the person agreed) about an object with an open [`Question`]. Returns where the
    /// browser goes then, with the documented query (intents-and-checkout 1.7).
    pub decide: fn(&mut Tx, &Ctx<'_>, &str, bool) -> Result<Option<String>>,
}

/// The content of the page.
#[derive(Debug)]
pub struct Question {
    /// The secret in the link to the page: the object's `client_secret`.
    pub secret: String,
    /// The subject, such as `3D Secure` or `ideal`.
    pub title: String,
    /// The amount (in the currency's smallest unit) and the currency of a payment; `None` for others.
    pub amount: Option<(i64, String)>,
    /// The object's status.
    pub status: &'static str,
    /// Whether the decision is still open.
    pub is_open: bool,
    /// What the person is asked for.
    pub asked: Asked,
}

/// What the person is asked for, which decides the buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Authentication: *Complete* or *Fail*.
    Authentication,
    /// Consent to a payment: *Authorize* or *Fail*.
    Authorization,
}
