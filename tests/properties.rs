//! Properties that hold for every credential: nothing panics, nothing altered passes, nobody becomes
//! somebody else, and an explanation says what the check said.
//!
//! The seed is fixed, so that a run repeats; PROPTEST_CASES and PROPTEST_RNG_SEED widen the search.

#[path = "properties/beside.rs"]
mod beside;
#[path = "properties/bits.rs"]
mod bits;
#[path = "properties/chains.rs"]
mod chains;
#[path = "properties/claims.rs"]
mod claims;
#[path = "properties/devices.rs"]
mod devices;
#[path = "properties/explained.rs"]
mod explained;
#[path = "properties/house.rs"]
mod house;
#[path = "properties/identity.rs"]
mod identity;
#[path = "properties/mutant.rs"]
mod mutant;
#[path = "properties/strategy.rs"]
mod strategy;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use house::{ED25519, Genuine, HOUSE, NOW, OPEN, Presented, judge, who};
use strategy::{ask, now, presented, signed};

/// A fixed number of cases from a fixed seed, unless the environment says otherwise.
fn config(cases: u32) -> ProptestConfig {
    let given = |name| std::env::var_os(name).is_some();
    let defaults = ProptestConfig::default();
    ProptestConfig {
        cases: if given("PROPTEST_CASES") { defaults.cases } else { cases },
        rng_seed: match given("PROPTEST_RNG_SEED") {
            true => defaults.rng_seed,
            false => RngSeed::Fixed(0x7011_6a7e),
        },
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..defaults
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    /// The verdict is not asked here: that there is one, and the same from check and explain, is all.
    #[test]
    fn whatever_comes_whenever_gets_a_verdict(
        Presented(token) in presented(), ask in ask(), now in now(), strict in any::<bool>(),
    ) {
        let gate = if strict { &HOUSE.strict } else { &HOUSE.open };
        let _ = judge(gate, &token, &ask, now);
    }

    /// In 128 bits, where no clock wraps. The open gate's skew is 300 s.
    #[test]
    fn nobody_is_admitted_outside_the_window(at in 0..HOUSE.genuine.len(), now in now()) {
        let Genuine { claims, text, .. } = &HOUSE.genuine[at];
        let time = |name: &str| claims[name].as_i64().map(i128::from);
        let unix_s = i128::from(now.unix_s);
        let has_begun = time("nbf").is_none_or(|start| start - 300 <= unix_s);
        let is_over = time("exp").is_none_or(|end| unix_s > end + 300);
        let verdict = judge(&HOUSE.open, text.as_bytes(), &OPEN, now);
        prop_assert!(!verdict.is_admitted() || has_begun && !is_over, "{now:?}: {verdict:?}");
    }

    /// Whatever else the payload holds: names twice, in other letter case, or spelt by escapes.
    #[test]
    fn whoever_is_admitted_is_in_the_signed_claims((signer, payload, token) in signed()) {
        if let Some(got) = who(token.as_bytes()) {
            let claims = serde_json::from_str(&payload).expect("an admitted payload is JSON");
            prop_assert_eq!(got, HOUSE.signers[signer].principal_of(&claims));
        }
    }

    /// Without a key of the house there is no way in.
    #[test]
    fn arbitrary_bytes_are_nobodys(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(who(&bytes), None);
    }
}

#[test]
fn genuine_tokens_are_of_whom_they_name() {
    for token in &HOUSE.genuine {
        let expected = HOUSE.signers[token.signer].principal_of(&token.claims);
        assert_eq!(who(token.text.as_bytes()), Some(expected), "{}", token.claims);
    }
}

/// A recursive reader would overflow its stack, which no test harness survives.
#[test]
fn depth_is_refused_before_it_costs_a_stack() {
    let signer = &HOUSE.signers[ED25519];
    for open in ["[", "{\"x\":", "[{\"x\":"] {
        let deep = open.repeat(12_000 / open.len());
        for json in [deep.clone(), format!("{{\"x\":{deep}"), format!("{{\"cnf\":{deep}")] {
            for token in [signer.sign(&json), signer.sign_under(&json, "{}")] {
                let verdict = judge(&HOUSE.open, token.as_bytes(), &OPEN, NOW);
                assert!(!verdict.is_admitted(), "{} bytes of {open}", json.len());
            }
        }
    }
}
