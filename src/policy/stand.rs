//! Standing: what trust and policy say of proven facts, whoever asks and whenever.
//!
//! It has two parts. What is settled when the credential is read (key or path, audience, client
//! application, selection of certificates) stays so until the issuer's configuration is read anew; what
//! lists say of the user and device is judged again whenever one of them moved.

use super::{IssuerRules, Join, KeyName, Policy, Withdrawn};
use crate::cert::{Certificate, Path, Status, Unknown};
use crate::crypto::KeyId;
use crate::facts::{Facts, Gist, Kind, Proof};
use crate::guid::Guid;
use crate::jws::{Key, Keys};
use crate::method::Method;
use crate::oidc::{Form, Issuer};
use crate::peer::Peer;
use crate::pki::Pki;
use crate::reason::{Reason, Refusal};
use crate::site::Site;
use crate::time::Now;
use crate::trust::Trust;
use crate::witness::{Witness, shown, words};

impl Policy {
    /// Reads facts, trust and policy; never the ask. Of the time only which revocation lists count, which
    /// the gate watches ([`Trust::is_steady`]).
    pub(crate) fn stand<W: Witness>(
        &self,
        facts: &Facts<'_>,
        trust: &Trust,
        now: Now,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        match facts.method {
            Method::Entra | Method::Oidc => {
                let issuer = &trust.issuers()[facts.issuer];
                self.stand_lists(&facts.gist(), key_of(facts), trust, witness)?;
                self.stand_issuer(facts, issuer, witness)
            }
            Method::Pki => self.stand_pki(facts, &trust.pkis()[facts.issuer], now, witness),
            Method::Site => {
                stand_key(facts, &trust.sites()[facts.issuer].keys, witness)?;
                self.stand_lists(&facts.gist(), key_of(facts), trust, witness)
            }
        }
    }

    /// What hangs on lists that may be long and move often: whether the tenant is enabled, who is
    /// withdrawn, who was discovered, which devices were imported. `key` is the one that proved it.
    pub(crate) fn stand_lists<W: Witness>(
        &self,
        facts: &Gist<'_>,
        key: Option<KeyId>,
        trust: &Trust,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        match facts.method {
            Method::Entra | Method::Oidc => {
                let rules = &self.issuers[facts.issuer];
                witness.demand("tenant enabled", rules.enabled, Reason::TenantDisabled, || {
                    words(if rules.enabled { "enabled" } else { "disabled" }, "enabled")
                })?;
                if let Form::Entra { tenant, .. } = trust.issuers()[facts.issuer].form {
                    self.stand_of_tenant(facts, tenant, witness)?;
                }
                stand_user(facts, rules, witness)?;
                stand_device(facts, rules, witness)
            }
            Method::Site => self.stand_of_site(facts, key, &trust.sites()[facts.issuer], witness),
            Method::Pki => Ok(()),
        }
    }

    fn stand_of_tenant<W: Witness>(
        &self,
        facts: &Gist<'_>,
        tenant: Guid,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let whole = Some(Withdrawn::Tenant { tenant });
        self.stand_withdrawn(facts, whole, Reason::TenantWithdrawn, witness)?;
        let user = facts.identity.object().filter(|_| facts.identity.kind() == Kind::User);
        let user = user.map(|user| Withdrawn::User { tenant, user });
        self.stand_withdrawn(facts, user, Reason::UserWithdrawn, witness)?;
        let device = facts.identity.device().map(|device| Withdrawn::Device { tenant, device });
        self.stand_withdrawn(facts, device, Reason::DeviceWithdrawn, witness)
    }

    fn stand_of_site<W: Witness>(
        &self,
        facts: &Gist<'_>,
        key: Option<KeyId>,
        site: &Site,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        if self.withdrawals.is_empty() {
            return Ok(());
        }
        let keys = site.keys.set.keys().filter(|known| key.is_some_and(|id| known.id() == id));
        for kid in keys.filter_map(Key::kid) {
            let key = Some(Withdrawn::Key { site: site.id, kid: KeyName::of(kid) });
            self.stand_withdrawn(facts, key, Reason::KeyWithdrawn, witness)?;
        }
        let site = site.id;
        let whole = Some(Withdrawn::Site { site });
        self.stand_withdrawn(facts, whole, Reason::IssuedBefore, witness)?;
        let bulk = facts.identity.bulk().map(|bulk| Withdrawn::BulkClients { site, bulk });
        self.stand_withdrawn(facts, bulk, Reason::BulkClientsWithdrawn, witness)?;
        let client = facts.identity.device().map(|client| Withdrawn::Client { site, client });
        self.stand_withdrawn(facts, client, Reason::ClientWithdrawn, witness)
    }

