//! The control call that lists what waits for a person: what the customer, or somebody behind an account, has to do.
//!
//! May use: axum, the app, the state, the registry's decisions. Invariant: nothing is changed; what has an index is found by it, and of
//! the rest the newest are looked at.

use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::call::{ControlCall, SANDBOX};
use super::inspect::page_of;
use super::objects::{FIRST, LAST, merged, newest, shown};
use super::{InSandbox, Limit, base_url};
use crate::app::App;
use crate::contract::{self, Asked, Question};
use crate::limits::{PAGE_ITEMS_MAX, WAITING_SEARCHED_MAX};
use crate::links;
use crate::pages::respond::{answer_in_order, refused_as};
use crate::resources::decision;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Kind, Record, State, Tx};

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[ControlCall {
    method: "GET",
    path: "/_pinstripe/waiting",
    handler: || get(list),
    what: "Lists what waits for a person in a sandbox, newest first, with the address of its page and the calls that do the same without \
           a browser: open Checkout Sessions and invoices, 3D Secure, redirects, vouchers and microdeposits of intents, pending \
           sources, verification sessions, and accounts that have something to tell. Of intents, sources and accounts the newest 500 \
           are looked at",
    parameters: &[SANDBOX, ("limit", "how many at most, from 1 to 100 (default: 100)")],
    body: None,
    example: "curl localhost:12111/_pinstripe/waiting",
}];

/// A kind of object that waits while it has a status, which an index finds.
struct WaitingStatus {
    kind: Kind,
    status: &'static str,
    what: &'static str,
    /// The member with the time until which it waits.
    until: &'static str,
    /// What can be done: in words, the path before the id, and the parameters.
    acts: &'static [WaitingAct],
}

type WaitingAct = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

static STATUSES: &[WaitingStatus] = &[
    WaitingStatus {
        kind: crate::kind!("checkout.session"),
        status: "open",
        what: "open Checkout",
        until: "expires_at",
        acts: &[
            ("Pay", "checkout", &[]),
            ("Pay with a card that is declined", "checkout", &[("payment_method", "pm_card_chargeDeclined")]),
            ("Expire", "due", &[]),
        ],
    },
    WaitingStatus {
        kind: crate::kind!("invoice"),
        status: "open",
        what: "open invoice",
        until: "due_date",
        acts: &[("Pay", "invoice", &[])],
    },
    WaitingStatus {
        kind: crate::kind!("identity.verification_session"),
        status: "requires_input",
        what: "verification",
        until: "",
        acts: &[
            ("Verify", "identity", &[("result", "verified")]),
            ("Fail", "identity", &[("result", "document_expired")]),
        ],
    },
];

const ACCOUNT: Kind = crate::kind!("account");

/// `GET /_pinstripe/waiting`.
async fn list(
    Shared(app): Shared<Arc<App>>,
    InSandbox(sandbox): InSandbox,
    Query(limit): Query<Limit>,
    headers: HeaderMap,
) -> Response {
    let limit = match limit.read(PAGE_ITEMS_MAX, PAGE_ITEMS_MAX) {
        Ok(limit) => limit,
        Err(error) => return refused_as(&error),
    };
    let state = sandbox.state();
    let base_url = base_url(&app, &headers);
    let view = WaitingView { sandbox: &sandbox, state: &state, base_url: &base_url };
    let mut found = view.by_status(limit + 1);
    found.extend(view.by_decision());
    found.extend(view.accounts());
    found.sort_by_key(|waiting| std::cmp::Reverse(waiting.record.place));
    let has_more = found.len() > limit;
    let rows: Vec<Value> = found.iter().take(limit).map(|waiting| view.row(waiting)).collect();
    answer_in_order(json!({"sandbox": sandbox.name(), "waiting": rows, "has_more": has_more}))
}

/// Why an object waits.
enum WaitingReason {
    Status(&'static WaitingStatus),
    Question(Question),
    Requirements,
}

/// An object that waits.
struct WaitingObject<'s> {
    account: AccountKey,
    record: &'s Arc<Record>,
    reason: WaitingReason,
}

/// Where is looked.
struct WaitingView<'s> {
    sandbox: &'s Sandbox,
    state: &'s State,
    base_url: &'s str,
}

