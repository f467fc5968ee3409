//! `[[pki]]`.

use std::path::PathBuf;
use std::time::Duration;

use tollgate::Guid;
use tollgate::cert::{CrlRules, Depth, NameKind};
use tollgate::pki::PrincipalName;
use tollgate::policy::PkiRules;

use super::section::{Place, Section};

/// A PKI as the administrator wrote it.
pub(crate) struct PkiSettings {
    pub(crate) place: Place,
    pub(crate) name: Box<str>,
    pub(crate) anchors: Files,
    pub(crate) intermediates: Files,
    pub(crate) peer_intermediates: bool,
    pub(crate) principal: PrincipalName,
    pub(crate) tenant: Option<Guid>,
    /// `None` where it is off.
    pub(crate) revocation: Option<RevocationSettings>,
    pub(crate) rules: PkiRules,
}

/// What is asked of revocation lists.
pub(crate) struct RevocationSettings {
    /// Where `revocation` stands.
    pub(crate) place: Place,
    /// Files and folders of lists.
    pub(crate) files: Files,
    pub(crate) rules: CrlRules,
}

/// Files of certificates, and where they were named.
pub(crate) struct Files {
    pub(crate) place: Place,
    pub(crate) paths: Vec<PathBuf>,
}

pub(crate) fn read_pkis(root: &Section<'_>) -> Vec<PkiSettings> {
    root.tables("pki").into_iter().filter_map(read_pki).collect()
}

fn read_pki(section: Section<'_>) -> Option<PkiSettings> {
    let name = section.required_text("name", "\"corp\"");
    section.check_principal_part("name", name);
    let anchors = files(&section, "anchors");
    if anchors.paths.is_empty() {
        let missing = if section.has("anchors") { "is empty" } else { "is missing" };
        let message = format!("{missing}; write anchors = [\"root-ca.pem\"] in [[pki]]");
        anchors.place.error(section.report(), message);
    }
    let intermediates = files(&section, "intermediates");
    let peer_intermediates = section.flag("peer_intermediates").unwrap_or(false);
    let revocation = read_revocation(&section);
    let principal = section.choice("principal", PRINCIPALS);
    let tenant = section.text("tenant").and_then(|text| {
        let tenant = Guid::parse(text);
        if tenant.is_none() {
            let message = format!("{text:?} is not a GUID; the portal shows it as Tenant ID");
            section.place_of("tenant").error(section.report(), message);
        }
        tenant
    });
    let rules =
        PkiRules { select: parsed(&section, "select"), issuers: parsed(&section, "issuers") };
    let place = section.place();
    section.finish();
    Some(PkiSettings {
        place,
        name: name?.into(),
        anchors,
        intermediates,
        peer_intermediates,
        principal: principal.unwrap_or(PrincipalName::FirstAlternative),
        tenant,
        revocation,
        rules,
    })
}

/// Written out, because whoever leaves it out would believe that withdrawn certificates are refused.
fn read_revocation(section: &Section<'_>) -> Option<RevocationSettings> {
    let report = section.report();
    let place = section.place_of("revocation");
    if !section.has("revocation") {
        let message = "is missing; write revocation = \"required\" and crls = [\"issuing-ca.crl\"], or \
                       revocation = \"off\", and know that a revoked certificate passes until it ends";
        place.error(report, message);
    }
    let depths =
        [("required", Some(Depth::Path)), ("required-leaf", Some(Depth::Leaf)), ("off", None)];
    let depth = section.choice("revocation", &depths);
    let files = files(section, "crls");
    let grace = section.duration("crl_grace", Duration::ZERO, GRACE_MOST);
    match depth? {
        None => {
            for key in ["crls", "crl_grace"].into_iter().filter(|key| section.has(key)) {
                let message =
                    "is not used: revocation is \"off\"; write \"required\", or take it out";
                section.place_of(key).error(report, message);
            }
            None
        }
        Some(depth) => {
            if files.paths.is_empty() {
                let missing = if section.has("crls") { "is empty" } else { "is missing" };
                let message = format!(
                    "{missing}; write crls = [\"issuing-ca.crl\"] in [[pki]]: without a list every \
                     certificate would be refused"
                );
                files.place.error(report, message);
            }
            let grace_s = grace.unwrap_or_default().as_secs();
            let grace_s = i64::try_from(grace_s).unwrap_or(i64::MAX);
            Some(RevocationSettings { place, files, rules: CrlRules { grace_s, depth } })
        }
    }
}

/// The longest that a list may be believed after its end: a CA that is down for longer has to be mended.
const GRACE_MOST: Duration = Duration::from_secs(30 * 86_400);

fn files(section: &Section<'_>, key: &'static str) -> Files {
    let names = section.text_or_texts(key).unwrap_or_default();
    let paths = names.into_iter().map(PathBuf::from).collect();
    Files { place: section.place_of(key), paths }
}

/// A list of rules; each that is none is an error of its own.
fn parsed<R: std::str::FromStr<Err = tollgate::pki::BadRule>>(
    section: &Section<'_>,
    key: &'static str,
) -> Vec<R> {
    let Some(texts) = section.text_or_texts(key) else { return Vec::new() };
    let place = section.place_of(key);
    if texts.is_empty() {
        let message = "is empty and would take nothing; write a rule, or take the key out for all";
        place.error(section.report(), message);
    }
    let parse = |text: &str| match text.parse() {
        Ok(rule) => Some(rule),
        Err(why) => {
            place.error(section.report(), format!("{text:?}: {why}"));
            None
        }
    };
    texts.into_iter().filter_map(parse).collect()
}

const PRINCIPALS: &[(&str, PrincipalName)] = &[
    ("san", PrincipalName::FirstAlternative),
    ("san:dns", PrincipalName::Alternative(NameKind::Dns)),
    ("san:email", PrincipalName::Alternative(NameKind::Email)),
    ("san:upn", PrincipalName::Alternative(NameKind::Upn)),
    ("san:uri", PrincipalName::Alternative(NameKind::Uri)),
    ("subject", PrincipalName::Subject),
];
