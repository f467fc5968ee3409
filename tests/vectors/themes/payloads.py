"""The payload: one strict JSON object."""

import json

from making.keys import jwks
from making.sample import A, endpoint, entra, header, user
from making.theme import Theme
from making.token import ABSENT, also, signed, text

THEME = Theme(
    "payloads",
    "The payload is one JSON object that every parser reads alike. Each token is signed by the "
    "trusted key; but for its payload's form it would be admitted.",
)
GATE = THEME.config("entra", endpoint(), entra(), files={"keys.json": jwks(A)})
PLAIN = text(user())


def raw(payload):
    """A token whose payload is this text or these bytes."""
    return signed(header(), payload, A)


def with_bytes(data):
    """The claims and one more, whose text holds these bytes."""
    return also(user(), '"x":"?"').encode().replace(b"?", data)


def wide(members):
    return {f"m{i}": i for i in range(members - len(user()))}


for name, why, payload in [
    ("array", "fast-jwt #638: skips every claim check", text([user()])),
    ("string", "RFC 7519 section 7.2: an object", text(PLAIN)),
    ("nested_jwt", "RFC 7519 section 7.2: a token in a token", raw(PLAIN)),
    ("null", "RFC 7519 section 7.2: an object", "null"),
    ("rest_after", "nothing may follow the object", f"{PLAIN}]"),
    ("comma_at_end", "not JSON", f"{PLAIN[:-1]},}}"),
    ("leading_zero", "not JSON", also(user(), '"x":01')),
    ("not_a_number", "NaN is not JSON", also(user(), '"x":NaN')),
    ("number_without_bound", "1e400 is no double", also(user(), '"x":1e400')),
    ("bom", "RFC 8259 section 8.1", f"\ufeff{PLAIN}"),
    ("nul_after", "C strings end there", f"{PLAIN}\0"),
    ("nul_inside", "RFC 8259 section 7: escaped only", with_bytes(b"\0")),
    ("invalid_utf8", "RFC 8725 section 3.7", with_bytes(b"\xff")),
    ("overlong_utf8", "C0 AF is no spelling of a slash", with_bytes(b"\xc0\xaf")),
    ("surrogate_in_utf8", "ED A0 80 is no character", with_bytes(b"\xed\xa0\x80")),
    ("lone_surrogate", "no character has this escape alone", with_bytes(rb"\udc00")),
    ("too_deep", "CVE-2025-53864: 17 levels", also(user(), f'"x":{"[" * 16}{"]" * 16}')),
    ("far_too_deep", "CVE-2025-53864: a stack of 8000", also(user(), f'"x":{"[" * 8000}')),
    ("too_wide", "257 members", text(user(wide(257)))),
    ("too_wide_inside", "257 members, nested ones counted", text(user({"x": wide(256)}))),
]:
    GATE.refuse(f"payload_{name}", why, raw(payload), "payload_json")

SPACED = "\r\n" + json.dumps(user(), indent="\t", separators=(" , ", " : ")) + " "
UNREAD = {"groups": 1, "name": None, "xms_cc": {"a": [True, 1.5]}, "": "no name"}
for name, why, payload in [
    ("deep_enough", "16 levels are read", also(user(), f'"x":{"[" * 15}{"]" * 15}')),
    ("wide_enough", "256 members are read", text(user(wide(256)))),
    ("white_space", "RFC 8259 section 2", SPACED),
    ("escaped", "an escape is the same text", PLAIN.replace('"tid"', r'"\u0074id"')),
    ("unread_of_any_type", "only claims that a rule reads have a type", text(user(UNREAD))),
    ("unread_number", "an integer beyond 64 bits", also(user(), f'"x":{"1234567890" * 3}')),
    ("unread_look_alikes", "names without a meaning", text(user({"Email": "a", "email": "b"}))),
    ("same_name_at_two_depths", "each object has its own", text(user({"x": {"tid": 1, "exp": 0}}))),
]:
    GATE.admit(f"payload_{name}", why, raw(payload))

for name, why, payload in [
    ("exp_twice", "ruby-jwt #713: the last one wins silently", also(user(), '"exp":1900000000')),
    ("aud_twice", "libjwt #283", also(user({"aud": "other"}), f'"aud":"{user()["aud"]}"')),
    ("escaped_name", "the same name, spelt otherwise", also(user(), r'"\u0065xp":1900000000')),
    ("unknown_twice", "jjwt #877: whoever reads it", also(user(), '"x":1,"x":1')),
    ("nested_twice", "Abblix #284", also(user(), '"x":{"a":1,"a":2}')),
    ("nested_in_list", "Abblix #284", also(user(), '"x":[[{"a":1,"a":2}]]')),
    ("tid_beside_upper_case", "IDX40011", also(user(), '"TID":"x"')),
    ("iss_beside_other_case", "IDX40011, for each claim that is read", also(user(), '"Iss":"x"')),
    ("other_case_before", "IDX40011: in either order", text({"Exp": 1_900_000_000, **user()})),
    ("empty_name_twice", "a name may be empty, but not twice", also(user(), '"":1,"":2')),
]:
    GATE.refuse(f"payload_{name}", why, raw(payload), "payload_duplicate")

only_upper = also(user({"exp": ABSENT}), '"EXP":1790003600')
in_header = signed(header(change={"exp": user()["exp"]}), user({"exp": ABSENT}), A)
for name, why, shown in [
    ("empty_object", "RFC 7519 section 4: it has no claims", raw("{}")),
    ("claim_in_other_case", "RFC 7519 section 10.1.1: case-sensitive", raw(only_upper)),
    ("claim_in_header", "l8w8jwt keeps header and claims in one list", in_header),
]:
    GATE.refuse(f"payload_{name}", why, shown, "claim_missing")
shadowing = header(change={"sub": "admin", "exp": 1, "tid": "x", "aud": 1})
why = "l8w8jwt keeps header and claims in one list"
GATE.admit("payload_not_shadowed", why, signed(shadowing, user(), A))
