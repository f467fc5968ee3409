"""A folder with a configuration and credentials for all of it, made by PyJWT and cryptography: parties that know
nothing of tollgate. The private keys lie beside the certificates, so that clients can do TLS with them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUDIENCE = "6e74172b-be56-4843-9ff4-e66a39bb12e3"
TENANT = "9a9a9a9a-9a9a-4a9a-9a9a-9a9a9a9a9a9a"
DISABLED = "d15a0000-0000-4000-8000-000000000000"
STALE = "57a1e000-0000-4000-8000-000000000000"
FOREIGN = "f0000000-0000-4000-8000-00000000000f"
SITE = "5e5e5e5e-5e5e-4e5e-9e5e-5e5e5e5e5e5e"
CLIENT = "c1c1c1c1-c1c1-41c1-81c1-c1c1c1c1c1c1"
USER = "00000000-0000-0001-0000-000000000001"
DEVICE = "00000000-0000-0002-0000-000000000001"
DAY_S = 86_400

RsaKey = rsa.RSAPrivateKey
EcKey = ec.EllipticCurvePrivateKey

CONFIGURATION = f"""
feed = "none"

[cache]
max_bytes = "16MiB"

[peers]
trusted = ["127.0.0.1/32", "unix"]

[[endpoint]]
name = "internet"
methods = ["entra", "oidc", "pki", "site"]
scenarios = ["device", "user"]
forward_claims = ["preferred_username", "groups"]

[[entra]]
tenant = "{TENANT}"
audiences = ["{AUDIENCE}"]
jwks_file = "keys.json"

[[entra]]
tenant = "{DISABLED}"
audiences = ["{AUDIENCE}"]
jwks_file = "keys.json"
enabled = false

[[entra]]
tenant = "{STALE}"
audiences = ["{AUDIENCE}"]
jwks_file = "old-keys.json"
jwks_max_age = "1h"

[[oidc]]
name = "workforce"
kind = "user"
issuer = "https://id.example.org"
audiences = ["tollgate"]
algorithms = ["ES256"]
jwks_file = "workforce.json"

[[pki]]
name = "corp"
anchors = ["root.pem"]
revocation = "off"

