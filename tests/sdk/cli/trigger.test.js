// stripe trigger, stripe fixtures and the calls of the API by the CLI.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FIXTURES_VERSION, Sandbox, isSigned, receiver, until } from "./support.js";

/** What the trigger's fixture meets. */
const NO_EVENT = Symbol("every request succeeds, and no event of the type comes of them");
const UNDOCUMENTED = /status=404, .*Unrecognized request URL/s;

/** The triggers that do not work, with what they fail at. Every other has to succeed, and one that does leaves this list. */
const MISSING = {
  "issuing_authorization.request": UNDOCUMENTED,
  "issuing_authorization.request.eu": UNDOCUMENTED,
  "issuing_authorization.request.gb": UNDOCUMENTED,
  "issuing_transaction.purchase_details_receipt_updated": NO_EVENT,
  "subscription_schedule.aborted": NO_EVENT,
  "subscription_schedule.expiring": NO_EVENT,
};

/** Triggers that are not run: they call a host of Stripe's own, whatever `--api-base` says. */
const ELSEWHERE = new Set(["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"]);

/** Whether a trigger's fixture takes money that an account has to have. */
const takesFunds = (name) => name.startsWith("transfer.");

/** Triggers whose name is not the type of the event that comes of them. */
const EVENT_OF = { "subscription.payment_failed": "invoice.payment_failed", "subscription.payment_succeeded": "invoice.payment_succeeded" };

/** Triggers whose event is of a connected account: a webhook for connected accounts gets it. A deleted account lists no events. */
const OF_AN_ACCOUNT = new Set(["account.application.deauthorized", "account.updated"]);

/** Asserts that a webhook for connected accounts gets the event of a trigger, with the account's id in it. */
async function assertDelivered(t, sandbox, type, trigger) {
  const { got, url } = await receiver(t);
  const { secret } = await sandbox.call("POST", "/v1/webhook_endpoints", { url, connect: true, "enabled_events[]": type });
  await trigger();
  await until(() => got.length > 0, `a delivery of ${type}`);
  assert.deepEqual(got.map(({ event }) => event.type), [type]);
  assert.match(got[0].event.account, /^acct_/);
  assert.ok(isSigned(got[0], secret));
}

/** Whether a new event of a type is listed, in the platform's account or in a connected one. */
async function isListed(sandbox, type) {
  const state = await fetch(`${process.env.PINSTRIPE_URL}/v1/accounts?limit=100`, { headers: { Authorization: `Bearer ${sandbox.key}` } });
  const accounts = [undefined, ...(await state.json()).data.map(({ id }) => id)];
  for (const account of accounts) {
    const headers = { Authorization: `Bearer ${sandbox.key}`, ...(account && { "Stripe-Account": account }) };
    const list = await (await fetch(`${process.env.PINSTRIPE_URL}/v1/events?type=${type}`, { headers })).json();
    if (list.data?.length) return true;
  }
  return false;
}

const help = await new Sandbox("help").run("trigger", "--help");
const names = help.split("Supported events:")[1].split("Usage:")[0].trim().split(/\s+/);

test("the CLI knows the triggers that are tested", () => {
  assert.ok(names.length > 100, `${names.length} names`);
  for (const name of [...Object.keys(MISSING), ...ELSEWHERE]) assert.ok(names.includes(name), name);
});

for (const [index, name] of names.filter((name) => !ELSEWHERE.has(name)).entries()) {
  test(`trigger ${name}`, async (t) => {
    const sandbox = await Sandbox.open(t, `trigger-${index}`);
    if (takesFunds(name)) await sandbox.call("POST", "/v1/charges", { amount: 90_000, currency: "usd", source: "tok_bypassPending" });
    const trigger = () => sandbox.attempt("trigger", name, ...FIXTURES_VERSION);
    if (OF_AN_ACCOUNT.has(name)) {
      await assertDelivered(t, sandbox, name, async () => {
        const run = await trigger();
        assert.equal(run.code, 0, run.out + run.err);
      });
      return;
    }
    const run = await trigger();
    const text = run.out + run.err;
    const type = EVENT_OF[name] ?? name.replace(/\.(eu|gb)$/, "");
    const missing = MISSING[name];
    if (missing === NO_EVENT) {
      assert.equal(run.code, 0, text);
      assert.equal(await isListed(sandbox, type), false, `${name} works now`);
    } else if (missing) {
      assert.notEqual(run.code, 0, `${name} works now`);
      assert.match(text, missing);
    } else {
      assert.equal(run.code, 0, text);
      assert.match(text, /Trigger succeeded!/);
      assert.ok(await until(() => isListed(sandbox, type), `an event of type ${type}`));
    }
  });
}

