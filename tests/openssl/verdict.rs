//! What each certificate is expected to be, what we say, and what `openssl verify` says.

use jiff::Timestamp;
use tollgate::cert::path::{PathFault, Profile, validate};
use tollgate::cert::{BadAnchor, BadCertificate, Certificate, Store};
use tollgate::pki::{Pki, PrincipalName};
use tollgate::policy::PkiRules;
use tollgate::{
    Ask, Gate, Limits, Now, Peer, Policy, Reason, Request, Scenario, Trust, Verdict, sample,
};

use super::workshop::{Workshop, pem, text};

/// The PKI that an administrator configured, and what a client presents, as DER.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) leaf: Vec<u8>,
    pub(crate) intermediates: Vec<Vec<u8>>,
    pub(crate) anchors: Vec<Vec<u8>>,
    /// Seconds since 1970.
    pub(crate) now_s: i64,
    pub(crate) ours: Judged,
    pub(crate) openssl: Openssl,
}

/// What we say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// First and last second of the path.
    Admitted(i64, i64),
    /// The leaf cannot be read.
    Leaf(BadCertificate, Reason),
    /// There is no path.
    Path(PathFault, Reason),
    /// A configured certificate cannot be read: no gate is built, so nothing is ever judged.
    Unreadable(BadCertificate),
    /// A configured anchor cannot be one: no gate is built.
    Anchor(BadAnchor),
}

/// What openssl says: its number (`X509_V_ERR_*`), and why that is not what we say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Openssl {
    /// It admits and refuses as we do.
    Agrees(u16),
    /// It admits what we refuse, or refuses what we admit.
    Differs(u16, &'static str),
}

/// The numbers of openssl/x509_vfy.h.
pub(crate) mod error {
    pub(crate) const OK: u16 = 0;
    pub(crate) const BAD_SIGNATURE: u16 = 7;
    pub(crate) const NOT_YET_VALID: u16 = 9;
    pub(crate) const EXPIRED: u16 = 10;
    pub(crate) const TIME_FORM: u16 = 13;
    pub(crate) const SELF_SIGNED_LEAF: u16 = 18;
    pub(crate) const SELF_SIGNED_ABOVE: u16 = 19;
    pub(crate) const NO_ISSUER: u16 = 20;
    pub(crate) const TOO_LONG: u16 = 25;
    pub(crate) const PURPOSE: u16 = 26;
    pub(crate) const CRITICAL: u16 = 34;
    pub(crate) const PERMITTED: u16 = 47;
    pub(crate) const EXCLUDED: u16 = 48;
    pub(crate) const LEAF_KEY_TOO_SMALL: u16 = 66;
    pub(crate) const CA_KEY_TOO_SMALL: u16 = 67;
    pub(crate) const DIGEST_TOO_WEAK: u16 = 68;
    pub(crate) const NOT_A_CA: u16 = 79;
    pub(crate) const CERT_SIGN_OF_NO_CA: u16 = 82;
    pub(crate) const NO_ISSUER_KEY_ID: u16 = 85;
    pub(crate) const NO_KEY_ID: u16 = 86;
    pub(crate) const CA_WITHOUT_KEY_USAGE: u16 = 92;
    pub(crate) const EXTENSIONS_OF_V3: u16 = 93;
    pub(crate) const EXPLICIT_CURVE: u16 = 94;
    /// It does not read the files, and gives no number.
    pub(crate) const UNREADABLE: u16 = u16::MAX;
}

/// Judges a leaf by what is configured: the one place that knows how tollgate is asked.
pub(crate) fn judge(
    leaf: &[u8],
    intermediates: &[Vec<u8>],
    anchors: &[Vec<u8>],
    now_s: i64,
) -> Judged {
    let read = |list: &[Vec<u8>]| -> Result<Vec<_>, _> {
        list.iter().map(|der| Certificate::from_der(der)).collect()
    };
    let store = match (read(anchors), read(intermediates)) {
        (Ok(anchors), Ok(intermediates)) => Store::new(anchors, intermediates),
        (Err(bad), _) | (_, Err(bad)) => return Judged::Unreadable(bad),
    };
    let store = match store {
        Ok(store) => store,
        Err((_, bad)) => return Judged::Anchor(bad),
    };
    let certificate = Certificate::from_der(leaf);
    let path = certificate.map(|leaf| validate(&leaf, &[], &store, &Profile::GATE, now_s));
    match (path, ask_gate(leaf, store, now_s)) {
        (Err(bad), Err(reason)) => Judged::Leaf(bad, reason),
        (Ok(Ok(path)), Ok(ends)) => {
            assert_eq!(path.window().1, ends, "the gate's expiry is the path's end");
            Judged::Admitted(path.window().0, ends)
        }
        (Ok(Err(fault)), Err(reason)) => Judged::Path(fault, reason),
        (path, gate) => panic!("the path is {path:?}, and the gate says {gate:?}"),
    }
}

