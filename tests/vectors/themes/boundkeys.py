"""Keys that a set binds to an issuer or a cloud, as Entra's sets do."""

from making.keys import KEYS, jwks
from making.sample import (
    CONSUMERS,
    OIDC_ID,
    OIDC_ISSUER,
    OTHER_TENANT,
    TENANT,
    V1,
    V2,
    A,
    endpoint,
    entra,
    oidc,
    oidc_issuer,
    token,
    user,
    user_v1,
)
from making.theme import Theme

THEME = Theme(
    "boundkeys",
    "A key may sign for the issuer that its set binds it to, and for no other. rs-b is bound to "
    "nothing and stands in each set.",
)
TEMPLATE = V2["public"].format("{tenantid}")
OWN = V2["public"].format(TENANT)


def bound(name, why, reason, *members, claims=None, cloud="public"):
    """A token of rs-a, which is listed once with each of these members."""
    files = {"keys.json": jwks(*(A.public(member) for member in members), KEYS["rs-b"])}
    gate = THEME.config(name, endpoint(), entra(cloud=cloud), files=files)
    gate.judge(f"bound_{name}", why, token(claims), reason)


def to(issuer):
    return {"issuer": issuer}


bound("template", "signing-key-rollover: {tenantid} is the token's tenant", None, to(TEMPLATE))
why = "v1.0 tokens compare against the v2.0 form too"
bound("template_v1_token", why, None, to(TEMPLATE), claims=user_v1())
bound("own", "a key of this tenant alone", None, to(OWN))
own_v1 = to(V1["public"].format(TENANT))
bound("own_v1", "a key of this tenant alone", None, own_v1, claims=user_v1())
usgov = to(V2["usgov"].format("{tenantid}"))
bound("usgov", "the template of its own cloud", None, usgov, claims=user_v1(), cloud="usgov")

for name, why, issuer in [
    ("other_tenant", "IDX40005; Garnet #372", V2["public"].format(OTHER_TENANT)),
    ("consumers", "IDX40005: of personal accounts", V2["public"].format(CONSUMERS)),
    ("other_cloud", "IDX40005: of another cloud", V2["usgov"].format("{tenantid}")),
    ("other_template", "compared letter by letter", V2["public"].format("{tenantId}")),
    ("with_slash", "compared letter by letter", f"{TEMPLATE}/"),
    ("empty", "to nobody", ""),
]:
    bound(name, why, "key_issuer", to(issuer))
why = "two clouds share sts.windows.net, but no keys"
bound("other_cloud_v1", why, "key_issuer", to(TEMPLATE), claims=user_v1(), cloud="usgov")

why = "one key that is listed for two issuers may sign for either, whichever comes first"
others = to(V2["public"].format(OTHER_TENANT))
bound("two_own_first", why, None, to(OWN), others)
bound("two_own_last", why, None, others, to(OWN))

# cloud_instance_name: a key of another cloud is skipped.
for cloud, instance in [("public", "microsoftonline.com"), ("usgov", "microsoftonline.us")]:
    claims = user({"iss": V2[cloud].format(TENANT)})
    member = {"cloud_instance_name": instance}
    bound(f"cloud_{cloud}", "IDX40012", None, member, claims=claims, cloud=cloud)
other = {"cloud_instance_name": "microsoftonline.us"}
bound("cloud_other", "IDX40012: of another cloud", "key_unknown", other)

# Other issuers.
for name, why, reason, issuer in [
    ("oidc", "to its own issuer", None, OIDC_ISSUER),
    ("oidc_other", "to another issuer", "key_issuer", "https://other.example.org"),
]:
    files = {"keys.json": jwks(A.public(to(issuer)))}
    gate = THEME.config(name, endpoint(["oidc"]), oidc_issuer(), files=files, principal=OIDC_ID)
    gate.judge(f"bound_{name}", why, token(oidc()), reason)
