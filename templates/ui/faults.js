// Faults: what goes wrong on purpose, how often it did, and more of it from presets.
import { action, chip, empty, get, h, link, section, table } from "./core.js";
import { acts, bar, calling, part, quiet, small } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */

/** Each preset: its name, what it is for, its effect by the value, the value's label and its default. @type {Record<string, [string, (value: any) => any, string?, string?]>} */
const PRESETS = {
  rate_limit: ["Rate limit: answers 429", () => ({ error: "rate_limit" })],
  lock_timeout: ["Lock timeout: answers 429", () => ({ error: "lock_timeout" })],
  api_error: ["API error: answers 500", () => ({ error: "api_error" })],
  unavailable: ["Unavailable: answers 503", () => ({ error: "unavailable" })],
  decline: ["Decline every card", (value) => ({ decline: value }), "Decline code", "insufficient_funds"],
  delay: ["Delay the answer", (value) => ({ delay: range(value) }), "Milliseconds, or least-most", "2000"],
  before: ["Reset the connection, nothing is done", () => ({ reset: "before" })],
  after: ["Reset the connection, after it is done", () => ({ reset: "after" })],
  truncate: ["Cut the answer off", (value) => ({ truncate: Number(value) }), "Bytes", "100"],
  drop: ["Delivery: drop the event", () => ({ delivery: "drop" })],
  duplicate: ["Delivery: send it twice", () => ({ delivery: "duplicate" })],
  shuffle: ["Delivery: in another order", () => ({ delivery: "shuffle" })],
  late: ["Delivery: send it later", (value) => ({ delivery: { delay: range(value) } }), "Milliseconds, or least-most", "2000"],
};
const DELIVERIES = ["drop", "duplicate", "shuffle", "late"];

/** @param {string} text */
const range = (text) => /^\d+$/.test(text.trim()) ? Number(text) : text.split("-").map(Number);
/** @param {any} value */
const milliseconds = (value) => `${Array.isArray(value) ? value.join(" to ") : value} ms`;

/** @param {Row} effect */
function effectText({ error, decline, delay, reset, truncate, delivery }) {
  if (error) return `answers ${error}`;
  if (decline) return `declines with ${decline}`;
  if (delay !== undefined) return `delays by ${milliseconds(delay)}`;
  if (reset) return `resets the connection ${reset} the write`;
  if (truncate !== undefined) return `cuts the answer off after ${truncate} bytes`;
  return delivery?.delay !== undefined ? `delivers later, by ${milliseconds(delivery.delay)}` : `${delivery === "drop" ? "drops" : `${delivery}s`} deliveries`;
}

/** @param {Row} match */
const matchText = (match) => Object.entries(match ?? {}).filter(([, value]) => value !== null)
  .map(([name, value]) => `${name} ${typeof value === "object" ? Object.entries(value).map(([key, one]) => `${key} = ${one}`).join(", ") : value}`);

/** What a form asks for, as the call takes it. @param {Row} given */
function wanted(given) {
  const [, effect] = PRESETS[given.preset];
  const match = Object.fromEntries([[DELIVERIES.includes(given.preset) ? "event" : /^\//.test(given.what) ? "path" : "operation", given.what], ["method", given.method]].filter(([, value]) => value));
  const [field, value] = given.field.split(/=(.*)/s);
  return {
    ...(Object.keys(match).length || field ? { match: { ...match, ...(field ? { object: { [field.trim()]: value?.trim() ?? "" } } : {}) } } : {}),
    effect: effect(given.value),
    ...(given.times ? { times: Number(given.times) } : {}),
    ...(given.probability && given.probability !== "1" ? { probability: Number(given.probability) } : {}),
  };
}

/** @param {() => Promise<void>} again @param {string[]} operations */
function adding(again, operations) {
  const made = calling([
    { name: "preset", label: "What goes wrong", options: Object.entries(PRESETS).map(([name, [label]]) => [name, label]) },
    { name: "value", label: "Value" },
    { name: "what", label: "Operation or path", help: "such as charges.create or /v1/customers*; empty for all" },
    { name: "times", label: "How often", type: "number", value: 1, help: "empty for always" },
    { name: "probability", label: "How likely", value: 1, help: "from 0 to 1" },
    { name: "field", label: "Only if an object has", help: "such as metadata.tier=gold" },
  ], "Add fault", (given) => ["POST", "faults", {}, wanted(given)], again);
  const input = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (made.elements.namedItem(name));
  const names = h("datalist", { id: "operations" }, ...operations.map((name) => h("option", { value: name })));
  input("what").setAttribute("list", "operations");
  const chosen = () => {
    const [, , label, first] = PRESETS[input("preset").value];
    const value = input("value"), field = /** @type {HTMLElement} */ (value.parentElement);
    value.value = first ?? "";
    field.hidden = !label;
    const [named] = value.labels ?? [], delivery = DELIVERIES.includes(input("preset").value);
    if (named) named.textContent = label ?? "";
    const [what, help] = /** @type {HTMLElement} */ (input("what").parentElement).querySelectorAll("label,small");
    what.textContent = delivery ? "Event" : "Operation or path";
    help.textContent = delivery ? "such as charge.*; empty for all" : "such as charges.create or /v1/customers*; empty for all";
  };
  input("preset").addEventListener("change", chosen);
  chosen();
  return [made, names];
}

export default {
  name: "faults", title: "Faults", key: "f",
  /** @param {HTMLElement} main @param {URLSearchParams} _params @param {AbortSignal} signal */
  async show(main, _params, signal) {
    const shown = main.appendChild(h("div"));
    const again = part(shown, async () => {
      const { faults } = await get("faults");
      return faults.length ? [
        table([
          { title: "Fault", cell: (it) => h("span", { class: "mono" }, it.id) },
          { title: "What goes wrong", cell: (it) => effectText(it.effect) },
          { title: "For", cell: (it) => { const texts = matchText(it.match); return texts.length ? h("ul", ...texts.map((text) => h("li", text))) : "everything"; } },
          { title: "Applied", number: true, cell: (it) => h("div", `${it.struck}${it.times ? ` of ${it.times}` : ""} `, it.times === it.struck ? chip("used up", "quiet") : it.struck ? chip("applied", "warn") : null,
            small(`matched ${it.seen}${it.probability === undefined ? "" : `, likely ${it.probability}`}`)) },
          { title: acts(), cell: (it) => action("Remove", "DELETE", `faults/${it.id}`, {}, again) },
        ], faults, { caption: "Faults of this sandbox", empty: "" }),
        bar(action("Remove all", "DELETE", "faults", {}, again)),
      ] : [empty("Nothing goes wrong on purpose. Add a fault to see what your code does then.")];
    }, signal, (row) => !!row.request?.fault || row.type === "delivery" || /faults/.test(row.control?.path ?? ""));
    const [{ operations }] = await Promise.all([get("coverage"), again()]);
    main.append(section("Add a fault", ...adding(again, operations.map((/** @type {Row} */ it) => it.operation).filter(Boolean)),
      quiet("The answer to a request that a fault was applied to has the header Pinstripe-Fault. ", link("Requests", "requests"), " names it, too.")));
  },
};
