//! Fixtures: both formats, the example sandboxes, and what is said of a wrong document.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pinstripe::Config;
use pinstripe::app::App;
use pinstripe::catalogue::{self, Returns};
use pinstripe::contract;
use pinstripe::fixtures;
use pinstripe::state::document::{Doc, Map};
use pinstripe::state::{AccountKey, Kind, State, Table};

use crate::support::client::{self, Client};
use crate::support::shape;

fn app() -> App {
    App::new(&Config::default())
}

/// An app with a document loaded, or what was said against it.
fn load(text: &str) -> Result<App, String> {
    let app = app();
    let sandbox = app.default_sandbox();
    let loaded = fixtures::add(&app, sandbox, "test", text.as_bytes());
    loaded.map_err(|error| error.to_string())?;
    Ok(app)
}

#[track_caller]
fn loaded(text: &str) -> App {
    load(text).unwrap()
}

#[track_caller]
fn refusal(text: &str) -> String {
    load(text).expect_err("the document was not refused")
}

fn doc(app: &App, kind: &'static str, id: &str) -> Map {
    let state = app.default_sandbox().state();
    let record =
        state.record(AccountKey::PLATFORM, Kind::named(kind).unwrap(), id).unwrap_or_else(|| panic!("no {kind} {id}"));
    record.object.to_doc()
}

/// A folder of its own for a test, with files in it.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pinstripe-fixtures-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (file, text) in files {
        fs::write(folder.join(file), text).unwrap();
    }
    folder
}

fn examples() -> Vec<PathBuf> {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "json")).collect()
}

/// The tables of the kinds that the registry knows, but for events: the others are what a resource keeps for itself.
fn kept(state: &State) -> impl Iterator<Item = (AccountKey, Kind, &Arc<Table>)> {
    state
        .tables()
        .filter(|(_, kind, _)| contract::with_rules(*kind).is_some_and(|entry| !entry.derived && !entry.history))
}

/// Faults of every object of a state against its response type, but for the lists inside it, whose rows are objects of their own.
fn faults(state: &State) -> Vec<String> {
    let mut faults = Vec::new();
    for (_, kind, table) in kept(state) {
        let lists: Vec<String> = contract::with_rules(kind)
            .map_or(&[][..], |entry| entry.includes)
            .iter()
            .map(|include| format!("$.{}: is missing", include.field))
            .collect();
        let shows = |returns: &Returns| matches!(returns, Returns::Object(names) if names.contains(&kind.name()));
        let operation = catalogue::operations().iter().find(|operation| shows(&operation.returns));
        let operation = operation.unwrap_or_else(|| panic!("nothing shows {kind:?}"));
        for id in table.live().map(|record| record.object.id()) {
            let body =
                serde_json::from_slice(&Doc::Map(contract::show(table.get(id).unwrap(), kind).unwrap()).to_json())
                    .unwrap();
            let found = shape::check_answer(operation, &body, true).into_iter();
            let found = found.filter(|fault| !lists.contains(fault)).map(|fault| format!("{id} {fault}"));
            faults.extend(found);
        }
    }
    faults
}

/// Everything a state shows and hides, as a dump.
fn export(state: &State) -> String {
    let mut objects = Vec::new();
    for (_, _, table) in kept(state) {
        for id in table.live().map(|record| record.object.id()) {
            let object = &table.get(id).unwrap().object;
            objects.push(Doc::Map(object.to_doc().with("pinstripe", object.hidden_doc())));
        }
    }
    String::from_utf8(Doc::List(objects).to_json()).unwrap()
}

