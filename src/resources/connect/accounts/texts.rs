//! Texts of an account that follow from its name or its website (connect-accounts 2.3).
//!
//! May use: the account's own fields. Invariant: a text that was sent stays.

use super::Account;
use super::requirements::{Facts, Rules};
use crate::object::fill::{at, set_at};
use crate::state::document::{Doc, Map};

/// How long a statement's text is, and its part in front of another.
const DESCRIPTOR_CHARACTERS: usize = 22;
const PREFIX_CHARACTERS: usize = 10;

/// Sets the texts that nobody sent, by the profile in the request.
pub(super) fn follow(account: &mut Account, profile: Option<&Map>) {
    name(account);
    if Facts::of(account).rules() == Rules::Collected {
        return;
    }
    let sent = |key: &str| profile.and_then(|profile| profile.str(key)).filter(|text| !text.is_empty());
    let host = sent("url").map(host);
    if let Some(base) = sent("name").map(str::to_owned).or_else(|| host.clone()) {
        let whole: String = base.to_uppercase().chars().take(DESCRIPTOR_CHARACTERS).collect();
        let prefix: String = whole.chars().take(PREFIX_CHARACTERS).collect();
        fill(account, "settings.payments.statement_descriptor", whole);
        fill(account, "settings.card_payments.statement_descriptor_prefix", prefix.trim().to_owned());
    }
    let shown = sent("name").map(str::to_owned).or_else(|| host.as_deref().map(display_name));
    if let Some(shown) = shown {
        fill(account, "settings.dashboard.display_name", shown);
    }
}

/// A company is called what it is called (connect-accounts 2.2).
fn name(account: &mut Account) {
    let is_company = account.rest.str("business_type") == Some("company");
    let name = account.rest.map("company").and_then(|company| company.str("name")).map(str::to_owned);
    if let Some(name) = name.filter(|_| is_company) {
        fill(account, "business_profile.name", name);
    }
}

fn fill(account: &mut Account, path: &str, text: String) {
    if at(&account.rest, path).is_none_or(Doc::is_null) {
        set_at(&mut account.rest, path, text.into());
    }
}

/// The host of a website, without `www.`.
fn host(url: &str) -> String {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let host = behind.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

/// A host without its last label; of one with two labels the first, as a name.
fn display_name(host: &str) -> String {
    let Some((before, _)) = host.rsplit_once('.') else { return host.to_owned() };
    let mut letters = before.chars();
    match (before.contains('.'), letters.next()) {
        (false, Some(first)) => first.to_uppercase().chain(letters).collect(),
        _ => before.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{display_name, host};

    #[test]
    fn a_website_gives_a_name() {
        let named = |url: &str| (host(url), display_name(&host(url)));
        let pair = |host: &str, name: &str| (host.to_owned(), name.to_owned());
        assert_eq!(named("https://shop.example.com/"), pair("shop.example.com", "shop.example"));
        assert_eq!(named("http://www.example.com:80/a"), pair("example.com", "Example"));
        assert_eq!(named("localhost"), pair("localhost", "localhost"));
    }
}
