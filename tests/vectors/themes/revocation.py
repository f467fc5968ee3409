"""Revocation lists: which of them speak of a certificate, which count, and what they say."""

from making import der
from making.contoso import (
    CA_TIMES,
    ENDS,
    FILES,
    GOOD,
    ISSUING,
    ISSUING_NAME,
    PKI_ID,
    ROOT,
    ROOT_NAME,
    device,
    issuing,
    pki,
)
from making.crl import (
    KEY_COMPROMISE,
    LATER,
    ON_HOLD,
    REMOVED,
    delta_to,
    directory,
    entry,
    full_name,
    number,
    points,
    relative_name,
    revoke,
    scope,
)
from making.keys import KEYS, jwks
from making.names import name, uri
from making.pki import authority, usage
from making.sample import NOW, A, endpoint, entra, token
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "revocation",
    "A certificate that is good but for the revocation lists of its PKI, which are asked about the whole "
    "path. Lists come in files of PEM; crls has their order.",
)
REVOKED, CA_REVOKED = "certificate_revoked", "ca_revoked"
UNKNOWN, STALE = "revocation_unknown", "crl_stale"
SERIAL = GOOD.serial
OF_ROOT = revoke(ROOT)
CLEAN = revoke(ISSUING)
LISTING = revoke(ISSUING, entry(SERIAL, KEY_COMPROMISE))


def judge(label, why, reason, *lists, shown=GOOD, root=OF_ROOT, files=None, ask=None, **settings):
    """By the lists in their order, a file each, the root's last."""
    lists = [*lists, root] if root else lists
    names = [f"{at}.crl" for at in range(len(lists))]
    texts = {at: one if isinstance(one, str) else one.pem for at, one in zip(names, lists)}
    settings = {"revocation": "required", "crls": names} | settings
    under = THEME.config(
        label,
        endpoint(["pki"]),
        pki(**settings),
        files=FILES | (files or {}) | texts,
        principal=PKI_ID,
        ends=ENDS,
    )
    shown = shown if isinstance(shown, list) else [shown]
    under.showing(*shown).judge(f"crl_{label}", why, None, reason)


RFC = "RFC 5280 section"
judge("clean", f"{RFC} 6.3.3", None, CLEAN)
judge("listed", f"{RFC} 6.3.3", REVOKED, LISTING)
judge("other_listed", "another number", None, revoke(ISSUING, entry(SERIAL + 1), entry(1)))
judge("hold", f"{RFC} 5.3.1: on hold is revoked", REVOKED, revoke(ISSUING, entry(SERIAL, ON_HOLD)))
judge("no_reason", f"{RFC} 5.3.1: none given", REVOKED, revoke(ISSUING, entry(SERIAL)))
odd = revoke(ISSUING, entry(SERIAL, 77))
judge("odd_reason", "a reason that nobody knows is one", REVOKED, odd)
future = revoke(ISSUING, entry(SERIAL, date=LATER))
judge("revoked_in_future", "it is listed now", REVOKED, future)
y2050 = revoke(ISSUING, entry(SERIAL, date=2_524_608_000), ends=2_600_000_000)
judge("year_2050", f"{RFC} 5.1.2.5: GeneralizedTime from 2050 on", REVOKED, y2050)
judge("year_2050_clean", f"{RFC} 5.1.2.5", None, revoke(ISSUING, ends=2_600_000_000))
removed = revoke(ISSUING, entry(SERIAL, REMOVED))
judge("removed_in_full", f"{RFC} 5.3.1: only a delta takes back", REVOKED, removed)
many = revoke(
    ISSUING,
    *(entry(at) for at in range(1, 200)),
    entry(SERIAL),
    *(entry(at) for at in range(300, 400)),
)
judge("unsorted", "entries come in any order", REVOKED, many)

# Files.
both = CLEAN.pem + OF_ROOT.pem
judge("one_file", "several lists in one file", None, both, root=None)
text = f"as openssl crl -text writes it\n{LISTING.pem}and behind it\n"
judge("text_between", "text between the blocks", REVOKED, text)

