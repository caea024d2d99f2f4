// Every flow of tests/flows, delivered: each event is accepted by the SDK's constructEvent, once and in order, and it is
// the event that the API lists.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { baseUrl, keyOf, open, wire } from "./support.js";

const folder = new URL("../../flows/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
const flows = files.flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));

/** A text with its `{name.key}` filled in. */
const filled = (text, names) => text.replace(/\{([\w.]+)\}/g, (_, path) => path.split(".").reduce((value, key) => value[key], names));

async function run(steps, names, key) {
  for (const { do: what, form = "", as, status = 200, version } of steps) {
    const [method, path] = filled(what, names).split(" ");
    const pairs = filled(form, names).split("&").filter(Boolean).map((pair) => pair.split(/=(.*)/s).slice(0, 2));
    const answer = await wire(method, path, {
      key,
      headers: version ? { "Stripe-Version": version } : {},
      form: method === "POST" ? pairs : undefined,
    });
    assert.equal(answer.status, status, `${what}: ${answer.text}`);
    if (as) names[as] = answer.body;
  }
}

describe("every flow is delivered", () => {
  const hits = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      hits.push({ body: Buffer.concat(chunks), signature: request.headers["stripe-signature"] });
      response.end();
    });
  });
  before(() => new Promise((resolve) => server.listen(0, "127.0.0.1", resolve)));
  after(() => (server.closeAllConnections(), server.close()));

  test("the flows are there", () => assert.ok(flows.length > 100, `${flows.length}`));

  for (const [number, flow] of flows.entries()) {
    test(flow.rule, async () => {
      const sandbox = `node-flow-${number}`;
      const stripe = await open(sandbox);
      const url = `http://127.0.0.1:${server.address().port}/hook`;
      const { secret } = await stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
      const names = { sandbox };
      const list = async () => (await stripe.events.list({ limit: 100 })).data.reverse();
      hits.length = 0;
      await run(flow.given, names, keyOf(sandbox));
      const { length } = await list();
      await run(flow.act, names, keyOf(sandbox));
      const wait = await fetch(`${baseUrl}/_pinstripe/webhooks/wait?timeout=30&sandbox=${sandbox}`, { method: "POST" });
      assert.equal(wait.status, 200, await wait.text());
      const listed = await list();
      assert.deepEqual(listed.slice(length).map((event) => event.type), flow.events);
      const events = hits.map(({ body, signature }) => stripe.webhooks.constructEvent(body, signature, secret));
      assert.deepEqual(events.map((event) => ({ ...event, pending_webhooks: 0 })), listed.map((event) => ({ ...event })));
    });
  }
});
