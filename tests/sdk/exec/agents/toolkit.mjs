// An agent's program with Stripe's toolkit of the given name: it makes a customer and lists those that there are.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";

const secretKey = process.env.STRIPE_API_KEY;

/** With tools as OpenAI's client has them, which the toolkit asks Stripe's own server for. */
async function newest() {
  const { createStripeAgentToolkit } = await import("toolkit-newest/openai");
  const toolkit = await createStripeAgentToolkit({ secretKey, configuration: {} });
  const call = async (name, args) => {
    const { content } = await toolkit.handleToolCall({ id: "call_1", function: { name, arguments: JSON.stringify(args) } });
    return JSON.parse(content);
  };
  console.log(toolkit.getTools().some((tool) => tool.function.name === "stripe_api_write"));
  const parameters = { name: "Ada", email: "ada@example.com" };
  await call("stripe_api_write", { stripe_api_operation_id: "PostCustomers", parameters });
  const { data } = await call("stripe_api_read", { stripe_api_operation_id: "GetCustomers", parameters: { email: "ada@example.com" } });
  console.log(data.map(({ name }) => name).join());
  await toolkit.close();
}

/** As a server of the protocol within the process, which calls the API itself. */
async function old() {
  const { StripeAgentToolkit } = await import("toolkit-old/modelcontextprotocol");
  const actions = { customers: { create: true, read: true } };
  const [here, there] = InMemoryTransport.createLinkedPair();
  await new StripeAgentToolkit({ secretKey, configuration: { actions } }).connect(there);
  const client = new Client({ name: "tests", version: "1" });
  await client.connect(here);
  const call = async (name, args) => JSON.parse((await client.callTool({ name, arguments: args })).content[0].text);
  console.log((await client.listTools()).tools.some((tool) => tool.name === "create_customer"));
  await call("create_customer", { name: "Ada", email: "ada@example.com" });
  const listed = await call("list_customers", { email: "ada@example.com" });
  console.log(listed.map(({ id }) => id.startsWith("cus_")).join());
  await client.close();
}

await { newest, old }[process.argv[2]]();
