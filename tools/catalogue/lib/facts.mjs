// Facts that no machine-readable source has, merged by hand. Each says where it was seen.

// Enum values in the order in which the live API's error texts list them. The types and
// the OpenAPI file sort them all, so an enum with exactly these values gets this order.
// Enums that are not listed here stay in alphabetical order.
const DECLARED_ORDER = [
  // tax_exempt. "Invalid tax_exempt: must be one of none, reverse, or exempt" (live).
  ['none', 'reverse', 'exempt'],
  // proration_behavior. "… must be one of create_prorations, none, or always_invoice"
  // (live; laravel/cashier-stripe issue 1572).
  ['create_prorations', 'none', 'always_invoice'],
  // interval. "Invalid interval: must be one of month, year, week, or day" (copied by clients).
  ['month', 'year', 'week', 'day'],
  // status of invoices. "Invalid status: must be one of draft, open, void, paid, or uncollectible" (live).
  ['draft', 'open', 'void', 'paid', 'uncollectible'],
  // payment_behavior. "Invalid payment_behavior: must be one of allow_incomplete, error_if_incomplete,
  // pending_if_incomplete, or default_incomplete" (live).
  ['allow_incomplete', 'error_if_incomplete', 'pending_if_incomplete', 'default_incomplete'],
  // cancellation_reason of intents: the order in its documentation; no error text seen.
  ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned'],
];

// Parameters that types and OpenAPI file call a string while the API also takes a card or
// bank account in place of its id or token (`source[object]=card`, `source[number]=…`).
const INLINE_SOURCES = ['customers.create', 'customers.update', 'customers.sources.create', 'charges.create'];

// Operations that take a card as `customers.update` does, which no description says of them: older libraries send a
// new customer's card as `card` (49 recorded calls).
const OLD_CARDS = ['customers.create'];

// The hash with a source type's own fields, which no description of `POST /v1/sources` has and every guide to
// a type sends (`sepa_debit[iban]`). All are optional here: which are needed depends on `type`.
const SOURCE_HASHES = {
  ach_credit_transfer: ['refund_account_holder_name', 'refund_account_holder_type', 'refund_account_number', 'refund_routing_number'],
  ach_debit: ['account_holder_name', 'account_holder_type', 'account_number', 'country', 'currency', 'routing_number', 'type'],
  acss_debit: ['account_number', 'institution_number', 'transit_number'],
  alipay: ['statement_descriptor'],
  au_becs_debit: ['account_number', 'bsb_number'],
  bancontact: ['preferred_language', 'statement_descriptor'],
  eps: ['statement_descriptor'],
  giropay: ['statement_descriptor'],
  ideal: ['bank', 'statement_descriptor'],
  klarna: ['background_image_url', 'custom_payment_methods', 'first_name', 'last_name', 'locale', 'logo_url', 'page_title', 'product', 'purchase_country', 'purchase_type', 'shipping_first_name', 'shipping_last_name'],
  multibanco: ['refund_account_holder_address_city', 'refund_account_holder_address_country', 'refund_account_holder_address_line1', 'refund_account_holder_address_line2', 'refund_account_holder_address_postal_code', 'refund_account_holder_address_state', 'refund_account_holder_name', 'refund_iban'],
  p24: ['statement_descriptor'],
  sepa_credit_transfer: ['refund_account_holder_address_city', 'refund_account_holder_address_country', 'refund_account_holder_address_line1', 'refund_account_holder_address_line2', 'refund_account_holder_address_postal_code', 'refund_account_holder_address_state', 'refund_account_holder_name', 'refund_iban'],
  sepa_debit: ['iban'],
  sofort: ['country', 'preferred_language', 'statement_descriptor'],
  three_d_secure: ['card', 'customer'],
  wechat: ['appid', 'statement_descriptor'],
};

// Operations whose items name a plan, as those of `subscriptions.create` do (11 recorded calls of 2019).
const OLD_PLANS = ['customers.subscriptions.create', 'customers.subscriptions.update'];

// Operations whose `payment_method_data` takes a card's number or token as `POST /v1/payment_methods` does
// (`payment_method_data[card][token]`), which the newest descriptions leave out.
const INLINE_CARDS = ['payment_intents.create', 'payment_intents.update', 'payment_intents.confirm',
  'setup_intents.create', 'setup_intents.update', 'setup_intents.confirm', 'test_helpers.confirmation_tokens.create'];

