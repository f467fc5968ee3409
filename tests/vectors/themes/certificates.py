"""Certificates alone: who issued them, whether the path holds, when, and for what."""

from making.contoso import (
    DAY,
    ENDS,
    EXPIRED,
    FABRIKAM,
    FOREIGN,
    GOOD,
    ISSUING,
    PKI_ID,
    ROOT,
    SELF_SIGNED,
    STARTS,
    device,
    issuing,
    pki,
    root,
)
from making.curveball import Impostor
from making.keys import KEYS, jwks
from making.pki import (
    ANY_USAGE,
    CLIENT_AUTH,
    SERVER_AUTH,
    chain,
    purposes,
)
from making.sample import NOW, A, endpoint, entra
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "certificates",
    "A certificate and no token. Its principal is the DNS name of pc7.contoso.com; what makes "
    "certificates malformed and paths wrong is in certpaths.json, names are in certnames.json.",
)


def config(label, top=ROOT, middle=ISSUING, **settings):
    """A PKI over `top`, with `middle` in issuing.pem: one CA, a PEM text, or none."""
    files = {"root.pem": top.pem}
    if middle is None:
        settings["intermediates"] = ABSENT
    else:
        files["issuing.pem"] = middle if isinstance(middle, str) else middle.pem
    sections = endpoint(["pki"]), pki(**settings)
    return THEME.config(label, *sections, files=files, principal=PKI_ID, ends=ENDS)


def judge(under, label, why, reason, *shown):
    under.showing(*shown).judge(f"cert_{label}", why, None, reason)


CORP = config("corp")
judge(CORP, "two_levels", "RFC 5280 section 6.1", None, GOOD)
judge(CORP, "root_issued", "RFC 5280 section 6.1", None, device(by=ROOT))
judge(CORP, "chain_sent", "RFC 8446 section 4.4.2: leaf first", None, GOOD, ISSUING)
judge(
    CORP,
    "chain_with_root",
    "RFC 8446 section 4.4.2: the anchor may be sent",
    None,
    GOOD,
    ISSUING,
    ROOT,
)
judge(
    CORP, "stranger_in_chain", "what is not needed is not used", None, GOOD, SELF_SIGNED, FABRIKAM
)
judge(
    CORP,
    "foreign_first",
    "RFC 8446 section 4.4.2: the first is the peer's",
    "certificate_untrusted",
    FOREIGN,
    GOOD,
)

# Algorithms of CAs and devices.
for label, key in [("rsa", "rs-root"), ("p384", "p384-root"), ("ed25519", "ed-root")]:
    top = root(key=KEYS[key])
    under = config(f"{label}_ca", top=top, middle=None)
    judge(under, f"{label}_ca", "RFC 5280 section 4.1.1.2", None, device(by=top))
RSA_ROOT = root(key=KEYS["rs-root"])
RSA_CHAIN = issuing(by=RSA_ROOT)
MIXED = config("mixed_cas", top=RSA_ROOT, middle=RSA_CHAIN)
judge(MIXED, "mixed_algorithms", "each CA has its own key", None, device(by=RSA_CHAIN))
for label, key in [("rsa", "rs-device"), ("p384", "es384-a"), ("ed25519", "ed-a")]:
    judge(CORP, f"{label}_device", "RFC 5280 section 4.1.2.7", None, device(key=KEYS[key]))
SHA1 = config("sha1", top=RSA_ROOT, middle=None)
judge(SHA1, "rsa_sha384", "RFC 8017", None, device(by=RSA_ROOT, alg="RS384"))
why = "cryptographic-controls: SHA-1 is deprecated; SHAttered"
judge(SHA1, "rsa_sha1", why, "path_invalid", device(by=RSA_ROOT, alg="RS1"))
SHORT = root(key=KEYS["rs-1024"])
SHORT_CA = config("short_key", SHORT, middle=None)
why = "NIST SP 800-131A: 1024 bits prove nothing"
judge(SHORT_CA, "rsa_1024_ca", why, "path_invalid", device(by=SHORT))

# Who issued it.
NO_PKI = THEME.config("no_pki", endpoint(), entra(), files={"keys.json": jwks(A)})
for label, under, why, reason, shown in [
    ("foreign", CORP, "a PKI that is not configured", "certificate_untrusted", FOREIGN),
    ("self_signed", CORP, "it names itself", "certificate_untrusted", SELF_SIGNED),
    ("no_pki", NO_PKI, "nobody is trusted with certificates", "certificate_untrusted", GOOD),
    (
        "same_name_other_key",
        CORP,
        "RFC 5280 section 4.2.1.1: another key of that name",
        "certificate_untrusted",
        device(by=issuing(by=FABRIKAM, key=KEYS["p256-other"])),
    ),
    (
        "foreign_expired",
        CORP,
        "expiry is said of proven chains only",
        "certificate_untrusted",
        device(by=FABRIKAM, times=(STARTS, NOW - 1)),
    ),
]:
    judge(under, label, why, reason, shown)
