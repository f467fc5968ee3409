//! The site's folder: made once, opened strictly; and the one way to write into what the site remembers.

use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tollgate::site::{ALGORITHMS, ISSUER_PREFIX};
use tollgate::{Algorithm, Guid, random_guid};

use crate::act::Act;
use crate::error::{IssueError, SiteError};
use crate::feed::CHANGE_FROM;
use crate::files::{Made, Readers, check_folder, folder_of, is_there, replace, write_new};
use crate::group::{Group, Job};
use crate::journal::Journal;
use crate::keyring::{Keyring, ListedKey, document};
use crate::presented::LastBulk;
use crate::record::Record;
use crate::registry::{Head, KeyRow, Registry, RegistryError, Rows, Sqlite, SqliteOptions};
use crate::terms::{TERM, Terms, read_terms};
use crate::token::{BulkRequest, ClientRequest, Issued, Pen};
use crate::withdrawal::bump_keys;
use crate::{access, keyfile};

/// Written last: where it is, there is a site.
const RECORD: &str = "site.json";
pub(crate) const KEYS: &str = "keys";
pub(crate) const PUBLIC_KEYS: &str = "site-keys.json";
pub(crate) const REGISTRY: &str = "registry.db";
const JOURNAL: &str = "journal.jsonl";
const CHECKPOINTS: &str = "checkpoints.jsonl";

/// The setting that counts how often the keys were written.
pub(crate) const KEYS_VERSION: &str = "keys_version";

/// A site: its keys, and what it remembers. Shared by threads; several processes may open one folder.
pub struct Authority {
    data: PathBuf,
    record: Record,
    issuer: Arc<str>,
    pub(crate) registry: Arc<dyn Registry>,
    terms: RwLock<Arc<Terms>>,
    /// Whether the terms are the caller's, and not those that the registry keeps.
    has_own_terms: bool,
    keyring: RwLock<Arc<Keyring>>,
    pub(crate) journal: Journal,
    group: Group,
    pub(crate) last_bulk: LastBulk,
}

