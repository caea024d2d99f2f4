//! Text in the two standard fonts of every PDF reader, Helvetica and Helvetica-Bold.
//!
//! May use: pdf-writer, the table of glyphs. Invariant: every character can be written, and is found by who searches the
//! document or copies from it, even if its glyph is a replacement.
//!
//! A font of this kind has at most 256 codes, so a face has as many fonts as its characters need; codes are given in the order of
//! the first use.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pdf_writer::types::{SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Name, Pdf, Ref, Str};

/// A glyph of both faces.
#[derive(Clone, Copy, Debug)]
struct Glyph {
    name: &'static str,
    /// In thousandths of the size: regular and bold.
    widths: [u16; 2],
}

/// The glyph of what the fonts lack.
const REPLACEMENT: Glyph = Glyph { name: "question", widths: [556, 611] };

static GLYPHS: LazyLock<BTreeMap<char, Glyph>> = LazyLock::new(|| {
    let rows = include_str!("helvetica.tsv").lines().filter(|line| !line.starts_with('#'));
    let glyph = |line: &'static str| {
        let mut cells = line.split('\t');
        let character = char::from_u32(u32::from_str_radix(cells.next()?, 16).ok()?)?;
        let name = cells.next()?;
        let widths = [cells.next()?.parse().ok()?, cells.next()?.parse().ok()?];
        Some((character, Glyph { name, widths }))
    };
    rows.filter_map(glyph).collect()
});

/// The signs of currencies that the fonts lack, as they are written instead.
const SPELLED: &[(&str, &str)] = &[
    ("د.إ", "AED "),
    ("ر.س", "SAR "),
    ("₩", "KRW "),
    ("₹", "INR "),
    ("₨", "Rs "),
    ("₡", "CRC "),
    ("₵", "GHS "),
    ("₪", "ILS "),
    ("₦", "NGN "),
    ("₱", "PHP "),
    ("฿", "THB "),
    ("₺", "TRY "),
    (" ₫", " VND"),
    (" ₴", " UAH"),
    (" лв.", " BGN"),
    (" ₽", " RUB"),
];

/// An amount, with a currency's sign that can be read.
pub(super) fn spelled(amount: &str) -> String {
    SPELLED.iter().fold(amount.to_owned(), |text, (sign, code)| text.replace(sign, code))
}

/// How thick the letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
}

impl Face {
    const ALL: [Face; 2] = [Face::Regular, Face::Bold];

    fn base_font(self) -> Name<'static> {
        match self {
            Face::Regular => Name(b"Helvetica"),
            Face::Bold => Name(b"Helvetica-Bold"),
        }
    }

    fn letter(self) -> char {
        match self {
            Face::Regular => 'R',
            Face::Bold => 'B',
        }
    }

    fn width_of(self, character: char) -> f32 {
        f32::from(glyph(character).widths[self as usize])
    }

    /// The width of a text in points.
    pub(super) fn width(self, text: &str, size: f32) -> f32 {
        text.chars().map(|character| self.width_of(character)).sum::<f32>() * size / 1000.0
    }

    /// The text in lines that are no wider than `width` points; a word that is wider is broken. There is at least one line.
    pub(super) fn wrap(self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let gap = if line.is_empty() { "" } else { " " };
                if self.width(&format!("{line}{gap}{word}"), size) <= width {
                    line.push_str(gap);
                    line.push_str(word);
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                for character in word.chars() {
                    line.push(character);
                    if self.width(&line, size) > width && line.chars().count() > 1 {
                        let _ = line.pop();
                        lines.push(std::mem::replace(&mut line, character.to_string()));
                    }
                }
            }
            lines.push(line);
        }
        if lines.is_empty() { vec![String::new()] } else { lines }
    }
}

fn glyph(character: char) -> Glyph {
    GLYPHS.get(&character).copied().unwrap_or(REPLACEMENT)
}

/// The first code; the space has its usual one, which readers know as the end of a word.
const FIRST: u8 = b' ';
/// How many codes a font has, from the first.
const CODES: usize = 224;

/// A font as it is known in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Font {
    face: usize,
    /// Which of the face's fonts.
    part: usize,
}

/// The fonts of a document: which characters they have.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    codes: [BTreeMap<char, usize>; 2],
    characters: [Vec<char>; 2],
}

impl Fonts {
    /// Writes a line of text with its left end at a point.
    pub(super) fn show(&mut self, content: &mut Content, face: Face, size: f32, at: (f32, f32), text: &str) {
        let mut x = at.0;
        let mut run: Option<(usize, f32, Vec<u8>)> = None;
        let mut put = |(part, x, bytes): (usize, f32, Vec<u8>)| {
            content.begin_text();
            content.set_font(Name(format!("{}{part}", face.letter()).as_bytes()), size);
            content.next_line(x, at.1);
            content.show(Str(&bytes));
            content.end_text();
        };
        for character in text.chars().map(|character| if character.is_control() { ' ' } else { character }) {
            let (part, code) = self.code(face, character);
            match &mut run {
                Some((current, _, bytes)) if *current == part => bytes.push(code),
                _ => run.replace((part, x, vec![code])).into_iter().for_each(&mut put),
            }
            x += face.width_of(character) * size / 1000.0;
        }
        run.into_iter().for_each(put);
    }

    /// Which of the face's fonts has a character, and its code there.
    fn code(&mut self, face: Face, character: char) -> (usize, u8) {
        let (codes, characters) = (&mut self.codes[face as usize], &mut self.characters[face as usize]);
        let place = *codes.entry(character).or_insert_with(|| {
            // The first code of each font is the space.
            if characters.len().is_multiple_of(CODES) {
                characters.push(' ');
            }
            if character == ' ' {
                return 0;
            }
            characters.push(character);
            characters.len() - 1
        });
        (place / CODES, FIRST + u8::try_from(place % CODES).unwrap_or_default())
    }

    /// The names of the fonts, and where they are to be written.
    pub(super) fn names(&self, next: &mut Ref) -> Vec<(String, Ref)> {
        self.all().map(|font| (format!("{}{}", Face::ALL[font.face].letter(), font.part), next.bump())).collect()
    }

    fn all(&self) -> impl Iterator<Item = Font> + '_ {
        let parts = |face: usize| 0..self.characters[face].len().div_ceil(CODES);
        (0..Face::ALL.len()).flat_map(move |face| parts(face).map(move |part| Font { face, part }))
    }

    /// Writes the fonts to where they were said to be.
    pub(super) fn write(&self, pdf: &mut Pdf, places: &[(String, Ref)], next: &mut Ref) {
        for (font, (name, place)) in self.all().zip(places) {
            let from = font.part * CODES;
            let characters = self.characters[font.face].iter().skip(from).take(CODES);
            let coded: Vec<(u8, char)> = (FIRST..=u8::MAX).zip(characters.copied()).collect();
            let map = next.bump();
            let mut written = pdf.type1_font(*place);
            written.base_font(Face::ALL[font.face].base_font()).to_unicode(map);
            let mut encoding = written.encoding_custom();
            let names = coded.iter().map(|(_, character)| Name(glyph(*character).name.as_bytes()));
            encoding.differences().consecutive(FIRST, names);
            drop(encoding);
            drop(written);
            let about = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"UCS"), supplement: 0 };
            let mut unicode = UnicodeCmap::<u8>::new(Name(name.as_bytes()), about);
            coded.iter().for_each(|(code, character)| unicode.pair(*code, *character));
            pdf.cmap(map, &unicode.finish());
        }
    }
}
