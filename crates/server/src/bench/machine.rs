//! What the machine has: cores, and memory that is free, as Linux says it.

use std::num::NonZero;
use std::{fs, thread};

/// How many threads can run at once.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Bytes that could be had: the machine's, or what this group of processes may still take. `None` where
/// the system does not say.
pub(super) fn free_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let machine = line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024;
    let of_group = |file: &str| -> Option<u64> {
        fs::read_to_string(format!("/sys/fs/cgroup/{file}")).ok()?.trim().parse().ok()
    };
    let group = of_group("memory.max").zip(of_group("memory.current"));
    Some(group.map_or(machine, |(most, now)| machine.min(most.saturating_sub(now))))
}

/// The most bytes of this process that have stood in memory since [`forget_peak`].
pub(super) fn peak_bytes() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<f64>().ok().map(|kib| kib * 1024.0)
}

/// The most is what it is now. Whether the system lets us say so.
pub(super) fn forget_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// Bytes of this process that stand in memory.
pub(super) fn resident_bytes() -> Option<f64> {
    // The only size of a page on x86-64; the kernel's own name for others cannot be had without libc.
    const PAGE: f64 = 4096.0;
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    text.split(' ').nth(1)?.parse::<f64>().ok().map(|pages| pages * PAGE)
}
