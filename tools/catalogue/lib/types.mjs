// Turns TypeScript type nodes into plain values, for every layout of the package.
//
// A type is `{t, ...}`: string number boolean decimal int64 metadata file stream
// any void null, enum(`v`), array/map/list/search/v2list/v2search/emptyable/partial
// (`of`), object(`props`), union(`of`), ref(`id` of a definition).
import ts from 'typescript';

// The package says `number` for integers, decimals and instants alike. Instants
// are told by name and documentation, the few non-integers by name.
const TIME_DOC = /unix (epoch|timestamp|time)|\btimestamp\b|seconds since the|\bdate and time\b/i;
const TIME_NAMES = new Set(('created current_deadline date available_on updated redeem_by start end due_by email_sent_at expires interval_end interval_start due_date ' +
  'next_payment_attempt period_end period_start eta capture_before data_available_end data_available_start data_load_time result_available_until billing_cycle_anchor ' +
  'current_period_end current_period_start next_pending_invoice_item_invoice trial_end trial_start deletes_after frozen_time timestamp proration_date end_time start_time ' +
  'created_after created_before target_frozen_time billed_until deadline scheduled_release release_after').split(' '));
const NOT_TIME = /^(limit|amount|.*_amount|day|hour|minute|month|second|year|.*_days|.*_count|quantity|position|.*_(seconds|minutes|hours|months)|interval(_count)?|exp_.*|seconds|duration.*|percentage|available|timezone_offset)$/;
const isTime = (name, doc) => !NOT_TIME.test(name) && (TIME_NAMES.has(name) || /_(at|date)$/.test(name) || TIME_DOC.test(doc));
const FLOAT_NAMES = new Set(('exchange_rate rates percent_off height length weight width application_fee_percent percent_ownership amount_percent latitude longitude ' +
  'percentage effective_percentage percent score aggregated_value account_trust_score device_trust_score').split(' '));
const isFloat = (name, id) => FLOAT_NAMES.has(name) || (name === 'quantity' && /PurchaseDetails\.Receipt$/.test(id ?? ''));


