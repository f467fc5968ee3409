"""The example is a gateway: what it lets pass reaches the backend with the identity, and nothing else does."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from servers import free_port, serving
from world import TENANT, USER, World

SOURCE = Path(os.environ["TOLLGATE_SOURCE"])
EXAMPLE = SOURCE / "examples" / "gateway.py"


class Backend(BaseHTTPRequestHandler):
    seen: list[tuple[str, str, list[tuple[str, str]], bytes]] = []

    def answer(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length)
        self.seen.append((self.command, self.path, self.headers.items(), body))
        self.send_response(201)
        for cookie in ("a=1", "b=2"):
            self.send_header("set-cookie", cookie)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    do_GET = do_POST = answer

    def log_message(self, format: str, *arguments: object) -> None: ...


@contextmanager
def backend() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Backend) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_gateway(world: World) -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 60
    port = free_port()
    command = ["uvicorn", "gateway:app", "--port", str(port), "--app-dir", str(EXAMPLE.parent)]
    with backend() as url, serving(world, command, port, BACKEND=url) as server:
        Backend.seen.clear()
        forged = ("-H", "X-Tollgate-Id: forged", "-H", "X_Tollgate_User: forged")
        passed = server.get("/a%2Fb/..%2f?q=%00&x", "user.jwt", "-d", "body", *forged, "--path-as-is")
        assert passed.status == 201 and passed.body == "hello"
        method, path, headers, body = Backend.seen.pop()
        assert (method, path, body) == ("POST", "/a%2Fb/..%2f?q=%00&x", b"body")
        named = {name.lower(): value for name, value in headers}
        assert named["x-tollgate-id"] == f"entra:{TENANT}:{USER}"
        assert named["x-tollgate-claim-preferred-username"] == "user000001@example.org"
        assert "forged" not in str(headers)
        packed = world.write("packed", gzip.compress(b"body" * 100))
        more = ["-H", "Content-Encoding: gzip", "--data-binary", f"@{packed}"]
        more += ["-H", "Connection: X-Hop", "-H", "X-Hop: 1", "-H", "Client-Cert: forged"]
        assert server.get("/", "user.jwt", *more, "-H", "X-Forwarded-For: forged").status == 201
        *_, headers, body = Backend.seen.pop()
        assert ("content-encoding", "gzip") in [(n.lower(), v) for n, v in headers]
        assert gzip.decompress(body) == b"body" * 100
        assert "forged" not in str(headers) and "hop" not in str(headers).lower()
        assert server.get("/", "expired.jwt").status == 401
        assert server.get("/", "stale.jwt").status == 503
        assert server.get("/openapi.json").status == 401
        assert not Backend.seen
        assert "expired (3001)" in server.log.read_text()


@pytest.mark.parametrize("page", ["README.md", "bindings/python/README.md"])
def test_what_the_pages_show_runs(
    page: str, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = re.search(r"```python\n(import tollgate\n.*?)```", (SOURCE / page).read_text(), re.DOTALL)
    assert code is not None
    (world.folder / "demo").symlink_to(world.folder)
    monkeypatch.chdir(world.folder)
    for token, said in (("user.jwt", USER), ("expired.jwt", "401")):
        exec(code[1], {"token": world.token(token)})
        assert said in capsys.readouterr().out
