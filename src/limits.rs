//! Every limit of the server: a named constant with its unit and its source.
//!
//! May use nothing. Invariant: each bound that a user can reach is here and in `docs/limits.md`.

/// Bytes of a request body; a form with the longest documented values is far smaller.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Bytes of an upload; the API accepts files of 16 MB.
pub const UPLOAD_BYTES_MAX: usize = 17 << 20;

/// Bytes of a body that is read on a thread of the reactor; a longer one takes long enough to leave it.
pub const REACTOR_BODY_BYTES_MAX: usize = 64 << 10;

/// Rows of a page that is made on a thread of the reactor; a longer page takes long enough to leave it.
pub const REACTOR_ITEMS_MAX: usize = 20;

/// Bytes of one piece of a large answer.
pub const PIECE_BYTES: usize = 256 << 10;

/// Requests that may take long and are computed at the same time; further ones wait for their turn.
pub const HEAVY_REQUESTS_MAX: usize = 4;

/// Requests of the API that wait for a sandbox, each on a thread; further ones wait without one.
pub const WAITING_REQUESTS_MAX: usize = 128;

/// Calls of the control API that compute or wait for a sandbox, each on a thread; further ones wait without one.
pub const CONTROL_REQUESTS_MAX: usize = 128;

/// Threads of the reactor on a machine with fewer processors: one is free while another does what nobody knew to take long.
pub const REACTOR_THREADS_MIN: usize = 2;

/// Milliseconds that a request may take on a thread of the reactor; the next ones of its operation leave it.
pub const REACTOR_MILLISECONDS_MAX: u64 = 20;

/// Levels of brackets in a parameter name (`a[b][c]` has three); the deepest parameter of the API has 8.
pub const FORM_LEVELS_MAX: usize = 16;

/// Values in one form.
pub const FORM_VALUES_MAX: usize = 10_000;

/// Bytes of an answer; what would be larger is refused with an error that says so. Exports of a state are exempt: they are
/// sent in pieces.
pub const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Characters of a parameter's name in an error.
pub const NAME_CHARACTERS_MAX: usize = 500;

/// Characters of an error's message; the longest that the API sends lists all types of events.
pub const MESSAGE_CHARACTERS_MAX: usize = 20_000;

/// The most that a quantity of a price may cost, in the currency's smallest unit: a full invoice of such lines is still a number that
/// JavaScript reads exactly.
pub const LINE_AMOUNT_MAX: i64 = 9_999_999_999_999;

/// Characters of an `Idempotency-Key` (core-payments 1.12.8).
pub const IDEMPOTENCY_KEY_CHARACTERS_MAX: usize = 255;

/// Seconds, by the sandbox's clock, for which the answer to an `Idempotency-Key` is kept (core-payments 1.12.7).
pub const IDEMPOTENCY_LIFETIME_SECONDS: i64 = 24 * 60 * 60;

/// Answers to idempotency keys that a sandbox keeps; then the oldest is dropped.
pub const IDEMPOTENCY_RECORDS_MAX: usize = 10_000;

/// Bytes of the answers to idempotency keys that a sandbox keeps; then the oldest is dropped.
pub const IDEMPOTENCY_BYTES_MAX: usize = 32 << 20;

/// Bytes of the answers to idempotency keys that a server keeps, snapshots included; a sandbox keeps at most as much as is free.
pub const IDEMPOTENCY_SERVER_BYTES_MAX: usize = 256 << 20;

/// Keys in an object's metadata (core-payments 1.8.1).
pub const METADATA_KEYS_MAX: usize = 50;

/// Characters of a metadata key (core-payments 1.8.1).
pub const METADATA_KEY_CHARACTERS_MAX: usize = 40;

/// Characters of a metadata value (core-payments 1.8.1).
pub const METADATA_VALUE_CHARACTERS_MAX: usize = 500;

/// Items of a list page when `limit` is not sent (core-payments 1.9.1).
pub const PAGE_ITEMS_DEFAULT: usize = 10;

/// Items of a list page under `/v2` when `limit` is not sent.
pub const PAGE_ITEMS_DEFAULT_V2: usize = 20;

/// Items of a list page; a larger `limit` is lowered to this (core-payments 1.9.2).
pub const PAGE_ITEMS_MAX: usize = 100;

/// Clauses in one search query (platform 5.2).
pub const SEARCH_CLAUSES_MAX: usize = 10;

