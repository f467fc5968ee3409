//! The issuers of Entra ID: one tenant, two spellings, several clouds.

use crate::guid::Guid;

/// An Entra cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cloud {
    /// The worldwide cloud.
    Public,
    /// Azure US Government.
    UsGov,
    /// Operated by 21Vianet in China.
    China,
}

/// The version of a token: which of the two issuer spellings it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

impl Version {
    /// `ver` of the token.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }
}

impl Cloud {
    /// Every cloud.
    pub const ALL: [Self; 3] = [Self::Public, Self::UsGov, Self::China];

    /// The name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::UsGov => "usgov",
            Self::China => "china",
        }
    }

    /// What a key of this cloud carries as `cloud_instance_name`, if it carries one.
    #[must_use]
    pub fn instance_name(self) -> &'static str {
        match self {
            Self::Public => "microsoftonline.com",
            Self::UsGov => "microsoftonline.us",
            Self::China => "partner.microsoftonline.cn",
        }
    }

    /// Prefix and suffix around the tenant. The worldwide and US Government clouds share the v1.0
    /// spelling.
    pub(crate) fn spans(self, version: Version) -> (&'static str, &'static str) {
        match (self, version) {
            (Self::Public | Self::UsGov, Version::V1) => ("https://sts.windows.net/", "/"),
            (Self::China, Version::V1) => ("https://sts.chinacloudapi.cn/", "/"),
            (Self::Public, Version::V2) => ("https://login.microsoftonline.com/", "/v2.0"),
            (Self::UsGov, Version::V2) => ("https://login.microsoftonline.us/", "/v2.0"),
            (Self::China, Version::V2) => ("https://login.partner.microsoftonline.cn/", "/v2.0"),
        }
    }

    /// The v2.0 issuer of a tenant: its one name in principals and key sets.
    #[must_use]
    pub fn authority(self, tenant: Guid) -> String {
        let (prefix, suffix) = self.spans(Version::V2);
        format!("{prefix}{tenant}{suffix}")
    }
}

/// What an `iss` with the exact form of an Entra issuer names. It says nothing yet about trust.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntraIssuer {
    pub(crate) version: Version,
    pub(crate) tenant: Guid,
    prefix: &'static str,
}

impl EntraIssuer {
    /// Cuts the tenant out by exact spans: no prefix match, no case folding, nothing skipped.
    pub(crate) fn parse(iss: &str) -> Option<Self> {
        SPELLINGS.into_iter().find_map(|(cloud, version)| {
            let (prefix, suffix) = cloud.spans(version);
            let tenant = Guid::parse(iss.strip_prefix(prefix)?.strip_suffix(suffix)?)?;
            Some(Self { version, tenant, prefix })
        })
    }

    /// The tenant as `iss` spells it, where `iss` is what this was parsed from; `tid` must be spelt
    /// alike.
    pub(crate) fn tenant_text<'i>(&self, iss: &'i str) -> &'i str {
        &iss[self.prefix.len()..self.prefix.len() + Guid::TEXT_LEN]
    }

    /// Whether the cloud uses this spelling. v1.0 is shared by two clouds, so the tenant's
    /// configuration decides, not the token.
    pub(crate) fn is_of(&self, cloud: Cloud) -> bool {
        cloud.spans(self.version).0 == self.prefix
    }
}

/// Every spelling once, the commonest first.
const SPELLINGS: [(Cloud, Version); 5] = [
    (Cloud::Public, Version::V2),
    (Cloud::Public, Version::V1),
    (Cloud::UsGov, Version::V2),
    (Cloud::China, Version::V2),
    (Cloud::China, Version::V1),
];

/// Whether a key that is published for `key_issuer` may sign for this tenant (IDX40005). Key sets
/// that several tenants share carry `{tenantid}`; v1.0 tokens are compared by the v2.0 form too,
/// since v1.0 key sets carry no issuer.
pub(crate) fn key_covers(key_issuer: &str, cloud: Cloud, tenant: &str) -> bool {
    [Version::V2, Version::V1].into_iter().any(|version| {
        let (prefix, suffix) = cloud.spans(version);
        key_issuer
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_suffix(suffix))
            .is_some_and(|span| span == "{tenantid}" || span == tenant)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b";

    #[test]
    fn spans_are_exact() {
        for cloud in Cloud::ALL {
            for version in [Version::V1, Version::V2] {
                let (prefix, suffix) = cloud.spans(version);
                let iss = format!("{prefix}{TENANT}{suffix}");
                let parsed = EntraIssuer::parse(&iss).unwrap();
                assert_eq!(parsed.version, version);
                assert_eq!(parsed.tenant_text(&iss), TENANT);
                assert!(parsed.is_of(cloud));
                for bad in [
                    format!("{iss}/"),
                    format!(" {iss}"),
                    iss.replace("https", "http"),
                    iss.replace("https", "HTTPS"),
                    iss.replace(TENANT, "common"),
                    iss.replace(TENANT, "{tenantid}"),
                    iss.replace(TENANT, &format!("{TENANT}/{TENANT}")),
                    format!("{prefix}{TENANT}"),
                    format!("{TENANT}{suffix}"),
                    iss.replace('.', ","),
                ] {
                    assert!(bad == iss || EntraIssuer::parse(&bad).is_none(), "{bad}");
                }
            }
        }
    }

    #[test]
    fn a_key_covers_its_own_issuer_only() {
        let public = |issuer: &str| key_covers(issuer, Cloud::Public, TENANT);
        assert!(public("https://login.microsoftonline.com/{tenantid}/v2.0"));
        assert!(public(&format!("https://login.microsoftonline.com/{TENANT}/v2.0")));
        assert!(public(&format!("https://sts.windows.net/{TENANT}/")));
        assert!(!public("https://login.microsoftonline.us/{tenantid}/v2.0"));
        assert!(!public("https://login.microsoftonline.com/{tenantId}/v2.0"));
        assert!(!public(
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"
        ));
        assert!(!public(""));
    }
}
