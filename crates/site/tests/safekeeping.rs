//! Backups that let nobody in who was thrown out, and an audit that shows what was done to it.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::fs;
use std::path::PathBuf;

use support::{ADMIN, DAY_S, Device, Made, NOW_S, site, why};
use tollgate_site::registry::{Kind, Registry, Sqlite, SqliteOptions};
use tollgate_site::{Authority, NewBulkToken, Order, Since, Target, Undo};

impl Made {
    fn backup(&self, now_s: i64) -> PathBuf {
        let file = self.folder.path().join(format!("backup-{now_s}.db"));
        self.site.backup(&file, ADMIN, now_s).unwrap();
        file
    }

    fn restore(&self, file: &std::path::Path, since: &Since, now_s: i64) -> Authority {
        Authority::restore(&self.data(), file, since, ADMIN, now_s).unwrap();
        Authority::open(&self.data()).unwrap()
    }
}

#[test]
fn whoever_was_thrown_out_since_the_backup_stays_out() {
    let made = site();
    let site = &made.site;
    let bulk = made.bulk(NOW_S);
    let (thief, owner, forgiven) = (Device::new(), Device::new(), Device::new());
    let stolen = thief.register(site, &bulk, "r", NOW_S).unwrap();
    let back = forgiven.register(site, &bulk, "r", NOW_S).unwrap();
    let order = Order::default();
    site.withdraw(&[Target::Client(back.client)], &order, ADMIN, NOW_S).unwrap();
    let file = made.backup(NOW_S + 10);

    // What the backup does not know.
    site.withdraw(&[Target::Client(stolen.client)], &order, ADMIN, NOW_S + 20).unwrap();
    site.undo(&Undo::Target(Target::Client(back.client)), false, ADMIN, NOW_S + 20).unwrap();
    let late = owner.register(site, &bulk, "r", NOW_S + 20).unwrap();
    let epoch = site.registry_head().unwrap().epoch;

    let restored = made.restore(&file, &Since::Journal, NOW_S + 30);
    let head = restored.registry_head().unwrap();
    assert_ne!(head.epoch, epoch);
    let day_30 = NOW_S + 31 * DAY_S;
    assert_eq!(why(thief.renew(&restored, stolen.issued.token(), "n", day_30)), "client_withdrawn");
    forgiven.renew(&restored, back.issued.token(), "n", day_30).unwrap();
    // A client of after the backup is the site's own word, and is known again once it comes.
    assert!(restored.client(late.client).is_err());
    let renewed = owner.renew(&restored, late.issued.token(), "n", day_30).unwrap();
    assert_eq!((renewed.client, renewed.generation), (late.client, 2));
    // Nobody knows how often the bulk token was used.
    let token = &restored.bulk_tokens(support::FIRST).unwrap()[0];
    assert!(token.is_blocked);
    assert_eq!(why(Device::new().register(&restored, &bulk, "r", day_30)), "bulk_withdrawn");
    restored.verify_audit().unwrap().unwrap();
    // Those who had it open go on with what was restored.
    assert_eq!(made.site.registry_head().unwrap().epoch, head.epoch);
    assert!(site.client(stolen.client).unwrap().1.is_some());
}

#[test]
fn a_backup_of_an_earlier_version_is_put_back() {
    let made = site();
    let device = Device::new();
    let grant = device.register(&made.site, &made.bulk(NOW_S), "r", NOW_S).unwrap();
    let file = made.backup(NOW_S + 10);
    let backup = rusqlite::Connection::open(&file).unwrap();
    backup.execute_batch("DROP INDEX client_key; PRAGMA user_version = 1").unwrap();
    drop(backup);
    let gone = [Target::Client(grant.client)];
    made.site.withdraw(&gone, &Order::default(), ADMIN, NOW_S + 20).unwrap();
    let restored = made.restore(&file, &Since::Journal, NOW_S + 30);
    assert!(restored.client(grant.client).unwrap().1.is_some());
    let before = fs::read(&file).unwrap();
    assert_eq!(Sqlite::look_into(&file).unwrap(), Some(restored.id()));
    assert_eq!(fs::read(&file).unwrap(), before, "a backup is only read");
}

