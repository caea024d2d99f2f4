//! One request of the API, from its parameters to its answer, behind the HTTP edge.
//!
//! May use: `api`, the engine, the registry and a sandbox. Invariant: an error that is returned has
//! changed nothing, and a panic in a rule is an error like any other.

pub mod answer;
mod declared;
pub(crate) mod idempotency;
mod parts;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::api::expand::{self, ExpandNode};
use crate::api::list;
use crate::api::params;
use crate::api::render::Renderer;
use crate::api::search;
use crate::catalogue::{self, Find, Method, Operation};
use crate::contract::version::Version;
use crate::contract::{self, Behaviour, Call, Ctx, Entry, In, KeyKind, Outcome, Params, Public, Tokens, Visible};
use crate::dispatch::idempotency::Early;
use crate::engine::{self, CommittedFor};
use crate::error::{ApiError, Result, mask_key, panic_text};
use crate::form::{self, Form};
use crate::generic::coverage::{self, Coverage};
use crate::issuers::Decline;
use crate::links;
use crate::resources;
use crate::resources::connect::accounts::oauth;
use crate::resources::connect::directory;
use crate::resources::developer::ephemeral_keys::{self, Holder};
use crate::state::event::{Announced, Cause};
use crate::state::ids::Ids;
use crate::state::sandbox::{Commit, NextState, Sandbox};
use crate::state::{AccountKey, Kind, State, Tx};

pub use crate::dispatch::answer::{Answer, NamedOperation, Original, refuse_early, shown};

/// A request from the HTTP edge.
#[derive(Debug)]
pub struct Request<'a> {
    /// The HTTP method, or `None` for one that the API does not have.
    pub method: Option<Method>,
    /// The method's name, for messages.
    pub method_name: &'a str,
    /// The path without the query, as it was sent.
    pub path: &'a str,
    /// The parameters of query and body.
    pub form: Form,
    /// What kind of key was used.
    pub key: KeyKind,
    /// The key with its middle hidden.
    pub masked_key: &'a str,
    /// The connected account of the request, as it was sent.
    pub account: Option<&'a str>,
    /// The whole key, if an object of the API issued it: an ephemeral key, or the token of a session.
    pub ephemeral_key: Option<&'a str>,
    /// The whole key, if OAuth issued it for a connected account.
    pub issued_key: Option<&'a str>,
    /// The version of request and answer.
    pub version: Version,
    /// Whether the request named that version.
    pub version_is_sent: bool,
    /// The `Request-Id` of the answer.
    pub request_id: &'a str,
    /// The request's `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// The base URL of links in answers, without a final slash.
    pub base_url: &'a str,
    /// The answer of every issuer, if a fault asks for a decline.
    pub decline: Option<&'static Decline>,
    /// The source of the request's ids.
    pub ids: Ids,
    /// Whether an operation without rules is refused.
    pub strict: bool,
    /// Whether it is kept in the log of requests once it is answered.
    pub logged: bool,
}

impl<'a> Request<'a> {
    /// A request that no client sends: with a secret key, in the newest version. `path` is without the query, and
    /// `base_url` that of links, without a final slash.
    pub fn internal(method: Method, path: &'a str, form: Form, base_url: &'a str, ids: Ids) -> Self {
        Request {
            method: Some(method),
            method_name: method.as_str(),
            path,
            form,
            key: KeyKind::Secret,
            masked_key: "",
            account: None,
            ephemeral_key: None,
            issued_key: None,
            version: Version::newest(),
            version_is_sent: true,
            request_id: "",
            idempotency_key: None,
            base_url,
            decline: None,
            ids,
            strict: false,
            logged: false,
        }
    }
}

/// Carries a request out in a sandbox; links in the answer lead to the objects of this sandbox.
pub fn handle(sandbox: &Sandbox, request: Request<'_>) -> Answer {
    let base_url = request.base_url;
    let answer = carry_out(sandbox, request);
    let name = links::name_at(base_url, sandbox.name());
    match name.and_then(|name| links::in_sandbox(&answer.body, name, Some(base_url))) {
        Some(body) => Answer { body, ..answer },
        None => answer,
    }
}

