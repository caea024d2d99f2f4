const { connect } = require('pinstripe-server');
const Stripe = require('stripe');

let sandbox, stripe;
beforeEach(() => {
  sandbox = connect().sandbox();
  stripe = new Stripe(sandbox.key, sandbox.options);
});
afterEach(() => sandbox.delete());

test('a payment sends its webhook', async () => {
  await sandbox.webhooks.collect();
  await stripe.paymentIntents.create({
    amount: 1000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  const [webhook] = await sandbox.webhooks.collected({ type: 'payment_intent.succeeded' });
  const secret = await sandbox.webhooks.secret();
  const event = stripe.webhooks.constructEvent(webhook.body, webhook.headers['stripe-signature'], secret);
  expect(event.data.object.amount_received).toBe(1000);
});

test('the next test sees nothing of it', async () => {
  expect((await stripe.paymentIntents.list()).data).toEqual([]);
});
