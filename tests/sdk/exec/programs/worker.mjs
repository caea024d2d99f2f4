// Workers with environments of their own, and a class made of Node's.
import { SHARE_ENV, Worker, isMainThread } from "node:worker_threads";

if (isMainThread) {
  class Own extends Worker {}
  for (const env of [{}, { NODE_OPTIONS: "--no-warnings" }, process.env, SHARE_ENV, undefined]) {
    const worker = new Own(new URL(import.meta.url), { env });
    if (!(worker instanceof Own)) throw new Error("made of another class");
    await new Promise((resolve) => worker.on("exit", resolve));
  }
} else {
  console.log((await fetch("https://api.stripe.com/healthz")).status);
}