fn carry_out(sandbox: &Sandbox, mut request: Request<'_>) -> Answer {
    engine::catch_up(sandbox);
    let state = sandbox.state();
    let account = match find_account(&state, &request) {
        Ok(account) => account,
        Err(error) => return refuse(&state, AccountKey::PLATFORM, &request, &error, None),
    };
    let (operation, args) = match find_operation(&request) {
        Ok(found) => found,
        Err(error) => return refuse(&state, account, &request, &error, None),
    };
    let form = std::mem::take(&mut request.form);
    let prepared = prepare(&request, operation, form);
    let (entry, behaviour, public, params) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return refuse(&state, account, &request, &error, Some(operation)),
    };
    let mark = match idempotency::begin(sandbox, account, &request, &params) {
        Ok(mark) => mark,
        Err(Early::Replay(first)) => return idempotency::replay(&first, operation),
        Err(Early::Refused(error, first)) => {
            let original = Some(Original { request_id: first, replayed: None });
            return Answer { original, ..refuse(&state, account, &request, &error, Some(operation)) };
        }
    };
    let nodes = expand::parse(&params.expand);
    let ctx = Ctx {
        now: sandbox.now(),
        machine_now: sandbox.machine_now(),
        request_id: request.request_id,
        idempotency_key: request.idempotency_key,
        key: request.key,
        version: request.version,
        version_is_sent: request.version_is_sent,
        base_url: request.base_url,
        sandbox: sandbox.name(),
        decline: request.decline,
        settings: state.settings(account).under_clock(sandbox.clock().speed() == 0),
        ids: request.ids.take(),
    };
    let call = Call { operation, args: &args, path: request.path, params };
    let ephemeral_key = request.ephemeral_key;
    let expand = nodes.as_slice();
    let logged = request.logged;
    let work =
        Work { sandbox, entry, behaviour, public, account, ctx: &ctx, call: &call, expand, ephemeral_key, logged };
    let (state, (result, done)) = match behaviour {
        Behaviour::Write(_) | Behaviour::UpdateMetadata { .. } => engine::write(sandbox, |state| work.write(state)),
        Behaviour::RetrieveOr(_) if !work.finds(&state) => engine::write(sandbox, |state| work.write(state)),
        _ => {
            let result = work.read(&state);
            (state, (result, WrittenFor::default()))
        }
    };
    let tx = Tx::new(&state, account, contract::indexes);
    let renderer = Renderer::new(&tx, request.version, &nodes, seen(&request, public));
    // What was written stays, even if it cannot be shown.
    let committed = result.is_ok();
    let rendered = result.and_then(|outcome| Ok((renderer.body(&outcome)?, shown_kind(&outcome))));
    let (answer, keep) = match rendered {
        Ok((body, kind)) => (answer::succeed(body, kind, request.version, Some(operation)), true),
        Err(error) => (refuse(&state, account, &request, &error, Some(operation)), committed || error.is_kept()),
    };
    if let Some(mark) = mark.filter(|_| keep) {
        idempotency::keep(mark, &request, &answer, ctx.now);
    }
    Answer { events: done.events, commit: done.commit, ..answer }
}

fn refuse(
    state: &State,
    account: AccountKey,
    request: &Request<'_>,
    error: &ApiError,
    operation: Option<&'static Operation>,
) -> Answer {
    let tx = Tx::new(state, account, contract::indexes);
    let renderer = Renderer::new(&tx, request.version, &[], seen(request, operation.and_then(resources::public)));
    let log_url = format!("{}/_pinstripe/requests/{}", request.base_url, request.request_id);
    answer::fail(&renderer, error, request.path, Some(log_url), operation)
}

/// What the key of a request may see; `None` for everything.
fn seen(request: &Request<'_>, public: Option<&'static Public>) -> Option<Visible> {
    request.key.is_public().then(|| public.map_or(Visible::All, |public| public.visible))
}

/// The account with an id, in which a request can be made; `None` if there is none, or it was deleted.
pub fn account_of(state: &State, id: &str) -> Option<AccountKey> {
    directory::find(&Tx::new(state, AccountKey::PLATFORM, contract::indexes), id)
}

/// The parameters of a request for an operation, checked as those of every request are.
///
/// # Errors
/// There is no such operation; the first parameter that is wrong.
pub fn params_of(operation: &str, form: Form, version: Version) -> Result<Params> {
    let operation = catalogue::operation(operation).ok_or_else(ApiError::internal)?;
    let entry = resources::behaviour(operation).map(|(entry, _)| entry);
    params::check(operation, entry, form, version, false)
}

fn find_account(state: &State, request: &Request<'_>) -> Result<AccountKey> {
    if request.account.is_none() && request.issued_key.is_none() {
        return Ok(AccountKey::PLATFORM);
    }
    let tx = Tx::new(state, AccountKey::PLATFORM, contract::indexes);
    let of_key = request.issued_key.map(|key| oauth::holder(&tx, key)).transpose()?;
    let account = match request.account {
        Some(id) => directory::find(&tx, id)
            .filter(|named| of_key.is_none_or(|own| own == *named))
            .ok_or_else(|| ApiError::account_invalid(request.masked_key, id))?,
        None => of_key.unwrap_or(AccountKey::PLATFORM),
    };
    if request.method != Some(Method::Get) {
        oauth::check_write(&tx, account, request.issued_key)?;
    }
    Ok(account)
}

