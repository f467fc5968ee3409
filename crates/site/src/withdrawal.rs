//! Withdrawing.

use serde_json::json;
use tollgate::Guid;
use tollgate::site::CLIENT_LIFETIME_MOST_S;

use crate::act::{Act, CASCADE, Mark};
use crate::authority::{Authority, KEYS_VERSION};
use crate::error::SiteError;
use crate::feed::TAKEN_BACK;
use crate::registry::{
    ClientFilter, ClientState, Head, Kind, Page, RegistryError, Rows, WithdrawnRow,
};
use crate::settings::is_known;
use crate::target::{Target, place, shown};
use crate::terms::LAPSE_MOST_S;

/// How something is withdrawn.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Only what was issued before this second; what is issued later is good.
    pub issued_before_s: Option<i64>,
    /// With a bulk token: every client that it registered, too.
    pub cascade: bool,
    /// Why, for those who read it later.
    pub note: String,
}

/// What a withdrawal did, or would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Withdrawals that were not there before.
    pub changed: u64,
    /// Clients among them.
    pub clients: u64,
    /// Clients that were named and that this site has never seen: registered after the backup that was put back, or
    /// written wrong.
    pub unknown: u64,
    /// The first of those.
    pub first_unknown: Option<Guid>,
    /// Live tokens under a key, and bulk tokens under it.
    pub under_key: Option<(u64, u64)>,
    /// Where the feed stands now.
    pub seq: i64,
}

impl Effects {
    /// Notes a client that nobody has seen.
    fn ask_for(&mut self, rows: &mut dyn Rows, client: Guid) -> Result<(), RegistryError> {
        if !is_known(rows, client)? {
            self.unknown += 1;
            self.first_unknown.get_or_insert(client);
        }
        Ok(())
    }
}

/// The widest skew that a gate may have, in seconds: so much longer than its end a token may pass.
pub(crate) const SKEW_S: i64 = 600;

/// After so many seconds nothing that was issued until now can be good, whatever the terms were and will be: the
/// longest life, and the longest lapse that is forgiven.
pub(crate) const GONE_S: i64 = CLIENT_LIFETIME_MOST_S + LAPSE_MOST_S + SKEW_S;

/// Clients that are read at once.
pub(crate) const PAGE: u32 = 10_000;

/// Longest note in bytes.
const NOTE_BYTES: usize = 1_000;

impl Authority {
    /// Withdraws all of `targets` in one transaction. Once this returns it is durable, here and in the journal,
    /// and every gate refuses within its bound.
    ///
    /// # Errors
    /// When one of them cannot be meant, or the registry or the journal would not; then none is withdrawn.
    pub fn withdraw(
        &self,
        targets: &[Target],
        order: &Order,
        actor: &str,
        now_s: i64,
    ) -> Result<Effects, SiteError> {
        self.check_order(targets, order, now_s)?;
        let done = self.write(now_s, |act| {
            let mut effects = Effects::default();
            for target in targets {
                if let Err(why) = self.withdraw_one(act, target, order, actor, &mut effects)? {
                    return Err(RegistryError::Site(why));
                }
            }
            effects.seq = act.head().seq;
            Ok(effects)
        });
        let effects = done?;
        if effects.under_key.is_some() {
            self.refresh_keys()?;
            self.publish_keys()?;
        }
        Ok(effects)
    }

    /// What [`Authority::withdraw`] would do, by the registry as it is now.
    ///
    /// # Errors
    /// As there.
    pub fn would_withdraw(
        &self,
        targets: &[Target],
        order: &Order,
        now_s: i64,
    ) -> Result<Effects, SiteError> {
        self.check_order(targets, order, now_s)?;
        let counted = self.read(|rows| {
            let mut effects = Effects { seq: rows.head()?.seq, ..Effects::default() };
            for target in targets {
                let target = match resolved(rows, target)? {
                    Ok(target) => target,
                    Err(why) => return Err(RegistryError::Site(why)),
                };
                let Some((mut kind, scope, subject)) = place(&target, self.id()) else { continue };
                if kind == Kind::BulkToken && order.issued_before_s.is_some() {
                    kind = Kind::BulkClients;
                }
                let is_new = rows.withdrawn(kind, &scope, &subject)?.is_none();
                effects.changed += u64::from(is_new);
                effects.clients += u64::from(is_new && kind == Kind::Client);
                match target {
                    Target::Client(id) => effects.ask_for(rows, id)?,
                    Target::BulkToken(id) if order.cascade => {
                        let filter = ClientFilter { state: None, bulk: Some(id) };
                        let all = rows.count_clients(&filter)?;
                        let gone = ClientFilter { state: Some(ClientState::Withdrawn), ..filter };
                        let clients = all - rows.count_clients(&gone)?;
                        effects.clients += clients;
                        effects.changed += clients + 1;
                    }
                    Target::Key(kid) => {
                        let (clients, bulks, _) = rows.live_under_key(&kid, now_s)?;
                        effects.under_key = Some((clients, bulks));
                    }
                    _ => {}
                }
            }
            Ok(effects)
        });
        Ok(counted?)
    }

