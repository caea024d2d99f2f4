// Programs as in `programs.test.js` that take long to install or to build: Go, Bun, Deno, a shop's plugin, and what fills a database.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
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

longTest("the payment provider of Medusa", async () => {
  const port = await freePort();
  const environment = { HOOKS_PORT: String(port), PINSTRIPE_WEBHOOK_URL: `http://127.0.0.1:${port}/` };
  assert.deepEqual(await lines(["node", here("shop/provider.mjs")], environment), [
    "initiate pending 4200 true",
    "update 4350",
    "confirm 200",
    "authorize authorized",
    "capture succeeded 4350",
    "refund 43.5 true",
    "confirm 402",
    "decline error",
    "cancel canceled",
    "methods 0",
    "webhook pending payses_1 42",
    "webhook authorized payses_1 43.5",
    "webhook captured payses_1 43.5",
    "webhook pending payses_2 42",
    "webhook failed payses_2 42",
    "webhook canceled payses_2 42",
  ]);
});

longTest("tap-stripe", async (t) => {
  const environment = { PYTHONPATH: here("tap/.packages"), PINSTRIPE_FIXTURES: "@saas" };
  const command = [here("../python/.venv/bin/python"), here("programs/tap.py")];
  const expected = ["streams 18", ...["customers", "charges", "invoices"].map((name) => `${name} True set()`)];
  assert.deepEqual(await lines(command, environment, { cwd: folder(t) }), expected);
});

/** Does something with the URL of a Postgres of the test's own. */
async function withPostgres(t, work) {
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
  try {
    await work(`postgres://shop@127.0.0.1:${port}/postgres`);
  } finally {
    await asUser(program("pg_ctl"), "-D", data, "-m", "immediate", "stop");
  }
}

longTest("stripe-replit-sync, into Postgres", (t) => withPostgres(t, async (url) => {
  const command = `curl -sS -o /dev/null -u $STRIPE_API_KEY: -d email=ada@example.com https://api.stripe.com/v1/customers && node ${here("runtimes/sync.mjs")} >&2 &&
    psql -At "$DATABASE_URL" -c 'select email from stripe.customers'`;
  assert.deepEqual(await lines(["sh", "-c", command], { DATABASE_URL: url }), ["ada@example.com"]);
}));

longTest("Stripe's sync engine, into Postgres", (t) => withPostgres(t, async (url) => {
  const [place, port] = [folder(t), await freePort()];
  // It makes its tables of Stripe's description of the API, which it has from GitHub if none is kept here. What is no column of its own is
  // in a column for the whole object.
  const table = (name, properties) => ({ [name]: { "x-resourceId": name, type: "object", properties } });
  const schemas = { ...table("customer", { email: { type: "string" } }), ...table("invoice", { total: { type: "integer" }, status: { type: "string" } }) };
  mkdirSync(join(place, "stripe-sync-openapi-cache"));
  writeFileSync(join(place, "stripe-sync-openapi-cache/2020-08-27.spec3.json"), JSON.stringify({ openapi: "3.0.0", components: { schemas } }));
  const environment = {
    DATABASE_URL: url,
    TMPDIR: place,
    HOOKS_PORT: String(port),
    PINSTRIPE_FIXTURES: "@saas",
    PINSTRIPE_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
  };
  const command = `"$0" sync --stripe-key $STRIPE_API_KEY --rate-limit 100 --worker-count 4 >&2 &&
    listed() { curl -sSG -u $STRIPE_API_KEY: https://api.stripe.com/v1/$1 -d limit=1 -d 'include[]=total_count' | sed -n 's/^  "total_count": \\([0-9]*\\),$/\\1/p'; } &&
    asked() { psql -At "$DATABASE_URL" -c "select count(*) from stripe.$1"; } &&
    for name in customers invoices charges; do [ "$(listed $name)" -gt 0 ] && [ "$(listed $name)" = "$(asked $name)" ] && echo $name; done
    asked "invoices where status = 'paid' and total <> (_raw_data ->> 'total')::bigint"
    node ${here("runtimes/engine.mjs")} >&2 && asked "customers where email = 'new@example.com'"`;
  const program = here("runtimes/node_modules/.bin/sync-engine");
  assert.deepEqual(await lines(["sh", "-c", command, program], environment), ["customers", "invoices", "charges", "0", "1"]);
}));
