// A readable name for every operation: the static segments of its path, then a verb.
// The verb is the SDK's method (`attach`, `finalize_invoice`); for methods such as
// `listPaymentMethods` only the verb counts, since the path says the rest:
//   POST /v1/payment_methods/{payment_method}/attach   payment_methods.attach
//   GET  /v1/customers/{customer}/payment_methods      customers.payment_methods.list
// v2 and OAuth keep their first segment (`v2.core.accounts.create`, `oauth.token`).

const snake = (s) => s.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
const CRUD = /^(list|create|retrieve|update|delete|verify|search)([A-Z].*)?$/;
// Last segments that are what the operation does, for paths that no SDK has.
const ACTIONS = new Set(['refund', 'close', 'verify', 'disconnect', 'refresh', 'complete']);

export function operationName(op) {
  const segments = op.path.split('/').filter(Boolean);
  const statics = segments.filter((s) => !s.startsWith('{'));
  if (statics[0] === 'v1') statics.shift();
  const last = segments.at(-1);
  const tail = last.startsWith('{') ? null : last;
  const base = statics.join('.');
  if (!op.sdk) return tail && ACTIONS.has(tail) ? base : `${base}.${plainVerb(op.method, tail)}`;
  const method = op.sdk === 'del' ? 'delete' : op.sdk;
  if (snake(method) === tail) return base;
  const verb = method.match(CRUD)?.[1];
  if (verb) return verb === tail ? base : `${base}.${verb}`;
  return tail ? [...statics.slice(0, -1), snake(method)].join('.') : `${base}.${snake(method)}`;
}

function plainVerb(method, tail) {
  if (method === 'DELETE') return 'delete';
  const collection = tail && (/s$/.test(tail) || tail === 'history' || tail === 'people');
  if (method === 'GET') return collection ? 'list' : 'retrieve';
  return collection ? 'create' : 'update';
}
