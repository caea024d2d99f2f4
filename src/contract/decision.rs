//! What a person decides about an object on a page of ours, in the place of a bank or a wallet.
//!
//! May use: the state. Invariant: the page and the control call know of a resource only what its [`Decision`] says.

use super::Ctx;
use crate::error::Result;
use crate::state::Tx;

/// How objects of a kind are decided about; stands in the kind's [`Entry`](super::Entry).
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// What the page shows of an object; `None` when there is no such object or nothing to ask about it.
    pub ask: fn(&Tx, &str) -> Option<Question>,
    /// Does what was decided (`true`: the person agreed) about an object whose [`Question`] is open, and tells
    /// where the browser goes then, with the documented query (intents-and-checkout 1.7).
    pub decide: fn(&mut Tx, &Ctx<'_>, &str, bool) -> Result<Option<String>>,
}

/// What a page asks.
#[derive(Debug)]
pub struct Question {
    /// What the link to the page has to carry: the object's `client_secret`.
    pub secret: String,
    /// What is decided, such as `3D Secure` or `ideal`.
    pub title: String,
    /// The amount (in the currency's smallest unit) and the currency, when money is asked for.
    pub amount: Option<(i64, String)>,
    /// The object's status.
    pub status: &'static str,
    /// Whether there is something to decide still.
    pub is_open: bool,
    /// What is asked for.
    pub asked: Asked,
}

/// What the person is asked for, which names the buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To prove who they are: *Complete* or *Fail*.
    Authentication,
    /// To agree to a payment: *Authorize* or *Fail*.
    Authorization,
}

impl Asked {
    /// What the button that agrees says.
    pub fn agree(self) -> &'static str {
        match self {
            Asked::Authentication => "Complete",
            Asked::Authorization => "Authorize",
        }
    }
}
