//! The address where a person connects an account to a platform by OAuth, and the call that presses its buttons.
//!
//! May use: axum, the sandboxes, accounts. Invariant: the address changes nothing; what the call does is what the person would do
//! there, and its answer names where the browser would go then.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use super::call::ControlCall;
use super::{answer, base_url, find_sandbox, refuse, refuse_as};
use crate::app::App;
use crate::engine;
use crate::error::{ApiError, Result};
use crate::pages::respond::go_to;
use crate::resources::connect::accounts::oauth::OAuthScope;
use crate::resources::connect::accounts::oauth::client_sandbox;
use crate::resources::connect::accounts::oauth::link::{self, OAuthLink};
use crate::state::AccountKey;
use crate::url;

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "POST",
    path: "/_pinstripe/oauth",
    handler: || post(decide),
    what: "Does what a person does at an OAuth link of a platform: connects an account (`result=authorized`) or declines \
           (`result=denied`). The answer has the `code` for `POST /oauth/token`, and the `redirect_url`",
    parameters: &[
        ("sandbox", "the sandbox of the platform; when not sent, that of the link's `client_id`"),
        ("url", "the link, as `stripe.oauth.authorizeUrl()` makes it"),
        ("result", "`authorized` or `denied`"),
        ("account", "the account that is connected, such as one that was disconnected; a new one when not sent"),
    ],
    body: None,
    example: "curl localhost:12111/_pinstripe/oauth -d result=authorized --data-urlencode \
              'url=https://connect.stripe.com/oauth/authorize?response_type=code&client_id=ca_123&scope=read_write'",
}];

/// The addresses that a platform sends a person to.
pub(super) fn pages() -> Router<Arc<App>> {
    Router::new().route(STANDARD, get(show)).route(EXPRESS, get(show))
}

const STANDARD: &str = "/oauth/authorize";
const EXPRESS: &str = "/express/oauth/authorize";

/// A link as it was sent.
struct SentLink {
    is_express: bool,
    query: Vec<(String, String)>,
}

/// A link of a platform.
struct OAuthRequest<'s> {
    /// The sandbox that its `client_id` names.
    sandbox: Option<&'s str>,
    scope: OAuthScope,
}

impl SentLink {
    fn of(path: &str, query: &str) -> Option<Self> {
        let is_express = path.ends_with(EXPRESS);
        let query = serde_urlencoded::from_str(query).ok()?;
        path.ends_with(STANDARD).then_some(SentLink { is_express, query })
    }

    /// A parameter that says something.
    fn sent(&self, name: &str) -> Option<&str> {
        let value = self.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// Checks whose link it is and where it leads back to: without both, nobody is sent anywhere.
    fn client(&self) -> Result<Option<&str>> {
        let sandbox = client_sandbox(self.sent("client_id").ok_or_else(ApiError::oauth_client_unknown)?)?;
        match self.sent("redirect_uri") {
            Some(uri) if url::check(uri).is_err() => Err(ApiError::oauth_redirect_invalid(uri)),
            _ => Ok(sandbox),
        }
    }

    /// Checks what it asks for; an error is for the platform.
    fn scope(&self) -> Result<OAuthScope> {
        match self.sent("response_type") {
            None => return Err(ApiError::oauth_response_type_missing()),
            Some("code") => {}
            Some(other) => return Err(ApiError::oauth_response_type_unsupported(other)),
        }
        match (self.sent("scope"), self.is_express) {
            (Some("read_only" | "read_write") | None, true) => Ok(OAuthScope::Express),
            (Some("read_write"), false) => Ok(OAuthScope::ReadWrite),
            (Some("read_only") | None, false) => Ok(OAuthScope::ReadOnly),
            (Some(other), _) => Err(ApiError::oauth_scope_unknown(other)),
        }
    }

    fn read(&self) -> Result<OAuthRequest<'_>> {
        Ok(OAuthRequest { sandbox: self.client()?, scope: self.scope()? })
    }

    /// Where the browser goes back to, with what the platform is told; `None` if the link does not say where.
    fn back(&self, told: &[(&str, &str)]) -> Option<String> {
        let uri = self.sent("redirect_uri")?;
        let told: Vec<_> = told.iter().copied().chain(self.sent("state").map(|state| ("state", state))).collect();
        let told = serde_urlencoded::to_string(told).ok()?;
        let (uri, fragment) = uri.split_once('#').map_or((uri, None), |(uri, fragment)| (uri, Some(fragment)));
        let joint = if uri.contains('?') { '&' } else { '?' };
        let end = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
        Some(format!("{uri}{joint}{told}{end}"))
    }

