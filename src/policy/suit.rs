//! Suiting: whether proven facts suit this ask, now. Runs on every check.

use super::told::suit_settings;
use super::{Endpoint, Policy, WindowsRule};
use crate::credential::{Ask, Scenario};
use crate::facts::{Gist, Grants, Kind};
use crate::limits::FORWARDED_CLAIM_BYTES;
use crate::method::Method;
use crate::peer::Peer;
use crate::reason::{Reason, Refusal};
use crate::site::CLIENT_LIFETIME_MOST_S;
use crate::time::{Now, Window};
use crate::witness::{Witness, words};

/// Windows 10, Windows 11 and their servers all report major version 10.
const WINDOWS_10: u32 = 10;

impl Policy {
    /// Pure: the same facts, ask, peer and time give the same answer.
    #[inline(always)]
    pub(crate) fn suit<W: Witness>(
        &self,
        facts: &Gist<'_>,
        endpoint: usize,
        ask: &Ask<'_>,
        peer: Option<&Peer>,
        now: Now,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        self.suit_binding(facts, peer, witness)?;
        self.suit_time(facts, now, witness)?;
        let endpoint = &self.endpoints[endpoint];
        let takes = endpoint.takes(facts.method);
        witness.demand("method", takes, Reason::MethodNotEnabled, || {
            let taken = Method::ALL.into_iter().filter(|method| endpoint.takes(*method));
            let names: Vec<_> = taken.map(Method::name).collect();
            words(facts.method.name(), format!("one of {}", names.join(", ")))
        })?;
        let serves = endpoint.serves(ask.scenario);
        witness.demand("scenario", serves, Reason::ScenarioNotEnabled, || {
            let served = Scenario::ALL.into_iter().filter(|one| endpoint.serves(*one));
            let names: Vec<_> = served.map(Scenario::name).collect();
            words(ask.scenario.name(), format!("one of {}", names.join(", ")))
        })?;
        let proves = ask.scenario == Scenario::Device || facts.identity.kind() == Kind::User;
        witness.demand("proves", proves, Reason::UserNeeded, || {
            words(
                format!("a {}", facts.identity.kind().name()),
                format!("a {} scenario", ask.scenario.name()),
            )
        })?;
        suit_settings(endpoint, facts, ask, witness)?;
        if facts.method == Method::Entra {
            suit_windows(endpoint.windows, ask, witness)?;
        }
        if endpoint.asks_nothing() {
            return Ok(());
        }
        suit_grants(endpoint, self, facts.grants(), witness)?;
        suit_claims(endpoint, self, facts.grants(), witness)
    }

    /// A token that names a key is worth nothing without it (RFC 7800 section 3), and a certificate that is
    /// on a deny list proves none.
    #[inline]
    fn suit_binding<W: Witness>(
        &self,
        facts: &Gist<'_>,
        peer: Option<&Peer>,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let Some(confirmation) = facts.confirmation() else { return Ok(()) };
        witness.outcome("binding", confirmation.check(peer), |_| {
            let found = match peer {
                None => "no certificate of the client".into(),
                Some(peer) => format!("{peer:?}"),
            };
            words(found, format!("the client proves {}", confirmation.words()))
        })?;
        peer.map_or(Ok(()), |peer| self.demand_not_denied(peer, witness))
    }

    /// The times of a token by the skew; those of a certificate, which lives long enough, exactly.
    #[inline]
    pub(crate) fn suit_time<W: Witness>(
        &self,
        facts: &Gist<'_>,
        now: Now,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        if facts.method == Method::Pki {
            return suit_validity(facts, now, witness);
        }
        // Absent starts are the least of all numbers: never early, whatever the clock.
        let (times, now_s, skew_s) = (facts.identity.times(), now.unix_s, self.skew_s);
        let late_s = now_s.saturating_sub(times.ends);
        let over = Window::is_late(late_s, skew_s);
        witness.demand("exp", !over, Reason::Expired.seconds(late_s, skew_s), || {
            words(since(late_s, "ended", "ends"), format!("not ended, {skew_s} s of skew"))
        })?;
        let early_s = times.not_before.saturating_sub(now_s);
        let refusal = Reason::NotYetValid.seconds(early_s, skew_s);
        witness.demand("nbf", early_s <= skew_s, refusal, || {
            let found = facts.identity.window().not_before;
            let found = found.map(|start| now_s.saturating_sub(start));
            let found = found.map_or("absent".into(), |s| since(s, "began", "begins"));
            words(found, format!("begun, {skew_s} s of skew"))
        })?;
        let early_s = times.issued.saturating_sub(now_s);
        let refusal = Reason::IssuedInFuture.seconds(early_s, skew_s);
        witness.demand("iat", early_s <= skew_s, refusal, || {
            let found = facts.identity.window().issued;
            let found = found.map(|issued| now_s.saturating_sub(issued));
            let found = found.map_or("absent".into(), |s| since(s, "issued", "issued"));
            words(found, format!("in the past, {skew_s} s of skew"))
        })?;
        let most_s = match facts.method {
            Method::Site => CLIENT_LIFETIME_MOST_S,
            Method::Entra | Method::Oidc | Method::Pki => self.limits.token_lifetime_s,
        };
        let life_s = times.lifetime_s(now_s);
        let refusal = Reason::LifetimeTooLong.seconds(life_s, most_s);
        witness.demand("lifetime", life_s <= most_s, refusal, || {
            words(format!("{life_s} s"), format!("at most {most_s} s"))
        })
    }
}

