// The test wallet: the Express Checkout Element and payment requests, on a page whose script has the switch `?wallets=`.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { hindrances } from "./support.js";
import { api, frame, openBrowser, openPage, payment, start } from "./stripe-js-support.js";

const SCRIPT = `
  const stripe = (window.stripe = Stripe("pk_test_123"));
  const log = (window.log = []);
  window.show = async (group, options, handlers = {}) => {
    window.elements = stripe.elements(group);
    const node = document.body.appendChild(document.createElement("div"));
    window.element = elements.create("expressCheckout", options);
    for (const [event, handler] of Object.entries(handlers)) element.on(event, handler);
    const ready = new Promise((resolve) => element.on("ready", resolve));
    element.mount(node);
    return (await ready).availablePaymentMethods;
  };
`;
const WITH = "https://js.stripe.com/v3/?wallets=applePay,googlePay";
const GROUP = { mode: "payment", amount: 1999, currency: "usd" };

let browser, page;
const shops = {};
before(async () => {
  browser = await openBrowser();
  shops.plain = await openPage({ script: SCRIPT });
  shops.wallets = await openPage({ script: SCRIPT, tag: WITH });
});
after(async () => {
  for (const shop of Object.values(shops)) shop.close();
  await browser?.close();
});
beforeEach(async () => {
  await page?.context().close();
  page = await browser.visit(shops.wallets);
});

const button = (name) => frame(page, "Secure express checkout frame").getByRole("button", { name });
const sheet = (name) => page.frameLocator(`iframe[title="${name}"]`);
const heard = (event) => page.waitForFunction((one) => log.some(([name]) => name === one), event);

test("without the switch the browser has no wallet", async () => {
  await page.context().close();
  page = await browser.visit(shops.plain);
  const found = await page.evaluate(async (group) => {
    const request = stripe.paymentRequest({ country: "US", currency: "usd", total: { label: "All", amount: 1999 } });
    return [await show(group), await request.canMakePayment()];
  }, GROUP);
  assert.deepEqual(found, [undefined, null]);
});

test("Express Checkout: the click is resolved, the wallet pays, the page confirms", async () => {
  const { client_secret } = await payment();
  const available = await page.evaluate(
    ([group, clientSecret]) =>
      show(
        group,
        { emailRequired: true },
        {
          click: ({ expressPaymentType, resolve }) => {
            log.push(["click", expressPaymentType]);
            resolve({
              shippingAddressRequired: true,
              shippingRates: [
                { id: "slow", displayName: "Slow", amount: 0 },
                { id: "fast", displayName: "Fast", amount: 500 },
              ],
              lineItems: [{ name: "Goods", amount: 1999 }],
            });
          },
          shippingaddresschange: ({ name, address, resolve }) => {
            log.push(["address", name, address]);
            resolve({ lineItems: [{ name: "Goods", amount: 1999 }] });
          },
          shippingratechange: ({ shippingRate, resolve }) => {
            log.push(["rate", shippingRate.id]);
            resolve({
              lineItems: [
                { name: "Goods", amount: 1999 },
                { name: shippingRate.displayName, amount: shippingRate.amount },
              ],
            });
          },
          confirm: async (event) => {
            log.push(["confirm", event.expressPaymentType, event.billingDetails, event.shippingAddress, event.shippingRate?.id]);
            await elements.submit();
            const { error, paymentIntent } = await stripe.confirmPayment({
              elements,
              clientSecret,
              redirect: "if_required",
              confirmParams: { return_url: location.href },
            });
            log.push(["done", error?.message, paymentIntent?.status]);
          },
        },
      ),
    [GROUP, client_secret],
  );
  assert.deepEqual([available.applePay, available.googlePay, available.paypal], [true, true, false]);
  await button("Apple Pay").click();
  await sheet("Apple Pay").getByLabel("Shipping").selectOption("fast");
  await sheet("Apple Pay").getByText("$24.99").waitFor();
  await sheet("Apple Pay").getByRole("button", { name: "Pay" }).click();
  await heard("done");
  const log = await page.evaluate(() => window.log);
  const address = { city: "South San Francisco", state: "CA", postal_code: "94080", country: "US" };
  assert.deepEqual(log[0], ["click", "apple_pay"]);
  assert.deepEqual(log[1], ["address", "Jenny Rosen", address]);
  assert.deepEqual(log[2], ["rate", "fast"]);
  assert.deepEqual(log[3].slice(0, 2), ["confirm", "apple_pay"]);
  assert.deepEqual(
    [log[3][2].name, log[3][2].email, log[3][3].name, log[3][4]],
    ["Jenny Rosen", "jenny.rosen@example.com", "Jenny Rosen", "fast"],
  );
  assert.deepEqual(log[4], ["done", undefined, "succeeded"]);
  assert.equal(await page.locator('iframe[title="Apple Pay"]').count(), 0);
  assert.deepEqual(page.noise, []);
});

test("Express Checkout: a declined card is told on the sheet; the customer can go", async () => {
  const { client_secret } = await payment();
  await page.evaluate(
    ([group, clientSecret]) =>
      show(
        group,
        {},
        {
          cancel: () => log.push(["cancel"]),
          confirm: async () => {
            const { error } = await stripe.confirmPayment({
              elements,
              clientSecret,
              redirect: "if_required",
              confirmParams: { return_url: location.href },
            });
            log.push(["done", error?.message]);
          },
        },
      ),
    [{ ...GROUP }, client_secret],
  );
  await button("Google Pay").click();
  await sheet("Google Pay").getByLabel("Card").selectOption({ label: "Visa •••• 0002 (is declined)" });
  await page.evaluate(() => elements.submit());
  await sheet("Google Pay").getByRole("button", { name: "Pay" }).click();
  await sheet("Google Pay").getByRole("alert").getByText("Your card was declined.").waitFor();
  await sheet("Google Pay").getByRole("button", { name: "Cancel" }).click();
  await heard("cancel");
  assert.deepEqual(await page.evaluate(() => log), [["done", "Your card was declined."], ["cancel"]]);
});

