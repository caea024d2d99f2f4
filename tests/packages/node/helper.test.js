// The npm packages in a clean folder: the command, and the helper.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import Stripe from 'stripe';
import { ControlError, connect, program, start } from 'pinstripe-server';

const run = promisify(execFile);
let server;
before(async () => {
  server = await start();
});
after(() => server.stop());

function begin() {
  const sandbox = server.sandbox();
  return { sandbox, stripe: new Stripe(sandbox.key, sandbox.options) };
}

test('the command is there by both names, and ends as the program does', async () => {
  const expected = `pinstripe ${process.env.EXPECTED_VERSION}\n`;
  for (const name of ['pinstripe', 'pinstripe-server']) {
    assert.equal((await run(`node_modules/.bin/${name}`, ['--version'])).stdout, expected);
  }
  const found = await run('node_modules/.bin/pinstripe-server', ['exec', '--', 'sh', '-c', 'exit 7']).catch((error) => error);
  assert.equal(found.code, 7);
});

test('the command passes signals on', async () => {
  const child = spawn('node_modules/.bin/pinstripe-server', ['--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve) => {
    let said = '';
    child.stdout.on('data', (part) => {
      const found = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec((said += part));
      if (found) resolve(found[0]);
    });
  });
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
  await assert.rejects(fetch(`${url}/healthz`));
});

test('CommonJS has the same helper', () => {
  const { start: other } = createRequire(import.meta.url)('pinstripe-server');
  assert.equal(other, start);
});

test('each sandbox is a world of its own', async () => {
  const [one, two] = [begin(), begin()];
  await one.stripe.customers.create({ name: 'Ada' });
  assert.equal((await one.stripe.customers.list()).data.length, 1);
  assert.equal((await two.stripe.customers.list()).data.length, 0);
  const copy = await one.sandbox.fork();
  await one.sandbox.delete();
  assert.equal((await new Stripe(copy.key, copy.options).customers.list()).data[0].name, 'Ada');
  assert.equal((await one.stripe.customers.list()).data.length, 0);
});

test('time passes and a subscription renews', async () => {
  const { sandbox, stripe } = begin();
  const customer = await stripe.customers.create({ email: 'ada@example.com', source: 'tok_visa' });
  const price = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 900,
    recurring: { interval: 'month' },
    product_data: { name: 'Plan' },
  });
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  const began = await sandbox.clock.now();
  const { now } = await sandbox.clock.advance({ days: 32 });
  assert.ok(now >= began + 32 * 86400);
  const paid = await sandbox.events({ type: 'invoice.paid' });
  assert.equal(paid.length, 2);
  assert.ok(paid[0].created < paid[1].created);
  const events = await sandbox.trigger('customer.subscription.deleted', subscription.id);
  assert.deepEqual(events.map((event) => event.type), ['customer.subscription.deleted']);
  await sandbox.clock.freeze(2000000000);
  assert.equal(await sandbox.clock.now(), 2000000000);
});

test('collected webhooks have the signature that the SDK checks', async () => {
  const { sandbox, stripe } = begin();
  await sandbox.webhooks.collect();
  await stripe.customers.create({ name: 'Ada' });
  const [kept] = await sandbox.webhooks.collected({ type: 'customer.created' });
  const event = stripe.webhooks.constructEvent(kept.body, kept.headers['stripe-signature'], await sandbox.webhooks.secret());
  assert.equal(event.data.object.name, 'Ada');
  assert.equal((await sandbox.webhooks.wait()).done, true);
  assert.deepEqual(await sandbox.webhooks.deliveries(), []);
});

test('a sandbox goes back to a snapshot and to its fixtures', async () => {
  const { sandbox, stripe } = begin();
  await sandbox.load('shop');
  await stripe.customers.create({ name: 'One' });
  await sandbox.snapshot('one');
  await stripe.customers.create({ name: 'Two' });
  const names = async () => (await stripe.customers.list()).data.map((customer) => customer.name);
  await sandbox.restore('one');
  assert.ok((await names()).includes('One') && !(await names()).includes('Two'));
  await sandbox.reset();
  assert.ok(!(await names()).includes('One'));
  assert.equal((await stripe.customers.retrieve('cus_ShopAda')).id, 'cus_ShopAda');
});

test('a refused call says why', async () => {
  const { sandbox } = begin();
  await assert.rejects(sandbox.control('GET', 'clock', { colour: 'red' }), (error) => {
    assert.ok(error instanceof ControlError);
    assert.equal(error.status, 400);
    assert.match(error.message, /has no parameter `colour`/);
    return true;
  });
  assert.throws(() => server.sandbox('a b'), /can't be called 'a b'/);
  await assert.rejects(start({ flags: ['--no-such-flag'] }), /did not start: [^]*--no-such-flag/);
});

test('connect() finds a server by PINSTRIPE_URL', async () => {
  const helper = `
    const { connect } = require('pinstripe-server');
    connect().sandbox('there').clock.now().then((now) => console.log(now));
  `;
  const { stdout } = await run(program(), ['exec', '--clock', 'frozen@1800000000', '--', 'node', '-e', helper]);
  assert.equal(stdout.trim(), '1800000000');
  assert.throws(() => connect(''), /needs an address/);
});

test('a process that forgets to stop its server leaves none behind', async () => {
  const helper = `require('pinstripe-server').start().then((server) => console.log(server.url));`;
  const { stdout } = await run('node', ['-e', helper]);
  await assert.rejects(fetch(`${stdout.trim()}/healthz`));
});
