"""Tokens that a site issued: who signed them, what they say, when and where they are good."""

from making.contoso import DAY, GOOD, SELF_SIGNED
from making.keys import KEYS, jwks, mac, pem
from making.sample import NOW, endpoint, entra, gate
from making.sitetoken import (
    BULK,
    BULK_TYPE,
    CLIENT,
    CLIENT_TYPE,
    ED,
    ENDS,
    ES,
    FILES,
    GATE,
    NO_FEED,
    OTHER_SITE,
    REGISTRATION,
    RS,
    SITE,
    SITE_ID,
    STARTS,
    TOKEN,
    bulk,
    client,
    issued,
    issued_bulk,
    issuer,
    jkt,
    key_of_site,
    site,
)
from making.theme import Theme
from making.token import ABSENT, also, signed, text, with_signature

THEME = Theme(
    "sitetokens",
    "Client tokens and bulk registration tokens of a site, shown by a TLS peer with the key of "
    "pc7 unless a case is about that. But for what it shows each client token would be admitted.",
)


def config(label, *sections, files=FILES):
    sections = sections or (endpoint(["site"]), site())
    return THEME.config(label, NO_FEED, *sections, files=files, principal=SITE_ID, ends=ENDS)


ALONE = config("site")
PEER = ALONE.showing(SELF_SIGNED)


def judge(label, why, reason, shown, under=PEER):
    under.judge(f"site_{label}", why, shown, reason)


# Who signed it.
for label, key in [("es256", ES), ("rs256", RS), ("eddsa", ED)]:
    judge(f"key_{label}", "RFC 7638: the key's own thumbprint names it", None, issued(key=key))
NO_KEY, STRANGE = "key_unknown", key_of_site("es256-b")
judge("key_unknown", "RFC 7515 section 4.1.4", NO_KEY, issued(key=STRANGE))
other = STRANGE.named(ES.kid)
judge("key_forged", "RFC 7515 section 5.2", "signature_wrong", issued(key=other))
crossed = RS.named(ES.kid)
why = "RFC 8725 section 3.1: the key is for ES256"
judge("key_of_other_algorithm", why, "algorithm_mismatch", issued(key=crossed))
for label, secret in [
    ("pem", pem(RS)),
    ("der", pem(RS, encoding="DER")),
    ("jwk", text(RS.public()).encode()),
    ("kid", RS.kid.encode()),
]:
    head = {"typ": CLIENT_TYPE, "alg": "HS256", "kid": RS.kid}
    shown = with_signature(head, client(), lambda message, secret=secret: mac(secret, message))
    why = "CVE-2015-9235: the public key as a secret"
    judge(f"hs256_by_{label}", why, "algorithm_mismatch", shown)
head = {"typ": CLIENT_TYPE, "alg": "none", "kid": ES.kid}
shown = with_signature(head, client(), lambda _: b"none")
judge("key_none", "CVE-2015-9235", "algorithm_unknown", shown)
TWO = config(
    "two_sites",
    endpoint(["site"]),
    site(),
    site(id=OTHER_SITE, keys_file="other-keys.json"),
    files=FILES | {"other-keys.json": jwks(STRANGE)},
).showing(SELF_SIGNED)
theirs = client({"iss": issuer(OTHER_SITE)})
TWO.admit(
    "site_of_another",
    "each site by its own keys",
    issued(theirs, STRANGE),
    f"site:{OTHER_SITE}:{CLIENT}",
)
judge("key_of_another_site", "CVE-2025-59936: each by its own keys", NO_KEY, issued(theirs), TWO)

# Which site, for whom, which kind.
for label, why, iss in [
    ("other", "not configured", issuer(OTHER_SITE)),
    ("upper_case", "letter by letter", issuer(SITE.upper())),
    ("guid_alone", "letter by letter", SITE),
    ("longer", "letter by letter", f"{issuer()}x"),
    ("configmgr", "another family", f"urn:sccm:oauth2:{SITE}"),
]:
    judge(f"iss_{label}", why, "issuer_unknown", issued(client({"iss": iss})))
