//! Errors about requests whose outer form is refused: those that a browser was made to send, and those that cannot be read.

use super::{ApiError, ErrorType};

impl ApiError {
    /// A browser's request to a name that may have been made to point here.
    pub fn host_foreign(host: &str) -> Self {
        let text = format!(
            "This is Pinstripe, a local test server. It takes requests that come from a browser, and all calls of \
             /_pinstripe, only at localhost, an IP address, a name without a dot (such as a service's name in a network \
             of containers), a name under .local, .internal or .test, and the host of --public-url. This request was \
             sent to `{host}`."
        );
        Self::new(403, ErrorType::InvalidRequest, text).unlogged()
    }

    /// A secret key from a page of another origin.
    pub fn secret_key_in_page() -> Self {
        Self::new(
            403,
            ErrorType::InvalidRequest,
            "This is Pinstripe, a local test server. It takes no secret key from a page of another origin; nothing was \
             done. Use a publishable key (pk_test_…) in a browser.",
        )
        .unlogged()
    }

    /// A call of the control API from a page of another origin.
    pub fn control_from_page() -> Self {
        Self::new(403, ErrorType::InvalidRequest, "The control API takes no calls from pages of another origin.")
            .unlogged()
    }

    /// The form of a page whose address has no secret, from a page of another origin.
    pub fn consent_from_page() -> Self {
        Self::new(403, ErrorType::InvalidRequest, "This page takes its own form alone, not that of another origin.")
            .unlogged()
    }

    /// A key, or a parameter, that names another sandbox than the address of the request.
    pub fn sandbox_of_other_address(sent: &str, addressed: &str) -> Self {
        let text = format!(
            "The request is for the sandbox `{sent}`, but its address names the sandbox `{addressed}`. Use the address \
             of the sandbox, or one that names none."
        );
        Self::invalid(text)
    }

    /// No `Host`, or several (RFC 9112).
    pub fn host_missing() -> Self {
        Self::new(400, ErrorType::InvalidRequest, "The request must have one `Host` header.").unlogged()
    }

    /// A body that is compressed.
    pub fn body_encoded(encoding: &str) -> Self {
        let text =
            format!("The request body has the encoding `{encoding}`. Send it as it is, without Content-Encoding.");
        Self::new(415, ErrorType::InvalidRequest, text)
    }

    /// A body of which the rest never came.
    pub fn body_unreadable() -> Self {
        Self::invalid("The request body could not be read.")
    }

    /// A secret key in a parameter, where any form of a page can send it.
    pub fn key_in_parameter() -> Self {
        Self::new(
            401,
            ErrorType::InvalidRequest,
            "The parameter `key` may contain only a publishable or an ephemeral key. Send a secret key in the \
             Authorization header.",
        )
        .unlogged()
    }
}
