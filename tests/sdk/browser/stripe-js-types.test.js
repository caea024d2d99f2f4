// The script and the documents in its frames against the types of @stripe/stripe-js: `Stripe()` gives what they promise.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const compiler = fileURLToPath(new URL("node_modules/.bin/tsc", import.meta.url));

for (const project of ["stripe-js/tsconfig.json", "stripe-frames/tsconfig.json", "stripe-frames/tsconfig.alone.json", "connect-js/tsconfig.json"]) {
  test(`the types of templates/${project} hold`, async () => {
    const path = fileURLToPath(new URL(`../../../templates/${project}`, import.meta.url));
    assert.ok(existsSync(path), path);
    const { stdout } = await run(compiler, ["--project", path]).catch((failure) => failure);
    assert.equal(stdout, "");
  });
}
