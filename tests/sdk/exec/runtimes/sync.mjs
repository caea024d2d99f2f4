// Fills a database from Stripe, with a library that knows no other server.
import { StripeSync, runMigrations } from "stripe-replit-sync";

const databaseUrl = process.env.DATABASE_URL;
await runMigrations({ databaseUrl });
const secrets = { stripeSecretKey: process.env.STRIPE_API_KEY, stripeWebhookSecret: process.env.STRIPE_WEBHOOK_SECRET };
const sync = new StripeSync({ poolConfig: { connectionString: databaseUrl }, ...secrets });
await sync.syncBackfill({ object: "all" });
process.exit(0);
