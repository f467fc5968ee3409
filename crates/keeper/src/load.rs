//! From the file to trust and policy: the one way, for a gate that is made and for one that runs.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tollgate::cert::Certificate;
use tollgate::oidc::{Form, Issuer};
use tollgate::pki::Pki;
use tollgate::policy::{EndpointRules, IssuerRules, Join};
use tollgate::site::Site;
use tollgate::{Gate, Kind, Method, Policy, Scenario, Trust, TrustError};
use toml::de::DeTable;

use crate::certificates::subject;
use crate::config::{
    ConfigError, ConfigErrors, IssuerSettings, JoinSetting, PkiSettings, Place, Report, Section,
    SiteSettings, read_deny, read_endpoints, read_gate, read_issuers, read_pkis, read_senders,
    read_sites,
};
use crate::denied::read_denied;
use crate::feed::{FeedHealth, Feeds, Plan};
use crate::lists::read_list;
use crate::relist::ListsOf;
use crate::source::{Configured, Reading, Source};
use crate::trail::Trail;

/// Largest configuration in bytes.
pub(crate) const CONFIG_BYTES: usize = 4 * 1024 * 1024;

/// A gate that stands, and what the administrator should know about it.
pub struct Loaded {
    /// The gate.
    pub gate: Gate,
    /// What was skipped or looks wrong, with its place.
    pub warnings: Vec<ConfigError>,
    /// Every key that may stand in a configuration and was looked for, without indices.
    pub known_keys: BTreeSet<String>,
    /// The feeds of withdrawals, looked at once.
    pub feeds: Vec<FeedHealth>,
}

/// What a gate is made of, or goes on with.
pub(crate) struct Parts {
    pub(crate) trust: Trust,
    pub(crate) policy: Policy,
    /// `cache.max_bytes`.
    pub(crate) cache_bytes: usize,
    /// Where feeds are read; of none, where the source hears none.
    pub(crate) feeds: Plan,
    /// Which revocation lists the PKIs ask for.
    pub(crate) lists: Vec<ListsOf>,
    pub(crate) warnings: Vec<ConfigError>,
    pub(crate) known_keys: BTreeSet<String>,
}

/// A text, what messages call it, and what its paths are relative to.
#[derive(Clone, Copy)]
pub(crate) struct Document<'d> {
    pub(crate) text: &'d str,
    pub(crate) name: &'d Path,
    pub(crate) folder: &'d Path,
}

/// Reads the configuration and everything that it names. Paths are relative to the file.
///
/// # Errors
/// Everything that is wrong, by line.
pub fn load(file: &Path) -> Result<Loaded, ConfigErrors> {
    let (text, folder) = read_text(file, file, &Trail::new(crate::now(), None))?;
    load_text(&text, file, &folder)
}

/// The text of a configuration, and the folder that its paths are relative to. Messages call it `name`.
pub(crate) fn read_text(
    file: &Path,
    name: &Path,
    trail: &Trail<'_>,
) -> Result<(String, PathBuf), ConfigErrors> {
    let read = trail
        .read(file, CONFIG_BYTES)
        .map_err(|why| whole(name, format!("cannot be read: {why}")))?;
    let text =
        std::str::from_utf8(&read.bytes).map_err(|_| whole(name, "is not UTF-8 text".into()))?;
    Ok((text.into(), file.parent().map_or_else(PathBuf::new, Path::to_path_buf)))
}

/// As [`load`], from memory: `name` stands for the file in messages, `folder` is what paths are
/// relative to.
///
/// # Errors
/// Everything that is wrong, by line.
pub fn load_text(text: &str, name: &Path, folder: &Path) -> Result<Loaded, ConfigErrors> {
    load_from(text, name, folder, &mut Configured)
}

