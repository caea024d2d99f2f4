// Stripe's own servers and toolkits for agents under `pinstripe exec`, unmodified.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { here, lines } from "./support.js";

const required = createRequire(here("agents/package.json"));
const protocol = (file) => import(pathToFileURL(required.resolve(`@modelcontextprotocol/sdk/${file}`)));
const { Client } = await protocol("client/index.js");
const { StdioClientTransport } = await protocol("client/stdio.js");

/** Speaks with a server that its client has started as the command of `exec`. */
async function spoken(server, flags, work) {
  const program = join(dirname(required.resolve(`${server}/package.json`)), "dist/index.js");
  const args = ["exec", "--", "node", program, "--api-key=sk_test_agents", ...flags];
  const client = new Client({ name: "tests", version: "1" });
  await client.connect(new StdioClientTransport({ command: process.env.PINSTRIPE_BINARY, args, stderr: "ignore" }));
  try {
    const { tools } = await client.listTools();
    await work(tools.map(({ name }) => name), async (name, args) => {
      const { content, isError } = await client.callTool({ name, arguments: args });
      return isError ? content[0].text : JSON.parse(content[0].text);
    });
  } finally {
    await client.close();
  }
}

describe("agents under exec", { concurrency: 2 }, () => {
  test("@stripe/mcp 0.3 passes everything on to mcp.stripe.com", async () => {
    await spoken("mcp-newest", [], async (tools, call) => {
      assert.ok(["stripe_api_search", "stripe_api_read", "stripe_api_write"].every((name) => tools.includes(name)), tools.join());
      const made = await call("stripe_api_write", { stripe_api_operation_id: "PostCustomers", parameters: { name: "Ada" } });
      const read = (id) => call("stripe_api_read", { stripe_api_operation_id: "GetCustomersCustomer", parameters: { id } });
      assert.equal((await read(made.id)).name, "Ada");
      assert.match(await read("cus_gone"), /^Stripe API error: No such customer: 'cus_gone'/);
    });
  });

  test("@stripe/mcp 0.2 calls the API itself", async () => {
    await spoken("mcp-old", ["--tools=all"], async (tools, call) => {
      assert.ok(["create_customer", "create_product", "create_price", "create_refund"].every((name) => tools.includes(name)), tools.join());
      const made = await call("create_customer", { name: "Ada", email: "ada@example.com" });
      assert.deepEqual((await call("list_customers", { email: "ada@example.com" })).map(({ id }) => id), [made.id]);
      const product = await call("create_product", { name: "Book" });
      const price = await call("create_price", { product: product.id, unit_amount: 1500, currency: "usd" });
      assert.equal(price.unit_amount, 1500);
    });
  });

  test("@stripe/agent-toolkit 0.9 has its tools from mcp.stripe.com", async () => {
    assert.deepEqual(await lines(["node", here("agents/toolkit.mjs"), "newest"]), ["true", "Ada"]);
  });

  test("@stripe/agent-toolkit 0.4 calls the API itself", async () => {
    assert.deepEqual(await lines(["node", here("agents/toolkit.mjs"), "old"]), ["true", "true"]);
  });
});
