//! What every engine of the registry has to do. A test of the engine calls [`run`]; it panics where the engine
//! does something else.
//!
//! Rules of the site are not in here: they stand above the registry, once. This is what they lean on.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use tollgate::Guid;

use super::{
    AuditEntry, BulkToken, Change, Client, ClientFilter, ClientState, Effect, Head, Imported,
    KeyRow, Kind, Page, Person, Registry, RegistryError, Reply, Rows, WithdrawnRow,
};
use crate::token::Provenance;

/// Runs every check, each on a registry of its own that `make` gives: empty, with its schema.
///
/// # Panics
/// Where the engine does something else than it has to.
pub fn run(make: &dyn Fn() -> Box<dyn Registry>) {
    let checks: [(&str, Check); 10] = [
        ("a transaction is done whole or not at all", is_atomic),
        ("a reader sees one state", reads_one_state),
        ("uses are counted exactly, whoever counts", counts_uses_exactly),
        ("no two clients have one key", keeps_keys_apart),
        ("a renewal is a compare-and-swap", swaps_generations),
        ("lists come in pages, in their order", lists_in_pages),
        ("the feed has no gap, whoever writes", has_no_gap),
        ("withdrawals come back in their order", keeps_withdrawals),
        ("answers are kept and forgotten", keeps_replies),
        ("what is known comes back as it was", keeps_the_rest),
    ];
    for (name, check) in checks {
        let registry = make();
        get(&*registry, |rows| {
            rows.set_head(&Head { epoch: [1; 16], seq: 0, at_s: 1 })?;
            rows.add_key(&key("k1"))
        });
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&*registry)));
        assert!(checked.is_ok(), "not so: {name}");
    }
}

type Check = fn(&dyn Registry);

/// Does it in a transaction, which has to succeed.
fn get<T>(
    registry: &dyn Registry,
    mut work: impl FnMut(&mut dyn Rows) -> Result<T, RegistryError>,
) -> T {
    let mut found = None;
    let done = registry.write(&mut |rows| {
        found = Some(work(rows)?);
        Ok(())
    });
    match (done, found) {
        (Ok(()), Some(found)) => found,
        (done, _) => panic!("{done:?}"),
    }
}

fn key(kid: &str) -> KeyRow {
    KeyRow {
        kid: kid.into(),
        alg: "ES256".into(),
        jwk: "{}".into(),
        created_s: 1,
        active_from_s: 2,
        withdrawn_s: None,
    }
}

fn bulk(id: u8, max_uses: Option<u32>) -> BulkToken {
    BulkToken {
        id: Guid([id; 16]),
        label: "été".into(),
        endpoint: Some("internet".into()),
        device_name: None,
        created_s: 5,
        expires_s: 50,
        max_uses,
        uses: 0,
        last_used_s: None,
        kid: "k1".into(),
        is_blocked: false,
    }
}

fn client(id: u8) -> Client {
    Client {
        id: Guid([id; 16]),
        key: [id; 32],
        name: format!("pc{id}"),
        state: ClientState::Active,
        provenance: Provenance::Bulk(Guid([id % 2; 16])),
        device: Some(Guid([9; 16])),
        endpoint: "internet".into(),
        registered_s: 5,
        generation: 1,
        token: Guid([7; 16]),
        issued_s: 5,
        expires_s: 500,
        kid: "k1".into(),
        graces: 0,
        alarms: 0,
    }
}

fn is_atomic(registry: &dyn Registry) {
    let failed = registry.write(&mut |rows| {
        rows.set_setting("a", "1")?;
        rows.add_bulk(&bulk(1, None))?;
        Err(RegistryError::Full)
    });
    assert_eq!(failed, Err(RegistryError::Full));
    assert_eq!(get(registry, |rows| rows.setting("a")), None);
    assert_eq!(get(registry, |rows| rows.bulks(Page { after: None, limit: 9 })), []);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = registry.write(&mut |rows| {
            rows.set_setting("a", "1")?;
            std::panic::resume_unwind(Box::new(()))
        });
    }));
    assert!(panicked.is_err());
    assert_eq!(get(registry, |rows| rows.setting("a")), None, "after a panic");
}

