//! Verification sessions (connect-accounts 11).
//!
//! May use: reports, customers, the people behind accounts. Invariant: a session has an address and a secret if and only if it
//! waits for somebody to submit it.

mod faults;
mod redact;
mod submit;

pub use self::faults::VerificationFault;
pub use self::submit::{VerificationResult, submit};

use crate::contract::{
    Behaviour, Call, Ctx, Entry, Events, Expand, Fill, In, Join, Marked, Outcome, Public, Trigger, Visible, missing,
    require,
};
use crate::error::{ApiError, Result};
use crate::object::{body, metadata};
use crate::resources::connect::accounts::Account;
use crate::resources::connect::accounts::persons::Person;
use crate::resources::connect::directory;
use crate::resources::customers::customer::Customer;
use crate::resources::identity::reports::{self, VerificationCheck, VerificationReport, VerificationType};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{FieldValue as _, Resource};
use crate::state::{Edit, Id, Kind, Ref, Tx};

crate::values! {
    /// How far a session is (connect-accounts 11).
    pub enum VerificationSessionStatus {
        /// Somebody has to submit it, or to submit it again.
        RequiresInput = "requires_input",
        /// What was submitted is checked.
        Processing = "processing",
        /// The person is who they say.
        Verified = "verified",
        /// Nobody can submit it any more.
        Canceled = "canceled",
    }
}

crate::resource! {
    /// A verification session.
    VerificationSession = "identity.verification_session" {
        /// Unix seconds.
        created: i64,
        /// Gives Stripe.js access to it; null if it cannot be submitted.
        client_secret: Option<String>,
        /// Why it failed the last time; null if it did not.
        last_error: Doc,
        /// The report of the last attempt.
        last_verification_report: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// How far its redaction is; null if it was not asked for.
        redaction: Doc,
        /// How far it is.
        status: VerificationSessionStatus,
        /// What it is about.
        kind as "type": VerificationType,
        /// The page; null if it cannot be submitted.
        url: Option<String>,
    }
    hidden {
        /// Where the page leads back to.
        return_url: Option<String>,
        /// What comes of what is checked; null if nothing is checked.
        result: Option<String>,
        /// When the checks end, in Unix seconds.
        done_at: Option<i64>,
        /// How often it has failed.
        attempts: Option<i64>,
        /// When it is redacted, in Unix seconds.
        redacted_at: Option<i64>,
    }
}

/// The kind, for references.
pub const KIND: Kind = VerificationSession::KIND;

/// What ids begin with.
const PREFIX: &str = "vs_";

/// Characters at the end of an address, and of a secret.
const RANDOM: usize = 12;
const SECRET: usize = 24;

/// The id of the session whose page ends with this.
pub fn of_page(code: &str) -> Option<String> {
    let id = code.strip_prefix("test_")?;
    let (id, _) = id.split_at_checked(id.len().checked_sub(RANDOM)?)?;
    Some(format!("{PREFIX}{id}"))
}

impl VerificationSession {
    /// Gives it an address and a secret.
    fn invite(&mut self, ctx: &Ctx<'_>) {
        let id = self.id.trim_start_matches(PREFIX);
        self.url = Some(ctx.link(&format!("/start/test_{id}{}", ctx.ids.id("", RANDOM))));
        self.client_secret = Some(format!("{}_secret_test_{}", self.id, ctx.ids.id("", SECRET)));
    }

    /// An option about a document, an e-mail address or a phone number.
    fn requires(&self, of: &str, key: &str) -> bool {
        let options = self.rest.map("options").and_then(|options| options.map(of));
        options.and_then(|options| options.bool(key)) == Some(true)
    }

    /// What it checks.
    fn checks(&self) -> Vec<VerificationCheck> {
        let is_number = self.kind == VerificationType::IdNumber;
        let checks = [
            (VerificationCheck::Document, !is_number),
            (VerificationCheck::Selfie, !is_number && self.requires("document", "require_matching_selfie")),
            (VerificationCheck::IdNumber, is_number || self.requires("document", "require_id_number")),
            (VerificationCheck::Email, self.requires("email", "require_verification")),
            (VerificationCheck::Phone, self.requires("phone", "require_verification")),
        ];
        checks.into_iter().filter(|(_, is_checked)| *is_checked).map(|(check, _)| check).collect()
    }

    /// Whether it can fail in this way.
    fn can_fail(&self, fault: VerificationFault) -> bool {
        fault.check().is_none_or(|check| self.checks().contains(&check))
    }

    /// The ways in which it can fail.
    pub fn faults(&self) -> impl Iterator<Item = VerificationFault> {
        VerificationFault::VALUES
            .iter()
            .filter_map(|code| VerificationFault::parse(code))
            .filter(|fault| self.can_fail(*fault))
    }

