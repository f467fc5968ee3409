//! Tokens as an issuer of the configuration would sign them.

use serde_json::{Value, json};
use tollgate::jws::try_sign;
use tollgate::oidc::Form;
use tollgate::policy::{EndpointRules, IssuerRules, Join};
use tollgate::{Guid, Kind, Limits, Scenario, SigningFailed};

use super::credential::{Credential, Outcome};
use super::keys::TokenKey;
use super::trial::Bench;
use crate::config::IssuerSettings;

/// What it takes to make tokens of an issuer.
pub(super) struct IssuerMint {
    form: Form,
    audience: String,
    typ: Option<String>,
    client_app: Option<String>,
    user: Guid,
    device: Guid,
    life_s: i64,
    keys: Vec<TokenKey>,
}

/// Whose token.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    User,
    Device,
}

impl IssuerMint {
    pub(super) fn new(
        issuer: &IssuerSettings,
        rules: &IssuerRules,
        limits: &Limits,
        keys: Vec<TokenKey>,
    ) -> Self {
        let lowest = |list: &tollgate::policy::Guids| list.iter().min_by_key(|id| id.0).copied();
        let user = rules.users.as_ref().and_then(lowest);
        let device = match &rules.join {
            Join::Imported(devices) => lowest(devices),
            Join::Off | Join::Claim => None,
        };
        Self {
            form: issuer.form.clone(),
            audience: issuer.audiences.first().map(ToString::to_string).unwrap_or_default(),
            typ: issuer.typ.as_deref().map(Into::into),
            client_app: issuer.client_apps.first().map(ToString::to_string),
            user: user.unwrap_or(SOMEBODY),
            device: device.unwrap_or(SOME_DEVICE),
            life_s: limits.token_lifetime_s.min(LIFE_S),
            keys,
        }
    }

    /// Makes what should be admitted, and shows it to `bench` until something is.
    pub(super) fn attempt(
        &self,
        endpoint: &EndpointRules,
        scenario: Scenario,
        now_s: i64,
        bench: &Bench<'_>,
    ) -> Outcome {
        let kinds: &[Of] = match (&self.form, scenario) {
            (Form::Entra { .. }, Scenario::Device) => &[Of::Device, Of::User],
            (Form::Entra { .. }, Scenario::User) => &[Of::User],
            (Form::Oidc { kind: Kind::User, .. }, _) => &[Of::User],
            (Form::Oidc { kind: Kind::Device, .. }, _) => &[Of::Device],
        };
        let mut first: Option<Outcome> = None;
        for of in kinds {
            let outcome = match self.by_any_key(*of, endpoint, now_s, bench) {
                Ok(outcome) => outcome,
                Err(why) => return why.into(),
            };
            match (outcome, &first) {
                (Outcome::Admitted { credential, ends_s, .. }, Some(first)) => {
                    let why = first.reason().map_or("unknown", tollgate::Reason::name);
                    let note = format!("by users' tokens only: a device's own is refused ({why})");
                    return Outcome::Admitted { credential, ends_s, note: Some(note) };
                }
                (admitted @ Outcome::Admitted { .. }, None) => return admitted,
                (refused, _) => first = first.or(Some(refused)),
            }
        }
        first.unwrap_or_else(|| Outcome::Untested("there is no key to sign with".into()))
    }

    fn by_any_key(
        &self,
        of: Of,
        endpoint: &EndpointRules,
        now_s: i64,
        bench: &Bench<'_>,
    ) -> Result<Outcome, SigningFailed> {
        let claims = self.claims(of, endpoint, now_s).to_string();
        let mut last = Outcome::Untested("there is no key to sign with".into());
        for key in &self.keys {
            let header = header(self.typ.as_deref().unwrap_or("JWT"), key, false);
            let token = try_sign(&header, claims.as_bytes(), &key.signing)?;
            let credential = Credential::token(token);
            last = Outcome::of(&credential, bench.explain(&credential));
            if !last.is_of_key() {
                break;
            }
        }
        Ok(last)
    }

    fn claims(&self, of: Of, endpoint: &EndpointRules, now_s: i64) -> Value {
        let mut claims = json!({
            "aud": self.audience, "iat": now_s, "nbf": now_s, "exp": now_s + self.life_s,
            "sub": SOMEBODY.to_string(),
        });
        match &self.form {
            Form::Entra { tenant, cloud } => {
                claims["iss"] = cloud.authority(*tenant).into();
                claims["tid"] = tenant.to_string().into();
                claims["ver"] = "2.0".into();
                claims["deviceid"] = self.device.to_string().into();
                if of == Of::Device {
                    // A device's own token has neither scopes, roles nor a client application.
                    claims["idtyp"] = "device".into();
                    claims["oid"] = SOME_DEVICE.to_string().into();
                    return claims;
                }
                claims["idtyp"] = "user".into();
                claims["oid"] = self.user.to_string().into();
                let app = self.client_app.clone();
                claims["azp"] = app.unwrap_or_else(|| SOMEBODY.to_string()).into();
                let scopes = endpoint.scopes.join(" ");
                claims["scp"] =
                    if scopes.is_empty() { "access_as_user".into() } else { scopes.into() };
            }
            Form::Oidc { issuer, subject, .. } => {
                claims["iss"] = issuer.to_string().into();
                if let Some(app) = &self.client_app {
                    claims["azp"] = app.as_str().into();
                }
                if !endpoint.scopes.is_empty() {
                    claims["scope"] = endpoint.scopes.join(" ").into();
                }
                if claims.get(&**subject).is_none() {
                    claims[&**subject] = "tollgate-doctor".into();
                }
            }
        }
        if !endpoint.roles.is_empty() && claims.get("roles").is_none() {
            claims["roles"] = json!(endpoint.roles);
        }
        claims
    }
}

/// A header that names the key: by `kid`, or where `by_x5t` and it has one, by its certificate.
pub(super) fn header(typ: &str, key: &TokenKey, by_x5t: bool) -> String {
    let mut header = json!({ "typ": typ, "alg": key.signing.algorithm().name() });
    match (&key.kid, &key.x5t) {
        (Some(kid), None) => header["kid"] = kid.as_str().into(),
        (Some(kid), Some(_)) if !by_x5t => header["kid"] = kid.as_str().into(),
        (_, Some(x5t)) => header["x5t"] = x5t.as_str().into(),
        (None, None) => {}
    }
    header.to_string()
}

/// Life of a test's token in seconds, unless the limits allow less.
const LIFE_S: i64 = 3_600;

/// Nobody's.
const SOMEBODY: Guid = Guid(*b"tollgate-doctor1");
const SOME_DEVICE: Guid = Guid(*b"tollgate-doctor2");
