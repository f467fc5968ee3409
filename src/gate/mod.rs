//! The one place that knows all the others.

mod judge;
mod token;

use std::sync::Arc;

use arc_swap::ArcSwap;

use self::judge::judge;
use crate::cert::{Certificate, Store};
use crate::credential::{Ask, Request};
use crate::crypto::Algorithm;
use crate::explain::{Explanation, Notes};
use crate::jws::{Key, Keys};
use crate::method::Method;
use crate::peer::{Peer, Sender};
use crate::policy::Policy;
use crate::reason::Refusal;
use crate::snapshot::Snapshot;
use crate::time::Now;
use crate::trust::{Trust, TrustError};
use crate::verdict::{Admission, Verdict};
use crate::witness::{Silent, Witness};

/// Judges credentials against the newest snapshot of trust and policy.
///
/// `Send + Sync`: one gate serves all threads. A check loads the snapshot once, so a swap in its
/// middle changes nothing of it; the next check sees the new one.
pub struct Gate {
    snapshot: ArcSwap<Snapshot>,
}

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
    /// Whether the keys are within their bound; else nothing of it is decided.
    pub is_fresh: bool,
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
    /// A gate over a first snapshot.
    ///
    /// # Errors
    /// When the policy was made for another list of issuers.
    pub fn new(trust: Trust, policy: Policy) -> Result<Self, TrustError> {
        let snapshot = ArcSwap::from_pointee(Snapshot::new(trust, policy)?);
        Ok(Self { snapshot })
    }

    /// Swaps trust and policy together; holds from the next check on.
    ///
    /// # Errors
    /// As [`Gate::new`]; the old snapshot stays.
    pub fn replace(&self, trust: Trust, policy: Policy) -> Result<(), TrustError> {
        self.snapshot.store(Arc::new(Snapshot::new(trust, policy)?));
        Ok(())
    }

    /// Judges one request. Never panics, never blocks, and refuses whatever it cannot prove.
    pub fn check(&self, request: &Request<'_>, ask: &Ask<'_>, now: Now) -> Verdict {
        self.judge(request, ask, now, &mut Silent)
    }

    /// Judges as [`Gate::check`], by the same code, and writes every step down. The steps hold
    /// text of the credential (never its signature): for the operator only.
    pub fn explain(&self, request: &Request<'_>, ask: &Ask<'_>, now: Now) -> Explanation {
        let mut notes = Notes::default();
        let verdict = self.judge(request, ask, now, &mut notes);
        notes.into_explanation(verdict)
    }

    /// The client's certificate as a proxy passed it on in a header (docs/configuration.md has the
    /// names), if it did. `headers` are all headers of the request; `sender` is who sent it to us.
    ///
    /// Such a peer counts as a certificate of a PKI; it proves no token's key. For each request: on
    /// one connection a proxy passes on the certificates of many clients.
    ///
    /// # Errors
    /// 2017 for a sender that is not listed, 1020 and 1021 for headers that are not one certificate
    /// in one form, and what [`Peer::new`] refuses. The request has to be refused for it.
    pub fn forwarded<'h, H>(&self, sender: Sender, headers: H) -> Result<Option<Peer>, Refusal>
    where
        H: IntoIterator<Item = (&'h str, &'h [u8])> + Clone,
    {
        let method = Some(Method::Pki);
        Peer::forwarded(self.snapshot.load().policy.senders(), sender, headers)
            .map_err(|refusal| Refusal { method, ..refusal })
    }

    /// Issuers, PKIs and sites with their keys and CAs, and whether keys are fresh: for whoever looks
    /// after the gate.
    #[must_use]
    pub fn trusted(&self, now: Now) -> Vec<Trusted> {
        let snapshot = self.snapshot.load();
        let trust = &snapshot.trust;
        let by_keys = |authority, method, keys: &Keys| Trusted {
            authority,
            method,
            keys: keys.set.keys().map(|key| (name_of(key), key.algorithm())).collect(),
            authorities: Vec::new(),
            is_fresh: keys.are_fresh(now),
        };
        let issuers = trust.issuers().iter();
        let issuers =
            issuers.map(|issuer| by_keys(issuer.authority(), issuer.method(), &issuer.keys));
        let pkis = trust.pkis().iter().map(|pki| Trusted {
            authority: pki.name.clone(),
            method: Method::Pki,
            keys: Vec::new(),
            authorities: authorities(&pki.store),
            is_fresh: true,
        });
        let sites = trust.sites().iter();
        let sites = sites.map(|site| by_keys(site.authority(), Method::Site, &site.keys));
        issuers.chain(pkis).chain(sites).collect()
    }

    /// The names of the endpoints that may be asked for.
    #[must_use]
    pub fn endpoint_names(&self) -> Vec<String> {
        self.snapshot.load().policy.endpoint_names().map(str::to_owned).collect()
    }

    fn judge<W: Witness>(
        &self,
        request: &Request<'_>,
        ask: &Ask<'_>,
        now: Now,
        witness: &mut W,
    ) -> Verdict {
        let snapshot = self.snapshot.load();
        match judge(&snapshot, request, ask, now, witness) {
            Ok(admitted) => Verdict::Admit(Admission::new(admitted, Arc::clone(&snapshot))),
            Err(refusal) => Verdict::Refuse(refusal),
        }
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
