//! Customers (core-payments 3, 1.8).

use serde_json::{Value, json};

use crate::support::client::sandbox;
use crate::support::flows::{
    attach, attached, card_source, charge, customer, id, ids, intent, invalid, missing, pay, the_charge, the_customer,
    with,
};

/// What a customer is when nothing was said about it, less what is made up for each.
fn blank() -> Value {
    json!({"object": "customer", "address": null, "balance": 0, "currency": null, "customer_account": null,
        "default_source": null, "delinquent": false, "description": null, "discount": null, "email": null,
        "invoice_settings": {"custom_fields": null, "default_payment_method": null, "footer": null,
            "rendering_options": null},
        "livemode": false, "metadata": {}, "name": null, "next_invoice_sequence": 1, "phone": null,
        "preferred_locales": [], "shipping": null, "tax_exempt": "none", "test_clock": null})
}

#[test]
fn an_email_address_has_a_domain() {
    let api = sandbox("cus-email");
    let session = [("mode", "setup"), ("currency", "usd"), ("success_url", "https://shop.example/done")];
    for (path, base, param, sent) in [
        ("/v1/customers", &[][..], "email", "otameshi@com"),
        ("/v1/customers", &[], "email", "dev@localhost"),
        ("/v1/checkout/sessions", &session, "customer_email", "foo"),
        ("/v1/checkout/sessions", &session, "customer_email", "ada@example.com "),
    ] {
        let error = invalid(api.post(path, &with(base, &[(param, sent)])), 400, Some("email_invalid"), Some(param));
        assert_eq!(error["message"], format!("Invalid email address: {sent}"));
    }
    customer(&api, &[("email", "ada.lovelace+shop@mail.example.co.uk")]);
}

#[test]
fn texts_are_as_long_as_the_description_of_the_api_says() {
    let api = sandbox("cus-long");
    let (long, longer) = ("d".repeat(351), "d".repeat(5001));
    assert_eq!(the_customer(&api, &customer(&api, &[("description", &long)]))["description"], long);
    assert_eq!(api.post("/v1/products", &[("name", &long)]).ok()["name"], long);
    for (path, param) in [("/v1/customers", "description"), ("/v1/products", "name")] {
        assert_eq!(api.post(path, &[(param, &longer)]).refused(400)["param"], param);
    }
}

