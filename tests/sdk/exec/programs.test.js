// Programs that know nothing of Pinstripe, as the command of `pinstripe exec`: each calls Stripe by its own names.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { folder, here, lines } from "./support.js";

/** What a program prints of each way to call that it knows. */
const withEmail = (ways) => ways.map((way) => `${way} ada@example.com`);

const python = here("../python/.venv/bin/python");
const packages = here(".packages");

describe("programs under exec", { concurrency: 2 }, () => {
  for (const [name, ways] of [["stripe-8", ["https", "fetch"]], ["stripe-17", ["https", "fetch"]], ["stripe-newest", ["https", "fetch"]]]) {
    test(`the Node SDK ${name}`, async () => {
      assert.deepEqual(await lines(["node", here("programs/node.mjs"), name]), withEmail(ways));
    });
  }

  test("Node's own clients", async () => {
    assert.deepEqual(await lines(["node", here("programs/clients.mjs")]), [
      "fetch 200",
      "get 200",
      "own certificates 200",
      "other case 200",
      "http 200",
      "port and host true",
      "given socket true",
      "http2 200",
    ]);
  });

  test("Node's workers, whatever environment they are given", async () => {
    assert.deepEqual(await lines(["node", here("programs/worker.mjs")]), ["200", "200", "200", "200", "200"]);
  });

  const newer = ["requests", "httpx", "httpx, asyncio", "aiohttp, asyncio", "httpx, uvloop", "aiohttp, uvloop"];
  for (const [version, ways] of [["2.76.0", ["requests"]], ["10.12.0", newer], ["16.1.0", newer]]) {
    test(`the Python SDK ${version}`, async () => {
      const path = `${here(`../ages/.sdks/${version}`)}:${packages}`;
      assert.deepEqual(await lines([python, here("programs/python.py")], { PYTHONPATH: path }), withEmail(ways));
    });
  }

  test("Python's clients", async () => {
    const expected = ["requests 200", "urllib3 200", "urllib 200", "httpx 200", "sockets True"];
    const command = [python, here("programs/clients.py")];
    assert.deepEqual(await lines(command, { PYTHONPATH: packages }), expected);
    assert.deepEqual(await lines([...command, "gevent"], { PYTHONPATH: packages }), expected.slice(0, 3));
  });

  test("modules that Python looks for before it loads them", async () => {
    const expected = ["found ['socket', 'ssl']", "this machine 127.0.0.1", "trusted True"];
    assert.deepEqual(await lines([python, here("programs/looked_for.py")]), expected);
  });

  test("Ruby", async () => {
    assert.deepEqual(await lines(["ruby", "-w", here("programs/ruby.rb")]), [
      "start ada@example.com",
      "own certificates 200",
      "own file 200",
      "open-uri 200",
      "socket true",
    ]);
  });

  test("PHP", async () => {
    assert.deepEqual(await lines(["php", here("programs/php.php")]), ["curl list", "library list"]);
  });

  test("curl, for every name", async () => {
    const urls = ["https://api.stripe.com/v1/account", "https://files.stripe.com/v1/account", "https://meter-events.stripe.com/v1/account"];
    const command = `for url in ${urls.join(" ")}; do curl -sS -o /dev/null -w '%{http_code}\\n' -u $STRIPE_API_KEY: $url; done`;
    assert.deepEqual(await lines(["sh", "-c", command]), urls.map(() => "200"));
  });

  test("a child of a child, from an npm script", async (t) => {
    const program = here("programs/node.mjs");
    const command = `cd '${folder(t)}' && npm init -y >/dev/null && npm pkg set scripts.start="sh -c 'node ${program} stripe-17'" && npm start --silent`;
    assert.deepEqual(await lines(["sh", "-c", command]), withEmail(["https", "fetch"]));
  });
});
