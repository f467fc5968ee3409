//! A site, and devices that hold keys.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use tollgate::jws::{base64url, public_jwk, sign};
use tollgate::policy::{Mode, Network};
use tollgate::{Algorithm, Guid, SigningKey, sha256};
use tollgate_site::registry::Page;
use tollgate_site::{
    Authority, Denied, Grant, NewBulkToken, Place, Proof, Registered, Registration, Terms, Voucher,
};

pub(crate) const SITE: Guid = Guid([0xab; 16]);
pub(crate) const NOW_S: i64 = 1_780_000_000;
pub(crate) const DAY_S: i64 = 86_400;
pub(crate) const ADMIN: &str = "admin";
pub(crate) const ISSUER: &str = "urn:tollgate:site:abababab-abab-abab-abab-abababababab";

pub(crate) const INTERNET: Place<'static> =
    Place { name: "internet", network: Network::Internet, mode: Mode::EHttp };
pub(crate) const INTERNAL: Place<'static> =
    Place { name: "internal", network: Network::Internal, mode: Mode::EHttp };

/// The first of a list.
pub(crate) const FIRST: Page = Page { after: None, limit: 100 };

/// A site in a folder that goes away with the test.
pub(crate) struct Made {
    pub(crate) folder: TempDir,
    pub(crate) site: Authority,
}

pub(crate) fn site() -> Made {
    site_with(Terms::default())
}

pub(crate) fn site_with(terms: Terms) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("site");
    let site = Authority::init(&data, SITE, Algorithm::Es256, NOW_S).unwrap();
    Made { folder, site: site.with_terms(terms).unwrap() }
}

impl Made {
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// A bulk token of the usual kind.
    pub(crate) fn bulk(&self, now_s: i64) -> String {
        self.bulk_of(&NewBulkToken::default(), now_s)
    }

    pub(crate) fn bulk_of(&self, wanted: &NewBulkToken, now_s: i64) -> String {
        self.site.new_bulk_token(wanted, ADMIN, now_s).unwrap().token().to_owned()
    }
}

/// A device, which is its key.
pub(crate) struct Device {
    pub(crate) key: SigningKey,
    pub(crate) name: &'static str,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self { key: SigningKey::generate(Algorithm::Es256).unwrap(), name: "pc7" }
    }

    /// The claims of a proof.
    pub(crate) fn claims(
        &self,
        act: &str,
        presented: Option<&str>,
        jti: &str,
        now_s: i64,
    ) -> Value {
        let mut jwk = public_jwk(&self.key, "");
        for name in ["kid", "use"] {
            jwk.as_object_mut().unwrap().remove(name);
        }
        let mut claims =
            json!({ "aud": ISSUER, "act": act, "iat": now_s, "jti": jti, "cnf": { "jwk": jwk } });
        if let Some(presented) = presented {
            claims["ath"] = base64url(&sha256(&[presented.as_bytes()])).into();
        }
        claims
    }

    /// Signs claims as a proof.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = format!(r#"{{"typ":"tollgate-pop+jwt","alg":"{}"}}"#, self.key.algorithm());
        sign(&header, claims.to_string().as_bytes(), &self.key)
    }

    pub(crate) fn proof(
        &self,
        act: &str,
        presented: Option<&str>,
        jti: &str,
        now_s: i64,
    ) -> String {
        self.sign(&self.claims(act, presented, jti, now_s))
    }

    /// Registers by a bulk token.
    pub(crate) fn register(
        &self,
        site: &Authority,
        bulk: &str,
        jti: &str,
        now_s: i64,
    ) -> Result<Grant, Denied> {
        let proof = self.proof("register", Some(bulk), jti, now_s);
        granted(self.ask(site, Voucher::Bulk(bulk), &proof, INTERNET, now_s)?)
    }

    pub(crate) fn ask(
        &self,
        site: &Authority,
        voucher: Voucher<'_>,
        proof: &str,
        endpoint: Place<'_>,
        now_s: i64,
    ) -> Result<Registered, Denied> {
        let proof = Proof::Signed(proof);
        let asked = Registration { voucher, proof, endpoint, device_name: self.name };
        site.register(&asked, now_s)
    }

    pub(crate) fn renew(
        &self,
        site: &Authority,
        token: &str,
        jti: &str,
        now_s: i64,
    ) -> Result<Grant, Denied> {
        let proof = self.proof("renew", Some(token), jti, now_s);
        site.renew(token, Proof::Signed(&proof), now_s)
    }
}

pub(crate) fn granted(registered: Registered) -> Result<Grant, Denied> {
    match registered {
        Registered::Granted(grant) => Ok(grant),
        Registered::Pending(client) => panic!("{client} waits"),
    }
}

/// The name of the reason.
#[track_caller]
pub(crate) fn why<T: std::fmt::Debug>(result: Result<T, Denied>) -> &'static str {
    result.unwrap_err().name()
}
