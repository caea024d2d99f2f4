// The page of a Checkout Session, by the ids, roles, placeholders and test ids that tests of the real page use, and nothing else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "../node/support.js";
import { hindrances, launch, openShop } from "./support.js";

let stripe, browser, shop, page;
const complaints = [];

before(async () => {
  stripe = await open("browser-checkout");
  [browser, shop] = await Promise.all([launch(), openShop()]);
});
after(async () => {
  await browser?.close();
  shop?.close();
  assert.deepEqual(complaints, [], "what the browser complained about");
});

const MUG = { quantity: 1, price_data: { currency: "usd", unit_amount: 1000, product_data: { name: "Mug" } } };

async function session(more = {}) {
  return stripe.checkout.sessions.create({
    mode: "payment", success_url: `${shop.url}/done?session={CHECKOUT_SESSION_ID}`, cancel_url: `${shop.url}/canceled.html`,
    line_items: [MUG], ...more,
  });
}
const again = (made, params) => stripe.checkout.sessions.retrieve(made.id, params);

async function visit(link, settings = {}) {
  await page?.context().close();
  page = await (await browser.newContext(settings)).newPage();
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  assert.equal((await page.goto(link)).status(), 200);
}

const textbox = (name) => page.getByRole("textbox", { name });
const submit = () => page.getByTestId("hosted-payment-submit-button").click();
const thanked = () => page.waitForURL(`${shop.url}/done*`);

async function fillCard(number = "4242424242424242") {
  const choice = page.getByTestId("card-accordion-item-button");
  if (await choice.isVisible()) await choice.click();
  await page.locator("#cardNumber").fill(number);
  await page.locator("#cardExpiry").fill("1234");
  await page.locator("#cardCvc").fill("123");
  await page.locator("#billingName").fill("Jenny Rosen");
}
async function fillRest() {
  if (await page.locator("#email").isVisible()) await page.locator("#email").fill("jenny@example.com");
  await page.locator("#billingCountry").selectOption("US");
  await page.locator("#billingPostalCode").fill("94107");
}

test("a card pays, and the shop gets its customer back", async () => {
  const made = await session();
  await visit(made.url);
  assert.equal(await page.getByTestId("product-summary-total-amount").textContent(), "$10.00");
  assert.equal(await page.getByTestId("product-summary-name").textContent(), "Mug");
  assert.equal(await page.locator("a.Header-businessLink").getAttribute("href"), `${shop.url}/canceled.html`);
  await fillCard();
  await fillRest();
  assert.equal(await page.locator(".SubmitButton--complete").count(), 1);
  await Promise.all([thanked(), page.locator(".SubmitButton-IconContainer").click()]);
  assert.equal(new URL(page.url()).searchParams.get("session"), made.id);
  const paid = await again(made);
  assert.deepEqual([paid.status, paid.payment_status], ["complete", "paid"]);
  const { email, name, address } = paid.customer_details;
  assert.deepEqual([email, name, address.country, address.postal_code], ["jenny@example.com", "Jenny Rosen", "US", "94107"]);
});

test("what is typed is written as a card has it, digit by digit and at once", async () => {
  await visit((await session()).url);
  await page.getByPlaceholder("1234 1234 1234 1234").pressSequentially("4242424242424242");
  await page.getByPlaceholder("MM / YY").pressSequentially("0130");
  await page.getByLabel("CVC", { exact: true }).pressSequentially("12a3");
  const values = () => Promise.all(["Card number", "Expiration", "CVC"].map((name) => textbox(name).inputValue()));
  assert.deepEqual(await values(), ["4242 4242 4242 4242", "01 / 30", "123"]);
  await textbox("Card number").fill("378282246310005");
  await textbox("Expiration").fill("12 / 34");
  assert.deepEqual((await values()).slice(0, 2), ["3782 822463 10005", "12 / 34"]);
});

test("nothing is sent while something is missing or wrong, and each input says so", async () => {
  const made = await session();
  await visit(made.url);
  await submit();
  for (const input of ["email", "cardNumber", "cardExpiry", "cardCvc", "billingName"]) {
    assert.match(await page.locator(`#required-${input}-fieldset`).textContent(), /Required/, input);
  }
  await page.locator("#email").fill("jenny@");
  await fillCard("4242424242424241");
  await page.locator("#cardExpiry").fill("1");
  await submit();
  const errors = await page.locator(".FieldError").allTextContents();
  for (const text of ["Your email is incomplete.", "Your card number is invalid.", "Your card's expiration date is incomplete."]) {
    assert.ok(errors.includes(text), `${text}: ${errors}`);
  }
  await page.locator("#cardExpiry").fill("0120");
  await page.locator("#cardNumber").fill("4242424242424242");
  await fillRest();
  await submit();
  await page.getByText("Your card's expiration year is in the past.").waitFor();
  assert.equal((await again(made)).status, "open");
});

