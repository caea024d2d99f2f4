// The Payment Element in the page of a shop: choosing a payment method, what each asks for, saved ones, what went wrong.
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { open as openSandbox } from "../node/support.js";
import { draw, openSuite, told } from "./elements-support.js";

const suite = openSuite();
let stripe, page;
before(async () => {
  stripe = await openSandbox("elements");
});
beforeEach(() => ({ page } = suite));

const open = (options = {}, group, how) => suite.open({ payment: options }, group, how);
const payment = () => page.frameLocator('iframe[name^="__privateStripeFrame"][title="Secure payment input frame"]').first();
/** A frame that is told directly what no intent says. */
const drawn = async (options, group) => {
  await suite.visit();
  await draw(page, "payment", options, { merchant_country: "US", payment_method_types: ["card"], wallets: [], ...group });
  return page.frameLocator("iframe[title=payment]");
};
const labels = (frame) => frame.locator(".p-Field:visible .Label").allTextContents();
const errors = (frame) => frame.locator(".p-FieldError:not(:empty)").allTextContents();
const submit = () => page.evaluate(() => window.group.submit());
const INCOMPLETE = { number: "Your card number is incomplete.", expiry: "Your card's expiration date is incomplete.", cvc: "Your card's security code is incomplete.", zip: "Your postal code is incomplete." };

async function fillCard(frame) {
  await frame.getByLabel("Card number").fill("4242424242424242");
  await frame.getByLabel("Expiration date").fill("1234");
  await frame.getByLabel("Security code").fill("123");
}

test("a card's fields have the names, labels and ids that tests know", async () => {
  await open();
  const fields = await payment().locator("#payment-panel :is(input, select)").evaluateAll((all) => all.map((input) => [input.name, input.id, input.placeholder ?? "", input.autocomplete, input.labels[0].textContent]));
  assert.deepEqual(fields, [
    ["number", "payment-numberInput", "1234 1234 1234 1234", "cc-number", "Card number"],
    ["expiry", "payment-expiryInput", "MM / YY", "cc-exp", "Expiration date MM / YY"],
    ["cvc", "payment-cvcInput", "CVC", "cc-csc", "Security code"],
    ["country", "payment-countryInput", "", "billing country", "Country"],
    ["postalCode", "payment-postalCodeInput", "12345", "billing postal-code", "ZIP code"],
  ]);
  const tab = payment().locator('[data-testid="card"]');
  assert.deepEqual([await tab.getAttribute("role"), await tab.getAttribute("id"), await tab.getAttribute("value")], ["tab", "card-tab", "card"]);
  await payment().getByRole("tablist", { name: "Payment Methods" }).waitFor();
  await payment().getByRole("textbox", { name: "Expiration date MM / YY" }).waitFor();
  await payment().getByRole("combobox", { name: "Country" }).waitFor();
});

test("a switch on the script's address gives the older ids", async () => {
  await open({}, {}, { script: "/v3/?fields=2023" });
  await payment().locator("#Field-numberInput").fill("4242424242424242");
  await payment().locator("#Field-countryInput").selectOption("DE");
  assert.equal(await payment().locator("#Field-postalCodeInput").count(), 0);
});

test("changes tell the chosen method, whether it is complete, and the country", async () => {
  await open();
  const state = { elementType: "payment", collapsed: false };
  const value = (postalCode) => ({ type: "card", billingDetails: { address: { country: "US", postalCode } } });
  assert.deepEqual(await told(page, "change"), { ...state, empty: true, complete: false, value: value(null) });
  await fillCard(payment());
  await payment().getByLabel("ZIP").fill("94107");
  assert.equal(await payment().locator(".CardIcon").textContent(), "Visa");
  assert.deepEqual(await told(page, "change", ({ complete }) => complete), { ...state, empty: false, complete: true, value: value("94107") });
  assert.deepEqual(await told(page, "carddetailschange"), { elementType: "payment", loading: false, details: { brands: ["visa"], funding: "unknown" } });
  assert.deepEqual(await submit(), { selectedPaymentMethod: "card" });
});

