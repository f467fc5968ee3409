//! Enrolments a second, beside a bare loop that commits one row durably, on the same disk and interleaved.
//!
//!     cargo bench -p tollgate-site --bench enrolment [-- --threads 64] [-- --rounds 5]
//!
//! An enrolment is everything that `register` does: both signatures checked, the token signed, the
//! transaction durable. Proofs are signed before the clock runs: a device does that. `--test`: a brief run
//! that only sees that it works.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::json;
use tollgate::jws::{base64url, public_jwk, sign};
use tollgate::policy::{Mode, Network};
use tollgate::{Algorithm, Guid, SigningKey, sha256};
use tollgate_site::{Authority, NewBulkToken, Place, Proof, Registration, Voucher};

const NOW_S: i64 = 1_780_000_000;
const PLACE: Place<'static> =
    Place { name: "internet", network: Network::Internet, mode: Mode::Https };

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<usize>().ok()
    };
    let is_test = arguments.iter().any(|argument| argument == "--test");
    let threads = number("--threads").unwrap_or(64);
    let rounds = if is_test { 1 } else { number("--rounds").unwrap_or(5) };
    let each = if is_test { 200 } else { number("--enrolments").unwrap_or(20_000) };

    let folder = tempfile::tempdir_in(".").unwrap();
    let site = Authority::init(&folder.path().join("site"), Guid([7; 16]), Algorithm::Es256, NOW_S);
    let site = site.unwrap();
    let bulk = site.new_bulk_token(&NewBulkToken::default(), "bench", NOW_S).unwrap();
    let bulk = bulk.token();
    let (mut bare, mut enrolled) = (Vec::new(), Vec::new());
    let (mut proving, mut stored) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(bare_commits(
            folder.path(),
            Duration::from_millis(if is_test { 50 } else { 2_000 }),
        ));
        let proofs = proofs(&site, bulk, each, threads);
        proving.push(proof_cost(&site, bulk, &proofs[..each.min(500)]));
        let (whole, apart) = proofs.split_at(each / 2);
        enrolled.push(enrolments(&site, bulk, whole, threads));
        stored.push(transactions(&site, bulk, apart, threads));
    }
    let (bare, enrolled, stored) = (median(bare), median(enrolled), median(stored));
    let proving = median(proving);
    let times = |rate: f64| rate / bare;
    println!("bare one-row durable commits             {bare:>9.0} a second");
    println!(
        "enrolments, {threads} at once, all included   {enrolled:>9.0} a second: {:.1} x",
        times(enrolled)
    );
    println!(
        "their transactions alone, {threads} at once   {stored:>9.0} a second: {:.1} x",
        times(stored)
    );
    println!("proof checked, token signed              {:>9.1} us of one core", proving * 1e6);
    println!("clients in the registry                  {:>9}", each * rounds);
}

/// Commits of one row each, by the settings of the registry, until the time is over.
fn bare_commits(folder: &std::path::Path, time: Duration) -> f64 {
    let file = folder.join("bare.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection
        .execute_batch("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, b BLOB)")
        .unwrap();
    let mut insert = connection.prepare("INSERT INTO t (b) VALUES (?1)").unwrap();
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < time {
        insert.execute([[7_u8; 100]]).unwrap();
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// One proof for each device, signed by all cores.
fn proofs(site: &Authority, bulk: &str, count: usize, threads: usize) -> Vec<String> {
    let ath = base64url(&sha256(&[bulk.as_bytes()]));
    let make = || {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let claims = json!({
            "aud": site.issuer(), "act": "register", "iat": NOW_S, "jti": "1", "ath": ath,
            "cnf": { "jwk": public_jwk(&key, "k") },
        });
        sign(r#"{"typ":"tollgate-pop+jwt","alg":"ES256"}"#, claims.to_string().as_bytes(), &key)
    };
    let share = count.div_ceil(threads);
    std::thread::scope(|scope| {
        let makers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| (0..share).map(|_| make()).collect::<Vec<_>>()))
            .collect();
        makers.into_iter().flat_map(|maker| maker.join().unwrap()).take(count).collect()
    })
}

fn asked<'a>(bulk: &'a str, proof: &'a str) -> Registration<'a> {
    Registration {
        voucher: Voucher::Bulk(bulk),
        proof: Proof::Signed(proof),
        endpoint: PLACE,
        device_name: "pc",
    }
}

fn enrolments(site: &Authority, bulk: &str, proofs: &[String], threads: usize) -> f64 {
    let (next, start) = (AtomicUsize::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(proof) = proofs.get(next.fetch_add(1, Relaxed)) {
                    site.register(&asked(bulk, proof), NOW_S).unwrap();
                }
            });
        }
    });
    proofs.len() as f64 / start.elapsed().as_secs_f64()
}

/// What one core needs for the proof and the token, without a transaction.
fn proof_cost(site: &Authority, bulk: &str, proofs: &[String]) -> f64 {
    let start = Instant::now();
    for proof in proofs {
        site.check_registration(&asked(bulk, proof), NOW_S).map(drop).unwrap();
    }
    start.elapsed().as_secs_f64() / proofs.len() as f64
}

/// The transactions alone: everything was checked and signed before the clock runs.
fn transactions(site: &Authority, bulk: &str, proofs: &[String], threads: usize) -> f64 {
    let check = |proof: &String| site.check_registration(&asked(bulk, proof), NOW_S).unwrap();
    let checked: Vec<_> = proofs.iter().map(|proof| Mutex::new(Some(check(proof)))).collect();
    let (next, start) = (AtomicUsize::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(slot) = checked.get(next.fetch_add(1, Relaxed)) {
                    let checked = slot.lock().unwrap().take().unwrap();
                    site.enrol(checked).unwrap().unwrap();
                }
            });
        }
    });
    checked.len() as f64 / start.elapsed().as_secs_f64()
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
