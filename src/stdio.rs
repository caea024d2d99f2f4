//! `pinstripe mcp`: the Model Context Protocol on standard input and output.
//!
//! May use: the library's server, the client of webhooks. Invariant: a message is passed on to `/mcp` and its answer passed back, both
//! on one line; nothing else is printed on standard output.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use axum::http::{Method, Request, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use pinstripe::Server;
use pinstripe::config::{Config, McpOrder};
use pinstripe::limits::AGENT_ANSWER_SECONDS_MAX;
use pinstripe::pull::check_key;
use pinstripe::receiver_url::ReceiverUrl;
use pinstripe::webhooks::client::{Client, Tls};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::signals::Signals;

/// The key that tools use if none is given.
const KEY: &str = "sk_test_pinstripe";

/// The code of the error for a message that the server did not answer.
const NO_ANSWER: i64 = -32000;

/// How long a server that is named may take for an answer.
const PATIENCE: Duration = Duration::from_secs(AGENT_ANSWER_SECONDS_MAX);

/// Relays until the input ends: to the server that is named, or to one that lives as long.
pub(crate) async fn run(config: &Config, order: &McpOrder) -> Result<ExitCode, String> {
    let mut signals = Signals::new().map_err(|error| format!("cannot wait for signals: {error}"))?;
    let key = order.api_key.as_ref().map_or(KEY, |key| key.as_str());
    check_key(key)?;
    let (server, url, patience) = match &order.url {
        Some(url) => (None, url.clone(), Some(PATIENCE)),
        None => {
            let server = Server::start(config.clone()).await.map_err(|error| error.to_string())?;
            let url = server.url().parse().map_err(|_| "the server has no address".to_owned())?;
            // It ends with this process, and answers unless it is told not to.
            (Some(server), url, None)
        }
    };
    let relay = Relay::to(&url, key, config, patience)?;
    let mut lines = lines();
    loop {
        let line = tokio::select! {
            line = lines.recv() => line,
            _ = signals.next() => None,
        };
        let Some(line) = line else { break };
        let answer = tokio::select! {
            answer = relay.pass(line) => answer,
            _ = signals.next() => break,
        };
        if let Some(answer) = answer {
            let mut out = std::io::stdout();
            // Whoever closed the output ends the input, too.
            let _ = writeln!(out, "{answer}").and_then(|()| out.flush());
        }
    }
    if let Some(server) = server {
        server.stop().await.map_err(|error| error.to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The lines of the input, read by a thread that ends with the process. Whether they are text is for the server to say.
fn lines() -> mpsc::Receiver<Bytes> {
    let (sender, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        let lines = std::io::stdin().lock().split(b'\n').map_while(Result::ok).map(Bytes::from);
        for line in lines.filter(|line| !line.trim_ascii().is_empty()) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// Passes messages on.
struct Relay {
    client: Client,
    target: Uri,
    authorization: HeaderValue,
    /// How long an answer may take.
    patience: Option<Duration>,
}

impl Relay {
    fn to(url: &ReceiverUrl, key: &str, config: &Config, patience: Option<Duration>) -> Result<Self, String> {
        let client =
            Client::new(url, &Tls::new(config.webhook_settings().authorities)).ok_or("TLS is not available")?;
        let base = url.uri().to_string();
        let target = format!("{}/mcp", base.trim_end_matches('/')).parse().map_err(|_| "--url is no address")?;
        let mut authorization = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| "--api-key is no key")?;
        authorization.set_sensitive(true);
        Ok(Relay { client, target, authorization, patience })
    }

    /// The answer to a message, if one is expected.
    async fn pass(&self, message: Bytes) -> Option<String> {
        let exchange = self.sent(message.clone());
        let answered = match self.patience {
            None => exchange.await,
            Some(patience) => {
                let late = |_| Err(format!("there was nothing within {patience:?}"));
                timeout(patience, exchange).await.unwrap_or_else(late)
            }
        };
        let reason = match answered {
            Ok((200 | 400, answer)) if answer.get("jsonrpc").is_some() || answer.is_array() => {
                return Some(answer.to_string());
            }
            Ok((202, _)) => return None,
            Ok((status, answer)) => {
                let message = answer["error"]["message"].as_str().unwrap_or_default();
                format!("The server answered {status}: {message}")
            }
            Err(reason) => format!("The server did not answer: {reason}"),
        };
        unanswered(&message, &reason).map(|answer| answer.to_string())
    }

    async fn sent(&self, message: Bytes) -> Result<(u16, Value), String> {
        let mut request = Request::new(Full::new(message));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.target.clone();
        let headers = request.headers_mut();
        if let Some(host) = self.target.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
            headers.insert(HOST, host);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, self.authorization.clone());
        let response = self.client.exchange(request).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

/// The error for whoever waits for an answer to a message, or to several in an array, that the server did not give.
fn unanswered(message: &[u8], reason: &str) -> Option<Value> {
    let failure = |id: &Value| json!({"jsonrpc": "2.0", "id": id, "error": {"code": NO_ANSWER, "message": reason}});
    match serde_json::from_slice(message) {
        Ok(Value::Array(messages)) if !messages.is_empty() => {
            let answers: Vec<Value> = messages.iter().filter_map(|message| message.get("id")).map(failure).collect();
            (!answers.is_empty()).then_some(Value::Array(answers))
        }
        Ok(Value::Object(message)) => message.get("id").map(failure),
        _ => Some(failure(&Value::Null)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_not_waited_for_for_ever() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", silent.local_addr().expect("an address")).parse().expect("a URL");
        let patience = Some(Duration::from_millis(20));
        let relay = Relay::to(&url, KEY, &Config::default(), patience).expect("a relay");
        let answer = relay.pass(Bytes::from_static(b"{\"id\": 1, \"method\": \"ping\"}")).await.expect("an answer");
        let message = "The server did not answer: there was nothing within 20ms";
        let expected = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": NO_ANSWER, "message": message}});
        assert_eq!(answer, expected.to_string());
    }
}
