// What happened, newest first, live: each request with what followed from it. The chain of one request is used by its own page, too.
import { action, chip, clockOf, copy, curl, curlOf, diff, empty, form, get, go, h, idLink, json, keep, lasted, link, live, notice, quiet, section, state, statusChip, time, wrong } from "./core.js";

/** @typedef {import("./core.js").Row} Row */
/** A row with what belongs under it. @typedef {{row: Row, sends: Row[], later: Row[], looks: string, node: HTMLElement, open: boolean, detail: HTMLElement}} Group */

// As many rows stand in the page; older ones are a page of their own.
const SHOWN = 120;
// Work that came later than this stands where it happened: a clock was moved meanwhile.
const NEAR = 60_000;

/** The codes of an error. @param {any} error */
export const words = (error) => [error.code ?? error.type, error.decline_code, error.param].filter(Boolean).join(" · ");
/** @param {number | undefined} count @param {string} noun */
const many = (count, noun) => (count ? `${count} ${noun}${count > 1 ? "s" : ""}` : "");
/** @param {any} delivery */
const arrived = ({ state: how }) => how === "delivered";
/** @param {any} delivery */
function ending({ state: how, status, error }) {
  if (how === "delivered") return chip(`✓ ${status ?? how}`, "ok");
  if (how === "dropped") return chip(how, "warn");
  return chip(`✗ ${how === "failed" ? "given up" : "will retry"}: ${status ?? String(error ?? "no answer").slice(0, 60)}`, "bad");
}
/** The newest attempt of each delivery. @param {Group} group @returns {any[]} */
const ends = ({ sends }) => [...new Map(sends.map(({ delivery }) => [delivery.id, delivery])).values()];
/** How far a sandbox's clock is from the machine's, in minutes. @param {Row} row */
const ahead = (row) => Math.round((row.created * 1000 - row.at) / 60_000);
/** Whether events were sent nowhere, though there was time. @param {Group} group */
const unsent = ({ row, sends }) => Boolean(row.events_total) && !sends.length && Date.now() - row.at > 1500;

/** The rows with what belongs under them: deliveries and work go under what caused them. */
class Groups {
  /** @type {Group[]} newest first */
  list = [];
  /** @type {Map<string, Group>} by the ids of events, and of objects that a request has changed */
  cause = new Map();

  /** @param {Row} row @param {boolean} top whether it may stand alone */
  add(row, top) {
    const { delivery, work } = row;
    const found = this.cause.get(delivery?.event ?? work?.id);
    if (delivery && found) return void found.sends.push(row);
    const under = found && row.at - found.row.at < NEAR && Math.abs(ahead(row) - ahead(found.row)) < 2 ? found : null;
    if (!under && !top) return;
    const group = under ?? { row, sends: [], later: [], looks: "", node: h("li"), open: false, detail: h("div", { class: "detail" }) };
    if (under) under.later.push(row);
    else this.list.unshift(group);
    for (const { id } of [...(row.events ?? []), ...(row.request ? row.changes ?? [] : [])]) this.cause.set(id, group);
  }
  /** Forgets what is beyond the rows that are shown; says how many. */
  trim() {
    const gone = new Set(this.list.splice(SHOWN));
    if (gone.size) for (const [id, group] of this.cause) if (gone.has(group)) this.cause.delete(id);
    return gone.size;
  }
}

/** What a row is: its chip, verb, name and address. @param {Row} row @returns {[Node, string, string, string]} */
function headline({ request, work, control, delivery }) {
  if (request) return [statusChip(request.status), request.method, request.operation ?? request.path, request.operation ? request.path : "unknown address"];
  if (work) return [chip("due"), "", `${work.what} ${work.object}`, work.id];
  if (delivery) return [ending(delivery), "sent", delivery.event_type, `→ ${delivery.url}`];
  const { method, path, parameters, status } = control;
  const said = Object.entries(parameters ?? {}).filter(([name]) => name !== "sandbox");
  return [statusChip(status), method, path.replace("/_pinstripe/", ""), said.map(([name, value]) => `${name}=${value}`).join(" ")];
}

/** Each event in order, and how its deliveries ended. @param {Group} group @param {any[]} sent */
function eventLine({ row: { events = [], events_total = 0 } }, sent) {
  return h("p", { class: "line n" }, events.slice(0, 6).map(({ id, type }, index) => {
    const own = sent.filter(({ event }) => event === id), good = own.every(arrived);
    return [index > 0 && " · ", h("span", { class: !good && "bad" }, type, own.length > 0 && (good ? " ✓" : " ✗"))];
  }), events_total > 6 && ` · ${events_total - 6} more`);
}

