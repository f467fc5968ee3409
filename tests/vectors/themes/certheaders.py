"""The forms of headers that pass a certificate on, well made and malformed."""

from urllib.parse import quote

from making.contoso import ENDS, FILES, FOREIGN, GOOD, ISSUING, PKI_ID, ROOT, pki
from making.passed import (
    base64_der,
    client_cert,
    client_cert_chain,
    digest,
    envoy,
    escaped,
    haproxy,
    nginx,
    quoted,
    sequence,
    traefik,
    xfcc,
)
from making.pki import Certificate
from making.sample import endpoint, section
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "certheaders",
    "A certificate that a listed proxy passed on in a header, and no token. The certificate is "
    "good; what matters is how the header is written.",
)


def config(label, **settings):
    sections = section("[peers]", {"trusted": ["unix"]}), endpoint(["pki"]), pki(**settings)
    return THEME.config(label, *sections, files=FILES, principal=PKI_ID, ends=ENDS)


GATE = config("listed")
SENT = config("peer_intermediates", intermediates=ABSENT, peer_intermediates=True)


def judge(label, why, reason, *headers, under=GATE):
    under.passed(*headers).judge(f"header_{label}", why, None, reason)


# Well made.
RFC, NGINX, ENVOY, TRAEFIK = client_cert(GOOD), nginx(GOOD), envoy(GOOD), traefik(GOOD)
HASH, BY = ("Hash", digest(GOOD)), ("By", "spiffe://contoso.com/gateway")
CERT, CHAIN = ("Cert", quoted(GOOD)), ("Chain", quoted(GOOD, ISSUING))
COMMA = ("Subject", '"O=Contoso, Inc."')
STUFFED = ("Subject", f'"CN=\\";Cert={escaped(FOREIGN)};\\""')
ESCAPED_TRAEFIK = [TRAEFIK[0], quote(traefik(GOOD, ISSUING)[1], safe="")]
for label, why, headers in [
    ("rfc_9440", "RFC 9440 section 2.2", [RFC]),
    ("rfc_9440_chain", "RFC 9440 section 2.3", [RFC, client_cert_chain(ISSUING, ROOT)]),
    ("rfc_9440_spaces", "RFC 8941 section 4.2: around it", [["Client-Cert", f"  {RFC[1]} "]]),
    ("lower_case", "RFC 9110 section 5.1: names have no case", [client_cert(GOOD, "client-cert")]),
    ("upper_case", "RFC 9110 section 5.1: names have no case", [client_cert(GOOD, "CLIENT-CERT")]),
    ("xfcc", "Envoy: Cert", [ENVOY]),
    ("xfcc_chain", "Envoy: Chain, leaf first", [xfcc(BY, HASH, CHAIN)]),
    ("xfcc_cert_and_chain", "Envoy: both", [xfcc(HASH, CERT, CHAIN)]),
    ("xfcc_quoted_comma", "Envoy: a quoted comma ends no element", [xfcc(COMMA, CERT)]),
    ("xfcc_quoted_cert", "Envoy: a quoted Cert= is no member", [xfcc(STUFFED, CERT)]),
    ("nginx", "nginx: $ssl_client_escaped_cert", [NGINX]),
    ("nginx_other_name", "nginx: $ssl_client_escaped_cert", [nginx(GOOD, name="SSL-Client-Cert")]),
    ("nginx_chain", "more certificates behind it", [nginx(GOOD, ISSUING)]),
    ("nginx_safe", "AWS: + / = as they are; + is no space", [nginx(GOOD, safe="+/=")]),
    ("haproxy", "HAProxy: ssl_c_der,base64", [haproxy(GOOD)]),
    ("haproxy_other_name", "HAProxy: ssl_c_der,base64", [haproxy(GOOD, "ssl-client-cert")]),
    ("traefik", "Traefik: passTLSClientCert", [TRAEFIK]),
    ("traefik_chain", "Traefik: passTLSClientCert", [traefik(GOOD, ISSUING, ROOT)]),
    ("traefik_escaped", "Traefik 2: percent-encoded", [ESCAPED_TRAEFIK]),
    ("beside_others", "other headers mean nothing", [["Accept", "*/*"], RFC, ["Cookie", "a=b"]]),
    ("ten_certificates", "the bound of a chain", [traefik(GOOD, *[ISSUING] * 9)]),
]:
    judge(label, why, None, *headers)
for label, headers in [
    ("rfc_9440", [RFC, client_cert_chain(ISSUING)]),
    ("xfcc", [xfcc(HASH, CHAIN)]),
    ("nginx", [nginx(GOOD, ISSUING)]),
    ("traefik", [traefik(GOOD, ISSUING)]),
]:
    judge(f"intermediate_in_{label}", "peer_intermediates = true", None, *headers, under=SENT)

# Malformed: the header, not the certificate.
BASE64, URL_SAFE = base64_der(GOOD), base64_der(GOOD).replace("+", "-").replace("/", "_")
if URL_SAFE == BASE64:
    raise ValueError("the two alphabets differ in nothing here")
