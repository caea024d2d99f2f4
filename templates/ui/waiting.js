// Waiting: what waits for a person, and what is to happen later, each with a way to do it now.
import { action, curlOf, empty, get, h, idLink, link, section, table, time } from "./core.js";
import { acts, bar, counted, part, quiet, small, span, words } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */

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
export const dueTable = (due, now, again) => table([
  { title: "When", cell: ([it]) => h("div", time(it.at), it.test_clock ? small("by ", idLink(it.test_clock)) : small(span(it.at - now))) },
  { title: "What", cell: ([it]) => words(it.what) },
  { title: "Object", cell: (group) => group.length === 1 ? h("div", idLink(group[0].id), small(group[0].object, group[0].account && [" of ", idLink(group[0].account)]))
    : h("details", { "data-key": `${group[0].at}/${group[0].object}` }, h("summary", counted(group.length, words(group[0].object))),
      h("ul", ...group.map((/** @type {Row} */ it) => h("li", idLink(it.id), " ", action("Do it now", "POST", `due/${it.id}`, {}, again))))) },
  { title: acts(), cell: ([it, ...more]) => more.length ? null : it.object === "subscription" ? bar(link("Billing", "billing", { id: it.id }))
    : it.object === "test_helpers.test_clock" ? bar(link("Clock", "clock")) : bar(action("Do it now", "POST", `due/${it.id}`, {}, again)) },
], grouped(due), { caption: "What is scheduled, the next first", empty: "Nothing is scheduled." });

export default {
  name: "waiting", title: "Waiting", key: "a",
  /** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
  async show(main, params, signal) {
    const limit = Number(params.get("limit") ?? 100);
    const place = main.appendChild(h("div"));
    const again = part(place, async () => {
      const [{ waiting, has_more: more }, { due, now, has_more: later }] = await Promise.all([get("waiting"), get("due", { limit })]);
      return [
        section("For somebody to do", waiting.length ? table([
          { title: "What", cell: (it) => it.what },
          { title: "Object", cell: (it) => h("div", idLink(it.id), small(it.object, it.account && [" of ", idLink(it.account)])) },
          { title: "Since", cell: (it) => h("div", time(it.created), it.expires_at ? small("until ", time(it.expires_at)) : null) },
          { title: acts(), cell: (it) => bar(it.url ? h("a", { class: "button", href: it.url, target: "_blank", rel: "noopener" }, "Open") : null,
            ...it.do.map((/** @type {Row} */ one) => action(one.what, one.method, one.path, one.parameters, again))) },
        ], waiting, { caption: "What waits for a person", empty: "" }) : empty("Nobody has anything to do: no open Checkout, no 3-D Secure, no voucher, no open invoice."),
        more ? quiet("There is more.") : null),
        section("Later, by itself", dueTable(due, now, again), later ? h("p", link("Show more", "waiting", { limit: Math.min(limit * 5, 1000) })) : null,
          quiet("“Do it now” moves no clock. A subscription is renewed by its clock only: ", link("Clock", "clock"), "."), curlOf("GET", "due", { limit })),
      ];
    }, signal, () => true);
    await again();
  },
};
