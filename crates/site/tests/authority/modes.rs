//! Who may read what, on unix.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use tollgate::Algorithm;
use tollgate_site::Authority;

use super::{NOW_S, SITE, everything, line, site};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn everything_private_is_made_for_its_owner_alone() {
    let made = site(Algorithm::Es256);
    let private = made.private_key();
    let found = [&made.data(), &made.file("keys"), &private, &made.file("site.json")];
    assert_eq!(found.map(|path| mode(path)), [0o700, 0o700, 0o600, 0o600]);
    assert_eq!(mode(&made.authority.public_keys_file()), 0o644);
}

#[test]
fn a_private_file_that_is_open_to_others_is_not_read() {
    let made = site(Algorithm::Es256);
    let private = made.private_key();
    for (path, good) in [
        (made.data(), 0o700),
        (made.file("keys"), 0o700),
        (private, 0o600),
        (made.file("site.json"), 0o600),
    ] {
        for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001] {
            set_mode(&path, good | bit);
            let name = path.display();
            let wide = good | bit;
            let expected =
                format!("{name}: is open to others (mode {wide:03o}); chmod {good:o} {name}");
            assert_eq!(made.refusal(), expected);
        }
        set_mode(&path, good);
        Authority::open(&made.data()).unwrap();
    }
    // Narrower than it was made is nobody's business.
    set_mode(&made.private_key(), 0o400);
    Authority::open(&made.data()).unwrap();
}

#[test]
fn a_folder_that_is_there_is_taken_if_it_is_private() {
    let folder = tempfile::tempdir().unwrap();
    set_mode(folder.path(), 0o755);
    let init = || Authority::init(folder.path(), SITE, Algorithm::Es256, NOW_S);
    let why = line(&init().unwrap_err());
    assert!(why.contains("is open to others (mode 755); chmod 700 "), "{why}");
    assert!(everything(folder.path()).is_empty());
    set_mode(folder.path(), 0o700);
    init().unwrap();
}

#[test]
fn links_and_pipes_are_not_read() {
    let made = site(Algorithm::Es256);
    for path in [made.file("site.json"), made.private_key(), made.file("keys")] {
        let aside = made.folder.path().join("aside");
        fs::rename(&path, &aside).unwrap();
        symlink(&aside, &path).unwrap();
        let expected = if path.ends_with("keys") { "is not a directory" } else { "is a link" };
        assert!(made.refusal().contains(expected), "{}", made.refusal());
        fs::remove_file(&path).unwrap();
        if !aside.is_dir() {
            let made_pipe = Command::new("mkfifo").arg("-m600").arg(&path).status();
            assert!(made_pipe.is_ok_and(|status| status.success()), "mkfifo is POSIX");
            assert!(made.refusal().contains("is not a regular file"), "{}", made.refusal());
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
            assert!(made.refusal().contains("is a directory"), "{}", made.refusal());
            fs::remove_dir(&path).unwrap();
        }
        fs::rename(&aside, &path).unwrap();
    }
    // A link that leads nowhere is something too: a site behind it would be made elsewhere.
    let folder = tempfile::tempdir().unwrap();
    symlink("nowhere", folder.path().join("site-keys.json")).unwrap();
    let why = line(&Authority::init(folder.path(), SITE, Algorithm::Es256, NOW_S).unwrap_err());
    assert!(why.contains("has site-keys.json but no site.json"), "{why}");
    // The folder itself may be reached by one, as mounted disks are.
    let link = made.folder.path().join("link");
    symlink(made.data(), &link).unwrap();
    Authority::open(&link).unwrap();
}

#[test]
fn a_folder_that_takes_no_files_is_one_line_and_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    set_mode(folder.path(), 0o500);
    let is_root = fs::create_dir(folder.path().join("probe")).is_ok();
    if is_root {
        // Past the harness, which swallows what a passing test prints by macro.
        let line = "SKIPPED: a read-only folder, since permissions do not bind root\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    }
    for (data, named) in [(folder.path().to_owned(), "keys"), (folder.path().join("site"), "site")]
    {
        let why = line(&Authority::init(&data, SITE, Algorithm::Es256, NOW_S).unwrap_err());
        let expected = format!("{named}: cannot be made: Permission denied");
        assert!(why.contains(&expected), "{why}");
    }
    assert!(everything(folder.path()).is_empty());
    set_mode(folder.path(), 0o700);
}
