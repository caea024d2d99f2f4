// Billing: what a subscription has been billed, each attempt to charge it, and what comes next.
import { action, api, chip, get, h, idLink, link, money, time } from "./core.js";
import { away, bar, changing, counted, dim, drawn, grid, quiet, small, span, words } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */
/** @typedef {import("./parts.js").Again} Again */

/** @type {Record<string, any>} */
const LOOKS = { active: "ok", trialing: "ok", paid: "ok", succeeded: "ok", past_due: "bad", unpaid: "bad", uncollectible: "bad", failed: "bad", open: "warn", incomplete: "warn" };
/** @param {string} status */
const standing = (status) => chip(words(status), LOOKS[status]);
/** @param {Row} item of a subscription */
function priced({ quantity, price }) {
  const { recurring: each, unit_amount: amount } = price;
  return `${quantity ?? 1} × ${amount === null ? "by tiers" : money(amount, price.currency)} each ${each.interval_count > 1 ? `${each.interval_count} ${each.interval}s` : each.interval}`;
}
/** @param {Row} it */
const prices = (it) => it.items.data.map(priced).join(", ");
/** The period of a subscription: that of its items, or before they had one its own. @param {Row} it */
const period = (it) => [it.items.data[0] ?? it, it].map((one) => [one.current_period_start, one.current_period_end]).find(([start]) => start) ?? [it.created, it.created];
/** @param {Row} line of an invoice */
const billed = (line) => h("li", line.description ?? line.id, " ", h("b", money(line.amount, line.currency)), small(time(line.period.start), " to ", time(line.period.end)));
/** @param {Row} invoice */
const linesOf = (invoice) => h("ul", { class: "lines" }, invoice.lines.data.map(billed));
/** One entry of the timeline. @param {number | null} at @param {any} mark @param {any[]} of */
const entry = (at, mark, ...of) => h("li", h("p", at && time(at), " ", mark), of);
/** @param {Row} it a charge */
const attempted = (it) => h("li", standing(it.status), " ", money(it.amount, it.currency), " ", idLink(it.id), it.failure_message && small(it.failure_message, it.outcome?.reason && ` (${it.outcome.reason})`));

/** @param {Row} it an invoice @param {Row[]} charges @param {Again} again */
function invoiced(it, charges, again) {
  /** @type {Row[]} */
  const payments = it.payments?.data ?? [];
  const tries = charges.filter((charge) => payments.some(({ payment }) => payment.payment_intent === charge.payment_intent)).reverse();
  return entry(it.created, standing(it.status), h("div", { class: "box" },
    h("p", h("b", money(it.total, it.currency)), " ", words(it.billing_reason ?? "invoice"), " ", idLink(it.id), " ", it.number && dim(it.number, " "),
      it.hosted_invoice_url && away(it.hosted_invoice_url, "Page of the customer")),
    linesOf(it),
    tries.length > 0 && [quiet(counted(tries.length, "attempt")), h("ol", tries.map(attempted))],
    it.next_payment_attempt && h("p", "Charged again ", time(it.next_payment_attempt)),
    /draft|open/.test(it.status) && bar(action(it.status === "draft" ? "Finalize and charge now" : "Charge now", "POST", `due/${it.id}`, {}, again))));
}

/** What a subscription is. @param {Row} it @param {string | null} account @param {number} now @param {Row} [clock] */
function facts(it, account, now, clock) {
  const [start, end] = period(it);
  /** @type {[string, any][]} */
  const all = [
    ["Customer", [idLink(it.customer, account), account && [" of ", idLink(account)]]],
    ["Price", prices(it)],
    ["Period", [time(start), " to ", time(end), " ", h("progress", { max: end - start, value: Math.max(0, Math.min(now, end) - start), "aria-label": "How much of the period is over" })]],
    ["Trial", it.trial_end && ["until ", time(it.trial_end)]],
    ["Ends", it.cancel_at && time(it.cancel_at)],
    ["Ended", it.ended_at && [time(it.ended_at), " ", words(it.cancellation_details?.reason ?? "")]],
    ["Now", [time(now), clock ? [" by ", idLink(clock.id)] : " by the sandbox's clock"]],
  ];
  return h("dl", all.map(([name, what]) => what && [h("dt", name), h("dd", what)]));
}

/** @param {string} id @param {Again} again @param {AbortSignal} signal */
async function timeline(id, again, signal) {
  /** @type {[Row, {due: Row[], now: number}]} */
  const [{ object: it, account }, { due, now: ours }] = await Promise.all([get(`objects/${id}`), get(`due/${id}`)]);
  /** @type {[{data: Row[]}, {data: Row[]}, any, Row]} */
  const [invoices, charges, preview, clock] = await Promise.all([
    api("GET", "/v1/invoices", { subscription: id, limit: 100, expand: ["data.payments"] }, account),
    api("GET", "/v1/charges", { customer: it.customer, limit: 100 }, account),
    it.ended_at ? {} : api("POST", "/v1/invoices/create_preview", { subscription: id }, account).catch(({ message }) => ({ message })),
    it.test_clock && get(`objects/${it.test_clock}`).then(({ object }) => object),
  ]);
  const now = clock ? clock.frozen_time : ours, label = "Advance to the next thing";
  if (clock?.status === "advancing") setTimeout(() => { if (!signal.aborted) again(); }, 300);
  return [
    h("h2", id, " ", standing(it.status)), facts(it, account, now, clock),
    bar(due[0] && (clock ? action(label, "POST", `/v1/test_helpers/test_clocks/${clock.id}/advance`, { frozen_time: due[0].at }, again) : action(label, "POST", "clock", { advance: "next", object: id }, again)), link("The object", "objects", { id })),
    h("ol", { class: "track" },
      due.reverse().map((one) => entry(one.at, [chip(words(one.what)), dim(one.id !== id && [" ", idLink(one.id)], ` ${span(one.at - now)}`)],
        one.what === "renew" && preview.lines && h("div", { class: "box" }, h("p", "The next invoice: ", h("b", money(preview.total, preview.currency))), linesOf(preview)))),
      preview.message && entry(null, chip("no next invoice"), quiet(preview.message)),
      entry(now, chip("now", "ok")),
      invoices.data.map((one) => invoiced(one, charges.data, again)),
      entry(it.created, chip("created"))),
  ];
}

export default {
  name: "billing", title: "Billing", key: "b",
  /** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
  async show(main, params, signal) {
    const id = params.get("id"), place = h("div");
    const again = drawn(signal, changing, [place, async () => {
      if (id) return timeline(id, again, signal);
      const { objects, has_more: more } = await get("objects", { kind: "subscription", limit: 100 });
      return [grid(objects, "Subscriptions", "There is no subscription.",
        ["Subscription", ({ id }) => link(id, "billing", { id })],
        ["Status", ({ object }) => standing(object.status)],
        ["Customer", ({ object, account }) => idLink(object.customer, account)],
        ["Price", ({ object }) => prices(object)],
        ["Period until", ({ object }) => [time(period(object)[1]), object.test_clock && small("by ", idLink(object.test_clock))]]),
      more && quiet("These are the newest 100.")];
    }]);
    if (id) main.append(h("p", link("All subscriptions", "billing")));
    main.append(place);
    await again();
  },
};
