"""uvicorn's TLS client certificates, which it does not hand on by itself.

    uvicorn app:app --http tollgate.uvicorn:H11Protocol --ssl-keyfile ... --ssl-certfile ...
                    --ssl-ca-certs clients.pem --ssl-cert-reqs 1

The peer is made once a connection. Python's TLS takes only certificates that lead to `--ssl-ca-certs`; the gate
judges them again, by its own configuration. WebSockets have another protocol, and no certificate.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol as _H11

from ._tollgate import Peer
from .asgi import App, Receive, Scope, Send

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _HttpTools
else:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _HttpTools
    except ImportError:  # without httptools
        _HttpTools = _H11

__all__ = ["H11Protocol", "HttpToolsProtocol"]


class _WithTls:
    """An application whose scopes say which certificates the connection proved."""

    def __init__(self, app: Any, peer: Peer) -> None:
        self._app: Final[App] = app
        self._tls: Final = {"tollgate.peer": peer}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        extensions = {**(scope.get("extensions") or {}), "tls": self._tls}
        await self._app({**scope, "extensions": extensions}, receive, send)


def _peer(transport: asyncio.Transport) -> Peer | None:
    connection = transport.get_extra_info("ssl_object")
    if not isinstance(connection, (ssl.SSLObject, ssl.SSLSocket)):
        return None
    own = connection.getpeercert(binary_form=True)
    if own is None:
        return None
    # All that the client sent, from Python 3.13 on; where it sent nothing, that one raises.
    whole = getattr(connection, "get_unverified_chain", None)
    chain: list[bytes] = whole() if whole is not None else [own]
    return Peer.from_der(chain)


class H11Protocol(_H11):
    """uvicorn's own, and the client's certificates."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        peer = _peer(transport)
        if peer is not None:
            self.app = _WithTls(self.app, peer)


class HttpToolsProtocol(_HttpTools):
    """The same over httptools, where that is installed."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        peer = _peer(transport)
        if peer is not None:
            self.app = _WithTls(self.app, peer)
