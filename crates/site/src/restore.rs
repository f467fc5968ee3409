//! Backup, and what it takes to put one back without letting anybody in who was thrown out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tollgate::site::ISSUER_PREFIX;
use tollgate::{Guid, random_guid};

use crate::act::{self, Act, CLOCK, CLOCK_BACK_S, Mark};
use crate::audit::RESTORED;
use crate::authority::{Authority, KEYS, KEYS_VERSION, PUBLIC_KEYS, REGISTRY, check_file};
use crate::error::SiteError;
use crate::feed::CHANGE_FROM;
use crate::files::is_there;
use crate::journal::{self, Line};
use crate::keyfile;
use crate::registry::{
    ClientState, Effect, Head, KeyRow, Kind, Page, Registry, RegistryError, Sqlite, SqliteOptions,
};
use crate::renewal::RESTORED_AT;
use crate::terms::Terms;
use crate::withdrawal::{GONE_S, PAGE, SKEW_S, bump_keys};

/// What was withdrawn between the backup and now, from where it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// The journal in the site's folder.
    Journal,
    /// A copy of the journal.
    File(PathBuf),
    /// Nobody knows: nothing that was issued before this second is good any more.
    Distrust(i64),
}

/// What a restore did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restore {
    /// Withdrawals that the journal had and the backup did not.
    pub replayed: u64,
    /// Withdrawals of the backup that the journal says were taken back.
    pub undone: u64,
    /// Lines of the journal that could not be read: a crash in the middle of one leaves such.
    pub unread: Vec<usize>,
    /// Bulk tokens that live, and are blocked until they are unblocked: how often they were used is not known.
    pub blocked: u64,
    /// Keys that were made after the backup: their private halves are here, and gates know them.
    pub keys: u64,
    /// Where a registry that could not be opened was moved.
    pub moved: Option<PathBuf>,
}

impl Authority {
    /// Writes a copy of the registry into a new file, for its owner alone, while others go on. Keys are not in
    /// it: they are copied by themselves, with `site.json`, once after each rotation.
    ///
    /// # Errors
    /// When the file is there, or the system would not write.
    pub fn backup(&self, to: &Path, actor: &str, now_s: i64) -> Result<(), SiteError> {
        let sqlite = Sqlite::open(&self.registry_file(), SqliteOptions::default())?;
        sqlite.backup(to)?;
        let file = to.to_string_lossy();
        Ok(self.write(now_s, |act| act.administered(actor, "site backup", &file, &json!({})))?)
    }

