// What every suite here needs: a real browser, and a shop for it to come back to.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

/** The browser that the machine has; `CHROMIUM` names another one. */
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where the browser is. */
export function path() {
  const found = process.env.CHROMIUM ?? BROWSERS.find(existsSync);
  if (!found) throw new Error("there is no browser: install the package chromium, or name one in CHROMIUM");
  return found;
}

/** Starts a browser without a window. */
export function launch() {
  const executablePath = path();
  // A container's root user has no sandbox to give; the pages are the server's own.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What hinders people on a page, by the rules of axe: the rule and where it is broken. */
export async function hindrances(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

/** A shop on a free port whose every page says "Thank you". */
export async function openShop() {
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><title>Shop</title><h1>Thank you</h1>");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
