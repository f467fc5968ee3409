"""Tokens of sites: tollgate's own, and ConfigMgr's."""

from .contoso import DAY, DEVICE_KEY
from .keys import KEYS, jwks
from .pki import thumbprint
from .sample import NOW, section
from .token import ABSENT, changed, signed

SITE = "4f6d1c2e-7a8b-4c9d-8e0f-a1b2c3d4e5f6"
OTHER_SITE = "7b0a9c8d-1e2f-4a3b-9c4d-5e6f7a8b9c0d"
HIERARCHY = "cdcc5e91-0adf-4a24-82d0-196667f1c081"
CLIENT = "2c1d4b3a-6e5f-4a7b-8c9d-0e1f2a3b4c5d"
TOKEN = "8e7d6c5b-4a39-4281-9706-f5e4d3c2b1a0"
BULK = "db591e33-5f6a-4b7c-8d9e-0a1b2c3d4e5f"

GATE, REGISTRATION = "urn:tollgate:gate", "urn:tollgate:registration"
CLIENT_TYPE, BULK_TYPE = "tollgate-client+jwt", "tollgate-bulk+jwt"
SITE_ID = f"site:{SITE}:{CLIENT}"
NO_FEED = 'feed = "none"\n'

# 90 days, a third of them gone.
STARTS, ENDS = NOW - 30 * DAY, NOW + 60 * DAY
TIMES = {"iat": STARTS, "nbf": STARTS, "exp": ENDS}


def issuer(site=SITE):
    return f"urn:tollgate:site:{site}"


def key_of_site(kid):
    """A key under its thumbprint (RFC 7638), as sites name theirs."""
    return KEYS[kid].named(thumbprint(KEYS[kid]))


ES, RS, ED = (key_of_site(kid) for kid in ("es256-a", "rs-a", "ed-a"))


def jkt(key=DEVICE_KEY):
    return {"jkt": thumbprint(key)}


def x5t(certificate):
    return {"x5t#S256": certificate.digest()}


def client(change=None):
    """Claims of a client token, bound to the key of pc7."""
    claims = {"iss": issuer(), "aud": GATE, "jti": TOKEN, "sub": CLIENT, **TIMES}
    return changed(claims | {"generation": 1, "provenance": "internal", "cnf": jkt()}, change)


def bulk(change=None):
    """Claims of a bulk registration token: three days."""
    times = {"iat": NOW - DAY, "nbf": NOW - DAY, "exp": NOW + 2 * DAY}
    return changed({"iss": issuer(), "aud": REGISTRATION, "jti": BULK, **times}, change)


def issued(claims=None, key=ES, head=None, alg=None):
    """A client token, unless `head` gives it another `typ`; its signature is true."""
    header = changed({"typ": CLIENT_TYPE, "alg": alg or key.alg, "kid": key.kid}, head)
    return signed(header, client() if claims is None else claims, key, alg)


def issued_bulk(claims=None, key=ES, head=None):
    head = {"typ": BULK_TYPE} | (head or {})
    return issued(bulk() if claims is None else claims, key, head)


def site(**settings):
    """[[site]]; `feed = "none"` has to stand above all sections."""
    return section("[[site]]", changed({"id": SITE, "keys_file": "site-keys.json"}, settings))


FILES = {"site-keys.json": jwks(ES, RS, ED)}


# ConfigMgr: an RSA key, named by the SHA-1 of its certificate.
CATEGORY = "SCCMClientToken"


def configmgr(change=None):
    """Claims of a token of `client_category`, in the shape of the documented sample."""
    claims = {"SCCMTokenCategory": CATEGORY, "Authority": "SCCM", "License": "SCCM"}
    claims |= {"TenantId": HIERARCHY.upper(), "UniqueId": CLIENT}
    claims |= {"iss": f"urn:sccm:oauth2:{HIERARCHY}", "aud": "urn:sccm:service"}
    claims |= {"exp": ENDS, "nbf": STARTS, "cnf": jkt()}
    return changed(claims, change)


def preauth(change=None):
    """Claims of the documented sample: a bulk registration token."""
    times = {"exp": NOW + 2 * DAY, "nbf": NOW - DAY}
    sample = {"SCCMTokenCategory": "SCCMPreAuthToken", "Type": "BulkRegistration", "cnf": ABSENT}
    return changed(configmgr(), sample | {"UniqueId": BULK} | times | (change or {}))
