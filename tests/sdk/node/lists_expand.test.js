import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ANY, RETURN, has, keyOf, lacks, open, refused, wire } from "./support.js";

const SANDBOX = "node-lists";
let stripe;
let ids; // twelve customers, newest first
before(async () => {
  stripe = await open(SANDBOX);
  ids = [];
  for (let i = 0; i < 12; i++) ids.unshift((await stripe.customers.create({ description: `customer ${i}` })).id);
});

const page = async (params) => {
  const list = await stripe.customers.list(params);
  return { ids: list.data.map((c) => c.id), more: list.has_more };
};

describe("lists", () => {
  test("the envelope", async () => {
    const { body, status } = await wire("GET", "/v1/customers?limit=2", { key: keyOf(SANDBOX) });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body), ["object", "data", "has_more", "url"]);
    has(body, { object: "list", has_more: true, url: "/v1/customers" });
  });

  test("ten by default, newest first", async () => {
    assert.deepEqual(await page(), { ids: ids.slice(0, 10), more: true });
  });

  test("a limit is held within 1 to 100", async () => {
    assert.deepEqual(await page({ limit: 3 }), { ids: ids.slice(0, 3), more: true });
    assert.deepEqual(await page({ limit: 12 }), { ids, more: false });
    assert.deepEqual(await page({ limit: 1000 }), { ids, more: false });
    for (const limit of [0, -3]) assert.deepEqual(await page({ limit }), { ids: ids.slice(0, 1), more: true });
    for (const limit of ["abc", "1.5"]) {
      await refused(stripe.customers.list({ limit }), { status: 400, code: "parameter_invalid_integer", param: "limit", message: `Invalid integer: ${limit}` });
    }
  });

  test("forward", async () => {
    assert.deepEqual(await page({ limit: 5, starting_after: ids[2] }), { ids: ids.slice(3, 8), more: true });
    assert.deepEqual(await page({ limit: 5, starting_after: ids[6] }), { ids: ids.slice(7, 12), more: false });
    assert.deepEqual(await page({ limit: 5, starting_after: ids[11] }), { ids: [], more: false });
  });

  test("backward: the page next to the cursor, newest first, and whether there are newer ones", async () => {
    assert.deepEqual(await page({ limit: 3, ending_before: ids[6] }), { ids: ids.slice(3, 6), more: true });
    assert.deepEqual(await page({ limit: 3, ending_before: ids[3] }), { ids: ids.slice(0, 3), more: false });
    assert.deepEqual(await page({ limit: 3, ending_before: ids[0] }), { ids: [], more: false });
  });

  test("an unknown cursor, and two cursors", async () => {
    for (const cursor of ["starting_after", "ending_before"]) {
      await refused(stripe.customers.list({ [cursor]: "cus_none" }),
        { status: 400, code: "resource_missing", param: cursor, message: "No such customer: 'cus_none'" });
    }
    await refused(stripe.customers.list({ starting_after: ids[0], ending_before: ids[5] }),
      { status: 400, message: "Received both starting_after and ending_before parameters. Please pass in only one." });
    await refused(stripe.customers.list({ starting_after: "cus_none", ending_before: ids[5] }), { status: 400, code: "resource_missing", param: "starting_after" });
  });

  test("auto-paging walks everything once, both ways", async () => {
    const walked = [];
    for await (const customer of stripe.customers.list({ limit: 5 })) walked.push(customer.id);
    assert.deepEqual(walked, ids);
    const back = [];
    for await (const customer of stripe.customers.list({ limit: 5, ending_before: ids[11] })) back.push(customer.id);
    assert.deepEqual(back, ids.slice(0, 11).reverse());
  });

  test("created filters combine", async () => {
    const now = Math.floor(Date.now() / 1000);
    const count = async (created) => (await stripe.customers.list({ created, limit: 100 })).data.length;
    assert.equal(await count({ gte: now - 600, lt: now + 600 }), 12);
    assert.equal(await count({ gt: now + 600 }), 0);
    assert.equal(await count({ lt: now - 600 }), 0);
    assert.equal(await count(now + 600), 0);
    const { created } = await stripe.customers.retrieve(ids[0]);
    assert.ok((await page({ created, limit: 100 })).ids.includes(ids[0]));
    assert.ok((await page({ created: { lte: created }, limit: 100 })).ids.includes(ids[0]));
    assert.ok(!(await page({ created: { lt: created }, limit: 100 })).ids.includes(ids[0]));
  });

  test("a deleted object is a position still", async () => {
    const local = await open("node-lists-deleted");
    const own = [];
    for (let i = 0; i < 3; i++) own.unshift((await local.customers.create()).id);
    await local.customers.del(own[1]);
    assert.deepEqual((await local.customers.list()).data.map((c) => c.id), [own[0], own[2]]);
    assert.deepEqual((await local.customers.list({ starting_after: own[1] })).data.map((c) => c.id), [own[2]]);
    assert.deepEqual((await local.customers.list({ ending_before: own[1] })).data.map((c) => c.id), [own[0]]);
  });

  test("an empty list", async () => {
    const empty = await open("node-lists-empty");
    for (const kind of ["customers", "charges", "refunds", "paymentIntents", "balanceTransactions"]) {
      const list = await empty[kind].list();
      assert.deepEqual([list.object, list.data, list.has_more], ["list", [], false], kind);
    }
  });

  test("filters that no list knows", async () => {
    await refused(stripe.customers.list({ color: "red" }),
      { status: 400, code: "parameter_unknown", param: "color", message: "Received unknown parameter: color" });
  });
});

