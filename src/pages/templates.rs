//! The pages, one template for each over a base with the common style.
//!
//! May use: askama. Invariant: nothing is computed on a page; every value is escaped.

use askama::Template;

use super::Paper;

/// The page where a customer agrees or fails (intents-and-checkout 1.7, core-payments 5.4.9).
#[derive(Debug, Template)]
#[template(path = "decision.html")]
pub struct DecisionPage<'a> {
    /// The id of the object.
    pub id: &'a str,
    /// What is decided about: `3D Secure`, or the name of a payment method.
    pub title: String,
    /// `Payment`, or `Setup` where there is no amount.
    pub subject: &'static str,
    /// The amount as text; empty for none.
    pub amount: String,
    /// The object's status.
    pub status: &'a str,
    /// Whether the decision is still open.
    pub is_open: bool,
    /// Whether the customer is asked who they are, not whether they pay.
    pub is_challenge: bool,
    /// The code to scan, as an SVG picture; empty for none.
    pub code: String,
    /// What the customer needs to pay elsewhere: name and value.
    pub facts: Vec<(&'static str, String)>,
    /// Where the customer goes who agrees.
    pub agree: String,
    /// Where the customer goes who does not.
    pub fail: String,
}

/// A page that has nothing to fill in: of a session or a link that is complete, expired or unknown.
#[derive(Debug, Template)]
#[template(path = "notice.html")]
pub(super) struct NoticePage {
    /// What has happened.
    pub(super) heading: &'static str,
    /// What it means.
    pub(super) text: String,
    /// Where the customer goes on: address and text of the link; empty for nowhere.
    pub(super) onward: (String, String),
}

/// The page where a customer verifies a bank account (core-payments 7.6).
#[derive(Debug, Template)]
#[template(path = "microdeposits.html")]
pub(super) struct MicrodepositsPage<'a> {
    /// The id of the intent.
    pub(super) id: &'a str,
    /// The intent's status.
    pub(super) status: &'a str,
    /// Why what was told is wrong; empty for nothing.
    pub(super) refusal: &'a str,
    /// What is asked for: `amounts` or `descriptor_code`; empty for nothing.
    pub(super) by: &'a str,
}

/// A mandate.
#[derive(Debug, Template)]
#[template(path = "mandate.html")]
pub(super) struct MandatePage {
    /// What it says: name and value.
    pub(super) facts: Vec<(&'static str, String)>,
}

/// A charge's receipt (core-payments 2).
#[derive(Debug, Template)]
#[template(path = "receipt.html")]
pub struct ReceiptPage<'a> {
    /// The id of the charge.
    pub id: &'a str,
    /// The paid amount as text.
    pub amount: String,
    /// The refunded amount as text.
    pub refunded: String,
    /// The charge's description; empty for none.
    pub description: &'a str,
}

/// The page where a customer sees and pays an invoice, the address in its `hosted_invoice_url` (billing 3.2).
#[derive(Debug, Template)]
#[template(path = "invoice.html")]
pub struct InvoicePage<'a> {
    /// What it says.
    pub paper: &'a Paper,
    /// Its status.
    pub status: &'a str,
    /// The address of its PDF.
    pub pdf: &'a str,
    /// Why the last attempt failed; empty if it did not.
    pub refusal: &'a str,
    /// What the customer should know; empty for nothing.
    pub notice: &'a str,
    /// The payment methods: value and label; none if it is not to be paid.
    pub offers: Vec<(String, String)>,
    /// The amount on the button.
    pub due: String,
}
