//! The page of a Checkout Session, where a customer fills in the form and pays (intents-and-checkout 3.2, stripe-js 1).
//!
//! May use: the app, the sandboxes, Checkout Sessions. Invariant: whoever knows a session's id may pay it, as with the URL of
//! the real API; nothing else is possible here, and nothing that is asked for can be left out.

pub(crate) mod inputs;
mod methods;
mod template;
mod view;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use self::inputs::Typed;
use self::template::CheckoutPage;
use self::view::PageRefusal;
use super::assets;
use super::guard::{Framed, Loads};
use super::linked::Linked;
use super::respond::{answer, base_url, go_to, header_text, page, see_other};
use super::templates::NoticePage;
use crate::app::App;
use crate::engine;
use crate::error::ApiError;
use crate::resources::checkout::sessions::{self, Session, SessionStatus};
use crate::resources::payments::paying::Paid;
use crate::url;

/// The address of a session's page.
pub(super) const PATH: &str = "/c/pay/{id}";
/// Where a customer comes back to from a bank's page.
pub(super) const RETURN_PATH: &str = "/c/pay/{id}/return";

/// What is done with a form that was sent: `details` only computes the amounts anew.
const STEP: &str = "step";

/// The query of a link.
#[derive(Debug, Deserialize)]
pub(super) struct SessionLink {
    sandbox: Option<String>,
}

/// The page; of a complete session, the way to the shop. The page's script asks how far the session is.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<SessionLink>,
    headers: HeaderMap,
) -> Response {
    let Some(found) = Linked::<Session>::of(&app, &id, link.sandbox.as_deref()) else { return missing() };
    let message = found.object.failure(&found.tx()).unwrap_or_default();
    let refusal = PageRefusal { message, input: None };
    if by_script(&headers) && found.object.is_open() {
        return answer(StatusCode::OK, &json!({"message": refusal.message}));
    }
    if by_script(&headers) {
        return answer(StatusCode::OK, &json!({"url": destination(&found.object).unwrap_or_default()}));
    }
    shown(&found, &Typed::default(), &refusal)
}

/// A customer has been at a bank's page: in a frame over the page, or instead of it.
pub(super) async fn come_back(Path(id): Path<String>, Query(link): Query<SessionLink>, headers: HeaderMap) -> Response {
    if header_text(&headers, "sec-fetch-dest") == Some("iframe") {
        let text = "The payment goes on in the window around this one.".to_owned();
        let mut shown = page(&NoticePage { heading: "One moment", text, onward: Default::default() });
        let _ = shown.extensions_mut().insert(Framed);
        return shown;
    }
    let query = link.sandbox.map(|name| format!("?sandbox={name}")).unwrap_or_default();
    see_other(&format!("../{id}{query}"))
}

/// Whether the page's script sent it, which gets JSON.
fn by_script(headers: &HeaderMap) -> bool {
    header_text(headers, "accept").is_some_and(|accepts| accepts.contains("application/json"))
}

/// Where the browser goes when a session is complete.
fn destination(session: &Session) -> Option<String> {
    let url = session.destination().filter(|_| session.status == Some(SessionStatus::Complete))?;
    url::check(&url).ok().map(|()| url::location(&url))
}

/// What is there to be seen of a session.
fn shown(found: &Linked<Session>, typed: &Typed, refusal: &PageRefusal) -> Response {
    match found.object.status {
        Some(SessionStatus::Open) => of_form(found, view::of(found, typed, refusal)),
        Some(SessionStatus::Expired) => expired(&found.object),
        Some(SessionStatus::Complete) | None => match found.object.destination() {
            Some(url) => go_to(&url),
            None => in_frame(found, done(&found.object)),
        },
    }
}

