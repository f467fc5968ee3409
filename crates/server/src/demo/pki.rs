//! The demo's PKI: an organisation's root and issuing CA, and what devices have from it. The keys of
//! the CAs are not kept.

use rcgen::{
    CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType, Issuer,
    KeyIdMethod, KeyPair, RevocationReason, RevokedCertParams, SanType, SerialNumber,
};
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
    /// Another device's, which its CA has taken back.
    pub(super) revoked: String,
    /// The revocation lists of both CAs, good for as long as the issuing CA.
    pub(super) root_list: String,
    pub(super) issuing_list: String,
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
        let signed = |params: CertificateParams| {
            Ok::<_, rcgen::Error>(params.signed_by(&KeyPair::generate()?, &issuer)?.pem())
        };
        let (good, ended) = (years(1), (now_s - 30 * DAY_S, now_s - DAY_S));
        let serial = SerialNumber::from(8_u64);
        let mut revoked = device("pc8.contoso.com", good)?;
        revoked.serial_number = Some(serial.clone());
        let own = device("laptop9", years(1))?.self_signed(&KeyPair::generate()?)?.pem();
        Ok(Self {
            root,
            issuing,
            device: signed(device("pc7.contoso.com", good)?)?,
            ended: signed(device("pc7.contoso.com", ended)?)?,
            revoked: signed(revoked)?,
            root_list: list(&root_issuer, years(5), Vec::new())?,
            issuing_list: list(&issuer, years(5), vec![serial])?,
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

/// The first list of a CA, as PEM.
fn list(
    ca: &Issuer<'_, KeyPair>,
    (first_s, last_s): (i64, i64),
    serials: Vec<SerialNumber>,
) -> Result<String, rcgen::Error> {
    let revoked = |serial_number| {
        Ok(RevokedCertParams {
            serial_number,
            revocation_time: at(first_s)?,
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        })
    };
    let params = CertificateRevocationListParams {
        this_update: at(first_s)?,
        next_update: at(last_s)?,
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: serials.into_iter().map(revoked).collect::<Result<_, rcgen::Error>>()?,
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(ca)?.pem()
}

fn at(unix_s: i64) -> Result<OffsetDateTime, rcgen::Error> {
    OffsetDateTime::from_unix_timestamp(unix_s).map_err(|_| rcgen::Error::Time)
}

fn named(name: &str, (first_s, last_s): (i64, i64)) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (at(first_s)?, at(last_s)?);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
