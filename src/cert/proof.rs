//! Proving one candidate (RFC 5280 section 6): first what it may cost, then its signatures from the
//! anchor down, then what is said of proven chains only.

use core::array;

use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};

use super::certificate::Certificate;
use super::cost::{Budget, Names, of_key, of_names, of_signature};
use super::der::Reader;
use super::path::{Path, PathFault, Profile, Proofs, Purpose};
use super::search::DEEPEST;
use super::store::Anchor;
use crate::crypto::CERTIFICATE_ALGORITHMS;

/// Proves a chain, leaf first, under its anchor, if the budget allows.
pub(super) fn prove(
    budget: &mut Budget,
    proofs: &mut dyn Proofs,
    chain: &[&Certificate],
    anchor: &Anchor,
    profile: &Profile,
    now_s: i64,
) -> Result<Path, PathFault> {
    let (leaf, intermediates) = chain.split_first().ok_or(PathFault::NoIssuer)?;
    let (window, at) = window(chain, &anchor.certificate, now_s)?;
    let mut work = Work { intermediates, anchor: &anchor.certificate, budget, units: 0 };
    work.rehearse(leaf, 0, work.names(leaf))?;
    let units = work.units;
    if !budget.afford(units) {
        return Err(PathFault::TooComplex);
    }
    // The kernel's answer hangs on the certificates alone: `at` is always within the window of all.
    proofs.path(chain, &anchor.certificate, &mut || kernel(leaf, intermediates, anchor, at))?;
    // From here on the signatures are good: what is refused now is said of a proven chain.
    check_issuers(intermediates, anchor, profile)?;
    check_leaf(leaf, profile)?;
    if now_s > window.1.saturating_add(profile.leeway_s) {
        return Err(PathFault::Expired);
    }
    if now_s < window.0.saturating_sub(profile.leeway_s) {
        return Err(PathFault::NotYetValid);
    }
    let intermediates = intermediates.iter().map(|issuer| issuer.thumbprint()).collect();
    Ok(Path::new(window, anchor.certificate.thumbprint(), intermediates))
}

/// Signatures and name constraints of one chain, from the anchor down.
fn kernel(
    leaf: &Certificate,
    intermediates: &[&Certificate],
    anchor: &Anchor,
    at: UnixTime,
) -> Result<(), PathFault> {
    let end_entity = EndEntityCert::try_from(leaf.as_der()).map_err(|error| fault_of(&error))?;
    let between: [CertificateDer<'_>; DEEPEST] = array::from_fn(|at| {
        CertificateDer::from(intermediates.get(at).map_or(&[][..], |issuer| issuer.der()))
    });
    let anchors = core::slice::from_ref(&anchor.kernel);
    let between = &between[..intermediates.len()];
    end_entity
        .verify_for_usage(CERTIFICATE_ALGORITHMS, anchors, between, at, AnyUsage, None, None)
        .map(drop)
        .map_err(|error| fault_of(&error))
}

/// The most that the kernel may do with a candidate. It searches on its own among what it is given:
/// where names repeat (self-issued certificates) it may try several orders of one chain.
struct Work<'w> {
    intermediates: &'w [&'w Certificate],
    anchor: &'w Certificate,
    budget: &'w mut Budget,
    units: u32,
}

impl Work<'_> {
    /// Goes the kernel's ways up from `head`, taking every signature for a good one. `used` has a bit
    /// for each intermediate on the way, `below` is what it costs under the head.
    fn rehearse(&mut self, head: &Certificate, used: u8, below: u32) -> Result<(), PathFault> {
        if head.issuer() == self.anchor.subject() {
            let whole = below.saturating_add(cost_of(self.anchor, head)?);
            self.units = self.units.saturating_add(whole);
        }
        for (at, issuer) in self.intermediates.iter().enumerate() {
            if used & 1 << at != 0 || issuer.subject() != head.issuer() {
                continue;
            }
            if !self.budget.could_afford(self.units) || !self.budget.look() {
                return Err(PathFault::TooComplex);
            }
            let below = below.saturating_add(cost_of(issuer, head)?);
            self.rehearse(issuer, used | 1 << at, below)?;
        }
        Ok(())
    }

    /// What the names of one whole path cost, in whatever order.
    fn names(&self, leaf: &Certificate) -> u32 {
        let issuers = || self.intermediates.iter().copied();
        let constraints = issuers().chain([self.anchor]);
        let constraints = constraints.filter_map(|issuer| issuer.fields.constraints);
        let constraints = constraints.fold(Names::default(), Names::and);
        if constraints.count == 0 {
            return 0;
        }
        // The subject counts as one more name.
        let names = issuers().chain([leaf]).map(|certificate| certificate.fields.names);
        let names = names
            .fold(Names::default(), |all, names| all.and(names).and(Names { count: 1, bytes: 0 }));
        of_names(constraints, names)
    }
}

/// What one signature of an issuer costs.
fn cost_of(issuer: &Certificate, signed: &Certificate) -> Result<u32, PathFault> {
    let (algorithm, key) = issuer.key();
    let units = of_key(algorithm, key).ok_or(PathFault::Unsupported)?;
    Ok(of_signature(units, signed.der().len()))
}

