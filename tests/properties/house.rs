//! Tenants and issuers that sign, the gates that believe them, and one way to ask.

use std::fmt;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tollgate::oidc::{Form, Issuer};
use tollgate::policy::{EndpointRules, Guids, IssuerRules, Join, WindowsRule};
use tollgate::sample::{self, Tenant};
use tollgate::{
    Algorithm, Ask, Explanation, Gate, Guid, Kind, Limits, Now, Policy, Principal, Request,
    Scenario, Trust, Verdict,
};

pub(crate) const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 1_000 };

// The signers, by their places in [`House::signers`].
pub(crate) const HS256: usize = 0;
pub(crate) const ED25519: usize = 1;
/// Another tenant with the algorithm of the one before, so that nothing but the key tells them apart.
pub(crate) const ED25519_TOO: usize = 2;
pub(crate) const ES256: usize = 3;
pub(crate) const RS256: usize = 4;
/// An issuer whose users are named by `sub`.
pub(crate) const PARTNER: usize = 5;
/// An issuer whose devices are named by a claim of its own.
pub(crate) const PLANT: usize = 6;

// The tokens of a tenant, for [`House::token`]; other issuers have the first two.
pub(crate) const USER: usize = 0;
pub(crate) const DEVICE: usize = 2;

/// The endpoint of [`House::strict`] that asks for everything an endpoint can ask for.
pub(crate) const STRICT: &str = "strict";

/// Takes a token of anybody for whom it is genuine.
pub(crate) const OPEN: Ask<'static> =
    Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };

pub(crate) static HOUSE: LazyLock<House> = LazyLock::new(House::new);

pub(crate) struct House {
    pub(crate) signers: Vec<Signer>,
    /// Tokens that the open gate admits: of users, of devices, of each signer.
    pub(crate) genuine: Vec<Genuine>,
    /// Trusts every signer and asks nothing more.
    pub(crate) open: Gate,
    /// Trusts the same, and has a rule of every kind.
    pub(crate) strict: Gate,
}

/// Who signs. An issuer other than Entra has no tenant; its key is lent by a sample tenant.
pub(crate) struct Signer {
    pub(crate) tenant: Tenant,
    other: Option<Other>,
}

/// An OpenID Connect issuer and the claim that names its subjects.
#[derive(Clone, Copy)]
pub(crate) struct Other {
    name: &'static str,
    issuer: &'static str,
    pub(crate) subject: &'static str,
    kind: Kind,
}

/// A token that is right in every respect.
pub(crate) struct Genuine {
    pub(crate) signer: usize,
    pub(crate) claims: Value,
    pub(crate) text: String,
}

const OTHERS: [Other; 2] = [
    Other { name: "partner", issuer: "https://id.example.org", subject: "sub", kind: Kind::User },
    Other {
        name: "plant",
        issuer: "https://plant.example.org",
        subject: "machine",
        kind: Kind::Device,
    },
];

impl House {
    fn new() -> Self {
        let tenant = |number, algorithm| Tenant::new(Guid([number; 16]), algorithm);
        let entra = [Algorithm::Hs256, Algorithm::EdDsa, Algorithm::EdDsa, Algorithm::Es256];
        let entra = entra.into_iter().chain([Algorithm::Rs256]);
        let entra =
            (1..).zip(entra).map(|(number, a)| Signer { tenant: tenant(number, a), other: None });
        let others = (0x71..).zip(OTHERS).map(|(number, other)| Signer {
            tenant: tenant(number, Algorithm::EdDsa),
            other: Some(other),
        });
        let signers: Vec<Signer> = entra.chain(others).collect();
        let genuine = (0..).zip(&signers).flat_map(|(at, signer)| signer.genuine(at)).collect();
        let (open, strict) = (open_gate(&signers), strict_gate(&signers));
        Self { signers, genuine, open, strict }
    }

    /// A genuine token of a signer.
    pub(crate) fn token(&self, signer: usize, number: usize) -> &Genuine {
        let mut own = self.genuine.iter().filter(|token| token.signer == signer);
        own.nth(number).expect("three tokens of each tenant, two of each other issuer")
    }
}

impl Signer {
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.tenant.key.algorithm()
    }

    pub(crate) fn other(&self) -> Option<Other> {
        self.other
    }

    pub(crate) fn sign(&self, payload: &str) -> String {
        self.sign_under(&self.header(), payload)
    }

    pub(crate) fn sign_under(&self, header: &str, payload: &str) -> String {
        tollgate::jws::sign(header, payload.as_bytes(), &self.tenant.key)
    }

    pub(crate) fn header(&self) -> String {
        let alg = self.algorithm().name();
        json!({ "typ": "JWT", "alg": alg, "kid": self.tenant.kid() }).to_string()
    }

    /// Who a token of this signer with these claims is of, read without any of the code under test.
    pub(crate) fn principal_of(&self, claims: &Value) -> String {
        match self.other {
            None => {
                let text = |name: &str| claims[name].as_str().unwrap_or("?").to_lowercase();
                format!("entra:{}:{}", text("tid"), text("oid"))
            }
            Some(other) => {
                format!("oidc:{}:{}", other.name, claims[other.subject].as_str().unwrap_or("?"))
            }
        }
    }

    fn claims(&self) -> Vec<Value> {
        let (tenant, at) = (&self.tenant, NOW.unix_s);
        let Some(other) = self.other else {
            return vec![
                tenant.user_claims(1, at),
                tenant.user_claims(2, at),
                tenant.device_claims(1, at),
            ];
        };
        let claims = |subject: &str| {
            json!({
                "iss": other.issuer, "aud": ["x", sample::AUDIENCE], "exp": at + 600, "iat": at,
                other.subject: subject, "name": subject, "azp": "app",
                "scope": "openid access_as_user", "roles": ["reader"],
            })
        };
        vec![claims("alice"), claims("bob")]
    }

    fn genuine(&self, signer: usize) -> Vec<Genuine> {
        let sign = |claims: Value| Genuine { signer, text: self.sign(&claims.to_string()), claims };
        self.claims().into_iter().map(sign).collect()
    }

    fn issuer(&self) -> Issuer {
        let issuer = self.tenant.issuer();
        let Some(Other { name, issuer: iss, subject, kind }) = self.other else { return issuer };
        let form = Form::Oidc { issuer: iss.into(), subject: subject.into(), kind };
        Issuer { name: name.into(), form, ..issuer }
    }
}

