//! What sellers and customers do: the acts of random scripts. A new kind of thing that goes on by itself gets one here.

use super::Acts;
use super::world::{DAY, World, items};
use crate::support::dice::Dice;
use crate::support::flows::{id, rows, text};

/// Everything.
pub(super) const ALL: Acts = &[
    ("customer", customer),
    ("subscribe", subscribe),
    ("subscribe", subscribe),
    ("subscribe", subscribe),
    ("change", change),
    ("change", change),
    ("add or drop an item", add_or_drop),
    ("cancel", cancel),
    ("end later", end_later),
    ("pause collection", pause_collection),
    ("pause", pause),
    ("discount", discount),
    ("use", measure),
    ("use", measure),
    ("invoice item", invoice_item),
    ("card", card),
    ("schedule", schedule),
    ("take over", take_over),
    ("end a schedule", end_schedule),
    ("trial", trial),
    ("close an invoice", close_invoice),
    ("draft", draft),
    ("credit", credit),
    ("quote", quote),
    ("hold", hold),
    ("voucher", voucher),
    ("test clock", test_clock),
    ("delete a customer", delete_customer),
];

/// Adds each of some parameters with one chance in four.
fn sometimes(dice: &mut Dice, options: &[&str]) -> String {
    options.iter().filter(|_| dice.roll(4) == 0).map(|option| format!("&{option}")).collect()
}

/// Prices for one interval; monthly ones most often.
fn prices<'w>(world: &'w World, dice: &mut Dice) -> &'w [String] {
    let all = &world.prices;
    [&all.month, &all.month, &all.week, &all.long][dice.roll(4)]
}

fn behavior(dice: &mut Dice) -> &'static str {
    ["create_prorations", "always_invoice", "none"][dice.roll(3)]
}

