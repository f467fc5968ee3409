//! A keeper's figures as text for Prometheus: the text exposition format, version 0.0.4.
//!
//! Names follow prometheus.io/docs/practices/naming. Labels hold what is configured and what this crate
//! names, never what a client sends, so there are as many series as there are authorities, CAs and reasons.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use tollgate::cert::Listed;
use tollgate::{Counters, Method, Reason, Trusted};

use crate::feed::FeedHealth;
use crate::keeper::Keeper;

impl Keeper {
    /// What the gate and its keeper have done so far and how they are, in Prometheus' text format 0.0.4
    /// (`Content-Type: text/plain; version=0.0.4`).
    ///
    /// Counts start at zero with the keeper. It waits for nothing, and holds no text of a credential.
    #[must_use]
    pub fn metrics(&self) -> String {
        let mut page = Page::default();
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        page.gauge("tollgate_build_info", "The version that runs, as a label of the number 1.");
        page.sample(&version, 1);
        self.write_checks(&mut page, &self.gate().counters());
        let trusted = self.gate().trusted(self.now());
        write_trust(&mut page, &trusted);
        write_lists(&mut page, &trusted);
        self.write_refreshes(&mut page);
        self.write_feeds(&mut page);
        page.text
    }

    /// Checks that admitted, by these counts of this keeper's gate: never fewer than were told before, although
    /// the counts are read one after the other while checks go on.
    #[must_use]
    pub fn admissions(&self, counters: &Counters) -> u64 {
        let checks = counters.hits.saturating_add(counters.misses);
        let refused = counters.refusals.iter().map(|(_, count)| count).sum();
        self.tally.admitted(checks.saturating_sub(refused))
    }

    fn write_checks(&self, page: &mut Page, counters: &Counters) {
        let refused: BTreeMap<u16, u64> =
            counters.refusals.iter().map(|(reason, count)| (reason.number(), *count)).collect();
        page.counter("tollgate_decisions_total", "Checks by what came of them.");
        page.sample(&[("outcome", "admitted")], self.admissions(counters));
        for reason in Reason::ALL {
            let (class, name) = (reason.class().name(), reason.name());
            let labels = [("outcome", "refused"), ("class", class), ("reason", name)];
            page.sample(&labels, refused.get(&reason.number()).copied().unwrap_or(0));
        }
        let help = "Checks by whether memory alone gave the answer (hit).";
        page.counter("tollgate_cache_lookups_total", help);
        page.sample(&[("result", "hit")], counters.hits);
        page.sample(&[("result", "miss")], counters.misses);
        page.gauge("tollgate_cache_entries", "Credentials that are remembered.");
        page.number(counters.entries);
        let help = "Memory of remembered credentials, all that belongs to them counted.";
        page.gauge("tollgate_cache_bytes", help);
        page.number(counters.bytes);
        page.gauge(
            "tollgate_cache_max_bytes",
            "The part of cache.max_bytes that this process has.",
        );
        page.number(self.cache_bytes());
        let evictions =
            "Credentials that made way: for others (room), or since they had ended (expired).";
        page.counter("tollgate_cache_insertions_total", "Credentials that were taken in.");
        page.number(counters.insertions);
        page.counter("tollgate_cache_evictions_total", evictions);
        page.sample(&[("cause", "room")], counters.evicted);
        page.sample(&[("cause", "expired")], counters.expired);
        for (name, help, count) in [
            (
                "cache_not_kept",
                "Credentials that were admitted and found no place.",
                counters.not_kept,
            ),
            (
                "signature_checks",
                "Signatures of tokens and of whole certification paths that were computed.",
                counters.signature_checks,
            ),
            (
                "rejudged",
                "Remembered credentials judged again, without a signature, since trust or policy moved.",
                counters.rejudged,
            ),
            (
                "flights_waited",
                "Checks that waited for another thread's check of the same credential.",
                counters.waited,
            ),
            (
                "budget_refusals",
                "Checks refused because a budget of signatures was spent.",
                counters.over_budget,
            ),
            (
                "wrong_again",
                "Tokens refused because the same bytes were wrong under the same key a moment ago.",
                counters.wrong_again,
            ),
        ] {
            page.counter(&format!("tollgate_{name}_total"), help);
            page.number(count);
        }
    }

