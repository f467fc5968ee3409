//! What the table has to hold, whoever signs it. These tests need no signer.

use std::collections::HashSet;

use serde_json::{Map, Value};
use tollgate::Reason;

use super::draft::{Draft, Form};
use super::refusal::Refusal;
use super::spliced::spliced;
use super::table::{Case, Expected, THOROUGH, cases};

/// Where the names stand that a rule reads: in `const KNOWN` of each.
const HEADER: &str = include_str!("../../../../src/jws/header.rs");
const CLAIMS: &str = include_str!("../../../../src/oidc/claims.rs");

/// What no token of these issuers is refused for. The binary refuses to ask for an endpoint that is
/// not configured; certificates and site tokens have counterparts of their own (tests/openssl.rs,
/// crates/site/tests/counterparts.rs).
const OTHERS: [Reason; 35] = [
    Reason::CertificateMalformed,
    Reason::ChainTooLarge,
    Reason::CertificateHeader,
    Reason::CertificateTwice,
    Reason::ProofMismatch,
    Reason::CertificateUntrusted,
    Reason::PathInvalid,
    Reason::SenderNotTrusted,
    Reason::CertificateExpired,
    Reason::CertificateNotYetValid,
    Reason::TenantConflict,
    Reason::RegistrationOnly,
    Reason::CertificatePurpose,
    Reason::CertificateNotSelected,
    Reason::CertificateName,
    Reason::EndpointUnknown,
    Reason::CertificateDenied,
    Reason::CaDenied,
    Reason::CertificateRevoked,
    Reason::CaRevoked,
    Reason::RevocationUnknown,
    Reason::CrlStale,
    // Of feeds: tests/vectors has them.
    Reason::GatewayNotAllowed,
    Reason::UserPolicyNotAllowed,
    Reason::ClientWithdrawn,
    Reason::UserWithdrawn,
    Reason::DeviceWithdrawn,
    Reason::KeyWithdrawn,
    Reason::IssuedBefore,
    Reason::BulkClientsWithdrawn,
    Reason::TenantWithdrawn,
    Reason::FeedStale,
    // Of several checks.
    Reason::Replayed,
    Reason::BudgetSpent,
    Reason::ReplayFull,
];

#[test]
fn every_row_has_a_name_of_its_own() {
    let mut names = HashSet::new();
    let cases = cases();
    let twice: Vec<_> =
        cases.iter().map(|case| &case.id).filter(|id| !names.insert(id.as_str())).collect();
    assert!(twice.is_empty(), "these stand twice: {twice:#?}");
}

/// A member that a rule begins to read, and that no row alters, fails here.
#[test]
fn whatever_a_rule_reads_is_altered_alone_and_refused() {
    let cases = cases();
    let mut missing = Vec::new();
    for (alg, form) in THOROUGH.iter().flat_map(|alg| Form::ALL.map(|form| (*alg, form))) {
        let good = Draft::good(alg, form);
        let own = format!("{alg}/{}/", form.name());
        let refused = cases
            .iter()
            .filter(|case| case.id.starts_with(&own) && case.expected != Expected::Admitted);
        let altered: HashSet<_> =
            refused.filter_map(|case| only_change(&case.draft, &good)).collect();
        let wanted = known(HEADER).map(|name| ("header", name));
        let wanted = wanted.chain(known(CLAIMS).map(|name| ("claim", name)));
        let lacks = wanted.filter(|member| !altered.contains(member));
        missing.extend(lacks.map(|(part, name)| format!("{own}{part} {name}")));
    }
    assert!(missing.is_empty(), "no row alters these alone:\n{}", missing.join("\n"));
}

#[test]
fn every_reason_is_expected_of_some_token() {
    let mut expected: HashSet<Refusal> = HashSet::new();
    for Case { expected: own, as_entra, .. } in cases() {
        expected.extend([Some(own), as_entra].into_iter().flatten().filter_map(Expected::refusal));
    }
    let spliced = spliced("aa.bb.cccccc", "aa.dd.dddddd", "ee.ff.gggggg");
    expected.extend(spliced.into_iter().filter_map(|(.., expected)| expected.refusal()));
    for reason in Reason::ALL {
        let is_expected = expected.contains(&Refusal(reason.number(), reason.name()));
        let is_reachable = !OTHERS.contains(reason);
        assert_eq!(is_expected, is_reachable, "{} ({})", reason.name(), reason.number());
    }
    assert_eq!(expected.len() + OTHERS.len(), Reason::ALL.len(), "a reason that is none");
}

/// The only member in which a token differs from the good one.
fn only_change<'d>(draft: &'d Draft, good: &'d Draft) -> Option<(&'static str, &'d str)> {
    let header = differing(&draft.header, &good.header).map(|name| ("header", name));
    let claims = differing(&draft.payload, &good.payload).map(|name| ("claim", name));
    let changes: Vec<_> = header.chain(claims).collect();
    match changes[..] {
        [change] if draft.text.is_none() => Some(change),
        _ => None,
    }
}

/// The names that are changed, added or left out.
fn differing<'m>(
    altered: &'m Map<String, Value>,
    good: &'m Map<String, Value>,
) -> impl Iterator<Item = &'m str> {
    let changed = altered.iter().filter(|(name, value)| good.get(*name) != Some(*value));
    let left_out = good.iter().filter(|(name, _)| !altered.contains_key(*name));
    changed.chain(left_out).map(|(name, _)| name.as_str())
}

/// The names in the source's list `KNOWN`.
fn known(source: &'static str) -> impl Iterator<Item = &'static str> {
    let list = source.split_once("const KNOWN").and_then(|(_, rest)| rest.split_once("= &["));
    let list = list.and_then(|(_, rest)| rest.split_once("];"));
    let (list, _) = list.expect("the source lists in `const KNOWN: ... = &[...];` what it reads");
    let names: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    assert!(names.len() > 10, "this is not the whole list: {names:?}");
    names.into_iter()
}
