//! The yardstick: a bare axum handler that answers every request with one fixed response.
//!
//! It runs in a process of its own, which is this benchmark's binary started with [`ARGUMENT`], so that
//! it has what Pinstripe has: its own runtime with as many workers, its own allocator, its own
//! `/proc/PID/stat`. It does not even read the request's body, which makes it as hard to beat as it gets.

use std::io::{BufRead, Read};
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response as HttpResponse};
use axum::serve::ListenerExt;
use serde_json::{Value, json};

use crate::Fallible;
use crate::http::{Call, Client, Response};
use crate::process::{Server, Stderr, free_port};

/// The first argument that turns this binary into the bare server; the second is the port.
pub(crate) const ARGUMENT: &str = "bare-server";

/// Headers that the HTTP layer of the bare server writes itself.
const WRITTEN_BY_HYPER: &[&str] = &["content-length", "date", "connection", "transfer-encoding"];

/// Starts a bare server that answers `call`, and everything else, with the status 200, the headers and
/// the body of `model`; then checks that it does, byte for byte.
pub(crate) fn start(model: &Response, call: &Call) -> Fallible<Server> {
    let headers: Vec<_> = copied_headers(model).collect();
    let mut template = json!({ "headers": headers, "body": model.body }).to_string();
    template.push('\n');
    let port = free_port()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args([ARGUMENT, &port.to_string()]);
    let server = Server::start(command, port, Stderr::Read, Some(template.as_bytes()))?;
    server.wait_until_ready()?;

    let answer = Client::connect(server.address)?.expect_200(call)?;
    let mut ours: Vec<_> = copied_headers(&answer).collect();
    let mut theirs = headers;
    ours.sort_unstable();
    theirs.sort_unstable();
    if answer.body != model.body || ours != theirs {
        return Err(format!("the bare server sends {ours:?}, its model {theirs:?}, or bodies differ").into());
    }
    Ok(server)
}

fn copied_headers(response: &Response) -> impl Iterator<Item = (&str, &str)> {
    let headers = response.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    headers.filter(|(name, _)| !WRITTEN_BY_HYPER.iter().any(|own| own.eq_ignore_ascii_case(name)))
}

/// The fixed response.
struct Template {
    headers: HeaderMap,
    body: Bytes,
}

/// The child's side: reads the response as a line of JSON from standard input, then serves it until that
/// input ends, which is when the parent does.
pub(crate) fn serve(arguments: &[String]) -> Fallible<()> {
    let port: u16 = arguments.first().ok_or("no port")?.parse()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let template = Arc::new(parse_template(&line)?);
    std::thread::spawn(|| {
        let mut rest = Vec::new();
        let _ = std::io::stdin().lock().read_to_end(&mut rest);
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let app = Router::new().fallback(answer).with_state(template);
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                eprintln!("no TCP_NODELAY: {error}");
            }
        });
        axum::serve(listener, app).await?;
        Ok(())
    })
}

/// The bare handler.
async fn answer(State(template): State<Arc<Template>>) -> HttpResponse<Body> {
    let mut response = HttpResponse::new(Body::from(template.body.clone()));
    *response.headers_mut() = template.headers.clone();
    response
}

fn parse_template(line: &str) -> Fallible<Template> {
    let value: Value = serde_json::from_str(line)?;
    let mut headers = HeaderMap::new();
    for pair in value["headers"].as_array().ok_or("no headers")? {
        let (Some(name), Some(value)) = (pair[0].as_str(), pair[1].as_str()) else {
            return Err(format!("not a header: {pair}").into());
        };
        headers.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
    }
    let body = value["body"].as_str().ok_or("no body")?.to_owned();
    Ok(Template { headers, body: body.into() })
}
