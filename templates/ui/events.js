// The events in order, and one of them: its payload, what changed, where it was sent.
import { action, api, chip, diff, form, go, h, idLink, link, quiet, raw, section, table, time } from "./core.js";
import { newer } from "./requests.js";
import { sent } from "./timeline.js";

/** The fields of `previous_attributes` beside what they are now. @param {any} before @param {any} now @param {string} [path] @returns {import("./core.js").Field[]} */
function fieldsOf(before, now, path = "") {
  return Object.entries(before).flatMap(([name, old]) => {
    const at = path + name, value = now?.[name];
    return old && value && typeof old === "object" && typeof value === "object" && !Array.isArray(old) ? fieldsOf(old, value, `${at}.`) : [{ path: at, before: old, after: value }];
  });
}

/** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
async function list(main, params, signal) {
  const type = params.get("type") ?? "", after = params.get("after");
  const { data, has_more } = await api("GET", "/v1/events", { limit: 50, type: type || null, starting_after: after });
  main.append(form([{ name: "type", label: "Type", type: "search", value: type, placeholder: "charge.*" }], "Filter", (values) => go("events", values)), newer(({ events = [] }) => events.length, () => go("events", { type }, true), signal),
    table([
      { title: "Type", cell: (event) => link(event.type, "events", { id: event.id }) },
      { title: "Object", cell: ({ data: { object } }) => (object.id ? idLink(object.id) : object.object) },
      { title: "Caused by", cell: ({ request }) => (request?.id ? idLink(request.id) : quiet("due work")) },
      { title: "Not yet delivered", number: true, cell: ({ pending_webhooks: count }) => (count ? chip(count, "warn") : "") },
      { title: "Time", cell: ({ created }) => time(created) },
    ], data, { caption: "Events", empty: type ? "No event of that type." : "No events yet: requests that change something make them." }));
  if (has_more) main.append(h("p", link("Older", "events", { type, after: data.at(-1).id })));
}

/** @param {HTMLElement} main @param {string} id */
async function one(main, id) {
  const event = await api("GET", `/v1/events/${encodeURIComponent(id)}`);
  const { object, previous_attributes: before } = event.data;
  const again = () => setTimeout(() => go("events", { id }, true), 400);
  main.append(
    h("h1", event.type), h("p", { class: "bar" }, h("code", id), time(event.created), quiet(`API version ${event.api_version}`)),
    h("dl", h("dt", "Object"), h("dd", object.object, " ", object.id ? idLink(object.id) : ""), h("dt", "Caused by"), h("dd", event.request?.id ? idLink(event.request.id) : "due work, or a control call"),
      event.account && [h("dt", "Account"), h("dd", idLink(event.account))]),
    h("div", { class: "bar" }, action("Send again to every endpoint", "POST", "webhooks/resend", { event: id }, again), link("In the timeline", "timeline", { search: id }), link("Others of this type", "events", { type: event.type })),
    before ? section("What changed (previous_attributes)", diff(fieldsOf(before, object))) : "",
    section("Deliveries", h("ol", { class: "steps" }, sent({ id, type: event.type }, again))),
    section("Payload", raw(event, 3)));
}

/** @type {import("./core.js").Page} */
export default {
  name: "events", title: "Events", key: "e",
  async show(main, params, signal) {
    const id = params.get("id");
    await (id ? one(main, id) : list(main, params, signal));
  },
};
