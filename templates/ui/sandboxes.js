// Sandboxes: the worlds of this server, their snapshots, and what differs between two of these.
import { chip, copy, curlOf, diff, empty, form, get, go, h, idLink, json, link, notice, section, setSandbox, state, time } from "./core.js";
import { bar, calling, changing, destroy, dim, drawn, foldedRow, grid, rows, small } from "./parts.js";

/** @typedef {import("./parts.js").Row} Row */
/** @typedef {import("./parts.js").Again} Again */

/** @param {string} name */
const keyOf = (name) => name === "default" ? "sk_test_123" : `sk_test_sandbox_${name}`;
/** @type {Record<string, any>} */
const LOOKS = { created: "ok", changed: "warn", deleted: "bad" };

/** @param {Row[]} sandboxes @param {Again} again */
const list = (sandboxes, again) => grid(sandboxes, "Sandboxes in use", "No sandbox is in use yet.",
  ["Sandbox", ({ sandbox }) => [h("b", sandbox), " ", sandbox === state.sandbox && chip("shown", "ok")]],
  ["Objects", (it) => it.objects.toLocaleString("en"), true],
  ["Clock", ({ clock }) => [time(clock.now), small(clock.clock)]],
  ["Faults", (it) => it.faults, true],
  ["Key", ({ sandbox }) => bar(h("code", keyOf(sandbox)), copy(keyOf(sandbox), "Copy key"))],
  ["", ({ sandbox }) => bar(sandbox !== state.sandbox && h("button", { type: "button", onclick: () => setSandbox(sandbox) }, "Show"),
    h("a", { href: `../state?sandbox=${sandbox}`, download: `${sandbox}.json` }, "Export"),
    destroy("Reset", `This resets the sandbox ${sandbox} to its fixtures: everything else in it is lost, but not its snapshots.`, "POST", "reset", { sandbox }, again),
    destroy("Delete", `This deletes the sandbox ${sandbox} with everything in it.`, "DELETE", `sandboxes/${sandbox}`, {}, again))]);

/** @param {string} name */
const snapshot = (name) => `snapshots/${encodeURIComponent(name)}`;
/** @param {string[]} snapshots @param {Again} again */
const kept = (snapshots, again) => grid(snapshots, "Snapshots", "There is no snapshot. Take one before a test, and compare or restore it after.",
  ["Snapshot", (it) => h("b", it)],
  ["", (it) => bar(link("Compare with now", "sandboxes", { from: it }),
    destroy("Restore", `This restores the sandbox ${state.sandbox} to the snapshot ${it}: what happened since is lost.`, "POST", `${snapshot(it)}/restore`, {}, again),
    destroy("Delete", `This deletes the snapshot ${it}.`, "DELETE", snapshot(it), {}, again))]);

/** @param {Row} it */
function difference(it) {
  /** @type {Row[]} */
  const fields = it.fields ?? [];
  return foldedRow(`${it.account}/${it.id}`, [chip(it.what, LOOKS[it.what]), " ", h("b", it.object), " ", h("code", it.id),
    dim(" ", fields.slice(0, 4).map(({ path }) => path).join(", "), fields.length > 4 && ` and ${fields.length - 4} more`)],
  () => [h("p", idLink(it.id, it.account), it.account && [" of ", idLink(it.account)]), it.fields ? diff(fields) : json(it.after ?? it.before)]);
}

/** @param {Row} query */
async function differences(query) {
  const { created, changed, deleted, differences: all, next } = await get("diff", { ...query, limit: 1000 });
  return [
    h("p", `${created} created, ${changed} changed, ${deleted} deleted between ${query.from} and ${query.to ?? "now"}.`),
    rows(all.map(difference)), next ? "There are more than these." : "", curlOf("GET", "diff", query),
  ];
}

export default {
  name: "sandboxes", title: "Sandboxes", key: "s",
  /** @param {HTMLElement} main @param {URLSearchParams} params @param {AbortSignal} signal */
  async show(main, params, signal) {
    const worlds = h("div"), snapshots = h("div"), compared = h("div");
    const from = params.get("from"), to = params.get("to");
    /** @type {string[]} */
    let names = [];
    const all = drawn(signal, changing, [worlds, async () => [list((await get("sandboxes")).sandboxes, all)]], [snapshots, async () => {
      names = (await get("snapshots")).snapshots;
      return [kept(names, all)];
    }]);
    await all();
    compared.append(...from ? await differences(to ? { from, to } : { from }).catch(({ message }) => [notice(message)]) : [empty("Choose a snapshot to see what was created, changed and deleted since.")]);
    const world = state.sandbox;
    main.append(worlds,
      section(`Fork ${world}`, calling([{ name: "into", label: "Name of the copy", required: true, help: "replaces a sandbox of this name" }], "Fork", ({ into }) => ["POST", "fork", { into }], all)),
      section(`Snapshots of ${world}`, snapshots, calling([{ name: "name", label: "Name", required: true }], "Take snapshot", ({ name }) => ["POST", snapshot(name)], all)),
      section("Compare", names.length > 0 && form([
        { name: "from", label: "From", value: from ?? "", options: names },
        { name: "to", label: "To", value: to ?? "", options: [["", "now"], ...names] },
      ], "Compare", (given) => go("sandboxes", given)), compared),
      section(`Import into ${world}`, calling([{ name: "file", label: "An exported state or a fixtures document", type: "file", required: true }], "Import", ({ file }) => ["PUT", "state", {}, file],
        all, ({ file }) => `This replaces everything in the sandbox ${world} by what is in ${file.name}.`)));
  },
};
