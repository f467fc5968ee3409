"""When a token is valid: edges, tolerances, and numbers that are no times."""

from making.keys import KEYS, jwks
from making.sample import ENDS, NOW, A, endpoint, entra, gate, header, limits, times, token, user
from making.theme import Theme
from making.token import ABSENT, also, signed

THEME = Theme(
    "times",
    "Times are seconds since 1970, from 1970 to the year 9999, and an end there must be. The usual "
    "tolerance is 300 seconds. But for its times each token would be admitted.",
)
FILES = {"keys.json": jwks(A)}
USUAL = THEME.config("skew_default", endpoint(), entra(), files=FILES)
EXACT = THEME.config("skew_none", gate(skew="0s"), endpoint(), entra(), files=FILES)
HALF = THEME.config("skew_30s", gate(skew="30s"), endpoint(), entra(), files=FILES)
HOUR = THEME.config("life_1h", limits(token_lifetime="1h"), endpoint(), entra(), files=FILES)

LONG_AGO = NOW - 86_400
LIFE = 30 * 3600


def admit(under, name, why, change, ends=ENDS):
    under.admit(f"time_{name}", why, token(user(change)), expires_at=ends)


def refuse(under, name, why, change, reason):
    under.refuse(f"time_{name}", why, token(user(change)), reason)


def raw(claim, number, change=None):
    """A token whose claim is this number, letter by letter."""
    others = user({claim: ABSENT} | (change or {}))
    return signed(header(), also(others, f'"{claim}":{number}'), A)


# The end.
admit(USUAL, "exp_at_edge", "IdentityModel: now - skew passes", {"exp": NOW - 300}, NOW - 300)
refuse(USUAL, "exp_past_edge", "IDX10223: one second more", {"exp": NOW - 301}, "expired")
admit(HALF, "exp_at_edge_30s", "gate.skew holds", {"exp": NOW - 30}, NOW - 30)
refuse(HALF, "exp_past_edge_30s", "gate.skew holds", {"exp": NOW - 31}, "expired")
admit(EXACT, "exp_next_second", "RFC 7519 section 4.1.4: before", {"exp": NOW + 1}, NOW + 1)
refuse(EXACT, "exp_this_second", "RFC 7519 section 4.1.4: on or after", {"exp": NOW}, "expired")
refuse(USUAL, "exp_long_past", "a token of yesterday", times(LONG_AGO, LONG_AGO + 60), "expired")
refuse(USUAL, "exp_zero", "Envoy reads 0 as never", times(0, 0), "expired")
refuse(USUAL, "exp_missing", "RFC 7519 leaves it to us", {"exp": ABSENT}, "claim_missing")

# Numbers that are no times: none wraps, saturates or counts as absent.
for name, why, number in [
    ("null", "CVE-2026-25537: the wrong type is not absence", "null"),
    ("string", "CVE-2026-25537: the wrong type is not absence", f'"{ENDS}"'),
    ("negative", "Envoy #23285, jwt-simple 34d7db1: read as huge", "-1"),
    ("year_10000", "no honest token ends then", "253402300800"),
    ("milliseconds", "Date.now() of JavaScript", f"{ENDS}000"),
    ("i64_max", "libjwt #283: saturates to never", "9223372036854775807"),
    ("wraps_to_good", "PyJWT #1171: 2^64 more", str((1 << 64) + ENDS)),
    ("huge_double", "jwt-cpp #15: beyond 2262", "1e18"),
]:
    USUAL.refuse(f"time_exp_{name}", why, raw("exp", number), "claim_type")
    if name in ("null", "string", "negative"):
        USUAL.refuse(f"time_nbf_{name}", why, raw("nbf", number), "claim_type")
        USUAL.refuse(f"time_iat_{name}", why, raw("iat", number), "claim_type")
from_zero = {"nbf": ABSENT, "iat": ABSENT}
for name, why, number, change, reason in [
    ("beyond_doubles", "libjwt #283: no two parsers agree", "1e400", {}, "payload_json"),
    ("infinity", "GHSA-687g-22h4-j4w4", "Infinity", {}, "payload_json"),
    ("minus_zero", "Envoy reads 0 as never", "-0", from_zero, "expired"),
    ("fraction_past_edge", "cut, not rounded up", f"{NOW - 301}.9", {}, "expired"),
    ("32_bits_more", "libjwt #220: a 32-bit long", str((1 << 32) + ENDS), {}, "lifetime_too_long"),
]:
    USUAL.refuse(f"time_exp_{name}", why, raw("exp", number, change), reason)
