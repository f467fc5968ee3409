//! PKIs that issue, sites that sign, the gate that believes them beside the house, and one way to ask.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, SigningKey as _,
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tollgate::cert::{Certificate, Store};
use tollgate::jws::{KeyRules, KeySet, Keys, base64url, public_jwk};
use tollgate::pki::{Pki, PrincipalName};
use tollgate::policy::{EndpointRules, IssuerRules, PkiRules};
use tollgate::site::{Format, Site};
use tollgate::{
    Admission, Algorithm, Ask, Gate, Guid, Limits, Method, Now, Peer, Policy, Request, Sender,
    Senders, SigningKey, Verdict, sample,
};

use super::house::{ED25519, HOUSE, NOW, outcome, trust};

pub(crate) static DEVICES: LazyLock<Devices> = LazyLock::new(Devices::new);

/// The endpoint that takes tokens of people only.
pub(crate) const NO_PKI: &str = "tokens";

/// The client that every token of a site is of.
pub(crate) const CLIENT: &str = "0c0c0c0c-0c0c-4c0c-8c0c-0c0c0c0c0c0c";

pub(crate) struct Devices {
    /// Trusts the house's signers, two PKIs and two sites, and believes proxies on its own machine.
    pub(crate) gate: Gate,
    /// The chains that clients show, leaf first.
    pub(crate) chains: Vec<Shown>,
    /// Signs what [`Shown::of_corp`] holds, and whatever a test gives it.
    pub(crate) issuing: Ca,
    /// Our own site and ConfigMgr's.
    pub(crate) sites: [Signs; 2],
}

pub(crate) type Ca = Issuer<'static, KeyPair>;

/// What a client shows, and what becomes of it where it comes alone.
pub(crate) struct Shown {
    pub(crate) name: &'static str,
    pub(crate) chain: Vec<Vec<u8>>,
    /// The principal.
    pub(crate) is: Option<&'static str>,
    /// Whether a configured PKI issued it: then more may be said of it than that it proves nothing.
    pub(crate) is_ours: bool,
}

/// A site's key and the header of its client tokens.
pub(crate) struct Signs {
    pub(crate) id: Guid,
    pub(crate) key: SigningKey,
    pub(crate) header: Value,
}

const DAY_S: i64 = 86_400;

