//! Certificates and lists in DER, built piece by piece: each piece may be wrong.

use rcgen::{KeyPair, PublicKeyData, SigningKey};

/// A CA: its certificate and what signs in its name.
pub(crate) struct Ca {
    pub(crate) key: KeyPair,
    pub(crate) name: Vec<u8>,
    pub(crate) der: Vec<u8>,
}

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ ..0x80 => out.push(short as u8),
        long => {
            let octets: Vec<u8> =
                long.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
            out.push(0x80 | octets.len() as u8);
            out.extend(octets);
        }
    }
    out.extend_from_slice(content);
    out
}

pub(crate) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn name(common_name: &str) -> Vec<u8> {
    let attribute = seq(&[&[6, 3, 0x55, 4, 3], &tlv(0x0c, common_name.as_bytes())]);
    seq(&[&tlv(0x31, &attribute)])
}

/// An INTEGER that is not negative.
pub(crate) fn integer(number: u64) -> Vec<u8> {
    let octets = number.to_be_bytes();
    let zeros = octets.iter().take_while(|octet| **octet == 0).count().min(7);
    let sign: &[u8] = if octets[zeros] & 0x80 != 0 { &[0] } else { &[] };
    tlv(0x02, &[sign, &octets[zeros..]].concat())
}

/// GeneralizedTime from 2050 on, as RFC 5280 has it.
pub(crate) fn time(unix_s: i64) -> Vec<u8> {
    let at = jiff::Timestamp::from_second(unix_s).unwrap();
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    if at.year() < 2050 {
        tlv(0x17, at.strftime("%y%m%d%H%M%SZ").to_string().as_bytes())
    } else {
        tlv(0x18, at.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
    }
}

pub(crate) fn extension(id: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if is_critical { &[1, 1, 0xff] } else { &[] };
    seq(&[&tlv(6, id), critical, &tlv(4, value)])
}

pub(crate) fn id_ce(number: u8) -> [u8; 3] {
    [0x55, 0x1d, number]
}

/// ecdsa-with-SHA256.
const ALGORITHM: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";

pub(crate) fn signed(tbs: &[u8], key: &KeyPair) -> Vec<u8> {
    let signature = key.sign(tbs).unwrap();
    seq(&[tbs, ALGORITHM, &tlv(3, &[&[0][..], &signature].concat())])
}

/// What stands in a certificate.
pub(crate) struct Certificate<'c> {
    pub(crate) subject: &'c [u8],
    pub(crate) issuer: &'c [u8],
    /// The octets of the INTEGER.
    pub(crate) serial: &'c [u8],
    pub(crate) extensions: &'c [Vec<u8>],
}

impl Certificate<'_> {
    pub(crate) fn issue(&self, key: &KeyPair, signer: &KeyPair, window: (i64, i64)) -> Vec<u8> {
        let validity = seq(&[&time(window.0), &time(window.1)]);
        let tbs = seq(&[
            &tlv(0xa0, &integer(2)),
            &tlv(2, self.serial),
            ALGORITHM,
            self.issuer,
            &validity,
            self.subject,
            &key.subject_public_key_info(),
            &tlv(0xa3, &tlv(0x30, &self.extensions.concat())),
        ]);
        signed(&tbs, signer)
    }
}

impl Ca {
    /// Issued by another, or by itself.
    pub(crate) fn new(
        common_name: &str,
        serial: u8,
        by: Option<&Self>,
        window: (i64, i64),
    ) -> Self {
        let (key, subject) = (KeyPair::generate().unwrap(), name(common_name));
        let basic = extension(&id_ce(19), true, &seq(&[&[1, 1, 0xff]]));
        let usage = extension(&id_ce(15), true, &[3, 2, 1, 6]);
        let issuer = by.map_or(subject.as_slice(), |by| &by.name);
        let certificate = Certificate {
            subject: &subject,
            issuer,
            serial: &[serial],
            extensions: &[basic, usage],
        };
        let der = certificate.issue(&key, by.map_or(&key, |by| &by.key), window);
        Self { key, name: subject, der }
    }
}

/// What stands in a list.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) version: u64,
    pub(crate) window: (i64, Option<i64>),
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) number: Option<(u64, bool)>,
    /// Extensions beside the number.
    pub(crate) more: Vec<Vec<u8>>,
}

impl List {
    pub(crate) fn new(number: u64, window: (i64, i64)) -> Self {
        let window = (window.0, Some(window.1));
        let (entries, more) = (Vec::new(), Vec::new());
        Self { version: 2, window, entries, number: Some((number, false)), more }
    }

    pub(crate) fn revoking(mut self, entry: Vec<u8>) -> Self {
        self.entries.push(entry);
        self
    }

    pub(crate) fn with(mut self, extension: Vec<u8>) -> Self {
        self.more.push(extension);
        self
    }

    /// In the name of `issuer`, by this key.
    pub(crate) fn sign(&self, issuer: &[u8], key: &KeyPair) -> Vec<u8> {
        signed(&self.tbs(issuer), key)
    }

    /// What is signed.
    pub(crate) fn tbs(&self, issuer: &[u8]) -> Vec<u8> {
        let mut parts = Vec::new();
        if self.version > 1 {
            parts.push(integer(self.version - 1));
        }
        parts.extend([ALGORITHM.to_vec(), issuer.to_vec(), time(self.window.0)]);
        parts.extend(self.window.1.map(time));
        if !self.entries.is_empty() {
            parts.push(tlv(0x30, &self.entries.concat()));
        }
        let number =
            self.number.map(|(number, critical)| extension(&id_ce(20), critical, &integer(number)));
        let extensions: Vec<u8> = number.into_iter().chain(self.more.clone()).flatten().collect();
        if self.version > 1 && !extensions.is_empty() {
            parts.push(tlv(0xa0, &tlv(0x30, &extensions)));
        }
        tlv(0x30, &parts.concat())
    }
}

/// An entry: the octets of the number, and a reason.
pub(crate) fn entry(serial: &[u8], reason: Option<u8>, date: i64) -> Vec<u8> {
    let reason = reason.map(|reason| extension(&id_ce(21), false, &[10, 1, reason]));
    let extensions = reason.map_or(Vec::new(), |reason| tlv(0x30, &reason));
    seq(&[&tlv(2, serial), &time(date), &extensions])
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
