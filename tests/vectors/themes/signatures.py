"""Signatures that are almost true."""

from making.keys import KEYS, jwks, mac
from making.rsa import HASH_OID, NULL, der, digest_info, padded
from making.sample import OIDC_ID, endpoint, header, oidc, oidc_issuer, token
from making.theme import Theme
from making.token import b64, first, segment, signed, unb64, with_signature

THEME = Theme(
    "signatures",
    "A signature is true to the last bit, in the one form of its algorithm. But for that each "
    "token would be admitted.",
)
RS, PS = KEYS["rs-a"], KEYS["rs-b"].named("ps-a", "PS256")
ES, ES384, ED, HS = KEYS["es256-a"], KEYS["es384-a"], KEYS["ed-a"], KEYS["hs256-a"]
KNOWN = [RS, PS, ES, ES384, ED, HS]
GATE = THEME.config(
    "oidc",
    endpoint(["oidc"]),
    oidc_issuer(algorithms=[key.alg for key in KNOWN]),
    files={"keys.json": jwks(*KNOWN)},
    principal=OIDC_ID,
)


def refuse(name, why, shown):
    GATE.refuse(name, why, shown, "signature_wrong")


def forged(key, make):
    """The usual token with a signature of its own making."""
    return with_signature(header(key), oidc(), make)


def signature_of(shown):
    return unb64(shown.rpartition(".")[2])


def altered(shown, change):
    """A token whose signature bytes are changed."""
    return f"{shown.rpartition('.')[0]}.{b64(change(signature_of(shown)))}"


def flip(signature, at):
    changed = bytearray(signature)
    changed[at] ^= 1
    return bytes(changed)


# Any algorithm.
for key in KNOWN:
    name, good = f"signature_{key.alg.lower()}", token(oidc(), key)
    GATE.admit(name, "the token that the others alter", good)
    refuse(f"{name}_last_bit", "RFC 7515 section 5.2", altered(good, lambda s: flip(s, -1)))
    refuse(f"{name}_cut", "one byte is missing", altered(good, lambda s: s[:-1]))
    refuse(f"{name}_longer", "one byte too many", altered(good, lambda s: s + b"\0"))

GOOD = token(oidc(), RS)
HEAD, BODY, SIGNATURE = GOOD.split(".")
DECODED = RS.sign(unb64(HEAD) + b"." + unb64(BODY))
as_admin = segment(oidc({"sub": "admin"}))
refuse("signature_claims_altered", "RFC 7515 section 5.2", f"{HEAD}.{as_admin}.{SIGNATURE}")
as_access = segment(header(RS, {"typ": "at+jwt"}))
refuse("signature_header_altered", "the header is signed too", f"{as_access}.{BODY}.{SIGNATURE}")
for name, why, shown in [
    (
        "of_foreign_key",
        "somebody else's key under a trusted name",
        signed(header(RS), oidc(), KEYS["rs-foreign"]),
    ),
    (
        "over_decoded_bytes",
        "RFC 7515 section 5.1: over the encoded text",
        f"{HEAD}.{BODY}.{b64(DECODED)}",
    ),
    (
        "over_payload_alone",
        "the header would be anybody's",
        f"{HEAD}.{BODY}.{b64(RS.sign(BODY.encode()))}",
    ),
]:
    refuse(f"signature_{name}", why, shown)

# RSASSA-PKCS1-v1_5: one encoding of one digest (Wycheproof's 213 variants in short).
SIZE = RS.numbers.size


def info(message, **parts):
    return digest_info("sha256", message, **parts)


def algorithm(message, **parts):
    """The encoded message with other parts in its algorithm."""
    return padded(info(message, **parts), SIZE)


def garbage_at_end(message):
    after = bytes(SIZE - 11 - len(info(message)))
    return b"\0\1" + b"\xff" * 8 + b"\0" + info(message) + after


def block_type_2(message):
    return b"\0\2" + b"\x99" * (SIZE - 3 - len(info(message))) + b"\0" + info(message)


JUNK = der(0x04, bytes(16))
for name, why, encode in [
    ("missing_null", "RFC 8017 section 9.2: NULL", lambda m: algorithm(m, parameters=b"")),
    ("null_twice", "more parameters than NULL", lambda m: algorithm(m, parameters=NULL * 2)),
    ("garbage_at_end", "CVE-2006-4339: room behind the digest", garbage_at_end),
    ("garbage_inside", "CVE-2006-4790: in parameters", lambda m: algorithm(m, parameters=JUNK)),
    ("oid_of_sha512", "over a SHA-256 digest", lambda m: algorithm(m, oid=HASH_OID["sha512"])),
    ("sha1", "a true RS1 signature", lambda m: padded(digest_info("sha1", m), SIZE)),
    ("sha512", "a true RS512 signature", lambda m: padded(digest_info("sha512", m), SIZE)),
    ("no_digest_info", "TLS 1.0 signed bare digests", lambda m: padded(info(m)[-32:], SIZE)),
    ("ber_length", "DER: shortest length", lambda m: padded(b"\x30\x81" + info(m)[1:], SIZE)),
    (
        "ber_indefinite",
        "DER: no indefinite length",
        lambda m: padded(b"\x30\x80" + info(m)[2:] + b"\0\0", SIZE),
    ),
    ("block_type_2", "RFC 8017 section 7.2: for encryption", block_type_2),
    ("padding_not_ff", "every byte of it", lambda m: flip(padded(info(m), SIZE), 2)),
]:
    refuse(f"pkcs1_{name}", why, forged(RS, lambda m, encode=encode: RS.numbers.raw(encode(m))))
