"""The interface of the extension. `docs/python.md` shows it at work."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any, Literal, NoReturn, Self, final, overload

from .types import Method, Scenario, Source, Token, Whom, Windows

__all__ = [
    "Batch",
    "Counters",
    "Explanation",
    "Gate",
    "PanicException",
    "Peer",
    "Principal",
    "Reason",
    "Request",
    "Step",
    "Update",
    "Verdict",
    "__version__",
    "reasons",
    "windows_version",
]

__version__: str

class PanicException(BaseException):
    """A defect of ours, of Rust's making. There should be none."""

def reasons() -> list[Reason]:
    """Every reason for a refusal, by number."""

def windows_version(text: str) -> tuple[int, int, int] | None:
    """A Windows version as clients report it; None where it cannot be read, which counts as not known."""

@final
class Gate:
    """A configuration, the trust that it names, and the credentials that are remembered.

    Threads share it: every method may be called by several at once. A check that memory answers holds the
    interpreter (it takes well under a microsecond); everything else lets go of it. Forks are safe: a child
    goes on with a copy, and has a thread that refreshes where its parent had one.
    """

    @staticmethod
    def from_config(
        config: str | PathLike[str] | Mapping[str, Any],
        *,
        folder: str | PathLike[str] | None = None,
        processes: int = 1,
    ) -> Gate:
        """Opens a tollgate.toml, or a dict of the same names.

        `folder` is what the paths in a dict are relative to (default: the current directory). `processes`
        says how many processes of this machine serve the configuration: each has its part of
        `cache.max_bytes`. What looks wrong is logged as a warning. Raises `ConfigError`.
        """

    @staticmethod
    def from_toml(
        text: str, *, folder: str | PathLike[str] | None = None, processes: int = 1
    ) -> Gate:
        """As `from_config`, of a configuration's text. Raises `ConfigError`."""

    def check(
        self,
        token: Token | None = None,
        peer: Peer | None = None,
        *,
        endpoint: str | None = None,
        scenario: Scenario | None = None,
        windows: Windows | None = None,
        source: Source | None = None,
        now: float | None = None,
    ) -> Verdict:
        """Judges one request. Never raises for a credential, whatever it is.

        `endpoint` may be left out where there is one; `scenario` is "device" unless it is said. `windows` is the
        client's version, if it is known. `source` is by whom wrong signatures are counted: an IP
        address, or 1 to 16 bytes. `now` is in seconds since 1970; the clock's if it is left out.

        Raises `UnknownEndpoint`, and `TypeError` or `ValueError` for arguments that are none of these.
        """

    def verify(
        self,
        token: Token | None = None,
        peer: Peer | None = None,
        *,
        endpoint: str | None = None,
        scenario: Scenario | None = None,
        windows: Windows | None = None,
        source: Source | None = None,
        now: float | None = None,
    ) -> Verdict:
        """As `check`, and raises `Refused` for whatever is not admitted."""

    def check_batch(
        self,
        requests: Iterable[Token | Request | None],
        *,
        endpoint: str | None = None,
        scenario: Scenario | None = None,
        windows: Windows | None = None,
        source: Source | None = None,
        now: float | None = None,
    ) -> Batch:
        """Judges many requests at one moment; the verdicts come in their order.

        What was seen before is judged first, the rest by a pool of threads. A request may be a token alone;
        the arguments hold for each that does not say otherwise itself.
        """

    def explain(
        self,
        token: Token | None = None,
        peer: Peer | None = None,
        *,
        endpoint: str | None = None,
        scenario: Scenario | None = None,
        windows: Windows | None = None,
        source: Source | None = None,
        now: float | None = None,
    ) -> Explanation:
        """Judges as `check`, remembers nothing, and writes every step down. For the operator: it holds claims
        and names of the credential, never its signature. Costs a signature each time."""

    def peer_from_headers(
        self, sender: str, headers: Sequence[tuple[str | bytes, bytes]]
    ) -> Peer | None:
        """The client's certificate where a proxy passed it on in a header; None where none did.

        `sender` is the proxy's IP address, or "unix"; it has to be listed in `peers.trusted`. `headers` are
        all of the request, or one that comes twice is not noticed. A peer out of a header proves no key:
        bound tokens are refused with it. What cannot be taken is a peer that is refused.
        """

    def apply(self, update: Update) -> None:
        """Applies an update: all of it, from the next check of any thread on, or nothing. The update stays as it
        is, for other gates. Waits up to ten seconds for another thread that refreshes. Raises `ConfigError`."""

    def refresh(self) -> Literal["unchanged", "replaced", "busy"]:
        """Looks once at every file of the configuration, and loads all again if one changed. "busy" means that
        another thread is at it. Raises `ConfigError` where what changed cannot be used: the trust stays as it
        was. For programs with a loop of their own; the others have `start_refresh`."""

    def needs_refresh(self) -> bool:
        """Whether `refresh` is due and would do more than look."""

    @property
    def refresh_due(self) -> float:
        """Seconds until `refresh` is due; 0.0: it is."""

    def start_refresh(self) -> bool:
        """Has a thread refresh each second, which logs what it does. False where one runs already."""

    def stop_refresh(self) -> bool:
        """Ends that thread and waits for it. False where none runs."""

    @property
    def is_refreshing(self) -> bool:
        """Whether that thread runs."""

    def counters(self) -> Counters:
        """Adds up what all threads counted."""

    def metrics(self) -> str:
        """The same and more as Prometheus text (`text/plain; version=0.0.4`). For the operator: it names what
        is configured, and no client."""

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The names of the endpoints."""

    @property
    def cache_bytes(self) -> int:
        """The most that is remembered by this process, in bytes."""

@final
class Verdict:
    """The answer to one check. Only a gate makes one; it is true where the request may pass, and only there.

    Numbers and names are at hand. `id`, `principal`, `certificate`, `claims` and `payload` are read out of the
    credential whenever they are asked for, in a microsecond or less.
    """

    @property
    def admitted(self) -> bool: ...
    def __bool__(self) -> bool: ...
    @property
    def code(self) -> int:
        """1 for admitted, else the reason's number, 1000 or more; it never changes its meaning."""

    @property
    def reason(self) -> str:
        """ "admitted", or the reason's name, as "expired". For logs, never for clients."""

    @property
    def reason_class(self) -> str:
        """ "admitted", or the class of the reason: "malformed", "untrusted", "untimely", "unsuitable",
        "withdrawn", "undecidable"."""

    @property
    def http_status(self) -> int:
        """What outsiders are told: 200, 401, 403, or 503, which is our own trouble."""

    @property
    def sentence(self) -> str:
        """What the reason means; empty for admitted."""

    @property
    def remedy(self) -> str:
        """What to do about it; empty for admitted."""

    @property
    def message(self) -> str:
        """One line for a log: name, number, sentence, and what exactly. It holds nothing of the credential."""

    @property
    def method(self) -> Method | None:
        """How it was authenticated, or by which method it was refused, where that is known."""

    @property
    def scenario(self) -> Scenario:
        """What was asked for."""

    @property
    def kind(self) -> Literal["device", "user"] | None:
        """Whom the credential proves; None where nobody was admitted."""

    @property
    def expires_at(self) -> int | None:
        """When the credential ends, in seconds since 1970; None where nobody was admitted."""

    @property
    def id(self) -> str | None:
        """`principal.id`, at less cost."""

    @property
    def principal(self) -> Principal | None:
        """Who it is; None where nobody was admitted."""

    @property
    def certificate(self) -> Principal | None:
        """Whom a certificate proves that was judged beside the token."""

    @property
    def claims(self) -> dict[str, str]:
        """The claims that the endpoint forwards (`forward_claims`): strings as their text, everything else as
        its JSON. They may hold any character."""

    @property
    def payload(self) -> bytes | None:
        """All claims of the token as the JSON that its issuer signed; None where no token was admitted. A
        claim that matters belongs into the endpoint's rules."""

    def payload_json(self) -> dict[str, Any] | None:
        """`json.loads(payload)`."""

    def as_dict(self) -> dict[str, Any]:
        """The object that `tollgate check --json` prints."""

