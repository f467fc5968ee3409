"""Certificates alone: what is none, what a path may not be, and which PKI and endpoint takes it."""

from making import der
from making.contoso import (
    ENDS,
    EXPIRED,
    FABRIKAM,
    FILES,
    FOREIGN,
    GOOD,
    HOST,
    ISSUING,
    PKI_ID,
    ROOT,
    STARTS,
    device,
    issuing,
    pki,
    root,
)
from making.keys import KEYS, jwks
from making.names import UPN, dns, name, other
from making.pki import basic, chain, constraints, pem, purposes, san, usage
from making.sample import A, endpoint, entra
from making.theme import Theme
from making.token import ABSENT, first

THEME = Theme(
    "certpaths",
    "A certificate and no token. Each one would be admitted, but for what makes it malformed, its "
    "path wrong, or the endpoint not its own.",
)
PRIVATE = "1.3.6.1.4.1.99999.7"
TAKES = endpoint(["pki"])


def config(label, *sections, files=None, **settings):
    sections = sections or (TAKES, pki(**settings))
    return THEME.config(label, *sections, files=files or FILES, principal=PKI_ID, ends=ENDS)


CORP = config("corp")


def judge(label, why, reason, *shown, under=CORP):
    under.showing(*shown).judge(f"path_{label}", why, None, reason)


# What is no certificate.
BODY = GOOD.der
TBS = BODY[4:]
EKU = purposes("1.3.6.1.5.5.7.3.2")
NOTE = (PRIVATE, False, der.NULL)
NO_BASE64 = GOOD.pem.replace("MII", "M*I", 1)
for label, why, shown in [
    ("version_1", "RFC 5280 section 4.1.2.1: extensions need version 3", device(version=1)),
    ("version_2", "RFC 5280 section 4.1.2.1: extensions need version 3", device(version=2)),
    ("trailing_byte", "X.690: one value and nothing behind it", pem(BODY + b"\0")),
    ("two_in_a_block", "X.690: one value and nothing behind it", pem(BODY + ISSUING.der)),
    ("truncated", "cut on its way", pem(BODY[:-1])),
    ("not_der", "no certificate", pem(b"certificate")),
    ("of_nothing", "an empty block", pem(b"")),
    ("ber_indefinite", "X.690 section 10.1: DER has lengths", pem(b"\x30\x80" + TBS + b"\0\0")),
    ("ber_long_length", "X.690 section 10.1: the shortest", pem(b"\x30\x83\0" + BODY[2:])),
    ("extension_twice", "RFC 5280 section 4.2", device({"purposes": [EKU, EKU]})),
    ("unknown_extension_twice", "RFC 5280 section 4.2", device({"note": [NOTE, NOTE]})),
    ("purposes_malformed", "RFC 5280 section 4.2.1.12", device({"purposes": (*EKU[:2], der.NULL)})),
    ("basic_malformed", "RFC 5280 section 4.2.1.9", device({"basic": (*basic(False)[:2], b"")})),
    ("pem_empty", "nothing at all", ""),
    ("pem_none", "no PEM and no DER", "certificate\n"),
    ("pem_of_a_key", "RFC 7468 section 13: another kind", pem(BODY, "PUBLIC KEY")),
    ("pem_not_base64", "RFC 7468 section 3", NO_BASE64),
    ("pem_cut", "RFC 7468 section 3: it has an end", GOOD.pem.partition("-----END")[0]),
]:
    judge(label, why, "certificate_malformed", shown)
why = "RFC 7468 section 2: text before a block is not the block's"
judge("pem_with_text", why, None, f"subject=CN = {HOST}\n{GOOD.pem}")
judge("pem_crlf", "RFC 7468 section 3: any line ending", None, GOOD.pem.replace("\n", "\r\n"))
why = "only the leaf has to be readable"
judge("malformed_behind", why, None, GOOD, pem(ISSUING.der[:-1]))
judge("malformed_first", why, "certificate_malformed", pem(BODY[:-1]), GOOD)