    fn stand_withdrawn<W: Witness>(
        &self,
        facts: &Gist<'_>,
        whom: Option<Withdrawn>,
        reason: Reason,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let Some(whom) = whom.filter(|_| !self.withdrawals.is_empty()) else { return Ok(()) };
        let stands = !self.withdrawals.holds(whom, facts.identity.window().issued);
        witness.demand("not withdrawn", stands, reason, || {
            let found = if stands { "not withdrawn" } else { "withdrawn" };
            words(format!("{whom:?}: {found}"), "none of those that are withdrawn")
        })
    }

    fn stand_pki<W: Witness>(
        &self,
        facts: &Facts<'_>,
        pki: &Pki,
        now: Now,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let rules = &self.pkis[facts.issuer];
        let path = match facts.proof() {
            Proof::Path(path) if pki.store.holds(path, pki.peer_intermediates) => Some(path),
            Proof::Path(_) | Proof::Signature(_) => None,
        };
        let path =
            witness.outcome("path stands", path.ok_or(Reason::CertificateUntrusted), |path| {
                let found = if path.is_some() { "configured" } else { "taken out" };
                words(found, format!("the anchor and intermediates of {:?}", pki.name))
            })?;
        let peer = facts.peer.ok_or(Reason::CertificateUntrusted)?;
        self.stand_chain(peer, path, pki, now, witness)?;
        if !rules.issuers.is_empty() {
            let names = || pki.store.names_on(path);
            let fits = names().any(|name| rules.issuers.iter().any(|rule| rule.fits(name)));
            witness.demand("issuers", fits, Reason::CertificateNotSelected, || {
                let found: Vec<_> = names().map(|name| shown(Some(&name.text()))).collect();
                let found = format!("{:?}: {}", pki.name, found.join(", "));
                words(found, format!("one of the {} in `issuers`", rules.issuers.len()))
            })?;
        }
        if rules.select.is_empty() {
            return Ok(());
        }
        let names = peer.leaf().names().ok();
        let fits =
            names.as_ref().is_some_and(|names| rules.select.iter().any(|rule| rule.fits(names)));
        witness.demand("selected", fits, Reason::CertificateNotSelected, || {
            let subject = names.as_ref().map(|names| names.subject.text());
            let alternatives = names.iter().flat_map(|names| &names.alternatives).take(8);
            let alternatives: Vec<_> = alternatives.map(|(_, name)| shown(Some(name))).collect();
            let alternatives = match alternatives.as_slice() {
                [] => "no alternative names".into(),
                names => format!("alternative names {}", names.join(", ")),
            };
            let subject = shown(subject.as_deref());
            let found = format!("{:?}: subject {subject}, {alternatives}", pki.name);
            words(found, format!("one of the {} in `select`", rules.select.len()))
        })
    }

    /// What lists say of a chain: neither the certificate nor a CA above it is denied, or revoked. All that moves
    /// without the PKI's configuration; asked again whenever it did.
    pub(crate) fn stand_chain<W: Witness>(
        &self,
        peer: &Peer,
        path: &Path,
        pki: &Pki,
        now: Now,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        self.demand_not_denied(peer, witness)?;
        if pki.crls.is_none() && self.denies_none() {
            return Ok(());
        }
        let chain = pki.chain(peer, path).ok_or(Reason::CertificateUntrusted)?;
        let above = chain.iter().skip(1);
        let denied = above.filter_map(|ca| Some((*ca, self.denied_mark(ca)?))).next();
        witness.demand("CAs not denied", denied.is_none(), Reason::CaDenied, || {
            let found = denied.map_or("none of them".into(), |(ca, mark)| {
                format!("{:?}: {}, {mark}", pki.name, subject(ca))
            });
            words(found, "no CA on the path is on a deny list")
        })?;
        stand_revocation(&chain, pki, now, witness)
    }

    /// The client's certificate is on no deny list, whatever role it has.
    pub(super) fn demand_not_denied<W: Witness>(
        &self,
        peer: &Peer,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let mark = self.denied_mark(peer.leaf());
        witness.demand("not denied", mark.is_none(), Reason::CertificateDenied, || {
            let found = mark.map_or("not on it".into(), |mark| format!("{peer:?}: {mark}"));
            words(found, "a certificate that is on no deny list")
        })
    }

