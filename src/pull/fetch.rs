//! Pages of lists, one request after another.
//!
//! May use: the client of webhooks. Invariant: there are never more requests a second than a sandbox of the API takes, and a request
//! that was refused for now is sent again.

use std::fmt;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{Request, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::sources::PulledList;
use crate::catalogue::API_VERSION;
use crate::limits::{PULL_ANSWER_BYTES_MAX, PULL_ATTEMPTS_MAX, PULL_PAGE_ITEMS};
use crate::receiver_url::ReceiverUrl;
use crate::state::document::{Doc, Map};
use crate::webhooks::client::{Client, Tls};
use crate::webhooks::settings::Authorities;

/// The time between two requests: a sandbox takes 25 a second.
const PACE: Duration = Duration::from_millis(50);

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The first wait before a request is sent again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The longest of these waits.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Why there is no page.
#[derive(Debug)]
pub(super) enum PullFailure {
    /// The API does not give this list.
    Refused {
        /// The status of its answer.
        status: u16,
        /// What it says.
        message: String,
    },
    /// Nothing more can be read.
    Ended(String),
}

impl fmt::Display for PullFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PullFailure::Refused { status, message } => write!(f, "refused with {status}: {message}"),
            PullFailure::Ended(why) => f.write_str(why),
        }
    }
}

/// A page of a list.
#[derive(Debug)]
pub(super) struct ListPage {
    pub(super) objects: Vec<Doc>,
    /// Behind which id the next page begins, if there is one.
    pub(super) next: Option<String>,
}

/// Sends the requests.
pub(super) struct Fetcher {
    client: Client,
    base: ReceiverUrl,
    authorization: HeaderValue,
    free_at: Instant,
}

impl Fetcher {
    /// For the API at an address, with a key.
    pub(super) fn new(base: &ReceiverUrl, key: &str, authorities: &Authorities) -> Result<Self, String> {
        let client = Client::new(base, &Tls::new(authorities.clone())).ok_or("TLS is not available")?;
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| "--api-key is no key".to_owned())?;
        authorization.set_sensitive(true);
        Ok(Fetcher { client, base: base.clone(), authorization, free_at: Instant::now() })
    }

    /// The id of the key's account.
    pub(super) async fn account(&mut self) -> Result<String, PullFailure> {
        let account = self.get("/v1/account").await?;
        account.str("id").map(str::to_owned).ok_or_else(|| no_list("/v1/account"))
    }

    /// The page of a list behind an object.
    pub(super) async fn page(
        &mut self,
        source: &PulledList,
        path: &str,
        after: Option<&str>,
    ) -> Result<ListPage, PullFailure> {
        let begin = if path.contains('?') { '&' } else { '?' };
        let mut target = format!("{path}{begin}limit={PULL_PAGE_ITEMS}");
        if !source.params.is_empty() {
            target = format!("{target}&{}", source.params.replace('[', "%5B").replace(']', "%5D"));
        }
        if let Some(after) = after {
            let after = serde_urlencoded::to_string([("starting_after", after)]).unwrap_or_default();
            target = format!("{target}&{after}");
        }
        let mut list = self.get(&target).await?;
        let Some(Doc::List(objects)) = list.remove("data") else { return Err(no_list(path)) };
        let last = objects.last().and_then(|object| object.as_map()?.str("id").map(str::to_owned));
        let next = last.filter(|_| list.bool("has_more") == Some(true));
        Ok(ListPage { objects, next })
    }

    /// What stands at a path, after as many attempts as it takes.
    async fn get(&mut self, target: &str) -> Result<Map, PullFailure> {
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            sleep_until(self.free_at).await;
            self.free_at = Instant::now() + PACE;
            let (failure, asked) = match timeout(PATIENCE, self.send(target)).await {
                Ok(Ok(FetchOutcome::Done(answer))) => return Ok(answer),
                Ok(Ok(FetchOutcome::Refused(failure))) => return Err(failure),
                Ok(Ok(FetchOutcome::Later { status, wait })) => (format!("answered {status}"), wait),
                Ok(Err(why)) => (format!("was not answered: {why}"), None),
                Err(_) => (format!("was not answered within {PATIENCE:?}"), None),
            };
            if attempt >= PULL_ATTEMPTS_MAX {
                return Err(PullFailure::Ended(format!("GET {target} {failure}, {attempt} times")));
            }
            sleep(asked.unwrap_or(wait).min(LONGEST_WAIT)).await;
            wait *= 2;
        }
        Err(no_list(target))
    }

    async fn send(&self, target: &str) -> Result<FetchOutcome, String> {
        let base = self.base.uri().to_string();
        let uri: Uri = format!("{}{target}", base.trim_end_matches('/')).parse().map_err(|_| "no URL".to_owned())?;
        let mut request = Request::new(Full::new(Bytes::new()));
        let headers = request.headers_mut();
        if let Some(host) = uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
            headers.insert(HOST, host);
        }
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(HeaderName::from_static("stripe-version"), HeaderValue::from_static(API_VERSION));
        *request.uri_mut() = uri;
        let response = self.client.exchange(request).await?;
        let status = response.status().as_u16();
        let seconds = response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
        if status == 429 || status >= 500 && status != 501 {
            return Ok(FetchOutcome::Later { status, wait: seconds.map(Duration::from_secs) });
        }
        let body = Limited::new(response.into_body(), PULL_ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        Ok(read(target, status, &body))
    }
}

/// What came of a request.
enum FetchOutcome {
    Done(Map),
    Refused(PullFailure),
    Later { status: u16, wait: Option<Duration> },
}

fn read(target: &str, status: u16, body: &[u8]) -> FetchOutcome {
    let body = serde_json::from_slice(body).unwrap_or_default();
    match (status, body) {
        (200, Doc::Map(body)) => FetchOutcome::Done(body),
        (200, _) => FetchOutcome::Refused(no_list(target)),
        (401, _) => FetchOutcome::Refused(PullFailure::Ended("the API does not take this key (401)".to_owned())),
        (_, body) => {
            let message =
                body.as_map().and_then(|body| body.map("error")?.str("message")).unwrap_or_default().to_owned();
            FetchOutcome::Refused(PullFailure::Refused { status, message })
        }
    }
}

fn no_list(path: &str) -> PullFailure {
    PullFailure::Ended(format!("GET {path} was answered with something else than the API answers"))
}
