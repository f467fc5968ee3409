"""What the Python counterparts share: the request, the answer, and the rule for odd headers.

README.md describes the protocol. A counterpart is an object with these methods:

    supports(alg) -> bool
    generate(kid, alg) -> key
    public_jwk(key) -> dict             with kid and alg; a secret key is given whole
    sign(key, header, payload) -> str   the library's ordinary call
    sign_raw(key, alg, header, payload) -> str
                                        for headers that sign() does not emit; raises
                                        Refused if there is no such way

A key has the attributes kid and alg.
"""

import base64
import json
import sys
from dataclasses import dataclass

# What has to be generated for each algorithm: an RSA size in bits, a curve, or a secret's
# size in bytes (RFC 7518, 3.2 asks for at least the size of the hash).
KEY_SHAPE = {
    "RS256": 2048, "RS384": 2048, "RS512": 2048,
    "PS256": 2048, "PS384": 2048, "PS512": 2048,
    "ES256": "P-256", "ES384": "P-384", "ES512": "P-521",
    "EdDSA": "Ed25519",
    "HS256": 32, "HS384": 48, "HS512": 64,
}  # fmt: skip

KEY_TYPE = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP", "HS": "oct"}


class BadInput(Exception):
    """The request breaks the protocol."""


class Refused(Exception):
    """The counterpart has no way to emit this token."""


@dataclass
class Job:
    id: str
    kid: str
    header: dict | None  # None: a token only the provider can give
    payload: bytes


def key_type(alg):
    return KEY_TYPE[alg[:2]]


def dump(value):
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signing_input(header, payload):
    return f"{b64(dump(header))}.{b64(payload)}"


def signing_alg(key_alg, header):
    """The header's alg if this kind of key can be used with it, else the key's own."""
    alg = header.get("alg")
    if alg == key_alg or not isinstance(alg, str) or alg not in KEY_SHAPE:
        return key_alg
    # An EC or OKP key is bound to one alg by its curve; RSA and secret keys are not.
    same_type = key_type(alg) == key_type(key_alg)
    return alg if same_type and key_type(alg) in ("RSA", "oct") else key_alg


def _says(token, header, payload):
    """Whether a token is in the ordinary form and says what was asked, in any layout."""
    parts = token.split(".")
    if len(parts) != 3:
        return False
    try:
        # Compared as text, since Python holds 1, 1.0 and True to be equal.
        given = json.dumps(json.loads(unb64(parts[0])), sort_keys=True)
        return given == json.dumps(header, sort_keys=True) and unb64(parts[1]) == payload
    except ValueError:
        return False


def _mint(party, key, job):
    if job.header is None:
        raise Refused
    alg = signing_alg(key.alg, job.header)
    if job.header.get("alg") == alg:
        try:
            token = party.sign(key, dict(job.header), job.payload)
            if _says(token, job.header, job.payload):
                return token
        except Exception:
            # Libraries refuse odd headers with every kind of exception; what they all mean
            # here is that the ordinary call will not do.
            pass
    token = party.sign_raw(key, alg, job.header, job.payload)
    if not _says(token, job.header, job.payload):
        raise Refused
    return token


def _check(condition, message):
    if not condition:
        raise BadInput(message)


def _text(holder, member, where):
    value = holder.get(member)
    _check(isinstance(value, str) and value, f"{where}: {member} must be a non-empty string")
    return value


def _objects(request, member):
    value = request.get(member)
    _check(isinstance(value, list), f"{member} must be an array")
    for i, item in enumerate(value):
        _check(isinstance(item, dict), f"{member}[{i}] must be an object")
        yield f"{member}[{i}]", item


def _job(where, item):
    job_id, kid = _text(item, "id", where), _text(item, "kid", where)
    header = item.get("header")
    natural = item.get("natural", False)
    _check(isinstance(natural, bool), f"{where}: natural must be a boolean")
    if natural:
        _check("header" not in item, f"{where}: a natural token takes no header")
        return Job(job_id, kid, None, b"")
    _check(isinstance(header, dict), f"{where}: header must be an object")
    _check(("payload" in item) != ("payload_text" in item), f"{where}: one payload is needed")
    if "payload" in item:
        return Job(job_id, kid, header, dump(item["payload"]))
    _check(isinstance(item["payload_text"], str), f"{where}: payload_text must be a string")
    return Job(job_id, kid, header, item["payload_text"].encode())


def _read(data):
    try:
        request = json.loads(data)
        _check(isinstance(request, dict), "the request must be an object")
        algs = {}
        for where, item in _objects(request, "keys"):
            kid = _text(item, "kid", where)
            _check(kid not in algs, f"{where}: this kid was given before")
            algs[kid] = _text(item, "alg", where)
        jobs = {}
        for where, item in _objects(request, "jobs"):
            job = _job(where, item)
            _check(job.kid in algs, f"{where}: no key has this kid")
            _check(job.id not in jobs, f"{where}: this id was given before")
            if job.header is not None:
                dump(job.header)
            jobs[job.id] = job
        return algs, jobs.values()
    except (ValueError, RecursionError) as error:
        # Besides malformed JSON: lone surrogates, numbers beyond a float's range.
        raise BadInput(f"the request is not usable JSON: {error}") from error


def _answer(party, algs, jobs):
    usable = {alg: alg in KEY_SHAPE and party.supports(alg) for alg in algs.values()}
    keys = {kid: party.generate(kid, alg) for kid, alg in algs.items() if usable[alg]}
    tokens, refused = {}, []
    for job in jobs:
        if job.kid not in keys:
            continue
        try:
            tokens[job.id] = _mint(party, keys[job.kid], job)
        except Refused:
            refused.append(job.id)
    return {
        "jwks": {"keys": [party.public_jwk(key) for key in keys.values()]},
        "tokens": tokens,
        "unsupported": [alg for alg, ok in usable.items() if not ok],
        "refused": refused,
    }


def main(party):
    try:
        algs, jobs = _read(sys.stdin.buffer.read())
    except BadInput as error:
        sys.exit(" ".join(f"bad input: {error}".split()))
    sys.stdout.buffer.write(dump(_answer(party, algs, jobs)) + b"\n")
