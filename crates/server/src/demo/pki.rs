//! The demo's PKI: an organisation's root and issuing CA, and what devices have from it. The keys of
//! the CAs are not kept.

use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair, SanType};
use time::OffsetDateTime;

use crate::made;
use crate::misuse::Misuse;

/// Texts of the files, as PEM.
pub(super) struct Pki {
    pub(super) root: String,
    pub(super) issuing: String,
    /// A device's certificate that is good for a year.
    pub(super) device: String,
    /// The same device's, ended yesterday.
    pub(super) ended: String,
    /// The certificate that a device without a PKI made for itself.
    pub(super) own: String,
}

const DAY_S: i64 = 86_400;

impl Pki {
    pub(super) fn new(now_s: i64) -> Result<Self, Misuse> {
        Self::make(now_s).map_err(|why| Misuse::new(format!("cannot make certificates: {why}")))
    }

    fn make(now_s: i64) -> Result<Self, rcgen::Error> {
        let years = |n: i64| (now_s - DAY_S, now_s + n * 365 * DAY_S);
        let root_params = ca("Contoso Root CA", years(10))?;
        let root_key = KeyPair::generate()?;
        let root = root_params.self_signed(&root_key)?.pem();
        let root_issuer = Issuer::new(root_params, root_key);
        let issuing_params = ca("Contoso Issuing CA 1", years(5))?;
        let issuing_key = KeyPair::generate()?;
        let issuing = issuing_params.signed_by(&issuing_key, &root_issuer)?.pem();
        let issuer = Issuer::new(issuing_params, issuing_key);
        let signed = |window| {
            let params = device("pc7.contoso.com", window)?;
            Ok::<_, rcgen::Error>(params.signed_by(&KeyPair::generate()?, &issuer)?.pem())
        };
        let own = device("laptop9", years(1))?.self_signed(&KeyPair::generate()?)?.pem();
        Ok(Self {
            root,
            issuing,
            device: signed(years(1))?,
            ended: signed((now_s - 30 * DAY_S, now_s - DAY_S))?,
            own,
        })
    }
}

fn ca(name: &str, window: (i64, i64)) -> Result<CertificateParams, rcgen::Error> {
    Ok(made::ca(named(name, window)?))
}

fn device(name: &str, window: (i64, i64)) -> Result<CertificateParams, rcgen::Error> {
    Ok(made::device(named(name, window)?, vec![SanType::DnsName(name.try_into()?)]))
}

fn named(name: &str, (first_s, last_s): (i64, i64)) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let at = |s| OffsetDateTime::from_unix_timestamp(s).map_err(|_| rcgen::Error::Time);
    (params.not_before, params.not_after) = (at(first_s)?, at(last_s)?);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
