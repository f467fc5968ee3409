//! SQLite as the registry: it does what every engine has to, and says in one line what it cannot do.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use tollgate_site::registry::{
    Head, Registry, RegistryError, SCHEMA_VERSION, Sqlite, SqliteOptions, conformance,
};

/// A registry whose folder goes away with it.
struct Kept {
    registry: Sqlite,
    _folder: tempfile::TempDir,
}

impl Registry for Kept {
    fn write(&self, work: &mut tollgate_site::registry::Work<'_>) -> Result<(), RegistryError> {
        self.registry.write(work)
    }

    fn read(&self, work: &mut tollgate_site::registry::Work<'_>) -> Result<(), RegistryError> {
        self.registry.read(work)
    }
}

fn create(path: &Path) -> Sqlite {
    Sqlite::create(path, SqliteOptions::default()).unwrap()
}

#[test]
fn sqlite_conforms() {
    conformance::run(&|| {
        let folder = tempfile::tempdir().unwrap();
        let registry = create(&folder.path().join("registry.db"));
        Box::new(Kept { registry, _folder: folder })
    });
}

fn raw(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn every_version_but_ours_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    let open = || Sqlite::open(&path, SqliteOptions::default()).map(drop);
    assert_eq!(open(), Err(RegistryError::Missing(path.clone())));
    drop(create(&path));
    assert_eq!(open(), Ok(()));
    raw(&path, &format!("PRAGMA user_version = {}", SCHEMA_VERSION + 1));
    let newer = RegistryError::Newer { found: SCHEMA_VERSION + 1, known: SCHEMA_VERSION };
    assert_eq!(open(), Err(newer.clone()));
    assert!(newer.to_string().ends_with("schemas only go forward"), "{newer}");
    raw(&path, "PRAGMA application_id = 7");
    assert!(matches!(open(), Err(RegistryError::NotOurs(_))));
    fs::write(&path, "x".repeat(8_192)).unwrap();
    assert!(matches!(open(), Err(RegistryError::NotOurs(_))));
    fs::write(&path, "").unwrap();
    assert!(matches!(open(), Err(RegistryError::NotOurs(_))), "an empty file is no registry");
}

/// As the first version left it.
fn set_back(path: &Path) {
    raw(path, "DROP INDEX client_key; PRAGMA user_version = 1");
}

#[test]
fn what_an_earlier_version_wrote_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    let registry = create(&path);
    registry.write(&mut |rows| rows.set_setting("a", "1")).unwrap();
    drop(registry);
    set_back(&path);
    for _ in 0..2 {
        let registry = Sqlite::open(&path, SqliteOptions::default()).unwrap();
        let mut kept = None;
        registry.read(&mut |rows| rows.setting("a").map(|value| kept = value)).unwrap();
        assert_eq!(kept.as_deref(), Some("1"));
    }
    let connection = rusqlite::Connection::open(&path).unwrap();
    let version = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    assert_eq!(version, Ok(SCHEMA_VERSION));
    // What is live under a key is counted in an index, and no client's row is read.
    let plan = "EXPLAIN QUERY PLAN SELECT count(*), max(expires) FROM client WHERE expires > 5 \
                AND key = (SELECT num FROM site_key WHERE kid = 'k')";
    let plan: String = connection.query_row(plan, [], |row| row.get(3)).unwrap();
    assert!(plan.contains("USING COVERING INDEX client_key"), "{plan}");
}

#[test]
fn a_lock_that_does_not_go_away_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    drop(create(&path));
    let options = SqliteOptions { busy_ms: 20, ..SqliteOptions::default() };
    let registry = Sqlite::open(&path, options).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let write = || registry.write(&mut |rows| rows.set_setting("a", "1"));
    assert_eq!(write(), Err(RegistryError::Busy(20)));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(write(), Ok(()));
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    drop(create(&path));
    let options = SqliteOptions { most_pages: Some(80), ..SqliteOptions::default() };
    let registry = Sqlite::open(&path, options).unwrap();
    registry.write(&mut |rows| rows.set_head(&Head { epoch: [1; 16], seq: 0, at_s: 1 })).unwrap();
    let mut kept = 0;
    let full = loop {
        let key = format!("{kept}");
        match registry.write(&mut |rows| rows.set_setting(&key, &"x".repeat(2_000))) {
            Ok(()) => kept += 1,
            Err(why) => break why,
        }
    };
    assert_eq!(full, RegistryError::Full);
    assert!(kept > 10, "{kept}");
    drop(registry);
    let registry = Sqlite::open(&path, SqliteOptions::default()).unwrap();
    let read = registry.read(&mut |rows| {
        for key in 0..kept {
            assert_eq!(rows.setting(&key.to_string())?.map(|text| text.len()), Some(2_000));
        }
        assert_eq!(rows.setting(&kept.to_string())?, None);
        Ok(())
    });
    assert_eq!(read, Ok(()));
    registry.write(&mut |rows| rows.set_setting("a", "1")).unwrap();
}

#[test]
fn two_that_start_at_once_make_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.db");
    drop(create(&path));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Sqlite::open(&path, SqliteOptions::default()).map(drop).unwrap());
        }
    });
}
