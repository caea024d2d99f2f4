//! Wallets, bank redirects, pay-later plans and codes to scan: the customer agrees on another page or in an app
//! (intents-and-checkout 1.7).
//!
//! May use: charges. Invariant: nothing is charged before the customer agrees.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{PaymentRail, Progress, Trial, check, consent, pay};
use crate::contract::{Asked, Ctx};
use crate::error::{ApiError, Result};
use crate::issuers;
use crate::qr;
use crate::resources::payments::payment_intents::action;
use crate::resources::payments::rails::Action;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::time::calendar::HOUR;

/// The rail of payment methods that are authorized on another page or in an app.
pub(super) static RAIL: PaymentRail = PaymentRail { attempt, resume, asked: Asked::Authorization };

/// Seconds for which a code can be scanned, unless the request sends another time.
const CODE_SECONDS: i64 = HOUR;

/// The same for Pix.
const PIX_SECONDS: i64 = 14_400;

fn attempt(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial) -> Result<Progress> {
    let facts = check(trial)?;
    // A payment method that was set up is charged off session.
    let set_up = trial.method().is_some_and(|method| method.set_up);
    if facts.action == Action::Nothing || (trial.terms.off_session && set_up) {
        return Ok(pay(tx, ctx, trial));
    }
    if trial.terms.off_session {
        return Err(trial.refused(ApiError::intent_needs_mandate()));
    }
    consent(tx, ctx, trial, facts)?;
    let next_action = match facts.action {
        Action::Redirect => action::redirect(ctx, &trial.intent, return_url(trial)?),
        Action::Alipay => alipay(ctx, trial)?,
        Action::Blik => {
            // In test mode the customer agrees in the app at once.
            let next_action = of_type("blik_authorize", Map::new());
            return Ok(Progress::ActsAlone { next_action, agrees: true, at: ctx.now });
        }
        Action::Pix => return Ok(pix(ctx, trial)),
        code => scanned(ctx, trial, code),
    };
    Ok(Progress::RequiresAction(next_action))
}

fn resume(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial, agreed: bool) -> Result<Progress> {
    if agreed {
        return Ok(pay(tx, ctx, trial));
    }
    let error = match trial.instrument.kind() {
        "affirm" => ApiError::affirm_checkout_canceled(),
        "pix" => ApiError::payment_attempt_expired(),
        _ => ApiError::intent_authentication_failed(),
    };
    Ok(Progress::Declined { charge: None, error })
}

/// Where the customer returns to; the browser library needs no such URL.
fn return_url(trial: &Trial) -> Result<&str> {
    match trial.terms.return_url.as_deref() {
        Some(url) => Ok(url),
        None if trial.terms.use_stripe_sdk => Ok(""),
        None => Err(trial.refused(ApiError::intent_redirect_needs_return_url(trial.instrument.kind()))),
    }
}

fn of_type(kind: &'static str, details: Map) -> Map {
    Map::from([("type", Doc::from(kind)), (kind, details.into())])
}

fn alipay(ctx: &Ctx<'_>, trial: &Trial) -> Result<Map> {
    let back = return_url(trial)?.to_owned();
    let details = Map::from([
        ("native_data", Doc::Null),
        ("native_url", Doc::Null),
        ("return_url", back.into()),
        ("url", action::page(ctx, &trial.intent).into()),
    ]);
    Ok(of_type("alipay_handle_redirect", details))
}

/// A Pix code; the e-mail address decides who pays it, and when.
fn pix(ctx: &Ctx<'_>, trial: &Trial) -> Progress {
    let page = action::page(ctx, &trial.intent);
    let options = trial.options();
    let seconds = options.and_then(|options| options.int("expires_after_seconds")).unwrap_or(PIX_SECONDS);
    let asked = options.and_then(|options| options.int("expires_at")).unwrap_or(ctx.now + seconds);
    let fate = issuers::fate_of_email(email(trial).as_deref());
    let (agrees, at, expires_at) = super::voucher::fate(ctx, fate, asked);
    let [png, svg] = action::pictures(ctx, &trial.intent);
    let details = Map::from([
        ("data", Doc::from(format!("pinstripe:pix:{}", trial.intent.id))),
        ("expires_at", expires_at.into()),
        ("hosted_instructions_url", page.into()),
        png,
        svg,
    ]);
    Progress::ActsAlone { next_action: of_type("pix_display_qr_code", details), agrees, at }
}

/// The customer's e-mail address.
pub(super) fn email(trial: &Trial) -> Option<String> {
    trial.instrument.billing_details().str("email").map(str::to_owned)
}

/// A code that the customer scans with an app.
fn scanned(ctx: &Ctx<'_>, trial: &Trial, action: Action) -> Map {
    let page = || Doc::from(action::page(ctx, &trial.intent));
    let data = || Doc::from(format!("pinstripe:{}:{}", trial.instrument.kind(), trial.intent.id));
    let expiry = Doc::from(ctx.now + CODE_SECONDS);
    let picture = || {
        let png = qr::png(&action::page(ctx, &trial.intent));
        Doc::from(format!("data:image/png;base64,{}", STANDARD.encode(png)))
    };
    let code = |more: Vec<(&'static str, Doc)>| {
        let entries =
            action::pictures(ctx, &trial.intent).into_iter().chain(more).map(|(key, value)| (key.into(), value));
        Map::from_entries(entries.collect())
    };
    match action {
        Action::WeChatPay => of_type(
            "wechat_pay_display_qr_code",
            code(vec![("data", data()), ("hosted_instructions_url", page()), ("image_data_url", picture())]),
        ),
        Action::PayNow => {
            of_type("paynow_display_qr_code", code(vec![("data", data()), ("hosted_instructions_url", page())]))
        }
        Action::PromptPay => {
            of_type("promptpay_display_qr_code", code(vec![("data", data()), ("hosted_instructions_url", page())]))
        }
        Action::Swish => {
            let qr_code = code(vec![("data", data()), ("expires_at", expiry)]);
            let details =
                [("hosted_instructions_url", page()), ("mobile_auth_url", page()), ("qr_code", qr_code.into())];
            of_type("swish_handle_redirect_or_display_qr_code", Map::from(details))
        }
        Action::Upi => {
            let qr_code = code(vec![("expires_at", expiry)]);
            let details = [("hosted_instructions_url", page()), ("qr_code", qr_code.into())];
            of_type("upi_handle_redirect_or_display_qr_code", Map::from(details))
        }
        _ => {
            let qr_code = code(vec![("expires_at", expiry)]);
            let details =
                [("hosted_instructions_url", page()), ("mobile_auth_url", page()), ("qr_code", qr_code.into())];
            of_type("cashapp_handle_redirect_or_display_qr_code", Map::from(details))
        }
    }
}
