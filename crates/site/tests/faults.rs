//! When disk, clock, files and other processes do not do what they should: one clear line, and nothing lost.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::fs;

use support::{ADMIN, DAY_S, Device, NOW_S, site, why};
use tollgate_site::registry::SqliteOptions;
use tollgate_site::{Authority, Order, Target};

#[test]
fn a_clock_set_back_lets_nothing_live_again() {
    let made = site();
    let bulk = made.bulk(NOW_S);
    let late = made.bulk(NOW_S + 4 * DAY_S);
    // By a clock set back the first token would not have ended.
    let denied = Device::new().register(&made.site, &bulk, "r", NOW_S).unwrap_err();
    assert_eq!(denied.name(), "registry_unavailable");
    assert!(denied.detail.contains("345600 s later"), "{denied}");
    assert_eq!(denied.class().http_status(), 503, "our fault, and not the client's");
    let said = made.site.withdraw(&[], &Order::default(), ADMIN, NOW_S).unwrap_err().to_string();
    assert!(said.contains("`tollgate site clock --accept`"), "{said}");
    // Machines that share a site may differ by a little.
    let near = NOW_S + 4 * DAY_S - 300;
    made.site.withdraw(&[], &Order::default(), ADMIN, near).unwrap();
    // If it was the later time that was wrong, the administrator says so.
    assert_eq!(made.site.accept_clock(ADMIN, NOW_S).unwrap(), NOW_S + 4 * DAY_S);
    Device::new().register(&made.site, &bulk, "r", NOW_S).unwrap();
    assert_eq!(why(Device::new().register(&made.site, &late, "r", NOW_S)), "not_yet_valid");
    made.site.verify_audit().unwrap().unwrap();
}

#[test]
fn a_full_disk_refuses_and_goes_on_once_there_is_room() {
    let made = site();
    let bulk = made.bulk(NOW_S);
    let options = SqliteOptions { most_pages: Some(90), ..SqliteOptions::default() };
    let full = Authority::open_with(&made.data(), options).unwrap();
    let mut enrolled = Vec::new();
    let denied = loop {
        match Device::new().register(&full, &bulk, "r", NOW_S) {
            Ok(grant) => enrolled.push(grant.client),
            Err(denied) => break denied,
        }
    };
    assert!(denied.detail.contains("the disk is full: nothing was written"), "{denied}");
    assert!(enrolled.len() > 5, "{}", enrolled.len());
    assert_eq!(made.site.bulk_tokens(support::FIRST).unwrap()[0].uses as usize, enrolled.len());
    for client in enrolled {
        made.site.client(client).unwrap();
    }
    Device::new().register(&made.site, &bulk, "r", NOW_S).unwrap();
    made.site.verify_audit().unwrap().unwrap();
}

#[test]
fn a_locked_registry_is_our_fault_and_passes() {
    let made = site();
    let bulk = made.bulk(NOW_S);
    let options = SqliteOptions { busy_ms: 20, ..SqliteOptions::default() };
    let hasty = Authority::open_with(&made.data(), options).unwrap();
    let other = rusqlite::Connection::open(made.site.registry_file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let denied = Device::new().register(&hasty, &bulk, "r", NOW_S).unwrap_err();
    assert!(denied.detail.contains("locked by another process for more than 20 ms"), "{denied}");
    // Readers do not wait.
    assert_eq!(hasty.bulk_tokens(support::FIRST).unwrap().len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    Device::new().register(&hasty, &bulk, "r", NOW_S).unwrap();
}

#[cfg(unix)]
#[test]
fn a_registry_that_others_may_read_is_refused_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt;
    let made = site();
    let file = made.site.registry_file();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let said = Authority::open(&made.data()).unwrap_err().to_string();
    assert!(said.contains("registry.db: is open to others (mode 640); chmod 600"), "{said}");
}

#[test]
fn another_sites_registry_is_not_ours() {
    let made = site();
    let data = made.folder.path().join("other");
    let other = Authority::init(&data, tollgate::Guid([1; 16]), tollgate::Algorithm::Es256, NOW_S);
    let file = made.folder.path().join("b.db");
    other.unwrap().backup(&file, ADMIN, NOW_S).unwrap();
    drop(made.site);
    let data = made.folder.path().join("site");
    for name in ["registry.db-wal", "registry.db-shm"] {
        let _ = fs::remove_file(data.join(name));
    }
    fs::rename(&file, data.join("registry.db")).unwrap();
    let said = Authority::open(&data).unwrap_err().to_string();
    assert!(said.contains("is the registry of site 01010101-"), "{said}");
}

#[test]
fn a_hundred_thousand_withdrawals_are_one_transaction() {
    let made = site();
    let count = 100_000_u32;
    let targets: Vec<_> = (0..count)
        .map(|number| {
            let mut id = [0x5a; 16];
            id[..4].copy_from_slice(&number.to_be_bytes());
            Target::Client(tollgate::Guid(id))
        })
        .collect();
    let before = made.site.audit_rows().unwrap();
    let effects = made.site.withdraw(&targets, &Order::default(), ADMIN, NOW_S).unwrap();
    assert_eq!((effects.changed, effects.seq), (count.into(), count.into()));
    assert_eq!(made.site.audit_rows().unwrap() - before, i64::from(count), "who each was");
    let last = made.site.withdrawals(i64::from(count) - 1, 9).unwrap();
    assert_eq!(last.len(), 1);
}
