"""Certificates in headers: from whom, how often, and what they prove."""

from making import sitetoken
from making.contoso import ENDS, EXPIRED, FILES, FOREIGN, GOOD, PKI_ID, SELF_SIGNED, pki
from making.keys import jwks
from making.passed import client_cert, envoy, nginx, traefik
from making.sample import ENDS as TOKEN_ENDS
from making.sample import (
    OIDC_ID,
    USER_ID,
    A,
    endpoint,
    entra,
    oidc,
    oidc_issuer,
    section,
    token,
)
from making.theme import Theme

THEME = Theme(
    "forwarded",
    "A certificate that a proxy passed on in a header. Listed are a unix socket, 127.0.0.1, "
    "10.1.0.0/16, ::1 and 2001:db8:1::/48.",
)
LISTED = ["unix", "127.0.0.1/32", "10.1.0.0/16", "::1", "2001:db8:1::/48"]
SOURCES = entra(), oidc_issuer(), pki(), sitetoken.site()
STRANGER = "192.0.2.1"


def config(label, **peers):
    peers = [section("[peers]", peers)] if peers else []
    methods = endpoint(["pki", "entra", "oidc", "site"]), endpoint(["entra"], name="tokens")
    files = FILES | sitetoken.FILES | {"keys.json": jwks(A)}
    sections = sitetoken.NO_FEED, *peers, *methods, *SOURCES
    return THEME.config(label, *sections, files=files, principal=PKI_ID, ends=ENDS)


GATE = config("listed", trusted=LISTED)
NOBODY = config("nobody")
EMPTY_LIST = config("empty_list", trusted=[])
ADDRESSES = config("addresses_alone", trusted=LISTED[1:])


def judge(label, why, reason, *headers, under=GATE, sender="unix", shown=None):
    under.passed(*headers, sender=sender).judge(f"passed_{label}", why, shown, reason)


# From whom.
HEADER = client_cert(GOOD)
UNTRUSTED = "sender_not_trusted"
for label, sender, reason in [
    ("unix", "unix", None),
    ("loopback", "127.0.0.1", None),
    ("network_first", "10.1.0.0", None),
    ("network_last", "10.1.255.255", None),
    ("v6", "::1", None),
    ("v6_network", "2001:db8:1:ffff::7", None),
    ("v4_mapped", "::ffff:10.1.2.3", None),
    ("other_loopback", "127.0.0.2", UNTRUSTED),
    ("before_network", "10.0.255.255", UNTRUSTED),
    ("behind_network", "10.2.0.0", UNTRUSTED),
    ("v6_other", "2001:db8:2::1", UNTRUSTED),
    ("v4_mapped_other", "::ffff:10.2.0.1", UNTRUSTED),
    ("v4_compatible", "::10.1.2.3", UNTRUSTED),
]:
    judge(f"from_{label}", "RFC 9440 section 4", reason, HEADER, sender=sender)
for label, why, under in [
    ("unix_unlisted", "each by its own entry", ADDRESSES),
    ("nobody", "nobody is listed by default", NOBODY),
    ("empty_list", "nobody is listed", EMPTY_LIST),
]:
    judge(f"from_{label}", why, UNTRUSTED, HEADER, under=under)
for label, header in [
    ("rfc_9440", HEADER),
    ("rfc_9440_chain", ["client-cert-chain", HEADER[1]]),
    ("xfcc", envoy(GOOD)),
    ("nginx", nginx(GOOD)),
    ("ssl_client_cert", nginx(GOOD, name="ssl-client-cert")),
    ("traefik", traefik(GOOD)),
    ("malformed", ["Client-Cert", "no certificate"]),
]:
    why = "CVE-2026-44087: clients say who they are; whatever it holds"
    judge(f"from_other_{label}", why, UNTRUSTED, header, sender=STRANGER)
why = "a token beside it changes nothing"
judge("from_other_with_token", why, UNTRUSTED, HEADER, sender=STRANGER, shown=token())

