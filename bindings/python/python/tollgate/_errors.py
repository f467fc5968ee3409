"""What is raised. A bad credential raises nothing but in `Gate.verify`."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ConfigError", "Problem", "Refused", "TollgateError", "UnknownEndpoint"]


class TollgateError(Exception):
    """What every exception of tollgate is."""


class Problem(NamedTuple):
    """One thing that is wrong with a configuration or an update."""

    file: str
    """The configuration, as it was named."""
    line: int | None
    """The line in it, from 1; None where no line is meant, as of a dict."""
    key: str
    """The key, as `entra[0].audiences`; empty where none is meant."""
    message: str
    """What is wrong, and what to write instead."""
    text: str
    """All of it in one line."""


class ConfigError(TollgateError, ValueError):
    """A configuration or an update that cannot be used. Nothing of it was taken."""

    problems: tuple[Problem, ...]
    """Everything that is wrong, by line; never empty."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(problem.text for problem in self.problems)


class Refused(TollgateError):
    """The credential was refused. Its text is for the operator, and holds nothing of the credential."""

    reason: str
    """The reason's name, as `expired`."""
    code: int
    """The reason's number, 1000 or more; it never changes its meaning."""
    reason_class: str
    """The class, which is all that outsiders may be told."""
    http_status: int
    """What outsiders are told: 401, 403, or 503, which is our own trouble."""
    method: str | None
    """How the credential was judged, where that is known."""
    remedy: str
    """What to do about it."""

    def __init__(
        self,
        message: str,
        reason: str,
        code: int,
        reason_class: str,
        http_status: int,
        method: str | None,
        remedy: str,
    ) -> None:
        # All of them, so that it can be pickled.
        super().__init__(message, reason, code, reason_class, http_status, method, remedy)
        self.reason = reason
        self.code = code
        self.reason_class = reason_class
        self.http_status = http_status
        self.method = method
        self.remedy = remedy

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownEndpoint(TollgateError, LookupError):
    """The gate has no such endpoint: a fault of the program, or of a configuration that changed under it."""

    endpoint: str
    """What was asked for; empty for the only one."""
    known: tuple[str, ...]
    """Those that there are."""
    code = 6002
    http_status = 503

    def __init__(self, endpoint: str, known: tuple[str, ...]) -> None:
        super().__init__(endpoint, known)
        self.endpoint = endpoint
        self.known = known

    def __str__(self) -> str:
        there_are = f"there are {', '.join(self.known)}"
        if not self.endpoint:
            return f"name an endpoint; {there_are}"
        return f"there is no endpoint {self.endpoint!r}; {there_are}"
