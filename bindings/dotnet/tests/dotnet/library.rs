//! Which native library is taken, and in which words others are refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::house::{
    Runtime, build_into, can_run, coreclr, folder, library, run, runtimes, skip, texts,
};
use crate::watch::finished;

/// Whether it is found, and what is said: one line.
fn asked(command: &mut Command) -> (bool, String) {
    let output = finished(command);
    let (said, errors) = texts(&output);
    assert!(errors.is_empty(), "{command:?}: {errors}");
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    (output.status.success(), said.trim().to_owned())
}

fn with_variable(runtime: &Runtime, path: &Path) -> (bool, String) {
    asked(runtime.command("Themes.exe").arg("--library").env("TOLLGATE_LIBRARY", path))
}

fn assert_says(said: &(bool, String), words: &[&str]) {
    assert!(!said.0, "it was taken: {}", said.1);
    for word in words {
        assert!(said.1.contains(word), "{word:?} is not in: {}", said.1);
    }
}

#[test]
fn another_version_is_refused() {
    let test = "another_version_is_refused";
    let runtimes = runtimes(test);
    if !can_run("cc") {
        return skip(test, "there is no cc");
    }
    let place = tempfile::tempdir().expect("a folder");
    let other = fake(&place, "other", "unsigned tollgate_abi_version(void) { return 7; }");
    // Whatever else a library of another interface has is not called.
    let rash = "unsigned tollgate_abi_version(void) { return 1; }\n\
        unsigned long tollgate_struct_size(unsigned s) { (void)s; *(volatile int *)0 = 1; return 0; }";
    let rash = fake(&place, "rash", rash);
    let older = "unsigned tollgate_abi_version(void) { return 0; }\n\
        unsigned long tollgate_struct_size(unsigned s) { return s == 3 ? 96 : 4096; }\n\
        const char *tollgate_version(void) { return \"0.0.9\"; }";
    let older = fake(&place, "older", older);
    let stranger = fake(&place, "stranger", "int something_else(void) { return 0; }");
    let nonsense = place.path().join("nonsense.so");
    fs::write(&nonsense, "no library at all\n").expect("a file of our own");
    for runtime in runtimes {
        let says = |path: &Path, words: &[&str]| assert_says(&with_variable(runtime, path), words);
        says(&other, &["binary interface 7", "needs 0", "install libtollgate.so.0"]);
        says(&rash, &["binary interface 1", "needs 0"]);
        says(&older, &["release 0.0.9", "older than this assembly"]);
        says(&stranger, &["is no tollgate, or an older one"]);
        says(&nonsense, &["tollgate library", "TOLLGATE_LIBRARY"]);
    }
}

#[test]
fn a_missing_library_says_what_to_do() {
    for runtime in runtimes("a_missing_library_says_what_to_do") {
        let program = runtime.built.join(runtime.file("Themes.exe"));
        let words = [
            "was not found",
            "TOLLGATE_LIBRARY",
            "runtimes/<rid>/native",
            "linux-musl-x64",
            "LD_LIBRARY_PATH",
        ];
        let mut command = runtime.command_without_library(&program);
        assert_says(&asked(command.arg("--library")), &words);
        let nowhere = Path::new("/nowhere/libtollgate.so");
        let said = with_variable(runtime, nowhere);
        assert_says(&said, &["TOLLGATE_LIBRARY names /nowhere/libtollgate.so, which is no file"]);
    }
}

/// The variable, the path of the loader, the folder of the program; of CoreCLR also the soname alone.
#[test]
fn a_library_is_found_where_users_put_it() {
    for runtime in runtimes("a_library_is_found_where_users_put_it") {
        let found = (true, format!("found {}", env!("CARGO_PKG_VERSION")));
        assert_eq!(with_variable(runtime, &library()), found, "{}", runtime.name);

        let program = runtime.built.join(runtime.file("Themes.exe"));
        let mut command = runtime.command_without_library(&program);
        command.arg("--library").env("LD_LIBRARY_PATH", library().parent().expect("a folder"));
        assert_eq!(asked(&mut command), found, "{}", runtime.name);

        let place = copied(runtime);
        fs::copy(library(), place.path().join("libtollgate.so")).expect("copies");
        let mut command =
            runtime.command_without_library(&place.path().join(runtime.file("Themes.exe")));
        assert_eq!(asked(command.arg("--library")), found, "{}", runtime.name);

        if runtime.name == "coreclr" {
            fs::rename(place.path().join("libtollgate.so"), place.path().join("libtollgate.so.0"))
                .expect("renames");
            let mut command = runtime.command_without_library(&program);
            command.arg("--library").env("LD_LIBRARY_PATH", place.path());
            assert_eq!(asked(&mut command), found);
        }
    }
}

