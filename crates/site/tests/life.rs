//! The life of a device, with time moved: a bulk token, a registration whose reply is lost, renewals, a clone,
//! a lapse, a block, a cascade.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use support::{ADMIN, DAY_S, Device, INTERNAL, INTERNET, NOW_S, granted, site, site_with, why};
use tollgate::Guid;
use tollgate_site::registry::{ClientFilter, ClientState, Kind, Page};
use tollgate_site::{
    Approval, Lapse, NewBulkToken, OnClone, Order, Registered, Target, Terms, Undo, Voucher,
};

#[test]
fn from_the_first_day_to_the_last() {
    let made = site();
    let site = &made.site;
    let bulk = made.bulk_of(&NewBulkToken { max_uses: Some(1), ..NewBulkToken::default() }, NOW_S);
    let device = Device::new();
    let first = device.register(site, &bulk, "r1", NOW_S).unwrap();
    assert_eq!((first.generation, first.issued.expires_s()), (1, NOW_S + 90 * DAY_S));
    let renew_at = first.renew_at_s - NOW_S;
    assert!((30 * DAY_S..31 * DAY_S).contains(&renew_at), "{renew_at}");

    // The reply is lost, and the device asks again: the same request, later by the device's clock.
    let again = device.register(site, &bulk, "r1", NOW_S + 200).unwrap();
    assert_eq!(again.issued.token(), first.issued.token());
    // It forgot that it asked: another request, the same client, and no use was burnt.
    let other = device.register(site, &bulk, "r2", NOW_S + 400).unwrap();
    assert_eq!((other.client, other.generation), (first.client, 1));
    assert_eq!(site.bulk_tokens(support::FIRST).unwrap()[0].uses, 1);
    assert_eq!(why(Device::new().register(site, &bulk, "r1", NOW_S + 500)), "bulk_used_up");
    assert_eq!(why(device.register(site, &bulk, "r3", NOW_S + 4 * DAY_S)), "expired");

    // Day 30.
    let token = other.issued.token();
    let day_30 = NOW_S + 400 + 30 * DAY_S;
    assert_eq!(why(device.renew(site, token, "n1", day_30 - 1)), "renewal_early");
    let second = device.renew(site, token, "n1", day_30).unwrap();
    assert_eq!((second.client, second.generation), (first.client, 2));
    // Its reply is lost too: the same request gets the same reply; another one once, within 15 minutes.
    let same = device.renew(site, token, "n1", day_30 + 100).unwrap();
    assert_eq!(same.issued.token(), second.issued.token());
    let once = device.renew(site, token, "n2", day_30 + 899).unwrap();
    assert_eq!(once.generation, 2);
    assert_ne!(once.issued.token(), second.issued.token());
    assert_eq!(site.client(first.client).unwrap().0.graces, 1);
    assert_eq!(why(device.renew(site, token, "n3", day_30 + 899)), "generation_over");
    assert_eq!(site.client(first.client).unwrap().0.alarms, 1);
    // A device that renewed never registers by a bulk token of before.
    let fresh = made.bulk(day_30 + 900);
    assert_eq!(why(device.register(site, &fresh, "r9", day_30 + 900)), "already_renewed");

    // Day 120: it slept, and its token has ended.
    let ended = day_30 + 899 + 90 * DAY_S;
    assert_eq!(why(device.renew(site, once.issued.token(), "n4", ended)), "client_lapsed");
    // A fresh bulk token lets it in as the client that it was.
    let fresh = made.bulk(ended);
    let back = device.register(site, &fresh, "r1", ended).unwrap();
    assert_eq!((back.client, back.generation), (first.client, 3));
    let used: Vec<_> =
        site.bulk_tokens(support::FIRST).unwrap().iter().map(|token| token.uses).collect();
    assert_eq!(used, [1, 0, 1], "being let in again is a use");
    site.verify_audit().unwrap().unwrap();
}

#[test]
fn a_reply_outlives_its_bulk_token() {
    let made = site();
    let mut wanted = NewBulkToken::default();
    wanted.request.lifetime_minutes = 5;
    let bulk = made.bulk_of(&wanted, NOW_S);
    let device = Device::new();
    let first = device.register(&made.site, &bulk, "r", NOW_S + 299).unwrap();
    let again = device.register(&made.site, &bulk, "r", NOW_S + DAY_S).unwrap();
    assert_eq!(again.issued.token(), first.issued.token());
    assert_eq!(why(device.register(&made.site, &bulk, "other", NOW_S + DAY_S)), "expired");
    assert_eq!(why(Device::new().register(&made.site, &bulk, "r", NOW_S + DAY_S)), "expired");
    assert_eq!(why(device.register(&made.site, &bulk, "r", NOW_S + DAY_S + 299)), "expired");
}

