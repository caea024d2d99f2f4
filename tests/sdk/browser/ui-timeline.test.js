// The live page: its shell and keys, and the timeline of what happened.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { baseUrl, keyOf } from "../node/support.js";
import { HOSTILE, openReceiver, openUi, WINDOWS } from "./ui-support.js";

const SANDBOX = "browser-ui-timeline";
let ui, receiver;

before(async () => {
  [ui, receiver] = await Promise.all([openUi(SANDBOX), openReceiver()]);
  await ui.stripe.webhookEndpoints.create({ url: `${receiver.url}/good`, enabled_events: ["*"] });
  await ui.stripe.webhookEndpoints.create({ url: `${receiver.url}/bad`, enabled_events: ["charge.succeeded"] });
});
after(async () => {
  receiver?.close();
  await ui?.close();
});

const row = (...texts) => texts.reduce((found, hasText) => found.filter({ hasText }), ui.page.locator("[data-row]")).first();
const press = (...keys) => keys.reduce((done, key) => done.then(() => ui.page.keyboard.press(key)), Promise.resolve());
const title = () => ui.page.locator("main h1").textContent();

test("a browser that opens the server's address is led to the page, and other clients are not", async () => {
  const answer = await fetch(`${baseUrl}/`, { redirect: "manual" });
  assert.equal(answer.status, 401);
  const page = await ui.visit("");
  await page.goto(`${baseUrl}/`);
  assert.equal(new URL(page.url()).pathname, "/_pinstripe/ui");
  assert.equal(await title(), "Timeline");
});

test("a request stands there at once with what came of it, down to the delivery that failed", async () => {
  await ui.visit("");
  await ui.page.getByText("live", { exact: true }).waitFor();
  await ui.stripe.charges.create({ amount: 4200, currency: "usd", source: "tok_visa" });
  const charged = row("charges.create", "200");
  await charged.getByText("✓ 1 delivered").waitFor();
  await charged.getByText(`charge.succeeded → ${receiver.url}/bad: 500`).waitFor();
  await ui.stripe.charges.create({ amount: 4200, currency: "usd", source: "tok_chargeDeclined" }).catch(() => {});
  await row("402", "Your card was declined.", "card_declined").waitFor();
});

test("an unfolded row shows the objects, the events and every attempt, and stays in the address", async () => {
  await ui.visit("");
  const charged = row("charges.create", "200");
  await charged.getByRole("button").first().click();
  await charged.getByText("no such order").first().waitFor();
  await charged.getByText("created", { exact: true }).first().waitFor();
  assert.ok(await charged.getByRole("link", { name: /^ch_/ }).count());
  assert.match(ui.page.url(), /[?&]open=\d+/);
  await ui.page.reload();
  await row("charges.create", "200").getByText("no such order").first().waitFor();
});

test("a change is shown field by field", async () => {
  const { id } = await ui.stripe.customers.create({ name: HOSTILE });
  await ui.stripe.customers.update(id, { description: "Wholesale" });
  await ui.visit(`?search=${id}`);
  const updated = row("customers.update");
  await updated.getByRole("button").first().click();
  const field = updated.getByRole("row").filter({ hasText: "description" });
  await field.getByText("Wholesale").waitFor();
  await row("customers.create").getByRole("button").first().click();
  await row("customers.create").getByText("as it was created").click();
  await row("customers.create").getByText("<img src=x onerror=alert(1)>").locator("visible=true").first().waitFor();
});

test("filters are the address, and pausing counts what comes", async () => {
  await ui.visit("?type=request&status=402");
  await row("Your card was declined.").waitFor();
  assert.equal(await ui.page.locator("[data-row]").filter({ hasNotText: "402" }).count(), 0);
  await ui.page.getByLabel("Status").selectOption("");
  await row("customers.create").waitFor();
  assert.doesNotMatch(ui.page.url(), /status=/);
  await ui.page.getByRole("button", { name: "Pause" }).click();
  await ui.stripe.customers.create({ email: "late@example.com" });
  const on = ui.page.getByRole("button", { name: /Go on \(\d+ new\)/ });
  await on.waitFor();
  const rows = await ui.page.locator("[data-row]").count();
  await on.click();
  await ui.page.waitForFunction((count) => document.querySelectorAll("[data-row]").length > count, rows);
});

test("a renewal stands there with the events that followed from it", async () => {
  const price = await ui.stripe.prices.create({ currency: "usd", unit_amount: 1900, recurring: { interval: "month" }, product_data: { name: "Gold" } });
  const customer = await ui.stripe.customers.create({ payment_method: "pm_card_visa", invoice_settings: { default_payment_method: "pm_card_visa" } });
  await ui.stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  await ui.visit("?type=work");
  await fetch(`${baseUrl}/_pinstripe/clock?sandbox=${SANDBOX}&advance=2764800`, { method: "POST" });
  await row("invoice.paid").waitFor();
  await ui.go("?type=control");
  await row("clock", "advance=2764800").waitFor();
});

