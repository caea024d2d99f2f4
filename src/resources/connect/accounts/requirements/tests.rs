//! Requirements by country, type of business and agreement (connect-accounts 3.2 to 3.7).

use super::*;
use crate::contract::Ctx;
use crate::resources;
use crate::settings::Settings;
use crate::state::ids::Ids;

const NOW: i64 = 1_700_000_000;

/// The value of a path, in hashes.
fn at(path: &str, value: Doc) -> Map {
    match path.split_once('.') {
        None => Map::from([(path.to_owned(), value)]),
        Some((first, rest)) => Map::from([(first.to_owned(), at(rest, value))]),
    }
}

/// An account of a country that has told everything about the business: `told` adds to it.
fn account(country: &str, business_type: &str, capabilities: &[&str], told: &[(&str, &str)]) -> Account {
    resources::install();
    let mut rest = Map::from([("country", Doc::from(country.to_owned()))]);
    if !business_type.is_empty() {
        rest.set("business_type", business_type.to_owned());
    }
    let mut tell = |path: &str, value: Doc| rest.merge(&at(path, value));
    tell("controller.requirement_collection", "application".into());
    tell("business_profile.url", "https://shop.example".into());
    tell("tos_acceptance.ip", "127.0.0.1".into());
    tell("tos_acceptance.date", NOW.into());
    tell("external_accounts.data", vec!["ba_1"].into());
    for (path, value) in told {
        let value = if path.ends_with("_provided") { true.into() } else { Doc::from((*value).to_owned()) };
        tell(path, value);
    }
    for name in capabilities {
        tell(&format!("capabilities.{name}"), "inactive".into());
    }
    super::super::blank("acct_1".to_owned(), NOW, rest)
}

const ALL: &[&str] = &["card_payments", "transfers"];

/// Adds a person in a role who has told the paths.
fn add(account: &mut Account, id: &str, roles: &[&str], told: &[&str]) {
    let mut person = Map::new();
    for role in roles {
        person.merge(&at(&format!("relationship.{role}"), true.into()));
    }
    for path in told {
        let value = match *path {
            "dob.year" => Doc::Int(1901),
            "dob.day" | "dob.month" => Doc::Int(1),
            "id_number" | "ssn_last_4" => true.into(),
            _ => "told".into(),
        };
        let path = match *path {
            "id_number" | "ssn_last_4" => format!("{path}_provided"),
            "verification.document" => "verification.document.front".to_owned(),
            path => path.to_owned(),
        };
        person.merge(&at(&path, value));
    }
    account.people.set(id.to_owned(), person);
}

const WHO: &[&str] = &[
    "address.city",
    "address.line1",
    "address.postal_code",
    "address.state",
    "dob.day",
    "dob.month",
    "dob.year",
    "email",
    "first_name",
    "last_name",
    "phone",
];

fn check(account: &mut Account) {
    let ctx = Ctx::background(NOW, "", Settings::default(), Ids::random());
    begin(account, None, &ctx, |_| false);
}

fn due(account: &Account) -> Vec<String> {
    assess(Facts::of(account)).currently_due.into_iter().collect()
}

fn flags(account: &Account) -> (String, Vec<bool>) {
    let derived = derived(account);
    let state = derived.rest.map("capabilities").and_then(|all| all.str("transfers")).unwrap_or("-").to_owned();
    let flags = ["charges_enabled", "payouts_enabled", "details_submitted"];
    (state, flags.map(|flag| derived.rest.bool(flag).unwrap_or_default()).to_vec())
}

#[test]
fn an_american_individual_is_checked_before_charges_are_enabled() {
    let mut seller = account("US", "individual", ALL, &[]);
    add(&mut seller, "person_1", &["representative"], &WHO[..4]);
    assert_eq!(due(&seller).len(), 7, "{:?}", due(&seller));
    add(&mut seller, "person_1", &["representative"], &[WHO, &["ssn_last_4"]].concat());
    check(&mut seller);
    assert_eq!((due(&seller), flags(&seller)), (Vec::new(), ("pending".to_owned(), vec![false, false, true])));
    let pending: Vec<String> = assess(Facts::of(&seller)).pending.into_iter().collect();
    let of = |path: &str| format!("individual.{path}");
    let mut expected = vec!["business_profile.url".to_owned()];
    expected.extend(["address.city", "address.line1", "address.postal_code", "address.state", "id_number"].map(of));
    assert_eq!(pending, expected);
    assert_eq!(seller.held_until, Some(NOW + 20));
    seller.held.clear();
    assert_eq!(flags(&seller), ("active".to_owned(), vec![true, true, true]));
    // An id number alone holds back nothing.
    seller.held = vec![of("id_number")];
    assert_eq!(flags(&seller).0, "active");
}

#[test]
fn elsewhere_an_individual_who_has_told_everything_may_charge_at_once() {
    for (country, more, pending) in [
        ("DE", &[][..], &[][..]),
        ("GB", &[], &[]),
        ("CA", &["relationship.title"], &["additional_document", "document", "proof_of_liveness"]),
        ("NZ", &[], &["additional_document", "document"]),
        ("HK", &[], &["document"]),
    ] {
        let mut seller = account(country, "individual", ALL, &[]);
        add(&mut seller, "person_1", &["representative"], &[WHO, more].concat());
        check(&mut seller);
        let expected = ("active".to_owned(), vec![true, pending.is_empty(), true]);
        assert_eq!((due(&seller), flags(&seller)), (Vec::new(), expected), "{country}");
        let shown: Vec<String> = assess(Facts::of(&seller)).pending.into_iter().collect();
        let named: Vec<String> = pending.iter().map(|name| format!("individual.verification.{name}")).collect();
        assert_eq!(shown, named, "{country}");
    }
}

