//! Feedback options: a seller's own reasons for a cancellation (billing 5).
//!
//! May use: the state. Invariant: one that was deactivated stays so, and nothing new refers to it.

use std::sync::Arc;

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, Fill, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource, downcast};
use crate::state::{Kind, Record, Ref, Tx};

crate::values! {
    /// Whether customers can be offered it.
    pub enum FeedbackOptionStatus {
        /// They can.
        Active = "active",
        /// They no longer can.
        Inactive = "inactive",
    }
}

crate::resource! {
    /// A reason for a cancellation.
    FeedbackOption = "billing.feedback_option" {
        /// What a customer reads.
        description: String,
        /// Whether customers can be offered it.
        status: FeedbackOptionStatus,
        /// When it was deactivated.
        status_transitions: Map,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
    }
}

const KIND: Kind = FeedbackOption::KIND;

/// `POST /v1/billing/feedback_options`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let shown = body::new(tx, ctx, KIND, &ENTRY.id.draw(&ctx.ids), &call.params)?;
    let option = read(shown, ctx.now)?;
    Ok(Outcome::Done(tx.insert(option)))
}

/// `POST /v1/billing/feedback_options/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let option = require::<FeedbackOption>(tx, call.arg(0), In::Path)?;
    let mut shown = option.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    let changed = read(shown, option.created)?;
    tx.save(&option, changed);
    Ok(Outcome::Done(Ref::to(&*option)))
}

/// `POST /v1/billing/feedback_options/:id/deactivate`.
fn deactivate(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let option = require::<FeedbackOption>(tx, call.arg(0), In::Path)?;
    match option.status {
        FeedbackOptionStatus::Active => {}
        FeedbackOptionStatus::Inactive => return Err(ApiError::feedback_option_is_inactive(None)),
    }
    tx.update::<FeedbackOption>(&option.id, |option| {
        option.status = FeedbackOptionStatus::Inactive;
        option.status_transitions.set("deactivated_at", ctx.now);
    });
    Ok(Outcome::Done(Ref::to(&*option)))
}

/// `GET /v1/billing/feedback_options`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let status = call.params.str("status").and_then(FeedbackOptionStatus::parse);
    let is_wanted = |option: Arc<FeedbackOption>| status.is_none_or(|status| status == option.status);
    let wanted = |record: &Record| record.get::<FeedbackOption>().is_some_and(is_wanted);
    list::page_where(tx, &ENTRY, call, None, &wanted).map(Outcome::List)
}

fn read(shown: Map, created: i64) -> Result<FeedbackOption> {
    FeedbackOption::from_docs(shown, Map::new(), created).map_err(|_| ApiError::internal())
}

fn check_use(object: &dyn Object, param: &str) -> Result<()> {
    match downcast::<FeedbackOption>(object).map(|option| option.status) {
        Some(FeedbackOptionStatus::Inactive) => Err(ApiError::feedback_option_is_inactive(Some(param))),
        Some(FeedbackOptionStatus::Active) | None => Ok(()),
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: FeedbackOption::FIELDS,
    noun: "feedback option",
    id: IdForm::of("bfo_"),
    operations: &[
        ("billing.feedback_options.create", Behaviour::Write(create)),
        ("billing.feedback_options.deactivate", Behaviour::Write(deactivate)),
        ("billing.feedback_options.list", Behaviour::Read(list)),
        ("billing.feedback_options.retrieve", Behaviour::Retrieve),
        ("billing.feedback_options.update", Behaviour::Write(update)),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<FeedbackOption>,
    named_by: &["feedback_option", "feedback_options"],
    check_use: Some(check_use),
    defaults: &[("status", Fill::Text("active")), ("status_transitions.deactivated_at", Fill::Null)],
    ..Entry::PLAIN
};