/// The fewest characters of a substring in a search (platform 5.2).
pub const SEARCH_SUBSTRING_CHARACTERS_MIN: usize = 3;

/// Levels of one `expand` path, not counting the `data.` of a list (platform 5.3).
pub const EXPAND_LEVELS_MAX: usize = 4;

/// Paths in one `expand`.
pub const EXPAND_PATHS_MAX: usize = 100;

/// Sandboxes of one server.
pub const SANDBOXES_MAX: usize = 10_000;

/// Items of a list of what is due later.
pub const DUE_ITEMS_MAX: usize = 1_000;

/// Faults of a sandbox.
pub const FAULTS_MAX: usize = 1_000;

/// Bytes of a fault, as it is sent.
pub const FAULT_BYTES_MAX: usize = 16 << 10;

/// Milliseconds by which a fault may delay an answer or a delivery.
pub const FAULT_DELAY_MILLISECONDS_MAX: u64 = 600_000;

/// Milliseconds for which a fault of the kind `shuffle` collects deliveries before it sends them in another order.
pub const FAULT_SHUFFLE_MILLISECONDS: u64 = 300;

/// Snapshots of a sandbox.
pub const SNAPSHOTS_MAX: usize = 10_000;

/// Bytes of former versions of objects that the snapshots of a server keep; then the oldest snapshot is dropped.
pub const SNAPSHOTS_BYTES_MAX: usize = 1 << 30;

/// Characters of a snapshot's name.
pub const SNAPSHOT_NAME_CHARACTERS_MAX: usize = 100;

/// Differences in an answer of `/_pinstripe/diff` when `limit` is not sent.
pub const DIFFERENCES_DEFAULT: usize = 100;

/// Differences in an answer of `/_pinstripe/diff`; more are on the next pages.
pub const DIFFERENCES_MAX: usize = 1_000;

/// Other objects that name an object, in `GET /_pinstripe/objects/{id}`.
pub const BACK_LINKS_MAX: usize = 50;

/// Objects of a kind that are searched for the id of another, the newest first.
pub const BACK_LINKS_SEARCHED_OF_KIND_MAX: usize = 200;

/// Objects of all kinds that are searched for the id of another.
pub const BACK_LINKS_SEARCHED_MAX: usize = 2_000;

/// Intents, sources and accounts of each kind in which `GET /_pinstripe/waiting` looks for what waits for a person.
pub const WAITING_SEARCHED_MAX: usize = 500;

/// Paths that are none of the API and are counted, for `GET /_pinstripe/coverage`.
pub const UNKNOWN_PATHS_MAX: usize = 200;

/// Characters of such a path that are kept.
pub const UNKNOWN_PATH_CHARACTERS_MAX: usize = 200;

/// Changes of an object, in `GET /_pinstripe/objects/{id}`; the newest are shown.
pub const HISTORY_SHOWN_MAX: usize = 100;

/// Ids in an object of others that are here, in `GET /_pinstripe/objects/{id}`.
pub const LINKS_SHOWN_MAX: usize = 100;

/// Objects in a page of a list that `pinstripe pull` asks for: the most that the API gives.
pub const PULL_PAGE_ITEMS: usize = 100;

/// Attempts of a request of `pinstripe pull` that is not answered, or with 429 or an error of the server.
pub const PULL_ATTEMPTS_MAX: u32 = 8;

/// Bytes of an answer that `pinstripe pull` reads.
pub const PULL_ANSWER_BYTES_MAX: usize = 64 << 20;

/// Messages in an array that an agent sends to `/mcp`.
pub const AGENT_MESSAGES_MAX: usize = 50;

/// Seconds that `pinstripe mcp --url` waits for the answer to a message: longer than a fault may delay it.
pub const AGENT_ANSWER_SECONDS_MAX: u64 = 660;

/// Characters of a sandbox's name.
pub const SANDBOX_NAME_CHARACTERS_MAX: usize = 40;

/// Bytes of log lines that wait for a slow reader; further lines are dropped and counted.
pub const LOG_BYTES_MAX: usize = 1 << 20;

/// Milliseconds for which the end of the process waits for the reader of stderr, after the state is saved.
pub const STDERR_FLUSH_MILLISECONDS_MAX: u64 = 200;

/// Bytes of a fixtures document that is sent to the control API.
pub const FIXTURES_BYTES_MAX: usize = 64 << 20;

/// Seconds for which a server waits at its start for another one that still uses the file of `--save`.
pub const SAVE_OWNER_SECONDS_MAX: u64 = 5;