# Serial numbers.
why = f"{RFC} 4.1.2.2: numbers, however they are written"
zeros = revoke(ISSUING, entry(b"\0\0\0" + SERIAL.to_bytes(8)))
judge("serial_zeros", "rustls-webpki: zeros in front", REVOKED, zeros)
long = int.from_bytes(bytes(range(1, 33)))
long_leaf = device(serial=long)
judge("serial_long", why, REVOKED, revoke(ISSUING, entry(long)), shown=long_leaf)
judge(
    "serial_long_other",
    why,
    None,
    revoke(ISSUING, entry(long + 1), entry(long >> 8)),
    shown=long_leaf,
)
negative = device(serial=-200)
judge("serial_negative", why, REVOKED, revoke(ISSUING, entry(-200)), shown=negative)
judge("serial_negative_long", why, REVOKED, revoke(ISSUING, entry(b"\xff\xff\x38")), shown=negative)
judge(
    "serial_positive",
    "PKITS 4.4.14: 255 is not -1",
    None,
    revoke(ISSUING, entry(-200)),
    shown=device(serial=56),
)
judge("serial_zero", why, REVOKED, revoke(ISSUING, entry(0)), shown=device(serial=0))
wide = (1 << 158) + 5
judge("serial_20_octets", why, REVOKED, revoke(ISSUING, entry(wide)), shown=device(serial=wide))

# Two issuers.
of_other = revoke(ROOT, entry(SERIAL))
judge("same_serial_other_issuer", f"{RFC} 4.1.2.2: the issuer counts", None, CLEAN, root=of_other)

# CAs of the path.
judge(
    "ca_revoked",
    f"{RFC} 6.3.3: the whole path",
    CA_REVOKED,
    CLEAN,
    root=revoke(ROOT, entry(ISSUING.serial)),
)
judge("no_list_of_root", f"{RFC} 6.3.3: the whole path", UNKNOWN, CLEAN, root=None)
judge("no_list_of_issuer", f"{RFC} 6.3.3", UNKNOWN)
judge(
    "leaf_only", "required-leaf asks for no CA", None, CLEAN, root=None, revocation="required-leaf"
)
judge("leaf_only_listed", "required-leaf", REVOKED, LISTING, root=None, revocation="required-leaf")
ca_revoked = revoke(ROOT, entry(ISSUING.serial))
judge(
    "leaf_only_ca_revoked",
    "required-leaf",
    None,
    CLEAN,
    root=ca_revoked,
    revocation="required-leaf",
)
judge("both_faults", "a definite refusal wins over what is not known", REVOKED, LISTING, root=None)

# Numbers and times.
old, new = revoke(ISSUING), revoke(ISSUING, entry(SERIAL), change={"number": number(8)})
judge("newest_last", "webpki #488: the newest counts", REVOKED, old, new)
judge("newest_first", "webpki #488: whatever the order", REVOKED, new, old)
back = revoke(ISSUING, change={"number": number(9)})
judge("taken_back", "the newest counts", None, new, back, old)
same = revoke(ISSUING, entry(SERIAL), begins=NOW - 86_399)
judge("same_number", "then thisUpdate", REVOKED, old, same)
large = revoke(ISSUING, entry(SERIAL), change={"number": number(1 << 150)})
judge("large_number", f"{RFC} 5.2.3: up to 20 octets", REVOKED, old, large)
huge = revoke(ISSUING, change={"number": number(1 << 160)})
judge("huge_number", f"{RFC} 5.2.3: no more than 20 octets", UNKNOWN, huge)
judge(
    "no_number", "limbo crl::crlnumber-missing", UNKNOWN, revoke(ISSUING, change={"number": ABSENT})
)
critical = revoke(ISSUING, change={"number": number(7, critical=True)})
judge("critical_number", "limbo crl::crlnumber-critical", UNKNOWN, critical)
judge("version_1", f"{RFC} 5.1.2.1", UNKNOWN, revoke(ISSUING, version=1))
judge("no_next_update", f"{RFC} 5.1.2.5", UNKNOWN, revoke(ISSUING, ends=None))
over = revoke(ISSUING, ends=NOW - 1)
judge("over", f"{RFC} 5.1.2.5", STALE, over)
judge(
    "over_listed",
    "it was revoked, and still is",
    REVOKED,
    revoke(ISSUING, entry(SERIAL), ends=NOW - 1),
)
newer_over = revoke(ISSUING, change={"number": number(8)}, ends=NOW - 1)
judge("newest_over", "an older one takes nobody's place", STALE, CLEAN, newer_over)
judge("not_begun", "rustls-webpki accepts it", STALE, revoke(ISSUING, begins=LATER))
next_one = revoke(ISSUING, entry(SERIAL), change={"number": number(8)}, begins=LATER)
judge("next_beside", "until it begins the one before counts", None, CLEAN, next_one)

