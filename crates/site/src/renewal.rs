//! A client gets its next token.
//!
//! The generation counts a client's tokens, and a renewal is a compare-and-swap on it: of two that hold the
//! same key, one renews, and the other one comes with a generation that is over.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tollgate::{Guid, sha256};

use crate::act::{Act, CLONE, Mark};
use crate::asked::Grant;
use crate::authority::Authority;
use crate::presented::ClientToken;
use crate::proof::{Proof, ProofAct, prove};
use crate::reason::{Denied, EnrolmentReason};
use crate::registration::{REPLY_S, denied};
use crate::registry::{Client, ClientState, Kind, RegistryError, Reply};
use crate::terms::{Lapse, OnClone, Terms};
use crate::token::{ClientRequest, Confirmation, Issued, Pen, Provenance};

/// Within which time of a renewal whoever holds the previous generation gets the current one once more, in
/// seconds: a device that lost the reply asks again within minutes.
const GRACE_S: i64 = 15 * 60;

/// The setting that says when a backup was put back.
pub(crate) const RESTORED_AT: &str = "restored_at";

/// Everything that is settled before the transaction.
struct Renewal {
    site: Guid,
    token: ClientToken,
    request: [u8; 32],
    terms: Terms,
    pen: Pen,
    keys_version: String,
    now_s: i64,
}

type Answer = Option<Result<(Guid, u32, Issued), Denied>>;

impl Authority {
    /// Renews a client's token, by the token and a proof of its key. Returns once that is durable.
    ///
    /// # Errors
    /// For everything that is not as it should be. A clone alarm was written then, and, where the terms say
    /// so, the client is withdrawn.
    pub fn renew(&self, token: &str, proof: Proof<'_>, now_s: i64) -> Result<Grant, Denied> {
        for _ in 0..3 {
            let keys_version = self.keyring().version.clone();
            let presented = self.presented_client(token, now_s)?;
            let possession =
                prove(proof, ProofAct::Renew, self.issuer(), Some(token.as_bytes()), now_s)?;
            if possession.key != presented.key {
                return Err(EnrolmentReason::ProofKey.into());
            }
            let scope = presented.client.0;
            let generation = presented.generation.to_be_bytes();
            let request = possession.request.as_bytes();
            let renewal = Renewal {
                site: self.id(),
                request: sha256(&[b"renew", &scope, &generation, request]),
                token: presented,
                terms: (*self.terms()).clone(),
                pen: self.pen(now_s).map_err(denied)?,
                keys_version,
                now_s,
            };
            let answer = Arc::new(Mutex::new(None));
            self.write_together(now_s, renewal.job(Arc::clone(&answer)))?;
            let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take().flatten();
            if let Some(answer) = answer {
                let (client, generation, issued) = answer?;
                return Ok(self.grant(client, generation, issued));
            }
            self.refresh_keys()
                .map_err(|error| EnrolmentReason::RegistryUnavailable.with(error.to_string()))?;
        }
        Err(EnrolmentReason::RegistryUnavailable.with("the keys are being written over and over"))
    }
}

impl Renewal {
    fn job(self, answer: Arc<Mutex<Option<Answer>>>) -> crate::group::Job {
        Box::new(move |act| {
            let found = self.renew(act)?;
            *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            Ok(())
        })
    }

