//! Advances of a sandbox's clock.

use std::sync::mpsc::{TryRecvError, channel};
use std::thread;

use super::{DAY, NOW, with_rows};
use crate::support::flows::{int, rows, text};

#[test]
fn requests_go_on_while_a_clock_advances() {
    let api = with_rows(3_000);
    let (done, is_done) = channel();
    let advancing = api.clone();
    let advance = thread::spawn(move || {
        advancing.advance(DAY);
        done.send(()).unwrap();
    });
    let (mut written, mut seen) = (0, Vec::new());
    while is_done.try_recv() == Err(TryRecvError::Empty) {
        api.post("/v1/customers", &[]).ok();
        written += 1;
        let pending = &api.get("/v1/balance", &[]).ok()["pending"][0];
        seen.push(int(pending, "amount"));
    }
    advance.join().unwrap();
    assert!(written >= 5, "only {written} writes had their turn");
    assert!(seen.iter().any(|pending| (1..300_000).contains(pending)), "nobody saw the advance under way: {seen:?}");
    assert!(seen.is_sorted_by(|earlier, later| earlier >= later), "{seen:?}");
    // The call answers when all is done.
    let balance = api.get("/v1/balance", &[]).ok();
    assert_eq!((int(&balance["pending"][0], "amount"), int(&balance["available"][0], "amount")), (0, 300_000));
}

#[test]
fn what_was_due_first_is_done_first() {
    let api = with_rows(20);
    api.advance(10);
    let listed = api.get("/v1/balance_transactions", &[("limit", "100")]).ok();
    let available = rows(&listed).iter().filter(|row| text(row, "status") == "available");
    let mut times: Vec<i64> = available.map(|row| int(row, "available_on") - NOW).collect();
    times.sort_unstable();
    assert_eq!(times, (1..=10).collect::<Vec<_>>());
}