# Signatures.
forged = revoke(ISSUING, signer=KEYS["p256-foreign"], change={"number": number(9)})
judge("forged", f"{RFC} 6.3.3 g", UNKNOWN, forged)
judge("forged_first", "rustls-webpki: then the good one is not reached", None, forged, CLEAN)
judge("forged_beside_listing", "it takes nobody's place", REVOKED, forged, LISTING)
stranger = revoke(ROOT, issuer=name(("CN", "Somebody")))
judge("other_issuer", f"{RFC} 6.3.3 b", UNKNOWN, stranger)
judge(
    "signed_by_root",
    "a CA signs its own, unless it says otherwise",
    UNKNOWN,
    revoke(ISSUING, signer=ROOT.key),
)
cut = CLEAN.pem[: len(CLEAN.pem) // 2]
judge("cut", "a file that is half written", UNKNOWN, cut)
judge("cut_beside", "a broken one beside a good one", REVOKED, cut, LISTING)
judge("not_pem", "a page instead of a list", UNKNOWN, "<!doctype html>")
mute = issuing(change={"usage": usage(5)})
middle = {"issuing.pem": mute.pem}
judge(
    "no_crl_sign",
    "limbo crl::issuer-missing-crlsign",
    UNKNOWN,
    CLEAN,
    shown=device(by=mute),
    files=middle,
)
silent = issuing(change={"usage": ABSENT})
middle = {"issuing.pem": silent.pem}
judge(
    "no_key_usage",
    "limbo crl::issuer-no-keyusage-extension",
    None,
    CLEAN,
    shown=device(by=silent),
    files=middle,
)

# Two keys of one name: a CA was renewed with a new key.
OTHER = issuing(key=KEYS["p256-other"])
two = {"issuing.pem": ISSUING.pem + OTHER.pem}
of_other_key = device(by=OTHER)
listing_other = revoke(OTHER, entry(of_other_key.serial), change={"number": number(3)})
judge(
    "two_keys_listed",
    "each key has a list of its own",
    REVOKED,
    CLEAN,
    listing_other,
    shown=of_other_key,
    files=two,
)
judge(
    "two_keys_reversed",
    "in any order",
    REVOKED,
    listing_other,
    CLEAN,
    shown=of_other_key,
    files=two,
)
judge("two_keys_other_clean", "the other key's certificate", None, CLEAN, listing_other, files=two)
why = "PKITS 4.5.1: the list of another key of the same CA"
judge("two_keys_one_list", why, None, CLEAN, shown=of_other_key, files=two)
judge(
    "two_keys_one_list_listed",
    why,
    REVOKED,
    revoke(ISSUING, entry(of_other_key.serial)),
    shown=of_other_key,
    files=two,
)
other_over = revoke(OTHER, ends=NOW - 1)
why = "AD CS: a list for each key; the other key's does not speak for this one's"
judge("two_keys_own_over", why, STALE, CLEAN, other_over, shown=of_other_key, files=two)
listing_over = revoke(OTHER, entry(of_other_key.serial), ends=NOW - 1)
judge("two_keys_own_over_listed", why, REVOKED, CLEAN, listing_over, shown=of_other_key, files=two)
signer_gone = revoke(ROOT, entry(ISSUING.serial))
why = f"{RFC} 6.3.3 f: whoever signed the list is revoked"
judge(
    "two_keys_signer_revoked", why, UNKNOWN, CLEAN, shown=of_other_key, files=two, root=signer_gone
)
# The same name under another anchor.
elsewhere = authority(ISSUING_NAME, KEYS["p256-foreign"], *CA_TIMES)
foreign = {"other.pem": elsewhere.pem}
judge(
    "namesake_anchor",
    f"{RFC} 6.3.3 f: the same anchor",
    UNKNOWN,
    revoke(elsewhere),
    anchors=["root.pem", "other.pem"],
    files=foreign,
)

# Unknown extensions.
unknown = ("1.3.6.1.4.1.32473.1", True, der.NULL)
judge("unknown_critical", f"{RFC} 5.2", UNKNOWN, revoke(ISSUING, change={"odd": unknown}))
harmless = revoke(ISSUING, change={"odd": (unknown[0], False, unknown[2])})
judge("unknown_harmless", f"{RFC} 5.2", None, harmless)
judge("unknown_critical_entry", f"{RFC} 5.3", UNKNOWN, revoke(ISSUING, entry(1, more=[unknown])))
judge(
    "unknown_critical_beside",
    "another list speaks",
    REVOKED,
    revoke(ISSUING, change={"odd": unknown}),
    LISTING,
)
twice = revoke(ISSUING, change={"again": number(7)})
judge("number_twice", f"{RFC} 4.2: never twice", UNKNOWN, twice)

# Deltas.
base = revoke(ISSUING, entry(SERIAL, ON_HOLD))


def delta(*entries, at=8, to=7, **odd):
    return revoke(ISSUING, *entries, change={"number": number(at), "delta": delta_to(to)}, **odd)


judge("delta_adds", "PKITS 4.15.4: nginx trac 782", REVOKED, CLEAN, delta(entry(SERIAL)))
judge("delta_first", "in any order", REVOKED, delta(entry(SERIAL)), CLEAN)
judge("delta_empty", f"{RFC} 5.2.4", None, CLEAN, delta())
judge("delta_removes", f"{RFC} 5.3.1: off hold", None, base, delta(entry(SERIAL, REMOVED)))
judge("delta_keeps", f"{RFC} 5.2.4", REVOKED, base, delta())
judge(
    "delta_newest",
    "of two deltas the newest",
    None,
    base,
    delta(entry(SERIAL, ON_HOLD)),
    delta(entry(SERIAL, REMOVED), at=9),
)
judge("delta_alone_adds", "it was revoked, whatever base is missing", REVOKED, delta(entry(SERIAL)))
scoped = {"number": number(8), "delta": delta_to(7), "scope": scope(users=True)}
why = "a delta to a base that is not there, beside a list that is"
judge("delta_other_scope", why, REVOKED, CLEAN, revoke(ISSUING, entry(SERIAL), change=scoped))
judge("delta_alone", f"{RFC} 5.2.4: a delta is no list", STALE, delta())
judge("delta_old", "the base is newer", None, CLEAN, delta(entry(SERIAL), at=6, to=5))
judge("delta_gap", f"{RFC} 5.2.4: for a newer base", STALE, CLEAN, delta(at=10, to=9))
judge("delta_over", "openssl #31297: the delta has ended", STALE, CLEAN, delta(ends=NOW - 1))
judge(
    "delta_over_adds",
    "it was revoked, and still is",
    REVOKED,
    CLEAN,
    delta(entry(SERIAL), ends=NOW - 1),
)

# Distribution points.
HERE, THERE = uri("http://crl.contoso.com/1.crl"), uri("http://crl.contoso.com/2.crl")
pointing = device({"points": points((full_name(HERE), None, ()))})


def part(*entries, point=HERE, at=7, **odd):
    return revoke(
        ISSUING, *entries, change={"number": number(at), "scope": scope(full_name(point), **odd)}
    )


judge("point", f"{RFC} 6.3.3 b 2 i", None, part(), shown=pointing)
judge("point_listed", f"{RFC} 6.3.3 b 2 i", REVOKED, part(entry(pointing.serial)), shown=pointing)
other = part(point=THERE, at=99)
judge("point_other", "PKITS 4.14.3: another part", UNKNOWN, other, shown=pointing)
judge(
    "point_both",
    "a greater number of another part",
    REVOKED,
    other,
    part(entry(pointing.serial)),
    shown=pointing,
)
judge("point_unasked", "PKITS 4.5.5: no certificate without points", UNKNOWN, part())
judge("point_whole", "a list without a point is for all", None, CLEAN, shown=pointing)
second = device({"points": points((full_name(THERE), None, ()), (full_name(HERE), None, ()))})
judge(
    "point_second",
    "RUSTSEC-2026-0049: every point",
    REVOKED,
    part(entry(second.serial)),
    shown=second,
)
judge(
    "point_second_name",
    "any of its names",
    None,
    revoke(ISSUING, change={"scope": scope(full_name(THERE, HERE))}),
    shown=pointing,
)
CRL1 = name(("O", "Contoso"), ("CN", "Contoso Issuing CA"), ("OU", "CRL1"))
by_name = device({"points": points((full_name(directory(CRL1)), None, ()))})
judge("point_directory", "PKITS 4.14.1", None, part(point=directory(CRL1)), shown=by_name)
spelt = name(("O", "CONTOSO"), ("CN", der.printable("contoso  issuing ca")), ("OU", "crl1"))
judge("point_directory_spelt", f"{RFC} 7.1", None, part(point=directory(spelt)), shown=by_name)
ou = der.seq(der.oid("2.5.4.11"), der.utf8("CRL1"))
relative = revoke(ISSUING, change={"scope": scope(relative_name(ou))})
judge("point_relative", "PKITS 4.14.5", None, relative, shown=by_name)
relative_leaf = device({"points": points((relative_name(ou), None, ()))})
judge("point_relative_leaf", "PKITS 4.14.7", None, part(point=directory(CRL1)), shown=relative_leaf)
broken = device({"points": ("2.5.29.31", False, der.seq(der.seq(der.explicit(0, der.NULL))))})
judge("point_broken", "what may lead to its list cannot be read", UNKNOWN, part(), shown=broken)
issuers_own = revoke(ISSUING, change={"scope": scope(full_name(directory(ISSUING_NAME)))})
judge("point_of_issuer", f"{RFC} 6.3.3: by the issuer's name", None, issuers_own)

# Whose certificates.
users = revoke(ISSUING, change={"scope": scope(users=True)})
judge("users", "PKITS 4.14.11", None, users)
judge("cas", "PKITS 4.14.10", UNKNOWN, revoke(ISSUING, change={"scope": scope(cas=True)}))
root_cas = revoke(ROOT, change={"scope": scope(cas=True)})
judge("root_cas", "PKITS 4.14.13", None, CLEAN, root=root_cas)
judge(
    "root_users",
    "of users only: not of the issuing CA",
    UNKNOWN,
    CLEAN,
    root=revoke(ROOT, change={"scope": scope(users=True)}),
)
empty_scope = revoke(ISSUING, change={"scope": ("2.5.29.28", True, der.seq())})
judge("scope_empty", f"{RFC} 5.2.5: never empty", UNKNOWN, empty_scope)
judge(
    "scope_two",
    f"{RFC} 5.2.5: at most one",
    UNKNOWN,
    revoke(ISSUING, change={"scope": scope(users=True, cas=True)}),
)

# Reasons.
KEY, REST = (1, 2), (3, 4, 5, 6, 7, 8)
some = revoke(ISSUING, change={"scope": scope(reasons=KEY)})
rest = revoke(ISSUING, change={"scope": scope(reasons=REST)})
judge("some_reasons", "PKITS 4.14.15", UNKNOWN, some)
judge("all_reasons", "PKITS 4.14.18: together", None, some, rest)
rest_listing = revoke(ISSUING, entry(SERIAL), change={"scope": scope(reasons=REST)})
judge("rest_listed", "PKITS 4.14.21", REVOKED, some, rest_listing)
no_bits = revoke(ISSUING, change={"scope": ("2.5.29.28", True, der.seq(der.implicit(3, b"")))})
judge("reasons_empty", "RUSTSEC-2026-0104", UNKNOWN, no_bits)

# Indirect lists.
LISTER = authority(name(("CN", "Contoso CRL Issuer")), KEYS["p256-other"], *CA_TIMES, by=ROOT)
with_lister = {"issuing.pem": ISSUING.pem + LISTER.pem}
LISTED_BY = points((full_name(HERE), None, (LISTER.subject,)))
indirectly = device({"points": LISTED_BY})


def by_lister(*entries, point=HERE, **odd):
    at = scope(full_name(point), indirect=True) if point else scope(indirect=True)
    return revoke(LISTER, *entries, change={"scope": at}, **odd)


def judge_indirect(label, why, reason, *lists, shown=indirectly, **odd):
    judge(f"indirect_{label}", why, reason, *lists, shown=shown, files=with_lister, **odd)


judge_indirect("clean", "PKITS 4.14.22", None, by_lister())
number_of = indirectly.serial
judge_indirect("listed", "PKITS 4.14.23", REVOKED, by_lister(entry(number_of, issuer=ISSUING_NAME)))
judge_indirect("own_entry", f"{RFC} 5.3.3: of the list's issuer", None, by_lister(entry(number_of)))
sticky = by_lister(entry(1), entry(2, issuer=ISSUING_NAME), entry(number_of))
judge_indirect("sticky", f"{RFC} 5.3.3: as the entry before", REVOKED, sticky)
moved = by_lister(entry(2, issuer=ISSUING_NAME), entry(number_of, issuer=ROOT_NAME))
judge_indirect("moved", f"{RFC} 5.3.3: until another is named", None, moved)
spelt = name(("O", der.printable("CONTOSO")), ("CN", "contoso issuing  CA"))
why = f"{RFC} 7.1: the name is spelt otherwise"
judge_indirect("spelt", why, REVOKED, by_lister(entry(number_of, issuer=spelt)))
judge_indirect("no_point", "a list for all of them", None, by_lister(point=None))
judge_indirect("other_point", "PKITS 4.14.27", UNKNOWN, by_lister(point=THERE))
judge_indirect(
    "unasked", "PKITS 4.14.24: the certificate has to name it", UNKNOWN, by_lister(), shown=GOOD
)
direct = revoke(LISTER, change={"scope": scope(full_name(HERE))})
judge_indirect("not_indirect", f"{RFC} 6.3.3 b 1: it has to say so", UNKNOWN, direct)
stray = revoke(ISSUING, entry(1, issuer=ROOT_NAME))
judge("stray_issuer", f"{RFC} 5.3.3: only in an indirect list", UNKNOWN, stray)
judge_indirect(
    "lister_revoked",
    f"{RFC} 6.3.3 f",
    UNKNOWN,
    by_lister(),
    root=revoke(ROOT, entry(LISTER.serial)),
)

# Beside a token.
under = THEME.config(
    "beside",
    endpoint(["entra", "pki"]),
    entra(),
    pki(revocation="required", crls=["issuing.crl", "root.crl"]),
    files=FILES | {"issuing.crl": LISTING.pem, "root.crl": OF_ROOT.pem, "keys.json": jwks(A)},
)
under.showing(GOOD).refuse("crl_beside_token", "whatever token came with it", token(), REVOKED)
good = device(serial=SERIAL + 1)
under.showing(good).admit("crl_good_beside_token", "on no list", token())

# Two sections.
under = THEME.config(
    "two_pkis",
    endpoint(["pki"]),
    pki(revocation="required", crls=["issuing.crl", "root.crl"]),
    pki(name="careless"),
    files=FILES | {"issuing.crl": LISTING.pem, "root.crl": OF_ROOT.pem},
)
why = "what its CA took back is good for no other section either"
under.showing(GOOD).refuse("crl_two_sections", why, None, REVOKED)
