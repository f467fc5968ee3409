"""Key sets: which of their keys a token means, and what a key says about itself."""

from making.keys import KEYS, jwks
from making.sample import (
    OIDC_ID,
    OTHER_TENANT,
    V2,
    A,
    endpoint,
    entra,
    oidc,
    oidc_issuer,
    token,
)
from making.theme import Theme
from making.token import ABSENT

THEME = Theme(
    "keysets",
    "The one key that a token names verifies it; none is tried. A broken key is skipped and the "
    "rest of the set stands.",
)
B, ES, ED, SECRET = KEYS["rs-b"], KEYS["es256-a"], KEYS["ed-a"], KEYS["hs256-a"]
NO_KID = {"kid": ABSENT}


def key_set(name, *keys):
    """An Entra tenant with these keys."""
    return THEME.config(name, endpoint(), entra(), files={"keys.json": jwks(*keys)})


def nameless(key):
    return token(key=key, head=NO_KID)


# Which key a token means.
TWO = key_set("two_keys", A, B)
for key in (A, B):
    why = "signing-key-rollover: never trust the order of keys"
    TWO.admit(f"keyset_two_{key.kid[-1]}", why, token(key=key))
for name, why, shown, reason in [
    ("name_of_the_other", "none is tried", token(key=B, head={"kid": "rs-a"}), "signature_wrong"),
    ("removed", "the key left the set", token(key=KEYS["rs-foreign"]), "key_unknown"),
    ("unknown_kid", "Envoy tries every key then", token(head={"kid": "rs-z"}), "key_unknown"),
    ("no_kid_of_two", "mcp_agent_mail #211 took the first", nameless(A), "key_ambiguous"),
]:
    TWO.refuse(f"keyset_{name}", why, shown, reason)
ONE = key_set("one_key", A)
ONE.admit("keyset_no_kid_of_one", "RFC 7515 section 4.1.4: kid is optional", nameless(A))
ONE.refuse("keyset_no_kid_of_other", "the only key is not the one", nameless(B), "signature_wrong")

BARE = key_set("unnamed_key", A.public(NO_KID), ES)
BARE.admit("keyset_unnamed_key", "RFC 7517 section 4.5: kid is optional", nameless(A))
why = "a key without a name is not the one that is named"
BARE.refuse("keyset_unnamed_key_and_kid", why, token(), "key_unknown")
PAIR = key_set("two_unnamed_keys", A.public(NO_KID), B.public(NO_KID))
PAIR.refuse(
    "keyset_two_unnamed", "IDX10517: nothing tells them apart", nameless(A), "key_ambiguous"
)

TWICE = key_set("kid_twice", A.named("same"), B.named("same"), B)
for key in (A, B):
    why = "Wycheproof: of two keys with one name neither is taken"
    shown = token(key=key.named("same"))
    TWICE.refuse(f"keyset_kid_twice_{key.kid[-1]}", why, shown, "key_unknown")
TWICE.admit("keyset_beside_kid_twice", "the rest of the set stands", token(key=B))
SAME = key_set("key_twice", A, A)
SAME.admit("keyset_key_twice", "the same key, listed twice, is one", token())
RENEWED = key_set("key_twice_renewed", A.public({"x5t": "old"}), A.public({"x5t": "new"}))
for hint in ("old", "new"):
    shown = token(head={"x5t": hint})
    RENEWED.admit(f"keyset_key_twice_x5t_{hint}", "one key, two certificates", shown)
why = "neither certificate is the one that is named"
RENEWED.refuse("keyset_key_twice_x5t_other", why, token(head={"x5t": "other"}), "key_unknown")
BOUND = key_set("key_twice_bound", A.public({"issuer": V2["public"].format(OTHER_TENANT)}), A)
BOUND.refuse("keyset_key_twice_bound", "IDX40005: a binding is not undone", token(), "key_issuer")

