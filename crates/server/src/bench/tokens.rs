//! Many tokens of the real size, soon.

use std::ops::Range;
use std::thread;

use tollgate::jws::sign;
use tollgate::sample::Tenant;

use super::machine::cores;
use super::world::{NOW, USERS};
use crate::misuse::Misuse;

/// Signs tokens of one tenant that differ in user and device, out of one payload.
pub(super) struct Mint<'t> {
    tenant: &'t Tenant,
    header: String,
    payload: String,
    /// Where digits of the user stand, and of the device.
    user: Vec<Range<usize>>,
    device: Range<usize>,
}

impl<'t> Mint<'t> {
    /// Tokens are 1.4 KB, whatever signs them.
    pub(super) fn new(tenant: &'t Tenant) -> Result<Self, Misuse> {
        let mut claims = tenant.user_claims(0, NOW.unix_s);
        let algorithm = tenant.key.algorithm();
        if algorithm.name().starts_with("HS") {
            // An RSA signature has 299 letters more than one of HS256, and base64 writes 4 for 3 bytes.
            claims["aio"] = "QUFB".repeat(46 + 56).into();
        }
        let header =
            serde_json::json!({ "typ": "JWT", "alg": algorithm.name(), "kid": tenant.kid() });
        let payload = claims.to_string();
        let digits = |before: &str, count: usize| {
            let at = payload.find(before).map(|at| at + before.len());
            let digits = at
                .map(|at| at..at + count)
                .filter(|digits| payload[digits.clone()].bytes().all(|byte| byte == b'0'));
            digits.ok_or_else(|| Misuse::new(format!("no {before} in the bench's claims: a bug")))
        };
        let user = vec![
            digits("Device User ", 6)?,
            digits("_username\":\"user", 6)?,
            digits("00000000-0000-0001-0000-", 12)?,
        ];
        let device = digits("00000000-0000-0002-0000-", 12)?;
        Ok(Self { tenant, header: header.to_string(), payload, user, device })
    }

    /// Of one of the discovered users, on device `number`.
    pub(super) fn token(&self, number: u64) -> Box<[u8]> {
        let mut payload = self.payload.clone().into_bytes();
        let users = self.user.iter().map(|digits| (digits, number % USERS));
        for (digits, number) in users.chain([(&self.device, number)]) {
            let width = digits.len();
            payload[digits.clone()].copy_from_slice(format!("{number:0width$}").as_bytes());
        }
        sign(&self.header, &payload, &self.tenant.key).into_bytes().into()
    }

    /// By all cores.
    pub(super) fn tokens(&self, numbers: Range<u64>) -> Vec<Box<[u8]>> {
        let each = (numbers.end - numbers.start).div_ceil(cores() as u64).max(1);
        let parts = numbers.clone().step_by(each as usize);
        let sign = |from: u64| {
            let part = from..numbers.end.min(from + each);
            move || part.map(|number| self.token(number)).collect::<Vec<_>>()
        };
        thread::scope(|scope| {
            let signers: Vec<_> = parts.map(|from| scope.spawn(sign(from))).collect();
            let signed = signers.into_iter().map(|signer| signer.join().unwrap_or_default());
            signed.flatten().collect()
        })
    }
}
