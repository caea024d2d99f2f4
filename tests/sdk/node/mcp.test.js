// The tools of agents, with the official client of the protocol: over HTTP, and on standard input and output.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { baseUrl, keyOf, open } from "./support.js";

async function told(transport, work) {
  const client = new Client({ name: "pinstripe-tests", version: "1" }, { capabilities: {} });
  await client.connect(transport);
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

const call = async (client, name, args) => {
  const { content, isError } = await client.callTool({ name, arguments: args });
  return isError ? content[0].text : JSON.parse(content[0].text);
};

async function works(client) {
  const { tools } = await client.listTools();
  assert.ok(tools.some((tool) => tool.name === "stripe_api_read"));
  const made = await call(client, "stripe_api_write", {
    stripe_api_operation_id: "PostCustomers",
    parameters: { name: "Ada", metadata: { tier: "gold" } },
  });
  assert.equal(made.metadata.tier, "gold");
  const gone = { stripe_api_operation_id: "GetCustomersCustomer", parameters: { id: "cus_gone" } };
  assert.match(await call(client, "stripe_api_read", gone), /^Stripe API error: No such customer: 'cus_gone'/);
  return made;
}

test("the official client works over HTTP", async () => {
  const stripe = await open("node-mcp");
  const headers = { Authorization: `Bearer ${keyOf("node-mcp")}` };
  await told(new StreamableHTTPClientTransport(new URL(`${baseUrl}/mcp`), { requestInit: { headers } }), async (client) => {
    const made = await works(client);
    assert.equal((await stripe.customers.retrieve(made.id)).name, "Ada");
  });
});

test("the official client works on standard input and output", { skip: !process.env.PINSTRIPE_BINARY }, async () => {
  const args = ["mcp", "--url", baseUrl, "--api-key", keyOf("node-mcp-stdio")];
  await told(new StdioClientTransport({ command: process.env.PINSTRIPE_BINARY, args }), works);
});
