//! Certificates in the words of an explanation. Nothing here decides.

use super::authority::Pki;
use crate::cert::Certificate;
use crate::peer::Peer;
use crate::time::Now;
use crate::witness::shown;

/// Most CAs that are named of one PKI, and most of one name.
const MOST_CAS: usize = 8;
const MOST_OF_A_NAME: usize = 3;

/// Subject and issuer, quoted; the key of the issuer, as the certificate names it; and its thumbprint.
pub(super) fn described(peer: &Peer) -> String {
    let leaf = peer.leaf();
    let (subject, issuer) = (subject(leaf), issuer(leaf));
    let issuer_key = key(leaf.issuer_key_id());
    format!("subject {subject}, issuer {issuer}{issuer_key}, SHA-256 {}", hex(&leaf.thumbprint()))
}

/// The CAs of this PKI from the certificate's issuer up, as the names lead; `None` where it has none of
/// the issuer's name.
pub(super) fn climbed_by_name(leaf: &Certificate, pki: &Pki, now: Now) -> Option<String> {
    let mut on_the_way: Vec<String> = Vec::new();
    let mut at = leaf;
    while on_the_way.len() < MOST_CAS {
        let found: Vec<_> = pki.store.named_as_issuer_of(at).take(MOST_OF_A_NAME).collect();
        let Some(&(above, is_anchor)) = found.first() else {
            if on_the_way.is_empty() {
                return None;
            }
            on_the_way.push(format!("no CA {}", issuer(at)));
            break;
        };
        let all: Vec<_> =
            found.iter().map(|(ca, is_anchor)| ca_words(ca, *is_anchor, now)).collect();
        on_the_way.push(all.join(" and "));
        if is_anchor || above.der() == at.der() {
            break;
        }
        at = above;
    }
    Some(format!("{:?} has by these names {}", pki.name, on_the_way.join(", under ")))
}

fn ca_words(ca: &Certificate, is_anchor: bool, now: Now) -> String {
    let kind = if is_anchor { "anchor" } else { "intermediate" };
    let (first_s, last_s) = ca.validity();
    let begins_s = first_s.saturating_sub(now.unix_s);
    let left_s = last_s.saturating_sub(now.unix_s);
    let time = match (begins_s, left_s) {
        (1.., _) => format!("begins in {begins_s} s"),
        (_, 0..) => format!("ends in {left_s} s"),
        _ => format!("ended {} s ago", left_s.saturating_neg()),
    };
    let thumbprint = hex(&ca.thumbprint()[..8]);
    format!("{kind} {}{} ({time}, SHA-256 {thumbprint}...)", subject(ca), key(ca.key_id()))
}

/// The name alone: whatever else a certificate holds may be unreadable.
fn subject(certificate: &Certificate) -> String {
    shown(certificate.subject_name().ok().map(|name| name.text()).as_deref())
}

fn issuer(certificate: &Certificate) -> String {
    shown(certificate.issuer_name().ok().map(|name| name.text()).as_deref())
}

/// A key by its identifier, of which the first 20 bytes are shown (RFC 5280 section 4.2.1.2).
fn key(id: Option<&[u8]>) -> String {
    id.map_or_else(String::new, |id| format!(" with key {}", hex(&id[..id.len().min(20)])))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