test("a decline is said by the button, everything typed stays, and another card pays", async () => {
  const made = await session();
  await visit(made.url);
  await fillCard("4000000000000002");
  await fillRest();
  await submit();
  await page.locator(".ConfirmPaymentButton-Error").waitFor();
  assert.equal(await page.getByRole("alert").textContent(), "Your card was declined.");
  assert.equal(await page.locator("#cardNumber").inputValue(), "4000 0000 0000 0002");
  assert.ok(await page.locator("#email").isEditable());
  await page.locator("#email").fill("other@example.com");
  await page.locator("#cardNumber").fill("4242424242424242");
  await submit();
  await thanked();
  assert.equal((await again(made)).customer_details.email, "other@example.com");
});

for (const [button, outcome] of [["#test-source-authorize-3ds", "complete"], ["#test-source-fail-3ds", "open"]]) {
  test(`3-D Secure is asked for in a frame over the page; ${button}: the session is ${outcome}`, async () => {
    const made = await session();
    await visit(made.url);
    await fillCard("4000000000003220");
    await fillRest();
    await submit();
    await page.locator('iframe[title="3DS Challenge"]').waitFor();
    const frame = page.frameLocator('iframe[name="stripe-challenge-frame"]');
    await frame.locator(button).click();
    if (outcome === "complete") await thanked();
    else {
      await page.getByRole("alert").waitFor();
      assert.match(await page.getByRole("alert").textContent(), /^We are unable to authenticate your payment method\./);
      assert.equal(await page.locator("#cardNumber").inputValue(), "4000 0000 0000 3220");
    }
    assert.equal((await again(made)).status, outcome);
  });
}

test("an order that changes is shown anew, and what was typed meanwhile stays", async () => {
  const price = await stripe.prices.create({ currency: "usd", custom_unit_amount: { enabled: true, preset: 1000 }, product_data: { name: "Gift" } });
  const made = await session({ line_items: [{ price: price.id, quantity: 1 }] });
  await visit(made.url);
  await page.locator("#customUnitAmount").fill("12,50");
  await fillCard();
  await fillRest();
  await submit();
  await page.getByText("This value is not valid.").waitFor();
  assert.equal((await again(made)).status, "open");
  await page.locator("#customUnitAmount").fill("25");
  await page.locator("#billingName").fill("Jo");
  await page.getByTestId("product-summary-total-amount").getByText("$25.00").waitFor();
  assert.equal(await page.locator("#cardNumber").inputValue(), "4242 4242 4242 4242");
  await submit();
  await thanked();
  assert.equal((await again(made)).amount_total, 2500);
});

test("an amount that nobody has seen is not charged", async () => {
  const made = await session({ allow_promotion_codes: true });
  await visit(made.url);
  await fillCard();
  await fillRest();
  await stripe.checkout.sessions.update(made.id, { line_items: [{ ...MUG, quantity: 5 }] });
  await submit();
  await page.getByRole("alert").getByText("The amount has changed.").waitFor();
  await page.getByTestId("product-summary-total-amount").getByText("$50.00").waitFor();
  assert.equal((await again(made)).status, "open");
  await submit();
  await thanked();
});

test("a payment method is chosen by its radio button, and a bank's page leads back", async () => {
  const made = await session({ payment_method_types: ["card", "klarna"] });
  await visit(made.url);
  await page.locator("#payment-method-accordion-item-title-klarna").check();
  await page.locator("#email").fill("jo@example.com");
  await submit();
  await page.getByRole("link", { name: "Fail Test Payment" }).click();
  await page.getByRole("alert").waitFor();
  await page.locator("input[type=radio][value=klarna]").click();
  await page.locator("#email").fill("jo@example.com");
  await submit();
  await page.locator("a[name=success]").click();
  await thanked();
});

test("a double click is one payment", async () => {
  const made = await session();
  await visit(made.url);
  await fillCard();
  await fillRest();
  await Promise.all([thanked(), page.getByTestId("hosted-payment-submit-button").dblclick()]);
  const paid = await again(made);
  const charges = await stripe.charges.list({ payment_intent: paid.payment_intent });
  assert.equal(charges.data.length, 1);
});

