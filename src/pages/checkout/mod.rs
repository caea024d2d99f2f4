//! The page of a Checkout Session, where a customer fills in the form and pays (intents-and-checkout 3.2, stripe-js 1).
//!
//! May use: the app, the sandboxes, Checkout Sessions. Invariant: whoever knows a session's id may pay it, as with the URL of
//! the real API; nothing else is possible here, and nothing that is asked for can be left out.

mod address;
mod brand;
pub(crate) mod inputs;
pub(super) mod methods;
pub(super) mod template;
pub(super) mod view;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use self::inputs::Typed;
use self::template::{CheckoutNotice, CheckoutPage};
use self::view::PageRefusal;
use super::assets;
use super::guard::{Framed, Loads};
use super::linked::{Linked, onward};
use super::respond::{answer, base_url, form_too_large, go_to, header_text, in_sandbox, no_page, page, see_other};
use super::texts::Texts;
use crate::app::App;
use crate::contract::Ctx;
use crate::engine;
use crate::error::ApiError;
use crate::links;
use crate::resources::checkout::sessions::{self, Session, SessionStatus};
use crate::resources::payments::paying::Paid;
use crate::state::Tx;
use crate::state::document::Map;
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
    let Some(found) = Linked::<Session>::of(&app, &id, link.sandbox.as_deref()) else { return no_page() };
    let message = found.object.failure(&found.tx()).unwrap_or_default();
    let refusal = PageRefusal { message, input: None };
    if by_script(&headers) && found.object.is_open() {
        let said = texts_of(&found.object, &headers).say(&refusal.message).to_owned();
        return answer(StatusCode::OK, &json!({"message": said}));
    }
    if by_script(&headers) {
        return answer(StatusCode::OK, &json!({"url": destination(&found.object).unwrap_or_default()}));
    }
    shown(&found, &Typed::default(), &refusal, texts_of(&found.object, &headers))
}

/// A customer has been at a bank's page; the page goes on, or says what has failed.
pub(super) async fn come_back(Path(id): Path<String>, Query(link): Query<SessionLink>) -> Response {
    see_other(&format!("../{id}{}", in_sandbox(link.sandbox.as_deref())))
}