/// The page with its form, its script, and the merchant's colours.
fn of_form(found: &Linked<Session>, template: CheckoutPage) -> Response {
    let brand = template.brand.clone();
    let mut styles = vec![assets::STYLE, assets::CHECKOUT_STYLE];
    if !brand.is_empty() {
        styles.push(&brand);
    }
    let policy = assets::policy(&styles, &[assets::CHECKOUT_SCRIPT]);
    let mut shown = page(&template);
    let _ = shown.extensions_mut().insert(Loads(policy));
    in_frame(found, shown)
}

/// An embedded session's page is made for a frame of the shop.
fn in_frame(found: &Linked<Session>, mut shown: Response) -> Response {
    if !found.object.is_hosted() {
        let _ = shown.extensions_mut().insert(Framed);
    }
    shown
}

fn done(session: &Session) -> Response {
    let own = session
        .rest
        .map("custom_text")
        .and_then(|texts| texts.map("after_submit"))
        .and_then(|text| text.str("message"));
    let text = own.unwrap_or("This page can be closed.").to_owned();
    page(&NoticePage { heading: "You’re all done here", text, onward: Default::default() })
}

fn expired(session: &Session) -> Response {
    let brand = session.rest.map("branding_settings").and_then(|brand| brand.str("display_name")).unwrap_or("the shop");
    let recovery = session.recovery_url();
    let back = session.rest.str("cancel_url").filter(|url| url::check(url).is_ok());
    let onward = match (recovery, back) {
        (Some(url), _) => (url, "Check out again".to_owned()),
        (None, Some(url)) => (url.to_owned(), format!("Return to {brand}")),
        (None, None) => Default::default(),
    };
    let text = "Nothing was paid. Begin again where you came from.".to_owned();
    page(&NoticePage { heading: "Your checkout session has expired", text, onward })
}

fn missing() -> Response {
    let text = "The page you were looking for could not be found. Check the address, and that the server still knows the session.";
    let mut shown =
        page(&NoticePage { heading: "Something went wrong", text: text.to_owned(), onward: Default::default() });
    *shown.status_mut() = StatusCode::NOT_FOUND;
    shown
}

/// Takes what a customer typed: computes the amounts anew, or pays.
pub(super) async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<SessionLink>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sandbox = link.sandbox.as_deref();
    let Some(found) = Linked::<Session>::of(&app, &id, sandbox) else { return missing() };
    let typed = Typed(serde_urlencoded::from_bytes(&body).unwrap_or_default());
    let (base_url, by_script) = (base_url(&app, &headers), by_script(&headers));
    let sent = Sent { app: &app, typed: &typed, base_url: &base_url, sandbox, by_script };
    if !found.object.is_open() {
        // A second press of the button, or one in another window.
        return sent.onward(&found);
    }
    match typed.get(STEP) {
        Some("details") => sent.details(&found),
        // Before there is a place, there is no amount to pay.
        _ if found.object.lacks_place() => sent.locate(&found),
        _ => sent.pay(&found),
    }
}

/// A form that was sent.
struct Sent<'s> {
    app: &'s App,
    typed: &'s Typed,
    base_url: &'s str,
    sandbox: Option<&'s str>,
    /// Whether the page's script sent it, which gets JSON.
    by_script: bool,
}

