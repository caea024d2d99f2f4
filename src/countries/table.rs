//! The rows: each country with its bank accounts (connect-accounts 2.3, 3.3, 5), and what it asks of persons and companies
//! (connect-accounts 3.4). The bank accounts of the countries that no recording has are those of the test IBANs.
//!
//! May use: nothing of the project. Invariant: data alone; a country is there once.

use super::{BankRow, CompanyRow, Country, PersonRow, RoutingForm};

macro_rules! countries {
    ($($code:literal $currency:literal $days:literal $number:literal $routing:literal $bank:literal $marks:literal;)+) => {
        &[$(Country {
            code: $code,
            currency: $currency,
            delay_days: $days,
            bank: BankRow { country: $code, number: $number, routing: $routing, name: $bank },
            marks: $marks,
        },)+]
    };
}

/// Code, currency, days until a daily payout, test number, its routing number, the bank that has it, marks.
#[rustfmt::skip]
pub(super) static COUNTRIES: &[Country] = countries! {
    "AE" "aed" 7 "AE070331234567890123456" "" "" "";
    "AG" "xcd" 7 "000123456789" "AAAAAGAGXYZ" "" "";
    "AL" "all" 7 "AL35202111090000000001234567" "AAAAALTXXXX" "" "";
    "AM" "amd" 7 "00001234567" "AAAAAMNNXXX" "" "";
    "AO" "aoa" 7 "AO06004400006729503010102" "AAAAAOAOXXX" "" "";
    "AR" "ars" 7 "0110000600000000000000" "" "" "";
    "AT" "eur" 7 "AT611904300234573201" "" "" "";
    "AU" "aud" 2 "000123456" "110000" "" "";
    "AZ" "azn" 7 "AZ77ADJE12345678901234567890" "123456-123456" "" "";
    "BA" "bam" 7 "BA095520001234567812" "AAAABABAXXX" "" "";
    "BD" "bdt" 7 "0000123456789" "110000000" "" "";
    "BE" "eur" 7 "BE62510007547061" "" "" "";
    "BG" "eur" 7 "BG80BNBG96611020345678" "" "" "";
    "BH" "bhd" 7 "BH29BMAG1299123456BH00" "AAAABHBMXYZ" "" "";
    "BJ" "xof" 7 "BJ66BJ0610100100144390000769" "" "" "";
    "BN" "bnd" 7 "0000123456789" "AAAABNBBXXX" "" "";
    "BO" "bob" 7 "000123456789" "040" "Cooperativa San Joaquín" "id_number";
    "BR" "brl" 7 "0001234" "110-0000" "" "";
    "BS" "bsd" 7 "0001234" "AAAABSNSXXX" "" "";
    "BT" "btn" 7 "0000123456789" "AAAABTBTXXX" "" "";
    "BW" "bwp" 7 "000123456789" "AAAABWBWXXX" "" "";
    "CA" "cad" 7 "000123456789" "11000-000" "" "";
    "CH" "chf" 7 "CH9300762011623852957" "" "" "";
    "CI" "xof" 7 "CI93CI0080111301134291200589" "" "" "late";
    "CL" "clp" 7 "000123456789" "999" "" "";
    "CO" "cop" 7 "000123456789" "060" "Banco Pichincha" "";
    "CR" "crc" 7 "CR04010212367856709123" "" "" "late id_number";
    "CY" "eur" 7 "CY17002001280000001200527600" "" "" "";
    "CZ" "czk" 7 "CZ6508000000192000145399" "" "" "";
    "DE" "eur" 7 "DE89370400440532013000" "" "" "";
    "DK" "dkk" 7 "DK5000400440116243" "" "" "";
    "DO" "dop" 7 "000123456789" "999" "" "late";
    "DZ" "dzd" 7 "00001234567890123456" "AAAADZDZXXX" "" "";
    "EC" "usd" 7 "000123456789" "AAAAECE1XXX" "" "";
    "EE" "eur" 7 "EE382200221020145685" "" "" "";
    "EG" "egp" 7 "EG800002000156789012345180002" "NBEGEGCX331" "NATIONAL BANK OF EGYPT" "";
    "ES" "eur" 7 "ES0700120345030000067890" "" "" "";
    "ET" "etb" 7 "0000000012345" "AAAAETETXXX" "" "";
    "FI" "eur" 7 "FI2112345600000785" "" "" "";
    "FR" "eur" 7 "FR89370400440532013000" "" "" "";
    "GA" "xaf" 7 "00001234567890123456789" "AAAAGAGAXXX" "" "";
    "GB" "gbp" 7 "00012345" "23-14-70" "WISE PAYMENTS LTD" "";
    "GH" "ghs" 7 "000123456789" "022112" "" "";
    "GI" "gbp" 7 "GI75NWBK000000007099453" "" "" "";
    "GR" "eur" 7 "GR1601101250000000012300695" "" "" "";
    "GT" "gtq" 7 "GT20AGRO00000000001234567890" "AAAAGTGCXYZ" "" "late id_number";
    "GY" "gyd" 7 "000123456789" "AAAAGYGGXYZ" "" "";
    "HK" "hkd" 7 "000123456" "110-000" "" "";
    "HR" "eur" 7 "HR7624020064583467589" "" "" "";
    "HU" "huf" 7 "HU42117730161111101800000000" "" "" "";
    "ID" "idr" 7 "000123456789" "000" "" "late";
    "IE" "eur" 7 "IE29AIBK93115212345678" "" "" "";
    "IL" "ils" 7 "IL620108000000099999999" "" "" "";
    "IN" "inr" 7 "000123456789" "HDFC0004051" "HDFC BANK - INDIRANAGAR KRISHNA TEMPLE ROAD" "narrow late";
    "IS" "eur" 7 "IS140159260076545510730339" "" "" "narrow";
    "IT" "eur" 7 "IT40S0542811101000000123456" "" "" "";
    "JM" "jmd" 7 "000123456789" "111-00000" "" "";
    "JO" "jod" 7 "JO32ABCJ0010123456789012345678" "AAAAJOJOXXX" "" "";
    "JP" "jpy" 7 "0001234" "1100000" "" "";
    "KE" "kes" 7 "000123456789" "BARCKENXMDR" "ABSA BANK KENYA PLC" "";
    "KH" "khr" 7 "000123456789" "AAAAKHKHXXX" "" "";
    "KR" "krw" 7 "000123456789" "SGSEKRSLXXX" "SG SECURITIES KOREA CO., LTD." "";
    "KW" "kwd" 7 "KW81CBKU0000000000001234560101" "AAAAKWKWXYZ" "" "";
    "KZ" "kzt" 7 "KZ221251234567890123" "AAAAKZKZXXX" "" "";
    "LA" "lak" 7 "000123456789" "AAAALALAXXX" "" "";
    "LC" "xcd" 7 "000123456789" "AAAALCLCXYZ" "" "";
    "LI" "chf" 7 "LI0508800636123378777" "" "" "";
    "LK" "lkr" 7 "0000012345" "AAAALKLXXXX-7010999" "BANK OF CEYLON" "";
    "LT" "eur" 7 "LT121000011101001000" "" "" "";
    "LU" "eur" 7 "LU280019400644750000" "" "" "";
    "LV" "eur" 7 "LV80BANK0000435195001" "" "" "";
    "MA" "mad" 7 "MA64011519000001205000534921" "AAAAMAMAXXX" "" "";
    "MC" "eur" 7 "MC5810096180790123456789085" "" "" "narrow";
    "MD" "mdl" 7 "MD07AG123456789012345678" "AAAAMDMDXXX" "" "";
    "MG" "mga" 7 "MG4800005000011234567890123" "AAAAMGMGXXX" "" "";
    "MK" "mkd" 7 "MK49250120000058907" "AAAAMK2XXXX" "" "";
    "MN" "mnt" 7 "0002222001" "AAAAMNUBXXX" "" "";
    "MO" "mop" 7 "0000000001234567897" "AAAAMOMXXXX" "" "";
    "MT" "eur" 7 "MT84MALT011000012345MTLCAST001S" "" "" "";
    "MU" "mur" 7 "MU17BOMM0101101030300200000MUR" "AAAAMUMUXYZ" "" "";
    "MX" "mxn" 7 "000000001234567897" "" "" "narrow late";
    "MY" "myr" 7 "000123456000" "HBMBMYKL" "" "late";
    "MZ" "mzn" 7 "001234567890123456789" "AAAAMZMXXXX" "" "";
    "NA" "nad" 7 "000123456789" "AAAANANXXYZ" "" "";
    "NE" "xof" 7 "NE58NE0380100100130305000268" "" "" "";
    "NG" "ngn" 7 "1111111112" "AAAANGLAXXX" "" "";
    "NL" "eur" 7 "NL39RABO0300065264" "" "" "";
    "NO" "nok" 7 "NO9386011117947" "" "" "";
    "NZ" "nzd" 7 "1100000000000010" "" "" "";
    "OM" "omr" 7 "000123456789" "AAAAOMOMXXX" "" "";
    "PA" "usd" 7 "000123456789" "AAAAPAPAXXX" "" "";
    "PE" "pen" 7 "99934500012345670024" "" "" "late";
    "PH" "php" 7 "01567890123456789" "BCDEFGHI123" "" "narrow late";
    "PK" "pkr" 7 "PK36SCBL0000001123456702" "AAAAPKKAXXX" "" "id_number";
    "PL" "pln" 7 "PL61109010140000071219812874" "" "" "";
    "PT" "eur" 7 "PT50000201231234567890154" "" "" "";
    "PY" "pyg" 7 "0567890123456789" "0" "" "id_number";
    "QA" "qar" 7 "QA87CITI123456789012345678901" "AAAAQAQAXXX" "" "";
    "RO" "ron" 7 "RO49AAAA1B31007593840000" "" "" "";
    "RS" "rsd" 7 "RS35105008123123123173" "TESTSERBXXX" "" "";
    "RW" "rwf" 7 "000123456789" "AAAARWRWXXX" "" "";
    "SA" "sar" 7 "SA4420000001234567891234" "RIBLSARIXXX" "RIYAD BANK" "";
    "SE" "sek" 7 "SE3550000000054910000003" "" "" "";
    "SG" "sgd" 7 "000123456" "1100-000" "" "";
    "SI" "eur" 7 "SI56263300012039086" "" "" "";
    "SK" "eur" 7 "SK3112000000198742637541" "" "" "";
    "SM" "eur" 7 "SM86U0322509800000000270100" "AAAASMSMXXX" "" "narrow";
    "SN" "xof" 7 "SN08SN0100152000048500003035" "" "" "late";
    "SV" "usd" 7 "SV44BCIE12345678901234567890" "AAAASVS1XXX" "" "";
    "TH" "thb" 7 "000123456789" "999" "" "late";
    "TN" "tnd" 7 "TN5904018104004942712345" "" "" "";
    "TR" "try" 7 "TR320010009999901234567890" "ADABTRIS" "DUNYA KATILIM BANKASI A.S." "";
    "TT" "ttd" 7 "00567890123456789" "99900001" "" "late";
    "TW" "twd" 7 "0001234567" "AAAATWTXXXX" "" "";
    "TZ" "tzs" 7 "0000123456789" "AAAATZTXXXX" "" "";
    "US" "usd" 2 "000123456789" "110000000" "" "";
    "UY" "uyu" 7 "000123456789" "999" "Otros Bancos" "late id_number";
    "UZ" "uzs" 7 "99934500012345670024" "AAAAUZUZXXX-00000" "" "";
    "VN" "vnd" 7 "000123456789" "01101100" "STATE BANK OF VIETNAM" "";
    "ZA" "zar" 7 "000001234" "FIRNZAJJ" "FIRSTRAND BANK LIMITED" "";
};

