// Test cards: what each number does, to be found and copied.
import { copy, empty, get, h, section } from "./core.js";
import { counted, finder, grid, quiet, small } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */

/** @param {string} text */
const spaced = (text) => text.replace(/.{4}(?=.)/g, "$& ");
// So many steps of a kind there are.
/** @type {Record<string, number>} */
const STEPS = { payment: 5, setup: 3 };
/** @param {string[]} when */
function steps(when) {
  /** @param {string} it */
  const kind = (it) => it.split(/[ ,]/)[0];
  const whole = Object.keys(STEPS).filter((name) => when.filter((it) => kind(it) === name).length === STEPS[name]);
  return [...when.filter((it) => !whole.includes(kind(it))), ...whole.map((name) => `every ${name}`)].join("; ");
}
/** Outcomes of the same kind as one. @param {Row[]} outcomes */
function outcomesOf(outcomes) {
  /** @type {Map<string, string[]>} */
  const by = new Map();
  for (const { when, what } of outcomes) by.set(what, [...(by.get(what) ?? []), when]);
  return by.size ? h("ul", [...by].map(([what, when]) => h("li", h("b", what), small(steps(when))))) : "everything succeeds";
}
/** @param {string[]} names */
function named([first, ...more]) {
  /** @param {string} name */
  const shown = (name) => h("div", h("code", name), " ", copy(name));
  return first && [shown(first), more.length > 0 && h("details", h("summary", `${more.length} more`), more.map(shown))];
}

/** @param {Row[]} cards @param {string} caption */
const cardTable = (cards, caption) => grid(cards, caption, "",
  ["Number", (it) => h("span", { class: "once" }, h("code", spaced(it.number)), " ", copy(it.number))],
  ["Payment method, token", (it) => named([...it.payment_methods, ...it.tokens])],
  ["Card", (it) => [`${it.brand} ${it.country}`, small(it.funding)]],
  ["What happens", (it) => outcomesOf(it.outcomes)]);
/** @param {Row[]} banks @param {string} caption */
const bankTable = (banks, caption) => grid(banks, caption, "",
  ["Account", (it) => h("span", { class: "once" }, h("code", it.account), " ", copy(it.account), it.routing && small("routing number ", h("code", it.routing)))],
  ["Payment method, token", (it) => named(it.payment_methods)],
  ["What happens", (it) => [it.what, small(it.type)]]);

export default {
  name: "cards", title: "Test cards", key: "k",
  /** @param {HTMLElement} main @param {URLSearchParams} params */
  async show(main, params) {
    const { groups, banks } = await get("cards", { sandbox: null });
    const every = [...groups, { title: "Bank accounts", about: "For debits and payouts.", banks }];
    const found = h("p", { class: "quiet", "aria-live": "polite" }), list = h("div");
    /** @param {string} wanted */
    const draw = (wanted) => {
      const terms = wanted.split(/\s+/);
      let count = 0;
      const sections = every.flatMap(({ title, about, cards, banks }) => {
        /** @type {Row[]} */
        const all = cards ?? banks;
        const rows = all.filter((it) => {
          const text = `${title} ${JSON.stringify(it)}`.toLowerCase();
          return terms.every((term) => text.includes(term));
        });
        count += rows.length;
        return rows.length ? [section(title, quiet(about), cards ? cardTable(rows, title) : bankTable(rows, title))] : [];
      });
      found.textContent = counted(count, "number");
      list.replaceChildren(...sections, count ? "" : empty("No test number is like this."));
    };
    const search = params.get("search") ?? "";
    draw(search.toLowerCase());
    main.append(h("p", "Use a number with any future expiry date and any security code."), finder(search, "declined, 3DS, 4242, DE, pm_card_visa …", draw), found, list);
  },
};
