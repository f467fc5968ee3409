//! `[[endpoint]]`.

use tollgate::policy::{EndpointRules, Mode, Network, WindowsRule};
use tollgate::{Method, Scenario};

use super::section::{Place, Section};

/// Reads every endpoint; the places are for what only the whole file can tell.
pub(crate) fn read_endpoints(root: &Section<'_>) -> Vec<(Place, EndpointRules)> {
    let sections = root.tables("endpoint");
    if sections.is_empty() {
        let message = "there is no endpoint; write [[endpoint]] with a name and its methods";
        root.place_of("endpoint").error(root.report(), message);
    }
    sections.into_iter().filter_map(read_endpoint).collect()
}

fn read_endpoint(section: Section<'_>) -> Option<(Place, EndpointRules)> {
    let name = section.required_text("name", "\"internet\"");
    let mode = section.choice("mode", MODES).unwrap_or(Some(Mode::Https));
    if mode.is_none() {
        let message = "plain HTTP protects no credential; write \"https\" or \"e-http\"";
        section.place_of("mode").error(section.report(), message);
    }
    let network = section.choice("network", NETWORKS).unwrap_or(Network::Internet);
    let methods = read_methods(&section);
    let scenarios = section.choices("scenarios", SCENARIOS).unwrap_or(Scenario::ALL.to_vec());
    if scenarios.is_empty() {
        let message =
            "is empty; write scenarios = [\"device\", \"user\"], or leave it out for both";
        section.place_of("scenarios").error(section.report(), message);
    }
    let require = section.table("require");
    let scopes = require.texts("scp").unwrap_or_default();
    let roles = require.texts("roles").unwrap_or_default();
    if scopes.iter().any(|scope| scope.contains(' ')) {
        let message = "has a scope with a space, which is two; write [\"one\", \"two\"]";
        require.place_of("scp").error(require.report(), message);
    }
    require.finish();
    let claims = section.texts("forward_claims").unwrap_or_default();
    let windows = section.choice("windows", WINDOWS).unwrap_or(WindowsRule::IfKnown);
    let place = section.place();
    section.finish();
    let rules = EndpointRules {
        name: name?.into(),
        mode: mode?,
        network,
        methods,
        scenarios,
        scopes: owned(scopes),
        roles: owned(roles),
        forward_claims: owned(claims),
        windows,
    };
    Some((place, rules))
}

fn read_methods(section: &Section<'_>) -> Vec<Method> {
    let place = section.place_of("methods");
    let mut methods = Vec::new();
    for name in section.required_texts("methods", "[\"entra\"]").unwrap_or_default() {
        if let Some(method) = Method::from_name(name) {
            methods.push(method);
        } else {
            let known = Method::ALL.map(|method| format!("{:?}", method.name())).join(", ");
            let message = format!("{name:?} is not a method; write one of {known}");
            place.error(section.report(), message);
        }
    }
    methods
}

const MODES: &[(&str, Option<Mode>)] =
    &[("https", Some(Mode::Https)), ("e-http", Some(Mode::EHttp)), ("http", None)];

const NETWORKS: &[(&str, Network)] =
    &[("internet", Network::Internet), ("internal", Network::Internal)];

const SCENARIOS: &[(&str, Scenario)] = &[("device", Scenario::Device), ("user", Scenario::User)];

const WINDOWS: &[(&str, WindowsRule)] = &[
    ("ignore", WindowsRule::Ignore),
    ("if-known", WindowsRule::IfKnown),
    ("required", WindowsRule::Required),
];

fn owned(texts: Vec<&str>) -> Vec<Box<str>> {
    texts.into_iter().map(Into::into).collect()
}