    /// Checks that it waits for somebody, and is not redacted; `what` is what it has to wait for.
    ///
    /// # Errors
    /// It does not wait.
    fn check_open(&self, what: &str) -> Result<()> {
        self.check_status(what, &[VerificationSessionStatus::RequiresInput])
    }

    /// Checks that its data is kept.
    ///
    /// # Errors
    /// It is redacted, or is about to be.
    fn check_kept(&self) -> Result<()> {
        if self.redaction.is_null() { Ok(()) } else { Err(ApiError::verification_redacted()) }
    }

    fn check_status(&self, what: &str, allowed: &[VerificationSessionStatus]) -> Result<()> {
        self.check_kept()?;
        if allowed.contains(&self.status) {
            return Ok(());
        }
        let allowed: Vec<&str> = allowed.iter().map(|status| status.as_str()).collect();
        Err(ApiError::wrong_state(KIND.name(), what, "status", self.status.as_str(), &allowed))
    }
}

/// `POST /v1/identity/verification_sessions`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let kind = match (params.str("type").and_then(VerificationType::parse), params.str("verification_flow")) {
        (Some(_), Some(_)) => return Err(ApiError::params_exclusive("type", "verification_flow")),
        (None, None) => return Err(ApiError::param_missing("type")),
        (Some(kind), None) => kind,
        (None, Some(_)) => VerificationType::VerificationFlow,
    };
    body::check_references(tx, call, KIND)?;
    check_related(tx, params)?;
    let id = Id::from(ENTRY.id.draw(&ctx.ids));
    let shown = body::new(tx, ctx, KIND, &id, params)?.with("type", kind);
    let mut session = VerificationSession::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    session.return_url = params.str("return_url").map(str::to_owned);
    session.invite(ctx);
    Ok(Outcome::Done(tx.insert(session)))
}

/// Checks that whom a session is about is there.
fn check_related(tx: &Tx, params: &Map) -> Result<()> {
    if let Some(customer) = params.str("related_customer") {
        require::<Customer>(tx, customer, In::Param("related_customer"))?;
    }
    let account = params.str("related_customer_account");
    if let Some(account) = account.filter(|account| !directory::is_known(tx, account)) {
        return Err(missing(Account::KIND, account, In::Param("related_customer_account")));
    }
    let Some(related) = params.map("related_person") else { return Ok(()) };
    let (account, person) = (related.str("account").unwrap_or_default(), related.str("person").unwrap_or_default());
    let place = tx.state().account(account);
    let place = place.ok_or_else(|| missing(Account::KIND, account, In::Param("related_person[account]")))?;
    tx.read_within(place, |tx| require::<Person>(tx, person, In::Param("related_person[person]"))).map(|_| ())
}

/// `POST /v1/identity/verification_sessions/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = require::<VerificationSession>(tx, call.arg(0), In::Path)?;
    let params = &call.params;
    let is_told = ["options", "provided_details", "type"].iter().any(|key| params.has(key));
    session.check_kept()?;
    if is_told {
        session.check_open("update")?;
    }
    let mut changed = Edit::of(session);
    changed.metadata = metadata::merge(&changed.metadata, params.get("metadata"))?;
    if let Some(kind) = params.str("type").and_then(VerificationType::parse) {
        changed.kind = kind;
    }
    let mut sent = Map::clone(params);
    for key in ["metadata", "type"] {
        let _ = sent.remove(key);
    }
    let mut rest = std::mem::take(&mut changed.rest);
    body::change(tx, ctx, KIND, &mut rest, &sent)?;
    changed.rest = rest;
    let id = Id::clone(&changed.id);
    changed.save(tx);
    Ok(Outcome::Done(Ref { kind: KIND, id }))
}

/// `POST /v1/identity/verification_sessions/:id/cancel`.
fn cancel(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = require::<VerificationSession>(tx, call.arg(0), In::Path)?;
    session.check_open("cancel")?;
    tx.update::<VerificationSession>(&session.id, VerificationSession::close);
    Ok(Outcome::Done(Ref::to(&*session)))
}

impl VerificationSession {
    /// Ends it: nobody can submit it any more.
    fn close(&mut self) {
        self.status = VerificationSessionStatus::Canceled;
        self.client_secret = None;
        self.url = None;
    }

    /// Whether its data is gone.
    fn is_redacted(&self) -> bool {
        self.redaction.as_map().and_then(|redaction| redaction.str("status")) == Some("redacted")
    }
}

/// What is shown as verified, if somebody asks; null unless somebody is verified.
fn outputs(tx: &Tx, id: &str) -> Option<(Map, Map)> {
    let session = tx.get::<VerificationSession>(id)?;
    let report = session.last_verification_report.as_deref().and_then(|id| tx.get::<VerificationReport>(id));
    report.filter(|_| session.status == VerificationSessionStatus::Verified).map(|report| reports::outputs(&report))
}