impl Authority {
    /// Makes a site with a fresh key in the folder `data`, which is made too if it is not there.
    /// `now_s` is the time in seconds since 1970.
    ///
    /// # Errors
    /// When there is a site, or a part of one, or the system would not write; then nothing new stays
    /// but the folder.
    pub fn init(
        data: &Path,
        site: Guid,
        algorithm: Algorithm,
        now_s: i64,
    ) -> Result<Self, SiteError> {
        if !ALGORITHMS.contains(&algorithm) {
            return Err(SiteError::Algorithm(algorithm));
        }
        if is_there(&data.join(RECORD))? {
            return Err(SiteError::Exists(data.into()));
        }
        for part in [KEYS, REGISTRY, JOURNAL, PUBLIC_KEYS] {
            if is_there(&data.join(part))? {
                return Err(SiteError::Unfinished { data: data.into(), part });
            }
        }
        let failed = |path: &Path, what, error| SiteError::Io { path: path.into(), what, error };
        access::make_folders(data).map_err(|error| failed(data, "cannot be made", error))?;
        check_data(data)?;
        // Made before anything is written, and by one process only, however many try at once.
        let keys = data.join(KEYS);
        access::make_folder(&keys).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => SiteError::Unfinished { data: data.into(), part: KEYS },
            _ => failed(&keys, "cannot be made", error),
        })?;
        let mut made = Made::default();
        made.folder(&keys);
        let issuer = format!("{ISSUER_PREFIX}{site}");
        let (path, row) = keyfile::make_key(&keys, algorithm, &issuer, now_s, 0)?;
        made.file(&path);
        let public = document(std::iter::once(&row));
        write_new(&data.join(PUBLIC_KEYS), public.as_bytes(), Readers::Everybody)?;
        made.file(&data.join(PUBLIC_KEYS));
        for file in ["registry.db-wal", "registry.db-shm", REGISTRY] {
            made.file(&data.join(file));
        }
        let registry = Sqlite::create(&data.join(REGISTRY), SqliteOptions::default())?;
        let epoch = random_guid()?.0;
        registry.write(&mut |rows| {
            rows.set_head(&Head { epoch, seq: 0, at_s: now_s })?;
            rows.set_setting(KEYS_VERSION, "1")?;
            rows.set_site(site)?;
            rows.set_setting(CHANGE_FROM, "1")?;
            rows.add_key(&row)
        })?;
        Journal::new(data.join(JOURNAL)).ensure()?;
        made.file(&data.join(JOURNAL));
        let record = Record { id: site, created_s: now_s };
        record.write(&data.join(RECORD))?;
        made.file(&data.join(RECORD));
        access::sync_folder(folder_of(data))
            .map_err(|error| failed(folder_of(data), "cannot be written", error))?;
        let opened = Self::assemble(data, record, Arc::new(registry))?;
        made.keep();
        Ok(opened)
    }

    /// Opens the site in the folder `data`.
    ///
    /// # Errors
    /// When there is none, when anything of it is open to others, is a link, is larger than it may be or
    /// says what cannot be meant, when a key is not the one that its name says, and when its registry is
    /// missing, another site's, a later version's, damaged or locked.
    pub fn open(data: &Path) -> Result<Self, SiteError> {
        Self::open_with(data, SqliteOptions::default())
    }

    /// The same, with the registry's file used so.
    ///
    /// # Errors
    /// As [`Authority::open`].
    pub fn open_with(data: &Path, options: SqliteOptions) -> Result<Self, SiteError> {
        let record = Self::read_record(data)?;
        let registry = data.join(REGISTRY);
        if is_there(&registry)? {
            check_file(&registry)?;
        }
        let registry = Sqlite::open(&registry, options)?;
        Self::open_registry(data, record, Arc::new(registry))
    }

    pub(crate) fn read_record(data: &Path) -> Result<Record, SiteError> {
        let (record, keys) = (data.join(RECORD), data.join(KEYS));
        if !is_there(&record)? {
            return Err(match is_there(&keys)? {
                true => SiteError::Unfinished { data: data.into(), part: KEYS },
                false => SiteError::Missing(data.into()),
            });
        }
        check_data(data)?;
        let record = Record::read(&record)?;
        let failed = |error| SiteError::Io { path: keys.clone(), what: "cannot be read", error };
        check_folder(&keys, &fs::symlink_metadata(&keys).map_err(failed)?)?;
        Ok(record)
    }

    pub(crate) fn open_registry(
        data: &Path,
        record: Record,
        registry: Arc<dyn Registry>,
    ) -> Result<Self, SiteError> {
        let mut of = None;
        registry.read(&mut |rows| {
            of = rows.site()?;
            Ok(())
        })?;
        if of != Some(record.id) {
            let of = of.map_or_else(|| "nobody".into(), |of| of.to_string());
            let why = format!("is the registry of site {of}, and site.json is of {}", record.id);
            return Err(SiteError::Unfit { path: data.join(REGISTRY), why });
        }
        let opened = Self::assemble(data, record, registry)?;
        // A crash between a change of the keys and their file is mended by whoever opens the site next.
        opened.publish_keys()?;
        Ok(opened)
    }

    fn assemble(
        data: &Path,
        record: Record,
        registry: Arc<dyn Registry>,
    ) -> Result<Self, SiteError> {
        let issuer = format!("{ISSUER_PREFIX}{}", record.id).into();
        let keyring = read_keyring(data, &*registry)?;
        let terms = read_terms(&*registry)?;
        Ok(Self {
            data: data.into(),
            record,
            issuer,
            registry,
            terms: RwLock::new(Arc::new(terms)),
            has_own_terms: false,
            keyring: RwLock::new(Arc::new(keyring)),
            journal: Journal::new(data.join(JOURNAL)),
            group: Group::default(),
            last_bulk: LastBulk::default(),
        })
    }

    /// The same site under other terms than those that its registry keeps.
    ///
    /// # Errors
    /// When they cannot be meant.
    pub fn with_terms(mut self, terms: Terms) -> Result<Self, SiteError> {
        terms.check()?;
        self.terms = RwLock::new(Arc::new(terms));
        self.has_own_terms = true;
        Ok(self)
    }

    /// The terms that hold.
    #[must_use]
    pub fn terms(&self) -> Arc<Terms> {
        Arc::clone(&self.terms.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps terms for every process of the site. What was issued under others stays as it is.
    ///
    /// # Errors
    /// When they cannot be meant, or the registry would not.
    pub fn set_terms(&self, terms: &Terms, actor: &str, now_s: i64) -> Result<(), SiteError> {
        terms.check()?;
        let shown = terms.shown();
        self.write(now_s, |act| {
            for (name, value) in &shown {
                act.rows.set_setting(&format!("{TERM}{name}"), value)?;
            }
            // Other processes read both anew.
            bump_keys(act.rows)?;
            let detail: serde_json::Map<_, _> = shown
                .iter()
                .map(|(name, value)| ((*name).to_owned(), serde_json::Value::from(value.as_str())))
                .collect();
            act.administered(actor, "site set", "", &detail.into())
        })?;
        self.refresh_keys()?;
        Ok(())
    }

    /// The site's GUID.
    #[must_use]
    pub fn id(&self) -> Guid {
        self.record.id
    }

    /// `iss` of every token that it signs.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// When the site was made, in seconds since 1970.
    #[must_use]
    pub fn created_s(&self) -> i64 {
        self.record.created_s
    }

    /// The keys at a time, without their secrets; the earliest first.
    #[must_use]
    pub fn keys(&self, now_s: i64) -> Vec<ListedKey> {
        self.keyring().listed(now_s)
    }

    /// The folder of the site, as it was named.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The file with the public keys: what a gate's `keys_file` names.
    #[must_use]
    pub fn public_keys_file(&self) -> PathBuf {
        self.data.join(PUBLIC_KEYS)
    }

    /// The file with the private half of a key.
    #[must_use]
    pub fn private_key_file(&self, kid: &str) -> PathBuf {
        keyfile::path(&self.data.join(KEYS), kid)
    }

    /// The registry's file: what a gate's `registry` names.
    #[must_use]
    pub fn registry_file(&self) -> PathBuf {
        self.data.join(REGISTRY)
    }

    /// The journal of changes that stands beside the registry.
    #[must_use]
    pub fn journal_file(&self) -> &Path {
        self.journal.path()
    }

    /// Signs a bulk registration token that starts at `now_s` (seconds since 1970), and remembers nothing
    /// of it: what registers clients is [`Authority::new_bulk_token`].
    ///
    /// # Errors
    /// When the life is not within its bounds, no key signs here, or the library fails.
    pub fn sign_bulk(&self, request: &BulkRequest, now_s: i64) -> Result<Issued, IssueError> {
        self.pen(now_s)?.bulk(request, now_s)
    }

    /// Signs a client's own token that starts at `now_s` (seconds since 1970), and remembers nothing of it:
    /// what clients get is from [`Authority::register`] and [`Authority::renew`].
    ///
    /// # Errors
    /// When the life is not within its bounds, no key signs here, or the library fails.
    pub fn sign_client(&self, request: &ClientRequest, now_s: i64) -> Result<Issued, IssueError> {
        self.pen(now_s)?.client(request, now_s)
    }

    pub(crate) fn keyring(&self) -> Arc<Keyring> {
        Arc::clone(&self.keyring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key that signs now.
    pub(crate) fn pen(&self, now_s: i64) -> Result<Pen, IssueError> {
        let signer = self.keyring().signer(now_s).ok_or_else(|| self.without_key(now_s))?;
        Ok(Pen { issuer: Arc::clone(&self.issuer), signer })
    }

    /// A clock that no token can hold has no key either; it is the clock that is told.
    fn without_key(&self, now_s: i64) -> IssueError {
        if now_s < 0 { IssueError::Time(now_s) } else { IssueError::NoKey }
    }

    /// Reads the keys anew, if another process wrote them; whether it did.
    pub(crate) fn refresh_keys(&self) -> Result<bool, SiteError> {
        let version = self.read(|rows| rows.setting(KEYS_VERSION))?.unwrap_or_default();
        if version == self.keyring().version {
            return Ok(false);
        }
        let keyring = read_keyring(&self.data, &*self.registry)?;
        if !self.has_own_terms {
            let terms = Arc::new(read_terms(&*self.registry)?);
            *self.terms.write().unwrap_or_else(PoisonError::into_inner) = terms;
        }
        *self.keyring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keyring);
        Ok(true)
    }

    /// Writes the public keys where gates read them, if they are not what stands there.
    pub(crate) fn publish_keys(&self) -> Result<(), SiteError> {
        let path = self.public_keys_file();
        let is = |document: &str| fs::read(&path).is_ok_and(|found| found == document.as_bytes());
        if is(&self.keyring().public_document()) {
            return Ok(());
        }
        // Read and replaced while nobody else writes: an older list never comes over a newer one.
        let mut replaced = Ok(());
        self.registry.write(&mut |rows| {
            let keys = rows.keys()?;
            let document = document(keys.iter().filter(|row| row.withdrawn_s.is_none()));
            if !is(&document) {
                replaced = replace(&path, document.as_bytes(), Readers::Everybody);
            }
            Ok(())
        })?;
        replaced
    }

    /// Makes a key whose private half is in this folder.
    pub(crate) fn make_key(
        &self,
        algorithm: Algorithm,
        now_s: i64,
        active_from_s: i64,
    ) -> Result<KeyRow, SiteError> {
        let keys = self.data.join(KEYS);
        Ok(keyfile::make_key(&keys, algorithm, &self.issuer, now_s, active_from_s)?.1)
    }

    /// Reads one state of the registry.
    pub(crate) fn read<T>(
        &self,
        mut work: impl FnMut(&mut dyn Rows) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let mut found = None;
        self.registry.read(&mut |rows| {
            found = Some(work(rows)?);
            Ok(())
        })?;
        found.ok_or_else(|| RegistryError::Engine("a transaction did nothing".into()))
    }

    /// Does `work` in a transaction of its own.
    pub(crate) fn write<T>(
        &self,
        now_s: i64,
        mut work: impl FnMut(&mut Act<'_>) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let mut done = None;
        self.transact(now_s, &mut |act| {
            done = Some(work(act)?);
            Ok(())
        })?;
        done.ok_or_else(|| RegistryError::Engine("a transaction did nothing".into()))
    }

    /// Does `job` in a transaction with those of other threads.
    pub(crate) fn write_together(&self, now_s: i64, job: Job) -> Result<(), RegistryError> {
        self.group.run(job, |work| self.transact(now_s, work))
    }

    fn transact(
        &self,
        now_s: i64,
        work: &mut dyn FnMut(&mut Act<'_>) -> Result<(), RegistryError>,
    ) -> Result<(), RegistryError> {
        let pen = self.pen(now_s).ok();
        let mut after = None;
        self.registry.write(&mut |rows| {
            let mut act = Act::begin(rows, now_s)?;
            work(&mut act)?;
            after = Some(act.finish(pen.as_ref(), &self.journal)?);
            Ok(())
        })?;
        let Some(after) = after else { return Ok(()) };
        after.write_undone(&self.journal)?;
        if let Some(checkpoint) = &after.checkpoint {
            self.keep_checkpoint(checkpoint);
        }
        Ok(())
    }

    /// Where checkpoints of the audit are kept beside the registry.
    pub(crate) fn checkpoints_file(&self) -> PathBuf {
        self.data.join(CHECKPOINTS)
    }

    /// A second place for what is in the registry already: that it cannot be written loses nothing.
    pub(crate) fn keep_checkpoint(&self, checkpoint: &str) {
        let path = self.checkpoints_file();
        let mut options = fs::OpenOptions::new();
        let file = match options.append(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                access::create_new(&path, Readers::Owner)
            }
            opened => opened,
        };
        let _ = file.and_then(|mut file| file.write_all(format!("{checkpoint}\n").as_bytes()));
    }
}

fn read_keyring(data: &Path, registry: &dyn Registry) -> Result<Keyring, SiteError> {
    let mut read = None;
    registry.read(&mut |rows| {
        read = Some((rows.keys()?, rows.setting(KEYS_VERSION)?.unwrap_or_default()));
        Ok(())
    })?;
    let (rows, version) = read.unwrap_or_default();
    Keyring::read(&data.join(KEYS), rows, version)
}

/// The folder may be reached by a link (a mounted disk); what is in it may not.
fn check_data(data: &Path) -> Result<(), SiteError> {
    let failed = |error| SiteError::Io { path: data.into(), what: "cannot be read", error };
    check_folder(data, &fs::metadata(data).map_err(failed)?)
}

/// A file that is its owner's alone, and no link.
pub(crate) fn check_file(path: &Path) -> Result<(), SiteError> {
    let failed = |error| SiteError::Io { path: path.into(), what: "cannot be read", error };
    let about = fs::symlink_metadata(path).map_err(failed)?;
    if !about.is_file() {
        let why = "is not a regular file; put the file itself there".into();
        return Err(SiteError::Unfit { path: path.into(), why });
    }
    access::check_private(path, &about)
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authority({})", self.record.id)
    }
}
