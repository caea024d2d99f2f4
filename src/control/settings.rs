//! The control calls about an account's settings.
//!
//! May use: axum, the table of settings. Invariant: no setting is named here.

use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::call::{ControlCall, Parameter, SANDBOX};
use super::{answer, find_sandbox, look_at, refuse};
use crate::app::App;
use crate::settings::{SETTINGS, Setting, SettingValue, Settings};
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, State};

const ACCOUNT: Parameter = ("account", "a connected account; the platform account of the sandbox when not sent");

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/settings",
        handler: || get(show),
        what: "Lists the settings of an account, with what each does",
        parameters: &[SANDBOX, ACCOUNT],
        body: None,
        example: "curl localhost:12111/_pinstripe/settings",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/settings",
        handler: || post(choose),
        what: "Sets a setting until the next reset; a connected account without a value of its own uses the platform account's",
        parameters: &[
            SANDBOX,
            ACCOUNT,
            ("name", "the setting"),
            ("value", "its value; when not sent, the account's own value is removed"),
        ],
        body: None,
        example: "curl localhost:12111/_pinstripe/settings -d name=refuse_card_tokens -d value=true",
    },
];

/// The parameters of a call.
#[derive(Debug, Deserialize)]
pub(super) struct SettingParams {
    sandbox: Option<String>,
    account: Option<String>,
    name: Option<String>,
    value: Option<String>,
}

pub(super) async fn show(Shared(app): Shared<Arc<App>>, Query(about): Query<SettingParams>) -> Response {
    let (sandbox, account) = match about.place(look_at(&app, about.sandbox.as_deref())) {
        Ok(place) => place,
        Err(refusal) => return *refusal,
    };
    answer(StatusCode::OK, &described(&sandbox, &sandbox.state(), account))
}

pub(super) async fn choose(Shared(app): Shared<Arc<App>>, Query(about): Query<SettingParams>) -> Response {
    let place = find_sandbox(&app, about.sandbox.as_deref()).and_then(|sandbox| about.place(sandbox));
    let (sandbox, account) = match place {
        Ok(place) => place,
        Err(refusal) => return *refusal,
    };
    let read = Setting::find(about.name.as_deref().unwrap_or_default());
    let read = read.and_then(|setting| {
        let value = about.value.as_deref().map(|value| setting.parse(value)).transpose()?;
        Ok((setting, value))
    });
    let (setting, value) = match read {
        Ok(read) => read,
        Err(message) => return refuse(StatusCode::BAD_REQUEST, &message),
    };
    let (state, ()) = sandbox.write(|state| {
        let mut next = state.clone();
        next.choose(account, setting, value);
        (Some(next), ())
    });
    answer(StatusCode::OK, &described(&sandbox, &state, account))
}

impl SettingParams {
    fn place(&self, sandbox: Arc<Sandbox>) -> Result<(Arc<Sandbox>, AccountKey), Box<Response>> {
        let Some(id) = &self.account else { return Ok((sandbox, AccountKey::PLATFORM)) };
        match sandbox.state().account(id) {
            Some(account) => Ok((sandbox, account)),
            None => Err(Box::new(refuse(StatusCode::NOT_FOUND, "The sandbox has no account of this id."))),
        }
    }
}

fn described(sandbox: &Sandbox, state: &State, account: AccountKey) -> Json {
    let settings = state.settings(account);
    let rows: Vec<Json> = SETTINGS.iter().map(|setting| row(setting, &settings)).collect();
    let id = state.account_id(account).map(ToString::to_string);
    json!({"account": id, "sandbox": sandbox.name(), "settings": rows})
}

fn row(setting: &Setting, settings: &Settings) -> Json {
    let shown = |value| match value {
        SettingValue::Flag(flag) => json!(flag),
        SettingValue::Number(number) => json!(number),
        SettingValue::Choice(choice) => json!(choice),
    };
    let (value, default) = (shown(settings.value(setting)), shown(setting.default));
    json!({"name": setting.name, "value": value, "default": default, "what": setting.what})
}
