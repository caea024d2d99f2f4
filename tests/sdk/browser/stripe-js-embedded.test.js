// Checkout in a frame of the shop's page, and the way to its own page.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { api, openSuite, start } from "./stripe-js-support.js";

const suite = openSuite({ body: '<div id="checkout"></div>', script: 'window.stripe = Stripe("pk_test_123");' });
let browser, shop, page;
beforeEach(() => ({ browser, shop, page } = suite));

const MUG = {
  mode: "payment", "line_items[0][quantity]": 1, "line_items[0][price_data][currency]": "usd", "line_items[0][price_data][unit_amount]": 1000,
  "line_items[0][price_data][product_data][name]": "Mug",
};
const embedded = (more = {}) => api("checkout/sessions", { ...MUG, ui_mode: "embedded_page", ...more });
const returning = () => ({ return_url: `${shop.url}/done?session={CHECKOUT_SESSION_ID}` });
const form = () => page.frameLocator('iframe[name="embedded-checkout"]');

/** Mounts a Checkout, and notes what the page is told of it. */
const mount = (secret) =>
  page.evaluate(async (clientSecret) => {
    window.told = [];
    window.checkout = await stripe.createEmbeddedCheckoutPage({
      clientSecret,
      onComplete: () => told.push("complete"),
      onAnalyticsEvent: ({ eventType, checkoutSession }) => told.push(`${eventType} ${checkoutSession.slice(0, 8)}`),
    });
    checkout.mount("#checkout");
  }, secret);

async function pay(number = "4242424242424242") {
  await form().locator("#email").fill("jenny@example.com");
  await form().locator("#cardNumber").fill(number);
  await form().locator("#cardExpiry").fill("1234");
  await form().locator("#cardCvc").fill("123");
  await form().locator("#billingName").fill("Jenny Rosen");
  await form().locator("#billingPostalCode").fill("94107");
  await form().getByTestId("hosted-payment-submit-button").click();
}

