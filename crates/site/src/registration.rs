//! A device becomes a client of the site.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tollgate::policy::{Mode, Network};
use tollgate::{Guid, Method, Reason, random_guid, sha256};

use crate::act::Act;
use crate::asked::{Grant, Place, Registered, Registration, Voucher};
use crate::authority::Authority;
use crate::bulk::is_like;
use crate::error::IssueError;
use crate::proof::{Possession, ProofAct, prove};
use crate::reason::{Denied, EnrolmentReason};
use crate::registry::{Client, ClientState, KeyRow, Kind, RegistryError, Reply};
use crate::terms::Approval;
use crate::token::{ClientRequest, Confirmation, Issued, Pen, Provenance};

/// For how long the same request gets the same reply, in seconds.
pub(crate) const REPLY_S: i64 = 86_400;

/// Over how long renewals of clients that registered together are spread, in seconds.
const SPREAD_S: i64 = 86_400;

/// Longest device name in bytes: that of a DNS name.
const NAME_BYTES: usize = 255;

/// Everything that is settled before the transaction.
#[derive(Clone)]
struct Enrolment {
    site: Guid,
    request: [u8; 32],
    key: [u8; 32],
    bulk: Option<Guid>,
    /// Whether the bulk token has ended.
    has_ended: bool,
    name: String,
    endpoint: String,
    provenance: Provenance,
    device: Option<Guid>,
    /// Whether it gets a token, or waits.
    is_approved: bool,
    actor: String,
    client: Guid,
    lifetime_s: i64,
    pen: Pen,
    keys_version: String,
    now_s: i64,
}

/// A registration that was judged as far as that needs no transaction. Only
/// [`Authority::check_registration`] makes one.
pub struct Checked {
    enrolment: Enrolment,
    /// The token of a device that is new: signed beside the others', and not in the transaction.
    signed: Option<Issued>,
}

/// A transaction's answer, where `None` says that the keys were written meanwhile.
type Answer = Option<Result<Answered, Denied>>;

#[derive(Debug)]
enum Answered {
    Pending(Guid),
    Granted { client: Guid, generation: u32, issued: Issued },
}

impl Authority {
    /// Registers a device, or gives one that is known its answer. Returns once that is durable. Several
    /// threads that register at once share transactions.
    ///
    /// # Errors
    /// For everything that is not as it should be; nothing was written, and no use of a bulk token counted.
    pub fn register(&self, asked: &Registration<'_>, now_s: i64) -> Result<Registered, Denied> {
        // Another process may write the keys between signing and committing: then it is signed again.
        for _ in 0..3 {
            if let Some(registered) = self.enrol(self.check_registration(asked, now_s)?)? {
                return Ok(registered);
            }
            self.refresh_keys()
                .map_err(|error| EnrolmentReason::RegistryUnavailable.with(error.to_string()))?;
        }
        Err(EnrolmentReason::RegistryUnavailable.with("the keys are being written over and over"))
    }

    /// Judges a registration as far as that needs no transaction: proof, voucher, place; and signs the token of
    /// a device that is new. Nothing is written.
    ///
    /// # Errors
    /// As [`Authority::register`].
    pub fn check_registration(
        &self,
        asked: &Registration<'_>,
        now_s: i64,
    ) -> Result<Checked, Denied> {
        let enrolment = self.settle(asked, &self.possession(asked, now_s)?, now_s)?;
        let signed = match enrolment.is_approved {
            true => {
                let issued = enrolment.sign(enrolment.client, 1, enrolment.provenance);
                Some(issued.map_err(denied)?)
            }
            false => None,
        };
        Ok(Checked { enrolment, signed })
    }

    /// Does what was checked, in a transaction with those of other threads; returns once that is durable.
    /// `None` where the site's keys were written meanwhile: it has to be checked anew.
    ///
    /// # Errors
    /// As [`Authority::register`].
    pub fn enrol(&self, checked: Checked) -> Result<Option<Registered>, Denied> {
        let Checked { enrolment, signed } = checked;
        let answer = Arc::new(Mutex::new(None));
        let (now_s, left) = (enrolment.now_s, Arc::clone(&answer));
        let job: crate::group::Job = Box::new(move |act| {
            let found = enrolment.enrol(act, signed.as_ref())?;
            *left.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            Ok(())
        });
        self.write_together(now_s, job)?;
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take().flatten();
        answer.map(|answer| answer.map(|answered| self.registered(answered))).transpose()
    }