USUAL.admit("time_exp_exponent", "RFC 7519 section 2: any number", raw("exp", "1.7900036e9"))
USUAL.admit("time_exp_fraction", "a fraction lengthens no life", raw("exp", f"{ENDS}.9"))

# The beginning.
admit(USUAL, "nbf_at_edge", "IDX10222: now + skew passes", {"nbf": NOW + 300})
refuse(USUAL, "nbf_past_edge", "IDX10222: one second more", {"nbf": NOW + 301}, "not_yet_valid")
late = raw("nbf", f"{NOW + 300}.1")
USUAL.refuse("time_nbf_fraction_past_edge", "rounded up: not before", late, "not_yet_valid")
admit(EXACT, "nbf_this_second", "RFC 7519 section 4.1.5: on or after", {"nbf": NOW})
refuse(EXACT, "nbf_next_second", "RFC 7519 section 4.1.5", {"nbf": NOW + 1}, "not_yet_valid")
admit(USUAL, "nbf_missing", "RFC 7519 section 4.1.5: optional", {"nbf": ABSENT})
refuse(
    USUAL,
    "nbf_in_future",
    "jsonwebtoken leaves nbf unchecked",
    {"nbf": NOW + 1800},
    "not_yet_valid",
)
refuse(USUAL, "nbf_after_exp", "IDX10224", {"nbf": ENDS + 1}, "times_contradict")
crossed = {"nbf": NOW + 10, "exp": NOW}
refuse(USUAL, "nbf_after_exp_within_skew", "IDX10224: no tolerance", crossed, "times_contradict")
admit(USUAL, "nbf_is_exp", "no contradiction yet", {"nbf": NOW, "exp": NOW}, NOW)
admit(USUAL, "iat_at_edge", "the tolerance of nbf", {"iat": NOW + 300})
refuse(USUAL, "iat_past_edge", "issued later than now", {"iat": NOW + 301}, "issued_in_future")
refuse(EXACT, "iat_next_second", "issued later than now", {"iat": NOW + 1}, "issued_in_future")
admit(USUAL, "iat_missing", "RFC 7519 section 4.1.6: optional", {"iat": ABSENT})
admit(USUAL, "exp_alone", "only the end must be there", {"iat": ABSENT, "nbf": ABSENT})

# The life.
longest = NOW - 600 + LIFE
admit(USUAL, "life_longest", "30 h: continuous access lives 28", {"exp": longest}, longest)
whole = {"exp": longest + 1}
refuse(USUAL, "life_too_long", "RFC 8725 section 3.10", whole, "lifetime_too_long")
admit(HOUR, "life_longest_configured", "limits.token_lifetime holds", times(NOW, ENDS))
over = times(NOW - 1, ENDS)
refuse(HOUR, "life_too_long_configured", "limits.token_lifetime holds", over, "lifetime_too_long")
why = "jwt-simple dec6261: leaving iat out buys no longer life"
by_nbf = {"iat": ABSENT, "nbf": NOW, "exp": NOW + LIFE + 1}
refuse(USUAL, "life_without_iat", why, by_nbf, "lifetime_too_long")
by_now = {"iat": ABSENT, "nbf": ABSENT, "exp": NOW + LIFE}
admit(USUAL, "life_without_start", "counted from now", by_now, NOW + LIFE)
refuse(
    USUAL, "life_without_start_too_long", why, by_now | {"exp": NOW + LIFE + 1}, "lifetime_too_long"
)

# Clocks.
for name, why, now in [
    ("last_second_of_32_bits", "payara #5032", (1 << 31) - 1),
    ("after_2038", "IdentityModel #2261", 1 << 31),
    ("after_2106", "where unsigned 32-bit seconds end", 1 << 32),
    ("year_9999", "the last year that is read", 253_402_290_000),
]:
    shown = token(user(times(now - 600, now + 3600)))
    USUAL.admit(f"clock_{name}", why, shown, expires_at=now + 3600, now=now)
for name, why, now, reason in [
    ("at_zero", "a gateway whose clock has stopped in 1970", 0, "not_yet_valid"),
    ("before_1970", "a clock before the epoch", -1, "not_yet_valid"),
    ("at_end", "saturates and does not wrap", (1 << 63) - 1, "expired"),
    ("at_start", "saturates and does not wrap", -(1 << 63), "not_yet_valid"),
]:
    USUAL.refuse(f"clock_{name}", why, token(), reason, now=now)

# `expired` is said of genuine tokens only, or a forged one could be used to tell the time.
old = user(times(LONG_AGO, LONG_AGO + 60))
forged = token(old, KEYS["rs-foreign"], {"kid": A.kid})
USUAL.refuse(
    "time_forged_and_expired", "class 3000 is of what is proven", forged, "signature_wrong"
)
