//! Revocation lists of a gate that runs: changed, late, broken, older than before.

use std::fs;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SanType, SerialNumber,
};
use time::OffsetDateTime;
use tollgate::policy::{CertificateMark, Withdrawn};
use tollgate::{Peer, Reason, Request};
use tollgate_keeper::{Keeper, Update};

use super::world::{ASK, START, World};

const DAY_S: i64 = 86_400;

/// One CA that issues to clients by itself.
pub(super) struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pub(super) pem: String,
}

fn at(unix_s: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(unix_s).unwrap()
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) =
        (at(START.unix_s - DAY_S), at(START.unix_s + 300 * DAY_S));
    params
}

impl Ca {
    pub(super) fn new(name: &str) -> Self {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub(super) fn client(&self, serial: u64) -> Peer {
        let mut params = params("pc");
        params.serial_number = Some(SerialNumber::from(serial));
        params.subject_alt_names = vec![SanType::DnsName("pc.contoso.com".try_into().unwrap())];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let der = params.signed_by(&KeyPair::generate().unwrap(), &self.issuer).unwrap();
        Peer::new([der.der().as_ref()]).unwrap()
    }

    /// A list with this number, from `begins_s` to `ends_s`, seconds from the beginning of everything.
    pub(super) fn list(
        &self,
        number: u64,
        (begins_s, ends_s): (i64, i64),
        serials: &[u64],
    ) -> String {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: at(START.unix_s),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: at(START.unix_s + begins_s),
            next_update: at(START.unix_s + ends_s),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

pub(super) const GOOD: (i64, i64) = (-100, 10 * DAY_S);

pub(super) fn config(more: &str) -> String {
    format!(
        "[[endpoint]]\nname = \"gate\"\nmethods = [\"pki\"]\n\
         [[pki]]\nname = \"corp\"\nanchors = \"ca.pem\"\nrevocation = \"required\"\n{more}\n"
    )
}

pub(super) fn world(ca: &Ca, more: &str) -> World {
    let world = World::new();
    world.write("ca.pem", &ca.pem);
    world.write("tollgate.toml", &config(more));
    world
}

pub(super) fn reason(keeper: &Keeper, peer: &Peer) -> Option<Reason> {
    let request = Request::empty().with_peer(Some(peer));
    let ask = tollgate::Ask { endpoint: "gate", ..ASK };
    let verdict = keeper.gate().check(&request, &ask, keeper.now());
    let explained = keeper.gate().explain(&request, &ask, keeper.now());
    let of = |verdict: &tollgate::Verdict<'_>| match verdict {
        tollgate::Verdict::Admit(_) => None,
        tollgate::Verdict::Refuse(refusal) => Some(refusal.reason),
    };
    assert_eq!(of(&verdict), of(&explained.verdict));
    of(&verdict)
}

pub(super) const REVOKED: Option<Reason> = Some(Reason::CertificateRevoked);
const STALE: Option<Reason> = Some(Reason::CrlStale);

#[test]
fn a_changed_list_holds_on_the_next_check_without_a_signature() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"corp.crl\"");
    world.write("corp.crl", &ca.list(1, GOOD, &[]));
    let (keeper, warnings) = world.try_open().map_err(|errors| errors.to_string()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let peers = [ca.client(1), ca.client(2)];
    let asked = || peers.each_ref().map(|peer| reason(&keeper, peer));
    assert_eq!([asked(), asked()], [[None, None]; 2]);
    assert_eq!(keeper.gate().counters().signature_checks, 2);
    world.write("corp.crl", &ca.list(2, GOOD, &[1]));
    assert!(world.replaced(&keeper).is_empty());
    assert_eq!([asked(), asked()], [[REVOKED, None]; 2]);
    world.write("corp.crl", &ca.list(3, GOOD, &[2]));
    world.replaced(&keeper);
    assert_eq!([asked(), asked()], [[None, REVOKED]; 2]);
    let counters = keeper.gate().counters();
    assert_eq!(counters.signature_checks, 2, "the paths are proven still");
    assert!(counters.rejudged > 0, "{counters:?}");
    world.unchanged(&keeper);
}

/// What a half-written, missing or foreign file does to a gate that runs: nothing, and it is said.
#[test]
fn what_cannot_be_used_leaves_the_list_that_was_there() {
    let (ca, namesake) = (Ca::new("Corp"), Ca::new("Corp"));
    let world = world(&ca, "crls = \"corp.crl\"");
    let good = ca.list(5, GOOD, &[1]);
    world.write("corp.crl", &good);
    let keeper = world.open();
    let (revoked, clean) = (ca.client(1), ca.client(2));
    let foreign = namesake.list(9, GOOD, &[]);
    let cut = &good[..good.len() / 2];
    for (text, said) in [
        (cut, "was the file cut?"),
        ("", "there is no revocation list in it"),
        (foreign.as_str(), "its signature is of no key of a CA with its issuer's name"),
        (&ca.pem, "something else"),
    ] {
        world.write("corp.crl", text);
        let warnings = world.replaced(&keeper);
        let is_said = |warning: &String| {
            warning.contains(said) && warning.ends_with("the one that was read before goes on")
        };
        assert!(warnings.iter().any(is_said) || said == "something else", "{said}: {warnings:?}");
        assert!(warnings[0].contains("tollgate.toml:8: pki[0].crls: "), "{warnings:?}");
        assert_eq!([reason(&keeper, &revoked), reason(&keeper, &clean)], [REVOKED, None], "{said}");
        world.unchanged(&keeper);
    }
    fs::remove_file(world.path("corp.crl")).unwrap();
    let warnings = world.replaced(&keeper);
    assert!(warnings[0].contains("cannot read"), "{warnings:?}");
    assert_eq!([reason(&keeper, &revoked), reason(&keeper, &clean)], [REVOKED, None]);
    // Its end comes all the same.
    world.clock.pass(u32::try_from(11 * DAY_S).unwrap());
    assert_eq!([reason(&keeper, &revoked), reason(&keeper, &clean)], [REVOKED, STALE]);
    world.write("corp.crl", &ca.list(6, (10 * DAY_S, 20 * DAY_S), &[]));
    assert!(world.replaced(&keeper).is_empty());
    assert_eq!([reason(&keeper, &revoked), reason(&keeper, &clean)], [None, None]);
}

/// A list that is played back takes nobody's place.
#[test]
fn an_older_list_does_not_come_back() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"corp.crl\"");
    let (old, new) = (ca.list(255, GOOD, &[]), ca.list(256, GOOD, &[1]));
    world.write("corp.crl", &new);
    let keeper = world.open();
    let peer = ca.client(1);
    assert_eq!(reason(&keeper, &peer), REVOKED);
    for _ in 0..3 {
        world.write("corp.crl", &old);
        let warnings = world.replaced(&keeper);
        assert!(warnings[0].contains("number ff is older than number 100"), "{warnings:?}");
        assert_eq!(reason(&keeper, &peer), REVOKED);
        world.write("corp.crl", &format!("{old}# again\n"));
        world.replaced(&keeper);
        assert_eq!(reason(&keeper, &peer), REVOKED);
    }
    world.write("corp.crl", &ca.list(257, GOOD, &[]));
    assert!(world.replaced(&keeper).is_empty());
    assert_eq!(reason(&keeper, &peer), None);
}

