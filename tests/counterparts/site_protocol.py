"""What the readers of a site's tokens share; README.md describes the protocol.

A counterpart is an object with these methods:

    supports(alg) -> bool
    read(keys, alg, token) -> bytes     the payload, verified under a key of the JWK set;
                                        raises Refused if it does not verify
    thumbprint(private, alg) -> str     RFC 7638 of the public half
    sign(private, header, payload) -> str

`private` is the key as joserfc holds it, read from PKCS#8.
"""

import json
import sys

from joserfc import jwk

import protocol
from protocol import Refused


def _read(party, keys, alg, token):
    try:
        payload = party.read(keys, alg, token)
    except Refused:
        return None
    header = json.loads(protocol.unb64(token.split(".")[0]))
    return {"header": header, "payload": json.loads(payload)}


def main(party):
    request = json.load(sys.stdin)
    alg = request["alg"]
    if not party.supports(alg):
        print(json.dumps({"unsupported": True}))
        return
    private = jwk.import_key(request["private"], protocol.key_type(alg))
    assert private.is_private
    read = {name: _read(party, request["keys"], alg, token)
            for name, token in request["read"].items()}  # fmt: skip
    tokens = {name: party.sign(private, job["header"], protocol.dump(job["payload"]))
              for name, job in request["sign"].items()}  # fmt: skip
    thumbprint = party.thumbprint(private, alg)
    print(json.dumps({"thumbprint": thumbprint, "read": read, "tokens": tokens}))