AUDIENCE = "unproven_audience"
for label, why, reason, aud in [
    ("list_of_one", "RFC 7519 section 4.1.3", None, [GATE]),
    ("among_others", "RFC 7519 section 4.1.3", None, ["urn:other", GATE]),
    ("other", "RFC 7519 section 4.1.3", AUDIENCE, "urn:tollgate:other"),
    ("of_bulk", "each kind has its own", AUDIENCE, REGISTRATION),
    ("upper_case", "RFC 7519 section 4.1.3: case-sensitive", AUDIENCE, GATE.upper()),
    ("empty_list", "it names nobody", AUDIENCE, []),
]:
    judge(f"aud_{label}", why, reason, issued(client({"aud": aud})))
judge("aud_of_client_in_bulk", "each kind has its own", AUDIENCE, issued_bulk(bulk({"aud": GATE})))
for label, why, reason, typ in [
    ("application", "RFC 7515 section 4.1.9", None, f"application/{CLIENT_TYPE}"),
    ("jwt", "RFC 8725 section 3.11: explicit typing", "unproven_type", "JWT"),
    ("absent", "RFC 8725 section 3.11: explicit typing", "unproven_type", ABSENT),
    ("access_token", "RFC 9068 section 2.1: another kind", "unproven_type", "at+jwt"),
    ("feed", "another kind of the same site", "unproven_type", "tollgate-feed+jwt"),
]:
    judge(f"typ_{label}", why, reason, issued(head={"typ": typ}))

# What must be there, and in which form.
for claim in ("iss", "aud", "jti", "sub", "iat", "nbf", "exp", "generation", "provenance", "cnf"):
    why = f"docs/site-token.md: {claim} is required"
    judge(f"no_{claim}", why, "claim_missing", issued(client({claim: ABSENT})))
for claim, values in {
    "jti": [("number", 1), ("text", "token-1"), ("braces", f"{{{TOKEN}}}"), ("empty", "")],
    "sub": [
        ("null", None),
        ("text", "pc7"),
        ("digits", CLIENT.replace("-", "")),
        ("list", [CLIENT]),
    ],
    "aud": [("number", 1), ("mixed_list", [GATE, 1])],
    "exp": [("string", str(ENDS)), ("null", None)],
    "nbf": [("string", str(STARTS))],
    "iat": [("string", str(STARTS))],
    "generation": [
        ("zero", 0),
        ("negative", -1),
        ("fraction", 1.5),
        ("string", "1"),
        ("true", True),
        ("null", None),
        ("list", [1]),
    ],
    "provenance": [
        ("empty", ""),
        ("other", "external"),
        ("upper_case", "Internal"),
        ("longer", "internal "),
        ("bulk_alone", "bulk"),
        ("bulk_of_nothing", "bulk:"),
        ("bulk_of_text", "bulk:token"),
        ("guid_alone", BULK),
        ("number", 1),
        ("list", ["internal"]),
    ],
}.items():
    for kind, value in values:
        why = f"docs/site-token.md: the form of {claim}; CVE-2026-25537"
        judge(f"{claim}_{kind}", why, "claim_type", issued(client({claim: value})))
for label, change in [
    ("upper_case_sub", {"sub": CLIENT.upper()}),
    ("upper_case_jti", {"jti": TOKEN.upper()}),
    ("bulk_provenance", {"provenance": f"bulk:{BULK}"}),
    ("bulk_provenance_upper_case", {"provenance": f"bulk:{BULK.upper()}"}),
    ("renewed", {"generation": 4_000}),
    ("unknown_claim", {"note": {"a": [1]}}),
]:
    why = "docs/site-token.md: GUIDs in either case; a claim that nobody reads is nothing"
    judge(label, why, None, issued(client(change)))
