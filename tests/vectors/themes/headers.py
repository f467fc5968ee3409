"""The header: one strict JSON object that may name a key, and ask for nothing else."""

from making.keys import KEYS, jwks, thumbprint
from making.sample import OIDC_ID, A, endpoint, entra, header, oidc, oidc_issuer, token, user
from making.theme import Theme
from making.token import ABSENT, also, b64, segment, signed, text

THEME = Theme(
    "headers",
    "What a header may say. Each token is signed by the trusted key; but for its header it would "
    "be admitted.",
)
B, FOREIGN = KEYS["rs-b"], KEYS["rs-foreign"]
LONG_KID = "k" * 256
SHA1, SHA256 = thumbprint("rs-b", "sha1"), thumbprint("rs-b", "sha256")
CERTIFIED = B.named("with-x5t")
NAMED = [B.named(kid) for kid in (LONG_KID, "../../keys/rs-b.pem", "caf\u00e9")]
FILES = {"keys.json": jwks(A, *NAMED, CERTIFIED.public({"x5t": SHA1, "x5t#S256": SHA256}))}
GATE = THEME.config("entra", endpoint(), entra(), files=FILES)
TYPED = THEME.config(
    "typ_configured",
    endpoint(["oidc"]),
    oidc_issuer(typ="at+jwt"),
    files=FILES,
    principal=OIDC_ID,
)


def headed(change, key=A):
    return token(key=key, head=change)


def raw(head):
    """A token whose header is this text or these bytes."""
    return signed(head, user(), A)


PLAIN = text(header())
CUT_INVALID = PLAIN.encode().replace(b"JWT", b"JW\xff")

# JSON.
for name, why, head in [
    ("array", "RFC 7515 section 4: an object", text([header()])),
    ("null", "RFC 7515 section 4: an object", "null"),
    ("rest_after", "nothing may follow the object", f"{PLAIN}x"),
    ("comma_at_end", "not JSON", f"{PLAIN[:-1]},}}"),
    ("not_a_number", "NaN is not JSON", also(header(), '"x":NaN')),
    ("bom", "RFC 8259 section 8.1", f"\ufeff{PLAIN}"),
    ("nul_after", "C strings end there", f"{PLAIN}\0"),
    ("invalid_utf8", "RFC 8725 section 3.7", CUT_INVALID),
    ("lone_surrogate", "no character has this escape alone", also(header(), r'"x":"\ud800"')),
    ("control_character", "RFC 8259 section 7: escaped only", also(header(), '"x":"\n"')),
    ("too_deep", "CVE-2025-53864: 17 levels", also(header(), f'"x":{"[" * 16}{"]" * 16}')),
    ("too_wide", "257 members", text(header(change={f"m{i}": i for i in range(254)}))),
]:
    GATE.refuse(f"header_{name}", why, raw(head), "header_json")
deep = also(header(), f'"x":{"[" * 15}{"]" * 15}')
GATE.admit("header_deep_enough", "16 levels are read", raw(deep))
escaped = r'{"\u0061lg":"R\u0053256","kid":"\u0072s-a"}'
GATE.admit("header_escaped", "an escape is the same text", raw(escaped))
unknown = headed({"rh": "I", "list": [1, {"deep": None}], "iss": "https://nobody.example.org"})
GATE.admit("header_unknown_members", "RFC 7515 section 4: ignored", unknown)

for name, why, member in [
    ("alg_twice", "jwx #2234: the last one wins silently", '"alg":"none"'),
    ("alg_escaped", "the same name, spelt otherwise", r'"\u0061lg":"RS256"'),
    ("alg_look_alike", "IDX40011, for the header", '"Alg":"RS256"'),
    ("kid_twice", "libjwt #283", '"kid":"rs-a"'),
    ("unknown_twice", "jjwt #877: whoever reads it", '"x":1,"x":1'),
    ("nested_twice", "Abblix #284", '"x":{"a":1,"a":2}'),
]:
    GATE.refuse(f"header_{name}", why, raw(also(header(), member)), "header_duplicate")

# Members.
for name, why, change in [
    ("no_alg", "RFC 7515 section 4.1.1: it must be there", {"alg": ABSENT}),
    ("alg_number", "RFC 7515 section 4.1.1: a string", {"alg": 256}),
    ("alg_list", "a list that holds the right one", {"alg": ["RS256"]}),
    ("kid_number", "RFC 7515 section 4.1.4: a string", {"kid": 0}),
    ("kid_too_long", "jwt_tool's injections are long", {"kid": "k" * 257}),
    ("x5t_s256_too_long", "bounded like kid", {"x5t#S256": "A" * 257}),
    ("typ_list", "RFC 7515 section 4.1.9: a string", {"typ": ["JWT"]}),
]:
    GATE.refuse(f"header_{name}", why, headed(change), "header_member")

EVIL = "https://evil.example.org/keys"
for name, why, key, change in [
    ("jwk_of_attacker", "CVE-2018-0114, CVE-2026-27962", FOREIGN, {"jwk": FOREIGN.public()}),
    ("jwk_of_issuer", "even the right key: it is never looked at", A, {"jwk": A.public()}),
    ("jku", "CVE-2024-21643: keys fetched from there", FOREIGN, {"jku": EVIL}),
    ("x5u", "CVE-2024-21643: keys fetched from there", FOREIGN, {"x5u": EVIL}),
    ("x5c", "a chain beside the token proves nothing", FOREIGN, {"x5c": [b64(b"certificate")]}),
]:
    GATE.refuse(f"header_{name}", why, headed({"kid": A.kid} | change, key), "header_key")

