//! The page of an account link, as a browser sees it, and the call that does the same (connect-accounts 6).

use serde_json::{Value, json};

use super::links::link;
use super::{account, again};
use crate::support::client::{Answer, Client, encode, sandbox};
use crate::support::decisions::{browse, onward};
use crate::support::flows::{id, rows, text};

const AGAIN: &str = "http://shop.example/again";
const DONE: &str = "http://shop.example/done";

/// A link to the page of an account.
#[track_caller]
fn made(api: &Client, account: &Value, more: &[(&str, &str)]) -> String {
    text(&link(api, &id(account), "account_onboarding", more).ok(), "url").to_owned()
}

/// Opens a link; returns the address of its page.
#[track_caller]
fn open(api: &Client, link: &str) -> String {
    onward(link, &browse(api, "GET", link, None))
}

#[track_caller]
fn press(api: &Client, page: &str, action: &str) -> Answer {
    browse(api, "POST", page, Some(&format!("action={action}")))
}

/// What the page asks for: its list items.
#[track_caller]
fn asked(api: &Client, page: &str) -> Vec<String> {
    let shown = browse(api, "GET", page, None);
    assert_eq!(shown.status, 200, "{}", shown.text);
    let items = shown.text.split("<li>").skip(1);
    items.map(|item| item.split("</li>").next().unwrap().to_owned()).collect()
}

fn call(api: &Client, link: &str, result: &str) -> Answer {
    api.send("POST", &format!("/_pinstripe/account_link?{}", encode(&[("url", link), ("result", result)])), None)
}

#[test]
fn one_press_tells_everything_and_leads_back() {
    let api = sandbox("setup-fill");
    for country in ["DE", "US", "JP", "AU"] {
        for business in ["individual", "company"] {
            let parts = [("type", "express"), ("country", country), ("business_type", business)];
            let made_for = account(&api, &[&parts, &[("capabilities[transfers][requested]", "true")]]);
            let page = open(&api, &made(&api, &made_for, &[("collection_options[fields]", "eventually_due")]));
            assert!(!asked(&api, &page).is_empty());
            assert_eq!(onward(&page, &press(&api, &page, "fill")), DONE);
            let told = again(&api, &made_for);
            for flag in ["charges_enabled", "payouts_enabled", "details_submitted"] {
                assert_eq!(told[flag], true, "{country} {business} {flag}: {told}");
            }
            assert_eq!(told["requirements"]["eventually_due"], json!([]), "{country} {business}");
            assert_eq!(told["capabilities"], json!({"transfers": "active"}));
            let theirs = api.with("Stripe-Account", &id(&made_for));
            let events = theirs.get("/v1/events", &[("type", "account.updated")]).ok();
            assert_eq!(rows(&events)[0]["data"]["object"]["details_submitted"], true);
            // The page goes on to be there for who opened it; it asks for nothing any more.
            assert_eq!(asked(&api, &page), Vec::<String>::new());
            assert_eq!(onward(&page, &press(&api, &page, "fill")), DONE);
        }
    }
}

#[test]
fn who_saves_for_later_has_told_nothing() {
    let api = sandbox("setup-leave");
    let made_for = account(&api, &[&[("type", "express"), ("country", "DE")]]);
    let before = again(&api, &made_for);
    let page = open(&api, &made(&api, &made_for, &[]));
    assert_eq!(onward(&page, &press(&api, &page, "leave")), DONE);
    assert_eq!(again(&api, &made_for), before);
    assert_eq!(press(&api, &page, "close").status, 404);
    // Who comes back goes on with another link.
    let page = open(&api, &made(&api, &made_for, &[]));
    assert_eq!(onward(&page, &press(&api, &page, "fill")), DONE);
    assert_eq!(again(&api, &made_for)["details_submitted"], true);
}

#[test]
fn a_link_is_opened_once() {
    let api = sandbox("setup-once");
    let made_for = account(&api, &[&[("type", "custom")]]);
    let link = made(&api, &made_for, &[]);
    // Whoever only looks opens nothing.
    assert_eq!(browse(&api, "HEAD", &link, None).status, 200);
    let page = open(&api, &link);
    assert_eq!(onward(&link, &browse(&api, "GET", &link, None)), AGAIN);
    assert_eq!(browse(&api, "GET", &page, None).status, 200, "whoever opened it may look again");
    let guessed = link.replacen('?', "/000000000000?", 1);
    assert_eq!(onward(&guessed, &browse(&api, "GET", &guessed, None)), AGAIN);
    assert_eq!(onward(&guessed, &press(&api, &guessed, "fill")), AGAIN);
    assert_eq!(again(&api, &made_for)["details_submitted"], false);
    // Five minutes.
    let late = made(&api, &made_for, &[]);
    api.advance(299);
    open(&api, &made(&api, &made_for, &[]));
    api.advance(1);
    assert_eq!(onward(&late, &browse(&api, "GET", &late, None)), AGAIN);
    // Without an address to lead to, and of an account that is gone.
    let bare = api.post("/v1/account_links", &[("account", &id(&made_for)), ("type", "account_onboarding")]).ok();
    let page = open(&api, text(&bare, "url"));
    let over = browse(&api, "GET", text(&bare, "url"), None);
    assert!(over.status == 200 && over.text.contains("This link is over"), "{}", over.text);
    assert!(press(&api, &page, "leave").text.contains("all done here"));
    let link = made(&api, &made_for, &[]);
    api.delete(&format!("/v1/accounts/{}", id(&made_for))).ok();
    assert_eq!(onward(&link, &browse(&api, "GET", &link, None)), AGAIN);
    assert_eq!(onward(&page, &browse(&api, "GET", &guessed, None)), AGAIN);
    for unknown in ["/setup/c/acct_1/none", "/setup/c/acct_1/none/none"] {
        assert_eq!(browse(&api, "GET", &format!("{}{unknown}", api.url()), None).status, 404);
    }
}

