//! Who may know whom among the crates, read off their manifests.

/// The lowest first: a package may depend on those before it. The server stands above the C library, which
/// its bench measures.
const ORDER: [&str; 10] = [
    "tollgate-table",
    "tollgate",
    "tollgate-site",
    "tollgate-keeper",
    "tollgate-c",
    "tollgate-artifact",
    "tollgate-python",
    "tollgate-server",
    "tollgate-nginx",
    "tollgate-dotnet",
];

/// What stands in the order but is none of a package's business: what signs has no place in a library that
/// gateways link, and a binding has no table of its own.
const NOT_FOR: [(&str, &[&str]); 3] = [
    ("tollgate-c", &["tollgate-table", "tollgate-site"]),
    ("tollgate-artifact", &["tollgate-table", "tollgate", "tollgate-site", "tollgate-keeper"]),
    ("tollgate-python", &["tollgate-table", "tollgate-site", "tollgate-c", "tollgate-artifact"]),
];

/// The dependencies of one manifest that point up, one line each.
///
/// By name, since the path stands in the workspace's own table.
pub(crate) fn violations(file: &str, manifest: &str) -> Vec<String> {
    let lines = || Lines { section: "", lines: manifest.lines().enumerate() };
    let name = lines().find_map(|(_, section, line)| match (section, line.split_once('=')) {
        ("package", Some((key, value))) if key.trim() == "name" => Some(unquoted(value)),
        _ => None,
    });
    let Some(own) = name.and_then(|name| ORDER.iter().position(|other| *other == name)) else {
        return vec![format!("{file}: {name:?} has no place in the order of crates")];
    };
    let not_for = NOT_FOR.iter().find(|(name, _)| *name == ORDER[own]);
    let not_for = not_for.map_or(&[] as &[_], |(_, names)| *names);
    let mut found = Vec::new();
    for (number, section, line) in lines() {
        for target in dependencies(section, line) {
            if not_for.contains(&target) && !section.ends_with("dev-dependencies") {
                found.push(format!("{file}:{number}: {} -> {target}", ORDER[own]));
            }
            let place = ORDER.iter().position(|other| *other == target);
            // The core names itself among its dev-dependencies, to switch features on for tests.
            let is_self = place == Some(own) && section.ends_with("dev-dependencies");
            if place.is_some_and(|place| place >= own) && !is_self {
                found.push(format!("{file}:{number}: {} -> {target}", ORDER[own]));
            }
        }
    }
    found
}

/// The names that one line of a manifest brings in: its key, and the package that it renames.
fn dependencies<'a>(section: &'a str, line: &'a str) -> Vec<&'a str> {
    if section == "workspace.dependencies" {
        return Vec::new();
    }
    let mut names = Vec::new();
    let is_table = section.ends_with("dependencies");
    if is_table && let Some((key, _)) = line.split_once(['=', '.']) {
        names.push(unquoted(key));
    }
    let own_section = section.rsplit_once('.').filter(|(table, _)| table.ends_with("dependencies"));
    if let Some((_, name)) = own_section {
        names.push(unquoted(name));
    }
    if (is_table || own_section.is_some())
        && let Some((_, value)) = line.split_once("package")
        && let Some(value) = value.trim_start().strip_prefix('=')
    {
        names.extend(value.split('"').nth(1));
    }
    names
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"')
}

/// Lines that say something, with their number and section.
struct Lines<'a, I> {
    section: &'a str,
    lines: I,
}

impl<'a, I: Iterator<Item = (usize, &'a str)>> Iterator for Lines<'a, I> {
    type Item = (usize, &'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (place, line) = self.lines.next()?;
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            self.section = header.trim_end_matches(']').trim_matches('[');
        }
        Some((place + 1, self.section, if line.starts_with('#') { "" } else { line }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rest: &str) -> Vec<String> {
        violations("Cargo.toml", &format!("[package]\nname = \"tollgate-keeper\"\n{rest}"))
    }

    #[test]
    fn an_arrow_up_is_found_however_it_is_spelt() {
        for rest in [
            "[dependencies]\ntollgate-server = { path = \"../server\" }",
            "[dependencies]\ntollgate-server.workspace = true",
            "[dev-dependencies]\ntollgate-server = \"1\"",
            "[target.'cfg(unix)'.dependencies]\ntollgate-server = \"1\"",
            "[dependencies.tollgate-server]\npath = \"../server\"",
            "[dependencies]\nother = { package = \"tollgate-server\", path = \"../server\" }",
        ] {
            let found = faults(rest);
            assert!(!found.is_empty(), "{rest}");
            assert!(found[0].ends_with("tollgate-keeper -> tollgate-server"), "{found:?}");
        }
    }

    #[test]
    fn the_table_does_not_know_the_core() {
        let table = "[package]\nname = \"tollgate-table\"\n[dependencies]\ntollgate = \"1\"";
        assert_eq!(violations("crates/table/Cargo.toml", table).len(), 1);
    }

    #[test]
    fn a_binding_sees_the_core_and_the_keeper_only() {
        let with = |name: &str, rest: &str| {
            let manifest = format!("[package]\nname = \"{name}\"\n{rest}");
            violations("bindings/c/Cargo.toml", &manifest).len()
        };
        for below in ["tollgate-site", "tollgate-table"] {
            assert_eq!(with("tollgate-c", &format!("[dependencies]\n{below}.workspace = true")), 1);
            assert_eq!(with("tollgate-c", &format!("[dev-dependencies]\n{below} = \"1\"")), 0);
        }
        let both = "[dependencies]\ntollgate.workspace = true\ntollgate-keeper.workspace = true";
        assert_eq!(with("tollgate-c", both), 0);
        assert_eq!(with("tollgate-artifact", "[dependencies]\ntollgate-c.workspace = true"), 0);
        assert_eq!(with("tollgate-artifact", both), 2);
        assert_eq!(with("tollgate-python", both), 0);
        assert_eq!(with("tollgate-python", "[dependencies]\ntollgate-c.workspace = true"), 1);
        assert_eq!(with("tollgate-keeper", "[dependencies]\ntollgate-c.workspace = true"), 1);
    }

    #[test]
    fn looking_down_is_free() {
        let rest = "[dependencies]\ntollgate.workspace = true\ntollgate-site = { path = \"../site\" }\n\
                    # tollgate-server = \"1\"\nserde = \"1\"\n[lints]\nworkspace = true\n\
                    [workspace.dependencies]\ntollgate-server = { path = \"crates/server\" }";
        assert!(faults(rest).is_empty(), "{:?}", faults(rest));
        let own = "[package]\nname = \"tollgate\"\n[dev-dependencies]\ntollgate = { path = \".\" }";
        assert!(violations("Cargo.toml", own).is_empty());
        let core = "[package]\nname = \"tollgate\"\n[dependencies]\ntollgate-table = \"1\"";
        assert!(violations("Cargo.toml", core).is_empty());
    }

    #[test]
    fn a_crate_without_a_place_is_not_let_through() {
        assert_eq!(violations("x", "[package]\nname = \"tollgate-novelty\"").len(), 1);
    }
}
