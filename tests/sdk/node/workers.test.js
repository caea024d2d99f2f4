// Sixty-four workers at once on one server, each with a key and so a sandbox of its own, each running the whole set of
// core flows: nobody sees what another does, and nothing fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseUrl, client, refused, wire, USED_CODE } from "./support.js";

const WORKERS = 64;

/** One worker: a client, and everything that it was answered. */
class Worker {
  constructor(number) {
    this.number = number;
    this.name = `crowd-${number}`;
    this.email = `${this.name}@example.com`;
    this.metadata = { worker: this.name };
    this.statuses = new Map();
    this.stripe = client(this.name);
    this.stripe.on("response", ({ status }) => this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1));
  }

  async control(method, call, options) {
    const answer = await wire(method, `/_pinstripe/${call}${call.includes("?") ? "&" : "?"}sandbox=${this.name}`, options);
    assert.equal(answer.status, 200, `${method} ${call}: ${answer.text}`);
    return answer.body;
  }

  customer(more = {}) {
    return this.stripe.customers.create({ email: this.email, metadata: this.metadata, ...more });
  }
}

const CARD_ONLY = { payment_method_types: ["card"] };

const flows = {
  async customers(worker) {
    const { stripe } = worker;
    const email = `jenny-${worker.number}@example.com`;
    const one = await worker.customer({ email, name: "Jenny Rosen" });
    const other = await worker.customer({ email });
    assert.equal((await stripe.customers.update(one.id, { name: "Jenny" })).name, "Jenny");
    const found = await stripe.customers.search({ query: `email:"${email}"` });
    assert.deepEqual(found.data.map(({ id }) => id).sort(), [one.id, other.id].sort());
    assert.equal((await stripe.customers.del(other.id)).deleted, true);
    assert.deepEqual((await stripe.customers.list({ email })).data.map(({ id }) => id), [one.id]);
  },

  async cards(worker) {
    const { stripe } = worker;
    const { id, default_source: first } = await worker.customer({ source: "tok_visa" });
    const second = await stripe.customers.createSource(id, { source: "tok_mastercard" });
    await stripe.customers.deleteSource(id, first);
    assert.equal((await stripe.customers.retrieve(id)).default_source, second.id);
  },

  async sources(worker) {
    const { stripe } = worker;
    const source = await stripe.sources.create({ type: "card", token: "tok_visa", usage: "single_use", amount: 700, currency: "usd" });
    const charge = { amount: 700, currency: "usd", source: source.id, metadata: worker.metadata };
    assert.equal((await stripe.charges.create(charge)).paid, true);
    assert.equal((await stripe.sources.retrieve(source.id)).status, "consumed");
    await assert.rejects(stripe.charges.create(charge), { statusCode: 400 });
  },

  async methods(worker) {
    const { stripe } = worker;
    const { id: customer } = await worker.customer();
    const { id } = await stripe.paymentMethods.create({ type: "card", card: { token: "tok_visa" } });
    await stripe.paymentMethods.attach(id, { customer });
    assert.deepEqual((await stripe.customers.listPaymentMethods(customer)).data.map((method) => method.id), [id]);
    await stripe.paymentMethods.detach(id);
    const error = await stripe.paymentMethods.attach(id, { customer }).catch((thrown) => thrown);
    assert.equal(error.code, USED_CODE);
  },

  async charges(worker) {
    const { stripe, metadata } = worker;
    const charge = { amount: 2000, currency: "usd", source: "tok_visa", metadata };
    const held = await stripe.charges.create({ ...charge, capture: false });
    assert.equal((await stripe.charges.capture(held.id, { amount: 1500 })).amount_captured, 1500);
    const { id } = await stripe.charges.create(charge);
    await stripe.refunds.create({ charge: id, amount: 500 });
    await assert.rejects(stripe.refunds.create({ charge: id, amount: 1501 }), { statusCode: 400 });
    assert.equal((await stripe.charges.retrieve(id)).amount_refunded, 500);
    const declined = await stripe.charges.create({ ...charge, source: "tok_chargeDeclined" }).catch((thrown) => thrown);
    assert.equal((await stripe.charges.retrieve(declined.raw.charge)).status, "failed");
  },

  async intents(worker) {
    const { stripe, metadata } = worker;
    const intent = { amount: 1099, currency: "eur", metadata, confirm: true, payment_method: "pm_card_visa", ...CARD_ONLY };
    const paid = await stripe.paymentIntents.create(intent);
    assert.equal(paid.status, "succeeded");
    await stripe.refunds.create({ payment_intent: paid.id });
    const held = await stripe.paymentIntents.create({ ...intent, capture_method: "manual" });
    assert.equal((await stripe.paymentIntents.capture(held.id, { amount_to_capture: 99 })).amount_received, 99);
    const open = await stripe.paymentIntents.create({ amount: 500, currency: "jpy", metadata });
    assert.equal((await stripe.paymentIntents.cancel(open.id)).status, "canceled");
    await assert.rejects(stripe.paymentIntents.create({ ...intent, payment_method: "pm_card_chargeDeclined" }), { statusCode: 402 });
  },

  async authentication(worker) {
    const { stripe, metadata } = worker;
    const asked = await stripe.paymentIntents.create({ amount: 3000, currency: "usd", metadata, confirm: true,
      payment_method: "pm_card_threeDSecure2Required", ...CARD_ONLY });
    assert.equal(asked.status, "requires_action");
    await worker.control("POST", `authorize/${asked.id}?client_secret=${asked.client_secret}&result=succeeded`);
    assert.equal((await stripe.paymentIntents.retrieve(asked.id)).status, "succeeded");
  },

  async setups(worker) {
    const { stripe } = worker;
    const { id: customer } = await worker.customer();
    const setup = await stripe.setupIntents.create({ customer, confirm: true, payment_method: "pm_card_visa", ...CARD_ONLY });
    assert.equal(setup.status, "succeeded");
    const later = await stripe.paymentIntents.create({ amount: 800, currency: "usd", customer, metadata: worker.metadata,
      payment_method: setup.payment_method, off_session: true, confirm: true, ...CARD_ONLY });
    assert.equal(later.status, "succeeded");
  },

  async disputes(worker) {
    const { stripe, metadata } = worker;
    const { id } = await stripe.charges.create({ amount: 2500, currency: "usd", source: "tok_createDispute", metadata });
    const { data: [dispute] } = await stripe.disputes.list({ charge: id });
    await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: "winning_evidence" } });
    assert.equal((await stripe.disputes.retrieve(dispute.id)).status, "won");
  },

  // Every worker uses the same keys: a key is known in its sandbox alone.
  async idempotency(worker) {
    const { stripe, email } = worker;
    const create = (more) => stripe.customers.create({ email, metadata: worker.metadata, ...more }, { idempotencyKey: "the-same-for-all" });
    const first = await create();
    assert.deepEqual([first.email, (await create()).id], [email, first.id]);
    await assert.rejects(create({ name: "Other" }), { type: "StripeIdempotencyError" });
  },

  async time(worker) {
    const { stripe } = worker;
    const at = 1_900_000_000 + worker.number * 1000;
    await worker.control("POST", "snapshots/before-time-passes");
    await worker.control("POST", `clock?freeze=${at}`);
    assert.equal((await worker.customer()).created, at);
    await stripe.charges.create({ amount: 100, currency: "usd", source: "tok_visa", metadata: worker.metadata });
    await worker.control("POST", "clock?advance=864000");
    assert.equal((await worker.customer()).created, at + 864_000);
    assert.ok((await stripe.balanceTransactions.list({ limit: 100 })).data.every(({ status }) => status === "available"));
    // Time does not go back by itself: what was due is done.
    await worker.control("POST", "snapshots/before-time-passes/restore");
  },

  async faults(worker) {
    // The SDK leaves an answer that it tries again unread, and its socket open until the timeout.
    const retrying = client(worker.name, { maxNetworkRetries: 2, timeout: 3000 });
    const rule = JSON.stringify({ match: { operation: "customers.create" }, effect: { error: "lock_timeout" }, times: 1 });
    await worker.control("POST", "faults", { body: rule });
    await refused(worker.customer(), { status: 429, type: "StripeRateLimitError", code: "lock_timeout" });
    await worker.control("POST", "faults", { body: rule });
    assert.equal((await retrying.customers.create({ email: worker.email, metadata: worker.metadata })).email, worker.email);
    await worker.control("DELETE", "faults");
  },

  async snapshots(worker) {
    const { stripe } = worker;
    const { id } = await worker.customer({ name: "Before" });
    await worker.control("POST", "snapshots/the-same-for-all");
    await stripe.customers.del(id);
    const { id: gone } = await worker.customer();
    await worker.control("POST", "snapshots/the-same-for-all/restore");
    assert.equal((await stripe.customers.retrieve(id)).name, "Before");
    await refused(stripe.customers.retrieve(gone), { status: 404, code: "resource_missing", param: "id" });
  },

  async catalogue(worker) {
    const { stripe, metadata } = worker;
    const product = await stripe.products.create({ id: "prod_the_same_for_all", name: worker.name, metadata });
    const price = await stripe.prices.create({ product: product.id, unit_amount: 500, currency: "usd", metadata });
    assert.equal((await stripe.prices.retrieve(price.id, { expand: ["product"] })).product.name, worker.name);
  },
};

