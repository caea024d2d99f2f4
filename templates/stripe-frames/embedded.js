"use strict";
// An embedded Checkout is the page of its session; the frame of the shop leads there, whose address names key and session after its `#`.
const told = new URLSearchParams(location.hash.slice(1));
const [id] = /^cs_\w+$/.exec(told.get("checkoutSessionId") ?? "") ?? [];
// The key of a sandbox with a name names it; a copied sandbox has the same sessions.
const [, sandbox] = /^pk_test_sandbox_([A-Za-z0-9-]+)$/.exec(told.get("apiKey") ?? "") ?? [];
if (id) location.replace(`/c/pay/${id}${sandbox ? `?sandbox=${sandbox}` : ""}`);
