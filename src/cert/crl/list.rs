//! One list, from its bytes to an index: CertificateList (RFC 5280 section 5.1).

use core::fmt;

use rustls_pki_types::CertificateRevocationListDer;
use rustls_pki_types::pem::PemObject;

use super::super::certificate::algorithm;
use super::super::der::{Malformed, Reader, tag, unsigned};
use super::super::fields::extension;
use super::super::file::BadFile;
use super::super::names::DistinguishedName;
use super::super::store::Store;
use super::Revocation;
use super::entries::{Entries, read_entries};
use super::index::Index;
use super::names::canonical;
use super::scope::Scope;
use super::signer::{Signed, find_signer};
use super::time::time;
use crate::crypto::sha256;
use crate::limits::CRL_BYTES;
use crate::time::Now;

/// A list whose signature is good. Immutable; a clone of the `Arc` that holds it costs nothing.
pub struct Crl {
    /// SHA-256 of its DER.
    pub(super) digest: [u8; 32],
    /// The canonical name of who issued it.
    pub(super) issuer: Box<[u8]>,
    /// The same, for people.
    issuer_text: Box<str>,
    /// SHA-256 of the SubjectPublicKeyInfo that its signature is good under.
    pub(super) signer: [u8; 32],
    pub(super) this_update: i64,
    pub(super) next_update: i64,
    pub(super) number: Number,
    /// The number of the base that it is a delta to.
    pub(super) base: Option<Number>,
    pub(super) scope: Scope,
    /// issuingDistributionPoint as it was written: lists of one scope have the same.
    pub(super) scope_bytes: Box<[u8]>,
    pub(super) entries: Entries,
    read_at: Now,
}

/// CRLNumber: up to 20 octets (section 5.2.3), from the right.
pub(super) type Number = [u8; 20];

/// Why a list cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadCrl {
    /// Longer than [`CRL_BYTES`].
    TooLarge(usize),
    /// Not one DER list, or more behind it, or less: the file may have been cut.
    NotDer,
    /// No cRLNumber: whether a newer one is there cannot be known (section 5.2.3).
    NoNumber,
    /// cRLNumber is critical, which it must not be, or longer than 20 octets (section 5.2.3).
    Number,
    /// No nextUpdate: when it is too old cannot be known (section 5.1.2.5).
    NoNextUpdate,
    /// A critical extension of the list, or of an entry, that is not known here (sections 5.2 and 5.3).
    UnknownCritical,
    /// An extension comes twice, or is malformed.
    Extension,
    /// It names other issuers' certificates, and does not say that it is indirect (section 5.2.5).
    NotIndirect,
    /// The two names of the signature's algorithm differ (section 5.1.1.2).
    Algorithm,
    /// No configured CA has the name of its issuer.
    NoIssuer,
    /// The CA with that name may not sign lists: its key usage leaves out cRLSign (section 4.2.1.3).
    MayNotSign,
    /// Its signature is good under no key of a CA with that name.
    Signature,
}

impl Crl {
    /// Reads one list, with nothing behind it, and checks that a CA of `store` has signed it. That CA's own path
    /// to an anchor is looked at where the list is used.
    ///
    /// In one pass and in place; beside the index it allocates a few names. What is left of its life is counted
    /// from `now` on by the monotonic clock too: a clock that is set back makes it no younger.
    ///
    /// # Errors
    /// See [`BadCrl`].
    pub fn read(der: &[u8], store: &Store, now: Now) -> Result<Self, BadCrl> {
        if der.len() > CRL_BYTES {
            return Err(BadCrl::TooLarge(der.len()));
        }
        let signed = Signed::read(der)?;
        let head = Head::read(signed.tbs)?;
        if head.algorithm != signed.algorithm {
            return Err(BadCrl::Algorithm);
        }
        // Before its entries are looked at: a list that nobody signed costs its signature and no memory.
        let signer = find_signer(store, &head.issuer, &signed)?;
        let extensions = Extensions::read(head.extensions, &head.issuer)?;
        let entries = read_entries(head.entries, &head.issuer, extensions.scope.is_indirect)?;
        Ok(Self {
            digest: Self::digest_of(der),
            issuer_text: head.issuer_text,
            issuer: head.issuer.into(),
            signer,
            this_update: head.this_update,
            next_update: head.next_update.ok_or(BadCrl::NoNextUpdate)?,
            number: extensions.number.ok_or(BadCrl::NoNumber)?,
            base: extensions.base,
            scope: extensions.scope,
            scope_bytes: extensions.scope_bytes.into(),
            entries,
            read_at: now,
        })
    }

    /// Whether it is not over, `grace_s` seconds behind its nextUpdate.
    pub(super) fn is_fresh(&self, grace_s: i64, now: Now) -> bool {
        now.unix_s <= self.next_update.saturating_add(grace_s)
            && now.mono_ms < self.fresh_until_ms(grace_s)
    }

