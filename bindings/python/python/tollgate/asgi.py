"""A middleware for ASGI: FastAPI, Starlette, Django, Quart, anything else that uvicorn serves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, TypeAlias, Unpack

from ._door import FORWARDED, Answer, Door, Options, Said, address_of, check_unforwarded
from ._tollgate import Gate, Peer, Verdict
from .headers import is_ours

__all__ = ["TollgateMiddleware", "verdict_of"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiDoor(Door[Scope]):
    """Reads ASGI scopes."""

    def _judge(self, request: Scope) -> Said:
        # They may come as anything that can be gone through once.
        request["headers"] = [(bytes(name), bytes(value)) for name, value in request["headers"]]
        return super()._judge(request)

    def authorizations(self, request: Scope) -> Sequence[bytes]:
        return [value for name, value in request["headers"] if name.lower() == b"authorization"]

    def headers(self, request: Scope) -> Sequence[tuple[str | bytes, bytes]]:
        headers: list[tuple[str | bytes, bytes]] = request["headers"]
        return headers

    def address(self, request: Scope) -> str | None:
        client = request.get("client")
        return address_of(client[0]) if client else None

    def neighbour(self, request: Scope) -> str | None:
        address = self.address(request)
        headers = request["headers"]
        check_unforwarded(address, [value for name, value in headers if name.lower() in FORWARDED])
        return address

    def proven(self, request: Scope) -> Peer | None:
        """By the TLS extension of ASGI; a server that knows this package gives the peer itself there."""
        tls = (request.get("extensions") or {}).get("tls")
        if not tls:
            return None
        peer = tls.get("tollgate.peer")
        if isinstance(peer, Peer):
            return peer
        chain = tls.get("client_cert_chain")
        return Peer.from_pem("\n".join(chain)) if chain else None


class TollgateMiddleware:
    """Judges every request and every WebSocket before the application sees it.

    Who is admitted stands in `scope["tollgate"]` (`verdict_of`). Everybody else is answered 401, 403 or 503, and
    a WebSocket is closed before it opens. `X-Tollgate-*` of clients is taken out of every request.

    A signature that was not seen before takes the event loop some 25 to 400 microseconds.
    """

    def __init__(self, app: App, gate: Gate, **options: Unpack[Options[Scope]]) -> None:
        self._app = app
        self._door = AsgiDoor(gate, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] not in ("http", "websocket"):
            # As the specification asks for.
            raise ValueError(f"a connection of type {scope['type']!r} cannot be judged")
        scope = {**scope}
        said = self._door.judge(scope)
        if said.answer is not None:
            await _refuse(scope, said.answer, send)
            return
        await self._app(_passed(scope, said), receive, send)


def verdict_of(scope: Scope) -> Verdict:
    """The verdict on a request that was admitted. Raises `LookupError` where nobody was asked."""
    verdict = scope.get("tollgate")
    if not isinstance(verdict, Verdict) or not verdict.admitted:
        raise LookupError("the request was not judged: no TollgateMiddleware, or it is exempt")
    return verdict


def _passed(scope: Scope, said: Said) -> Scope:
    """The scope as the application sees it."""
    headers = [header for header in scope["headers"] if not is_ours(header[0])]
    passed = {**scope, "headers": headers}
    passed.pop("tollgate", None)
    if said.verdict is not None:
        passed["tollgate"] = said.verdict
    return passed


async def _refuse(scope: Scope, answer: Answer, send: Send) -> None:
    prefix = ""
    if scope["type"] == "websocket":
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            # Servers answer 403 to a handshake that is closed.
            await send({"type": "websocket.close", "code": 1008})
            return
        prefix = "websocket."
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    if answer.header is not None:
        name, value = answer.header
        headers.append((name.lower().encode(), value.encode()))
    start = {"type": prefix + "http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    await send({"type": prefix + "http.response.body", "body": answer.body})
