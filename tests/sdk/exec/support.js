// What every suite here needs: `pinstripe exec` with a clean environment, and what its command said.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

if (!process.env.PINSTRIPE_BINARY) throw new Error("PINSTRIPE_BINARY names no program");

/** The path of a file beside these tests. */
export const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A folder for a test's files, which is removed with it. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "exec-test-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** What a program needs of its surroundings. */
const ENVIRONMENT = { PATH: process.env.PATH, HOME: tmpdir(), LANG: "C.UTF-8" };

/** Runs a command and waits for its end. */
export function run(program, args, environment = {}, options = {}) {
  const child = spawn(program, args, { env: { ...ENVIRONMENT, ...environment }, stdio: ["ignore", "pipe", "pipe"], ...options });
  const said = { out: "", err: "", code: undefined };
  child.stdout.on("data", (chunk) => (said.out += chunk));
  child.stderr.on("data", (chunk) => (said.err += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...said, code }));
  });
}

/** Runs a command around a server of its own. */
export const exec = (command, environment, options) => run(process.env.PINSTRIPE_BINARY, ["exec", "--", ...command], environment, options);

/** What a command printed that has to succeed, line by line. */
export async function lines(command, environment, options) {
  const { out, err, code } = await exec(command, environment, options);
  assert.equal(code, 0, `${command.join(" ")}\n${out}\n${err}`);
  return out.trimEnd().split("\n");
}

const listening = (t, server) => new Promise((resolve) => {
  t.after(() => server.close());
  server.listen(0, "127.0.0.1", () => resolve(server.address().port));
});

/** A port at which nobody listens. */
export function freePort() {
  const server = net.createServer();
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  }));
}

/** A proxy of the user's, which keeps what it is asked for. */
export async function proxy(t) {
  const asked = [];
  const server = http.createServer((_, response) => response.writeHead(405).end());
  server.on("connect", (request, client) => {
    asked.push({ to: request.url, credentials: request.headers["proxy-authorization"] });
    const [host, port] = request.url.split(":");
    const target = net.connect(port, host, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) socket.on("error", () => {});
  });
  return { asked, port: await listening(t, server) };
}
