"""The bench runs, and says every row. What it measures on a busy machine is nobody's business here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


ROW = re.compile(r"^ +([\d,]+) ns  (.*?)(?: \(least .*\))?$", re.MULTILINE)


def test_the_bench_runs() -> None:
    bench = Path(__file__).with_name("bench.py")
    done = subprocess.run(
        [sys.executable, str(bench), "--quick"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for row in ("an empty call", "hit, str", "check_batch", "PyJWT", "joserfc", "over a miss"):
        assert row in done.stdout, done.stdout
    cost = {name: int(number.replace(",", "")) for number, name in re.findall(ROW, done.stdout)}
    # Of one run, and far from where they are: what is broken shows, what is busy does not.
    assert cost["hit"] * 10 < cost["PyJWT"] and cost["hit"] * 10 < cost["joserfc"], done.stdout
    assert cost["check_batch"] < 2 * cost["check one by one"], done.stdout
