// Thin events with the official SDK: parsed, verified, and followed to the event and to the object that it names; and the
// stream of meter events.
import assert from "node:assert/strict";
import http from "node:http";
import { after, test } from "node:test";
import { baseUrl, client, open } from "./support.js";

const servers = [];
after(() => servers.forEach((server) => (server.closeAllConnections(), server.close())));

/** A receiver that keeps what it gets. */
async function receiver() {
  const hits = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      hits.push({ body: Buffer.concat(chunks), signature: request.headers["stripe-signature"] });
      response.end("ok");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  return { hits, url: `http://127.0.0.1:${server.address().port}/hook` };
}

async function settled(sandbox) {
  const response = await fetch(`${baseUrl}/_pinstripe/webhooks/wait?timeout=30&sandbox=${sandbox}`, { method: "POST" });
  assert.equal((await response.json()).done, true);
}

async function destination(stripe, url, enabled_events) {
  const made = await stripe.v2.core.eventDestinations.create({
    name: "Mine",
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events,
    webhook_endpoint: { url },
    include: ["webhook_endpoint.signing_secret"],
  });
  return made.webhook_endpoint.signing_secret;
}

const METER = { display_name: "Calls", event_name: "calls", default_aggregation: { formula: "sum" } };

test("a report of meter events is parsed, fetched, and leads to its meter", async () => {
  const sandbox = "node-thin";
  const stripe = await open(sandbox);
  const { hits, url } = await receiver();
  const secret = await destination(stripe, url, ["v1.billing.meter.error_report_triggered"]);
  const meter = await stripe.billing.meters.create(METER);
  const payload = { stripe_customer_id: "cus_none", value: "1" };
  await stripe.billing.meterEvents.create({ event_name: "calls", identifier: "lost", payload });
  await settled(sandbox);
  assert.equal(hits.length, 1);
  const notification = stripe.parseEventNotification(hits[0].body, hits[0].signature, secret);
  assert.equal(notification.type, "v1.billing.meter.error_report_triggered");
  assert.throws(() => stripe.parseEventNotification(hits[0].body, hits[0].signature, "whsec_other"));
  assert.equal((await notification.fetchRelatedObject()).id, meter.id);
  const event = await notification.fetchEvent();
  const [kind] = event.data.reason.error_types;
  assert.deepEqual([kind.code, kind.sample_errors[0].request.identifier], ["meter_event_customer_not_found", "lost"]);
});

test("an account of v2 announces itself", async () => {
  const sandbox = "node-thin-account";
  const stripe = await open(sandbox);
  const { hits, url } = await receiver();
  const secret = await destination(stripe, url, ["v2.core.account.created"]);
  const account = await stripe.v2.core.accounts.create({ contact_email: "ada@example.com" });
  await settled(sandbox);
  const notification = stripe.parseEventNotification(hits[0].body, hits[0].signature, secret);
  assert.equal((await notification.fetchRelatedObject()).id, account.id);
});

test("a stream takes the token of a session", async () => {
  const stripe = await open("node-stream");
  const customer = await stripe.customers.create();
  const meter = await stripe.billing.meters.create(METER);
  const session = await stripe.v2.billing.meterEventSession.create();
  const stream = client("node-stream", {}, session.authentication_token);
  const event = (value) => ({ event_name: "calls", payload: { stripe_customer_id: customer.id, value } });
  await stream.v2.billing.meterEventStream.create({ events: [event("3"), event("4")] });
  const now = Math.floor(Date.now() / 60_000) * 60;
  const span = { customer: customer.id, start_time: now - 3600, end_time: now + 3600 };
  const { data } = await stripe.billing.meters.listEventSummaries(meter.id, span);
  assert.equal(data[0].aggregated_value, 7);
  await assert.rejects(stripe.v2.billing.meterEventStream.create({ events: [event("5")] }), { statusCode: 401 });
});
