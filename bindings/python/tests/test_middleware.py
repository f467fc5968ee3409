"""The middlewares without a server: what a server would never send, and what a program does wrong."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Iterable
from typing import Any

import fastapi
import pytest
from world import TENANT, USER, World

import tollgate
from tollgate import _door, _tollgate, asgi, wsgi
from tollgate.fastapi import Guard
from tollgate.headers import bearer, identity_headers, is_ours

ID = f"entra:{TENANT}:{USER}"


def over_asgi(
    gate: tollgate.Gate, headers: Iterable[tuple[bytes, bytes]] = (), scope: Any = None, **options: Any
) -> tuple[int, dict[str, Any] | None]:
    """Status, and the scope as the application saw it, if it did."""
    seen: list[Any] = []
    sent: list[Any] = []

    async def app(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        seen.append(scope)
        await send({"type": "http.response.start", "status": 200})

    async def receive() -> asgi.Message:
        raise AssertionError("nobody reads the body of a request that is not judged")

    async def send(message: asgi.Message) -> None:
        sent.append(message)

    shown = {"type": "http", "path": "/", "client": ["192.0.2.1", 7], "headers": list(headers)}
    door = asgi.TollgateMiddleware(app, gate, **options)
    asyncio.run(door({**shown, **(scope or {})}, receive, send))
    return sent[0].get("status", sent[0].get("code")), seen[0] if seen else None


def over_wsgi(
    gate: tollgate.Gate, environ: dict[str, Any] | None = None, **options: Any
) -> tuple[int, dict[str, Any] | None]:
    seen: list[Any] = []
    sent: list[str] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(environ)
        start_response("200 OK", [])
        return []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        assert all(isinstance(name, str) and isinstance(value, str) for name, value in headers)
        sent.append(status)

    shown = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "REMOTE_ADDR": "192.0.2.1"}
    door = wsgi.TollgateMiddleware(app, gate, **options)
    assert isinstance(door({**shown, **(environ or {})}, start_response), list)
    return int(sent[0].split()[0]), seen[0] if seen else None


def test_bearer_tokens_are_read_as_in_nginx() -> None:
    for value, token in (
        (b"Bearer abc", b"abc"),
        (b"bEARER   abc", b"abc"),
        (b" Bearer abc \t", b"abc"),
        (b"Bearer abc def", b"abc def"),
        (b"Bearer", b"Bearer"),
        (b"Bearer ", b"Bearer"),
        (b"Bearer\tabc", b"Bearer\tabc"),
        (b"Bearer \tabc", b"\tabc"),
        (b"Bearers abc", None),
        (b"Basic abc", None),
        (b"Beare", None),
        (b"abc", None),
        (b"", None),
    ):
        assert bearer([value]) == token, value
    assert bearer([]) is None
    two = bearer([b"Bearer abc", b"Bearer abc"])
    assert two is not None and b"abc" not in two


def test_names_that_are_ours() -> None:
    for name in (b"x-tollgate", b"X-Tollgate-Id", b"X_TOLLGATE_ID", b"x.tollgate", b"x\x00tollgate-id"):
        assert is_ours(name), name
    for name in (b"x-tollgat", b"xxtollgate", b"x1tollgate", b"tollgate", b"a-x-tollgate", b"", b"x--tollgate"):
        assert not is_ours(name), name


def test_who_passes_stands_in_the_scope(world: World, gate: tollgate.Gate) -> None:
    shown = [
        (b"Authorization", b"Bearer " + world.token("user.jwt")),
        (b"x-tollgate-id", b"forged"),
        (b"X_Tollgate_User", b"forged"),
        (b"accept", b"*/*"),
    ]
    status, scope = over_asgi(gate, shown, {"tollgate": "forged"})
    assert status == 200 and scope is not None
    assert asgi.verdict_of(scope).id == ID and scope["headers"] == [shown[0], shown[3]]
    environ = {
        "HTTP_AUTHORIZATION": "Bearer " + world.read("user.jwt"),
        "HTTP_X_TOLLGATE_ID": "forged",
        "HTTP_X.TOLLGATE.ID": "forged",
        "http_x_tollgate": "forged",
        "tollgate.verdict": "forged",
        "HTTP_ACCEPT": "*/*",
    }
    status, seen = over_wsgi(gate, environ)
    assert status == 200 and seen is not None
    assert wsgi.verdict_of(seen).id == ID and seen["HTTP_ACCEPT"] == "*/*"
    assert not [name for name in seen if "X_TOLLGATE" in name.upper() or "X." in name]


def test_exempt_requests_have_no_verdict(world: World, gate: tollgate.Gate) -> None:
    forged: list[tuple[bytes, bytes]] = [(b"x-tollgate-id", b"forged")]
    status, scope = over_asgi(gate, forged, {"tollgate": 7}, exempt=lambda scope: True)
    assert status == 200 and scope is not None and scope["headers"] == []
    with pytest.raises(LookupError):
        asgi.verdict_of(scope)
    exempt = {"HTTP_X_TOLLGATE_ID": "forged"}
    status, environ = over_wsgi(gate, exempt, exempt=lambda environ: True)
    assert status == 200 and environ is not None and "HTTP_X_TOLLGATE_ID" not in environ
    with pytest.raises(LookupError):
        wsgi.verdict_of(environ)
    refused = gate.check(b"junk")
    with pytest.raises(LookupError):
        asgi.verdict_of({"tollgate": refused})


def failing(request: Any) -> Any:
    raise RuntimeError("of the program")


def panicking(request: Any) -> Any:
    raise _tollgate.PanicException("a defect")


FAULTS: list[dict[str, Any]] = [
    {"token": panicking},
    {"token": failing},
    {"scenario": failing},
    {"windows": failing},
    {"certificates": failing},
    {"exempt": failing},
    {"token": lambda request: 7},
    {"scenario": lambda request: "admin"},
    {"certificates": lambda request: "a peer"},
    {"windows": lambda request: 10},
]


@pytest.mark.parametrize("options", FAULTS)
def test_faults_of_the_program_are_503(
    options: dict[str, Any], world: World, gate: tollgate.Gate, caplog: pytest.LogCaptureFixture
) -> None:
    token = world.read("user.jwt")
    shown = [(b"authorization", b"Bearer " + token.encode())]
    assert over_asgi(gate, shown, **options) == (503, None)
    assert over_wsgi(gate, {"HTTP_AUTHORIZATION": "Bearer " + token}, **options) == (503, None)
    assert caplog.text.count("could not be judged") == 2 and "Traceback" in caplog.text
    assert token.split(".")[2] not in caplog.text


def test_who_ends_the_program_ends_it(gate: tollgate.Gate) -> None:
    def ending(request: Any) -> Any:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        over_asgi(gate, exempt=ending)


def test_only_true_is_exempt(gate: tollgate.Gate) -> None:
    """Not what merely looks so: a function that forgot its parentheses is not a wide open door."""
    for odd in (1, "yes", failing, [0]):
        assert over_asgi(gate, exempt=lambda scope, odd=odd: odd) == (401, None)


def test_requests_that_no_server_sends(world: World, gate: tollgate.Gate) -> None:
    token = world.token("user.jwt")
    authorization = (b"authorization", b"Bearer " + token)
    assert over_asgi(gate, [authorization], {"client": None})[0] == 200
    assert over_asgi(gate, [authorization], {"client": ["testclient", 50000]})[0] == 200
    assert over_asgi(gate, [authorization], {"client": ["fe80::1%eth0", 1]})[0] == 200
    assert over_asgi(gate, [authorization, (b"AUTHORIZATION", b"Bearer x")]) == (401, None)
    for scope in (
        {"headers": None},
        {"headers": [(b"a",)]},
        {"extensions": {"tls": 7}},
        {"extensions": {"tls": {"client_cert_chain": 7}}},
        {"client": 7},
    ):
        assert over_asgi(gate, (), {"client": ["192.0.2.1", 7], **scope}) == (503, None), scope
    forged = "fe80::1%eth0\r\nforged"
    assert over_asgi(gate, [authorization], {"client": [forged, 1]})[0] == 200
    assert "forged" not in str(_door.address_of(forged)) and _door.address_of("1" * 65) is None
    with pytest.raises(ValueError, match="mqtt"):
        over_asgi(gate, (), {"type": "mqtt"})
    assert over_asgi(gate, [(b"authorization", b"Bearer " + b"x" * 10_000_000)]) == (401, None)
    assert over_asgi(gate, [(b"authorization", b"Bearer \xff\x00")]) == (401, None)
    for odd in ("Bearer \xff\x00", "Bearer " + "x" * 10_000_000, "Bearer a,Bearer b", "Bearer \u0100"):
        assert over_wsgi(gate, {"HTTP_AUTHORIZATION": odd}) == (401, None)
    unix = {"REMOTE_ADDR": "", "HTTP_AUTHORIZATION": "Bearer " + token.decode()}
    assert over_wsgi(gate, unix)[0] == 200


def test_the_tls_extension(world: World, gate: tollgate.Gate) -> None:
    def shown(*names: str) -> dict[str, Any]:
        return {"extensions": {"tls": {"client_cert_chain": [world.read(name) for name in names]}}}

    status, scope = over_asgi(gate, (), shown("pc7.pem", "root.pem"))
    assert status == 200 and scope is not None
    assert asgi.verdict_of(scope).id == "pki:corp:dns:pc7.contoso.com"
    assert over_asgi(gate, (), shown("pc7.pem"), certificates=None) == (401, None)
    assert over_asgi(gate, (), shown()) == (401, None)
    mod_ssl = {"SSL_CLIENT_CERT": world.read("pc7.pem")}
    assert over_wsgi(gate, mod_ssl)[0] == 200 and over_wsgi(gate, mod_ssl, certificates=None)[0] == 401


def test_who_passes_headers_on_has_to_be_known(
    world: World, gate: tollgate.Gate, caplog: pytest.LogCaptureFixture
) -> None:
    scope = {"client": None}
    assert over_asgi(gate, (), scope, certificates="headers") == (503, None)
    assert 'sender="unix"' in caplog.text
    assert over_asgi(gate, (), scope, certificates="headers", sender="unix") == (401, None)


def certificate_headers(world: World) -> list[tuple[bytes, bytes]]:
    der = (world.folder / "pc7.der").read_bytes()
    return [(b"client-cert", b":" + base64.b64encode(der) + b":")]


def in_wsgi(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, Any]:
    names = [(name.decode().upper(), value.decode("latin-1")) for name, value in headers]
    return {"HTTP_" + name.replace("-", "_"): value for name, value in names}


def test_an_address_that_is_known_is_the_sender(world: World, gate: tollgate.Gate) -> None:
    """Whatever is said: "unix" for a server that listens at TCP as well would make everybody a proxy."""
    shown = certificate_headers(world)
    options: dict[str, Any] = {"certificates": "headers", "sender": "unix"}
    assert over_asgi(gate, shown, {"client": None}, **options)[0] == 200
    assert over_asgi(gate, shown, **options) == (401, None)
    assert over_wsgi(gate, {"REMOTE_ADDR": "", **in_wsgi(shown)}, **options)[0] == 200
    assert over_wsgi(gate, in_wsgi(shown), **options) == (401, None)


def test_an_address_out_of_a_header_is_no_sender(
    world: World, gate: tollgate.Gate, caplog: pytest.LogCaptureFixture
) -> None:
    """What uvicorn's proxy headers and Werkzeug's ProxyFix make of X-Forwarded-For."""
    shown = certificate_headers(world)
    proxy = {"client": ["127.0.0.1", 7]}
    claimed = [*shown, (b"X-Forwarded-For", b"203.0.113.1, 127.0.0.1")]
    headers: dict[str, Any] = {"certificates": "headers"}
    assert over_asgi(gate, shown, proxy, **headers)[0] == 200
    assert over_asgi(gate, claimed, proxy, **headers) == (503, None)
    assert "--no-proxy-headers" in caplog.text
    for name, value in (
        (b"X-Forwarded-For", b"127.0.0.1:99"),
        (b"x-forwarded-for", b"127.0.0.1\xa0, 203.0.113.1"),
        (b"x-forwarded-for", b"[127.0.0.1]:99"),
        (b"forwarded", b'proto=https;For="127.0.0.1:99";by=x'),
        (b"Forwarded", b"for=203.0.113.1, for=127.0.0.1"),
    ):
        odd = [*shown, (name, value)]
        assert over_asgi(gate, odd, proxy, **headers) == (503, None), value
        assert over_wsgi(gate, {"REMOTE_ADDR": "127.0.0.1", **in_wsgi(odd)}, **headers)[0] == 503
    v6 = {"client": ["::1", 7]}
    for value in (b"::1", b"[::1]:80", b"[::1]", b"[::1%eth0]:1"):
        odd = [*shown, (b"x-forwarded-for", value)]
        assert over_asgi(gate, odd, v6, **headers) == (503, None), value
    # Others that only look alike are clients of the proxy.
    for value in (b"127.0.0.12", b"1127.0.0.1:8", b"127.0.0.10:127", b"for=2001:db8::1", b""):
        assert over_asgi(gate, [*shown, (b"x-forwarded-for", value)], proxy, **headers)[0] == 200, value
    environ = {"REMOTE_ADDR": "127.0.0.1", **in_wsgi(claimed)}
    assert over_wsgi(gate, environ, **headers) == (503, None)
    fixed = {"werkzeug.proxy_fix.orig": {"REMOTE_ADDR": "192.0.2.9"}, **environ}
    assert over_wsgi(gate, fixed, **headers) == (401, None)
    fixed["werkzeug.proxy_fix.orig"] = {"REMOTE_ADDR": "127.0.0.1"}
    assert over_wsgi(gate, fixed, **headers)[0] == 200


def test_by_whom_wrong_signatures_are_counted(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Behind a proxy all clients have one address: one of them must not spend what is everybody's."""
    caplog.set_level(logging.INFO, "tollgate")
    limited = world.config.read_text() + "\n[limits]\nsource_checks = 4\n"
    gate = tollgate.Gate.from_config(world.write("limited.toml", limited))
    wrong = [world.sign(world.user_claims(number))[:-8] + "AAAAAAAA" for number in range(20)]

    def client(scope: asgi.Scope) -> str:
        return str(dict(scope["headers"])[b"x-real-ip"].decode())

    def shown(token: str, real: bytes) -> list[tuple[bytes, bytes]]:
        return [(b"authorization", b"Bearer " + token.encode()), (b"x-real-ip", real)]

    last = [over_asgi(gate, shown(token, b"198.51.100.1"), source=client)[0] for token in wrong][-1]
    assert last == 503, "the budget of that client is spent"
    fresh = world.sign(world.user_claims(99))
    assert over_asgi(gate, shown(fresh, b"198.51.100.2"), source=client)[0] == 200
    assert "client: 198.51.100.1" in caplog.text and "client: 192.0.2.1" not in caplog.text


