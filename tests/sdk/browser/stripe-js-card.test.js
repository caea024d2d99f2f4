// The Card Element: paid, declined, with 3-D Secure, set up, kept, and turned into tokens and payment methods.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { api, bank, frame, openSuite, payment, start, typeCard } from "./stripe-js-support.js";

const SCRIPT = `
  const stripe = (window.stripe = Stripe("pk_test_123"));
  const elements = stripe.elements();
  const card = (window.card = elements.create("card"));
  window.ready = new Promise((resolve) => card.on("ready", resolve));
  card.mount("#card-element");
`;
const AUTHENTICATION = "We are unable to authenticate your payment method. Please choose a different payment method and try again.";

const suite = openSuite({ body: '<label for="card-element">Card</label><div id="card-element"></div>', script: SCRIPT });
let page;
beforeEach(async () => {
  ({ page } = suite);
  await page.evaluate(() => window.ready);
});

/** Pays with what is in the element. */
const pay = (secret) =>
  start(page, (one) => stripe.confirmCardPayment(one, { payment_method: { card, billing_details: { name: "Jenny Rosen" } } }), secret);

test("confirmCardPayment pays with the typed card", async () => {
  const intent = await payment();
  await typeCard(page);
  const { paymentIntent, error } = await pay(intent.client_secret);
  assert.equal(error, undefined);
  assert.equal(paymentIntent.status, "succeeded");
  const method = await api(`payment_methods/${paymentIntent.payment_method}`, {}, "GET");
  assert.deepEqual(
    [method.card.last4, method.billing_details.name, method.billing_details.address.postal_code],
    ["4242", "Jenny Rosen", "12345"],
  );
  assert.deepEqual(page.noise, []);
});

test("confirmCardPayment of what has succeeded gives the intent", async () => {
  const intent = await payment();
  await typeCard(page);
  await pay(intent.client_secret);
  assert.equal((await pay(intent.client_secret)).paymentIntent.status, "succeeded");
});

test("a declined card is the error of the result", async () => {
  const intent = await payment();
  await typeCard(page, "4000000000000002");
  const { error } = await pay(intent.client_secret);
  assert.deepEqual(
    [error.type, error.code, error.decline_code, error.message],
    ["card_error", "card_declined", "generic_decline", "Your card was declined."],
  );
  assert.equal(error.payment_intent.status, "requires_payment_method");
});

test("an incomplete card is a validation error, and nothing is sent", async () => {
  const intent = await payment();
  const { error } = await pay(intent.client_secret);
  assert.deepEqual([error.type, error.code, error.message], ["validation_error", "incomplete_number", "Your card number is incomplete."]);
  assert.equal((await api(`payment_intents/${intent.id}`, {}, "GET")).status, "requires_payment_method");
});

test("3-D Secure that the customer completes", async () => {
  const intent = await payment();
  await typeCard(page, "4000002500003155");
  const result = pay(intent.client_secret);
  await bank(page).locator("#test-source-authorize-3ds").click();
  assert.equal((await result).paymentIntent.status, "succeeded");
  assert.equal(await page.locator('iframe[src*="three-ds-2-challenge"]').count(), 0);
  assert.deepEqual(page.noise, []);
});

test("3-D Secure that the customer fails", async () => {
  const intent = await payment();
  await typeCard(page, "4000002500003155");
  const result = pay(intent.client_secret);
  await bank(page).locator("#test-source-fail-3ds").click();
  const { error } = await result;
  assert.deepEqual(
    [error.type, error.code, error.message],
    ["invalid_request_error", "payment_intent_authentication_failure", AUTHENTICATION],
  );
  assert.equal(error.payment_intent.status, "requires_payment_method");
});

test("3-D Secure that the customer closes", async () => {
  const intent = await payment();
  await typeCard(page, "4000002500003155");
  const result = pay(intent.client_secret);
  await bank(page).locator("#test-source-authorize-3ds").waitFor();
  await page.frameLocator('iframe[src*="three-ds-2-challenge"]').getByRole("button", { name: "Cancel" }).click();
  assert.equal((await result).error.code, "payment_intent_authentication_failure");
});

