// The live page: webhooks, what waits, clocks, faults, sandboxes, coverage, billing and test cards. Each test does what a person
// does there, and asks the API what came of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { keyOf, wire } from "../node/support.js";
import { HOSTILE, openReceiver, openUi, WINDOWS } from "./ui-support.js";

const SANDBOX = "browser-ui-pages";
const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
let ui, stripe, receiver, customer, subscription, failing;

before(async () => {
  [ui, receiver] = await Promise.all([openUi(SANDBOX), openReceiver()]);
  stripe = ui.stripe;
  customer = await stripe.customers.create({
    name: HOSTILE, email: "ada@example.com", payment_method: "pm_card_visa", invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  // It is given up after four seconds, when it is looked at.
  failing = await stripe.webhookEndpoints.create({ url: `${receiver.url}/bad`, enabled_events: ["customer.subscription.created"] });
  const product = await stripe.products.create({ name: HOSTILE });
  const price = await stripe.prices.create({ product: product.id, unit_amount: 1900, currency: "usd", recurring: { interval: "month" } });
  subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id, quantity: 2 }] });
});
after(async () => {
  receiver?.close();
  await ui?.close();
});

const control = async (method, path, params = {}) => (await wire(method, `/_pinstripe/${path}?${new URLSearchParams({ sandbox: SANDBOX, ...params })}`)).body;
const button = (name) => ui.page.getByRole("button", { name, exact: true });
const row = (...texts) => texts.reduce((found, hasText) => found.filter({ hasText }), ui.page.getByRole("row"));
const field = (name) => ui.page.getByLabel(name, { exact: true });
const said = (text) => ui.page.getByRole("status").filter({ hasText: text }).waitFor();
/** Says yes in the dialog that asks. */
const confirm = async (sentence, yes) => {
  const dialog = ui.page.getByRole("dialog").filter({ hasText: sentence });
  await dialog.getByRole("button", { name: yes, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
};

test("webhooks: an endpoint is added, fails, is seen with its attempts, and gets its event again", async () => {
  await ui.visit("/webhooks");
  await ui.page.getByText("Add an endpoint").click();
  await field("URL").fill(`${receiver.url}/bad`);
  await field("Events").fill("charge.succeeded, charge.refunded");
  await button("Add endpoint").click();
  const added = row(`${receiver.url}/bad`, "charge.succeeded, charge.refunded");
  await added.waitFor();
  const [endpoint] = (await stripe.webhookEndpoints.list()).data.filter(({ id }) => id !== failing.id);
  assert.deepEqual(endpoint.enabled_events, ["charge.succeeded", "charge.refunded"]);
  await stripe.charges.create({ amount: 2000, currency: "usd", source: "tok_visa" });
  await field("Type").fill("charge.succeeded");
  await button("Show").click();
  await ui.page.waitForURL(/type=charge.succeeded/);
  await ui.page.locator("h1:focus").waitFor();
  const tried = ui.page.locator("details[data-row]");
  await tried.locator("summary").first().click();
  await tried.locator("li").filter({ hasText: "attempt 2," }).waitFor();
  await tried.getByText("Answer: 500, no such order").first().click();
  await stripe.webhookEndpoints.update(endpoint.id, { url: `${receiver.url}/good` });
  await tried.getByRole("button", { name: "Send again" }).click();
  await ui.go("/webhooks?status=delivered&type=charge.succeeded");
  await ui.page.locator("summary").filter({ hasText: "/good" }).first().click();
  await ui.page.getByText("Answer: 200, ok").first().waitFor();
  const { deliveries } = await control("GET", "webhooks/deliveries", { status: "delivered", endpoint: endpoint.id });
  assert.ok(deliveries.some(({ type }) => type === "charge.succeeded"));
});

test("waiting: an open Checkout is paid, and what is scheduled is done now", async () => {
  const line = { price_data: { currency: "usd", unit_amount: 2500, product_data: { name: "Teapot" } }, quantity: 1 };
  const session = await stripe.checkout.sessions.create({ mode: "payment", line_items: [line], success_url: "http://localhost/ok" });
  const draft = await stripe.invoices.create({ customer: customer.id, auto_advance: true });
  await ui.visit("/waiting");
  await row("open Checkout", session.id).getByRole("button", { name: "Pay", exact: true }).click();
  await row("open Checkout").waitFor({ state: "detached" });
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).payment_status, "paid");
  await row("finalize", draft.id).getByRole("button", { name: "Do it now" }).click();
  await row("finalize", draft.id).waitFor({ state: "detached" });
  assert.equal((await stripe.invoices.retrieve(draft.id)).status, "paid");
});

