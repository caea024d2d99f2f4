//! Verification reports: what was checked in one attempt (connect-accounts 11).
//!
//! May use: the state. Invariant: a report never changes, unless it is redacted; a check has an error if and only if it is
//! unverified.

use crate::contract::{Behaviour, Ctx, Entry, Expand, Join};
use crate::error::Result;
use crate::generic;
use crate::object::body;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{FieldValue as _, Resource};
use crate::state::{Id, Kind, Tx};

crate::values! {
    /// What is checked in a session, and how a report shows it.
    pub enum VerificationCheck {
        Document = "document",
        Selfie = "selfie",
        IdNumber = "id_number",
        Email = "email",
        Phone = "phone",
    }
}

crate::values! {
    /// What a session is about.
    pub enum VerificationType {
        /// A document that shows who somebody is.
        Document = "document",
        /// A national identification number.
        IdNumber = "id_number",
        /// What a flow of the Dashboard says.
        VerificationFlow = "verification_flow",
    }
}

crate::resource! {
    /// A verification report.
    VerificationReport = "identity.verification_report" {
        /// Unix seconds.
        created: i64,
        /// The platform's own name of the person.
        client_reference_id: Option<String>,
        /// What the session is about.
        kind as "type": VerificationType,
        /// The session.
        verification_session: Option<Id>,
    }
    hidden {
        /// What is shown only if it is expanded, by its path.
        apart: Map,
    }
}

/// The kind, for references.
pub const KIND: Kind = VerificationReport::KIND;

/// The kind of uploads.
const FILE: Kind = crate::kind!("file");

/// What a report is about.
#[derive(Debug)]
pub(super) struct NewReport<'a> {
    /// The session as it is shown.
    pub(super) session: &'a Map,
    /// What it is about.
    pub(super) kind: VerificationType,
    /// What was checked.
    pub(super) checks: &'a [VerificationCheck],
    /// The check that failed, with a code and a reason; `None` if all of them ended well.
    pub(super) failed: Option<(VerificationCheck, &'static str, &'static str)>,
}

/// What stands in the place of a person's data once it is redacted.
const REDACTED: &str = "[redacted]";

/// Stores the report of an attempt; returns its id.
///
/// # Errors
/// There is no room for the pictures.
pub(super) fn make(tx: &mut Tx, ctx: &Ctx<'_>, wanted: &NewReport<'_>) -> Result<Id> {
    let mut apart = Map::new();
    let mut rest = Map::from([("livemode", false)]);
    for check in wanted.checks {
        let failed = wanted.failed.filter(|(failed, ..)| failed == check);
        let details = if failed.is_some() { unverified(*check) } else { verified(*check, wanted.session, &mut apart) };
        let error = failed.map(|(_, code, reason)| Map::from([("code", code), ("reason", reason)]));
        let status = if failed.is_some() { "unverified" } else { "verified" };
        let mut shown = details.with("error", error).with("status", status);
        pictures(tx, ctx, *check, &mut shown)?;
        rest.set(check.as_str(), shown);
    }
    let document = wanted.session.map("options").and_then(|options| options.map("document")).cloned();
    let options = match wanted.kind {
        VerificationType::IdNumber => Map::from([("id_number", Map::new())]),
        VerificationType::Document | VerificationType::VerificationFlow => {
            Map::from([("document", document.unwrap_or_default())])
        }
    };
    rest.set("options", options);
    if let Some(flow) = wanted.session.str("verification_flow") {
        rest.set("verification_flow", flow.to_owned());
    }
    let id = Id::from(ENTRY.id.draw(&ctx.ids));
    tx.insert(VerificationReport {
        id: Id::clone(&id),
        created: ctx.now,
        client_reference_id: wanted.session.str("client_reference_id").map(str::to_owned),
        kind: wanted.kind,
        verification_session: wanted.session.str("id").map(Id::from),
        apart,
        rest,
    });
    Ok(id)
}

/// A day, as reports show it.
fn day(year: i64, month: i64, day: i64) -> Doc {
    Map::from([("day", day), ("month", month), ("year", year)]).into()
}

/// The test person.
fn name() -> Map {
    Map::from([("first_name", "Jenny"), ("last_name", "Rosen")])
}

/// What a check has found out, and, apart, what only those see who ask for it.
fn verified(check: VerificationCheck, session: &Map, apart: &mut Map) -> Map {
    let provided = |key: &str| session.map("provided_details").and_then(|told| told.str(key)).map(str::to_owned);
    match check {
        VerificationCheck::Document => {
            for (path, value) in [
                ("document.dob", day(1901, 1, 1)),
                ("document.expiration_date", day(2030, 12, 1)),
                ("document.number", "000000000".into()),
            ] {
                apart.set(path, value);
            }
            let address = Map::from([
                ("city", Doc::from("San Francisco")),
                ("country", "US".into()),
                ("line1", "1234 Main St.".into()),
                ("line2", Doc::Null),
                ("postal_code", "94111".into()),
                ("state", "CA".into()),
            ]);
            let allowed = session.map("options").and_then(|options| options.map("document"));
            let allowed = allowed.and_then(|document| document.list("allowed_types")).and_then(<[Doc]>::first).cloned();
            name()
                .with("address", address)
                .with("issued_date", day(2020, 12, 1))
                .with("issuing_country", "US")
                .with("type", allowed.unwrap_or_else(|| "driving_license".into()))
        }
        VerificationCheck::IdNumber => {
            apart.set("id_number.dob", day(1901, 1, 1));
            apart.set("id_number.id_number", "0000");
            name().with("id_number_type", "us_ssn")
        }
        VerificationCheck::Email => Map::from([("email", provided("email"))]),
        VerificationCheck::Phone => Map::from([("phone", provided("phone"))]),
        VerificationCheck::Selfie => Map::new(),
    }
}

