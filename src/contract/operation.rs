//! The signatures that every operation has.
//!
//! May use: the catalogue, the state, parameters and errors. Invariant: a rule gets everything it may know
//! in its arguments; there is no other way to the clock, to chance or to the request.

use super::{Found, List, Params, Version};
use crate::catalogue::Operation;
use crate::error::{ApiError, Result};
use crate::issuers::Decline;
use crate::settings::Settings;
use crate::state::document::Doc;
use crate::state::ids::Ids;
use crate::state::{Id, Ref, Tx};
use crate::time::calendar;

/// What kind of key a request came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `sk_test_…`: may do everything.
    Secret,
    /// `rk_test_…`: may do everything here; permissions are not modelled.
    Restricted,
    /// `pk_test_…`: may do what a browser may.
    Publishable,
    /// `ek_test_…`: an ephemeral key of a mobile client.
    Ephemeral,
}

impl KeyKind {
    /// Whether the key may be known to the public.
    pub fn is_public(self) -> bool {
        matches!(self, KeyKind::Publishable | KeyKind::Ephemeral)
    }
}

/// What a rule may know besides its parameters and the state.
#[derive(Debug)]
pub struct Ctx<'a> {
    /// Now by the sandbox's clock, in Unix seconds.
    pub now: i64,
    /// The `Request-Id` of the answer.
    pub request_id: &'a str,
    /// The request's `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// What kind of key was used.
    pub key: KeyKind,
    /// The version that the request is read and answered in.
    pub version: Version,
    /// Whether the request named that version itself.
    pub version_is_sent: bool,
    /// Where links in answers point, without a final slash.
    pub base_url: &'a str,
    /// What every issuer answers, whatever the card: a fault that a test asked for.
    pub decline: Option<&'static Decline>,
    /// The settings of the account that the request is for.
    pub settings: Settings,
    /// New ids.
    pub ids: Ids,
}

impl<'a> Ctx<'a> {
    /// What a rule may know where no request asks: `now` in Unix seconds, `base_url` without a final slash.
    pub fn background(now: i64, base_url: &'a str, settings: Settings, ids: Ids) -> Self {
        Ctx {
            now,
            request_id: "",
            idempotency_key: None,
            key: KeyKind::Secret,
            version: Version::newest(),
            version_is_sent: false,
            base_url,
            decline: None,
            settings,
            ids,
        }
    }

    /// The year and the month (1 to 12) of now, in UTC.
    pub fn year_and_month(&self) -> (i64, i64) {
        calendar::year_and_month(self.now)
    }
}

/// A request whose operation is known and whose parameters are checked.
#[derive(Debug)]
pub struct Call<'a> {
    /// The operation.
    pub operation: &'static Operation,
    /// The path's arguments, decoded, in the path's order.
    pub args: &'a [String],
    /// The path as it was sent, without the query.
    pub path: &'a str,
    /// The parameters, typed by the catalogue.
    pub params: Params,
}

impl Call<'_> {
    /// The path argument at a position; the empty string when the path has fewer.
    pub fn arg(&self, position: usize) -> &str {
        self.args.get(position).map_or("", String::as_str)
    }
}

/// What an operation comes to.
#[derive(Debug)]
pub enum Outcome {
    /// The object to show; everything written stays.
    Done(Ref),
    /// The stub of an object that was deleted.
    Deleted(Ref),
    /// A document that is no stored object, shown as it is.
    Value(Doc),
    /// A page of objects.
    List(List),
    /// A page of what a search found.
    Found(Found),
    /// An error that keeps what was written, such as a decline with its failed charge.
    Refused(ApiError),
}

/// What came of charging something: a value, so that the flow around it decides what a decline means.
#[derive(Debug)]
pub enum Attempt {
    /// The money is there, or held; the charge.
    Approved(Id),
    /// Refused; the failed charge, when there is one, and the error to show.
    Declined {
        /// The charge that records the failure.
        charge: Option<Id>,
        /// The decline as an error.
        error: ApiError,
    },
    /// The customer has to authenticate first.
    NeedsAction,
}

/// A rule that only reads.
pub type Read = fn(&Tx, &Ctx<'_>, &Call<'_>) -> Result<Outcome>;

/// A rule that writes; `Err` drops everything it wrote.
pub type Write = fn(&mut Tx, &Ctx<'_>, &Call<'_>) -> Result<Outcome>;

/// How an operation is carried out.
#[derive(Clone, Copy, Debug)]
pub enum Behaviour {
    /// Shows the object that the last path argument names.
    Retrieve,
    /// As [`Retrieve`](Self::Retrieve); the rule runs only when the id names nothing, for ids that stand for
    /// something new, such as `pm_card_visa`.
    RetrieveOr(Write),
    /// Lists the kind with its declared filters.
    List,
    /// Lists the kind's objects that belong to the object in the first path argument.
    ListUnder {
        /// The entry's filter that names the parent.
        filter: &'static str,
    },
    /// Searches the kind by the fields that [`search`](crate::api::search) knows of it.
    Search,
    /// A rule that only reads; runs outside the sandbox's lock.
    Read(Read),
    /// A rule that writes; runs alone in its sandbox.
    Write(Write),
}