test("clock: it is advanced, frozen and given back, and a test clock is made, moved and deleted", async () => {
  const started = (await control("GET", "clock")).now;
  await ui.visit("/clock");
  await button("+ 1 day").click();
  await said("+ 1 day: ");
  assert.ok((await control("GET", "clock")).now >= started + 86_400);
  await button("Freeze").click();
  await ui.page.getByText("frozen", { exact: true }).waitFor();
  assert.equal((await control("GET", "clock")).clock, "frozen");
  await button("Follow the machine's clock").click();
  await ui.page.getByText("as the machine's", { exact: true }).waitFor();
  await field("Name").fill(HOSTILE);
  await button("Create test clock").click();
  await row(HOSTILE).getByRole("button", { name: "+ 1 month" }).click();
  await said("+ 1 month: done.");
  const [clock] = (await stripe.testHelpers.testClocks.list()).data;
  assert.ok(clock.frozen_time > clock.created + 27 * 86_400);
  await row(HOSTILE).getByRole("button", { name: "Delete", exact: true }).click();
  await confirm("with its customers and all that belongs to them", "Delete");
  await ui.page.getByText("There is no test clock.").waitFor();
  assert.equal((await stripe.testHelpers.testClocks.list()).data.length, 0);
});

test("faults: a decline from the presets strikes once, and says so", async () => {
  await ui.visit("/faults");
  await field("What goes wrong").selectOption("Decline every card");
  await field("Decline code").fill("lost_card");
  await field("Operation or path").fill("charges.create");
  await ui.page.getByText("curl", { exact: true }).click();
  assert.match(await ui.page.locator(".curl pre").innerText(), /\{"match":\{"operation":"charges\.create"\},"effect":\{"decline":"lost_card"\},"times":1\}/);
  await button("Add fault").click();
  await row("decline lost_card", "operation charges.create").waitFor();
  await assert.rejects(stripe.charges.create({ amount: 500, currency: "usd", source: "tok_visa" }), { decline_code: "lost_card" });
  await row("decline lost_card", "1 of 1").getByText("used up").waitFor();
  await stripe.charges.create({ amount: 500, currency: "usd", source: "tok_visa" });
  await button("Remove all").click();
  await ui.page.getByText("Nothing goes wrong on purpose.").waitFor();
  assert.deepEqual((await control("GET", "faults")).faults, []);
});

test("webhooks: what was given up is sent again, and the secret is that of the endpoint", async () => {
  await ui.visit("/webhooks", CLIPBOARD);
  await row("/bad", "customer.subscription.created", "1 failed").waitFor();
  await stripe.webhookEndpoints.update(failing.id, { url: `${receiver.url}/good` });
  await button("Send all 1 failed again").click();
  await row("/good", "customer.subscription.created", "1 delivered").waitFor();
  await row("/good", "customer.subscription.created").getByRole("button", { name: "Copy secret" }).click();
  await said("Copied.");
  assert.equal(await ui.page.evaluate(() => navigator.clipboard.readText()), failing.secret);
});

test("webhooks: events are collected, and an endpoint is deleted after a question", async () => {
  await ui.visit("/webhooks");
  await button("Collect them").click();
  await button("Send them").waitFor();
  const charge = await stripe.charges.create({ amount: 700, currency: "usd", source: "tok_visa" });
  await ui.page.getByRole("heading", { name: /^Collected: [1-9]/ }).waitFor();
  const { collected } = await control("GET", "webhooks/collected", { type: "charge.succeeded" });
  assert.equal(JSON.parse(collected.at(-1).body).data.object.id, charge.id);
  await button("Delete them").click();
  await confirm("This deletes the collected events.", "Delete them");
  await ui.page.getByRole("heading", { name: /^Collected/ }).waitFor({ state: "detached" });
  await button("Send them").click();
  await button("Collect them").waitFor();
  await row("/good", "charge.succeeded").getByRole("button", { name: "Delete", exact: true }).click();
  await ui.page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal((await stripe.webhookEndpoints.list()).data.length, 2);
  await row("/good", "charge.succeeded").getByRole("button", { name: "Delete", exact: true }).click();
  await confirm("no event is sent there any more", "Delete");
  await row("/good", "charge.succeeded").waitFor({ state: "detached" });
  assert.deepEqual((await stripe.webhookEndpoints.list()).data.map(({ id }) => id), [failing.id]);
});

