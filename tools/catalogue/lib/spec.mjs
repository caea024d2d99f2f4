// Reads the OpenAPI file of an earlier version into the same trees as the SDK's types.
// It knows what types do not say: maximum lengths, names of path parameters, the
// declared order of enum values, and parameters and paths that the SDKs have dropped.
import fs from 'node:fs';

export function readSpec(file) {
  const spec = JSON.parse(fs.readFileSync(file, 'utf8'));
  const schemas = spec.components.schemas;
  const resolve = (s) => (s.$ref ? schemas[s.$ref.split('/').at(-1)] : s);
  const isUnset = (s) => s.enum?.length === 1 && s.enum[0] === '';

  function typ(raw, name, depth) {
    const s = resolve(raw);
    if (depth > 12) return { type: 'free_object' };
    if (s.anyOf) {
      const parts = s.anyOf.filter((x) => !isUnset(x));
      const emptyable = parts.length < s.anyOf.length ? { emptyable: true } : {};
      if (parts.some((x) => x.title === 'range_query_specs')) return { type: 'range' };
      const of = parts.map((x) => typ(x, name, depth + 1));
      return of.length === 1 ? { ...of[0], ...emptyable } : { type: 'any_of', of, ...emptyable };
    }
    if (name === 'metadata' && s.type === 'object') return { type: 'metadata' };
    switch (s.type) {
      case 'string':
        if (s.format === 'binary') return { type: 'file' };
        if (s.format === 'decimal') return { type: 'decimal' };
        if (s.enum) {
          const values = s.enum.filter((v) => v !== '');
          return { type: 'enum', values, ...(values.length < s.enum.length ? { emptyable: true } : {}) };
        }
        return { type: 'string', ...(s.maxLength ? { max_length: s.maxLength } : {}) };
      case 'integer': return { type: s.format === 'unix-time' ? 'timestamp' : 'integer' };
      case 'number': return { type: 'number' };
      case 'boolean': return { type: 'boolean' };
      case 'array': return { type: 'array', items: typ(s.items, name, depth + 1) };
      case 'object': {
        if (s.properties && Object.keys(s.properties).length) return { type: 'object', fields: fields(s.properties, s.required, depth + 1) };
        if (s.additionalProperties && typeof s.additionalProperties === 'object') return { type: 'map', values_type: typ(s.additionalProperties, name, depth + 1) };
        return { type: 'free_object' };
      }
    }
    return { type: 'any' };
  }
  function fields(properties, required, depth) {
    return Object.entries(properties).map(([name, s]) => ({ name, ...typ(s, name, depth), ...(required?.includes(name) ? { required: true } : {}) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  // The object names behind a response schema.
  function objects(raw) {
    const s = resolve(raw);
    const own = s.properties?.object?.enum?.[0];
    if (own && own !== 'list') return [(s.properties.deleted?.enum ? 'deleted:' : '') + own];
    return [...new Set((s.anyOf ?? []).flatMap(objects))].sort();
  }
  function returns(raw) {
    if (!raw) return 'other';
    const s = resolve(raw);
    const kind = s.properties?.object?.enum?.[0];
    if (kind === 'list' || kind === 'search_result') return { [kind]: objects(s.properties.data.items) };
    const to = objects(s);
    if (!to.length) return 'other';
    return to.length === 1 && to[0].startsWith('deleted:') ? { deleted: to[0].slice(8) } : { object: to };
  }

  const operations = new Map();
  for (const [path, methods] of Object.entries(spec.paths)) {
    for (const [m, o] of Object.entries(methods)) {
      const method = m.toUpperCase();
      if (!['GET', 'POST', 'DELETE'].includes(method) || !path.startsWith('/v1/')) continue;
      const params = (o.parameters ?? []).filter((p) => p.in === 'query').map((p) => ({ name: p.name, ...typ(p.schema, p.name, 0), ...(p.required ? { required: true } : {}) }));
      const content = o.requestBody?.content ?? {};
      const body = Object.values(content)[0]?.schema;
      if (body?.properties) params.push(...fields(body.properties, body.required, 0));
      params.sort((a, b) => (a.name < b.name ? -1 : 1));
      const expand = params.findIndex((p) => p.name === 'expand');
      if (expand >= 0) params[expand] = { name: 'expand', type: 'expand' };
      const key = `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`;
      operations.set(key, { key, method, path, params, ...(content['multipart/form-data'] ? { multipart: true } : {}), returns: returns(Object.values(o.responses?.['200']?.content ?? {})[0]?.schema) });
    }
  }
  // An object that no SDK describes any more; only such plain ones are left.
  function object(name) {
    const s = Object.values(schemas).find((x) => x.properties?.object?.enum?.[0] === name);
    if (!s) return undefined;
    const list = Object.entries(s.properties).map(([n, f]) => {
      if (f.$ref || f.anyOf) throw new Error(`${name}.${n} refers to other schemas`);
      const { max_length: _, ...t } = typ(f, n, 0);
      return { name: n, ...t, ...(f.nullable ? { nullable: true } : {}), ...(s.required?.includes(n) ? {} : { optional: true }) };
    });
    return { name, fields: list.sort((a, b) => (a.name < b.name ? -1 : 1)), deleted: [] };
  }
  return { version: spec.info.version, operations, object };
}