MIXED = THEME.config(
    "kid_for_two_algorithms",
    endpoint(["oidc"]),
    oidc_issuer(algorithms=["RS256", "ES256", "EdDSA"]),
    files={"keys.json": jwks(A.named("same"), ES.named("same"), ED)},
    principal=OIDC_ID,
)
for key in (A, ES):
    why = "Keycloak #15114 publishes such sets"
    name = f"keyset_kid_for_two_algorithms_{key.alg.lower()}"
    MIXED.admit(name, why, token(oidc(), key.named("same")))
    name = f"keyset_no_kid_one_of_each_{key.alg.lower()}"
    MIXED.admit(name, "the only key for its algorithm", token(oidc(), key, NO_KID))
third = token(oidc(), ED, {"kid": "same"})
MIXED.refuse("keyset_kid_for_no_third", "neither is for it", third, "algorithm_mismatch")

# Entries that are no keys.
JUNK = [None, 1, "rs-a", {}, [], {"kty": "RSA"}, A.public({"kty": 1}), A.public({"n": ABSENT})]
BROKEN = key_set("junk_beside_a_key", *JUNK, B)
BROKEN.admit("keyset_good_beside_broken", "OIDF IgnoresUnparseableKeyInJwks", token(key=B))
BROKEN.refuse("keyset_broken", "OIDF IgnoresUnparseableKeyInJwks", token(), "key_unknown")
two_exponents = jwks(A, B).replace('"e":"AQAB"', '"e":"AQAB","e":"AQAB"', 1)
REPEATED = THEME.config("member_twice", endpoint(), entra(), files={"keys.json": two_exponents})
REPEATED.refuse("keyset_member_twice", "libjwt #283, in a key", token(), "key_unknown")

# What a key says about itself. rs-b is usable in each set.
for name, why, change in [
    ("use_absent", "RFC 7517 section 4.2: optional", {"use": ABSENT}),
    ("key_ops_verify", "RFC 7517 section 4.3", {"key_ops": ["verify"]}),
    ("alg_absent", "Entra's keys have none", {"alg": ABSENT}),
    ("with_chain", "RFC 7517 section 4.7: x5c is not looked at", {"x5c": ["AAAA"], "ext": True}),
]:
    key_set(name, A.public(change), B).admit(f"keyset_{name}", why, token())
for name, why, change in [
    ("use_enc", "RFC 7517 section 4.2; Wycheproof tcId 353", {"use": "enc"}),
    ("use_other_case", "RFC 7517 section 4.2: case-sensitive", {"use": "SIG"}),
    ("key_ops_encrypt", "RFC 7517 section 4.3; tcId 355", {"key_ops": ["encrypt"]}),
    ("key_ops_sign", "RFC 7517 section 4.3: a public key verifies", {"key_ops": ["sign"]}),
    ("key_ops_twice", "RFC 7517 section 4.3: none twice", {"key_ops": ["verify", "verify"]}),
    ("alg_not_configured", "RFC 8725 section 3.1", {"alg": "RS512"}),
    ("alg_none", "CVE-2015-9235, in a key", {"alg": "none"}),
    ("alg_of_secret", "CVE-2026-44699: an RSA key for HS256", {"alg": "HS256"}),
    ("alg_of_other_type", "an RSA key for ES256", {"alg": "ES256"}),
    ("kty_absent", "RFC 7517 section 4.1: it must be there", {"kty": ABSENT}),
    ("with_private_part", "whoever reads the set can sign", {"d": A.jwk["d"]}),
]:
    key_set(name, A.public(change), B).refuse(f"keyset_{name}", why, token(), "key_unknown")

# Secrets in a set that is meant to be public.
for name, why, key, entry in [
    ("secret_published", "a secret that was fetched is nobody's", SECRET, SECRET),
    ("secret_as_rs256", "its type decides", A.named(SECRET.kid), SECRET.public({"alg": "RS256"})),
]:
    key_set(name, entry, B).refuse(f"keyset_{name}", why, token(key=key), "key_unknown")
