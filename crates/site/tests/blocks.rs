//! A block does not end before the tokens that it blocks, whatever the terms are by then.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use support::{ADMIN, DAY_S, Device, Made, NOW_S, site_with, why};
use tollgate::Guid;
use tollgate_site::{Authority, Lapse, NewBulkToken, Order, Target, Terms};

/// The longest life that terms allow.
const YEAR_S: i64 = 366 * DAY_S;

/// The widest skew of a gate: so much longer than its end a token may pass.
const SKEW_S: i64 = 600;

/// A bulk token, a device that it registered, and the device's token.
struct Enrolled {
    bulk: Guid,
    device: Device,
    client: Guid,
    token: String,
}

fn enrolled(made: &Made) -> Enrolled {
    let bulk = made.site.new_bulk_token(&NewBulkToken::default(), ADMIN, NOW_S).unwrap();
    let device = Device::new();
    let grant = device.register(&made.site, bulk.token(), "r", NOW_S).unwrap();
    assert_eq!(grant.issued.expires_s(), NOW_S + YEAR_S);
    let token = grant.issued.token().to_owned();
    Enrolled { bulk: bulk.id(), device, client: grant.client, token }
}

/// Every way to block a client of the site, with what a renewal says of it from then on.
fn blocks(of: &Enrolled) -> [(Target, Order, &'static str); 5] {
    let whole = Order::default();
    let before = Order { issued_before_s: Some(NOW_S + 1), ..Order::default() };
    let cascade = Order { cascade: true, ..Order::default() };
    [
        (Target::Client(of.client), whole, "client_withdrawn"),
        (Target::Client(of.client), before.clone(), "client_withdrawn"),
        (Target::BulkToken(of.bulk), cascade, "client_withdrawn"),
        (Target::BulkToken(of.bulk), before.clone(), "issued_before"),
        (Target::Site, before, "issued_before"),
    ]
}

fn long(lapse: Lapse) -> Terms {
    Terms { client_lifetime_s: YEAR_S, lapse, ..Terms::default() }
}

/// What gates are told.
fn told(site: &Authority) -> Vec<(u8, Vec<u8>)> {
    let rows = site.withdrawals(0, 99).unwrap();
    rows.into_iter().map(|row| (row.kind as u8, row.subject)).collect()
}

#[test]
fn a_block_outlives_a_token_of_longer_terms() {
    for number in 0..5 {
        let made = site_with(long(Lapse::Refuse));
        let of = enrolled(&made);
        // The terms are shortened, and only then it is blocked: its token is as long as it was.
        let terms =
            Terms { client_lifetime_s: DAY_S, renew_after_s: DAY_S / 2, ..Terms::default() };
        let site = Authority::open(&made.data()).unwrap().with_terms(terms).unwrap();
        let (target, order, said) = blocks(&of)[number].clone();
        site.withdraw(std::slice::from_ref(&target), &order, ADMIN, NOW_S + 2).unwrap();
        let before = told(&site);
        assert!(!before.is_empty());
        let stays = |late_s: i64| {
            assert_eq!(site.tend(NOW_S + late_s).unwrap().withdrawals, 0, "{target} {late_s}");
            assert_eq!(told(&site), before, "{target}: a gate that begins after {late_s} s");
        };
        stays(2 * DAY_S);
        stays(YEAR_S - 1);
        let last_s = NOW_S + YEAR_S - 1;
        assert_eq!(why(of.device.renew(&site, &of.token, "n", last_s)), said, "{target}");
        stays(YEAR_S + SKEW_S);
    }
}

#[test]
fn a_block_outlives_the_lapse_that_is_forgiven() {
    let terms = long(Lapse::Readmit(YEAR_S));
    let last_s = NOW_S + 2 * YEAR_S - 1;
    for number in 0..5 {
        let made = site_with(terms.clone());
        let of = enrolled(&made);
        let (target, order, said) = blocks(&of)[number].clone();
        made.site.withdraw(std::slice::from_ref(&target), &order, ADMIN, NOW_S + 2).unwrap();
        assert_eq!(made.site.tend(last_s).unwrap().withdrawals, 0, "{target}");
        assert_eq!(why(of.device.renew(&made.site, &of.token, "n", last_s)), said, "{target}");
    }
    // Nobody blocked this one: it is let in at that very second, and not in the next.
    let made = site_with(terms);
    let of = enrolled(&made);
    assert_eq!(why(of.device.renew(&made.site, &of.token, "n", last_s + 1)), "client_lapsed");
    assert_eq!(of.device.renew(&made.site, &of.token, "n", last_s).unwrap().generation, 2);
}

/// Blocked under terms that forgive nothing; later terms forgive a year.
#[test]
fn a_block_outlives_a_lapse_that_is_forgiven_later() {
    for number in 0..5 {
        let made = site_with(long(Lapse::Refuse));
        let of = enrolled(&made);
        let (target, order, said) = blocks(&of)[number].clone();
        made.site.withdraw(std::slice::from_ref(&target), &order, ADMIN, NOW_S + 2).unwrap();
        let ended_s = NOW_S + YEAR_S;
        made.site.tend(ended_s).unwrap();
        let terms = long(Lapse::Readmit(YEAR_S));
        let site = Authority::open(&made.data()).unwrap().with_terms(terms).unwrap();
        let last_s = ended_s + YEAR_S - 1;
        site.tend(last_s).unwrap();
        assert_eq!(why(of.device.renew(&site, &of.token, "n", last_s)), said, "{target}");
    }
}
