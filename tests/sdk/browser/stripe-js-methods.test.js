// The methods that are named after a payment method: redirects, vouchers, codes, debits, and the names of before.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { api, bank, frame, openSuite, payment, start, typeCard } from "./stripe-js-support.js";

const SCRIPT = `
  const stripe = (window.stripe = Stripe("pk_test_123"));
  window.mounted = (type, options) => {
    const node = document.body.appendChild(document.createElement("div"));
    const element = stripe.elements().create(type, options);
    element.mount(node);
    return new Promise((resolve) => element.on("ready", () => resolve(void Object.assign(window, { element }))));
  };
`;
const BILLING = { name: "Jenny Rosen", email: "jenny@example.com" };
const ADDRESS = { line1: "1 Main St", city: "Denver", state: "CO", postal_code: "80202", country: "US" };
const SHIPPING = {
  "shipping[name]": "Jenny Rosen",
  ...Object.fromEntries(Object.entries(ADDRESS).map(([part, value]) => [`shipping[address][${part}]`, value])),
};

const suite = openSuite({ script: SCRIPT });
let shop, page;
beforeEach(() => ({ shop, page } = suite));

/** Calls a method in the page. */
const call = (method, ...given) => start(page, ([name, all]) => stripe[name](...all), [method, given]);
/** An intent for one type of payment method. */
const intentOf = (type, currency, params = {}) => payment({ currency, "payment_method_types[]": type, ...params });

/** Those that lead to a page of their own: method, type, currency, what the payment method says of itself. */
const REDIRECTS = [
  ["confirmIdealPayment", "ideal", "eur", { billing_details: BILLING, ideal: {} }],
  ["confirmBancontactPayment", "bancontact", "eur", { billing_details: BILLING }],
  ["confirmEpsPayment", "eps", "eur", { billing_details: BILLING, eps: { bank: "erste_bank_und_sparkassen" } }],
  ["confirmP24Payment", "p24", "pln", { billing_details: BILLING }],
  ["confirmAlipayPayment", "alipay", "usd", {}],
  ["confirmKlarnaPayment", "klarna", "usd", { billing_details: { ...BILLING, address: { country: "US" } } }],
  ["confirmAfterpayClearpayPayment", "afterpay_clearpay", "usd", { billing_details: { ...BILLING, address: ADDRESS } }],
  ["confirmGrabPayPayment", "grabpay", "sgd", {}],
  ["confirmTwintPayment", "twint", "chf", {}],
  ["confirmMobilepayPayment", "mobilepay", "dkk", {}],
];

test("each of them is confirmed by its type, and left to the page with handleActions: false", async () => {
  for (const [method, type, currency, payment_method] of REDIRECTS) {
    const intent = await intentOf(type, currency, { amount: 5000, ...(type === "afterpay_clearpay" && SHIPPING) });
    const data = { payment_method, return_url: `${shop.url}/done` };
    const { paymentIntent, error } = await call(method, intent.client_secret, data, { handleActions: false });
    assert.equal(paymentIntent?.status, "requires_action", `${method}: ${JSON.stringify(error)}`);
    const action = paymentIntent.next_action;
    assert.match(action[action.type].url, /^http/, method);
  }
});

test("confirmIdealPayment leads to the method's page and back", async () => {
  const intent = await intentOf("ideal", "eur");
  await page.evaluate(
    (secret) => void stripe.confirmIdealPayment(secret, { payment_method: { ideal: {} }, return_url: `${location.origin}/done` }),
    intent.client_secret,
  );
  await page.getByRole("link", { name: "Authorize Test Payment" }).click();
  await page.waitForURL("**/done?**");
  assert.equal(new URL(page.url()).searchParams.get("redirect_status"), "succeeded");
});

test("confirmOxxoPayment shows the voucher, and comes back when it is closed", async () => {
  const intent = await intentOf("oxxo", "mxn", { amount: 5000 });
  const result = call("confirmOxxoPayment", intent.client_secret, { payment_method: { billing_details: BILLING } });
  const sheet = page.frameLocator('iframe[title="Voucher"]');
  await sheet.frameLocator('iframe[title="Payment instructions"]').getByText("OXXO", { exact: false }).first().waitFor();
  await sheet.getByRole("button", { name: "Close" }).click();
  assert.equal((await result).paymentIntent.next_action.type, "oxxo_display_details");
});

