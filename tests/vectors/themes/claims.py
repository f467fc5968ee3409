"""The types of the claims that a rule reads, and which of them must be there."""

from making.keys import jwks
from making.sample import (
    API,
    CLIENT,
    OIDC_API,
    OIDC_ID,
    TENANT,
    USER,
    A,
    device,
    endpoint,
    entra,
    oidc,
    oidc_issuer,
    token,
    user,
    user_v1,
)
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "claims",
    "A claim of the wrong type refuses the token, whether or not it is required; one that must be "
    "there is not missed in silence.",
)
FILES = {"keys.json": jwks(A)}
ENTRA = THEME.config("entra", endpoint(), entra(), files=FILES)
OIDC = THEME.config("oidc", endpoint(["oidc"]), oidc_issuer(), files=FILES, principal=OIDC_ID)

NIL = "00000000-0000-0000-0000-000000000000"
NUMBER, NULL, OBJECT = ("number", 1), ("null", None), ("object", {"a": "b"})
RULE = "CVE-2026-25537, CVE-2020-26160: the wrong type is not absence"

# Types; `exp`, `nbf` and `iat` are in times.json.
for claim, values in {
    "iss": [NUMBER, NULL, OBJECT, ("list", [user()["iss"]])],
    "aud": [NUMBER, NULL, OBJECT, ("list_with_null", [API, None])],
    "sub": [NUMBER, NULL],
    "tid": [NUMBER, ("list", [TENANT])],
    "oid": [NUMBER, NULL],
    "ver": [("float", 2.0)],
    "idtyp": [("list", ["user"])],
    "azp": [NUMBER],
    "deviceid": [NULL],
    "scp": [NUMBER, NULL, OBJECT],
    "roles": [NUMBER],
}.items():
    for kind, value in values:
        shown = token(user({claim: value}))
        ENTRA.refuse(f"claim_{claim}_{kind}", RULE, shown, "claim_type")
for claim, right in [("aud", API), ("scp", "access_as_user"), ("roles", "admin")]:
    why = "CVE-2020-26160: a mixed list is wrong although it holds the right value"
    shown = token(user({claim: [right, 1]}))
    ENTRA.refuse(f"claim_{claim}_mixed_list", why, shown, "claim_type")
ENTRA.refuse("claim_appid_number", RULE, token(user_v1({"appid": 1})), "claim_type")
for claim, kind, value in [
    ("sub", *NUMBER),
    ("client_id", *NUMBER),
    ("scope", *NUMBER),
    ("scope", "mixed_list", ["read", 1]),
]:
    OIDC.refuse(f"claim_oidc_{claim}_{kind}", RULE, token(oidc({claim: value})), "claim_type")

# What must be there.
for name, why, claims in [
    ("iss", "jsonwebtoken passes a token without it", user({"iss": ABSENT})),
    ("aud", "jsonwebtoken passes a token without it", user({"aud": ABSENT})),
    ("sub", "jsonwebtoken passes a token without it", user({"sub": ABSENT})),
    ("tid", "IDX40003", user({"tid": ABSENT})),
    ("oid", "without it no user is named for good", user({"oid": ABSENT})),
    ("oid_of_device", "the device is named by it", device({"oid": ABSENT})),
    ("deviceid_of_device", "a device token without a device", device({"deviceid": ABSENT})),
]:
    ENTRA.refuse(f"claim_no_{name}", why, token(claims), "claim_missing")
for name, why in [
    ("iss", "RFC 9068 section 2.2: required"),
    ("aud", "RFC 9068 section 2.2: required; AWS Cognito leaves it out"),
    ("sub", "RFC 9068 section 2.2: required"),
]:
    OIDC.refuse(f"claim_oidc_no_{name}", why, token(oidc({name: ABSENT})), "claim_missing")

