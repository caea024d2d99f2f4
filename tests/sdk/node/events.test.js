import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { NEWEST, assertKeyOrder, has, keyOf, lacks, open, refused, wire } from "./support.js";

const SANDBOX = "node-events";
let stripe;
before(async () => {
  stripe = await open(SANDBOX);
});

/** The types of a sandbox's events, oldest first, by the SDK's own paging. */
async function types(filter = {}) {
  const found = [];
  for await (const event of stripe.events.list({ limit: 3, ...filter })) found.unshift(event.type);
  return found;
}

describe("what happened", () => {
  test("a shop's day is told in order, with the SDK's own idempotency keys", async () => {
    stripe = await open(SANDBOX, { maxNetworkRetries: 1 });
    const customer = await stripe.customers.create({ email: "jenny@example.com" });
    await stripe.customers.update(customer.id, { name: "Jenny", metadata: { seat: "4" } });
    const intent = await stripe.paymentIntents.create({
      amount: 2000, currency: "usd", customer: customer.id, payment_method_types: ["card"], payment_method: "pm_card_visa",
      setup_future_usage: "off_session", confirm: true, capture_method: "automatic",
    });
    await assert.rejects(stripe.charges.create({ amount: 100, currency: "usd", source: "tok_chargeDeclined" }));
    await assert.rejects(stripe.charges.create({ amount: 1, currency: "usd", source: "tok_visa" }));
    await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    await stripe.customers.del(customer.id);
    assert.deepEqual(await types(), [
      "customer.created", "customer.updated", "payment_intent.created", "charge.succeeded", "payment_method.attached",
      "payment_intent.succeeded", "charge.failed", "refund.created", "charge.refunded", "customer.deleted",
    ]);
    const { data: [updated] } = await stripe.events.list({ type: "customer.updated" });
    has(updated, { object: "event", api_version: NEWEST, livemode: false, pending_webhooks: 0 });
    assert.match(updated.id, /^evt_1[0-9A-Za-z]{23}$/);
    assert.match(updated.request.id, /^req_/);
    assert.match(updated.request.idempotency_key, /^stripe-node-retry-/);
    assert.deepEqual(updated.data.previous_attributes, { metadata: { seat: null }, name: null });
    has(updated.data.object, { id: customer.id, name: "Jenny" });
    assertKeyOrder(updated);
    const { data: [succeeded] } = await stripe.events.list({ type: "payment_intent.succeeded" });
    assert.match(succeeded.id, /^evt_3/);
    lacks(succeeded.data, "previous_attributes");
    has(succeeded.data.object, { id: intent.id, status: "succeeded", amount_received: 2000 });
  });

  test("an event is retrieved as it was listed, whatever became of its object", async () => {
    const { data } = await stripe.events.list();
    for (const event of data) assert.deepEqual(await stripe.events.retrieve(event.id), event);
    const { data: [created] } = await stripe.events.list({ type: "customer.created" });
    has(created.data.object, { name: null, metadata: {} });
  });

  test("the list takes all filters", async () => {
    assert.deepEqual(await types({ type: "charge.*" }), ["charge.succeeded", "charge.failed", "charge.refunded"]);
    assert.deepEqual(await types({ types: ["customer.deleted", "refund.created"] }), ["refund.created", "customer.deleted"]);
    assert.equal((await types({ delivery_success: true })).length, 10);
    assert.equal((await types({ delivery_success: false })).length, 0);
    const { data: [newest, next] } = await stripe.events.list({ limit: 2 });
    assert.equal((await types({ created: { gt: newest.created } })).length, 0);
    assert.equal((await types({ created: { lte: newest.created } })).length, 10);
    const { data: [before] } = await stripe.events.list({ ending_before: next.id });
    assert.equal(before.id, newest.id);
    await refused(stripe.events.list({ type: "charge.failed", types: ["charge.failed"] }),
      { status: 400, param: "type", message: "You may only specify one of these parameters: type, types." });
  });

  test("an unknown event is missing", async () => {
    await refused(stripe.events.retrieve("evt_1none"),
      { status: 404, code: "resource_missing", param: "id", message: "No such notification: 'evt_1none'" });
  });

  test("events of a connected account are that account's", async () => {
    const account = await stripe.accounts.create({ type: "custom" });
    await stripe.customers.create({}, { stripeAccount: account.id });
    await stripe.accounts.update(account.id, { email: "a@example.com" });
    const { data } = await stripe.events.list({}, { stripeAccount: account.id });
    assert.deepEqual(data.map((event) => event.type), ["account.updated", "customer.created"]);
    for (const event of data) assert.equal(event.account, account.id);
    assert.equal((await types({ type: "account.*" })).length, 0);
  });

  test("the request log names what a request caused", async () => {
    const customer = await stripe.customers.create({ source: "tok_visa" });
    const answer = await wire("GET", `/_pinstripe/requests/${customer.lastResponse.requestId}`);
    assert.deepEqual(answer.body.events.map((event) => event.type), ["customer.created", "customer.source.created"]);
    has(answer.body, { key: keyOf(SANDBOX), operation: "customers.create", parameters: { source: "tok_visa" } });
  });
});
