// The elements around a payment: addresses, bank accounts, wallets, e-mail addresses, tax ids and texts.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { draw, openSuite, told } from "./elements-support.js";

const suite = openSuite();
let page;
beforeEach(() => ({ page } = suite));

const { open } = suite;
const drawn = async (type, options, group) => {
  await suite.visit();
  await draw(page, type, options, group);
  return page.frameLocator(`iframe[title=${type}]`);
};
const within = (type) => page.frameLocator(`#${type} iframe`);
const value = (type) => page.evaluate((type) => window.made[type].getValue(), type);
const ask = (show = true) => page.evaluate((show) => window.ask(show), show);
const labels = (frame) => frame.locator(".p-Field:visible .Label").allTextContents();
const address = (country, line1, city, state, postal_code) => ({ line1, line2: null, city, country, postal_code, state });

test("an address has the names, labels and ids that tests know", async () => {
  await open({ address: { mode: "shipping", fields: { phone: "always" } } });
  assert.equal(await page.locator('iframe[title="Secure address input frame"][src*="elements-inner-address"]').count(), 1);
  const fields = await within("address").locator(":is(input, select)").evaluateAll((all) => all.map((input) => [input.name, input.id, input.labels[0].textContent]));
  assert.deepEqual(fields, [
    ["name", "Field-nameInput", "Full name"], ["country", "Field-countryInput", "Country or region"], ["addressLine1", "Field-addressLine1Input", "Address line 1"],
    ["addressLine2", "Field-addressLine2Input", "Address line 2"], ["locality", "Field-localityInput", "City"], ["administrativeArea", "Field-administrativeAreaInput", "State"],
    ["postalCode", "Field-postalCodeInput", "ZIP code"], ["phone", "Field-phoneInput", "Phone number"],
  ]);
});

test("a whole address is told, and its value can be asked for", async () => {
  await open({ address: { mode: "shipping", fields: { phone: "always" } } });
  const frame = within("address");
  await frame.getByLabel("Full name").fill("Ada Byron");
  await frame.getByLabel("Address line 1").fill("510 Townsend St");
  await frame.getByLabel("City").fill("San Francisco");
  await frame.getByLabel("State").selectOption({ label: "California" });
  await frame.getByLabel("ZIP code").fill("94103");
  await frame.getByLabel("Phone number").fill("+1 (555) 123-4567");
  const whole = { name: "Ada Byron", address: address("US", "510 Townsend St", "San Francisco", "CA", "94103"), phone: "+1 (555) 123-4567" };
  const state = { elementType: "address", elementMode: "shipping", empty: false, complete: true, isNewAddress: true };
  assert.deepEqual(await told(page, "change", ({ complete }) => complete), { ...state, value: whole });
  assert.deepEqual((await value("address")).value, whole);
});

test("asking for an address that isn't whole shows what is missing", async () => {
  await open({ address: { mode: "billing" } });
  const frame = within("address");
  await frame.getByLabel("Full name").fill("Ada");
  const { complete, value: { name } } = await value("address");
  assert.deepEqual([complete, name], [false, "Ada"]);
  await drawn("address", { mode: "billing" });
  await ask();
  assert.deepEqual(await page.frameLocator("iframe[title=address]").locator(".p-FieldError:not(:empty)").allTextContents(),
    ["This field is incomplete.", "This field is incomplete.", "This field is incomplete.", "This field is incomplete.", "Your postal code is incomplete."]);
});

