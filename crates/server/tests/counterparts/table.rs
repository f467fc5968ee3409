//! The one table of tokens that every signer mints.

use serde_json::Value;

use super::draft::{Draft, Form};
use super::gateway::Publication;
use super::refusal::{self, Refusal};
use super::{claims, entra, headers, oidc, policy};

/// Every algorithm. A key of that name is asked for each.
pub(crate) const ALGORITHMS: [&str; 13] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "HS256", "HS384", "HS512",
];

/// The algorithms whose tokens are altered in everything. The others differ by their keys only.
pub(crate) const THOROUGH: [&str; 2] = ["RS256", "ES256"];

/// A second key for an algorithm of [`THOROUGH`].
pub(crate) fn spare(alg: &str) -> String {
    format!("{alg}-spare")
}

/// Another algorithm that the same issuers use.
pub(crate) fn another(alg: &str) -> &'static str {
    match alg {
        "HS256" => "HS384",
        "HS384" | "HS512" => "HS256",
        "RS256" => "ES256",
        _ => "RS256",
    }
}

/// What must come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Admitted,
    /// Refused before an issuer was found, so that no method is known.
    Unread(Refusal),
    /// Refused by the rules for the token's form.
    Refused(Refusal),
}

impl Expected {
    pub(crate) fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Admitted => None,
            Self::Unread(refusal) | Self::Refused(refusal) => Some(refusal),
        }
    }
}

/// One row.
#[derive(Debug)]
pub(crate) struct Case {
    /// `<algorithm>/<form>/<what was done to it>`.
    pub(crate) id: String,
    pub(crate) draft: Draft,
    /// Under the key set as the signer publishes it.
    pub(crate) expected: Expected,
    /// Under the same keys in the way Entra publishes them; `None`: not an Entra token.
    pub(crate) as_entra: Option<Expected>,
}

impl Case {
    /// What must come out, where the keys of Entra are published in this way.
    pub(crate) fn expected(&self, publication: Publication) -> Option<Expected> {
        match publication {
            Publication::Own => Some(self.expected),
            Publication::Entra => self.as_entra,
        }
    }
}

/// The rows of one algorithm and form.
pub(crate) struct Rows<'t> {
    pub(crate) alg: &'static str,
    pub(crate) form: Form,
    cases: &'t mut Vec<Case>,
    is_wanted: bool,
}

impl Rows<'_> {
    /// For further values of what is altered everywhere already. One signer is a process for each
    /// token and would take half a minute for them all; so they are for one algorithm, and for
    /// forms that have a device, a user, both versions and the other issuers among them.
    pub(crate) fn more(&mut self) -> Rows<'_> {
        let Self { alg, form, .. } = *self;
        let is_among = matches!(form, Form::EntraV1Device | Form::EntraV2User | Form::Oidc);
        let is_wanted = self.is_wanted && is_among && alg == "RS256";
        Rows { alg, form, cases: self.cases, is_wanted }
    }

    /// Adds a token that differs from the good one in what `alter` does.
    pub(crate) fn case(
        &mut self,
        what: &str,
        alter: impl FnOnce(Draft) -> Draft,
        expected: Expected,
    ) {
        self.split(what, alter, expected, expected);
    }

    /// As [`Rows::case`], where it matters in which way Entra's keys are published.
    pub(crate) fn split(
        &mut self,
        what: &str,
        alter: impl FnOnce(Draft) -> Draft,
        expected: Expected,
        as_entra: Expected,
    ) {
        let Self { alg, form, .. } = *self;
        if !self.is_wanted {
            return;
        }
        let draft = alter(Draft::good(alg, form));
        let id = format!("{alg}/{}/{what}", form.name());
        let as_entra = form.is_entra().then_some(as_entra);
        self.cases.push(Case { id, draft, expected, as_entra });
    }

    pub(crate) fn header(&mut self, name: &str, value: impl Into<Value>, expected: Expected) {
        let value = value.into();
        let what = format!("header {name}={}", brief(&value));
        self.case(&what, |token| token.header(name, value), expected);
    }

    pub(crate) fn claim(&mut self, name: &str, value: impl Into<Value>, expected: Expected) {
        let value = value.into();
        let what = format!("claim {name}={}", brief(&value));
        self.case(&what, |token| token.claim(name, value), expected);
    }

    pub(crate) fn no_claim(&mut self, name: &str, expected: Expected) {
        self.case(&format!("no claim {name}"), |token| token.no_claim(name), expected);
    }
}

/// The whole table.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for alg in ALGORITHMS {
        for form in Form::ALL {
            let mut rows = Rows { alg, form, cases: &mut cases, is_wanted: true };
            good(&mut rows);
            if THOROUGH.contains(&alg) {
                headers::alter(&mut rows);
                claims::alter(&mut rows);
                policy::alter(&mut rows);
                if form.is_entra() { entra::alter(&mut rows) } else { oidc::alter(&mut rows) }
            }
        }
    }
    cases
}

/// What every algorithm has to do in every form.
fn good(rows: &mut Rows<'_>) {
    use Expected::{Admitted, Refused};
    let Rows { alg, form, .. } = *rows;
    let is_secret = alg.starts_with("HS");
    // Without `alg` an RSA key is for RS256, since that is what the sections of Entra name for it.
    let is_other_rsa = matches!(alg, "RS384" | "RS512" | "PS256" | "PS384" | "PS512");
    // A secret verifies only where `algorithms` names it.
    let plain = if is_secret { Refused(refusal::KEY_UNKNOWN) } else { Admitted };
    let as_entra = if is_other_rsa { Refused(refusal::ALGORITHM_MISMATCH) } else { plain };
    rows.split("good", |token| token, plain, as_entra);
    rows.split("twin", |_| Draft::twin(alg, form), plain, as_entra);
    // Without a name the algorithm's only key is the one; of two, neither is tried.
    let (plain, as_entra) = if THOROUGH.contains(&alg) {
        (Refused(refusal::KEY_AMBIGUOUS), Refused(refusal::KEY_AMBIGUOUS))
    } else {
        (plain, if is_other_rsa { Refused(refusal::KEY_UNKNOWN) } else { plain })
    };
    rows.split("no header kid", |token| token.no_header("kid"), plain, as_entra);
    if form == Form::Oidc && is_secret {
        oidc::secret(rows);
    }
    if alg == "EdDSA" {
        // RFC 9864 gave the algorithm a second name.
        rows.header("alg", "Ed25519", Admitted);
    }
}

/// Enough of a value to tell rows apart.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(100) {
        Some((at, _)) => format!("{}... ({} bytes)", &text[..at], text.len()),
        None => text,
    }
}
