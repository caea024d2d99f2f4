//! Due work as an index: what the objects of a state declare for later times, in the order of these times.
//!
//! May use: the state's own parts; the caller passes in what a kind declares. Invariant: an item is in the index
//! exactly while its object declares it, except for items that were given up; nothing is added or removed by hand.

use imbl::OrdMap;

use super::object::Object;
use super::{Account, Filter, Kind, Place, Record, Ref};

/// The declarations of a kind from which the state keeps indexes.
pub trait Indexed: Sync {
    /// The filters of its lists.
    fn filters(&self) -> &'static [Filter];

    /// How many items of due work the kind declares.
    fn due_count(&self) -> usize;

    /// When one of them, by its number, is due for an object, in Unix seconds with its rank; `None` if it is not.
    fn due_time(&self, number: usize, object: &dyn Object) -> Option<DueTime>;
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

/// The order of items of the same time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank {
    /// In the order in which the objects were created.
    Usual,
}

/// The place of an item in the index; the object's place and the item's number distinguish items of the same time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Key {
    time: DueTime,
    place: Place,
    number: usize,
}

/// An item of due work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    pub(super) key: Key,
    /// The account of the object.
    pub account: Account,
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
    /// Each item with the account and the kind of its object. No reference-counted pointers, because a node is copied
    /// with each write.
    items: OrdMap<Key, (Account, Kind)>,
    /// Items whose work failed: they are not tried again until their objects declare another time.
    given_up: OrdMap<(Place, usize), DueTime>,
}

impl DueIndex {
    /// Updates the index for a written object.
    pub(super) fn note(&mut self, kind: &dyn Indexed, account: Account, before: Option<&Record>, after: &Record) {
        for number in 0..kind.due_count() {
            let key = |record: &Record| key_of(kind, number, record);
            let (old, new) = (before.and_then(key), key(after));
            if old == new {
                continue;
            }
            if let Some(old) = old {
                self.items.remove(&old);
                self.given_up.remove(&(old.place, number));
            }
            if let Some(new) = new {
                self.items.insert(new, (account, after.object.kind()));
            }
        }
    }

    /// The time of the first item, in Unix seconds.
    pub(super) fn next(&self) -> Option<i64> {
        self.items.get_min().map(|(key, _)| key.time.at)
    }

    /// The place, the account and the kind of the first item's object, and the item's number.
    pub(super) fn first(&self) -> Option<(Place, Account, Kind, usize)> {
        self.items.get_min().map(|(key, (account, kind))| (key.place, *account, *kind, key.number))
    }

    /// Whether an item is not tried again.
    pub(super) fn is_given_up(&self, due: &Due) -> bool {
        self.given_up.get(&(due.key.place, due.key.number)) == Some(&due.key.time)
    }

    /// Whether this index contains the same items as another; given-up items are not compared.
    pub(super) fn is_like(&self, other: &DueIndex) -> bool {
        let has_given_up = |index: &DueIndex, key: &Key| index.given_up.contains_key(&(key.place, key.number));
        let counted = |key: &Key| !has_given_up(self, key) && !has_given_up(other, key);
        let mine = self.items.iter().filter(|(key, _)| counted(key));
        mine.eq(other.items.iter().filter(|(key, _)| counted(key)))
    }

    /// Removes an item although its object still declares it.
    pub(super) fn give_up(&mut self, due: &Due) {
        if self.items.remove(&due.key).is_some() {
            self.given_up.insert((due.key.place, due.key.number), due.key.time);
        }
    }
}

/// The item of this number that is due for a record.
pub(super) fn item(kind: &dyn Indexed, number: usize, account: Account, record: &Record) -> Option<Due> {
    let key = key_of(kind, number, record)?;
    let about = Ref { kind: record.object.kind(), id: record.object.id().clone() };
    Some(Due { key, account, about })
}

fn key_of(kind: &dyn Indexed, number: usize, record: &Record) -> Option<Key> {
    let object = Some(&*record.object).filter(|_| !record.deleted)?;
    let time = kind.due_time(number, object)?;
    Some(Key { time, place: record.place, number })
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
        Thing = "thing" {
            /// Unix seconds.
            created: i64,
            /// When it begins.
            begin_at: Absent<i64>,
            /// When it ends.
            end_at: Absent<i64>,
        }
        hidden {
        }
    }

    struct Things;

    impl Indexed for Things {
        fn filters(&self) -> &'static [Filter] {
            &[]
        }
        fn due_count(&self) -> usize {
            2
        }
        fn due_time(&self, number: usize, object: &dyn Object) -> Option<DueTime> {
            let thing = downcast::<Thing>(object)?;
            let at = [thing.begin_at.0, thing.end_at.0][number]?;
            Some(DueTime { at, rank: Rank::Usual })
        }
    }

    fn indexes(_: Kind) -> Option<&'static dyn Indexed> {
        Some(&Things)
    }

    fn empty() -> Tx {
        Tx::new(&State::new("acct_test"), Account::PLATFORM, indexes)
    }

    fn insert(tx: &mut Tx, id: &str, begin_at: Option<i64>, end_at: Option<i64>) {
        let (begin_at, end_at) = (Absent(begin_at), Absent(end_at));
        tx.insert(Thing { id: id.into(), created: 1, begin_at, end_at, rest: Map::new() });
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
