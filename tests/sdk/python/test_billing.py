"""A customer is billed by hand: items, a draft, the invoice, payments, declines, credit notes and refunds."""

import stripe

from support import SandboxTest


class Billing(SandboxTest):
    sandbox = "python-billing"

    def setUp(self):
        super().setUp()
        self.v1 = self.client.v1

    def payer(self, card="pm_card_visa"):
        customer = self.v1.customers.create({"name": "Ada", "email": "ada@example.com"})
        method = self.v1.payment_methods.attach(card, {"customer": customer.id})
        return self.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})

    def billed(self, customer):
        for amount in (2000, 500):
            self.v1.invoice_items.create({"customer": customer.id, "amount": amount, "currency": "usd"})
        draft = self.v1.invoices.create({"customer": customer.id, "pending_invoice_items_behavior": "include"})
        self.assertEqual((draft.status, draft.total), ("draft", 2500))
        return self.v1.invoices.finalize_invoice(draft.id)

    def test_an_invoice_is_paid_credited_and_refunded(self):
        customer = self.payer()
        paid = self.v1.invoices.pay(self.billed(customer).id)
        self.assertEqual((paid.status, paid.amount_paid), ("paid", 2500))
        wanted = {"invoice": paid.id, "amount": 900, "refund_amount": 400, "credit_amount": 500}
        preview = self.v1.credit_notes.preview(wanted)
        note = self.v1.credit_notes.create(wanted)
        self.assertEqual([preview.total, note.total, note.post_payment_amount], [900, 900, 900])
        self.assertEqual(note.number, paid.number + "-CN-01")
        self.assertEqual(self.v1.refunds.retrieve(note.refunds[0].refund).amount, 400)
        self.assertEqual(self.v1.customers.retrieve(customer.id).balance, -500)
        self.assertEqual([line.amount for line in self.v1.credit_notes.line_items.list(note.id).data], [900])
        with self.assertRaises(stripe.InvalidRequestError) as raised:
            self.v1.credit_notes.create({"invoice": paid.id, "amount": 2000, "credit_amount": 2000})
        self.assertIn("($16.00)", raised.exception.user_message)

    def test_a_declined_invoice_stays_open_and_credit_makes_it_cheaper(self):
        invoice = self.billed(self.payer("pm_card_chargeCustomerFail"))
        with self.assertRaises(stripe.CardError) as raised:
            self.v1.invoices.pay(invoice.id)
        self.assertEqual(raised.exception.code, "card_declined")
        note = self.v1.credit_notes.create({"invoice": invoice.id, "amount": 500})
        self.assertEqual((note.type, self.v1.invoices.retrieve(invoice.id).amount_due), ("pre_payment", 2000))
        self.assertEqual(self.v1.credit_notes.void_credit_note(note.id).status, "void")
        self.v1.credit_notes.create({"invoice": invoice.id, "amount": 2500})
        self.assertEqual(self.v1.invoices.retrieve(invoice.id).status, "paid")
