//! examples/: built as their README says, driven by curl, and ended as a service is.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::compile::{Build, has, prefix, root, run};
use crate::world::World;

/// Errors of memory, and what is not given back at the end, fail the program.
const SANITIZED: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

#[test]
fn the_readme_of_the_examples() {
    let test = "the_readme_of_the_examples";
    let tools = ["cc", "c++", "curl"];
    let Some(prefix) = prefix(test).filter(|_| tools.iter().all(|tool| has(test, tool))) else {
        return;
    };
    let place = tempfile::tempdir().expect("a folder");
    for name in EXAMPLES {
        let text = fs::read_to_string(examples().join(name)).expect("an example");
        assert!(text.lines().count() <= 60, "{name} is longer than 60 lines");
        fs::write(place.path().join(name), text).expect("a file of our own");
    }
    let readme = fs::read_to_string(examples().join("README.md")).expect("the README");
    let blocks: Vec<&str> =
        readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    // What follows is for other languages, whose tests run it.
    let [building, gateway, pool, ..] = blocks[..] else { panic!("three blocks, not {blocks:?}") };
    let sh = |script: &str| {
        let mut command = Command::new("sh");
        command.arg("-euc").arg(format!("cd {}\n{script}", place.path().display()));
        command.env("CFLAGS", "-Wall -Wextra -Wpedantic -Werror");
        command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
        command.env("LD_LIBRARY_PATH", prefix.join("lib"));
        let path = std::env::var("PATH").expect("a path");
        run(command.env("PATH", format!("{}:{path}", prefix.join("bin").display())))
    };
    sh(building);
    for program in ["gateway", "gateway-cpp"] {
        let port = free_port().to_string();
        // Somebody who types is slower than a gateway that starts.
        let wait = format!("&\nuntil curl -s http://127.0.0.1:{port}/; do sleep 0.1; done\n");
        let script = gateway.replace("8080", &port).replace("./gateway", &format!("./{program}"));
        let said = sh(&format!("{}kill $!\nwait $!\n", script.replace("&\n", &wait)));
        let answers: Vec<&str> = said.split("HTTP/1.1 ").skip(1).collect();
        assert_eq!(answers.len(), 2, "{said}");
        assert!(answers[0].starts_with("200 ") && answers[0].contains("entra:"), "{said}");
        assert!(answers[1].starts_with("401 ") && !answers[1].contains("entra:"), "{said}");
    }
    let said = sh(pool);
    let admitted = said.lines().filter(|line| line.contains(" admitted entra:")).count();
    assert_eq!(admitted, 2, "{said}");
    let last = said.lines().last().expect("the counts");
    assert_eq!(last, "2 admitted, 5 refused, 2 remembered", "{said}");
}

#[test]
fn gateway_c() {
    judge_gateway(
        "gateway_c",
        &Build { flags: &SANITIZED, ..Build::new("gcc", "-std=c11") },
        "gateway.c",
    );
}

#[test]
fn gateway_cpp() {
    let build = Build { flags: &SANITIZED, ..Build::new("g++", "-std=c++17") };
    judge_gateway("gateway_cpp", &build, "gateway.cpp");
}

