// The Payment Element: paid, declined, with 3-D Secure, set up, by redirect, without an intent at first, by tokens.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { api, bank, frame, openSuite, payment, start, typePayment } from "./stripe-js-support.js";

const SCRIPT = `
  const stripe = (window.stripe = Stripe("pk_test_123"));
  window.show = async (options, ...others) => {
    window.elements = stripe.elements(options);
    const types = [["payment"], ...others];
    await Promise.all(types.map(([type, options], at) => {
      document.body.append(Object.assign(document.createElement("div"), { id: type + at }));
      const element = elements.create(type, options);
      element.mount("#" + type + at);
      return new Promise((resolve, reject) => { element.on("ready", resolve); element.on("loaderror", ({ error }) => reject(new Error(error.message))); });
    }));
  };
`;
const AUTHENTICATION = "We are unable to authenticate your payment method. Please choose a different payment method and try again.";
const DEFERRED = { mode: "payment", amount: 1999, currency: "usd", paymentMethodTypes: ["card"] };

const suite = openSuite({ script: SCRIPT });
let page;
beforeEach(() => ({ page } = suite));

/** Shows elements, the Payment Element first. */
const show = (...given) => page.evaluate((all) => show(...all), given);
/** Confirms in the page. */
const confirm = (params = {}, method = "confirmPayment") =>
  start(page, ([name, more]) => stripe[name]({ elements, redirect: "if_required", ...more }), [method, params]);

test("redirect: if_required gives the intent; billing details go with the card", async () => {
  const intent = await payment();
  await show({ clientSecret: intent.client_secret });
  await typePayment(page);
  const { paymentIntent } = await confirm({ confirmParams: { payment_method_data: { billing_details: { name: "Jenny Rosen" } } } });
  assert.equal(paymentIntent.status, "succeeded");
  const { billing_details } = await api(`payment_methods/${paymentIntent.payment_method}`, {}, "GET");
  assert.deepEqual(
    [billing_details.name, billing_details.address.country, billing_details.address.postal_code],
    ["Jenny Rosen", "US", "12345"],
  );
  assert.deepEqual(page.noise, []);
});

test("without redirect: if_required the page goes to the return_url, and keeps its query", async () => {
  const intent = await payment();
  await show({ clientSecret: intent.client_secret });
  await typePayment(page);
  await page.evaluate(() => void stripe.confirmPayment({ elements, confirmParams: { return_url: `${location.origin}/done?order=7` } }));
  await page.waitForURL("**/done?**");
  const { searchParams } = new URL(page.url());
  assert.deepEqual(Object.fromEntries(searchParams), {
    order: "7",
    payment_intent: intent.id,
    payment_intent_client_secret: intent.client_secret,
    redirect_status: "succeeded",
  });
});

test("what is missing is told by the result and in the frame", async () => {
  const intent = await payment();
  await show({ clientSecret: intent.client_secret });
  const { error } = await confirm();
  assert.deepEqual([error.type, error.code, error.message], ["validation_error", "incomplete_number", "Your card number is incomplete."]);
  await frame(page, "Secure payment input frame").getByText("Your card number is incomplete.").waitFor();
  assert.equal((await api(`payment_intents/${intent.id}`, {}, "GET")).status, "requires_payment_method");
});

test("a decline is told by the result and in the frame, and the next card is paid", async () => {
  const intent = await payment();
  await show({ clientSecret: intent.client_secret });
  await typePayment(page, "4000000000009995");
  const { error } = await confirm();
  assert.deepEqual(
    [error.code, error.decline_code, error.message],
    ["card_declined", "insufficient_funds", "Your card has insufficient funds."],
  );
  assert.equal(error.payment_intent.id, intent.id);
  await frame(page, "Secure payment input frame").getByText("Your card has insufficient funds.").waitFor();
  await typePayment(page);
  assert.equal((await confirm()).paymentIntent.status, "succeeded");
});

test("3-D Secure, completed and failed", async () => {
  for (const [button, code] of [
    ["#test-source-authorize-3ds", undefined],
    ["#test-source-fail-3ds", "payment_intent_authentication_failure"],
  ]) {
    const intent = await payment();
    await page.evaluate(() => document.body.replaceChildren());
    await show({ clientSecret: intent.client_secret });
    await typePayment(page, "4000002500003155");
    const result = confirm();
    await bank(page).locator(button).click();
    const { error, paymentIntent } = await result;
    assert.deepEqual([error?.code, error?.message], code ? [code, AUTHENTICATION] : [undefined, undefined]);
    assert.equal((paymentIntent ?? error.payment_intent).status, code ? "requires_payment_method" : "succeeded");
  }
});