test("trigger --stripe-account makes events happen in an account of the user's own", async (t) => {
  const sandbox = await Sandbox.open(t, "account");
  const path = `/_pinstripe/account?sandbox=${sandbox.name}&state=onboarded&id=acct_Shop`;
  const made = await fetch(process.env.PINSTRIPE_URL + path, { method: "POST" });
  assert.equal(made.status, 200, await made.text());
  const { got, url } = await receiver(t);
  const { secret } = await sandbox.call("POST", "/v1/webhook_endpoints", { url, connect: true, "enabled_events[]": "*" });
  const within = (name) => sandbox.attempt("trigger", name, "--stripe-account", "acct_Shop", ...FIXTURES_VERSION);
  const types = ["payment_intent.succeeded", "charge.refunded", "charge.dispute.created", "payout.created", "customer.subscription.created", "invoice.paid"];
  for (const type of types) {
    const run = await within(type);
    assert.match(run.out + run.err, /Trigger succeeded!/, type);
    const heard = () => got.find(({ event }) => event.type === type && event.account === "acct_Shop");
    await until(heard, `a delivery of ${type}`);
    assert.ok(isSigned(heard(), secret), type);
  }
  // Nothing of it happened in the platform's account, and an account has no accounts of its own.
  assert.deepEqual((await sandbox.call("GET", "/v1/charges")).data, []);
  const refused = await within("account.updated");
  assert.match(refused.out + refused.err, /signed up for Connect/);
});

test("trigger --override changes what is sent", async (t) => {
  const sandbox = await Sandbox.open(t, "override");
  await sandbox.run("trigger", "payment_intent.succeeded", "--override", "payment_intent:amount=4321", ...FIXTURES_VERSION);
  const [intent] = (await sandbox.call("GET", "/v1/payment_intents")).data;
  assert.equal(intent.amount, 4321);
});

test("fixtures FILE runs its requests with their references", async (t) => {
  const sandbox = await Sandbox.open(t, "fixtures");
  const file = join(tmpdir(), `pinstripe-fixtures-${process.pid}.json`);
  writeFileSync(file, JSON.stringify({
    _meta: { template_version: 0 },
    fixtures: [
      { name: "ada", path: "/v1/customers", method: "post", params: { name: "Ada", metadata: { plan: "gold" } } },
      {
        name: "declined", path: "/v1/payment_intents", method: "post", expected_error_type: "card_error",
        params: { amount: 700, currency: "usd", confirm: true, payment_method: "pm_card_chargeDeclined", payment_method_types: ["card"] },
      },
      {
        name: "paid", path: "/v1/payment_intents", method: "post",
        params: {
          amount: 900, currency: "usd", confirm: true, customer: "${ada:id}", payment_method: "pm_card_visa",
          payment_method_types: ["card"], description: "for ${ada:metadata.plan}",
        },
      },
    ],
  }));
  await sandbox.run("fixtures", file, ...FIXTURES_VERSION);
  const [customer] = (await sandbox.call("GET", "/v1/customers")).data;
  const intents = (await sandbox.call("GET", "/v1/payment_intents")).data;
  assert.deepEqual(intents.map(({ status, description }) => [status, description]),
    [["succeeded", "for gold"], ["requires_payment_method", null]]);
  assert.equal(intents[0].customer, customer.id);
});

test("fixtures FILE stops at an answer that it does not expect", async (t) => {
  const sandbox = await Sandbox.open(t, "fixtures-wrong");
  const file = join(tmpdir(), `pinstripe-fixtures-wrong-${process.pid}.json`);
  const fixture = { name: "x", path: "/v1/charges", method: "post", params: { amount: 100 } };
  writeFileSync(file, JSON.stringify({ _meta: { template_version: 0 }, fixtures: [fixture] }));
  const run = await sandbox.attempt("fixtures", file);
  assert.notEqual(run.code, 0);
  assert.match(run.out + run.err, /Must provide source or customer\./);
});

test("customers create, get, post, delete", async (t) => {
  const sandbox = await Sandbox.open(t, "calls");
  const made = await sandbox.object("customers", "create", "--email", "ada@example.com", "--name", "Ada", "-d", "metadata[plan]=gold");
  assert.deepEqual([made.email, made.name, made.metadata], ["ada@example.com", "Ada", { plan: "gold" }]);
  assert.deepEqual(await sandbox.object("get", made.id), made);
  assert.deepEqual(await sandbox.object("get", `/v1/customers/${made.id}`), made);
  const changed = await sandbox.object("post", `/v1/customers/${made.id}`, "-d", "name=Grace");
  assert.equal(changed.name, "Grace");
  await sandbox.object("post", "/customers", "-d", "email=second@example.com");
  const list = await sandbox.object("get", "/v1/customers", "--limit", "1");
  assert.deepEqual([list.data.length, list.has_more, list.data[0].email], [1, true, "second@example.com"]);
  const gone = await sandbox.object("delete", `/v1/customers/${made.id}`, "--confirm");
  assert.deepEqual(gone, { id: made.id, object: "customer", deleted: true });
});

test("post with an idempotency key is done once", async (t) => {
  const sandbox = await Sandbox.open(t, "idempotent");
  const create = () => sandbox.object("post", "/v1/customers", "-d", "name=Ada", "--idempotency", `once-${process.pid}`);
  assert.equal((await create()).id, (await create()).id);
});

test("expand and a version are passed on", async (t) => {
  const sandbox = await Sandbox.open(t, "expand");
  const source = ["-d", "amount=500", "-d", "currency=usd", "-d", "source=tok_visa"];
  const charge = await sandbox.object("post", "/v1/charges", ...source, "--expand", "balance_transaction");
  assert.equal(charge.balance_transaction.object, "balance_transaction");
  const old = await sandbox.object("get", charge.id, "--stripe-version", "2020-08-27");
  assert.equal(old.refunds.object, "list");
});
