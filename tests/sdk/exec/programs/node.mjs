// A shop's script with the SDK of the given name: it knows no server but Stripe's.
import { createRequire } from "node:module";

const required = createRequire(new URL("../../ages/package.json", import.meta.url))(process.argv[2]);
const Stripe = required.default ?? required;
const key = process.env.STRIPE_API_KEY;

const customer = await new Stripe(key).customers.create({ email: "ada@example.com" });
console.log("https", customer.email);
if (Stripe.createFetchHttpClient) {
  const stripe = new Stripe(key, { httpClient: Stripe.createFetchHttpClient() });
  console.log("fetch", (await stripe.customers.retrieve(customer.id)).email);
}
