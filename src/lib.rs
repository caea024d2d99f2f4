//! Pinstripe: a local server that answers like the Stripe API and stores what it is sent.
//!
//! This page is the map of the code. `docs/architecture.md` explains the layers and follows a request through them;
//! `docs/contributing.md` explains how to change the code.
//!
//! # The path of a request
//!
//! ```text
//! bytes ─▶ http ─▶ dispatch ─▶ resources or generic ─▶ state ─▶ api::render ─▶ http ─▶ bytes
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`http`] | listeners, keys, headers |
//! | [`access`] | which requests are taken, by where they come from: browsers and other clients |
//! | [`entry`] | by which address a request came in |
//! | [`form`], [`request_log`] | the grammar of forms, and JSON bodies; the log of requests |
//! | [`activity`] | what happened: what requests and due work changed, control calls, attempts of deliveries |
//! | [`dispatch`] | one request: its account and operation, idempotency, the answer |
//! | [`engine`] | what happens without a request: due work, and a tester's decisions |
//! | [`api`] | parameters, lists, search, expansion, rendering, versions: the same for every operation |
//! | [`error`] | the one error type, with every sentence of it |
//! | [`catalogue`] | the API's shape as static tables: operations with their parameters, objects with their fields |
//! | [`contract`] | what the layers share: the signatures of operations, the declaration of a kind, the registry |
//! | [`resources`] | the API's behaviour: one module for each resource with rules; the registry |
//! | [`generic`] | every operation without rules, by the catalogue alone |
//! | [`object`] | from parameters to an object: empty forms, defaults, references, metadata |
//! | [`state`] | a sandbox's objects as a persistent value, transactions with a journal, ids |
//! | [`events`] | the events of a committed transaction, and their form in each version |
//! | [`fixtures`] | documents with the objects that a sandbox begins with |
//! | [`webhooks`] | receivers, queues and signatures of deliveries |
//! | [`pull`] | the objects of another server, by its lists, as a document of fixtures |
//! | [`save`] | the files of `--save`: owner, replacement, writing while there are changes |
//! | [`cli`] | the Stripe CLI's protocol besides the API: sessions, a websocket |
//! | [`mcp`] | the Model Context Protocol: the API and the control API as tools of agents |
//! | [`triggers`] | ways to make an event happen to one of the user's objects |
//! | [`control`] | `/_pinstripe`: calls of tests to the server itself |
//! | [`pricing`] | amounts of lines: prices, discounts, taxes, totals, prorations, as pure values |
//! | [`pages`] | what a person sees in a browser |
//! | [`jurisdictions`] | places and their taxes: the rates, and which registration covers a place |
//! | [`countries`] | the countries of connected accounts: currencies, bank accounts, what has to be told there |
//! | [`issuers`], [`money`] | test cards and bank accounts; currencies, exact decimals, the one rounding, minima, fees, exchange rates |
//! | [`faults`], [`time`] | faults on demand; clocks and the calendar |
//! | [`url`], [`links`] | the one check of URLs; the addresses of pages |
//! | [`qr`] | codes to scan, as pictures |
//! | [`settings`] | the settings of an account: values that rules read and tests set |
//! | [`tls`] | https: the local authority, and the certificates that it vouches for |
//! | [`app`], [`server`], [`config`], [`limits`] | what requests share, a running server, its flags, its limits |
//!
//! Shape is data, behaviour is code: the parameters of an operation are checked, and the fields of its answer are known, from the
//! catalogue. A resource module contains only rules. A rule is pure and synchronous: everything that it may know is in its
//! arguments, and everything that it does is in its result and its transaction.
//!
//! # The signatures
//!
//! An operation is bound to a [`Behaviour`](contract::Behaviour) by its name in the catalogue:
//!
//! ```text
//! pub type Read  = fn(&Tx,     &Ctx<'_>, &Call<'_>) -> Result<Outcome, ApiError>;
//! pub type Write = fn(&mut Tx, &Ctx<'_>, &Call<'_>) -> Result<Outcome, ApiError>;
//!
//! pub enum Behaviour { Retrieve, List, ListUnder(Under), UpdateMetadata { … }, Read(Read), Write(Write), … }
//! ```
//!
//! * [`Ctx`](contract::Ctx): the time, the request's id, key, version and base URL, the settings, the ids. A rule has no other
//!   access to the clock, to randomness or to the request.
//! * [`Call`](contract::Call): the operation, the path's arguments, and [`Params`](contract::Params) with the types of the
//!   catalogue: a number is a number, and an unset value is [`Doc::Null`](state::document::Doc).
//! * [`Tx`](state::Tx): `get::<T>(id)`, `insert(object)`, `update::<T>(id, |object| …)`, `save(&read, changed)`,
//!   `delete::<T>(id)`, `having::<T>(filter, value)`. A transaction that is dropped leaves no trace; what may fail within it
//!   is an `attempt(|tx| …)`; its [`journal`](state::Tx::journal) is the list of [`Step`](state::Step)s (before, after).
//! * [`require::<T>(tx, id, In::Path)`](contract::require): the object with an id, or the API's error that there is none;
//!   [`In`](contract::In) says whether the path or a parameter contains the id.
//! * [`Outcome`](contract::Outcome): `Done(Ref)`, `Deleted(Ref)`, `Value(Doc)`, `List(List)`, or `Refused(ApiError)`, which
//!   keeps what was written (a decline keeps its failed charge). `Err(ApiError)` drops everything.
//! * [`Attempt`](contract::Attempt): `Approved(charge)`, `Declined { charge, error }`, `NeedsAction`: the result of charging is
//!   a value, so that the caller decides what follows from a decline.
//! * [`Entry`](contract::Entry): everything that other layers know of a kind: its noun, its ids, its operations, the
//!   [`Filter`](state::Filter)s of its lists (each with an index), the [`Include`](contract::Include)d lists inside it,
//!   [`View`](contract::View)s as another kind, what a publishable key may do ([`Public`](contract::Public)), how a dump of it is
//!   read, and what is due later for an object, and when ([`due!`]).
//! * [`resource!`] declares a resource's struct: the fields that rules use, with types; the rest as a document.
//!
//! # A server in a test
//!
//! A [`Server`] is a server inside the process, on a free port. Each test can have its own, with objects, clock, webhooks and
//! faults. In a `#[tokio::test]`:
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
//! // Pass `server.url()` to the code under test: `stripe::Client::from_url(server.url(), "sk_test_123")` of async-stripe,
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
//! // Dropping the server stops it, too; this waits until open requests and deliveries are done.
//! server.stop().await?;
//! # Ok(())
//! # }
//! ```

pub mod access;
pub mod activity;
pub mod api;
pub mod app;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod contract;
pub mod control;
pub mod countries;
pub mod dispatch;
pub mod engine;
pub mod entry;
pub mod error;
pub mod events;
pub mod faults;
pub mod fixtures;
pub mod form;
pub mod generic;
pub mod http;
pub mod issuers;
pub mod jurisdictions;
pub mod limits;
pub mod links;
pub mod mcp;
pub mod memory;
mod mock_flags;
pub mod money;
pub mod object;
pub mod pages;
pub mod pricing;
pub mod pull;
pub mod qr;
pub mod receiver_url;
pub mod request_log;
pub mod resources;
pub mod save;
pub mod server;
pub mod settings;
pub mod state;
pub mod time;
pub mod tls;
pub mod triggers;
pub mod url;
pub mod webhooks;

pub use crate::config::Config;
pub use crate::server::Server;
