// From a package's model to plain trees: operations with their parameters and
// results, objects with their fields, event types.
//
// A field is `{name, type, required?, emptyable?, nullable?, optional?, …}`; see the README.
import { PREFIXES } from './prefixes.mjs';

export function trees(m) {
  const objectOf = new Map(); // definition -> object name, live or deleted
  for (const [name, ids] of Object.entries(m.resources)) for (const i of ids) objectOf.set(i, name);
  const isDeleted = (i) => m.defs[i]?.props.deleted?.type.t === 'enum';
  const target = (i) => (isDeleted(i) ? 'deleted:' : '') + objectOf.get(i);
  const targets = (parts) => [...new Set(parts.map((x) => target(x.id)))].sort();

  // `seen` stops the recursion of nested types, `req` tells parameters from results.
  function typ(t, p, seen, req) {
    switch (t.t) {
      case 'string': return { type: 'string' };
      case 'number': return { type: p?.time ? 'timestamp' : p?.float ? 'number' : 'integer' };
      case 'boolean': return { type: 'boolean' };
      case 'decimal': return { type: 'decimal' };
      case 'int64': return { type: 'int64_string' };
      case 'metadata': return { type: 'metadata' };
      case 'file': return { type: 'file' };
      case 'stream': case 'any': return { type: 'any' };
      case 'null': case 'void': return null;
      case 'enum': return enumeration(t.v);
      case 'array': return { type: 'array', items: typ(t.of, p, seen, req) };
      case 'map': return { type: 'map', values_type: typ(t.of, p, seen, req) };
      case 'list': case 'search': case 'v2list': case 'v2search': return { type: 'list', items: typ(t.of, p, seen, req) };
      case 'emptyable': return { ...typ(t.of, p, seen, req), emptyable: true };
      case 'partial': return t.of.t === 'ref' && objectOf.has(t.of.id) ? { type: 'free_object' } : typ(t.of, p, seen, req);
      case 'object': return { type: 'object', fields: fields(t.props, seen, req) };
      case 'ref': return reference(t, p, seen, req);
      case 'union': return union(t, p, seen, req);
    }
    throw new Error(`unknown type ${t.t}`);
  }
  function enumeration(values) {
    if (values.every((v) => typeof v === 'boolean')) return { type: 'boolean' };
    if (values.every((v) => typeof v === 'number')) return { type: 'integer' };
    const v = values.filter((x) => x !== '').map(String);
    return { type: 'enum', values: v, ...(v.length < values.length ? { emptyable: true } : {}) };
  }
  function reference(t, p, seen, req) {
    if (!req && objectOf.has(t.id)) return { type: 'ref', to: [target(t.id)] };
    const d = m.defs[t.id];
    if (/^(.*\.)?Metadata(Param)?$/.test(t.id) && d.map) return { type: 'metadata' };
    if (d.map && !Object.keys(d.props).length) return { type: 'map', values_type: typ(d.map, p, seen, req) };
    if (t.id === 'RangeQueryParam') return { type: 'range' };
    if (seen.includes(t.id)) return { type: 'free_object' };
    const f = fields(d.props, [...seen, t.id], req);
    return f.length ? { type: 'object', fields: f } : { type: 'free_object' };
  }
  function union(t, p, seen, req) {
    const parts = t.of.filter((x) => x.t !== 'null' && x.t !== 'void');
    const nullable = t.of.some((x) => x.t === 'null') ? { nullable: true } : {};
    if (parts.length === 1) return { ...typ(parts[0], p, seen, req), ...nullable };
    const refs = req ? [] : parts.filter((x) => x.t === 'ref' && objectOf.has(x.id));
    if (refs.length && parts.every((x) => x.t === 'string' || refs.includes(x))) {
      return { type: parts.some((x) => x.t === 'string') ? 'expandable' : 'ref', to: targets(refs), ...nullable };
    }
    if (parts.length === 2 && parts.some((x) => x.t === 'ref' && x.id === 'RangeQueryParam')) return { type: 'range', ...nullable };
    const of = parts.map((x) => typ(x, p, seen, req));
    const emptyable = of.some((x) => x.emptyable) ? { emptyable: true } : {};
    return { type: 'any_of', of: of.map(({ emptyable: _, ...x }) => x), ...emptyable, ...nullable };
  }
  function fields(props, seen, req) {
    const out = [];
    for (const [name, p] of Object.entries(props)) {
      const x = typ(p.type, p, seen, req);
      if (!x) continue;
      const f = { name, ...x };
      if (req) { if (!p.opt) f.required = true; } else if (p.opt) f.optional = true;
      out.push(f);
    }
    return out.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  // A result: {object: [...]}, {list: [...]}, {search_result: [...]}, {deleted: name}, 'stream' or 'other'.
  function returns(t) {
    const objects = (x) => (x.t === 'union' ? x.of : [x]).filter((y) => y.t === 'ref' && objectOf.has(y.id));
    switch (t?.t) {
      case 'list': return { list: targets(objects(t.of)) };
      case 'search': return { search_result: targets(objects(t.of)) };
      case 'ref': case 'union': {
        const to = targets(objects(t));
        if (!to.length) return 'other';
        return to.length === 1 && to[0].startsWith('deleted:') ? { deleted: to[0].slice(8) } : { object: to };
      }
      case 'stream': return 'stream';
      default: return 'other';
    }
  }

  const operations = new Map();
  for (const o of m.operations) {
    const key = `${o.method} ${o.path.replace(/\{[^}]*\}/g, '{}')}`;
    // The SDK has two methods for GET /v1/account; the plain one comes with parameters.
    if (operations.has(key)) continue;
    const p = o.params ? typ(o.params, null, [], true) : null;
    // `expand` is known by its place: the top level of an operation.
    const params = (p?.fields ?? []).map((f) => (f.name === 'expand' && f.type === 'array' ? { name: 'expand', type: 'expand' } : f));
    operations.set(key, { key, method: o.method, path: o.path, sdk: o.name, ...(o.multipart ? { multipart: true } : {}), params, returns: o.streaming ? 'stream' : returns(o.returns) });
  }

  const objects = new Map();
  for (const [name, ids] of Object.entries(m.resources)) {
    const live = ids.filter((i) => !isDeleted(i));
    const gone = ids.find(isDeleted);
    const variants = (name === 'event' ? live.slice(0, 1) : live).map((i) => fields(m.defs[i].props, [i], false));
    objects.set(name, { name, ...(PREFIXES[name] ? { id_prefix: PREFIXES[name] } : {}), fields: variants.length ? variants.reduce(mergeVariants) : [], deleted: gone ? fields(m.defs[gone].props, [gone], false) : [] });
  }
  // Every event type is one interface over a common base: the base is the object `event`.
  if (m.defs.EventBase) objects.get('event').fields = fields(m.defs.EventBase.props, ['EventBase'], false);
  const events = (m.resources.event ?? []).map((i) => {
    const d = m.defs[i].props;
    const data = d.data?.type.t === 'ref' ? m.defs[d.data.type.id].props : d.data?.type.props ?? {};
    const r = returns(data.object?.type);
    return { name: d.type?.type.v?.[0], objects: r.object ?? (r.deleted ? [`deleted:${r.deleted}`] : []) };
  }).filter((e) => e.name).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { operations, objects, events };
}

/** Two declarations of one object: what only one of them has is optional. */
function mergeVariants(a, b) {
  const names = [...new Set([...a, ...b].map((f) => f.name))].sort();
  return names.map((n) => {
    const x = a.find((f) => f.name === n), y = b.find((f) => f.name === n);
    if (!x || !y) return { ...(x ?? y), optional: true };
    return x.type === 'enum' && y.type === 'enum' ? { ...x, values: [...new Set([...x.values, ...y.values])] } : x;
  });
}
