#!/usr/bin/env python3
"""Asks a server that answers like the Stripe API for things that tests need, and prints a line for each.

    benches/tools.py http://localhost:12111

Each probe is a few plain requests of the documented API; only a receiver of webhooks is also registered by the call of localstripe,
where the API's own is missing. `docs/comparison.md` has the lines of several servers. Only a server on this machine is asked.
"""
import base64
import hashlib
import hmac
import http.server
import json
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

BASE = sys.argv[1].rstrip("/")
assert urllib.parse.urlsplit(BASE).hostname in ("localhost", "127.0.0.1", "::1"), "a server on this machine"
OLDER = {"Stripe-Version": "2022-08-01"}


def call(method, path, params=None, key="sk_test_12345", headers=None):
    data = urllib.parse.urlencode(params or {}).encode() if method == "POST" else None
    if method == "GET" and params:
        path += "?" + urllib.parse.urlencode(params)
    auth = base64.b64encode(f"{key}:".encode()).decode()
    request = urllib.request.Request(BASE + path, data, {"Authorization": f"Basic {auth}", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, {}


def post(path, params=None, **more):
    return call("POST", path, params, **more)


def get(path, params=None, **more):
    return call("GET", path, params, **more)


def customer(**params):
    status, made = post("/v1/customers", {"email": "ada@example.com", **params})
    assert status == 200, made
    return made["id"]


def price():
    _, product = post("/v1/products", {"name": "Basic"})
    _, made = post("/v1/prices", {"product": product["id"], "currency": "usd", "unit_amount": 2500, "recurring[interval]": "month"})
    return made["id"]


def is_kept():
    made = customer()
    return get(f"/v1/customers/{made}")[1]["id"] == made


def card(number):
    _, made = post("/v1/payment_methods", {"type": "card", "card[number]": number, "card[exp_month]": 12, "card[exp_year]": 2040, "card[cvc]": "123"})
    return made["id"]


def paid(method, **params):
    return post("/v1/payment_intents", {"amount": 1000, "currency": "usd", "payment_method": method, "payment_method_types[]": "card",
                                        "confirm": "true", **params})


def either(*ways):
    """Whether one of several ways works: some servers know charges alone, others intents."""
    for way in ways:
        try:
            if way():
                return True
        except (KeyError, TypeError, AssertionError, urllib.error.URLError):
            pass
    return False


def charged(source, **params):
    return post("/v1/charges", {"amount": 1000, "currency": "usd", "source": source, **params})


def is_declined():
    def declined(answer):
        return answer[0] == 402 and answer[1]["error"]["code"] == "card_declined"

    def attached():
        method, who = card("4000000000000341"), customer()
        post(f"/v1/payment_methods/{method}/attach", {"customer": who})
        return paid(method, customer=who)
    return either(lambda: declined(paid(card("4000000000000002"))), lambda: declined(charged("tok_chargeDeclined")),
                  lambda: declined(attached()))


def refuses_unknown():
    status, answer = post("/v1/customers", {"emial": "ada@example.com"})
    return status == 400 and "emial" in json.dumps(answer)


def pays():
    return paid("pm_card_visa")[1]["status"] == "succeeded"


def asks_for_3ds():
    return paid(card("4000002760003184"))[1]["status"] == "requires_action"


def refuses_large_refund():
    def refused(param, paid):
        return post("/v1/refunds", {param: paid[1]["id"], "amount": 2000})[0] == 400
    return either(lambda: refused("payment_intent", paid("pm_card_visa")), lambda: refused("charge", charged("tok_visa")))


def replays():
    key = {"Idempotency-Key": f"once-{time.time()}"}
    return post("/v1/customers", headers=key)[1]["id"] == post("/v1/customers", headers=key)[1]["id"]


def expands():
    def shown(path, params):
        return post(path, {"amount": 1000, "currency": "usd", "expand[]": "customer", **params})[1]["customer"]["object"] == "customer"
    return either(lambda: shown("/v1/payment_intents", {"customer": customer()}),
                  lambda: shown("/v1/charges", {"customer": customer(source="tok_visa")}))


def searches():
    made = customer(name="Searched")
    _, found = get("/v1/customers/search", {"query": "name:'Searched'"})
    return any(row["id"] == made for row in found["data"])


def renews():
    clock = post("/v1/test_helpers/test_clocks", {"frozen_time": 1800000000})[1]["id"]
    who = customer(test_clock=clock, payment_method="pm_card_visa", **{"invoice_settings[default_payment_method]": "pm_card_visa"})
    post("/v1/subscriptions", {"customer": who, "items[0][price]": price()})
    post(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": 1800000000 + 32 * 86400})
    for _ in range(50):
        if get(f"/v1/test_helpers/test_clocks/{clock}")[1]["status"] == "ready":
            break
        time.sleep(0.1)
    return len(get("/v1/invoices", {"customer": who})[1]["data"]) == 2


def prorates():
    try:
        who = customer(source="tok_visa")
    except AssertionError:
        who = customer()
        method = card("4242424242424242")
        post(f"/v1/payment_methods/{method}/attach", {"customer": who})
        post(f"/v1/customers/{who}", {"invoice_settings[default_payment_method]": method})
    _, made = post("/v1/subscriptions", {"customer": who, "items[0][price]": price()})
    post(f"/v1/subscriptions/{made['id']}", {"items[0][id]": made["items"]["data"][0]["id"], "items[0][quantity]": 3})
    previews = [post("/v1/invoices/create_preview", {"subscription": made["id"]})[1],
                get("/v1/invoices/upcoming", {"subscription": made["id"], "customer": who})[1]]
    rows = [row for preview in previews for row in preview.get("lines", {}).get("data", [])]
    return any(row.get("proration") or '"proration": true' in json.dumps(row) for row in rows)


def has_checkout_page():
    _, session = post("/v1/checkout/sessions", {"mode": "payment", "success_url": "http://localhost/done", "line_items[0][quantity]": 1,
                                                "line_items[0][price_data][currency]": "usd", "line_items[0][price_data][unit_amount]": 500,
                                                "line_items[0][price_data][product_data][name]": "Mug"})
    host = urllib.parse.urlsplit(session["url"])
    if host.netloc != urllib.parse.urlsplit(BASE).netloc:
        return False
    with urllib.request.urlopen(session["url"], timeout=5) as page:
        return b"<form" in page.read()


def transfers():
    _, account = post("/v1/accounts", {"type": "custom", "country": "US", "capabilities[transfers][requested]": "true"})
    post("/v1/charges", {"amount": 100000, "currency": "usd", "source": "tok_bypassPending"})
    # Whoever has told nothing gets nothing yet, or money that waits; the balance is the account's own either way.
    post("/v1/transfers", {"amount": 1000, "currency": "usd", "destination": account["id"]})
    own = get("/v1/balance", headers={"Stripe-Account": account["id"]})[1]
    return own["object"] == "balance" and own["available"] != get("/v1/balance")[1]["available"]


def has_older_form():
    _, new = post("/v1/payment_intents", {"amount": 1000, "currency": "usd", "payment_method_types[]": "card"})
    _, old = get(f"/v1/payment_intents/{new['id']}", headers=OLDER)
    return "charges" in old and "charges" not in new


def keeps_apart():
    post("/v1/customers", key="sk_test_sandbox_one")
    return not get("/v1/customers", key="sk_test_sandbox_two")[1]["data"]


def sends_webhooks():
    arrived = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            arrived.append((self.headers.get("Stripe-Signature", ""), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    status, endpoint = post("/v1/webhook_endpoints", {"url": f"http://127.0.0.1:{server.server_port}/", "enabled_events[]": "customer.created"})
    if status != 200:
        endpoint = {"secret": "whsec_probe"}
        there = {"url": f"http://127.0.0.1:{server.server_port}/", "secret": endpoint["secret"], "events[]": "customer.created"}
        if post("/_config/webhooks/probe", there)[0] != 200:
            return False
    customer()
    for _ in range(40):
        if arrived:
            break
        time.sleep(0.05)
    server.shutdown()
    if not arrived:
        return False
    signature = dict(part.split("=", 1) for part in arrived[0][0].split(","))
    signed = signature["t"].encode() + b"." + arrived[0][1]
    return hmac.new(endpoint["secret"].encode(), signed, hashlib.sha256).hexdigest() == signature["v1"]


PROBES = [
    ("an object that was created can be retrieved", is_kept),
    ("a declined card is answered with 402", is_declined),
    ("an unknown parameter is refused, by its name", refuses_unknown),
    ("an intent is paid with `pm_card_visa`", pays),
    ("a card that needs 3-D Secure waits for it", asks_for_3ds),
    ("a refund of more than the charge is refused", refuses_large_refund),
    ("an idempotency key replays the first answer", replays),
    ("`expand` works", expands),
    ("search finds a customer by name", searches),
    ("a test clock renews a subscription", renews),
    ("a change of quantity is prorated in a preview", prorates),
    ("a Checkout Session has a page with a form", has_checkout_page),
    ("a connected account has a balance of its own", transfers),
    ("`Stripe-Version` decides whether an intent shows `charges`", has_older_form),
    ("two keys can have two states", keeps_apart),
    ("webhooks are sent, with a signature that verifies", sends_webhooks),
]


for what, probe in PROBES:
    try:
        result = "yes" if probe() else "no"
    except Exception as error:  # a server that lacks something answers in any way
        result = f"no ({type(error).__name__})"
    print(f"{result:24} {what}")
