//! The tokens that every contestant gets, and those that none may accept.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid};

use crate::Failure;

/// Tokens of a sample, each of another user: a branch predictor learns a single token by heart,
/// and then every parser looks faster than it is on a token that was never seen.
pub const TOKENS: usize = 64;

/// The clock skew that [`Tenant::gate`] allows; the peers get the same.
pub const SKEW_S: u64 = 300;

/// What one algorithm is measured on.
pub struct Sample {
    /// Who signed it.
    pub tenant: Tenant,
    /// The `iss` of every token.
    pub issuer: String,
    /// Good tokens, [`TOKENS`] of them.
    pub tokens: Vec<String>,
    /// Tokens whose signature is not one over these bytes, and what is wrong with each.
    pub forged: Vec<(&'static str, String)>,
    /// Tokens that are truly signed but whose claims do not fit, and what is wrong with each.
    pub unfit: Vec<(&'static str, String)>,
}

impl Sample {
    /// Signs a sample with a fresh key. The peers read the real clock, hence so do the tokens.
    pub fn new(algorithm: Algorithm) -> Result<Self, Failure> {
        let tenant = Tenant::new(Guid([7; 16]), algorithm);
        // A minute old, lest a clock that is set back during the run make them too young.
        let issued_s = unix_now_s() - 60;
        let claims = (1..).map(|n| tenant.user_claims(n, issued_s)).take(TOKENS);
        let tokens = claims.map(|claims| tenant.sign(&claims)).collect::<Vec<_>>();
        let usual = tenant.user_claims(1, issued_s);
        Ok(Self {
            issuer: usual["iss"].as_str().ok_or("the sample token names no issuer")?.to_owned(),
            forged: forged(&tokens)?,
            unfit: unfit(&tenant, &usual, issued_s),
            tenant,
            tokens,
        })
    }
}

/// The wall clock.
pub fn unix_now_s() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().cast_signed()
}

fn forged(tokens: &[String]) -> Result<Vec<(&'static str, String)>, Failure> {
    let [first, second, ..] = tokens else { return Err("the sample is too small".into()) };
    let (message, signature) = first.rsplit_once('.').ok_or("a token without dots")?;
    let (_, payload) = message.split_once('.').ok_or("a token with one dot")?;
    let (_, foreign) = second.rsplit_once('.').ok_or("a token without dots")?;
    let mut flipped = URL_SAFE_NO_PAD.decode(signature)?;
    flipped[7] ^= 1;
    let flipped = URL_SAFE_NO_PAD.encode(flipped);
    let none = URL_SAFE_NO_PAD.encode(json!({ "typ": "JWT", "alg": "none" }).to_string());
    Ok(vec![
        ("with a bit of its signature flipped", format!("{message}.{flipped}")),
        ("with the signature of another token", format!("{message}.{foreign}")),
        ("without a signature", format!("{message}.")),
        ("whose alg is none", format!("{none}.{payload}.")),
    ])
}

fn unfit(tenant: &Tenant, usual: &Value, issued_s: i64) -> Vec<(&'static str, String)> {
    let with = |name: &str, value: Value| {
        let mut claims = usual.clone();
        claims[name] = value;
        tenant.sign(&claims)
    };
    let mut endless = usual.clone();
    endless.as_object_mut().and_then(|claims| claims.remove("exp"));
    vec![
        ("for another audience", with("aud", "another".into())),
        ("of another issuer", with("iss", "https://login.example/v2.0".into())),
        ("that is over", with("exp", (issued_s - 3600).into())),
        ("that is not valid yet", with("nbf", (issued_s + 3600).into())),
        ("without an end", tenant.sign(&endless)),
    ]
}
