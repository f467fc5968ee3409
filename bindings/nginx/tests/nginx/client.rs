//! curl, and what it got.

use std::process::Command;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The values of a header.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let named = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers(name);
        assert!(found.len() < 2, "{name} more than once: {self:?}");
        found.first().copied()
    }
}

/// One request, with what else curl should do.
pub(crate) fn get(url: &str, arguments: &[&str]) -> Answer {
    let answers = all(url, arguments);
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.into_iter().next().expect("one")
}

/// One request with a bearer token.
pub(crate) fn get_with(url: &str, token: &str) -> Answer {
    get(url, &["-H", &bearer(token)])
}

/// The header that carries a token.
pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// The answers to one run of curl, which may send several requests on one connection.
pub(crate) fn all(url: &str, arguments: &[&str]) -> Vec<Answer> {
    let mut curl = Command::new("curl");
    // Never the machine's own settings or proxies.
    curl.args(["-q", "-sS", "-i", "--noproxy", "*", "--max-time", "20", "--path-as-is"]);
    let output = curl.args(arguments).arg(url).output().expect("curl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}{text}", String::from_utf8_lossy(&output.stderr));
    read(&text)
}

/// Each answer begins with a status line; bodies here do not.
fn read(text: &str) -> Vec<Answer> {
    let mut starts: Vec<usize> = text.match_indices("HTTP/").map(|(at, _)| at).collect();
    starts.retain(|at| *at == 0 || text[..*at].ends_with('\n'));
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let parts = starts.iter().zip(ends).map(|(start, end)| &text[*start..end]);
    let answers = parts.map(|part| {
        let (head, body) = part.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer { status: status.expect("a status"), head: head.into(), body: body.into() }
    });
    answers.collect()
}
