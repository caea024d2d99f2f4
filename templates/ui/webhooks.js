// Webhooks: who receives events, and every attempt to deliver one.
import { action, ago, chip, copy, curlOf, empty, form, get, go, h, idLink, json, link, section } from "./core.js";
import { bar, calling, counted, destroy, dim, drawn, fold, foldedRow, grid, pre, quiet, rows, small } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */
/** @typedef {import("./parts.js").Again} Again */

/** @type {Record<string, any>} */
const LOOKS = { delivered: "ok", enabled: "ok", failed: "bad", waiting: "warn" };
const STATES = ["waiting", "delivered", "failed", "dropped"];
/** @param {string} status */
const standing = (status) => chip(status, LOOKS[status]);
/** What was sent or came back. @param {Row} message */
function message({ headers, body, body_cut: cut }) {
  /** @type {HTMLElement} */
  let shown = pre(body || "(nothing)");
  try {
    shown = json(JSON.parse(body));
  } catch {}
  return [pre(Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n")), shown, cut && quiet("The rest was not kept.")];
}
/** @param {Row} attempt */
const result = ({ response, error }) => response ? `answered ${response.status}` : error ?? "no answer";

/** @param {Row} it @param {number} number @param {string} delivery */
const attempt = (it, number, delivery) => h("li",
  h("p", chip(result(it), it.response?.status < 300 ? "ok" : "bad"), ` attempt ${number}, ${it.duration_ms} ms, `, ago(it.at_ms)),
  fold(`${delivery}/${number}`, `Request: POST ${it.request.url}`, () => message(it.request)),
  it.response && fold(`${delivery}/${number}/answer`, `Answer: ${it.response.status}${it.response.body && `, ${it.response.body.slice(0, 60)}`}`, () => message(it.response)));

/** @param {Row} it @param {Again} again @param {Row} [urls] */
function delivery(it, again, urls = {}) {
  const last = it.attempts.at(-1), before = it.attempts_forgotten, tries = it.attempts.length + before;
  /** @type {Row[]} */
  const attempts = it.attempts;
  return foldedRow(it.id,
    h("span", { class: "cols" }, h("span", standing(it.status)), h("b", it.type), h("code", last?.request.url ?? urls[it.endpoint] ?? it.endpoint),
      dim(last ? [result(last), tries > 1 && ` at attempt ${tries}`, ", ", ago(last.at_ms)] : "not tried yet")),
    () => [h("p", link(it.id, "webhooks", { id: it.id }), " of ", idLink(it.event), " to ", /^http/.test(it.endpoint) ? it.endpoint : idLink(it.endpoint), it.resent && ", sent again",
      it.fault && [", by the fault ", link(it.fault, "faults")], it.next_at_ms && [". Next attempt ", new Date(it.next_at_ms).toLocaleTimeString()]),
    before > 0 && quiet(`${counted(before, "attempt")} before, no longer kept`),
    h("ol", attempts.map((one, i) => attempt(one, i + 1 + before, it.id))),
    bar(action("Send again", "POST", "webhooks/resend", { delivery: it.id }, again))]);
}

/** @param {Row} overview @param {Row} objects by their ids @param {Again} again */
function receivers({ endpoints, receivers: all, webhook_urls: urls, webhook_secret: secret }, objects, again) {
  /** @type {Row[]} */
  const counts = endpoints;
  /** @param {string} url */
  const given = (url) => ({ endpoint: url, url, secret, enabled: true, given: "--webhook-url" });
  return grid([...all, ...urls.map(given)], "Endpoints", "Nothing receives events yet. Add an endpoint below, or start the server with --webhook-url.",
    ["URL", (it) => [h("code", it.url), objects[it.endpoint]?.description && small(objects[it.endpoint].description), small(it.given ?? idLink(it.endpoint, it.account), it.account && [" of ", idLink(it.account)])]],
    ["Status", (it) => standing(it.enabled ? "enabled" : "disabled")],
    ["Events", ({ endpoint }) => {
      const types = objects[endpoint]?.enabled_events ?? ["*"];
      return types[0] === "*" ? "all" : types.length < 4 ? types.join(", ") : fold(`${endpoint}/events`, counted(types.length, "type"), () => types.join(", "));
    }],
    ["Deliveries", ({ endpoint }) => {
      const of = counts.find((one) => one.endpoint === endpoint) ?? {}, shown = STATES.filter((status) => of[status]);
      return h("span", shown.map((status, i) => [i > 0 && ", ", link(`${of[status]} ${status}`, "webhooks", { endpoint, status })]), !shown.length && "none");
    }],
    ["", ({ endpoint, url, secret, enabled, account }) => bar(copy(secret, "Copy secret"), /^we_/.test(endpoint) && !account && [
      action(enabled ? "Disable" : "Enable", "POST", `/v1/webhook_endpoints/${endpoint}`, { disabled: enabled }, again),
      destroy("Delete", `This deletes the endpoint ${url}: no event is sent there any more.`, "DELETE", `/v1/webhook_endpoints/${endpoint}`, {}, again)])]);
}

export default {
  name: "webhooks", title: "Webhooks", key: "w",
  /** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
  async show(main, params, signal) {
    /** @param {Row} row */
    const concerns = (row) => row.type === "delivery" || /webhook/.test(row.request?.path ?? row.control?.path);
    const id = params.get("id");
    const top = h("div"), sent = h("div"), kept = h("div");
    if (id) {
      const again = drawn(signal, concerns, [sent, async () => {
        const shown = delivery(await get(`webhooks/deliveries/${id}`), again);
        shown.open = true;
        return [rows(shown)];
      }]);
      main.append(h("p", link("All deliveries", "webhooks")), sent);
      return again();
    }
    /** @type {Row} */
    const filters = {};
    for (const name of ["status", "type", "endpoint", "event"]) if (params.get(name)) filters[name] = params.get(name);
    const limit = Number(params.get("limit") ?? 50);
    /** @type {Record<string, string>} */
    let urls = {};
    const all = drawn(signal, concerns, [top, async () => {
      /** @type {[{receivers: Row[], [name: string]: any}, {objects: Row[]}]} */
      const [overview, { objects }] = await Promise.all([get("webhooks"), get("objects", { kind: "webhook_endpoint", limit: 100 })]);
      const collects = overview.mode === "collect";
      urls = Object.fromEntries(overview.receivers.map((it) => [it.endpoint, it.url]));
      let failed = 0;
      for (const it of overview.endpoints) failed += it.failed;
      return [
        bar(h("span", "Events of this sandbox are ", collects ? chip("collected", "warn") : chip("sent", "ok")),
          action(collects ? "Send them" : "Collect them", "POST", "webhooks/mode", { mode: collects ? "send" : "collect" }, all),
          failed > 0 && action(`Send all ${failed} failed again`, "POST", "webhooks/resend", { status: "failed" }, all)),
        receivers(overview, Object.fromEntries(objects.map(({ id, object }) => [id, object])), all),
      ];
    }], [sent, async () => {
      /** @type {{deliveries: Row[]}} */
      const { deliveries } = await get("webhooks/deliveries", { ...filters, limit });
      if (!deliveries.length) return [empty(Object.keys(filters).length ? "No delivery is like this." : "Nothing was delivered yet. Each event goes to the endpoints that ask for it.")];
      return [
        rows(deliveries.map((it) => delivery(it, all, urls))),
        deliveries.length === limit ? h("p", link("Show more", "webhooks", { ...filters, limit: limit * 4 })) : null,
        curlOf("GET", "webhooks/deliveries", filters),
      ];
    }], [kept, async () => {
      /** @type {{collected: Row[]}} */
      const { collected } = await get("webhooks/collected");
      return collected.length ? [section(`Collected: ${counted(collected.length, "event")}`,
        bar(destroy("Delete them", "This deletes the collected events.", "DELETE", "webhooks/collected", {}, all)),
        rows(collected.slice(-100).reverse().map((it) => foldedRow(`${it.event}/${it.endpoint}`,
          [h("b", it.type), " ", h("code", it.url ?? "for no endpoint")], () => [h("p", idLink(it.event)), message(it)]))))] : [];
    }]);
    await all();
    main.append(top,
      h("details", h("summary", "Add an endpoint"), calling([
        { name: "url", label: "URL", type: "url", required: true, placeholder: "http://localhost:3000/webhooks" },
        { name: "events", label: "Events", value: "*", help: "* for all, or types with commas" },
        { name: "connect", label: "Events of connected accounts", type: "checkbox" },
      ], "Add endpoint", ({ url, events, connect }) => ["POST", "/v1/webhook_endpoints", { url, enabled_events: events.split(/[\s,]+/).filter(Boolean), connect }], all)),
      h("h2", "Deliveries"),
      form([
        { name: "status", label: "State", value: filters.status, options: [["", "all"], ...STATES] },
        { name: "type", label: "Type", value: filters.type },
        { name: "endpoint", label: "Endpoint", value: filters.endpoint, options: [["", "all"], ...Object.entries(urls)] },
      ], "Show", (given) => go("webhooks", given)), sent, kept);
  },
};
