//! `pinstripe mcp`: the Model Context Protocol on standard input and output.
//!
//! May use: the library's server, the client of webhooks. Invariant: a message is passed on to `/mcp` and its answer passed back, both
//! on one line; nothing else is printed on standard output.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use axum::http::{Method, Request, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use pinstripe::Server;
use pinstripe::config::{Config, McpOrder};
use pinstripe::receiver_url::ReceiverUrl;
use pinstripe::webhooks::client::{Client, Tls};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::signals::Signals;

/// The key that tools use if none is given.
const KEY: &str = "sk_test_pinstripe";

/// Relays until the input ends: to the server that is named, or to one that lives as long.
pub(crate) async fn run(config: &Config, order: &McpOrder) -> Result<ExitCode, String> {
    let mut signals = Signals::new().map_err(|error| format!("cannot wait for signals: {error}"))?;
    let key = order.api_key.as_ref().map_or(KEY, |key| key.as_str());
    if key.starts_with("sk_live_") || key.starts_with("rk_live_") {
        return Err("--api-key takes a test key (sk_test_…): a live key is refused".to_owned());
    }
    let (server, url) = match &order.url {
        Some(url) => (None, url.clone()),
        None => {
            let server = Server::start(config.clone()).await.map_err(|error| error.to_string())?;
            let url = server.url().parse().map_err(|_| "the server has no address".to_owned())?;
            (Some(server), url)
        }
    };
    let relay = Relay::to(&url, key, config)?;
    let mut lines = lines();
    loop {
        let line = tokio::select! {
            line = lines.recv() => line,
            _ = signals.next() => None,
        };
        let Some(line) = line else { break };
        if let Some(answer) = relay.pass(&line).await {
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

/// The lines of the input, read by a thread that ends with the process.
fn lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
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
}

impl Relay {
    fn to(url: &ReceiverUrl, key: &str, config: &Config) -> Result<Self, String> {
        let client =
            Client::new(url, &Tls::new(config.webhook_settings().authorities)).ok_or("TLS is not available")?;
        let base = url.uri().to_string();
        let target = format!("{}/mcp", base.trim_end_matches('/')).parse().map_err(|_| "--url is no address")?;
        let mut authorization = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| "--api-key is no key")?;
        authorization.set_sensitive(true);
        Ok(Relay { client, target, authorization })
    }

    /// The answer to a message, if one is expected.
    async fn pass(&self, message: &str) -> Option<String> {
        let reason = match self.sent(message).await {
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
        let sent: Value = serde_json::from_str(message).unwrap_or_default();
        let id = sent.get("id")?;
        Some(json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32000, "message": reason}}).to_string())
    }

    async fn sent(&self, message: &str) -> Result<(u16, Value), String> {
        let mut request = Request::new(Full::new(Bytes::copy_from_slice(message.as_bytes())));
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
