//! How old what is believed is, and what is not looked at all.

use std::collections::BTreeMap;
use std::time::Duration;

use tollgate::cert::{Certificate, Crls, Listed, Store};
use tollgate::{Method, Now};

use crate::certificates::SOON_S;
use crate::feed::FeedHealth;

/// One thing that a gate believes, or does not look at.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Freshness {
    /// The method that depends on it.
    pub method: Method,
    /// Whose it is; empty where it is everybody's.
    pub authority: String,
    /// `keys`, `anchor`, `intermediate`, `crl`, `revocation` or `feed`.
    pub what: &'static str,
    /// The file, or the subject of the certificate.
    pub name: String,
    /// How it is.
    pub state: State,
    /// Whether nothing has to be done now.
    pub ok: bool,
    /// Age of the file in seconds.
    pub age_s: Option<u64>,
    /// Up to which age it is believed, in seconds.
    pub bound_s: Option<u64>,
    /// When the certificate ends, in seconds since 1970.
    pub ends_s: Option<i64>,
    /// What it means, in words.
    pub says: String,
    /// Where it is configured: section, which of those, key.
    pub(super) at: (&'static str, usize, &'static str),
}

/// How something that is believed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Within its bound or validity.
    Fresh,
    /// There is no bound: believed for as long as the gate runs.
    Unbounded,
    /// Past its bound: nothing that depends on it is decided.
    Stale,
    /// Not valid yet.
    NotYet,
    /// Ends within 30 days.
    Soon,
    /// Has ended.
    Ended,
    /// Switched off in the configuration.
    Off,
}

impl State {
    /// The name that scripts read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Unbounded => "unbounded",
            Self::Stale => "stale",
            Self::NotYet => "not_yet",
            Self::Soon => "soon",
            Self::Ended => "ended",
            Self::Off => "off",
        }
    }
}