impl Sent<'_> {
    /// What was typed, as it is entered.
    fn entered(&self, session: &Session) -> crate::state::document::Map {
        let asked = session.asked();
        let boxes = [("terms_of_service", asked.terms_of_service), ("promotions", asked.promotions)];
        let boxes: Vec<&str> = boxes.into_iter().filter(|(_, is_asked)| *is_asked).map(|(name, _)| name).collect();
        let mut entered = self.typed.entered(session.currency.as_deref().unwrap_or_default(), &boxes);
        let shipping = entered.map("shipping").and_then(|shipping| shipping.map("address")).cloned();
        if let Some(address) = shipping.filter(|_| self.typed.ticks("cardUseShippingAsBilling")) {
            entered.set("address", address);
        }
        if entered.map("tax_id").is_some_and(|id| id.str("value").is_none()) {
            let _ = entered.remove("tax_id");
        }
        entered
    }

    /// Stores what may change the amounts, and shows the page anew.
    fn details(&self, found: &Linked<Session>) -> Response {
        let mut entered = self.entered(&found.object);
        // What is not whole yet is not stored; it stays typed.
        for key in ["consent", "custom_fields", "phone", "shipping", "tax_id"] {
            let _ = entered.remove(key);
        }
        let id = &found.object.id;
        let done = engine::apply(&found.sandbox, found.account, self.base_url, |tx, ctx| {
            sessions::enter(tx, ctx, id, &entered)
        });
        let refusal = done.err().map(|error| refusal_of(&error)).unwrap_or_default();
        match Linked::<Session>::of(self.app, id, self.sandbox) {
            Some(found) => shown(&found, self.typed, &refusal),
            None => missing(),
        }
    }

    /// Takes the address on which the amounts depend.
    fn locate(&self, found: &Linked<Session>) -> Response {
        let mut form = view::of(found, self.typed, &PageRefusal::default());
        if form.mark_missing() { self.again(found, form) } else { self.details(found) }
    }

    fn pay(&self, found: &Linked<Session>) -> Response {
        let mut form = view::of(found, self.typed, &PageRefusal::default());
        if form.mark_missing() {
            return self.again(found, form);
        }
        let id = &found.object.id;
        let mut chosen = if form.shows_methods { methods::params(self.typed) } else { Default::default() };
        chosen.merge(&self.entered(&found.object));
        let paid =
            engine::apply(&found.sandbox, found.account, self.base_url, |tx, ctx| sessions::pay(tx, ctx, id, &chosen));
        let Some(found) = Linked::<Session>::of(self.app, id, self.sandbox) else { return missing() };
        let error = match paid {
            Ok(Paid::Waiting(Some(url))) => return self.to_bank(&url),
            Ok(Paid::Complete | Paid::Waiting(None)) => return self.onward(&found),
            Ok(Paid::Declined(error)) | Err(error) => error,
        };
        if !found.object.is_open() {
            return self.onward(&found);
        }
        let form = view::of(&found, self.typed, &refusal_of(&error));
        self.again(&found, form)
    }

    /// The form with what is wrong.
    fn again(&self, found: &Linked<Session>, mut form: CheckoutPage) -> Response {
        if !self.by_script {
            return of_form(found, form);
        }
        let wrong: Vec<Value> =
            form.errors().into_iter().map(|(input, message)| json!({"input": input, "message": message})).collect();
        answer(StatusCode::OK, &json!({"errors": wrong, "message": form.refusal}))
    }

    /// To another page.
    fn go(&self, to: &str) -> Response {
        if self.by_script { answer(StatusCode::OK, &json!({"url": to})) } else { go_to(to) }
    }

    /// To a bank's page: where a card is authenticated, in a frame over this one.
    fn to_bank(&self, to: &str) -> Response {
        let is_challenge = self.by_script && methods::is_card(self.typed);
        if is_challenge { answer(StatusCode::OK, &json!({"challenge": to})) } else { self.go(to) }
    }

    /// What follows when the session is no longer open.
    fn onward(&self, found: &Linked<Session>) -> Response {
        match destination(&found.object) {
            Some(url) => self.go(&url),
            None if self.by_script => answer(StatusCode::OK, &json!({"url": ""})),
            None => shown(found, self.typed, &PageRefusal::default()),
        }
    }
}

/// What the page says of an error.
fn refusal_of(error: &ApiError) -> PageRefusal {
    let field = |key| error.field(key).unwrap_or_default();
    let input = inputs::page_name(field("param")).or_else(|| methods::input_of(field("code")).map(str::to_owned));
    let message = if field("code") == "parameter_missing" && input.is_some() { "Required" } else { field("message") };
    PageRefusal { message: message.to_owned(), input }
}
