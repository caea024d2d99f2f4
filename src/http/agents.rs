//! `/mcp`: the endpoint of the Model Context Protocol, over streamable HTTP without streams.
//!
//! May use: axum, the protocol. Invariant: each request of a tool goes the way of every other request, past its key, faults,
//! idempotency and the log.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::post;
use axum::{Extension, Router, middleware};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;

use super::aside::Places;
use super::auth;
use super::front::is_for_the_api;
use super::memory::HeaderMemory;
use crate::access;
use crate::app::App;
use crate::entry;
use crate::error::ApiError;
use crate::limits::BODY_BYTES_MAX;
use crate::links;
use crate::mcp::{self, ApiCaller, Reply, Speaker};
use crate::pages::guard;
use crate::pages::respond::{answer, refuse_as};
use crate::state::sandbox::DEFAULT_SANDBOX;

/// The path of the endpoint.
const PATH: &str = "/mcp";

/// What answers the requests of tools.
#[derive(Clone)]
struct Agents {
    app: Arc<App>,
    places: Arc<Places>,
    control: Router,
}

/// The route of the endpoint, behind the guard of the control API; `control` answers control calls.
pub(super) fn router(app: &Arc<App>, places: &Arc<Places>, control: Router<Arc<App>>) -> Router<Arc<App>> {
    let control = control.with_state(Arc::clone(app));
    let agents = Agents { app: Arc::clone(app), places: Arc::clone(places), control };
    Router::new()
        .route(PATH, post(message))
        .layer(Extension(agents))
        .layer(middleware::from_fn_with_state(Arc::clone(app), guard::guard))
}

/// The request, at the endpoint if it was sent to the root of the endpoint's own host.
pub(super) fn at_own_host<B>(mut request: Request<B>) -> Request<B> {
    if request.uri().path() == "/" {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
        if host.is_some_and(|host| links::is_agent_host(links::name_and_port(host).0)) {
            *request.uri_mut() = Uri::from_static(PATH);
        }
    }
    request
}

/// Answers a message. Nothing is streamed and there are no sessions, so that nothing but POST is taken.
async fn message(Extension(agents): Extension<Agents>, headers: HeaderMap, body: Body) -> Response {
    let sent = match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(sent) => sent,
        Err(error) if access::is_too_large(&error) => return refuse_as(&ApiError::body_too_large(BODY_BYTES_MAX)),
        Err(_) => return refuse_as(&ApiError::body_unreadable()),
    };
    let key = match super::text(&headers, header::AUTHORIZATION) {
        None => None,
        Some(header) => match auth::parse(&auth::from_header(header).unwrap_or_default()) {
            Ok(key) => key.sandbox,
            Err(error) => return refuse_as(&error),
        },
    };
    let addressed = entry::sandbox(&headers);
    if let (Some(named), Some(addressed)) = (&key, addressed)
        && named != addressed
    {
        return refuse_as(&ApiError::sandbox_of_other_address(named, addressed));
    }
    let speaker = Speaker { headers: &headers, sandbox: key.as_deref().or(addressed).unwrap_or(DEFAULT_SANDBOX) };
    match mcp::answer(&sent, &speaker, &agents).await {
        None => {
            let mut accepted = Response::new(Body::empty());
            *accepted.status_mut() = StatusCode::ACCEPTED;
            accepted
        }
        Some(said) => {
            let is_unread = said.get("error").is_some() && said["id"] == Value::Null;
            answer(if is_unread { StatusCode::BAD_REQUEST } else { StatusCode::OK }, &said)
        }
    }
}

impl ApiCaller for Agents {
    async fn call(&self, mut request: Request<Bytes>) -> Reply {
        let response = if is_for_the_api(request.uri().path()) {
            let memory = HeaderMemory::default();
            super::answer(&self.app, &self.places, &memory, request.map(Full::new)).await.map(Body::new)
        } else {
            // The message was taken, by whatever name of the service this server is reached.
            let host = super::text(request.headers(), header::HOST).unwrap_or_default();
            if links::is_service_host(links::name_and_port(host).0) {
                request.headers_mut().insert(header::HOST, HeaderValue::from_static("localhost"));
            }
            let Ok(response) = TowerToHyperService::new(self.control.clone()).call(request.map(Body::from)).await;
            response
        };
        let status = response.status().as_u16();
        match response.into_body().collect().await {
            Ok(body) => Reply { status, body: body.to_bytes() },
            // A fault that closes the connection.
            Err(error) => Reply { status: StatusCode::SERVICE_UNAVAILABLE.as_u16(), body: error.to_string().into() },
        }
    }
}