[[site]]
id = "{SITE}"
keys_file = "site-keys.json"
"""


class World:
    """One folder. Keys of RSA take their time, so the tenant's are made once a process."""

    _tenant: RsaKey | None = None
    _other: RsaKey | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = int(time.time())
        World._tenant = World._tenant or rsa.generate_private_key(65537, 2048)
        World._other = World._other or rsa.generate_private_key(65537, 2048)
        self.tenant, self.rolled = World._tenant, World._other
        self._tokens()
        self._certificates()
        self._site()
        self.write("tollgate.toml", CONFIGURATION)

    @property
    def config(self) -> Path:
        return self.folder / "tollgate.toml"

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def token(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def user_claims(self, number: int = 1, **other: Any) -> dict[str, Any]:
        """As of a v2.0 access token of user `number` on device `number`: 1.4 KB once signed."""
        claims = {
            "aud": AUDIENCE,
            "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "iat": self.now,
            "nbf": self.now,
            "exp": self.now + DAY_S,
            "aio": "QUFB" * 46,
            "azp": AUDIENCE,
            "azpacr": "0",
            "name": f"Device User {number:06}",
            "preferred_username": f"user{number:06}@example.org",
            "oid": f"00000000-0000-0001-0000-{number:012x}",
            "rh": "I",
            "scp": "access_as_user",
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "tid": TENANT,
            "uti": "fqiBqXLPj0eQa82S-IYFAA",
            "ver": "2.0",
            "deviceid": f"00000000-0000-0002-0000-{number:012x}",
            "idtyp": "user",
        }
        return {**claims, **other}

    def of_tenant(self, tenant: str, number: int) -> dict[str, Any]:
        issuer = f"https://login.microsoftonline.com/{tenant}/v2.0"
        return self.user_claims(number, iss=issuer, tid=tenant)

    def device_claims(self) -> dict[str, Any]:
        return {
            "aud": AUDIENCE,
            "iss": f"https://sts.windows.net/{TENANT}/",
            "iat": self.now,
            "nbf": self.now,
            "exp": self.now + 3_900,
            "amr": ["rsa"],
            "idtyp": "device",
            "deviceid": DEVICE,
            "oid": "00000000-0000-0003-0000-000000000007",
            "sub": DEVICE,
            "tid": TENANT,
            "uti": "fqiBqXLPj0eQa82S-IYFAA",
            "ver": "1.0",
        }

    def sign(self, claims: dict[str, Any], key: RsaKey | None = None, kid: str = "first") -> str:
        return jwt.encode(claims, key or self.tenant, "RS256", {"kid": kid})

    def jwks(self, **keys: RsaKey) -> str:
        """Key sets say no more than Entra's do."""
        read = jwt.algorithms.RSAAlgorithm.to_jwk
        rows = [{**json.loads(read(key.public_key())), "kid": kid} for kid, key in keys.items()]
        plain = [{name: row[name] for name in ("kty", "n", "e", "kid")} for row in rows]
        return json.dumps({"keys": [{**row, "use": "sig"} for row in plain]})

    def _tokens(self) -> None:
        self.write("keys.json", self.jwks(first=self.tenant))
        self.write("rolled-keys.json", self.jwks(rolled=self.rolled))
        old = self.write("old-keys.json", self.jwks(first=self.tenant))
        os.utime(old, (self.now - 7200, self.now - 7200))
        user = self.user_claims()
        past = self.now - 3 * DAY_S
        self.write("user.jwt", self.sign(user))
        self.write("other-user.jwt", self.sign(self.user_claims(2)))
        self.write("device.jwt", self.sign(self.device_claims()))
        self.write("expired.jwt", self.sign({**user, "iat": past, "nbf": past, "exp": past + 3600}))
        self.write("rolled.jwt", self.sign(self.user_claims(3), self.rolled, "rolled"))
        self.write("foreign.jwt", self.sign(self.of_tenant(FOREIGN, 4)))
        self.write("disabled.jwt", self.sign(self.of_tenant(DISABLED, 5)))
        self.write("stale.jwt", self.sign(self.of_tenant(STALE, 6)))
        key = ec.generate_private_key(ec.SECP256R1())
        self.write("workforce.json", json.dumps({"keys": [ec_jwk(key, "w")]}))
        claims = {
            "iss": "https://id.example.org",
            "aud": "tollgate",
            "sub": "some body%\u00e9",
            "iat": self.now,
            "exp": self.now + DAY_S,
            "preferred_username": "some\r\nX-Tollgate-Id: forged",
            "groups": ["a", "b"],
        }
        self.write("workforce.jwt", jwt.encode(claims, key, "ES256", {"kid": "w"}))

    def _certificates(self) -> None:
        root_key = ec.generate_private_key(ec.SECP256R1())
        root_name = _name("Contoso Root CA")
        root = self._certificate(root_name, root_key, root_name, root_key, is_ca=True)
        other_key = ec.generate_private_key(ec.SECP256R1())
        other = self._certificate(root_name, other_key, root_name, other_key, is_ca=True)
        self.write("root.pem", _pem(root))
        self.write("other-root.pem", _pem(other))
        for name, issuer in (("pc7", root_key), ("stranger", other_key)):
            key = ec.generate_private_key(ec.SECP256R1())
            made = self._certificate(_name(f"{name}.contoso.com"), key, root_name, issuer)
            self._keep(name, made, key)
        server_key = ec.generate_private_key(ec.SECP256R1())
        localhost = self._certificate(_name("localhost"), server_key, root_name, root_key)
        self._keep("server", localhost, server_key)
        own_key = ec.generate_private_key(ec.SECP256R1())
        self.own_key = own_key
        self.own = self._certificate(_name("laptop9"), own_key, _name("laptop9"), own_key)
        self._keep("laptop9", self.own, own_key)
        self.write("clients.pem", self.read("root.pem") + self.read("laptop9.pem"))

    def _keep(self, name: str, certificate: x509.Certificate, key: EcKey) -> None:
        self.write(f"{name}.pem", _pem(certificate))
        self.write(f"{name}.der", certificate.public_bytes(serialization.Encoding.DER))
        form = serialization.PrivateFormat.PKCS8
        plain = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, form, plain)
        self.write(f"{name}.key", pem)

    def _certificate(
        self, name: x509.Name, key: EcKey, issuer: x509.Name, issuer_key: EcKey, is_ca: bool = False
    ) -> x509.Certificate:
        now = datetime.fromtimestamp(self.now, UTC)
        common = str(name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        usage = dict.fromkeys(
            (
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
            .add_extension(
                x509.KeyUsage(not is_ca, key_cert_sign=is_ca, crl_sign=is_ca, **usage),
                critical=True,
            )
        )
        # Without it, Python 3.13 takes no chain.
        issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(issued_by, critical=False)
        builder = builder.add_extension(own, critical=False)
        if not is_ca:
            both = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(common)]), critical=False
            ).add_extension(x509.ExtendedKeyUsage(both), critical=False)
        return builder.sign(issuer_key, hashes.SHA256())

    def _site(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        kid = _thumbprint(key)
        row = {**ec_jwk(key, kid), "issuer": f"urn:tollgate:site:{SITE}"}
        self.write("site-keys.json", json.dumps({"keys": [row]}))
        der = self.own.public_bytes(serialization.Encoding.DER)
        claims = {
            "iss": f"urn:tollgate:site:{SITE}",
            "aud": "urn:tollgate:gate",
            "jti": str(uuid.uuid4()),
            "iat": self.now,
            "nbf": self.now,
            "exp": self.now + 90 * DAY_S,
            "sub": CLIENT,
            "generation": 1,
            "provenance": "internal",
            "cnf": {"jkt": _thumbprint(self.own_key), "x5t#S256": _b64(hashlib.sha256(der).digest())},
        }
        header = {"typ": "tollgate-client+jwt", "kid": kid}
        self.write("laptop9.jwt", jwt.encode(claims, key, "ES256", header))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _coordinates(key: EcKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": _b64(x), "y": _b64(y)}


def ec_jwk(key: EcKey, kid: str) -> dict[str, str]:
    return {**_coordinates(key), "alg": "ES256", "use": "sig", "kid": kid}


def _thumbprint(key: EcKey) -> str:
    """RFC 7638."""
    plain = json.dumps(_coordinates(key), separators=(",", ":"), sort_keys=True)
    return _b64(hashlib.sha256(plain.encode()).digest())
