"""Checks one by one: what they take, what they say, and what they raise."""

from __future__ import annotations

import base64
import copy
import json
import os
import pickle
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from world import CLIENT, DEVICE, SITE, TENANT, USER, World

import tollgate

ID = f"entra:{TENANT}:{USER}"


def test_every_form_of_a_token_is_the_same_token(world: World, gate: tollgate.Gate) -> None:
    token = world.token("user.jwt")

    class Bytes(bytes):
        pass

    class Str(str):
        pass

    header = b"Bearer " + token
    forms: list[Any] = [token, token.decode(), bytearray(token), memoryview(token), Bytes(token)]
    forms += [Str(token.decode()), memoryview(header)[7:], memoryview(bytearray(header))[7:]]
    forms += [memoryview(bytes(2 * len(token)))[::2], memoryview(header[::-1])[: len(token)][::-1]]
    said = [gate.check(form) for form in forms]
    assert [verdict.id for verdict in said[:8]] == [ID] * 8
    # A view with gaps is bytes like any other: zeros are no token, and what is turned back is one.
    assert said[8].reason_class == "malformed"
    assert said[9].id == ID
    assert all(verdict.payload_json() == said[0].payload_json() for verdict in said[1:8])
    assert gate.counters().hits >= 7


def test_what_can_be_written_to_is_judged_as_it_was(world: World, gate: tollgate.Gate) -> None:
    token = bytearray(world.token("user.jwt"))
    verdict = gate.check(token)
    token[:] = world.token("other-user.jwt").ljust(len(token))[: len(token)]
    assert verdict.id == ID
    assert verdict.claims == {"preferred_username": "user000001@example.org"}
    token.extend(b"it is not locked either")


def test_nothing_that_is_shown_raises(world: World, gate: tollgate.Gate) -> None:
    token = world.token("user.jwt")
    odd: list[Any] = [b"", "", b"\0", "\udcff\udc80", "\U0001f600", "ab\ud800", b"\xff" * 70_000]
    odd += ["." * 70_000, bytearray(70_000), memoryview(bytearray(70_000)), b"...", token + b"\n"]
    odd += [token[:-1], token.decode() + "\u00e9", b"." * 50_000_000, "\udcff" * 1_000_000]
    for shown in odd:
        verdict = gate.check(shown)
        assert not verdict and verdict.reason_class in ("malformed", "untrusted"), shown[:20]
        assert gate.explain(shown).verdict.code == verdict.code
    assert gate.check().reason == "no_credential"
    assert gate.check(bytearray(70_000)).message.endswith("[70000, at most 65536]")


def test_misuse_says_what_is_wrong(world: World, gate: tollgate.Gate) -> None:
    check: Any = gate.check
    token = world.token("user.jwt")
    wrong: list[tuple[Callable[[], object], type[Exception], str]] = [
        (lambda: check(7), TypeError, "token must be bytes, str, .* not int"),
        (lambda: check(["a"]), TypeError, "token must be .* not list"),
        (lambda: check(memoryview(b"abcd").cast("I")), TypeError, "memoryview"),
        (lambda: check(token, "peer"), TypeError, "peer"),
        (lambda: check(token, scenario="admin"), ValueError, 'scenario is "device" or "user"'),
        (lambda: check(token, scenario=1), TypeError, "str"),
        (lambda: check(token, windows="ten"), ValueError, "10.0.19045"),
        (lambda: check(token, windows=(1, 2)), ValueError, "length"),
        (lambda: check(token, source="nowhere"), ValueError, "source is an IP address"),
        (lambda: check(token, source=b"x" * 17), ValueError, "1 to 16 bytes"),
        (lambda: check(token, now="today"), TypeError, "now is seconds"),
        (lambda: check(token, now=float("nan")), OverflowError, "now is no number"),
        (lambda: check(token, now=2**70), OverflowError, "too"),
        (lambda: check(token, endpoint="intranet"), tollgate.UnknownEndpoint, "there are internet"),
        (lambda: check(tokn=token), TypeError, "tokn"),
    ]
    for call, kind, text in wrong:
        with pytest.raises(kind, match=text):
            call()
    assert gate.check(token, now=float(world.now) + 0.5).admitted
    assert gate.check(token, windows="10.0.19045", source="2001:db8::1").admitted
    assert gate.check(token, windows=(10, 0, 19045), source=b"door 7").admitted


