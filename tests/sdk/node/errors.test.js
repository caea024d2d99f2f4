import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ANY, NEWEST, baseUrl, client, has, keyOf, lacks, open, refused, wire } from "./support.js";

const SANDBOX = "node-errors";
const key = keyOf(SANDBOX);
let stripe;
before(async () => {
  stripe = await open(SANDBOX);
});

describe("keys", () => {
  const basic = (user) => ({ Authorization: `Basic ${Buffer.from(`${user}:`).toString("base64")}` });

  test("bearer, basic and restricted keys pass", async () => {
    assert.equal((await wire("GET", "/v1/customers", { key })).status, 200);
    assert.equal((await wire("GET", "/v1/customers", { headers: basic(key) })).status, 200);
    assert.equal((await wire("GET", "/v1/customers", { key: keyOf(SANDBOX, "rk") })).status, 200);
  });

  test("no key", async () => {
    const answer = await wire("GET", "/v1/customers");
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("www-authenticate"), 'Basic realm="Stripe"');
    assert.match(answer.headers.get("request-id"), /^req_[0-9A-Za-z]{14}$/);
    assert.deepEqual(answer.body, { error: {
      message: "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer " +
        "YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
      type: "invalid_request_error",
    } });
  });

  test("a key that is none", async () => {
    const bad = client(SANDBOX, {}, "not_a_key_at_all_1234");
    const error = await refused(bad.customers.list(), { status: 401, message: /^Invalid API Key provided: \*+1234\. This is Pinstripe, a local test server: any key such as sk_test_123 works\.$/ });
    lacks(error.raw, "code", "param", "request_log_url");
    assert.ok(!error.message.includes("a_key"), "the key is masked");
  });

  test("a live key is refused", async () => {
    await refused(client(SANDBOX, {}, "sk_live_1234567890abcdef").customers.list(), { status: 401, code: ANY, param: ANY });
  });

  test("a publishable key opens what a browser needs, nothing else", async () => {
    const browser = client(SANDBOX, {}, keyOf(SANDBOX, "pk"));
    await refused(browser.customers.list(), { status: 401, code: "secret_key_required",
      message: "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at " +
        "https://dashboard.stripe.com/account/apikeys." });
    await refused(browser.charges.create({ amount: 500, currency: "usd", source: "tok_visa" }), { status: 401, code: "secret_key_required" });
    const year = String(new Date().getUTCFullYear() + 3);
    const form = { "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": year, "card[cvc]": "123" };
    const token = await wire("POST", "/v1/tokens", { key: keyOf(SANDBOX, "pk"), form });
    assert.equal(token.status, 200, token.text);
    const method = await wire("POST", "/v1/payment_methods", { form: { ...form, type: "card", key: keyOf(SANDBOX, "pk") }, headers: { Origin: "https://shop.example" } });
    assert.equal(method.status, 200, method.text);
    assert.equal(method.headers.get("access-control-allow-origin"), "*");
    assert.equal((await stripe.paymentMethods.retrieve(method.body.id)).id, method.body.id);
  });

  test("a browser may ask first", async () => {
    const answer = await wire("OPTIONS", "/v1/payment_methods", { headers: { Origin: "https://shop.example",
      "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization" } });
    assert.ok([200, 204].includes(answer.status), String(answer.status));
    assert.match(answer.headers.get("access-control-allow-methods"), /POST/);
    assert.match(answer.headers.get("access-control-allow-headers"), /authorization/i);
  });

  test("an account that isn't connected", async () => {
    await refused(stripe.customers.list({}, { stripeAccount: "acct_none" }), { status: 403, code: "account_invalid", param: ANY,
      message: /does not have access to account 'acct_none' \(or that account does not exist\)\. Application access may have been revoked\.$/ });
  });
});

