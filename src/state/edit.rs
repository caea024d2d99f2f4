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
