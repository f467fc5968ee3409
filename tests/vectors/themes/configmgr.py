"""Tokens of ConfigMgr, in the shape of the sample that Microsoft documents."""

import hashlib

from making.contoso import DAY, FOREIGN, SELF_SIGNED
from making.keys import KEYS, jwks, mac
from making.names import name
from making.passed import client_cert
from making.pki import leaf
from making.sample import NOW, endpoint, entra, section
from making.sitetoken import (
    CATEGORY,
    CLIENT,
    ENDS,
    HIERARCHY,
    NO_FEED,
    OTHER_SITE,
    STARTS,
    configmgr,
    jkt,
    preauth,
    site,
    x5t,
)
from making.theme import Theme
from making.token import ABSENT, also, changed, signed, with_signature

THEME = Theme(
    "configmgr",
    "Tokens that a ConfigMgr hierarchy issued. No case trusts the documented sample itself: its "
    "key is not published. The peer is pc7 with a certificate that it made itself.",
)


def signer(kid):
    """An SMS Token Signing Certificate: self-signed, RSA."""
    subject = name(("CN", "SMS Token Signing Certificate"))
    return leaf(subject, KEYS[kid], STARTS, ENDS)


SIGNER, NEXT = signer("rs-root"), signer("rs-b")
PEM = {"signing.pem": SIGNER.pem}
TOGETHER = {"id": HIERARCHY, "format": "configmgr", "keys_file": "signing.pem"}


def config(label, *sections, files=PEM, **settings):
    sections = sections or (endpoint(["site"]), site(**TOGETHER | settings))
    principal = f"site:{HIERARCHY}:{CLIENT}"
    return THEME.config(label, NO_FEED, *sections, files=files, principal=principal, ends=ENDS)


def issued(claims=None, by=SIGNER, head=None, key=None):
    header = changed({"typ": "JWT", "alg": "RS256", "x5t": by.digest("sha1")}, head)
    return signed(header, configmgr() if claims is None else claims, key or by.key)


ALONE = config("client_category", client_category=CATEGORY)
PEER = ALONE.showing(SELF_SIGNED)


def judge(label, why, reason, shown, under=PEER):
    under.judge(f"configmgr_{label}", why, shown, reason)


# The documented sample: a bulk registration token.
UNSAID = config("no_category").showing(SELF_SIGNED)
SAMPLE = "deploy-clients-cmg-token: only for registration"
ONLY = "registration_only"
for label, under, shown in [
    ("preauth", UNSAID, issued(preauth())),
    ("preauth_without_peer", config("preauth_alone"), issued(preauth())),
    ("preauth_beside_clients", PEER, issued(preauth())),
    ("preauth_for_user", PEER.at(scenario="user"), issued(preauth())),
    ("preauth_with_cnf", PEER, issued(preauth({"cnf": jkt()}))),
    ("preauth_expired", PEER, issued(preauth({"exp": NOW - 3600}))),
]:
    judge(label, SAMPLE, ONLY, shown, under)
forged = issued(preauth(), key=KEYS["rs-foreign"])
judge("preauth_forged", "4000 is said of what is proven", "signature_wrong", forged)

# Categories.
UNCLEAR = "kind_unclear"
why = "Microsoft publishes no category of clients, so none is taken by default"
judge("category_not_configured", why, UNCLEAR, issued(), UNSAID)
for label, category in [
    ("other", "SCCMOtherToken"),
    ("other_case", CATEGORY.upper()),
    ("preauth_other_case", "sccmpreauthtoken"),
    ("documented_typo", "S}CCMPreAuthToken"),
]:
    shown = issued(configmgr({"SCCMTokenCategory": category}))
    judge(f"category_{label}", "compared exactly", UNCLEAR, shown)

