//! The twin of a PKI, and client certificates that it issues.

use std::collections::HashMap;
use std::rc::Rc;

use tollgate::cert::{BadAnchor, Certificate, NameKind, Store};
use tollgate::pki::{FittingName, Pki, PrincipalName, SelectRule};
use tollgate::{Algorithm, Reason, SigningFailed, SigningKey};

use super::certificate::{Alternative, CLIENT_NAME, COMMON_NAME, ClientNames, Parts};
use super::credential::{Client, Credential, Outcome};
use super::trial::Bench;

/// What it takes to make certificates of a PKI's clients.
pub(super) struct PkiMint {
    cas: Vec<IssuingCa>,
    principal: PrincipalName,
    select: Vec<SelectRule>,
    /// A domain that the PKI's name constraints allow.
    domain: Option<String>,
}

/// A CA that has no other below it: the ones whose certificates clients have.
struct IssuingCa {
    der: Vec<u8>,
    key: Rc<SigningKey>,
}

/// Every CA of the configured PKI once more, each with a key of its own.
pub(super) fn double(real: &Pki, select: &[SelectRule]) -> Result<(Pki, PkiMint), String> {
    let anchors: Vec<&[u8]> = real.store.anchors().map(Certificate::der).collect();
    let intermediates: Vec<&[u8]> =
        real.store.intermediates().iter().map(Certificate::der).collect();
    let ders = || anchors.iter().chain(&intermediates).copied();
    let all: Option<Vec<Parts<'_>>> = ders().map(Parts::of).collect();
    let all = all.ok_or("a CA's certificate cannot be cut apart")?;
    let failed = |why: SigningFailed| why.to_string();
    // Certificates of one key are so again: a CA that was renewed, or cross-signed.
    let mut keys: HashMap<&[u8], Rc<SigningKey>> = HashMap::new();
    for ca in &all {
        if !keys.contains_key(ca.public_key) {
            let key = SigningKey::generate(Algorithm::Es256).map_err(failed)?;
            keys.insert(ca.public_key, Rc::new(key));
        }
    }
    let (above, below) = all.split_at(anchors.len());
    let mut doubles = (Vec::new(), Vec::new());
    // A key that proves nothing stays as it is: with another one the twin would be better than the gate.
    let idle: Vec<&[u8]> = real
        .store
        .idle()
        .filter(|(_, _, why)| *why == BadAnchor::Key)
        .map(|(ca, ..)| ca.der())
        .collect();
    for (ca, der) in above.iter().zip(&anchors) {
        let key = &keys[ca.public_key];
        let double =
            if idle.contains(der) { der.to_vec() } else { ca.rekeyed(key, key).map_err(failed)? };
        doubles.0.push(readable(&double)?);
    }
    for (ca, der) in below.iter().zip(&intermediates) {
        if idle.contains(der) {
            doubles.1.push(readable(der)?);
            continue;
        }
        let own = &keys[ca.public_key];
        // By name; where several CAs share it, key identifiers tell the gate which one it was.
        let mut signers: Vec<&Rc<SigningKey>> = Vec::new();
        for issuer in all.iter().filter(|issuer| issuer.subject == ca.issuer) {
            let key = &keys[issuer.public_key];
            if !signers.iter().any(|other| Rc::ptr_eq(other, key)) {
                signers.push(key);
            }
        }
        if signers.is_empty() {
            // Nobody here issued it: it stays without a path.
            let stranger = SigningKey::generate(Algorithm::Es256).map_err(failed)?;
            doubles.1.push(readable(&ca.rekeyed(own, &stranger).map_err(failed)?)?);
        }
        for signer in signers {
            doubles.1.push(readable(&ca.rekeyed(own, signer).map_err(failed)?)?);
        }
    }
    let has_none_below = |ca: &&Parts<'_>| {
        !below.iter().any(|other| other.issuer == ca.subject && other.subject != ca.subject)
    };
    let cas = all.iter().zip(ders()).filter(|(ca, _)| has_none_below(ca));
    let cas =
        cas.map(|(ca, der)| IssuingCa { der: der.to_vec(), key: Rc::clone(&keys[ca.public_key]) });
    let mint = PkiMint {
        cas: cas.collect(),
        principal: real.principal,
        select: select.to_vec(),
        domain: all.iter().rev().find_map(Parts::permitted_domain),
    };
    let store = Store::new(doubles.0, doubles.1);
    let store = store.map_err(|(_, why)| format!("a CA of the twin is not taken: {why}"))?;
    let twin = Pki {
        name: real.name.clone(),
        store: store.into(),
        peer_intermediates: real.peer_intermediates,
        principal: real.principal,
        tenant: real.tenant,
        crls: None,
    };
    Ok((twin, mint))
}