#[test]
fn a_japanese_individual_needs_a_document_to_be_paid_out() {
    let mut seller = account("JP", "individual", ALL, &[]);
    add(&mut seller, "person_1", &["representative"], WHO);
    check(&mut seller);
    assert_eq!(due(&seller), ["individual.verification.document"]);
    assert_eq!(flags(&seller), ("active".to_owned(), vec![true, false, true]));
    add(&mut seller, "person_1", &["representative"], &[WHO, &["verification.document"]].concat());
    assert_eq!(flags(&seller).1, [true, true, true]);
}

#[test]
fn a_recipient_needs_no_more_than_who_it_is() {
    let agreement = [("tos_acceptance.service_agreement", "recipient")];
    for (country, number) in [("MX", false), ("KR", false), ("UY", true), ("BO", true)] {
        let mut seller = account(country, "individual", &["transfers"], &agreement);
        add(&mut seller, "person_1", &["representative"], WHO);
        check(&mut seller);
        let missing = if number { vec!["individual.id_number".to_owned()] } else { Vec::new() };
        assert_eq!(due(&seller), missing, "{country}");
        let expected = if number { ("inactive", [false; 3]) } else { ("active", [true; 3]) };
        assert_eq!(flags(&seller), (expected.0.to_owned(), expected.1.to_vec()), "{country}");
        let later = assess(Facts::of(&seller)).eventually_due;
        assert_eq!(later.contains("individual.verification.document"), !number, "{country}");
    }
}

#[test]
fn a_bank_account_holds_back_payouts_alone() {
    let mut seller = account("DE", "individual", ALL, &[]);
    add(&mut seller, "person_1", &["representative"], WHO);
    seller.rest.set("external_accounts", Map::new());
    assert_eq!(due(&seller), ["external_account"]);
    assert_eq!(flags(&seller), ("active".to_owned(), vec![true, false, false]));
}

const FIRM: &[(&str, &str)] = &[
    ("company.name", "Firm"),
    ("company.phone", "0000000000"),
    ("company.tax_id_provided", "yes"),
    ("company.address.city", "City"),
    ("company.address.line1", "Street 1"),
    ("company.address.postal_code", "12345"),
    ("company.address.state", "CA"),
];

#[test]
fn a_company_names_its_representative_and_its_owners() {
    let firm = account("US", "company", ALL, FIRM);
    let due_of_nobody = due(&firm);
    for path in ["company.owners_provided", "owners.email", "owners.last_name", "representative.relationship.title"] {
        assert!(due_of_nobody.iter().any(|due| due == path), "{path}: {due_of_nobody:?}");
    }
    assert_eq!(flags(&firm), ("inactive".to_owned(), vec![false, false, true]));
    let mut firm = firm;
    let told = [WHO, &["id_number", "ssn_last_4", "relationship.title"]].concat();
    add(&mut firm, "person_1", &["owner", "representative"], &told);
    check(&mut firm);
    assert_eq!((due(&firm), flags(&firm).0), (Vec::new(), "pending".to_owned()));
    let pending = assess(Facts::of(&firm)).pending;
    for path in ["company.tax_id", "person_1.address.city", "person_1.verification.document"] {
        assert!(pending.contains(path), "{path}: {pending:?}");
    }
    let sole = account("US", "company", ALL, &[FIRM, &[("company.structure", "sole_proprietorship")]].concat());
    assert!(!due(&sole).iter().any(|path| path.starts_with("owners") || path.ends_with("title")), "{:?}", due(&sole));
    assert_eq!(flags(&sole).1, [false; 3]);
}

#[test]
fn future_requirements_are_those_of_today_in_america_alone() {
    for (country, deadline) in [("US", Doc::Int(1_717_516_800)), ("DE", Doc::Null)] {
        let seller = derived(&account(country, "individual", ALL, &[]));
        let future = seller.rest.map("future_requirements").cloned().unwrap_or_default();
        assert_eq!(future.get("current_deadline"), Some(&deadline), "{country}");
        let today = seller.rest.map("requirements").and_then(|today| today.list("currently_due")).unwrap_or_default();
        let expected = if country == "US" { today.to_vec() } else { Vec::new() };
        assert_eq!(future.list("currently_due"), Some(&expected[..]), "{country}");
    }
}

#[test]
fn what_was_told_is_never_due_and_every_flag_follows_from_the_lists() {
    for country in crate::countries::all() {
        for business_type in ["individual", "company", "non_profit"] {
            for told in 0..=WHO.len() {
                let mut seller = account(country.code, business_type, ALL, FIRM);
                add(&mut seller, "person_1", &["owner", "representative"], &WHO[..told]);
                check(&mut seller);
                let standing = assess(Facts::of(&seller));
                for path in WHO[..told].iter().map(|path| format!("{}.{path}", Facts::of(&seller).prefix("person_1"))) {
                    assert!(!standing.eventually_due.contains(&path), "{} {path}", country.code);
                }
                let shown = derived(&seller);
                let is_active = standing.state == CapabilityStatus::Active;
                assert_eq!(shown.rest.bool("charges_enabled"), Some(is_active));
                let is_paid = shown.rest.bool("payouts_enabled") == Some(true);
                assert!(!is_paid || (is_active && standing.past_due.is_empty()), "{}", country.code);
                assert!(standing.past_due.is_empty() || standing.reason.is_some(), "{}", country.code);
                assert!(derives(&shown).is_none(), "derived twice is the same");
            }
        }
    }
}