test("submitting says under each field what is missing, until it is typed", async () => {
  await open();
  const { error } = await submit();
  assert.deepEqual(error, { type: "validation_error", code: "incomplete_number", message: INCOMPLETE.number });
  assert.deepEqual(await errors(payment()), Object.values(INCOMPLETE));
  const number = payment().locator("[name=number]");
  assert.equal(await payment().locator("#Field-numberError[role=alert]").textContent(), INCOMPLETE.number);
  assert.deepEqual([await number.getAttribute("aria-invalid"), await number.getAttribute("aria-describedby")], ["true", "Field-numberError"]);
  assert.equal(await number.evaluate((input) => input === document.activeElement), true);
  await fillCard(payment());
  await payment().getByLabel("ZIP").fill("94107");
  assert.deepEqual(await errors(payment()), []);
});

test("the postal code follows the country", async () => {
  await open();
  const rules = { DE: undefined, GB: ["Postal code", "SW1A 1AA"], CA: ["Postal code", "K1A 0B1"], US: ["ZIP code", "94107"] };
  await fillCard(payment());
  for (const [country, rule] of Object.entries(rules)) {
    await payment().locator("[name=country]").selectOption(country);
    assert.deepEqual((await labels(payment())).slice(4), rule ? [rule[0]] : []);
    if (rule) await payment().locator("[name=postalCode]").fill(rule[1]);
    await told(page, "change", ({ complete, value }) => complete && value.billingDetails.address.country === country);
  }
  await payment().locator("[name=postalCode]").fill("941");
  await payment().locator("[name=number]").focus();
  assert.deepEqual(await errors(payment()), [INCOMPLETE.zip]);
});

test("each payment method asks for what is its own", async () => {
  const types = ["sepa_debit", "ideal", "p24", "us_bank_account", "acss_debit", "au_becs_debit", "bacs_debit", "boleto", "eps", "fpx", "klarna", "blik", "konbini", "oxxo", "alipay", "paypal", "wechat_pay"];
  const asked = {
    sepa_debit: ["Full name", "Email", "IBAN"], ideal: ["Full name", "iDEAL bank"], p24: ["Full name", "Email", "Bank"],
    us_bank_account: ["Full name", "Email", "Account holder", "Account type", "Routing number", "Account number"],
    acss_debit: ["Full name", "Email", "Transit number", "Institution number", "Account number"], au_becs_debit: ["Full name", "Email", "BSB", "Account number"],
    bacs_debit: ["Full name", "Email", "Sort code", "Account number", "Country or region", "Address line 1", "Address line 2", "Town or city", "Postal code"],
    boleto: ["Full name", "Email", "CPF/CNPJ", "Country or region", "Address line 1", "Address line 2", "Town or city", "Postal code"], eps: ["Full name", "Bank"], fpx: ["Bank"], klarna: ["Email", "Country"], blik: ["BLIK code"],
    konbini: ["Full name", "Email", "Phone number (optional)"], oxxo: ["Full name", "Email"], alipay: [], paypal: [], wechat_pay: [],
  };
  const frame = await drawn({ layout: { type: "accordion", visibleAccordionItemsCount: 0 } }, { payment_method_types: types, merchant_country: "GB" });
  for (const type of types) {
    await frame.getByTestId(type).click();
    assert.deepEqual(await labels(frame), asked[type], type);
    await told(page, "change", ({ value }) => value.type === type);
  }
  assert.equal(await frame.locator(".p-RedirectText").textContent(), "After you submit, a code to scan is shown.");
});

test("what is typed for an account becomes data of its payment method", async () => {
  const frame = await drawn({}, { payment_method_types: ["sepa_debit", "us_bank_account"] });
  await frame.getByLabel("Full name").fill("Ada Byron");
  await frame.getByLabel("Email").fill("ada@example.com");
  await frame.locator("[name=iban]").fill("de89370400440532013000");
  assert.equal(await frame.locator("[name=iban]").inputValue(), "DE89 3704 0044 0532 0130 00");
  const billing_details = { name: "Ada Byron", email: "ada@example.com" };
  assert.deepEqual((await page.evaluate(() => window.ask(true))).data, { type: "sepa_debit", billing_details, sepa_debit: { iban: "DE89370400440532013000" } });
  await frame.getByTestId("us_bank_account").click();
  assert.equal((await page.evaluate(() => window.ask(true))).data, undefined);
  assert.equal((await errors(frame)).length, 4);
  await frame.getByLabel("Full name").fill("Ada Byron");
  await frame.getByLabel("Email").fill("ada@example.com");
  await frame.getByLabel("Routing number").fill("110000001");
  assert.deepEqual((await errors(frame)), ["The routing number you entered is invalid.", "The number you entered is incomplete."]);
  await frame.getByLabel("Routing number").fill("110000000");
  await frame.getByLabel("Account number").fill("000123456789");
  assert.deepEqual((await page.evaluate(() => window.ask(true))).data, {
    type: "us_bank_account", billing_details, us_bank_account: { account_holder_type: "individual", account_type: "checking", routing_number: "110000000", account_number: "000123456789" },
  });
});