test("handleActions: false leaves the challenge to handleNextAction and to handleCardAction", async () => {
  for (const method of ["handleNextAction", "handleCardAction"]) {
    const intent = await payment();
    const waiting = await page.evaluate(
      (one) =>
        stripe.confirmCardPayment(one, { payment_method: { card: { token: "tok_threeDSecure2Required" } } }, { handleActions: false }),
      intent.client_secret,
    );
    assert.equal(waiting.paymentIntent.status, "requires_action");
    const result = start(
      page,
      ([name, secret]) =>
        name === "handleCardAction" ? stripe.handleCardAction(secret) : stripe.handleNextAction({ clientSecret: secret }),
      [method, intent.client_secret],
    );
    await bank(page).locator("#test-source-authorize-3ds").click();
    assert.equal((await result).paymentIntent.status, "succeeded");
    const refused = page.evaluate(
      ([name, secret]) =>
        name === "handleCardAction" ? stripe.handleCardAction(secret) : stripe.handleNextAction({ clientSecret: secret }),
      [method, intent.client_secret],
    );
    await assert.rejects(
      refused,
      new RegExp(`IntegrationError: ${method}: The PaymentIntent supplied is not in the requires_action state\\.`),
    );
  }
});

test("confirmCardPayment without data only follows the action of the intent", async () => {
  const method = await api("payment_methods", { type: "card", "card[token]": "tok_threeDSecure2Required" });
  const intent = await payment({ payment_method: method.id, confirm: "true", use_stripe_sdk: "true" });
  assert.equal(intent.status, "requires_action");
  const result = start(page, (one) => stripe.confirmCardPayment(one), intent.client_secret);
  await bank(page).locator("#test-source-authorize-3ds").click();
  assert.equal((await result).paymentIntent.status, "succeeded");
});

test("confirmCardSetup keeps the card; a challenge that fails has the error of a SetupIntent", async () => {
  const { client_secret } = await api("setup_intents", { "payment_method_types[]": "card" });
  await typeCard(page);
  const { setupIntent } = await page.evaluate((one) => stripe.confirmCardSetup(one, { payment_method: { card } }), client_secret);
  assert.equal(setupIntent.status, "succeeded");
  const other = await api("setup_intents", { "payment_method_types[]": "card" });
  await typeCard(page, "4000002500003155");
  const result = start(page, (one) => stripe.confirmCardSetup(one, { payment_method: { card } }), other.client_secret);
  await bank(page).locator("#test-source-fail-3ds").click();
  const { error } = await result;
  assert.deepEqual(
    [error.code, error.message, error.setup_intent.status],
    ["setup_intent_authentication_failure", AUTHENTICATION, "requires_payment_method"],
  );
});

test("a saved card is paid by its id, and its security code can be asked for anew", async () => {
  const customer = await api("customers", { email: "jenny@example.com" });
  const method = await api("payment_methods/pm_card_visa/attach", { customer: customer.id });
  const first = await payment({ customer: customer.id });
  const paid = await page.evaluate(
    ([secret, id]) => stripe.confirmCardPayment(secret, { payment_method: id }),
    [first.client_secret, method.id],
  );
  assert.equal(paid.paymentIntent.payment_method, method.id);
  await page.evaluate(async () => {
    document.body.append(Object.assign(document.createElement("div"), { id: "cvc" }));
    window.cvc = stripe.elements().create("cardCvc");
    cvc.mount("#cvc");
    await new Promise((resolve) => cvc.on("ready", resolve));
  });
  await frame(page, "Secure CVC input frame").locator("[name=cvc]").fill("123");
  const second = await payment({ customer: customer.id });
  const again = await page.evaluate(
    ([secret, id]) => stripe.confirmCardPayment(secret, { payment_method: id, payment_method_options: { card: { cvc } } }),
    [second.client_secret, method.id],
  );
  assert.equal(again.paymentIntent?.status, "succeeded", JSON.stringify(again.error));
});

