// Coverage: what was called that has only its shape or is absent, and so tells whether a green test can be trusted.
import { chip, curlOf, empty, get, h, link, section } from "./core.js";
import { counted, drawn, finder, grid, quiet, small } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */

/** @type {Record<string, [string, any]>} */
const KINDS = {
  rules: ["rules", "ok"], shape: ["only its shape", "warn"], absent: ["absent: 501", "bad"], unknown: ["no such address", "bad"],
};

/** @param {Row[]} rows @param {string} caption @param {string} none */
const calls = (rows, caption, none) => grid(rows, caption, none,
  ["Operation", (it) => [it.operation ?? "—", small(h("code", `${it.method} ${it.path}`))]],
  ["Has", (it) => chip(...KINDS[it.coverage])],
  ["Calls", (it) => link(it.calls.toLocaleString("en"), "requests", it.operation ? { operation: it.operation } : { path: it.path }), true],
  ["Refused", (it) => it.failed, true]);

export default {
  name: "coverage", title: "Coverage", key: "v",
  /** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
  async show(main, params, signal) {
    let search = (params.get("search") ?? "").toLowerCase();
    /** @type {Row[]} */
    let every = [];
    const verdict = h("div"), list = h("div");
    const draw = () => list.replaceChildren(calls(every.filter((it) => `${it.operation} ${it.method} ${it.path} ${it.coverage}`.toLowerCase().includes(search)), "Everything called, the most often first", "Nothing is like this."));
    const again = drawn(signal, ({ type }) => type === "request", [verdict, async () => {
      /** @type {{operations: Row[], unknown: Row[]}} */
      const { operations, unknown } = await get("coverage", { called: true });
      every = [...operations, ...unknown.map((it) => ({ ...it, coverage: "unknown" }))].sort((a, b) => b.calls - a.calls);
      let sum = 0;
      for (const { calls } of every) sum += calls;
      const doubtful = every.filter((it) => it.coverage !== "rules");
      draw();
      if (!every.length) return [empty("Nothing was called since the start of the server.")];
      return [
        h("p", { class: "verdict" }, doubtful.length ? [chip(`${doubtful.length} of ${every.length}`, "warn"), " of what your code called is not built in full: a green test says little about it."]
          : [chip("all built", "ok"), ` Your code called ${counted(every.length, "operation")}, and all have rules.`]),
        doubtful.length ? section("Do not trust a green test of", calls(doubtful, "Called, and not built in full", ""),
          quiet("Only its shape: the answer looks right, but no rule of the API checks or changes anything.")) : null,
        h("h2", `Everything called: ${counted(every.length, "operation")}, ${counted(sum, "call")}`),
      ];
    }]);
    main.append(verdict, finder(search, "operation, path, shape, absent", (text) => { search = text; draw(); }), list, curlOf("GET", "coverage", { called: true }));
    await again();
  },
};
