import { connect } from 'pinstripe-server';
import Stripe from 'stripe';
import { expect, test as base } from 'vitest';

// A sandbox for each test that asks for one.
const test = base.extend({
  // eslint-disable-next-line no-empty-pattern
  sandbox: async ({}, use) => {
    const sandbox = connect().sandbox();
    await use(sandbox);
    await sandbox.delete();
  },
});

test('a subscription renews', async ({ sandbox }) => {
  const stripe = new Stripe(sandbox.key, sandbox.options);
  const customer = await stripe.customers.create({ email: 'ada@example.com', source: 'tok_visa' });
  const price = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 900,
    recurring: { interval: 'month' },
    product_data: { name: 'Plan' },
  });
  await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  await sandbox.clock.advance({ days: 32 });
  expect(await sandbox.events({ type: 'invoice.paid' })).toHaveLength(2);
});

test('the next test sees nothing of it', async ({ sandbox }) => {
  const stripe = new Stripe(sandbox.key, sandbox.options);
  expect((await stripe.customers.list()).data).toEqual([]);
});