/// As [`load_text`], with keys and CAs from `source`.
pub(crate) fn load_from(
    text: &str,
    name: &Path,
    folder: &Path,
    source: &mut impl Source,
) -> Result<Loaded, ConfigErrors> {
    let document = Document { text, name, folder };
    let now = crate::now();
    let parts = read_parts(document, ALONE, &Trail::new(now, None), source)?;
    let Parts { trust, policy, cache_bytes, feeds, mut warnings, known_keys, .. } = parts;
    let mut feeds = Feeds::default().planned(feeds, &trust, now);
    warnings.extend(feeds.begin(now).wrong);
    let withdrawals = Arc::new(feeds.beside(policy.withdrawals()));
    let policy = policy.with_withdrawals(withdrawals).with_feeds(feeds.bounds());
    let gate = Gate::with_cache(trust, policy, cache_bytes);
    let gate = gate.map_err(|error| whole(name, error.to_string()))?;
    feeds.settle();
    Ok(Loaded { gate, warnings, known_keys, feeds: feeds.health() })
}

/// Who reads a configuration, as far as that matters to what may stand in it.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    /// The `cache.max_bytes` that the gate was made with, where there is one already.
    pub(crate) cache_bytes: Option<usize>,
    /// How many processes serve it, each with a memory of its own.
    pub(crate) processes: NonZeroU32,
}

/// One process that has no gate yet.
const ALONE: Reader = Reader { cache_bytes: None, processes: NonZeroU32::MIN };

/// Reads what a gate is made of.
///
/// # Errors
/// Everything that is wrong, by line.
pub(crate) fn read_parts(
    document: Document<'_>,
    reader: Reader,
    trail: &Trail<'_>,
    source: &mut impl Source,
) -> Result<Parts, ConfigErrors> {
    let Document { text, name, folder } = document;
    let report = Report::new(name, text);
    let read = match DeTable::parse(text) {
        Ok(table) => read(table.get_ref(), reader, (folder, trail), &report, source),
        Err(error) => {
            report.error(error.span().map(|span| span.start), "", error.message());
            None
        }
    };
    let (warnings, known_keys) = report.finish()?;
    match read {
        Some(parts) => Ok(Parts { warnings, known_keys, ..parts }),
        None => Err(whole(name, "cannot be used".into())),
    }
}