def test_a_verdict_is_true_where_it_admits_and_nobody_makes_one(
    world: World, gate: tollgate.Gate
) -> None:
    verdict, refused = gate.check(world.token("user.jwt")), gate.check(world.token("expired.jwt"))
    assert verdict and not refused
    kind: Any = tollgate.Verdict
    makers: list[Callable[[], object]] = [
        lambda: kind(),
        lambda: kind.__new__(kind),
        lambda: object.__new__(kind),
        lambda: type("Mine", (kind,), {}),
        lambda: copy.copy(verdict),
        lambda: copy.deepcopy(verdict),
        lambda: pickle.loads(pickle.dumps(verdict)),
    ]
    for make in makers:
        with pytest.raises(TypeError):
            make()
    for name in ("admitted", "code", "http_status", "anything"):
        with pytest.raises(AttributeError):
            setattr(refused, name, True)
    with pytest.raises(TypeError):
        pickle.dumps(gate)
    for other in (tollgate.Batch, tollgate.Gate, tollgate.Peer, tollgate.Principal):
        with pytest.raises(TypeError):
            other()  # type: ignore[call-arg,unused-ignore]


def test_a_refusal_says_everything(world: World, gate: tollgate.Gate) -> None:
    verdict = gate.check(world.token("expired.jwt"), scenario="user")
    assert (verdict.code, verdict.reason, verdict.reason_class) == (3001, "expired", "untimely")
    assert (verdict.http_status, verdict.method, verdict.scenario) == (401, "entra", "user")
    assert verdict.sentence and verdict.remedy and verdict.message.startswith("expired (3001): ")
    assert (verdict.kind, verdict.expires_at, verdict.certificate) == (None, None, None)
    assert repr(verdict) == "<tollgate.Verdict refused expired (3001)>"
    with pytest.raises(tollgate.Refused) as raised:
        gate.verify(world.token("expired.jwt"))
    why = raised.value
    assert (why.reason, why.code, why.http_status) == ("expired", 3001, 401)
    assert (why.reason_class, why.method, why.remedy) == ("untimely", "entra", verdict.remedy)
    assert str(why) == verdict.message and isinstance(why, tollgate.TollgateError)
    again = pickle.loads(pickle.dumps(why))
    assert type(again) is tollgate.Refused and (again.code, str(again)) == (3001, str(why))
    assert gate.verify(world.token("user.jwt")).id == ID


def test_each_class_has_its_status(world: World, gate: tollgate.Gate) -> None:
    said = {
        "malformed": gate.check(b"not a token"),
        "untrusted": gate.check(world.token("foreign.jwt")),
        "untimely": gate.check(world.token("expired.jwt")),
        "unsuitable": gate.check(world.token("device.jwt"), scenario="user"),
        "withdrawn": gate.check(world.token("disabled.jwt")),
        "undecidable": gate.check(world.token("stale.jwt")),
    }
    for number, (name, verdict) in enumerate(said.items(), 1):
        assert verdict.reason_class == name and verdict.code // 1000 == number
    statuses = [verdict.http_status for verdict in said.values()]
    assert statuses == [401, 401, 401, 403, 401, 503]
    reasons = {reason.code: reason for reason in tollgate.reasons()}
    for verdict in said.values():
        row = reasons[verdict.code]
        assert (row.name, row.sentence, row.remedy) == (
            verdict.reason,
            verdict.sentence,
            verdict.remedy,
        )
        assert row.http_status == verdict.http_status and row.source


