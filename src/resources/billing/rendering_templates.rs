//! Templates of how an invoice is rendered; they are made in the dashboard, here by a fixture (billing 3.1).
//!
//! May use: the state. Invariant: an archived template is chosen for no invoice.

use crate::contract::{Behaviour, Call, Ctx, Entry, Fill, In, Marked, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Resource, downcast};
use crate::state::{Kind, Ref, Tx};

crate::values! {
    /// Whether a template can be chosen.
    pub enum RenderingTemplateStatus {
        Active = "active",
        Archived = "archived",
    }
}

crate::resource! {
    /// A template.
    RenderingTemplate = "invoice_rendering_template" {
        /// Unix seconds.
        created: i64,
        /// The user's own keys and values.
        metadata: Map,
        /// `active` or `archived`.
        status: RenderingTemplateStatus,
        /// Its version, from 1.
        version: i64,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: Kind = RenderingTemplate::KIND;

fn archive(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    set(tx, call, RenderingTemplateStatus::Archived)
}

fn unarchive(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    set(tx, call, RenderingTemplateStatus::Active)
}

fn set(tx: &mut Tx, call: &Call<'_>, status: RenderingTemplateStatus) -> Result<Outcome> {
    let template = require::<RenderingTemplate>(tx, call.arg(0), In::Path)?;
    tx.update::<RenderingTemplate>(&template.id, |template| template.status = status);
    Ok(Outcome::Done(Ref::to(&*template)))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: RenderingTemplate::FIELDS,
    marks: &[Marked::refused(&["version"])],
    noun: "invoice rendering template",
    id: IdForm::of("inrtem_").led_by("1"),
    path_param: "template",
    operations: &[
        ("invoice_rendering_templates.retrieve", Behaviour::Retrieve),
        ("invoice_rendering_templates.list", Behaviour::List),
        ("invoice_rendering_templates.archive", Behaviour::Write(archive)),
        ("invoice_rendering_templates.unarchive", Behaviour::Write(unarchive)),
    ],
    filters: &[crate::filter!("status", RenderingTemplate, |template| Some(template.status.as_str()))],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<RenderingTemplate>,
    check_use: Some(|object, param| {
        let archived = |template: &RenderingTemplate| template.status == RenderingTemplateStatus::Archived;
        match downcast::<RenderingTemplate>(object).is_some_and(archived) {
            true => Err(ApiError::template_is_archived(param)),
            false => Ok(()),
        }
    }),
    defaults: &[("status", Fill::Text("active")), ("version", Fill::Int(1))],
    ..Entry::PLAIN
};