test("Express Checkout: a click that is rejected opens nothing", async () => {
  await page.evaluate((group) => show(group, {}, { click: ({ reject }) => log.push(["click"]) && reject() }), GROUP);
  await button("Apple Pay").click();
  await heard("click");
  assert.equal(await page.locator('iframe[title="Apple Pay"]').count(), 0);
});

test("a payment request gives a payment method, with the payer and the address", async () => {
  const result = start(page, () => {
    const request = (window.request = stripe.paymentRequest({
      country: "US",
      currency: "usd",
      total: { label: "All", amount: 1999 },
      requestPayerName: true,
      requestPayerEmail: true,
      requestShipping: true,
      shippingOptions: [{ id: "free", label: "Free", detail: "", amount: 0 }],
    }));
    request.on("shippingaddresschange", ({ shippingAddress, updateWith }) =>
      updateWith({ status: shippingAddress.country === "US" ? "success" : "fail" }),
    );
    return new Promise((resolve) => {
      request.on("paymentmethod", ({ complete, paymentMethod, payerName, payerEmail, shippingAddress, shippingOption, walletName }) => {
        complete("success");
        resolve([
          paymentMethod.type,
          paymentMethod.card.last4,
          payerName,
          payerEmail,
          shippingAddress.city,
          shippingOption.id,
          walletName,
          request.isShowing(),
        ]);
      });
      request.canMakePayment().then((can) => can.applePay && request.show());
    });
  });
  await sheet("Apple Pay").getByRole("button", { name: "Pay" }).click();
  assert.deepEqual(await result, [
    "card",
    "4242",
    "Jenny Rosen",
    "jenny.rosen@example.com",
    "South San Francisco",
    "free",
    "applePay",
    false,
  ]);
});

test("the sheet hinders nobody; Escape closes it, and the page has the caret again", async () => {
  await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement("button"), { id: "buy", textContent: "Buy" }));
    document.getElementById("buy").focus();
    window.request = stripe.paymentRequest({ country: "US", currency: "usd", total: { label: "All", amount: 1999 } });
    request.on("cancel", () => log.push(["cancel"]));
    request.show();
  });
  await sheet("Apple Pay").getByRole("dialog", { name: "Apple Pay" }).waitFor();
  // The frame that is shown: one that was taken off would never answer.
  const shown = await page.locator('iframe[title="Apple Pay"]').elementHandle();
  assert.deepEqual(await hindrances(await shown.contentFrame()), []);
  await page.keyboard.press("Escape");
  await heard("cancel");
  assert.equal(await page.evaluate(() => document.activeElement.id), "buy");
});

test("the button of a payment request opens the wallet; a token or a source is made for who listens for one", async () => {
  for (const kind of ["token", "source"]) {
    await page.evaluate(async (event) => {
      document.body.replaceChildren();
      const paymentRequest = stripe.paymentRequest({ country: "US", currency: "usd", total: { label: "All", amount: 1999 } });
      window.given = new Promise((resolve) => paymentRequest.on(event, (given) => resolve(given[event].object, given.complete("success"))));
      const node = document.body.appendChild(document.createElement("div"));
      const made = stripe.elements().create("paymentRequestButton", { paymentRequest });
      await new Promise((resolve) => made.on("ready", resolve) && made.mount(node));
    }, kind);
    await frame(page, "Secure payment button frame").getByRole("button").click();
    await sheet("Apple Pay").getByRole("button", { name: "Pay" }).click();
    assert.equal(await page.evaluate(() => window.given), kind);
  }
});

test("a token is made of the card that was chosen", async () => {
  await page.evaluate(async () => {
    const paymentRequest = stripe.paymentRequest({ country: "HU", currency: "huf", total: { label: "All", amount: 1750000 } });
    window.given = new Promise((resolve) => paymentRequest.on("token", ({ token, complete }) => resolve(token.card.last4, complete("success"))));
    const made = stripe.elements().create("paymentRequestButton", { paymentRequest });
    await new Promise((resolve) => made.on("ready", resolve) && made.mount(document.body.appendChild(document.createElement("div"))));
  });
  await frame(page, "Secure payment button frame").getByRole("button").click();
  // The API counts hundredths of a forint, which nobody else does.
  assert.match(await sheet("Apple Pay").locator("#total").textContent(), /17,500\.00/);
  await sheet("Apple Pay").locator("#card").selectOption("tok_chargeDeclined");
  await sheet("Apple Pay").getByRole("button", { name: "Pay" }).click();
  assert.equal(await page.evaluate(() => window.given), "0002");
});

test("a wallet's confirmation token is paid by the server", async () => {
  await page.evaluate(
    (group) =>
      show(
        group,
        {},
        {
          confirm: async () => {
            await elements.submit();
            const { error, confirmationToken } = await stripe.createConfirmationToken({ elements });
            log.push(["done", error?.message, confirmationToken?.id]);
          },
        },
      ),
    GROUP,
  );
  await button("Apple Pay").click();
  await sheet("Apple Pay").getByRole("button", { name: "Pay" }).click();
  await heard("done");
  const [, message, token] = await page.evaluate(() => log[0]);
  assert.equal(message, undefined);
  const paid = await api("payment_intents", { amount: 1999, currency: "usd", confirmation_token: token, confirm: "true", return_url: `${shops.wallets.url}/done` });
  assert.equal(paid.status, "succeeded", JSON.stringify(paid.error));
});
