//! A chain that was never seen, beside its raw signatures and plain rustls-webpki.

use std::fmt::Display;
use std::hint::black_box;
use std::time::Duration;

use rcgen::{
    Issuer, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, PublicKeyData,
    SignatureAlgorithm,
};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use serde_json::{Map, Value, json};
use webpki::aws_lc_rs::{ECDSA_P256_SHA256, ECDSA_P384_SHA384, RSA_PKCS1_2048_8192_SHA256};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::measure::medians;
use super::pki::{self, Judge, Pki};
use super::progress::Bar;
use super::report::{Report, Table, at_most, number};
use super::world::NOW;
use crate::misuse::Misuse;

pub(super) const STEPS: usize = 3;

struct ChainMiss {
    kind: &'static str,
    /// Both signatures, keys not parsed before.
    raw_ns: f64,
    /// Reading the leaf: once a connection.
    read_ns: f64,
    check_ns: f64,
    /// Leaf read and chain proven by the same algorithm.
    webpki_ns: f64,
}

impl ChainMiss {
    fn json(&self) -> Value {
        json!({
            "raw_ns": self.raw_ns, "check_ns": self.check_ns,
            "read_ns": self.read_ns, "webpki_ns": self.webpki_ns,
        })
    }

    fn row(&self) -> [String; 8] {
        let goal = self.raw_ns + 3000.0;
        let figures =
            [self.raw_ns, self.webpki_ns, self.check_ns, self.check_ns - self.raw_ns, goal];
        let [raw, webpki, check, over, goal_ns] = figures.map(number);
        let met = at_most(self.check_ns, goal);
        [self.kind.into(), raw, webpki, check, over, goal_ns, met, number(self.read_ns)]
    }
}

/// Of the CAs; leaves have P-256 keys but under RSA.
struct Kind {
    name: &'static str,
    ca: &'static SignatureAlgorithm,
    leaf: &'static SignatureAlgorithm,
    verify: &'static dyn SignatureVerificationAlgorithm,
}

pub(super) fn measure(rounds: usize, bar: &Bar) -> Result<Report, Misuse> {
    let (p256, p384) = (&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384);
    let rsa = &PKCS_RSA_SHA256;
    let kinds: [_; STEPS] = [
        Kind { name: "p256", ca: p256, leaf: p256, verify: ECDSA_P256_SHA256 },
        Kind { name: "rsa2048", ca: rsa, leaf: rsa, verify: RSA_PKCS1_2048_8192_SHA256 },
        Kind { name: "p384", ca: p384, leaf: p256, verify: ECDSA_P384_SHA384 },
    ];
    let head = ["", "raw ns", "webpki", "check", "over raw", "goal", "", "read the leaf"];
    let mut table = Table::new(
        "chain miss: leaf, intermediate and root, beside the two raw signatures (medians)",
        &head,
    );
    let mut names = Map::new();
    for kind in &kinds {
        bar.step(&format!("chains: {}", kind.name));
        let chain = measure_one(kind, rounds)?;
        names.insert(kind.name.into(), chain.json());
        table.row(chain.row());
    }
    let mut report = Report::default();
    report.name("chain_miss", names);
    report.tables.push(table);
    Ok(report)
}

fn measure_one(kind: &Kind, rounds: usize) -> Result<ChainMiss, Misuse> {
    let (root_key, issuing_key) = (pki::key(kind.ca)?, pki::key(kind.ca)?);
    let (root_public, issuing_public) =
        (root_key.der_bytes().to_vec(), issuing_key.der_bytes().to_vec());
    let (root, issuing) = (pki::ca("Contoso Root CA"), pki::ca("Contoso Issuing CA 1"));
    let root_der = pki::self_signed(&root, &root_key)?;
    let root = Issuer::new(root, root_key);
    let issuing_der = pki::signed(&issuing, &issuing_key, &root)?;
    let issuing = Issuer::new(issuing, issuing_key);
    let mut device = pki::device(vec![pki::dns("pc7.contoso.com")?]);
    device.use_authority_key_identifier_extension = true;
    let leaf_der = pki::signed(&device, &pki::key(kind.leaf)?, &issuing)?;

    let links = [(&root_public, &issuing_der), (&issuing_public, &leaf_der)];
    let raw = || {
        links.iter().all(|(key, der)| {
            let (signed, signature) = parts(black_box(der));
            kind.verify.verify_signature(key, signed, signature).is_ok()
        })
    };
    let anchor = CertificateDer::from(root_der.as_slice());
    let anchor = anchor_from_trusted_cert(&anchor).map_err(bug)?;
    let issuing = CertificateDer::from(issuing_der.as_slice());
    let leaf = CertificateDer::from(leaf_der.as_slice());
    let at = UnixTime::since_unix_epoch(Duration::from_secs(NOW.unix_s.unsigned_abs()));
    let plain = || {
        let leaf = EndEntityCert::try_from(black_box(&leaf))?;
        let (anchors, between) = (core::slice::from_ref(&anchor), core::slice::from_ref(&issuing));
        leaf.verify_for_usage(
            &[kind.verify],
            anchors,
            between,
            at,
            KeyUsage::client_auth(),
            None,
            None,
        )
        .map(drop)
    };
    let judge = Judge::new(Pki {
        anchors: vec![root_der.clone()],
        intermediates: vec![issuing_der.clone()],
        presented: vec![leaf_der.clone()],
        peer_intermediates: false,
    })?;
    let peer = judge.read_peer().map_err(bug)?;
    let check = || judge.check(black_box(&peer)).is_admitted();
    plain().map_err(bug)?;
    if !raw() || !check() {
        return Err(Misuse::new(format!("the bench's own {} chain is refused: a bug", kind.name)));
    }
    let [raw_ns, read_ns, check_ns, webpki_ns] = medians(
        rounds,
        [
            &mut || _ = black_box(raw()),
            &mut || _ = black_box(judge.read_peer().is_ok()),
            &mut || _ = black_box(check()),
            &mut || _ = black_box(plain().is_ok()),
        ],
    );
    Ok(ChainMiss { kind: kind.name, raw_ns, read_ns, check_ns, webpki_ns })
}

fn bug(error: impl Display) -> Misuse {
    Misuse::new(format!("the bench's own chain is refused: {error}: a bug"))
}

/// The signed bytes and the signature of a certificate that rcgen made.
fn parts(der: &[u8]) -> (&[u8], &[u8]) {
    let (header, _) = lengths(der);
    let signed = &der[header..];
    let (header, value) = lengths(signed);
    let (signed, rest) = signed.split_at(header + value);
    let (header, value) = lengths(rest);
    let rest = &rest[header + value..];
    let (header, _) = lengths(rest);
    // The first byte of a BIT STRING counts its unused bits.
    (signed, &rest[header + 1..])
}

/// Of one value in DER: its header and what follows.
fn lengths(der: &[u8]) -> (usize, usize) {
    match der[1] {
        short @ 0..=0x7f => (2, short.into()),
        0x81 => (3, der[2].into()),
        _ => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
    }
}