test("the lines of an address follow its country", async () => {
  await open({ address: { mode: "billing", allowedCountries: ["US", "GB", "DE", "JP", "HK", "CA", "AU"] } });
  const frame = within("address");
  const lines = {
    DE: ["City", "Postal code"], GB: ["Town or city", "Postal code"], JP: ["City", "Prefecture", "Postal code"], HK: ["City", "Area"],
    CA: ["City", "Province", "Postal code"], AU: ["Suburb", "State", "Postal code"], US: ["City", "State", "ZIP code"],
  };
  assert.deepEqual(await frame.locator("[name=country] option").allTextContents(), ["Australia", "Canada", "Germany", "Hong Kong", "Japan", "United Kingdom", "United States"]);
  await frame.getByLabel("Address line 1").fill("1 Street");
  for (const [country, expected] of Object.entries(lines)) {
    await frame.locator("[name=country]").selectOption(country);
    assert.deepEqual((await labels(frame)).slice(4), expected, country);
    assert.equal(await frame.getByLabel("Address line 1").inputValue(), "1 Street");
  }
});

test("an address begins with what the shop knows, in parts or from a list", async () => {
  const known = { firstName: "Ada", lastName: "Byron", address: { country: "DE", line1: "Unter den Linden 1", city: "Berlin", postal_code: "10117" } };
  await open({ address: { mode: "shipping", display: { name: "split" }, defaultValues: known } });
  assert.deepEqual((await value("address")).value, { name: "Ada Byron", firstName: "Ada", lastName: "Byron", address: address("DE", "Unter den Linden 1", "Berlin", "", "10117") });
  const contacts = [{ name: "Jo March", address: { line1: "1 Elm St", city: "Concord", state: "MA", postal_code: "01742", country: "US" } }];
  await open({ address: { mode: "shipping", contacts } });
  await within("address").getByLabel("Jo March, 1 Elm St, Concord, 01742").check();
  const { isNewAddress, value: { name, address: { state } } } = await told(page, "change", ({ complete }) => complete);
  assert.deepEqual([isNewAddress, name, state], [false, "Jo March", "MA"]);
});

test("the older element for a shipping address tells the same, without a mode", async () => {
  const known = { name: "Ada Byron", address: { country: "GB", line1: "10 Dorset Square", city: "London", postal_code: "NW1 6QB" } };
  await open({ shippingAddress: { defaultValues: known, fields: { phone: "always" }, validation: { phone: { required: "never" } } } });
  await within("shippingAddress").getByLabel("Phone number (optional)").fill("020 7946 0000");
  assert.deepEqual(await told(page, "change", ({ value }) => value.phone === "020 7946 0000"), {
    elementType: "shippingAddress", empty: false, complete: true, isNewAddress: true,
    value: { name: "Ada Byron", address: address("GB", "10 Dorset Square", "London", "", "NW1 6QB"), phone: "020 7946 0000" },
  });
});

test("a box of a post office is refused where the shop says so", async () => {
  const frame = await drawn("address", { mode: "shipping", blockPoBox: true });
  await frame.getByLabel("Address line 1").fill("P.O. Box 12");
  assert.equal(await frame.locator("#Field-addressLine1Error").textContent(), "An address with a PO box is not accepted here.");
});

test("an e-mail address is in a frame of its own", async () => {
  await open({ linkAuthentication: { defaultValues: { email: "" } }, contactDetails: {} });
  const input = within("linkAuthentication").locator("#Field-emailInput[name=email]");
  assert.deepEqual([await input.getAttribute("placeholder"), await input.getAttribute("type")], ["you@example.com", "email"]);
  await input.fill("ada@example");
  await input.blur();
  await within("linkAuthentication").getByRole("alert").filter({ hasText: "Your email is incomplete." }).waitFor();
  await input.fill("ada@example.com");
  assert.deepEqual(await told(page, "change", ({ complete }) => complete), { elementType: "linkAuthentication", empty: false, complete: true, value: { email: "ada@example.com" } });
});