    fn possession(&self, asked: &Registration<'_>, now_s: i64) -> Result<Possession, Denied> {
        let name = asked.device_name;
        if name.len() > NAME_BYTES || name.chars().any(char::is_control) {
            return Err(EnrolmentReason::DeviceName.into());
        }
        let presented = match asked.voucher {
            Voucher::Bulk(token) => Some(token.as_bytes()),
            Voucher::Network => None,
            Voucher::Admitted { presented, .. } => Some(presented),
        };
        prove(asked.proof, ProofAct::Register, self.issuer(), presented, now_s)
    }

    fn registered(&self, answered: Answered) -> Registered {
        match answered {
            Answered::Pending(client) => Registered::Pending(client),
            Answered::Granted { client, generation, issued } => {
                Registered::Granted(self.grant(client, generation, issued))
            }
        }
    }

    pub(crate) fn grant(&self, client: Guid, generation: u32, issued: Issued) -> Grant {
        let spread = i64::from(u16::from_be_bytes([client.0[0], client.0[1]])) * SPREAD_S / 65_536;
        let renew_at_s = issued.issued_s() + self.terms().renew_after_s;
        // Never so late that there is no time left to be late.
        let latest = (issued.expires_s() - renew_at_s).max(0);
        let renew_at_s = renew_at_s + spread.min(latest / 2);
        Grant { client, generation, issued, renew_at_s }
    }

    /// Judges everything that needs no transaction.
    fn settle(
        &self,
        asked: &Registration<'_>,
        possession: &Possession,
        now_s: i64,
    ) -> Result<Enrolment, Denied> {
        // Taken first: keys that are written from here on make the transaction ask for all of this anew.
        let keys_version = self.keyring().version.clone();
        let place = asked.endpoint;
        let (mut bulk, mut has_ended) = (None, false);
        let (mut device, mut is_approved) = (None, true);
        let (provenance, actor) = match asked.voucher {
            Voucher::Bulk(token) => {
                let presented = self.presented_bulk(token, now_s)?;
                (bulk, has_ended) = (Some(presented.id), presented.has_ended);
                (Provenance::Bulk(presented.id), format!("bulk-token {}", presented.id))
            }
            Voucher::Network => {
                if place.network != Network::Internal {
                    return Err(EnrolmentReason::NetworkExternal.into());
                }
                is_approved = self.terms().approval == Approval::All;
                (Provenance::Internal, format!("endpoint {}", place.name))
            }
            Voucher::Admitted { admission, .. } => {
                device = admission.device();
                let provenance = match (admission.method(), admission.tenant()) {
                    (Method::Entra, Some(tenant)) => Provenance::Entra(tenant),
                    (Method::Pki, _) => Provenance::Pki,
                    // A client's own token renews; other issuers' devices are nobody's to the site.
                    _ => return Err(EnrolmentReason::VoucherUnfit.into()),
                };
                is_approved = self.is_approved(provenance, place)?;
                (provenance, admission.principal().id().to_string())
            }
        };
        let pen = self.pen(now_s).map_err(denied)?;
        let scope = bulk.map_or([0; 16], |id| id.0);
        Ok(Enrolment {
            site: self.id(),
            request: sha256(&[b"register", &scope, &possession.key, possession.request.as_bytes()]),
            key: possession.key,
            bulk,
            has_ended,
            name: asked.device_name.into(),
            endpoint: place.name.into(),
            provenance,
            device,
            is_approved,
            actor,
            client: random_guid().map_err(|failed| denied(failed.into()))?,
            lifetime_s: self.terms().client_lifetime_s,
            pen,
            keys_version,
            now_s,
        })
    }

    /// Whether a device that somebody else proved gets a token at once.
    fn is_approved(&self, provenance: Provenance, place: Place<'_>) -> Result<bool, Denied> {
        match (place.mode, place.network, provenance, &self.terms().approval) {
            (Mode::Https, ..) | (_, Network::Internal, _, Approval::All) => Ok(true),
            (_, Network::Internal, Provenance::Entra(tenant), Approval::KnownTenants(known)) => {
                Ok(known.contains(&tenant))
            }
            (_, Network::Internal, ..) => Ok(false),
            (_, Network::Internet, ..) => Err(EnrolmentReason::HttpsNeeded.into()),
        }
    }
}