/// Bytes of the answers to which the later requests of a fixtures script refer.
pub const FIXTURE_ANSWERS_BYTES_MAX: usize = 256 << 20;

/// Requests and rounds of a fixtures script, with those of its repeated groups.
pub const FIXTURE_REQUESTS_MAX: usize = 100_000;

/// Days before the present at which a fixtures script begins.
pub const FIXTURE_DAYS_MAX: i64 = 3_650;

/// Bytes of the files that a server keeps, in base64; further uploads are refused.
pub const FILES_BYTES_MAX: usize = 512 << 20;

/// Bytes of a sandbox's state that is sent to the control API.
pub const STATE_BYTES_MAX: usize = 4 << 30;

/// Seconds for which a connection may wait for the whole header of a request; between two requests it may wait for ever.
pub const HEADER_SECONDS_MAX: u64 = 30;

/// Seconds without a byte of a request's body.
pub const BODY_PAUSE_SECONDS_MAX: u64 = 60;

/// Seconds without a byte of an answer being taken by its client.
pub const ANSWER_PAUSE_SECONDS_MAX: u64 = 60;

/// Connections of a server that wait for the rest of a header; at one more, the oldest of them is closed.
pub const CONNECTIONS_HALF_OPEN_MAX: usize = 512;

/// Requests at the same time on one HTTP/2 connection; its client waits with further ones.
pub const HTTP2_STREAMS_MAX: u32 = 128;

/// Bytes of the headers of an HTTP/2 request.
pub const HTTP2_HEADERS_BYTES_MAX: u32 = 64 << 10;

/// Milliseconds that a shutdown waits for open requests, and then again for deliveries.
pub const SHUTDOWN_MILLISECONDS_MAX: u64 = 1_000;

/// Bytes of the rendered objects that a server keeps for later requests; then an object is rendered at each request.
pub const RENDERINGS_BYTES_MAX: usize = 64 << 20;

/// Requests that are kept for `/_pinstripe/requests`.
pub const RECENT_REQUESTS_MAX: usize = 1_000;

/// Bytes of a request's query, and of its body, that are kept for `/_pinstripe/requests`; nothing is kept of a longer one.
pub const RECENT_PARAMETERS_BYTES_MAX: usize = 16 << 10;

/// Bytes of an error's texts that are kept for `/_pinstripe/requests`.
pub const RECENT_ERROR_BYTES_MAX: usize = 4 << 10;

/// Bytes of the answer to a request that are kept for `/_pinstripe/requests/{id}`; a longer one is not kept.
pub const RECENT_ANSWER_BYTES_MAX: usize = 16 << 10;

/// Bytes of the answers that are kept for `/_pinstripe/requests/{id}`; then the oldest is dropped.
pub const RECENT_ANSWERS_BYTES_MAX: usize = 8 << 20;

/// Rows besides requests that are kept for `/_pinstripe/activity`: due work, control calls, attempts of deliveries, and what requests
/// changed; then the oldest is dropped.
pub const ACTIVITY_ROWS_MAX: usize = 4_000;

/// Bytes of these rows, with the objects that were changed; then the oldest is dropped.
pub const ACTIVITY_BYTES_MAX: usize = 24 << 20;

/// Rows in an answer of `/_pinstripe/activity` when `limit` is not sent.
pub const ACTIVITY_PAGE_DEFAULT: usize = 100;

/// Rows in an answer of `/_pinstripe/activity`, and in what `/_pinstripe/stream` sends at once.
pub const ACTIVITY_PAGE_MAX: usize = 500;

/// Changes of objects that a row of `/_pinstripe/activity` names; it counts all.
pub const ROW_CHANGES_MAX: usize = 20;

/// Events that a row of `/_pinstripe/activity` names; it counts all.
pub const ROW_EVENTS_MAX: usize = 50;

/// Streams of `/_pinstripe/stream` that a server sends at the same time.
pub const STREAMS_MAX: usize = 50;

/// Milliseconds between two batches of a stream.
pub const STREAM_PAUSE_MILLISECONDS: u64 = 100;

/// Seconds after which a stream that has nothing to say shows that it is alive.
pub const STREAM_SILENCE_SECONDS_MAX: u64 = 15;

/// Bytes of the requests that are kept for `/_pinstripe/requests`; then the oldest is dropped.
pub const RECENT_BYTES_MAX: usize = 8 << 20;

