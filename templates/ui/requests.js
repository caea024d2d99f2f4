// The requests that were answered: a list with its errors in groups, and one request whole, as code for another one.
import { action, ago, copy, curl, empty, form, get, go, h, idLink, json, lasted, link, live, raw, section, statusChip, table, time } from "./core.js";
import { whole, words } from "./timeline.js";

/** @param {{type: string}} event */
const typeOf = ({ type }) => type;
/** @param {any} request */
const nameOf = ({ operation, path }) => operation ?? path;

/** A button that shows what has come since the page was drawn. @param {(row: import("./core.js").Row) => number} count @param {() => void} again @param {AbortSignal} signal */
export function newer(count, again, signal) {
  const place = h("p");
  let sum = 0;
  live((rows) => {
    for (const row of rows) sum += count(row);
    if (sum) place.replaceChildren(h("button", { type: "button", onclick: again }, `Show ${sum} new`));
  }, signal);
  return place;
}

/** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
async function list(main, params, signal) {
  const any = ["", "Any"];
  /** @type {[string, string, any][]} */
  const fields = [
    ["status", "Status", { options: [any, "2xx", "4xx", "402", "404", "429", "5xx"] }], ["method", "Method", { options: [any, "GET", "POST", "DELETE"] }],
    ["operation", "Operation", { type: "search", placeholder: "charges.create" }], ["error", "Error code", { placeholder: "card_declined" }], ["path", "Path", { placeholder: "/v1/charges*" }],
    ["event", "Event", { placeholder: "charge.*" }], ["idempotency_key", "Idempotency key", {}],
  ];
  const filters = Object.fromEntries(fields.flatMap(([name]) => (params.get(name) ? [[name, params.get(name)]] : [])));
  /** @type {{requests: any[]}} */
  const { requests } = await get("requests", { limit: 200, ...filters });
  main.append(form(fields.map(([name, label, more]) => ({ name, label, value: filters[name] ?? "", ...more })), "Filter", (values) => go("requests", values)),
    newer(({ request }) => (request ? 1 : 0), () => go("requests", filters, true), signal));

  /** @type {Map<string, any[]>} */
  const groups = new Map();
  for (const request of requests) if (request.error) {
    const key = nameOf(request) + words(request.error);
    groups.set(key, [...(groups.get(key) ?? []), request]);
  }
  if (groups.size && !filters.error) {
    main.append(section(`Errors: ${[...groups.values()].flat().length} of ${requests.length} requests`, table([
      { title: "Times", number: true, cell: (group) => group.length },
      { title: "Operation", cell: ([{ operation, path, error }]) => link(operation ?? path, "requests", { ...filters, ...(operation ? { operation } : { path }), error: error.code ?? error.type }) },
      { title: "Error", cell: ([{ error }]) => [h("div", { class: "bad" }, error.message), h("div", { class: "n" }, words(error))] },
      { title: "Newest", cell: ([{ id }]) => idLink(id) },
    ], [...groups.values()].sort((a, b) => b.length - a.length), { caption: "Errors in groups" })));
  }
  main.append(section(Object.keys(filters).length ? "Requests that fit" : "Newest requests", table([
    { title: "Status", cell: ({ status }) => statusChip(status) },
    { title: "Request", cell: (request) => [link(nameOf(request), "requests", { id: request.id }), h("div", { class: "n mono" }, `${request.method} ${request.path}`)] },
    { title: "What came of it", cell: ({ error, events, fault }) => [error && h("div", { class: "bad" }, error.message), fault && h("div", { class: "warn" }, `fault ${fault}`), h("div", { class: "n" }, events.map(typeOf).join(" · "))] },
    { title: "Took", number: true, cell: ({ duration_us }) => lasted(duration_us) },
    { title: "Sandbox time", cell: ({ created }) => time(created) },
  ], requests, { caption: "Requests", empty: "No request that is kept fits." })));
}

