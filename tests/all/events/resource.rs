//! Events: what the API shows of them (core-payments 10.1, platform 1).

use serde_json::{Value, json};

use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{
    BEFORE_AUTOMATIC, Params, add_source, attach, charge, charged, customer, id, ids, int, invalid, keys, missing, pay,
    rows, text, with,
};

/// All events of a sandbox that fit a filter, oldest first.
#[track_caller]
pub(crate) fn events(api: &Client, params: Params<'_>) -> Vec<Value> {
    let list = api.get("/v1/events", &with(params, &[("limit", "100")])).ok();
    assert_eq!(list["has_more"], false, "more than a page of events");
    let mut events = rows(&list).to_vec();
    events.reverse();
    events
}

/// The only event of a type.
#[track_caller]
pub(crate) fn event(api: &Client, name: &str) -> Value {
    let found = events(api, &[("type", name)]);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found[0].clone()
}

/// The types of some events, in order.
pub(crate) fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "type")).collect()
}

fn previous(event: &Value) -> &Value {
    &event["data"]["previous_attributes"]
}

#[test]
fn an_event_that_is_not_there_is_a_notification() {
    let api = sandbox("events-missing");
    missing(api.get("/v1/events/evt_x", &[]), 404, "notification", "evt_x", "id");
    missing(api.get("/v1/events", &[("starting_after", "evt_x")]), 400, "notification", "evt_x", "starting_after");
}

#[test]
fn an_event_has_the_documented_shape() {
    let api = sandbox("events-shape");
    let made = api.post("/v1/customers", &[("email", "a@example.com")]);
    let request = made.header("request-id").unwrap().to_owned();
    let made = made.ok();
    let event = event(&api, "customer.created");
    let expected =
        ["api_version", "created", "data", "id", "livemode", "object", "pending_webhooks", "request", "type"];
    assert_eq!(keys(&event), expected);
    assert!(text(&event, "id").starts_with("evt_1") && text(&event, "id").len() == 28, "{event}");
    assert_eq!(event["object"], "event");
    assert_eq!(event["api_version"], pinstripe::catalogue::API_VERSION);
    assert_eq!(event["livemode"], false);
    assert_eq!(event["pending_webhooks"], 0);
    assert_eq!(event["request"], json!({"id": request, "idempotency_key": null}));
    assert_eq!(event["created"], made["created"]);
    assert_eq!(event["data"], json!({"object": made}));
}

#[test]
fn an_event_names_the_idempotency_key_and_a_replay_makes_none() {
    let api = sandbox("events-key").with("Idempotency-Key", "key-1");
    for _ in 0..2 {
        let _ = api.post("/v1/customers", &[]).ok();
    }
    assert_eq!(event(&api, "customer.created")["request"]["idempotency_key"], "key-1");
}

#[test]
fn events_of_one_call_share_its_request_and_second() {
    let api = sandbox("events-request");
    let paid = pay(&api, "pm_card_visa", &[]);
    let request = paid.header("request-id").unwrap().to_owned();
    let paid = paid.ok();
    let found: Vec<Value> =
        events(&api, &[]).into_iter().filter(|event| event["request"]["id"] == request.as_str()).collect();
    assert_eq!(types(&found), ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]);
    assert!(found.iter().all(|event| event["created"] == paid["created"]));
    assert!(found.iter().all(|event| text(event, "id").starts_with("evt_3")), "{:?}", found);
}

#[test]
fn an_event_is_retrieved_by_its_id() {
    let api = sandbox("events-retrieve");
    let _ = customer(&api, &[]);
    let _ = customer(&api, &[]);
    for event in events(&api, &[]) {
        assert_eq!(api.get(&format!("/v1/events/{}", id(&event)), &[]).ok(), event);
    }
    for unknown in ["evt_1", "evt_nothing", "evt_3000000aaaaaaaaaaaaaaaaa", "é"] {
        missing(api.get(&format!("/v1/events/{unknown}"), &[]), 404, "notification", unknown, "id");
    }
}

#[test]
fn an_event_is_a_snapshot_that_does_not_follow_later_changes() {
    let api = sandbox("events-snapshot");
    let made = api.post("/v1/customers", &[("name", "Ada")]).ok();
    let path = format!("/v1/customers/{}", id(&made));
    let _ = api.post(&path, &[("name", "Bea")]).ok();
    let _ = api.delete(&path).ok();
    assert_eq!(event(&api, "customer.created")["data"]["object"], made);
    assert_eq!(event(&api, "customer.updated")["data"]["object"]["name"], "Bea");
}

