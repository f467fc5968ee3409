//! Whom or what an administrator withdraws, and how that is written.

use std::fmt;

use tollgate::Guid;

use crate::hex;
use crate::registry::Kind;

/// Something that can be withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A client of the site.
    Client(Guid),
    /// A bulk token.
    BulkToken(Guid),
    /// A certificate by the SHA-256 of its DER.
    CertificateSha256([u8; 32]),
    /// A certificate by the SHA-1 of its DER.
    CertificateSha1([u8; 20]),
    /// A certificate by who issued it, and its number.
    IssuerSerial {
        /// SHA-256 of the issuer's name as DER.
        issuer: [u8; 32],
        /// The serial number, unsigned, without leading zeros.
        serial: Vec<u8>,
    },
    /// Every certificate over a key: SHA-256 of its SubjectPublicKeyInfo.
    CertificateKey([u8; 32]),
    /// A user.
    User {
        /// The tenant.
        tenant: Guid,
        /// Its object id.
        object: Guid,
    },
    /// A user by its SID on the premises, which an import has to have named.
    UserSid(String),
    /// A device.
    Device {
        /// The tenant.
        tenant: Guid,
        /// Its device id.
        device: Guid,
    },
    /// A whole tenant.
    Tenant(Guid),
    /// A key of the site, by its `kid`.
    Key(String),
    /// Everything that the site issued before a time.
    Site,
}

/// Longest serial number in bytes (RFC 5280 section 4.1.2.2).
const SERIAL_BYTES: usize = 20;

impl Target {
    /// Reads what an administrator writes for `kind`: `client`, `bulk-token`, `cert`, `user`, `device`,
    /// `tenant`, `key` or `site`.
    ///
    /// # Errors
    /// One clause that says how it is written.
    pub fn parse(kind: &str, id: &str) -> Result<Self, String> {
        let guid = |text: &str| {
            Guid::parse(text)
                .ok_or_else(|| format!("{text:?} is not a GUID; write 8-4-4-4-12 digits"))
        };
        let pair = |what: &str| {
            let (tenant, id) = id.split_once('/').ok_or_else(|| format!("write TENANT/{what}"))?;
            Ok::<_, String>((guid(tenant)?, guid(id)?))
        };
        match kind {
            "client" => guid(id).map(Self::Client),
            "bulk-token" => guid(id).map(Self::BulkToken),
            "cert" => certificate(id),
            "user" if id.starts_with("S-1-") => Ok(Self::UserSid(id.into())),
            "user" => {
                pair("OBJECT-ID, or a SID").map(|(tenant, object)| Self::User { tenant, object })
            }
            "device" => pair("DEVICE-ID").map(|(tenant, device)| Self::Device { tenant, device }),
            "tenant" => guid(id).map(Self::Tenant),
            "key" => Ok(Self::Key(id.into())),
            "site" => Ok(Self::Site),
            _ => Err("write client, bulk-token, cert, user, device, tenant, key or site".into()),
        }
    }
}

const CERTIFICATE_FORMS: &str = "write a file FILE.pem, its thumbprint (SHA-256 or SHA-1 in hexadecimal digits), \
                                 spki:SHA256 of its public key, or serial:NUMBER@SHA256 of the issuer's name as DER";

fn certificate(id: &str) -> Result<Target, String> {
    // As Windows and openssl show thumbprints, too.
    let bytes = |text: &str| hex::decode(&text.replace([':', ' '], ""));
    let wrong = || CERTIFICATE_FORMS.to_owned();
    if let Some(key) = id.strip_prefix("spki:") {
        let key = bytes(key).and_then(|key| key.try_into().ok()).ok_or_else(wrong)?;
        return Ok(Target::CertificateKey(key));
    }
    if let Some(number) = id.strip_prefix("serial:") {
        let (serial, issuer) = number.split_once('@').ok_or_else(wrong)?;
        let padded = format!("{}{serial}", if serial.len() % 2 == 1 { "0" } else { "" });
        let serial = bytes(&padded).ok_or_else(wrong)?;
        let from = serial.iter().position(|byte| *byte != 0).ok_or_else(wrong)?;
        let serial = serial[from..].to_vec();
        let issuer = bytes(issuer).and_then(|issuer| issuer.try_into().ok()).ok_or_else(wrong)?;
        if serial.len() > SERIAL_BYTES {
            return Err(format!("a serial number has at most {SERIAL_BYTES} bytes"));
        }
        return Ok(Target::IssuerSerial { issuer, serial });
    }
    let thumbprint = bytes(id).ok_or_else(wrong)?;
    match thumbprint.len() {
        32 => Ok(Target::CertificateSha256(thumbprint.try_into().map_err(|_| wrong())?)),
        20 => Ok(Target::CertificateSha1(thumbprint.try_into().map_err(|_| wrong())?)),
        _ => Err(wrong()),
    }
}

