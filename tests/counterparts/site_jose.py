"""Reads and mints a site's tokens with the command `jose`; see README.md.

COUNTERPARTS_JOSE names the command, which is otherwise looked for on the PATH.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# The callers run this from a source tree that must stay as it is.
sys.dont_write_bytecode = True

import protocol  # noqa: E402
import site_protocol  # noqa: E402

JOSE = os.environ.get("COUNTERPARTS_JOSE") or "jose"


def jose(*args, stdin=b""):
    done = subprocess.run([JOSE, *args], input=stdin, capture_output=True, timeout=60)
    if done.returncode != 0:
        raise site_protocol.Refused
    return done.stdout


class Jose:
    def __init__(self, directory):
        # Only what is public goes into files; the key goes through standard input.
        self.keys = Path(directory, "keys.json")
        self.template = Path(directory, "template.json")
        self.payload = Path(directory, "payload")
        self.algs = jose("alg", "-k", "sign").decode().split()

    def supports(self, alg):
        return alg in self.algs

    def read(self, keys, alg, token):
        self.keys.write_bytes(protocol.dump(keys))
        # It tries every key of a set; the header's kid is for the caller to look at.
        return jose("jws", "ver", "-i", "-", "-k", self.keys, "-O", "-", stdin=token.encode())

    def thumbprint(self, private, alg):
        public = protocol.dump(private.as_dict(private=False))
        return jose("jwk", "thp", "-a", "S256", "-i", "-", stdin=public).decode().strip()

    def sign(self, private, header, payload):
        self.template.write_bytes(protocol.dump({"protected": header}))
        self.payload.write_bytes(payload)
        files = ("-I", self.payload, "-s", self.template)
        secret = protocol.dump(private.as_dict(private=True))
        return jose("jws", "sig", *files, "-k", "-", "-c", stdin=secret).decode().strip()


with tempfile.TemporaryDirectory() as directory:
    try:
        party = Jose(directory)
    except FileNotFoundError:
        sys.exit(f"{JOSE}: no such command; setup.sh installs it")
    site_protocol.main(party)
