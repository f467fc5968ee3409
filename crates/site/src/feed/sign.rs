//! Writing what `file.rs` reads.

use tollgate::jws::try_sign;
use tollgate::site::ISSUER_PREFIX;
use tollgate::{Guid, SigningFailed, SigningKey};

use super::change::{Change, Head, Kind};
use super::wire::{FEED_TYP, Group, Line, Statement, encoded};
use crate::authority::Authority;
use crate::error::IssueError;
use crate::token::Pen;

/// Signs statements of a site's feed.
#[derive(Clone, Copy)]
pub struct Signer<'s> {
    site: Guid,
    kid: &'s str,
    key: &'s SigningKey,
}

/// Something that is withdrawn now, as a snapshot tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What it names.
    pub kind: Kind,
    /// Of whom.
    pub scope: Vec<u8>,
    /// Which one.
    pub subject: Vec<u8>,
    /// Only what was issued before this second.
    pub before_s: Option<i64>,
}

impl<'s> Signer<'s> {
    /// With a key of the site.
    #[must_use]
    pub fn new(site: Guid, kid: &'s str, key: &'s SigningKey) -> Self {
        Self { site, kid, key }
    }

    /// A line that says all that holds at a head, `as_of_s` (seconds since 1970). Smallest where what is of
    /// one kind, scope and time stands together.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn snapshot<'w>(
        &self,
        head: &Head,
        as_of_s: i64,
        standing: impl IntoIterator<Item = &'w Standing>,
    ) -> Result<String, SigningFailed> {
        let mut groups: Vec<(&Standing, Vec<String>)> = Vec::new();
        for one in standing {
            let is_like = |other: &Standing| {
                (other.kind, &other.scope, other.before_s) == (one.kind, &one.scope, one.before_s)
            };
            match groups.last_mut().filter(|(first, _)| is_like(first)) {
                Some((_, subjects)) => subjects.push(encoded(&one.subject)),
                None => groups.push((one, vec![encoded(&one.subject)])),
            }
        }
        let groups = groups.iter().map(|(first, subjects)| Group {
            kind: first.kind as i64,
            scope: encoded(&first.scope).into(),
            before: first.before_s,
            subjects: subjects.iter().map(String::as_str).collect(),
        });
        let iss = self.issuer();
        let mut statement = Statement::new(&iss, head.epoch, (0, head.seq, as_of_s));
        statement.withdrawn = Some(groups.collect());
        self.sign(&statement)
    }

    /// A line that says what came behind `after`: every change up to the head, none left out; none at all
    /// where nothing changed, which says just that.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn tail(
        &self,
        head: &Head,
        as_of_s: i64,
        after: i64,
        changes: &[Change],
    ) -> Result<String, SigningFailed> {
        let line = |change: &Change| {
            let (effect, kind) = (change.effect as i64, change.kind as i64);
            let (scope, subject) = (encoded(&change.scope), encoded(&change.subject));
            Line(change.at_s, effect, kind, scope.into(), subject.into(), change.before_s)
        };
        let iss = self.issuer();
        let mut statement = Statement::new(&iss, head.epoch, (after, head.seq, as_of_s));
        statement.changes = Some(changes.iter().map(line).collect());
        self.sign(&statement)
    }

    fn issuer(&self) -> String {
        format!("{ISSUER_PREFIX}{}", self.site)
    }

    fn sign(&self, statement: &Statement<'_>) -> Result<String, SigningFailed> {
        let (alg, kid) = (self.key.algorithm().name(), self.kid);
        let header = serde_json::json!({ "typ": FEED_TYP, "alg": alg, "kid": kid }).to_string();
        // Serde fails on maps with odd keys and on writers; neither is here.
        let payload = serde_json::to_vec(statement).map_err(|_| SigningFailed)?;
        let mut line = try_sign(&header, &payload, self.key)?;
        line.push('\n');
        Ok(line)
    }
}

/// The key that signs a site's feed now.
pub struct FeedPen {
    site: Guid,
    pen: Pen,
}

impl FeedPen {
    /// What signs with it.
    #[must_use]
    pub fn signer(&self) -> Signer<'_> {
        Signer::new(self.site, self.pen.kid(), &self.pen.signer.key)
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.pen.kid()
    }
}

impl Authority {
    /// What signs this site's feed at a time.
    ///
    /// # Errors
    /// When no key signs here.
    pub fn feed_pen(&self, now_s: i64) -> Result<FeedPen, IssueError> {
        Ok(FeedPen { site: self.id(), pen: self.pen(now_s)? })
    }
}
