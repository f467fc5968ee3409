//! Who a credential is of, in 72 bytes and without a text: what an admission holds, and what is
//! remembered between two checks. The texts stay in the credential, which is at hand both times.

use crate::facts::{Kind, Said, Span};
use crate::guid::Guid;
use crate::time::Window;

/// Copied out of the cache on every hit, so it is small and owns nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    /// The user or object of a tenant; of a site's client the bulk token that it came with.
    object: [u8; 16],
    device: [u8; 16],
    ends: i64,
    /// [`ABSENT`], or when.
    not_before: i64,
    issued: i64,
    /// The number of who vouches, and of the key, in the gate's directory.
    pub(crate) authority: u32,
    pub(crate) key: u32,
    subject: u16,
    subject_len: u8,
    flags: u8,
}

const ABSENT: i64 = i64::MIN;

/// A [`Window`] in which absent is [`ABSENT`]: less than any time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) not_before: i64,
    pub(crate) issued: i64,
    pub(crate) ends: i64,
}

impl Times {
    /// Seconds between the earliest start that the credential names and its end; counted from
    /// `now_s` where it names none, so that leaving `iat` out cannot buy a longer life.
    #[inline]
    pub(crate) fn lifetime_s(self, now_s: i64) -> i64 {
        let start = match (self.issued, self.not_before) {
            (ABSENT, ABSENT) => now_s,
            (ABSENT, one) | (one, ABSENT) => one,
            (issued, not_before) => issued.min(not_before),
        };
        self.ends.saturating_sub(start)
    }
}

const IS_USER: u8 = 1;
const HAS_OBJECT: u8 = 2;
const HAS_DEVICE: u8 = 4;
const NAMES_KEY: u8 = 8;
const HAS_BULK: u8 = 16;

/// What proved it was no key of a set: a certification path.
pub(crate) const NO_KEY: u32 = u32::MAX;

impl Identity {
    /// Not yet numbered.
    pub(crate) fn of(said: &Said<'_>) -> Self {
        let Window { not_before, issued, ends } = said.window;
        let flag = |is_set: bool, flag| if is_set { flag } else { 0 };
        Self {
            object: said.object.or(said.bulk).map_or([0; 16], |guid| guid.0),
            device: said.device.map_or([0; 16], |guid| guid.0),
            ends,
            not_before: not_before.unwrap_or(ABSENT),
            issued: issued.unwrap_or(ABSENT),
            authority: u32::MAX,
            key: NO_KEY,
            subject: said.subject.start,
            subject_len: said.subject.len,
            flags: flag(said.kind == Kind::User, IS_USER)
                | flag(said.object.is_some(), HAS_OBJECT)
                | flag(said.device.is_some(), HAS_DEVICE)
                | flag(said.names_key, NAMES_KEY)
                | flag(said.object.is_none() && said.bulk.is_some(), HAS_BULK),
        }
    }

    /// The same with the numbers of a gate.
    pub(crate) fn numbered(self, authority: u32, key: u32) -> Self {
        Self { authority, key, ..self }
    }

    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        if self.flags & IS_USER == 0 { Kind::Device } else { Kind::User }
    }

    #[inline]
    pub(crate) fn names_key(&self) -> bool {
        self.flags & NAMES_KEY != 0
    }

    #[inline]
    pub(crate) fn object(&self) -> Option<Guid> {
        (self.flags & HAS_OBJECT != 0).then_some(Guid(self.object))
    }

    /// The bulk token with which the client of a site registered.
    #[inline]
    pub(crate) fn bulk(&self) -> Option<Guid> {
        (self.flags & HAS_BULK != 0).then_some(Guid(self.object))
    }

    #[inline]
    pub(crate) fn device(&self) -> Option<Guid> {
        (self.flags & HAS_DEVICE != 0).then_some(Guid(self.device))
    }

    pub(crate) fn subject(&self) -> Span {
        Span { start: self.subject, len: self.subject_len }
    }

    #[inline]
    pub(crate) fn window(&self) -> Window {
        let time = |at: i64| (at != ABSENT).then_some(at);
        Window { not_before: time(self.not_before), issued: time(self.issued), ends: self.ends }
    }

    /// The same three, as plain numbers.
    #[inline]
    pub(crate) fn times(&self) -> Times {
        Times { not_before: self.not_before, issued: self.issued, ends: self.ends }
    }

    #[inline]
    pub(crate) fn ends(&self) -> i64 {
        self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_counted_from_the_first_start_that_is_named() {
        let life =
            |not_before, issued, now_s| Times { not_before, issued, ends: 1000 }.lifetime_s(now_s);
        assert_eq!(life(100, 200, 0), 900);
        assert_eq!(life(200, 100, 0), 900);
        assert_eq!(life(ABSENT, 200, 0), 800);
        assert_eq!(life(200, ABSENT, 0), 800);
        assert_eq!(life(ABSENT, ABSENT, 300), 700);
        assert_eq!(life(ABSENT, ABSENT, i64::MIN), i64::MAX, "nothing wraps");
    }
}
