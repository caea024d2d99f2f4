//! Writers that wait for their turn at a sandbox without a thread.
//!
//! May use: std. Invariant: whenever the sandbox becomes free while somebody waits, one of them hears of it, even if another one
//! that had heard of it went away.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use super::{Sandbox, lock};

/// Who waits for a sandbox to be free.
#[derive(Debug, Default)]
pub(super) struct WaitingRoom {
    is_held: AtomicBool,
    /// How many there are, with those who have heard that it is their turn and not had it yet.
    waiting: AtomicUsize,
    numbers: AtomicU64,
    /// Those who have not heard, the first that came first.
    sleeping: Mutex<VecDeque<(u64, Waker)>>,
}

impl WaitingRoom {
    /// Whether somebody writes.
    pub(super) fn is_held(&self) -> bool {
        self.is_held.load(Ordering::Relaxed)
    }

    /// Tells the first of those who wait that the sandbox is free, and the one after it. Whoever is called by a thread that goes on
    /// with its own work waits for that thread, unless another one is called after it: of that one an idle thread hears.
    fn call_next(&self) {
        // Whoever comes in counts before it looks whether the sandbox is held.
        fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::Relaxed) == 0 {
            return;
        }
        let called = {
            let mut sleeping = lock(&self.sleeping);
            [sleeping.pop_front(), sleeping.pop_front()]
        };
        for (_, waker) in called.into_iter().flatten() {
            waker.wake();
        }
    }

    fn put_to_sleep(&self, number: u64, context: &Context<'_>) {
        let mut sleeping = lock(&self.sleeping);
        match sleeping.iter_mut().find(|(other, _)| *other == number) {
            Some((_, waker)) => waker.clone_from(context.waker()),
            // Who has heard and was too late comes before those who came later.
            None => {
                let place = sleeping.partition_point(|(other, _)| *other < number);
                sleeping.insert(place, (number, context.waker().clone()));
            }
        }
        fence(Ordering::SeqCst);
    }

    fn wake_up(&self, number: u64) {
        lock(&self.sleeping).retain(|(other, _)| *other != number);
    }
}

/// The lock of a writer; the next one is called when it is free.
#[derive(Debug)]
pub(super) struct WriterLock<'s> {
    // The first field is dropped first.
    _lock: MutexGuard<'s, ()>,
    end: TurnEnd<'s>,
}

impl<'s> WriterLock<'s> {
    pub(super) fn new(lock: MutexGuard<'s, ()>, room: &'s WaitingRoom) -> Self {
        room.is_held.store(true, Ordering::Relaxed);
        WriterLock { _lock: lock, end: TurnEnd(room) }
    }
}

impl Drop for WriterLock<'_> {
    fn drop(&mut self) {
        self.end.0.is_held.store(false, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct TurnEnd<'s>(&'s WaitingRoom);

impl Drop for TurnEnd<'_> {
    fn drop(&mut self) {
        self.0.call_next();
    }
}

/// A writer that came, and waits for its turn.
#[derive(Debug)]
struct Arrival<'s>(&'s Sandbox);

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        self.0.served.fetch_add(1, Ordering::Relaxed);
    }
}

/// A writer that waits for its turn without a thread, and takes it; dropped, it has had it.
#[derive(Debug)]
pub struct WaitingWriter {
    sandbox: Arc<Sandbox>,
    number: u64,
}

impl WaitingWriter {
    /// Comes to write to a sandbox.
    pub fn of(sandbox: Arc<Sandbox>) -> Self {
        let number = sandbox.room.numbers.fetch_add(1, Ordering::Relaxed);
        sandbox.room.waiting.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        WaitingWriter { sandbox, number }
    }

    /// Waits until nobody writes. Another one may be faster then, so that a short wait for the lock is still possible.
    pub async fn turn_comes(&self) {
        self.sandbox.arrived.fetch_add(1, Ordering::Relaxed);
        let _arrival = Arrival(&self.sandbox);
        let room = &self.sandbox.room;
        poll_fn(|context| {
            if room.is_held() {
                room.put_to_sleep(self.number, context);
                if room.is_held() {
                    return Poll::Pending;
                }
            }
            Poll::Ready(())
        })
        .await;
    }
}

impl Drop for WaitingWriter {
    fn drop(&mut self) {
        let room = &self.sandbox.room;
        room.wake_up(self.number);
        room.waiting.fetch_sub(1, Ordering::Relaxed);
        // It may not have written at all; whoever writes calls the next one.
        fence(Ordering::SeqCst);
        if !room.is_held() {
            room.call_next();
        }
    }
}