/// RFC 5280 section 4.1.2.5: both ends are inclusive. The window is that of the whole path.
fn suit_validity<W: Witness>(facts: &Gist<'_>, now: Now, witness: &mut W) -> Result<(), Refusal> {
    let (times, now_s) = (facts.identity.times(), now.unix_s);
    let left_s = times.ends.saturating_sub(now_s);
    witness.demand("not after", left_s >= 0, Reason::CertificateExpired, || {
        words(since(left_s.saturating_neg(), "ended", "ends"), "not ended")
    })?;
    let age_s = now_s.saturating_sub(times.not_before);
    witness.demand("not before", age_s >= 0, Reason::CertificateNotYetValid, || {
        words(since(age_s, "began", "begins"), "begun")
    })
}

#[inline]
fn suit_windows<W: Witness>(
    rule: WindowsRule,
    ask: &Ask<'_>,
    witness: &mut W,
) -> Result<(), Refusal> {
    let refusal = match (rule, ask.windows) {
        (WindowsRule::Ignore, _) | (WindowsRule::IfKnown, None) => None,
        (WindowsRule::Required, None) => Some(Reason::WindowsUnknown),
        (_, Some(version)) if version.major < WINDOWS_10 => Some(Reason::WindowsTooOld),
        (_, Some(_)) => None,
    };
    let outcome = refusal.map_or(Ok(()), Err);
    witness.outcome("windows", outcome, |_| {
        let found = ask.windows.map_or("unknown".into(), |version| version.to_string());
        words(found, rule.words())
    })
}

fn suit_grants<W: Witness>(
    endpoint: &Endpoint,
    policy: &Policy,
    grants: Grants,
    witness: &mut W,
) -> Result<(), Refusal> {
    let names = &policy.projection;
    for (step, wanted, got, names, reason) in [
        ("scopes", endpoint.scopes, grants.scopes, &names.scopes, Reason::ScopeMissing),
        ("roles", endpoint.roles, grants.roles, &names.roles, Reason::RoleMissing),
    ] {
        if wanted != 0 {
            witness.demand(step, wanted & !got == 0, reason, || {
                words(names_of(got & wanted, names), names_of(wanted, names))
            })?;
        }
    }
    Ok(())
}

/// A claim that the backend waits for is whole, or the token is refused.
fn suit_claims<W: Witness>(
    endpoint: &Endpoint,
    policy: &Policy,
    grants: Grants,
    witness: &mut W,
) -> Result<(), Refusal> {
    if endpoint.forward == 0 {
        return Ok(());
    }
    let long = grants.too_long & endpoint.forward;
    let refusal = Reason::ClaimTooLong.of("forward_claims");
    witness.demand("forwarded claims", long == 0, refusal, || {
        let name = policy.projection.claims.get(long.trailing_zeros() as usize);
        words(
            name.map_or("each short enough".into(), |name| format!("{name} is too long")),
            format!("each at most {FORWARDED_CLAIM_BYTES} bytes"),
        )
    })
}

fn names_of(bits: u64, names: &[Box<str>]) -> String {
    let set = names.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
    let list: Vec<&str> = set.map(|(_, name)| name.as_ref()).collect();
    if list.is_empty() { "none".into() } else { list.join(" ") }
}

fn since(seconds: i64, past: &str, future: &str) -> String {
    match seconds {
        0.. => format!("{past} {seconds} s ago"),
        _ => format!("{future} in {} s", seconds.unsigned_abs()),
    }
}