fn reads_one_state(registry: &dyn Registry) {
    get(registry, |rows| rows.set_setting("a", "1"));
    let read = registry.read(&mut |rows| {
        assert_eq!(rows.setting("a")?.as_deref(), Some("1"));
        std::thread::scope(|scope| {
            let write = || get(registry, |rows| rows.set_setting("a", "2"));
            scope.spawn(write).join().map_err(|_| RegistryError::Busy(0))
        })?;
        assert_eq!(rows.setting("a")?.as_deref(), Some("1"), "somebody wrote meanwhile");
        Ok(())
    });
    assert_eq!(read, Ok(()));
    assert_eq!(get(registry, |rows| rows.setting("a")).as_deref(), Some("2"));
}

fn counts_uses_exactly(registry: &dyn Registry) {
    get(registry, |rows| rows.add_bulk(&bulk(1, Some(20))));
    assert!(!get(registry, |rows| rows.use_bulk(Guid([1; 16]), 21, 9)), "more than are left");
    let counted = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let used = get(registry, |rows| rows.use_bulk(Guid([1; 16]), 1, 9));
                    counted.fetch_add(u32::from(used), Relaxed);
                }
            });
        }
    });
    assert_eq!(counted.into_inner(), 20);
    let row = get(registry, |rows| rows.bulk(Guid([1; 16])));
    assert_eq!(row, Some(BulkToken { uses: 20, last_used_s: Some(9), ..bulk(1, Some(20)) }));
    assert!(get(registry, |rows| rows.block_bulk(Guid([1; 16]), true)));
    assert!(!get(registry, |rows| rows.block_bulk(Guid([2; 16]), true)), "there is none");
    assert!(!get(registry, |rows| rows.use_bulk(Guid([2; 16]), 1, 9)), "there is none");
}

fn keeps_keys_apart(registry: &dyn Registry) {
    get(registry, |rows| rows.add_client(&client(1)));
    let again = Client { id: Guid([2; 16]), ..client(1) };
    assert!(registry.write(&mut |rows| rows.add_client(&again)).is_err());
    let again = Client { key: [2; 32], ..client(1) };
    assert!(registry.write(&mut |rows| rows.add_client(&again)).is_err());
    assert_eq!(get(registry, |rows| rows.client_by_key(&[1; 32])), Some(client(1)));
    assert_eq!(get(registry, |rows| rows.client(Guid([2; 16]))), None);
}

fn swaps_generations(registry: &dyn Registry) {
    get(registry, |rows| rows.add_client(&client(1)));
    let renewed = AtomicU32::new(0);
    let next = Client { generation: 2, kid: "k1".into(), ..client(1) };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let won = get(registry, |rows| rows.renew_client(&next, 1));
                renewed.fetch_add(u32::from(won), Relaxed);
            });
        }
    });
    assert_eq!(renewed.into_inner(), 1);
    assert_eq!(get(registry, |rows| rows.client(Guid([1; 16]))), Some(next.clone()));
    get(registry, |rows| rows.count_client(Guid([1; 16]), 1, 2));
    assert!(get(registry, |rows| rows.set_client_state(Guid([1; 16]), ClientState::Withdrawn)));
    let expected = Client { state: ClientState::Withdrawn, graces: 1, alarms: 2, ..next };
    assert_eq!(get(registry, |rows| rows.client(Guid([1; 16]))), Some(expected));
    let live = get(registry, |rows| rows.live_under_key("k1", 499));
    assert_eq!(live, (1, 0, Some(500)));
    assert_eq!(get(registry, |rows| rows.live_under_key("k1", 500)), (0, 0, None));
}

fn lists_in_pages(registry: &dyn Registry) {
    for id in [5, 3, 9, 1, 7, 2] {
        let state = if id == 9 { ClientState::Pending } else { ClientState::Active };
        get(registry, |rows| rows.add_client(&Client { state, ..client(id) }));
    }
    let list = |filter: ClientFilter, after: Option<u8>, limit| {
        let page = Page { after: after.map(|id| Guid([id; 16])), limit };
        let found = get(registry, |rows| rows.clients(&filter, page));
        found.iter().map(|client| client.id.0[0]).collect::<Vec<_>>()
    };
    let all = ClientFilter::default();
    assert_eq!(list(all, None, 4), [1, 2, 3, 5]);
    assert_eq!(list(all, Some(5), 4), [7, 9]);
    let pending = ClientFilter { state: Some(ClientState::Pending), bulk: None };
    assert_eq!(list(pending, None, 4), [9]);
    let odd = ClientFilter { state: Some(ClientState::Active), bulk: Some(Guid([1; 16])) };
    assert_eq!(list(odd, Some(1), 9), [3, 5, 7]);
    assert_eq!(get(registry, |rows| rows.count_clients(&odd)), 4);
    assert_eq!(get(registry, |rows| rows.count_clients(&all)), 6);
    // Bulk tokens by when they were made, whatever their ids are.
    for id in [5, 3, 9, 1] {
        get(registry, |rows| rows.add_bulk(&bulk(id, None)));
    }
    let list = |after: Option<u8>, limit| {
        let page = Page { after: after.map(|id| Guid([id; 16])), limit };
        let found = get(registry, |rows| rows.bulks(page));
        found.iter().map(|token| token.id.0[0]).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 9), [1, 9, 3, 5]);
    assert_eq!(list(None, 3), [1, 9, 3]);
    assert_eq!(list(Some(3), 3), [5]);
    assert_eq!((list(Some(5), 3), list(Some(7), 3)), (vec![], vec![]), "the end, and none");
}