/** @param {Group} group @param {() => void} toggle @param {boolean} moved whether the clock was moved before it */
function drawRow(group, toggle, moved) {
  const { row, later, open } = group;
  const { request, at, events = [] } = row;
  const [mark, verb, name, address] = headline(row);
  const sent = ends(group), bad = sent.filter((one) => !arrived(one));
  const chain = [many(row.changes_total, "object"), many(row.events_total, "event"), sent.length > bad.length && h("b", { class: "ok" }, `✓ ${sent.length - bad.length} delivered`),
    bad[0] && h("b", { class: "bad" }, `✗ ${bad.length} not delivered`), unsent(group) && h("b", { class: "warn" }, "no webhook sent"), later[0] && `${later.length} later`];
  return h("li", { "data-row": row.seq, class: row.type },
    h("button", { type: "button", class: "row", "aria-expanded": String(open), onclick: toggle },
      h("span", { class: "head" }, mark, verb && h("small", verb), h("b", name), h("code", address), row.work && time(row.created)),
      h("span", { class: "chain" }, chain.filter(Boolean).map((step) => h("span", step))),
      h("span", { class: "when" }, quiet(lasted(request?.duration_us)), h("time", { title: new Date(at).toString() }, clockOf(new Date(at))))),
    request?.error && h("p", { class: "line bad" }, request.error.message, " ", quiet(words(request.error))),
    request?.fault && h("p", { class: "line warn" }, `A fault was applied: ${request.fault}`),
    events.length > bad.length && eventLine(group, sent),
    bad.slice(0, 3).map((one) => h("p", { class: "line bad" }, `${one.event_type} → ${one.url}: ${one.status ?? one.error ?? one.state}, attempt ${one.attempt}${one.state === "waiting" ? ", will be tried again" : ""}`)),
    later.slice(-3).map(({ work, events: made = [] }) => h("p", { class: "line" }, `↳ ${[`${work.what} ${work.object}`, ...made.map(({ type }) => type)].join(" · ")}`)),
    moved && h("p", { class: "line warn" }, "The clock of the sandbox was moved to ", time(row.created)),
    state.sandbox !== row.sandbox && h("p", { class: "line n" }, `sandbox ${row.sandbox}`),
    open && group.detail);
}

/** A change of an object in a line, with its fields. @param {any} change @param {import("./core.js").Child} [by] */
export function changed({ what, object, id, account, fields, after }, by) {
  return h("li", h("p", chip(what, what === "created" ? "ok" : what === "deleted" ? "warn" : "quiet"), " ", by ?? [object, " ", id && idLink(id, account), account && [" of ", idLink(account)]]),
    fields?.length > 0 && diff(fields), after && h("details", h("summary", "as it was created"), json(after, 1)));
}
/** @param {any} attempt @param {number} index */
function attempt({ at_ms, duration_ms, response, error }, index) {
  return h("li", quiet(`attempt ${index + 1}, ${clockOf(new Date(at_ms))}, ${duration_ms} ms `), response ? statusChip(response.status) : chip("no answer", "bad"), " ",
    error, response?.status >= 300 && h("code", { class: "bad" }, response.body.slice(0, 300)));
}
/** An event with its deliveries and their attempts. @param {{id: string, type: string}} event @param {() => void} again */
export function sent({ id, type }, again) {
  const place = h("div", "…");
  /** @param {{deliveries: any[]}} found */
  const fill = ({ deliveries }) => place.replaceChildren(...(deliveries.length ? deliveries.map(({ id: delivery, status: how, attempts, endpoint }) => {
    const last = attempts.at(-1);
    return h("div", h("p", ending({ state: how, status: last?.response?.status, error: last?.error }), ` → ${last?.request.url ?? ""} `, endpoint && idLink(endpoint), last && quiet(` ${clockOf(new Date(last.at_ms))}, ${last.duration_ms} ms `), action("Send again", "POST", "webhooks/resend", { delivery }, again)),
      how === "delivered" && attempts.length === 1 ? null : h("ol", attempts.map(attempt)));
  }) : [h("p", { class: "warn" }, "Not sent: no webhook endpoint asks for this type. ", link("Webhooks", "webhooks"))]));
  get("webhooks/deliveries", { event: id }).then(fill, () => fill({ deliveries: [] }));
  return h("li", h("p", h("b", type), " ", idLink(id)), place);
}

