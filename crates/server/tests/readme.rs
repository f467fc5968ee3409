//! What README.md shows was run: every console block, and the configuration.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::run_in;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    fs::read_to_string(path).unwrap()
}

fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Dates and seconds change from run to run; everything else is compared.
fn without_times(text: &str) -> String {
    let word = |word: &str| match word.trim_end_matches([')', ':']) {
        date if date.len() == 20 && date.ends_with('Z') => word.replace(date, "<date>"),
        _ => word.to_owned(),
    };
    text.lines()
        .map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n")
        .collect()
}

#[test]
fn console_blocks_are_what_the_commands_print() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run_in(folder.path(), &["demo", "demo"], b"").code, 0);
    // The typing error of the page: a demo configuration with one letter gone and its keys cut.
    let text = fs::read_to_string(folder.path().join("demo/tollgate.toml")).unwrap();
    let entra = text.find("[[entra]]").unwrap();
    let cut = text.find("jwks_file").unwrap();
    let entra = text[entra..cut].replace("audiences", "audience");
    let endpoint = "[[endpoint]]\nname = \"internet\"\nmethods = [\"entra\"]\n";
    let typo = format!("# A typing error.\n\n{endpoint}\n{entra}");
    fs::write(folder.path().join("typo.toml"), typo).unwrap();

    let page = readme();
    let mut commands = 0;
    for block in blocks(&page, "console") {
        for shown in block.split("$ ").skip(1) {
            let (command, output) = shown.split_once('\n').unwrap();
            let binary = env!("CARGO_BIN_EXE_tollgate");
            let line = command.replacen("tollgate", &format!("'{binary}'"), 1);
            let ran = Command::new("sh")
                .args(["-c", &format!("{line} 2>&1")])
                .current_dir(folder.path())
                .env("TOLLGATE_CONFIG", "demo/tollgate.toml")
                .output()
                .unwrap();
            let printed = String::from_utf8(ran.stdout).unwrap();
            assert_eq!(without_times(&printed), without_times(output), "$ {command}");
            commands += 1;
        }
    }
    assert!(commands >= 5, "only {commands} commands were found");
}

#[test]
fn the_configuration_loads() {
    let folder = tempfile::tempdir().unwrap();
    let page = readme();
    let blocks = blocks(&page, "toml");
    assert_eq!(blocks.len(), 1);
    assert_eq!(run_in(folder.path(), &["demo", "demo"], b"").code, 0);
    let keys = folder.path().join("demo/keys.json");
    fs::copy(&keys, folder.path().join("entra-keys.json")).unwrap();
    let es256 = tollgate::sample::Tenant::new(tollgate::Guid([1; 16]), tollgate::Algorithm::Es256);
    fs::write(folder.path().join("workforce-keys.json"), es256.jwks().to_string()).unwrap();
    let lists = ["root-ca.crl", "issuing-ca.crl"];
    for name in
        ["root-ca.pem", "issuing-ca.pem", "tollgate-data/site-keys.json"].into_iter().chain(lists)
    {
        let (from, name) = (folder.path().join("demo").join(name), Path::new(name));
        fs::copy(from, folder.path().join(name.file_name().unwrap())).unwrap();
    }
    // The page's site is somebody's; the keys beside it are the demo's.
    let keys = fs::read_to_string(folder.path().join("site-keys.json")).unwrap();
    let (_, id) = keys.split_once("urn:tollgate:site:").unwrap();
    let text = blocks[0].replace("cdcc5e91-0adf-4a24-82d0-196667f1c081", &id[..36]);
    assert_ne!(text, blocks[0], "the page has a site");
    fs::write(folder.path().join("tollgate.toml"), text).unwrap();
    let ran = run_in(folder.path(), &["config", "check"], b"");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
}
