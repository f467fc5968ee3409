//! Chains that are made to cost: none of them leads anywhere.

use std::hint::black_box;

use tollgate::{Detail, Refusal};

use super::measure::medians;
use super::pki::Judge;
use super::progress::Bar;
use super::report::{Report, Table, at_most, number};
use super::webs;
use crate::misuse::Misuse;

pub(super) const STEPS: usize = webs::COUNT;

const GOAL_US: f64 = 2000.0;

struct Hostile {
    name: &'static str,
    /// Reading what was presented.
    read_us: f64,
    check_us: f64,
    /// What was said of it.
    said: String,
}

impl Hostile {
    fn whole_us(&self) -> f64 {
        self.read_us + self.check_us
    }

    fn row(&self) -> [String; 6] {
        let whole = |us: f64| format!("{us:.0}");
        let both = self.whole_us();
        let name = self.name.into();
        let (read, check) = (whole(self.read_us), whole(self.check_us));
        [name, read, check, number(both), at_most(both, GOAL_US), self.said.clone()]
    }
}

/// The reason and its small fact, on one line.
fn said(refusal: Refusal) -> String {
    let name = refusal.reason.name();
    match refusal.detail {
        Detail::Member(member) => format!("{name}, {member}"),
        Detail::Count { got, limit } => format!("{name}, {got} of {limit}"),
        Detail::None | Detail::Seconds { .. } => name.into(),
    }
}

pub(super) fn measure(rounds: usize, bar: &Bar) -> Result<Report, Misuse> {
    let head = ["", "read us", "check us", "both", "goal 2,000", "said"];
    let mut table = Table::new("hostile chains: read and judged (medians)", &head);
    let mut worst_us = 0.0_f64;
    for (name, make) in webs::all() {
        bar.step(&format!("hostile: {name}"));
        let hostile = measure_one(name, &Judge::new(make()?)?, rounds)?;
        worst_us = worst_us.max(hostile.whole_us());
        table.row(hostile.row());
    }
    let mut report = Report::default();
    report.name("hostile_chain_worst_us", worst_us);
    report.tables.push(table);
    Ok(report)
}

fn measure_one(name: &'static str, judge: &Judge, rounds: usize) -> Result<Hostile, Misuse> {
    let peer = judge.read_peer();
    let refusal = match &peer {
        Ok(peer) => judge.check(peer).refusal(),
        Err(refusal) => Some(*refusal),
    };
    let refusal = refusal.ok_or_else(|| Misuse::new(format!("{name}: admitted: a bug")))?;
    let mut read = || _ = black_box(judge.read_peer().is_ok());
    let mut check = || {
        if let Ok(peer) = &peer {
            _ = black_box(judge.check(black_box(peer)).is_admitted());
        }
    };
    let said = said(refusal);
    let [read_ns, check_ns] = medians(rounds, [&mut read, &mut check]);
    Ok(Hostile { name, read_us: read_ns / 1000.0, check_us: check_ns / 1000.0, said })
}
