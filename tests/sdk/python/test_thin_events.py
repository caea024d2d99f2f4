"""Thin events with the official SDK: parsed, verified, and followed to the event and to the object that it names."""

import json
import urllib.request

import stripe

from support import URL, SandboxTest, receiver

REPORT = "v1.billing.meter.error_report_triggered"


class ThinEvents(SandboxTest):
    sandbox = "python-thin"

    def test_a_report_is_parsed_fetched_and_leads_to_its_meter(self):
        url, hits = receiver(self)
        client = stripe.StripeClient(f"sk_test_sandbox_{self.sandbox}", base_addresses={"api": URL})
        destination = client.v2.core.event_destinations.create({
            "name": "Mine",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": [REPORT],
            "webhook_endpoint": {"url": url},
            "include": ["webhook_endpoint.signing_secret"],
        })
        meter = client.v1.billing.meters.create(
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )
        payload = {"stripe_customer_id": "cus_none", "value": "1"}
        client.v1.billing.meter_events.create({"event_name": "calls", "identifier": "lost", "payload": payload})
        wait = f"{URL}/_pinstripe/webhooks/wait?timeout=30&sandbox={self.sandbox}"
        with urllib.request.urlopen(urllib.request.Request(wait, data=b"", method="POST")) as answer:
            self.assertTrue(json.load(answer)["done"])
        [(body, header, _)] = hits
        secret = destination.webhook_endpoint.signing_secret
        notification = client.parse_event_notification(body, header, secret)
        self.assertEqual(notification.type, REPORT)
        self.assertEqual(notification.fetch_related_object().id, meter.id)
        event = notification.fetch_event()
        [kind] = event.data.reason.error_types
        self.assertEqual(kind.code, "meter_event_customer_not_found")
        self.assertEqual(kind.sample_errors[0].request.identifier, "lost")
        with self.assertRaises(stripe.SignatureVerificationError):
            client.parse_event_notification(body, header, "whsec_other")