#[test]
fn the_page_asks_for_what_the_link_says() {
    let api = sandbox("setup-asks");
    let parts = [("type", "custom"), ("country", "US"), ("business_type", "company")];
    let made_for = account(&api, &[&parts, &[("capabilities[card_payments][requested]", "true")]]);
    let page = open(&api, &made(&api, &made_for, &[]));
    assert_eq!(onward(&page, &press(&api, &page, "fill")), DONE);
    let told = again(&api, &made_for);
    assert_eq!((&told["charges_enabled"], &told["requirements"]["currently_due"]), (&json!(true), &json!([])));
    let later = told["requirements"]["eventually_due"].as_array().unwrap().len();
    assert!(later > 0, "{told}");
    assert_eq!(asked(&api, &page), Vec::<String>::new());
    let page = open(&api, &made(&api, &made_for, &[("collect", "eventually_due")]));
    assert!(!asked(&api, &page).is_empty());
    press(&api, &page, "fill");
    assert_eq!(again(&api, &made_for)["requirements"]["eventually_due"], json!([]));
    // What will be due is asked for where the link says so.
    let demand = "turn=demand&requirement=individual.verification.document&future=true&deadline=4000000000";
    let person = account(&api, &[&[("type", "custom"), ("country", "DE"), ("business_type", "individual")]]);
    let turn = |query: &str| {
        let path = format!("/_pinstripe/account/{}?sandbox={}&{query}", id(&person), api.sandbox());
        api.send("POST", &path, None).ok()
    };
    turn("state=onboarded");
    turn(demand);
    assert_eq!(asked(&api, &open(&api, &made(&api, &person, &[]))), Vec::<String>::new());
    let future = [("collection_options[future_requirements]", "include")];
    let page = open(&api, &made(&api, &person, &future));
    assert_eq!(asked(&api, &page), ["An identity document"]);
    press(&api, &page, "fill");
    assert_eq!(again(&api, &person)["future_requirements"]["currently_due"], json!([]));
}

#[test]
fn an_account_that_told_everything_is_updated_on_the_page() {
    let api = sandbox("setup-update");
    let made_for = account(&api, &[&[("type", "custom"), ("business_type", "individual")]]);
    let update = || text(&link(&api, &id(&made_for), "account_update", &[]).ok(), "url").to_owned();
    let page = open(&api, &update());
    assert!(browse(&api, "GET", &page, None).text.contains("<h1>Update your account</h1>"));
    press(&api, &page, "fill");
    let demand = format!(
        "/_pinstripe/account/{}?sandbox=setup-update&turn=demand&requirement=individual.verification.document",
        id(&made_for)
    );
    api.send("POST", &demand, None).ok();
    assert_eq!(again(&api, &made_for)["charges_enabled"], false);
    let page = open(&api, &update());
    assert_eq!(asked(&api, &page), ["An identity document"]);
    press(&api, &page, "fill");
    assert_eq!(again(&api, &made_for)["charges_enabled"], true);
}

