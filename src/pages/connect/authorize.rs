//! The page where a person connects an account to a platform by OAuth, or declines (connect-accounts 10).
//!
//! May use: the app, the sandboxes, accounts. Invariant: to look changes nothing, and a form is taken from this page alone: unlike other
//! links, that of a platform has no secret.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde_json::json;

use super::template::{AuthorizeInput, AuthorizePage};
use crate::app::App;
use crate::engine;
use crate::error::{ApiError, Result};
use crate::pages::checkout::inputs::Typed;
use crate::pages::respond::{answer, base_url, form_too_large, go_to, in_browser, page, refuse, refuse_as};
use crate::pages::templates::NoticePage;
use crate::resources::connect::accounts::oauth::link::{self, Agreed, OAuthLink};
use crate::resources::connect::accounts::oauth::{OAuthScope, client_sandbox};
use crate::resources::decision;
use crate::state::AccountKey;
use crate::state::sandbox::DEFAULT_SANDBOX;
use crate::url;

/// Where a person connects an account of their own.
pub(super) const STANDARD: &str = "/oauth/authorize";
/// Where a person begins an express account.
pub(super) const EXPRESS: &str = "/express/oauth/authorize";

/// A link as it was sent.
#[derive(Debug)]
pub(crate) struct SentLink {
    is_express: bool,
    query: Vec<(String, String)>,
}

/// What somebody agrees to, and what the platform is told.
#[derive(Debug)]
pub(crate) struct OAuthAgreement {
    /// The account, and the code for its tokens.
    pub(crate) agreed: Agreed,
    /// What the platform may do.
    pub(crate) scope: OAuthScope,
    /// Where the browser goes; `None` if the link does not say where.
    pub(crate) back: Option<String>,
}

impl SentLink {
    pub(crate) fn of(path: &str, query: &str) -> Option<Self> {
        let is_express = path.ends_with(EXPRESS);
        let query = serde_urlencoded::from_str(query).ok()?;
        path.ends_with(STANDARD).then_some(SentLink { is_express, query })
    }

    /// A parameter that says something.
    pub(crate) fn sent(&self, name: &str) -> Option<&str> {
        let value = self.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// Checks whose link it is and where it leads back to: without both, nobody is sent anywhere. Returns the sandbox that it names.
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

    /// Checks all of it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self) -> Result<OAuthScope> {
        self.client().and_then(|_| self.scope())
    }

    /// Where the browser goes back to, with what the platform is told; `None` if the link does not say where.
    fn back(&self, told: &[(&str, &str)]) -> Option<String> {
        let uri = self.sent("redirect_uri")?;
        let told: Vec<_> = told.iter().copied().chain(self.sent("state").map(|state| ("state", state))).collect();
        Some(decision::with_query(uri, &told))
    }

    /// As [`back`](Self::back), with an error.
    pub(crate) fn back_with(&self, error: &ApiError) -> Option<String> {
        let (kind, said) = (error.field("type").unwrap_or_default(), error.field("message").unwrap_or_default());
        self.back(&[("error", kind), ("error_description", said)])
    }

    /// Connects an account: a new one, unless one is named. Without a sandbox, it is that of the link's client.
    ///
    /// # Errors
    /// The link is wrong, the account does not exist, or there are too many sandboxes.
    pub(crate) fn agree(
        &self,
        app: &App,
        base_url: &str,
        sandbox: Option<&str>,
        account: Option<&str>,
    ) -> Result<OAuthAgreement> {
        let scope = self.check()?;
        let sandbox = app.sandbox(sandbox.or(self.client()?).unwrap_or(DEFAULT_SANDBOX))?;
        let agreement = OAuthLink { scope, account, query: &self.query };
        let agreed =
            engine::apply(&sandbox, AccountKey::PLATFORM, base_url, |tx, ctx| link::agree(tx, ctx, &agreement))?;
        let back = self.back(&[("scope", scope.as_str()), ("code", &*agreed.code)]);
        Ok(OAuthAgreement { agreed, scope, back })
    }

