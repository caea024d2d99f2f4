//! Operations on kinds without rules that neither their form nor the verbs' table explains: each is a few lines that
//! count, look up or add, and nothing else follows from them.
//!
//! May use: the generic operations. Invariant: what is answered follows from what was stored; money moves nowhere.

mod clocks;
mod issuing;
mod meters;
mod readers;
mod secrets;

use crate::contract::Behaviour;
use crate::state::Kind;

/// An operation, the kind it is about, and what it does.
type Row = (&'static str, Kind, Behaviour);

const AUTHORIZATION: Kind = Kind("issuing.authorization");
const CLOCK: Kind = Kind("test_helpers.test_clock");
const READER: Kind = Kind("terminal.reader");
const SECRET: Kind = Kind("apps.secret");
const TRANSACTION: Kind = Kind("issuing.transaction");

static ROWS: &[Row] = &[
    ("apps.secrets.create", SECRET, Behaviour::Write(secrets::create)),
    ("apps.secrets.delete", SECRET, Behaviour::Write(secrets::delete)),
    ("apps.secrets.find", SECRET, Behaviour::Read(secrets::find)),
    ("billing.meters.event_summaries.list", Kind("billing.meter"), Behaviour::Read(meters::summaries)),
    ("terminal.readers.collect_inputs", READER, Behaviour::Write(readers::act)),
    ("terminal.readers.collect_payment_method", READER, Behaviour::Write(readers::act)),
    ("terminal.readers.confirm_payment_intent", READER, Behaviour::Write(readers::act)),
    ("terminal.readers.process_payment_intent", READER, Behaviour::Write(readers::act)),
    ("terminal.readers.process_setup_intent", READER, Behaviour::Write(readers::act)),
    ("terminal.readers.refund_payment", READER, Behaviour::Write(readers::act)),
    ("terminal.readers.set_reader_display", READER, Behaviour::Write(readers::act)),
    ("test_helpers.issuing.authorizations.capture", AUTHORIZATION, Behaviour::Write(issuing::capture)),
    ("test_helpers.issuing.authorizations.finalize_amount", AUTHORIZATION, Behaviour::Write(issuing::finalize)),
    ("test_helpers.issuing.authorizations.increment", AUTHORIZATION, Behaviour::Write(issuing::increment)),
    ("test_helpers.issuing.authorizations.reverse", AUTHORIZATION, Behaviour::Write(issuing::reverse)),
    ("test_helpers.issuing.transactions.create_force_capture", TRANSACTION, Behaviour::Write(issuing::force_capture)),
    (
        "test_helpers.issuing.transactions.create_unlinked_refund",
        TRANSACTION,
        Behaviour::Write(issuing::unlinked_refund),
    ),
    ("test_helpers.test_clocks.advance", CLOCK, Behaviour::Write(clocks::advance)),
    ("test_helpers.test_clocks.delete", CLOCK, Behaviour::Write(clocks::delete)),
];

/// What an operation does, and the kind it is about.
pub(super) fn of(operation: &str) -> Option<(Kind, Behaviour)> {
    ROWS.iter().find(|(name, ..)| *name == operation).map(|(_, kind, behaviour)| (*kind, *behaviour))
}

/// Every operation that is listed here.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|(name, ..)| *name)
}