    /// Puts a backup back, in a new epoch, with everything that was withdrawn since. Processes that have the
    /// registry open go on with what is restored; one that cannot be opened is moved aside.
    ///
    /// # Errors
    /// When the backup is not of this site or no good, when what was withdrawn since is not known, or the system
    /// would not write; then nothing was changed.
    pub fn restore(
        data: &Path,
        backup: &Path,
        since: &Since,
        actor: &str,
        now_s: i64,
    ) -> Result<Restore, SiteError> {
        let record = Self::read_record(data)?;
        let replay = match since {
            Since::Journal => Some(data.join("journal.jsonl")),
            Since::File(file) => Some(file.clone()),
            Since::Distrust(_) => None,
        };
        let replay = match replay {
            Some(file) if !is_there(&file)? => {
                let why = format!(
                    "{}: is missing, and with it what was withdrawn since the backup was made: give a copy \
                     by --withdrawals FILE, or refuse what is older by --distrust-issued-before TIME",
                    file.display()
                );
                return Err(SiteError::Refused(why));
            }
            Some(file) => Some(journal::read(&file)?),
            None => None,
        };
        if let Since::Distrust(before_s) = since
            && !(1..=now_s + SKEW_S).contains(before_s)
        {
            let why = format!(
                "--distrust-issued-before {before_s} is no time between 1970 and now, in seconds"
            );
            return Err(SiteError::Refused(why));
        }
        check_backup(backup, record.id)?;
        let mut done = Restore {
            unread: replay.as_ref().map_or_else(Vec::new, |replay| replay.unread.clone()),
            ..Restore::default()
        };
        let registry = match open_or_none(data)? {
            Some(registry) => registry,
            None => {
                done.moved = move_aside(data, now_s)?;
                Sqlite::create(&data.join(REGISTRY), SqliteOptions::default())?
            }
        };
        let mut seen_s = 0;
        registry.read(&mut |rows| {
            seen_s = rows.setting(CLOCK)?.and_then(|seen| seen.parse().ok()).unwrap_or(0);
            Ok(())
        })?;
        if now_s < seen_s - CLOCK_BACK_S {
            return Err(RegistryError::ClockBack { now_s, seen_s }.into());
        }
        let journal = journal::Journal::new(data.join("journal.jsonl"));
        journal.ensure()?;
        let epoch = random_guid()?.0;
        let younger = younger_keys(data, &format!("{ISSUER_PREFIX}{}", record.id), now_s)?;
        let lines = replay.map(|replay| replay.lines).unwrap_or_default();
        let mut after = None;
        let (site, file) = (record.id, backup.to_string_lossy().into_owned());
        let mut put_back = |rows: &mut dyn crate::registry::Rows| {
            let mut act = Act::begin_anyway(rows, now_s)?;
            if matches!(since, Since::Journal | Since::File(_)) {
                check_journal(&lines, act.head(), site)?;
            }
            act.begin_epoch(epoch);
            act.rows.set_setting(CHANGE_FROM, "1")?;
            act.rows.set_setting(CLOCK, &now_s.to_string())?;
            act.rows.set_setting(RESTORED_AT, &now_s.to_string())?;
            renumber(&mut act)?;
            for key in &younger {
                if act.rows.keys()?.iter().all(|known| known.kid != key.kid) {
                    act.rows.add_key(key)?;
                    done.keys += 1;
                }
            }
            // A number that no process has seen: all of them read the keys anew.
            let version = u64::from_be_bytes(epoch[..8].try_into().unwrap_or_default()) >> 1;
            act.rows.set_setting(KEYS_VERSION, &version.to_string())?;
            replay_lines(&mut act, &lines, &mut done)?;
            if let Since::Distrust(before_s) = since {
                distrust(&mut act, site, *before_s)?;
            }
            done.blocked = block_bulks(&mut act, site)?;
            let detail = json!({
                "replayed": done.replayed, "undone": done.undone, "unread": done.unread.len(),
                "blocked": done.blocked, "backup": file, "keys": done.keys,
                "distrust_before": match since { Since::Distrust(at_s) => Some(*at_s), _ => None },
            });
            act.administered(actor, RESTORED, &site.to_string(), &detail)?;
            after = Some(act.finish(None, &journal)?);
            Ok(())
        };
        registry.replace_by(backup, &mut put_back)?;
        if let Some(after) = after {
            after.write_undone(&journal)?;
        }
        // The keys of the backup are believed now; whoever opens the site finds them published.
        let opened = Self::open_registry(data, record, Arc::new(registry))?;
        opened.write_users()?;
        opened.write_devices()?;
        // Signs the restore.
        opened.write(now_s, |act| act.administered(actor, "site restored", &file, &json!({})))?;
        Ok(done)
    }

    /// The latest time that the registry has seen, in seconds since 1970.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn clock_seen(&self) -> Result<i64, SiteError> {
        let seen = self.read(|rows| rows.setting(CLOCK))?;
        Ok(seen.and_then(|seen| seen.parse().ok()).unwrap_or(0))
    }

    /// Takes a clock that is behind what the registry has seen for right.
    ///
    /// # Errors
    /// When the registry would not.
    pub fn accept_clock(&self, actor: &str, now_s: i64) -> Result<i64, SiteError> {
        let (pen, mut seen_s) = (self.pen(now_s).ok(), 0);
        self.registry.write(&mut |rows| {
            seen_s = rows.setting(CLOCK)?.and_then(|seen| seen.parse().ok()).unwrap_or(0);
            rows.set_setting(CLOCK, &now_s.to_string())?;
            let mut act = Act::begin_anyway(rows, now_s)?;
            act.administered(actor, "site clock", "", &json!({ "was": seen_s, "is": now_s }))?;
            act.finish(pen.as_ref(), &self.journal).map(drop)
        })?;
        Ok(seen_s)
    }
}

/// The backup has to be this site's: another one's clients are not ours.
fn check_backup(backup: &Path, site: Guid) -> Result<(), SiteError> {
    check_file(backup)?;
    // Opened on a copy's terms: a backup is one file, and stays as it is.
    let opened = Sqlite::look_into(backup)?;
    match opened == Some(site) {
        true => Ok(()),
        false => {
            let of = opened.map_or_else(|| "nobody".into(), |of| of.to_string());
            let why = format!("is a backup of site {of}, not of {site}");
            Err(SiteError::Unfit { path: backup.into(), why })
        }
    }
}

