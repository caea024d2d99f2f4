//! Ephemeral keys: access of a mobile client to one customer (intents-and-checkout 3.6).
//!
//! May use: customers. Invariant: a key's secret is returned once, when it is created, and begins with a part of its
//! id, by which it is found.

use std::sync::Arc;

use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, require, require_record};
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{Id, Tx};
use crate::time::calendar::HOUR;

crate::resource! {
    /// An ephemeral key.
    EphemeralKey = "ephemeral_key" {
        /// Unix seconds.
        created: i64,
        /// Unix seconds; the key is invalid from then on.
        expires: i64,
    }
    hidden {
        /// The customer.
        customer: Id,
        /// The key itself.
        secret: String,
        /// The API version of the client.
        version: String,
    }
}

/// How long a key is valid, in seconds: an hour.
const LIFE_SECONDS: i64 = HOUR;

const SECRET_PREFIX: &str = "ek_test_";

/// Characters of a secret after its common part with the id.
const SECRET_CHARACTERS: usize = 32;

/// `POST /v1/ephemeral_keys`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    if !ctx.version_is_sent {
        return Err(ApiError::ephemeral_key_needs_version());
    }
    let customer = call.params.str("customer").ok_or_else(|| ApiError::param_missing("customer"))?;
    let customer =
        Id::clone(require_record(tx, crate::kind!("customer"), customer, In::Param("customer"))?.object.id());
    let id: Id = ENTRY.id.draw(&ctx.ids).into();
    let shared = id.strip_prefix(ENTRY.id.prefix).unwrap_or_default();
    let secret = ctx.ids.id(&format!("{SECRET_PREFIX}{shared}"), SECRET_CHARACTERS);
    let associated = Map::from([("id", Doc::from(customer.to_string())), ("type", "customer".into())]);
    let key = EphemeralKey {
        created: ctx.now,
        expires: ctx.now + LIFE_SECONDS,
        customer,
        secret: secret.clone(),
        version: ctx.version.as_str().to_owned(),
        rest: Map::from([("associated_objects", Doc::from(vec![associated])), ("livemode", false.into())]),
        id,
    };
    let shown = key.to_doc().with("secret", secret);
    tx.insert(key);
    Ok(Outcome::Value(shown.into()))
}

/// `DELETE /v1/ephemeral_keys/:key`.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let id = call.arg(0);
    let key = require::<EphemeralKey>(tx, id, In::Path)?;
    tx.delete::<EphemeralKey>(id);
    Ok(Outcome::Value(key.to_doc().into()))
}

/// The id of a secret's key, in whichever sandbox.
pub fn id_of(secret: &str) -> Option<Id> {
    let shared = secret.strip_prefix(SECRET_PREFIX)?.get(..ENTRY.id.length)?;
    Some(format!("{}{shared}", ENTRY.id.prefix).into())
}

/// The key of a secret.
#[derive(Debug)]
pub enum Holder {
    /// There is no such key in this sandbox; a test may have made it up.
    Unknown,
    /// The key was deleted or has expired.
    Ended,
    /// The key is valid.
    Known(Arc<EphemeralKey>),
}

/// The key of a secret at `now` (Unix seconds).
pub fn holder(tx: &Tx, secret: &str, now: i64) -> Holder {
    let record = id_of(secret).and_then(|id| tx.record(EphemeralKey::KIND, &id));
    let found = record.and_then(|record| Some((record.deleted, record.get::<EphemeralKey>()?)));
    match found {
        Some((deleted, key)) if key.secret == secret => {
            if deleted || key.expires <= now {
                Holder::Ended
            } else {
                Holder::Known(key)
            }
        }
        _ => Holder::Unknown,
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: EphemeralKey::KIND,
    marks: &[
        Marked::refused(&["issuing_card", "verification_session"]),
        Marked::neutral(&["nonce"], "it belongs to keys of issued cards, which answer 501"),
    ],
    fields: EphemeralKey::FIELDS,
    noun: "ephemeral_key",
    id: IdForm::of("ephkey_"),
    path_param: "key",
    operations: &[
        ("ephemeral_keys.create", Behaviour::Write(create)),
        ("ephemeral_keys.delete", Behaviour::Write(delete)),
    ],
    import: crate::contract::import::<EphemeralKey>,
    ..Entry::PLAIN
};
