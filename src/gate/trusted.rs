//! What a gate believes, for whoever looks after it.

use super::Gate;
use crate::cert::{Certificate, Listed, Store};
use crate::crypto::Algorithm;
use crate::guid::Guid;
use crate::jws::{Key, Keys};
use crate::method::Method;
use crate::oidc::Form;
use crate::time::Now;

/// An issuer, a PKI or a site as [`Gate::trusted`] shows it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trusted {
    /// Its full name.
    pub authority: Box<str>,
    /// The method of its credentials.
    pub method: Method,
    /// `kid` and algorithm of each of its keys; none for a PKI.
    pub keys: Vec<(Option<Box<str>>, Algorithm)>,
    /// The CAs of a PKI, anchors first.
    pub authorities: Vec<TrustedCa>,
    /// The revocation lists of a PKI; `None` where nobody asks for any.
    pub lists: Option<Vec<Listed>>,
    /// Whether the keys are within their bound; else nothing of it is decided.
    pub is_fresh: bool,
    /// The tenant of an Entra issuer.
    pub tenant: Option<Guid>,
    /// Whether the configuration has it enabled; only tenants can be disabled.
    pub is_enabled: bool,
}

/// A CA of a PKI as [`Gate::trusted`] shows it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TrustedCa {
    /// Its subject, as RFC 4514 text.
    pub subject: String,
    /// Whether paths may end there.
    pub is_anchor: bool,
    /// First and last second of its validity, in Unix time.
    pub validity: (i64, i64),
}

impl Gate {
    /// Issuers, PKIs and sites with their keys and CAs, and whether keys are fresh: for whoever looks
    /// after the gate.
    #[must_use]
    pub fn trusted(&self, now: Now) -> Vec<Trusted> {
        let snapshot = self.snapshot.load_full();
        let trust = &snapshot.trust;
        let by_keys = |authority, method, keys: &Keys| Trusted {
            authority,
            method,
            keys: keys.set.keys().map(|key| (name_of(key), key.algorithm())).collect(),
            authorities: Vec::new(),
            lists: None,
            is_fresh: keys.are_fresh(now),
            tenant: None,
            is_enabled: true,
        };
        let issuers = trust.issuers().iter().enumerate().map(|(place, issuer)| Trusted {
            tenant: match issuer.form {
                Form::Entra { tenant, .. } => Some(tenant),
                Form::Oidc { .. } => None,
            },
            is_enabled: snapshot.policy.issuer_rules(place).enabled,
            ..by_keys(issuer.authority(), issuer.method(), &issuer.keys)
        });
        let pkis = trust.pkis().iter().map(|pki| Trusted {
            authority: pki.name.clone(),
            method: Method::Pki,
            keys: Vec::new(),
            authorities: authorities(&pki.store),
            lists: pki.crls.as_ref().map(|crls| crls.lists(now).collect()),
            is_fresh: true,
            tenant: None,
            is_enabled: true,
        });
        let sites = trust.sites().iter();
        let sites = sites.map(|site| by_keys(site.authority(), Method::Site, &site.keys));
        issuers.chain(pkis).chain(sites).collect()
    }
}

/// A key is named by its `kid`, else by its certificate.
fn name_of(key: &Key) -> Option<Box<str>> {
    key.kid().or(key.x5t().next()).map(Into::into)
}

fn authorities(store: &Store) -> Vec<TrustedCa> {
    let shown = |certificate: &Certificate, is_anchor| TrustedCa {
        subject: certificate.names().map(|names| names.subject.text()).unwrap_or_default(),
        is_anchor,
        validity: certificate.validity(),
    };
    let anchors = store.anchors().map(|anchor| shown(anchor, true));
    let intermediates = store.intermediates().iter().map(|one| shown(one, false));
    anchors.chain(intermediates).collect()
}
