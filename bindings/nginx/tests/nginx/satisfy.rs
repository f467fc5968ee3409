//! Beside nginx's other ways to admit: allow and deny, auth_basic, auth_request, `satisfy any` and `all`.

use crate::client::{Answer, bearer, get};
use crate::house::module;
use crate::server::{Site, free_port};
use crate::trust::{Trust, user_id};
use crate::upstream::Upstream;

const BASIC: &str = "Authorization: Basic dXNlcjpwYXNz"; // user:pass

#[test]
fn it_works_beside_the_other_ways_to_admit() {
    let Some(module) = module("satisfy") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let upstream = Upstream::http();
    let (port, back) = (free_port(), upstream.port);
    std::fs::write(site.folder.join("passwords"), "user:{PLAIN}pass\n").expect("writes a file");
    site.configure(
        "",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            auth_basic_user_file {passwords};
            add_header X-Reason $tollgate_reason always;
            add_header X-Id $tollgate_id always;
            server {{
                listen 127.0.0.1:{port};
                proxy_pass_request_body off;
                location /all/ {{
                    satisfy all;
                    location = /all/allowed {{ allow 127.0.0.1; deny all; empty_gif; }}
                    location = /all/denied {{ deny all; empty_gif; }}
                    location = /all/asked {{ auth_request /yes; empty_gif; }}
                    location = /all/asked-no {{ auth_request /no; empty_gif; }}
                    location = /all/basic {{ tollgate_token $arg_t; auth_basic realm; empty_gif; }}
                }}
                location /any/ {{
                    satisfy any;
                    location = /any/allowed {{ allow 127.0.0.1; deny all; proxy_pass http://127.0.0.1:{back}; }}
                    location = /any/denied {{ deny all; proxy_pass http://127.0.0.1:{back}; }}
                    location = /any/basic {{ auth_basic realm; proxy_pass http://127.0.0.1:{back}; }}
                    location = /any/asked {{ auth_request /yes; proxy_pass http://127.0.0.1:{back}; }}
                    location = /any/asked-no {{ auth_request /no; proxy_pass http://127.0.0.1:{back}; }}
                    location = /any/alone {{ proxy_pass http://127.0.0.1:{back}; }}
                }}
                location = /yes {{ internal; proxy_pass http://127.0.0.1:{back}; }}
                location = /no {{ internal; proxy_pass http://127.0.0.1:1; }}
            }}"#,
            passwords = site.path("passwords"),
        ),
    );
    let _nginx = site.start(port);
    let user = bearer(&trust.user(1, 0));
    let ended = bearer(&trust.user(1, 200_000));
    let id = user_id(&trust, 1);
    let ask = |path: &str, headers: &[&str]| {
        let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
        get(&format!("http://127.0.0.1:{port}{path}"), &arguments)
    };
    let judged = |answer: &Answer| answer.header("X-Reason").map(str::to_owned);

    // All: everybody has to agree.
    assert_eq!(ask("/all/allowed", &[&user]).status, 200);
    assert_eq!(ask("/all/allowed", &[]).status, 401);
    assert_eq!(ask("/all/denied", &[&user]).status, 403);
    assert_eq!(ask("/all/asked", &[&user]).status, 200);
    assert_eq!(ask("/all/asked", &[&ended]).status, 401);
    assert_eq!(ask("/all/asked-no", &[&user]).status, 500);
    let token = trust.user(1, 0);
    assert_eq!(ask(&format!("/all/basic?t={token}"), &[BASIC]).status, 200);
    assert_eq!(ask(&format!("/all/basic?t={token}"), &[]).status, 401);
    assert_eq!(ask("/all/basic", &[BASIC]).status, 401);

    // Any: one is enough, and then there is no challenge left.
    let answer = ask("/any/allowed", &[]);
    assert_eq!((answer.status, answer.header("WWW-Authenticate")), (200, None), "{answer:?}");
    assert!(answer.body.contains("X-Tollgate-Id: \r\n"), "said of nobody: {answer:?}");
    let answer = ask("/any/denied", &[&user]);
    assert_eq!((answer.status, judged(&answer).as_deref()), (200, Some("admitted")));
    assert!(answer.body.contains(&format!("X-Tollgate-Id: {id}\r\n")), "{answer:?}");
    let answer = ask("/any/denied", &[&ended]);
    assert_eq!((answer.status, judged(&answer).as_deref()), (401, Some("expired")));
    assert_eq!(answer.headers("WWW-Authenticate").len(), 1, "{answer:?}");

    let answer = ask("/any/basic", &[BASIC]);
    assert_eq!((answer.status, answer.header("WWW-Authenticate")), (200, None), "{answer:?}");
    let answer = ask("/any/basic", &[&user]);
    assert_eq!((answer.status, answer.header("WWW-Authenticate")), (200, None), "{answer:?}");
    assert_eq!(answer.header("X-Id"), Some(id.as_str()));
    // Nobody admits: both say what to bring.
    let answer = ask("/any/basic", &[]);
    let mut challenges = answer.headers("WWW-Authenticate");
    challenges.sort_unstable();
    assert_eq!(challenges, ["Basic realm=\"realm\"", "Bearer realm=\"tollgate\""], "{answer:?}");

    // Refused by us, admitted by auth_request, which comes behind us.
    let answer = ask("/any/asked", &[&ended]);
    assert_eq!((answer.status, judged(&answer).as_deref()), (200, Some("expired")), "{answer:?}");
    assert_eq!(answer.header("WWW-Authenticate"), None, "{answer:?}");
    assert!(answer.body.contains("X-Tollgate-Id: \r\n"), "{answer:?}");
    assert_eq!(ask("/any/asked-no", &[&user]).status, 200);

    // Alone, "any" means us.
    assert_eq!(ask("/any/alone", &[]).status, 401);
    assert_eq!(ask("/any/alone", &[&user]).status, 200);
}

/// Admitted at one endpoint, and let in at another by somebody who did not ask us: there it is nobody.
#[test]
fn who_was_admitted_elsewhere_is_nobody_here() {
    let Some(module) = module("admitted elsewhere") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let upstream = Upstream::http();
    let (port, back) = (free_port(), upstream.port);
    site.configure(
        "",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            add_header X-Id "[$tollgate_id$tollgate_reason$tollgate_claim_name]" always;
            server {{
                listen 127.0.0.1:{port};
                location = /start {{ error_page 404 = @users; }}
                location = /passed {{ proxy_pass http://127.0.0.1:1; error_page 502 = @users; }}
                location = /same {{ proxy_pass http://127.0.0.1:1; error_page 502 = @same; }}
                location @users {{ tollgate users; satisfy any; allow 127.0.0.1; deny all;
                                   proxy_pass http://127.0.0.1:{back}; }}
                location @same {{ satisfy any; allow 127.0.0.1; deny all;
                                  proxy_pass http://127.0.0.1:{back}; }}
            }}"#,
        ),
    );
    let _nginx = site.start(port);
    let device = bearer(&trust.device(2));
    for path in ["/start", "/passed"] {
        let answer = get(&format!("http://127.0.0.1:{port}{path}"), &["-H", &device]);
        assert_eq!((answer.status, answer.header("X-Id")), (200, Some("[]")), "{path}: {answer:?}");
        assert_eq!(answer.body.matches("X-Tollgate-Id: \r\n").count(), 1, "{path}: {answer:?}");
        assert!(!answer.body.contains("X-Tollgate-Claim"), "{path}: {answer:?}");
    }
    // The same endpoint: the verdict is of this location as well.
    let answer = get(&format!("http://127.0.0.1:{port}/same"), &["-H", &device]);
    let id = answer.header("X-Id").unwrap_or_default();
    assert!(id.starts_with("[entra:") && id.contains("admitted"), "{answer:?}");
    assert!(answer.body.contains("X-Tollgate-Id: entra:"), "{answer:?}");
}

/// What we cannot know is 503, and nobody else's refusal hides it; but somebody else may admit.
#[test]
fn undecidable_is_503_unless_somebody_else_admits() {
    let Some(module) = module("satisfy any and 503") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let stale = "jwks_file = \"keys.json\"\njwks_max_age = \"60s\"";
    trust.write_configuration(
        &trust.configuration(false).replace("jwks_file = \"keys.json\"", stale),
    );
    let old = std::fs::File::open(site.folder.join("keys.json")).expect("is there");
    let hour = std::time::Duration::from_secs(3600);
    old.set_modified(std::time::SystemTime::now() - hour).expect("dates it back");
    let port = free_port();
    site.configure(
        "",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            auth_basic_user_file {passwords};
            server {{
                listen 127.0.0.1:{port};
                location = /all {{ empty_gif; }}
                location = /any {{ satisfy any; empty_gif; }}
                location = /any/allowed {{ satisfy any; allow 127.0.0.1; deny all; empty_gif; }}
                location = /any/denied {{ satisfy any; deny all; empty_gif; }}
                location = /any/basic {{ satisfy any; auth_basic realm; empty_gif; }}
                location = /any/asked {{ satisfy any; auth_request /yes; empty_gif; }}
                location = /yes {{ tollgate off; empty_gif; }}
            }}"#,
            passwords = site.path("passwords"),
        ),
    );
    let _nginx = site.start(port);
    let user = bearer(&trust.user(1, 0));
    let ask = |path: &str| get(&format!("http://127.0.0.1:{port}{path}"), &["-H", &user]);
    for path in ["/all", "/any", "/any/denied", "/any/basic"] {
        let answer = ask(path);
        assert_eq!((answer.status, answer.header("Retry-After")), (503, Some("1")), "{path}");
    }
    for path in ["/any/allowed", "/any/asked"] {
        let answer = ask(path);
        assert_eq!((answer.status, answer.header("Retry-After")), (200, None), "{path}");
    }
    assert!(site.errors().contains("keys_stale (6001)"), "{}", site.errors());
}