/// The arguments of a path: mostly one.
type PathArgs = SmallVec<[String; 2]>;

fn find_operation(request: &Request<'_>) -> Result<(&'static Operation, PathArgs)> {
    let unknown = || ApiError::url_unknown(request.method_name, request.path);
    let method = request.method.ok_or_else(unknown)?;
    match catalogue::find(method, request.path) {
        Find::Operation(found) => {
            let args = found.args[..found.arg_count].iter().map(|arg| form::decode_text(arg)).collect();
            Ok((found.operation, args))
        }
        Find::NoMethod | Find::NoPath => Err(unknown()),
    }
}

/// What a publishable key may expand: with more it would see the customer.
const PUBLIC_EXPANSION: &str = "payment_method";

type PreparedCall = (&'static Entry, Behaviour, Option<&'static Public>, Params);

/// Every check before an object is read (core-payments 1.6, validation order).
fn prepare(request: &Request<'_>, operation: &'static Operation, form: Form) -> Result<PreparedCall> {
    let public = resources::public(operation);
    let personal = request.ephemeral_key.and_then(|_| resources::personal(operation));
    let bound = resources::behaviour(operation);
    let entry = bound.map(|(entry, _)| entry);
    let tokens = entry.and_then(|entry| tokens_for(entry, operation));
    match tokens.filter(|_| request.key != KeyKind::Token) {
        Some(tokens) => return Err((tokens.needed)()),
        None if request.key.is_public() && public.is_none() && personal.is_none() && tokens.is_none() => {
            return Err(ApiError::secret_key_required());
        }
        None => {}
    }
    let params = params::check(operation, entry, form, request.version, request.key.is_public())?;
    expand::check_paths(&operation.returns, &params.expand, request.version)?;
    // Whoever sees a page has its key (intents-and-checkout 1.12).
    let hidden = params.expand.iter().find(|path| request.key == KeyKind::Publishable && **path != PUBLIC_EXPANSION);
    if let Some(path) = hidden {
        return Err(ApiError::expand_invalid(path));
    }
    let (entry, behaviour) =
        bound.ok_or_else(|| ApiError::not_implemented(operation.method.as_str(), operation.path))?;
    if request.strict && coverage::of(operation) == Coverage::Shape {
        return Err(ApiError::shape_refused(operation.method.as_str(), operation.path));
    }
    Ok((entry, behaviour, public, params))
}

/// The tokens that an operation takes in place of a key, if it does.
fn tokens_for(entry: &'static Entry, operation: &Operation) -> Option<&'static Tokens> {
    entry.tokens.as_ref().filter(|tokens| tokens.operations.contains(&operation.name))
}

fn shown_kind(outcome: &Outcome) -> Option<Kind> {
    match outcome {
        Outcome::Done(shown) => Some(shown.kind),
        Outcome::List(list) => list.items.first().map(|item| item.shown),
        Outcome::Found(found) => found.items.first().map(|item| item.shown),
        _ => None,
    }
}

/// What a request wrote: what that announced, and what is kept of it.
#[derive(Default)]
struct WrittenFor {
    events: Option<Announced>,
    commit: Option<Arc<Commit>>,
}

/// One operation that is about to run.
struct Work<'a> {
    sandbox: &'a Sandbox,
    entry: &'static Entry,
    behaviour: Behaviour,
    public: Option<&'static Public>,
    account: AccountKey,
    ctx: &'a Ctx<'a>,
    call: &'a Call<'a>,
    expand: &'a [ExpandNode],
    ephemeral_key: Option<&'a str>,
    logged: bool,
}

