"""Mints tokens with joserfc; see README.md."""

import sys
import warnings

# The callers run this from a source tree that must stay as it is.
sys.dont_write_bytecode = True

from joserfc import jwk, jws  # noqa: E402
from joserfc.errors import SecurityWarning  # noqa: E402

import protocol  # noqa: E402

# joserfc calls the name "EdDSA" deprecated each time it signs with it.
warnings.simplefilter("ignore", SecurityWarning)


class Joserfc:
    def __init__(self):
        self.registry = jws.JWSRegistry(
            algorithms=list(protocol.KEY_SHAPE),
            # Members it has never heard of are some of what the tests are after.
            strict_check_header=False,
        )

    def supports(self, alg):
        return alg in jws.JWSRegistry.algorithms

    def generate(self, kid, alg):
        kind, shape = protocol.key_type(alg), protocol.KEY_SHAPE[alg]
        size_or_curve = shape * 8 if kind == "oct" else shape
        parameters = {"kid": kid, "alg": alg, "use": "sig"}
        return jwk.generate_key(kind, size_or_curve, parameters)

    def public_jwk(self, key):
        return key.as_dict(private=key.key_type == "oct")

    def sign(self, key, header, payload):
        return jws.serialize_compact(header, payload, key, registry=self.registry)

    def sign_raw(self, key, alg, header, payload):
        text = protocol.signing_input(header, payload)
        signature = jws.JWSRegistry.algorithms[alg].sign(text.encode(), key)
        return f"{text}.{protocol.b64(signature)}"


protocol.main(Joserfc())
