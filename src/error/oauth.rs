//! Errors of OAuth: `{"error": …, "error_description": …}` instead of an object (connect-accounts 10).

use super::{ApiError, ErrorType};
use crate::state::document::Map;

/// What `error` may say (connect-accounts 10).
const KINDS: [&str; 6] = [
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "unsupported_grant_type",
    "unsupported_response_type",
];

impl ApiError {
    /// An error of OAuth; `kind` is one of [`KINDS`].
    fn oauth(status: u16, kind: &'static str, description: impl Into<String>) -> Self {
        Self::new(status, ErrorType::InvalidRequest, description.into()).with("type", kind).unlogged()
    }

    /// The body of the error in the form of OAuth; `None` if it has only the usual one, as a fault of the server.
    pub fn in_oauth(&self) -> Option<Map> {
        let said = self.field("message").unwrap_or_default();
        let is_missing = self.field("code") == Some("parameter_missing");
        let (kind, said) = match (self.field("type").unwrap_or_default(), self.field("param")) {
            (kind, _) if KINDS.contains(&kind) => (kind, said),
            _ if self.0.status == 401 => ("invalid_client", said),
            (_, Some("grant_type")) if is_missing => ("invalid_request", "No grant type specified"),
            (_, Some("grant_type")) => ("unsupported_grant_type", said),
            _ if matches!(self.0.status, 400 | 403) => ("invalid_request", said),
            _ => return None,
        };
        Some(Map::from([("error", kind.to_owned()), ("error_description", said.to_owned())]))
    }
}

/// What a person is shown, or what the platform is told when the person comes back.
impl ApiError {
    /// A `client_id` that is none, or that of another platform (connect-accounts 10).
    pub fn oauth_client_unknown() -> Self {
        Self::oauth(401, "invalid_client", "No application matches the supplied client identifier")
    }

    /// A `redirect_uri` that is no URL (connect-accounts 10).
    pub fn oauth_redirect_invalid(uri: &str) -> Self {
        let text = format!(
            "Invalid request: Invalid redirect URI '{uri}'. Ensure this uri exactly matches one of the uris specified in \
             your application settings"
        );
        Self::oauth(400, "invalid_request", text)
    }

    /// No `response_type`; the wording is not recorded.
    pub fn oauth_response_type_missing() -> Self {
        Self::oauth(400, "invalid_request", "No response type specified")
    }

    /// A `response_type` that is not `code`; the wording is not recorded.
    pub fn oauth_response_type_unsupported(sent: &str) -> Self {
        Self::oauth(400, "unsupported_response_type", format!("Unsupported response type: {sent}"))
    }

    /// A scope that does not exist; the wording is not recorded.
    pub fn oauth_scope_unknown(sent: &str) -> Self {
        Self::oauth(400, "invalid_scope", format!("Invalid scope provided: {sent}. It is read_only or read_write."))
    }

    /// The person declined (connect-accounts 10).
    pub fn oauth_denied() -> Self {
        Self::oauth(400, "access_denied", "The user denied your request")
    }
}

/// Tokens, and the end of a connection.
impl ApiError {
    /// A code that was never given (connect-accounts 10).
    pub fn oauth_code_unknown(code: &str) -> Self {
        Self::oauth(400, "invalid_grant", format!("Authorization code does not exist: {code}"))
    }

    /// A code a second time (connect-accounts 10).
    pub fn oauth_code_used() -> Self {
        let text = "This authorization code has already been used. All tokens issued with this code have been revoked.";
        Self::oauth(400, "invalid_grant", text)
    }

    /// A code after its five minutes; the wording is not recorded.
    pub fn oauth_code_expired(code: &str) -> Self {
        Self::oauth(400, "invalid_grant", format!("Authorization code expired: {code}"))
    }

    /// A refresh token that was never given, or was revoked; the wording is not recorded.
    pub fn oauth_refresh_token_unknown() -> Self {
        Self::oauth(400, "invalid_grant", "Refresh token does not exist, or it was revoked")
    }

    /// More than the refresh token's own scope; the wording is not recorded.
    pub fn oauth_scope_exceeded(asked: &str, held: &str) -> Self {
        let text = format!("The scope {asked} is greater than {held}, the scope of the refresh token");
        Self::oauth(400, "invalid_scope", text)
    }

    /// A capability of `assert_capabilities` that the account did not get; the wording is not recorded.
    pub fn oauth_capability_lacking(name: &str) -> Self {
        Self::oauth(400, "invalid_request", format!("The connected account has no capability {name}"))
    }

    /// An account that is not connected (connect-accounts 10).
    pub fn oauth_not_connected(account: &str) -> Self {
        let text =
            format!("This application is not connected to stripe account {account}, or that account does not exist.");
        Self::oauth(401, "invalid_client", text)
    }

    /// An account without a dashboard of its own, which only its platform can end; the wording is not recorded.
    pub fn oauth_account_controlled(account: &str) -> Self {
        let text =
            format!("The platform controls account {account}, which cannot be disconnected: delete or reject it.");
        Self::oauth(400, "invalid_request", text)
    }

    /// A change with a connection that may only read (platform 7.2).
    pub fn oauth_read_only(account: &str) -> Self {
        let text = format!(
            "This application does not have the required permissions for this endpoint on account '{account}'."
        );
        Self::new(403, ErrorType::InvalidRequest, text)
    }
}
