//! What a person sees in a browser: one template for each page, over one base with the style of all.
//!
//! May use: askama. Invariant: a page is plain HTML that asks for nothing else, and nothing on it is computed here; every
//! value is escaped.

use askama::Template;

/// Where a customer agrees or fails (intents-and-checkout 1.7, core-payments 5.4.9).
#[derive(Debug, Template)]
#[template(path = "decision.html")]
pub struct DecisionPage<'a> {
    /// The id of the object that the decision is about.
    pub id: &'a str,
    /// What is decided.
    pub title: &'a str,
    /// The amount as a person reads it; empty where there is none.
    pub amount: String,
    /// The object's status.
    pub status: &'a str,
    /// Whether there is still something to decide.
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
    /// What was paid, as a person reads it.
    pub amount: String,
    /// What was given back of it.
    pub refunded: String,
    /// The charge's description; empty where it has none.
    pub description: &'a str,
}

/// Where a customer pays a Checkout Session (intents-and-checkout 3.2).
#[derive(Debug, Template)]
#[template(path = "checkout.html")]
pub struct CheckoutPage<'a> {
    /// The id of the session.
    pub id: &'a str,
    /// Its status.
    pub status: &'a str,
    /// Whether it can be paid.
    pub is_open: bool,
    /// What is to be paid, as a person reads it; empty where nothing is.
    pub total: String,
    /// The lines: what, and for how much.
    pub lines: Vec<(String, String)>,
    /// The customer's email as far as it is known.
    pub email: &'a str,
    /// Whether the email is known already, so that the customer cannot change it.
    pub has_email: bool,
    /// What can be paid with: the value that is sent, and the label.
    pub offers: Vec<(String, String)>,
    /// The label of the button.
    pub button: &'static str,
    /// Where the customer goes back to without paying; empty where there is no such address.
    pub cancel_url: &'a str,
    /// Why the last try was refused; empty before the first.
    pub refusal: &'a str,
}
