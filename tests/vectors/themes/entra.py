"""Tenants of Entra ID: spellings of the issuer, what must agree with it, audiences."""

from making.keys import KEYS, jwks
from making.sample import (
    API,
    APP_URI,
    CONSUMERS,
    OTHER_TENANT,
    TENANT,
    UNKNOWN_TENANT,
    USER,
    V1,
    V2,
    A,
    endpoint,
    entra,
    oidc_issuer,
    token,
    user,
    user_v1,
)
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "entra",
    "Which tenant a token is of, in which of its spellings. Each token is signed by a key that the "
    "tenant publishes.",
)
B, FOREIGN = KEYS["rs-b"], KEYS["rs-foreign"]
FILES = {"keys.json": jwks(A)}
CLOUDS = {
    cloud: THEME.config(cloud, endpoint(), entra(cloud=cloud), files=FILES)
    for cloud in ("public", "usgov", "china")
}
PUBLIC = CLOUDS["public"]
TWO = THEME.config(
    "two_tenants",
    endpoint(),
    entra(),
    entra(tenant=OTHER_TENANT, jwks_file="other.json"),
    files={"keys.json": jwks(A), "other.json": jwks(B, FOREIGN.named("rs-a"))},
)


def of_tenant(tenant, claims=user):
    spelling = V1 if claims is user_v1 else V2
    return claims({"iss": spelling["public"].format(tenant), "tid": tenant})


# Both spellings of each cloud.
for cloud, gate in CLOUDS.items():
    why = "access-tokens: the form follows the API's requestedAccessTokenVersion"
    gate.admit(f"issuer_v2_{cloud}", why, token(user({"iss": V2[cloud].format(TENANT)})))
    gate.admit(f"issuer_v1_{cloud}", why, token(user_v1({"iss": V1[cloud].format(TENANT)})))
upper = token(of_tenant(TENANT.upper()))
PUBLIC.admit("issuer_upper_case_tenant", "tid is spelt as in iss; a GUID is a number", upper)

GOOD, HOST = V2["public"].format(TENANT), "login.microsoftonline.com"
EVIL = "evil.example.org"
ANY = "an endpoint for any tenant is no issuer"
for name, why, iss in [
    ("v2_with_slash", "access-tokens: v2.0 ends without a slash", f"{GOOD}/"),
    ("http", "compared whole", GOOD.replace("https", "http")),
    ("upper_case_host", "ordinal, as IdentityModel", GOOD.replace(HOST, HOST.upper())),
    ("space_before", "compared whole", f" {GOOD}"),
    ("nul_after", "C strings end there", f"{GOOD}\0"),
    ("longer_host", "prefix trick", GOOD.replace(HOST, f"{HOST}.{EVIL}")),
    ("host_as_user", "prefix trick: user information", GOOD.replace(HOST, f"{HOST}@{EVIL}")),
    ("host_in_path", "suffix trick", GOOD.replace(HOST, f"{EVIL}/{HOST}")),
    ("tenant_twice", "IDX40004: segment 1 is it", GOOD.replace(TENANT, f"{TENANT}/{TENANT}")),
    ("common", ANY, V2["public"].format("common")),
    ("organizations", ANY, V2["public"].format("organizations")),
    ("template", "the metadata of /common has this", V2["public"].format("{tenantid}")),
    ("domain_name", "a tenant is a GUID", V2["public"].format("contoso.onmicrosoft.com")),
    ("v2_at_sts", "a mixture of two forms", GOOD.replace(HOST, "sts.windows.net")),
    ("empty", "names nobody", ""),
]:
    PUBLIC.refuse(f"issuer_{name}", why, token(user({"iss": iss})), "issuer_unknown")
cut = token(user_v1({"iss": V1["public"].format(TENANT)[:-1]}))
PUBLIC.refuse("issuer_v1_without_slash", "access-tokens: v1.0 ends with one", cut, "issuer_unknown")

