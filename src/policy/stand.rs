//! Standing: what trust and policy say of proven facts, whoever asks and whenever.

use super::{Join, Policy};
use crate::facts::{Facts, Kind, Proof};
use crate::jws::Keys;
use crate::method::Method;
use crate::oidc::Issuer;
use crate::pki::Pki;
use crate::reason::{Reason, Refusal};
use crate::trust::Trust;
use crate::witness::{Witness, shown, words};

impl Policy {
    /// Reads facts, trust and policy; never the ask or the time.
    pub(crate) fn stand<W: Witness>(
        &self,
        facts: &Facts,
        trust: &Trust,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        match facts.method {
            Method::Entra | Method::Oidc => {
                self.stand_issuer(facts, &trust.issuers()[facts.issuer], witness)
            }
            Method::Pki => self.stand_pki(facts, &trust.pkis()[facts.issuer], witness),
            Method::Site => stand_key(facts, &trust.sites()[facts.issuer].keys, witness),
        }
    }

    fn stand_pki<W: Witness>(
        &self,
        facts: &Facts,
        pki: &Pki,
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
        let names = facts.certificate.as_ref().and_then(|certificate| certificate.names().ok());
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

    fn stand_issuer<W: Witness>(
        &self,
        facts: &Facts,
        issuer: &Issuer,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let rules = &self.issuers[facts.issuer];
        witness.demand("tenant enabled", rules.enabled, Reason::TenantDisabled, || {
            words(if rules.enabled { "enabled" } else { "disabled" }, "enabled")
        })?;
        stand_key(facts, &issuer.keys, witness)?;
        let taken = issuer.takes_audience(&facts.audience);
        witness.demand("audience stands", taken, Reason::UnprovenAudience, || {
            words(&*facts.audience, "an audience that is still taken")
        })?;
        if !rules.client_apps.is_empty() {
            // Device tokens carry no client application; any other token without one is refused.
            let is_free = facts.method == Method::Entra && facts.kind == Kind::Device;
            let listed = match &facts.client_app {
                Some(app) => rules.client_apps.contains(app),
                None => is_free,
            };
            witness.demand("client app", listed, Reason::ClientAppNotAllowed, || {
                words(
                    shown(facts.client_app.as_deref()),
                    format!("one of {}", rules.client_apps.join(", ")),
                )
            })?;
        }
        if let Some(users) = &rules.users
            && facts.kind == Kind::User
        {
            let known = facts.object.is_some_and(|user| users.contains(&user));
            witness.demand("discovered user", known, Reason::UserNotDiscovered, || {
                let found = facts.object.map_or("no object id".into(), |user| user.to_string());
                words(found, format!("one of {} discovered users", users.len()))
            })?;
        }
        let found = || facts.device.map_or("no device".into(), |device| device.to_string());
        match &rules.join {
            Join::Off => Ok(()),
            Join::Claim => {
                witness.demand("device join", facts.device.is_some(), Reason::NotJoined, || {
                    words(found(), "a device (deviceid)")
                })
            }
            Join::Imported(devices) => {
                let device = facts.device.ok_or(Reason::NotJoined);
                let device = witness
                    .outcome("device join", device, |_| words(found(), "a device (deviceid)"))?;
                let known = devices.contains(&device);
                witness.demand("imported device", known, Reason::DeviceNotImported, || {
                    words(found(), format!("one of {} imported devices", devices.len()))
                })
            }
        }
    }
}

/// A remembered signature stands only while its key does.
fn stand_key<W: Witness>(facts: &Facts, keys: &Keys, witness: &mut W) -> Result<(), Refusal> {
    let holds = match facts.proof() {
        Proof::Signature(key) => keys.set.holds(*key),
        Proof::Path(_) => false,
    };
    witness.demand("key stands", holds, Reason::KeyUnknown, || {
        words(format!("{:?}", facts.proof()), "a key that the issuer still has")
    })
}
