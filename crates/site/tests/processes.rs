//! Several processes on one registry: uses are exact, the feed has no gap, and nothing that was acknowledged is
//! lost, whenever a process is killed.
//!
//! The processes are this test's own binary, told by the environment what to do. `TOLLGATE_KILLS=200` kills so
//! many; the usual run kills a dozen.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use support::{ADMIN, Device, NOW_S, site};
use tollgate::Guid;
use tollgate_site::registry::{ClientState, Kind, Registry, Sqlite, SqliteOptions};
use tollgate_site::{Authority, NewBulkToken, Order, Target};

const ROLE: &str = "TOLLGATE_TEST_ROLE";
const DATA: &str = "TOLLGATE_TEST_DATA";
const BULK: &str = "TOLLGATE_TEST_BULK";

/// A process that does what `role` says with the site in `data`; it says line by line what was acknowledged.
fn start(role: &str, data: &Path, bulk: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "what_a_process_does", "--ignored", "--nocapture", "--quiet"])
        .env(ROLE, role)
        .env(DATA, data)
        .env(BULK, bulk)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

/// Lines that begin with `ack`: the test harness says other things too.
fn acknowledged(out: impl BufRead) -> Vec<String> {
    let lines = out.lines().map_while(Result::ok);
    lines.filter_map(|line| line.strip_prefix("ack ").map(str::to_owned)).collect()
}

fn acknowledge(what: &str) {
    let mut out = std::io::stdout().lock();
    // In one piece, so that a kill leaves whole lines or none.
    let _ = out.write_all(format!("ack {what}\n").as_bytes());
    let _ = out.flush();
}

#[test]
#[ignore = "what the processes of the other tests do; nothing by itself"]
fn what_a_process_does() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let data = std::env::var(DATA).unwrap();
    let bulk = std::env::var(BULK).unwrap();
    let site = Authority::open(Path::new(&data)).unwrap();
    match role.as_str() {
        "enrol 16" => std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| match Device::new().register(&site, &bulk, "r", NOW_S) {
                    Ok(grant) => acknowledge(&grant.client.to_string()),
                    Err(denied) => acknowledge(denied.name()),
                });
            }
        }),
        "withdraw 50" => {
            for _ in 0..50 {
                let client = tollgate::random_guid().unwrap();
                let targets = [Target::Client(client)];
                site.withdraw(&targets, &Order::default(), ADMIN, NOW_S).unwrap();
                acknowledge(&client.to_string());
            }
        }
        "until killed" => std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    loop {
                        let grant = Device::new().register(&site, &bulk, "r", NOW_S).unwrap();
                        acknowledge(&format!("enrolled {}", grant.client));
                    }
                });
            }
            loop {
                let grant = Device::new().register(&site, &bulk, "r", NOW_S).unwrap();
                let targets = [Target::Client(grant.client)];
                site.withdraw(&targets, &Order::default(), ADMIN, NOW_S).unwrap();
                acknowledge(&format!("withdrawn {}", grant.client));
            }
        }),
        other => panic!("{other}"),
    }
}

#[test]
fn of_64_that_come_at_once_50_get_in() {
    let made = site();
    let bulk = made.bulk_of(&NewBulkToken { max_uses: Some(50), ..NewBulkToken::default() }, NOW_S);
    let running: Vec<_> = (0..4).map(|_| start("enrol 16", &made.data(), &bulk)).collect();
    let mut answers = Vec::new();
    for (mut child, out) in running {
        answers.extend(acknowledged(out));
        assert!(child.wait().unwrap().success());
    }
    let refused = answers.iter().filter(|answer| *answer == "bulk_used_up").count();
    let clients: HashSet<_> = answers.iter().filter_map(|answer| Guid::parse(answer)).collect();
    assert_eq!((answers.len(), clients.len(), refused), (64, 50, 14));
    assert_eq!(made.site.bulk_tokens(support::FIRST).unwrap()[0].uses, 50);
    for client in clients {
        assert_eq!(made.site.client(client).unwrap().0.state, ClientState::Active);
    }
    made.site.verify_audit().unwrap().unwrap();
}

