//! The Model Context Protocol: agents call the API and the control API as tools.
//!
//! May use: the catalogue, the `http` crate's types. Invariant: a tool is a request to the server like any other, made of its
//! arguments; no rule and no state is known here.
//!
//! The protocol is JSON-RPC: a message comes in, an answer goes out, and nothing is remembered between them.

mod operations;
mod requests;
mod tools;

use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use serde_json::{Value, json};

use self::requests::ToolCall;
use self::tools::{Tool, ToolWork};
use crate::error::ApiError;
use crate::limits::AGENT_MESSAGES_MAX;

/// The versions of the protocol that are spoken, the newest first.
const PROTOCOLS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// What a client may show to its model.
const INSTRUCTIONS: &str = "Pinstripe, a local test server that answers like the Stripe API: everything here is test data. Find an \
     operation with stripe_api_search, see its parameters with stripe_api_details, and call it with stripe_api_read or \
     stripe_api_write. The pinstripe_… tools move the clock, take and restore snapshots, say what differs between two of them, make \
     events happen, and make requests fail.";

/// Codes of JSON-RPC.
const NO_JSON: i64 = -32700;
const NO_REQUEST: i64 = -32600;
const NO_METHOD: i64 = -32601;
const WRONG_PARAMETERS: i64 = -32602;

/// What came of a request to the server.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

/// Who sends requests to the server.
pub trait ApiCaller: Sync {
    /// Sends a request, whose URI is a path with a query.
    fn call(&self, request: Request<Bytes>) -> impl Future<Output = Reply> + Send;
}

/// Who speaks: what its requests have in common.
#[derive(Clone, Debug)]
pub struct Speaker<'h> {
    /// The headers of the message: each request of a tool is sent with its key, its account and its host.
    pub headers: &'h HeaderMap,
    /// The sandbox of the key.
    pub sandbox: &'h str,
}

/// Answers what was sent: a message, or several in an array. `None` if no answer is expected.
pub async fn answer(sent: &[u8], speaker: &Speaker<'_>, caller: &impl ApiCaller) -> Option<Value> {
    match serde_json::from_slice(sent) {
        Err(error) => Some(failure(&Value::Null, NO_JSON, &format!("The message is no JSON: {error}"))),
        Ok(Value::Array(messages)) if !(1..=AGENT_MESSAGES_MAX).contains(&messages.len()) => {
            let why =
                format!("An array has from 1 to {AGENT_MESSAGES_MAX} messages, and this one has {}.", messages.len());
            Some(failure(&Value::Null, NO_REQUEST, &why))
        }
        Ok(Value::Array(messages)) => {
            let mut answers = Vec::new();
            for message in &messages {
                answers.extend(one(message, speaker, caller).await);
            }
            (!answers.is_empty()).then_some(Value::Array(answers))
        }
        Ok(message) => one(&message, speaker, caller).await,
    }
}

async fn one(message: &Value, speaker: &Speaker<'_>, caller: &impl ApiCaller) -> Option<Value> {
    let Some(method) = message["method"].as_str() else {
        // An answer is to a request that was never made.
        let is_answer = message.get("result").is_some() || message.get("error").is_some();
        return (!is_answer).then(|| failure(&Value::Null, NO_REQUEST, "The message names no method."));
    };
    // Without an id it is news, which nobody answers.
    let id = message.get("id")?;
    let params = &message["params"];
    let result = match method {
        "initialize" => Ok(initialized(params)),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({"tools": tools::all().map(Tool::shown).collect::<Vec<_>>()})),
        "tools/call" => called(params, speaker, caller).await,
        _ => Err((NO_METHOD, format!("There is no method {method}."))),
    };
    Some(match result {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err((code, message)) => failure(id, code, &message),
    })
}

fn failure(id: &Value, code: i64, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

fn initialized(params: &Value) -> Value {
    let wanted = params["protocolVersion"].as_str().and_then(|wanted| PROTOCOLS.iter().find(|known| **known == wanted));
    json!({
        "protocolVersion": wanted.unwrap_or(&PROTOCOLS[0]),
        "capabilities": {"tools": {"listChanged": false}},
        "serverInfo": {"name": "pinstripe", "title": "Pinstripe", "version": env!("CARGO_PKG_VERSION")},
        "instructions": INSTRUCTIONS,
    })
}

/// Calls a tool.
async fn called(params: &Value, speaker: &Speaker<'_>, caller: &impl ApiCaller) -> Result<Value, (i64, String)> {
    let name = params["name"].as_str().unwrap_or_default();
    let tool = tools::all().find(|tool| tool.name == name);
    let tool = tool.ok_or_else(|| (WRONG_PARAMETERS, format!("There is no tool `{name}`.")))?;
    let none = serde_json::Map::new();
    let arguments = match &params["arguments"] {
        Value::Null => &none,
        Value::Object(arguments) => arguments,
        _ => return Err((WRONG_PARAMETERS, "`arguments` must be an object.".to_owned())),
    };
    let done = match tool.check(arguments) {
        Ok(()) => work(tool, &ToolCall { arguments, speaker }, caller).await,
        Err(why) => Err(why),
    };
    let (text, failed) = match done {
        Ok(text) => (text, false),
        Err(text) => (text, true),
    };
    Ok(json!({"content": [{"type": "text", "text": text}], "isError": failed}))
}

/// Does what a tool is for; the error is what the model reads of it.
async fn work(tool: &Tool, asked: &ToolCall<'_>, caller: &impl ApiCaller) -> Result<String, String> {
    match tool.work {
        ToolWork::Search => Ok(operations::search(asked.text("intent"), asked.text("resource")).to_string()),
        ToolWork::Details => operations::details(asked.text("stripe_api_operation_id")).map(|shown| shown.to_string()),
        ToolWork::Operation { reads } => {
            let (operation, request) = asked.operation(reads)?;
            let reply = caller.call(request).await;
            said(&reply).map_err(|why| {
                let id = operations::id_of(operation);
                format!(
                    "Stripe API error: {why}\n\nUse stripe_api_details with stripe_api_operation_id: \"{id}\" to see all required and \
                     optional parameters."
                )
            })
        }
        ToolWork::Request { method, path } => {
            let reply = caller.call(asked.api(method, path)?).await;
            said(&reply).map_err(|why| format!("Stripe API error: {why}"))
        }
        ToolWork::Accounts => {
            let account = said(&caller.call(asked.api("GET", "/v1/account")?).await)?;
            let account: Value = serde_json::from_str(&account).unwrap_or_default();
            let name = &account["settings"]["dashboard"]["display_name"];
            let listed = json!({"stripe_context": account["id"], "livemode": false, "name": name});
            Ok(json!({"accounts": [listed]}).to_string())
        }
        ToolWork::Control { method, path, has_body } => {
            said(&caller.call(asked.control(method, path, has_body)?).await)
        }
    }
}

/// What an error says.
fn sentence(error: &ApiError) -> String {
    error.field("message").unwrap_or_default().to_owned()
}

/// The body of a success as it is, or the message of a refusal.
fn said(reply: &Reply) -> Result<String, String> {
    let text = String::from_utf8_lossy(&reply.body).trim_end().to_owned();
    if reply.status == 200 {
        return Ok(text);
    }
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let error = &body["error"];
    let message = error["message"].as_str().or(error.as_str()).map(str::to_owned);
    Err(message.unwrap_or_else(|| if text.is_empty() { format!("answered with {}", reply.status) } else { text }))
}
