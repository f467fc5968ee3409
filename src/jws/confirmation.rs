//! Reading `cnf` (RFC 7800).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::jwk::there;
use crate::base64url;
use crate::confirmation::Confirmation;

/// The `cnf` of a payload that has been walked strictly and has one. A second walk, which only bound
/// tokens pay.
///
/// Members that are not known here are other ways to name the key (RFC 7800 section 3.1); one that
/// is known and cannot be read makes the whole unprovable.
pub(crate) fn confirmation(payload: &[u8]) -> Confirmation {
    let read = serde_json::from_slice::<Bound<'_>>(payload).ok().and_then(|bound| {
        // Serde alone would take a list of the members' values for an object.
        let is_object = bound.cnf.get().starts_with('{');
        serde_json::from_str::<Members<'_>>(bound.cnf.get()).ok().filter(|_| is_object)
    });
    let Some(Members { x5t_s256, jkt }) = read else { return Confirmation::UNPROVABLE };
    let digest = |text: Option<Cow<'_, str>>| match text {
        None => Ok(None),
        Some(text) => {
            let bytes = base64url::decode(text.as_bytes()).map_err(drop)?;
            <[u8; 32]>::try_from(bytes).map(Some).map_err(drop)
        }
    };
    match (digest(x5t_s256), digest(jkt)) {
        (Ok(certificate), Ok(key)) => Confirmation { certificate, key },
        _ => Confirmation::UNPROVABLE,
    }
}

#[derive(Deserialize)]
struct Bound<'a> {
    #[serde(borrow)]
    cnf: &'a RawValue,
}

#[derive(Deserialize)]
struct Members<'a> {
    /// RFC 8705 section 3.1.
    #[serde(borrow, default, rename = "x5t#S256", deserialize_with = "there")]
    x5t_s256: Option<Cow<'a, str>>,
    /// RFC 9449 section 6.1; the thumbprint is RFC 7638's.
    #[serde(borrow, default, deserialize_with = "there")]
    jkt: Option<Cow<'a, str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEVENS: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

    #[test]
    fn only_whole_digests_can_be_proven() {
        let read = |cnf: &str| confirmation(format!(r#"{{"sub":"x","cnf":{cnf}}}"#).as_bytes());
        let certificate = read(&format!(r#"{{"x5t#S256":"{SEVENS}","jwk":{{}}}}"#));
        assert_eq!(certificate, Confirmation { certificate: Some([7; 32]), key: None });
        let both = read(&format!(r#"{{"jkt":"{SEVENS}","x5t#S256":"{SEVENS}"}}"#));
        assert_eq!(both, Confirmation { certificate: Some([7; 32]), key: Some([7; 32]) });
        let escaped = read(&format!(r#"{{"jkt":"\u0042{}"}}"#, &SEVENS[1..]));
        assert_eq!(escaped, Confirmation { certificate: None, key: Some([7; 32]) });
        for bad in [
            "null".into(),
            "\"\"".into(),
            "[]".into(),
            format!(r#"["{SEVENS}","{SEVENS}"]"#),
            "{}".into(),
            r#"{"jwk":{}}"#.into(),
            r#"{"jkt":null}"#.into(),
            r#"{"jkt":7}"#.into(),
            format!(r#"{{"jkt":"{SEVENS}="}}"#),
            format!(r#"{{"jkt":"{SEVENS}AA"}}"#),
            format!(r#"{{"jkt":"{}"}}"#, &SEVENS[1..]),
            format!(r#"{{"x5t#S256":"{SEVENS}","jkt":""}}"#),
        ] {
            assert_eq!(read(&bad), Confirmation::UNPROVABLE, "{bad}");
        }
    }
}
