// The old elements in the page of a shop: a card in one field or three, and what cypress-plugin-stripe-elements does with it.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { draw, hindrancesIn, openSuite, told } from "./elements-support.js";

const suite = openSuite();
let page;
beforeEach(() => ({ page } = suite));

const { open } = suite;
const within = (title) => page.frameLocator(`iframe[name^="__privateStripeFrame"][title="${title}"]`);
const card = () => within("Secure card payment input frame");
const PROBLEM = (code, message) => ({ type: "validation_error", code, message });

test("a card is in one frame with the names that tests know", async () => {
  await open({ card: {} });
  const frames = page.locator('iframe[name^="__privateStripeFrame"][src*="elements-inner-card"]');
  assert.equal(await frames.count(), 1);
  const inputs = await card().locator("input").evaluateAll((all) => all.map((input) => [input.name, input.dataset.elementsStableFieldName, input.getAttribute("aria-label"), input.placeholder, input.classList.contains("is-empty")]));
  assert.deepEqual(inputs, [
    ["cardnumber", "cardNumber", "Credit or debit card number", "Card number", true],
    ["exp-date", "cardExpiry", "Credit or debit card expiration date", "MM / YY", true],
    ["cvc", "cardCvc", "Credit or debit card CVC/CVV", "CVC", true],
    ["postal", "postalCode", "ZIP", "ZIP", true],
  ]);
});

test("the steps of cypress-plugin-stripe-elements fill a card", async () => {
  await open({ card: {} });
  // Its command looks for the field in every frame, empties it, and types.
  for (const [field, value] of [["cardNumber", "4242424242424242"], ["cardExpiry", "1045"], ["cardCvc", "123"], ["postalCode", "90210"]]) {
    const input = page.frameLocator("#card iframe").locator(`input[data-elements-stable-field-name="${field}"]`);
    assert.equal(await input.isEnabled(), true);
    await input.clear();
    await input.pressSequentially(value);
  }
  assert.deepEqual(await told(page, "change", ({ complete }) => complete), {
    elementType: "card", empty: false, complete: true, error: undefined, brand: "visa", value: { postalCode: "90210" },
  });
  assert.match(await page.locator("#card").getAttribute("class"), /StripeElement--complete/);
});

test("everything can be typed through the keyboard: the focus goes on", async () => {
  await open({ card: {} });
  await card().locator("[name=cardnumber]").click();
  await page.keyboard.type("37828224631000512344567894107");
  const values = await card().locator("input").evaluateAll((all) => all.map(({ value }) => value));
  assert.deepEqual(values, ["3782 822463 10005", "12 / 34", "4567", "894107"]);
  assert.equal((await told(page, "change", ({ complete }) => complete)).brand, "amex");
});

test("numbers and dates are formatted however they are written, in one step or in many", async () => {
  await open({ card: {} });
  const number = card().locator("[name=cardnumber]");
  const expiry = card().locator("[name=exp-date]");
  const written = async (input, text) => {
    await input.fill(text);
    return input.inputValue();
  };
  for (const [text, formatted] of [["4242424242424242", "4242 4242 4242 4242"], ["4242-4242.4242 4242 99", "4242 4242 4242 4242"], ["6205500000000000004", "6205 5000 0000 0000 004"], ["5555", "5555"]]) {
    assert.equal(await written(number, text), formatted);
  }
  for (const [text, formatted] of [["1234", "12 / 34"], ["0130", "01 / 30"], ["12 / 34", "12 / 34"], ["1/34", "01 / 34"], ["12/2034", "12 / 34"], ["534", "05 / 34"], ["1", "1"], ["13", "01 / 3"]]) {
    assert.equal(await written(expiry, text), formatted);
  }
});

test("the caret stays beside the digit that it was beside", async () => {
  await open({ card: {} });
  const number = card().locator("[name=cardnumber]");
  await number.fill("424242424242");
  await number.evaluate((input) => input.setSelectionRange(2, 2));
  await page.keyboard.type("9");
  assert.equal(await number.inputValue(), "4294 2424 2424 2");
  assert.equal(await number.evaluate((input) => input.selectionStart), 3);
  await number.evaluate((input) => input.setSelectionRange(5, 5));
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Backspace");
  assert.equal(await number.inputValue(), "4292 4242 4242");
});

test("brands are told by how a number starts", async () => {
  await open({ cardNumber: {} });
  const number = within("Secure card number input frame").locator("[name=cardnumber]");
  const numbers = { visa: "4242", mastercard: "5555", amex: "378282", discover: "6011", diners: "3056", jcb: "3566", unionpay: "6200", eftpos_au: "6280", unknown: "9999" };
  for (const [brand, start] of Object.entries(numbers)) {
    await number.fill(start);
    assert.equal((await told(page, "change", (state) => state.brand === brand)).brand, brand);
  }
  await number.fill("2720992222222222");
  await told(page, "change", ({ brand }) => brand === "mastercard");
});

