use super::*;

fn senders(entries: &[&str]) -> Senders {
    Senders::parse(entries).unwrap()
}

fn why(entry: &str) -> String {
    let bad = Senders::parse(["unix", entry, "also bad"]).unwrap_err();
    assert_eq!(bad.entry, entry);
    assert!(bad.to_string().ends_with(&bad.why), "{bad}");
    bad.why
}

fn trusts(senders: &Senders, sender: &str) -> bool {
    senders.trusts(sender.parse().unwrap())
}

#[test]
fn nobody_by_default() {
    for senders in [Senders::default(), senders(&[])] {
        for sender in ["unix", "127.0.0.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1"] {
            assert!(!trusts(&senders, sender), "{sender}");
        }
    }
}

#[test]
fn each_entry_is_what_it_says_and_no_more() {
    for (entry, inside, outside) in [
        ("unix", &["unix"][..], &["127.0.0.1", "::1"][..]),
        ("192.0.2.7", &["192.0.2.7", "::ffff:192.0.2.7"], &["192.0.2.6", "192.0.2.8", "unix"]),
        ("::1", &["::1"], &["::", "::2", "127.0.0.1", "0.0.0.1", "unix"]),
        ("10.0.0.0/8", &["10.0.0.0", "10.255.255.255"], &["9.255.255.255", "11.0.0.0", "::a00:1"]),
        ("10.1.0.0/16", &["10.1.0.0", "10.1.255.255"], &["10.0.255.255", "10.2.0.0"]),
        ("127.0.0.1/32", &["127.0.0.1"], &["127.0.0.0", "127.0.0.2"]),
        ("192.0.2.6/31", &["192.0.2.6", "192.0.2.7"], &["192.0.2.5", "192.0.2.8"]),
        ("128.0.0.0/1", &["128.0.0.0", "255.255.255.255"], &["127.255.255.255", "8000::"]),
        ("2001:db8::/32", &["2001:db8::", "2001:db8:ffff::1"], &["2001:db7::", "2001:db9::"]),
        ("8000::/1", &["8000::", "ffff::"], &["7fff::", "128.0.0.0"]),
        ("::1/128", &["::1"], &["::"]),
        ("fe80::/10", &["fe80::1", "febf::"], &["fec0::", "fe7f::"]),
        ("::ffff:10.0.0.0/104", &["10.1.2.3", "::ffff:10.1.2.3"], &["11.0.0.0"]),
        ("::ffff:192.0.2.7", &["192.0.2.7", "::ffff:c000:207"], &["192.0.2.6", "::192.0.2.7"]),
    ] {
        let senders = senders(&[entry]);
        for sender in inside {
            assert!(trusts(&senders, sender), "{entry}: {sender}");
        }
        for sender in outside {
            assert!(!trusts(&senders, sender), "{entry}: {sender}");
        }
    }
}

#[test]
fn any_of_several_is_enough() {
    let senders = senders(&["unix", "10.0.0.0/8", "::1", "192.0.2.7", "unix"]);
    for sender in ["unix", "10.9.8.7", "::1", "192.0.2.7"] {
        assert!(trusts(&senders, sender), "{sender}");
    }
    assert!(!trusts(&senders, "192.0.2.8"));
}

/// Also where the host made the sender of a socket's address itself.
#[test]
fn a_mapped_address_is_the_one_of_ipv4() {
    let mapped: IpAddr = "::ffff:10.1.2.3".parse().unwrap();
    assert!(mapped.is_ipv6());
    assert!(senders(&["10.0.0.0/8"]).trusts(Sender::Ip(mapped)));
    assert!(!senders(&["8000::/1", "::/1"]).trusts(Sender::Ip(mapped)));
    assert_eq!(Sender::Ip(mapped).to_string(), "10.1.2.3");
    assert_eq!("::ffff:10.1.2.3".parse(), Ok(Sender::Ip("10.1.2.3".parse().unwrap())));
}