    /// Decides, then writes.
    fn renew(&self, act: &mut Act<'_>) -> Result<Answer, RegistryError> {
        if act.keys_version()? != self.keys_version {
            return Ok(None);
        }
        if let Some(denied) = self.withdrawn(act)? {
            return Ok(Some(Err(denied)));
        }
        let client = match act.rows.client(self.token.client)? {
            Some(client) if client.key != self.token.key => {
                return Ok(Some(Err(EnrolmentReason::ClientUnknown.into())));
            }
            Some(client) => client,
            // Not once it has ended: what was withdrawn is forgotten by then.
            None if self.now_s < self.token.expires_s && self.is_after_backup(act)? => {
                // Its key may have become another client meanwhile: then it is that one.
                if act.rows.client_by_key(&self.token.key)?.is_some() {
                    return Ok(Some(Err(EnrolmentReason::ClientUnknown.into())));
                }
                self.adopt(act)?
            }
            None => return Ok(Some(Err(EnrolmentReason::ClientUnknown.into()))),
        };
        match client.state {
            ClientState::Active => {}
            ClientState::Withdrawn => {
                return Ok(Some(Err(EnrolmentReason::ClientWithdrawn.into())));
            }
            // It asked to be let in again, and waits.
            ClientState::Pending => return Ok(Some(Err(EnrolmentReason::ClientLapsed.into()))),
        }
        if let Some(reply) = act.rows.reply(&self.request)?
            && self.now_s - reply.at_s < REPLY_S
            && reply.generation == client.generation
        {
            let generation = reply.generation;
            return Ok(Some(Ok((client.id, generation, Issued::again(reply)))));
        }
        match self.token.generation {
            current if current == client.generation => self.next(act, &client),
            previous if previous + 1 == client.generation => self.previous(act, &client),
            earlier if earlier < client.generation => self.clone_alarm(act, &client),
            // Renewed after the backup that was put back.
            _ if self.is_after_backup(act)? => self.next(act, &client),
            _ => Ok(Some(Err(EnrolmentReason::ClientUnknown.into()))),
        }
    }

    /// What is withdrawn whatever the client's row says.
    fn withdrawn(&self, act: &mut Act<'_>) -> Result<Option<Denied>, RegistryError> {
        let (site, client) = (self.site.0, self.token.client.0);
        if act.distrusts(self.site, self.token.issued_s)? {
            return Ok(Some(EnrolmentReason::IssuedBefore.into()));
        }
        let mut names = |kind, subject: &[u8]| {
            let row = act.rows.withdrawn(kind, &site, subject)?;
            Ok::<_, RegistryError>(row.is_some_and(|row| row.names(self.token.issued_s)))
        };
        if names(Kind::Client, &client)? {
            return Ok(Some(EnrolmentReason::ClientWithdrawn.into()));
        }
        let of_bulk = match self.token.provenance {
            Provenance::Bulk(bulk) => names(Kind::BulkClients, &bulk.0)?,
            _ => false,
        };
        Ok(of_bulk.then(|| EnrolmentReason::IssuedBefore.into()))
    }

    /// Whether the registry may have forgotten what this token is: it was issued before a backup was put back.
    fn is_after_backup(&self, act: &mut Act<'_>) -> Result<bool, RegistryError> {
        let restored = act.rows.setting(RESTORED_AT)?.and_then(|at| at.parse::<i64>().ok());
        Ok(restored.is_some_and(|restored_s| self.token.issued_s <= restored_s))
    }

    /// A client that registered after the backup that was put back: its token is the site's own word.
    fn adopt(&self, act: &mut Act<'_>) -> Result<Client, RegistryError> {
        let client = Client {
            id: self.token.client,
            key: self.token.key,
            name: String::new(),
            state: ClientState::Active,
            provenance: self.token.provenance,
            device: None,
            endpoint: String::new(),
            registered_s: self.token.issued_s,
            generation: self.token.generation,
            token: self.token.id,
            issued_s: self.token.issued_s,
            expires_s: self.token.expires_s,
            kid: self.pen.kid().into(),
            graces: 0,
            alarms: 0,
        };
        act.rows.add_client(&client)?;
        let detail = json!({ "generation": client.generation });
        act.note("restore", "adopt", client.id, &detail)?;
        Ok(client)
    }

