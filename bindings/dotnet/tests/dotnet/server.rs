//! Servers of others, started, waited for, and ended.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ended when this goes.
pub(crate) struct Server {
    process: Child,
}

impl Server {
    /// Waits until somebody listens at the port.
    pub(crate) fn start(mut command: Command, port: u16) -> Self {
        let process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut server = Self { process };
        let is_there = || {
            let has_ended = server.process.try_wait().expect("our own child").is_some();
            has_ended || TcpStream::connect(("127.0.0.1", port)).is_ok()
        };
        assert!(poll(Duration::from_secs(60), is_there), "{command:?} does not listen");
        assert!(server.process.try_wait().expect("our own child").is_none(), "{command:?} ended");
        server
    }

    /// What it wrote to its standard error, where that is a pipe; ends it.
    pub(crate) fn errors(&mut self) -> String {
        let _ = self.process.kill();
        let errors = self.process.stderr.take().expect("a pipe");
        std::io::read_to_string(errors).expect("text")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A shell of its own may stand before it; what it became has the same number.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status();
        let mut has_ended = || self.process.try_wait().is_ok_and(|status| status.is_some());
        if !poll(Duration::from_secs(10), &mut has_ended) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
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
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port that nobody has now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its number").port()
}
