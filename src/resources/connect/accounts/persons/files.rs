//! Files of identity: uploads, and the test tokens that stand for one (connect-accounts 4).
//!
//! May use: files. Invariant: what an object shows as a file exists.

use crate::contract::{Ctx, In, missing};
use crate::error::Result;
use crate::generic;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};

const FILE: Kind = crate::kind!("file");

/// Tokens of files that prove who somebody is, or fail to.
pub(in crate::resources::connect::accounts) const SUCCESS: &str = "file_identity_document_success";
const FAILURE: &str = "file_identity_document_failure";

/// The hashes of documents with two sides.
const DOCUMENTS: [&str; 2] = ["document", "additional_document"];

/// Whether documents prove something, by the last one that was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::resources::connect::accounts) struct Proof {
    /// A document was sent.
    pub(in crate::resources::connect::accounts) is_sent: bool,
    /// It is one that the service does not believe.
    pub(in crate::resources::connect::accounts) is_forged: bool,
}

/// Replaces the test tokens in `verification` by files, and checks the others; `param` is the hash's name in the request.
///
/// # Errors
/// There is no such file.
pub(in crate::resources::connect::accounts) fn take_verification(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    verification: &mut Map,
    param: &str,
) -> Result<Proof> {
    let mut proof = Proof::default();
    for name in DOCUMENTS {
        let Some(Doc::Map(document)) = verification.get_mut(name) else { continue };
        for side in ["front", "back"] {
            let Some(sent) = document.str(side).filter(|sent| !sent.is_empty()).map(str::to_owned) else { continue };
            let at = format!("{param}[{name}][{side}]");
            document.set(side, take(tx, ctx, &sent, &at, "identity_document")?);
            proof = Proof { is_sent: true, is_forged: proof.is_forged || sent == FAILURE };
        }
    }
    Ok(proof)
}

/// The files of `documents`, by the names of the documents; `param` is the hash's name in the request.
///
/// # Errors
/// There is no such file.
pub(in crate::resources::connect::accounts) fn take_documents(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    documents: &Map,
    param: &str,
) -> Result<Map> {
    let mut taken = Map::new();
    for (name, document) in documents.iter().filter_map(|(name, document)| Some((name, document.as_map()?))) {
        let mut files = Vec::new();
        for (i, sent) in document.list("files").unwrap_or_default().iter().filter_map(Doc::as_str).enumerate() {
            let at = format!("{param}[{name}][files][{i}]");
            files.push(Doc::from(take(tx, ctx, sent, &at, "account_requirement")?));
        }
        if !files.is_empty() {
            taken.set(name.to_owned(), Doc::List(files));
        }
    }
    Ok(taken)
}

/// The id of a file, which a test token makes.
fn take(tx: &mut Tx, ctx: &Ctx<'_>, sent: &str, param: &str, purpose: &'static str) -> Result<String> {
    if [SUCCESS, FAILURE].contains(&sent) {
        return generic::store_test_file(tx, ctx, FILE, "document.png", purpose);
    }
    match tx.record(FILE, sent).is_some_and(|record| !record.deleted) {
        true => Ok(sent.to_owned()),
        false => Err(missing(FILE, sent, In::Param(param))),
    }
}
