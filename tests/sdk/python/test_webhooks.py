"""Webhooks with the official SDK: signatures over a run of flows."""

import json
import urllib.request

import stripe

from support import URL, SandboxTest, receiver


class Webhooks(SandboxTest):
    sandbox = "python-hooks"

    def setUp(self):
        super().setUp()
        self.url, self.hits = receiver(self)

    def wait(self):
        url = f"{URL}/_pinstripe/webhooks/wait?timeout=30&sandbox={self.sandbox}"
        with urllib.request.urlopen(urllib.request.Request(url, data=b"", method="POST")) as answer:
            self.assertTrue(json.load(answer)["done"])

    def test_every_delivery_of_a_run_of_flows_is_accepted_by_construct_event(self):
        endpoint = stripe.WebhookEndpoint.create(url=self.url, enabled_events=["*"])
        customer = stripe.Customer.create(email="ada@example.com", source="tok_visa", description='"Ada" Löve \u2028')
        charge = stripe.Charge.create(amount=1099, currency="eur", customer=customer.id)
        stripe.Refund.create(charge=charge.id)
        with self.assertRaises(stripe.error.CardError):
            stripe.Charge.create(amount=500, currency="usd", source="tok_chargeDeclined")
        stripe.Customer.delete(customer.id)
        self.wait()
        events = [stripe.Webhook.construct_event(body, header, endpoint.secret) for body, header, _ in self.hits]
        listed = [event.id for event in stripe.Event.list(limit=100).auto_paging_iter()]
        self.assertEqual([event.id for event in events], listed[::-1])
        types = {event.type for event in events}
        self.assertLessEqual(
            {"customer.created", "charge.succeeded", "charge.refunded", "charge.failed", "customer.deleted"}, types
        )
        self.assertEqual({sandbox for _, _, sandbox in self.hits}, {self.sandbox})
        body, header, _ = self.hits[0]
        with self.assertRaises(stripe.error.SignatureVerificationError):
            stripe.Webhook.construct_event(body + b" ", header, endpoint.secret)
