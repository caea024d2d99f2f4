// Disputes, early fraud warnings, payouts and top-ups, as a backend meets them.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { baseUrl, open } from "./support.js";

const SANDBOX = "node-money";
let stripe;
before(async () => { stripe = await open(SANDBOX); });

const pay = (payment_method) => stripe.paymentIntents.create({ amount: 2000, currency: "usd", payment_method, confirm: true,
  payment_method_types: ["card"] });

describe("disputes", () => {
  test("a dispute is won with evidence", async () => {
    const intent = await pay("pm_card_createDispute");
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
    assert.deepEqual([dispute.status, dispute.reason, dispute.balance_transactions.length], ["needs_response", "fraudulent", 1]);
    await assert.rejects(stripe.refunds.create({ payment_intent: intent.id }), { code: "charge_disputed" });
    const sent = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: "winning_evidence" } });
    assert.equal(sent.status, "under_review");
    const won = await stripe.disputes.retrieve(dispute.id, { expand: ["charge"] });
    assert.deepEqual([won.status, won.charge.disputed, won.balance_transactions[1].amount], ["won", true, 2000]);
    await stripe.refunds.create({ payment_intent: intent.id });
  });

  test("a dispute is closed once", async () => {
    const intent = await pay("pm_card_createDisputeInquiry");
    const [inquiry] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
    assert.equal((await stripe.disputes.close(inquiry.id)).status, "warning_closed");
    await assert.rejects(stripe.disputes.close(inquiry.id), { message: "This dispute is already closed" });
  });

  test("an early fraud warning stops being actionable with the refund", async () => {
    const intent = await pay("pm_card_createIssuerFraudRecord");
    const [warning] = (await stripe.radar.earlyFraudWarnings.list({ payment_intent: intent.id })).data;
    assert.equal(warning.actionable, true);
    await stripe.refunds.create({ payment_intent: intent.id });
    assert.equal((await stripe.radar.earlyFraudWarnings.retrieve(warning.id)).actionable, false);
  });
});

describe("payouts and top-ups", () => {
  const wait = async (days) => {
    const url = `${baseUrl}/_pinstripe/clock?sandbox=${SANDBOX}&advance=${days * 86400}`;
    assert.equal((await fetch(url, { method: "POST" })).status, 200);
  };

  test("a top-up fills the balance and a payout empties it", async () => {
    const topup = await stripe.topups.create({ amount: 50000, currency: "usd" });
    assert.equal(topup.status, "pending");
    await wait(2);
    assert.equal((await stripe.topups.retrieve(topup.id)).status, "succeeded");
    const payout = await stripe.payouts.create({ amount: 1100, currency: "usd" });
    assert.equal(payout.status, "pending");
    await wait(2);
    assert.equal((await stripe.payouts.retrieve(payout.id)).status, "paid");
    const canceled = await stripe.payouts.create({ amount: 1100, currency: "usd" });
    assert.equal((await stripe.payouts.cancel(canceled.id)).status, "canceled");
    await assert.rejects(stripe.payouts.create({ amount: 99999999, currency: "usd" }), { code: "balance_insufficient" });
  });

  test("a failing bank account", async () => {
    const { id } = await stripe.accounts.retrieve();
    const bank = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us_verified_noAccount" });
    const payout = await stripe.payouts.create({ amount: 1100, currency: "usd", method: "instant", destination: bank.id });
    const failed = await stripe.payouts.retrieve(payout.id, { expand: ["failure_balance_transaction"] });
    assert.deepEqual([failed.status, failed.failure_code, failed.failure_balance_transaction.type],
      ["failed", "no_account", "payout_failure"]);
  });
});
