// What happened, newest first, live: each request with what followed from it. The chain of one request is used by its own page, too.
import { action, chip, clockOf, copy, curl, curlOf, diff, empty, get, h, idLink, json, keep, lasted, link, live, notice, section, state, statusChip, time, form, go } from "./core.js";

/** @typedef {import("./core.js").Row} Row */
/** @typedef {import("./core.js").Change} Change */
/** A row with what belongs under it. @typedef {{row: Row, deliveries: Row[], later: Row[], drawn: string, node: HTMLElement | null, open: boolean, detail: HTMLElement}} Group */

// As many rows stand in the page; older ones are a page of their own.
const SHOWN = 120;
// Work that came later than this stands where it happened: a clock was moved meanwhile.
const NEAR = 60_000;

/** @param {any} error an error of the API, in words */
export const words = (error) => [error.code ?? error.type, error.decline_code, error.param].filter(Boolean).join(" · ");

/** @param {number} count @param {string} noun */
const many = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
/** @param {Record<string, any>} delivery */
export function deliveryChip({ state: how, status, error }) {
  if (how === "delivered") return chip(`✓ ${status ?? "delivered"}`, "ok");
  if (how === "dropped") return chip("dropped", "warn");
  return chip(`${how === "failed" ? "✗ given up" : "✗ will retry"}${status ? `: ${status}` : error ? `: ${String(error).slice(0, 60)}` : ""}`, "bad");
}

/** The rows' groups: deliveries and work go under what caused them. */
class Groups {
  constructor() {
    /** @type {Group[]} newest first */
    this.list = [];
    /** @type {Map<string, Group>} */
    this.byEvent = new Map();
    /** @type {Map<string, Group>} */
    this.byObject = new Map();
  }
  /** @param {Row} row @param {boolean} top whether it may stand alone */
  add(row, top) {
    const cause = row.type === "delivery" ? this.byEvent.get(row.delivery.event) : row.type === "work" ? this.byObject.get(row.work.id) : undefined;
    if (cause && row.type === "delivery") {
      cause.deliveries.push(row);
      return;
    }
    const under = cause && row.at - cause.row.at < NEAR && row.created - cause.row.created < 3600 ? cause : undefined;
    if (!under && !top) return;
    const group = under ?? { row, deliveries: [], later: [], drawn: "", node: null, open: false, detail: h("div", { class: "detail" }) };
    if (under) under.later.push(row);
    else this.list.unshift(group);
    for (const { id } of row.events ?? []) this.byEvent.set(id, group);
    for (const { id } of row.changes ?? []) if (row.type === "request") this.byObject.set(id, group);
  }
  /** Forgets what is beyond the rows that are shown; says how many. */
  trim() {
    const gone = this.list.splice(SHOWN);
    for (const group of gone) {
      for (const { id } of group.row.events ?? []) this.byEvent.delete(id);
      for (const { id } of group.row.changes ?? []) if (this.byObject.get(id) === group) this.byObject.delete(id);
    }
    return gone.length;
  }
}

/** What a row is about, in a few words. @param {Row} row @returns {(Node | string | null)[]} */
function headline(row) {
  if (row.type === "request") {
    const { method, operation, path, status } = row.request;
    return [statusChip(status), h("span", { class: "method" }, method), h("b", operation ?? path), h("span", { class: "n path" }, operation ? path : "unknown address")];
  }
  if (row.type === "work") return [chip("due", "quiet"), h("b", `${row.work.what} ${row.work.object}`), h("span", { class: "n path" }, row.work.id)];
  if (row.type === "control") {
    const { method, path, parameters, status } = row.control;
    const said = Object.entries(parameters ?? {}).filter(([name]) => name !== "sandbox").map(([name, value]) => `${name}=${typeof value === "object" ? "…" : value}`).join(" ");
    return [statusChip(status), h("span", { class: "method" }, method), h("b", path.replace("/_pinstripe/", "")), h("span", { class: "n path" }, said)];
  }
  const { delivery } = row;
  return [deliveryChip(delivery), h("span", { class: "method" }, "sent"), h("b", delivery.event_type), h("span", { class: "n path" }, `→ ${delivery.url}`)];
}

