//! One request from its bytes to what was proven: every stage in its order, the first refusal ends
//! it. What a certificate beside a token means stands in docs/design.md, "Two roles of
//! the peer".

use super::token::Token;
use crate::cert::Budget;
use crate::credential::{Ask, Request};
use crate::facts::Facts;
use crate::method::Method;
use crate::peer::Peer;
use crate::pki;
use crate::reason::{Class, Reason, Refusal};
use crate::snapshot::Snapshot;
use crate::time::Now;
use crate::verdict::Admitted;
use crate::witness::{Witness, words};

/// What is the same for every credential of one request.
#[derive(Clone, Copy)]
struct Case<'c> {
    snapshot: &'c Snapshot,
    endpoint: usize,
    ask: &'c Ask<'c>,
    peer: Option<&'c Peer>,
    now: Now,
}

/// Why there are no facts of a certificate.
enum NoFacts {
    /// No PKI proves it.
    NoPath(pki::NoPath),
    /// One does, and does not take it.
    Refused(Refusal),
}

pub(super) fn judge<W: Witness>(
    snapshot: &Snapshot,
    request: &Request<'_>,
    ask: &Ask<'_>,
    now: Now,
    witness: &mut W,
) -> Result<Admitted, Refusal> {
    let policy = &snapshot.policy;
    let endpoint = policy.endpoint(ask.endpoint).ok_or(Reason::EndpointUnknown);
    let endpoint = witness.outcome("endpoint", endpoint, |_| {
        let names: Vec<_> = policy.endpoint_names().collect();
        words(format!("{:?}", ask.endpoint), format!("one of {}", names.join(", ")))
    })?;
    let peer = match request.presented_peer() {
        Ok(peer) => peer,
        Err(refusal) => {
            let expected = "certificates that can be read, from somebody who may pass them on";
            witness.saw("certificate", false, || words(refusal.to_string(), expected));
            return Err(by(Method::Pki)(refusal));
        }
    };
    let token = request.presented_token().filter(|token| !token.is_empty());
    let presented = token.is_some() || peer.is_some();
    witness.demand("credential", presented, Reason::NoCredential, || {
        let found = match (token, peer) {
            (None, None) => "nothing",
            (Some(_), None) => "a token",
            (None, Some(_)) => "a certificate",
            (Some(_), Some(_)) => "a token and a certificate",
        };
        words(found, "a token or a certificate")
    })?;
    let case = Case { snapshot, endpoint, ask, peer, now };
    match (token, peer) {
        (Some(token), _) => case.token_and_certificate(token, witness),
        (None, Some(peer)) => case.certificate_alone(peer, witness).map_err(by(Method::Pki)),
        (None, None) => Err(Reason::NoCredential.into()),
    }
}