/// CA, keyCertSign and lengths (RFC 5280 sections 6.1.4 k to n), which the kernel checks in part.
fn check_issuers(
    intermediates: &[&Certificate],
    anchor: &Anchor,
    profile: &Profile,
) -> Result<(), PathFault> {
    // Certificates below an issuer that count against its pathLen.
    let mut below = 0;
    for issuer in intermediates.iter().copied().chain([&anchor.certificate]) {
        let (is_ca, path_len) = issuer.fields.basic_constraints.unwrap_or((false, None));
        let has_name = issuer.subject() != EMPTY_NAME;
        if !is_ca || !has_name || issuer.fields.may_sign_certificates == Some(false) {
            return Err(PathFault::IssuerMayNotSign);
        }
        // An issuer without EKU may issue for every purpose; one with it for those only, as the
        // kernel and CryptoAPI have it (RFC 5280 leaves EKU in CA certificates open).
        if !is_for(issuer, profile.purpose).unwrap_or(true) {
            return Err(PathFault::Purpose);
        }
        if path_len.is_some_and(|most| below > usize::from(most)) {
            return Err(PathFault::TooLong);
        }
        below += usize::from(!issuer.is_self_issued());
    }
    let counted = intermediates.iter().filter(|issuer| !issuer.is_self_issued()).count();
    if counted > profile.most_intermediates { Err(PathFault::TooLong) } else { Ok(()) }
}

fn check_leaf(leaf: &Certificate, profile: &Profile) -> Result<(), PathFault> {
    // keyCertSign and name constraints are a CA's (RFC 5280 sections 4.2.1.3 and 4.2.1.10).
    if leaf.fields.may_sign_certificates == Some(true) || leaf.fields.constraints.is_some() {
        return Err(PathFault::LeafIsCa);
    }
    // A key that no gate would take of a CA is none for a client either: small RSA, curves that are
    // not named (CVE-2020-0601), kinds that nobody knows.
    let (algorithm, key) = leaf.key();
    if of_key(algorithm, key).is_none() {
        return Err(PathFault::Unsupported);
    }
    // Key usage and EKU have to allow it both (section 4.2.1.12).
    if profile.purpose == Purpose::ClientAuth && leaf.fields.may_authenticate == Some(false) {
        return Err(PathFault::Purpose);
    }
    if is_for(leaf, profile.purpose).unwrap_or(!profile.leaf_must_say) {
        Ok(())
    } else {
        Err(PathFault::Purpose)
    }
}

/// Whether the certificate is for the purpose; `None` where it does not say (no EKU).
fn is_for(certificate: &Certificate, purpose: Purpose) -> Option<bool> {
    let wanted = match purpose {
        Purpose::ClientAuth => CLIENT_AUTH,
        Purpose::ServerAuth => SERVER_AUTH,
    };
    let mut purposes = Reader::new(certificate.part(certificate.fields.extended_key_usage?));
    Some(core::iter::from_fn(|| purposes.oid().ok()).any(|purpose| purpose == wanted))
}

/// The kernel would look at purposes before signatures; they are looked at above, after them.
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// The seconds in which all are valid, and the one of them nearest to now. The kernel judges at that
/// one: it knows no leeway, and a chain that has ended must still be proven to be called so.
fn window(
    chain: &[&Certificate],
    anchor: &Certificate,
    now_s: i64,
) -> Result<((i64, i64), UnixTime), PathFault> {
    let all = || chain.iter().copied().chain([anchor]).map(|certificate| certificate.validity);
    let first_s = all().map(|(first, _)| first).max().unwrap_or(i64::MAX);
    let last_s = all().map(|(_, last)| last).min().unwrap_or(i64::MIN);
    if first_s > last_s {
        return Err(PathFault::NeverValid);
    }
    let at = u64::try_from(now_s.clamp(first_s, last_s)).map_err(|_| PathFault::NeverValid)?;
    let at = UnixTime::since_unix_epoch(core::time::Duration::from_secs(at));
    Ok(((first_s, last_s), at))
}

fn fault_of(error: &webpki::Error) -> PathFault {
    use webpki::Error as Kernel;
    #[expect(clippy::wildcard_enum_match_arm, reason = "the kernel's list is open")]
    match error {
        Kernel::CaUsedAsEndEntity => PathFault::LeafIsCa,
        Kernel::CertExpired { .. } => PathFault::Expired,
        Kernel::CertNotValidYet { .. } => PathFault::NotYetValid,
        Kernel::InvalidSignatureForPublicKey => PathFault::Signature,
        Kernel::NameConstraintViolation => PathFault::Names,
        Kernel::PathLenConstraintViolated | Kernel::MaximumPathDepthExceeded => PathFault::TooLong,
        Kernel::EndEntityUsedAsCa => PathFault::IssuerMayNotSign,
        Kernel::UnknownIssuer => PathFault::NoIssuer,
        Kernel::MaximumNameConstraintComparisonsExceeded
        | Kernel::MaximumPathBuildCallsExceeded
        | Kernel::MaximumSignatureChecksExceeded => PathFault::TooComplex,
        _ => PathFault::Unsupported,
    }
}

/// A SEQUENCE of nothing: a CA must have a name (RFC 5280 section 4.1.2.6).
const EMPTY_NAME: &[u8] = &[0x30, 0];

/// 1.3.6.1.5.5.7.3.2
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
/// 1.3.6.1.5.5.7.3.1
const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
