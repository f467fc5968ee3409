//! One nginx: its folder, its ports, its configuration, its processes.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A folder to run nginx in, which goes when this goes.
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    module: PathBuf,
}

impl Site {
    pub(crate) fn new(module: &Path) -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("nginx-{}-{number}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(folder.join("html")).expect("makes a folder");
        fs::write(folder.join("html/index.html"), "a page\n").expect("writes a page");
        Self { folder, module: module.into() }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().expect("a path in UTF-8").to_owned()
    }

    /// Writes nginx.conf: `main` stands at its top, `http` in its http {}.
    pub(crate) fn configure(&self, main: &str, http: &str) {
        let module = self.module.display();
        self.configure_without_module(&format!("load_module {module};\n{main}"), http);
    }

    pub(crate) fn configure_without_module(&self, main: &str, http: &str) {
        let user = if is_root() { "user root;" } else { "" };
        let level = if main.contains("error_log") { "" } else { "error_log error.log info;" };
        let text = format!(
            "{main}\n{user}\n{level}\npid nginx.pid;\nlock_file nginx.lock;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n\
             client_body_temp_path tmp-body; proxy_temp_path tmp-proxy;\n\
             fastcgi_temp_path tmp-fastcgi; uwsgi_temp_path tmp-uwsgi; scgi_temp_path tmp-scgi;\n\
             log_format verdict '$request_uri $status $tollgate_reason $tollgate_id';\n\
             access_log access.log verdict;\n\
             root html;\n{http}\n}}\n"
        );
        // Without the module nobody knows its variables.
        let text = match text.contains("load_module") {
            true => text,
            false => text.replace("$tollgate_reason $tollgate_id", "-"),
        };
        fs::write(self.folder.join("nginx.conf"), text).expect("writes nginx.conf");
    }

    /// `nginx` with these arguments, to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().expect("nginx runs")
    }

    /// What `nginx -t` says, and whether it is content.
    pub(crate) fn test(&self) -> (bool, String) {
        let output = self.run(&["-t"]);
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Starts it, and waits until `port` is served, by a worker where there are any.
    pub(crate) fn start(&self, port: u16) -> Nginx<'_> {
        self.start_by(self.command(), port)
    }

    pub(crate) fn start_by(&self, mut command: Command, port: u16) -> Nginx<'_> {
        let errors = fs::File::create(self.folder.join("stderr.log")).expect("makes a log");
        command.args(["-g", "daemon off;"]).stdin(Stdio::null()).stderr(errors);
        let child = command.spawn().expect("nginx starts");
        let mut nginx = Nginx { site: self, child };
        let is_alone = self.read("nginx.conf").contains("master_process off");
        // The master listens before there is a worker.
        let is_there = |nginx: &Nginx<'_>| {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
                && (is_alone || !nginx.workers().is_empty())
        };
        let served = poll(Duration::from_secs(40), || is_there(&nginx) || nginx.has_ended());
        assert!(served && !nginx.has_ended(), "{}\n{}", self.read("stderr.log"), self.errors());
        nginx
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("nginx");
        command.args(self.arguments()).current_dir(&self.folder);
        command
    }

    /// Where it lives, for whoever starts it.
    pub(crate) fn arguments(&self) -> [String; 6] {
        let folder = format!("{}/", self.folder.display());
        let parts = ["-p", &folder, "-c", "nginx.conf", "-e", "error.log"];
        parts.map(str::to_owned)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.folder.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) fn errors(&self) -> String {
        self.read("error.log")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// A running nginx; stopped when this goes.
pub(crate) struct Nginx<'a> {
    site: &'a Site,
    child: Child,
}

impl Nginx<'_> {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the child is ours").is_some()
    }

    /// The processes that serve now, newest last.
    pub(crate) fn workers(&self) -> Vec<u32> {
        children(self.pid(), "nginx: worker process")
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// Reloads, and waits until the workers of before are replaced (they may still be ending).
    pub(crate) fn reload(&self) {
        let before = self.workers();
        let output = self.site.run(&["-s", "reload"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let is_new = || self.workers().iter().any(|worker| !before.contains(worker));
        assert!(poll(Duration::from_secs(20), is_new), "{}", self.site.errors());
    }

    /// Ends it gracefully and gives its exit code.
    pub(crate) fn quit(mut self) -> i32 {
        self.signal("QUIT");
        self.wait(Duration::from_secs(40))
    }

    fn wait(&mut self, at_most: Duration) -> i32 {
        let until = Instant::now() + at_most;
        loop {
            match self.child.try_wait().expect("the child is ours") {
                Some(status) => return status.code().unwrap_or(-1),
                None if Instant::now() > until => panic!("nginx does not end"),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

impl Drop for Nginx<'_> {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.signal("TERM");
            if !std::thread::panicking() {
                self.wait(Duration::from_secs(40));
            }
        }
    }
}

/// Sends a signal to one process.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).status();
    assert!(sent.expect("kill runs").success(), "{name} to {pid}");
}

/// Children of a process whose title begins with this.
pub(crate) fn children(parent: u32, title: &str) -> Vec<u32> {
    let list = fs::read_dir("/proc").expect("there is /proc");
    let names = list.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let pids = names.filter_map(|name| name.parse::<u32>().ok());
    let is_child = |pid: &u32| {
        // "pid (name) state parent ...", where the name may hold anything.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
        behind.split_whitespace().nth(1) == Some(&parent.to_string())
    };
    let is_titled = |pid: &u32| {
        let found = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        found.starts_with(title) && !found.contains("shutting down")
    };
    let mut children: Vec<u32> = pids.filter(is_child).filter(is_titled).collect();
    children.sort_unstable();
    children
}

/// Asks until it is so; whether it was in time.
pub(crate) fn poll(at_most: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + at_most;
    loop {
        if is_so() {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A port that nobody has now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its number").port()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout == b"0\n"
}