pub(crate) fn denied(error: IssueError) -> Denied {
    match error {
        IssueError::NoKey => EnrolmentReason::NoSigningKey.into(),
        other => EnrolmentReason::RegistryUnavailable.with(other.to_string()),
    }
}

impl Enrolment {
    fn sign(
        &self,
        client: Guid,
        generation: u32,
        provenance: Provenance,
    ) -> Result<Issued, IssueError> {
        let confirmation = Confirmation::Key(self.key);
        let request = ClientRequest {
            generation: generation.try_into().unwrap_or(std::num::NonZeroU32::MIN),
            lifetime_s: self.lifetime_s,
            ..ClientRequest::first(client, provenance, confirmation)
        };
        self.pen.client(&request, self.now_s)
    }

    /// Decides, then writes: what is denied leaves nothing behind.
    fn enrol(&self, act: &mut Act<'_>, signed: Option<&Issued>) -> Result<Answer, RegistryError> {
        if act.keys_version()? != self.keys_version {
            return Ok(None);
        }
        if let Some(bulk) = self.bulk
            && let Err(denied) = self.admits(act, bulk)?
        {
            return Ok(Some(Err(denied)));
        }
        let known = act.rows.client_by_key(&self.key)?;
        let Some(known) = known else {
            return match self.has_ended {
                true => Ok(Some(Err(Reason::Expired.into()))),
                false => self.enrol_new(act, signed),
            };
        };
        if known.state == ClientState::Withdrawn {
            return Ok(Some(Err(EnrolmentReason::ClientWithdrawn.into())));
        }
        if let Some(reply) = act.rows.reply(&self.request)?
            && self.now_s - reply.at_s < REPLY_S
            && reply.generation == known.generation
        {
            let (client, generation) = (known.id, known.generation);
            let issued = Issued::again(reply);
            return Ok(Some(Ok(Answered::Granted { client, generation, issued })));
        }
        match self.has_ended {
            true => Ok(Some(Err(Reason::Expired.into()))),
            false => self.enrol_known(act, &known),
        }
    }

    /// What the bulk token's row says of this device.
    fn admits(&self, act: &mut Act<'_>, bulk: Guid) -> Result<Result<(), Denied>, RegistryError> {
        let Some(row) = act.bulk(bulk)? else {
            return Ok(Err(EnrolmentReason::BulkUnknown.into()));
        };
        if row.is_blocked {
            return Ok(Err(EnrolmentReason::BulkWithdrawn.into()));
        }
        if row.endpoint.as_deref().is_some_and(|only| only != self.endpoint) {
            return Ok(Err(EnrolmentReason::BulkEndpoint.into()));
        }
        if row.device_name.as_deref().is_some_and(|only| !is_like(only, &self.name)) {
            return Ok(Err(EnrolmentReason::BulkDevice.into()));
        }
        let created_s = row.created_s;
        Ok(match act.distrusts(self.site, created_s)? {
            true => Err(EnrolmentReason::IssuedBefore.into()),
            false => Ok(()),
        })
    }

    fn enrol_new(
        &self,
        act: &mut Act<'_>,
        signed: Option<&Issued>,
    ) -> Result<Answer, RegistryError> {
        if let Some(bulk) = self.bulk
            && !act.use_bulk(bulk)?
        {
            return Ok(Some(Err(EnrolmentReason::BulkUsedUp.into())));
        }
        let issued = signed.map(Issued::copy);
        let client = self.row(self.client, issued.as_ref(), u32::from(issued.is_some()));
        act.rows.add_client(&client)?;
        let detail = json!({
            "name": self.name, "endpoint": self.endpoint, "state": client.state.name(),
            "provenance": self.provenance.to_string(),
        });
        act.note(&self.actor, "register", client.id, &detail)?;
        self.answer(act, client.id, 1, issued)
    }

