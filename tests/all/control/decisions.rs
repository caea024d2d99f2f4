//! What a person decides on a page of ours: a browser's page and form, and the control call that does the same.

use serde_json::Value;

use crate::support::client::{Client, sandbox};
use crate::support::decisions::{decide, open, press};

fn pending_source(api: &Client) -> (String, String) {
    let ideal = [
        ("type", "ideal"),
        ("amount", "1099"),
        ("currency", "eur"),
        ("redirect[return_url]", "https://shop.example/back?cart=1"),
    ];
    let source = api.post("/v1/sources", &ideal).ok();
    (source["id"].as_str().unwrap().to_owned(), source["redirect"]["url"].as_str().unwrap().to_owned())
}

fn source(api: &Client, id: &str) -> Value {
    api.get(&format!("/v1/sources/{id}"), &[]).ok()
}

#[test]
fn a_pending_source_has_a_page_with_two_buttons() {
    let api = sandbox("decisions-page");
    let (id, link) = pending_source(&api);
    let page = open(&api, &link);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for text in
        [&*id, "iDEAL test payment page", "€10.99", "pending", ">Authorize Test Payment</a>", ">Fail Test Payment</a>"]
    {
        assert!(page.text.contains(text), "{text} is not on the page:\n{}", page.text);
    }
}

#[test]
fn a_button_settles_the_source_and_sends_the_browser_back() {
    let api = sandbox("decisions-button");
    for (result, status, redirect) in [("succeeded", "chargeable", "succeeded"), ("failed", "failed", "failed")] {
        let (id, link) = pending_source(&api);
        let secret = source(&api, &id)["client_secret"].as_str().unwrap().to_owned();
        let answer = press(&api, &link, result);
        assert_eq!(answer.status, 303);
        let back = format!("https://shop.example/back?cart=1&client_secret={secret}&livemode=false&source={id}");
        assert_eq!(answer.header("location"), Some(back.as_str()));
        let after = source(&api, &id);
        assert_eq!((&after["status"], &after["redirect"]["status"]), (&status.into(), &redirect.into()));
        let page = open(&api, &link);
        assert!(page.text.contains(status) && !page.text.contains("<button"), "{}", page.text);
    }
}

#[test]
fn who_only_looks_at_a_link_of_the_page_decides_nothing() {
    let api = sandbox("decisions-looked-at");
    let (id, link) = pending_source(&api);
    let looked = api.send("HEAD", &format!("{}&result=succeeded", crate::support::decisions::path(&api, &link)), None);
    assert_eq!((looked.status, source(&api, &id)["status"].as_str()), (200, Some("pending")));
}

#[test]
fn a_call_without_a_browser_does_the_same_once() {
    let api = sandbox("decisions-call");
    let (id, link) = pending_source(&api);
    let answer = decide(&api, &link, "succeeded").ok();
    assert_eq!(
        (&answer["id"], &answer["object"], &answer["succeeded"]),
        (&id.as_str().into(), &"source".into(), &true.into())
    );
    assert!(answer["return_url"].as_str().unwrap().contains(&id));
    let refused = decide(&api, &link, "failed").refused(409);
    assert_eq!(refused["message"], format!("There is nothing to decide: {id} is chargeable."));
    assert_eq!(source(&api, &id)["status"], "chargeable");
}

#[test]
fn the_older_address_of_a_source_still_works() {
    let api = sandbox("decisions-older");
    let (id, link) = pending_source(&api);
    let older = link.replace(&format!("authorize/{id}"), &format!("_pinstripe/sources/{id}/redirect"));
    assert_ne!(link, older);
    let onward = open(&api, &older);
    assert_eq!((onward.status, onward.header("location")), (303, Some(&*link)));
    decide(&api, &older, "succeeded").ok();
    assert_eq!(source(&api, &id)["status"], "chargeable");
}

#[test]
fn a_decision_needs_the_secret_and_a_result() {
    let api = sandbox("decisions-secret");
    let (id, link) = pending_source(&api);
    let without = link.split('?').next().unwrap();
    for link in
        [&format!("{without}?client_secret=src_client_secret_wrong"), &format!("{without}?sandbox=decisions-secret")]
    {
        assert_eq!(open(&api, link).status, 404, "{link}");
        decide(&api, link, "succeeded").refused(404);
    }
    decide(&api, &link, "perhaps").refused(400);
    decide(&api, &link.replace("=decisions-secret", "=decisions-elsewhere"), "succeeded").refused(404);
    assert_eq!(source(&api, &id)["status"], "pending");
    decide(&api, &link, "succeeded").ok();
}

#[test]
fn a_call_that_finds_nothing_says_what_it_looked_for_and_where() {
    let api = sandbox("decisions-nothing");
    let (id, _) = pending_source(&api);
    let path = format!("/_pinstripe/authorize/{id}?result=succeeded");
    for (path, said) in [
        (path.clone(), format!("The call needs the `client_secret` of {id}.")),
        (format!("{path}&client_secret=wrong"), format!("The `client_secret` is not that of {id}.")),
        (format!("{path}&nonce=wrong"), format!("The `nonce` is not that of {id}.")),
        (
            "/_pinstripe/authorize/pi_none?result=succeeded".to_owned(),
            "There is no intent or source 'pi_none' in any sandbox.".to_owned(),
        ),
        (
            "/_pinstripe/checkout/cs_none?sandbox=decisions-nothing".to_owned(),
            "There is no checkout.session 'cs_none' in the sandbox `decisions-nothing`.".to_owned(),
        ),
        (
            "/_pinstripe/portal/bps_none?action=update_customer".to_owned(),
            "There is no billing_portal.session 'bps_none' in any sandbox.".to_owned(),
        ),
        (
            "/_pinstripe/identity/vs_none?result=verified".to_owned(),
            "There is no identity.verification_session 'vs_none' in any sandbox.".to_owned(),
        ),
        (
            "/_pinstripe/financial_connections/fcsess_none".to_owned(),
            "There is no financial_connections.session 'fcsess_none' in any sandbox.".to_owned(),
        ),
    ] {
        let error = api.send("POST", &path, None).refused(404);
        assert_eq!(error["message"], said, "{path}");
    }
}
