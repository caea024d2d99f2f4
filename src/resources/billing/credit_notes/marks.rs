//! What becomes of the parameters of credit notes that no answer shows.
//!
//! May use: the marks. Invariant: data alone.

use crate::contract::Marked;

/// The list of the lines of a preview, which shows them alone.
const PREVIEWED_LINES: &[&str] = &["credit_notes.preview.lines.list"];

pub(super) const MARKS: &[Marked] = &[
    Marked::neutral(&["email_type"], "nobody gets an e-mail"),
    // Payments that are reported from outside are not built.
    Marked::refused(&["refunds.*.payment_record_refund"]),
    Marked::neutral(&["refunds.*.type"], "it has one value besides the one that answers 501"),
    Marked::neutral(&["effective_at", "memo", "metadata", "reason"], "the lines do not show it").on(PREVIEWED_LINES),
    Marked::acts(
        &["credit_amount", "out_of_band_amount", "refund_amount"],
        "billing::credit_notes::settle::what_was_paid_is_given_back_in_three_ways",
    ),
    Marked::acts(
        &["refunds.*.amount_refunded"],
        "billing::credit_notes::settle::a_refund_that_was_made_before_belongs_to_a_note",
    ),
    Marked::acts(
        &["refund", "refunds"],
        "billing::credit_notes::settle::a_refund_that_was_made_before_belongs_to_a_note",
    )
    .on(PREVIEWED_LINES),
    Marked::acts(&["shipping_cost"], "billing::credit_notes::lines::the_shipping_is_credited_by_its_rate")
        .on(PREVIEWED_LINES),
];
