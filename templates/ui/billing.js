// Billing: what a subscription has been billed, each attempt to charge it, and what comes next.
import { action, api, chip, get, h, idLink, link, money, table, time } from "./core.js";
import { bar, changing, counted, part, quiet, small, span, words } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */

const KINDS = /** @type {Record<string, any>} */ ({
  active: "ok", trialing: "ok", paid: "ok", succeeded: "ok", past_due: "bad", unpaid: "bad", uncollectible: "bad", failed: "bad", open: "warn", incomplete: "warn",
});
/** @param {string} status */
const standing = (status) => chip(words(status), KINDS[status] ?? "quiet");
/** @param {Row} it */
const prices = (it) => it.items.data.map((/** @type {Row} */ { quantity, price }) => `${quantity ?? 1} × ${price.unit_amount === null ? "by tiers" : money(price.unit_amount, price.currency)}${price.recurring
  ? ` each ${price.recurring.interval_count > 1 ? `${price.recurring.interval_count} ${price.recurring.interval}s` : price.recurring.interval}` : ""}`).join(", ");
/** @param {Row} it */
const period = (it) => ({ start: it.current_period_start ?? it.items.data[0]?.current_period_start, end: it.current_period_end ?? it.items.data[0]?.current_period_end });
/** @param {Row} lines */
const linesOf = (lines) => h("ul", { class: "lines" }, ...lines.data.map((/** @type {Row} */ it) => h("li", it.description ?? it.id, " ", h("b", money(it.amount, it.currency)),
  small(time(it.period.start), " to ", time(it.period.end)))));

/** @param {Row[]} subscriptions */
const list = (subscriptions) => table([
  { title: "Subscription", cell: ({ object: it }) => link(it.id, "billing", { id: it.id }) },
  { title: "Status", cell: ({ object: it }) => standing(it.status) },
  { title: "Customer", cell: ({ object: it }) => idLink(it.customer) },
  { title: "Price", cell: ({ object: it }) => prices(it) },
  { title: "Period until", cell: ({ object: it }) => h("div", time(period(it).end), it.test_clock ? small("by ", idLink(it.test_clock)) : null) },
], subscriptions, { caption: "Subscriptions", empty: "There is no subscription." });

/** One entry of the timeline. @param {number | null} at @param {any} mark @param {any[]} content */
const entry = (at, mark, ...content) => h("li", h("p", at && time(at), " ", mark), content);

/** @param {Row} it a charge */
const attempted = (it) => h("li", standing(it.status), " ", money(it.amount, it.currency), " ", idLink(it.id),
  it.failure_message ? small(it.failure_message, it.outcome?.reason ? ` (${it.outcome.reason})` : "") : null);

/** @param {Row} it @param {Row[]} charges @param {import("./parts.js").Again} again */
function invoiced(it, charges, again) {
  const intents = new Set((it.payments?.data ?? []).map((/** @type {Row} */ one) => one.payment.payment_intent));
  const tries = charges.filter((one) => intents.has(one.payment_intent)).sort((a, b) => a.created - b.created);
  return entry(it.created, standing(it.status), h("div", { class: "box" },
    h("p", h("b", money(it.total, it.currency)), " ", words(it.billing_reason ?? "invoice"), " ", idLink(it.id), it.number ? h("span", { class: "quiet" }, ` ${it.number}`) : null,
      it.hosted_invoice_url && [" ", h("a", { href: it.hosted_invoice_url, target: "_blank", rel: "noopener" }, "Page of the customer")]),
    linesOf(it.lines),
    tries.length ? h("div", quiet(counted(tries.length, "attempt")), h("ol", ...tries.map(attempted))) : null,
    it.next_payment_attempt ? h("p", "Charged again ", time(it.next_payment_attempt)) : null,
    it.status === "draft" || it.status === "open" ? bar(action(it.status === "draft" ? "Finalize and charge now" : "Charge now", "POST", `due/${it.id}`, {}, again)) : null));
}

