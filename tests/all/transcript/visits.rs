//! Opens every link that answers and pages show, as soon as it is shown.

use std::collections::BTreeSet;

use super::play::PUBLIC_URL;
use crate::support::client::raw;

/// What was opened, and what of it leads nowhere.
#[derive(Debug, Default)]
pub(super) struct Visits {
    seen: BTreeSet<String>,
    pub opened: Vec<String>,
    pub faults: Vec<String>,
}

/// Hosts of documentation, and of pages that belong to the service alone.
const ELSEWHERE: [&str; 6] = [
    "https://stripe.com/docs",
    "https://docs.stripe.com",
    "https://support.stripe.com",
    "https://dashboard.stripe.com",
    "https://stripe.com/",
    // The site of a test business.
    "https://accessible.stripe.com",
];

impl Visits {
    /// Opens the links in an answer to a call.
    pub(super) fn follow(&mut self, server: &str, of: &str, text: &str) {
        // What is over says so, and leads nowhere by its meaning; a preview is never stored.
        if text.contains("\"expired\": true") || of.contains("/preview?") {
            return;
        }
        for url in urls(text) {
            self.open(server, of, &url);
        }
    }

    fn open(&mut self, server: &str, of: &str, url: &str) {
        let path = url.strip_prefix(PUBLIC_URL).filter(|path| path.starts_with('/'));
        let Some(path) = path else {
            let is_known = ELSEWHERE.iter().any(|known| url.starts_with(known));
            if url.contains(".stripe.com") && !is_known && self.seen.insert(url.to_owned()) {
                self.faults.push(format!("{of}: {url} is not here"));
            }
            return;
        };
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        // Whoever opens a payment link begins a session, and whoever follows a link of a bank's page decides.
        let method = if path.starts_with("/test_") { "HEAD" } else { "GET" };
        let accept = [("Accept".to_owned(), "text/html,*/*".to_owned())];
        let answer = raw(server, method, path, &accept, None);
        self.opened.push(path.to_owned());
        let is_there = matches!(answer.status, 200 | 303);
        let is_right = match path.split('?').next().and_then(|path| path.rsplit_once(['.', '/'])) {
            Some((_, "png")) => answer.bytes.starts_with(b"\x89PNG"),
            Some((_, "pdf")) => answer.bytes.starts_with(b"%PDF-"),
            Some((_, "svg")) => answer.text.starts_with("<svg"),
            _ => true,
        };
        if !is_there || !is_right {
            self.faults.push(format!("{of}: {path} answers {}", answer.status));
        }
        if answer.text.starts_with("<!doctype html>") {
            let hrefs = answer.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
            let hrefs: Vec<String> =
                hrefs.filter(|href| !href.contains("result=")).filter_map(|href| resolved(path, href)).collect();
            hrefs.iter().for_each(|href| self.open(server, path, href));
        }
    }
}

/// The texts of a JSON document that are URLs.
fn urls(text: &str) -> Vec<String> {
    let found = text.split("\"http").skip(1).filter_map(|rest| rest.split(['"', '\\']).next());
    found
        .map(|rest| format!("http{rest}"))
        .filter(|url| url.starts_with("http://") || url.starts_with("https://"))
        .collect()
}

/// A link of a page as a whole URL; nothing for what stays on the page or leaves the web.
fn resolved(page: &str, href: &str) -> Option<String> {
    let href = href.replace("&amp;", "&").replace("&#38;", "&");
    if href.starts_with("http") {
        return Some(href);
    }
    if href.starts_with(['#', '?']) || href.contains(':') {
        return None;
    }
    let page = page.split('?').next().unwrap_or_default();
    let mut parts: Vec<&str> = page.split('/').collect();
    let _ = parts.pop();
    let (path, query) = href.split_once('?').map_or((&*href, ""), |(path, query)| (path, query));
    for part in path.split('/') {
        match part {
            ".." => {
                let _ = parts.pop();
            }
            "." => {}
            "" => parts.truncate(1),
            part => parts.push(part),
        }
    }
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    Some(format!("{PUBLIC_URL}{}{query}", parts.join("/")))
}
