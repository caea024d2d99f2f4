// The Stripe CLI under `pinstripe exec`, without `--api-base`.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { exec, folder, here, lines } from "./support.js";

/** No package holds the CLI for another kind of machine. */
const describeHere = process.platform === "linux" && process.arch === "x64" ? describe : () => {};
const environment = (t) => {
  const place = folder(t);
  const program = createRequire(here("../cli/package.json")).resolve("@stripe/cli-linux-x64/bin/stripe");
  return { HOME: place, XDG_CONFIG_HOME: place, STRIPE_CLI_TELEMETRY_OPTOUT: "1", STRIPE_DEVICE_NAME: "tests", STRIPE: program };
};

describeHere("the Stripe CLI", { concurrency: 2 }, () => {
  test("triggers events of meters, which it sends to a host of their own", async (t) => {
    const types = ["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"];
    const command = `for type in ${types.join(" ")}; do "$STRIPE" trigger $type --api-key $STRIPE_API_KEY >&2 || exit; done
      curl -sS -u $STRIPE_API_KEY: -H 'Stripe-Version: 2025-09-30.clover' https://api.stripe.com/v2/core/events`;
    const answer = JSON.parse((await lines(["sh", "-c", command], environment(t))).join("\n"));
    assert.deepEqual(new Set(answer.data.map(({ type }) => type)), new Set(types));
  });

  test("listens and forwards what is triggered", async (t) => {
    const got = [];
    const server = createServer((request, response) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        got.push(JSON.parse(Buffer.concat(chunks)).type);
        response.end();
      });
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const command = `"$STRIPE" listen --all-snapshot --api-key $STRIPE_API_KEY --forward-to 127.0.0.1:${server.address().port} >$HOME/said 2>&1 & listener=$!
      for try in $(seq 200); do grep -q Ready $HOME/said && break; sleep 0.05; done
      "$STRIPE" trigger customer.created --api-key $STRIPE_API_KEY
      for try in $(seq 100); do grep -q '<--.*200' $HOME/said && break; sleep 0.05; done
      kill -INT $listener; cat $HOME/said`;
    const { out, err } = await exec(["sh", "-c", command], environment(t));
    assert.deepEqual(got, ["customer.created"], `${out}\n${err}`);
  });
});
