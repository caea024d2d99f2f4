// Faults: what goes wrong on purpose, how often it did, and more of it from presets.
import { action, chip, empty, get, h, section } from "./core.js";
import { bar, calling, drawn, grid, quiet, small } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */

/** @param {string} text */
const range = (text) => /-/.test(text) ? text.split("-").map(Number) : Number(text);
const DELAY = "Milliseconds, or least-most";
/** Each preset: what it is called, its effect by a value, the value's label and default. @type {[string, (value: any) => any, string?, string?][]} */
const PRESETS = [
  ["Rate limit: answers 429", () => ({ error: "rate_limit" })],
  ["Lock timeout: answers 429", () => ({ error: "lock_timeout" })],
  ["API error: answers 500", () => ({ error: "api_error" })],
  ["Unavailable: answers 503", () => ({ error: "unavailable" })],
  ["Decline every card", (decline) => ({ decline }), "Decline code", "insufficient_funds"],
  ["Delay the answer", (value) => ({ delay: range(value) }), DELAY, "2000"],
  ["Reset the connection, nothing is done", () => ({ reset: "before" })],
  ["Reset the connection, after it is done", () => ({ reset: "after" })],
  ["Cut the answer off", (value) => ({ truncate: Number(value) }), "Bytes", "100"],
  ["Delivery: drop the event", () => ({ delivery: "drop" })],
  ["Delivery: send it twice", () => ({ delivery: "duplicate" })],
  ["Delivery: in another order", () => ({ delivery: "shuffle" })],
  ["Delivery: send it later", (value) => ({ delivery: { delay: range(value) } }), DELAY, "2000"],
];
/** @param {string} preset */
const ofDelivery = (preset) => /^Delivery/.test(PRESETS[Number(preset)][0]);

/** What a fault does or matches, in words: `{"delivery":{"delay":[1,9]}}` is `delivery delay 1 to 9`. @param {any} value @returns {string} */
const said = (value) => Array.isArray(value) ? value.join(" to ") : value && typeof value === "object" ? Object.entries(value).map(([name, one]) => `${name} ${said(one)}`).join(", ") : String(value);

/** What the form asks for, as the call takes it. @param {Row} given */
function wanted({ preset, value, what, times, probability, field }) {
  const [name, ...is] = field.split("=");
  const match = {
    ...(what && { [ofDelivery(preset) ? "event" : /^\//.test(what) ? "path" : "operation"]: what }),
    ...(name && { object: { [name.trim()]: is.join("=").trim() } }),
  };
  return {
    ...((what || name) && { match }), effect: PRESETS[preset][1](value),
    ...(times && { times: Number(times) }), ...(probability !== "1" && { probability: Number(probability) }),
  };
}

/** @param {() => Promise<void>} again @param {Row[]} operations */
function adding(again, operations) {
  const made = calling([
    { name: "preset", label: "What goes wrong", options: PRESETS.map(([label], i) => [String(i), label]) },
    { name: "value", label: "" },
    { name: "what", label: "", help: "-" },
    { name: "times", label: "How often", type: "number", value: 1, help: "empty for always" },
    { name: "probability", label: "How likely", type: "number", value: 1, help: "from 0 to 1" },
    { name: "field", label: "Only if an object has", help: "such as metadata.tier=gold" },
  ], "Add fault", (given) => ["POST", "faults", {}, wanted(given)], again);
  /** @type {Row} */
  const { preset, value, what, probability } = made.elements;
  probability.step = "any";
  what.setAttribute("list", "operations");
  const chosen = () => {
    const [, , label = "", first = ""] = PRESETS[preset.value];
    value.value = first;
    value.previousSibling.textContent = label;
    value.parentElement.hidden = !label;
    const event = ofDelivery(preset.value);
    what.previousSibling.textContent = event ? "Event" : "Operation or path";
    what.nextSibling.textContent = event ? "such as charge.*; empty for all" : "such as charges.create or /v1/customers*; empty for all";
  };
  preset.addEventListener("change", chosen);
  chosen();
  return [made, h("datalist", { id: "operations" }, operations.map(({ operation }) => h("option", { value: operation })))];
}

export default {
  name: "faults", title: "Faults", key: "f",
  /** @param {HTMLElement} main @param {URLSearchParams} _params @param {AbortSignal} signal */
  async show(main, _params, signal) {
    const shown = main.appendChild(h("div"));
    const again = drawn(signal, (row) => row.request?.fault || row.type === "delivery" || /faults/.test(row.control?.path), [shown, async () => {
      /** @type {{faults: Row[]}} */
      const { faults } = await get("faults");
      return faults.length ? [
        grid(faults, "Faults of this sandbox", "",
          ["Fault", (it) => h("code", it.id)],
          ["What goes wrong", (it) => said(it.effect)],
          ["For", (it) => said(it.match ?? {}) || "everything"],
          ["Applied", (it) => [`${it.struck}${it.times ? ` of ${it.times}` : ""} `, it.times === it.struck ? chip("used up") : it.struck > 0 && chip("applied", "warn"),
            small(`matched ${it.seen}${it.probability === undefined ? "" : `, likely ${it.probability}`}`)], true],
          ["", (it) => bar(action("Remove", "DELETE", `faults/${it.id}`, {}, again))]),
        bar(action("Remove all", "DELETE", "faults", {}, again)),
      ] : [empty("Nothing goes wrong on purpose. Add a fault to see what your code does then.")];
    }]);
    const [{ operations }] = await Promise.all([get("coverage"), again()]);
    main.append(section("Add a fault", adding(again, operations),
      quiet("The header Pinstripe-Fault of the answer names the fault.")));
  },
};
