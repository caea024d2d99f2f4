//! The one error type, with one constructor per kind of failure.
//!
//! May use: [`Doc`], the money formats. Invariant: every sentence of an error that a user can read is written in this
//! module or its parts, one for each subject. The citation of a constructor names the section of `docs/reference/` that
//! it implements.

mod access;
mod accounts;
mod agents;
mod card;
mod catalogue;
mod charges;
mod checkout;
mod cli;
mod clocks;
mod configurations;
mod confirmation_tokens;
mod connect;
mod control;
mod credit_notes;
mod customers;
mod debits;
mod disputes;
mod entitlements;
mod faults;
mod financial_connections;
mod generic;
mod identity;
mod intents;
mod invoices;
mod oauth;
mod params;
mod payment_methods;
mod payouts;
mod portal;
mod quotes;
mod schedules;
mod search;
mod setup_intents;
mod sources;
mod subscriptions;
mod tax;
mod triggers;
mod usage;
mod v2;
mod webhooks;

pub use charges::RefundedThing;

use std::any::Any;

use crate::limits::{MESSAGE_CHARACTERS_MAX, NAME_CHARACTERS_MAX};
use crate::state::Ref;
use crate::state::document::{Doc, Map, Text};

/// A refused request: what the API answers instead of an object.
#[derive(Clone, Debug)]
pub struct ApiError(Box<ErrorParts>);

/// The content of an error; empty members are left out of the body (core-payments 1.4).
#[derive(Clone, Debug)]
struct ErrorParts {
    status: u16,
    fields: Map,
    /// Objects that the error contains: the member and the object, which is rendered with the answer.
    embedded: Vec<(&'static str, Ref)>,
    /// Whether the body contains `request_log_url`.
    logged: bool,
    /// Whether the answer carries a `WWW-Authenticate` header.
    challenge: bool,
    /// Whether the error is about parameters, before anything was done.
    validation: bool,
}

/// A result with the API's error.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

/// The values of `error.type` (core-payments 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorType {
    /// The server failed, or cannot do this.
    Api,
    /// A card was declined.
    Card,
    /// An idempotency key was misused.
    Idempotency,
    /// The request is invalid.
    InvalidRequest,
}

impl ErrorType {
    fn as_str(self) -> &'static str {
        match self {
            ErrorType::Api => "api_error",
            ErrorType::Card => "card_error",
            ErrorType::Idempotency => "idempotency_error",
            ErrorType::InvalidRequest => "invalid_request_error",
        }
    }
}

/// Codes that the API sends without a `doc_url` (core-payments 1.4, intents-and-checkout 0).
const CODES_WITHOUT_PAGE: &[&str] = &[
    "property_expansion_max_depth",
    "subscription_payment_intent_requires_action",
    "payment_method_used_without_customer",
];

/// The beginning of a text; what is left out is shown by three dots.
fn cut(text: &Text, characters_max: usize) -> Text {
    match text.char_indices().nth(characters_max) {
        None => text.clone(),
        Some((end, _)) => Text::from(format!("{}...", &text[..end])),
    }
}

impl ApiError {
    fn new(status: u16, kind: ErrorType, message: impl Into<Text>) -> Self {
        let message = cut(&message.into(), MESSAGE_CHARACTERS_MAX);
        let fields = Map::from([("type", Doc::from(kind.as_str())), ("message", Doc::from(message))]);
        ApiError(Box::new(ErrorParts {
            status,
            fields,
            embedded: Vec::new(),
            logged: true,
            challenge: false,
            validation: false,
        }))
    }

    fn invalid(message: impl Into<Text>) -> Self {
        Self::new(400, ErrorType::InvalidRequest, message)
    }

    fn code(mut self, code: &'static str) -> Self {
        self.0.fields.set("code", code);
        self.0.validation |= code.starts_with("parameter_");
        if !CODES_WITHOUT_PAGE.contains(&code) {
            let page = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
            self.0.fields.set("doc_url", page);
        }
        self
    }

    fn param(mut self, param: impl Into<Text>) -> Self {
        self.0.fields.set("param", cut(&param.into(), NAME_CHARACTERS_MAX));
        self
    }

    fn validation(mut self) -> Self {
        self.0.validation = true;
        self
    }

    fn status_code(mut self, status: u16) -> Self {
        self.0.status = status;
        self
    }

    fn unlogged(mut self) -> Self {
        self.0.logged = false;
        self
    }

