// Keeps a database that Stripe's sync engine has filled up to date by webhooks, as its documentation says.
import { createServer } from "node:http";
import { StripeSync } from "@stripe/sync-engine";

const sync = await StripeSync.create({
  poolConfig: { connectionString: process.env.DATABASE_URL },
  stripeSecretKey: process.env.STRIPE_API_KEY,
  stripeWebhookSecret: process.env.STRIPE_WEBHOOK_SECRET,
});
const hooks = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  await sync.webhook.processWebhook(Buffer.concat(chunks), request.headers["stripe-signature"]);
  response.end();
});
await new Promise((resolve) => hooks.listen(process.env.HOOKS_PORT, "127.0.0.1", resolve));

const { data: [customer] } = await sync.stripe.customers.list({ limit: 1 });
await sync.stripe.customers.update(customer.id, { email: "new@example.com" });
await fetch(`${process.env.PINSTRIPE_URL}/_pinstripe/webhooks/wait`, { method: "POST" });
hooks.close();
await sync.close();
