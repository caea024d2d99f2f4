//! The PDF of an invoice, a credit note or a quote.
//!
//! May use: pdf-writer, what the document says. Invariant: the same document gives the same bytes; no text makes it fail, and
//! whatever does not fit on a page goes on to the next.

mod text;

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, TextStr};

use self::text::{Face, Fonts, spelled};
use super::paper::{Paper, PaperLine, PaperSum};

/// The free space around a page.
const MARGIN: f32 = 54.0;
/// Under what the pages' numbers stand.
const FOOT: f32 = 72.0;
const BODY: f32 = 10.0;
const SMALL: f32 = 8.5;
const LEADING: f32 = 1.4;
/// The distance between columns.
const GAP: f32 = 12.0;
const BLACK: f32 = 0.1;
const GREY: f32 = 0.35;

/// Draws a document.
pub fn draw(paper: &Paper) -> Vec<u8> {
    let mut sheet = Sheet::new(paper);
    sheet.head();
    sheet.parties();
    sheet.headline();
    sheet.columns();
    paper.lines.iter().for_each(|line| sheet.line(line));
    sheet.rule();
    paper.sums.iter().for_each(|sum| sheet.sum(sum));
    sheet.y -= BODY;
    paper.notes.iter().for_each(|note| sheet.paragraph(note));
    sheet.finish()
}

/// A document that is being drawn, from the top of a page to its foot.
struct Sheet<'p> {
    paper: &'p Paper,
    fonts: Fonts,
    pages: Vec<Content>,
    page: Content,
    width: f32,
    height: f32,
    /// How far it is drawn, from below.
    y: f32,
}

/// Where a text stands.
#[derive(Clone, Copy)]
enum Align {
    /// From this place on.
    From(f32),
    /// Up to this place.
    To(f32),
}

impl<'p> Sheet<'p> {
    fn new(paper: &'p Paper) -> Self {
        let (width, height) = paper.size.points();
        let (fonts, pages, page) = (Fonts::default(), Vec::new(), Content::new());
        Sheet { paper, fonts, pages, page, width, height, y: height - MARGIN }
    }

    fn right(&self) -> f32 {
        self.width - MARGIN
    }

    /// Writes text on the current line.
    fn put(&mut self, face: Face, size: f32, side: Align, grey: f32, text: &str) {
        let x = match side {
            Align::From(x) => x,
            Align::To(x) => x - face.width(text, size),
        };
        self.page.set_fill_gray(grey);
        self.fonts.show(&mut self.page, face, size, (x, self.y), text);
    }

    /// Goes on to the next page if less than `height` is left of this one.
    fn need(&mut self, height: f32) -> bool {
        if self.y - height >= FOOT {
            return false;
        }
        self.pages.push(std::mem::replace(&mut self.page, Content::new()));
        self.y = self.height - MARGIN;
        true
    }

    fn down(&mut self, size: f32) {
        self.y -= size * LEADING;
    }

    fn rule(&mut self) {
        let (right, y) = (self.right(), self.y + BODY * 0.6);
        self.page.set_stroke_gray(0.8).set_line_width(0.7).move_to(MARGIN, y).line_to(right, y).stroke();
        self.down(BODY * 0.6);
    }

    fn head(&mut self) {
        self.y -= 12.0;
        self.put(Face::Bold, 22.0, Align::From(MARGIN), BLACK, self.paper.title);
        self.down(24.0);
        let paper = self.paper;
        for (name, value) in &paper.facts {
            let column = MARGIN + 110.0;
            let values = Face::Regular.wrap(value, BODY, self.right() - column);
            let names = Face::Bold.wrap(name, BODY, column - MARGIN - GAP);
            for row in 0..values.len().max(names.len()) {
                let _ = self.need(BODY * LEADING);
                if let Some(name) = names.get(row) {
                    self.put(Face::Bold, BODY, Align::From(MARGIN), BLACK, name);
                }
                if let Some(value) = values.get(row) {
                    self.put(Face::Regular, BODY, Align::From(column), BLACK, value);
                }
                self.down(BODY);
            }
        }
        self.down(BODY);
    }

    /// Those who have to do with it, side by side.
    fn parties(&mut self) {
        let paper = self.paper;
        let count = u8::try_from(paper.parties.len().max(1)).unwrap_or(u8::MAX);
        let width = (self.right() - MARGIN) / f32::from(count);
        let columns: Vec<Vec<String>> = paper
            .parties
            .iter()
            .map(|party| party.lines.iter().flat_map(|line| Face::Regular.wrap(line, BODY, width - GAP)).collect())
            .collect();
        let place = |n: usize| MARGIN + width * f32::from(u8::try_from(n).unwrap_or(u8::MAX));
        let _ = self.need(BODY * LEADING * 4.0);
        for (n, party) in paper.parties.iter().enumerate() {
            self.put(Face::Bold, BODY, Align::From(place(n)), BLACK, party.role);
        }
        self.down(BODY);
        for row in 0..columns.iter().map(Vec::len).max().unwrap_or_default() {
            let _ = self.need(BODY * LEADING);
            for (n, text) in columns.iter().enumerate().filter_map(|(n, column)| Some((n, column.get(row)?))) {
                self.put(Face::Regular, BODY, Align::From(place(n)), BLACK, text);
            }
            self.down(BODY);
        }
        self.down(BODY);
    }

