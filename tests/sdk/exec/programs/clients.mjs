// The ways in which programs of Node call the API without an SDK.
import http2 from "node:http2";
import https, { get } from "node:https";
import net from "node:net";
import tls, { connect } from "node:tls";

const headers = { authorization: `Bearer ${process.env.STRIPE_API_KEY}` };
const say = async (name, status) => console.log(name, await status.catch((error) => error.code ?? error.message));
const settled = (start) => new Promise((resolve, reject) => start(resolve).on("error", reject));
const answered = (resolve) => (response) => resolve(response.resume().statusCode);

const url = "https://api.stripe.com/v1/account";
await say("fetch", fetch(url, { headers }).then((response) => response.status));
await say("get", settled((resolve) => get(url, { headers }, answered(resolve))));
const agent = new https.Agent({ keepAlive: false, ca: tls.rootCertificates, servername: "api.stripe.com" });
await say("own certificates", settled((resolve) => https.get(url, { headers, agent }, answered(resolve))));
await say("other case", settled((resolve) => https.get("https://API.Stripe.com./v1/account", { headers, servername: "api.stripe.com" }, answered(resolve))));
await say("http", fetch("http://api.stripe.com/healthz").then((response) => response.status));
await say("port and host", settled((resolve) => connect(443, "api.stripe.com", function () {
  resolve(this.end().authorized);
})));
await say("given socket", settled((resolve) => {
  const socket = net.connect(443, "files.stripe.com");
  return tls.connect({ socket, servername: "files.stripe.com" }, function () { resolve(this.end().authorized); });
}));
await say("http2", settled((resolve) => {
  const session = http2.connect("https://api.stripe.com");
  session.request({ ":path": "/v1/account", ...headers }).on("response", (answer) => {
    session.close();
    resolve(answer[":status"]);
  }).resume();
  return session;
}));
