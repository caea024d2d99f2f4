//! The signatures of operations.
//!
//! May use: the catalogue, the state, parameters and errors. Invariant: a rule gets everything that it may know in its
//! arguments; it has no other access to the clock, to randomness or to the request.

use super::{Found, List, Params, Version};
use crate::catalogue::Operation;
use crate::error::{ApiError, Result};
use crate::issuers::Decline;
use crate::links;
use crate::settings::Settings;
use crate::state::document::Doc;
use crate::state::ids::Ids;
use crate::state::{Id, Ref, Tx};
use crate::time::calendar;

/// The kind of a request's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `sk_test_…`: allowed to do everything.
    Secret,
    /// `rk_test_…`: allowed to do everything; permissions are not modelled.
    Restricted,
    /// `pk_test_…`: allowed to do what a browser may do.
    Publishable,
    /// `ek_test_…`: an ephemeral key of a mobile client.
    Ephemeral,
    /// The token of a session, for the operations that take one.
    Token,
}

impl KeyKind {
    /// Whether the key may be public.
    pub fn is_public(self) -> bool {
        matches!(self, KeyKind::Publishable | KeyKind::Ephemeral | KeyKind::Token)
    }
}

/// Everything that a rule may know besides its parameters and the state.
#[derive(Debug)]
pub struct Ctx<'a> {
    /// Now by the sandbox's clock, in Unix seconds.
    pub now: i64,
    /// Now by the machine's clock, in Unix seconds: for what doesn't age with the sandbox's, such as events.
    pub machine_now: i64,
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
    /// The base URL of links in answers, without a final slash.
    pub base_url: &'a str,
    /// The name of the sandbox; empty without a request.
    pub sandbox: &'a str,
    /// The answer of every issuer, whatever the card, if a fault asks for a decline.
    pub decline: Option<&'static Decline>,
    /// The settings of the request's account.
    pub settings: Settings,
    /// The source of new ids.
    pub ids: Ids,
}

impl<'a> Ctx<'a> {
    /// The context of work without a request: `now` in Unix seconds, `base_url` without a final slash. Nobody is shown events by it,
    /// so that no other clock is read.
    pub fn background(now: i64, base_url: &'a str, settings: Settings, ids: Ids) -> Self {
        Ctx {
            now,
            machine_now: now,
            request_id: "",
            idempotency_key: None,
            key: KeyKind::Secret,
            version: Version::newest(),
            version_is_sent: false,
            base_url,
            sandbox: "",
            decline: None,
            settings,
            ids,
        }
    }

    /// The address of a page; `path` begins with a slash.
    pub fn link(&self, path: &str) -> String {
        links::to(self.base_url, path)
    }

    /// The year and the month (1 to 12) of now, in UTC.
    pub fn year_and_month(&self) -> (i64, i64) {
        calendar::year_and_month(self.now)
    }
}

/// A request with its operation and checked parameters.
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
    /// The path argument at a position; the empty string if the path has fewer.
    pub fn arg(&self, position: usize) -> &str {
        self.args.get(position).map_or("", String::as_str)
    }
}

/// The result of an operation.
#[derive(Debug)]
pub enum Outcome {
    /// The object to show; everything that was written stays.
    Done(Ref),
    /// The stub of an object that was deleted.
    Deleted(Ref),
    /// A document that is not a stored object.
    Value(Doc),
    /// A page of objects.
    List(List),
    /// A page of search results.
    Found(Found),
    /// The result of work on a copy of the state, which shows it and is thrown away.
    Preview(Box<Tx>, Box<Outcome>),
    /// An error that keeps what was written, such as a decline with its failed charge.
    Refused(ApiError),
}

/// The result of charging: a value, so that the caller decides what follows from a decline.
#[derive(Debug)]
pub enum Attempt {
    /// The money is captured or held; the charge.
    Approved(Id),
    /// The charge was declined; the failed charge, if there is one, and the error.
    Declined {
        /// The charge that records the failure.
        charge: Option<Id>,
        /// The decline as an error.
        error: ApiError,
    },
    /// The customer must authenticate first.
    NeedsAction,
}

/// A rule that only reads.
pub type Read = fn(&Tx, &Ctx<'_>, &Call<'_>) -> Result<Outcome>;

/// A rule that writes; an `Err` drops everything that it wrote.
pub type Write = fn(&mut Tx, &Ctx<'_>, &Call<'_>) -> Result<Outcome>;

/// The parent in the first argument of a path.
#[derive(Clone, Copy, Debug)]
pub struct Under {
    /// The entry's filter for the parent.
    pub filter: &'static str,
    /// The `param` of the error that the parent does not exist: not every path uses that of the parent's kind
    /// (core-payments 1.7).
    pub param: &'static str,
}

/// How an operation is carried out.
#[derive(Clone, Copy, Debug)]
pub enum Behaviour {
    /// Shows the object whose id is the last path argument.
    Retrieve,
    /// As [`Retrieve`](Self::Retrieve); the rule only runs if the id does not exist, for ids that create something new,
    /// such as `pm_card_visa`.
    RetrieveOr(Write),
    /// Lists the kind, with its declared filters.
    List,
    /// Lists the objects of the kind that belong to the parent in the first path argument.
    ListUnder(Under),
    /// As [`Retrieve`](Self::Retrieve), if the object belongs to the parent in the first path argument.
    RetrieveUnder(Under),
    /// Merges the metadata of the object in the last path argument.
    UpdateMetadata {
        /// Its parent, if the path begins with one.
        under: Option<Under>,
        /// The parameters besides the metadata, which are stored and shown as they were sent.
        kept: &'static [&'static str],
    },
    /// Searches the kind by the fields that [`search`](crate::api::search) knows of it.
    Search,
    /// A rule that only reads; it runs outside of the sandbox's lock.
    Read(Read),
    /// A rule that writes; it runs under the sandbox's lock.
    Write(Write),
}

impl Behaviour {
    /// Whether it may change something.
    pub fn may_write(self) -> bool {
        match self {
            Behaviour::RetrieveOr(_) | Behaviour::UpdateMetadata { .. } | Behaviour::Write(_) => true,
            Behaviour::Retrieve
            | Behaviour::List
            | Behaviour::ListUnder(_)
            | Behaviour::RetrieveUnder(_)
            | Behaviour::Search
            | Behaviour::Read(_) => false,
        }
    }
}
