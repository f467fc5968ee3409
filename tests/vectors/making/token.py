"""The compact serialisation, spelt exactly as a case wants it."""

import base64
import json


class _Absent:
    """In a change: leave the member out."""


ABSENT = _Absent()


def changed(members, change=None):
    """A copy of `members` with some set, and those that are ABSENT left out."""
    merged = {**members, **(change or {})}
    return {name: value for name, value in merged.items() if value is not ABSENT}


def text(value):
    """JSON without white space, in the order of the dictionary."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def also(members, member):
    """The text of an object with one more member, raw: what a dictionary cannot hold."""
    return f"{text(members)[:-1]},{member}}}"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(encoded):
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def segment(part):
    """A header or payload: a dictionary, a text, or bytes, as they shall be encoded."""
    if isinstance(part, dict):
        part = text(part)
    return b64(part if isinstance(part, bytes) else part.encode())


def signed_text(header, payload, key, alg=None):
    """A token from segments that are already spelt: the signature covers this very spelling."""
    signature = key.sign(f"{header}.{payload}".encode(), alg)
    return f"{header}.{payload}.{b64(signature)}"


def signed(header, payload, key, alg=None):
    return signed_text(segment(header), segment(payload), key, alg)


def with_signature(header, payload, make):
    """A token whose signature is made from the signing input by `make`."""
    signing_input = f"{segment(header)}.{segment(payload)}"
    return f"{signing_input}.{b64(make(signing_input.encode()))}"


def first(make, holds):
    """The first of make(0), make(1), ... for which `holds`: chance, but the same each time."""
    attempts = (make(number) for number in range(100_000))
    return next(attempt for attempt in attempts if holds(attempt))
