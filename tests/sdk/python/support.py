"""What the suites share: the server's address, sandboxes, fixtures, and "this call is refused, exactly so"."""

import http.server
import json
import os
import pathlib
import re
import threading
import unittest
import urllib.parse
import urllib.request

import stripe

if not os.environ.get("PINSTRIPE_URL"):
    raise SystemExit("PINSTRIPE_URL names no server: PINSTRIPE_URL=http://127.0.0.1:12111 python -m unittest")
URL = os.environ["PINSTRIPE_URL"].rstrip("/")
DOCUMENTS = pathlib.Path(__file__).resolve().parent.parent / "documents"
ANY = object()

USED_CODE = "payment_method_used_without_customer"
USED_AGAIN = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use "
    "a PaymentMethod multiple times, you must attach it to a Customer first."
)
USED_AGAIN_ON_ATTACH = (
    "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and "
    "may not be used again."
)
NEEDS_RETURN_URL = (
    "A `return_url` must be specified because this Payment Intent is configured to automatically accept the payment "
    "methods enabled in the Dashboard, some of which may require a full page redirect to succeed. If you do not want "
    "to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)
CONSUMED_SOURCE = (
    "The reusable source you provided is consumed because it was previously charged without being attached to a "
    "customer or was detached from a customer. To charge a reusable source multiple time you must attach it to a "
    "customer first."
)


def control(path, sandbox, body=None, **more):
    query = urllib.parse.urlencode({"sandbox": sandbox, **more})
    data = json.dumps(body).encode() if body is not None else b""
    request = urllib.request.Request(
        f"{URL}/_pinstripe/{path}?{query}", data=data, method="POST",
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200, answer.read()


class _Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.hits.append((body, self.headers["Stripe-Signature"], self.headers["Pinstripe-Sandbox"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


def receiver(test):
    """A receiver of webhooks until the end of the test: its URL, and what it gets (body, signature, sandbox)."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.daemon_threads = True
    server.hits = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return f"http://127.0.0.1:{server.server_port}/hook", server.hits


def client(sandbox, version=None):
    return stripe.StripeClient(
        f"sk_test_sandbox_{sandbox}", base_addresses={"api": URL}, stripe_version=version, max_network_retries=0
    )


class SandboxTest(unittest.TestCase):
    """Each test starts with its class's sandbox emptied and, if named, the document's objects in it."""

    sandbox = None
    document = None

    def setUp(self):
        control("reset", self.sandbox)
        if self.document:
            control("fixtures", self.sandbox, json.loads((DOCUMENTS / f"{self.document}.json").read_text()))
        # The module style: global settings, as the documents' snippets use them.
        stripe.api_key = f"sk_test_sandbox_{self.sandbox}"
        stripe.api_base = URL
        stripe.api_version = "2026-10-28.endive"
        stripe.max_network_retries = 0
        self.client = client(self.sandbox)

    def refused(self, call, status, kind=None, code=None, param=None, message=None):
        """The call raises; what is left out of `code` and `param` must be absent."""
        kind = kind or {400: stripe.InvalidRequestError, 401: stripe.AuthenticationError, 402: stripe.CardError,
                        403: stripe.PermissionError, 404: stripe.InvalidRequestError}[status]
        with self.assertRaises(kind) as caught:
            call()
        error = caught.exception
        self.assertEqual(error.http_status, status, error)
        if code is not ANY:
            self.assertEqual(error.code, code, error)
        if param is not ANY:
            self.assertEqual(getattr(error, "param", None), param, error)
        if message is not None:
            self.assertEqual(error.user_message, message)
        self.assertRegex(error.request_id or "", re.compile(r"^req_[0-9A-Za-z]{14}$"))
        return error
