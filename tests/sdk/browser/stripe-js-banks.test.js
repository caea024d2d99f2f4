// Bank accounts that are linked in the page: for an intent, for a session, as a token; and given up.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { api, openSuite, payment, start } from "./stripe-js-support.js";

const PARAMS = {
  payment_method_type: "us_bank_account",
  payment_method_data: { billing_details: { name: "Jenny Rosen", email: "jenny@example.com" } },
};

const suite = openSuite({ script: 'window.stripe = Stripe("pk_test_123");' });
let shop, page;
beforeEach(() => ({ shop, page } = suite));

const call = (method, ...given) => start(page, ([name, all]) => stripe[name](...all), [method, given]);
/** The test bank's page. */
const bank = () => page.frameLocator('iframe[title="Link your bank account"]').frameLocator('iframe[title="Link your bank account"]');

/** Links the first account of the first bank. */
async function link() {
  await bank().getByRole("navigation", { name: "Institutions" }).getByRole("link").first().click();
  const choice = bank()
    .getByRole("group", { name: "Accounts" })
    .getByRole("radio")
    .or(bank().getByRole("group", { name: "Accounts" }).getByRole("checkbox"));
  await choice.first().check();
  await bank().locator("#link-accounts").click();
}

test("collectBankAccountForPayment puts the linked account into the intent, which is then confirmed", async () => {
  const intent = await payment({ "payment_method_types[]": "us_bank_account" });
  const result = call("collectBankAccountForPayment", { clientSecret: intent.client_secret, params: PARAMS, expand: ["payment_method"] });
  await link();
  const { paymentIntent, error } = await result;
  assert.equal(paymentIntent?.status, "requires_confirmation", JSON.stringify(error));
  assert.equal(paymentIntent.payment_method.type, "us_bank_account");
  const confirmed = await call("confirmUsBankAccountPayment", intent.client_secret);
  assert.equal(confirmed.paymentIntent?.status, "processing", JSON.stringify(confirmed.error));
  assert.deepEqual(page.noise, []);
});

test("collectBankAccountForSetup that is given up leaves the intent as it was", async () => {
  const setup = await api("setup_intents", { "payment_method_types[]": "us_bank_account" });
  const result = call("collectBankAccountForSetup", { clientSecret: setup.client_secret, params: PARAMS });
  await bank().getByRole("button", { name: "Cancel" }).click();
  assert.equal((await result).setupIntent.status, "requires_payment_method");
});

test("collectFinancialConnectionsAccounts and collectBankAccountToken give the session", async () => {
  const customer = await api("customers");
  const params = { "account_holder[type]": "customer", "account_holder[customer]": customer.id, "permissions[]": "payment_method" };
  const first = await api("financial_connections/sessions", params);
  const accounts = call("collectFinancialConnectionsAccounts", { clientSecret: first.client_secret });
  await link();
  const { financialConnectionsSession, error } = await accounts;
  assert.equal(error, undefined);
  assert.equal(financialConnectionsSession.accounts.data.length, 1);
  const second = await api("financial_connections/sessions", params);
  const token = call("collectBankAccountToken", { clientSecret: second.client_secret });
  await link();
  assert.match((await token).token.id, /^btok_/);
  const third = await api("financial_connections/sessions", params);
  const closed = call("collectFinancialConnectionsAccounts", { clientSecret: third.client_secret });
  await page.frameLocator('iframe[title="Link your bank account"]').getByRole("button", { name: "Close" }).click();
  assert.deepEqual((await closed).financialConnectionsSession.accounts.data, []);
});

test("a session that is not there is an error of the result", async () => {
  const { error } = await call("collectFinancialConnectionsAccounts", { clientSecret: "fcsess_client_secret_nothing" });
  assert.equal(error.type, "invalid_request_error");
});

test("verifyIdentity shows the session's page until the person is through, or gives up", async () => {
  const open = () => api("identity/verification_sessions", { type: "document", return_url: `${shop.url}/done` });
  const frame = () => page.frameLocator('iframe[title="Verify your identity"]').first().frameLocator('iframe[title="Verify your identity"]');
  const session = await open();
  const result = call("verifyIdentity", session.client_secret);
  await frame().locator("#verified").click();
  const { verificationSession, error } = await result;
  assert.deepEqual([verificationSession.id, error], [session.id, undefined]);
  assert.equal((await api(`identity/verification_sessions/${session.id}`, {}, "GET")).status, "verified");
  assert.equal(page.url(), `${shop.url}/`);
  const other = await open();
  const given = call("verifyIdentity", other.client_secret);
  await frame().locator("#verified").waitFor();
  await page.frameLocator('iframe[title="Verify your identity"]').locator("#cancel").click();
  assert.equal((await given).error.code, "session_cancelled");
  const wrong = await page.evaluate(() => stripe.verifyIdentity("pi_1_secret_2").catch(String));
  assert.match(wrong, /^IntegrationError: Invalid value for stripe\.verifyIdentity client secret/);
});
