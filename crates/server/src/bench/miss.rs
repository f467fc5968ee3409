//! A miss, beside the raw signature check that it contains.

use std::hint::black_box;

use serde_json::{Map, Value, json};
use tollgate::raw::{Library, RawKey};
use tollgate::{Algorithm, Request};

use super::measure::medians;
use super::progress::Bar;
use super::report::{Report, Table, at_most, number};
use super::world::{ASK, NOW, USERS, World};
use crate::misuse::Misuse;

pub(super) const STEPS: usize = Algorithm::ALL.len();

struct Miss {
    algorithm: Algorithm,
    raw_ns: f64,
    check_ns: f64,
    /// Which library was the faster.
    library: &'static str,
}

impl Miss {
    fn json(&self) -> Value {
        json!({ "raw_ns": self.raw_ns, "check_ns": self.check_ns, "raw_library": self.library })
    }

    fn row(&self) -> [String; 7] {
        let goal = self.raw_ns * 1.05 + 1500.0;
        let over = self.check_ns - self.raw_ns;
        let [raw, check, over, goal_ns] = [self.raw_ns, self.check_ns, over, goal].map(number);
        let met = at_most(self.check_ns, goal);
        [self.algorithm.name().into(), self.library.into(), raw, check, over, goal_ns, met]
    }
}

pub(super) fn measure(rounds: usize, bar: &Bar) -> Result<Report, Misuse> {
    let head = ["", "raw by", "raw ns", "check", "over", "goal", ""];
    let mut table = Table::new(
        "miss: a check of a token never seen, beside its raw signature check (medians)",
        &head,
    );
    let mut names = Map::new();
    for algorithm in Algorithm::ALL {
        bar.step(&format!("misses: {algorithm}"));
        let miss = measure_one(*algorithm, rounds)?;
        names.insert(algorithm.name().into(), miss.json());
        table.row(miss.row());
    }
    let mut report = Report::default();
    report.name("miss", names);
    report.tables.push(table);
    Ok(report)
}

fn measure_one(algorithm: Algorithm, rounds: usize) -> Result<Miss, Misuse> {
    let world = World::new(algorithm);
    let tenant = &world.tenant;
    let token = tenant.sign(&tenant.user_claims(USERS / 2, NOW.unix_s));
    let message = token.rsplit_once('.').map_or("", |(message, _)| message).as_bytes();
    let no_random = |_| Misuse::new("the system gives no random numbers");
    let signature = tenant.key.sign(message).map_err(no_random)?;
    let ring = RawKey::new(Library::Ring, &tenant.key);
    let aws_lc = RawKey::new(Library::AwsLc, &tenant.key);
    // Without a memory, every check is a miss.
    let gate = world.gate(0)?;
    let request = Request::token(token.as_bytes());

    let raw =
        |key: &Option<RawKey>| key.as_ref().is_none_or(|key| key.verifies(message, &signature));
    if !gate.check(&request, &ASK, NOW).is_admitted() || !raw(&ring) || !raw(&aws_lc) {
        return Err(Misuse::new(format!("the bench's own {algorithm} token is refused: a bug")));
    }
    let [check_ns, ring_ns, aws_lc_ns] = medians(
        rounds,
        [
            &mut || _ = black_box(gate.check(black_box(&request), &ASK, NOW)),
            &mut || _ = black_box(raw(black_box(&ring))),
            &mut || _ = black_box(raw(black_box(&aws_lc))),
        ],
    );
    let ring_ns = ring.map_or(f64::INFINITY, |_| ring_ns);
    let aws_lc_ns = aws_lc.map_or(f64::INFINITY, |_| aws_lc_ns);
    let (raw_ns, library) =
        if ring_ns < aws_lc_ns { (ring_ns, "ring") } else { (aws_lc_ns, "aws-lc-rs") };
    Ok(Miss { algorithm, raw_ns, check_ns, library })
}
