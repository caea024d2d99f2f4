//! What a person does in a session, and what comes of it (connect-accounts 11).
//!
//! May use: reports. Invariant: what is checked ends in a report; who never gets so far leaves none.

use std::sync::Arc;

use super::faults::VerificationFault;
use super::{VerificationSession, VerificationSessionStatus};
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::resources::identity::reports::{self, NewReport};
use crate::state::document::{Doc, Map};
use crate::state::object::Object as _;
use crate::state::{Edit, Tx};

/// What comes of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerificationResult {
    /// The person is who they say.
    Verified,
    /// What was sent is checked until a test says more.
    Processing,
    /// Something is wrong.
    Failed(VerificationFault),
}

impl VerificationResult {
    /// The result with a name: `verified`, `processing`, or the code of an error.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "verified" => Some(VerificationResult::Verified),
            "processing" => Some(VerificationResult::Processing),
            code => VerificationFault::parse(code).map(VerificationResult::Failed),
        }
    }

    /// Its name.
    fn name(self) -> &'static str {
        match self {
            VerificationResult::Verified => "verified",
            VerificationResult::Processing => "processing",
            VerificationResult::Failed(fault) => fault.as_str(),
        }
    }
}

/// Submits a session with this result.
///
/// # Errors
/// There is no such session, it is over, or it does not check what is to fail.
pub fn submit(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, result: VerificationResult) -> Result<()> {
    let session = require::<VerificationSession>(tx, id, In::Path)?;
    let is_processing = session.status == VerificationSessionStatus::Processing;
    if !is_processing {
        session.check_open("submit")?;
    }
    let fault = match result {
        VerificationResult::Failed(fault) => Some(fault),
        VerificationResult::Verified | VerificationResult::Processing => None,
    };
    if fault.is_some_and(|fault| !session.can_fail(fault)) {
        return Err(ApiError::verification_not_checked(result.name()));
    }
    match fault.filter(|fault| fault.check().is_none()) {
        Some(fault) => {
            let mut changed = Edit::of(session);
            changed.fail(ctx, fault);
            changed.save(tx);
        }
        None => {
            let mut changed = Edit::of(session);
            changed.status = VerificationSessionStatus::Processing;
            changed.client_secret = None;
            changed.url = None;
            changed.result = Some(result.name().to_owned());
            // As soon as the answer is out, unless a test says when.
            changed.done_at = (result != VerificationResult::Processing).then_some(ctx.now);
            changed.save(tx);
        }
    }
    Ok(())
}

impl VerificationSession {
    /// Fails, and may be tried again.
    fn fail(&mut self, ctx: &Ctx<'_>, fault: VerificationFault) {
        self.status = VerificationSessionStatus::RequiresInput;
        self.last_error =
            Map::from([("code", fault.as_str().to_owned()), ("reason", fault.reason().to_owned())]).into();
        self.attempts = Some(self.attempts.unwrap_or_default().saturating_add(1));
        self.result = None;
        self.done_at = None;
        self.invite(ctx);
    }
}

/// Ends the checks of a session: its due work.
///
/// # Errors
/// There is no room for the report.
pub(super) fn finish(tx: &mut Tx, ctx: &Ctx<'_>, session: &Arc<VerificationSession>) -> Result<()> {
    let fault = session.result.as_deref().and_then(VerificationFault::parse);
    let failed = fault.and_then(|fault| Some((fault.check()?, fault.as_str(), fault.reason())));
    let (shown, checks) = (session.to_doc(), session.checks());
    let report = reports::make(tx, ctx, &NewReport { session: &shown, kind: session.kind, checks: &checks, failed })?;
    let mut changed = Edit::of(Arc::clone(session));
    changed.last_verification_report = Some(report);
    match fault {
        Some(fault) => changed.fail(ctx, fault),
        None => {
            changed.status = VerificationSessionStatus::Verified;
            changed.last_error = Doc::Null;
            changed.result = None;
            changed.done_at = None;
        }
    }
    changed.save(tx);
    Ok(())
}
