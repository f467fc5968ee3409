"""Forked children: the gate is there with what it remembers, and what refreshed it in the parent does so there."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable

import pytest
from test_trust import until
from world import TENANT, USER, World

import tollgate


def in_a_child(task: Callable[[], object]) -> None:
    """Runs a task in a forked child; fails with what it raised, or with the signal that ended it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        # A child that hangs is ended, and so fails.
        signal.alarm(60)
        try:
            task()
        except BaseException:
            os.write(write, traceback.format_exc().encode())
            os._exit(1)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as complaint:
        said = complaint.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, said or f"the child ended by {status}"


def test_a_child_has_the_gate_and_its_memory(world: World, gate: tollgate.Gate) -> None:
    known = world.token("user.jwt")
    tokens = [world.sign(world.user_claims(number)) for number in range(200, 240)]
    verdict = gate.check(known)
    assert verdict and gate.check_batch(tokens[:20]).admitted == 20

    def task() -> None:
        hits = gate.counters().hits
        assert gate.check(known).id == verdict.id and verdict.claims
        assert gate.counters().hits == hits + 1
        # The pool of the parent is not here.
        assert gate.check_batch(tokens).admitted == 40
        gate.apply(tollgate.Update().withdraw("user", TENANT, USER))
        assert not gate.check(known)

    in_a_child(task)
    assert gate.check(known), "what a child is told, its parent is not"


def test_what_refreshes_goes_on_in_both(world: World, gate: tollgate.Gate) -> None:
    gate.start_refresh()
    seen = world.folder / "seen"

    def task() -> None:
        assert gate.is_refreshing
        world.write("keys.json", world.read("rolled-keys.json"))
        until(lambda: gate.check(world.token("rolled.jwt")).admitted)
        seen.touch()
        gate.stop_refresh()
        # A child of a child that stopped it has none.
        in_a_child(lambda: not gate.is_refreshing or exit(1))

    in_a_child(task)
    assert seen.exists() and gate.is_refreshing
    until(lambda: gate.check(world.token("rolled.jwt")).admitted)


def test_forks_while_threads_check_and_update(
    world: World, gate: tollgate.Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fork in the middle of a signature or an update must not leave the child with a lock that nobody opens.

    Of ours: a stream of Python's that another thread was writing a log to stays locked (python/cpython#50970).
    """
    monkeypatch.setattr(logging.getLogger("tollgate"), "disabled", True)
    gate.start_refresh()
    is_over = threading.Event()
    first, rolled = world.read("keys.json"), world.read("rolled-keys.json")
    tokens = [world.sign(world.user_claims(number)) for number in range(300, 308)]
    known = world.token("workforce.jwt")

    def check() -> None:
        turn = 0
        while not is_over.is_set():
            # Never seen: the end of its signature is another.
            gate.check(tokens[turn % 8][:-8] + f"{turn:08}")
            gate.check_batch(tokens)
            turn += 1

    def update() -> None:
        while not is_over.is_set():
            gate.apply(tollgate.Update().keys("entra", TENANT, rolled))
            gate.apply(tollgate.Update().keys("entra", TENANT, first))
            gate.refresh()

    def task() -> None:
        began = time.monotonic()
        assert gate.check(known) and not gate.check(tokens[0][:-4] + "AAAA")
        gate.apply(tollgate.Update().keys("entra", TENANT, first))
        assert gate.check_batch(tokens).admitted == 8
        # An update waits ten seconds for a lock that nobody opens, and then raises.
        assert time.monotonic() - began < 9
        assert gate.is_refreshing and gate.refresh() in ("unchanged", "busy", "replaced")

    threads = [threading.Thread(target=what) for what in (check, check, update)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(40):
            in_a_child(task)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert gate.is_refreshing and gate.check(known)


def test_the_log_is_locked_after_our_threads_ended(world: World) -> None:
    """In a program that imports tollgate first, and whose thread has something to log while it forks."""
    program = """
import os, sys, time, tollgate
def between():
    import logging
    logging.getLogger("tollgate").manager._clear_cache()   # so that it asks for the lock
    before = gate.counters().refreshes
    with open(sys.argv[2], "a") as keys:
        keys.write(" ")
    while gate.counters().refreshes == before:
        time.sleep(0.01)
    time.sleep(0.1)
os.register_at_fork(before=between)
gate = tollgate.Gate.from_config(sys.argv[1])
gate.start_refresh()
child = os.fork()
if child == 0:
    os._exit(0 if gate.is_refreshing else 1)
assert os.waitpid(child, 0)[1] == 0 and gate.is_refreshing
"""
    keys = str(world.folder / "keys.json")
    command = [sys.executable, "-c", program, str(world.config), keys]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_signal_at_a_fork_leaves_the_thread(world: World) -> None:
    """A handler that raises while the hooks run: the thread is there all the same, and signals come through."""
    program = """
import os, signal, sys, tollgate
def raising(number, frame):
    raise RuntimeError("of the program")
signal.signal(signal.SIGUSR1, raising)
gate = tollgate.Gate.from_config(sys.argv[1])
gate.start_refresh()
for _ in range(50):
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        os.kill(os.getpid(), signal.SIGUSR1)
        child = os.fork()
        if child == 0:
            os._exit(0 if gate.is_refreshing else 1)
        assert os.waitpid(child, 0)[1] == 0
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
    except RuntimeError:
        pass
    assert gate.is_refreshing
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()
"""
    command = [sys.executable, "-c", program, str(world.config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


_shared: tollgate.Gate | None = None


def _judge(token: bytes) -> tuple[int, str | None]:
    assert _shared is not None
    verdict = _shared.check(token)
    return verdict.code, verdict.id


def _verify(token: bytes) -> str | None:
    assert _shared is not None
    return _shared.verify(token).id


def test_multiprocessing(world: World, gate: tollgate.Gate) -> None:
    global _shared
    _shared = gate
    gate.start_refresh()
    tokens = [world.token("user.jwt"), world.token("expired.jwt")] * 20
    with multiprocessing.get_context("fork").Pool(3) as pool:
        said = pool.map(_judge, tokens)
        assert said == [_judge(token) for token in tokens]
        raised = pool.map_async(_verify, tokens)
        raised.wait(60)
        try:
            raised.get(1)
        except tollgate.Refused as why:
            # It came through a pipe.
            assert (why.code, why.http_status) == (3001, 401)
        else:
            raise AssertionError("nobody was refused")
