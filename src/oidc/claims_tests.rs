use super::*;

const REST: &str = r#""iss":"i","aud":"a","exp":1000"#;
const ENTRA: &str = r#""aud":"a","exp":1000,
    "iss":"https://sts.windows.net/9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b/""#;

fn parse(json: &str) -> Result<(Option<i64>, Option<i64>, i64), Refusal> {
    let claims = Claims::parse(json.as_bytes())?;
    Ok((claims.window.not_before, claims.window.issued, claims.window.ends))
}

#[test]
fn every_claim_that_a_rule_reads_is_typed() {
    let wrong = ["1", "null", "true", "[]", "[\"x\"]", "{}", "1.5"];
    for name in ["sub", "azp", "client_id"] {
        for value in wrong {
            let got = parse(&format!("{{{REST},\"{name}\":{value}}}"));
            assert_eq!(got, Err(Reason::ClaimType.of(name)), "{name}: {value}");
        }
    }
    for name in ["tid", "oid", "deviceid", "ver", "idtyp", "appid"] {
        for value in wrong {
            let of_entra = parse(&format!("{{{ENTRA},\"{name}\":{value}}}"));
            assert_eq!(of_entra, Err(Reason::ClaimType.of(name)), "{name}: {value}");
            let is_scalar = !value.starts_with(['[', '{']);
            let of_another = parse(&format!("{{{REST},\"{name}\":{value}}}"));
            assert_eq!(of_another.is_ok(), is_scalar, "{name}: {value}");
        }
    }
    for name in ["scp", "scope", "roles"] {
        for value in ["1", "null", "true", "[1]", "[\"x\",1]", "{}", "[[\"x\"]]", "[null]"] {
            let got = parse(&format!("{{{REST},\"{name}\":{value}}}"));
            assert_eq!(got, Err(Reason::ClaimType.of(name)), "{name}: {value}");
        }
    }
    for (name, rest) in [("iss", r#""aud":"a","exp":1"#), ("aud", r#""iss":"i","exp":1"#)] {
        for value in ["1", "null", "{\"a\":1}", "[1]", "[\"x\",2]", "true"] {
            let got = parse(&format!("{{{rest},\"{name}\":{value}}}"));
            assert_eq!(got, Err(Reason::ClaimType.of(name)), "{name}: {value}");
        }
    }
    let got = parse(r#"{"iss":["i"],"aud":"a","exp":1}"#);
    assert_eq!(got, Err(Reason::ClaimType.of("iss")), "fast-jwt cc26b1d: iss as a list");
}

#[test]
fn times_are_numbers_in_range() {
    for name in ["exp", "nbf", "iat"] {
        for value in [
            "\"1000\"",
            "null",
            "true",
            "[]",
            "{}",
            "-1",
            "-0.5",
            "253402300800",
            "1e18",
            "9223372036854775807",
            "18446744073709551615",
            "18446744073709551616",
            "1e308",
        ] {
            let rest = r#""iss":"i","aud":"a""#;
            let end = if name == "exp" { "" } else { ",\"exp\":1000" };
            let got = parse(&format!("{{{rest}{end},\"{name}\":{value}}}"));
            assert_eq!(got, Err(Reason::ClaimType.of(name)), "{name}: {value}");
        }
    }
    assert_eq!(parse(&format!("{{{REST}}}")), Ok((None, None, 1000)));
    assert_eq!(parse(r#"{"iss":"i","aud":"a","exp":0}"#), Ok((None, None, 0)), "0 is not never");
}

#[test]
fn fractions_never_lengthen_a_life() {
    let json = r#"{"iss":"i","aud":"a","exp":1000.9,"nbf":10.1,"iat":9.5}"#;
    assert_eq!(parse(json), Ok((Some(11), Some(10), 1000)));
    let json = r#"{"iss":"i","aud":"a","exp":1e3,"nbf":10.0,"iat":9}"#;
    assert_eq!(parse(json), Ok((Some(10), Some(9), 1000)));
}

#[test]
fn an_end_before_the_start_is_malformed() {
    assert_eq!(parse(&format!("{{{REST},\"nbf\":1001}}")), Err(Reason::TimesContradict.into()));
    assert!(parse(&format!("{{{REST},\"nbf\":1000}}")).is_ok());
}

#[test]
fn iss_aud_and_exp_must_be_there() {
    for (json, missing) in [
        (r#"{"aud":"a","exp":1}"#, "iss"),
        (r#"{"iss":"i","exp":1}"#, "aud"),
        (r#"{"iss":"i","aud":"a"}"#, "exp"),
    ] {
        assert_eq!(parse(json), Err(Reason::ClaimMissing.of(missing)));
    }
}

#[test]
fn a_payload_is_one_object() {
    for json in ["", "[]", "\"x\"", "1", "null", "[{}]", "\u{feff}{}", "{} {}"] {
        assert_eq!(parse(json), Err(Reason::PayloadJson.into()), "{json}");
    }
    let got = parse(r#"{"iss":"i","aud":"a","exp":1,"tid":"x","TID":"y"}"#);
    assert_eq!(got, Err(Reason::PayloadDuplicate.into()));
    let got = parse(r#"{"iss":"i","aud":"a","exp":1,"exp":99}"#);
    assert_eq!(got, Err(Reason::PayloadDuplicate.into()));
}
