//! The page of the customer portal as a value, for its template.
//!
//! May use: askama. Invariant: nothing is computed on the page; every value is escaped.

use askama::Template;

use crate::pages::checkout::template::{InputOption, PageInput};

/// The page of a portal session.
#[derive(Debug, Template)]
#[template(path = "portal.html")]
pub(super) struct PortalPage {
    /// The business's own headline, or a general one.
    pub(super) headline: String,
    /// The customer.
    pub(super) customer: String,
    /// What was done just now; empty for nothing.
    pub(super) notice: &'static str,
    /// Why the last attempt failed; empty for no reason.
    pub(super) refusal: String,
    /// What the customer subscribes to.
    pub(super) subscriptions: Vec<PortalSubscription>,
    /// How the customer pays; `None` if the portal does not show it.
    pub(super) methods: Option<Vec<PortalMethod>>,
    /// The inputs of a card to add.
    pub(super) card: Vec<PageInput>,
    /// The customer's details that may be changed.
    pub(super) details: Vec<PageInput>,
    /// The customer's tax ids, and the types of those to add; `None` if the portal does not show them.
    pub(super) tax_ids: Option<(Vec<PortalTaxId>, Vec<InputOption>)>,
    /// The invoices.
    pub(super) invoices: Vec<PortalInvoice>,
    /// Where the customer goes back to; empty for nowhere.
    pub(super) return_url: String,
}

/// A subscription on the page.
#[derive(Debug)]
pub(super) struct PortalSubscription {
    pub(super) id: String,
    /// What is subscribed to, one in a line.
    pub(super) lines: Vec<String>,
    /// What happens next, such as `Renews on August 1, 2026`.
    pub(super) next: String,
    pub(super) can_cancel: bool,
    pub(super) can_keep: bool,
    pub(super) can_pause: bool,
    /// The change that is to be confirmed, with what it costs; `None` if there is none.
    pub(super) preview: Option<PortalPreview>,
    /// The prices to choose from, the present one first.
    pub(super) prices: Vec<InputOption>,
    /// The quantity to change.
    pub(super) quantity: Option<PageInput>,
    /// The reasons to cancel that can be chosen from.
    pub(super) reasons: Vec<InputOption>,
}

/// A change of a subscription that is to be confirmed.
#[derive(Clone, Debug)]
pub(super) struct PortalPreview {
    /// The subscription.
    pub(super) subscription: String,
    /// What it becomes.
    pub(super) plan: String,
    /// The inputs of the change, to be sent again: name and value.
    pub(super) inputs: Vec<(&'static str, String)>,
    /// What is billed for it: description and amount.
    pub(super) lines: Vec<(String, String)>,
    /// The total, and when it is billed; empty if the change waits for the end of the period.
    pub(super) total: (String, String),
}

/// A tax id on the page.
#[derive(Debug)]
pub(super) struct PortalTaxId {
    pub(super) id: String,
    pub(super) label: String,
}

/// A payment method on the page.
#[derive(Debug)]
pub(super) struct PortalMethod {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) is_default: bool,
}

/// An invoice on the page.
#[derive(Debug)]
pub(super) struct PortalInvoice {
    pub(super) date: String,
    pub(super) amount: String,
    pub(super) status: String,
    /// Its page; empty for none.
    pub(super) url: String,
}
