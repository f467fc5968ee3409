//! Choosing and proving a certification path (RFC 5280 section 6, RFC 4158).
//!
//! Names and key identifiers choose candidates, cheaply; the kernel then proves one whole candidate,
//! from the anchor down. A stranger's certificates can add neither candidates nor signatures beyond
//! the bounds of [`crate::limits`].

use core::fmt;

use rustls_pki_types::UnixTime;
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_cert::der::asn1::ObjectIdentifier;

use super::certificate::Certificate;
use super::store::{Anchor, Issuer, Store};
use crate::crypto::CERTIFICATE_ALGORITHMS;
use crate::limits::{PATH_CANDIDATES, PATH_STEPS};

/// What a path must be good for.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// The extended key usage that is asked for.
    pub purpose: Purpose,
    /// Whether the leaf must carry it; else it may have no EKU at all.
    pub leaf_must_say: bool,
    /// Most intermediates between leaf and anchor, self-issued ones not counted.
    pub most_intermediates: usize,
    /// Seconds by which clocks may differ.
    pub leeway_s: i64,
    /// Whether certificates that the peer presented may serve as intermediates.
    pub peer_intermediates: bool,
}

/// An extended key usage (RFC 5280 section 4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// 1.3.6.1.5.5.7.3.2
    ClientAuth,
    /// 1.3.6.1.5.5.7.3.1: for the suites, whose leaves are servers'.
    ServerAuth,
}

impl Profile {
    /// The gate's only profile.
    pub const GATE: Self = Self {
        purpose: Purpose::ClientAuth,
        leaf_must_say: true,
        most_intermediates: 6,
        leeway_s: 0,
        peer_intermediates: false,
    };
}

/// A path that was proven. Only [`validate`] makes one.
#[derive(Clone, Debug)]
pub struct Path {
    window: (i64, i64),
    anchor: [u8; 32],
    intermediates: Vec<[u8; 32]>,
}

impl Path {
    /// First and last second in which every certificate of the path is valid.
    #[must_use]
    pub fn window(&self) -> (i64, i64) {
        self.window
    }

    /// SHA-256 of the anchor.
    #[must_use]
    pub fn anchor(&self) -> [u8; 32] {
        self.anchor
    }

    /// SHA-256 of each intermediate, from the leaf's issuer up.
    #[must_use]
    pub fn intermediates(&self) -> &[[u8; 32]] {
        &self.intermediates
    }
}

/// Why there is no path. When several candidates fail, the one that came furthest speaks.
///
/// [`PathFault::Purpose`], [`PathFault::NotYetValid`] and [`PathFault::Expired`] are said of chains
/// whose signatures are good; the others may be said of any bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PathFault {
    /// No configured certificate has the name of the issuer.
    NoIssuer,
    /// The search met its bounds.
    TooComplex,
    /// There is no second at which all certificates of the path are valid.
    NeverValid,
    /// More intermediates than the profile or a CA's pathLen allows.
    TooLong,
    /// An issuer on the way is no CA, or may not sign certificates.
    IssuerMayNotSign,
    /// A certificate that rules cannot cover: version, critical extension, algorithm.
    Unsupported,
    /// A signature is wrong.
    Signature,
    /// A name that an issuer's constraints do not allow.
    Names,
    /// The leaf is a CA.
    LeafIsCa,
    /// The leaf, or an issuer, is not for this purpose.
    Purpose,
    /// A certificate of the path is not valid yet.
    NotYetValid,
    /// A certificate of the path has ended.
    Expired,
}

impl PathFault {
    /// Whether it is said of paths whose signatures are good, and of no others.
    #[must_use]
    pub fn is_of_proven_path(self) -> bool {
        matches!(self, Self::Purpose | Self::NotYetValid | Self::Expired)
    }
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoIssuer => "no configured certificate has its issuer's name and key",
            Self::TooComplex => "the search for a path met its bounds",
            Self::NeverValid => "there is no time at which all of the path is valid",
            Self::TooLong => "the path is longer than allowed",
            Self::IssuerMayNotSign => "a certificate on the path may not issue certificates",
            Self::Unsupported => "a critical extension, algorithm or constraint is not supported",
            Self::Signature => "a signature on the path is wrong",
            Self::Names => "a CA's name constraints do not allow a name",
            Self::LeafIsCa => "it is a CA's certificate",
            Self::Purpose => "it, or a CA above it, is not for client authentication",
            Self::NotYetValid => "it, or one above it, is not valid yet",
            Self::Expired => "it, or one above it, has ended",
        })
    }
}

