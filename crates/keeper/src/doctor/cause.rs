//! Why something is not usable, and the line to change. The gate has spoken; here is only looked up
//! what it spoke of.

use tollgate::policy::EndpointRules;
use tollgate::{Detail, Method, Reason, Refusal, Scenario};

use super::credential::Outcome;
use super::lines::Lines;
use super::twin::Authority;
use crate::config::ConfigError;

/// A reason in words, and what to write where.
#[derive(Clone)]
pub(super) struct Cause {
    pub(super) why: String,
    pub(super) line: Option<ConfigError>,
}

impl Lines<'_> {
    /// What the endpoint, or the method itself, rules out for everybody.
    pub(super) fn of_endpoint(
        &self,
        (index, endpoint): (usize, &EndpointRules),
        method: Method,
        scenario: Scenario,
        authorities: &[&Authority],
    ) -> Option<Cause> {
        let name = method.name();
        let section = ("endpoint", index);
        let is_there = !authorities.is_empty();
        let only_devices = match method {
            Method::Pki | Method::Site => true,
            Method::Oidc => is_there && authorities.iter().all(|one| !one.proves_users),
            Method::Entra => false,
        };
        if scenario == Scenario::User && only_devices {
            let of_kind = if method == Method::Oidc { " of kind = \"device\"" } else { "" };
            let why = format!("{name}{of_kind} proves devices, never a user; Entra ID does");
            return Some(Cause { why, line: None });
        }
        if !endpoint.methods.contains(&method) {
            let mut why = format!("the endpoint does not take {name}");
            let mut message = format!("add {name:?}");
            if !is_there {
                why += &format!(", and there is no [[{name}]] section");
                let users = method == Method::Oidc && scenario == Scenario::User;
                let kind = if users { " with kind = \"user\"" } else { "" };
                message += &format!(", and write a [[{name}]] section{kind}");
            }
            return Some(Cause { why, line: self.line(section, "methods", message) });
        }
        if !endpoint.scenarios.contains(&scenario) {
            let why = format!("the endpoint does not serve scenario {}", scenario.name());
            let message = format!("add {:?}", scenario.name());
            return Some(Cause { why, line: self.line(section, "scenarios", message) });
        }
        None
    }

    /// What stands against one authority at an endpoint.
    pub(super) fn of_outcome(
        &self,
        authority: &Authority,
        outcome: &Outcome,
        (index, endpoint): (usize, &EndpointRules),
    ) -> Option<Cause> {
        let label = &authority.label;
        let cause = |why: &str, line| Some(Cause { why: format!("{label} {why}"), line });
        let at = |key, message: &str| self.line(authority.section, key, message);
        let refusal = match outcome {
            Outcome::Admitted { .. } => return None,
            Outcome::Untested(why) => {
                return cause(&format!("was not tested: {why}"), self.section_line(authority));
            }
            Outcome::Refused { refusal, .. } => refusal,
        };
        let method = authority.method.name();
        match refusal.reason {
            Reason::TenantDisabled => {
                cause("is switched off", at("enabled", "write true, or take the line out"))
            }
            Reason::KeysStale => cause(
                "has keys that are past their bound",
                at("jwks_file", "save the key set again, regularly within jwks_max_age"),
            ),
            Reason::UserNotDiscovered => cause(
                "has no discovered user: no row of the list is of this tenant and enabled",
                at("users_file", "export the discovered users again"),
            ),
            Reason::DeviceNotImported => cause(
                "has no imported device: no row of the list is of this tenant and enabled",
                at("devices_file", "export the devices again"),
            ),
            Reason::UserNeeded => cause("proves devices only", None),
            Reason::NotJoined => {
                cause("asks for a joined device", at("join_required", "write \"off\""))
            }
            Reason::ClientAppNotAllowed => {
                cause("does not take the client application", at("client_apps", "add it"))
            }
            Reason::KeyIssuer => cause(
                "has a key set that is published for another issuer",
                self.keys_line(authority, "save the key set of this one"),
            ),
            Reason::ScopeMissing => cause(
                &format!("gives no scopes, and the endpoint requires {}", quoted(&endpoint.scopes)),
                self.line(("endpoint", index), "require.scp", carries_none(method)),
            ),
            Reason::RoleMissing => cause(
                &format!("gives no roles, and the endpoint requires {}", quoted(&endpoint.roles)),
                self.line(("endpoint", index), "require.roles", carries_none(method)),
            ),
            Reason::TokenTooLarge => {
                cause("has longer tokens", self.limit("token_bytes", "write \"16KiB\""))
            }
            Reason::LifetimeTooLong => {
                cause("has tokens that live longer", self.limit("token_lifetime", "raise it"))
            }
            Reason::KindUnclear if authority.method == Method::Site => cause(
                "says of no category of tokens that it is of clients",
                at("client_category", "write the SCCMTokenCategory of your clients' tokens"),
            ),
            _ if authority.method == Method::Pki => {
                self.of_pki(authority, refusal, outcome.last_step())
            }
            reason => cause(
                &format!("is refused: {refusal} {}", reason.remedy()),
                self.section_line(authority),
            ),
        }
    }

    fn of_pki(&self, authority: &Authority, refusal: &Refusal, step: &str) -> Option<Cause> {
        let label = &authority.label;
        let cause = |why: &str, key, message: &str| {
            let line = self.line(authority.section, key, message);
            Some(Cause { why: format!("{label} {why}"), line })
        };
        match refusal.reason {
            Reason::CertificateNotSelected if step == "issuers" => {
                cause("has no CA that `issuers` names", "issuers", "name a CA of this PKI")
            }
            Reason::CertificateNotSelected => cause(
                "was not tested: no certificate can be made that fits `select`",
                "select",
                "write a rule that a certificate can meet",
            ),
            Reason::CertificateName => cause(
                &format!(
                    "was not tested: no certificate can be made for `select` and `principal`: {refusal}"
                ),
                if self.has(authority, "select") { "select" } else { "principal" },
                "write a rule that leaves a name for the principal",
            ),
            Reason::CertificateExpired => cause(
                "has ended",
                self.untimely_key(authority),
                "renew the CA and name its new file",
            ),
            Reason::CertificateNotYetValid => {
                cause("is not valid yet", self.untimely_key(authority), "wait, or mend the clock")
            }
            Reason::CertificatePurpose => cause(
                "has CAs that are not for client authentication (extended key usage)",
                self.lowest_key(authority),
                "name a CA for client authentication",
            ),
            Reason::PathInvalid if refusal.detail == Detail::Member("unsupported") => cause(
                "has CAs with a key or a critical extension that no path is proven with",
                self.lowest_key(authority),
                "name CAs with other keys; `tollgate config check` warns of the ones that are meant",
            ),
            Reason::PathInvalid if refusal.detail == Detail::Member("validity") => cause(
                "has a CA that ended before what is below it began",
                self.untimely_key(authority),
                "renew the CA and name its new file",
            ),
            Reason::PathInvalid if refusal.detail == Detail::Member("name constraints") => cause(
                "was not tested: its name constraints allow none of the names that can be made",
                "anchors",
                "look at a real client's certificate with `tollgate explain --cert`",
            ),
            reason => cause(
                &format!("leads to no anchor: {refusal} {}", reason.remedy()),
                self.lowest_key(authority),
                "name the CAs from your clients' issuer up to the root",
            ),
        }
    }
}

/// What to do where an endpoint asks for what the method never gives.
fn carries_none(method: &str) -> String {
    format!("take it out, or give {method} an endpoint of its own without it")
}

fn quoted(names: &[Box<str>]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}
