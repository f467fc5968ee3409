"""What uvicorn serves in the tests: FastAPI behind the middleware, and a route with a guard of its own."""

from __future__ import annotations

import logging
import os
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, WebSocket

import tollgate
from tollgate.asgi import Scope, verdict_of
from tollgate.fastapi import Admitted, Guard, TollgateMiddleware

logging.basicConfig(level=logging.INFO)
gate = tollgate.Gate.from_config(os.environ["TOLLGATE_CONFIG"])
gate.start_refresh()


def scenario(scope: Scope) -> Any:
    return "user" if scope["path"].startswith("/user") else "device"


certificates: Any = os.environ.get("TOLLGATE_CERTIFICATES", "tls")
app = FastAPI()
app.add_middleware(
    TollgateMiddleware,
    gate=gate,
    endpoint="internet",
    scenario=scenario,
    certificates=certificates,
    exempt=lambda scope: scope["path"] == "/healthz",
)


@app.get("/healthz")
def healthz() -> str:
    return "fine"


@app.get("/guarded")
async def guarded(
    who: Annotated[tollgate.Verdict, Depends(Guard(gate, scenario="user"))],
) -> str | None:
    return who.id


@app.websocket("/socket")
async def socket(connection: WebSocket) -> None:
    await connection.accept()
    await connection.send_text(verdict_of(connection.scope).id or "")
    await connection.close()


@app.get("/{path:path}")
def who(path: str, verdict: Admitted, request: Request) -> dict[str, Any]:
    ours = [name for name in request.headers if "tollgate" in name]
    return {"id": verdict.id, "headers": ours, "process": os.getpid(), "claims": verdict.claims}
