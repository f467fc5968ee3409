//! An issuer that is believed: how it spells itself, for whom its tokens are, and its keys.

use super::claims::Iss;
use super::entra::{Cloud, key_covers};
use crate::facts::Kind;
use crate::guid::Guid;
use crate::jws::Keys;
use crate::jws::values::TextOrList;
use crate::method::Method;

/// An issuer of tokens.
#[derive(Debug)]
pub struct Issuer {
    /// The short name in principals of method `oidc`; the tenant for Entra.
    pub name: Box<str>,
    /// Which spelling of `iss` is this issuer.
    pub form: Form,
    /// Audiences of which a token must name one.
    pub audiences: Vec<Box<str>>,
    /// The only `typ` that is taken, without `application/`. `None`: absent, `JWT` or `at+jwt`.
    pub typ: Option<Box<str>>,
    /// Its keys.
    pub keys: Keys,
}

/// How an issuer is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A tenant of Entra ID, in both spellings of its cloud.
    Entra {
        /// The tenant.
        tenant: Guid,
        /// Its cloud.
        cloud: Cloud,
    },
    /// Any other issuer: `iss` is this text.
    Oidc {
        /// Compared byte for byte.
        issuer: Box<str>,
        /// The claim that names the subject.
        subject: Box<str>,
        /// Whom its tokens prove. OpenID Connect itself does not say.
        kind: Kind,
    },
}

impl Issuer {
    /// The method that its tokens are of.
    #[must_use]
    pub fn method(&self) -> Method {
        match self.form {
            Form::Entra { .. } => Method::Entra,
            Form::Oidc { .. } => Method::Oidc,
        }
    }

    /// Its one full name, for principals.
    #[must_use]
    pub fn authority(&self) -> Box<str> {
        match &self.form {
            Form::Entra { tenant, cloud } => cloud.authority(*tenant).into(),
            Form::Oidc { issuer, .. } => issuer.clone(),
        }
    }

    /// Whether its tokens are read alike by both, keys aside.
    pub(crate) fn reads_like(&self, other: &Self) -> bool {
        self.form == other.form && self.audiences == other.audiences && self.typ == other.typ
    }

    /// The configured audience that the token names, if any.
    ///
    /// Entra v1.0 tokens carry an App ID URI with or without its last slash, as the client asked.
    pub(super) fn matched_audience(&self, aud: &TextOrList<'_>, iss: &Iss<'_>) -> Option<&str> {
        let is_v1 = iss.is_v1();
        let cut = |text: &str| {
            let has_slash = is_v1 && text.contains("://") && text.ends_with('/');
            text.len() - usize::from(has_slash)
        };
        aud.iter().find_map(|named| {
            let named = &named[..cut(named)];
            self.audiences.iter().map(AsRef::as_ref).find(|ours| ours[..cut(ours)] == *named)
        })
    }

    /// Whether tokens for this audience are (still) taken.
    pub(crate) fn takes_audience(&self, audience: &str) -> bool {
        self.audiences.iter().any(|ours| ours.as_ref() == audience)
    }

    /// Whether the header's `typ` is one that is taken. Media types ignore letter case (RFC 2045
    /// section 5.1).
    pub(super) fn takes_typ(&self, typ: Option<&str>) -> bool {
        match (&self.typ, typ) {
            (Some(only), Some(typ)) => only.eq_ignore_ascii_case(typ),
            (Some(_), None) => false,
            (None, None) => true,
            (None, Some(typ)) => {
                typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("at+jwt")
            }
        }
    }

    /// Whether a key that names `key_issuer` may sign for `iss`.
    pub(super) fn key_may_sign(&self, key_issuer: &str, iss: &Iss<'_>) -> bool {
        match (&self.form, iss.entra) {
            (Form::Entra { cloud, .. }, Some(entra)) => {
                key_covers(key_issuer, *cloud, entra.tenant_text(&iss.text))
            }
            (Form::Entra { .. }, None) => false,
            (Form::Oidc { .. }, _) => key_issuer == iss.text,
        }
    }
}