#[test]
fn every_example_is_a_preset_and_loads() {
    let examples = examples();
    assert_eq!(examples.len(), fixtures::preset_names().len());
    for example in examples {
        let name = example.file_stem().unwrap().to_str().unwrap().to_owned();
        assert_eq!(fixtures::preset(&name), Some(fs::read_to_string(&example).unwrap().as_str()), "{name}");
        let (from_file, from_preset) = (app(), app());
        let objects = fixtures::load_all(&from_file, &[example]).unwrap().objects;
        assert!(objects > 0, "{name}");
        assert_eq!(fixtures::load_all(&from_preset, &[PathBuf::from(format!("@{name}"))]).unwrap().objects, objects);
        let faults = faults(&from_file.default_sandbox().state());
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
}

#[test]
fn the_readme_of_the_examples_names_every_customer() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/README.md")).unwrap();
    for preset in ["shop", "legacy"] {
        let app = app();
        fixtures::load_all(&app, &[PathBuf::from(format!("@{preset}"))]).unwrap();
        let state = app.default_sandbox().state();
        for id in state
            .table(AccountKey::PLATFORM, pinstripe::kind!("customer"))
            .unwrap()
            .live()
            .map(|record| record.object.id())
        {
            assert!(readme.contains(&**id), "{id}");
        }
    }
}

#[test]
fn an_exported_state_comes_back_the_same() {
    for preset in ["shop", "legacy"] {
        let app = app();
        fixtures::load_all(&app, &[PathBuf::from(format!("@{preset}"))]).unwrap();
        let first = export(&app.default_sandbox().state());
        let again = export(&loaded(&first).default_sandbox().state());
        assert_eq!(first, again, "{preset}");
    }
}

