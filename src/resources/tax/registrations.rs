//! Tax registrations (billing-2 9.5).
//!
//! May use: places and their rates. Invariant: the status follows from the times, by the sandbox's clock, and a
//! registration is never deleted.

use std::sync::Arc;

use crate::api::list;
use crate::catalogue::{self, Field, Type};
use crate::contract::{Behaviour, Call, Ctx, Entry, Fill, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::jurisdictions::{self, Levy, TaxPlace};
use crate::object::{body, template};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource, downcast};
use crate::state::{Kind, Ref, Tx};

crate::values! {
    /// Whether a registration is in effect.
    pub enum RegistrationStatus {
        Active = "active",
        Expired = "expired",
        Scheduled = "scheduled",
    }
}

crate::resource! {
    /// A tax registration.
    Registration = "tax.registration" {
        /// Unix seconds.
        created: i64,
        /// When it comes into effect, in Unix seconds.
        active_from: i64,
        /// Two letters, upper case.
        country: String,
        /// What it is a registration for, under the country in lower case.
        country_options: Map,
        /// When it ends, in Unix seconds; null for never.
        expires_at: Option<i64>,
        /// Whether it is in effect.
        status: RegistrationStatus,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: Kind = Registration::KIND;

impl Registration {
    /// Whether it is in effect at a time, in Unix seconds.
    fn is_active(&self, at: i64) -> bool {
        status(self.active_from, self.expires_at, at) == RegistrationStatus::Active
    }

    fn options(&self) -> Option<&Map> {
        self.country_options.map(&self.country.to_lowercase())
    }

    /// When its status changes next.
    fn next(&self) -> Option<i64> {
        match self.status {
            RegistrationStatus::Scheduled => Some(self.active_from),
            RegistrationStatus::Active => self.expires_at,
            RegistrationStatus::Expired => None,
        }
    }
}

fn status(active_from: i64, expires_at: Option<i64>, now: i64) -> RegistrationStatus {
    match expires_at {
        Some(end) if end <= now => RegistrationStatus::Expired,
        _ if active_from > now => RegistrationStatus::Scheduled,
        _ => RegistrationStatus::Active,
    }
}

/// The registrations in effect at a time, in Unix seconds.
fn active(tx: &Tx, at: i64) -> Vec<Arc<Registration>> {
    let table = tx.state().table(tx.account(), KIND);
    let ids = table.into_iter().flat_map(|table| table.live().map(|record| record.object.id().clone()));
    let all: Vec<_> = ids.collect();
    all.iter().filter_map(|id| tx.get::<Registration>(id)).filter(|registration| registration.is_active(at)).collect()
}

/// The taxes of a place that are collected at a time, in Unix seconds.
pub fn collected(tx: &Tx, at: i64, place: &TaxPlace, levies: &[Levy]) -> Vec<Levy> {
    let active = active(tx, at);
    let covered = |levy: &&Levy| {
        active.iter().any(|registration| {
            let options = registration.options();
            options.is_some_and(|options| jurisdictions::covers(&registration.country, options, place, levy))
        })
    };
    levies.iter().filter(covered).cloned().collect()
}

/// Whether sales to businesses of a place are under a registration at a time, in Unix seconds.
pub fn covers_reverse_charge(tx: &Tx, at: i64, place: &TaxPlace) -> bool {
    active(tx, at).iter().any(|registration| jurisdictions::shares_reverse_charge(&registration.country, place))
}

/// `POST /v1/tax/registrations`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let country = call.params.str("country").unwrap_or_default().to_uppercase();
    let key = country.to_lowercase();
    let sent = options_of(call, &country)?;
    check_options(&country, fields_of(call, &key), sent)?;
    if let Some(Doc::Int(at)) = call.params.get("active_from").filter(|at| at.as_int().is_some_and(|at| at < ctx.now)) {
        return Err(ApiError::param_in_past("active_from", *at));
    }
    let id = ENTRY.id.draw(&ctx.ids);
    let mut shown = body::new(tx, ctx, KIND, &id, &call.params)?;
    shown.set("country", country);
    if let Some(Doc::Map(options)) = shown.get_mut("country_options") {
        complete_options(options, &key);
    }
    let registration = timed(ctx, shown, ctx.now)?;
    Ok(Outcome::Done(tx.insert(registration)))
}

/// A registration with the status that its times give it.
///
/// # Errors
/// It ends before it begins.
fn timed(ctx: &Ctx<'_>, shown: Map, created: i64) -> Result<Registration> {
    let mut registration = Registration::from_docs(shown, Map::new(), created).map_err(|_| ApiError::internal())?;
    if registration.expires_at.is_some_and(|end| end < registration.active_from) {
        return Err(ApiError::registration_ends_before_it_begins());
    }
    registration.status = status(registration.active_from, registration.expires_at, ctx.now);
    Ok(registration)
}

/// The options for the country of a call.
///
/// # Errors
/// There are none, those of another country, or the country has none.
fn options_of<'c>(call: &'c Call<'_>, country: &str) -> Result<&'c Map> {
    let key = country.to_lowercase();
    if fields_of(call, &key).is_empty() {
        return Err(ApiError::registration_country_unsupported(country));
    }
    let sent = call.params.map("country_options");
    let options = sent.and_then(|options| options.map(&key));
    let options = options.ok_or_else(|| ApiError::registration_needs_options(country))?;
    match sent.into_iter().flat_map(Map::iter).find(|(other, _)| *other != key) {
        Some((other, _)) => Err(ApiError::params_unknown(&[format!("country_options[{other}]")])),
        None => Ok(options),
    }
}

/// The parameters for a country.
fn fields_of(call: &Call<'_>, key: &str) -> &'static [Field] {
    let inner = |fields: &'static [Field], name: &str| match catalogue::field(fields, name).map(|field| field.kind) {
        Some(Type::Object(fields)) => *fields,
        _ => &[][..],
    };
    inner(inner(call.operation.params, "country_options"), key)
}

/// Checks the options for a country: what belongs to one type is sent with that type alone, and has what it needs.
fn check_options(country: &str, fields: &'static [Field], sent: &Map) -> Result<()> {
    let kind = sent.str("type").unwrap_or_default();
    let param = |name: &str| format!("country_options[{}][{name}]", country.to_lowercase());
    for field in fields {
        let Type::Object(inner) = field.kind else { continue };
        let has = |name| catalogue::field(inner, name).is_some();
        match (sent.present(field.name).is_some(), field.name == kind) {
            (true, false) => return Err(ApiError::params_unknown(&[param(field.name)])),
            (false, true) if has("jurisdiction") || has("province") => {
                return Err(ApiError::param_missing(&param(field.name)));
            }
            (true | false, true) | (false, false) => {}
        }
    }
    let state = sent.str("state").unwrap_or_default();
    if country == "US" && jurisdictions::state(state).is_none_or(|row| row.code != state) {
        return Err(ApiError::registration_state_unknown(param("state"), state));
    }
    let province = sent.map("province_standard").and_then(|options| options.str("province"));
    let has_own_tax = |province: &str| {
        let row = jurisdictions::province(province).filter(|row| row.code == province);
        row.is_some_and(|row| row.taxes.iter().any(|(tax, _)| jurisdictions::is_provincial(tax)))
    };
    match province.filter(|province| !has_own_tax(province)) {
        Some(wrong) => Err(ApiError::registration_state_unknown(param("province_standard") + "[province]", wrong)),
        None => Ok(()),
    }
}

/// A standard registration shows its scheme.
fn complete_options(options: &mut Map, key: &str) {
    let fields = template::fields_at(KIND, &["country_options", key, "standard"]);
    if let Some(Doc::Map(options)) = options.get_mut(key)
        && options.str("type") == Some("standard")
        && !options.has("standard")
        && fields.iter().any(|field| field.name == SCHEME)
    {
        options.set("standard", Map::from([(SCHEME, "standard")]));
    }
}

/// How a standard registration sees where a sale is.
const SCHEME: &str = "place_of_supply_scheme";

/// `POST /v1/tax/registrations/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let registration = require::<Registration>(tx, call.arg(0), In::Path)?;
    let mut shown = registration.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    let changed = timed(ctx, shown, registration.created)?;
    tx.save(&registration, changed);
    Ok(Outcome::Done(Ref::to(&*registration)))
}

