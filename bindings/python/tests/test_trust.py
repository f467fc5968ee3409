"""Changes of trust while threads check."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from world import CLIENT, CONFIGURATION, DEVICE, SITE, TENANT, USER, World

import tollgate

Update = tollgate.Update


def until(holds: Callable[[], bool]) -> None:
    """Waits for what another thread or process does, generously."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_updates_hold_on_the_next_check(world: World, gate: tollgate.Gate) -> None:
    user, device, bound = (world.token(f"{name}.jwt") for name in ("user", "device", "laptop9"))
    own = tollgate.Peer.from_pem(world.read("laptop9.pem"))
    assert gate.check(user) and gate.check(device) and gate.check(bound, own)
    gate.apply(Update().withdraw("user", TENANT, USER))
    assert gate.check(user).code // 1000 == 5 and gate.check(device)
    gate.apply(Update().restore("user", TENANT, USER).withdraw("device", TENANT, DEVICE))
    assert gate.check(user).code // 1000 == 5 and not gate.check(device)
    gate.apply(Update().restore("device", TENANT, DEVICE).withdraw("client", SITE, CLIENT))
    assert gate.check(user) and gate.check(device) and not gate.check(bound, own)
    gate.apply(Update().restore("client", SITE, CLIENT))
    gate.apply(Update().withdraw("client", SITE, CLIENT, issued_before=world.now - 10))
    assert gate.check(bound, own)
    gate.apply(Update().enable("entra", TENANT, False))
    assert gate.check(user).reason == "tenant_disabled"
    gate.apply(Update().enable("entra", TENANT, True))
    assert gate.check(user)
    gate.apply(Update().keys("entra", TENANT, json.loads(world.read("rolled-keys.json"))))
    assert gate.check(world.token("rolled.jwt")) and not gate.check(user)
    gate.apply(Update().keys("entra", TENANT, world.read("keys.json")))
    assert gate.check(user) and not gate.check(world.token("rolled.jwt"))
    stranger = tollgate.Peer.from_pem(world.read("stranger.pem"))
    assert not gate.check(peer=stranger)
    gate.apply(Update().anchors("corp", world.read("other-root.pem")))
    assert gate.check(peer=stranger)
    assert gate.counters().updates == 10


def test_an_update_is_whole_or_nothing(world: World, gate: tollgate.Gate) -> None:
    update = Update().withdraw("user", TENANT, USER).keys("entra", TENANT, "no JSON")
    with pytest.raises(tollgate.ConfigError) as raised:
        gate.apply(update)
    assert raised.value.problems and gate.check(world.token("user.jwt"))
    # It is what it was: one that failed must not succeed the next time, and change nothing.
    with pytest.raises(tollgate.ConfigError):
        gate.apply(update)
    withdrawal = Update().withdraw("user", TENANT, USER)
    other = tollgate.Gate.from_config(world.config)
    for one in (gate, other):
        one.apply(withdrawal)
        assert not one.check(world.token("user.jwt"))
    gate.apply(Update().restore("user", TENANT, USER))
    with pytest.raises(tollgate.ConfigError, match="configuration is a file"):
        gate.apply(Update().configuration(CONFIGURATION))
    bad: Any = Update()
    calls: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: bad.keys("ntra", TENANT, "{}"), ValueError),
        (lambda: bad.keys("entra", TENANT, 7), TypeError),
        (lambda: bad.withdraw("user", "no GUID", USER), ValueError),
        (lambda: bad.withdraw("tenant", TENANT, USER), ValueError),
        (lambda: bad.configuration(7), TypeError),
        (lambda: gate.apply(7), TypeError),  # type: ignore[arg-type]
    ]
    for call, kind in calls:
        with pytest.raises(kind):
            call()


