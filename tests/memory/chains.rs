//! CAs, and what clients show: leaves of two PKIs and of nobody, direct and out of a header.

use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SanType, SerialNumber,
};
use time::OffsetDateTime;
use tollgate::cert::{Certificate, Crl, Store};
use tollgate::jws::base64url;
use tollgate::pki::PrincipalName;
use tollgate::policy::CertificateMark;
use tollgate::{Gate, Limits, Peer, Policy, Sender, Senders, Trust};

use super::world::{NOW, PkiEntry, TENANTS};

pub(crate) static CHAINS: LazyLock<Chains> = LazyLock::new(Chains::new);

// The CAs, by their places in [`Chains::authorities`].
pub(crate) const ROOT: usize = 0;
pub(crate) const ISSUING: usize = 1;
/// Another certificate of the issuing CA: the same name and key, shorter.
pub(crate) const RENEWED: usize = 2;
pub(crate) const PLANT_ROOT: usize = 3;
pub(crate) const PLANT_SUB: usize = 4;

pub(crate) struct Chains {
    pub(crate) authorities: Vec<Vec<u8>>,
    /// Leaves of one CA, with it.
    pub(crate) crowd: Vec<Peer>,
    /// Each as the connection's own and then as a proxy passes it on.
    pub(crate) peers: Vec<Peer>,
    /// Revocation lists of the CAs, for the PKIs to choose among.
    pub(crate) lists: Vec<Arc<Crl>>,
    /// What a deny list may name: of each leaf, then of each CA.
    pub(crate) marks: Vec<[CertificateMark; 4]>,
    names: Vec<&'static str>,
}

type Ca = Issuer<'static, KeyPair>;

const DAY_S: i64 = 86_400;

/// When the renewed issuing CA ends.
pub(crate) const RENEWED_END_S: i64 = NOW.unix_s + 1_000;

impl Chains {
    fn new() -> Self {
        let (root, root_ca) = self_signed("Contoso Root CA");
        let issuing_key = KeyPair::generate().unwrap();
        let issuing = ca("Contoso Issuing CA");
        let mut shorter = ca("Contoso Issuing CA");
        shorter.not_after = at(RENEWED_END_S);
        let issuing_der = der(&issuing, &issuing_key, &root_ca);
        let renewed_der = der(&shorter, &issuing_key, &root_ca);
        let issuing_ca = Issuer::new(issuing, issuing_key);
        let (plant_root, plant_ca) = self_signed("Plant Root CA");
        let (sub, sub_key) = (ca("Plant Sub CA"), KeyPair::generate().unwrap());
        let sub_der = der(&sub, &sub_key, &plant_ca);
        let sub_ca = Issuer::new(sub, sub_key);
        let (_, stranger) = self_signed("Contoso Issuing CA");
        let (nobody_der, nobody) = self_signed("Nobody's CA");

        let leaf = |name: &str, change: fn(&mut CertificateParams), issuer: &Ca| {
            let mut params = device(name);
            params.serial_number = Some(SerialNumber::from_slice(name.as_bytes()));
            change(&mut params);
            der(&params, &KeyPair::generate().unwrap(), issuer)
        };
        let same = |_: &mut CertificateParams| {};
        let ended = |params: &mut CertificateParams| params.not_after = at(NOW.unix_s - 10);
        let later = |params: &mut CertificateParams| params.not_before = at(NOW.unix_s + 100);
        let server = |params: &mut CertificateParams| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        };
        let silent =
            |params: &mut CertificateParams| params.use_authority_key_identifier_extension = false;
        let good = leaf("pc1", same, &issuing_ca);
        let below = leaf("below", same, &sub_ca);
        let shown = [
            ("pc1", vec![good.clone()]),
            ("pc2", vec![leaf("pc2", same, &issuing_ca)]),
            ("lab1", vec![leaf("lab1", same, &issuing_ca)]),
            ("lab2", vec![leaf("lab2", same, &issuing_ca)]),
            ("pc1 with its issuer", vec![good.clone(), issuing_der.clone()]),
            ("pc1 with junk", vec![good, nobody_der.clone()]),
            ("ended", vec![leaf("pc8", ended, &issuing_ca)]),
            ("later", vec![leaf("pc9", later, &issuing_ca)]),
            ("server", vec![leaf("srv", server, &issuing_ca)]),
            ("below", vec![below.clone(), sub_der.clone()]),
            ("below alone", vec![below.clone()]),
            ("below with junk", vec![below.clone(), sub_der.clone(), nobody_der]),
            ("below twice", vec![below.clone(), sub_der.clone(), sub_der.clone()]),
            ("below the wrong way", vec![below.clone(), plant_root.clone(), sub_der.clone()]),
            ("below up to the anchor", vec![below, sub_der.clone(), plant_root.clone()]),
            ("foreign", vec![leaf("pc1", same, &nobody)]),
            ("forged", vec![leaf("pc1", silent, &stranger)]),
        ];
        let crowd = (100..164).map(|number| {
            let der = der(&device(&format!("m{number}")), &KeyPair::generate().unwrap(), &sub_ca);
            Peer::new([der.as_slice(), &sub_der]).unwrap()
        });
        let crowd = crowd.collect();
        let proxy = proxy();
        let both = |(_, chain): &(&str, Vec<Vec<u8>>)| {
            [Peer::new(chain.iter().map(Vec::as_slice)).unwrap(), forwarded(&proxy, chain)]
        };
        let authorities = vec![root, issuing_der, renewed_der, plant_root, sub_der];
        let leaves = shown.iter().map(|(_, chain)| &chain[0]);
        let marks = leaves.chain(&authorities);
        let marks = marks.map(|der| CertificateMark::all_of(&Certificate::from_der(der).unwrap()));
        // All as anchors: each PKI leaves out what its own CAs have not signed.
        let cas = authorities.iter().map(|der| Certificate::from_der(der).unwrap());
        let store = Store::new(cas.collect(), Vec::new()).unwrap();
        let read = |der: Vec<u8>| Arc::new(Crl::read(&der, &store, NOW).unwrap());
        let lists = lists([&root_ca, &issuing_ca, &plant_ca, &sub_ca]).into_iter().map(read);
        Self {
            lists: lists.collect(),
            marks: marks.collect(),
            authorities,
            crowd,
            peers: shown.iter().flat_map(both).collect(),
            names: shown.iter().map(|(name, _)| *name).collect(),
        }
    }

    /// The place of a peer.
    pub(crate) fn place(&self, name: &str, is_forwarded: bool) -> usize {
        let at = self.names.iter().position(|known| *known == name).expect("one of those above");
        at * 2 + usize::from(is_forwarded)
    }

    pub(crate) fn peer(&self, name: &str) -> &Peer {
        &self.peers[self.place(name, false)]
    }

    pub(crate) fn name(&self, place: usize) -> String {
        format!(
            "{}{}",
            self.names[place / 2],
            if place.is_multiple_of(2) { "" } else { ", forwarded" }
        )
    }
}

