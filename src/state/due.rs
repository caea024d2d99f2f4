//! Due work as an index: what the objects of a state declare for later times, in the order of these times.
//!
//! May use: the state's own parts; the caller passes in what a kind declares. Invariant: an item is in the index
//! exactly while its object declares it, except for items that were given up; nothing is added or removed by hand.

use std::sync::Arc;

use imbl::OrdMap;

use super::due_queue::{Queue, QueueOwner};
use super::object::Object;
use super::{AccountKey, Filter, Id, Kind, Place, Record, Ref};

/// The declarations of a kind from which the state keeps indexes.
pub trait Indexed: Sync {
    /// The filters of its lists.
    fn filters(&self) -> &'static [Filter];

    /// The object with the members that follow from others of it, if they are not what they have to be.
    fn derived(&self, object: &dyn Object) -> Option<Arc<dyn Object>>;

    /// How many items of due work the kind declares.
    fn due_count(&self) -> usize;

    /// When one of them, by its number, is due for an object, in Unix seconds with its rank; `None` if it is not.
    fn due_time(&self, number: usize, object: &dyn Object) -> Option<DueTime>;

    /// The id of the test clock that it is due by; `None` when that is the sandbox's.
    fn due_clock<'o>(&self, number: usize, object: &'o dyn Object) -> Option<&'o str>;

    /// The time of an object that is a test clock.
    fn clock_time(&self, object: &dyn Object) -> Option<ClockTime>;
}

/// Looks up the declarations of a kind.
pub type IndexesOf = fn(Kind) -> Option<&'static dyn Indexed>;

/// The time of an item.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DueTime {
    /// Unix seconds.
    pub at: i64,
    /// The order among items of the same time.
    pub rank: Rank,
}

/// A test clock: its account and its id.
pub type ClockKey = (AccountKey, Id);

/// The time of a test clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockTime {
    /// How far it has come, in Unix seconds.
    pub reached: i64,
    /// Where it advances to, in Unix seconds; `None` while it does not.
    pub target: Option<i64>,
}

/// The order of items of the same time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank {
    /// What ends something.
    Cancel,
    /// The next phase of a schedule.
    Phase,
    /// The end of a trial.
    TrialEnd,
    /// The next period.
    Renew,
    /// A draft that is finalized.
    Finalize,
    /// Another attempt to be paid.
    Retry,
    /// In the order in which the objects were created: notices, and everything else.
    Usual,
    /// After everything else.
    Last,
}

/// The place of an item in the index; the object's place and the item's number distinguish items of the same time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct DueKey {
    time: DueTime,
    place: Place,
    number: usize,
}

/// An item of due work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    pub(super) key: DueKey,
    /// The test clock that it is due by; `None` when that is the sandbox's.
    pub clock: Option<ClockKey>,
    /// The account of the object.
    pub account: AccountKey,
    /// The object that the work is about.
    pub about: Ref,
}

impl Due {
    /// When it is due, in Unix seconds.
    pub fn at(&self) -> i64 {
        self.key.time.at
    }

    /// Its number among the kind's items, in the order of their declaration.
    pub fn number(&self) -> usize {
        self.key.number
    }
}

/// All due work of a state, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct DueIndex {
    /// What is due by the sandbox's clock.
    items: Queue,
    /// What is due by each test clock.
    by_clock: OrdMap<ClockKey, Queue>,
    /// The times of the test clocks, and the targets of those that advance.
    times: OrdMap<ClockKey, ClockTime>,
    targets: OrdMap<ClockKey, i64>,
    /// Items whose work failed: they are not tried again until their objects declare another time.
    given_up: OrdMap<(Place, usize), DueTime>,
}

impl DueIndex {
    /// Updates the index for a written object.
    pub(super) fn note(&mut self, kind: &dyn Indexed, account: AccountKey, before: Option<&Record>, after: &Record) {
        self.note_time(kind, account, after);
        for number in 0..kind.due_count() {
            let place = |record| place_of(kind, number, record);
            let (old, new) = (before.and_then(place), place(after));
            if old == new {
                continue;
            }
            if let Some((key, clock)) = old {
                self.remove(&key, clock.map(|clock| (account, clock.into())).as_ref());
                self.given_up.remove(&(key.place, number));
            }
            if let Some((key, clock)) = new {
                let queue = match clock {
                    None => &mut self.items,
                    Some(clock) => self.by_clock.entry((account, clock.into())).or_default(),
                };
                queue.insert(key, (account, after.object.kind()));
            }
        }
    }

    fn note_time(&mut self, kind: &dyn Indexed, account: AccountKey, record: &Record) {
        let Some(time) = kind.clock_time(&*record.object) else { return };
        let clock = (account, record.object.id().clone());
        match time.target.filter(|_| !record.deleted) {
            Some(target) => self.targets.insert(clock.clone(), target),
            None => self.targets.remove(&clock),
        };
        match record.deleted {
            false => self.times.insert(clock, time),
            true => self.times.remove(&clock),
        };
    }

