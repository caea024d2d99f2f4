//! Pinstripe: a local server that answers like the Stripe API and remembers what it was sent.
//!
//! This page is the map of the code and the place of the signatures that everything uses.
//!
//! # The way of a request
//!
//! ```text
//! bytes ─▶ http ─▶ dispatch ─▶ resources or generic ─▶ state ─▶ api::render ─▶ http ─▶ bytes
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`http`] | listeners, keys, headers |
//! | [`form`], [`request_log`] | the form grammar and JSON bodies; what is remembered of requests |
//! | [`dispatch`] | one request: its account and operation, idempotency, the answer |
//! | [`engine`] | what happens without a request: due work, and changes that a tester makes |
//! | [`api`] | parameters, lists, searches, expansion, rendering, versions: the same for every operation |
//! | [`error`] | the one error type and every sentence of it |
//! | [`catalogue`] | the API's shape as static tables: operations with their parameters, objects with their fields |
//! | [`contract`] | what the layers share: the signatures of operations, what is declared of a kind, the registry |
//! | [`resources`] | the API's behaviour: one module for each resource with rules; the registry |
//! | [`generic`] | every operation that no resource with rules claims, by the catalogue alone |
//! | [`object`] | from parameters to an object: empty forms, defaults, references, metadata |
//! | [`state`] | a sandbox's objects as a persistent value, transactions with a journal, ids |
//! | [`events`] | what a committed transaction announces, and how it is shown |
//! | [`fixtures`] | documents that set what a sandbox begins with |
//! | [`webhooks`] | where events are sent, and how they are signed |
//! | [`cli`] | what the Stripe CLI speaks besides the API: sessions, a websocket |
//! | [`triggers`] | what makes an event happen to an object of the user's own |
//! | [`control`] | `/_pinstripe`: what tests ask of the server itself |
//! | [`pricing`] | what lines come to: prices, discounts, taxes, totals, prorations, as pure values |
//! | [`issuers`], [`money`] | test cards and bank accounts; currencies, exact decimals, the one rounding, minima, fees |
//! | [`settings`] | what the dashboard of an account holds: values that rules read and tests choose |
//! | [`receiver_url`] | the URLs that events can be sent to |
//! | [`app`], [`server`], [`config`], [`limits`] | what requests share, a running server, its knobs, its bounds |
//!
//! Shape is data, behaviour is code: an operation's parameters are checked and its answer's fields are
//! known from the catalogue; a resource module holds only rules. A rule is pure and synchronous. It gets
//! everything it may know in its arguments and returns everything it has to say.
//!
//! # The signatures
//!
//! An operation is bound to a [`Behaviour`](contract::Behaviour) by its name in the catalogue:
//!
//! ```text
//! pub type Read  = fn(&Tx,     &Ctx<'_>, &Call<'_>) -> Result<Outcome, ApiError>;
//! pub type Write = fn(&mut Tx, &Ctx<'_>, &Call<'_>) -> Result<Outcome, ApiError>;
//!
//! pub enum Behaviour { Retrieve, List, ListUnder { filter }, Read(Read), Write(Write), … }
//! ```
//!
//! * [`Ctx`](contract::Ctx): `now`, `request_id`, `idempotency_key`, `key`, `version`, `base_url`, `ids`.
//!   There is no other way to the clock, to chance or to the request.
//! * [`Call`](contract::Call): the operation, the path's arguments, and
//!   [`Params`](contract::Params), typed by the catalogue: a number is a number, and an unset value is
//!   [`Doc::Null`](state::document::Doc).
//! * [`Tx`](state::Tx): `get::<T>(id)`, `insert(object)`, `update::<T>(id, |object| …)`, `save(&read, changed)`,
//!   `delete::<T>(id)`, `having::<T>(filter, value)`, `schedule(at, about, what)`. A transaction that is dropped leaves
//!   no trace; a savepoint is a clone; its [`journal`](state::Tx::journal) is the list of [`Step`](state::Step)s
//!   (before, after).
//! * [`require::<T>(tx, id, In::Path)`](contract::require): the object that an id names, or the API's error that there is
//!   none; [`In`](contract::In) says whether the path or a parameter names it.
//! * [`Outcome`](contract::Outcome): `Done(Ref)`, `Deleted(Ref)`, `Value(Doc)`, `List(List)`, or
//!   `Refused(ApiError)`, which keeps what was written (a decline keeps its failed charge). `Err(ApiError)`
//!   drops everything.
//! * [`Attempt`](contract::Attempt): `Approved(charge)`, `Declined { charge, error }`, `NeedsAction`: charging
//!   is a value, so that the flow around it decides what a decline means.
//! * [`Entry`](contract::Entry): what the registry knows of a resource: its kind and noun, its operations, the
//!   [`Filter`](state::Filter)s of its lists (each with an index), the [`Include`](contract::Include)d lists
//!   inside it, [`View`](contract::View)s as another kind, what a publishable key may do
//!   ([`Public`](contract::Public)), how a dump of it is read, and its due work.
//! * [`resource!`] declares a resource's struct: the fields that rules touch by type, the rest as a document.
//!
//! # A server in a test
//!
//! A [`Server`] is a server of one's own inside the process, on a free port: as many as there are tests, each with its
//! objects, clock, webhooks and faults. In a `#[tokio::test]`:
//!
//! ```
//! use pinstripe::{Config, Server};
//! use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config { fixtures: vec!["@shop".into()], seed: Some(1), ..Config::default() };
//! let server = Server::start(config).await?;
//!
//! // What is tested is given `server.url()`: `stripe::Client::from_url(server.url(), "sk_test_123")` of async-stripe,
//! // for example. Here a request is written by hand.
//! let mut stream = tokio::net::TcpStream::connect(server.url().trim_start_matches("http://")).await?;
//! let request = "GET /v1/customers/cus_ShopAda HTTP/1.1\r\nHost: localhost\r\n\
//!                Authorization: Bearer sk_test_123\r\nConnection: close\r\n\r\n";
//! stream.write_all(request.as_bytes()).await?;
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer).await?;
//! assert!(answer.starts_with("HTTP/1.1 200 OK"));
//! assert!(answer.contains("\"id\": \"cus_ShopAda\""));
//!
//! // Dropping it stops it, too; this waits until open requests and deliveries are done.
//! server.stop().await?;
//! # Ok(())
//! # }
//! ```

pub mod api;
pub mod app;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod contract;
pub mod control;
pub mod dispatch;
pub mod engine;
pub mod error;
pub mod events;
pub mod faults;
pub mod fixtures;
pub mod form;
pub mod generic;
pub mod http;
pub mod issuers;
pub mod limits;
pub mod money;
pub mod object;
pub mod pricing;
pub mod receiver_url;
pub mod request_log;
pub mod resources;
pub mod server;
pub mod settings;
pub mod state;
pub mod time;
pub mod triggers;
pub mod webhooks;

pub use crate::config::Config;
pub use crate::server::Server;