impl PkiEntry {
    /// Two share a CA: the first takes what is called pc, the second the others. The third lets clients
    /// bring intermediates, and serves the second tenant.
    pub(crate) fn all() -> Vec<Self> {
        let corp = Self {
            name: "corp",
            anchors: vec![ROOT],
            between: vec![ISSUING],
            peer_intermediates: false,
            principal: PrincipalName::FirstAlternative,
            tenant: None,
            select: vec!["SubjectStr:pc".parse().unwrap()],
            issuers: Vec::new(),
            lists: None,
        };
        let lab = Self {
            name: "lab",
            principal: PrincipalName::Subject,
            tenant: Some(TENANTS[0]),
            select: Vec::new(),
            ..corp.clone()
        };
        let plant = Self {
            name: "plant",
            anchors: vec![PLANT_ROOT],
            between: Vec::new(),
            peer_intermediates: true,
            principal: PrincipalName::FirstAlternative,
            tenant: Some(TENANTS[1]),
            ..lab.clone()
        };
        vec![corp, lab, plant]
    }
}

/// Four of each CA, numbered in a row: one that revokes nobody and ends in between, one that revokes somebody, one
/// that is over, and one that begins a little later and revokes nobody.
fn lists(cas: [&Ca; 4]) -> Vec<Vec<u8>> {
    let list = |ca: &Ca, number: u64, (begins_s, ends_s), names: &[&str]| {
        let revoked = |name: &&str| RevokedCertParams {
            serial_number: SerialNumber::from_slice(name.as_bytes()),
            revocation_time: at(NOW.unix_s),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: at(NOW.unix_s + begins_s),
            next_update: at(NOW.unix_s + ends_s),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: names.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(ca).unwrap().der().to_vec()
    };
    let each = |ca| {
        let revoked = ["pc1", "lab2", "below", "m101"];
        [
            list(ca, 1, (-DAY_S, 200), &[]),
            list(ca, 2, (-DAY_S, DAY_S), &revoked),
            list(ca, 3, (-DAY_S, -5), &revoked[..1]),
            list(ca, 4, (50, DAY_S), &[]),
        ]
    };
    cas.into_iter().flat_map(each).collect()
}

/// `x5t#S256` and `jkt` of a peer.
pub(crate) fn thumbprints(peer: &Peer) -> [String; 2] {
    [peer.thumbprint(), peer.key_thumbprint().unwrap()].map(|digest| base64url(&digest))
}

/// Believes proxies on its own machine, and nothing else.
fn proxy() -> Gate {
    let policy = Policy::new(0, Limits::default(), Vec::new(), Vec::new()).unwrap();
    let policy = policy.with_senders(Senders::parse(["unix"]).unwrap());
    Gate::with_cache(Trust::new(Vec::new()).unwrap(), policy, 0).unwrap()
}

fn forwarded(proxy: &Gate, chain: &[Vec<u8>]) -> Peer {
    let item = |der: &Vec<u8>| format!(":{}:", STANDARD.encode(der));
    let leaf = item(&chain[0]);
    let above = chain[1..].iter().map(item).collect::<Vec<_>>().join(", ");
    let headers = [("Client-Cert", leaf.as_bytes()), ("Client-Cert-Chain", above.as_bytes())];
    let headers = &headers[..if above.is_empty() { 1 } else { 2 }];
    proxy.forwarded(Sender::Unix, headers.iter().copied()).unwrap().unwrap()
}

fn at(unix_s: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(unix_s).unwrap()
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (at(NOW.unix_s - DAY_S), at(NOW.unix_s + DAY_S));
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn device(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn self_signed(name: &str) -> (Vec<u8>, Ca) {
    let (params, key) = (ca(name), KeyPair::generate().unwrap());
    let der = params.self_signed(&key).unwrap().der().to_vec();
    (der, Issuer::new(params, key))
}

fn der(params: &CertificateParams, key: &KeyPair, issuer: &Ca) -> Vec<u8> {
    params.signed_by(key, issuer).unwrap().der().to_vec()
}