test("a card that runs on two networks is told of", async () => {
  await open({ card: { preferredNetwork: ["cartes_bancaires"] } });
  await card().locator("[name=cardnumber]").fill("4000002500001001");
  assert.deepEqual((await told(page, "networkschange")).networks, ["visa", "cartes_bancaires"]);
});

test("what is certainly wrong is said while it is typed, what is unfinished once the field is left", async () => {
  await open({ card: {} });
  const number = card().locator("[name=cardnumber]");
  await number.fill("4242424242424241");
  assert.deepEqual((await told(page, "change", ({ error }) => error)).error, PROBLEM("invalid_number", "Your card number is invalid."));
  assert.match(await page.locator("#card").getAttribute("class"), /StripeElement--invalid/);
  assert.equal(await number.getAttribute("aria-invalid"), "true");
  await number.fill("4242");
  await told(page, "change", ({ error, empty }) => !error && !empty);
  await number.blur();
  assert.deepEqual((await told(page, "change", ({ error }) => error)).error, PROBLEM("incomplete_number", "Your card number is incomplete."));
  await number.fill("4242424242424242");
  const expiry = card().locator("[name=exp-date]");
  const year = new Date().getFullYear() % 100;
  for (const [text, code, message] of [
    [`12${String(year - 1).padStart(2, "0")}`, "invalid_expiry_year_past", "Your card's expiration year is in the past."],
    ["0034", "invalid_expiry_month", "Your card's expiration month is invalid."],
    ["1299", "invalid_expiry_year", "Your card's expiration year is invalid."],
  ]) {
    await expiry.fill(text);
    assert.deepEqual((await told(page, "change", ({ error }) => error?.code === code)).error, PROBLEM(code, message));
  }
});

test("asking for a card that isn't there gives the first error, and shows it", async () => {
  await open({ card: {} });
  const ask = () => page.evaluate(() => window.stripe.createToken(window.made.card).then(({ error }) => error));
  assert.deepEqual(await ask(), PROBLEM("incomplete_number", "Your card number is incomplete."));
  assert.match(await page.locator("#card").getAttribute("class"), /StripeElement--invalid/);
  await card().locator("[name=cardnumber]").fill("4242424242424242");
  assert.deepEqual(await ask(), PROBLEM("incomplete_expiry", "Your card's expiration date is incomplete."));
  await card().locator("[name=exp-date]").fill("1234");
  assert.deepEqual(await ask(), PROBLEM("incomplete_cvc", "Your card's security code is incomplete."));
  await card().locator("[name=cvc]").fill("123");
  assert.deepEqual(await ask(), PROBLEM("incomplete_zip", "Your postal code is incomplete."));
});

test("the focus, its loss and the Escape key are told, and a field can be given the focus", async () => {
  await open({ card: {} });
  await page.evaluate(() => window.made.card.focus());
  assert.deepEqual(await told(page, "focus"), { elementType: "card" });
  assert.match(await page.locator("#card").getAttribute("class"), /StripeElement--focus/);
  await page.keyboard.press("Escape");
  assert.deepEqual(await told(page, "escape"), { elementType: "card" });
  // From one field to the next, the element keeps the focus.
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => window.told.some(([name]) => name === "blur")), false);
  await page.evaluate(() => window.made.card.blur());
  assert.deepEqual(await told(page, "blur"), { elementType: "card" });
  assert.doesNotMatch(await page.locator("#card").getAttribute("class"), /StripeElement--focus/);
});

test("Enter sends the form around a card", async () => {
  await suite.visit();
  await draw(page, "card");
  await page.frameLocator("iframe[title=card]").locator("[name=cvc]").press("Enter");
  await told(page, "submit");
});

test("a card can be cleared, and its options changed while something is typed", async () => {
  await open({ card: { value: { postalCode: "94110" } } });
  assert.equal(await card().locator("[name=postal]").inputValue(), "94110");
  await card().locator("[name=cardnumber]").fill("4242424242424242");
  await page.evaluate(() => window.made.card.update({ hidePostalCode: true, style: { base: { color: "rgb(1, 2, 3)" } } }));
  await card().locator("[name=postal]").waitFor({ state: "detached" });
  assert.equal(await card().locator("[name=cardnumber]").inputValue(), "4242 4242 4242 4242");
  assert.equal(await card().locator("[name=exp-date]").evaluate((input) => getComputedStyle(input).color), "rgb(1, 2, 3)");
  await page.evaluate(() => window.made.card.update({ disabled: true }));
  await card().locator("[name=cardnumber]:disabled").waitFor();
  await page.evaluate(() => window.made.card.update({ disabled: false }));
  await card().locator("[name=cardnumber]:enabled").waitFor();
  await page.evaluate(() => window.made.card.clear());
  assert.equal((await told(page, "change", ({ empty }) => empty)).brand, "unknown");
  assert.equal(await card().locator("[name=cardnumber]").inputValue(), "");
});

