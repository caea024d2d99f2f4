// What every suite here needs: the Stripe CLI with a sandbox of its own, listeners whose output can be waited for, and a
// receiver that keeps what was forwarded to it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

if (!process.env.PINSTRIPE_URL) {
  throw new Error("PINSTRIPE_URL names no server: PINSTRIPE_URL=http://127.0.0.1:12111 npm test");
}
/** The CLI takes nothing but this form of the address. */
export const baseUrl = process.env.PINSTRIPE_URL.replace(/\/+$/, "");
assert.match(baseUrl, /^http:\/\/127\.0\.0\.1:\d+$/);

const program = createRequire(import.meta.url).resolve("@stripe/cli-linux-x64/bin/stripe");
const folder = mkdtempSync(join(tmpdir(), "pinstripe-cli-"));
const environment = {
  PATH: process.env.PATH,
  HOME: folder,
  XDG_CONFIG_HOME: folder,
  STRIPE_CLI_TELEMETRY_OPTOUT: "1",
  STRIPE_DEVICE_NAME: "tests",
};

/** The version that the CLI's own fixtures were written for. */
export const FIXTURES_VERSION = ["--api-version", "2022-11-15"];

/** Waits until `look` returns something, at most ten seconds. */
export async function until(look, what) {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < end, `waited ten seconds for ${typeof what === "function" ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A sandbox as a user of the CLI sees it. */
export class Sandbox {
  #name;
  #started = [];

  constructor(name) {
    this.#name = `cli-${name}`;
    this.key = `sk_test_sandbox_${this.#name}`;
  }

  /** An empty sandbox; what it starts ends with the test `t`. */
  static async open(t, name) {
    const sandbox = new Sandbox(name);
    t.after(() => sandbox.#close());
    const response = await fetch(`${baseUrl}/_pinstripe/reset?sandbox=cli-${name}`, { method: "POST" });
    assert.equal(response.status, 200);
    return sandbox;
  }

  get name() {
    return this.#name;
  }

  #spawn(args, options = {}) {
    const all = [...args, "--api-base", baseUrl, "--api-key", this.key, "--color", "off"];
    const child = spawn(program, all, { env: environment, cwd: folder, stdio: ["ignore", "pipe", "pipe"], ...options });
    const run = { child, args, out: "", err: "", code: undefined };
    child.stdout.on("data", (chunk) => (run.out += chunk));
    child.stderr.on("data", (chunk) => (run.err += chunk));
    run.ended = new Promise((resolve) => child.on("close", (code) => resolve((run.code = code))));
    return run;
  }

  /** Runs a command to its end, and asserts that it succeeds. Returns what it printed. */
  async run(...args) {
    const run = await this.attempt(...args);
    assert.equal(run.code, 0, `stripe ${args.join(" ")}\n${run.out}\n${run.err}`);
    return run.out;
  }

  /** Runs a command to its end, whatever comes of it. */
  async attempt(...args) {
    const run = this.#spawn(args);
    await run.ended;
    return run;
  }

  /** Runs a command whose output is an object. */
  async object(...args) {
    return JSON.parse(await this.run(...args));
  }

  /** Starts `stripe listen` or `stripe logs tail` and returns when it says that it is ready. */
  async start(...args) {
    const run = this.#spawn(args);
    this.#started.push(run);
    await until(() => run.err.includes("Ready!") || run.out.includes("Ready!") || run.code !== undefined, `stripe ${args[0]}`);
    assert.equal(run.code, undefined, `stripe ${args.join(" ")} ended\n${run.out}\n${run.err}`);
    return run;
  }

  /** Stops what `start` started, as Ctrl-C does. */
  async stop(run) {
    run.child.kill("SIGINT");
    await run.ended;
  }

  async #close() {
    for (const run of this.#started) if (run.code === undefined) run.child.kill("SIGKILL");
    await Promise.all(this.#started.map((run) => run.ended));
  }

  /** A call of the API beside the CLI. */
  async call(method, path, params = {}, headers = {}) {
    const form = new URLSearchParams(params).toString();
    const target = method === "GET" && form ? `${path}?${form}` : path;
    const response = await fetch(baseUrl + target, {
      method,
      headers: { Authorization: `Bearer ${this.key}`, "Content-Type": "application/x-www-form-urlencoded", ...headers },
      body: method === "POST" ? form : undefined,
    });
    const body = await response.json();
    assert.equal(response.status, 200, `${method} ${target}: ${JSON.stringify(body)}`);
    return body;
  }

  /** All events, oldest first. */
  async events(params = {}) {
    const list = await this.call("GET", "/v1/events", { limit: 100, ...params });
    return list.data.reverse();
  }

  /** The secret that events for the CLI are signed with. */
  async secret() {
    return (await this.run("listen", "--print-secret")).trim();
  }
}

/** The events that `stripe listen` printed: `type id`, in order. */
export const printed = (run) =>
  [...`${run.out}\n${run.err}`.matchAll(/--> (?:connect )?(\S+) \[(evt_\w+)\]/g)].map(([, type, id]) => `${type} ${id}`);

/** What an event is called in these tests. */
export const named = (event) => `${event.type} ${event.id}`;

/** A web server that keeps what it gets, and answers as `answer` says. */
export async function receiver(t, answer = (_, response) => response.end("thanks")) {
  const got = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      got.push({ path: request.url, headers: request.headers, body, event: JSON.parse(body) });
      answer(request, response);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, url: `http://127.0.0.1:${server.address().port}/webhooks` };
}

/** Whether the signature of what a receiver got is that of the secret. */
export function isSigned({ headers, body }, secret) {
  const parts = Object.fromEntries(headers["stripe-signature"].split(",").map((part) => part.split("=")));
  const expected = createHmac("sha256", secret).update(`${parts.t}.${body}`).digest("hex");
  return parts.v1 === expected && Math.abs(Date.now() / 1000 - Number(parts.t)) < 60;
}
