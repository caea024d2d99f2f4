//! Tests of the table of countries.

use super::*;

#[test]
fn countries_stand_once_in_order_with_a_test_number() {
    assert!(all().is_sorted_by(|a, b| a.code < b.code));
    for country in all() {
        assert_eq!((country.code.len(), country.currency.len()), (2, 3), "{country:?}");
        assert!(!country.bank.number.is_empty(), "{country:?}");
        let known = ["narrow", "late", "id_number"];
        assert!(country.marks.split_whitespace().all(|mark| known.contains(&mark)), "{country:?}");
    }
}

#[test]
fn a_country_without_a_row_of_its_own_has_the_common_one() {
    assert_eq!(person("DE").needs().next(), Some("address.city"));
    assert!(person("US").needs().any(|path| path == "ssn_last_4"));
    assert!(company("CH").owners().is_some() && company("CA").owners().is_none());
    assert_eq!((currency("PL"), currency("ZZ")), ("pln", "usd"));
}

#[test]
fn routing_numbers_have_the_form_of_their_country() {
    let cases = [
        ("AU", Some("110000"), "000123456", "11 0000"),
        ("AZ", Some("123456-123456"), "AZ77ADJE12345678901234567890", "123456123456"),
        ("MY", Some("HBMBMYKL"), "000123456000", "TESTMYKLXXX"),
        ("ZA", Some("FIRNZAJJ"), "000001234", "FIRNZAJJXXX"),
        ("GI", None, "GI75NWBK000000007099453", "11-00-00000"),
        ("NZ", None, "1100000000000010", "110000"),
        ("PE", None, "99934500012345670024", "999"),
        ("DE", None, "DE89370400440532013000", "110000000"),
        ("CA", Some("11000-000"), "000123456789", "11000-000"),
    ];
    for (code, sent, number, shown) in cases {
        assert_eq!(routing(code, sent, number), shown, "{code}");
    }
    assert_eq!(bank("US", Some("122105155")).map(|bank| bank.name), Some("US BANK NA"));
    assert!(is_test_number("FR89370400440532013000") && !is_test_number("FR00000000000000000000"));
}
