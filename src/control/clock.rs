//! The control calls about the clock of a sandbox.
//!
//! May use: axum, the engine. Invariant: a clock is never set back before work that was done, and a refused call has changed
//! nothing.

use std::sync::Arc;

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{ControlCall, SANDBOX};
use super::{InSandbox, answer, due, refuse};
use crate::engine;
use crate::state::State;
use crate::state::sandbox::Sandbox;
use crate::time::calendar;
use crate::time::clock::{Clock, LATEST, SPEED_MAX};

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/clock",
        handler: || get(show),
        what: "Shows the time of a sandbox, whether its clock is real, frozen, ahead, or running at a speed of its own, and the \
               speed",
        parameters: &[SANDBOX],
        body: None,
        example: "curl localhost:12111/_pinstripe/clock",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/clock",
        handler: || post(set),
        what: "Sets a sandbox's clock by exactly one of `advance`, `freeze`, `speed` and `real`; answers when everything that \
               becomes due is done, with the number of items (`done`) and of what bounds have dropped meanwhile (`dropped`)",
        parameters: &[
            SANDBOX,
            ("advance", "seconds to add, or `next`: to the next thing that happens"),
            ("object", "with `advance=next`: the id of the object to which it happens, or to what belongs to it"),
            ("freeze", "Unix seconds at which the clock stands still, or `now`"),
            ("speed", "how many times as fast as the machine's the clock runs from now on"),
            ("real", "`true`: follow the machine's clock"),
        ],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/clock?advance=86400'",
    },
];

pub(super) async fn show(InSandbox(sandbox): InSandbox) -> Response {
    answer(StatusCode::OK, &shown(&sandbox))
}

/// The clock of a sandbox as calls show it.
pub(super) fn shown(sandbox: &Sandbox) -> Value {
    let clock = sandbox.clock();
    let kind = match clock {
        Clock::Real => "real",
        Clock::Frozen(_) => "frozen",
        Clock::Ahead(_) => "ahead",
        Clock::Running(_) => "running",
    };
    json!({"clock": kind, "now": clock.now(), "speed": clock.speed()})
}

/// The parameters of a change of the clock; exactly one is sent, and `object` with one of them.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ClockParams {
    advance: Option<String>,
    object: Option<String>,
    freeze: Option<String>,
    speed: Option<String>,
    real: Option<String>,
}

pub(super) async fn set(InSandbox(sandbox): InSandbox, Query(setting): Query<ClockParams>) -> Response {
    match change(sandbox, setting).await {
        Ok(told) => answer(StatusCode::OK, &told),
        Err(refusal) => *refusal,
    }
}

/// Changes the clock of a sandbox, and answers when everything that becomes due is done.
pub(super) async fn change(sandbox: Arc<Sandbox>, setting: ClockParams) -> Result<Value, Box<Response>> {
    // The sandbox may be held, and the work takes as long as there is any.
    let work = move || move_and_run(&sandbox, &setting);
    let refused = |status, message: &str| Err(Box::new(refuse(status, message)));
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(told)) => Ok(told),
        Ok(Err(message)) => refused(StatusCode::BAD_REQUEST, &message),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "Moving the clock failed."),
    }
}

/// Moves the clock and does everything that becomes due.
fn move_and_run(sandbox: &Arc<Sandbox>, setting: &ClockParams) -> Result<Value, String> {
    let (done, dropped) = (sandbox.done(), sandbox.dropped());
    let next = sandbox.move_clock(|clock, state| {
        let (moved, next) = setting.apply(clock, state)?;
        check_not_back(moved, state)?;
        Ok::<_, String>((moved, next))
    })?;
    engine::run_due(sandbox);
    let mut told = shown(sandbox);
    let dropped = sandbox.dropped().since(dropped);
    told["done"] = sandbox.done().saturating_sub(done).into();
    told["dropped"] = json!({"events": dropped.events, "deliveries": dropped.deliveries});
    if let Some(next) = next {
        told["next"] = next;
    }
    Ok(told)
}

/// What was done at a time has happened: a clock before it would do the same again, or show what has not happened yet.
fn check_not_back(clock: Clock, state: &State) -> Result<(), String> {
    match state.done_until().filter(|done| clock.now() < *done) {
        None => Ok(()),
        Some(done) => Err(format!(
            "Work that was due at {done} ({}) is done, so the clock can't be set back before it. Restore a snapshot, or reset \
             the sandbox.",
            calendar::in_words(done)
        )),
    }
}

impl ClockParams {
    /// Adds seconds.
    pub(super) fn advance_by(seconds: i64) -> Self {
        ClockParams { advance: Some(seconds.to_string()), ..ClockParams::default() }
    }

    /// The clock after the change and, with `advance=next`, what happens next.
    fn apply(&self, clock: Clock, state: &State) -> Result<(Clock, Option<Value>), String> {
        if self.object.is_some() && self.advance.as_deref() != Some("next") {
            return Err("`object` goes with `advance=next`.".to_owned());
        }
        let moved = match (&self.advance, &self.freeze, &self.speed, &self.real) {
            (Some(next), None, None, None) if next == "next" => {
                let due = due::next(state, self.object.as_deref())?;
                let seconds = due.at().saturating_sub(clock.now()).max(0);
                return Ok((later(clock, seconds)?, Some(due::row(state, &due))));
            }
            (Some(seconds), None, None, None) => {
                let seconds = seconds.parse().ok().filter(|seconds: &i64| *seconds >= 0);
                later(clock, seconds.ok_or("`advance` must be whole seconds, 0 or more, or `next`.")?)
            }
            (None, Some(at), None, None) if at == "now" => Ok(Clock::Frozen(clock.now())),
            (None, Some(at), None, None) => {
                let at = at.parse().ok().map(Clock::Frozen).filter(|clock| clock.can_be_set());
                at.ok_or_else(|| format!("`freeze` must be `now` or Unix seconds from 0 to {LATEST}."))
            }
            (None, None, Some(speed), None) => {
                let speed = speed.parse().ok().filter(|speed| (1..=SPEED_MAX).contains(speed));
                let speed = speed.ok_or_else(|| format!("`speed` must be a whole number from 1 to {SPEED_MAX}."))?;
                Ok(clock.at_speed(speed))
            }
            (None, None, None, Some(real)) if matches!(real.as_str(), "" | "true") => Ok(Clock::Real),
            (None, None, None, Some(_)) => Err("`real` is `true`, or left out.".to_owned()),
            _ => Err("Send one of `advance=SECONDS`, `advance=next`, `freeze=UNIX_SECONDS`, `freeze=now`, `speed=N` and `real`."
                .to_owned()),
        };
        Ok((moved?, None))
    }
}

fn later(clock: Clock, seconds: i64) -> Result<Clock, String> {
    let late = || format!("A clock goes to {LATEST} (the end of the year 9999) at the latest.");
    clock.advanced(seconds).ok_or_else(late)
}
