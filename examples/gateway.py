"""A gateway: those whom the gate admits reach the backend, which is told who they are.

TOLLGATE_CONFIG=demo/tollgate.toml BACKEND=http://127.0.0.1:9000 uvicorn gateway:app
"""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request, Response

from tollgate import Gate
from tollgate.fastapi import Admitted, TollgateMiddleware
from tollgate.headers import identity_headers

# Of one hop (RFC 9110 section 7.6.1), what each side's own client and server say, and what a backend would believe.
HOP = {"connection", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
HOP |= {"content-length", "proxy-authenticate", "proxy-authorization", "forwarded", "client-cert"}
HOP |= {"x-forwarded-for", "x-forwarded-client-cert", "x-forwarded-host", "x-forwarded-proto"}

logging.basicConfig(level=logging.INFO)  # says why somebody was refused
gate = Gate.from_config(os.environ["TOLLGATE_CONFIG"])
gate.start_refresh()  # a thread that loads files that change


@asynccontextmanager
async def life(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=os.environ["BACKEND"], trust_env=False) as backend:
        app.state.backend = backend
        yield


app = FastAPI(lifespan=life, openapi_url=None)
app.add_middleware(TollgateMiddleware, gate=gate, endpoint="internet")


@app.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def pass_on(request: Request, who: Admitted) -> Response:
    backend: httpx.AsyncClient = request.app.state.backend
    query = request.scope["query_string"]
    path = request.scope["raw_path"] + (b"?" + query if query else b"")
    hop = HOP | set(request.headers.get("connection", "").lower().replace(" ", "").split(","))
    headers = [header for header in request.headers.items() if header[0] not in hop]
    headers += identity_headers(who)  # what the client said under these names is gone
    url = backend.base_url.copy_with(raw_path=path)
    body = await request.body()  # yours will have bounds
    sent = backend.build_request(request.method, url, headers=headers, content=body)
    answer = await backend.send(sent, stream=True)
    told = Response(b"".join([part async for part in answer.aiter_raw()]), answer.status_code)
    for name, value in answer.headers.multi_items():
        if name not in HOP:
            told.headers.append(name, value)
    return told
