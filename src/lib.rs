//! Client authentication for a gateway: credential bytes in, verdict out.
//!
//! A client on the open internet presents a credential. [`Gate::check`] says who this is, whether
//! it may pass, and, if not, exactly why. The crate does no I/O, never reads a clock and starts no
//! threads: time is an argument ([`Now`]), trust is a snapshot that the host builds and swaps.
//!
//! ```text
//! token -> jws::Unverified -> oidc::Unverified --prescreen, verify(key)--> oidc::Authentic --+
//!                             site::Unverified --prescreen, verify(key)--> site::Authentic --+
//! chain -> Peer ------------> pki::Unverified  --prove(PKIs, now)--------> pki::Authentic ---+
//!       -> Facts -> Policy::stand -> Policy::suit -> Verdict
//! ```
//!
//! Each stage is a type, and the check is the only way to the next one. Facts cannot be made
//! without a verified signature or path, and a [`Principal`] exists only inside [`Verdict::Admit`].

#![forbid(unsafe_code)]

mod base64url;
mod cache;
pub mod cert;
mod confirmation;
mod counters;
mod credential;
mod crypto;
mod directory;
mod explain;
mod facts;
mod gate;
mod guid;
mod hash;
mod identity;
pub mod jws;
pub mod limits;
mod method;
pub mod oidc;
mod parallel;
mod peer;
pub mod pki;
pub mod policy;
mod principal;
mod reason;
mod replay;
#[cfg(feature = "sign")]
pub mod sample;
pub mod site;
mod snapshot;
mod text;
mod time;
mod trust;
mod verdict;
mod witness;

// The public interface is:
pub use confirmation::Confirmation;
pub use counters::{Counters, KeyUse};
pub use credential::{Ask, Request, Scenario, Source, WindowsVersion};
#[cfg(feature = "sign")]
pub use crypto::raw;
pub use crypto::{Algorithm, KeyId, sha256};
#[cfg(feature = "sign")]
pub use crypto::{PrivateKeyRejected, SigningFailed, SigningKey, random_guid};
pub use explain::{Explanation, Step};
pub use facts::Kind;
pub use gate::{Gate, Trusted, TrustedCa};
pub use guid::Guid;
pub use limits::Limits;
pub use method::Method;
pub use peer::{BadSender, Peer, Sender, Senders};
pub use policy::Policy;
pub use principal::Principal;
pub use reason::{Class, Detail, Reason, Refusal};
pub use time::{FreshUntil, Now, Window};
pub use trust::{Trust, TrustError};
pub use verdict::{Admission, Verdict};
