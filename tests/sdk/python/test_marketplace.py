"""What a marketplace tests: a seller onboards by the API, is paid in two ways, gives something back, and is paid out."""

import json
import time

from support import SandboxTest, control, receiver

DAY = 86400
ADDRESS = {"line1": "address_full_match", "city": "Columbus", "state": "OH", "postal_code": "43214"}
PERSON = {
    "first_name": "Jenny", "last_name": "Rosen", "email": "jenny@example.com", "phone": "0000000000",
    "dob": {"day": 1, "month": 1, "year": 1901}, "address": ADDRESS, "ssn_last_4": "0000",
}
BANK = {
    "object": "bank_account", "country": "US", "currency": "usd", "routing_number": "110000000",
    "account_number": "000123456789",
}
CARD = {
    "confirm": True, "payment_method": "pm_card_bypassPending", "payment_method_types": ["card"],
    "capture_method": "automatic",
}


class Marketplace(SandboxTest):
    sandbox = "python-marketplace"

    def setUp(self):
        super().setUp()
        self.v1 = self.client.v1
        url, self.hits = receiver(self)
        self.v1.webhook_endpoints.create({"url": url, "connect": True, "enabled_events": ["*"]})

    def hears(self, kind, account):
        for _ in range(400):
            events = [json.loads(body) for body, _, _ in list(self.hits)]
            found = [event for event in events if (event["type"], event["account"]) == (kind, account)]
            if found:
                return found[-1]["data"]["object"]
            time.sleep(0.025)
        self.fail("no %s of %s" % (kind, account))

    def onboarded(self):
        seller = self.v1.accounts.create({
            "country": "US", "type": "custom", "business_type": "individual", "individual": PERSON,
            "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
            "business_profile": {"url": "https://lamps.example.com"},
            "tos_acceptance": {"date": 1700000000, "ip": "127.0.0.1"},
            "external_account": BANK,
        })
        self.assertEqual((seller.charges_enabled, seller.capabilities.transfers), (False, "pending"))
        self.assertEqual(seller.requirements.disabled_reason, "requirements.pending_verification")
        control("clock", self.sandbox, advance=30)
        seller = self.v1.accounts.retrieve(seller.id)
        self.assertEqual((seller.charges_enabled, seller.payouts_enabled), (True, True))
        return seller

    def test_a_seller_onboards_sells_and_is_paid_out(self):
        seller = self.onboarded()
        theirs = {"stripe_account": seller.id}
        sold = self.v1.payment_intents.create({
            **CARD, "amount": 10000, "currency": "usd", "application_fee_amount": 1000,
            "transfer_data": {"destination": seller.id}, "expand": ["latest_charge.transfer"],
        })
        self.assertEqual(sold.latest_charge.transfer.amount, 10000)
        self.v1.payment_intents.create({**CARD, "amount": 5000, "currency": "usd"})
        sent = self.v1.transfers.create({"amount": 3000, "currency": "usd", "destination": seller.id})
        self.assertEqual(self.v1.transfers.reversals.create(sent.id, {"amount": 500}).transfer, sent.id)
        self.assertEqual(self.v1.balance.retrieve(options=theirs).available[0].amount, 11500)

        schedule = {"payments": {"payouts": {"schedule": {"interval": "daily"}}}}
        self.v1.balance_settings.update(schedule, options=theirs)
        control("clock", self.sandbox, advance=DAY)
        payout = self.v1.payouts.list(options=theirs).data[0]
        self.assertEqual((payout.amount, payout.automatic, payout.status), (11500, True, "pending"))
        rows = self.v1.balance_transactions.list({"payout": payout.id}, options=theirs).data
        self.assertEqual(sum(row.net for row in rows if row.type != "payout"), 11500)
        control("clock", self.sandbox, advance=5 * DAY)
        self.assertEqual(self.v1.payouts.retrieve(payout.id, options=theirs).status, "paid")

        self.assertIs(self.hears("account.updated", seller.id)["charges_enabled"], True)
        self.assertEqual(self.hears("capability.updated", seller.id)["status"], "active")
        self.assertEqual(self.hears("person.updated", seller.id)["last_name"], "Rosen")
        self.assertEqual(self.hears("account.external_account.created", seller.id)["last4"], "6789")
        self.assertEqual(self.hears("payout.paid", seller.id)["id"], payout.id)

    def test_a_refund_takes_the_shares_back(self):
        seller = self.onboarded()
        sold = self.v1.payment_intents.create({
            **CARD, "amount": 10000, "currency": "usd", "application_fee_amount": 1000,
            "transfer_data": {"destination": seller.id},
        })
        refund = self.v1.refunds.create({
            "payment_intent": sold.id, "amount": 2500, "reverse_transfer": True, "refund_application_fee": True,
            "expand": ["transfer_reversal"],
        })
        self.assertEqual(refund.transfer_reversal.amount, 2500)
        fee = self.v1.application_fees.list().data[0]
        self.assertEqual((fee.account, fee.amount, fee.amount_refunded), (seller.id, 1000, 250))
