"""Client authentication for a gateway: credential bytes in, verdict out.

>>> gate = tollgate.Gate.from_config("tollgate.toml")      # one a process, shared by all threads
>>> verdict = gate.check(token, peer, endpoint="internet")
>>> if verdict: ...                                         # admitted, and nothing else is true
"""

from ._errors import ConfigError, Problem, Refused, TollgateError, UnknownEndpoint
from ._tollgate import (
    Batch,
    Counters,
    Explanation,
    Gate,
    Peer,
    Principal,
    Reason,
    Request,
    Step,
    Update,
    Verdict,
    __version__,
    reasons,
    windows_version,
)

__all__ = [
    "Batch",
    "ConfigError",
    "Counters",
    "Explanation",
    "Gate",
    "Peer",
    "Principal",
    "Problem",
    "Reason",
    "Refused",
    "Request",
    "Step",
    "TollgateError",
    "UnknownEndpoint",
    "Update",
    "Verdict",
    "__version__",
    "reasons",
    "windows_version",
]