/// As NuGet lays a package's native libraries out beside a program, and the program's deps.json says.
#[test]
fn a_library_is_found_where_packages_have_it() {
    let Some(runtime) = coreclr("a_library_is_found_where_packages_have_it") else { return };
    let place = copied(runtime);
    let mut command = Command::new(folder().join("native.sh"));
    let rid = run(command.arg(library()).arg(place.path().join("runtimes")));
    let rid = rid.trim();
    let asset = format!("runtimes/{rid}/native/libtollgate.so");
    assert_eq!(
        fs::read(place.path().join(&asset)).expect("it is there"),
        fs::read(library()).expect("it is there")
    );
    let deps = serde_json::json!({
        "runtimeTarget": { "name": ".NETCoreApp,Version=v3.1" },
        "targets": { ".NETCoreApp,Version=v3.1": {
            "Themes/1.0.0": { "dependencies": { "Tollgate": "0.1.0" }, "runtime": { "Themes.exe": {} } },
            "Tollgate/0.1.0": {
                "runtime": { "lib/Tollgate.dll": {} },
                "runtimeTargets": { &asset: { "rid": rid, "assetType": "native" } },
            },
        } },
        "libraries": {
            "Themes/1.0.0": { "type": "project", "serviceable": false, "sha512": "" },
            "Tollgate/0.1.0": { "type": "package", "serviceable": false, "sha512": "", "path": "tollgate" },
        },
    });
    fs::write(place.path().join("Themes.deps.json"), deps.to_string()).expect("a file of our own");
    let mut command = runtime.command_without_library(&place.path().join("Themes.exe"));
    let found = (true, format!("found {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(asked(command.arg("--library")), found);
}

/// .NET Core before 8 takes the assembly of netstandard2.0, which has no say in where the runtime looks: it says so, rather
/// than to load another library than the one that the variable names.
#[test]
fn the_variable_is_never_ignored() {
    let Some(runtime) = coreclr("the_variable_is_never_ignored") else { return };
    let place = copied(runtime);
    build_into("standard", place.path());
    let asks = |variable: &str, value: &Path| {
        let program = place.path().join(runtime.file("Themes.exe"));
        asked(runtime.command_without_library(&program).arg("--library").env(variable, value))
    };
    let said = asks("TOLLGATE_LIBRARY", &library());
    assert_says(&said, &["TOLLGATE_LIBRARY is not for this runtime", "LD_LIBRARY_PATH"]);
    let found = (true, format!("found {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(asks("LD_LIBRARY_PATH", library().parent().expect("a folder")), found);
}

/// For each system under the name that .NET looks for there, and none under that of another one.
#[test]
fn native_libraries_are_laid_out_by_system() {
    let place = tempfile::tempdir().expect("a folder");
    let lay = |library: &Path, rid: &[&str]| {
        let mut command = Command::new("sh");
        command.arg(folder().join("native.sh")).arg(library).arg(place.path()).args(rid);
        let output = finished(&mut command);
        (output.status.success(), texts(&output).0 + &texts(&output).1)
    };
    let file = |name: &str, words: &str| {
        let path = place.path().join(name);
        fs::write(&path, words).expect("a file of our own");
        path
    };
    let (glibc, musl) =
        (file("glibc.so", "\0libc.so.6\0"), file("musl.so", "\0libc.musl-x86_64.so.1\0"));
    for (library, rid, name) in [
        (&glibc, "linux-x64", "libtollgate.so"),
        (&glibc, "linux-arm64", "libtollgate.so"),
        (&musl, "linux-musl-x64", "libtollgate.so"),
        (&glibc, "osx-arm64", "libtollgate.dylib"),
        (&glibc, "win-x64", "tollgate.dll"),
    ] {
        assert_eq!(lay(library, &[rid]), (true, format!("{rid}\n")));
        let laid = fs::read(place.path().join(rid).join("native").join(name)).expect("it is there");
        assert_eq!(laid, fs::read(library).expect("it is there"));
    }
    for (library, rid, words) in [
        (&musl, "linux-x64", "is built for musl"),
        (&glibc, "linux-musl-x64", "is not built for musl"),
        (&glibc, "../linux-x64", "no runtime identifier"),
        (&glibc, "", "no runtime identifier"),
        (&place.path().join("nowhere.so"), "linux-x64", "nowhere.so is not there"),
    ] {
        assert_says(&lay(library, &[rid]), &[words]);
    }
    let own = lay(&musl, &[]);
    assert!(own.0 && own.1.starts_with("linux-musl-"), "{own:?}");
}

/// What stands in the projects of the SDK, which are not built here, and has to agree with the workspace.
#[test]
fn the_projects_have_the_release_of_the_workspace() {
    let properties = fs::read_to_string(folder().join("Directory.Build.props")).expect("a file");
    let version = format!("<Version>{}</Version>", env!("CARGO_PKG_VERSION"));
    assert!(properties.contains(&version), "Directory.Build.props needs {version}");
}

/// A folder with the program and the assembly, and no library.
fn copied(runtime: &Runtime) -> TempDir {
    let place = tempfile::tempdir().expect("a folder");
    for name in fs::read_dir(&runtime.built).expect("a folder") {
        let name = name.expect("an entry").file_name();
        if ["Themes.exe", "Themes.dll", "Themes.runtimeconfig.json", "Tollgate.dll"]
            .iter()
            .any(|wanted| name == *wanted)
        {
            fs::copy(runtime.built.join(&name), place.path().join(&name)).expect("copies");
        }
    }
    place
}

/// A shared library of our own.
fn fake(place: &TempDir, name: &str, source: &str) -> PathBuf {
    let (code, made) =
        (place.path().join(format!("{name}.c")), place.path().join(format!("{name}.so")));
    fs::write(&code, format!("{source}\n")).expect("a file of our own");
    run(Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&made).arg(&code));
    made
}
