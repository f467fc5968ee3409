"""What a site's feed withdraws and sets, and what becomes of credentials when it is not heard."""

import uuid

from making.contoso import SELF_SIGNED
from making.keys import jwks
from making.sample import DEVICE, TENANT, USER, A, device, endpoint, entra, token, user
from making.sitetoken import (
    BULK,
    CLIENT,
    ENDS,
    ES,
    FILES,
    RS,
    SITE,
    SITE_ID,
    STARTS,
    client,
    issued,
    issued_bulk,
    issuer,
    site,
)
from making.theme import Theme
from making.token import b64, signed

THEME = Theme(
    "feed",
    "Good credentials, judged by what a signed feed file says. The files are dated 1970, so that "
    "they are past every bound; where nothing requires the feed, what it says counts all the same.",
)
EPOCH = "5e0c1a2b-3d4f-4a6b-8c7d-9e8f7a6b5c4d"
OTHER = "11111111-2222-4333-8444-555555555555"
CLIENT_KIND, BULK_TOKEN, USER_KIND, DEVICE_KIND, TENANT_KIND, KEY, ALL, BULK_CLIENTS = (
    1,
    2,
    7,
    8,
    9,
    10,
    11,
    12,
)
DENIED, DENIED_BY_DEFAULT, ALLOWED, NO_USER_POLICY, NO_USER_POLICY_BY_DEFAULT, USER_POLICY = range(13, 19)


def guid(text):
    return b64(uuid.UUID(text).bytes)


def group(kind, scope, *subjects, before=None):
    said = {"kind": kind, "scope": scope, "subjects": list(subjects)}
    return said | ({} if before is None else {"before": before})


def of_site(kind, *subjects, before=None):
    return group(kind, guid(SITE), *map(guid, subjects), before=before)


def of_tenant(kind, *subjects):
    return group(kind, guid(TENANT), *map(guid, subjects))


def feed(*groups, key=ES):
    """One line: a snapshot of everything that is withdrawn."""
    header = {"typ": "tollgate-feed+jwt", "alg": key.alg, "kid": key.kid}
    number = len(groups)
    said = {"iss": issuer(), "epoch": EPOCH, "from": 0, "to": number, "head": number, "as_of": 1}
    return signed(header, said | {"withdrawn": list(groups)}, key) + "\n"


def config(name, *groups, required="[]", key=ES, where="internet", source="feed.jws"):
    settings = f"[feed]\nrequired_for = {required}\n"
    files = FILES | {"keys.json": jwks(A), "feed.jws": feed(*groups, key=key)}
    sections = (endpoint(["site", "entra"], network=where), site(feed_file=source), entra())
    return THEME.config(name, settings, *sections, files=files, principal=SITE_ID, ends=ENDS)


def judge(name, why, reason, *groups, claims=None, key=ES, **settings):
    """One client's token under one feed."""
    under = config(name, *groups, **settings).showing(SELF_SIGNED)
    under.judge(f"feed_{name}", why, issued(claims, key), reason)


OF_BULK = client({"provenance": f"bulk:{BULK}"})
why = "F3: a withdrawn client"
judge("nobody", "a feed that withdraws nobody", None)
judge("client", why, "client_withdrawn", of_site(CLIENT_KIND, OTHER, CLIENT))
judge("other_client", why, None, of_site(CLIENT_KIND, OTHER))
why = "F3: what was issued before a time"
judge("client_before", why, "client_withdrawn", of_site(CLIENT_KIND, CLIENT, before=STARTS + 1))
judge("client_at", why, None, of_site(CLIENT_KIND, CLIENT, before=STARTS))
judge("all_before", why, "issued_before", group(ALL, "", guid(SITE), before=STARTS + 1))
judge("all_at", why, None, group(ALL, "", guid(SITE), before=STARTS))
why = "F1: a leaked bulk token, with all that came of it"
spoilt = of_site(BULK_CLIENTS, BULK)
judge("bulk_clients", why, "bulk_clients_withdrawn", spoilt, claims=OF_BULK)
judge("bulk_clients_internal", why, None, spoilt)
judge("bulk_clients_other", why, None, of_site(BULK_CLIENTS, OTHER), claims=OF_BULK)
judge("bulk_token", "its clients are withdrawn one by one", None, of_site(BULK_TOKEN, BULK), claims=OF_BULK)
why = "a site withdraws a key of its own"
withdrawn_key = group(KEY, guid(SITE), b64(RS.kid.encode()))
judge("key", why, "key_withdrawn", withdrawn_key, key=RS)
judge("other_key", why, None, withdrawn_key)