test("sandboxes: a snapshot is taken, compared and restored; a copy is made and deleted", async () => {
  await ui.visit("/sandboxes");
  await field("Name").fill("before");
  await button("Take snapshot").click();
  await row("before").waitFor();
  await stripe.customers.update(customer.id, { metadata: { tier: "gold" } });
  await ui.page.getByRole("link", { name: "Compare with now" }).click();
  await ui.page.getByText(/^0 created, 1 changed, 0 deleted between before and now\.$/).waitFor();
  await ui.page.locator("details[data-row] summary").filter({ hasText: customer.id }).click();
  await row("metadata[tier]", "gold").waitFor();
  await button("Restore").click();
  await confirm(`This restores the sandbox ${SANDBOX} to the snapshot before`, "Restore");
  await said("Restore: done.");
  assert.deepEqual((await stripe.customers.retrieve(customer.id)).metadata, {});
  await field("Name of the copy").fill(`${SANDBOX}-copy`);
  await button("Fork").click();
  await row(keyOf(`${SANDBOX}-copy`)).getByRole("button", { name: "Delete", exact: true }).click();
  await confirm(`This deletes the sandbox ${SANDBOX}-copy`, "Delete");
  await row(keyOf(`${SANDBOX}-copy`)).waitFor({ state: "detached" });
  const download = ui.page.waitForEvent("download");
  await row(SANDBOX).first().getByRole("link", { name: "Export" }).click();
  const file = await (await download).path();
  await stripe.customers.update(customer.id, { metadata: { tier: "gold" } });
  await ui.page.locator("input[type=file]").setInputFiles(file);
  await button("Import").click();
  await confirm("This replaces everything", "Import");
  await said("Import: done.");
  assert.deepEqual((await stripe.customers.retrieve(customer.id)).metadata, {});
});

test("coverage: what has only its shape is told apart from what has rules", async () => {
  await stripe.climate.orders.list();
  await wire("GET", "/v1/nonsense", { key: keyOf(SANDBOX) });
  await ui.visit("/coverage");
  const doubted = ui.page.getByRole("table", { name: "Called, and not built in full" });
  await doubted.getByRole("row").filter({ hasText: "climate.orders.list" }).getByText("only its shape").waitFor();
  await doubted.getByRole("row").filter({ hasText: "/v1/nonsense" }).getByText("no such address").waitFor();
  await ui.page.getByRole("searchbox").fill("customers.create");
  const everything = ui.page.getByRole("table", { name: "Everything called, the most often first" });
  await everything.getByRole("row").filter({ hasText: "customers.create" }).getByText("rules", { exact: true }).waitFor();
  assert.equal(await everything.getByText("climate.orders.list").count(), 0);
  assert.match(ui.page.url(), /search=customers\.create/);
});

test("billing: the timeline goes on to the renewal, whose invoice is as it was foretold", async () => {
  await ui.visit("/billing");
  await ui.page.getByRole("link", { name: subscription.id }).click();
  await ui.page.getByText("The next invoice: $38.00").waitFor();
  const entries = ui.page.locator("ol.track > li");
  await entries.filter({ hasText: "tell of renewal" }).waitFor();
  await button("Advance to the next thing").click();
  await entries.filter({ hasText: "tell of renewal" }).waitFor({ state: "detached" });
  await button("Advance to the next thing").click();
  await entries.filter({ hasText: "draft" }).waitFor();
  const [renewal] = (await stripe.invoices.list({ subscription: subscription.id })).data;
  assert.equal(renewal.total, 3800);
  await entries.filter({ hasText: renewal.id }).getByRole("button", { name: "Finalize and charge now" }).click();
  await entries.filter({ hasText: renewal.id }).getByText("1 attempt").waitFor();
  assert.equal((await stripe.invoices.retrieve(renewal.id)).status, "paid");
  await control("POST", "clock", { real: "true" });
});

test("test cards: one is found and copied", async () => {
  await ui.visit("/cards", CLIPBOARD);
  await ui.page.getByRole("searchbox").waitFor();
  await ui.page.keyboard.press("/");
  await ui.page.keyboard.type("insufficient_funds");
  await row("4000 0000 0000 9995").first().getByRole("button", { name: "Copy" }).first().click();
  await said("Copied.");
  assert.equal(await ui.page.evaluate(() => navigator.clipboard.readText()), "4000000000009995");
  assert.equal(await row("4242 4242 4242 4242").count(), 0);
});

for (const [name, settings] of Object.entries(WINDOWS)) {
  test(`${name} hinders nobody and scrolls nothing sideways`, async () => {
    await stripe.webhookEndpoints.create({ url: `${receiver.url}/good`, enabled_events: ["*"] });
    await stripe.checkout.sessions.create({ mode: "setup", currency: "usd", success_url: "http://localhost/ok" });
    await wire("POST", `/_pinstripe/faults?sandbox=${SANDBOX}`, { body: '{"effect":{"delay":[0,1]},"probability":0.5}' });
    await control("POST", "fork", { into: `${SANDBOX}-with-a-name-that-is-too-long` });
    await stripe.customers.update(customer.id, { metadata: { name } });
    await ui.visit("/webhooks", settings);
    // Each page is looked at whole in one of the windows: the themes have the same parts.
    const narrow = ["/webhooks", "/clock", `/billing?id=${subscription.id}`];
    for (const path of [...narrow, "/waiting", "/faults", "/sandboxes?from=before", "/coverage", "/billing", "/cards?search=0019"]) {
      await ui.go(path);
      await ui.page.locator("main :is(button, input, td)").first().waitFor();
      if (narrow.includes(path) === Boolean(settings.viewport)) await ui.fits();
      else assert.equal(await ui.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, path);
    }
  });
}