# A client's token.
for label, why, change in [
    ("client", "client_category; the principal is UniqueId", {}),
    ("client_by_x5t", "RFC 8705 section 3.1", {"cnf": x5t(SELF_SIGNED)}),
    ("tenant_lower_case", "domain: a GUID is a number", {"TenantId": HIERARCHY}),
    ("unique_id_upper_case", "domain: a GUID is a number", {"UniqueId": CLIENT.upper()}),
    ("without_type", "Authority, License and Type mean nothing here", {"License": ABSENT}),
    ("aud_list", "RFC 7519 section 4.1.3", {"aud": ["urn:sccm:service"]}),
]:
    judge(label, why, None, issued(configmgr(change)))
judge("typ_absent", "RFC 7515 section 4.1.9: optional", None, issued(head={"typ": ABSENT}))
PROOF = "RFC 7800 section 3"
judge(
    "without_cnf",
    "a bearer token proves nothing",
    "claim_missing",
    issued(configmgr({"cnf": ABSENT})),
)
judge("without_peer", PROOF, "proof_missing", issued(), ALONE)
judge("other_peer", PROOF, "proof_mismatch", issued(), ALONE.showing(FOREIGN))
judge("cnf_empty", PROOF, "proof_missing", issued(configmgr({"cnf": {}})))
for claim in ("iss", "aud", "TenantId", "SCCMTokenCategory", "UniqueId", "exp"):
    shown = issued(configmgr({claim: ABSENT}))
    judge(f"no_{claim.lower()}", "the documented sample has it", "claim_missing", shown)
for label, claim, value in [
    ("tenant_number", "TenantId", 1),
    ("category_number", "SCCMTokenCategory", 1),
    ("category_list", "SCCMTokenCategory", [CATEGORY]),
    ("unique_id_number", "UniqueId", 1),
    ("unique_id_text", "UniqueId", "pc7"),
    ("unique_id_braces", "UniqueId", f"{{{CLIENT}}}"),
    ("exp_string", "exp", str(ENDS)),
]:
    shown = issued(configmgr({claim: value}))
    judge(label, "CVE-2026-25537: the wrong type is not absence", "claim_type", shown)
twice = also(configmgr(), f'"UniqueId":"{CLIENT}"')
head = {"typ": "JWT", "alg": "RS256", "x5t": SIGNER.digest("sha1")}
shown = signed(head, twice, SIGNER.key)
judge("claim_twice", "RFC 7519 section 4: which one counts?", "payload_duplicate", shown)

# Whose it is.
judge("tenant_other", "IDX40004", "tenant_mismatch", issued(configmgr({"TenantId": OTHER_SITE})))
PREFIX = "urn:sccm:oauth2:"
for label, iss in [
    ("other", f"{PREFIX}{OTHER_SITE}"),
    ("upper_case", f"{PREFIX}{HIERARCHY.upper()}"),
    ("prefix_upper_case", f"URN:SCCM:OAUTH2:{HIERARCHY}"),
    ("tollgate", f"urn:tollgate:site:{HIERARCHY}"),
    ("guid_alone", HIERARCHY),
]:
    shown = issued(configmgr({"iss": iss}))
    judge(f"iss_{label}", "letter by letter", "issuer_unknown", shown)
for label, aud in [
    ("other", "urn:sccm:other"),
    ("tollgate", "urn:tollgate:gate"),
    ("upper_case", "URN:SCCM:SERVICE"),
]:
    shown = issued(configmgr({"aud": aud}))
    judge(f"aud_{label}", "RFC 7519 section 4.1.3", "unproven_audience", shown)
for label, typ in [("tollgate", "tollgate-client+jwt"), ("access_token", "at+jwt")]:
    shown = issued(head={"typ": typ})
    judge(f"typ_{label}", "RFC 8725 section 3.11", "unproven_type", shown)

# When.
for label, why, reason, change in [
    ("exp_past_edge", "IDX10223", "expired", {"exp": NOW - 301}),
    ("nbf_past_edge", "IDX10222", "not_yet_valid", {"nbf": NOW + 301}),
    ("life_too_long", "366 days", "lifetime_too_long", {"exp": STARTS + 366 * DAY + 1}),
]:
    judge(f"time_{label}", why, reason, issued(configmgr(change)))
