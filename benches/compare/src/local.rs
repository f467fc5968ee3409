//! The contestants in Rust.

use std::hint::black_box;
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{CryptoProvider, KeyUtils, aws_lc, rust_crypto};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use tollgate::jws::public_jwk;
use tollgate::raw::{Library, RawKey};
use tollgate::sample::{AUDIENCE, ENDPOINT, Tenant};
use tollgate::{Ask, Now, Request, Scenario};

use crate::Failure;
use crate::contestant::{Contestant, InProcess, Part};
use crate::sample::{SKEW_S, Sample, unix_now_s};

/// The name of that peer.
pub const JSONWEBTOKEN: &str = "jsonwebtoken";

/// All of them that have the algorithm of the sample.
pub fn contestants(sample: &Sample) -> Result<Vec<Contestant>, Failure> {
    let raw = [("ring", Library::Ring), ("aws-lc-rs", Library::AwsLc)];
    let raw = raw.into_iter().filter_map(|(name, library)| self::raw(name, library, sample));
    let mut all = raw.chain([tollgate(sample)]).collect::<Vec<_>>();
    for (name, rust_crypto) in [("aws-lc-rs", false), ("RustCrypto", true)] {
        all.extend(jsonwebtoken(name, rust_crypto, sample)?);
    }
    Ok(all)
}

fn raw(name: &'static str, library: Library, sample: &Sample) -> Option<Contestant> {
    let key = RawKey::new(library, &sample.tenant.key)?;
    let read = |token: &str| {
        let (message, signature) = token.rsplit_once('.')?;
        Some((message.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(signature).ok()?))
    };
    let check = move |(message, signature): &(Vec<u8>, Vec<u8>)| key.verifies(message, signature);
    Some(Contestant::new(Part::Raw, name, InProcess::new(sample, read, check)))
}

/// The gate reads no clock, but its host must, and the peers do: so the time of both is in.
fn tollgate(sample: &Sample) -> Contestant {
    let gate = Tenant::gate(slice::from_ref(&sample.tenant));
    let ask = Ask { endpoint: ENDPOINT, scenario: Scenario::User, windows: None , source: None};
    let started = Instant::now();
    let check = move |token: &String| {
        let mono_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let now = Now { unix_s: unix_now_s(), mono_ms };
        black_box(gate.check(&Request::token(token.as_bytes()), &ask, now)).is_admitted()
    };
    Contestant::new(Part::Tollgate, "", InProcess::new(sample, owned, check))
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

fn jsonwebtoken(
    library: &'static str,
    rust_crypto: bool,
    sample: &Sample,
) -> Result<Option<Contestant>, Failure> {
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
    validation.leeway = SKEW_S;
    let check = move |token: &String| {
        RUST_CRYPTO.store(rust_crypto, Ordering::Relaxed);
        black_box(jsonwebtoken::decode::<Claims>(token, &key, &validation)).is_ok()
    };
    let checker = InProcess::new(sample, owned, check);
    Ok(Some(Contestant::new(Part::Peer(JSONWEBTOKEN), library, checker)))
}

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

#[expect(clippy::unnecessary_wraps, reason = "what `InProcess` wants")]
fn owned(token: &str) -> Option<String> {
    Some(token.to_owned())
}
