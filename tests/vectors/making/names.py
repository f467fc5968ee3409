"""Names in certificates (RFC 5280 sections 4.1.2.4 and 4.2.1.6)."""

from . import der

ATTRIBUTES = {
    "CN": "2.5.4.3",
    "SN": "2.5.4.4",
    "SERIALNUMBER": "2.5.4.5",
    "C": "2.5.4.6",
    "L": "2.5.4.7",
    "ST": "2.5.4.8",
    "STREET": "2.5.4.9",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "T": "2.5.4.12",
    "G": "2.5.4.42",
    "I": "2.5.4.43",
    "DC": "0.9.2342.19200300.100.1.25",
    "E": "1.2.840.113549.1.9.1",
}
UPN = "1.3.6.1.4.1.311.20.2.3"


def name(*attributes):
    """A Name from (attribute, value), most significant first; a value may be DER already, and a
    list of them is one RDN of several."""
    groups = (group if isinstance(group, list) else [group] for group in attributes)
    return der.seq(*(der.set_of(*(_attribute(*one) for one in group)) for group in groups))


def _attribute(kind, value):
    if isinstance(value, str):
        spelling = {"C": der.printable, "DC": der.ia5, "E": der.ia5}.get(kind, der.utf8)
        value = spelling(value)
    return der.seq(der.oid(ATTRIBUTES[kind]), value)


def email(text):
    return der.implicit(1, text.encode())


def dns(text):
    return der.implicit(2, text.encode())


def uri(text):
    return der.implicit(6, text.encode())


def ip(*octets):
    return der.implicit(7, bytes(octets))


def other(kind, value):
    return der.explicit(0, der.oid(kind), der.explicit(0, value))


def upn(text):
    return other(UPN, der.utf8(text))
