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
const HOME = OWN ?? "default";

/** What the address says: the sandbox and the account that calls are for. */
export const state = { sandbox: HOME, account: "" };

/** Reads the state from the address. */
export function readState() {
  const params = new URLSearchParams(location.search);
  state.sandbox = params.get("sandbox") ?? HOME;
  state.account = params.get("account") ?? "";
}

/** The refusal of a call, in words. */
export class Problem extends Error {
  /** @param {string} message @param {number} [status] @param {any} [error] */
  constructor(message, status = 0, error = null) {
    super(message);
    this.status = status;
    this.error = error;
  }
}

/**
 * An element: attributes, `on…` functions, children; what is null or false is left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any> | Child} [props] @param {...Child} children @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  const plain = props && typeof props === "object" && !(props instanceof Node) && !Array.isArray(props);
  if (!plain) children.unshift(/** @type {Child} */ (props));
  for (const [name, value] of Object.entries(plain ? props : {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, "").toLowerCase(), value);
    else if (name === "value" || name === "checked" || name === "selected") Reflect.set(element, name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/** @param {Element} element @param {any} child */
function append(element, child) {
  if (Array.isArray(child)) for (const one of child) append(element, one);
  else if (child !== null && child !== undefined && child !== false && child !== true) element.append(child);
}

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
  let document_;
  try {
    document_ = text ? JSON.parse(text) : {};
  } catch {
    throw new Problem(`The answer (${answer.status}) is not JSON: ${text.slice(0, 200)}`, answer.status);
  }
  if (answer.ok) return document_;
  const { error } = document_;
  throw new Problem(error?.message ?? error?.code ?? `The server answered ${answer.status}.`, answer.status, error);
}
/** @param {Params} params */
const query = (params) => {
  const text = new URLSearchParams(pairs(params)).toString();
  return text && `?${text}`;
};

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
  return call(address + query(all), { method, ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }) });
}
/** A call of the API. @param {string} method @param {string} path @param {Params} [params] @param {string | null} [account] @returns {Promise<any>} */
export function api(method, path, params = {}, account = state.account) {
  const headers = { Authorization: `Bearer ${keyOfSandbox()}`, ...(account ? { "Stripe-Account": account } : {}) };
  const form = new URLSearchParams(pairs(params));
  const address = ROOT + path.replace(/^\//, "");
  return method === "GET" ? call(address + query(params), { headers }) : call(address, { method, headers, body: form });
}

/** @param {string} text */
const quote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
/** The command line of a call. @param {string} method @param {string} path @param {Params} [params] @param {any} [body] @param {{key?: string, headers?: Record<string, string>}} [more] */
export function curl(method, path, params = {}, body, more = {}) {
  const ours = !/^\/(v1|v2|oauth)\b/.test(path);
  const [address, all] = ours ? control(method, path, params) : [ROOT + path.replace(/^\//, ""), params];
  const inQuery = ours || method === "GET";
  const words = ["curl", quote(location.origin + address + (inQuery ? query(all) : ""))];
  if (!ours) words.push("-u", quote(`${more.key ?? keyOfSandbox()}:`));
  if (!ours && state.account && !more.headers) words.push("-H", quote(`Stripe-Account: ${state.account}`));
  for (const [name, value] of Object.entries(more.headers ?? {})) words.push("-H", quote(`${name}: ${value}`));
  const data = body !== undefined ? [["--data-binary", typeof body === "string" ? body : JSON.stringify(body)]] : [];
  if (!inQuery) data.push(...pairs(all).map(([name, value]) => [/[&=%+]/.test(value) ? "--data-urlencode" : "-d", `${name}=${value}`]));
  if (method !== (data.length ? "POST" : "GET")) words.push("-X", method);
  return [...words, ...data.flatMap(([flag, value]) => [flag, quote(value)])].join(" ");
}
/** A button that copies a text. @param {string} text @param {string} [label] */
export function copy(text, label = "Copy") {
  return h("button", { type: "button", class: "small", onclick: () => navigator.clipboard.writeText(text).then(() => say("Copied."), () => say("The browser did not let the page copy.", true)) }, label);
}
/** The command line of a call, folded. @param {string} method @param {string} path @param {Params} [params] @param {any} [body] */
export function curlOf(method, path, params, body) {
  const line = curl(method, path, params, body);
  return h("details", { class: "curl" }, h("summary", "curl"), h("pre", { tabindex: 0 }, line), copy(line));
}

/** Says something in the status line. @param {string} text @param {boolean} [bad] */
export function say(text, bad = false) {
  const line = /** @type {HTMLElement} */ (document.getElementById("status"));
  line.textContent = text;
  line.className = text ? (bad ? "bad" : "ok") : "";
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
        const answer = /^\/(v1|v2|oauth)\b/.test(path) ? await api(method, path, params) : await send(method, path, params, body);
        say(`${label}: done.`);
        await after?.(answer);
      } catch (error) {
        say(`${label}: ${error instanceof Error ? error.message : error}`, true);
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
  for (const [name, value] of Object.entries(all)) if (value !== "" && value !== null && value !== undefined) to.searchParams.set(name, String(value));
  return to.pathname + to.search;
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
  const to = new URL(location.href);
  for (const [name, value] of Object.entries(params)) value ? to.searchParams.set(name, String(value)) : to.searchParams.delete(name);
  history.replaceState(null, "", to.pathname + to.search);
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
const ID = /\b(?:(?:cus|ch|pi|evt|req|prod|acct|seti)_\w{3,}|[a-z]{2,8}(?:_(?:test|sched|1))?_(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{8,})\b/g;
/** A text with its ids as links. @param {string} text @returns {(Node | string)[]} */
export function idify(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(ID)) {
    parts.push(text.slice(end, found.index), idLink(found[0]));
    end = found.index + found[0].length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

const MOMENT = /(?:_at|_on|_end|_start|created|date|_by|anchor|deadline|now)$/;
/** @param {any} value @param {string} name */
function scalar(value, name) {
  if (typeof value === "string") return h("span", { class: "s" }, '"', /^https?:\/\//.test(value) ? h("a", { href: value, rel: "noreferrer", target: "_blank" }, value) : idify(value), '"');
  const moment = typeof value === "number" && value > 1e9 && value < 1e10 && MOMENT.test(name);
  return h("span", { class: value === null ? "n" : "v" }, String(value), moment && h("span", { class: "n" }, " ", time(value)));
}
/** @param {any} value @param {string} name @param {number} depth @param {number} open @returns {HTMLElement} */
function branch(value, name, depth, open) {
  const label = name !== "" && h("span", { class: "k" }, name, ": ");
  const entries = value && typeof value === "object" ? Object.entries(value) : [];
  const [left, right] = Array.isArray(value) ? "[]" : "{}";
  if (!value || typeof value !== "object") return h("div", label, scalar(value, name));
  if (!entries.length) return h("div", label, h("span", { class: "n" }, left + right));
  const inner = h("div", { class: "in" });
  const fill = () => { if (!inner.firstChild) append(inner, entries.map(([key, one]) => branch(one, Array.isArray(value) && typeof one !== "object" ? "" : key, depth + 1, open))); };
  const unfolded = depth < open;
  if (unfolded) fill();
  return h("details", { open: unfolded, ontoggle: fill }, h("summary", label, h("span", { class: "n" }, `${left} ${entries.length} ${right}`)), inner);
}
/** A document as a tree that folds, with ids as links. @param {any} value @param {number} [open] how deep it is unfolded */
export function json(value, open = 2) {
  return h("div", { class: "json", tabindex: 0, role: "region", "aria-label": "JSON" }, branch(value, "", 0, open));
}

/**
 * @template T
 * @param {{title: Child, cell(row: T): Child, number?: boolean}[]} columns @param {T[]} rows
 * @param {{caption?: string, empty?: Child}} [settings] the caption is for those who do not see
 */
export function table(columns, rows, { caption = "", empty: nothing = "Nothing." } = {}) {
  if (!rows.length) return empty(nothing);
  /** @param {boolean | undefined} number */
  const side = (number) => (number ? "num" : null);
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption || "Table" },
    h("table", caption && h("caption", { class: "hidden" }, caption),
      h("thead", h("tr", columns.map(({ title, number }) => h("th", { scope: "col", class: side(number) }, title)))),
      h("tbody", rows.map((row) => h("tr", columns.map(({ cell, number }) => h("td", { class: side(number) }, cell(row))))))));
}

const pad = (/** @type {number} */ number) => String(number).padStart(2, "0");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
/** @param {Date} date */
export const clockOf = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
/** @param {Date} date */
export const dayOf = (date) => `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
/** A moment of a sandbox's clock. @param {number | null | undefined} seconds */
export function time(seconds) {
  if (!seconds) return h("span", { class: "n" }, "–");
  const date = new Date(seconds * 1000);
  return h("time", { datetime: date.toISOString(), title: date.toISOString() }, `${dayOf(date)} ${clockOf(date)}`);
}
/** How long ago a moment of the machine's clock is. @param {number} ms */
export function ago(ms) {
  return h("time", { "data-ago": ms, datetime: new Date(ms).toISOString(), title: new Date(ms).toString() }, since(ms));
}
/** @param {number} ms */
function since(ms) {
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (seconds < 100) return `${seconds} s ago`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 1e5 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86400)} days ago`;
}
setInterval(() => { for (const one of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("time[data-ago]"))) one.textContent = since(Number(one.dataset.ago)); }, 5000);
/** @param {number | null | undefined} micros */
export const lasted = (micros) => (micros === null || micros === undefined ? "" : micros < 1000 ? `${micros} µs` : micros < 1e6 ? `${(micros / 1000).toFixed(micros < 1e4 ? 1 : 0)} ms` : `${(micros / 1e6).toFixed(1)} s`);
/** An amount in the currency's smallest unit. @param {number} amount @param {string} currency */
export function money(amount, currency) {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  } catch {
    return `${amount} ${currency}`;
  }
}

/** @param {any} value */
const brief = (value) => (value === undefined ? h("span", { class: "n" }, "–") : value !== null && typeof value === "object" ? json(value, 0) : scalar(value, "created"));
/** What changed: each field before and after. @param {Field[]} fields */
export function diff(fields) {
  return table([
    { title: "Field", cell: ({ path }) => h("code", path) },
    { title: "Before", cell: (field) => h("span", { class: "before" }, brief(field.before)) },
    { title: "After", cell: (field) => h("span", { class: "after" }, brief(field.after)) },
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
    async onsubmit(/** @type {Event} */ event) {
      event.preventDefault();
      try {
        await onsubmit(/** @type {Record<string, string>} */ (Object.fromEntries(new FormData(made))));
      } catch (error) {
        say(error instanceof Error ? error.message : String(error), true);
      }
    },
  }, fields.map(({ name, label, type = "text", value = "", options, required, help, placeholder }) => {
    const id = `field${++fieldCount}`;
    const described = help ? `${id}-help` : null;
    const props = { id, name, required, "aria-describedby": described };
    const input = options
      ? h("select", props, options.map((one) => { const [of, text] = Array.isArray(one) ? one : [one, one]; return h("option", { value: of, selected: String(of) === String(value) }, text); }))
      : type === "textarea" ? h("textarea", { ...props, rows: 6 }, String(value))
        : type === "checkbox" ? h("input", { ...props, type, value: "true", checked: Boolean(value) }) : h("input", { ...props, type, value, placeholder, autocomplete: "off", spellcheck: "false" });
    return h("div", { class: `field ${type}` }, h("label", { for: id }, label), input, help && h("small", { id: described }, help));
  }), h("button", { type: "submit", class: "main" }, submitLabel));
  return made;
}
/** @param {Child} title @param {...Child} children */
export const section = (title, ...children) => h("section", h("h2", title), children);
/** @param {Child} text */
export const empty = (text) => h("p", { class: "empty" }, text);
/** @param {Child} text */
export const notice = (text) => h("p", { class: "notice", role: "alert" }, text);

// More than these are not parsed: a page shows fewer.
const KEPT = 400;
/**
 * Calls `fn` for what happens while the page is shown: with the rows, at most four times a second, and how many rows before them are
 * missing (more came than a page shows, or the server has overwritten them; -1: it was started anew).
 * @param {(rows: Row[], missing: number) => void} fn @param {AbortSignal} signal
 * @param {{sandbox?: string, since?: string}} [settings]
 */
export function live(fn, signal, { sandbox = state.sandbox, since: last = "" } = {}) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {string[]} */
  let kept = [];
  let missing = 0, timer = 0, wait = 500, again = 0, anew = false;
  const flush = () => {
    timer = 0;
    const rows = kept.map((text) => JSON.parse(text));
    const gap = anew ? -1 : missing;
    kept = [];
    missing = 0;
    anew = false;
    if (!signal.aborted) fn(rows, gap);
  };
  const soon = () => { timer ||= window.setTimeout(flush, 250); };
  /** @param {MessageEvent} message */
  const take = (message) => {
    last = message.lastEventId || last;
    if (kept.push(message.data) > KEPT * 2) missing += kept.splice(0, kept.length - KEPT).length;
    soon();
  };
  const shut = () => {
    source?.close();
    source = null;
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
      dispatchEvent(new CustomEvent("live", { detail: true }));
    });
    source.addEventListener("lost", (message) => {
      const { from, to } = JSON.parse(message.data);
      missing += Math.max(1, (to ?? 0) - (from ?? 0) + 1);
      soon();
    });
    for (const type of ["request", "work", "control", "delivery"]) source.addEventListener(type, take);
    source.onerror = () => {
      shut();
      dispatchEvent(new CustomEvent("live", { detail: false }));
      again = window.setTimeout(open, wait);
      wait = Math.min(5000, wait * 2);
    };
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? shut() : open()), { signal });
  signal.addEventListener("abort", () => { shut(); clearTimeout(timer); dispatchEvent(new CustomEvent("live", { detail: null })); });
  open();
}