/// The registry that is there; none, where it is missing or cannot be used.
fn open_or_none(data: &Path) -> Result<Option<Sqlite>, SiteError> {
    let opened = Sqlite::open(&data.join(REGISTRY), SqliteOptions::default());
    // What is damaged inside shows itself only where it is looked for.
    match opened.and_then(|registry| registry.check().map(|()| registry)) {
        Ok(registry) => Ok(Some(registry)),
        Err(RegistryError::Missing(_) | RegistryError::Damaged(_) | RegistryError::NotOurs(_)) => {
            Ok(None)
        }
        Err(other) => Err(other.into()),
    }
}

fn move_aside(data: &Path, now_s: i64) -> Result<Option<PathBuf>, SiteError> {
    let mut moved = None;
    for name in [REGISTRY, "registry.db-wal", "registry.db-shm"] {
        let path = data.join(name);
        if !is_there(&path)? {
            continue;
        }
        let to = data.join(format!("{name}.broken-{now_s}"));
        std::fs::rename(&path, &to).map_err(|error| SiteError::Io {
            path,
            what: "cannot be moved aside",
            error,
        })?;
        moved.get_or_insert(to);
    }
    Ok(moved)
}

/// Keys of the folder that were published: one that was made after the backup has signed tokens that are good.
/// It signs again once every gate has had the time to read it anew.
fn younger_keys(data: &Path, issuer: &str, now_s: i64) -> Result<Vec<KeyRow>, SiteError> {
    let published = std::fs::read(data.join(PUBLIC_KEYS)).unwrap_or_default();
    let published: Value = serde_json::from_slice(&published).unwrap_or_default();
    let entries = published["keys"].as_array().map_or(&[][..], Vec::as_slice);
    let mut rows = Vec::new();
    for entry in entries {
        let (Some(kid), Some(alg)) = (entry["kid"].as_str(), entry["alg"].as_str()) else {
            continue;
        };
        let algorithm = crate::ALGORITHMS.into_iter().find(|algorithm| algorithm.name() == alg);
        let keys = data.join(KEYS);
        let Some(algorithm) = algorithm.filter(|_| keyfile::is_kid(kid)) else { continue };
        if is_there(&keyfile::path(&keys, kid))? {
            // Its public half is taken from the private one: whoever writes into the list adds nothing.
            let key = keyfile::read(&keys, kid, algorithm)?;
            rows.push(keyfile::key_row(
                &key,
                issuer,
                now_s,
                now_s + 2 * Terms::default().max_staleness_s,
            ));
        }
    }
    Ok(rows)
}

/// The backup's withdrawals as the first changes of the new epoch.
fn renumber(act: &mut Act<'_>) -> Result<(), RegistryError> {
    let rows = act.rows.all_withdrawn(0, u32::MAX)?;
    for row in &rows {
        act.rows.remove_withdrawn(row.kind, &row.scope, &row.subject)?;
    }
    for row in rows {
        act.withdraw(&mark(row))?;
    }
    Ok(())
}

fn mark(row: crate::registry::WithdrawnRow) -> Mark {
    let crate::registry::WithdrawnRow { kind, scope, subject, before_s, expires_s, note, .. } = row;
    Mark { kind, scope, subject, before_s, expires_s, note }
}

/// What the journal says last of each subject holds. Lines of one epoch are ordered by their number, epochs by
/// where they first stand; of two lines with one number, which a failed commit leaves, the withdrawal counts.
fn replay_lines(
    act: &mut Act<'_>,
    lines: &[Line],
    done: &mut Restore,
) -> Result<(), RegistryError> {
    let mut epochs: HashMap<[u8; 16], usize> = HashMap::new();
    for line in lines {
        let next = epochs.len();
        epochs.entry(line.epoch).or_insert(next);
    }
    let place = |line: &Line| {
        (epochs.get(&line.epoch).copied(), line.row.seq, line.effect == Effect::Withdraw)
    };
    let mut ordered: Vec<&Line> = lines.iter().collect();
    ordered.sort_by_key(|line| place(line));
    let mut last: HashMap<(Kind, &[u8], &[u8]), &Line> = HashMap::new();
    for line in ordered {
        last.insert((line.row.kind, &line.row.scope, &line.row.subject), line);
    }
    let mut latest: Vec<&Line> = last.into_values().collect();
    latest.sort_by_key(|line| place(line));
    for line in latest {
        let row = &line.row;
        match line.effect {
            Effect::Withdraw => done.replayed += u64::from(act.withdraw(&mark(row.clone()))?),
            Effect::Undo => {
                let known = act.rows.withdrawn(row.kind, &row.scope, &row.subject)?;
                done.undone += u64::from(known.is_some());
                act.take_back(row.kind, &row.scope, &row.subject)?;
            }
        }
        settle(act, line)?;
    }
    Ok(())
}

