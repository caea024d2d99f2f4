//! Codes to scan, as pictures.
//!
//! May use: the crates for codes and compression. Invariant: a text always gives the same picture.

use miniz_oxide::deflate::compress_to_vec_zlib;
use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around a code, as readers need them.
const BORDER: i32 = 4;

/// Pixels along a module in a PNG.
const MODULE_PIXELS: i32 = 6;

/// How hard a PNG is compressed: a code is small, and asked for by tests.
const COMPRESSION: u8 = 1;

/// The code of a text as an SVG picture.
pub fn svg(text: &str) -> String {
    let Some(code) = code(text) else { return String::new() };
    let side = code.size() + 2 * BORDER;
    let modules = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let dark = modules.filter(|(x, y)| code.get_module(*x, *y));
    let path: String = dark.map(|(x, y)| format!("M{} {}h1v1h-1z", x + BORDER, y + BORDER)).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>\n"
    )
}

/// The code of a text as a PNG picture.
pub fn png(text: &str) -> Vec<u8> {
    let Some(code) = code(text) else { return Vec::new() };
    let side = (code.size() + 2 * BORDER) * MODULE_PIXELS;
    let is_light = |x: i32, y: i32| !code.get_module(x / MODULE_PIXELS - BORDER, y / MODULE_PIXELS - BORDER);
    let mut rows = Vec::new();
    for y in 0..side {
        // No filter; then a bit for each pixel, the first one the highest.
        rows.push(0);
        for first in (0..side).step_by(8) {
            let byte = (0..8).filter(|bit| first + bit < side && is_light(first + bit, y));
            rows.push(byte.fold(0_u8, |byte, bit| byte | 0x80 >> bit));
        }
    }
    let side = side.to_be_bytes();
    let mut header = [side, side].concat();
    // One bit of grey for a pixel, and the only methods that there are.
    header.extend([1, 0, 0, 0, 0]);
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut picture, b"IHDR", &header);
    chunk(&mut picture, b"IDAT", &compress_to_vec_zlib(&rows, COMPRESSION));
    chunk(&mut picture, b"IEND", &[]);
    picture
}

/// Adds a part of a PNG: its length, its name, its content, their checksum.
fn chunk(picture: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or_default();
    let named = [&name[..], content].concat();
    picture.extend(length.to_be_bytes());
    picture.extend(&named);
    picture.extend(crc32fast::hash(&named).to_be_bytes());
}

/// The code of a text; none if the text is too long for one, which no link is.
fn code(text: &str) -> Option<QrCode> {
    QrCode::encode_text(text, QrCodeEcc::Low).ok()
}
