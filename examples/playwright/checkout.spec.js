import { expect, test as base } from '@playwright/test';
import { connect } from 'pinstripe-server';
import Stripe from 'stripe';

const test = base.extend({
  sandbox: async ({}, use) => {
    const sandbox = connect().sandbox();
    await use(sandbox);
    await sandbox.delete();
  },
});

test('a customer pays on the page of a Checkout Session', async ({ page, sandbox }) => {
  const stripe = new Stripe(sandbox.key, sandbox.options);
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: `${sandbox.url}/healthz?paid`,
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 1500, product_data: { name: 'Tea' } } }],
  });
  await page.goto(session.url);
  await page.locator('#email').fill('ada@example.com');
  await page.getByTestId('card-accordion-item-button').click();
  await page.locator('#cardNumber').fill('4242424242424242');
  await page.locator('#cardExpiry').fill('1234');
  await page.locator('#cardCvc').fill('123');
  await page.locator('#billingName').fill('Ada Lovelace');
  await page.locator('#billingCountry').selectOption('US');
  await page.locator('#billingPostalCode').fill('94107');
  await page.getByTestId('hosted-payment-submit-button').click();
  await page.waitForURL('**/healthz?paid');
  expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('paid');
  expect(await sandbox.events({ type: 'checkout.session.completed' })).toHaveLength(1);
});
