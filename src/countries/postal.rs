//! The places of the Japanese postal codes that tests use, as the post writes them: kana in half width (connect-accounts 1.2).
//!
//! May use: nothing of the project. Invariant: data alone; a code is there once, in order.

/// The place of a postal code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JapanesePlace {
    code: &'static str,
    /// The prefecture in kana.
    pub state_kana: &'static str,
    /// The city or ward in kana.
    pub city_kana: &'static str,
    /// The prefecture in kanji.
    pub state_kanji: &'static str,
    /// The city or ward in kanji.
    pub city_kanji: &'static str,
}

const fn place(
    code: &'static str,
    [state_kana, city_kana]: [&'static str; 2],
    [state_kanji, city_kanji]: [&'static str; 2],
) -> JapanesePlace {
    JapanesePlace { code, state_kana, city_kana, state_kanji, city_kanji }
}

static PLACES: &[JapanesePlace] = &[
    place("1000000", ["ﾄｳｷﾖｳﾄ", "ﾁﾖﾀﾞｸ"], ["東京都", "千代田区"]),
    place("1000001", ["ﾄｳｷﾖｳﾄ", "ﾁﾖﾀﾞｸ"], ["東京都", "千代田区"]),
    place("1050011", ["ﾄｳｷﾖｳﾄ", "ﾐﾅﾄｸ"], ["東京都", "港区"]),
    place("1500001", ["ﾄｳｷﾖｳﾄ", "ｼﾌﾞﾔｸ"], ["東京都", "渋谷区"]),
    place("1500002", ["ﾄｳｷﾖｳﾄ", "ｼﾌﾞﾔｸ"], ["東京都", "渋谷区"]),
    place("1600022", ["ﾄｳｷﾖｳﾄ", "ｼﾝｼﾞﾕｸｸ"], ["東京都", "新宿区"]),
    place("5300001", ["ｵｵｻｶﾌ", "ｵｵｻｶｼｷﾀｸ"], ["大阪府", "大阪市北区"]),
];

/// The place of a postal code of seven digits; `None` for one that is not among them.
pub fn japanese_place(code: &str) -> Option<&'static JapanesePlace> {
    let at = PLACES.binary_search_by(|place| place.code.cmp(code)).ok()?;
    PLACES.get(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postal_codes_stand_once_in_order() {
        assert!(PLACES.is_sorted_by(|a, b| a.code < b.code));
        assert!(PLACES.iter().all(|place| place.code.len() == 7));
        assert_eq!(japanese_place("1000000").map(|place| place.city_kanji), Some("千代田区"));
        assert_eq!(japanese_place("9999999"), None);
    }
}