/// Where a withdrawal of it stands in the feed. A SID has to be looked up first.
pub(crate) fn place(target: &Target, site: Guid) -> Option<(Kind, Vec<u8>, Vec<u8>)> {
    let site = site.0.to_vec();
    Some(match target {
        Target::Client(id) => (Kind::Client, site, id.0.to_vec()),
        Target::BulkToken(id) => (Kind::BulkToken, site, id.0.to_vec()),
        Target::CertificateSha256(of) => (Kind::CertificateSha256, Vec::new(), of.to_vec()),
        Target::CertificateSha1(of) => (Kind::CertificateSha1, Vec::new(), of.to_vec()),
        Target::IssuerSerial { issuer, serial } => {
            (Kind::IssuerSerial, issuer.to_vec(), serial.clone())
        }
        Target::CertificateKey(of) => (Kind::Spki, Vec::new(), of.to_vec()),
        Target::User { tenant, object } => (Kind::User, tenant.0.to_vec(), object.0.to_vec()),
        Target::UserSid(_) => return None,
        Target::Device { tenant, device } => (Kind::Device, tenant.0.to_vec(), device.0.to_vec()),
        Target::Tenant(tenant) => (Kind::Tenant, Vec::new(), tenant.0.to_vec()),
        Target::Key(kid) => (Kind::Key, site, kid.as_bytes().to_vec()),
        Target::Site => (Kind::Site, Vec::new(), site),
    })
}

/// What a row of the feed names, as an administrator writes it.
#[must_use]
pub fn shown(kind: Kind, scope: &[u8], subject: &[u8]) -> String {
    let guid = |bytes: &[u8]| {
        <[u8; 16]>::try_from(bytes).map_or_else(|_| hex::encode(bytes), |id| Guid(id).to_string())
    };
    match kind {
        Kind::CertificateSha256 | Kind::CertificateSha1 => hex::encode(subject),
        Kind::Spki => format!("spki:{}", hex::encode(subject)),
        Kind::IssuerSerial => format!("serial:{}@{}", hex::encode(subject), hex::encode(scope)),
        Kind::User | Kind::Device => format!("{}/{}", guid(scope), guid(subject)),
        Kind::Key => String::from_utf8_lossy(subject).into_owned(),
        _ => guid(subject),
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (place(self, Guid([0; 16])), self) {
            (_, Self::UserSid(sid)) => f.write_str(sid),
            (_, Self::Site) => f.write_str("site"),
            (Some((kind, scope, subject)), _) => f.write_str(&shown(kind, &scope, &subject)),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "cdcc5e91-0adf-4a24-82d0-196667f1c081";

    #[test]
    fn what_is_written_is_what_is_shown() {
        let (sha256, sha1) = ("ab".repeat(32), "cd".repeat(20));
        for (kind, id, expected) in [
            ("client", ID.to_uppercase(), ID.to_owned()),
            ("bulk-token", ID.into(), ID.into()),
            ("cert", sha256.to_uppercase(), sha256.clone()),
            ("cert", "CD:".repeat(19) + "CD", sha1),
            ("cert", format!("spki:{sha256}"), format!("spki:{sha256}")),
            ("cert", format!("serial:0001F@{sha256}"), format!("serial:1f@{sha256}")),
            ("user", format!("{ID}/{ID}"), format!("{ID}/{ID}")),
            ("user", "S-1-5-21-7".into(), "S-1-5-21-7".into()),
            ("device", format!("{ID}/{ID}"), format!("{ID}/{ID}")),
            ("tenant", ID.into(), ID.into()),
            ("key", "abc".into(), "abc".into()),
        ] {
            assert_eq!(Target::parse(kind, &id).unwrap().to_string(), expected, "{kind} {id}");
        }
    }

    #[test]
    fn what_cannot_be_meant_says_how_it_is_written() {
        for (kind, id, expected) in [
            ("client", "x", "\"x\" is not a GUID"),
            ("user", ID, "write TENANT/OBJECT-ID, or a SID"),
            ("user", "bob@contoso.com", "write TENANT/OBJECT-ID, or a SID"),
            ("device", ID, "write TENANT/DEVICE-ID"),
            ("cert", "abcd", "write a file FILE.pem"),
            ("cert", "serial:00@00", "write a file FILE.pem"),
            ("cert", "spki:00", "write a file FILE.pem"),
            ("world", "x", "write client, bulk-token"),
        ] {
            let why = Target::parse(kind, id).unwrap_err();
            assert!(why.starts_with(expected), "{kind} {id}: {why}");
        }
    }
}