#[test]
fn bits_behind_the_prefix_are_named_with_what_to_write() {
    for (entry, network, address) in [
        ("10.1.2.3/8", "10.0.0.0/8", "10.1.2.3"),
        ("192.0.2.7/31", "192.0.2.6/31", "192.0.2.7"),
        ("255.255.255.255/1", "128.0.0.0/1", "255.255.255.255"),
        ("2001:db8::1/32", "2001:db8::/32", "2001:db8::1"),
        ("::1/1", "::/1", "::1"),
        ("::ffff:10.1.2.3/104", "10.0.0.0/8", "10.1.2.3"),
    ] {
        let why = why(entry);
        let named = format!("write {network} for the network, or {address} for that address");
        assert!(why.contains(&named), "{entry}: {why}");
        // What it says to write is right.
        let (network, alone) = (senders(&[network]), senders(&[address]));
        assert!(trusts(&network, address) && trusts(&alone, address), "{entry}");
    }
}

#[test]
fn prefixes_have_bounds() {
    for (entry, part) in [
        ("10.0.0.0/33", "1 to 32"),
        ("10.0.0.0/256", "1 to 32"),
        ("10.0.0.0/4294967304", "1 to 32"),
        ("10.0.0.0/08", "1 to 32"),
        ("10.0.0.0/+8", "1 to 32"),
        ("10.0.0.0/-8", "1 to 32"),
        ("10.0.0.0/", "1 to 32"),
        ("10.0.0.0/ 8", "1 to 32"),
        ("10.0.0.0/8 ", "1 to 32"),
        ("10.0.0.0/8/8", "1 to 32"),
        ("10.0.0.0/255.0.0.0", "1 to 32"),
        ("2001:db8::/129", "1 to 128"),
        ("::1/x", "1 to 128"),
        ("0.0.0.0/0", "every address"),
        ("10.0.0.0/0", "every address"),
        ("::/0", "every address"),
        ("::ffff:0.0.0.0/96", "every address"),
        ("::ffff:10.0.0.0/95", "wider than IPv4; write 10.0.0.0"),
        ("::ffff:10.0.0.0/0", "wider than IPv4; write 10.0.0.0"),
        ("::ffff:10.0.0.0/129", "1 to 128"),
    ] {
        let why = why(entry);
        assert!(why.contains(part), "{entry}: {why}");
    }
}

#[test]
fn what_is_no_sender() {
    for entry in [
        "",
        " ",
        "Unix",
        "UNIX",
        " unix",
        "unix ",
        "unix:/run/x.sock",
        "unix/8",
        "localhost",
        "proxy.example.org",
        "*",
        "10.*",
        "10.0.0",
        "10.0.0.0-10.0.0.9",
        "10.0.0.1:80",
        "010.0.0.1",
        "0x0a.0.0.1",
        "167772161",
        " 10.0.0.1",
        "10.0.0.1 ",
        "10.0.0.1\n",
        "10.0.0.1\0",
        "[::1]",
        "::1%lo",
        "fe80::1%eth0/64",
        "/8",
        "::ffff:",
        "\u{ff11}0.0.0.1",
    ] {
        assert!(why(entry).contains("unix"), "{entry}");
        assert!(entry.parse::<Sender>().is_err(), "{entry}");
    }
    let network = "10.0.0.0/8".parse::<Sender>().unwrap_err();
    assert_eq!(network.to_string(), "\"10.0.0.0/8\": it is not \"unix\" or an address");
}

#[test]
fn a_sender_is_written_as_it_is_read() {
    for text in ["unix", "10.1.2.3", "::1", "2001:db8::1"] {
        assert_eq!(text.parse::<Sender>().unwrap().to_string(), text);
    }
    assert_eq!("2001:DB8:0::1".parse::<Sender>().unwrap().to_string(), "2001:db8::1");
}

/// Every prefix of both families: first and last address are inside, their neighbours are not.
#[test]
fn every_prefix_ends_where_it_says() {
    for (base, width) in [(0x0a00_0000_u128, 32), (0x2001_0db8_u128 << 96, 128)] {
        for prefix in 1..=width {
            let size = 1_u128 << (width - prefix);
            let first = base & !(size - 1);
            let entry = format!("{}/{prefix}", written_as(first, width));
            let senders = senders(&[&entry]);
            let inside = |bits| senders.trusts(Sender::Ip(written_as(bits, width)));
            assert!(inside(first) && inside(first + (size - 1)), "{entry}");
            let most = if width == 32 { u128::from(u32::MAX) } else { u128::MAX };
            assert!(first == 0 || !inside(first - 1), "{entry}");
            assert!(first + (size - 1) == most || !inside(first + size), "{entry}");
        }
    }
}
