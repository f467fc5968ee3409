//! jsonwebtoken, on either of its libraries.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use jsonwebtoken::crypto::{CryptoProvider, KeyUtils, aws_lc, rust_crypto};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use tollgate::jws::public_jwk;
use tollgate::sample::AUDIENCE;

use crate::Failure;
use crate::sample::{SKEW_S, Sample};

/// The name of that peer.
pub const NAME: &str = "jsonwebtoken";

/// Which library verifies for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Library {
    AwsLc,
    RustCrypto,
}

/// Whether it takes a token; `None` where it lacks the algorithm of the sample.
pub fn verifier(
    library: Library,
    sample: &Sample,
) -> Result<Option<impl Fn(&[u8]) -> bool + Sync + use<>>, Failure> {
    // An error says that it was installed for the algorithm before.
    let _ = EITHER.install_default();
    let Ok(algorithm) = sample.tenant.key.algorithm().name().parse() else { return Ok(None) };
    let jwk = public_jwk(&sample.tenant.key, &sample.tenant.kid());
    let key = DecodingKey::from_jwk(&Jwk::deserialize(jwk)?)?;
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[&sample.issuer]);
    validation.set_required_spec_claims(&["exp", "aud", "iss"]);
    validation.validate_nbf = true;
    validation.leeway = SKEW_S.into();
    Ok(Some(move |token: &[u8]| {
        let rust_crypto = library == Library::RustCrypto;
        // Two threads that wrote each time would wait for each other.
        if RUST_CRYPTO.load(Ordering::Relaxed) != rust_crypto {
            RUST_CRYPTO.store(rust_crypto, Ordering::Relaxed);
        }
        black_box(jsonwebtoken::decode::<Claims>(token, &key, &validation)).is_ok()
    }))
}

/// Whether jsonwebtoken verifies by RustCrypto. It takes one provider for the whole process, and
/// which of its two is the faster depends on algorithm and machine; so its provider asks this.
static RUST_CRYPTO: AtomicBool = AtomicBool::new(false);

static EITHER: CryptoProvider = CryptoProvider {
    signer_factory: aws_lc::DEFAULT_PROVIDER.signer_factory,
    verifier_factory: |algorithm, key| {
        let provider = match RUST_CRYPTO.load(Ordering::Relaxed) {
            true => &rust_crypto::DEFAULT_PROVIDER,
            false => &aws_lc::DEFAULT_PROVIDER,
        };
        (provider.verifier_factory)(algorithm, key)
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Whom a gateway has to know of, and no more, since each text is an allocation: `decode` wants
/// owned claims (`DeserializeOwned`).
#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is what is measured")]
struct Claims {
    tid: String,
    oid: String,
    deviceid: String,
    exp: i64,
}
