//! The rules of transactions: nothing is lost, and nothing half-done stays.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::document::Map;
use super::sandbox::Sandbox;
use super::{AccountKey, Edit, Ref, State, Tx};
use crate::time::clock::Clock;

crate::resource! {
    /// Something that is stored; any kind will do.
    Thing = "topup" {
        /// Unix seconds.
        created: i64,
        /// Whether it is on.
        active: bool,
    }
    hidden {
    }
}

fn stored() -> (Tx, Arc<Thing>) {
    let mut tx = Tx::new(&State::new("acct_test"), AccountKey::PLATFORM, |_| None);
    tx.insert(Thing { id: "thing_1".into(), created: 1, active: true, rest: Map::new() });
    let thing = tx.get("thing_1").unwrap();
    (tx, thing)
}

#[test]
fn an_edit_takes_the_place_of_what_was_read() {
    let (mut tx, thing) = stored();
    let mut edit = Edit::of(thing);
    edit.active = false;
    edit.save(&mut tx);
    assert!(!tx.get::<Thing>("thing_1").unwrap().active);
    assert_eq!(tx.journal().len(), 2);
}

#[test]
fn a_change_in_between_is_never_lost() {
    let changes: [fn(&mut Tx); 2] =
        [|tx| tx.update::<Thing>("thing_1", |thing| thing.active = false), |tx| tx.delete::<Thing>("thing_1")];
    for change in changes {
        let (mut tx, thing) = stored();
        change(&mut tx);
        let before = tx.journal().len();
        let saved = catch_unwind(AssertUnwindSafe(|| Edit::of(thing).save(&mut tx)));
        assert!(saved.is_err());
        assert_eq!(tx.journal().len(), before);
    }
}

#[test]
fn an_attempt_that_fails_leaves_no_trace() {
    let (mut tx, _) = stored();
    let failed: Result<(), &str> = tx.attempt(|tx| {
        tx.delete::<Thing>("thing_1");
        Err("refused")
    });
    assert_eq!(failed, Err("refused"));
    let panicked: Result<Result<(), &str>, _> = catch_unwind(AssertUnwindSafe(|| {
        tx.attempt(|tx| {
            tx.delete::<Thing>("thing_1");
            panic!("a fault of a rule")
        })
    }));
    assert!(panicked.is_err());
    assert!(tx.get::<Thing>("thing_1").is_some());
    assert_eq!(tx.journal().len(), 1);
}

#[test]
fn an_attempt_that_fails_takes_back_what_it_inserted_between_earlier_steps() {
    let (mut tx, thing) = stored();
    tx.update::<Thing>("thing_1", |thing| thing.active = false);
    let about = Ref::to(&*thing);
    let told = |tx: &Tx| tx.journal().iter().map(|step| step.announces).collect::<Vec<_>>();
    let before = told(&tx);
    let failed: Result<(), ()> = tx.attempt(|tx| {
        tx.announce_at(1, &["topup.created"], &about);
        tx.update::<Thing>("thing_1", |thing| thing.active = true);
        let kept: Result<(), ()> = tx.attempt(|tx| {
            tx.announce_at(0, &["topup.failed", "topup.canceled"], &about);
            Ok(())
        });
        assert_eq!(kept, Ok(()));
        tx.announce_at(5, &["topup.succeeded"], &about);
        let names = ["topup.failed", "topup.canceled", "topup.created", "topup.succeeded"].map(Some);
        assert_eq!(told(tx), [names[0], names[1], None, names[2], None, names[3], None]);
        Err(())
    });
    assert_eq!((failed, told(&tx)), (Err(()), before));
    assert!(!tx.get::<Thing>("thing_1").unwrap().active);
}

#[test]
fn an_attempt_that_works_stays_and_a_rehearsal_does_not() {
    let (mut tx, _) = stored();
    tx.rehearse(|tx| tx.delete::<Thing>("thing_1"));
    assert!(tx.get::<Thing>("thing_1").is_some());
    let done: Result<(), &str> = tx.attempt(|tx| {
        tx.delete::<Thing>("thing_1");
        Ok(())
    });
    assert_eq!(done, Ok(()));
    assert!(tx.get::<Thing>("thing_1").is_none());
}

#[test]
fn due_work_of_two_accounts_about_objects_of_one_id_has_ids_of_its_own() {
    let sandbox = Sandbox::new("default", Arc::default(), Clock::Real, Some(7));
    let about = Ref { kind: crate::kind!("payout"), id: "po_1".into() };
    let id = |account| sandbox.due_ids(account, &about, "arrive", 86).id("evt_", 24);
    assert_eq!(id(AccountKey(1)), id(AccountKey(1)));
    assert_ne!(id(AccountKey(1)), id(AccountKey(2)));
    assert_ne!(id(AccountKey(1)), id(AccountKey::PLATFORM));
}