test("an IBAN is checked while it is typed", async () => {
  await open({ iban: { supportedCountries: ["SEPA"], placeholderCountry: "NL" } });
  const input = within("iban").locator("[name=iban]");
  const state = { elementType: "iban", empty: false, bankName: "" };
  assert.equal(await input.getAttribute("placeholder"), "NL00 AAAA 0000 0000 00");
  await input.fill("at611904300234573201");
  assert.equal(await input.inputValue(), "AT61 1904 3002 3457 3201");
  assert.deepEqual(await told(page, "change", ({ complete }) => complete), { ...state, complete: true, error: undefined, country: "AT" });
  for (const [text, code, message, country] of [
    ["AT611904300234573202", "invalid_iban", "The IBAN you entered is invalid.", "AT"],
    ["XX00", "invalid_iban", "The IBAN you entered is invalid.", ""],
  ]) {
    await input.fill(text);
    assert.deepEqual(await told(page, "change", ({ error }) => error), { ...state, complete: false, country, error: { type: "validation_error", code, message } });
  }
  await input.fill("DE89");
  assert.equal((await told(page, "change", ({ country }) => country === "DE")).error, undefined);
  await input.blur();
  assert.equal((await told(page, "change", ({ error }) => error)).error.message, "The IBAN you entered is incomplete.");
  await page.evaluate(() => window.made.iban.update({ supportedCountries: ["FR"] }));
  assert.equal((await told(page, "change", ({ error }) => error?.code === "invalid_iban_country_code")).error.message, "The IBAN you entered is of a country that is not accepted here.");
});

test("an Australian account is a branch and a number", async () => {
  const frame = await drawn("auBankAccount");
  await frame.locator("[name=au_bsb]").click();
  await page.keyboard.type("00000");
  await frame.locator("[name=au_bsb]").blur();
  assert.equal((await told(page, "change", ({ error }) => error)).error.message, "The BSB you entered is incomplete.");
  await frame.locator("[name=au_bsb]").fill("");
  await frame.locator("[name=au_bsb]").click();
  await page.keyboard.type("000000000123456");
  assert.equal(await frame.locator("[name=au_bsb]").inputValue(), "000-000");
  assert.equal((await told(page, "change", ({ complete }) => complete)).bankName, "STRIPE TEST BANK");
  assert.deepEqual((await ask()).data, { type: "au_becs_debit", au_becs_debit: { bsb_number: "000000", account_number: "000123456" } });
  await frame.locator("[name=au_bank_account_number]").fill("1");
  assert.equal((await ask()).error.message, "The account number you entered is incomplete.");
});

test("a bank is chosen from a list, by mouse or by keys", async () => {
  for (const [type, bank, called] of [["idealBank", "ing", "ING Bank"], ["p24Bank", "mbank_mtransfer", "mBank"], ["epsBank", "bawag_psk_ag", "BAWAG P.S.K."], ["fpxBank", "maybank2u", "Maybank2U"]]) {
    await open({ [type]: {} });
    const frame = within(type);
    await frame.getByRole("button", { name: "Select bank" }).click();
    await frame.getByRole("option", { name: called, exact: true }).click();
    assert.deepEqual(await told(page, "change"), { elementType: type, empty: false, complete: true, value: bank, error: undefined });
    await frame.getByRole("button", { name: called }).waitFor();
  }
  await page.keyboard.press("Enter");
  await within("fpxBank").getByRole("listbox").waitFor();
  for (const key of ["Home", "ArrowDown", "r", "ArrowDown", "ArrowUp", "Enter"]) await page.keyboard.press(key);
  assert.equal((await told(page, "change", (state) => state.value !== "maybank2u")).value, "rhb");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await within("fpxBank").getByRole("listbox").waitFor({ state: "hidden" });
});

