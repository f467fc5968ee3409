"""Real uvicorn, and gunicorn --preload with four workers, over curl: each method, each class of refusal."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import websockets
from servers import Server, free_port, serving
from test_trust import until
from world import CLIENT, SITE, TENANT, USER, World

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")

ALIASES = ["X_Tollgate_Id", "x_tollgate-user", "X.Tollgate.Id", "X~Tollgate"]
KINDS = ["uvicorn", "uvicorn-httptools", "gunicorn"]
ID = f"entra:{TENANT}:{USER}"


@contextmanager
def serve(kind: str, world: World, tls: bool = False, **environ: str) -> Iterator[Server]:
    port, folder = free_port(), world.folder
    scheme = "https" if tls else "http"
    if kind == "gunicorn":
        command = ["gunicorn", "over_wsgi:app", "--preload", "--workers", "4"]
        command += ["--bind", f"127.0.0.1:{port}", "--no-control-socket"]
        certificates = ["--certfile", f"{folder}/server.pem", "--keyfile", f"{folder}/server.key"]
        clients = ["--ca-certs", f"{folder}/clients.pem", "--cert-reqs", "1"]
    else:
        is_h11 = kind == "uvicorn"
        protocol = "H11Protocol" if is_h11 else "HttpToolsProtocol"
        command = ["uvicorn", "over_asgi:app", "--port", str(port), "--no-proxy-headers"]
        plain = "h11" if is_h11 else "httptools"
        command += ["--http", f"tollgate.uvicorn:{protocol}" if tls else plain]
        certificates = ["--ssl-certfile", f"{folder}/server.pem"]
        certificates += ["--ssl-keyfile", f"{folder}/server.key"]
        clients = ["--ssl-ca-certs", f"{folder}/clients.pem", "--ssl-cert-reqs", "1"]
    command += certificates + clients if tls else []
    with serving(world, command, port, scheme, **environ) as server:
        yield server


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_and_refusals(kind: str, world: World) -> None:
    with serve(kind, world) as server:
        user = server.get("/", "user.jwt")
        assert user.status == 200 and user.json["id"] == ID
        assert user.json["claims"] == {"preferred_username": "user000001@example.org"}
        assert server.get("/user/", "user.jwt").status == 200
        assert server.get("/", "device.jwt").json["id"].startswith(f"entra:{TENANT}:")
        assert server.get("/healthz").status == 200

        challenge = 'bearer realm="tollgate"'
        nothing = server.get("/")
        assert nothing.status == 401 and nothing.headers["www-authenticate"] == challenge
        assert nothing.body == "401 Unauthorized\n"
        for token in ("expired.jwt", "foreign.jwt", "disabled.jwt", "laptop9.jwt"):
            refused = server.get("/", token)
            assert refused.status == 401 and refused.body == "401 Unauthorized\n"
            invalid = challenge + ', error="invalid_token"'
            assert refused.headers["www-authenticate"] == invalid
        junk = server.get("/", None, "-H", "Authorization: Bearer junk")
        assert junk.status == 401 and "invalid_token" in junk.headers["www-authenticate"]
        unsuitable = server.get("/user/", "device.jwt")
        assert unsuitable.status == 403 and "www-authenticate" not in unsuitable.headers
        stale = server.get("/", "stale.jwt")
        assert stale.status == 503 and stale.headers["retry-after"] == "1"
        # HEAD has the same answer and no body.
        head = server.get("/", None, "--head")
        assert head.status == 401 and head.body == ""

        log = server.log.read_text()
        for reason in ("expired (3001)", "tenant_unknown", "tenant_disabled", "user_needed"):
            assert reason in log, log
        assert "keys_stale" in log and "proof_missing" in log
        for token in ("user.jwt", "expired.jwt"):
            assert world.read(token).split(".")[2] not in log


@pytest.mark.parametrize("kind", KINDS)
def test_client_certificates_of_the_handshake(kind: str, world: World) -> None:
    with serve(kind, world, tls=True) as server:
        pc7 = server.get("/", None, *server.client("pc7"))
        assert pc7.status == 200 and pc7.json["id"] == "pki:corp:dns:pc7.contoso.com"
        own = server.client("laptop9")
        bound = server.get("/", "laptop9.jwt", *own)
        assert bound.status == 200 and bound.json["id"] == f"site:{SITE}:{CLIENT}"
        # The token of somebody else's key, none, and a certificate of no PKI.
        assert server.get("/", "laptop9.jwt", *server.client("pc7")).status == 401
        assert server.get("/", "laptop9.jwt").status == 401
        assert server.get("/", None, *own).status == 401
        assert server.get("/user/", None, *server.client("pc7")).status == 403
        assert server.get("/", "user.jwt").status == 200
        # A header proves nothing here.
        der = base64.b64encode((world.folder / "pc7.der").read_bytes()).decode()
        assert server.get("/", None, "-H", f"Client-Cert: :{der}:").status == 401


@pytest.mark.parametrize("kind", KINDS)
def test_client_certificates_of_a_proxy(kind: str, world: World) -> None:
    der = base64.b64encode((world.folder / "pc7.der").read_bytes()).decode()
    own = base64.b64encode((world.folder / "laptop9.der").read_bytes()).decode()
    with serve(kind, world, TOLLGATE_CERTIFICATES="headers") as server:
        passed = server.get("/", None, "-H", f"Client-Cert: :{der}:")
        assert passed.status == 200 and passed.json["id"] == "pki:corp:dns:pc7.contoso.com"
        # It is no proof of a key, and twice is once too often.
        assert server.get("/", "laptop9.jwt", "-H", f"Client-Cert: :{own}:").status == 401
        twice = ("-H", f"Client-Cert: :{der}:", "-H", f"Client-Cert: :{der}:")
        assert server.get("/", None, *twice).status == 401
        assert server.get("/", "user.jwt", "-H", "Client-Cert: junk").status == 401
    unlisted = world.config.read_text().replace('trusted = ["127.0.0.1/32", "unix"]', "trusted = []")
    world.config.write_text(unlisted)
    with serve(kind, world, TOLLGATE_CERTIFICATES="headers") as server:
        assert server.get("/", None, "-H", f"Client-Cert: :{der}:").status == 401
        assert "sender_not_trusted" in server.log.read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_attacker_sends(kind: str, world: World) -> None:
    with serve(kind, world) as server:
        token = world.read("user.jwt")
        # One by one: gunicorn itself refuses some of these names (400), or drops them.
        for name in ("X-Tollgate-Id", "x-tollgate-claim-groups", "X-TOLLGATE", *ALIASES):
            named = server.get("/", "user.jwt", "-H", f"{name}: forged")
            assert named.status == 200 or name in ALIASES and named.status == 400
            if named.status == 200:
                assert named.json["id"] == ID
                assert named.json["headers"] in ([], ["tollgate.verdict"]), name
        two = server.get("/", "user.jwt", "-H", f"Authorization: Bearer {token}")
        assert two.status in (400, 401)
        basic = server.get("/", "user.jwt", "-H", "Authorization: Basic eDp5")
        assert basic.status in (400, 401)
        for value in ("bearer  {}", "BEARER {}", "Bearer {} "):
            header = "Authorization: " + value.format(token)
            assert server.get("/", None, "-H", header).status == 200, value
        for value in ("Bearer", "Bearer\t{}", "Bearers {}", "Bearer {} {}", "Bearer {},{}", "{}", "Token {}"):
            header = "Authorization: " + value.format(token, token)
            assert server.get("/", None, "-H", header).status in (400, 401), value
        for junk in ("Bearer \x01", "Bearer \xff\xfe", "Bearer ../../etc/passwd", "Bearer %00", "Bearer {}"):
            assert server.get("/", None, "-H", f"Authorization: {junk}").status in (400, 401)
        # Longer than servers take, or than the gate does.
        world.write("long", "Authorization: Bearer " + "a" * 40_000)
        assert server.get("/", None, "-H", f"@{world.folder}/long").status in (400, 401, 431)
        for path in ("/healthz/../user/", "/healthz/", "//healthz", "/HEALTHZ", "/healthz%2f", "/x?/healthz"):
            assert server.get(path, None, "--path-as-is").status == 401, path
        assert server.get("/", "user.jwt").status == 200


def test_what_uvicorn_makes_of_forwarded_addresses(world: World) -> None:
    """With proxy headers of everybody, a client writes its own address: it must not write a proxy's."""
    world.config.write_text(world.config.read_text().replace("127.0.0.1/32", "192.0.2.7"))
    der = base64.b64encode((world.folder / "pc7.der").read_bytes()).decode()
    port = free_port()
    command = ["uvicorn", "over_asgi:app", "--port", str(port), "--forwarded-allow-ips", "*"]
    with serving(world, command, port, TOLLGATE_CERTIFICATES="headers") as server:
        shown = ("-H", f"Client-Cert: :{der}:")
        assert server.get("/", None, *shown).status == 401
        for claimed in ("192.0.2.7", "192.0.2.7:99", "192.0.2.7, 203.0.113.1", " 192.0.2.7 "):
            forged = server.get("/", None, *shown, "-H", f"X-Forwarded-For: {claimed}")
            assert forged.status in (401, 503), claimed
        assert "--no-proxy-headers" in server.log.read_text()
        # It is a fault of whoever runs the server, and shows with the first request.
        assert server.get("/", "user.jwt", "-H", "X-Forwarded-For: 203.0.113.1").status == 503


