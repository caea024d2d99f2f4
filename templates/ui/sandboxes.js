// Sandboxes: the worlds of this server, their snapshots, and what differs between two of these.
import { chip, copy, curlOf, diff, empty, form, get, go, h, idLink, json, link, notice, section, setSandbox, state, time } from "./core.js";
import { bar, calling, destroy, foldedRow, grid, part, small } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */
/** @typedef {import("./parts.js").Again} Again */

/** @param {string} name */
const keyOf = (name) => name === "default" ? "sk_test_123" : `sk_test_sandbox_${name}`;
/** @type {Record<string, any>} */
const LOOKS = { created: "ok", changed: "warn", deleted: "bad" };

/** @param {Row[]} sandboxes @param {Again} again */
const list = (sandboxes, again) => grid(sandboxes, "Sandboxes in use", "No sandbox is in use yet.",
  ["Sandbox", ({ sandbox }) => h("div", h("b", sandbox), " ", sandbox === state.sandbox && chip("shown", "ok"))],
  ["Objects", (it) => it.objects.toLocaleString("en"), true],
  ["Clock", ({ clock }) => h("div", time(clock.now), small(clock.clock))],
  ["Faults", (it) => it.faults, true],
  ["Key", ({ sandbox }) => bar(h("code", keyOf(sandbox)), copy(keyOf(sandbox), "Copy key"))],
  ["", ({ sandbox }) => bar(sandbox !== state.sandbox && h("button", { type: "button", onclick: () => setSandbox(sandbox) }, "Show"),
    h("a", { href: `../state?sandbox=${encodeURIComponent(sandbox)}`, download: `${sandbox}.json` }, "Export"),
    destroy("Reset", `This resets the sandbox ${sandbox} to its fixtures: everything else in it is lost, but not its snapshots.`, "POST", "reset", { sandbox }, again),
    destroy("Delete", `This deletes the sandbox ${sandbox} with everything in it.`, "DELETE", `sandboxes/${encodeURIComponent(sandbox)}`, {}, again))]);

/** @param {string} name */
const snapshot = (name) => `snapshots/${encodeURIComponent(name)}`;
/** @param {string[]} snapshots @param {Again} again */
const kept = (snapshots, again) => grid(snapshots, "Snapshots", "There is no snapshot. Take one before a test, and restore or compare it afterwards.",
  ["Snapshot", (it) => h("b", it)],
  ["", (it) => bar(link("Compare with now", "sandboxes", { from: it }),
    destroy("Restore", `This restores the sandbox ${state.sandbox} to the snapshot ${it}: what happened since is lost.`, "POST", `${snapshot(it)}/restore`, {}, again),
    destroy("Delete", `This deletes the snapshot ${it}.`, "DELETE", snapshot(it), {}, again))]);

/** @param {Row} it */
function difference(it) {
  /** @type {Row[]} */
  const fields = it.fields ?? [];
  return foldedRow(`${it.account}/${it.id}`, [chip(it.what, LOOKS[it.what]), " ", h("b", it.object), " ", h("code", it.id),
    h("span", { class: "quiet" }, " ", fields.slice(0, 4).map(({ path }) => path).join(", "), fields.length > 4 && ` and ${fields.length - 4} more`)],
  h("p", idLink(it.id, it.account), it.account && [" of ", idLink(it.account)]), it.fields ? diff(fields) : json(it.after ?? it.before));
}

/** @param {Row} query @param {string | null} after @returns {Promise<Node[]>} */
async function differences(query, after) {
  const found = await get("diff", { ...query, ...(after ? { after } : {}) });
  const more = h("div");
  if (found.has_more || found.next) {
    more.append(h("button", { type: "button", onclick: async () => more.replaceWith(...await differences(query, found.next)) }, "Show more"));
  }
  return [
    after ? null : h("p", `${found.created} created, ${found.changed} changed, ${found.deleted} deleted between ${query.from} and ${query.to ?? "now"}.`),
    h("div", { class: "rows" }, found.differences.map(difference)), more, after ? null : curlOf("GET", "diff", query),
  ].filter((it) => it !== null);
}

export default {
  name: "sandboxes", title: "Sandboxes", key: "s",
  /** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
  async show(main, params, signal) {
    const worlds = h("div"), snapshots = h("div"), compared = h("div");
    const from = params.get("from"), to = params.get("to");
    const listed = part(worlds, async () => [list((await get("sandboxes")).sandboxes, all)], signal, () => true);
    /** @type {string[]} */
    let names = [];
    const taken = part(snapshots, async () => { names = (await get("snapshots")).snapshots; return [kept(names, all)]; }, signal, (row) => row.type === "control");
    const all = () => Promise.all([listed(), taken()]);
    await all();
    if (from) {
      const query = { from, ...(to ? { to } : {}) };
      compared.append(...await differences(query, null).catch((problem) => [notice(problem.message)]));
    } else compared.append(empty("Choose a snapshot to see what was created, changed and deleted since."));
    const world = state.sandbox;
    main.append(worlds,
      section(`Fork ${world}`, calling([{ name: "into", label: "Name of the copy", required: true, help: "replaces a sandbox of this name" }], "Fork", ({ into }) => ["POST", "fork", { into }], all)),
      section(`Snapshots of ${world}`, snapshots, calling([{ name: "name", label: "Name", required: true }], "Take snapshot", ({ name }) => ["POST", snapshot(name)], all)),
      section("Compare", names.length ? form([
        { name: "from", label: "From", value: from ?? "", options: names },
        { name: "to", label: "To", value: to ?? "", options: [["", "now"], ...names.map((it) => /** @type {[string, string]} */ ([it, it]))] },
      ], "Compare", (given) => go("sandboxes", given)) : null, compared),
      section(`Import into ${world}`, calling([{ name: "file", label: "An exported state or a fixtures document", type: "file", required: true }], "Import", ({ file }) => ["PUT", "state", {}, file],
        all, ({ file }) => `This replaces everything in the sandbox ${world} by what is in ${file.name}.`)));
  },
};
