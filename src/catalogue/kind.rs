//! The kind of an object: a number that stands for the value of its field `object`.
//!
//! May use: the generated names. Invariant: every [`Kind`] but [`Kind::NONE`] is one of the catalogue's objects or of [`UNSHOWN`];
//! there is no other way to make one than from the catalogue, from a name that is looked up, or from one that is checked when the
//! program is compiled.

use std::fmt;

use super::{KIND_NAMES, OBJECTS, ObjectType};

/// The kinds of what is stored and never shown as an object: a customer's reserved invoice prefixes.
const UNSHOWN: [&str; 1] = ["invoice_prefix"];

/// The kind of an object: its `object` value, such as `customer`. The kinds of objects are ordered as their names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub(super) u16);

impl Kind {
    /// No kind: what an entry has that is not complete yet.
    pub const NONE: Kind = Kind(u16::MAX);

    /// How many kinds there are: what a table by [`index`](Self::index) is long.
    pub const COUNT: usize = KIND_NAMES.len() + UNSHOWN.len();

    /// The kind of this name, if there is one.
    pub fn named(name: &str) -> Option<Kind> {
        let unshown = || Some(KIND_NAMES.len() + UNSHOWN.iter().position(|known| *known == name)?);
        let index = KIND_NAMES.binary_search(&name).ok().or_else(unshown)?;
        u16::try_from(index).ok().map(Kind)
    }

    /// The kind of this name, for [`kind!`](crate::kind), which looks it up when the program is compiled.
    ///
    /// # Panics
    /// There is no such kind.
    #[doc(hidden)]
    pub const fn known(name: &str) -> Kind {
        let mut at = 0;
        while at < Kind::COUNT {
            let kind = Kind(at as u16);
            if is_same(kind.name(), name) {
                return kind;
            }
            at += 1;
        }
        panic!("the catalogue has no such kind");
    }

    /// Its name, the value of the field `object`; empty for [`NONE`](Self::NONE).
    pub const fn name(self) -> &'static str {
        match self.index() {
            shown if shown < KIND_NAMES.len() => KIND_NAMES[shown],
            unshown if unshown < Kind::COUNT => UNSHOWN[unshown - KIND_NAMES.len()],
            _ => "",
        }
    }

    /// Its place among all kinds.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// What the catalogue says of it; `None` for what is never shown.
    pub fn object(self) -> Option<&'static ObjectType> {
        OBJECTS.get(self.index())
    }
}

/// A table by kind, of which a row is found at once.
#[derive(Debug)]
pub struct ByKind<T>(Box<[Option<T>]>);

impl<T> ByKind<T> {
    /// The row of a kind.
    pub fn get(&self, kind: Kind) -> Option<&T> {
        self.0.get(kind.index())?.as_ref()
    }

    /// All rows, in the order of the kinds' names.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }
}

/// Of two rows of a kind, the last is kept.
impl<T> FromIterator<(Kind, T)> for ByKind<T> {
    fn from_iter<I: IntoIterator<Item = (Kind, T)>>(rows: I) -> Self {
        let mut table: Box<[Option<T>]> = std::iter::repeat_with(|| None).take(Kind::COUNT).collect();
        for (kind, row) in rows {
            if let Some(place) = table.get_mut(kind.index()) {
                *place = Some(row);
            }
        }
        ByKind(table)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether two texts are equal, when the program is compiled.
pub(crate) const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// The [`Kind`] of a name that the catalogue has; another does not compile.
#[macro_export]
macro_rules! kind {
    ($name:literal) => {
        const { $crate::catalogue::Kind::known($name) }
    };
}