pub(crate) fn trust(signers: &[Signer]) -> Trust {
    Trust::new(signers.iter().map(Signer::issuer).collect()).expect("each issuer once")
}

fn open_gate(signers: &[Signer]) -> Gate {
    let rules = signers.iter().map(|_| IssuerRules::default()).collect();
    let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], rules);
    Gate::new(trust(signers), policy.expect("one endpoint")).expect("rules for each issuer")
}

fn strict_gate(signers: &[Signer]) -> Gate {
    let trust = trust(signers);
    trust.issuers()[RS256].keys.believe_until(NOW.mono_ms);
    let names = |names: &[&str]| names.iter().map(|name| Box::from(*name)).collect();
    let strict = EndpointRules {
        name: STRICT.into(),
        scenarios: vec![Scenario::User],
        scopes: names(&["access_as_user"]),
        roles: names(&["reader"]),
        forward_claims: names(&["name", "aud", "machine"]),
        windows: WindowsRule::Required,
        ..sample::endpoint()
    };
    let rules = |at| match at {
        HS256 => IssuerRules {
            users: Some([Guid([9; 16])].into_iter().collect()),
            ..IssuerRules::default()
        },
        ED25519 => IssuerRules { join: Join::Imported(Guids::default()), ..IssuerRules::default() },
        ED25519_TOO => IssuerRules { enabled: false, ..IssuerRules::default() },
        ES256 => IssuerRules { client_apps: names(&["another"]), ..IssuerRules::default() },
        PLANT => IssuerRules { join: Join::Claim, ..IssuerRules::default() },
        _ => IssuerRules::default(),
    };
    let rules = (0..signers.len()).map(rules).collect();
    let policy = Policy::new(0, Limits::default(), vec![sample::endpoint(), strict], rules);
    Gate::new(trust, policy.expect("two endpoints")).expect("rules for each issuer")
}

/// Checks, and holds the explanation to the same verdict: whatever a property asks, it asks both.
pub(crate) fn judge<'a>(gate: &'a Gate, token: &'a [u8], ask: &Ask<'_>, now: Now) -> Verdict<'a> {
    let request = Request::token(token);
    let verdict = gate.check(&request, ask, now);
    let explanation = gate.explain(&request, ask, now);
    assert_eq!(
        outcome(&verdict),
        outcome(&explanation.verdict),
        "check (left) and explain (right) differ over {:?}, {ask:?}, {now:?}",
        Presented(token.to_vec())
    );
    // A step is read on a terminal: what came in the token can neither start a line nor move a cursor.
    for step in &explanation.steps {
        let moves = |text: &str| text.chars().any(char::is_control);
        assert!(!moves(&step.found) && !moves(&step.expected), "{step:?}");
    }
    verdict
}

/// All that a gateway learns from a verdict.
pub(crate) fn outcome(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Refuse(refusal) => format!("{refusal:?}"),
        Verdict::Admit(admission) => {
            let claims = admission.claims();
            let (kind, window) = (admission.kind(), admission.window());
            format!("{:?} {kind:?} {window:?} {claims:?}", admission.principal())
        }
    }
}

/// As [`judge`] by the open gate, whose answer is who it is.
pub(crate) fn who(token: &[u8]) -> Option<String> {
    let verdict = judge(&HOUSE.open, token, &OPEN, NOW);
    verdict.admission().map(|admission| id(&admission.principal()))
}

pub(crate) fn id(principal: &Principal<'_>) -> String {
    principal.id().to_string()
}

/// What is wrong with an explanation: a refusal's last step is the only one that did not hold; of an
/// admission every step held.
pub(crate) fn gap(explanation: &Explanation<'_>) -> Option<String> {
    let steps = &explanation.steps;
    let last = steps.last().map_or("none", |step| step.name);
    let failed = steps.iter().position(|step| !step.held);
    match (explanation.verdict.refusal(), failed) {
        (None, None) if !steps.is_empty() => None,
        (Some(_), Some(at)) if at + 1 == steps.len() => None,
        (Some(refusal), None) => Some(format!("{refusal}; every step held, the last is {last:?}")),
        (refusal, failed) => {
            let failed = failed.map(|at| steps[at].name);
            Some(format!("{refusal:?}; the step that failed is {failed:?}, the last is {last:?}"))
        }
    }
}

/// What is presented, shown so that a failure can be read.
#[derive(Clone)]
pub(crate) struct Presented(pub(crate) Vec<u8>);

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))?;
        for part in self.0.split(|byte| *byte == b'.').take(2) {
            if let Ok(json) = URL_SAFE_NO_PAD.decode(part) {
                write!(f, "\n  {:?}", String::from_utf8_lossy(&json))?;
            }
        }
        Ok(())
    }
}
