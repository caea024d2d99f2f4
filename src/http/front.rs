//! What answers a request: the API by itself, everything else behind a router.
//!
//! May use: hyper's requests, axum's router. Invariant: between a connection and the API there is nothing that the API does
//! not need, and a panic is answered like an error.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tower_http::timeout::TimeoutBody;

use super::agents;
use super::aside::Places;
use super::body::{AnswerBody, WatchedBody, watched};
use super::connections::Answering;
use super::respond;
use crate::app::App;

/// How the paths begin that are the API's alone: no route of the router does.
const API_PATHS: [&str; 2] = ["/v1/", "/v2/"];

/// Whether a path is the API's alone.
pub(super) fn is_for_the_api(path: &str) -> bool {
    API_PATHS.iter().any(|beginning| path.starts_with(beginning))
}

/// What answers the requests of all connections.
#[derive(Clone, Debug)]
pub struct Front {
    app: Arc<App>,
    places: Arc<Places>,
    router: Router,
}

impl Front {
    /// Answers for an app; `router` is asked for what is not the API's by its path alone.
    pub(super) fn new(app: Arc<App>, places: Arc<Places>, router: Router) -> Self {
        Front { app, places, router }
    }

    /// What it answers for.
    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// The answer to a request that came on a connection.
    pub(super) async fn answer(&self, request: Request<Incoming>, answering: Answering) -> Response<WatchedBody> {
        let pause = answering.connection().body_pause();
        let request = agents::at_own_host(request);
        let answer = if is_for_the_api(request.uri().path()) {
            let request = request.map(|body| TimeoutBody::new(pause, body));
            let work = pin!(super::answer(&self.app, &self.places, answering.connection().memory(), request));
            respond::marked(caught(work).await)
        } else {
            // A future is copied some times before it is polled, so that what few requests need is kept apart.
            Box::pin(self.routed(request.map(|body| Body::new(TimeoutBody::new(pause, body))))).await
        };
        watched(answer, answering)
    }

    async fn routed(&self, request: Request<Body>) -> Response<AnswerBody> {
        // A clone shares the routes.
        let Ok(answer) = TowerToHyperService::new(self.router.clone()).call(request).await;
        answer.map(AnswerBody::Routed)
    }
}

/// An answer, or the error that there is none because making it panicked.
pub(super) async fn caught(mut work: Pin<&mut impl Future<Output = Response<AnswerBody>>>) -> Response<AnswerBody> {
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|panic| Poll::Ready(respond::panicked(&*panic).map(AnswerBody::Routed)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::http::memory::HeaderMemory;

    /// The largest future of an answer, in bytes: it is copied some times before it is polled.
    const FUTURE_BYTES_MAX: usize = 2_000;

    #[test]
    fn the_future_of_an_answer_is_small() {
        let (app, places, memory) = (App::new(&Config::default()), Places::default(), HeaderMemory::default());
        let answer = super::super::answer(&app, &places, &memory, Request::new(Body::empty()));
        let bytes = size_of_val(&answer);
        assert!(bytes <= FUTURE_BYTES_MAX, "{bytes} bytes");
    }
}