#[test]
fn the_feed_of_eight_writers_has_no_gap() {
    let made = site();
    let running: Vec<_> = (0..8).map(|_| start("withdraw 50", &made.data(), "")).collect();
    let registry = Sqlite::open(&made.site.registry_file(), SqliteOptions::default()).unwrap();
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let mut looks = 0;
    while seen.len() < 8 * 50 {
        registry
            .read(&mut |rows| {
                let (head, after) = (rows.head()?, seen.len() as i64);
                let changes = rows.changes(after, u32::MAX)?;
                // Everything up to the head, each number once, and nothing behind it.
                let found: Vec<i64> = changes.iter().map(|change| change.seq).collect();
                assert_eq!(found, (after + 1..=head.seq).collect::<Vec<_>>());
                seen.extend(changes.into_iter().map(|change| change.subject));
                Ok(())
            })
            .unwrap();
        looks += 1;
        std::thread::sleep(Duration::from_millis(1));
    }
    let seen: HashSet<_> = seen.into_iter().collect();
    for (mut child, out) in running {
        let acknowledged = acknowledged(out);
        assert!(child.wait().unwrap().success());
        assert_eq!(acknowledged.len(), 50);
        for client in acknowledged {
            assert!(seen.contains(&Guid::parse(&client).unwrap().0[..]), "{client}");
        }
    }
    assert!(looks > 1, "the reader was there while they wrote");
    made.site.verify_audit().unwrap().unwrap();
}

#[test]
fn nothing_that_was_acknowledged_is_lost_by_a_kill() {
    let kills = std::env::var("TOLLGATE_KILLS").map_or(12, |kills| kills.parse().unwrap());
    let made = site();
    let bulk = made.bulk(NOW_S);
    let (mut enrolled, mut withdrawn) = (HashSet::new(), HashSet::new());
    // Where each is killed: after a number of lines, and a little later; a sequence that repeats.
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let mut killed = 0;
    while killed < kills {
        // Two at once: one is killed while the other writes, then the other.
        let (one, other) = (
            start("until killed", &made.data(), &bulk),
            start("until killed", &made.data(), &bulk),
        );
        for (mut child, out) in [one, other] {
            let mut lines = out.lines();
            let mut read = Vec::new();
            for _ in 0..=next(40) {
                read.extend(lines.next().and_then(Result::ok));
            }
            std::thread::sleep(Duration::from_micros(next(3_000)));
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
            read.extend(lines.map_while(Result::ok));
            for line in &read {
                match line.strip_prefix("ack ").and_then(|ack| ack.split_once(' ')) {
                    Some(("enrolled", client)) => enrolled.insert(Guid::parse(client).unwrap()),
                    Some(("withdrawn", client)) => withdrawn.insert(Guid::parse(client).unwrap()),
                    _ => false,
                };
            }
        }
    }
    // Whoever opens it next finds everything.
    let site = Authority::open(&made.data()).unwrap();
    for client in &enrolled {
        assert_eq!(site.client(*client).unwrap().0.state, ClientState::Active, "{client}");
    }
    let journal = std::fs::read_to_string(site.journal_file()).unwrap();
    for client in &withdrawn {
        let (row, mark) = site.client(*client).unwrap();
        assert_eq!((row.state, mark.unwrap().kind), (ClientState::Withdrawn, Kind::Client));
        let hex: String = client.0.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(journal.contains(&hex), "{client} is not in the journal");
    }
    let uses = site.bulk_tokens(support::FIRST).unwrap()[0].uses as usize;
    let known = site.count_clients(&Default::default()).unwrap() as usize;
    assert_eq!(uses, known, "each client that is known counted once");
    assert!(known >= enrolled.len() + withdrawn.len());
    assert!(enrolled.len() + withdrawn.len() > kills, "they were at work");
    let whole = site.verify_audit().unwrap().unwrap();
    println!(
        "killed {killed}: {} enrolments and {} withdrawals acknowledged, none lost; {} rows of audit",
        enrolled.len(),
        withdrawn.len(),
        whole.rows
    );
}
