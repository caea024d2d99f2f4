// What every suite here needs: a client per sandbox, an empty sandbox to start from, a raw request where
// the SDK would hide what is on the wire, and one way to say "this call is refused, exactly so".
import assert from "node:assert/strict";
import Stripe from "stripe";

if (!process.env.PINSTRIPE_URL) {
  throw new Error("PINSTRIPE_URL names no server: PINSTRIPE_URL=http://127.0.0.1:12111 npm test");
}
export const baseUrl = process.env.PINSTRIPE_URL.replace(/\/+$/, "");
const url = new URL(baseUrl);

/** The version that the SDK pins, and the server's newest. */
export const NEWEST = "2026-10-28.endive";

export const keyOf = (sandbox, kind = "sk") => `${kind}_test_sandbox_${sandbox}`;

export function client(sandbox, config = {}, key = keyOf(sandbox)) {
  return new Stripe(key, {
    host: url.hostname,
    port: url.port,
    protocol: url.protocol.replace(":", ""),
    maxNetworkRetries: 0,
    telemetry: false,
    ...config,
  });
}

/** Empties the sandbox and returns a client for it. */
export async function open(sandbox, config) {
  const response = await fetch(`${baseUrl}/_pinstripe/reset?sandbox=${sandbox}`, { method: "POST" });
  assert.equal(response.status, 200, `reset of ${sandbox}: ${await response.text()}`);
  return client(sandbox, config);
}

/** Loads fixtures (a dump, or the Stripe CLI's format) into a sandbox. */
export async function load(sandbox, fixtures) {
  const response = await fetch(`${baseUrl}/_pinstripe/fixtures?sandbox=${sandbox}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(fixtures),
  });
  assert.equal(response.status, 200, `fixtures into ${sandbox}: ${await response.text()}`);
}

/** A request as it is on the wire: status, headers, text and parsed body. */
export async function wire(method, path, { key, form, body, headers = {} } = {}) {
  const all = { ...headers };
  if (key) all.Authorization = `Bearer ${key}`;
  if (form !== undefined) {
    all["Content-Type"] ??= "application/x-www-form-urlencoded";
    body = typeof form === "string" ? form : new URLSearchParams(form).toString();
  }
  const response = await fetch(baseUrl + path, { method, headers: all, body });
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, body: json };
}

/** For a field whose value the reference leaves open. */
export const ANY = Symbol("any");

const CLASS = { 400: "StripeInvalidRequestError", 401: "StripeAuthenticationError", 402: "StripeCardError",
  403: "StripePermissionError", 404: "StripeInvalidRequestError" };
const RAW_TYPE = { 402: "card_error" };
// Codes outside Stripe's published list: nobody promises them a page.
const CODES_WITHOUT_PAGE = new Set(["payment_method_used_without_customer", "property_expansion_max_depth"]);

/**
 * Asserts that the call is refused. `status`, `code`, `param`, `decline_code` are compared always: left out
 * means that the error must not carry it. `message` is a string (exact) or a pattern.
 */
export async function refused(promise, { status, type, rawType, code, param, decline_code, message } = {}) {
  let error;
  try {
    await promise;
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error, `expected a refusal${message ? `: ${message}` : ""}, but the call succeeded`);
  const seen = `\n  got: ${error.statusCode} ${error.type} code=${error.code} param=${error.param} "${error.message}"`;
  assert.ok(error.statusCode, `not an answer of the server: ${error.stack}`);
  if (status !== ANY) {
    assert.equal(error.statusCode, status, `status${seen}`);
    assert.equal(error.type, type ?? CLASS[status], `type${seen}`);
    assert.equal(error.rawType, rawType ?? RAW_TYPE[status] ?? "invalid_request_error", `raw type${seen}`);
  }
  for (const [name, expected] of Object.entries({ code, param, decline_code })) {
    // The SDK makes an absent `decline_code` an empty string; what came over the wire is in `raw`.
    if (expected !== ANY) assert.equal(error.raw[name], expected, `${name}${seen}`);
  }
  if (message instanceof RegExp) assert.match(error.message, message);
  else if (message !== undefined) assert.equal(error.message, message);
  assert.match(error.requestId ?? "", /^req_[0-9A-Za-z]{14}$/, `Request-Id${seen}`);
  if (error.code && !CODES_WITHOUT_PAGE.has(error.code)) {
    const page = `https://stripe.com/docs/error-codes/${error.code.replaceAll("_", "-")}`;
    assert.equal(error.doc_url, page, `doc_url${seen}`);
  }
  return error;
}

/** Asserts that `object` has at least these fields with these values. */
export function has(object, fields) {
  for (const [name, value] of Object.entries(fields)) {
    assert.ok(name in object, `the field ${name} is missing in ${object.object ?? "the object"}`);
    assert.deepEqual(object[name], value, name);
  }
}

export const lacks = (object, ...names) => {
  for (const name of names) assert.ok(!(name in object), `${name} must be absent, is ${JSON.stringify(object[name])}`);
};

/** `id`, `object`, then alphabetical order, all the way down. */
export function assertKeyOrder(value, path = "") {
  if (Array.isArray(value)) {
    value.forEach((item, i) => assertKeyOrder(item, `${path}[${i}]`));
  } else if (value && typeof value === "object") {
    let keys = Object.keys(value);
    if (value.object === "list") {
      assert.deepEqual(keys.filter((k) => !["count", "total_count"].includes(k)), ["object", "data", "has_more", "url"], path);
    } else {
      if (keys[0] === "id") keys = keys.slice(1);
      if (keys[0] === "object") keys = keys.slice(1);
      assert.deepEqual(keys, [...keys].sort(), `key order at ${path || "the top"}`);
    }
    for (const key of Object.keys(value)) assertKeyOrder(value[key], `${path}.${key}`);
  }
}

/** A card that expires in three years. */
export const card = (number = "4242424242424242", more = {}) => ({
  number,
  exp_month: 12,
  exp_year: new Date().getUTCFullYear() + 3,
  cvc: "123",
  ...more,
});

/** A payment method made the way a server does it in test mode. */
export const cardMethod = (stripe, token = "tok_visa", more = {}) =>
  stripe.paymentMethods.create({ type: "card", card: { token }, ...more });

/** A reusable card source, chargeable at once. */
export const reusableSource = (stripe, token = "tok_visa", more = {}) =>
  stripe.sources.create({ type: "card", token, ...more });

/** A single-use card source, chargeable at once. */
export const singleUseSource = (stripe, amount = 1099, currency = "eur") =>
  stripe.sources.create({ type: "card", usage: "single_use", amount, currency, token: "tok_visa" });

/** What a confirm needs at today's versions, unless automatic methods are kept from redirecting. */
export const RETURN = { return_url: "https://example.com/return" };

export const USED_AGAIN =
  "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a " +
  "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a " +
  "PaymentMethod multiple times, you must attach it to a Customer first.";
export const USED_AGAIN_ON_ATTACH =
  "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.";
export const USED_CODE = "payment_method_used_without_customer";
export const NEEDS_RETURN_URL =
  "A `return_url` must be specified because this Payment Intent is configured to automatically accept the payment methods " +
  "enabled in the Dashboard, some of which may require a full page redirect to succeed. If you do not want to accept " +
  "redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and " +
  "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.";
export const CONSUMED_SOURCE =
  "The reusable source you provided is consumed because it was previously charged without being attached to a customer or " +
  "was detached from a customer. To charge a reusable source multiple time you must attach it to a customer first.";