/// Proves that `leaf` leads to an anchor of the store and suits the profile at `now_s`.
///
/// # Errors
/// The most telling fault of all candidates.
pub fn validate(
    leaf: &Certificate,
    presented: &[Certificate],
    store: &Store,
    profile: &Profile,
    now_s: i64,
) -> Result<Path, PathFault> {
    let presented = if profile.peer_intermediates { presented } else { &[] };
    let mut search = Search { store, presented, now_s, candidates: Vec::new(), steps: PATH_STEPS };
    search.extend(&mut vec![leaf]);
    let mut fault = if search.steps == 0 { PathFault::TooComplex } else { PathFault::NoIssuer };
    for candidate in &search.candidates {
        match prove(candidate, profile, now_s) {
            Ok(path) => return Ok(path),
            Err(other) => fault = fault.max(other),
        }
    }
    Err(fault)
}

/// A chain from leaf to the certificate under the anchor, and the anchor.
struct Candidate<'c> {
    chain: Vec<&'c Certificate>,
    anchor: &'c Anchor,
}

struct Search<'c> {
    store: &'c Store,
    presented: &'c [Certificate],
    now_s: i64,
    candidates: Vec<Candidate<'c>>,
    steps: usize,
}

impl<'c> Search<'c> {
    /// Depth first, best issuer first, until the candidates or the steps are used up.
    fn extend(&mut self, chain: &mut Vec<&'c Certificate>) {
        let Some(&head) = chain.last() else { return };
        let configured = self.store.named(&head.issuer);
        let presented = self.presented.iter().filter(|other| other.subject == head.issuer);
        let issuers = configured.chain(presented.map(Issuer::Intermediate));
        let mut ranked: Vec<_> =
            issuers.filter_map(|issuer| Some((rank(head, issuer, self.now_s)?, issuer))).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        for (_, issuer) in ranked {
            if self.candidates.len() == PATH_CANDIDATES || self.steps == 0 {
                return;
            }
            self.steps -= 1;
            match issuer {
                Issuer::Anchor(anchor) => {
                    self.candidates.push(Candidate { chain: chain.clone(), anchor });
                }
                Issuer::Intermediate(certificate) => {
                    // No name and key twice on a path (RFC 4158 section 5.2), and no deeper than
                    // any profile allows with self-issued ones between.
                    let is_loop = chain.iter().any(|on_path| on_path.der() == certificate.der());
                    if !is_loop && chain.len() < DEEPEST {
                        chain.push(certificate);
                        self.extend(chain);
                        chain.pop();
                    }
                }
            }
        }
    }
}

/// Leaf and intermediates; the kernel itself stops at six intermediates.
const DEEPEST: usize = 8;

/// Lower is better; `None` where the key identifiers say that it is another key of that name.
///
/// Of one key, what is valid now comes first (RFC 4158 section 3.5.4): a CA renewed with its key again
/// and again has more certificates than there are candidates.
fn rank(head: &Certificate, issuer: Issuer<'_>, now_s: i64) -> Option<(u8, bool, u8)> {
    let wanted = &head.fields.authority_key_id;
    let own = &issuer.certificate().fields.subject_key_id;
    let by_key = match (wanted, own) {
        (Some(wanted), Some(own)) if wanted == own => 0,
        (Some(_), Some(_)) => return None,
        _ => 1,
    };
    let (first_s, last_s) = issuer.certificate().validity;
    let is_untimely = !(first_s..=last_s).contains(&now_s);
    Some((by_key, is_untimely, u8::from(matches!(issuer, Issuer::Intermediate(_)))))
}

fn prove(candidate: &Candidate<'_>, profile: &Profile, now_s: i64) -> Result<Path, PathFault> {
    let Candidate { chain, anchor } = candidate;
    let (leaf, intermediates) = chain.split_first().ok_or(PathFault::NoIssuer)?;
    let (window, at) = window(chain, &anchor.certificate, now_s)?;
    let end_entity = EndEntityCert::try_from(leaf.as_der()).map_err(|error| fault_of(&error))?;
    let between: Vec<_> = intermediates.iter().map(|issuer| issuer.as_der().clone()).collect();
    let anchors = core::slice::from_ref(&anchor.kernel);
    let algorithms = CERTIFICATE_ALGORITHMS;
    end_entity
        .verify_for_usage(algorithms, anchors, &between, at, AnyUsage, None, None)
        .map_err(|error| fault_of(&error))?;
    // From here on the signatures are good: what is refused now is said of a proven chain.
    check_issuers(intermediates, anchor, profile)?;
    check_leaf(leaf, profile)?;
    if now_s > window.1.saturating_add(profile.leeway_s) {
        return Err(PathFault::Expired);
    }
    if now_s < window.0.saturating_sub(profile.leeway_s) {
        return Err(PathFault::NotYetValid);
    }
    Ok(Path {
        window,
        anchor: anchor.certificate.thumbprint(),
        intermediates: intermediates.iter().map(|issuer| issuer.thumbprint()).collect(),
    })
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
        let has_name = issuer.subject.as_ref() != EMPTY_NAME;
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
    if leaf.fields.may_sign_certificates == Some(true) || leaf.fields.has_name_constraints {
        return Err(PathFault::LeafIsCa);
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
    let usages = certificate.fields.extended_key_usage.as_ref()?;
    Some(usages.contains(&wanted))
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

const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
