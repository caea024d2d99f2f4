// The second namespace with the official SDK: JSON bodies, pages that lead to the next, thin events, errors.
import assert from "node:assert/strict";
import test from "node:test";
import Stripe from "stripe";
import { open } from "./support.js";

test("accounts are made, shown as far as asked for, and paged through", async () => {
  const stripe = await open("v2-accounts");
  const made = await stripe.v2.core.accounts.create({
    contact_email: "jenny@example.com",
    identity: { country: "us", entity_type: "individual", individual: { given_name: "Jenny" } },
    configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
    include: ["identity", "configuration.recipient"],
  });
  assert.equal(made.identity.individual.given_name, "Jenny");
  assert.equal(made.configuration.recipient.capabilities.stripe_balance.stripe_transfers.status, "restricted");
  assert.match(made.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const plain = await stripe.v2.core.accounts.retrieve(made.id);
  assert.equal(plain.identity ?? null, null);
  for (let n = 0; n < 4; n += 1) await stripe.v2.core.accounts.create({ contact_email: `a${n}@example.com` });
  const seen = new Set();
  for await (const account of stripe.v2.core.accounts.list({ limit: 2 })) seen.add(account.id);
  assert.equal(seen.size, 5);
  assert.ok(seen.has(made.id));
});

test("an event leads to what it is about", async () => {
  const stripe = await open("v2-events");
  const made = await stripe.v2.core.accounts.create({ display_name: "Furever" });
  const { data } = await stripe.v2.core.events.list({ object_id: made.id });
  assert.deepEqual(data.map((event) => event.type), ["v2.core.account.created"]);
  const related = await data[0].fetchRelatedObject();
  assert.equal(related.id, made.id);
  const event = await stripe.v2.core.events.retrieve(data[0].id);
  assert.equal(event.related_object.type, "v2.core.account");
});

test("destinations and meter events", async () => {
  const stripe = await open("v2-destinations");
  const destination = await stripe.v2.core.eventDestinations.create({
    name: "Mine",
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events: ["v2.core.account.created"],
    webhook_endpoint: { url: "https://example.com/hook" },
    include: ["webhook_endpoint.signing_secret"],
  });
  assert.match(destination.webhook_endpoint.signing_secret, /^whsec_/);
  assert.equal((await stripe.v2.core.eventDestinations.disable(destination.id)).status, "disabled");
  assert.equal((await stripe.v2.core.eventDestinations.ping(destination.id)).type, "v2.core.event_destination.ping");
  const customer = await stripe.customers.create();
  const meter = { display_name: "Calls", event_name: "api", default_aggregation: { formula: "sum" } };
  const { id } = await stripe.billing.meters.create(meter);
  const payload = { stripe_customer_id: customer.id, value: "25" };
  const event = await stripe.v2.billing.meterEvents.create({ event_name: "api", payload });
  assert.deepEqual(event.payload, payload);
  const now = Math.floor(Date.now() / 60_000) * 60;
  const span = { customer: customer.id, start_time: now - 3600, end_time: now + 3600 };
  const { data } = await stripe.billing.meters.listEventSummaries(id, span);
  assert.equal(data[0].aggregated_value, 25);
});

test("refusals are the SDK's errors", async () => {
  const stripe = await open("v2-errors");
  await assert.rejects(stripe.v2.core.accounts.retrieve("acct_none"), (error) => {
    assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
    assert.deepEqual([error.statusCode, error.code], [404, "not_found"]);
    return true;
  });
  await assert.rejects(stripe.v2.core.accounts.create({ dashboard: "big" }), (error) => {
    assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
    assert.deepEqual([error.statusCode, error.code, error.param], [400, "invalid_fields", "dashboard"]);
    return true;
  });
});