/// How events are made to happen.
const TRIGGERS: &[Trigger] = &[
    Trigger::post("identity.verification_session.canceled", "/v1/identity/verification_sessions/{id}/cancel", &[]),
    Trigger::post("identity.verification_session.redacted", "/v1/identity/verification_sessions/{id}/redact", &[]),
    Trigger::rule(
        "identity.verification_session.processing",
        |tx, ctx, id| submit(tx, ctx, id, VerificationResult::Processing),
        "It is submitted, and its checks stay open",
    ),
    Trigger::rule(
        "identity.verification_session.requires_input",
        |tx, ctx, id| submit(tx, ctx, id, VerificationResult::Failed(VerificationFault::ConsentDeclined)),
        "The person does not agree to be verified",
    ),
    Trigger::rule(
        "identity.verification_session.verified",
        |tx, ctx, id| submit(tx, ctx, id, VerificationResult::Verified),
        "It is submitted, and every check ends well",
    ),
];

/// What a browser sees, which knows the secret: nothing of what was found out about the person.
const PUBLIC_FIELDS: &[&str] = &[
    "id",
    "object",
    "client_reference_id",
    "client_secret",
    "created",
    "last_error",
    "last_verification_report",
    "livemode",
    "options",
    "redaction",
    "related_customer",
    "related_customer_account",
    "status",
    "type",
    "url",
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: VerificationSession::FIELDS,
    noun: "verification session",
    id: IdForm::of(PREFIX),
    path_param: "session",
    marks: &[
        Marked::acts(&["client_secret"], "identity::page::a_browser_knows_a_session_by_its_secret"),
        Marked::acts(&["return_url"], "identity::page::the_buttons_say_what_comes_of_it"),
    ],
    operations: &[
        ("identity.verification_sessions.create", Behaviour::Write(create)),
        ("identity.verification_sessions.retrieve", Behaviour::Retrieve),
        ("identity.verification_sessions.update", Behaviour::Write(update)),
        ("identity.verification_sessions.cancel", Behaviour::Write(cancel)),
        ("identity.verification_sessions.redact", Behaviour::Write(redact::ask)),
        ("identity.verification_sessions.list", Behaviour::List),
    ],
    filters: &[
        crate::filter!("client_reference_id", VerificationSession, |it| it.rest.str("client_reference_id")),
        crate::filter!("related_customer", VerificationSession, |it| it.rest.str("related_customer")),
        crate::filter!("related_customer_account", VerificationSession, |it| it.rest.str("related_customer_account")),
        crate::filter!("status", VerificationSession, |it| Some(it.status.as_str())),
    ],
    joins: &[
        Join {
            field: "verified_outputs",
            doc: |tx, id| Some(outputs(tx, id).map_or(Doc::Null, |(shown, _)| shown.into())),
        },
        Join {
            field: "verified_outputs.dob",
            doc: |tx, id| outputs(tx, id).and_then(|(_, apart)| apart.get("verified_outputs.dob").cloned()),
        },
        Join {
            field: "verified_outputs.id_number",
            doc: |tx, id| outputs(tx, id).and_then(|(_, apart)| apart.get("verified_outputs.id_number").cloned()),
        },
    ],
    expands: &[
        Expand::field("verified_outputs"),
        Expand::field("verified_outputs.dob"),
        Expand::field("verified_outputs.id_number"),
    ],
    named_by: &["verification_session"],
    public: &[Public {
        operation: "identity.verification_sessions.retrieve",
        needs_secret: true,
        params: &["client_secret"],
        visible: Visible::Only(PUBLIC_FIELDS),
    }],
    defaults: &[
        ("options", Fill::Object(&[])),
        ("status", Fill::Text("requires_input")),
        ("type", Fill::Text("document")),
        ("verified_outputs", Fill::Absent),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<VerificationSession>,
    events: Events {
        created: Some("identity.verification_session.created"),
        turns: &[
            crate::becomes!(VerificationSession, ["identity.verification_session.processing"], |it| {
                it.status == VerificationSessionStatus::Processing
            }),
            crate::becomes!(VerificationSession, ["identity.verification_session.verified"], |it| {
                it.status == VerificationSessionStatus::Verified
            }),
            crate::becomes!(VerificationSession, ["identity.verification_session.canceled"], |it| {
                it.status == VerificationSessionStatus::Canceled
            }),
            crate::becomes!(VerificationSession, ["identity.verification_session.redacted"], |it| it.is_redacted()),
            crate::turn!(VerificationSession, ["identity.verification_session.requires_input"], |before, after| {
                before.is_some_and(|before| before.attempts != after.attempts)
            }),
        ],
        ..Events::NONE
    },
    dues: &[
        crate::due!(
            VerificationSession,
            "finish checks",
            |session| session.done_at,
            |session| session.attempts.unwrap_or_default(),
            |tx, ctx, session| submit::finish(tx, ctx, session)
        ),
        crate::due!(VerificationSession, "redact", |session| session.redacted_at, |tx, ctx, session| {
            redact::carry_out(tx, ctx, session)
        }),
    ],
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
