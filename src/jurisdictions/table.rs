//! The rates by country, and by state or province where the rate depends on it (`docs/tax.md`).
//!
//! May use: nothing of the project. Invariant: a rate is a decimal in percent, `exempt`, or `-` for the standard rate.

/// A country with one tax.
#[derive(Debug)]
pub struct CountryTax {
    /// Two letters.
    pub code: &'static str,
    /// Its name in English.
    pub name: &'static str,
    /// The type of the tax, such as `vat`; empty if there is none.
    pub tax: &'static str,
    /// In percent.
    pub standard: &'static str,
    /// Of food.
    pub food: &'static str,
    /// Of printed books.
    pub books: &'static str,
    /// The type of the tax id with which a business of the country accounts for the tax of a foreign seller itself; empty
    /// if there is none.
    pub business_id: &'static str,
}

/// A state of the United States.
#[derive(Debug)]
pub struct UsState {
    /// Two letters.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The sales tax in percent; empty if there is none.
    pub rate: &'static str,
    /// Whether a sale within the state has the rate of the place that the goods are shipped from.
    pub by_origin: bool,
}

/// A province or territory of Canada.
#[derive(Debug)]
pub struct Province {
    /// Two letters.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its taxes: the type and the rate in percent.
    pub taxes: &'static [(&'static str, &'static str)],
}

/// A place in the United States with a rate of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Locality {
    /// The first digits of its ZIP codes.
    pub zips: &'static [&'static str],
    /// Its name.
    pub name: &'static str,
    /// The sales tax of the state and the place together, in percent.
    pub rate: &'static str,
}

/// The row of a country.
pub fn country(code: &str) -> Option<&'static CountryTax> {
    COUNTRIES.iter().find(|country| country.code == code)
}

/// The row of a state, by its code or its name.
pub fn state(text: &str) -> Option<&'static UsState> {
    STATES.iter().find(|state| state.code.eq_ignore_ascii_case(text) || state.name.eq_ignore_ascii_case(text))
}

/// The row of a province, by its code or its name.
pub fn province(text: &str) -> Option<&'static Province> {
    PROVINCES.iter().find(|row| row.code.eq_ignore_ascii_case(text) || row.name.eq_ignore_ascii_case(text))
}

macro_rules! countries {
    ($($code:literal $name:literal $tax:literal $standard:literal $food:literal $books:literal $id:literal;)+) => {
        &[$(CountryTax {
            code: $code, name: $name, tax: $tax, standard: $standard, food: $food, books: $books, business_id: $id,
        },)+]
    };
}

macro_rules! states {
    ($($code:literal $name:literal $rate:literal $by_origin:literal;)+) => {
        &[$(UsState { code: $code, name: $name, rate: $rate, by_origin: $by_origin },)+]
    };
}

macro_rules! provinces {
    ($($code:literal $name:literal $($tax:literal $rate:literal),+;)+) => {
        &[$(Province { code: $code, name: $name, taxes: &[$(($tax, $rate)),+] },)+]
    };
}

macro_rules! localities {
    ($($name:literal $rate:literal $($zip:literal),+;)+) => {
        &[$(Locality { zips: &[$($zip),+], name: $name, rate: $rate },)+]
    };
}

