//! The tools: their names, what they take, and the request that each is.
//!
//! May use: JSON. Invariant: an argument that a tool does not declare is refused, not ignored.

use serde_json::{Map as Json, Value, json};

/// A tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// Its name; those that begin with `pinstripe_` are ours, the others are named as the service's own.
    pub(super) name: &'static str,
    what: &'static str,
    arguments: &'static [Argument],
    /// Whether it changes nothing.
    reads: bool,
    pub(super) work: ToolWork,
}

/// What a tool does.
#[derive(Clone, Copy, Debug)]
pub(super) enum ToolWork {
    /// Looks for operations.
    Search,
    /// Shows an operation.
    Details,
    /// Calls the operation that it is told.
    Operation {
        /// Whether it may only read.
        reads: bool,
    },
    /// Calls one operation of the API with its arguments.
    Request { method: &'static str, path: &'static str },
    /// Lists the accounts of the key.
    Accounts,
    /// Makes a control call with its arguments; `{name}` in the path is the argument of that name.
    Control { method: &'static str, path: &'static str, has_body: bool },
}

/// An argument: its name, its type, whether it must be there, and its meaning.
type Argument = (&'static str, &'static str, bool, &'static str);

const OPERATION: Argument = (
    "stripe_api_operation_id",
    "string",
    true,
    "The id of the operation, such as `PostCustomers`, as stripe_api_search finds it",
);
const PARAMETERS: Argument = (
    "parameters",
    "object",
    false,
    "The parameters of the operation, those in its path included, as stripe_api_details shows them",
);
const CONTEXT: Argument = (
    "stripe_context",
    "string",
    false,
    "The account in which to call, such as a connected one; the key's own when not given",
);
const LIVEMODE: Argument = ("livemode", "boolean", false, "Must be false: there is nothing but test data");
const CONFIRMATION: Argument = ("human_confirmation", "any", false, "Taken and not needed here");
const LIMIT: Argument = ("limit", "integer", false, "How many at most");

const fn control(
    name: &'static str,
    method: &'static str,
    path: &'static str,
    arguments: &'static [Argument],
    what: &'static str,
) -> Tool {
    let reads = matches!(method.as_bytes(), b"GET");
    Tool { name, what, arguments, reads, work: ToolWork::Control { method, path, has_body: false } }
}

static TOOLS: &[Tool] = &[
    Tool {
        name: "stripe_api_search",
        what: "Search for operations of the Stripe API by an intent, such as `create` or `list`, and a resource, such as `customers`",
        arguments: &[
            ("intent", "string", true, "What to do: create, list, retrieve, update, delete, cancel …"),
            ("resource", "string", true, "With what, such as `payment intents`"),
        ],
        reads: true,
        work: ToolWork::Search,
    },
    Tool {
        name: "stripe_api_details",
        what: "Show the parameters of an operation of the Stripe API",
        arguments: &[OPERATION],
        reads: true,
        work: ToolWork::Details,
    },
    Tool {
        name: "stripe_api_read",
        what: "Read data with any GET operation of the Stripe API",
        arguments: &[OPERATION, PARAMETERS, CONTEXT, LIVEMODE],
        reads: true,
        work: ToolWork::Operation { reads: true },
    },
    Tool {
        name: "stripe_api_write",
        what: "Write data with any POST or DELETE operation of the Stripe API",
        arguments: &[OPERATION, PARAMETERS, CONTEXT, LIVEMODE, CONFIRMATION],
        reads: false,
        work: ToolWork::Operation { reads: false },
    },
    Tool {
        name: "get_stripe_account_info",
        what: "Show the account of the key, or the one in `stripe_context`",
        arguments: &[CONTEXT, LIVEMODE],
        reads: true,
        work: ToolWork::Request { method: "GET", path: "/v1/account" },
    },
    Tool {
        name: "list_available_accounts_or_orgs",
        what: "List the accounts that the key opens",
        arguments: &[],
        reads: true,
        work: ToolWork::Accounts,
    },
    Tool {
        name: "create_refund",
        what: "Refund a payment",
        arguments: &[
            ("payment_intent", "string", false, "The payment intent to refund"),
            ("charge", "string", false, "The charge to refund, if there is no payment intent"),
            ("amount", "integer", false, "How much, in the currency's smallest unit; everything when not given"),
            ("reason", "string", false, "`duplicate`, `fraudulent` or `requested_by_customer`"),
            CONTEXT,
            LIVEMODE,
            CONFIRMATION,
        ],
        reads: false,
        work: ToolWork::Request { method: "POST", path: "/v1/refunds" },
    },
    control(
        "pinstripe_sandboxes",
        "GET",
        "/_pinstripe/sandboxes",
        &[],
        "List the sandboxes of the server with their clocks",
    ),
    control(
        "pinstripe_reset",
        "POST",
        "/_pinstripe/reset",
        &[],
        "Reset the sandbox of the key to its fixtures; snapshots stay",
    ),
    control("pinstripe_snapshots", "GET", "/_pinstripe/snapshots", &[], "List the snapshots of the sandbox"),
    control(
        "pinstripe_snapshot",
        "POST",
        "/_pinstripe/snapshots/{name}",
        &[("name", "string", true, "The name of the snapshot")],
        "Take a snapshot of the sandbox: objects, clock, idempotency keys",
    ),
    control(
        "pinstripe_restore",
        "POST",
        "/_pinstripe/snapshots/{name}/restore",
        &[("name", "string", true, "The name of the snapshot")],
        "Restore the sandbox to a snapshot",
    ),
    control(
        "pinstripe_diff",
        "GET",
        "/_pinstripe/diff",
        &[
            ("from", "string", true, "The snapshot before"),
            ("to", "string", false, "The snapshot after; the present when not given"),
            LIMIT,
            ("after", "string", false, "The `next` of the answer before, for those that follow"),
        ],
        "Show which objects were created, changed and deleted between two snapshots, or since one",
    ),
    control(
        "pinstripe_advance",
        "POST",
        "/_pinstripe/clock",
        &[
            ("advance", "any", false, "Seconds to go on, or `next`: to the next thing that happens"),
            ("object", "string", false, "With `next`: the id of the object to which it happens"),
            ("freeze", "any", false, "Unix seconds at which the clock stands still, or `now`"),
        ],
        "Move the clock of the sandbox: what becomes due is done, such as renewals, retries, expiries and payouts",
    ),
    control(
        "pinstripe_trigger",
        "POST",
        "/_pinstripe/trigger",
        &[
            ("event", "string", true, "The type of the event, such as `charge.dispute.created`"),
            ("id", "string", true, "The object to which it happens"),
        ],
        "Make an event happen to an object, by the rules of the API",
    ),
    control(
        "pinstripe_faults",
        "GET",
        "/_pinstripe/faults",
        &[],
        "List the faults of the sandbox, with how often each was applied",
    ),
    Tool {
        name: "pinstripe_add_fault",
        what: "Make requests or deliveries of the sandbox fail",
        arguments: &[
            (
                "effect",
                "object",
                true,
                "Such as `{\"error\": \"rate_limit\"}`, `{\"decline\": \"insufficient_funds\"}`, `{\"delay\": 500}`",
            ),
            (
                "match",
                "object",
                false,
                "Which ones: `method`, `path`, `operation`, `params`, `object`, `event`, `endpoint`",
            ),
            ("times", "integer", false, "How often at most"),
            ("probability", "number", false, "From 0 to 1"),
        ],
        reads: false,
        work: ToolWork::Control { method: "POST", path: "/_pinstripe/faults", has_body: true },
    },
    control("pinstripe_remove_faults", "DELETE", "/_pinstripe/faults", &[], "Remove all faults of the sandbox"),
    control(
        "pinstripe_requests",
        "GET",
        "/_pinstripe/requests",
        &[
            ("method", "string", false, "With this HTTP method"),
            ("path", "string", false, "With this path; a `*` at its end stands for any ending"),
            ("operation", "string", false, "With this operation, such as `charges.create`"),
            ("status", "string", false, "With this status, such as `402`, or class, such as `4xx`"),
            LIMIT,
        ],
        "List the last requests of the sandbox, newest first, with parameters, errors and events",
    ),
];

/// Every tool.
pub(super) fn all() -> impl Iterator<Item = &'static Tool> {
    TOOLS.iter()
}

