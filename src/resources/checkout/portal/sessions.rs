//! Sessions of the customer portal (billing 5.6, billing-2 11.5).
//!
//! May use: configurations, flows, customers. Invariant: a session never changes; who knows its address acts as its customer.

use super::configurations;
use super::configurations::PortalConfiguration;
use super::flow;
use super::flow::FlowType;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Fill, In, Marked, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Kind, Tx};

crate::resource! {
    /// A session of the customer portal.
    PortalSession = "billing_portal.session" {
        /// Unix seconds.
        created: i64,
        /// What the customer may do.
        configuration: Id,
        /// The customer.
        customer: Id,
        /// What the customer is led to; null for the portal's first page.
        flow: Doc,
        /// Where the portal leads back to; null for the configuration's address.
        return_url: Option<String>,
        /// The page.
        url: String,
    }
    hidden {
    }
}

impl PortalSession {
    /// The flow that is all the customer may do, if the portal's first page does not follow it.
    pub(super) fn bound_to(&self) -> Option<FlowType> {
        let flow = self.flow.as_map()?;
        let after = flow.map("after_completion").and_then(|after| after.str("type"));
        flow.str("type").and_then(FlowType::parse).filter(|_| after != Some("portal_homepage"))
    }
}

/// The kind, for references.
pub const KIND: Kind = PortalSession::KIND;

/// `POST /v1/billing_portal/sessions`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let customer = params.str("customer").ok_or_else(|| ApiError::param_missing("customer"))?;
    let customer = require::<Customer>(tx, customer, In::Param("customer"))?;
    body::check_references(tx, call, KIND)?;
    let configuration = match params.str("configuration") {
        Some(id) => require::<PortalConfiguration>(tx, id, In::Param("configuration"))?,
        None => configurations::default(tx, ctx)?,
    };
    if !configuration.active {
        return Err(ApiError::portal_configuration_inactive(&configuration.id));
    }
    if let Some(flow) = params.map("flow_data") {
        flow::check(tx, flow, &customer.id, &configuration)?;
    }
    let id = Id::from(ENTRY.id.draw(&ctx.ids));
    let mut shown = body::new(tx, ctx, KIND, &id, params)?;
    shown.set("configuration", configuration.id.to_string());
    shown.set("url", ctx.link(&format!("/p/session/{id}")));
    if let Some(Doc::Map(flow)) = shown.get_mut("flow")
        && flow.str("type") == Some(FlowType::CustomerUpdate.as_str())
    {
        flow.set("customer_update", Map::new());
    }
    let session = PortalSession::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(Outcome::Done(tx.insert(session)))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[
        Marked::refused(&["customer_account"]),
        Marked::neutral(&["flow_data.subscription_cancel.retention.type"], "it has one value"),
    ],
    fields: PortalSession::FIELDS,
    noun: "session",
    id: IdForm::of("bps_"),
    operations: &[("billing_portal.sessions.create", Behaviour::Write(create))],
    filters: &[crate::filter!(
        "customer",
        PortalSession,
        |session| Some(&*session.customer),
        Some(crate::resources::customers::customer::KIND)
    )],
    renamed: &[("flow_data", "flow")],
    defaults: &[
        (
            "flow.after_completion",
            Fill::Object(&[
                ("hosted_confirmation", Fill::Null),
                ("redirect", Fill::Null),
                ("type", Fill::Text("portal_homepage")),
            ]),
        ),
        ("flow.customer_update", Fill::Null),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<PortalSession>,
    events: Events { created: Some("billing_portal.session.created"), ..Events::NONE },
    ..Entry::PLAIN
};
