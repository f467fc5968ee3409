//! What a device asks for, and what it gets.

use tollgate::policy::{Mode, Network};
use tollgate::{Admission, Guid};

use crate::proof::Proof;
use crate::token::Issued;

/// What a device asks with.
#[derive(Clone, Copy)]
pub struct Registration<'a> {
    /// Who vouches for it.
    pub voucher: Voucher<'a>,
    /// That it holds its key.
    pub proof: Proof<'a>,
    /// Where it asks.
    pub endpoint: Place<'a>,
    /// What it calls itself: shown to administrators, and what a bulk token may be limited to. Nobody has
    /// proven it.
    pub device_name: &'a str,
}

/// Who vouches for a device.
#[derive(Clone, Copy)]
pub enum Voucher<'a> {
    /// A bulk registration token.
    Bulk(&'a str),
    /// The inner network alone.
    Network,
    /// A gate that admitted an Entra token or a certificate of a configured PKI.
    Admitted {
        /// What the gate said.
        admission: &'a Admission<'a>,
        /// The bytes that it judged: the token, or the DER of the leaf certificate. The proof is about them.
        presented: &'a [u8],
    },
}

/// An endpoint, as far as registration asks.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its name.
    pub name: &'a str,
    /// From where its clients come.
    pub network: Network,
    /// How its management point speaks.
    pub mode: Mode,
}

/// What became of it.
#[derive(Debug)]
pub enum Registered {
    /// The client has a token.
    Granted(Grant),
    /// The client waits for `client approve`, and asks again later.
    Pending(Guid),
}

/// A token that a client got.
#[derive(Debug)]
pub struct Grant {
    /// The client's GUID.
    pub client: Guid,
    /// Which of its tokens this is.
    pub generation: u32,
    /// The token.
    pub issued: Issued,
    /// When it should ask for the next one, in seconds since 1970. Clients that registered together are spread
    /// over a day, so that they do not all come back together.
    pub renew_at_s: i64,
}
