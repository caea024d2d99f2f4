// Every method of every resource of the installed SDK is called once: none meets a wall that is not said to be one.
import assert from "node:assert/strict";
import test from "node:test";
import Stripe from "stripe";
import { baseUrl, client, open } from "./support.js";

/** The resources below an object of the SDK, with their methods: instances of classes that carry path methods. */
function* methodsOf(resource, path, seen = new Set()) {
  if (seen.has(resource)) return;
  seen.add(resource);
  const names = new Set();
  for (let at = resource; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  for (const name of names) {
    if (name.startsWith("_") || INTERNAL.has(name)) continue;
    const value = resource[name];
    if (typeof value === "function") yield [`${path}.${name}`, resource, value];
    else if (value && typeof value === "object" && isResource(value)) yield* methodsOf(value, `${path}.${name}`, seen);
  }
}

const INTERNAL = new Set([
  "constructor", "initialize", "stripe", "oauth", "createFullPath", "createResourcePathWithSymbols", "basePath", "resourcePath", "path",
  "includeBasic", "validateRequest", "requestDataProcessor", "createUrlData",
]);
const isResource = (value) =>
  value instanceof Stripe.StripeResource ||
  Object.values(value).some((inner) => inner instanceof Stripe.StripeResource);

test("every method of every resource gets an answer in the API's words", async () => {
  const sandbox = "every-resource";
  await open(sandbox);
  const statuses = new Map();
  const stripe = client(sandbox);
  stripe.on("response", (event) => statuses.set(`${event.method} ${event.path}`, event.status));
  const walls = [];
  let calls = 0;
  for (const key of Object.keys(stripe)) {
    const resource = stripe[key];
    if (key.startsWith("_") || !resource || typeof resource !== "object" || !isResource(resource)) continue;
    for (const [name, self, method] of methodsOf(resource, key)) {
      calls += 1;
      const ids = Array.from({ length: 4 }, (_, i) => `x_${i}`);
      let failure;
      for (let given = 0; given <= 4; given += 1) {
        try {
          const answer = method.apply(self, ids.slice(0, given));
          if (answer && typeof answer.then === "function") await answer;
          failure = undefined;
        } catch (error) {
          failure = error;
        }
        // Too few or too many arguments are the SDK's own complaint.
        if (!failure || failure.type !== undefined) break;
      }
      // Without a status it is the SDK's own complaint: nothing was sent.
      if (failure?.statusCode >= 500 && failure.statusCode !== 501) {
        walls.push(`${name}: ${failure.statusCode} ${failure.message}`);
      }
    }
  }
  assert.ok(calls > 500, `${calls} methods were found`);
  assert.ok(statuses.size > 450, `${statuses.size} operations were reached`);
  assert.deepEqual(walls, []);
  const coverage = await (await fetch(`${baseUrl}/_pinstripe/coverage`)).json();
  const absent = coverage.operations.filter((row) => row.coverage === "absent");
  const refused = [...statuses].filter(([, status]) => status === 501).length;
  assert.ok(refused <= absent.length, `${refused} calls were answered 501, ${absent.length} operations are absent`);
});
