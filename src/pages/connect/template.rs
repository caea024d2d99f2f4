//! What stands on the pages of the people behind connected accounts.
//!
//! May use: askama. Invariant: nothing is computed on a page; every value is escaped.

use askama::Template;

/// The page of an account link.
#[derive(Debug, Template)]
#[template(path = "setup.html")]
pub(super) struct SetupPage {
    /// What is done there.
    pub(super) heading: &'static str,
    /// The account: what it is called, and its value.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What is asked for.
    pub(super) groups: Vec<RequirementGroup>,
    /// Why the last press did nothing; empty if it did something.
    pub(super) refusal: String,
}

/// Requirements about one subject.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequirementGroup {
    /// The subject in words.
    pub(super) title: String,
    /// What is asked for of it, in words.
    pub(super) items: Vec<String>,
}

/// The dashboard of an express account.
#[derive(Debug, Template)]
#[template(path = "dashboard.html")]
pub(super) struct DashboardPage {
    /// The account's name.
    pub(super) name: String,
    /// Its money, by currency.
    pub(super) balances: Vec<DashboardBalance>,
    /// Its payouts, the newest first.
    pub(super) payouts: Vec<DashboardPayout>,
    /// The account: what it is called, and its value.
    pub(super) facts: Vec<(&'static str, String)>,
}

/// Money of one currency on the dashboard.
#[derive(Debug)]
pub(super) struct DashboardBalance {
    pub(super) currency: String,
    pub(super) available: String,
    pub(super) pending: String,
}

/// A payout on the dashboard.
#[derive(Debug)]
pub(super) struct DashboardPayout {
    pub(super) arrives: String,
    pub(super) status: &'static str,
    pub(super) amount: String,
}

/// The page of an OAuth link.
#[derive(Debug, Template)]
#[template(path = "authorize.html")]
pub(super) struct AuthorizePage<'a> {
    /// The platform as an application.
    pub(super) client: &'a str,
    /// What it asks for, in words.
    pub(super) access: &'static str,
    /// What may be typed about a new account.
    pub(super) details: Vec<AuthorizeInput>,
    /// Why the last press did nothing; empty if it did something.
    pub(super) refusal: &'a str,
}

/// An input about a new account.
#[derive(Debug)]
pub(super) struct AuthorizeInput {
    pub(super) name: String,
    pub(super) label: &'static str,
    pub(super) value: String,
}

/// A component of a platform's page.
#[derive(Debug, Default, Template)]
#[template(path = "component.html")]
pub(super) struct ComponentPage {
    /// What it is.
    pub(super) heading: String,
    /// What there is to say; empty for nothing.
    pub(super) text: String,
    /// Why the last press did nothing; empty if it did something.
    pub(super) refusal: String,
    /// The account: what it is called, and its value.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What is asked for.
    pub(super) groups: Vec<RequirementGroup>,
    /// What is there of one kind: the heads of the columns.
    pub(super) columns: &'static [&'static str],
    /// The rows under them.
    pub(super) rows: Vec<Vec<String>>,
    /// Whether what is asked for can be told here.
    pub(super) takes_answers: bool,
    /// What the page around it is told, as JSON.
    pub(super) said: String,
}
