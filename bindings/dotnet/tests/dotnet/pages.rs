//! What the pages show of C# compiles and runs.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::house::{mono, root, run};
use crate::world::World;

#[test]
fn the_pages_show_what_runs() {
    let Some(mono) = mono("the_pages_show_what_runs") else { return };
    let world = World::new();
    let id = fs::read_to_string(world.path().join("user.id")).expect("a file of our own");
    for page in ["README.md", "docs/dotnet.md"] {
        let text = fs::read_to_string(root().join(page)).expect("a page");
        let block = text.split("```csharp\n").nth(1).expect("a block of C#");
        let block = block.split("```").next().expect("its end").replace("using Tollgate;\n", "");
        let program = format!(
            "using System; using System.IO; using System.Security.Claims; using Tollgate;\n\
             static class Shown {{\n\
             static object Show(ReadOnlySpan<byte> token, Peer peer) {{\n{block}\nreturn user.Identity.Name;\n}}\n\
             static void Main() {{ Console.WriteLine(Show(File.ReadAllBytes(\"user.jwt\"), null)); }}\n}}\n"
        );
        fs::write(world.path().join("Shown.cs"), program).expect("a file of our own");
        let assembly = mono.built.join("Tollgate.dll");
        fs::copy(&assembly, world.path().join("Tollgate.dll")).expect("copies");
        let mut command = Command::new("mcs");
        command.args(["-langversion:latest", "-r:Tollgate.dll", "Shown.cs"]);
        run(command.current_dir(world.path()));
        let said = run(mono
            .command(Path::new(world.path()).join("Shown.exe").to_str().expect("a path of ASCII"))
            .current_dir(world.path()));
        assert!(said.trim().starts_with("entra:") && said.trim().ends_with(&id), "{page}: {said}");
    }
}
