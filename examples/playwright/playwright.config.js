import { defineConfig } from '@playwright/test';

const PORT = Number(process.env.PINSTRIPE_PORT ?? 12111);
process.env.PINSTRIPE_URL = `http://127.0.0.1:${PORT}`;

export default defineConfig({
  use: { launchOptions: { executablePath: process.env.CHROMIUM || undefined, args: process.env.CHROMIUM ? ['--no-sandbox'] : [] } },
  webServer: [
    { command: `pinstripe --port ${PORT} --public-url ${process.env.PINSTRIPE_URL}`, url: `${process.env.PINSTRIPE_URL}/healthz` },
    // The shop under test is another one, with STRIPE_API_BASE or `host` and `port` of its SDK set to the same address.
  ],
});
