//! Client tokens as a site of the configuration would sign them, and the client that holds the key.

use serde_json::{Value, json};
use tollgate::jws::{base64url, try_sign};
use tollgate::site::{
    CLIENT_LIFETIME_S, CLIENT_TYP, Format, GATE_AUDIENCE, ISSUER_PREFIX, PROVENANCE_INTERNAL,
};
use tollgate::{Algorithm, Guid, SigningKey};

use super::certificate::self_signed;
use super::credential::{Client, Credential, Outcome};
use super::issuer::header;
use super::keys::TokenKey;
use super::trial::Bench;

/// What it takes to make tokens of a site.
pub(super) struct SiteMint {
    id: Guid,
    format: Format,
    authority: String,
    keys: Vec<TokenKey>,
    client: Client,
    other: Client,
}

impl SiteMint {
    /// # Errors
    /// When the library makes no keys.
    pub(super) fn new(
        id: Guid,
        format: Format,
        authority: String,
        keys: Vec<TokenKey>,
    ) -> Result<Self, String> {
        let client = || {
            let key = SigningKey::generate(Algorithm::Es256).map_err(|why| why.to_string())?;
            Client::new(self_signed(&key).map_err(|why| why.to_string())?)
        };
        Ok(Self { id, format, authority, keys, client: client()?, other: client()? })
    }

    /// Makes what should be admitted, and shows it to `bench` until something is.
    pub(super) fn attempt(&self, now_s: i64, bench: &Bench<'_>) -> Outcome {
        let claims = self.claims(now_s).to_string();
        let is_configmgr = self.format != Format::Tollgate;
        let typ = if is_configmgr { "JWT" } else { CLIENT_TYP };
        let mut last = Outcome::Untested("there is no key to sign with".into());
        for key in &self.keys {
            let header = header(typ, key, is_configmgr);
            let token = match try_sign(&header, claims.as_bytes(), &key.signing) {
                Ok(token) => token,
                Err(why) => return why.into(),
            };
            let (certificate, other) = (Some(self.client.clone()), Some(self.other.clone()));
            let credential = Credential { token: Some(token), certificate, other };
            last = Outcome::of(&credential, bench.explain(&credential));
            if !last.is_of_key() {
                break;
            }
        }
        last
    }

    fn claims(&self, now_s: i64) -> Value {
        let peer = self.client.peer();
        let mut cnf = json!({ "x5t#S256": base64url(&peer.thumbprint()) });
        if let Some(key) = peer.key_thumbprint() {
            cnf["jkt"] = base64url(&key).into();
        }
        let mut claims = json!({
            "iat": now_s, "nbf": now_s, "exp": now_s + CLIENT_LIFETIME_S, "cnf": cnf,
        });
        match &self.format {
            Format::Tollgate => {
                claims["iss"] = format!("{ISSUER_PREFIX}{}", self.id).into();
                claims["aud"] = GATE_AUDIENCE.into();
                claims["jti"] = TOKEN.to_string().into();
                claims["sub"] = CLIENT.to_string().into();
                claims["generation"] = 1.into();
                claims["provenance"] = PROVENANCE_INTERNAL.into();
            }
            Format::ConfigMgr { client_category } => {
                claims["iss"] = self.authority.as_str().into();
                claims["aud"] = "urn:sccm:service".into();
                claims["TenantId"] = self.id.to_string().into();
                claims["UniqueId"] = CLIENT.to_string().into();
                // Without a configured category no token of a client is taken; this one shows it.
                let category = client_category.as_deref().unwrap_or("tollgate-doctor");
                claims["SCCMTokenCategory"] = category.into();
            }
        }
        claims
    }
}

const CLIENT: Guid = Guid(*b"tollgate-doctor3");
const TOKEN: Guid = Guid(*b"tollgate-doctor4");
