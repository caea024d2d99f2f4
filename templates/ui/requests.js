// The requests that were answered: a list with its errors in groups, and one request whole, as code for another one.
import { action, ago, copy, curl, empty, form, get, go, h, idLink, json, lasted, link, live, section, statusChip, table, time } from "./core.js";
import { whole, words } from "./timeline.js";

const FILTERS = /** @type {const} */ (["status", "operation", "error", "path", "method", "idempotency_key", "event"]);

/** @param {URLSearchParams} params @returns {Record<string, string>} */
const filtersOf = (params) => Object.fromEntries(FILTERS.flatMap((name) => { const value = params.get(name); return value ? [[name, value]] : []; }));

/** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
async function list(main, params, signal) {
  const filters = filtersOf(params);
  const field = (/** @type {string} */ name, /** @type {string} */ label, more = {}) => ({ name, label, value: filters[name] ?? "", ...more });
  main.append(form([
    field("status", "Status", { options: [["", "Any"], ["2xx", "2xx"], ["4xx", "4xx"], ["402", "402"], ["404", "404"], ["429", "429"], ["5xx", "5xx"]] }),
    field("method", "Method", { options: [["", "Any"], "GET", "POST", "DELETE"] }),
    field("operation", "Operation", { type: "search", placeholder: "charges.create" }),
    field("error", "Error code", { placeholder: "card_declined" }),
    field("path", "Path", { placeholder: "/v1/charges*" }),
    field("event", "Event", { placeholder: "charge.*" }),
    field("idempotency_key", "Idempotency key"),
  ], "Filter", (values) => go("requests", values)));
  const fresh = h("p", { class: "bar" });
  const { requests } = await get("requests", { limit: 200, ...filters });
  main.append(fresh);

  /** @type {Map<string, {count: number, request: any}>} */
  const groups = new Map();
  for (const request of requests) {
    if (!request.error) continue;
    const key = [request.operation, request.error.code, request.error.decline_code, request.error.param].join();
    const group = groups.get(key) ?? { count: 0, request };
    group.count += 1;
    groups.set(key, group);
  }
  if (groups.size && !filters.error) {
    main.append(section(`Errors: ${[...groups.values()].reduce((sum, { count }) => sum + count, 0)} of ${requests.length} requests`, table([
      { title: "Times", number: true, cell: ({ count }) => count },
      { title: "Operation", cell: ({ request }) => link(request.operation ?? request.path, "requests", { ...filters, ...(request.operation ? { operation: request.operation } : { path: request.path }), error: request.error.code ?? request.error.type }) },
      { title: "Error", cell: ({ request: { error } }) => [h("div", { class: "bad" }, error.message), h("div", { class: "n" }, words(error))] },
      { title: "Newest", cell: ({ request }) => idLink(request.id) },
    ], [...groups.values()].sort((a, b) => b.count - a.count), { caption: "Errors in groups" })));
  }
  main.append(section(Object.keys(filters).length ? "Requests that fit" : "Newest requests", table([
    { title: "Status", cell: ({ status }) => statusChip(status) },
    { title: "Request", cell: ({ id, method, path, operation }) => [h("div", link(operation ?? path, "requests", { id })), h("div", { class: "n mono" }, `${method} ${path}`)] },
    { title: "What came of it", cell: ({ error, events, fault }) => [error && h("div", { class: "bad" }, error.message), fault && h("div", { class: "warn" }, `fault ${fault}`), events.length > 0 && h("div", { class: "n" }, events.slice(0, 4).map((/** @type {any} */ { type }) => type).join(" · "), events.length > 4 && ` · ${events.length - 4} more`)] },
    { title: "Took", number: true, cell: ({ duration_us }) => lasted(duration_us) },
    { title: "Time of the sandbox", cell: ({ created }) => time(created) },
  ], requests, { caption: "Requests", empty: "No request fits. The server keeps the newest ones." })));
  let count = 0;
  live((rows) => {
    count += rows.filter(({ type }) => type === "request").length;
    if (count) fresh.replaceChildren(h("button", { type: "button", onclick: () => go("requests", filters, true) }, `Show ${count} new`));
  }, signal);
}

/** A form's text as a value of a program. @param {any} value @param {string} [name] @returns {any} */
function typed(value, name) {
  if (Array.isArray(value)) return value.map((one) => typed(one));
  if (value && typeof value === "object") {
    const keys = Object.keys(value);
    if (keys.length && keys.every((key, index) => key === String(index))) return keys.map((key) => typed(value[key]));
    return Object.fromEntries(keys.map((key) => [key, name === "metadata" ? value[key] : typed(value[key], key)]));
  }
  if (value === "true" || value === "false") return value === "true";
  return /^(0|-?[1-9]\d{0,14})$/.test(value) && !/postal_code|number|phone|state/.test(name ?? "") ? Number(value) : value;
}
/** @param {any} value @param {boolean} python @param {string} [indent] @returns {string} */
function literal(value, python, indent = "") {
  if (value === null || typeof value === "boolean") return python ? ({ null: "None", true: "True", false: "False" })[String(value)] ?? "" : String(value);
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value) ? value.map((one) => literal(one, python, inner))
    : Object.entries(value).map(([key, one]) => `${!python && /^\w+$/.test(key) ? key : JSON.stringify(key)}: ${literal(one, python, inner)}`);
  const [left, right] = Array.isArray(value) ? "[]" : "{}";
  return parts.length ? `${left}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${right}` : left + right;
}
/** The values of a path's placeholders. @param {string} template @param {string} path */
const idsOf = (template, path) => template.split("/").flatMap((part, index) => (part.startsWith("{") ? [decodeURIComponent(path.split("/")[index] ?? "")] : []));

