//! Sending: one POST to a receiver over HTTP or HTTPS.
//!
//! May use: hyper-util, hyper-rustls, tokio. Invariant: a receiver that never answers takes at most the timeout, and
//! one that never stops answering at most [`WEBHOOK_ANSWER_BYTES_MAX`].

use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::HttpBody;
use axum::http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use axum::http::{Method, Request, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{Instant, timeout, timeout_at};

use super::delivery::{AttemptResult, sent_headers};
use super::settings::Authorities;
use crate::limits::{WEBHOOK_ANSWER_BYTES_MAX, WEBHOOK_ANSWER_HEADERS_BYTES_MAX};
use crate::receiver_url::ReceiverUrl;

/// A request to send.
#[derive(Debug)]
pub struct Post<'a> {
    /// The URL of the receiver.
    pub url: &'a ReceiverUrl,
    /// The sandbox's name.
    pub sandbox: &'a str,
    /// The `Stripe-Signature`.
    pub signature: &'a str,
    /// The fault that was applied to the delivery, if any.
    pub fault: Option<&'a str>,
    /// The body.
    pub body: Bytes,
}

/// A client for one receiver: it keeps one connection while there is something to send, and closes it when dropped.
#[derive(Debug)]
pub struct Client {
    channel: Channel,
    secure: bool,
}

#[derive(Debug)]
enum Channel {
    Plain(HttpClient<HttpConnector, Full<Bytes>>),
    Secure(HttpClient<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// The TLS configuration, made when the first https receiver needs it.
#[derive(Debug)]
pub struct Tls {
    authorities: Authorities,
    config: OnceLock<Option<Arc<ClientConfig>>>,
}

impl Tls {
    /// Trusts the public authorities and these.
    pub fn new(authorities: Authorities) -> Self {
        Tls { authorities, config: OnceLock::new() }
    }

    fn config(&self) -> Option<ClientConfig> {
        let make = || {
            let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            for certificate in &self.authorities.0 {
                // A malformed certificate is ignored.
                let _ = roots.add(certificate.clone());
            }
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
            Some(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
        };
        self.config.get_or_init(make).as_deref().cloned()
    }
}

impl Client {
    /// A client for the scheme of this URL; `None` if TLS is not available.
    pub fn new(url: &ReceiverUrl, tls: &Tls) -> Option<Self> {
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        http.enforce_http(false);
        let mut builder = HttpClient::builder(TokioExecutor::new());
        builder.pool_max_idle_per_host(1).http1_title_case_headers(true);
        let secure = url.is_secure();
        let channel = if secure {
            let https = HttpsConnectorBuilder::new().with_tls_config(tls.config()?).https_only().enable_http1();
            Channel::Secure(builder.build(https.wrap_connector(http)))
        } else {
            Channel::Plain(builder.build(http))
        };
        Some(Client { channel, secure })
    }

    /// Whether it can send to this URL.
    pub fn fits(&self, url: &ReceiverUrl) -> bool {
        self.secure == url.is_secure()
    }

    /// Sends, and waits at most `limit` for the answer.
    pub async fn send(&self, post: &Post<'_>, limit: Duration) -> AttemptResult {
        let end = Instant::now() + limit;
        let Some(request) = request(post) else {
            return AttemptResult::Unanswered("the request could not be written".to_owned());
        };
        match timeout(limit, self.exchange(request)).await {
            Err(_) => AttemptResult::Unanswered(format!("no answer within {limit:?}")),
            Ok(Err(error)) => AttemptResult::Unanswered(error),
            Ok(Ok(response)) => read(response, end).await,
        }
    }

    /// Sends a request, and waits for the head of the answer.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, String> {
        let answer = match &self.channel {
            Channel::Plain(client) => client.request(request).await,
            Channel::Secure(client) => client.request(request).await,
        };
        answer.map_err(|error| reasons(&error))
    }
}

fn request(post: &Post<'_>) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::new(Full::new(post.body.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = post.url.uri().clone();
    let headers = request.headers_mut();
    for (name, value) in sent_headers(post.sandbox, post.signature, post.fault) {
        headers.insert(name, HeaderValue::from_str(&value).ok()?);
    }
    if let Some(credentials) = post.url.authorization() {
        headers.insert(AUTHORIZATION, credentials.clone());
    }
    Some(request)
}

/// The status decides. Of the body, as much is kept as arrives in time and fits.
async fn read(response: Response<impl HttpBody<Data = Bytes> + Unpin>, end: Instant) -> AttemptResult {
    let status = response.status().as_u16();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut room = WEBHOOK_ANSWER_HEADERS_BYTES_MAX;
    let fits = |(name, value): &(&HeaderName, &HeaderValue)| {
        let left = room.checked_sub(name.as_str().len() + value.len());
        room = left.unwrap_or_default();
        left.is_some()
    };
    let headers = response.headers().iter().take_while(fits);
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
    let mut cut = headers.len() < response.headers().len();
    let mut rest = response.into_body();
    let mut body = BytesMut::new();
    loop {
        match timeout_at(end, rest.frame()).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => body.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data)),
            Ok(Some(Err(_))) | Err(_) => {
                cut = true;
                break;
            }
        }
        if body.len() > WEBHOOK_ANSWER_BYTES_MAX {
            cut = true;
            break;
        }
    }
    body.truncate(WEBHOOK_ANSWER_BYTES_MAX);
    AttemptResult::Answered { status, headers, body: Bytes::copy_from_slice(&body), cut }
}

/// An error with its causes: the first message alone rarely explains it.
fn reasons(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}
