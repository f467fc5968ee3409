//! Master, workers and those beside them: who refreshes, what a reload and an upgrade do, and who says so.

use std::fs;
use std::process::Command;
use std::time::Duration;

use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid};

use crate::client::{bearer, get, get_with};
use crate::house::module;
use crate::server::{Site, children, free_port, poll, signal};
use crate::trust::{Trust, now_s};

const PATIENCE: Duration = Duration::from_secs(30);

fn configuration(port: u16) -> String {
    format!(
        "tollgate_config tollgate.toml; tollgate internet;\n\
         add_header X-Pid $pid always;\n\
         server {{ listen 127.0.0.1:{port} reuseport; location / {{ empty_gif; }} }}"
    )
}

/// The same tenant with another key, under the same name.
fn renewed() -> Tenant {
    Tenant::new(Guid([0x9a; 16]), Algorithm::Es256)
}

/// Asks until every one of these processes has answered so.
fn all_answer(url: &str, token: &str, status: u16, workers: &[u32]) -> bool {
    poll(PATIENCE, || {
        let mut left = workers.to_vec();
        // The kernel deals connections out by chance.
        for _ in 0..workers.len() * 12 {
            let answer = get_with(url, token);
            if answer.status != status {
                return false;
            }
            let pid = answer.header("X-Pid").and_then(|pid| pid.parse().ok());
            left.retain(|worker| Some(*worker) != pid);
        }
        left.is_empty()
    })
}

#[test]
fn a_changed_key_file_reaches_every_worker_without_a_reload() {
    let Some(module) = module("refresh in workers") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    site.configure("worker_processes 3;", &configuration(port));
    let nginx = site.start(port);
    assert!(poll(PATIENCE, || nginx.workers().len() == 3));
    let workers = nginx.workers();
    let url = format!("http://127.0.0.1:{port}/");
    let old = trust.user(1, 0);
    assert!(all_answer(&url, &old, 200, &workers));

    let tenant = renewed();
    let new = tenant.sign(&tenant.user_claims(2, now_s()));
    assert_eq!(get_with(&url, &new).status, 401);
    trust.write_keys(&tenant.jwks());
    assert!(all_answer(&url, &new, 200, &workers), "{}", site.errors());
    // Remembered, and yet gone with its key.
    assert!(all_answer(&url, &old, 401, &workers), "{}", site.errors());
    assert_eq!(nginx.workers(), workers, "nothing was reloaded");
    let said = "tollgate: the configuration and its files were loaded again";
    let is_told = || site.errors().matches(said).count() >= 3;
    assert!(poll(PATIENCE, is_told), "each worker says so: {}", site.errors());

    // What cannot be read changes nothing, and the log says why.
    fs::write(site.folder.join("keys.json"), "no keys").expect("writes a file");
    let is_told = || {
        let log = site.errors();
        log.contains("[error]") && log.contains("the trust stays as it was")
    };
    assert!(poll(PATIENCE, is_told), "{}", site.errors());
    assert!(
        site.errors().contains("entra[0].jwks_file: this is not a JWK set"),
        "{}",
        site.errors()
    );
    assert!(all_answer(&url, &new, 200, &workers));
    assert_eq!(nginx.quit(), 0);
}