#[test]
fn the_examples_load_together_and_reset_returns_to_them() {
    let app = app();
    let objects = fixtures::load_all(&app, &["@shop".into(), "@legacy".into()]).unwrap().objects;
    let sandbox = app.default_sandbox();
    fixtures::add(&app, &app.sandbox("other").unwrap(), "test", br#"[{"object":"customer","id":"cus_more","balance":0,"created":1,"invoice_settings":{"custom_fields":null,"footer":null}}]"#).unwrap();
    assert_eq!(app.sandbox("other").unwrap().state().len(), objects + 1);
    app.sandbox("other").unwrap().reset();
    assert_eq!(app.sandbox("other").unwrap().state().len(), objects + 1);
    assert_eq!(sandbox.state().len(), objects);
}

#[test]
fn a_folder_is_loaded_in_the_order_of_its_names() {
    let customer = r#"{"object":"customer","id":"cus_1","balance":0,"created":5,"default_source":"card_1"}"#;
    let card = r#"[{"object":"card","id":"card_1","customer":"cus_1","brand":"Visa","last4":"4242","exp_month":1,"exp_year":2040,"funding":"credit"}]"#;
    let folder =
        folder("order", &[("b.json", card), ("a.json", &customer.replace("card_1", "")), ("c.txt", "no JSON")]);
    fs::create_dir_all(folder.join("d.json")).unwrap();
    fs::write(folder.join("a.json"), customer.replace(r#","default_source":"card_1""#, "")).unwrap();
    assert_eq!(fixtures::load_all(&app(), std::slice::from_ref(&folder)).unwrap().objects, 2);
    fs::rename(folder.join("a.json"), folder.join("c.json")).unwrap();
    let said = fixtures::load_all(&app(), std::slice::from_ref(&folder)).unwrap_err().to_string();
    assert!(
        said.ends_with(
            "b.json: [0] (card card_1).customer: there is no customer 'cus_1' in this document or before it"
        ),
        "{said}"
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_absent_path_is_refused() {
    assert_eq!(fixtures::load_all(&app(), &["".into()]).unwrap().objects, 0, "the variable is set, but empty");
    let said = fixtures::load_all(&app(), &["/surely/not/there".into()]).unwrap_err().to_string();
    assert!(said.starts_with("/surely/not/there: cannot be read: "), "{said}");
    let said = fixtures::load_all(&app(), &["@nothing".into()]).unwrap_err().to_string();
    assert_eq!(said, "@nothing: there is no such preset; there are @shop, @legacy, @saas, @marketplace, @cli-example");
}

#[test]
fn a_wrong_document_changes_nothing() {
    let folder = folder("wrong", &[("a.json", fixtures::preset("shop").unwrap()), ("b.json", "[\n  {]")]);
    let app = app();
    let said = fixtures::load_all(&app, std::slice::from_ref(&folder)).unwrap_err().to_string();
    assert!(said.contains("b.json: line 2 column 4: "), "{said}");
    assert!(app.default_sandbox().state().is_empty());
    assert!(app.default_sandbox().baseline().is_empty());
    fs::remove_dir_all(folder).unwrap();
}

/// A card with a change in its JSON, after a customer.
fn card_with(from: &str, to: &str) -> String {
    let card = r#"{"object":"card","id":"card_1","customer":"cus_1","brand":"Visa","last4":"4242","exp_month":1,"exp_year":2040,"funding":"credit"}"#;
    assert!(card.contains(from));
    format!(r#"[{{"object":"customer","id":"cus_1","balance":0}},{}]"#, card.replace(from, to))
}

#[test]
fn whatever_is_wrong_in_the_objects_of_a_document_is_told_at_once() {
    let document = r#"[
        {"object": "card", "id": "card_1", "brand": "Visa", "exp_month": "1", "exp_year": 2040, "funding": "credit"},
        {"object": "customer", "id": "cus_1", "balance": true}
    ]"#;
    let lines = [
        "test: [0] (card card_1).exp_month: expected a whole number",
        "test: [0] (card card_1).last4: is missing",
        "test: [1] (customer cus_1).balance: expected a whole number",
    ];
    assert_eq!(refusal(document), lines.join("\n"));
}

#[test]
fn a_slip_in_the_name_of_a_field_is_refused_and_an_unknown_field_stays() {
    let said = "is no field of this object; did you mean `email`?";
    for slip in ["emial", "emaik"] {
        let document = format!(r#"[{{"object": "customer", "id": "cus_1", "{slip}": "a@b.test"}}]"#);
        assert_eq!(refusal(&document), format!("test: [0] (customer cus_1).{slip}: {said}"));
    }
    let app = loaded(r#"[{"object": "customer", "id": "cus_1", "emails": "x", "email": null, "level": 3}]"#);
    assert_eq!(doc(&app, "customer", "cus_1").int("level"), Some(3));
}

#[test]
fn an_object_of_a_type_has_the_hash_of_that_type() {
    let of = |kind: &str| format!(r#"[{{"object": "payment_method", "id": "pm_1", "type": "{kind}"}}]"#);
    let card = refusal(&of("card"));
    assert!(card.contains("test: [0] (payment_method pm_1).card.brand: is missing"), "{card}");
    let app = loaded(&of("ideal"));
    assert!(doc(&app, "payment_method", "pm_1").map("ideal").is_some());
}

#[test]
fn a_refusal_names_the_place_and_the_reason() {
    for (document, said) in [
        ("7".to_owned(), "neither of the two formats"),
        ("{}".to_owned(), "neither of the two formats"),
        ("[7]".to_owned(), "test: [0]: expected an object"),
        (r#"[{"id":"cus_1"}]"#.to_owned(), "test: [0].object: is missing"),
        (r#"[{"object":"customer"}]"#.to_owned(), "test: [0].id: is missing"),
        (r#"[{"object":"customer","id":""}]"#.to_owned(), "test: [0].id: expected a string that is not empty"),
        (r#"[{"object":"banana","id":"b"}]"#.to_owned(), "test: [0].object: objects of the kind `banana` cannot be loaded from a dump"),
        (r#"{"objects":[{"object":"unicorn","id":"b"}]}"#.to_owned(), "test: objects[0].object: objects of the kind `unicorn`"),
        (r#"[{"object":"refund","id":"re_1","amount":1}]"#.to_owned(), "test: [0] (refund re_1).currency: is missing"),
        (card_with(r#""exp_month":1"#, r#""exp_month":"1""#), "test: [1] (card card_1).exp_month: expected a whole number"),
        (card_with(r#""funding":"credit""#, r#""funding":null"#), "test: [1] (card card_1).funding: may not be null"),
        (card_with(r#""cus_1""#, r#"{"id":"cus_1"}"#), "test: [1] (card card_1).customer: expected an id"),
        (card_with(r#""cus_1""#, r#""cus_2""#), "test: [1] (card card_1).customer: there is no customer 'cus_2'"),
        (card_with(r#"Visa"#, r#"Vista"#), "test: [1] (card card_1).card: expected brand, last4 and expiry"),
        (card_with(r#""card""#, r#""card","livemode":true"#), "test: [1] (card card_1): is an object of live mode"),
        (card_with(r#""card""#, r#""card","deleted":true"#), "test: [1] (card card_1): is a deleted card"),
        (card_with(r#""card""#, r#""card","regulated_status":"odd""#), "test: [1] (card card_1).regulated_status: `odd` is none of regulated, unregulated"),
        (card_with(r#""object":"card","id":"card_1""#, r#""object":"customer","id":"cus_1""#), "test: [1].id: the document has the customer 'cus_1' twice"),
        (card_with(r#""card""#, r#""card","pinstripe":[]"#), "test: [1] (card card_1).pinstripe: expected an object"),
        (r#"[{"object":"customer","id":"cus_1","balance":0,"default_source":"card_9"}]"#.to_owned(), "test: [0] (customer cus_1).default_source: there is no "),
        (r#"[{"object":"customer","id":"cus_1","balance":0,"invoice_settings":{"default_payment_method":"pm_9"}}]"#.to_owned(), "test: [0] (customer cus_1).invoice_settings.default_payment_method: there is no payment_method 'pm_9'"),
        (r#"[{"object":"source","id":"src_1","client_secret":"s","flow":"none","status":"chargeable","type":"card","customer":"cus_9"}]"#.to_owned(), "test: [0] (source src_1).customer: there is no customer 'cus_9'"),
        (r#"{"objects":[],"hidden":{"card/card_1":{}}}"#.to_owned(), "test: hidden.card/card_1: the document has no such object"),
        (r#"{"object":"list","data":[],"has_more":true}"#.to_owned(), "test: has_more: the list has more rows"),
    ] {
        let refusal = refusal(&document);
        assert!(refusal.contains(said), "{refusal}\nexpected: {said}\nfor {document}");
    }
}

#[test]
fn lists_inside_an_object_come_in_as_objects() {
    let app = loaded(
        r#"{"object":"customer","id":"cus_1","balance":0,"created":77,"default_source":"card_2","sources":{"object":"list","has_more":false,"url":"/v1/customers/cus_1/sources","data":[
            {"object":"card","id":"card_2","brand":"Visa","last4":"4242","exp_month":1,"exp_year":2040,"funding":"credit"},
            {"object":"card","id":"card_1","brand":"MasterCard","last4":"4444","exp_month":1,"exp_year":2040,"funding":"credit","customer":"cus_1"}]}}"#,
    );
    let customer = doc(&app, "customer", "cus_1");
    assert!(!customer.has("sources"));
    assert_eq!(customer.int("created"), Some(77));
    assert_eq!(doc(&app, "card", "card_2").str("customer"), Some("cus_1"));
    let state = app.default_sandbox().state();
    let order: Vec<_> = state
        .table(AccountKey::PLATFORM, pinstripe::kind!("card"))
        .unwrap()
        .live()
        .map(|record| record.object.id().clone())
        .collect();
    assert_eq!(order, ["card_1".into(), "card_2".into()], "the list shows the newest first");
}

#[test]
fn a_list_as_the_api_answers_it_keeps_its_order() {
    let row = |id: &str| format!(r#"{{"object":"customer","id":"{id}","balance":0,"created":5}}"#);
    let list = format!(
        r#"{{"object":"list","url":"/v1/customers","has_more":false,"data":[{},{}]}}"#,
        row("cus_new"),
        row("cus_old")
    );
    let state = loaded(&list).default_sandbox().state();
    let order: Vec<_> = state
        .table(AccountKey::PLATFORM, pinstripe::kind!("customer"))
        .unwrap()
        .live()
        .map(|record| record.object.id().clone())
        .collect();
    assert_eq!(order, ["cus_old".into(), "cus_new".into()]);
}

#[test]
fn what_is_missing_and_clear_is_completed() {
    let customer = doc(&loaded(r#"[{"object":"customer","id":"cus_1","balance":0}]"#), "customer", "cus_1");
    assert_eq!(customer.get("email"), Some(&Doc::Null));
    assert_eq!(customer.bool("livemode"), Some(false));
    assert_eq!(customer.map("metadata").map(Map::len), Some(0));
    assert!(customer.int("created").is_some_and(|created| created > 0));
    assert_eq!(
        customer.map("invoice_settings").and_then(|settings| settings.get("default_payment_method")),
        Some(&Doc::Null)
    );
}

#[test]
fn fields_that_the_catalogue_does_not_know_stay() {
    let app = loaded(r#"[{"object":"customer","id":"cus_1","balance":0,"from_the_wire":[1,"x"]}]"#);
    assert!(doc(&app, "customer", "cus_1").has("from_the_wire"));
}

#[test]
fn hidden_parts_come_with_the_object_or_apart() {
    let pm = r#""object":"payment_method","id":"pm_1","type":"card","created":1,"card":{"brand":"visa","last4":"4242","exp_month":1,"exp_year":2040,"funding":"credit"}"#;
    for document in [
        format!(r#"[{{{pm},"pinstripe":{{"consumed":true}}}}]"#),
        format!(r#"{{"objects":[{{{pm}}}],"hidden":{{"payment_method/pm_1":{{"consumed":true}}}}}}"#),
    ] {
        let state = loaded(&document).default_sandbox().state();
        let record = state.record(AccountKey::PLATFORM, pinstripe::kind!("payment_method"), "pm_1").unwrap();
        assert_eq!(record.object.hidden_doc().bool("consumed"), Some(true));
        assert!(!record.object.to_doc().has("pinstripe"));
    }
}

#[test]
fn a_deleted_customer_leaves_its_stub() {
    let app = loaded(
        r#"[{"object":"customer","id":"cus_gone","deleted":true},
            {"object":"refund","id":"re_1","amount":5,"created":1,"currency":"usd","customer":"cus_gone"}]"#,
    );
    let state = app.default_sandbox().state();
    assert!(state.record(AccountKey::PLATFORM, pinstripe::kind!("customer"), "cus_gone").unwrap().deleted);
}

#[test]
fn every_kind_with_an_importer_has_a_response_type() {
    pinstripe::resources::install();
    for entry in contract::entries() {
        assert!(catalogue::object(entry.kind.name()).is_some(), "{:?}", entry.kind);
    }
}

/// A document of the Stripe CLI's format with these fixtures.
fn script(fixtures: &str) -> String {
    format!(r#"{{"_meta":{{"template_version":0}},"fixtures":[{fixtures}]}}"#)
}

#[test]
fn a_script_runs_against_ourselves_with_its_references() {
    let app = loaded(&script(
        r#"{"name":"a","path":"/v1/customers","method":"post","params":{"email":"a@example.com","name":null,"metadata":{"n":1.5,"yes":true},"preferred_locales":["de","en"]}},
           {"name":"b","path":"/v1/customers","method":"POST","params":{"description":"after ${a:id} ${a:email} ${a:phone|none} ${a:preferred_locales.1}"}},
           {"name":"c","path":"/v1/customers/${a:id}","method":"post","params":{"metadata":{"b":"${b:id}"}}},
           {"name":"d","path":"/v1/customers?limit=1&email=${a:email}","method":"get"},
           {"name":"e","path":"/v1/customers/${d:data.0.id}","method":"delete"}"#,
    ));
    let state = app.default_sandbox().state();
    let customers = state.table(AccountKey::PLATFORM, pinstripe::kind!("customer")).unwrap();
    assert_eq!(customers.len(), 2);
    let left = customers.live().next().unwrap().object.to_doc();
    let description = left.str("description").unwrap();
    assert!(description.starts_with("after cus_") && description.ends_with(" a@example.com none en"), "{description}");
}

#[test]
fn a_script_stops_where_the_api_refuses() {
    let refused = refusal(&script(
        r#"{"name":"a","path":"/v1/customers","method":"post"},{"name":"b","path":"/v1/customers/cus_no","method":"get"}"#,
    ));
    assert_eq!(
        refused,
        "test: fixtures[1] (b): GET /v1/customers/cus_no was refused with 404: No such customer: 'cus_no'"
    );
    loaded(&script(
        r#"{"name":"b","path":"/v1/customers/cus_no","method":"get","expected_error_type":"invalid_request_error"}"#,
    ));
    let refused = refusal(&script(
        r#"{"name":"b","path":"/v1/customers/cus_no","method":"get","expected_error_type":"card_error"}"#,
    ));
    assert!(refused.contains("No such customer"), "{refused}");
}

#[test]
fn a_wrong_script_says_where() {
    for (fixtures, said) in [
        ("7", "test: fixtures[0]: expected an object"),
        (r#"{"name":"a","method":"get"}"#, "test: fixtures[0] (a).path: is missing"),
        (r#"{"name":"a","path":"/v1/customers"}"#, "test: fixtures[0] (a).method: is missing"),
        (
            r#"{"name":"a","path":"/v1/customers","method":"put"}"#,
            "test: fixtures[0] (a).method: `put` is none of get, post, delete",
        ),
        (
            r#"{"name":"a","path":"/v1/${b:id}","method":"get"}"#,
            "test: fixtures[0] (a).path: ${b:…} names no fixture that ran before",
        ),
        (
            r#"{"name":"a","path":"/v1/customers","method":"post","params":{"metadata":{"x":["${.env:PINSTRIPE_SURELY_NOT_SET}"]}}}"#,
            "test: fixtures[0] (a).params.metadata.x[0]: a document that is sent cannot look at the server's environment",
        ),
        (
            r#"{"name":"a","path":"/v1/customers","method":"get","headers":{"Stripe-Version":"yesterday"}}"#,
            "test: fixtures[0] (a).headers: expected a released API version",
        ),
        (
            r#"{"name":"a","path":"/nowhere","method":"get"}"#,
            "test: fixtures[0] (a): GET /nowhere was refused with 404: Unrecognized request URL",
        ),
    ] {
        let refusal = refusal(&script(fixtures));
        assert!(refusal.contains(said), "{refusal}\nexpected: {said}");
    }
    let newer = r#"{"_meta":{"template_version":1},"fixtures":[]}"#;
    assert_eq!(refusal(newer), "test: _meta.template_version: Fixture version not supported: 1");
}

#[test]
fn the_variables_that_a_script_names_are_told() {
    let document = |env: &str| {
        let fixtures = r#"[{"name": "c", "path": "/v1/customers", "method": "post", "params": {"id": "cus_1", "email": "a@b.c"}}]"#;
        format!(
            r#"{{"_meta": {{"template_version": 0, "exclude_metadata": true}}, "env": {env}, "fixtures": {fixtures}}}"#
        )
    };
    let app = app();
    let text = document(r#"{"CUST_ID": "${c:id}", "WHO": "${c:name|nobody} at ${c:email}"}"#);
    let loaded = fixtures::add(&app, app.default_sandbox(), "test", text.as_bytes()).unwrap();
    let told =
        [("CUST_ID", "cus_1"), ("WHO", "nobody at a@b.c")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(loaded.variables, told);
    for (env, says) in [
        ("[]", "env: expected an object"),
        (r#"{"A": 1}"#, "env.A: expected a string"),
        (r#"{"A": "${d:id}"}"#, "env.A: ${d:…} names no fixture that ran before"),
        (r#"{"A": "${c:nothing}"}"#, "env.A: ${c:nothing} finds nothing"),
        (r#"{"A": "${.env:HOME}"}"#, "env.A: a document that is sent cannot look at the server's environment"),
        (r#"{"A=B": "x"}"#, "env.A=B: is no name of a variable"),
        (r#"{"1A": "x"}"#, "env.1A: is no name of a variable"),
        (r#"{"A": "x\ny"}"#, "env.A: the value of a variable has a line break"),
    ] {
        let said = refusal(&document(env));
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn posted_fixtures_are_answered_with_their_variables() {
    let user = client::sandbox("fixtures-env");
    let document = script(r#"{"name": "c", "path": "/v1/customers", "method": "post"}"#).replacen(
        '{',
        r#"{"env": {"CUST_ID": "${c:id}"}, "#,
        1,
    );
    let target = "/_pinstripe/fixtures?sandbox=fixtures-env";
    let told = client::raw(user.url(), "POST", target, &[], Some(("application/json", document.as_bytes()))).ok();
    let customers = user.get("/v1/customers", &[]).ok();
    assert_eq!((&told["added"], &told["env"]["CUST_ID"]), (&serde_json::json!(1), &customers["data"][0]["id"]));
}

#[test]
fn ids_of_a_script_are_not_given_again_on_a_seeded_server() {
    let url = client::start(Config { seed: Some(7), fixtures: vec![], ..Config::default() });
    let user = Client::new(&url, "sk_test_1");
    let add = || {
        let text = script(r#"{"name":"a","path":"/v1/customers","method":"post"}"#);
        let answer = user.send("POST", "/_pinstripe/fixtures", Some(("application/json", text.as_bytes())));
        assert_eq!(answer.ok()["added"], 1);
    };
    let mut ids = Vec::new();
    for _ in 0..3 {
        add();
        let made = user.post("/v1/customers", &[]).ok();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let rows = user.get("/v1/customers", &[]).ok();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), rows["data"].as_array().unwrap().len()), (3, 6));
}

#[test]
fn posted_fixtures_are_there_and_survive_a_reset() {
    let user = client::sandbox("fixtures-posted");
    let post = |target: &str, body: &str| user.send("POST", target, Some(("application/json", body.as_bytes())));
    let made = user.post("/v1/customers", &[]).ok();
    let made = format!("/v1/customers/{}", made["id"].as_str().unwrap());
    assert!(post("/_pinstripe/fixtures?sandbox=fixtures-posted&preset=shop", "").ok()["added"].as_i64().unwrap() > 0);
    assert_eq!(user.get("/v1/customers/cus_ShopAda", &[]).ok()["name"], "Ada Lovelace");
    assert_eq!(user.get(&made, &[]).status, 200);
    post("/_pinstripe/reset?sandbox=fixtures-posted", "").ok();
    assert_eq!(user.get("/v1/customers/cus_ShopAda", &[]).ok()["name"], "Ada Lovelace");
    assert_eq!(user.get(&made, &[]).status, 404);
    let balance = user.get("/v1/balance", &[]).ok();
    user.post("/v1/customers/cus_ShopAda", &[("name", "Another")]).ok();
    assert_eq!(post("/_pinstripe/fixtures?sandbox=fixtures-posted&preset=shop", "").ok()["added"], 0);
    assert_eq!(user.get("/v1/customers/cus_ShopAda", &[]).ok()["name"], "Ada Lovelace");
    assert_eq!(user.get("/v1/balance", &[]).ok(), balance);
    assert_eq!(post("/_pinstripe/fixtures?preset=nothing", "").status, 400);
}
