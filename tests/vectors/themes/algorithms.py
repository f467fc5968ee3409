"""Which algorithm a token is verified by: the key's, whatever the header says."""

from making.keys import KEYS, Key, jwks, mac, pem
from making.sample import OIDC_ID, A, endpoint, entra, header, oidc, oidc_issuer, token, user
from making.theme import Theme
from making.token import ABSENT, b64, segment, signed, text, with_signature

THEME = Theme(
    "algorithms",
    "The key fixes the algorithm; the header's is only compared. Public keys are no secrets, and "
    "`none` is no algorithm.",
)
B, ES256, SECRET = KEYS["rs-b"], KEYS["es256-a"], KEYS["hs256-a"]
RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
KIDS = ["es256-a", "es384-a", "ed-a", "hs256-a", "hs384-a", "hs512-a"]
EVERY = [B.named(alg.lower(), alg) for alg in RSA] + [KEYS[kid] for kid in KIDS]
BY_ALG = {key.alg: key for key in EVERY}
NO_ALG = A.public({"alg": ABSENT})


def oidc_config(name, algorithms, *keys):
    issuer, files = oidc_issuer(algorithms=algorithms), {"keys.json": jwks(*keys)}
    return THEME.config(name, endpoint(["oidc"]), issuer, files=files, principal=OIDC_ID)


ENTRA = THEME.config("entra", endpoint(), entra(), files={"keys.json": jwks(A)})
BARE = THEME.config("without_alg", endpoint(), entra(), files={"keys.json": jwks(NO_ALG)})
ANY = oidc_config("every", list(BY_ALG), *EVERY)
MIXED = oidc_config("mixed", ["RS256", "HS256"], NO_ALG, SECRET)
ES_ONLY = oidc_config("es256_only", ["ES256"], A, ES256)

# Names.
for name, why, alg in [
    ("none", "CVE-2015-9235; RFC 8725 section 3.1", "none"),
    ("none_upper_case", "HarbourJwt CVE-2026-23993", "NONE"),
    ("none_mixed_case", "GHSA-8wpc-h4q6-8fxv; a denylist misses it", "nOnE"),
    ("none_with_space", "a denylist misses it", "none "),
    ("lower_case", "RFC 7515 section 4.1.1: case-sensitive", "rs256"),
    ("with_nul", "C strings end there", "RS256\0"),
    ("sha1", "RS1 is registered, and broken", "RS1"),
    ("es256k", "secp256k1 is not offered", "ES256K"),
    ("of_jwe", "RFC 7518 section 4: for keys, not for signatures", "RSA-OAEP"),
]:
    ENTRA.refuse(f"alg_{name}", why, token(head={"alg": alg}), "algorithm_unknown")
unsecured = f"{segment({'alg': 'none'})}.{segment(user())}."
ENTRA.refuse("alg_none_without_signature", "RFC 7519 section 6", unsecured, "token_shape")
junk = f"{unsecured}AAAA"
ENTRA.refuse(
    "alg_none_with_junk", "CVE-2015-9235: a non-empty signature", junk, "algorithm_unknown"
)

# RS -> HS confusion: every text of the public key that somebody has taken for a secret.
HS = header(change={"alg": "HS256"})
HS_NO_KID = header(change={"alg": "HS256", "kid": ABSENT})
PEM = pem(A)


def forged(head, claims, secret):
    return with_signature(head, claims, lambda message: mac(secret, message))


for name, why, secret in [
    ("pem", "CVE-2015-9235, fast-jwt CVE-2023-48223, APISIX CVE-2026-39999", PEM),
    ("pem_trimmed", "the same file, read by a shell", PEM.strip()),
    ("pem_after_white_space", "fast-jwt CVE-2026-34950", b"\n \t" + PEM),
    ("pem_after_text", "fast-jwt GHSA-ww5h-9m49-7xx4", b"Bag Attributes\n" + PEM),
    ("pem_pkcs1", "the older PEM of the same key", pem(A, "PKCS1")),
    ("der", "the key without its armour", pem(A, encoding="DER")),
    ("jwk_text", "fast-jwt GHSA-g3jj-5cmm-3hxx", text(A.public()).encode()),
    ("jwks_text", "fast-jwt GHSA-g3jj-5cmm-3hxx, the whole file", jwks(A).encode()),
    ("modulus", "the number n, which everybody knows", A.numbers.n.to_bytes(256, "big")),
    ("empty", "fast-jwt CVE-2026-44351", b""),
]:
    ENTRA.refuse(f"confusion_{name}", why, forged(HS, user(), secret), "algorithm_mismatch")
