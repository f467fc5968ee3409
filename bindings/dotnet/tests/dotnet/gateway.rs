//! examples/Gateway.cs, and the bench.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::client::{Answer, bearer, get};
use crate::house::{Runtime, can_run, library, mono, root, run, runtimes, skip, texts};
use crate::server::{Server, free_port, poll};
use crate::watch::finished;
use crate::world::World;

#[test]
fn the_gateway_tells_each_client_who_it_is() {
    let test = "the_gateway_tells_each_client_who_it_is";
    let source = fs::read_to_string(root().join("examples/Gateway.cs")).expect("an example");
    assert!(source.lines().count() <= 60, "it is longer than 60 lines");
    if !can_run("curl") {
        return skip(test, "there is no curl");
    }
    // CoreCLR 3.1's HttpListener wants a release of OpenSSL that is gone: there it is only compiled.
    if let Some(mono) = mono(test) {
        judge_gateway(mono);
    }
}

fn judge_gateway(runtime: &Runtime) {
    let world = World::new();
    let token = |name: &str| fs::read_to_string(world.path().join(name)).expect("a token");
    let configuration = world.path().join("tollgate.toml");
    let port = free_port();
    let mut command = runtime.command("Gateway.exe");
    command.arg(&configuration).arg(port.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut gateway = Server::start(command, port);
    let ask = |headers: &[&str]| {
        let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
        get(&format!("http://127.0.0.1:{port}/"), &arguments)
    };
    let refused = |answer: Answer, status: u16, has_challenge: bool| {
        assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{answer:?}");
        assert_eq!(answer.header("WWW-Authenticate").is_some(), has_challenge, "{answer:?}");
        assert_eq!(answer.header("Retry-After"), (status == 503).then_some("1"), "{answer:?}");
    };

    let user = bearer(&token("user.jwt"));
    let id = format!("entra:{}:{}", token("tenant.id"), token("user.id"));
    let answer = ask(&[&user]);
    assert_eq!((answer.status, answer.body), (200, id));
    let answer = ask(&[&format!("authorization: bEARER   {}", token("workforce.jwt"))]);
    assert_eq!((answer.status, answer.body.as_str()), (200, "oidc:workforce:somebody"));
    for headers in [
        vec![],
        vec![bearer("a.b.c")],
        vec![bearer(&token("expired.jwt"))],
        vec![bearer(&token("foreign.jwt"))],
        // HttpListener shows the last of two, as the example says.
        vec![user.clone(), bearer(&token("expired.jwt"))],
        vec![format!("Authorization: {}", token("user.jwt"))],
        vec![bearer(&token("laptop9.jwt"))],
    ] {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        refused(ask(&headers), 401, true);
    }
    let toml = token("tollgate.toml");
    let becomes = |text: &str, status: u16| {
        fs::write(&configuration, text).expect("a file of our own");
        let is_so = || ask(&[&user]).status == status;
        assert!(poll(Duration::from_secs(60), is_so), "it never is {status} on {}", runtime.name);
    };
    becomes(&toml.replace("methods = [\"entra\", ", "methods = ["), 403);
    refused(ask(&[&user]), 403, false);
    becomes(&toml, 200);
    let errors = gateway.errors();
    for line in ["expired (3001)", "token_encoding (1005)", "method_not_enabled (4001)"] {
        assert!(errors.contains(line), "{line}: {errors}");
    }
    assert!(!errors.contains(&token("expired.jwt")[..40]), "never a token: {errors}");

    fs::write(&configuration, "nonsense").expect("a file of our own");
    let output = finished(runtime.command("Gateway.exe").arg(&configuration).arg("1"));
    let (_, errors) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    let last = errors.lines().last().expect("why not");
    assert!(last.starts_with("gateway: not started: ") && last.contains("toml:1: "), "{errors}");
}

/// That it runs, and that each contestant has a figure. How fast it is, people look at: docs/performance-bindings.md.
#[test]
fn the_bench_runs() {
    for runtime in runtimes("the_bench_runs") {
        let world = World::new();
        let libraries = library().parent().expect("a folder").to_path_buf();
        let said = run(runtime
            .command("Bench.exe")
            .env("LD_LIBRARY_PATH", libraries)
            .arg(world.path())
            .arg("3"));
        let rows: Vec<&str> = said.lines().skip(2).collect();
        assert_eq!(rows.len(), 7, "{said}");
        for row in rows {
            let median: f64 = row
                .split_whitespace()
                .rev()
                .nth(2)
                .and_then(|number| number.parse().ok())
                .unwrap_or_else(|| panic!("no figure: {row}"));
            assert!(median > 0.0, "{said}");
        }
    }
}

/// The README of the examples shows how a gateway is built: with its lines it is.
#[test]
fn the_gateway_is_built_as_the_readme_says() {
    let test = "the_gateway_is_built_as_the_readme_says";
    let Some(mono) = mono(test) else { return };
    let readme = fs::read_to_string(root().join("examples/README.md")).expect("the README");
    let line = readme.lines().find(|line| line.starts_with("mcs ")).expect("a line with mcs");
    let place = tempfile::tempdir().expect("a folder");
    fs::copy(root().join("examples/Gateway.cs"), place.path().join("Gateway.cs")).expect("copies");
    fs::copy(mono.built.join("Tollgate.dll"), place.path().join("Tollgate.dll")).expect("copies");
    run(Command::new("sh").arg("-euc").arg(line).current_dir(place.path()));
    let mut command = mono.command_without_library(&place.path().join("Gateway.exe"));
    let output = finished(&mut command);
    assert_eq!(output.status.code(), Some(2), "it says how to use it: {:?}", texts(&output));
}
