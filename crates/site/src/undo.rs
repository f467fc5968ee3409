//! Taking a withdrawal back.

use serde_json::json;
use tollgate::Guid;

use crate::act::{Act, Mark};
use crate::authority::Authority;
use crate::error::SiteError;
use crate::registry::{Client, ClientFilter, ClientState, Kind, Page, RegistryError, WithdrawnRow};
use crate::target::{Target, place, shown};
use crate::withdrawal::{Effects, PAGE, cascade_note, resolved};

/// Which withdrawal is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// The one with this number.
    Seq(i64),
    /// The one of this.
    Target(Target),
}

impl Authority {
    /// Takes a withdrawal back: by the number that `withdraw list` shows, or by what was withdrawn. With
    /// `cascade`, what its cascade withdrew too.
    ///
    /// # Errors
    /// When there is no such withdrawal, when it is one of a key, or the registry or the journal would not.
    pub fn undo(
        &self,
        which: &Undo,
        cascade: bool,
        actor: &str,
        now_s: i64,
    ) -> Result<Effects, SiteError> {
        let done = self.write(now_s, |act| {
            let mut effects = Effects::default();
            let row = match which {
                Undo::Seq(seq) => act.rows.withdrawn_by(*seq)?,
                Undo::Target(target) => match resolved(act.rows, target)? {
                    Ok(target) => match place(&target, self.id()) {
                        Some((kind, scope, subject)) => {
                            act.rows.withdrawn(kind, &scope, &subject)?
                        }
                        None => None,
                    },
                    Err(why) => return Err(RegistryError::Site(why)),
                },
            };
            if row.is_none() && self.undo_forgotten(act, which)? {
                effects.changed = 1;
                let Undo::Target(target) = which else { return Ok(effects) };
                let about = target.to_string();
                act.administered(actor, "undo", &about, &json!({ "seq": act.head().seq }))?;
                effects.seq = act.head().seq;
                return Ok(effects);
            }
            let Some(row) = row else {
                let why = "there is no such withdrawal; `tollgate withdraw list` shows all";
                return Err(RegistryError::Site(why.into()));
            };
            if row.kind == Kind::Key {
                let why = "a key that was withdrawn stays so: `tollgate keys rotate` makes another";
                return Err(RegistryError::Site(why.into()));
            }
            self.undo_row(act, &row, &mut effects)?;
            if row.kind == Kind::BulkToken {
                match cascade {
                    true => self.undo_cascade(act, &row, &mut effects)?,
                    false => narrow_cascade(act, &row)?,
                }
            }
            let about =
                format!("{} {}", row.kind.name(), shown(row.kind, &row.scope, &row.subject));
            let detail = json!({ "clients": effects.clients, "seq": act.head().seq });
            act.administered(actor, "undo", &about, &detail)?;
            effects.seq = act.head().seq;
            Ok(effects)
        });
        Ok(done?)
    }

    /// Takes back what gates need not know any more, and the site still does: whether there was anything.
    fn undo_forgotten(&self, act: &mut Act<'_>, which: &Undo) -> Result<bool, RegistryError> {
        let site = self.id().0;
        match which {
            Undo::Target(Target::Client(id)) => {
                let client = act.rows.client(*id)?;
                let Some(client) = client.filter(|row| row.state == ClientState::Withdrawn) else {
                    return Ok(false);
                };
                act.rows.set_client_state(*id, state_of(&client))?;
                act.take_back(Kind::Client, &site, &id.0)?;
                Ok(true)
            }
            Undo::Target(Target::BulkToken(id)) => {
                if !act.rows.bulk(*id)?.is_some_and(|row| row.is_blocked) {
                    return Ok(false);
                }
                act.rows.block_bulk(*id, false)?;
                act.take_back(Kind::BulkToken, &site, &id.0)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn undo_row(
        &self,
        act: &mut Act<'_>,
        row: &WithdrawnRow,
        effects: &mut Effects,
    ) -> Result<(), RegistryError> {
        effects.changed += u64::from(act.undo(row.kind, &row.scope, &row.subject)?);
        let Ok(id) = <[u8; 16]>::try_from(row.subject.as_slice()).map(Guid) else { return Ok(()) };
        match row.kind {
            Kind::BulkToken => {
                act.rows.block_bulk(id, false)?;
            }
            Kind::Client => {
                effects.clients += 1;
                if let Some(client) = act.rows.client(id)?
                    && client.state == ClientState::Withdrawn
                {
                    let state = state_of(&client);
                    act.rows.set_client_state(id, state)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn undo_cascade(
        &self,
        act: &mut Act<'_>,
        bulk: &WithdrawnRow,
        effects: &mut Effects,
    ) -> Result<(), RegistryError> {
        let Ok(id) = <[u8; 16]>::try_from(bulk.subject.as_slice()).map(Guid) else { return Ok(()) };
        let note = cascade_note(id);
        if let Some(row) = act.rows.withdrawn(Kind::BulkClients, &bulk.scope, &bulk.subject)?
            && row.note == note
        {
            self.undo_row(act, &row, effects)?;
        }
        let filter = ClientFilter { state: Some(ClientState::Withdrawn), bulk: Some(id) };
        let mut page = Page { after: None, limit: PAGE };
        loop {
            let found = act.rows.clients(&filter, page)?;
            let Some(last) = found.last() else { return Ok(()) };
            page.after = Some(last.id);
            for client in &found {
                // Only what that cascade did: one that was withdrawn by itself stays so.
                if let Some(row) = act.rows.withdrawn(Kind::Client, &bulk.scope, &client.id.0)?
                    && row.note == note
                {
                    self.undo_row(act, &row, effects)?;
                }
            }
        }
    }
}

/// What a client is that is no longer withdrawn: one that never had a token waits again.
fn state_of(client: &Client) -> ClientState {
    match client.generation {
        0 => ClientState::Pending,
        _ => ClientState::Active,
    }
}

/// The clients that a cascade withdrew stay out; those that the bulk token registers from now on do not.
fn narrow_cascade(act: &mut Act<'_>, bulk: &WithdrawnRow) -> Result<(), RegistryError> {
    let known = act.rows.withdrawn(Kind::BulkClients, &bulk.scope, &bulk.subject)?;
    let Some(known) = known.filter(|known| known.before_s.is_none()) else { return Ok(()) };
    act.undo(known.kind, &known.scope, &known.subject)?;
    act.withdraw(&Mark {
        kind: known.kind,
        scope: known.scope,
        subject: known.subject,
        before_s: Some(act.now_s),
        expires_s: known.expires_s,
        note: known.note,
    })?;
    Ok(())
}
