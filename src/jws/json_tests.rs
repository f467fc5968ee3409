use super::*;

#[derive(Default)]
struct Pair<'de> {
    alg: Option<Text<'de>>,
}

impl<'de> Members<'de> for Pair<'de> {
    const KNOWN: &'static [&'static str] = &["alg", "tid", "cnf"];

    fn is_marked_by(&mut self, name: &'static str) -> bool {
        name == "cnf"
    }

    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        value: &mut A,
    ) -> Result<(), A::Error> {
        let text = value.next_value_seed(TextSeed)?;
        if name == "alg" {
            self.alg = Some(text);
        }
        Ok(())
    }
}

fn read(json: &str) -> Result<Option<String>, JsonFault> {
    let mut pair = Pair::default();
    read_object(json.as_bytes(), &mut pair)?;
    Ok(pair.alg.map(Cow::into_owned))
}

#[test]
fn reads_known_members_and_walks_the_rest() {
    let json = r#" { "x" : [1, {"y": null}], "\u0061lg" : "R\u0053256", "z": -1.5e3 } "#;
    assert_eq!(read(json), Ok(Some("RS256".into())));
    assert_eq!(read("{}"), Ok(None));
}

#[test]
fn a_name_twice_is_refused_at_any_depth_and_however_it_is_spelt() {
    for json in [
        r#"{"alg":"a","alg":"a"}"#,
        r#"{"alg":"a","\u0061lg":"b"}"#,
        r#"{"x":1,"y":2,"x":1}"#,
        r#"{"x":{"deep":[{"a":1,"a":1}]}}"#,
        r#"{"x":{"a":1,"b":2,"c":3,"\u0061":1}}"#,
        r#"{"":1,"":2}"#,
        r#"{"cnf":{"a":1,"a":2}}"#,
        r#"{"cnf":1,"cnf":2}"#,
        r#"{"tid":"a","TID":"b"}"#,
        r#"{"Tid":"a","tid":"b"}"#,
        r#"{"Tid":"a","x":1,"tid":"b"}"#,
    ] {
        assert_eq!(read(json), Err(JsonFault::Duplicate), "{json}");
    }
    for json in [r#"{"a":{"x":1},"b":{"x":1}}"#, r#"{"Email":1,"email":2}"#] {
        assert_eq!(read(json), Ok(None), "{json}");
    }
}

#[test]
fn the_wrong_type_names_its_member() {
    for value in ["1", "null", "true", "[\"a\"]", "{\"a\":1}", "1.5"] {
        let got = read(&format!(r#"{{"alg":{value}}}"#));
        assert_eq!(got, Err(JsonFault::Member("alg")), "{value}");
    }
}

#[test]
fn what_is_not_one_object_is_syntax() {
    for json in [
        "",
        " ",
        "[]",
        "1",
        "\"a\"",
        "null",
        "{",
        "{}x",
        "{}{}",
        "\u{feff}{}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":+1}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\x\"}",
        "{\"alg\":\"",
        "{\"alg\":\"\\ud800\"}",
        "{}\0",
        "{\"a\":tru}",
        "{\"alg\":\"a\" \"b\"}",
        "{\"a\":1e999}",
        "/**/{}",
    ] {
        assert_eq!(read(json), Err(JsonFault::Syntax), "{json:?}");
    }
    let mut pair = Pair::default();
    let fault = read_object(b"{\"a\":\"\xff\"}", &mut pair);
    assert_eq!(fault, Err(JsonFault::Syntax));
}

#[test]
fn depth_and_members_are_bounded() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(read(&nested(JSON_DEPTH as usize - 1)), Ok(None));
    assert_eq!(read(&nested(JSON_DEPTH as usize)), Err(JsonFault::TooMuch));
    assert_eq!(read(&nested(100_000)), Err(JsonFault::TooMuch));

    let wide = |members: u32| {
        let body: Vec<String> = (0..members).map(|i| format!("\"m{i}\":{i}")).collect();
        format!("{{{}}}", body.join(","))
    };
    assert_eq!(read(&wide(JSON_MEMBERS)), Ok(None));
    assert_eq!(read(&wide(JSON_MEMBERS + 1)), Err(JsonFault::TooMuch));
    let deep = nested(100_000).replace("\"a\"", "\"cnf\"");
    assert_eq!(read(&deep), Err(JsonFault::TooMuch), "also where presence alone matters");
    let inner = format!("{{\"a\":{},\"b\":1}}", wide(JSON_MEMBERS - 1));
    assert_eq!(read(&inner), Err(JsonFault::TooMuch));
}
