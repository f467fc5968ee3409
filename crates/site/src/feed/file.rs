//! Reading a signed feed: what is new in it, if it is the site's and does not go back.

use tollgate::jws::{KeySet, Unverified};
use tollgate::site::ISSUER_PREFIX;
use tollgate::{Guid, Limits};

use super::error::FeedError;
use super::hearing::{Listener, Position};
use super::wire::{FEED_BYTES, FEED_TYP, Statement};

/// Whom a feed has to be by, and what its reader remembers.
#[derive(Clone, Copy)]
pub struct Reader<'r> {
    /// The site.
    pub site: Guid,
    /// Its keys.
    pub keys: &'r KeySet,
    /// The last second by which a statement may be dated.
    pub latest_s: i64,
}

/// How far a signed feed was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Up to here.
    pub position: Position,
    /// When the site said that this was its last change, in seconds since 1970.
    pub as_of_s: i64,
    /// The site's last change then. A statement that does not reach it tells nothing of what is missing.
    pub head: i64,
}

/// Tells what `lines` say beyond what was heard, and gives how far that is: what was given, where there is
/// nothing new. A line that has no end yet is left for the next time.
///
/// # Errors
/// For the first line that is not the site's, goes back, leaves changes out, or cannot be meant; and where
/// the last one is older than what was heard.
pub fn read_signed(
    lines: &[u8],
    before: Option<Heard>,
    reader: Reader<'_>,
    listener: &mut dyn Listener,
) -> Result<Option<Heard>, FeedError> {
    let mut heard = before;
    let mut last = None;
    let mut buffer = Vec::new();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let payload = reader.prove(line, &mut buffer, listener)?;
        let statement = Statement::parse(payload)?;
        last = Some(statement.as_of);
        heard = reader.hear(&statement, heard, listener)?;
    }
    match (last, heard) {
        (Some(last), Some(heard)) if last < heard.as_of_s => {
            let ago_s = heard.as_of_s.saturating_sub(last);
            Err(FeedError::Back(format!("it ends {ago_s} s before what was heard")))
        }
        _ => Ok(heard),
    }
}

impl Reader<'_> {
    fn prove<'b>(
        &self,
        line: &'b [u8],
        buffer: &'b mut Vec<u8>,
        listener: &dyn Listener,
    ) -> Result<&'b [u8], FeedError> {
        let limits = Limits { token_bytes: FEED_BYTES, ..Limits::default() };
        let unproven = Unverified::parse(line, buffer, &limits);
        let unproven = unproven.map_err(|why| FeedError::NotAFeed(why.reason.sentence().into()))?;
        if !unproven.header().typ().is_some_and(|typ| typ.eq_ignore_ascii_case(FEED_TYP)) {
            return Err(FeedError::NotAFeed(format!("its typ is not {FEED_TYP}")));
        }
        // A feed names its key, so that it can be told whether that was withdrawn.
        let kid = unproven.header().kid().unwrap_or_default();
        if kid.is_empty() || listener.is_key_withdrawn(kid) {
            let why = format!("the key {kid:?} that signed it has been withdrawn, or has no name");
            return Err(FeedError::NotBySite(why));
        }
        // As of the site's tokens: a set may bind a key to other issuers.
        let proven = unproven.verify_for(self.keys, &format!("{ISSUER_PREFIX}{}", self.site));
        let proven = proven.map_err(|why| FeedError::NotBySite(why.reason.sentence().into()))?;
        Ok(proven.payload())
    }

    fn hear(
        &self,
        statement: &Statement<'_>,
        heard: Option<Heard>,
        listener: &mut dyn Listener,
    ) -> Result<Option<Heard>, FeedError> {
        let issuer = format!("{ISSUER_PREFIX}{}", self.site);
        if *statement.iss != *issuer {
            return Err(FeedError::NotBySite(format!("it is by {:?}", statement.iss)));
        }
        let epoch = statement.epoch()?;
        let ahead_s = statement.as_of.saturating_sub(self.latest_s);
        if ahead_s > 0 {
            return Err(FeedError::Future { ahead_s });
        }
        if listener.is_over(epoch) {
            return Err(FeedError::Back("it is of an epoch that is over".into()));
        }
        let seq = match heard {
            Some(Heard { position, as_of_s, .. }) if position.epoch == epoch => {
                if statement.as_of > as_of_s && statement.head < position.seq {
                    let (head, seq) = (statement.head, position.seq);
                    let why = format!("its last change is {head}, and {seq} was heard");
                    return Err(FeedError::Back(why));
                }
                // What was heard already, told once more: lines of one file, or a file that was seen.
                if statement.as_of < as_of_s || statement.to < position.seq {
                    return Ok(heard);
                }
                position.seq
            }
            Some(heard) if statement.as_of <= heard.as_of_s => {
                let why = "it is of another epoch, and no younger than what was heard";
                return Err(FeedError::Back(why.into()));
            }
            // Of a new epoch nothing was heard.
            Some(heard) if statement.is_snapshot() => {
                listener.end_epoch(heard.position.epoch);
                -1
            }
            _ => -1,
        };
        let is_new = !statement.is_snapshot() && seq >= 0 || statement.to > seq;
        if !statement.is_snapshot() && (seq < 0 || statement.from > seq) {
            return Err(FeedError::Gap { heard: seq.max(0), from: statement.from });
        }
        if is_new {
            statement.tell(seq, listener)?;
        }
        let position = Position { epoch, seq: statement.to };
        Ok(Some(Heard { position, as_of_s: statement.as_of, head: statement.head }))
    }
}