test("an embedded Checkout is paid in its frame, and the shop's page goes on", async () => {
  const session = await embedded(returning());
  await mount(session.client_secret);
  const frame = page.locator('iframe[name="embedded-checkout"]');
  assert.match(await frame.getAttribute("src"), /^https:\/\/js\.stripe\.com\/v3\/embedded-checkout-inner-.*\.html#.*checkoutSessionId=cs_test_/);
  await form().locator("#email").waitFor();
  await page.waitForFunction(() => document.querySelector("#checkout iframe").clientHeight > 500);
  await pay();
  await page.waitForURL(`${shop.url}/done?session=${session.id}`);
  assert.equal((await api(`checkout/sessions/${session.id}`, {}, "GET")).status, "complete");
  assert.deepEqual(page.noise, []);
});

test("without a redirect the page is told that it is complete", async () => {
  const session = await embedded({ redirect_on_completion: "never" });
  await mount(session.client_secret);
  await pay();
  await page.waitForFunction(() => told.includes("complete"));
  assert.deepEqual(await page.evaluate(() => told), ["checkoutRendered cs_test_", "checkoutSubmitted cs_test_", "complete"]);
  await form().getByText("You’re all done here").waitFor();
  assert.equal(page.url(), `${shop.url}/`);
});

test("a challenge is passed in the frame, and a decline stays there", async () => {
  const session = await embedded(returning());
  await mount(session.client_secret);
  await pay("4000000000000002");
  await form().locator(".ConfirmPaymentButton-Error").waitFor();
  await form().locator("#cardNumber").fill("4000002760003184");
  await form().getByTestId("hosted-payment-submit-button").click();
  await form().frameLocator("#challengeFrame").locator("#test-source-authorize-3ds").click();
  await page.waitForURL(`${shop.url}/done?session=${session.id}`);
});

test("one Checkout can be embedded at a time; the place is free a moment after it was destroyed", async () => {
  const session = await embedded(returning());
  await mount(session.client_secret);
  const again = () => page.evaluate((clientSecret) => stripe.initEmbeddedCheckout({ fetchClientSecret: async () => clientSecret }).then(() => "made", String), session.client_secret);
  assert.equal(await again(), "IntegrationError: You cannot have multiple Embedded Checkout objects.");
  assert.equal(await page.evaluate(() => { checkout.unmount(); checkout.mount("#checkout"); checkout.destroy(); return document.querySelectorAll("iframe[name=embedded-checkout]").length; }), 0);
  assert.equal(await again(), "made");
  const mounted = await page.evaluate(() => { try { checkout.mount("#checkout"); return "mounted"; } catch (error) { return error.message; } });
  assert.match(mounted, /has been destroyed/);
});

test("what is no secret of a session is refused, and does not take the place", async () => {
  const refused = await page.evaluate(() => stripe.createEmbeddedCheckoutPage({ clientSecret: "pi_1_secret_2" }).catch(String));
  assert.match(refused, /^IntegrationError: Invalid value for createEmbeddedCheckoutPage client secret/);
  const session = await embedded(returning());
  await mount(session.client_secret);
  await form().locator("#cardNumber").waitFor();
});

test("the shop says whether it ships to an address; its server stores it", async () => {
  const session = await embedded({
    ...returning(), "shipping_address_collection[allowed_countries][0]": "US", "shipping_address_collection[allowed_countries][1]": "DE",
    "permissions[update_shipping_details]": "server_only",
  });
  await page.exposeFunction("store", ({ checkoutSessionId, shippingDetails }) => {
    const { name, address } = shippingDetails;
    const whole = Object.entries(address).filter(([, value]) => value).map(([key, value]) => [`collected_information[shipping_details][address][${key}]`, value]);
    return api(`checkout/sessions/${checkoutSessionId}`, { "collected_information[shipping_details][name]": name, ...Object.fromEntries(whole) });
  });
  await page.evaluate(async (clientSecret) => {
    window.seen = [];
    const checkout = await stripe.createEmbeddedCheckoutPage({
      clientSecret,
      onShippingDetailsChange: async (event) => {
        seen.push(event);
        if (event.shippingDetails.address.country !== "US") return { type: "reject", errorMessage: "We do not ship there." };
        const stored = await store(event);
        return stored.error ? { type: "reject", errorMessage: stored.error.message } : { type: "accept" };
      },
    });
    checkout.mount("#checkout");
  }, session.client_secret);
  await form().locator("#shippingCountry").selectOption("DE");
  await form().locator("#shippingName").fill("Jenny Rosen");
  await form().locator("#shippingAddressLine1").fill("Torstraße 1");
  await form().locator("#shippingPostalCode").fill("10119");
  await form().locator("#shippingLocality").fill("Berlin");
  await form().locator("#shippingLocality").blur();
  await form().getByText("We do not ship there.").waitFor();
  const [event] = await page.evaluate(() => seen);
  assert.equal(event.checkoutSessionId, session.id);
  assert.deepEqual([event.shippingDetails.name, event.shippingDetails.address.city], ["Jenny Rosen", "Berlin"]);
  await pay();
  await form().getByText("We do not ship there.").waitFor();
  await form().locator("#shippingCountry").selectOption("US");
  await form().locator("#shippingAddressLine1").fill("1 Main St");
  await form().locator("#shippingPostalCode").fill("94107");
  await form().locator("#shippingLocality").fill("San Francisco");
  await form().locator("#shippingAdministrativeArea").selectOption("CA");
  await form().getByTestId("hosted-payment-submit-button").click();
  await page.waitForURL(`${shop.url}/done?session=${session.id}`);
  const paid = await api(`checkout/sessions/${session.id}`, {}, "GET");
  assert.equal(paid.collected_information.shipping_details.address.city, "San Francisco");
});

test("what the stand-in does not have is refused by name", async () => {
  const session = await embedded(returning());
  const refused = await page.evaluate((clientSecret) => stripe.createEmbeddedCheckoutPage({ clientSecret, onLineItemsChange: () => {} }).catch(String), session.client_secret);
  assert.equal(refused, "IntegrationError: Pinstripe does not have onLineItemsChange of stripe.createEmbeddedCheckoutPage(): nothing was done.");
});

test("redirectToCheckout leads to the session's own page", async () => {
  const session = await api("checkout/sessions", { ...MUG, success_url: `${shop.url}/done` });
  start(page, (sessionId) => stripe.redirectToCheckout({ sessionId }), session.id);
  await page.waitForURL(session.url);
  await page.locator("#cardNumber").waitFor();
  page = await browser.visit(shop);
  const { error } = await page.evaluate(() => stripe.redirectToCheckout({ sessionId: "cs_test_none" }));
  assert.equal(error.code, "resource_missing");
  const alone = await page.evaluate(() => stripe.redirectToCheckout({ items: [] }).catch(String));
  assert.match(alone, /needs a sessionId/);
});
