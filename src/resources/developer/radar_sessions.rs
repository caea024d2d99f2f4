//! Radar sessions: what a browser or an app knows of its device, for an assessment of the risk (stripe-js 8.1).
//!
//! May use: nothing. Invariant: a session is returned and not stored, as no risk is computed from it.

use crate::contract::{Behaviour, Call, Ctx, Entry, Outcome, Public, Visible};
use crate::error::Result;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::{Kind, Tx};

const KIND: Kind = crate::kind!("radar.session");

/// `POST /v1/radar/session`.
fn create(_: &Tx, ctx: &Ctx<'_>, _: &Call<'_>) -> Result<Outcome> {
    Ok(Outcome::Value(Map::from([("id", ENTRY.id.draw(&ctx.ids))]).into()))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    noun: KIND.name(),
    id: IdForm::of("rse_"),
    operations: &[("radar.session.create", Behaviour::Read(create))],
    public: &[Public { operation: "radar.session.create", needs_secret: false, params: &[], visible: Visible::All }],
    ..Entry::PLAIN
};