fn read(
    document: &DeTable<'_>,
    reader: Reader,
    (folder, trail): (&Path, &Trail<'_>),
    report: &Report,
    source: &mut impl Source,
) -> Option<Parts> {
    let root = Section::root(report, document);
    let settings = read_gate(&root);
    let endpoints = read_endpoints(&root);
    let issuers = read_issuers(&root);
    let pkis = read_pkis(&root);
    let (sites, feed) = read_sites(&root);
    let senders = read_senders(&root);
    let deny = read_deny(&root);
    // A section that is broken has its own errors; it is not missing as well.
    let written = |method: Method| root.has_entries(method.name());
    check_whole(&endpoints, &issuers, written, report);
    check_used(&endpoints, &issuers, &pkis, &sites, report);
    check_once(&issuers, reader.processes, report);
    root.finish();
    if let Some(running) = reader.cache_bytes.filter(|running| *running != settings.cache_bytes) {
        let message = format!("takes effect at a restart; until then it is {running} bytes");
        settings.cache_place.warn(report, message);
    }

    let reading = Reading { folder, limits: &settings.limits, report, trail };
    let mut trusted = Vec::new();
    let mut rules = Vec::new();
    for issuer in issuers {
        let rule =
            IssuerRules { enabled: source.is_enabled(&issuer), ..issuer_rules(&issuer, &reading) };
        let keys = source.issuer_keys(&issuer, &rule, &reading);
        let IssuerSettings { place, name, form, audiences, typ, .. } = issuer;
        let Some(keys) = keys else { continue };
        trusted.push((place, Issuer { name, form, audiences, typ, keys }));
        rules.push(rule);
    }
    check_names(&trusted, report);
    check_twice(&pkis, &sites, report);
    let (mut lists, mut places) = (Vec::new(), Vec::new());
    let read_pki = |settings: PkiSettings| {
        let pki = source.pki(&settings, &reading)?;
        let PkiSettings { place, name, revocation, rules, .. } = settings;
        places.push(place);
        lists.extend(revocation.map(|revocation| ListsOf::new(name, revocation)));
        Some((pki, rules))
    };
    let (pkis, pki_rules): (Vec<_>, Vec<_>) = pkis.into_iter().filter_map(read_pki).unzip();
    check_alike(&places, &pkis, report);
    let feeds = match source.hears_feeds() {
        true => Plan::new(feed, &sites, folder, report),
        false => Plan::default(),
    };
    let sites = sites.into_iter().filter_map(|site| {
        let keys = source.site_keys(&site, &reading)?;
        Some(Site { keys, id: site.id, format: site.format })
    });
    let sites = sites.collect();
    let denied = Arc::new(read_denied(deny, &reading));
    if report.has_errors() {
        return None;
    }
    let endpoints = endpoints.into_iter().map(|(_, rules)| rules).collect();
    let build = || {
        let trust = Trust::new(trusted.into_iter().map(|(_, issuer)| issuer).collect())?;
        let trust = trust.with_pkis(pkis)?.with_sites(sites)?;
        let policy = Policy::new(settings.skew_s, settings.limits, endpoints, rules)?;
        let policy = policy.with_pkis(pki_rules).with_senders(senders).with_denied(denied);
        let (cache_bytes, warnings, known_keys) =
            (settings.cache_bytes, Vec::new(), BTreeSet::new());
        Ok::<_, TrustError>(Parts {
            trust,
            policy,
            cache_bytes,
            feeds,
            lists,
            warnings,
            known_keys,
        })
    };
    build().map_err(|error| report.error(None, "", error.to_string())).ok()
}

/// What no single section can tell.
fn check_whole(
    endpoints: &[(Place, EndpointRules)],
    issuers: &[IssuerSettings],
    written: impl Fn(Method) -> bool,
    report: &Report,
) {
    for (at, (place, endpoint)) in endpoints.iter().enumerate() {
        if endpoints[..at].iter().any(|(_, other)| other.name == endpoint.name) {
            place.error(report, format!("there is already an endpoint {:?}", endpoint.name));
        }
        for method in endpoint.methods.iter().filter(|method| !written(**method)) {
            let name = method.name();
            let message = format!("takes method {name:?}, but there is no [[{name}]] section");
            place.error(report, message);
        }
        let proves_users = |issuer: &IssuerSettings| match issuer.form {
            Form::Entra { .. } => endpoint.methods.contains(&Method::Entra),
            Form::Oidc { kind, .. } => {
                kind == Kind::User && endpoint.methods.contains(&Method::Oidc)
            }
        };
        if endpoint.scenarios == [Scenario::User] && !issuers.iter().any(proves_users) {
            place.error(report, "serves users only, and none of its methods proves a user");
        }
    }
}

/// Each process remembers for itself which tokens have passed.
fn check_once(issuers: &[IssuerSettings], processes: NonZeroU32, report: &Report) {
    if processes == NonZeroU32::MIN {
        return;
    }
    for place in issuers.iter().filter_map(|issuer| issuer.replay_detection.as_ref()) {
        let message = format!(
            "each of the {processes} processes here would let a token pass once; serve this by one \
             process (nginx: worker_processes 1), or write false"
        );
        place.error(report, message);
    }
}

/// What no endpoint takes is never used; it may have been forgotten there.
fn check_used(
    endpoints: &[(Place, EndpointRules)],
    issuers: &[IssuerSettings],
    pkis: &[PkiSettings],
    sites: &[SiteSettings],
    report: &Report,
) {
    let issuers = issuers.iter().map(|issuer| (method_of(&issuer.form), &issuer.place));
    let pkis = pkis.iter().map(|pki| (Method::Pki, &pki.place));
    let sites = sites.iter().map(|site| (Method::Site, &site.place));
    for (method, place) in issuers.chain(pkis).chain(sites) {
        if !endpoints.iter().any(|(_, endpoint)| endpoint.methods.contains(&method)) {
            let message =
                format!("no endpoint takes method {:?}, so this is never used", method.name());
            place.warn(report, message);
        }
    }
}

/// The core refuses these too; here the line is known.
fn check_twice(pkis: &[PkiSettings], sites: &[SiteSettings], report: &Report) {
    for (at, pki) in pkis.iter().enumerate() {
        if pkis[..at].iter().any(|other| other.name == pki.name) {
            pki.place.error(
                report,
                format!("there is already a PKI {:?}; principals need their own", pki.name),
            );
        }
    }
    for (at, site) in sites.iter().enumerate() {
        if sites[..at].iter().any(|other| other.id == site.id) {
            site.place.error(report, format!("there is already a site {}", site.id));
        }
    }
}

/// Of PKIs under one anchor each is asked until one takes a certificate: the mildest decides.
fn check_alike(places: &[Place], pkis: &[Pki], report: &Report) {
    let depth = |pki: &Pki| pki.crls.as_ref().map(|crls| crls.rules().depth);
    for (at, (place, pki)) in places.iter().zip(pkis).enumerate() {
        for other in pkis[..at].iter().filter(|other| depth(other) != depth(pki)) {
            let others = || other.store.anchors().map(Certificate::der);
            if let Some(shared) = pki.store.anchors().find(|it| others().any(|der| der == it.der()))
            {
                let subject = subject(shared);
                let message = format!(
                    "has the anchor {subject:?} as PKI {:?} has, and another `revocation`: what one refuses as \
                     revoked the other may take; write the same for both",
                    other.name
                );
                place.warn(report, message);
            }
        }
    }
}

/// As [`check_twice`], of issuers.
fn check_names(issuers: &[(Place, Issuer)], report: &Report) {
    for (at, (place, issuer)) in issuers.iter().enumerate() {
        let others = || issuers[..at].iter().map(|(_, other)| other);
        let authority = issuer.authority();
        if others().any(|other| other.authority() == authority) {
            place.error(report, format!("{authority} is configured twice"));
        } else if others().any(|other| other.name == issuer.name) {
            place.error(
                report,
                format!("the name {:?} is taken; principals need their own", issuer.name),
            );
        }
        // A bad name has been told at its own line.
        if let Err(error) = Trust::may_trust(issuer)
            && !matches!(error, TrustError::Name(_))
        {
            place.error(report, error.to_string());
        }
    }
}

fn issuer_rules(issuer: &IssuerSettings, reading: &Reading<'_>) -> IssuerRules {
    let Reading { folder, report, trail, .. } = reading;
    let list = |place: &Place, path: &Path, id| {
        let Form::Entra { tenant, .. } = issuer.form else { return Default::default() };
        let read = read_list(&folder.join(path), id, tenant, trail);
        read.map_err(|why| place.error(report, why)).unwrap_or_default()
    };
    IssuerRules {
        enabled: issuer.enabled,
        replay_detection: issuer.replay_detection.is_some(),
        client_apps: issuer.client_apps.clone(),
        users: issuer.users.as_ref().map(|(place, path)| list(place, path, "object_id")),
        join: match &issuer.join {
            JoinSetting::Off => Join::Off,
            JoinSetting::Claim => Join::Claim,
            JoinSetting::Imported(place, path) => Join::Imported(list(place, path, "device_id")),
        },
    }
}

fn method_of(form: &Form) -> Method {
    match form {
        Form::Entra { .. } => Method::Entra,
        Form::Oidc { .. } => Method::Oidc,
    }
}

/// One thing that is wrong with the whole file.
pub(crate) fn whole(file: &Path, message: String) -> ConfigErrors {
    ConfigErrors(vec![ConfigError { file: file.into(), line: None, key: String::new(), message }])
}
