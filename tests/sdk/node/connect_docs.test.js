// The program of docs/connect.md, as it stands there: all its code in one, against this server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import Stripe from "stripe";
import { baseUrl, open } from "./support.js";

test("the program of docs/connect.md runs to its end", async () => {
  const page = readFileSync(new URL("../../../docs/connect.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);
  assert.ok(blocks.length >= 10, `${blocks.length} blocks`);
  const { hostname, port } = new URL(baseUrl);
  const code = blocks.join("\n")
    .replaceAll(/^import .*;\n/gm, "")
    .replace('host: "localhost", port: 12111', `host: "${hostname}", port: ${port}`);
  assert.ok(code.includes(`port: ${port}`), "the page names its server");
  await open("market");
  let checks = 0;
  // Every check of the page is made.
  const counting = new Proxy(assert, {
    get: (target, name) => (...args) => {
      checks += 1;
      return target[name](...args);
    },
  });
  const Program = Object.getPrototypeOf(async () => {}).constructor;
  await new Program("assert", "Stripe", code)(counting, Stripe);
  assert.equal(checks, code.match(/assert\.\w+\(/g).length);
});
