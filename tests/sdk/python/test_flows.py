"""Every flow of tests/flows, delivered: each event is accepted by the SDK's construct_event, once and in order."""

import json
import pathlib
import re
import unittest
import urllib.error
import urllib.parse
import urllib.request

import stripe

from support import URL, control, receiver

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "flows"


def filled(text, names):
    """The text with its `{name.key}` filled in."""

    def value(found):
        at = names
        for key in found.group(1).split("."):
            at = at[int(key) if isinstance(at, list) else key]
        return str(at)

    return re.sub(r"\{([\w.]+)\}", value, text)


def run(steps, names, key):
    for step in steps:
        method, path = filled(step["do"], names).split(" ")
        pairs = [tuple(pair.split("=", 1)) for pair in filled(step.get("form", ""), names).split("&") if pair]
        headers = {"Authorization": f"Bearer {key}"}
        if "version" in step:
            headers["Stripe-Version"] = step["version"]
        data = urllib.parse.urlencode(pairs).encode() if method == "POST" else None
        request = urllib.request.Request(URL + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            status, body = refusal.code, refusal.read()
        assert status == step.get("status", 200), f"{step['do']}: {status} {body}"
        if "as" in step:
            names[step["as"]] = json.loads(body)


class Flows(unittest.TestCase):
    def test_every_event_of_every_flow_is_accepted_by_construct_event(self):
        flows = [flow for file in sorted(FOLDER.glob("*.json")) for flow in json.loads(file.read_text())]
        self.assertGreater(len(flows), 100)
        url, hits = receiver(self)
        for number, flow in enumerate(flows):
            with self.subTest(flow["rule"]):
                sandbox = f"python-flow-{number}"
                control("reset", sandbox)
                key = f"sk_test_sandbox_{sandbox}"
                client = stripe.StripeClient(key, base_addresses={"api": URL})
                endpoint = client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
                names = {"sandbox": sandbox}
                hits.clear()
                run(flow["given"], names, key)
                before = len(client.v1.events.list({"limit": 100}).data)
                run(flow["act"], names, key)
                control("webhooks/wait", sandbox)
                listed = client.v1.events.list({"limit": 100}).data[::-1]
                self.assertEqual([event.type for event in listed[before:]], flow["events"])
                events = [client.construct_event(body, header, endpoint.secret) for body, header, _ in hits]
                self.assertEqual([event.id for event in events], [event.id for event in listed])
