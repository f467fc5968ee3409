//! The authentication scheme of ASP.NET Core behind Kestrel, over curl: where all.sh is at work.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;

use crate::client::{Answer, bearer, get};
use crate::house::{can_run, sdk, skip};
use crate::server::{Server, free_port, poll};
use crate::world::World;

const INVALID: &str = "Bearer realm=\"tollgate\", error=\"invalid_token\"";
const NOTHING: &str = "Bearer realm=\"tollgate\"";

#[test]
fn the_scheme_of_aspnet_core() {
    let test = "the_scheme_of_aspnet_core";
    let Some(sdk) = sdk() else {
        return skip(test, "there is no .NET SDK: bindings/dotnet/all.sh runs it");
    };
    if !can_run("curl") {
        return skip(test, "there is no curl");
    }
    let world = World::new();
    let read = |name: &str| fs::read_to_string(world.path().join(name)).expect("a file of ours");
    let configuration = world.path().join("tollgate.toml");
    let (port, operator) = (free_port(), free_port());
    let mut command = sdk.command("Kestrel.exe");
    command.arg(&configuration).arg(port.to_string()).arg(operator.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _kestrel = Server::start(command, port);
    let at = |port: u16, path: &str, arguments: &[&str]| {
        get(&format!("http://127.0.0.1:{port}{path}"), arguments)
    };
    let ask = |path: &str, headers: &[&str]| {
        let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
        at(port, path, &arguments)
    };
    let is = |answer: &Answer, id: &str| {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body, format!("user={id}\nid={id}\n"));
    };
    let refused = |answer: &Answer, status: u16, challenge: Option<&str>| {
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.header("WWW-Authenticate"), challenge, "{answer:?}");
        assert_eq!(answer.body, "", "outsiders see no more");
        assert_eq!(answer.header("Retry-After"), (status == 503).then_some("1"), "{answer:?}");
    };

    let user = bearer(&read("user.jwt"));
    let id = format!("entra:{}:{}", read("tenant.id"), read("user.id"));
    is(&ask("/user", &[&user]), &id);
    is(&ask("/user", &[&user, "X-Tollgate-Id: me", "x_tollgate_id: me"]), &id);
    is(&ask("/open", &["X-Tollgate-Id: me"]), "");
    refused(&ask("/user", &[]), 401, Some(NOTHING));
    refused(&ask("/user", &["Authorization: Basic dTpw"]), 401, Some(NOTHING));
    refused(&ask("/user", &[&bearer(&read("expired.jwt"))]), 401, Some(INVALID));
    refused(&ask("/user", &[&user, &user]), 401, Some(INVALID));
    refused(&ask("/user", &[&bearer(&read("device.jwt"))]), 403, None);

    // Who sent it decides, as Kestrel saw it, whatever UseForwardedHeaders() made of it.
    let der = fs::read(world.path().join("pc7.der")).expect("a certificate");
    let certificate =
        format!("Client-Cert: :{}:", base64::engine::general_purpose::STANDARD.encode(der));
    let pc7 = "pki:corp:dns:pc7.contoso.com";
    is(&ask("/device", &[&certificate]), pc7);
    is(&ask("/device", &[&certificate, "X-Forwarded-For: 192.0.2.7"]), pc7);
    let claimed =
        ["--interface", "127.0.0.2", "-H", &certificate, "-H", "X-Forwarded-For: 127.0.0.1"];
    refused(&at(port, "/device", &claimed), 401, Some(NOTHING));
    // The scheme of users takes none out of headers; whom another scheme admitted is nobody there.
    refused(&ask("/user", &[&certificate]), 401, Some(NOTHING));

    // At the operator's port alone, whatever the Host header says.
    let host = format!("Host: 127.0.0.1:{operator}");
    assert_eq!(ask("/metrics", &[&host]).status, 404);
    let metrics = at(operator, "/metrics", &[]);
    assert!(metrics.status == 200 && metrics.body.contains("tollgate_"), "{metrics:?}");

    // What is ours is nobody's fault.
    let broken = read("tollgate.toml").replace("name = \"internet\"", "name = \"intranet\"");
    fs::write(&configuration, broken).expect("a file of our own");
    let is_so = || ask("/user", &[&user]).status == 503;
    assert!(poll(Duration::from_secs(60), is_so), "it never is 503");
    refused(&ask("/user", &[&user]), 503, None);
}