/// How far in the future a time in a parameter may lie, in seconds: five years (billing 0.3).
pub const FUTURE_SECONDS_MAX: i64 = (5 * 365 + 2) * 24 * 60 * 60;

/// Webhook endpoints of one account (platform 2.1).
pub const WEBHOOK_ENDPOINTS_MAX: usize = 16;

/// Events that a sandbox keeps; then the oldest are dropped.
pub const EVENTS_MAX: usize = 150_000;

/// Bytes of the events that a server keeps, in its sandboxes, snapshots and queues; a sandbox, and a queue, keeps at most as
/// much as is free, and drops its oldest.
pub const EVENTS_BYTES_MAX: usize = 256 << 20;

/// Meter events of one account that a server keeps; further ones are refused.
pub const METER_EVENTS_MAX: usize = 1_000_000;

/// Credit grants of a customer of which something is left.
pub const CREDIT_GRANTS_MAX: usize = 100;

/// Alerts of one meter for one customer.
pub const ALERTS_MAX: usize = 25;

/// Events in one request of a meter event stream.
pub const METER_STREAM_EVENTS_MAX: usize = 100;

/// Keys in the payload of a meter event.
pub const METER_PAYLOAD_KEYS_MAX: usize = 50;

/// Characters of a value in the payload of a meter event.
pub const METER_PAYLOAD_VALUE_CHARACTERS_MAX: u32 = 500;

/// Seconds, by the machine's clock, for which an event is shown (core-payments 10.1.5): 30 days.
pub const EVENTS_LIFETIME_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Values of `types[]` in a list of events (core-payments 10.1.5).
pub const EVENT_TYPES_MAX: usize = 20;

/// Deliveries that wait for one receiver; then the oldest is dropped and counted.
pub const DELIVERIES_WAITING_MAX: usize = 10_000;

/// Deliveries that wait for one receiver at which due work pauses: as many again have room before one is dropped.
pub const DELIVERIES_BACKLOG_MAX: usize = 5_000;

/// Seconds for which due work waits for a receiver with such a backlog that takes nothing; then its oldest deliveries are
/// dropped and counted.
pub const RECEIVER_PATIENCE_SECONDS: u64 = 10;

/// Deliveries to one receiver that wait for another attempt while later ones are sent; at this number the later ones wait,
/// too.
pub const DELIVERIES_ASIDE_MAX: usize = 1_000;

/// Finished deliveries that a sandbox keeps; then the oldest is dropped and counted.
pub const DELIVERIES_DONE_MAX: usize = 1_000;

/// Bytes of the finished deliveries that a sandbox keeps; then the oldest is dropped and counted.
pub const DELIVERIES_BYTES_MAX: usize = 8 << 20;

/// Bytes of the attempts of deliveries that a server keeps; a sandbox keeps at most as much as is free.
pub const DELIVERIES_SERVER_BYTES_MAX: usize = 128 << 20;

/// Attempts of one delivery that are kept; then the oldest is dropped and counted.
pub const DELIVERY_ATTEMPTS_MAX: usize = 20;

/// Events that a sandbox keeps in the mode `collect`; then the oldest is dropped and counted.
pub const EVENTS_COLLECTED_MAX: usize = 10_000;

/// Delivery attempts of one server at the same time; further ones wait.
pub const WEBHOOK_CONNECTIONS_MAX: usize = 256;

/// Bytes of a receiver's answer that are kept.
pub const WEBHOOK_ANSWER_BYTES_MAX: usize = 5_000;

/// Bytes of the headers of a receiver's answer that are kept.
pub const WEBHOOK_ANSWER_HEADERS_BYTES_MAX: usize = 8 << 10;

/// Seconds that a call of `/_pinstripe/webhooks/wait` may wait.
pub const WEBHOOK_WAIT_SECONDS_MAX: u64 = 600;

/// Reactions of one transaction; beyond, the rest is left out and logged: two that undo each other must not hold a request.
pub const REACTIONS_MAX: usize = 10_000;

/// Stripe CLIs that listen to one server at the same time.
pub const CLI_LISTENERS_MAX: usize = 100;

/// Messages that wait for one listening Stripe CLI; then the oldest is dropped, counted and logged.
pub const CLI_MESSAGES_MAX: usize = 10_000;

/// Bytes of one message from a listening Stripe CLI; it sends at most 5,000 characters of an answer (platform 3.3).
pub const CLI_FRAME_BYTES_MAX: usize = 1 << 20;
