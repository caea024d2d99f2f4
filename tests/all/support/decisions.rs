//! Deciding what a person would decide: on a page as a browser, or by the control call.

use crate::support::client::{Answer, Client};

/// The page that an object's link names, as a path.
pub(crate) fn path<'a>(api: &Client, link: &'a str) -> &'a str {
    link.strip_prefix(api.url()).unwrap_or_else(|| panic!("{link} is not on this server"))
}

/// Opens a page as a browser does.
pub(crate) fn open(api: &Client, link: &str) -> Answer {
    api.send("GET", path(api, link), None)
}

/// Presses a button of a page: `succeeded` or `failed`.
pub(crate) fn press(api: &Client, link: &str, result: &str) -> Answer {
    let form = format!("result={result}");
    api.send("POST", path(api, link), Some(("application/x-www-form-urlencoded", form.as_bytes())))
}

/// Decides without a browser.
pub(crate) fn decide(api: &Client, link: &str, result: &str) -> Answer {
    api.send("POST", &format!("{}&result={result}", path(api, link)), None)
}

/// A page, as a browser asks for it, or sends its form.
pub(crate) fn browse(api: &Client, method: &str, link: &str, form: Option<&str>) -> Answer {
    let form = form.map(|form| ("application/x-www-form-urlencoded", form.as_bytes()));
    api.with("Accept", "text/html,*/*;q=0.8").send(method, path(api, link), form)
}

/// Where an answer leads to from a link.
#[track_caller]
pub(crate) fn onward(link: &str, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let to = answer.header("location").unwrap();
    if to.contains("://") {
        return to.to_owned();
    }
    let folder = link.rsplit_once('/').unwrap().0;
    format!("{folder}/{to}")
}