/// Other banks than the first of a country.
pub(super) static BANKS: &[BankRow] = &[
    BankRow { country: "US", number: "000123456789", routing: "111000000", name: "" },
    BankRow { country: "US", number: "000123456789", routing: "122105155", name: "US BANK NA" },
];

/// How a country's routing numbers are shown, where that is not as they were sent.
pub(super) static ROUTING: &[(&str, RoutingForm)] = &[
    ("AU", RoutingForm::Split(2)),
    ("AZ", RoutingForm::Digits),
    ("GI", RoutingForm::Without("11-00-00000")),
    ("MY", RoutingForm::Always("TESTMYKLXXX")),
    ("NZ", RoutingForm::FirstOfNumber(6)),
    ("PE", RoutingForm::FirstOfNumber(3)),
    ("ZA", RoutingForm::Branch("XXX")),
];

const NAMES: &str = "dob.day dob.month dob.year first_name last_name";
const ADDRESS: &str = "address.city address.line1 address.postal_code";
const STATE: &str = "address.state";

/// What an individual of the full agreement has to tell; the last row is that of every other country.
pub(super) static PERSONS: &[PersonRow] = &[
    PersonRow { country: "US", needs: &[ADDRESS, STATE, NAMES, "phone ssn_last_4"], ..PersonRow::PLAIN },
    PersonRow {
        country: "CA",
        needs: &[ADDRESS, STATE, NAMES, "relationship.title"],
        after_document: "verification.proof_of_liveness verification.additional_document",
        held: "verification.additional_document verification.document verification.proof_of_liveness",
        ..PersonRow::PLAIN
    },
    PersonRow { country: "AU", needs: &[ADDRESS, STATE, NAMES, "phone"], ..PersonRow::PLAIN },
    PersonRow { country: "HK", needs: &["address.line1", NAMES], held: "verification.document", ..PersonRow::PLAIN },
    PersonRow {
        country: "NZ",
        needs: &[ADDRESS, NAMES, "phone"],
        held: "verification.additional_document verification.document",
        ..PersonRow::PLAIN
    },
    PersonRow {
        country: "JP",
        needs: &["dob.day dob.month dob.year phone"],
        for_payouts: "verification.document",
        ..PersonRow::PLAIN
    },
    PersonRow {
        country: "SG",
        needs: &["address.line1 address.postal_code full_name_aliases id_number nationality", NAMES],
        for_payouts: "verification.proof_of_liveness",
        ..PersonRow::PLAIN
    },
    PersonRow { country: "AE", needs: &["address.line1 address.state nationality", NAMES], ..PersonRow::PLAIN },
    PersonRow { country: "", needs: &[ADDRESS, NAMES, "phone"], ..PersonRow::PLAIN },
];

