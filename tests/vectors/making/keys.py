"""The private keys of keys.json, and keys derived from them that no issuer should publish."""

import hashlib
import hmac
import json
import math
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric import rsa as library_rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from .rsa import Numbers
from .token import b64, changed, text, unb64

CURVES = {
    "P-256": (ec.SECP256R1(), 32),
    "P-384": (ec.SECP384R1(), 48),
    "P-521": (ec.SECP521R1(), 66),
    "secp256k1": (ec.SECP256K1(), 32),
}
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
PRIVATE = {"d", "p", "q", "dp", "dq", "qi"}


def number(encoded):
    return int.from_bytes(unb64(encoded), "big")


def spelt(value, length=None):
    """A number as JWKs spell it."""
    return b64(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


class Key:
    def __init__(self, jwk, numbers=None):
        self.jwk = jwk
        self.kid, self.alg = jwk["kid"], jwk["alg"]
        if jwk["kty"] == "RSA":
            n, e, d = (number(jwk[name]) for name in "ned")
            self.numbers = numbers or Numbers(n, e, d, (number(jwk["p"]), number(jwk["q"])))

    def public(self, change=None):
        """The JWK that an issuer publishes; a secret is given whole."""
        shown = {name: value for name, value in self.jwk.items() if name not in PRIVATE}
        return changed({**shown, "use": "sig"}, change)

    def sign(self, message, alg=None):
        alg = alg or self.alg
        kind, bits = alg[:2], alg[2:]
        match kind:
            case "RS":
                return self.numbers.pkcs1(f"sha{bits}", message)
            case "PS":
                return self.numbers.pss(f"sha{bits}", message)
            case "ES":
                return self.pair(*self.ecdsa(message, alg))
            case "Ed":
                return ed25519.Ed25519PrivateKey.from_private_bytes(unb64(self.jwk["d"])).sign(
                    message
                )
            case "HS":
                return mac(unb64(self.jwk["k"]), message, f"sha{bits}")
        raise ValueError(f"{alg} is no algorithm of these keys")

    def ecdsa(self, message, alg=None):
        """r and s, the same each time (RFC 6979)."""
        curve, _ = CURVES[self.jwk["crv"]]
        private = ec.derive_private_key(number(self.jwk["d"]), curve)
        algorithm = HASHES[(alg or self.alg)[2:5]]
        der = private.sign(message, ec.ECDSA(algorithm, deterministic_signing=True))
        return decode_dss_signature(der)

    def pair(self, r, s):
        """r || s, each of the curve's full length (RFC 7518 section 3.4)."""
        _, length = CURVES[self.jwk["crv"]]
        return r.to_bytes(length, "big") + s.to_bytes(length, "big")

    def named(self, kid, alg=None):
        """The same numbers under another name."""
        renamed = changed(self.jwk, {"kid": kid, "alg": alg or self.alg})
        return Key(renamed, self.numbers if self.jwk["kty"] == "RSA" else None)


def mac(secret, message, hash_name="sha256"):
    return hmac.new(secret, message, hash_name).digest()


def load():
    document = json.loads((Path(__file__).parent.parent / "keys.json").read_text())
    return {jwk["kid"]: Key(jwk) for jwk in document["keys"]}


KEYS = load()


def jwks(*keys):
    """The text of a key set. A member may be a key, a JWK, or any other value."""
    return text({"keys": [key.public() if isinstance(key, Key) else key for key in keys]})


def rsa_variant(key, kid, e=None, factor=1):
    """An RSA key whose signatures are true under its own numbers: another exponent, or the modulus
    times a small factor. So only a check of the key itself refuses it."""
    p, q = key.numbers.primes
    n, e = key.numbers.n * factor, e or key.numbers.e
    order = math.lcm(p - 1, q - 1, max(factor - 1, 1))
    numbers = Numbers(n, e, pow(e, -1, order))
    return Key(
        {"kid": kid, "kty": "RSA", "alg": "RS256", "n": spelt(n), "e": spelt(e), "d": ""}, numbers
    )


def roca_key(kid):
    """65537^128 has every residue of a ROCA modulus (CVE-2017-15361), and its order is known."""
    n, order = 65537**128, 65537**127 * 65536
    numbers = Numbers(n, 3, pow(3, -1, order))
    return Key(
        {"kid": kid, "kty": "RSA", "alg": "RS256", "n": spelt(n), "e": spelt(3), "d": ""}, numbers
    )


def pem(key, form="SubjectPublicKeyInfo", encoding="PEM"):
    """The public key as files hold it: what confused verifiers take for an HMAC secret."""
    public = library_rsa.RSAPublicNumbers(key.numbers.e, key.numbers.n).public_key()
    form = getattr(serialization.PublicFormat, form)
    return public.public_bytes(getattr(serialization.Encoding, encoding), form)


def thumbprint(kid, hash_name):
    """Stands for a certificate's thumbprint: nothing here looks into certificates."""
    return b64(hashlib.new(hash_name, kid.encode()).digest())