shown = forged(HS_NO_KID, user(), PEM)
ENTRA.refuse("confusion_without_kid", "no key here is for HS256", shown, "key_unknown")
why = "libjwt CVE-2026-44699: Entra's keys have no alg"
BARE.refuse("confusion_key_without_alg", why, forged(HS, user(), b""), "algorithm_mismatch")
BARE.admit("alg_from_key_type", "fastify-jwt-jwks #16: Entra's keys have no alg", token())

# The same where HS256 is allowed, beside a key that has no alg.
MIXED.admit("mixed_secret", "HS256 is configured here", token(oidc(), SECRET))
MIXED.admit("mixed_rsa", "the key without alg is for RS256", token(oidc(), A))
for name, why, shown, reason in [
    ("confusion", "Hono CVE-2026-22817", forged(HS, oidc(), PEM), "algorithm_mismatch"),
    (
        "confusion_without_kid",
        "the only key for HS256 is the secret",
        forged(HS_NO_KID, oidc(), PEM),
        "signature_wrong",
    ),
    (
        "secret_under_rsa_name",
        "php-jwt CVE-2021-46743: a ring of mixed types",
        signed(HS, oidc(), SECRET),
        "algorithm_mismatch",
    ),
    (
        "rsa_under_secret_name",
        "json-jwt #95, python-jose #274",
        token(oidc(), A, {"kid": SECRET.kid}),
        "algorithm_mismatch",
    ),
]:
    MIXED.refuse(f"mixed_{name}", why, shown, reason)

# Every algorithm, and headers that name a neighbour of it.
for key in EVERY:
    ANY.admit(f"every_{key.alg.lower()}", "RFC 7518 section 3.1, RFC 8037", token(oidc(), key))
newer = token(oidc(), BY_ALG["EdDSA"], {"alg": "Ed25519"})
ANY.admit("every_ed25519", "RFC 9864: the newer name of EdDSA", newer)
ES512 = oidc_config("es512", ["ES512"], KEYS["es512-a"])
why = "RFC 7518 section 3.4; needs a build with aws-lc"
ES512.admit("every_es512", why, token(oidc(), KEYS["es512-a"]))

why = "supabase/storage #1097: the kid fits, the alg does not"
for own, other in [
    ("RS256", "RS512"),
    ("RS256", "PS256"),
    ("PS256", "RS256"),
    ("PS256", "PS512"),
    ("HS256", "HS512"),
]:
    as_header_says = token(oidc(), BY_ALG[own], alg=other)
    ANY.refuse(f"mismatch_{own}_{other}".lower(), why, as_header_says, "algorithm_mismatch")
for own, other in [("ES256", "ES384"), ("EdDSA", "ES256"), ("RS256", "ES256")]:
    as_key_does = signed(header(BY_ALG[own], {"alg": other}), oidc(), BY_ALG[own])
    ANY.refuse(f"mismatch_{own}_{other}".lower(), why, as_key_does, "algorithm_mismatch")

why = "RFC 8725 section 3.1: only configured algorithms have keys"
for name, change, reason in [
    ("rs256", {}, "key_unknown"),
    ("under_other_kid", {"kid": "es256-a"}, "algorithm_mismatch"),
    ("without_kid", {"kid": ABSENT}, "key_unknown"),
]:
    ES_ONLY.refuse(f"not_configured_{name}", why, token(oidc(), A, change), reason)


# Secrets that are shorter than their hash are no keys (RFC 7518 section 3.2).
def secret_key(kid, alg, secret):
    return Key({"kty": "oct", "kid": kid, "alg": alg, "k": b64(secret)})


WEAK = [
    secret_key("hs256_of_31", "HS256", bytes(range(31))),
    secret_key("hs384_of_47", "HS384", bytes(range(47))),
    secret_key("hs512_of_32", "HS512", bytes(range(32))),
    secret_key("empty", "HS256", b""),
]
SHORT = oidc_config("short_secrets", ["HS256", "HS384", "HS512"], *WEAK, SECRET)
for key in WEAK:
    why = "fast-jwt CVE-2026-44351, Wycheproof key_too_short"
    SHORT.refuse(f"secret_{key.kid}", why, token(oidc(), key), "key_unknown")
SHORT.admit("secret_of_32", "RFC 7518 section 3.2: as long as the hash", token(oidc(), SECRET))
