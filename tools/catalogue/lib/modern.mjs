// Reads a `stripe` package from version 22 on: one ES module per resource, its
// types beside its code. HTTP methods and paths come from the .js, types from the .d.ts.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { typeReader } from './types.mjs';

export function readModern(stripeDir) {
  const esm = path.join(stripeDir, 'esm');
  const entry = path.join(esm, 'stripe.esm.node.d.ts');
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022, skipLibCheck: true, strict: true, types: [], noEmit: true,
  });
  const files = program.getSourceFiles().filter((f) => f.fileName.startsWith(esm.split(path.sep).join('/')));
  const rel = (f) => path.relative(esm, f.fileName).split(path.sep).join('/');
  // File folder + namespace-qualified name: unique in the package.
  const defId = (decl) => {
    const parts = [decl.name.text];
    for (let p = decl.parent; p; p = p.parent) if (ts.isModuleDeclaration(p)) parts.unshift(p.name.text);
    const file = rel(decl.getSourceFile());
    const m = file.match(/^resources\/(.*)\/[^/]+$/);
    return (m ? m[1].replaceAll('/', '.') + '.' : file.startsWith('resources/') ? '' : '') + parts.join('.');
  };
  const { defs, define, convert, unresolved } = typeReader(program.getTypeChecker(), defId);

  // 1. Every exported top-level interface with a literal `object` is a resource.
  const resources = {};
  const classes = {}; // file -> [{className, methods}]
  const events = [];
  for (const f of files) {
    const r = rel(f);
    if (!r.startsWith('resources/')) continue;
    for (const st of f.statements) {
      if (ts.isInterfaceDeclaration(st)) {
        const obj = st.members.find((m) => ts.isPropertySignature(m) && m.name.getText() === 'object');
        if (obj?.type && ts.isLiteralTypeNode(obj.type) && ts.isStringLiteral(obj.type.literal)) {
          const id = define(st);
          (resources[obj.type.literal.text] ??= []).push(id);
        }
      } else if (ts.isClassDeclaration(st)) {
        const methods = {};
        for (const m of st.members) {
          if (!ts.isMethodDeclaration(m)) continue;
          (methods[m.name.getText()] ??= []).push(m);
        }
        (classes[r] ??= []).push({ name: st.name.text, methods });
      } else if (ts.isTypeAliasDeclaration(st) && st.name.text === 'Event') {
        const u = convert(st.type);
        for (const x of u.of ?? []) if (x.t === 'ref' && defs[x.id].props.object?.type.v?.[0] === 'event' && !events.includes(x.id)) events.push(x.id);
      }
    }
  }
  // The union of v1 events may be declared in another file.
  if (!events.length) {
    for (const f of files) for (const st of f.statements) {
      if (ts.isTypeAliasDeclaration(st) && st.name.text === 'Event') {
        const u = convert(st.type);
        for (const x of u.of ?? []) if (x.t === 'ref' && defs[x.id].props.object?.type.v?.[0] === 'event' && !events.includes(x.id)) events.push(x.id);
      }
    }
  }
  if (events.length) resources.event = events;
  // Resources with a literal `object` which extends a base.
  for (const [id, d] of Object.entries(defs)) {
    const o = d.props.object?.type;
    if (o?.t === 'enum' && o.v.length === 1 && !id.includes('EventBase')) {
      const list = (resources[o.v[0]] ??= []);
      if (!list.includes(id) && o.v[0] !== 'event' && o.v[0] !== 'v2.core.event' && !/\.[A-Z]\w*\.[A-Z]/.test(id.replace(/^((V2|Core|Billing|Checkout|TestHelpers|Issuing|Treasury|Terminal|Tax|Radar|Reporting|Apps|Climate|Entitlements|FinancialConnections|Forwarding|Identity|BillingPortal|Sigma|Reserve|MoneyManagement|Commerce|Vault)\.)+/, ''))) list.push(id);
    }
  }

  // 2. Operations: HTTP method and path from the .js, types from the .d.ts.
  const operations = [];
  for (const [file, list] of Object.entries(classes)) {
    const jsFile = path.join(esm, file.replace(/\.d\.ts$/, '.js'));
    const js = ts.createSourceFile(jsFile, fs.readFileSync(jsFile, 'utf8'), ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
    for (const cls of list) {
      const jsCls = js.statements.find((s) => ts.isClassDeclaration(s) && s.name.text === cls.name);
      if (!jsCls) continue;
      for (const m of jsCls.members) {
        if (!ts.isMethodDeclaration(m) || !m.body) continue;
        const calls = [];
        (function walk(n) {
          if (ts.isCallExpression(n) && n.expression.getText(js) === 'this._makeRequest') calls.push(n);
          ts.forEachChild(n, walk);
        })(m.body);
        for (const c of calls) {
          const [mm, pp, , , spec] = c.arguments;
          if (!ts.isStringLiteral(mm)) continue;
          let p;
          if (ts.isStringLiteral(pp) || ts.isNoSubstitutionTemplateLiteral(pp)) p = pp.text;
          else if (ts.isTemplateExpression(pp)) {
            p = pp.head.text + pp.templateSpans.map((s) => '{' + s.expression.getText(js).replace(/^encodeURIComponent\((.*)\)$/, '$1') + '}' + s.literal.text).join('');
          } else continue;
          const specText = spec ? spec.getText(js) : '';
          const decl = (cls.methods[m.name.getText(js)] ?? [])[0];
          const op = { method: mm.text, path: p, class: cls.name, name: m.name.getText(js) };
          const mt = specText.match(/methodType: '(\w+)'/); if (mt) op.kind = mt[1];
          const ab = specText.match(/apiBase: '(\w+)'/); if (ab) op.base = ab[1];
          if (/streaming: true/.test(specText)) op.streaming = true;
          if (/multipart/.test(specText)) op.multipart = true;
          if (decl) {
            const pd = decl.parameters.find((x) => x.name.getText() === 'params');
            op.params = pd?.type ? convert(pd.type) : null;
            op.paramsRequired = !!pd && !pd.questionToken;
            op.returns = convert(decl.type);
          }
          operations.push(op);
        }
      }
    }
  }
  // Drop the duplicate that `retrieve(null)` makes with `retrieveCurrent`.
  const seen = new Set();
  const ops = operations.filter((o) => { const k = `${o.method} ${o.path} ${o.class} ${o.name}`; if (seen.has(k)) return false; seen.add(k); return true; });

  return { defs, resources, operations: ops, unresolved: [...unresolved] };
}