    /// The link with what somebody typed in place of what it prefills.
    fn with(&self, typed: &Typed) -> Self {
        let mut query = self.query.clone();
        for (name, _) in DETAILS {
            let name = format!("stripe_user[{name}]");
            if let Some(text) = typed.get(&name) {
                query.retain(|(known, _)| *known != name);
                query.push((name, text.trim().to_owned()));
            }
        }
        SentLink { is_express: self.is_express, query }
    }

    fn page(&self, scope: OAuthScope, refusal: &str) -> Response {
        let detail = |(name, label): &(&'static str, &'static str)| {
            let name = format!("stripe_user[{name}]");
            AuthorizeInput { value: self.sent(&name).unwrap_or_default().to_owned(), label, name }
        };
        page(&AuthorizePage {
            client: self.sent("client_id").unwrap_or_default(),
            access: match scope {
                OAuthScope::Express => "This platform asks you to open an express account.",
                OAuthScope::ReadOnly => "This platform asks to read everything in your account.",
                OAuthScope::ReadWrite => "This platform asks to read and to change everything in your account.",
            },
            details: DETAILS.iter().map(detail).collect(),
            refusal,
        })
    }
}

/// What a person is asked about a new account: as a link prefills it, and in words.
const DETAILS: [(&str, &str); 11] = [
    ("email", "Email"),
    ("country", "Country (two letters)"),
    ("business_type", "Type of business (corporation, llc, non_profit, partnership, sole_prop)"),
    ("business_name", "Name of the business"),
    ("url", "Website"),
    ("phone_number", "Phone number"),
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("street_address", "Street address"),
    ("city", "City"),
    ("zip", "Postal code"),
];

/// The link that was asked for, if it is one that can be answered.
fn read(uri: &Uri, query: &str) -> std::result::Result<(SentLink, OAuthScope), Box<Response>> {
    let Some(link) = SentLink::of(uri.path(), query) else {
        return Err(Box::new(refuse(StatusCode::BAD_REQUEST, "The query is not a form.")));
    };
    if let Err(error) = link.client() {
        return Err(Box::new(refuse(StatusCode::BAD_REQUEST, error.field("message").unwrap_or_default())));
    }
    match link.scope() {
        Ok(scope) => Ok((link, scope)),
        Err(error) => Err(Box::new(link.back_with(&error).map_or_else(|| refuse_as(&error), |back| go_to(&back)))),
    }
}

/// `GET /oauth/authorize`: the page; a call gets what it is asked, and the calls that answer.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let (link, scope) = match read(&uri, &query) {
        Ok(read) => read,
        Err(response) => return *response,
    };
    if in_browser(&headers) {
        return link.page(scope, "");
    }
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
            "scope": scope.as_str(),
            "state": link.sent("state"),
            "authorize": call("authorized"),
            "deny": call("denied"),
        }),
    )
}

/// Does what the person chose: connects an account as typed, or as the link says, or declines.
pub(super) async fn submit(
    Shared(app): Shared<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let (link, scope) = match read(&uri, &query.unwrap_or_default()) {
        Ok(read) => read,
        Err(response) => return *response,
    };
    let Some(typed) = Typed::read(&body) else { return form_too_large() };
    let (link, account) = match typed.get("result") {
        Some("authorized") => (link.with(&typed), typed.get("account").map(str::trim).filter(|id| !id.is_empty())),
        Some("skipped") => (link, None),
        Some("denied") => return onward(link.back_with(&ApiError::oauth_denied()), DECLINED, ""),
        _ => return refuse(StatusCode::BAD_REQUEST, "`result` is `authorized`, `skipped` or `denied`."),
    };
    match link.agree(&app, &base_url(&app, &headers), None, account) {
        Ok(done) => onward(done.back, CONNECTED, &done.agreed.code),
        Err(error) => link.page(scope, error.field("message").unwrap_or_default()),
    }
}

const CONNECTED: &str = "Your account is connected";
const DECLINED: &str = "Nothing is connected";

/// Back to the platform; of a link that does not say where that is, what was done.
fn onward(back: Option<String>, heading: &'static str, code: &str) -> Response {
    let text =
        if code.is_empty() { String::new() } else { format!("The platform gets its tokens for this code: {code}") };
    back.map_or_else(|| page(&NoticePage { heading, text, onward: Default::default() }), |back| go_to(&back))
}
