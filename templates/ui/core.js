// What every page of the UI shares: elements, calls, links, the stream.

/** @typedef {Record<string, any>} Params */
/** @typedef {Node | string | number | null | undefined | false} Leaf */
/** @typedef {Leaf | any[]} Child */
/** @typedef {{path: string, before?: any, after?: any}} Field */
/** @typedef {{what: string, object: string, id: string, account?: string | null, fields?: Field[], before?: any, after?: any}} Change */
/** @typedef {{seq: number, at: number, created: number, sandbox: string, type: string, request?: any, work?: any, control?: any, delivery?: any, changes?: Change[], changes_total?: number, events?: {id: string, type: string}[], events_total?: number}} Row */
/** @typedef {{name: string, title: string, key: string, show(main: HTMLElement, params: URLSearchParams, signal: AbortSignal): Promise<void> | void}} Page */

const UI = new URL(document.baseURI);
const [, ROOT, OWN] = /** @type {RegExpMatchArray} */ (UI.pathname.match(/^(.*?\/)(?:_sandbox\/([^/]+)\/)?_pinstripe\/ui\/$/));
/** @type {HTMLMetaElement | null} */
const NAMED = document.querySelector("meta[name=sandbox]");
const HOME = NAMED?.content ?? OWN ?? "default";

/** What the address says: the sandbox and the account that calls are for. */
export const state = { sandbox: HOME, account: "" };

/** Reads the state from the address. */
export function readState() {
  const params = new URLSearchParams(location.search);
  state.sandbox = params.get("sandbox") ?? HOME;
  state.account = params.get("account") ?? "";
}

/** The refusal of a call, in words. */
export class Problem extends Error {}

/**
 * An element: attributes, `on…` functions, children; what is null or false is left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any> | Child} [props] @param {...Child} children @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  const plain = props?.constructor === Object ? props : null;
  for (const [name, value] of Object.entries(plain ?? {})) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (/^(value|checked|selected)$/.test(name)) Reflect.set(element, name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...[plain ? [] : props, ...children].flat(9).filter((child) => typeof child !== "boolean" && child !== null && child !== undefined));
  return element;
}

/** Text that stands back. @param {...Child} children */
export const quiet = (...children) => h("span", { class: "n" }, ...children);

/** @param {any} value @param {string} [name] @returns {[string, string][]} the pairs of a form */
function pairs(value, name = "") {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => pairs(inner, name ? `${name}[${key}]` : key));
}

// These calls are for no sandbox, and refuse the parameter.
const UNBOUND = /^(sandboxes|requests\/|activity\/|ca\.pem|coverage|$)/;
/** @param {string} method @param {string} path @param {Params} params @returns {[string, Params]} */
function control(method, path, params) {
  const name = path.replace(/^\/?(_pinstripe\/)?/, "");
  const free = UNBOUND.test(name) || (method === "GET" && name === "trigger");
  return [`${ROOT}_pinstripe/${name}`, free || "sandbox" in params ? params : { sandbox: state.sandbox, ...params }];
}
const keyOfSandbox = () => (state.sandbox === "default" ? "sk_test_ui" : `sk_test_sandbox_${state.sandbox}`);

/** @param {string} address @param {RequestInit} init */
async function call(address, init) {
  const answer = await fetch(address, init).catch(() => { throw new Problem("The server does not answer. Is it still running?"); });
  const text = await answer.text();
  let found;
  try {
    found = JSON.parse(text || "{}");
  } catch {}
  if (answer.ok && found) return found;
  throw new Problem(found?.error?.message ?? `The server answered ${answer.status}: ${text.slice(0, 200)}`);
}
/** @param {Params} params */
const query = (params) => {
  const text = new URLSearchParams(pairs(params)).toString();
  return text && `?${text}`;
};

/** @param {any} body */
const textOf = (body) => (typeof body === "object" ? JSON.stringify(body) : body);

