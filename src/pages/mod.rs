//! The pages for a person's browser: one template for each, over a base with the common style.
//!
//! May use: askama, and pdf-writer for what is printed. Invariant: a page is plain HTML without further requests, and nothing is
//! computed on it; every value is escaped. The base contains the one style: colours of WCAG's level AA in light and dark, from
//! 320 pixels on.

mod paper;
pub mod pdf;

pub use self::paper::{PageSize, Paper, PaperLine, PaperSum, Party};

use askama::Template;

/// The page where a customer agrees or fails (intents-and-checkout 1.7, core-payments 5.4.9).
#[derive(Debug, Template)]
#[template(path = "decision.html")]
pub struct DecisionPage<'a> {
    /// The id of the object.
    pub id: &'a str,
    /// The subject of the decision.
    pub title: &'a str,
    /// The amount as text; empty for none.
    pub amount: String,
    /// The object's status.
    pub status: &'a str,
    /// Whether the decision is still open.
    pub is_open: bool,
    /// The label of the button that agrees.
    pub agree: &'static str,
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

/// The page where a customer pays a Checkout Session (intents-and-checkout 3.2).
#[derive(Debug, Template)]
#[template(path = "checkout.html")]
pub struct CheckoutPage<'a> {
    /// The id of the session.
    pub id: &'a str,
    /// Its status.
    pub status: &'a str,
    /// Whether it can be paid.
    pub is_open: bool,
    /// The amount to pay as text; empty for none.
    pub total: String,
    /// The lines: text and amount.
    pub lines: Vec<(String, String)>,
    /// The amount that the customer chooses, in the currency's smallest unit; 0 before, `None` if nothing is to be chosen.
    pub amount: Option<i64>,
    /// Whether the customer enters an address first.
    pub asks_address: bool,
    /// Whether the customer may enter a promotion code.
    pub takes_codes: bool,
    /// The promotion code that was entered; empty for none.
    pub code: &'a str,
    /// The customer's e-mail address; empty if it is not known.
    pub email: &'a str,
    /// Whether the e-mail address is known, and cannot be changed here.
    pub has_email: bool,
    /// The payment methods: value and label.
    pub offers: Vec<(String, String)>,
    /// The label of the button.
    pub button: &'static str,
    /// Where the customer goes without paying; empty for nowhere.
    pub cancel_url: &'a str,
    /// The error of the last attempt; empty before the first.
    pub refusal: &'a str,
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

/// The page of the customer portal: that of a session, or the login page of a configuration (billing 5.6).
#[derive(Debug, Template)]
#[template(path = "portal.html")]
pub struct PortalPage<'a> {
    /// The business's own headline, or a general one.
    pub headline: &'a str,
    /// The customer of the session; empty on a login page.
    pub customer: String,
    /// What the session leads the customer to; empty for nothing.
    pub flow: &'a str,
    /// What this page does, and what it does not.
    pub notice: &'a str,
    /// What the configuration allows.
    pub actions: Vec<String>,
    /// Where the customer goes back to; empty for nowhere.
    pub return_url: &'a str,
}
