//! The tokens that every contestant gets, and those that none may accept.

use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid};

use crate::Failure;

/// The clock skew that [`Tenant::gate`] allows; the peers get the same.
pub const SKEW_S: u32 = 300;

/// What one algorithm is measured on.
pub struct Sample {
    /// Who signed it.
    pub tenant: Tenant,
    /// The `iss` of every token.
    pub issuer: String,
    /// Good tokens, each of another user.
    pub tokens: Vec<String>,
    /// What nobody may take.
    pub refused: Refused,
}

/// Tokens that are to be refused, and what is wrong with each.
pub struct Refused {
    /// Their signature is not one over these bytes.
    pub forged: Vec<(&'static str, String)>,
    /// They are truly signed, but their claims do not fit.
    pub unfit: Vec<(&'static str, String)>,
}

impl Sample {
    /// Signs so many tokens with a fresh key. The peers read the real clock, hence so do the tokens.
    pub fn new(algorithm: Algorithm, count: usize) -> Result<Self, Failure> {
        let tenant = Tenant::new(Guid([7; 16]), algorithm);
        // A minute old, lest a clock that is set back during the run make them too young.
        let issued_s = unix_now_s() - 60;
        let usual = tenant.user_claims(1, issued_s);
        let tokens = signed(&tenant, issued_s, count);
        let first = tokens.first().ok_or("the sample is empty")?;
        // Nobody has seen it: where tokens are remembered, this one is not.
        let other = tenant.sign(&tenant.user_claims(count as u64 + 1, issued_s));
        Ok(Self {
            issuer: usual["iss"].as_str().ok_or("the sample token names no issuer")?.to_owned(),
            refused: Refused {
                forged: forged(first, &other)?,
                unfit: unfit(&tenant, &usual, issued_s),
            },
            tenant,
            tokens,
        })
    }
}

/// The wall clock.
pub fn unix_now_s() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().cast_signed()
}

/// Tokens of the users from 1 on, by all cores: RSA takes half a millisecond for each.
fn signed(tenant: &Tenant, issued_s: i64, count: usize) -> Vec<String> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = count.div_ceil(cores).max(1);
    let mut tokens = vec![String::new(); count];
    thread::scope(|scope| {
        for (part, tokens) in tokens.chunks_mut(share).enumerate() {
            scope.spawn(move || {
                for (user, token) in (part * share + 1..).zip(tokens) {
                    *token = tenant.sign(&tenant.user_claims(user as u64, issued_s));
                }
            });
        }
    });
    tokens
}

fn forged(token: &str, other: &str) -> Result<Vec<(&'static str, String)>, Failure> {
    let (message, signature) = token.rsplit_once('.').ok_or("a token without dots")?;
    let (header, payload) = message.split_once('.').ok_or("a token with one dot")?;
    let (_, foreign) = other.rsplit_once('.').ok_or("a token without dots")?;
    let mut flipped = URL_SAFE_NO_PAD.decode(signature)?;
    flipped[7] ^= 1;
    let flipped = URL_SAFE_NO_PAD.encode(flipped);
    let none = URL_SAFE_NO_PAD.encode(json!({ "typ": "JWT", "alg": "none" }).to_string());
    let mut another = URL_SAFE_NO_PAD.decode(payload)?;
    let digit = another.iter_mut().rev().find(|byte| **byte == b'1').ok_or("a token of nobody")?;
    *digit = b'2';
    let another = URL_SAFE_NO_PAD.encode(another);
    Ok(vec![
        ("with a bit of its signature flipped", format!("{message}.{flipped}")),
        ("with the signature of another token", format!("{message}.{foreign}")),
        ("with a byte of its claims changed", format!("{header}.{another}.{signature}")),
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
