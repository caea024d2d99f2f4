// Programs as in `programs.test.js` that take long to install or to build: Go, Bun, Deno, and what fills a database.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { folder, freePort, here, lines, run } from "./support.js";

/** What is not asked for does not count, not even as left out. */
const longTest = process.env.EXEC_ALL === "true" ? test : () => {};

longTest("Go", async (t) => {
  const place = folder(t);
  const program = join(place, "program");
  const built = await run("go", ["build", "-o", program, "main.go"], { GOCACHE: place, GO111MODULE: "off", GOFLAGS: "" }, { cwd: here("programs/go") });
  assert.equal(built.code, 0, built.err);
  const [said] = await lines([program]);
  assert.match(said, /^HTTP\/[12]\.[01] 200$/);
});

const script = `
  import https from "node:https";
  const headers = { authorization: "Bearer " + process.env.STRIPE_API_KEY };
  console.log("fetch", (await fetch("https://api.stripe.com/v1/account", { headers })).status);
  console.log("https", await new Promise((resolve, reject) =>
    https.get("https://api.stripe.com/v1/account", { headers }, (answer) => resolve(answer.resume().statusCode)).on("error", reject)));
`;

longTest("Bun", async () => {
  const bun = join(dirname(createRequire(here("runtimes/package.json")).resolve("bun/package.json")), "bin/bun.exe");
  assert.deepEqual(await lines([bun, here("programs/node.mjs"), "stripe-newest"]), ["https ada@example.com", "fetch ada@example.com"]);
  assert.deepEqual(await lines([bun, "-e", script]), ["fetch 200", "https 200"]);
});

longTest("Deno", async (t) => {
  const deno = join(dirname(createRequire(here("runtimes/package.json")).resolve("deno/package.json")), "deno");
  const environment = { DENO_DIR: folder(t), DENO_NO_UPDATE_CHECK: "1" };
  const program = ["run", "-A", "--node-modules-dir=manual", here("programs/node.mjs"), "stripe-newest"];
  assert.deepEqual(await lines([deno, ...program], environment), ["https ada@example.com", "fetch ada@example.com"]);
  assert.deepEqual(await lines([deno, "eval", `import process from "node:process";${script}`], environment), ["fetch 200", "https 200"]);
});

longTest("stripe-replit-sync, into Postgres", async (t) => {
  const place = folder(t);
  const { out: found } = await run("sh", ["-c", "ls -d /usr/lib/postgresql/*/bin | tail -1"]);
  const program = (name) => join(found.trim(), name);
  // Postgres refuses to run as root.
  const user = process.getuid() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  if (user.length > 0) assert.equal((await run("chown", ["postgres", place])).code, 0);
  const asUser = async (...command) => {
    const [first, ...rest] = [...user, ...command];
    const { code, err } = await run(first, rest, {}, { cwd: "/" });
    assert.equal(code, 0, err);
  };
  const data = join(place, "data");
  await asUser(program("initdb"), "-D", data, "-A", "trust", "-U", "shop");
  const port = await freePort();
  await asUser(program("pg_ctl"), "-D", data, "-o", `-p ${port} -c listen_addresses=127.0.0.1 -k ${place}`, "-l", join(place, "log"), "-w", "start");
  const url = `postgres://shop@127.0.0.1:${port}/postgres`;
  const command = `curl -sS -o /dev/null -u $STRIPE_API_KEY: -d email=ada@example.com https://api.stripe.com/v1/customers && node ${here("runtimes/sync.mjs")} >&2 &&
    psql -At "$DATABASE_URL" -c 'select email from stripe.customers'`;
  try {
    assert.deepEqual(await lines(["sh", "-c", command], { DATABASE_URL: url }), ["ada@example.com"]);
  } finally {
    await asUser(program("pg_ctl"), "-D", data, "-m", "immediate", "stop");
  }
});
