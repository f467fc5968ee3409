"""Other issuers of OpenID Connect: exact names, configured kinds and subjects."""

from making.keys import KEYS, jwks
from making.sample import OIDC_API, OIDC_ID, OIDC_ISSUER, A, endpoint, oidc, oidc_issuer, token
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "oidc",
    "An issuer is one text, byte for byte; its keys are its own; whom its tokens prove and by which "
    "claim is configured.",
)
B, FOREIGN = KEYS["rs-b"], KEYS["rs-foreign"]
OTHER_ISSUER = "https://other.example.org/"


def config(name, *issuers, **files):
    files = {"keys.json": jwks(A)} | {f"{file}.json": text for file, text in files.items()}
    return THEME.config(name, endpoint(["oidc"]), *issuers, files=files, principal=OIDC_ID)


ONE = config("oidc", oidc_issuer())
TWO = config(
    "two_issuers",
    oidc_issuer(),
    oidc_issuer(name="other", issuer=OTHER_ISSUER, jwks_file="other.json"),
    other=jwks(B, FOREIGN.named("rs-a")),
)
USERS = config("users", oidc_issuer(kind="user"))
EMAIL = config("subject_email", oidc_issuer(subject="email"))

# The issuer.
ONE.admit("oidc_good", "the token that the others change", token(oidc()))
PART = "PyJWT CVE-2024-53861: part of a name is not the name"
for name, why, iss in [
    ("with_slash", "RFC 7519 section 4.1.1: compared whole", f"{OIDC_ISSUER}/"),
    ("http", "compared whole", "http://id.example.org"),
    ("upper_case", "no URL is normalised", "https://ID.example.org"),
    ("default_port", "no URL is normalised", f"{OIDC_ISSUER}:443"),
    ("prefix", PART, OIDC_ISSUER[:-1]),
    ("longer", PART, f"{OIDC_ISSUER}.evil.example.org"),
    ("nul_after", "C strings end there", f"{OIDC_ISSUER}\0"),
]:
    ONE.refuse(f"oidc_issuer_{name}", why, token(oidc({"iss": iss})), "issuer_unknown")
cut = token(oidc({"iss": OTHER_ISSUER[:-1]}), B)
TWO.refuse("oidc_issuer_without_slash", "the configured one has it", cut, "issuer_unknown")
other = oidc({"iss": OTHER_ISSUER})
TWO.admit("oidc_second_issuer", "each has its own name", token(other, B), "oidc:other:laptop-0042")
SHARED = "CVE-2025-59936: keys shared across issuers"
TWO.refuse("oidc_same_kid", f"{SHARED}, by their names", token(other), "signature_wrong")
TWO.refuse("oidc_key_of_the_other", SHARED, token(oidc(), B), "key_unknown")
slash = token(oidc({"aud": f"{OIDC_API}/"}))
ONE.refuse("oidc_audience_with_slash", "only Entra's v1.0 has a choice", slash, "unproven_audience")

# Whom the tokens prove.
why = "OpenID Connect does not say it; kind is a device unless configured"
ONE.at(scenario="user").refuse("oidc_device_for_user", why, token(oidc()), "user_needed")
USERS.at(scenario="user").admit("oidc_user_for_user", "kind is configured", token(oidc()))
USERS.admit("oidc_user_for_device", "kind is configured", token(oidc()))

# By which claim.
named = token(oidc({"email": "a@example.org", "sub": ABSENT}))
EMAIL.admit("oidc_subject", "only the one is looked at", named, "oidc:workforce:a@example.org")
WRONG = "CVE-2026-25537: the wrong type is not absence"
for name, why, reason, change in [
    ("absent", "sub does not stand in for it", "claim_missing", {}),
    ("other_case", "RFC 7519 section 10.1.1: case-sensitive", "claim_missing", {"Email": "a@b"}),
    ("number", WRONG, "claim_type", {"email": 1}),
    ("null", WRONG, "claim_type", {"email": None}),
    ("list", WRONG, "claim_type", {"email": ["a@b"]}),
    ("empty", "names nobody", "claim_type", {"email": ""}),
    ("newline", "a line of its own in a log", "claim_type", {"email": "a@b\nadmitted"}),
    ("too_long", "bounded as sub is", "claim_too_long", {"email": "a" * 256}),
]:
    EMAIL.refuse(f"oidc_subject_{name}", why, token(oidc(change)), reason)

# Claims that only Entra gives a meaning are anybody's here.
for name, why, change in [
    ("ver_is_a_number", 'Okta\'s access tokens have "ver": 1', {"ver": 1}),
    ("entra_claims", "private names", {"tid": 7, "oid": None, "idtyp": True, "appid": 1.5}),
]:
    ONE.admit(f"oidc_{name}", why, token(oidc(change)))
