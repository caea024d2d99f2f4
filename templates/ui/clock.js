// Clock: what time it is in the sandbox, and how to move it; and the test clocks of the API.
import { action, chip, get, h, idLink, say, section, time } from "./core.js";
import { bar, calling, changing, counted, destroy, dim, drawn, grid, quiet, small, span, words } from "./parts.js";
import { dueTable } from "./waiting.js";

/** @typedef {import("./parts.js").Row} Row */

/** @type {Record<string, [string, any?]>} */
const KINDS = { real: ["as the machine's", "ok"], ahead: ["ahead of the machine's"], frozen: ["frozen"] };
/** @type {[string, number][]} */
const STEPS = [["+ 1 hour", 3600], ["+ 1 day", 86400], ["+ 1 week", 604800]];
/** The seconds of a calendar month from a time on. @param {number} from */
const month = (from) => {
  const date = new Date(from * 1000), day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + 1);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime() / 1000 - from;
};
/** @param {string} text */
const seconds = (text) => Date.parse(text) / 1000;
/** @param {number} at */
const entered = (at) => new Date((at - new Date().getTimezoneOffset() * 60) * 1000).toISOString().slice(0, 16);

/** @param {Row} due @param {number} now */
const next = (due, now) => [words(due.what), " ", idLink(due.id), ` ${span(due.at - now)}`];

/** @param {Row[]} clocks @param {Row[]} due @param {import("./parts.js").Again} again */
function testClocks(clocks, due, again) {
  /** @param {Row} it @param {string} label @param {number} at */
  const to = (it, label, at) => action(label, "POST", `/v1/test_helpers/test_clocks/${it.id}/advance`, { frozen_time: at }, again);
  return grid(clocks, "Test clocks", "There is no test clock. A test clock has customers of its own, and moves only them.",
    ["Test clock", (it) => [it.name ?? "without a name", small(idLink(it.id))]],
    ["Its time", (it) => [time(it.frozen_time), it.status !== "ready" && small(it.status)]],
    ["Next", (it) => {
      const first = due.find((one) => one.test_clock === it.id);
      return first ? h("div", next(first, it.frozen_time), " ", to(it, "Go there", first.at)) : "nothing";
    }],
    ["", (it) => bar(to(it, "+ 1 day", it.frozen_time + 86400), to(it, "+ 1 month", it.frozen_time + month(it.frozen_time)),
      destroy("Delete", `This deletes the test clock ${it.name ?? it.id} with its customers and all that belongs to them.`, "DELETE", `/v1/test_helpers/test_clocks/${it.id}`, {}, again))]);
}

export default {
  name: "clock", title: "Clock", key: "c",
  /** @param {HTMLElement} main @param {URLSearchParams} _params @param {AbortSignal} signal */
  async show(main, _params, signal) {
    const shown = h("div"), later = h("div"), clocks = h("div"), face = h("p", { class: "now" });
    /** @type {Row} */
    let clock = {};
    let read = 0;
    const tick = () => {
      const now = clock.clock === "frozen" ? clock.now : Math.floor(clock.now + (Date.now() - read) / 1000 * clock.speed);
      face.replaceChildren(time(now), " ", h("code", { class: "quiet" }, now));
    };
    /** @param {string} label @param {Row} params */
    const by = (label, params) => action(label, "POST", "clock", params, async ({ done = 0 }) => {
      say(`${label}: ${counted(done, "thing")} happened.`);
      await all();
    });
    const all = drawn(signal, changing, [shown, async () => {
      /** @type {[Row, {due: Row[]}]} */
      const [is, { due }] = await Promise.all([get("clock"), get("due", { limit: 20 })]);
      clock = is;
      read = Date.now();
      tick();
      later.replaceChildren(dueTable(due, is.now, all));
      const first = due.find((it) => !it.test_clock), [text, kind] = is.speed !== 1 && is.clock !== "frozen" ? [`${is.speed} times as fast`] : KINDS[is.clock];
      return [
        h("p", "The clock of this sandbox is ", chip(text, kind ?? "warn")), face,
        bar("Advance by", STEPS.map(([label, advance]) => by(label, { advance })), by("+ 1 month", { advance: month(is.now) })),
        first ? bar(by("To the next thing", { advance: "next" }), dim(next(first, is.now))) : quiet("Nothing is due by this clock."),
        bar(is.clock !== "frozen" && by("Freeze", { freeze: "now" }), is.clock !== "real" && by("Follow the machine's clock", { real: true })),
      ];
    }], [clocks, async () => {
      /** @type {[{objects: Row[]}, {due: Row[]}]} */
      const [{ objects }, { due }] = await Promise.all([get("objects", { kind: "test_helpers.test_clock", limit: 100 }), get("due", { limit: 1000 })]);
      const list = objects.map(({ object }) => object);
      if (list.some(({ status }) => status === "advancing")) setTimeout(() => { if (!signal.aborted) all(); }, 300);
      return [testClocks(list, due, all)];
    }]);
    await all();
    const ticking = setInterval(tick, 1000);
    signal.addEventListener("abort", () => clearInterval(ticking));
    const at = { name: "at", label: "Time", type: "datetime-local", value: entered(clock.now), required: true };
    main.append(shown,
      h("div", { class: "cards" },
        section("Advance by", calling([
          { name: "count", label: "Number", type: "number", value: 3, required: true },
          { name: "unit", label: "Unit", options: [["86400", "days"], ["3600", "hours"], ["60", "minutes"], ["1", "seconds"]] },
        ], "Advance", ({ count, unit }) => ["POST", "clock", { advance: Math.round(count * unit) }], all)),
        section("Freeze", calling([at], "Freeze at this time", (given) => ["POST", "clock", { freeze: seconds(given.at) }], all)),
        section("Run faster", calling([{ name: "speed", label: "Times as fast", type: "number", value: 3600, required: true, help: "3600: an hour each second" }],
          "Run", ({ speed }) => ["POST", "clock", { speed }], all))),
      section("What comes next", later),
      section("Test clocks", clocks, calling([{ name: "name", label: "Name" }, at],
        "Create test clock", (given) => ["POST", "/v1/test_helpers/test_clocks", { frozen_time: seconds(given.at), name: given.name || null }], all)));
  },
};
