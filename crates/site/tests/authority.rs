//! The site's folder: made once and whole, opened only as it was made.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use tollgate::jws::{KeyRules, KeySet, base64url};
use tollgate::{Algorithm, Guid, Limits, SigningKey};
use tollgate_site::{ALGORITHMS, Authority, BulkRequest, IssueError, KeyState, SiteError};

const SITE: Guid = Guid([0xab; 16]);
const NOW_S: i64 = 1_780_000_000;

/// A site in a folder that goes away with the test.
struct Made {
    folder: TempDir,
    authority: Authority,
}

fn site(algorithm: Algorithm) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::init(&folder.path().join("site"), SITE, algorithm, NOW_S).unwrap();
    Made { folder, authority }
}

impl Made {
    fn data(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// The file of its only key.
    fn private_key(&self) -> PathBuf {
        self.authority.private_key_file(&self.authority.keys(NOW_S)[0].kid)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.data().join(name)
    }

    /// What opening says now: one line.
    fn refusal(&self) -> String {
        line(&Authority::open(&self.data()).unwrap_err())
    }

    fn replace(&self, path: &Path, from: &str, to: &str) {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{from} in {text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

fn line(error: &SiteError) -> String {
    let line = error.to_string();
    assert!(!line.contains('\n') && !line.contains("PRIVATE KEY-----"), "{line}");
    line
}

/// Every file below, with its bytes.
fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(everything(&path)),
            false => found.push((path.clone(), fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}

#[test]
fn a_site_opens_as_it_was_made() {
    for algorithm in ALGORITHMS {
        let made = site(algorithm);
        let opened = Authority::open(&made.data()).unwrap();
        assert_eq!(opened.id(), SITE);
        assert_eq!(opened.created_s(), NOW_S);
        assert_eq!(opened.issuer(), "urn:tollgate:site:abababab-abab-abab-abab-abababababab");
        assert_eq!(opened.keys(NOW_S), made.authority.keys(NOW_S));
        let keys = opened.keys(NOW_S);
        let [key] = keys.as_slice() else { panic!("{keys:?}") };
        assert_eq!((key.algorithm, key.created_s, key.state), (algorithm, NOW_S, KeyState::Active));
        let names: Vec<_> = everything(&made.data()).into_iter().map(|(path, _)| path).collect();
        let pem = made.file(&format!("keys/{}.pem", key.kid));
        let registry = ["registry.db", "registry.db-shm", "registry.db-wal"];
        let files = [&["journal.jsonl"], &registry[..], &["site-keys.json", "site.json"]].concat();
        let mut expected = vec![made.file("journal.jsonl"), pem.clone()];
        expected.extend(files[1..].iter().map(|name| made.file(name)));
        assert_eq!(names, expected);
        assert_eq!(opened.private_key_file(&key.kid), pem);
        assert_eq!(opened.public_keys_file(), made.file("site-keys.json"));
    }
}

#[test]
fn the_kid_is_the_thumbprint_in_every_file() {
    let made = site(Algorithm::Es256);
    let kid = &made.authority.keys(NOW_S)[0].kid;
    let pem = fs::read_to_string(made.private_key()).unwrap();
    let (label, der) = pem_rfc7468::decode_vec(pem.as_bytes()).unwrap();
    assert_eq!(label, "PRIVATE KEY");
    let key = SigningKey::from_pkcs8(Algorithm::Es256, &der).unwrap();
    assert_eq!(base64url(&key.thumbprint()), *kid);

    let json = fs::read(made.authority.public_keys_file()).unwrap();
    let limits = Limits::default();
    let rules =
        KeyRules { algorithms: &ALGORITHMS, secrets: false, cloud_instance: None, limits: &limits };
    let (set, warnings) = KeySet::from_json(&json, &rules).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let kids: Vec<_> = set.keys().map(|key| (key.kid(), key.algorithm())).collect();
    assert_eq!(kids, [(Some(kid.as_str()), Algorithm::Es256)]);
    let names: Value = serde_json::from_slice(&json).unwrap();
    let names: Vec<_> = names["keys"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["alg", "crv", "issuer", "kid", "kty", "use", "x", "y"], "no private part");
    let issuers: Vec<_> = set.keys().flat_map(tollgate::jws::Key::issuers).collect();
    assert_eq!(issuers, [made.authority.issuer()]);
}

#[test]
fn nothing_is_ever_written_over() {
    let made = site(Algorithm::EdDsa);
    let before = everything(&made.data());
    let again = || line(&Authority::init(&made.data(), SITE, Algorithm::EdDsa, NOW_S).unwrap_err());
    assert!(again().ends_with("site: there is a site already; nothing was changed"), "{}", again());
    assert_eq!(everything(&made.data()), before);
    // Its key may have signed: without the record it is still somebody's.
    for (gone, part) in [
        ("site.json", "keys"),
        ("keys", "registry.db"),
        ("registry.db", "journal.jsonl"),
        ("journal.jsonl", "site-keys.json"),
    ] {
        let gone = made.file(gone);
        if gone.is_dir() { fs::remove_dir_all(&gone) } else { fs::remove_file(&gone) }.unwrap();
        let before = everything(&made.data());
        let expected = format!("has {part} but no site.json: ");
        assert!(again().contains(&expected), "{}", again());
        assert_eq!(everything(&made.data()), before);
    }
}

#[test]
fn of_many_that_make_one_site_one_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("site");
    let made = std::thread::scope(|scope| {
        let make = || Authority::init(&data, SITE, Algorithm::Es256, NOW_S);
        let makers: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
        let made: Vec<_> = makers.into_iter().map(|maker| maker.join().unwrap()).collect();
        made.into_iter().flatten().collect::<Vec<_>>()
    });
    let [made] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!(Authority::open(&data).unwrap().keys(NOW_S), made.keys(NOW_S));
    let names: Vec<_> = everything(&data).into_iter().map(|(path, _)| path).collect();
    assert_eq!(names.len(), 7, "nothing half made is left: {names:?}");
}

#[test]
fn where_nothing_can_be_written_one_line_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for data in [file.clone(), file.join("site")] {
        let why = line(&Authority::init(&data, SITE, Algorithm::Es256, NOW_S).unwrap_err());
        assert!(why.contains("Not a directory"), "{why}");
        let why = line(&Authority::open(&data).unwrap_err());
        assert!(why.contains("Not a directory"), "{why}");
    }
    let why = line(&Authority::open(&folder.path().join("nowhere")).unwrap_err());
    assert!(why.ends_with("nowhere: there is no site; `tollgate site init` makes one"), "{why}");
    let why = line(&Authority::init(&file, SITE, Algorithm::Ps256, NOW_S).unwrap_err());
    assert_eq!(why, "a site does not sign by PS256; take one of ES256, EdDSA, RS256");
}

#[test]
fn a_key_file_holds_the_key_that_its_name_says() {
    let made = site(Algorithm::Es256);
    let pem = made.private_key();
    let good = fs::read_to_string(&pem).unwrap();
    let other = site(Algorithm::Es256);
    let other_pem = fs::read_to_string(other.private_key()).unwrap();
    let other_kid = &other.authority.keys(NOW_S)[0].kid;
    let of_type = |algorithm| fs::read_to_string(site(algorithm).private_key());
    let renamed = |label: &str| good.replace("PRIVATE KEY", label);
    for (text, expected) in [
        (other_pem.clone(), &*format!("holds another key, {other_kid}")),
        (
            of_type(Algorithm::EdDsa).unwrap(),
            "it is not an unencrypted PKCS#8 private key for ES256",
        ),
        (
            of_type(Algorithm::Rs256).unwrap(),
            "it is not an unencrypted PKCS#8 private key for ES256",
        ),
        (renamed("ENCRYPTED PRIVATE KEY"), "holds \"ENCRYPTED PRIVATE KEY\" instead of an unenc"),
        (renamed("EC PRIVATE KEY"), "holds \"EC PRIVATE KEY\" instead of an unencrypted PKCS#8"),
        (format!("{good}{other_pem}"), "is not PEM"),
        (good[..good.len() / 2].into(), "is not PEM"),
        (String::new(), "is empty; restore it"),
        (good.replacen("MIG", "MIH", 1), "is no key to sign with"),
        ("x".repeat(16 * 1024 + 1), "is larger than 16384 bytes"),
    ] {
        fs::write(&pem, text).unwrap();
        let why = made.refusal();
        assert!(why.contains(expected), "{expected}: {why}");
        assert!(why.starts_with(pem.to_str().unwrap()), "{why}");
    }
    fs::write(&pem, good).unwrap();
    Authority::open(&made.data()).unwrap();
}

#[test]
fn the_record_says_what_it_means() {
    let made = site(Algorithm::Rs256);
    let record = made.file("site.json");
    for (from, to, expected) in [
        ("\"format\"", "\"owner\": 1,\n  \"format\"", "unknown field `owner`"),
        ("\"format\": 2", "\"format\": 9", "is of format 9; this version reads 2"),
        ("\"id\": \"", "\"id\": \"x", "its `id` is not a GUID"),
    ] {
        made.replace(&record, from, to);
        let why = made.refusal();
        assert!(why.contains("site.json: ") && why.contains(expected), "{expected}: {why}");
        made.replace(&record, to, from);
    }
    // Whoever has the folder without the private key verifies, and does not issue.
    fs::remove_file(made.private_key()).unwrap();
    let opened = Authority::open(&made.data()).unwrap();
    assert!(!opened.keys(NOW_S)[0].is_here);
    let refused = opened.sign_bulk(&BulkRequest::default(), NOW_S);
    assert_eq!(refused.unwrap_err(), IssueError::NoKey);
    fs::remove_dir_all(made.data().join("keys")).unwrap();
    assert!(made.refusal().contains("keys: cannot be read: No such file"), "{}", made.refusal());
}

#[test]
fn nothing_that_is_printed_holds_the_key() {
    let made = site(Algorithm::EdDsa);
    let printed = format!("{:?}", made.authority);
    let pem = fs::read_to_string(made.private_key()).unwrap();
    let secret = pem.lines().nth(1).unwrap();
    assert!(printed.contains("abababab-"), "{printed}");
    assert!(!printed.contains(secret) && printed.len() < 250, "{printed}");
}

#[cfg(unix)]
#[path = "authority/modes.rs"]
mod modes;
