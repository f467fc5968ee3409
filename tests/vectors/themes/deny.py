"""The deny list: certificates and keys that are refused wherever they are shown."""

import hashlib

from making.contoso import (
    DEVICE_KEY,
    ENDS,
    EXPIRED,
    FABRIKAM,
    FILES,
    FOREIGN,
    GOOD,
    ISSUING,
    PKI_ID,
    ROOT,
    SELF_SIGNED,
    device,
    pki,
)
from making.keys import KEYS, jwks
from making.pki import key_info
from making.sample import A, endpoint, entra, section, token, user
from making.sitetoken import ENDS as TOKEN_ENDS
from making.sitetoken import FILES as SITE_FILES
from making.sitetoken import NO_FEED, SITE_ID, client, issued, jkt, site, x5t
from making.theme import Theme

THEME = Theme(
    "deny",
    "Certificates that are good but for a deny list. It holds for a certificate of a PKI, for the CAs "
    "above it, and for one that proves the key of a token; nobody's certificate beside a token stays "
    "nobody's.",
)
DENIED, CA_DENIED = "certificate_denied", "ca_denied"
INVENTORY = "lost devices, as inventories name them"


def sha256(certificate):
    return f"sha256:{hashlib.sha256(certificate.der).hexdigest()}"


def sha1(certificate):
    return f"sha1:{hashlib.sha1(certificate.der).hexdigest()}"


def key(of):
    return f"key-sha256:{hashlib.sha256(key_info(of)).hexdigest()}"


def colons(mark):
    kind, digits = mark.split(":")
    pairs = [digits[at : at + 2].upper() for at in range(0, len(digits), 2)]
    return f"{kind}:{':'.join(pairs)}"


def deny(**settings):
    return section("[[deny]]", settings)


def judge(label, why, reason, *lists, shown=GOOD, files=None, between=()):
    under = THEME.config(
        label,
        endpoint(["pki"]),
        pki(),
        *lists,
        files=FILES | (files or {}),
        principal=PKI_ID,
        ends=ENDS,
    )
    under.showing(shown, *between).judge(f"deny_{label}", why, None, reason)


# Each mark, and one that only looks like it.
judge("sha256", INVENTORY, DENIED, deny(certificates=[sha256(GOOD)]))
judge(
    "sha256_as_openssl",
    "openssl x509 -fingerprint",
    DENIED,
    deny(certificates=colons(sha256(GOOD))),
)
judge("sha1", "inventories of Windows", DENIED, deny(certificates=[sha1(GOOD)]))
judge(
    "key",
    "a stolen key, whatever certificate it gets",
    DENIED,
    deny(certificates=[key(DEVICE_KEY)]),
)
judge(
    "other",
    "another one's",
    None,
    deny(certificates=[sha256(FOREIGN), sha1(FOREIGN), key(KEYS["p256-other"])]),
)
mixed = [sha256(GOOD).replace("sha256", "key-sha256")]
judge("kind", "a digest counts for what it is of", None, deny(certificates=mixed))
renewed = device(times=(ENDS - 400 * 86_400, ENDS))
judge(
    "key_renewed",
    "a new certificate of a stolen key",
    DENIED,
    deny(certificates=[key(DEVICE_KEY)]),
    shown=renewed,
)
judge(
    "sha256_renewed",
    "the certificate and no other",
    None,
    deny(certificates=[sha256(GOOD)]),
    shown=renewed,
)

# Issuer and serial number.
serial = f"{GOOD.serial:016x}"
of_issuing = deny(issuer="issuing.pem", serials=[serial])
judge("serial", "RFC 5280 section 4.1.2.2: by issuer and number", DENIED, of_issuing)
padded = deny(issuer="issuing.pem", serials=f"00:00:{serial}")
judge("serial_zeros", "rustls-webpki: zeros in front", DENIED, padded)
judge("serial_other", "another number", None, deny(issuer="issuing.pem", serials=["01"]))
why = "a number alone names certificates of every CA"
judge("serial_other_issuer", why, None, deny(issuer="root.pem", serials=[serial]))

