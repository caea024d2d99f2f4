// @ts-check
// Makes the requests of a page: its frame stands on the server's origin.

(() => {
  "use strict";

  /**
   * Writes nested parameters as a form.
   * @param {URLSearchParams} form
   * @param {string} key
   * @param {any} value
   */
  function write(form, key, value) {
    if (value === null || value === undefined) return;
    if (typeof value !== "object") return form.append(key, String(value));
    for (const [inner, one] of Object.entries(value)) write(form, key ? `${key}[${inner}]` : inner, one);
  }

  /**
   * Whether a page may ask for this: any page of any site can put this frame into itself, so it asks for nothing but what a publishable
   * key may do, and never for anything else that the server has.
   * @param {{method: any, path: any, params?: any}} request
   * @returns {boolean}
   */
  function isAllowed({ method, path, params }) {
    const isOfApi = typeof path === "string" && /^\/v1\/[\w/-]+$/.test(path);
    return isOfApi && ["GET", "POST"].includes(method) && /^pk_/.test(String(params?.key));
  }

  /**
   * Asks the API.
   * @param {{method: string, path: string, params?: any}} request
   */
  async function answer({ method, path, params }) {
    if (!isAllowed({ method, path, params })) return { failed: true };
    const form = new URLSearchParams();
    write(form, "", params);
    try {
      const response = method === "GET" ? await fetch(`${path}?${form}`) : await fetch(path, { method, body: form });
      return { status: response.status, body: await response.json() };
    } catch {
      // No server, or no answer of its API.
      return { failed: true };
    }
  }

  addEventListener("message", async ({ source, origin, data }) => {
    if (source !== parent || typeof data?.ask !== "number") return;
    parent.postMessage({ answer: data.ask, ...(await answer(data)) }, origin);
  });
  parent.postMessage({ event: "loaded" }, "*");
})();