    fn stand_issuer<W: Witness>(
        &self,
        facts: &Facts<'_>,
        issuer: &Issuer,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let rules = &self.issuers[facts.issuer];
        stand_key(facts, &issuer.keys, witness)?;
        let taken = issuer.takes_audience(facts.audience);
        witness.demand("audience stands", taken, Reason::UnprovenAudience, || {
            words(facts.audience, "an audience that is still taken")
        })?;
        if rules.client_apps.is_empty() {
            return Ok(());
        }
        // Device tokens carry no client application; any other token without one is refused.
        let is_free = facts.method == Method::Entra && facts.kind == Kind::Device;
        let app = facts.client_app.as_deref();
        let listed = app.map_or(is_free, |app| rules.client_apps.iter().any(|one| **one == *app));
        witness.demand("client app", listed, Reason::ClientAppNotAllowed, || {
            words(shown(app), format!("one of {}", rules.client_apps.join(", ")))
        })
    }
}

/// What the PKI's revocation lists say of a chain.
fn stand_revocation<W: Witness>(
    chain: &[&Certificate],
    pki: &Pki,
    now: Now,
    witness: &mut W,
) -> Result<(), Refusal> {
    let Some(crls) = &pki.crls else { return Ok(()) };
    let status = crls.status(&pki.store, chain, now);
    let outcome = match status {
        Status::Good => Ok(()),
        Status::Revoked(0, _) => Err(Reason::CertificateRevoked),
        Status::Revoked(..) => Err(Reason::CaRevoked),
        Status::Unknown(_, Unknown::Stale | Unknown::NotYet) => Err(Reason::CrlStale),
        Status::Unknown(..) => Err(Reason::RevocationUnknown),
    };
    witness.outcome("not revoked", outcome, |_| {
        let (place, what) = match status {
            Status::Good => (0, "on no list".into()),
            Status::Revoked(place, revocation) => (place, revocation.to_string()),
            Status::Unknown(place, why) => (place, why.words().into()),
        };
        let which = chain.get(place).map(|it| subject(it)).unwrap_or_default();
        let found = format!("{:?}: {which}: {what}", pki.name);
        words(found, "on no revocation list, and covered by a current one")
    })
}

/// A certificate's subject, for words.
fn subject(certificate: &Certificate) -> String {
    shown(certificate.subject_name().ok().map(|name| name.text()).as_deref())
}

fn stand_user<W: Witness>(
    facts: &Gist<'_>,
    rules: &IssuerRules,
    witness: &mut W,
) -> Result<(), Refusal> {
    let Some(users) = rules.users.as_ref().filter(|_| facts.identity.kind() == Kind::User) else {
        return Ok(());
    };
    let known = facts.identity.object().is_some_and(|user| users.contains(&user));
    witness.demand("discovered user", known, Reason::UserNotDiscovered, || {
        let found = facts.identity.object().map_or("no object id".into(), |user| user.to_string());
        words(found, format!("one of {} discovered users", users.len()))
    })
}

fn stand_device<W: Witness>(
    facts: &Gist<'_>,
    rules: &IssuerRules,
    witness: &mut W,
) -> Result<(), Refusal> {
    let found = || facts.identity.device().map_or("no device".into(), |device| device.to_string());
    match &rules.join {
        Join::Off => Ok(()),
        Join::Claim => witness.demand(
            "device join",
            facts.identity.device().is_some(),
            Reason::NotJoined,
            || words(found(), "a device (deviceid)"),
        ),
        Join::Imported(devices) => {
            let device = facts.identity.device().ok_or(Reason::NotJoined);
            let device = witness
                .outcome("device join", device, |_| words(found(), "a device (deviceid)"))?;
            let known = devices.contains(&device);
            witness.demand("imported device", known, Reason::DeviceNotImported, || {
                words(found(), format!("one of {} imported devices", devices.len()))
            })
        }
    }
}

fn key_of(facts: &Facts<'_>) -> Option<KeyId> {
    match facts.proof() {
        Proof::Signature(key) => Some(*key),
        Proof::Path(_) => None,
    }
}

/// A remembered signature stands only while its key does.
fn stand_key<W: Witness>(facts: &Facts<'_>, keys: &Keys, witness: &mut W) -> Result<(), Refusal> {
    let holds = match facts.proof() {
        Proof::Signature(key) => keys.set.holds(*key),
        Proof::Path(_) => false,
    };
    witness.demand("key stands", holds, Reason::KeyUnknown, || {
        words(format!("{:?}", facts.proof()), "a key that the issuer still has")
    })
}
