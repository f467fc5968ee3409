//! `keys/<kid>.pem`: the private key as PKCS#8 in PEM (RFC 7468 section 10), named by its thumbprint.

use std::path::{Path, PathBuf};

use pem_rfc7468::LineEnding;
use tollgate::jws::{base64url, public_jwk};
use tollgate::{Algorithm, SigningKey};
use zeroize::Zeroizing;

use crate::error::SiteError;
use crate::files::{Readers, read_private, write_new};
use crate::registry::KeyRow;

const LABEL: &str = "PRIVATE KEY";

/// Length of a `kid`: base64url of 32 bytes.
const KID_LEN: usize = 43;

/// The key's name: its thumbprint (RFC 7638). It cannot be given to another key, and whoever holds the
/// public key can check it.
pub(crate) fn kid(key: &SigningKey) -> String {
    base64url(&key.thumbprint())
}

/// Whether the text could be a `kid`. It becomes a file name, so nothing else may stand in it.
pub(crate) fn is_kid(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == KID_LEN && text.bytes().all(is_base64url)
}

pub(crate) fn path(keys: &Path, kid: &str) -> PathBuf {
    keys.join(format!("{kid}.pem"))
}

/// Writes the key's file; gives its path.
pub(crate) fn write(keys: &Path, key: &SigningKey) -> Result<PathBuf, SiteError> {
    let path = path(keys, &kid(key));
    let der = key.to_pkcs8()?;
    let pem = pem_rfc7468::encode_string(LABEL, LineEnding::LF, &der).map(Zeroizing::new);
    let pem = pem.map_err(|error| unfit(&path, format!("cannot be put into PEM: {error}")))?;
    write_new(&path, pem.as_bytes(), Readers::Owner)?;
    Ok(path)
}

/// Makes a key in the folder; gives its file too.
pub(crate) fn make_key(
    keys: &Path,
    algorithm: Algorithm,
    issuer: &str,
    now_s: i64,
    active_from_s: i64,
) -> Result<(PathBuf, KeyRow), SiteError> {
    let key = draw(algorithm)?;
    Ok((write(keys, &key)?, key_row(&key, issuer, now_s, active_from_s)))
}

/// Makes a key whose name can be written at the command line: one in 64 would begin with a hyphen, as options do, and
/// is drawn again.
fn draw(algorithm: Algorithm) -> Result<SigningKey, SiteError> {
    loop {
        let key = SigningKey::generate(algorithm)?;
        if !kid(&key).starts_with('-') {
            return Ok(key);
        }
    }
}

/// A key as the registry keeps it.
pub(crate) fn key_row(key: &SigningKey, issuer: &str, now_s: i64, active_from_s: i64) -> KeyRow {
    let name = kid(key);
    // Each key says whose it is, as Entra's do: a gate takes no other site's for ours.
    let mut jwk = public_jwk(key, &name);
    jwk["issuer"] = issuer.into();
    KeyRow {
        kid: name,
        alg: key.algorithm().name().into(),
        jwk: jwk.to_string(),
        created_s: now_s,
        active_from_s,
        withdrawn_s: None,
    }
}

/// Reads the key of that name.
///
/// # Errors
/// When the file is not private, not one PEM block of a PKCS#8 key for the algorithm, or the key is
/// not the one that the name says.
pub(crate) fn read(
    keys: &Path,
    wanted: &str,
    algorithm: Algorithm,
) -> Result<SigningKey, SiteError> {
    let path = path(keys, wanted);
    let pem = read_private(&path)?;
    // The decoder speaks of a NUL byte where there is nothing.
    if pem.trim_ascii().is_empty() {
        return Err(unfit(&path, "is empty; restore it from a backup".into()));
    }
    // The label is looked at first: of an encrypted key, or another kind, nothing is decoded.
    let label = pem_rfc7468::decode_label(&pem);
    let label = label.map_err(|error| unfit(&path, format!("is not PEM: {error}")))?;
    if label != LABEL {
        let why = format!("holds {label:?} instead of an unencrypted PKCS#8 {LABEL:?}");
        return Err(unfit(&path, why));
    }
    let (_, der) = pem_rfc7468::decode_vec(&pem)
        .map_err(|error| unfit(&path, format!("is not PEM: {error}")))?;
    let key = SigningKey::from_pkcs8(algorithm, &Zeroizing::new(der));
    let key = key.map_err(|why| unfit(&path, format!("is no key to sign with: {why}")))?;
    match kid(&key) {
        found if found == wanted => Ok(key),
        found => Err(unfit(&path, format!("holds another key, {found}"))),
    }
}

fn unfit(path: &Path, why: String) -> SiteError {
    SiteError::Unfit { path: path.into(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_key_looks_like_an_option() {
        // Without drawing again 1,000 pass one in seven million times.
        for _ in 0..1_000 {
            let name = draw(Algorithm::EdDsa).map(|key| kid(&key)).unwrap_or_default();
            assert!(is_kid(&name) && !name.starts_with('-'), "{name}");
        }
    }
}
