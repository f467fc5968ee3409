//! All that a gateway learns from a verdict, to compare it with another gate's.

use tollgate::{
    Ask, Gate, Guid, Kind, Method, Now, Principal, Reason, Refusal, Request, Verdict, Window,
};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Refused(Refusal),
    Admitted(Box<Admitted>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Admitted {
    principal: Named,
    certificate: Option<Named>,
    method: Method,
    kind: Kind,
    window: Window,
    expires_s: i64,
    claims: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Named {
    id: String,
    authority: String,
    tenant: Option<Guid>,
    user: Option<Guid>,
    device: Option<Guid>,
    subject: String,
    bound: bool,
}

impl Said {
    pub(crate) fn of(verdict: &Verdict<'_>) -> Self {
        let Verdict::Admit(admission) = verdict else {
            return Self::Refused(verdict.refusal().unwrap());
        };
        let claims = admission.claims().into_iter();
        Self::Admitted(Box::new(Admitted {
            principal: Named::of(&admission.principal()),
            certificate: admission.certificate().as_ref().map(Named::of),
            method: admission.method(),
            kind: admission.kind(),
            window: admission.window(),
            expires_s: admission.expires_s(),
            claims: claims.map(|(name, text)| (name.to_owned(), text.into())).collect(),
        }))
    }

    pub(crate) fn by(gate: &Gate, request: &Request<'_>, ask: &Ask<'_>, now: Now) -> Self {
        Self::of(&gate.check(request, ask, now))
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        match self {
            Self::Refused(refusal) => Some(refusal.reason),
            Self::Admitted(_) => None,
        }
    }
}

impl Named {
    fn of(principal: &Principal<'_>) -> Self {
        Self {
            id: principal.id().to_string(),
            authority: principal.authority.to_owned(),
            tenant: principal.tenant,
            user: principal.user,
            device: principal.device,
            subject: principal.subject.to_string(),
            bound: principal.bound,
        }
    }
}

/// The reason of a token alone; `None` for an admission.
pub(crate) fn reason(gate: &Gate, token: &str, ask: &Ask<'_>, now: Now) -> Option<Reason> {
    Said::by(gate, &Request::token(token.as_bytes()), ask, now).reason()
}
