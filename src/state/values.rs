//! Closed sets of values, such as the statuses of an object, as enums.
//!
//! May use: [`document`](super::document), [`object`](super::object). Invariant: an enum and its text determine each
//! other. That a field's enum holds what the catalogue has for it, no more and no less, a test of the registry checks.

/// Declares an enum whose variants each stand for one text of the API.
///
/// It becomes a type for the fields of [`resource!`](crate::resource), compares by `==`, is matched exhaustively, and
/// turns into a document or a text where one is shown.
#[macro_export]
macro_rules! values {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident = $text:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                #[doc = ""]
                $(#[$vmeta])*
                $variant,
            )+
        }

        impl $name {
            /// The text that the API has for it.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )+
                }
            }

            /// The value of a text; `None` when it is none of them.
            #[must_use]
            $vis fn parse(text: &str) -> Option<Self> {
                match text {
                    $( $text => Some(Self::$variant), )+
                    _ => None,
                }
            }
        }

        impl $crate::state::object::FieldValue for $name {
            const VALUES: &'static [&'static str] = &[$( $text, )+];

            fn as_text(&self) -> Option<&str> {
                Some(self.as_str())
            }
            fn write(&self) -> Option<$crate::state::document::Doc> {
                Some((*self).into())
            }
            fn write_json(&self, out: &mut Vec<u8>, _: usize) {
                $crate::state::document::write::write_text(self.as_str(), out);
            }
            fn read(doc: Option<$crate::state::document::Doc>) -> Result<Self, &'static str> {
                let found = doc.as_ref().and_then($crate::state::document::Doc::as_str).and_then(Self::parse);
                found.ok_or($crate::values!(@expected $( $text, )+))
            }
        }

        impl From<$name> for $crate::state::document::Doc {
            fn from(value: $name) -> Self {
                Self::from(value.as_str())
            }
        }
    };
    (@expected $first:literal, $( $text:literal, )*) => { concat!("one of ", $first $(, ", ", $text )*) };
}

#[cfg(test)]
mod tests {
    use crate::state::document::Doc;
    use crate::state::object::{Absent, FieldValue};

    values! {
        /// What a door may be.
        enum Door {
            Open = "open",
            /// Nobody comes in.
            Shut = "shut",
        }
    }

    #[test]
    fn a_value_is_read_back_from_what_it_shows() {
        for (door, text) in [(Door::Open, "open"), (Door::Shut, "shut")] {
            assert_eq!((door.as_str(), Door::parse(text)), (text, Some(door)));
            assert_eq!(FieldValue::write(&door), Some(Doc::from(text)));
            assert_eq!(Door::read(Some(Doc::from(text))), Ok(door));
            let mut json = Vec::new();
            door.write_json(&mut json, 0);
            assert_eq!(json, format!("\"{text}\"").into_bytes());
        }
    }

    #[test]
    fn what_is_none_of_the_values_is_refused_with_their_names() {
        for found in [None, Some(Doc::Null), Some(Doc::from("ajar")), Some(Doc::from(1))] {
            assert_eq!(Door::read(found), Err("one of open, shut"));
        }
        assert_eq!(Option::<Door>::read(Some(Doc::Null)), Ok(None));
    }

    #[test]
    fn an_optional_field_has_the_values_of_its_type() {
        assert_eq!(<Option<Absent<Door>> as FieldValue>::VALUES, ["open", "shut"]);
        assert!(<Option<String> as FieldValue>::VALUES.is_empty());
    }
}
