"""The numbers of keys: sizes, exponents, points."""

import hashlib

from making.keys import KEYS, Key, jwks, roca_key, rsa_variant, spelt
from making.sample import OIDC_ID, A, endpoint, entra, header, oidc, oidc_issuer, token
from making.theme import Theme
from making.token import ABSENT, b64, first, unb64, with_signature

THEME = Theme(
    "keynumbers",
    "A key that is weak or no key at all is skipped, and another key of the set stands. The token "
    "that needs it finds none, though its signature is true under it.",
)
B, ES, ZERO, ED = KEYS["rs-b"], KEYS["es256-a"], KEYS["es256-zero"], KEYS["ed-a"]
UNKNOWN = "key_unknown"


def rsa(name, why, reason, entry, key=A):
    """The token of an RSA key that is published so."""
    files = {"keys.json": jwks(entry, B)}
    gate = THEME.config(name, endpoint(), entra(), files=files)
    gate.judge(f"keynumbers_{name}", why, token(key=key), reason)


def curve(name, why, reason, key, change=None, shown=None):
    """The token of an EC or Ed25519 key that is published so."""
    gate = THEME.config(
        name,
        endpoint(["oidc"]),
        oidc_issuer(algorithms=["ES256", "ES384", "EdDSA"]),
        files={"keys.json": jwks(key.public(change), KEYS["es256-b"])},
        principal=OIDC_ID,
    )
    gate.judge(f"keynumbers_{name}", why, shown or token(oidc(), key), reason)


# RSA as it is spelt.
N = A.jwk["n"]
for name, why, reason, change in [
    ("rsa_e_absent", "RFC 7518 section 6.3.1.2", UNKNOWN, {"e": ABSENT}),
    ("rsa_e_even", "no RSA exponent", UNKNOWN, {"e": spelt(65_536)}),
    ("rsa_n_padded", "RFC 7518 section 2: no padding", UNKNOWN, {"n": f"{N}=="}),
    ("rsa_n_wrapped", "white space in a number", UNKNOWN, {"n": f"{N[:64]}\n{N[64:]}"}),
    (
        "rsa_n_with_leading_zero",
        "RFC 7518 section 6.3.1.1 forbids it, some issuers do it",
        None,
        {"n": b64(b"\0" + unb64(N))},
    ),
]:
    rsa(name, why, reason, A.public(change))

# RSA as it is.
for name, why, reason, key in [
    ("rsa_1024", "NIST SP 800-131A; Wycheproof json_web_key", UNKNOWN, KEYS["rs-1024"]),
    ("rsa_2047", "jwt-simple aa87197 rounded the bits up", UNKNOWN, KEYS["rs-2047"]),
    ("rsa_4096", "the largest that is taken", None, KEYS["rs-4096"]),
    (
        "rsa_4104",
        "each verification dearer than the last",
        UNKNOWN,
        rsa_variant(KEYS["rs-4096"], "rs-4104", factor=257),
    ),
    ("rsa_e_1", "each message is its own signature", UNKNOWN, rsa_variant(A, "rs-e1", e=1)),
    ("rsa_e_3", "odd, and small", None, rsa_variant(A, "rs-e3", e=3)),
    ("rsa_e_65539", "above F4", UNKNOWN, rsa_variant(A, "rs-e65539", e=65_539)),
    ("rsa_e_huge", "as dear as signing", UNKNOWN, rsa_variant(A, "rs-huge", e=(1 << 64) + 13)),
    ("rsa_n_even", "twice a modulus", UNKNOWN, rsa_variant(A, "rs-even", factor=2)),
    ("rsa_roca", "CVE-2017-15361", UNKNOWN, roca_key("rs-roca")),
]:
    rsa(name, why, reason, key, key)

# EC.
FULL = "RFC 7518 section 6.2.1.2: full length"
OFF = {"y": spelt(int.from_bytes(unb64(ES.jwk["y"]), "big") ^ 1, 32)}
curve("ec_off_curve", "invalid-curve attacks; Wycheproof json_web_key", UNKNOWN, ES, OFF)
NOWHERE = {"x": b64(bytes(32)), "y": b64(bytes(32))}
curve("ec_zero", "0, 0 is no point", UNKNOWN, ES, NOWHERE)
curve("ec_other_crv", "its point is of P-256", UNKNOWN, ES, {"crv": "P-384"})
curve(
    "ec_crv_lower_case", "RFC 7518 section 6.2.1.1: case-sensitive", UNKNOWN, ES, {"crv": "p-256"}
)
curve("ec_y_absent", "RFC 7518 section 6.2.1.3", UNKNOWN, ES, {"y": ABSENT})
curve("ec_x_with_leading_zero", FULL, None, ZERO)
without_zero = {"x": b64(unb64(ZERO.jwk["x"])[1:])}
curve("ec_x_without_its_zero", FULL, UNKNOWN, ZERO, without_zero)
koblitz = Key({**KEYS["es256k-a"].jwk, "alg": "ES256"})
curve("ec_secp256k1", "the curve of ES256K", UNKNOWN, koblitz)

# Ed25519.
curve("ed25519_short", "RFC 8037: 32 bytes", UNKNOWN, ED, {"x": b64(unb64(ED.jwk["x"])[:31])})
curve("ed25519_as_x25519", "a key for encryption", UNKNOWN, ED, {"crv": "X25519"})
curve("ed25519_as_ec", "RFC 8037 section 2: kty is OKP", UNKNOWN, ED, {"kty": "EC"})

# Points that are no keys. Of order n, R = neutral and S = 0 is true of every nth message, so
# whoever sees such a key in a set can sign in its name.
NEUTRAL = b"\1" + bytes(31)
L = 2**252 + 27742317777372353535851937790883648493


def forged(point, order):
    """A token that is true under a point of this order, signed by nobody."""

    def holds(shown):
        message = shown.rpartition(".")[0].encode()
        digest = hashlib.sha512(NEUTRAL + point + message).digest()
        return int.from_bytes(digest, "little") % L % order == 0

    def attempt(n):
        return with_signature(header(ED), oidc({"jti": str(n)}), lambda _: NEUTRAL + bytes(32))

    return first(attempt, holds)


P = 2**255 - 19
ORDER_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
for name, why, reason, point, order in [
    ("neutral", "of order 1: true of every message", UNKNOWN, NEUTRAL, 1),
    ("order_2", "of order 2: p - 1", UNKNOWN, (P - 1).to_bytes(32, "little"), 2),
    ("order_4", "of order 4: zero, as a wiped key is", UNKNOWN, bytes(32), 4),
    ("order_8", "of order 8; libsodium refuses them all", UNKNOWN, bytes.fromhex(ORDER_8), 8),
    # The libraries decode a point when they verify and not before, so this one is not skipped.
    (
        "off_curve",
        "RFC 8032 section 5.1.3: none has y = 2",
        "signature_wrong",
        b"\2" + bytes(31),
        1,
    ),
]:
    curve(f"ed25519_{name}", why, reason, ED, {"x": b64(point)}, forged(point, order))
