//! An expired session that can be begun anew (`after_expiration[recovery]`, intents-and-checkout 3.1).
//!
//! May use: lines, amounts. Invariant: the new session sells what the old one did, on its terms, and names it; what the customer agreed to
//! and paid with is asked for anew.

use super::{ENTRY, KIND, Session, SessionMode, SessionPaymentStatus, SessionStatus, amounts, form, page, pay};
use crate::contract::{Ctx, In, require};
use crate::error::Result;
use crate::generic::lines;
use crate::links;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Flag};
use crate::state::{Id, Ref, Tx};
use crate::time::calendar::DAY;

/// How long an expired session can be begun anew, in seconds.
const RECOVERY_SECONDS: i64 = 30 * DAY;

/// What the ids of sessions begin with, and the addresses of recoveries do not.
const PREFIX: &str = "cs_";

const AFTER: &str = "after_expiration";
const RECOVERY: &str = "recovery";

/// The id of the session that a recovery's address leads to, by the end of the address.
pub fn of_page(code: &str) -> String {
    format!("{PREFIX}{code}")
}

/// How a session can be begun anew, if it can.
fn rules(session: &Session) -> Option<&Map> {
    let rules = session.rest.map(AFTER)?.map(RECOVERY)?;
    (rules.bool("enabled") == Some(true)).then_some(rules)
}

/// Sets where a session that expires is begun anew, and until when, if it shall be.
pub(super) fn offer(session: &mut Session, ctx: &Ctx<'_>) {
    let Some(rules) = rules(session) else { return };
    let url = links::to(ctx.base_url, &format!("/r/{}", session.id.trim_start_matches(PREFIX)));
    show(session, rules.clone().with("expires_at", ctx.now + RECOVERY_SECONDS).with("url", url));
}

fn show(session: &mut Session, rules: Map) {
    session.rest.set(AFTER, Map::from([(RECOVERY, rules)]));
}

/// Begins an expired session anew, if it shall be and is not too old; `None` if not.
///
/// # Errors
/// There is no such session, or what it sells cannot be sold any more.
pub fn recover(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<Option<Id>> {
    let old = require::<Session>(tx, id, In::Path)?;
    let known = rules(&old).filter(|rules| rules.int("expires_at").is_some_and(|until| ctx.now < until));
    let (Some(rules), Some(SessionStatus::Expired)) = (known.cloned(), old.status) else { return Ok(None) };
    let mut session = begun_anew(ctx, &old);
    if rules.bool("allow_promotion_codes") == Some(true) {
        session.rest.set("allow_promotion_codes", true);
    }
    show(&mut session, rules.with("expires_at", Doc::Null).with("url", Doc::Null));
    session.rest.set("recovered_from", old.id.to_string());
    know_customer(tx, &mut session, &old);
    copy_lines(tx, ctx, &mut session, &old)?;
    if tx.attempt(|tx| amounts::total(tx, ctx, &mut session)).is_err() {
        // The discount may be used up meanwhile; the goods may still be sold.
        session.rest.set("discounts", Doc::List(Vec::new()));
        amounts::total(tx, ctx, &mut session)?;
    }
    let Ref { id, .. } = tx.insert(session);
    pay::begin_early(tx, ctx, &id)?;
    Ok(Some(id))
}

/// A copy that is open, and knows nothing of how the old session was to be paid.
fn begun_anew(ctx: &Ctx<'_>, old: &Session) -> Session {
    let mut session = old.clone();
    session.id = Id::from(ENTRY.id.draw(&ctx.ids));
    session.created = ctx.now;
    session.expires_at = ctx.now + (old.expires_at - old.created);
    session.status = Some(SessionStatus::Open);
    session.payment_status = match session.mode {
        SessionMode::Setup => SessionPaymentStatus::NoPaymentRequired,
        SessionMode::Payment | SessionMode::Subscription => SessionPaymentStatus::Unpaid,
    };
    session.payment_intent = None;
    session.setup_intent = None;
    session.payment_failed = Flag(false);
    session.chosen_shipping = Absent(None);
    session.begun = Absent(None);
    session.pending_step = Absent(None);
    session.buyer = Absent(None);
    session.breakdown = Map::new();
    session.discount = Doc::Null;
    session.url = session.is_hosted().then(|| page(ctx.base_url, &session.id));
    if !session.is_hosted() {
        session.rest.set("client_secret", ctx.ids.id(&format!("{}_secret_", session.id), 40));
    }
    for field in ["collected_information", "consent", "shipping_cost"] {
        session.rest.set(field, Doc::Null);
    }
    if let Some(Doc::List(fields)) = session.rest.get_mut("custom_fields") {
        fields.iter_mut().for_each(unanswer);
    }
    session
}

/// A field of the merchant's own is empty again.
fn unanswer(field: &mut Doc) {
    let Doc::Map(field) = field else { return };
    let kind = field.str("type").unwrap_or_default().to_owned();
    if let Some(Doc::Map(rules)) = field.get_mut(&kind) {
        rules.set("value", Doc::Null);
    }
}

/// Whoever left an e-mail address is met with it.
fn know_customer(tx: &Tx, session: &mut Session, old: &Session) {
    session.customer_details = Doc::Null;
    form::know_customer(tx, session);
    if let (Doc::Null, Some(email)) = (&session.customer_details, old.email()) {
        let mut details = Map::from([("email", email.to_owned())]);
        if session.mode != SessionMode::Setup {
            details.set("tax_exempt", form::tax_exempt(tx, session));
        }
        form::show(session, details);
    }
}

/// The new session has lines of its own, with the tax rates of the old ones.
fn copy_lines(tx: &mut Tx, ctx: &Ctx<'_>, session: &mut Session, old: &Session) -> Result<()> {
    let known = lines::of(tx, &old.id);
    let copies = known.iter().map(|line| sold(&line.object.to_doc()).into()).collect();
    lines::make(tx, ctx, KIND, &session.id, &Map::from([("line_items", Doc::List(copies))]))?;
    let (mut rates, mut added) = (Map::new(), Map::new());
    for (old_line, line) in known.iter().zip(lines::of(tx, &session.id)) {
        let (old_line, line) = (old_line.object.id(), line.object.id().to_string());
        if let Some(of_line) = old.tax_rates.get(old_line) {
            rates.set(line.clone(), of_line.clone());
        }
        if let Some((price, _)) = old.added_items.iter().find(|(_, id)| id.as_str() == Some(old_line)) {
            added.set(price.to_owned(), line);
        }
    }
    session.tax_rates = rates;
    session.added_items = added;
    Ok(())
}

/// The parameters of a line.
fn sold(line: &Map) -> Map {
    let price = line.map("price").and_then(|price| price.str("id")).unwrap_or_default().to_owned();
    let mut sold = Map::from([("price", price)]);
    for key in ["adjustable_quantity", "metadata", "quantity"] {
        if let Some(value) = line.present(key) {
            sold.set(key, value.clone());
        }
    }
    sold
}