/// `GET /v1/tax/registrations`: with the status `all`, and without one, every registration.
fn list_by_status(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let wanted = call.params.str("status").and_then(RegistrationStatus::parse);
    let keep = |record: &crate::state::Record| {
        let registration = downcast::<Registration>(&*record.object);
        wanted.is_none() || registration.map(|registration| registration.status) == wanted
    };
    list::page_where(tx, &ENTRY, call, None, &keep).map(Outcome::List)
}

/// A registration comes into effect, or ends.
fn turn(tx: &mut Tx, ctx: &Ctx<'_>, registration: &Arc<Registration>) -> Result<()> {
    let status = status(registration.active_from, registration.expires_at, ctx.now);
    tx.update::<Registration>(&registration.id, |registration| registration.status = status);
    Ok(())
}

/// The registry's entry; the API has no events of registrations.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: Registration::FIELDS,
    noun: "tax registration",
    id: IdForm::short("taxreg_"),
    path_param: "id",
    operations: &[
        ("tax.registrations.create", Behaviour::Write(create)),
        ("tax.registrations.retrieve", Behaviour::Retrieve),
        ("tax.registrations.update", Behaviour::Write(update)),
        ("tax.registrations.list", Behaviour::Read(list_by_status)),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<Registration>,
    defaults: &[
        ("country_options.*.standard.place_of_supply_scheme", Fill::Text("standard")),
        ("status", Fill::Text("active")),
    ],
    dues: &[crate::due!(Registration, "turn", Registration::next, turn)],
    ..Entry::PLAIN
};
