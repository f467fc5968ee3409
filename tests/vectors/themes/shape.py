"""The outer form: size, parts, base64url."""

from making.keys import jwks
from making.sample import A, endpoint, entra, header, limits, token, user
from making.theme import Theme
from making.token import b64, first, segment, signed, signed_text, text

THEME = Theme(
    "shape",
    "What is not three parts of canonical base64url is no token. But for its form each would be "
    "admitted: the signature covers the very text that is shown.",
)
FILES = {"keys.json": jwks(A)}
GATE = THEME.config("entra", endpoint(), entra(), files=FILES)
SHORT = THEME.config("short_tokens", limits(token_bytes=1024), endpoint(), entra(), files=FILES)

GOOD = token()
HEAD, BODY, SIGNATURE = GOOD.split(".")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def with_trailing_bits(encoded):
    """The same bytes in another spelling: the last character's spare bits are not zero."""
    assert len(encoded) % 4, "there are no spare bits"
    return encoded[:-1] + ALPHABET[ALPHABET.index(encoded[-1]) + 1]


def of_length(remainder, make):
    """An encoded part whose length leaves this remainder by 4."""
    return first(lambda n: segment(make("x" * n)), lambda encoded: len(encoded) % 4 == remainder)


def standard(encoded):
    changed = encoded.replace("-", "+").replace("_", "/")
    assert changed != encoded, "the two alphabets agree on this text"
    return changed


