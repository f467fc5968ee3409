use super::*;

const SITE: Guid = Guid([1; 16]);
const TENANT: Guid = Guid([2; 16]);
const CLIENT: Withdrawn = Withdrawn::Client { site: SITE, client: Guid([3; 16]) };

#[test]
fn what_was_issued_later_stays() {
    let mut withdrawals = Withdrawals::default();
    withdrawals.withdraw(CLIENT, Some(100));
    withdrawals.withdraw(CLIENT, Some(50));
    for (issued, is_withdrawn) in [(Some(99), true), (Some(100), false), (None, true)] {
        assert_eq!(withdrawals.holds(CLIENT, issued), is_withdrawn, "{issued:?}");
    }
    withdrawals.withdraw(CLIENT, None);
    assert!(withdrawals.holds(CLIENT, Some(i64::MAX - 1)));
    let user = Withdrawn::User { tenant: SITE, user: Guid([3; 16]) };
    assert!(!withdrawals.holds(user, None), "the same numbers of another kind");
}

#[test]
fn what_is_restored_was_never_withdrawn() {
    let mut withdrawals = Withdrawals::default();
    withdrawals.withdraw(CLIENT, None);
    let other = Withdrawn::Client { site: SITE, client: Guid([4; 16]) };
    assert!(!withdrawals.restore(other));
    assert!(withdrawals.holds(CLIENT, Some(7)));
    assert!(withdrawals.restore(CLIENT));
    assert!(!withdrawals.holds(CLIENT, None));
    assert_eq!(withdrawals, Withdrawals::default());
    // The later of two times counts, but none that was taken back.
    withdrawals.withdraw(CLIENT, Some(50));
    assert!(withdrawals.holds(CLIENT, Some(49)) && !withdrawals.holds(CLIENT, Some(50)));
}

#[test]
fn a_difference_is_found_from_both_sides() {
    let device = Withdrawn::Device { tenant: TENANT, device: Guid([3; 16]) };
    let (mut one, mut other) = (Withdrawals::default(), Withdrawals::default());
    one.withdraw(CLIENT, None);
    other.withdraw(CLIENT, None);
    assert_eq!(one.differing(&other).count(), 0);
    other.withdraw(device, Some(7));
    assert_eq!(one.differing(&other).collect::<Vec<_>>(), [TENANT]);
    assert_eq!(other.differing(&one).collect::<Vec<_>>(), [TENANT]);
    one.withdraw(device, Some(8));
    assert!(one.differing(&other).all(|scope| scope == TENANT));
}

#[test]
fn what_others_say_is_taken_back_by_them_alone() {
    let (mut host, mut feed) = (Withdrawals::default(), Withdrawals::default());
    feed.withdraw(CLIENT, None);
    let both = host.beside([feed.clone()]);
    assert!(both.holds(CLIENT, Some(7)) && !both.is_empty() && host.is_empty());
    assert_eq!((both.len(), both.counts()[0]), (1, ("client", 1)));
    assert!(!host.restore(CLIENT));
    assert!(host.beside([feed.clone()]).holds(CLIENT, Some(7)));
    assert_eq!(host.differing(&both).collect::<Vec<_>>(), [SITE]);
    host.withdraw(CLIENT, Some(5));
    assert!(feed.restore(CLIENT));
    let left = host.beside([feed]);
    assert!(left.holds(CLIENT, Some(4)) && !left.holds(CLIENT, Some(5)));
    let differing: Vec<_> = both.differing(&left).collect();
    assert!(!differing.is_empty() && differing.iter().all(|scope| *scope == SITE), "{differing:?}");
}

