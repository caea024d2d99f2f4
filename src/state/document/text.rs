//! A string of a document: 16 bytes, whatever its length.
//!
//! May use: `lean_string`, `smallvec`. Invariant: a clone never copies the characters of a long string.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use lean_string::LeanStr;
use smallvec::SmallVec;

/// A string. A static one is only referred to, one of up to 16 bytes is stored in place, and a longer one is shared by
/// its clones.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(LeanStr);

impl Text {
    /// A static string.
    pub const fn fixed(text: &'static str) -> Self {
        Text(LeanStr::from_static_str(text))
    }

    /// A string with the characters of another.
    pub fn copy_of(text: &str) -> Self {
        Text(LeanStr::from(text))
    }

    /// A string that is formatted, written into no other memory before.
    pub fn formatted(arguments: fmt::Arguments<'_>) -> Self {
        let mut draft = TextDraft(SmallVec::new());
        // Writing into memory cannot fail.
        let _ = fmt::write(&mut draft, arguments);
        Self::copy_of(std::str::from_utf8(&draft.0).unwrap_or_default())
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// What is being formatted.
struct TextDraft(SmallVec<[u8; 128]>);

impl fmt::Write for TextDraft {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}
impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}
impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}
impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}
impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}
impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}
impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Text::fixed(text)
    }
}
impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(LeanStr::from(text))
    }
}
impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.into()
    }
}
