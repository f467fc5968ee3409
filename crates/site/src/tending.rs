//! What has to be done now and then, so that nothing grows for ever, or stays unsigned.

use crate::authority::Authority;
use crate::error::SiteError;
use crate::feed::CHANGE_FROM;
use crate::registration::REPLY_S;

/// What was tidied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tended {
    /// Answers that were forgotten.
    pub replies: usize,
    /// Withdrawals of which nothing could be valid any more.
    pub withdrawals: usize,
}

/// How long changes stay in the feed one by one, in seconds: a gate that was away for longer takes the snapshot.
const CHANGES_S: i64 = 7 * 86_400;

/// Rows that one transaction takes away: others write meanwhile.
const STEP: u32 = 5_000;

impl Authority {
    /// Signs what of the audit is unsigned, forgets answers after a day, and withdrawals of which nothing can be valid any more; folds old changes
    /// into the snapshot. A service does it hourly; `site backup` does it too.
    ///
    /// # Errors
    /// When the registry would not; what was done until then is done.
    pub fn tend(&self, now_s: i64) -> Result<Tended, SiteError> {
        let mut tended = Tended::default();
        loop {
            let (replies, withdrawals) = self.write(now_s, |act| {
                let replies = act.rows.forget_replies(now_s - REPLY_S, STEP)?;
                let gone = act.rows.expired_withdrawn(now_s, STEP)?;
                for row in &gone {
                    act.rows.remove_withdrawn(row.kind, &row.scope, &row.subject)?;
                }
                let from = act.rows.compact_changes(now_s - CHANGES_S)?;
                act.rows.set_setting(CHANGE_FROM, &from.to_string())?;
                act.sign_what_is_left()?;
                Ok((replies, gone.len()))
            })?;
            tended.replies += replies;
            tended.withdrawals += withdrawals;
            if replies < STEP as usize && withdrawals < STEP as usize {
                return Ok(tended);
            }
        }
    }
}
