"""Five million checks, and no more memory than before."""

from __future__ import annotations

import base64
import gc
import os
from itertools import repeat
from pathlib import Path
from typing import Any

from world import FOREIGN, USER, World

import tollgate

CHECKS = 5_000_000


def resident_kib() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def test_memory_stays_as_it_is(world: World, gate: tollgate.Gate) -> None:
    token, expired = world.token("user.jwt"), world.token("expired.jwt")
    text, view = token.decode(), memoryview(b"Bearer " + token)[7:]
    copied = bytearray(token)
    pc7 = tollgate.Peer.from_pem(world.read("pc7.pem"))
    def singles(count: int) -> None:
        check = gate.check
        for _ in repeat(None, count // 10):
            check(token)
            check(token, pc7)
            check(text)
            check(view)
            check(copied)
            check(expired)
            check(b"junk")
            check(None, pc7)
            check(token, endpoint="internet", scenario="user")
            check(token, source="192.0.2.1", windows="10.0.1")

    def batches(count: int) -> None:
        for _ in repeat(None, count // 1000):
            batch = gate.check_batch([token, text, expired, copied] * 250)
            assert batch.admitted == 750
            verdict = batch[1]
            read = (verdict.id, verdict.principal, verdict.claims, verdict.payload, verdict.as_dict())
            assert all(read)

    for _ in range(3):
        singles(50_000)
        batches(50_000)
    before = resident_kib()
    for _ in range(10):
        singles(CHECKS * 4 // 50)
        batches(CHECKS // 50)
    after = resident_kib()
    # One byte a check would be 4,883 KiB.
    assert after - before < 2048, f"{before} KiB before, {after} KiB after {CHECKS:,} checks"
    counters = gate.counters()
    assert counters.hits + counters.misses >= CHECKS


def test_rare_ways_leave_nothing(world: World, gate: tollgate.Gate) -> None:
    """Everything that raises, explains, refuses for good, or changes the trust."""
    token, expired = world.token("user.jwt"), world.token("expired.jwt")
    der = (world.folder / "pc7.der").read_bytes()
    value = b":" + base64.b64encode(der) + b":"
    headers: list[tuple[str | bytes, bytes]] = [(b"host", b"x"), (b"client-cert", value)]
    misuse: Any = gate.check

    def rare(count: int, first: int) -> None:
        for number in range(first, first + count):
            for way, kind in (
                (lambda: gate.verify(expired), tollgate.Refused),
                (lambda: gate.check(token, endpoint="nowhere"), tollgate.UnknownEndpoint),
                (lambda: misuse(7), TypeError),
                (lambda: misuse(token, scenario="admin"), ValueError),
            ):
                try:
                    way()
                except kind:
                    pass
            assert gate.peer_from_headers("127.0.0.1", headers) is not None
            assert tollgate.Peer.from_pem("junk").refusal
            # Never seen: no signature of ours, and one that is wrong.
            gate.check(b"e30.%d.AAAA" % number)
            if number % 10 == 0:
                str(gate.explain(expired))
                gate.counters()
            if number % 100 == 0:
                gate.check(token[:-8] + b"%08d" % number)
                withdrawal = tollgate.Update().withdraw("user", FOREIGN, USER)
                gate.apply(withdrawal)
                gate.apply(tollgate.Update().restore("user", FOREIGN, USER))
                gate.metrics()

    rare(10_000, 0)
    before = resident_kib()
    rare(50_000, 10_000)
    after = resident_kib()
    # 50 bytes a round would be 2,441 KiB.
    assert after - before < 2048, f"{before} KiB before, {after} KiB after"
