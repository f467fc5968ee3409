//! What must not compile: misuse that the header turns into an error, and says which.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::compile::{Build, has, prefix, root, run};

#[test]
fn what_must_not_compile() {
    let test = "what_must_not_compile";
    let Some(prefix) = prefix(test) else { return };
    for compiler in ["g++", "clang++"] {
        if !has(test, compiler) {
            continue;
        }
        let build = Build::new(compiler, "-std=c++17");
        for (body, complaint) in REFUSED {
            let said = build.refuses(&prefix, &program(body));
            assert!(said.contains(complaint), "{compiler}: {body}\n{said}");
        }
        let said = Build::new(compiler, "-std=c++14").refuses(&prefix, &program(""));
        assert!(said.contains("tollgate.hpp needs C++17: compile with -std=c++17"), "{said}");
    }
}

/// The frame by itself is taken: it is the body that is not.
#[test]
fn what_has_to_compile() {
    let test = "what_has_to_compile";
    let Some(prefix) = prefix(test).filter(|_| has(test, "g++")) else { return };
    let body = "if (gate.check(asked)) take(0);\nscratch other = std::move(desk); take(1);";
    run_text(&prefix, &program(body));
}

/// What the README shows is C++, and nobody is admitted by what could not be made.
#[test]
fn the_readme_of_the_header() {
    let test = "the_readme_of_the_header";
    let Some(prefix) = prefix(test).filter(|_| has(test, "g++")) else { return };
    let readme = fs::read_to_string(root().join("bindings/cpp/README.md")).expect("the README");
    let shown = readme.split("```cpp\n").nth(1).and_then(|rest| rest.split("```").next());
    let main = "int main() { std::string user; tollgate::scratch scratch; tollgate::peer nobody;\n\
                return judge(open(\"x\"), scratch, nobody, \"\", user) == 503 ? 0 : 1; }\n";
    run_text(&prefix, &format!("{}{main}", shown.expect("a block of C++")));
}

fn run_text(prefix: &Path, text: &str) {
    let place = tempfile::tempdir().expect("a folder");
    let (source, program) = (place.path().join("taken.cpp"), place.path().join("taken"));
    fs::write(&source, text).expect("a file of our own");
    Build::new("g++", "-std=c++17").compile(prefix, &[source], &program);
    run(&mut Command::new(program));
}

fn program(body: &str) -> String {
    format!(
        "#include <tollgate.hpp>\n\
         using namespace tollgate;\n\
         void take(int);\n\
         void take(int) {{}}\n\
         void use(const gate &gate, scratch &desk, const request &asked, const peer &client);\n\
         void use(const gate &gate, scratch &desk, const request &asked, const peer &client) {{\n\
         (void)gate; (void)desk; (void)asked; (void)client;\n{body}\n}}\n\
         int main() {{ scratch desk; use(gate(), desk, request(), peer()); }}\n"
    )
}

/// What somebody writes, and a word of what the compiler has to say.
const REFUSED: [(&str, &str); 11] = [
    ("gate.check(asked);", "nodiscard"),
    ("gate.check(desk, asked);", "nodiscard"),
    ("gate.refresh();", "nodiscard"),
    ("peer::from_pem(\"\");", "nodiscard"),
    // What was done is not what was admitted.
    ("if (gate.refresh()) take(0);", "result<"),
    ("if (client) take(0);", "peer"),
    // An admitted verdict is no number, and a number no verdict.
    ("take(gate.check(asked));", "verdict"),
    ("bool may_pass = gate.check(asked); take(may_pass);", "verdict"),
    ("scratch copy = desk; take(0);", "deleted"),
    ("request borrowed(std::string(\"gone\")); take(0);", "deleted"),
    ("request borrowed; borrowed.with_peer(peer());", "deleted"),
];
