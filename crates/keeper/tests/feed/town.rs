//! A site with clients, a tenant beside it, and a gate that hears the site's feed.

use std::fs;
use std::sync::LazyLock;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid, Peer, Reason};
use tollgate_keeper::Keeper;
use tollgate_site::feed::Effect;
use tollgate_site::{Authority, ClientRequest, Confirmation, Provenance};

use super::registry::Registry;
use super::world::{A, START, World, config, entra, reason, tenant, token, with_peer};

pub(crate) const SITE: Guid = Guid([0x51; 16]);
pub(crate) const EPOCH: [u8; 16] = [0xe1; 16];
pub(crate) const BULK: Guid = Guid([0xb0; 16]);

/// The one device behind all clients: what tells them apart is their tokens.
static PEER: LazyLock<Peer> = LazyLock::new(|| {
    let key = KeyPair::generate().unwrap();
    let der = CertificateParams::default().self_signed(&key).unwrap().der().to_vec();
    Peer::new([der.as_slice()]).unwrap()
});

pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    user: String,
    pub(crate) authority: Authority,
}

/// What gates of the town are told of feeds, unless a test says otherwise: in its first table.
pub(crate) const FEED: &str = "[feed]\npoll = \"1s\"\nmax_staleness = \"30s\"\n";

pub(crate) fn client(number: u32) -> Guid {
    let mut id = [0xc1; 16];
    id[12..].copy_from_slice(&number.to_be_bytes());
    Guid(id)
}

impl Town {
    pub(crate) fn new() -> Self {
        let world = World::new();
        let tenant = tenant(A);
        world.write("a.json", &tenant.jwks().to_string());
        let data = world.path("site");
        let authority = Authority::init(&data, SITE, Algorithm::Es256, START.unix_s).unwrap();
        fs::copy(authority.public_keys_file(), world.path("site-keys.json")).unwrap();
        world.date("site-keys.json", 100);
        let user = token(&tenant, 1);
        Self { world, tenant, user, authority }
    }

    pub(crate) fn registry(&self) -> Registry {
        Registry::new(&self.world.path("registry.db"), EPOCH)
    }

    /// The configuration: `source` is a line of the site's section.
    pub(crate) fn toml(&self, feed: &str, source: &str) -> String {
        let site = format!("[[site]]\nid = \"{SITE}\"\nkeys_file = \"site-keys.json\"\n{source}\n");
        let text = config(&[entra(A, "a.json"), site]);
        text.replace("feed = \"none\"\n", feed)
    }

    pub(crate) fn open(&self, feed: &str, source: &str) -> Keeper {
        self.world.write("tollgate.toml", &self.toml(feed, source));
        self.world.open()
    }

    pub(crate) fn open_with_registry(&self) -> Keeper {
        self.open(FEED, "registry = \"registry.db\"")
    }

    /// A client's token, issued when all began.
    pub(crate) fn token_of(&self, number: u32, provenance: Provenance) -> String {
        let key = Confirmation::Key(PEER.key_thumbprint().unwrap());
        let request = ClientRequest::first(client(number), provenance, key);
        self.authority.sign_client(&request, START.unix_s).unwrap().token().into()
    }

    pub(crate) fn token(&self, number: u32) -> String {
        self.token_of(number, Provenance::Internal)
    }

    /// Why the client's token is refused; `None` for admitted.
    pub(crate) fn asks(&self, keeper: &Keeper, token: &str) -> Option<Reason> {
        with_peer(keeper, token, Some(&PEER))
    }

    /// Why a user of the tenant is refused.
    pub(crate) fn user(&self, keeper: &Keeper) -> Option<Reason> {
        reason(keeper, &self.user)
    }

    /// Time passes, and the gate looks each second.
    pub(crate) fn seconds(&self, keeper: &Keeper, seconds: u32) {
        for _ in 0..seconds {
            self.world.clock.pass(1);
            keeper.refresh();
        }
    }

    /// Time passes, and nobody looks.
    pub(crate) fn asleep(&self, seconds: u32) {
        self.world.clock.pass(seconds);
    }

    pub(crate) fn age(&self, keeper: &Keeper) -> Option<Duration> {
        keeper.feeds()[0].age(keeper.now())
    }
}

pub(crate) const WITHDRAW: Effect = Effect::Withdraw;
pub(crate) const UNDO: Effect = Effect::Undo;
