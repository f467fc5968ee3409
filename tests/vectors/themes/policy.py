"""What an endpoint takes: methods, scenarios, Windows versions, scopes, roles, claims."""

from making.keys import jwks
from making.sample import OIDC_ID, A, device, endpoint, entra, oidc, oidc_issuer, token, user
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "policy",
    "Proven credentials, judged by what the endpoint takes. Each token would be admitted by an "
    "endpoint that asks for nothing.",
)
BOTH = ["entra", "oidc"]


def config(name, *endpoints):
    issuers = entra(), oidc_issuer()
    return THEME.config(name, *endpoints, *issuers, files={"keys.json": jwks(A)})


# Methods and scenarios.
GATE = config(
    "endpoints",
    endpoint(BOTH),
    endpoint(name="entra-only"),
    endpoint(["oidc"], name="oidc-only"),
    endpoint(name="devices", scenarios=["device"]),
    endpoint(name="users", scenarios=["user"]),
)
GATE.admit("endpoint_takes_entra", "S8: methods may be mixed", token())
GATE.admit("endpoint_takes_oidc", "S8: methods may be mixed", token(oidc()), OIDC_ID)
for name, why, asked, claims, reason in [
    ("without_entra", "not enabled", {"endpoint": "oidc-only"}, user(), "method_not_enabled"),
    ("without_oidc", "not enabled", {"endpoint": "entra-only"}, oidc(), "method_not_enabled"),
    (
        "for_devices",
        "not served",
        {"endpoint": "devices", "scenario": "user"},
        user(),
        "scenario_not_enabled",
    ),
    ("for_users", "not served", {"endpoint": "users"}, user(), "scenario_not_enabled"),
    (
        "for_users_device_token",
        "memdocs #277: its own reason",
        {"endpoint": "users", "scenario": "user"},
        device(),
        "user_needed",
    ),
    (
        "unknown",
        "the gateway is configured otherwise",
        {"endpoint": "x"},
        user(),
        "endpoint_unknown",
    ),
    ("other_case", "compared exactly", {"endpoint": "Gate"}, user(), "endpoint_unknown"),
    ("unnamed", "compared exactly", {"endpoint": ""}, user(), "endpoint_unknown"),
]:
    GATE.at(**asked).refuse(f"endpoint_{name}", why, token(claims), reason)

# Windows.
WINDOWS = config(
    "windows",
    endpoint(name="ignore", windows="ignore"),
    endpoint(BOTH, name="if-known", windows="if-known"),
    endpoint(BOTH, name="required", windows="required"),
)
for rule, version, reason in [
    ("ignore", "6.1.7601", None),
    ("if-known", None, None),
    ("if-known", "10.0.19045", None),
    ("if-known", "6.3.9600", "windows_too_old"),
    ("required", None, "windows_unknown"),
    ("required", "6.3.9600", "windows_too_old"),
    ("required", "10.0", None),
    ("required", "10.0.26100.1742", None),
]:
    asked = {"endpoint": rule} | ({"windows": version} if version else {})
    name = f"windows_{rule}_{version or 'absent'}".replace(".", "_").replace("-", "_")
    WINDOWS.at(**asked).judge(name, "S4: Entra ID needs Windows 10 or later", token(), reason)
OLD = WINDOWS.at(endpoint="required", windows="6.1.7601")
OLD.admit("windows_of_no_matter_to_oidc", "only Entra ID needs it", token(oidc()), OIDC_ID)

# Scopes and roles.
GRANTS = config(
    "grants",
    endpoint(BOTH, name="scope", require={"scp": ["access_as_user"]}),
    endpoint(name="scopes", require={"scp": ["access_as_user", "write"]}),
    endpoint(name="role", require={"roles": ["Device.Manage"]}),
)
SCOPE, SCOPES, ROLE = (GRANTS.at(endpoint=name) for name in ("scope", "scopes", "role"))
WORDS = "RFC 9068 section 2.2.3: scopes are words, compared whole"
for name, gate, scp in [
    ("one", SCOPE, "access_as_user"),
    ("in_list", SCOPE, ["openid", "access_as_user"]),
    ("all", SCOPES, "write openid access_as_user"),
]:
    gate.admit(f"scope_{name}", WORDS, token(user({"scp": scp})))
for name, gate, scp in [
    ("longer", SCOPE, "access_as_user_admin"),
    ("other_case", SCOPE, "Access_As_User"),
    ("behind_comma", SCOPE, "openid,access_as_user"),
    ("behind_tab", SCOPE, "openid\taccess_as_user"),
    ("one_of_two", SCOPES, "access_as_user"),
]:
    gate.refuse(f"scope_{name}", WORDS, token(user({"scp": scp})), "scope_missing")
why = "access-token-claims-reference: scp is of users only"
SCOPE.refuse("scope_of_device", why, token(device()), "scope_missing")
granted = token(oidc({"scope": "openid access_as_user"}))
SCOPE.admit("scope_of_oidc", "RFC 8693 section 4.2: it is `scope` there", granted, OIDC_ID)
SCOPE.refuse("scope_of_oidc_absent", "RFC 9068 section 2.2.3", token(oidc()), "scope_missing")

WHOLE = "access-token-claims-reference: roles; a text with a space is one role"
for name, roles, reason in [
    ("one", "Device.Manage", None),
    ("in_list", ["Reader", "Device.Manage"], None),
    ("absent", ABSENT, "role_missing"),
    ("empty", [], "role_missing"),
    ("longer", ["Device.Manage.All"], "role_missing"),
    ("other_case", ["device.manage"], "role_missing"),
    ("two_in_one_text", "Reader Device.Manage", "role_missing"),
]:
    ROLE.judge(f"role_{name}", WHOLE, token(user({"roles": roles})), reason)

# Claims that are handed on.
FORWARD = config("forward", endpoint(forward_claims=["name"]), endpoint(name="plain"))
longest, too_long = token(user({"name": "n" * 1024})), token(user({"name": "n" * 1025}))
FORWARD.admit("forward_longest", "1 KiB becomes a header", longest)
FORWARD.refuse("forward_too_long", "never cut", too_long, "claim_too_long")
PLAIN = FORWARD.at(endpoint="plain")
PLAIN.admit("forward_too_long_elsewhere", "this endpoint hands nothing on", too_long)
