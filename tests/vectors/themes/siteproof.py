"""The proof of possession that a client token of a site asks for: `cnf` and the peer's key."""

from making import contoso
from making.contoso import DEVICE_KEY, EXPIRED, FOREIGN, GOOD, SELF_SIGNED, STARTS, device
from making.keys import KEYS, jwks
from making.names import name
from making.pki import thumbprint
from making.sample import A, endpoint, entra, oidc_issuer
from making.sitetoken import ENDS, FILES, NO_FEED, SITE_ID, client, issued, jkt, site, x5t
from making.theme import Theme

THEME = Theme(
    "siteproof",
    "Client tokens of a site, good but for what binds them to a key. The peer is pc7 with a "
    "certificate that it made itself, unless a case says otherwise.",
)
SOURCES = endpoint(["site", "entra", "oidc"]), site(), entra(), oidc_issuer()
ALONE = THEME.config(
    "site",
    NO_FEED,
    *SOURCES,
    files=FILES | {"keys.json": jwks(A)},
    principal=SITE_ID,
    ends=ENDS,
)
PEER = ALONE.showing(SELF_SIGNED)
MISSING, MISMATCH = "proof_missing", "proof_mismatch"


def judge(label, why, reason, cnf, under=PEER):
    under.judge(f"proof_{label}", why, issued(client({"cnf": cnf})), reason)


# What proves it.
BOTH = jkt() | x5t(SELF_SIGNED)
for label, why, cnf in [
    ("jkt", "RFC 7638; RFC 9449 section 6.1", jkt()),
    ("x5t", "RFC 8705 section 3.1", x5t(SELF_SIGNED)),
    ("both", "each agrees", BOTH),
    ("unknown_member", "RFC 7800 section 3.1: ignored", jkt() | {"kid": "pc7", "note": [1]}),
]:
    judge(label, why, None, cnf)
for kid in ("rs-device", "es256-zero", "es384-a", "ed-a"):
    made = device(by=None, subject=name(("CN", "pc7")), key=KEYS[kid])
    under, label = ALONE.showing(made), kid.replace("-", "_")
    why = "RFC 7638 section 3.2; RFC 8037: the members of each kind of key"
    judge(f"jkt_{label}", why, None, jkt(KEYS[kid]), under)
    judge(f"x5t_{label}", "RFC 8705 section 3.1", None, x5t(made), under)
renewed = device(by=None, subject=name(("CN", "pc7")), times=(STARTS + 1, contoso.ENDS))
why = "the key is what binds it, in whatever certificate"
judge("jkt_renewed_certificate", why, None, jkt(), ALONE.showing(renewed))
why = "the certificate is what binds it"
judge("x5t_renewed_certificate", why, MISMATCH, x5t(SELF_SIGNED), ALONE.showing(renewed))
judge("first_of_chain", "the peer's is the first", None, jkt(), ALONE.showing(SELF_SIGNED, FOREIGN))
judge("second_of_chain", "the peer's is the first", MISMATCH, jkt(), ALONE.showing(FOREIGN, GOOD))
for label, shown in [("pki", GOOD), ("expired", EXPIRED)]:
    why = "the key counts: the certificate is not judged as PKI"
    judge(f"by_{label}", why, None, jkt(), ALONE.showing(shown))

# Nobody, and somebody else.
for label, cnf in [("jkt", jkt()), ("x5t", x5t(SELF_SIGNED)), ("both", BOTH)]:
    why = "RFC 7800 section 3: as a bearer token it proves nothing"
    judge(f"{label}_without_peer", why, MISSING, cnf, ALONE)
    why = "RFC 8705 section 3: another key"
    judge(f"{label}_other_peer", why, MISMATCH, cnf, ALONE.showing(FOREIGN))
OTHER_KEY = KEYS["p256-other"]
KEY = thumbprint(DEVICE_KEY)
for label, why, cnf in [
    ("both_wrong_jkt", "each has to agree", x5t(SELF_SIGNED) | jkt(OTHER_KEY)),
    ("both_wrong_x5t", "each has to agree", jkt() | x5t(FOREIGN)),
    ("jkt_other_case", "compared exactly", {"jkt": KEY[:-1].swapcase() + KEY[-1]}),
    ("jkt_is_x5t", "each is its own", {"jkt": SELF_SIGNED.digest()}),
    ("x5t_is_jkt", "each is its own", {"x5t#S256": KEY}),
]:
    judge(label, why, MISMATCH, cnf)
ZEROES = "A" * 43
judge("jkt_zero", "32 zero bytes are no key's", MISMATCH, {"jkt": ZEROES})

# No binding that can be read.
NOT_READ = "RFC 7800 section 3: a binding that is not understood is not proven"
for label, cnf in [
    ("null", None),
    ("text", KEY),
    ("number", 1),
    ("true", True),
    ("list", [jkt()]),
    ("empty", {}),
    ("unknown_alone", {"kid": "pc7"}),
    ("jwk_alone", {"jwk": DEVICE_KEY.public()}),
    ("x5t_sha1_alone", {"x5t": SELF_SIGNED.digest("sha1")}),
    ("other_case", {"JKT": KEY}),
]:
    judge(f"cnf_{label}", NOT_READ, MISSING, cnf)
for member, right in [("jkt", KEY), ("x5t#S256", SELF_SIGNED.digest())]:
    for label, value in [
        ("empty", ""),
        ("short", right[:-1]),
        ("long", f"{right}A"),
        ("padded", f"{right}="),
        ("not_base64url", f"+{right[1:]}"),
        ("trailing_bits", right[:-1] + "B"),
        ("number", 1),
        ("null", None),
        ("list", [right]),
    ]:
        spelt = member.lower().replace("#", "_")
        judge(f"{spelt}_{label}", NOT_READ, MISSING, {member: value})
judge("good_beside_malformed", "each that is there counts", MISSING, jkt() | {"x5t#S256": "x"})
