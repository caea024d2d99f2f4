//! Search: the query language, its errors, pages and totals (platform 5.2, core-payments 6.9).

use serde_json::{Value, json};

use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{
    Params, attached, charge, charged, customer, id, ids, int, intent, invalid, keys, pay, refund, rows, with,
};

const UNREADABLE: &str = "We were unable to parse your search query. Try using the format `metadata[\"key\"]:\"value\"` to \
                          query for metadata or key:\"value\" to query for other fields.";

/// The ids that a query finds, in order.
#[track_caller]
fn find(api: &Client, resource: &str, query: &str) -> Vec<String> {
    ids(&search(api, resource, &[("query", query)]))
}

#[track_caller]
fn search(api: &Client, resource: &str, params: Params<'_>) -> Value {
    api.get(&format!("/v1/{resource}/search"), params).ok()
}

/// The sentence with which a query is refused.
#[track_caller]
fn refused(api: &Client, resource: &str, query: &str) -> String {
    let answer = api.get(&format!("/v1/{resource}/search"), &[("query", query)]);
    invalid(answer, 400, None, None)["message"].as_str().unwrap().to_owned()
}

fn load(api: &Client, name: &str, objects: &Value) {
    let target = format!("/_pinstripe/fixtures?sandbox={name}");
    let answer =
        client::raw(api.url(), "POST", &target, &[], Some(("application/json", objects.to_string().as_bytes())));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn the_envelope_of_a_search() {
    let api = sandbox("search-envelope");
    let found = search(&api, "customers", &[("query", "email:'a@example.com'")]);
    let empty = json!({"object": "search_result", "data": [], "has_more": false, "next_page": null,
        "url": "/v1/customers/search"});
    assert_eq!(found, empty);
    let made = customer(&api, &[("email", "a@example.com")]);
    let found = search(&api, "customers", &[("query", "email:'a@example.com'")]);
    assert_eq!(keys(&found), ["data", "has_more", "next_page", "object", "url"]);
    assert_eq!(ids(&found), [&*made]);
}

#[test]
fn exact_matches_ignore_case() {
    let api = sandbox("search-exact");
    let ada = customer(&api, &[("email", "Ada@Example.com"), ("name", "Ada \"The Countess\" King")]);
    customer(&api, &[("email", "bob@example.com"), ("name", "Ada")]);
    let found = |query| find(&api, "customers", query);
    for query in [
        "email:'ada@example.com'",
        "email:\"ADA@EXAMPLE.COM\"",
        r#"name:"ada \"the countess\" king""#,
        r#"name:'Ada "The Countess" King'"#,
    ] {
        assert_eq!(found(query), [&*ada], "{query}");
    }
    // A whole word, not a part of it.
    assert!(found("email:'ada'").is_empty());
}

#[test]
fn an_exact_match_of_a_string_finds_its_words_in_their_order() {
    let api = sandbox("search-words");
    let four = customer(&api, &[("name", "One two  Three four")]);
    let three = customer(&api, &[("name", "one two three")]);
    let found = |query| find(&api, "customers", query);
    assert_eq!(found("name:'one two three'"), [&*three, &four]);
    assert_eq!(found("name:'Two Three'"), [&*three, &four]);
    assert_eq!(found("name:'three four'"), [&*four]);
    for query in ["name:'two one'", "name:'one three'", "name:'thr'", "name:'one two three four five'", "name:''"] {
        assert!(found(query).is_empty(), "{query}");
    }
    // A token is the whole value.
    let tagged = customer(&api, &[("metadata[k]", "one two")]);
    assert_eq!(found("metadata['k']:'One two'"), [&*tagged]);
    assert!(found("metadata['k']:'one'").is_empty());
}

#[test]
fn refunded_is_whole_or_in_part_or_null() {
    let api = sandbox("search-refunded");
    let [none, part, whole] = [0, 500, 2000].map(|amount: i64| {
        let made = id(&charged(&api, &[]));
        if amount > 0 {
            refund(&api, &made, &[("amount", &amount.to_string())]).ok();
        }
        made
    });
    let found = |query| find(&api, "charges", query);
    assert_eq!(found("refunded:'true'"), [&*whole]);
    assert_eq!(found("refunded:'false'"), [&*part]);
    assert_eq!(found("refunded:null"), [&*none]);
    assert_eq!(found("-refunded:null"), [&*whole, &part]);
}

#[test]
fn a_substring_has_three_characters_and_a_string_field() {
    let api = sandbox("search-substring");
    let ada = customer(&api, &[("email", "ada@example.com"), ("phone", "+44 20 7946 0000")]);
    let bob = customer(&api, &[("email", "bob@example.com")]);
    let found = |query| find(&api, "customers", query);
    assert_eq!(found("email~'ADA@'"), [&*ada]);
    assert_eq!(found("email~'example'"), [&*bob, &ada]);
    assert_eq!(found("-email~'ada'"), [&*bob]);
    assert_eq!(found("phone~'7946'"), [&*ada]);
    assert!(refused(&api, "customers", "email~'ad'").contains("at least 3 characters"));
    for (resource, query) in
        [("customers", "metadata['k']~'abc'"), ("customers", "created~'123'"), ("charges", "status~'succ'")]
    {
        assert!(refused(&api, resource, query).contains("does not support the operator `~`"), "{query}");
    }
}

#[test]
fn numbers_are_compared_with_or_without_quotation_marks() {
    let api = sandbox("search-numbers");
    let [ten, twenty, thirty] = ["1000", "2000", "3000"].map(|amount| id(&charged(&api, &[("amount", amount)])));
    let found = |query| find(&api, "charges", query);
    assert_eq!(found("amount:2000"), [&*twenty]);
    assert_eq!(found("amount:'2000'"), [&*twenty]);
    assert_eq!(found("amount>2000"), [&*thirty]);
    assert_eq!(found("amount>=2000"), [&*thirty, &twenty]);
    assert_eq!(found("amount<2000"), [&*ten]);
    assert_eq!(found("amount<=2000.5"), [&*twenty, &ten]);
    assert_eq!(found("-amount<=2000"), [&*thirty]);
    assert_eq!(found("amount>1000 AND amount<3000"), [&*twenty]);
    assert!(refused(&api, "charges", "amount>'much'").contains("numeric field"));
    for query in ["currency>'usd'", "status<=5", "customer>=null", "amount>null"] {
        assert!(refused(&api, "charges", query).contains("does not support the operator"), "{query}");
    }
}

#[test]
fn clauses_are_joined_by_and_or_by_or_but_not_by_both() {
    let api = sandbox("search-joined");
    let [a, b, c] = [("a@example.com", "Ann"), ("b@example.com", "Ann"), ("c@example.com", "Cat")]
        .map(|(email, name)| customer(&api, &[("email", email), ("name", name)]));
    let found = |query| find(&api, "customers", query);
    assert_eq!(found("name:'Ann' AND email:'a@example.com'"), [&*a]);
    assert_eq!(found("name:'Ann' email:'a@example.com'"), [&*a]);
    assert_eq!(found("name:'Cat' or email:'a@example.com'"), [&*c, &a]);
    assert_eq!(found("-name:'Ann' OR -email:'a@example.com'"), [&*c, &b]);
    assert!(refused(&api, "customers", "name:'A' OR name:'B' name:'C'").contains("AND and OR cannot be used"));
}

#[test]
fn a_query_has_ten_clauses() {
    let api = sandbox("search-clauses");
    let made = customer(&api, &[("name", "Ann")]);
    assert_eq!(find(&api, "customers", &["name:'Ann'"; 10].join(" AND ")), [&*made]);
    assert!(refused(&api, "customers", &["name:'Ann'"; 11].join(" AND ")).contains("up to 10 clauses"));
}

#[test]
fn metadata_is_searched_by_key() {
    let api = sandbox("search-metadata");
    let gold = customer(&api, &[("metadata[plan]", "Gold"), ("metadata[order id]", "6735")]);
    let none = customer(&api, &[]);
    let found = |query| find(&api, "customers", query);
    assert_eq!(found("metadata['plan']:'gold'"), [&*gold]);
    assert_eq!(found("metadata[\"order id\"]:\"6735\""), [&*gold]);
    assert_eq!(found("metadata['order id']:6735"), [&*gold]);
    assert_eq!(found("-metadata['plan']:'gold'"), [&*none]);
    // Whether there is such a key.
    assert_eq!(found("metadata['plan']:null"), [&*none]);
    assert_eq!(found("-metadata['plan']:null"), [&*gold]);
    assert!(found("metadata['Plan']:'gold'").is_empty());
    assert!(found("metadata['plan']:'null'").is_empty());
}

#[test]
fn null_is_the_absence_of_a_value() {
    let api = sandbox("search-null");
    let with_email = customer(&api, &[("email", "a@example.com")]);
    let without = customer(&api, &[]);
    assert_eq!(find(&api, "customers", "email:null"), [&*without]);
    assert_eq!(find(&api, "customers", "-email:null"), [&*with_email]);
}

#[test]
fn charges_are_found_by_card_address_customer_and_what_became_of_them() {
    let api = sandbox("search-charges");
    let owner = customer(&api, &[("source", "tok_mastercard")]);
    let saved = id(&charge(&api, &[("customer", &owner)]).ok());
    let visa = charged(&api, &[]);
    let euros = id(&charged(&api, &[("currency", "eur")]));
    refund(&api, &euros, &[]).ok();
    let declined = charge(&api, &[("source", "tok_chargeDeclined")]).refused(402);
    let declined = declined["charge"].as_str().unwrap();
    let card = [("source[object]", "card"), ("source[number]", "4242424242424242"), ("source[exp_month]", "7")];
    let address = [("source[exp_year]", "2038"), ("source[address_zip]", "94107")];
    let addressed = id(&charge(&api, &with(&card, &address)).ok());
    let found = |query: &str| find(&api, "charges", query);
    assert_eq!(found(&format!("customer:'{owner}'")), [&*saved]);
    assert_eq!(found("payment_method_details.card.brand:'mastercard'"), [&*saved]);
    assert_eq!(found("payment_method_details.card.last4:4444"), [&*saved]);
    assert_eq!(
        found("payment_method_details.card.exp_month:7 payment_method_details.card.exp_year:'2038'"),
        [&*addressed]
    );
    assert!(found("payment_method_details.card_present.last4:'4444'").is_empty());
    let fingerprint = visa["payment_method_details"]["card"]["fingerprint"].as_str().unwrap();
    let same_card = format!("payment_method_details.card.fingerprint:'{fingerprint}' currency:'usd'");
    assert_eq!(found(&same_card), [&*addressed, &*id(&visa)]);
    assert_eq!(found("billing_details.address.postal_code:'94107'"), [&*addressed]);
    assert_eq!(found("currency:'EUR'"), [&*euros]);
    assert_eq!(found("refunded:'true'"), [&*euros]);
    assert_eq!(found("refunded:true"), [&*euros]);
    assert_eq!(found("status:'failed'"), [declined]);
    assert!(found("disputed:'true'").is_empty());
    assert_eq!(found("-status:'failed' disputed:'false'").len(), 4);
}

#[test]
fn payment_intents_are_found_by_amount_currency_customer_and_status() {
    let api = sandbox("search-intents");
    let owner = customer(&api, &[]);
    let open = id(&intent(&api, &[("amount", "700"), ("metadata[order]", "1")]).ok());
    let card = attached(&api, "pm_card_visa", &owner);
    let paid = id(&pay(&api, &card, &[("customer", &owner)]).ok());
    let found = |query: &str| find(&api, "payment_intents", query);
    assert_eq!(found(&format!("status:'succeeded' AND customer:'{owner}'")), [&*paid]);
    assert_eq!(found("status:'requires_payment_method'"), [&*open]);
    assert_eq!(found("amount:700"), [&*open]);
    assert_eq!(found("currency:'usd'"), [&*paid, &open]);
    assert_eq!(found("metadata['order']:'1'"), [&*open]);
}

#[test]
fn created_is_a_number() {
    let api = sandbox("search-created");
    let objects = json!([
        {"id": "cus_old", "object": "customer", "created": 1_500_000_000},
        {"id": "cus_new", "object": "customer", "created": 1_600_000_000},
    ]);
    load(&api, "search-created", &objects);
    let found = |query| find(&api, "customers", query);
    assert_eq!(found("created>1500000000"), ["cus_new"]);
    assert_eq!(found("created<=1500000000"), ["cus_old"]);
    assert_eq!(found("created:1600000000"), ["cus_new"]);
    assert_eq!(found("created>0"), ["cus_new", "cus_old"]);
}

#[test]
fn a_field_that_cannot_be_searched_is_named() {
    let api = sandbox("search-fields");
    for (resource, anchor, field) in [
        ("customers", "customers", "foo"),
        ("customers", "customers", "description"),
        ("customers", "customers", "amount"),
        ("charges", "charges", "payment_method_details.card.country"),
        ("charges", "charges", "payment_method_details.last4"),
        ("charges", "charges", "payment_method_details.sepa_debit.last4"),
        ("payment_intents", "payment-intents", "description"),
    ] {
        let message = refused(&api, resource, &format!("{field}:'bar'"));
        let expected = format!(
            "Field `{field}` is an unsupported search field for resource `{resource}`. See \
             http://stripe.com/docs/search#query-fields-for-{anchor} for a list of supported fields."
        );
        assert_eq!(message, expected);
    }
}

#[test]
fn what_is_no_query_is_refused() {
    let api = sandbox("search-unreadable");
    for query in
        ["asdf", " ", "email:", "email:ada@example.com", "email='x'", "metadata:'x'", "(email:'x')", "email:'x"]
    {
        assert_eq!(refused(&api, "customers", query), UNREADABLE, "{query}");
    }
    let missing = invalid(api.get("/v1/customers/search", &[]), 400, Some("parameter_missing"), Some("query"));
    assert_eq!(missing["message"], "Missing required param: query.");
    let empty = api.get("/v1/customers/search", &[("query", "")]);
    invalid(empty, 400, Some("parameter_invalid_empty"), Some("query"));
}

#[test]
fn a_limit_out_of_range_is_refused_not_clamped() {
    let api = sandbox("search-limit");
    for _ in 0..11 {
        customer(&api, &[]);
    }
    let limited = |limit| api.get("/v1/customers/search", &[("query", "created>0"), ("limit", limit)]);
    assert_eq!(rows(&search(&api, "customers", &[("query", "created>0")])).len(), 10);
    assert_eq!(rows(&limited("1").ok()).len(), 1);
    assert_eq!(rows(&limited("100").ok()).len(), 11);
    for (limit, message) in [
        ("0", "This value must be greater than or equal to 1."),
        ("-1", "This value must be greater than or equal to 1."),
        ("101", "This value must be less than or equal to 100 (it currently is '101')."),
    ] {
        let error = invalid(limited(limit), 400, Some("parameter_invalid_integer"), Some("limit"));
        assert_eq!(error["message"], message);
    }
}

/// All pages of two customers each, with what `between` does before each further page.
fn pages(api: &Client, between: impl Fn()) -> Vec<String> {
    let (mut seen, mut token) = (Vec::new(), None::<String>);
    loop {
        let base = [("query", "name:'Ann'"), ("limit", "2")];
        let more: Vec<_> = token.iter().map(|token| ("page", &**token)).collect();
        let found = search(api, "customers", &with(&base, &more));
        seen.extend(ids(&found));
        assert_eq!(found["has_more"] == true, found["next_page"].is_string(), "{found}");
        let Some(next) = found["next_page"].as_str() else { return seen };
        token = Some(next.to_owned());
        between();
    }
}

#[test]
fn pages_lead_through_everything_newest_first() {
    let api = sandbox("search-pages");
    let mut made: Vec<String> = (0..6).map(|_| customer(&api, &[("name", "Ann")])).collect();
    customer(&api, &[("name", "Bob")]);
    made.reverse();
    assert_eq!(pages(&api, || ()), made);
}

#[test]
fn pages_stay_the_same_while_objects_are_added_and_deleted() {
    let api = sandbox("search-stable");
    let mut made: Vec<String> = (0..5).map(|_| customer(&api, &[("name", "Ann")])).collect();
    made.reverse();
    let newest = made[1].clone();
    let seen = pages(&api, || {
        customer(&api, &[("name", "Ann")]);
        // The last one shown may go: its place stays.
        let _ = api.delete(&format!("/v1/customers/{newest}"));
    });
    assert_eq!(seen, made);
}

#[test]
fn a_page_that_no_search_has_named_is_refused() {
    let api = sandbox("search-bad-page");
    customer(&api, &[]);
    customer(&api, &[]);
    let token = search(&api, "customers", &[("query", "created>0"), ("limit", "1")])["next_page"].clone();
    let token = token.as_str().unwrap();
    for (resource, page) in [("customers", "bogus"), ("customers", "cus_123"), ("charges", token)] {
        let path = format!("/v1/{resource}/search");
        let error = invalid(api.get(&path, &[("query", "created>0"), ("page", page)]), 400, None, Some(page));
        assert_eq!(error["message"], format!("{page} is an invalid page."));
    }
}

#[test]
fn the_total_is_shown_when_expanded() {
    let api = sandbox("search-total");
    for _ in 0..5 {
        customer(&api, &[("name", "Ann")]);
    }
    customer(&api, &[]);
    let base = [("query", "name:'Ann'"), ("limit", "2"), ("expand[]", "total_count")];
    let first = search(&api, "customers", &base);
    assert_eq!(keys(&first), ["data", "has_more", "next_page", "object", "total_count", "url"]);
    assert_eq!((int(&first, "total_count"), rows(&first).len()), (5, 2));
    // The total is that of all pages on each of them.
    let second = search(&api, "customers", &with(&base, &[("page", first["next_page"].as_str().unwrap())]));
    assert_eq!((int(&second, "total_count"), rows(&second).len()), (5, 2));
    let none = search(&api, "customers", &[("query", "name:'Bob'"), ("expand[]", "total_count")]);
    assert_eq!(int(&none, "total_count"), 0);
}

#[test]
fn what_a_search_finds_can_be_expanded() {
    let api = sandbox("search-expand");
    let owner = customer(&api, &[("source", "tok_visa")]);
    charge(&api, &[("customer", &owner)]).ok();
    let params = [("query", "amount>0"), ("expand[]", "data.customer")];
    let found = search(&api, "charges", &params);
    assert_eq!(rows(&found)[0]["customer"]["id"], *owner);
    let refused = api.get("/v1/charges/search", &[("query", "amount>0"), ("expand[]", "customer")]);
    let error = invalid(refused, 400, None, None);
    assert!(error["message"].as_str().unwrap().contains("data.customer"), "{error}");
}

#[test]
fn deleted_objects_and_those_of_other_accounts_are_not_found() {
    let api = sandbox("search-deleted");
    let gone = customer(&api, &[("name", "Ann")]);
    api.delete(&format!("/v1/customers/{gone}")).ok();
    let account = id(&api.post("/v1/accounts", &[("type", "custom")]).ok());
    let connected = api.with("Stripe-Account", &account);
    let theirs = customer(&connected, &[("name", "Ann")]);
    assert!(find(&api, "customers", "name:'Ann'").is_empty());
    assert_eq!(find(&connected, "customers", "name:'Ann'"), [&*theirs]);
}

#[test]
fn versions_before_2020_08_27_have_no_search() {
    let api = sandbox("search-version");
    let old = api.version("2020-03-02").get("/v1/customers/search", &[("query", "created>0")]);
    let error = invalid(old, 400, None, None);
    assert_eq!(
        error["message"],
        "Search is not supported on api version 2020-03-02. Update your API version, or set the API Version of this \
         request to 2020-08-27 or greater."
    );
    api.version("2020-08-27").get("/v1/customers/search", &[("query", "created>0")]).ok();
}

#[test]
fn a_publishable_key_may_not_search() {
    let api = sandbox("search-public");
    let answer = api.publishable().get("/v1/customers/search", &[("query", "created>0")]);
    assert_eq!(answer.refused(401)["code"], "secret_key_required");
}
