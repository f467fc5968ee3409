"""What every middleware does with a request: read it, ask the gate, log, and choose the answer.

Nothing is judged here. What is odd in a request goes to the gate as it is, and the gate says what is wrong with
it. What fails on our side is never told to a client as its fault, and admits nobody.
"""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Generic, Literal, NamedTuple, TypeAlias, TypedDict, TypeVar

from ._errors import UnknownEndpoint
from ._tollgate import Gate, PanicException, Peer, Verdict, windows_version
from .headers import bearer
from .types import Scenario

# Where proxies write for whom they speak.
FORWARDED: Final = (b"x-forwarded-for", b"forwarded")
LOG: Final = logging.getLogger("tollgate")

Request = TypeVar("Request")
Certificates: TypeAlias = Literal["tls", "headers"]


class Options(TypedDict, Generic[Request], total=False):
    """How a middleware asks. All of them may be left out."""

    endpoint: str | None
    """The [[endpoint]] of the configuration; None for the only one."""
    scenario: Scenario | Callable[[Request], Scenario]
    """What a request is for; "device" unless it is said."""
    token: Callable[[Request], str | bytes | None] | None
    """Where the token stands instead of `Authorization: Bearer`."""
    windows: Callable[[Request], str | None] | None
    """The client's Windows version; what cannot be read counts as not known."""
    certificates: Certificates | Callable[[Request], Peer | None] | None
    """Where client certificates come from: "tls" (the default) for those of the server's own handshakes, "headers"
    for those that a proxy of `peers.trusted` passes on, None for nowhere."""
    sender: str | None
    """Who passes headers on, for connections of which the server knows no address: "unix", or an IP address."""
    source: Callable[[Request], str | bytes | None] | None
    """By whom wrong signatures are counted, and whom the log names; the address at the other end of the connection
    unless it is said, which behind a proxy is the proxy's for everybody."""
    exempt: Callable[[Request], bool] | None
    """Requests that nobody is asked about, as those for /healthz. They have no verdict."""


class Answer(NamedTuple):
    """What a client is told that may not pass: the class of the reason, and never the reason."""

    status: int
    phrase: str
    header: tuple[str, str] | None

    @property
    def body(self) -> bytes:
        return f"{self.status} {self.phrase}\n".encode()


class Said(NamedTuple):
    """What came of one request."""

    verdict: Verdict | None
    """None for one that is exempt, or that could not be judged."""
    answer: Answer | None
    """None for one that may pass."""


_CHALLENGE = 'Bearer realm="tollgate"'
_NOTHING_SHOWN: Final = Answer(401, "Unauthorized", ("WWW-Authenticate", _CHALLENGE))
_NO_TOKEN: Final = Answer(
    401, "Unauthorized", ("WWW-Authenticate", _CHALLENGE + ', error="invalid_token"')
)
_FORBIDDEN: Final = Answer(403, "Forbidden", None)
OUR_TROUBLE: Final = Answer(503, "Service Unavailable", ("Retry-After", "1"))