    fn write_refreshes(&self, page: &mut Page) {
        let refreshes = self.refreshes();
        let help =
            "Whether the files of the configuration could be loaded the last time (1) or not (0).";
        page.gauge("tollgate_config_last_reload_successful", help);
        page.number(u8::from(!self.tally.is_failing()));
        let help = "Unix time at which all files of the configuration were loaded last.";
        page.gauge("tollgate_config_last_reload_success_timestamp_seconds", help);
        page.number(refreshes.last_success_unix_s);
        page.counter("tollgate_config_reloads_total", "Loads of changed files, by their result.");
        page.sample(&[("result", "success")], refreshes.done);
        page.sample(&[("result", "failure")], refreshes.failed);
        page.counter("tollgate_updates_total", "Updates that the host applied.");
        page.number(refreshes.updates);
    }
}

impl Keeper {
    /// Nothing, where no site has a feed.
    fn write_feeds(&self, page: &mut Page) {
        let (feeds, now) = (self.feeds(), self.now());
        if feeds.is_empty() {
            return;
        }
        let mut of_each =
            |name: &str, help: &str, value: &dyn Fn(&FeedHealth) -> Option<String>| {
                page.gauge(name, help);
                for feed in feeds.iter() {
                    if let Some(value) = value(feed) {
                        page.sample(&[("site", feed.site.to_string())], value);
                    }
                }
            };
        let help = "Whether a site's feed of withdrawals was heard in time (1); else nothing of the methods \
                    that require it is decided (0).";
        of_each("tollgate_feed_fresh", help, &|feed| {
            Some(u8::from(feed.is_fresh(now)).to_string())
        });
        let help = "How old the last word of a feed is; none before the first one.";
        of_each("tollgate_feed_age_seconds", help, &|feed| {
            feed.age(now).map(|age| format!("{:.3}", age.as_secs_f64()))
        });
        let help = "The last change of a feed that holds here.";
        of_each("tollgate_feed_sequence", help, &|feed| Some(feed.seq.to_string()));
        let help =
            "Changes that the site had by the last word of its feed and that do not hold here yet.";
        of_each("tollgate_feed_lag_changes", help, &|feed| {
            Some((feed.head - feed.seq).to_string())
        });
        let help = "Withdrawals of epochs that are over, kept until no token of them can be good.";
        of_each("tollgate_feed_past_withdrawals", help, &|feed| Some(feed.past.to_string()));
        page.gauge(
            "tollgate_feed_info",
            "The epoch and the source of a feed, as labels of the number 1.",
        );
        for feed in feeds.iter() {
            let epoch = feed.epoch.map_or_else(String::new, |epoch| epoch.to_string());
            let labels =
                [("site", feed.site.to_string()), ("epoch", epoch), ("source", feed.source.into())];
            page.sample(&labels, 1);
        }
        page.counter("tollgate_feed_polls_total", "Looks at a feed, by their result.");
        for feed in feeds.iter() {
            for (result, count) in
                [("success", feed.polls - feed.failures), ("failure", feed.failures)]
            {
                page.sample(&[("site", feed.site.to_string()), ("result", result.into())], count);
            }
        }
        page.gauge("tollgate_withdrawn", "What is withdrawn or set by a feed, by its kind.");
        for feed in feeds.iter() {
            for (kind, count) in &feed.counts {
                page.sample(&[("site", feed.site.to_string()), ("kind", (*kind).into())], count);
            }
        }
    }
}

fn write_trust(page: &mut Page, trusted: &[Trusted]) {
    let labels = |one: &Trusted| {
        [("method", one.method.name().into()), ("authority", one.authority.to_string())]
    };
    let help = "Whether an authority's keys are within their bound (1); else nothing of it is decided (0).";
    page.gauge("tollgate_authority_fresh", help);
    for one in trusted {
        page.sample(&labels(one), u8::from(one.is_fresh));
    }
    page.gauge("tollgate_authority_keys", "Keys that an issuer or a site may sign with.");
    for one in trusted.iter().filter(|one| one.method != Method::Pki) {
        page.sample(&labels(one), one.keys.len());
    }
    let help = "Unix time of the last second of a CA; the latest, where several have one name.";
    page.gauge("tollgate_ca_not_after_timestamp_seconds", help);
    for one in trusted {
        let mut last: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for ca in &one.authorities {
            let role = if ca.is_anchor { "anchor" } else { "intermediate" };
            let latest = last.entry((role, &ca.subject)).or_insert(ca.validity.1);
            *latest = ca.validity.1.max(*latest);
        }
        for ((role, subject), last_s) in last {
            let labels = [("authority", &*one.authority), ("role", role), ("subject", subject)];
            page.sample(&labels, last_s);
        }
    }
}

