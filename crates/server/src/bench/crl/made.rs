//! Revocation lists of the bench's own: one CA, and as many entries as are asked for.

use rcgen::{Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey};
use tollgate::cert::{Certificate, Store};

use super::super::pki::{self, Pki, failed, signed};
use crate::misuse::Misuse;

/// A CA that issues to clients by itself, and what it issued.
pub(super) struct Ca {
    key: KeyPair,
    name: Vec<u8>,
    pub(super) der: Vec<u8>,
    /// Is on no list.
    pub(super) leaf: Vec<u8>,
    /// The same, and names its distribution point: [`point`] of 1,000.
    pub(super) pointing: Vec<u8>,
}

/// How long a list is and what it is of.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) number: u64,
    pub(super) entries: u64,
    /// The first of its serial numbers, which are mixed from consecutive numbers.
    pub(super) from: u64,
    /// The number of its distribution point.
    pub(super) part: Option<u32>,
}

impl Ca {
    pub(super) fn new() -> Result<Self, Misuse> {
        let key = pki::key(&PKCS_ECDSA_P256_SHA256)?;
        let params = pki::ca("Bench Issuing CA");
        let der = pki::self_signed(&params, &key)?;
        let mut device = pki::device(vec![pki::dns("pc7.contoso.com")?]);
        let mut pointing = device.clone();
        pointing.crl_distribution_points =
            vec![rcgen::CrlDistributionPoint { uris: vec![point(1_000)] }];
        device.crl_distribution_points.clear();
        let issuer = Issuer::from_params(&params, &key);
        let [leaf, pointing] = [device, pointing]
            .map(|params| signed(&params, &pki::key(&PKCS_ECDSA_P256_SHA256)?, &issuer));
        let name = name_of(&der).ok_or_else(|| failed("its name is not where it should be"))?;
        Ok(Self { leaf: leaf?, pointing: pointing?, name, der, key })
    }

    pub(super) fn store(&self) -> Result<Store, Misuse> {
        let ca = Certificate::from_der(&self.der).map_err(failed)?;
        Store::new(vec![ca], Vec::new()).map_err(|(_, why)| failed(why))
    }

    pub(super) fn pki(&self) -> Pki {
        Pki {
            anchors: vec![self.der.clone()],
            presented: vec![self.leaf.clone()],
            ..Pki::default()
        }
    }

    /// DER of a list that counts from 2025 to 2033.
    pub(super) fn list(&self, kind: Kind) -> Result<Vec<u8>, Misuse> {
        let mut entries = Vec::with_capacity(kind.entries as usize * 52);
        for at in 0..kind.entries {
            // SEQUENCE of INTEGER, UTCTime, and a reason: 52 bytes, as CAs write them.
            entries.extend_from_slice(&[0x30, 0x2f, 0x02, 0x10]);
            entries.extend_from_slice(&serial(kind.from + at));
            entries.extend_from_slice(b"\x17\x0d250101000000Z");
            let reason = [1, 3, 4, 5][at as usize % 4];
            entries.extend_from_slice(&[0x30, 0x0c, 0x30, 0x0a, 6, 3, 0x55, 0x1d, 21, 4, 3, 10, 1]);
            entries.push(reason);
        }
        let algorithm = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
        let number = tlv(0x02, &[&[0][..], &kind.number.to_be_bytes()].concat());
        let number = shortest(&number);
        let mut extensions = extension(&[0x55, 0x1d, 20], false, &number);
        if let Some(part) = kind.part {
            let uri = tlv(0x86, point(part).as_bytes());
            let scope = tlv(0x30, &tlv(0xa0, &tlv(0xa0, &uri)));
            extensions.extend(extension(&[0x55, 0x1d, 28], true, &scope));
        }
        let body: [&[u8]; 6] = [
            b"\x02\x01\x01",
            algorithm,
            &self.name,
            b"\x17\x0d250101000000Z\x17\x0d330101000000Z",
            &tlv(0x30, &entries),
            &tlv(0xa0, &tlv(0x30, &extensions)),
        ];
        let tbs = tlv(0x30, &body.concat());
        let signature = self.key.sign(&tbs).map_err(failed)?;
        let signature = tlv(0x03, &[&[0][..], &signature].concat());
        Ok(tlv(0x30, &[&tbs[..], algorithm, &signature].concat()))
    }
}

/// 16 octets, positive, that look random.
pub(super) fn serial(number: u64) -> [u8; 16] {
    let mix = |word: u64| {
        let mixed = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    };
    let mut serial = [0; 16];
    serial[..8].copy_from_slice(&mix(number).to_be_bytes());
    serial[8..].copy_from_slice(&mix(number ^ 0x5555_5555).to_be_bytes());
    serial[0] = serial[0] & 0x7f | 0x40;
    serial
}

pub(super) fn point(part: u32) -> String {
    format!("http://crl.contoso.com/issuing-{part:04}.crl")
}

fn extension(id: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if is_critical { b"\x01\x01\xff" } else { b"" };
    tlv(0x30, &[&tlv(0x06, id), critical, &tlv(0x04, value)].concat())
}

/// An INTEGER below 2^64 without zeros that say nothing.
fn shortest(integer: &[u8]) -> Vec<u8> {
    let octets = &integer[2..];
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let sign = octets.get(zeros).is_none_or(|octet| octet & 0x80 != 0);
    tlv(0x02, &octets[zeros - usize::from(sign)..])
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = match content.len() {
        short @ ..0x80 => vec![short as u8],
        _ => {
            let octets = length.iter().skip_while(|octet| **octet == 0);
            let octets: Vec<u8> = octets.copied().collect();
            [&[0x80 | octets.len() as u8][..], &octets].concat()
        }
    };
    [&[tag][..], &length, content].concat()
}

/// The subject of a certificate that is its own issuer: the issuer stands behind version, serial number and
/// algorithm.
fn name_of(der: &[u8]) -> Option<Vec<u8>> {
    let der = der.into();
    let certificate = webpki::anchor_from_trusted_cert(&der).ok()?;
    Some(tlv(0x30, &certificate.subject))
}
