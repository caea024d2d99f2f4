//! What sharing a charge costs: one that is transferred to an account in another currency, beside a plain one.

use crate::Fallible;
use crate::compare;
use crate::http::{Call, Client};
use crate::load::Stop;
use crate::process::{Server, Stderr};
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::throughput::contestant;

const SANDBOX: &str = "transfers";
/// A destination charge may cost twice a plain one.
const KEPT: f64 = 0.5;
const CHARGE: &str = "amount=2000&currency=usd&source=tok_visa";

/// Charges a card on one server, with a transfer to a Canadian account and without, in turn.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let server = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect(server.address)?;
    let seller = client.id_of(&Call::post(SANDBOX, "/v1/accounts", "country=CA"))?;
    let plain = Call::post("plain", "/v1/charges", CHARGE);
    let form = format!("{CHARGE}&transfer_data[destination]={seller}&application_fee_amount=100");
    let shared = Call::post(SANDBOX, "/v1/charges", form);
    if !client.expect_200(&shared)?.body.contains("\"transfer\": \"tr_") {
        return Err("the charge was not transferred".into());
    }
    let contestants =
        [contestant("plain", &server, &[plain], 1), contestant("to an account abroad", &server, &[shared], 1)];
    let tallies = compare::rounds(settings, &contestants, Stop::After(settings.round))?;
    report.tallies("charge a card", &tallies);
    let measure = "charge with a transfer in another currency: rate / plain";
    report.ratio(measure, tallies[1].ratio_to(&tallies[0]), Target::AtLeast(KEPT));
    Ok(())
}