/** The newest attempt of each delivery. @param {Row[]} rows @returns {any[]} */
const newest = (rows) => [...new Map(rows.map(({ delivery }) => [delivery.id, delivery])).values()];

/** @param {Group} group */
function chain({ row, deliveries, later }) {
  const all = [row, ...later];
  const changes = all.reduce((sum, one) => sum + (one.changes_total ?? 0), 0);
  const events = all.reduce((sum, one) => sum + (one.events_total ?? 0), 0);
  const ends = newest(deliveries);
  const good = ends.filter(({ state: how }) => how === "delivered").length;
  const bad = ends.filter(({ state: how }) => how !== "delivered");
  const unsent = events > 0 && !ends.length && Date.now() - row.at > 1500;
  const steps = [
    changes > 0 && h("span", many(changes, "object")),
    events > 0 && h("span", many(events, "event")),
    good > 0 && h("span", { class: "ok" }, `✓ ${good} delivered`),
    bad.length > 0 && h("span", { class: "bad" }, `✗ ${bad.length} not delivered`),
    unsent && h("span", { class: "warn" }, "no webhook sent"),
    later.length > 0 && h("span", `${later.length} later`),
  ].filter(Boolean);
  return h("span", { class: "chain" }, steps);
}

/** How far a sandbox's clock is from the machine's. @param {Row} [row] */
const offset = (row) => (row ? Math.round((row.created * 1000 - row.at) / 60_000) : 0);

/** The events of a row in order, each with how its deliveries ended. @param {Group} group */
function eventLine({ row, deliveries }) {
  const ends = newest(deliveries);
  const rest = (row.events_total ?? 0) - 6;
  if (!row.events?.length || (row.events.length === 1 && ends.some(({ state: how }) => how !== "delivered"))) return null;
  return h("p", { class: "line n" }, row.events.slice(0, 6).map(({ id, type }, index) => {
    const own = ends.filter(({ event }) => event === id);
    const bad = own.some(({ state: how }) => how !== "delivered");
    return [index ? " · " : "", h("span", { class: bad ? "bad" : "" }, type, own.length ? (bad ? " ✗" : " ✓") : "")];
  }), rest > 0 && ` · ${rest} more`);
}

/** @param {Group} group @param {(group: Group) => void} toggle @param {boolean} moved whether the clock was moved before it */
function drawRow(group, toggle, moved) {
  const { row, deliveries, later } = group;
  const date = new Date(row.at);
  const error = row.request?.error;
  const bad = newest(deliveries).filter(({ state: how }) => how !== "delivered");
  const head = h("button", { type: "button", class: "row", "aria-expanded": String(group.open), onclick: () => toggle(group) },
    h("span", { class: "head" }, headline(row)), chain(group),
    h("span", { class: "when" }, row.request ? h("span", { class: "n" }, lasted(row.request.duration_us)) : null, h("time", { title: date.toString() }, clockOf(date))));
  return h("li", { "data-row": row.seq, class: row.type },
    head,
    error && h("p", { class: "line bad" }, error.message, " ", h("span", { class: "n" }, words(error))),
    row.request?.fault && h("p", { class: "line warn" }, `A fault was applied: ${row.request.fault}`),
    row.type !== "delivery" && eventLine(group),
    bad.slice(0, 3).map((one) => h("p", { class: "line bad" }, `${one.event_type} → ${one.url}: ${one.status ?? one.error ?? one.state}, attempt ${one.attempt}${one.state === "waiting" ? ", will be tried again" : ""}`)),
    later.slice(-3).map(({ work, events }) => h("p", { class: "line" }, `↳ ${work.what} ${work.object}: `, (events ?? []).map(({ type }) => type).join(", "))),
    moved && h("p", { class: "line moved" }, "The clock of the sandbox was moved: ", time(row.created)),
    state.sandbox !== row.sandbox && h("p", { class: "line n" }, `sandbox ${row.sandbox}`),
    group.open && group.detail);
}

