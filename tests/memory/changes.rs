//! What an administrator may do to the world between two checks.

use std::collections::HashSet;

use tollgate::cert::Depth;
use tollgate::oidc::Form;
use tollgate::pki::PrincipalName;
use tollgate::policy::{
    CertificateMark, Denied, Device, KeyName, Network, Setting, WindowsRule, Withdrawn,
};
use tollgate::sample;
use tollgate::site::Format;
use tollgate::{Kind, Method};

use super::chains::{CHAINS, ISSUING, PLANT_SUB, RENEWED, ROOT};
use super::rng::Rng;
use super::tokens::{BULK, client_id, device_id};
use super::world::{
    A, CONFIGMGR, IssuerEntry, KeyEntries, KeyEntry, NOW, OTHER_AUDIENCE, SITE, SITES, SPARE_ED,
    SPARE_HS, STRICT, TENANTS, World, late, names, oidc,
};

/// A change and its name. It may do nothing where the world has moved away from under it.
pub(crate) type Change = (&'static str, fn(&mut World, &mut Rng));

/// Of one of the leaves; seldom of a CA, which would hide what else changes.
fn mark(rng: &mut Rng) -> CertificateMark {
    let leaves = CHAINS.marks.len() - CHAINS.authorities.len();
    let at = match rng.one_in(4) {
        true => leaves + rng.below(CHAINS.authorities.len()),
        false => rng.below(leaves),
    };
    let of_one = CHAINS.marks[at];
    rng.pick(&of_one)
}

fn of_tenant(world: &mut World, change: impl FnOnce(&mut IssuerEntry)) {
    if let Some(tenant) = world.tenant(0) {
        change(tenant);
    }
}

fn of_issuer(world: &mut World, name: &str, change: impl FnOnce(&mut IssuerEntry)) {
    if let Some(issuer) = world.issuer(name) {
        change(issuer);
    }
}

fn of_first_key(world: &mut World, change: impl FnOnce(&mut KeyEntry)) {
    of_tenant(world, |tenant| change(&mut tenant.keys.keys[0]));
}

fn of_keys(world: &mut World, change: impl FnOnce(&mut Vec<KeyEntry>)) {
    of_tenant(world, |tenant| change(&mut tenant.keys.keys));
}

/// Of any tenant, issuer or site.
fn of_any_keys(world: &mut World, rng: &mut Rng, change: impl FnOnce(&mut KeyEntries)) {
    let issuers = world.issuers.len();
    match rng.below(issuers + world.sites.len()) {
        at if at < issuers => change(&mut world.issuers[at].keys),
        at => change(&mut world.sites[at - issuers].keys),
    }
}

pub(crate) const OF_KEYS: &[Change] = &[
    ("a key is removed", |world, rng| {
        of_any_keys(world, rng, |keys| {
            if keys.keys.len() > 1 {
                keys.keys.remove(0);
            }
        });
    }),
    ("keys are put back", |world, _| {
        of_tenant(world, |tenant| tenant.keys = KeyEntries::two(A));
    }),
    ("a key is replaced under its name", |world, rng| {
        of_first_key(world, |key| key.key = rng.pick(&[SPARE_HS, A[1], A[0]]));
    }),
    ("a key is renamed", |world, rng| {
        of_first_key(world, |key| key.kid = Some(rng.pick(&["three", "one"])));
    }),
    ("names are exchanged", |world, _| {
        of_keys(world, |keys| {
            if let [one, two, ..] = keys.as_mut_slice() {
                core::mem::swap(&mut one.kid, &mut two.kid);
            }
        });
    }),
    ("a key gets a second name", |world, _| {
        of_keys(world, |keys| keys.push(KeyEntry::named(A[0], "three")));
    }),
    ("a name is given to a second key", |world, rng| {
        of_keys(world, |keys| keys.push(KeyEntry::named(rng.pick(&[SPARE_HS, SPARE_ED]), "one")));
    }),
    ("a key gets a thumbprint", |world, _| of_first_key(world, |key| key.x5t = Some("foo"))),
    ("another key has a thumbprint", |world, rng| {
        let x5t = rng.pick(&[("foo", None), ("baz", Some("bar"))]);
        of_keys(world, |keys| {
            let named = KeyEntry::named(SPARE_HS, "four");
            keys.push(KeyEntry { x5t: Some(x5t.0), x5t_s256: x5t.1, ..named });
        });
    }),
    ("a key is bound to an issuer", |world, rng| {
        let issuer = rng.pick(&[
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com/02020202-0202-0202-0202-020202020202/v2.0",
        ]);
        of_first_key(world, |key| key.issuer = Some(issuer));
    }),
    ("a second key without a name's help", |world, rng| {
        let key = rng.pick(&[SPARE_HS, SPARE_ED]);
        let named = KeyEntry { kid: None, ..KeyEntry::named(key, "") };
        of_issuer(world, "nameless", |issuer| issuer.keys.keys.push(named));
    }),
    ("keys go stale", |world, rng| {
        let until_ms = NOW.mono_ms + rng.pick(&[0, 5_000]);
        of_any_keys(world, rng, |keys| keys.until_ms = until_ms);
    }),
    ("keys are fresh again", |world, _| {
        let issuers = world.issuers.iter_mut().map(|issuer| &mut issuer.keys);
        let keys = issuers.chain(world.sites.iter_mut().map(|site| &mut site.keys));
        keys.for_each(|keys| keys.until_ms = u64::MAX);
    }),
];

pub(crate) const OF_ISSUERS: &[Change] = &[
    ("a tenant is disabled", |world, _| of_tenant(world, |it| it.enabled = !it.enabled)),
    ("an issuer is removed", |world, rng| {
        let at = rng.below(world.issuers.len());
        if world.issuers.len() > 2 {
            world.issuers.remove(at);
        }
    }),
    ("an issuer is added again", |world, rng| {
        let is = |one: &IssuerEntry, other: &IssuerEntry| {
            one.name == other.name || one.issuer_text() == other.issuer_text()
        };
        let missing = |issuer: &IssuerEntry| !world.issuers.iter().any(|it| is(it, issuer));
        let missing: Vec<_> = World::new().issuers.into_iter().filter(missing).collect();
        let at = rng.below(world.issuers.len() + 1);
        world.issuers.splice(at..at, missing);
    }),
    (PLACES, |world, rng| {
        let places = world.issuers.len();
        world.issuers.rotate_left(rng.below(places));
    }),
    ("audiences move", |world, rng| {
        let audiences = rng.pick(&[
            &[sample::AUDIENCE, OTHER_AUDIENCE][..],
            &[OTHER_AUDIENCE],
            &[OTHER_AUDIENCE, sample::AUDIENCE],
            &[sample::AUDIENCE],
        ]);
        let name = rng.pick(&[None, Some("partner")]);
        let name = name.map_or(TENANTS[0].to_string(), str::to_owned);
        of_issuer(world, &name, |it| it.audiences = audiences.to_vec());
    }),
    ("client applications are listed", |world, rng| {
        let apps = rng.pick(&[&["another"][..], &[sample::AUDIENCE], &[]]);
        of_tenant(world, |it| it.client_apps = names(apps));
        let apps = rng.pick(&[&["app"][..], &["others"], &[]]);
        of_issuer(world, "partner", |it| it.client_apps = names(apps));
    }),
    ("users are discovered", |world, rng| {
        let most = rng.below(15) as u64;
        of_tenant(world, |it| it.users = Some((1..=most).map(sample::user).collect()));
    }),
    ("a device is asked for", |world, rng| {
        let most = rng.below(15) as u64;
        let imported: tollgate::policy::Guids = (1..=most).map(device_id).collect();
        let imported = Some(imported).filter(|_| rng.one_in(2));
        of_tenant(world, |it| it.join = Some(imported));
    }),
    ("a type is asked for", |world, rng| {
        let typ = rng.pick(&[Some("at+jwt"), Some("jwt"), None]);
        of_tenant(world, |it| it.typ = typ);
    }),
    ("a subject is read elsewhere", |world, rng| {
        let form = oidc("https://plant.example.org", rng.pick(&["sub", "name"]), Kind::Device);
        of_issuer(world, "plant", |it| it.form = form);
        let form = oidc("https://id.example.org", "machine", Kind::User);
        of_issuer(world, "partner", |it| it.form = form);
    }),
    ("an issuer's tokens prove another kind", |world, _| {
        of_issuer(world, "partner", |it| {
            if let Form::Oidc { kind, .. } = &mut it.form {
                *kind = if *kind == Kind::User { Kind::Device } else { Kind::User };
            }
        });
    }),
    ("an issuer is renamed", |world, _| {
        of_issuer(world, "partner", |it| it.name = "associate".into());
    }),
    ("tokens pass once", |world, _| {
        of_issuer(world, "partner", |it| it.is_once = !it.is_once);
    }),
];

pub(crate) const OF_POLICY: &[Change] = &[
    ("somebody is withdrawn", |world, rng| {
        let (site, tenant) = (SITES[0], TENANTS[0]);
        let number = rng.below(14) as u64 + 1;
        let whom = match rng.below(3) {
            0 => Withdrawn::User { tenant, user: sample::user(number) },
            1 => Withdrawn::Device { tenant, device: device_id(number) },
            _ => Withdrawn::Client { site, client: client_id(rng.below(5) as u8 + 1) },
        };
        world.withdrawals.withdraw(whom, None);
    }),
    ("what was issued before is withdrawn", |world, rng| {
        for number in 1..8 {
            let whom = Withdrawn::User { tenant: TENANTS[0], user: sample::user(number) };
            world.withdrawals.withdraw(whom, Some(NOW.unix_s + rng.pick(&[0, 1])));
        }
        let whom = Withdrawn::Client { site: SITES[0], client: client_id(1) };
        world.withdrawals.withdraw(whom, Some(NOW.unix_s + 1));
    }),
    ("a key of a site is withdrawn", |world, rng| {
        let (site, kid) = (rng.pick(&SITES), KeyName::of(rng.pick(&["one", "two"])));
        let before = rng.pick(&[None, Some(NOW.unix_s), Some(NOW.unix_s + 1)]);
        world.withdrawals.withdraw(Withdrawn::Key { site, kid }, before);
    }),
    ("all that a site issued is withdrawn", |world, rng| {
        let site = rng.pick(&SITES);
        let before = rng.pick(&[None, Some(NOW.unix_s), Some(NOW.unix_s + 1)]);
        world.withdrawals.withdraw(Withdrawn::Site { site }, before);
    }),
    ("the clients of a bulk token are withdrawn", |world, rng| {
        let before = rng.pick(&[None, Some(NOW.unix_s), Some(NOW.unix_s + 1)]);
        world.withdrawals.withdraw(Withdrawn::BulkClients { site: SITES[0], bulk: BULK }, before);
    }),
    ("a tenant is withdrawn", |world, rng| {
        let before = rng.pick(&[None, Some(NOW.unix_s), Some(NOW.unix_s + 1)]);
        world.withdrawals.withdraw(Withdrawn::Tenant { tenant: TENANTS[0] }, before);
    }),
    ("a setting of a device", |world, rng| {
        let kinds = [
            Setting::GatewayDenied,
            Setting::GatewayAllowed,
            Setting::NoUserPolicy,
            Setting::UserPolicyAllowed,
        ];
        let kind = rng.pick(&kinds);
        let of_tenant = (1..=14).map(|number| (TENANTS[0], device_id(number)));
        let of_site = (1..=5).map(|number| (SITES[0], client_id(number)));
        for (of, id) in of_tenant.chain(of_site).filter(|_| rng.one_in(3)) {
            let setting = kind(Device { of, id });
            if !world.withdrawals.unset(setting) {
                world.withdrawals.set(setting);
            }
        }
    }),
    ("a setting of all devices", |world, rng| {
        let of = rng.pick(&[SITES[0], SITES[1], TENANTS[0]]);
        let kinds = [Setting::GatewayDeniedByDefault, Setting::NoUserPolicyByDefault];
        let setting = rng.pick(&kinds)(of);
        if !world.withdrawals.unset(setting) {
            world.withdrawals.set(setting);
        }
    }),
    ("a feed is not heard", |world, rng| {
        world.feed.0 = NOW.mono_ms + rng.pick(&[0, 5_000]);
        let who = [Method::Site, rng.pick(&Method::ALL)];
        world.feed.1 = who[..rng.below(2) + 1].to_vec();
    }),
    ("a feed is heard again", |world, _| world.feed = World::new().feed),
    ("an endpoint is inside", |world, rng| {
        for endpoint in &mut world.endpoints {
            endpoint.network = rng.pick(&[Network::Internet, Network::Internal]);
        }
    }),
    ("a certificate is denied", |world, rng| {
        world.withdrawals.withdraw(Withdrawn::Certificate(mark(rng)), None);
    }),
    ("a certificate is on the configuration's deny list", |world, rng| {
        world.denied = Denied::default();
        world.denied.deny(mark(rng));
    }),
    ("a deny list is emptied", |world, _| world.denied = Denied::default()),
    ("withdrawals are taken back", |world, _| world.withdrawals = World::new().withdrawals),
    ("tokens may be shorter only", |world, rng| {
        world.limits.token_bytes = rng.pick(&[600, 900, 1_100, 1_300, 16_384]);
    }),
    ("tokens may live shorter only", |world, rng| {
        world.limits.token_lifetime_s = rng.pick(&[3_900, 700, 86_399, 86_400]);
    }),
    ("the skew changes", |world, rng| world.skew_s = rng.pick(&[0, 10, 299, 300, 600])),
    ("an endpoint comes", |world, _| {
        if !world.endpoints.iter().any(|endpoint| endpoint.name == late().name) {
            world.endpoints.insert(0, late());
        }
    }),
    ("an endpoint goes", |world, rng| {
        let at = rng.below(world.endpoints.len());
        world.endpoints.remove(at);
        world.endpoints.push(sample::endpoint());
        world.endpoints.dedup_by(|one, other| one.name == other.name);
        let mut seen = HashSet::new();
        world.endpoints.retain(|endpoint| seen.insert(endpoint.name.clone()));
    }),
    ("an endpoint asks for other things", |world, rng| {
        for endpoint in &mut world.endpoints {
            if &*endpoint.name == STRICT {
                endpoint.windows = rng.pick(&[WindowsRule::Ignore, WindowsRule::IfKnown]);
                endpoint.roles = names(rng.pick(&[&["reader"][..], &[]]));
                endpoint.scopes = names(rng.pick(&[&["read"][..], &["access_as_user"], &[]]));
                endpoint.forward_claims = names(rng.pick(&[&["name"][..], &["azp", "oid"], &[]]));
            }
        }
    }),
];

pub(crate) const OF_SITES: &[Change] = &[
    ("a site's key is replaced", |world, rng| {
        for (site, keys) in world.sites.iter_mut().zip([SITE, CONFIGMGR]) {
            site.keys.keys[0].key = rng.pick(&keys);
        }
    }),
    ("a site's tokens have another form", |world, rng| {
        let category = rng.pick(&[None, Some("Other"), Some("Client")]);
        for site in &mut world.sites {
            if let Format::ConfigMgr { client_category } = &mut site.format {
                *client_category = category.map(Into::into);
            }
        }
    }),
    ("a site goes", |world, rng| {
        if !world.sites.is_empty() {
            let at = rng.below(world.sites.len());
            world.sites.remove(at);
        }
    }),
    ("sites come again", |world, _| world.sites = World::new().sites),
];

pub(crate) const OF_PKIS: &[Change] = &[
    ("PKIs change places", |world, rng| {
        let places = world.pkis.len().max(1);
        world.pkis.rotate_left(rng.below(places));
    }),
    ("an intermediate comes", |world, rng| {
        let (at, comes) = rng.pick(&[(0, RENEWED), (1, RENEWED), (2, PLANT_SUB)]);
        if let Some(pki) = world.pkis.get_mut(at) {
            pki.between.insert(0, comes);
        }
    }),
    ("an intermediate goes", |world, rng| {
        let at = rng.below(3);
        if let Some(pki) = world.pkis.get_mut(at) {
            pki.between.retain(|it| *it == RENEWED);
        }
    }),
    ("an anchor goes", |world, rng| {
        let at = rng.below(3);
        if let Some(pki) = world.pkis.get_mut(at) {
            pki.anchors.clear();
        }
    }),
    ("anchors are put back", |world, _| world.pkis = World::new().pkis),
    ("an intermediate is an anchor", |world, rng| {
        let at = rng.below(2);
        if let Some(pki) = world.pkis.get_mut(at) {
            (pki.anchors, pki.between) = (vec![ISSUING, ROOT], Vec::new());
        }
    }),
    ("clients may bring intermediates, or not", |world, rng| {
        let at = rng.below(3);
        if let Some(pki) = world.pkis.get_mut(at) {
            pki.peer_intermediates = !pki.peer_intermediates;
        }
    }),
    ("a PKI selects others", |world, rng| {
        let rules = rng.pick(&[&["SubjectStr:lab"][..], &["Subject:pc2"], &["SubjectStr:b"], &[]]);
        let at = rng.below(3);
        if let Some(pki) = world.pkis.get_mut(at) {
            pki.select = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        }
    }),
    ("a PKI asks for an issuer", |world, rng| {
        let rules = rng.pick(&[&["CN=Contoso Issuing CA"][..], &["CN=Plant Root CA"], &[]]);
        let at = rng.below(3);
        if let Some(pki) = world.pkis.get_mut(at) {
            pki.issuers = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        }
    }),
    ("a PKI asks its revocation lists", |world, rng| {
        let at = rng.below(3);
        let depth = rng.pick(&[Depth::Path, Depth::Leaf, Depth::Leaf]);
        let lists = some_lists(rng);
        if let Some(pki) = world.pkis.get_mut(at) {
            pki.lists = Some((lists, depth));
        }
    }),
    ("a PKI has other revocation lists", |world, rng| {
        for pki in &mut world.pkis {
            if let Some((lists, _)) = &mut pki.lists {
                *lists = some_lists(rng);
            }
        }
    }),
    ("a PKI names by something else", |world, rng| {
        let at = rng.below(3);
        let rule = rng.pick(&[PrincipalName::FirstAlternative, PrincipalName::Subject]);
        if let Some(pki) = world.pkis.get_mut(at) {
            pki.principal = rule;
        }
    }),
    ("a PKI serves another tenant", |world, rng| {
        let at = rng.below(3);
        let tenant = rng.pick(&[None, Some(TENANTS[0]), Some(TENANTS[1])]);
        if let Some(pki) = world.pkis.get_mut(at) {
            pki.tenant = tenant;
        }
    }),
    ("a PKI goes", |world, rng| {
        if world.pkis.len() > 1 {
            let at = rng.below(world.pkis.len());
            world.pkis.remove(at);
        }
    }),
];

/// The one that changes no answer.
pub(crate) const PLACES: &str = "issuers change places";

/// Those that change nothing but who is withdrawn.
pub(crate) const OF_WITHDRAWALS: [&str; 10] = [
    "a key of a site is withdrawn",
    "all that a site issued is withdrawn",
    "the clients of a bulk token are withdrawn",
    "a tenant is withdrawn",
    "a setting of a device",
    "a setting of all devices",
    "somebody is withdrawn",
    "what was issued before is withdrawn",
    "a certificate is denied",
    "withdrawals are taken back",
];

/// All of it at once.
pub(crate) const BACK: Change = ("everything is put back", |world, _| *world = World::new());

/// Changes that do nothing unless another has been made before them.
pub(crate) const UNDO: &[(&str, &str)] = &[
    ("keys are put back", "a key is removed"),
    ("keys are fresh again", "keys go stale"),
    ("an issuer is added again", "an issuer is removed"),
    ("withdrawals are taken back", "somebody is withdrawn"),
    ("a feed is heard again", "a feed is not heard"),
    ("an endpoint is inside", "a setting of all devices"),
    ("everything is put back", "a tenant is disabled"),
    ("a deny list is emptied", "a certificate is on the configuration's deny list"),
    ("sites come again", "a site goes"),
    ("anchors are put back", "an anchor goes"),
    ("a PKI has other revocation lists", "a PKI asks its revocation lists"),
    ("an intermediate is an anchor", "an intermediate goes"),
    ("a PKI asks for an issuer", "anchors are put back"),
];

pub(crate) fn all() -> Vec<Change> {
    [OF_KEYS, OF_ISSUERS, OF_POLICY, OF_SITES, OF_PKIS, &[BACK]].concat()
}

/// Some of all, or some of those that are over or have not begun: of each CA the last two of four.
fn some_lists(rng: &mut Rng) -> Vec<usize> {
    let is_any = rng.one_in(2);
    (0..CHAINS.lists.len()).filter(|at| (is_any || at % 4 > 1) && !rng.one_in(3)).collect()
}