/** @param {HTMLElement} main @param {string} id @param {AbortSignal} signal */
async function timeline(main, id, signal) {
  const place = h("div");
  main.append(h("p", link("All subscriptions", "billing")), place);
  const again = part(place, async () => {
    const { object: it, account } = await get(`objects/${id}`);
    const { due, now } = await get(`due/${id}`, { limit: 10 });
    const [invoices, charges, preview] = await Promise.all([
      api("GET", "/v1/invoices", { subscription: id, limit: 100, expand: ["data.payments"] }, account),
      api("GET", "/v1/charges", { customer: it.customer, limit: 100 }, account),
      it.ended_at ? null : api("POST", "/v1/invoices/create_preview", { subscription: id }, account).catch((/** @type {Error} */ problem) => problem.message),
    ]);
    const clock = it.test_clock && (await get(`objects/${it.test_clock}`)).object;
    const present = clock?.frozen_time ?? now;
    const { start, end } = period(it);
    const forward = !due[0] ? null : clock ? action("Advance to the next thing", "POST", `/v1/test_helpers/test_clocks/${clock.id}/advance`, { frozen_time: due[0].at }, again)
      : action("Advance to the next thing", "POST", "clock", { advance: "next", object: id }, again);
    if (clock?.status === "advancing") setTimeout(() => { if (!signal.aborted) again(); }, 300);
    const over = h("progress", { max: String(end - start), value: String(Math.max(0, Math.min(present, end) - start)), "aria-label": "How much of the period is over" });
    return [
      h("h2", id, " ", standing(it.status)),
      h("dl", h("dt", "Customer"), h("dd", idLink(it.customer), account && [" of ", idLink(account)]),
        h("dt", "Price"), h("dd", prices(it)),
        h("dt", "Period"), h("dd", time(start), " to ", time(end), " ", over),
        it.trial_end && [h("dt", "Trial"), h("dd", "until ", time(it.trial_end))],
        it.cancel_at && [h("dt", "Ends"), h("dd", time(it.cancel_at))],
        it.ended_at && [h("dt", "Ended"), h("dd", time(it.ended_at), it.cancellation_details?.reason ? ` ${words(it.cancellation_details.reason)}` : "")],
        it.default_payment_method && [h("dt", "Payment method"), h("dd", idLink(it.default_payment_method))],
        h("dt", "Now"), h("dd", time(present), clock ? [" by ", idLink(clock.id)] : " by the sandbox's clock")),
      bar(forward, link("Clock", "clock"), link("The object", "objects", { id })),
      h("ol", { class: "track" },
        ...due.toReversed().map((/** @type {Row} */ one) => entry(one.at, [chip(words(one.what)), h("span", { class: "quiet" }, one.id === id ? null : [" ", idLink(one.id)], ` ${span(one.at - present)}`)],
          one.what === "renew" && preview?.lines ? h("div", { class: "box" }, h("p", "The next invoice: ", h("b", money(preview.total, preview.currency))), linesOf(preview.lines)) : null)),
        typeof preview === "string" ? entry(null, chip("no next invoice", "quiet"), quiet(preview)) : null,
        entry(present, chip("now", "ok")),
        ...invoices.data.map((/** @type {Row} */ one) => invoiced(one, charges.data, again)),
        entry(it.created, chip("created", "quiet"))),
    ];
  }, signal, changing);
  await again();
}

export default {
  name: "billing", title: "Billing", key: "b",
  /** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
  async show(main, params, signal) {
    const id = params.get("id");
    if (id) return timeline(main, id, signal);
    const place = main.appendChild(h("div"));
    const again = part(place, async () => {
      const { objects, has_more: more } = await get("objects", { kind: "subscription", limit: 100 });
      return [list(objects), more ? quiet("These are the newest 100.") : null];
    }, signal, changing);
    await again();
  },
};