#[test]
fn a_list_is_over_by_either_clock_and_grace_bridges_it() {
    for (more, ends) in
        [("crls = \"corp.crl\"", 101), ("crls = \"corp.crl\"\ncrl_grace = \"1m\"", 161)]
    {
        let ca = Ca::new("Corp");
        let world = world(&ca, more);
        world.write("corp.crl", &ca.list(1, (-100, 100), &[]));
        let keeper = world.open();
        let peer = ca.client(1);
        assert_eq!(reason(&keeper, &peer), None);
        world.clock.pass(ends - 1);
        assert_eq!(reason(&keeper, &peer), None, "{more}");
        // Who sets the calendar back does not make it younger.
        for wall in [0, -50, 50] {
            world.clock.set_wall(wall);
            if wall == 0 {
                world.clock.pass(1);
            }
            assert_eq!(reason(&keeper, &peer), STALE, "{more} {wall}");
        }
        // Read again by a load for something else, it is no younger either.
        world.clock.set_wall(-50);
        world.write("tollgate.toml", &config(&format!("{more}\n# changed")));
        world.replaced(&keeper);
        assert_eq!(reason(&keeper, &peer), STALE, "{more}");
    }
}

#[test]
fn a_list_begins_when_its_time_comes() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"lists\"");
    fs::create_dir(world.path("lists")).unwrap();
    world.write("lists/a.crl", &ca.list(1, GOOD, &[]));
    world.write("lists/b.pem", &ca.list(2, (100, 10 * DAY_S), &[1]));
    world.write("lists/.c.crl", &ca.list(3, GOOD, &[1]));
    world.write("lists/d.crl.part", &ca.list(4, GOOD, &[1]));
    let keeper = world.open();
    let peer = ca.client(1);
    assert_eq!([reason(&keeper, &peer), reason(&keeper, &peer)], [None, None]);
    world.clock.pass(99);
    assert_eq!(reason(&keeper, &peer), None);
    world.clock.pass(1);
    assert_eq!(reason(&keeper, &peer), REVOKED, "before anybody looked at a file");
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &peer), REVOKED);
    world.unchanged(&keeper);
    // A file that comes into the folder, and one that goes.
    world.write("lists/e.der.crl", &ca.list(9, GOOD, &[]));
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &peer), None);
    fs::remove_file(world.path("lists/e.der.crl")).unwrap();
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &peer), REVOKED);
}

