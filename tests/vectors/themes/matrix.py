"""A token and a certificate together: every pair, and which of the two is heard.

Here, and only here, both may be at fault: what the cases show is which fault is said.
"""

from making import sitetoken
from making.contoso import (
    EARLY,
    ENDS,
    EXPIRED,
    FILES,
    FOREIGN,
    GOOD,
    PKI_ID,
    SELF_SIGNED,
    device,
    pki,
)
from making.keys import KEYS, jwks
from making.passed import client_cert
from making.pki import SERVER_AUTH, purposes
from making.sample import (
    DEVICE_ID,
    NOW,
    OIDC_ID,
    OTHER_TENANT,
    TENANT,
    USER_ID,
    A,
    endpoint,
    entra,
    oidc,
    oidc_issuer,
    section,
    times,
    token,
    user,
)
from making.sample import ENDS as TOKEN_ENDS
from making.sample import device as device_claims
from making.sitetoken import SITE_ID, client, issued, issued_bulk, jkt, x5t
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "matrix",
    "A token and a certificate of a TLS peer together. A token is judged first; a certificate that "
    "its cnf names proves possession and nothing else; any other is judged as PKI where the "
    "endpoint takes PKI. Both may be at fault: the cases show which fault is said.",
)
WRONG_EKU = device({"purposes": purposes(SERVER_AUTH)})
CERTIFICATES = {
    "none": None,
    "good": GOOD,
    "expired": EXPIRED,
    "early": EARLY,
    "eku": WRONG_EKU,
    "self_signed": SELF_SIGNED,
    "foreign": FOREIGN,
}
# What is said of a chain that leads to an anchor and is not good all the same.
PROVEN_BAD = {
    "expired": "certificate_expired",
    "early": "certificate_not_yet_valid",
    "eku": "certificate_purpose",
}
# What a token that is good by itself admits: whom, and until when.
TOKENS = {
    "user": (token(), USER_ID),
    "device": (token(device_claims()), DEVICE_ID),
    "oidc": (token(oidc()), OIDC_ID),
}


def present(kind, certificate):
    """The token of a row; client tokens are bound to the certificate of the column."""
    key = certificate.key if certificate else GOOD.key
    match kind:
        case "none":
            return None
        case "client_bound":
            return issued(client({"cnf": jkt(key)}))
        case "client_of_another":
            return issued(client({"cnf": jkt(KEYS["p256-foreign"])}))
        case "client_unbound":
            return issued(client({"cnf": ABSENT}))
        case "bulk":
            return issued_bulk()
    return TOKENS[kind][0]


def expected(kind, column, takes_pki):
    """A reason, or (principal, end) of who is admitted."""
    match kind:
        case "bulk":
            return "registration_only"
        case "client_unbound":
            return "claim_missing"
        case "client_of_another":
            return "proof_missing" if column == "none" else "proof_mismatch"
        case "client_bound":
            return "proof_missing" if column == "none" else (SITE_ID, sitetoken.ENDS)
        case "none":
            if column == "none":
                return "no_credential"
            if column in ("self_signed", "foreign"):
                return "certificate_untrusted"
            if not takes_pki:
                return "method_not_enabled"
            return PROVEN_BAD.get(column, (PKI_ID, ENDS))
    if takes_pki and column in PROVEN_BAD:
        return PROVEN_BAD[column]
    return TOKENS[kind][1], TOKEN_ENDS


def judge(under, name, why, shown, verdict):
    if isinstance(verdict, str):
        under.refuse(name, why, shown, verdict)
    else:
        under.admit(name, why, shown, *verdict)


def config(label, *sections, ages=None, **settings):
    files = FILES | sitetoken.FILES | {"keys.json": jwks(A)}
    others = entra(**settings), oidc_issuer(), sitetoken.site()
    sections = sitetoken.NO_FEED, *sections, *others
    return THEME.config(label, *sections, files=files, file_age_s=ages)


ALL_FOUR = endpoint(["entra", "oidc", "pki", "site"])
TOKENS_ALONE = endpoint(["entra", "oidc", "site"], name="tokens")
EVERY = config("every_method", ALL_FOUR, TOKENS_ALONE, pki())
ROWS = ["none", *TOKENS, "client_bound", "client_of_another", "client_unbound", "bulk"]
for takes_pki, place, under in [
    (True, "all", EVERY),
    (False, "no_pki", EVERY.at(endpoint="tokens")),
]:
    for row in ROWS:
        for column, certificate in CERTIFICATES.items():
            asked = under.showing(certificate) if certificate else under
            shown, verdict = present(row, certificate), expected(row, column, takes_pki)
            why = f"the table of docs/design.md: token {row}, certificate {column}"
            judge(asked, f"matrix_{place}_{row}_and_{column}", why, shown, verdict)