impl Devices {
    fn new() -> Self {
        let (root, root_ca) = self_signed("Contoso Root CA");
        let issuing = ca("Contoso Issuing CA");
        let issuing_key = KeyPair::generate().expect("a key");
        let issuing_der = der(&issuing, &issuing_key, &root_ca);
        let issuing_ca = Issuer::new(issuing, issuing_key);
        let (plant_root, plant_ca) = self_signed("Plant Root CA");
        let plant_sub = ca("Plant Sub CA");
        let sub_key = KeyPair::generate().expect("a key");
        let plant_sub_der = der(&plant_sub, &sub_key, &plant_ca);
        let sub_ca = Issuer::new(plant_sub, sub_key);
        let (stranger_root, stranger) = self_signed("Contoso Issuing CA");
        let (_, no_one) = self_signed("Nobody's CA");

        let leaf = |name, change: fn(&mut CertificateParams), issuer: &Ca| {
            let mut params = device(name);
            change(&mut params);
            der(&params, &KeyPair::generate().expect("a key"), issuer)
        };
        let same = |_: &mut CertificateParams| {};
        let ended = |params: &mut CertificateParams| params.not_after = at(NOW.unix_s - 10);
        let server = |params: &mut CertificateParams| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        };
        let silent =
            |params: &mut CertificateParams| params.use_authority_key_identifier_extension = false;
        let own = device("own").self_signed(&KeyPair::generate().expect("a key"));
        let own = own.expect("a certificate").der().to_vec();
        let shown = |name, chain, is, is_ours| Shown { name, chain, is, is_ours };
        let good = Some("pki:corp:dns:pc7");
        let below = leaf("below", same, &sub_ca);
        let chains = vec![
            shown("good", vec![leaf("pc7", same, &issuing_ca)], good, true),
            shown("ended", vec![leaf("pc8", ended, &issuing_ca)], None, true),
            shown("server", vec![leaf("pc9", server, &issuing_ca)], None, true),
            shown("plant", vec![below.clone(), plant_sub_der], Some("pki:plant:dns:below"), true),
            shown("plant without its issuer", vec![below], None, true),
            shown("own", vec![own], None, false),
            shown("foreign", vec![leaf("pc7", same, &no_one)], None, false),
            shown("forged", vec![leaf("pc7", silent, &stranger), stranger_root], None, false),
            shown("forged and ended", vec![leaf("pc8", ended, &stranger)], None, false),
        ];
        let sites = [Signs::ours(), Signs::configmgr()];
        let read = |der: &[u8]| Certificate::from_der(der).expect("a certificate of ours");
        let pki = |name: &str, root: &[u8], between: Vec<Certificate>| Pki {
            name: name.into(),
            store: Store::new(vec![read(root)], between).expect("an anchor of ours").into(),
            peer_intermediates: false,
            principal: PrincipalName::FirstAlternative,
            tenant: None,
            crls: None,
        };
        let corp = pki("corp", &root, vec![read(&issuing_der)]);
        let tenant = Some(HOUSE.signers[ED25519].tenant.id);
        let plant = pki("plant", &plant_root, Vec::new());
        let plant = Pki { peer_intermediates: true, tenant, ..plant };
        let gate = gate(vec![corp, plant], sites.iter().map(Signs::site).collect());
        Self { gate, chains, issuing: issuing_ca, sites }
    }

    /// A certificate with this signed part, under the issuing CA's key.
    pub(crate) fn sign(&self, signed_part: &[u8]) -> Vec<u8> {
        let signature = self.issuing.key().sign(signed_part).expect("a signature");
        // ecdsa-with-SHA256 (RFC 5758 section 3.2).
        let algorithm = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
        let signature = tlv(3, &[&[0], &signature[..]].concat());
        tlv(0x30, &[signed_part, algorithm, &signature].concat())
    }

    /// The chain out of a header, as a proxy on this machine passes it on.
    pub(crate) fn forwarded(&self, chain: &[Vec<u8>]) -> Option<Peer> {
        let item = |der: &Vec<u8>| format!(":{}:", STANDARD.encode(der));
        let (leaf, above) = chain.split_first()?;
        let above: Vec<_> = above.iter().map(item).collect();
        let (leaf, above) = (item(leaf), above.join(", "));
        let headers = [("Client-Cert", leaf.as_bytes()), ("Client-Cert-Chain", above.as_bytes())];
        self.gate.forwarded(Sender::Unix, headers).ok().flatten()
    }
}

impl Signs {
    fn ours() -> Self {
        let key = SigningKey::generate(Algorithm::Es256).expect("a key");
        let header = json!({ "typ": "tollgate-client+jwt", "alg": "ES256", "kid": "one" });
        Self { id: Guid([0x51; 16]), key, header }
    }

    fn configmgr() -> Self {
        let key = SigningKey::generate(Algorithm::Rs256).expect("a key");
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "one" });
        Self { id: Guid([0x52; 16]), key, header }
    }

    fn is_configmgr(&self) -> bool {
        self.header["typ"] == "JWT"
    }

    pub(crate) fn site(&self) -> Site {
        let limits = Limits::default();
        let algorithms = &[self.key.algorithm()];
        let rules = KeyRules { algorithms, secrets: false, cloud_instance: None, limits: &limits };
        let jwks = json!({ "keys": [public_jwk(&self.key, "one")] }).to_string();
        let (set, _) = KeySet::from_json(jwks.as_bytes(), &rules).expect("a good set");
        let format = match self.is_configmgr() {
            true => Format::ConfigMgr { client_category: Some("Client".into()) },
            false => Format::Tollgate,
        };
        Site { id: self.id, format, keys: Keys::new(set, u64::MAX) }
    }

    /// Claims of a client token that lack only `cnf`.
    pub(crate) fn claims(&self) -> Value {
        let (id, now_s) = (self.id, NOW.unix_s);
        match self.is_configmgr() {
            true => json!({
                "iss": format!("urn:sccm:oauth2:{id}"), "aud": "urn:sccm:service",
                "exp": now_s + 60, "nbf": now_s, "TenantId": id.to_string(),
                "SCCMTokenCategory": "Client", "UniqueId": CLIENT,
            }),
            false => json!({
                "iss": format!("urn:tollgate:site:{id}"), "aud": "urn:tollgate:gate",
                "exp": now_s + 60, "nbf": now_s, "iat": now_s, "generation": 1, "sub": CLIENT,
                "jti": CLIENT, "provenance": "internal",
            }),
        }
    }

    pub(crate) fn sign(&self, claims: &str) -> String {
        tollgate::jws::sign(&self.header.to_string(), claims.as_bytes(), &self.key)
    }
}

