//! Who hands a request to us, and from whom we take what he says of the client's certificate.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

/// The other end of the connection that a request came on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A socket in the file system: whoever its permissions let in.
    Unix,
    /// An address. One of IPv4 written as IPv6 (`::ffff:192.0.2.7`, RFC 4291 section 2.5.5.2), as
    /// sockets for both show them, is the one of IPv4.
    Ip(IpAddr),
}

/// The senders that may say which certificate a client has. By default there are none: whoever may
/// set such a header is any client he likes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Senders {
    unix: bool,
    networks: Vec<Network>,
}

impl Senders {
    /// Reads entries of `peers.trusted`: `unix`, an address (`192.0.2.7`, `::1`), or a network
    /// (`10.0.0.0/8`) with no bits behind its prefix.
    ///
    /// # Errors
    /// The first entry that is none of these, and what to write instead where that can be known.
    pub fn parse<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Result<Self, BadSender> {
        let mut senders = Self::default();
        for entry in entries {
            let entry = entry.as_ref();
            if entry == UNIX {
                senders.unix = true;
                continue;
            }
            let network = Network::parse(entry);
            let bad = |why| BadSender { entry: entry.to_owned(), why };
            senders.networks.push(network.map_err(bad)?);
        }
        Ok(senders)
    }

    /// Whether the sender is one of these.
    #[must_use]
    pub fn trusts(&self, sender: Sender) -> bool {
        match sender {
            Sender::Unix => self.unix,
            Sender::Ip(address) => {
                let (bits, width) = bits(address);
                self.networks.iter().any(|network| network.contains(bits, width))
            }
        }
    }
}

const UNIX: &str = "unix";

/// The addresses of one family that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    /// Those of an IPv4 address are the lowest 32.
    bits: u128,
    prefix: u32,
    width: u32,
}

impl Network {
    fn parse(entry: &str) -> Result<Self, String> {
        let (address, prefix) = match entry.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (entry, None),
        };
        let Ok(written) = address.parse::<IpAddr>() else {
            return Err("it is not \"unix\", an address, or a network such as 10.0.0.0/8".into());
        };
        let address = written.to_canonical();
        let (bits, width) = bits(address);
        let Some(prefix) = prefix else { return Ok(Self { bits, prefix: width, width }) };
        let most = if written.is_ipv4() { 32 } else { 128 };
        let Some(prefix) = whole_number(prefix).filter(|prefix| *prefix <= most) else {
            return Err(format!("its prefix is not a whole number from 1 to {most}"));
        };
        // Of mapped addresses, the first 96 bits say that they are mapped.
        let Some(prefix) = prefix.checked_sub(most - width) else {
            return Err(format!("it is wider than IPv4; write {address} and an IPv4 prefix"));
        };
        if prefix == 0 {
            return Err(
                "it takes in every address, and whoever is trusted can be any client; write \
                        the addresses of your proxies"
                    .into(),
            );
        }
        let network = Self { bits, prefix, width };
        let base = bits & !network.host_mask();
        if base != bits {
            let base = written_as(base, width);
            return Err(format!(
                "it has bits behind its prefix; write {base}/{prefix} for the network, or \
                 {address} for that address alone"
            ));
        }
        Ok(network)
    }

    fn contains(self, bits: u128, width: u32) -> bool {
        width == self.width && (bits ^ self.bits) & !self.host_mask() == 0
    }

    /// The bits behind the prefix. No prefix is 0, so the shift is never of all 128.
    fn host_mask(self) -> u128 {
        (1 << (self.width - self.prefix)) - 1
    }
}

/// The bits of an address, and how many there are.
fn bits(address: IpAddr) -> (u128, u32) {
    match address.to_canonical() {
        IpAddr::V4(address) => (address.to_bits().into(), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

fn written_as(bits: u128, width: u32) -> IpAddr {
    match u32::try_from(bits) {
        Ok(bits) if width == 32 => Ipv4Addr::from_bits(bits).into(),
        _ => Ipv6Addr::from_bits(bits).into(),
    }
}

/// Digits only, and no zero before another: `08` is a typing error, or octal.
fn whole_number(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = !text.starts_with('0') || text == "0";
    text.parse().ok().filter(|_| is_plain && is_short)
}

impl FromStr for Sender {
    type Err = BadSender;

    /// Reads `unix` or an address.
    fn from_str(text: &str) -> Result<Self, BadSender> {
        if text == UNIX {
            return Ok(Self::Unix);
        }
        text.parse().map(|address: IpAddr| Self::Ip(address.to_canonical())).map_err(|_| {
            BadSender { entry: text.to_owned(), why: "it is not \"unix\" or an address".to_owned() }
        })
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix => f.write_str(UNIX),
            Self::Ip(address) => fmt::Display::fmt(&address.to_canonical(), f),
        }
    }
}

/// What an administrator wrote is not a sender. For the configuration; says nothing of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSender {
    /// The entry as it was written.
    pub entry: String,
    /// What is wrong with it, and what to write instead.
    pub why: String,
}

impl fmt::Display for BadSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.entry, self.why)
    }
}

impl std::error::Error for BadSender {}

#[cfg(test)]
#[path = "sender_tests.rs"]
mod tests;