    fn check_order(&self, targets: &[Target], order: &Order, now_s: i64) -> Result<(), SiteError> {
        let refused = |why: &str| Err(SiteError::Refused(why.into()));
        if order.note.len() > NOTE_BYTES {
            return refused("a note has at most 1,000 bytes");
        }
        if order.issued_before_s.is_some_and(|before_s| before_s > now_s + SKEW_S) {
            return refused("--issued-before is in the future: withdraw without it instead");
        }
        if order.issued_before_s.is_some_and(|before_s| before_s < 1) {
            return refused("--issued-before is before anything was issued");
        }
        for target in targets {
            let takes_before = matches!(
                target,
                Target::Client(_)
                    | Target::BulkToken(_)
                    | Target::Site
                    | Target::User { .. }
                    | Target::UserSid(_)
                    | Target::Device { .. }
            );
            if order.issued_before_s.is_some() && !takes_before {
                return refused(
                    "--issued-before is for client, bulk-token (its clients), user, device and site",
                );
            }
            match target {
                Target::Site if order.issued_before_s.is_none() => {
                    return refused(
                        "withdraw site needs --issued-before: everything issued before it",
                    );
                }
                Target::BulkToken(_) => {}
                _ if order.cascade => return refused("--cascade is for bulk-token"),
                _ => {}
            }
            if let Target::BulkToken(_) = target
                && order.cascade
                && order.issued_before_s.is_some()
            {
                return refused(
                    "--cascade takes the clients themselves; --issued-before only their tokens",
                );
            }
        }
        Ok(())
    }

    fn withdraw_one(
        &self,
        act: &mut Act<'_>,
        target: &Target,
        order: &Order,
        actor: &str,
        effects: &mut Effects,
    ) -> Result<Result<(), String>, RegistryError> {
        let target = match resolved(act.rows, target)? {
            Ok(target) => target,
            Err(why) => return Ok(Err(why)),
        };
        let Some((mut kind, scope, subject)) = place(&target, self.id()) else { return Ok(Ok(())) };
        let mut expires_s = None;
        match &target {
            Target::Client(id) => {
                expires_s = Some(act.now_s + GONE_S);
                effects.ask_for(act.rows, *id)?;
                if order.issued_before_s.is_none() {
                    act.rows.set_client_state(*id, ClientState::Withdrawn)?;
                }
            }
            Target::BulkToken(_) if order.issued_before_s.is_some() => {
                kind = Kind::BulkClients;
                expires_s = Some(act.now_s + GONE_S);
            }
            Target::BulkToken(id) => {
                if !act.rows.block_bulk(*id, true)? {
                    return Ok(Err(format!(
                        "there is no bulk token {id}; `tollgate bulk-token list`"
                    )));
                }
                expires_s = Some(act.now_s + GONE_S);
            }
            Target::Site => {
                expires_s = Some(act.now_s + GONE_S);
            }
            Target::Key(kid) => match self.withdraw_key_row(act, kid)? {
                Ok(killed) => effects.under_key = Some(killed),
                Err(why) => return Ok(Err(why)),
            },
            _ => {}
        }
        let mark = Mark {
            kind,
            scope,
            subject,
            before_s: order.issued_before_s,
            expires_s,
            note: order.note.clone(),
        };
        let changed = act.withdraw(&mark)?;
        effects.changed += u64::from(changed);
        effects.clients += u64::from(changed && kind == Kind::Client);
        let mut cascaded = 0;
        if let Target::BulkToken(id) = &target
            && order.cascade
        {
            cascaded = self.cascade(act, *id, effects)?;
        }
        let detail = json!({
            "issued_before": order.issued_before_s, "note": order.note, "changed": changed,
            "clients": cascaded, "seq": act.head().seq,
        });
        let about = format!("{} {}", kind.name(), shown(mark.kind, &mark.scope, &mark.subject));
        act.administered(actor, "withdraw", &about, &detail)?;
        Ok(Ok(()))
    }