fn change(seq: i64) -> Change {
    Change {
        seq,
        at_s: seq,
        effect: Effect::Withdraw,
        kind: Kind::Client,
        scope: vec![1; 16],
        subject: seq.to_be_bytes().to_vec(),
        before_s: None,
    }
}

fn has_no_gap(registry: &dyn Registry) {
    std::thread::scope(|scope| {
        for writer in 0..8 {
            scope.spawn(move || {
                for round in 0..10 {
                    let _ = registry.write(&mut |rows| {
                        let mut head = rows.head()?;
                        head.seq += 1;
                        rows.add_change(&change(head.seq))?;
                        rows.set_head(&head)?;
                        // Some give up once the number is taken.
                        if (writer + round) % 5 == 0 { Err(RegistryError::Full) } else { Ok(()) }
                    });
                }
            });
        }
        let mut seen = 0;
        while seen < 64 {
            let read = registry.read(&mut |rows| {
                let head = rows.head()?;
                let found: Vec<i64> =
                    rows.changes(seen, 1_000)?.iter().map(|change| change.seq).collect();
                assert_eq!(found, (seen + 1..=head.seq).collect::<Vec<_>>());
                seen = head.seq;
                Ok(())
            });
            assert_eq!(read, Ok(()));
        }
    });
    assert_eq!(get(registry, |rows| rows.compact_changes(60)), 60);
    let left = get(registry, |rows| rows.changes(0, 100));
    assert_eq!(left, (60..=64).map(change).collect::<Vec<_>>());
    assert_eq!(get(registry, |rows| rows.compact_changes(i64::MAX)), 64, "the last one stays");
    assert_eq!(get(registry, |rows| rows.changes(0, 100)), [change(64)]);
}

fn keeps_withdrawals(registry: &dyn Registry) {
    let row = |seq: i64, expires_s| WithdrawnRow {
        kind: Kind::Spki,
        scope: Vec::new(),
        subject: vec![seq as u8; 32],
        before_s: Some(3),
        seq,
        at_s: 4,
        expires_s,
        note: "why".into(),
    };
    for seq in [2, 1, 3] {
        get(registry, |rows| rows.put_withdrawn(&row(seq, (seq != 3).then_some(seq * 10))));
    }
    let again = WithdrawnRow { seq: 4, note: "again".into(), ..row(1, Some(10)) };
    get(registry, |rows| rows.put_withdrawn(&again));
    let seqs = get(registry, |rows| rows.all_withdrawn(0, 9));
    assert_eq!(seqs, [row(2, Some(20)), row(3, None), again.clone()]);
    assert_eq!(get(registry, |rows| rows.all_withdrawn(2, 1)), [row(3, None)]);
    assert_eq!(get(registry, |rows| rows.withdrawn_by(4)), Some(again.clone()));
    assert_eq!(
        get(registry, |rows| rows.withdrawn(Kind::Spki, &[], &[1; 32])),
        Some(again.clone())
    );
    assert_eq!(get(registry, |rows| rows.expired_withdrawn(10, 9)), [again]);
    assert!(get(registry, |rows| rows.remove_withdrawn(Kind::Spki, &[], &[1; 32])));
    assert!(!get(registry, |rows| rows.remove_withdrawn(Kind::Spki, &[], &[1; 32])));
}

