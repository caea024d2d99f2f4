//! The verification of people (connect-accounts 11).

mod page;
mod sessions;

use serde_json::Value;

use crate::support::client::{Answer, Client};
use crate::support::flows::id;

const SESSIONS: &str = "/v1/identity/verification_sessions";
const REPORTS: &str = "/v1/identity/verification_reports";

/// A session about a document.
#[track_caller]
fn open(api: &Client, more: &[(&str, &str)]) -> Value {
    api.post(SESSIONS, &[&[("type", "document")], more].concat()).ok()
}

fn submit(api: &Client, session: &Value, result: &str) -> Answer {
    api.send("POST", &format!("/_pinstripe/identity/{}?result={result}", id(session)), None)
}

#[track_caller]
fn read(api: &Client, session: &Value, expand: &[&str]) -> Value {
    let expand: Vec<(&str, &str)> = expand.iter().map(|path| ("expand[]", *path)).collect();
    api.get(&format!("{SESSIONS}/{}", id(session)), &expand).ok()
}
