//! Settling: running the reactions to the steps of a transaction.
//!
//! May use: the registry, the state. Invariant: the order is that of the journal and then of the registry; a reaction
//! that fails is rolled back alone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::registry::reactions;
use super::{Ctx, Entry, Reaction};
use crate::error::panic_text;
use crate::limits::REACTIONS_MAX;
use crate::state::{AccountKey, Id, Kind, Tx};

/// The reactions to the changes of a kind, with their entries, in the registry's order.
type Followers = fn(Kind) -> &'static [(&'static Entry, &'static Reaction)];

/// Runs the reactions to every step since the last call, and to the steps of these reactions. It is called at the end
/// of every operation and due item; a rule calls it where it needs the result, or where the reactions must come first
/// in the journal.
pub fn settle(tx: &mut Tx, ctx: &Ctx<'_>) {
    settle_by(tx, ctx, reactions);
}

fn settle_by(tx: &mut Tx, ctx: &Ctx<'_>, known: Followers) {
    let mut left = REACTIONS_MAX;
    while let Some(step) = tx.next_unsettled() {
        let changed = &*step.after.object;
        for (entry, reaction) in known(changed.kind()) {
            if !reaction.on.takes(&step) {
                continue;
            }
            let who = tx.within(step.account, |tx| reaction.who.of(tx, entry.kind, changed));
            for id in who {
                if left == 0 {
                    tracing::error!(
                        kind = entry.kind.name(),
                        id = &*id,
                        "reactions went on and on; the rest is left out"
                    );
                    return;
                }
                left -= 1;
                react(tx, ctx, step.account, entry.kind, reaction, &id);
            }
        }
    }
}

fn react(tx: &mut Tx, ctx: &Ctx<'_>, account: AccountKey, kind: Kind, reaction: &Reaction, id: &Id) {
    let run = |tx: &mut Tx| tx.within(account, |tx| (reaction.run)(tx, ctx, id));
    match catch_unwind(AssertUnwindSafe(|| tx.attempt(run))) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            let message = error.field("message").unwrap_or_default();
            tracing::warn!(kind = kind.name(), id = &**id, to = reaction.to.name(), message, "a reaction was refused");
        }
        Err(panic) => {
            let panic = panic_text(&*panic);
            tracing::error!(kind = kind.name(), id = &**id, to = reaction.to.name(), panic, "a reaction panicked");
        }
    }
}

/// Runs all reactions of a settled transaction a second time, in debug builds.
///
/// # Panics
/// One of them changed something: a fault of the reaction.
#[cfg(debug_assertions)]
pub fn check_settled(tx: &Tx, ctx: &Ctx<'_>) {
    // The transaction's own ids must be the same with and without this check.
    let ctx = Ctx { ids: crate::state::ids::Ids::random(), settings: ctx.settings.clone(), ..*ctx };
    tx.rehearse(|again| {
        again.unsettle();
        settle(again, &ctx);
        let steps = again.journal().get(tx.journal().len()..).unwrap_or_default();
        assert!(steps.is_empty(), "reactions that ran twice changed something: {steps:?}");
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{On, Who, indexes};
    use crate::error::ApiError;
    use crate::resources;
    use crate::resources::customers::customer::Customer;
    use crate::settings::Settings;
    use crate::state::ids::Ids;
    use crate::state::object::Resource;
    use crate::state::{Journal, State, Step};

    static PLAIN: Entry = Entry::PLAIN;

    fn run(known: Followers) -> Journal {
        resources::install();
        let mut tx = Tx::new(&State::default(), AccountKey::PLATFORM, indexes);
        let visible = [("id", "cus_1")].into();
        tx.insert(Customer::from_docs(visible, [("attached", Vec::<String>::new())].into(), 0).expect("a customer"));
        settle_by(&mut tx, &Ctx::background(0, "", Settings::default(), Ids::random()), known);
        tx.into_parts().1
    }

    /// What the steps call the customer.
    fn emails(steps: &[Step]) -> Vec<String> {
        let email = |step: &Step| step.after.get::<Customer>().and_then(|customer| customer.email.clone());
        steps.iter().map(|step| email(step).unwrap_or_default()).collect()
    }

    fn call(tx: &mut Tx, id: &Id, email: &str) {
        tx.update::<Customer>(id, |customer| customer.email = Some(email.to_owned()));
    }

    const fn to_new(run: fn(&mut Tx, &Ctx<'_>, &Id) -> crate::error::Result<()>) -> Reaction {
        let on = On::Change(|before, _| before.is_none());
        Reaction { to: Customer::KIND, on, who: Who::New, run }
    }

    #[test]
    fn a_reaction_that_fails_is_rolled_back_alone() {
        static FAILS: Reaction = to_new(|tx, _, id| {
            call(tx, id, "half@example.com");
            Err(ApiError::internal())
        });
        static PANICS: Reaction = to_new(|tx, _, id| {
            call(tx, id, "broken@example.com");
            panic!("a fault")
        });
        static WORKS: Reaction = to_new(|tx, _, id| {
            call(tx, id, "whole@example.com");
            Ok(())
        });
        static ALL: &[(&Entry, &Reaction)] = &[(&PLAIN, &FAILS), (&PLAIN, &PANICS), (&PLAIN, &WORKS)];
        assert_eq!(emails(&run(|_| ALL)), ["", "whole@example.com"]);
    }

    #[test]
    fn reactions_run_in_the_order_of_the_journal_and_then_of_the_registry() {
        static FIRST: Reaction = to_new(|tx, _, id| {
            call(tx, id, "first");
            Ok(())
        });
        static SECOND: Reaction = to_new(|tx, _, id| {
            call(tx, id, "second");
            Ok(())
        });
        static LAST: Reaction = Reaction {
            on: On::Change(crate::when!(Customer, |_, after| after.email.as_deref() == Some("first"))),
            ..to_new(|tx, _, id| {
                call(tx, id, "last");
                Ok(())
            })
        };
        static ALL: &[(&Entry, &Reaction)] = &[(&PLAIN, &FIRST), (&PLAIN, &LAST), (&PLAIN, &SECOND)];
        assert_eq!(emails(&run(|_| ALL)), ["", "first", "second", "last"]);
    }

    #[test]
    fn reactions_that_never_come_to_rest_are_stopped() {
        static RESTLESS: Reaction = Reaction {
            on: On::Any,
            ..to_new(|tx, _, id| {
                call(tx, id, "again");
                Ok(())
            })
        };
        static ALL: &[(&Entry, &Reaction)] = &[(&PLAIN, &RESTLESS)];
        assert_eq!(run(|_| ALL).len(), REACTIONS_MAX + 1);
    }
}