#[test]
fn keys_of_after_the_backup_are_believed_and_withdrawn_ones_are_not() {
    let made = site();
    let site = &made.site;
    let file = made.backup(NOW_S);
    let good = site.rotate_keys(tollgate::Algorithm::Es256, ADMIN, NOW_S).unwrap();
    let due = good.active_from_s;
    let device = Device::new();
    let grant = device.register(site, &made.bulk(due), "r", due).unwrap();
    let stolen = site.rotate_keys(tollgate::Algorithm::EdDsa, ADMIN, due).unwrap();
    site.withdraw(&[Target::Key(stolen.kid.clone())], &Order::default(), ADMIN, due).unwrap();
    let first = site.keys(due)[0].kid.clone();
    site.withdraw(&[Target::Key(first.clone())], &Order::default(), ADMIN, due).unwrap();

    let restored = made.restore(&file, &Since::Journal, due + 10);
    let published = fs::read_to_string(restored.public_keys_file()).unwrap();
    assert!(published.contains(&good.kid), "it signed tokens that are good");
    assert!(!published.contains(&stolen.kid) && !published.contains(&first), "{published}");
    let day_30 = due + 31 * DAY_S;
    assert_eq!(device.renew(&restored, grant.issued.token(), "n", day_30).unwrap().generation, 2);
}

#[test]
fn bulk_tokens_wait_for_their_administrator_after_a_restore() {
    let made = site();
    let bulk = made.bulk(NOW_S);
    let file = made.backup(NOW_S);
    let made_later = made.bulk(NOW_S + 5);
    let restored = made.restore(&file, &Since::Journal, NOW_S + 10);
    let register = |bulk: &str| Device::new().register(&restored, bulk, "r", NOW_S + 11);
    assert_eq!(why(register(&bulk)), "bulk_withdrawn");
    assert_eq!(why(register(&made_later)), "bulk_unknown");
    let id = restored.bulk_tokens(support::FIRST).unwrap()[0].id;
    restored.undo(&Undo::Target(Target::BulkToken(id)), false, ADMIN, NOW_S + 11).unwrap();
    register(&bulk).unwrap();
}

#[test]
fn without_its_journal_a_restore_stops_unless_it_is_told_what_to_distrust() {
    let made = site();
    let bulk = made.bulk(NOW_S);
    let (old, young) = (Device::new(), Device::new());
    let before = old.register(&made.site, &bulk, "r", NOW_S).unwrap();
    let file = made.backup(NOW_S + 10);
    let copy = made.folder.path().join("copy.jsonl");
    let gone = [Target::Client(before.client)];
    made.site.withdraw(&gone, &Order::default(), ADMIN, NOW_S + 20).unwrap();
    fs::rename(made.data().join("journal.jsonl"), &copy).unwrap();
    // Without a journal nothing is withdrawn, rather than half.
    let said =
        made.site.withdraw(&[Target::Tenant(before.client)], &Order::default(), ADMIN, NOW_S + 21);
    assert!(said.unwrap_err().to_string().contains("journal.jsonl: cannot be written"));
    let restore = |since: &Since| Authority::restore(&made.data(), &file, since, ADMIN, NOW_S + 30);
    let said = restore(&Since::Journal).unwrap_err().to_string();
    assert!(
        said.contains("--withdrawals FILE") && said.contains("--distrust-issued-before"),
        "{said}"
    );
    let done = restore(&Since::File(copy)).unwrap();
    assert_eq!((done.replayed, done.blocked), (1, 1));

    restore(&Since::Distrust(NOW_S + 15)).unwrap();
    let restored = Authority::open(&made.data()).unwrap();
    let day_30 = NOW_S + 31 * DAY_S;
    assert_eq!(why(old.renew(&restored, before.issued.token(), "n", day_30)), "issued_before");
    let fresh = restored.new_bulk_token(&NewBulkToken::default(), ADMIN, day_30).unwrap();
    young.register(&restored, fresh.token(), "r", day_30).unwrap();
}

