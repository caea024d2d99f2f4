//! From the arguments of a tool to the request that it is.
//!
//! May use: the catalogue, the note about an address. Invariant: a request has the key, the account and the address of the message that asked for it.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use axum::http::{Method as HttpMethod, Request, Uri};
use bytes::Bytes;
use serde_json::{Map as Json, Value};

use super::{Speaker, operations, sentence};
use crate::catalogue::{self, Method, Operation};
use crate::entry;
use crate::error::ApiError;

const STRIPE_ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The key of a speaker that sends none: that of the default sandbox.
const KEY: HeaderValue = HeaderValue::from_static("Bearer sk_test_pinstripe");

/// Arguments that say how to call, and are no parameters.
const ABOUT_THE_CALL: [&str; 3] = ["stripe_context", "livemode", "human_confirmation"];

/// What a tool was asked for.
#[derive(Debug)]
pub(super) struct ToolCall<'a> {
    pub(super) arguments: &'a Json<String, Value>,
    pub(super) speaker: &'a Speaker<'a>,
}

impl<'a> ToolCall<'a> {
    /// An argument that is a text.
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.arguments.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The operation that is asked for, and its request.
    pub(super) fn operation(&self, reads: bool) -> Result<(&'static Operation, Request<Bytes>), String> {
        let operation = operations::find(self.text("stripe_api_operation_id"))?;
        let id = operations::id_of(operation);
        match (reads, operation.method) {
            (true, Method::Post | Method::Delete) => {
                return Err(format!("Operation '{id}' writes. Use stripe_api_write."));
            }
            (false, Method::Get) => return Err(format!("Operation '{id}' reads. Use stripe_api_read.")),
            _ => {}
        }
        let mut params = self.arguments.get("parameters").and_then(Value::as_object).cloned().unwrap_or_default();
        let path = filled(operation, &mut params)?;
        Ok((operation, self.request(operation.method.as_str(), &path, &params)?))
    }

    /// A request for one operation, with the arguments as its parameters.
    pub(super) fn api(&self, method: &'static str, path: &str) -> Result<Request<Bytes>, String> {
        let mut params = self.arguments.clone();
        params.retain(|name, _| !ABOUT_THE_CALL.contains(&name.as_str()));
        self.request(method, path, &params)
    }

    /// A control call in the sandbox of the key. Arguments in the path are taken from the others.
    pub(super) fn control(&self, method: &'static str, path: &str, has_body: bool) -> Result<Request<Bytes>, String> {
        let mut params = self.arguments.clone();
        let mut path = path.to_owned();
        if let Some(name) = params.remove("name") {
            path = path.replace("{name}", &encoded(name.as_str().unwrap_or_default()));
        }
        let body =
            if has_body { Bytes::from(Value::Object(std::mem::take(&mut params)).to_string()) } else { Bytes::new() };
        // The list is of the whole server.
        if path != "/_pinstripe/sandboxes" {
            params.insert("sandbox".to_owned(), self.speaker.sandbox.into());
        }
        let target = with_query(&path, &form(&params));
        self.sent(method, &target, has_body.then_some((JSON, body)))
    }

    fn request(
        &self,
        method: &'static str,
        path: &str,
        params: &Json<String, Value>,
    ) -> Result<Request<Bytes>, String> {
        if method == "GET" || method == "DELETE" {
            return self.sent(method, &with_query(path, &form(params)), None);
        }
        let body = match catalogue::is_v2(path) {
            true => (JSON, Bytes::from(Value::Object(params.clone()).to_string())),
            false => (FORM, Bytes::from(form(params))),
        };
        self.sent(method, path, Some(body))
    }

    fn sent(
        &self,
        method: &'static str,
        target: &str,
        body: Option<(HeaderValue, Bytes)>,
    ) -> Result<Request<Bytes>, String> {
        let uri: Uri = target.parse().map_err(|_| "The arguments make no address.".to_owned())?;
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = HttpMethod::from_bytes(method.as_bytes()).unwrap_or_default();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        for name in [HOST, AUTHORIZATION, STRIPE_ACCOUNT, STRIPE_VERSION, entry::NOTE] {
            if let Some(value) = self.speaker.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        headers.entry(AUTHORIZATION).or_insert(KEY);
        let account = self.text("stripe_context");
        if !account.is_empty() {
            // A header takes more than is read of it.
            let sendable = Some(account).filter(|account| account.bytes().all(|byte| byte.is_ascii_graphic()));
            let value = sendable.and_then(|account| HeaderValue::from_str(account).ok());
            let value = value.ok_or_else(|| sentence(&ApiError::tool_context_unsendable()))?;
            headers.insert(STRIPE_ACCOUNT, value);
        }
        if let Some((kind, body)) = body {
            headers.insert(CONTENT_TYPE, kind);
            headers.insert(axum::http::header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            *request.body_mut() = body;
        }
        Ok(request)
    }
}

/// The path of an operation with its parameters, which are taken out of the others. The last one may be called `id`.
fn filled(operation: &Operation, params: &mut Json<String, Value>) -> Result<String, String> {
    let mut path = operation.path.to_owned();
    for (n, name) in operation.path_params.iter().enumerate() {
        let is_last = n + 1 == operation.path_params.len();
        let value = params.remove(*name).or_else(|| if is_last { params.remove("id") } else { None });
        let Some(value) = value.as_ref().and_then(Value::as_str).filter(|value| !value.is_empty()) else {
            return Err(sentence(&ApiError::tool_path_incomplete(name)));
        };
        path = path.replace(&format!("{{{name}}}"), &encoded(value));
    }
    Ok(path)
}

/// A text as a segment of a path.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Parameters as a form: `a[b]=1&c[0]=2`. A `null` is empty, which unsets, and so is an array or object with nothing in it: a form has
/// no other way to name it.
fn form(params: &Json<String, Value>) -> String {
    let mut pairs = Vec::new();
    for (name, value) in params {
        flatten(name.clone(), value, &mut pairs);
    }
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

fn flatten(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) if fields.is_empty() => pairs.push((name, String::new())),
        Value::Array(items) if items.is_empty() => pairs.push((name, String::new())),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| flatten(format!("{name}[{key}]"), value, pairs)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| flatten(format!("{name}[{n}]"), value, pairs));
        }
        Value::String(text) => pairs.push((name, text.clone())),
        Value::Null => pairs.push((name, String::new())),
        other => pairs.push((name, other.to_string())),
    }
}