test("everything that the session asks for is asked for on the page, and arrives", async () => {
  const made = await session({
    phone_number_collection: { enabled: true }, billing_address_collection: "required",
    shipping_address_collection: { allowed_countries: ["US", "DE"] }, allow_promotion_codes: true,
    consent_collection: { terms_of_service: "required", promotions: "auto" },
    custom_fields: [
      { key: "size", label: { type: "custom", custom: "Size" }, type: "dropdown", dropdown: { options: [{ label: "Large", value: "l" }] } },
      { key: "note", label: { type: "custom", custom: "Note" }, type: "text", optional: true },
    ],
    line_items: [{ ...MUG, adjustable_quantity: { enabled: true, minimum: 1, maximum: 5 } }],
  });
  await visit(made.url);
  await submit();
  for (const input of ["phoneNumber", "shippingName", "shippingAddressLine1", "customFields\\[size\\]", "termsOfServiceConsentCheckbox"]) {
    assert.match(await page.locator(`#required-${input}-fieldset`).textContent(), /Required/, input);
  }
  await fillCard();
  await page.locator("#email").fill("jenny@example.com");
  await page.locator("#phoneNumber").fill("5555550123");
  await page.locator("#shippingName").fill("Jo");
  await page.locator("#shippingCountry").selectOption({ label: "Germany" });
  await page.locator("#shippingAddressLine1").fill("Platz 1");
  await page.locator("#shippingLocality").fill("Bonn");
  await page.locator("#shippingPostalCode").fill("53111");
  assert.ok(await page.locator("#cardUseShippingAsBilling").isChecked());
  await page.getByLabel("Size").selectOption("l");
  await page.getByRole("checkbox", { name: /terms of service/ }).check();
  await page.getByLabel("Quantity").fill("3");
  await page.getByLabel("Quantity").press("Tab");
  await page.getByTestId("product-summary-total-amount").getByText("$30.00").waitFor();
  assert.equal(await page.locator("#shippingLocality").inputValue(), "Bonn");
  await page.locator("#promotionCode").fill("NOTHING");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("This code is invalid.").waitFor();
  await page.locator("#promotionCode").fill("");
  await submit();
  await thanked();
  const paid = await again(made);
  assert.deepEqual([paid.amount_total, paid.customer_details.phone, paid.customer_details.address.city], [3000, "5555550123", "Bonn"]);
  assert.deepEqual(paid.consent, { promotions: "opt_out", terms_of_service: "accepted" });
  assert.equal(paid.custom_fields[0].dropdown.value, "l");
  assert.equal(paid.collected_information.shipping_details.name, "Jo");
});

test("a promotion code takes its part off", async () => {
  const coupon = await stripe.coupons.create({ percent_off: 25, duration: "once" });
  await stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: coupon.id }, code: "QUARTER" });
  const made = await session({ allow_promotion_codes: true });
  await visit(made.url);
  await page.locator("#promotionCode").fill("QUARTER");
  await page.locator("#promotionCode").press("Enter");
  await page.getByTestId("product-summary-promo-code").waitFor();
  assert.equal(await page.locator("#ProductSummary-totalAmount").textContent(), "$7.50");
});

test("a subscription begins, with a trial on its button", async () => {
  const price = { currency: "usd", unit_amount: 1200, recurring: { interval: "month" }, product_data: { name: "Plan" } };
  const made = await session({ mode: "subscription", line_items: [{ quantity: 1, price_data: price }], subscription_data: { trial_period_days: 7 } });
  await visit(made.url);
  await page.getByRole("button", { name: "Start trial" }).waitFor();
  await fillCard();
  await fillRest();
  await submit();
  await thanked();
  const { subscription } = await again(made, { expand: ["subscription"] });
  assert.equal(subscription.status, "trialing");
});

test("a setup saves a card for the customer whose address is known", async () => {
  const customer = await stripe.customers.create({ email: "known@example.com" });
  const made = await session({ mode: "setup", currency: "usd", customer: customer.id, line_items: undefined });
  await visit(made.url);
  assert.equal(await page.locator("#email").count(), 0);
  assert.match(await page.locator("#payment-form").textContent(), /known@example\.com/);
  await fillCard();
  await fillRest();
  await submit();
  await thanked();
  const methods = await stripe.customers.listPaymentMethods(customer.id);
  assert.equal(methods.data.length, 1);
});

