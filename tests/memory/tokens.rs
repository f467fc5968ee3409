//! Tokens of every issuer and site of the world, right ones and those that a change makes right.

use std::sync::LazyLock;

use serde_json::{Value, json};
use tollgate::sample::{self, Tenant};
use tollgate::{Algorithm, Guid};

use super::chains::{CHAINS, thumbprints};
use super::world::{
    A, B, C, CONFIGMGR, KEYS, NAMELESS, NOW, OTHER_AUDIENCE, PARTNER, PLANT, SITE, SITES, SPARE_HS,
    TENANTS,
};

pub(crate) static TOKENS: LazyLock<Tokens> = LazyLock::new(Tokens::new);

pub(crate) struct Tokens {
    pub(crate) all: Vec<Token>,
    /// A token and the place of the peer that it is bound to.
    pub(crate) bound: Vec<(usize, usize)>,
}

pub(crate) struct Token {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Signs with a key under the name "one".
pub(crate) fn signed(key: usize, claims: &Value) -> String {
    signed_under(key, json!({ "kid": "one" }), claims)
}

/// Signs with these members in the header beside `alg` and, unless they say otherwise, `typ`.
pub(crate) fn signed_under(key: usize, mut header: Value, claims: &Value) -> String {
    header["alg"] = KEYS[key].algorithm().name().into();
    if header.get("typ").is_none() {
        header["typ"] = "JWT".into();
    }
    tollgate::jws::sign(&header.to_string(), claims.to_string().as_bytes(), &KEYS[key])
}

fn claims_of(tenant: usize) -> Tenant {
    Tenant::new(TENANTS[tenant], Algorithm::Hs256)
}

pub(crate) fn user(tenant: usize, number: u64) -> Value {
    claims_of(tenant).user_claims(number, NOW.unix_s)
}

pub(crate) fn device(tenant: usize, number: u64) -> Value {
    claims_of(tenant).device_claims(number, NOW.unix_s)
}

/// The device that a token of user or device `number` names.
pub(crate) fn device_id(number: u64) -> Guid {
    Guid::parse(user(0, number)["deviceid"].as_str().unwrap()).unwrap()
}

pub(crate) fn client_id(number: u8) -> Guid {
    Guid([0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x4c, 0x0c, 0x8c, 0, 0, 0, 0, 0, 0, number])
}

/// The bulk token that every other client registered with.
pub(crate) const BULK: Guid = Guid([0xb0; 16]);

pub(crate) fn of_partner(subject: &str) -> Value {
    json!({
        "iss": "https://id.example.org", "aud": [OTHER_AUDIENCE, sample::AUDIENCE],
        "exp": NOW.unix_s + 600, "iat": NOW.unix_s, "sub": subject, "machine": "m", "azp": "app",
        "scope": "openid access_as_user read", "roles": ["reader"], "jti": subject, "name": subject,
    })
}

pub(crate) fn of_site(client: u8, peer: usize) -> String {
    let provenance =
        if client.is_multiple_of(2) { format!("bulk:{BULK}") } else { "internal".into() };
    let (id, client, now_s) = (SITES[0], client_id(client).to_string(), NOW.unix_s);
    let [certificate, _] = thumbprints(&CHAINS.peers[peer]);
    let claims = json!({
        "iss": format!("urn:tollgate:site:{id}"), "aud": "urn:tollgate:gate",
        "exp": now_s + 6_000, "nbf": now_s, "iat": now_s, "generation": 1, "sub": client,
        "jti": client, "provenance": provenance, "cnf": { "x5t#S256": certificate },
    });
    signed_under(SITE[0], json!({ "typ": "tollgate-client+jwt", "kid": "one" }), &claims)
}

fn of_configmgr(client: u8, peer: usize) -> String {
    let (id, client, now_s) = (SITES[1], client_id(client).to_string(), NOW.unix_s);
    let [_, key] = thumbprints(&CHAINS.peers[peer]);
    let claims = json!({
        "iss": format!("urn:sccm:oauth2:{id}"), "aud": "urn:sccm:service",
        "exp": now_s + 6_000, "nbf": now_s, "TenantId": id.to_string(),
        "SCCMTokenCategory": "Client", "UniqueId": client, "cnf": { "jkt": key },
    });
    signed_under(CONFIGMGR[0], json!({ "kid": "one" }), &claims)
}

impl Tokens {
    fn new() -> Self {
        let mut all = Self { all: Vec::new(), bound: Vec::new() };
        all.of_tenants();
        all.of_names();
        all.of_times();
        all.of_others();
        all.of_holders();
        all
    }

    fn add(&mut self, name: impl Into<String>, text: String) {
        self.all.push(Token { name: name.into(), text });
    }

