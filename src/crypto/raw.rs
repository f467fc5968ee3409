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