class Door(ABC, Generic[Request]):
    """One gate, and how it is asked about requests of one kind of server."""

    def __init__(
        self,
        gate: Gate,
        *,
        endpoint: str | None = None,
        scenario: Scenario | Callable[[Request], Scenario] = "device",
        token: Callable[[Request], str | bytes | None] | None = None,
        windows: Callable[[Request], str | None] | None = None,
        certificates: Certificates | Callable[[Request], Peer | None] | None = "tls",
        sender: str | None = None,
        source: Callable[[Request], str | bytes | None] | None = None,
        exempt: Callable[[Request], bool] | None = None,
    ) -> None:
        known = gate.endpoints
        if endpoint is None and len(known) == 1:
            endpoint = known[0]
        if endpoint not in known:
            raise UnknownEndpoint(endpoint or "", known)
        if not callable(scenario) and scenario not in ("device", "user"):
            raise ValueError(f'scenario is "device", "user" or a function, not {scenario!r}')
        if not callable(certificates) and certificates not in ("tls", "headers", None):
            raise ValueError(
                f'certificates is "tls", "headers", a function or None, not {certificates!r}'
            )
        self._gate = gate
        self._endpoint = endpoint
        self._scenario = scenario
        self._token = token
        self._windows = windows
        self._certificates = certificates
        self._sender = sender
        self._source = source
        self._exempt = exempt

    @abstractmethod
    def authorizations(self, request: Request) -> Sequence[bytes]:
        """The values of all Authorization headers."""

    @abstractmethod
    def headers(self, request: Request) -> Sequence[tuple[str | bytes, bytes]]:
        """All headers."""

    @abstractmethod
    def address(self, request: Request) -> str | None:
        """The IP address at the other end of the connection; None where it is not known, or has none."""

    @abstractmethod
    def neighbour(self, request: Request) -> str | None:
        """The same, as the server itself saw it. Raises where somebody may have put a client's in its place."""

    @abstractmethod
    def proven(self, request: Request) -> Peer | None:
        """The certificates that the client proved in the server's own handshake."""

    def judge(self, request: Request) -> Said:
        """Judges one request. What fails here is our trouble: it says so in the log, and nobody passes."""
        try:
            return self._judge(request)
        except (Exception, PanicException):
            LOG.exception("a request at endpoint %r could not be judged", self._endpoint)
            return Said(None, OUR_TROUBLE)

    def _judge(self, request: Request) -> Said:
        if self._exempt is not None and self._exempt(request) is True:
            return Said(None, None)
        token = self._shown(request)
        verdict = self._gate.check(
            token,
            self._peer(request),
            endpoint=self._endpoint,
            scenario=self._scenario(request) if callable(self._scenario) else self._scenario,
            windows=self._known_windows(request),
            source=self._counted(request),
        )
        if verdict.admitted:
            return Said(verdict, None)
        self._log(request, verdict)
        return Said(verdict, _answer(verdict.http_status, bool(token)))

    def _shown(self, request: Request) -> str | bytes | None:
        if self._token is not None:
            return self._token(request)
        return bearer(self.authorizations(request))

    def _peer(self, request: Request) -> Peer | None:
        if self._certificates is None:
            return None
        if self._certificates == "tls":
            return self.proven(request)
        if self._certificates == "headers":
            # What the server knows counts: what is said is for those of whom it knows nothing.
            sender = self.neighbour(request) or self._sender
            if sender is None:
                raise ValueError('who passes headers on is not known; say sender="unix", or whose')
            return self._gate.peer_from_headers(sender, self.headers(request))
        return self._certificates(request)

    def _counted(self, request: Request) -> str | bytes | None:
        return self.address(request) if self._source is None else self._source(request)

    def _known_windows(self, request: Request) -> tuple[int, int, int] | None:
        text = self._windows(request) if self._windows is not None else None
        if not text:
            return None
        version = windows_version(text)
        if version is None:
            LOG.info("the Windows version of a request cannot be read and counts as not known")
        return version

    def _log(self, request: Request, verdict: Verdict) -> None:
        level = logging.WARNING if verdict.http_status == 503 else logging.INFO
        if LOG.isEnabledFor(level):
            message = "refused at endpoint %r: %s, client: %s"
            client = self._counted(request) or "unknown"
            if not isinstance(client, str) or not client.isprintable():
                client = repr(client)
            LOG.log(level, message, self._endpoint, verdict.message, client)


def address_of(text: str) -> str | None:
    """The IP address, if it is one; servers of tests and of unix sockets write other things. Without the zone of a
    link-local one, which may hold any character."""
    return _plain_address(text) if len(text) <= _LONGEST_ADDRESS else None


def check_unforwarded(address: str | None, forwarded: Iterable[bytes]) -> None:
    """Servers and programs put what `X-Forwarded-For` or `Forwarded` (RFC 7239) says in the place of the address that
    they saw. Then it is no longer known who passed a certificate on, and a client could say that it was a
    proxy of ours. `forwarded` are the values of all such headers."""
    said = (part for value in forwarded for part in re.split("[,;]", value.decode("latin-1")))
    if address is not None and address in map(_host_of, said):
        raise ValueError(
            "the address of a request stands in its X-Forwarded-For or Forwarded: who passes certificates on is not "
            "known; run the server without proxy headers (uvicorn --no-proxy-headers)"
        )


def _host_of(part: str) -> str:
    """The address in one element, as servers read it: with a port, in brackets, with a zone, in quotes."""
    host = part.strip()
    if host[:4].lower() == "for=":
        host = host[4:].strip().strip('"')
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    return host.partition("%")[0].strip()


# Of IPv6 with its zone, an interface's name of 15 characters.
_LONGEST_ADDRESS: Final = 64


@lru_cache(maxsize=1024)
def _plain_address(text: str) -> str | None:
    try:
        ip_address(text)
    except ValueError:
        return None
    return text.partition("%")[0]


def _answer(status: int, has_token: bool) -> Answer:
    if status == 401:
        return _NO_TOKEN if has_token else _NOTHING_SHOWN
    return _FORBIDDEN if status == 403 else OUR_TROUBLE