/// `x5t#S256` and `jkt` of the peer.
pub(crate) fn thumbprints(peer: &Peer) -> [String; 2] {
    [peer.thumbprint(), peer.key_thumbprint().expect("a key on P-256")].map(|it| base64url(&it))
}

fn gate(pkis: Vec<Pki>, sites: Vec<Site>) -> Gate {
    let people = EndpointRules {
        name: NO_PKI.into(),
        methods: vec![Method::Entra, Method::Oidc],
        ..sample::endpoint()
    };
    let rules = HOUSE.signers.iter().map(|_| IssuerRules::default()).collect();
    let endpoints = vec![sample::endpoint(), people];
    let policy = Policy::new(300, Limits::default(), endpoints, rules).expect("two endpoints");
    let policy = policy.with_pkis(pkis.iter().map(|_| PkiRules::default()).collect());
    let policy = policy.with_senders(Senders::parse(["unix"]).expect("a sender"));
    let trust = trust(&HOUSE.signers).with_pkis(pkis).expect("two names");
    Gate::new(trust.with_sites(sites).expect("two sites"), policy).expect("rules for each")
}

/// Checks, and holds the explanation to the same verdict and to its own rules, as for tokens alone.
pub(crate) fn judge<'a>(request: &Request<'a>, ask: &Ask<'_>, now: Now) -> Verdict<'a> {
    let verdict = DEVICES.gate.check(request, ask, now);
    let explanation = DEVICES.gate.explain(request, ask, now);
    let all = |verdict: &Verdict<'_>| {
        let beside = verdict.admission().and_then(|admission| {
            admission.certificate().map(|device| (device.id().to_string(), device.bound))
        });
        let expires_s = verdict.admission().map(Admission::expires_s);
        (outcome(verdict), beside, expires_s)
    };
    assert_eq!(all(&verdict), all(&explanation.verdict), "check, explain: {request:?} {ask:?}");
    let steps = &explanation.steps;
    for step in steps {
        let moves = |text: &str| text.chars().any(char::is_control);
        assert!(!moves(&step.found) && !moves(&step.expected), "{step:?}");
    }
    let is_admitted = verdict.is_admitted();
    assert!(!is_admitted || steps.iter().all(|step| step.held), "admitted: {steps:#?}");
    let last_held = steps.last().is_some_and(|step| step.held);
    assert_eq!(last_held, is_admitted, "the last step decides: {verdict:?} {steps:#?}");
    verdict
}

fn at(unix_s: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(unix_s).expect("a year that a certificate can name")
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (at(NOW.unix_s - DAY_S), at(NOW.unix_s + DAY_S));
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn device(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.subject_alt_names = vec![SanType::DnsName(name.try_into().expect("ASCII"))];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn self_signed(name: &str) -> (Vec<u8>, Ca) {
    let (params, key) = (ca(name), KeyPair::generate().expect("a key"));
    let der = params.self_signed(&key).expect("a certificate").der().to_vec();
    (der, Issuer::new(params, key))
}

fn der(params: &CertificateParams, key: &KeyPair, issuer: &Ca) -> Vec<u8> {
    params.signed_by(key, issuer).expect("a certificate").der().to_vec()
}

/// One value of DER, shorter than 64 KiB.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = (content.len() as u16).to_be_bytes();
    let length = match content.len() {
        0..=0x7f => vec![low],
        0x80..=0xff => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [&[tag], &length[..], content].concat()
}
