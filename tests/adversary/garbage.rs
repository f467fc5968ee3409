//! (c) Tokens that are not good, in any number; (d) as fast as they come, while others bring good ones.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use tollgate::limits::Rate;
use tollgate::policy::IssuerRules;
use tollgate::{Ask, Class, Gate, Limits, Now, Reason, Request, Source};

use super::{Hot, Scale, say};
use crate::town::{self, ASK, NOW, Town, is};

/// How long one floods while the other comes.
const LASTS: Duration = Duration::from_secs(if cfg!(debug_assertions) { 1 } else { 5 });

/// Brings so many of them, all of which have to be refused as the class says.
fn takes_no_room(town: &Town, what: &str, garbage: impl Fn(u64) -> Vec<u8>, class: Class) {
    let scale = Scale::given();
    let gate = town.gate(scale.cache_bytes);
    let mut hot = Hot::new(&gate, town, scale.hot());
    let pace = hot.pace(scale.capacity());
    let before = gate.counters();
    let start = Instant::now();
    for n in 0..scale.newcomers {
        let token = garbage(n);
        let refusal = gate.check(&Request::token(&token), &ASK, NOW).refusal();
        assert_eq!(refusal.map(|it| it.reason.class()), Some(class), "number {n}: {refusal:?}");
        if n % pace == pace - 1 {
            hot.come();
        }
    }
    let (after, took) = (gate.counters(), start.elapsed().as_secs_f64());
    say(&format!("{} tokens {what} in {took:.1} s: {} entries", scale.newcomers, after.entries));
    hot.assert_kept(what);
    assert_eq!(after.insertions, before.insertions, "{what}: nothing is taken in");
    assert_eq!((after.entries, after.bytes), (before.entries, before.bytes), "{what}");
}

#[test]
fn wrong_signatures_take_no_room() {
    let town = Town::new();
    let token = town.token(1);
    let forged = |n| town::forged(token.clone(), n);
    takes_no_room(&town, "with wrong signatures", forged, Class::Untrusted);
}

#[test]
fn what_is_no_token_takes_no_room() {
    let town = Town::new();
    let token = town.token(1);
    let header = token.split(|byte| *byte == b'.').next().expect("a header").to_vec();
    let malformed = |n: u64| {
        let text = format!("{n:x}");
        match n % 4 {
            0 => text.into_bytes(),
            1 => [&header, b".".as_slice(), text.as_bytes(), b".e30"].concat(),
            2 => [&token[..token.len() / 2], text.as_bytes()].concat(),
            _ => [text.as_bytes(), b".", token.as_slice()].concat(),
        }
    };
    takes_no_room(&town, "that are none", malformed, Class::Malformed);
}

/// Time as it goes: buckets fill by it.
fn now_since(start: Instant) -> Now {
    let gone = start.elapsed();
    Now { unix_s: NOW.unix_s + gone.as_secs() as i64, mono_ms: gone.as_millis() as u64 }
}

fn from(source: &[u8]) -> Ask<'static> {
    Ask { source: Source::new(source), ..ASK }
}

/// One source sends forged tokens as fast as it can; another brings new good ones meanwhile.
fn refuses_no_other_source(limits: Limits) {
    let town = Town::new();
    let policy = town::policy(limits, vec![IssuerRules::default()]);
    let gate = Gate::with_cache(town.trust(true), policy, 1 << 20).expect("a gate");
    let (start, is_over) = (Instant::now(), AtomicBool::new(false));
    let token = town.token(0);
    let flood = || {
        let mut count = 0;
        while !is_over.load(Relaxed) {
            let token = town::forged(token.clone(), count);
            let ask = from(b"the one");
            let verdict = gate.check(&Request::token(&token), &ask, now_since(start));
            let reason = verdict.refusal().map(|refusal| refusal.reason);
            let expected = [Some(Reason::SignatureWrong), Some(Reason::BudgetSpent)];
            assert!(expected.contains(&reason), "{reason:?}");
            count += 1;
        }
        count
    };
    let (refused, brought, forged) = thread::scope(|scope| {
        let flooding = scope.spawn(flood);
        let (mut refused, mut brought) = (Vec::new(), 0);
        while start.elapsed() < LASTS && !flooding.is_finished() {
            brought += 1;
            let token = town.token(brought);
            let now = now_since(start);
            let verdict = gate.check(&Request::token(&token), &from(b"the other"), now);
            if is(&verdict) != town.user(brought) {
                refused.push(is(&verdict));
            }
            thread::sleep(Duration::from_micros(200));
        }
        is_over.store(true, Relaxed);
        (refused, brought, flooding.join().expect("refusals only"))
    });
    let counters = gate.counters();
    say(&format!(
        "{:.0} forged/s of one source ({} over its budget), {brought} good ones of another, {} \
         refused; {limits:?}",
        forged as f64 / LASTS.as_secs_f64(),
        counters.over_budget,
        refused.len(),
    ));
    assert!(refused.is_empty(), "{} of {brought}: {:?}", refused.len(), &refused[..1]);
    assert!(counters.over_budget > 0, "the flood was one");
    let wrong = forged - counters.over_budget;
    let bound = f64::from(limits.source_checks.burst)
        + f64::from(limits.source_checks.per_s) * start.elapsed().as_secs_f64();
    assert!(wrong as f64 <= bound + 1., "{wrong} signatures of the flood were checked: {bound}");
}

#[test]
fn a_source_that_floods_refuses_no_other() {
    refuses_no_other_source(Limits::default());
}

/// Half of an issuer's bucket is kept for whoever had nothing wrong.
#[test]
fn a_source_that_floods_an_issuer_refuses_no_other() {
    let issuer_checks = Rate { burst: 64, per_s: 16 };
    refuses_no_other_source(Limits { issuer_checks, ..Limits::default() });
}
