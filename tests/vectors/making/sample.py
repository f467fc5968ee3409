"""Whom the cases are about: tenants, claims shaped like theirs, and configurations that trust them.

Every time is fixed: cases are judged at NOW, and their tokens end at ENDS.
"""

import json

from .keys import KEYS
from .token import ABSENT, changed, signed

NOW = 1_790_000_000
ENDS = NOW + 3600

TENANT = "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b"
OTHER_TENANT = "0f1e2d3c-5678-4a9b-9c8d-7e6f5a4b3c2d"
UNKNOWN_TENANT = "5d4c3b2a-9abc-4def-8123-456789abcdef"
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
USER = "11111111-2222-4333-8444-aaaaaaaaaaaa"
DEVICE = "22222222-3333-4444-8555-bbbbbbbbbbbb"
DEVICE_OBJECT = "33333333-4444-4555-8666-cccccccccccc"

API = "6e74172b-be56-4843-9ff4-e66a39bb12e3"
APP_URI = "https://ConfigMgrService"
CLIENT = "7f85283c-cf67-4954-8aa5-f77b4acc23f4"

OIDC_ISSUER = "https://id.example.org"
OIDC_API = "https://gateway.example.org"

USER_ID = f"entra:{TENANT}:{USER}"
DEVICE_ID = f"entra:{TENANT}:{DEVICE_OBJECT}"
OIDC_ID = "oidc:workforce:laptop-0042"

A = KEYS["rs-a"]

V2 = {
    "public": "https://login.microsoftonline.com/{}/v2.0",
    "usgov": "https://login.microsoftonline.us/{}/v2.0",
    "china": "https://login.partner.microsoftonline.cn/{}/v2.0",
}
V1 = {
    "public": "https://sts.windows.net/{}/",
    "usgov": "https://sts.windows.net/{}/",
    "china": "https://sts.chinacloudapi.cn/{}/",
}


def times(start=NOW - 600, ends=ENDS):
    return {"iat": start, "nbf": start, "exp": ends}


def user(change=None):
    """Claims of a v2.0 access token for a user."""
    claims = {"aud": API, "iss": V2["public"].format(TENANT), **times(), "azp": CLIENT}
    claims |= {"oid": USER, "scp": "access_as_user", "sub": "pairwise-subject", "tid": TENANT}
    return changed({**claims, "ver": "2.0"}, change)


def user_v1(change=None):
    """The same as v1.0: another issuer, and the application under another name."""
    v1 = {"aud": APP_URI, "iss": V1["public"].format(TENANT), "ver": "1.0"}
    return user(v1 | {"azp": ABSENT, "appid": CLIENT} | (change or {}))


def device(change=None):
    """Claims of a device token: v1.0, with neither scopes nor an application."""
    claims = {"aud": APP_URI, "iss": V1["public"].format(TENANT), **times(), "idtyp": "device"}
    claims |= {"deviceid": DEVICE, "oid": DEVICE_OBJECT, "sub": DEVICE, "tid": TENANT}
    return changed({**claims, "ver": "1.0"}, change)


def oidc(change=None):
    claims = {"iss": OIDC_ISSUER, "aud": OIDC_API, **times(), "sub": "laptop-0042"}
    return changed(claims, change)


def header(key=A, change=None, alg=None):
    return changed({"typ": "JWT", "alg": alg or key.alg, "kid": key.kid}, change)


def token(claims=None, key=A, head=None, alg=None):
    """A token, its signature true. `head` changes the header, and `alg` what it is signed by."""
    return signed(header(key, head, alg), user() if claims is None else claims, key, alg)


def section(kind, settings):
    """One [[table]] of tollgate.toml."""
    lines = [f"{name} = {_toml(value)}" for name, value in settings.items()]
    return "\n".join([kind, *lines, ""])


def endpoint(methods=("entra",), **settings):
    """The endpoint `gate`; Windows versions are ignored unless a case is about them."""
    base = {"name": "gate", "methods": list(methods), "windows": "ignore"}
    return section("[[endpoint]]", base | settings)


def entra(**settings):
    base = {"tenant": TENANT, "audiences": [API, APP_URI], "jwks_file": "keys.json"}
    return section("[[entra]]", changed(base, settings))


def oidc_issuer(**settings):
    base = {"name": "workforce", "issuer": OIDC_ISSUER, "audiences": [OIDC_API]}
    return section("[[oidc]]", changed(base | {"jwks_file": "keys.json"}, settings))


def gate(**settings):
    return section("[gate]", settings)


def limits(**settings):
    return section("[limits]", settings)


def _toml(value):
    """TOML writes strings, numbers, booleans and lists of them as JSON does; tables differ."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value)
