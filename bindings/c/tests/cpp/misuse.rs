//! What must not compile: misuse that the header turns into an error, and says which.

use crate::compile::{Build, has, prefix};

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
    let place = tempfile::tempdir().expect("a folder");
    let source = place.path().join("taken.cpp");
    let body = "if (gate.check(asked)) take(0);\nscratch other = std::move(desk); take(1);";
    std::fs::write(&source, program(body)).expect("a file of our own");
    let build = Build::new("g++", "-std=c++17");
    build.compile(&prefix, &[source], &place.path().join("taken"));
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