# Tokens of others that are bound: the same two roles of the certificate.
for label, shown, reason in [
    ("good", GOOD, None),
    ("expired", EXPIRED, None),
    ("self_signed", SELF_SIGNED, None),
    ("other", FOREIGN, "proof_mismatch"),
]:
    for kind, binding in [("jkt", jkt()), ("x5t", x5t(shown if reason is None else GOOD))]:
        for family, claims, principal in [("oidc", oidc, OIDC_ID), ("user", user, USER_ID)]:
            name = f"matrix_bound_{family}_by_{kind}_and_{label}"
            verdict = reason or (principal, TOKEN_ENDS)
            why = "RFC 8705 section 3: the certificate proves the key"
            judge(EVERY.showing(shown), name, why, token(claims({"cnf": binding})), verdict)

# A token that is refused stays refused.
GOOD_PEER = EVERY.showing(GOOD)
forged = token(key=KEYS["rs-foreign"], head={"kid": A.kid})
for label, shown, reason in [
    ("forged", forged, "signature_wrong"),
    ("no_token", "Bearer", "token_shape"),
    ("expired", token(user(times(NOW - 7200, NOW - 3600))), "expired"),
    ("other_audience", token(user({"aud": "other"})), "unproven_audience"),
    ("other_issuer", token(oidc({"iss": "https://other.example.org"})), "issuer_unknown"),
]:
    why = "the certificate stands in for no token"
    judge(GOOD_PEER, f"matrix_token_{label}_and_good", why, shown, reason)
why = "the token is judged first"
judge(EVERY.showing(EXPIRED), "matrix_token_forged_and_expired", why, forged, "signature_wrong")
why = "the proof is judged before the time"
late = issued(client({"exp": NOW - 3600}))
judge(EVERY, "matrix_client_expired_without_peer", why, late, "proof_missing")
why = "both hold, until the first of them ends"
soon = EVERY.showing(device(times=(NOW - 60, NOW + 60)))
judge(soon, "matrix_user_and_good_that_ends_first", why, token(), (USER_ID, NOW + 60))
why = "a certificate that is ignored ends nothing"
soon = EVERY.at(endpoint="tokens").showing(device(times=(NOW - 60, NOW + 60)))
judge(soon, "matrix_no_pki_user_and_good_that_ends_first", why, token(), (USER_ID, TOKEN_ENDS))
why = "S5: the token proves the user, the certificate stands beside it"
asked = GOOD_PEER.at(scenario="user")
judge(asked, "matrix_user_scenario_user_and_good", why, token(), (USER_ID, TOKEN_ENDS))
judge(asked, "matrix_user_scenario_device_and_good", why, token(device_claims()), "user_needed")

# Tenants.
THEIRS = pki(tenant=OTHER_TENANT)
CONFLICT = config(
    "other_tenant", section("[peers]", {"trusted": ["unix"]}), ALL_FOUR, TOKENS_ALONE, THEIRS
)
SAME = config("same_tenant", ALL_FOUR, pki(tenant=TENANT))
for label, shown, principal in [(row, *TOKENS[row]) for row in TOKENS]:
    admitted = principal, TOKEN_ENDS
    why = "the PKI serves the token's tenant"
    judge(SAME.showing(GOOD), f"matrix_same_tenant_{label}", why, shown, admitted)
    why = "CVE-2025-55241: devices of one tenant, users of another"
    verdict = admitted if label == "oidc" else "tenant_conflict"
    judge(CONFLICT.showing(GOOD), f"matrix_other_tenant_{label}", why, shown, verdict)
    why = "a certificate of nobody is of no tenant"
    judge(CONFLICT.showing(FOREIGN), f"matrix_other_tenant_{label}_foreign", why, shown, admitted)
    why = "where PKI is not taken the certificate is ignored"
    ignored = CONFLICT.at(endpoint="tokens").showing(GOOD)
    judge(ignored, f"matrix_other_tenant_{label}_no_pki", why, shown, admitted)
why = "no token, no conflict"
judge(CONFLICT.showing(GOOD), "matrix_other_tenant_none", why, None, (PKI_ID, ENDS))
why = "a site token is of no tenant, and its certificate is not judged as PKI"
judge(
    CONFLICT.showing(GOOD), "matrix_other_tenant_client", why, issued(), (SITE_ID, sitetoken.ENDS)
)
why = "a certificate that the token names is not judged as PKI"
bound = token(user({"cnf": jkt()}))
judge(CONFLICT.showing(GOOD), "matrix_other_tenant_bound", why, bound, (USER_ID, TOKEN_ENDS))
why = "passed on by a proxy: the same"
passed = CONFLICT.passed(client_cert(GOOD))
judge(passed, "matrix_other_tenant_passed_on", why, token(), "tenant_conflict")

# What cannot be decided, beside what can.
STALE = config("keys_stale", ALL_FOUR, pki(), ages={"keys.json": 90_000}, jwks_max_age="24h")
for column, certificate in CERTIFICATES.items():
    asked = STALE.showing(certificate) if certificate else STALE
    why = "a definite refusal wins over undecidable"
    judge(asked, f"matrix_stale_and_{column}", why, token(), PROVEN_BAD.get(column, "keys_stale"))
why = "the stale keys are of another"
judge(STALE.showing(GOOD), "matrix_stale_and_good_alone", why, None, (PKI_ID, ENDS))