    /// Adds an object in full under `key` (`payment_intent`, `payment_method`, `source`).
    #[must_use]
    pub fn embed(mut self, key: &'static str, object: Ref) -> Self {
        self.0.embedded.push((key, object));
        self
    }

    /// Prefixes the parameter's name with the parameter that contains it: `a[b]` inside `items[0]`.
    #[must_use]
    pub fn inside(mut self, outer: &str) -> Self {
        if let Some(param) = self.field("param") {
            let (first, rest) = param.find('[').map_or((param, ""), |at| param.split_at(at));
            let param = format!("{outer}[{first}]{rest}");
            self.0.fields.set("param", param);
        }
        self
    }

    /// The error about what was sent under another name: `own` is the rule's name for it, `sent` that of the call.
    #[must_use]
    pub fn sent_as(mut self, own: &str, sent: &str) -> Self {
        let rest = self.field("param").and_then(|param| param.strip_prefix(own)).map(str::to_owned);
        let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('[')) else { return self };
        let (own, sent) = (format!("{own}{rest}"), format!("{sent}{rest}"));
        let message = self.field("message").unwrap_or_default().replace(&format!("`{own}`"), &format!("`{sent}`"));
        self.0.fields.set("message", message);
        self.0.fields.set("param", sent);
        self
    }

    /// The error without the objects in it, which do not exist.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.0.embedded.clear();
        for key in ["charge", "payment_intent", "payment_method", "source"] {
            let _ = self.0.fields.remove(key);
        }
        self
    }

    /// Adds a member, such as the `charge` of a decline.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Doc>) -> Self {
        self.0.fields.set(key, value);
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// A member of the error, for rules that store it (`last_payment_error`, `failure_code`).
    pub fn field(&self, key: &str) -> Option<&str> {
        self.0.fields.str(key)
    }

    /// The members without the embedded objects, as `last_payment_error` stores them.
    pub fn fields(&self) -> &Map {
        &self.0.fields
    }

    /// The objects that the error contains in full.
    pub fn embedded(&self) -> &[(&'static str, Ref)] {
        &self.0.embedded
    }

    /// Whether the body contains `request_log_url`.
    pub fn is_logged(&self) -> bool {
        self.0.logged
    }

    /// Whether the answer is stored for the request's idempotency key: the operation ran, and another attempt would
    /// have the same result (core-payments 1.12.6). A rule's error about a parameter counts as validation, and is not
    /// stored.
    pub fn is_kept(&self) -> bool {
        !self.0.validation && !matches!(self.0.status, 401 | 409 | 429)
    }

    /// Whether the answer carries a `WWW-Authenticate` challenge.
    pub fn challenges(&self) -> bool {
        self.0.challenge
    }
}

/// Requests that fail before an operation is known: keys, versions, URLs.
impl ApiError {
    /// No API key was sent (core-payments 1.1.3).
    pub fn key_missing() -> Self {
        let mut error = Self::new(
            401,
            ErrorType::InvalidRequest,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using \
             Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication \
             for details, or we can help at https://support.stripe.com/.",
        )
        .unlogged();
        error.0.challenge = true;
        error
    }

    /// The key is of no known form (core-payments 1.1.4); `masked` is the key as [`mask_key`] shows it. The second sentence is not
    /// the API's: it says what works here.
    pub fn key_invalid(masked: &str) -> Self {
        let mut error = Self::new(
            401,
            ErrorType::InvalidRequest,
            format!(
                "Invalid API Key provided: {masked}. This is Pinstripe, a local test server: any key such as sk_test_123 \
                 works."
            ),
        )
        .unlogged();
        error.0.challenge = true;
        error
    }

    /// A live key: Pinstripe refuses it, so that no real key gets into the log of a test.
    pub fn key_live(masked: &str) -> Self {
        let mut error = Self::new(
            401,
            ErrorType::InvalidRequest,
            format!(
                "Invalid API Key provided: {masked}. This is Pinstripe, a local test server: it refuses live keys. \
                 Use a key that begins with sk_test_, rk_test_ or pk_test_."
            ),
        )
        .unlogged();
        error.0.challenge = true;
        error
    }

    /// The name in a sandbox key is invalid.
    pub fn key_sandbox_name(masked: &str) -> Self {
        let mut error = Self::new(
            401,
            ErrorType::InvalidRequest,
            format!(
                "Invalid API Key provided: {masked}. What follows `_test_sandbox_` names a sandbox: 1 to 40 characters \
                 of A-Z, a-z, 0-9 and `-`."
            ),
        )
        .unlogged();
        error.0.challenge = true;
        error
    }

