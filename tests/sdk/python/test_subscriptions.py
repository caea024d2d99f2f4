"""What a team that sells subscriptions tests: trials, renewals, upgrades, declines, the end of a period, a year in one call."""

import stripe

from support import SandboxTest, control

DAY = 86_400
# 1 March 2030, 12:00 UTC.
START = 1_898_596_800


class Subscriptions(SandboxTest):
    sandbox = "python-subscriptions"

    def setUp(self):
        super().setUp()
        self.v1 = self.client.v1
        control("clock", self.sandbox, freeze=START)

    def days(self, count):
        control("clock", self.sandbox, advance=round(count * DAY))

    def payer(self, card="pm_card_visa"):
        customer = self.v1.customers.create({"name": "Ada", "email": "ada@example.com"})
        self.pays(customer, card)
        return customer

    def pays(self, customer, card):
        method = self.v1.payment_methods.attach(card, {"customer": customer.id})
        self.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})

    def price(self, amount, name="Basic"):
        recurring = {"interval": "month"}
        return self.v1.prices.create(
            {"currency": "usd", "unit_amount": amount, "recurring": recurring, "product_data": {"name": name}}
        )

    def begun(self, customer, price, **more):
        return self.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}], **more})

    def test_a_year_goes_by_in_one_call(self):
        begun = self.begun(self.payer(), self.price(2500))
        self.assertEqual((begun.status, begun.billing_mode.type), ("active", "flexible"))
        self.days(365.5)
        invoices = [row for row in self.v1.invoices.list({"subscription": begun.id, "limit": 5}).auto_paging_iter()]
        self.assertEqual([(row.total, row.status) for row in invoices], [(2500, "paid")] * 13)
        self.assertEqual(len({row.number for row in invoices}), 13)

    def test_an_upgrade_is_prorated_as_it_was_previewed(self):
        basic, pro = self.price(1000), self.price(1800, "Pro")
        begun = self.begun(self.payer(), basic)
        item = begun["items"].data[0]
        self.days(31 / 2)
        change = {"items": [{"id": item.id, "price": pro.id, "quantity": 2}], "proration_behavior": "always_invoice"}
        preview = self.v1.invoices.create_preview({"subscription": begun.id, "subscription_details": change})
        changed = self.v1.subscriptions.update(begun.id, {**change, "expand": ["latest_invoice"]})
        amounts = [line.amount for line in changed.latest_invoice.lines.data]
        self.assertEqual(amounts, [-500, 1800])
        self.assertEqual([line.amount for line in preview.lines.data], amounts)
        self.assertEqual(changed["items"].data[0].quantity, 2)

    def test_a_failed_renewal_is_recovered_by_a_new_card(self):
        customer = self.payer()
        begun = self.begun(customer, self.price(2500))
        self.pays(customer, "pm_card_chargeCustomerFail")
        self.days(31.1)
        self.assertEqual(self.v1.subscriptions.retrieve(begun.id).status, "past_due")
        self.pays(customer, "pm_card_visa")
        self.days(3)
        self.assertEqual(self.v1.subscriptions.retrieve(begun.id).status, "active")

    def test_a_trial_without_a_card_ends_as_it_was_told(self):
        customer = self.v1.customers.create({"email": "ada@example.com"})
        for behavior, ending in [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")]:
            settings = {"end_behavior": {"missing_payment_method": behavior}}
            begun = self.begun(customer, self.price(2500), trial_period_days=7, trial_settings=settings)
            self.assertEqual(begun.status, "trialing")
            self.days(7.1)
            self.assertEqual(self.v1.subscriptions.retrieve(begun.id).status, ending)

    def test_bad_input_is_refused_in_words(self):
        customer, price = self.payer(), self.price(2500)
        for params, message in [
            ({"payment_behavior": "pending_if_incomplete"}, "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription."),
            ({"days_until_due": 3}, "You can only specify 'days_until_due' if invoice collection method is 'send_invoice'."),
        ]:
            with self.assertRaises(stripe.InvalidRequestError) as raised:
                self.begun(customer, price, **params)
            self.assertEqual(raised.exception.user_message, message)
        self.assertEqual(self.v1.subscriptions.list({"status": "all"}).data, [])