#[test]
fn a_list_inside_an_object_is_a_snapshot_too() {
    let api = sandbox("events-snapshot-list");
    let seller = [("type", "standard"), ("country", "US"), ("capabilities[transfers][requested]", "true")];
    let seller = id(&api.post("/v1/accounts", &seller).ok());
    let _ = charge(&api, &[("source", "tok_bypassPending")]).ok();
    let to = [("amount", "1000"), ("currency", "usd"), ("destination", seller.as_str())];
    let path = format!("/v1/transfers/{}/reversals", id(&api.post("/v1/transfers", &to).ok()));
    for amount in ["100", "200"] {
        let reversal = id(&api.post(&path, &[("amount", amount)]).ok());
        let _ = api.post(&format!("{path}/{reversal}"), &[("metadata[later]", "yes")]).ok();
    }
    let told = events(&api, &[("type", "transfer.reversed")]);
    for (event, reversals) in told.iter().zip(1..) {
        let list = &event["data"]["object"]["reversals"];
        assert_eq!((rows(list).len(), int(list, "total_count")), (reversals, reversals as i64), "{event}");
        assert_eq!(rows(list)[0]["metadata"], json!({}), "what a row says later is not in the event");
        let before = &previous(event)["reversals"];
        assert_eq!((rows(before).len(), int(before, "total_count")), (reversals - 1, reversals as i64 - 1), "{event}");
    }
    assert_eq!(told.len(), 2);
}

#[test]
fn an_intent_confirmed_at_once_is_told_of_before_and_after() {
    let api = sandbox("events-two-snapshots");
    let _ = pay(&api, "pm_card_visa", &[]).ok();
    let created = event(&api, "payment_intent.created");
    assert_eq!(created["data"]["object"]["status"], "requires_confirmation");
    assert_eq!(created["data"]["object"]["latest_charge"], Value::Null);
    let succeeded = event(&api, "payment_intent.succeeded");
    assert_eq!(succeeded["data"]["object"]["status"], "succeeded");
    assert_eq!(succeeded["data"]["object"]["latest_charge"], event(&api, "charge.succeeded")["data"]["object"]["id"]);
    assert_eq!(keys(&succeeded["data"]), ["object"]);
}

#[test]
fn previous_attributes_hold_exactly_what_changed() {
    let api = sandbox("events-previous");
    let person = customer(
        &api,
        &[
            ("name", "Ada"),
            ("address[city]", "Paris"),
            ("address[line1]", "1 Rue"),
            ("metadata[a]", "1"),
            ("metadata[b]", "2"),
            ("preferred_locales[]", "fr"),
        ],
    );
    let path = format!("/v1/customers/{person}");
    let change = [
        ("name", "Ada"),
        ("email", "a@example.com"),
        ("address[city]", "Rome"),
        ("metadata[b]", ""),
        ("metadata[c]", "3"),
        ("preferred_locales[0]", "it"),
        ("preferred_locales[1]", "en"),
    ];
    let _ = api.post(&path, &change).ok();
    assert_eq!(
        *previous(&event(&api, "customer.updated")),
        json!({
            "address": {"city": "Paris"},
            "email": null,
            "metadata": {"b": "2", "c": null},
            "preferred_locales": ["fr"],
        })
    );
}

#[test]
fn a_call_that_changes_nothing_makes_no_event() {
    let api = sandbox("events-nothing");
    let person = customer(&api, &[("name", "Ada"), ("metadata[a]", "1")]);
    let path = format!("/v1/customers/{person}");
    let _ = api.post(&path, &[("name", "Ada"), ("metadata[a]", "1")]).ok();
    let _ = api.post(&path, &[]).ok();
    let _ = api.get(&path, &[]).ok();
    assert_eq!(types(&events(&api, &[])), ["customer.created"]);
}

#[test]
fn a_refused_call_makes_no_event_but_a_decline_does() {
    let api = sandbox("events-refused");
    let _ = charge(&api, &[]).refused(400);
    let _ = api.post("/v1/customers", &[("unknown", "1")]).refused(400);
    assert_eq!(events(&api, &[]).len(), 0);
    let refused = charge(&api, &[("source", "tok_chargeDeclined")]);
    let request = refused.header("request-id").unwrap().to_owned();
    let error = refused.refused(402);
    let failed = event(&api, "charge.failed");
    assert_eq!(failed["data"]["object"]["id"], error["charge"]);
    assert_eq!(failed["data"]["object"]["failure_code"], "card_declined");
    assert_eq!(failed["request"]["id"], request);
}

