//! PKIs of the bench's own, and what is measured on them.

use std::fmt::Display;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, Issuer, KeyPair, PublicKeyData, SanType,
    SignatureAlgorithm, SigningKey, date_time_ymd,
};
use tollgate::cert::{Certificate, Store};
use tollgate::pki::{self, PrincipalName};
use tollgate::policy::PkiRules;
use tollgate::{
    Ask, Gate, Limits, Peer, Policy, Refusal, Request, Scenario, Trust, Verdict, sample,
};

use super::world::NOW;
use crate::made;
use crate::misuse::Misuse;

/// A PKI as it is configured, and a chain that is presented to it: all in DER.
#[derive(Default)]
pub(super) struct Pki {
    pub(super) anchors: Vec<Vec<u8>>,
    pub(super) intermediates: Vec<Vec<u8>>,
    /// The leaf first.
    pub(super) presented: Vec<Vec<u8>>,
    pub(super) peer_intermediates: bool,
}

impl Pki {
    /// As a gate trusts it.
    pub(super) fn authority(&self) -> Result<pki::Pki, Misuse> {
        let store = Store::new(read(&self.anchors), read(&self.intermediates));
        let store = store.map_err(|(at, bad)| Misuse::new(format!("anchor {at}: {bad}: a bug")))?;
        Ok(pki::Pki {
            name: "bench".into(),
            store: store.into(),
            peer_intermediates: self.peer_intermediates,
            principal: PrincipalName::FirstAlternative,
            tenant: None,
            crls: None,
        })
    }
}

/// The same, ready to judge: a gate with this one PKI.
pub(super) struct Judge {
    gate: Gate,
    presented: Vec<Vec<u8>>,
}

impl Judge {
    pub(super) fn new(pki: Pki) -> Result<Self, Misuse> {
        Self::of(pki.authority()?, pki.presented)
    }

    pub(super) fn of(pki: pki::Pki, presented: Vec<Vec<u8>>) -> Result<Self, Misuse> {
        let trust = Trust::new(Vec::new()).and_then(|trust| trust.with_pkis(vec![pki]));
        let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], Vec::new());
        let policy = policy.map_err(Misuse::new)?.with_pkis(vec![PkiRules::default()]);
        let trust = trust.map_err(Misuse::new)?;
        // Without a memory, every check is a miss.
        let gate = Gate::with_cache(trust, policy, 0).map_err(Misuse::new)?;
        Ok(Self { gate, presented })
    }

    /// What is done once a connection.
    pub(super) fn read_peer(&self) -> Result<Peer, Refusal> {
        Peer::new(self.presented.iter().map(Vec::as_slice))
    }

    /// What is done for a chain that was never seen.
    pub(super) fn check<'a>(&'a self, peer: &'a Peer) -> Verdict<'a> {
        let ask = Ask {
            endpoint: sample::ENDPOINT,
            scenario: Scenario::Device,
            windows: None,
            source: None,
        };
        self.gate.check(&Request::peer(peer), &ask, NOW)
    }
}

/// Those that can be read.
fn read(ders: &[Vec<u8>]) -> Vec<Certificate> {
    ders.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
}

pub(super) fn failed(error: impl Display) -> Misuse {
    Misuse::new(format!("cannot make a certificate for the bench: {error}"))
}

pub(super) fn key(algorithm: &'static SignatureAlgorithm) -> Result<KeyPair, Misuse> {
    KeyPair::generate_for(algorithm).map_err(failed)
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "US");
    params.distinguished_name.push(DnType::OrganizationName, "Contoso");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2034, 1, 1);
    params
}

pub(super) fn ca(name: &str) -> CertificateParams {
    made::ca(params(name))
}

/// A device's certificate. It names no key of its issuer, so that all issuers of one name are tried.
pub(super) fn device(sans: Vec<SanType>) -> CertificateParams {
    made::device(params("pc7.contoso.com"), sans)
}

pub(super) fn dns(name: &str) -> Result<SanType, Misuse> {
    Ok(SanType::DnsName(name.try_into().map_err(failed)?))
}

pub(super) fn self_signed(
    params: &CertificateParams,
    key: &impl SigningKey,
) -> Result<Vec<u8>, Misuse> {
    Ok(params.self_signed(key).map_err(failed)?.der().to_vec())
}

pub(super) fn signed(
    params: &CertificateParams,
    key: &impl PublicKeyData,
    issuer: &Issuer<'_, impl SigningKey>,
) -> Result<Vec<u8>, Misuse> {
    Ok(params.signed_by(key, issuer).map_err(failed)?.der().to_vec())
}
