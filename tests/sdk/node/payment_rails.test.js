// Intents that are paid with anything but a card: bank debits, redirects, vouchers, bank transfers.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ANY, baseUrl, has, open, refused, wire } from "./support.js";

const SANDBOX = "node-rails";
let stripe;
before(async () => {
  stripe = await open(SANDBOX);
});

const BACK = { return_url: "https://shop.example/done" };
const CONSENT = { mandate_data: { customer_acceptance: { type: "offline" } } };

const pay = (type, currency, more = {}) => stripe.paymentIntents.create({
  amount: 2000, currency, confirm: true, payment_method_types: [type],
  ...(more.payment_method ? {} : { payment_method_data: { type } }), ...more,
});
const now = (intent, more) => stripe.paymentIntents.retrieve(intent.id, more);

/** What is to happen to an object later happens at once. */
async function hurry(id) {
  const { status, body } = await wire("POST", `/_pinstripe/due/${id}?sandbox=${SANDBOX}`);
  assert.equal(status, 200);
  return body.done;
}

/** What a customer does on the page that a link names. */
async function decide(link, result) {
  assert.ok(link.startsWith(`${baseUrl}/`), link);
  const response = await fetch(`${link}&result=${result}`, { method: "POST" });
  assert.equal(response.status, 200);
}

describe("bank debits", () => {
  test("a debit is processing and then succeeds", async () => {
    const made = await pay("us_bank_account", "usd", { payment_method: "pm_usBankAccount_success", ...CONSENT });
    has(made, { status: "processing", amount_received: 0, next_action: null });
    const paid = await now(made, { expand: ["latest_charge.balance_transaction"] });
    has(paid, { status: "succeeded", amount_received: 2000 });
    has(paid.latest_charge, { status: "succeeded", paid: true });
    has(paid.latest_charge.balance_transaction, { type: "payment", fee: 16, net: 1984, status: "available" });
    assert.match(paid.latest_charge.payment_method_details.us_bank_account.mandate, /^mandate_/);
  });

  test("or the bank sends it back", async () => {
    const made = await pay("us_bank_account", "usd", { payment_method: "pm_usBankAccount_insufficientFunds", ...CONSENT });
    assert.equal(made.status, "processing");
    const failed = await now(made, { expand: ["latest_charge"] });
    has(failed, { status: "requires_payment_method", payment_method: null });
    has(failed.last_payment_error, { code: "insufficient_funds", type: "invalid_request_error" });
    has(failed.latest_charge, { status: "failed", failure_code: "insufficient_funds", balance_transaction: null });
  });

  test("a slow bank waits for the clock or for a call", async () => {
    const made = await pay("sepa_debit", "eur", { payment_method: "pm_sepaDebit_failedDelayed_de", ...CONSENT });
    assert.equal((await now(made)).status, "processing");
    assert.equal(await hurry(made.id), 1);
    assert.equal((await now(made)).status, "requires_payment_method");
    const [reversal] = (await stripe.balanceTransactions.list({ type: "payment_failure_refund" })).data;
    assert.equal(reversal.amount, -2000);
  });

  test("without a mandate it is refused", async () => {
    const made = await stripe.paymentIntents.create({ amount: 2000, currency: "eur", payment_method_types: ["sepa_debit"],
      payment_method: "pm_sepaDebit_success_de" });
    const error = await refused(stripe.paymentIntents.confirm(made.id), { status: 400, param: ANY,
      message: "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance from the customer and try again, " +
        "providing acceptance data in the mandate_data parameter." });
    assert.equal(error.payment_intent.status, "requires_confirmation");
  });

  test("microdeposits verify an account", async () => {
    const made = await stripe.paymentIntents.create({ amount: 2000, currency: "usd", confirm: true, payment_method_types: ["us_bank_account"],
      payment_method_data: { type: "us_bank_account", billing_details: { name: "Ada" },
        us_bank_account: { account_number: "000123456789", routing_number: "110000000", account_holder_type: "individual" } }, ...CONSENT });
    assert.equal(made.next_action.type, "verify_with_microdeposits");
    await refused(stripe.paymentIntents.verifyMicrodeposits(made.id, { amounts: [1, 2] }),
      { status: 400, code: "payment_method_microdeposit_verification_amounts_mismatch" });
    assert.equal((await stripe.paymentIntents.verifyMicrodeposits(made.id, { amounts: [32, 45] })).status, "processing");
    assert.equal((await now(made)).status, "succeeded");
  });
});