fn judge_gateway(test: &str, build: &Build, source: &str) {
    let tools = [build.compiler, "curl"];
    let Some(prefix) = prefix(test).filter(|_| tools.iter().all(|tool| has(test, tool))) else {
        return;
    };
    let place = tempfile::tempdir().expect("a folder");
    let program = place.path().join("gateway");
    build.compile(&prefix, &[examples().join(source)], &program);
    let world = World::new();
    let token = |name: &str| fs::read_to_string(world.path().join(name)).expect("a token");
    let gateway = Gateway::start(&program, &world.path().join("tollgate.toml"));

    let (status, body) = gateway.ask(&[&bearer(&token("user.jwt"))]);
    let id = format!("entra:{}:{}", token("tenant.id"), token("user.id"));
    assert_eq!((status.as_str(), body.as_str()), ("200", id.as_str()));
    let spelt = format!("authorization:\t bEARER   {}", token("workforce.jwt"));
    assert_eq!(gateway.ask(&[&spelt]), ("200".into(), "oidc:workforce:somebody".into()));
    let refused = ("401".to_owned(), String::new());
    for headers in [
        vec![],
        vec![bearer("")],
        vec![bearer("a.b.c")],
        vec![bearer(&token("expired.jwt"))],
        vec![bearer(&token("foreign.jwt"))],
        // Two clients in one request are none, whichever comes first.
        vec![bearer(&token("user.jwt")), bearer(&token("expired.jwt"))],
        vec!["Authorization: Basic dTpw".into(), bearer(&token("user.jwt"))],
        vec![format!("Authorization: {}", token("user.jwt"))],
        vec![format!("X-Padding: {}", "x".repeat(40_000)), bearer(&token("user.jwt"))],
    ] {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        assert_eq!(gateway.ask(&headers), refused, "{headers:.60?}");
    }
    // What a page of somebody else's makes a browser post is no header.
    let body = format!("x\r\n{}\r\n\r\n", bearer(&token("user.jwt")));
    let post = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let mut client = TcpStream::connect(gateway.address).expect("it listens");
    client.write_all(post.as_bytes()).expect("it reads");
    let mut said = String::new();
    // It may hang up before it has read everything.
    let _ = client.read_to_string(&mut said);
    assert!(said.starts_with("HTTP/1.1 401 "), "{said}");
    // One that hangs up in the middle does not end the others.
    drop(TcpStream::connect(gateway.address).expect("it listens"));
    assert_eq!(gateway.ask(&[&bearer(&token("user.jwt"))]).0, "200");

    let toml = token("tollgate.toml");
    gateway.becomes(&world, &toml.replace("methods = [\"entra\", ", "methods = ["), "403");
    gateway.becomes(&world, &token("two-endpoints.toml"), "503");
    gateway.becomes(&world, &toml, "200");
    // A configuration that is wrong changes nothing but the log.
    fs::write(world.path().join("tollgate.toml"), "nonsense").expect("a file of our own");
    sleep(Duration::from_secs(2));
    assert_eq!(gateway.ask(&[&bearer(&token("user.jwt"))]).0, "200");
    let errors = gateway.end();
    for line in ["expired: ", "token_encoding: ", "method_not_enabled: ", "endpoint_unknown: "] {
        assert!(errors.contains(line), "{line}: {errors}");
    }
    assert!(errors.contains("tollgate.toml:1: "), "{errors}");
    assert!(!errors.contains(&token("expired.jwt")), "{errors}");

    let mut wrong = Command::new(&program);
    let output = wrong.arg(world.path().join("tollgate.toml")).arg("1").output().expect("it runs");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // The one with a log has it there as well.
    let last = said.lines().last().expect("why not");
    assert!(last.starts_with("gateway: not started: ") && last.contains("toml:1: "), "{said}");
}

