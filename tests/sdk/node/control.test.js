import assert from "node:assert/strict";
import { test } from "node:test";
import { client, has, load, open, refused, wire } from "./support.js";

test("the server is ready without a key", async () => {
  assert.equal((await wire("GET", "/healthz")).status, 200);
});

test("sandboxes do not see each other", async () => {
  const left = await open("node-left");
  const right = await open("node-right");
  const customer = await left.customers.create();
  await refused(right.customers.retrieve(customer.id), { status: 404, code: "resource_missing", param: "id" });
  assert.equal((await right.customers.list()).data.length, 0);
});

test("every kind of key of a sandbox sees it", async () => {
  const stripe = await open("node-keys");
  const { id } = await stripe.customers.create();
  assert.equal((await client("node-keys", {}, "rk_test_sandbox_node-keys").customers.retrieve(id)).id, id);
});

test("keys without a sandbox in their name share the default one", async () => {
  const one = client("", {}, "sk_test_BQokikJOvBiI2HlWgH4olfQ2");
  const other = client("", {}, "sk_test_4eC39HqLyjWDarjtT1zdp7dc");
  const { id } = await one.customers.create();
  assert.equal((await other.customers.retrieve(id)).id, id);
  await one.customers.del(id);
});

test("reset returns to what was loaded", async () => {
  const stripe = await open("node-reset");
  const { id } = await stripe.customers.create();
  await open("node-reset");
  await refused(stripe.customers.retrieve(id), { status: 404, code: "resource_missing", param: "id" });
});

test("a dump of objects keeps their ids, through a reset", async () => {
  const stripe = await open("node-dump");
  await load("node-dump", [
    { id: "cus_Fixture1", object: "customer", email: "fixture@example.com", name: "Jenny Rosen" },
    { id: "cus_Fixture2", object: "customer", email: "second@example.com" },
  ]);
  has(await stripe.customers.retrieve("cus_Fixture1"), { email: "fixture@example.com", name: "Jenny Rosen", metadata: {} });
  await stripe.customers.update("cus_Fixture1", { name: "Changed" });
  await stripe.customers.create();
  await open("node-dump");
  assert.equal((await stripe.customers.retrieve("cus_Fixture1")).name, "Jenny Rosen");
  assert.equal((await stripe.customers.list()).data.length, 2);
});

test("the Stripe CLI's fixtures are run, with their references", async () => {
  const stripe = await open("node-cli-fixtures");
  await load("node-cli-fixtures", {
    _meta: { template_version: 0 },
    fixtures: [
      { name: "customer", path: "/v1/customers", method: "post", params: { email: "cli@example.com", source: "tok_visa" } },
      { name: "charge", path: "/v1/charges", method: "post", params: { amount: 2000, currency: "usd", customer: "${customer:id}", description: "for ${customer:email}" } },
    ],
  });
  const { data: [customer] } = await stripe.customers.list({ email: "cli@example.com" });
  const { data: [charge] } = await stripe.charges.list({ customer: customer.id });
  has(charge, { amount: 2000, status: "succeeded", description: "for cli@example.com" });
});

test("broken fixtures are refused and change nothing", async () => {
  const stripe = await open("node-broken");
  const headers = { "Content-Type": "application/json" };
  for (const body of ["{", '"text"', '[{"object":"customer"}]', '[{"id":"x_1","object":"unicorn"}]',
    '[{"id":"cus_Good","object":"customer"},{"id":"cus_Bad","object":"customer","balance":"much"}]',
    '{"_meta":{"template_version":0},"fixtures":[{"name":"c","path":"/v1/customers","method":"post","params":{"nope":1}}]}']) {
    const answer = await wire("POST", "/_pinstripe/fixtures?sandbox=node-broken", { body, headers });
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} for ${body}: ${answer.text}`);
  }
  assert.equal((await stripe.customers.list()).data.length, 0);
});

test("a page of a foreign origin can't use the control API", async () => {
  const answer = await wire("POST", "/_pinstripe/reset?sandbox=node-foreign", { headers: { Origin: "https://evil.example" } });
  assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
});