for label, member in [("sub", f'"sub":"{CLIENT}"'), ("generation", '"generation":2')]:
    head = {"typ": CLIENT_TYPE, "alg": ES.alg, "kid": ES.kid}
    why = "RFC 7519 section 4: which one counts?"
    judge(f"{label}_twice", why, "payload_duplicate", signed(head, also(client(), member), ES))

# When.
for label, why, reason, change in [
    ("exp_past_edge", "IDX10223", "expired", {"exp": NOW - 301}),
    ("nbf_at_edge", "IDX10222: now + skew passes", None, {"nbf": NOW + 300}),
    ("nbf_past_edge", "IDX10222", "not_yet_valid", {"nbf": NOW + 301}),
    ("iat_past_edge", "issued later than now", "issued_in_future", {"iat": NOW + 301}),
    ("nbf_after_exp", "IDX10224", "times_contradict", {"nbf": ENDS + 1}),
    ("life_too_long", "366 days", "lifetime_too_long", {"exp": STARTS + 366 * DAY + 1}),
]:
    judge(f"time_{label}", why, reason, issued(client(change)))
for label, why, ends in [
    ("exp_at_edge", "IdentityModel: now - skew passes", NOW - 300),
    ("life_longest", "366 days; limits.token_lifetime is for other issuers", STARTS + 366 * DAY),
]:
    PEER.admit(f"site_time_{label}", why, issued(client({"exp": ends})), expires_at=ends)
EXACT = config("no_skew", gate(skew="0s"), endpoint(["site"]), site()).showing(SELF_SIGNED)
judge("time_no_skew", "gate.skew holds", "expired", issued(client({"exp": NOW})), EXACT)

# Bulk registration tokens: for registration and nothing else.
for label, under, shown in [
    ("alone", ALONE, issued_bulk()),
    ("with_peer", PEER, issued_bulk()),
    ("with_good_certificate", ALONE.showing(GOOD), issued_bulk()),
    ("for_user", PEER.at(scenario="user"), issued_bulk()),
    ("eddsa", PEER, issued_bulk(key=ED)),
    ("expired", PEER, issued_bulk(bulk({"exp": NOW - 3600}))),
    ("without_jti", PEER, issued_bulk(bulk({"jti": ABSENT}))),
    ("with_cnf", PEER, issued_bulk(bulk({"cnf": jkt()}))),
]:
    why = "deploy-clients-cmg-token: only for registration"
    judge(f"bulk_{label}", why, "registration_only", shown, under)
forged = issued_bulk(key=STRANGE.named(ES.kid))
judge("bulk_forged", "4000 is said of what is proven", "signature_wrong", forged)
judge("bulk_unknown_key", "4000 is said of what is proven", NO_KEY, issued_bulk(key=STRANGE))
why = "a bulk token under the other's type has the wrong audience"
judge("bulk_as_client", why, AUDIENCE, issued_bulk(head={"typ": CLIENT_TYPE}))
judge("client_as_bulk", "and the reverse", AUDIENCE, issued(head={"typ": BULK_TYPE}))

# The endpoint.
MANY = config(
    "endpoints",
    endpoint(["site"]),
    endpoint(["entra"], name="tokens"),
    endpoint(["site"], name="devices", scenarios=["device"]),
    endpoint(["site", "entra"], name="windows", windows="required"),
    entra(),
    site(),
    files=FILES | {"keys.json": jwks(KEYS["rs-a"])},
).showing(SELF_SIGNED)
FOR_DEVICES = {"endpoint": "devices", "scenario": "user"}
for label, why, reason, ask in [
    ("takes_tokens", "S8: not enabled", "method_not_enabled", {"endpoint": "tokens"}),
    ("user", "site tokens prove devices", "user_needed", {"scenario": "user"}),
    ("for_devices", "not served", "scenario_not_enabled", FOR_DEVICES),
    ("windows", "S4: no matter to sites", None, {"endpoint": "windows", "windows": "6.1.7601"}),
]:
    judge(f"endpoint_{label}", why, reason, issued(), MANY.at(**ask))