#[test]
fn a_deleted_customer_is_told_of_whole() {
    let api = sandbox("events-deleted");
    let made = api.post("/v1/customers", &[("email", "a@example.com")]).ok();
    let _ = api.delete(&format!("/v1/customers/{}", id(&made))).ok();
    assert_eq!(event(&api, "customer.deleted")["data"], json!({"object": made}));
}

#[test]
fn a_detached_method_tells_whose_it_was_and_an_attached_one_does_not() {
    let api = sandbox("events-detached");
    let person = customer(&api, &[]);
    let method = id(&attach(&api, "pm_card_visa", &person).ok());
    let attached = event(&api, "payment_method.attached");
    assert_eq!((&attached["data"]["object"]["customer"], keys(&attached["data"])), (&json!(person), vec!["object"]));
    let _ = api.post(&format!("/v1/payment_methods/{method}/detach"), &[]).ok();
    let detached = event(&api, "payment_method.detached");
    assert_eq!(detached["data"]["object"]["customer"], Value::Null);
    assert_eq!(*previous(&detached), json!({"customer": person}));
}

#[test]
fn captures_and_refunds_tell_what_the_charge_was() {
    let api = sandbox("events-captured");
    let held = id(&charged(&api, &[("capture", "false")]));
    let captured = api.post(&format!("/v1/charges/{held}/capture"), &[("receipt_email", "a@example.com")]).ok();
    let expected = json!({
        "amount_captured": 0, "balance_transaction": null, "captured": false, "receipt_email": null,
    });
    let told = event(&api, "charge.captured");
    assert_eq!((previous(&told), &told["data"]["object"]), (&expected, &captured));
    let _ = api.post("/v1/refunds", &[("charge", &held), ("amount", "500")]).ok();
    let _ = api.post("/v1/refunds", &[("charge", &held), ("reason", "fraudulent")]).ok();
    let refunded = events(&api, &[("type", "charge.refunded")]);
    assert_eq!(*previous(&refunded[0]), json!({"amount_refunded": 0}));
    let expected = json!({"amount_refunded": 500, "refunded": false});
    assert_eq!(*previous(&refunded[1]), expected);
}

#[test]
fn what_happens_by_itself_has_no_request() {
    let api = sandbox("events-by-itself");
    let _ = pay(&api.version("2024-04-10"), "pm_card_visa", &[("capture_method", "automatic_async")]).ok();
    let updated = event(&api, "charge.updated");
    assert_eq!(updated["request"], json!({"id": null, "idempotency_key": null}));
    assert_eq!(*previous(&updated), json!({"balance_transaction": null}));
}

#[test]
fn events_are_listed_newest_first_with_cursors() {
    let api = sandbox("events-cursors");
    let made: Vec<String> = (0..5).map(|_| customer(&api, &[])).collect();
    let objects =
        |list: &Value| -> Vec<String> { rows(list).iter().map(|event| id(&event["data"]["object"])).collect() };
    let first = api.get("/v1/events", &[("limit", "2")]).ok();
    assert_eq!(objects(&first), [made[4].as_str(), &made[3]]);
    assert_eq!((&first["has_more"], &first["url"]), (&json!(true), &json!("/v1/events")));
    let last = ids(&first).pop().unwrap();
    let second = api.get("/v1/events", &[("limit", "3"), ("starting_after", &last)]).ok();
    assert_eq!(objects(&second), [made[2].as_str(), &made[1], &made[0]]);
    assert_eq!(second["has_more"], false);
    let back = api.get("/v1/events", &[("limit", "1"), ("ending_before", &last)]).ok();
    assert_eq!(objects(&back), [made[4].as_str()]);
    assert_eq!(back["has_more"], false);
    let back = api.get("/v1/events", &[("limit", "1"), ("ending_before", &ids(&second)[2])]).ok();
    assert_eq!((objects(&back), &back["has_more"]), (vec![made[1].clone()], &json!(true)));
    missing(
        api.get("/v1/events", &[("starting_after", "evt_none")]),
        400,
        "notification",
        "evt_none",
        "starting_after",
    );
    let both = api.get("/v1/events", &[("starting_after", &last), ("ending_before", &last)]);
    let _ = invalid(both, 400, None, None);
}