# Settings.
why = "about-client-settings: enable clients to use a cloud management gateway"
NOT_ALLOWED = "gateway_not_allowed"
default = group(DENIED_BY_DEFAULT, "", guid(SITE))
judge("denied", why, NOT_ALLOWED, of_site(DENIED, CLIENT))
judge("denied_other", why, None, of_site(DENIED, OTHER))
judge("denied_inside", why, None, of_site(DENIED, CLIENT), where="internal")
judge("denied_by_default", why, NOT_ALLOWED, default)
judge("allowed_one_by_one", why, None, default, of_site(ALLOWED, CLIENT))

# Tenants, users and devices.
ON_DEVICE = token(user({"deviceid": DEVICE}))
for name, why, reason, said, shown, scenario in [
    ("user", "revoked sessions", "user_withdrawn", of_tenant(USER_KIND, USER), token(), "user"),
    ("device", "disabled device", "device_withdrawn", of_tenant(DEVICE_KIND, DEVICE), token(device()), "device"),
    ("tenant", "a tenant is thrown out", "tenant_withdrawn", group(TENANT_KIND, "", guid(TENANT)), token(), "user"),
    (
        "user_policy",
        "about-client-settings: enable user policy requests from internet clients",
        "user_policy_not_allowed",
        of_tenant(NO_USER_POLICY, DEVICE),
        ON_DEVICE,
        "user",
    ),
    ("denied_device", "the tenant's devices have settings too", NOT_ALLOWED, of_tenant(DENIED, DEVICE), ON_DEVICE, "user"),
]:
    config(f"of_{name}", said).at(scenario=scenario).refuse(f"feed_of_{name}", why, shown, reason)

why = "about-client-settings: a default, and one client that it is lifted for"
NO_POLICY = "user_policy_not_allowed"
default = group(NO_USER_POLICY_BY_DEFAULT, "", guid(TENANT))
for name, said, shown in [
    ("no_policy_by_default", [default], ON_DEVICE),
    ("no_policy_without_device", [default], token()),
    ("policy_of_another", [default, of_tenant(USER_POLICY, OTHER)], ON_DEVICE),
]:
    config(f"of_{name}", *said).at(scenario="user").refuse(f"feed_{name}", why, shown, NO_POLICY)

# Not heard.
WANTED = '["site"]'
why = "law 8: a feed past its bound"
judge("stale", why, "feed_stale", required=WANTED)
judge("never_heard", "before the first word nothing is decided", "feed_stale", required=WANTED, source="missing.jws")
why = "a definite refusal wins over an undecidable one"
judge("stale_and_withdrawn", why, "client_withdrawn", of_site(CLIENT_KIND, CLIENT), required=WANTED)
judge("stale_by_other_key", "any key of the site signs", "client_withdrawn", of_site(CLIENT_KIND, CLIENT), key=RS, required=WANTED)
STALE = config("stale_for_entra", required='["entra"]')
STALE.refuse("feed_stale_of_entra", "required_for names the methods", token(), "feed_stale")
STALE.showing(SELF_SIGNED).admit("feed_stale_of_another", "required_for names the methods", issued())
why = "no gate takes one, whatever the feed says"
STALE.refuse("feed_stale_bulk", why, issued_bulk(), "registration_only")