longest = STARTS + 366 * DAY
shown = issued(configmgr({"exp": longest}))
PEER.admit("configmgr_time_life_longest", "366 days", shown, expires_at=longest)

# Keys.
KEY = "RFC 7515 section 4.1.7: x5t names the certificate"
unknown = "key_unknown"
judge("x5t_unknown", KEY, unknown, issued(by=NEXT))
judge("x5t_of_other", "IDX10511", "signature_wrong", issued(key=NEXT.key))
for label, head in [
    ("x5t_hex", {"x5t": hashlib.sha1(SIGNER.der).hexdigest()}),
    ("x5t_sha256", {"x5t": SIGNER.digest()}),
    ("kid_alone", {"x5t": ABSENT, "kid": SIGNER.key.kid}),
]:
    judge(label, KEY, unknown, issued(head=head))
BOTH = config("two_keys", files={"signing.pem": SIGNER.pem + NEXT.pem}, client_category=CATEGORY)
for label, by in [("old", SIGNER), ("new", NEXT)]:
    why = "domain: the certificate was renewed; both keys overlap"
    judge(f"two_keys_{label}", why, None, issued(by=by), BOTH.showing(SELF_SIGNED))
again = config("twice", files={"signing.pem": SIGNER.pem * 2}, client_category=CATEGORY)
why = "cat old.pem new.pem, where both are the same: one key, not two of one name"
judge("certificate_twice", why, None, issued(), again.showing(SELF_SIGNED))
listed = [by.key.public({"x5t": by.digest("sha1"), "kid": ABSENT}) for by in (SIGNER, NEXT)]
SET = config(
    "key_set",
    files={"keys.json": jwks(*listed)},
    keys_file="keys.json",
    client_category=CATEGORY,
)
for label, by in [("old", SIGNER), ("new", NEXT)]:
    judge(f"key_set_{label}", "RFC 7517 section 4.8", None, issued(by=by), SET.showing(SELF_SIGNED))
why = "RFC 7517 section 4.8"
judge("key_set_unknown", why, unknown, issued(by=signer("rs-a")), SET.showing(SELF_SIGNED))
MISMATCH = "algorithm_mismatch"
x5t_head = {"typ": "JWT", "x5t": SIGNER.digest("sha1")}
shown = signed(x5t_head | {"alg": "ES256"}, configmgr(), KEYS["es256-a"])
judge("es256", "RS256 alone; the key is RSA", MISMATCH, shown)
shown = signed(x5t_head | {"alg": "RS512"}, configmgr(), SIGNER.key, "RS512")
judge("rs512", "RS256 alone", MISMATCH, shown)
secret = SIGNER.pem.encode()
head = x5t_head | {"alg": "HS256"}
shown = with_signature(head, configmgr(), lambda message: mac(secret, message))
judge("hs256_by_certificate", "CVE-2015-9235: the certificate as a secret", MISMATCH, shown)

# The endpoint, and a certificate that a proxy passed on.
MANY = config(
    "endpoints",
    section("[peers]", {"trusted": ["unix"]}),
    endpoint(["site"]),
    endpoint(["entra"], name="tokens"),
    entra(),
    site(**TOGETHER, client_category=CATEGORY),
    files=PEM | {"keys.json": jwks(KEYS["rs-a"])},
)
THERE = MANY.showing(SELF_SIGNED)
why = "S8: not enabled"
judge("endpoint_takes_tokens", why, "method_not_enabled", issued(), THERE.at(endpoint="tokens"))
why = "site tokens prove devices"
judge("for_user_scenario", why, "user_needed", issued(), THERE.at(scenario="user"))
why = "RFC 8705 section 3: the proxy saw the key, the gate did not"
judge("forwarded", why, "proof_missing", issued(), MANY.passed(client_cert(SELF_SIGNED)))
