"""What a certificate's principal is called, and which certificates a PKI takes."""

from making import der
from making.contoso import ENDS, FILES, HOST, SUBJECT, device, pki
from making.names import dns, email, ip, name, other, upn, uri
from making.pki import san
from making.sample import endpoint
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "certnames",
    "A certificate and no token. Its path holds; what matters are its subject and its alternative "
    "names (SAN).",
)
NONE = "certificate_name"


def config(label, **settings):
    sections = endpoint(["pki"]), pki(**settings)
    return THEME.config(label, *sections, files=FILES, ends=ENDS)


def named(*names, subject=SUBJECT, **odd):
    return device({"san": san(*names) if names else ABSENT}, subject=subject, **odd)


def judge(under, label, why, shown, principal, reason=NONE):
    """Admits as the principal; refuses where it is None."""
    gate = under.showing(shown)
    if principal is None:
        gate.refuse(f"name_{label}", why, None, reason)
    else:
        gate.admit(f"name_{label}", why, None, f"pki:corp:{principal}")


DNS, EMAIL = dns(HOST), email("Kim@contoso.com")
UPN, URI = upn("kim@CONTOSO.com"), uri("spiffe://contoso.com/PC7")
NETWORK = other("1.3.6.1.4.1.99999.8", der.utf8("other"))
DIRECTORY = der.explicit(4, SUBJECT)

# The first of the alternative names, as the CA ordered them.
SAN = config("san", principal="san")
USUAL = config("default")
FIRST = "pki-certificate-requirements: of several SANs the first"
LEAST = "there is no such name"
judge(USUAL, "default", "principal: san", named(DNS), f"dns:{HOST}")
for label, why, names, principal in [
    ("dns", FIRST, [DNS, EMAIL, UPN, URI], f"dns:{HOST}"),
    ("email", FIRST, [EMAIL, DNS, UPN, URI], "email:Kim@contoso.com"),
    ("upn", FIRST, [UPN, DNS, EMAIL, URI], "upn:kim@contoso.com"),
    ("uri", FIRST, [URI, DNS, EMAIL, UPN], "uri:spiffe://contoso.com/PC7"),
    ("first_of_two_dns", FIRST, [dns("a.contoso.com"), DNS], "dns:a.contoso.com"),
    ("behind_address", "addresses name no device", [ip(10, 1, 2, 3), DNS], f"dns:{HOST}"),
    ("behind_other", "RFC 5280: otherName of another type", [NETWORK, DNS], f"dns:{HOST}"),
    (
        "behind_directory",
        "RFC 5280: directoryName",
        [DIRECTORY, URI],
        "uri:spiffe://contoso.com/PC7",
    ),
    ("address_alone", LEAST, [ip(10, 1, 2, 3)], None),
    ("other_alone", LEAST, [NETWORK], None),
    ("absent", "the subject is not taken instead", [], None),
]:
    judge(SAN, f"san_{label}", why, named(*names), principal)
critical = device({"san": san(DNS, critical=True)}, subject=name())
why = "RFC 5280 section 4.2.1.6: an empty subject has a critical SAN"
judge(SAN, "san_alone", why, critical, f"dns:{HOST}")

# One kind alone.
for kind, wanted, value in [
    ("dns", DNS, HOST),
    ("email", EMAIL, "Kim@contoso.com"),
    ("upn", UPN, "kim@contoso.com"),
    ("uri", URI, "spiffe://contoso.com/PC7"),
]:
    under = config(kind, principal=f"san:{kind}")
    others = [one for one in (DNS, EMAIL, UPN, URI) if one != wanted]
    why = f"principal: san:{kind}"
    judge(under, f"{kind}_among_others", why, named(*others, wanted), f"{kind}:{value}")
    judge(under, f"{kind}_missing", why, named(*others), None)