def test_workers_refresh_for_themselves(world: World) -> None:
    """With --preload the thread was started before the fork."""
    with serve("gunicorn", world) as server:
        seen: dict[int, bool] = {}

        def ask() -> bool:
            said = server.get("/", "user.jwt")
            seen.update({said.json["process"]: said.json["refreshing"]} if said.status == 200 else {})
            return len(seen) >= 3

        until(ask)
        assert all(seen.values())
        world.write("keys.json", world.read("rolled-keys.json"))

        def all_rolled() -> bool:
            return all(server.get("/", "rolled.jwt").status == 200 for _ in range(20))

        until(all_rolled)
        assert server.get("/", "user.jwt").status == 401


def test_websockets_and_guards(world: World) -> None:
    with serve("uvicorn", world) as server:
        assert server.get("/guarded", "user.jwt").json == ID
        assert server.get("/guarded", "device.jwt").status == 403
        url = server.url.replace("http", "ws") + "/socket"

        async def hear(token: str | None) -> str:
            headers = {"Authorization": f"Bearer {world.read(token)}"} if token else {}
            async with websockets.connect(url, additional_headers=headers, proxy=None) as socket:
                return str(await socket.recv())

        assert asyncio.run(hear("user.jwt")) == ID
        for token, status in (("expired.jwt", 401), (None, 401), ("stale.jwt", 503)):
            with pytest.raises(websockets.InvalidStatus) as raised:
                asyncio.run(hear(token))
            assert raised.value.response.status_code == status
