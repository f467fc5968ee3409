//! Hits call nobody: no futex, no other system call, in a million of them.
//!
//! The test runs itself once more under strace. Each thread says by a call of its own, getppid, where its
//! hits begin and where they end: nothing may stand between the two.

#![cfg(target_os = "linux")]

mod town;

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io::Write;
use std::os::unix::process::parent_id;
use std::process::Command;
use std::sync::Barrier;
use std::thread;

use town::Town;

/// Of each kind, on each of two threads.
const HITS: u32 = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };

/// Says to the child what it is to do.
const ROLE: &str = "TOLLGATE_QUIET_ROLE";

const TEST: &str = "hits_make_no_system_call";

/// Calls between the two marks of each thread that has marked, one a line as strace writes them.
fn between_marks(trace: &str) -> Vec<Vec<&str>> {
    let mut threads: HashMap<&str, Vec<Vec<&str>>> = HashMap::new();
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if call.starts_with("getppid(") {
            threads.entry(thread).or_default().push(Vec::new());
        } else if !call.starts_with("<... getppid resumed")
            && let Some(last) = threads.get_mut(thread).and_then(|marks| marks.last_mut())
        {
            last.push(call);
        }
    }
    threads.into_values().map(|marks| marks.into_iter().next().unwrap_or_default()).collect()
}

#[test]
fn calls_between_marks_are_found() {
    let trace = "7 futex(1)\n7 getppid() = 1\n8 getppid( <unfinished ...>\n7 getppid() = 1\n\
                 8 <... getppid resumed>) = 1\n8 futex(2)\n7 futex(3)\n8 getppid() = 1\n8 exit(0)\n";
    let mut found = between_marks(trace);
    found.sort();
    assert_eq!(found, [vec![], vec!["futex(2)"]]);
}

/// Whether there is a strace that may trace; else the word that the test is left out.
fn can_trace() -> bool {
    let tried = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let why = match tried {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; "),
        Err(error) => error.to_string(),
    };
    // Past the test runner, which keeps what passing tests print to itself.
    let line = format!("\nSKIPPED: {TEST}: strace does not run: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).expect("stderr takes a line");
    false
}

#[test]
fn hits_make_no_system_call() {
    if env::var_os(ROLE).is_some() {
        return hit_between_marks();
    }
    if !can_trace() {
        return;
    }
    let me = env::current_exe().expect("this test's own path");
    let name = format!("tollgate-calls-{}.strace", std::process::id());
    let trace = env::temp_dir().join(name);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=all", "-o"]).arg(&trace).arg(me);
    command.args(["--exact", TEST, "--nocapture", "--test-threads=1"]).env(ROLE, "hit");
    let output = command.output().expect("strace runs");
    let text = fs::read_to_string(&trace).expect("strace wrote what it saw");
    fs::remove_file(&trace).expect("the trace was ours");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("futex("), "threads that start do call the kernel, and it is seen");
    let threads = between_marks(&text);
    assert_eq!(threads.len(), 2, "two threads that hit");
    assert_eq!(threads, [Vec::<&str>::new(), Vec::new()], "system calls while hitting");
}

fn hit_between_marks() {
    let town = Town::new();
    let gate = town.gate(4 << 20);
    let regulars = town.regulars();
    regulars.iter().for_each(|regular| regular.settle(&gate));
    let (settled, barrier) = (gate.counters(), Barrier::new(2));
    let hit_all = || {
        // This thread's stripe and record, made once.
        regulars.iter().for_each(|regular| regular.come(&gate, 1));
        barrier.wait();
        let _ = parent_id();
        regulars.iter().for_each(|regular| regular.come(&gate, HITS));
        let _ = parent_id();
    };
    thread::scope(|scope| {
        scope.spawn(hit_all);
        scope.spawn(hit_all);
    });
    let now = gate.counters();
    let hits = u64::from(HITS + 1) * regulars.len() as u64 * 2;
    assert_eq!((now.hits - settled.hits, now.misses - settled.misses), (hits, 0));
}
