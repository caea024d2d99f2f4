"""The documents that the project was asked to implement, call by call, in the module style that they use."""

import stripe

from support import (
    ANY, CONSUMED_SOURCE, NEEDS_RETURN_URL, USED_AGAIN, USED_AGAIN_ON_ATTACH, USED_CODE, SandboxTest,
)

CUSTOMER = "cus_AFGbOSiITuJVDs"
SOURCE = "src_18eYalAHEMiOZZp1l9ZTjSU0"


class Database:
    """What the guide calls `your_database`."""

    class User:
        def __init__(self, name, email):
            self.name = name
            self.email = email
            self.stripe_customer_id = None

    def __init__(self):
        self.users = {123: self.User("Jenny Rosen", "jenny@example.com")}

    def get_user(self, user_id):
        return self.users[user_id]

    def update_user(self, user_id, stripe_customer_id):
        self.users[user_id].stripe_customer_id = stripe_customer_id


class ReuseErrorGuide(SandboxTest):
    """'Previously Used Without Customer or Detached'"""

    sandbox = "python-guide"
    document = "reusable"

    def setUp(self):
        super().setUp()
        self.your_database = Database()

    def get_or_create_stripe_customer(self, user_id):
        db_user = self.your_database.get_user(user_id)
        if db_user.stripe_customer_id:
            return db_user.stripe_customer_id
        customer = stripe.Customer.create(
            name=db_user.name,
            email=db_user.email,
            metadata={"user_id": user_id},
        )
        self.your_database.update_user(user_id, stripe_customer_id=customer.id)
        return customer.id

    def problematic(self, payment_method="pm_12345"):
        return stripe.PaymentIntent.create(
            amount=1000,
            currency="usd",
            payment_method=payment_method,
            confirm=True,
        )

    def test_used_without_a_customer(self):
        stripe.api_version = "2022-11-15"
        self.assertEqual(self.problematic().status, "succeeded")
        error = self.refused(self.problematic, 400, code=USED_CODE, message=USED_AGAIN)
        self.assertIsInstance(error, stripe.error.StripeError)

    def test_used_without_a_customer_today(self):
        def use():
            return stripe.PaymentIntent.create(
                amount=1000, currency="usd", payment_method="pm_12345", confirm=True,
                return_url="https://your-app.com/success",
            )

        self.assertEqual(use().status, "succeeded")
        self.refused(use, 400, code=USED_CODE, message=USED_AGAIN)

    def test_without_return_url_today(self):
        for version in ("2023-08-16", "2024-06-20", "2025-10-29.clover", "2026-10-28.endive"):
            stripe.api_version = version
            self.refused(self.problematic, 400, param=ANY, message=NEEDS_RETURN_URL)
        stripe.api_version = "2022-11-15"
        self.assertEqual(self.problematic().status, "succeeded", "the refused calls used nothing up")

    def test_detached_from_a_customer(self):
        stripe.api_version = "2022-11-15"
        method = "pm_1MqLiJLkdIwHu7ixUEgbFdYF"
        self.assertIsNone(stripe.PaymentMethod.detach(method).customer)
        self.refused(lambda: self.problematic(method), 400, code=USED_CODE, message=USED_AGAIN)
        self.refused(lambda: stripe.PaymentMethod.attach(method, customer="cus_NbZ8Ki3f322LNn"), 400,
                     code=USED_CODE, message=USED_AGAIN_ON_ATTACH)

    def test_the_fix_step_by_step(self):
        payment_method_id = "pm_12345"
        payment_method = stripe.PaymentMethod.retrieve(payment_method_id)
        self.assertEqual(payment_method.card.last4, "4242")

        customer_id = self.get_or_create_stripe_customer(user_id=123)
        self.assertEqual(self.get_or_create_stripe_customer(user_id=123), customer_id)
        self.assertEqual(stripe.Customer.retrieve(customer_id).metadata["user_id"], "123")

        try:
            attached_pm = stripe.PaymentMethod.attach(
                payment_method_id,
                customer=customer_id,
            )
        except stripe.error.StripeError as e:
            self.fail(f"Error attaching PaymentMethod: {e.user_message}")
        self.assertEqual(attached_pm.customer, customer_id)

        for _ in range(2):
            try:
                payment_intent = stripe.PaymentIntent.create(
                    amount=1000,
                    currency="usd",
                    payment_method=payment_method_id,
                    customer=customer_id,
                    confirm=True,
                    return_url="https://your-app.com/success",
                )
            except stripe.error.StripeError as e:
                self.fail(f"Payment failed: {e.user_message}")
            self.assertEqual(payment_intent.status, "succeeded")
            self.assertEqual(payment_intent.customer, customer_id)

    def test_the_fix_comes_too_late_once_the_method_was_used(self):
        stripe.api_version = "2022-11-15"
        self.problematic()
        customer_id = self.get_or_create_stripe_customer(user_id=123)
        self.refused(lambda: stripe.PaymentMethod.attach("pm_12345", customer=customer_id), 400,
                     code=USED_CODE, message=USED_AGAIN_ON_ATTACH)

    def test_troubleshooting(self):
        customer_id = self.get_or_create_stripe_customer(user_id=123)
        stripe.PaymentMethod.attach("pm_12345", customer=customer_id)
        other = stripe.Customer.create()
        self.refused(lambda: stripe.PaymentMethod.attach("pm_12345", customer=other.id), 400, code=ANY,
                     message="The payment method you provided has already been attached to a customer.")
        self.refused(lambda: stripe.Customer.retrieve("cus_789"), 404, code="resource_missing", param="id",
                     message="No such customer: 'cus_789'")


