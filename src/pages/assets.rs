//! The styles and scripts that pages contain, and the content security policy that allows these and no others.
//!
//! May use: nothing of the program. Invariant: a page runs no script that is not in this binary.

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The style of every page.
pub(super) const STYLE: &str = include_str!("../../templates/style.css");
/// What the page of a Checkout Session adds to it.
pub(super) const CHECKOUT_STYLE: &str = include_str!("../../templates/checkout.css");
/// What the page of a Checkout Session does while a customer types; without it, the form works as well.
pub(super) const CHECKOUT_SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/checkout.js"));

/// The picture of every page's tab.
pub(super) const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><path fill=\"#3f37c9\" d=\"M0 0h2v8H0zM3 0h2v8H3zM6 0h2v8H6z\"/></svg>\n";

/// What the page where accounts are linked adds to the style.
pub(super) const LINK_STYLE: &str = include_str!("../../templates/link-accounts.css");
/// What its last page does in a frame: it tells the page around it what came of it.
pub(super) const LINKED_SCRIPT: &str = include_str!("../../templates/linked.js");

/// What a component does in the frame of a platform's page: it says that it is there, and how high it is.
pub(super) const COMPONENT_SCRIPT: &str = include_str!("../../templates/component.js");

/// What a page without a script may load.
pub(super) static USUAL: LazyLock<String> = LazyLock::new(|| policy(&[STYLE, CHECKOUT_STYLE], &[]));

/// What a page with these styles and scripts may load: nothing but them, pictures in it, and its own address.
pub(super) fn policy(styles: &[&str], scripts: &[&str]) -> String {
    let mut policy = String::from("default-src 'none'; img-src 'self' data:");
    for (directive, texts) in [("style-src", styles), ("script-src", scripts)] {
        if !texts.is_empty() {
            let hashes: Vec<String> = texts.iter().map(|text| known_hash(text)).collect();
            let _ = write!(policy, "; {directive} {}", hashes.join(" "));
        }
    }
    if !scripts.is_empty() {
        policy.push_str("; connect-src 'self'; frame-src 'self'");
    }
    policy
}

/// The hashes of what every page contains.
static HASHES: LazyLock<[(&str, String); 6]> = LazyLock::new(|| {
    let all = [STYLE, CHECKOUT_STYLE, CHECKOUT_SCRIPT, COMPONENT_SCRIPT, LINK_STYLE, LINKED_SCRIPT];
    all.map(|text| (text, hash(text)))
});

fn known_hash(text: &str) -> String {
    HASHES.iter().find(|(known, _)| *known == text).map_or_else(|| hash(text), |(_, hash)| hash.clone())
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