/** A control call that changes nothing. @param {string} path @param {Params} [params] @returns {Promise<any>} */
export function get(path, params = {}) {
  const [address, all] = control("GET", path, params);
  return call(address + query(all), {});
}
/**
 * A control call that changes something; a document goes in the body.
 * @param {string} method @param {string} path @param {Params} [params] @param {any} [body] @returns {Promise<any>}
 */
export function send(method, path, params = {}, body) {
  const [address, all] = control(method, path, params);
  return call(address + query(all), { method, body: textOf(body) });
}
/** A call of the API. @param {string} method @param {string} path @param {Params} [params] @param {string | null} [account] @returns {Promise<any>} */
export function api(method, path, params = {}, account = state.account) {
  // What the page does is not what somebody's code has called, and what it only reads has not happened.
  const read = method === "GET";
  const headers = { Authorization: `Bearer ${keyOfSandbox()}`, "Pinstripe-Ui": "1", ...(read || path.endsWith("preview") ? { "Pinstripe-Log": "off" } : {}), ...(account ? { "Stripe-Account": account } : {}) };
  return call(ROOT + path.slice(1) + (read ? query(params) : ""), { method, headers, body: read ? null : new URLSearchParams(pairs(params)) });
}

const API = /^\/(v1|v2|oauth)\b/;
/** @param {string} text */
const quote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
/** The command line of a call. @param {string} method @param {string} path @param {Params} [params] @param {any} [body] @param {{key?: string, headers?: Record<string, string>}} [more] */
export function curl(method, path, params = {}, body, more = {}) {
  const ours = !API.test(path);
  const [address, all] = ours ? control(method, path, params) : [ROOT + path.slice(1), params];
  const inQuery = ours || method === "GET";
  const words = ["curl", quote(location.origin + address + (inQuery ? query(all) : ""))];
  if (!ours) words.push("-u", quote(`${more.key ?? keyOfSandbox()}:`));
  const headers = more.headers ?? (!ours && state.account ? { "Stripe-Account": state.account } : {});
  for (const name in headers) words.push("-H", quote(`${name}: ${headers[name]}`));
  const data = body === undefined ? [] : [["--data-binary", textOf(body)]];
  if (!inQuery) data.push(...pairs(all).map(([name, value]) => [/[&=%+]/.test(value) ? "--data-urlencode" : "-d", `${name}=${value}`]));
  if (method !== (data.length ? "POST" : "GET")) words.push("-X", method);
  return [...words, ...data.flatMap(([flag, value]) => [flag, quote(value)])].join(" ");
}
/** A button that copies a text. @param {string} text @param {string} [label] */
export function copy(text, label = "Copy") {
  return h("button", { type: "button", class: "small", onclick: () => navigator.clipboard.writeText(text).then(() => say("Copied."), wrong) }, label);
}
/** Says what went wrong. @param {any} error */
export const wrong = (error) => say(error.message ?? String(error), true);
/** The command line of a call, folded. @param {string} method @param {string} path @param {Params} [params] @param {any} [body] */
export function curlOf(method, path, params, body) {
  const line = curl(method, path, params, body);
  return h("details", { class: "curl" }, h("summary", "curl"), h("pre", { tabindex: 0 }, line), copy(line));
}

/** The line that tells what came of an action. */
export const statusLine = h("p", { id: "status", role: "status" });
/** Says something in the status line. @param {string} text @param {boolean} [bad] */
export function say(text, bad = false) {
  statusLine.textContent = text;
  statusLine.className = bad ? "bad" : "ok";
}
/**
 * A button that makes a call and says what came of it; its title is the command line.
 * @param {string} label @param {string} method @param {string} path @param {Params} [params] @param {(answer: any) => any} [after] @param {any} [body]
 */
export function action(label, method, path, params = {}, after, body) {
  const button = h("button", {
    type: "button", title: curl(method, path, params, body),
    async onclick() {
      button.disabled = true;
      try {
        const answer = API.test(path) ? await api(method, path, params) : await send(method, path, params, body);
        say(`${label}: done.`);
        await after?.(answer);
        // Another page clears the line.
        if (!statusLine.textContent) say(`${label}: done.`);
      } catch (error) {
        wrong(error);
      }
      button.disabled = false;
    },
  }, label);
  return button;
}

