//! The life of the site's keys: pending, active, retiring, withdrawn.

use serde_json::json;
use tollgate::Algorithm;

use crate::authority::Authority;
use crate::error::SiteError;
use crate::files::{Readers, replace};
use crate::keyring::{KeyState, ListedKey, document};
use crate::registry::{Kind, RegistryError};
use crate::withdrawal::bump_keys;

impl Authority {
    /// Makes a key and publishes it. It signs once every gate has had the time to hear of it: after twice
    /// `max_staleness`; the key before it retires then.
    ///
    /// # Errors
    /// When one is pending already, or the system would not write.
    pub fn rotate_keys(
        &self,
        algorithm: Algorithm,
        actor: &str,
        now_s: i64,
    ) -> Result<ListedKey, SiteError> {
        if !crate::ALGORITHMS.contains(&algorithm) {
            return Err(SiteError::Algorithm(algorithm));
        }
        self.refresh_keys()?;
        let keys = self.keys(now_s);
        if let Some(pending) = keys.iter().find(|key| key.state == KeyState::Pending) {
            let ListedKey { kid, active_from_s, .. } = pending;
            let why = format!(
                "key {kid} is pending and signs from {active_from_s} on; `tollgate keys retire {kid}` drops it"
            );
            return Err(SiteError::Refused(why));
        }
        let active_from_s = now_s + 2 * self.terms().max_staleness_s;
        let row = self.make_key(algorithm, now_s, active_from_s)?;
        // Published first: at no moment does the registry name a key that gates could not have read.
        let rows = self.read(|rows| rows.keys())?;
        let believed = rows.iter().filter(|row| row.withdrawn_s.is_none());
        let public = document(believed.chain(std::iter::once(&row)));
        replace(&self.public_keys_file(), public.as_bytes(), Readers::Everybody)?;
        self.write(now_s, |act| {
            act.rows.add_key(&row)?;
            bump_keys(act.rows)?;
            let detail = json!({ "alg": row.alg, "active_from": active_from_s });
            act.administered(actor, "keys rotate", &row.kid, &detail)
        })?;
        self.refresh_keys()?;
        // Of two that rotated at once both stand: what was written last is what the registry says.
        self.publish_keys()?;
        let made = self.keys(now_s).into_iter().find(|key| key.kid == row.kid);
        made.ok_or_else(|| SiteError::Refused("the new key was withdrawn meanwhile".into()))
    }

    /// Takes a key out of the key set that nobody needs any more: one that is pending, or one that no longer
    /// signs and of which no token lives.
    ///
    /// # Errors
    /// When it signs, or tokens live that it signed; says until when.
    pub fn retire_key(&self, kid: &str, actor: &str, now_s: i64) -> Result<(), SiteError> {
        self.refresh_keys()?;
        let listed = self.listed_key(kid, now_s)?;
        match listed.state {
            KeyState::Active => {
                let why = "it signs: `tollgate keys rotate` first, and this key retires when the next one signs";
                return Err(SiteError::Refused(why.into()));
            }
            KeyState::Withdrawn => return Err(SiteError::Refused("it is gone already".into())),
            KeyState::Pending | KeyState::Retiring => {}
        }
        self.write(now_s, |act| {
            let (clients, bulks, last) = act.rows.live_under_key(kid, now_s)?;
            if let Some(last_s) = last.filter(|_| clients + bulks > 0) {
                let why = format!(
                    "{clients} clients' tokens and {bulks} bulk tokens live that it signed, the last until \
                     {last_s}: wait, or `tollgate keys withdraw {kid}`"
                );
                return Err(RegistryError::Site(why));
            }
            act.rows.withdraw_key(kid, now_s)?;
            bump_keys(act.rows)?;
            act.withdraw(&crate::act::Mark {
                kind: Kind::Key,
                scope: self.id().0.to_vec(),
                subject: kid.as_bytes().to_vec(),
                before_s: None,
                expires_s: None,
                note: "retired".into(),
            })?;
            act.administered(actor, "keys retire", kid, &json!({}))
        })?;
        self.refresh_keys()?;
        self.publish_keys()
    }

    /// Clients' tokens and bulk tokens that live under a key, and when the last of them ends.
    ///
    /// # Errors
    /// When there is no such key, or the registry cannot be read.
    pub fn live_under_key(
        &self,
        kid: &str,
        now_s: i64,
    ) -> Result<(u64, u64, Option<i64>), SiteError> {
        self.listed_key(kid, now_s)?;
        Ok(self.read(|rows| rows.live_under_key(kid, now_s))?)
    }

    fn listed_key(&self, kid: &str, now_s: i64) -> Result<ListedKey, SiteError> {
        let listed = self.keys(now_s).into_iter().find(|key| key.kid == kid);
        listed.ok_or_else(|| {
            SiteError::Refused(format!("the site has no key {kid:?}; `tollgate keys list`"))
        })
    }
}
