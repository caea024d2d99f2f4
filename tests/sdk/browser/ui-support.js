// What the tests of the live page share: a page in a sandbox of its own that complains of everything, and a receiver of webhooks.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { baseUrl, open } from "../node/support.js";
import { hindrances, launch } from "./support.js";

/** A sandbox with a client, and a browser that looks at it. */
export async function openUi(sandbox) {
  const stripe = await open(sandbox);
  const browser = await launch();
  const complaints = [];
  const ui = {
    stripe, browser, complaints,
    /** Opens a page of the UI in a browser with these settings. */
    async visit(path, settings = {}, base = baseUrl) {
      await ui.page?.context().close();
      const page = (ui.page = await (await browser.newContext(settings)).newPage());
      page.setDefaultTimeout(10_000);
      page.on("console", (said) => { if (["error", "warning"].includes(said.type())) complaints.push(said.text()); });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("dialog", (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
      page.on("request", (request) => { if (!request.url().startsWith(`${base}/`) && !request.url().startsWith("data:")) complaints.push(request.url()); });
      await ui.go(path, base);
      return page;
    },
    async go(path, base = baseUrl) {
      const to = new URL(`${base}/_pinstripe/ui${path}`);
      to.searchParams.set("sandbox", sandbox);
      await ui.page.goto(to.href);
      await ui.page.locator("main h1").waitFor();
    },
    /** That the page is no wider than the window, and in a wide one that nothing hinders people on it. */
    async fits(hinders = ui.page.viewportSize().width > 320) {
      assert.equal(await ui.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, "the page scrolls sideways");
      if (hinders) assert.deepEqual(await hindrances(ui.page), []);
    },
    async close() {
      await browser.close();
      assert.deepEqual(complaints, [], "what the browser complained about");
    },
  };
  return ui;
}

/** A receiver on a free port: /good takes everything, /bad answers 500. */
export async function openReceiver() {
  const server = createServer((request, response) => {
    request.resume();
    response.statusCode = request.url === "/bad" ? 500 : 200;
    response.end(request.url === "/bad" ? "no such order" : "ok");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** A name that would run if a page took it for HTML. */
export const HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> Łukasz 株式会社";
/** The settings of the windows that every page is looked at in. */
export const WINDOWS = { "a wide dark window": { colorScheme: "dark" }, "320 px": { viewport: { width: 320, height: 640 } } };
