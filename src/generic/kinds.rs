//! What the generic operations know of each kind: its registry entry, its blank form, its ids.
//!
//! May use: the catalogue, the registry's types, the tables of defaults. Invariant: everything here follows from
//! the catalogue and the tables; it is made once, when the first request needs it.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use super::fill::Fill;
use super::plan::{self, Plan};
use super::shape::Shape;
use super::{blank, children, defaults, filters};
use crate::catalogue;
use crate::contract::{self, Ctx, Entry, Events, Include, Shown};
use crate::state::Kind;
use crate::state::document::Map;

/// What is known of a kind without rules.
#[derive(Debug)]
pub(super) struct KindInfo {
    /// What the rest of the server knows of it.
    pub(super) entry: Entry,
    /// Its fields.
    pub(super) object: &'static catalogue::Object,
    blank: OnceLock<Blank>,
    includable: OnceLock<Vec<&'static str>>,
}

/// The empty form of a kind.
#[derive(Debug)]
pub(super) struct Blank {
    /// What every object begins with.
    pub(super) body: Map,
    /// What each object fills in for itself: a path, where its value comes from, and whether it may be null.
    pub(super) fills: Vec<(String, &'static Fill, bool)>,
    /// The fields that hold a list, whose address names the object.
    pub(super) lists: Vec<&'static str>,
}

impl KindInfo {
    /// The kind.
    pub(super) fn kind(&self) -> Kind {
        self.entry.kind
    }

    /// The empty form.
    pub(super) fn blank(&self) -> &Blank {
        self.blank.get_or_init(|| blank::of_object(self.object))
    }

    /// The paths that are shown only when a call asks for them, as `of` finds them the first time.
    pub(super) fn includable(&self, of: impl FnOnce() -> Vec<&'static str>) -> &[&'static str] {
        self.includable.get_or_init(of)
    }

    /// Whether objects of the kind show an id.
    pub(super) fn has_id(&self) -> bool {
        catalogue::field(self.object.fields, "id").is_some()
    }

    /// A new id.
    pub(super) fn new_id(&self, ctx: &Ctx<'_>) -> String {
        new_id(ctx, self.object)
    }
}

/// A new id of a kind.
pub(super) fn new_id(ctx: &Ctx<'_>, object: &catalogue::Object) -> String {
    let (prefix, lead, length) = match ID_FORMS.iter().find(|form| form.0 == object.name) {
        Some((_, prefix, lead, length)) => (*prefix, *lead, *length),
        None => (object.id_prefix.unwrap_or_default(), "1", 24),
    };
    ctx.ids.id_with(prefix, lead, length)
}

/// Ids that are not the prefix of the catalogue, `1` and 23 characters: kind, prefix, first characters, length
/// (core-payments 2, billing 1, the official samples).
const ID_FORMS: &[(&str, &str, &str, usize)] = &[
    ("apps.install", "ainst_", "1", 24),
    ("billing.feedback_option", "bfo_", "1", 24),
    ("checkout.session", "cs_test_", "a1", 58),
    ("coupon", "", "", 8),
    ("issuing.personalization_design", "ipcd_", "", 14),
    ("issuing.settlement", "ise_", "1", 24),
    ("product", "prod_", "", 14),
    ("product_catalog.trial_offer", "toffer_", "1", 24),
    ("radar.payment_evaluation", "peval_", "1", 24),
    ("subscription_item", "si_", "", 14),
    ("tax.calculation_line_item", "tax_li_", "", 14),
    ("tax.location", "taxloc_", "1", 24),
    ("tax.registration", "taxreg_", "", 14),
    ("terminal.configuration", "tmc_", "", 14),
    ("terminal.location", "tml_", "", 24),
    ("terminal.reader", "tmr_", "", 24),
    ("three_d_secure.authentication", "tdsa_", "1", 24),
    ("usage_record", "mbur_", "1", 24),
    ("v2.billing.meter_event_adjustment", "mtr_evt_adj_test_", "61", 20),
    ("v2.billing.meter_event_session", "mtr_evnt_strm_session_test_", "61", 20),
    ("v2.commerce.product_catalog_import", "pcimprt_test_", "61", 20),
    ("v2.core.account", "acct_", "1", 16),
    ("v2.core.account_person", "person_test_", "61", 20),
    ("v2.core.account_person_token", "perstok_", "61", 20),
    ("v2.core.account_token", "accttok_", "61", 20),
    ("v2.core.event", "evt_test_", "65", 20),
    ("v2.core.event_destination", "ed_test_", "61", 20),
    ("v2.core.vault.gb_bank_account", "gbba_test_", "61", 20),
    ("v2.core.vault.us_bank_account", "usba_test_", "61", 20),
];

/// What "No such …" calls a kind where that is not its name (billing 0.3).
const NOUNS: &[(&str, &str)] = &[("invoiceitem", "Invoice Item"), ("test_helpers.test_clock", "billingclock")];

/// The `param` of an error about an id in the path, where that is not the path's own name (billing 0.3).
const PATH_PARAMS: &[(&str, &str)] = &[("invoiceitem", "id"), ("subscription", "id")];

/// A list of lines that is shown when it is expanded.
const fn lines(url: fn(&str) -> String) -> Include {
    Include { field: "line_items", shown: Shown::Expanded, total_count: false, rows: children::lines, url }
}

const INCLUDES: &[(&str, &[Include])] = &[
    ("payment_link", &[lines(|id| format!("/v1/payment_links/{id}/line_items"))]),
    ("quote", &[lines(|id| format!("/v1/quotes/{id}/line_items"))]),
];

/// What tells what happened and is no state of anything.
const HISTORY: &[&str] = &["v2.core.event"];

/// The kinds and the plans, made once.
struct Model {
    kinds: BTreeMap<&'static str, KindInfo>,
    plans: Vec<Option<Plan>>,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let plans: Vec<Option<Plan>> = catalogue::operations().iter().map(plan::plan).collect();
    let kinds = catalogue::objects().iter().filter(|object| !contract::has_rules(Kind(object.name)));
    let planned = |object: &&catalogue::Object| plans.iter().flatten().any(|plan| plan.kind.0 == object.name);
    let kinds = kinds.filter(planned).map(|object| (object.name, info(object, &plans)));
    Model { kinds: kinds.collect(), plans }
});