/// The journal has to be of this site, and to reach at least as far as the backup: one that is empty, old or of
/// another folder would let in who was thrown out.
fn check_journal(lines: &[Line], head: &Head, site: Guid) -> Result<(), RegistryError> {
    let is_foreign = |line: &&Line| {
        let row = &line.row;
        let of = match row.kind {
            Kind::Client | Kind::BulkToken | Kind::Key | Kind::BulkClients => &row.scope,
            Kind::Site => &row.subject,
            _ => return false,
        };
        *of != site.0
    };
    if let Some(line) = lines.iter().find(is_foreign) {
        let why = format!("its change {} is of another site; nothing was changed", line.row.seq);
        return Err(RegistryError::Site(format!("the journal is not this site's: {why}")));
    }
    let reaches = |line: &Line| line.epoch == head.epoch && line.row.seq >= head.seq;
    if head.seq > 0 && !lines.iter().any(reaches) {
        let why = format!(
            "the journal ends before the backup (change {}): it is not whole. Give a copy that is by --withdrawals \
             FILE, or refuse what is older by --distrust-issued-before TIME; nothing was changed",
            head.seq
        );
        return Err(RegistryError::Site(why));
    }
    Ok(())
}

/// Makes the rows that have a state of their own say what the feed says.
fn settle(act: &mut Act<'_>, line: &Line) -> Result<(), RegistryError> {
    let is_withdrawn = line.effect == Effect::Withdraw;
    let row = &line.row;
    match (row.kind, <[u8; 16]>::try_from(row.subject.as_slice())) {
        (Kind::Client, Ok(id)) if row.before_s.is_none() => {
            let Some(client) = act.rows.client(Guid(id))? else { return Ok(()) };
            let state = match (is_withdrawn, client.generation) {
                (true, _) => ClientState::Withdrawn,
                (false, 0) => ClientState::Pending,
                (false, _) => ClientState::Active,
            };
            act.rows.set_client_state(Guid(id), state)?;
        }
        (Kind::BulkToken, Ok(id)) => {
            act.rows.block_bulk(Guid(id), is_withdrawn)?;
        }
        (Kind::Key, _) if is_withdrawn => {
            let kid = String::from_utf8_lossy(&row.subject).into_owned();
            act.rows.withdraw_key(&kid, row.at_s)?;
            bump_keys(act.rows)?;
        }
        _ => {}
    }
    Ok(())
}

/// Nothing is known of what was withdrawn: what is older than `before_s` is refused, whosever it is.
fn distrust(act: &mut Act<'_>, site: Guid, before_s: i64) -> Result<(), RegistryError> {
    act.withdraw(&Mark {
        kind: Kind::Site,
        scope: Vec::new(),
        subject: site.0.to_vec(),
        before_s: Some(before_s),
        expires_s: Some(act.now_s + GONE_S),
        note: "restored without a journal".into(),
    })?;
    Ok(())
}

/// How often they were used since the backup is not known.
fn block_bulks(act: &mut Act<'_>, site: Guid) -> Result<u64, RegistryError> {
    let (mut page, mut blocked) = (Page { after: None, limit: PAGE }, 0);
    loop {
        let found = act.rows.bulks(page)?;
        let Some(last) = found.last() else { return Ok(blocked) };
        page.after = Some(last.id);
        for token in &found {
            if token.is_blocked || act.now_s >= token.expires_s {
                continue;
            }
            act.rows.block_bulk(token.id, true)?;
            act.withdraw(&Mark {
                kind: Kind::BulkToken,
                scope: site.0.to_vec(),
                subject: token.id.0.to_vec(),
                before_s: None,
                expires_s: Some(act.now_s + GONE_S),
                note: act::RESTORED.into(),
            })?;
            blocked += 1;
        }
    }
}
