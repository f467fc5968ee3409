//! What clients, users, tenants and the site itself are told they may.

use std::fs;
use std::time::{Duration, Instant};

use tollgate::policy::{Mode, Network};
use tollgate::{Ask, Guid, Request, Scenario, Verdict};
use tollgate_site::{Authority, Place, Proof, Registered, Registration, Voucher};

use super::{Site, device, until};

#[test]
fn a_setting_of_a_client_is_heard_by_its_name() {
    let site = Site::new();
    let bulk = site.json(&["bulk-token", "new"])["token"].as_str().unwrap().to_owned();
    let peer = device();
    let grant = site.register(&bulk, &peer).unwrap();
    let client = grant.client.to_string();
    let gates = [site.gate("registry.toml", "registry = \"tollgate-data/registry.db\"")];
    let token = grant.issued.token();
    until(&gates, token, &peer, "admit", || {});
    site.good(&["client", "set", &client, "gateway_allowed=false"]);
    until(&gates, token, &peer, "gateway_not_allowed", || {});
    site.good(&["client", "set", "default", "gateway_allowed=false"]);
    site.good(&["client", "set", &client, "gateway_allowed=true"]);
    until(&gates, token, &peer, "admit", || {});
    site.good(&["client", "set", &client, "gateway_allowed=default"]);
    until(&gates, token, &peer, "gateway_not_allowed", || {});
    for (args, said) in [
        (["client", "set", &client, "gateway=1"], "write gateway_allowed=... or user_policy"),
        (["client", "set", &client, "gateway_allowed=maybe"], "write true, false or default"),
        (
            ["client", "set", "default", "user_policy_from_internet=default"],
            "the default of user_policy",
        ),
    ] {
        assert!(site.misuse(&args).contains(said), "{said}");
    }
}