/**
 * The whole chain of a row: objects with what changed, events in order with deliveries and answers, work that followed.
 * @param {any} found the request, or the row, with its details @param {Row[]} later @param {() => void} again @returns {HTMLElement[]}
 */
export function whole(found, later, again) {
  /** @type {{changes?: any[], changes_total?: number, events?: any[]}} */
  const { changes = [], changes_total = 0, events = [] } = found;
  /** @param {string} title @param {Node[]} steps @param {import("./core.js").Child} [more] */
  const part = (title, steps, more) => (steps.length ? [section(title, h("ol", { class: "steps" }, steps), more)] : []);
  return [
    ...part("Objects", changes.map((change) => changed(change)), changes_total > changes.length && `${changes_total - changes.length} more are not shown.`),
    ...part("Events and deliveries", events.map((event) => sent(event, again))),
    ...part("What followed later", later.map(({ work, created, seq, events: made = [] }) => h("li", h("p", `${work.what} ${work.object} `, idLink(work.id), " ", time(created), " ", link("in the timeline", "timeline", { open: seq, before: seq + 1 })),
      made.map((event) => h("p", event.type, " ", idLink(event.id)))))),
  ];
}

/** @param {Group} group */
async function unfold(group) {
  const { row, later, detail } = group;
  const { request, delivery, control, work } = row;
  const again = () => { setTimeout(unfold, 500, group); };
  try {
    if (row.sandbox !== state.sandbox) {
      detail.replaceChildren(link(`Look at it in the sandbox ${row.sandbox}`, "timeline", { sandbox: row.sandbox, open: row.seq, before: row.seq + 1 }));
    } else if (request) {
      const found = await get(`requests/${request.id}`);
      const { id, method, path, parameters = {}, key } = found;
      detail.replaceChildren(h("p", { class: "bar" }, idLink(id), link("Open", "requests", { id }), found.account && h("span", "account ", idLink(found.account)), found.idempotency_key && h("span", "Idempotency-Key ", h("code", found.idempotency_key)),
        action("Send again", "POST", `requests/${id}/resend`, {}, again), copy(curl(method, path, parameters, undefined, { key }), "Copy as curl")),
      h("details", h("summary", "Parameters"), json(parameters)), ...whole(found, found.later ?? later, again), h("details", h("summary", `Answer ${found.status}`), json(found.answer)));
    } else if (delivery) {
      detail.replaceChildren(h("ol", { class: "steps" }, sent({ id: delivery.event, type: delivery.event_type }, again)));
    } else {
      const shown = whole(await get(`activity/${row.seq}`), [], again);
      detail.replaceChildren(control ? curlOf(control.method, control.path, control.parameters) : idLink(work.id), ...(shown.length ? shown : [empty("It changed no object.")]));
    }
  } catch (error) {
    detail.replaceChildren(notice(error));
  }
}