fn customer(world: &mut World, dice: &mut Dice) {
    let cards = ["pm_card_visa", "pm_card_mastercard", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"];
    let balance = ["", "&balance=-1500", "&balance=400"][dice.roll(3)];
    world.customer(dice.one_of(&cards), balance);
}

fn subscribe(world: &mut World, dice: &mut Dice) {
    let customer = world.some_customer(dice);
    let own = prices(world, dice);
    let first = dice.roll(own.len());
    let mut form =
        format!("customer={customer}&items[0][price]={}&items[0][quantity]={}", own[first], 1 + dice.roll(4));
    if dice.roll(3) == 0 {
        form += &format!("&items[1][price]={}", own[(first + 1) % own.len()]);
    } else if dice.roll(3) == 0 {
        form += &format!("&items[1][price]={}", world.prices.metered);
    }
    form += match dice.roll(3) {
        0 => "&billing_mode[type]=classic",
        _ => "&billing_mode[type]=flexible",
    };
    form += &match dice.roll(8) {
        0 => format!("&trial_period_days={}", 1 + dice.roll(20)),
        1 => format!("&billing_cycle_anchor={}", world.now + 5 * DAY),
        2 => format!("&backdate_start_date={}", world.now - 20 * DAY),
        3 => format!("&cancel_at={}", world.now + (1 + i64::try_from(dice.roll(90)).unwrap()) * DAY),
        4 => "&cancel_at_period_end=true".to_owned(),
        _ => String::new(),
    };
    form += match dice.roll(6) {
        0 => "&collection_method=send_invoice&days_until_due=5",
        1 => "&payment_behavior=default_incomplete",
        2 => "&payment_behavior=error_if_incomplete",
        _ => "",
    };
    let ending = ["cancel", "pause", "create_invoice"][dice.roll(3)];
    let options = [
        format!("discounts[0][coupon]={}", world.coupons[dice.roll(world.coupons.len())]),
        "proration_behavior=none".to_owned(),
        format!("default_tax_rates[0]={}", world.rate),
        format!("add_invoice_items[0][price]={}", world.prices.once),
        "pending_invoice_item_interval[interval]=week".to_owned(),
        format!("trial_settings[end_behavior][missing_payment_method]={ending}"),
        "metadata[plan]=gold".to_owned(),
    ];
    form += &sometimes(dice, &options.each_ref().map(String::as_str));
    if let Some(made) = world.post("/v1/subscriptions", &form) {
        world.subscriptions.push(id(&made));
    }
}

fn change(world: &mut World, dice: &mut Dice) {
    let Some(old) = world.some_subscription(dice) else { return };
    let all = items(&old);
    let item = &all[dice.roll(all.len())];
    let next = prices(world, dice);
    let mut form = format!("items[0][id]={}&proration_behavior={}", id(item), behavior(dice));
    if dice.roll(2) == 0 {
        form += &format!("&items[0][price]={}", next[dice.roll(next.len())]);
    }
    form += &format!("&items[0][quantity]={}", dice.roll(4));
    form += match dice.roll(6) {
        0 => "&billing_cycle_anchor=now",
        1 => "&payment_behavior=pending_if_incomplete",
        2 => "&payment_behavior=error_if_incomplete",
        _ => "",
    };
    world.post(&format!("/v1/subscriptions/{}", id(&old)), &form);
}

fn add_or_drop(world: &mut World, dice: &mut Dice) {
    let Some(old) = world.some_subscription(dice) else { return };
    let behavior = behavior(dice);
    let all = items(&old);
    if all.len() > 1 && dice.roll(2) == 0 {
        let item = id(&all[dice.roll(all.len())]);
        world.delete(&format!("/v1/subscription_items/{item}?proration_behavior={behavior}"));
    } else {
        let next = prices(world, dice);
        let form =
            format!("subscription={}&price={}&proration_behavior={behavior}", id(&old), next[dice.roll(next.len())]);
        world.post("/v1/subscription_items", &form);
    }
}

fn cancel(world: &mut World, dice: &mut Dice) {
    let Some(old) = world.some_subscription(dice) else { return };
    let how = ["", "?prorate=true", "?invoice_now=true", "?prorate=true&invoice_now=true"][dice.roll(4)];
    world.delete(&format!("/v1/subscriptions/{}{how}", id(&old)));
}

fn end_later(world: &mut World, dice: &mut Dice) {
    let Some(old) = world.some_subscription(dice) else { return };
    let days = 1 + i64::try_from(dice.roll(60)).unwrap();
    let form = match dice.roll(4) {
        0 => format!("cancel_at={}&proration_behavior={}", world.now + days * DAY, behavior(dice)),
        1 => "cancel_at=".to_owned(),
        2 => "cancel_at_period_end=false".to_owned(),
        _ => "cancel_at_period_end=true".to_owned(),
    };
    world.post(&format!("/v1/subscriptions/{}", id(&old)), &form);
}

fn pause_collection(world: &mut World, dice: &mut Dice) {
    let Some(old) = world.some_subscription(dice) else { return };
    let behavior = ["keep_as_draft", "mark_uncollectible", "void"][dice.roll(3)];
    let form = match dice.roll(3) {
        0 => "pause_collection=".to_owned(),
        1 => format!("pause_collection[behavior]={behavior}"),
        _ => format!("pause_collection[behavior]={behavior}&pause_collection[resumes_at]={}", world.now + 40 * DAY),
    };
    world.post(&format!("/v1/subscriptions/{}", id(&old)), &form);
}

fn pause(world: &mut World, dice: &mut Dice) {
    let Some(old) = world.some_subscription(dice) else { return };
    let path = format!("/v1/subscriptions/{}", id(&old));
    if old["status"] == "paused" {
        let anchor = ["now", "unchanged"][dice.roll(2)];
        world.post(
            &format!("{path}/resume"),
            &format!("billing_cycle_anchor={anchor}&proration_behavior={}", behavior(dice)),
        );
    } else {
        world.post(&format!("{path}/pause"), "type=subscription");
    }
}

fn discount(world: &mut World, dice: &mut Dice) {
    let coupon = world.coupons[dice.roll(world.coupons.len())].clone();
    let Some(old) = world.some_subscription(dice) else { return };
    let path = format!("/v1/subscriptions/{}", id(&old));
    match dice.roll(3) {
        0 => {
            world.delete(&format!("{path}/discount"));
        }
        1 => {
            let item = id(&items(&old)[0]);
            world.post(&format!("/v1/subscription_items/{item}"), &format!("discounts[0][coupon]={coupon}"));
        }
        _ => {
            world.post(&path, &format!("discounts[0][coupon]={coupon}"));
        }
    }
}

fn measure(world: &mut World, dice: &mut Dice) {
    let customer = world.some_customer(dice);
    let value = 1 + dice.roll(500);
    let form = format!("event_name=calls&payload[stripe_customer_id]={customer}&payload[value]={value}");
    world.post("/v1/billing/meter_events", &form);
}

fn invoice_item(world: &mut World, dice: &mut Dice) {
    let amount = ["900", "-350", "2500"][dice.roll(3)];
    let form = match world.some_subscription(dice) {
        Some(old) if dice.roll(2) == 0 => format!("customer={}&subscription={}", text(&old, "customer"), id(&old)),
        _ => format!("customer={}", world.some_customer(dice)),
    };
    world.post("/v1/invoiceitems", &format!("{form}&amount={amount}&currency=usd"));
}

fn card(world: &mut World, dice: &mut Dice) {
    let cards = ["pm_card_visa", "pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"];
    let customer = world.some_customer(dice);
    world.use_card(&customer, dice.one_of(&cards));
}

/// The phases of a schedule.
fn phases(world: &World, dice: &mut Dice, first: usize) -> String {
    let own = prices(world, dice).to_vec();
    let mut form = String::new();
    for n in first..=first + dice.roll(3) {
        let phase = format!("&phases[{n}]");
        form += &format!("{phase}[items][0][price]={}", own[dice.roll(own.len())]);
        form += &format!("{phase}[items][0][quantity]={}", 1 + dice.roll(3));
        let unit = ["day", "week", "month"][dice.roll(3)];
        form += &format!("{phase}[duration][interval]={unit}{phase}[duration][interval_count]={}", 1 + dice.roll(9));
        let options = [
            format!("phases[{n}][discounts][0][coupon]={}", world.coupons[dice.roll(world.coupons.len())]),
            format!("phases[{n}][proration_behavior]={}", behavior(dice)),
            format!("phases[{n}][trial]=true"),
            format!("phases[{n}][add_invoice_items][0][price]={}", world.prices.once),
            format!("phases[{n}][billing_cycle_anchor]=phase_start"),
            format!("phases[{n}][metadata][phase]={n}"),
        ];
        form += &sometimes(dice, &options.each_ref().map(String::as_str));
    }
    form
}

fn schedule(world: &mut World, dice: &mut Dice) {
    let start =
        ["now".to_owned(), (world.now + 3 * DAY).to_string(), (world.now - 3 * DAY).to_string()][dice.roll(3)].clone();
    let end = ["release", "cancel"][dice.roll(2)];
    let phases = phases(world, dice, 0);
    let form = format!("customer={}&start_date={start}&end_behavior={end}{phases}", world.some_customer(dice));
    if let Some(made) = world.post("/v1/subscription_schedules", &form) {
        world.schedules.push(id(&made));
        world.subscriptions.extend(made["subscription"].as_str().map(str::to_owned));
    }
}

fn take_over(world: &mut World, dice: &mut Dice) {
    let Some(old) = world.some_subscription(dice) else { return };
    let Some(made) = world.post("/v1/subscription_schedules", &format!("from_subscription={}", id(&old))) else {
        return;
    };
    world.schedules.push(id(&made));
    let now = &made["phases"][0];
    let item = &now["items"][0];
    let form = format!(
        "phases[0][items][0][price]={}&phases[0][items][0][quantity]={}&phases[0][start_date]={}&phases[0][end_date]={}",
        text(item, "price"),
        item["quantity"].as_i64().unwrap_or(1),
        now["start_date"],
        now["end_date"],
    );
    let more = phases(world, dice, 1);
    world.post(&format!("/v1/subscription_schedules/{}", id(&made)), &format!("{form}{more}"));
}

fn end_schedule(world: &mut World, dice: &mut Dice) {
    if world.schedules.is_empty() {
        return;
    }
    let which = world.schedules[dice.roll(world.schedules.len())].clone();
    let how = ["cancel", "release"][dice.roll(2)];
    world.post(&format!("/v1/subscription_schedules/{which}/{how}"), "");
}

fn trial(world: &mut World, dice: &mut Dice) {
    let Some(old) = world.some_subscription(dice) else { return };
    let end = ["now".to_owned(), (world.now + 9 * DAY).to_string()][dice.roll(2)].clone();
    let form = format!("trial_end={end}&proration_behavior={}", behavior(dice));
    world.post(&format!("/v1/subscriptions/{}", id(&old)), &form);
}

fn close_invoice(world: &mut World, dice: &mut Dice) {
    let status = ["open", "open", "draft", "paid"][dice.roll(4)];
    let Some(invoice) = world.some_invoice(dice, status) else { return };
    let path = format!("/v1/invoices/{}", id(&invoice));
    match status {
        "draft" => world.post(&format!("{path}/finalize"), ""),
        "paid" => {
            let amount = 1 + dice.roll(500);
            let how = ["credit_amount", "refund_amount", "out_of_band_amount"][dice.roll(3)];
            let form = format!("invoice={}&amount={amount}&{how}={amount}", id(&invoice));
            world.post("/v1/credit_notes", &form)
        }
        _ => {
            let (verb, form) =
                [("pay", ""), ("pay", "paid_out_of_band=true"), ("void", ""), ("mark_uncollectible", "")][dice.roll(4)];
            world.post(&format!("{path}/{verb}"), form)
        }
    };
}

/// A time within the next year, often on the same days as others.
fn some_time(world: &World, dice: &mut Dice) -> i64 {
    let days = i64::try_from(1 + dice.roll(52) * 7).unwrap();
    world.now + days * DAY + i64::try_from(dice.roll(3)).unwrap()
}

fn draft(world: &mut World, dice: &mut Dice) {
    let customer = world.some_customer(dice);
    world.post("/v1/invoiceitems", &format!("customer={customer}&amount=2000&currency=usd"));
    let at = some_time(world, dice);
    let sent = ["", "&collection_method=send_invoice&days_until_due=30"][dice.roll(2)];
    let form =
        format!("customer={customer}&automatically_finalizes_at={at}&pending_invoice_items_behavior=include{sent}");
    world.post("/v1/invoices", &form);
}

fn credit(world: &mut World, dice: &mut Dice) {
    let path = format!("/v1/customers/{}/balance_transactions", world.some_customer(dice));
    let amount = ["-1200", "350"][dice.roll(2)];
    world.post(&path, &format!("amount={amount}&currency=usd"));
}

fn quote(world: &mut World, dice: &mut Dice) {
    let customer = world.some_customer(dice);
    let own = prices(world, dice);
    let price = own[dice.roll(own.len())].clone();
    let form = format!("customer={customer}&line_items[0][price]={price}");
    let Some(made) = world.post("/v1/quotes", &form) else { return };
    let path = format!("/v1/quotes/{}", id(&made));
    world.post(&format!("{path}/finalize"), "");
    if dice.roll(4) == 0 {
        // It expires by itself.
        return;
    }
    if let Some(accepted) = world.post(&format!("{path}/accept"), "") {
        world.subscriptions.extend(accepted["subscription"].as_str().map(str::to_owned));
    }
}

fn hold(world: &mut World, _: &mut Dice) {
    world.post("/v1/charges", "amount=1500&currency=usd&source=tok_visa&capture=false");
}

fn voucher(world: &mut World, dice: &mut Dice) {
    let customer = world.some_customer(dice);
    let form = "amount=2000&currency=mxn&payment_method_types[]=oxxo&payment_method_data[type]=oxxo&confirm=true\
                &payment_method_data[billing_details][name]=Ada\
                &payment_method_data[billing_details][email]=ada.fill_never@example.com";
    world.post("/v1/payment_intents", &format!("{form}&customer={customer}"));
}

fn test_clock(world: &mut World, dice: &mut Dice) {
    // A clock with an end of its own.
    let at = some_time(world, dice);
    world.post("/v1/test_helpers/test_clocks", &format!("frozen_time={at}"));
}

fn delete_customer(world: &mut World, dice: &mut Dice) {
    if world.customers.len() < 3 || dice.roll(2) == 0 {
        return;
    }
    let gone = world.customers.remove(dice.roll(world.customers.len()));
    let list = world.get(&format!("/v1/subscriptions?customer={gone}&status=all"));
    let ended: Vec<String> = rows(&list).iter().map(id).collect();
    world.delete(&format!("/v1/customers/{gone}"));
    world.subscriptions.retain(|one| !ended.contains(one));
}