    fn remove(&mut self, key: &DueKey, clock: Option<&ClockKey>) -> bool {
        let Some(clock) = clock else { return self.items.remove(key) };
        let Some(queue) = self.by_clock.get_mut(clock) else { return false };
        let was_there = queue.remove(key);
        if queue.is_empty() {
            self.by_clock.remove(clock);
        }
        was_there
    }

    /// The time of a test clock.
    pub(super) fn time(&self, clock: &ClockKey) -> Option<ClockTime> {
        self.times.get(clock).copied()
    }

    /// Whether there is a test clock.
    pub(super) fn has_clocks(&self) -> bool {
        !self.times.is_empty()
    }

    /// The first item that is due by a test clock which advances, as [`first`](Self::first) has it; of several clocks the
    /// one that is due earlier.
    pub(super) fn first_by_clock(&self) -> Option<(Place, AccountKey, Kind, usize)> {
        let first = |(clock, target): (&ClockKey, &i64)| {
            let (key, owner) = self.by_clock.get(clock)?.first()?;
            (key.time.at <= *target).then_some((key, owner))
        };
        let (key, (account, kind)) = self.targets.iter().filter_map(first).min_by_key(|(key, _)| *key)?;
        Some((key.place, account, kind, key.number))
    }

    /// The time of the first item, in Unix seconds.
    pub(super) fn next(&self) -> Option<i64> {
        self.items.first().map(|(key, _)| key.time.at)
    }

    /// The place, the account and the kind of the first item's object, and the item's number.
    pub(super) fn first(&self) -> Option<(Place, AccountKey, Kind, usize)> {
        self.items.first().map(|(key, (account, kind))| (key.place, account, kind, key.number))
    }

    /// The first items by every clock, at most so many, in the order of their times: the places, accounts and kinds of their
    /// objects, and their numbers.
    pub(super) fn upcoming(&self, most: usize) -> Vec<(Place, AccountKey, Kind, usize)> {
        let queues = std::iter::once(&self.items).chain(self.by_clock.values());
        let of_queue =
            |queue: &Queue| queue.whole().iter().take(most).map(|(key, owner)| (*key, *owner)).collect::<Vec<_>>();
        let mut first: Vec<(DueKey, QueueOwner)> = queues.flat_map(of_queue).collect();
        first.sort_unstable_by_key(|(key, _)| *key);
        first.truncate(most);
        first.into_iter().map(|(key, (account, kind))| (key.place, account, kind, key.number)).collect()
    }

    /// Whether an item is not tried again.
    pub(super) fn is_given_up(&self, due: &Due) -> bool {
        self.given_up.get(&(due.key.place, due.key.number)) == Some(&due.key.time)
    }

    /// Whether this index contains the same as another; given-up items are not compared.
    pub(super) fn is_like(&self, other: &DueIndex) -> bool {
        let is_given_up = |key: &DueKey| {
            let at = (key.place, key.number);
            self.given_up.contains_key(&at) || other.given_up.contains_key(&at)
        };
        let same = |mine: &Queue, theirs: &Queue| {
            let counted =
                |queue: &Queue| queue.whole().keys().copied().filter(|key| !is_given_up(key)).collect::<Vec<_>>();
            counted(mine) == counted(theirs)
        };
        let none = Queue::default();
        let mut clocks = self.by_clock.keys().chain(other.by_clock.keys());
        let same_of = |clock: &ClockKey| {
            same(self.by_clock.get(clock).unwrap_or(&none), other.by_clock.get(clock).unwrap_or(&none))
        };
        same(&self.items, &other.items)
            && clocks.all(same_of)
            && self.times == other.times
            && self.targets == other.targets
    }

    /// Removes an item although its object still declares it.
    pub(super) fn give_up(&mut self, due: &Due) {
        if self.remove(&due.key, due.clock.as_ref()) {
            self.given_up.insert((due.key.place, due.key.number), due.key.time);
        }
    }
}

/// The item of this number that is due for a record.
pub(super) fn item(kind: &dyn Indexed, number: usize, account: AccountKey, record: &Record) -> Option<Due> {
    let (key, clock) = place_of(kind, number, record)?;
    let about = Ref { kind: record.object.kind(), id: record.object.id().clone() };
    Some(Due { key, clock: clock.map(|clock| (account, clock.into())), account, about })
}

