"""A middleware for WSGI: Flask, Django, Pyramid, anything else that gunicorn serves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from ._door import Answer, Door, Options, Said, address_of, check_unforwarded
from ._tollgate import Gate, Peer, Verdict

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

__all__ = ["TollgateMiddleware", "verdict_of"]

Environ: TypeAlias = dict[str, Any]

# As `headers.is_ours`, where "HTTP_" stands in front, and "_" for every hyphen.
_OURS = re.compile("HTTP_X[^A-Z0-9]TOLLGATE", re.IGNORECASE | re.ASCII)


class WsgiDoor(Door[Environ]):
    """Reads WSGI environments. Values are bytes as ISO 8859-1 (PEP 3333)."""

    def authorizations(self, request: Environ) -> Sequence[bytes]:
        # Servers join two with a comma, which no token has.
        value = request.get("HTTP_AUTHORIZATION")
        return [] if value is None else [_bytes(value)]

    def headers(self, request: Environ) -> Sequence[tuple[str | bytes, bytes]]:
        return [
            (name[5:].replace("_", "-"), _bytes(value))
            for name, value in request.items()
            if name.startswith("HTTP_")
        ]

    def address(self, request: Environ) -> str | None:
        return address_of(request.get("REMOTE_ADDR", ""))

    def neighbour(self, request: Environ) -> str | None:
        # Werkzeug's ProxyFix keeps what it put something else in the place of.
        seen = request.get("werkzeug.proxy_fix.orig")
        if seen is not None:
            return address_of(seen.get("REMOTE_ADDR") or "")
        address = self.address(request)
        names = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED")
        check_unforwarded(address, [_bytes(request.get(name, "")) for name in names])
        return address

    def proven(self, request: Environ) -> Peer | None:
        """By gunicorn's socket, or by what Apache's mod_ssl says (`SSLOptions +ExportCertData`)."""
        socket = request.get("gunicorn.socket")
        if socket is not None and hasattr(socket, "getpeercert"):
            der = socket.getpeercert(binary_form=True)
            return Peer.from_der([der]) if der else None
        pem = request.get("SSL_CLIENT_CERT")
        return Peer.from_pem(pem) if pem else None


class TollgateMiddleware:
    """Judges every request before the application sees it.

    Who is admitted stands in `environ["tollgate.verdict"]` (`verdict_of`). Everybody else is answered 401, 403 or
    503. `X-Tollgate-*` of clients is taken out of every request, however it was spelt.
    """

    def __init__(
        self, app: WSGIApplication, gate: Gate, **options: Unpack[Options[Environ]]
    ) -> None:
        self._app = app
        self._door = WsgiDoor(gate, **options)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        said = self._door.judge(environ)
        if said.answer is not None:
            return _refuse(environ, said.answer, start_response)
        _pass(environ, said)
        return self._app(environ, start_response)


def verdict_of(environ: Environ) -> Verdict:
    """The verdict on a request that was admitted. Raises `LookupError` where nobody was asked."""
    verdict = environ.get("tollgate.verdict")
    if not isinstance(verdict, Verdict) or not verdict.admitted:
        raise LookupError("the request was not judged: no TollgateMiddleware, or it is exempt")
    return verdict


def _bytes(value: str) -> bytes:
    """What a server decoded otherwise is no token and no certificate."""
    return value.encode("latin-1", "replace")


def _pass(environ: Environ, said: Said) -> None:
    """Makes the environment what the application is to see. It is the request's own: applications may write
    to it (PEP 3333), and some servers look at what they wrote."""
    for name in [name for name in environ if _OURS.match(name)]:
        del environ[name]
    environ.pop("tollgate.verdict", None)
    if said.verdict is not None:
        environ["tollgate.verdict"] = said.verdict


def _refuse(environ: Environ, answer: Answer, start_response: StartResponse) -> list[bytes]:
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(answer.body))),
    ]
    if answer.header is not None:
        headers.append(answer.header)
    start_response(f"{answer.status} {answer.phrase}", headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [answer.body]
