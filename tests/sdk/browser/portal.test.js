// The customer portal and the page of a payment link, as a person uses them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "../node/support.js";
import { hindrances, launch, openShop } from "./support.js";

let stripe, browser, shop, page, price, pro;
const complaints = [];

before(async () => {
  stripe = await open("browser-portal");
  [browser, shop] = await Promise.all([launch(), openShop()]);
  const product = await stripe.products.create({ name: "Plan" });
  const monthly = (amount) => stripe.prices.create({ currency: "usd", unit_amount: amount, recurring: { interval: "month" }, product: product.id });
  [price, pro] = await Promise.all([monthly(1000), monthly(2500)]);
});
after(async () => {
  await browser?.close();
  shop?.close();
  assert.deepEqual(complaints, [], "what the browser complained about");
});

async function visit(link, settings = {}) {
  await page?.context().close();
  page = await (await browser.newContext(settings)).newPage();
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  assert.equal((await page.goto(link)).status(), 200);
}

/** A customer with a subscription, and a session of the portal for it. */
async function portal(more = {}) {
  const customer = await stripe.customers.create({
    email: "ada@example.com", payment_method: "pm_card_visa", invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  const configuration = await stripe.billingPortal.configurations.create({
    features: {
      customer_update: { enabled: true, allowed_updates: ["name", "address"] }, invoice_history: { enabled: true },
      payment_method_update: { enabled: true }, subscription_cancel: { enabled: true },
      subscription_update: {
        enabled: true, default_allowed_updates: ["price"], proration_behavior: "create_prorations",
        products: [{ product: price.product, prices: [price.id, pro.id] }],
      },
    },
  });
  const session = await stripe.billingPortal.sessions.create({
    customer: customer.id, configuration: configuration.id, return_url: `${shop.url}/account`, ...more,
  });
  return { customer, subscription, session };
}
const button = (name) => page.getByRole("button", { name }).first();

test("a customer changes the plan, cancels, and takes it back", async () => {
  const { subscription, session } = await portal();
  await visit(session.url);
  await page.getByText("Update subscription").click();
  await page.getByLabel("New plan").selectOption(pro.id);
  await button("Continue").click();
  await page.getByRole("table", { name: "What the change costs" }).getByText(/Unused time/).waitFor();
  await button("Confirm update").click();
  await page.getByRole("status").getByText("Your subscription was changed").waitFor();
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).items.data[0].price.id, pro.id);
  await page.getByText("Cancel subscription").click();
  await button("Confirm cancellation").click();
  await page.getByText(/^Ends on /).waitFor();
  await button("Don’t cancel subscription").click();
  await page.getByText(/^Renews on /).waitFor();
  await page.getByRole("link", { name: "Return" }).click();
  await page.waitForURL(`${shop.url}/account`);
});

test("a customer adds a card, and removes the one before", async () => {
  const { customer, session } = await portal();
  await visit(session.url);
  await page.getByText("Add payment method").click();
  await page.getByLabel("Card number").fill("5555555555554444");
  await page.getByLabel("Expiration").fill("12/34");
  await page.getByLabel("CVC").fill("123");
  await page.getByLabel("Cardholder name").fill("Ada");
  await button("Add").click();
  await page.getByText("mastercard ending in 4444").waitFor();
  await button("Remove").click();
  await page.getByRole("status").getByText("Your payment method was removed").waitFor();
  const methods = await stripe.customers.listPaymentMethods(customer.id);
  assert.deepEqual(methods.data.map(({ card }) => card.last4), ["4444"]);
});

test("details are saved, and an invoice can be seen", async () => {
  const { customer, session } = await portal();
  await visit(session.url);
  await page.getByLabel("Name", { exact: true }).fill("Ada <script>");
  await button("Save").click();
  await page.getByRole("status").waitFor();
  assert.equal((await stripe.customers.retrieve(customer.id)).name, "Ada <script>");
  await page.getByRole("table").getByRole("link").click();
  await page.getByRole("heading", { name: /paid on/ }).waitFor();
});

test("a flow goes back to the shop when it is done", async () => {
  const customer = await stripe.customers.create({ payment_method: "pm_card_visa", invoice_settings: { default_payment_method: "pm_card_visa" } });
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  const flow_data = {
    type: "subscription_cancel", subscription_cancel: { subscription: subscription.id },
    after_completion: { type: "redirect", redirect: { return_url: `${shop.url}/gone` } },
  };
  const configuration = await stripe.billingPortal.configurations.create({ features: { subscription_cancel: { enabled: true, mode: "immediately" } } });
  const session = await stripe.billingPortal.sessions.create({ customer: customer.id, configuration: configuration.id, flow_data });
  await visit(session.url);
  await page.getByText("Cancel subscription").click();
  await Promise.all([page.waitForURL(`${shop.url}/gone`), button("Confirm cancellation").click()]);
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, "canceled");
});

test("the portal fits a telephone in both themes, and hinders nobody", async () => {
  const { session } = await portal();
  for (const colorScheme of ["light", "dark"]) {
    await visit(session.url, { viewport: { width: 320, height: 640 }, colorScheme });
    for (const part of await page.locator("summary").all()) await part.click();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${width} pixels wide`);
    assert.deepEqual(await hindrances(page), [], colorScheme);
  }
});

test("a payment link begins a session for everybody who opens it", async () => {
  const mug = await stripe.prices.create({ currency: "usd", unit_amount: 700, product_data: { name: "Mug" } });
  const link = await stripe.paymentLinks.create({
    line_items: [{ price: mug.id, quantity: 1 }], restrictions: { completed_sessions: { limit: 1 } },
    after_completion: { type: "hosted_confirmation", hosted_confirmation: { custom_message: "See you" } },
  });
  await visit(`${link.url}?prefilled_email=jo%40example.com`);
  assert.match(page.url(), /\/c\/pay\/cs_test_/);
  assert.equal(await page.locator("#email").inputValue(), "jo@example.com");
  for (const [id, value] of Object.entries({ cardNumber: "4242424242424242", cardExpiry: "1234", cardCvc: "123", billingName: "Jo", billingPostalCode: "94107" })) {
    await page.locator(`#${id}`).fill(value);
  }
  await page.getByTestId("hosted-payment-submit-button").click();
  await page.getByText("See you").waitFor();
  const sessions = await stripe.checkout.sessions.list({ payment_link: link.id });
  assert.equal(sessions.data[0].payment_status, "paid");
  await visit(link.url);
  assert.match(await page.textContent("main"), /no longer active/);
});
