//! The issuers of one PKI, as configured: anchors and intermediates, found by subject.

use core::fmt;
use std::collections::{HashMap, HashSet};

use rustls_pki_types::TrustAnchor;

use super::certificate::Certificate;
use super::cost::of_key;
use super::names::DistinguishedName;
use super::path::Path;

/// Anchors and intermediates. Immutable.
#[derive(Debug)]
pub struct Store {
    anchors: Vec<Anchor>,
    intermediates: Vec<Certificate>,
    by_subject: HashMap<Box<[u8]>, Vec<Place>>,
    by_thumbprint: HashMap<[u8; 32], Named>,
    /// The seconds at which one of them begins to be valid, or no longer is; rising.
    turns: Vec<i64>,
}

/// A certificate of the store.
#[derive(Debug)]
struct Named {
    place: Place,
    /// `None` for one that cannot be read, which no rule asks for.
    subject: Option<DistinguishedName>,
}

/// An anchor: the certificate, and what the path kernel keeps of it.
#[derive(Debug)]
pub(super) struct Anchor {
    pub(super) certificate: Certificate,
    pub(super) kernel: TrustAnchor<'static>,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Anchor(usize),
    Intermediate(usize),
}

/// Where a certificate that may have issued another one stands.
#[derive(Clone, Copy)]
pub(super) enum Issuer<'s> {
    Anchor(&'s Anchor),
    Intermediate(&'s Certificate),
}

impl<'s> Issuer<'s> {
    pub(super) fn certificate(self) -> &'s Certificate {
        match self {
            Self::Anchor(anchor) => &anchor.certificate,
            Self::Intermediate(certificate) => certificate,
        }
    }
}

/// Why a certificate cannot be an anchor. The kernel keeps only its name, key and name constraints,
/// so everything else is looked at here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadAnchor {
    /// It is no CA (RFC 5280 section 4.2.1.9).
    NotACa,
    /// Its key usage leaves out keyCertSign (section 4.2.1.3).
    MayNotSign,
    /// It has a critical extension that is not known.
    UnknownCritical,
    /// The path kernel cannot read it.
    Unreadable,
    /// Its key is of a kind or size with which no path is proven. An anchor all the same: it proves
    /// nothing.
    Key,
}

impl Store {
    /// Indexes a PKI.
    ///
    /// # Errors
    /// The first anchor that cannot be one, and its place.
    pub fn new(
        anchors: Vec<Certificate>,
        intermediates: Vec<Certificate>,
    ) -> Result<Self, (usize, BadAnchor)> {
        let anchors = anchors
            .into_iter()
            .enumerate()
            .map(|(place, certificate)| Anchor::new(certificate).map_err(|why| (place, why)));
        let anchors: Vec<Anchor> = anchors.collect::<Result<_, _>>()?;
        let mut by_subject: HashMap<Box<[u8]>, Vec<Place>> = HashMap::new();
        let mut by_thumbprint = HashMap::new();
        let placed = anchors.iter().enumerate();
        let placed = placed.map(|(at, anchor)| (Place::Anchor(at), &anchor.certificate));
        let between = intermediates.iter().enumerate();
        let between = between.map(|(at, certificate)| (Place::Intermediate(at), certificate));
        for (place, certificate) in placed.chain(between) {
            by_subject.entry(Box::from(certificate.subject())).or_default().push(place);
            // The subject alone, and only if it can be read: the names of a CA are nothing to the path
            // of its devices.
            let subject = DistinguishedName::from_der(certificate.subject()).ok();
            let named = Named { place, subject };
            by_thumbprint.entry(certificate.thumbprint()).or_insert(named);
        }
        let validities = anchors.iter().map(|anchor| anchor.certificate.validity());
        let validities = validities.chain(intermediates.iter().map(Certificate::validity));
        let turns = validities.flat_map(|(first, last)| [first, last.saturating_add(1)]);
        let mut turns: Vec<i64> = turns.collect();
        turns.sort_unstable();
        Ok(Self { anchors, intermediates, by_subject, by_thumbprint, turns })
    }

    /// The anchors.
    pub fn anchors(&self) -> impl ExactSizeIterator<Item = &Certificate> {
        self.anchors.iter().map(|anchor| &anchor.certificate)
    }

    /// The intermediates.
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// The intermediates that lead to no anchor by the names of issuers: they are never used.
    pub fn lonely(&self) -> impl Iterator<Item = &Certificate> {
        // From the anchors down, until nothing more is reached.
        let mut reached: HashSet<&[u8]> = self.anchors().map(Certificate::subject).collect();
        loop {
            let new: Vec<&[u8]> = self
                .intermediates
                .iter()
                .filter(|one| reached.contains(one.issuer()) && !reached.contains(one.subject()))
                .map(Certificate::subject)
                .collect();
            if new.is_empty() {
                break;
            }
            reached.extend(new);
        }
        self.intermediates.iter().filter(move |one| !reached.contains(one.issuer()))
    }

