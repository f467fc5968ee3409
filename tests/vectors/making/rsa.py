"""RSA signatures (RFC 8017) with every part in the open, so that a case can get one part wrong."""

import hashlib

HASH_OID = {
    "sha1": bytes.fromhex("06052b0e03021a"),
    "sha256": bytes.fromhex("0609608648016503040201"),
    "sha384": bytes.fromhex("0609608648016503040202"),
    "sha512": bytes.fromhex("0609608648016503040203"),
}
NULL = bytes.fromhex("0500")


class Numbers:
    """A private RSA key; its primes, where they are known, only make it faster."""

    def __init__(self, n, e, d, primes=None):
        self.n, self.e, self.d = n, e, d
        self.primes = primes
        self.size = (n.bit_length() + 7) // 8

    def raw(self, encoded):
        """The private operation on an encoded message, whatever that is."""
        message = int.from_bytes(encoded, "big")
        return self.power(message).to_bytes(self.size, "big")

    def power(self, message):
        if self.primes is None:
            return pow(message, self.d, self.n)
        p, q = self.primes
        at_p, at_q = pow(message, self.d % (p - 1), p), pow(message, self.d % (q - 1), q)
        return at_q + q * ((at_p - at_q) * pow(q, -1, p) % p)

    def pkcs1(self, hash_name, message):
        return self.raw(padded(digest_info(hash_name, message), self.size))

    def pss(self, hash_name, message, **variant):
        bits = self.n.bit_length() - 1
        return self.raw(pss_encoded(hash_name, message, bits, **variant))


def der(tag, content):
    """A DER value; contents here are shorter than 128 bytes."""
    return bytes([tag, len(content)]) + content


def digest_info(hash_name, message, oid=None, parameters=NULL):
    algorithm = der(0x30, (oid or HASH_OID[hash_name]) + parameters)
    return der(0x30, algorithm + der(0x04, hashlib.new(hash_name, message).digest()))


def padded(info, size):
    """EMSA-PKCS1-v1_5 (RFC 8017 section 9.2)."""
    return b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info


def mgf1(hash_name, seed, length):
    blocks = b""
    for counter in range(-(-length // hashlib.new(hash_name).digest_size)):
        blocks += hashlib.new(hash_name, seed + counter.to_bytes(4, "big")).digest()
    return blocks[:length]


def pss_encoded(hash_name, message, bits, salt_length=None, mask_hash=None, trailer=0xBC):
    """EMSA-PSS (RFC 8017 section 9.1.1). The salt is made from the message: a fixed file needs no
    random one."""
    length = (bits + 7) // 8
    digest = hashlib.new(hash_name, message).digest()
    if salt_length is None:
        salt_length = len(digest)
    salt = mgf1("sha256", b"salt" + digest, salt_length)
    inner = hashlib.new(hash_name, bytes(8) + digest + salt).digest()
    block = bytes(length - salt_length - len(inner) - 2) + b"\x01" + salt
    mask = mgf1(mask_hash or hash_name, inner, len(block))
    masked = bytearray(a ^ b for a, b in zip(block, mask, strict=True))
    masked[0] &= 0xFF >> (8 * length - bits)
    return bytes(masked) + inner + bytes([trailer])
