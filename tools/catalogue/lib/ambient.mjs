// Reads a `stripe` package of versions 12 to 21: types in an ambient
// `declare module 'stripe' { namespace Stripe { … } }`, methods declared in the .js
// as `stripeMethod({ method, fullPath })`.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { typeReader } from './types.mjs';

const slash = (p) => p.split(path.sep).join('/');

function jsFiles(dir) {
  return fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((e) => {
    const p = path.join(dir, e.name);
    return e.isDirectory() ? jsFiles(p) : e.name.endsWith('.js') ? [p] : [];
  });
}

/** The methods of one resource file: [{name, method, path, multipart}]. */
function jsMethods(file) {
  const js = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const out = [];
  const multipart = /multipartRequestDataProcessor/.test(js.text);
  const spec = (call) => {
    const o = {};
    for (const p of call.arguments[0]?.properties ?? []) if (ts.isPropertyAssignment(p) && ts.isStringLiteral(p.initializer)) o[p.name.getText(js)] = p.initializer.text;
    return o;
  };
  const within = (member) => {
    const name = member.name.getText(js);
    (function walk(n) {
      if (ts.isCallExpression(n) && n.expression.getText(js) === 'stripeMethod') {
        const s = spec(n);
        if (s.method && s.fullPath) out.push({ name, method: s.method, path: s.fullPath, ...(multipart && s.method === 'POST' ? { multipart } : {}) });
      }
      ts.forEachChild(n, walk);
    })(member);
  };
  (function walk(n) {
    if (ts.isCallExpression(n) && n.expression.getText(js) === 'StripeResource.extend') for (const m of n.arguments[0].properties) { if (m.name) within(m); }
    else ts.forEachChild(n, walk);
  })(js);
  return out;
}

export function readAmbient(stripeDir) {
  const types = path.join(stripeDir, 'types');
  const program = ts.createProgram([path.join(types, 'index.d.ts')], {
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022, skipLibCheck: true, strict: true, types: [], noEmit: true,
  });
  const idOf = (decl) => {
    const parts = [decl.name.text];
    for (let p = decl.parent; p; p = p.parent) if (ts.isModuleDeclaration(p) && p.name.text !== 'stripe' && p.name.text !== 'Stripe') parts.unshift(p.name.text);
    return parts.join('.');
  };
  const reader = typeReader(program.getTypeChecker(), idOf);
  const resources = {};
  const classes = new Map(); // 'Checkout/Sessions' -> { method: [declarations] }
  for (const f of program.getSourceFiles()) {
    const rel = slash(path.relative(types, f.fileName));
    if (rel.startsWith('..') || !rel.endsWith('.d.ts')) continue;
    const walkTop = (n, nested) => {
      if (ts.isModuleDeclaration(n)) {
        // A namespace beside an interface of its name holds that interface's parts.
        const siblings = n.parent.statements ?? [];
        const part = siblings.some((s) => s !== n && ts.isInterfaceDeclaration(s) && s.name.text === n.name.text);
        n.body?.statements?.forEach((s) => walkTop(s, nested || part));
      } else if (ts.isInterfaceDeclaration(n) && !nested) {
        const o = n.members.find((m) => ts.isPropertySignature(m) && m.name.getText() === 'object');
        if (o?.type && ts.isLiteralTypeNode(o.type) && ts.isStringLiteral(o.type.literal)) (resources[o.type.literal.text] ??= []).push(reader.define(n));
      } else if (ts.isClassDeclaration(n) && rel.endsWith('Resource.d.ts')) {
        const methods = {};
        for (const m of n.members) if (ts.isMethodDeclaration(m)) (methods[m.name.getText()] ??= []).push(m);
        classes.set(rel.replace(/Resource\.d\.ts$/, ''), methods);
      }
    };
    f.statements.forEach((s) => walkTop(s, false));
  }
  const operations = [];
  const dir = path.join(stripeDir, 'esm', 'resources');
  for (const file of jsFiles(dir)) {
    const methods = classes.get(slash(path.relative(dir, file)).replace(/\.js$/, ''));
    if (!methods) continue;
    for (const m of jsMethods(file)) {
      const decls = methods[m.name];
      if (!decls) continue;
      const decl = decls.find((d) => d.parameters.some((p) => p.name.getText() === 'params')) ?? decls[0];
      const p = decl.parameters.find((x) => x.name.getText() === 'params');
      operations.push({ ...m, params: p?.type ? reader.convert(p.type) : null, returns: reader.convert(decl.type) });
    }
  }
  return { defs: reader.defs, resources, operations, unresolved: [...reader.unresolved] };
}
