"""Whom a token is of: a user, a device, or an application, which is neither."""

from making.keys import jwks
from making.sample import (
    API,
    DEVICE,
    DEVICE_ID,
    DEVICE_OBJECT,
    TENANT,
    V2,
    A,
    device,
    endpoint,
    entra,
    token,
    user,
    user_v1,
)
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "subjects",
    "A user's token has scopes or says so, a device's says so and has none; an application's is "
    "refused. Both scenarios are served here, and no device is asked for.",
)
DEVICES = THEME.config("entra", endpoint(), entra(), files={"keys.json": jwks(A)})
USERS = DEVICES.at(scenario="user")

# Users.
BY_SCOPE = "access-token-claims-reference: scp is of users only"
for name, why, claims in [
    ("by_scope", BY_SCOPE, user()),
    ("by_scope_v1", BY_SCOPE, user_v1()),
    ("by_idtyp", "optional claim idtyp with include_user_token", user({"idtyp": "user"})),
    ("by_idtyp_alone", "idtyp is authoritative", user({"idtyp": "user", "scp": ABSENT})),
    ("on_device", "ConfigMgr's UDA: a token of both", user({"deviceid": DEVICE})),
    ("by_oid", "claims-validation: never by a name", user({"upn": "admin@example.org"})),
]:
    USERS.admit(f"user_{name}", why, token(claims))
DEVICES.admit("user_for_device_scenario", "S5: Entra ID serves both", token())

# Devices.
V2_DEVICE = device({"ver": "2.0", "iss": V2["public"].format(TENANT), "aud": API})
UPPER = device({"oid": DEVICE_OBJECT.upper(), "deviceid": DEVICE.upper()})
for name, why, claims in [
    ("v1", "as Entra gives them for Intune", device()),
    ("v2", "the same as v2.0", V2_DEVICE),
    ("upper_case", "a GUID is a number", UPPER),
]:
    DEVICES.admit(f"device_{name}", why, token(claims), DEVICE_ID)
why = "memdocs #277: its own reason"
USERS.refuse("device_for_user_scenario", why, token(device()), "user_needed")

# Applications.
DAEMON = {"scp": ABSENT, "roles": ["Gateway.Admin"]}
ID_TOKEN = {"scp": ABSENT, "azp": ABSENT, "nonce": "n", "preferred_username": "a@example.org"}
SERVICE = "claims-validation: oid and tid alone would admit it"
for name, why, claims in [
    ("by_idtyp", "optional claim idtyp", user(DAEMON | {"idtyp": "app"})),
    ("without_idtyp", SERVICE, user(DAEMON)),
    ("v1", SERVICE, user_v1(DAEMON)),
    ("without_roles", "neither scopes nor roles", user({"scp": ABSENT})),
    ("with_scope", "idtyp is authoritative", user({"idtyp": "app"})),
    ("on_device", "deviceid alone makes no device token", user(DAEMON | {"deviceid": DEVICE})),
    ("with_oidc_scope", "scope is not Entra's scp", user(DAEMON | {"scope": "access_as_user"})),
    ("id_token", "RFC 8725 section 3.11: an ID token of the same application", user(ID_TOKEN)),
    ("with_empty_scope", "a claim without a scope in it makes no user", user({"scp": ""})),
    ("with_empty_list", "a claim without a scope in it makes no user", user({"scp": []})),
]:
    DEVICES.refuse(f"app_{name}", why, token(claims), "app_only")

# Neither.
for name, why, claims in [
    ("device_with_scope", "scp is of users only", device({"scp": "access_as_user"})),
    ("unknown", "a kind that nobody here knows", user({"idtyp": "agent"})),
    ("other_case", "compared exactly", user({"idtyp": "User"})),
    ("empty", "says nothing, where it should", user({"idtyp": ""})),
]:
    DEVICES.refuse(f"kind_{name}", why, token(claims), "kind_unclear")
