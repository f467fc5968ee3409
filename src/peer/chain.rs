//! Certificates as they are taken out of a header: counted and measured before they are decoded.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::Simd;
use base64::engine::general_purpose::PAD;

use crate::limits::{CHAIN_BYTES, CHAIN_CERTIFICATES};
use crate::reason::{Reason, Refusal};

/// `PAD` asks for padding and refuses trailing bits, so each certificate has one text.
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::standard(PAD));

/// What is wrong with the text of a certificate header; [`Fault::of`] adds which header it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not of the form that the header's name stands for.
    Form,
    /// Of that form, and more than once.
    Twice,
    /// Past a limit.
    TooLarge { got: usize, limit: usize },
}

impl Fault {
    pub(super) fn of(self, header: &'static str) -> Refusal {
        match self {
            Self::Form => Reason::CertificateHeader.of(header),
            Self::Twice => Reason::CertificateTwice.of(header),
            Self::TooLarge { got, limit } => Reason::ChainTooLarge.count(got, limit),
        }
    }
}

/// DER of certificates in the order in which they came. Nobody has read them yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    certificates: Vec<Vec<u8>>,
    bytes: usize,
}

impl Chain {
    /// Adds one certificate from canonical base64 (RFC 4648 section 4).
    pub(super) fn push(&mut self, base64: &[u8]) -> Result<(), Fault> {
        let count = self.certificates.len() + 1;
        if count > CHAIN_CERTIFICATES {
            return Err(Fault::TooLarge { got: count, limit: CHAIN_CERTIFICATES });
        }
        let padding = base64.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
        // Exact for what decodes; what does not has no size.
        let bytes = self.bytes + (base64.len() / 4 * 3).saturating_sub(padding);
        if bytes > CHAIN_BYTES {
            return Err(Fault::TooLarge { got: bytes, limit: CHAIN_BYTES });
        }
        let der = ENGINE.decode(base64).map_err(|_| Fault::Form)?;
        if der.is_empty() {
            return Err(Fault::Form);
        }
        self.certificates.push(der);
        self.bytes = bytes;
        Ok(())
    }

    pub(super) fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    pub(super) fn into_certificates(self) -> Vec<Vec<u8>> {
        self.certificates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::made::{base64, der};

    #[test]
    fn only_canonical_base64() {
        for (text, is_good) in [
            ("AA==", true),
            ("", false),
            ("=", false),
            ("==", false),
            ("====", false),
            ("A", false),
            ("AA", false),
            ("AA=", false),
            ("AB==", false),
            ("AA===", false),
            ("AA==AA==", false),
            ("AA==\n", false),
            (" AA==", false),
            ("A A==", false),
            ("A\0==", false),
        ] {
            let mut chain = Chain::default();
            let expected = if is_good { Ok(()) } else { Err(Fault::Form) };
            assert_eq!(chain.push(text.as_bytes()), expected, "{text:?}");
            assert_eq!(chain.certificates().len(), usize::from(is_good), "{text:?}");
        }
        assert_eq!(Chain::default().push(b"-_-_"), Err(Fault::Form), "the alphabet of URLs");
        assert_eq!(Chain::default().push(b"+/+/"), Ok(()));
    }

    #[test]
    fn ten_certificates_and_not_eleven() {
        let mut chain = Chain::default();
        for seed in 0..10 {
            assert_eq!(chain.push(base64(&der(seed, 40)).as_bytes()), Ok(()), "{seed}");
        }
        let full = Fault::TooLarge { got: 11, limit: 10 };
        assert_eq!(chain.push(b"AA=="), Err(full));
        assert_eq!(chain.push(b"not looked at"), Err(full));
    }

    /// Whatever the padding, the last byte that fits is taken and the next one is not.
    #[test]
    fn all_bytes_and_not_one_more() {
        for first in [1, 2, 3, 1000] {
            let mut chain = Chain::default();
            assert_eq!(chain.push(base64(&der(0, first)).as_bytes()), Ok(()));
            let over = base64(&der(1, CHAIN_BYTES - first + 1));
            let fault = Fault::TooLarge { got: CHAIN_BYTES + 1, limit: CHAIN_BYTES };
            assert_eq!(chain.push(over.as_bytes()), Err(fault), "{first}");
            let fits = base64(&der(1, CHAIN_BYTES - first));
            assert_eq!(chain.push(fits.as_bytes()), Ok(()), "{first}");
            assert_eq!(chain.push(b"AA=="), Err(fault), "{first}");
        }
    }
}
