//! One request from its bytes to what was proven: every stage in its order, the first refusal ends
//! it. What a certificate beside a token means stands in docs/design.md, "Two roles of
//! the peer".

use super::memory::{Memory, identity};
use super::proving::Proving;
use super::token::Token;
use crate::cert::{Budget, Certificate};
use crate::credential::{Ask, Request};
use crate::facts::{Facts, Proof};
use crate::guid::Guid;
use crate::identity::Identity;
use crate::method::Method;
use crate::peer::Peer;
use crate::pki;
use crate::policy::Policy;
use crate::reason::{Class, Reason, Refusal};
use crate::replay::Use;
use crate::snapshot::Snapshot;
use crate::time::Now;
use crate::verdict::{Admitted, Beside, Presented, Who};
use crate::witness::{Witness, words};

/// What is the same for every credential of one request.
#[derive(Clone, Copy)]
struct Case<'c, 'a> {
    snapshot: &'c Snapshot,
    memory: &'c Memory,
    /// An explanation proves everything anew, and leaves no trace in the memory.
    remembers: bool,
    endpoint: usize,
    ask: &'c Ask<'c>,
    peer: Option<&'a Peer>,
    now: Now,
}

/// Why there are no facts of a certificate.
enum NoFacts {
    /// No PKI proves it.
    NoPath(pki::NoPath),
    /// One does, and does not take it.
    Refused(Refusal),
}

/// Judges by all the rules. What is proven of these bytes already costs no signature, unless this is an
/// explanation (`remembers` is false), which proves everything anew and remembers nothing.
pub(super) fn judge<'a, W: Witness>(
    snapshot: &Snapshot,
    memory: &Memory,
    remembers: bool,
    (request, ask, now): (&Request<'a>, &Ask<'_>, Now),
    witness: &mut W,
) -> Result<Admitted<'a>, Refusal> {
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
    let case = Case { snapshot, memory, remembers, endpoint, ask, peer, now };
    match (token, peer) {
        (Some(token), _) => case.token_and_certificate(token, witness),
        (None, Some(peer)) => case.certificate_alone(peer, witness).map_err(by(Method::Pki)),
        (None, None) => Err(Reason::NoCredential.into()),
    }
}

