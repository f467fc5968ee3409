"""Real servers in processes of their own, and curl as their client."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from world import World

HERE = Path(__file__).parent


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server(NamedTuple):
    url: str
    log: Path
    world: World

    def get(self, path: str = "/", token: str | None = None, *more: str) -> Response:
        """By curl. `token` names a file of the world."""
        command = ["curl", "-s", "-S", "-i", "--max-time", "30", "--noproxy", "*", "--http1.1"]
        if self.url.startswith("https"):
            command += ["--cacert", str(self.world.folder / "root.pem")]
        if token is not None:
            command += ["-H", "Authorization: Bearer " + self.world.read(token)]
        command += [*more, self.url + path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr}\n{self.log.read_text()}"
        head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
        lines = head.splitlines()
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        return Response(int(lines[0].split()[1]), headers, body)

    def client(self, name: str) -> list[str]:
        """curl with a certificate of its own."""
        folder = self.world.folder
        return ["--cert", str(folder / f"{name}.pem"), "--key", str(folder / f"{name}.key")]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(
    world: World, command: Sequence[str], port: int, scheme: str = "http", **environ: str
) -> Iterator[Server]:
    log = world.folder / "server.log"
    environment = {
        **os.environ,
        "TOLLGATE_CONFIG": str(world.config),
        "PYTHONPATH": str(HERE / "apps"),
        **environ,
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=environment,
            stdout=out,
            stderr=out,
            cwd=world.folder,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + 60
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        host = "localhost" if scheme == "https" else "127.0.0.1"
        yield Server(f"{scheme}://{host}:{port}", log, world)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
