'use strict';
// Pinstripe, a local server that answers like the Stripe API, started and steered from Node. index.d.ts says what is what.

const { spawn } = require('node:child_process');
const { randomUUID } = require('node:crypto');
const http = require('node:http');
const { program } = require('./program.js');

// How long a server may take until it has loaded its fixtures.
const START_MILLISECONDS = 60_000;

class ControlError extends Error {
  constructor(status, message) {
    super(message);
    this.name = 'ControlError';
    this.status = status;
  }
}

// Plain `http`: a test may have put something else in the place of `fetch`.
function send(url, method, { key, body } = {}) {
  return new Promise((resolve, reject) => {
    const headers = {};
    if (key) headers.Authorization = `Bearer ${key}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const request = http.request(url, { method, headers, agent: false }, (response) => {
      const parts = [];
      response.on('error', reject);
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        let answer;
        try {
          answer = JSON.parse(text);
        } catch {
          answer = { error: { message: text.trim() || `HTTP ${response.statusCode}` } };
        }
        if (response.statusCode < 400) resolve(answer);
        else reject(new ControlError(response.statusCode, answer.error?.message ?? text));
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

class Clock {
  #sandbox;

  constructor(sandbox) {
    this.#sandbox = sandbox;
  }

  async now() {
    return (await this.#sandbox.control('GET', 'clock')).now;
  }

  advance(by, { object } = {}) {
    let seconds = by;
    if (typeof by === 'object') {
      const { days = 0, hours = 0, minutes = 0, seconds: rest = 0 } = by;
      seconds = rest + 60 * (minutes + 60 * (hours + 24 * days));
    }
    return this.#sandbox.control('POST', 'clock', { advance: seconds, object });
  }

  freeze(time = 'now') {
    return this.#sandbox.control('POST', 'clock', { freeze: time });
  }

  speed(speed) {
    return this.#sandbox.control('POST', 'clock', { speed });
  }

  real() {
    return this.#sandbox.control('POST', 'clock', { real: true });
  }
}

class Webhooks {
  #sandbox;

  constructor(sandbox) {
    this.#sandbox = sandbox;
  }

  async secret() {
    return (await this.#sandbox.control('GET', 'webhooks')).webhook_secret;
  }

  wait({ timeout = 10 } = {}) {
    return this.#sandbox.control('POST', 'webhooks/wait', { timeout });
  }

  collect() {
    return this.#sandbox.control('POST', 'webhooks/mode', { mode: 'collect' });
  }

  send() {
    return this.#sandbox.control('POST', 'webhooks/mode', { mode: 'send' });
  }

  async collected({ type, event, endpoint } = {}) {
    return (await this.#sandbox.control('GET', 'webhooks/collected', { type, event, endpoint })).collected;
  }

  async deliveries({ type, event, endpoint, status } = {}) {
    return (await this.#sandbox.control('GET', 'webhooks/deliveries', { type, event, endpoint, status })).deliveries;
  }
}

class Sandbox {
  constructor(url, name) {
    if (!/^[A-Za-z0-9-]{1,40}$/.test(name)) {
      throw new RangeError(`A sandbox can't be called '${name}': 1 to 40 of A-Z, a-z, 0-9 and the hyphen.`);
    }
    this.url = url;
    this.name = name;
    this.key = `sk_test_sandbox_${name}`;
    this.publishableKey = `pk_test_sandbox_${name}`;
    const { hostname, port } = new URL(url);
    this.options = { host: hostname, port: Number(port || 80), protocol: 'http' };
    this.clock = new Clock(this);
    this.webhooks = new Webhooks(this);
  }

  async trigger(event, id) {
    return (await this.control('POST', 'trigger', { event, id })).events;
  }

  async events({ type } = {}) {
    const found = [];
    for (let after; ; after = found.at(-1).id) {
      const page = await send(`${this.url}/v1/events?${query({ limit: 100, type, starting_after: after })}`, 'GET', { key: this.key });
      found.push(...page.data);
      if (!page.has_more) return found.reverse();
    }
  }

  load(fixtures) {
    if (typeof fixtures === 'string') return this.control('POST', 'fixtures', { preset: fixtures });
    return this.control('POST', 'fixtures', {}, JSON.stringify(fixtures));
  }

  reset() {
    return this.control('POST', 'reset');
  }

  snapshot(name) {
    return this.control('POST', `snapshots/${encodeURIComponent(name)}`);
  }

  restore(name) {
    return this.control('POST', `snapshots/${encodeURIComponent(name)}/restore`);
  }

  async fork(into = `node-${randomUUID()}`.slice(0, 40)) {
    const copy = new Sandbox(this.url, into);
    await this.control('POST', 'fork', { into });
    return copy;
  }

  async delete() {
    try {
      await send(`${this.url}/_pinstripe/sandboxes/${this.name}`, 'DELETE');
    } catch (error) {
      // One that was never used is not there.
      if (error.status !== 404) throw error;
    }
  }

  control(method, path, parameters = {}, body) {
    return send(`${this.url}/_pinstripe/${path}?${query({ sandbox: this.name, ...parameters })}`, method, { body });
  }
}

class Server {
  #stop;

  constructor(url, stop = async () => {}) {
    this.url = url.replace(/\/$/, '');
    this.#stop = stop;
  }

  sandbox(name = `node-${randomUUID()}`.slice(0, 40)) {
    return new Sandbox(this.url, name);
  }

  stop() {
    return this.#stop();
  }
}

function flagsOf({ fixtures = [], seed, clock, webhookUrl, flags = [] }) {
  const given = [fixtures].flat().flatMap((fixture) => ['--fixtures', fixture]);
  if (seed !== undefined) given.push('--seed', String(seed));
  if (clock !== undefined) given.push('--clock', clock);
  if (webhookUrl !== undefined) given.push('--webhook-url', webhookUrl);
  return [...given, ...flags];
}

function stopper(child, ended) {
  return async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  };
}

async function start(options = {}) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PINSTRIPE_')));
  const child = spawn(program(), ['--port', String(options.port ?? 0), ...flagsOf(options)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const kill = () => child.kill('SIGTERM');
  process.on('exit', kill);
  ended.then(() => process.off('exit', kill));
  let said = '';
  const url = await new Promise((resolve, reject) => {
    const fail = (why) => {
      child.kill('SIGKILL');
      reject(new Error(`The server ${why}: ${said.trim()}`));
    };
    const late = setTimeout(() => fail('was not ready in time'), START_MILLISECONDS);
    const hear = (part) => {
      said += part;
      // It says where it listens once everything is loaded.
      const found = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(said);
      if (!found) return;
      clearTimeout(late);
      resolve(found[0]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    ended.then(() => {
      clearTimeout(late);
      fail('did not start');
    });
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.removeAllListeners('data');
    stream.resume();
    // A test's process may end without stopping the server first; `exit` ends it then.
    stream.unref();
  }
  child.unref();
  return new Server(url, stopper(child, ended));
}

function connect(url = process.env.PINSTRIPE_URL) {
  if (!url) throw new Error('connect() needs an address: as its parameter, or in PINSTRIPE_URL.');
  return new Server(url);
}

exports.start = start;
exports.connect = connect;
exports.program = program;
exports.ControlError = ControlError;