test("every page is reached by keys, and rows are walked", async () => {
  await ui.visit("");
  await row("customers.create").waitFor();
  await press("j", "j");
  assert.equal(await ui.page.evaluate(() => [...document.querySelectorAll("[data-row]")].findIndex((one) => one.contains(document.activeElement))), 1);
  await press("k", "Enter");
  await ui.page.locator("[data-row]").first().locator(".detail").waitFor();
  await press("/");
  assert.equal(await ui.page.evaluate(() => document.activeElement.type), "search");
  await press("Escape", "?");
  await ui.page.getByRole("dialog").getByText("Go to a page").waitFor();
  await press("Escape");
  await ui.page.getByRole("dialog").waitFor({ state: "hidden" });
  for (const [key, name] of [["q", "Requests"], ["o", "Objects"], ["e", "Events"], ["t", "Timeline"]]) {
    await press("g", key);
    await ui.page.getByRole("heading", { level: 1, name }).waitFor();
    assert.equal(await ui.page.evaluate(() => document.activeElement.tagName), "H1");
    assert.match(await ui.page.title(), new RegExp(`^${name}`));
  }
  await ui.page.goBack();
  await ui.page.getByRole("heading", { level: 1, name: "Events" }).waitFor();
  await press("~");
  assert.equal(await ui.page.evaluate(() => document.activeElement.id), "sandbox");
});

for (const [name, settings] of Object.entries(WINDOWS)) {
  test(`nothing hinders people in the timeline: ${name}`, async () => {
    await ui.visit("", settings);
    await row("charges.create", "200").getByRole("button").first().click();
    await row("charges.create", "200").getByText("no such order").first().waitFor();
    await ui.fits(true);
  });
}

/** Makes customers, each connection a hundred at a time without waiting for the answers between: what sends them is not what is measured. */
function burst(count, base, connections = 4) {
  const { host, hostname, port } = new URL(base);
  const one = `POST /v1/customers HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${keyOf(SANDBOX)}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\nname=Burst`;
  return Promise.all(Array.from({ length: connections }, () => new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname).setEncoding("latin1").on("error", reject);
    let answered = 0, rest = "";
    socket.write(one.repeat(100));
    socket.on("data", (text) => {
      const parts = (rest + text).split("HTTP/1.1 200 OK");
      rest = parts.pop().slice(-14);
      answered += parts.length;
      if (parts.length && answered % 100 === 0 && answered < count / connections) socket.write(one.repeat(100));
      if (answered >= count / connections) socket.end(resolve);
    });
  })));
}

/** A server of its own, for what would disturb others on the same one. */
const start = async (port) => {
  const server = spawn(process.env.PINSTRIPE_BINARY, ["--port", String(port), "--https-port", "off", "--log", "off"], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const url = await new Promise((resolve) => { for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => { said += text; const found = said.match(/http:\/\/127\.0\.0\.1:\d+/); if (found) resolve(found[0]); }); });
  return { server, url, stop: () => new Promise((resolve) => { server.on("exit", resolve); server.kill(); }) };
};
const alone = { skip: !process.env.PINSTRIPE_BINARY };

test("the page answers while 10,000 requests arrive, and does not grow", alone, async () => {
  const running = await start(0);
  try {
    await ui.visit("", {}, running.url);
    await ui.page.getByText("live", { exact: true }).waitFor();
    let over = false;
    const waits = [];
    let most = 0;
    const sending = burst(10_000, running.url).then(() => (over = true));
    while (!over) {
      const { wait, rows } = await ui.page.evaluate(async () => {
        const from = performance.now();
        await new Promise((resolve) => setTimeout(resolve));
        return { wait: performance.now() - from, rows: document.querySelectorAll("[data-row]").length };
      });
      waits.push(wait);
      most = Math.max(most, rows);
      await ui.page.waitForTimeout(20);
    }
    await sending;
    await ui.page.getByText(/^[\d,]+ older rows are not shown\.$/).waitFor();
    assert.ok(most <= 200, `${most} rows`);
    const typical = waits.toSorted((a, b) => a - b)[Math.floor(waits.length / 2)];
    assert.ok(typical < 100 && Math.max(...waits) < 1000, `${typical} ms, at most ${Math.max(...waits)} ms`);
    await ui.page.context().close();
  } finally {
    await running.stop();
  }
});

test("after a restart of the server the page goes on, and says that rows were lost", alone, async () => {
  const customer = (base) => fetch(`${base}/v1/customers`, { method: "POST", headers: { Authorization: `Bearer ${keyOf(SANDBOX)}` }, body: new URLSearchParams({ name: "Ada" }) });
  let running = await start(0);
  const base = running.url;
  try {
    await ui.visit("", {}, base);
    await ui.page.getByText("live", { exact: true }).waitFor();
    await customer(base);
    await row("customers.create").waitFor();
    const told = ui.complaints.length;
    await running.stop();
    await ui.page.getByText("no connection, trying again").waitFor();
    running = await start(new URL(base).port);
    await ui.page.getByText("Some rows were lost").waitFor();
    await customer(base);
    await row("customers.create").waitFor();
    await ui.page.context().close();
    // A browser tells of a connection that failed; nothing else may be told.
    assert.deepEqual(ui.complaints.splice(told).filter((text) => !/net::ERR_/.test(text)), []);
  } finally {
    await running.stop();
  }
});

test("the types of templates/ui/tsconfig.json hold", async () => {
  const compiler = fileURLToPath(new URL("node_modules/.bin/tsc", import.meta.url));
  const project = fileURLToPath(new URL("../../../templates/ui/tsconfig.json", import.meta.url));
  const { stdout } = await promisify(execFile)(compiler, ["--project", project]).catch((failure) => failure);
  assert.equal(stdout, "");
});
