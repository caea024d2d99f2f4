// The pictures in the documents, of what the live page shows. PICTURES=docs/pictures has them written anew.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { openReceiver, openUi } from "./ui-support.js";

const ROOT = new URL("../../..", import.meta.url).pathname;

/** Takes a picture of the window, and keeps it if somebody asks for that. */
async function picture(page, name) {
  const shot = await page.screenshot({ animations: "disabled" });
  // A page without text is a tenth of that.
  assert.ok(shot.length > 30_000, `${name}: ${shot.length} bytes`);
  if (!process.env.PICTURES) return;
  const folder = resolve(ROOT, process.env.PICTURES);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.png`), shot);
}

let ui, receiver;

before(async () => {
  [ui, receiver] = await Promise.all([openUi("pictures"), openReceiver()]);
});
after(async () => {
  receiver?.close();
  await ui?.close();
});

test("the pictures of the documents show a webhook that fails, an object, and a subscription over time", async () => {
  const { stripe } = ui;
  await stripe.webhookEndpoints.create({ url: `${receiver.url}/good`, enabled_events: ["*"] });
  const customer = await stripe.customers.create({ name: "Ada Lovelace", email: "ada@example.com", source: "tok_visa" });
  const price = await stripe.prices.create({ currency: "eur", unit_amount: 1900, recurring: { interval: "month" }, product_data: { name: "Gold plan" } });
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  await assert.rejects(stripe.charges.create({ amount: 1500, currency: "eur", source: "tok_chargeDeclined" }));
  await assert.rejects(stripe.customers.retrieve("cus_nobody"));
  await stripe.webhookEndpoints.create({ url: `${receiver.url}/bad`, enabled_events: ["charge.succeeded"] });
  const charge = await stripe.charges.create({ amount: 4200, currency: "eur", customer: customer.id, metadata: { order: "6735" } });
  const settings = { viewport: { width: 1280, height: 800 }, colorScheme: "light" };
  const page = await ui.visit("", settings);
  const row = page.locator("[data-row]", { hasText: "charges.create" }).filter({ hasText: "200" }).first();
  await row.getByText(": 500, attempt").first().waitFor();
  await picture(page, "timeline");
  await row.getByRole("button").first().click();
  await row.getByText("no such order").first().waitFor();
  await picture(page, "request");
  const again = await ui.visit(`/objects?id=${charge.id}`, settings);
  await again.getByText("Linked from").waitFor();
  await picture(again, "object");
  const billing = await ui.visit(`/billing?id=${subscription.id}`, settings);
  await billing.getByText("The next invoice").waitFor();
  await picture(billing, "billing");
});
