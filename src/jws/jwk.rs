//! One JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037), as data.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

use super::jwks::KeyRules;
use crate::base64url;
use crate::crypto::{Algorithm, Curve, Family, Material, VerifyingKey, thumbprint};
use crate::limits::KEY_HINT_BYTES;

/// The members that matter; others are ignored as RFC 7517 section 4 asks. Serde refuses a known
/// member that comes twice, and `there` one that is null: null is not absent.
#[derive(Deserialize)]
pub(super) struct Jwk {
    kty: String,
    #[serde(default, deserialize_with = "there")]
    pub(super) kid: Option<String>,
    #[serde(default, deserialize_with = "there")]
    alg: Option<String>,
    #[serde(default, rename = "use", deserialize_with = "there")]
    purpose: Option<String>,
    #[serde(default, deserialize_with = "there")]
    key_ops: Option<Vec<String>>,
    #[serde(default, deserialize_with = "there")]
    pub(super) x5t: Option<String>,
    #[serde(default, rename = "x5t#S256", deserialize_with = "there")]
    pub(super) x5t_s256: Option<String>,
    #[serde(default, deserialize_with = "there")]
    pub(super) issuer: Option<String>,
    #[serde(default, deserialize_with = "there")]
    cloud_instance_name: Option<String>,
    #[serde(default, deserialize_with = "there")]
    crv: Option<String>,
    #[serde(default, deserialize_with = "there")]
    n: Option<String>,
    #[serde(default, deserialize_with = "there")]
    e: Option<String>,
    #[serde(default, deserialize_with = "there")]
    x: Option<String>,
    #[serde(default, deserialize_with = "there")]
    y: Option<String>,
    #[serde(default, deserialize_with = "there")]
    k: Option<String>,
    /// The private part. Only its presence is looked at.
    #[serde(default, deserialize_with = "there")]
    d: Option<IgnoredAny>,
}

/// A member that is there; null is not absent.
pub(super) fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    reader: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

impl Drop for Jwk {
    fn drop(&mut self) {
        self.k.zeroize();
    }
}

impl Jwk {
    /// Checks everything that the key says about itself and parses its numbers.
    ///
    /// # Errors
    /// One clause that completes "the key was skipped: ...".
    pub(super) fn verifying_key(&self, rules: &KeyRules<'_>) -> Result<VerifyingKey, String> {
        self.check_purpose()?;
        if self.d.is_some() {
            return Err(
                "it holds its private part `d`; whoever published it has to replace it".into()
            );
        }
        if let (Some(wanted), Some(got)) = (rules.cloud_instance, &self.cloud_instance_name)
            && wanted != got
        {
            return Err(format!("it is of the cloud {:?} instead of {wanted}", got));
        }
        let hints = [&self.kid, &self.x5t, &self.x5t_s256];
        if hints.iter().any(|hint| hint.as_ref().is_some_and(|hint| hint.len() > KEY_HINT_BYTES)) {
            return Err(format!("its kid or x5t is longer than {KEY_HINT_BYTES} bytes"));
        }
        let family = self.family(rules)?;
        let algorithm = self.algorithm(family, rules)?;
        let numbers = self.numbers(family)?;
        let material = numbers.material(family);
        VerifyingKey::new(algorithm, material, rules.limits).map_err(|why| why.to_string())
    }

    /// RFC 7638: what the key is called by those who hold nothing but it.
    pub(super) fn thumbprint(&self, rules: &KeyRules<'_>) -> Option<[u8; 32]> {
        let family = self.family(rules).ok()?;
        let numbers = self.numbers(family).ok()?;
        Some(thumbprint(numbers.material(family)))
    }

    /// `use` and `key_ops` (RFC 7517 sections 4.2 and 4.3): a key for encryption never verifies.
    fn check_purpose(&self) -> Result<(), String> {
        if let Some(purpose) = &self.purpose
            && purpose != "sig"
        {
            return Err(format!("its `use` is {:?} instead of \"sig\"", purpose));
        }
        if let Some(ops) = &self.key_ops {
            if !ops.iter().any(|op| op == "verify") {
                return Err("its `key_ops` do not hold \"verify\"".into());
            }
            if (1..ops.len()).any(|i| ops[..i].contains(&ops[i])) {
                return Err("its `key_ops` hold a value twice".into());
            }
        }
        Ok(())
    }

    fn family(&self, rules: &KeyRules<'_>) -> Result<Family, String> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => Ok(Family::Rsa),
            ("EC", Some(crv)) => Curve::from_name(crv)
                .map(Family::Ec)
                .ok_or_else(|| format!("its curve {crv:?} is not P-256, P-384 or P-521")),
            ("OKP", Some("Ed25519")) => Ok(Family::Okp),
            ("EC" | "OKP", None) => Err("it has no `crv`".into()),
            ("OKP", Some(crv)) => Err(format!("its curve {crv:?} is not Ed25519")),
            ("oct", _) if rules.secrets => Ok(Family::Oct),
            ("oct", _) => Err("it is a secret (oct): those come from a file or variable of the \
                               configuration only, where `algorithms` names an HS algorithm"
                .into()),
            (kty, _) => Err(format!("its type {kty:?} is not RSA, EC, OKP or oct")),
        }
    }

    /// A key knows exactly one algorithm: its own `alg`, else the configured one for its type.
    fn algorithm(&self, family: Family, rules: &KeyRules<'_>) -> Result<Algorithm, String> {
        let configured =
            || rules.algorithms.iter().map(|a| a.name()).collect::<Vec<_>>().join(", ");
        if let Some(alg) = &self.alg {
            let algorithm = Algorithm::from_name(alg)
                .ok_or_else(|| format!("its `alg` {:?} is not a signature algorithm", alg))?;
            if !rules.algorithms.contains(&algorithm) {
                return Err(format!(
                    "its `alg` {alg} is not among `algorithms` ({})",
                    configured()
                ));
            }
            return Ok(algorithm);
        }
        let mut fitting = rules.algorithms.iter().filter(|algorithm| algorithm.family() == family);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(*only),
            (None, _) => Err(format!(
                "it has no `alg`, and `algorithms` ({}) has none for its type",
                configured()
            )),
            _ => Err(format!(
                "it has no `alg`, and `algorithms` ({}) has several for its type",
                configured()
            )),
        }
    }

    fn numbers(&self, family: Family) -> Result<Numbers, String> {
        let number = |name: &str, text: &Option<String>| {
            let text = text.as_ref().ok_or_else(|| format!("it has no `{name}`"))?;
            let bytes = base64url::decode(text.as_bytes())
                .map_err(|_| format!("its `{name}` is not canonical base64url"))?;
            Ok::<_, String>(Zeroizing::new(bytes))
        };
        let none = || Zeroizing::new(Vec::new());
        Ok(match family {
            Family::Rsa => Numbers(number("n", &self.n)?, number("e", &self.e)?),
            Family::Ec(_) => Numbers(number("x", &self.x)?, number("y", &self.y)?),
            Family::Okp => Numbers(number("x", &self.x)?, none()),
            Family::Oct => Numbers(number("k", &self.k)?, none()),
        })
    }
}

/// Decoded; wiped when dropped, since one kind of them is a secret.
struct Numbers(Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>);

impl Numbers {
    fn material(&self, family: Family) -> Material<'_> {
        match family {
            Family::Rsa => Material::Rsa { n: &self.0, e: &self.1 },
            Family::Ec(curve) => Material::Ec { curve, x: &self.0, y: &self.1 },
            Family::Okp => Material::Okp { x: &self.0 },
            Family::Oct => Material::Oct { k: &self.0 },
        }
    }
}
