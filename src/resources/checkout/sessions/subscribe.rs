//! A session that begins a subscription (intents-and-checkout 3.2, billing-2 12.2).
//!
//! May use: subscriptions, invoices, both kinds of intents. Invariant: what is declined leaves nothing; the subscription bills what
//! the session came to.

use super::{Session, SessionMode, SessionPaymentStatus, follow, pay, taxes};
use crate::contract::{Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::object::template;
use crate::resources::billing::invoices::Invoice;
use crate::resources::billing::subscription_items::is_metered;
use crate::resources::billing::subscriptions::{self, FirstInvoice, Recurrence, Subscription};
use crate::resources::customers::customer::Customer;
use crate::resources::instruments::payment_methods::{self, PaymentMethod};
use crate::resources::payments::paying::Paid;
use crate::resources::payments::payment_intents::{IntentStatus, PaymentIntent};
use crate::resources::payments::setup_intents::{self, SetupIntent, SetupStatus};
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;
use crate::state::{Id, Tx};

/// The status of an answer about a payment method that was declined.
const DECLINED: u16 = 402;

/// The parameter with what payment methods are told.
const OPTIONS: &str = "payment_method_options";

/// The type of payment method that is the customer's before it pays.
const CARD: &str = "card";

/// Begins the subscription of an open session with what the customer chose.
///
/// # Errors
/// The choice cannot be used here, or the subscription cannot be made. Nothing is stored then; a decline is not an error.
pub(super) fn subscribe(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, chosen: &Map) -> Result<Paid> {
    match tx.attempt(|tx| try_to(tx, ctx, id, chosen)) {
        Err(error) if error.status() == DECLINED => Ok(Paid::Declined(error)),
        done => done,
    }
}

fn try_to(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, chosen: &Map) -> Result<Paid> {
    abandon(tx, ctx, id)?;
    let session = require::<Session>(tx, id, In::Path)?;
    if session.asks_no_method() {
        pay::check_entered(tx, id, chosen)?;
        let customer = pay::buyer(tx, ctx, id, None)?.ok_or_else(ApiError::internal)?;
        begin(tx, ctx, id, &customer, None)?;
        return finish(tx, ctx, id, None);
    }
    let terms = pay::known_to_bank(tx, ctx, id, chosen)?;
    pay::check_entered(tx, id, chosen)?;
    let customer = pay::buyer(tx, ctx, id, None)?.ok_or_else(ApiError::internal)?;
    if require::<Session>(tx, id, In::Path)?.amount_total.unwrap_or_default() == 0 {
        return set_up(tx, ctx, id, &customer, &terms);
    }
    let method = terms.str("payment_method").unwrap_or_default().to_owned();
    // A card is the customer's before it pays (billing-2 12.2).
    if kind_of(tx, &method).as_deref() == Some(CARD) {
        payment_methods::attach(tx, ctx, &method, &customer)?;
    }
    begin(tx, ctx, id, &customer, Some(&terms))?;
    finish(tx, ctx, id, Some(&method))
}

/// The type of a payment method.
fn kind_of(tx: &Tx, method: &str) -> Option<String> {
    tx.get::<PaymentMethod>(method).map(|method| method.kind.clone())
}

/// Nothing is due now: the method is set up, and then the subscription begins.
fn set_up(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, customer: &Id, terms: &Map) -> Result<Paid> {
    let session = require::<Session>(tx, id, In::Path)?;
    let types = session.types().map(|kind| Doc::from(kind.to_owned())).collect();
    let params = Map::from([
        ("customer", Doc::from(customer.to_string())),
        ("payment_method_types", Doc::List(types)),
        ("usage", "off_session".into()),
        (OPTIONS, session.rest.get(OPTIONS).cloned().unwrap_or_default()),
    ]);
    let intent = setup_intents::open(tx, ctx, &params)?;
    if let Outcome::Refused(error) = setup_intents::confirm_with(tx, ctx, &intent, terms)? {
        return Err(error.alone());
    }
    tx.update::<Session>(id, |session| {
        session.buyer = Absent(Some(Id::clone(customer)));
        session.pending_step = Absent(Some(Id::clone(&intent)));
    });
    follow_setup(tx, ctx, &id.into())?;
    let session = require::<Session>(tx, id, In::Path)?;
    Ok(if session.is_open() {
        Paid::Waiting(tx.get::<SetupIntent>(&intent).and_then(|intent| pay::page_of_setup(ctx, &intent, id)))
    } else {
        Paid::Complete
    })
}

/// Makes the subscription, and its first invoice; `terms` are those of its payment. Without them the payment method is set up
/// already, or there is none.
fn begin(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, customer: &Id, terms: Option<&Map>) -> Result<()> {
    let session = require::<Session>(tx, id, In::Path)?;
    let method = match terms {
        Some(terms) => terms.str("payment_method").map(str::to_owned),
        None => pending_setup(tx, &session).and_then(|intent| intent.payment_method.as_ref().map(ToString::to_string)),
    };
    let kind = method.as_ref().and_then(|method| kind_of(tx, method));
    let mut params = params_of(tx, &session, kind.as_deref());
    if let Some(method) = method.filter(|_| terms.is_none() || kind.as_deref() == Some(CARD)) {
        params.set("default_payment_method", method);
    }
    // What happens meanwhile is no news of what the session waited for.
    tx.quietly(|tx| tx.update::<Session>(id, |session| session.pending_step = Absent(None)));
    let nothing = Map::new();
    let invoice = FirstInvoice::OnPage(terms.unwrap_or(&nothing));
    let customer = require::<Customer>(tx, customer, In::Param("customer"))?;
    let made = subscriptions::create::start_with(tx, ctx, &params, &customer, invoice)?;
    let latest = tx.get::<Subscription>(&made).and_then(|made| made.latest_invoice.clone());
    tx.update::<Session>(id, |session| {
        session.buyer = Absent(Some(Id::clone(&customer.id)));
        session.begun = Absent(Some(made));
        session.pending_step = Absent(latest);
    });
    Ok(())
}

/// The parameters of the subscription; `kind` is the type of the payment method.
fn params_of(tx: &Tx, session: &Session, kind: Option<&str>) -> Map {
    let mut params = session.intent_data.as_map().cloned().unwrap_or_default();
    let (mut items, mut extras) = (Vec::new(), Vec::new());
    for record in lines::of(tx, &session.id) {
        let line = record.object.to_doc();
        let Some(price) = line.map("price") else { continue };
        let mut item = Map::from([("price", price.str("id").unwrap_or_default().to_owned())]);
        if let Some(quantity) = line.int("quantity").filter(|_| !is_metered(price)) {
            item.set("quantity", quantity);
        }
        if let Some(rates) = session.tax_rates.get(record.object.id()) {
            item.set("tax_rates", rates.clone());
        }
        let list = if price.present("recurring").is_some() { &mut items } else { &mut extras };
        list.push(Doc::from(item));
    }
    params.set("items", Doc::List(items));
    if !extras.is_empty() {
        params.set("add_invoice_items", Doc::List(extras));
    }
    params.set("currency", session.currency.clone());
    let discounts = session.rest.list("discounts").unwrap_or_default().iter().filter_map(Doc::as_map);
    let named = discounts.map(|discount| {
        let said = discount.iter().filter(|(_, value)| !value.is_null());
        Doc::from(Map::from_entries(said.map(|(key, value)| (key.to_owned().into(), value.clone())).collect()))
    });
    params.set("discounts", Doc::List(named.collect()));
    if let Some(tax) = session.rest.map("automatic_tax").filter(|tax| tax.bool("enabled") == Some(true)) {
        let liability = tax.get("liability").cloned().unwrap_or_default();
        params.set("automatic_tax", Map::from([("enabled", Doc::from(true)), ("liability", liability)]));
    }
    params.set("payment_settings", payment_settings(session, kind));
    params
}

/// How the invoices of the subscription are paid: by the types that the session names, and by that of the payment method.
fn payment_settings(session: &Session, kind: Option<&str>) -> Map {
    let mut settings = Map::new();
    let options = method_options(session);
    if !options.is_empty() {
        settings.set(OPTIONS, options);
    }
    let is_named = session.rest.present("payment_method_configuration_details").is_none();
    if is_named || kind.is_some_and(|kind| kind != CARD) {
        let types = session.types().map(|kind| Doc::from(kind.to_owned())).collect();
        settings.set("payment_method_types", Doc::List(types));
    }
    settings
}

/// What of the options of the session's payment methods a subscription has, too.
fn method_options(session: &Session) -> Map {
    let mut all = Map::new();
    for (kind, said) in session.rest.map(OPTIONS).into_iter().flat_map(Map::iter) {
        let known = template::fields_at(subscriptions::KIND, &["payment_settings", OPTIONS, kind]);
        let kept = known
            .iter()
            .filter_map(|field| Some((field.name.into(), said.as_map()?.str(field.name)?.to_owned().into())));
        let kept = Map::from_entries(kept.collect());
        if !kept.is_empty() {
            all.set(kind.to_owned(), kept);
        }
    }
    all
}

/// Completes the session if the first invoice of its subscription is paid, is being paid, or had nothing to pay.
fn finish(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, method: Option<&str>) -> Result<Paid> {
    crate::contract::settle(tx, ctx);
    let session = require::<Session>(tx, id, In::Path)?;
    if !session.is_open() {
        return Ok(Paid::Complete);
    }
    let invoice = pending_invoice(tx, &session);
    let intent = invoice.as_ref().and_then(|it| it.payment_intent()).and_then(|intent| tx.get::<PaymentIntent>(intent));
    let waits = intent.as_ref().is_some_and(|intent| intent.status == IntentStatus::RequiresAction);
    if waits {
        return Ok(Paid::Waiting(intent.and_then(|intent| pay::page_of_payment(ctx, &intent, id))));
    }
    let status = match &invoice {
        _ if session.amount_total.unwrap_or_default() == 0 => SessionPaymentStatus::NoPaymentRequired,
        Some(invoice) if !invoice.is_paid() => SessionPaymentStatus::Unpaid,
        Some(_) | None => SessionPaymentStatus::Paid,
    };
    complete(tx, ctx, &session, status, method)?;
    Ok(Paid::Complete)
}

fn complete(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    session: &Session,
    status: SessionPaymentStatus,
    method: Option<&str>,
) -> Result<()> {
    let Some(begun) = session.begun.0.clone() else { return Ok(()) };
    if let Some(method) = method {
        let keeps =
            tx.get::<Subscription>(&begun).is_some_and(|begun| begun.rest.present("default_payment_method").is_none());
        if keeps {
            tx.update::<Subscription>(&begun, |begun| begun.rest.set("default_payment_method", method.to_owned()));
        }
    }
    let invoice = tx.get::<Subscription>(&begun).and_then(|begun| begun.latest_invoice.clone());
    tx.quietly(|tx| {
        tx.update::<Session>(&session.id, |session| {
            session.rest.set("subscription", begun.to_string());
            session.rest.set("invoice", invoice.map(|invoice| invoice.to_string()));
        });
    });
    follow::complete(tx, ctx, &session.id, status, session.buyer.0.clone(), method)
}

fn pending_invoice(tx: &Tx, session: &Session) -> Option<std::sync::Arc<Invoice>> {
    tx.get::<Invoice>(session.pending_step.0.as_ref()?)
}

fn pending_setup(tx: &Tx, session: &Session) -> Option<std::sync::Arc<SetupIntent>> {
    tx.get::<SetupIntent>(session.pending_step.0.as_ref()?)
}

/// Brings a session into line with the first invoice of its subscription.
pub(super) fn follow_invoice(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(session) = tx.get::<Session>(id).filter(|session| session.mode == SessionMode::Subscription) else {
        return Ok(());
    };
    let Some(invoice) = pending_invoice(tx, &session) else { return Ok(()) };
    let method = invoice.payment_intent().and_then(|intent| tx.get::<PaymentIntent>(intent));
    let method = method.and_then(|intent| intent.payment_method.clone());
    if session.is_open() {
        // One that is made right now is completed by who makes it.
        if invoice.is_paid() && session.begun.0.is_some() && session.amount_total.unwrap_or_default() > 0 {
            return complete(tx, ctx, &session, SessionPaymentStatus::Paid, method.as_deref());
        }
        return Ok(());
    }
    let is_unpaid = session.payment_status == SessionPaymentStatus::Unpaid;
    let fails = is_unpaid && invoice.has_failed();
    if session.payment_failed.0 != fails {
        tx.update::<Session>(id, |session| session.payment_failed.0 = fails);
    }
    if is_unpaid && invoice.is_paid() {
        tx.update::<Session>(id, |session| session.payment_status = SessionPaymentStatus::Paid);
    }
    Ok(())
}

/// Begins the subscription of a session once its payment method is set up.
pub(super) fn follow_setup(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(session) = tx.get::<Session>(id).filter(|session| session.is_open()) else { return Ok(()) };
    let intent = pending_setup(tx, &session).filter(|intent| intent.status == SetupStatus::Succeeded);
    let (Some(intent), Some(customer)) = (intent, session.buyer.0.clone()) else { return Ok(()) };
    begin(tx, ctx, id, &customer, None)?;
    finish(tx, ctx, id, intent.payment_method.as_deref()).map(drop)
}

/// What an attempt left that waits for the customer is gone: another one begins, or the session has expired.
///
/// # Errors
/// It can no longer be canceled.
pub(super) fn abandon(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    let session = require::<Session>(tx, id, In::Path)?;
    if let Some(intent) = pending_setup(tx, &session) {
        setup_intents::abandon(tx, ctx, &intent.id)?;
    }
    if let Some(begun) = &session.begun.0 {
        subscriptions::expire(tx, ctx, begun)?;
    }
    if session.begun.0.is_some() || session.pending_step.0.is_some() {
        tx.update::<Session>(id, |session| {
            session.begun = Absent(None);
            session.pending_step = Absent(None);
        });
    }
    Ok(())
}

/// Fixes what depends on the version of the call that makes the session, and checks what a subscription would be refused for.
///
/// # Errors
/// Prices that do not go together, a trial or an anchor that cannot be.
pub(super) fn prepare(tx: &Tx, ctx: &Ctx<'_>, session: &mut Session) -> Result<()> {
    if session.mode != SessionMode::Subscription {
        return Ok(());
    }
    let mut data = session.intent_data.as_map().cloned().unwrap_or_default();
    if data.present("billing_mode").is_none() {
        let mode = subscriptions::create::mode(ctx, &data);
        data.set("billing_mode", Map::from([("type", mode.as_str())]));
    }
    session.intent_data = data.into();
    for recurrence in recurrences(tx, session) {
        let _ = billed(tx, ctx, session, recurrence)?;
    }
    Ok(())
}

fn recurrences(tx: &Tx, session: &Session) -> Vec<Recurrence> {
    let lines = lines::of(tx, &session.id);
    lines.iter().filter_map(|line| Recurrence::of(line.object.to_doc().map("price")?)).collect()
}

/// The part of a recurring price that is billed at once.
///
/// # Errors
/// Those of a subscription's times.
pub(super) fn billed(
    tx: &Tx,
    ctx: &Ctx<'_>,
    session: &Session,
    recurrence: Recurrence,
) -> Result<Option<(subscriptions::Anchor, subscriptions::Period)>> {
    let nothing = Map::new();
    let data = session.intent_data.as_map().unwrap_or(&nothing);
    let all = recurrences(tx, session);
    let is_flexible = data.map("billing_mode").and_then(|mode| mode.str("type")) == Some("flexible");
    let shortest = crate::resources::billing::subscription_items::check_recurrences(all.into_iter(), is_flexible)?;
    let clock = session.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
    let now = ctx.now_of(tx, clock.as_ref().and_then(|customer| customer.rest.str("test_clock")));
    let times = (recurrence, shortest);
    subscriptions::create::billed_at_once(data, times, is_flexible, now)
        .map_err(|error| error.inside("subscription_data"))
}

impl Session {
    /// Whether the customer chooses no payment method: nothing is due now, and none is asked for.
    pub fn asks_no_method(&self) -> bool {
        self.mode == SessionMode::Subscription
            && self.amount_total.unwrap_or_default() == 0
            && self.rest.str("payment_method_collection") == Some("if_required")
            && !taxes::lacks_place(self)
    }
}
