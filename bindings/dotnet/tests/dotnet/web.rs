//! The module of classic ASP.NET, in Mono's own server behind nginx, over curl.
//!
//! Debian 12's `xsp4` does not start (its Mono.Security lacks a type that it wants), so this is `fastcgi-mono-server4`:
//! the same engine, as it is deployed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;

use crate::client::{Answer, bearer, get};
use crate::house::{can_run, folder, library, run, skip, web};
use crate::server::{Server, free_port, poll};
use crate::world::World;

const INVALID: &str = "Bearer realm=\"tollgate\", error=\"invalid_token\"";
const NOTHING: &str = "Bearer realm=\"tollgate\"";

/// nginx, Mono's server, and the application with its App_Data.
struct Site {
    world: World,
    port: u16,
    // Ended in this order.
    _nginx: Server,
    _mono: Server,
    place: PathBuf,
    _kept: tempfile::TempDir,
}

impl Site {
    fn start(test: &str) -> Option<Self> {
        for program in ["fastcgi-mono-server4", "nginx", "curl"] {
            if !can_run(program) {
                skip(test, &format!("there is no {program}"));
                return None;
            }
        }
        let mono = web(test)?;
        let kept = tempfile::tempdir().expect("a folder");
        let place = kept.path().join("site");
        let world = World::new();
        fs::create_dir_all(place.join("bin")).expect("a folder");
        run(Command::new("cp").arg("-r").arg(world.path()).arg(place.join("App_Data")));
        for name in ["Tollgate.dll", "Tollgate.AspNet.dll", "Site.dll"] {
            fs::copy(mono.built.join(name), place.join("bin").join(name)).expect("copies");
        }
        let settings = fs::read_to_string(folder().join("tests/web/web.config")).expect("settings");
        let settings =
            settings.replace("trace.log", place.join("trace.log").to_str().expect("a path"));
        fs::write(place.join("web.config"), settings).expect("a file of our own");

        let (port, inner) = (free_port(), free_port());
        let mut command = Command::new("fastcgi-mono-server4");
        command.arg(format!("--applications=/:{}", place.display()));
        command.arg(format!("--socket=tcp:127.0.0.1:{inner}"));
        command.env("TOLLGATE_LIBRARY", library()).current_dir(kept.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mono = Server::start(command, inner);
        let nginx = kept.path().join("nginx");
        fs::create_dir(&nginx).expect("a folder");
        fs::write(nginx.join("nginx.conf"), configuration(port, inner, &place))
            .expect("a file of our own");
        let mut command = Command::new("nginx");
        let prefix = format!("{}/", nginx.display());
        command.args(["-p", &prefix, "-c", "nginx.conf", "-e", "error.log"]);
        let nginx = Server::start(command, port);
        Some(Self { world, port, _nginx: nginx, _mono: mono, place, _kept: kept })
    }

    fn token(&self, name: &str) -> String {
        fs::read_to_string(self.world.path().join(name)).expect("a token")
    }

    fn ask(&self, path: &str, arguments: &[&str]) -> Answer {
        get(&format!("http://127.0.0.1:{}{path}", self.port), arguments)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.place.join("trace.log")).unwrap_or_default()
    }

    /// Changes the configuration, and waits until a user's token gets this status.
    fn becomes(&self, toml: &str, status: u16) {
        fs::write(self.place.join("App_Data/tollgate.toml"), toml).expect("a file of our own");
        let header = bearer(&self.token("user.jwt"));
        let is_so = || self.ask("/page", &["-H", &header]).status == status;
        assert!(poll(Duration::from_secs(60), is_so), "it never is {status}: {}", self.log());
    }
}

fn configuration(port: u16, inner: u16, root: &Path) -> String {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    let user = if id.stdout == b"0\n" { "user root;" } else { "" };
    format!(
        "{user}\ndaemon off; pid nginx.pid; events {{}}\n\
         http {{ access_log off; underscores_in_headers on; large_client_header_buffers 8 64k;\n\
         client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;\n\
         server {{ listen 127.0.0.1:{port}; root {}; location / {{\n\
         include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
         fastcgi_param PATH_INFO \"\"; fastcgi_pass 127.0.0.1:{inner};\n\
         fastcgi_buffers 8 64k; }} }} }}\n",
        root.display()
    )
}

fn assert_refused(answer: &Answer, status: u16, challenge: Option<&str>) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("WWW-Authenticate"), challenge, "{answer:?}");
    assert_eq!(answer.body, "", "outsiders see no more");
    assert_eq!(answer.header("Retry-After"), (status == 503).then_some("1"), "{answer:?}");
}

