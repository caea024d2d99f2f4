// What exists: kinds with counts, lists, and one object with all that leads to it and from it.
import { action, ago, api, chip, empty, form, get, go, h, idLink, link, money, quiet, raw, section, state, table, time } from "./core.js";
import { changed } from "./timeline.js";

/** @param {any} object what it is called, or is about */
const about = (object) => object.name ?? object.email ?? object.description ?? object.nickname ?? object.url ?? object.customer ?? object.type ?? "";
/** @param {any} object */
function amountOf(object) {
  const amount = object.amount_total ?? object.amount ?? object.total ?? object.amount_due ?? object.unit_amount;
  return typeof amount === "number" && object.currency ? money(amount, object.currency) : "";
}
const BAD = /fail|cancel|uncollectible|unpaid|past_due|lost|expired|rejected/;
/** @param {any} object */
function statusOf(object) {
  const status = object.status ?? (typeof object.active === "boolean" ? (object.active ? "active" : "inactive") : object.disputed ? "disputed" : "");
  return typeof status === "string" && status ? chip(status, BAD.test(status) ? "bad" : /requires|open|pending|process|incomplete|dispute|needs/.test(status) ? "warn" : "quiet") : "";
}

/** @returns {Promise<any[]>} */
const kindsOf = async () => (await get("objects")).kinds;

/** @param {HTMLElement} main */
async function kinds(main) {
  const all = await kindsOf();
  main.append(form([{ name: "id", label: "Open an object by its id", type: "search", placeholder: "cus_…", required: true }], "Open", ({ id }) => go("objects", { id: id.trim() })),
    all.length ? h("ul", { class: "kinds" }, all.map(({ object, count }) => h("li", { "data-row": object }, link([`${object} `, h("b", count.toLocaleString("en"))], "objects", { kind: object })))) : empty("This sandbox holds no objects yet."));
}

/** @param {HTMLElement} main @param {string} kind @param {URLSearchParams} params */
async function list(main, kind, params) {
  const query = params.get("query") ?? "";
  const of = (await kindsOf()).find(({ object }) => object === kind);
  main.append(h("h1", kind), h("p", link("All kinds", "objects")),
    form([
      ...(of?.search ? [{ name: "query", label: "Search, in the search language of the API", type: "search", value: query, placeholder: /customer/.test(kind) ? "email:'ada@example.com'" : "metadata['order']:'17'" }] : []),
      { name: "account", label: "Account", value: state.account, placeholder: "the platform, or acct_…" },
    ], "Filter", (values) => go("objects", { kind, ...values })));
  /** @type {{data?: any[], objects?: any[], has_more: boolean, next?: string}} */
  const page = query ? await api("GET", `${of.list}/search`, { query, limit: 100 }) : await get("objects", { kind, limit: 50, after: params.get("after"), account: state.account || null });
  const rows = page.objects ?? (page.data ?? []).map((object) => ({ id: object.id, account: state.account, object }));
  /** @type {{title: string, number?: boolean, cell(row: any): any}[]} */
  const columns = [
    { title: "Id", cell: ({ id, account }) => idLink(id, account) },
    { title: "About", cell: ({ object }) => String(about(object)) },
    { title: "Amount", number: true, cell: ({ object }) => amountOf(object) },
    { title: "Status", cell: ({ object }) => statusOf(object) },
    { title: "Created", cell: ({ object }) => (object.created ? time(object.created) : "") },
    { title: "Account", cell: ({ account }) => (account ? idLink(account) : "") },
  ];
  main.append(table(columns.filter(({ title }) => title !== "Account" || rows.some(({ account }) => account)), rows, { caption: `Objects of the kind ${kind}`, empty: query ? "Nothing fits the search." : "There are none." }));
  if (page.has_more) main.append(h("p", page.next ? link("Next", "objects", { kind, after: page.next }) : "There are more; search for less."));
}

