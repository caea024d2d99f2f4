// Accounts that are connected by OAuth: the link, the code, the tokens, the end; and the SDK's classes of errors.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { baseUrl, client, has, open, wire } from "./support.js";

const SANDBOX = "sdk-oauth";
const CLIENT = `ca_sandbox_${SANDBOX}`;
let stripe;

before(async () => {
  stripe = await open(SANDBOX);
});

const link = (params = {}, options) =>
  stripe.oauth.authorizeUrl({ client_id: CLIENT, scope: "read_write", redirect_uri: "https://shop.example/back", state: "s1", ...params }, options);

/** What a person does at a link. */
async function press(url, result = "authorized") {
  const pressed = await wire("POST", "/_pinstripe/oauth", { form: { url, result } });
  assert.equal(pressed.status, 200, pressed.text);
  return pressed.body;
}

const exchange = (code) => stripe.oauth.token({ grant_type: "authorization_code", code });

async function refused(promise, type, statusCode, message) {
  const error = await promise.then(() => assert.fail(`expected ${type}`), (thrown) => thrown);
  assert.deepEqual([error.type, error.statusCode, error.message], [type, statusCode, message]);
}

test("a person connects an account, and the access token is its key", async () => {
  const pressed = await press(link({ stripe_user: { email: "jenny@example.com" } }));
  const back = new URL(pressed.redirect_url);
  assert.deepEqual([back.origin, back.searchParams.get("state")], ["https://shop.example", "s1"]);
  const tokens = await exchange(back.searchParams.get("code"));
  has(tokens, { livemode: false, scope: "read_write", token_type: "bearer", stripe_user_id: pressed.account });
  const theirs = client(SANDBOX, {}, tokens.access_token);
  has(await stripe.accounts.retrieve(tokens.stripe_user_id), { email: "jenny@example.com", type: "standard" });
  const customer = await theirs.customers.create({ name: "Ada" });
  has(await stripe.customers.retrieve(customer.id, {}, { stripeAccount: tokens.stripe_user_id }), { name: "Ada" });
  const again = await stripe.oauth.token({ grant_type: "refresh_token", refresh_token: tokens.refresh_token, scope: "read_only" });
  has(again, { scope: "read_only", stripe_user_id: tokens.stripe_user_id });
  assert.deepEqual(await stripe.oauth.deauthorize({ client_id: CLIENT, stripe_user_id: tokens.stripe_user_id }).then(({ stripe_user_id }) => stripe_user_id), tokens.stripe_user_id);
  await assert.rejects(theirs.customers.list(), { type: "StripeAuthenticationError", code: "api_key_expired" });
  await assert.rejects(stripe.customers.list({}, { stripeAccount: tokens.stripe_user_id }), { type: "StripePermissionError", code: "account_invalid" });
});

test("an express account", async () => {
  const pressed = await press(link({ suggested_capabilities: ["transfers"] }, { express: true }));
  const tokens = await stripe.oauth.token({ grant_type: "authorization_code", code: pressed.code, assert_capabilities: ["transfers"] });
  has(tokens, { scope: "express" });
  has(await stripe.accounts.retrieve(tokens.stripe_user_id), { type: "express", capabilities: { transfers: "inactive" } });
});

test("somebody who declines", async () => {
  has(await press(link(), "denied"), { redirect_url: "https://shop.example/back?error=access_denied&error_description=The+user+denied+your+request&state=s1" });
});

describe("the SDK throws its own error for each refusal", () => {
  test("a code twice, and one that was never given", async () => {
    const { code } = await press(link());
    await exchange(code);
    await refused(exchange(code), "StripeInvalidGrantError", 400, "This authorization code has already been used. All tokens issued with this code have been revoked.");
    await refused(exchange("ac_none"), "StripeInvalidGrantError", 400, "Authorization code does not exist: ac_none");
  });

  test("requests that are none", async () => {
    await refused(stripe.oauth.token({}), "StripeOAuthInvalidRequestError", 400, "No grant type specified");
    await refused(stripe.oauth.token({ grant_type: "magic" }), "StripeUnsupportedGrantTypeError", 400, "Invalid grant_type: must be one of authorization_code or refresh_token");
    await refused(stripe.oauth.deauthorize({ client_id: CLIENT, stripe_user_id: "acct_none" }), "StripeInvalidClientError", 401, "This application is not connected to stripe account acct_none, or that account does not exist.");
    const tokens = await exchange((await press(link({ scope: "read_only" }))).code);
    await refused(stripe.oauth.token({ grant_type: "refresh_token", refresh_token: tokens.refresh_token, scope: "read_write" }), "StripeInvalidScopeError", 400, "The scope read_write is greater than read_only, the scope of the refresh token");
  });
});

test("the address of a link says which calls press its buttons", async () => {
  const { pathname, search } = new URL(link());
  const page = await wire("GET", `${pathname}${search}`);
  assert.equal(page.status, 200, page.text);
  const [method, address] = page.body.deny.split(" ");
  assert.ok(address.startsWith(baseUrl), address);
  assert.equal((await (await fetch(address, { method })).json()).error, "access_denied");
});
