// What a platform that bills tests: subscriptions of its sellers' own customers with a fee, and subscriptions of its own customers
// whose money goes on to a seller; a month later, when a renewal fails, and when one is refunded.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { baseUrl, client, has, open, refused } from "./support.js";

const SANDBOX = "node-connect-billing";
/** 1 March 2030, 12:00 UTC, and how long a month with its draft hour is. */
const START = 1_898_596_800;
const MONTH = 31 * 86_400 + 3_700;
let stripe;
let seller;
let theirs;

async function clock(change) {
  const response = await fetch(`${baseUrl}/_pinstripe/clock?sandbox=${SANDBOX}&${change}`, { method: "POST" });
  assert.equal(response.status, 200, await response.text());
}

beforeEach(async () => {
  stripe = await open(SANDBOX);
  await clock(`freeze=${START}`);
  seller = await stripe.accounts.create({ country: "US", controller: { stripe_dashboard: { type: "express" }, fees: { payer: "application" }, losses: { payments: "application" } },
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } }, external_account: "btok_us_verified",
    business_profile: { product_description: "Tea", support_phone: "0000000000", url: "https://tea.example" }, account_token: (await stripe.tokens.create({ account: { tos_shown_and_accepted: true } })).id });
  theirs = client(SANDBOX, { stripeAccount: seller.id });
});

async function pays(api, customer, card) {
  const method = await api.paymentMethods.attach(card, { customer });
  return api.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
}

/** A subscription to 100 dollars a month. */
async function subscribed(api, params) {
  const customer = await api.customers.create({ name: "Ada", email: "ada@example.com" });
  await pays(api, customer.id, "pm_card_visa");
  const price = await api.prices.create({ currency: "usd", unit_amount: 10000, recurring: { interval: "month" }, product_data: { name: "Gold" } });
  return api.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], ...params });
}

const ledger = async (api) => (await api.balanceTransactions.list({ limit: 100 })).data.reverse().map((row) => [row.type, row.amount, row.fee]);

async function newestCharge(api, subscription) {
  const { latest_invoice: invoice } = await api.subscriptions.retrieve(subscription.id);
  const { data: [paid] } = await api.invoicePayments.list({ invoice, expand: ["data.payment.payment_intent"] });
  return api.charges.retrieve(paid.payment.payment_intent.latest_charge);
}

test("a seller bills its own customers, and the platform takes a part of each invoice", async () => {
  const made = await subscribed(theirs, { application_fee_percent: 10 });
  has(made, { status: "active", application_fee_percent: 10 });
  await refused(stripe.subscriptions.retrieve(made.id), { status: 404, code: "resource_missing", param: "id" });
  await clock(`advance=${MONTH}`);
  assert.deepEqual(await ledger(theirs), [["charge", 10000, 1320], ["charge", 10000, 1320]]);
  assert.deepEqual(await ledger(stripe), [["application_fee", 1000, 0], ["application_fee", 1000, 0]]);
  const charge = await newestCharge(theirs, made);
  const { data: [fee] } = await stripe.applicationFees.list({ charge: charge.id });
  has(fee, { amount: 1000, account: seller.id });

  await theirs.refunds.create({ charge: charge.id, refund_application_fee: true });
  assert.deepEqual((await ledger(stripe)).slice(2), [["application_fee_refund", -1000, 0]]);
  assert.deepEqual((await ledger(theirs)).slice(2), [["application_fee_refund", 1000, 0], ["refund", -10000, 0]]);
});

test("a platform bills for a seller, and the money goes on each month", async () => {
  const made = await subscribed(stripe, { application_fee_percent: 12.5, on_behalf_of: seller.id, transfer_data: { destination: seller.id } });
  has(made, { status: "active", on_behalf_of: seller.id, transfer_data: { amount_percent: null, destination: seller.id } });
  await clock(`advance=${MONTH}`);
  const month = [["charge", 10000, 320], ["transfer", -10000, 0], ["application_fee", 1250, 0]];
  assert.deepEqual(await ledger(stripe), [...month, ...month]);
  assert.deepEqual(await ledger(theirs), [["payment", 10000, 1250], ["payment", 10000, 1250]]);

  const charge = await newestCharge(stripe, made);
  has(charge, { on_behalf_of: seller.id, application_fee_amount: 1250, transfer_data: { amount: null, destination: seller.id } });
  await stripe.refunds.create({ charge: charge.id, reverse_transfer: true, refund_application_fee: true });
  assert.deepEqual((await ledger(stripe)).slice(6), [["transfer_refund", 10000, 0], ["application_fee_refund", -1250, 0], ["refund", -10000, 0]]);
  assert.deepEqual((await ledger(theirs)).slice(2), [["payment_refund", -10000, 0], ["application_fee_refund", 1250, 0]]);
});

test("a renewal that fails moves nothing until a new card pays it", async () => {
  const made = await subscribed(stripe, { application_fee_percent: 10, transfer_data: { destination: seller.id } });
  await pays(stripe, made.customer, "pm_card_chargeCustomerFail");
  await clock(`advance=${MONTH}`);
  has(await stripe.subscriptions.retrieve(made.id), { status: "past_due" });
  assert.equal((await ledger(stripe)).length, 3);
  assert.equal((await ledger(theirs)).length, 1);

  await pays(stripe, made.customer, "pm_card_visa");
  const { latest_invoice: open } = await stripe.subscriptions.retrieve(made.id);
  has(await stripe.invoices.pay(open), { status: "paid", amount_paid: 10000 });
  has(await stripe.subscriptions.retrieve(made.id), { status: "active" });
  assert.deepEqual((await ledger(stripe)).slice(3), [["charge", 10000, 320], ["transfer", -10000, 0], ["application_fee", 1000, 0]]);
  assert.deepEqual((await ledger(theirs)).slice(1), [["payment", 10000, 1000]]);
});