impl<'s> WaitingView<'s> {
    fn by_status(&self, most: usize) -> Vec<WaitingObject<'s>> {
        let mut all = Vec::new();
        for waiting in STATUSES {
            let filters = contract::entry(waiting.kind).map_or(&[][..], |entry| entry.filters);
            let Some(position) = filters.iter().position(|filter| filter.param == "status") else { continue };
            let tables = self.state.accounts().filter_map(|of| Some((of, self.state.table(of, waiting.kind)?)));
            let found = merged(tables, most, |table| {
                table.having(position, &filters[position], waiting.status, FIRST, LAST).rev()
            });
            let reason = || WaitingReason::Status(waiting);
            all.extend(found.into_iter().map(|(account, record)| WaitingObject { account, record, reason: reason() }));
        }
        all
    }

    fn by_decision(&self) -> Vec<WaitingObject<'s>> {
        let mut all = Vec::new();
        for (kind, decision) in decision::kinds() {
            for (account, record) in newest(self.state, kind, None, LAST, WAITING_SEARCHED_MAX) {
                let tx = Tx::new(self.state, account, contract::indexes);
                let question = (decision.ask)(&tx, record.object.id()).filter(|question| question.is_open);
                let reason = question.map(WaitingReason::Question);
                all.extend(reason.map(|reason| WaitingObject { account, record, reason }));
            }
        }
        all
    }

    fn accounts(&self) -> impl Iterator<Item = WaitingObject<'s>> {
        let newest = newest(self.state, ACCOUNT, None, LAST, WAITING_SEARCHED_MAX).into_iter();
        let asked = newest.filter(|(_, record)| {
            let requirements = record.object.member("requirements");
            let due = requirements.as_deref().and_then(|it| it.as_map()).and_then(|it| it.list("currently_due"));
            due.is_some_and(|due| !due.is_empty())
        });
        asked.map(|(account, record)| WaitingObject { account, record, reason: WaitingReason::Requirements })
    }

    fn row(&self, waiting: &WaitingObject<'_>) -> Value {
        let WaitingObject { account, record, reason } = waiting;
        let object = shown(self.sandbox, self.state, *account, record, self.base_url);
        let id = &**record.object.id();
        let (what, until, acts) = match reason {
            WaitingReason::Status(waiting) => {
                let act = |(what, path, parameters): &WaitingAct| act(what, path, id, parameters);
                let acts: Vec<Value> = waiting.acts.iter().map(act).collect();
                (waiting.what.to_owned(), object.get(waiting.until).cloned(), acts)
            }
            WaitingReason::Question(question) => {
                let decide = |what, result| {
                    act(what, "authorize", id, &[("client_secret", &question.secret), ("result", result)])
                };
                let action = action(&object);
                let until = ["expires_at", "expires_after"].iter().find_map(|key| action?.get(key)).cloned();
                let (agree, refuse) = match question.asked {
                    Asked::Authentication => ("Complete", "Fail"),
                    Asked::Authorization => ("Authorize", "Fail"),
                };
                (what_of(question, &object), until, vec![decide(agree, "succeeded"), decide(refuse, "failed")])
            }
            WaitingReason::Requirements => {
                ("onboarding".to_owned(), None, vec![act("Fill in", "account", id, &[("state", "onboarded")])])
            }
        };
        let url = page_of(id, &object).or_else(|| self.decision_page(id, reason));
        json!({
            "object": record.object.kind().name(),
            "id": id,
            "account": self.state.connected_id(*account).map(|id| &**id),
            "what": what,
            "url": url,
            "created": record.object.created(),
            "expires_at": until.filter(Value::is_i64),
            "do": acts,
        })
    }

    /// The page where a person decides, which an intent that Stripe.js handles does not name.
    fn decision_page(&self, id: &str, reason: &WaitingReason) -> Option<String> {
        let WaitingReason::Question(question) = reason else { return None };
        let path = format!("/authorize/{id}?nonce={}", decision::nonce(&question.secret));
        let url = links::to(self.base_url, &path);
        let name = links::name_at(self.base_url, self.sandbox.name());
        Some(name.map_or_else(|| url.clone(), |name| links::leading_to(&url, name, Some(self.base_url)).into_owned()))
    }
}

fn act(what: &str, path: &str, id: &str, parameters: &[(&str, &str)]) -> Value {
    let parameters: serde_json::Map<String, Value> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    json!({"what": what, "method": "POST", "path": format!("/_pinstripe/{path}/{id}"), "parameters": parameters})
}

/// What the customer has to do, by the field that the type names.
fn action(object: &Value) -> Option<&Value> {
    let next = object.get("next_action")?;
    next.get(next.get("type")?.as_str()?)
}

/// What a person is asked for, in words.
fn what_of(question: &Question, object: &Value) -> String {
    let kind = object.pointer("/next_action/type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "verify_with_microdeposits" => "microdeposits".to_owned(),
        "display_bank_transfer_instructions" => "bank transfer".to_owned(),
        kind if kind.ends_with("_qr_code") => format!("code to scan ({})", question.title),
        kind if kind.ends_with("_display_details") => format!("voucher ({})", question.title),
        _ if question.asked == Asked::Authentication => question.title.clone(),
        _ => format!("redirect ({})", question.title),
    }
}
