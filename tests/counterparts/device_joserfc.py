"""A device that lives its life with joserfc, and believes nothing that it has not verified; see README.md.

It holds its own key, signs its own proofs and reads its tokens under the site's public keys. What it asks
goes to standard output, one object a line; the site's answer comes back on standard input.
"""

import base64
import hashlib
import json
import sys
import warnings

sys.dont_write_bytecode = True

from joserfc import jwk, jws  # noqa: E402
from joserfc.errors import SecurityWarning  # noqa: E402

warnings.simplefilter("ignore", SecurityWarning)

DAY = 86_400
MINUTE = 60


def ask(**request):
    print(json.dumps(request), flush=True)
    line = sys.stdin.readline()
    if not line:
        sys.exit("the site went away")
    return json.loads(line)


def expect(found, expected, what):
    if found != expected:
        sys.exit(f"{what}: {found!r} instead of {expected!r}")


class Device:
    def __init__(self, site, alg):
        self.site, self.alg = site, alg
        kind, curve = {"ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519"), "RS256": ("RSA", 2048)}[alg]
        self.key = jwk.generate_key(kind, curve, private=True)

    def proof(self, act, token, jti, at, key=None):
        key = key or self.key
        public = {name: value for name, value in key.as_dict(private=False).items() if name in "kty crv x y n e".split()}
        digest = hashlib.sha256(token.encode()).digest()
        claims = {
            "aud": self.site, "act": act, "iat": at, "jti": jti, "cnf": {"jwk": public},
            "ath": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        }  # fmt: skip
        header = {"typ": "tollgate-pop+jwt", "alg": self.alg}
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[self.alg])

    def asks(self, act, token, jti, at, key=None):
        return ask(do=act, token=token, proof=self.proof(act, token, jti, at, key), at=at)

    def read(self, token, keys):
        read = jws.deserialize_compact(token, jwk.KeySet.import_key_set(keys), algorithms=["ES256", "EdDSA", "RS256"])
        claims = json.loads(read.payload)
        expect(read.protected["typ"], "tollgate-client+jwt", "typ")
        expect(claims["iss"], self.site, "iss")
        expect(claims["aud"], "urn:tollgate:gate", "aud")
        expect(claims["cnf"], {"jkt": self.key.thumbprint()}, "cnf")
        return claims


def live(site, alg, start):
    keys = ask(do="keys")["keys"]
    bulk = ask(do="bulk", at=start)["token"]
    device = Device(site, alg)

    # Registered; the reply is lost, and comes again.
    first = device.asks("register", bulk, "r1", start)
    claims = device.read(first["token"], keys)
    expect((claims["generation"], claims["exp"] - claims["iat"]), (1, 90 * DAY), "first token")
    expect(device.asks("register", bulk, "r1", start + 5)["token"], first["token"], "the same request")
    other = device.asks("register", bulk, "r2", start + 10)
    expect(device.read(other["token"], keys)["sub"], claims["sub"], "the same client")
    # Another device with the same proof, or with a key of its own beside somebody's token, gets nothing.
    thief = Device(site, alg)
    expect(device.asks("register", bulk, "r3", start + 10, thief.key)["client"] != claims["sub"], True, "another key")
    expect(thief.asks("renew", other["token"], "n1", start + 10)["refused"], "proof_key", "a stolen token")
    expect(device.asks("renew", other["token"], "n1", start + 10)["refused"], "renewal_early", "day 1")

    # Day 30: renewed; lost; renewed again under another name; and then somebody else comes.
    day30 = start + 30 * DAY + 10
    second = device.asks("renew", other["token"], "n1", day30)
    expect(device.read(second["token"], keys)["generation"], 2, "day 30")
    expect(device.asks("renew", other["token"], "n1", day30 + 60)["token"], second["token"], "the same renewal")
    again = device.asks("renew", other["token"], "n2", day30 + 10 * MINUTE)
    expect(device.read(again["token"], keys)["generation"], 2, "forgiven once")
    expect(device.asks("renew", other["token"], "n3", day30 + 11 * MINUTE)["refused"], "generation_over", "a clone")

    # Day 60: blocked, and taken back.
    day60 = day30 + 31 * DAY
    ask(do="block", client=claims["sub"], at=day60)
    expect(device.asks("renew", again["token"], "n4", day60)["refused"], "client_withdrawn", "blocked")
    ask(do="unblock", client=claims["sub"], at=day60)
    third = device.asks("renew", again["token"], "n5", day60)
    expect(device.read(third["token"], keys)["generation"], 3, "unblocked")

    # It sleeps until its token has ended; a bulk token takes it in again, and a cascade throws it out.
    late = day60 + 90 * DAY
    expect(device.asks("renew", third["token"], "n6", late)["refused"], "client_lapsed", "too late")
    bulk = ask(do="bulk", at=late)["token"]
    back = device.asks("register", bulk, "r1", late)
    expect(device.read(back["token"], keys)["sub"], claims["sub"], "the same client")
    ask(do="cascade", token=bulk, at=late + 1)
    expect(device.asks("renew", back["token"], "n7", late + 30 * DAY)["refused"], "client_withdrawn", "cascade")
    return 16


request = json.loads(sys.stdin.readline())
print(json.dumps({"do": "end", "steps": live(request["site"], request["alg"], request["start"])}), flush=True)
