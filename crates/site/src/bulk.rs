//! Bulk registration tokens: made, listed, and whom they register.

use serde_json::json;
use tollgate::Guid;

use crate::authority::Authority;
use crate::error::SiteError;
use crate::registry::{BulkToken, Page};
use crate::token::{BulkRequest, Issued};

/// A bulk token that is wanted.
#[derive(Clone, Debug, Default)]
pub struct NewBulkToken {
    /// Its life.
    pub request: BulkRequest,
    /// What the administrator calls it.
    pub label: String,
    /// Most clients that it registers.
    pub max_uses: Option<u32>,
    /// The only endpoint at which it registers.
    pub endpoint: Option<String>,
    /// The only device names that it registers: `*` stands for any run of characters, `?` for one.
    pub device_name: Option<String>,
}

/// Longest label, endpoint or pattern in bytes.
const TEXT_BYTES: usize = 255;

impl Authority {
    /// Makes a bulk registration token. The token itself is kept nowhere: only its id, validity and state.
    ///
    /// # Errors
    /// When its life or texts are not within their bounds, no key signs here, or the registry would not.
    pub fn new_bulk_token(
        &self,
        wanted: &NewBulkToken,
        actor: &str,
        now_s: i64,
    ) -> Result<Issued, SiteError> {
        let texts = [Some(&wanted.label), wanted.endpoint.as_ref(), wanted.device_name.as_ref()];
        let is_bad = |text: &&String| text.len() > TEXT_BYTES || text.chars().any(char::is_control);
        if let Some(text) = texts.into_iter().flatten().find(is_bad) {
            let why = format!(
                "{:?} is longer than {TEXT_BYTES} bytes or holds control characters",
                text.chars().take(40).collect::<String>()
            );
            return Err(SiteError::Refused(why));
        }
        if wanted.max_uses == Some(0) {
            return Err(SiteError::Refused("a bulk token registers at least one client".into()));
        }
        self.refresh_keys()?;
        let pen = self.pen(now_s)?;
        let issued = pen.bulk(&wanted.request, now_s)?;
        let row = BulkToken {
            id: issued.id(),
            label: wanted.label.clone(),
            endpoint: wanted.endpoint.clone(),
            device_name: wanted.device_name.clone(),
            created_s: now_s,
            expires_s: issued.expires_s(),
            max_uses: wanted.max_uses,
            uses: 0,
            last_used_s: None,
            kid: pen.kid().into(),
            is_blocked: false,
        };
        let detail = json!({
            "label": row.label, "expires_at": row.expires_s, "max_uses": row.max_uses,
            "endpoint": row.endpoint, "device_name": row.device_name,
        });
        self.write(now_s, |act| {
            act.rows.add_bulk(&row)?;
            act.administered(actor, "bulk-token new", &row.id.to_string(), &detail)
        })?;
        Ok(issued)
    }

    /// A page of all bulk tokens that there were, the latest first.
    ///
    /// # Errors
    /// When the registry cannot be read, or has none of the id that the page comes after.
    pub fn bulk_tokens(&self, page: Page) -> Result<Vec<BulkToken>, SiteError> {
        if let Some(after) = page.after {
            self.bulk_token(after)?;
        }
        Ok(self.read(|rows| rows.bulks(page))?)
    }

    /// One by its id.
    ///
    /// # Errors
    /// When the registry cannot be read, or has none of that id.
    pub fn bulk_token(&self, id: Guid) -> Result<BulkToken, SiteError> {
        self.read(|rows| rows.bulk(id))?
            .ok_or_else(|| SiteError::Refused(format!("there is no bulk token {id}")))
    }
}

impl BulkToken {
    /// What it can do now, in one word: `usable`, `blocked`, `used up` or `ended`.
    #[must_use]
    pub fn state(&self, now_s: i64) -> &'static str {
        match self {
            Self { expires_s, .. } if now_s >= *expires_s => "ended",
            Self { is_blocked: true, .. } => "blocked",
            Self { max_uses: Some(most), uses, .. } if uses >= most => "used up",
            _ => "usable",
        }
    }
}

/// Whether a name is one of those that the pattern means. Letter case does not matter: neither DNS nor Windows
/// tell names apart by it.
pub(crate) fn is_like(pattern: &str, name: &str) -> bool {
    let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    let (pattern, name) = (lower(pattern), lower(name));
    // Only the latest star is ever gone back to, so the work is at most one times the other.
    let (mut at, mut star) = ((0, 0), None);
    while at.1 < name.len() {
        match pattern.get(at.0) {
            Some('*') => {
                star = Some((at.0 + 1, at.1));
                at.0 += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[at.1] => at = (at.0 + 1, at.1 + 1),
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    at = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at.0..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_say() {
        for (pattern, name) in [
            ("*", ""),
            ("pc-*", "PC-7"),
            ("*.corp", "a.b.corp"),
            ("pc-??", "pc-17"),
            ("*a*b*", "xxaybz"),
            ("a", "A"),
            ("*aab", "aaaab"),
        ] {
            assert!(is_like(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("", "a"), ("pc-*", "xpc-1"), ("pc-??", "pc-1"), ("*a", "ab"), ("a", ""), ("?", "")]
        {
            assert!(!is_like(pattern, name), "{pattern} {name}");
        }
        assert!(!is_like(&"*a".repeat(127), &"a".repeat(126)), "in no time");
    }
}