fn readable(der: &[u8]) -> Result<Certificate, String> {
    Certificate::from_der(der).map_err(|why| format!("a CA of the twin is not taken: {why}"))
}

impl PkiMint {
    /// Makes what should be admitted, under one CA after the other, and shows it to `bench` until
    /// something is.
    pub(super) fn attempt(&self, bench: &Bench<'_>) -> Outcome {
        let mut best: Option<Outcome> = None;
        for ca in &self.cas {
            let outcome = self.under(ca, bench).unwrap_or_else(Outcome::Untested);
            if outcome.is_admitted() {
                return outcome;
            }
            // A CA that `issuers` leaves out was left out on purpose; another one says more.
            let says_little = |outcome: &Outcome| outcome.last_step() == "issuers";
            if best.as_ref().is_none_or(says_little) {
                best = Some(outcome);
            }
        }
        best.unwrap_or_else(|| Outcome::Untested("no CA issues to clients".into()))
    }

    fn under(&self, ca: &IssuingCa, bench: &Bench<'_>) -> Result<Outcome, String> {
        let parts = Parts::of(&ca.der).ok_or("the CA's certificate cannot be cut apart")?;
        let key = SigningKey::generate(Algorithm::Es256).map_err(|why| why.to_string())?;
        let mut last = Outcome::Untested("no name can be made".into());
        for names in self.names() {
            let der = parts.issue(&key, &names, &ca.key).map_err(|why| why.to_string())?;
            let credential = Credential::certificate(Client::new(der)?);
            last = Outcome::of(&credential, bench.explain(&credential));
            let is_of_names =
                last.reason() == Some(Reason::CertificateName) || last.last_step() == "selected";
            if !is_of_names {
                break;
            }
        }
        Ok(last)
    }

    /// Names that fit: one set for each rule of `select`.
    fn names(&self) -> Vec<ClientNames> {
        if self.select.is_empty() {
            return vec![self.plain_names()];
        }
        self.select.iter().map(|rule| self.names_for(rule)).collect()
    }

    fn plain_names(&self) -> ClientNames {
        let domain = self.domain.as_deref().unwrap_or("invalid");
        let host = format!("{CLIENT_NAME}.{domain}");
        let address = format!("{CLIENT_NAME}@{domain}");
        let dns = Alternative::Dns(host.clone());
        let alternatives = match self.principal {
            PrincipalName::Alternative(NameKind::Email) => vec![dns, Alternative::Email(address)],
            PrincipalName::Alternative(NameKind::Upn) => vec![dns, Alternative::Upn(address)],
            PrincipalName::Alternative(NameKind::Uri) => {
                vec![dns, Alternative::Uri(format!("https://{host}/"))]
            }
            PrincipalName::Alternative(NameKind::Dns | NameKind::Dn)
            | PrincipalName::FirstAlternative
            | PrincipalName::Subject => vec![dns],
        };
        ClientNames { subject: Vec::new(), alternatives }
    }

    fn names_for(&self, rule: &SelectRule) -> ClientNames {
        let mut names = self.plain_names();
        match rule.fitting_name() {
            FittingName::CommonName(text) => {
                names.subject.push((COMMON_NAME.to_vec(), text.into()));
            }
            FittingName::Attribute(oid, text) => {
                names.subject.push((oid.to_vec(), text.unwrap_or(CLIENT_NAME).into()));
            }
            FittingName::Alternative(None) => {}
            // The only kind of name that holds any text.
            FittingName::Alternative(Some(text)) => {
                names.alternatives.push(Alternative::Upn(text.into()));
            }
        }
        names
    }
}
