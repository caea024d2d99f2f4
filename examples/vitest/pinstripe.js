// One server for the whole run, whose workers find it by PINSTRIPE_URL.
import { start } from 'pinstripe-server';

export default async function () {
  const server = await start();
  process.env.PINSTRIPE_URL = server.url;
  return () => server.stop();
}
