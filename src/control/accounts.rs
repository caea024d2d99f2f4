//! The control calls about what a connected account has to tell: an account in a state, checks that end or fail, and demands.
//!
//! May use: axum, the sandboxes, the fixtures, accounts. Invariant: what an account shows follows from what a call changes; no
//! call sets anything that is shown.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::call::{ControlCall, SANDBOX};
use super::{answer, base_url, find_sandbox, refuse};
use crate::app::App;
use crate::engine;
use crate::fixtures::account::{self, WantedAccount};
use crate::pages::linked::Linked;
use crate::pages::respond::refused;
use crate::resources::connect::accounts::{Account, AccountStage, AccountTurn, take_turn};

/// The reason of a failure that the call does not give.
const REASON: &str = "The information could not be verified.";

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "POST",
        path: "/_pinstripe/account",
        handler: || post(open),
        what: "Creates a connected account in a state: it tells test values for whatever its country asks for, and the state \
               follows. The answer is the account",
        parameters: &[
            SANDBOX,
            ("state", STATES),
            ("id", "the id of the account; a new one when not sent"),
            ("country", "two letters (default: `US`)"),
            ("type", "`custom`, `express` or `standard` (default: `custom`)"),
            ("business_type", "`individual`, `company`, `non_profit` or `government_entity` (default: `individual`)"),
            ("service_agreement", "`full` or `recipient` (default: `full`)"),
        ],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/account?state=onboarded&country=DE&type=express'",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/account/{id}",
        handler: || post(take),
        what: "Brings a connected account into a state (`state`), by telling what it has not told yet: onboarding without a page. \
               Or ends its checks now (`turn=finish`), finds something to be wrong (`turn=fail`), or demands something more \
               (`turn=demand`), which is past due at its deadline",
        parameters: &[
            ("sandbox", "the sandbox of the account; every sandbox is searched when not sent"),
            ("state", STATES),
            ("turn", "`finish`, `fail` or `demand`"),
            ("requirement", "what fails or is demanded, such as `individual.verification.document`"),
            ("code", "the code of a failure (default: `verification_failed_other`)"),
            ("reason", "the reason of a failure in words"),
            ("deadline", "when a demand is past due, in Unix seconds; at once when not sent"),
            ("future", "`true`: the demand is shown in `future_requirements` until its deadline"),
        ],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/account/acct_123?state=onboarded'",
    },
];

/// What the states mean.
const STATES: &str = "`onboarded`: everything was told and checked; `pending`: the checks stay open until `turn=finish`; \
                      `restricted`: the representative could not be identified, and a document is past due; `rejected`: \
                      the platform has rejected it for fraud";

/// The parameters of the call that creates an account.
#[derive(Debug, Deserialize)]
pub(super) struct NewAccountParams {
    sandbox: Option<String>,
    state: Option<String>,
    id: Option<String>,
    country: Option<String>,
    r#type: Option<String>,
    business_type: Option<String>,
    service_agreement: Option<String>,
}

impl NewAccountParams {
    /// The parameters of the API that they stand for.
    fn params(self) -> Vec<(String, String)> {
        let kind = self.r#type.unwrap_or_else(|| "custom".to_owned());
        let business = self.business_type.unwrap_or_else(|| "individual".to_owned());
        let sent = [
            ("type", Some(kind)),
            ("business_type", Some(business)),
            ("country", self.country),
            ("tos_acceptance[service_agreement]", self.service_agreement),
        ];
        sent.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// Creates an account in a state, and shows it.
pub(super) async fn open(
    Shared(app): Shared<Arc<App>>,
    Query(asked): Query<NewAccountParams>,
    headers: HeaderMap,
) -> Response {
    let Some(stage) = asked.state.as_deref().and_then(AccountStage::parse) else {
        return refuse(StatusCode::BAD_REQUEST, NO_STATE);
    };
    let sandbox = match find_sandbox(&app, asked.sandbox.as_deref()) {
        Ok(sandbox) => sandbox,
        Err(refusal) => return *refusal,
    };
    let (base_url, version, id) = (base_url(&app, &headers), app.default_version(), asked.id.clone());
    let params = asked.params();
    let wanted = WantedAccount { id: id.as_deref(), stage, params: &params, version, base_url: &base_url };
    let id = match wanted.open(&sandbox, sandbox.ids()) {
        Ok(id) => id,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error),
    };
    let shown = account::shown(&sandbox, &id, version, &base_url);
    answer(StatusCode::OK, &serde_json::to_value(&shown).unwrap_or_default())
}

/// What is said of a state that is none.
const NO_STATE: &str = "`state` is `onboarded`, `pending`, `restricted` or `rejected`.";

/// What requirements are about (connect-accounts 3): the account itself, its representative and others by their role, or a person
/// by id.
const REQUIRED: [&str; 12] = [
    "business_profile",
    "company",
    "directors",
    "documents",
    "executives",
    "external_account",
    "individual",
    "owners",
    "person",
    "representative",
    "settings",
    "tos_acceptance",
];

/// Whether a text is a path of a requirement.
fn is_requirement(path: &str) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    let about = if first.starts_with("person_") { "person" } else { first };
    path.len() < REQUIREMENT_BYTES_MAX && REQUIRED.contains(&about)
}

