// Money between a platform and its connected accounts, and refunds that wait for their customer.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { baseUrl, client, has, open, refused } from "./support.js";

const SANDBOX = "sdk-connect";
let stripe;
let seller;
let theirs;

before(async () => {
  stripe = await open(SANDBOX);
  seller = await stripe.accounts.create({ country: "US", controller: { stripe_dashboard: { type: "express" }, fees: { payer: "application" }, losses: { payments: "application" } },
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } }, external_account: "btok_us_verified",
    business_profile: { product_description: "Tea", support_phone: "0000000000", url: "https://tea.example" }, account_token: (await stripe.tokens.create({ account: { tos_shown_and_accepted: true } })).id });
  theirs = client(SANDBOX, { stripeAccount: seller.id });
});

const pay = (api, params) => api.paymentIntents.create({ amount: 10000, currency: "usd", confirm: true, capture_method: "automatic",
  payment_method: "pm_card_bypassPending", automatic_payment_methods: { enabled: true, allow_redirects: "never" }, ...params });

describe("destination charges", () => {
  test("the money goes to the destination, the fee to the platform, and both come back", async () => {
    const paid = await pay(stripe, { transfer_data: { destination: seller.id }, application_fee_amount: 1230, expand: ["latest_charge.transfer", "latest_charge.application_fee"] });
    has(paid.latest_charge.transfer, { amount: 10000, destination: seller.id, source_transaction: paid.latest_charge.id, transfer_group: `group_${paid.id}` });
    has(paid.latest_charge.application_fee, { amount: 1230, account: seller.id, originating_transaction: paid.latest_charge.id });
    has(await theirs.charges.retrieve(paid.latest_charge.transfer.destination_payment), { amount: 10000, application_fee_amount: 1230 });
    const refund = await stripe.refunds.create({ payment_intent: paid.id, reverse_transfer: true, refund_application_fee: true, expand: ["transfer_reversal"] });
    has(refund.transfer_reversal, { amount: 10000, source_refund: refund.id });
    assert.equal((await stripe.applicationFees.retrieve(paid.latest_charge.application_fee.id)).refunded, true);
    assert.equal((await theirs.balance.retrieve()).available[0].amount, 0);
  });

  test("an account that is not there", async () => {
    await refused(pay(stripe, { transfer_data: { destination: "acct_none" } }),
      { status: 400, code: "resource_missing", param: "transfer_data[destination]", message: "No such destination: 'acct_none'" });
  });
});

test("a direct charge pays the platform its fee", async () => {
  const paid = await pay(theirs, { application_fee_amount: 500 });
  const [fee] = (await stripe.applicationFees.list({ charge: paid.latest_charge })).data;
  has(fee, { amount: 500, account: seller.id, charge: paid.latest_charge });
  has(await stripe.applicationFees.createRefund(fee.id, { amount: 200 }), { amount: 200, fee: fee.id });
  assert.equal((await stripe.applicationFees.listRefunds(fee.id)).data.length, 1);
});

test("transfers by hand and their reversals", async () => {
  await pay(stripe, {});
  const sent = await stripe.transfers.create({ amount: 4000, currency: "usd", destination: seller.id });
  has(await stripe.transfers.createReversal(sent.id, { amount: 1000 }), { amount: 1000, transfer: sent.id });
  has(await stripe.transfers.retrieve(sent.id), { amount_reversed: 1000, reversed: false });
  await refused(stripe.transfers.create({ amount: 99999900, currency: "usd", destination: seller.id }), { status: 400, code: "balance_insufficient" });
});

test("a refund that waits for its customer is answered, or expires", async () => {
  const paid = async () => stripe.paymentIntents.create({ amount: 2000, currency: "jpy", confirm: true, payment_method_types: ["konbini"],
    payment_method_data: { type: "konbini", billing_details: { name: "Ada", email: "succeed_immediately@example.com" } } });
  const answered = await stripe.refunds.create({ payment_intent: (await paid()).id });
  has(answered, { status: "requires_action" });
  await fetch(`${baseUrl}/_pinstripe/trigger?sandbox=${SANDBOX}&event=refund.updated&id=${answered.id}`, { method: "POST" });
  assert.equal((await stripe.refunds.retrieve(answered.id)).status, "succeeded");
  const ignored = await stripe.refunds.create({ payment_intent: (await paid()).id });
  has(await stripe.testHelpers.refunds.expire(ignored.id), { status: "failed" });
});
