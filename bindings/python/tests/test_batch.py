"""Many requests at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from world import World

import tollgate


def test_a_batch_says_what_single_checks_say(world: World, gate: tollgate.Gate) -> None:
    names = ["user", "device", "expired", "foreign", "disabled", "stale", "workforce", "laptop9"]
    tokens = [world.token(f"{name}.jwt") for name in names]
    shown: list[Any] = [*tokens, tokens[0].decode(), memoryview(tokens[0]), None, b"junk"]
    batch = gate.check_batch(shown, scenario="user")
    assert len(batch) == len(shown)
    single = [gate.check(token, scenario="user") for token in shown]
    assert batch.codes == [verdict.code for verdict in single] == [v.code for v in batch]
    assert batch.admitted == sum(map(bool, single))
    assert [verdict.as_dict() for verdict in batch] == [verdict.as_dict() for verdict in single]
    assert all(verdict.scenario == "user" for verdict in batch)


def test_a_request_may_ask_something_else(world: World, gate: tollgate.Gate) -> None:
    own = tollgate.Peer.from_pem(world.read("laptop9.pem"))
    bound = world.token("laptop9.jwt")
    device = world.token("device.jwt")
    batch = gate.check_batch(
        [
            tollgate.Request(bound, own),
            tollgate.Request(bound),
            tollgate.Request(device, scenario="user"),
            tollgate.Request(device, endpoint="internet", windows="10.0.1", source="192.0.2.1"),
            tollgate.Request(peer=own),
        ]
    )
    codes = [verdict.code for verdict in batch]
    assert codes[0] == codes[3] == 1 and codes[1] == 2013 and codes[2] == 4003 and codes[4] > 1000
    assert [verdict.scenario for verdict in batch][2:4] == ["user", "device"]


def test_a_batch_is_a_sequence(world: World, gate: tollgate.Gate) -> None:
    token = world.token("user.jwt")

    def shown() -> Iterator[bytes]:
        yield from (token, b"junk", token)

    batch = gate.check_batch(shown())
    assert [bool(verdict) for verdict in batch] == [True, False, True]
    assert batch[-1].id == batch[0].id and not batch[-2]
    assert [verdict.code for verdict in batch[::2]] == [1, 1] and batch[5:] == []
    for index in (3, -4, 10**30):
        with pytest.raises(IndexError):
            batch[index]
    # Whether there is any, or whether all may pass?
    for odd in (batch, gate.explain(b"junk")):
        with pytest.raises(TypeError, match="neither true nor false"):
            bool(odd)
    assert repr(batch) == "<tollgate.Batch 2 of 3 admitted>"
    assert len(gate.check_batch([])) == 0
    # A verdict keeps what it speaks of.
    kept = batch[0]
    del batch, token
    assert kept.claims == {"preferred_username": "user000001@example.org"}


def test_misuse_of_a_batch(world: World, gate: tollgate.Gate) -> None:
    check: Any = gate.check_batch
    with pytest.raises(TypeError, match="token must be"):
        check([world.token("user.jwt"), 7])
    with pytest.raises(TypeError):
        check(7)
    with pytest.raises(tollgate.UnknownEndpoint):
        check([b"x"], endpoint="nowhere")
    with pytest.raises(tollgate.UnknownEndpoint, match="elsewhere"):
        check([tollgate.Request(b"x"), tollgate.Request(b"x", endpoint="elsewhere")])

    def failing() -> Iterator[bytes]:
        yield b"x"
        raise RuntimeError("of the caller")

    with pytest.raises(RuntimeError, match="of the caller"):
        check(failing())


def test_new_credentials_are_shared_out(world: World, gate: tollgate.Gate) -> None:
    tokens = [world.sign(world.user_claims(number)) for number in range(100, 160)]
    before = gate.counters()
    assert gate.check_batch(tokens).admitted == 60
    after = gate.counters()
    assert after.misses - before.misses == 60 and after.signature_checks == 60
    assert gate.check_batch(tokens).admitted == 60
    assert gate.counters().hits - after.hits == 60
