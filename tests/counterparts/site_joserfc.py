"""Reads and mints a site's tokens with joserfc; see README.md."""

import sys
import warnings

# The callers run this from a source tree that must stay as it is.
sys.dont_write_bytecode = True

from joserfc import jwk, jws  # noqa: E402
from joserfc.errors import JoseError, SecurityWarning  # noqa: E402

import site_protocol  # noqa: E402

# joserfc calls the name "EdDSA" deprecated each time it signs with it.
warnings.simplefilter("ignore", SecurityWarning)


class Joserfc:
    def supports(self, alg):
        return alg in jws.JWSRegistry.algorithms

    def read(self, keys, alg, token):
        try:
            key_set = jwk.KeySet.import_key_set(keys)
            return jws.deserialize_compact(token, key_set, algorithms=[alg]).payload
        except (JoseError, ValueError) as error:
            # ValueError: no key of the set has the header's kid, or a part is no base64url.
            raise site_protocol.Refused from error

    def thumbprint(self, private, alg):
        return private.thumbprint()

    def sign(self, private, header, payload):
        return jws.serialize_compact(header, payload, private, algorithms=[header["alg"]])


site_protocol.main(Joserfc())
