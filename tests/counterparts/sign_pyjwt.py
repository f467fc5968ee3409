"""Mints tokens with PyJWT; see README.md.

PyJWT generates no keys: they come from cryptography, the library it signs with.
"""

import secrets
import sys
import warnings
from dataclasses import dataclass
from typing import Any

# The callers run this from a source tree that must stay as it is.
sys.dont_write_bytecode = True

import jwt  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: E402

import protocol  # noqa: E402

# A key for HS256 that signs HS512 is short, as the job wants it.
warnings.simplefilter("ignore", jwt.warnings.InsecureKeyLengthWarning)

CURVES = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}


@dataclass
class Key:
    kid: str
    alg: str
    material: Any


def new_material(alg):
    shape = protocol.KEY_SHAPE[alg]
    match protocol.key_type(alg):
        case "RSA":
            return rsa.generate_private_key(public_exponent=65537, key_size=shape)
        case "EC":
            return ec.generate_private_key(CURVES[shape]())
        case "OKP":
            return ed25519.Ed25519PrivateKey.generate()
        case "oct":
            return secrets.token_bytes(shape)


class PyJwt:
    def __init__(self):
        self.jws = jwt.PyJWS(algorithms=list(protocol.KEY_SHAPE))

    def supports(self, alg):
        return alg in self.jws.get_algorithms()

    def generate(self, kid, alg):
        return Key(kid, alg, new_material(alg))

    def public_jwk(self, key):
        secret = isinstance(key.material, bytes)
        public = key.material if secret else key.material.public_key()
        jwk = self.jws.get_algorithm_by_name(key.alg).to_jwk(public, as_dict=True)
        return {**jwk, "kid": key.kid, "alg": key.alg, "use": "sig"}

    def sign(self, key, header, payload):
        # Left out, typ would become "JWT"; an empty one is how PyJWT is told to omit it.
        headers = {"typ": "", **header}
        return self.jws.encode(payload, key.material, key.alg, headers, sort_headers=False)

    def sign_raw(self, key, alg, header, payload):
        text = protocol.signing_input(header, payload)
        algorithm = self.jws.get_algorithm_by_name(alg)
        signature = algorithm.sign(text.encode(), algorithm.prepare_key(key.material))
        return f"{text}.{protocol.b64(signature)}"


protocol.main(PyJwt())
