//! Taking everything of a person out of a session and its reports (connect-accounts 11).
//!
//! May use: reports. Invariant: what was redacted never comes back, and the session can be used for nothing any more.

use std::sync::Arc;

use super::{VerificationSession, VerificationSessionStatus};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::Result;
use crate::resources::identity::reports;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Ref, Tx};

/// `POST /v1/identity/verification_sessions/:id/redact`.
pub(super) fn ask(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = require::<VerificationSession>(tx, call.arg(0), In::Path)?;
    let allowed = [
        VerificationSessionStatus::Canceled,
        VerificationSessionStatus::RequiresInput,
        VerificationSessionStatus::Verified,
    ];
    session.check_status("redact", &allowed)?;
    tx.update::<VerificationSession>(&session.id, |session| {
        if session.status == VerificationSessionStatus::RequiresInput {
            session.close();
        }
        session.redaction = Map::from([("status", "processing")]).into();
        session.redacted_at = Some(ctx.now);
    });
    Ok(Outcome::Done(Ref::to(&*session)))
}

/// Redacts a session: its due work.
///
/// # Errors
/// None.
pub(super) fn carry_out(tx: &mut Tx, _: &Ctx<'_>, session: &Arc<VerificationSession>) -> Result<()> {
    reports::redact(tx, &session.id);
    let mut changed = Edit::of(Arc::clone(session));
    changed.redaction = Map::from([("status", "redacted")]).into();
    changed.redacted_at = None;
    changed.metadata = Map::new();
    if let Some(Doc::Map(told)) = changed.rest.get("provided_details") {
        let told = reports::redacted(told);
        changed.rest.set("provided_details", told);
    }
    changed.save(tx);
    Ok(())
}
