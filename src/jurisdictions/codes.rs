//! Tax codes: the usual ones by name, and what every code is a code of.
//!
//! May use: nothing of the project. Invariant: what a product is follows from its code alone.

/// What a product is, as far as its tax depends on it (`docs/tax.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductClass {
    /// Goods, and whatever has no class of its own.
    Goods,
    /// Software, media and other things that come by wire.
    Digital,
    /// Work that people do.
    Services,
    /// Printed books.
    Books,
    /// Food and drink that is not for immediate consumption.
    Food,
    /// The delivery of goods.
    Shipping,
    /// What the seller treats as no sale for tax.
    Nontaxable,
}

/// The first characters of the codes of each class; the first one that fits.
const CLASSES: &[(&str, ProductClass)] = &[
    ("txcd_0", ProductClass::Nontaxable),
    ("txcd_1", ProductClass::Digital),
    ("txcd_2", ProductClass::Services),
    ("txcd_3501", ProductClass::Books),
    ("txcd_4006", ProductClass::Goods),
    ("txcd_40", ProductClass::Food),
    ("txcd_92", ProductClass::Shipping),
];

impl ProductClass {
    /// The class of a code.
    pub fn of(code: &str) -> Self {
        CLASSES.iter().find(|(begin, _)| code.starts_with(begin)).map_or(ProductClass::Goods, |(_, class)| *class)
    }

    /// Its name in `docs/tax.md`.
    pub fn name(self) -> &'static str {
        match self {
            ProductClass::Goods => "goods",
            ProductClass::Digital => "digital",
            ProductClass::Services => "services",
            ProductClass::Books => "books",
            ProductClass::Food => "food",
            ProductClass::Shipping => "shipping",
            ProductClass::Nontaxable => "nontaxable",
        }
    }
}

/// A tax code of the list.
#[derive(Debug)]
pub struct TaxCodeRow {
    /// `txcd_` and eight digits.
    pub id: &'static str,
    /// A short name.
    pub name: &'static str,
    /// What has this code.
    pub description: &'static str,
}

/// Whether a text has the form of a tax code: `txcd_` and eight digits.
pub fn is_tax_code(text: &str) -> bool {
    text.strip_prefix("txcd_")
        .is_some_and(|digits| digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The row of a code.
pub fn tax_code(id: &str) -> Option<&'static TaxCodeRow> {
    TAX_CODES.iter().find(|row| row.id == id)
}

macro_rules! codes {
    ($($id:literal $name:literal $description:literal;)+) => {
        &[$(TaxCodeRow { id: $id, name: $name, description: $description },)+]
    };
}

/// The usual tax codes, in the order of their numbers.
#[rustfmt::skip]
pub const TAX_CODES: &[TaxCodeRow] = codes! {
    "txcd_00000000" "Nontaxable" "Anything on which no tax is to be collected.";
    "txcd_10000000" "General - Electronically Supplied Services" "A digital service that no other code describes; the code of everything without one.";
    "txcd_10010001" "Infrastructure as a service (IaaS) - personal use" "Computing power, storage or networks in the cloud, for a person.";
    "txcd_10101000" "Infrastructure as a service (IaaS) - business use" "Computing power, storage or networks in the cloud, for a business.";
    "txcd_10102000" "Platform as a service (PaaS) - personal use" "A platform in the cloud on which a person builds and runs programs.";
    "txcd_10102001" "Platform as a service (PaaS) - business use" "A platform in the cloud on which a business builds and runs programs.";
    "txcd_10103000" "Software as a service (SaaS) - personal use" "Ready programs in the cloud, for a person.";
    "txcd_10103001" "Software as a service (SaaS) - business use" "Ready programs in the cloud, for a business.";
    "txcd_10202000" "Downloadable software - personal use" "Programs that a person downloads and keeps.";
    "txcd_10202003" "Downloadable software - business use" "Programs that a business downloads and keeps.";
    "txcd_10302000" "Digital books - downloaded" "Electronic books that are downloaded and kept.";
    "txcd_10401000" "Digital audio - streamed" "Music and other sound that is streamed and not kept.";
    "txcd_10402000" "Digital video - streamed" "Films and other video that is streamed and not kept.";
    "txcd_10502000" "Gift card" "A card or code with which something is paid later.";
    "txcd_10701000" "Website hosting" "Room on a server for a website.";
    "txcd_20030000" "General - Services" "Work that no other code describes.";
    "txcd_20060000" "Professional services" "The work of consultants, designers, lawyers and other professions.";
    "txcd_20060045" "Training services" "Lessons that are given to people who are present.";
    "txcd_30011000" "Clothing and footwear" "Clothes and shoes for everyday use.";
    "txcd_30060000" "Health and beauty" "Cosmetics and care for the body.";
    "txcd_34020000" "Consumer electronics" "Computers, phones and other devices.";
    "txcd_35010000" "Books" "Printed books.";
    "txcd_40010000" "Food - basic" "Food for the kitchen: flour, milk, vegetables.";
    "txcd_40040000" "Bottled drinks without alcohol" "Water, juice and other drinks in bottles.";
    "txcd_40060003" "Food for immediate consumption" "Meals that are ready to eat.";
    "txcd_92010001" "Shipping" "The delivery of goods.";
    "txcd_92020001" "Handling" "The packing of goods for a delivery.";
    "txcd_99999999" "General - Tangible Goods" "Goods that no other code describes.";
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_form_of_one_and_the_list_is_in_order() {
        assert!(TAX_CODES.iter().all(|row| is_tax_code(row.id)));
        assert!(TAX_CODES.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(["text", "txcd_1", "txcd_1234567x"].iter().all(|text| !is_tax_code(text)));
    }

    #[test]
    fn a_code_beyond_the_list_has_the_class_of_its_number() {
        for (code, class) in [
            ("txcd_10201000", ProductClass::Digital),
            ("txcd_20010000", ProductClass::Services),
            ("txcd_35020200", ProductClass::Goods),
            ("txcd_40020001", ProductClass::Food),
            ("txcd_40060001", ProductClass::Goods),
        ] {
            assert_eq!(ProductClass::of(code), class, "{code}");
        }
    }
}