// Operations whose `mandate_data` a browser sends without knowing the customer's address
// (`[customer_acceptance][online][infer_from_client]`, Stripe.js), which the descriptions of a server's calls leave out.
const INFERRED_ACCEPTANCE = ['payment_intents.confirm', 'setup_intents.confirm'];

// What Stripe.js says of the page and of the customer's wishes when it confirms, or makes a token for it
// (recorded 2023 to 2026); no description of a server's calls has them.
const CONFIRMED_IN_BROWSERS = ['payment_intents.confirm', 'setup_intents.confirm'];

// What marketplaces send for connected accounts and the newest descriptions lack: capabilities as a list, a bank account
// under its older name on update, the nationality of an individual (recorded until 2025).
const ASKED_FOR = ['accounts.create', 'accounts.update'];

// Parameters that the empty string unsets although their type does not say so: a customer loses its default
// (core-payments 3.3.8).
const EMPTYABLE = [['customers.create', 'invoice_settings', 'default_payment_method'],
  ['customers.update', 'invoice_settings', 'default_payment_method'],
  // A subscription has none of its own any more (billing 2.8).
  ['subscriptions.update', 'default_payment_method'], ['customers.subscriptions.update', 'default_payment_method'],
  // A customer loses the discount (billing 1.6).
  ['customers.update', 'coupon'], ['customers.update', 'promotion_code'],
  // So does a subscription (billing 2.2).
  ['subscriptions.update', 'coupon'], ['subscriptions.update', 'promotion_code']];

// Values of an enum that the newest types alone have as one, and that the documentation of older versions names
// (`reason` of a rejection was a string: "fraud", "terms_of_service" or "other").
const OLDER_VALUES = [['accounts.reject', 'reason', 'fraud']];