#[test]
fn a_clone_is_noticed_whoever_comes_first() {
    for on_clone in [OnClone::Alarm, OnClone::Withdraw] {
        let made = site_with(Terms { on_clone, ..Terms::default() });
        let site = &made.site;
        let device = Device::new();
        let first = device.register(site, &made.bulk(NOW_S), "r1", NOW_S).unwrap();
        let day_30 = NOW_S + 30 * DAY_S;
        let second = device.renew(site, first.issued.token(), "thief", day_30).unwrap();
        let late = device.renew(site, first.issued.token(), "owner", day_30 + 900);
        assert_eq!(why(late), "generation_over");
        let (client, withdrawn) = site.client(first.client).unwrap();
        assert_eq!(client.alarms, 1);
        assert_eq!(withdrawn.is_some(), on_clone == OnClone::Withdraw);
        let day_60 = day_30 + 30 * DAY_S;
        let next = device.renew(site, second.issued.token(), "n", day_60);
        match on_clone {
            OnClone::Alarm => assert_eq!(next.unwrap().generation, 3),
            OnClone::Withdraw => assert_eq!(why(next), "client_withdrawn"),
        }
    }
}

#[test]
fn a_lapse_may_be_forgiven_for_a_while() {
    let made = site_with(Terms { lapse: Lapse::Readmit(7 * DAY_S), ..Terms::default() });
    let site = &made.site;
    let device = Device::new();
    let first = device.register(site, &made.bulk(NOW_S), "r1", NOW_S).unwrap();
    let ended = NOW_S + 90 * DAY_S;
    let token = first.issued.token();
    assert_eq!(why(device.renew(site, token, "n", ended + 7 * DAY_S)), "client_lapsed");
    assert_eq!(why(Device::new().renew(site, token, "n", ended)), "proof_key");
    assert_eq!(device.renew(site, token, "n", ended + 7 * DAY_S - 1).unwrap().generation, 2);
}

#[test]
fn blocked_is_blocked_until_it_is_undone() {
    let made = site();
    let site = &made.site;
    let bulk = made.bulk(NOW_S);
    let device = Device::new();
    let first = device.register(site, &bulk, "r1", NOW_S).unwrap();
    let target = Target::Client(first.client);
    let order = Order { note: "stolen".into(), ..Order::default() };
    let targets = std::slice::from_ref(&target);
    assert_eq!(site.would_withdraw(targets, &order, NOW_S).unwrap().clients, 1);
    assert_eq!(site.withdraw(targets, &order, ADMIN, NOW_S).unwrap().changed, 1);
    assert_eq!(site.withdraw(targets, &order, ADMIN, NOW_S).unwrap().changed, 0, "it was");
    assert_eq!(why(device.register(site, &bulk, "r1", NOW_S + 1)), "client_withdrawn");
    assert_eq!(why(device.register(site, &bulk, "r2", NOW_S + 1)), "client_withdrawn");
    let day_30 = NOW_S + 30 * DAY_S;
    assert_eq!(why(device.renew(site, first.issued.token(), "n", day_30)), "client_withdrawn");
    assert_eq!(site.withdrawals(0, 10).unwrap()[0].note, "stolen");
    site.undo(&Undo::Target(target), false, ADMIN, day_30).unwrap();
    assert_eq!(device.renew(site, first.issued.token(), "n", day_30).unwrap().generation, 2);
}

