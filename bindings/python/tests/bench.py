"""What a check costs from Python, beside an empty call, the core's own batch, PyJWT and joserfc.

    bench.py [--quick]

One run, rounds of everything after each other, medians. Figures of a busy machine are worth their ratios only.
`bindings/python/test.sh bench` builds what the row of the core's batch needs, and runs this.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwk
from joserfc import jwt as jose
from world import AUDIENCE, World, ec_jwk

import tollgate
from tollgate import _tollgate

Work = Callable[[], object]


class Row:
    """One thing that is measured."""

    def __init__(self, name: str, work: Work, calls: int, per: int = 1) -> None:
        self.name, self.work, self.calls, self.per = name, work, calls, per
        self.ns: list[float] = []

    def round(self) -> None:
        work = self.work
        begun = time.perf_counter_ns()
        for _ in range(self.calls):
            work()
        self.ns.append((time.perf_counter_ns() - begun) / self.calls / self.per)

    @property
    def median(self) -> float:
        return statistics.median(self.ns)


def empty(
    token: object = None, peer: object = None, *, endpoint: object = None, scenario: object = None
) -> None:
    """A call that does nothing, with the arguments of a check."""


def each(work: Callable[[bytes], object], tokens: Sequence[bytes]) -> Work:
    """Does it to every token."""

    def all_of_them() -> None:
        for token in tokens:
            work(token)

    return all_of_them


def measure(rows: Sequence[Row], rounds: int) -> None:
    for row in rows:
        row.work()
    for _ in range(rounds):
        for row in rows:
            row.round()


def sign_many(world: World, count: int) -> tuple[list[bytes], tollgate.Gate]:
    """Tokens of one size, and a gate that knows them: by ES256, which signs faster. A hit does not see it."""
    key = ec.generate_private_key(ec.SECP256R1())
    world.write("workforce.json", json.dumps({"keys": [ec_jwk(key, "w")]}))
    text = world.read("tollgate.toml").replace("16MiB", "64MiB")
    gate = tollgate.Gate.from_config(world.write("bench.toml", text))
    issuer = {"iss": "https://id.example.org", "aud": "tollgate"}
    signed = []
    for number in range(count):
        claims = world.user_claims(number, sub=f"user {number}", **issuer)
        signed.append(jwt.encode(claims, key, "ES256", {"kid": "w"}).encode())
    assert gate.check_batch(signed).admitted == count
    return signed, gate


def calls(world: World, many: Sequence[bytes], gate: tollgate.Gate, n: int) -> list[Row]:
    token = world.token("user.jwt")
    text, view, writable = token.decode(), memoryview(b"Bearer " + token)[7:], bytearray(token)
    pc7 = tollgate.Peer.from_pem(world.read("pc7.pem"))
    check = gate.check
    assert check(token) and check(None, pc7)
    verdict = check(token)
    some = many[:4096]
    passes = max(1, n // len(some))
    return [
        Row("an empty call", lambda: empty(token), n),
        Row("hit", lambda: check(token), n),
        Row("an empty call with keywords", lambda: empty(token, endpoint="internet", scenario="user"), n),
        Row("hit with keywords", lambda: check(token, endpoint="internet", scenario="user"), n),
        Row("hit, str", lambda: check(text), n),
        Row("hit, memoryview of bytes", lambda: check(view), n),
        Row("hit, bytearray (copied)", lambda: check(writable), n),
        Row("hit, certificate", lambda: check(None, pc7), n),
        Row(f"an empty call, {len(some):,} tokens in turn", each(empty, some), passes, len(some)),
        Row(f"hit, {len(some):,} tokens in turn", each(check, some), passes, len(some)),
        Row("verdict.id", lambda: verdict.id, n),
        Row("verdict.claims", lambda: verdict.claims, n // 4),
    ]


def batches(many: Sequence[bytes], gate: tollgate.Gate) -> list[Row]:
    all_of_them = list(many)
    count = len(all_of_them)
    rows = [
        Row("check_batch", lambda: gate.check_batch(all_of_them), 1, count),
        Row("check_batch and codes", lambda: gate.check_batch(all_of_them).codes, 1, count),
        Row("check one by one", each(gate.check, all_of_them), 1, count),
    ]
    core: Callable[[tollgate.Gate, list[bytes]], float] | None
    core = getattr(_tollgate, "measure_batch", None)
    if core is not None:
        told = core

        class Core(Row):
            def round(self) -> None:
                self.ns.append(told(gate, all_of_them) * 1e9 / count)

        rows.insert(0, Core("the core's batch, in Rust", lambda: None, 1))
    return rows


def peers(world: World, n: int) -> list[Row]:
    """RS256 by the same key; tokens that tollgate has never seen, since the others remember nothing."""
    public = world.tenant.public_key()
    row = json.loads(world.read("keys.json"))["keys"][0]
    key = jwk.RSAKey.import_key(row)
    registry = jose.JWTClaimsRegistry(aud={"essential": True, "value": AUDIENCE})

    def by_pyjwt(token: bytes) -> object:
        return jwt.decode(token, public, ["RS256"], audience=AUDIENCE)

    def by_joserfc(token: bytes) -> object:
        read = jose.decode(token, key, ["RS256"])
        registry.validate(read.claims)
        return read

    class Fresh(Row):
        """A new gate each round: nothing was seen before."""

        def round(self) -> None:
            self.gate = tollgate.Gate.from_config(world.config)
            self.work = each(self.gate.check, tokens)
            super().round()

    tokens = [world.sign(world.user_claims(number)).encode() for number in range(n)]
    gate = tollgate.Gate.from_config(world.config)
    assert gate.check_batch(tokens).admitted == n
    return [
        Row("tollgate, seen before", each(gate.check, tokens), 20, n),
        Fresh("tollgate, never seen", each(gate.check, tokens), 1, n),
        Row("PyJWT", each(by_pyjwt, tokens), 1, n),
        Row("joserfc", each(by_joserfc, tokens), 1, n),
    ]


def main() -> None:
    is_quick = "--quick" in sys.argv[1:]
    rounds, n, many, few = (3, 500, 200, 5) if is_quick else (21, 20_000, 10_000, 100)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        tokens, gate = sign_many(world, many)
        groups: dict[str, list[Row]] = {
            "one call": calls(world, tokens, gate, n),
            f"{many:,} hits, each": batches(tokens, gate),
            "beside others, 1.4 KB, RS256": peers(world, few),
        }
        for name, rows in groups.items():
            measure(rows, rounds)
            print(name)
            for row in rows:
                print(f"  {row.median:12,.0f} ns  {row.name} (least {min(row.ns):,.0f})")
        conclude(groups)


def conclude(groups: dict[str, list[Row]]) -> None:
    rows: dict[str, Any] = {row.name: row.median for group in groups.values() for row in group}
    print("ratios")
    least = {row.name: min(row.ns) for group in groups.values() for row in group}
    over, least_over = (of["hit"] - of["an empty call"] for of in (rows, least))
    print(f"  {over:12,.0f} ns  a hit over an empty call (goal: at most 400; least {least_over:,.0f})")
    core = rows.get("the core's batch, in Rust")
    if core is None:
        print("  SKIPPED: the core's batch; `bindings/python/test.sh bench` builds what it needs")
    else:
        print(f"  {core / rows['check_batch']:12.2f}     rate of check_batch over the core's (goal: 0.5)")
    for name in ("PyJWT", "joserfc"):
        seen, unseen = (rows[f"tollgate, {way}"] for way in ("seen before", "never seen"))
        print(f"  {rows[name] / seen:12,.0f} x   {name} over a hit; {rows[name] / unseen:.1f} x over a miss")


if __name__ == "__main__":
    main()
