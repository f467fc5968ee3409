//! The site's folder: made once, opened strictly.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::json;
use tollgate::jws::public_jwk;
use tollgate::site::{ALGORITHMS, ISSUER_PREFIX};
use tollgate::{Algorithm, Guid, SigningKey};

use crate::error::SiteError;
use crate::files::{Made, Readers, check_folder, folder_of, is_there, write_new};
use crate::record::{KeyState, ListedKey, Record};
use crate::{access, keyfile};

/// Written last: where it is, there is a site.
const RECORD: &str = "site.json";
const KEYS: &str = "keys";
const PUBLIC_KEYS: &str = "site-keys.json";

/// A site that can sign.
pub struct Authority {
    data: PathBuf,
    id: Guid,
    created_s: i64,
    pub(crate) key: SigningKey,
    keys: [ListedKey; 1],
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
        for part in [KEYS, PUBLIC_KEYS] {
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
        let key = SigningKey::generate(algorithm)?;
        made.file(&keyfile::write(&keys, &key)?);
        let listed = ListedKey {
            kid: keyfile::kid(&key),
            algorithm,
            created_s: now_s,
            state: KeyState::Active,
        };
        // Each key says whose it is, as Entra's do: a gate takes no other site's for ours.
        let mut public = public_jwk(&key, &listed.kid);
        public["issuer"] = format!("{ISSUER_PREFIX}{site}").into();
        let public = json!({ "keys": [public] });
        let public = format!("{public:#}\n");
        write_new(&data.join(PUBLIC_KEYS), public.as_bytes(), Readers::Everybody)?;
        made.file(&data.join(PUBLIC_KEYS));
        let record = Record { id: site, created_s: now_s, key: listed };
        record.write(&data.join(RECORD))?;
        made.file(&data.join(RECORD));
        access::sync_folder(folder_of(data))
            .map_err(|error| failed(folder_of(data), "cannot be written", error))?;
        made.keep();
        Ok(Self::new(data, record, key))
    }

    /// Opens the site in the folder `data`.
    ///
    /// # Errors
    /// When there is none, when anything of it is open to others, is a link, is larger than 16 KiB or
    /// says what cannot be meant, and when the key is not the one that `site.json` names.
    pub fn open(data: &Path) -> Result<Self, SiteError> {
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
        let key = keyfile::read(&keys, &record.key.kid, record.key.algorithm)?;
        Ok(Self::new(data, record, key))
    }

    fn new(data: &Path, record: Record, key: SigningKey) -> Self {
        let Record { id, created_s, key: listed } = record;
        Self { data: data.into(), id, created_s, key, keys: [listed] }
    }

    /// The site's GUID.
    #[must_use]
    pub fn id(&self) -> Guid {
        self.id
    }

    /// `iss` of every token that it signs.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{ISSUER_PREFIX}{}", self.id)
    }

    /// When the site was made, in seconds since 1970.
    #[must_use]
    pub fn created_s(&self) -> i64 {
        self.created_s
    }

    /// The keys, without their secrets.
    #[must_use]
    pub fn keys(&self) -> &[ListedKey] {
        &self.keys
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

    /// The file with the private key.
    #[must_use]
    pub fn private_key_file(&self) -> PathBuf {
        keyfile::path(&self.data.join(KEYS), &self.keys[0].kid)
    }

    /// `kid` of the key that signs.
    pub(crate) fn kid(&self) -> &str {
        &self.keys[0].kid
    }
}

/// The folder may be reached by a link (a mounted disk); what is in it may not.
fn check_data(data: &Path) -> Result<(), SiteError> {
    let failed = |error| SiteError::Io { path: data.into(), what: "cannot be read", error };
    check_folder(data, &fs::metadata(data).map_err(failed)?)
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authority({} {:?})", self.id, self.keys[0])
    }
}