class PaymentMethods(SandboxTest):
    """Attach, detach, retrieve and the two lists, as their reference pages show them."""

    sandbox = "python-methods"
    document = "reusable"

    def test_attach_and_detach(self):
        method = "pm_1MqM05LkdIwHu7ixlDxxO6Mc"
        attached = stripe.PaymentMethod.attach(method, customer="cus_NbZ8Ki3f322LNn")
        self.assertEqual(attached.customer, "cus_NbZ8Ki3f322LNn")
        self.assertEqual(attached.card.checks.cvc_check, "pass")
        self.assertIsNone(stripe.PaymentMethod.detach(method).customer)

    def test_attach_at_the_documents_version(self):
        attached = stripe.PaymentMethod.attach(
            "pm_1MqM05LkdIwHu7ixlDxxO6Mc", customer="cus_NbZ8Ki3f322LNn", stripe_version="2025-10-29.clover"
        )
        self.assertEqual(attached.type, "card")

    def test_retrieve(self):
        method = stripe.PaymentMethod.retrieve("pm_1Q0PsIJvEtkwdCNYMSaVuRz6")
        self.assertEqual(method.us_bank_account.bank_name, "STRIPE TEST BANK")
        self.assertEqual(method.us_bank_account.last4, "6789")
        self.assertEqual(method.billing_details.name, "John Doe")

    def test_lists(self):
        expected = ["pm_1NVChw2eZvKYlo2CHxiM5E2E", "pm_1NO6mA2eZvKYlo2CEydeHsKT", "pm_1NAoxV2eZvKYlo2C7pQxq0Wd"]
        own = stripe.Customer.list_payment_methods("cus_9s6XKzkNRiz8i3", limit=3)
        self.assertEqual([m.id for m in own.data], expected)
        self.assertEqual(own.url, "/v1/customers/cus_9s6XKzkNRiz8i3/payment_methods")
        self.assertFalse(own.has_more)
        general = stripe.PaymentMethod.list(type="card", limit=3, customer="cus_9s6XKzkNRiz8i3")
        self.assertEqual([m.id for m in general.data], expected)
        self.assertEqual(general.url, "/v1/payment_methods")
        walked = [m.id for m in stripe.PaymentMethod.list(type="card", limit=1, customer="cus_9s6XKzkNRiz8i3").auto_paging_iter()]
        self.assertEqual(walked, expected)