/** The address of a page; the sandbox stays. @param {string} page @param {Params} [params] */
export function url(page, params = {}) {
  const to = new URL(page === "timeline" ? "./" : page, UI);
  const all = { sandbox: state.sandbox === HOME ? "" : state.sandbox, account: state.account, ...params };
  return to.pathname + query(Object.fromEntries(Object.entries(all).filter(([, value]) => value)));
}
/** @param {Child} text @param {string} page @param {Params} [params] */
export const link = (text, page, params) => h("a", { href: url(page, params) }, text);
/** Goes to a page. @param {string} page @param {Params} [params] @param {boolean} [replace] instead of the entry of the history */
export const go = (page, params, replace) => goTo(url(page, params), replace);
/** @param {string} address @param {boolean} [replace] */
export function goTo(address, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  dispatchEvent(new Event("go"));
}
/** Changes parameters in the address without drawing the page again. @param {Params} params */
export function keep(params) {
  history.replaceState(null, "", url(pageName(), { ...Object.fromEntries(new URLSearchParams(location.search)), ...params }));
}
/** Goes to the same page in another sandbox. @param {string} name */
export function setSandbox(name) {
  state.sandbox = name;
  state.account = "";
  go(pageName());
}
/** The page that the address names. */
export const pageName = () => decodeURI(location.pathname).slice(UI.pathname.length).replace(/\/.*/, "") || "timeline";

