//! The kinds without rules: one declaration per kind, by area, and what follows from it.
//!
//! May use: the catalogue, the registry's types. Invariant: everything here follows from the catalogue and the
//! declarations; it is computed once, when the first request needs it.

mod apps;
mod billing;
pub(super) mod checkout;
mod climate;
pub(super) mod declaration;
mod developer;
mod issuing;
pub(super) mod later;
mod payments;
mod radar;
mod reporting;
mod terminal;
mod treasury;
pub(super) mod v2;
pub(super) mod verb;

pub(super) use self::developer::check_linkable;

use std::sync::{LazyLock, OnceLock};

use self::declaration::{Declaration, PLAIN};
use super::filters;
use super::plan::{self, OperationPlan};
use crate::catalogue::{self, ByKind};
use crate::contract::{self, Behaviour, Clocked, Ctx, Entry, Events};
use crate::generic::shape::Shape;
use crate::object::blank;
use crate::object::blank::Blank;
use crate::state::Kind;
use crate::state::ids::IdForm;

/// The declarations of all areas.
static AREAS: &[&[Declaration]] = &[
    apps::KINDS,
    billing::KINDS,
    checkout::KINDS,
    climate::KINDS,
    developer::KINDS,
    issuing::KINDS,
    payments::KINDS,
    radar::KINDS,
    reporting::KINDS,
    terminal::KINDS,
    treasury::KINDS,
    v2::KINDS,
];

/// The declaration of a kind without one.
static NOTHING: Declaration = PLAIN;

/// Every declaration.
pub(super) fn declarations() -> impl Iterator<Item = &'static Declaration> {
    AREAS.iter().copied().flatten()
}

/// The declaration of a kind.
pub(super) fn declared(kind: Kind) -> &'static Declaration {
    DECLARED.get(kind).copied().unwrap_or(&NOTHING)
}

static DECLARED: LazyLock<ByKind<&'static Declaration>> =
    LazyLock::new(|| declarations().map(|declared| (declared.entry.kind, declared)).collect());

/// Everything that is known of a kind without rules.
#[derive(Debug)]
pub(super) struct KindInfo {
    /// Its registry entry.
    pub(super) entry: Entry,
    /// Its declaration.
    pub(super) declared: &'static Declaration,
    /// Its fields.
    pub(super) object: &'static catalogue::ObjectType,
    blank: OnceLock<Blank>,
    includable: OnceLock<Vec<&'static str>>,
}

impl KindInfo {
    /// The kind.
    pub(super) fn kind(&self) -> Kind {
        self.entry.kind
    }

    /// The empty form.
    pub(super) fn blank(&self) -> &Blank {
        self.blank.get_or_init(|| blank::of_object(self.object).shared())
    }

    /// The paths that are only shown on request; `of` computes them the first time.
    pub(super) fn includable(&self, of: impl FnOnce() -> Vec<&'static str>) -> &[&'static str] {
        self.includable.get_or_init(of)
    }

    /// Whether objects of the kind show an id.
    pub(super) fn has_id(&self) -> bool {
        catalogue::field(self.object.fields, "id").is_some()
    }

    /// A new id.
    pub(super) fn new_id(&self, ctx: &Ctx<'_>) -> String {
        self.entry.id.draw(&ctx.ids).into()
    }
}

/// The kinds and the plans, computed once.
struct Model {
    kinds: ByKind<KindInfo>,
    plans: Vec<Option<OperationPlan>>,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let plans: Vec<Option<OperationPlan>> = catalogue::operations().iter().map(plan::plan).collect();
    let kinds = catalogue::objects().iter().filter(|object| !contract::has_rules(object.kind));
    let kinds = kinds.filter_map(|object| Some((object.kind, info(object, &plans)?)));
    Model { kinds: kinds.collect(), plans }
});

/// Everything that is known of a kind; `None` if it has neither a declaration nor an operation.
fn info(object: &'static catalogue::ObjectType, plans: &[Option<OperationPlan>]) -> Option<KindInfo> {
    let kind = object.kind;
    let is_stored = plans.iter().flatten().any(|plan| plan.kind == kind);
    if !is_stored && DECLARED.get(kind).is_none() {
        return None;
    }
    let declared = declared(kind);
    let own = &declared.entry;
    let entry = Entry {
        kind,
        noun: if own.noun.is_empty() { object.name } else { own.noun },
        id: if own.id == IdForm::NONE { IdForm::of(object.id_prefix.unwrap_or_default()) } else { own.id },
        path_param: if own.path_param.is_empty() { path_param(kind, plans) } else { own.path_param },
        filters: filters::of_kind(object, plans).leak(),
        events: announced(object.name),
        derived: !is_stored,
        clocked: own.clocked.or_else(|| shows_clock(object).then_some(CLOCKED)),
        ..declared.entry
    };
    Some(KindInfo { entry, declared, object, blank: OnceLock::new(), includable: OnceLock::new() })
}

/// Whether objects of a kind show the test clock that they live on.
fn shows_clock(object: &catalogue::ObjectType) -> bool {
    catalogue::field(object.fields, "test_clock").is_some()
}

/// How such objects live on it.
pub(super) const CLOCKED: Clocked = Clocked { clock: |object| Shape::of(object)?.body.str("test_clock"), limit: None };

/// The events of a kind in the catalogue.
fn announced(object: &str) -> Events {
    let event = |what: &str| {
        let mut types = catalogue::event_types().iter().filter(|event| event.objects == [object]);
        types.find(|event| event.name.rsplit('.').next() == Some(what)).map(|event| event.name)
    };
    let updated: &'static [&'static str] = event("updated").map_or(&[], |name| vec![name].leak());
    Events { created: event("created"), updated, deleted: event("deleted"), ..Events::NONE }
}

fn path_param(kind: Kind, plans: &[Option<OperationPlan>]) -> &'static str {
    let mut own = catalogue::operations().iter().zip(plans).filter_map(|(operation, plan)| {
        let plan =
            plan.as_ref().filter(|plan| plan.kind == kind && matches!(plan.action, plan::OperationAction::Retrieve))?;
        operation.path_params.get(plan.parents.len())
    });
    own.next().copied().unwrap_or("id")
}

/// Everything that is known of a kind, if it has no rules.
pub(super) fn of(kind: Kind) -> Option<&'static KindInfo> {
    MODEL.kinds.get(kind)
}

/// The declared behaviour of an operation, and the operation's kind.
pub(super) fn behaviour(operation: &str) -> Option<(Kind, Behaviour)> {
    declarations().find_map(|declared| {
        let (_, behaviour) = declared.entry.operations.iter().find(|(name, _)| *name == operation)?;
        Some((declared.entry.kind, *behaviour))
    })
}

/// The entries of all kinds without rules.
pub(super) fn entries() -> impl Iterator<Item = &'static Entry> {
    MODEL.kinds.values().map(|info| &info.entry)
}

/// The plan of an operation without rules.
pub(super) fn plan(operation: &catalogue::Operation) -> Option<&'static OperationPlan> {
    MODEL.plans.get(usize::from(operation.index))?.as_ref()
}