#[test]
fn the_module_of_classic_aspnet() {
    let Some(site) = Site::start("the_module_of_classic_aspnet") else { return };
    let ask = |path: &str, headers: &[&str]| {
        let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
        site.ask(path, &arguments)
    };
    let user = bearer(&site.token("user.jwt"));

    // Each method.
    let answer = ask("/page", &[&user]);
    let id = format!("entra:{}:{}", site.token("tenant.id"), site.token("user.id"));
    assert_eq!(answer.status, 200, "{answer:?}\n{}", site.log());
    for line in [format!("decision={id}\n"), format!("user={id}\n"), format!("thread={id}\n")] {
        assert!(answer.body.contains(&line), "{line}: {answer:?}");
    }
    let answer =
        ask("/page", &[&format!("authorization: bEARER  {}", site.token("workforce.jwt"))]);
    for lines in ["user=oidc:workforce:somebody\n", "group=a\ngroup=b\n"] {
        assert!(answer.body.contains(lines), "{lines}: {answer:?}");
    }
    let device = format!("user=entra:{}:", site.token("tenant.id"));
    let answer = ask("/device", &[&bearer(&site.token("device.jwt"))]);
    assert!(answer.status == 200 && answer.body.contains(&device), "{answer:?}");
    let der = fs::read(site.world.path().join("pc7.der")).expect("a certificate");
    let certificate =
        format!("Client-Cert: :{}:", base64::engine::general_purpose::STANDARD.encode(der));
    let answer = ask("/device", &[&certificate]);
    assert!(answer.body.contains("user=pki:corp:dns:pc7.contoso.com\n"), "{answer:?}");

    // Each class.
    assert_refused(&ask("/page", &[]), 401, Some(NOTHING));
    assert_refused(&ask("/page", &["Authorization: Basic dTpw"]), 401, Some(NOTHING));
    assert_refused(&ask("/page", &["Authorization: Bearer"]), 401, Some(INVALID));
    assert_refused(&ask("/page", &[&bearer("a.b.c")]), 401, Some(INVALID));
    assert_refused(&ask("/page", &[&bearer(&"a".repeat(20_000))]), 401, Some(INVALID));
    assert_refused(&ask("/page", &[&bearer(&site.token("foreign.jwt"))]), 401, Some(INVALID));
    assert_refused(&ask("/page", &[&bearer(&site.token("expired.jwt"))]), 401, Some(INVALID));
    assert_refused(&ask("/page", &[&bearer(&site.token("device.jwt"))]), 403, None);
    // A certificate out of a header proves no key of a token.
    assert_refused(&ask("/device", &[&bearer(&site.token("laptop9.jwt"))]), 401, Some(INVALID));
    // Somebody whom `peers.trusted` does not list.
    let from_elsewhere = ["--interface", "127.0.0.2", "-H", &certificate];
    assert_refused(&site.ask("/device", &from_elsewhere), 401, Some(NOTHING));
    // Where no proxy is said to pass certificates on, a header is whatever the client writes.
    assert_refused(&ask("/direct", &[&certificate]), 401, Some(NOTHING));
    // What is ours is nobody's fault.
    assert_refused(&ask("/nobody", &[&user]), 503, None);
    assert_refused(&ask("/nowhere", &[&user]), 503, None);
    let toml = site.token("tollgate.toml");
    let off =
        toml.replace("jwks_file = \"keys.json\"", "enabled = false\njwks_file = \"keys.json\"");
    site.becomes(&off, 401);
    site.becomes(&toml.replace("methods = [\"entra\", ", "methods = ["), 403);
    site.becomes(&toml.replace("name = \"internet\"", "name = \"intranet\""), 503);
    site.becomes(&toml, 200);

    let log = site.log();
    for line in
        ["no_credential (1001)", "tenant_unknown (2004)", "expired (3001)", "user_needed (4003)"]
    {
        assert!(log.contains(line), "{line}: {log}");
    }
    for line in ["tenant_disabled (5001)", "endpoint_unknown (6002)", "no gate: "] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(!log.contains(&site.token("expired.jwt")[..40]), "never a token: {log}");
}

/// No client tells an application who it is, at whatever path, in whatever spelling.
#[test]
fn headers_that_name_somebody_never_come_through() {
    let test = "headers_that_name_somebody_never_come_through";
    let Some(site) = Site::start(test) else { return };
    let user = bearer(&site.token("user.jwt"));
    for header in ["X-Tollgate-Id: me", "x_tollgate_id: me", "X-TOLLGATE-Claim-x: me"] {
        for path in ["/page", "/healthz"] {
            let answer = site.ask(path, &["-H", &user, "-H", header]);
            // Mono's list of headers is read-only, where IIS's is not: the whole request is refused.
            assert_eq!(answer.status, 400, "{header}: {answer:?}");
            assert_eq!(answer.body, "");
        }
    }
    let answer = site.ask("/healthz", &[]);
    assert_eq!(answer.body.lines().next(), Some("decision=none"), "{answer:?}");
    // A setting that is none lets nobody in.
    assert_refused(&site.ask("/wrong", &["-H", &user]), 503, None);
    assert!(site.log().contains("tollgate:scenario is neither"), "{}", site.log());
}

/// A configuration that cannot be read is our own fault, and is looked at again when it is mended.
#[test]
fn without_a_gate_nobody_passes() {
    let Some(site) = Site::start("without_a_gate_nobody_passes") else { return };
    let path = site.place.join("App_Data/tollgate.toml");
    fs::write(&path, "nonsense").expect("a file of our own");
    let user = bearer(&site.token("user.jwt"));
    assert_refused(&site.ask("/page", &["-H", &user]), 503, None);
    assert!(site.log().contains("tollgate.toml:1: "), "{}", site.log());
    fs::write(&path, site.token("tollgate.toml")).expect("a file of our own");
    let is_so = || site.ask("/page", &["-H", &user]).status == 200;
    assert!(poll(Duration::from_secs(60), is_so), "{}", site.log());
}

/// The server tells an application that it ends, and requests still come until it has: none is told that something of
/// ours is broken. (Mono's server itself loses one now and then when it really unloads an application, so the page
/// `/stop` tells the module what the server would.)
#[test]
fn an_application_that_ends_answers_what_it_has() {
    let test = "an_application_that_ends_answers_what_it_has";
    let Some(site) = Site::start(test) else { return };
    let user = bearer(&site.token("user.jwt"));
    let ask = |path| site.ask(path, &["-H", &user]);
    assert_eq!(ask("/page").status, 200, "{}", site.log());
    let stopped = ask("/stop");
    assert_eq!((stopped.status, stopped.body.as_str()), (200, "stopped\n"), "{stopped:?}");
    for _ in 0..3 {
        assert_eq!(ask("/page").status, 200, "{}", site.log());
    }
    assert_refused(&site.ask("/page", &[]), 401, Some(NOTHING));
}
