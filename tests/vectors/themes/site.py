"""What the administrator says of issuers: applications, users, devices, what is off, what is old."""

from making.keys import KEYS, jwks
from making.sample import (
    CLIENT,
    DEVICE,
    DEVICE_ID,
    OIDC_ID,
    OTHER_TENANT,
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
    "site",
    "Proven credentials, judged by what the site knows and allows of their issuer. Each token "
    "would be admitted by an issuer that is merely trusted.",
)
BOTH = ["entra", "oidc"]
DAY = 86_400


def config(name, *issuers, ages=None, **files):
    files = {file.replace("_", "."): text for file, text in files.items()}
    files = {"keys.json": jwks(A)} | files
    return THEME.config(name, endpoint(BOTH), *issuers, files=files, file_age_s=ages)


# Client applications.
APPS = config("client_apps", entra(client_apps=[CLIENT]), oidc_issuer(client_apps=["agent"]))
for name, why, claims, principal in [
    ("v2", "access-token-claims-reference: azp", user(), None),
    ("v1", "access-token-claims-reference: appid", user_v1(), None),
    ("of_device", "device tokens name none", device(), DEVICE_ID),
    ("oidc_azp", "OpenID Connect Core section 2", oidc({"azp": "agent"}), OIDC_ID),
    ("oidc_client_id", "RFC 9068 section 2.2", oidc({"client_id": "agent"}), OIDC_ID),
]:
    APPS.admit(f"client_app_{name}", why, token(claims), principal)
BOTH_APPS = {"azp": "other", "client_id": "agent"}
for name, why, claims in [
    ("other", "an application of somebody else", user({"azp": TENANT})),
    ("absent", "no application at all", user({"azp": ABSENT})),
    ("appid_in_v2", "v2.0 tokens name it in azp", user({"azp": ABSENT, "appid": CLIENT})),
    ("appid_beside_azp", "v2.0 tokens name it in azp", user({"azp": TENANT, "appid": CLIENT})),
    ("azp_in_v1", "v1.0 tokens name it in appid", user_v1({"appid": ABSENT, "azp": CLIENT})),
    ("other_of_device", "a device token that names one", device({"appid": TENANT})),
    ("oidc_other", "an application of somebody else", oidc({"azp": "other"})),
    ("oidc_absent", "no application at all", oidc()),
    ("oidc_client_id_beside_azp", "azp is the one that counts", oidc(BOTH_APPS)),
]:
    APPS.refuse(f"client_app_{name}", why, token(claims), "client_app_not_allowed")

# Discovered users.
ONLY = entra(discovered_users_only=True, users_file="users.csv") + oidc_issuer()
COLUMNS = "tenant_id,object_id,enabled\n"
LISTED = config("discovered", ONLY, users_csv=f"{COLUMNS}{TENANT},{USER.upper()},true\n")
NOBODY = config(
    "undiscovered",
    ONLY,
    users_csv=f"{COLUMNS}{OTHER_TENANT},{USER},true\n{TENANT},{USER},false\n",
)
LISTED.admit("user_discovered", "GUIDs of either letter case", token())
NOBODY.admit("user_discovery_and_device", "a device is no user", token(device()), DEVICE_ID)
unlisted = token(user({"oid": DEVICE}))
LISTED.refuse("user_not_listed", "ConfigMgr 0x87d00231", unlisted, "user_not_discovered")
why = "ConfigMgr 0x87d00231: listed of another tenant, and as disabled"
NOBODY.refuse("user_listed_elsewhere", why, token(), "user_not_discovered")

# Joined devices.
IMPORTED = entra(join_required="imported", devices_file="devices.csv") + oidc_issuer()
CLAIM = config("join_claim", entra(join_required="claim"), oidc_issuer())
KNOWN = config("join_imported", IMPORTED, devices_csv=f"device_id\n{DEVICE}\n")
ELSEWHERE = f"device_id,tenant_id\n{DEVICE},{OTHER_TENANT}\n"
UNKNOWN = config("join_not_imported", IMPORTED, devices_csv=ELSEWHERE)
ON_DEVICE = token(user({"deviceid": DEVICE}))
for name, gate in [("claim", CLAIM), ("imported", KNOWN)]:
    gate.admit(f"join_{name}_user", "S11: devices are joined", ON_DEVICE)
    gate.admit(f"join_{name}_device", "S11: devices are joined", token(device()), DEVICE_ID)
    why = "msal-objc #1485: deviceid is not guaranteed"
    gate.refuse(f"join_{name}_no_device", why, token(), "not_joined")
for name, shown in [("user", ON_DEVICE), ("device", token(device()))]:
    why = "the list has it for another tenant"
    UNKNOWN.refuse(f"join_not_imported_{name}", why, shown, "device_not_imported")

# What is switched off.
OFF = config(
    "disabled",
    entra(enabled=False),
    entra(tenant=OTHER_TENANT),
    oidc_issuer(enabled=False),
)
for name, claims in [("tenant", user()), ("tenant_device", device()), ("issuer", oidc())]:
    why = "S13: authentication is disabled for it"
    OFF.refuse(f"disabled_{name}", why, token(claims), "tenant_disabled")
elsewhere = user({"tid": OTHER_TENANT, "iss": user()["iss"].replace(TENANT, OTHER_TENANT)})
other_user = f"entra:{OTHER_TENANT}:{USER}"
OFF.admit("disabled_other_tenant", "each tenant by itself", token(elsewhere), other_user)
FORGED = token(key=KEYS["rs-foreign"], head={"kid": A.kid})
why = "class 5000 is said of what is proven only"
OFF.refuse("disabled_and_forged", why, FORGED, "signature_wrong")

# Keys that were not refreshed.
AGED = entra(jwks_max_age="24h")
FRESH_OIDC = oidc_issuer(jwks_file="fresh.json", jwks_max_age="24h")
AGES = {"keys.json": DAY + 3600, "fresh.json": 3600}
STALE = config("keys_stale", AGED, FRESH_OIDC, ages=AGES, fresh_json=jwks(A))
YOUNG = config("keys_fresh", AGED, oidc_issuer(), ages={"keys.json": DAY - 3600})
STALE.refuse("keys_too_old", "signing-key-rollover: 24 h", token(), "keys_stale")
why = "nothing of this issuer can be decided"
STALE.refuse("keys_too_old_and_forged", why, FORGED, "keys_stale")
STALE.admit("keys_too_old_of_another", "each issuer by itself", token(oidc()), OIDC_ID)
YOUNG.admit("keys_young_enough", "signing-key-rollover: 24 h", token())
