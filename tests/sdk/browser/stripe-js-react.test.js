// The newest @stripe/stripe-js and @stripe/react-stripe-js, unmodified, in StrictMode, on a page with the policy that Stripe documents.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bank, bundle, frame, openBrowser, openPage, payment, typeCard, typePayment } from "./stripe-js-support.js";

const SCRIPT = `
  import { StrictMode, useState } from "react";
  import { createRoot } from "react-dom/client";
  import { loadStripe } from "@stripe/stripe-js";
  import { AddressElement, CardElement, Elements, LinkAuthenticationElement, PaymentElement, useElements, useStripe } from "@stripe/react-stripe-js";

  const promise = loadStripe("pk_test_123");
  const log = (window.log = []);
  const note = (name) => (event) => log.push([name, event.elementType]);
  const ready = (type) => () => log.push(["ready", type]);

  function Form({ pay, children }) {
    const stripe = useStripe();
    const elements = useElements();
    const [said, say] = useState("");
    const submit = async (event) => {
      event.preventDefault();
      const { error, paymentIntent } = await pay(stripe, elements);
      say(error ? "Error: " + error.message : "Status: " + paymentIntent.status);
    };
    return <form onSubmit={submit}>{children}<button disabled={!stripe}>Pay</button><output>{said}</output></form>;
  }

  window.showPayment = (clientSecret) => createRoot(document.getElementById("app")).render(
    <StrictMode><Elements stripe={promise} options={{ clientSecret, appearance: { theme: "stripe" } }}>
      <Form pay={(stripe, elements) => stripe.confirmPayment({ elements, redirect: "if_required", confirmParams: { return_url: location.origin + "/done" } })}>
        <LinkAuthenticationElement onReady={ready("linkAuthentication")} />
        <AddressElement options={{ mode: "billing" }} onReady={ready("address")} />
        <PaymentElement onReady={ready("payment")} onChange={note("change")} onFocus={note("focus")} />
      </Form>
    </Elements></StrictMode>);

  window.showDeferred = (options, clientSecret) => createRoot(document.getElementById("app")).render(
    <StrictMode><Elements stripe={promise} options={options}>
      <Form pay={async (stripe, elements) => {
        const { error } = await elements.submit();
        return error ? { error } : stripe.confirmPayment({ elements, clientSecret, redirect: "if_required", confirmParams: { return_url: location.origin + "/done" } });
      }}><PaymentElement onReady={ready("payment")} /></Form>
    </Elements></StrictMode>);

  window.showCard = (clientSecret) => createRoot(document.getElementById("app")).render(
    <StrictMode><Elements stripe={promise}>
      <Form pay={(stripe, elements) => stripe.confirmCardPayment(clientSecret, { payment_method: { card: elements.getElement(CardElement) } })}>
        <CardElement options={{ style: { base: { fontSize: "16px" } } }} onReady={ready("card")} onChange={note("change")} />
      </Form>
    </Elements></StrictMode>);
`;

let browser, shop;
before(async () => {
  browser = await openBrowser();
  shop = await openPage({ body: '<div id="app"></div>', tag: "", script: await bundle(SCRIPT) });
});
after(async () => {
  shop?.close();
  await browser?.close();
});

/** Without what React itself says in a development build, and what a browser says of every answer that is not 200. */
const quiet = (page) => page.noise.filter((line) => !/React DevTools|status of 402/.test(line));
const ready = (page, type) => page.waitForFunction((one) => log.some(([name, is]) => name === "ready" && is === one), type);

test("a Payment Element with an e-mail address and a billing address is paid", async () => {
  const page = await browser.visit(shop);
  const intent = await payment();
  await page.evaluate((secret) => showPayment(secret), intent.client_secret);
  await ready(page, "payment");
  await ready(page, "address");
  await frame(page, "Secure email input frame").locator("[name=email]").fill("jenny@example.com");
  const address = frame(page, "Secure address input frame");
  await address.locator("[name=name]").fill("Jenny Rosen");
  await address.locator("[name=addressLine1]").fill("354 Oyster Point Blvd");
  await address.locator("[name=locality]").fill("South San Francisco");
  await address.locator("[name=administrativeArea]").selectOption("CA");
  await address.locator("[name=postalCode]").fill("94080");
  const card = frame(page, "Secure payment input frame");
  await card.locator("[name=number]").fill("4242424242424242");
  await card.locator("[name=expiry]").fill("1234");
  await card.locator("[name=cvc]").fill("123");
  const postal = card.locator("[name=postalCode]");
  if (await postal.count()) await postal.fill("94080");
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByText("Status: succeeded").waitFor();
  // StrictMode mounts each of them twice: one frame is left, and it says once that it is ready.
  for (const title of ["Secure payment input frame", "Secure address input frame", "Secure email input frame"]) {
    assert.equal(await page.locator(`iframe[title="${title}"]`).count(), 1);
  }
  assert.equal(await page.locator('iframe[name^="__privateStripeFrame"]').count(), 3);
  assert.equal(await page.locator('iframe[name^="__privateStripeController"]').count(), 1);
  const { last_payment_error, ...paid } = await page.evaluate(
    async (secret) => (await Stripe("pk_test_123").retrievePaymentIntent(secret)).paymentIntent,
    intent.client_secret,
  );
  assert.deepEqual([paid.status, last_payment_error], ["succeeded", null]);
  const events = await page.evaluate(() => log.map(([name, type]) => `${name} ${type}`));
  assert.deepEqual(
    events.filter((event) => event === "ready payment"),
    ["ready payment"],
  );
  assert.ok(events.includes("change payment") && events.includes("focus payment"));
  assert.deepEqual(quiet(page), []);
  await page.context().close();
});

test("a Payment Element shows a decline, and the next card is paid", async () => {
  const page = await browser.visit(shop);
  const { client_secret } = await payment();
  await page.evaluate((options) => showDeferred(options), { clientSecret: client_secret });
  await ready(page, "payment");
  await typePayment(page, "4000000000000002");
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByText("Error: Your card was declined.").waitFor();
  await typePayment(page);
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByText("Status: succeeded").waitFor();
  assert.deepEqual(quiet(page), []);
  await page.context().close();
});

test("a Payment Element without an intent is submitted, and confirmed with the one that the server makes", async () => {
  const page = await browser.visit(shop);
  const { client_secret } = await payment();
  await page.evaluate(
    ([options, secret]) => showDeferred(options, secret),
    [{ mode: "payment", amount: 1999, currency: "usd", paymentMethodTypes: ["card"] }, client_secret],
  );
  await ready(page, "payment");
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByText("Error: Your card number is incomplete.").waitFor();
  await typePayment(page, "4000002500003155");
  await page.getByRole("button", { name: "Pay" }).click();
  await bank(page).locator("#test-source-authorize-3ds").click();
  await page.getByText("Status: succeeded").waitFor();
  assert.deepEqual(quiet(page), []);
  await page.context().close();
});

test("a Card Element is paid with 3-D Secure", async () => {
  const page = await browser.visit(shop);
  const { client_secret } = await payment();
  await page.evaluate((secret) => showCard(secret), client_secret);
  await ready(page, "card");
  await typeCard(page, "4000002500003155");
  await page.getByRole("button", { name: "Pay" }).click();
  await bank(page).locator("#test-source-authorize-3ds").click();
  await page.getByText("Status: succeeded").waitFor();
  assert.deepEqual(quiet(page), []);
  await page.context().close();
});
