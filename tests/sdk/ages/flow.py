"""One flow with an official Python SDK: `flow.py VERSION SANDBOX [API-VERSION]`; ends with `N passed, N failed`."""

import http.server
import importlib.metadata
import json
import os
import sys
import threading
import time
import unittest
import urllib.request

import stripe

from marketplaces import marketplaces
from stories import stories

URL = os.environ["PINSTRIPE_URL"].rstrip("/")
SANDBOX = sys.argv[2]
stripe.api_key = "sk_test_sandbox_" + SANDBOX
stripe.api_base = URL
stripe.max_network_retries = 1
if len(sys.argv) > 3:
    stripe.api_version = sys.argv[3]
# Older ones have them in a module alone.
errors = getattr(stripe, "error", stripe)


def control(call):
    joint = "&" if "?" in call else "?"
    request = urllib.request.Request("%s/_pinstripe/%s%ssandbox=%s" % (URL, call, joint, SANDBOX), data=b"", method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def pay(**more):
    return stripe.PaymentIntent.create(amount=2000, currency="usd", payment_method_types=["card"], confirm=True, **more)


class Flow(unittest.TestCase):
    def test_a_saved_card_pays_and_its_payment_is_refunded(self):
        customer = stripe.Customer.create(email="ada@example.com", metadata={"order": "6735"})
        method = stripe.PaymentMethod.attach("pm_card_visa", customer=customer.id)
        intent = pay(customer=customer.id, payment_method=method.id, off_session=True)
        self.assertEqual(intent.status, "succeeded")
        refund = stripe.Refund.create(payment_intent=intent.id, amount=500)
        self.assertEqual((refund.status, refund.amount), ("succeeded", 500))
        self.assertEqual(stripe.Customer.retrieve(customer.id).metadata["order"], "6735")

    def test_booleans_are_taken_as_python_writes_them(self):
        product = stripe.Product.create(name="Lamp", active=False, type="service")
        self.assertIs(product.active, False)
        self.assertIs(stripe.Product.modify(product.id, active=True).active, True)

    def test_a_declined_card_raises_a_card_error_with_its_code(self):
        with self.assertRaises(errors.CardError) as raised:
            pay(payment_method="pm_card_chargeDeclinedInsufficientFunds")
        error = raised.exception
        self.assertEqual((error.code, error.http_status), ("card_declined", 402))
        self.assertEqual(error.json_body["error"]["decline_code"], "insufficient_funds")

    def test_3d_secure_is_asked_for_and_done(self):
        intent = pay(payment_method="pm_card_threeDSecure2Required", return_url="https://example.com/back")
        self.assertEqual((intent.status, intent.next_action.type), ("requires_action", "redirect_to_url"))
        control("authorize/%s?client_secret=%s&result=succeeded" % (intent.id, intent.client_secret))
        self.assertEqual(stripe.PaymentIntent.retrieve(intent.id).status, "succeeded")

    def test_a_list_is_paged_through_by_itself_newest_first(self):
        made = [stripe.Coupon.create(percent_off=5 + i, duration="once").id for i in range(5)][::-1]
        page = stripe.Coupon.list(limit=2)
        self.assertEqual(([row.id for row in page.data], page.has_more), (made[:2], True))
        self.assertEqual([row.id for row in page.auto_paging_iter()], made)

    def test_a_request_with_the_same_idempotency_key_is_answered_once_more(self):
        first, second = [pay(payment_method="pm_card_visa", idempotency_key=SANDBOX + "-1") for _ in range(2)]
        self.assertEqual(first.id, second.id)
        self.assertEqual(second.last_response.headers["Idempotent-Replayed"], "true")

    def test_an_event_is_delivered_with_a_signature_that_the_sdk_accepts(self):
        hits = []

        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                hits.append((self.rfile.read(int(self.headers["Content-Length"])), self.headers["Stripe-Signature"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        endpoint = stripe.WebhookEndpoint.create(
            url="http://127.0.0.1:%d/hook" % server.server_port, enabled_events=["customer.created"]
        )
        customer = stripe.Customer.create(name='Ada "L\u00f6ve" \u2028')
        for _ in range(200):
            if hits:
                break
            time.sleep(0.025)
        body, signature = hits[0]
        event = stripe.Webhook.construct_event(body.decode("utf-8"), signature, endpoint.secret)
        self.assertEqual((event["type"], event["data"]["object"]["id"]), ("customer.created", customer.id))
        with self.assertRaises(errors.SignatureVerificationError):
            stripe.Webhook.construct_event(body.decode("utf-8"), signature, "whsec_other")
        self.assertEqual(json.loads(body)["id"], event["id"])


class BillingBeforeBasil(unittest.TestCase):
    def test_a_customer_is_billed_by_hand_declined_credited_and_refunded(self):
        customer = stripe.Customer.create(email="ada@example.com")

        def bill():
            stripe.InvoiceItem.create(customer=customer.id, amount=2000, currency="usd")
            draft = stripe.Invoice.create(customer=customer.id, pending_invoice_items_behavior="include")
            return stripe.Invoice.finalize_invoice(draft.id)

        def use(card):
            method = stripe.PaymentMethod.attach(card, customer=customer.id)
            stripe.Customer.modify(customer.id, invoice_settings={"default_payment_method": method.id})

        use("pm_card_chargeCustomerFail")
        invoice = bill()
        self.assertEqual((invoice.status, invoice.paid, invoice["lines"].data[0].price.unit_amount), ("open", False, 2000))
        with self.assertRaises(errors.CardError):
            stripe.Invoice.pay(invoice.id)
        use("pm_card_visa")
        paid = stripe.Invoice.pay(invoice.id)
        self.assertIs(paid.paid, True)
        note = stripe.CreditNote.create(invoice=paid.id, amount=700, refund_amount=500, credit_amount=200)
        self.assertEqual((note.number, note.tax_amounts), (paid.number + "-CN-01", []))
        self.assertEqual(stripe.Refund.retrieve(note.refund).amount, 500)
        refund = stripe.Refund.create(charge=paid.charge, amount=300)
        self.assertEqual(stripe.CreditNote.create(invoice=paid.id, amount=300, refund=refund.id).refund, refund.id)
        self.assertEqual(bill().amount_due, 1800)


assert importlib.metadata.version("stripe") == sys.argv[1], "another SDK is installed"
control("reset")
# From 12 on, what is billed has another shape; the stories are told with the SDKs that most people still run.
major = int(sys.argv[1].split(".")[0])
cases = [Flow, BillingBeforeBasil] if major < 12 else [Flow]
if major in (7, 10):
    cases += stories(control)
if major == 2:
    cases += marketplaces(control)
suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in cases)
result = unittest.TextTestRunner(verbosity=2).run(suite)
failed = len(result.failures) + len(result.errors) + len(result.skipped)
print("%d passed, %d failed" % (suite.countTestCases() - failed, failed), flush=True)
# How many each has; the stories say it of themselves.
expected = {Flow: 7, BillingBeforeBasil: 1}
sys.exit(1 if failed or result.testsRun != sum(expected.get(case) or case.count for case in cases) else 0)
