//! A session of the Stripe CLI: its parameters, encoded in the id with which the CLI connects (platform 3.2).
//!
//! May use: base64, serde_json. Invariant: an id contains everything about its session, so that the server stores
//! nothing for a CLI that never connects, and a CLI can reconnect after a restart of the server.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The parameters of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SessionParams {
    /// The sandbox of the key.
    pub(super) sandbox: String,
    /// What is sent over its websocket.
    pub(super) feature: Feature,
    /// Whether thin events are, too.
    #[serde(default)]
    pub(super) thin: bool,
    /// Whether the CLI forwards events to a URL and returns the answers.
    pub(super) forwards: bool,
    /// The filters for requests.
    pub(super) filters: Filters,
}

/// What is sent over a websocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Feature {
    /// Events, for `stripe listen`.
    Webhooks,
    /// Requests, for `stripe logs tail`.
    RequestLogs,
    /// Thin events, for `stripe listen`.
    V2Events,
}

impl Feature {
    /// Its name in the protocol.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Feature::Webhooks => "webhooks",
            Feature::RequestLogs => "request_logs",
            Feature::V2Events => "v2_events",
        }
    }
}

const ID_PREFIX: &str = "cliws_";

impl SessionParams {
    /// Its id.
    pub(super) fn id(&self) -> String {
        // A struct of strings always has a JSON form.
        let text = serde_json::to_vec(self).unwrap_or_default();
        format!("{ID_PREFIX}{}", URL_SAFE_NO_PAD.encode(text))
    }

    /// The session with this id.
    pub(super) fn from_id(id: &str) -> Option<SessionParams> {
        let text = URL_SAFE_NO_PAD.decode(id.strip_prefix(ID_PREFIX)?).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// The filters of `stripe logs tail`; an empty list matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Filters {
    #[serde(rename = "filter_account", skip_serializing_if = "Vec::is_empty")]
    account: Vec<String>,
    #[serde(rename = "filter_http_method", skip_serializing_if = "Vec::is_empty")]
    method: Vec<String>,
    #[serde(rename = "filter_request_path", skip_serializing_if = "Vec::is_empty")]
    path: Vec<String>,
    #[serde(rename = "filter_request_status", skip_serializing_if = "Vec::is_empty")]
    outcome: Vec<String>,
    #[serde(rename = "filter_source", skip_serializing_if = "Vec::is_empty")]
    source: Vec<String>,
    #[serde(rename = "filter_status_code", skip_serializing_if = "Vec::is_empty")]
    status: Vec<String>,
    #[serde(rename = "filter_status_code_type", skip_serializing_if = "Vec::is_empty")]
    class: Vec<String>,
}

impl Filters {
    /// Whether a request matches: its method, path, HTTP status, and whether it was made for a connected account.
    pub(super) fn take(&self, method: &str, path: &str, status: u16, for_account: bool) -> bool {
        let one_of = |wanted: &[String], found: &str| {
            wanted.is_empty() || wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(found))
        };
        let outcome = if (200..=202).contains(&status) { "SUCCEEDED" } else { "FAILED" };
        one_of(&self.method, method)
            && one_of(&self.path, path)
            && one_of(&self.outcome, outcome)
            && one_of(&self.source, "API")
            && one_of(&self.status, &status.to_string())
            && one_of(&self.class, &(status / 100 * 100).to_string())
            && one_of(&self.account, if for_account { "connect_out" } else { "self" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_session() {
        let filters: Filters = serde_json::from_str(r#"{"filter_http_method": ["POST"]}"#).unwrap();
        let session = SessionParams {
            sandbox: "shop".into(),
            feature: Feature::RequestLogs,
            thin: false,
            forwards: false,
            filters,
        };
        assert_eq!(SessionParams::from_id(&session.id()), Some(session));
        for wrong in ["", "cliws_", "cliws_e30", "cliws_*", "sess_e30"] {
            assert_eq!(SessionParams::from_id(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn filters_take_what_they_name() {
        let takes = |filters: &str, method, path, status, for_account| {
            serde_json::from_str::<Filters>(filters).unwrap().take(method, path, status, for_account)
        };
        assert!(takes("{}", "GET", "/v1/charges", 200, false));
        assert!(takes(r#"{"filter_http_method": ["GET", "POST"]}"#, "POST", "/v1/charges", 402, false));
        assert!(!takes(r#"{"filter_http_method": ["GET"]}"#, "POST", "/v1/charges", 200, false));
        assert!(takes(r#"{"filter_status_code_type": ["400"]}"#, "POST", "/v1/charges", 402, false));
        assert!(!takes(r#"{"filter_status_code_type": ["400"]}"#, "POST", "/v1/charges", 200, false));
        assert!(takes(r#"{"filter_status_code": ["402"]}"#, "POST", "/v1/charges", 402, false));
        assert!(!takes(r#"{"filter_status_code": ["402"]}"#, "POST", "/v1/charges", 404, false));
        assert!(takes(r#"{"filter_request_status": ["FAILED"]}"#, "POST", "/v1/charges", 402, false));
        assert!(!takes(r#"{"filter_request_status": ["FAILED"]}"#, "POST", "/v1/charges", 200, false));
        assert!(takes(r#"{"filter_request_path": ["/v1/charges"]}"#, "POST", "/v1/charges", 200, false));
        assert!(!takes(r#"{"filter_request_path": ["/v1/charges"]}"#, "POST", "/v1/charges/ch_1", 200, false));
        assert!(!takes(r#"{"filter_source": ["DASHBOARD"]}"#, "GET", "/v1/charges", 200, false));
        assert!(takes(r#"{"filter_account": ["self"]}"#, "GET", "/v1/charges", 200, false));
        assert!(takes(r#"{"filter_account": ["connect_out"]}"#, "GET", "/v1/charges", 200, true));
    }
}