#[test]
fn without_a_list_it_is_not_known_and_that_is_said() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"corp.crl\"");
    let (keeper, warnings) = world.try_open().map_err(|errors| errors.to_string()).unwrap();
    let said: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert!(said[0].contains("cannot read"), "{said:?}");
    assert!(said[1].contains("pki[0].revocation: no list can be used"), "{said:?}");
    let peer = ca.client(1);
    assert_eq!(reason(&keeper, &peer), Some(Reason::RevocationUnknown));
    world.write("corp.crl", &ca.list(1, GOOD, &[]));
    assert!(world.replaced(&keeper).is_empty());
    assert_eq!(reason(&keeper, &peer), None);
    let metrics = keeper.metrics();
    for line in [
        "tollgate_crl_lists{authority=\"corp\",issuer=\"CN=Corp\",kind=\"full\"} 1".to_owned(),
        "tollgate_crl_current{authority=\"corp\",issuer=\"CN=Corp\",kind=\"full\"} 1".to_owned(),
        format!(
            "tollgate_crl_next_update_timestamp_seconds{{authority=\"corp\",issuer=\"CN=Corp\",kind=\"full\"}} {}",
            START.unix_s + GOOD.1
        ),
    ] {
        assert!(metrics.contains(&line), "{line}:\n{metrics}");
    }
}

/// By an update of the host, as the feed will tell it.
#[test]
fn a_denied_certificate_is_refused_at_once() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"corp.crl\"");
    world.write("corp.crl", &ca.list(1, GOOD, &[]));
    let keeper = world.open();
    let peer = ca.client(1);
    assert_eq!(reason(&keeper, &peer), None);
    let mark = Withdrawn::Certificate(CertificateMark::Sha256(peer.thumbprint()));
    let mut update = Update::default();
    update.withdraw(mark, None);
    keeper.apply(update).unwrap();
    assert_eq!(reason(&keeper, &peer), Some(Reason::CertificateDenied));
    // It stays when files change.
    world.write("corp.crl", &ca.list(2, GOOD, &[]));
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &peer), Some(Reason::CertificateDenied));
    let mut update = Update::default();
    update.restore(mark);
    keeper.apply(update).unwrap();
    assert_eq!(reason(&keeper, &peer), None);
    assert_eq!(keeper.gate().counters().signature_checks, 1);
}