test("a code is scanned in another window, and the page goes on", async () => {
  const intent = await intentOf("wechat_pay", "usd");
  const result = call("confirmWechatPayPayment", intent.client_secret, { payment_method_options: { wechat_pay: { client: "web" } } });
  const code = page.frameLocator('iframe[name^="__privateStripeFrame"]').frameLocator('iframe[title="QR Code Instructions"]');
  assert.ok(await code.getByRole("img", { name: "QR code" }).evaluate((image) => image.decode().then(() => image.naturalWidth > 0)));
  const popup = page.waitForEvent("popup");
  await code.getByRole("button", { name: "Simulate scan" }).click();
  await (await popup).getByRole("link", { name: "Authorize Test Payment" }).click();
  assert.equal((await result).paymentIntent.status, "succeeded");
  assert.deepEqual(page.noise, []);
});

test("confirmPromptPayPayment that is closed stays open", async () => {
  const intent = await intentOf("promptpay", "thb");
  const result = call("confirmPromptPayPayment", intent.client_secret, { payment_method: { billing_details: BILLING } });
  await page.frameLocator('iframe[title="QR code"]').getByRole("button", { name: "Close" }).click();
  assert.equal((await result).paymentIntent.status, "requires_action");
});

test("handleActions: false leaves the voucher to the page", async () => {
  const intent = await intentOf("boleto", "brl", { amount: 5000 });
  const address = { line1: "Av Angelica 2491", city: "São Paulo", state: "SP", postal_code: "01227-200", country: "BR" };
  const { paymentIntent } = await call(
    "confirmBoletoPayment",
    intent.client_secret,
    { payment_method: { boleto: { tax_id: "000.000.000-00" }, billing_details: { ...BILLING, address } } },
    { handleActions: false },
  );
  assert.ok(paymentIntent.next_action.boleto_display_details.hosted_voucher_url);
  assert.equal(await page.locator('iframe[name^="__privateStripeFrame"]').count(), 0);
});

test("debits carry the mandate that the customer gives in the page", async () => {
  const sepa = await intentOf("sepa_debit", "eur");
  const paid = await call("confirmSepaDebitPayment", sepa.client_secret, {
    payment_method: { sepa_debit: { iban: "DE89370400440532013000" }, billing_details: BILLING },
  });
  assert.equal(paid.paymentIntent?.status, "processing", JSON.stringify(paid.error));
  const becs = await intentOf("au_becs_debit", "aud");
  const debited = await call("confirmAuBecsDebitPayment", becs.client_secret, {
    payment_method: { au_becs_debit: { bsb_number: "000000", account_number: "000123456" }, billing_details: BILLING },
  });
  assert.equal(debited.paymentIntent?.status, "processing", JSON.stringify(debited.error));
  const setup = await api("setup_intents", { "payment_method_types[]": "bacs_debit" });
  const kept = await call("confirmBacsDebitSetup", setup.client_secret, {
    payment_method: {
      bacs_debit: { sort_code: "108800", account_number: "00012345" },
      billing_details: { ...BILLING, address: { line1: "1 High St", city: "London", country: "GB", postal_code: "N1 1AA" } },
    },
  });
  assert.equal(kept.setupIntent?.status, "succeeded", JSON.stringify(kept.error));
});