    /// Every client of a bulk token; and, for those that the registry forgot, their tokens.
    fn cascade(
        &self,
        act: &mut Act<'_>,
        bulk: Guid,
        effects: &mut Effects,
    ) -> Result<u64, RegistryError> {
        let filter = ClientFilter { state: None, bulk: Some(bulk) };
        let (mut page, mut clients) = (Page { after: None, limit: PAGE }, 0);
        loop {
            let found = act.rows.clients(&filter, page)?;
            let Some(last) = found.last() else { break };
            page.after = Some(last.id);
            for client in &found {
                act.rows.set_client_state(client.id, ClientState::Withdrawn)?;
                let mark = Mark {
                    kind: Kind::Client,
                    scope: self.id().0.to_vec(),
                    subject: client.id.0.to_vec(),
                    before_s: None,
                    expires_s: Some(act.now_s + GONE_S),
                    note: cascade_note(bulk),
                };
                clients += u64::from(act.withdraw(&mark)?);
            }
        }
        let mark = Mark {
            kind: Kind::BulkClients,
            scope: self.id().0.to_vec(),
            subject: bulk.0.to_vec(),
            before_s: None,
            expires_s: Some(act.now_s + GONE_S),
            note: cascade_note(bulk),
        };
        effects.changed += clients + u64::from(act.withdraw(&mark)?);
        effects.clients += clients;
        Ok(clients)
    }

    /// Takes one out of the key set; how many tokens that kills.
    fn withdraw_key_row(
        &self,
        act: &mut Act<'_>,
        kid: &str,
    ) -> Result<Result<(u64, u64), String>, RegistryError> {
        let keys = act.rows.keys()?;
        let Some(key) = keys.iter().find(|key| key.kid == kid) else {
            return Ok(Err(format!("the site has no key {kid:?}; `tollgate keys list`")));
        };
        let (clients, bulks, _) = act.rows.live_under_key(kid, act.now_s)?;
        if key.withdrawn_s.is_none() {
            act.rows.withdraw_key(kid, act.now_s)?;
            bump_keys(act.rows)?;
        }
        Ok(Ok((clients, bulks)))
    }

    /// Where the feed stands.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn registry_head(&self) -> Result<Head, SiteError> {
        Ok(self.read(|rows| rows.head())?)
    }

    /// Withdrawals in the order in which they were made, after the number `after`.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn withdrawals(&self, after: i64, limit: u32) -> Result<Vec<WithdrawnRow>, SiteError> {
        let found = self.read(|rows| {
            let (mut after, mut found) = (after, Vec::new());
            while found.len() < limit as usize {
                let page = rows.all_withdrawn(after, limit)?;
                let Some(last) = page.last() else { break };
                after = last.seq;
                found.extend(page.into_iter().filter(|row| row.before_s != Some(TAKEN_BACK)));
            }
            found.truncate(limit as usize);
            Ok(found)
        });
        Ok(found?)
    }
}

pub(crate) fn cascade_note(bulk: Guid) -> String {
    format!("{CASCADE}{bulk}")
}

/// Says to every process that the keys were written.
pub(crate) fn bump_keys(rows: &mut dyn Rows) -> Result<(), RegistryError> {
    let version = rows.setting(KEYS_VERSION)?.and_then(|text| text.parse::<u64>().ok());
    rows.set_setting(KEYS_VERSION, &(version.unwrap_or(0) + 1).to_string())
}

/// A user by its SID is the one user of that SID.
pub(crate) fn resolved(
    rows: &mut dyn Rows,
    target: &Target,
) -> Result<Result<Target, String>, RegistryError> {
    let Target::UserSid(sid) = target else { return Ok(Ok(target.clone())) };
    let found = rows.people_by_sid(sid)?;
    Ok(match found.as_slice() {
        [one] => Ok(Target::User { tenant: one.tenant, object: one.object }),
        [] => Err(format!("no imported user has the SID {sid}; write TENANT/OBJECT-ID")),
        several => Err(format!(
            "{} imported users have the SID {sid}; write TENANT/OBJECT-ID",
            several.len()
        )),
    })
}
