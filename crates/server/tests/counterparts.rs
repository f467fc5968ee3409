//! Tokens minted by parties that are not us pass, and, altered in every claim and header member
//! that policy reads, fail with the asserted class and reason; each algorithm, each issuer form.
//!
//! One table of tokens is signed by each program of tests/counterparts, so that what was altered is
//! under a genuine signature. The real binary judges all of them, and every verdict is compared
//! whole.

#[path = "counterparts/claims.rs"]
mod claims;
#[path = "counterparts/coverage.rs"]
mod coverage;
#[path = "counterparts/draft.rs"]
mod draft;
#[path = "counterparts/entra.rs"]
mod entra;
#[path = "counterparts/gateway.rs"]
mod gateway;
#[path = "counterparts/headers.rs"]
mod headers;
#[path = "counterparts/natural.rs"]
mod natural;
#[path = "counterparts/oidc.rs"]
mod oidc;
#[path = "counterparts/policy.rs"]
mod policy;
#[path = "counterparts/refusal.rs"]
mod refusal;
#[path = "counterparts/signer.rs"]
mod signer;
#[path = "counterparts/spliced.rs"]
mod spliced;
#[path = "counterparts/table.rs"]
mod table;
#[path = "counterparts/verdict.rs"]
mod verdict;

#[allow(dead_code)]
mod support;

use std::collections::HashMap;

use draft::Form;
use gateway::Publication;
use signer::{Answer, Signer, say};
use table::{ALGORITHMS, Case, Expected, another};
use verdict::{Check, Tally};

#[test]
fn joserfc() {
    run("joserfc", &signer::JOSERFC);
}

#[test]
fn pyjwt() {
    run("pyjwt", &signer::PYJWT);
}

#[test]
fn debians_jose() {
    run("debians_jose", &signer::JOSE);
}

#[test]
fn oidc_provider() {
    run("oidc_provider", &signer::OIDC_PROVIDER);
}

fn run(test: &str, signer: &Signer) {
    let Some(set_up) = signer::set_up(test) else { return };
    let folder = tempfile::tempdir().expect("the system has temporary folders");
    let cases = table::cases();
    let mut jobs: Vec<_> = cases.iter().map(|case| case.draft.job(&case.id)).collect();
    if signer.is_provider {
        jobs.extend(natural::jobs());
    }
    let answer = signer.sign(&set_up, folder.path(), &jobs);
    let mut tally = Tally { failures: signer.surprises(&answer, &cases), ..Tally::default() };

    let provider = answer.provider();
    assert_eq!(provider.is_some(), signer.is_provider, "{}: who has an issuer", signer.name);
    for publication in Publication::ALL {
        gateway::write(folder.path(), &answer.jwks, publication, provider);
        let mut checks = table_checks(&answer, &cases, publication);
        if let (Some(provider), Publication::Own) = (provider, publication) {
            checks.extend(natural::checks(&answer, provider));
        }
        let who = format!("{}, {}", signer.name, publication.name());
        verdict::judge(&who, folder.path(), &checks, &mut tally);
    }

    let Tally { admitted, refused, failures } = tally;
    let title = signer.title(&set_up);
    let line = format!(
        "counterparts: {title}: {admitted} admitted as expected, {refused} refused as expected"
    );
    say(std::io::stdout(), &line);
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// The whole table, as far as the signer has the tokens, and what can be spliced from good ones.
fn table_checks(answer: &Answer, cases: &[Case], publication: Publication) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut admitted = HashMap::new();
    for case in cases {
        let expected = case.expected(publication);
        let (Some(token), Some(expected)) = (answer.token(&case.id), expected) else { continue };
        if expected == Expected::Admitted {
            admitted.insert(case.id.as_str(), (token, &case.draft));
        }
        checks.push(Check::of(case.id.clone(), token.to_owned(), &case.draft, expected));
    }
    for (form, alg) in Form::ALL.into_iter().flat_map(|form| ALGORITHMS.map(|alg| (form, alg))) {
        let find = |alg: &str, what: &str| {
            let id = format!("{alg}/{}/{what}", form.name());
            admitted.get(id.as_str()).copied()
        };
        let is_secret = alg.starts_with("HS");
        let [good, twin] = if is_secret { ["secret", "secret, twin"] } else { ["good", "twin"] };
        let found = (find(alg, good), find(alg, twin), find(another(alg), good));
        let (Some((good, draft)), Some((twin, _)), Some((other, _))) = found else { continue };
        for (what, token, expected) in spliced::spliced(good, twin, other) {
            let id = format!("{alg}/{}/spliced: {what}", form.name());
            checks.push(Check::of(id, token, draft, expected));
        }
    }
    checks
}