def test_who_it_is(world: World, gate: tollgate.Gate) -> None:
    own = tollgate.Peer.from_pem(world.read("laptop9.pem"))
    site = gate.check(world.token("laptop9.jwt"), own).principal
    assert site is not None
    assert (site.id, site.device, site.bound) == (f"site:{SITE}:{CLIENT}", CLIENT, True)
    assert gate.check(world.token("laptop9.jwt")).reason == "proof_missing"
    pc7 = tollgate.Peer.from_der([(world.folder / "pc7.der").read_bytes()])
    alone = gate.check(peer=pc7)
    assert alone.id == "pki:corp:dns:pc7.contoso.com" and alone.payload is None
    both = gate.check(world.token("user.jwt"), pc7)
    assert both.certificate is not None and both.certificate.id == alone.id
    user = both.principal
    assert user is not None and user.id == both.id == ID
    assert (user.tenant, user.user, user.device) == (TENANT, USER, DEVICE)
    assert user.authority.startswith("https://login.microsoftonline.com/") and not user.bound
    signed = base64.urlsafe_b64decode(world.token("user.jwt").split(b".")[1] + b"==")
    assert both.payload == signed and both.payload_json() == json.loads(signed)
    assert both.claims == {"preferred_username": "user000001@example.org"}
    assert gate.check(world.token("workforce.jwt")).claims["groups"] == '["a","b"]'


def test_peers_that_cannot_be_taken_refuse(world: World, gate: tollgate.Gate) -> None:
    token = world.token("user.jwt")
    der = (world.folder / "pc7.der").read_bytes()
    for peer in (
        tollgate.Peer.from_der([]),
        tollgate.Peer.from_der([b"\0"]),
        tollgate.Peer.from_der([der] * 11),
        tollgate.Peer.from_pem("not PEM"),
        tollgate.Peer.from_pem("\udcff"),
        tollgate.Peer.from_pem(b"x" * 200_000),
    ):
        assert peer.refusal and peer.thumbprint is None
        assert not gate.check(token, peer) and not gate.check(None, peer)
    wrong: Any = ["text"]
    with pytest.raises(TypeError):
        tollgate.Peer.from_der(wrong)


def test_certificates_out_of_headers(world: World, gate: tollgate.Gate) -> None:
    der = (world.folder / "pc7.der").read_bytes()
    value = b":" + base64.b64encode(der) + b":"
    shown: list[tuple[str | bytes, bytes]] = [("Host", b"x"), (b"client-cert", value)]
    peer = gate.peer_from_headers("127.0.0.1", shown)
    assert peer is not None and peer.is_forwarded and not peer.refusal
    assert gate.check(peer=peer).id == "pki:corp:dns:pc7.contoso.com"
    assert gate.peer_from_headers("unix", shown) is not None
    assert gate.peer_from_headers("192.0.2.1", [("Host", b"x")]) is None
    for sender, headers, reason in (
        ("192.0.2.1", shown, "sender_not_trusted"),
        ("127.0.0.1", [*shown, ("Client-Cert", value)], "certificate_twice"),
        ("127.0.0.1", [("Client-Cert", b"junk")], "certificate_header"),
    ):
        refused = gate.peer_from_headers(sender, headers)
        assert refused is not None and refused.refusal is not None
        assert gate.check(world.token("user.jwt"), refused).reason == reason
    with pytest.raises(ValueError, match="sender"):
        gate.peer_from_headers("proxy.example.org", shown)


def test_explain_shows_every_step(world: World, gate: tollgate.Gate) -> None:
    explained = gate.explain(world.token("expired.jwt"))
    assert explained.verdict.reason == "expired"
    assert explained.steps[-1].held is False and all(step.expected for step in explained.steps)
    page = str(explained)
    assert "refuse  expired (3001)" in page and "outsiders see HTTP 401" in page
    signature = world.read("expired.jwt").split(".")[2]
    assert signature not in page
    assert str(gate.explain(world.token("user.jwt"))).rstrip().endswith(ID)


@pytest.mark.skipif("TOLLGATE_BINARY" not in os.environ, reason="TOLLGATE_BINARY names no tollgate")
def test_a_verdict_says_what_the_command_line_says(world: World, gate: tollgate.Gate) -> None:
    for token, cert in (
        ("user.jwt", "pc7.pem"),
        ("expired.jwt", None),
        ("laptop9.jwt", "laptop9.pem"),
        ("workforce.jwt", None),
        ("device.jwt", "stranger.pem"),
    ):
        command = [os.environ["TOLLGATE_BINARY"], "check", "--config", str(world.config), "--json"]
        command += ["--token-file", str(world.folder / token)]
        command += ["--cert", str(world.folder / cert)] if cert else []
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        peer = tollgate.Peer.from_pem(world.read(cert)) if cert else None
        verdict = gate.check(world.token(token), peer)
        assert list(json.loads(said).items()) == list(verdict.as_dict().items())