def sized(size):
    """A token of exactly `size` bytes. No base64url has 4n+1 characters, hence the two pads."""

    def parts(n):
        pads = "x" * (n % 3), "x" * (max(0, size * 3 // 4 - 1000) + n // 3)
        return header(change={"pad": pads[0]}), user({"pad": pads[1]})

    def total(shown):
        return sum(len(segment(part)) for part in shown) + len(f"..{SIGNATURE}")

    return signed(*first(parts, lambda shown: total(shown) == size), A)


GATE.admit("shape_good", "the token that the others break", GOOD)
GATE.refuse("shape_nothing_presented", "RFC 6750 section 3.1", None, "no_credential")
GATE.refuse("shape_empty", "an empty header value is nothing", "", "no_credential")

# Parts.
FLATTENED = {"protected": HEAD, "payload": BODY, "signature": SIGNATURE}
GENERAL = {"payload": BODY, "signatures": [{"protected": HEAD, "signature": SIGNATURE}]}
for name, why, broken in [
    ("one_part", "an opaque token", HEAD),
    ("two_parts", "the signature cut off, dot and all", f"{HEAD}.{BODY}"),
    ("no_signature", "RFC 7519 section 6: an unsecured token has this form", f"{HEAD}.{BODY}."),
    ("no_header", "the header is empty", f".{BODY}.{SIGNATURE}"),
    ("only_dots", "all three parts are empty", ".."),
    ("four_parts", "a part too many", f"{GOOD}.{SIGNATURE}"),
    ("dot_before", "Envoy jwt.cc skips empty segments", f".{GOOD}"),
    ("dot_after", "Envoy jwt.cc skips empty segments", f"{GOOD}."),
    ("two_dots", "Envoy jwt.cc reads a..b.c as three parts", f"{HEAD}..{BODY}.{SIGNATURE}"),
    ("thousands_of_dots", "CVE-2025-27144, CVE-2025-30204, CVE-2025-22868", "." * 16_000),
    ("fullwidth_dots", "U+FF0E normalises to a dot", GOOD.replace(".", "\uff0e")),
    ("percent_dots", "percent-encoded on its way", GOOD.replace(".", "%2E")),
    ("json_flattened", "rfc8725bis 2.13; jwx CompactOnly", text(FLATTENED)),
    ("json_general", "rfc8725bis 2.13: JSON where compact is expected", text(GENERAL)),
]:
    GATE.refuse(f"shape_{name}", why, broken, "token_shape")

no_payload = signed(header(), b"", A)
GATE.refuse("shape_empty_payload", "a JWS, but no claims", no_payload, "payload_json")

# JWE: refused by its own word.
IV, TAG = b64(bytes(12)), b64(bytes(16))
DIRECT = f"{segment({'alg': 'dir', 'enc': 'A256GCM'})}..{IV}.{BODY}.{TAG}"
WRAPPED = f"{segment({'alg': 'RSA-OAEP-256', 'enc': 'A256GCM'})}.{SIGNATURE}.{IV}.{BODY}.{TAG}"
for name, why, encrypted in [
    ("jwe_direct", "RFC 7516 section 7.1: the encrypted key is empty", DIRECT),
    ("jwe_wrapped_key", "RFC 7516 section 9: five parts", WRAPPED),
]:
    GATE.refuse(f"shape_{name}", why, encrypted, "token_encrypted")

# Size: the bound is on what was presented, before anything is read.
GATE.admit("shape_largest", "exactly 16 KiB, the default", sized(16_384))
GATE.refuse("shape_too_large", "one byte more; CVE-2024-21319", sized(16_385), "token_too_large")
uncounted = "." * 20_000
GATE.refuse("shape_too_many_dots", "CVE-2025-30204: not even counted", uncounted, "token_too_large")
SHORT.admit("shape_largest_configured", "limits.token_bytes holds", sized(1024))
SHORT.refuse(
    "shape_too_large_configured", "limits.token_bytes holds", sized(1025), "token_too_large"
)

# Spellings of the same bytes. A second spelling would be a second cache entry.
HEAD_2 = of_length(2, lambda pad: header(change={"pad": pad}))
BODY_3 = of_length(3, lambda pad: user({"pad": pad}))
PLUS = standard(segment(user({"pad": "~~~~~~~~"})))
CANONICAL = "RFC 7515 section 2: no padding"
SPARE = "fast-jwt #606; RFC 4648 section 3.5"
for name, why, broken in [
    ("padded_header", CANONICAL, signed_text(f"{HEAD_2}==", BODY, A)),
    ("padded_payload", CANONICAL, signed_text(HEAD, f"{BODY_3}=", A)),
    ("padded_signature", "PyJWT takes Wycheproof tcId 367 and 370", f"{GOOD}=="),
    ("trailing_bits_header", SPARE, signed_text(with_trailing_bits(HEAD_2), BODY, A)),
    ("trailing_bits_payload", SPARE, signed_text(HEAD, with_trailing_bits(BODY_3), A)),
    ("trailing_bits_signature", SPARE, f"{HEAD}.{BODY}.{with_trailing_bits(SIGNATURE)}"),
    ("standard_payload", "RFC 4648 section 4 is not base64url", signed_text(HEAD, PLUS, A)),
    ("standard_signature", "RFC 4648 section 4", f"{HEAD}.{BODY}.{standard(SIGNATURE)}"),
    ("one_character_over", "no byte is encoded by one character", f"{GOOD}AAA"),
    ("space_before", "a header value that nobody trimmed", f" {GOOD}"),
    ("newline_after", "a file read whole", f"{GOOD}\n"),
    ("wrapped_lines", "MIME wraps at 76", f"{HEAD}.{BODY}.{SIGNATURE[:76]}\r\n{SIGNATURE[76:]}"),
    ("foreign_character", "Wycheproof tcId 372: signed so", signed_text(HEAD, f"{BODY}?", A)),
    ("nul_after", "C strings end there, lengths do not", f"{GOOD}\0"),
    ("nul_in_header", "C strings end there", f"{HEAD}\0.{BODY}.{SIGNATURE}"),
    ("bearer_prefix", "the whole Authorization header was passed", f"Bearer {GOOD}"),
    ("quoted", "a JSON string passed with its quotes", f'"{GOOD}"'),
    ("polyglot_json", "JSON with exactly two dots inside", f'{{"a":"{GOOD}"}}'),
]:
    GATE.refuse(f"shape_{name}", why, broken, "token_encoding")

white = f' {{\n "alg" : "RS256"\r\n\t, "kid": "{A.kid}" }} '
GATE.admit("shape_white_space_in_json", "inside the JSON it is allowed", signed(white, user(), A))
