//! The page of a session, as a browser sees it (connect-accounts 11).

use super::{open, read};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::decisions::{browse, onward};
use crate::support::flows::{invalid, text};

const DONE: &str = "https://shop.example/done";

fn press(api: &Client, link: &str, result: &str) -> Answer {
    browse(api, "POST", link, Some(&format!("result={result}")))
}

#[test]
fn the_buttons_say_what_comes_of_it() {
    let api = sandbox("vp-buttons");
    let session = open(&api, &[("return_url", DONE), ("options[document][require_matching_selfie]", "true")]);
    let link = text(&session, "url").to_owned();
    let page = browse(&api, "GET", &link, None);
    assert_eq!(page.status, 200, "{}", page.text);
    for part in
        ["value=\"verified\"", "value=\"document_expired\"", "value=\"selfie_face_mismatch\"", "value=\"abandoned\""]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    for absent in ["id_number_mismatch", "phone_unverified_other"] {
        assert!(!page.text.contains(absent), "{absent}");
    }
    assert_eq!(press(&api, &link, "nothing").status, 404);
    assert!(press(&api, &link, "id_number_mismatch").text.contains("does not check what fails"));
    assert_eq!(onward(&link, &press(&api, &link, "document_expired")), DONE);
    let failed = read(&api, &session, &[]);
    assert_eq!((text(&failed, "status"), text(&failed["last_error"], "code")), ("requires_input", "document_expired"));
    // The address is used; there is another one.
    for answer in [browse(&api, "GET", &link, None), press(&api, &link, "verified")] {
        assert!(answer.status == 200 && answer.text.contains("This link is over"), "{}", answer.text);
    }
    let link = text(&failed, "url").to_owned();
    assert!(browse(&api, "GET", &link, None).text.contains("The last attempt: The document has expired."));
    assert_eq!(onward(&link, &press(&api, &link, "verified")), DONE);
    assert_eq!(read(&api, &session, &[])["status"], "verified");
}

#[test]
fn a_page_without_an_address_to_lead_to_says_thank_you() {
    let api = sandbox("vp-bare");
    let session = open(&api, &[]);
    assert!(press(&api, text(&session, "url"), "verified").text.contains("Thank you"));
    for unknown in ["/start/test_none", "/start/nothing", "/start/test_12345678901234567890123456789012345"] {
        assert_eq!(browse(&api, "GET", &format!("{}{unknown}", api.url()), None).status, 404, "{unknown}");
    }
}

#[test]
fn a_browser_knows_a_session_by_its_secret() {
    let api = sandbox("vp-secret");
    let session = open(&api, &[("metadata[order]", "6735"), ("return_url", DONE)]);
    let path = format!("/v1/identity/verification_sessions/{}", text(&session, "id"));
    let secret = [("client_secret", text(&session, "client_secret"))];
    let seen = api.publishable().get(&path, &secret).ok();
    assert_eq!((text(&seen, "url"), text(&seen, "status")), (text(&session, "url"), "requires_input"));
    assert!(seen.get("metadata").is_none() && seen.get("verified_outputs").is_none(), "{seen}");
    assert_eq!(api.publishable().get(&path, &[]).status, 400);
    assert!(api.publishable().get(&path, &[("client_secret", "vs_1_secret_test_2")]).status >= 400);
    invalid(api.get(&path, &secret), 400, Some("parameter_unknown"), Some("client_secret"));
    // The page around the frame goes on itself.
    let framed = format!("{}&framed=true", text(&session, "url"));
    let done = press(&api, &framed, "verified");
    assert!(done.status == 200 && done.text.contains("Thank you"), "{}", done.text);
}