/// The countries with one rate. The United States and Canada are not here: their rates are those of a state or province.
#[rustfmt::skip]
pub const COUNTRIES: &[CountryTax] = countries! {
    "AE" "United Arab Emirates" "vat" "5" "-" "-" "ae_trn";
    "AT" "Austria" "vat" "20" "10" "10" "eu_vat";
    "AU" "Australia" "gst" "10" "0" "-" "au_abn";
    "BE" "Belgium" "vat" "21" "6" "6" "eu_vat";
    "BG" "Bulgaria" "vat" "20" "-" "9" "eu_vat";
    "BH" "Bahrain" "vat" "10" "0" "-" "bh_vat";
    "CH" "Switzerland" "vat" "8.1" "2.6" "2.6" "ch_vat";
    "CL" "Chile" "vat" "19" "-" "-" "cl_tin";
    "CY" "Cyprus" "vat" "19" "5" "3" "eu_vat";
    "CZ" "Czech Republic" "vat" "21" "12" "0" "eu_vat";
    "DE" "Germany" "vat" "19" "7" "7" "eu_vat";
    "DK" "Denmark" "vat" "25" "-" "-" "eu_vat";
    "EE" "Estonia" "vat" "24" "-" "9" "eu_vat";
    "ES" "Spain" "vat" "21" "10" "4" "eu_vat";
    "FI" "Finland" "vat" "25.5" "14" "14" "eu_vat";
    "FR" "France" "vat" "20" "5.5" "5.5" "eu_vat";
    "GB" "United Kingdom" "vat" "20" "0" "0" "gb_vat";
    "GR" "Greece" "vat" "24" "13" "6" "eu_vat";
    "HK" "Hong Kong" "" "" "-" "-" "";
    "HR" "Croatia" "vat" "25" "5" "5" "eu_vat";
    "HU" "Hungary" "vat" "27" "18" "5" "eu_vat";
    "ID" "Indonesia" "vat" "11" "exempt" "exempt" "id_npwp";
    "IE" "Ireland" "vat" "23" "0" "0" "eu_vat";
    "IN" "India" "igst" "18" "5" "0" "in_gst";
    "IS" "Iceland" "vat" "24" "11" "11" "is_vat";
    "IT" "Italy" "vat" "22" "10" "4" "eu_vat";
    "JP" "Japan" "jct" "10" "8" "-" "jp_trn";
    "KR" "South Korea" "vat" "10" "exempt" "exempt" "kr_brn";
    "LT" "Lithuania" "vat" "21" "-" "9" "eu_vat";
    "LU" "Luxembourg" "vat" "17" "3" "3" "eu_vat";
    "LV" "Latvia" "vat" "21" "-" "12" "eu_vat";
    "MT" "Malta" "vat" "18" "0" "5" "eu_vat";
    "MX" "Mexico" "vat" "16" "0" "exempt" "mx_rfc";
    "MY" "Malaysia" "service_tax" "8" "-" "-" "my_sst";
    "NL" "Netherlands" "vat" "21" "9" "9" "eu_vat";
    "NO" "Norway" "vat" "25" "15" "0" "no_vat";
    "NZ" "New Zealand" "gst" "15" "-" "-" "nz_gst";
    "OM" "Oman" "vat" "5" "0" "-" "om_vat";
    "PH" "Philippines" "vat" "12" "exempt" "exempt" "ph_tin";
    "PL" "Poland" "vat" "23" "5" "5" "eu_vat";
    "PT" "Portugal" "vat" "23" "6" "6" "eu_vat";
    "RO" "Romania" "vat" "21" "11" "11" "eu_vat";
    "SA" "Saudi Arabia" "vat" "15" "-" "-" "sa_vat";
    "SE" "Sweden" "vat" "25" "12" "6" "eu_vat";
    "SG" "Singapore" "gst" "9" "-" "-" "sg_gst";
    "SI" "Slovenia" "vat" "22" "9.5" "5" "eu_vat";
    "SK" "Slovakia" "vat" "23" "19" "5" "eu_vat";
    "TH" "Thailand" "vat" "7" "exempt" "exempt" "th_vat";
    "TR" "Turkey" "vat" "20" "1" "0" "tr_tin";
    "TW" "Taiwan" "vat" "5" "-" "exempt" "tw_vat";
    "ZA" "South Africa" "vat" "15" "0" "-" "za_vat";
};