# How much.
def padded(size):
    """A certificate of so many bytes, by an extension that nobody reads. The length of an ECDSA
    signature is chance."""

    def make(number):
        fill = bytes([number // 16]) * (size - 528 + number % 16)
        return device({"note": (PRIVATE, False, der.octets(fill))})

    return first(make, lambda made: len(made.der) == size)


LARGEST = padded(16_384)
judge("ten_certificates", "CVE-2018-16875", None, GOOD, *[ISSUING] * 9)
judge("eleven_certificates", "CVE-2018-16875", "chain_too_large", GOOD, *[ISSUING] * 10)
judge("largest_leaf", "16 KiB", None, LARGEST)
judge("too_large_leaf", "16 KiB", "chain_too_large", padded(16_385))
why = "64 KiB in all; each by itself is small enough"
judge("too_large_chain", why, "chain_too_large", GOOD, *[LARGEST] * 4)

# What is in the way of a path (2016).
INVALID = "path_invalid"
UNKNOWN = (PRIVATE, True, der.NULL)
judge("leaf_says_no_ca", "RFC 5280 section 4.2.1.9", None, device({"basic": basic(False)}))
judge("leaf_is_ca", "limbo: a CA is no client", INVALID, device({"basic": basic(True)}))
why = "RFC 5280 section 4.2.1.9: keyCertSign is a CA's"
judge("leaf_signs_certificates", why, INVALID, device({"usage": usage(0, 5)}))
judge("critical_unknown", "RFC 5280 section 4.2", INVALID, device({"note": UNKNOWN}))
judge("unknown_not_critical", "RFC 5280 section 4.2", None, device({"note": NOTE}))
for label, why, reason, change in [
    ("ca_unsaid", "RFC 5280 section 6.1.4 k", INVALID, {"basic": ABSENT}),
    ("ca_denied", "RFC 5280 section 6.1.4 k; CVE-2002-0862", INVALID, {"basic": basic(False)}),
    ("ca_may_not_sign", "RFC 5280 section 6.1.4 n", INVALID, {"usage": usage(0, 6)}),
    ("ca_without_usage", "RFC 5280 section 6.1.4 n: if present", None, {"usage": ABSENT}),
    ("ca_critical_unknown", "RFC 5280 section 6.1.4 o", INVALID, {"note": UNKNOWN}),
    ("ca_of_length_0", "RFC 5280 section 4.2.1.9", None, {"basic": basic(True, 0)}),
]:
    middle = issuing(change=change)
    under = config(label, files=FILES | {"issuing.pem": middle.pem})
    judge(label, why, reason, device(by=middle), under=under)
for label, top_length, reason in [("anchor", 0, INVALID), ("anchor_of_1", 1, None)]:
    top = root(path_len=top_length)
    middle = issuing(by=top)
    under = config(f"length_of_{label}", files={"root.pem": top.pem, "issuing.pem": middle.pem})
    why = "RFC 5280 section 6.1.4 m, of the anchor too"
    judge(f"length_of_{label}", why, reason, device(by=middle), under=under)
for label, length, reason in [("reached", 1, None), ("exceeded", 0, INVALID)]:
    middle = issuing(path_len=length)
    lowest = issuing(by=middle, subject=name(("CN", "Contoso Site CA")), key=KEYS["p256-other"])
    files = FILES | {"issuing.pem": chain(middle, lowest)}
    under = config(f"length_{label}", files=files)
    why = "RFC 5280 section 6.1.4 m: three levels"
    judge(f"length_{label}", why, reason, device(by=lowest), under=under)

# Name constraints.
OURS = constraints(permitted=[dns("contoso.com")])
for label, why, trees, host, reason in [
    ("permitted", "RFC 5280 section 4.2.1.10", OURS, HOST, None),
    ("not_permitted", "RFC 5280 section 6.1.3 b", OURS, "pc7.fabrikam.com", INVALID),
    ("look_alike", "labels are compared, not letters", OURS, "pc7.evilcontoso.com", INVALID),
    (
        "excluded",
        "RFC 5280 section 6.1.3 c",
        constraints(excluded=[dns("contoso.com")]),
        HOST,
        INVALID,
    ),
]:
    for place in ("ca", "anchor"):
        change = {"constraints": trees}
        top = root(change=change) if place == "anchor" else ROOT
        middle = issuing(by=top) if place == "anchor" else issuing(change=change)
        files = {"root.pem": top.pem, "issuing.pem": middle.pem}
        under = config(f"name_{label}_by_{place}", files=files)
        shown = device({"san": san(dns(host))}, by=middle)
        judge(f"name_{label}_by_{place}", why, reason, shown, under=under)

# Several PKIs.
BY_FABRIKAM = device(by=FABRIKAM)
SECOND = pki(name="fabrikam", anchors=["fabrikam.pem"], intermediates=ABSENT)
MORE = FILES | {"fabrikam.pem": FABRIKAM.pem}
TWO = config("two_pkis", TAKES, pki(), SECOND, files=MORE)
why = "the PKI that issued it names the principal"
judge("first_of_two", why, None, GOOD, under=TWO)
TWO.showing(BY_FABRIKAM).admit("path_second_of_two", why, None, f"pki:fabrikam:dns:{HOST}")
stranger = device(by=root(name(("CN", "Nobody")), KEYS["p256-other"]))
judge("none_of_two", "each is asked", "certificate_untrusted", stranger, under=TWO)
why = "the one that issued it speaks"
judge("expired_in_one_of_two", why, "certificate_expired", EXPIRED, under=TWO)
ended = device(by=FABRIKAM, times=(STARTS, STARTS + 1))
judge("expired_in_the_other", why, "certificate_expired", ended, under=TWO)
AGAIN = pki(name="again")
TWICE = config("one_ca_in_two_pkis", TAKES, AGAIN, pki())
TWICE.showing(GOOD).admit("path_ca_in_two", "the first of them", None, f"pki:again:dns:{HOST}")
PICKY = pki(name="servers", select=["Subject:server.contoso.com"])
SELECTED = config("selected_by_second", TAKES, PICKY, pki())
judge("selected_by_second", "what one PKI leaves, the next may take", None, GOOD, under=SELECTED)

# The endpoint.
MANY = config(
    "endpoints",
    TAKES,
    endpoint(["entra"], name="tokens"),
    endpoint(["entra", "pki"], name="both"),
    endpoint(["pki"], name="devices", scenarios=["device"]),
    endpoint(["entra", "pki"], name="windows", windows="required"),
    entra(),
    pki(),
    files=FILES | {"keys.json": jwks(A)},
)
TOKENS = MANY.at(endpoint="tokens")
judge("endpoint_takes_both", "S8: methods may be mixed", None, GOOD, under=MANY.at(endpoint="both"))
judge("endpoint_takes_tokens", "S8: not enabled", "method_not_enabled", GOOD, under=TOKENS)
why = "what is not proven is no method"
judge("foreign_where_tokens", why, "certificate_untrusted", FOREIGN, under=TOKENS)
forged = device(signer=KEYS["p256-foreign"])
judge("forged_where_tokens", why, "path_invalid", forged, under=TOKENS)
why = "plan-client-authentication: PKI proves devices only"
judge("for_user_scenario", why, "user_needed", GOOD, under=MANY.at(scenario="user"))
why = "not served"
users = MANY.at(endpoint="devices", scenario="user")
judge("endpoint_for_devices", why, "scenario_not_enabled", GOOD, under=users)
why = "S4: only Entra ID needs Windows 10"
old = MANY.at(endpoint="windows", windows="6.1.7601")
judge("windows_of_no_matter", why, None, GOOD, under=old)
MANY.refuse("path_no_certificate", "RFC 6750 section 3.1", None, "no_credential")

# Of a CA on the path the subject counts; nobody is called by its other names.
NUMBER = issuing(change={"san": san(other(UPN, der.integer(7)))})
NUMBERED = config("issuing_upn_number", files={"root.pem": ROOT.pem, "issuing.pem": NUMBER.pem})
why = "RFC 5280 section 4.2.1.6: what an otherName holds is its type's"
judge("issuing_upn_number", why, None, device(by=NUMBER), under=NUMBERED)
UNIVERSAL = der.tlv(0x1C, "Contoso Issuing CA".encode("utf-32-be"))
WIDE = issuing(subject=name(("O", "Contoso"), ("CN", UNIVERSAL)))
WIDENED = config("issuing_universal", files={"root.pem": ROOT.pem, "issuing.pem": WIDE.pem})
why = "RFC 5280 section 4.1.2.4: a UniversalString is a text, too"
judge("issuing_universal_string", why, None, device(by=WIDE), under=WIDENED)