# How names are spelt.
LOWER = "RFC 4343: DNS names have no case"
judge(SAN, "dns_upper_case", LOWER, named(dns("PC7.Contoso.COM")), f"dns:{HOST}")
CARE = "it becomes part of the identity, of logs and of headers"
LONG = "https://contoso.com/"
for label, why, one, principal in [
    ("wildcard", "it stands for many", dns("*.contoso.com"), None),
    ("empty_dns", "CVE-2026-27138", dns(""), None),
    ("dot_at_the_end", "RFC 5280 section 4.2.1.6: else one host has two names", dns(f"{HOST}."), None),
    ("dot_at_the_start", "a name constraint, not a name", dns(".contoso.com"), None),
    ("empty_label", "RFC 1034 section 3.5", dns("pc7..contoso.com"), None),
    ("empty_email", "names nobody", email(""), None),
    ("empty_upn", "names nobody", upn(""), None),
    ("empty_uri", "names nobody", uri(""), None),
    ("nul", "CVE-2009-2408: C strings end there", dns("pc7.contoso.com\0.evil.com"), None),
    ("newline", CARE, dns("pc7.contoso.com\nadmin"), None),
    ("newline_in_email", CARE, email("kim\n@contoso.com"), None),
    ("escape_in_uri", CARE, uri("https://contoso.com/\x1b[2J"), None),
    ("delete", CARE, email("kim\x7f@contoso.com"), None),
    ("bidi", "Unicode TR 36 section 2.5", upn("kim\u202emoc.osotnoc@"), None),
    ("invisible", "Unicode TR 36 section 2.5", upn("ki\u200bm@contoso.com"), None),
    ("line_separator", "Unicode TR 36 section 2.5", upn("kim\u2028@contoso.com"), None),
    ("longest", "255 bytes", uri(LONG.ljust(255, "p")), f"uri:{LONG.ljust(255, 'p')}"),
    ("too_long", "255 bytes", uri(LONG.ljust(256, "p")), None),
    ("too_long_in_bytes", "255 bytes, not letters", upn("\u00e4" * 128), None),
    (
        "not_ascii",
        "RFC 5280: a UTF8String",
        upn("J\u00fcrgen@contoso.com"),
        "upn:j\u00fcrgen@contoso.com",
    ),
    ("with_colons", "what is before it has none", uri("urn:a:b"), "uri:urn:a:b"),
]:
    judge(SAN, label, why, named(one), principal)
why = "the first name counts, good or bad"
judge(SAN, "wildcard_first", why, named(dns("*.contoso.com"), EMAIL), None)

# The subject (RFC 4514).
SUBJECTS = config("subject", principal="subject")
CN = ("CN", "pc7")
ESCAPED = "RFC 4514 section 2.4"
UNITS = [("OU", unit * 60) for unit in "abc"]
UNITS_TEXT = "".join(f",OU={unit * 60}" for unit in "cba")
for label, why, parts, text in [
    (
        "subject",
        "RFC 4514 section 2.1: the last is first",
        [("O", "Contoso"), CN],
        "CN=pc7,O=Contoso",
    ),
    (
        "subject_known_types",
        "RFC 4514 section 3: the short names",
        [
            ("DC", "com"),
            ("DC", "contoso"),
            ("C", "DE"),
            ("ST", "BY"),
            ("L", "Ulm"),
            ("STREET", "1 A"),
            CN,
        ],
        "CN=pc7,STREET=1 A,L=Ulm,ST=BY,C=DE,DC=contoso,DC=com",
    ),
    ("subject_comma", ESCAPED, [("O", "Contoso, Inc."), CN], "CN=pc7,O=Contoso\\, Inc."),
    ("subject_plus", ESCAPED, [("CN", "a+b")], "CN=a\\+b"),
    ("subject_quote", ESCAPED, [("CN", 'a"b')], 'CN=a\\"b'),
    ("subject_backslash", ESCAPED, [("CN", "a\\b")], "CN=a\\\\b"),
    ("subject_semicolon", ESCAPED, [("CN", "a;b")], "CN=a\\;b"),
    ("subject_angles", ESCAPED, [("CN", "<a>")], "CN=\\<a\\>"),
    ("subject_hash", f"{ESCAPED}: at the beginning", [("CN", "#a#")], "CN=\\#a#"),
    ("subject_spaces", f"{ESCAPED}: at the ends", [("CN", " a b ")], "CN=\\ a b\\ "),
    ("subject_not_ascii", f"{ESCAPED}: UTF-8", [("CN", "J\u00fcrgen")], "CN=J\u00fcrgen"),
    ("subject_printable", ESCAPED, [("CN", der.printable("pc7"))], "CN=pc7"),
    ("subject_longest", "255 bytes", [*UNITS, ("CN", "d" * 60)], f"CN={'d' * 60}{UNITS_TEXT}"),
    ("subject_too_long", "255 bytes", [*UNITS, ("CN", "d" * 61)], None),
    ("subject_empty", "names nobody", [], None),
    ("subject_newline", "a line of its own in a log", [("CN", "pc7\nadmin")], None),
    ("subject_nul", "C strings end there", [("CN", "pc7\0")], None),
    ("subject_bidi", "Unicode TR 36 section 2.5", [("CN", "pc7\u202e")], None),
]:
    shown = named(DNS, subject=name(*parts))
    judge(SUBJECTS, label, why, shown, text and f"dn:{text}")
shown = named(EMAIL)
text = f"dn:CN={HOST},OU=Computers,O=Contoso"
judge(SUBJECTS, "subject_beside_san", "principal: subject", shown, text)