/** The same request as code. @param {any} request @param {string} template the path of its operation @param {boolean} python */
function code(request, template, python) {
  const { operation, path, parameters, key, account, idempotency_key: once } = request;
  const names = operation.split(".").map((/** @type {string} */ name) => (python ? name : name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())));
  if (!python && names.at(-1) === "delete") names.push(names.pop() && "del");
  const values = typed(parameters ?? {});
  const some = Object.keys(values).length > 0;
  const options = Object.fromEntries([[python ? "stripe_account" : "stripeAccount", account], [python ? "idempotency_key" : "idempotencyKey", once]].filter(([, value]) => value));
  const ids = idsOf(template, path).map((id) => JSON.stringify(id));
  const { hostname, port, protocol, origin } = location;
  if (python) {
    const all = [...ids, ...(some ? [`params=${literal(values, true)}`] : []), ...(Object.keys(options).length ? [`options=${literal(options, true)}`] : [])];
    return `import stripe\n\nclient = stripe.StripeClient(${JSON.stringify(key)}, base_addresses={"api": ${JSON.stringify(origin)}})\nclient.v1.${names.join(".")}(${all.join(", ")})`;
  }
  const all = [...ids, ...(some || Object.keys(options).length ? [literal(values, false)] : []), ...(Object.keys(options).length ? [literal(options, false)] : [])];
  const at = { host: hostname, port: Number(port || (protocol === "https:" ? 443 : 80)), protocol: protocol.replace(":", "") };
  return `import Stripe from "stripe";\n\nconst stripe = new Stripe(${JSON.stringify(key)}, ${literal(at, false)});\nawait stripe.${names.join(".")}(${all.join(", ")});`;
}

/** @param {any} request */
function asCode(request) {
  const { method, path, parameters, key, account, idempotency_key: once, version, operation } = request;
  const headers = { ...(account ? { "Stripe-Account": account } : {}), ...(once ? { "Idempotency-Key": once } : {}), ...(version ? { "Stripe-Version": version } : {}) };
  const line = () => curl(method, path, parameters, undefined, { key, headers });
  const text = h("pre", { tabindex: 0 }, line());
  const place = h("span", copy(text.textContent ?? ""));
  const show = async (/** @type {string} */ kind) => {
    let shown = line();
    if (kind !== "curl") {
      const { operations } = await get("coverage");
      const found = operations.find((/** @type {any} */ one) => one.operation === operation);
      shown = found ? code(request, found.path, kind === "python") : "No SDK has a method for this address.";
    }
    text.textContent = shown;
    place.replaceChildren(copy(shown));
  };
  const select = h("select", { "aria-label": "Language", onchange: () => show(select.value) }, [["curl", "curl"], ["node", "stripe-node"], ["python", "stripe-python"]].map(([value, label]) => h("option", { value }, label)));
  return section("As code", h("div", { class: "bar" }, select, place), text);
}

/** @param {HTMLElement} main @param {string} id @param {AbortSignal} signal */
async function one(main, id, signal) {
  const found = await get(`requests/${id}`);
  const { method, path, operation, status, error, fault, parameters = {}, later = [] } = found;
  const again = () => go("requests", { id }, true);
  const facts = [
    ["Request", h("code", id)], ["Address", h("code", `${method} ${path}`)], ["Time", [time(found.created), found.at ? [" (", ago(found.at), ")"] : ""]], ["Took", lasted(found.duration_us)], ["Sandbox", found.sandbox],
    ["Key", h("code", found.key ?? "none")], ["API version", found.version], ["Account", found.account && idLink(found.account)], ["Idempotency key", found.idempotency_key && h("code", found.idempotency_key)],
    ["Fault", fault && link(fault, "faults")],
  ];
  main.append(
    h("h1", statusChip(status), ` ${operation ?? path}`),
    error && h("div", { class: "notice" }, h("b", error.message), h("div", words(error)), error.charge && h("div", "charge ", idLink(error.charge)), error.payment_intent?.id && h("div", idLink(error.payment_intent.id))) || "",
    h("div", { class: "bar" }, action("Send again", "POST", `requests/${id}/resend`, {}, (answer) => go("requests", { id: answer.id })),
      found.seq ? link("In the timeline", "timeline", { before: found.seq + 1, open: found.seq }) : "", operation ? link("Others of this operation", "requests", { operation }) : ""),
    h("dl", facts.filter(([, value]) => value).map(([name, value]) => [h("dt", name), h("dd", value)])),
    section("Parameters", Object.keys(parameters).length ? json(parameters, 4) : empty("None.")),
    ...whole(found, later, again),
    section(`Answer${found.answer_bytes ? ` (${found.answer_bytes.toLocaleString("en")} bytes)` : ""}`, found.answer ? [json(found.answer), h("p", copy(JSON.stringify(found.answer, null, 2), "Copy the JSON"))] : empty("It was not kept: only the newest answers are.")),
    asCode(found));
}

/** @type {import("./core.js").Page} */
export default {
  name: "requests", title: "Requests", key: "q",
  async show(main, params, signal) {
    const id = params.get("id");
    await (id ? one(main, id, signal) : list(main, params, signal));
  },
};
