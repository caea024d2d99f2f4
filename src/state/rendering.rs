//! An object's default rendering, kept from the second time on.
//!
//! May use: the limits. Invariant: all kept renderings of the process take at most [`RENDERINGS_BYTES_MAX`] bytes, and
//! free them with their objects.

use std::cell::RefCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use super::budget::{Budget, HeldBytes};
use crate::limits::RENDERINGS_BYTES_MAX;

/// The budget of the process.
static KEPT: Budget = Budget::new(RENDERINGS_BYTES_MAX);

/// The rendering of an object that never changes.
#[derive(Debug, Default)]
pub(super) struct Rendering {
    asked: AtomicBool,
    /// Boxed, because most objects have none.
    kept: OnceLock<Box<KeptRendering>>,
}

/// A rendering whose bytes are taken from a budget.
#[derive(Debug)]
struct KeptRendering {
    json: Bytes,
    _held: HeldBytes,
}

thread_local! {
    /// Where renderings are written, so that each is copied once into memory of just its size.
    static DRAFT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The bytes of a draft that stay with its thread.
const DRAFT_BYTES_MAX: usize = 64 << 10;

impl Rendering {
    /// What `render` writes. It is kept from the second call on, because most objects are shown once, in the answer
    /// to the request that created them; and only if the budget allows it.
    pub(super) fn get(&self, render: impl FnOnce(&mut Vec<u8>)) -> Bytes {
        self.get_within(&KEPT, render)
    }

    fn get_within(&self, budget: &'static Budget, render: impl FnOnce(&mut Vec<u8>)) -> Bytes {
        if let Some(kept) = self.kept.get() {
            return kept.json.clone();
        }
        let json = drafted(render);
        let held = if self.asked.swap(true, Ordering::Relaxed) { budget.take(json.len()) } else { None };
        let Some(held) = held else { return json };
        // The loser of a race returns its bytes.
        self.kept.get_or_init(|| Box::new(KeptRendering { json, _held: held })).json.clone()
    }
}

/// What a function writes, without spare capacity.
fn drafted(write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    // A rendering inside another one would find nothing here, and gets memory of its own.
    let mut draft = DRAFT.take();
    draft.clear();
    write(&mut draft);
    let bytes = Bytes::copy_from_slice(&draft);
    if draft.capacity() <= DRAFT_BYTES_MAX {
        DRAFT.set(draft);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rendering_is_kept_from_the_second_time_on() {
        static BUDGET: Budget = Budget::new(100);
        let rendering = Rendering::default();
        for _ in 0..2 {
            assert_eq!(rendering.get_within(&BUDGET, |out| out.extend([b'a'; 60])), vec![b'a'; 60]);
        }
        assert_eq!(BUDGET.taken(), 60);
        assert_eq!(rendering.get_within(&BUDGET, |_| panic!("it is kept")), vec![b'a'; 60]);
    }

    #[test]
    fn renderings_are_kept_as_long_as_there_is_room() {
        static BUDGET: Budget = Budget::new(100);
        let ask_twice = |rendering: &Rendering| {
            let _ = rendering.get_within(&BUDGET, |out| out.extend([b'a'; 60]));
            rendering.get_within(&BUDGET, |out| out.extend([b'a'; 60]))
        };
        let (first, second) = (Rendering::default(), Rendering::default());
        let _ = (ask_twice(&first), ask_twice(&second));
        assert_eq!(BUDGET.taken(), 60);
        drop(first);
        assert_eq!(BUDGET.taken(), 0);
        let _ = ask_twice(&second);
        assert_eq!(second.get_within(&BUDGET, |_| panic!("it is kept")), vec![b'a'; 60]);
    }
}