# Lists.
listed = f"# lost\r\n{sha1(FOREIGN)}\r\n\r\n{colons(sha256(GOOD))}  # pc7\r\n"
judge("file", INVENTORY, DENIED, deny(file="lost.txt"), files={"lost.txt": listed})
judge(
    "file_empty", "nothing is lost yet", None, deny(file="lost.txt"), files={"lost.txt": "# none\n"}
)
two = deny(certificates=sha1(FOREIGN)), deny(certificates=sha1(GOOD))
judge("second_section", "every section counts", DENIED, *two)

# CAs.
judge("issuing", "a CA that was broken into", CA_DENIED, deny(certificates=[sha256(ISSUING)]))
judge(
    "issuing_key",
    "every certificate of its key",
    CA_DENIED,
    deny(certificates=[key(KEYS["p256-issuing"])]),
)
judge("root", "the anchor is a CA of the path", CA_DENIED, deny(certificates=[sha1(ROOT)]))
judge(
    "stranger_ca",
    "not on the path",
    None,
    deny(certificates=[sha256(FABRIKAM)]),
    between=(FABRIKAM,),
)
under = THEME.config(
    "presented",
    endpoint(["pki"]),
    pki(peer_intermediates=True, intermediates=[]),
    deny(certificates=[sha256(ISSUING)]),
    files=FILES,
    principal=PKI_ID,
    ends=ENDS,
)
under.showing(GOOD, ISSUING).judge(
    "deny_presented_ca", "from wherever the CA came", None, CA_DENIED
)

# What else is wrong is said as ever; nothing is said of what is not proven.
judge(
    "expired",
    "3000 of what is proven, before the lists",
    "certificate_expired",
    deny(certificates=[sha256(EXPIRED)]),
    shown=EXPIRED,
)
judge(
    "untrusted",
    "nothing of it is proven",
    "certificate_untrusted",
    deny(certificates=[sha256(FOREIGN)]),
    shown=FOREIGN,
)

# Beside a token.
FILE = {"keys.json": jwks(A)}
lists = deny(certificates=[sha256(GOOD), sha256(SELF_SIGNED)])
beside = THEME.config(
    "beside", endpoint(["entra", "pki"]), entra(), pki(), lists, files=FILES | FILE
)
beside.showing(GOOD).refuse("deny_beside", "whatever token came with it", token(), DENIED)
why = "nobody's certificate says nothing beside a token that is not bound to it"
beside.showing(SELF_SIGNED).admit("deny_nobodys_beside", why, token())
alone = THEME.config("no_pki", endpoint(["entra"]), entra(), pki(), lists, files=FILES | FILE)
alone.showing(GOOD).admit("deny_no_pki_there", "the endpoint takes no certificates", token())
bound = user({"cnf": x5t(GOOD)})
alone.showing(GOOD).refuse(
    "deny_proof", "RFC 8705 section 3.1: it proves nothing any more", token(bound), DENIED
)


# A site's client, bound to its key.
def of_site(label, why, reason, lists, shown=SELF_SIGNED, cnf=None):
    under = THEME.config(
        f"site_{label}",
        NO_FEED,
        endpoint(["site"]),
        site(),
        lists,
        files=SITE_FILES,
        principal=SITE_ID,
        ends=TOKEN_ENDS,
    )
    under.showing(shown).judge(
        f"deny_site_{label}", why, issued(client({"cnf": cnf or jkt()})), reason
    )


of_site(
    "sha256",
    "the certificate that proves the key",
    DENIED,
    deny(certificates=[sha256(SELF_SIGNED)]),
)
of_site("key", "a stolen key", DENIED, deny(certificates=[key(DEVICE_KEY)]))
of_site(
    "x5t",
    "RFC 8705 section 3.1",
    DENIED,
    deny(certificates=[sha1(SELF_SIGNED)]),
    cnf=x5t(SELF_SIGNED),
)
of_site("other", "another one's", None, deny(certificates=[sha256(GOOD)]))
of_site(
    "mismatch",
    "what does not prove it is said first",
    "proof_mismatch",
    deny(certificates=[sha256(FOREIGN)]),
    shown=FOREIGN,
)