describe("versions", () => {
  test("the answer names its version", async () => {
    const { lastResponse } = await stripe.customers.list();
    assert.equal(lastResponse.apiVersion, NEWEST);
    const old = await stripe.customers.list({}, { apiVersion: "2019-12-03" });
    assert.equal(old.lastResponse.headers["stripe-version"], "2019-12-03");
    assert.equal((await wire("GET", "/v1/customers", { key })).headers.get("stripe-version"), NEWEST);
  });

  for (const version of ["2011-01-01", "2017-05-25", "2020-08-27", "2022-11-15", "2024-04-10", "2024-09-30.acacia", "2025-03-31.basil",
    "2025-10-29.clover", "2026-08-26.dahlia", NEWEST]) {
    test(`${version} is accepted`, async () => {
      assert.equal((await stripe.customers.create({}, { apiVersion: version })).object, "customer");
    });
  }

  for (const version of ["2019-99-99", "latest", "2025-10-29.basil"]) {
    test(`${version} is not`, async () => {
      const answer = await wire("GET", "/v1/customers", { key, headers: { "Stripe-Version": version } });
      assert.equal(answer.status, 400);
      assert.match(answer.body.error.message, new RegExp(`^Invalid Stripe API version: ${version.replaceAll(".", "\\.")}`));
      assert.equal(answer.body.error.type, "invalid_request_error");
      lacks(answer.body.error, "code", "param", "request_log_url");
      assert.equal(answer.headers.get("stripe-version"), version);
    });
  }
});