impl Work<'_> {
    fn write(&self, state: &State) -> (Option<NextState>, (Result<Outcome>, WrittenFor)) {
        let mut tx = Tx::new(state, self.account, contract::indexes);
        let result = guarded(self.call, || {
            self.check_key(&tx)?;
            parts::check(&tx, self.call)?;
            match self.behaviour {
                Behaviour::Write(write) | Behaviour::RetrieveOr(write) => write(&mut tx, self.ctx, self.call),
                Behaviour::UpdateMetadata { under, kept } => {
                    declared::update_metadata(&mut tx, self.entry, self.call, under, kept)
                }
                _ => self.read_tx(&tx),
            }
        });
        let cause = || Cause::new(self.ctx.request_id, self.ctx.idempotency_key);
        let made_for = match self.logged {
            true => CommittedFor::Request(&cause),
            false => CommittedFor::Call(&cause),
        };
        let commit = || engine::commit_of_request(self.sandbox, state, tx, self.ctx, made_for);
        let committed = result.and_then(|outcome| {
            let next = commit()?;
            self.check_expansions(&next.state, &outcome)?;
            Ok((next, outcome))
        });
        let (next, result) = match committed {
            Ok((next, outcome)) => (Some(next), Ok(outcome)),
            Err(error) => (None, Err(error)),
        };
        let done = next.as_ref().map(|next| WrittenFor {
            events: next.state.events().since(state.events()).cloned(),
            commit: next.commit.clone(),
        });
        (next, (result, done.unwrap_or_default()))
    }

    /// What cannot be expanded refuses a write before it is kept (platform 5.3).
    fn check_expansions(&self, next: &State, outcome: &Outcome) -> Result<()> {
        if self.expand.is_empty() || matches!(outcome, Outcome::Refused(_)) {
            return Ok(());
        }
        let tx = Tx::new(next, self.account, contract::indexes);
        Renderer::new(&tx, self.ctx.version, self.expand, None).body(outcome).map(drop)
    }

    fn read(&self, state: &Arc<State>) -> Result<Outcome> {
        let tx = Tx::new(state, self.account, contract::indexes);
        guarded(self.call, || {
            self.check_key(&tx)?;
            self.read_tx(&tx)
        })
    }

    fn read_tx(&self, tx: &Tx) -> Result<Outcome> {
        match self.behaviour {
            Behaviour::Retrieve | Behaviour::RetrieveOr(_) => declared::retrieve(tx, self.entry, self.call),
            Behaviour::List => list::page(tx, self.entry, self.call, None).map(Outcome::List),
            Behaviour::ListUnder(under) => declared::list_under(tx, self.entry, self.call, under),
            Behaviour::RetrieveUnder(under) => declared::retrieve_under(tx, self.entry, self.call, under),
            Behaviour::Search => search::page(tx, self.entry, self.call, self.ctx.version).map(Outcome::Found),
            Behaviour::Read(read) => read(tx, self.ctx, self.call),
            Behaviour::Write(_) | Behaviour::UpdateMetadata { .. } => Err(ApiError::internal()),
        }
    }

    /// Whether the last path argument is the id of an object.
    fn finds(&self, state: &State) -> bool {
        let tx = Tx::new(state, self.account, contract::indexes);
        contract::resolve(&tx, self.entry.kind, declared::id(self.call)).is_some()
    }

    /// An ephemeral key gives access to its customer alone, until it expires (intents-and-checkout 3.6); the token of a session
    /// is checked by whoever issued it.
    fn check_key(&self, tx: &Tx) -> Result<()> {
        let Some(secret) = self.ephemeral_key else { return self.check_secret(tx) };
        if let Some(tokens) = tokens_for(self.entry, self.call.operation) {
            return (tokens.check)(tx, secret, self.ctx.now);
        }
        let holder = ephemeral_keys::holder(tx, secret, self.ctx.now);
        match (holder, resources::personal(self.call.operation)) {
            (Holder::Ended, _) => Err(ApiError::key_expired(&mask_key(secret))),
            (_, None) => self.check_secret(tx),
            (Holder::Known(key), Some(personal))
                if (personal.customer)(tx, self.call) == Some(key.customer.clone()) =>
            {
                Ok(())
            }
            (Holder::Known(_) | Holder::Unknown, Some(_)) => Err(ApiError::ephemeral_key_of_other()),
        }
    }

    /// A publishable key needs the object's `client_secret`.
    fn check_secret(&self, tx: &Tx) -> Result<()> {
        if !self.ctx.key.is_public() || !self.public.is_some_and(|public| public.needs_secret) {
            return Ok(());
        }
        let id = declared::owner_id(self.entry, self.call);
        let Some(sent) = self.call.params.str("client_secret") else {
            return Err(ApiError::param_missing("client_secret"));
        };
        let record = contract::require_record(tx, self.entry.kind, id, In::Path)?;
        if record.object.to_doc().str("client_secret") == Some(sent) {
            return Ok(());
        }
        Err(ApiError::client_secret_mismatch(&contract::class_name(self.entry.kind)))
    }
}

/// A panic in a rule is a logged fault of the server; the transaction is dropped.
fn guarded(call: &Call<'_>, work: impl FnOnce() -> Result<Outcome>) -> Result<Outcome> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        tracing::error!(operation = call.operation.name, panic = panic_text(&*panic), "a rule panicked");
        Err(ApiError::internal())
    })
}
