//! Files of certificates, as PEM or DER.

use std::path::Path;
use std::sync::Arc;

use tollgate::cert::{Certificate, Store};
use tollgate::pki::Pki;

use crate::config::{Files, PkiSettings, Place};
use crate::crls::read_crls;
use crate::source::{Reading, Told};
use crate::trail::Trail;

/// Largest file of certificates in bytes: some 500 of them.
pub(crate) const FILE_BYTES: usize = 1024 * 1024;

/// Most CAs of one PKI, anchors and intermediates.
const MOST: usize = 1000;

/// Reads the certificates of a PKI and its revocation lists, with other anchors and other lists if there are any;
/// notes what is wrong with them.
pub(crate) fn read_pki(
    settings: &PkiSettings,
    other: Option<&Told<'_>>,
    other_crls: Option<&Told<'_>>,
    reading: &Reading<'_>,
) -> Option<Pki> {
    let Reading { report, .. } = reading;
    let PkiSettings { anchors, intermediates, .. } = settings;
    let (anchors_at, anchor_list) = match other {
        None => (&anchors.place, read_files(anchors, reading)?),
        Some(Told { place, bytes }) => {
            let list = Certificate::all_from(bytes);
            (place, list.map_err(|why| place.error(report, why.to_string())).ok()?)
        }
    };
    let intermediate_list = read_files(intermediates, reading)?;
    if anchor_list.len() + intermediate_list.len() > MOST {
        anchors_at.error(report, format!("these are more than {MOST} certificates"));
        return None;
    }
    for (place, list) in [(anchors_at, &anchor_list), (&intermediates.place, &intermediate_list)] {
        warn_of_times(place, list, reading);
    }
    let subjects: Vec<_> = anchor_list.iter().map(subject).collect();
    let store = Store::new(anchor_list, intermediate_list);
    let store = store.map_err(|(at, why)| {
        anchors_at.error(report, format!("{:?} cannot be an anchor: {why}", subjects[at]));
    });
    let store = store.ok()?;
    for lonely in store.lonely() {
        let issuer = lonely.issuer_name().map(|name| name.text()).unwrap_or_default();
        let subject = subject(lonely);
        let message = if subject == issuer {
            format!("{subject:?} is its own issuer: a root belongs in `anchors`")
        } else {
            format!("{subject:?} leads to no anchor: nothing here is its issuer, {issuer:?}")
        };
        intermediates.place.warn(report, message);
    }
    for (idle, is_anchor, why) in store.idle() {
        let place = if is_anchor { anchors_at } else { &intermediates.place };
        let message = format!("{:?} proves nothing below it: {why}", subject(idle));
        place.warn(report, message);
    }
    let crls = settings.revocation.as_ref();
    let crls =
        crls.map(|revocation| read_crls(&settings.name, revocation, other_crls, &store, reading));
    Some(Pki {
        name: settings.name.clone(),
        store: store.into(),
        peer_intermediates: settings.peer_intermediates,
        principal: settings.principal,
        tenant: settings.tenant,
        crls: crls.map(Arc::new),
    })
}

fn read_files(files: &Files, reading: &Reading<'_>) -> Option<Vec<Certificate>> {
    let mut read: Vec<Certificate> = Vec::new();
    let mut is_whole = true;
    for path in &files.paths {
        match read_certificates(&reading.folder.join(path), reading.trail) {
            Ok(certificates) => {
                for certificate in certificates {
                    // The same file under two names adds nothing but work.
                    if read.iter().all(|other| other.der() != certificate.der()) {
                        read.push(certificate);
                    }
                }
            }
            Err(why) => {
                files.place.error(reading.report, why);
                is_whole = false;
            }
        }
    }
    is_whole.then_some(read)
}

/// Every certificate of a file.
///
/// # Errors
/// One sentence, for the first thing that is wrong.
fn read_certificates(path: &Path, trail: &Trail<'_>) -> Result<Vec<Certificate>, String> {
    let name = path.display();
    let file = trail.read(path, FILE_BYTES).map_err(|why| format!("cannot read {name}: {why}"))?;
    Certificate::all_from(&file.bytes).map_err(|why| format!("{name}: {why}"))
}

/// A CA that has ended refuses every device below it, all at once and at night.
fn warn_of_times(place: &Place, certificates: &[Certificate], reading: &Reading<'_>) {
    let Reading { report, .. } = reading;
    let now_s = reading.trail.now.unix_s;
    for certificate in certificates {
        let (first_s, last_s) = certificate.validity();
        let left_s = last_s.saturating_sub(now_s);
        let subject = subject(certificate);
        if left_s < 0 {
            place.warn(report, format!("{subject:?} has ended: nothing below it is admitted"));
        } else if now_s < first_s {
            place.warn(report, format!("{subject:?} does not begin yet"));
        } else if left_s < SOON_S {
            let days = left_s / 86_400;
            place.warn(report, format!("{subject:?} ends in {days} days: renew it"));
        }
    }
}

/// Empty where it cannot be read.
pub(crate) fn subject(certificate: &Certificate) -> String {
    certificate.names().map(|names| names.subject.text()).unwrap_or_default()
}

/// Time to roll a CA over, in seconds.
pub(crate) const SOON_S: i64 = 30 * 86_400;
