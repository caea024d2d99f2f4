// Preloaded into the Node processes of `pinstripe exec`: a connection to one of the API's hosts leads to the server on this
// machine, and trusts that server alone, so that none can reach the real API. No other connection is touched.
"use strict";
const { readFileSync } = require("fs");
const net = require("net");
const tls = require("tls");
const workers = require("worker_threads");

const HOSTS = new Set("{{hosts}}".split(" "));
const PORTS = new Map([[443, Number("{{https_port}}")], [80, Number("{{http_port}}")]]);
const AUTHORITY = readFileSync("{{authority}}");

/** What the options of a connection have when its authority is settled: by the inner one of two `exec` around each other. */
const SETTLED = Symbol.for("pinstripe.exec");

const isOurs = (host) => typeof host === "string" && HOSTS.has(host.toLowerCase().replace(/\.$/, ""));
const isObject = (value) => value !== null && typeof value === "object";

/** The options of a connection, with the address of the server here if they name a host of the API. */
function redirected(options) {
  if (!isObject(options) || !isOurs(options.host)) return options;
  const port = PORTS.get(Number(options.port));
  return port === undefined ? options : { ...options, host: "127.0.0.1", port, localAddress: undefined, localPort: undefined };
}

const connect = net.Socket.prototype.connect;
// Every connection is made here, in the same forms as that of `net.connect`.
net.Socket.prototype.connect = function (...args) {
  if (Array.isArray(args[0])) {
    // Arguments that `net.connect` has already put in order, in an array that Node knows again.
    args[0][0] = redirected(args[0][0]);
  } else if (isObject(args[0])) {
    args[0] = redirected(args[0]);
  } else if (isOurs(args[1])) {
    const { host, port } = redirected({ port: args[0], host: args[1] });
    args.splice(0, 2, port, host);
  }
  return connect.apply(this, args);
};

const connectTls = tls.connect;
tls.connect = function (...args) {
  const at = args.findIndex(isObject);
  const given = at < 0 ? {} : args[at];
  const host = typeof args[1] === "string" ? args[1] : given.host;
  // The name that Node compares the certificate with, in the same order.
  if (!given[SETTLED] && isOurs(given.servername || host || (given.socket && given.socket._host))) {
    const options = { ...given, ca: AUTHORITY, secureContext: undefined, [SETTLED]: true };
    if (at >= 0) args[at] = options;
    else args.splice(typeof args[1] === "string" ? 2 : 1, 0, options);
  }
  return connectTls.apply(this, args);
};

/** The options of a worker, which loads this file too, whatever environment it is given. */
function hooked(options) {
  if (!isObject(options) || !isObject(options.env)) return options;
  const own = String(options.env.NODE_OPTIONS || "");
  if (own.includes(__filename)) return options;
  return { ...options, env: { ...options.env, NODE_OPTIONS: `${own} --require ${__filename}`.trimStart() } };
}

workers.Worker = new Proxy(workers.Worker, {
  construct: (made, [file, options], asked) => Reflect.construct(made, [file, hooked(options)], asked),
});

// What ECMAScript modules import by name.
require("module").syncBuiltinESMExports();