#[test]
fn a_cascade_takes_every_client_and_gives_them_back() {
    let made = site();
    let site = &made.site;
    let (bulk, other) = (made.bulk(NOW_S), made.bulk(NOW_S));
    let devices: Vec<_> = (0..5).map(|_| Device::new()).collect();
    let tokens: Vec<_> =
        devices.iter().map(|device| device.register(site, &bulk, "r", NOW_S).unwrap()).collect();
    let bystander = Device::new();
    bystander.register(site, &other, "r", NOW_S).unwrap();
    let id = site.bulk_tokens(support::FIRST).unwrap()[1].id;
    // One of them was thrown out by itself before.
    let order = Order::default();
    site.withdraw(&[Target::Client(tokens[0].client)], &order, ADMIN, NOW_S).unwrap();

    let cascade = Order { cascade: true, ..Order::default() };
    let target = Target::BulkToken(id);
    let would = site.would_withdraw(std::slice::from_ref(&target), &cascade, NOW_S).unwrap();
    let did = site.withdraw(std::slice::from_ref(&target), &cascade, ADMIN, NOW_S).unwrap();
    assert_eq!((would.clients, did.clients), (4, 4));
    assert_eq!(would.changed, did.changed);
    assert_eq!(why(Device::new().register(site, &bulk, "r", NOW_S)), "bulk_withdrawn");
    // The token alone is given back: its clients stay out, and those that it registers from now on are in.
    let alone = site.undo(&Undo::Target(target.clone()), false, ADMIN, NOW_S + 100).unwrap();
    assert_eq!(alone.clients, 0);
    let late = Device::new().register(site, &bulk, "r", NOW_S + 100).unwrap();
    let marks = site.withdrawals(0, 99).unwrap();
    let mark = marks.iter().find(|row| row.kind == Kind::BulkClients).unwrap();
    assert!(!mark.names(NOW_S + 100) && mark.names(NOW_S), "{mark:?} {}", late.client);
    site.withdraw(std::slice::from_ref(&target), &cascade, ADMIN, NOW_S + 200).unwrap();

    let day_30 = NOW_S + 30 * DAY_S;
    for (device, grant) in devices.iter().zip(&tokens) {
        let renewed = device.renew(site, grant.issued.token(), "n", day_30);
        assert_eq!(why(renewed), "client_withdrawn");
    }
    let filter = ClientFilter { state: Some(ClientState::Active), bulk: None };
    assert_eq!(site.count_clients(&filter).unwrap(), 1, "the bystander");

    let undone = site.undo(&Undo::Target(target), true, ADMIN, day_30).unwrap();
    assert_eq!(undone.clients, 5);
    let renewed = devices[1].renew(site, tokens[1].issued.token(), "n", day_30).unwrap();
    assert_eq!(renewed.generation, 2);
    let alone = devices[0].renew(site, tokens[0].issued.token(), "n", day_30);
    assert_eq!(why(alone), "client_withdrawn", "nobody undid that one");
}

#[test]
fn inside_the_network_an_administrator_says_who() {
    let made = site();
    let site = &made.site;
    let device = Device::new();
    let ask = |jti: &str, now_s| {
        let proof = device.proof("register", None, jti, now_s);
        device.ask(site, Voucher::Network, &proof, INTERNAL, now_s)
    };
    let proof = device.proof("register", None, "j", NOW_S);
    let outside = device.ask(site, Voucher::Network, &proof, INTERNET, NOW_S);
    assert_eq!(why(outside), "network_external");
    let Registered::Pending(client) = ask("j", NOW_S).unwrap() else { panic!("approved") };
    let Registered::Pending(same) = ask("k", NOW_S + 9).unwrap() else { panic!("approved") };
    assert_eq!(client, same);
    let waiting = ClientFilter { state: Some(ClientState::Pending), bulk: None };
    let page = Page { after: None, limit: 10 };
    assert_eq!(site.clients(&waiting, page).unwrap()[0].name, "pc7");
    assert!(site.approve(Guid([1; 16]), ADMIN, NOW_S).is_err());
    site.approve(client, ADMIN, NOW_S + 10).unwrap();
    let grant = granted(ask("k", NOW_S + 11).unwrap()).unwrap();
    assert_eq!((grant.client, grant.generation), (client, 1));
    assert!(site.approve(client, ADMIN, NOW_S + 12).is_err(), "it has its token");
    // Once its token has ended it is asked for again.
    let ended = NOW_S + 12 + 90 * DAY_S;
    let Registered::Pending(same) = ask("l", ended).unwrap() else { panic!("let in") };
    assert_eq!(same, client);
    assert_eq!(why(device.renew(site, grant.issued.token(), "n", ended)), "client_lapsed");
    site.approve(client, ADMIN, ended).unwrap();
    let back = granted(ask("l", ended).unwrap()).unwrap();
    assert_eq!((back.client, back.generation), (client, 2));

    let made = site_with(Terms { approval: Approval::All, ..Terms::default() });
    let proof = device.proof("register", None, "j", NOW_S);
    let asked = device.ask(&made.site, Voucher::Network, &proof, INTERNAL, NOW_S).unwrap();
    assert_eq!(granted(asked).unwrap().generation, 1);
}