#[test]
fn a_journal_that_is_not_whole_or_not_ours_restores_nothing() {
    let (made, other) = (site(), site());
    let gone = [Target::Client(tollgate::Guid([9; 16]))];
    let copy = made.folder.path().join("old.jsonl");
    fs::copy(made.site.journal_file(), &copy).unwrap();
    made.site.withdraw(&gone, &Order::default(), ADMIN, NOW_S).unwrap();
    let file = made.backup(NOW_S);
    let data = other.folder.path().join("other");
    let stranger =
        Authority::init(&data, tollgate::Guid([1; 16]), tollgate::Algorithm::Es256, NOW_S).unwrap();
    stranger.withdraw(&gone, &Order::default(), ADMIN, NOW_S).unwrap();
    for (journal, expected) in [
        (copy.as_path(), "the journal ends before the backup (change 1): it is not whole"),
        (stranger.journal_file(), "the journal is not this site's: its change 1"),
    ] {
        let since = Since::File(journal.into());
        let done = Authority::restore(&made.data(), &file, &since, ADMIN, NOW_S + 1);
        let said = done.unwrap_err().to_string();
        assert!(said.contains(expected) && said.ends_with("nothing was changed"), "{said}");
    }
    let epoch = made.site.registry_head().unwrap().epoch;
    made.restore(&file, &Since::Journal, NOW_S + 2);
    assert_ne!(made.site.registry_head().unwrap().epoch, epoch);
}

#[test]
fn a_device_that_the_backup_forgot_costs_nobody_else_anything() {
    let made = site();
    let file = made.backup(NOW_S);
    let bulk = made.bulk(NOW_S + 1);
    let device = Device::new();
    let old = device.register(&made.site, &bulk, "r", NOW_S + 1).unwrap();
    let restored = made.restore(&file, &Since::Journal, NOW_S + 10);
    // Before it renews it registers anew; then it brings the token of before.
    let fresh = restored.new_bulk_token(&NewBulkToken::default(), ADMIN, NOW_S + 11).unwrap();
    let new = device.register(&restored, fresh.token(), "r2", NOW_S + 12).unwrap();
    assert_ne!(new.client, old.client);
    let day_31 = NOW_S + 31 * DAY_S;
    assert_eq!(why(device.renew(&restored, old.issued.token(), "n", day_31)), "client_unknown");
    assert_eq!(device.renew(&restored, new.issued.token(), "n", day_31).unwrap().generation, 2);
    // A time that cannot be meant, or a clock that was set back, changes nothing.
    for before_s in [0, NOW_S * 1_000, i64::MAX] {
        let since = Since::Distrust(before_s);
        let done = Authority::restore(&made.data(), &file, &since, ADMIN, day_31);
        assert!(done.unwrap_err().to_string().contains("is no time between 1970 and now"));
    }
    let done = Authority::restore(&made.data(), &file, &Since::Journal, ADMIN, NOW_S);
    assert!(done.unwrap_err().to_string().contains("the clock says"));
}

