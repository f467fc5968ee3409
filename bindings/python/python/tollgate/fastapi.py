"""FastAPI's dependencies.

`Admitted` is the verdict of the middleware in front; a `Guard` asks the gate by itself, for one route or router.
"""

from __future__ import annotations

from typing import Annotated, Unpack

from fastapi import Depends, HTTPException
from fastapi.openapi.models import HTTPBearer
from fastapi.requests import HTTPConnection
from fastapi.security.base import SecurityBase

from ._door import OUR_TROUBLE, Options
from ._tollgate import Gate, Verdict
from .asgi import AsgiDoor, Scope, TollgateMiddleware, verdict_of

__all__ = ["Admitted", "Guard", "TollgateMiddleware"]


def _admitted(connection: HTTPConnection) -> Verdict:
    return verdict_of(connection.scope)


Admitted = Annotated[Verdict, Depends(_admitted)]
"""The verdict of `TollgateMiddleware`, as the type of a parameter. Where there is none the request fails (500): the
program forgot the middleware, or made the route exempt."""


class Guard(SecurityBase):
    """A dependency that asks the gate: `who: Annotated[Verdict, Depends(Guard(gate, scenario="user"))]`.

    Routes without it are open, and headers that clients make up stay in the request; the middleware is the
    safer way. Its answers have FastAPI's form.
    """

    def __init__(self, gate: Gate, **options: Unpack[Options[Scope]]) -> None:
        if options.get("exempt") is not None:
            raise ValueError("a route that is exempt has no guard")
        self._door = AsgiDoor(gate, **options)
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = "tollgate"

    async def __call__(self, connection: HTTPConnection) -> Verdict:
        said = self._door.judge({**connection.scope})
        if said.answer is None and said.verdict is not None:
            return said.verdict
        answer = said.answer or OUR_TROUBLE
        headers = dict([answer.header]) if answer.header else None
        raise HTTPException(answer.status, answer.phrase, headers)