    /// When it is over, on the monotonic clock.
    pub(super) fn fresh_until_ms(&self, grace_s: i64) -> u64 {
        let ends_s = self.next_update.saturating_add(grace_s).saturating_add(1);
        let left_s = u64::try_from(ends_s.saturating_sub(self.read_at.unix_s)).unwrap_or(0);
        self.read_at.mono_ms.saturating_add(left_s.saturating_mul(1000))
    }

    /// Whether a CA that may sign lists still has the key that this one was signed with: then it need not be
    /// read anew for another store.
    #[must_use]
    pub fn is_signed_in(&self, store: &Store) -> bool {
        super::signer::signers(store, &self.issuer).any(|ca| ca.marks().key == self.signer)
    }

    /// Whether it is of the same kind as the other (issuer, key, scope, full or delta) and has a greater number.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        let kind = |it: &Self| (it.signer, it.is_delta());
        kind(self) == kind(other)
            && self.issuer == other.issuer
            && self.scope_bytes == other.scope_bytes
            && self.number > other.number
    }

    /// SHA-256 of some DER, to find the list that it is among those that were read.
    #[must_use]
    pub fn digest_of(der: &[u8]) -> [u8; 32] {
        sha256(&[der])
    }

    /// SHA-256 of its DER.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Its issuer, as RFC 4514 text.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer_text
    }

    /// thisUpdate and nextUpdate, in Unix seconds.
    #[must_use]
    pub fn window(&self) -> (i64, i64) {
        (self.this_update, self.next_update)
    }

    /// Whether it is a delta.
    #[must_use]
    pub fn is_delta(&self) -> bool {
        self.base.is_some()
    }

    /// cRLNumber, in hexadecimal.
    #[must_use]
    pub fn number(&self) -> String {
        let digits: String = self.number.iter().map(|octet| format!("{octet:02x}")).collect();
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() { "0".into() } else { digits.into() }
    }

    /// How many certificates it speaks of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.indexes().map(Index::len).sum()
    }

    /// Whether it revokes none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What its index takes of memory, in bytes.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        self.entries.indexes().map(Index::bytes).sum()
    }

    /// What it says of a serial number of its own issuer's, by the content of the INTEGER.
    #[must_use]
    pub fn find(&self, serial: &[u8]) -> Option<Revocation> {
        self.entries.own.find(serial)
    }
}

/// TBSCertList; of its two long parts, where they are.
struct Head<'d> {
    algorithm: &'d [u8],
    issuer: Vec<u8>,
    issuer_text: Box<str>,
    this_update: i64,
    next_update: Option<i64>,
    entries: Reader<'d>,
    extensions: Reader<'d>,
}

impl<'d> Head<'d> {
    fn read(tbs: &'d [u8]) -> Result<Self, Malformed> {
        let mut tbs = Reader::only(tbs, tag::SEQUENCE)?;
        // Version 2 is the only one that writes it; one without extensions may be of version 1.
        let is_v2 = match tbs.optional(tag::INTEGER)? {
            None => false,
            Some([1]) => true,
            Some(_) => return Err(Malformed),
        };
        let algorithm = algorithm(&mut tbs)?;
        let name = tbs.any()?.whole;
        // Nothing is signed yet: what is made of a name takes several times its length.
        if name.len() > NAME_BYTES {
            return Err(Malformed);
        }
        let (issuer, text) = (canonical(name)?, DistinguishedName::from_der(name));
        let this_update = time(&mut tbs)?;
        let next_update = match tbs.rest().first() {
            Some(&(tag::UTC_TIME | tag::GENERALIZED_TIME)) => Some(time(&mut tbs)?),
            _ => None,
        };
        let entries = Reader::new(tbs.optional(tag::SEQUENCE)?.unwrap_or(&[]));
        let extensions = match tbs.optional(tag::parts(0))? {
            Some(extensions) if is_v2 => Reader::only(extensions, tag::SEQUENCE)?,
            Some(_) => return Err(Malformed),
            None => Reader::new(&[]),
        };
        tbs.end()?;
        let issuer_text = text.map(|name| name.text()).unwrap_or_default().into();
        Ok(Self { algorithm, issuer, issuer_text, this_update, next_update, entries, extensions })
    }
}

/// The extensions of a list that are read (section 5.2).
struct Extensions<'d> {
    number: Option<Number>,
    base: Option<Number>,
    scope: Scope,
    scope_bytes: &'d [u8],
}