test("a session that is expired or unknown says so, and one that is paid goes on to the shop", async () => {
  const made = await session();
  await stripe.checkout.sessions.expire(made.id);
  await visit(made.url);
  assert.match(await page.textContent("main"), /Your checkout session has expired/);
  assert.equal(await page.getByRole("link", { name: /^Return to/ }).getAttribute("href"), `${shop.url}/canceled.html`);
  const answer = await page.goto(`${made.url}x`);
  assert.equal(answer.status(), 404);
  assert.match(await page.textContent("main"), /Something went wrong/);
  complaints.splice(0, complaints.length, ...complaints.filter((said) => !said.includes("404")));
});

test("a card pays without scripts", async () => {
  const made = await session();
  await visit(made.url, { javaScriptEnabled: false });
  await page.locator("#cardNumber").fill("4000000000000002");
  await page.locator("#cardExpiry").fill("12/34");
  await page.locator("#cardCvc").fill("123");
  await page.locator("#email").fill("jenny@example.com");
  await page.locator("#billingPostalCode").fill("94107");
  await submit();
  assert.match(await page.locator("#required-billingName-fieldset").textContent(), /Required/);
  await page.locator("#billingName").fill("Jenny");
  await submit();
  assert.equal(await page.locator(".ConfirmPaymentButton-Error").textContent(), "Your card was declined.");
  await page.locator("#cardNumber").fill("4242424242424242");
  await submit();
  await thanked();
});

test("the keyboard alone pays", async () => {
  const made = await session({ customer_email: "keys@example.com" });
  await visit(made.url);
  const values = { cardNumber: "4242424242424242", cardExpiry: "1234", cardCvc: "123", billingName: "Jenny Rosen", billingPostalCode: "94107" };
  for (let n = 0; n < 20; n += 1) {
    await page.keyboard.press("Tab");
    const id = await page.evaluate(() => document.activeElement.id || document.activeElement.className);
    if (values[id]) await page.keyboard.type(values[id]);
    if (id.includes("SubmitButton")) break;
  }
  await Promise.all([thanked(), page.keyboard.press("Enter")]);
});

test("optional items are added and taken off, and what was typed stays", async () => {
  const sticker = await stripe.prices.create({ currency: "usd", unit_amount: 300, product_data: { name: "Sticker" } });
  const made = await session({ optional_items: [{ price: sticker.id, quantity: 1, adjustable_quantity: { enabled: true } }] });
  await visit(made.url);
  await fillCard();
  await fillRest();
  const total = (text) => page.getByTestId("product-summary-total-amount").getByText(text).waitFor();
  await page.getByRole("button", { name: "Add Sticker" }).click();
  await total("$13.00");
  await page.getByLabel("Quantity").fill("3");
  await page.getByLabel("Quantity").press("Tab");
  await total("$19.00");
  await page.getByRole("button", { name: "Remove Sticker" }).click();
  await total("$10.00");
  await page.getByRole("button", { name: "Add Sticker" }).click();
  await total("$13.00");
  await submit();
  await thanked();
  assert.equal((await again(made)).amount_total, 1300);
});

test("a saved payment method is chosen, or removed where the session lets the customer", async () => {
  const customer = await stripe.customers.create({ email: "known@example.com" });
  const saved = await Promise.all(["pm_card_visa", "pm_card_mastercard"].map(async (card) => {
    const { id } = await stripe.paymentMethods.attach(card, { customer: customer.id });
    return stripe.paymentMethods.update(id, { allow_redisplay: "always" });
  }));
  const made = await session({ customer: customer.id, saved_payment_method_options: { payment_method_remove: "enabled", payment_method_save: "enabled" } });
  await visit(made.url);
  const choice = (method) => page.locator(`input[type=radio][value=${method.id}]`);
  await page.getByRole("button", { name: "Remove Saved card ending in 4444" }).click();
  await choice(saved[1]).waitFor({ state: "detached" });
  assert.equal((await stripe.paymentMethods.retrieve(saved[1].id)).customer, null);
  assert.ok(await choice(saved[0]).isChecked());
  await fillCard();
  await fillRest();
  await page.locator("#savePaymentMethod").check();
  await submit();
  await thanked();
  const kept = await stripe.customers.listPaymentMethods(customer.id, { allow_redisplay: "always" });
  assert.equal(kept.data.length, 2);
});

