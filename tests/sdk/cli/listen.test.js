// stripe listen, stripe logs tail and stripe events resend, over the websocket.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Sandbox, isSigned, named, printed, receiver, until } from "./support.js";

const SKIP = "--skip-update";

/** Payments that announce several events at once. */
async function pay(sandbox, times) {
  for (let i = 0; i < times; i++) {
    await sandbox.call("POST", "/v1/payment_intents", {
      amount: 1000 + i, currency: "usd", confirm: true, payment_method: "pm_card_visa", return_url: "https://example.com",
    });
  }
}

test("listen prints each event as it happens, once and in order", async (t) => {
  const sandbox = await Sandbox.open(t, "listen");
  const listener = await sandbox.start("listen", "--all-snapshot", SKIP);
  assert.match(listener.err + listener.out, /You are using Stripe API Version \[2026-10-28\.endive\]/);
  await pay(sandbox, 10);
  const expected = (await sandbox.events()).map(named);
  assert.ok(expected.length >= 30, `${expected.length} events`);
  await until(() => printed(listener).length >= expected.length, () => `${expected.length} events\n${listener.out}`);
  assert.deepEqual(printed(listener), expected);
});

test("listen forwards each event once, in order and signed, to every one of several listeners", async (t) => {
  const sandbox = await Sandbox.open(t, "forward");
  const secret = await sandbox.secret();
  const receivers = await Promise.all([receiver(t), receiver(t), receiver(t)]);
  for (const { url } of receivers) await sandbox.start("listen", "--all-snapshot", SKIP, "--forward-to", url);
  await pay(sandbox, 10);
  const expected = (await sandbox.events()).map(named);
  for (const { got } of receivers) {
    await until(() => got.length >= expected.length, () => `${expected.length} events, got ${got.length}`);
    assert.deepEqual(got.map(({ event }) => named(event)), expected);
    for (const one of got) assert.ok(isSigned(one, secret), one.event.type);
  }
  const [{ got: [first] }] = receivers;
  assert.equal(first.headers["content-type"], "application/json; charset=utf-8");
  assert.equal(first.headers["user-agent"], "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
  await until(async () => (await sandbox.events()).every((event) => event.pending_webhooks === 0), "nothing pending");
});

test("listen prints what the receiver answered", async (t) => {
  const sandbox = await Sandbox.open(t, "answers");
  const { url } = await receiver(t, (_, response) => response.writeHead(500).end("no"));
  const listener = await sandbox.start("listen", "--all-snapshot", SKIP, "--forward-to", url);
  await sandbox.call("POST", "/v1/customers", { name: "Ada" });
  const [event] = await sandbox.events();
  await until(() => (listener.out + listener.err).includes(`[500] POST ${url} [${event.id}]`), () => listener.out + listener.err);
});

test("listen --events passes on these types only, in order", async (t) => {
  const sandbox = await Sandbox.open(t, "filter");
  const { url, got } = await receiver(t);
  const types = ["payment_intent.succeeded", "charge.succeeded"];
  await sandbox.start("listen", "--events", types.join(","), SKIP, "--forward-to", url);
  await pay(sandbox, 5);
  await sandbox.call("POST", "/v1/customers", { name: "Ada" });
  const expected = (await sandbox.events()).map(named).filter((name) => types.includes(name.split(" ")[0]));
  assert.equal(expected.length, 10);
  await until(() => got.length >= expected.length, () => `10 events, got ${got.length}`);
  assert.deepEqual(got.map(({ event }) => named(event)), expected);
});

test("listen --latest passes on the newest version", async (t) => {
  const sandbox = await Sandbox.open(t, "latest");
  const { url, got } = await receiver(t);
  const listener = await sandbox.start("listen", "--all-snapshot", "--latest", SKIP, "--forward-to", url);
  await pay(sandbox, 2);
  const expected = (await sandbox.events()).map(named);
  await until(() => got.length >= expected.length, () => `${expected.length} events, got ${got.length}`);
  assert.deepEqual(got.map(({ event }) => named(event)), expected);
  assert.ok(got.every(({ event }) => event.api_version === "2026-10-28.endive"));
  assert.deepEqual(printed(listener), expected);
});

test("a listener hears its own sandbox only", async (t) => {
  const [one, other] = [await Sandbox.open(t, "one"), await Sandbox.open(t, "other")];
  const listeners = [await one.start("listen", "--all-snapshot", SKIP), await other.start("listen", "--all-snapshot", SKIP)];
  await other.call("POST", "/v1/customers", { name: "Grace" });
  await one.call("POST", "/v1/customers", { name: "Ada" });
  for (const [sandbox, listener] of [[one, listeners[0]], [other, listeners[1]]]) {
    await until(() => printed(listener).length > 0, "an event");
    assert.deepEqual(printed(listener), (await sandbox.events()).map(named));
  }
});

test("a slow receiver delays no request and no other listener", async (t) => {
  const sandbox = await Sandbox.open(t, "slow");
  const slow = await receiver(t, (_, response) => setTimeout(() => response.end("late"), 400));
  const quick = await receiver(t);
  await sandbox.start("listen", "--all-snapshot", SKIP, "--forward-to", slow.url);
  await sandbox.start("listen", "--all-snapshot", SKIP, "--forward-to", quick.url);
  await pay(sandbox, 2);
  const expected = (await sandbox.events()).map(named);
  await until(() => quick.got.length >= expected.length, "the quick one");
  assert.ok(slow.got.length < expected.length, "the slow one is not done yet");
  await until(() => slow.got.length >= expected.length, "the slow one");
  assert.equal(new Set(slow.got.map(({ event }) => event.id)).size, expected.length);
});

test("listen --print-secret prints a secret that stays", async (t) => {
  const sandbox = await Sandbox.open(t, "secret");
  const secret = await sandbox.secret();
  assert.match(secret, /^whsec_\w{32}$/);
  assert.equal(await sandbox.secret(), secret);
});

test("listen --use-configured-webhooks reads the endpoints of the sandbox", async (t) => {
  const sandbox = await Sandbox.open(t, "configured");
  const { url, got } = await receiver(t);
  // The CLI takes the path of the endpoint, and sends to the address that it was given.
  await sandbox.call("POST", "/v1/webhook_endpoints", {
    url: "https://example.com/from-the-endpoint", "enabled_events[]": "customer.created",
  });
  await sandbox.start("listen", "--all-snapshot", "--use-configured-webhooks", SKIP, "--forward-to", new URL(url).origin);
  await sandbox.call("POST", "/v1/customers", { name: "Ada" });
  await pay(sandbox, 1);
  await until(() => got.length > 0, "an event");
  assert.deepEqual(got.map(({ path, event }) => [path, event.type]), [["/from-the-endpoint", "customer.created"]]);
});

test("listen --all-thin prints thin events", async (t) => {
  const sandbox = await Sandbox.open(t, "thin");
  const listener = await sandbox.start("listen", "--all-thin", SKIP);
  await sandbox.call("POST", "/v1/billing/meter_events", { event_name: "calls", "payload[value]": 1 });
  await until(() => (listener.out + listener.err).includes("v1.billing.meter.no_meter_found"), "the report");
});

test("a listener that stops is waited for no longer", async (t) => {
  const sandbox = await Sandbox.open(t, "stop");
  const listener = await sandbox.start("listen", "--all-snapshot", SKIP);
  await sandbox.stop(listener);
  await pay(sandbox, 1);
  await until(async () => (await sandbox.events()).every((event) => event.pending_webhooks === 0), "nothing pending");
});

test("events resend sends an event to those who listen now", async (t) => {
  const sandbox = await Sandbox.open(t, "resend");
  const { url, got } = await receiver(t);
  await sandbox.call("POST", "/v1/customers", { name: "Ada" });
  const [event] = await sandbox.events();
  await sandbox.start("listen", "--all-snapshot", SKIP, "--forward-to", url);
  const shown = await sandbox.object("events", "resend", event.id);
  assert.equal(shown.id, event.id);
  assert.equal(shown.object, "event");
  await until(() => got.length > 0, "the event");
  assert.equal(got[0].event.id, event.id);
  assert.deepEqual(got[0].event.data, event.data);
});

test("events resend --webhook-endpoint delivers an event to that endpoint again", async (t) => {
  const sandbox = await Sandbox.open(t, "resend-endpoint");
  const { url, got } = await receiver(t);
  const endpoint = await sandbox.call("POST", "/v1/webhook_endpoints", { url, "enabled_events[]": "customer.deleted" });
  await sandbox.call("POST", "/v1/customers", { name: "Ada" });
  const [event] = await sandbox.events();
  await sandbox.run("events", "resend", event.id, "--webhook-endpoint", endpoint.id);
  await until(() => got.length > 0, "the event");
  assert.equal(got[0].event.id, event.id);
  assert.ok(isSigned(got[0], endpoint.secret));
  const run = await sandbox.attempt("events", "resend", event.id, "--webhook-endpoint", "we_unknown");
  assert.match(run.err + run.out, /No such webhook endpoint: 'we_unknown'/);
});

test("events resend of an unknown event fails as the API says", async (t) => {
  const sandbox = await Sandbox.open(t, "resend-unknown");
  const run = await sandbox.attempt("events", "resend", "evt_unknown");
  assert.match(run.err + run.out, /No such notification: 'evt_unknown'/);
});

test("logs tail prints the requests of the sandbox with their errors", async (t) => {
  const sandbox = await Sandbox.open(t, "logs");
  const tail = await sandbox.start("logs", "tail");
  await sandbox.call("POST", "/v1/customers", { name: "Ada" });
  await fetch(`${process.env.PINSTRIPE_URL}/v1/charges`, {
    method: "POST",
    headers: { Authorization: `Bearer ${sandbox.key}` },
    body: new URLSearchParams({ amount: 500, currency: "usd", source: "tok_chargeDeclined" }),
  });
  const text = () => tail.out + tail.err;
  await until(() => /\[402\] POST \/v1\/charges \[req_\w+\]/.test(text()), () => text());
  assert.match(text(), /\[200\] POST \/v1\/customers \[req_\w+\]/);
  await until(() => text().includes("Message: Your card was declined."), () => text());
  assert.match(text(), /DeclineCode: generic_decline/);
});

test("logs tail filters", async (t) => {
  const sandbox = await Sandbox.open(t, "logs-filter");
  const gets = await sandbox.start("logs", "tail", "--filter-http-method", "GET");
  const failures = await sandbox.start("logs", "tail", "--filter-status-code-type", "4XX", "--format", "JSON");
  await sandbox.call("POST", "/v1/customers", { name: "Ada" });
  await sandbox.call("GET", "/v1/customers");
  await fetch(`${process.env.PINSTRIPE_URL}/v1/customers/cus_unknown`, { headers: { Authorization: `Bearer ${sandbox.key}` } });
  await until(() => (gets.out + gets.err).includes("[404] GET /v1/customers/cus_unknown"), () => gets.out);
  const lines = (run) => [...`${run.out}${run.err}`.matchAll(/\[(\d+)\] (\w+) (\S+) \[req_/g)].map((match) => match.slice(1).join(" "));
  assert.deepEqual(lines(gets).sort(), ["200 GET /v1/customers", "404 GET /v1/customers/cus_unknown"]);
  await until(() => (failures.out + failures.err).includes("cus_unknown"), () => failures.out);
  assert.ok(!failures.out.includes("\"status\":200"));
});

test("listen passes a connected account's events on to --forward-connect-to, in order", async (t) => {
  const sandbox = await Sandbox.open(t, "connect");
  const [own, connected, alone] = await Promise.all([receiver(t), receiver(t), receiver(t)]);
  const account = await sandbox.call("POST", "/v1/accounts", { type: "custom" });
  await sandbox.start("listen", "--all-snapshot", SKIP, "--forward-to", own.url, "--forward-connect-to", connected.url);
  await sandbox.start("listen", "--all-snapshot", SKIP, "--forward-connect-to", alone.url);
  for (let i = 0; i < 5; i++) {
    for (const headers of [{}, { "Stripe-Account": account.id }]) await sandbox.call("POST", "/v1/customers", { name: `${i}` }, headers);
  }
  const names = ({ got }) => got.map(({ event }) => event.data.object.name);
  for (const one of [own, connected, alone]) {
    await until(() => one.got.length >= 5, () => `5 events, got ${one.got.length}`);
    assert.deepEqual(names(one), ["0", "1", "2", "3", "4"]);
  }
  assert.deepEqual(own.got.map(({ event }) => event.account), Array(5).fill(undefined));
  for (const one of [connected, alone]) assert.deepEqual(one.got.map(({ event }) => event.account), Array(5).fill(account.id));
});

test("listen --events-from @accounts passes on what happens in connected accounts only", async (t) => {
  const sandbox = await Sandbox.open(t, "accounts");
  const { url, got } = await receiver(t);
  const account = await sandbox.call("POST", "/v1/accounts", { type: "custom" });
  const listener = await sandbox.start("listen", "--all-snapshot", "--events-from", "@accounts", SKIP, "--forward-to", url);
  await sandbox.call("POST", "/v1/customers", { name: "Ada" });
  await sandbox.call("POST", "/v1/customers", { name: "Bea" }, { "Stripe-Account": account.id });
  await until(() => got.length > 0, "an event");
  assert.deepEqual(got.map(({ event }) => [event.account, event.data.object.name]), [[account.id, "Bea"]]);
  assert.match(listener.out + listener.err, /--> connect customer\.created/);
});

test("listen --headers and --connect-headers go along", async (t) => {
  const sandbox = await Sandbox.open(t, "headers");
  const { url, got } = await receiver(t);
  const account = await sandbox.call("POST", "/v1/accounts", { type: "custom" });
  const headers = ["--headers", "X-Own: 1", "--connect-headers", "X-Connect: 2"];
  await sandbox.start("listen", "--all-snapshot", SKIP, "--forward-to", url, ...headers);
  await sandbox.call("POST", "/v1/customers", {});
  await sandbox.call("POST", "/v1/customers", {}, { "Stripe-Account": account.id });
  await until(() => got.length >= 2, "two events");
  assert.deepEqual(got.map(({ headers }) => [headers["x-own"], headers["x-connect"]]), [["1", undefined], [undefined, "2"]]);
});

test("listen --format JSON prints each event as the API lists it", async (t) => {
  const sandbox = await Sandbox.open(t, "json");
  const listener = await sandbox.start("listen", "--all-snapshot", "--format", "JSON", SKIP);
  await pay(sandbox, 2);
  const expected = await sandbox.events();
  const lines = () => listener.out.split("\n").filter((line) => line.startsWith("{"));
  await until(() => lines().length >= expected.length, () => listener.out);
  const shown = lines().map((line) => ({ ...JSON.parse(line), pending_webhooks: 0 }));
  assert.deepEqual(shown, expected.map((event) => ({ ...event, pending_webhooks: 0 })));
});

test("logs tail takes every filter but that of the address, which is refused", async (t) => {
  const sandbox = await Sandbox.open(t, "logs-filters");
  const account = await sandbox.call("POST", "/v1/accounts", { type: "custom" });
  const expected = {
    "--filter-account self": ["200 POST /v1/customers", "404 GET /v1/customers/cus_none", "501 POST /v1/terminal/refunds"],
    "--filter-account connect_out": ["200 POST /v1/customers"],
    "--filter-account connect_in": [],
    "--filter-http-method GET": ["404 GET /v1/customers/cus_none"],
    "--filter-request-path /v1/customers": ["200 POST /v1/customers", "200 POST /v1/customers"],
    "--filter-request-status SUCCEEDED": ["200 POST /v1/customers", "200 POST /v1/customers"],
    "--filter-request-status FAILED": ["404 GET /v1/customers/cus_none", "501 POST /v1/terminal/refunds"],
    "--filter-source API": [
      "200 POST /v1/customers", "404 GET /v1/customers/cus_none", "501 POST /v1/terminal/refunds", "200 POST /v1/customers",
    ],
    "--filter-source DASHBOARD": [],
    "--filter-status-code 404": ["404 GET /v1/customers/cus_none"],
    "--filter-status-code-type 2XX": ["200 POST /v1/customers", "200 POST /v1/customers"],
    "--filter-status-code-type 4XX": ["404 GET /v1/customers/cus_none"],
    "--filter-status-code-type 5XX": ["501 POST /v1/terminal/refunds"],
  };
  const tails = await Promise.all(Object.keys(expected).map((flags) => sandbox.start("logs", "tail", ...flags.split(" "))));
  const all = await sandbox.start("logs", "tail");
  await sandbox.call("POST", "/v1/customers", {});
  const key = { Authorization: `Bearer ${sandbox.key}` };
  await fetch(`${process.env.PINSTRIPE_URL}/v1/customers/cus_none`, { headers: key });
  await fetch(`${process.env.PINSTRIPE_URL}/v1/terminal/refunds`, { method: "POST", headers: key });
  await sandbox.call("POST", "/v1/customers", {}, { "Stripe-Account": account.id });
  const lines = (run) => [...`${run.out}${run.err}`.matchAll(/\[(\d+)\] (\w+) (\S+) \[req_/g)].map((match) => match.slice(1).join(" "));
  await until(() => lines(all).length >= 4, () => all.out + all.err);
  for (const [index, [flags, wanted]] of Object.entries(expected).entries()) {
    await until(() => lines(tails[index]).length >= wanted.length, () => `${flags}\n${tails[index].out}${tails[index].err}`);
    // The CLI prints what comes at once in any order.
    assert.deepEqual(lines(tails[index]).sort(), wanted.sort(), flags);
  }
  const run = await sandbox.attempt("logs", "tail", "--filter-ip-address", "127.0.0.1");
  assert.match(run.out + run.err, /status=400.*filter_ip_address/s);
});