export function applyFacts(operations) {
  const byName = new Map(operations.map((o) => [o.name, o]));
  const param = (operation, name) => byName.get(operation).params.find((p) => p.name === name);

  const orders = new Map(DECLARED_ORDER.map((o) => [[...o].sort().join(), o]));
  let reordered = 0;
  const visit = (t) => {
    const order = t.type === 'enum' && orders.get([...t.values].sort().join());
    if (order) { t.values = order; reordered++; }
    t.fields?.forEach(visit); t.of?.forEach(visit);
    if (t.items) visit(t.items);
    if (t.values_type) visit(t.values_type);
  };
  for (const o of operations) o.params.forEach(visit);

  for (const [name, parameter, value] of OLDER_VALUES) {
    const p = param(name, parameter);
    if (p.values.includes(value)) throw new Error(`${name}.${parameter} has ${value} by now`);
    p.values = [...p.values, value].sort();
  }

  // Newer than the OpenAPI file, which has the name of the path's parameter in its siblings.
  byName.get('subscriptions.pause').path = '/v1/subscriptions/{subscription}/pause';

  // The parts of both come from the old parameters `card` and `bank_account` beside it.
  const parts = new Map();
  for (const name of ['card', 'bank_account']) {
    for (const f of param('customers.sources.create', name).of.find((t) => t.type === 'object').fields) parts.set(f.name, f);
  }
  parts.set('object', { name: 'object', type: 'enum', values: ['bank_account', 'card'] });
  const inline = { type: 'object', fields: [...parts.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) };
  for (const name of INLINE_SOURCES) {
    const p = param(name, 'source');
    if (p.type !== 'string') throw new Error(`${name}.source is no longer a string`);
    const { max_length, ...rest } = p;
    Object.assign(p, rest, { type: 'any_of', of: [{ type: 'string', max_length }, structuredClone(inline)] });
    delete p.max_length;
  }

  for (const name of OLD_CARDS) {
    const { params } = byName.get(name);
    if (params.some((p) => p.name === 'card')) throw new Error(`${name} describes a card by now`);
    params.push(structuredClone(param('customers.update', 'card')));
    params.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  for (const name of OLD_PLANS) {
    const { fields } = param(name, 'items').items;
    if (fields.some((f) => f.name === 'plan')) throw new Error(`${name} describes a plan by now`);
    fields.push({ name: 'plan', type: 'string', legacy: true });
    fields.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  for (const name of ASKED_FOR) {
    const { params } = byName.get(name);
    const capability = { type: 'string', max_length: 5000 };
    params.push({ name: 'requested_capabilities', type: 'array', items: capability, legacy: true });
    if (!params.some((p) => p.name === 'bank_account')) {
      params.push(structuredClone(param('accounts.create', 'bank_account')));
    }
    param(name, 'individual').fields.push({ name: 'nationality', type: 'string', max_length: 5000, legacy: true });
    param(name, 'individual').fields.sort((a, b) => (a.name < b.name ? -1 : 1));
    params.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  const source = byName.get('sources.create');
  const card = structuredClone(param('tokens.create', 'card').of.find((t) => t.type === 'object'));
  for (const f of card.fields) delete f.required;
  const hashes = Object.entries(SOURCE_HASHES).map(([name, fields]) => ({
    name, type: 'object', fields: fields.map((f) => ({ name: f, type: 'string', max_length: 5000 })), legacy: true,
  }));
  source.params.push({ name: 'card', ...card, legacy: true }, ...hashes);
  source.params.sort((a, b) => (a.name < b.name ? -1 : 1));

  const raw = param('payment_methods.create', 'card');
  for (const name of INLINE_CARDS) {
    const data = param(name, 'payment_method_data');
    if (data.fields.some((f) => f.name === 'card')) throw new Error(`${name} describes a card by now`);
    data.fields.push({ ...structuredClone(raw), name: 'card', legacy: true });
    data.fields.find((f) => f.name === 'type').values.push('card');
    data.fields.find((f) => f.name === 'type').values.sort();
    data.fields.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  for (const [name, outer, inner] of EMPTYABLE) {
    (inner ? param(name, outer).fields.find((f) => f.name === inner) : param(name, outer)).emptyable = true;
  }
  for (const name of INFERRED_ACCEPTANCE) {
    const acceptance = param(name, 'mandate_data').fields.find((f) => f.name === 'customer_acceptance');
    const online = acceptance.fields.find((f) => f.name === 'online');
    online.fields.unshift({ name: 'infer_from_client', type: 'boolean', legacy: true });
  }
  for (const name of CONFIRMED_IN_BROWSERS) {
    const { params } = byName.get(name);
    params.push(...browserParams().map((p) => ({ ...p, legacy: true })));
    params.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  // Stripe.js shows a person's page of a verification session by its secret.
  byName.get('identity.verification_sessions.retrieve').params.unshift({ name: 'client_secret', type: 'string', max_length: 5000, legacy: true });
  const helper = byName.get('test_helpers.confirmation_tokens.create');
  const token = browserConfirmationToken(helper, param('setup_intents.confirm', 'mandate_data'));
  operations.splice(operations.findIndex((o) => o.name === 'confirmation_tokens.retrieve'), 0, token);
  const session = byName.get('checkout.sessions.retrieve');
  operations.push(...paymentPages(session, byName.get('payment_intents.confirm').params), elementsSessions(session), radarSession(session));
  operations.push(...bankConnections(byName));
  return { reordered, inline_sources: INLINE_SOURCES.length, source_hashes: hashes.length + 1 };
}

// What Elements were made for, and whether the payment method becomes the customer's default.
function browserParams() {
  const text = (name) => ({ name, type: 'string', max_length: 5000 });
  const choice = (name, values) => ({ name, type: 'enum', values });
  const context = [
    choice('capture_method', ['automatic', 'automatic_async', 'manual']),
    text('currency'),
    text('customer'),
    choice('mode', ['payment', 'setup', 'subscription']),
    { name: 'payment_method_options', type: 'free_object' },
    { name: 'payment_method_types', type: 'array', items: { type: 'string', max_length: 5000 } },
    choice('setup_future_usage', ['off_session', 'on_session']),
  ];
  return [
    { name: 'client_context', type: 'object', fields: context },
    { name: 'set_as_default_payment_method', type: 'boolean' },
  ];
}

// Stripe.js makes confirmation tokens (`stripe.createConfirmationToken`) with a call that no description has: the test
// helper's parameters, the consent to a mandate, and what the page is about.
function browserConfirmationToken(helper, mandate) {
  const params = [
    ...structuredClone(helper.params),
    ...browserParams(),
    structuredClone(mandate),
    { name: 'use_stripe_sdk', type: 'boolean' },
  ].map((p) => (p.name === 'expand' ? p : { ...p, legacy: true }));
  params.sort((a, b) => (a.name < b.name ? -1 : 1));
  const path = '/v1/confirmation_tokens';
  return { ...helper, key: `POST ${path}`, path, name: 'confirmation_tokens.create', params, legacy: true };
}

// The page of a Checkout Session, which the fixtures of the Stripe CLI show and confirm with a secret key, and which browsers
// and apps read, change and confirm with a publishable one (recorded, and the mobile SDKs). What real pages call the parts of
// an order that these do not change is not known: `phone`, `individual_name`, `business_name`, `shipping`, `optional_items`.
function paymentPages(session, confirm) {
  const path = '/v1/payment_pages/{session}';
  const text = (name) => ({ name, type: 'string', max_length: 5000 });
  const group = (name, fields) => ({ name, type: 'object', fields });
  const address = ['city', 'country', 'line1', 'line2', 'postal_code', 'state'];
  const names = ['business_name', 'email', 'individual_name', 'phone'].map(text);
  const shipping = group('shipping', [group('address', address.map(text)), text('name')]);
  const operation = (method, path, name, params) => {
    const all = params.map((p) => ({ ...structuredClone(p), legacy: true }));
    all.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { ...structuredClone(session), key: `${method} ${path}`, method, path, name, legacy: true, params: all, returns: 'other' };
  };
  return [
    operation('GET', path, 'payment_pages.retrieve', []),
    operation('POST', `${path}/init`, 'payment_pages.init', [group('adaptive_pricing', [{ name: 'allowed', type: 'boolean' }])]),
    operation('POST', path, 'payment_pages.update', [
      ...names,
      shipping,
      { name: 'optional_items', type: 'map', values_type: { type: 'integer' } },
      text('payment_method_to_detach'),
      { ...text('promotion_code'), emptyable: true },
      text('shipping_rate'),
      group('tax_id_collection', [group('tax_id', [text('type'), text('value')])]),
      group('tax_region', address.map((name) => ({ ...text(name), ...(name === 'country' ? { required: true } : {}) }))),
      text('updated_currency'),
      group('updated_line_item_quantity', [
        { name: 'fail_update_on_discount_error', type: 'boolean' },
        { ...text('line_item_id'), required: true },
        { name: 'quantity', type: 'integer', required: true },
      ]),
    ]),
    operation('POST', `${path}/confirm`, 'payment_pages.confirm', [
      ...names,
      shipping,
      group('consent', [
        { name: 'promotions', type: 'enum', values: ['opt_in', 'opt_out'] },
        { name: 'terms_of_service', type: 'enum', values: ['accepted'] },
      ]),
      { name: 'expected_amount', type: 'integer' },
      text('payment_method'),
      confirm.find((p) => p.name === 'payment_method_data'),
      { name: 'return_url', type: 'string' },
      { name: 'save_payment_method', type: 'boolean' },
    ]),
  ];
}

// What Elements and the mobile SDKs ask before they show anything (the mobile SDKs; recorded).
function elementsSessions(like) {
  const text = (name) => ({ name, type: 'string', max_length: 5000 });
  const texts = (name) => ({ name, type: 'array', items: { type: 'string', max_length: 5000 } });
  const choice = (name, values) => ({ name, type: 'enum', values });
  const deferred = [
    { name: 'amount', type: 'integer' },
    choice('capture_method', ['automatic', 'automatic_async', 'manual']),
    text('currency'),
    texts('excluded_payment_method_types'),
    { ...choice('mode', ['payment', 'setup', 'subscription']), required: true },
    text('on_behalf_of'),
    text('payment_method_configuration'),
    { name: 'payment_method_options', type: 'free_object' },
    texts('payment_method_types'),
    choice('setup_future_usage', ['off_session', 'on_session']),
  ];
  const params = [
    text('client_secret'),
    text('customer_session_client_secret'),
    { name: 'deferred_intent', type: 'object', fields: deferred },
    text('legacy_customer_ephemeral_key'),
    text('locale'),
    text('mobile_session_id'),
    text('referrer_host'),
    text('session_id'),
    choice('type', ['deferred_intent', 'payment_intent', 'setup_intent']),
  ];
  const path = '/v1/elements/sessions';
  const legacy = params.map((p) => ({ ...p, legacy: true }));
  return { ...structuredClone(like), key: `GET ${path}`, method: 'GET', path, name: 'elements.sessions.retrieve', params: legacy, returns: 'other', legacy: true };
}

// What browsers and apps tell of their device (the mobile SDKs; recorded): everything that is sent is of the library.
function radarSession(like) {
  const path = '/v1/radar/session';
  return { ...structuredClone(like), key: `POST ${path}`, method: 'POST', path, name: 'radar.session.create', params: [], returns: 'other', legacy: true };
}

export function radarSessionObject() {
  return { name: 'radar.session', fields: [{ name: 'id', type: 'string' }], deleted: [], legacy: true };
}

// What they get: a kind without a name of its own in the answer.
export function elementsSession() {
  const any = (name) => ({ name, type: 'any' });
  const fields = ['customer', 'merchant_country', 'payment_method_preference', 'session_id'].map(any);
  return { name: 'elements_session', fields, deleted: [], legacy: true };
}

// What the libraries in browsers and apps call to connect bank accounts, for an intent or by the secret of a session
// (`stripe.collectBankAccountForPayment`; seen in the sources of the libraries for iOS and Android).
function bankConnections(byName) {
  const session = byName.get('link_account_sessions.retrieve');
  const [expand] = session.params;
  const secret = { name: 'client_secret', type: 'string', max_length: 5000, legacy: true };
  const text = (name) => ({ name, type: 'string', max_length: 5000, legacy: true });
  const flag = (name) => ({ name, type: 'boolean', legacy: true });
  const operation = (like, method, path, name, params) => (
    { ...structuredClone(like), key: `${method} ${path}`, method, path, name, legacy: true, params: structuredClone(params) });
  const ofIntents = ['payment_intents', 'setup_intents'].flatMap((family) => {
    const confirm = byName.get(`${family}.confirm`);
    const path = `/v1/${family}/{intent}/link_account_sessions`;
    const data = { ...confirm.params.find((p) => p.name === 'payment_method_data'), legacy: true };
    return [
      operation(session, 'POST', path, `${family}.link_account_sessions.create`,
        [secret, expand, text('hosted_surface'), text('link_mode'), data]),
      operation(confirm, 'POST', `${path}/{session}/attach`, `${family}.link_account_sessions.attach`, [secret, expand]),
    ];
  });
  const receipt = operation(session, 'GET', '/v1/link_account_sessions/session_receipt',
    'link_account_sessions.session_receipt', [secret, expand]);
  const hosted = operation(session, 'POST', '/v1/link_account_sessions/generate_hosted_url',
    'link_account_sessions.generate_hosted_url', [secret, flag('fullscreen'), flag('hide_close_button')]);
  return [...ofIntents, receipt, { ...hosted, returns: 'other' }];
}

// Fields that accounts show and their type lacks, and two that it has and they do not show (recorded 2023 to 2026).
export function addAccountFields(account) {
  const group = (name, fields) => ({ name, type: 'object', fields });
  const paused = (name) => group(name, [{ name: 'pause_requested', type: 'boolean' }]);
  const controls = group('risk_controls', [paused('charges'), paused('payouts')]);
  account.fields.push({ ...controls, optional: true, legacy: true });
  account.fields.sort((a, b) => (a.name < b.name ? -1 : 1));
  const settings = account.fields.find((f) => f.name === 'settings');
  settings.fields.push({ ...group('capital', []), optional: true, legacy: true });
  settings.fields.sort((a, b) => (a.name < b.name ? -1 : 1));
  const payments = settings.fields.find((f) => f.name === 'payments');
  for (const f of payments.fields) if (f.name.startsWith('statement_descriptor_prefix_')) f.optional = true;
}

// Whose a linked account is: an account of the API (OpenAPI file), not, as the types have it, another linked account.
export function correctHolders(objects) {
  for (const name of ['financial_connections.account', 'financial_connections.session']) {
    const holder = objects.get(name).fields.find((f) => f.name === 'account_holder');
    holder.fields.find((f) => f.name === 'account').to = ['account'];
  }
}

// Fields that the types of single events have and the common type of all lacks (documentation of the event types).
export function addEventFields(event) {
  const text = (name) => ({ name, type: 'string' });
  const added = [
    { name: 'data', type: 'map', values_type: { type: 'any' }, optional: true },
    { name: 'related_object', type: 'object', fields: [text('id'), text('type'), text('url')], optional: true },
  ];
  event.fields = [...event.fields.filter((f) => !added.some((one) => one.name === f.name)), ...added];
  event.fields.sort((a, b) => (a.name < b.name ? -1 : 1));
}
