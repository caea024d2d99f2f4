// Accounts of /v2 with the official SDK: one account that both namespaces show, told under the second, charged under the first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseUrl, open } from "./support.js";

/** A merchant who is known after a while. */
const MERCHANT = {
  contact_email: "jenny@example.com",
  display_name: "Rocket Rides",
  dashboard: "none",
  identity: {
    country: "us",
    entity_type: "individual",
    attestations: { terms_of_service: { account: { date: "2023-11-14T22:13:20Z", ip: "127.0.0.1" } } },
    individual: {
      given_name: "Jenny",
      surname: "Rosen",
      email: "jenny@example.com",
      phone: "0000000000",
      date_of_birth: { day: 1, month: 1, year: 1902 },
      address: { line1: "address_full_match", city: "Columbus", state: "OH", postal_code: "43214", country: "us" },
      id_numbers: [{ type: "us_ssn_last_4", value: "0000" }],
    },
  },
  defaults: {
    profile: { business_url: "https://shop.example.com/" },
    responsibilities: { fees_collector: "application", losses_collector: "application" },
  },
  configuration: { merchant: { capabilities: { card_payments: { requested: true } } } },
  include: ["configuration.merchant", "identity", "requirements"],
};

const due = (account) => account.requirements.entries.map((entry) => entry.description);

test("an account is told under v2 and charges under v1", async () => {
  const stripe = await open("v2-accounts");
  const made = await stripe.v2.core.accounts.create(MERCHANT);
  assert.deepEqual(made.applied_configurations, ["merchant"]);
  assert.deepEqual(due(made), ["external_account"]);
  assert.equal(made.defaults, null);
  const first = await stripe.accounts.retrieve(made.id);
  assert.deepEqual([first.email, first.individual.first_name], ["jenny@example.com", "Jenny"]);
  await stripe.accounts.update(made.id, { external_account: "btok_us_verified" });
  const open_ = await stripe.v2.core.accounts.retrieve(made.id, { include: ["configuration.merchant", "requirements"] });
  assert.deepEqual(due(open_), []);
  assert.equal(open_.configuration.merchant.capabilities.card_payments.status, "active");
  const charge = { amount: 1000, currency: "usd", source: "tok_visa" };
  assert.equal((await stripe.charges.create(charge, { stripeAccount: made.id })).status, "succeeded");
  const types = (await stripe.v2.core.events.list({ object_id: made.id })).data.map((event) => event.type);
  assert.equal(types.at(-1), "v2.core.account.created");
  assert.ok(types.includes("v2.core.account[requirements].updated"), types.join());
});

test("persons, lists and the end of an account", async () => {
  const stripe = await open("v2-accounts-more");
  const { id } = await stripe.accounts.create({ type: "custom", business_type: "company" });
  const person = await stripe.v2.core.accounts.persons.create(id, { given_name: "Ada", relationship: { owner: true } });
  assert.equal((await stripe.accounts.retrievePerson(id, person.id)).first_name, "Ada");
  const people = [];
  for await (const one of stripe.v2.core.accounts.persons.list(id)) people.push(one.id);
  assert.deepEqual(people, [person.id]);
  const changed = await stripe.v2.core.accounts.update(id, { contact_email: "new@example.com" });
  assert.equal(changed.contact_email, (await stripe.accounts.retrieve(id)).email);
  const ids = [];
  for await (const account of stripe.v2.core.accounts.list({ limit: 1 })) ids.push(account.id);
  assert.deepEqual(ids, [id]);
  await assert.rejects(stripe.v2.core.accounts.close(id), { statusCode: 400, param: "applied_configurations" });
  assert.equal((await stripe.v2.core.accounts.close(id, { applied_configurations: ["merchant"] })).closed, true);
  await assert.rejects(stripe.accounts.retrieve(id), { statusCode: 403 });
});
