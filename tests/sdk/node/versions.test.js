// One object, seen by clients of different years.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { NEWEST, RETURN, has, lacks, open } from "./support.js";

let stripe;
before(async () => {
  stripe = await open("node-versions");
});

const at = (apiVersion) => ({ apiVersion });

describe("2020-08-27: customers without their sources", () => {
  test("older clients get them", async () => {
    const { id, default_source } = await stripe.customers.create({ source: "tok_visa" });
    for (const version of ["2015-10-16", "2019-12-03", "2020-03-02"]) {
      const old = await stripe.customers.retrieve(id, {}, at(version));
      assert.equal(old.sources.data[0].id, default_source, version);
      has(old.sources, { object: "list", has_more: false, total_count: 1, url: `/v1/customers/${id}/sources` });
      assert.equal(old.subscriptions.object, "list");
      assert.equal(old.tax_ids.object, "list");
    }
    for (const version of ["2020-08-27", "2022-11-15", NEWEST]) {
      lacks(await stripe.customers.retrieve(id, {}, at(version)), "sources", "subscriptions", "tax_ids");
    }
    const expanded = await stripe.customers.retrieve(id, { expand: ["sources"] }, at("2022-11-15"));
    assert.equal(expanded.sources.total_count, 1);
  });
});

describe("2022-11-15: latest_charge, refunds when asked for", () => {
  test("older clients get charges and refunds", async () => {
    const intent = await stripe.paymentIntents.create({ amount: 2000, currency: "usd", payment_method: "pm_card_visa", confirm: true }, at("2022-08-01"));
    has(intent, { status: "succeeded" });
    has(intent.charges, { object: "list", has_more: false, total_count: 1, url: `/v1/charges?payment_intent=${intent.id}` });
    assert.equal(intent.charges.data[0].refunds.object, "list");
    const newer = await stripe.paymentIntents.retrieve(intent.id, {}, at("2022-11-15"));
    lacks(newer, "charges");
    assert.equal(newer.latest_charge, intent.charges.data[0].id);
    const charge = await stripe.charges.create({ amount: 500, currency: "usd", source: "tok_visa" }, at("2020-08-27"));
    has(charge.refunds, { object: "list", data: [], has_more: false, total_count: 0, url: `/v1/charges/${charge.id}/refunds` });
    lacks(await stripe.charges.retrieve(charge.id), "refunds");
    await stripe.refunds.create({ charge: charge.id, amount: 100 });
    assert.equal((await stripe.charges.retrieve(charge.id, {}, at("2022-08-01"))).refunds.data[0].amount, 100);
  });
});

describe("2023-08-16: automatic payment methods", () => {
  test("the defaults of an intent", async () => {
    const create = (version) => stripe.paymentIntents.create({ amount: 2000, currency: "usd" }, at(version));
    has(await create("2022-11-15"), { automatic_payment_methods: null, payment_method_types: ["card"] });
    for (const version of ["2023-08-16", NEWEST]) {
      const intent = await create(version);
      assert.deepEqual(intent.automatic_payment_methods, { allow_redirects: "always", enabled: true }, version);
      assert.ok(intent.payment_method_types.includes("card"));
    }
  });
});

describe("2024-04-10: automatic_async", () => {
  test("the default capture method", async () => {
    const create = async (version) => (await stripe.paymentIntents.create({ amount: 2000, currency: "usd" }, at(version))).capture_method;
    assert.equal(await create("2023-10-16"), "automatic");
    assert.equal(await create("2024-04-10"), "automatic_async");
    assert.equal(await create("2024-06-20"), "automatic_async");
  });
});

describe("2025-03-31: payments without their invoice", () => {
  test("older clients see the field", async () => {
    const intent = await stripe.paymentIntents.create({ amount: 2000, currency: "usd", payment_method: "pm_card_visa", confirm: true, ...RETURN });
    for (const version of ["2024-06-20", "2025-02-24.acacia"]) {
      has(await stripe.paymentIntents.retrieve(intent.id, {}, at(version)), { invoice: null });
      has(await stripe.charges.retrieve(intent.latest_charge, {}, at(version)), { invoice: null });
    }
    lacks(await stripe.paymentIntents.retrieve(intent.id, {}, at("2025-03-31.basil")), "invoice");
    lacks(await stripe.charges.retrieve(intent.latest_charge, {}, at("2025-03-31.basil")), "invoice");
  });
});

describe("2026-09-30: payment_method_types is no parameter any more", () => {
  test("a client pinned to an earlier version still sends it", async () => {
    for (const version of ["2020-08-27", "2024-06-20", "2026-08-26.dahlia"]) {
      const intent = await stripe.paymentIntents.create({ amount: 2000, currency: "usd", payment_method_types: ["card"] }, at(version));
      has(intent, { payment_method_types: ["card"], automatic_payment_methods: null });
    }
  });

  test("the response keeps it", async () => {
    assert.ok(Array.isArray((await stripe.paymentIntents.create({ amount: 2000, currency: "usd" })).payment_method_types));
  });
});