def test_headers_may_be_anything_that_is_gone_through(world: World, gate: tollgate.Gate) -> None:
    token = b"Bearer " + world.token("user.jwt")
    for headers in (
        [[b"authorization", token], [b"x-tollgate-id", b"forged"]],
        iter([(b"authorization", token), (b"x-tollgate-id", b"forged")]),
        [(bytearray(b"Authorization"), memoryview(token))],
    ):
        status, scope = over_asgi(gate, (), {"headers": headers})
        assert status == 200 and scope is not None
        assert [value for _, value in scope["headers"]] == [token]
    shown = [list(header) for header in certificate_headers(world)]
    scope_of_proxy = {"headers": shown, "client": ["127.0.0.1", 7]}
    assert over_asgi(gate, (), scope_of_proxy, certificates="headers")[0] == 200


def test_a_websocket_is_closed(gate: tollgate.Gate) -> None:
    assert over_asgi(gate, (), {"type": "websocket"}) == (1008, None)


def test_windows_versions_that_cannot_be_read_are_not_known(
    world: World, gate: tollgate.Gate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tollgate")
    shown = [(b"authorization", b"Bearer " + world.token("user.jwt"))]
    assert over_asgi(gate, shown, windows=lambda scope: "10.0.19045")[0] == 200
    assert over_asgi(gate, shown, windows=lambda scope: "ten\r\n")[0] == 200
    assert "counts as not known" in caplog.text and "ten" not in caplog.text


def test_a_door_that_is_wrong_is_never_built(gate: tollgate.Gate) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    build: Any = asgi.TollgateMiddleware
    for options, kind in (
        ({"endpoint": "intranet"}, tollgate.UnknownEndpoint),
        ({"scenario": "admin"}, ValueError),
        ({"certificates": "header"}, ValueError),
        ({"endpiont": "internet"}, TypeError),
    ):
        with pytest.raises(kind):
            build(app, gate, **options)


def test_guards_stand_in_the_documentation(gate: tollgate.Gate) -> None:
    app = fastapi.FastAPI()
    app.get("/", dependencies=[fastapi.Depends(Guard(gate))])(lambda: None)

    schema = app.openapi()
    scheme = schema["components"]["securitySchemes"]["tollgate"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert schema["paths"]["/"]["get"]["security"] == [{"tollgate": []}]
    with pytest.raises(ValueError, match="exempt"):
        Guard(gate, exempt=lambda scope: True)


def test_an_endpoint_that_goes_away_is_our_trouble(world: World, gate: tollgate.Gate) -> None:
    shown = [(b"authorization", b"Bearer " + world.token("user.jwt"))]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nobody was judged")

    door = asgi.TollgateMiddleware(app, gate)
    world.config.write_text(world.config.read_text().replace('"internet"', '"extranet"'))
    assert gate.refresh() == "replaced" and gate.endpoints == ("extranet",)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/", "client": ["192.0.2.1", 7], "headers": shown}
    asyncio.run(door(scope, send, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 503


def test_identity_headers_cannot_be_broken_out_of(world: World, gate: tollgate.Gate) -> None:
    headers = dict(identity_headers(gate.check(world.token("workforce.jwt"))))
    assert headers["X-Tollgate-Id"] == "oidc:workforce:some body%25%C3%A9"
    forged = headers["X-Tollgate-Claim-preferred-username"]
    assert forged == "some%0D%0AX-Tollgate-Id: forged"
    assert headers["X-Tollgate-Claim-groups"] == '["a","b"]'
    assert headers["X-Tollgate-Method"] == "oidc" and headers["X-Tollgate-Bound"] == "false"
    assert headers["X-Tollgate-Tenant"] == "" and int(headers["X-Tollgate-Expires"]) > 0
    many = world.config.read_text().replace('"groups"]', '"groups", "Groups", "gro.ups", "gro_ups"]')
    wide = tollgate.Gate.from_config(world.write("wide.toml", many))
    claims = world.user_claims(7, groups="a", Groups="b", **{"gro.ups": "c", "gro_ups": "d"})
    names = [name.lower() for name, _ in identity_headers(wide.check(world.sign(claims)))]
    assert len(names) == len(set(names)) and "x-tollgate-claim-gro-ups" in names
    nobody = dict(identity_headers(gate.check(world.token("expired.jwt"))))
    assert set(nobody.values()) == {""} and set(nobody) == {
        f"X-Tollgate-{name}"
        for name in ("Id", "Method", "Scenario", "Authority", "Tenant", "User", "Device")
        + ("Subject", "Bound", "Expires")
    }