describe("redirects", () => {
  test("the customer authorizes or fails", async () => {
    for (const [type, currency] of [["ideal", "eur"], ["klarna", "usd"], ["bancontact", "eur"], ["paypal", "usd"]]) {
      const made = await pay(type, currency, BACK);
      has(made, { status: "requires_action", latest_charge: null });
      has(made.next_action.redirect_to_url, BACK);
      await decide(made.next_action.redirect_to_url.url, "succeeded");
      const paid = await now(made, { expand: ["latest_charge"] });
      assert.equal(paid.status, "succeeded");
      assert.equal(paid.latest_charge.payment_method_details.type, type);
      const other = await pay(type, currency, BACK);
      await decide(other.next_action.redirect_to_url.url, "failed");
      const failed = await now(other);
      has(failed, { status: "requires_payment_method" });
      assert.equal(failed.last_payment_error.code, "payment_intent_authentication_failure");
    }
  });

  test("some can be held", async () => {
    const made = await pay("klarna", "usd", { ...BACK, capture_method: "manual" });
    await decide(made.next_action.redirect_to_url.url, "succeeded");
    has(await now(made), { status: "requires_capture", amount_capturable: 2000 });
    has(await stripe.paymentIntents.capture(made.id), { status: "succeeded", amount_received: 2000 });
  });

  test("a currency that the type does not know is refused", async () => {
    await refused(pay("ideal", "usd", BACK), { status: 400,
      message: "The currency provided (usd) is invalid for one or more payment method types on this PaymentIntent. The payment method "
        + "type ideal only supports the following currencies: eur. Either correct the provided currency, or use a different "
        + "PaymentIntent to accept this payment method type." });
  });
});

describe("vouchers", () => {
  const voucher = (email) => stripe.paymentIntents.create({ amount: 2000, currency: "mxn", confirm: true, payment_method_types: ["oxxo"],
    payment_method_data: { type: "oxxo", billing_details: { email, name: "Ada" } } });

  test("paid at once, later or never", async () => {
    const first = await voucher("succeed_immediately@example.com");
    assert.match(first.next_action.oxxo_display_details.number, /^\d{14}$/);
    assert.equal((await now(first)).status, "succeeded");
    const later = await voucher("ada@example.com");
    assert.equal((await now(later)).status, "requires_action");
    await hurry(later.id);
    const paid = await now(later, { expand: ["latest_charge"] });
    assert.equal(paid.latest_charge.payment_method_details.oxxo.number, later.next_action.oxxo_display_details.number);
    const never = await now(await voucher("expire_immediately@example.com"));
    assert.equal(never.last_payment_error.code, "payment_intent_payment_attempt_expired");
  });
});

describe("bank transfers", () => {
  const owe = (customer, amount = 2000) => stripe.paymentIntents.create({ amount, currency: "usd", customer, confirm: true,
    payment_method_types: ["customer_balance"], payment_method_data: { type: "customer_balance" },
    payment_method_options: { customer_balance: { funding_type: "bank_transfer", bank_transfer: { type: "us_bank_transfer" } } } });
  const send = (customer, amount) => stripe.testHelpers.customers.fundCashBalance(customer, { amount, currency: "usd" });

  test("a transfer pays what waits for it, and the rest stays", async () => {
    const { id } = await stripe.customers.create();
    const made = await owe(id);
    has(made.next_action.display_bank_transfer_instructions, { amount_remaining: 2000, currency: "usd", type: "us_bank_transfer" });
    has(await send(id, 1500), { object: "customer_cash_balance_transaction", type: "funded", net_amount: 1500 });
    assert.equal((await now(made)).next_action.display_bank_transfer_instructions.amount_remaining, 500);
    await send(id, 700);
    has(await now(made), { status: "succeeded", amount_received: 2000 });
    const balance = await stripe.customers.retrieveCashBalance(id);
    has(balance, { available: { usd: 200 }, customer: id });
    const { cash_balance } = await stripe.customers.retrieve(id, { expand: ["cash_balance"] });
    assert.deepEqual(cash_balance, JSON.parse(JSON.stringify(balance)));
    const rows = (await stripe.customers.listCashBalanceTransactions(id)).data;
    assert.deepEqual(rows.map((row) => row.type), ["applied_to_payment", "funded", "applied_to_payment", "funded"]);
    has(await stripe.customers.retrieveCashBalanceTransaction(id, rows[0].id), { id: rows[0].id, ending_balance: 200 });
  });

  test("by hand, when the customer's balance says so", async () => {
    const { id } = await stripe.customers.create();
    await stripe.customers.updateCashBalance(id, { settings: { reconciliation_mode: "manual" } });
    const made = await owe(id);
    await send(id, 2000);
    assert.equal((await now(made)).status, "requires_action");
    has(await stripe.paymentIntents.applyCustomerBalance(made.id), { status: "succeeded" });
    await stripe.refunds.create({ payment_intent: made.id, amount: 500 });
    has(await stripe.customers.retrieveCashBalance(id), { available: { usd: 500 } });
  });

  test("funding instructions stay the same", async () => {
    const { id } = await stripe.customers.create();
    const ask = () => stripe.customers.createFundingInstructions(id, { currency: "eur", funding_type: "bank_transfer",
      bank_transfer: { type: "eu_bank_transfer", eu_bank_transfer: { country: "DE" } } });
    const first = await ask();
    assert.match(first.bank_transfer.financial_addresses[0].iban.iban, /^DE\d{18}$/);
    assert.deepEqual(JSON.stringify(await ask()), JSON.stringify(first));
  });
});