impl Tool {
    /// The tool as a client lists it.
    pub(super) fn shown(&self) -> Value {
        let argument = |(name, kind, _, what): &Argument| {
            let schema = match *kind {
                "any" => json!({"description": what}),
                kind => json!({"type": kind, "description": what}),
            };
            ((*name).to_owned(), schema)
        };
        let properties: Json<String, Value> = self.arguments.iter().map(argument).collect();
        let required: Vec<_> =
            self.arguments.iter().filter(|(.., required, _)| *required).map(|(name, ..)| name).collect();
        let schema = json!({"type": "object", "properties": properties, "required": required});
        let hints = json!({"readOnlyHint": self.reads, "destructiveHint": !self.reads, "openWorldHint": false});
        json!({"name": self.name, "description": self.what, "inputSchema": schema, "annotations": hints})
    }

    /// Checks that what is required is there, that everything is of its type, and that there is nothing else.
    pub(super) fn check(&self, arguments: &Json<String, Value>) -> Result<(), String> {
        let missing = |(name, _, required, _): &&Argument| *required && !arguments.contains_key(*name);
        if let Some((name, ..)) = self.arguments.iter().find(missing) {
            return Err(format!("{} needs the argument `{name}`.", self.name));
        }
        for (name, value) in arguments {
            let Some((_, kind, ..)) = self.arguments.iter().find(|(known, ..)| known == name) else {
                let known: Vec<_> = self.arguments.iter().map(|(name, ..)| format!("`{name}`")).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(format!("{} has no argument `{name}`. Its arguments: {known}.", self.name));
            };
            if !is_of(kind, value) {
                return Err(format!("The argument `{name}` of {} must be of the type {kind}.", self.name));
            }
        }
        if arguments.get("livemode") == Some(&Value::Bool(true)) {
            return Err("`livemode` must be false: there is nothing but test data here.".to_owned());
        }
        Ok(())
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        _ => true,
    }
}
