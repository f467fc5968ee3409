//! What an RSA key must be before a library sees it.

use super::key::{KeyRejected, Material};
use crate::limits::{Limits, RSA_BITS_WIDEST};

/// The parameter set of an RSA algorithm, from whichever library `library` is at the call: both name
/// them alike. PSS salt length is the hash length in each (RFC 7518 section 3.5). Moduli below 2048
/// bits, where they were allowed, have sets of their own, and not for every algorithm.
macro_rules! rsa_parameters {
    ($algorithm:expr, $n:expr) => {
        match ($algorithm, $crate::crypto::rsa::bit_len($n) < 2048) {
            (Algorithm::Rs256, false) => Ok(&library::RSA_PKCS1_2048_8192_SHA256),
            (Algorithm::Rs384, false) => Ok(&library::RSA_PKCS1_2048_8192_SHA384),
            (Algorithm::Rs512, false) => Ok(&library::RSA_PKCS1_2048_8192_SHA512),
            (Algorithm::Ps256, false) => Ok(&library::RSA_PSS_2048_8192_SHA256),
            (Algorithm::Ps384, false) => Ok(&library::RSA_PSS_2048_8192_SHA384),
            (Algorithm::Ps512, false) => Ok(&library::RSA_PSS_2048_8192_SHA512),
            (Algorithm::Rs256, true) => {
                Ok(&library::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY)
            }
            (Algorithm::Rs512, true) => {
                Ok(&library::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY)
            }
            (algorithm, _) => Err(KeyRejected::NotInThisBuild(algorithm)),
        }
    };
}
pub(super) use rsa_parameters;

/// Checks size, exponent and the ROCA fingerprint. Leading zero octets, which RFC 7518 section
/// 6.3.1.1 forbids but some issuers send, are cut: the number is the same.
pub(super) fn check<'a>(
    n: &'a [u8],
    e: &'a [u8],
    limits: &Limits,
) -> Result<Material<'a>, KeyRejected> {
    let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
    let bits = bit_len(n);
    // Whatever was configured, no library verifies more.
    let least = limits.rsa_min_bits.max(RSA_BITS_WIDEST.0);
    let most = limits.rsa_max_bits.min(RSA_BITS_WIDEST.1);
    if bits < least || bits > most {
        return Err(KeyRejected::RsaBits { got: bits, least, most });
    }
    let most = limits.rsa_max_exponent;
    match small(e) {
        Some(e) if e % 2 == 1 && (3..=most).contains(&e) => {}
        _ => return Err(KeyRejected::RsaExponent { most }),
    }
    if n.last().is_none_or(|last| last % 2 == 0) {
        return Err(KeyRejected::NotAKey);
    }
    if is_roca(n) {
        return Err(KeyRejected::Roca);
    }
    Ok(Material::Rsa { n, e })
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// Exact, never rounded up to bytes (jwt-simple aa87197).
pub(super) fn bit_len(n: &[u8]) -> usize {
    n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize)
}

fn small(number: &[u8]) -> Option<u64> {
    (number.len() <= 8).then(|| number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// CVE-2017-15361: the generator made primes whose residues, modulo every small prime, are powers
/// of 65537; so are the modulus' residues. A sound key is one by chance in about 2^27.
fn is_roca(n: &[u8]) -> bool {
    PRIMES.iter().all(|&prime| {
        let residue = n.iter().fold(0, |sum, byte| (sum << 8 | u32::from(*byte)) % prime);
        let mut power = 1;
        loop {
            if power == residue {
                return true;
            }
            power = power * (65_537 % prime) % prime;
            if power == 1 {
                return false;
            }
        }
    })
}

/// The odd primes up to 167, as in the discoverers' test (Nemec et al., "The Return of
/// Coppersmith's Attack", 2017).
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(n: &[u8], e: &[u8]) -> Option<KeyRejected> {
        check(n, e, &Limits::default()).err()
    }

    fn odd(bytes: usize) -> Vec<u8> {
        // Not a product of two primes, but nothing here factors it; residue 0 modulo 3 is not ROCA.
        let mut n = vec![0xff; bytes];
        n[0] = 0x80;
        n
    }

    #[test]
    fn size_is_counted_in_bits() {
        let mut n = odd(256);
        assert_eq!(checked(&n, &[1, 0, 1]), None);
        n[0] = 0x7f;
        let got = checked(&n, &[1, 0, 1]);
        assert_eq!(got, Some(KeyRejected::RsaBits { got: 2047, least: 2048, most: 4096 }));
        let got = checked(&odd(513), &[1, 0, 1]);
        assert_eq!(got, Some(KeyRejected::RsaBits { got: 4104, least: 2048, most: 4096 }));
        let padded = [&[0, 0], &odd(255)[..]].concat();
        let got = checked(&padded, &[1, 0, 1]);
        assert_eq!(got, Some(KeyRejected::RsaBits { got: 2040, least: 2048, most: 4096 }));
    }

    #[test]
    fn exponent_is_odd_and_bounded() {
        let n = odd(256);
        for bad in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[1, 0, 3], &[0xff; 9]] {
            let got = checked(&n, bad);
            assert_eq!(got, Some(KeyRejected::RsaExponent { most: 65_537 }), "{bad:?}");
        }
        for good in [&[3][..], &[0, 3], &[17], &[1, 0, 1]] {
            assert_eq!(checked(&n, good), None, "{good:?}");
        }
    }

    #[test]
    fn roca_modulus_is_refused() {
        // 65537^128 has 2049 bits and every residue of a ROCA modulus.
        let mut n = vec![1_u8];
        for _ in 0..128 {
            n = times_65537(&n);
        }
        assert_eq!(checked(&n, &[1, 0, 1]), Some(KeyRejected::Roca));
    }

    fn times_65537(n: &[u8]) -> Vec<u8> {
        let shifted = [n, &[0, 0]].concat();
        let padded = [&[0, 0], n].concat();
        let mut sum = vec![0; shifted.len() + 1];
        let mut carry = 0;
        for i in (0..shifted.len()).rev() {
            let digit = u16::from(shifted[i]) + u16::from(padded[i]) + carry;
            sum[i + 1] = (digit & 0xff) as u8;
            carry = digit >> 8;
        }
        sum[0] = carry as u8;
        without_leading_zeros(&sum).to_vec()
    }
}