    /// The limit of sandboxes is reached.
    pub fn too_many_sandboxes(limit: usize) -> Self {
        Self::new(
            429,
            ErrorType::InvalidRequest,
            format!("Pinstripe holds at most {limit} sandboxes; this key names one more. Restart the server."),
        )
        .unlogged()
    }

    /// A publishable key on a call that needs a secret one (core-payments 1.1.7).
    pub fn secret_key_required() -> Self {
        Self::new(
            401,
            ErrorType::InvalidRequest,
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a \
             list of your API keys at https://dashboard.stripe.com/account/apikeys.",
        )
        .code("secret_key_required")
        .unlogged()
    }

    /// The `Stripe-Account` header names no account of the sandbox (core-payments 1.1.10); it shows the end of the key alone, of
    /// any key.
    pub fn account_invalid(key: &str, account: &str) -> Self {
        let masked = mask_key(key);
        Self::new(
            403,
            ErrorType::InvalidRequest,
            format!(
                "The provided key '{masked}' does not have access to account '{account}' (or that account does not \
                 exist). Application access may have been revoked."
            ),
        )
        .code("account_invalid")
    }

    /// A `Stripe-Version` that was never released (core-payments 1.11).
    pub fn version_invalid(version: &str) -> Self {
        Self::invalid(format!("Invalid Stripe API version: {version}")).unlogged()
    }

    /// An unknown path, or a method the path does not have (core-payments 1.5).
    pub fn url_unknown(method: &str, path: &str) -> Self {
        let hint = if path.len() > 1 && (path.ends_with('/') || path.contains("//")) {
            " If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, \
             make sure you passed a valid (non-empty) identifier in your code."
        } else {
            ""
        };
        Self::new(
            404,
            ErrorType::InvalidRequest,
            format!(
                "Unrecognized request URL ({method}: {path}).{hint} Please see https://stripe.com/docs or we can help \
                 at https://support.stripe.com/."
            ),
        )
        .unlogged()
    }

    /// A known operation that is not built: the error says so, instead of an invented success.
    pub fn not_implemented(method: &str, path: &str) -> Self {
        Self::new(
            501,
            ErrorType::Api,
            format!(
                "Pinstripe does not implement {method} {path} yet. The request was valid as far as it was checked; \
                 nothing was done."
            ),
        )
    }

    /// A feature of a known operation that has no behaviour: `what` completes "does not implement …".
    pub fn not_implemented_feature(what: &str) -> Self {
        Self::new(501, ErrorType::Api, format!("Pinstripe does not implement {what} yet. Nothing was done."))
    }

    /// A parameter that would change something and has no rule: an error, because it must not be ignored.
    pub fn param_not_implemented(param: &str, method: &str, path: &str) -> Self {
        Self::not_implemented_feature(&format!("the parameter `{param}` of {method} {path}")).param(param.to_owned())
    }

    /// A value of a parameter that has no rule: `what` completes "does not implement …".
    pub fn value_not_implemented(param: &'static str, what: &str) -> Self {
        Self::not_implemented_feature(what).param(param)
    }

    /// A fault of the server itself (core-payments 1.3).
    pub fn internal() -> Self {
        Self::new(500, ErrorType::Api, "An unknown error occurred")
    }

    /// The body is larger than the server reads.
    pub fn body_too_large(bytes_max: usize) -> Self {
        Self::new(413, ErrorType::InvalidRequest, format!("The request body is larger than {bytes_max} bytes."))
    }

    /// The limit of the memory is reached.
    pub fn memory_is_full(limit: u64) -> Self {
        let message = format!(
            "Pinstripe has reached the {limit} bytes of --max-memory, so it creates nothing more. Delete or reset sandboxes \
             and snapshots, or restart it with a higher limit."
        );
        Self::new(503, ErrorType::Api, message)
    }

    /// The answer would be larger than what the server makes.
    pub fn answer_too_large(bytes_max: usize) -> Self {
        Self::invalid(format!(
            "The answer would be larger than {bytes_max} bytes. Ask for fewer objects with `limit`, or expand less."
        ))
    }

