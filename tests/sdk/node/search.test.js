import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { cardMethod, client, has, keyOf, lacks, open, refused, wire } from "./support.js";

const SANDBOX = "node-search";
const UNREADABLE = /^We were unable to parse your search query\. /;
let stripe;
let ids; // 25 customers, newest first
before(async () => {
  stripe = await open(SANDBOX);
  ids = [];
  for (let i = 0; i < 25; i++) {
    const made = await stripe.customers.create({
      email: `user${i}@example.com`, name: i % 2 ? "Odd" : "Even", metadata: { number: String(i) },
    });
    ids.unshift(made.id);
  }
});

const found = async (query, more = {}) => (await stripe.customers.search({ query, ...more })).data.map((c) => c.id);

describe("search", () => {
  test("the envelope", async () => {
    const result = await stripe.customers.search({ query: "name:'Odd'", limit: 2 });
    has(result, { object: "search_result", has_more: true, url: "/v1/customers/search" });
    assert.equal(typeof result.next_page, "string");
    lacks(result, "total_count");
    const { body } = await wire("GET", `/v1/customers/search?${new URLSearchParams({ query: "name:'Odd'" })}`, { key: keyOf(SANDBOX) });
    assert.deepEqual(Object.keys(body), ["object", "data", "has_more", "next_page", "url"]);
  });

  test("what was just made is found at once", async () => {
    const made = await stripe.customers.create({ email: "fresh@example.com" });
    assert.deepEqual(await found("email:'fresh@example.com'"), [made.id]);
    await stripe.customers.del(made.id);
    assert.deepEqual(await found("email:'fresh@example.com'"), []);
  });

  test("metadata, substrings, numbers, negation, null", async () => {
    assert.deepEqual(await found('metadata["number"]:"24"'), [ids[0]]);
    assert.deepEqual(await found("email~'user1' AND -name:'Odd'", { limit: 100 }), [18, 16, 14, 12, 10].map((i) => ids[24 - i]));
    assert.deepEqual(await found("metadata['number']:'3' OR metadata['number']:'4'"), [ids[20], ids[21]]);
    assert.deepEqual(await found("created<1000"), []);
    assert.deepEqual(await found("phone:null AND name:'Even'", { limit: 1 }), [ids[0]]);
  });

  test("autoPagingEach walks every page in order", async () => {
    const seen = [];
    await stripe.customers.search({ query: "email~'@example'", limit: 4 }).autoPagingEach((c) => { seen.push(c.id); });
    assert.deepEqual(seen, ids);
  });

  test("for await and autoPagingToArray do, too", async () => {
    const seen = [];
    for await (const c of stripe.customers.search({ query: "name:'Odd'", limit: 3 })) seen.push(c.id);
    assert.deepEqual(seen, ids.filter((_, i) => (24 - i) % 2));
    const some = await stripe.customers.search({ query: "email~'@example'", limit: 10 }).autoPagingToArray({ limit: 15 });
    assert.deepEqual(some.map((c) => c.id), ids.slice(0, 15));
  });

  test("a page stays what it is while objects are added", async () => {
    const other = await open(`${SANDBOX}-stable`);
    const made = [];
    for (let i = 0; i < 4; i++) made.unshift((await other.customers.create({ name: "Ann" })).id);
    const first = await other.customers.search({ query: "name:'Ann'", limit: 2 });
    await other.customers.create({ name: "Ann" });
    const second = await other.customers.search({ query: "name:'Ann'", limit: 2, page: first.next_page });
    assert.deepEqual([...first.data, ...second.data].map((c) => c.id), made);
    has(second, { has_more: false, next_page: null });
  });

  test("the total", async () => {
    const result = await stripe.customers.search({ query: "name:'Even'", limit: 1, expand: ["total_count"] });
    has(result, { total_count: 13 });
  });

  test("charges and payment intents", async () => {
    const paid = await stripe.paymentIntents.create({
      amount: 1234, currency: "eur", payment_method: (await cardMethod(stripe)).id, payment_method_types: ["card"],
      confirm: true, metadata: { order: "6735" },
    });
    const intents = await stripe.paymentIntents.search({ query: "status:'succeeded' AND metadata['order']:'6735'" });
    assert.deepEqual(intents.data.map((i) => i.id), [paid.id]);
    const charges = await stripe.charges.search({
      query: "payment_method_details.card.last4:4242 AND amount>=1234 AND currency:'eur'", expand: ["data.payment_intent"],
    });
    assert.deepEqual(charges.data.map((c) => [c.id, c.payment_intent.id]), [[paid.latest_charge, paid.id]]);
  });

  test("errors", async () => {
    await refused(stripe.customers.search({ query: "asdf" }), { status: 400, message: UNREADABLE });
    await refused(stripe.customers.search({ query: "name:'A' OR name:'B' AND name:'C'" }), { status: 400, message: UNREADABLE });
    await refused(stripe.customers.search({ query: "foo:'bar'" }), {
      status: 400,
      message: "Field `foo` is an unsupported search field for resource `customers`. " +
        "See http://stripe.com/docs/search#query-fields-for-customers for a list of supported fields.",
    });
    await refused(stripe.customers.search({}), { status: 400, code: "parameter_missing", param: "query", message: "Missing required param: query." });
    await refused(stripe.customers.search({ query: "name:'Odd'", page: "bogus" }), { status: 400, param: "bogus", message: "bogus is an invalid page." });
    await refused(stripe.customers.search({ query: "name:'Odd'", limit: 101 }), {
      status: 400, code: "parameter_invalid_integer", param: "limit",
      message: "This value must be less than or equal to 100 (it currently is '101').",
    });
    const old = client(SANDBOX, { apiVersion: "2020-03-02" });
    await refused(old.customers.search({ query: "name:'Odd'" }), { status: 400, message: /^Search is not supported on api version 2020-03-02\. / });
  });
});
