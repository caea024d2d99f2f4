//! What of an item's usage was billed before its period was over (billing-2 11.2).
//!
//! May use: the forms of stored values. Invariant: the periods of the last few threshold invoices are known, each once.

use crate::state::document::Doc;
use crate::state::object::FieldValue;

/// How many periods are kept: the current one, and those whose renewals may be drafts.
const KEPT: usize = 4;

/// How much of the usage of a period was billed by threshold invoices, by the start of the period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BilledUsage(Vec<(i64, i64)>);

impl BilledUsage {
    /// How much was billed of the usage since a time, in Unix seconds.
    pub fn of(&self, start: i64) -> i64 {
        self.0.iter().find(|(known, _)| *known == start).map_or(0, |(_, quantity)| *quantity)
    }

    /// So much was billed of the usage since a time, in Unix seconds.
    pub fn note(&mut self, start: i64, quantity: i64) {
        self.0.retain(|(known, _)| *known != start);
        self.0.push((start, quantity));
        if self.0.len() > KEPT {
            let _ = self.0.remove(0);
        }
    }
}

impl FieldValue for BilledUsage {
    fn write(&self) -> Option<Doc> {
        let row = |(start, quantity): &(i64, i64)| Doc::List(vec![(*start).into(), (*quantity).into()]);
        (!self.0.is_empty()).then(|| Doc::List(self.0.iter().map(row).collect()))
    }
    fn weight(&self) -> usize {
        self.0.len() * size_of::<(i64, i64)>()
    }
    fn read(doc: Option<Doc>) -> Result<Self, &'static str> {
        const EXPECTED: &str = "an array of pairs of whole numbers";
        let Some(doc) = doc else { return Ok(BilledUsage::default()) };
        let pair = |row: &Doc| match row.as_list()? {
            [start, quantity] => Some((start.as_int()?, quantity.as_int()?)),
            _ => None,
        };
        let rows: Option<Vec<_>> = doc.as_list().ok_or(EXPECTED)?.iter().map(pair).collect();
        rows.map(BilledUsage).ok_or(EXPECTED)
    }
}
