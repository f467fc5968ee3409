//! Revocation lists of the configuration that holds, while another one cannot be used.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tollgate::{Gate, Limits, Method};

use crate::config::{ConfigError, Files, Place, Report, RevocationSettings};
use crate::crls::read_crls;
use crate::overlay::{Overlay, Target};
use crate::source::{Reading, Told};
use crate::trail::Trail;

/// Which lists the configuration asks for that holds, and what its paths are relative to.
pub(crate) struct Relist {
    folder: PathBuf,
    pkis: Vec<ListsOf>,
}

/// What a PKI asks of lists.
pub(crate) struct ListsOf {
    pki: Box<str>,
    settings: RevocationSettings,
}

impl ListsOf {
    pub(crate) fn new(pki: Box<str>, settings: RevocationSettings) -> Self {
        Self { pki, settings }
    }

    /// Without lines: the file that they are of has been written anew.
    fn of_before(&self) -> RevocationSettings {
        let RevocationSettings { place, files, rules } = &self.settings;
        let files = Files { place: files.place.of_before(), paths: files.paths.clone() };
        RevocationSettings { place: place.of_before(), files, rules: *rules }
    }
}

impl Relist {
    pub(crate) fn new(folder: &Path, pkis: Vec<ListsOf>) -> Self {
        Self { folder: folder.into(), pkis }
    }

    /// Reads the lists anew and swaps them alone: CAs, keys and rules stay as they are. Gives what looks wrong, and
    /// says that this is what was done; nothing where no list is asked for.
    pub(crate) fn read(
        &self,
        gate: &Gate,
        overlay: &Overlay,
        name: &Path,
        trail: &Trail<'_>,
    ) -> Vec<ConfigError> {
        if self.pkis.is_empty() {
            return Vec::new();
        }
        let report = Report::new(name, "");
        let limits = Limits::default();
        let reading = Reading { folder: &self.folder, limits: &limits, report: &report, trail };
        let trust = gate.trust().with_crls(|pki, crls| {
            let Some(of) = self.pkis.iter().find(|of| of.pki == pki.name) else {
                // Both come from one load; what has lists keeps them.
                return Arc::clone(crls);
            };
            let target = Target::new(Method::Pki, &pki.name);
            let told = overlay.crls.get(&target);
            let told = told.map(|bytes| Told { place: Place::nowhere(target.of_crls()), bytes });
            let crls = read_crls(&pki.name, &of.of_before(), told.as_ref(), &pki.store, &reading);
            Arc::new(crls)
        });
        let place = Place::nowhere("");
        match gate.replace_trust(trust) {
            Ok(()) => place.warn(&report, READ_ON),
            Err(why) => place.warn(&report, format!("revocation stands still: {why}")),
        }
        report.finish().map(|(warnings, _)| warnings).unwrap_or_else(|errors| errors.0)
    }
}

const READ_ON: &str = "cannot be used as it is now; the revocation lists that `crls` named before are read on \
                       meanwhile";