test("confirmSetup keeps a card, and leads on with the SetupIntent's parameters", async () => {
  const first = await api("setup_intents", { "payment_method_types[]": "card" });
  await show({ clientSecret: first.client_secret });
  await typePayment(page);
  const { setupIntent } = await confirm({}, "confirmSetup");
  assert.deepEqual([setupIntent.status, setupIntent.id], ["succeeded", first.id]);
  const second = await api("setup_intents", { "payment_method_types[]": "card" });
  await page.evaluate(() => document.body.replaceChildren());
  await show({ clientSecret: second.client_secret });
  await typePayment(page);
  await page.evaluate(() => void stripe.confirmSetup({ elements, confirmParams: { return_url: `${location.origin}/done` } }));
  await page.waitForURL("**/done?**");
  assert.equal(new URL(page.url()).searchParams.get("setup_intent"), second.id);
  assert.equal(new URL(page.url()).searchParams.get("redirect_status"), "succeeded");
});

test("a saved method is confirmed by its id, without elements", async () => {
  const customer = await api("customers");
  const method = await api("payment_methods/pm_card_visa/attach", { customer: customer.id });
  const { client_secret } = await payment({ customer: customer.id });
  const { paymentIntent } = await page.evaluate(
    ([clientSecret, payment_method]) => stripe.confirmPayment({ clientSecret, confirmParams: { payment_method }, redirect: "if_required" }),
    [client_secret, method.id],
  );
  assert.deepEqual([paymentIntent.status, paymentIntent.payment_method], ["succeeded", method.id]);
});

test("saved methods of a customer session are offered; a new card is kept if the customer says so", async () => {
  const customer = await api("customers", { email: "jenny@example.com" });
  const method = await api("payment_methods", { type: "card", "card[token]": "tok_visa", allow_redisplay: "always" });
  await api(`payment_methods/${method.id}/attach`, { customer: customer.id });
  const features = "components[payment_element][features]";
  const session = await api("customer_sessions", {
    customer: customer.id,
    "components[payment_element][enabled]": "true",
    [`${features}[payment_method_redisplay]`]: "enabled",
    [`${features}[payment_method_save]`]: "enabled",
    [`${features}[payment_method_save_usage]`]: "off_session",
  });
  const first = await payment({ customer: customer.id });
  await show({ clientSecret: first.client_secret, customerSessionClientSecret: session.client_secret });
  const element = frame(page, "Secure payment input frame");
  await element.getByRole("radio", { name: /4242/ }).check();
  const saved = await confirm();
  assert.deepEqual(
    [saved.paymentIntent?.status, saved.paymentIntent?.payment_method],
    ["succeeded", method.id],
    JSON.stringify(saved.error),
  );
  const second = await payment({ customer: customer.id });
  await page.evaluate(() => document.body.replaceChildren());
  await show({ clientSecret: second.client_secret, customerSessionClientSecret: session.client_secret });
  await element.locator("[data-testid=card]").click();
  await typePayment(page, "5555555555554444");
  await element.getByRole("checkbox", { name: /save/i }).check();
  const kept = await confirm();
  assert.equal(kept.paymentIntent?.status, "succeeded", JSON.stringify(kept.error));
  const { data } = await api("payment_methods", { customer: customer.id, type: "card" }, "GET");
  assert.deepEqual(
    data.map(({ card, allow_redisplay }) => [card.last4, allow_redisplay]),
    [
      ["4444", "always"],
      ["4242", "always"],
    ],
  );
});

test("a method that redirects leads to its page, and back to the return_url", async () => {
  const intent = await payment({ currency: "eur", "payment_method_types[]": "ideal" });
  await show({ clientSecret: intent.client_secret });
  const ideal = frame(page, "Secure payment input frame");
  for (const [field, value] of [
    ["name", "Jenny Rosen"],
    ["email", "jenny@example.com"],
  ]) {
    const input = ideal.locator(`[name=${field}]`);
    if (await input.count()) await input.fill(value);
  }
  await page.evaluate(
    () => void stripe.confirmPayment({ elements, redirect: "if_required", confirmParams: { return_url: `${location.origin}/done` } }),
  );
  await page.getByRole("link", { name: "Authorize Test Payment" }).click();
  await page.waitForURL("**/done?**");
  assert.equal(new URL(page.url()).searchParams.get("redirect_status"), "succeeded");
  assert.equal((await api(`payment_intents/${intent.id}`, {}, "GET")).status, "succeeded");
});

test("addresses and the e-mail address of other elements go with the payment", async () => {
  const intent = await payment();
  await show({ clientSecret: intent.client_secret }, ["address", { mode: "shipping" }], ["linkAuthentication"]);
  await frame(page, "Secure email input frame").locator("[name=email]").fill("jenny@example.com");
  const address = frame(page, "Secure address input frame");
  await address.locator("[name=name]").fill("Jenny Rosen");
  await address.locator("[name=addressLine1]").fill("354 Oyster Point Blvd");
  await address.locator("[name=locality]").fill("South San Francisco");
  await address.locator("[name=administrativeArea]").selectOption("CA");
  await address.locator("[name=postalCode]").fill("94080");
  await typePayment(page);
  const { paymentIntent, error } = await confirm();
  assert.equal(error, undefined);
  assert.deepEqual(
    [paymentIntent.shipping.name, paymentIntent.shipping.address.city, paymentIntent.shipping.address.state],
    ["Jenny Rosen", "South San Francisco", "CA"],
  );
  const { billing_details } = await api(`payment_methods/${paymentIntent.payment_method}`, {}, "GET");
  assert.equal(billing_details.email, "jenny@example.com");
  const value = await page.evaluate(() => elements.getElement("address").getValue());
  assert.deepEqual([value.complete, value.value.address.postal_code], [true, "94080"]);
});

