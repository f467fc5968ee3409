//! Certification paths (RFC 5280 section 6, RFC 4158): what is asked of them and what is said of them.
//!
//! Names and key identifiers choose candidates, cheaply; the kernel then proves one whole candidate,
//! from the anchor down. A stranger's certificates can add neither candidates nor signatures beyond
//! the bounds of [`crate::limits`], and a candidate that would cost too much is not begun.

use core::fmt;

use super::certificate::Certificate;
use super::cost::Budget;
use super::search::Search;
use super::store::Store;

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
    pub(super) fn new(window: (i64, i64), anchor: [u8; 32], intermediates: Vec<[u8; 32]>) -> Self {
        Self { window, anchor, intermediates }
    }

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

    /// SHA-256 of each CA, from the leaf's issuer up to the anchor.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.intermediates.iter().chain([&self.anchor])
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
    /// The bounds of the search or of its cost were met: what fitted did not lead to an anchor.
    TooComplex,
    /// There is no second at which all certificates of the path are valid.
    NeverValid,
    /// More intermediates than the profile or a CA's pathLen allows.
    TooLong,
    /// An issuer on the way is no CA, or may not sign certificates.
    IssuerMayNotSign,
    /// A certificate that rules cannot cover: version, critical extension, algorithm, kind of key.
    Unsupported,
    /// A signature is wrong.
    Signature,
    /// A name that an issuer's constraints do not allow.
    Names,
    /// The leaf is a CA.
    LeafIsCa,
    /// The signatures of a candidate may not be tried now: too many of this source's were wrong.
    NotTried,
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
            Self::NotTried => "its signatures were not tried: the budget is spent",
        })
    }
}

/// Asked before the signatures of each candidate: it may know that they are good, or not want to pay.
pub(crate) trait Proofs {
    /// The candidates to come are of the PKI at this place.
    fn of_pki(&mut self, place: usize);

    /// The outcome of `prove` for this candidate, leaf first, under this anchor.
    ///
    /// # Errors
    /// What `prove` found; [`PathFault::NotTried`] where it may not be tried now.
    fn path(
        &mut self,
        chain: &[&Certificate],
        anchor: &Certificate,
        prove: &mut dyn FnMut() -> Result<(), PathFault>,
    ) -> Result<(), PathFault>;
}

/// Remembers nothing and always pays.
pub(crate) struct Always;

impl Proofs for Always {
    fn of_pki(&mut self, _: usize) {}

    fn path(
        &mut self,
        _: &[&Certificate],
        _: &Certificate,
        prove: &mut dyn FnMut() -> Result<(), PathFault>,
    ) -> Result<(), PathFault> {
        prove()
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
    let mut budget = Budget::new();
    validate_within(&mut budget, &mut Always, leaf, presented, store, profile, now_s)
}

/// [`validate`] for one of several stores, which share what one check may cost.
pub(crate) fn validate_within(
    budget: &mut Budget,
    proofs: &mut dyn Proofs,
    leaf: &Certificate,
    presented: &[Certificate],
    store: &Store,
    profile: &Profile,
    now_s: i64,
) -> Result<Path, PathFault> {
    let presented = if profile.peer_intermediates { presented } else { &[] };
    Search::new(budget, proofs, store, presented, profile, now_s).run(leaf)
}

#[cfg(test)]
#[path = "path_tests.rs"]
mod tests;
