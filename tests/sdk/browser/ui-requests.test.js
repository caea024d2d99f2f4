// The live page: requests with their errors, one of them as code and sent again; events with what changed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { baseUrl } from "../node/support.js";
import { HOSTILE, openReceiver, openUi, WINDOWS } from "./ui-support.js";

const SANDBOX = "browser-ui-requests";
let ui, receiver, customer;

before(async () => {
  [ui, receiver] = await Promise.all([openUi(SANDBOX), openReceiver()]);
  await ui.stripe.webhookEndpoints.create({ url: `${receiver.url}/good`, enabled_events: ["*"] });
  customer = await ui.stripe.customers.create({ name: HOSTILE, metadata: { order: "17" }, address: { postal_code: "10115", country: "DE" } }, { idempotencyKey: "order-17" });
  await ui.stripe.customers.update(customer.id, { description: "Wholesale" });
  for (const amount of [2000, 3000]) await ui.stripe.charges.create({ amount, currency: "usd", source: "tok_chargeDeclined" }).catch(() => {});
});
after(async () => {
  receiver?.close();
  await ui?.close();
});

const cells = (...texts) => texts.reduce((found, hasText) => found.filter({ hasText }), ui.page.getByRole("row"));
const title = (name) => ui.page.getByRole("heading", { level: 1, name }).waitFor();

test("errors stand in groups, with how often they came, and lead to their requests", async () => {
  await ui.visit("/requests");
  const group = cells("Your card was declined.", "card_declined · generic_decline").first();
  assert.equal(await group.getByRole("cell").first().textContent(), "2");
  await group.getByRole("link", { name: "charges.create" }).click();
  await ui.page.getByRole("heading", { name: "Requests that fit" }).waitFor();
  assert.match(ui.page.url(), /error=card_declined/);
  assert.equal(await ui.page.getByRole("row").filter({ hasText: "Your card was declined." }).count(), 2);
});

test("a request shows its parameters, its answer, and what followed from it", async () => {
  await ui.visit("/requests?operation=customers.create");
  await ui.page.getByRole("link", { name: "customers.create" }).click();
  await title(/customers\.create/);
  assert.equal(await ui.page.evaluate(() => document.activeElement.tagName), "H1");
  await ui.page.getByText("order-17").first().waitFor();
  await ui.page.getByRole("group", { name: "JSON" }).first().getByText("<img src=x onerror=alert(1)>").waitFor();
  await ui.page.getByText("customer.created").first().waitFor();
  await ui.page.getByText("✓ 200").first().waitFor();
  await ui.page.getByRole("heading", { name: /^Answer/ }).waitFor();
});

test("a request is code for curl and for two SDKs", async () => {
  const code = ui.page.locator("pre");
  assert.match(await code.textContent(), /^curl http:\S+\/v1\/customers -u sk_test_sandbox_browser-ui-requests: .*'metadata\[order\]=17'/);
  await ui.page.getByLabel("Language").selectOption("stripe-node");
  await ui.page.getByText("await stripe.customers.create({").waitFor();
  assert.match(await code.textContent(), /metadata: \{\n {4}order: "17",\n {2}\},/);
  assert.match(await code.textContent(), /postal_code: "10115"/);
  assert.match(await code.textContent(), /idempotencyKey: "order-17"/);
  await ui.page.getByLabel("Language").selectOption("stripe-python");
  await ui.page.getByText("client.v1.customers.create(params={").waitFor();
});

test("a request is sent again, without its idempotency key", async () => {
  const before = (await ui.stripe.customers.list()).data.length;
  const old = ui.page.url();
  await ui.page.getByRole("button", { name: "Send again" }).first().click();
  await ui.page.waitForURL((now) => now.href !== old);
  await ui.page.getByText(new URL(ui.page.url()).searchParams.get("id"), { exact: true }).first().waitFor();
  assert.equal(await ui.page.getByText("order-17").count(), 0);
  assert.equal((await ui.stripe.customers.list()).data.length, before + 1);
});

test("an event shows what changed, and is sent again", async () => {
  await ui.visit("/events");
  await ui.page.getByRole("link", { name: "customer.updated" }).click();
  await title("customer.updated");
  await cells("description", "null", "Wholesale").waitFor();
  await ui.page.getByRole("button", { name: "Send again to every endpoint" }).click();
  await ui.page.locator("p").filter({ hasText: "✓ 200" }).nth(1).waitFor();
  const { deliveries } = await (await fetch(`${baseUrl}/_pinstripe/webhooks/deliveries?sandbox=${SANDBOX}&type=customer.updated`)).json();
  assert.deepEqual(deliveries.map(({ resent }) => resent), [true, false]);
});

for (const [name, settings] of Object.entries(WINDOWS)) {
  test(`nothing hinders people in requests and events: ${name}`, async () => {
    await ui.visit("/requests", settings);
    await ui.fits();
    await ui.page.getByRole("link", { name: "customers.update" }).first().click();
    await title(/customers\.update/);
    await ui.page.getByText("✓ 200").first().waitFor();
    await ui.fits();
    await ui.go("/events");
    await ui.fits();
    await ui.page.getByRole("link", { name: "customer.updated" }).click();
    await title("customer.updated");
    await ui.fits();
  });
}
