//! What Envoy is told: two listeners that answer 200 themselves, one of them behind jwt_authn.

use serde_json::{Value, json};
use tollgate::sample::AUDIENCE;

use crate::sample::{SKEW_S, Sample};

/// The listener with no filter but the router, without which none works.
pub const PLAIN: &str = "plain";

/// The listener with the filter before it.
pub const JWT: &str = "jwt";

/// A listener's ports are chosen by the system; the admin interface tells which.
pub fn bootstrap(sample: &Sample) -> Value {
    json!({
        "admin": { "address": loopback() },
        "static_resources": {
            "listeners": [
                listener(PLAIN, &[router()]),
                listener(JWT, &[jwt_authn(sample), router()]),
            ],
        },
    })
}

fn loopback() -> Value {
    json!({ "socket_address": { "address": "127.0.0.1", "port_value": 0 } })
}

fn listener(name: &str, filters: &[Value]) -> Value {
    json!({
        "name": name,
        "address": loopback(),
        "filter_chains": [{ "filters": [{
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": {
                "@type": extension("network.http_connection_manager.v3.HttpConnectionManager"),
                "stat_prefix": name,
                "codec_type": "HTTP1",
                "route_config": { "virtual_hosts": [{
                    "name": "all",
                    "domains": ["*"],
                    // The least work there is, so that the filter's share is not hidden.
                    "routes": [{ "match": { "prefix": "/" }, "direct_response": { "status": 200 } }],
                }] },
                "http_filters": filters,
            },
        }] }],
    })
}

fn router() -> Value {
    json!({
        "name": "envoy.filters.http.router",
        "typed_config": { "@type": extension("http.router.v3.Router") },
    })
}

fn jwt_authn(sample: &Sample) -> Value {
    json!({
        "name": "envoy.filters.http.jwt_authn",
        "typed_config": {
            "@type": extension("http.jwt_authn.v3.JwtAuthentication"),
            "providers": { "entra": {
                "issuer": sample.issuer,
                "audiences": [AUDIENCE],
                "local_jwks": { "inline_string": sample.tenant.jwks().to_string() },
                "clock_skew_seconds": SKEW_S,
                "require_expiration": true,
                // Else it takes the header out, which is work.
                "forward": true,
                // Of each worker; the default is 100.
                "jwt_cache_config": { "jwt_cache_size": 10_000 },
            } },
            "rules": [{ "match": { "prefix": "/" }, "requires": { "provider_name": "entra" } }],
        },
    })
}

fn extension(name: &str) -> String {
    format!("type.googleapis.com/envoy.extensions.filters.{name}")
}