test("buttons of wallets show where the script's address names them", async () => {
  await open({ expressCheckout: {} });
  assert.equal((await told(page, "ready")).availablePaymentMethods, undefined);
  await open({ expressCheckout: { buttonType: { googlePay: "buy" }, buttonTheme: { applePay: "white" }, buttonHeight: 48, paymentMethods: { link: "never" }, paymentMethodOrder: ["googlePay"] } }, {}, { script: "/v3/?wallets=applePay,googlePay,link" });
  assert.deepEqual((await told(page, "ready")).availablePaymentMethods, { applePay: true, googlePay: true, link: false, paypal: false, amazonPay: false, klarna: false });
  assert.deepEqual(await within("expressCheckout").getByRole("button").allTextContents(), ["Buy with Google Pay", "Apple Pay"]);
  await within("expressCheckout").getByRole("button", { name: "Google Pay" }).click();
  assert.equal((await told(page, "click")).expressPaymentType, "google_pay");
  assert.equal((await within("expressCheckout").getByRole("button", { name: "Apple Pay" }).boundingBox()).height, 48);
});

test("wallets without room are behind a button", async () => {
  const frame = await drawn("expressCheckout", { layout: { maxColumns: 1, maxRows: 2 } }, { wallets: ["applePay", "googlePay", "paypal"] });
  assert.equal(await frame.getByRole("button").count(), 3);
  await frame.getByRole("button", { name: "Show more" }).click();
  assert.deepEqual(await frame.getByRole("button").allTextContents(), ["Apple Pay", "Google Pay", "PayPal"]);
});

test("a button to pay is named by its type, and tells that it was pressed", async () => {
  const request = await drawn("paymentRequestButton", { style: { paymentRequestButton: { type: "donate", theme: "light", height: "64px" } } });
  await request.getByRole("button", { name: "Donate now" }).click();
  await told(page, "click");
  const pay = await drawn("payButton", {}, { amount: 2000, currency: "jpy" });
  await pay.getByRole("button", { name: "Pay ¥2,000" }).click();
  await told(page, "confirm");
});

test("a tax id has a type and a name beside it", async () => {
  await open({ taxId: { validation: { taxId: { required: "always" } }, defaultValues: { taxIdType: "de_vat" } } });
  const frame = within("taxId");
  await frame.getByLabel("Business name").fill("Byron & Co");
  await frame.getByLabel("Tax ID", { exact: true }).fill("DE123456789");
  const expected = { businessName: "Byron & Co", taxId: "DE123456789", taxIdType: "de_vat", externalTaxIdType: "eu_vat" };
  assert.deepEqual(await told(page, "change", ({ complete }) => complete), { elementType: "taxId", empty: false, complete: true, visible: true, value: expected });
  await page.evaluate(() => window.made.taxId.update({ visibility: "never" }));
  assert.equal((await told(page, "change", ({ visible }) => visible === false)).empty, true);
});

test("a button says its amount in the units of the API", async () => {
  const frame = await drawn("payButton", {}, { amount: 1750000, currency: "huf" });
  assert.match(await frame.getByRole("button").textContent(), /17,500\.00/);
});

test("a currency is chosen among those of the payment", async () => {
  const frame = await drawn("currencySelector", {}, { currency: "usd", currencies: [{ currency: "usd", amount: 2000 }, { currency: "eur", amount: 1850 }] });
  assert.equal(await frame.getByLabel("USD $20.00").isChecked(), true);
  await frame.getByLabel("EUR €18.50").check();
  await page.waitForFunction(() => window.calls.length > 0);
  assert.deepEqual(await page.evaluate(() => window.calls), [["currency", { currency: "eur" }]]);
});

test("elements that only say something say it", async () => {
  await open({ paymentMethodMessaging: { amount: 10000, currency: "USD", paymentMethodTypes: ["klarna", "affirm"] }, afterpayClearpayMessage: { amount: 4000, currency: "AUD" }, terms: {}, issuingCardNumberDisplay: {} });
  await within("paymentMethodMessaging").getByText("4 payments of $25.00 without interest with Klarna or Affirm.").waitFor();
  await within("afterpayClearpayMessage").getByText("4 payments of A$10.00 without interest with Afterpay / Clearpay.").waitFor();
  await within("terms").getByText("By paying, you agree to the terms of the shop.").waitFor();
  await within("issuingCardNumberDisplay").getByText("Pinstripe has no issuingCardNumberDisplay element.").waitFor();
});
