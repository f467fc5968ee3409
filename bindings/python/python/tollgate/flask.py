"""Flask's way to the WSGI middleware."""

from __future__ import annotations

from typing import Unpack

import flask

from ._door import Options
from ._tollgate import Gate, Verdict
from .wsgi import Environ, TollgateMiddleware, verdict_of

__all__ = ["Tollgate", "verdict"]


class Tollgate:
    """Puts the gate in front of an application: `Tollgate(app, gate, endpoint="internet")`."""

    def __init__(self, app: flask.Flask, gate: Gate, **options: Unpack[Options[Environ]]) -> None:
        self.gate = gate
        app.wsgi_app = TollgateMiddleware(app.wsgi_app, gate, **options)  # type: ignore[method-assign]
        app.extensions["tollgate"] = self


def verdict() -> Verdict:
    """The verdict on the request that is being served. Raises `LookupError` where nobody was asked."""
    return verdict_of(flask.request.environ)
