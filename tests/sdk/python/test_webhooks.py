"""Webhooks with the official SDK: signatures over a run of flows."""

import http.server
import json
import threading
import urllib.request

import stripe

from support import URL, SandboxTest


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.hits.append((body, self.headers["Stripe-Signature"], self.headers["Pinstripe-Sandbox"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


class Webhooks(SandboxTest):
    sandbox = "python-hooks"

    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self.server.daemon_threads = True
        self.server.hits = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def wait(self):
        url = f"{URL}/_pinstripe/webhooks/wait?timeout=30&sandbox={self.sandbox}"
        with urllib.request.urlopen(urllib.request.Request(url, data=b"", method="POST")) as answer:
            self.assertTrue(json.load(answer)["done"])

    def test_every_delivery_of_a_run_of_flows_is_accepted_by_construct_event(self):
        endpoint = stripe.WebhookEndpoint.create(
            url=f"http://127.0.0.1:{self.server.server_port}/hook", enabled_events=["*"]
        )
        customer = stripe.Customer.create(email="ada@example.com", source="tok_visa", description='"Ada" Löve \u2028')
        charge = stripe.Charge.create(amount=1099, currency="eur", customer=customer.id)
        stripe.Refund.create(charge=charge.id)
        with self.assertRaises(stripe.error.CardError):
            stripe.Charge.create(amount=500, currency="usd", source="tok_chargeDeclined")
        stripe.Customer.delete(customer.id)
        self.wait()
        events = [stripe.Webhook.construct_event(body, header, endpoint.secret) for body, header, _ in self.server.hits]
        listed = [event.id for event in stripe.Event.list(limit=100).auto_paging_iter()]
        self.assertEqual([event.id for event in events], listed[::-1])
        types = {event.type for event in events}
        self.assertLessEqual(
            {"customer.created", "charge.succeeded", "charge.refunded", "charge.failed", "customer.deleted"}, types
        )
        self.assertEqual({sandbox for _, _, sandbox in self.server.hits}, {self.sandbox})
        body, header, _ = self.server.hits[0]
        with self.assertRaises(stripe.error.SignatureVerificationError):
            stripe.Webhook.construct_event(body + b" ", header, endpoint.secret)
