//! Raw signature checks by either library, for the benches: what a miss is measured against.

use super::key::Material;
use super::sign::SigningKey;
use super::{aws, ring};

/// A library that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// ring: the key is read again at each check.
    Ring,
    /// aws-lc-rs: the key is parsed once.
    AwsLc,
}

/// A key as one library holds it.
pub struct RawKey(Engine);

enum Engine {
    Ring(ring::Key),
    Aws(aws::Key),
}

impl RawKey {
    /// The public half of `key` in that library; `None` where it has no such algorithm.
    #[must_use]
    pub fn new(library: Library, key: &SigningKey) -> Option<Self> {
        let algorithm = key.algorithm();
        key.with_material(|material: Material<'_>| match library {
            Library::Ring => ring::Key::new(algorithm, material).ok().map(Engine::Ring),
            Library::AwsLc => aws::Key::new(algorithm, material).ok().map(Engine::Aws),
        })
        .map(Self)
    }

    /// The signature check and nothing else.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Engine::Ring(key) => key.verifies(message, signature),
            Engine::Aws(key) => key.verifies(message, signature),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Algorithm, VerifyingKey};
    use crate::limits::Limits;

    /// What one library signs both verify, and neither takes a changed byte.
    #[test]
    fn both_libraries_agree() {
        for algorithm in Algorithm::ALL {
            let signing = SigningKey::generate(*algorithm).unwrap();
            let signature = signing.sign(b"message").unwrap();
            let mut wrong = signature.clone();
            wrong[7] ^= 1;
            let ours = signing.with_material(|material| {
                VerifyingKey::new(*algorithm, material, &Limits::default()).unwrap()
            });
            assert!(ours.verify(b"message", &signature).is_ok(), "{algorithm}");
            assert!(ours.verify(b"message", &wrong).is_err(), "{algorithm}");
            for library in [Library::Ring, Library::AwsLc] {
                let Some(key) = RawKey::new(library, &signing) else {
                    let missing = (library, algorithm.name());
                    let known = matches!(
                        missing,
                        (Library::Ring, "ES512") | (Library::AwsLc, "HS256" | "HS384" | "HS512")
                    );
                    assert!(known, "{missing:?}");
                    continue;
                };
                assert!(key.verifies(b"message", &signature), "{algorithm} {library:?}");
                assert!(!key.verifies(b"massage", &signature), "{algorithm} {library:?}");
                for bad in [&wrong[..], &signature[1..], &[&signature[..], &[0]].concat(), &[]] {
                    assert!(!key.verifies(b"message", bad), "{algorithm} {library:?}");
                }
            }
        }
    }
}
