// Writes the tables: sorted, one leaf field a line, equal large subtrees once.
import fs from 'node:fs';
import path from 'node:path';

// A field list of at least this many leaves that occurs again becomes a shape.
const SHAPE_LEAVES = 6;

/** JSON on one line, with a space after `:` and `,`. */
function spaced(x) {
  if (Array.isArray(x)) return `[${x.map(spaced).join(', ')}]`;
  if (x && typeof x === 'object') return `{${Object.entries(x).map(([k, v]) => `${JSON.stringify(k)}: ${spaced(v)}`).join(', ')}}`;
  return JSON.stringify(x);
}
/** Calls `f` with every field list directly below a type. */
function eachFields(t, f) {
  if (t.fields) f(t.fields);
  if (t.items) eachFields(t.items, f);
  if (t.values_type) eachFields(t.values_type, f);
  t.of?.forEach((x) => eachFields(x, f));
}
function leaves(fields) {
  let n = fields.length;
  for (const f of fields) eachFields(f, (l) => { n += leaves(l); });
  return n;
}

/** Finds repeated field lists. `roots` is [[name, fields]], in the order of the tables. */
function findShapes(roots) {
  const seen = new Map(); // text of a field list -> {count, name, fields}
  const visit = (fields, name) => {
    const text = JSON.stringify(fields);
    const s = seen.get(text);
    if (s) { s.count++; return; } // what is inside occurs where the first one is
    if (leaves(fields) >= SHAPE_LEAVES) seen.set(text, { count: 1, name, fields });
    for (const f of fields) eachFields(f, (l) => visit(l, `${name}.${f.name}`));
  };
  for (const [name, fields] of roots) visit(fields, name);
  const shapes = new Map(), used = new Set();
  for (const [text, s] of seen) {
    if (s.count < 2) continue;
    // Two alternatives of one parameter would share its name.
    let name = s.name;
    for (let i = 2; used.has(name); i++) name = `${s.name}~${i}`;
    used.add(name);
    shapes.set(text, { name, fields: s.fields });
  }
  return shapes;
}

/** Types as text: a list of fields opens a block, a leaf stays on its line. */
function writer(shapes) {
  const q = JSON.stringify;
  const block = (fields, pad) => fields.map((f) => `${pad}${q(f.name)}: ${type(f, pad)}`).join(',\n');
  function fieldsText(fields, pad) {
    const s = shapes.get(q(fields));
    if (s) return `"shape": ${q(s.name)}`;
    return fields.length ? `"fields": {\n${block(fields, pad + ' ')}\n${pad}}` : '"fields": {}';
  }
  function type(t, pad) {
    const out = [];
    for (const [k, v] of Object.entries(t)) {
      if (k === 'name') continue;
      else if (k === 'fields') out.push(fieldsText(v, pad));
      else if (k === 'items' || k === 'values_type') out.push(`${q(k)}: ${type(v, pad)}`);
      else if (k === 'of') out.push(`"of": [${v.map((x) => type(x, pad)).join(', ')}]`);
      else if (Array.isArray(v)) out.push(`${q(k)}: [${v.map((x) => q(x)).join(', ')}]`);
      else out.push(`${q(k)}: ${q(v)}`);
    }
    return `{${out.join(', ')}}`;
  }
  return { block, fieldsText, type };
}

export function writeTables(dir, { operations, objects, events, meta }) {
  fs.rmSync(dir, { recursive: true, force: true });
  const put = (name, text) => { const p = path.join(dir, name); fs.mkdirSync(path.dirname(p), { recursive: true }); fs.writeFileSync(p, text + '\n'); };
  const q = spaced;
  const roots = [...operations.map((o) => [o.name, o.params]), ...objects.flatMap((o) => [[`object ${o.name}`, o.fields], [`deleted ${o.name}`, o.deleted]])];
  const shapes = findShapes(roots);
  const w = writer(shapes);

  const families = new Map();
  for (const o of operations) {
    const seg = o.path.split('/').filter(Boolean);
    const family = seg[0] === 'v1' ? seg[1] : seg[0] === 'v2' ? `v2_${seg[1]}` : seg[0];
    (families.get(family) ?? families.set(family, []).get(family)).push(o);
  }
  for (const [family, list] of families) {
    put(`operations/${family}.json`, `{\n${list.map((o) => {
      const head = { api: o.api, method: o.method, path: o.path, ...(o.multipart ? { multipart: true } : {}), ...(o.legacy ? { legacy: true } : {}), returns: o.returns };
      return `${q(o.name)}: {${Object.entries(head).map(([k, v]) => `${q(k)}: ${q(v)}`).join(', ')}, ${w.fieldsText(o.params, '')}}`;
    }).join(',\n')}\n}`);
  }
  for (const o of objects) {
    const head = { object: o.name, ...(o.id_prefix ? { id_prefix: o.id_prefix } : {}), ...(o.legacy ? { legacy: true } : {}) };
    const deleted = o.deleted.length ? `,\n"deleted": {${w.fieldsText(o.deleted, '')}}` : '';
    put(`objects/${o.name}.json`, `{${Object.entries(head).map(([k, v]) => `${q(k)}: ${q(v)}`).join(', ')}, ${w.fieldsText(o.fields, '')}${deleted}}`);
  }
  put('events.json', `{\n${events.map((e) => `${q(e.name)}: ${q(e.objects)}`).join(',\n')}\n}`);
  const ordered = [...shapes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  put('shapes.json', `{\n${ordered.map((s) => `${q(s.name)}: {\n${w.block(s.fields, ' ')}\n}`).join(',\n')}\n}`);
  put('api.json', `{\n"api_version": ${q(meta.api_version)},\n"released_versions": [\n${meta.released_versions.map((v) => ` ${q(v)}`).join(',\n')}\n]\n}`);
  return { shapes: shapes.size };
}