/// The states of the United States, and the District of Columbia.
#[rustfmt::skip]
pub const STATES: &[UsState] = states! {
    "AK" "Alaska" "" false;
    "AL" "Alabama" "4" false;
    "AR" "Arkansas" "6.5" false;
    "AZ" "Arizona" "5.6" true;
    "CA" "California" "7.25" false;
    "CO" "Colorado" "2.9" false;
    "CT" "Connecticut" "6.35" false;
    "DC" "District of Columbia" "6" false;
    "DE" "Delaware" "" false;
    "FL" "Florida" "6" false;
    "GA" "Georgia" "4" false;
    "HI" "Hawaii" "4" false;
    "IA" "Iowa" "6" false;
    "ID" "Idaho" "6" false;
    "IL" "Illinois" "6.25" true;
    "IN" "Indiana" "7" false;
    "KS" "Kansas" "6.5" false;
    "KY" "Kentucky" "6" false;
    "LA" "Louisiana" "5" false;
    "MA" "Massachusetts" "6.25" false;
    "MD" "Maryland" "6" false;
    "ME" "Maine" "5.5" false;
    "MI" "Michigan" "6" false;
    "MN" "Minnesota" "6.875" false;
    "MO" "Missouri" "4.225" true;
    "MS" "Mississippi" "7" true;
    "MT" "Montana" "" false;
    "NC" "North Carolina" "4.75" false;
    "ND" "North Dakota" "5" false;
    "NE" "Nebraska" "5.5" false;
    "NH" "New Hampshire" "" false;
    "NJ" "New Jersey" "6.625" false;
    "NM" "New Mexico" "4.875" false;
    "NV" "Nevada" "6.85" false;
    "NY" "New York" "4" false;
    "OH" "Ohio" "5.75" true;
    "OK" "Oklahoma" "4.5" false;
    "OR" "Oregon" "" false;
    "PA" "Pennsylvania" "6" true;
    "RI" "Rhode Island" "7" false;
    "SC" "South Carolina" "6" false;
    "SD" "South Dakota" "4.2" false;
    "TN" "Tennessee" "7" true;
    "TX" "Texas" "6.25" true;
    "UT" "Utah" "4.85" true;
    "VA" "Virginia" "5.3" true;
    "VT" "Vermont" "6" false;
    "WA" "Washington" "6.5" false;
    "WI" "Wisconsin" "5" false;
    "WV" "West Virginia" "6" false;
    "WY" "Wyoming" "4" false;
};

/// The provinces and territories of Canada.
#[rustfmt::skip]
pub const PROVINCES: &[Province] = provinces! {
    "AB" "Alberta" "gst" "5";
    "BC" "British Columbia" "gst" "5", "pst" "7";
    "MB" "Manitoba" "gst" "5", "rst" "7";
    "NB" "New Brunswick" "hst" "15";
    "NL" "Newfoundland and Labrador" "hst" "15";
    "NS" "Nova Scotia" "hst" "14";
    "NT" "Northwest Territories" "gst" "5";
    "NU" "Nunavut" "gst" "5";
    "ON" "Ontario" "hst" "13";
    "PE" "Prince Edward Island" "hst" "15";
    "QC" "Quebec" "gst" "5", "qst" "9.975";
    "SK" "Saskatchewan" "gst" "5", "pst" "6";
    "YT" "Yukon" "gst" "5";
};

/// The places in the United States with rates of their own; the first one that fits a ZIP code.
#[rustfmt::skip]
pub const LOCALITIES: &[Locality] = localities! {
    "Seattle, WA" "10.25" "981";
    "South San Francisco, CA" "9.875" "94080";
    "San Francisco, CA" "8.625" "941";
    "Los Angeles, CA" "9.5" "900";
    "New York, NY" "8.875" "100", "101", "102", "104", "112";
    "Chicago, IL" "10.25" "606";
    "Naperville, IL" "7.75" "60540", "60563", "60564", "60565";
    "Springfield, IL" "9.75" "627";
    "Houston, TX" "8.25" "770";
    "Austin, TX" "8.25" "787";
    "Denver, CO" "8.81" "802";
    "Atlanta, GA" "8.9" "303";
    "Miami, FL" "7" "331";
    "Philadelphia, PA" "8" "191";
};