/// A folder that is renamed for a moment, and a list that comes before its time: neither is an outage.
#[test]
fn what_is_away_or_early_leaves_what_was_there() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"lists\"");
    fs::create_dir(world.path("lists")).unwrap();
    world.write("lists/a.crl", &ca.list(5, GOOD, &[1]));
    let keeper = world.open();
    let (revoked, clean) = (ca.client(1), ca.client(2));
    let asked = || [reason(&keeper, &revoked), reason(&keeper, &clean)];
    assert_eq!(asked(), [REVOKED, None]);
    fs::rename(world.path("lists"), world.path("elsewhere")).unwrap();
    let warnings = world.replaced(&keeper);
    assert!(warnings[0].ends_with("the one that was read before goes on"), "{warnings:?}");
    assert_eq!(asked(), [REVOKED, None]);
    // Rolled back meanwhile.
    world.write("elsewhere/a.crl", &ca.list(4, GOOD, &[]));
    fs::rename(world.path("elsewhere"), world.path("lists")).unwrap();
    world.replaced(&keeper);
    assert_eq!(asked(), [REVOKED, None]);
    world.write("lists/a.crl", &ca.list(6, (500, 10 * DAY_S), &[]));
    world.replaced(&keeper);
    assert_eq!(asked(), [REVOKED, None]);
    world.clock.pass(500);
    assert_eq!(asked(), [None, None]);
}

/// From the host's memory, in place of the files.
#[test]
fn a_host_may_tell_lists() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"corp.crl\"");
    world.write("corp.crl", &ca.list(1, GOOD, &[]));
    let keeper = world.open();
    let peer = ca.client(1);
    let tell = |pki: &str, text: &str| {
        let mut update = Update::default();
        update.crls(pki, text.as_bytes().to_vec());
        keeper.apply(update)
    };
    assert_eq!(reason(&keeper, &peer), None);
    assert!(tell("corp", &ca.list(2, GOOD, &[1])).unwrap().is_empty());
    assert_eq!(reason(&keeper, &peer), REVOKED);
    // The file is not asked any more; what is broken leaves what was told.
    world.write("corp.crl", &ca.list(3, GOOD, &[]));
    world.write("tollgate.toml", &config("crls = \"corp.crl\" # changed"));
    world.replaced(&keeper);
    let warnings = tell("corp", "half a li").unwrap();
    let said = warnings[0].to_string();
    assert!(
        said.contains("update.crls(pki, corp): the lists: there is no revocation list"),
        "{said}"
    );
    assert!(said.ends_with("goes on"), "{said}");
    assert_eq!(reason(&keeper, &peer), REVOKED);
    let wrong = tell("other", "").unwrap_err().to_string();
    assert!(
        wrong.contains("no [[pki]] of this name is configured, or its revocation is"),
        "{wrong}"
    );
}

#[test]
fn of_a_folder_of_lists_the_newest_counts() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = [\"lists\", \"extra.crl\"]");
    fs::create_dir(world.path("lists")).unwrap();
    for number in 1..=40 {
        world.write(&format!("lists/{number}.crl"), &ca.list(number, GOOD, &[number]));
    }
    world.write("extra.crl", &ca.list(7, GOOD, &[]));
    let keeper = world.open();
    assert_eq!(reason(&keeper, &ca.client(40)), REVOKED);
    assert_eq!(reason(&keeper, &ca.client(39)), None);
}