/** @param {Change} change */
function changed(change) {
  const { what, object, id, account, fields, after } = change;
  return h("li", h("p", chip(what, what === "deleted" ? "warn" : what === "created" ? "ok" : "quiet"), " ", object, " ", id ? idLink(id, account) : "", account ? h("span", { class: "n" }, " of ", idLink(account)) : ""),
    fields?.length ? diff(fields) : null,
    after && h("details", h("summary", "as it was created"), json(after, 1)));
}
/** An attempt of a delivery in a line. @param {any} attempt @param {number} index */
export function attempt({ at_ms, duration_ms, response, error }, index) {
  return h("li", h("span", { class: "n" }, `attempt ${index + 1} `), response ? statusChip(response.status) : chip("no answer", "bad"), " ",
    h("span", { class: "n" }, `${clockOf(new Date(at_ms))}, ${duration_ms} ms `), error ?? "", response?.status >= 300 && response.body ? h("code", { class: "bad" }, response.body.slice(0, 300)) : "");
}
/** An event with its deliveries. @param {{id: string, type: string}} event @param {() => void} again */
export function sent(event, again) {
  const place = h("div", { class: "n" }, "…");
  get("webhooks/deliveries", { event: event.id }).then(({ deliveries }) => place.replaceChildren(deliveries.length
    ? h("ul", { class: "plain" }, deliveries.map((/** @type {any} */ one) => h("li", h("p", deliveryChip({ state: one.status, status: one.attempts.at(-1)?.response?.status, error: one.attempts.at(-1)?.error }), " → ",
      one.attempts[0]?.request.url ?? "", " ", one.endpoint ? idLink(one.endpoint) : "", " ", one.attempts.length === 1 && h("span", { class: "n" }, `${clockOf(new Date(one.attempts[0].at_ms))}, ${one.attempts[0].duration_ms} ms `), action("Send again", "POST", "webhooks/resend", { delivery: one.id }, again)),
    one.attempts.length > 1 || one.status !== "delivered" ? h("ol", { class: "plain" }, one.attempts.map(attempt)) : null)))
    : h("p", { class: "warn" }, "Not sent: no webhook endpoint asks for this type. ", link("Webhooks", "webhooks"))), () => place.replaceChildren());
  return h("li", h("p", chip("event"), " ", h("b", event.type), " ", idLink(event.id)), place);
}

/**
 * The whole chain of a row: objects with what changed, events in order with deliveries and answers, work that followed.
 * @param {any} found the request, or the row, with its details @param {Row[]} later @param {() => void} again
 */
export function whole(found, later, again) {
  const changes = found.changes ?? [];
  const more = (found.changes_total ?? changes.length) - changes.length;
  return [
    changes.length ? section("Objects", h("ol", { class: "steps" }, changes.map(changed)), more > 0 && h("p", `${more} more are not shown.`)) : null,
    found.events?.length ? section("Events and deliveries", h("ol", { class: "steps" }, found.events.map((/** @type {any} */ event) => sent(event, again)))) : null,
    later.length ? section("What followed later", h("ol", { class: "steps" }, later.map((row) => h("li", h("p", chip("due"), " ", row.work.what, " ", row.work.object, " ", idLink(row.work.id), " ", time(row.created), " ", link("in the timeline", "timeline", { open: row.seq, before: row.seq + 1 })),
      (row.events ?? []).map((event) => h("p", { class: "n" }, event.type, " ", idLink(event.id))))))) : null,
  ];
}