#[test]
fn a_registry_that_is_damaged_inside_is_restored_over() {
    let made = site();
    let bulk = made.bulk(NOW_S);
    for _ in 0..200 {
        Device::new().register(&made.site, &bulk, "r", NOW_S).unwrap();
    }
    let file = made.backup(NOW_S);
    let data = made.data();
    drop(made.site);
    rusqlite::Connection::open(data.join("registry.db"))
        .unwrap()
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let mut bytes = fs::read(data.join("registry.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0x55);
    fs::write(data.join("registry.db"), &bytes).unwrap();
    let done = Authority::restore(&data, &file, &Since::Journal, ADMIN, NOW_S + 1).unwrap();
    assert!(done.moved.is_some());
    let opened = Authority::open(&data).unwrap();
    assert_eq!(opened.count_clients(&Default::default()).unwrap(), 200);
}

#[test]
fn a_restore_takes_this_sites_backups_only_and_whole() {
    let (made, other) = (site(), site());
    let foreign = other.folder.path().join("b.db");
    // The same GUID would be the same site; this one has another.
    let data = other.folder.path().join("other");
    let stranger =
        Authority::init(&data, tollgate::Guid([1; 16]), tollgate::Algorithm::Es256, NOW_S).unwrap();
    stranger.backup(&foreign, ADMIN, NOW_S).unwrap();
    let restore = |file: &std::path::Path| {
        let done = Authority::restore(&made.data(), file, &Since::Journal, ADMIN, NOW_S);
        done.unwrap_err().to_string()
    };
    assert!(restore(&foreign).contains("is a backup of site 01010101-"), "{}", restore(&foreign));
    let file = made.backup(NOW_S);
    let mut bytes = fs::read(&file).unwrap();
    bytes[5_000..9_000].fill(0x55);
    fs::write(&file, &bytes).unwrap();
    let said = restore(&file);
    assert!(said.contains("damaged") || said.contains("malformed"), "{said}");
    let head = made.site.registry_head().unwrap();
    assert_eq!(head.seq, 0, "nothing was changed");
}

#[test]
fn a_registry_that_is_gone_or_broken_is_told_of_and_restored_over() {
    let made = site();
    let file = made.backup(NOW_S);
    let target = [Target::Client(tollgate::Guid([9; 16]))];
    made.site.withdraw(&target, &Order::default(), ADMIN, NOW_S + 1).unwrap();
    let data = made.data();
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
        let _ = fs::remove_file(data.join(name));
    }
    let said = Authority::open(&data).unwrap_err().to_string();
    assert!(said.contains("registry.db: is missing, and with it every withdrawal"), "{said}");
    let done = Authority::restore(&data, &file, &Since::Journal, ADMIN, NOW_S + 2).unwrap();
    assert_eq!((done.replayed, done.moved), (1, None));
    fs::write(data.join("registry.db"), vec![0x55; 8_192]).unwrap();
    let _ = fs::remove_file(data.join("registry.db-wal"));
    assert!(Authority::open(&data).is_err());
    let done = Authority::restore(&data, &file, &Since::Journal, ADMIN, NOW_S + 3).unwrap();
    assert!(done.moved.unwrap().ends_with(format!("registry.db.broken-{}", NOW_S + 3)));
    let opened = Authority::open(&data).unwrap();
    assert_eq!(opened.withdrawals(0, 9).unwrap()[0].kind, Kind::Client);
}

/// Changes the registry behind the site's back.
fn raw(made: &Made, sql: &str) {
    rusqlite::Connection::open(made.site.registry_file()).unwrap().execute_batch(sql).unwrap();
}

/// A site with some rows of audit.
fn audited() -> Made {
    let made = site();
    for round in 0..6 {
        made.bulk(NOW_S + round);
    }
    made
}

#[test]
fn an_audit_shows_a_cut_an_edit_and_a_swap() {
    for (sql, row, expected) in [
        ("DELETE FROM audit WHERE seq = 3", 4, "rows between them were cut"),
        ("DELETE FROM audit WHERE seq = 1", 2, "the rows before it were cut"),
        ("DELETE FROM audit WHERE seq > 3", 3, "the end was cut off"),
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 2", 2, "was edited"),
        ("UPDATE audit SET at = at - 1 WHERE seq = 2", 2, "was edited"),
        ("UPDATE audit SET detail = '{}' WHERE seq = 6", 6, "was edited"),
        (
            "UPDATE audit SET seq = 100 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; \
             UPDATE audit SET seq = 3 WHERE seq = 100",
            2,
            "was edited, or swapped",
        ),
        (
            "UPDATE audit SET checkpoint = (SELECT checkpoint FROM audit WHERE seq = 2) WHERE seq = 3",
            3,
            "signs another row",
        ),
        ("UPDATE audit SET checkpoint = 'x.y.z' WHERE seq = 3", 3, "forged"),
        ("UPDATE audit SET checkpoint = NULL", 6, "no checkpoint signs any"),
    ] {
        let made = audited();
        made.site.verify_audit().unwrap().unwrap();
        raw(&made, sql);
        let broken = made.site.verify_audit().unwrap().unwrap_err();
        assert_eq!(broken.seq, row, "{sql}: {broken}");
        assert!(broken.why.contains(expected), "{sql}: {broken}");
    }
}

#[test]
fn an_export_is_verified_by_itself() {
    let made = audited();
    let mut text = Vec::new();
    assert_eq!(made.site.export_audit(0, &mut text).unwrap(), 6);
    let text = String::from_utf8(text).unwrap();
    let file = made.folder.path().join("audit.jsonl");
    let judge = |text: &str| {
        fs::write(&file, text).unwrap();
        made.site.verify_export(&file).unwrap()
    };
    assert_eq!(judge(&text).unwrap().rows, 6);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(judge(&lines[2..].join("\n")).unwrap().from, 3, "a part of it");
    let cut = [&lines[..2], &lines[3..]].concat().join("\n");
    assert!(judge(&cut).unwrap_err().why.contains("were cut"));
    let swapped = [lines[0], lines[2], lines[1]].join("\n");
    assert!(judge(&swapped).is_err());
    for (from, to) in
        [("bulk-token new", "bulk-token old"), ("\"actor\":\"admin\"", "\"actor\":\"x\"")]
    {
        assert!(text.contains(from), "{from}");
        assert!(judge(&text.replacen(from, to, 1)).is_err(), "{from}");
    }
    // A file without its end is whole in itself; whoever knows how far it went sees it.
    let cut = judge(&lines[..4].join("\n")).unwrap();
    assert_eq!((cut.to, cut.signed_to()), (4, 4));
    assert!(cut.clone().reaching(4).is_ok());
    let broken = cut.reaching(6).unwrap_err();
    assert_eq!(broken.seq, 4);
    assert!(broken.why.contains("has to reach row 6: the end was cut off"), "{broken}");
    assert!(judge("").unwrap().reaching(1).is_err(), "nothing at all");
    // What people read is what was hashed.
    let shown = text.replacen("\"detail\":{", "\"detail\":{\"a\":1,", 1);
    assert!(judge(&shown).is_err());
}

#[test]
fn registrations_are_signed_by_the_thousand() {
    let made = site();
    let bulk = made.bulk(NOW_S);
    // The bulk token is an administrator's act, and signed by itself.
    let unsigned = |site: &Authority| site.verify_audit().unwrap().unwrap().unsigned;
    assert_eq!(unsigned(&made.site), 0);
    for _ in 0..3 {
        Device::new().register(&made.site, &bulk, "r", NOW_S + 1).unwrap();
    }
    assert_eq!(unsigned(&made.site), 3);
    // Whoever cuts an end off can write rows of that kind in its place.
    let verified = made.site.verify_audit().unwrap().unwrap();
    assert_eq!((verified.to, verified.signed_to()), (4, 1));
    let broken = verified.clone().reaching(4).unwrap_err();
    assert!(broken.why.contains("no checkpoint signs row 4"), "{broken}");
    assert!(verified.reaching(1).is_ok());
    Device::new().register(&made.site, &bulk, "r", NOW_S + 60).unwrap();
    assert_eq!(unsigned(&made.site), 0, "a minute has passed");
    for _ in 0..2 {
        Device::new().register(&made.site, &bulk, "r", NOW_S + 61).unwrap();
    }
    made.site.tend(NOW_S + 200).unwrap();
    assert_eq!(unsigned(&made.site), 0, "whoever tends the site signs what is left");
}

#[test]
fn what_is_no_longer_needed_goes() {
    let made = site();
    let bulk = made.bulk(NOW_S);
    let device = Device::new();
    let grant = device.register(&made.site, &bulk, "r", NOW_S).unwrap();
    let gone = [Target::Client(grant.client)];
    made.site.withdraw(&gone, &Order::default(), ADMIN, NOW_S).unwrap();
    let tended = made.site.tend(NOW_S + DAY_S + 1).unwrap();
    assert_eq!((tended.replies, tended.withdrawals), (1, 0));
    // Once no token of the client can be valid gates need not know; the site still does.
    assert_eq!(made.site.tend(NOW_S + 91 * DAY_S).unwrap().withdrawals, 0, "an older one may live");
    let later = NOW_S + 733 * DAY_S;
    assert_eq!(made.site.tend(later).unwrap().withdrawals, 1);
    assert!(made.site.withdrawals(0, 9).unwrap().is_empty());
    let fresh = made.bulk(later);
    assert_eq!(why(device.register(&made.site, &fresh, "r2", later)), "client_withdrawn");
    // What gates forgot the site can still take back.
    let before = made.site.registry_head().unwrap().seq;
    let undo = Undo::Target(gone[0].clone());
    made.site.undo(&undo, false, ADMIN, later).unwrap();
    assert!(made.site.undo(&undo, false, ADMIN, later).is_err(), "once");
    assert_eq!(made.site.registry_head().unwrap().seq, before + 1);
    device.register(&made.site, &fresh, "r3", later).unwrap();
    let registry = Sqlite::open(&made.site.registry_file(), SqliteOptions::default()).unwrap();
    registry
        .read(&mut |rows| {
            let (head, left) = (rows.head()?, rows.changes(0, 9)?);
            // The last change stays: by it gates know the history again.
            assert_eq!((head.seq, left.len()), (2, 2));
            assert_eq!(rows.setting("change_from")?.as_deref(), Some("1"));
            Ok(())
        })
        .unwrap();
}
