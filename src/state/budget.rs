//! Bytes that a server may hold beside its objects, and who holds them.
//!
//! May use: nothing. Invariant: what is taken from a budget is given back when its holder is dropped, so a budget knows
//! what its kind of thing takes in memory, whoever shares it: a snapshot, a queue, a reader.
//!
//! A budget is the server's; its sandboxes share it without a table of shares. Whoever keeps a thing drops the oldest of
//! its own until it [`has room`](Budget::has_room): until it holds no more than what is free. So one sandbox may take half of
//! the budget, each of two a third, and there is always something free for the next one.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes that can be taken.
#[derive(Debug)]
pub struct Budget {
    taken: AtomicUsize,
    most: usize,
}

impl Budget {
    /// A budget of which nothing is taken.
    pub const fn new(most: usize) -> Self {
        Budget { taken: AtomicUsize::new(0), most }
    }

    /// Takes bytes; `None` if too few are left.
    pub fn take(&'static self, bytes: usize) -> Option<HeldBytes> {
        let more = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= self.most);
        let taken = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.is_ok().then(|| HeldBytes { from: self, bytes })
    }

    /// Takes bytes, though there may be too few: whoever keeps them makes room.
    pub fn hold(&'static self, bytes: usize) -> HeldBytes {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
        HeldBytes { from: self, bytes }
    }

    /// The bytes that are taken.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether somebody who holds so many bytes holds no more than what is free.
    pub fn has_room(&self, held: usize) -> bool {
        held <= self.most.saturating_sub(self.taken())
    }

    /// Whether little is free, so that it makes sense to count what one holds.
    pub fn is_tight(&self) -> bool {
        self.taken() > self.most / 8 * 7
    }
}

/// Bytes of a budget, until this is dropped. A clone holds as many of its own.
#[derive(Debug)]
pub struct HeldBytes {
    from: &'static Budget,
    bytes: usize,
}

impl HeldBytes {
    /// How many they are.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Clone for HeldBytes {
    fn clone(&self) -> Self {
        self.from.hold(self.bytes)
    }
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        self.from.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_free_again() {
        static BUDGET: Budget = Budget::new(100);
        let first = BUDGET.take(60).expect("there is room");
        assert!(BUDGET.take(60).is_none());
        let second = first.clone();
        assert_eq!((BUDGET.taken(), second.bytes()), (120, 60));
        drop((first, second));
        assert_eq!(BUDGET.taken(), 0);
    }

    #[test]
    fn whoever_holds_no_more_than_what_is_free_leaves_room_for_others() {
        static BUDGET: Budget = Budget::new(1_000);
        // Two that fill up as much as they may, one unit at a time, dropping their oldest.
        let mut keepers: [Vec<HeldBytes>; 2] = Default::default();
        for n in 0..400 {
            let keeper = &mut keepers[usize::from(n >= 200)];
            keeper.push(BUDGET.hold(10));
            while !BUDGET.has_room(keeper.iter().map(HeldBytes::bytes).sum()) {
                drop(keeper.remove(0));
            }
        }
        // The first took half; the second, which came later, half of the rest.
        assert_eq!(keepers.map(|keeper| keeper.len()), [50, 25]);
        assert_eq!(BUDGET.taken(), 0);
    }
}