/// What a report shows of a check that failed.
fn unverified(check: VerificationCheck) -> Map {
    let keys: &[&'static str] = match check {
        VerificationCheck::Document => {
            &["address", "first_name", "issued_date", "issuing_country", "last_name", "type"]
        }
        VerificationCheck::IdNumber => &["first_name", "id_number_type", "last_name"],
        VerificationCheck::Email => &["email"],
        VerificationCheck::Phone => &["phone"],
        VerificationCheck::Selfie => &[],
    };
    Map::from_entries(keys.iter().map(|key| ((*key).into(), Doc::Null)).collect())
}

/// Adds the pictures that were sent for a check.
fn pictures(tx: &mut Tx, ctx: &Ctx<'_>, check: VerificationCheck, shown: &mut Map) -> Result<()> {
    // They come from the person, not from a call.
    let mut picture =
        |name: &str, purpose| tx.quietly(|tx| generic::store_test_file(tx, ctx, FILE, name, purpose)).map(Doc::from);
    match check {
        VerificationCheck::Document => {
            let sides = ["front.png", "back.png"].map(|side| picture(side, "identity_document"));
            let sides: Result<Vec<Doc>> = sides.into_iter().collect();
            shown.set("files", Doc::List(sides?));
        }
        VerificationCheck::Selfie => {
            shown.set("document", picture("front.png", "identity_document")?);
            shown.set("selfie", picture("selfie.png", "selfie")?);
        }
        VerificationCheck::IdNumber | VerificationCheck::Email | VerificationCheck::Phone => {}
    }
    Ok(())
}

/// What a session shows as verified, and what of it only those see who ask for it: its paths begin with `verified_outputs`.
pub(super) fn outputs(report: &VerificationReport) -> (Map, Map) {
    let part = |check: VerificationCheck| {
        report.rest.map(check.as_str()).filter(|part| part.str("status") == Some("verified"))
    };
    let (document, number) = (part(VerificationCheck::Document), part(VerificationCheck::IdNumber));
    let of = |part: Option<&Map>, key: &str| part.and_then(|part| part.get(key)).cloned().unwrap_or_default();
    let either = |key: &str| match of(document, key) {
        Doc::Null => of(number, key),
        told => told,
    };
    let shown = Map::from([
        ("address", of(document, "address")),
        ("email", of(part(VerificationCheck::Email), "email")),
        ("first_name", either("first_name")),
        ("id_number_type", of(number, "id_number_type")),
        ("last_name", either("last_name")),
        ("phone", of(part(VerificationCheck::Phone), "phone")),
    ]);
    let born = report.apart.get("document.dob").or(report.apart.get("id_number.dob")).cloned();
    let apart = Map::from([
        ("verified_outputs.dob", born.unwrap_or_default()),
        ("verified_outputs.id_number", report.apart.get("id_number.id_number").cloned().unwrap_or_default()),
    ]);
    (shown, apart)
}

/// Takes everything of a person out of the reports of a session.
pub(super) fn redact(tx: &mut Tx, session: &str) {
    let reports = tx.having::<VerificationReport>("verification_session", session);
    for report in reports {
        tx.update::<VerificationReport>(&report.id, |report| {
            report.apart = redacted(&report.apart);
            for check in VerificationCheck::VALUES {
                if let Some(Doc::Map(part)) = report.rest.get_mut(check) {
                    *part = redacted(part);
                }
            }
        });
    }
}

/// What a check says of itself, not of the person.
const KEPT: [&str; 6] = ["error", "id_number_type", "issuing_country", "status", "type", "files"];

/// The data of a person without it.
pub(super) fn redacted(told: &Map) -> Map {
    let one = |(key, value): (&str, &Doc)| {
        let value = match value {
            kept if KEPT.contains(&key) => kept.clone(),
            Doc::Text(_) => REDACTED.into(),
            Doc::Map(inner) => redacted(inner).into(),
            // A number has no form without what it says.
            _ => Doc::Null,
        };
        (key.to_owned().into(), value)
    };
    Map::from_entries(told.iter().map(one).collect())
}

fn apart(tx: &Tx, id: &str, path: &str) -> Option<Doc> {
    tx.get::<VerificationReport>(id)?.apart.get(path).cloned()
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: VerificationReport::FIELDS,
    noun: "verification report",
    id: IdForm::of("vr_"),
    path_param: "report",
    operations: &[
        ("identity.verification_reports.retrieve", Behaviour::Retrieve),
        ("identity.verification_reports.list", Behaviour::List),
    ],
    filters: &[
        crate::filter!(
            "verification_session",
            VerificationReport,
            |report| report.verification_session.as_deref(),
            Some(crate::kind!("identity.verification_session"))
        ),
        crate::filter!("client_reference_id", VerificationReport, |report| report.client_reference_id.as_deref()),
        crate::filter!("type", VerificationReport, |report| Some(report.kind.as_str())),
    ],
    joins: &[
        Join { field: "document.dob", doc: |tx, id| apart(tx, id, "document.dob") },
        Join { field: "document.expiration_date", doc: |tx, id| apart(tx, id, "document.expiration_date") },
        Join { field: "document.number", doc: |tx, id| apart(tx, id, "document.number") },
        Join { field: "id_number.dob", doc: |tx, id| apart(tx, id, "id_number.dob") },
        Join { field: "id_number.id_number", doc: |tx, id| apart(tx, id, "id_number.id_number") },
    ],
    expands: &[
        Expand::field("document.dob"),
        Expand::field("document.expiration_date"),
        Expand::field("document.number"),
        Expand::field("id_number.dob"),
        Expand::field("id_number.id_number"),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<VerificationReport>,
    ..Entry::PLAIN
};
