// npm install --save-dev testcontainers stripe && node --test
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { GenericContainer, Wait } from 'testcontainers';

let container, options;
before(async () => {
  container = await new GenericContainer(process.env.PINSTRIPE_IMAGE ?? 'pinstripe')
    .withExposedPorts(12111)
    .withWaitStrategy(Wait.forHttp('/healthz', 12111))
    .start();
  options = { host: container.getHost(), port: container.getMappedPort(12111), protocol: 'http' };
});
after(() => container?.stop());

test('a customer is created', async () => {
  const stripe = new Stripe('sk_test_sandbox_customers', options);
  const customer = await stripe.customers.create({ email: 'ada@example.com' });
  assert.equal((await stripe.customers.retrieve(customer.id)).email, 'ada@example.com');
});