    /// As [`back`](Self::back), with an error.
    fn back_with(&self, error: &ApiError) -> Option<String> {
        let (kind, said) = (error.field("type").unwrap_or_default(), error.field("message").unwrap_or_default());
        self.back(&[("error", kind), ("error_description", said)])
    }
}

/// `GET /oauth/authorize`: what the person is asked, and the calls that answer.
async fn show(Shared(app): Shared<Arc<App>>, headers: HeaderMap, uri: Uri, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let Some(link) = SentLink::of(uri.path(), &query) else {
        return refuse(StatusCode::BAD_REQUEST, "The query is not a form.");
    };
    if let Err(error) = link.client() {
        return refuse(StatusCode::BAD_REQUEST, error.field("message").unwrap_or_default());
    }
    let asked = match link.read() {
        Ok(asked) => asked,
        Err(error) => return link.back_with(&error).map_or_else(|| refuse_as(&error), |back| go_to(&back)),
    };
    let base_url = base_url(&app, &headers);
    let call = |result: &str| {
        let sent = [("url", format!("{base_url}{}?{query}", uri.path())), ("result", result.to_owned())];
        format!("POST {base_url}/_pinstripe/oauth?{}", serde_urlencoded::to_string(sent).unwrap_or_default())
    };
    answer(
        StatusCode::OK,
        &json!({
            "about": "A person connects an account to the platform here, or declines. These calls do it without a browser.",
            "client_id": link.sent("client_id"),
            "redirect_uri": link.sent("redirect_uri"),
            "scope": asked.scope.as_str(),
            "state": link.sent("state"),
            "authorize": call("authorized"),
            "deny": call("denied"),
        }),
    )
}

/// The parameters of the call.
#[derive(Debug, Deserialize)]
pub(super) struct OAuthDecision {
    sandbox: Option<String>,
    url: Option<String>,
    result: Option<String>,
    account: Option<String>,
}

/// Connects an account, or declines.
pub(super) async fn decide(
    Shared(app): Shared<Arc<App>>,
    Query(said): Query<OAuthDecision>,
    headers: HeaderMap,
) -> Response {
    let sent = said.url.as_deref().and_then(|url| url.split_once('?'));
    let Some(link) = sent.and_then(|(path, query)| SentLink::of(path, query)) else {
        return refuse(StatusCode::BAD_REQUEST, "`url` is an OAuth link: .../oauth/authorize?client_id=...");
    };
    let asked = match link.read() {
        Ok(asked) => asked,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.field("message").unwrap_or_default()),
    };
    match said.result.as_deref() {
        Some("authorized") => {}
        Some("denied") => {
            let denied = ApiError::oauth_denied();
            let (kind, text) = (denied.field("type"), denied.field("message"));
            let told = json!({
                "result": "denied",
                "error": kind,
                "error_description": text,
                "redirect_url": link.back_with(&denied),
                "state": link.sent("state"),
            });
            return answer(StatusCode::OK, &told);
        }
        _ => return refuse(StatusCode::BAD_REQUEST, "`result` is `authorized` or `denied`."),
    }
    let sandbox = match find_sandbox(&app, said.sandbox.as_deref().or(asked.sandbox)) {
        Ok(sandbox) => sandbox,
        Err(refusal) => return *refusal,
    };
    let agreement = OAuthLink { scope: asked.scope, account: said.account.as_deref(), query: &link.query };
    let agreed = engine::apply(&sandbox, AccountKey::PLATFORM, &base_url(&app, &headers), |tx, ctx| {
        link::agree(tx, ctx, &agreement)
    });
    let agreed = match agreed {
        Ok(agreed) => agreed,
        Err(error) => return refuse_as(&error),
    };
    let told = [("scope", asked.scope.as_str()), ("code", &*agreed.code)];
    answer(
        StatusCode::OK,
        &json!({
            "result": "authorized",
            "account": &*agreed.account,
            "code": agreed.code,
            "redirect_url": link.back(&told),
            "scope": asked.scope.as_str(),
            "state": link.sent("state"),
        }),
    )
}