# Once.
for label, why, headers in [
    ("line_twice", "RFC 9440 section 4", [HEADER, client_cert(FOREIGN)]),
    ("same_line_twice", "RFC 9440 section 4: whatever they hold", [HEADER, HEADER]),
    ("line_twice_other_case", "RFC 9110: no case", [HEADER, client_cert(GOOD, "client-cert")]),
    ("xfcc_line_twice", "Envoy: one line", [envoy(GOOD), envoy(FOREIGN)]),
    ("nginx_line_twice", "one line", [nginx(GOOD), nginx(FOREIGN)]),
    ("traefik_line_twice", "one line", [traefik(GOOD), traefik(FOREIGN)]),
    ("rfc_9440_and_xfcc", "RFC 9440 section 4: two forms", [HEADER, envoy(FOREIGN)]),
    ("nginx_and_rfc_9440", "RFC 9440 section 4: two forms", [nginx(GOOD), client_cert(FOREIGN)]),
    ("traefik_and_nginx", "two forms", [traefik(GOOD), nginx(FOREIGN)]),
    ("both_names_of_nginx", "two names", [nginx(GOOD), nginx(FOREIGN, name="SSL-Client-Cert")]),
]:
    judge(label, why, "certificate_twice", *headers)
judge("line_twice_with_token", "as without", "certificate_twice", HEADER, HEADER, shown=token())

# None.
EMPTY = ["Client-Cert", ""]
NOTHING = "no_credential"
judge("empty", "proxies send it where there is no certificate", NOTHING, EMPTY)
for name in ("X-Forwarded-Client-Cert", "SSL-Client-Cert", "X-Forwarded-Tls-Client-Cert"):
    label = f"empty_{name.lower().replace('-', '_')}"
    judge(label, "proxies send it where there is no certificate", NOTHING, [name, ""])
judge("empty_from_other", "it says nothing", NOTHING, EMPTY, sender=STRANGER)
judge("unrelated", "no header that means anything", NOTHING, ["Accept", "*/*"])
judge("unrelated_from_other", "nothing was passed on", NOTHING, ["Accept", "*/*"], sender=STRANGER)
judge("underscores", "another name", NOTHING, ["Client_Cert", HEADER[1]])
judge("underscores_from_other", "another name", NOTHING, ["Client_Cert", "x"], sender=STRANGER)
judge("empty_beside_good", "it counts as absent", None, ["SSL-Client-Cert", ""], HEADER)

# What it proves: as a certificate of a PKI, all that a direct one does.
for label, why, reason, shown in [
    ("expired", "RFC 5280 section 4.1.2.5", "certificate_expired", EXPIRED),
    ("foreign", "a PKI that is not configured", "certificate_untrusted", FOREIGN),
    ("self_signed", "it names itself", "certificate_untrusted", SELF_SIGNED),
]:
    judge(f"{label}_alone", why, reason, client_cert(shown))
why = "plan-client-authentication: PKI proves devices only"
judge("for_user_scenario", why, "user_needed", HEADER, under=GATE.at(scenario="user"))
why = "S8: not enabled"
judge("endpoint_takes_tokens", why, "method_not_enabled", HEADER, under=GATE.at(endpoint="tokens"))
for label, why, reason, header in [
    ("good", "the token names the principal", None, HEADER),
    ("empty", "the token alone", None, EMPTY),
    ("foreign", "ignored beside a token", None, client_cert(FOREIGN)),
    ("self_signed", "ignored beside a token", None, client_cert(SELF_SIGNED)),
    ("expired", "a proven chain is judged", "certificate_expired", client_cert(EXPIRED)),
    ("malformed", "what cannot be read is refused", "certificate_header", ["Client-Cert", "x"]),
]:
    for kind, claims, principal in [("entra", None, USER_ID), ("oidc", oidc(), OIDC_ID)]:
        under, name = GATE.passed(header), f"passed_{label}_beside_{kind}"
        if reason:
            under.refuse(name, why, token(claims), reason)
        else:
            under.admit(name, why, token(claims), principal, TOKEN_ENDS)

# What it does not prove: that the client holds the key.
PROOF = "RFC 8705 section 3: the proxy saw the key, the gate did not"
for label, header in [("good", HEADER), ("self_signed", client_cert(SELF_SIGNED))]:
    shown = sitetoken.issued()
    judge(f"{label}_for_bound_token", PROOF, "proof_missing", header, shown=shown)
bound = token(oidc({"cnf": sitetoken.x5t(GOOD)}))
judge("good_for_bound_oidc", PROOF, "proof_missing", HEADER, shown=bound)