/// Where an item stands: its key, and the test clock that it is due by.
fn place_of<'r>(kind: &dyn Indexed, number: usize, record: &'r Record) -> Option<(DueKey, Option<&'r str>)> {
    let object = Some(&*record.object).filter(|_| !record.deleted)?;
    let time = kind.due_time(number, object)?;
    Some((DueKey { time, place: record.place, number }, kind.due_clock(number, object)))
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "a resource is public where it is declared")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::state::document::Map;
    use crate::state::object::{Absent, downcast};
    use crate::state::{State, Tx};

    crate::resource! {
        /// A thing with two due items.
        Thing = "topup" {
            /// Unix seconds.
            created: i64,
            /// When it begins.
            begin_at: Absent<i64>,
            /// When it ends.
            end_at: Absent<i64>,
            /// The clock by which it ends.
            on: Absent<String>,
        }
        hidden {
        }
    }

    struct Things;

    impl Indexed for Things {
        fn filters(&self) -> &'static [Filter] {
            &[]
        }
        fn derived(&self, _: &dyn Object) -> Option<Arc<dyn Object>> {
            None
        }
        fn due_count(&self) -> usize {
            2
        }
        fn due_time(&self, number: usize, object: &dyn Object) -> Option<DueTime> {
            let thing = downcast::<Thing>(object)?;
            let at = [thing.begin_at.0, thing.end_at.0][number]?;
            Some(DueTime { at, rank: Rank::Usual })
        }
        fn due_clock<'o>(&self, number: usize, object: &'o dyn Object) -> Option<&'o str> {
            let thing = downcast::<Thing>(object)?;
            thing.on.0.as_deref().filter(|_| number == 1)
        }
        fn clock_time(&self, object: &dyn Object) -> Option<ClockTime> {
            let thing = downcast::<Thing>(object)?;
            let reached = thing.created;
            thing
                .id
                .starts_with("clock")
                .then_some(ClockTime { reached, target: thing.begin_at.0.filter(|_| thing.on.0.is_none()) })
        }
    }

    fn indexes(_: Kind) -> Option<&'static dyn Indexed> {
        Some(&Things)
    }

    fn empty() -> Tx {
        Tx::new(&State::new("acct_test"), AccountKey::PLATFORM, indexes)
    }

    fn insert(tx: &mut Tx, id: &str, begin_at: Option<i64>, end_at: Option<i64>) {
        let (begin_at, end_at) = (Absent(begin_at), Absent(end_at));
        tx.insert(Thing { id: id.into(), created: 1, begin_at, end_at, on: Absent(None), rest: Map::new() });
    }

    /// The items in order, as the id and the number of each.
    fn run(mut tx: Tx, now: i64) -> Vec<(String, usize)> {
        let mut order = Vec::new();
        while let Some(due) = tx.next_due(now) {
            order.push((due.about.id.to_string(), due.number()));
            tx.update::<Thing>(&due.about.id, |thing| match due.number() {
                0 => thing.begin_at = Absent(None),
                _ => thing.end_at = Absent(None),
            });
            assert!(!tx.is_due_still(&due));
        }
        order
    }

    #[test]
    fn items_come_by_time_then_by_object_then_as_declared() {
        let mut tx = empty();
        insert(&mut tx, "a", Some(20), Some(20));
        insert(&mut tx, "b", Some(10), Some(20));
        insert(&mut tx, "c", None, Some(31));
        let order: Vec<_> = run(tx, 30).into_iter().map(|(id, number)| format!("{id}{number}")).collect();
        assert_eq!(order, ["b0", "a0", "a1", "b1"]);
    }

    #[test]
    fn an_item_that_is_given_up_comes_again_at_another_time_only() {
        let mut tx = empty();
        insert(&mut tx, "a", Some(10), None);
        let due = tx.next_due(10).unwrap();
        tx.give_up(&due);
        assert_eq!(tx.next_due(10), None);
        assert_eq!(tx.dues(std::slice::from_ref(&due.about)), []);
        tx.update::<Thing>("a", |thing| thing.created = 2);
        assert_eq!(tx.next_due(10), None);
        tx.update::<Thing>("a", |thing| thing.begin_at = Absent(Some(9)));
        assert_eq!(tx.next_due(10).map(|due| due.at()), Some(9));
    }

    proptest! {
        #[test]
        fn the_index_is_what_the_objects_declare(
            writes in prop::collection::vec((0..6_usize, prop::option::of(0..9_i64), prop::option::of(0..9_i64), 0..4_u8), 0..120),
        ) {
            let mut tx = empty();
            for (name, begin_at, end_at, what) in writes {
                let id = ["a", "b", "c", "d", "e", "f"][name];
                match what {
                    0 => tx.delete::<Thing>(id),
                    1 => insert(&mut tx, id, begin_at, end_at),
                    2 => {
                        if let Some(due) = tx.next_due(9) {
                            tx.give_up(&due);
                        }
                    }
                    _ => tx.update::<Thing>(id, |thing| (thing.begin_at, thing.end_at) = (Absent(begin_at), Absent(end_at))),
                }
                prop_assert!(tx.state().is_due_index_right(indexes));
            }
        }
    }
}