#[test]
fn settings_are_no_withdrawals() {
    let device = Device { of: SITE, id: Guid([3; 16]) };
    let mut said = Withdrawals::default();
    for setting in [
        Setting::GatewayDenied(device),
        Setting::GatewayDeniedByDefault(SITE),
        Setting::GatewayAllowed(device),
        Setting::NoUserPolicy(device),
        Setting::NoUserPolicyByDefault(SITE),
        Setting::UserPolicyAllowed(device),
    ] {
        assert!(!said.has(setting));
        said.set(setting);
        assert!(said.has(setting) && !said.holds(CLIENT, None));
    }
    said.withdraw(CLIENT, None);
    let mut taken = Withdrawals::default();
    taken.withdraw(CLIENT, Some(7));
    taken.absorb(&said);
    assert_eq!(taken, said);
    let past = said.without_settings();
    assert_eq!((said.len(), past.len()), (7, 1));
    assert!(past.holds(CLIENT, None) && !past.has(Setting::NoUserPolicy(device)));
    assert!(
        said.unset(Setting::NoUserPolicy(device)) && !said.unset(Setting::NoUserPolicy(device))
    );
    assert_eq!(said.len(), 6);
}

#[test]
fn every_kind_has_a_list_of_its_own() {
    let (one, other) = (Guid([1; 16]), Guid([1; 16]));
    let all = [
        Withdrawn::Client { site: one, client: other },
        Withdrawn::BulkToken { site: one, bulk: other },
        Withdrawn::BulkClients { site: one, bulk: other },
        Withdrawn::Site { site: one },
        Withdrawn::Key { site: one, kid: KeyName(other) },
        Withdrawn::User { tenant: one, user: other },
        Withdrawn::Device { tenant: one, device: other },
        Withdrawn::Tenant { tenant: one },
    ];
    for (at, whom) in all.into_iter().enumerate() {
        let mut withdrawals = Withdrawals::default();
        withdrawals.withdraw(whom, Some(9));
        for other in all {
            assert_eq!(withdrawals.holds(other, Some(8)), whom == other, "{whom:?} {other:?}");
        }
        let counts = withdrawals.counts();
        assert_eq!((counts[at].1, counts.iter().map(|(_, count)| count).sum::<usize>()), (1, 1));
    }
    assert_ne!(KeyName::of("one"), KeyName::of("two"));
}

#[test]
fn of_a_feed_the_last_word_counts() {
    let mut withdrawals = Withdrawals::default();
    for (before, is_withdrawn) in [(None, true), (Some(50), false), (Some(100), true)] {
        withdrawals.replace(CLIENT, before);
        assert_eq!(withdrawals.holds(CLIENT, Some(70)), is_withdrawn, "{before:?}");
    }
    assert_eq!(withdrawals.len(), 1);
}

/// Whoever hands on what others told him says no less than they.
#[test]
fn what_stands_beside_others_is_compared_as_well() {
    let (mut feed, host) = (Withdrawals::default(), Withdrawals::default());
    let mark = CertificateMark::Sha256([7; 32]);
    let before = host.beside([host.beside([feed.clone()])]);
    feed.withdraw(CLIENT, None);
    feed.withdraw(Withdrawn::Certificate(mark), None);
    let after = host.beside([host.beside([feed.clone()])]);
    assert!(after.holds(CLIENT, None) && after.len() == 2);
    assert_eq!(before.differing(&after).collect::<Vec<_>>(), [SITE]);
    assert!(!before.denies_like(&after) && before != after);
    // Nor do those that stood there fall out.
    assert!(after.beside([Withdrawals::default()]).holds(CLIENT, None));
}

#[test]
fn only_what_a_site_issued_ends() {
    let mut said = Withdrawals::default();
    said.withdraw(CLIENT, None);
    said.withdraw(Withdrawn::Site { site: SITE }, Some(9));
    said.withdraw(Withdrawn::Key { site: SITE, kid: KeyName::of("one") }, None);
    let lasting = [
        Withdrawn::User { tenant: TENANT, user: Guid([3; 16]) },
        Withdrawn::Device { tenant: TENANT, device: Guid([3; 16]) },
        Withdrawn::Tenant { tenant: TENANT },
        Withdrawn::Certificate(CertificateMark::Sha256([7; 32])),
    ];
    lasting.into_iter().for_each(|whom| said.withdraw(whom, None));
    let left = said.without_issued();
    assert_eq!((said.len(), left.len()), (7, 4));
    assert!(lasting.into_iter().all(|whom| left.holds(whom, None)) && !left.holds(CLIENT, None));
}
