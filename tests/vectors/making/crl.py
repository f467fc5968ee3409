"""Certificate revocation lists (RFC 5280 section 5), built piece by piece, so that a case can get one wrong."""

from . import der
from .pki import SIGNATURES, authority_key, pem, signature
from .sample import NOW
from .token import changed

# A list is judged by the present as well as by a case's NOW: those that are good have begun long ago, and end
# in the century after.
BEGAN, ENDS = NOW - 86_400, 4_000_000_000
LATER = 3_900_000_000
REVOKED = NOW - 100_000

KEY_COMPROMISE, ON_HOLD, REMOVED = 1, 6, 8


class Crl:
    def __init__(self, der_bytes):
        self.der = der_bytes

    @property
    def pem(self):
        return pem(self.der, "X509 CRL")


# Extensions: (OID, critical, value).


def number(value, critical=False):
    return "2.5.29.20", critical, der.integer(value)


def delta_to(value):
    return "2.5.29.27", True, der.integer(value)


def full_name(*names):
    """DistributionPointName of GeneralNames."""
    return der.explicit(0, der.explicit(0, *names))


def relative_name(*attributes):
    return der.explicit(0, der.tlv(0xA1, *attributes))


def directory(name):
    return der.explicit(4, name)


def scope(point=b"", users=False, cas=False, reasons=None, indirect=False):
    """issuingDistributionPoint."""
    flags = [(1, users), (2, cas)]
    parts = [point, *(der.implicit(at, b"\xff") for at, is_set in flags if is_set)]
    if reasons is not None:
        parts.append(der.implicit(3, der.named_bits(*reasons)[2:]))
    if indirect:
        parts.append(der.implicit(4, b"\xff"))
    return "2.5.29.28", True, der.seq(*parts)


def points(*each):
    """cRLDistributionPoints of a certificate: (name, reasons, issuers)."""
    written = []
    for point, reasons, issuers in each:
        parts = [point]
        if reasons is not None:
            parts.append(der.implicit(1, der.named_bits(*reasons)[2:]))
        if issuers:
            parts.append(der.explicit(2, *map(directory, issuers)))
        written.append(der.seq(*parts))
    return "2.5.29.31", False, der.seq(*written)


# Entries.


def entry(serial, reason=None, issuer=None, date=REVOKED, more=()):
    """`serial` is a number, or the octets of an INTEGER."""
    octets = der.tlv(0x02, serial) if isinstance(serial, bytes) else der.integer(serial)
    extensions = list(more)
    if reason is not None:
        extensions.append(("2.5.29.21", False, der.tlv(0x0A, bytes([reason]))))
    if issuer is not None:
        extensions.append(("2.5.29.29", True, der.seq(directory(issuer))))
    tail = [der.seq(*map(_extension, extensions))] if extensions else []
    return der.seq(octets, der.time(date), *tail)


def _extension(extension):
    kind, critical, value = extension
    return der.seq(der.oid(kind), der.TRUE if critical else b"", der.octets(value))


def revoke(by, *entries, change=None, begins=BEGAN, ends=ENDS, signer=None, version=2, issuer=None):
    """A list of `by`; `change` sets or leaves out extensions by name. `signer` signs in its place."""
    signer = signer or by.key
    kind, parameters = SIGNATURES[signer.alg]
    algorithm = der.seq(der.oid(kind), parameters)
    base = {"key": authority_key(signer), "number": number(7)}
    extensions = [_extension(one) for one in changed(base, change).values()]
    parts = [der.integer(version - 1)] if version > 1 else []
    parts += [algorithm, issuer or by.subject, der.time(begins)]
    if ends is not None:
        parts.append(der.time(ends))
    if entries:
        parts.append(der.seq(*entries))
    if version > 1 and extensions:
        parts.append(der.explicit(0, der.seq(*extensions)))
    signed = der.seq(*parts)
    return Crl(der.seq(signed, algorithm, der.bits(signature(signer, signer.alg, signed))))
