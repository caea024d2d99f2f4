//! The text of a PDF that the server made: a reader of its own, for what it writes and nothing else.

use std::collections::BTreeMap;

/// The text of each page: what is written at one time, in order, each on a line.
pub(crate) fn pages(file: &[u8]) -> Vec<String> {
    assert!(file.starts_with(b"%PDF-1."), "no PDF");
    assert!(file.trim_ascii_end().ends_with(b"%%EOF"), "the file is not whole");
    let streams = streams(file);
    let fonts: BTreeMap<String, BTreeMap<u8, char>> = streams.iter().filter_map(|stream| characters(stream)).collect();
    streams.iter().filter(|stream| characters(stream).is_none()).map(|stream| read(stream, &fonts)).collect()
}

fn streams(file: &[u8]) -> Vec<&[u8]> {
    let mut streams = Vec::new();
    let mut rest = file;
    while let Some(begin) = find(rest, b"stream\n") {
        let end = find(&rest[begin..], b"\nendstream").expect("a stream ends") + begin;
        streams.push(&rest[begin + b"stream\n".len()..end]);
        rest = &rest[end + b"\nendstream".len()..];
    }
    streams
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// The name of a font and its characters, if the stream is such a map.
fn characters(stream: &[u8]) -> Option<(String, BTreeMap<u8, char>)> {
    let text = std::str::from_utf8(stream).ok()?;
    let name = text.split("/CMapName /").nth(1)?.split_whitespace().next()?.to_owned();
    let rows = text.split("beginbfchar\n").skip(1).flat_map(|part| part.split("endbfchar").next().unwrap().lines());
    let row = |line: &str| {
        let (code, units) = line.split_once("> <")?;
        let code = u8::from_str_radix(code.strip_prefix('<')?, 16).ok()?;
        let units = units.strip_suffix('>')?;
        let units: Vec<u16> = units
            .as_bytes()
            .chunks(4)
            .map(|unit| u16::from_str_radix(std::str::from_utf8(unit).unwrap(), 16).unwrap())
            .collect();
        Some((code, String::from_utf16(&units).ok()?.chars().next()?))
    };
    Some((name, rows.filter_map(row).collect()))
}

/// What the operators of a page write.
fn read(stream: &[u8], fonts: &BTreeMap<String, BTreeMap<u8, char>>) -> String {
    let (mut text, mut font, mut at) = (String::new(), String::new(), 0);
    let mut show = |font: &str, codes: &[u8]| {
        let characters = &fonts[font];
        text.extend(codes.iter().map(|code| characters[code]));
        text.push('\n');
    };
    while at < stream.len() {
        match stream[at] {
            b'/' => {
                let end = stream[at..].iter().position(u8::is_ascii_whitespace).unwrap() + at;
                font = String::from_utf8(stream[at + 1..end].to_vec()).unwrap();
                at = end;
            }
            b'(' => {
                let (codes, end) = literal(stream, at + 1);
                show(&font, &codes);
                at = end;
            }
            b'<' => {
                let end = find(&stream[at..], b">").unwrap() + at;
                let digits = std::str::from_utf8(&stream[at + 1..end]).unwrap();
                let codes: Vec<u8> =
                    (0..digits.len() / 2).map(|n| u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).unwrap()).collect();
                show(&font, &codes);
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    text
}

/// The bytes of a string in parentheses, and where it ends.
fn literal(stream: &[u8], mut at: usize) -> (Vec<u8>, usize) {
    let (mut bytes, mut depth) = (Vec::new(), 0);
    loop {
        match stream[at] {
            b')' if depth == 0 => return (bytes, at + 1),
            b'\\' => {
                at += 1;
                match stream[at] {
                    b'n' => bytes.push(b'\n'),
                    b'r' => bytes.push(b'\r'),
                    b't' => bytes.push(b'\t'),
                    b'b' => bytes.push(8),
                    b'f' => bytes.push(12),
                    b'0'..=b'7' => {
                        let digits = std::str::from_utf8(&stream[at..at + 3]).unwrap();
                        bytes.push(u8::from_str_radix(digits, 8).unwrap());
                        at += 2;
                    }
                    byte => bytes.push(byte),
                }
            }
            byte => {
                depth += i32::from(byte == b'(') - i32::from(byte == b')');
                bytes.push(byte);
            }
        }
        at += 1;
    }
}