@final
class Principal:
    """The identity that an admission gives."""

    @property
    def id(self) -> str:
        """One name across methods: `entra:<tenant>:<object>`, `oidc:<name>:<subject>`,
        `pki:<pki>:<kind of name>:<name>`, `site:<site>:<client>`."""

    @property
    def authority(self) -> str:
        """Who vouches: the issuer, PKI or site."""

    @property
    def tenant(self) -> str | None:
        """The Entra tenant's GUID."""

    @property
    def user(self) -> str | None:
        """The Entra user's object id."""

    @property
    def device(self) -> str | None:
        """The Entra device's id, or the client of a site."""

    @property
    def subject(self) -> str:
        """The subject in the authority's own words."""

    @property
    def bound(self) -> bool:
        """Whether the client proved a key that the credential is bound to."""

@final
class Batch:
    """The verdicts of many requests, in their order. Each is made when it is asked for."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[Verdict]: ...
    def __iter__(self) -> Iterator[Verdict]: ...
    def __bool__(self) -> NoReturn:
        """Raises `TypeError`: whether there is any, or whether all may pass, is not guessed."""

    @property
    def codes(self) -> list[int]:
        """The `code` of each: 1, or the reason's number."""

    @property
    def admitted(self) -> int:
        """How many were admitted."""