    fn of_tenants(&mut self) {
        for (tenant, key, users) in [(0, A[0], 14), (1, B[0], 8), (2, C[0], 3)] {
            for number in 1..=users {
                self.add(format!("user {number} of {tenant}"), signed(key, &user(tenant, number)));
            }
            for number in 1..=users / 3 {
                let name = format!("device {number} of {tenant}");
                self.add(name, signed(key, &device(tenant, number)));
            }
        }
        let mut with = |name: &str, number, change: fn(&mut Value)| {
            let mut claims = user(0, number);
            change(&mut claims);
            self.add(name, signed(A[0], &claims));
        };
        with("two audiences", 21, |it| it["aud"] = json!([OTHER_AUDIENCE, sample::AUDIENCE]));
        with("two audiences, swapped", 22, |it| {
            it["aud"] = json!([sample::AUDIENCE, OTHER_AUDIENCE]);
        });
        with("the other audience", 23, |it| it["aud"] = json!(OTHER_AUDIENCE));
        with("another app", 24, |it| it["azp"] = json!("another"));
        with("no device", 25, |it| drop(it.as_object_mut().unwrap().remove("deviceid")));
        with("no device, no uti", 26, |it| {
            it.as_object_mut().unwrap().retain(|name, _| name != "deviceid" && name != "uti");
        });
        with("a long claim", 27, |it| it["department"] = json!("x".repeat(1_030)));
        with("roles", 28, |it| {
            (it["roles"], it["scp"]) = (json!(["reader"]), json!("read access_as_user"));
        });
        with("groups", 29, |it| {
            (it["groups"], it["roles"]) = (json!(["a", 1]), json!(["reader"]));
            it["scp"] = json!("read");
        });
        with("of a tenant that disagrees", 30, |it| it["tid"] = json!(TENANTS[1].to_string()));
    }

    fn of_names(&mut self) {
        for number in 31..=33 {
            let claims = user(0, number);
            let mut under =
                |name: &str, key, header| self.add(name, signed_under(key, header, &claims));
            under("under the second key", A[1], json!({ "kid": "two" }));
            under("under a name to come", A[0], json!({ "kid": "three" }));
            under("under the second's name", A[0], json!({ "kid": "two" }));
            under("by a thumbprint", A[0], json!({ "x5t": "foo" }));
            under("by two thumbprints", A[0], json!({ "x5t": "foo", "x5t#S256": "bar" }));
            under("by name and thumbprint", A[0], json!({ "kid": "one", "x5t": "foo" }));
            under("under a spare key", SPARE_HS, json!({ "kid": "one" }));
            under("of a type", A[0], json!({ "kid": "one", "typ": "at+jwt" }));
        }
    }

    fn of_times(&mut self) {
        let now_s = NOW.unix_s;
        let mut at = |name: &str, change: &dyn Fn(&mut Value)| {
            let mut claims = user(0, 41);
            change(&mut claims);
            self.add(name, signed(A[0], &claims));
        };
        for s in [-301, -300, -299, -1, 0, 10] {
            at(&format!("exp {s}"), &|it| {
                (it["exp"], it["iat"], it["nbf"]) =
                    (json!(now_s + s), json!(now_s - 600), json!(now_s - 600));
            });
        }
        for s in [1, 300, 301] {
            at(&format!("nbf {s}"), &|it| it["nbf"] = json!(now_s + s));
            at(&format!("iat {s}"), &|it| it["iat"] = json!(now_s + s));
        }
        at("no start", &|it| {
            it.as_object_mut().unwrap().retain(|name, _| name != "iat" && name != "nbf");
        });
        at("no iat", &|it| drop(it.as_object_mut().unwrap().remove("iat")));
        at("too long", &|it| it["exp"] = json!(now_s + 30 * 3_600 + 1));
    }

    fn of_others(&mut self) {
        for subject in ["alice", "bob", "carol", "d\u{e9}j\u{e0}", "eve"] {
            self.add(format!("partner's {subject}"), signed(PARTNER[0], &of_partner(subject)));
        }
        let escaped = of_partner("alice").to_string().replace("\"alice\"", "\"al\\u0069ce\"");
        let header = json!({ "alg": "HS256", "typ": "JWT", "kid": "one" }).to_string();
        let text = tollgate::jws::sign(&header, escaped.as_bytes(), &KEYS[PARTNER[0]]);
        self.add("alice, escaped", text);
        let mut without = of_partner("frank");
        without.as_object_mut().unwrap().retain(|name, _| name != "jti" && name != "azp");
        self.add("partner's without jti", signed(PARTNER[0], &without));
        let mut forging = of_partner("grace");
        forging["iss"] = json!("https://plant.example.org");
        self.add("partner's in plant's name", signed(PARTNER[0], &forging));
        forging["iss"] = json!("https://nobody.example.org");
        self.add("nobody's", signed(PARTNER[0], &forging));
        for number in 1..=5 {
            let mut claims = of_partner(&format!("operator {number}"));
            claims["iss"] = json!("https://plant.example.org");
            claims["machine"] = json!(format!("press {number}"));
            self.add(format!("press {number}"), signed(PLANT[0], &claims));
            claims["iss"] = json!("https://nameless.example.org");
            let name = format!("nameless {number}");
            self.add(name, signed_under(NAMELESS[0], json!({}), &claims));
        }
    }

    fn of_holders(&mut self) {
        let holders = ["pc1", "pc2", "lab1", "below", "foreign"];
        for (number, holder) in (1..).zip(holders) {
            let peer = CHAINS.place(holder, false);
            let [certificate, key] = thumbprints(&CHAINS.peers[peer]);
            let mut claims = user(1, 50 + u64::from(number));
            claims["cnf"] = json!({ "x5t#S256": certificate, "jkt": key });
            for (name, text) in
                [("a site's", of_site(number, peer)), ("a tenant's", signed(B[0], &claims))]
            {
                self.bound.push((self.all.len(), peer));
                self.add(format!("{name}, bound to {holder}"), text);
            }
            if number < 3 {
                self.bound.push((self.all.len(), peer));
                self.add("ConfigMgr's", of_configmgr(number, peer));
            }
        }
    }
}