#[test]
fn events_are_filtered_by_type() {
    let api = sandbox("events-types");
    let person = customer(&api, &[]);
    let _ = add_source(&api, &person, "tok_visa").ok();
    let _ = charged(&api, &[]);
    let of =
        |params: Params<'_>| -> Vec<String> { types(&events(&api, params)).into_iter().map(str::to_owned).collect() };
    assert_eq!(of(&[("type", "charge.succeeded")]), ["charge.succeeded"]);
    assert_eq!(of(&[("type", "customer.*")]), ["customer.created", "customer.source.created", "customer.updated"]);
    assert_eq!(of(&[("type", "customer.source.*")]), ["customer.source.created"]);
    assert_eq!(of(&[("type", "*")]).len(), 4);
    assert_eq!(of(&[("type", "no.such.type")]).len(), 0);
    let several = [("types[]", "charge.succeeded"), ("types[]", "customer.created"), ("types[]", "charge.failed")];
    assert_eq!(of(&several), ["customer.created", "charge.succeeded"]);
    assert_eq!(of(&[("types[]", "customer.source.*"), ("types[]", "charge.*")]).len(), 2);
    let both = api.get("/v1/events", &[("type", "charge.failed"), ("types[]", "charge.failed")]);
    let error = invalid(both, 400, None, Some("type"));
    assert_eq!(error["message"], "You may only specify one of these parameters: type, types.");
    let many = vec![("types[]", "charge.failed"); 21];
    let error = invalid(api.get("/v1/events", &many), 400, None, Some("types"));
    assert_eq!(error["message"], "Array types exceeded maximum 20 allowed elements.");
    assert_eq!(of(&many[..20]).len(), 0);
}

#[test]
fn events_are_filtered_by_time_and_delivery() {
    let api = sandbox("events-time");
    let _ = customer(&api, &[]);
    let created = int(&event(&api, "customer.created"), "created");
    let count = |params: Params<'_>| events(&api, params).len();
    let (at, after) = (created.to_string(), (created + 1).to_string());
    assert_eq!(count(&[("created", &at)]), 1);
    assert_eq!(count(&[("created", &after)]), 0);
    assert_eq!(count(&[("created[gte]", &at), ("created[lt]", &after)]), 1);
    assert_eq!(count(&[("created[gt]", &at)]), 0);
    // Nobody waits for it, so nothing failed.
    assert_eq!(count(&[("delivery_success", "true")]), 1);
    assert_eq!(count(&[("delivery_success", "false")]), 0);
}

#[test]
fn events_stay_in_their_account_and_sandbox() {
    let api = sandbox("events-account");
    let account = id(&api.post("/v1/accounts", &[("type", "standard")]).ok());
    let connected = api.with("Stripe-Account", &account);
    let _ = connected.post("/v1/customers", &[]).ok();
    assert_eq!(events(&api, &[]).len(), 0);
    let found = event(&connected, "customer.created");
    assert_eq!(found["account"], account.as_str());
    missing(api.get(&format!("/v1/events/{}", id(&found)), &[]), 404, "notification", &id(&found), "id");
    assert_eq!(events(&sandbox("events-other-sandbox"), &[]).len(), 0);
}

#[test]
fn a_changed_account_is_told_of_in_that_account() {
    let api = sandbox("events-account-updated");
    let account = id(&api.post("/v1/accounts", &[("type", "custom")]).ok());
    let _ = api.post(&format!("/v1/accounts/{account}"), &[("metadata[a]", "1")]).ok();
    let updated = event(&api.with("Stripe-Account", &account), "account.updated");
    assert_eq!((&updated["account"], previous(&updated)), (&json!(account), &json!({"metadata": {"a": null}})));
}