@final
class Peer:
    """The client's certificates: made once a connection, passed to every check on it. Certificates that cannot
    be taken are a peer as well, with which every check is refused."""

    @staticmethod
    def from_der(chain: Sequence[bytes]) -> Peer:
        """The certificates that the client proved in the TLS handshake of this very connection, its own first.
        A chain copied from elsewhere proves nothing, and would be taken for the client's."""

    @staticmethod
    def from_pem(pem: str | bytes) -> Peer:
        """The same from PEM, or from the DER of one certificate."""

    @property
    def thumbprint(self) -> bytes | None:
        """SHA-256 of the client's own certificate (`x5t#S256`); None where it could not be taken."""

    @property
    def is_forwarded(self) -> bool:
        """Whether it came in a header: then it proves no token's key."""

    @property
    def refusal(self) -> str | None:
        """Why the certificates cannot be taken; None where they can."""

@final
class Request:
    """One request of a batch: arguments as those of `Gate.check`."""

    def __new__(
        cls,
        token: Token | None = None,
        peer: Peer | None = None,
        *,
        endpoint: str | None = None,
        scenario: Scenario | None = None,
        windows: Windows | None = None,
        source: Source | None = None,
    ) -> Self: ...

@final
class Update:
    """Changes of trust that belong together, for `Gate.apply`. Each method gives the update itself. What is told
    lies over the files, and stays when they change."""

    def __new__(cls) -> Self: ...
    def configuration(self, config: str | Mapping[str, Any]) -> Self:
        """Another configuration, of a gate that was made from a text or a dict."""

    def keys(self, method: Method, name: str, jwks: str | bytes | Mapping[str, Any]) -> Self:
        """The keys of a tenant or site (by its GUID) or of an [[oidc]] (by its name), as a JSON Web Key Set."""

    def anchors(self, pki: str, certificates: str | bytes) -> Self:
        """The trust anchors of a [[pki]], as PEM, or the DER of one."""

    def enable(self, method: Method, name: str, enabled: bool) -> Self:
        """Switches a tenant or an [[oidc]] off or on. Off, everything of it is refused as withdrawn."""

    def withdraw(
        self, kind: Whom, scope: str, id: str, *, issued_before: int | None = None
    ) -> Self:
        """Refuses what was issued to a client (of a site, by its GUID), user or device (of a tenant); or only
        what was issued before a second since 1970."""

    def restore(self, kind: Whom, scope: str, id: str) -> Self:
        """Takes a withdrawal back."""

@final
class Explanation:
    """A verdict with every step that led to it. Its `str` is the page that `tollgate explain` shows."""

    @property
    def verdict(self) -> Verdict: ...
    def __bool__(self) -> NoReturn:
        """Raises `TypeError`: ask for `verdict`."""

    @property
    def steps(self) -> list[Step]:
        """In their order; the last one is where a refusal came from."""

@final
class Step:
    """One step of a judgement."""

    @property
    def name(self) -> str: ...
    @property
    def held(self) -> bool: ...
    @property
    def found(self) -> str: ...
    @property
    def expected(self) -> str: ...

@final
class Reason:
    """One row of docs/reasons.md."""

    @property
    def code(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def reason_class(self) -> str: ...
    @property
    def http_status(self) -> int: ...
    @property
    def sentence(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def source(self) -> str: ...

@final
class Counters:
    """What a gate counted since it was made, in this process."""

    @property
    def admitted(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def refusals(self) -> dict[str, int]:
        """Refusals by the name of their reason, of those that came at all."""

    @property
    def hits(self) -> int:
        """Checks answered from memory alone."""

    @property
    def misses(self) -> int: ...
    @property
    def rejudged(self) -> int:
        """Remembered credentials that were judged again, without a signature, because trust moved."""

    @property
    def signature_checks(self) -> int: ...
    @property
    def wrong_again(self) -> int: ...
    @property
    def waited(self) -> int: ...
    @property
    def over_budget(self) -> int: ...
    @property
    def entries(self) -> int:
        """Credentials remembered now."""

    @property
    def bytes(self) -> int:
        """What they take in memory now."""

    @property
    def insertions(self) -> int: ...
    @property
    def evicted(self) -> int: ...
    @property
    def expired(self) -> int: ...
    @property
    def not_kept(self) -> int: ...
    @property
    def refreshes(self) -> int: ...
    @property
    def refresh_failures(self) -> int: ...
    @property
    def updates(self) -> int: ...
