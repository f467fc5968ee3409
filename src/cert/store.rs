//! The issuers of one PKI, as configured: anchors and intermediates, found by subject.

use core::fmt;
use std::collections::HashMap;

use rustls_pki_types::TrustAnchor;

use super::certificate::Certificate;

/// Anchors and intermediates. Immutable.
#[derive(Debug)]
pub struct Store {
    anchors: Vec<Anchor>,
    intermediates: Vec<Certificate>,
    by_subject: HashMap<Box<[u8]>, Vec<Place>>,
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
        for (place, anchor) in anchors.iter().enumerate() {
            let subject = Box::from(anchor.certificate.subject());
            by_subject.entry(subject).or_default().push(Place::Anchor(place));
        }
        for (place, certificate) in intermediates.iter().enumerate() {
            let subject = Box::from(certificate.subject());
            by_subject.entry(subject).or_default().push(Place::Intermediate(place));
        }
        Ok(Self { anchors, intermediates, by_subject })
    }

    /// Every configured certificate with this subject, anchors first.
    pub(super) fn named(&self, subject: &[u8]) -> impl Iterator<Item = Issuer<'_>> {
        self.by_subject.get(subject).into_iter().flatten().map(|place| match *place {
            Place::Anchor(at) => Issuer::Anchor(&self.anchors[at]),
            Place::Intermediate(at) => Issuer::Intermediate(&self.intermediates[at]),
        })
    }
}

impl Anchor {
    fn new(certificate: Certificate) -> Result<Self, BadAnchor> {
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
        let kernel = webpki::anchor_from_trusted_cert(certificate.as_der());
        let kernel = kernel.map_err(|_| BadAnchor::Unreadable)?.to_owned();
        Ok(Self { certificate, kernel })
    }
}

impl fmt::Display for BadAnchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotACa => "it is not a CA certificate (basicConstraints)",
            Self::MayNotSign => "its key usage does not allow it to sign certificates",
            Self::UnknownCritical => "it has a critical extension that is not known here",
            Self::Unreadable => "its name, key or constraints cannot be read",
        })
    }
}

impl std::error::Error for BadAnchor {}