test("createPaymentMethod of data, of an element, and by the older order of arguments", async () => {
  await typeCard(page);
  const made = await page.evaluate(async () => [
    await stripe.createPaymentMethod({ type: "card", card, billing_details: { name: "One" }, metadata: { a: "b" } }),
    await stripe.createPaymentMethod({ element: card, params: { billing_details: { name: "Two" } } }),
    await stripe.createPaymentMethod("card", card, { billing_details: { name: "Three" } }),
    await stripe.createPaymentMethod("card", card),
  ]);
  assert.deepEqual(
    made.map(({ error }) => error),
    [undefined, undefined, undefined, undefined],
  );
  const names = made.map(({ paymentMethod }) => [paymentMethod.card.last4, paymentMethod.billing_details.name]);
  assert.deepEqual(names, [
    ["4242", "One"],
    ["4242", "Two"],
    ["4242", "Three"],
    ["4242", null],
  ]);
});

test("createToken of a card, of a bank account, of personal data, and of persons", async () => {
  await typeCard(page);
  const made = await page.evaluate(async () => [
    await stripe.createToken(card, { name: "Jenny Rosen", address_country: "US" }),
    await stripe.createToken("bank_account", {
      country: "US",
      currency: "usd",
      routing_number: "110000000",
      account_number: "000123456789",
      account_holder_type: "individual",
    }),
    await stripe.createToken("pii", { personal_id_number: "000000000" }),
    await stripe.createToken("account", { business_type: "individual", tos_shown_and_accepted: true }),
    await stripe.createToken("person", { first_name: "Jenny" }),
  ]);
  assert.deepEqual(
    made.map(({ token, error }) => token?.type ?? error),
    ["card", "bank_account", "pii", "account", "person"],
  );
  const { card } = made[0].token;
  assert.deepEqual([card.last4, card.name, card.address_zip, card.address_country], ["4242", "Jenny Rosen", "12345", "US"]);
  await assert.rejects(
    page.evaluate(() => stripe.createToken("anything", {})),
    /IntegrationError: You must provide a Stripe Element or a valid token type to create a Token/,
  );
});

test("createSource of a card, and retrieveSource", async () => {
  await typeCard(page);
  const { source } = await page.evaluate(() => stripe.createSource(card, { owner: { email: "jenny@example.com" } }));
  assert.deepEqual([source.type, source.owner.email], ["card", "jenny@example.com"]);
  const again = await page.evaluate(({ id, client_secret }) => stripe.retrieveSource({ id, client_secret }), source);
  assert.equal(again.source.id, source.id);
});

test("a card in three elements is one card, whichever is named", async () => {
  await page.evaluate(async () => {
    const elements = stripe.elements();
    window.parts = ["cardNumber", "cardExpiry", "cardCvc"].map((type) => {
      document.body.append(Object.assign(document.createElement("div"), { id: type }));
      const element = elements.create(type);
      element.mount(`#${type}`);
      return element;
    });
    await Promise.all(parts.map((part) => new Promise((resolve) => part.on("ready", resolve))));
  });
  await frame(page, "Secure card number input frame").locator("[name=cardnumber]").click();
  // Typed through the keyboard: a complete field hands over to the next one.
  await page.keyboard.type("4242424242424242");
  await frame(page, "Secure expiration date input frame").locator("[name=exp-date]:focus").waitFor();
  await page.keyboard.type("1234");
  await frame(page, "Secure CVC input frame").locator("[name=cvc]:focus").waitFor();
  await page.keyboard.type("123");
  const made = await page.evaluate(() =>
    Promise.all([stripe.createPaymentMethod({ type: "card", card: parts[0] }), stripe.createToken(parts[2])]),
  );
  assert.deepEqual([made[0].paymentMethod.card.exp_year, made[1].token.card.last4], [2034, "4242"]);
});