/** @param {Group} group @param {() => void} again */
async function unfold({ row, later, detail }, again) {
  if (!detail.firstChild) detail.replaceChildren(empty("…"));
  try {
    if (row.type === "request") {
      const found = await get(`requests/${row.request.id}`);
      const { id, method, path, parameters = {} } = found;
      detail.replaceChildren(h("p", { class: "bar" }, idLink(id), found.idempotency_key && h("span", "Idempotency-Key ", h("code", found.idempotency_key)), found.account && h("span", "account ", idLink(found.account)), link("Open", "requests", { id }),
        action("Send again", "POST", `requests/${id}/resend`, {}, again), copy(curl(method, path, parameters, undefined, { key: found.key }), "Copy as curl")),
      Object.keys(parameters).length ? h("details", h("summary", "Parameters"), json(parameters)) : "",
      ...strip(whole(found, found.later ?? later, again)),
      found.answer ? h("details", h("summary", `Answer ${found.status}`), json(found.answer)) : "");
    } else if (row.type === "delivery") {
      detail.replaceChildren(h("ol", { class: "steps" }, sent({ id: row.delivery.event, type: row.delivery.event_type }, again)));
    } else {
      const found = await get(`activity/${row.seq}`);
      const shown = strip(whole(found, [], again));
      const { control } = row;
      detail.replaceChildren(...(control ? [curlOf(control.method, control.path, control.parameters)] : [h("p", idLink(row.work.id))]), ...(shown.length ? shown : [empty("It changed no object.")]));
    }
  } catch (error) {
    detail.replaceChildren(notice(error instanceof Error ? error.message : String(error)));
  }
}
/** @param {(HTMLElement | null)[]} list @returns {HTMLElement[]} */
const strip = (list) => /** @type {HTMLElement[]} */ (list.filter(Boolean));

