"""What a team that sells subscriptions tests, with an SDK from before basil: what such versions show is where they look for it."""

import unittest

import stripe

DAY = 86400
# 1 March 2030, 12:00 UTC.
START = 1898596800


def stories(control):
    """The test cases; `control` makes a control call about their sandbox."""

    class SubscriptionsBeforeBasil(unittest.TestCase):
        count = 6

        def setUp(self):
            control("reset")
            control("clock?freeze=%d" % START)

        def days(self, count):
            control("clock?advance=%d" % round(count * DAY))

        def payer(self, card="pm_card_visa"):
            customer = stripe.Customer.create(name="Ada", email="ada@example.com")
            if card:
                self.pays(customer, card)
            return customer

        def pays(self, customer, card):
            method = stripe.PaymentMethod.attach(card, customer=customer.id)
            stripe.Customer.modify(customer.id, invoice_settings={"default_payment_method": method.id})

        def price(self, amount, name="Basic"):
            recurring = {"interval": "month"}
            return stripe.Price.create(currency="usd", unit_amount=amount, recurring=recurring, product_data={"name": name})

        def begun(self, customer, price, **more):
            return stripe.Subscription.create(customer=customer.id, items=[{"price": price.id}], **more)

        def now(self, subscription):
            return stripe.Subscription.retrieve(subscription.id, expand=["latest_invoice.payment_intent"])

        def told(self, *types):
            return [event.type for event in stripe.Event.list(types=list(types), limit=100).data][::-1]

        def test_a_trial_is_begun_without_a_card_converts_and_renews(self):
            save = {"save_default_payment_method": "on_subscription"}
            begun = self.begun(self.payer(card=None), self.price(2500), trial_period_days=14, payment_settings=save)
            self.assertEqual((begun.status, begun.trial_end), ("trialing", START + 14 * DAY))
            # Its period is its own until basil.
            self.assertEqual((begun.current_period_start, begun.current_period_end), (START, START + 14 * DAY))
            url = {"payment_method": "pm_card_visa", "return_url": "https://shop.test"}
            stripe.SetupIntent.confirm(begun.pending_setup_intent, **url)
            self.days(11.1)
            self.assertEqual(self.told("customer.subscription.trial_will_end"), ["customer.subscription.trial_will_end"])
            self.days(3)
            now = self.now(begun)
            self.assertEqual((now.status, now.latest_invoice.status, now.latest_invoice.paid), ("active", "paid", True))
            self.assertEqual(now.latest_invoice.payment_intent.status, "succeeded")
            self.assertEqual(now.latest_invoice.subscription, begun.id)
            changed = stripe.Event.list(type="customer.subscription.updated", limit=1).data[0].data
            self.assertEqual(changed["previous_attributes"]["status"], "trialing")
            self.days(31.1)
            totals = [row.total for row in stripe.Invoice.list(subscription=begun.id).data]
            self.assertEqual(totals, [2500, 2500, 0])

        def test_a_first_payment_is_made_by_the_client(self):
            pays = {"payment_behavior": "default_incomplete", "expand": ["latest_invoice.payment_intent"]}
            begun = self.begun(self.payer(), self.price(2500), **pays)
            intent = begun.latest_invoice.payment_intent
            self.assertEqual((begun.status, intent.status), ("incomplete", "requires_confirmation"))
            self.assertTrue(intent.client_secret.startswith(intent.id + "_secret_"))
            stripe.PaymentIntent.confirm(intent.id, payment_method="pm_card_visa", return_url="https://shop.test")
            self.assertEqual(self.now(begun).status, "active")

        def test_an_upgrade_in_the_middle_is_prorated_as_it_was_previewed(self):
            basic, pro = self.price(1000), self.price(1800, "Pro")
            customer = self.payer()
            begun = self.begun(customer, basic)
            self.days(31 / 2)
            change = [{"id": begun["items"].data[0].id, "price": pro.id, "quantity": 2}]
            always = "always_invoice"
            preview = stripe.Invoice.upcoming(
                subscription=begun.id, subscription_items=change, subscription_proration_behavior=always
            )
            changed = stripe.Subscription.modify(
                begun.id, items=change, proration_behavior=always, expand=["latest_invoice"]
            )
            lines = changed.latest_invoice["lines"].data
            self.assertEqual([(line.amount, line.proration, line.type) for line in lines], [
                (-500, True, "invoiceitem"), (1800, True, "invoiceitem"),
            ])
            self.assertEqual([line.amount for line in preview["lines"].data], [-500, 1800])
            self.assertEqual((changed.quantity, changed.plan.id), (2, pro.id))
            self.days(15.6)
            self.assertEqual(self.now(begun).latest_invoice.total, 3600)

        def test_a_failed_renewal_is_tried_again_and_recovered_by_a_new_card(self):
            customer = self.payer()
            begun = self.begun(customer, self.price(2500))
            self.pays(customer, "pm_card_chargeCustomerFail")
            self.days(31.1)
            now = self.now(begun)
            self.assertEqual((now.status, now.latest_invoice.attempt_count), ("past_due", 1))
            self.assertEqual(now.latest_invoice.payment_intent.status, "requires_payment_method")
            self.assertEqual(now.latest_invoice.payment_intent.last_payment_error.code, "card_declined")
            self.days(3)
            self.assertEqual(self.now(begun).latest_invoice.attempt_count, 2)
            self.pays(customer, "pm_card_visa")
            paid = stripe.Invoice.pay(now.latest_invoice.id)
            self.assertEqual((paid.status, paid.paid, self.now(begun).status), ("paid", True, "active"))
            failed = "invoice.payment_failed"
            self.assertEqual(self.told(failed, "invoice.paid"), ["invoice.paid", failed, failed, "invoice.paid"])

        def test_a_renewal_that_is_never_paid_ends_the_subscription(self):
            customer = self.payer()
            begun = self.begun(customer, self.price(2500))
            self.pays(customer, "pm_card_chargeCustomerFail")
            self.days(31.1 + 3 + 5 + 7)
            now = self.now(begun)
            self.assertEqual((now.status, now.cancellation_details.reason), ("canceled", "payment_failed"))
            self.assertEqual(now.latest_invoice.attempt_count, 4)

        def test_the_end_of_the_period_is_the_end_and_a_customer_is_won_back(self):
            customer, price = self.payer(), self.price(2500)
            begun = self.begun(customer, price)
            leaving = stripe.Subscription.modify(
                begun.id, cancel_at_period_end=True, cancellation_details={"feedback": "too_expensive"}
            )
            self.assertEqual((leaving.cancel_at, leaving.status), (begun.current_period_end, "active"))
            self.assertIs(stripe.Subscription.modify(begun.id, cancel_at_period_end=False).cancel_at, None)
            stripe.Subscription.modify(begun.id, cancel_at_period_end=True)
            self.days(31.1)
            ended = self.now(begun)
            self.assertEqual((ended.status, ended.ended_at), ("canceled", begun.current_period_end))
            coupon = stripe.Coupon.create(percent_off=50, duration="repeating", duration_in_months=2)
            again = self.begun(customer, price, coupon=coupon.id)
            self.assertEqual((again.status, again.discount.coupon.id), ("active", coupon.id))
            self.days(70)
            totals = [row.total for row in stripe.Invoice.list(subscription=again.id).data]
            self.assertEqual(totals[::-1], [1250, 1250, 2500])

    return [SubscriptionsBeforeBasil]
