//! The client's certificate out of the headers that a proxy set.
//!
//! Whoever may set such a header is any client he likes, so this is strict where others mend: one
//! form, once, exactly as its proxy writes it. Whether the sender may set one at all is for
//! [`Senders`](super::Senders) to say, before anything here is decoded. Names are compared with
//! their hyphens: `client_cert` is another header, as it is in HTTP.

use super::chain::{Chain, Fault};
use super::rfc9440::without_blanks;
use super::{escaped, rfc9440, traefik, xfcc};
use crate::limits::CERTIFICATE_HEADER_BYTES;
use crate::reason::{Reason, Refusal};

const LEAF: &str = "client-cert";
const ABOVE: &str = "client-cert-chain";
const XFCC: &str = "x-forwarded-client-cert";
const NGINX: &str = "x-ssl-client-cert";
const NGINX_SHORT: &str = "ssl-client-cert";
const TRAEFIK: &str = "x-forwarded-tls-client-cert";

const NAMES: [&str; 6] = [LEAF, ABOVE, XFCC, NGINX, NGINX_SHORT, TRAEFIK];

/// Whether a header says anything of a client's certificate, right or wrong: what nobody but a
/// listed sender may do.
pub(crate) fn is_present<'h>(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> bool {
    said(headers).next().is_some()
}

/// The DER of the client's certificate and of those above it, leaf first; never empty. `None` if no
/// header says anything of one. Nothing here looks into a certificate.
///
/// # Errors
/// `certificate_twice` with the name of the second header, `certificate_header` with the name of
/// the malformed one, `chain_too_large` with the number of bytes or certificates.
pub(crate) fn read<'h>(
    headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
) -> Result<Option<Vec<Vec<u8>>>, Refusal> {
    let (mut form, mut above) = (None, None);
    for (name, value) in said(headers) {
        let other = form.is_some_and(|(first, _)| first != LEAF);
        if name == ABOVE {
            if other || above.replace(value).is_some() {
                return Err(Reason::CertificateTwice.of(name));
            }
        } else if form.replace((name, value)).is_some() || above.is_some() && name != LEAF {
            return Err(Reason::CertificateTwice.of(name));
        }
    }
    let above = above.map(|value| (ABOVE, value));
    let lines = || form.iter().chain(&above);
    let bytes = lines().map(|(_, value)| value.len()).sum();
    if bytes > CERTIFICATE_HEADER_BYTES {
        return Err(Reason::ChainTooLarge.count(bytes, CERTIFICATE_HEADER_BYTES));
    }
    // No HTTP server lets them in (RFC 9110 section 5.5); a host that reads its own may.
    if let Some((name, _)) = lines().find(|(_, value)| value.iter().any(|b| is_control(*b))) {
        return Err(Reason::CertificateHeader.of(name));
    }
    let Some((name, value)) = form else {
        return above.map_or(Ok(None), |(name, _)| Err(Reason::CertificateHeader.of(name)));
    };
    let mut chain = one_form(name, value).map_err(|fault| fault.of(name))?;
    if let Some((name, value)) = above {
        rfc9440::above(value, &mut chain).map_err(|fault| fault.of(name))?;
    }
    Ok(Some(chain.into_certificates()))
}

fn one_form(name: &str, value: &[u8]) -> Result<Chain, Fault> {
    let mut chain = Chain::default();
    match name {
        XFCC => return xfcc::read(value),
        TRAEFIK => traefik::read(value, &mut chain)?,
        // The forms that are left have no commas, and a comma is what joins repeated lines
        // (RFC 9110 section 5.3).
        _ if value.contains(&b',') => return Err(Fault::Twice),
        LEAF => rfc9440::leaf(value, &mut chain)?,
        _ => escaped::read(value, &mut chain)?,
    }
    Ok(chain)
}

/// The certificate headers that are not empty. Proxies send an empty one for a client that has no
/// certificate.
fn said<'h>(
    headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
) -> impl Iterator<Item = (&'static str, &'h [u8])> {
    headers.into_iter().filter_map(|(name, value)| {
        let name = *NAMES.iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let value = without_blanks(value);
        (!value.is_empty()).then_some((name, value))
    })
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

#[cfg(test)]
#[path = "forwarded_tests.rs"]
mod tests;
