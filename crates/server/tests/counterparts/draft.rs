//! A token before somebody signs it, and how it is then presented.

use serde_json::{Map, Value, json};

use super::gateway::{API_CLIENT, API_URI, APP, DEVICE, DEVICE_OBJECT, PLAIN, TENANT, USER};

/// When the tokens are judged: a fixed time, so that bounds are met to the second.
pub(crate) const NOW: i64 = 1_800_000_000;

/// When they begin. Early enough that an end before [`NOW`] is still after it.
pub(crate) const ISSUED: i64 = NOW - 600;

/// When they end.
pub(crate) const ENDS: i64 = NOW + 3_600;

/// Whose tokens they look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    EntraV1User,
    EntraV1Device,
    EntraV2User,
    EntraV2Device,
    Oidc,
}

impl Form {
    pub(crate) const ALL: [Self; 5] = [
        Self::EntraV1User,
        Self::EntraV1Device,
        Self::EntraV2User,
        Self::EntraV2Device,
        Self::Oidc,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::EntraV1User => "entra-v1-user",
            Self::EntraV1Device => "entra-v1-device",
            Self::EntraV2User => "entra-v2-user",
            Self::EntraV2Device => "entra-v2-device",
            Self::Oidc => "oidc",
        }
    }

    pub(crate) fn method(self) -> &'static str {
        if self.is_entra() { "entra" } else { "oidc" }
    }

    pub(crate) fn is_entra(self) -> bool {
        self != Self::Oidc
    }

    pub(crate) fn is_v1(self) -> bool {
        matches!(self, Self::EntraV1User | Self::EntraV1Device)
    }

    /// Whether it proves a device alone.
    pub(crate) fn is_device(self) -> bool {
        matches!(self, Self::EntraV1Device | Self::EntraV2Device)
    }

    /// `iss` of a tenant of the worldwide cloud, in this form.
    pub(crate) fn entra_issuer(self, tenant: &str) -> String {
        if self.is_v1() {
            format!("https://sts.windows.net/{tenant}/")
        } else {
            format!("https://login.microsoftonline.com/{tenant}/v2.0")
        }
    }

    /// `iss` of the good token.
    pub(crate) fn issuer(self) -> String {
        if self.is_entra() { self.entra_issuer(TENANT) } else { PLAIN.to_owned() }
    }

    /// `aud` as the issuer writes it in this form.
    pub(crate) fn audience(self) -> &'static str {
        if self.is_v1() { API_URI } else { API_CLIENT }
    }

    /// The claim that names the client application, and the one that does in the other form.
    pub(crate) fn app_claims(self) -> (&'static str, &'static str) {
        if self.is_v1() { ("appid", "azp") } else { ("azp", "appid") }
    }

    /// The claim that only makes the token unique: no rule reads it.
    pub(crate) fn serial_claim(self) -> &'static str {
        if self.is_entra() { "uti" } else { "jti" }
    }

    fn claims(self) -> Value {
        let mut claims = match self {
            Self::Oidc => json!({
                "sub": "alice", "azp": APP, "scope": "openid access_as_user",
                "jti": "fqiBqXLPj0eQa82S-IYFAA",
            }),
            Self::EntraV1User | Self::EntraV2User => json!({
                "aio": "AVQAq/8TAAAAiVFZ6uOZ", "name": "Alice Baker", "rh": "I",
                "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
                "uti": "fqiBqXLPj0eQa82S-IYFAA", "idtyp": "user", "scp": "access_as_user",
                "oid": USER, "deviceid": DEVICE, self.app_claims().0: APP,
            }),
            Self::EntraV1Device | Self::EntraV2Device => json!({
                "amr": ["rsa"], "uti": "fqiBqXLPj0eQa82S-IYFAA", "sub": DEVICE,
                "idtyp": "device", "oid": DEVICE_OBJECT, "deviceid": DEVICE,
            }),
        };
        if self.is_entra() {
            claims["tid"] = TENANT.into();
            claims["ver"] = if self.is_v1() { "1.0" } else { "2.0" }.into();
        }
        claims["iss"] = self.issuer().into();
        claims["aud"] = self.audience().into();
        claims["iat"] = ISSUED.into();
        claims["nbf"] = ISSUED.into();
        claims["exp"] = ENDS.into();
        claims["roles"] = json!(["Gateway.Use"]);
        claims["department"] = "Support".into();
        claims
    }
}

/// A token to be signed.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) form: Form,
    /// The key that signs. The header may say otherwise.
    pub(crate) kid: String,
    pub(crate) header: Map<String, Value>,
    pub(crate) payload: Map<String, Value>,
    /// What is signed instead of `payload`, where a JSON value cannot say it.
    pub(crate) text: Option<String>,
    pub(crate) ask: Ask,
}

/// What the gateway asks about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) endpoint: &'static str,
    pub(crate) scenario: &'static str,
    pub(crate) windows: Option<&'static str>,
    /// `None` is the present.
    pub(crate) at: Option<i64>,
}

impl Draft {
    /// A good token. The key of an algorithm is named like it.
    pub(crate) fn good(alg: &str, form: Form) -> Self {
        let scenario = if form.is_device() { "device" } else { "user" };
        Self {
            form,
            kid: alg.to_owned(),
            header: members(json!({ "alg": alg, "kid": alg, "typ": "JWT" })),
            payload: members(form.claims()),
            text: None,
            ask: Ask { endpoint: "open", scenario, windows: None, at: Some(NOW) },
        }
    }

    /// As the good one but for one byte, which no rule reads.
    pub(crate) fn twin(alg: &str, form: Form) -> Self {
        Self::good(alg, form).claim(form.serial_claim(), "fqiBqXLPj0eQa82S-IYFAB")
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn no_header(mut self, name: &str) -> Self {
        self.header.remove(name).expect("only what is there is left out");
        self
    }

    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.payload.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn no_claim(mut self, name: &str) -> Self {
        self.payload.remove(name).expect("only what is there is left out");
        self
    }

    /// The payload with more text before its last brace.
    pub(crate) fn with_text(mut self, more: &str) -> Self {
        let text = Value::Object(self.payload.clone()).to_string();
        self.text = Some(format!("{},{more}}}", text.strip_suffix('}').expect("an object")));
        self
    }

    /// Of another tenant, in the same form.
    pub(crate) fn of(self, tenant: &str) -> Self {
        let iss = self.form.entra_issuer(tenant);
        self.claim("iss", iss).claim("tid", tenant)
    }

    pub(crate) fn at(mut self, endpoint: &'static str) -> Self {
        self.ask.endpoint = endpoint;
        self
    }

    pub(crate) fn scenario(mut self, scenario: &'static str) -> Self {
        self.ask.scenario = scenario;
        self
    }

    pub(crate) fn windows(mut self, windows: &'static str) -> Self {
        self.ask.windows = Some(windows);
        self
    }

    /// What a signer is asked for.
    pub(crate) fn job(&self, id: &str) -> Value {
        let mut job = json!({ "id": id, "kid": self.kid, "header": self.header });
        match &self.text {
            Some(text) => job["payload_text"] = text.as_str().into(),
            None => job["payload"] = Value::Object(self.payload.clone()),
        }
        job
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is not an object"),
    }
}
