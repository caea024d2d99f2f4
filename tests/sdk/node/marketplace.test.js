// What a marketplace tests: a seller onboards by the API, is paid in two ways, gives something back, and is paid out; and what
// the platform's webhook for connected accounts hears of it.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { baseUrl, client, has, open } from "./support.js";

const SANDBOX = "node-marketplace";
const DAY = 86_400;
const heard = [];
let stripe, server, secret;

async function clock(change) {
  const response = await fetch(`${baseUrl}/_pinstripe/clock?sandbox=${SANDBOX}&${change}`, { method: "POST" });
  assert.equal(response.status, 200, await response.text());
}

before(async () => {
  stripe = await open(SANDBOX);
  server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      heard.push(stripe.webhooks.constructEvent(Buffer.concat(chunks), request.headers["stripe-signature"], secret));
      response.end("ok");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  ({ secret } = await stripe.webhookEndpoints.create({ url, connect: true, enabled_events: ["*"] }));
});
after(() => (server.closeAllConnections(), server.close()));

/** Waits until the webhook has heard of an event of this type in an account; returns its object. */
async function hears(type, account, fits = () => true) {
  for (let i = 0; i < 400; i++) {
    const event = heard.find((event) => event.type === type && event.account === account && fits(event.data.object));
    if (event) return event.data.object;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`no ${type} of ${account}; heard: ${heard.map((event) => event.type)}`);
}

/** What every seller of the marketplace tells. */
const common = (country) => ({
  country, type: "custom",
  capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
  business_profile: { url: "https://lamps.example.com", mcc: "5734" },
  tos_acceptance: { date: 1_700_000_000, ip: "127.0.0.1" },
});
const address = { line1: "address_full_match", city: "Columbus", state: "OH", postal_code: "43214" };
const person = { first_name: "Jenny", last_name: "Rosen", email: "jenny@example.com", phone: "0000000000", dob: { day: 1, month: 1, year: 1901 },
  address, ssn_last_4: "0000" };
const bank = { object: "bank_account", country: "US", currency: "usd", routing_number: "110000000", account_number: "000123456789" };

/** Sells something of the seller, and shares and reverses money; returns what the seller has then. */
async function trade(seller) {
  const theirs = client(SANDBOX, { stripeAccount: seller });
  const card = { confirm: true, payment_method: "pm_card_bypassPending", payment_method_types: ["card"], capture_method: "automatic" };
  const sold = await stripe.paymentIntents.create({ ...card, amount: 10_000, currency: "usd", application_fee_amount: 1_000,
    transfer_data: { destination: seller }, expand: ["latest_charge.transfer"] });
  has(sold.latest_charge.transfer, { amount: 10_000, destination: seller });
  await stripe.paymentIntents.create({ ...card, amount: 5_000, currency: "usd" });
  const sent = await stripe.transfers.create({ amount: 3_000, currency: "usd", destination: seller });
  has(await stripe.transfers.createReversal(sent.id, { amount: 500 }), { amount: 500, transfer: sent.id });
  has((await theirs.balance.retrieve()).available[0], { amount: 11_500, currency: "usd" });
  return theirs;
}

/** Lets the day of a payout come, and then that of its arrival. */
async function paidOut(theirs, amount) {
  await theirs.balanceSettings.update({ payments: { payouts: { schedule: { interval: "daily" } } } });
  await clock(`advance=${DAY}`);
  const [payout] = (await theirs.payouts.list()).data;
  has(payout, { amount, currency: "usd", automatic: true, status: "pending" });
  const rows = (await theirs.balanceTransactions.list({ payout: payout.id })).data;
  assert.equal(rows.filter((row) => row.type !== "payout").reduce((sum, row) => sum + row.net, 0), amount);
  await clock(`advance=${5 * DAY}`);
  has(await theirs.payouts.retrieve(payout.id), { status: "paid" });
  has((await theirs.balance.retrieve()).available[0], { amount: 0 });
  return payout;
}

describe("a marketplace", () => {
  test("an individual onboards, sells, and is paid out", async () => {
    const seller = await stripe.accounts.create({ ...common("US"), business_type: "individual", individual: person });
    assert.deepEqual(seller.requirements.currently_due, ["external_account"]);
    await stripe.accounts.update(seller.id, { external_account: bank });
    const checked = await stripe.accounts.retrieve(seller.id);
    has(checked, { charges_enabled: false, details_submitted: true, capabilities: { card_payments: "pending", transfers: "pending" } });
    assert.equal(checked.requirements.disabled_reason, "requirements.pending_verification");
    assert.ok(checked.requirements.pending_verification.includes("individual.id_number"));
    await clock("advance=30");
    has(await stripe.accounts.retrieve(seller.id), { charges_enabled: true, payouts_enabled: true });
    await hears("account.updated", seller.id, (account) => account.charges_enabled && account.payouts_enabled);
    has(await hears("capability.updated", seller.id, ({ id, status }) => id === "transfers" && status === "active"), { account: seller.id });
    has(await hears("person.updated", seller.id), { account: seller.id, first_name: "Jenny" });
    has(await hears("account.external_account.created", seller.id), { object: "bank_account", last4: "6789" });

    const payout = await paidOut(await trade(seller.id), 11_500);
    has(await hears("payout.paid", seller.id), { id: payout.id });
    await hears("charge.succeeded", seller.id);
  });

  test("a company onboards with its representative, in one account of the platform's own", async () => {
    const company = { name: "Lamps Inc", phone: "0000000000", tax_id: "000000000", address };
    const seller = await stripe.accounts.create({ ...common("US"), business_type: "company", company, external_account: bank });
    assert.ok(seller.requirements.currently_due.includes("representative.first_name"));
    const { ssn_last_4, ...rest } = person;
    const made = await stripe.accounts.createPerson(seller.id, { ...rest, id_number: "000000000",
      relationship: { representative: true, owner: true, title: "CEO", percent_ownership: 100 } });
    has(made.relationship, { representative: true, owner: true, percent_ownership: 100 });
    await clock("advance=30");
    const open = await stripe.accounts.retrieve(seller.id);
    has(open, { charges_enabled: true, payouts_enabled: true });
    assert.deepEqual(open.requirements.currently_due, []);
    await hears("person.created", seller.id);
    await paidOut(await trade(seller.id), 11_500);
  });

  test("a seller in a state by one word", async () => {
    const path = `${baseUrl}/_pinstripe/account?sandbox=${SANDBOX}&state=onboarded&country=US&type=express&id=acct_ByOneWord`;
    const seller = await (await fetch(path, { method: "POST" })).json();
    has(seller, { id: "acct_ByOneWord", type: "express", charges_enabled: true, payouts_enabled: true });
    assert.deepEqual(await stripe.accounts.retrieve(seller.id), seller);
    await hears("account.updated", seller.id, (account) => account.charges_enabled);
    await paidOut(await trade(seller.id), 11_500);
  });
});