    /// A device that is known asks again.
    fn enrol_known(&self, act: &mut Act<'_>, known: &Client) -> Result<Answer, RegistryError> {
        if known.state == ClientState::Pending && !self.is_approved {
            return Ok(Some(Ok(Answered::Pending(known.id))));
        }
        let is_enrolled = known.state == ClientState::Active
            && self.now_s < known.expires_s
            && !self.is_distrusted(act, known)?;
        if is_enrolled && known.generation > 1 {
            return Ok(Some(Err(EnrolmentReason::AlreadyRenewed.into())));
        }
        // One whose token has ended, or is good no more, is as one that comes for the first time: whoever approves
        // that is asked again. One that was approved and has no token yet passes.
        if known.state == ClientState::Active
            && known.expires_s > 0
            && !is_enrolled
            && !self.is_approved
        {
            act.rows.set_client_state(known.id, ClientState::Pending)?;
            act.note(&self.actor, "register again", known.id, &json!({ "state": "pending" }))?;
            return Ok(Some(Ok(Answered::Pending(known.id))));
        }
        // One that waited, or whose token has ended, is registered by this; one that lost its reply is not,
        // and stays whose it is.
        if !is_enrolled
            && let Some(bulk) = self.bulk
            && !act.use_bulk(bulk)?
        {
            return Ok(Some(Err(EnrolmentReason::BulkUsedUp.into())));
        }
        let (generation, provenance) = match is_enrolled {
            true => (known.generation, known.provenance),
            false => (known.generation + 1, self.provenance),
        };
        let signed = self.sign(known.id, generation, provenance);
        let issued = signed.map_err(|error| RegistryError::Site(error.to_string()))?;
        let now = self.row(known.id, Some(&issued), generation);
        let renewed = match is_enrolled {
            true => known.with_token(&issued, generation, self.now_s, self.pen.kid()),
            false => Client { registered_s: known.registered_s, alarms: known.alarms, ..now },
        };
        act.rows.renew_client(&renewed, known.generation)?;
        let detail = json!({
            "generation": generation, "endpoint": self.endpoint, "provenance": provenance.to_string(),
        });
        act.note(&self.actor, "register again", known.id, &detail)?;
        self.answer(act, known.id, generation, Some(issued))
    }

    /// Whether its token was issued before a time that tokens are no longer good of.
    fn is_distrusted(&self, act: &mut Act<'_>, known: &Client) -> Result<bool, RegistryError> {
        let site = &self.site.0;
        if act.distrusts(self.site, known.issued_s)? {
            return Ok(true);
        }
        // Nothing that a withdrawn key signed is believed: whoever has such a token has none.
        let is_gone = |key: &KeyRow| key.kid == known.kid && key.withdrawn_s.is_some();
        if act.rows.keys()?.iter().any(is_gone) {
            return Ok(true);
        }
        let mut names = |kind, subject: &[u8]| {
            let row = act.rows.withdrawn(kind, site, subject)?;
            Ok::<_, RegistryError>(row.is_some_and(|row| row.names(known.issued_s)))
        };
        Ok(names(Kind::Client, &known.id.0)?
            || match known.provenance {
                Provenance::Bulk(bulk) => names(Kind::BulkClients, &bulk.0)?,
                _ => false,
            })
    }

    fn row(&self, id: Guid, issued: Option<&Issued>, generation: u32) -> Client {
        Client {
            id,
            key: self.key,
            name: self.name.clone(),
            state: if issued.is_some() { ClientState::Active } else { ClientState::Pending },
            provenance: self.provenance,
            device: self.device,
            endpoint: self.endpoint.clone(),
            registered_s: self.now_s,
            generation,
            token: issued.map_or(Guid([0; 16]), Issued::id),
            issued_s: if issued.is_some() { self.now_s } else { 0 },
            expires_s: issued.map_or(0, Issued::expires_s),
            kid: issued.map_or(String::new(), |_| self.pen.kid().into()),
            graces: 0,
            alarms: 0,
        }
    }

    fn answer(
        &self,
        act: &mut Act<'_>,
        client: Guid,
        generation: u32,
        issued: Option<Issued>,
    ) -> Result<Answer, RegistryError> {
        let Some(issued) = issued else { return Ok(Some(Ok(Answered::Pending(client)))) };
        act.rows.put_reply(&Reply {
            request: self.request,
            at_s: self.now_s,
            client,
            generation,
            id: issued.id(),
            expires_s: issued.expires_s(),
            token: issued.token().into(),
        })?;
        Ok(Some(Ok(Answered::Granted { client, generation, issued })))
    }
}
