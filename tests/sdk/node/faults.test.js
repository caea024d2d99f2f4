// Faults on demand, as the official SDK meets them: its own retries and idempotency keys get it through.
import assert from "node:assert/strict";
import http from "node:http";
import { after, describe, test } from "node:test";
import { client, has, open, refused, wire } from "./support.js";

const SANDBOX = "node-faults";

async function fault(rule) {
  const answer = await wire("POST", `/_pinstripe/faults?sandbox=${SANDBOX}`, { body: JSON.stringify(rule) });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

/** A client that retries as the SDK does by default, and tells how often it was answered. */
function retrying() {
  const stripe = client(SANDBOX, { maxNetworkRetries: 2, timeout: 3000 });
  const statuses = [];
  stripe.on("response", ({ status }) => statuses.push(status));
  return { stripe, statuses };
}

const charge = { amount: 2000, currency: "usd", source: "tok_visa" };

describe("the SDK's retries", () => {
  for (const [error, status] of [["rate_limit", 429], ["lock_timeout", 429], ["api_error", 500], ["unavailable", 503]]) {
    test(`an error ${error} once is not noticed, more often is`, async () => {
      await open(SANDBOX);
      const { stripe, statuses } = retrying();
      const match = { operation: "charges.create" };
      // The SDK tries a rate limit again only when it is told to, as in reality.
      const gives_up = error === "rate_limit";
      await fault({ match, effect: { error }, times: 1 });
      if (gives_up) await assert.rejects(stripe.charges.create(charge), { statusCode: status });
      else assert.equal((await stripe.charges.create(charge)).paid, true);
      await fault({ match, effect: { error }, times: 3 });
      await assert.rejects(stripe.charges.create(charge), { statusCode: status });
      assert.ok(statuses.includes(status), String(statuses));
      assert.equal((await stripe.charges.list()).data.length, gives_up ? 0 : 1, "nothing was done by what failed");
    });
  }

  test("an answer that is lost after the write comes again, and nothing is charged twice", async () => {
    const stripe = await open(SANDBOX);
    await fault({ match: { operation: "charges.create" }, effect: { reset: "after" }, times: 1 });
    const { id } = await retrying().stripe.charges.create(charge);
    assert.deepEqual((await stripe.charges.list()).data.map((made) => made.id), [id]);
  });

  test("a body that is cut off is an error, and the same key gets all of it", async () => {
    const stripe = await open(SANDBOX);
    await fault({ match: { operation: "charges.create" }, effect: { truncate: 20 }, times: 1 });
    const options = { idempotencyKey: "cut-off" };
    await assert.rejects(stripe.charges.create(charge, options), { type: "StripeConnectionError" });
    const { id } = await stripe.charges.create(charge, options);
    assert.deepEqual((await stripe.charges.list()).data.map((made) => made.id), [id]);
  });

  test("a connection that is lost before the write is made again", async () => {
    const stripe = await open(SANDBOX);
    await fault({ match: { operation: "charges.create" }, effect: { reset: "before" }, times: 1 });
    assert.equal((await retrying().stripe.charges.create(charge)).paid, true);
    assert.equal((await stripe.charges.list()).data.length, 1);
  });

  test("without retries a lost connection is a connection error", async () => {
    const stripe = await open(SANDBOX);
    // Even so the SDK makes a connection that was reset again, once.
    await fault({ match: { operation: "charges.create" }, effect: { reset: "before" }, times: 2 });
    await assert.rejects(stripe.charges.create(charge), { type: "StripeConnectionError" });
    assert.equal((await stripe.charges.list()).data.length, 0);
  });

  test("an answer that is too late is a timeout", async () => {
    await open(SANDBOX);
    await fault({ match: { operation: "customers.list" }, effect: { delay: 3000 }, times: 1 });
    const stripe = client(SANDBOX, { timeout: 200 });
    await assert.rejects(stripe.customers.list(), { type: "StripeConnectionError" });
    assert.equal((await stripe.customers.list()).data.length, 0);
  });
});

test("any card is declined as asked", async () => {
  const stripe = await open(SANDBOX);
  await fault({ match: { params: { amount: 4242 } }, effect: { decline: "insufficient_funds" } });
  await refused(stripe.charges.create({ ...charge, amount: 4242 }),
    { status: 402, code: "card_declined", decline_code: "insufficient_funds", message: "Your card has insufficient funds." });
  assert.equal((await stripe.charges.create(charge)).paid, true);
});

test("a fault may be about one customer's state", async () => {
  const stripe = await open(SANDBOX);
  const [gold, tin] = await Promise.all(["gold", "tin"].map((tier) => stripe.customers.create({ source: "tok_visa", metadata: { tier } })));
  await fault({ match: { operation: "charges.create", object: { "metadata.tier": "gold" } }, effect: { error: "lock_timeout" } });
  await refused(stripe.charges.create({ amount: 100, currency: "usd", customer: gold.id }), { status: 429, type: "StripeRateLimitError", code: "lock_timeout" });
  assert.equal((await stripe.charges.create({ amount: 100, currency: "usd", customer: tin.id })).paid, true);
});

describe("deliveries", () => {
  const servers = [];
  after(() => servers.forEach((server) => (server.closeAllConnections(), server.close())));

  test("a handler meets its events twice, late and out of order, and their signatures hold", async () => {
    const stripe = await open(SANDBOX);
    const hits = [];
    const server = http.createServer((request, response) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => (hits.push({ body: Buffer.concat(chunks), headers: request.headers }), response.end("ok")));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    const { secret } = await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${server.address().port}/`, enabled_events: ["*"] });
    await fault({ match: { event: "charge.succeeded" }, effect: { delivery: "duplicate" } });
    await fault({ match: { event: "customer.created" }, effect: { delivery: { delay: 300 } } });
    await fault({ match: { event: "customer.source.*" }, effect: { delivery: "drop" } });
    const { id } = await stripe.customers.create({ source: "tok_visa" });
    await stripe.charges.create({ amount: 100, currency: "usd", customer: id });
    const waited = await wire("POST", `/_pinstripe/webhooks/wait?sandbox=${SANDBOX}`);
    assert.equal(waited.status, 200, waited.text);
    const events = hits.map(({ body, headers }) => stripe.webhooks.constructEvent(body, headers["stripe-signature"], secret));
    const types = events.map(({ type }) => type);
    assert.deepEqual(types.filter((type) => type === "charge.succeeded").length, 2);
    assert.equal(types.at(-1), "customer.created");
    assert.ok(!types.includes("customer.source.created"), String(types));
    has(hits[0].headers, { "pinstripe-sandbox": SANDBOX });
    assert.equal(hits.at(-1).headers["pinstripe-fault"], "flt_2");
  });
});
