// The payment provider of Medusa, driven as the shop drives it, without the shop: from a session to a refund, and by webhooks.
import { createServer } from "node:http";
import plugin from "@medusajs/payment-stripe";

const apiKey = process.env.STRIPE_API_KEY;
const Provider = plugin.default.services.find(({ identifier }) => identifier === "stripe");
const options = { apiKey, webhookSecret: process.env.STRIPE_WEBHOOK_SECRET, automaticPaymentMethods: true };
Provider.validateOptions(options);
const provider = new Provider({}, options);

/** What the provider makes of each delivery, as the shop's route of webhooks asks it. */
const told = [];
const hooks = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const rawData = Buffer.concat(chunks);
  const { action, data } = await provider.getWebhookActionAndData({ rawData, headers: request.headers, data: JSON.parse(rawData) });
  if (action !== "not_supported") told.push(`${action} ${data.session_id} ${Number(data.amount)}`);
  response.end();
});
await new Promise((resolve) => hooks.listen(process.env.HOOKS_PORT, "127.0.0.1", resolve));

/** What the page does with Stripe.js: a publishable key and the session's secret. */
async function confirm({ id, client_secret }, token) {
  const body = new URLSearchParams({
    client_secret,
    "payment_method_data[type]": "card",
    "payment_method_data[card][token]": token,
    return_url: "https://shop.example/back",
  });
  const headers = { authorization: "Bearer pk_test_shop" };
  const answer = await fetch(`https://api.stripe.com/v1/payment_intents/${id}/confirm`, { method: "POST", headers, body });
  console.log("confirm", answer.status);
}

const context = { customer: { email: "ada@example.com", first_name: "Ada", last_name: "Lovelace" } };
const account_holder = await provider.createAccountHolder({ context });
const session = (session_id) => provider.initiatePayment({ amount: 42, currency_code: "usd", data: { session_id }, context: { account_holder } });

const paid = await session("payses_1");
console.log("initiate", paid.status, paid.data.amount, paid.data.customer === account_holder.id);
const updated = await provider.updatePayment({ data: paid.data, amount: 43.5, currency_code: "usd", context: {} });
console.log("update", updated.data.amount);
await confirm(paid.data, "tok_visa");
const authorized = await provider.authorizePayment({ data: paid.data });
console.log("authorize", authorized.status);
const captured = await provider.capturePayment({ data: authorized.data, context: {} });
console.log("capture", captured.data.status, captured.data.amount_received);
await provider.refundPayment({ amount: 10, data: captured.data, context: {} });
const { data: retrieved } = await provider.retrievePayment({ data: captured.data });
console.log("refund", Number(retrieved.amount), retrieved.latest_charge.startsWith("ch_"));

const declined = await session("payses_2");
await confirm(declined.data, "tok_chargeDeclined");
console.log("decline", (await provider.getPaymentStatus({ data: declined.data })).status);
console.log("cancel", (await provider.cancelPayment({ data: declined.data, context: {} })).data.status);
console.log("methods", (await provider.listPaymentMethods({ context: { account_holder } })).length);

// A wait for the deliveries that are open yet.
await fetch(`${process.env.PINSTRIPE_URL}/_pinstripe/webhooks/wait`, { method: "POST" });
hooks.close();
for (const line of told) console.log("webhook", line);