#[test]
fn a_link_of_the_second_namespace_leads_to_the_same_page() {
    let api = sandbox("setup-v2");
    let made_for = account(&api, &[&[("type", "express")]]);
    let ask = |use_case: Value| {
        api.post_json("/v2/core/account_links", &json!({"account": id(&made_for), "use_case": use_case}))
    };
    let leads = json!({
        "configurations": ["merchant"], "refresh_url": AGAIN, "return_url": DONE,
        "collection_options": {"fields": "eventually_due", "future_requirements": "omit"},
    });
    let link = ask(json!({"type": "account_onboarding", "account_onboarding": leads})).ok();
    assert_eq!((text(&link, "object"), text(&link, "account")), ("v2.core.account_link", &*id(&made_for)));
    let told = json!({
        "type": "account_onboarding",
        "account_onboarding": {"refresh_url": AGAIN, "return_url": DONE, "collection_options": leads["collection_options"]},
    });
    assert_eq!(link["use_case"], told);
    let page = open(&api, text(&link, "url"));
    assert_eq!(onward(&page, &press(&api, &page, "fill")), DONE);
    assert_eq!(again(&api, &made_for)["requirements"]["eventually_due"], json!([]));
    assert_eq!(onward(text(&link, "url"), &browse(&api, "GET", text(&link, "url"), None)), AGAIN);
    // Ten minutes.
    let link = ask(json!({"type": "account_onboarding", "account_onboarding": {"refresh_url": AGAIN}})).ok();
    api.advance(599);
    open(&api, text(&link, "url"));
    let refused = |use_case: Value| {
        let error = ask(use_case).refused(400);
        (error["param"].clone(), error["message"].as_str().unwrap().to_owned())
    };
    let (param, _) = refused(json!({"type": "account_onboarding"}));
    assert_eq!(param, "use_case[account_onboarding]");
    let (_, sentence) = refused(json!({"type": "account_update", "account_update": {"refresh_url": AGAIN}}));
    let expected = "You cannot create `account_update` type Account Links for this account. Valid types for this account are \
                    [\"account_onboarding\"].";
    assert_eq!(sentence, expected);
    let nobody = json!({"account": "acct_none", "use_case": {"type": "account_onboarding", "account_onboarding": {"refresh_url": AGAIN}}});
    assert_eq!(api.post_json("/v2/core/account_links", &nobody).refused(400)["param"], "account");
}

#[test]
fn a_call_does_what_the_page_does() {
    let api = sandbox("setup-call");
    let made_for = account(&api, &[&[("type", "express"), ("country", "FR")]]);
    let link = made(&api, &made_for, &[]);
    let expected = |result: &str, to: &str| json!({"account": id(&made_for), "result": result, "redirect_url": to});
    assert_eq!(call(&api, &link, "left").ok(), expected("left", DONE));
    assert_eq!(again(&api, &made_for)["details_submitted"], false);
    assert_eq!(call(&api, &link, "filled").ok(), expected("over", AGAIN));
    assert_eq!(onward(&link, &browse(&api, "GET", &link, None)), AGAIN);
    let link = made(&api, &made_for, &[]);
    assert!(link.ends_with("?sandbox=setup-call"), "{link}");
    assert_eq!(call(&api, &link, "filled").ok(), expected("filled", DONE));
    assert_eq!(again(&api, &made_for)["charges_enabled"], true);
    let refused = |link: &str, result: &str, status| call(&api, link, result).refused(status)["message"].clone();
    assert_eq!(refused("http://localhost/nothing", "filled", 400), "`url` is the `url` of an account link.");
    assert_eq!(refused(&link, "done", 400), "`result` is `filled` or `left`.");
    let nowhere = format!("{}/setup/c/acct_1/none", api.url());
    assert_eq!(refused(&nowhere, "filled", 404), "There is no account link with that address.");
}

#[test]
fn links_to_terms_of_terminal_lead_to_a_page() {
    let api = sandbox("setup-terms");
    let sent = [
        ("link_type", "apple_terms_and_conditions"),
        ("link_options[apple_terms_and_conditions][merchant_display_name]", "Shop"),
    ];
    let link = api.post("/v1/terminal/onboarding_links", &sent).ok();
    let page = browse(&api, "GET", text(&link, "redirect_url"), None);
    assert!(page.status == 200 && page.text.contains("Tap to Pay"), "{}", page.text);
}

#[test]
fn what_a_page_shows_is_text() {
    let api = sandbox("setup-hostile");
    let named = [("type", "express"), ("business_profile[name]", "<script>alert(1)</script> Ö")];
    let made_for = account(&api, &[&named]);
    let shown = browse(&api, "GET", &open(&api, &made(&api, &made_for, &[])), None);
    assert!(shown.text.contains("&#60;script&#62;alert(1)&#60;/script&#62; Ö"), "{}", shown.text);
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.ends_with("frame-ancestors 'none'"), "{policy}");
}

#[test]
fn a_state_file_with_links_that_led_nowhere_loads() {
    let api = sandbox("setup-old");
    let link = json!({
        "id": "1qLdycegbSDKUVBF430v5iIw", "object": "v2.core.account_link", "account": "acct_1",
        "created": "2026-11-30T11:03:20.000Z", "expires_at": "2026-11-30T11:13:20.000Z", "livemode": false,
        "url": "https://accounts.stripe.com/r/V6qP2nVzBP4S8Zm4qcxQg3My", "use_case": {"type": "account_onboarding"},
    });
    let body = json!([link]).to_string();
    let put = |body: &str| {
        api.send("PUT", "/_pinstripe/state?sandbox=setup-old", Some(("application/json", body.as_bytes()))).ok()
    };
    put(&body);
    let made_for = account(&api, &[&[("type", "express")]]);
    let link = made(&api, &made_for, &[]);
    let page = open(&api, &made(&api, &made_for, &[]));
    put(&api.get("/_pinstripe/state", &[("sandbox", "setup-old")]).text);
    open(&api, &link);
    assert_eq!(onward(&page, &press(&api, &page, "leave")), DONE, "who opened a link before goes on after it");
}
