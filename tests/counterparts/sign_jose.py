"""Mints tokens with the command `jose`; see README.md.

COUNTERPARTS_JOSE names the command, which is otherwise looked for on the PATH.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# The callers run this from a source tree that must stay as it is.
sys.dont_write_bytecode = True

import protocol  # noqa: E402

JOSE = os.environ.get("COUNTERPARTS_JOSE") or "jose"


def jose(*args, stdin=b""):
    done = subprocess.run([JOSE, *args], input=stdin, capture_output=True, timeout=60)
    if done.returncode != 0:
        raise protocol.Refused
    return done.stdout


@dataclass
class Key:
    jwk: dict

    @property
    def kid(self):
        return self.jwk["kid"]

    @property
    def alg(self):
        return self.jwk["alg"]


class Jose:
    def __init__(self, directory):
        # Files, since a header or a payload may be longer than an argument can be. The key
        # goes through standard input and so never reaches a disk.
        self.template = Path(directory, "template.json")
        self.payload = Path(directory, "payload")
        self.algs = jose("alg", "-k", "sign").decode().split()

    def supports(self, alg):
        return alg in self.algs

    def generate(self, kid, alg):
        template = protocol.dump({"alg": alg, "kid": kid})
        return Key(json.loads(jose("jwk", "gen", "-i", "-", stdin=template)))

    def public_jwk(self, key):
        if protocol.key_type(key.alg) == "oct":
            return key.jwk
        return json.loads(jose("jwk", "pub", "-i", "-", stdin=protocol.dump(key.jwk)))

    def sign(self, key, header, payload):
        return self._sig(key.jwk, {"protected": header}, payload)

    def sign_raw(self, key, alg, header, payload):
        # A header that is encoded already is signed as it stands, but by its own alg, so it
        # cannot name one that this key is not to sign with.
        if header.get("alg", alg) != alg:
            raise protocol.Refused
        template = {"protected": protocol.b64(protocol.dump(header))}
        if "alg" not in header:
            # jose takes the unprotected header's, which the compact form then drops.
            template["header"] = {"alg": alg}
        # A key made for RS256 would not sign RS512 while it says so itself.
        jwk = {name: value for name, value in key.jwk.items() if name != "alg"}
        return self._sig(jwk, template, payload)

    def _sig(self, jwk, template, payload):
        self.template.write_bytes(protocol.dump(template))
        self.payload.write_bytes(payload)
        files = ("-I", self.payload, "-s", self.template)
        token = jose("jws", "sig", *files, "-k", "-", "-c", stdin=protocol.dump(jwk))
        return token.decode().strip()


with tempfile.TemporaryDirectory() as directory:
    try:
        party = Jose(directory)
    except FileNotFoundError:
        sys.exit(f"{JOSE}: no such command; setup.sh installs it")
    protocol.main(party)