const PARENTS = ["customers", "charges", "paymentIntents", "products", "prices"];

/** Everything that a worker finds in its sandbox is its own. */
async function sees(worker) {
  const { stripe } = worker;
  const ids = [];
  for (const list of PARENTS) {
    for await (const { id, metadata } of stripe[list].list({ limit: 100 })) {
      assert.equal(metadata.worker, worker.name, `${id} in ${worker.name}`);
      ids.push(id);
    }
  }
  let events = 0;
  for await (const { data: { object } } of stripe.events.list({ limit: 100 })) {
    events += 1;
    if (object.metadata?.worker) assert.equal(object.metadata.worker, worker.name, object.id);
  }
  assert.ok(events > 40, `${events} events`);
  const { endpoint: { secret } } = worker;
  const { collected } = await worker.control("GET", "webhooks/collected");
  for (const { body, headers } of collected) {
    stripe.webhooks.constructEvent(body, headers["stripe-signature"], secret);
    assert.equal(headers["pinstripe-sandbox"], worker.name);
  }
  worker.collected = collected.length;
  const { requests } = await worker.control("GET", "requests");
  assert.ok(requests.every(({ sandbox, status }) => sandbox === worker.name && status < 500));
  return ids;
}

test(`${WORKERS} workers run all core flows at once, and none sees another`, async () => {
  const workers = Array.from({ length: WORKERS }, (_, number) => new Worker(number));
  const seen = await Promise.all(workers.map(async (worker) => {
    await worker.control("POST", "reset");
    await worker.control("POST", "webhooks/mode?mode=collect");
    worker.endpoint = await worker.stripe.webhookEndpoints.create({ url: "https://shop.example/hook", enabled_events: ["*"] });
    // Each begins with another flow, so that different ones meet.
    const names = Object.keys(flows);
    for (let i = 0; i < names.length; i += 1) {
      const name = names[(worker.number + i) % names.length];
      await flows[name](worker).catch((error) => { throw new Error(`${worker.name}, ${name}: ${error.message}`, { cause: error }); });
    }
    return sees(worker);
  }));
  const chosen = new Set(["prod_the_same_for_all"]);
  const ids = seen.flat().filter((id) => !chosen.has(id));
  assert.equal(new Set(ids).size, ids.length, "no id is given twice");
  for (const worker of workers) {
    assert.ok([...worker.statuses.keys()].every((status) => status < 500), `${worker.name}: ${[...worker.statuses]}`);
    assert.ok(worker.statuses.get(200) > 50, `${worker.name}: ${[...worker.statuses]}`);
  }
  // A restored snapshot has forgotten what was collected before, so that one worker alone proves little.
  const collected = workers.reduce((sum, worker) => sum + worker.collected, 0);
  assert.ok(collected > WORKERS * 20, `${collected} events were collected`);
  for (const worker of workers) await fetch(`${baseUrl}/_pinstripe/sandboxes/${worker.name}`, { method: "DELETE" });
});
