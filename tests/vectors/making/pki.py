"""Certificates (RFC 5280), built piece by piece, so that a case can get one piece wrong.

Serial numbers are made from what is signed, times are given, and signatures are deterministic: the
same certificate comes out each time.
"""

import base64
import hashlib

from . import der
from .keys import Key
from .token import b64, changed, unb64

SIGNATURES = {
    "RS1": ("1.2.840.113549.1.1.5", der.NULL),
    "RS256": ("1.2.840.113549.1.1.11", der.NULL),
    "RS384": ("1.2.840.113549.1.1.12", der.NULL),
    "ES256": ("1.2.840.10045.4.3.2", b""),
    "ES384": ("1.2.840.10045.4.3.3", b""),
    "EdDSA": ("1.3.101.112", b""),
}
CURVES = {
    "P-256": "1.2.840.10045.3.1.7",
    "P-384": "1.3.132.0.34",
    "secp256k1": "1.3.132.0.10",
}
CLIENT_AUTH, SERVER_AUTH = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"
ANY_USAGE = "2.5.29.37.0"


class Certificate:
    def __init__(self, der_bytes, key, subject, serial):
        self.der, self.key, self.subject, self.serial = der_bytes, key, subject, serial

    @property
    def pem(self):
        return pem(self.der)

    def digest(self, hash_name="sha256"):
        """x5t#S256 (RFC 8705 section 3.1); with sha1, x5t (RFC 7515 section 4.1.7)."""
        return b64(hashlib.new(hash_name, self.der).digest())


def pem(content, label="CERTIFICATE"):
    text = base64.b64encode(content).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def chain(*certificates):
    """PEM, leaf first."""
    return "".join(certificate.pem for certificate in certificates)


# Extensions: (OID, critical, value).


def san(*names, critical=False):
    return "2.5.29.17", critical, der.seq(*names)


def usage(*places):
    """digitalSignature is 0, keyEncipherment 2, keyCertSign 5, cRLSign 6."""
    return "2.5.29.15", True, der.named_bits(*places)


def purposes(*kinds):
    return "2.5.29.37", False, der.seq(*(der.oid(kind) for kind in kinds))


def basic(is_ca, path_len=None):
    inner = [der.TRUE] if is_ca else []
    if path_len is not None:
        inner.append(der.integer(path_len))
    return "2.5.29.19", True, der.seq(*inner)


def subject_key(key):
    return "2.5.29.14", False, der.octets(key_id(key))


def authority_key(key):
    return "2.5.29.35", False, der.seq(der.implicit(0, key_id(key)))


def constraints(permitted=(), excluded=()):
    trees = [der.explicit(0, *map(der.seq, permitted))] if permitted else []
    trees += [der.explicit(1, *map(der.seq, excluded))] if excluded else []
    return "2.5.29.30", True, der.seq(*trees)


# Keys.


def public_key(key):
    """What subjectPublicKey holds."""
    jwk = key.jwk
    match jwk["kty"]:
        case "EC":
            return b"\x04" + unb64(jwk["x"]) + unb64(jwk["y"])
        case "RSA":
            return der.seq(der.integer(key.numbers.n), der.integer(key.numbers.e))
        case "OKP":
            return unb64(jwk["x"])


def key_info(key, parameters=None):
    """SubjectPublicKeyInfo; `parameters` in the place of a curve's name."""
    jwk = key.jwk
    match jwk["kty"]:
        case "EC":
            curve = parameters or der.oid(CURVES[jwk["crv"]])
            algorithm = der.seq(der.oid("1.2.840.10045.2.1"), curve)
        case "RSA":
            algorithm = der.seq(der.oid("1.2.840.113549.1.1.1"), der.NULL)
        case "OKP":
            algorithm = der.seq(der.oid("1.3.101.112"))
    return der.seq(algorithm, der.bits(public_key(key)))


def key_id(key):
    """RFC 5280 section 4.2.1.2, method 1."""
    return hashlib.sha1(public_key(key)).digest()


def thumbprint(key):
    """RFC 7638, SHA-256: `jkt`, and the `kid` of a site's keys."""
    members = {"EC": "crv kty x y", "RSA": "e kty n", "OKP": "crv kty x"}[key.jwk["kty"]].split()
    inner = ",".join(f'"{member}":"{key.jwk[member]}"' for member in members)
    return b64(hashlib.sha256(f"{{{inner}}}".encode()).digest())


# Issuing.


def signature(key: Key, alg, message):
    if alg == "RS1":
        return key.numbers.pkcs1("sha1", message)
    if alg.startswith("ES"):
        r, s = key.ecdsa(message, alg)
        return der.seq(der.integer(r), der.integer(s))
    return key.sign(message, alg)


def issue(
    subject,
    key,
    by,
    extensions,
    starts,
    ends,
    signer=None,
    alg=None,
    version=3,
    info=None,
    serial=None,
):
    """A certificate over `key`, from `by` (None: by itself). `signer` signs in the issuer's place.
    A value of `extensions` may be a list, for an extension that comes more than once. A `serial` of None is made
    from what is signed."""
    signer = signer or (by.key if by else key)
    alg = alg or signer.alg
    kind, parameters = SIGNATURES[alg]
    algorithm = der.seq(der.oid(kind), parameters)
    listed = [
        one
        for extension in extensions.values()
        for one in (extension if isinstance(extension, list) else [extension])
    ]
    written = [
        der.seq(der.oid(kind), der.TRUE if critical else b"", der.octets(value))
        for kind, critical, value in listed
    ]
    head = der.explicit(0, der.integer(version - 1)) if version > 1 else b""
    tail = [algorithm, by.subject if by else subject]
    tail += [der.seq(der.time(starts), der.time(ends)), subject, info or key_info(key)]
    if version == 3 and written:
        tail.append(der.explicit(3, der.seq(*written)))
    seed = hashlib.sha256(b"".join(tail)).digest()[:8]
    if serial is None:
        serial = int.from_bytes(seed, "big") >> 1 | 1 << 62
    signed = der.seq(head, der.integer(serial), *tail)
    proof = der.bits(signature(signer, alg, signed))
    return Certificate(der.seq(signed, algorithm, proof), key, subject, serial)


def authority(subject, key, starts, ends, by=None, path_len=None, change=None, **odd):
    """A CA; `change` sets or leaves out extensions by name."""
    extensions = {
        "basic": basic(True, path_len),
        "usage": usage(5, 6),
        "subject_key": subject_key(key),
        "authority_key": authority_key(by.key if by else key),
    }
    return issue(subject, key, by, changed(extensions, change), starts, ends, **odd)


def leaf(subject, key, starts, ends, by=None, change=None, **odd):
    """A client's certificate; `change` sets or leaves out extensions by name."""
    extensions = {
        "usage": usage(0),
        "purposes": purposes(CLIENT_AUTH),
        "subject_key": subject_key(key),
        "authority_key": authority_key(by.key if by else key),
    }
    return issue(subject, key, by, changed(extensions, change), starts, ends, **odd)