test("an address has the states of its country", async () => {
  const made = await session({ billing_address_collection: "required", shipping_address_collection: { allowed_countries: ["US", "CA", "DE"] } });
  await visit(made.url);
  await page.getByText("Enter address manually").click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "shippingAddressLine1");
  await page.locator("#shippingCountry").selectOption("DE");
  assert.equal(await page.locator("input#shippingAdministrativeArea").count(), 1);
  await page.locator("#shippingCountry").selectOption({ label: "Canada" });
  assert.ok(await page.getByLabel("Province", { exact: true }).isVisible());
  await page.locator("#shippingAdministrativeArea").selectOption("ON");
  await page.locator("#shippingName").fill("Jo");
  await page.locator("#shippingAddressLine1").fill("1 Yonge Street");
  await page.locator("#shippingLocality").fill("Toronto");
  await page.locator("#email").fill("jo@example.com");
  await fillCard();
  await submit();
  assert.match(await page.locator("#required-shippingPostalCode-fieldset").textContent(), /Postal code\s*Required/);
  await page.locator("#shippingPostalCode").fill("M5E 1W7");
  await submit();
  await thanked();
  const { state, country } = (await again(made)).collected_information.shipping_details.address;
  assert.deepEqual([country, state], ["CA", "ON"]);
});

test("the amount is changed by its button, and Enter pays", async () => {
  const price = await stripe.prices.create({ currency: "usd", custom_unit_amount: { enabled: true, preset: 1000 }, product_data: { name: "Gift" } });
  const made = await session({ line_items: [{ price: price.id, quantity: 1 }], allow_promotion_codes: true });
  await visit(made.url);
  await page.getByRole("button", { name: "Change amount" }).click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("30");
  await page.keyboard.press("Tab");
  await page.getByTestId("product-summary-total-amount").getByText("$30.00").waitFor();
  await fillCard();
  await fillRest();
  await page.locator("#billingPostalCode").press("Enter");
  await thanked();
  assert.equal((await again(made)).amount_total, 3000);
});

test("the page speaks the customer's language, and is found by the same ids", async () => {
  const made = await session();
  await visit(made.url, { locale: "de-DE" });
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.equal(await page.getByTestId("product-summary-total-amount").textContent(), "10,00\u00a0$");
  await submit();
  assert.match(await page.locator("#required-cardNumber-fieldset").textContent(), /Kartennummer\s*Erforderlich/);
  await fillCard("4000000000000002");
  await page.locator("#email").fill("jo@example.com");
  await page.locator("#billingCountry").selectOption({ label: "Deutschland" });
  await submit();
  await page.getByRole("alert").getByText("Ihre Karte wurde abgelehnt.").waitFor();
  await page.locator("#cardNumber").fill("4242424242424242");
  await submit();
  await thanked();
});

test("a session that expired is begun anew", async () => {
  const made = await session({ after_expiration: { recovery: { enabled: true } } });
  const { after_expiration } = await stripe.checkout.sessions.expire(made.id);
  await visit(after_expiration.recovery.url);
  await fillCard();
  await fillRest();
  await submit();
  await thanked();
  const session_id = new URL(page.url()).searchParams.get("session");
  assert.equal((await again({ id: session_id })).recovered_from, made.id);
});

test("hostile names stay text", async () => {
  const name = "<img src=x onerror=alert(1)>'\"&";
  await visit((await session({ line_items: [{ ...MUG, price_data: { ...MUG.price_data, product_data: { name } } }] })).url);
  assert.equal(await page.getByTestId("line-item-product-name").textContent(), name);
});

test("the page weighs little and comes at once", async () => {
  const made = await session({ phone_number_collection: { enabled: true }, billing_address_collection: "required" });
  const times = [];
  for (let n = 0; n < 21; n += 1) {
    const begun = performance.now();
    const body = await (await fetch(made.url)).text();
    times.push(performance.now() - begun);
    assert.ok(body.length < 60_000, `${body.length} bytes`);
  }
  const median = times.sort((a, b) => a - b)[10];
  assert.ok(median < 5, `the page takes ${median} ms`);
});

test("the page fits a telephone in both themes, and hinders nobody", async () => {
  const made = await session({ phone_number_collection: { enabled: true }, billing_address_collection: "required" });
  for (const colorScheme of ["light", "dark"]) {
    await visit(made.url, { viewport: { width: 320, height: 640 }, colorScheme });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${width} pixels wide`);
    await submit();
    assert.deepEqual(await hindrances(page), [], colorScheme);
  }
});
