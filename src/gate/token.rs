//! A token of any method, from its bytes to facts.

use crate::crypto::Signatures;
use crate::facts::Facts;
use crate::jws;
use crate::method::Method;
use crate::oidc::{self, Issuer};
use crate::peer::Peer;
use crate::reason::Refusal;
use crate::site::{self, Site};
use crate::snapshot::Snapshot;
use crate::time::Now;
use crate::witness::{Witness, words};

/// A token that has been read, and the place and the keys of whom it names as its issuer. Nothing of
/// it is proven.
pub(super) enum Token<'t> {
    Oidc(usize, &'t Issuer, oidc::Unverified<'t>),
    Site(usize, &'t Site, site::Unverified<'t>),
}

impl<'t> Token<'t> {
    /// Reads the token and finds its issuer. `typ` or `iss` says whose rules it is read by; both are
    /// unproven, and a token that lies about them meets keys under which it is not signed.
    pub(super) fn read<W: Witness>(
        token: &'t [u8],
        buffer: &'t mut Vec<u8>,
        snapshot: &'t Snapshot,
        witness: &mut W,
    ) -> Result<Self, Refusal> {
        let limits = snapshot.policy.limits();
        let jws = jws::Unverified::parse_seen(token, buffer, limits, witness)?;
        if site::is_site_typ(jws.header().typ()) {
            return Self::of_site(site::Unverified::read(jws, witness)?, snapshot, witness);
        }
        let unverified = oidc::Unverified::read(jws, witness)?;
        if site::is_site(&unverified.issuer_hint().text) {
            let unverified = site::Unverified::read(unverified.into_jws(), witness)?;
            return Self::of_site(unverified, snapshot, witness);
        }
        Self::of_issuer(unverified, snapshot, witness)
    }

    fn of_issuer<W: Witness>(
        unverified: oidc::Unverified<'t>,
        Snapshot { trust, .. }: &'t Snapshot,
        witness: &mut W,
    ) -> Result<Self, Refusal> {
        let found = trust.find(unverified.issuer_hint());
        let (place, issuer) = witness.outcome("issuer", found, |_| {
            words(
                format!("{:?}", unverified.issuer_hint().text),
                format!("one of {}", trust.some_authorities()),
            )
        })?;
        Ok(Self::Oidc(place, issuer, unverified))
    }

    fn of_site<W: Witness>(
        unverified: site::Unverified<'t>,
        Snapshot { trust, .. }: &'t Snapshot,
        witness: &mut W,
    ) -> Result<Self, Refusal> {
        let found = trust.find_site(unverified.issuer_hint());
        let (place, site) = witness.outcome("issuer", found, |_| {
            words(
                format!("{:?}", unverified.issuer_text()),
                format!("one of {}", trust.some_authorities()),
            )
        })?;
        Ok(Self::Site(place, site, unverified))
    }

    pub(super) fn method(&self) -> Method {
        match self {
            Self::Oidc(_, issuer, _) => issuer.method(),
            Self::Site(..) => Method::Site,
        }
    }

    /// The place of its issuer or site.
    pub(super) fn place(&self) -> usize {
        match self {
            Self::Oidc(place, ..) | Self::Site(place, ..) => *place,
        }
    }

    /// Whether its `cnf` names this peer, proven or not.
    pub(super) fn names(&self, peer: &Peer) -> bool {
        let binding = match self {
            Self::Oidc(_, _, unverified) => unverified.binding(),
            Self::Site(_, _, unverified) => unverified.binding(),
        };
        binding.is_some_and(|key| key.check(Some(peer)).is_ok())
    }

    /// Consumes the token: what can be refused without a signature, the signature, and what it says.
    pub(super) fn prove<W: Witness>(
        self,
        snapshot: &Snapshot,
        now: Now,
        signatures: &mut dyn Signatures,
        witness: &mut W,
    ) -> Result<Facts<'t>, Refusal> {
        match self {
            Self::Oidc(place, issuer, unverified) => {
                unverified.prescreen(issuer, witness)?;
                let authentic = unverified.verify(issuer, now, signatures, witness)?;
                authentic.into_facts(place, issuer, snapshot.policy.reading(place), witness)
            }
            Self::Site(place, site, unverified) => {
                unverified.prescreen(site, witness)?;
                let authentic = unverified.verify(site, now, signatures, witness)?;
                authentic.into_facts(place, site, witness)
            }
        }
    }
}
