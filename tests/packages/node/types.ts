// Compiled, not run: what the types of the helper promise, and what they refuse.
import Stripe from 'stripe';
import { connect, start, type Sandbox, type Server } from 'pinstripe-server';

export async function use(): Promise<void> {
  const server: Server = await start({ fixtures: ['@shop'], seed: 7, clock: 'frozen@1800000000' });
  const sandbox: Sandbox = server.sandbox('mine');
  const stripe = new Stripe(sandbox.key, sandbox.options);
  const customer = await stripe.customers.create({ email: 'ada@example.com' });
  const { now, done }: { now: number; done: number } = await sandbox.clock.advance({ days: 31 }, { object: customer.id });
  const types: string[] = (await sandbox.trigger('customer.updated', customer.id)).map((event) => event.type);
  const [kept] = await sandbox.webhooks.collected({ type: 'customer.updated' });
  console.log(now, done, types, kept?.headers['stripe-signature'], (await connect().sandbox().fork()).publishableKey);
  // @ts-expect-error: a span has no such part
  await sandbox.clock.advance({ fortnights: 1 });
  // @ts-expect-error: there is no such status
  await sandbox.webhooks.deliveries({ status: 'lost' });
  // @ts-expect-error: it is a number
  await start({ port: '12111' });
  await server.stop();
}