#[test]
fn a_customer_needs_no_parameters() {
    let api = sandbox("customers-blank");
    let mut made = api.post("/v1/customers", &[]).ok();
    assert_eq!(api.get(&format!("/v1/customers/{}", id(&made)), &[]).ok(), made);
    let object = made.as_object_mut().unwrap();
    let id = object.remove("id").unwrap();
    let id = id.as_str().unwrap().strip_prefix("cus_").unwrap();
    assert!(id.len() == 14 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    let prefix = object.remove("invoice_prefix").unwrap();
    let prefix = prefix.as_str().unwrap();
    assert!(prefix.len() == 8 && prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{prefix}");
    assert!(object.remove("created").unwrap().is_i64());
    assert_eq!(made, blank());
}

#[test]
fn everything_that_is_sent_is_shown() {
    let api = sandbox("customers-all");
    let made = api
        .post(
            "/v1/customers",
            &[
                ("address[city]", "Berlin"),
                ("description", "d"),
                ("email", "Jenny@example.com"),
                ("invoice_settings[custom_fields][0][name]", "PO"),
                ("invoice_settings[custom_fields][0][value]", "7"),
                ("invoice_settings[footer]", "f"),
                ("metadata[order]", "420"),
                ("name", "Jenny"),
                ("next_invoice_sequence", "12"),
                ("phone", "+49 30 1"),
                ("preferred_locales[]", "de"),
                ("preferred_locales[]", "en"),
                ("shipping[address][line1]", "1 Main St"),
                ("shipping[name]", "Jenny R"),
                ("tax_exempt", "reverse"),
            ],
        )
        .ok();
    let address = |city: Value, line1: Value| json!({"city": city, "country": null, "line1": line1, "line2": null, "postal_code": null, "state": null});
    assert_eq!(made["address"], address(json!("Berlin"), Value::Null));
    assert_eq!(made["shipping"]["address"], address(Value::Null, json!("1 Main St")));
    assert_eq!((&made["shipping"]["name"], &made["shipping"]["phone"]), (&json!("Jenny R"), &Value::Null));
    assert_eq!(made["email"], "Jenny@example.com");
    assert_eq!(made["invoice_settings"]["custom_fields"], json!([{"name": "PO", "value": "7"}]));
    assert_eq!(made["metadata"], json!({"order": "420"}));
    assert_eq!((&made["next_invoice_sequence"], &made["tax_exempt"]), (&json!(12), &json!("reverse")));
    assert_eq!(made["preferred_locales"], json!(["de", "en"]));
    assert_eq!(made, the_customer(&api, &id(&made)));
}

#[test]
fn an_empty_string_unsets() {
    let api = sandbox("customers-unset");
    let set = [
        ("address[city]", "Berlin"),
        ("description", "d"),
        ("email", "j@example.com"),
        ("name", "Jenny"),
        ("phone", "1"),
        ("shipping[address][line1]", "1 Main St"),
        ("shipping[name]", "J"),
    ];
    let id = customer(&api, &set);
    let path = format!("/v1/customers/{id}");
    for param in ["address", "description", "email", "name", "phone", "shipping"] {
        assert_eq!(api.post(&path, &[(param, "")]).ok()[param], Value::Null, "{param}");
    }
    let error = invalid(
        api.post(&path, &[("default_source", "")]),
        400,
        Some("parameter_invalid_empty"),
        Some("default_source"),
    );
    assert_eq!(
        error["message"],
        "You passed an empty string for 'default_source'. We assume empty values are an attempt to unset a parameter; \
         however 'default_source' cannot be unset. You should remove 'default_source' from your request or supply a \
         non-empty value."
    );
}

#[test]
fn nested_objects_merge_leaf_by_leaf() {
    let api = sandbox("customers-merge");
    let set = [
        ("address[city]", "Berlin"),
        ("address[line1]", "1 Main St"),
        ("shipping[address][line1]", "2 Main St"),
        ("shipping[name]", "J"),
        ("invoice_settings[footer]", "f"),
    ];
    let path = format!("/v1/customers/{}", customer(&api, &set));
    let changed = api
        .post(
            &path,
            &[
                ("address[country]", "DE"),
                ("shipping[address][country]", "DE"),
                ("shipping[name]", "K"),
                ("invoice_settings[custom_fields][0][name]", "a"),
                ("invoice_settings[custom_fields][0][value]", "b"),
            ],
        )
        .ok();
    assert_eq!((&changed["address"]["city"], &changed["address"]["country"]), (&json!("Berlin"), &json!("DE")));
    let shipping = &changed["shipping"];
    assert_eq!((&shipping["name"], &shipping["address"]["country"]), (&json!("K"), &json!("DE")));
    assert_eq!(shipping["address"]["line1"], "2 Main St");
    assert_eq!(changed["invoice_settings"]["footer"], "f");
    let changed = api.post(&path, &[("address[line1]", "")]).ok();
    assert_eq!((&changed["address"]["city"], &changed["address"]["line1"]), (&json!("Berlin"), &Value::Null));
}

#[test]
fn one_leaf_of_shipping_leaves_the_others() {
    let api = sandbox("customers-merge-shipping");
    let path =
        format!("/v1/customers/{}", customer(&api, &[("shipping[address][line1]", "a"), ("shipping[name]", "J")]));
    let changed = api.post(&path, &[("shipping[phone]", "1")]).ok();
    assert_eq!((&changed["shipping"]["name"], &changed["shipping"]["phone"]), (&json!("J"), &json!("1")));
    assert_eq!(changed["shipping"]["address"]["line1"], "a");
}

#[test]
fn an_unknown_customer_is_404_with_id() {
    let api = sandbox("customers-missing");
    for answer in [
        api.get("/v1/customers/cus_none", &[]),
        api.post("/v1/customers/cus_none", &[("name", "x")]),
        api.delete("/v1/customers/cus_none"),
        api.get("/v1/customers/cus_none/payment_methods", &[]),
    ] {
        missing(answer, 404, "customer", "cus_none", "id");
    }
    missing(api.get("/v1/customers/ch_x", &[]), 404, "customer", "ch_x", "id");
}

#[test]
fn parameters_are_checked() {
    let api = sandbox("customers-params");
    let post = |param: &str, value: &str| api.post("/v1/customers", &[(param, value)]);
    let error = invalid(post("currency", "usd"), 400, Some("parameter_unknown"), Some("currency"));
    assert_eq!(error["message"], "Received unknown parameter: currency");
    let error =
        invalid(post("invoice_settings[nope]", "x"), 400, Some("parameter_unknown"), Some("invoice_settings[nope]"));
    assert_eq!(error["message"], "Received unknown parameter: invoice_settings[nope]");
    let error = invalid(post("tax_exempt", "yes"), 400, None, Some("tax_exempt"));
    assert_eq!(error["message"], "Invalid tax_exempt: must be one of none, reverse, or exempt");
    let error = invalid(post("email", "jenny"), 400, Some("email_invalid"), Some("email"));
    assert_eq!(error["message"], "Invalid email address: jenny");
    let error = invalid(post("address", "Berlin"), 400, None, Some("address"));
    assert_eq!(error["message"], "Invalid object");
    for value in ["abc", "1.5", "20.0"] {
        let error = invalid(post("balance", value), 400, Some("parameter_invalid_integer"), Some("balance"));
        assert_eq!(error["message"], format!("Invalid integer: {value}"));
    }
}

#[test]
fn texts_have_their_length() {
    let api = sandbox("customers-length");
    for (param, most) in [("name", 256), ("phone", 20), ("description", 5000)] {
        let fits = "é".repeat(most);
        assert_eq!(api.post("/v1/customers", &[(param, &fits)]).ok()[param], fits);
        invalid(api.post("/v1/customers", &[(param, &"é".repeat(most + 1))]), 400, None, Some(param));
    }
    let email = |characters: usize| format!("{}@example.com", "a".repeat(characters - 12));
    api.post("/v1/customers", &[("email", &email(512))]).ok();
    assert_eq!(api.post("/v1/customers", &[("email", &email(513))]).refused(400)["param"], "email");
}

#[test]
fn a_balance_brings_its_currency() {
    let api = sandbox("customers-balance");
    let made = api.post("/v1/customers", &[("balance", "-500")]).ok();
    assert_eq!((&made["balance"], &made["currency"]), (&json!(-500), &json!("usd")));
    assert_eq!(api.post("/v1/customers", &[("balance", "0")]).ok()["currency"], Value::Null);
}

#[test]
fn an_invoice_prefix_has_a_form_and_one_owner() {
    let api = sandbox("customers-prefix");
    for wrong in ["abc", "A-B", "ABCDEFGHIJKLM", "Ä"] {
        let error = invalid(api.post("/v1/customers", &[("invoice_prefix", wrong)]), 400, None, None);
        assert_eq!(error["message"], "Invoice number prefix must be 1–12 uppercase letters or numbers.", "{wrong}");
    }
    let owner = customer(&api, &[("invoice_prefix", "SHOP1")]);
    let path = format!("/v1/customers/{owner}");
    assert_eq!(api.post(&path, &[("invoice_prefix", "SHOP1")]).ok()["invoice_prefix"], "SHOP1");
    let taken = || {
        let error =
            invalid(api.post("/v1/customers", &[("invoice_prefix", "SHOP1")]), 400, None, Some("invoice_prefix"));
        assert_eq!(
            error["message"],
            format!("This invoice number prefix is taken by customer: {owner}. Please enter a different prefix.")
        );
    };
    taken();
    let other = customer(&api, &[]);
    invalid(
        api.post(&format!("/v1/customers/{other}"), &[("invoice_prefix", "SHOP1")]),
        400,
        None,
        Some("invoice_prefix"),
    );
    api.delete(&path).ok();
    taken();
}

#[test]
fn a_caller_may_choose_the_id_once() {
    let api = sandbox("customers-own-id");
    assert_eq!(customer(&api, &[("id", "cus_mine")]), "cus_mine");
    assert_eq!(the_customer(&api, "cus_mine")["object"], "customer");
    // Which parameter the error names was not compared.
    let error = api.post("/v1/customers", &[("id", "cus_mine")]).refused(400);
    assert_eq!((&error["type"], &error["code"]), (&json!("invalid_request_error"), &json!("resource_already_exists")));
    assert_eq!(error["message"], "Customer already exists.");
    assert_eq!(ids(&api.get("/v1/customers", &[]).ok()), ["cus_mine"]);
}

#[test]
fn a_default_payment_method_has_to_be_attached() {
    const PARAM: &str = "invoice_settings[default_payment_method]";
    let api = sandbox("customers-default-pm");
    let (owner, other) = (customer(&api, &[]), customer(&api, &[]));
    let path = format!("/v1/customers/{owner}");
    let foreign = attached(&api, "pm_card_visa", &other);
    let loose = id(&api.get("/v1/payment_methods/pm_card_visa", &[]).ok());
    for method in [&*foreign, &loose, "pm_card_visa"] {
        let error = invalid(api.post(&path, &[(PARAM, method)]), 400, Some("resource_missing"), Some(PARAM));
        assert_eq!(
            error["message"],
            format!(
                "The customer does not have a payment method with the ID {method}. The payment method must be \
                 attached to the customer."
            )
        );
    }
    missing(api.post(&path, &[(PARAM, "pm_none")]), 400, "PaymentMethod", "pm_none", PARAM);
    let method = attached(&api, "pm_card_visa", &owner);
    let changed = api.post(&path, &[(PARAM, &method)]).ok();
    assert_eq!(changed["invoice_settings"]["default_payment_method"], method);
    assert_eq!(api.post(&path, &[(PARAM, "")]).ok()["invoice_settings"]["default_payment_method"], Value::Null);
}

#[test]
fn a_new_customer_may_come_with_a_payment_method() {
    let api = sandbox("customers-with-pm");
    let made = api.post("/v1/customers", &[("payment_method", "pm_card_visa")]).ok();
    let methods = api.get(&format!("/v1/customers/{}/payment_methods", id(&made)), &[]).ok();
    assert_eq!((ids(&methods).len(), &methods["data"][0]["customer"]), (1, &made["id"]));
    assert_eq!(made["invoice_settings"]["default_payment_method"], Value::Null);
    missing(
        api.post("/v1/customers", &[("payment_method", "pm_none")]),
        400,
        "PaymentMethod",
        "pm_none",
        "payment_method",
    );
    let refused = api.post("/v1/customers", &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
    assert_eq!(refused["code"], "card_declined");
    assert_eq!(ids(&api.get("/v1/customers", &[]).ok()).len(), 1);
}

#[test]
fn a_payment_method_is_no_source() {
    let api = sandbox("customers-pm-source");
    let owner = customer(&api, &[]);
    let method = attached(&api, "pm_card_visa", &owner);
    for path in ["/v1/customers".to_owned(), format!("/v1/customers/{owner}"), format!("/v1/customers/{owner}/sources")]
    {
        let error = api.post(&path, &[("source", &method)]).refused(400);
        assert_eq!(
            error["message"],
            "You cannot use a PaymentMethod as a source for Customers. Instead, use the PaymentMethods API to Attach a \
             Customer to a PaymentMethod. See https://stripe.com/docs/api/payment_methods/attach"
        );
    }
    assert_eq!(ids(&api.get("/v1/customers", &[]).ok()).len(), 1);
}

#[test]
fn metadata_is_text_and_merges() {
    let api = sandbox("customers-metadata");
    let path = format!("/v1/customers/{}", customer(&api, &[("metadata[a]", "420"), ("metadata[b]", "true")]));
    let metadata = |params: &[(&str, &str)]| api.post(&path, params).ok()["metadata"].clone();
    assert_eq!(metadata(&[]), json!({"a": "420", "b": "true"}));
    assert_eq!(metadata(&[("metadata[b]", "2"), ("metadata[c]", "3")]), json!({"a": "420", "b": "2", "c": "3"}));
    assert_eq!(metadata(&[("metadata[a]", "")]), json!({"b": "2", "c": "3"}));
    assert_eq!(metadata(&[("metadata", "")]), json!({}));
}

#[test]
fn metadata_has_limits() {
    let api = sandbox("customers-metadata-limits");
    let many = |from: usize, to: usize| (from..to).map(|n| (format!("metadata[k{n}]"), "v")).collect::<Vec<_>>();
    let fifty = many(0, 50);
    let fifty: Vec<(&str, &str)> = fifty.iter().map(|(key, value)| (&**key, *value)).collect();
    let path = format!("/v1/customers/{}", customer(&api, &fifty));
    let error = invalid(api.post(&path, &[("metadata[one]", "more")]), 400, None, Some("metadata"));
    assert_eq!(error["message"], "Metadata can have up to 50 keys.");
    // One goes, one comes.
    api.post(&path, &[("metadata[k0]", ""), ("metadata[one]", "more")]).ok();
    let too_many = many(0, 51);
    let too_many: Vec<(&str, &str)> = too_many.iter().map(|(key, value)| (&**key, *value)).collect();
    assert_eq!(api.post("/v1/customers", &too_many).status, 400);

    let longest = "é".repeat(500);
    assert_eq!(api.post("/v1/customers", &[("metadata[a]", &longest)]).ok()["metadata"]["a"], longest);
    let longer = "a".repeat(501);
    let error = invalid(api.post("/v1/customers", &[("metadata[a]", &longer)]), 400, None, Some("metadata"));
    assert_eq!(
        error["message"],
        format!(
            "Metadata values can have up to 500 characters, but you passed in a value that is 501 characters. Invalid \
             value: {longer}"
        )
    );
    let key = "k".repeat(40);
    assert_eq!(api.post("/v1/customers", &[(&format!("metadata[{key}]"), "v")]).ok()["metadata"][key], "v");
    assert_eq!(api.post("/v1/customers", &[(&format!("metadata[{}]", "k".repeat(41)), "v")]).status, 400);
    assert_eq!(api.post("/v1/customers", &[("metadata[a[b]]", "v")]).status, 400);
}

#[test]
fn a_deleted_customer_is_a_stub() {
    let api = sandbox("customers-delete");
    let gone = customer(&api, &[("name", "Jenny"), ("source", "tok_visa")]);
    let path = format!("/v1/customers/{gone}");
    let stub = json!({"id": gone, "object": "customer", "deleted": true});
    assert_eq!(api.delete(&path).ok(), stub);
    assert_eq!(api.get(&path, &[]).ok(), stub);
    missing(api.post(&path, &[("name", "x")]), 404, "customer", &gone, "id");
    missing(api.delete(&path), 404, "customer", &gone, "id");
    assert_eq!(api.get("/v1/customers", &[]).ok()["data"], json!([]));
}

#[test]
fn a_deleted_customer_is_missing_as_a_parameter() {
    let api = sandbox("customers-deleted-param");
    let gone = customer(&api, &[("source", "tok_visa")]);
    api.delete(&format!("/v1/customers/{gone}")).ok();
    for answer in [
        attach(&api, "pm_card_visa", &gone),
        api.get("/v1/charges", &[("customer", &gone)]),
        api.get("/v1/payment_intents", &[("customer", &gone)]),
        api.get("/v1/payment_methods", &[("customer", &gone)]),
        charge(&api, &[("customer", &gone)]),
        intent(&api, &[("customer", &gone)]),
    ] {
        missing(answer, 400, "customer", &gone, "customer");
    }
    missing(api.get(&format!("/v1/customers/{gone}/payment_methods"), &[]), 404, "customer", &gone, "id");
}

#[test]
fn what_was_attached_to_a_deleted_customer_is_unusable() {
    let api = sandbox("customers-deleted-attached");
    let gone = customer(&api, &[]);
    let source = card_source(&api);
    api.post(&format!("/v1/customers/{gone}/sources"), &[("source", &source)]).ok();
    let method = attached(&api, "pm_card_visa", &gone);
    api.delete(&format!("/v1/customers/{gone}")).ok();
    assert_eq!(api.get(&format!("/v1/payment_methods/{method}"), &[]).ok()["customer"], Value::Null);
    let other = customer(&api, &[]);
    invalid(pay(&api, &method, &[]), 400, Some("payment_method_used_without_customer"), None);
    assert_eq!(attach(&api, &method, &other).status, 400);
    assert_eq!(charge(&api, &[("source", &source)]).status, 400);
    assert_eq!(charge(&api, &[("source", &source), ("customer", &other)]).status, 400);
}

#[test]
fn past_charges_keep_a_deleted_customer() {
    let api = sandbox("customers-deleted-charges");
    let gone = customer(&api, &[("source", "tok_visa")]);
    let paid = id(&charge(&api, &[("customer", &gone)]).ok());
    api.delete(&format!("/v1/customers/{gone}")).ok();
    assert_eq!(the_charge(&api, &paid)["customer"], gone);
}

#[test]
fn two_of_the_same_email_are_two_customers() {
    let api = sandbox("customers-twins");
    let email = [("email", "j@example.com")];
    assert_ne!(customer(&api, &email), customer(&api, &with(&email, &[("name", "J")])));
    assert_eq!(ids(&api.get("/v1/customers", &email).ok()).len(), 2);
}

#[test]
fn a_test_payment_method_may_be_the_default_of_a_new_customer() {
    let api = sandbox("customers-default-literal");
    let params = [("payment_method", "pm_card_visa"), ("invoice_settings[default_payment_method]", "pm_card_visa")];
    let made = api.post("/v1/customers", &params).ok();
    let methods = api.get(&format!("/v1/customers/{}/payment_methods", id(&made)), &[]).ok();
    assert_eq!(made["invoice_settings"]["default_payment_method"], ids(&methods)[0]);
}

#[test]
fn an_invoice_has_four_custom_fields() {
    let api = sandbox("customers-custom-fields");
    let names: Vec<_> = (0..5)
        .flat_map(|i| ["name", "value"].map(|key| format!("invoice_settings[custom_fields][{i}][{key}]")))
        .collect();
    let params: Vec<_> = names.iter().map(|name| (name.as_str(), "a")).collect();
    invalid(api.post("/v1/customers", &params), 400, None, Some("invoice_settings[custom_fields]"));
    api.post("/v1/customers", &params[..8]).ok();
}

#[test]
fn a_prefix_that_was_made_up_for_a_customer_is_that_customers() {
    let api = sandbox("customers-own-prefix");
    let made = api.post("/v1/customers", &[]).ok();
    let prefix = made["invoice_prefix"].as_str().unwrap();
    let path = format!("/v1/customers/{}", id(&made));
    assert_eq!(api.post(&path, &[("invoice_prefix", prefix)]).ok()["invoice_prefix"], prefix);
    invalid(api.post("/v1/customers", &[("invoice_prefix", prefix)]), 400, None, Some("invoice_prefix"));
    api.delete(&path).ok();
    invalid(api.post("/v1/customers", &[("invoice_prefix", prefix)]), 400, None, Some("invoice_prefix"));
    customer(&api, &[("invoice_prefix", "FREE1")]);
}

#[test]
fn an_invoice_prefix_cannot_be_unset() {
    let api = sandbox("customers-prefix-unset");
    let made = api.post("/v1/customers", &[]).ok();
    let path = format!("/v1/customers/{}", id(&made));
    invalid(api.post(&path, &[("invoice_prefix", "")]), 400, None, None);
    assert_eq!(api.get(&path, &[]).ok(), made);
}

#[test]
fn a_shipping_address_begins_with_its_address_and_name() {
    let api = sandbox("customers-shipping-parts");
    let path = format!("/v1/customers/{}", customer(&api, &[]));
    let phone = ("shipping[phone]", "1");
    for (sent, missing) in
        [(vec![phone], "shipping[address]"), (vec![phone, ("shipping[address][city]", "B")], "shipping[name]")]
    {
        invalid(api.post("/v1/customers", &sent), 400, Some("parameter_missing"), Some(missing));
        invalid(api.post(&path, &sent), 400, Some("parameter_missing"), Some(missing));
    }
    assert_eq!(api.get(&path, &[]).ok()["shipping"], Value::Null);
    let whole = [("shipping[address][city]", "B"), ("shipping[name]", "J")];
    let address =
        json!({"city": "B", "country": null, "line1": null, "line2": null, "postal_code": null, "state": null});
    let shipping = &api.post(&path, &whole).ok()["shipping"];
    assert_eq!((&shipping["address"], &shipping["name"]), (&address, &json!("J")));
}

#[test]
fn an_invoice_sequence_begins_at_1() {
    let api = sandbox("customers-sequence");
    for wrong in ["0", "-1"] {
        let sent = [("next_invoice_sequence", wrong)];
        let code = Some("parameter_invalid_integer");
        invalid(api.post("/v1/customers", &sent), 400, code, Some("next_invoice_sequence"));
    }
}

#[test]
fn an_id_of_the_callers_own_has_letters_digits_and_dashes_alone() {
    let api = sandbox("customers-own-id-form");
    for wrong in ["a b", "a/b", "a@b.co", "ä"] {
        let error = invalid(api.post("/v1/customers", &[("id", wrong)]), 400, None, Some("id"));
        assert!(error["message"].as_str().unwrap().ends_with(&format!("does not match for the value {wrong}).")));
        invalid(api.post("/v1/products", &[("id", wrong), ("name", "n")]), 400, None, Some("id"));
    }
    assert_eq!(customer(&api, &[("id", "User_7-b")]), "User_7-b");
    let old = api.version("2018-02-28");
    assert_eq!(customer(&old, &[("id", "a@b.co")]), "a@b.co");
    assert_eq!(old.get("/v1/customers/a@b.co", &[]).ok()["id"], "a@b.co");
    invalid(old.post("/v1/customers", &[("id", "a/b")]), 400, None, Some("id"));
}

#[test]
fn a_customer_may_live_by_a_test_clock_and_is_then_listed_for_it_alone() {
    let api = sandbox("customers-clock");
    let plain = customer(&api, &[]);
    missing(api.post("/v1/customers", &[("test_clock", "clock_x")]), 400, "billingclock", "clock_x", "test_clock");
    let clock = id(&api.post("/v1/test_helpers/test_clocks", &[("frozen_time", "1800000000")]).ok());
    let by_clock = [("test_clock", clock.as_str())];
    let clocked = api.post("/v1/customers", &by_clock).ok();
    assert_eq!((&clocked["test_clock"], &clocked["created"]), (&json!(clock), &json!(1_800_000_000)));
    assert_eq!(ids(&api.get("/v1/customers", &[]).ok()), std::slice::from_ref(&plain));
    assert_eq!(ids(&api.get("/v1/customers", &by_clock).ok()), [id(&clocked)]);
    missing(api.get("/v1/customers", &[("test_clock", "clock_x")]), 400, "billingclock", "clock_x", "test_clock");
    let path = format!("/v1/customers/{plain}");
    invalid(api.post(&path, &by_clock), 400, Some("parameter_unknown"), Some("test_clock"));
    let expanded = api.get(&format!("/v1/customers/{}", id(&clocked)), &[("expand[]", "test_clock")]).ok();
    assert_eq!(expanded["test_clock"]["frozen_time"], 1_800_000_000);
}

#[test]
fn tax_is_shown_for_where_the_customer_is() {
    let api = sandbox("customers-tax");
    let tax =
        |params: &[(&str, &str)]| api.post("/v1/customers", &with(params, &[("expand[]", "tax")])).ok()["tax"].clone();
    let nowhere = json!({"automatic_tax": "unrecognized_location", "ip_address": null, "location": null,
        "provider": "stripe"});
    assert_eq!(tax(&[]), nowhere);
    assert_eq!(tax(&[("address[country]", "US")]), nowhere, "a rate needs the postal code");
    assert_eq!(tax(&[("tax[ip_address]", "1.2.3.4")])["ip_address"], "1.2.3.4");
    let berlin = &[("address[country]", "DE"), ("address[state]", "BE")];
    let place = json!({"country": "DE", "source": "billing_address", "state": "BE"});
    let billed = tax(berlin);
    assert_eq!((&billed["automatic_tax"], &billed["location"]), (&json!("not_collecting"), &place));
    let shipped = [("shipping[address][country]", "FR"), ("shipping[name]", "J")];
    assert_eq!(tax(&with(berlin, &shipped))["location"]["source"], "shipping_destination");
    let registered = [("active_from", "now"), ("country", "DE"), ("country_options[de][type]", "oss_union")];
    api.post("/v1/tax/registrations", &registered).ok();
    assert_eq!(tax(berlin)["automatic_tax"], "supported");
}

#[test]
fn a_place_that_shall_be_known_at_once_has_to_be() {
    let api = sandbox("customers-tax-location");
    let at_once = [("tax[validate_location]", "immediately")];
    invalid(api.post("/v1/customers", &at_once), 400, Some("customer_tax_location_invalid"), None);
    let located = customer(&api, &with(&at_once, &[("address[country]", "DE")]));
    let path = format!("/v1/customers/{located}");
    invalid(api.post(&path, &with(&at_once, &[("address", "")])), 400, Some("customer_tax_location_invalid"), None);
    assert_eq!(api.get(&path, &[]).ok()["address"]["country"], "DE");
    invalid(api.post(&path, &[("tax[ip_address]", "here")]), 400, None, Some("tax[ip_address]"));
    let by_ip = with(&at_once, &[("tax[ip_address]", "1.2.3.4")]);
    assert_eq!(api.post("/v1/customers", &by_ip).refused(501)["type"], "api_error");
}