    /// The anchors and intermediates by which no path can be proven, whether each is an anchor, and why.
    pub fn idle(&self) -> impl Iterator<Item = (&Certificate, bool, BadAnchor)> {
        let intermediates = self.intermediates.iter().map(|one| (one, false));
        self.anchors().map(|one| (one, true)).chain(intermediates).filter_map(|(one, is_anchor)| {
            let (algorithm, key) = one.key();
            let has_key = of_key(algorithm, key).ok_or(BadAnchor::Key);
            let why = may_issue(one).and(has_key).err()?;
            Some((one, is_anchor, why))
        })
    }

    /// The seconds around `now_s`, the first included and the last not, in which none of its certificates
    /// begins or ends: a search finds the same in all of them.
    pub(crate) fn steady(&self, now_s: i64) -> (i64, i64) {
        let next = self.turns.partition_point(|turn| *turn <= now_s);
        let before = next.checked_sub(1).and_then(|at| self.turns.get(at));
        (before.copied().unwrap_or(i64::MIN), self.turns.get(next).copied().unwrap_or(i64::MAX))
    }

    /// Whether it has the same certificates in the same order.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let alike = |ours: &Certificate, theirs: &Certificate| ours.der() == theirs.der();
        self.anchors.len() == other.anchors.len()
            && self.intermediates.len() == other.intermediates.len()
            && self.anchors().zip(other.anchors()).all(|(ours, theirs)| alike(ours, theirs))
            && self.intermediates.iter().zip(&other.intermediates).all(|(o, t)| alike(o, t))
    }

    /// Whether any of its certificates has the name of this one's issuer.
    pub(crate) fn knows_issuer_of(&self, certificate: &Certificate) -> bool {
        self.by_subject.contains_key(certificate.issuer())
    }

    /// Whether the path still leads to an anchor, by intermediates that are still here, or that
    /// clients may bring.
    pub(crate) fn holds(&self, path: &Path, peer_intermediates: bool) -> bool {
        let is_anchor = |wanted| self.anchors().any(|anchor| anchor.thumbprint() == wanted);
        let is_here = |wanted: &[u8; 32]| self.by_thumbprint.contains_key(wanted);
        is_anchor(path.anchor()) && (peer_intermediates || path.intermediates().iter().all(is_here))
    }

    /// The names of the CAs of a path that are configured, from the client's issuer up.
    pub(crate) fn names_on<'s>(
        &'s self,
        path: &'s Path,
    ) -> impl Iterator<Item = &'s DistinguishedName> {
        let thumbprints = path.intermediates().iter().copied().chain([path.anchor()]);
        thumbprints.filter_map(|thumbprint| self.by_thumbprint.get(&thumbprint)?.subject.as_ref())
    }

    /// The certificate with this thumbprint.
    pub(crate) fn find(&self, thumbprint: &[u8; 32]) -> Option<&Certificate> {
        Some(self.at(self.by_thumbprint.get(thumbprint)?.place).certificate())
    }

    /// Every configured certificate that has the name of this one's issuer, anchors first; and whether it
    /// is an anchor. For words: what issued what is proven elsewhere.
    pub(crate) fn named_as_issuer_of(
        &self,
        certificate: &Certificate,
    ) -> impl Iterator<Item = (&Certificate, bool)> {
        self.named(certificate.issuer())
            .map(|issuer| (issuer.certificate(), matches!(issuer, Issuer::Anchor(_))))
    }

    /// Every configured certificate with this subject, anchors first.
    pub(super) fn named(&self, subject: &[u8]) -> impl Iterator<Item = Issuer<'_>> {
        self.by_subject.get(subject).into_iter().flatten().map(|place| self.at(*place))
    }

    fn at(&self, place: Place) -> Issuer<'_> {
        match place {
            Place::Anchor(at) => Issuer::Anchor(&self.anchors[at]),
            Place::Intermediate(at) => Issuer::Intermediate(&self.intermediates[at]),
        }
    }
}

impl Anchor {
    fn new(certificate: Certificate) -> Result<Self, BadAnchor> {
        may_issue(&certificate)?;
        let kernel = webpki::anchor_from_trusted_cert(certificate.as_der());
        let kernel = kernel.map_err(|_| BadAnchor::Unreadable)?.to_owned();
        Ok(Self { certificate, kernel })
    }
}

/// What every issuer's certificate has to say of it, wherever it stands.
fn may_issue(certificate: &Certificate) -> Result<(), BadAnchor> {
    let fields = &certificate.fields;
    match fields.basic_constraints {
        Some((true, _)) => {}
        _ => return Err(BadAnchor::NotACa),
    }
    if fields.may_sign_certificates == Some(false) {
        return Err(BadAnchor::MayNotSign);
    }
    if fields.has_unknown_critical {
        return Err(BadAnchor::UnknownCritical);
    }
    Ok(())
}

impl fmt::Display for BadAnchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotACa => "it is not a CA certificate (basicConstraints)",
            Self::MayNotSign => "its key usage does not allow it to sign certificates",
            Self::UnknownCritical => "it has a critical extension that is not known here",
            Self::Unreadable => "its name, key or constraints cannot be read",
            Self::Key => {
                "its key is none of RSA (2048 to 8192 bits, exponent 65537 at most), P-256, P-384, P-521 and Ed25519"
            }
        })
    }
}

impl std::error::Error for BadAnchor {}