impl Case<'_> {
    /// The certificate names the principal: nothing else came.
    fn certificate_alone<W: Witness>(
        &self,
        peer: &Peer,
        witness: &mut W,
    ) -> Result<Admitted, Refusal> {
        let Snapshot { trust, policy } = self.snapshot;
        let judged = self.certificate(peer, witness);
        let is_ours = match &judged {
            Ok(_) | Err(NoFacts::Refused(_)) => true,
            Err(NoFacts::NoPath(no_path)) => no_path.is_proven(),
        };
        // Whatever else is wrong with it, here it would not be taken anyway.
        if is_ours && !policy.takes(self.endpoint, Method::Pki) {
            let not_taken = || words("pki", "one of the endpoint's methods");
            witness.saw("method", false, not_taken);
            return Err(Reason::MethodNotEnabled.into());
        }
        let facts = match judged {
            Ok(facts) => facts,
            Err(NoFacts::Refused(refusal)) => return Err(refusal),
            Err(NoFacts::NoPath(no_path)) => {
                witness.saw("certificate path", false, || no_path.words(peer, trust.pkis()));
                return Err(no_path.into());
            }
        };
        policy.suit(&facts, self.endpoint, self.ask, self.peer, self.now, witness)?;
        let is_direct = !peer.is_forwarded();
        Ok(Admitted {
            facts,
            certificate: None,
            is_bound: is_direct,
            is_direct,
            endpoint: self.endpoint,
        })
    }

    /// The token names the principal; the certificate proves its key, or stands beside it, or is
    /// nobody's and ignored.
    fn token_and_certificate<W: Witness>(
        &self,
        token: &[u8],
        witness: &mut W,
    ) -> Result<Admitted, Refusal> {
        let mut buffer = Vec::new();
        let token = Token::read(token, &mut buffer, self.snapshot, witness)?;
        let names_peer = self.peer.is_some_and(|peer| token.names(peer));
        let judged = self.token(token, witness);
        // What is undecidable of the token does not save a certificate that is definitely refused.
        if let Err(refusal) = judged
            && refusal.reason.class() != Class::Undecidable
        {
            return Err(refusal);
        }
        let certificate = match self.peer {
            Some(peer) if names_peer => {
                witness.saw("certificate", true, || {
                    let expected = "proves the token's key; it is not judged as one of a PKI";
                    words(format!("{peer:?}"), expected)
                });
                None
            }
            Some(peer) => self.certificate_beside(peer, witness).map_err(by(Method::Pki))?,
            None => None,
        };
        // Said again behind the certificate's steps, so that the last one is what decides.
        let facts = match self.peer {
            Some(_) => witness.outcome("token", judged, |facts| {
                words(if facts.is_some() { "admitted" } else { "undecidable" }, "admitted")
            })?,
            None => judged?,
        };
        if let Some(certificate) = &certificate {
            one_tenant(&facts, certificate, witness).map_err(by(Method::Pki))?;
        }
        Ok(Admitted {
            is_bound: facts.confirmation.is_some(),
            facts,
            certificate: certificate.map(Box::new),
            is_direct: self.peer.is_some_and(|peer| !peer.is_forwarded()),
            endpoint: self.endpoint,
        })
    }

    /// A certificate that a configured PKI issued is judged, whatever token came with it; any other
    /// says nothing.
    fn certificate_beside<W: Witness>(
        &self,
        peer: &Peer,
        witness: &mut W,
    ) -> Result<Option<Facts>, Refusal> {
        let Snapshot { trust, policy } = self.snapshot;
        if !policy.takes(self.endpoint, Method::Pki) {
            let found = "the endpoint does not take method pki: ignored";
            witness.saw("certificate", true, || words(found, "nothing"));
            return Ok(None);
        }
        match self.certificate(peer, witness) {
            Ok(facts) => {
                policy.suit_time(&facts, self.now, witness)?;
                Ok(Some(facts))
            }
            Err(NoFacts::Refused(refusal)) => Err(refusal),
            Err(NoFacts::NoPath(no_path)) => {
                let ignored = !no_path.is_proven();
                witness.saw("certificate path", ignored, || {
                    let mut words = no_path.words(peer, trust.pkis());
                    if ignored {
                        words.found.push_str(": ignored beside a token");
                    }
                    words
                });
                if ignored { Ok(None) } else { Err(no_path.into()) }
            }
        }
    }

    /// The facts by the first PKI that proves the certificate and takes it. What one PKI leaves, by
    /// its names or its rules, the next may take; if none does, the first one's refusal stands.
    fn certificate<W: Witness>(&self, peer: &Peer, witness: &mut W) -> Result<Facts, NoFacts> {
        let Snapshot { trust, policy } = self.snapshot;
        let unverified = pki::Unverified::of(peer);
        let mut refused = None;
        let (mut next, mut budget) = (0, Budget::new());
        let last = loop {
            let authentic = match unverified.prove(trust.pkis(), next, self.now, &mut budget) {
                Ok(authentic) => authentic,
                Err(no_path) => break NoFacts::NoPath(no_path),
            };
            next = authentic.place() + 1;
            let mark = witness.mark();
            let facts = authentic.into_facts(trust.pkis(), witness);
            let standing = facts.and_then(|facts| {
                policy.stand(&facts, trust, witness)?;
                Ok(facts)
            });
            match standing {
                Ok(facts) => return Ok(facts),
                // One step speaks at the end: behind a first refusal the last PKI's is one of the others.
                Err(refusal) if next < trust.pkis().len() || refused.is_some() => {
                    let ended = witness.forget(mark);
                    let name = &trust.pkis()[next - 1].name;
                    witness.saw("certificate", true, || {
                        let (reason, number) = (refusal.reason.name(), refusal.reason.number());
                        let step =
                            ended.as_ref().map(|(step, said)| format!("{step}, {}", said.found));
                        let step = step.unwrap_or_default();
                        let found =
                            format!("{name:?} does not take it: {reason} ({number}): {step}");
                        words(found, "a PKI that takes it")
                    });
                    refused.get_or_insert((refusal, ended));
                }
                Err(refusal) => break NoFacts::Refused(refusal),
            }
        };
        let Some((first, ended)) = refused else { return Err(last) };
        let (step, said) = ended.unzip();
        witness.saw(step.unwrap_or("certificate"), false, || {
            said.unwrap_or_else(|| words(first.to_string(), "a PKI that takes it"))
        });
        Err(NoFacts::Refused(first))
    }

    /// A token from its proof to whether it suits this request.
    fn token<W: Witness>(&self, token: Token<'_>, witness: &mut W) -> Result<Facts, Refusal> {
        let Snapshot { trust, policy } = self.snapshot;
        let method = token.method();
        let judged = token.prove(self.snapshot, self.now, witness).and_then(|facts| {
            policy.stand(&facts, trust, witness)?;
            policy.suit(&facts, self.endpoint, self.ask, self.peer, self.now, witness)?;
            Ok(facts)
        });
        judged.map_err(by(method))
    }
}

/// User and device of different tenants are never taken for one client (CVE-2025-55241 is what
/// comes of a tenant that nobody compares).
fn one_tenant<W: Witness>(
    token: &Facts,
    certificate: &Facts,
    witness: &mut W,
) -> Result<(), Refusal> {
    let (Some(token), Some(certificate)) = (token.tenant, certificate.tenant) else {
        return Ok(());
    };
    witness.demand("one tenant", token == certificate, Reason::TenantConflict, || {
        words(
            format!("a token of {token}"),
            format!("of {certificate}, whose devices the certificate's PKI serves"),
        )
    })
}

/// The method by which a credential was judged stands in its refusal.
fn by(method: Method) -> impl Fn(Refusal) -> Refusal {
    move |refusal| Refusal { method: refusal.method.or(Some(method)), ..refusal }
}