impl<'d> Extensions<'d> {
    fn read(mut extensions: Reader<'d>, issuer: &[u8]) -> Result<Self, BadCrl> {
        let mut read = Self { number: None, base: None, scope: Scope::WHOLE, scope_bytes: &[] };
        let mut seen: Vec<&[u8]> = Vec::new();
        while !extensions.is_at_end() {
            let (id, is_critical, value) = extension(&mut extensions)?;
            if seen.contains(&id) || seen.len() == MOST_EXTENSIONS {
                return Err(BadCrl::Extension);
            }
            seen.push(id);
            match id {
                // A key that only says who may have signed: the signature says more.
                AUTHORITY_KEY_ID | ISSUER_ALT_NAME | FRESHEST_CRL => {}
                CRL_NUMBER if is_critical => return Err(BadCrl::Number),
                CRL_NUMBER => read.number = Some(number(value)?),
                DELTA_CRL_INDICATOR => read.base = Some(number(value)?),
                ISSUING_DISTRIBUTION_POINT => {
                    read.scope = Scope::read(value, issuer).map_err(|_| BadCrl::Extension)?;
                    read.scope_bytes = value;
                }
                _ if is_critical => return Err(BadCrl::UnknownCritical),
                _ => {}
            }
        }
        Ok(read)
    }
}

/// Longest name of an issuer: no CA's certificate could have it (`limits::CERTIFICATE_BYTES`).
const NAME_BYTES: usize = 4096;

/// Most lists of one file: twice as many as the largest CAs have parts.
const MOST_LISTS: usize = 4096;

/// Real lists have under ten; finding one twice costs their square.
pub(super) const MOST_EXTENSIONS: usize = 64;

fn number(value: &[u8]) -> Result<Number, BadCrl> {
    let number = Reader::only(value, tag::INTEGER).and_then(|number| unsigned(number.rest()));
    let number = number.map_err(|_| BadCrl::Number)?;
    let mut padded = [0; 20];
    let place = padded.len().checked_sub(number.len()).ok_or(BadCrl::Number)?;
    padded[place..].copy_from_slice(number);
    Ok(padded)
}

// id-ce (2.5.29).
const ISSUER_ALT_NAME: &[u8] = &[0x55, 0x1d, 18];
const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 20];
const DELTA_CRL_INDICATOR: &[u8] = &[0x55, 0x1d, 27];
const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
const FRESHEST_CRL: &[u8] = &[0x55, 0x1d, 46];

/// The DER of each list in a file: PEM with any number of them and text between, or the DER of one.
///
/// # Errors
/// One clause: there is none, or the PEM is broken.
pub fn crl_ders(file: &[u8]) -> Result<Vec<CertificateRevocationListDer<'_>>, String> {
    // A SEQUENCE with a length of more than one octet, as every list has.
    if let [0x30, 0x80..=0xff, ..] = file {
        return Ok(vec![file.into()]);
    }
    let blocks = memchr::memmem::find_iter(file, b"-----BEGIN ").count();
    if blocks > MOST_LISTS {
        return Err(format!("it holds more than {MOST_LISTS} lists"));
    }
    let ders: Vec<_> = CertificateRevocationListDer::pem_slice_iter(file)
        .collect::<Result<_, _>>()
        .map_err(|why| BadFile::Pem(why).in_words(file))?;
    match ders.len() {
        0 => Err("there is no revocation list in it (-----BEGIN X509 CRL-----)".into()),
        found if found != blocks => {
            Err("it holds something else beside revocation lists; take that out".into())
        }
        _ => Ok(ders),
    }
}

impl From<Malformed> for BadCrl {
    fn from(Malformed: Malformed) -> Self {
        Self::NotDer
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl({:?}, number {}, {} entries)", self.issuer_text, self.number(), self.len())
    }
}

impl fmt::Display for BadCrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge(got) => {
                return write!(f, "it has {got} bytes; at most {CRL_BYTES} are read");
            }
            Self::NotDer => "it is not one revocation list in DER: was the file cut?",
            Self::NoNumber => {
                "it has no cRLNumber, so whether it is the newest cannot be known; let the CA number its lists \
                 (openssl ca: crlnumber)"
            }
            Self::Number => "its cRLNumber, or that of its base, is malformed or critical",
            Self::NoNextUpdate => "it has no nextUpdate, so when it is too old cannot be known",
            Self::UnknownCritical => "it has a critical extension that is not known here",
            Self::Extension => "one of its extensions is malformed or comes twice",
            Self::NotIndirect => {
                "it names certificates of other issuers and does not say that it is indirect"
            }
            Self::Algorithm => "the two names of its signature's algorithm differ",
            Self::NoIssuer => "no CA of `anchors` and `intermediates` has its issuer's name",
            Self::MayNotSign => "the CA with its issuer's name may not sign lists (key usage cRLSign)",
            Self::Signature => "its signature is of no key of a CA with its issuer's name",
        })
    }
}

impl std::error::Error for BadCrl {}