for name, why, change in [
    ("crit_unknown", "CVE-2025-59420, CVE-2026-32597, CVE-2026-35042", {"crit": ["x"], "x": 1}),
    ("crit_empty", "RFC 7515 section 4.1.11: never empty; jwt-simple passes it", {"crit": []}),
    ("crit_string", "RFC 7515 section 4.1.11: a list", {"crit": "b64"}),
    ("crit_b64", "RFC 7797 section 6", {"crit": ["b64"], "b64": True}),
]:
    GATE.refuse(f"header_{name}", why, headed(change), "header_critical")

for name, why, b64_is in [
    ("false", "go-jose 5348b9a: outside crit", False),
    ("true", "RFC 7797 section 7: a token never has it", True),
    ("string", "its presence is enough", "false"),
]:
    GATE.refuse(f"header_b64_{name}", why, headed({"b64": b64_is}), "header_b64")
unencoded = f"{segment(header(change={'b64': False}))}.{text(user()).replace('.', '')}"
unencoded += f".{b64(A.sign(unencoded.encode()))}"
GATE.refuse("header_b64_unencoded", "RFC 7797 section 5.2: as it is", unencoded, "token_encoding")

for name, why, change in [
    ("enc", "RFC 7516 section 9: a JWE has this member", {"enc": "A256GCM"}),
    ("zip", "CVE-2024-28180: nothing is inflated", {"zip": "DEF"}),
]:
    GATE.refuse(f"header_{name}", why, headed(change), "token_encrypted")
GATE.admit("header_cty", "RFC 7519 section 5.2: a hint, not followed", headed({"cty": "JWT"}))

# What names the key is opaque, and compared byte for byte.
for name, why, kid in [
    ("path", "jwt_tool: a file with known bytes", "../../../../dev/null"),
    ("sql", "jwt_tool: UNION SELECT of a chosen secret", "x' UNION SELECT 'secret' -- "),
    ("url", "jwt-authorizer puts kid into its request", f"{EVIL}?kid=rs-a"),
    ("other_case", "compared byte for byte", "RS-A"),
    ("with_nul", "C strings end there", "rs-a\0"),
    ("decomposed", "no Unicode normalisation: e and U+0301", "cafe\u0301"),
]:
    GATE.refuse(f"kid_{name}", why, headed({"kid": kid}), "key_unknown")
for name, why, key in [
    ("longest", "256 bytes", NAMED[0]),
    ("like_a_path", "it may look like anything", NAMED[1]),
    ("not_ascii", "it may be any text", NAMED[2]),
]:
    GATE.admit(f"kid_{name}", why, token(key=key))

OTHER = thumbprint("other", "sha1")
for name, why, change in [
    ("beside_kid", "Entra v1.0 sends both", {"x5t": SHA1}),
    ("alone", "ConfigMgr's tokens have no kid", {"x5t": SHA1, "kid": ABSENT}),
    ("s256_alone", "RFC 7515 section 4.1.8", {"x5t#S256": SHA256, "kid": ABSENT}),
]:
    GATE.admit(f"x5t_{name}", why, headed(change, CERTIFIED))
for name, why, change in [
    ("contradicts_kid", "two names for two keys", {"x5t": OTHER}),
    ("contradicts_x5t_s256", "one is wrong", {"x5t": OTHER, "x5t#S256": SHA256, "kid": ABSENT}),
    ("unknown", "names no key", {"x5t": OTHER, "kid": ABSENT}),
]:
    GATE.refuse(f"x5t_{name}", why, headed(change, CERTIFIED), "key_unknown")

# Microsoft Graph signs the hash of `nonce` in its place, so that only Graph can verify.
signature = headed({"nonce": "the hash"}).rpartition(".")[2]
graph = f"{segment(header(change={'nonce': 'as sent'}))}.{segment(user())}.{signature}"
GATE.refuse("header_graph_nonce", "lxd #14889, zowe/api-layer #3644", graph, "signature_wrong")

# typ.
for name, why, typ in [
    ("jwt", "RFC 7519 section 5.1: upper case is a recommendation", "jwt"),
    ("at_jwt", "RFC 9068 section 2.1", "at+jwt"),
    ("with_prefix", "RFC 7515 section 4.1.9: application/ may stand", "application/at+jwt"),
    ("other_case", "RFC 2045 section 5.1: media types ignore case", "Application/AT+JWT"),
    ("absent", "RFC 7519 section 5.1: optional", ABSENT),
]:
    GATE.admit(f"typ_{name}", why, headed({"typ": typ}))
for name, why, typ in [
    ("logout", "OpenID Connect Back-Channel Logout section 2.4", "logout+jwt"),
    ("dpop", "RFC 9449 section 4.2: a proof, not a token", "dpop+jwt"),
    ("jose", "says nothing about a token", "JOSE"),
    ("empty", "no type at all", ""),
    ("prefix_twice", "one prefix is cut, not two", "application/application/at+jwt"),
    ("with_space", "compared whole", "JWT "),
]:
    GATE.refuse(f"typ_{name}", why, headed({"typ": typ}), "unproven_type")
for name, why, typ in [
    ("configured", "the issuer's typ", "at+jwt"),
    ("configured_with_prefix", "RFC 9068 section 2.1", "application/at+jwt"),
]:
    TYPED.admit(f"typ_{name}", why, token(oidc(), head={"typ": typ}))
for name, why, typ in [
    ("configured_id_token", "RFC 8725 section 3.11: an ID token instead", "JWT"),
    ("configured_absent", "RFC 8725 section 3.11: explicit typing", ABSENT),
]:
    TYPED.refuse(f"typ_{name}", why, token(oidc(), head={"typ": typ}), "unproven_type")