    /// The files of the server leave no room for another.
    pub fn files_are_full(bytes_max: usize) -> Self {
        let message =
            format!("Pinstripe keeps at most {bytes_max} bytes of files, and this upload does not fit any more.");
        Self::new(503, ErrorType::Api, message)
    }

    /// The body's type is not the form encoding (core-payments 1.2.7).
    pub fn body_type() -> Self {
        Self::invalid(
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have \
             any questions, we can help at https://support.stripe.com/.",
        )
    }

    /// The body of an operation under `/v2` is not a JSON object (platform 7.1).
    pub fn body_not_json() -> Self {
        Self::invalid(
            "Invalid request: the body of an API v2 request has to be a JSON object, with the content type application/json.",
        )
    }

    /// The `Idempotency-Key` header is too long (core-payments 1.12.8, platform 4).
    pub fn idempotency_key_too_long() -> Self {
        Self::new(400, ErrorType::Idempotency, "Idempotency keys can be up to 255 characters long.")
    }

    /// The `Idempotency-Key` header is empty (platform 4).
    pub fn idempotency_key_empty() -> Self {
        Self::new(400, ErrorType::Idempotency, "Idempotency Key must be a non-empty string.")
    }

    /// The key was used with other parameters (core-payments 1.12.3).
    pub fn idempotency_params_differ(key: &str) -> Self {
        Self::new(
            400,
            ErrorType::Idempotency,
            format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
                 using a key other than '{key}' if you meant to execute a different request."
            ),
        )
    }

    /// The key was used for another path; this check comes before the parameters (core-payments 1.12.4, platform 4).
    pub fn idempotency_endpoint_differs(key: &str, path: &str, first: &str) -> Self {
        Self::new(
            400,
            ErrorType::Idempotency,
            format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{path}' \
                 vs '{first}'). Try using a key other than '{key}' if you meant to execute a different request."
            ),
        )
    }

    /// The key's first request is still running (core-payments 1.12.5, platform 4).
    pub fn idempotency_key_in_use(key: &str) -> Self {
        Self::new(
            409,
            ErrorType::Idempotency,
            format!(
                "There is currently another in-progress request using this Idempotent Key (that probably means you \
                 submitted twice, and the other request is still going through): {key}. Please try again later."
            ),
        )
        .code("idempotency_key_in_use")
    }
}

/// Objects that do not exist (core-payments 1.7).
impl ApiError {
    /// The id in the path does not exist: 404.
    pub fn missing_in_path(noun: &str, id: &str, param: &'static str) -> Self {
        Self::missing_in_param(noun, id, param).status_code(404)
    }

    /// The id in a parameter does not exist: 400.
    pub fn missing_in_param(noun: &str, id: &str, param: impl Into<Text>) -> Self {
        Self::invalid(format!("No such {noun}: '{id}'")).code("resource_missing").param(param)
    }

    /// Two cursors at once (core-payments 1.9.4).
    pub fn both_cursors() -> Self {
        Self::invalid("Received both starting_after and ending_before parameters. Please pass in only one.")
    }

    /// A path that cannot be expanded (core-payments 1.10.2).
    pub fn expand_invalid(path: &str) -> Self {
        Self::invalid(format!("This property cannot be expanded ({path})."))
    }

    /// A list path without its `data.` prefix (core-payments 1.10.3).
    pub fn expand_needs_data(segment: &str) -> Self {
        Self::invalid(format!(
            "This property cannot be expanded ({segment}). You may want to try expanding 'data.{segment}' instead."
        ))
    }

    /// More than four levels (platform 5.3).
    pub fn expand_too_deep(path: &str) -> Self {
        Self::invalid(format!("You cannot expand more than 4 levels of a property. Property: {path}"))
            .code("property_expansion_max_depth")
    }
}

/// Hides the middle of a key: the prefix and the last four characters are shown (core-payments 1.1.5).
pub fn mask_key(key: &str) -> String {
    let prefix = ["sk_test_", "rk_test_", "pk_test_", "ek_test_", "sk_live_", "rk_live_", "pk_live_", "ek_live_"]
        .iter()
        .find(|prefix| key.starts_with(**prefix))
        .map_or(0, |prefix| prefix.len());
    let shown_from = key.chars().count().saturating_sub(4).max(prefix);
    let mut masked = String::with_capacity(key.len());
    masked.extend(key.chars().enumerate().map(|(i, c)| if i < prefix || i >= shown_from { c } else { '*' }));
    masked
}

/// What a panic that was caught said.
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}