/** @type {import("./core.js").Page} */
export default {
  name: "timeline", title: "Timeline", key: "t",
  async show(main, params, signal) {
    const [type, status, search, all, before] = ["type", "status", "search", "all", "before"].map((name) => params.get(name) ?? "");
    const narrow = type || status || search;
    const sandbox = all ? "*" : state.sandbox;
    const opened = new Set((params.get("open") ?? "").split(",").map(Number));
    let groups = new Groups(), hidden = 0, hasMore = false, paused = false, held = 0, settle = 0, following = new AbortController();

    const list = h("ol", { class: "timeline" }), more = h("p", { class: "bar" }), gap = h("p", { class: "warn" });
    const pause = h("button", { type: "button", "aria-pressed": "false", onclick: () => hold(!paused) }, "Pause");
    const bar = form([
      { name: "type", label: "Show", value: type, options: [["", "Everything"], ["request", "Requests"], ["work", "Due work"], ["control", "Control calls"], ["delivery", "Deliveries"]] },
      { name: "status", label: "Status", value: status, options: [["", "Any"], "2xx", "4xx", "402", "5xx"] },
      { name: "all", label: "Sandbox", value: all, options: [["", `only ${state.sandbox}`], ["1", "all"]] },
      { name: "search", label: "Search", type: "search", value: search, placeholder: "an id, an operation, a word" },
    ], "Filter", (values) => go("timeline", values));
    bar.addEventListener("change", ({ target }) => target instanceof HTMLSelectElement && bar.requestSubmit());
    if (!before) bar.append(pause);
    main.append(bar, gap, list, more);

    /** @param {Row} row */
    const fits = (row) => {
      const code = String((row.request ?? row.control ?? row.delivery)?.status);
      return (!type || row.type === type) && (!status || code === status || `${code[0]}xx` === status) && (!search || JSON.stringify(row).toLowerCase().includes(search.toLowerCase()));
    };
    const draw = () => {
      if (signal.aborted) return;
      hidden += groups.trim();
      const focused = document.activeElement?.closest("[data-row]")?.getAttribute("data-row");
      /** @type {Map<string, number>} */
      const offsets = new Map();
      // From the oldest on: a jump of the clock is seen in the row after it.
      const nodes = groups.list.toReversed().map((group) => {
        const { row, sends, later } = group;
        if (!group.looks && opened.has(row.seq)) {
          group.open = true;
          unfold(group);
        }
        // Work shows its own time.
        const told = row.request ?? row.control;
        const moved = told && Math.abs(ahead(row) - (offsets.get(row.sandbox) ?? ahead(row))) > 1;
        if (told) offsets.set(row.sandbox, ahead(row));
        const looks = [moved, sends.length, later.length, group.open, unsent(group)].join();
        if (group.looks !== looks) {
          group.looks = looks;
          group.node = drawRow(group, () => {
            group.open = !group.open;
            opened[group.open ? "add" : "delete"](row.seq);
            if (group.open) unfold(group);
            keep({ open: [...opened].filter(Boolean).join() });
            draw();
          }, Boolean(moved));
        }
        return group.node;
      }).reverse();
      // Only what differs is touched, so that the focus and the place in the page stay.
      const wanted = new Set(nodes);
      for (const old of /** @type {Iterable<any>} */ ([...list.children])) if (!wanted.has(old)) old.remove();
      let next = list.firstChild;
      for (const node of nodes) node === next ? (next = next.nextSibling) : list.insertBefore(node, next);
      if (focused && !list.contains(document.activeElement)) /** @type {HTMLElement | null} */ (list.querySelector(`[data-row="${focused}"] button`))?.focus({ preventScroll: true });
      const view = { type, status, search, all };
      more.replaceChildren(.../** @type {Node[]} */ ([
        !nodes.length && empty(narrow || before ? "Nothing here fits the filter." : ["Nothing has happened in this sandbox yet. Try: ", h("code", curl("POST", "/v1/customers", { name: "Ada" }))]),
        before && link("Newest", "timeline", view),
        hidden ? h("span", `${hidden.toLocaleString("en")} older rows are not shown.`) : hasMore && "There are older rows.",
        (hidden > 0 || hasMore) && link("Older", "timeline", { ...view, before: groups.list.at(-1)?.row.seq }),
      ].filter(Boolean)));
    };
    /** @param {boolean} on */
    const hold = (on) => {
      paused = on;
      pause.setAttribute("aria-pressed", String(on));
      pause.textContent = on ? "Go on" : "Pause";
      if (!on && held) start().catch(wrong);
      held = 0;
    };
    const start = async () => {
      following.abort();
      following = new AbortController();
      const [page, sends] = await Promise.all([
        get("activity", { sandbox, limit: 300, type: type || null, status: status || null, search: search || null, before: before || null }),
        // What was narrowed has no deliveries beside its requests.
        narrow ? get("activity", { sandbox, limit: 300, type: "delivery" }) : { activity: [] },
      ]);
      if (signal.aborted) return;
      groups = new Groups();
      hidden = 0;
      hasMore = page.has_more;
      for (const row of page.activity.reverse()) groups.add(row, true);
      if (type !== "delivery") for (const row of sends.activity.reverse()) groups.add(row, false);
      draw();
      if (before) return;
      const later = () => {
        clearTimeout(settle);
        settle = setTimeout(draw, 1600);
      };
      later();
      live((rows, missing) => {
        if (missing < 0) {
          gap.textContent = "Some rows were lost: the server was started again.";
          start().catch(wrong);
        } else if (paused) {
          held += rows.length + missing;
          pause.textContent = `Go on (${held.toLocaleString("en")} new)`;
        } else {
          hidden += missing;
          for (const row of rows) groups.add(row, fits(row));
          draw();
          later();
        }
      }, following.signal, { sandbox, since: `${page.epoch}-${page.seq}` });
    };
    signal.addEventListener("abort", () => following.abort());
    await start();
  },
};