class SourcesAndCustomers(SandboxTest):
    """Sources and Customers, in the way of its Python snippets: customers carry their sources."""

    sandbox = "python-sources"
    document = "reusable"

    def setUp(self):
        super().setUp()
        stripe.api_version = "2020-03-02"

    def charge(self, **more):
        return stripe.Charge.create(amount=1099, currency="eur", **more)

    def test_attaching_a_source_to_a_new_customer(self):
        customer = stripe.Customer.create(
            email="paying.user@example.com",
            source=SOURCE,
        )
        self.assertEqual(customer.default_source, SOURCE)
        self.assertEqual([s.id for s in customer.sources.data], [SOURCE])
        self.assertEqual(self.charge(customer=customer.id).source.id, SOURCE)

    def test_attaching_a_source_to_an_existing_customer(self):
        customer = stripe.Customer.retrieve(CUSTOMER)
        default = customer.default_source
        source = customer.sources.create(source=SOURCE)
        self.assertEqual((source.id, source.customer), (SOURCE, CUSTOMER))
        self.assertEqual(stripe.Customer.retrieve(CUSTOMER).default_source, default)

    def test_updating_the_default_source(self):
        stripe.Customer.create_source(CUSTOMER, source=SOURCE)
        customer = stripe.Customer.retrieve(CUSTOMER)
        customer.default_source = SOURCE
        customer.save()
        self.assertEqual(stripe.Customer.retrieve(CUSTOMER).default_source, SOURCE)
        self.assertEqual(self.charge(customer=CUSTOMER).source.id, SOURCE)

    def test_a_default_that_is_not_attached_is_refused(self):
        self.refused(lambda: stripe.Customer.modify(CUSTOMER, default_source=SOURCE), 400, code="resource_missing",
                     param="source", message=f"No such source: '{SOURCE}'")

    def test_charging_a_source_attached_to_a_customer(self):
        stripe.Customer.create_source(CUSTOMER, source=SOURCE)
        for _ in range(2):
            charge = self.charge(customer=CUSTOMER, source=SOURCE)
            self.assertEqual((charge.status, charge.customer, charge.source.id), ("succeeded", CUSTOMER, SOURCE))
        self.assertEqual(stripe.Source.retrieve(SOURCE).status, "chargeable")
        error = self.refused(lambda: self.charge(source=SOURCE), 400, code=ANY, param=ANY)
        self.assertIn("customer", error.user_message)

    def test_charging_a_source_directly_consumes_it(self):
        self.assertEqual(self.charge(source=SOURCE).status, "succeeded")
        self.assertEqual(stripe.Source.retrieve(SOURCE).status, "consumed")
        self.refused(lambda: self.charge(source=SOURCE), 400, message=CONSUMED_SOURCE)

    def test_charging_the_customer_alone_takes_the_default(self):
        default = stripe.Customer.retrieve(CUSTOMER).default_source
        self.assertEqual(self.charge(customer=CUSTOMER).source.id, default)


class SingleUseSources(SandboxTest):
    sandbox = "python-single"
    document = "single_use"

    def test_attributing_a_payment_to_a_customer(self):
        charge = stripe.Charge.create(
            amount=1099,
            currency="eur",
            customer=CUSTOMER,
            source=SOURCE,
        )
        self.assertEqual((charge.status, charge.customer, charge.source.id), ("succeeded", CUSTOMER, SOURCE))
        source = stripe.Source.retrieve(SOURCE)
        self.assertEqual(source.status, "consumed")
        self.assertNotIn("customer", source)
        self.refused(lambda: stripe.Charge.create(amount=1099, currency="eur", customer=CUSTOMER, source=SOURCE), 400,
                     code="invalid_source_usage", param=ANY, message="The source you provided is not in a chargeable state.")
