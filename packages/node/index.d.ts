/** How a server is started; the flags of `pinstripe --help`. */
export interface StartOptions {
  /** A file, a folder or a preset such as `@shop`, or several. */
  fixtures?: string | string[];
  /** The same requests get the same answers in every run. */
  seed?: number;
  /** `real`, `frozen@UNIX_SECONDS`, … */
  clock?: string;
  /** Where every event of every sandbox is sent. */
  webhookUrl?: string;
  /** A free port if it is not given. */
  port?: number;
  /** Any other flags. */
  flags?: string[];
}

/** What `new Stripe(sandbox.key, sandbox.options)` takes. */
export interface ClientOptions {
  host: string;
  port: number;
  protocol: 'http';
}

/** An event as the API shows it. */
export interface SandboxEvent {
  id: string;
  object: 'event';
  type: string;
  created: number;
  account?: string;
  data: { object: any; previous_attributes?: any };
  [field: string]: unknown;
}

/** What an endpoint would have received of an event that was kept and not sent. */
export interface CollectedWebhook {
  type: string;
  /** The id of the event. */
  event: string;
  /** The id of the endpoint; null where there is none. */
  endpoint: string | null;
  url: string | null;
  body: string;
  /** In lower case, with the signature: `headers['stripe-signature']`. */
  headers: Record<string, string>;
}

/** What was sent to an endpoint, or will be, with every attempt. */
export interface Delivery {
  id: string;
  status: 'waiting' | 'delivered' | 'failed' | 'dropped';
  [field: string]: any;
}

/** A length of time; its parts are added up. */
export interface Span {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

/** The clock of a sandbox. */
export interface Clock {
  /** The sandbox's time in Unix seconds. */
  now(): Promise<number>;
  /**
   * Lets time pass: seconds, a span, or `next` for the next thing that is to happen (with `object`, to that object). Resolves when
   * everything that became due is done.
   */
  advance(by: number | Span | 'next', options?: { object?: string }): Promise<{ now: number; done: number }>;
  /** Stops the clock at a time in Unix seconds, or now. */
  freeze(time?: number | 'now'): Promise<{ now: number }>;
  /** Runs the clock this many times as fast. */
  speed(speed: number): Promise<{ now: number; speed: number }>;
  /** Follows the machine's clock again. */
  real(): Promise<{ now: number }>;
}

/** The webhooks of a sandbox. */
export interface Webhooks {
  /** The secret that signs what is sent to the server's `webhookUrl`, and what is collected without an endpoint. */
  secret(): Promise<string>;
  /** Resolves when everything that is due has arrived or was given up; rejects after `timeout` seconds (default: 10). */
  wait(options?: { timeout?: number }): Promise<{ done: boolean; waiting: unknown[] }>;
  /** From now on events are kept for `collected`, and not sent. */
  collect(): Promise<unknown>;
  /** From now on events are sent. */
  send(): Promise<unknown>;
  /** What was kept, the first one first. */
  collected(filter?: { type?: string; event?: string; endpoint?: string }): Promise<CollectedWebhook[]>;
  /** What was sent or is waiting, the newest first. */
  deliveries(filter?: { type?: string; event?: string; endpoint?: string; status?: Delivery['status'] }): Promise<Delivery[]>;
}

/** A world of its own on a server: its key selects it, and nobody with another key sees what is in it. */
export interface Sandbox {
  readonly url: string;
  readonly name: string;
  /** `sk_test_sandbox_NAME` */
  readonly key: string;
  /** `pk_test_sandbox_NAME` */
  readonly publishableKey: string;
  /** For the constructor of stripe-node. */
  readonly options: ClientOptions;
  readonly clock: Clock;
  readonly webhooks: Webhooks;
  /** Makes an event happen to an object, by the rules of the API; resolves to the events that were emitted. */
  trigger(event: string, id: string): Promise<SandboxEvent[]>;
  /** The events so far, the first one first; `type` may end in `*`. */
  events(filter?: { type?: string }): Promise<SandboxEvent[]>;
  /** Adds a preset such as `shop`, or a fixtures document. */
  load(fixtures: string | object): Promise<{ added: number; env: Record<string, string> }>;
  /** Back to what the sandbox began with. */
  reset(): Promise<unknown>;
  /** Keeps the sandbox as it is now under a name. */
  snapshot(name: string): Promise<unknown>;
  /** Back to a snapshot. */
  restore(name: string): Promise<unknown>;
  /** A copy of the sandbox as it is now. */
  fork(into?: string): Promise<Sandbox>;
  /** Deletes the sandbox, if it was used. */
  delete(): Promise<void>;
  /** Any other call of the control API: `control('GET', 'requests', { status: '4xx' })`; with `sandbox: undefined` one about no sandbox. */
  control(method: string, path: string, parameters?: Record<string, string | number | boolean | undefined>, body?: string): Promise<any>;
}

/** A server that runs. */
export interface Server {
  readonly url: string;
  /** The sandbox of this name, or a new one: 1 to 40 of `A-Z a-z 0-9 -`. */
  sandbox(name?: string): Sandbox;
  /** Stops the server, if it was started here. */
  stop(): Promise<void>;
}

/** A call that the server refused. */
export class ControlError extends Error {
  readonly status: number;
}

/** Starts a server on a free port; resolves when it has loaded its fixtures. It ends with this process at the latest. */
export function start(options?: StartOptions): Promise<Server>;

/** A server that runs already; the address is that of `PINSTRIPE_URL` if none is given. */
export function connect(url?: string): Server;

/** The path of the program. */
export function program(): string;