/// The device of a client may come with its tenant's tokens, and is called otherwise there.
#[test]
fn a_setting_of_a_client_is_heard_by_its_tenants_name() {
    let site = Site::new();
    let tenant = tollgate::sample::Tenant::new(Guid([0x77; 16]), tollgate::Algorithm::Rs256);
    fs::write(site.path("entra.json"), tenant.jwks().to_string()).unwrap();
    let entra = format!(
        "registry = \"tollgate-data/registry.db\"\n[[entra]]\ntenant = \"{}\"\n\
         audiences = [\"{}\"]\njwks_file = \"entra.json\"",
        tenant.id,
        tollgate::sample::AUDIENCE
    );
    let gate = site.gate("entra.toml", &entra);
    let claims = tenant.user_claims(1, tollgate_keeper::now().unix_s);
    let token = tenant.sign(&claims);
    let asks = |scenario| {
        gate.refresh();
        let ask = Ask { endpoint: "internet", scenario, windows: None, source: None };
        match gate.gate().check(&Request::token(token.as_bytes()), &ask, gate.now()) {
            Verdict::Admit(_) => "admit",
            Verdict::Refuse(refusal) => refusal.reason.name(),
        }
    };
    let until = |scenario, expected: &str| {
        let start = Instant::now();
        while asks(scenario) != expected {
            let late = start.elapsed() > Duration::from_secs(60);
            assert!(!late, "{} instead of {expected}", asks(scenario));
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until(Scenario::User, "admit");
    let client = Guid([0xc1; 16]).to_string();
    let device = claims["deviceid"].as_str().unwrap();
    let csv =
        format!("client_id,tenant_id,device_id,join\n{client},{},{device},cloud\n", tenant.id);
    fs::write(site.path("d.csv"), csv).unwrap();
    site.good(&["device", "import", "d.csv"]);
    site.good(&["client", "set", &client, "user_policy_from_internet=false"]);
    until(Scenario::User, "user_policy_not_allowed");
    assert_eq!(asks(Scenario::Device), "admit", "the device's own policy is another thing");
    site.good(&["client", "set", &client, "user_policy_from_internet=default"]);
    until(Scenario::User, "admit");
    site.good(&["client", "set", "default", "user_policy_from_internet=false"]);
    until(Scenario::User, "user_policy_not_allowed");
    assert_eq!(asks(Scenario::Device), "admit");
    site.good(&["client", "set", &client, "user_policy_from_internet=true"]);
    until(Scenario::User, "admit");
    site.good(&["client", "set", "default", "gateway_allowed=false"]);
    until(Scenario::Device, "gateway_not_allowed");
    site.good(&["client", "set", &client, "gateway_allowed=true"]);
    until(Scenario::Device, "admit");
}

/// A GUID that was written wrong is taken, since a gate may know it, and said to be nobody's.
#[test]
fn a_client_that_nobody_has_seen_is_said_to_be_unknown() {
    let site = Site::new();
    let nobody = Guid([0x5e; 16]).to_string();
    let unseen = format!("This site has never seen client {nobody}");
    let setting = ["client", "set", &nobody, "gateway_allowed=false"];
    assert!(site.good(&setting).contains("This site has never seen that client"));
    let would = site.good(&["withdraw", "client", &nobody, "--dry-run"]);
    assert!(would.contains(&unseen), "{would}");
    let did = site.good(&["withdraw", "client", &nobody]);
    assert!(did.starts_with("withdrew 1") && did.contains(&unseen), "{did}");
    let other = Guid([0x5f; 16]).to_string();
    let both = site.json(&["withdraw", "client", &other, &nobody]);
    assert_eq!((&both["unknown"], &both["first_unknown"]), (&2.into(), &other.as_str().into()));
    let both = site.good(&["block", "client", &other, &nobody]);
    assert!(both.contains(&format!("never seen 2 of these clients, {other} the first")), "{both}");
    // One that registered, and one that an import named.
    let bulk = site.json(&["bulk-token", "new"])["token"].as_str().unwrap().to_owned();
    let registered = site.register(&bulk, &device()).unwrap().client.to_string();
    let csv = format!("client_id,tenant_id,device_id\n{other},{nobody},{nobody}\n");
    fs::write(site.path("d.csv"), csv).unwrap();
    site.good(&["device", "import", "d.csv"]);
    for known in [registered, other] {
        let set = site.good(&["client", "set", &known, "gateway_allowed=false"]);
        let did = site.good(&["withdraw", "client", &known]);
        assert!(!set.contains("never seen") && !did.contains("never seen"), "{set}{did}");
    }
}

#[test]
fn bulk_tokens_are_listed_in_pages() {
    let site = Site::new();
    let made: Vec<_> = (0..3)
        .map(|_| site.json(&["bulk-token", "new"])["id"].as_str().unwrap().to_owned())
        .collect();
    let list = |args: &[&str]| site.json(&[&["bulk-token", "list"], args].concat());
    let ids = |page: &serde_json::Value| {
        let rows = page["bulk_tokens"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = list(&["--limit", "2"]);
    assert_eq!(ids(&first), [made[2].clone(), made[1].clone()]);
    assert_eq!(first["next_after"], *made[1]);
    let last = list(&["--limit", "2", "--after", &made[1]]);
    assert_eq!(
        (ids(&last), &last["next_after"]),
        (vec![made[0].clone()], &serde_json::Value::Null)
    );
    for all in [list(&[]), list(&["--limit", "0"])] {
        assert_eq!((ids(&all).len(), all["next_after"].is_null()), (3, true));
    }
    let text = site.good(&["bulk-token", "list", "--limit", "2"]);
    let more = format!("... more: --after {}, or --limit 0 for all\n", made[1]);
    assert!(text.lines().count() == 3 && text.ends_with(&more), "{text}");
    let nobody = Guid([0x5e; 16]).to_string();
    let said = site.misuse(&["bulk-token", "list", "--after", &nobody]);
    assert!(said.contains(&format!("there is no bulk token {nobody}")), "{said}");
}

#[test]
fn people_come_by_file_and_tenants_without_any_are_named() {
    let site = Site::new();
    let (full, empty) =
        ("9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b", "11111111-2222-4333-8444-555555555555");
    let user = "00000000-0000-0000-0000-00000000000a";
    fs::write(site.path("u.csv"), format!("tenant_id,object_id,enabled\n{full},{user},true\n"))
        .unwrap();
    let device = format!("client_id,tenant_id,device_id,join\n{user},{full},{user},cloud\n");
    fs::write(site.path("d.csv"), device).unwrap();
    let imported = site.json(&["user", "import", "u.csv"]);
    assert_eq!(imported["rows"], 1);
    site.good(&["device", "import", "d.csv"]);
    assert!(site.good(&["user", "list"]).starts_with(&format!("{full}/{user}  enabled")));
    assert!(site.good(&["device", "list"]).contains(&format!("{full}/{user}  cloud")));
    // The configuration knows another tenant, of which nobody knows anybody; the imports feed the gate's lists.
    let keys = tollgate::sample::Tenant::new(Guid([1; 16]), tollgate::Algorithm::Rs256).jwks();
    fs::write(site.path("k.json"), keys.to_string()).unwrap();
    let entra = |tenant: &str, lists: &str| {
        format!(
            "[[entra]]\ntenant = \"{tenant}\"\naudiences = [\"x\"]\njwks_file = \"k.json\"\n{lists}"
        )
    };
    let lists = "users_file = \"tollgate-data/users.csv\"\ndiscovered_users_only = true\n\
                 devices_file = \"tollgate-data/devices.csv\"\njoin_required = \"imported\"\n";
    let endpoint = "[[endpoint]]\nname = \"internet\"\nmethods = [\"entra\"]\n";
    let text = format!("{endpoint}{}{}", entra(full, lists), entra(empty, ""));
    fs::write(site.path("tollgate.toml"), text).unwrap();
    assert!(site.good(&["config", "check"]).contains("good, warnings: 0"));
    let tenants = site.good(&["tenant", "list"]);
    assert!(
        tenants.contains(&format!("{full}  enabled  1 users, 1 devices, never seen\n")),
        "{tenants}"
    );
    let warned =
        format!("{empty}  enabled  0 users, 0 devices, never seen  WARNING: enabled, and neither");
    assert!(tenants.contains(&warned), "{tenants}");
    fs::write(site.path("bad.csv"), "tenant_id,object_id\nx,y\n").unwrap();
    assert!(
        site.misuse(&["user", "import", "bad.csv"])
            .contains("bad.csv:2: tenant_id \"x\" is not a GUID")
    );
}

#[test]
fn terms_are_the_sites_and_hold_for_every_process() {
    let site = Site::new();
    let usual = site.good(&["site", "set"]);
    assert!(
        usual.starts_with("client_lifetime = 90d\nrenew_after = 30d\nlapse = refuse\n"),
        "{usual}"
    );
    let open = Authority::open(&site.path("tollgate-data")).unwrap();
    let set = site.json(&["site", "set", "client_lifetime=2d", "renew_after=1d", "lapse=7d"]);
    assert_eq!((&set["client_lifetime"], &set["lapse"]), (&"2d".into(), &"7d".into()));
    // One that was open before hears of it, too.
    let bulk = site.json(&["bulk-token", "new"])["token"].as_str().unwrap().to_owned();
    let peer = device();
    let asked = Registration {
        voucher: Voucher::Bulk(&bulk),
        proof: Proof::Connection { peer: &peer, request: "r" },
        endpoint: Place { name: "internet", network: Network::Internet, mode: Mode::Https },
        device_name: "pc7",
    };
    let now_s = tollgate_keeper::now().unix_s;
    let Registered::Granted(grant) = open.register(&asked, now_s).unwrap() else { panic!() };
    let life_s = grant.issued.expires_s() - now_s;
    assert_eq!(life_s, 2 * 86_400, "the terms that hold now");
    for (term, said) in [
        ("renew_after=2d", "renew_after is 172800 s; write 0 to 172799 s"),
        ("client_lifetime=90", "is not a duration; write 30s, 15m, 36h or 90d"),
        ("lifetime=90d", "is no term; they are client_lifetime, renew_after"),
        ("lapse", "write TERM=VALUE"),
    ] {
        assert!(site.misuse(&["site", "set", term]).contains(said), "{term}");
    }
}
