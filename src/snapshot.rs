//! Trust and policy that belong together: what one check sees, whole.

use crate::policy::Policy;
use crate::trust::{Trust, TrustError};

#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) trust: Trust,
    pub(crate) policy: Policy,
}

impl Snapshot {
    pub(crate) fn new(trust: Trust, policy: Policy) -> Result<Self, TrustError> {
        let fits = trust.issuers().len() == policy.issuer_count()
            && trust.pkis().len() == policy.pki_count();
        if fits { Ok(Self { trust, policy }) } else { Err(TrustError::RulesDoNotMatch) }
    }
}