test("elements without an intent: submit() first, then the intent that the server has made", async () => {
  await show(DEFERRED);
  const intent = await payment();
  const early = page.evaluate(
    (clientSecret) => stripe.confirmPayment({ elements, clientSecret, redirect: "if_required" }),
    intent.client_secret,
  );
  await assert.rejects(early, /IntegrationError: elements\.submit\(\) must be called before stripe\.confirmPayment\(\)/);
  const missing = await page.evaluate(() => elements.submit());
  assert.equal(missing.error.code, "incomplete_number");
  await typePayment(page);
  assert.deepEqual(await page.evaluate(() => elements.submit()), { selectedPaymentMethod: "card" });
  await assert.rejects(
    confirm(),
    /IntegrationError: You must pass in a clientSecret when calling stripe\.confirmPayment\(\)\/confirmSetup\(\)\./,
  );
  assert.equal((await confirm({ clientSecret: intent.client_secret })).paymentIntent.status, "succeeded");
});

test("elements without an intent that contradict the intent are refused by the API", async () => {
  await show({ ...DEFERRED, currency: "eur" });
  await typePayment(page);
  await page.evaluate(() => elements.submit());
  const { client_secret } = await payment();
  const { error } = await confirm({ clientSecret: client_secret });
  assert.match(error.message, /^The provided currency \(usd\) does not match the expected currency \(eur\)\./);
});

test("a confirmation token of elements is confirmed by the server, its challenge handled by the page", async () => {
  await show(DEFERRED);
  await typePayment(page, "4000002500003155");
  await page.evaluate(() => elements.submit());
  const { confirmationToken, error } = await page.evaluate(() =>
    stripe.createConfirmationToken({ elements, params: { payment_method_data: { billing_details: { name: "Jenny Rosen" } } } }),
  );
  assert.equal(error, undefined);
  assert.deepEqual(
    [confirmationToken.payment_method_preview.card.last4, confirmationToken.payment_method_preview.billing_details.name],
    ["3155", "Jenny Rosen"],
  );
  const intent = await payment({ confirm: "true", confirmation_token: confirmationToken.id, use_stripe_sdk: "true" });
  assert.equal(intent.status, "requires_action");
  const result = start(page, (clientSecret) => stripe.handleNextAction({ clientSecret }), intent.client_secret);
  await bank(page).locator("#test-source-authorize-3ds").click();
  assert.equal((await result).paymentIntent.status, "succeeded");
});

test("a confirmation token is given to confirmPayment, too", async () => {
  await show(DEFERRED);
  await typePayment(page);
  await page.evaluate(() => elements.submit());
  const { confirmationToken } = await page.evaluate(() => stripe.createConfirmationToken({ elements }));
  const { client_secret } = await payment();
  const { paymentIntent, error } = await page.evaluate(
    ([clientSecret, confirmation_token]) =>
      stripe.confirmPayment({ clientSecret, confirmParams: { confirmation_token, return_url: location.href }, redirect: "if_required" }),
    [client_secret, confirmationToken.id],
  );
  assert.equal(paymentIntent?.status, "succeeded", JSON.stringify(error));
});

test("createPaymentMethod of submitted elements", async () => {
  await show({ ...DEFERRED, paymentMethodCreation: "manual" });
  await typePayment(page);
  const early = page.evaluate(() => stripe.createPaymentMethod({ elements }));
  await assert.rejects(early, /IntegrationError: elements\.submit\(\) must be called before stripe\.createPaymentMethod\(\)\./);
  await page.evaluate(() => elements.submit());
  const { paymentMethod } = await page.evaluate(() =>
    stripe.createPaymentMethod({ elements, params: { billing_details: { name: "Jenny Rosen" } } }),
  );
  assert.deepEqual([paymentMethod.type, paymentMethod.card.last4, paymentMethod.billing_details.name], ["card", "4242", "Jenny Rosen"]);
});

test("details that the element was told not to ask for have to be passed", async () => {
  const intent = await payment();
  await page.evaluate(async (clientSecret) => {
    document.body.append(Object.assign(document.createElement("div"), { id: "here" }));
    window.elements = stripe.elements({ clientSecret });
    const element = elements.create("payment", { fields: { billingDetails: { email: "never" } } });
    element.mount("#here");
    await new Promise((resolve) => element.on("ready", resolve));
  }, intent.client_secret);
  await typePayment(page);
  await assert.rejects(
    confirm(),
    /IntegrationError: You specified "never" for fields\.billing_details\.email when creating the payment Element, but did not pass confirmParams\.payment_method_data\.billing_details\.email when calling stripe\.confirmPayment\(\)\./,
  );
  const { paymentIntent } = await confirm({ confirmParams: { payment_method_data: { billing_details: { email: "jenny@example.com" } } } });
  assert.equal(paymentIntent.status, "succeeded");
});
