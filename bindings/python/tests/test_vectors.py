"""Every case of tests/vectors, through Python: by check, explain and batch, as through C."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

import tollgate

ROOT = Path(os.environ["TOLLGATE_SOURCE"])
VECTORS = ROOT / "tests" / "vectors"
THEMES = sorted(path.stem for path in VECTORS.glob("*.json") if path.name != "keys.json")


def load(theme: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / f"{theme}.json").read_text("ascii"))
    return loaded


def test_all_cases_are_there() -> None:
    """The number stands beside the reader in Rust: an empty or half copied folder must not pass."""
    written = re.search(r"WRITTEN: usize = (\d+)", (VECTORS / "cases.rs").read_text())
    assert written is not None
    assert sum(len(load(theme)["cases"]) for theme in THEMES) >= int(written[1])


def open_gate(config: dict[str, Any], folder: Path) -> tollgate.Gate:
    folder.mkdir()
    for name, text in config.get("files", {}).items():
        (folder / name).write_text(text)
        then = time.time() - config.get("file_age_s", {}).get(name, 0)
        os.utime(folder / name, (then, then))
    (folder / "tollgate.toml").write_text(config["toml"])
    return tollgate.Gate.from_config(folder / "tollgate.toml")


def peer_of(gate: tollgate.Gate, case: dict[str, Any]) -> tollgate.Peer | None:
    if "cert" in case:
        return tollgate.Peer.from_pem(case["cert"])
    if "headers" in case:
        headers = [(name, value.encode()) for name, value in case["headers"]]
        return gate.peer_from_headers(case["from"], headers)
    return None


def outcome(verdict: tollgate.Verdict) -> dict[str, Any]:
    assert verdict.admitted == bool(verdict) == (verdict.code == 1) == (verdict.http_status == 200)
    if verdict:
        assert verdict.principal is not None and verdict.principal.id == verdict.id
        return {"verdict": "admit", "principal": verdict.id, "expires_at": verdict.expires_at}
    nothing = (verdict.id, verdict.principal, verdict.expires_at, verdict.payload, verdict.claims)
    assert nothing == (None, None, None, None, {})
    return {
        "verdict": "refuse",
        "class": verdict.reason_class,
        "reason": verdict.reason,
        "code": verdict.code,
    }


@pytest.mark.parametrize("theme", THEMES)
def test_vectors(theme: str, tmp_path: Path) -> None:
    loaded = load(theme)
    for name, config in loaded["configs"].items():
        cases = [case for case in loaded["cases"] if case["config"] == name]
        replay(open_gate(config, tmp_path / name), cases)


def replay(gate: tollgate.Gate, cases: list[dict[str, Any]]) -> None:
    wrong = []
    by_second: dict[int, list[tuple[dict[str, Any], tollgate.Request]]] = {}
    for case in cases:
        token, peer, now = case["token"], peer_of(gate, case), case["now"]
        ask = case["ask"]
        if case["expect"].get("reason") == "endpoint_unknown":
            # That is the program's fault here, and never a credential's.
            for judge in (gate.check, gate.verify, gate.explain):
                with pytest.raises(tollgate.UnknownEndpoint) as raised:
                    judge(token, peer, now=now, **ask)
                assert raised.value.code == case["expect"]["code"]
            with pytest.raises(tollgate.UnknownEndpoint):
                gate.check_batch([tollgate.Request(token, peer, **ask)], now=now)
            continue
        checked = outcome(gate.check(token, peer, now=now, **ask))
        explained = outcome(gate.explain(token, peer, now=now, **ask).verdict)
        again = outcome(gate.check(token and token.encode(), peer, now=now, **ask))
        for way, got in (("check", checked), ("explain", explained), ("again", again)):
            if got != case["expect"]:
                wrong.append((case["name"], way, got, case["expect"]))
        by_second.setdefault(now, []).append((case, tollgate.Request(token, peer, **ask)))
    for now, pairs in by_second.items():
        batch = gate.check_batch([request for _, request in pairs], now=now)
        for (case, _), verdict in zip(pairs, batch, strict=True):
            if outcome(verdict) != case["expect"]:
                wrong.append((case["name"], "batch", outcome(verdict), case["expect"]))
    assert not wrong
