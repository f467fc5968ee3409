"""DER (X.690), piece by piece: what a certificate is made of, the odd pieces too."""

from datetime import datetime, timezone

TRUE = bytes.fromhex("0101ff")
NULL = bytes.fromhex("0500")


def tlv(tag, *parts):
    content = b"".join(parts)
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def seq(*parts):
    return tlv(0x30, *parts)


def set_of(*parts):
    return tlv(0x31, *sorted(parts))


def octets(*parts):
    return tlv(0x04, *parts)


def explicit(number, *parts):
    """[number] EXPLICIT, or a constructed value under IMPLICIT."""
    return tlv(0xA0 | number, *parts)


def implicit(number, content):
    """[number] IMPLICIT over a primitive value."""
    return tlv(0x80 | number, content)


def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def bits(content, unused=0):
    return tlv(0x03, bytes([unused]), content)


def named_bits(*places):
    """A BIT STRING with these bits set and no trailing zero (X.690 section 11.2.2)."""
    last = max(places)
    content = bytearray(last // 8 + 1)
    for place in places:
        content[place // 8] |= 0x80 >> place % 8
    return bits(bytes(content), 7 - last % 8)


def oid(text):
    first, second, *rest = (int(arc) for arc in text.split("."))
    content = b""
    for arc in [first * 40 + second, *rest]:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.insert(0, 0x80 | arc & 0x7F)
        content += bytes(septets)
    return tlv(0x06, content)


def utf8(text):
    return tlv(0x0C, text.encode())


def printable(text):
    return tlv(0x13, text.encode("ascii"))


def ia5(text):
    return tlv(0x16, text.encode("ascii"))


def time(unix_s):
    """UTCTime to 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5)."""
    moment = datetime.fromtimestamp(unix_s, timezone.utc)
    if moment.year < 2050:
        return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())
