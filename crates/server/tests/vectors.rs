//! Replays tests/vectors through the binary: one `check --batch` for each configuration.

use std::fmt::Write;

use serde_json::{Value, json};

#[path = "../../../tests/vectors/cases.rs"]
mod cases;
#[expect(dead_code, reason = "no demo here: the vectors bring their own configurations")]
mod support;

use cases::{Case, Config, Outcome, assert_none, read_all};

#[test]
fn the_binary_answers_every_vector_in_its_order() {
    let mut failures = Vec::new();
    for theme in read_all() {
        for (name, config) in &theme.configs {
            // Nothing presented is nothing to write on a line; the library is asked about that.
            let asked = |case: &&Case| case.config == *name && presents(case);
            let cases: Vec<&Case> = theme.cases.iter().filter(asked).collect();
            let answers = answers(config, &cases);
            if answers.len() != cases.len() {
                let counts = format!("{} answers to {} lines", answers.len(), cases.len());
                failures.push(format!("{}: {name}: {counts}", theme.name));
            }
            for (case, answer) in cases.iter().zip(&answers) {
                if let Err(why) = compare(case, answer) {
                    failures.push(format!("{}: {}: {why}", theme.name, case.name));
                }
            }
        }
    }
    assert_none("vectors that the binary answers otherwise", &failures);
}

fn presents(case: &Case) -> bool {
    case.token.is_some() || case.cert.is_some() || !case.headers.is_empty()
}

/// What the binary says to one line for each case.
fn answers(config: &Config, cases: &[&Case]) -> Vec<Value> {
    let folder = config.unpack();
    let lines = cases.iter().fold(String::new(), |mut lines, case| {
        writeln!(lines, "{}", line(case)).expect("a string takes everything");
        lines
    });
    let args = ["check", "--batch", "-", "--config", "tollgate.toml"];
    let ran = support::run_in(folder.path(), &args, lines.as_bytes());
    let read = |answer: &str| {
        serde_json::from_str(answer)
            .unwrap_or_else(|error| panic!("{error}: {answer}: {}", ran.err))
    };
    ran.out.lines().map(read).collect()
}

fn line(case: &Case) -> Value {
    let Case { name, endpoint, scenario, now, .. } = case;
    let mut line = json!({ "id": name, "endpoint": endpoint, "scenario": scenario, "at": now });
    let optional = [
        ("windows", &case.windows),
        ("token", &case.token),
        ("cert", &case.cert),
        ("from", &case.from),
    ];
    for (member, value) in optional {
        if let Some(value) = value {
            line[member] = json!(value);
        }
    }
    if !case.headers.is_empty() {
        let written = case.headers.iter().map(|(name, value)| format!("{name}: {value}"));
        line["headers"] = written.collect();
    }
    line
}

fn compare(case: &Case, answer: &Value) -> Result<(), String> {
    if answer["id"] != case.name {
        return Err(format!("the answer in its place is to {}", answer["id"]));
    }
    let fits = match &case.expect {
        // On a command line an endpoint that is not configured is misuse: there is no verdict.
        Outcome::Refuse { reason, .. } if reason == "endpoint_unknown" => {
            let error = answer["error"].as_str().unwrap_or_default();
            error.contains("endpoint") && error.contains(&format!("{:?}", case.endpoint))
        }
        Outcome::Refuse { class, reason, code } => {
            answer["verdict"] == "refuse"
                && answer["class"] == *class
                && answer["reason"] == *reason
                && answer["code"] == *code
                && answer["scenario"] == case.scenario
                && answer["principal"].is_null()
                && answer["expires_at"].is_null()
        }
        Outcome::Admit { principal, expires_at } => {
            answer["verdict"] == "admit"
                && answer["code"] == 1
                && answer["scenario"] == case.scenario
                && answer["principal"]["id"] == *principal
                && answer["expires_at"] == *expires_at
        }
    };
    if fits { Ok(()) } else { Err(format!("expected {}, got {answer}", case.expect)) }
}
