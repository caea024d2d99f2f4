// Waiting: what waits for a person, and what is to happen later, each with a way to do it now.
import { action, curlOf, get, h, idLink, link, section, time } from "./core.js";
import { away, bar, changing, counted, drawn, fold, grid, quiet, small, span, words } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */

/** @param {Row} it */
const of = (it) => h("div", idLink(it.id, it.account), small(it.object, it.account && [" of ", idLink(it.account)]));
/** Rows of the same kind at the same time, as one. @param {Row[]} due */
function grouped(due) {
  const groups = new Map();
  for (const it of due) {
    const name = [it.at, it.object, it.what, it.test_clock].join("|");
    groups.set(name, [...(groups.get(name) ?? []), it]);
  }
  return [...groups.values()];
}

/** What is due as a table. @param {Row[]} due @param {number} now @param {import("./parts.js").Again} again */
export const dueTable = (due, now, again) => grid(grouped(due), "What is scheduled, the next first", "Nothing is scheduled.",
  ["When", ([it]) => [time(it.at), small(it.test_clock ? ["by ", idLink(it.test_clock)] : span(it.at - now))]],
  ["What", ([it]) => words(it.what)],
  ["Object", ([it, ...more]) => more.length ? fold(`${it.at}/${it.object}`, counted(more.length + 1, words(it.object)),
    () => h("ul", [it, ...more].map((one) => h("li", idLink(one.id), " ", action("Do it now", "POST", `due/${one.id}`, {}, again))))) : of(it)],
  ["", ([it, ...more]) => more.length === 0 && bar(it.object === "subscription" ? link("Billing", "billing", { id: it.id })
    : it.object === "test_helpers.test_clock" ? link("Clock", "clock") : action("Do it now", "POST", `due/${it.id}`, {}, again))]);

export default {
  name: "waiting", title: "Waiting", key: "a",
  /** @param {HTMLElement} main @param {URLSearchParams} _params @param {AbortSignal} signal */
  async show(main, _params, signal) {
    const again = drawn(signal, changing, [main.appendChild(h("div")), async () => {
      const [{ waiting, has_more: more }, { due, now, has_more: later }] = await Promise.all([get("waiting"), get("due", { limit: 300 })]);
      return [
        section("For somebody to do", grid(waiting, "What waits for a person", "Nobody has anything to do.",
          ["What", (it) => it.what],
          ["Object", of],
          ["Since", (it) => [time(it.created), it.expires_at && small("until ", time(it.expires_at))]],
          ["", (it) => bar(it.url && away(it.url, "Open", "button"), it.do.map((/** @type {Row} */ one) => action(one.what, one.method, one.path, one.parameters, again)))]),
        more && quiet("There is more.")),
        section("Later, by itself", dueTable(due, now, again), later && quiet("There is more."),
          quiet("“Do it now” moves no clock. A subscription is renewed by its clock only: ", link("Clock", "clock"), "."), curlOf("GET", "due")),
      ];
    }]);
    await again();
  },
};
