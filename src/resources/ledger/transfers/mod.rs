//! Transfers: money that goes from the platform to a connected account, or back (billing 6.4, 6.5).
//!
//! May use: connected accounts, the ledger of both accounts. Invariant: what leaves one account's ledger is in the other's, and a
//! transfer brings back at most what it sent.

mod create;
mod reversals;
mod send;

use crate::contract::{Behaviour, Ctx, Entry, Events, Include, Marked, Shown, Trigger, Turn};
use crate::error::Result;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{Id, Ref, Tx};

pub use self::reversals::{ENTRY as REVERSALS, Reversal, TransferReversal, follow_refund, reverse};
pub use self::send::{Shipment, TransferFee, TransferSource, send};

crate::resource! {
    /// A transfer.
    Transfer = "transfer" {
        /// Unix seconds.
        created: i64,
        /// In the currency's smallest unit.
        amount: i64,
        /// The reversed part, in the currency's smallest unit.
        amount_reversed: i64,
        /// The balance transaction of the platform.
        balance_transaction: Option<Id>,
        /// Three letters, lower case.
        currency: String,
        /// The account that received the money.
        destination: Option<Id>,
        /// The payment in that account.
        destination_payment: Absent<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// Whether all of it was reversed.
        reversed: bool,
        /// The charge whose money it is; null for none.
        source_transaction: Option<Id>,
        /// Groups charges and transfers.
        transfer_group: Option<String>,
    }
    hidden {
        /// Whether its charge had no group and takes one with it.
        gives_group: Flag,
    }
}

/// The ids of payments that are no card charges, such as the one that a transfer arrives as.
pub const PAYMENT_ID: IdForm = IdForm::of("py_");

/// The ids of their refunds.
pub const PAYMENT_REFUND_ID: IdForm = IdForm::of("pyr_");

/// The group of a payment that has none of the user's, once its money is sent on; `payment` is the id of its intent, or
/// its own.
pub fn default_group(payment: &str) -> String {
    format!("group_{payment}")
}

/// Completes a transfer of a dump.
fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    tx.update::<Transfer>(&about.id, |transfer| {
        let mut rest = send::blank();
        rest.merge(&transfer.rest);
        transfer.rest = rest;
    });
    Ok(())
}

/// The event of a reversal (billing 7.6).
const TURNS: &[Turn] = &[crate::turn!(Transfer, ["transfer.reversed"], |before, after| {
    before.is_some_and(|before| before.amount_reversed < after.amount_reversed)
})];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Transfer::KIND,
    marks: &[Marked::acts(&["source_type"], "connect::funds::all_money_comes_from_cards")],
    fields: Transfer::FIELDS,
    noun: "transfer",
    id: IdForm::of("tr_"),
    path_param: "transfer",
    operations: &[
        ("transfers.create", Behaviour::Write(create::create)),
        ("transfers.retrieve", Behaviour::Retrieve),
        ("transfers.update", Behaviour::UpdateMetadata { under: None, kept: &["description"] }),
        ("transfers.list", Behaviour::List),
    ],
    filters: &[
        crate::filter!("transfer_group", Transfer, |transfer| transfer.transfer_group.as_deref()),
        crate::filter!("destination", Transfer, |transfer| transfer.destination.as_deref()),
        // Not a parameter of the list: it finds the transfers of a charge.
        crate::filter!("source_transaction", Transfer, |transfer| transfer.source_transaction.as_deref()),
    ],
    includes: &[Include {
        field: "reversals",
        shown: Shown::Always,
        total_count: true,
        rows: |tx, transfer| tx.records_having(TransferReversal::KIND, "transfer", transfer),
        url: |transfer| format!("/v1/transfers/{transfer}/reversals"),
    }],
    import: crate::contract::import::<Transfer>,
    imported: Some(imported),
    events: Events {
        created: Some("transfer.created"),
        updated: &["transfer.updated"],
        turns: TURNS,
        show_before: &["transfer.reversed"],
        ..Events::NONE
    },
    named_by: &["transfer"],
    triggers: &[
        Trigger::update("transfer.updated", "/v1/transfers/{id}"),
        Trigger::post("transfer.reversed", "/v1/transfers/{id}/reversals", &[]),
    ],
    ..Entry::PLAIN
};