const PAGES = /** @type {Record<string, string>} */ ({ req: "requests", evt: "events", wh: "webhooks" });
/** An id that leads to what it names. @param {string} id @param {string | null} [account] */
export function idLink(id, account) {
  return h("a", { href: url(PAGES[id.split("_")[0]] ?? "objects", { id, ...(account ? { account } : {}) }), class: "id" }, id);
}
const ID = /\b((?:cus|ch|pi|evt|req|prod|acct|seti)_\w{3,}|[a-z]{2,8}(?:_(?:test|sched|1))?_(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{8,})\b/;
/** A text with its ids as links. @param {string} text @returns {(Node | string)[]} */
export function idify(text) {
  return text.split(ID).map((part, index) => (index % 2 ? idLink(part) : part));
}

const MOMENT = /(?:_at|_on|_end|_start|created|date|_by|anchor|deadline|now)$/;
/** @param {any} value @param {string} name */
function scalar(value, name) {
  if (typeof value === "string") return h("span", { class: "ok" }, '"', /^https?:\/\//.test(value) ? h("a", { href: value, rel: "noreferrer", target: "_blank" }, value) : idify(value), '"');
  return h("span", { class: value === null ? "n" : "warn" }, String(value), value > 1e9 && value < 1e10 && MOMENT.test(name) && quiet(" ", time(value)));
}
/** @param {any} value @param {string} name @param {number} depth @param {number} open @returns {HTMLElement} */
function branch(value, name, depth, open) {
  const label = name && h("span", { class: "k" }, name, ": ");
  if (!value || typeof value !== "object") return h("div", label, scalar(value, name));
  const entries = Object.entries(value);
  const [left, right] = Array.isArray(value) ? "[]" : "{}";
  if (!entries.length) return h("div", label, quiet(left + right));
  const inner = h("div", { class: "in" });
  // Only what is unfolded is drawn.
  const fill = () => inner.firstChild || inner.append(...entries.map(([key, one]) => branch(one, key, depth + 1, open)));
  if (depth < open) fill();
  return h("details", { open: depth < open, ontoggle: fill }, h("summary", label, quiet(`${left} ${entries.length} ${right}`)), inner);
}
/** A document as a tree that folds, with ids as links. @param {any} value @param {number} [open] how deep it is unfolded */
export function json(value, open = 2) {
  return h("div", { class: "json", tabindex: 0, role: "group", "aria-label": "JSON" }, branch(value, "", 0, open));
}

/** The tree of a document, and a button that copies it. @param {any} value @param {number} [open] */
export const raw = (value, open) => [json(value, open), h("p", copy(JSON.stringify(value, null, 2), "Copy the JSON"))];

/**
 * @template T
 * @param {{title: Child, cell(row: T): Child, number?: boolean}[]} columns @param {T[]} rows
 * @param {{caption?: string, empty?: Child}} [settings] the caption is for those who do not see
 */
export function table(columns, rows, { caption = "", empty: nothing = "Nothing." } = {}) {
  if (!rows.length) return empty(nothing);
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": caption || "Table" },
    h("table", caption && h("caption", { class: "hidden" }, caption),
      h("thead", h("tr", columns.map(({ title, number }) => h("th", { scope: "col", class: number && "num" }, title)))),
      h("tbody", rows.map((row) => h("tr", columns.map(({ cell, number }) => h("td", { class: number && "num" }, cell(row))))))));
}

/** @param {Date} date */
export const clockOf = (date) => date.toTimeString().slice(0, 8);
/** @param {Date} date */
const dayOf = (date) => date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
/** A moment of a sandbox's clock. @param {number | null | undefined} seconds */
export function time(seconds) {
  if (!seconds) return quiet("–");
  const date = new Date(seconds * 1000), title = date.toISOString();
  return h("time", { datetime: title, title }, `${dayOf(date)} ${clockOf(date)}`);
}
/** How long ago a moment of the machine's clock is. @param {number} ms */
export function ago(ms) {
  return h("time", { "data-ago": ms, title: new Date(ms).toString() }, since(ms));
}
/** @param {number} ms */
function since(ms) {
  const s = Math.max(0, (Date.now() - ms) / 1000);
  const [of, unit] = s < 100 ? [1, "s"] : s < 6000 ? [60, "min"] : s < 1e5 ? [3600, "h"] : [86400, "days"];
  return `${Math.round(s / of)} ${unit} ago`;
}
setInterval(() => document.querySelectorAll("time[data-ago]").forEach((one) => { one.textContent = since(Number(one.getAttribute("data-ago"))); }), 5000);
/** @param {number | null | undefined} micros */
export const lasted = (micros) => (!micros ? "" : micros < 1000 ? `${micros} µs` : micros < 1e6 ? `${(micros / 1000).toFixed(micros < 1e4 ? 1 : 0)} ms` : `${(micros / 1e6).toFixed(1)} s`);
/** An amount in the currency's smallest unit. @param {number} amount @param {string} currency */
export function money(amount, currency) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** @param {any} value */
const brief = (value) => (value === undefined ? "–" : value && typeof value === "object" ? json(value, 0) : scalar(value, "created"));
/** What changed: each field before and after. @param {Field[]} fields */
export function diff(fields) {
  return table([
    { title: "Field", cell: ({ path }) => h("code", path) },
    { title: "Before", cell: (field) => h("span", { class: "bad" }, brief(field.before)) },
    { title: "After", cell: (field) => h("span", { class: "ok" }, brief(field.after)) },
  ], fields, { caption: "Changed fields", empty: "No field that the API shows has changed." });
}
/** A short word with a meaning. @param {Child} text @param {"ok" | "bad" | "warn" | "quiet"} [kind] */
export const chip = (text, kind = "quiet") => h("span", { class: `chip ${kind}` }, text);
/** @param {number | null | undefined} status */
export const statusChip = (status) => chip(status ?? "–", !status ? "quiet" : status < 400 ? "ok" : status < 500 ? "warn" : "bad");

let fieldCount = 0;
/**
 * A form; `onsubmit` gets the values, and what it throws is said.
 * @param {{name: string, label: string, type?: string, value?: any, options?: (string | [string, string])[], required?: boolean, help?: string, placeholder?: string}[]} fields
 * @param {string} submitLabel @param {(values: Record<string, string>) => any} onsubmit
 */
export function form(fields, submitLabel, onsubmit) {
  const made = h("form", {
    /** @param {Event} event */
    async onsubmit(event) {
      event.preventDefault();
      /** @type {any} */
      const values = Object.fromEntries(new FormData(made));
      try {
        await onsubmit(values);
      } catch (error) {
        wrong(error);
      }
    },
  }, fields.map(({ name, label, type = "text", value = "", options, required, help, placeholder }) => {
    const id = `field${++fieldCount}`;
    const described = help ? `${id}-help` : null;
    const props = { id, name, required, "aria-describedby": described };
    const input = options
      ? h("select", props, options.map((one) => { const [of, text] = Array.isArray(one) ? one : [one, one]; return h("option", { value: of, selected: String(of) === String(value) }, text); }))
      : type === "textarea" ? h("textarea", { ...props, rows: 6 }, String(value))
        : type === "checkbox" ? h("input", { ...props, type, value: "true", checked: Boolean(value) }) : h("input", { ...props, type, value, placeholder, autocomplete: "off" });
    return h("div", { class: `field ${type}` }, h("label", { for: id }, label), input, help && h("small", { id: described }, help));
  }), h("button", { type: "submit", class: "main" }, submitLabel));
  return made;
}
/** @param {Child} title @param {...Child} children */
export const section = (title, ...children) => h("section", h("h2", title), children);
/** @param {Child} text */
export const empty = (text) => h("p", { class: "empty" }, text);
/** What is wrong: a text, or an error. @param {any} wrong_ */
export const notice = (wrong_) => h("p", { class: "notice", role: "alert" }, wrong_.message ?? wrong_);

// More than these are not parsed: a page shows fewer.
const KEPT = 400;
/**
 * Calls `fn` for what happens while the page is shown: with the rows, at most four times a second, and how many rows before them are
 * missing (more came than a page shows, or the server has overwritten them; -1: it was started anew).
 * @param {(rows: Row[], missing: number) => void} fn @param {AbortSignal} signal
 * @param {{sandbox?: string, since?: string}} [settings]
 */
export function live(fn, signal, { sandbox = state.sandbox, since: last = "" } = {}) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {string[]} */
  let kept = [];
  let missing = 0, timer = 0, wait = 500, again = 0, anew = false, flooded = false;
  const tell = (/** @type {boolean | null} */ detail) => dispatchEvent(new CustomEvent("live", { detail }));
  const flush = () => {
    timer = 0;
    const rows = kept.map((text) => JSON.parse(text)), gap = anew ? -1 : missing;
    flooded = rows.length > 100;
    kept = [];
    missing = 0;
    anew = false;
    if (!signal.aborted) fn(rows, gap);
  };
  // Who is flooded looks once a second.
  const soon = () => { timer ||= setTimeout(flush, flooded ? 1000 : 250); };
  /** @param {MessageEvent} message */
  const take = (message) => {
    last = message.lastEventId || last;
    if (kept.push(message.data) > KEPT * 2) missing += kept.splice(0, kept.length - KEPT).length;
    soon();
  };
  const shut = () => {
    source?.close();
    clearTimeout(again);
  };
  const open = () => {
    shut();
    if (signal.aborted || document.hidden) return;
    source = new EventSource(`${ROOT}_pinstripe/stream${query({ sandbox, since: last || null })}`);
    source.addEventListener("hello", (message) => {
      const { epoch, seq } = JSON.parse(message.data);
      anew = Boolean(last) && last.split("-")[0] !== epoch;
      if (anew) soon();
      if (anew || !last) last = `${epoch}-${seq}`;
      wait = 500;
      tell(true);
    });
    source.addEventListener("lost", (message) => {
      const { from, to } = JSON.parse(message.data);
      missing += Math.max(1, (to ?? 0) - (from ?? 0) + 1);
      soon();
    });
    for (const type of ["request", "work", "control", "delivery"]) source.addEventListener(type, take);
    source.onerror = () => {
      shut();
      tell(false);
      again = window.setTimeout(open, wait);
      wait = Math.min(5000, wait * 2);
    };
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? shut() : open()), { signal });
  signal.addEventListener("abort", () => { shut(); tell(null); });
  open();
}