impl<'c, 'a> Case<'c, 'a> {
    /// The certificate names the principal: nothing else came.
    fn certificate_alone<W: Witness>(
        &self,
        peer: &'a Peer,
        witness: &mut W,
    ) -> Result<Admitted<'a>, Refusal> {
        let Snapshot { trust, policy, .. } = self.snapshot;
        let mut proving = self.proving(peer.bytes(trust.takes_intermediates()));
        let judged = self.certificate(peer, &mut proving, witness);
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
        policy.suit(&facts.gist(), self.endpoint, self.ask, self.peer, self.now, witness)?;
        self.hears_of_withdrawals(&facts, witness)?;
        self.remember_path(&facts, peer, &mut proving);
        let is_direct = !peer.is_forwarded();
        Ok(Admitted {
            who: self.who(&facts, Presented::Certificate(peer)),
            certificate: None,
            is_bound: is_direct,
            is_direct,
            forward: self.snapshot.forward(self.endpoint),
        })
    }

    /// The token names the principal; the certificate proves its key, or stands beside it, or is
    /// nobody's and ignored.
    fn token_and_certificate<W: Witness>(
        &self,
        presented: &'a [u8],
        witness: &mut W,
    ) -> Result<Admitted<'a>, Refusal> {
        let mut buffer = Vec::new();
        let token = Token::read(presented, &mut buffer, self.snapshot, witness)?;
        let names_peer = self.peer.is_some_and(|peer| token.names(peer));
        let judged = self.token(token, self.proving(presented), witness);
        // What is undecidable of the token does not save a certificate that is definitely refused.
        if let Err(refusal) = &judged
            && refusal.reason.class() != Class::Undecidable
        {
            return Err(*refusal);
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
        if let Some((certificate, _)) = &certificate {
            one_tenant(facts.tenant, certificate.tenant, witness).map_err(by(Method::Pki))?;
        }
        self.pass_once(&facts, witness).map_err(by(facts.method))?;
        let certificate = certificate.map(|(certificate, peer)| {
            let Identity { authority, .. } = identity(&certificate, self.snapshot);
            Beside { peer, authority, ends: certificate.identity().ends() }
        });
        Ok(Admitted {
            who: self.who(&facts, Presented::Token(presented)),
            certificate,
            is_bound: facts.terms.confirmation.is_some(),
            is_direct: self.peer.is_some_and(|peer| !peer.is_forwarded()),
            forward: self.snapshot.forward(self.endpoint),
        })
    }

    /// A certificate that a configured PKI issued is judged, whatever token came with it; any other
    /// says nothing.
    fn certificate_beside<W: Witness>(
        &self,
        peer: &'a Peer,
        witness: &mut W,
    ) -> Result<Option<(Facts<'a>, &'a Peer)>, Refusal> {
        let Snapshot { trust, policy, .. } = self.snapshot;
        if !policy.takes(self.endpoint, Method::Pki) {
            let found = "the endpoint does not take method pki: ignored";
            witness.saw("certificate", true, || words(found, "nothing"));
            return Ok(None);
        }
        let mut proving = self.proving(peer.bytes(trust.takes_intermediates()));
        match self.certificate(peer, &mut proving, witness) {
            Ok(facts) => {
                policy.suit_time(&facts.gist(), self.now, witness)?;
                self.hears_of_withdrawals(&facts, witness)?;
                self.remember_path(&facts, peer, &mut proving);
                Ok(Some((facts, peer)))
            }
            Err(NoFacts::Refused(refusal)) => Err(refusal),
            Err(NoFacts::NoPath(no_path)) => {
                let ignored = no_path.is_nobodys();
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
    fn certificate<W: Witness>(
        &self,
        peer: &'a Peer,
        proving: &mut Proving<'_>,
        witness: &mut W,
    ) -> Result<Facts<'a>, NoFacts> {
        let Snapshot { trust, policy, .. } = self.snapshot;
        let unverified = pki::Unverified::of(peer);
        let mut refused = None;
        let (mut next, mut budget) = (0, Budget::new());
        let last = loop {
            let proven = unverified.prove(trust.pkis(), next, self.now, &mut budget, proving);
            let authentic = match proven {
                Ok(authentic) => authentic,
                Err(no_path) => break NoFacts::NoPath(no_path),
            };
            next = authentic.place() + 1;
            let mark = witness.mark();
            let facts = authentic.into_facts(trust.pkis(), witness);
            let standing = facts.and_then(|facts| {
                policy.stand(&facts, trust, self.now, witness)?;
                Ok(facts)
            });
            match standing {
                Ok(facts) => return Ok(facts),
                // What its own CA has taken back is good for no other PKI either.
                Err(refusal) if refusal.reason == Reason::CertificateRevoked => {
                    return Err(NoFacts::Refused(refusal));
                }
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
    fn token<'t, W: Witness>(
        &self,
        token: Token<'t>,
        mut proving: Proving<'_>,
        witness: &mut W,
    ) -> Result<Facts<'t>, Refusal> {
        let Snapshot { trust, policy, .. } = self.snapshot;
        let method = token.method();
        proving.of_authority(self.snapshot.authority_at(method, token.place()));
        let judged =
            token.prove(self.snapshot, self.now, &mut proving, witness).and_then(|facts| {
                policy.stand(&facts, trust, self.now, witness)?;
                let gist = policy.informed(facts.gist(), trust);
                policy.suit(&gist, self.endpoint, self.ask, self.peer, self.now, witness)?;
                self.hears_of_withdrawals(&facts, witness)?;
                proving.remember(&facts, ALWAYS);
                Ok(facts)
            });
        judged.map_err(by(method))
    }

    /// Whether somebody tells in time who has been withdrawn. Asked last: what is refused for good needs no
    /// feed, a withdrawal that was heard before it fell silent among it.
    fn hears_of_withdrawals<W: Witness>(
        &self,
        facts: &Facts<'_>,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let number = self.snapshot.authority_at(facts.method, facts.issuer);
        let feeds = self.snapshot.standing(number).map(|standing| &standing.feeds);
        let Some(feeds) = feeds.filter(|feeds| !feeds.is_empty()) else { return Ok(()) };
        let is_fresh = feeds.are_fresh(self.now);
        witness.demand("feed", is_fresh, Reason::FeedStale, || {
            let found = if is_fresh { "heard in time" } else { "not heard in time" };
            words(found, "withdrawals heard within feed.max_staleness")
        })
    }

    fn proving<'b>(&self, bytes: &'b [u8]) -> Proving<'b>
    where
        'c: 'b,
    {
        let memory = self.remembers.then_some(self.memory);
        Proving::new(memory, self.snapshot, self.ask.source, self.now, bytes)
    }

    /// A path is remembered if everything that was presented is on it, once and in its order, or nothing of
    /// that was looked at: one certificate with a million others beside it is one entry, or none.
    fn remember_path(&self, facts: &Facts<'_>, peer: &Peer, proving: &mut Proving<'_>) {
        let Proof::Path(path) = facts.proof() else { return };
        let trust = &self.snapshot.trust;
        let mut above = path.intermediates().iter().copied().chain([path.anchor()]);
        let on_path = |other: &Certificate| above.any(|on_path| on_path == other.thumbprint());
        // Where the clocks have left the time for which the lists were ordered, each check asks them anew.
        if !trust.is_steady(self.now) {
            return;
        }
        if !trust.takes_intermediates() || peer.presented().iter().all(on_path) {
            proving.remember(facts, pki::steady(peer, trust.pkis(), self.now.unix_s));
        }
    }

    /// A token of an issuer whose tokens pass once is used up by an admission, and by nothing else.
    fn pass_once<W: Witness>(&self, facts: &Facts<'_>, witness: &mut W) -> Result<(), Refusal> {
        let Some(id) = &facts.token_id else { return Ok(()) };
        // By the issuer's own name: another one in the configuration makes no token new.
        let issuer = self.snapshot.trust.authority_of(facts.method, facts.issuer);
        let id = self.memory.keyed.hash(&[issuer.as_bytes(), id.as_bytes()]);
        let replay = &self.memory.replay;
        let found = if self.remembers {
            let last_s = facts.identity().ends().saturating_add(Policy::SKEW_MOST_S);
            replay.take(id, last_s, self.now)
        } else if replay.has(id) {
            Use::Again
        } else {
            Use::First
        };
        let outcome = match found {
            Use::First => Ok(()),
            Use::Again => Err(Reason::Replayed),
            Use::Full => Err(Reason::ReplayFull),
        };
        witness.outcome("first use", outcome, |_| words(format!("{found:?}"), "First"))
    }

    fn who(&self, facts: &Facts<'_>, presented: Presented<'a>) -> Who<'a> {
        Who { identity: identity(facts, self.snapshot), presented }
    }
}

/// A signature stays what it is.
const ALWAYS: (i64, i64) = (i64::MIN, i64::MAX);

/// User and device of different tenants are never taken for one client (CVE-2025-55241 is what
/// comes of a tenant that nobody compares).
pub(super) fn one_tenant<W: Witness>(
    token: Option<Guid>,
    certificate: Option<Guid>,
    witness: &mut W,
) -> Result<(), Refusal> {
    let (Some(token), Some(certificate)) = (token, certificate) else {
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
pub(super) fn by(method: Method) -> impl Fn(Refusal) -> Refusal {
    move |refusal| Refusal { method: refusal.method.or(Some(method)), ..refusal }
}
