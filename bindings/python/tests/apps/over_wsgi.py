"""What gunicorn serves in the tests: Flask behind the middleware."""

from __future__ import annotations

import logging
import os
from typing import Any

import flask

import tollgate
from tollgate.flask import Tollgate, verdict
from tollgate.wsgi import Environ

logging.basicConfig(level=logging.INFO)
gate = tollgate.Gate.from_config(os.environ["TOLLGATE_CONFIG"], processes=4)
# Before the fork (--preload): each worker has a thread of its own all the same.
gate.start_refresh()


def scenario(environ: Environ) -> Any:
    return "user" if environ["PATH_INFO"].startswith("/user") else "device"


certificates: Any = os.environ.get("TOLLGATE_CERTIFICATES", "tls")
app = flask.Flask(__name__)
Tollgate(
    app,
    gate,
    endpoint="internet",
    scenario=scenario,
    certificates=certificates,
    exempt=lambda environ: environ["PATH_INFO"] == "/healthz",
)


@app.get("/healthz")
def healthz() -> str:
    return "fine"


@app.get("/", defaults={"path": ""})
@app.get("/<path:path>")
def who(path: str) -> flask.Response:
    ours = [name for name in flask.request.environ if "tollgate" in name.lower()]
    return flask.jsonify(
        id=verdict().id,
        headers=ours,
        process=os.getpid(),
        claims=verdict().claims,
        refreshing=gate.is_refreshing,
    )
