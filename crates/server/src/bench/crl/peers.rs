//! The same leaf by the same list, in other hands.

use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, KeyUsage,
    RevocationOptionsBuilder,
};

use super::super::machine::resident_bytes;
use super::super::report::{Report, Table, number};
use super::super::world::NOW;
use super::{Set, gate, load};
use crate::misuse::Misuse;

/// rustls-webpki with the list in its owned form: the signature of the list is verified at each check.
pub(super) fn webpki(set: &Set, table: &mut Table, report: &mut Report) -> Result<(), Misuse> {
    ours(set, table, report)?;
    let before = resident_bytes();
    let start = Instant::now();
    let list = BorrowedCertRevocationList::from_der(&set.der).and_then(|list| list.to_owned());
    let list = CertRevocationList::from(list.map_err(Misuse::new)?);
    let load_ms = start.elapsed().as_secs_f64() * 1e3;
    let grown = before.zip(resident_bytes()).map(|(before, after)| after - before);
    let ca = CertificateDer::from(set.ca.der.as_slice());
    let anchor = webpki::anchor_from_trusted_cert(&ca).map_err(Misuse::new)?;
    let leaf = CertificateDer::from(set.ca.leaf.as_slice());
    let leaf = EndEntityCert::try_from(&leaf).map_err(Misuse::new)?;
    let lists = [&list];
    let revocation = RevocationOptionsBuilder::new(&lists)
        .map_err(|why| Misuse::new(format!("{why:?}")))?
        .build();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(NOW.unix_s.unsigned_abs()));
    let mut took = Vec::new();
    for _ in 0..9 {
        let start = Instant::now();
        let anchors = core::slice::from_ref(&anchor);
        let path = leaf.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            anchors,
            &[],
            at,
            KeyUsage::client_auth(),
            Some(revocation),
            None,
        );
        black_box(path.map_err(Misuse::new)?);
        took.push(start.elapsed().as_secs_f64() * 1e6);
    }
    took.sort_by(f64::total_cmp);
    let check_us = took[took.len() / 2];
    row(table, "rustls-webpki 0.103, owned, path and list", load_ms, check_us, grown);
    report.name("crl_1m_webpki_check_us", check_us);
    report.name("crl_1m_webpki_load_ms", load_ms);
    Ok(())
}

/// The same by us: the long way of a chain that was never seen, its signature too.
fn ours(set: &Set, table: &mut Table, report: &mut Report) -> Result<(), Misuse> {
    let before = resident_bytes();
    let gate = gate(set)?;
    let start = Instant::now();
    let crls = load(set, &gate)?;
    let load_ms = start.elapsed().as_secs_f64() * 1e3;
    let grown = before.zip(resident_bytes()).map(|(before, after)| after - before);
    let mut pki = set.ca.pki().authority()?;
    pki.crls = Some(crls);
    let judge = super::super::pki::Judge::of(pki, vec![set.ca.leaf.clone()])?;
    let peer = judge.read_peer().map_err(Misuse::new)?;
    let mut took = Vec::new();
    for _ in 0..99 {
        let start = Instant::now();
        let is_good = judge.check(&peer).is_admitted();
        took.push(start.elapsed().as_secs_f64() * 1e6);
        if !is_good {
            return Err(Misuse::new("the bench's own chain is refused: a bug"));
        }
    }
    took.sort_by(f64::total_cmp);
    let check_us = took[took.len() / 2];
    row(table, "tollgate, never seen: path and list", load_ms, check_us, grown);
    report.name("crl_1m_check_us", check_us);
    Ok(())
}

/// `openssl verify -crl_check`: one leaf and a hundred, in processes of their own. What the hundred take more
/// is their checks; the rest is starting and reading.
pub(super) fn openssl(set: &Set, table: &mut Table, report: &mut Report) {
    match openssl_times(set) {
        Some((load_ms, check_us)) => {
            row(table, "openssl verify -crl_check", load_ms, check_us, None);
            report.name("crl_1m_openssl_check_us", check_us);
            report.name("crl_1m_openssl_load_ms", load_ms);
        }
        None => table.note("openssl: left out: there is none, or it does not verify the chain"),
    }
}

fn openssl_times(set: &Set) -> Option<(f64, f64)> {
    let folder = std::env::temp_dir().join(format!("tollgate-bench-crl-{}", std::process::id()));
    fs::create_dir(&folder).ok()?;
    let timed = (|| {
        for (name, der) in [("ca", &set.ca.der), ("leaf", &set.ca.leaf), ("list", &set.der)] {
            fs::write(folder.join(name), der).ok()?;
        }
        let run = |leaves: usize| {
            let start = Instant::now();
            let path = |name: &str| folder.join(name);
            let done = Command::new("openssl")
                .args(["verify", "-crl_check", "-attime"])
                .arg(NOW.unix_s.to_string())
                .arg("-trusted")
                .arg(path("ca"))
                .arg("-CRLfile")
                .arg(path("list"))
                .args(std::iter::repeat_n(path("leaf"), leaves))
                .output()
                .ok()?;
            done.status.success().then(|| start.elapsed().as_secs_f64())
        };
        let (one, many) = (run(1)?, run(101)?);
        Some((one * 1e3, (many - one) * 1e6 / 100.0))
    })();
    // A folder that stays is no reason to fail.
    let _ = fs::remove_dir_all(&folder);
    timed
}

fn row(table: &mut Table, name: &str, load_ms: f64, check_us: f64, grown: Option<f64>) {
    let grown = grown.map_or("-".into(), |bytes| number(bytes / 1e6));
    table.row([name.into(), number(load_ms), number(check_us), grown]);
}
