//! What an invoice, a credit note or a quote says: the same on its page and in its PDF.
//!
//! May use: nothing of the program. Invariant: everything is text that is ready to be shown.

/// An invoice, a credit note or a quote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    /// `Invoice`, `Credit note` or `Quote`.
    pub title: &'static str,
    /// Its number.
    pub number: String,
    /// The one sentence about it, such as `$20.00 due July 1, 2026`.
    pub headline: String,
    /// Its dates and numbers: name and value.
    pub facts: Vec<(String, String)>,
    /// Who sends it, who gets it, and where to it is shipped.
    pub parties: Vec<Party>,
    /// What it bills or credits.
    pub lines: Vec<PaperLine>,
    /// From the subtotal to what is due.
    pub sums: Vec<PaperSum>,
    /// Memo and footer.
    pub notes: Vec<String>,
    /// The size of the PDF's pages.
    pub size: PageSize,
}

/// Somebody with an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// `From`, `For`, `Bill to` or `Ship to`.
    pub role: &'static str,
    /// Name, address, e-mail address, tax ids; one in a line.
    pub lines: Vec<String>,
}

/// A line of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaperLine {
    /// What it is for.
    pub text: String,
    /// The period, discounts and taxes of the line.
    pub details: Vec<String>,
    /// How many; empty if that is not known.
    pub quantity: String,
    /// The price of one; empty if that is not known.
    pub unit: String,
    /// The amount.
    pub amount: String,
}

/// A row under the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaperSum {
    /// Such as `Subtotal`.
    pub label: String,
    /// The amount.
    pub amount: String,
    /// Whether it is what the reader looks for.
    pub is_strong: bool,
}

/// The size of a PDF's pages, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageSize {
    /// 210 mm by 297 mm.
    A4,
    /// 8.5 by 11 inches.
    #[default]
    Letter,
}

impl PageSize {
    /// Width and height.
    pub fn points(self) -> (f32, f32) {
        match self {
            PageSize::A4 => (595.0, 842.0),
            PageSize::Letter => (612.0, 792.0),
        }
    }
}