describe("expand", () => {
  let stripe, customer, intent;
  before(async () => {
    stripe = await open("node-expand");
    customer = await stripe.customers.create({ source: "tok_visa" });
    const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
    intent = await stripe.paymentIntents.create({ amount: 2000, currency: "usd", customer: customer.id, payment_method: method.id, confirm: true, ...RETURN });
  });

  test("on retrieve, create, update and lists", async () => {
    assert.equal((await stripe.customers.retrieve(customer.id, { expand: ["default_source"] })).default_source.object, "card");
    assert.equal((await stripe.customers.update(customer.id, { name: "x", expand: ["default_source"] })).default_source.object, "card");
    const charge = await stripe.charges.create({ amount: 500, currency: "usd", customer: customer.id, expand: ["customer", "balance_transaction"] });
    assert.equal(charge.customer.id, customer.id);
    assert.equal(charge.balance_transaction.object, "balance_transaction");
    const list = await stripe.charges.list({ expand: ["data.customer", "data.refunds"] });
    for (const item of list.data) {
      assert.equal(item.customer.object, "customer");
      assert.equal(item.refunds.object, "list");
    }
    assert.equal((await stripe.paymentIntents.retrieve(intent.id, { expand: ["payment_method"] })).payment_method.object, "payment_method");
  });

  test("four levels deep", async () => {
    const expanded = await stripe.paymentIntents.retrieve(intent.id, { expand: ["latest_charge.balance_transaction.source.customer"] });
    assert.equal(expanded.latest_charge.balance_transaction.source.customer.id, customer.id);
    const list = await stripe.paymentIntents.list({ expand: ["data.latest_charge.balance_transaction.source.customer"] });
    assert.equal(list.data[0].latest_charge.balance_transaction.source.customer.id, customer.id);
  });

  test("and no deeper", async () => {
    const path = "latest_charge.balance_transaction.source.customer.default_source";
    await refused(stripe.paymentIntents.retrieve(intent.id, { expand: [path] }),
      { status: 400, code: "property_expansion_max_depth", param: ANY, message: `You cannot expand more than 4 levels of a property. Property: ${path}` });
  });

  test("what can't be expanded", async () => {
    for (const path of ["bogus", "invoice_settings.bogus", "email"]) {
      await refused(stripe.customers.retrieve(customer.id, { expand: [path] }),
        { status: 400, message: `This property cannot be expanded (${path}).` });
    }
    await refused(stripe.customers.retrieve(customer.id, { expand: ["default_source", "bogus"] }),
      { status: 400, message: "This property cannot be expanded (bogus)." });
    for (const segment of ["default_source", "bogus"]) {
      await refused(stripe.customers.list({ expand: [segment] }),
        { status: 400, message: `This property cannot be expanded (${segment}). You may want to try expanding 'data.${segment}' instead.` });
    }
    await refused(stripe.customers.list({ expand: ["total_count"] }), { status: 400, code: ANY, param: ANY });
    assert.equal((await stripe.customers.list({ expand: ["data"] })).object, "list");
  });

  test("a bad path outranks a missing object, and nothing is made", async () => {
    await refused(stripe.customers.retrieve("cus_none", { expand: ["bogus"] }), { status: 400, message: "This property cannot be expanded (bogus)." });
    await refused(stripe.customers.create({ email: "expand@example.com", expand: ["bogus"] }), { status: 400, message: "This property cannot be expanded (bogus)." });
    assert.equal((await stripe.customers.list({ email: "expand@example.com" })).data.length, 0);
  });

  test("null and what is there already stay as they are", async () => {
    const empty = await stripe.customers.create({ expand: ["default_source", "invoice_settings.default_payment_method"] });
    assert.equal(empty.default_source, null);
    assert.equal(empty.invoice_settings.default_payment_method, null);
    const again = await stripe.customers.retrieve(customer.id, { expand: ["invoice_settings"] });
    lacks(again, "sources");
  });
});
