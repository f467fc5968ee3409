"""The types that are promised: mypy on the package, the tests and the examples; stubtest on the extension."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import tollgate

SOURCE = Path(os.environ["TOLLGATE_SOURCE"])
BINDING = SOURCE / "bindings" / "python"


def run(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=BINDING / "tests",
        env={**os.environ, "MYPYPATH": ""},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_is_strict_with_what_is_installed(tmp_path: Path) -> None:
    cache = ["--cache-dir", str(tmp_path)]
    strict = ["mypy", "--strict", "--config-file", str(BINDING / "pyproject.toml"), *cache]
    run(*strict, "-p", "tollgate")
    examples = [str(path) for path in (SOURCE / "examples").glob("*.py")]
    assert examples
    tests = [str(path) for path in (BINDING / "tests").rglob("*.py")]
    run(*strict, *tests)
    run(*strict, *examples)


def test_the_stubs_are_what_is_there(tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    config.write_text(f"[mypy]\ncache_dir = {tmp_path}/cache\n")
    run("mypy.stubtest", "--mypy-config-file", str(config), "tollgate._tollgate")


def test_everything_public_is_said() -> None:
    for name in tollgate.__all__:
        assert getattr(tollgate, name) is not None
    stub = Path(tollgate.__file__).with_name("_tollgate.pyi").read_text()
    assert Path(tollgate.__file__).with_name("py.typed").exists()
    for kind in (tollgate.Gate, tollgate.Verdict, tollgate.Batch, tollgate.Peer, tollgate.Update):
        assert f"class {kind.__name__}" in stub
