//! Chains that are made to cost: none of them leads anywhere.

use std::hint::black_box;
use std::io::{self, Write};

use tollgate::{Detail, Refusal};

use super::measure::medians;
use super::pki::Judge;
use super::webs;
use crate::misuse::Misuse;
use crate::output::progress;

pub(super) struct Hostile {
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

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{:<48} {:>9.0} {:>9.0} {:>9.0}  {}",
            self.name,
            self.read_us,
            self.check_us,
            self.whole_us(),
            self.said,
        )
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

/// The dearest.
pub(super) fn worst_us(measured: &[Hostile]) -> f64 {
    measured.iter().map(Hostile::whole_us).fold(0.0, f64::max)
}

pub(super) fn measure(rounds: usize) -> Result<Vec<Hostile>, Misuse> {
    let measured = webs::all().into_iter().map(|(name, make)| {
        progress(&format!("measuring hostile chains: {name:<48}"));
        let judge = Judge::new(make()?)?;
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
    });
    let measured = measured.collect();
    progress(&format!("{:<80}\r", ""));
    measured
}
