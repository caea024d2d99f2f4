//! The requirements of an account in plain words (connect-accounts 3).
//!
//! May use: nothing of the program. Invariant: every requirement has words, and no two lines of a subject are the same.

use super::template::RequirementGroup;

/// What requirements begin with, and who or what that is.
const SUBJECTS: [(&str, &str); 11] = [
    ("business_profile", "The business"),
    ("business_type", "The business"),
    ("company", "The company"),
    ("directors", "The directors"),
    ("documents", "Documents"),
    ("executives", "The executives"),
    ("external_account", "Payouts"),
    ("individual", "The person behind the account"),
    ("owners", "The owners"),
    ("representative", "The representative"),
    ("tos_acceptance", "Agreement"),
];

/// How requirements go on, and what that is called; what begins so is called so too.
const NAMES: [(&str, &str); 39] = [
    ("address.city", "City"),
    ("address.line1", "Street address"),
    ("address.postal_code", "Postal code"),
    ("address.state", "State or region"),
    ("address", "Address"),
    ("business_type", "Type of business"),
    ("directors_provided", "Whether all directors are named"),
    ("dob", "Date of birth"),
    ("email", "Email address"),
    ("executives_provided", "Whether all executives are named"),
    ("external_account", "A bank account or a debit card"),
    ("first_name", "First name"),
    ("full_name_aliases", "Other names"),
    ("id_number", "Identification number"),
    ("last_name", "Last name"),
    ("mcc", "Industry"),
    ("name", "Legal name"),
    ("nationality", "Nationality"),
    ("owners_provided", "Whether all owners are named"),
    ("ownership_declaration", "Declaration of the owners"),
    ("phone", "Phone number"),
    ("political_exposure", "Political exposure"),
    ("product_description", "What is sold"),
    ("proof_of_registration", "Proof of registration"),
    ("relationship.executive", "Whether they are an executive"),
    ("relationship.owner", "Whether they are an owner"),
    ("relationship.representative", "Whether they represent the account"),
    ("relationship.title", "Job title"),
    ("ssn_last_4", "Last four digits of the social security number"),
    ("support_phone", "Phone number for customers"),
    ("tax_id", "Tax identification number"),
    ("tos_acceptance", "Acceptance of the terms of service"),
    ("url", "Website"),
    ("vat_id", "VAT identification number"),
    ("verification.additional_document", "A document that shows the address"),
    ("verification.document", "An identity document"),
    ("verification.proof_of_liveness", "A look at the face"),
    ("verification", "Verification"),
    ("address_kana", "Address in kana"),
];

/// Requirements by their subjects, in words.
pub(super) fn in_words(paths: &[String]) -> Vec<RequirementGroup> {
    let mut groups: Vec<RequirementGroup> = Vec::new();
    for path in paths {
        let (first, rest) = path.split_once('.').unwrap_or((path, path));
        let known = SUBJECTS.iter().find(|(begins, _)| *begins == first).map(|(_, title)| (*title).to_owned());
        let title = known.unwrap_or_else(|| plain(first));
        let item = name(if first == "tos_acceptance" { first } else { rest });
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) if group.items.contains(&item) => {}
            Some(group) => group.items.push(item),
            None => groups.push(RequirementGroup { title, items: vec![item] }),
        }
    }
    groups
}

/// What is asked for of a subject.
fn name(rest: &str) -> String {
    let is_named =
        |begins: &str| rest.strip_prefix(begins).is_some_and(|more| more.is_empty() || more.starts_with('.'));
    let known = NAMES.iter().find(|(begins, _)| is_named(begins)).map(|(_, name)| (*name).to_owned());
    known.unwrap_or_else(|| plain(rest.trim_end_matches(".files")))
}

/// A path with words in place of its marks, and a capital letter.
fn plain(path: &str) -> String {
    if path.starts_with("person_") {
        return format!("Person {path}");
    }
    let words = path.replace(['_', '.'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_grouped_by_whom_they_are_about() {
        let paths = [
            "business_profile.url",
            "external_account",
            "individual.dob.day",
            "individual.dob.year",
            "individual.verification.document",
            "person_1.first_name",
            "documents.company_license.files",
            "tos_acceptance.date",
            "tos_acceptance.ip",
        ];
        let told = in_words(&paths.map(str::to_owned));
        let shown: Vec<(&str, Vec<&str>)> =
            told.iter().map(|group| (&*group.title, group.items.iter().map(|item| &**item).collect())).collect();
        let expected = [
            ("The business", vec!["Website"]),
            ("Payouts", vec!["A bank account or a debit card"]),
            ("The person behind the account", vec!["Date of birth", "An identity document"]),
            ("Person person_1", vec!["First name"]),
            ("Documents", vec!["Company license"]),
            ("Agreement", vec!["Acceptance of the terms of service"]),
        ];
        assert_eq!(shown, expected);
    }
}
