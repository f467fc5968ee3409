//! What came in, and what the gateway wants to know. Borrowed; nothing is parsed here.

use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;

use crate::limits::SOURCE_BYTES;
use crate::peer::Peer;
use crate::reason::Refusal;

/// What a client presented on one request.
#[derive(Clone, Copy, Default)]
pub struct Request<'a> {
    token: Option<&'a [u8]>,
    peer: Option<&'a Peer>,
    unread: Option<Refusal>,
}

impl<'a> Request<'a> {
    /// Nothing was presented.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// A bearer token: the bytes after `Bearer `, as they came. Any bytes are safe to pass.
    #[must_use]
    pub fn token(token: &'a [u8]) -> Self {
        Self { token: Some(token), ..Self::default() }
    }

    /// A client certificate alone.
    #[must_use]
    pub fn peer(peer: &'a Peer) -> Self {
        Self { peer: Some(peer), ..Self::default() }
    }

    /// The same with this token, or none.
    #[must_use]
    pub fn with_token(self, token: Option<&'a [u8]>) -> Self {
        Self { token, ..self }
    }

    /// The same with the client's certificates beside it.
    #[must_use]
    pub fn with_peer(self, peer: Option<&'a Peer>) -> Self {
        Self { peer, ..self }
    }

    /// The same with what [`Peer::new`] or [`crate::Gate::forwarded`] gave: certificates that could not be
    /// taken refuse the request, whatever token came.
    #[must_use]
    pub fn with_presented(self, peer: &'a Result<Option<Peer>, Refusal>) -> Self {
        match peer {
            Ok(peer) => self.with_peer(peer.as_ref()),
            Err(refusal) => Self { unread: Some(*refusal), ..self },
        }
    }

    /// The same, refused for this, whatever came: for what the host itself could not take, such as a token
    /// longer than any that may be configured.
    #[must_use]
    pub fn with_refusal(self, refusal: Refusal) -> Self {
        Self { unread: Some(refusal), ..self }
    }

    /// Token and peer, unless certificates came that could not be taken.
    #[inline]
    pub(crate) fn presented(&self) -> Option<(Option<&'a [u8]>, Option<&'a Peer>)> {
        // An empty token is none.
        let token = self.token.filter(|token| !token.is_empty());
        if self.unread.is_none() { Some((token, self.peer)) } else { None }
    }

    pub(crate) fn presented_token(&self) -> Option<&'a [u8]> {
        self.token
    }

    /// The peer, or why its certificates could not be taken.
    pub(crate) fn presented_peer(&self) -> Result<Option<&'a Peer>, Refusal> {
        self.unread.map_or(Ok(self.peer), Err)
    }
}

impl fmt::Debug for Request<'_> {
    /// Never the token: who can read the log could use it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.token.map(<[u8]>::len);
        f.debug_struct("Request").field("token_bytes", &len).field("peer", &self.peer).finish()
    }
}

/// What the gateway asks about a request.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Name of the configured endpoint at which the request arrived; empty for the only one there is.
    pub endpoint: &'a str,
    /// Whether it is for a device or for a user.
    pub scenario: Scenario,
    /// The client's Windows version, if the gateway knows it.
    pub windows: Option<WindowsVersion>,
    /// From where it came, if the gateway says so: what its wrong signatures are counted by.
    pub source: Option<Source>,
}

/// Where requests come from, as the gateway tells them apart: an address, a network, a listener. Opaque
/// here; equal bytes are one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    bytes: [u8; SOURCE_BYTES],
    len: u8,
}

impl Source {
    /// The first `len` of these bytes; `None` as [`Source::new`]. No branch and no call: it is made for every
    /// request.
    #[inline]
    #[must_use]
    pub fn first(bytes: [u8; SOURCE_BYTES], len: usize) -> Option<Self> {
        let is_source = (1..=SOURCE_BYTES).contains(&len);
        let dropped = 8 * (SOURCE_BYTES - if is_source { len } else { SOURCE_BYTES });
        let kept = u128::from_le_bytes(bytes) & u128::MAX >> dropped;
        let source = Self { bytes: kept.to_le_bytes(), len: len as u8 };
        is_source.then_some(source)
    }

