"""Five million checks, and no more memory than before."""

from __future__ import annotations

import gc
import os
from itertools import repeat
from pathlib import Path

from world import World

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
    headers: list[tuple[str | bytes, bytes]] = [(b"host", b"x")]

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

    def rest(count: int) -> None:
        """What is asked of verdicts, batches, and everything that raises."""
        for _ in repeat(None, count // 1000):
            batch = gate.check_batch([token, text, expired, copied] * 250)
            assert batch.admitted == 750
            verdict = batch[1]
            read = (verdict.id, verdict.principal, verdict.claims, verdict.payload, verdict.as_dict())
            assert all(read)
            try:
                gate.verify(expired)
            except tollgate.Refused:
                pass
            try:
                gate.check(token, endpoint="nowhere")
            except tollgate.UnknownEndpoint:
                pass
            gate.peer_from_headers("127.0.0.1", headers)
            gate.counters()
            gate.explain(expired)

    for _ in range(3):
        singles(50_000)
        rest(50_000)
    before = resident_kib()
    for _ in range(10):
        singles(CHECKS * 4 // 50)
        rest(CHECKS // 50)
    after = resident_kib()
    # One byte a check would be 4,883 KiB.
    assert after - before < 2048, f"{before} KiB before, {after} KiB after {CHECKS:,} checks"
    counters = gate.counters()
    assert counters.hits + counters.misses >= CHECKS