def test_configurations_in_memory(world: World) -> None:
    config: dict[str, Any] = {
        "endpoint": [{"name": "gate", "methods": ("entra",), "scenarios": ["device", "user"]}],
        "entra": [
            {"tenant": TENANT, "audiences": ["6e74172b-be56-4843-9ff4-e66a39bb12e3"]}
            | {"jwks_file": world.folder / "keys.json", "enabled": True}
        ],
    }
    gate = tollgate.Gate.from_config(config)
    assert gate.endpoints == ("gate",) and gate.check(world.token("user.jwt"))
    config["entra"][0]["enabled"] = False
    gate.apply(Update().configuration(config))
    assert gate.check(world.token("user.jwt")).reason == "tenant_disabled"
    config["entra"][0]["audience"] = config["entra"][0].pop("audiences")
    with pytest.raises(tollgate.ConfigError) as raised:
        gate.apply(Update().configuration(config))
    keys = [problem.key for problem in raised.value.problems]
    assert "entra[0].audiences" in keys and "entra[0].audience" in keys
    assert all(problem.line is None for problem in raised.value.problems)
    relative = config | {"entra": [{**config["entra"][0], "jwks_file": "keys.json"}]}
    del relative["entra"][0]["audience"]
    relative["entra"][0] |= {"audiences": ["6e74172b-be56-4843-9ff4-e66a39bb12e3"], "enabled": True}
    gate = tollgate.Gate.from_config(relative, folder=world.folder)
    assert gate.check(world.token("user.jwt"))
    assert tollgate.Gate.from_toml(CONFIGURATION, folder=world.folder).check(
        world.token("user.jwt")
    )


def test_a_bad_configuration_says_where(world: World) -> None:
    path = world.write("bad.toml", CONFIGURATION.replace("audiences", "audience", 1))
    with pytest.raises(tollgate.ConfigError) as raised:
        tollgate.Gate.from_config(str(path))
    lines = str(raised.value).splitlines()
    assert len(lines) == len(raised.value.problems) == 2
    assert all(line.startswith(f"{path}:") for line in lines)
    assert {problem.line for problem in raised.value.problems} == {16, 18}
    assert isinstance(raised.value, ValueError)
    wrong: Any = tollgate.Gate.from_config
    endless: dict[str, Any] = {}
    endless["gate"] = endless
    endless_list: list[Any] = []
    endless_list.append(endless_list)
    calls: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: wrong(7), TypeError),
        (lambda: wrong({"gate": None}), TypeError),
        (lambda: wrong({7: "x"}), TypeError),
        (lambda: wrong(endless), ValueError),
        (lambda: wrong({"gate": endless_list}), ValueError),
        (lambda: Update().configuration(endless), ValueError),
        (lambda: wrong({"gate": {"skew": 2**80}}), OverflowError),
        (lambda: wrong(world.config, folder="."), ValueError),
        (lambda: wrong(world.config, processes=0), ValueError),
        (lambda: wrong(world.folder / "absent.toml"), tollgate.ConfigError),
    ]
    for call, kind in calls:
        with pytest.raises(kind):
            call()