CLOUD = "IDX40012: the tenant is of another cloud"
for name, why, claims, cloud in [
    ("unknown", "CVE-2025-55241: another organisation", of_tenant(UNKNOWN_TENANT), "public"),
    ("unknown_v1", "CVE-2025-55241", of_tenant(UNKNOWN_TENANT, user_v1), "public"),
    ("consumers", "personal accounts: anybody has one", of_tenant(CONSUMERS), "public"),
    ("of_usgov", CLOUD, user({"iss": V2["usgov"].format(TENANT)}), "public"),
    ("of_china", CLOUD, user_v1({"iss": V1["china"].format(TENANT)}), "public"),
    ("of_public", CLOUD, user(), "usgov"),
]:
    CLOUDS[cloud].refuse(f"tenant_{name}", why, token(claims), "tenant_unknown")
NOWHERE = THEME.config("oidc_only", endpoint(["oidc"]), oidc_issuer(), files=FILES)
NOWHERE.refuse("tenant_where_none_is", "no tenant is configured", token(), "tenant_unknown")

# tid and ver.
for name, why, tid in [
    ("other", "CVE-2025-55241, IDX40004: one in iss, another in tid", OTHER_TENANT),
    ("upper_case", "ordinal, as IdentityModel", TENANT.upper()),
    ("not_a_guid", "access-tokens: tid must be a GUID", "contoso.onmicrosoft.com"),
    ("with_braces", "spelt as in iss", f"{{{TENANT}}}"),
]:
    TWO.refuse(f"tid_{name}", why, token(user({"tid": tid})), "tenant_mismatch")
PUBLIC.admit("ver_1_1", "v1.1 is v1.0 with continuous access", token(user_v1({"ver": "1.1"})))
PUBLIC.admit("ver_absent", "the issuer's form tells it too", token(user({"ver": ABSENT})))
for name, why, claims in [
    ("1_0_in_v2", "access-tokens: the two belong together", user({"ver": "1.0"})),
    ("2_0_in_v1", "access-tokens: the two belong together", user_v1({"ver": "2.0"})),
    ("unknown", "a form that nobody here knows", user({"ver": "3.0"})),
]:
    PUBLIC.refuse(f"ver_{name}", why, token(claims), "version_mismatch")

# Tenants side by side, each with its own keys; rs-a is a name in both sets.
SIDE = "cloud-management-gateway-faq: one gateway, many tenants"
SHARED = "CVE-2025-59936: keys shared across issuers"
TWO.admit("tenants_first", SIDE, token())
second = token(of_tenant(OTHER_TENANT), B)
TWO.admit("tenants_second", SIDE, second, f"entra:{OTHER_TENANT}:{USER}")
TWO.refuse("tenants_key_of_the_other", SHARED, token(key=B), "key_unknown")
same_kid = token(of_tenant(OTHER_TENANT))
TWO.refuse("tenants_same_kid", f"{SHARED}, by their names", same_kid, "signature_wrong")

# Audiences of v1.0: with or without its last slash, as the client asked for it.
SLASH = THEME.config(
    "audience_with_slash", endpoint(), entra(audiences=[f"{APP_URI}/"]), files=FILES
)
for name, gate, aud in [
    ("plain", PUBLIC, APP_URI),
    ("slash", PUBLIC, f"{APP_URI}/"),
    ("slash_configured", SLASH, f"{APP_URI}/"),
    ("plain_slash_configured", SLASH, APP_URI),
    ("client_id", PUBLIC, API),
]:
    why = "optional-claims-reference: the slash is the client's choice"
    gate.admit(f"audience_v1_{name}", why, token(user_v1({"aud": aud})))
for name, why, claims in [
    ("v1_two_slashes", "one slash is cut", user_v1({"aud": f"{APP_URI}//"})),
    ("v1_longer", "prefix trick", user_v1({"aud": f"{APP_URI}.{EVIL}"})),
    ("v1_upper_case", "RFC 7519 section 4.1.3: case-sensitive", user_v1({"aud": APP_URI.upper()})),
    ("v2_slash", "v2.0 names the client id, exactly", user({"aud": f"{API}/"})),
]:
    PUBLIC.refuse(f"audience_{name}", why, token(claims), "unproven_audience")
