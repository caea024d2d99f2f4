//! The control call about what a connected account has to tell: checks that end or fail, and demands.
//!
//! May use: axum, the sandboxes, accounts. Invariant: what an account shows follows from what the call changes; the call sets
//! nothing that is shown.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::call::ControlCall;
use super::linked::Linked;
use super::pages::refused;
use super::{answer, base_url, refuse};
use crate::app::App;
use crate::engine;
use crate::resources::connect::accounts::{Account, AccountTurn, take_turn};

/// The reason of a failure that the call does not give.
const REASON: &str = "The information could not be verified.";

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "POST",
    path: "/_pinstripe/account/{id}",
    handler: || post(take),
    what: "Ends the checks of a connected account now (`turn=finish`), finds something to be wrong (`turn=fail`), or demands \
           something more (`turn=demand`), which is past due at its deadline",
    parameters: &[
        ("sandbox", "the sandbox of the account; every sandbox is searched when not sent"),
        ("turn", "`finish`, `fail` or `demand`"),
        ("requirement", "what fails or is demanded, such as `individual.verification.document`"),
        ("code", "the code of a failure (default: `verification_failed_other`)"),
        ("reason", "the reason of a failure in words"),
        ("deadline", "when a demand is past due, in Unix seconds; at once when not sent"),
        ("future", "`true`: the demand is shown in `future_requirements` until its deadline"),
    ],
    body: None,
    example: "curl -X POST 'localhost:12111/_pinstripe/account/acct_123?turn=fail&requirement=individual.verification.document'",
}];

/// The parameters of the call.
#[derive(Debug, Deserialize)]
pub(super) struct AccountTurnParams {
    sandbox: Option<String>,
    turn: Option<String>,
    requirement: Option<String>,
    code: Option<String>,
    reason: Option<String>,
    deadline: Option<String>,
    future: Option<String>,
}

impl AccountTurnParams {
    fn turn(&self) -> Result<AccountTurn<'_>, &'static str> {
        let requirement = self.requirement.as_deref().filter(|path| !path.is_empty() && path.len() < 200);
        let deadline = self.deadline.as_deref().map(str::parse::<i64>).transpose();
        let deadline = deadline.map_err(|_| "`deadline` is a time in Unix seconds.")?;
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
            _ => Err("`turn` is `finish`, `fail` or `demand`."),
        }
    }
}

/// Takes the turn, and shows what the account has to tell then.
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
    let turn = match about.turn() {
        Ok(turn) => turn,
        Err(message) => return refuse(StatusCode::BAD_REQUEST, message),
    };
    let base_url = base_url(&app, &headers);
    let done = engine::apply(&found.sandbox, found.account, &base_url, |tx, ctx| take_turn(tx, ctx, &id, turn));
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
