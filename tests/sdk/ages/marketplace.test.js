// What a marketplace tested in 2020, with Node SDKs of those days: a custom account asks for `requested_capabilities`, onboards,
// sells, and is paid out; the platform's webhook for connected accounts hears of it.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";

if (!process.env.PINSTRIPE_URL) throw new Error("PINSTRIPE_URL names no server");
const url = new URL(process.env.PINSTRIPE_URL);
const DAY = 86_400;

/** The SDKs, with the versions of accounts of their days. */
const SDKS = { "stripe-2020": "2020-03-02", "stripe-8": "2020-08-27" };

const person = { first_name: "Jenny", last_name: "Rosen", email: "jenny@example.com", phone: "0000000000", ssn_last_4: "0000",
  dob: { day: 1, month: 1, year: 1901 }, address: { line1: "address_full_match", city: "Columbus", state: "OH", postal_code: "43214" } };

/** What a webhook gets, signatures checked; it is there until the end of the test. */
async function webhook(t, stripe) {
  const heard = [];
  let secret;
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      heard.push(stripe.webhooks.constructEvent(Buffer.concat(chunks), request.headers["stripe-signature"], secret));
      response.end("ok");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const target = `http://127.0.0.1:${server.address().port}/hook`;
  ({ secret } = await stripe.webhookEndpoints.create({ url: target, connect: true, enabled_events: ["*"] }));
  return async (type, fits = () => true) => {
    for (let i = 0; i < 400; i++) {
      const event = heard.find((event) => event.type === type && fits(event.data.object));
      if (event) return event;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return assert.fail(`no ${type}; heard: ${heard.map((event) => event.type)}`);
  };
}

for (const [name, apiVersion] of Object.entries(SDKS)) {
  test(`${name}: a seller onboards, sells, and is paid out`, async (t) => {
    const sandbox = `market-${name}`;
    const control = async (call) => {
      const response = await fetch(`${url.origin}/_pinstripe/${call}sandbox=${sandbox}`, { method: "POST" });
      assert.equal(response.status, 200, await response.text());
    };
    await control("reset?");
    const { default: Stripe } = await import(name);
    const stripe = new Stripe(`sk_test_sandbox_${sandbox}`, { host: url.hostname, port: url.port, protocol: "http", apiVersion, telemetry: false });
    const hears = await webhook(t, stripe);

    const seller = await stripe.accounts.create({ type: "custom", country: "US", requested_capabilities: ["card_payments", "transfers"],
      business_type: "individual", individual: person, business_profile: { url: "https://lamps.example.com" },
      tos_acceptance: { date: 1_700_000_000, ip: "127.0.0.1" }, settings: { payouts: { schedule: { interval: "manual" } } } });
    assert.deepEqual(seller.capabilities, { card_payments: "pending", transfers: "pending" });
    assert.deepEqual(seller.requirements.currently_due, ["external_account"]);
    await stripe.accounts.createExternalAccount(seller.id, { external_account: { object: "bank_account", country: "US", currency: "usd",
      routing_number: "110000000", account_number: "000123456789" } });
    await control("clock?advance=30&");
    const open = await stripe.accounts.retrieve(seller.id);
    assert.deepEqual([open.charges_enabled, open.payouts_enabled, open.details_submitted], [true, true, true]);

    const charge = await stripe.charges.create({ amount: 10_000, currency: "usd", source: "tok_bypassPending", application_fee_amount: 1_000,
      transfer_data: { destination: seller.id } });
    assert.equal((await stripe.transfers.retrieve(charge.transfer)).destination, seller.id);
    await stripe.charges.create({ amount: 5_000, currency: "usd", source: "tok_bypassPending" });
    const sent = await stripe.transfers.create({ amount: 3_000, currency: "usd", destination: seller.id });
    assert.equal((await stripe.transfers.createReversal(sent.id, { amount: 500 })).amount, 500);
    const theirs = { stripeAccount: seller.id };
    assert.equal((await stripe.balance.retrieve(theirs)).available[0].amount, 11_500);

    await stripe.accounts.update(seller.id, { settings: { payouts: { schedule: { interval: "daily" } } } });
    await control(`clock?advance=${DAY}&`);
    const [payout] = (await stripe.payouts.list({}, theirs)).data;
    assert.deepEqual([payout.amount, payout.automatic, payout.status], [11_500, true, "pending"]);
    const rows = (await stripe.balanceTransactions.list({ payout: payout.id }, theirs)).data;
    assert.equal(rows.filter((row) => row.type !== "payout").reduce((sum, row) => sum + row.net, 0), 11_500);
    await control(`clock?advance=${5 * DAY}&`);
    assert.equal((await stripe.payouts.retrieve(payout.id, theirs)).status, "paid");

    const told = [
      await hears("account.updated", (account) => account.charges_enabled && account.payouts_enabled),
      await hears("capability.updated", (capability) => capability.status === "active"),
      await hears("person.updated", ({ first_name }) => first_name === "Jenny"),
      await hears("account.external_account.created", ({ last4 }) => last4 === "6789"),
      await hears("payout.paid", ({ id }) => id === payout.id),
    ];
    for (const event of told) assert.equal(event.account, seller.id, event.type);
  });
}