/** @type {import("./core.js").Page} */
export default {
  name: "timeline", title: "Timeline", key: "t",
  async show(main, params, signal) {
    const filters = { type: params.get("type") ?? "", status: params.get("status") ?? "", search: params.get("search") ?? "" };
    const before = params.get("before"), all = params.get("all");
    const sandbox = all ? "*" : state.sandbox;
    const opened = new Set((params.get("open") ?? "").split(",").filter(Boolean).map(Number));
    let groups = new Groups();
    let unseen = 0, paused = false, waiting = 0;

    const list = h("ol", { class: "timeline" });
    const more = h("p", { class: "bar", id: "more" });
    const gap = h("p", { class: "line warn", id: "gap" });
    const pause = h("button", { type: "button", "aria-pressed": "false", onclick: () => hold(!paused) }, "Pause");
    const pick = (/** @type {Record<string, string>} */ values) => go("timeline", { ...values, all: values.all ?? "" });
    const bar = form([
      { name: "type", label: "Show", value: filters.type, options: [["", "Everything"], ["request", "Requests"], ["work", "Due work"], ["control", "Control calls"], ["delivery", "Deliveries"]] },
      { name: "status", label: "Status", value: filters.status, options: [["", "Any"], ["2xx", "2xx"], ["4xx", "4xx"], ["402", "402"], ["5xx", "5xx"]] },
      { name: "all", label: "Sandbox", value: all ?? "", options: [["", `only ${state.sandbox}`], ["1", "all sandboxes"]] },
      { name: "search", label: "Search", type: "search", value: filters.search, placeholder: "an id, an operation, a word of an error" },
    ], "Filter", pick);
    bar.addEventListener("change", (event) => { if (event.target instanceof HTMLSelectElement) bar.requestSubmit(); });
    if (!before) bar.append(pause);
    main.append(bar, gap, list, more);

    /** @param {Row} row */
    const fits = (row) => {
      const status = String(row.request?.status ?? row.control?.status ?? row.delivery?.status ?? "");
      return (!filters.type || row.type === filters.type) && (!filters.status || (filters.status.endsWith("xx") ? status[0] === filters.status[0] : status === filters.status)) &&
        (!filters.search || JSON.stringify(row).toLowerCase().includes(filters.search.toLowerCase()));
    };
    /** @param {Group} group */
    const toggle = (group) => {
      group.open = !group.open;
      opened[group.open ? "add" : "delete"](group.row.seq);
      if (group.open) unfold(group, () => setTimeout(() => unfold(group, () => {}), 500));
      keep({ open: [...opened].join(",") });
      draw();
    };
    const draw = () => {
      unseen += groups.trim();
      const focused = document.activeElement?.closest("[data-row]")?.getAttribute("data-row");
      /** @type {HTMLElement[]} */
      const nodes = groups.list.map((group, index) => {
        const { row, deliveries, later } = group;
        if (!group.drawn && opened.has(row.seq) && !group.open) {
          group.open = true;
          unfold(group, () => setTimeout(() => unfold(group, () => {}), 500));
        }
        const older = row.type === "delivery" ? undefined : groups.list.slice(index + 1, index + 20).find((one) => one.row.sandbox === row.sandbox && one.row.type !== "delivery");
        const moved = Math.abs(offset(row) - offset(older?.row)) > (older ? 1 : 1e9);
        const looks = [moved, deliveries.length, later.length, group.open, (row.events_total ?? 0) > 0 && !deliveries.length && Date.now() - row.at > 1500].join();
        if (!group.node || group.drawn !== looks) {
          group.node = drawRow(group, toggle, moved);
          group.drawn = looks;
        }
        return group.node;
      });
      // Only what differs is touched, so that the focus and the place in the page stay.
      const wanted = new Set(nodes);
      for (const old of [...list.children]) if (!wanted.has(/** @type {HTMLElement} */ (old))) old.remove();
      let next = list.firstChild;
      for (const node of nodes) {
        if (node === next) next = next.nextSibling;
        else list.insertBefore(node, next);
      }
      if (focused && !list.contains(document.activeElement)) /** @type {HTMLElement | null} */ (list.querySelector(`[data-row="${focused}"] button`))?.focus({ preventScroll: true });
      const oldest = groups.list.at(-1)?.row.seq;
      more.replaceChildren(...(groups.list.length ? [] : [empty(filters.type || filters.status || filters.search || before ? "Nothing here fits the filter." : h("span", "Nothing has happened in this sandbox yet. Try: ", h("code", curl("POST", "/v1/customers", { name: "Ada" }))))]),
        ...(before ? [link("Newest", "timeline", { ...filters, all })] : []),
        ...(unseen || hasMore ? [h("span", { class: "n" }, unseen ? `${unseen.toLocaleString("en")} older rows are not shown.` : "There are older rows."), link("Older", "timeline", { ...filters, all, before: oldest })] : []));
    };
    /** @param {boolean} on */
    const hold = (on) => {
      paused = on;
      pause.setAttribute("aria-pressed", String(on));
      pause.textContent = on ? "Go on" : "Pause";
      if (!on && waiting) start();
      waiting = 0;
    };
    let hasMore = false, from = new AbortController();
    const start = async () => {
      from.abort();
      from = new AbortController();
      signal.addEventListener("abort", () => from.abort(), { once: true });
      const [page, sends] = await Promise.all([
        get("activity", { sandbox, limit: 300, ...strike(filters), ...(before ? { before } : {}) }),
        filters.type || filters.status || filters.search ? get("activity", { sandbox, type: "delivery", limit: 300 }) : { activity: [] },
      ]);
      if (signal.aborted) return;
      groups = new Groups();
      unseen = 0;
      hasMore = page.has_more;
      const known = new Set(page.activity.map((/** @type {Row} */ { seq }) => seq));
      const extra = sends.activity.filter((/** @type {Row} */ { seq }) => !known.has(seq));
      for (const row of page.activity.reverse()) groups.add(row, true);
      for (const row of extra.reverse()) groups.add(row, false);
      draw();
      if (before) return;
      setTimeout(() => { if (!signal.aborted) draw(); }, 1600);
      live((rows, missing) => {
        if (missing < 0) {
          gap.textContent = "Some rows were lost: the server was started again.";
          start();
          return;
        }
        if (paused) {
          waiting += rows.length + missing;
          pause.textContent = `Go on (${waiting.toLocaleString("en")} new)`;
          return;
        }
        unseen += missing;
        for (const row of rows) groups.add(row, fits(row));
        draw();
        clearTimeout(settle);
        settle = window.setTimeout(() => { if (!signal.aborted) draw(); }, 1600);
      }, from.signal, { sandbox, since: `${page.epoch}-${page.seq}` });
    };
    let settle = 0;
    await start();
  },
};
/** @param {Record<string, string>} filters without the empty ones */
const strike = (filters) => Object.fromEntries(Object.entries(filters).filter(([, value]) => value));
