//! What holds of billing, whatever a seller does (billing-2 2 to 8, 11.4): properties of random scripts.

mod ledger;
mod next;
mod periods;
mod schedules;
mod steps;
mod time;
mod world;

use std::fmt;

use proptest::prelude::*;

use self::world::World;
use crate::support::dice::Dice;
use crate::support::property;

/// Something that a seller or a customer does; the dice choose how.
type Act = fn(&mut World, &mut Dice);

/// The acts that a script may have, with their names; one that is there twice happens twice as often.
type Acts = &'static [(&'static str, Act)];

/// A step of a script: some time passes, and then something is done.
#[derive(Clone)]
struct Step {
    hours: i64,
    name: &'static str,
    act: Act,
    seed: u64,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} h {} #{}", self.hours, self.name, self.seed)
    }
}

impl Step {
    /// Takes the step in a world.
    fn take(&self, world: &mut World) {
        world.pass(self.hours * 3_600);
        (self.act)(world, &mut Dice(self.seed));
    }
}

fn step(acts: Acts, hours: i64) -> impl Strategy<Value = Step> {
    // No shrinking within a step: a script is made smaller by leaving out steps.
    (0..=hours, 0..acts.len(), 1..u64::MAX).no_shrink().prop_map(move |(hours, which, seed)| {
        let (name, act) = acts[which];
        Step { hours, name, act, seed }
    })
}

/// Checks a property of random scripts: a `share` of `PROPTEST_CASES` of them, with this many steps of these acts, each at most
/// so many hours after the one before.
fn hold(share: u32, acts: Acts, (steps, hours): (usize, i64), property: impl Fn(&[Step])) {
    let scripts = proptest::collection::vec(step(acts, hours), 1..=steps);
    property::hold(share, &scripts, |script| {
        property(&script);
        Ok(())
    });
}