fn keeps_replies(registry: &dyn Registry) {
    let reply = |request: u8, at_s| Reply {
        request: [request; 32],
        at_s,
        client: Guid([1; 16]),
        generation: 1,
        id: Guid([2; 16]),
        expires_s: 9,
        token: "a.b.c".into(),
    };
    for at in 1..=5 {
        get(registry, |rows| rows.put_reply(&reply(at, at.into())));
    }
    assert_eq!(get(registry, |rows| rows.reply(&[2; 32])), Some(reply(2, 2)));
    assert_eq!(get(registry, |rows| rows.forget_replies(3, 1)), 1);
    assert_eq!(get(registry, |rows| rows.forget_replies(3, 9)), 1);
    assert_eq!(get(registry, |rows| rows.reply(&[2; 32])), None);
    assert_eq!(get(registry, |rows| rows.reply(&[3; 32])), Some(reply(3, 3)));
    get(registry, |rows| rows.put_reply(&reply(3, 7)));
    assert_eq!(get(registry, |rows| rows.reply(&[3; 32])), Some(reply(3, 7)));
}

fn keeps_the_rest(registry: &dyn Registry) {
    get(registry, |rows| rows.add_key(&key("k2")));
    get(registry, |rows| rows.withdraw_key("k1", 8));
    let gone = KeyRow { withdrawn_s: Some(8), ..key("k1") };
    assert_eq!(get(registry, |rows| rows.keys()), [gone, key("k2")]);
    let id = Guid([3; 16]);
    get(registry, |rows| rows.set_client_setting(id, "a", Some(false)));
    assert_eq!(get(registry, |rows| rows.client_setting(id, "a")), Some(false));
    get(registry, |rows| rows.set_client_setting(id, "a", None));
    assert_eq!(get(registry, |rows| rows.client_setting(id, "a")), None);

    let person = |object: u8, is_enabled| Person {
        tenant: Guid([4; 16]),
        object: Guid([object; 16]),
        sid: format!("S-1-5-{object}"),
        is_enabled,
    };
    assert_eq!(get(registry, |rows| rows.person(Guid([4; 16]), Guid([1; 16]))), None);
    get(registry, |rows| rows.put_person(&person(1, true)));
    get(registry, |rows| rows.put_person(&person(1, false)));
    let known = get(registry, |rows| rows.person(Guid([4; 16]), Guid([1; 16])));
    assert_eq!(known, Some(person(1, false)));
    get(registry, |rows| rows.put_person(&person(2, true)));
    assert_eq!(get(registry, |rows| rows.people(None, 9)), [person(1, false), person(2, true)]);
    let after = Some((Guid([4; 16]), Guid([1; 16])));
    assert_eq!(get(registry, |rows| rows.people(after, 9)), [person(2, true)]);
    assert_eq!(get(registry, |rows| rows.people_by_sid("S-1-5-2")), [person(2, true)]);
    let device = Imported {
        client: Guid([5; 16]),
        tenant: Guid([4; 16]),
        device: Guid([6; 16]),
        join: "hybrid".into(),
    };
    get(registry, |rows| rows.put_device(&device));
    assert_eq!(get(registry, |rows| rows.device(Guid([5; 16]))), Some(device.clone()));
    assert_eq!(get(registry, |rows| rows.device(Guid([6; 16]))), None);
    get(registry, |rows| rows.set_site(Guid([8; 16])));
    assert_eq!(get(registry, |rows| rows.site()), Some(Guid([8; 16])));
    assert_eq!(get(registry, |rows| rows.devices(None, 9)), [device]);
    get(registry, |rows| rows.add_client(&client(5)));
    let tenants = get(registry, |rows| rows.tenants());
    let counts = (tenants[0].users, tenants[0].devices, tenants[0].seen_s);
    assert_eq!((tenants.len(), counts), (1, (1, 1, Some(5))));

    let entry = |seq: i64, checkpoint: Option<&str>| AuditEntry {
        seq,
        at_s: 5,
        actor: "a".into(),
        act: "b".into(),
        subject: "c".into(),
        detail: "{}".into(),
        hash: [seq as u8; 32],
        checkpoint: checkpoint.map(Into::into),
    };
    assert_eq!(get(registry, |rows| rows.last_audit()), None);
    get(registry, |rows| rows.add_audit(&entry(1, Some("x"))));
    get(registry, |rows| rows.add_audit(&entry(2, None)));
    assert!(registry.write(&mut |rows| rows.add_audit(&entry(2, None))).is_err(), "no place twice");
    assert_eq!(get(registry, |rows| rows.last_audit()), Some(entry(2, None)));
    assert_eq!(get(registry, |rows| rows.last_checkpoint()), Some((1, 5)));
    assert_eq!(get(registry, |rows| rows.audit(1, 9)), [entry(2, None)]);
}