/// By PKI, issuer and kind: a CA may have thousands of lists, one for each of its distribution points.
fn write_lists(page: &mut Page, trusted: &[Trusted]) {
    let mut kinds: BTreeMap<(&str, &str, &str), ListFigures> = BTreeMap::new();
    for pki in trusted {
        for list in pki.lists.iter().flatten() {
            let kind = if list.is_delta { "delta" } else { "full" };
            let of_kind = kinds.entry((&pki.authority, &list.issuer, kind)).or_default();
            of_kind.add(list);
        }
    }
    if kinds.is_empty() {
        return;
    }
    let families: [(&str, &str, Figure); 5] = [
        ("lists", "Revocation lists that were read.", |it| it.lists),
        ("current", "Revocation lists that count now.", |it| it.current),
        ("entries", "Certificates that the revocation lists speak of.", |it| it.entries),
        (
            "this_update_timestamp_seconds",
            "Unix time of thisUpdate; the earliest of the lists of one issuer and kind.",
            |it| it.begins_s,
        ),
        (
            "next_update_timestamp_seconds",
            "Unix time of nextUpdate; the earliest of the lists of one issuer and kind.",
            |it| it.ends_s,
        ),
    ];
    for (name, help, figure) in families {
        page.gauge(&format!("tollgate_crl_{name}"), help);
        for ((pki, issuer, kind), of_kind) in &kinds {
            let labels = [("authority", *pki), ("issuer", *issuer), ("kind", *kind)];
            page.sample(&labels, figure(of_kind));
        }
    }
}

type Figure = fn(&ListFigures) -> i64;

struct ListFigures {
    lists: i64,
    current: i64,
    entries: i64,
    begins_s: i64,
    ends_s: i64,
}

impl Default for ListFigures {
    fn default() -> Self {
        Self { lists: 0, current: 0, entries: 0, begins_s: i64::MAX, ends_s: i64::MAX }
    }
}

impl ListFigures {
    fn add(&mut self, list: &Listed) {
        self.lists += 1;
        self.current += i64::from(list.is_current);
        self.entries += i64::try_from(list.entries).unwrap_or(i64::MAX);
        self.begins_s = self.begins_s.min(list.window.0);
        self.ends_s = self.ends_s.min(list.window.1);
    }
}

/// The text while it grows: families, each with its samples behind it.
#[derive(Default)]
struct Page {
    text: String,
    /// The family that samples go to.
    name: String,
}

impl Page {
    fn counter(&mut self, name: &str, help: &str) {
        self.family(name, "counter", help);
    }

    fn gauge(&mut self, name: &str, help: &str) {
        self.family(name, "gauge", help);
    }

    /// `help` is ours, of one line and without a backslash.
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.name = name.into();
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    /// The only sample of its family.
    fn number(&mut self, value: impl Display) {
        self.sample::<&str>(&[], value);
    }

    fn sample<V: AsRef<str>>(&mut self, labels: &[(&str, V)], value: impl Display) {
        let labels: Vec<_> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value.as_ref())))
            .collect();
        let name = std::mem::take(&mut self.name);
        match labels.as_slice() {
            [] => self.line(format_args!("{name} {value}")),
            labels => self.line(format_args!("{name}{{{}}} {value}", labels.join(","))),
        }
        self.name = name;
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// A label's value: backslash, quote and line end are the only ones that the format escapes.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let mut page = Page::default();
        page.gauge("g", "Some help.");
        page.sample(&[("a", "back\\slash \"quoted\"\nnext\ttab"), ("b", "ü")], 7);
        page.number(-1);
        let expected = "# HELP g Some help.\n# TYPE g gauge\n\
                        g{a=\"back\\\\slash \\\"quoted\\\"\\nnext\ttab\",b=\"ü\"} 7\ng -1\n";
        assert_eq!(page.text, expected);
    }
}