/// Whose something is.
#[derive(Clone)]
pub(super) struct Owner {
    pub(super) method: Method,
    /// Its section, and which of those.
    pub(super) section: (&'static str, usize),
    /// Its full name.
    pub(super) authority: String,
}

/// A key set as it was read.
pub(super) struct KeysRead {
    /// Its key in the configuration.
    pub(super) key: &'static str,
    /// The file, or the variable.
    pub(super) name: String,
    pub(super) count: usize,
    pub(super) is_fresh: bool,
    pub(super) age: Option<Duration>,
    pub(super) bound: Option<Duration>,
    /// Whoever is switched off needs no keys.
    pub(super) matters: bool,
}

/// The keys of an issuer or site.
pub(super) fn of_keys(owner: Owner, read: KeysRead) -> Freshness {
    let KeysRead { key, name, count, is_fresh, age, bound, matters } = read;
    let state = match (is_fresh, bound) {
        (false, _) => State::Stale,
        (true, Some(_)) => State::Fresh,
        (true, None) => State::Unbounded,
    };
    let is_file = key.ends_with("_file");
    let old = match age {
        Some(age) => format!(", {} old", span(age.as_secs())),
        None if is_file => ", dated in the future".into(),
        None => String::new(),
    };
    let believed = match (state, bound) {
        (State::Stale, _) if !matters => {
            "past its bound; switched off, so it does not matter".into()
        }
        (State::Stale, Some(bound)) => {
            format!(
                "believed for {} only: nothing of this issuer is decided",
                span(bound.as_secs())
            )
        }
        (_, Some(bound)) => format!("believed up to {}", span(bound.as_secs())),
        (_, None) => "believed for as long as the gate runs".into(),
    };
    let keys = if count == 1 { "1 key".into() } else { format!("{count} keys") };
    Freshness {
        method: owner.method,
        authority: owner.authority,
        what: "keys",
        name,
        state,
        ok: state != State::Stale || !matters,
        age_s: age.map(|age| age.as_secs()),
        bound_s: bound.map(|bound| bound.as_secs()),
        ends_s: None,
        says: format!("{keys}{old}, {believed}"),
        at: (owner.section.0, owner.section.1, key),
    }
}

/// The CAs of a PKI: anchors or intermediates.
pub(super) fn of_cas(
    owner: &Owner,
    (what, key): (&'static str, &'static str),
    cas: &[&Certificate],
    now_s: i64,
) -> Vec<Freshness> {
    let one = |ca: &&Certificate| {
        let (first_s, last_s) = ca.validity();
        let left_s = last_s.saturating_sub(now_s);
        let in_words = |seconds: i64| span(seconds.unsigned_abs());
        let (state, says) = if left_s < 0 {
            let ago = in_words(left_s);
            (State::Ended, format!("ended {ago} ago: renew it, or take it out"))
        } else if now_s < first_s {
            (State::NotYet, format!("begins in {}", in_words(first_s.saturating_sub(now_s))))
        } else if left_s < SOON_S {
            (State::Soon, format!("ends in {}: renew it", in_words(left_s)))
        } else {
            (State::Fresh, format!("ends in {}", in_words(left_s)))
        };
        Freshness {
            method: owner.method,
            authority: owner.authority.clone(),
            what,
            name: ca.names().map(|names| names.subject.text()).unwrap_or_default(),
            state,
            ok: matches!(state, State::Fresh | State::Soon),
            age_s: None,
            bound_s: None,
            ends_s: Some(last_s),
            says,
            at: (owner.section.0, owner.section.1, key),
        }
    };
    cas.iter().map(one).collect()
}

/// `revocation = "off"`.
pub(super) fn of_no_revocation(owner: Owner) -> Freshness {
    let says = "not looked at: a revoked certificate passes until it ends; write revocation = \
                \"required\" and `crls`";
    off(owner, "revocation", says)
}

/// Revocation lists, by issuer and kind: the one of each that ends first, and how many there are. A list that
/// another one has taken the place of says nothing.
pub(super) fn of_lists(owner: &Owner, crls: &Crls, store: &Store, now: Now) -> Vec<Freshness> {
    let mut kinds: BTreeMap<(String, bool), Vec<Listed>> = BTreeMap::new();
    for list in crls.lists(now).filter(|list| !list.is_superseded) {
        kinds.entry((list.issuer.clone(), list.is_delta)).or_default().push(list);
    }
    let of_kind = |((issuer, is_delta), lists): ((String, bool), Vec<Listed>)| {
        // One key or part that is over beside others refuses what it speaks of; one that has not begun does not.
        let has_begun = |list: &&Listed| list.window.0 <= now.unix_s;
        let mut begun = lists.iter().filter(has_begun).peekable();
        let ok = begun.peek().is_some() && begun.all(|list| list.is_current && !list.is_unproven);
        let order = |list: &&Listed| (!has_begun(list), list.is_current, list.window.1);
        let first = lists.iter().min_by_key(order)?;
        let (begins_s, ends_s) = first.window;
        let (left_s, age_s) = (ends_s.saturating_sub(now.unix_s), now.unix_s - begins_s);
        let in_words = |seconds: i64| span(seconds.unsigned_abs());
        let until = match left_s {
            ..0 => format!("nextUpdate was {} ago", in_words(left_s)),
            _ => format!("nextUpdate in {}", in_words(left_s)),
        };
        let state = if age_s < 0 {
            State::NotYet
        } else if left_s < 0 || !ok {
            State::Stale
        } else {
            State::Fresh
        };
        let kind = if is_delta { "delta" } else { "list" };
        let many =
            if lists.len() > 1 { format!(", first of {}", lists.len()) } else { String::new() };
        let entries: usize = lists.iter().map(|list| list.entries).sum();
        Some(Freshness {
            method: owner.method,
            authority: owner.authority.clone(),
            what: "crl",
            name: issuer,
            state,
            // Within `crl_grace` it still counts.
            ok,
            age_s: u64::try_from(age_s).ok(),
            bound_s: None,
            ends_s: Some(ends_s),
            says: format!(
                "{kind} number {}{many}: {entries} entries, {} old, {until}",
                first.number,
                in_words(age_s)
            ),
            at: (owner.section.0, owner.section.1, "crls"),
        })
    };
    let found = kinds.into_iter().filter_map(of_kind);
    let missing = crls.unlisted(store).map(|ca| {
        let says = "no list of its own: what it issued is refused (6020)";
        let none = off(owner.clone(), "crl", says);
        let at = (owner.section.0, owner.section.1, "crls");
        Freshness { name: ca, state: State::Stale, ok: false, at, ..none }
    });
    found.chain(missing).collect()
}

/// `feed = "none"`.
pub(super) fn of_no_feed() -> Freshness {
    let says = "none: a client that was withdrawn passes until its token ends";
    let everybody = Owner { method: Method::Site, section: ("", 0), authority: String::new() };
    off(everybody, "feed", says)
}

/// A feed as it was just looked at.
pub(super) fn of_feed(owner: Owner, feed: &FeedHealth, now: Now) -> Freshness {
    let (is_fresh, age) = (feed.is_fresh(now), feed.age(now));
    let bound_s = feed.max_staleness.as_secs();
    let says = match (&feed.problem, age) {
        (Some(problem), _) => {
            format!("{problem}; 6011 is said of the methods in feed.required_for")
        }
        (None, None) => "nothing was heard of it yet".into(),
        (None, Some(age)) => {
            let count = feed.counts.iter().map(|(_, count)| count).sum::<usize>();
            let old = span(age.as_secs());
            format!(
                "{count} withdrawn or set, change {}, {old} old, believed up to {}",
                feed.seq,
                span(bound_s)
            )
        }
    };
    let says = match feed.is_required {
        true => says,
        false => {
            format!("{says}; feed.required_for leaves out \"site\": its clients pass without it")
        }
    };
    Freshness {
        method: owner.method,
        authority: owner.authority,
        what: "feed",
        name: feed.path.display().to_string(),
        state: if is_fresh { State::Fresh } else { State::Stale },
        ok: is_fresh && feed.problem.is_none(),
        age_s: age.map(|age| age.as_secs()),
        bound_s: Some(bound_s),
        ends_s: None,
        says,
        at: (owner.section.0, owner.section.1, feed.source),
    }
}

fn off(owner: Owner, what: &'static str, says: &str) -> Freshness {
    Freshness {
        method: owner.method,
        authority: owner.authority,
        what,
        name: String::new(),
        state: State::Off,
        ok: true,
        age_s: None,
        bound_s: None,
        ends_s: None,
        says: says.into(),
        at: (owner.section.0, owner.section.1, what),
    }
}

/// Seconds in the largest unit that says enough.
pub(super) fn span(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..120 => (seconds, "s"),
        120..7_200 => (seconds / 60, "min"),
        7_200..172_800 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit}")
}
