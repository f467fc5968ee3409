//! A device that is not ours: it makes its key and its proofs, and reads its tokens, with joserfc
//! (tests/counterparts/device_joserfc.py), and lives from its bulk token to the cascade.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "counterparts/party.rs"]
mod party;
#[allow(dead_code)]
mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{ADMIN, INTERNET, ISSUER, Made, NOW_S};
use tollgate::Guid;
use tollgate_site::{Denied, Grant, Order, Proof, Registered, Registration, Target, Undo, Voucher};

#[test]
fn a_device_of_joserfc_lives_its_life() {
    let Some(set_up) = party::set_up("a_device_of_joserfc_lives_its_life") else { return };
    for alg in ["ES256", "EdDSA", "RS256"] {
        let made = support::site();
        let steps = converse(&set_up, alg, |request| answer(&made, request));
        made.site.verify_audit().unwrap().unwrap();
        party::say(std::io::stdout(), &format!("site devices: joserfc {alg}: {steps} steps"));
    }
}

/// Runs the program and answers what it asks, until it says that it is done.
fn converse(set_up: &Path, alg: &str, answer: impl Fn(&Value) -> Value) -> Value {
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/counterparts/device_joserfc.py");
    let mut child = Command::new("sh")
        .args(["-c", r#". "$1"; exec "$COUNTERPARTS_PYTHON" "$2""#, "device"])
        .arg(set_up.join("env.sh"))
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", json!({ "site": ISSUER, "alg": alg, "start": NOW_S })).unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut steps = Value::Null;
    for line in lines {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if request["do"] == "end" {
            steps = request["steps"].clone();
            break;
        }
        writeln!(stdin, "{}", answer(&request)).unwrap();
    }
    let status = child.wait().unwrap();
    assert!(status.success() && steps.is_number(), "{alg}: {status}: what went wrong is above");
    steps
}

/// What the service will answer: by the library calls that it will make.
fn answer(made: &Made, request: &Value) -> Value {
    let text = |name: &str| request[name].as_str().unwrap();
    let at_s = request["at"].as_i64().unwrap_or_default();
    let client = || Target::Client(Guid::parse(text("client")).unwrap());
    match text("do") {
        "keys" => {
            let keys = std::fs::read(made.site.public_keys_file()).unwrap();
            json!({ "keys": serde_json::from_slice::<Value>(&keys).unwrap() })
        }
        "bulk" => json!({ "token": made.bulk(at_s) }),
        "register" => {
            let asked = Registration {
                voucher: Voucher::Bulk(text("token")),
                proof: Proof::Signed(text("proof")),
                endpoint: INTERNET,
                device_name: "python",
            };
            told(made.site.register(&asked, at_s).map(|registered| match registered {
                Registered::Granted(grant) => grant,
                Registered::Pending(client) => panic!("{client} waits"),
            }))
        }
        "renew" => told(made.site.renew(text("token"), Proof::Signed(text("proof")), at_s)),
        "block" => {
            made.site.withdraw(&[client()], &Order::default(), ADMIN, at_s).unwrap();
            Value::Null
        }
        "unblock" => {
            made.site.undo(&Undo::Target(client()), false, ADMIN, at_s).unwrap();
            Value::Null
        }
        "cascade" => {
            let id = made.site.bulk_tokens(support::FIRST).unwrap()[0].id;
            let order = Order { cascade: true, ..Order::default() };
            made.site.withdraw(&[Target::BulkToken(id)], &order, ADMIN, at_s).unwrap();
            Value::Null
        }
        other => panic!("{other}"),
    }
}

fn told(answer: Result<Grant, Denied>) -> Value {
    match answer {
        Ok(grant) => json!({
            "client": grant.client.to_string(), "token": grant.issued.token(),
            "expires_at": grant.issued.expires_s(), "renew_at": grant.renew_at_s,
        }),
        Err(denied) => json!({ "refused": denied.name(), "status": denied.class().http_status() }),
    }
}