    /// The current generation: the next one is its.
    fn next(&self, act: &mut Act<'_>, client: &Client) -> Result<Answer, RegistryError> {
        let early_s = self.token.issued_s + self.terms.renew_after_s - self.now_s;
        let late_s = self.now_s - self.token.expires_s;
        if early_s > 0 {
            let detail = format!("{early_s} s too early");
            return Ok(Some(Err(EnrolmentReason::RenewalEarly.with(detail))));
        }
        let is_lapsed = late_s >= 0
            && match self.terms.lapse {
                Lapse::Refuse => true,
                Lapse::Readmit(within_s) => late_s >= within_s,
            };
        if is_lapsed {
            let detail = format!("ended {late_s} s ago");
            return Ok(Some(Err(EnrolmentReason::ClientLapsed.with(detail))));
        }
        let generation = self.token.generation.saturating_add(1);
        let act_name = if late_s >= 0 { "readmit" } else { "renew" };
        self.issue(act, client, generation, 0, act_name)
    }

    /// The previous generation under another request: the reply may have been lost. Once.
    fn previous(&self, act: &mut Act<'_>, client: &Client) -> Result<Answer, RegistryError> {
        if client.graces > 0 || self.now_s - client.issued_s >= GRACE_S {
            return self.clone_alarm(act, client);
        }
        let (generation, graces) = (client.generation, client.graces + 1);
        self.issue(act, client, generation, graces, "renew again")
    }

    fn issue(
        &self,
        act: &mut Act<'_>,
        client: &Client,
        generation: u32,
        graces: u32,
        act_name: &str,
    ) -> Result<Answer, RegistryError> {
        let request = ClientRequest {
            generation: NonZeroU32::new(generation).unwrap_or(NonZeroU32::MIN),
            lifetime_s: self.terms.client_lifetime_s,
            ..ClientRequest::first(client.id, client.provenance, Confirmation::Key(client.key))
        };
        let issued = self.pen.client(&request, self.now_s);
        let issued = issued.map_err(|error| RegistryError::Site(error.to_string()))?;
        let renewed = client.with_token(&issued, generation, self.now_s, self.pen.kid());
        let renewed = Client { graces, ..renewed };
        if !act.rows.renew_client(&renewed, client.generation)? {
            // Read and written in one transaction: nobody can have come between.
            return Err(RegistryError::Damaged(format!("client {} changed under us", client.id)));
        }
        act.rows.put_reply(&Reply {
            request: self.request,
            at_s: self.now_s,
            client: client.id,
            generation,
            id: issued.id(),
            expires_s: issued.expires_s(),
            token: issued.token().into(),
        })?;
        let detail = json!({ "generation": generation });
        act.note("client", act_name, client.id, &detail)?;
        Ok(Some(Ok((client.id, generation, issued))))
    }

    /// Two hold the key, or a device was set back.
    fn clone_alarm(&self, act: &mut Act<'_>, client: &Client) -> Result<Answer, RegistryError> {
        act.rows.count_client(client.id, client.graces, client.alarms.saturating_add(1))?;
        let detail = json!({
            "generation": self.token.generation, "current": client.generation,
            "renewed_at": client.issued_s,
        });
        act.note("client", "clone alarm", client.id, &detail)?;
        if self.terms.on_clone == OnClone::Withdraw {
            act.rows.set_client_state(client.id, ClientState::Withdrawn)?;
            act.withdraw(&Mark {
                kind: Kind::Client,
                scope: self.site.0.to_vec(),
                subject: client.id.0.to_vec(),
                before_s: None,
                expires_s: Some(self.now_s + crate::withdrawal::GONE_S),
                note: CLONE.into(),
            })?;
        }
        Ok(Some(Err(EnrolmentReason::GenerationOver.into())))
    }
}

impl Client {
    /// The same client with another token.
    pub(crate) fn with_token(
        &self,
        issued: &Issued,
        generation: u32,
        now_s: i64,
        kid: &str,
    ) -> Self {
        Self {
            generation,
            token: issued.id(),
            issued_s: now_s,
            expires_s: issued.expires_s(),
            kid: kid.into(),
            ..self.clone()
        }
    }
}
