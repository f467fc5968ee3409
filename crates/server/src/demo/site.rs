//! The demo's site: what clients have from it.

use std::path::Path;

use tollgate::{Algorithm, Guid, Peer, random_guid};
use tollgate_site::{Authority, BulkRequest, ClientRequest, Confirmation, Provenance};

use crate::misuse::Misuse;

/// A site and two of its tokens.
pub(super) struct Site {
    pub(super) id: Guid,
    /// A client's token, bound to the key of its certificate.
    pub(super) client: String,
    /// A bulk registration token.
    pub(super) bulk: String,
}

impl Site {
    /// Makes the site in `data`, or takes the one that an earlier demo made there: a site's key is
    /// never written over.
    pub(super) fn new(data: &Path, certificate: &str, now_s: i64) -> Result<Self, Misuse> {
        let site = if data.exists() {
            Authority::open(data).map_err(Misuse::new)?
        } else {
            let id = random_guid().map_err(Misuse::new)?;
            Authority::init(data, id, Algorithm::Es256, now_s).map_err(Misuse::new)?
        };
        let refused = |refusal: tollgate::Refusal| Misuse::new(refusal.to_string());
        let peer = Peer::from_pem(certificate.as_bytes()).map_err(refused)?;
        let certificate = peer.thumbprint();
        let confirmation = match peer.key_thumbprint() {
            Some(key) => Confirmation::Both { key, certificate },
            None => Confirmation::Certificate(certificate),
        };
        let bulk = site.sign_bulk(&BulkRequest::default(), now_s).map_err(Misuse::new)?;
        let client = random_guid().map_err(Misuse::new)?;
        let request = ClientRequest::first(client, Provenance::Bulk(bulk.id()), confirmation);
        let client = site.sign_client(&request, now_s).map_err(Misuse::new)?;
        Ok(Self { id: site.id(), client: client.token().into(), bulk: bulk.token().into() })
    }
}
