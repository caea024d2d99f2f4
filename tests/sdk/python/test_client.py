"""The same flows with `StripeClient`, on objects made through the API."""

import datetime

import stripe

from support import ANY, CONSUMED_SOURCE, URL, USED_AGAIN, USED_AGAIN_ON_ATTACH, USED_CODE, SandboxTest, client

RETURN_URL = "https://example.com/return"


class Client(SandboxTest):
    sandbox = "python-client"

    def setUp(self):
        super().setUp()
        # Nothing global may be needed.
        stripe.api_key = None
        stripe.api_base = "http://127.0.0.1:9"
        self.v1 = self.client.v1

    def method(self, token="tok_visa"):
        return self.v1.payment_methods.create({"type": "card", "card": {"token": token}})

    def pay(self, **more):
        return self.v1.payment_intents.create(
            {"amount": 2000, "currency": "usd", "confirm": True, "return_url": RETURN_URL, **more}
        )

    def test_a_customer_lives(self):
        customer = self.v1.customers.create({"email": "jenny@example.com", "metadata": {"order": 6735}})
        self.assertEqual(customer.metadata["order"], "6735")
        self.assertEqual(self.v1.customers.retrieve(customer.id).email, "jenny@example.com")
        updated = self.v1.customers.update(customer.id, {"name": "Jenny", "email": "", "metadata": {"order": "", "a": "b"}})
        self.assertEqual((updated.name, updated.email, updated.metadata.to_dict()), ("Jenny", None, {"a": "b"}))
        self.assertTrue(self.v1.customers.delete(customer.id).deleted)
        self.assertTrue(self.v1.customers.retrieve(customer.id).deleted)
        self.refused(lambda: self.v1.customers.update(customer.id, {"name": "x"}), 404, code="resource_missing", param="id")

    def test_attach_use_detach(self):
        customer = self.v1.customers.create({"name": "Jenny Rosen"})
        method = self.method()
        self.assertEqual(self.v1.payment_methods.attach(method.id, {"customer": customer.id}).customer, customer.id)
        for _ in range(2):
            intent = self.pay(customer=customer.id, payment_method=method.id)
            self.assertEqual((intent.status, intent.amount_received), ("succeeded", 2000))
        self.assertIsNone(self.v1.payment_methods.detach(method.id).customer)
        self.refused(lambda: self.pay(payment_method=method.id), 400, code=USED_CODE, message=USED_AGAIN)
        self.refused(lambda: self.v1.payment_methods.attach(method.id, {"customer": customer.id}), 400,
                     code=USED_CODE, message=USED_AGAIN_ON_ATTACH)

    def test_used_once_without_a_customer(self):
        method = self.method()
        self.assertEqual(self.pay(payment_method=method.id).status, "succeeded")
        self.refused(lambda: self.pay(payment_method=method.id), 400, code=USED_CODE, message=USED_AGAIN)
        customer = self.v1.customers.create()
        self.refused(lambda: self.v1.payment_methods.attach(method.id, {"customer": customer.id}), 400,
                     code=USED_CODE, message=USED_AGAIN_ON_ATTACH)

    def test_a_decline(self):
        error = self.refused(lambda: self.pay(payment_method="pm_card_visa_chargeDeclinedInsufficientFunds"), 402,
                             code="card_declined", message="Your card has insufficient funds.")
        self.assertEqual(error.error.decline_code, "insufficient_funds")
        intent = self.v1.payment_intents.retrieve(error.error.payment_intent.id)
        self.assertEqual((intent.status, intent.latest_charge), ("requires_payment_method", error.error.charge))
        charge = self.v1.charges.retrieve(intent.latest_charge)
        self.assertEqual((charge.status, charge.paid, charge.failure_code), ("failed", False, "card_declined"))

    def test_create_confirm_update_cancel(self):
        intent = self.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
        self.assertEqual(intent.status, "requires_payment_method")
        intent = self.v1.payment_intents.update(intent.id, {"amount": 3000, "payment_method": "pm_card_visa"})
        self.assertEqual((intent.status, intent.amount), ("requires_confirmation", 3000))
        intent = self.v1.payment_intents.confirm(intent.id, {"return_url": RETURN_URL, "expand": ["latest_charge"]})
        self.assertEqual((intent.status, intent.latest_charge.amount), ("succeeded", 3000))
        other = self.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
        self.assertEqual(self.v1.payment_intents.cancel(other.id, {"cancellation_reason": "duplicate"}).status, "canceled")

    def test_sources(self):
        source = self.v1.sources.create({"type": "card", "token": "tok_visa"})
        self.assertEqual((source.status, source.usage), ("chargeable", "reusable"))
        customer = self.v1.customers.create({"source": source.id, "expand": ["sources"]})
        self.assertEqual(customer.default_source, source.id)
        self.assertEqual(customer.sources.total_count, 1)
        card = self.v1.customers.payment_sources.create(customer.id, {"source": "tok_mastercard"})
        self.assertEqual((card.object, card.brand), ("card", "MasterCard"))
        self.assertEqual([s.id for s in self.v1.customers.payment_sources.list(customer.id).data], [source.id, card.id])
        charge = self.v1.charges.create({"amount": 1099, "currency": "eur", "customer": customer.id})
        self.assertEqual((charge.source.id, charge.paid), (source.id, True))
        self.v1.customers.payment_sources.delete(customer.id, source.id)
        self.assertEqual(self.v1.customers.retrieve(customer.id).default_source, card.id)
        self.assertEqual(self.v1.sources.retrieve(source.id).status, "consumed")
        self.refused(lambda: self.v1.charges.create({"amount": 1099, "currency": "eur", "source": source.id}), 400,
                     message=CONSUMED_SOURCE)

    def test_a_single_use_source(self):
        source = self.v1.sources.create(
            {"type": "card", "usage": "single_use", "amount": 1099, "currency": "eur", "token": "tok_visa"}
        )
        customer = self.v1.customers.create()
        charge = self.v1.charges.create({"amount": 1099, "currency": "eur", "customer": customer.id, "source": source.id})
        self.assertEqual((charge.customer, charge.source.id), (customer.id, source.id))
        self.assertEqual(self.v1.sources.retrieve(source.id).status, "consumed")

    def test_charge_capture_refund(self):
        charge = self.v1.charges.create({"amount": 2000, "currency": "usd", "source": "tok_visa", "capture": False})
        self.assertFalse(charge.captured)
        charge = self.v1.charges.capture(charge.id, {"expand": ["balance_transaction"]})
        self.assertEqual((charge.captured, charge.balance_transaction.fee, charge.balance_transaction.net), (True, 88, 1912))
        refund = self.v1.refunds.create({"charge": charge.id, "amount": 500})
        self.assertEqual((refund.status, refund.amount), ("succeeded", 500))
        self.refused(lambda: self.v1.refunds.create({"charge": charge.id, "amount": 1501}), 400, param="amount",
                     message="Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)")
        self.assertEqual(self.v1.refunds.create({"charge": charge.id}).amount, 1500)
        self.assertTrue(self.v1.charges.retrieve(charge.id).refunded)

    def test_a_declined_charge(self):
        error = self.refused(lambda: self.v1.charges.create({"amount": 2000, "currency": "usd", "source": "tok_chargeDeclined"}),
                             402, code="card_declined", message="Your card was declined.")
        self.assertEqual(self.v1.charges.retrieve(error.error.charge).status, "failed")

    def test_bad_cards(self):
        year = datetime.date.today().year + 3
        for change, code, param in (
            ({"number": "4242424242424241"}, "incorrect_number", "number"),
            ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
            ({"cvc": "99"}, "invalid_cvc", "cvc"),
        ):
            card = {"number": "4242424242424242", "exp_month": 12, "exp_year": year, "cvc": "123", **change}
            self.refused(lambda: self.v1.tokens.create({"card": card}), 402, code=code, param=param)

    def test_lists(self):
        ids = [self.v1.customers.create().id for _ in range(5)][::-1]
        page = self.v1.customers.list({"limit": 2})
        self.assertEqual(([c.id for c in page.data], page.has_more), (ids[:2], True))
        page = self.v1.customers.list({"limit": 2, "starting_after": ids[1]})
        self.assertEqual([c.id for c in page.data], ids[2:4])
        self.assertEqual([c.id for c in self.v1.customers.list({"limit": 2}).auto_paging_iter()], ids)
        self.refused(lambda: self.v1.customers.list({"starting_after": "cus_none"}), 400, code="resource_missing",
                     param="starting_after", message="No such customer: 'cus_none'")

    def test_wrong_parameters(self):
        self.refused(lambda: self.v1.customers.create({"color": "red"}), 400, code="parameter_unknown", param="color",
                     message="Received unknown parameter: color")
        self.refused(lambda: self.v1.customers.retrieve("cus_none"), 404, code="resource_missing", param="id",
                     message="No such customer: 'cus_none'")
        self.refused(lambda: self.v1.customers.create({"expand": ["bogus"]}), 400,
                     message="This property cannot be expanded (bogus).")

    def test_idempotency(self):
        options = {"idempotency_key": "python-again"}
        first = self.v1.customers.create({"name": "once"}, options)
        second = self.v1.customers.create({"name": "once"}, options)
        self.assertEqual(first.id, second.id)
        self.assertEqual(second.last_response.headers["Idempotent-Replayed"], "true")
        self.refused(lambda: self.v1.customers.create({"name": "twice"}, options), 400, kind=stripe.IdempotencyError, code=None, param=ANY)

    def test_a_wrong_key(self):
        bad = stripe.StripeClient("not_a_key_at_all_1234", base_addresses={"api": URL}, max_network_retries=0)
        self.refused(lambda: bad.v1.customers.list(), 401)

    def test_an_older_version(self):
        old = client(self.sandbox, "2020-03-02")
        customer = old.v1.customers.create({"source": "tok_visa"})
        self.assertEqual(customer.sources.data[0].id, customer.default_source)
        self.refused(lambda: client(self.sandbox, "1999-01-01").v1.customers.list(), 400, message=None)
