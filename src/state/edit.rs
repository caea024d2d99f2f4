//! An edit: an object that was read, is being changed, and is not written yet.
//!
//! May use: the transaction. Invariant: a write replaces exactly the object that was read.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{Object, Tx};

/// An object's new form, with the object as it was read: a flow passes both along until it writes them.
#[derive(Clone, Debug)]
pub struct Edit<T> {
    read: Arc<T>,
    object: T,
}

impl<T: Object + Clone> Edit<T> {
    /// An edit that begins with an unchanged object.
    pub fn of(read: Arc<T>) -> Self {
        let object = T::clone(&read);
        Edit { read, object }
    }

    /// Writes the new form; see [`Tx::save`].
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