    /// `None` for no bytes, and for more than [`SOURCE_BYTES`].
    #[must_use]
    pub fn new(source: &[u8]) -> Option<Self> {
        let len = u8::try_from(source.len()).ok().filter(|len| *len > 0)?;
        let mut bytes = [0; SOURCE_BYTES];
        bytes.get_mut(..source.len())?.copy_from_slice(source);
        Some(Self { bytes, len })
    }

    /// The bytes that count.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// An IPv4 address, also where it is written as an IPv6 one; of IPv6 the network of 64 bits, since one host
/// may have all addresses in it (RFC 4291 section 2.5.4; RFC 8981).
impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        let mut bytes = [0; SOURCE_BYTES];
        let len = match address.to_canonical() {
            IpAddr::V4(address) => {
                bytes[..4].copy_from_slice(&address.octets());
                4
            }
            IpAddr::V6(address) => {
                bytes[..8].copy_from_slice(&address.octets()[..8]);
                8
            }
        };
        Self { bytes, len }
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scenario {
    /// For the device: every method proves one.
    Device,
    /// For a user: only a token of a user proves one.
    User,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 2] = [Self::Device, Self::User];

    /// The name that scripts read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::User => "user",
        }
    }

    /// Reads a name, exactly.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }
}

/// A Windows version as clients report it: `10.0.19045`. Windows 11 is 10.0 from build 22000 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowsVersion {
    /// 10 for Windows 10, 11 and Server 2016 to 2025.
    pub major: u32,
    /// 0 since Windows 10.
    pub minor: u32,
    /// The build, 0 if it was not given.
    pub build: u32,
}

impl FromStr for WindowsVersion {
    type Err = ();

    /// Reads `major.minor`, with a build and a revision (which is dropped) if they are there.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = [0; 4];
        let mut count = 0;
        for part in text.split('.') {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || count == numbers.len() {
                return Err(());
            }
            numbers[count] = part.parse().map_err(|_| ())?;
            count += 1;
        }
        let [major, minor, build, _] = numbers;
        if count < 2 { Err(()) } else { Ok(Self { major, minor, build }) }
    }
}

impl fmt::Display for WindowsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_versions() {
        let version =
            |text: &str| text.parse::<WindowsVersion>().map(|version| version.to_string());
        assert_eq!(version("10.0.19045").as_deref(), Ok("10.0.19045"));
        assert_eq!(version("10.0").as_deref(), Ok("10.0.0"));
        assert_eq!(version("10.0.22631.4460").as_deref(), Ok("10.0.22631"));
        for bad in
            ["", "10", "10.", ".0", "10.0.x", "10.0.-1", "10.0.0.0.0", "10,0", "99999999999.0"]
        {
            assert!(version(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sources_are_told_apart_by_all_their_bytes() {
        assert_eq!(Source::new(b""), None);
        assert_eq!(Source::new(&[0; 17]), None);
        assert_ne!(Source::new(&[1]), Source::new(&[1, 0]));
        let loopback: IpAddr = "127.0.0.1".parse().unwrap();
        assert_eq!(Some(loopback.into()), Source::new(&[127, 0, 0, 1]));
        let source = |text: &str| Source::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(source("::ffff:127.0.0.1"), loopback.into());
        assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
        assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
        assert_eq!(Source::new(&[7; 16]).unwrap().as_bytes(), [7; 16]);
        for len in 0..20 {
            let bytes: [u8; 16] = core::array::from_fn(|at| at as u8 + 1);
            let expected = bytes.get(..len).and_then(Source::new);
            assert_eq!(Source::first(bytes, len), expected, "{len}");
        }
    }

    #[test]
    fn a_request_never_prints_its_token() {
        let printed = format!("{:?}", Request::token(b"secret"));
        assert!(!printed.contains("secret") && printed.contains('6'));
    }
}