/** A form's text as a value of a program. @param {any} value @param {string} [name] @returns {any} */
function typed(value, name = "") {
  if (typeof value === "object" && value) {
    const keys = Object.keys(value);
    if (keys.length && keys.every((key, index) => key === String(index))) return keys.map((key) => typed(value[key]));
    return Object.fromEntries(keys.map((key) => [key, name === "metadata" ? value[key] : typed(value[key], key)]));
  }
  if (/^(true|false)$/.test(value)) return value === "true";
  return /^(0|-?[1-9]\d{0,14})$/.test(value) && !/postal|number|phone|state/.test(name) ? Number(value) : value;
}
/** @param {any} value @param {boolean} python @param {string} [indent] @returns {string} */
function literal(value, python, indent = "") {
  if (typeof value === "boolean" && python) return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `, array = Array.isArray(value);
  const parts = Object.entries(value).map(([key, one]) => `${array ? "" : !python && /^\w+$/.test(key) ? `${key}: ` : `${JSON.stringify(key)}: `}${literal(one, python, inner)}`);
  const [left, right] = array ? "[]" : "{}";
  return left + (parts.length ? `\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}` : "") + right;
}

/** @param {string} name */
const camel = (name) => name.replace(/_\w/g, (found) => found[1].toUpperCase());
/** The same request as code. @param {any} request @param {string} template the path of its operation @param {boolean} python */
function code({ operation, path, parameters = {}, key, account, idempotency_key: once }, template, python) {
  let method = python ? operation : camel(operation);
  if (!python) method = method.replace(/\.delete$/, ".del");
  const options = Object.fromEntries([[python ? "stripe_account" : "stripeAccount", account], [python ? "idempotency_key" : "idempotencyKey", once]].filter(([, value]) => value));
  const optional = Object.keys(options).length, parts = path.split("/");
  const given = template.split("/").flatMap((part, index) => (part.startsWith("{") ? [JSON.stringify(decodeURIComponent(parts[index]))] : []));
  const { hostname: host, port, protocol, origin } = location;
  if (Object.keys(parameters).length || (optional && !python)) given.push((python ? "params=" : "") + literal(typed(parameters), python));
  if (optional) given.push((python ? "options=" : "") + literal(options, python));
  return python
    ? `import stripe\n\nclient = stripe.StripeClient(${JSON.stringify(key)}, base_addresses={"api": ${JSON.stringify(origin)}})\nclient.v1.${method}(${given.join(", ")})`
    : `import Stripe from "stripe";\n\nconst stripe = new Stripe(${JSON.stringify(key)}, ${literal({ host, port: Number(port || 80), protocol: protocol.slice(0, -1) }, false)});\nawait stripe.${method}(${given.join(", ")});`;
}
/** @param {any} request */
function asCode(request) {
  const { method, path, parameters, key, account, idempotency_key: once, version, operation } = request;
  const headers = Object.fromEntries([["Stripe-Account", account], ["Idempotency-Key", once], ["Stripe-Version", version]].filter(([, value]) => value));
  const text = h("pre", { tabindex: 0 }), place = h("span");
  const select = h("select", { "aria-label": "Language", onchange: () => show() }, ["curl", "stripe-node", "stripe-python"].map((name) => h("option", name)));
  const show = async () => {
    let shown = curl(method, path, parameters, undefined, { key, headers });
    if (select.value !== "curl") {
      /** @type {{operations: any[]}} */
      const { operations } = await get("coverage");
      const found = operations.find((one) => one.operation === operation);
      shown = found ? code(request, found.path, select.value.endsWith("python")) : "No SDK has a method for this address.";
    }
    text.textContent = shown;
    place.replaceChildren(copy(shown));
  };
  show();
  return section("As code", h("div", { class: "bar" }, select, place), text);
}

/** @param {HTMLElement} main @param {string} id */
async function one(main, id) {
  const found = await get(`requests/${id}`);
  const { method, path, operation, error, fault, parameters = {}, answer, seq } = found;
  const facts = [
    ["Request", h("code", id)], ["Address", h("code", `${method} ${path}`)], ["Time", [time(found.created), found.at && [", ", ago(found.at)]]], ["Took", lasted(found.duration_us)], ["Sandbox", found.sandbox],
    ["Key", h("code", found.key ?? "none")], ["API version", found.version], ["Account", found.account && idLink(found.account)], ["Idempotency key", found.idempotency_key], ["Fault", fault && link(fault, "faults")],
  ];
  main.append(
    h("h1", statusChip(found.status), ` ${nameOf(found)}`),
    error ? h("div", { class: "notice" }, h("b", error.message), h("div", words(error)), [error.charge, error.payment_intent?.id].filter(Boolean).map((one_) => h("div", idLink(one_)))) : "",
    h("div", { class: "bar" }, action("Send again", "POST", `requests/${id}/resend`, {}, (made) => go("requests", { id: made.id })),
      seq && link("In the timeline", "timeline", { before: seq + 1, open: seq }), operation && link("Others of this operation", "requests", { operation })),
    h("dl", facts.filter(([, value]) => value).map(([name, value]) => [h("dt", name), h("dd", value)])),
    section("Parameters", Object.keys(parameters).length ? json(parameters, 4) : empty("None.")),
    ...whole(found, found.later ?? [], () => go("requests", { id }, true)),
    section(`Answer (${(found.answer_bytes ?? 0).toLocaleString("en")} bytes)`, answer ? raw(answer) : empty("It is not kept any more.")),
    asCode(found));
}

/** @type {import("./core.js").Page} */
export default {
  name: "requests", title: "Requests", key: "q",
  async show(main, params, signal) {
    const id = params.get("id");
    await (id ? one(main, id) : list(main, params, signal));
  },
};
