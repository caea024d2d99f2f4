//! An object that is being changed: read, and not written yet.
//!
//! May use: the transaction. Invariant: what is written takes the place of what was read and of nothing else.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{Object, Tx};

/// An object as it becomes, with the object as it was read: a flow passes both along until it writes them.
#[derive(Clone, Debug)]
pub struct Edit<T> {
    read: Arc<T>,
    object: T,
}

impl<T: Object + Clone> Edit<T> {
    /// A change that begins with an object as it is.
    pub fn of(read: Arc<T>) -> Self {
        let object = T::clone(&read);
        Edit { read, object }
    }

    /// Writes what the object became; see [`Tx::save`].
    ///
    /// # Panics
    /// As [`Tx::save`].
    pub fn save(self, tx: &mut Tx) {
        tx.save(&self.read, self.object);
    }
}

impl<T> Deref for Edit<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.object
    }
}

impl<T> DerefMut for Edit<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.object
    }
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "a resource is public where it is declared")]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::state::document::Map;
    use crate::state::{Account, State};

    crate::resource! {
        /// Something that is stored.
        Thing = "thing" {
            /// Unix seconds.
            created: i64,
            /// Whether it is on.
            active: bool,
        }
        hidden {
        }
    }

    fn stored() -> (Tx, Arc<Thing>) {
        let mut tx = Tx::new(&State::new("acct_test"), Account::PLATFORM, |_| &[]);
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
        let (tx, thing) = stored();
        let changes: [fn(&mut Tx); 2] =
            [|tx| tx.update::<Thing>("thing_1", |thing| thing.active = false), |tx| tx.delete::<Thing>("thing_1")];
        for change in changes {
            let mut tx = tx.clone();
            change(&mut tx);
            let before = tx.journal().len();
            let saved = catch_unwind(AssertUnwindSafe(|| Edit::of(Arc::clone(&thing)).save(&mut tx)));
            assert!(saved.is_err());
            assert_eq!(tx.journal().len(), before);
        }
    }
}
