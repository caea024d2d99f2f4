// @ts-check
// Bank accounts that are linked, and people who show who they are: pages of the server in a frame over the page.

/**
 * Shows a page of the server until it says that it is done, or the customer closes it.
 * @param {string} title
 * @param {string} address
 * @param {(message: any) => boolean | Promise<boolean>} isOver
 * @returns {Promise<void>}
 */
function showPage(title, address, isOver) {
  return new Promise((resolve) => {
    const channel = cover("modal-pinstripe.html", title, async (message) => {
      if (message.event === "loaded") channel.post({ action: "show", sheet: { kind: "page", title, link: here(address) } });
      else if (message.event === "cancel" || (await isOver(message))) {
        channel.close();
        resolve();
      }
    });
  });
}

/**
 * Lets the customer link accounts at the test bank.
 * @param {Context} context
 * @param {string} secret of the session
 * @returns {Promise<any>} `{completed}` or `{error}`
 */
async function linkAccounts(context, secret) {
  const page = await context.call("POST", "/v1/link_account_sessions/generate_hosted_url", { client_secret: secret });
  if (page.error) return page;
  let completed = false;
  await showPage("Link your bank account", page.hosted_auth_url, ({ event, detail }) => {
    completed = event === "said" && detail.type === "done" && detail.result === "completed";
    return event === "said" && detail.type === "done";
  });
  return { completed };
}

/**
 * Links an account, and puts it into an intent.
 * @param {Context} context
 * @param {"pi" | "seti"} kind
 * @param {string} method
 */
function collectForIntent(context, kind, method) {
  return async (/** @type {any} */ options) => {
    needObject(options, `stripe.${method}()`);
    const { clientSecret, params = {}, expand } = options;
    const about = parseSecret(clientSecret, `stripe.${method}`, kind);
    const { payment_method_type: type, payment_method_data } = params;
    const path = `${about.path}/link_account_sessions`;
    const session = await context.call("POST", path, {
      client_secret: clientSecret,
      payment_method_data: { type, ...payment_method_data },
    });
    if (session.error) return { error: session.error };
    const linked = await linkAccounts(context, session.client_secret);
    if (linked.error) return { error: linked.error };
    if (!linked.completed) return resultOf(about.result, await retrieveIntent(context, about, { expand }));
    const attached = await context.call("POST", `${path}/${session.id}/attach`, { client_secret: clientSecret, expand });
    return resultOf(about.result, attached);
  };
}

/**
 * Links accounts for a session that the shop's server has made.
 * @param {Context} context
 * @param {any} options
 * @returns {Promise<any>} the session, or `{error}`
 */
async function collectForSession(context, options) {
  needObject(options, "collectFinancialConnectionsAccounts");
  const { clientSecret } = options;
  const linked = await linkAccounts(context, clientSecret);
  if (linked.error) return linked;
  return context.call("GET", "/v1/link_account_sessions/session_receipt", { client_secret: clientSecret });
}

/**
 * Lets a person show who they are, on the page of a verification session.
 * @param {Context} context
 * @param {any} secret
 * @returns {Promise<any>}
 */
async function verifyIdentity(context, secret) {
  const [, id] = /^(vs_\w+?)_secret_\w+$/.exec(String(secret)) ?? [];
  if (!id) throw new IntegrationError(`Invalid value for stripe.verifyIdentity client secret: value should be the client_secret of a VerificationSession. You specified: ${String(secret)}.`);
  const ask = () => context.call("GET", `/v1/identity/verification_sessions/${id}`, { client_secret: secret });
  const session = await ask();
  if (session.error || !session.url) return resultOf("verificationSession", session);
  let isThrough = false;
  const address = `${session.url}${session.url.includes("?") ? "&" : "?"}framed=true`;
  await showPage("Verify your identity", address, async ({ event }) => {
    if (event !== "moved") return false;
    const { url } = await ask();
    // Once it is submitted, its address is over, and the secret with it.
    return (isThrough = url !== session.url);
  });
  if (isThrough) return { verificationSession: session };
  return { error: { type: "invalid_request_error", code: "session_cancelled", message: "The verification was cancelled by the customer." } };
}

/**
 * The methods for bank accounts and identities.
 * @param {Context} context
 */
function bankMethods(context) {
  return {
    collectBankAccountForPayment: collectForIntent(context, "pi", "collectBankAccountForPayment"),
    collectBankAccountForSetup: collectForIntent(context, "seti", "collectBankAccountForSetup"),
    /** @param {any} options */
    collectFinancialConnectionsAccounts: async (options) => {
      const session = await collectForSession(context, options);
      return session.error ? { error: session.error, financialConnectionsSession: undefined } : { financialConnectionsSession: session };
    },
    /** @param {any} options */
    collectBankAccountToken: async (options) => {
      const session = await collectForSession(context, options);
      if (session.error) return { error: session.error, financialConnectionsSession: undefined, token: undefined };
      return { financialConnectionsSession: session, token: session.bank_account_token ?? null };
    },
    /** @param {string} secret */
    verifyIdentity: (secret) => verifyIdentity(context, secret),
    verifyMicrodepositsForPayment: verifyMicrodeposits(context, "pi", "verifyMicrodepositsForPayment"),
    verifyMicrodepositsForSetup: verifyMicrodeposits(context, "seti", "verifyMicrodepositsForSetup"),
  };
}