/** `idOf` names an interface declaration uniquely within the package. */
export function typeReader(checker, idOf) {
  const defs = {};
  const unresolved = new Set();

  const resolve = (node) => {
    let s = checker.getSymbolAtLocation(node);
    if (s && s.flags & ts.SymbolFlags.Alias) s = checker.getAliasedSymbol(s);
    return s;
  };
  const docOf = (n) => (ts.getJSDocCommentsAndTags(n).filter(ts.isJSDoc).map((d) => ts.getTextOfJSDocComment(d.comment) || '').join(' '));

  function flatten(u) {
    const out = [];
    for (const x of u) if (x.t === 'union') out.push(...flatten(x.of)); else out.push(x);
    return out;
  }
  function union(list) {
    const parts = flatten(list);
    const lits = parts.filter((p) => p.t === 'enum');
    const rest = parts.filter((p) => p.t !== 'enum' && p.t !== 'open');
    const open = parts.some((p) => p.t === 'open') || lits.some((l) => l.open);
    if (lits.length) {
      const v = [...new Set(lits.flatMap((l) => l.v))];
      rest.unshift(open ? { t: 'enum', v, open: true } : { t: 'enum', v });
    } else if (open) rest.unshift({ t: 'string' });
    return rest.length === 1 ? rest[0] : { t: 'union', of: rest };
  }
  const props = (members, into, id) => {
    for (const m of members) {
      if (!ts.isPropertySignature(m) || !m.type) continue;
      const name = m.name.text ?? m.name.getText();
      const p = { type: convert(m.type) };
      if (m.questionToken) p.opt = true;
      const doc = docOf(m);
      if (hasNumber(p.type)) { if (isFloat(name, id)) p.float = true; else if (isTime(name, doc)) p.time = true; }
      if (/deprecated/i.test(ts.getJSDocDeprecatedTag(m) ? 'deprecated' : '')) p.deprecated = true;
      into[name] = p;
    }
    return into;
  };
  const hasNumber = (t) => t.t === 'number' || ((t.t === 'union' || t.t === 'emptyable') && [].concat(t.of).some(hasNumber));
  function define(decl) {
    const id = idOf(decl);
    if (defs[id]) return id;
    const def = (defs[id] = { props: {} });
    for (const h of decl.heritageClauses ?? []) {
      for (const e of h.types) {
        const s = resolve(e.expression);
        const d = s?.declarations?.find(ts.isInterfaceDeclaration);
        if (!d) { unresolved.add(e.getText()); continue; }
        Object.assign(def.props, defs[define(d)].props);
      }
    }
    const ix = decl.members.find(ts.isIndexSignatureDeclaration);
    if (ix) def.map = convert(ix.type);
    props(decl.members, def.props, id);
    return id;
  }
  function convert(n) {
    switch (n.kind) {
      case ts.SyntaxKind.StringKeyword: return { t: 'string' };
      case ts.SyntaxKind.NumberKeyword: return { t: 'number' };
      case ts.SyntaxKind.BooleanKeyword: return { t: 'boolean' };
      case ts.SyntaxKind.BigIntKeyword: return { t: 'int64' };
      case ts.SyntaxKind.VoidKeyword: case ts.SyntaxKind.UndefinedKeyword: return { t: 'void' };
      case ts.SyntaxKind.UnknownKeyword: case ts.SyntaxKind.AnyKeyword: return { t: 'any' };
    }
    if (ts.isLiteralTypeNode(n)) {
      const l = n.literal;
      if (l.kind === ts.SyntaxKind.NullKeyword) return { t: 'null' };
      if (l.kind === ts.SyntaxKind.TrueKeyword) return { t: 'enum', v: [true] };
      if (l.kind === ts.SyntaxKind.FalseKeyword) return { t: 'enum', v: [false] };
      if (ts.isStringLiteral(l)) return { t: 'enum', v: [l.text] };
      if (ts.isNumericLiteral(l)) return { t: 'enum', v: [Number(l.text)] };
    }
    if (ts.isUnionTypeNode(n)) return union(n.types.map(convert));
    if (ts.isParenthesizedTypeNode(n)) return convert(n.type);
    if (ts.isArrayTypeNode(n)) return { t: 'array', of: convert(n.elementType) };
    if (ts.isTypeLiteralNode(n)) {
      const ix = n.members.find(ts.isIndexSignatureDeclaration);
      if (ix) return { t: 'map', of: convert(ix.type) };
      return { t: 'object', props: props(n.members, {}) };
    }
    if (ts.isTypeReferenceNode(n)) {
      const name = n.typeName.getText().replace(/^Stripe\./, '');
      const a = n.typeArguments?.map((x) => x) ?? [];
      switch (name) {
        case 'Array': return { t: 'array', of: convert(a[0]) };
        case 'Partial': return { t: 'partial', of: convert(a[0]) };
        case 'Record': return { t: 'map', of: convert(a[1]) };
        case 'Promise': case 'Response': return convert(a[0]);
        case 'ApiList': case 'ApiListPromise': return { t: 'list', of: convert(a[0]) };
        case 'ApiSearchResult': case 'ApiSearchResultPromise': return { t: 'search', of: convert(a[0]) };
        case 'V2List': case 'V2ListPromise': return { t: 'v2list', of: convert(a[0]) };
        case 'V2SearchResult': case 'V2SearchResultPromise': return { t: 'v2search', of: convert(a[0]) };
        case 'Emptyable': return { t: 'emptyable', of: convert(a[0]) };
        case 'OtherString': return { t: 'open' };
        case 'Decimal': return { t: 'decimal' };
        case 'Metadata': return { t: 'metadata' };
        case 'MetadataParam': return { t: 'metadata' };
        case 'FileData': return { t: 'file' };
        case 'StripeStreamResponse': return { t: 'stream' };
        case 'Uint8Array': case 'Buffer': return { t: 'file' };
        case 'Date': return { t: 'string' };
        case 'Omit': return convert(a[0]);
      }
      const s = resolve(n.typeName);
      const i = s?.declarations?.find(ts.isInterfaceDeclaration);
      if (i) return { t: 'ref', id: define(i) };
      const al = s?.declarations?.find(ts.isTypeAliasDeclaration);
      if (al) return convert(al.type);
      if (s?.declarations?.find(ts.isClassDeclaration)) return { t: 'any', class: name };
      unresolved.add(name);
      return { t: 'any', unresolved: name };
    }
    unresolved.add(ts.SyntaxKind[n.kind] + ' ' + n.getText().slice(0, 80));
    return { t: 'any' };
  }

  return { defs, define, convert, unresolved };
}
