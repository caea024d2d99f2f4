//! Payment links: pages that begin a Checkout Session for everybody who opens them (intents-and-checkout 3.4).
//!
//! May use: sessions, prices as documents. Invariant: a link that is not active, or whose sessions are used up, begins none.

mod operations;
mod visit;

pub use self::visit::{Visit, visit};

use crate::contract::{
    Behaviour, Defaults, Entry, Events, Fill, Include, Marked, On, Reaction, STATEMENTS, Shown, Trigger, Who,
};
use crate::generic::described::Described;
use crate::generic::lines;
use crate::links;
use crate::object::body;
use crate::resources::checkout::sessions::{Session, SessionStatus};
use crate::state::Kind;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Resource, downcast};

crate::resource! {
    /// A payment link.
    PaymentLink = "payment_link" {
        /// Whether its page sells.
        active: bool,
        /// The currency of its prices.
        currency: String,
        /// The user's own keys and values, which its sessions get.
        metadata: Map,
        /// How many sessions it begins: the limit, and how many are complete; null for no limit.
        restrictions: Doc,
        /// The page.
        url: String,
    }
    hidden {
        /// Unix seconds.
        created: i64,
    }
}

/// The kind, for references.
pub const KIND: Kind = PaymentLink::KIND;

/// A shipping rate that is described in place.
const SHIPPING: Described = Described { param: "shipping_rate_data", kind: crate::kind!("shipping_rate") };

/// What ids begin with.
const PREFIX: &str = "plink_";

/// The page of a link.
fn page(base_url: &str, id: &str) -> String {
    links::to(base_url, &format!("/test_{}", id.trim_start_matches(PREFIX)))
}

/// The id of the link whose page ends with this.
pub fn of_page(code: &str) -> String {
    format!("{PREFIX}{code}")
}

impl PaymentLink {
    /// The limit of complete sessions, and how many there are.
    fn sessions(&self) -> Option<(i64, i64)> {
        let sessions = self.restrictions.as_map()?.map("completed_sessions")?;
        Some((sessions.int("limit")?, sessions.int("count").unwrap_or_default()))
    }

    /// Whether a customer can begin a session.
    fn sells(&self) -> bool {
        self.active && self.sessions().is_none_or(|(limit, count)| count < limit)
    }
}

/// What happens to a link: a session of it is complete.
const REACTIONS: &[Reaction] = &[Reaction {
    to: Session::KIND,
    on: On::Change(crate::when!(Session, |before, after| {
        let is_complete = |session: &Session| session.status == Some(SessionStatus::Complete);
        after.payment_link.is_some() && is_complete(after) && !before.is_some_and(is_complete)
    })),
    who: Who::Named(|session| downcast::<Session>(session)?.payment_link.clone()),
    run: visit::count,
}];

/// The defaults of a new link.
const DEFAULTS: Defaults = &[
    ("active", Fill::Flag(true)),
    ("after_completion.hosted_confirmation", Fill::Object(&[("custom_message", Fill::Null)])),
    ("after_completion.type", Fill::Text("hosted_confirmation")),
    ("allow_promotion_codes", Fill::Flag(false)),
    ("automatic_tax.enabled", Fill::Flag(false)),
    ("billing_address_collection", Fill::Text("auto")),
    ("currency", Fill::Text("usd")),
    ("custom_fields.optional", Fill::Flag(false)),
    ("customer_creation", Fill::Text("if_required")),
    ("managed_payments.enabled", Fill::Flag(false)),
    ("name_collection.*.optional", Fill::Flag(false)),
    ("optional_items", Fill::Absent),
    ("payment_method_collection", Fill::Text("always")),
    ("phone_number_collection.enabled", Fill::Flag(false)),
    ("restrictions.completed_sessions.count", Fill::Int(0)),
    (
        "shipping_options.shipping_amount",
        Fill::Of(crate::kind!("shipping_rate"), "shipping_rate", "fixed_amount.amount"),
    ),
    ("submit_type", Fill::Text("auto")),
    ("subscription_data.invoice_settings.issuer.type", Fill::Text("self")),
    ("tax_id_collection.enabled", Fill::Flag(false)),
    ("tax_id_collection.required", Fill::Text("never")),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[
        Marked::describes(&["line_items.*.price_data"], "prices.create"),
        Marked::describes(&["line_items.*.price_data.product_data"], "products.create"),
        Marked::describes(&["shipping_options.*.shipping_rate_data"], "shipping_rates.create"),
        Marked::neutral(&["custom_fields.*.label.type"], "it has one value").on(&["payment_links.create"]),
        Marked::acts(
            &["line_items.*.adjustable_quantity", "line_items.*.quantity"],
            "checkout::payment_links::opening_the_page_begins_a_session_of_the_link",
        ),
        Marked::acts(&["transfer_data.destination"], "checkout::payment_links::a_link_gives_the_money_to_whom_it_says"),
        Marked::acts(
            &["after_completion.type"],
            "checkout::payment_links::after_completion_the_customer_goes_where_the_link_says_or_reads_its_text",
        ),
    ],
    fields: PaymentLink::FIELDS,
    noun: "payment_link",
    id: IdForm::of(PREFIX),
    path_param: "payment_link",
    operations: &[
        ("payment_links.create", Behaviour::Write(operations::create)),
        ("payment_links.retrieve", Behaviour::Retrieve),
        ("payment_links.update", Behaviour::Write(operations::update)),
        ("payment_links.list", Behaviour::List),
        ("payment_links.line_items.list", Behaviour::Read(operations::line_items)),
    ],
    filters: &[crate::filter!("active", PaymentLink, |link| Some(if link.active { "true" } else { "false" }))],
    includes: &[Include {
        field: "line_items",
        shown: Shown::Expanded,
        total_count: false,
        rows: lines::of,
        url: |link| format!("/v1/payment_links/{link}/line_items"),
    }],
    statements: STATEMENTS,
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<PaymentLink>,
    reactions: REACTIONS,
    events: Events { created: Some("payment_link.created"), updated: &["payment_link.updated"], ..Events::NONE },
    defaults: DEFAULTS,
    triggers: &[Trigger::update("payment_link.updated", "/v1/payment_links/{id}")],
    ..Entry::PLAIN
};
