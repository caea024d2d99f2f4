// Merges what other sources know into the newest SDK's trees. The newest SDK decides
// the type and whether a parameter is required; the others may only add to it.

/** Merges the operations of an older source. `authority` also corrects `required` (the
 * OpenAPI file counts a parameter as optional when an old alternative to it exists). */
export function mergeOperations(into, from, { authority = false } = {}) {
  for (const [key, o] of from) {
    const known = into.get(key);
    if (!known) { into.set(key, { ...o, legacy: true }); continue; }
    if (authority) known.path = o.path;
    if (o.multipart) known.multipart = true;
    known.params = mergeFields(known.params, o.params, authority);
  }
}

function mergeFields(mine, theirs, authority) {
  const byName = new Map(mine.map((f) => [f.name, f]));
  for (const t of theirs) {
    const m = byName.get(t.name);
    byName.set(t.name, m ? mergeField(m, t, authority) : { ...lenient(t), legacy: true });
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

// A parameter that only old clients send is known, never required; so are its parts.
function lenient(t) {
  const { required: _, ...f } = t;
  if (f.fields) f.fields = f.fields.map(lenient);
  if (f.items) f.items = lenient(f.items);
  if (f.values_type) f.values_type = lenient(f.values_type);
  if (f.of) f.of = f.of.map(lenient);
  return f;
}

function mergeField(m, t, authority) {
  const r = { ...mergeType(m, t, authority) };
  if (t.emptyable) r.emptyable = true;
  if (authority && r.required && !t.required) delete r.required;
  return r;
}

// Pairs that mean the same on the wire: the newest type stands.
const SAME = new Set(['enum/string', 'string/enum', 'timestamp/integer', 'integer/timestamp', 'range/object', 'range/timestamp', 'range/integer',
  'object/free_object', 'free_object/object', 'metadata/map', 'metadata/free_object', 'map/free_object', 'map/metadata', 'map/object', 'number/integer', 'integer/number', 'number/string',
  'decimal/string', 'decimal/number', 'decimal/integer', 'string/decimal', 'int64_string/string', 'int64_string/integer', 'string/number', 'file/string', 'file/any', 'file/free_object', 'file/any_of']);
export const differences = new Set();

function mergeType(m, t, authority) {
  if (m.type === 'any_of' || t.type === 'any_of') {
    const of = [...(m.type === 'any_of' ? m.of : [alternative(m)])];
    if (SAME.has(`${m.type}/any_of`)) return m;
    for (const x of t.type === 'any_of' ? t.of : [alternative(t)]) {
      const i = of.findIndex((y) => y.type === x.type || SAME.has(`${y.type}/${x.type}`));
      if (i >= 0) of[i] = mergeType(of[i], x, authority); else of.push(lenient(x));
    }
    return of.length === 1 ? { ...flags(m), ...of[0] } : { ...flags(m), type: 'any_of', of };
  }
  if (m.type === t.type) {
    switch (m.type) {
      case 'string': return t.max_length && !m.max_length && authority ? { ...m, max_length: t.max_length } : m;
      case 'enum': return { ...m, values: [...new Set([...m.values, ...t.values])].sort() };
      case 'object': return { ...m, fields: mergeFields(m.fields, t.fields, authority) };
      case 'array': return { ...m, items: mergeType(m.items, t.items, authority) };
      case 'map': return { ...m, values_type: mergeType(m.values_type, t.values_type, authority) };
      default: return m;
    }
  }
  if (SAME.has(`${m.type}/${t.type}`)) return m;
  differences.add(`${m.type}/${t.type}`);
  return { ...flags(m), type: 'any_of', of: [alternative(m), lenient(alternative(t))] };
}
const flags = ({ name, required, emptyable, nullable, optional, legacy }) => Object.fromEntries(Object.entries({ name, required, emptyable, nullable, optional, legacy }).filter(([, v]) => v));
const alternative = ({ name: _n, required: _r, emptyable: _e, nullable: _u, optional: _o, legacy: _l, ...x }) => x;