/// What a company of the full agreement has to tell of itself and of the people behind it; the last row is that of every
/// other country.
pub(super) static COMPANIES: &[CompanyRow] = &[
    CompanyRow {
        country: "US",
        representative: &[ADDRESS, STATE, NAMES, "email phone relationship.title ssn_last_4"],
        owners: &["email first_name last_name"],
        eventually: &["representative.id_number"],
        eventually_of_owners: &[ADDRESS, STATE, "dob.day dob.month dob.year phone"],
        company: "address.state",
        has_owners: true,
        held: "",
    },
    CompanyRow {
        country: "CA",
        representative: &[ADDRESS, STATE, NAMES],
        company: "address.state",
        has_owners: false,
        ..CompanyRow::PLAIN
    },
    CompanyRow {
        country: "SG",
        representative: &[
            "address.line1 address.postal_code full_name_aliases id_number nationality",
            NAMES,
            "email phone relationship.executive relationship.title",
        ],
        has_owners: false,
        ..CompanyRow::PLAIN
    },
    CompanyRow {
        country: "AE",
        representative: &[
            "address.line1 address.state id_number nationality",
            NAMES,
            "email phone relationship.executive relationship.title",
        ],
        owners: &["address.line1 address.state id_number nationality", NAMES],
        eventually: &[
            "documents.bank_account_ownership_verification.files documents.company_license.files",
            "documents.company_memorandum_of_association.files representative.documents.passport.files",
        ],
        eventually_of_owners: &["documents.passport.files"],
        company: "vat_id",
        ..CompanyRow::PLAIN
    },
    CompanyRow {
        country: "GB",
        held: "company.ownership_declaration.date company.ownership_declaration.ip",
        ..CompanyRow::PLAIN
    },
    CompanyRow::PLAIN,
];

impl PersonRow {
    const PLAIN: PersonRow = PersonRow { country: "", needs: &[], for_payouts: "", after_document: "", held: "" };
}

impl CompanyRow {
    const PLAIN: CompanyRow = CompanyRow {
        country: "",
        representative: &[ADDRESS, NAMES, "email phone relationship.executive relationship.title"],
        owners: &[ADDRESS, NAMES, "email"],
        eventually: &[],
        eventually_of_owners: &[],
        company: "",
        has_owners: true,
        held: "",
    };
}