fn info(object: &'static catalogue::Object, plans: &[Option<Plan>]) -> KindInfo {
    let kind = Kind(object.name);
    let noun = NOUNS.iter().find(|(name, _)| *name == object.name).map_or(object.name, |(_, noun)| noun);
    let entry = Entry {
        kind,
        noun,
        path_param: path_param(kind, plans),
        filters: filters::of_kind(object, plans).leak(),
        import: Shape::import,
        events: announced(object.name),
        history: HISTORY.contains(&object.name),
        includes: INCLUDES.iter().find(|(name, _)| *name == object.name).map_or(&[], |(_, includes)| includes),
        ..Entry::PLAIN
    };
    KindInfo { entry, object, blank: OnceLock::new(), includable: OnceLock::new() }
}

/// The events of a kind, which the catalogue names.
fn announced(object: &str) -> Events {
    let event = |what: &str| {
        let mut types = catalogue::event_types().iter().filter(|event| event.objects == [object]);
        types.find(|event| event.name.rsplit('.').next() == Some(what)).map(|event| event.name)
    };
    let updated: &'static [&'static str] = event("updated").map_or(&[], |name| vec![name].leak());
    Events { created: event("created"), updated, deleted: event("deleted"), ..Events::NONE }
}

fn path_param(kind: Kind, plans: &[Option<Plan>]) -> &'static str {
    if let Some((_, param)) = PATH_PARAMS.iter().find(|(name, _)| *name == kind.0) {
        return param;
    }
    let mut own = catalogue::operations().iter().zip(plans).filter_map(|(operation, plan)| {
        let plan = plan.as_ref().filter(|plan| plan.kind == kind && matches!(plan.action, plan::Action::Retrieve))?;
        operation.path_params.get(plan.parents.len())
    });
    own.next().copied().unwrap_or("id")
}

/// What is known of a kind, when it has no rules of its own.
pub(super) fn of(kind: Kind) -> Option<&'static KindInfo> {
    MODEL.kinds.get(kind.0)
}

/// The plan of an operation that no resource with rules claims.
pub(super) fn plan(operation: &catalogue::Operation) -> Option<&'static Plan> {
    MODEL.plans.get(usize::from(operation.index))?.as_ref()
}

/// The rules for a field of a kind.
pub(super) fn rule(object: &str, path: &str) -> Option<&'static Fill> {
    defaults::of(object)
        .iter()
        .find(|(known, _)| is_at(known, path))
        .map(|(_, fill)| fill)
        .or_else(|| common(object, path))
}

/// Whether a rule is for a path; a segment `*` of it stands for any.
fn is_at(rule: &str, path: &str) -> bool {
    let mut segments = path.split('.');
    rule.split('.').all(|step| segments.next().is_some_and(|segment| step == "*" || step == segment))
        && segments.next().is_none()
}

/// What fields of these names hold in every kind.
fn common(object: &str, path: &str) -> Option<&'static Fill> {
    Some(match path {
        "livemode" => &Fill::Flag(false),
        "created" | "updated" if object.starts_with("v2.") => &Fill::Instant(0),
        "created" | "updated" => &Fill::Now,
        _ => return None,
    })
}
