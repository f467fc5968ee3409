//! Key sets for the twin: every key of the configured set again, with its name, algorithm and issuers,
//! and other numbers, whose private half is here.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Value, json};
use tollgate::jws::{Key, KeyRules, KeySet, Keys, public_jwk};
use tollgate::{Algorithm, Limits, Now, SigningFailed, SigningKey};

/// Keys that were made, each used wherever its algorithm is: those for RSA are slow to make.
#[derive(Default)]
pub(super) struct Workshop {
    made: HashMap<Algorithm, Vec<Rc<SigningKey>>>,
}

/// A key that can sign tokens, and how they name it.
pub(super) struct TokenKey {
    pub(super) kid: Option<String>,
    pub(super) x5t: Option<String>,
    pub(super) signing: Rc<SigningKey>,
}

impl Workshop {
    /// The key number `place` for an algorithm.
    fn key(
        &mut self,
        algorithm: Algorithm,
        place: usize,
        limits: &Limits,
    ) -> Result<Rc<SigningKey>, SigningFailed> {
        let made = self.made.entry(algorithm).or_default();
        while made.len() <= place {
            made.push(Rc::new(SigningKey::generate_within(algorithm, limits)?));
        }
        Ok(Rc::clone(&made[place]))
    }

    /// The twin of a set, as fresh as it is, and one key for each way in which its keys differ.
    ///
    /// # Errors
    /// A clause that says why there is none.
    pub(super) fn double(
        &mut self,
        real: &Keys,
        limits: &Limits,
        now: Now,
    ) -> Result<(Keys, Vec<TokenKey>), String> {
        let mut nameless: HashMap<Algorithm, usize> = HashMap::new();
        let (mut jwks, mut keys, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
        for key in real.set.keys() {
            let algorithm = key.algorithm();
            // Keys without a name stay apart by their numbers, so that what is ambiguous stays so.
            let place = match key.kid() {
                Some(_) => 0,
                None => {
                    let count = nameless.entry(algorithm).or_default();
                    *count += 1;
                    *count - 1
                }
            };
            let signing = self.key(algorithm, place, limits).map_err(|_| {
                format!("no key for {algorithm} can be made within [limits] of this configuration")
            })?;
            jwks.extend(entries(key, &signing));
            let issuers: Vec<String> = key.issuers().map(str::to_owned).collect();
            let kind = (algorithm, issuers, key.kid().is_some(), key.x5t().len() > 0);
            if !kinds.contains(&kind) {
                kinds.push(kind);
                let kid = key.kid().map(str::to_owned);
                keys.push(TokenKey { kid, x5t: key.x5t().next().map(str::to_owned), signing });
            }
        }
        let algorithms: Vec<Algorithm> = kinds.iter().map(|(algorithm, ..)| *algorithm).collect();
        let rules =
            KeyRules { algorithms: &algorithms, secrets: true, cloud_instance: None, limits };
        let json = json!({ "keys": jwks }).to_string();
        let (set, _) = KeySet::from_json(json.as_bytes(), &rules).map_err(|why| why.to_string())?;
        let until_ms = if real.are_fresh(now) { u64::MAX } else { 0 };
        Ok((Keys::new(set, until_ms), keys))
    }
}

/// A key as a set lists it: once for each issuer and certificate that it names.
fn entries(key: &Key, signing: &SigningKey) -> Vec<Value> {
    let mut jwk = public_jwk(signing, key.kid().unwrap_or_default());
    if key.kid().is_none()
        && let Some(members) = jwk.as_object_mut()
    {
        members.remove("kid");
    }
    let (issuers, x5t): (Vec<&str>, Vec<&str>) = (key.issuers().collect(), key.x5t().collect());
    let entry = |at: usize| {
        let mut jwk = jwk.clone();
        for (name, values) in [("issuer", &issuers), ("x5t", &x5t)] {
            if let Some(value) = values.get(at) {
                jwk[name] = (*value).into();
            }
        }
        jwk
    };
    (0..issuers.len().max(x5t.len()).max(1)).map(entry).collect()
}