#[test]
fn pool_c() {
    let test = "pool_c";
    let Some(prefix) = prefix(test).filter(|_| has(test, "gcc")) else { return };
    let world = World::new();
    let program = world.path().join("pool");
    let build = Build { flags: &SANITIZED, ..Build::new("gcc", "-std=c11") };
    build.compile(&prefix, &[examples().join("pool.c")], &program);
    let token = |name: &str| fs::read_to_string(world.path().join(name)).expect("a token");
    let file = world.path().join("tokens.txt");
    // Each first as itself, and later from memory.
    let (user, tenant) = (token("user.jwt"), token("tenant.id"));
    let kinds = [
        (user.clone(), format!("admitted entra:{tenant}:{}", token("user.id"))),
        (token("workforce.jwt"), "admitted oidc:workforce:somebody".into()),
        (token("expired.jwt"), "untimely expired (3001): ".into()),
        (token("foreign.jwt"), "untrusted tenant_unknown (2004): ".into()),
        (String::new(), "malformed no_credential (1001): ".into()),
    ];
    let all: Vec<_> = kinds.iter().cycle().take(1_000).collect();
    let lines: String = all.iter().map(|(token, _)| format!("{token}\n")).collect();
    fs::write(&file, lines).expect("a file of our own");
    for threads in ["1", "4", "64"] {
        let mut command = Command::new(&program);
        let said = run(command.arg(world.path().join("tollgate.toml")).arg(&file).arg(threads));
        assert_eq!(said.lines().count(), all.len() + 1);
        for (at, (line, (_, expected))) in said.lines().zip(&all).enumerate() {
            assert!(line.starts_with(&format!("{} {expected}", at + 1)), "{line}: {expected}");
        }
        let last = said.lines().last().expect("the counts");
        assert_eq!(last, "400 admitted, 600 refused, 2 remembered");
    }
    for arguments in [vec![], vec!["nowhere.toml", "x", "4"], vec!["nowhere.toml", "x", "0"]] {
        let output = Command::new(&program).args(&arguments).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("pool: ") && said.lines().count() == 1, "{said}");
    }
}

/// A gateway that runs until it is told to end.
struct Gateway {
    process: Child,
    address: SocketAddrV4,
}

impl Gateway {
    fn start(program: &Path, configuration: &Path) -> Self {
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port());
        let mut command = Command::new(program);
        command.arg(configuration).arg(address.port().to_string()).stdin(Stdio::null());
        let process = command.stderr(Stdio::piped()).spawn().expect("it starts");
        let gateway = Self { process, address };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < until, "it does not listen");
            sleep(Duration::from_millis(20));
        }
        gateway
    }

    /// Status and body, as curl has them. Of 401 it looks for the challenge.
    fn ask(&self, headers: &[&str]) -> (String, String) {
        let mut command = Command::new("curl");
        command.args(["-s", "-i", "--max-time", "20", "-H", "Accept:"]);
        command.args(headers.iter().flat_map(|header| ["-H", header]));
        let said = run(command.arg(format!("http://{}/", self.address)));
        let (head, body) = said.split_once("\r\n\r\n").expect("a head");
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
        let status = status.expect("a status").to_owned();
        assert_eq!(head.contains("\r\nWWW-Authenticate: Bearer"), status == "401", "{head}");
        (status, body.to_owned())
    }

    /// Another configuration, and until it holds for the user's token.
    fn becomes(&self, world: &World, toml: &str, expected: &str) {
        let (fresh, file) = (world.path().join("fresh.toml"), world.path().join("tollgate.toml"));
        fs::write(&fresh, toml).and_then(|()| fs::rename(&fresh, file)).expect("our own files");
        let token = fs::read_to_string(world.path().join("user.jwt")).expect("a token");
        let until = Instant::now() + PATIENCE;
        loop {
            let (status, _) = self.ask(&[&bearer(&token)]);
            if status == expected {
                return;
            }
            assert!(Instant::now() < until, "still {status}, not {expected}");
            sleep(Duration::from_millis(50));
        }
    }

    /// Ends it as a service manager does; what it wrote to its standard error.
    fn end(mut self) -> String {
        let id = self.process.id().to_string();
        run(Command::new("kill").args(["-TERM", &id]));
        let errors = std::io::read_to_string(self.process.stderr.take().expect("a pipe"));
        let status = self.process.wait().expect("our own child");
        let errors = errors.expect("text");
        assert!(status.success(), "{status}: {errors}");
        errors
    }
}

impl Drop for Gateway {
    /// Where a test failed before it could end it.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// Free a moment ago, and not soon given to others.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("its number").port()
}

fn examples() -> PathBuf {
    root().join("examples")
}

const EXAMPLES: [&str; 4] = ["gateway.c", "gateway.cpp", "pool.c", "http.h"];

/// For a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);
