// What several pages need: parts of a page that are drawn again while they are looked at, asking before something is lost, words.
import { action, api, curl, curlOf, form, h, keep, live, say, send, table } from "./core.js";

/** @typedef {any} Row */
/** @typedef {() => Promise<any>} Again */

/** @param {Element} of @param {string} name */
const near = (of, name) => of.closest(`[${name}]`)?.getAttribute(name);
/** @param {Element} it */
const known = (it) => [it.tagName, it.getAttribute("aria-label") ?? it.textContent, it.closest("tr")?.cells[0]?.textContent, near(it, "data-key")].join("|");

/**
 * Draws the parts of a page, and draws them again, at most each second, while things happen that concern it. What was open
 * stays open, and what had the focus keeps it.
 * @param {AbortSignal} signal @param {(row: Row) => any} concerns @param {...[Element, () => Promise<any[]>]} parts each with where it is
 * @returns {Again} draws them
 */
export function drawn(signal, concerns, ...parts) {
  let planned = 0, turn = 0;
  const again = async () => {
    const mine = ++turn;
    for (const [place, draw] of parts) {
      const nodes = await draw();
      if (signal.aborted || mine !== turn) return;
      const open = [...place.querySelectorAll("details[data-key][open]")].map((it) => near(it, "data-key") ?? "");
      const active = document.activeElement;
      const focus = active && place.contains(active) && known(active);
      place.replaceChildren(...nodes.filter(Boolean));
      for (const key of open) {
        const it = place.querySelector(`[data-key="${CSS.escape(key)}"]`);
        it?.setAttribute("open", "");
        it?.dispatchEvent(new Event("toggle"));
      }
      for (const it of focus ? place.querySelectorAll("a,button,summary,input,select") : []) if (known(it) === focus && it instanceof HTMLElement) it.focus();
    }
  };
  live((rows, missing) => {
    if (missing || rows.some(concerns)) planned ||= window.setTimeout(() => { planned = 0; again().catch(() => {}); }, 1000);
  }, signal);
  signal.addEventListener("abort", () => clearTimeout(planned));
  return again;
}

/** Whether something has changed an object or a clock. @param {Row} row */
export const changing = (row) => row.type === "work" || row.type === "control" || row.changes_total > 0;

/** Asks before something is lost. @param {string} sentence @param {Node} yes the button that does it @param {string} [line] */
function ask(sentence, yes, line) {
  const dialog = h("dialog", { "aria-label": sentence, onclose: () => dialog.remove() }, h("p", sentence), line && pre(line),
    bar(yes, h("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, "Cancel")));
  yes.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
/**
 * A button that asks before it makes a call.
 * @param {string} label @param {string} sentence @param {string} method @param {string} path @param {any} [params] @param {Again} [after]
 */
export const destroy = (label, sentence, method, path, params, after) => h("button", {
  type: "button", onclick: () => ask(sentence, action(label, method, path, params, after), curl(method, path, params)),
}, label);
/**
 * A form that makes a call, with the command line of it as it is filled in. With a sentence it asks before.
 * @param {Parameters<typeof form>[0]} fields @param {string} label @param {(given: Row) => [string, string, any?, any?]} make @param {Again} after
 * @param {(given: Row) => string} [sentence]
 */
export function calling(fields, label, make, after, sentence) {
  /** @param {[string, string, any?, any?]} call */
  const run = async ([method, path, params, body]) => {
    await (/^\/v1/.test(path) ? api(method, path, params) : send(method, path, params, body instanceof Blob ? await body.text() : body));
    say(`${label}: done.`);
    await after();
  };
  const made = form(fields, label, (given) => {
    const call = make(given);
    if (!sentence) return run(call);
    ask(sentence(given), h("button", { type: "button", onclick: () => run(call).catch((problem) => say(problem.message, true)) }, label));
  });
  let line = h("details");
  const show = () => {
    const [method, path, params, body] = make(Object.fromEntries(new FormData(made)));
    const fresh = curlOf(method, path, params, body instanceof File ? `@${body.name}` : body);
    fresh.open = line.open;
    line.replaceWith(fresh);
    line = fresh;
  };
  made.append(line);
  made.addEventListener("input", show);
  show();
  return made;
}

/** @param {...any} of */
export const bar = (...of) => h("div", { class: "bar" }, of);
/** @param {...any} of */
export const rows = (...of) => h("div", { class: "rows" }, of);
/** @param {...any} of */
export const quiet = (...of) => h("p", { class: "quiet" }, of);
/** @param {...any} of */
export const dim = (...of) => h("span", { class: "quiet" }, of);
/** @param {...any} of */
export const small = (...of) => h("small", of);
/** A field that finds while one types; what is typed stands in the address. @param {string} value @param {string} hint @param {(text: string) => void} draw */
export function finder(value, hint, draw) {
  const field = h("input", { type: "search", id: "finder", value, placeholder: hint, oninput: () => { keep({ search: field.value }); draw(field.value.trim().toLowerCase()); } });
  return h("div", { class: "field search" }, h("label", { for: "finder" }, "Search"), field);
}
/**
 * A table of rows, by its columns; one without a title is of buttons.
 * @param {Row[]} rows @param {string} caption @param {any} none @param {...[string, (it: Row) => any, boolean?]} columns
 */
export const grid = (rows, caption, none, ...columns) => table(columns.map(([title, cell, number]) => ({ title: title || h("span", { class: "hidden" }, "Actions"), cell, number })), rows, { caption, empty: none });
/**
 * What folds: made when it is opened, and as open as it was when the part is drawn again.
 * @param {string} key @param {any} summary @param {() => any} make
 */
export function fold(key, summary, make) {
  const folded = h("details", { "data-key": key, ontoggle: () => folded.children[1] ?? folded.append(h("div", make())) }, h("summary", summary));
  return folded;
}
/** The same as a row of a list. @param {string} key @param {any} summary @param {() => any} make */
export function foldedRow(key, summary, make) {
  const row = fold(key, summary, make);
  row.dataset.row = "";
  return row;
}
/** @param {string} text */
export const pre = (text) => h("pre", { tabindex: 0 }, text);
/** @param {string} href @param {string} text @param {string} [look] */
export const away = (href, text, look) => h("a", { href, class: look, target: "_blank", rel: "noopener" }, text);
/** @param {number} count @param {string} one */
export const counted = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
/** A name of the server in words: `tell_of_renewal`. @param {string} name */
export const words = (name) => name.replace(/^test_helpers\./, "").replace(/[._]/g, " ");
/** How far a moment is, in words. @param {number} seconds */
export function span(seconds) {
  const size = Math.abs(seconds) / 2;
  /** @type {[Intl.RelativeTimeFormatUnit, number]} */
  const [unit, length] = size >= 86400 ? ["day", 86400] : size >= 3600 ? ["hour", 3600] : ["minute", 60];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(seconds / length), unit);
}
