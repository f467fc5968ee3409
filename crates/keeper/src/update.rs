//! What a host tells of its own accord, beside the files.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use tollgate::limits::JWKS_BYTES;
use tollgate::policy::{Withdrawals, Withdrawn};
use tollgate::{Method, Now};
use zeroize::Zeroizing;

use crate::certificates::FILE_BYTES;
use crate::config::ConfigError;
use crate::crls::FILE_BYTES as LISTS_BYTES;
use crate::load::CONFIG_BYTES;
use crate::overlay::{OtherKeys, Overlay, Target};

/// Changes that hold together: see [`crate::Keeper::apply`]. It collects, and touches nothing.
///
/// What is told lies over the files, and stays when they change: keys, anchors and switches until another
/// update replaces them, withdrawals until they are restored.
#[derive(Clone, Default)]
pub struct Update {
    configuration: Option<String>,
    keys: Vec<(Target, Zeroizing<Vec<u8>>)>,
    anchors: Vec<(Target, Vec<u8>)>,
    crls: Vec<(Target, Vec<u8>)>,
    switches: Vec<(Target, bool)>,
    withdrawals: Vec<Withdrawal>,
}

/// What becomes of whom.
#[derive(Clone)]
enum Withdrawal {
    Withdrawn(Withdrawn, Option<i64>),
    Restored(Withdrawn),
}

impl Update {
    /// Another text for a configuration that is one ([`crate::Origin::Text`]). At most 4 MiB.
    pub fn configuration(&mut self, text: String) {
        self.configuration = Some(text);
    }

    /// Another key set for an authority, in place of the one that the configuration names, whose file is then
    /// not read. By its configured name: a tenant's GUID, the name of an OpenID Connect issuer, a site's GUID.
    ///
    /// With `jwks_max_age` they are believed for so long from the update on, else for ever. They are kept as
    /// long as they are in force, to be read again with each load, and wiped then.
    pub fn keys(&mut self, method: Method, name: &str, jwks: Vec<u8>) {
        self.keys.push((Target::new(method, name), Zeroizing::new(jwks)));
    }

    /// Other anchors for a PKI, PEM or DER, in place of the files of `anchors`.
    pub fn anchors(&mut self, pki: &str, certificates: Vec<u8>) {
        self.anchors.push((Target::new(Method::Pki, pki), certificates));
    }

    /// Other revocation lists for a PKI whose `revocation` is not off, PEM or DER, in place of the files of `crls`. What
    /// cannot be used of them is a warning, as of a file; what was told before goes on until it is over.
    pub fn crls(&mut self, pki: &str, lists: Vec<u8>) {
        self.crls.push((Target::new(Method::Pki, pki), lists));
    }

    /// `enabled` of a tenant or an OpenID Connect issuer: switched off, everything of it is refused (5001).
    pub fn enable(&mut self, method: Method, name: &str, enabled: bool) {
        self.switches.push((Target::new(method, name), enabled));
    }

    /// Refuses whatever was issued to them, or what was issued before a Unix second. Of several times the
    /// latest counts.
    pub fn withdraw(&mut self, whom: Withdrawn, issued_before: Option<i64>) {
        self.withdrawals.push(Withdrawal::Withdrawn(whom, issued_before));
    }

    /// Undoes their withdrawal, whichever times it had.
    pub fn restore(&mut self, whom: Withdrawn) {
        self.withdrawals.push(Withdrawal::Restored(whom));
    }

    /// This update over what earlier ones left; or what is wrong with it by itself.
    pub(crate) fn over(
        self,
        before: &Overlay,
        is_text: bool,
        now: Now,
    ) -> Result<Changed, Vec<Wrong>> {
        let mut wrong = Vec::new();
        self.check(is_text, &mut wrong);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let mut overlay = before.clone();
        let withdraws_only = self.configuration.is_none()
            && self.keys.is_empty()
            && self.anchors.is_empty()
            && self.crls.is_empty()
            && self.switches.is_empty();
        let mut keys = BTreeSet::new();
        for (target, jwks) in self.keys {
            keys.insert(target.of_keys());
            overlay.keys.insert(target, Arc::new(OtherKeys { jwks, since_ms: now.mono_ms }));
        }
        for (target, certificates) in self.anchors {
            keys.insert(target.of_anchors());
            overlay.anchors.insert(target, certificates.into());
        }
        for (target, lists) in self.crls {
            keys.insert(target.of_crls());
            overlay.crls.insert(target, lists.into());
        }
        for (target, enabled) in self.switches {
            keys.insert(target.of_switch());
            overlay.switches.insert(target, enabled);
        }
        if !self.withdrawals.is_empty() {
            let mut withdrawals = Withdrawals::clone(&before.withdrawals);
            for one in self.withdrawals {
                match one {
                    Withdrawal::Withdrawn(whom, before) => withdrawals.withdraw(whom, before),
                    Withdrawal::Restored(whom) => {
                        withdrawals.restore(whom);
                    }
                }
            }
            if withdrawals != *before.withdrawals {
                overlay.withdrawals = Arc::new(withdrawals);
            }
        }
        let configuration = self.configuration;
        Ok(Changed { overlay, configuration, keys, needs_load: !withdraws_only })
    }

    fn check(&self, is_text: bool, wrong: &mut Vec<Wrong>) {
        let mut no = |key: String, message: String| wrong.push(Wrong { key, message });
        if let Some(text) = &self.configuration {
            let key = || "update.configuration".into();
            if !is_text {
                let message = "the configuration is a file; change that, or open it as a text";
                no(key(), message.into());
            } else if text.len() > CONFIG_BYTES {
                no(key(), format!("is larger than {CONFIG_BYTES} bytes"));
            }
        }
        for (target, jwks) in &self.keys {
            if target.method == Method::Pki.name() {
                no(target.of_keys(), "a PKI has no keys; give its anchors".into());
            } else if jwks.len() > JWKS_BYTES {
                no(target.of_keys(), format!("is larger than {JWKS_BYTES} bytes"));
            }
        }
        for (target, _) in self.anchors.iter().filter(|(_, all)| all.len() > FILE_BYTES) {
            no(target.of_anchors(), format!("is larger than {FILE_BYTES} bytes"));
        }
        for (target, _) in self.crls.iter().filter(|(_, all)| all.len() > LISTS_BYTES) {
            no(target.of_crls(), format!("is larger than {LISTS_BYTES} bytes"));
        }
        for (target, _) in &self.switches {
            if ![Method::Entra.name(), Method::Oidc.name()].contains(&target.method) {
                let message = "only [[entra]] and [[oidc]] have `enabled`";
                no(target.of_switch(), message.into());
            }
        }
    }
}

/// An update, over what earlier ones left.
pub(crate) struct Changed {
    pub(crate) overlay: Overlay,
    pub(crate) configuration: Option<String>,
    /// What messages call its parts.
    pub(crate) keys: BTreeSet<String>,
    /// Whether it does more than withdraw and restore.
    pub(crate) needs_load: bool,
}

/// A part of an update that cannot be, or does nothing.
pub(crate) struct Wrong {
    pub(crate) key: String,
    pub(crate) message: String,
}

impl Wrong {
    /// As an error of the configuration that is called so.
    pub(crate) fn of(self, name: &Path) -> ConfigError {
        ConfigError { file: name.into(), line: None, key: self.key, message: self.message }
    }
}