test("the API takes what each payment method was told", async () => {
  const typed = {
    name: "Ada Byron", email: "ada@example.com", phone: "+34 600 000 000", addressLine1: "1 Street", locality: "London", postalCode: "NW1 6QB",
    iban: "DE89370400440532013000", routingNumber: "110000000", accountNumber: "00012345678", transitNumber: "11000", institutionNumber: "000",
    auBsb: "000-000", auBankAccountNumber: "000123456", sortCode: "108800", taxId: "000.000.000-00", blikCode: "123456", bankCode: "11", branchCode: "0000", suffix: "00", payId: "ada@example.com",
  };
  const types = [
    "sepa_debit", "us_bank_account", "acss_debit", "au_becs_debit", "bacs_debit", "nz_bank_account", "payto", "boleto", "ideal", "p24", "eps", "fpx", "sofort", "klarna", "blik", "konbini", "oxxo",
    "afterpay_clearpay", "bizum", "mb_way", "alipay", "paypal", "multibanco", "customer_balance", "wechat_pay", "giropay", "bancontact",
  ];
  const frame = await drawn({ layout: { type: "accordion", visibleAccordionItemsCount: 0 } }, { payment_method_types: types, merchant_country: "GB" });
  for (const type of types) {
    await frame.getByTestId(type).click();
    await frame.locator("#payment-panel").evaluate((panel, [typed, type]) => {
      for (const input of panel.querySelectorAll("input, select")) {
        if (input.name in typed) input.value = type === "bacs_debit" && input.name === "accountNumber" ? "00012345" : typed[input.name];
        else if (input.name === "bank") input.selectedIndex = 1;
        else continue;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }, [typed, type]);
    const { data, error } = await page.evaluate(() => window.ask(true));
    assert.equal(error, undefined, `${type}: ${error?.message}`);
    assert.equal((await stripe.paymentMethods.create(data)).type, type);
  }
});

test("a code of BLIK is an option of the payment", async () => {
  const frame = await drawn({}, { payment_method_types: ["blik"] });
  await frame.getByLabel("BLIK code").fill("123 456");
  const { data, payment_method_options } = await page.evaluate(() => window.ask(true));
  assert.deepEqual([data, payment_method_options], [{ type: "blik" }, { blik: { code: "123456" } }]);
});

test("the shop decides what is asked for, and what stands there already", async () => {
  const address = { country: "DE", line1: "Unter den Linden 1" };
  const billingDetails = { name: "Ada Byron", email: "ada@example.com", address };
  let frame = await drawn({ defaultValues: { billingDetails } });
  assert.equal(await frame.locator("[name=country]").inputValue(), "DE");
  const cases = [
    [{ billingDetails: "never" }, ["Card number", "Expiration date MM / YY", "Security code"]],
    [{ billingDetails: { address: "never" } }, ["Card number", "Expiration date MM / YY", "Security code"]],
    [{ billingDetails: { address: "if_required" } }, ["Card number", "Expiration date MM / YY", "Security code"]],
    [{ billingDetails: { address: { country: "never" } } }, ["Card number", "Expiration date MM / YY", "Security code", "ZIP code"]],
    [{ billingDetails: { name: "always", address: { postalCode: "never" } } }, ["Card number", "Expiration date MM / YY", "Security code", "Full name", "Country"]],
  ];
  for (const [fields, expected] of cases) {
    await page.evaluate((fields) => window.say({ action: "update", options: { fields, defaultValues: undefined } }), fields);
    await page.evaluate(() => window.ask(false));
    assert.deepEqual(await labels(frame), expected, JSON.stringify(fields));
  }
  frame = await drawn({ defaultValues: { billingDetails }, readOnly: true }, { payment_method_types: ["sepa_debit"] });
  assert.equal(await frame.locator("[name=name]").inputValue(), "Ada Byron");
  assert.equal(await frame.locator("[name=iban]").isDisabled(), true);
});

test("tabs go by arrows, and those without room are in a menu", async () => {
  await open({ paymentMethodOrder: ["klarna", "card"] }, { paymentMethodTypes: ["card", "ideal", "klarna", "sepa_debit", "bancontact", "eps", "p24"], currency: "eur" }, { viewport: { width: 500, height: 700 } });
  const tabs = () => payment().getByRole("tab").allTextContents();
  assert.deepEqual(await tabs(), ["Klarna", "Card"]);
  await payment().getByRole("tab", { name: "Klarna" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await payment().locator("#card-tab").getAttribute("aria-selected"), "true");
  assert.equal(await payment().locator("#card-tab").evaluate((tab) => tab === document.activeElement), true);
  await payment().locator(".p-AdditionalPaymentMethods-menu").selectOption("eps");
  assert.deepEqual(await tabs(), ["Klarna", "EPS"]);
  assert.equal((await told(page, "change", ({ value }) => value.type === "eps")).complete, false);
});

test("an accordion shows one method at a time, and can be closed again", async () => {
  await open({ layout: { type: "accordion", defaultCollapsed: true, radios: "always", spacedAccordionItems: true } }, { paymentMethodTypes: ["card", "ideal"], currency: "eur" });
  assert.equal((await told(page, "change")).collapsed, true);
  assert.deepEqual((await submit()).error, { type: "validation_error", code: "incomplete_payment_details", message: "Please provide complete payment details." });
  const button = payment().locator("[data-testid=card]");
  await button.click();
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  await payment().getByLabel("Card number").fill("4242");
  await page.evaluate(() => window.made.payment.collapse());
  await told(page, "change", ({ collapsed }) => collapsed);
  assert.equal(await payment().getByLabel("Card number").isVisible(), false);
  await button.click();
  assert.equal(await payment().getByLabel("Card number").inputValue(), "4242");
  await page.evaluate(() => window.made.payment.clear());
  await told(page, "change", ({ empty, collapsed }) => empty && !collapsed);
});

test("saved payment methods come first; one is chosen, recollects its code, and can be removed", async () => {
  const saved = (id, last4) => ({ id, type: "card", billing_details: { name: "Ada" }, card: { brand: "visa", last4, exp_month: 3, exp_year: 2034 } });
  const frame = await drawn({}, { require_cvc_recollection: true, customer: { payment_methods: [saved("pm_1", "4242"), saved("pm_2", "1881")], features: { payment_method_remove: "enabled", payment_method_save: "enabled" } } });
  const ask = () => page.evaluate(() => window.ask(true));
  assert.equal((await ask()).error.code, "incomplete_cvc");
  await frame.getByLabel("Security code").fill("123");
  await frame.getByLabel("Visa •••• 1881, expires 03 / 34", { exact: true }).check();
  const { payment_method, cvc, complete } = await ask();
  assert.deepEqual([payment_method, cvc, complete], ["pm_2", "123", true]);
  assert.deepEqual((await told(page, "change", ({ value }) => value.payment_method?.id === "pm_2")).value, { type: "card", payment_method: { id: "pm_2", type: "card", billing_details: { name: "Ada" } } });
  await frame.getByRole("button", { name: "Remove Visa •••• 1881, expires 03 / 34" }).click();
  assert.deepEqual(await told(page, "savedpaymentmethodremove"), { success: true, payment_method: { id: "pm_2", type: "card", billing_details: { name: "Ada" } } });
  await page.waitForFunction(() => window.calls.length > 0);
  assert.deepEqual(await page.evaluate(() => window.calls), [["detach", { payment_method: "pm_2" }]]);
  await frame.getByRole("button", { name: /^Remove/ }).click();
  await frame.getByTestId("saved").waitFor({ state: "detached" });
  await frame.getByLabel("Save payment details for future purchases").check();
  await fillCard(frame);
  await frame.getByLabel("ZIP").fill("94107");
  assert.equal((await told(page, "change", ({ complete }) => complete)).value.savePaymentMethod, true);
  assert.equal((await ask()).save, true);
});

test("Link's box asks for a telephone number once it is checked", async () => {
  const frame = await drawn({}, { payment_method_types: ["card", "link"] });
  assert.equal(await frame.locator("#payment-linkOptInInput").isChecked(), false);
  await frame.locator('label[for="payment-linkOptInInput"]').click();
  assert.ok((await labels(frame)).includes("Phone number"));
  assert.deepEqual(await frame.getByRole("tab").allTextContents(), ["Card"]);
});

test("a wallet of tests pays with the card of tests", async () => {
  const frame = await drawn({}, { wallets: ["applePay"] });
  await frame.getByTestId("apple_pay").click();
  assert.equal((await told(page, "change", ({ complete }) => complete)).value.type, "apple_pay");
  assert.equal((await page.evaluate(() => window.ask(true))).payment_method, "pm_card_visa");
  await page.evaluate(() => window.say({ action: "update", options: { wallets: { applePay: "never" } } }));
  await frame.getByTestId("apple_pay").waitFor({ state: "detached" });
});

test("an error of the API stands at its field until something is typed, or under all of them", async () => {
  const frame = await drawn();
  const fail = (error) => page.evaluate((error) => window.say({ action: "fail", error }), error);
  await fillCard(frame);
  await fail({ type: "card_error", code: "card_declined", message: "Your card was declined." });
  await frame.getByRole("alert").filter({ hasText: "Your card was declined." }).waitFor();
  assert.equal(await frame.locator("#Field-numberError").textContent(), "Your card was declined.");
  await frame.locator("[name=number]").fill("5555555555554444");
  assert.deepEqual(await errors(frame), []);
  await fail({ type: "api_error", message: "It did not work." });
  await frame.locator(".p-Notice").filter({ hasText: "It did not work." }).waitFor();
});

test("a ZIP and an e-mail address can be wrong as well as unfinished", async () => {
  const frame = await drawn({ fields: { billingDetails: { email: "auto" } } }, { payment_method_types: ["card", "multibanco"] });
  await frame.getByLabel("ZIP").fill("ABC");
  assert.deepEqual(await errors(frame), ["Your ZIP is invalid."]);
  await frame.getByTestId("multibanco").click();
  await frame.getByLabel("Email").fill("ada@byron@example.com");
  assert.deepEqual(await errors(frame), ["Your email address is invalid."]);
});

test("another amount leaves everything in its place, other payment methods draw it anew", async () => {
  await open({}, { paymentMethodTypes: ["card", "ideal"], currency: "eur" });
  const number = payment().getByLabel("Card number");
  await number.pressSequentially("4242");
  await number.evaluate((input) => (input.dataset.same = "yes"));
  await page.evaluate(() => window.group.update({ amount: 3000 }).then(() => window.made.payment.getValue()));
  assert.equal(await number.getAttribute("data-same"), "yes");
  await page.evaluate(() => window.group.update({ paymentMethodTypes: ["card", "eps"] }));
  assert.deepEqual((await told(page, "availablepaymentmethodschange")).paymentMethods, { card: { available: true }, ideal: { available: false }, eps: { available: true } });
  assert.deepEqual(await payment().getByRole("tab").allTextContents(), ["Card", "EPS"]);
  await page.keyboard.type("4242");
  assert.equal(await number.inputValue(), "4242 4242");
  assert.equal(await page.evaluate(() => window.told.some(([name]) => name === "blur")), false);
});

test("one agrees to what is stored for later, unless the shop says it itself", async () => {
  const frame = await drawn({ business: { name: "Rocket Rides" } }, { setup_future_usage: "off_session" });
  assert.equal(await frame.locator(".p-TermsText").textContent(), "By providing your card, you allow Rocket Rides to charge it for future payments on their terms.");
  await page.evaluate(() => window.say({ action: "update", options: { terms: { card: "never" } } }));
  await frame.locator(".p-TermsText").waitFor({ state: "detached" });
});

test("a form has an e-mail address, the payment methods, and a button", async () => {
  await suite.visit();
  await draw(page, "checkoutForm", {}, { payment_method_types: ["card", "eps"], merchant_country: "DE", amount: 2000, currency: "eur" });
  const frame = page.frameLocator("iframe[title=checkoutForm]");
  await frame.getByLabel("Email").fill("ada@example.com");
  await fillCard(frame);
  const { value, status } = await told(page, "change", ({ complete }) => complete);
  assert.deepEqual(value, { customerDetails: { email: "ada@example.com" }, payment: { collapsed: false, type: "card", billingDetails: { address: { country: "DE", postalCode: null } } } });
  assert.deepEqual(status, { customerDetails: { complete: true, empty: false }, payment: { complete: true, empty: false } });
  assert.equal((await page.evaluate(() => window.ask(true))).data.billing_details.email, "ada@example.com");
  await frame.getByRole("button", { name: "Pay €20.00" }).click();
  assert.deepEqual(await told(page, "confirm"), { source: "checkout-form-pay-button", paymentMethodType: "card" });
});