describe("addresses", () => {
  const unrecognized = (request) => `Unrecognized request URL (${request}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;

  for (const [method, path] of [["GET", "/v1/nothing"], ["DELETE", "/v1/prices/price_x"], ["POST", "/v1/balance"], ["GET", "/"], ["GET", "/v3/customers"]]) {
    test(`${method} ${path} is unknown`, async () => {
      const answer = await wire(method, path, { key });
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.body, { error: { message: unrecognized(`${method}: ${path}`), type: "invalid_request_error" } });
    });
  }

  for (const [method, path] of [["GET", "/v1/customers/"], ["POST", "/v1/customers//sources"]]) {
    test(`${method} ${path} has nothing where an id belongs`, async () => {
      const answer = await wire(method, path, { key, ...(method === "POST" && { form: {} }) });
      assert.equal(answer.status, 404);
      assert.equal(answer.body.error.message, `Unrecognized request URL (${method}: ${path}). If you are trying to list objects, remove the trailing slash. If you are ` +
        "trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. Please see https://stripe.com/docs or we can help " +
        "at https://support.stripe.com/.");
    });
  }
});

describe("parameters", () => {
  test("unknown ones, one and several, in bodies and queries", async () => {
    await refused(stripe.customers.create({ color: "red" }), { status: 400, code: "parameter_unknown", param: "color", message: "Received unknown parameter: color" });
    await refused(stripe.customers.create({ color: "red", size: "L" }),
      { status: 400, code: "parameter_unknown", param: "color", message: "Received unknown parameters: color, size" });
    await refused(stripe.customers.create({ invoice_settings: { nope: 1 } }),
      { status: 400, code: "parameter_unknown", param: "invoice_settings[nope]", message: "Received unknown parameter: invoice_settings[nope]" });
    await refused(stripe.customers.retrieve("cus_none", { color: "red" }), { status: 400, code: "parameter_unknown", param: "color" });
  });

  test("wrong kinds of value", async () => {
    await refused(stripe.charges.create({ amount: "1.5", currency: "usd", source: "tok_visa" }),
      { status: 400, code: "parameter_invalid_integer", param: "amount", message: "Invalid integer: 1.5" });
    await refused(stripe.charges.create({ amount: 500, currency: "usd", source: "tok_visa", capture: "maybe" }), { status: 400, param: "capture" });
    await refused(stripe.customers.create({ invoice_settings: "x" }), { status: 400, param: "invoice_settings", message: "Invalid object" });
    await refused(stripe.customers.create({ preferred_locales: "en" }), { status: 400, param: "preferred_locales", message: "Invalid array" });
    await refused(stripe.customers.create({ name: { first: "x" } }), { status: 400, param: "name" });
    await refused(stripe.customers.create({ description: "x".repeat(5001) }), { status: 400, param: "description" });
    await refused(stripe.charges.create({ amount: 500, currency: "usd", customer: "ch_x" }),
      { status: 400, code: "resource_missing", param: "customer", message: "No such customer: 'ch_x'" });
  });

  test("an empty string for what can't be unset", async () => {
    await refused(stripe.charges.create({ amount: 500, currency: "", source: "tok_visa" }), { status: 400, code: "parameter_invalid_empty", param: "currency",
      message: "You passed an empty string for 'currency'. We assume empty values are an attempt to unset a parameter; however 'currency' cannot be unset. You " +
        "should remove 'currency' from your request or supply a non-empty value." });
  });

  test("an error says all it knows, in order", async () => {
    const answer = await wire("POST", "/v1/charges", { key, form: { currency: "usd", source: "tok_visa" } });
    assert.equal(answer.status, 400);
    assert.deepEqual(Object.keys(answer.body.error), ["code", "doc_url", "message", "param", "request_log_url", "type"]);
    assert.equal(answer.body.error.doc_url, "https://stripe.com/docs/error-codes/parameter-missing");
    const log = new URL(answer.body.error.request_log_url);
    assert.equal(log.origin, new URL(baseUrl).origin);
    assert.equal(log.pathname, `/_pinstripe/requests/${answer.headers.get("request-id")}`);
  });

  test("JSON is for other APIs", async () => {
    const answer = await wire("POST", "/v1/customers", { key, body: '{"name":"x"}', headers: { "Content-Type": "application/json" } });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.error.message, "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, " +
      "we can help at https://support.stripe.com/.");
    assert.equal(answer.body.error.type, "invalid_request_error");
  });

  test("forms are read in all their spellings", async () => {
    const forms = [
      "preferred_locales[]=de&preferred_locales[]=en&metadata[a]=b",
      "preferred_locales[0]=de&preferred_locales[1]=en&metadata[a]=b",
      "preferred_locales[1]=en&preferred_locales[0]=de&metadata[a]=b",
      "preferred_locales%5B0%5D=de&preferred_locales%5B1%5D=en&metadata%5Ba%5D=b",
      "preferred_locales%5b%5d=de&preferred_locales%5b%5d=en&metadata%5ba%5d=b",
    ];
    for (const form of forms) {
      const { body, text } = await wire("POST", "/v1/customers", { key, form });
      assert.deepEqual(body.preferred_locales, ["de", "en"], `${form}: ${text}`);
      assert.deepEqual(body.metadata, { a: "b" }, form);
    }
    const { body } = await wire("POST", "/v1/customers", { key, form: "name=J%C3%B6rg+M%26M&description=a%3Db" });
    has(body, { name: "Jörg M&M", description: "a=b" });
  });

  test("nesting is bounded", async () => {
    const { status, body, text } = await wire("POST", "/v1/customers", { key, form: `metadata${"[a]".repeat(200)}=x` });
    assert.equal(status, 400, text);
    assert.equal(body.error.type, "invalid_request_error");
  });

  test("nothing strange brings the server down", async () => {
    const odd = ["=x&&[]=1&[a]=2&a[=3", "name=%ff%fe", "name=%", "&&&", "name[]=a&name=b", "metadata=x&metadata[a]=b", "expand=x", "a".repeat(100000)];
    const answers = await Promise.all([
      ...odd.map((form) => wire("POST", "/v1/customers", { key, form })),
      ...["/v1/customers/%00", "/v1/customers/%ff", "/v1/customers?%5B=1", "/v1/customers?limit[]=1"].map((path) => wire("GET", path, { key })),
    ]);
    for (const { status, text } of answers) assert.ok(status < 500, `${status}: ${text}`);
    assert.equal((await wire("GET", "/healthz")).status, 200);
  });
});

describe("answers", () => {
  test("pretty-printed JSON with the documented headers", async () => {
    const { headers, text, body } = await wire("POST", "/v1/customers", { key, form: { name: "Jenny" } });
    assert.match(headers.get("content-type"), /^application\/json/);
    assert.match(headers.get("request-id"), /^req_[0-9A-Za-z]{14}$/);
    assert.equal(headers.get("cache-control"), "no-cache, no-store");
    assert.equal(text.trimEnd(), JSON.stringify(body, null, 2));
    assert.ok(text.startsWith('{\n  "id": "cus_'));
  });

  test("what is not built yet says so", async () => {
    const answers = await Promise.all([wire("GET", "/v1/climate/orders", { key }), wire("GET", "/v1/issuing/cards", { key })]);
    for (const { status, body, text } of answers) {
      assert.ok(status === 200 || status === 501, `${status}: ${text}`);
      if (status === 501) assert.equal(body.error.type, "api_error");
    }
  });
});

describe("idempotency", () => {
  test("a key's second request is the first one's answer", async () => {
    const options = { idempotencyKey: "again-1" };
    const first = await stripe.customers.create({ name: "once" }, options);
    const second = await stripe.customers.create({ name: "once" }, options);
    assert.deepEqual({ ...second }, { ...first });
    assert.equal(second.lastResponse.headers["idempotent-replayed"], "true");
    assert.equal(second.lastResponse.headers["idempotency-key"], "again-1");
    assert.equal(second.lastResponse.headers["original-request"], first.lastResponse.requestId);
    assert.notEqual(second.lastResponse.requestId, first.lastResponse.requestId);
    assert.equal(first.lastResponse.headers["idempotent-replayed"], undefined);
    assert.equal((await stripe.customers.list({ limit: 100 })).data.filter((c) => c.name === "once").length, 1);
  });

  test("other parameters under the same key are refused", async () => {
    const options = { idempotencyKey: "again-2" };
    await stripe.customers.create({ name: "a" }, options);
    await refused(stripe.customers.create({ name: "b" }, options), { status: 400, type: "StripeIdempotencyError", rawType: "idempotency_error",
      message: "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than 'again-2' if you " +
        "meant to execute a different request." });
  });

  test("another address under the same key is refused", async () => {
    const options = { idempotencyKey: "again-3" };
    await stripe.customers.create({}, options);
    await refused(stripe.paymentIntents.create({ amount: 500, currency: "usd" }, options), { status: 400, type: "StripeIdempotencyError", rawType: "idempotency_error" });
  });

  test("a decline is replayed with its charge", async () => {
    const options = { idempotencyKey: "again-4" };
    const decline = () => refused(stripe.charges.create({ amount: 777, currency: "usd", source: "tok_chargeDeclined" }, options),
      { status: 402, code: "card_declined", decline_code: "generic_decline" });
    const first = await decline();
    const second = await decline();
    assert.equal(second.charge, first.charge);
    assert.equal((await stripe.charges.list({ limit: 100 })).data.filter((c) => c.amount === 777).length, 1);
  });

  test("a request that failed validation may be mended under the same key", async () => {
    const options = { idempotencyKey: "again-5" };
    await refused(stripe.charges.create({ currency: "usd", source: "tok_visa" }, options), { status: 400, code: "parameter_missing", param: "amount" });
    assert.equal((await stripe.charges.create({ amount: 500, currency: "usd", source: "tok_visa" }, options)).status, "succeeded");
  });

  test("of parallel requests with one key one is carried out", async () => {
    const options = { idempotencyKey: "again-6" };
    const results = await Promise.allSettled(Array.from({ length: 16 }, () => stripe.customers.create({ name: "parallel" }, options)));
    for (const { reason } of results.filter((r) => r.status === "rejected")) {
      assert.equal(reason.statusCode, 409);
      assert.equal(reason.code, "idempotency_key_in_use");
    }
    const made = new Set(results.filter((r) => r.status === "fulfilled").map((r) => r.value.id));
    assert.equal(made.size, 1);
    assert.equal((await stripe.customers.list({ limit: 100 })).data.filter((c) => c.name === "parallel").length, 1);
  });

  test("a key has at most 255 characters", async () => {
    const form = { name: "x" };
    const long = await wire("POST", "/v1/customers", { key, form, headers: { "Idempotency-Key": "k".repeat(256) } });
    assert.equal(long.status, 400);
    assert.equal(long.body.error.message, "Idempotency keys can be up to 255 characters long.");
    assert.equal((await wire("POST", "/v1/customers", { key, form, headers: { "Idempotency-Key": "k".repeat(255) } })).status, 200);
  });
});