test("other options leave the caret and what is wrong where they were", async () => {
  await open({ card: {} });
  await card().locator("[name=exp-date]").fill("12");
  await card().locator("[name=cardnumber]").fill("424242");
  await told(page, "change", ({ error }) => error?.code === "incomplete_expiry");
  await card().locator("[name=cardnumber]").evaluate((input) => input.setSelectionRange(2, 2));
  await page.evaluate(() => window.made.card.update({ hideIcon: true }));
  await card().locator(".CardIcon").waitFor({ state: "detached" });
  await page.keyboard.type("9");
  assert.equal(await card().locator("[name=cardnumber]").inputValue(), "4294 242");
  assert.equal(await card().locator("[name=exp-date]").getAttribute("aria-invalid"), "true");
  assert.equal(await page.evaluate(() => window.told.some(([name]) => name === "blur")), false);
});

test("the style of a card has a variant for each state", async () => {
  await open({ card: { hideIcon: true, style: {
    base: { color: "rgb(10, 20, 30)", fontSize: "20px", "::placeholder": { color: "rgb(90, 90, 90)" }, ":focus": { letterSpacing: "3px" } },
    invalid: { color: "rgb(200, 0, 0)" }, complete: { color: "rgb(0, 100, 0)" },
  } } });
  const number = card().locator("[name=cardnumber]");
  const look = (property, pseudo) => number.evaluate((input, [property, pseudo]) => getComputedStyle(input, pseudo)[property], [property, pseudo]);
  assert.deepEqual([await look("color"), await look("fontSize"), await look("color", "::placeholder")], ["rgb(10, 20, 30)", "20px", "rgb(90, 90, 90)"]);
  await number.fill("4242424242424242");
  assert.equal(await look("color"), "rgb(0, 100, 0)");
  await number.fill("4242424242424241");
  assert.deepEqual([await look("color"), await look("letterSpacing")], ["rgb(200, 0, 0)", "3px"]);
  assert.equal(await card().locator(".CardIcon").count(), 0);
  assert.ok((await page.locator("#card iframe").boundingBox()).height >= 24, "the frame is as high as its text");
});

test("three fields are one card, and a full one hands the focus on", async () => {
  await open({ cardNumber: { showIcon: true }, cardExpiry: {}, cardCvc: { placeholder: "Code" } });
  await within("Secure card number input frame").locator("[name=cardnumber]").click();
  await page.keyboard.type("4242424242424242", { delay: 2 });
  await told(page, "focus", ({ elementType }) => elementType === "cardExpiry");
  await page.keyboard.type("1234", { delay: 2 });
  await told(page, "focus", ({ elementType }) => elementType === "cardCvc");
  await page.keyboard.type("123");
  assert.deepEqual(await told(page, "change", ({ elementType, complete }) => complete && elementType === "cardCvc"), { elementType: "cardCvc", empty: false, complete: true, error: undefined });
  const titles = await page.locator("main iframe").evaluateAll((frames) => frames.map(({ title }) => title));
  assert.deepEqual(titles, ["Secure card number input frame", "Secure expiration date input frame", "Secure CVC input frame"]);
  assert.equal(await within("Secure CVC input frame").locator("[name=cvc]").getAttribute("placeholder"), "Code");
});

test("a frame answers with the pieces of a payment method", async () => {
  await suite.visit();
  await draw(page, "card");
  const frame = page.frameLocator("iframe[title=card]");
  await frame.locator("[name=cardnumber]").fill("5555050360000080");
  await frame.locator("[name=exp-date]").fill("1234");
  await frame.locator("[name=cvc]").fill("123");
  await frame.locator("[name=postal]").fill("20001");
  const { data } = await page.evaluate(() => window.ask(true));
  assert.deepEqual(data, { card: { number: "5555050360000080", exp_month: 12, exp_year: 2034, cvc: "123" }, billing_details: { address: { postal_code: "20001" } } });
});

test("a card hinders nobody, and fits on a telephone", async () => {
  await open({ card: {} }, {}, { viewport: { width: 320, height: 640 } });
  await card().locator("[name=cardnumber]").fill("4242424242424242");
  assert.deepEqual(await hindrancesIn(page, "card"), []);
  for (const input of await card().locator("input").all()) {
    const { x, width } = await input.boundingBox();
    assert.ok(width >= 30 && x + width <= 320, `a field is cut off: ${x} ${width}`);
  }
});
