//! Programs that have to end: .NET's tests share this.

use std::process::{Child, Command, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What came of a command, whatever it was; killed if it takes too long.
pub(crate) fn finished(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let watch = Watch::over(&child);
    let output = child.wait_with_output().expect("its output");
    assert!(!watch.stop(), "{command:?} was still running after {DEADLINE:?}");
    output
}

/// Ends a child that runs for too long.
struct Watch {
    stop: std::sync::mpsc::Sender<()>,
    thread: JoinHandle<bool>,
}

impl Watch {
    fn over(child: &Child) -> Self {
        let id = child.id().to_string();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let until = Instant::now() + DEADLINE;
        let thread = thread::spawn(move || {
            let left = until.saturating_duration_since(Instant::now());
            let is_late = stopped.recv_timeout(left).is_err();
            if is_late {
                // Our own child, which nobody has waited for yet: the number is still its.
                let _ = Command::new("kill").args(["-9", &id]).status();
            }
            is_late
        });
        Self { stop, thread }
    }

    fn stop(self) -> bool {
        let _ = self.stop.send(());
        self.thread.join().expect("it only waits")
    }
}

/// Long enough for a slow machine under valgrind.
const DEADLINE: Duration = Duration::from_secs(180);