/// The whole gate: until when the certificate is admitted, or why not.
fn ask_gate(leaf: &[u8], store: Store, now_s: i64) -> Result<i64, Reason> {
    let pki = Pki {
        name: "openssl".into(),
        store: store.into(),
        peer_intermediates: false,
        principal: PrincipalName::Subject,
        tenant: None,
        crls: None,
    };
    let trust = Trust::new(Vec::new()).unwrap().with_pkis(vec![pki]).unwrap();
    let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], Vec::new());
    let gate = Gate::new(trust, policy.unwrap().with_pkis(vec![PkiRules::default()])).unwrap();
    let peer = Peer::new([leaf]).map_err(|refusal| refusal.reason)?;
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };
    let now = Now { unix_s: now_s, mono_ms: 0 };
    match gate.check(&Request::peer(&peer), &ask, now) {
        Verdict::Admit(admission) => Ok(admission.expires_s()),
        Verdict::Refuse(refusal) => Err(refusal.reason),
    }
}

/// The number of the first error that `openssl verify` names.
///
/// It is asked as strictly as we ask: RFC 5280 to the letter (`-x509_strict`), 112 bits of security
/// for every key and digest (`-auth_level 2`: RSA from 2048, no MD5 and no SHA-1), a client's purpose
/// along the chain. And as freely: any configured anchor ends a chain, self-signed or not
/// (`-partial_chain`), and the machine's own anchors are left out.
pub(crate) fn ask_openssl(workshop: &Workshop, case: &Case) -> u16 {
    let all = |list: &[Vec<u8>]| {
        let pems: String = list.iter().map(|der| pem("CERTIFICATE", der)).collect();
        workshop.file("pem", pems)
    };
    let leaf = workshop.file("pem", pem("CERTIFICATE", &case.leaf));
    let (anchors, intermediates) = (all(&case.anchors), all(&case.intermediates));
    let now = case.now_s.to_string();
    let mut arguments = vec!["verify", "-x509_strict", "-auth_level", "2", "-partial_chain"];
    arguments.extend(["-purpose", "sslclient", "-attime", &now]);
    arguments.extend(["-no-CApath", "-no-CAstore", "-CAfile", text(&anchors)]);
    if !case.intermediates.is_empty() {
        arguments.extend(["-untrusted", text(&intermediates)]);
    }
    arguments.push(text(&leaf));
    let output = workshop.openssl(&arguments);
    if output.status.success() {
        return error::OK;
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let number = words.split_once("error ").and_then(|(_, rest)| rest.split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(error::UNREADABLE)
}

/// The complaints about one case: none, if everybody says what is expected.
pub(crate) fn complaints(workshop: &Workshop, case: &Case) -> Vec<String> {
    let mut complaints = Vec::new();
    let Case { name, leaf, intermediates, anchors, now_s, ours, openssl } = case;
    let judged = judge(leaf, intermediates, anchors, *now_s);
    if judged != *ours {
        complaints.push(format!("{name}: we say {judged:?}, and not {ours:?}"));
    }
    let admitted = matches!(ours, Judged::Admitted(..));
    let (number, agrees) = match openssl {
        Openssl::Agrees(number) => (*number, true),
        Openssl::Differs(number, why) => {
            assert!(!why.is_empty(), "{name}: why does openssl differ?");
            (*number, false)
        }
    };
    let said = ask_openssl(workshop, case);
    if said != number {
        complaints.push(format!("{name}: openssl says {said}, and not {number}"));
    }
    if ((number == error::OK) == admitted) != agrees {
        complaints.push(format!("{name}: the row says of openssl's {number} what is not so"));
    }
    complaints
}

/// Midnight that begins the day, in seconds since 1970; or a time of that day.
pub(crate) fn seconds(day: &str) -> i64 {
    let time = if day.contains('T') { format!("{day}Z") } else { format!("{day}T00:00:00Z") };
    time.parse::<Timestamp>().unwrap().as_second()
}