/** @typedef {[string, string, string, Record<string, any>]} Deed a label, a method, a path, parameters */
/** @param {string} kind @param {string} id @returns {Deed} */
const refund = (kind, id) => ["Refund", "POST", "/v1/refunds", { [kind]: id }];
/** What is often done with an object. @param {any} object @returns {Deed[]} */
function deeds({ object: kind, id, status, paid, refunded, disputed }) {
  /** @type {Deed} */
  const dispute = ["Dispute", "POST", "trigger", { event: "charge.dispute.created", id }];
  if (kind === "charge" && paid) return [...(refunded ? [] : [refund(kind, id)]), ...(disputed ? [] : [dispute])];
  if (kind === "payment_intent" && status === "succeeded") return [refund(kind, id)];
  if (kind === "checkout.session" && status === "open") return [["Expire", "POST", `/v1/checkout/sessions/${id}/expire`, {}]];
  if (kind === "invoice" && status === "open") return [["Pay", "POST", `/v1/invoices/${id}/pay`, {}]];
  if (kind === "subscription" && !/cancel|expired/.test(status)) return [["Cancel", "DELETE", `/v1/subscriptions/${id}`, {}]];
  return [];
}
/** @param {string} name @param {any[][]} rows */
const part = (name, rows) => rows.length > 0 && section(name, h("ul", { class: "plain" }, rows.map((row) => h("li", { "data-row": name }, row))));

/** @param {HTMLElement} main @param {string} id */
async function inspect(main, id) {
  const found = await get(`objects/${encodeURIComponent(id)}`);
  const { kind, account, object, page } = found;
  /** @type {Record<string, any[]>} */
  const { links = [], linked_from = [], history = [], triggers = [], due = [] } = found;
  // What is done here is done in the object's account.
  state.account = account ?? "";
  const again = () => go("objects", { id, account }, true);
  const events = [...new Map(triggers.map((one) => [one.event, one])).values()];
  main.append(
    h("h1", `${kind} `, h("code", id)),
    h("p", { class: "bar" }, h("b", amountOf(object)), statusOf(object), h("span", String(about(object)))),
    h("p", { class: "bar" }, link(`All of ${kind}`, "objects", { kind }), link("In the timeline", "timeline", { search: id }), kind === "subscription" && link("Billing", "billing", { id }), account && h("span", "account ", idLink(account)), page && h("a", { href: page, target: "_blank", rel: "noreferrer" }, "Its page"),
      quiet("created ", time(object.created))),
    h("div", { class: "bar" }, deeds(object).map((deed) => action(...deed, again)), due.length > 0 && action("Do now what is due", "POST", `due/${id}`, {}, again)),
    h("div", { class: "two" },
      h("div",
        section("Changes", history.length ? h("ol", { class: "steps" }, history.map(({ at, type, what, request, fields, seq }) =>
          changed({ what, fields: what === "changed" && fields }, [request ? idLink(request) : link(type === "work" ? "due work" : type, "timeline", { open: seq, before: seq + 1 }), " ", quiet(ago(at))]))) : empty("None that the server still knows.")),
        part("Due later", due.map((row) => [time(row.at), ` ${row.what} `, idLink(row.id, account)])),
        part("Linked from", linked_from.map((row) => [`${row.object} `, idLink(row.id, account), " ", h("code", row.path)])),
        part("Leads to", links.map((one) => [idLink(one, account)])),
        events.length > 0 && section("Make an event happen", h("div", { class: "bar" }, events.map(({ event, what }) => { const button = action(event, "POST", "trigger", { event, id }, again); button.title = `${what}\n${button.title}`; return button; })))),
      section("Object", raw(object))));
}

/** @type {import("./core.js").Page} */
export default {
  name: "objects", title: "Objects", key: "o",
  async show(main, params) {
    const id = params.get("id"), kind = params.get("kind");
    await (id ? inspect(main, id) : kind ? list(main, kind, params) : kinds(main));
  },
};