refuse("pkcs1_pss_instead", "a true PS256 signature", forged(RS, lambda m: RS.sign(m, "PS256")))


def plus_modulus(signature):
    return int.from_bytes(signature, "big") + RS.numbers.n


fits = first(
    lambda n: token(oidc({"jti": str(n)}), RS),
    lambda shown: plus_modulus(signature_of(shown)) < 1 << 8 * SIZE,
)
too_large = altered(fits, lambda s: plus_modulus(s).to_bytes(SIZE, "big"))
refuse("pkcs1_plus_modulus", "RFC 8017 section 5.2.2: below the modulus", too_large)
with_zero = altered(GOOD, lambda s: b"\0" + s)
refuse("pkcs1_leading_zero", "RFC 8017 section 8.2.2: as long as the modulus", with_zero)

# RSASSA-PSS: RFC 7518 section 3.5 fixes everything that PSS leaves open.
for name, why, variant in [
    ("salt_of_0", "the salt is as long as the hash", {"salt_length": 0}),
    ("salt_of_20", "the salt is as long as the hash", {"salt_length": 20}),
    ("salt_of_33", "the salt is as long as the hash", {"salt_length": 33}),
    ("salt_of_222", "the longest that fits", {"salt_length": 222}),
    ("sha512", "a true PS512 signature", {"hash_name": "sha512"}),
    ("mask_by_sha1", "MGF1 with the same hash", {"mask_hash": "sha1"}),
    ("other_trailer", "RFC 8017 section 9.1: the trailer is BC", {"trailer": 0xCC}),
]:
    parts = {"hash_name": "sha256"} | variant
    refuse(
        f"pss_{name}", why, forged(PS, lambda m, parts=parts: PS.numbers.pss(message=m, **parts))
    )
refuse("pss_pkcs1_instead", "a true RS256 signature", forged(PS, lambda m: PS.sign(m, "RS256")))

# ECDSA: r || s, each of full length.
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def ecdsa(make, key=ES):
    """A token with a signature made from the true r and s."""
    return forged(key, lambda message: make(*key.ecdsa(message)))


def as_der(r, s):
    integers = [der(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in (r, s)]
    return der(0x30, b"".join(integers))


def each_one_longer(r, s):
    return b"\0" + r.to_bytes(32, "big") + b"\0" + s.to_bytes(32, "big")


for name, why, shown in [
    ("psychic", "CVE-2022-21449", ecdsa(lambda r, s: ES.pair(0, 0))),
    ("r_is_zero", "CVE-2022-21449", ecdsa(lambda r, s: ES.pair(0, s))),
    ("s_is_zero", "CVE-2022-21449", ecdsa(lambda r, s: ES.pair(r, 0))),
    ("both_are_order", "zero modulo the order", ecdsa(lambda r, s: ES.pair(N, N))),
    ("swapped", "s || r", ecdsa(lambda r, s: ES.pair(s, r))),
    ("der", "RFC 7518 section 3.4: not the form of X.509", ecdsa(as_der)),
    ("der_p384", "RFC 7518 section 3.4, for the longer curve", ecdsa(as_der, ES384)),
    ("each_one_longer", "jwx v2.0.16: the length is exact", ecdsa(each_one_longer)),
    ("sha512", "another hash under ES256", forged(ES, lambda m: ES.pair(*ES.ecdsa(m, "ES512")))),
]:
    refuse(f"ecdsa_{name}", why, shown)
short_r = first(
    lambda n: token(oidc({"jti": str(n)}), ES), lambda shown: signature_of(shown)[0] == 0
)
GATE.admit("ecdsa_r_with_leading_zero", "RFC 7518 section 3.4: full length", short_r)
without = altered(short_r, lambda s: s[1:])
refuse("ecdsa_r_without_its_zero", "jwx v2.0.16: the length is exact", without)
high_s = ecdsa(lambda r, s: ES.pair(r, max(s, N - s)))
GATE.admit("ecdsa_high_s", "RFC 7518 asks for no low s: n - s is as true", high_s)

# Ed25519.
L = 2**252 + 27742317777372353535851937790883648493


def s_plus_order(signature):
    s = int.from_bytes(signature[32:], "little") + L
    return signature[:32] + s.to_bytes(32, "little")


malleable = altered(token(oidc(), ED), s_plus_order)
refuse("ed25519_s_plus_order", "RFC 8032 section 5.1.7: s is below the order", malleable)
neutral = forged(ED, lambda m: b"\1" + bytes(63))
refuse("ed25519_neutral_r", "R is the neutral element, s is zero", neutral)

# HMAC.
SECRET = unb64(HS.jwk["k"])
for name, why, make in [
    ("half", "l8w8jwt does not look at the length", lambda m: mac(SECRET, m)[:16]),
    ("of_hs512_cut", "the first 32 bytes of HS512", lambda m: mac(SECRET, m, "sha512")[:32]),
    ("secret_as_text", "the secret is what `k` decodes to", lambda m: mac(HS.jwk["k"].encode(), m)),
    ("empty_secret", "CVE-2026-44351", lambda m: mac(b"", m)),
]:
    refuse(f"hmac_{name}", why, forged(HS, make))
