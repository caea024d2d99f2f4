// What a server holds while an endpoint is dead: a server of its own, because its memory is measured (by Linux's /proc).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import { test } from "node:test";

const binary = process.env.PINSTRIPE_BINARY;
if (!binary) throw new Error("PINSTRIPE_BINARY names no program: PINSTRIPE_BINARY=/path/to/pinstripe npm test");

/** Events in a second of the sandbox's clock, and seconds. */
const [RATE, HOUR] = [30, 3600];

/** Events after which everything that is kept has reached its limit: a sandbox remembers 128 MiB of them, and each has a text of its own. */
const FULL = 54_000;

/** Megabytes that the second half of the hour may add. */
const MORE = 32;

test("memory stays bounded when an endpoint is dead for an hour of traffic", async (t) => {
  const server = spawn(binary, ["--port", "0", "--log", "off", "--clock", "frozen@1800000000"], { stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => server.kill());
  const url = await new Promise((resolve) => {
    server.stdout.on("data", (text) => {
      const found = `${text}`.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    });
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  t.after(() => agent.destroy());
  const headers = { Authorization: "Bearer sk_test_1", "Content-Type": "application/x-www-form-urlencoded" };
  const send = (method, path, form) => new Promise((resolve, reject) => {
    const request = http.request(url + path, { method, agent, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => (response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
    });
    request.on("error", reject);
    request.end(form);
  });
  const megabytes = () => Number(readFileSync(`/proc/${server.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;

  // A port where nobody listens, and one where somebody listens and never answers.
  const silent = http.createServer(() => {});
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  t.after(() => (silent.closeAllConnections(), silent.close()));
  const urls = ["http://127.0.0.1:9/", `http://127.0.0.1:${silent.address().port}/`];
  for (const dead of urls) await send("POST", "/v1/webhook_endpoints", `url=${dead}&enabled_events[]=*`);
  const { id } = await send("POST", "/v1/customers", "");
  const text = "x".repeat(4000);
  let [sent, full] = [0, 0];
  for (let second = 0; second < HOUR; second += 60) {
    const end = sent + 60 * RATE;
    const work = async () => { while (sent < end) await send("POST", `/v1/customers/${id}`, `description=${text}${sent++}`); };
    await Promise.all(Array.from({ length: 8 }, work));
    await send("POST", "/_pinstripe/clock?advance=60");
    if (!full && sent >= FULL) full = megabytes();
  }
  const [total, { endpoints }] = [megabytes(), await send("GET", "/_pinstripe/webhooks")];
  assert.equal(sent, RATE * HOUR);
  assert.ok(total - full < MORE, `${full.toFixed()} MB, then ${total.toFixed()} MB`);
  assert.equal(endpoints.length, urls.length);
  for (const { waiting, dropped, attempts } of endpoints) {
    // One that is being tried as the queue overflows is in neither number.
    assert.ok(Math.abs(waiting + dropped - sent - 1) <= 1, `${waiting} wait, ${dropped} were dropped`);
    assert.ok(waiting <= 10_001, `${waiting} wait`);
    assert.ok(attempts < sent / 100, `${attempts} attempts: not one for each event that is dropped`);
  }
});