test("an IBAN Element is paid, and becomes a payment method, a source and a token", async () => {
  await page.evaluate(() => mounted("iban", { supportedCountries: ["SEPA"] }));
  await frame(page, "Secure IBAN input frame").locator("[name=iban]").fill("DE89370400440532013000");
  const { client_secret } = await intentOf("sepa_debit", "eur");
  const made = await page.evaluate(
    async ([secret, billing_details]) => {
      const owner = { name: billing_details.name, email: billing_details.email };
      return [
        await stripe.confirmSepaDebitPayment(secret, { payment_method: { sepa_debit: element, billing_details } }),
        await stripe.createPaymentMethod({ type: "sepa_debit", sepa_debit: element, billing_details }),
        await stripe.createSource(element, { type: "sepa_debit", currency: "eur", owner, mandate: { notification_method: "email" } }),
        await stripe.createToken(element, { currency: "eur", account_holder_name: owner.name, account_holder_type: "individual" }),
      ];
    },
    [client_secret, BILLING],
  );
  assert.deepEqual(
    made.map(({ error }) => error),
    [undefined, undefined, undefined, undefined],
  );
  assert.equal(made[0].paymentIntent.status, "processing");
  assert.deepEqual(
    [made[1].paymentMethod.sepa_debit.last4, made[2].source.sepa_debit.last4, made[3].token.bank_account.country],
    ["3000", "3000", "DE"],
  );
});

test("an account is proved by a code or by amounts", async () => {
  const data = {
    payment_method: {
      us_bank_account: { routing_number: "110000000", account_number: "000123456789", account_holder_type: "individual" },
      billing_details: BILLING,
    },
  };
  const first = await intentOf("us_bank_account", "usd");
  const waiting = await call("confirmUsBankAccountPayment", first.client_secret, data);
  assert.equal(waiting.paymentIntent?.next_action.type, "verify_with_microdeposits", JSON.stringify(waiting.error));
  const wrong = await call("verifyMicrodepositsForPayment", first.client_secret, { descriptor_code: "SM99ZZ" });
  assert.equal(wrong.error.type, "invalid_request_error");
  const proved = await call("verifyMicrodepositsForPayment", first.client_secret, { descriptorCode: "SM11AA" });
  assert.equal(proved.paymentIntent?.status, "processing", JSON.stringify(proved.error));
  const setup = await api("setup_intents", { "payment_method_types[]": "us_bank_account" });
  await call("confirmUsBankAccountSetup", setup.client_secret, data);
  const kept = await call("verifyMicrodepositsForSetup", setup.client_secret, { amounts: [32, 45] });
  assert.equal(kept.setupIntent?.status, "succeeded", JSON.stringify(kept.error));
});

test("the older names take the element as an argument of its own", async () => {
  await page.evaluate(() => mounted("card"));
  await typeCard(page, "4000002500003155");
  const { client_secret } = await payment();
  const result = start(
    page,
    (secret) => stripe.handleCardPayment(secret, element, { payment_method_data: { billing_details: { name: "Jenny Rosen" } } }),
    client_secret,
  );
  await bank(page).locator("#test-source-authorize-3ds").click();
  const { paymentIntent } = await result;
  assert.equal(paymentIntent.status, "succeeded");
  const method = await api(`payment_methods/${paymentIntent.payment_method}`, {}, "GET");
  assert.equal(method.billing_details.name, "Jenny Rosen");
  await typeCard(page);
  const setup = await api("setup_intents", { "payment_method_types[]": "card" });
  const kept = await page.evaluate((secret) => stripe.handleCardSetup(secret, element), setup.client_secret);
  assert.equal(kept.setupIntent.status, "succeeded");
  const saved = await payment();
  const again = await call("handleCardPayment", saved.client_secret, { payment_method: "pm_card_visa" });
  assert.equal(again.paymentIntent?.status, "succeeded", JSON.stringify(again.error));
});

test("retrievePaymentIntent and retrieveSetupIntent", async () => {
  const intent = await payment();
  assert.equal((await call("retrievePaymentIntent", intent.client_secret)).paymentIntent.id, intent.id);
  const setup = await api("setup_intents");
  assert.equal((await call("retrieveSetupIntent", setup.client_secret)).setupIntent.id, setup.id);
  const wrong = await call("retrievePaymentIntent", `${intent.id}_secret_wrong`);
  assert.equal(wrong.error.type, "invalid_request_error");
});

test("createRadarSession", async () => {
  const { radarSession, error } = await call("createRadarSession");
  assert.match(radarSession?.id ?? "", /^rse_/, JSON.stringify(error));
});
