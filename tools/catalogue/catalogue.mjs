// node catalogue.mjs --spec PATH/spec3.json [--out DIR]
// Writes the tables of the API's operations, objects and events (see README.md) from the
// types of the published `stripe` packages and the OpenAPI file.
import fs from 'node:fs';
import path from 'node:path';
import { readModern } from './lib/modern.mjs';
import { readAmbient } from './lib/ambient.mjs';
import { trees } from './lib/trees.mjs';
import { readSpec } from './lib/spec.mjs';
import { mergeOperations, differences } from './lib/merge.mjs';
import { operationName } from './lib/names.mjs';
import { addAccountFields, addEventFields, applyFacts, correctHolders, elementsSession } from './lib/facts.mjs';
import { writeTables } from './lib/tables.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const arg = (name, otherwise) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? otherwise : process.argv[i + 1]; };
const specFile = arg('spec');
if (!specFile) { console.error('usage: node catalogue.mjs --spec PATH/spec3.json [--out DIR]'); process.exit(2); }
const out = path.resolve(arg('out', path.join(here, '../../src/catalogue/tables')));

const dir = (pkg) => path.join(here, 'node_modules', pkg);
const packages = Object.keys(JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8')).dependencies);
// `stripe` is the newest; `stripe-22`, `stripe-21`… are the last releases of older majors.
const older = packages.filter((p) => p.startsWith('stripe-')).sort((a, b) => Number(b.slice(7)) - Number(a.slice(7)));
function read(pkg) {
  const modern = fs.existsSync(path.join(dir(pkg), 'esm/stripe.esm.node.d.ts'));
  const model = (modern ? readModern : readAmbient)(dir(pkg));
  const unresolved = model.unresolved.filter((n) => n !== 'T'); // the parameter of `type Emptyable<T>`
  if (unresolved.length) throw new Error(`${pkg}: unresolved types: ${unresolved.join(', ')}`);
  return trees(model);
}

const { operations, objects, events } = read('stripe');
for (const o of operations.values()) if (o.path.startsWith('/v1/')) o.path = o.path.replace(/\{(\w+?)Id\}/g, '{$1}');
const spec = readSpec(specFile);
mergeOperations(operations, spec.operations, { authority: true });
for (const pkg of older) {
  const t = read(pkg);
  mergeOperations(operations, t.operations);
  adoptReturned(t.operations, (name) => t.objects.get(name));
}
adoptReturned(spec.operations, spec.object);

/** Takes over the objects that only older operations return. */
function adoptReturned(from, find) {
  for (const o of from.values()) {
    for (const name of [o.returns.object, o.returns.list, o.returns.search_result].flat().filter(Boolean)) {
      if (objects.has(name.replace('deleted:', ''))) continue;
      const object = find(name);
      if (object) objects.set(name, { ...object, legacy: true });
    }
  }
}

const api = (p) => (p.startsWith('/v1/') ? 'v1' : p.startsWith('/v2/') ? 'v2' : 'oauth');
const list = [...operations.values()].map((o) => ({ ...o, name: operationName(o), api: api(o.path) }));
list.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.method < b.method ? -1 : 1));
const names = new Map();
for (const o of list) {
  if (names.has(o.name)) throw new Error(`two operations are called ${o.name}: ${names.get(o.name)}, ${o.key}`);
  names.set(o.name, o.key);
}
addEventFields(objects.get('v2.core.event'));
addAccountFields(objects.get('account'));
objects.set('elements_session', elementsSession());
correctHolders(objects);
const objectList = [...objects.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
const notes = applyFacts(list);

const webhook = list.find((o) => o.name === 'webhook_endpoints.create').params.find((p) => p.name === 'api_version');
const meta = {
  api_version: fs.readFileSync(path.join(dir('stripe'), 'esm/apiVersion.js'), 'utf8').match(/ApiVersion = '([^']+)'/)[1],
  released_versions: [...webhook.values].sort(),
};
const written = writeTables(out, { operations: list, objects: objectList, events, meta });
console.log(JSON.stringify({
  ...meta, released_versions: meta.released_versions.length, spec: spec.version, older: older.length,
  v1_operations: list.filter((o) => o.api === 'v1' && !o.legacy).length, v1_legacy: list.filter((o) => o.api === 'v1' && o.legacy).length, operations: list.length,
  objects: objectList.length, events: events.length, ...written, types_that_differ: [...differences], ...notes,
}, null, 1));