#[test]
fn a_reload_with_a_broken_configuration_leaves_the_workers_alone() {
    let Some(module) = module("reload of broken files") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    site.configure("worker_processes 2;", &configuration(port));
    let nginx = site.start(port);
    assert!(poll(PATIENCE, || nginx.workers().len() == 2));
    let workers = nginx.workers();
    let url = format!("http://127.0.0.1:{port}/");
    let token = trust.user(1, 0);

    trust.write_configuration("nonsense = 1\n");
    // Asked by name it says so at once, and signals nobody.
    let output = site.run(&["-s", "reload"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("[emerg] tollgate_config: ") && said.contains("nonsense"), "{said}");
    // Signalled it says so in its log, and goes on.
    let count = || site.errors().matches("[emerg]").count();
    let before = count();
    nginx.signal("HUP");
    assert!(poll(PATIENCE, || count() > before), "{}", site.errors());
    assert_eq!(get_with(&url, &token).status, 200);
    assert_eq!(nginx.workers(), workers);

    trust.write_configuration(&trust.configuration(false));
    nginx.reload();
    let gone = || nginx.workers().len() == 2 && nginx.workers() != workers;
    assert!(poll(PATIENCE, gone), "{}", site.errors());
    assert_eq!(get_with(&url, &token).status, 200);
    assert_eq!(nginx.quit(), 0);
}

fn threads(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}

/// Who loaded anything anew, by the log's process numbers ("[notice] 12#12: ...").
fn who_loaded(site: &Site) -> Vec<u32> {
    let log = site.errors();
    let lines = log.lines().filter(|line| line.contains("its files were loaded again"));
    let pid = |line: &str| line.split("] ").nth(1)?.split('#').next()?.parse().ok();
    let mut pids: Vec<u32> = lines.filter_map(pid).collect();
    pids.sort_unstable();
    pids.dedup();
    pids
}

/// A thread is there while it loads, and no longer: a second one makes each call of a process dearer.
#[test]
fn workers_refresh_and_nobody_else_does() {
    let Some(module) = module("threads of processes") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    trust.settle();
    let port = free_port();
    let cache = "proxy_cache_path cache keys_zone=c:1m;";
    site.configure("worker_processes 2;", &format!("{cache}\n{}", configuration(port)));
    let nginx = site.start(port);
    assert!(poll(PATIENCE, || nginx.workers().len() == 2));
    assert_eq!(children(nginx.pid(), "nginx: cache manager").len(), 1);
    let is_alone = || nginx.workers().iter().all(|worker| threads(*worker) == 1);
    assert!(is_alone() && who_loaded(&site).is_empty(), "{}", site.errors());
    trust.write_keys(&trust.jwks_beside(&[&Tenant::new(Guid([1; 16]), Algorithm::Es256)]));
    let old = nginx.workers();
    assert!(poll(PATIENCE, || who_loaded(&site) == old), "{old:?}: {}", site.errors());
    assert!(poll(PATIENCE, is_alone), "the threads have ended");

    nginx.reload();
    assert!(poll(PATIENCE, || nginx.workers().len() == 2 && nginx.workers() != old));
    trust.write_keys(&trust.jwks_beside(&[]));
    let both = [old.clone(), nginx.workers()].concat();
    assert!(poll(PATIENCE, || who_loaded(&site) == both), "{both:?}: {}", site.errors());
    assert_eq!(nginx.quit(), 0);
    assert!(!site.errors().contains("[alert]"), "{}", site.errors());
}

/// A worker that died has a successor with the trust of today, not that of the master's start.
#[test]
fn a_new_worker_knows_what_has_changed() {
    let Some(module) = module("a worker that died") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    site.configure("worker_processes 1;", &configuration(port));
    let nginx = site.start(port);
    let url = format!("http://127.0.0.1:{port}/");
    let old = trust.user(1, 0);
    assert_eq!(get_with(&url, &old).status, 200);
    trust.write_keys(&renewed().jwks());
    assert!(poll(PATIENCE, || get_with(&url, &old).status == 401), "{}", site.errors());
    for _ in 0..3 {
        let died = nginx.workers();
        signal(died[0], "KILL");
        // The first answer is the successor's: the master holds the socket meanwhile.
        let answer = get_with(&url, &old);
        assert_eq!(answer.status, 401, "{}", site.errors());
        assert_ne!(answer.header("X-Pid"), Some(died[0].to_string().as_str()));
    }
    assert_eq!(nginx.quit(), 0);
}

/// ... and where it cannot load what the others have loaded, it admits nobody: the master's trust has keys that
/// were taken out since. Where nothing was loaded since, that trust is everybody's.
#[test]
fn a_new_worker_that_knows_less_than_others_admits_nobody() {
    let Some(module) = module("a worker that died beside broken files") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    site.configure("worker_processes 1;", &configuration(port));
    let nginx = site.start(port);
    let url = format!("http://127.0.0.1:{port}/");
    let old = trust.user(1, 0);
    let succeed = || {
        let died = nginx.workers();
        signal(died[0], "KILL");
        assert!(poll(PATIENCE, || nginx.workers().len() == 1 && nginx.workers() != died));
    };
    let break_keys = || fs::write(site.folder.join("keys.json"), "no keys").expect("writes a file");
    break_keys();
    let is_told = || site.errors().contains("the trust stays as it was");
    assert!(poll(PATIENCE, is_told), "{}", site.errors());
    succeed();
    assert_eq!(get_with(&url, &old).status, 200, "{}", site.errors());

    let tenant = renewed();
    let new = tenant.sign(&tenant.user_claims(2, now_s()));
    trust.write_keys(&tenant.jwks());
    assert!(poll(PATIENCE, || get_with(&url, &new).status == 200), "{}", site.errors());
    assert_eq!(get_with(&url, &old).status, 401);
    break_keys();
    succeed();
    for token in [&old, &new] {
        let answer = get_with(&url, token);
        assert_eq!((answer.status, answer.header("Retry-After")), (503, Some("1")), "{answer:?}");
    }
    assert!(site.errors().contains("this worker answers 503 until"), "{}", site.errors());
    trust.write_keys(&tenant.jwks());
    assert!(poll(PATIENCE, || get_with(&url, &new).status == 200), "{}", site.errors());
    assert_eq!(get_with(&url, &old).status, 401);
    assert_eq!(nginx.quit(), 0);
}

#[test]
fn without_a_master_it_refreshes_too() {
    let Some(module) = module("master_process off") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    site.configure("master_process off;", &configuration(port));
    let nginx = site.start(port);
    let url = format!("http://127.0.0.1:{port}/");
    let first = trust.user(1, 0);
    assert_eq!(get_with(&url, &first).status, 200);

    let second = renewed();
    trust.write_keys(&second.jwks());
    let token = second.sign(&second.user_claims(2, now_s()));
    assert!(poll(PATIENCE, || get_with(&url, &token).status == 200), "{}", site.errors());

    assert_eq!(nginx.quit(), 0);
}

/// As packages upgrade nginx: a new master beside the old one, then the old one quits.
#[test]
fn an_upgrade_of_the_binary_serves_on() {
    let Some(module) = module("upgrade of the binary") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    site.configure("daemon on; worker_processes 1;", &configuration(port));
    // A daemon, and by its path: nginx takes the signal in no other way.
    let found = Command::new("sh").args(["-c", "command -v nginx"]).output().expect("sh runs");
    let path = String::from_utf8(found.stdout).expect("a path");
    let started = Command::new(path.trim()).args(site.arguments()).status();
    assert!(started.expect("nginx starts").success(), "{}", site.errors());
    let _daemons = Daemons(&site);
    let pid = |name: &str| site.read(name).trim().parse::<u32>().ok();
    let url = format!("http://127.0.0.1:{port}/");
    let header = bearer(&trust.user(1, 0));
    let serves = || get(&url, &["-H", &header]).status == 200;
    assert!(poll(PATIENCE, || pid("nginx.pid").is_some() && serves()));
    let old = pid("nginx.pid").expect("a number");

    signal(old, "USR2");
    let is_new = || pid("nginx.pid.oldbin") == Some(old) && pid("nginx.pid").is_some();
    assert!(poll(PATIENCE, is_new), "{}", site.errors());
    let new = pid("nginx.pid").expect("a number");
    assert!(poll(PATIENCE, || !children(new, "nginx: worker").is_empty()));
    signal(old, "QUIT");
    assert!(poll(PATIENCE, || pid("nginx.pid.oldbin").is_none()), "{}", site.errors());
    assert!(poll(PATIENCE, || children(old, "nginx").is_empty()));
    for _ in 0..20 {
        assert!(serves(), "{}", site.errors());
    }
    signal(new, "QUIT");
    assert!(poll(PATIENCE, || pid("nginx.pid").is_none()), "{}", site.errors());
}

/// Ends what nobody else would, where the test fails.
struct Daemons<'a>(&'a Site);

impl Drop for Daemons<'_> {
    fn drop(&mut self) {
        for name in ["nginx.pid", "nginx.pid.oldbin"] {
            if let Ok(pid) = self.0.read(name).trim().parse() {
                signal(pid, "TERM");
            }
        }
    }
}
