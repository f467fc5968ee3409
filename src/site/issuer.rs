//! A site that is believed, and how its tokens name it.

use super::format::{ALGORITHMS, CONFIGMGR_ISSUER_PREFIX, ISSUER_PREFIX};
use crate::crypto::Algorithm;
use crate::guid::Guid;
use crate::jws::Keys;

/// A site whose tokens are taken.
#[derive(Debug)]
pub struct Site {
    /// Its GUID.
    pub id: Guid,
    /// What its tokens look like.
    pub format: Format,
    /// The keys that it signs with.
    pub keys: Keys,
}

/// What a site's tokens look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// docs/site-token.md.
    Tollgate,
    /// Configuration Manager's own.
    ConfigMgr {
        /// The `SCCMTokenCategory` of client tokens. Microsoft publishes none, so none is taken
        /// unless an administrator has seen it.
        client_category: Option<Box<str>>,
    },
}

impl Format {
    /// What its tokens may be signed by: the rule for reading the site's keys.
    #[must_use]
    pub fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Tollgate => &ALGORITHMS,
            Self::ConfigMgr { .. } => &[Algorithm::Rs256],
        }
    }
}

impl Format {
    /// The `iss` of a site of this format.
    #[must_use]
    pub fn issuer(&self, id: Guid) -> Box<str> {
        SiteIssuer { id, is_configmgr: *self != Self::Tollgate }.text().into()
    }
}

impl Site {
    /// Its `iss`.
    #[must_use]
    pub fn authority(&self) -> Box<str> {
        self.format.issuer(self.id)
    }

    pub(crate) fn issuer(&self) -> SiteIssuer {
        SiteIssuer { id: self.id, is_configmgr: self.format != Format::Tollgate }
    }
}

/// The site that an `iss` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SiteIssuer {
    pub(crate) id: Guid,
    pub(crate) is_configmgr: bool,
}

impl SiteIssuer {
    /// Issuers are compared exactly (RFC 7519 section 4.1.1); both kinds write the GUID in lower case.
    pub(crate) fn parse(iss: &str) -> Option<Self> {
        let kinds = [(ISSUER_PREFIX, false), (CONFIGMGR_ISSUER_PREFIX, true)];
        kinds.into_iter().find_map(|(prefix, is_configmgr)| {
            let text = iss.strip_prefix(prefix)?;
            let id = Guid::parse(text).filter(|_| !text.bytes().any(|b| b.is_ascii_uppercase()))?;
            Some(Self { id, is_configmgr })
        })
    }

    /// Whether it begins as a site's does, whatever follows: nobody else's may.
    pub(crate) fn is_like(iss: &str) -> bool {
        [ISSUER_PREFIX, CONFIGMGR_ISSUER_PREFIX].into_iter().any(|prefix| {
            iss.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        })
    }

    fn text(self) -> String {
        let prefix = if self.is_configmgr { CONFIGMGR_ISSUER_PREFIX } else { ISSUER_PREFIX };
        format!("{prefix}{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_spelt_exactly() {
        let id = "cdcc5e91-0adf-4a24-82d0-196667f1c081";
        let ours = SiteIssuer::parse(&format!("urn:tollgate:site:{id}")).unwrap();
        assert_eq!((ours.id.to_string().as_str(), ours.is_configmgr), (id, false));
        let upper = id.to_uppercase();
        let theirs = SiteIssuer::parse(&format!("urn:sccm:oauth2:{id}")).unwrap();
        assert_eq!((theirs.id, theirs.is_configmgr), (ours.id, true));
        for text in [
            format!("urn:tollgate:site:{upper}"),
            format!("urn:sccm:oauth2:{upper}"),
            format!("URN:tollgate:site:{id}"),
            format!("urn:tollgate:site:{id} "),
            format!("urn:tollgate:site:{{{id}}}"),
            format!("urn:tollgate:{id}"),
            "urn:tollgate:site:".into(),
            "urn:sccm:oauth2:".into(),
            id.into(),
        ] {
            assert_eq!(SiteIssuer::parse(&text), None, "{text}");
            let begins = ["urn:tollgate:site:", "urn:sccm:oauth2:"];
            let begins = begins.iter().any(|start| text.to_lowercase().starts_with(start));
            assert_eq!(SiteIssuer::is_like(&text), begins, "{text}");
        }
    }
}
