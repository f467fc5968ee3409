//! Who may know whom inside the core: a file may name its own module, its neighbours and what lies
//! below. A cycle between layers would make each of them unreadable alone.

use super::source::{Token, heads, is_at, tokens};

/// The lowest first. Those of one layer may know each other.
const LAYERS: [&[&str]; 9] = [
    &[
        "limits",
        "method",
        "reason",
        "time",
        "guid",
        "hash",
        "witness",
        "text",
        "base64url",
        "parallel",
    ],
    &["crypto"],
    &["cert"],
    &["peer", "confirmation", "credential", "facts", "identity", "principal"],
    &["jws"],
    &METHODS,
    &["trust", "policy", "directory", "snapshot", "verdict"],
    &["cache", "replay", "counters"],
    &["explain", "gate"],
];

/// ... but not these: a rule of one method never leans on another's.
const METHODS: [&str; 3] = ["oidc", "pki", "site"];

/// Feature `sign`: it makes what the others check, knows all of them, and none may know it.
const SAMPLE: &str = "sample";

/// What stands in `src/<file>` and points the wrong way, one line each.
pub(crate) fn violations(file: &str, text: &str) -> Vec<String> {
    let path = module_path(file);
    let Some(own) = path.first() else { return Vec::new() };
    if *own == SAMPLE {
        return Vec::new();
    }
    let tokens = tokens(text);
    let mut found = Vec::new();
    for target in crate_paths(&tokens, &path) {
        if let Some(why) = fault(own, target.text) {
            found.push(format!("src/{file}:{}: {own} -> {}: {why}", target.line, target.text));
        }
    }
    found
}

/// Whether the module has a place in the order.
pub(crate) fn has_layer(module: &str) -> bool {
    module == SAMPLE || layer(module).is_some()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn fault(own: &str, target: &str) -> Option<&'static str> {
    if own == target {
        return None;
    }
    match (layer(own), layer(target)) {
        (None, _) => Some("the module on the left has no layer"),
        (_, None) if target == SAMPLE => Some("samples are for outsiders"),
        (_, None) => Some("not a module with a layer; name the module, not what lib.rs re-exports"),
        (Some(from), Some(to)) if to > from => Some("looks up"),
        _ if METHODS.contains(&own) && METHODS.contains(&target) => {
            Some("one method knows another")
        }
        _ => None,
    }
}

/// `oidc/claims.rs` is `oidc::claims`; `lib.rs` is the root; `x_tests.rs` is `x::tests`.
pub(crate) fn module_path(file: &str) -> Vec<&str> {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let mut path: Vec<&str> = stem.split('/').collect();
    match path.pop() {
        None | Some("lib" | "mod") => {}
        Some(name) => match name.strip_suffix("_tests") {
            Some(parent) => path.extend([parent, "tests"]),
            None => path.push(name),
        },
    }
    path
}

/// The first name behind the crate root, of every path that starts there.
fn crate_paths<'a>(tokens: &[Token<'a>], path: &[&'a str]) -> Vec<Token<'a>> {
    // Inline modules that are open: each adds one step for `super`.
    let mut inline: Vec<u32> = Vec::new();
    let (mut depth, mut found, mut at) = (0, Vec::new(), 0);
    while at < tokens.len() {
        match tokens[at].text {
            "mod" if tokens.get(at + 2).is_some_and(|token| token.text == "{") => {
                inline.push(depth);
            }
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                inline.pop_if(|opened| *opened == depth);
            }
            "crate" if is_at(tokens, at + 1, &["::"]) => found.extend(heads(tokens, at + 2)),
            "super" if is_at(tokens, at + 1, &["::"]) => {
                let mut steps = 1;
                while is_at(tokens, at + 2, &["super", "::"]) {
                    (steps, at) = (steps + 1, at + 2);
                }
                if steps >= path.len() + inline.len() {
                    found.extend(heads(tokens, at + 2));
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(file: &str, text: &str) -> usize {
        violations(file, text).len()
    }

    #[test]
    fn an_arrow_up_is_found_however_it_is_spelt() {
        for line in [
            "use crate::gate::Gate;",
            "use crate::{limits::Limits, gate::{Gate, other}};",
            "fn f() { crate::gate::judge() }",
            "pub(crate) use crate::gate::*;",
            "use super::super::gate::Gate;",
            "mod inner { use super::super::super::gate::Gate; }",
            "macro_rules! m { () => { $crate::gate::Gate } }",
            "fn f(c: char) -> bool { c == '\"' || c == '\\'' || crate::gate::ok() }",
            "const A: &str = r#\"\"#; use crate::gate::Gate; const B: &str = \"\";",
            "fn f<'a>(_: &'a str) -> crate::gate::Gate<'a> {}",
        ] {
            let found = violations("policy/stand.rs", line);
            assert_eq!(found.len(), 1, "{line}: {found:?}");
            assert!(found[0].starts_with("src/policy/stand.rs:1: policy -> gate: "), "{found:?}");
        }
        let second_line = violations("policy/mod.rs", "use crate::facts;\nuse crate::gate;\n");
        assert_eq!(second_line, ["src/policy/mod.rs:2: policy -> gate: looks up"]);
    }

    #[test]
    fn methods_do_not_know_each_other_and_nobody_knows_samples() {
        assert_eq!(faults("oidc/claims.rs", "use crate::site::Site;"), 1);
        assert_eq!(faults("pki.rs", "use crate::oidc::Issuer;"), 1);
        assert_eq!(faults("gate.rs", "use crate::sample::Tenant;"), 1);
        assert_eq!(faults("sample.rs", "use crate::{Gate, gate, batch};"), 0);
    }

    #[test]
    fn what_has_no_layer_is_not_let_through() {
        assert_eq!(faults("policy/mod.rs", "use crate::novelty::Thing;"), 1);
        assert_eq!(faults("novelty.rs", "use crate::limits::Limits;"), 1);
        assert_eq!(faults("policy/mod.rs", "use crate::Reason;"), 1, "a re-export hides the layer");
        assert_eq!(faults("policy/mod.rs", "use crate::*;"), 1);
    }

    #[test]
    fn looking_down_and_sideways_is_free() {
        for line in [
            "use crate::trust::Trust; use crate::{limits::Limits, oidc::{Issuer, Keys}};",
            "use super::Policy; mod tests { use super::*; use super::super::endpoint::Mode; }",
            "pub(crate) struct S; pub(super) struct T; pub(in crate::policy) struct U;",
            "// use crate::gate::Gate;\n/* crate::gate /* nested */ crate::gate */",
            "/// [`crate::gate::Gate`]\nconst S: &str = \"crate::gate\";",
            "const S: &str = r##\"crate::gate \"# crate::gate\"##; const B: &[u8] = b\"crate::gate\";",
        ] {
            let found = violations("policy/stand.rs", line);
            assert!(found.is_empty(), "{line}: {found:?}");
        }
        assert_eq!(faults("lib.rs", "pub use crate::gate::Gate;"), 0);
    }

    #[test]
    fn files_are_modules() {
        assert_eq!(module_path("oidc/claims.rs"), ["oidc", "claims"]);
        assert_eq!(module_path("oidc/mod.rs"), ["oidc"]);
        assert_eq!(module_path("jws/json_tests.rs"), ["jws", "json", "tests"]);
        assert_eq!(module_path("gate.rs"), ["gate"]);
        assert!(module_path("lib.rs").is_empty());
    }
}