BARE = config("no_intermediates", middle=None, peer_intermediates=False)
why = "SCCMdocs #1372: the intermediate is not configured"
judge(BARE, "intermediate_missing", why, "certificate_untrusted", GOOD)
why = "RUSTSEC-2023-0053: a stranger's intermediates are not used"
judge(BARE, "intermediate_sent", why, "certificate_untrusted", GOOD, ISSUING)
SENT = config("peer_intermediates", middle=None, peer_intermediates=True)
judge(SENT, "intermediate_sent_and_taken", "peer_intermediates = true", None, GOOD, ISSUING)
why = "nothing leads from the leaf to the anchor"
judge(SENT, "intermediate_not_sent", why, "certificate_untrusted", GOOD)
fake = issuing(by=ROOT, signer=KEYS["p256-foreign"])
why = "RFC 5280 section 6.1.3 a 1: an intermediate of his own making"
judge(SENT, "intermediate_forged", why, "path_invalid", GOOD, fake)

# Signatures.
for label, why, shown in [
    ("signature_forged", "RFC 5280 section 6.1.3 a 1", device(signer=KEYS["p256-foreign"])),
    (
        "signature_forged_no_key_id",
        "RFC 5280 section 4.2.1.1: without a hint every key of that name counts",
        device({"authority_key": ABSENT}, signer=KEYS["p256-foreign"]),
    ),
    (
        "signature_by_root",
        "the name is of one CA, the key of another",
        device(signer=KEYS["p256-root"]),
    ),
]:
    judge(CORP, label, why, "path_invalid", shown)
IMPOSTOR = Impostor(ROOT.key)
curveball = root(signer=IMPOSTOR, info=IMPOSTOR.info)
why = "CVE-2020-0601: the root's key on a curve of his own"
shown = device(by=ROOT, signer=IMPOSTOR), curveball
judge(CORP, "curve_of_his_own", why, "path_invalid", *shown)
judge(SENT, "curve_of_his_own_taken", why, "path_invalid", *shown)
judge(
    CORP,
    "no_key_id",
    "RFC 5280 section 4.2.1.1: names may do",
    None,
    device({"authority_key": ABSENT}),
)

# When: both ends are inclusive, and there is no skew.
SHORTLY = NOW, NOW + 100
for label, top, middle, end in [
    ("leaf", ROOT, ISSUING, SHORTLY),
    ("intermediate", ROOT, issuing(times=SHORTLY), None),
    ("anchor", root(times=SHORTLY), None, None),
]:
    middle = middle or issuing(by=top)
    shown = device(by=middle, times=end or (STARTS, ENDS))
    under = config(f"short_{label}", top=top, middle=middle).showing(shown)
    why = "RFC 5280 section 4.1.2.5: through, inclusive"
    for place, at in [("first", NOW), ("last", NOW + 100)]:
        under.admit(f"cert_{label}_{place}_second", why, None, expires_at=NOW + 100, now=at)
    why = "RFC 5280 section 4.1.2.5: no skew"
    under.refuse(f"cert_{label}_too_early", why, None, "certificate_not_yet_valid", now=NOW - 1)
    under.refuse(f"cert_{label}_too_late", why, None, "certificate_expired", now=NOW + 101)
judge(CORP, "expired", "RFC 5280 section 4.1.2.5", "certificate_expired", EXPIRED)
endless = 253_402_300_799
for_ever = root(times=(STARTS, endless))
ENDLESS = config("endless", top=for_ever, middle=None)
ENDLESS.showing(device(by=for_ever, times=(STARTS, endless))).admit(
    "cert_endless", "RFC 5280 section 4.1.2.5: 99991231235959Z", None, expires_at=endless
)
old, renewed = issuing(times=(STARTS, NOW - 1)), issuing(times=(NOW - DAY, ENDS))
RENEWED = config("renewed_ca", middle=chain(old, renewed))
judge(RENEWED, "ca_renewed", "one name, one key, two certificates", None, GOOD)
rekeyed = issuing(key=KEYS["p256-other"])
REKEYED = config("rekeyed_ca", middle=chain(ISSUING, rekeyed))
for label, by in [("old", ISSUING), ("new", rekeyed)]:
    judge(REKEYED, f"ca_rekeyed_{label}", "AD CS renewal: one name, two keys", None, device(by=by))

# For what.
PURPOSE = "RFC 5280 section 4.2.1.12"
BOTH = purposes(SERVER_AUTH, CLIENT_AUTH)
judge(CORP, "purpose_among_others", PURPOSE, None, device({"purposes": BOTH}))
for label, why, change in [
    ("server", PURPOSE, purposes(SERVER_AUTH)),
    ("absent", "pki-certificate-requirements: it must say so", ABSENT),
    ("any", "pki-certificate-requirements: not by the way", purposes(ANY_USAGE)),
]:
    judge(CORP, f"purpose_{label}", why, "certificate_purpose", device({"purposes": change}))
for label, purpose, reason in [
    ("server", purposes(SERVER_AUTH), "certificate_purpose"),
    ("client", purposes(CLIENT_AUTH), None),
]:
    middle = issuing(change={"purposes": purpose})
    under = config(f"{label}_ca", middle=middle)
    judge(
        under,
        f"purpose_of_ca_{label}",
        "CryptoAPI: a CA issues for its own",
        reason,
        device(by=middle),
    )
