"""The bench runs, and says every row. What it measures on a busy machine is nobody's business here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_bench_runs() -> None:
    bench = Path(__file__).with_name("bench.py")
    done = subprocess.run(
        [sys.executable, str(bench), "--quick"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for row in ("an empty call", "hit, str", "check_batch", "PyJWT", "joserfc", "over a miss"):
        assert row in done.stdout, done.stdout
