//! The answers of pages and of control calls.
//!
//! May use: axum, askama, the app. Invariant: a refusal is JSON, unless a browser asks for a page.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::assets;
use super::guard::Loads;
use super::templates::NoticePage;
use crate::app::App;
use crate::error::ApiError;
use crate::limits::ANSWER_BYTES_MAX;
use crate::state::document::Doc;
use crate::url;

/// Where links point in the answer to a call that came with these headers.
pub(crate) fn base_url(app: &App, headers: &HeaderMap) -> String {
    app.base_url(headers)
}

pub(crate) fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The query of a link that stays in the sandbox that was asked for.
pub(crate) fn in_sandbox(sandbox: Option<&str>) -> String {
    sandbox.map(|name| format!("?sandbox={name}")).unwrap_or_default()
}

/// Whether a browser asks, which gets a page; a call gets JSON.
pub(crate) fn in_browser(headers: &HeaderMap) -> bool {
    header_text(headers, header::ACCEPT.as_str()).is_some_and(|accepts| accepts.contains("text/html"))
}

/// The answer to a call that was refused, with the status of the error.
pub(crate) fn refused_as(error: &ApiError) -> Response {
    refused(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::CONFLICT), error)
}

/// The answer to a call whose payment was refused.
pub(crate) fn refused(status: StatusCode, error: &ApiError) -> Response {
    let field = |key| error.field(key).map_or(Value::Null, Value::from);
    let fields = ["code", "decline_code", "message", "param", "type"].map(|key| (key.to_owned(), field(key)));
    let said: serde_json::Map<String, Value> = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
    answer(status, &json!({"error": said}))
}

/// The answer to a form with more or larger inputs than any page has.
pub(crate) fn form_too_large() -> Response {
    refuse(StatusCode::BAD_REQUEST, "The form is too large.")
}

pub(crate) fn not_found() -> Response {
    refuse(StatusCode::NOT_FOUND, "There is nothing here for this link.")
}

/// The answer to a call for an object that is not there: which kind was looked for, and where.
pub(crate) fn not_there(kind: &str, id: &str, sandbox: Option<&str>) -> Response {
    let place = sandbox.map_or_else(|| "any sandbox".to_owned(), |name| format!("the sandbox `{name}`"));
    refuse(StatusCode::NOT_FOUND, &format!("There is no {kind} '{id}' in {place}."))
}

/// What a browser shows in a page's tab.
pub(crate) async fn icon() -> Response {
    let mut response = Response::new(Body::from(assets::ICON));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    response
}

/// The answer where a link leads to nothing: a page for a browser.
pub(crate) fn nothing_for(headers: &HeaderMap) -> Response {
    if in_browser(headers) { no_page() } else { not_found() }
}

/// The page for an address that leads to nothing.
pub(crate) fn no_page() -> Response {
    let text = "The page you were looking for could not be found. Check the address, and that the server still knows what it is about.";
    let mut shown =
        page(&NoticePage { heading: "Something went wrong", text: text.to_owned(), onward: Default::default() });
    *shown.status_mut() = StatusCode::NOT_FOUND;
    shown
}

/// A page, which loads nothing but the common styles unless its handler says otherwise.
pub(crate) fn page(template: &impl Template) -> Response {
    let Ok(html) = template.render() else {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made.");
    };
    let mut response = Response::new(Body::from(html));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let _ = response.extensions_mut().insert(Loads(assets::USUAL.clone()));
    response
}

pub(crate) fn go_to(url: &str) -> Response {
    // An imported object may contain anything.
    let Some(location) = url::check(url).ok().and_then(|()| HeaderValue::from_str(&url::location(url)).ok()) else {
        return refuse(StatusCode::BAD_REQUEST, "The return_url is no URL.");
    };
    to_location(location)
}

/// To another page of this server, by its path relative to the page that was asked for.
pub(crate) fn see_other(path: &str) -> Response {
    HeaderValue::from_str(path).map_or_else(|_| not_found(), to_location)
}

fn to_location(location: HeaderValue) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// A refusal with the API's status and sentence.
pub(crate) fn refuse_as(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    refuse(status, error.field("message").unwrap_or_default())
}

pub(crate) fn refuse(status: StatusCode, message: &str) -> Response {
    answer(status, &json!({"error": {"message": message}}))
}

pub(crate) fn answer(status: StatusCode, body: &Value) -> Response {
    answer_text(status, format!("{body:#}\n"))
}

/// The answer with objects of the API: members stand in its order.
pub(crate) fn answer_in_order(body: Value) -> Response {
    let text = serde_json::from_value::<Doc>(body).ok().and_then(|doc| String::from_utf8(doc.to_json()).ok());
    match text {
        Some(text) => answer_text(StatusCode::OK, text + "\n"),
        None => refuse(StatusCode::INTERNAL_SERVER_ERROR, "The answer could not be made."),
    }
}

fn answer_text(status: StatusCode, text: String) -> Response {
    if text.len() > ANSWER_BYTES_MAX {
        let message =
            format!("The answer would be larger than {ANSWER_BYTES_MAX} bytes. Ask for less, such as with `limit`.");
        return refuse(StatusCode::BAD_REQUEST, &message);
    }
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