    fn headline(&mut self) {
        let paper = self.paper;
        for line in Face::Bold.wrap(&spelled(&paper.headline), 15.0, self.right() - MARGIN) {
            let _ = self.need(15.0 * LEADING);
            self.put(Face::Bold, 15.0, Align::From(MARGIN), BLACK, &line);
            self.down(15.0);
        }
        self.down(BODY * 0.5);
    }

    /// The right ends of the columns of numbers.
    fn stops(&self) -> [f32; 3] {
        [self.right() - 190.0, self.right() - 95.0, self.right()]
    }

    /// The names of the columns.
    fn columns(&mut self) {
        let _ = self.need(BODY * LEADING * 4.0);
        self.put(Face::Regular, SMALL, Align::From(MARGIN), GREY, "Description");
        for (stop, name) in self.stops().into_iter().zip(["Qty", "Unit price", "Amount"]) {
            self.put(Face::Regular, SMALL, Align::To(stop), GREY, name);
        }
        self.down(SMALL);
        self.rule();
    }

    fn line(&mut self, line: &PaperLine) {
        let width = self.stops()[0] - 40.0 - MARGIN;
        let texts = Face::Regular.wrap(&line.text, BODY, width).into_iter().map(|text| (text, BODY, BLACK));
        let details = line.details.iter().flat_map(|detail| Face::Regular.wrap(&spelled(detail), SMALL, width));
        let details = details.map(|detail| (detail, SMALL, GREY));
        for (row, (text, size, grey)) in texts.chain(details).enumerate() {
            if self.need(size * LEADING) {
                self.columns();
            }
            if row == 0 {
                for (stop, cell) in self.stops().into_iter().zip([&line.quantity, &line.unit, &line.amount]) {
                    self.put(Face::Regular, BODY, Align::To(stop), BLACK, &spelled(cell));
                }
            }
            self.put(Face::Regular, size, Align::From(MARGIN), grey, &text);
            self.down(size);
        }
        self.y -= BODY * 0.4;
    }

    fn sum(&mut self, sum: &PaperSum) {
        let face = if sum.is_strong { Face::Bold } else { Face::Regular };
        let (left, right) = (self.width / 2.0, self.right());
        let amount = spelled(&sum.amount);
        let labels = face.wrap(&sum.label, BODY, right - left - GAP - face.width(&amount, BODY));
        for (row, label) in labels.iter().enumerate() {
            let _ = self.need(BODY * LEADING);
            self.put(face, BODY, Align::From(left), BLACK, label);
            if row == 0 {
                self.put(face, BODY, Align::To(right), BLACK, &amount);
            }
            self.down(BODY);
        }
        self.y -= BODY * 0.2;
    }

    fn paragraph(&mut self, text: &str) {
        for line in Face::Regular.wrap(text, BODY, self.right() - MARGIN) {
            let _ = self.need(BODY * LEADING);
            self.put(Face::Regular, BODY, Align::From(MARGIN), GREY, &line);
            self.down(BODY);
        }
        self.y -= BODY * 0.5;
    }

    /// The number of each page, and the whole as a file.
    fn finish(mut self) -> Vec<u8> {
        self.pages.push(std::mem::replace(&mut self.page, Content::new()));
        let count = self.pages.len();
        let about = format!("{} {}", self.paper.title, self.paper.number);
        let mut pages = Vec::with_capacity(count);
        for (n, page) in std::mem::take(&mut self.pages).into_iter().enumerate() {
            self.page = page;
            self.y = MARGIN * 0.75;
            let fitting = Face::Regular.wrap(&about, SMALL, self.right() - MARGIN - 190.0);
            self.put(Face::Regular, SMALL, Align::From(MARGIN), GREY, fitting.first().map_or("", String::as_str));
            let place = format!("Made by Pinstripe, a test server. Page {} of {count}", n + 1);
            self.put(Face::Regular, SMALL, Align::To(self.right()), GREY, &place);
            pages.push(std::mem::replace(&mut self.page, Content::new()));
        }
        self.write(pages, &about)
    }

    fn write(&self, pages: Vec<Content>, about: &str) -> Vec<u8> {
        let mut pdf = Pdf::new();
        let mut next = Ref::new(1);
        let (catalog, tree, info) = (next.bump(), next.bump(), next.bump());
        let fonts = self.fonts.names(&mut next);
        let kids: Vec<(Ref, Ref)> = pages.iter().map(|_| (next.bump(), next.bump())).collect();
        pdf.catalog(catalog).pages(tree).lang(TextStr("en"));
        pdf.document_info(info).title(TextStr(about)).producer(TextStr("Pinstripe"));
        pdf.pages(tree).kids(kids.iter().map(|(page, _)| *page)).count(i32::try_from(kids.len()).unwrap_or(i32::MAX));
        for ((page, content), drawn) in kids.into_iter().zip(pages) {
            let mut written = pdf.page(page);
            written.parent(tree).media_box(Rect::new(0.0, 0.0, self.width, self.height)).contents(content);
            let mut resources = written.resources();
            let mut known = resources.fonts();
            for (name, place) in &fonts {
                let _ = known.pair(Name(name.as_bytes()), *place);
            }
            known.finish();
            resources.finish();
            written.finish();
            pdf.stream(content, &drawn.finish());
        }
        self.fonts.write(&mut pdf, &fonts, &mut next);
        pdf.finish()
    }
}
