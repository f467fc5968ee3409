//! Who is on the other side of the connection, and what a proxy says of the client behind it.

mod chain;
mod escaped;
// Until the gate asks for forwarded certificates.
#[allow(dead_code)]
pub(crate) mod forwarded;
#[cfg(test)]
mod made;
mod pem;
mod rfc9440;
mod sender;
mod traefik;
mod xfcc;

pub use sender::{BadSender, Sender, Senders};