/// The language of a session's page for a browser.
fn texts_of(session: &Session, headers: &HeaderMap) -> Texts {
    Texts::of(session.rest.str("locale"), header_text(headers, "accept-language"))
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
fn shown(found: &Linked<Session>, typed: &Typed, refusal: &PageRefusal, texts: Texts) -> Response {
    match found.object.status {
        Some(SessionStatus::Open) => of_form(found, &view::of(found, typed, refusal, texts)),
        Some(SessionStatus::Expired) => in_frame(found, expired(&found.object, texts)),
        Some(SessionStatus::Complete) | None => match found.object.destination() {
            Some(url) => go_to(&url),
            None => in_frame(found, done(&found.object, texts)),
        },
    }
}

/// The page with its form, its script, and the merchant's colours.
fn of_form(found: &Linked<Session>, template: &CheckoutPage) -> Response {
    let mut styles = vec![assets::STYLE, assets::CHECKOUT_STYLE];
    if !template.brand.is_empty() {
        styles.push(&template.brand);
    }
    let policy = assets::policy(&styles, &[assets::CHECKOUT_SCRIPT]);
    let mut shown = page(template);
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

fn done(session: &Session, texts: Texts) -> Response {
    let own = session
        .rest
        .map("custom_text")
        .and_then(|texts| texts.map("after_submit"))
        .and_then(|text| text.str("message"));
    let text = own.unwrap_or(texts.say("This page can be closed.")).to_owned();
    notice(texts, "You’re all done here", text, Default::default())
}

fn expired(session: &Session, texts: Texts) -> Response {
    let brand = session
        .rest
        .map("branding_settings")
        .and_then(|brand| brand.str("display_name"))
        .unwrap_or(texts.say("the shop"));
    let back = session.rest.str("cancel_url").filter(|url| url::check(url).is_ok());
    let onward = back.map(|url| (url.to_owned(), texts.about("Return to {}", brand))).unwrap_or_default();
    let text = texts.say("Nothing was paid. Begin again where you came from.").to_owned();
    notice(texts, "Your checkout session has expired", text, onward)
}

fn notice(texts: Texts, heading: &'static str, text: String, onward: (String, String)) -> Response {
    page(&CheckoutNotice { language: texts.language(), heading: texts.say(heading), text, onward })
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
    let Some(found) = Linked::<Session>::of(&app, &id, sandbox) else { return no_page() };
    let Some(typed) = Typed::read(&body) else { return form_too_large() };
    let (base_url, by_script) = (base_url(&app, &headers), by_script(&headers));
    let texts = texts_of(&found.object, &headers);
    let sent = Sent { app: &app, typed: &typed, base_url: &base_url, sandbox, by_script, texts };
    if !found.object.is_open() {
        // A second press of the button, or one in another window.
        return sent.onward(&found);
    }
    match typed.get(STEP) {
        Some("details") => sent.details(&found),
        _ if typed.changes_the_order() => sent.details(&found),
        // Before there is a place, there is no amount to pay: the button of the form leads to it.
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
    texts: Texts,
}

impl Sent<'_> {
    /// What was typed, as it is entered.
    ///
    /// # Errors
    /// A number that is none.
    fn entered(&self, session: &Session) -> Result<Map, PageRefusal> {
        let asked = session.asked();
        let boxes = [
            ("terms_of_service", asked.terms_of_service),
            ("promotions", asked.promotions),
            ("save_payment_method", session.asks_to_save()),
        ];
        let boxes: Vec<&str> = boxes.into_iter().filter(|(_, is_asked)| *is_asked).map(|(name, _)| name).collect();
        let entered = self.typed.entered(session.currency.as_deref().unwrap_or_default(), &boxes, self.texts);
        let mut entered = entered
            .map_err(|input| PageRefusal { message: "This value is not valid.".to_owned(), input: Some(input) })?;
        let shipping = entered.map("shipping").and_then(|shipping| shipping.map("address")).cloned();
        if let Some(address) = shipping.filter(|_| self.typed.ticks("cardUseShippingAsBilling")) {
            entered.set("address", address);
        }
        if asked.shop_ships {
            // The shop's server has stored it, or refuses it.
            let _ = entered.remove("shipping");
        }
        if entered.map("tax_id").is_some_and(|id| id.str("value").is_none()) {
            let _ = entered.remove("tax_id");
        }
        Ok(entered)
    }

    /// Stores what may change the amounts, and shows the page anew.
    fn details(&self, found: &Linked<Session>) -> Response {
        let id = &found.object.id;
        let done = self.entered(&found.object).and_then(|mut entered| {
            // What is not whole yet is not stored; it stays typed.
            for key in ["consent", "custom_fields", "phone", "tax_id"] {
                let _ = entered.remove(key);
            }
            let shipping = entered.map("shipping").filter(|shipping| shipping.present("name").is_some());
            if !shipping.and_then(|shipping| shipping.map("address")).is_some_and(sessions::is_whole_address) {
                let _ = entered.remove("shipping");
            }
            let work = |tx: &mut Tx, ctx: &Ctx<'_>| sessions::enter(tx, ctx, id, &entered);
            engine::apply(&found.sandbox, found.account, self.base_url, work).map_err(|error| refusal_of(&error))
        });
        let refusal = done.err().unwrap_or_default();
        match Linked::<Session>::of(self.app, id, self.sandbox) {
            Some(found) => shown(&found, self.typed, &refusal, self.texts),
            None => no_page(),
        }
    }

    /// Takes the address on which the amounts depend.
    fn locate(&self, found: &Linked<Session>) -> Response {
        let mut form = view::of(found, self.typed, &PageRefusal::default(), self.texts);
        if form.mark_missing() { self.again(found, form) } else { self.details(found) }
    }

    fn pay(&self, found: &Linked<Session>) -> Response {
        let mut form = view::of(found, self.typed, &PageRefusal::default(), self.texts);
        if form.mark_missing() {
            return self.again(found, form);
        }
        let id = &found.object.id;
        let mut chosen = if form.shows_methods { methods::params(self.typed) } else { Default::default() };
        match self.entered(&found.object) {
            Ok(entered) => chosen.merge(&entered),
            Err(refusal) => return self.again(found, view::of(found, self.typed, &refusal, self.texts)),
        }
        let paid =
            engine::apply(&found.sandbox, found.account, self.base_url, |tx, ctx| sessions::pay(tx, ctx, id, &chosen));
        let Some(found) = Linked::<Session>::of(self.app, id, self.sandbox) else { return no_page() };
        let error = match paid {
            Ok(Paid::Waiting(Some(url))) => return self.to_bank(&onward(&found.sandbox, &url, self.base_url)),
            Ok(Paid::Complete | Paid::Waiting(None)) => return self.onward(&found),
            Ok(Paid::Declined(error)) | Err(error) => error,
        };
        if !found.object.is_open() {
            return self.onward(&found);
        }
        if error.field("code") == Some("checkout_amount_mismatch") && self.by_script {
            return answer(StatusCode::OK, &json!({"message": self.texts.say(AMOUNT_CHANGED), "details": true}));
        }
        let form = view::of(&found, self.typed, &refusal_of(&error), self.texts);
        self.again(&found, form)
    }

    /// The form with what is wrong.
    fn again(&self, found: &Linked<Session>, mut form: CheckoutPage) -> Response {
        if !self.by_script {
            return of_form(found, &form);
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
        // On the page's own origin, whichever name it was opened by.
        let path = links::path(to).unwrap_or(to);
        if is_challenge { answer(StatusCode::OK, &json!({"challenge": path})) } else { self.go(to) }
    }

    /// What follows when the session is no longer open.
    fn onward(&self, found: &Linked<Session>) -> Response {
        match destination(&found.object) {
            Some(url) => self.go(&url),
            None if self.by_script => answer(StatusCode::OK, &json!({"url": ""})),
            None => shown(found, self.typed, &PageRefusal::default(), self.texts),
        }
    }
}

/// What is said when another amount is due than the page showed.
const AMOUNT_CHANGED: &str = "The amount has changed. Look at it, and press the button again.";

/// What the page says of an error.
fn refusal_of(error: &ApiError) -> PageRefusal {
    let field = |key| error.field(key).unwrap_or_default();
    let input = inputs::page_name(field("param")).or_else(|| methods::input_of(field("code")).map(str::to_owned));
    let message = match (field("code"), input.as_deref()) {
        ("parameter_missing", Some(_)) => "Required",
        ("checkout_amount_mismatch", _) => AMOUNT_CHANGED,
        (_, Some("promotionCode")) => "This code is invalid.",
        _ => field("message"),
    };
    PageRefusal { message: message.to_owned(), input }
}
