// Webhooks with the official SDK: signatures over a run of flows, five thousand events to three endpoints, an endpoint
// that is dead for as many events as an hour brings.
import assert from "node:assert/strict";
import http from "node:http";
import { after, test } from "node:test";
import Stripe from "stripe";
import { baseUrl, keyOf, open } from "./support.js";

const servers = [];
after(() => servers.forEach((server) => (server.closeAllConnections(), server.close())));

/** A receiver that keeps what it gets; `port` 0 picks a free one. */
async function receiver(port = 0) {
  const hits = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      hits.push({ body: Buffer.concat(chunks), headers: request.headers });
      response.end("ok");
    });
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  servers.push(server);
  return { hits, server, port: server.address().port, url: `http://127.0.0.1:${server.address().port}/hook` };
}

async function control(method, call, sandbox) {
  const joint = call.includes("?") ? "&" : "?";
  const response = await fetch(`${baseUrl}/_pinstripe/webhooks${call}${joint}sandbox=${sandbox}`, { method });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body;
}

/** The events of a sandbox, oldest first. */
async function listed(stripe) {
  const all = [];
  for await (const event of stripe.events.list({ limit: 100 })) all.push(event);
  return all.reverse();
}

const verify = (stripe, hit, secret) => stripe.webhooks.constructEvent(hit.body, hit.headers["stripe-signature"], secret);

/** Payments, refunds, declines, saved cards: what an integration does in a day. */
async function flows(stripe) {
  const customer = await stripe.customers.create({ email: "ada@example.com", name: 'Ada "Löve" \u2028' });
  const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  const intent = await stripe.paymentIntents.create({
    amount: 1099, currency: "eur", customer: customer.id, payment_method: method.id, confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
  });
  await stripe.refunds.create({ payment_intent: intent.id, amount: 99 });
  await assert.rejects(stripe.charges.create({ amount: 500, currency: "usd", source: "tok_chargeDeclined" }));
  const held = await stripe.charges.create({ amount: 500, currency: "usd", source: "tok_visa", capture: false });
  await stripe.charges.capture(held.id);
  await stripe.paymentMethods.detach(method.id);
  await stripe.customers.del(customer.id);
}

test("every delivery of a run of flows is accepted by constructEvent, complete and in order", async () => {
  const stripe = await open("node-hooks");
  const hook = await receiver();
  const endpoint = await stripe.webhookEndpoints.create({ url: hook.url, enabled_events: ["*"] });
  await flows(stripe);
  await control("POST", "/wait?timeout=30", "node-hooks");
  const events = hook.hits.map((hit) => verify(stripe, hit, endpoint.secret));
  const all = await listed(stripe);
  assert.ok(all.length > 10);
  assert.deepEqual(events.map((event) => event.id), all.map((event) => event.id));
  for (const [i, event] of events.entries()) {
    assert.deepEqual({ ...event, pending_webhooks: 0 }, JSON.parse(JSON.stringify(all[i])));
  }
  assert.throws(() => verify(stripe, hook.hits[0], "whsec_wrong"), Stripe.errors.StripeSignatureVerificationError);
  const changed = { ...hook.hits[0], body: Buffer.concat([hook.hits[0].body, Buffer.from(" ")]) };
  assert.throws(() => verify(stripe, changed, endpoint.secret), Stripe.errors.StripeSignatureVerificationError);
});

test("what is collected is accepted, too", async () => {
  const stripe = await open("node-collect");
  await control("POST", "/mode?mode=collect", "node-collect");
  await stripe.customers.create({});
  const { collected } = await control("GET", "/collected", "node-collect");
  const { webhook_secret: secret } = await control("GET", "", "node-collect");
  const event = stripe.webhooks.constructEvent(collected[0].body, collected[0].headers["stripe-signature"], secret);
  assert.equal(event.type, "customer.created");
});

/** Posts many forms over a few connections; `form` gets the number. */
async function postMany(sandbox, path, count, form) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const headers = { Authorization: `Bearer ${keyOf(sandbox)}`, "Content-Type": "application/x-www-form-urlencoded" };
  const post = (n) => new Promise((resolve, reject) => {
    const request = http.request(baseUrl + path, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))));
    });
    request.on("error", reject);
    request.end(form(n));
  });
  let next = 0;
  const worker = async () => { while (next < count) await post(next++); };
  await Promise.all(Array.from({ length: 8 }, worker));
  agent.destroy();
}

test("5,000 events arrive once at each of three endpoints, in order", async () => {
  const stripe = await open("node-many");
  const hooks = [await receiver(), await receiver(), await receiver()];
  for (const hook of hooks) await stripe.webhookEndpoints.create({ url: hook.url, enabled_events: ["*"] });
  await postMany("node-many", "/v1/customers", 5000, (n) => `name=${n}`);
  await control("POST", "/wait?timeout=120", "node-many");
  const expected = (await listed(stripe)).map((event) => event.id);
  assert.equal(expected.length, 5000);
  for (const hook of hooks) {
    assert.deepEqual(hook.hits.map((hit) => JSON.parse(hit.body).id), expected);
  }
});

test("a dead endpoint holds no more than the limit, and gets that when it is back", async () => {
  const stripe = await open("node-dead");
  const dead = await receiver();
  await new Promise((resolve) => dead.server.close(resolve));
  await stripe.webhookEndpoints.create({ url: dead.url, enabled_events: ["customer.updated"] });
  const customer = await stripe.customers.create({});
  // An hour of five events a second.
  const total = 18000;
  await postMany("node-dead", `/v1/customers/${customer.id}`, total, (n) => `metadata[n]=${n}`);
  const { endpoints: [counts] } = await control("GET", "", "node-dead");
  assert.ok(counts.waiting >= 10000 && counts.waiting <= 10001, JSON.stringify(counts));
  assert.equal(counts.waiting + counts.dropped, total);
  const alive = await receiver(dead.port);
  await control("POST", "/wait?timeout=120", "node-dead");
  assert.equal(alive.hits.length, counts.waiting);
  const expected = (await listed(stripe)).map((event) => event.id).slice(-10000);
  assert.deepEqual(alive.hits.map((hit) => JSON.parse(hit.body).id).slice(-10000), expected);
});