OPEN = quoted(GOOD)[:-1]
FORM = "RFC 9440 section 2.1"
for label, why, value in [
    ("bare", f"{FORM}: colons around it", BASE64),
    ("open", f"{FORM}: colons around it", f":{BASE64}"),
    ("string", f"{FORM}: no string", f'"{BASE64}"'),
    ("url_safe", f"{FORM}: RFC 4648 section 4, not 5", f":{URL_SAFE}:"),
    ("star", f"{FORM}: base64", f":*{BASE64}:"),
    ("space_inside", f"{FORM}: base64", f":{BASE64[:64]} {BASE64[64:]}:"),
    ("behind", f"{FORM}: nothing behind it", f"{sequence(GOOD)}x"),
    ("pem", "the form of another header", escaped(GOOD)),
    ("nul", "C strings end there", f"{sequence(GOOD)}\0"),
]:
    judge(f"rfc_9440_{label}", why, "certificate_header", ["Client-Cert", value])
for label, why, headers in [
    ("chain_alone", "RFC 9440 section 2.3: never alone", [client_cert_chain(GOOD, ISSUING)]),
    ("chain_no_list", "RFC 9440 section 2.3", [RFC, ["Client-Cert-Chain", BASE64]]),
    (
        "chain_comma",
        "RFC 8941 section 4.2.1: none at the end",
        [RFC, ["Client-Cert-Chain", f"{sequence(ISSUING)},"]],
    ),
]:
    judge(f"rfc_9440_{label}", why, "certificate_header", *headers)
for label, why, value in [
    ("other_hash", "Envoy: Hash is of another", xfcc(("Hash", digest(FOREIGN)), CERT)[1]),
    ("no_cert", "Envoy: Hash alone shows nothing", xfcc(BY, HASH)[1]),
    ("cert_in_quotes", "Envoy: a quoted Cert= is no member", xfcc(HASH, STUFFED)[1]),
    ("open_quote", "Envoy: quotes are closed", xfcc(HASH, ("Cert", OPEN))[1]),
    ("empty_cert", "Envoy: Cert is PEM", xfcc(HASH, ("Cert", '""'))[1]),
    ("text", "no pair at all", "certificate"),
    ("base64", "Envoy: Cert is PEM", xfcc(HASH, ("Cert", f'"{BASE64}"'))[1]),
    ("percent", "RFC 3986 section 2.1", xfcc(HASH, ("Cert", f'{OPEN}%G1"'))[1]),
]:
    judge(f"xfcc_{label}", why, "certificate_header", [ENVOY[0], value])
for label, why, value in [
    ("percent_cut", "RFC 3986 section 2.1", f"{NGINX[1]}%0"),
    ("percent_other", "RFC 3986 section 2.1", NGINX[1].replace("%0A", "%0G", 1)),
    ("text", "neither PEM nor base64", "certificate here"),
    ("null", "what Apache writes without a certificate", "(null)"),
    ("end_missing", "RFC 7468 section 3: it has an end", NGINX[1].partition("-----END")[0]),
    ("url_safe", "RFC 4648 section 4, not 5", URL_SAFE),
    ("rfc_9440", "the form of another header", RFC[1]),
]:
    judge(f"nginx_{label}", why, "certificate_header", [NGINX[0], value])
for label, why, value in [
    ("comma", "nothing behind it", f"{TRAEFIK[1]},"),
    ("two_commas", "nothing between them", f"{TRAEFIK[1]},,{base64_der(ISSUING)}"),
    ("text", "no base64", "certificate here"),
    ("percent", "RFC 3986 section 2.1", f"{TRAEFIK[1]}%2"),
]:
    judge(f"traefik_{label}", why, "certificate_header", [TRAEFIK[0], value])

# One line that says it twice: proxies join repeated lines, and Envoy appends to what a client sent.
two = f"{sequence(GOOD)}, {sequence(FOREIGN)}"
judge("rfc_9440_two", "RFC 9110 section 5.3: joined lines", "certificate_twice", [RFC[0], two])
two = f"{ENVOY[1]},{envoy(FOREIGN)[1]}"
judge("xfcc_two_elements", "Envoy: appended to another's", "certificate_twice", [ENVOY[0], two])
two = xfcc(CERT, ("Cert", quoted(FOREIGN)))[1]
judge("xfcc_cert_twice", "two certificates, one element", "certificate_twice", [ENVOY[0], two])

# The header is well made, and what it holds is no certificate.
for label, content in [("text", b"certificate"), ("trailing", GOOD.der + b"\0")]:
    broken = Certificate(content, GOOD.key, GOOD.subject, GOOD.serial)
    for form, header in [
        ("rfc_9440", client_cert(broken)),
        ("xfcc", envoy(broken)),
        ("nginx", nginx(broken)),
        ("haproxy", haproxy(broken)),
        ("traefik", traefik(broken)),
    ]:
        why = "the header is well made, the certificate is not"
        judge(f"malformed_{label}_in_{form}", why, "certificate_malformed", header)
for form, headers in [
    ("rfc_9440", [RFC, client_cert_chain(*[ISSUING] * 10)]),
    ("xfcc", [xfcc(HASH, ("Chain", quoted(GOOD, *[ISSUING] * 10)))]),
    ("nginx", [nginx(GOOD, *[ISSUING] * 10)]),
    ("traefik", [traefik(GOOD, *[ISSUING] * 10)]),
]:
    why = "CVE-2018-16875: the leaf and ten more"
    judge(f"eleven_in_{form}", why, "chain_too_large", *headers)
