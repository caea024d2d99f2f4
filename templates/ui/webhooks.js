// Webhooks: who receives events, and every attempt to deliver one.
import { action, ago, chip, copy, curlOf, empty, form, get, go, h, idLink, json, link, section, table } from "./core.js";
import { acts, bar, calling, counted, destroy, part, quiet, small } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */

const KINDS = /** @type {Record<string, any>} */ ({ delivered: "ok", failed: "bad", waiting: "warn", dropped: "quiet", enabled: "ok", disabled: "quiet" });
/** @param {string} status */
const standing = (status) => chip(status, KINDS[status]);
/** @param {Row} headers */
const headersOf = (headers) => h("pre", { tabindex: "0" }, Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n"));
/** @param {string} text */
const body = (text) => {
  try {
    return json(JSON.parse(text));
  } catch {
    return h("pre", { tabindex: "0" }, text || "(nothing)");
  }
};
/** @param {Row} attempt */
const result = ({ response, error }) => response ? `answered ${response.status}` : error ?? "no answer";
/** @param {Row} attempt */
const good = ({ response }) => response?.status >= 200 && response?.status < 300;

/** The endpoints by the address that stands in a delivery. @returns {Promise<Row[]>} */
async function endpoints() {
  const found = await get("objects", { kind: "webhook_endpoint", limit: "100" });
  return found.objects.map((/** @type {Row} */ it) => ({ ...it.object, account: it.account }));
}

/** @param {Row} attempt @param {number} index @param {string} delivery */
function attempt(attempt, index, delivery) {
  const { request, response } = attempt;
  return h("li", {},
    h("p", chip(result(attempt), good(attempt) ? "ok" : "bad"), ` attempt ${index}, ${attempt.duration_ms} ms, `, ago(attempt.at_ms)),
    h("details", { "data-key": `${delivery}/${index}/request` }, h("summary", `Request: POST ${request.url}`), headersOf(request.headers), body(request.body)),
    response && h("details", { "data-key": `${delivery}/${index}/answer` }, h("summary", `Answer: ${response.status}${response.body ? `, ${response.body.slice(0, 60)}` : ""}`),
      headersOf(response.headers), body(response.body), response.body_cut ? quiet("The rest was not kept.") : null));
}

/** @param {Row} it a delivery @param {import("./parts.js").Again} again @param {Map<string, string>} urls @param {boolean} [open] */
function delivery(it, again, urls, open) {
  const last = it.attempts.at(-1);
  const to = last?.request.url ?? urls.get(it.endpoint) ?? it.endpoint;
  const tries = it.attempts.length + it.attempts_forgotten;
  return h("details", { "data-key": it.id, "data-row": "", open },
    h("summary", h("span", { class: "cols" }, h("span", standing(it.status)), h("b", it.type), h("span", { class: "mono quiet" }, to),
      h("span", { class: "quiet" }, last ? [`${result(last)}${tries > 1 ? ` at attempt ${tries}` : ""}, `, ago(last.at_ms)] : "not tried yet"))),
    h("p", link(it.id, "webhooks", { id: it.id }), " of ", idLink(it.event), it.endpoint?.startsWith("we_") ? [" to ", idLink(it.endpoint)] : null,
      it.resent ? ", sent again" : null, it.fault && [", by the fault ", link(it.fault, "faults")],
      it.next_at_ms && [". Next attempt ", ago(it.next_at_ms)]),
    h("ol", it.attempts_forgotten ? h("li", { class: "quiet" }, `${counted(it.attempts_forgotten, "attempt")} before, no longer kept`) : null,
      ...it.attempts.map((/** @type {Row} */ one, /** @type {number} */ i) => attempt(one, i + 1 + it.attempts_forgotten, it.id))),
    bar(action("Send again", "POST", "webhooks/resend", { delivery: it.id }, again)));
}

/** Copies a secret, which the API tells only when an endpoint is made. @param {string} id @param {string | undefined} known @returns {Node} */
function secret(id, known) {
  if (known) return copy(known, "Copy secret");
  const button = h("button", { type: "button", async onclick() {
    const found = (await get("state")).hidden[`webhook_endpoint/${id}`]?.secret;
    button.replaceWith(h("span", { class: "mono" }, found), copy(found, "Copy secret"));
  } }, "Secret");
  return button;
}

/** @param {Row} counts @param {string} endpoint */
const counts = (counts, endpoint) => ["delivered", "waiting", "failed", "dropped"].filter((status) => counts[status])
  .flatMap((status, i) => [i ? ", " : "", link(`${counts[status]} ${status}`, "webhooks", { endpoint, status })]);

/** @param {Row[]} list @param {Row} overview @param {import("./parts.js").Again} again */
function receivers(list, overview, again) {
  const by = new Map(overview.endpoints.map((/** @type {Row} */ it) => [it.endpoint, it]));
  const rows = [
    ...list,
    ...overview.webhook_urls.map((/** @type {string} */ it) => ({ id: it, url: it, enabled_events: ["*"], status: "enabled", description: "--webhook-url", secret: overview.webhook_secret, given: true })),
  ];
  return table([
    { title: "URL", cell: (it) => h("div", h("span", { class: "mono" }, it.url), it.description && small(it.description), small(it.given ? "given at the start" : idLink(it.id))) },
    { title: "Status", cell: (it) => standing(it.status) },
    { title: "Events", cell: (it) => it.enabled_events[0] === "*" ? "all" : it.enabled_events.length < 4 ? it.enabled_events.join(", ")
      : h("details", { "data-key": `${it.id}/events` }, h("summary", counted(it.enabled_events.length, "type")), it.enabled_events.join(", ")) },
    { title: "Deliveries", cell: (it) => { const shown = counts(by.get(it.id) ?? {}, it.id); return shown.length ? h("span", ...shown) : "none"; } },
    { title: acts(), cell: (it) => bar(secret(it.id, it.secret ?? (/** @type {Row | undefined} */ (by.get(it.id)))?.secret),
      it.given ? null : [
        action(it.status === "enabled" ? "Disable" : "Enable", "POST", `/v1/webhook_endpoints/${it.id}`, { disabled: it.status === "enabled" }, again),
        destroy("Delete", `This deletes the endpoint ${it.url}: no event is sent there any more.`, "DELETE", `/v1/webhook_endpoints/${it.id}`, {}, again)]) },
  ], rows, { caption: "Endpoints", empty: "Nothing receives events yet. Add an endpoint below, or start the server with --webhook-url." });
}

/** @param {Row} it @param {number} i */
const collected = (it, i) => h("details", { "data-row": "", "data-key": `collected/${it.event}/${i}` },
  h("summary", h("b", it.type), " ", h("span", { class: "mono quiet" }, it.url ?? "for no endpoint")),
  h("p", idLink(it.event)), headersOf(it.headers), body(it.body));

export default {
  name: "webhooks", title: "Webhooks", key: "w",
  /** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
  async show(main, params, signal) {
    const concerns = (/** @type {Row} */ row) => row.type === "delivery" || /webhook/.test(row.request?.path ?? row.control?.path ?? "");
    const id = params.get("id");
    if (id) {
      const place = h("div");
      const again = part(place, async () => [delivery(await get(`webhooks/deliveries/${id}`), again, new Map(), true)], signal, concerns);
      main.append(h("p", link("All deliveries", "webhooks")), section(`Delivery ${id}`, place));
      return again();
    }
    const top = h("div"), sent = h("div"), kept = h("div");
    const filters = Object.fromEntries(["status", "type", "endpoint", "event"].map((name) => [name, params.get(name) ?? ""]).filter(([, value]) => value));
    const limit = Number(params.get("limit") ?? 50);
    /** @type {Map<string, string>} */
    let urls = new Map();
    const again = part(main.appendChild(h("div", top, sent, kept)).firstElementChild ?? top, async () => {
      const [overview, list] = await Promise.all([get("webhooks"), endpoints()]);
      urls = new Map(list.map((it) => [it.id, it.url]));
      const failed = overview.endpoints.reduce((/** @type {number} */ sum, /** @type {Row} */ it) => sum + it.failed, 0);
      const collects = overview.mode === "collect";
      return [
        bar(h("span", "Events of this sandbox are ", chip(collects ? "collected" : "sent", collects ? "warn" : "ok")),
          action(collects ? "Send them" : "Collect them", "POST", "webhooks/mode", { mode: collects ? "send" : "collect" }, all),
          failed ? action(`Send all ${failed} failed again`, "POST", "webhooks/resend", { status: "failed" }, all) : null),
        receivers(list, overview, all),
      ];
    }, signal, concerns);
    const deliveries = part(sent, async () => {
      const { deliveries: found } = await get("webhooks/deliveries", { ...filters, limit: String(limit) });
      return found.length ? [
        h("div", { class: "rows" }, found.map((/** @type {Row} */ it) => delivery(it, all, urls))),
        found.length === limit ? h("p", link("Show more", "webhooks", { ...filters, limit: String(limit * 4) })) : null,
        curlOf("GET", "webhooks/deliveries", filters),
      ] : [empty(Object.keys(filters).length ? "No delivery is like this." : "Nothing was delivered yet. Each event goes to the endpoints that ask for it.")];
    }, signal, concerns);
    const collection = part(kept, async () => {
      const found = (await get("webhooks/collected")).collected;
      return found.length ? [section(`Collected: ${counted(found.length, "event")}`, bar(
        destroy("Delete them", "This deletes the collected events.", "DELETE", "webhooks/collected", {}, all)), h("div", { class: "rows" }, found.slice(-100).reverse().map(collected)))] : [];
    }, signal, concerns);
    const all = () => Promise.all([again(), deliveries(), collection()]);
    await again();
    top.after(
      h("details", h("summary", "Add an endpoint"), calling([
        { name: "url", label: "URL", type: "url", required: true, placeholder: "http://localhost:3000/webhooks" },
        { name: "events", label: "Events", value: "*", help: "* for all, or types with commas" },
        { name: "connect", label: "Events of connected accounts", type: "checkbox" },
      ], "Add endpoint", ({ url, events, connect }) => ["POST", "/v1/webhook_endpoints", { url, enabled_events: events.split(/[\s,]+/).filter(Boolean), connect: connect ?? null }], all)),
      h("h2", "Deliveries"),
      form([
        { name: "status", label: "State", value: filters.status, options: [["", "all"], "waiting", "delivered", "failed", "dropped"] },
        { name: "type", label: "Type", value: filters.type },
        { name: "endpoint", label: "Endpoint", value: filters.endpoint, options: [["", "all"], ...urls] },
        { name: "event", label: "Event", value: filters.event },
      ], "Show", (given) => go("webhooks", given)));
    await Promise.all([deliveries(), collection()]);
  },
};
