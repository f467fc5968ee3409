//! Every case of tests/vectors, through .NET.

use std::fs;

use crate::cases::assert_none;
use crate::fields::every_case;
use crate::house::{runtimes, texts};
use crate::watch::finished;

#[test]
fn every_case_gets_its_verdict_in_dotnet() {
    let runtimes = runtimes("every_case_gets_its_verdict_in_dotnet");
    if runtimes.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let fields = every_case();
    fs::write(folder.path().join("cases"), &fields.bytes).expect("a file of our own");
    for runtime in runtimes {
        let output = finished(runtime.command("Vectors.exe").arg(folder.path()));
        let (said, errors) = texts(&output);
        let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
        let last = lines.pop().unwrap_or_default();
        let name = runtime.name;
        assert_none(&format!("cases that are judged otherwise on {name}"), &lines);
        assert_eq!(last, format!("replayed {} cases, 0 differences", fields.count), "{errors}");
        assert!(output.status.success(), "{name}: {errors}");
    }
}