def test_files_that_change_are_loaded(
    world: World, gate: tollgate.Gate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tollgate")
    assert gate.refresh() == "unchanged" and 0 <= gate.refresh_due <= 1
    world.write("keys.json", world.read("rolled-keys.json"))
    assert gate.refresh() == "replaced"
    assert gate.check(world.token("rolled.jwt")) and "loaded again" in caplog.text
    world.write("keys.json", "no JSON")
    with pytest.raises(tollgate.ConfigError, match="jwks_file: this is not a JWK set"):
        gate.refresh()
    assert gate.check(world.token("rolled.jwt")) and "stays as it was" in caplog.text
    assert gate.counters().refresh_failures == 1


def test_a_thread_refreshes(world: World, gate: tollgate.Gate) -> None:
    assert not gate.is_refreshing and gate.start_refresh() and gate.is_refreshing
    assert not gate.start_refresh()
    world.write("keys.json", world.read("rolled-keys.json"))
    until(lambda: gate.check(world.token("rolled.jwt")).admitted)
    assert gate.stop_refresh() and not gate.stop_refresh() and not gate.is_refreshing


def test_a_log_that_fails_changes_nothing(
    world: World, gate: tollgate.Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", seen.append)

    class Failing(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise RuntimeError("of the host")

    failing = Failing()
    log = logging.getLogger("tollgate")
    monkeypatch.setattr(log, "level", logging.INFO)
    log.addFilter(failing)
    try:
        world.write("keys.json", world.read("rolled-keys.json"))
        assert gate.refresh() == "replaced" and gate.check(world.token("rolled.jwt"))
        gate.start_refresh()
        world.write("keys.json", world.read("keys.json") + "\n")
        until(lambda: gate.counters().refreshes == 2)
        gate.stop_refresh()
    finally:
        log.removeFilter(failing)
    assert seen and all(isinstance(one.exc_value, RuntimeError) for one in seen)


def test_a_gate_goes_with_its_thread(world: World) -> None:
    gate = tollgate.Gate.from_config(world.config)
    gate.start_refresh()

    def threads() -> int:
        return len(os.listdir("/proc/self/task"))

    before, gone = threads(), weakref.ref(gate)
    verdict = gate.check(world.token("user.jwt"))
    del gate
    gc.collect()
    assert gone() is not None and verdict.claims, "a verdict keeps its gate"
    del verdict
    gc.collect()
    assert gone() is None
    until(lambda: threads() < before)


def test_a_program_ends_while_its_gate_refreshes(world: World) -> None:
    """Whatever the thread is at, and though nobody stopped it: with its own status, and without a word."""
    program = (
        "import sys, tollgate, threading, logging\n"
        "logging.basicConfig(level=logging.CRITICAL)\n"
        "gate = tollgate.Gate.from_config(sys.argv[1])\n"
        "gate.start_refresh()\n"
        "open(sys.argv[2], 'a').write(' ')\n"
        "threading.Thread(target=gate.refresh).start()\n"
        "sys.exit(7)\n"
    )
    keys = str(world.folder / "keys.json")
    for _ in range(5):
        command = [sys.executable, "-c", program, str(world.config), keys]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (7, "", "")


def test_signals_go_to_the_main_thread(world: World, gate: tollgate.Gate) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    gate.start_refresh()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before

    def masks() -> dict[str, int]:
        pages = [(task / "status").read_text() for task in Path("/proc/self/task").iterdir()]
        tasks = [dict(line.split(":\t", 1) for line in page.splitlines()) for page in pages]
        return {task["Name"]: int(task["SigBlk"], 16) for task in tasks}

    # It gives itself its name when it begins.
    until(lambda: "tollgate-refres" in masks())
    blocked = masks()["tollgate-refres"]
    assert all(blocked & 1 << number - 1 for number in (signal.SIGINT, signal.SIGTERM))


def test_processes_share_the_memory_of_a_machine(world: World) -> None:
    alone = tollgate.Gate.from_config(world.config).cache_bytes
    assert tollgate.Gate.from_config(world.config, processes=4).cache_bytes == alone // 4


def test_eight_threads_and_swaps(world: World, gate: tollgate.Gate) -> None:
    """Each answer is one that was true at some moment: a swap never shows half of itself."""
    tokens = {name: world.token(f"{name}.jwt") for name in ("user", "rolled", "device", "expired")}
    pc7 = tollgate.Peer.from_pem(world.read("pc7.pem"))
    may = {
        "user": {"admitted", "key_unknown", "user_withdrawn"},
        "rolled": {"admitted", "key_unknown"},
        "device": {"admitted", "key_unknown"},
        "expired": {"expired", "key_unknown", "user_withdrawn"},
    }
    wrong: list[str] = []
    seen: dict[str, set[str]] = {name: set() for name in may}
    is_over = threading.Event()
    counts = [0] * 8

    def check(number: int) -> None:
        while not is_over.is_set():
            for name, token in tokens.items():
                said = gate.check(token, pc7 if number % 2 else None)
                seen[name].add(said.reason)
                counts[number] += 1
                if said and not (said.id and said.claims is not None):
                    wrong.append(f"{name}: admitted without a name")
            codes = gate.check_batch(list(tokens.values()) * 4).codes
            counts[number] += len(codes)

    threads = [threading.Thread(target=check, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    first, rolled = world.read("keys.json"), world.read("rolled-keys.json")
    for turn in range(60):
        gate.apply(Update().keys("entra", TENANT, rolled if turn % 2 else first))
        gate.apply(Update().withdraw("user", TENANT, USER))
        gate.explain(tokens["user"])
        gate.counters()
        gate.metrics()
        gate.apply(Update().restore("user", TENANT, USER))
    gate.apply(Update().keys("entra", TENANT, first))
    is_over.set()
    for thread in threads:
        thread.join()
    assert not wrong and min(counts) > 0
    assert all(seen[name] <= may[name] for name in may), seen
    assert gate.check(tokens["user"]) and gate.check(tokens["rolled"]).reason == "key_unknown"
    assert gate.counters().updates == 181
    assert "tollgate_" in gate.metrics()
