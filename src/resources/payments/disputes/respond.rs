//! Responding to a dispute, and accepting it (core-payments 9.2.6 to 9.2.12).
//!
//! May use: disputes, files. Invariant: a closed dispute cannot be changed.

use super::{Dispute, DisputeStatus, find_of_charge, outcome};
use crate::catalogue::{self, Type};
use crate::contract::{Call, Ctx, In, Outcome, require, require_record};
use crate::error::{ApiError, Result};
use crate::object::{metadata, template};
use crate::resources::payments::charges::Charge;
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Ref, Tx};
use std::sync::Arc;

/// Characters of all evidence together (core-payments 9.1; the documentation of `evidence`).
const EVIDENCE_CHARACTERS_MAX: usize = 150_000;

/// `POST /v1/disputes/:id`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let dispute = require::<Dispute>(tx, call.arg(0), In::Path)?;
    respond(tx, ctx, &dispute, &call.params)
}

/// `POST /v1/charges/:id/dispute`.
pub(super) fn update_of_charge(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let dispute = find_of_charge(tx, call.arg(0))?;
    respond(tx, ctx, &dispute, &call.params)
}

/// `POST /v1/disputes/:id/close`.
pub(super) fn close(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let dispute = require::<Dispute>(tx, call.arg(0), In::Path)?;
    give_in(tx, &dispute)
}

/// `POST /v1/charges/:id/dispute/close`.
pub(super) fn close_of_charge(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let dispute = find_of_charge(tx, call.arg(0))?;
    give_in(tx, &dispute)
}

fn respond(tx: &mut Tx, ctx: &Ctx<'_>, dispute: &Arc<Dispute>, params: &Map) -> Result<Outcome> {
    if dispute.is_closed() {
        return Err(ApiError::dispute_closed());
    }
    let mut changed = Dispute::clone(dispute);
    changed.metadata = metadata::merge(&dispute.metadata, params.get("metadata"))?;
    if let Some(method) = params.get("intended_submission_method") {
        changed.rest.set("intended_submission_method", method.clone());
    }
    let sent = params.map("evidence");
    if let Some(sent) = sent {
        check_files(tx, sent)?;
        changed.evidence = evidence(&dispute.evidence, sent)?;
        let has_evidence = changed.evidence.iter().any(|(_, value)| characters(value) > 0);
        changed.evidence_details.set("has_evidence", has_evidence);
    }
    // Evidence is submitted unless `submit` is false (core-payments 9.2.7).
    let submits = params.bool("submit").unwrap_or(sent.is_some());
    if submits {
        submit(&mut changed, ctx.now);
    }
    let about = Ref::to(&**dispute);
    if submits {
        // "Seconds later" is as soon as the answer is out.
        changed.decide_at = Absent(outcome::verdict(&changed).map(|_| ctx.now));
    }
    tx.save(dispute, changed);
    tell_of_charge(tx, dispute);
    Ok(Outcome::Done(about))
}

/// Emits an event of the charge too, although it has not changed (core-payments 10.4.10, 10.4.13).
fn tell_of_charge(tx: &mut Tx, dispute: &Dispute) {
    tx.announce("charge.updated", &Ref { kind: Charge::KIND, id: Id::clone(&dispute.charge) });
}

/// A document in the evidence is an uploaded file, which must exist.
fn check_files(tx: &Tx, sent: &Map) -> Result<()> {
    let fields = template::fields_at(Dispute::KIND, &["evidence"]);
    for (name, value) in sent.iter() {
        let is_file =
            catalogue::field(fields, name).is_some_and(|field| matches!(field.kind, Type::Expandable(["file"])));
        let Some(id) = value.as_str().filter(|_| is_file) else { continue };
        require_record(tx, crate::kind!("file"), id, In::Param(&format!("evidence[{name}]")))?;
    }
    Ok(())
}

fn evidence(current: &Map, sent: &Map) -> Result<Map> {
    let mut evidence = current.clone();
    evidence.merge(sent);
    let mut whole = Doc::Map(evidence);
    if characters(&whole) > EVIDENCE_CHARACTERS_MAX {
        return Err(ApiError::evidence_too_long(EVIDENCE_CHARACTERS_MAX));
    }
    template::complete_key(Dispute::KIND, "evidence", &mut whole);
    match whole {
        Doc::Map(evidence) => Ok(evidence),
        _ => Ok(Map::new()),
    }
}

/// The number of characters in a value.
fn characters(value: &Doc) -> usize {
    match value {
        Doc::Text(text) => text.chars().count(),
        Doc::List(items) => items.iter().map(characters).sum(),
        Doc::Map(map) => map.iter().map(|(_, value)| characters(value)).sum(),
        _ => 0,
    }
}

fn submit(dispute: &mut Dispute, now: i64) {
    dispute.status = if dispute.is_inquiry() { DisputeStatus::WarningUnderReview } else { DisputeStatus::UnderReview };
    let details = &mut dispute.evidence_details;
    let count = details.int("submission_count").unwrap_or(0);
    details.set("submission_count", count + 1);
    details.set("submission_method", "manual");
    details.set("past_due", details.int("due_by").is_some_and(|due_by| now > due_by));
}

/// Accepts a dispute: the money stays with the cardholder; an inquiry ends without a chargeback.
fn give_in(tx: &mut Tx, dispute: &Arc<Dispute>) -> Result<Outcome> {
    if dispute.is_closed() {
        return Err(ApiError::dispute_closed());
    }
    outcome::lose(tx, dispute);
    tell_of_charge(tx, dispute);
    Ok(Outcome::Done(Ref::to(&**dispute)))
}