#[test]
fn each_capability_that_changes_is_told_of_before_its_account() {
    let api = sandbox("events-capabilities");
    let both = [("capabilities[transfers][requested]", "true"), ("capabilities[card_payments][requested]", "true")];
    let account = id(&api.post("/v1/accounts", &both).ok());
    let connected = api.with("Stripe-Account", &account);
    let told = || {
        let told = events(&connected, &[]);
        told.iter().map(|event| (text(event, "type").to_owned(), event["data"]["object"].clone())).collect::<Vec<_>>()
    };
    let asked = told();
    assert_eq!(asked.len(), 2, "{asked:?}");
    for (name, capability) in &asked {
        let path = format!("/v1/accounts/{account}/capabilities/{}", id(capability));
        assert_eq!((name.as_str(), capability), ("capability.updated", &api.get(&path, &[]).ok()));
        assert_eq!((&capability["status"], &capability["account"]), (&json!("inactive"), &json!(account)));
    }
    let path = format!("/v1/accounts/{account}");
    api.post(&path, &[("metadata[a]", "1")]).ok();
    assert_eq!(types(&events(&connected, &[]))[2..], ["account.updated"]);
    api.post(&format!("{path}/capabilities/transfers"), &[("requested", "false")]).ok();
    assert_eq!(types(&events(&connected, &[]))[3..], ["capability.updated", "account.updated"]);
    let gone = &events(&connected, &[])[3];
    assert_eq!((&gone["data"]["object"]["id"], &gone["account"]), (&json!("transfers"), &json!(account)));
    let was = previous(gone);
    assert_eq!((&was["requested"], &was["status"]), (&json!(true), &json!("inactive")));
    assert!(events(&api, &[]).is_empty());
}

#[test]
fn a_bank_account_that_is_paid_out_to_is_told_of_as_an_external_account() {
    let api = sandbox("events-external");
    let account = id(&api.post("/v1/accounts", &[("type", "custom")]).ok());
    let connected = api.with("Stripe-Account", &account);
    let path = format!("/v1/accounts/{account}/external_accounts");
    let bank = id(&connected.post(&path, &[("external_account", "btok_us_verified")]).ok());
    let path = format!("{path}/{bank}");
    let _ = connected.post(&path, &[("metadata[a]", "1")]).ok();
    let _ = connected.delete(&path).ok();
    let told = events(&connected, &[]);
    // The account shows it, and is told of as well (billing 7.6).
    let expected = ["created", "updated", "deleted"].map(|change| format!("account.external_account.{change}"));
    let expected = expected.iter().flat_map(|change| [change.as_str(), "account.updated"]).collect::<Vec<_>>();
    assert_eq!(types(&told), expected);
    assert!(told.iter().all(|event| event["account"] == account.as_str()), "{told:?}");
    assert_eq!(*previous(&told[2]), json!({"metadata": {"a": null}}));
}

#[test]
fn an_old_version_shows_the_request_as_text() {
    let api = sandbox("events-old");
    let made = api.post("/v1/customers", &[]);
    let request = made.header("request-id").unwrap().to_owned();
    let headers = [("Authorization", "Bearer sk_test_sandbox_events-old"), ("Stripe-Version", "2017-04-06")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let old = client::raw(api.url(), "GET", "/v1/events", &headers, None).ok();
    assert_eq!(rows(&old)[0]["request"], request);
    // What is in it stays in the version that it was made with.
    assert_eq!(rows(&old)[0]["api_version"], pinstripe::catalogue::API_VERSION);
    assert_eq!(event(&api.version(BEFORE_AUTOMATIC), "customer.created")["request"]["id"], request);
}

#[test]
fn an_event_does_not_age_by_the_clock_of_the_sandbox() {
    let api = sandbox("events-old-age");
    let _ = customer(&api, &[]);
    let old = id(&event(&api, "customer.created"));
    api.advance(400 * 86_400);
    let _ = customer(&api, &[]);
    assert_eq!(events(&api, &[]).len(), 2);
    assert_eq!(id(&api.get(&format!("/v1/events/{old}"), &[]).ok()), old);
    assert_eq!(rows(&api.get("/v1/events", &[("ending_before", &old)]).ok()).len(), 1);
    missing(api.get("/v1/events/evt_none", &[]), 404, "notification", "evt_none", "id");
    missing(
        api.get("/v1/events", &[("starting_after", "evt_none")]),
        400,
        "notification",
        "evt_none",
        "starting_after",
    );
}

#[test]
fn loading_fixtures_makes_no_event_and_a_reset_forgets_all() {
    let api = sandbox("events-fixtures");
    let _ = customer(&api, &[]);
    let before = events(&api, &[]);
    let shop = "/_pinstripe/fixtures?sandbox=events-fixtures&preset=shop";
    assert_eq!(api.send("POST", shop, None).status, 200);
    assert!(rows(&api.get("/v1/customers", &[]).ok()).len() > 1);
    assert_eq!(events(&api, &[]), before);
    assert_eq!(api.send("POST", "/_pinstripe/reset?sandbox=events-fixtures", None).status, 200);
    assert_eq!(events(&api, &[]).len(), 0);
}
