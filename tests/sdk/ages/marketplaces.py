"""What a marketplace tested in 2020: a custom account asks for `requested_capabilities`, onboards, is paid, and is paid out."""

import unittest

import stripe

DAY = 86400
ADDRESS = {"line1": "address_full_match", "city": "Columbus", "state": "OH", "postal_code": "43214"}
PERSON = {
    "first_name": "Jenny", "last_name": "Rosen", "email": "jenny@example.com", "phone": "0000000000",
    "dob": {"day": 1, "month": 1, "year": 1901}, "address": ADDRESS, "ssn_last_4": "0000",
}


def marketplaces(control):
    """The test cases; `control` makes a control call about their sandbox."""

    class MarketplaceOf2020(unittest.TestCase):
        count = 2

        def setUp(self):
            control("reset")

        def begun(self, **more):
            return stripe.Account.create(
                type="custom",
                country="US",
                requested_capabilities=["card_payments", "transfers"],
                business_profile={"url": "https://lamps.example.com"},
                tos_acceptance={"date": 1700000000, "ip": "127.0.0.1"},
                settings={"payouts": {"schedule": {"interval": "manual"}}},
                **more
            )

        def told(self, account, kind):
            events = stripe.Event.list(type=kind, limit=100, stripe_account=account.id).data
            self.assertTrue(all(event.account == account.id for event in events))
            return [event.data.object for event in events]

        def trades_and_is_paid_out(self, account):
            charge = stripe.Charge.create(
                amount=10000, currency="usd", source="tok_bypassPending", application_fee_amount=1000,
                transfer_data={"destination": account.id},
            )
            self.assertEqual(stripe.Transfer.retrieve(charge.transfer).amount, 10000)
            stripe.Charge.create(amount=5000, currency="usd", source="tok_bypassPending")
            sent = stripe.Transfer.create(amount=3000, currency="usd", destination=account.id)
            self.assertEqual(stripe.Transfer.create_reversal(sent.id, amount=500).amount, 500)
            theirs = {"stripe_account": account.id}
            self.assertEqual(stripe.Balance.retrieve(**theirs).available[0].amount, 11500)

            stripe.Account.modify(account.id, settings={"payouts": {"schedule": {"interval": "daily"}}})
            control("clock?advance=%d" % DAY)
            payout = stripe.Payout.list(**theirs).data[0]
            self.assertEqual((payout.amount, payout.automatic, payout.status), (11500, True, "pending"))
            rows = stripe.BalanceTransaction.list(payout=payout.id, **theirs).data
            self.assertEqual(sum(row.net for row in rows if row.type != "payout"), 11500)
            control("clock?advance=%d" % (5 * DAY))
            self.assertEqual(stripe.Payout.retrieve(payout.id, **theirs).status, "paid")
            self.assertEqual([paid.id for paid in self.told(account, "payout.paid")], [payout.id])

        def test_an_individual_onboards_sells_and_is_paid_out(self):
            account = self.begun(business_type="individual", individual=PERSON)
            self.assertEqual(account.requirements.currently_due, ["external_account"])
            self.assertEqual(account.capabilities.transfers, "pending")
            bank = stripe.Token.create(bank_account={
                "country": "US", "currency": "usd", "routing_number": "110000000", "account_number": "000123456789",
            })
            stripe.Account.modify(account.id, external_account=bank.id)
            self.assertFalse(stripe.Account.retrieve(account.id).charges_enabled)
            control("clock?advance=30")
            now = stripe.Account.retrieve(account.id)
            self.assertEqual((now.charges_enabled, now.payouts_enabled), (True, True))
            self.assertTrue(any(told.charges_enabled for told in self.told(account, "account.updated")))
            self.assertIn("active", [told.status for told in self.told(account, "capability.updated")])
            self.assertEqual([told.last4 for told in self.told(account, "account.external_account.created")], ["6789"])
            self.trades_and_is_paid_out(account)

        def test_a_company_onboards_with_its_representative(self):
            company = {"name": "Lamps Inc", "phone": "0000000000", "tax_id": "000000000", "address": ADDRESS}
            account = self.begun(business_type="company", company=company, external_account="btok_us_verified")
            self.assertIn("representative.first_name", account.requirements.currently_due)
            roles = {"representative": True, "owner": True, "title": "CEO", "percent_ownership": 100}
            person = dict(PERSON, relationship=roles, id_number="000000000")
            made = stripe.Account.create_person(account.id, **person)
            self.assertEqual((made.relationship.owner, made.relationship.title), (True, "CEO"))
            control("clock?advance=30")
            now = stripe.Account.retrieve(account.id)
            self.assertEqual((now.charges_enabled, now.payouts_enabled, now.requirements.currently_due), (True, True, []))
            self.assertEqual([told.id for told in self.told(account, "person.created")], [made.id])
            self.trades_and_is_paid_out(account)

    return [MarketplaceOf2020]