/// Bytes of a requirement's path.
const REQUIREMENT_BYTES_MAX: usize = 200;

/// The parameters of the call about an account that is there.
#[derive(Debug, Deserialize)]
pub(super) struct AccountTurnParams {
    sandbox: Option<String>,
    state: Option<String>,
    turn: Option<String>,
    requirement: Option<String>,
    code: Option<String>,
    reason: Option<String>,
    deadline: Option<String>,
    future: Option<String>,
}

impl AccountTurnParams {
    /// The state, if the call is about one.
    fn stage(&self) -> Result<Option<AccountStage>, &'static str> {
        match (&self.state, &self.turn) {
            (Some(_), Some(_)) => Err("Send `state` or `turn`, not both."),
            (Some(word), None) => AccountStage::parse(word).map(Some).ok_or(NO_STATE),
            (None, _) => Ok(None),
        }
    }

    fn turn(&self) -> Result<AccountTurn<'_>, &'static str> {
        let requirement = self.requirement.as_deref();
        let deadline = self.deadline.as_deref().map(str::parse::<i64>).transpose();
        let deadline = deadline.map_err(|_| "`deadline` is a time in Unix seconds.")?;
        if requirement.is_some_and(|path| !is_requirement(path)) {
            return Err(
                "`requirement` is a path such as `individual.verification.document`, of the account or of somebody behind it.",
            );
        }
        match (self.turn.as_deref(), requirement) {
            (Some("finish"), _) => Ok(AccountTurn::Finish),
            (Some("fail"), Some(requirement)) => {
                let code = self.code.as_deref().unwrap_or("verification_failed_other");
                Ok(AccountTurn::Fail { requirement, code, reason: self.reason.as_deref().unwrap_or(REASON) })
            }
            (Some("demand"), Some(requirement)) => {
                Ok(AccountTurn::Demand { requirement, deadline, future: self.future.as_deref() == Some("true") })
            }
            (Some("fail" | "demand"), None) => Err("`requirement` is missing."),
            (None, _) => Err("Send `state` or `turn`."),
            _ => Err("`turn` is `finish`, `fail` or `demand`."),
        }
    }
}

/// Brings the account into the state or takes the turn, and shows what the account has to tell then.
pub(super) async fn take(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(about): Query<AccountTurnParams>,
    headers: HeaderMap,
) -> Response {
    let sandbox = about.sandbox.as_deref();
    let Some(found) = Linked::<Account>::of(&app, &id, sandbox) else {
        return refuse(StatusCode::NOT_FOUND, "There is no connected account with that id.");
    };
    let base_url = base_url(&app, &headers);
    let done = match about.stage() {
        Ok(Some(stage)) => account::bring(&found.sandbox, &id, stage, &base_url, found.sandbox.ids()),
        Ok(None) => match about.turn() {
            Ok(turn) => {
                engine::apply(&found.sandbox, found.account, &base_url, |tx, ctx| take_turn(tx, ctx, &id, turn))
            }
            Err(message) => return refuse(StatusCode::BAD_REQUEST, message),
        },
        Err(message) => return refuse(StatusCode::BAD_REQUEST, message),
    };
    if let Err(error) = done {
        return refused(StatusCode::BAD_REQUEST, &error);
    }
    let Some(found) = Linked::<Account>::of(&app, &id, sandbox) else {
        return refuse(StatusCode::NOT_FOUND, "There is no connected account with that id.");
    };
    let rest = &found.object.rest;
    let shown = |key: &str| rest.get(key).map(|value| serde_json::to_value(value).unwrap_or_default());
    answer(
        StatusCode::OK,
        &json!({
            "id": &*found.object.id,
            "object": "account",
            "charges_enabled": shown("charges_enabled"),
            "payouts_enabled": shown("payouts_enabled"),
            "requirements": shown("requirements"),
            "future_requirements": shown("future_requirements"),
        }),
    )
}