# The audience: one of ours, whole.
WHOLE = "RFC 7519 section 4.1.3: case-sensitive, compared whole"
for name, why, aud in [
    ("other", "a token of Microsoft Graph", "https://graph.microsoft.com"),
    ("empty", "names nobody", ""),
    ("empty_list", "names nobody", []),
    ("prefix", WHOLE, API[:-1]),
    ("longer", WHOLE, f"{API}x"),
    ("upper_case", WHOLE, API.upper()),
]:
    ENTRA.refuse(f"claim_aud_{name}", why, token(user({"aud": aud})), "unproven_audience")
for name, aud in [("list_of_one", [API]), ("among_others", ["other", API])]:
    ENTRA.admit(f"claim_aud_{name}", "RFC 7519 section 4.1.3", token(user({"aud": aud})))
shown = token(oidc({"aud": ["other", OIDC_API]}))
OIDC.admit("claim_oidc_aud_among_others", "RFC 7519 section 4.1.3", shown)

# The subject becomes a name, a line in a log and a header.
BOUND = "OpenID Connect Core section 2: 255"
ENTRA.admit("claim_sub_longest", BOUND, token(user({"sub": "s" * 255})))
for name, sub in [("too_long", "s" * 256), ("too_long_in_bytes", "\u00e4" * 128)]:
    ENTRA.refuse(f"claim_sub_{name}", BOUND, token(user({"sub": sub})), "claim_too_long")
for name, why, sub in [
    ("empty", "names nobody", ""),
    ("newline", "a line of its own in a log", "a\nlevel=info admitted"),
    ("arabic_letter_mark", "Unicode UAX 9: it turns the text around it", "admin\u061c"),
    ("soft_hyphen", "Unicode TR 36 section 2.5: invisible", "ad\u00admin"),
    ("tag_letter", "Unicode TR 36 section 2.5: invisible", "admin\U000e0041"),
    ("nul", "C strings end there", "admin\0.example.org"),
    ("c1_control", "a control character beyond ASCII", "a\u0085b"),
]:
    OIDC.refuse(f"claim_sub_{name}", why, token(oidc({"sub": sub})), "claim_type")
ENTRA.refuse("claim_sub_newline_entra", "as for others", token(user({"sub": "a\nb"})), "claim_type")
for name, why, sub in [
    ("with_colons", "the short name before it has none", "a:b:c"),
    ("not_ascii", "a subject may be any text", "J\u00fcrgen \u6771"),
]:
    OIDC.admit(f"claim_sub_{name}", why, token(oidc({"sub": sub})), f"oidc:workforce:{sub}")

# GUIDs, in the one form that Entra writes.
for name, why, guid in [
    ("text", "no GUID at all", "administrator"),
    ("braces", "the form of .NET and the registry", f"{{{USER}}}"),
    ("digits", "without its hyphens", USER.replace("-", "")),
    ("nil", "the all-zero GUID stands for nobody", NIL),
]:
    ENTRA.refuse(f"claim_oid_{name}", why, token(user({"oid": guid})), "claim_type")
why = "a GUID is a number; the principal is written in lower case"
ENTRA.admit("claim_oid_upper_case", why, token(user({"oid": USER.upper()})))
for name, why, claims in [
    ("empty", "a claim that is there is not overlooked", user({"deviceid": ""})),
    ("text", "a device by another name is not proven", device({"deviceid": "laptop"})),
    ("nil", "the all-zero GUID stands for no device", user({"deviceid": NIL})),
]:
    ENTRA.refuse(f"claim_deviceid_{name}", why, token(claims), "claim_type")

# A token that is bound to a key is no bearer token.
for name, why, cnf in [
    ("certificate", "RFC 8705 section 3.1", {"x5t#S256": "A" * 43}),
    ("dpop", "RFC 9449 section 6.1", {"jkt": "A" * 43}),
    ("empty", "RFC 7800 section 3: not understood, so not proven", {}),
    ("null", "its presence is enough", None),
]:
    ENTRA.refuse(f"claim_cnf_{name}", why, token(user({"cnf": cnf})), "proof_missing")
bound = token(oidc({"cnf": {"x5t#S256": "A" * 43}, "azp": CLIENT}))
OIDC.refuse("claim_oidc_cnf", "RFC 8705 section 3.1", bound, "proof_missing")
